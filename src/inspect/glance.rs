//! What a packet says at a glance: its ends and what TCP's fields are, without copying anything.

use crate::capture::Network;
use crate::trace::{Flow, Protocol};
use crate::wire::{
    ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, Flags, MOST_EXTENSIONS, PROTOCOL_TCP, PROTOCOL_UDP, SackBlocks, Seq,
    TcpOption, TcpOptions,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A packet between two ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    /// TCP or UDP.
    pub protocol: Protocol,
    /// From.
    pub source: SocketAddr,
    /// To.
    pub destination: SocketAddr,
    /// Octets of data; counted by the lengths in the headers, so a packet that was cut short counts in full.
    pub data: u32,
    /// The segment's fields, for TCP.
    pub tcp: Option<Tcp>,
}

impl Glance {
    /// The flow it is of.
    pub fn flow(&self) -> Flow {
        Flow::between(self.protocol, self.source, self.destination)
    }
}

/// A segment's fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tcp {
    pub seq: Seq,
    pub ack: Seq,
    pub flags: Flags,
    pub window: u16,
    /// Octets of data.
    pub data: u32,
    /// The window scale option of a SYN.
    pub scale: Option<u8>,
    /// The blocks of the SACK option.
    pub sack: SackBlocks,
}

impl Tcp {
    /// SEG.LEN: data, and one each for SYN and FIN.
    pub fn len(&self) -> u32 {
        self.data + u32::from(self.has(Flags::SYN)) + u32::from(self.has(Flags::FIN))
    }
    pub fn has(&self, flags: Flags) -> bool {
        self.flags.has(flags)
    }
    /// After its last octet.
    pub fn end(&self) -> Seq {
        self.seq + self.len()
    }
}

/// Looks at a packet; `None` for what lies between no two ports, or is cut off before they are told.
/// `cut` is how many octets at its end were on the wire and are not in the file.
pub fn glance(network: &Network<'_>, cut: u32) -> Option<Glance> {
    let octets = network.payload;
    let there = u32::try_from(octets.len()).ok()?.saturating_add(cut);
    match network.ether_type {
        ETHER_TYPE_IPV4 => {
            let header = octets.first_chunk::<20>()?;
            let header_len = usize::from(header[0] & 0x0f) * 4;
            let fragment = u16::from_be_bytes([header[6], header[7]]) & 0x1fff;
            if header[0] >> 4 != 4 || header_len < 20 || fragment != 0 {
                return None;
            }
            // A card that divides large segments itself shows them whole, with no length.
            let total = match u16::from_be_bytes([header[2], header[3]]) {
                0 => there,
                total => u32::from(total).min(there),
            };
            let [a, b] = [12, 16].map(|at| {
                IpAddr::V4(Ipv4Addr::new(header[at], header[at + 1], header[at + 2], header[at + 3]))
            });
            transport(header[9], a, b, octets.get(header_len..)?, total.checked_sub(header_len as u32)?)
        }
        ETHER_TYPE_IPV6 => {
            let header = octets.first_chunk::<40>()?;
            let address = |at: usize| {
                let octets: [u8; 16] = header[at..at + 16].try_into().unwrap_or_default();
                IpAddr::V6(Ipv6Addr::from(octets))
            };
            let length = match u16::from_be_bytes([header[4], header[5]]) {
                0 => there.checked_sub(40)?,
                length => u32::from(length).min(there.checked_sub(40)?),
            };
            let (protocol, skip) = behind_extensions(header[6], octets.get(40..)?)?;
            let length = length.checked_sub(skip as u32)?;
            transport(protocol, address(8), address(24), octets.get(40 + skip..)?, length)
        }
        _ => None,
    }
}

/// What lies behind IPv6's extension headers, and how many octets these have; `None` for a fragment, which has no ports of
/// its own to be seen by, and for a chain that breaks off.
fn behind_extensions(first: u8, octets: &[u8]) -> Option<(u8, usize)> {
    let (mut next, mut at) = (first, 0);
    for _ in 0..=MOST_EXTENSIONS {
        let len = match next {
            44 if u16::from_be_bytes([*octets.get(at + 2)?, *octets.get(at + 3)?]) & 0xfff9 != 0 => {
                return None;
            }
            44 => 8,
            0 | 43 | 60 => (usize::from(*octets.get(at + 1)?) + 1) * 8,
            _ => return Some((next, at)),
        };
        (next, at) = (*octets.get(at)?, at + len);
    }
    None
}

fn transport(protocol: u8, from: IpAddr, to: IpAddr, octets: &[u8], length: u32) -> Option<Glance> {
    let be16 = |at: usize| Some(u16::from_be_bytes([*octets.get(at)?, *octets.get(at + 1)?]));
    let be32 = |at: usize| Some(u32::from(be16(at)?) << 16 | u32::from(be16(at + 2)?));
    let (source, destination) = (SocketAddr::new(from, be16(0)?), SocketAddr::new(to, be16(2)?));
    match protocol {
        PROTOCOL_TCP => {
            let header_len = u32::from(*octets.get(12)? >> 4) * 4;
            let data = length.checked_sub(header_len).filter(|_| header_len >= 20)?;
            let flags = Flags(*octets.get(13)?);
            let (scale, sack) = octets.get(20..header_len as usize).map(scale_and_sack).unwrap_or_default();
            let scale = scale.filter(|_| flags.has(Flags::SYN));
            let (seq, ack) = (Seq(be32(4)?), Seq(be32(8)?));
            let tcp = Tcp { seq, ack, flags, window: be16(14)?, data, scale, sack };
            Some(Glance { protocol: Protocol::Tcp, source, destination, data, tcp: Some(tcp) })
        }
        PROTOCOL_UDP => {
            let data = length.checked_sub(8)?;
            Some(Glance { protocol: Protocol::Udp, source, destination, data, tcp: None })
        }
        _ => None,
    }
}

/// The window scale and the SACK blocks among a segment's options.
fn scale_and_sack(options: &[u8]) -> (Option<u8>, SackBlocks) {
    // Nearly all segments carry the timestamps and nothing else (RFC 7323 appendix A).
    let timestamps_alone = matches!(options, [1, 1, 8, 10, ..] if options.len() == 12);
    let (mut scale, mut sack) = (None, SackBlocks::default());
    let options = TcpOptions::from_octets(options).ok().filter(|_| !timestamps_alone);
    for option in options.iter().flat_map(TcpOptions::iter) {
        match option {
            TcpOption::WindowScale(shift) => scale = Some(shift),
            TcpOption::Sack(blocks) => sack = blocks,
            _ => {}
        }
    }
    (scale, sack)
}
