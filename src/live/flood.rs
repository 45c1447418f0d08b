//! Segments that no stack sends: those made by hand, and floods of forged SYNs. They leave from a raw socket on the private
//! namespace's loopback, or from the user-space wire; there is no other way out of here.

use super::shared::{Shared, lock};
use super::stop::Woken;
use crate::clock::{Draws, Instant};
use crate::lang::Text;
use crate::link::HostId;
use crate::scenario::{Flood, Hand, LiveMode};
use crate::socket::ProcessId;
use crate::trace::{Event, Numbering};
use crate::wire::{self, Checksums, MacAddr, Packet};
use crate::world;
use bytes::Bytes;
use pnet::packet::ip::IpNextHeaderProtocols;
use pnet::packet::ipv4::Ipv4Packet;
use pnet::transport::{TransportChannelType, TransportSender, transport_channel};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A raw socket of the calling thread's namespace that sends IPv4 packets as they are.
fn raw_socket() -> io::Result<TransportSender> {
    let kind = TransportChannelType::Layer3(IpNextHeaderProtocols::Tcp);
    // What it receives is nobody's business here: the smallest buffer, and the receiver dropped.
    transport_channel(256, kind).map(|(sender, _)| sender)
}

fn send_raw(sender: &mut TransportSender, packet: &[u8]) -> io::Result<()> {
    let packet =
        Ipv4Packet::new(packet).ok_or_else(|| io::Error::other("a packet shorter than its header"))?;
    let to = IpAddr::V4(packet.get_destination());
    sender.send_to(packet, to).map(|_| ())
}

/// Sends a segment made by hand from `host`.
pub(super) fn inject(shared: &Shared, host: HostId, hand: &Hand) -> io::Result<()> {
    let packet = world::hand::packet(hand, &connections(shared, hand.bears_timestamp()));
    match shared.mode {
        LiveMode::Loopback => {
            let bytes = wire::build_ipv4(&packet);
            lock(&shared.by_hand).push((host, bytes.clone()));
            send_raw(&mut raw_socket()?, &bytes)
        }
        LiveMode::Wire => {
            let to = shared.owner(packet.destination).and_then(|to| shared.host(to));
            let from = shared.host(host);
            let mac =
                |plan: Option<&crate::scenario::HostPlan>| plan.map_or(MacAddr::default(), |plan| plan.mac);
            let frame = wire::build(&Packet::ipv4(mac(from), mac(to), packet));
            if let Some(cable) = &shared.cable {
                cable.send(host, frame, false);
            }
            Ok(())
        }
    }
}

/// The initial numbers of every connection seen so far; with `stamps` their latest timestamps as well.
fn connections(shared: &Shared, stamps: bool) -> Numbering {
    let mut numbering = Numbering::new();
    let mut frames: Vec<(u64, Bytes)> = Vec::new();
    shared.log.read_from(0, |_, entry| {
        if let Event::FrameSent { frame, .. } = &entry.event
            && (stamps || world::peek::is_syn(frame))
        {
            frames.push((entry.at_ns, frame.clone()));
        }
    });
    frames.sort_by_key(|(at_ns, _)| *at_ns);
    for (_, frame) in frames {
        if let Ok(packet) = wire::parse_with(&frame, Checksums::Ignore)
            && let (Some(ip), Some(segment)) = (packet.ip(), packet.tcp())
        {
            let source = SocketAddr::from((ip.source, segment.source_port));
            let destination = SocketAddr::from((ip.destination, segment.destination_port));
            numbering.see(source, destination, segment);
        }
    }
    numbering
}

/// The flood as it may be done here: slower where it is too fast, shorter where it is too much; with a remark if it differs.
fn within_limits(flood: &Flood) -> (Flood, Option<Text>) {
    let real = flood.within_live_limits();
    let (rate, lasting) = (real.per_second, real.lasting);
    let remark = (real != *flood).then(|| {
        Text::new(
            format!(
                "the live flood: {rate} SYNs per second for {lasting}, not {} for {}",
                flood.per_second, flood.lasting
            ),
            format!(
                "真实内核上的洪泛：每秒 {rate} 个 SYN，持续 {lasting}，而非每秒 {} 个、持续 {}",
                flood.per_second, flood.lasting
            ),
        )
    });
    (real, remark)
}

/// Sends a flood of forged SYNs; returns when it is over, or the run is.
pub(super) fn flood(shared: &Shared, host: HostId, process: ProcessId, flood: &Flood) -> io::Result<Woken> {
    let (flood, remark) = within_limits(flood);
    if let Some(remark) = remark {
        shared.remark(remark);
    }
    lock(&shared.load).add(flood.from);
    if let Some(tap) = &shared.tap {
        tap.leave_out(lock(&shared.load).blocks())?;
    }
    let mac =
        |host: Option<HostId>| host.and_then(|host| shared.host(host)).map_or(MacAddr::default(), |h| h.mac);
    let target = mac(shared.owner(*flood.to.ip()));
    let draws = Draws::new(shared.options.seed);
    let mut sending =
        world::flood::Flood::new(flood, Instant::ZERO, process, (host, mac(Some(host))), target, draws);
    let mut raw = match shared.mode {
        LiveMode::Loopback => Some(raw_socket()?),
        LiveMode::Wire => None,
    };
    let begin = std::time::Instant::now();
    while let Some(at) = sending.next_at() {
        let woken = sleep_until(shared, begin, at);
        if woken == Woken::Stopped {
            return Ok(woken);
        }
        let frame = sending.next_frame();
        match (&mut raw, &shared.cable) {
            (Some(raw), _) => match send_raw(raw, without_link_layer(&frame)) {
                // The queue towards loopback was full for a moment.
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {}
                other => other?,
            },
            (None, Some(cable)) => cable.send(host, frame, true),
            (None, None) => {}
        }
    }
    Ok(sleep_until(shared, begin, sending.ends_at()))
}

/// The IP packet in a frame, without header and padding of the link layer: a raw socket would send the padding as data.
fn without_link_layer(frame: &[u8]) -> &[u8] {
    let packet = frame.get(14..).unwrap_or_default();
    let length = packet.get(2..4).map_or(0, |length| usize::from(length[0]) << 8 | usize::from(length[1]));
    packet.get(..length).unwrap_or(packet)
}

/// Sleeps until `at` of the flood. Shorter waits than the clock can keep are left out: the flood catches up.
fn sleep_until(shared: &Shared, begin: std::time::Instant, at: Instant) -> Woken {
    let left = Duration::from_nanos(at.as_nanos()).saturating_sub(begin.elapsed());
    if left < Duration::from_micros(100) && !shared.stop.stopped() {
        return Woken::TimeOut;
    }
    shared.stop.sleep(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;
    use crate::scenario::Ipv4Block;
    use std::net::Ipv4Addr;

    #[test]
    fn a_flood_is_slowed_down_and_cut_off_at_the_limits_and_says_so() {
        let mut plan = Flood {
            to: "10.0.0.2:80".parse().unwrap(),
            per_second: 200,
            lasting: Span::secs(2),
            from: Ipv4Block { base: Ipv4Addr::new(198, 18, 0, 0), prefix: 15 },
        };
        assert_eq!(within_limits(&plan), (plan.clone(), None));
        plan.per_second = 1_000_000;
        plan.lasting = Span::secs(60);
        let (real, remark) = within_limits(&plan);
        assert_eq!((real.per_second, real.lasting), (Flood::LIVE_PER_SECOND, Span::secs(10)));
        assert!(remark.is_some());
    }
}
