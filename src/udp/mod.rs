//! UDP on one host (RFC 768): endpoints, demultiplexing, receive buffers. Knows no IP and no descriptors.

mod endpoint;
mod profile;
mod reason;
mod report;
mod sockets;

pub use endpoint::{Discovery, Endpoint, Received, Sharing};
pub use profile::Profile;
pub use reason::Reason;
pub use report::{Failure, Origin, Report, meaning};
pub use sockets::{Input, Sockets, UdpId};

/// Octets of data in the largest datagram to that address: 65535 less the headers that count. Over IPv6 that is UDP's alone.
pub fn largest_payload(to: std::net::IpAddr) -> usize {
    match to {
        std::net::IpAddr::V4(_) => 65_507,
        std::net::IpAddr::V6(_) => 65_527,
    }
}
