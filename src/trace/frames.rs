//! Frames of a trace with what became of each.

use super::{EndpointId, Event, Numbering, Protocol, Record, RecordId, Relative, Trace};
use crate::clock::Instant;
use crate::host::Reason;
use crate::link::{Heading, HostId};
use crate::wire::{self, Packet, ParseError, Segment, Transport};
use bytes::Bytes;
use std::net::SocketAddr;

/// What became of one copy of a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate<'a> {
    /// It reached a host.
    Arrived {
        /// The record of its arrival.
        record: &'a Record,
        /// The bytes as they arrived, if they differ from those sent.
        changed: Option<&'a Bytes>,
        /// Why the receiver did nothing with it, or dropped part of it; `None` if it took it.
        dropped: Option<&'a Reason>,
    },
    /// It was lost on the way.
    Lost {
        /// The record of its loss.
        record: &'a Record,
        /// By what.
        why: &'a Reason,
    },
}

/// A frame that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame<'a> {
    /// Its place among the frames of the trace, from 1.
    pub number: usize,
    /// The record of its sending.
    pub record: &'a Record,
    /// When it was sent.
    pub at: Instant,
    /// Who sent it.
    pub from: Option<HostId>,
    /// Whom it is addressed to, where known.
    pub to: Option<HostId>,
    /// Who is at the other end of the link it was put on, where the network has several links.
    pub next: Option<HostId>,
    /// The endpoint that sent it.
    pub endpoint: Option<EndpointId>,
    /// Why it was sent.
    pub why: Option<&'a Reason>,
    /// The whole frame, Ethernet header first.
    pub bytes: &'a Bytes,
    /// What became of it: one entry for each copy, in the order of the records; none while it is under way.
    pub fates: Vec<Fate<'a>>,
    /// What is inside.
    pub content: Content,
}

/// What a frame carries, as far as it can be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// The frame as typed values. Checksums are not looked at: on loopback a capture shows them unfinished.
    pub packet: Result<Packet, ParseError>,
    /// The flow it belongs to.
    pub flow: Option<Flow>,
    /// A TCP segment's numbers counted from the initial ones.
    pub relative: Option<Relative>,
}

/// Two ends that talk, in either direction: the smaller address first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Flow {
    /// TCP or UDP.
    pub protocol: Protocol,
    /// One end.
    pub low: SocketAddr,
    /// The other.
    pub high: SocketAddr,
}

impl Flow {
    /// The flow of the two ends, in whichever order they come.
    pub fn between(protocol: Protocol, one: SocketAddr, other: SocketAddr) -> Flow {
        Flow { protocol, low: one.min(other), high: one.max(other) }
    }
}

impl<'a> Frame<'a> {
    /// From whom to whom, for patterns.
    pub fn heading(&self) -> Heading {
        Heading { from: self.from, to: self.to, next: self.next }
    }
    /// The frame as typed values; `None` if it cannot be read.
    pub fn packet(&self) -> Option<&Packet> {
        self.content.packet.as_ref().ok()
    }
    /// The TCP segment it carries.
    pub fn tcp(&self) -> Option<&Segment> {
        self.packet()?.tcp()
    }
    /// The TCP segment's numbers counted from the initial ones.
    pub fn relative(&self) -> Option<Relative> {
        self.content.relative
    }
    /// The flow it belongs to.
    pub fn flow(&self) -> Option<Flow> {
        self.content.flow
    }
    /// Sender's and receiver's address and port, of a TCP segment or a UDP datagram.
    pub fn ends(&self) -> Option<(SocketAddr, SocketAddr)> {
        self.packet().and_then(ends).map(|(_, source, destination)| (source, destination))
    }

    /// When the first copy arrived; `None` if none did.
    pub fn arrived_at(&self) -> Option<Instant> {
        self.arrival().map(|record| record.at)
    }
    /// The first arrival's record: at the host it is addressed to if it came there, else anywhere.
    pub fn arrival(&self) -> Option<&'a Record> {
        let mut arrivals = self.fates.iter().filter_map(|fate| match fate {
            Fate::Arrived { record, .. } => Some(*record),
            Fate::Lost { .. } => None,
        });
        let first = arrivals.clone().next();
        arrivals.find(|record| record.host == self.to).or(first)
    }
    /// Why it was lost, if no copy of it arrived.
    pub fn lost(&self) -> Option<&'a Reason> {
        if self.arrival().is_some() {
            return None;
        }
        self.fates.iter().find_map(|fate| match fate {
            Fate::Lost { why, .. } => Some(*why),
            Fate::Arrived { .. } => None,
        })
    }
    /// Why its receiver dropped it, if it did.
    pub fn dropped(&self) -> Option<&'a Reason> {
        self.fates.iter().find_map(|fate| match fate {
            Fate::Arrived { dropped, .. } => *dropped,
            Fate::Lost { .. } => None,
        })
    }
}

impl Trace {
    /// Whether a node only passed the frame on: what it carries comes from another's address.
    pub fn is_passed_on(&self, frame: &Frame<'_>) -> bool {
        let Some(from) = frame.from.and_then(|from| self.meta.hosts.get(from.index())) else { return false };
        let source = frame.packet().and_then(|packet| packet.addresses()).map(|(source, _)| source);
        frame.next.is_some()
            && !from.actor
            && (!from.kind.has_stack() || source.is_some_and(|source| !from.has_address(source)))
    }

    /// Every frame that was sent, in order, with what became of it.
    pub fn frames(&self) -> Vec<Frame<'_>> {
        let mut frames: Vec<Frame<'_>> = Vec::new();
        let mut place_of = vec![usize::MAX; self.records.len()];
        let mut numbering = Numbering::new();
        for record in &self.records {
            match &record.event {
                Event::FrameSent { frame, to, next, endpoint, why } => {
                    place_of[record.id.0 as usize] = frames.len();
                    frames.push(Frame {
                        number: frames.len() + 1,
                        record,
                        at: record.at,
                        from: record.host,
                        to: *to,
                        next: *next,
                        endpoint: *endpoint,
                        why: why.as_ref(),
                        bytes: frame,
                        fates: Vec::new(),
                        content: content(frame, &mut numbering),
                    });
                }
                Event::FrameArrived { sent, changed } => {
                    let fate = Fate::Arrived { record, changed: changed.as_ref(), dropped: None };
                    if let Some(frame) = frame_at(&mut frames, &place_of, *sent) {
                        frame.fates.push(fate);
                    }
                }
                Event::FrameLost { sent, why } => {
                    if let Some(frame) = frame_at(&mut frames, &place_of, *sent) {
                        frame.fates.push(Fate::Lost { record, why });
                    }
                }
                Event::FrameDropped { arrived, why } => {
                    let Event::FrameArrived { sent, .. } = &self.record(*arrived).event else { continue };
                    let Some(frame) = frame_at(&mut frames, &place_of, *sent) else { continue };
                    for fate in &mut frame.fates {
                        if let Fate::Arrived { record, dropped, .. } = fate
                            && record.id == *arrived
                        {
                            dropped.get_or_insert(why);
                        }
                    }
                }
                _ => {}
            }
        }
        frames
    }
}

fn frame_at<'f, 'a>(
    frames: &'f mut [Frame<'a>],
    place_of: &[usize],
    sent: RecordId,
) -> Option<&'f mut Frame<'a>> {
    frames.get_mut(*place_of.get(sent.0 as usize)?)
}

/// Reads what the frame carries; the numbering learns from it.
fn content(frame: &Bytes, numbering: &mut Numbering) -> Content {
    let packet = wire::parse_with(frame, wire::Checksums::Ignore);
    let ends = packet.as_ref().ok().and_then(ends);
    let segment = packet.as_ref().ok().and_then(Packet::tcp);
    let relative = ends
        .zip(segment)
        .map(|((_, source, destination), segment)| numbering.see(source, destination, segment));
    let flow = ends.map(|(protocol, source, destination)| Flow::between(protocol, source, destination));
    Content { packet, flow, relative }
}

/// Protocol, source and destination of a TCP segment or a UDP datagram.
fn ends(packet: &Packet) -> Option<(Protocol, SocketAddr, SocketAddr)> {
    let (source, destination) = packet.addresses()?;
    let (protocol, from, to) = match packet.transport()? {
        Transport::Tcp(segment) => (Protocol::Tcp, segment.source_port, segment.destination_port),
        Transport::Udp(datagram) => (Protocol::Udp, datagram.source_port, datagram.destination_port),
        Transport::Icmp(_) | Transport::Icmpv6(_) | Transport::Other { .. } => return None,
    };
    Some((protocol, SocketAddr::new(source, from), SocketAddr::new(destination, to)))
}
