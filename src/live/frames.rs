//! Frames as records of the trace.

use super::shared::{Shared, lock};
use super::sys;
use super::tap::{Seen, Tap};
use crate::host::{Protocol, Reason};
use crate::lang::Text;
use crate::link::{Heading, HostId};
use crate::trace::{Event, RecordId};
use crate::wire::{self, Transport};
use crate::world::peek;
use bytes::Bytes;
use nix::poll::PollFlags;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::AsFd;

/// Octets of an Ethernet header.
const ETHERNET: usize = 14;

/// The two ends of a TCP segment or UDP datagram that is no later fragment.
pub(super) fn ends(frame: &[u8]) -> Option<(Protocol, SocketAddr, SocketAddr)> {
    match peek::addresses6(frame) {
        Some((from, to)) => ends6(frame, from.into(), to.into()),
        None => ends4(frame).map(|(protocol, from, to)| (protocol, from.into(), to.into())),
    }
}

/// The same of an IPv6 packet, behind the extension headers that are no fragment's.
fn ends6(frame: &[u8], from: IpAddr, to: IpAddr) -> Option<(Protocol, SocketAddr, SocketAddr)> {
    let packet = wire::parse_with(&Bytes::copy_from_slice(frame), wire::Checksums::Ignore).ok()?;
    let (protocol, source, destination) = match packet.transport()? {
        Transport::Tcp(segment) => (Protocol::Tcp, segment.source_port, segment.destination_port),
        Transport::Udp(datagram) => (Protocol::Udp, datagram.source_port, datagram.destination_port),
        Transport::Icmp(_) | Transport::Icmpv6(_) | Transport::Other { .. } => return None,
    };
    Some((protocol, SocketAddr::new(from, source), SocketAddr::new(to, destination)))
}

fn ends4(frame: &[u8]) -> Option<(Protocol, SocketAddrV4, SocketAddrV4)> {
    let ip = frame.get(ETHERNET..)?;
    let protocol = match ip.get(9)? {
        6 => Protocol::Tcp,
        17 => Protocol::Udp,
        _ => return None,
    };
    if u16::from_be_bytes([*ip.get(6)?, *ip.get(7)?]) & 0x1fff != 0 {
        return None;
    }
    let transport = ip.get(usize::from(ip.first()? & 15) * 4..)?;
    let address = |at: usize| -> Option<Ipv4Addr> {
        Some(Ipv4Addr::from(<[u8; 4]>::try_from(ip.get(at..at + 4)?).ok()?))
    };
    let port = |at: usize| Some(u16::from_be_bytes([*transport.get(at)?, *transport.get(at + 1)?]));
    Some((protocol, SocketAddrV4::new(address(12)?, port(0)?), SocketAddrV4::new(address(16)?, port(2)?)))
}

/// Notes that `from` put the frame on the wire.
pub(super) fn note_sent(
    shared: &Shared,
    at_ns: u64,
    heading: Heading,
    frame: Bytes,
    by_hand: bool,
) -> RecordId {
    let Heading { from, to, next } = heading;
    let endpoint = match (from, ends(&frame)) {
        (Some(from), Some((protocol, source, destination))) if !by_hand => {
            Some(shared.log.sender(from, protocol, source, destination))
        }
        _ => None,
    };
    let why = by_hand.then_some(Reason::ByHand);
    shared.log.note_at(at_ns, from, None, Event::FrameSent { frame, to, next, endpoint, why })
}

/// Reads a loopback tap until the run's end, and then what is left in it; `within`: the only host whose loopback it is, where
/// each has one of its own.
pub(super) fn capture_loopback(shared: &Shared, mut tap: Tap, within: Option<HostId>) {
    sys::be_punctual();
    let mut last_ns = 0;
    loop {
        let woken = shared.end.wait_for(tap.as_fd(), PollFlags::POLLIN, None);
        loop {
            match tap.read() {
                Ok(Some(mut seen)) => {
                    // The order of reading is the order of delivery; stamps of two processors may differ by a hair.
                    last_ns = seen.at_ns.max(last_ns);
                    seen.at_ns = last_ns;
                    loopback_frame(shared, seen, within);
                }
                Ok(None) => break,
                Err(error) => {
                    return shared.trouble(Text::new(
                        format!("the capture failed: {error}"),
                        format!("抓包失败：{error}"),
                    ));
                }
            }
        }
        if woken == super::stop::Woken::Stopped {
            break;
        }
    }
    check_drops(shared, &tap);
}

/// A capture that lost frames proves nothing.
pub(super) fn check_drops(shared: &Shared, tap: &Tap) {
    match tap.drops() {
        Ok(0) => {}
        Ok(drops) => shared
            .trouble(Text::new(format!("the capture lost {drops} frames"), format!("抓包丢失了 {drops} 帧"))),
        Err(error) => shared.trouble(Text::new(
            format!("the capture does not tell whether it lost frames: {error}"),
            format!("无法得知抓包是否丢帧：{error}"),
        )),
    }
}

/// On loopback a frame arrives as it is sent. Its Ethernet header is all zeros there: it gets the hosts' addresses, and
/// its checksum, left to a card that does not exist, is filled in.
fn loopback_frame(shared: &Shared, seen: Seen, within: Option<HostId>) {
    let hand = take_by_hand(shared, &seen.frame);
    let (from, to) = match (within, peek::addresses(&seen.frame)) {
        (Some(_), _) => (within, within),
        (None, None) => return,
        (None, Some((source, destination))) => {
            if shared.is_load(source, destination) || shared.plants.hides(&seen.frame, seen.at_ns) {
                return;
            }
            (hand.or_else(|| shared.owner(source)), shared.owner(destination))
        }
    };
    let mut frame = seen.frame.to_vec();
    for (at, host) in [(0, to), (6, from)] {
        if let (Some(place), Some(host)) =
            (frame.get_mut(at..at + 6), host.and_then(|host| shared.host(host)))
        {
            place.copy_from_slice(&host.mac.0);
        }
    }
    let mut frame = Bytes::from(frame);
    if seen.unfinished_checksum {
        frame = wire::fill_checksums(&frame);
    }
    let sent = note_sent(shared, seen.at_ns, Heading { from, to, next: None }, frame, hand.is_some());
    if to.is_some() {
        shared.log.note_at(seen.at_ns, to, Some(sent), Event::FrameArrived { sent, changed: None });
    }
}

/// Who made the frame by hand, if somebody did. The kernel may fill in what it likes of the IP header, so only what
/// follows it is compared, and the addresses.
fn take_by_hand(shared: &Shared, frame: &Bytes) -> Option<HostId> {
    let ip = frame.get(ETHERNET..)?;
    let mut waiting = lock(&shared.by_hand);
    let place = waiting.iter().position(|(_, packet)| same_but_header(packet, ip))?;
    Some(waiting.remove(place).0)
}

fn same_but_header(one: &[u8], other: &[u8]) -> bool {
    let parts = |packet: &[u8]| -> Option<(Vec<u8>, Vec<u8>)> {
        let header = usize::from(packet.first()? & 15) * 4;
        let whole = usize::from(u16::from_be_bytes([*packet.get(2)?, *packet.get(3)?]));
        Some((packet.get(12..20)?.to_vec(), packet.get(header..whole.min(packet.len()))?.to_vec()))
    };
    parts(one).is_some() && parts(one) == parts(other)
}
