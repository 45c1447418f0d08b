//! Spanning tree on the switches of a network: their messages in and out, their ports' gates.

use super::agenda::Pending;
use super::flight::Flight;
use super::net::Net;
use super::step::World;
use crate::clock::Instant;
use crate::host::Reason;
use crate::link::tree::{Bridge, PortSettings, TreeEffect, TreeHabits, TreeReason, TreeSettings};
use crate::link::{self, Gate, HostId, Port, PortState};
use crate::scenario::{Plan, ProfileName};
use crate::trace::{Event, RecordId};
use crate::wire::{self, Body, BridgeId, MacAddr, Packet};

/// The priority of a port, beside its number in the message.
const PORT_PRIORITY: u16 = 0x80 << 8;

impl Net {
    /// Switches on the spanning tree of every switch that has one, with all links up.
    pub(super) fn plant_trees(&mut self, plan: &Plan, profile: ProfileName) {
        let habits = match profile {
            ProfileName::Rfc9293 => TreeHabits::IEEE,
            ProfileName::Linux => TreeHabits::LINUX,
        };
        for (number, host) in plan.hosts.iter().enumerate() {
            let Some(tree) = host.tree else { continue };
            let node = HostId(number as u16);
            let ports = (0..self.port_count(node)).map(|card| {
                let link = plan.links.iter().find(|link| link.ends.contains(&Port { node, card }));
                PortSettings {
                    id: PORT_PRIORITY | (card + 1),
                    cost: link.map_or(1, |link| link.cost),
                    to: self.next(Port { node, card }),
                }
            });
            let id = BridgeId { priority: tree.priority, mac: MacAddr::of_port(node.0, 0) };
            let settings = TreeSettings {
                id,
                hello: tree.hello,
                max_age: tree.max_age,
                forward_delay: tree.forward_delay,
                habits,
            };
            let mut bridge = Bridge::new(Instant::ZERO, settings, ports.collect());
            for port in 0..self.port_count(node) {
                bridge.port_up(Instant::ZERO, port);
            }
            self.set_tree(node, bridge);
        }
    }

    /// What the switch's ports let through, and how long it remembers, is what its spanning tree says.
    fn obey_tree(&mut self, node: HostId) {
        let ports = self.port_count(node);
        let Some((tree, switch)) = self.tree_and_switch(node) else { return };
        for port in 0..ports {
            let gate = match tree.state(port) {
                PortState::Forwarding => Gate::OPEN,
                PortState::Learning => Gate { learns: true, forwards: false },
                PortState::Disabled | PortState::Blocking | PortState::Listening => Gate::SHUT,
            };
            switch.set_gate(port, gate);
        }
        switch.shorten_ageing(tree.ageing());
    }

    /// Why a frame that came in by that port goes no further, if the port is to blame.
    pub(crate) fn shut(&self, at: Port) -> Option<TreeReason> {
        let state = self.tree(at.node)?.state(at.card);
        (state != PortState::Forwarding).then_some(TreeReason::Discards { number: at.card + 1, state })
    }
}

impl World {
    /// Every bridge begins: what its ports do, and when it speaks first.
    pub(super) fn start_trees(&mut self) {
        for node in self.net.with_trees() {
            self.grow(node, None);
        }
    }

    /// A message for the switch itself came in.
    pub(super) fn bridge_hears(&mut self, at: Port, flight: &Flight) {
        if self.is_gone(at, flight) {
            return self.lost(flight, link::Reason::LinkDown);
        }
        let arrived = self.arrived(at.node, flight);
        let read = wire::parse(&flight.frame);
        let now = self.now;
        let why = match (read, self.net.tree_mut(at.node)) {
            (Ok(Packet { body: Body::Bpdu(message), .. }), Some(tree)) => {
                tree.receive(now, at.card, &message).err().map(|why| Reason::Link(link::Reason::Tree(why)))
            }
            (Ok(_), _) => Some(Reason::Link(link::Reason::Tree(TreeReason::Unknown))),
            (Err(error), _) => Some(Reason::Malformed(error)),
        };
        if let (Some(why), Some(arrived)) = (why, arrived) {
            let event = Event::FrameDropped { arrived, why };
            self.journal.detail(self.now, Some(at.node), Some(arrived), event);
        }
        self.grow(at.node, arrived);
    }

    /// Something was due on the switch's spanning tree.
    pub(super) fn tree_due(&mut self, node: HostId) {
        if let Some(tree) = self.net.tree_mut(node) {
            tree.on_timer(self.now);
        }
        self.grow(node, None);
    }

    /// Does what the tree wants done, and looks at it again when something is due.
    pub(super) fn grow(&mut self, node: HostId, cause: Option<RecordId>) {
        let Some(tree) = self.net.tree_mut(node) else { return };
        let effects = tree.take_effects();
        self.net.obey_tree(node);
        for effect in effects {
            match effect {
                TreeEffect::Tell(why) => {
                    let why = Reason::Link(link::Reason::Tree(why));
                    let event = Event::Noted { endpoint: None, why };
                    self.journal.detail(self.now, Some(node), cause, event);
                }
                TreeEffect::Send { port, message, why } => {
                    let packet = Packet::bpdu(MacAddr::of_port(node.0, port), message);
                    let why = Reason::Link(link::Reason::Tree(why));
                    let from = Port { node, card: port };
                    self.transmit(from, cause, wire::build(&packet), None, why, false);
                }
            }
        }
        self.set_tree_alarm(node);
    }

    /// Puts what the tree does next on the agenda, unless something earlier is there already.
    pub(super) fn set_tree_alarm(&mut self, node: HostId) {
        let Some(deadline) = self.net.tree(node).and_then(Bridge::next_deadline) else { return };
        let deadline = deadline.max(self.now);
        let alarm = &mut self.tree_alarms[node.index()];
        if alarm.is_none_or(|set| deadline < set) {
            *alarm = Some(deadline);
            self.agenda.push(deadline, Pending::Tree { node });
        }
    }

    /// Whether what was due on the tree no longer is; either way it is off the agenda now.
    pub(super) fn tree_called_off(&mut self, node: HostId, at: Instant) -> bool {
        if self.tree_alarms[node.index()] == Some(at) {
            self.tree_alarms[node.index()] = None;
        }
        self.net.tree(node).and_then(Bridge::next_deadline).is_none_or(|deadline| deadline > at)
    }
}
