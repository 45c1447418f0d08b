//! What the link layer of a capture says, whichever it is, as one thing: addresses, type, payload.

use crate::wire::{ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, MacAddr, Tag, Tags, announces_tag};
use bytes::{BufMut, Bytes, BytesMut};

/// A packet without the peculiarities of its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network<'a> {
    /// The sender's card; zeros where the link does not tell.
    pub source: MacAddr,
    /// The receiver's; zeros where the link does not tell.
    pub destination: MacAddr,
    /// What the payload is: an EtherType.
    pub ether_type: u16,
    /// VLAN tags, the outermost first.
    pub tags: Tags,
    /// What the link carries.
    pub payload: &'a [u8],
}

impl Network<'_> {
    /// As an Ethernet frame, with its tags: of more than two those nearest to the payload are left out.
    pub fn frame(&self) -> Bytes {
        let mut frame = BytesMut::with_capacity(14 + self.tags.len() + self.payload.len());
        frame.put_slice(&self.destination.0);
        frame.put_slice(&self.source.0);
        for tag in self.tags.iter() {
            frame.put_u16(tag.ether_type);
            frame.put_u16(tag.control());
        }
        frame.put_u16(self.ether_type);
        frame.put_slice(self.payload);
        frame.freeze()
    }
}

/// Reads the link header of that LINKTYPE; `None` if the type is not known or the header is cut off.
pub fn network(link: u16, octets: &[u8]) -> Option<Network<'_>> {
    match link {
        1 => ethernet(octets),
        // Linux, captured on "any" interface: the older and the newer form.
        113 => {
            let header = octets.get(..16)?;
            let (source, kind) = (mac(&header[6..12], be16(header, 4)), be16(header, 14));
            tagged(source, MacAddr::default(), kind, &octets[16..])
        }
        276 => {
            let header = octets.get(..20)?;
            let (source, kind) = (mac(&header[12..18], u16::from(header[11])), be16(header, 0));
            tagged(source, MacAddr::default(), kind, &octets[20..])
        }
        // An address family before the packet, in the byte order of whoever captured, or in network order.
        0 | 108 => {
            let family = octets.first_chunk::<4>()?;
            let [host, network] = [u32::from_le_bytes(*family), u32::from_be_bytes(*family)];
            let family = if host < network { host } else { network };
            // IPv6 has another number on every system.
            let ether_type = match family {
                2 => ETHER_TYPE_IPV4,
                10 | 24 | 28 | 30 => ETHER_TYPE_IPV6,
                _ => return None,
            };
            Some(plain(ether_type, &octets[4..]))
        }
        12 | 14 | 101 | 228 | 229 => {
            let ether_type = match octets.first()? >> 4 {
                4 => ETHER_TYPE_IPV4,
                6 => ETHER_TYPE_IPV6,
                _ => return None,
            };
            Some(plain(ether_type, octets))
        }
        _ => None,
    }
}

fn be16(octets: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([octets[at], octets[at + 1]])
}

fn mac(octets: &[u8], len: u16) -> MacAddr {
    octets.try_into().ok().filter(|_| len == 6).map_or(MacAddr::default(), MacAddr)
}

fn plain(ether_type: u16, payload: &[u8]) -> Network<'_> {
    let none = MacAddr::default();
    Network { source: none, destination: none, ether_type, tags: Tags::NONE, payload }
}

fn ethernet(octets: &[u8]) -> Option<Network<'_>> {
    let header = octets.get(..14)?;
    tagged(mac(&header[6..12], 6), mac(&header[..6], 6), be16(header, 12), &octets[14..])
}

/// Takes the VLAN tags off, however many.
fn tagged(source: MacAddr, destination: MacAddr, kind: u16, payload: &[u8]) -> Option<Network<'_>> {
    let (mut ether_type, mut payload, mut tags) = (kind, payload, Tags::NONE);
    while announces_tag(ether_type) {
        let tag = payload.get(..4)?;
        tags = tags.with(Tag::new(ether_type, be16(tag, 0)));
        ether_type = be16(tag, 2);
        payload = &payload[4..];
    }
    Some(Network { source, destination, ether_type, tags, payload })
}
