//! Which frame was passed on as which: a switch sends what came in, a router the packet in a new frame, a box that
//! translates addresses the packet with others in it.

use super::{Event, Frame, RecordId, Trace};
use crate::link::{HostId, NodeKind};
use crate::wire::{Body, IcmpMessage, Icmpv6Message, Ipv4Packet, Ipv6Packet, Packet, Transport};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// By what a packet is known again where no cause tells: ends, protocol, identification.
type Mark = (IpAddr, IpAddr, u8, u32);

impl Trace {
    /// For each of the trace's frames the place of the one that its sender passed on as it, if it passed one on. That is
    /// always an earlier one.
    pub fn passed_on_from(&self, frames: &[Frame<'_>]) -> Vec<Option<usize>> {
        let mut place_of: BTreeMap<u32, usize> = BTreeMap::new();
        let mut arrived: BTreeMap<(HostId, Mark), Vec<usize>> = BTreeMap::new();
        let mut found = Vec::with_capacity(frames.len());
        for (place, frame) in frames.iter().enumerate() {
            found.push(self.predecessor(frames, frame, &place_of, &arrived));
            place_of.insert(frame.record.id.0, place);
            if let (Some(next), Some(mark)) =
                (frame.next.filter(|next| self.passes_packets(*next)), mark(frame))
            {
                arrived.entry((next, mark)).or_default().push(place);
            }
        }
        found
    }

    /// For the sending of each frame that was passed on from another the sending of that one.
    pub fn passed_on(&self) -> BTreeMap<RecordId, RecordId> {
        if self.meta.hosts.iter().all(|host| host.kind == NodeKind::Host) {
            return BTreeMap::new();
        }
        let frames = self.frames();
        let from = self.passed_on_from(&frames);
        let pair =
            |(place, from): (usize, Option<usize>)| Some((frames[place].record.id, frames[from?].record.id));
        from.into_iter().enumerate().filter_map(pair).collect()
    }

    fn predecessor(
        &self,
        frames: &[Frame<'_>],
        frame: &Frame<'_>,
        place_of: &BTreeMap<u32, usize>,
        arrived: &BTreeMap<(HostId, Mark), Vec<usize>>,
    ) -> Option<usize> {
        let from = frame.from?;
        let cause = frame.record.cause.and_then(|cause| self.records.get(cause.0 as usize));
        let caused = cause.and_then(|cause| match &cause.event {
            Event::FrameArrived { sent, .. } if cause.host == Some(from) => place_of.get(&sent.0).copied(),
            _ => None,
        });
        let same = |place: &usize| match self.meta.hosts.get(from.index()).map(|host| host.kind) {
            Some(NodeKind::Switch | NodeKind::Hub) => same_frame(frames.get(*place), frame),
            Some(NodeKind::Router | NodeKind::Host) | None => same_packet(frames.get(*place), frame),
        };
        // A packet may have waited, until the next hop's address was known: then something else brought it about.
        caused.filter(same).or_else(|| {
            let waiting = arrived.get(&(from, mark(frame)?))?;
            waiting.iter().rev().copied().find(|place| same(place))
        })
    }

    fn passes_packets(&self, node: HostId) -> bool {
        self.meta.hosts.get(node.index()).is_some_and(|host| host.kind == NodeKind::Router)
    }
}

fn mark(frame: &Frame<'_>) -> Option<Mark> {
    match &frame.packet()?.body {
        Body::Ipv4(ip) => {
            Some((ip.source.into(), ip.destination.into(), ip.protocol(), ip.identification.into()))
        }
        Body::Ipv6(ip) => Some((ip.source.into(), ip.destination.into(), ip.protocol(), ip.flow_label)),
        Body::Arp(_) | Body::Bpdu(_) | Body::Other(_) => None,
    }
}

/// What a switch or a hub passes on it does not change; a tag that says to which virtual LAN it belongs aside.
fn same_frame(one: Option<&Frame<'_>>, other: &Frame<'_>) -> bool {
    let body = |packet: Option<&Packet>| packet.map(|packet| packet.body.clone());
    one.is_some_and(|one| {
        one.bytes == other.bytes || one.packet().is_some() && body(one.packet()) == body(other.packet())
    })
}

fn same_packet(one: Option<&Frame<'_>>, other: &Frame<'_>) -> bool {
    let bodies = one.and_then(Frame::packet).zip(other.packet()).map(|(one, other)| (&one.body, &other.body));
    match bodies {
        Some((Body::Ipv4(one), Body::Ipv4(other))) => same_ipv4(one, other),
        Some((Body::Ipv6(one), Body::Ipv6(other))) => same_ipv6(one, other),
        Some(_) | None => false,
    }
}

fn same_ipv4(one: &Ipv4Packet, other: &Ipv4Packet) -> bool {
    let alike = one.protocol() == other.protocol() && one.identification == other.identification;
    let cut = one.is_fragment() || other.is_fragment();
    alike && (cut || same_content(&one.transport, &other.transport))
}

fn same_ipv6(one: &Ipv6Packet, other: &Ipv6Packet) -> bool {
    one.protocol() == other.protocol()
        && one.fragment() == other.fragment()
        && same_content(&one.transport, &other.transport)
}

/// Whether it says the same, whatever ports it bears: those may have been translated.
fn same_content(one: &Transport, other: &Transport) -> bool {
    match (one, other) {
        (Transport::Tcp(one), Transport::Tcp(other)) => {
            (one.seq, one.ack, one.flags, &one.payload) == (other.seq, other.ack, other.flags, &other.payload)
        }
        (Transport::Udp(one), Transport::Udp(other)) => one.payload == other.payload,
        (Transport::Icmp(one), Transport::Icmp(other)) => same_message(one, other),
        (Transport::Icmpv6(one), Transport::Icmpv6(other)) => same_message6(one, other),
        (Transport::Other { payload: one, .. }, Transport::Other { payload: other, .. }) => one == other,
        _ => false,
    }
}

fn same_message(one: &IcmpMessage, other: &IcmpMessage) -> bool {
    match (one, other) {
        (
            IcmpMessage::EchoRequest { seq, data, .. },
            IcmpMessage::EchoRequest { seq: other_seq, data: other_data, .. },
        )
        | (
            IcmpMessage::EchoReply { seq, data, .. },
            IcmpMessage::EchoReply { seq: other_seq, data: other_data, .. },
        ) => (seq, data) == (other_seq, other_data),
        // What an error quotes is translated too.
        _ => {
            one.kind() == other.kind()
                && !matches!(one, IcmpMessage::EchoRequest { .. } | IcmpMessage::EchoReply { .. })
        }
    }
}

fn same_message6(one: &Icmpv6Message, other: &Icmpv6Message) -> bool {
    one == other
}
