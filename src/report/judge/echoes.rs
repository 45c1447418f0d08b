//! Echo requests and their replies.

use crate::lang::Text;
use crate::link::{Direction, HostId};
use crate::report::seen::Seen;
use crate::scenario::Number;
use crate::trace::{Fate, Trace};
use crate::wire::{Body, IcmpMessage, Ipv4Packet, Transport};

/// The time from the n-th echo request that the one host sent to the other until its reply reached the one (RFC 792: the
/// identifier and the sequence number are the same).
pub(super) fn round_trip(
    trace: &Trace,
    seen: &[Seen<'_>],
    direction: Direction,
    nth: u32,
) -> Result<Number, Text> {
    let has = |host: Option<HostId>, address: std::net::Ipv4Addr| {
        host.and_then(|host| trace.meta.hosts.get(host.index()))
            .is_none_or(|host| host.has_address(address.into()))
    };
    let ipv4 = |seen: &Seen<'_>| -> Option<Ipv4Packet> {
        match &seen.packet.as_ref()?.body {
            Body::Ipv4(packet) => Some(packet.clone()),
            Body::Arp(_) | Body::Bpdu(_) | Body::Ipv6(_) | Body::Other(_) => None,
        }
    };
    let mut count = 0;
    let request = seen.iter().enumerate().find_map(|(place, frame)| {
        let packet = ipv4(frame)?;
        let Transport::Icmp(IcmpMessage::EchoRequest { id, seq, .. }) = packet.transport else { return None };
        let sent = direction.from.is_none_or(|host| frame.frame.from == Some(host));
        count += u32::from(sent && has(direction.to, packet.destination));
        (sent && count == nth).then_some((place, frame.frame.at, id, seq))
    });
    let Some((place, at, id, seq)) = request else {
        return Err(Text::new("no such echo request was ever sent", "从未发送过这样的回送请求"));
    };
    let arrived = seen.iter().skip(place).find_map(|frame| {
        let packet = ipv4(frame)?;
        let Transport::Icmp(IcmpMessage::EchoReply { id: own, seq: number, .. }) = packet.transport else {
            return None;
        };
        let there = frame.frame.next.or(frame.frame.to);
        let fits = (own, number) == (id, seq) && has(direction.to, packet.source);
        let home = fits && (direction.from.is_none() || there == direction.from);
        home.then(|| {
            frame.frame.fates.iter().find_map(|fate| match fate {
                Fate::Arrived { record, .. } => Some(record.at),
                Fate::Lost { .. } => None,
            })
        })?
    });
    match arrived {
        Some(arrived) => Ok(Number::Time(arrived.since(at))),
        None => Err(Text::new("its reply never came", "没有等到它的回送回答")),
    }
}
