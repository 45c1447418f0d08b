//! A learning switch (IEEE 802.1D section 7): it notes behind which port each sender is, and floods what it cannot place.

use crate::clock::{Instant, Span};
use crate::wire::MacAddr;
use std::collections::BTreeMap;

/// How long a place is remembered after the last frame from there, unless told otherwise (IEEE 802.1D table 7-5).
const AGEING_TIME: Span = Span::secs(300);

/// How many places are remembered; senders beyond that are not learned, and frames to them are flooded.
const TABLE_SIZE: usize = 8192;

/// A switch with ports numbered from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    ports: u16,
    ageing: Span,
    table: BTreeMap<MacAddr, (u16, Instant)>,
    /// What each port lets through; empty where all let all.
    gates: Vec<Gate>,
    /// While the tree changes, places are remembered no longer than this.
    short: Option<Span>,
}

/// What a port lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Whether senders behind it are learned.
    pub learns: bool,
    /// Whether frames pass, in and out.
    pub forwards: bool,
}

impl Gate {
    /// All.
    pub const OPEN: Gate = Gate { learns: true, forwards: true };
    /// Nothing.
    pub const SHUT: Gate = Gate { learns: false, forwards: false };
}

/// Where a frame goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarding {
    /// To this port alone: its receiver is known to be there.
    To(u16),
    /// To every port but the one it came from: its receiver is a group, or unknown.
    Flood,
    /// Nowhere: its receiver is where it came from, or it is too short to have one.
    Nowhere,
}

impl Switch {
    /// A switch with so many ports that knows nobody yet. A place is remembered for `ageing` after the last frame from there;
    /// `None` is five minutes.
    pub fn new(ports: u16, ageing: Option<Span>) -> Switch {
        Switch {
            ports,
            ageing: ageing.unwrap_or(AGEING_TIME),
            table: BTreeMap::new(),
            gates: Vec::new(),
            short: None,
        }
    }

    /// What that port lets through.
    pub fn gate(&self, port: u16) -> Gate {
        self.gates.get(usize::from(port)).copied().unwrap_or(Gate::OPEN)
    }

    /// Lets a port let this through from now on.
    pub fn set_gate(&mut self, port: u16, gate: Gate) {
        if self.gates.is_empty() {
            self.gates = vec![Gate::OPEN; usize::from(self.ports)];
        }
        if let Some(place) = self.gates.get_mut(usize::from(port)) {
            *place = gate;
        }
    }

    /// Places are remembered for so long at most, until told otherwise.
    pub fn shorten_ageing(&mut self, short: Option<Span>) {
        self.short = short;
    }

    /// Everybody behind that port is forgotten: its link went down.
    pub fn forget_port(&mut self, port: u16) {
        self.table.retain(|_, (known, _)| *known != port);
    }

    fn remembered_for(&self) -> Span {
        self.short.unwrap_or(self.ageing)
    }

    /// Takes a frame from a port, learns where its sender is, and says to which ports the frame goes, in order, and whether
    /// that is because its receiver's place is known.
    pub fn forward(
        &mut self,
        now: Instant,
        from_port: u16,
        frame: &[u8],
    ) -> (impl Iterator<Item = u16> + use<>, bool) {
        let forwarding = self.decide(now, from_port, frame);
        // The ports of a switch are 65,536 at most, and in all but a few networks a handful.
        let shut: Vec<u16> = match self.gates.is_empty() {
            true => Vec::new(),
            false => (0..self.ports).filter(|port| !self.gate(*port).forwards).collect(),
        };
        let ports = (0..self.ports).filter(move |port| {
            let wanted = match forwarding {
                Forwarding::To(known) => *port == known,
                Forwarding::Flood => *port != from_port,
                Forwarding::Nowhere => false,
            };
            wanted && !shut.contains(port)
        });
        (ports, forwarding != Forwarding::Flood)
    }

    /// Like [`Switch::forward`], without spelling out the ports.
    pub fn decide(&mut self, now: Instant, from_port: u16, frame: &[u8]) -> Forwarding {
        let (Some(destination), Some(source)) = (mac_at(frame, 0), mac_at(frame, 6)) else {
            return Forwarding::Nowhere;
        };
        let gate = self.gate(from_port);
        if gate.learns {
            self.learn(now, from_port, source);
        }
        if !gate.forwards {
            return Forwarding::Nowhere;
        }
        match self.port_of(now, destination) {
            Some(port) if port == from_port => Forwarding::Nowhere,
            Some(port) => Forwarding::To(port),
            None => Forwarding::Flood,
        }
    }

    /// Behind which port that station is, if known at `now`.
    pub fn port_of(&self, now: Instant, station: MacAddr) -> Option<u16> {
        self.table
            .get(&station)
            .filter(|(_, seen)| now.since(*seen) < self.remembered_for())
            .map(|(port, _)| *port)
    }

    fn learn(&mut self, now: Instant, port: u16, station: MacAddr) {
        if station.is_group() {
            return;
        }
        if self.table.len() >= TABLE_SIZE && !self.table.contains_key(&station) {
            let ageing = self.remembered_for();
            self.table.retain(|_, (_, seen)| now.since(*seen) < ageing);
            if self.table.len() >= TABLE_SIZE {
                return;
            }
        }
        self.table.insert(station, (port, now));
    }
}

fn mac_at(frame: &[u8], at: usize) -> Option<MacAddr> {
    frame.get(at..at + 6)?.try_into().ok().map(MacAddr)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(from: u16, to: MacAddr) -> Vec<u8> {
        [to.0, MacAddr::of_host(from).0].concat()
    }

    fn ports(switch: &mut Switch, now: u64, from_port: u16, frame: &[u8]) -> Vec<u16> {
        switch.forward(Instant::ZERO + Span::secs(now), from_port, frame).0.collect()
    }

    #[test]
    fn an_unknown_receiver_is_flooded_and_a_known_one_is_not() {
        let mut switch = Switch::new(4, None);
        assert_eq!(ports(&mut switch, 0, 0, &frame(1, MacAddr::of_host(2))), [1, 2, 3]);
        assert_eq!(ports(&mut switch, 0, 2, &frame(2, MacAddr::of_host(1))), [0]);
        assert_eq!(ports(&mut switch, 0, 0, &frame(1, MacAddr::of_host(2))), [2]);
    }

    #[test]
    fn groups_are_always_flooded_and_never_learned() {
        let mut switch = Switch::new(3, None);
        assert_eq!(ports(&mut switch, 0, 1, &frame(1, MacAddr::BROADCAST)), [0, 2]);
        let mut from_group = frame(1, MacAddr::of_host(1));
        from_group[6..].copy_from_slice(&MacAddr::BROADCAST.0);
        ports(&mut switch, 0, 0, &from_group);
        assert_eq!(ports(&mut switch, 0, 1, &frame(1, MacAddr::BROADCAST)), [0, 2]);
    }

    #[test]
    fn a_receiver_behind_the_same_port_needs_no_forwarding() {
        let mut switch = Switch::new(3, None);
        ports(&mut switch, 0, 1, &frame(2, MacAddr::BROADCAST));
        assert!(ports(&mut switch, 0, 1, &frame(1, MacAddr::of_host(2))).is_empty());
    }

    #[test]
    fn places_are_forgotten_after_five_minutes_and_follow_a_move() {
        let mut switch = Switch::new(3, None);
        ports(&mut switch, 0, 0, &frame(1, MacAddr::BROADCAST));
        assert_eq!(ports(&mut switch, 299, 2, &frame(2, MacAddr::of_host(1))), [0]);
        assert_eq!(ports(&mut switch, 300, 2, &frame(2, MacAddr::of_host(1))), [0, 1]);
        ports(&mut switch, 301, 1, &frame(1, MacAddr::BROADCAST));
        assert_eq!(ports(&mut switch, 302, 2, &frame(2, MacAddr::of_host(1))), [1]);
    }

    #[test]
    fn a_full_table_learns_nobody_new_until_old_places_age() {
        let mut switch = Switch::new(2, None);
        for n in 0..TABLE_SIZE as u16 {
            ports(&mut switch, 0, 0, &frame(n, MacAddr::BROADCAST));
        }
        let late = TABLE_SIZE as u16 + 1;
        ports(&mut switch, 1, 1, &frame(late, MacAddr::BROADCAST));
        assert_eq!(switch.port_of(Instant::ZERO + Span::secs(1), MacAddr::of_host(late)), None);
        ports(&mut switch, 300, 1, &frame(late, MacAddr::BROADCAST));
        assert_eq!(switch.port_of(Instant::ZERO + Span::secs(300), MacAddr::of_host(late)), Some(1));
    }

    #[test]
    fn a_frame_too_short_to_have_addresses_goes_nowhere() {
        assert!(ports(&mut Switch::new(3, None), 0, 0, &[1; 11]).is_empty());
    }
}
