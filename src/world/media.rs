//! Wires that several stations share: who sends when, and what collides.

use super::agenda::Pending;
use super::flight::Flight;
use super::links::Taken;
use super::net::Net;
use super::step::World;
use crate::clock::Instant;
use crate::host::Reason;
use crate::link::{self, Medium, Outcome, Port, Verdict};
use crate::scenario::Plan;
use crate::trace::Event;

/// What becomes of a frame that a node sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It is on its way.
    Away(Taken),
    /// It waits until the shared wire of that number is free; its ticket there.
    Held(usize, u64),
}

/// A frame that waits for a shared wire.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) port: Port,
    pub(super) flight: Flight,
    pub(super) verdict: Verdict,
}

impl Net {
    /// Lays the shared wires of the plan.
    pub(super) fn lay_shared(&mut self, plan: &Plan) {
        for wire in plan.topology().shared_wires() {
            let Some(first) = wire.links.first().and_then(|number| plan.links.get(*number)) else { continue };
            let medium = self.media.len();
            self.media.push(Medium::new(first.rate.unwrap_or(u64::MAX), first.queue, wire.distances));
            for number in wire.links {
                let station = |end: &Port| wire.stations.iter().position(|station| station == end);
                let Some(ends) = self.ends(number) else { continue };
                let stations = [station(&ends[0]), station(&ends[1])];
                if let Some(link) = self.link_mut(number) {
                    link.shared = Some((medium, stations));
                }
            }
        }
    }

    /// When something happens next on that shared wire.
    pub(crate) fn medium_deadline(&self, medium: usize) -> Option<Instant> {
        self.media.get(medium)?.next_deadline()
    }

    /// What is due on it happens.
    pub(crate) fn medium_due(&mut self, now: Instant, medium: usize) -> Vec<Outcome> {
        let draws = self.draws;
        let draw = |nth, below| draws.below("backoff", medium as u64, nth, below);
        self.media.get_mut(medium).map(|wire| wire.on_timer(now, draw)).unwrap_or_default()
    }
}

impl World {
    /// A frame waits for a shared wire.
    pub(super) fn hold(&mut self, medium: usize, ticket: u64, held: Held) {
        self.held.insert((medium, ticket), held);
        self.set_medium_alarm(medium);
    }

    fn set_medium_alarm(&mut self, medium: usize) {
        let Some(deadline) = self.net.medium_deadline(medium) else { return };
        let alarm = self.medium_alarms.entry(medium).or_default();
        if alarm.is_none_or(|set| deadline < set) {
            *alarm = Some(deadline);
            self.agenda.push(deadline, Pending::Medium { medium });
        }
    }

    /// Whether what was due on a shared wire no longer is; either way it is off the agenda now.
    pub(super) fn medium_called_off(&mut self, medium: usize, at: Instant) -> bool {
        if self.medium_alarms.get(&medium) == Some(&Some(at)) {
            self.medium_alarms.insert(medium, None);
        }
        let off = self.net.medium_deadline(medium).is_none_or(|deadline| deadline > at);
        if off {
            self.set_medium_alarm(medium);
        }
        off
    }

    /// Something is due on a shared wire.
    pub(super) fn medium_due(&mut self, medium: usize) {
        for outcome in self.net.medium_due(self.now, medium) {
            match outcome {
                Outcome::Sent { ticket } => {
                    let Some(held) = self.held.remove(&(medium, ticket)) else { continue };
                    self.look_at_card(held.port.node, held.flight.sent, None);
                    match self.net.release(self.now, held.port, &held.flight.frame) {
                        Ok(taken) => self.carry(held.verdict, taken, held.flight),
                        Err(why) => self.lost(&held.flight, why),
                    }
                }
                Outcome::GivenUp { ticket } => {
                    if let Some(held) = self.held.remove(&(medium, ticket)) {
                        self.lost(&held.flight, link::Reason::TooManyCollisions);
                    }
                }
                Outcome::Collided { ticket, attempt, slots } => {
                    let Some(held) = self.held.get(&(medium, ticket)) else { continue };
                    if !held.flight.quiet {
                        let why = Reason::Link(link::Reason::Collision { attempt, slots });
                        let event = Event::Noted { endpoint: None, why };
                        self.journal.detail(self.now, Some(held.port.node), held.flight.sent, event);
                    }
                }
            }
        }
        self.set_medium_alarm(medium);
    }
}
