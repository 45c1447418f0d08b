//! A packet as it was on the wire, with those fields that a script can speak of.

use crate::wire::{TcpOption, TcpOptions};
use bytes::Bytes;
use std::net::IpAddr;

/// Protocol numbers.
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const ICMP: u8 = 1;
pub(super) const ICMPV6: u8 = 58;

/// Octets of a TCP header without options.
const TCP_HEADER: usize = 20;

/// An IP packet that came out of the examined stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// From.
    pub source: IpAddr,
    /// To.
    pub destination: IpAddr,
    /// The former type-of-service octet.
    pub tos: u8,
    /// Time to live.
    pub ttl: u8,
    /// IPv6's flow label.
    pub flow_label: u32,
    /// What it carries.
    pub body: SeenBody,
}

/// What a packet carries.
#[derive(Clone, Debug, PartialEq)]
pub enum SeenBody {
    /// TCP.
    Tcp(SeenSegment),
    /// UDP: ports and octets of data.
    Udp {
        /// Source and destination.
        ports: (u16, u16),
        /// Octets of data.
        len: usize,
    },
    /// ICMP or ICMPv6.
    Icmp {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
    },
    /// Something else, by its protocol number.
    Other(u8),
}

/// A TCP segment.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenSegment {
    /// Source and destination port.
    pub ports: (u16, u16),
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgment number.
    pub ack: u32,
    /// The header's octet 13.
    pub flags: u8,
    /// The ninth flag.
    pub ae: bool,
    /// Window.
    pub window: u16,
    /// Urgent pointer.
    pub urgent: u16,
    /// Options.
    pub options: TcpOptions,
    /// Octets of data.
    pub len: usize,
}

impl Seen {
    /// Reads an IP packet; `None` if it is none, or cut short.
    pub fn read(packet: &Bytes) -> Option<Seen> {
        match packet.first()? >> 4 {
            4 => Seen::read_v4(packet),
            6 => Seen::read_v6(packet),
            _ => None,
        }
    }

    fn read_v4(packet: &[u8]) -> Option<Seen> {
        let header = usize::from(packet.first()? & 0xf) * 4;
        let fixed: &[u8; 20] = packet.first_chunk()?;
        let total = usize::from(u16::from_be_bytes([fixed[2], fixed[3]]));
        // Segmentation offload leaves the length of very large packets at zero.
        let end = if total == 0 { packet.len() } else { total.min(packet.len()) };
        let body = packet.get(header..end)?;
        let address = |at: usize| IpAddr::from([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
        Some(Seen {
            source: address(12),
            destination: address(16),
            tos: fixed[1],
            ttl: fixed[8],
            flow_label: 0,
            body: SeenBody::read(fixed[9], body)?,
        })
    }

    fn read_v6(packet: &[u8]) -> Option<Seen> {
        const FIXED: usize = 40;
        let fixed: &[u8; FIXED] = packet.first_chunk()?;
        let first = u32::from_be_bytes([fixed[0], fixed[1], fixed[2], fixed[3]]);
        let address = |at: usize| -> Option<IpAddr> {
            let octets: [u8; 16] = fixed.get(at..at + 16)?.try_into().ok()?;
            Some(IpAddr::from(octets))
        };
        Some(Seen {
            source: address(8)?,
            destination: address(24)?,
            tos: (first >> 20) as u8,
            ttl: fixed[7],
            flow_label: first & 0xf_ffff,
            body: SeenBody::read(fixed[6], packet.get(FIXED..)?)?,
        })
    }

    /// Source and destination port, where there are any.
    pub fn ports(&self) -> Option<(u16, u16)> {
        match &self.body {
            SeenBody::Tcp(segment) => Some(segment.ports),
            SeenBody::Udp { ports, .. } => Some(*ports),
            SeenBody::Icmp { .. } | SeenBody::Other(_) => None,
        }
    }

    /// Octets of data.
    pub fn octets(&self) -> usize {
        match &self.body {
            SeenBody::Tcp(segment) => segment.len,
            SeenBody::Udp { len, .. } => *len,
            SeenBody::Icmp { .. } | SeenBody::Other(_) => 0,
        }
    }
}

impl SeenBody {
    fn read(protocol: u8, body: &[u8]) -> Option<SeenBody> {
        let two = |at: usize| Some(u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?]));
        let four = |at: usize| Some(u32::from(two(at)?) << 16 | u32::from(two(at + 2)?));
        Some(match protocol {
            TCP => {
                let header = usize::from(body.get(12)? >> 4) * 4;
                let options = body.get(TCP_HEADER..header)?;
                SeenBody::Tcp(SeenSegment {
                    ports: (two(0)?, two(2)?),
                    seq: four(4)?,
                    ack: four(8)?,
                    flags: *body.get(13)?,
                    ae: body.get(12)? & 1 != 0,
                    window: two(14)?,
                    urgent: two(18)?,
                    options: TcpOptions::from_octets(options).ok()?,
                    len: body.len() - header,
                })
            }
            UDP => SeenBody::Udp { ports: (two(0)?, two(2)?), len: body.len().checked_sub(8)? },
            ICMP | ICMPV6 => SeenBody::Icmp { kind: *body.first()?, code: *body.get(1)? },
            other => SeenBody::Other(other),
        })
    }
}

impl SeenSegment {
    /// TSval and TSecr.
    pub fn timestamps(&self) -> Option<(u32, u32)> {
        self.options.iter().find_map(|option| match option {
            TcpOption::Timestamps { value, echo } => Some((value, echo)),
            _ => None,
        })
    }
}
