//! The words of an arrow where there is no room for all of them: the least important go first.

use super::Look;
use super::brief::{icmp_words, icmpv6_words, numbers, payload};
use crate::trace::Frame;
use crate::wire::{ArpMessage, ArpOperation, Body, IcmpMessage, Icmpv6Message, Segment, Transport, said};
use std::net::Ipv4Addr;

/// Ways to say what the frame is, each with fewer words than the one before; the first has fewer than its label.
pub fn shorter(frame: &Frame<'_>, look: &Look) -> Vec<String> {
    let Some(packet) = frame.packet() else { return Vec::new() };
    match &packet.body {
        Body::Arp(message) => arp(message, look),
        Body::Ipv4(ip) => carried(frame, &ip.transport, ip.is_fragment().then_some(ip.fragment_offset), look),
        Body::Ipv6(ip) => carried(frame, &ip.transport, ip.fragment().map(|(offset, ..)| offset), look),
        Body::Bpdu(_) => vec!["STP".to_owned()],
        Body::Other(_) => vec![format!("{:#06x}", packet.ethernet.ether_type)],
    }
}

/// What an IP packet carries; `fragment` is its offset in words of eight octets, if it is a piece.
fn carried(frame: &Frame<'_>, transport: &Transport, fragment: Option<u16>, look: &Look) -> Vec<String> {
    match transport {
        Transport::Tcp(segment) => tcp(frame, segment, &said(transport), look),
        Transport::Udp(datagram) => {
            let octets = datagram.payload.len();
            let text = payload(&datagram.payload);
            let mut ways = said(transport);
            if ways.is_empty() {
                ways.extend([
                    format!("UDP {text}"),
                    format!("UDP len {octets}"),
                    format!("UDP {octets} B"),
                    "UDP".to_owned(),
                ]);
            }
            ways
        }
        Transport::Icmp(message) => icmp(message, look),
        Transport::Icmpv6(message) => icmpv6(message, look),
        Transport::Other { protocol, .. } => match fragment {
            Some(offset) => {
                let offset = u32::from(offset) * 8;
                vec![look.lang.pick(format!("frag. {offset}"), format!("分片 {offset}")), offset.to_string()]
            }
            None => vec![look.lang.pick(format!("prot. {protocol}"), format!("协议 {protocol}"))],
        },
    }
}

fn tcp(frame: &Frame<'_>, segment: &Segment, said: &[String], look: &Look) -> Vec<String> {
    let (seq, ack) = numbers(segment, frame.content.relative.as_ref(), look);
    let flags = segment.flags.to_string();
    let octets = segment.payload.len();
    let mut ways = Vec::new();
    if octets > 0 {
        // Data: what it is says more than what it acknowledges.
        ways.extend(said.iter().map(|words| format!("{flags} {seq} {words}")));
        ways.extend(said.iter().map(|words| format!("{flags} {words}")));
        ways.push(format!("{flags} {seq} {}", payload(&segment.payload)));
        ways.push(format!("{flags} {seq} len {octets}"));
    } else if let Some(ack) = ack {
        ways.push(format!("{flags} {seq} ack {ack}"));
        if flags == "A" {
            ways.push(format!("A ack {ack}"));
        }
    }
    ways.extend([format!("{flags} {seq}"), flags]);
    ways
}

fn arp(message: &ArpMessage, look: &Look) -> Vec<String> {
    let host = |ip: Ipv4Addr| ip.octets()[3];
    match message.operation {
        ArpOperation::Request => {
            let target = message.target_ip;
            let mark = look.lang.pick("?", "？");
            vec![format!("ARP {target}{mark}"), format!("ARP .{}{mark}", host(target)), "ARP ?".to_owned()]
        }
        ArpOperation::Reply => {
            let sender = message.sender_ip;
            let near =
                look.lang.pick(format!("ARP .{} here", host(sender)), format!("ARP .{} 在此", host(sender)));
            vec![format!("ARP {sender}"), near, format!("ARP .{}", host(sender)), "ARP".to_owned()]
        }
        ArpOperation::Other(_) => vec!["ARP".to_owned()],
    }
}

fn icmp(message: &IcmpMessage, look: &Look) -> Vec<String> {
    let words = icmp_words(message, look);
    let (kind, code) = message.kind();
    let brief = match message {
        IcmpMessage::EchoRequest { .. } => "ICMP echo".to_owned(),
        IcmpMessage::EchoReply { .. } => look.lang.pick("reply", "ICMP 回答").to_owned(),
        IcmpMessage::DestinationUnreachable { .. }
        | IcmpMessage::TimeExceeded { .. }
        | IcmpMessage::Other { .. } => format!("ICMP {kind}/{code}"),
    };
    vec![words, brief, "ICMP".to_owned()]
}

fn icmpv6(message: &Icmpv6Message, look: &Look) -> Vec<String> {
    let words = icmpv6_words(message, look);
    let last = |address: &std::net::Ipv6Addr| format!(":{:x}", address.segments()[7]);
    let brief = match message {
        Icmpv6Message::NeighbourSolicitation { target, .. } => format!("ND {}?", last(target)),
        Icmpv6Message::NeighbourAdvertisement { target, .. } => format!("ND {}", last(target)),
        Icmpv6Message::RouterSolicitation { .. } => "RS".to_owned(),
        Icmpv6Message::RouterAdvertisement { .. } => "RA".to_owned(),
        Icmpv6Message::EchoRequest { .. } => "ICMP6 echo".to_owned(),
        Icmpv6Message::EchoReply { .. } => look.lang.pick("reply", "ICMP6 回答").to_owned(),
        Icmpv6Message::DestinationUnreachable { .. }
        | Icmpv6Message::PacketTooBig { .. }
        | Icmpv6Message::TimeExceeded { .. }
        | Icmpv6Message::ParameterProblem { .. }
        | Icmpv6Message::Other { .. } => {
            let (kind, code) = message.kind();
            format!("ICMP6 {kind}/{code}")
        }
    };
    vec![words, brief, "ICMP6".to_owned()]
}

impl Look {
    /// The first of these that fits in the cells; else as many whole words of the last as do.
    pub fn first_that_fits(&self, ways: &[&str], cells: usize) -> String {
        let fitting = ways.iter().find(|way| self.text_width(&self.clean(way)) <= cells);
        match (fitting, ways.last()) {
            (Some(way), _) => self.clean(way).into_owned(),
            (None, Some(last)) => self.fit_words(last, cells),
            (None, None) => String::new(),
        }
    }

    /// As many whole words from the beginning of the text as fit in the cells, ending in `…` if some are left out; if not
    /// even the first fits, what of it does.
    pub fn fit_words(&self, text: &str, cells: usize) -> String {
        let text = self.clean(text);
        if self.text_width(&text) <= cells {
            return text.into_owned();
        }
        let mark = self.clean("…");
        let room = cells.saturating_sub(self.text_width(&mark) + 1);
        let end =
            text.match_indices(' ').map(|(at, _)| at).take_while(|at| self.text_width(&text[..*at]) <= room);
        match end.last().filter(|end| *end > 0) {
            Some(end) => format!("{} {mark}", text[..end].trim_end()),
            None => self.fit(&text, cells),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use crate::view::{Glyphs, brief, fixtures};

    #[test]
    fn words_are_never_cut_in_the_middle_where_one_fits() {
        let look = Look::default();
        assert_eq!(look.fit_words("fragment at 1480", 16), "fragment at 1480");
        assert_eq!(look.fit_words("fragment at 1480", 15), "fragment at …");
        assert_eq!(look.fit_words("fragment at 1480", 12), "fragment …");
        assert_eq!(look.fit_words("fragment at 1480", 6), "fragm…");
        assert_eq!(look.first_that_fits(&["SA 0 ack 1", "SA 0", "SA"], 9), "SA 0");
    }

    #[test]
    fn each_way_to_say_a_frame_takes_no_more_room_than_the_one_before() {
        for trace in [fixtures::lost_syn_ack(), fixtures::long_transfer()] {
            for (lang, glyphs) in
                [(Lang::En, Glyphs::Box), (Lang::Zh, Glyphs::Wide), (Lang::En, Glyphs::Ascii)]
            {
                let look = Look { lang, glyphs, ..Look::default() };
                for frame in trace.frames() {
                    let mut room = look.text_width(&brief(&frame, &look).label);
                    for way in shorter(&frame, &look) {
                        assert!(look.text_width(&way) <= room, "{way}");
                        room = look.text_width(&way);
                    }
                }
            }
        }
    }
}
