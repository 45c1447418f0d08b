//! What hosts report is done and recorded.

use super::agenda::Pending;
use super::peek;
use super::script::Doing;
use super::step::World;
use crate::host::{EndpointKey, HostEffect, Reason};
use crate::link::{Heading, HostId, Port};
use crate::scenario::Answer;
use crate::socket::{ProcessId, Return};
use crate::trace::{Event, RecordId};
use bytes::Bytes;

/// Whether what a step brings about is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loudness {
    /// All of it.
    Loud,
    /// Timers ran out while there is load: what concerns forged addresses alone is not.
    Mixed,
    /// Load brought the step about: only what it does to honest endpoints is.
    Quiet,
}

impl World {
    /// Does what the host wants done, in order, and records what it reports.
    pub(super) fn apply(
        &mut self,
        host: HostId,
        cause: Option<RecordId>,
        effects: &mut Vec<HostEffect>,
        loudness: Loudness,
    ) {
        let mut arrived = cause;
        let mut cause = cause;
        // Load can do something to an honest endpoint, throw its entry out for instance: that is told.
        let mut loud = loudness == Loudness::Loud;
        for effect in effects.drain(..) {
            match effect {
                HostEffect::Transmit { card, frame, why, endpoint } => {
                    let quiet = self.to_load(&frame);
                    loud |= !quiet;
                    let from = Port { node: host, card };
                    self.transmit(from, cause, frame, endpoint, why, quiet);
                }
                HostEffect::Looped { frame, why, endpoint } => {
                    loud = true;
                    // What is dropped of it afterwards is dropped on its arrival here.
                    arrived = self.looped(host, cause, &frame, why, endpoint).or(arrived);
                }
                HostEffect::Returned { pid, result } => {
                    loud = true;
                    self.returned(host, pid, cause, result);
                }
                HostEffect::StateChanged { endpoint, from, to, section } => {
                    let quiet = self.is_quiet(loudness, Some(endpoint));
                    loud |= !quiet;
                    let now = self.now;
                    self.journal.state_changed(now, host, cause, endpoint, (from, to), section, quiet);
                }
                HostEffect::Noted { endpoint, why } => {
                    if self.journal.full() && !self.is_quiet(loudness, endpoint) {
                        let endpoint = endpoint.map(|key| self.journal.endpoint(host, key));
                        self.journal.detail(self.now, Some(host), cause, Event::Noted { endpoint, why });
                    }
                }
                HostEffect::Dropped { endpoint, why } => {
                    if self.journal.full() && !self.is_quiet(loudness, endpoint) {
                        self.dropped(host, arrived, cause, endpoint, why);
                    }
                }
                HostEffect::TimerFired { endpoint, timer } => {
                    if !self.is_quiet(loudness, endpoint) {
                        loud = true;
                        cause = self.journal.timer_fired(self.now, host, endpoint, timer);
                    }
                }
                HostEffect::Queue { endpoint, queue, length, limit } => {
                    let quiet = loudness == Loudness::Quiet;
                    let change = (queue, length, limit);
                    self.journal.queue(self.now, host, cause, endpoint, change, quiet);
                }
            }
        }
        if let Some(machine) = &self.machines[host.index()] {
            self.journal.step_over(self.now, host, machine, cause, !loud);
        }
        self.set_alarm(host);
    }

    /// Whether what concerns this endpoint is load's doing and load's alone.
    fn is_quiet(&self, loudness: Loudness, endpoint: Option<EndpointKey>) -> bool {
        match endpoint {
            Some(key) if key.remote.is_some() => self.journal.load.concerns(&key),
            Some(_) => loudness != Loudness::Loud,
            None => loudness == Loudness::Quiet,
        }
    }

    /// Whether the frame goes to a forged address.
    fn to_load(&self, frame: &Bytes) -> bool {
        !self.journal.load.is_empty()
            && peek::addresses(frame).is_some_and(|(_, to)| self.journal.load.forged(to))
    }

    /// A frame went from the host to itself.
    fn looped(
        &mut self,
        host: HostId,
        cause: Option<RecordId>,
        frame: &Bytes,
        why: Reason,
        endpoint: Option<EndpointKey>,
    ) -> Option<RecordId> {
        self.frames += 1;
        let now = self.now;
        let heading = Heading { from: Some(host), to: Some(host), next: None };
        let sent = self.journal.frame_sent(now, host, cause, frame, heading, endpoint, why);
        let sent = sent?;
        let event = Event::FrameArrived { sent, changed: None };
        self.journal.detail(now, Some(host), Some(sent), event)
    }

    fn dropped(
        &mut self,
        host: HostId,
        arrived: Option<RecordId>,
        cause: Option<RecordId>,
        endpoint: Option<EndpointKey>,
        why: Reason,
    ) {
        let event = match arrived {
            Some(arrived) => Event::FrameDropped { arrived, why },
            // Dropped without an arrival of this step: a fragment that waited in vain, say.
            None => {
                let endpoint = endpoint.map(|key| self.journal.endpoint(host, key));
                Event::Noted { endpoint, why }
            }
        };
        self.journal.detail(self.now, Some(host), cause, event);
    }

    /// A call that waited returns.
    fn returned(&mut self, host: HostId, process: ProcessId, cause: Option<RecordId>, result: Return) {
        let Some(running) = self.scripts.running.get(process.index()) else { return };
        let Doing::InCall(started) = running.doing else {
            debug_assert!(false, "process {process:?} is in no call");
            return;
        };
        // A call whose time is out returns because it was made.
        let cause = cause.or(started);
        let record = started.and_then(|call| {
            let event = Event::CallReturned { process, call, result: result.clone() };
            self.note(host, cause, event)
        });
        let running = self.scripts.get_mut(process);
        running.last = record.or(running.last);
        running.doing = Doing::Soon;
        if let Some(returns) = &mut running.returns {
            returns.push_back((self.now, result));
            return;
        }
        self.agenda.push(self.now, Pending::Resume { host, process, answer: Answer::Returned(result) });
    }
}
