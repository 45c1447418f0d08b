//! Typed headers and real bytes: Ethernet, ARP, IPv4, ICMP, IPv6, ICMPv6, UDP, TCP, built and parsed with etherparse;
//! sequence arithmetic; the wide checksum; a whole frame decoded with the byte span of every field.
//! Decides nothing.

mod bpdu;
mod build;
mod build_ipv6;
mod by_hand;
mod checksum;
mod decode;
mod error;
mod families;
mod flags;
mod icmpv6;
mod ipv6;
mod mac;
mod options;
mod packet;
mod parse;
mod parse_ipv6;
mod repair;
mod segment;
mod seq;
mod tag;

#[cfg(test)]
pub(crate) mod any_frame;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_ipv6;
#[cfg(test)]
mod tests_link;

pub use bpdu::{BRIDGE_GROUP, Bpdu, BridgeId, ConfigBpdu};
pub use build::{MIN_FRAME, build, build_in, build_ipv4, build_ipv6_in, udp_without_checksum};
pub use build_ipv6::build_ipv6;
pub use by_hand::{PacketField, icmp_echo, ip_address, ipv4_packet, udp_datagram};
pub use checksum::{Checksum, checksum, updated_checksum};
pub use decode::{Field, Layer, decode, said};
pub use error::{Flaw, Header, ParseError};
pub use families::{Claim, mapped, tcp_headers, unmapped};
pub use flags::Flags;
pub use icmpv6::Icmpv6Message;
pub use ipv6::{Extension, FRAGMENT, IPV6_HEADER, Ipv6Packet, MOST_EXTENSIONS, NO_NEXT_HEADER};
pub use mac::MacAddr;
pub use options::{MAX_OPTIONS, NoRoom, OptionData, OptionIter, SackBlocks, TcpOption, TcpOptions};
pub use packet::{
    ArpMessage, ArpOperation, Body, CE, Datagram, ECT0, ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6,
    Ethernet, IcmpMessage, Ipv4Packet, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP, Packet,
    Transport,
};
pub use parse::{Checksums, parse, parse_ipv4, parse_ipv4_shell, parse_with};
pub use parse_ipv6::{parse_ipv6, parse_ipv6_shell};
pub use repair::{fill_checksums, repair_checksums};
pub use segment::Segment;
pub use seq::Seq;
pub use tag::{ETHER_TYPE_PROVIDER, ETHER_TYPE_VLAN, Tag, Tags, announces_tag, untag};
