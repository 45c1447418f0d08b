//! A whole frame unfolded for the eye: every layer, every field, with its place in the frame, its octets, its value,
//! and what it means, in both languages.

mod application;
mod arp;
mod bpdu;
mod draft;
mod ethernet;
mod icmp;
mod icmpv6;
mod icmpv6_options;
mod ipv4;
mod ipv6;
mod ipv6_extensions;
mod tag;
mod tcp;
mod tcp_options;
mod udp;

use super::parse::LONGEST_LENGTH;
use super::{ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, ParseError, announces_tag};
use crate::lang::Text;
pub use application::said;
use bytes::Bytes;
use draft::Draft;
use std::ops::Range;

/// One layer of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The protocol's name, such as `TCP`; `Data` for what programs sent, `Padding` for the zeros at the end.
    pub name: Text,
    /// Number of the OSI layer, 1 to 7.
    pub osi: u8,
    /// Name of the OSI layer.
    pub osi_name: Text,
    /// Layer of the Internet's own model: link, internet, transport or application.
    pub tcpip: Text,
    /// Offset of its first octet in the frame.
    pub start: usize,
    /// Offset after the last octet of its header (of all of it, for data and padding).
    pub end: usize,
    /// Its fields in wire order.
    pub fields: Vec<Field>,
    /// What is wrong with it, if anything.
    pub flaw: Option<ParseError>,
}

/// One field of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What programs call it: `tcp.ack`, `ip.ttl`, `tcp.options.mss`.
    pub key: &'static str,
    /// Its name.
    pub name: Text,
    /// The octets it lies in, counted from the frame's first.
    pub bytes: Range<usize>,
    /// Which bits of them, if not all, counted from the highest bit of the first of them.
    pub bits: Option<Range<u8>>,
    /// Those octets, in hexadecimal.
    pub raw: String,
    /// Its value as people write it.
    pub value: String,
    /// What that says.
    pub meaning: Text,
    /// The section that defines it.
    pub cite: &'static str,
}

/// Unfolds a frame. Any octets at all are decoded as far as they go; a layer that is cut short or contradicts
/// itself carries its flaw, and what follows it is shown as data.
pub fn decode(frame: &Bytes) -> Vec<Layer> {
    let mut draft = Draft::new(frame);
    let mut at = 14;
    let mut ether_type = ethernet::decode(&mut draft).unwrap_or_default();
    // More than two tags nobody reads: the third is data.
    while announces_tag(ether_type) && at < 14 + 2 * 4 {
        ether_type = tag::decode(&mut draft, at, ether_type);
        at += 4;
    }
    let end = match ether_type {
        ETHER_TYPE_IPV4 => ipv4::decode(&mut draft, at),
        ETHER_TYPE_IPV6 => ipv6::decode(&mut draft, at),
        ETHER_TYPE_ARP => arp::decode(&mut draft, at),
        length @ 0..=LONGEST_LENGTH if at < frame.len() => bpdu::decode(&mut draft, at, usize::from(length)),
        _ => {
            draft.data(at, frame.len(), None);
            frame.len()
        }
    };
    draft.padding(end);
    draft.finish()
}
