//! Who is the root, which way leads there, and who speaks on each link.

use super::bridge::Bridge;
use super::{PortState, TreeEffect, TreeReason};
use crate::clock::Instant;
use crate::wire::ConfigBpdu;

impl Bridge {
    /// Whether the message is better than, or news of, what the port's link is known by (section 8.6.2.2).
    pub(super) fn supersedes(&self, place: usize, config: &ConfigBpdu) -> bool {
        let port = &self.ports[place];
        let known = (port.designated_root, port.designated_cost, port.designated_bridge);
        let told = (config.root, config.root_cost, config.bridge);
        told < known || told == known && (config.bridge != self.own.id || config.port <= port.designated_port)
    }

    /// Whether the port is the one that speaks on its link.
    pub(super) fn is_designated(&self, place: usize) -> bool {
        let port = &self.ports[place];
        port.designated_bridge == self.own.id && port.designated_port == port.settings.id
    }

    /// Section 8.6.7: root and ports anew.
    pub(super) fn update_configuration(&mut self) {
        self.select_root();
        for place in 0..self.ports.len() {
            if self.ports[place].state != PortState::Disabled && self.should_speak(place) {
                self.become_designated(place);
            }
        }
    }

    /// Section 8.6.8: of the ports where another speaks, the one with the best way to the best root.
    fn select_root(&mut self) {
        let worth = |place: &usize| {
            let port = &self.ports[*place];
            let cost = port.designated_cost.saturating_add(port.settings.cost);
            (port.designated_root, cost, port.designated_bridge, port.designated_port, port.settings.id)
        };
        let leads_away = |place: &usize| {
            let port = &self.ports[*place];
            port.state != PortState::Disabled
                && !self.is_designated(*place)
                && port.designated_root < self.own.id
        };
        self.root_port = (0..self.ports.len()).filter(leads_away).min_by_key(worth);
        (self.root, self.root_cost) = match self.root_port {
            None => (self.own.id, 0),
            Some(place) => {
                let port = &self.ports[place];
                (port.designated_root, port.designated_cost.saturating_add(port.settings.cost))
            }
        };
    }

    /// Section 8.6.9: whether the port is to speak on its link.
    fn should_speak(&self, place: usize) -> bool {
        let port = &self.ports[place];
        self.is_designated(place)
            || port.designated_root != self.root
            || (self.root_cost, self.own.id, port.settings.id)
                < (port.designated_cost, port.designated_bridge, port.designated_port)
    }

    /// Section 8.6.10.
    pub(super) fn become_designated(&mut self, place: usize) {
        let (root, cost, own) = (self.root, self.root_cost, self.own.id);
        let port = &mut self.ports[place];
        (port.designated_root, port.designated_cost) = (root, cost);
        (port.designated_bridge, port.designated_port) = (own, port.settings.id);
    }

    /// Section 8.6.11: the port to the root and those that speak go on towards forwarding, the others block.
    pub(super) fn select_states(&mut self, now: Instant) {
        for place in 0..self.ports.len() {
            if self.ports[place].state == PortState::Disabled {
                continue;
            }
            let (to_root, speaks) = (self.root_port == Some(place), self.is_designated(place));
            let port = &mut self.ports[place];
            if !speaks || to_root {
                (port.pending, port.acknowledges) = (false, false);
            } else {
                port.too_old_at = None;
            }
            if to_root || speaks {
                self.go_on(now, place);
            } else {
                self.block(now, place);
            }
        }
    }

    /// Section 8.6.12.
    fn go_on(&mut self, now: Instant, place: usize) {
        if self.ports[place].state == PortState::Blocking {
            self.set_state(place, PortState::Listening);
            self.ports[place].forward_at = Some(now + self.forward_delay);
        }
    }

    /// Section 8.6.13.
    fn block(&mut self, now: Instant, place: usize) {
        let state = self.ports[place].state;
        if matches!(state, PortState::Disabled | PortState::Blocking) {
            return;
        }
        self.set_state(place, PortState::Blocking);
        self.ports[place].forward_at = None;
        if matches!(state, PortState::Forwarding | PortState::Learning) {
            self.detect_change(now);
        }
    }

    /// Nobody better is known any more.
    pub(super) fn become_root(&mut self, now: Instant) {
        self.effects.push(TreeEffect::Tell(TreeReason::BecomesRoot));
        self.max_age = self.own.max_age;
        self.hello = self.own.hello;
        self.forward_delay = self.own.forward_delay;
        self.detect_change(now);
        self.notify_at = None;
        self.speak(now, TreeReason::BecomesRoot);
        self.hello_at = Some(now + self.hello);
    }

    /// Section 8.6.14: the root tells everybody, all others tell the root.
    pub(super) fn detect_change(&mut self, now: Instant) {
        if self.is_root() {
            self.topology_change = true;
            self.change_over_at = Some(now + self.own.forward_delay + self.own.max_age);
        } else if !self.change_detected {
            self.notify(now);
        }
        self.change_detected = true;
    }
}
