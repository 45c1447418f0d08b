//! Typed headers and real bytes: Ethernet, ARP, IPv4, ICMP, UDP, TCP, built and parsed with etherparse;
//! sequence arithmetic; the wide checksum; a whole frame decoded with the byte span of every field.
//! Decides nothing.

mod flags;
mod mac;
mod segment;
mod seq;

pub use flags::Flags;
pub use mac::MacAddr;
pub use segment::{Segment, TcpOption};
pub use seq::Seq;
