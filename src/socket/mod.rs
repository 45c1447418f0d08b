//! The BSD socket layer as values: calls, returns, options, errno; descriptors, readiness and blocking.

mod call;
mod datagram;
mod descriptors;
mod errno;
mod family;
mod fast_open;
mod layer;
mod object;
mod option;
mod ports;
mod stream;
mod urgent;
mod waiting;

pub use call::{AlgorithmName, Call, Domain, Fd, How, Kind, OptionName, ProcessId, Return, SocketOption};
pub use errno::Errno;
pub use layer::{Below, Outcome, Outgoing, Sockets};
