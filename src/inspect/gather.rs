//! What of a capture is kept for a trace: frames, who sent them to whom, what is remarkable about each.

use super::connection::Connection;
use super::copies::Copies;
use super::glance::{Glance, glance};
use super::half::Remark;
use super::infer::Crossing;
use super::rebuild::{Choice, MOST_FRAMES};
use super::survey::Table;
use super::words::Cut;
use crate::capture::{Found, Network, network};
use crate::link::{HostId, NodeKind};
use crate::trace::{Flow, HostInfo};
use crate::wire::MacAddr;
use bytes::{Bytes, BytesMut};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The longest frame that is made whole again with zeros.
const LONGEST: usize = 65_535 + 14;

/// A frame of the choice.
pub(super) struct Kept {
    pub at: u64,
    pub frame: Bytes,
    pub ends: Route,
    pub connection: Option<usize>,
    pub from: usize,
    pub remark: Remark,
    pub cut: Cut,
    pub vlan: Option<u16>,
}

/// From whom to whom: addresses, and ports where there are any.
#[derive(Clone, Copy)]
pub(super) struct Route {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    macs: [MacAddr; 2],
}

/// What is gathered while a capture is read.
pub(super) struct Gather {
    choice: Choice,
    /// If only that flow is looked at, for which connection that is.
    only: Option<(Flow, u64)>,
    table: Table,
    pub kept: Vec<Kept>,
    /// Each crossing of a state, with the connection it is one of.
    crossings: Vec<(Crossing, usize)>,
    pub hosts: Hosts,
    /// Frames of the choice that are too many.
    pub beyond: u64,
    /// Frames between no two addresses.
    pub without_address: u64,
    /// Further hops of packets that are in the choice already.
    pub hops: u64,
    copies: Copies,
    known: Vec<Crossing>,
}

impl Gather {
    /// Nothing yet; with `only`, what is not of that flow is passed over and its connection gets that number.
    pub fn new(choice: Choice, only: Option<(Flow, u64)>) -> Gather {
        Gather {
            choice,
            only,
            table: Table::default(),
            kept: Vec::new(),
            crossings: Vec::new(),
            hosts: Hosts::default(),
            beyond: 0,
            without_address: 0,
            hops: 0,
            copies: Copies::default(),
            known: Vec::new(),
        }
    }

    /// Whether no frame after that one can be of the choice.
    pub fn is_over_at(&self, number: u64) -> bool {
        matches!(self.choice, Choice::Frames { to, .. } | Choice::Within { to, .. } if number >= to)
    }

    /// Takes a packet, if it is of the choice.
    pub fn take(&mut self, found: &Found<'_>) {
        match self.choice {
            Choice::Frames { from, to } if found.number < from || found.number > to => return,
            Choice::Within { to, .. } if found.number > to => return,
            Choice::Within { from, .. } if found.number < from => return self.pass(found),
            Choice::Frames { .. } | Choice::Within { .. } | Choice::All | Choice::Connection(_) => {}
        }
        let whole_file = !matches!(self.choice, Choice::Connection(_));
        let cut = found.original - found.octets.len() as u32;
        let seen = network(found.link, found.octets).map(|network| (network, glance(&network, cut)));
        let Some((network, glance)) = seen else {
            self.without_address += u64::from(whole_file);
            return;
        };
        if self.kept.len() >= MOST_FRAMES && whole_file {
            self.beyond += 1;
            return;
        }
        if self.only.is_some_and(|(flow, _)| glance.is_none_or(|glance| glance.flow() != flow)) {
            return;
        }
        if self.copies.is_hop(found, &network) {
            self.hops += 1;
            return;
        }
        self.known.clear();
        let frame = self.kept.len() as u64;
        let place = glance.and_then(|glance| self.table.see(&glance, frame, found.at, &mut self.known));
        if !whole_file && place.is_none_or(|(place, ..)| Some(place) != self.chosen_place()) {
            return;
        }
        if self.kept.len() >= MOST_FRAMES {
            self.beyond += 1;
            return;
        }
        let Some(ends) = route(&network, glance.map(|glance: Glance| (glance.source, glance.destination)))
        else {
            self.without_address += 1;
            return;
        };
        if !settle(&ends, &mut self.hosts) {
            self.beyond += 1;
            return;
        }
        let whose = place.map_or(0, |(place, ..)| place);
        self.crossings.extend(self.known.drain(..).map(|crossing| (crossing, whose)));
        let cut = (cut > 0).then_some((found.octets.len(), found.original));
        self.kept.push(Kept {
            at: found.at,
            frame: whole(&network, cut),
            ends,
            connection: place.map(|(place, ..)| place),
            from: place.map_or(0, |(_, from, _)| from),
            remark: place.map(|(.., remark)| remark).unwrap_or_default(),
            cut,
            vlan: network.tags.outer().map(|tag| tag.vlan),
        });
    }

    /// A frame before the first that is wanted: connections are followed from their beginning all the same.
    fn pass(&mut self, found: &Found<'_>) {
        let cut = found.original - found.octets.len() as u32;
        let Some(network) = network(found.link, found.octets) else { return };
        if self.copies.is_hop(found, &network) {
            return;
        }
        if let Some(glance) = glance(&network, cut) {
            self.known.clear();
            let place = self.table.see(&glance, 0, found.at, &mut self.known);
            // The states that hold where the part begins stand at its first frame.
            let whose = place.map_or(0, |(place, ..)| place);
            self.crossings.extend(self.known.drain(..).map(|crossing| (crossing, whose)));
        }
    }

    /// Where in the table the chosen connection is, or would be.
    fn chosen_place(&self) -> Option<usize> {
        match (self.choice, self.only) {
            (Choice::Connection(_), Some(_)) => Some(0),
            (Choice::Connection(number), None) => number.checked_sub(1).map(|place| place as usize),
            (Choice::All | Choice::Frames { .. } | Choice::Within { .. }, _) => None,
        }
    }

    /// Closes the book: the connections, the place of the chosen one among them (an error, with how many there are, if
    /// there is none of that number), and all crossings, those among them that the end of the capture leaves to be inferred.
    pub fn finish(&mut self) -> Result<Closed, u64> {
        let mut connections = std::mem::take(&mut self.table.connections);
        if let (Some((_, number)), Some(connection)) = (self.only, connections.first_mut()) {
            connection.number = number;
        }
        let chosen = self.chosen_place();
        if chosen.is_some_and(|place| place >= connections.len())
            || (chosen.is_none() && matches!(self.choice, Choice::Connection(_)))
        {
            return Err(connections.len() as u64);
        }
        // Of a part of a capture, those that are seen in it.
        let seen: BTreeSet<usize> = self.kept.iter().filter_map(|kept| kept.connection).collect();
        let mut crossings = std::mem::take(&mut self.crossings);
        crossings.retain(|(_, whose)| seen.contains(whose));
        for (place, connection) in connections.iter().enumerate() {
            if chosen.is_none_or(|chosen| chosen == place) && seen.contains(&place) {
                self.known.clear();
                connection.finish(&mut self.known);
                crossings.extend(self.known.drain(..).map(|crossing| (crossing, place)));
            }
        }
        Ok(Closed { connections, chosen, crossings })
    }
}

/// What was gathered, all read.
pub(super) struct Closed {
    pub connections: Vec<Connection>,
    /// The place of the chosen one.
    pub chosen: Option<usize>,
    pub crossings: Vec<(Crossing, usize)>,
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
pub(super) fn host_key(end: SocketAddr, other: SocketAddr) -> (IpAddr, u16) {
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
        hosts.push(HostInfo {
            name: String::new(),
            kind: NodeKind::Host,
            address: key.0,
            more_addresses: Vec::new(),
            mac,
            actor: false,
        });
        places.insert(key, HostId(number));
    }
    true
}
