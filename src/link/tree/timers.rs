//! What a bridge does when time has passed.

use super::bridge::Bridge;
use super::{PortState, TreeEffect, TreeReason};
use crate::clock::Instant;

impl Bridge {
    /// When something is due next.
    pub fn next_deadline(&self) -> Option<Instant> {
        let own = [self.hello_at, self.notify_at, self.change_over_at];
        let of_ports = self
            .ports
            .iter()
            .flat_map(|port| [port.too_old_at, port.forward_at, port.pending.then_some(port.held_until)]);
        own.into_iter().chain(of_ports).flatten().min()
    }

    /// Does all that is due.
    pub fn on_timer(&mut self, now: Instant) {
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if due(self.hello_at) {
            self.speak(now, TreeReason::Hello);
            self.hello_at = Some(now + self.hello);
        }
        if due(self.notify_at) {
            self.notify_at = None;
            if !self.is_root() {
                self.notify(now);
            }
        }
        if due(self.change_over_at) {
            self.change_over_at = None;
            (self.change_detected, self.topology_change) = (false, false);
        }
        for place in 0..self.ports.len() {
            if due(self.ports[place].too_old_at) {
                self.ports[place].too_old_at = None;
                self.too_old(now, place);
            }
            if due(self.ports[place].forward_at) {
                self.ports[place].forward_at = None;
                self.listened(now, place);
            }
            if self.ports[place].pending && due(Some(self.ports[place].held_until)) {
                self.ports[place].pending = false;
                self.transmit(now, place, TreeReason::Held);
            }
        }
    }

    /// Section 8.7.4: nobody has spoken on that link for too long.
    fn too_old(&mut self, now: Instant, place: usize) {
        let was_root = self.is_root();
        let number = place as u16 + 1;
        self.effects.push(TreeEffect::Tell(TreeReason::TooOld { number }));
        self.become_designated(place);
        self.update_configuration();
        self.select_states(now);
        if self.is_root() && !was_root {
            self.become_root(now);
        }
    }

    /// Section 8.7.5: a forward delay is over.
    fn listened(&mut self, now: Instant, place: usize) {
        match self.ports[place].state {
            PortState::Listening => {
                self.set_state(place, PortState::Learning);
                self.ports[place].forward_at = Some(now + self.forward_delay);
            }
            PortState::Learning => {
                self.set_state(place, PortState::Forwarding);
                let speaks = |place: usize| {
                    self.ports[place].state != PortState::Disabled && self.is_designated(place)
                };
                if (0..self.ports.len()).any(speaks) {
                    self.detect_change(now);
                }
            }
            PortState::Disabled | PortState::Blocking | PortState::Forwarding => {}
        }
    }
}
