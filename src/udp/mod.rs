//! UDP on one host (RFC 768): endpoints, demultiplexing, receive buffers. Knows no IP and no descriptors.

mod endpoint;
mod profile;
mod reason;
mod sockets;

pub use endpoint::{Endpoint, Failure, Received};
pub use profile::Profile;
pub use reason::Reason;
pub use sockets::{Input, Sockets, UdpId};

/// Octets of data in the largest datagram to that address: 65535 less the headers that count. Over IPv6 that is UDP's alone.
pub fn largest_payload(to: std::net::IpAddr) -> usize {
    match to {
        std::net::IpAddr::V4(_) => 65_507,
        std::net::IpAddr::V6(_) => 65_527,
    }
}
