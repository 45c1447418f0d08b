//! What the diagram has to know of a trace before it is drawn from top to bottom.

use super::super::Look;
use super::super::brief::Brief;
use super::super::lanes::Lane;
use super::{MOST_CROSSINGS, MOST_LANES};
use crate::clock::{Instant, Span};
use crate::link::HostId;
use crate::mib::Counter;
use crate::socket::Return;
use crate::trace::{EndpointId, Event, Frame, Protocol, Record, RecordId, Trace};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

/// The longest address, with its port, that stands above a lane.
const LONGEST_ADDRESS: usize = 24;

/// The records at which an accept queue grows only to shrink again at the same moment.
pub fn passing(trace: &Trace) -> BTreeSet<RecordId> {
    let mut passing = BTreeSet::new();
    let mut last: BTreeMap<EndpointId, &Record> = BTreeMap::new();
    for record in &trace.records {
        let Event::Queue { endpoint, queue: "accept", length, .. } = &record.event else { continue };
        if let Some(before) = last.insert(*endpoint, record)
            && before.at == record.at
            && let Event::Queue { length: grown, .. } = &before.event
            && length < grown
        {
            passing.insert(before.id);
        }
    }
    passing
}

/// The ends whose address talks from several ports.
pub fn ambiguous(briefs: &BTreeMap<RecordId, Brief>) -> BTreeSet<SocketAddr> {
    let ends: BTreeSet<SocketAddr> =
        briefs.values().filter_map(|words| words.ends).flat_map(|(from, to)| [from, to]).collect();
    let mut ports: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for end in &ends {
        *ports.entry(end.ip()).or_default() += 1;
    }
    ends.into_iter().filter(|end| ports[&end.ip()] > 1).collect()
}

/// The lane of each host; `usize::MAX` for hosts of which nothing is to be seen. Where there are more hosts than lanes, those
/// of which most is to be seen have their own, in the order of the hosts, and all others share the last. Nobody who says a
/// word among thousands that do has one.
pub fn lanes(trace: &Trace) -> Vec<usize> {
    let mut seen = vec![0usize; trace.meta.hosts.len()];
    let mut count = |host: Option<HostId>| {
        if let Some(slot) = host.and_then(|host| seen.get_mut(host.index())) {
            *slot += 1;
        }
    };
    for record in &trace.records {
        match &record.event {
            Event::FrameSent { to, next, .. } => {
                count(next.or(*to));
                count(record.host);
            }
            Event::CallStarted { .. } | Event::StateChanged { .. } | Event::LinkChanged { .. } => {
                count(record.host)
            }
            _ => {}
        }
    }
    // A diagram with one lane would have nowhere to draw to.
    let mut missing = 2usize.saturating_sub(seen.iter().filter(|seen| **seen > 0).count());
    for slot in &mut seen {
        if *slot == 0 && missing > 0 {
            *slot = 1;
            missing -= 1;
        }
    }
    let mut shown: Vec<usize> = (0..seen.len()).filter(|host| seen[*host] > 0).collect();
    let mut lane_of = vec![usize::MAX; seen.len()];
    if shown.len() > MOST_LANES {
        for host in &shown {
            lane_of[*host] = MOST_LANES;
        }
        shown.sort_by_key(|host| (std::cmp::Reverse(seen[*host]), *host));
        let most = shown.first().map_or(0, |host| seen[*host]);
        let talkers = shown.iter().take_while(|host| seen[**host].saturating_mul(10) >= most).count();
        shown.truncate(talkers.min(MOST_LANES - 1));
        let others = shown.len();
        for lane in lane_of.iter_mut().filter(|lane| **lane != usize::MAX) {
            *lane = others;
        }
        shown.sort_unstable();
    }
    for (lane, host) in shown.into_iter().enumerate() {
        lane_of[host] = lane;
    }
    lane_of
}

/// What stands above a lane: the host, or whose lane it is that several share.
pub fn lane_heading(trace: &Trace, lane_of: &[usize], lane: usize, look: &Look) -> Lane {
    let hosts: Vec<usize> = (0..lane_of.len()).filter(|host| lane_of[*host] == lane).collect();
    let [host] = hosts.as_slice() else {
        let names: Vec<&str> = hosts.iter().map(|host| trace.meta.hosts[*host].name.as_str()).collect();
        let name = match names.len() {
            0..=3 => names.join(", "),
            others => look.lang.pick(format!("{others} others"), format!("其余 {others} 台")),
        };
        return Lane { name, address: String::new() };
    };
    let info = &trace.meta.hosts[*host];
    if !info.kind.has_stack() {
        return Lane { name: info.name.clone(), address: String::new() };
    }
    let ports: BTreeSet<u16> = trace
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.host.index() == *host && endpoint.protocol_matters())
        .map(|endpoint| endpoint.local.port())
        .collect();
    let used = address_used(trace, *host);
    let address = match ports.iter().next() {
        Some(port) if ports.len() == 1 => SocketAddr::new(used, *port).to_string(),
        _ => used.to_string(),
    };
    // Two addresses of IPv6 in full do not fit side by side.
    if address.len() > LONGEST_ADDRESS {
        let port = address.rsplit_once("]:").map_or(String::new(), |(_, port)| format!(":{port}"));
        return Lane { name: info.name.clone(), address: port };
    }
    // A host of a capture has no name but its address.
    if info.name == address || info.name == info.address.to_string() {
        return Lane { name: address, address: String::new() };
    }
    Lane { name: info.name.clone(), address }
}

/// The address to show of a host: its first, unless all that it uses is of the other family.
fn address_used(trace: &Trace, host: usize) -> IpAddr {
    let info = &trace.meta.hosts[host];
    let own = trace.endpoints.iter().filter(|endpoint| endpoint.host.index() == host);
    let mut used = own.map(|endpoint| endpoint.local.ip());
    let first_of_ipv6 = info.more_addresses.iter().find(|address| address.is_ipv6());
    match first_of_ipv6 {
        Some(address) if used.clone().next().is_some() && used.all(|ip| ip.is_ipv6()) => *address,
        Some(_) | None => info.address,
    }
}

impl crate::trace::Endpoint {
    fn protocol_matters(&self) -> bool {
        match self.protocol {
            Protocol::Tcp | Protocol::Udp => self.local.port() != 0,
        }
    }
}

/// The frames that meet another one on the way between the same two hosts.
pub fn crossing(frames: &[Frame<'_>]) -> BTreeSet<RecordId> {
    let mut crossing = BTreeSet::new();
    let mut flying: Vec<&Frame<'_>> = Vec::new();
    for frame in frames {
        let Some(arrived) = frame.arrived_at().filter(|arrived| *arrived > frame.at) else { continue };
        flying.retain(|other| other.arrived_at().is_some_and(|arrived| arrived > frame.at));
        for other in &flying {
            let end = |frame: &Frame<'_>| frame.next.or(frame.to);
            let met = other.from == end(frame) && end(other) == frame.from && arrived > other.at;
            // One that an impairment held back is said to be slow; everything would cross it.
            let even = |frame: &Frame<'_>, arrived: Instant| arrived.since(frame.at) < Span::millis(150);
            if met && even(frame, arrived) && other.arrived_at().is_some_and(|arrived| even(other, arrived)) {
                crossing.insert(frame.record.id);
                crossing.insert(other.record.id);
            }
        }
        flying.push(frame);
    }
    if crossing.len() > MOST_CROSSINGS {
        crossing.clear();
    }
    crossing
}

/// The port that tells a connection from others: of the ends that share their address with another, the higher one, which
/// is the caller's as a rule.
pub fn told_apart(ports: &BTreeSet<SocketAddr>, one: SocketAddr, other: SocketAddr) -> Option<u16> {
    [one, other].into_iter().filter(|end| ports.contains(end)).map(|end| end.port()).max()
}

/// The connection that each record is about, by the port of the end that `ports` tells apart: its own endpoint's, or that of
/// what brought it about.
pub fn flows(trace: &Trace, ports: &BTreeSet<SocketAddr>) -> Vec<Option<u16>> {
    let mut flows: Vec<Option<u16>> = vec![None; trace.records.len()];
    if ports.is_empty() {
        return flows;
    }
    let of_endpoint = |endpoint: EndpointId| {
        let endpoint = trace.endpoint(endpoint);
        told_apart(ports, endpoint.local, endpoint.remote?)
    };
    // A connection begins with the call that makes it, before it has any endpoint to show.
    let mut made_by: BTreeMap<RecordId, u16> = BTreeMap::new();
    for record in &trace.records {
        if let (Event::StateChanged { endpoint, .. }, Some(cause)) = (&record.event, record.cause)
            && matches!(trace.record(cause).event, Event::CallStarted { .. })
            && let Some(port) = of_endpoint(*endpoint)
        {
            made_by.entry(cause).or_insert(port);
        }
    }
    for record in &trace.records {
        let inherited = |from: Option<RecordId>| from.and_then(|from| flows[from.0 as usize]);
        let flow = match &record.event {
            Event::FrameSent { endpoint: Some(endpoint), .. }
            | Event::StateChanged { endpoint, .. }
            | Event::Variables { endpoint, .. } => of_endpoint(*endpoint),
            Event::FrameArrived { sent, .. } | Event::FrameLost { sent, .. } => inherited(Some(*sent)),
            Event::FrameDropped { arrived, .. } => inherited(Some(*arrived)),
            Event::CallStarted { .. } => made_by.get(&record.id).copied(),
            Event::CallReturned { result: Return::Accepted(_, peer), .. } if ports.contains(peer) => {
                Some(peer.port())
            }
            Event::CallBlocked { call, .. } | Event::CallReturned { call, .. } => inherited(Some(*call)),
            Event::Queue { .. } => None,
            _ => continue,
        };
        flows[record.id.0 as usize] = flow.or_else(|| inherited(record.cause));
    }
    flows
}

/// Load that left no frames: a flood from forged addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The queue's record at which it is first felt.
    pub felt: RecordId,
    /// The record at which the queue is as long as it ever gets.
    pub peak: RecordId,
    /// The record at which the queue has come down again to half of that, if it does.
    pub relief: Option<RecordId>,
    /// Segments that came and are not drawn.
    pub segments: u64,
    /// Of them, how many the listener dropped.
    pub dropped: u64,
}

/// What a host's load is read from.
#[derive(Clone, Debug, Default)]
struct Arrivals<'a> {
    drawn: u64,
    segments: u64,
    dropped: u64,
    /// The records at which its queue of half-open connections changes, and its length.
    changes: Vec<(&'a Record, u64)>,
}

/// The load on each host, if there is any worth telling.
pub fn loads(trace: &Trace) -> BTreeMap<HostId, Load> {
    let mut arrivals: BTreeMap<HostId, Arrivals<'_>> = BTreeMap::new();
    for record in &trace.records {
        let Some(host) = record.host else { continue };
        let here = arrivals.entry(host).or_default();
        match &record.event {
            Event::FrameArrived { .. } => here.drawn += 1,
            Event::Counted { counter: Counter::InSegs, by } => here.segments += by,
            Event::Counted { counter: Counter::ListenDrops, by } => here.dropped += by,
            Event::Queue { queue: "half-open", length, .. } => here.changes.push((record, *length)),
            _ => {}
        }
    }
    let load = |(host, arrivals)| Some((host, load(trace, &arrivals)?));
    arrivals.into_iter().filter_map(load).collect()
}

fn load(trace: &Trace, arrivals: &Arrivals<'_>) -> Option<Load> {
    let Arrivals { drawn, segments, dropped, changes } = arrivals;
    let segments = segments.saturating_sub(*drawn);
    if segments < 50 {
        return None;
    }
    let by_frame = |record: &Record| {
        record.cause.is_some_and(|cause| matches!(trace.record(cause).event, Event::FrameArrived { .. }))
    };
    let most = changes.iter().map(|(_, length)| *length).max().unwrap_or(0);
    let felt = changes.iter().find(|(record, _)| !by_frame(record))?.0.id;
    let peak = changes.iter().position(|(_, length)| *length == most)?;
    let relief = changes[peak..].iter().find(|(_, length)| *length <= most / 2).map(|(record, _)| record.id);
    Some(Load { felt, peak: changes[peak].0.id, relief, segments, dropped: *dropped })
}
