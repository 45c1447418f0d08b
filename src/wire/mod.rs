//! Typed headers and real bytes: Ethernet, ARP, IPv4, ICMP, UDP, TCP, built and parsed with etherparse;
//! sequence arithmetic; the wide checksum; a whole frame decoded with the byte span of every field.
//! Decides nothing.

mod build;
mod checksum;
mod decode;
mod error;
mod flags;
mod mac;
mod options;
mod packet;
mod parse;
mod repair;
mod segment;
mod seq;

#[cfg(test)]
pub(crate) mod any_frame;
#[cfg(test)]
mod tests;

pub use build::{MIN_FRAME, build, build_in, build_ipv4};
pub use checksum::{Checksum, checksum};
pub use decode::{Field, Layer, decode};
pub use error::{Flaw, Header, ParseError};
pub use flags::Flags;
pub use mac::MacAddr;
pub use options::{MAX_OPTIONS, NoRoom, OptionData, OptionIter, SackBlocks, TcpOption, TcpOptions};
pub use packet::{
    ArpMessage, ArpOperation, Body, CE, Datagram, ECT0, ETHER_TYPE_ARP, ETHER_TYPE_IPV4, Ethernet,
    IcmpMessage, Ipv4Packet, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, Packet, Transport,
};
pub use parse::{Checksums, parse, parse_ipv4, parse_with};
pub use repair::{fill_checksums, repair_checksums};
pub use segment::Segment;
pub use seq::Seq;
