//! A `Trace` from a capture: a chosen connection, or the first frames of all.

use super::connection::Connection;
use super::finding::Finding;
use super::glance::glance;
use super::half::Remark;
use super::infer::{Belief, Crossing};
use super::names;
use super::survey::Table;
use super::words::{self, Cut};
use crate::capture::{Broken, Capture, Classifier, Network, Purpose, network};
use crate::clock::Instant;
use crate::lang::Text;
use crate::link::HostId;
use crate::tcp::State;
use crate::trace::{
    Endpoint, EndpointId, Event, HostInfo, Meta, Protocol, RecordId, Recorder, Source, Trace,
};
use crate::wire::{self, Checksums, MacAddr};
use bytes::{Bytes, BytesMut};
use std::collections::BTreeMap;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The most frames of a trace.
pub const MOST_FRAMES: usize = 100_000;
/// The longest frame that is made whole again with zeros.
const LONGEST: usize = 65_535 + 14;

/// What of the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The connection of that number, from 1.
    Connection(u64),
    /// The first frames.
    All,
}

/// A trace from a capture.
#[derive(Clone, Debug)]
pub struct Rebuilt {
    /// What happened, as far as it shows.
    pub trace: Trace,
    /// What is remarkable about each frame, in the order of the trace's frames.
    pub findings: Vec<Option<Finding>>,
    /// Frames of the choice that are beyond [`MOST_FRAMES`].
    pub beyond: u64,
    /// Frames between no two IP addresses: nothing is drawn for them.
    pub without_address: u64,
    /// Why the file could not be read to its end.
    pub broken: Option<Broken>,
}

/// Why there is no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRebuilt {
    /// The file is no capture.
    Broken(Broken),
    /// There is no connection of that number; how many there are.
    NoSuchConnection(u64),
}

/// A frame of the choice.
struct Kept {
    at: u64,
    frame: Bytes,
    ends: Route,
    connection: Option<usize>,
    from: usize,
    remark: Remark,
    cut: Cut,
    vlan: Option<u16>,
}

/// From whom to whom: addresses, and ports where there are any.
#[derive(Clone, Copy)]
struct Route {
    source: SocketAddr,
    destination: SocketAddr,
    macs: [MacAddr; 2],
}

/// Reads the capture and rebuilds what was chosen; `file` is its name.
///
/// # Errors
/// The input is no capture, or has no such connection.
pub fn rebuild(input: impl Read, file: &str, choice: Choice) -> Result<Rebuilt, NotRebuilt> {
    let mut capture = Capture::open(input).map_err(NotRebuilt::Broken)?;
    let mut table = Table::default();
    let mut kept: Vec<Kept> = Vec::new();
    let mut crossings: Vec<Crossing> = Vec::new();
    // Which connection each crossing is one of.
    let mut whose: Vec<usize> = Vec::new();
    let (mut beyond, mut without_address, mut broken) = (0, 0, None);
    let mut known = Vec::new();
    let mut hosts: Hosts = Default::default();
    loop {
        let found = match capture.next_packet() {
            Ok(Some(found)) => found,
            Ok(None) => break,
            Err(error) => {
                broken = Some(error);
                break;
            }
        };
        let cut = found.original - found.octets.len() as u32;
        let seen = network(found.link, found.octets).map(|network| (network, glance(&network, cut)));
        let Some((network, glance)) = seen else {
            without_address += u64::from(choice == Choice::All);
            continue;
        };
        if kept.len() >= MOST_FRAMES && choice == Choice::All {
            beyond += 1;
            continue;
        }
        known.clear();
        let frame = kept.len() as u64;
        let place = glance.and_then(|glance| table.see(&glance, frame, found.at, &mut known));
        if let Choice::Connection(number) = choice
            && place.is_none_or(|(place, ..)| place as u64 + 1 != number)
        {
            continue;
        }
        if kept.len() >= MOST_FRAMES {
            beyond += 1;
            continue;
        }
        let Some(ends) = route(&network, glance.map(|glance| (glance.source, glance.destination))) else {
            without_address += 1;
            continue;
        };
        if !settle(&ends, &mut hosts) {
            beyond += 1;
            continue;
        }
        whose.extend(known.iter().map(|_| place.map_or(0, |(place, ..)| place)));
        crossings.append(&mut known);
        let cut = (cut > 0).then_some((found.octets.len(), found.original));
        kept.push(Kept {
            at: found.at,
            frame: whole(&network, cut),
            ends,
            connection: place.map(|(place, ..)| place),
            from: place.map_or(0, |(_, from, _)| from),
            remark: place.map(|(.., remark)| remark).unwrap_or_default(),
            cut,
            vlan: network.vlan,
        });
    }
    let connections = table.connections;
    let chosen = match choice {
        Choice::Connection(number) => {
            let chosen = number.checked_sub(1).and_then(|place| connections.get(place as usize));
            let chosen = chosen.ok_or(NotRebuilt::NoSuchConnection(connections.len() as u64))?;
            Some(chosen)
        }
        Choice::All => None,
    };
    for (place, connection) in connections.iter().enumerate() {
        if chosen.is_none_or(|chosen| chosen.number == connection.number) {
            connection.finish(&mut crossings);
            whose.resize(crossings.len(), place);
        }
    }
    let title = title(chosen, kept.len(), file);
    let (mut hosts, places) = hosts;
    names::give(&mut hosts, &places);
    let recorder = Recorder::new(meta(title, file, hosts));
    let writer = Writer { recorder, hosts: places, kept: &kept, connections: &connections };
    let findings = kept.iter().map(|frame| frame.remark.finding).collect();
    let trace = writer.write(crossings.into_iter().zip(whose).collect());
    Ok(Rebuilt { trace, findings, beyond, without_address, broken })
}

fn title(chosen: Option<&Connection>, frames: usize, file: &str) -> Text {
    match chosen {
        Some(connection) => {
            let [one, other] = connection.ends;
            let number = connection.number;
            Text::new(
                format!("Connection {number}: {one} and {other}"),
                format!("连接 {number}：{one} 与 {other}"),
            )
        }
        None => Text::new(format!("{frames} frames of {file}"), format!("{file} 的 {frames} 帧")),
    }
}

/// The frame, with zeros for what was cut off, so that its lengths are right.
fn whole(network: &Network<'_>, cut: Cut) -> Bytes {
    let frame = network.frame();
    match cut {
        Some((kept, all)) if frame.len() + (all as usize - kept) <= LONGEST => {
            let mut longer = BytesMut::from(frame.as_ref());
            longer.resize(frame.len() + (all as usize - kept), 0);
            longer.freeze()
        }
        _ => frame,
    }
}

/// From whom to whom the packet goes.
fn route(network: &Network<'_>, ports: Option<(SocketAddr, SocketAddr)>) -> Option<Route> {
    let macs = [network.source, network.destination];
    if let Some((source, destination)) = ports {
        return Some(Route { source, destination, macs });
    }
    let octets = network.payload;
    let four = |at: usize| {
        let octets: [u8; 4] = octets.get(at..at + 4)?.try_into().ok()?;
        Some(IpAddr::V4(Ipv4Addr::from(octets)))
    };
    let sixteen = |at: usize| {
        let octets: [u8; 16] = octets.get(at..at + 16)?.try_into().ok()?;
        Some(IpAddr::V6(Ipv6Addr::from(octets)))
    };
    let (source, destination) = match network.ether_type {
        0x0800 => (four(12)?, four(16)?),
        0x0806 => (four(14)?, four(24)?),
        0x86dd => (sixteen(8)?, sixteen(24)?),
        _ => return None,
    };
    Some(Route { source: SocketAddr::new(source, 0), destination: SocketAddr::new(destination, 0), macs })
}

/// A host of the trace: an address; where both ends have the same one, an address and a port.
fn host_key(end: SocketAddr, other: SocketAddr) -> (IpAddr, u16) {
    (end.ip(), if end.ip() == other.ip() { end.port() } else { 0 })
}

/// The hosts of a trace and where to find them.
pub(super) type Hosts = (Vec<HostInfo>, Places);

/// Each host by its address, and its port where that tells it apart (else 0).
pub(super) type Places = BTreeMap<(IpAddr, u16), HostId>;

/// Makes the two ends hosts, if there is room for them.
fn settle(route: &Route, (hosts, places): &mut Hosts) -> bool {
    let Route { source, destination, macs } = *route;
    for (end, other, mac) in [(source, destination, macs[0]), (destination, source, macs[1])] {
        let key = host_key(end, other);
        if places.contains_key(&key) {
            continue;
        }
        let Ok(number) = u16::try_from(hosts.len()) else { return false };
        // Its name is made when all are known.
        hosts.push(HostInfo { name: String::new(), address: key.0, mac, actor: false });
        places.insert(key, HostId(number));
    }
    true
}

fn meta(title: Text, file: &str, hosts: Vec<HostInfo>) -> Meta {
    Meta {
        scenario: file.to_owned(),
        title,
        profile: String::new(),
        seed: 0,
        source: Source::Captured { file: file.to_owned() },
        hosts,
        processes: Vec::new(),
    }
}

/// Writes the records.
struct Writer<'a> {
    recorder: Recorder,
    hosts: BTreeMap<(IpAddr, u16), HostId>,
    kept: &'a [Kept],
    connections: &'a [Connection],
}

impl<'a> Writer<'a> {
    fn host(&self, end: SocketAddr, other: SocketAddr) -> Option<HostId> {
        self.hosts.get(&host_key(end, other)).copied()
    }

    fn endpoint(&mut self, connection: usize, end: usize) -> Option<EndpointId> {
        let connection = &self.connections[connection];
        let (local, remote) = (connection.ends[end], connection.ends[1 - end]);
        let host = self.host(local, remote)?;
        let protocol = connection.protocol;
        Some(self.recorder.endpoint(Endpoint { host, protocol, local, remote: Some(remote) }))
    }

    fn write(mut self, mut crossings: Vec<(Crossing, usize)>) -> Trace {
        crossings.sort_by_key(|(crossing, _)| (crossing.frame, !crossing.by_sending));
        let kept = self.kept;
        let purposes: Vec<Purpose> = purposes(kept);
        let start = kept.iter().map(|frame| frame.at).min().unwrap_or(0);
        let mut now = Instant::ZERO;
        let mut next = crossings.into_iter().peekable();
        let mut begun: BTreeMap<(usize, usize), ()> = BTreeMap::new();
        for (place, frame) in kept.iter().enumerate() {
            // Interfaces of one capture may be a little out of step; a trace is not.
            now = now.max(Instant::from_nanos(frame.at - start));
            let here = |crossing: &(Crossing, usize)| crossing.0.frame == place as u64;
            while let Some((crossing, whose)) = next.next_if(|next| here(next) && next.0.by_sending) {
                self.cross(now, &crossing, whose, None);
            }
            self.middle(now, frame, &mut begun);
            self.uncaptured(now, frame);
            let Route { source, destination, .. } = frame.ends;
            let (from, to) = (self.host(source, destination), self.host(destination, source));
            let endpoint = frame.connection.and_then(|connection| self.endpoint(connection, frame.from));
            let why = words::reason(&purposes[place], frame.remark.finding, frame.cut, frame.vlan);
            let event = Event::FrameSent { frame: frame.frame.clone(), to, endpoint, why: Some(why) };
            let sent = self.recorder.push(now, from, None, event);
            let arrived = to.map(|_| {
                let event = Event::FrameArrived { sent, changed: None };
                self.recorder.push(now, to, Some(sent), event)
            });
            while let Some((crossing, whose)) = next.next_if(here) {
                self.cross(now, &crossing, whose, arrived);
            }
        }
        self.recorder.finish()
    }

    fn cross(&mut self, now: Instant, crossing: &Crossing, whose: usize, cause: Option<RecordId>) {
        let Some(endpoint) = self.endpoint(whose, crossing.end) else { return };
        let ends = self.connections[whose].ends;
        let host = self.host(ends[crossing.end], ends[1 - crossing.end]);
        let edge = crossing.edge;
        let event = Event::StateChanged { endpoint, from: edge.from, to: edge.to, section: edge.section };
        let changed = self.recorder.push(now, host, cause, event);
        if crossing.belief == Belief::Inferred {
            let event = Event::Noted { endpoint: Some(endpoint), why: words::inferred() };
            self.recorder.push(now, host, Some(changed), event);
        }
    }

    /// What the frame acknowledges and nobody captured is noted at the end that sent it.
    fn uncaptured(&mut self, now: Instant, frame: &Kept) {
        let (Some(whose), Some(octets)) = (frame.connection, frame.remark.uncaptured) else { return };
        let (end, ends) = (1 - frame.from, self.connections[whose].ends);
        let host = self.host(ends[end], ends[1 - end]);
        let endpoint = self.endpoint(whose, end);
        let event = Event::Noted { endpoint, why: words::uncaptured(octets) };
        self.recorder.push(now, host, None, event);
    }

    /// An end whose opening was not captured is open, as far as one sees, from its first frame on.
    fn middle(&mut self, now: Instant, frame: &Kept, begun: &mut BTreeMap<(usize, usize), ()>) {
        let Some(whose) = frame.connection else { return };
        let (end, connection) = (frame.from, &self.connections[whose]);
        if begun.insert((whose, end), ()).is_some()
            || connection.protocol != Protocol::Tcp
            || connection.halves[end].syn.is_some()
            || connection.states()[end].is_none()
        {
            return;
        }
        let ends = connection.ends;
        let host = self.host(ends[end], ends[1 - end]);
        let Some(endpoint) = self.endpoint(whose, end) else { return };
        let label = "#1".to_owned();
        let event = Event::StatesObserved { label, states: vec![(endpoint, State::Established)] };
        self.recorder.push(now, host, None, event);
    }
}

/// What each frame is for, as a reader of these frames alone can tell.
fn purposes(kept: &[Kept]) -> Vec<Purpose> {
    let mut classifier = Classifier::new();
    let mut number = 0;
    let purpose = |frame: &Kept| {
        number += 1;
        match wire::parse_with(&frame.frame, Checksums::Ignore) {
            Ok(packet) => classifier.see_packet(number, &packet),
            Err(error) => Purpose::Unreadable(error),
        }
    };
    kept.iter().map(purpose).collect()
}
