//! UDP on one host (RFC 768): endpoints, demultiplexing, receive buffers. Knows no IP and no descriptors.

mod endpoint;
mod profile;
mod reason;
mod sockets;

pub use endpoint::{Endpoint, Failure, Received};
pub use profile::Profile;
pub use reason::Reason;
pub use sockets::{Input, Sockets, UdpId};

/// Octets of data in the largest datagram IPv4 carries: 65535 less two headers.
pub const LARGEST_PAYLOAD: usize = 65_507;
