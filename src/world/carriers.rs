//! Links that go down and come up, each by itself.

use super::agenda::Pending;
use super::effects::Loudness;
use super::flight::Flight;
use super::net::Net;
use super::step::World;
use crate::clock::Instant;
use crate::link::{Gate, HostId, Port};
use crate::scenario::Plan;
use crate::trace::{Event, RecordId};

/// When which link goes down or up, in order of time.
pub(crate) fn changes(plan: &Plan) -> Vec<(Instant, usize, bool)> {
    let mut changes = Vec::new();
    for (number, link) in plan.links.iter().enumerate() {
        for down in &link.down {
            changes.push((Instant::ZERO + down.from, number, false));
            changes.extend(down.to.map(|to| (Instant::ZERO + to, number, true)));
        }
    }
    changes.sort();
    changes
}

impl Net {
    /// The links between those two, by number.
    pub(crate) fn links_between(&self, one: HostId, other: HostId) -> Vec<usize> {
        let joins = |ends: [Port; 2]| {
            let nodes = ends.map(|end| end.node);
            nodes == [one, other] || nodes == [other, one]
        };
        (0..self.link_count()).filter(|number| self.ends(*number).is_some_and(joins)).collect()
    }

    /// Takes the link down or up. A switch forgets whom it knew behind it. `None` where nothing changes, else its ends.
    pub(crate) fn set_carrier(&mut self, now: Instant, number: usize, up: bool) -> Option<[Port; 2]> {
        let ends = self.ends(number)?;
        if !self.link_mut(number)?.set_up(now, up) {
            return None;
        }
        for end in ends {
            if let Some(tree) = self.tree_mut(end.node) {
                if up { tree.port_up(now, end.card) } else { tree.port_down(now, end.card) }
            }
            let has_tree = self.tree(end.node).is_some();
            let Some(switch) = self.switch_mut(end.node) else { continue };
            if !up {
                switch.forget_port(end.card);
            }
            if !has_tree {
                switch.set_gate(end.card, if up { Gate::OPEN } else { Gate::SHUT });
            }
        }
        Some(ends)
    }
}

impl World {
    /// Puts what the plan says of links going down and up on the agenda.
    pub(super) fn plan_carriers(&mut self, plan: &Plan) {
        for (at, link, up) in changes(plan) {
            let host = plan.links[link].ends[0].node;
            self.agenda.push(at, Pending::Carrier { host, link, up });
        }
    }

    /// A link goes down or up: both ends notice at once. The record of its first end.
    pub(super) fn carrier(&mut self, link: usize, up: bool, cause: Option<RecordId>) -> Option<RecordId> {
        let ends = self.net.set_carrier(self.now, link, up)?;
        let mut first = None;
        for (side, end) in ends.into_iter().enumerate() {
            let next = Some(ends[1 - side].node);
            let record = self.note(end.node, cause, Event::LinkChanged { up, next });
            first = first.or(record);
            self.grow(end.node, record);
            if let Some(Some(machine)) = self.machines.get_mut(end.node.index()) {
                let mut effects = std::mem::take(&mut self.effects);
                machine.carrier(self.now, end.card, up, &mut effects);
                self.apply(end.node, record, &mut effects, Loudness::Loud);
                self.effects = effects;
            }
        }
        first
    }

    /// Whether the frame cannot come out there: the node is off its links, or this one has been down meanwhile.
    pub(super) fn is_gone(&self, at: Port, flight: &Flight) -> bool {
        !self.net.plugged(at.node) || self.net.epoch(at) != flight.epoch
    }
}
