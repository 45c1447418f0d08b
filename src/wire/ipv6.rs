//! An IPv6 packet as values (RFC 8200).

use super::Transport;
use super::packet::{PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP};
use bytes::Bytes;
use std::net::Ipv6Addr;

/// Next header: hop-by-hop options (RFC 8200 section 4.3).
pub const HOP_BY_HOP: u8 = 0;
/// Next header: routing (RFC 8200 section 4.4).
pub const ROUTING: u8 = 43;
/// Next header: fragment (RFC 8200 section 4.5).
pub const FRAGMENT: u8 = 44;
/// Next header: nothing follows (RFC 8200 section 4.7).
pub const NO_NEXT_HEADER: u8 = 59;
/// Next header: destination options (RFC 8200 section 4.6).
pub const DESTINATION_OPTIONS: u8 = 60;

/// The most extension headers of a packet that are read; senders need no more than six.
pub const MOST_EXTENSIONS: usize = 16;

/// Octets of the fixed header.
pub const IPV6_HEADER: usize = 40;

/// An IPv6 packet (RFC 8200).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ipv6Packet {
    /// From.
    pub source: Ipv6Addr,
    /// To.
    pub destination: Ipv6Addr,
    /// The upper six bits of the traffic class, 0 to 63 (RFC 2474).
    pub dscp: u8,
    /// Its lower two bits: explicit congestion notification, 0 to 3 (RFC 3168).
    pub ecn: u8,
    /// Flow label, 20 bits (RFC 6437).
    pub flow_label: u32,
    /// Routers it may still pass.
    pub hop_limit: u8,
    /// Extension headers in wire order.
    pub extensions: Vec<Extension>,
    /// What it carries. As with IPv4, the payload of a fragment is always [`Transport::Other`].
    pub transport: Transport,
}

/// An extension header (RFC 8200 section 4). What says which header follows is made when bytes are built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extension {
    /// Options that every router on the way may look at; their octets, 6 more than a multiple of 8.
    HopByHop(Bytes),
    /// A way through named nodes.
    Routing {
        /// Routing type.
        kind: u8,
        /// Nodes still to be visited.
        segments_left: u8,
        /// What the type defines; 4 octets more than a multiple of 8.
        data: Bytes,
    },
    /// This is one piece of a packet.
    Fragment {
        /// Where its octets belong, in units of 8 octets, 0 to 8191.
        offset: u16,
        /// M: more follow.
        more: bool,
        /// The same in all pieces of a packet.
        identification: u32,
    },
    /// Options for the destination; their octets, 6 more than a multiple of 8.
    DestinationOptions(Bytes),
}

impl Extension {
    /// The number by which the header before it announces it.
    pub fn number(&self) -> u8 {
        match self {
            Extension::HopByHop(_) => HOP_BY_HOP,
            Extension::Routing { .. } => ROUTING,
            Extension::Fragment { .. } => FRAGMENT,
            Extension::DestinationOptions(_) => DESTINATION_OPTIONS,
        }
    }

    /// Its octets: a multiple of 8.
    pub fn len(&self) -> usize {
        match self {
            Extension::HopByHop(options) | Extension::DestinationOptions(options) => {
                (2 + options.len()).next_multiple_of(8)
            }
            Extension::Routing { data, .. } => (4 + data.len()).next_multiple_of(8),
            Extension::Fragment { .. } => 8,
        }
    }

    /// Never: there is always a header.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Whether the number announces an extension header that is read here.
    pub fn is_known(next_header: u8) -> bool {
        matches!(next_header, HOP_BY_HOP | ROUTING | FRAGMENT | DESTINATION_OPTIONS)
    }
}

impl Ipv6Packet {
    /// A packet as hosts usually send it: hop limit 64, no extension headers.
    pub fn new(source: Ipv6Addr, destination: Ipv6Addr, transport: Transport) -> Ipv6Packet {
        Ipv6Packet {
            source,
            destination,
            dscp: 0,
            ecn: 0,
            flow_label: 0,
            hop_limit: 64,
            extensions: Vec::new(),
            transport,
        }
    }

    /// The number of what it carries behind its extension headers.
    pub fn protocol(&self) -> u8 {
        match &self.transport {
            Transport::Tcp(_) => PROTOCOL_TCP,
            Transport::Udp(_) => PROTOCOL_UDP,
            Transport::Icmp(_) => PROTOCOL_ICMP,
            Transport::Icmpv6(_) => PROTOCOL_ICMPV6,
            Transport::Other { protocol, .. } => *protocol,
        }
    }

    /// Where this fragment's octets belong (in units of 8), whether more follow, and its identification; `None` if the packet
    /// is whole. A fragment header that says "from 0 on, no more" makes no fragment (RFC 6946).
    pub fn fragment(&self) -> Option<(u16, bool, u32)> {
        self.extensions.iter().find_map(|extension| match extension {
            Extension::Fragment { offset, more, identification } if *offset > 0 || *more => {
                Some((*offset, *more, *identification))
            }
            _ => None,
        })
    }

    /// Octets of the fixed header and the extension headers.
    pub fn header_len(&self) -> usize {
        IPV6_HEADER + self.extensions.iter().map(Extension::len).sum::<usize>()
    }

    /// Octets of all headers and the payload.
    pub fn len(&self) -> usize {
        self.header_len() + self.transport.len()
    }

    /// Never: there is always a header.
    pub fn is_empty(&self) -> bool {
        false
    }
}
