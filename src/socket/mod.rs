//! The BSD socket layer as values: calls, returns, options, errno; descriptors, readiness and blocking.

mod call;
mod errno;

pub use call::{Call, Domain, Fd, How, Kind, OptionName, ProcessId, Return, SocketOption};
pub use errno::Errno;
