//! The BSD socket layer as values: calls, returns, options, errno; descriptors, readiness and blocking.

mod call;
mod datagram;
mod datagram_option;
mod descriptors;
mod errno;
mod family;
mod fast_open;
mod kinds;
mod layer;
mod local;
mod message;
mod object;
mod option;
mod outgoing;
mod ports;
mod processes;
mod rare_option;
mod raw;
mod raw_option;
mod ready;
mod receive;
mod select;
mod stream;
mod urgent;
mod waiting;
mod waits;

pub use call::{
    AlgorithmName, Call, Credentials, Domain, Fd, How, Kind, OptionName, ProcessId, Return, SocketOption,
};
pub use errno::Errno;
pub use fast_open::KeyOctets;
pub use layer::{Below, Outcome, Sockets};
pub use local::{LocalCall, LocalKind, LocalName, LocalReason, LocalReturn};
pub use message::{Beside, ErrorReport, Message, Wanted};
pub use outgoing::{Outgoing, SentAs};
pub use rare_option::{RareName, RareOption, RareValue};
pub use raw::{Hearing, OutgoingPacket};
pub use ready::{Readiness, Showing};
