//! ICMPv6 messages as values: errors and echoes (RFC 4443), neighbour discovery (RFC 4861).

use bytes::Bytes;
use std::net::Ipv6Addr;

/// An ICMPv6 message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Icmpv6Message {
    /// Type 1.
    DestinationUnreachable {
        /// 4 is port unreachable.
        code: u8,
        /// As much of the offending packet as fits.
        quote: Bytes,
    },
    /// Type 2.
    PacketTooBig {
        /// The MTU of the next hop.
        mtu: u32,
        /// As much of the offending packet as fits.
        quote: Bytes,
    },
    /// Type 3.
    TimeExceeded {
        /// 0 is the hop limit, 1 fragment reassembly.
        code: u8,
        /// As much of the offending packet as fits.
        quote: Bytes,
    },
    /// Type 4.
    ParameterProblem {
        /// 0 an erroneous field, 1 an unknown next header, 2 an unknown option.
        code: u8,
        /// Where in the offending packet.
        pointer: u32,
        /// As much of the offending packet as fits.
        quote: Bytes,
    },
    /// Type 128.
    EchoRequest {
        /// Identifier.
        id: u16,
        /// Sequence number.
        seq: u16,
        /// Data.
        data: Bytes,
    },
    /// Type 129.
    EchoReply {
        /// Identifier.
        id: u16,
        /// Sequence number.
        seq: u16,
        /// Data.
        data: Bytes,
    },
    /// Type 133: who routes here?
    RouterSolicitation {
        /// Option octets.
        options: Bytes,
    },
    /// Type 134: this router does.
    RouterAdvertisement {
        /// What hosts shall write into their hop limit; 0: nothing said.
        hop_limit: u8,
        /// M, O and others from the highest bit on.
        flags: u8,
        /// Seconds it is a default router; 0: it is none.
        lifetime: u16,
        /// Milliseconds a neighbour counts as reachable; 0: nothing said.
        reachable_ms: u32,
        /// Milliseconds between solicitations; 0: nothing said.
        retransmit_ms: u32,
        /// Option octets.
        options: Bytes,
    },
    /// Type 135: who has the target address?
    NeighbourSolicitation {
        /// The address asked for.
        target: Ipv6Addr,
        /// Option octets.
        options: Bytes,
    },
    /// Type 136: the sender has.
    NeighbourAdvertisement {
        /// R, S and O in the three highest bits.
        flags: u8,
        /// The address it has.
        target: Ipv6Addr,
        /// Option octets.
        options: Bytes,
    },
    /// Any other.
    Other {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
        /// The octets after the checksum.
        rest: Bytes,
    },
}

impl Icmpv6Message {
    /// Type and code.
    pub fn kind(&self) -> (u8, u8) {
        match self {
            Icmpv6Message::DestinationUnreachable { code, .. } => (1, *code),
            Icmpv6Message::PacketTooBig { .. } => (2, 0),
            Icmpv6Message::TimeExceeded { code, .. } => (3, *code),
            Icmpv6Message::ParameterProblem { code, .. } => (4, *code),
            Icmpv6Message::EchoRequest { .. } => (128, 0),
            Icmpv6Message::EchoReply { .. } => (129, 0),
            Icmpv6Message::RouterSolicitation { .. } => (133, 0),
            Icmpv6Message::RouterAdvertisement { .. } => (134, 0),
            Icmpv6Message::NeighbourSolicitation { .. } => (135, 0),
            Icmpv6Message::NeighbourAdvertisement { .. } => (136, 0),
            Icmpv6Message::Other { kind, code, .. } => (*kind, *code),
        }
    }

    /// The packet that an error is about, as far as it is quoted.
    pub fn quote(&self) -> Option<&Bytes> {
        match self {
            Icmpv6Message::DestinationUnreachable { quote, .. }
            | Icmpv6Message::PacketTooBig { quote, .. }
            | Icmpv6Message::TimeExceeded { quote, .. }
            | Icmpv6Message::ParameterProblem { quote, .. } => Some(quote),
            Icmpv6Message::EchoRequest { .. }
            | Icmpv6Message::EchoReply { .. }
            | Icmpv6Message::RouterSolicitation { .. }
            | Icmpv6Message::RouterAdvertisement { .. }
            | Icmpv6Message::NeighbourSolicitation { .. }
            | Icmpv6Message::NeighbourAdvertisement { .. }
            | Icmpv6Message::Other { .. } => None,
        }
    }

    /// Octets of the message.
    pub fn len(&self) -> usize {
        match self {
            Icmpv6Message::DestinationUnreachable { quote, .. }
            | Icmpv6Message::PacketTooBig { quote, .. }
            | Icmpv6Message::TimeExceeded { quote, .. }
            | Icmpv6Message::ParameterProblem { quote, .. } => 8 + quote.len(),
            Icmpv6Message::EchoRequest { data, .. } | Icmpv6Message::EchoReply { data, .. } => 8 + data.len(),
            Icmpv6Message::RouterSolicitation { options } => 8 + options.len(),
            Icmpv6Message::RouterAdvertisement { options, .. } => 16 + options.len(),
            Icmpv6Message::NeighbourSolicitation { options, .. }
            | Icmpv6Message::NeighbourAdvertisement { options, .. } => 24 + options.len(),
            Icmpv6Message::Other { rest, .. } => 4 + rest.len(),
        }
    }

    /// Never: there is always a header.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Reads the octets after type, code and checksum; what is too short for its type is [`Icmpv6Message::Other`].
    pub(super) fn from_parts(kind: u8, code: u8, rest: Bytes) -> Icmpv6Message {
        let be16 = |at: usize| rest.get(at..at + 2).map_or(0, |two| u16::from_be_bytes([two[0], two[1]]));
        let be32 = |at: usize| u32::from(be16(at)) << 16 | u32::from(be16(at + 2));
        let from = |at: usize| rest.slice(at..);
        // Whatever a sender puts where nothing is defined must come out again as it was: such messages stay octets.
        let unused = |at: usize| be32(at) == 0;
        match (kind, code, rest.len()) {
            (1, code, 4..) if unused(0) => Icmpv6Message::DestinationUnreachable { code, quote: from(4) },
            (2, 0, 4..) => Icmpv6Message::PacketTooBig { mtu: be32(0), quote: from(4) },
            (3, code, 4..) if unused(0) => Icmpv6Message::TimeExceeded { code, quote: from(4) },
            (4, code, 4..) => Icmpv6Message::ParameterProblem { code, pointer: be32(0), quote: from(4) },
            (128, 0, 4..) => Icmpv6Message::EchoRequest { id: be16(0), seq: be16(2), data: from(4) },
            (129, 0, 4..) => Icmpv6Message::EchoReply { id: be16(0), seq: be16(2), data: from(4) },
            (133, 0, 4..) if unused(0) => Icmpv6Message::RouterSolicitation { options: from(4) },
            (134, 0, 12..) => Icmpv6Message::RouterAdvertisement {
                hop_limit: rest[0],
                flags: rest[1],
                lifetime: be16(2),
                reachable_ms: be32(4),
                retransmit_ms: be32(8),
                options: from(12),
            },
            (135, 0, 20..) if unused(0) => {
                Icmpv6Message::NeighbourSolicitation { target: address(&rest), options: from(20) }
            }
            (136, 0, 20..) if be32(0) & 0x1fff_ffff == 0 => Icmpv6Message::NeighbourAdvertisement {
                flags: rest[0],
                target: address(&rest),
                options: from(20),
            },
            _ => Icmpv6Message::Other { kind, code, rest },
        }
    }

    /// The octets after type, code and checksum.
    pub(super) fn write(&self, mut put: impl FnMut(&[u8])) {
        match self {
            Icmpv6Message::DestinationUnreachable { quote, .. }
            | Icmpv6Message::TimeExceeded { quote, .. } => {
                put(&[0; 4]);
                put(quote);
            }
            Icmpv6Message::PacketTooBig { mtu: word, quote }
            | Icmpv6Message::ParameterProblem { pointer: word, quote, .. } => {
                put(&word.to_be_bytes());
                put(quote);
            }
            Icmpv6Message::EchoRequest { id, seq, data } | Icmpv6Message::EchoReply { id, seq, data } => {
                put(&id.to_be_bytes());
                put(&seq.to_be_bytes());
                put(data);
            }
            Icmpv6Message::RouterSolicitation { options } => {
                put(&[0; 4]);
                put(options);
            }
            Icmpv6Message::RouterAdvertisement {
                hop_limit,
                flags,
                lifetime,
                reachable_ms,
                retransmit_ms,
                options,
            } => {
                put(&[*hop_limit, *flags]);
                put(&lifetime.to_be_bytes());
                put(&reachable_ms.to_be_bytes());
                put(&retransmit_ms.to_be_bytes());
                put(options);
            }
            Icmpv6Message::NeighbourSolicitation { target, options } => {
                put(&[0; 4]);
                put(&target.octets());
                put(options);
            }
            Icmpv6Message::NeighbourAdvertisement { flags, target, options } => {
                put(&[flags & 0xe0, 0, 0, 0]);
                put(&target.octets());
                put(options);
            }
            Icmpv6Message::Other { rest, .. } => put(rest),
        }
    }
}

/// The target address of neighbour discovery, which the caller has seen to be there.
fn address(rest: &Bytes) -> Ipv6Addr {
    rest.get(4..20)
        .and_then(|octets| <[u8; 16]>::try_from(octets).ok())
        .map_or(Ipv6Addr::UNSPECIFIED, Ipv6Addr::from)
}
