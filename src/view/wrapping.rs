//! A frame as what was wrapped around what: the sizes that each layer adds on the way down and takes off on the way up,
//! and what the wire adds to a frame that no capture shows.

use crate::lang::{Lang, Text};
use crate::wire::{Layer, MIN_FRAME};
use std::ops::Range;

/// Octets before a frame by which the receiver's clock falls into step: seven of preamble, one that says "now"
/// (IEEE 802.3 3.2.1 and 3.2.2).
pub const PREAMBLE: usize = 8;
/// Octets of the frame check sequence behind it (IEEE 802.3 3.2.9).
pub const FCS: usize = 4;
/// Octet times of silence before the next frame may begin (IEEE 802.3 4.4.2).
pub const GAP: usize = 12;
/// The seven layers of OSI from the top: number, name, and the layer of the Internet's model that does its work (empty where
/// the layer above it in this list is still the one).
pub const LAYERS: [(u8, [&str; 2], [&str; 2]); 7] = [
    (7, ["application", "应用层"], ["application", "应用层"]),
    (6, ["presentation", "表示层"], ["", ""]),
    (5, ["session", "会话层"], ["", ""]),
    (4, ["transport", "运输层"], ["transport", "运输层"]),
    (3, ["network", "网络层"], ["internet", "网际层"]),
    (2, ["data link", "数据链路层"], ["link", "网络接口层"]),
    (1, ["physical", "物理层"], ["", ""]),
];

/// One header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrap {
    /// The OSI layer it belongs to: 2, 3 or 4.
    pub osi: u8,
    /// The protocol.
    pub name: Text,
    /// Where its header lies in the frame.
    pub header: Range<usize>,
}

/// A frame taken apart into wrappings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapping {
    /// The headers from the outermost to the innermost.
    pub wraps: Vec<Wrap>,
    /// What the innermost header carries.
    pub data: Range<usize>,
    /// What that is: the application's protocol, or plain data; `None` where there is none.
    pub content: Option<Text>,
    /// Octets of padding at its end, as captured.
    pub padding: usize,
    /// Octets of the frame as captured.
    pub frame: usize,
}

impl Wrapping {
    /// Of a frame of that many octets, decoded.
    pub fn of(layers: &[Layer], frame: usize) -> Wrapping {
        let is_padding =
            |layer: &&Layer| layer.fields.first().is_some_and(|field| field.key == "eth.padding");
        let padding: usize = layers.iter().filter(is_padding).map(|layer| layer.end - layer.start).sum();
        let mut wraps: Vec<Wrap> = Vec::new();
        for layer in layers.iter().filter(|layer| !is_padding(layer)) {
            // What an ICMP error quotes is its data, whatever headers are in it.
            let inward = wraps.last().is_none_or(|outer| outer.osi <= layer.osi);
            if layer.osi > 4 || !inward {
                break;
            }
            let name = layer.name.clone();
            wraps.push(Wrap { osi: layer.osi, name, header: layer.start..layer.end });
            let key = layer.fields.first().map_or("", |field| field.key);
            if ["icmp.", "icmpv6.", "arp."].iter().any(|message| key.starts_with(message)) {
                break;
            }
        }
        let inner = wraps.last().map_or(0, |wrap| wrap.header.end);
        let data = inner..(frame - padding).max(inner);
        let above = layers.iter().find(|layer| layer.start >= inner && layer.osi > 4 && !data.is_empty());
        Wrapping { wraps, data, content: above.map(|layer| layer.name.clone()), padding, frame }
    }

    /// Whether the innermost header is that of a message between the stacks themselves: ICMP.
    pub fn is_message(&self) -> bool {
        self.wraps.last().is_some_and(|wrap| ["ICMP", "ICMPv6"].contains(&wrap.name.en.as_str()))
    }

    /// The headers of an OSI layer.
    pub fn at(&self, osi: u8) -> impl Iterator<Item = &Wrap> {
        self.wraps.iter().filter(move |wrap| wrap.osi == osi)
    }

    /// Octets of all that the layer hands to the one below it: its headers, what they carry, and padding at the lowest.
    pub fn octets(&self, osi: u8) -> Option<usize> {
        let first = self.at(osi).next()?;
        Some(if osi == 2 { self.frame } else { self.frame - self.padding - first.header.start })
    }

    /// Octets that the layer's headers carry.
    pub fn inside(&self, osi: u8) -> Option<usize> {
        let last = self.at(osi).last()?;
        Some(self.frame - self.padding - last.header.end)
    }

    /// Octets that the sending card adds to fill the frame up, where the capture saw it before that.
    pub fn filled(&self) -> usize {
        MIN_FRAME.saturating_sub(self.frame)
    }

    /// Octet times that the frame takes on the wire, silence included.
    pub fn on_the_wire(&self) -> usize {
        PREAMBLE + self.frame + self.filled() + FCS + GAP
    }

    /// What people call what that layer hands down.
    pub fn unit(&self, osi: u8, lang: Lang) -> &'static str {
        let udp = self.at(4).any(|wrap| wrap.name.en == "UDP");
        match osi {
            4 if udp => lang.pick("datagram", "用户数据报"),
            4 => lang.pick("segment", "报文段"),
            3 => lang.pick("packet", "分组"),
            2 => lang.pick("frame", "帧"),
            1 => lang.pick("wire", "线路"),
            _ => lang.pick("data", "数据"),
        }
    }

    /// All sizes on one line, from the data to the frame: `5 +32 TCP = 37 +20 IPv4 = 57 +14 Ethernet = 71`.
    pub fn sum(&self, lang: Lang) -> String {
        let mut words = self.data.len().to_string();
        let mut octets = self.data.len();
        for wrap in self.wraps.iter().rev() {
            octets += wrap.header.len();
            words.push_str(&format!(" +{} {} = {octets}", wrap.header.len(), wrap.name.get(lang)));
        }
        if self.padding > 0 {
            let padding = self.padding;
            words.push_str(&lang.pick(
                format!(" +{padding} padding = {}", self.frame),
                format!(" +{padding} 填充 = {}", self.frame),
            ));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Flags, Ipv4Packet, MacAddr, Packet, Segment, Transport, any_frame, build, decode};
    use bytes::Bytes;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    fn hello() -> Bytes {
        let segment = Segment {
            source_port: 49152,
            destination_port: 8080,
            flags: Flags::PSH | Flags::ACK,
            payload: Bytes::from_static(b"hello"),
            ..Segment::default()
        };
        let [from, to] = [1, 2].map(|last| Ipv4Addr::new(10, 0, 0, last));
        let packet = Ipv4Packet::new(from, to, Transport::Tcp(segment));
        build(&Packet::ipv4(MacAddr::of_host(1), MacAddr::of_host(2), packet))
    }

    #[test]
    fn five_octets_become_a_segment_a_packet_and_a_frame_and_the_wire_adds_its_own() {
        // As a kernel hands it to the card, which fills it up.
        let frame = hello().slice(..59);
        let wrapping = Wrapping::of(&decode(&frame), frame.len());
        assert_eq!(wrapping.sum(Lang::En), "5 +20 TCP = 25 +20 IPv4 = 45 +14 Ethernet = 59");
        assert_eq!([4, 3, 2].map(|osi| wrapping.octets(osi)), [Some(25), Some(45), Some(59)]);
        assert_eq!([4, 3, 2].map(|osi| wrapping.inside(osi)), [Some(5), Some(25), Some(45)]);
        assert_eq!((wrapping.filled(), wrapping.on_the_wire()), (1, 8 + 59 + 1 + 4 + 12));
    }

    #[test]
    fn padding_that_was_captured_belongs_to_the_frame_alone() {
        let frame = hello();
        let wrapping = Wrapping::of(&decode(&frame), frame.len());
        assert_eq!((wrapping.octets(3), wrapping.octets(2), wrapping.filled()), (Some(45), Some(60), 0));
        assert!(wrapping.sum(Lang::Zh).ends_with("= 59 +1 填充 = 60"), "{}", wrapping.sum(Lang::Zh));
    }

    proptest! {
        /// Whatever the frame: headers follow each other without a gap, and with the data and the padding they are all of it.
        #[test]
        fn the_sizes_of_any_frame_add_up(packet in any_frame::packet()) {
            let frame = build(&packet);
            let wrapping = Wrapping::of(&decode(&frame), frame.len());
            let mut at = 0;
            for wrap in &wrapping.wraps {
                prop_assert_eq!(wrap.header.start, at);
                at = wrap.header.end;
            }
            prop_assert_eq!(wrapping.data.start, at);
            prop_assert_eq!(wrapping.data.end + wrapping.padding, frame.len());
        }
    }
}
