//! The world and its steps.

use super::agenda::{Agenda, Pending};
use super::effects::Loudness;
use super::flight::Flight;
use super::flood::Flood;
use super::journal::Journal;
use super::media::{Held, Sent};
use super::net::{Met, Net};
use super::script::{Doing, Scripts};
use super::{Halt, Options, hosts};
use crate::clock::{Draws, Instant, Span};
use crate::host::{Host, HostEffect};
use crate::link::{Faults, HostId, Port};
use crate::scenario::{Answer, Limits, Plan};
use crate::trace::{Event, Numbering, RecordId, Recorder, Sink, Stop, Trace};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Events and actions at one moment after which they are taken to go on for ever without time passing.
const EVENTS_AT_ONE_MOMENT: u64 = 1_000_000;

/// Hosts, wire and processes of a run, at a moment of virtual time.
#[derive(Clone, Debug)]
pub struct World {
    pub(super) now: Instant,
    pub(super) agenda: Agenda,
    pub(super) net: Net,
    pub(super) faults: Faults,
    /// By host; an actor has none.
    pub(super) machines: Vec<Option<Host>>,
    /// The deadline that each host has on the agenda.
    alarms: Vec<Option<Instant>>,
    /// The same for the spanning trees of switches.
    pub(super) tree_alarms: Vec<Option<Instant>>,
    /// When hosts may come to doubt that a neighbour is still there.
    doubts: BTreeSet<(Instant, HostId)>,
    /// The same for shared wires.
    pub(super) medium_alarms: BTreeMap<usize, Option<Instant>>,
    /// Frames that wait for a shared wire, by its number and their tickets.
    pub(super) held: BTreeMap<(usize, u64), Held>,
    pub(super) scripts: Scripts,
    pub(super) floods: Vec<Flood>,
    pub(super) journal: Journal,
    /// Initial sequence numbers seen on the wire.
    pub(super) numbering: Numbering,
    /// Some program forges timestamps: the numbering must see every segment, not SYNs alone.
    pub(super) sees_all: bool,
    pub(super) draws: Draws,
    /// Reused for what hosts report.
    pub(super) effects: Vec<HostEffect>,
    pub(super) frames: u64,
    /// Events, and actions of processes, since time last passed.
    pub(super) events_at_once: u64,
    limits: Limits,
    halt: Halt,
    until: Option<Instant>,
    stopped: bool,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Instant,
    /// The records it left: from this one…
    pub first: RecordId,
    /// …up to, without this one.
    pub end: RecordId,
}

impl World {
    /// The world of the plan at its beginning: hosts booted, every process about to start.
    pub fn new(plan: &Plan, options: &Options) -> World {
        let draws = Draws::new(options.seed);
        let faults = options.faults.iter().chain(&plan.faults).cloned().collect();
        let ends = [plan.until, options.until];
        let mut world = World {
            now: Instant::ZERO,
            agenda: Agenda::new(options.ties),
            net: Net::new(plan, options.seed),
            faults: Faults::new(faults, options.seed),
            machines: hosts::machines(plan, options),
            alarms: vec![None; plan.hosts.len()],
            tree_alarms: vec![None; plan.hosts.len()],
            doubts: BTreeSet::new(),
            medium_alarms: BTreeMap::new(),
            held: BTreeMap::new(),
            scripts: Scripts::new(plan),
            floods: Vec::new(),
            journal: Journal::new(hosts::meta(plan, options), options.level),
            numbering: Numbering::new(),
            sees_all: plan.processes.iter().any(|process| process.program.forges_timestamps()),
            draws,
            effects: Vec::new(),
            frames: 0,
            events_at_once: 0,
            limits: options.limits.unwrap_or(plan.limits),
            halt: options.halt.clone(),
            until: ends.into_iter().flatten().min().map(|span| Instant::ZERO + span),
            stopped: false,
        };
        world.net.plant_trees(plan, hosts::profile(plan, options));
        world.start_trees();
        world.plan_carriers(plan);
        for index in 0..world.machines.len() {
            world.come_up(HostId(index as u16));
        }
        for index in 0..world.scripts.running.len() {
            let id = crate::socket::ProcessId(index as u32);
            world.start(id);
        }
        world
    }

    /// A machine's cards come up: IPv6 has things to do then.
    fn come_up(&mut self, host: HostId) {
        let Some(Some(machine)) = self.machines.get_mut(host.index()) else { return };
        if machine.ipv6().is_none() {
            return;
        }
        let mut effects = std::mem::take(&mut self.effects);
        machine.start(self.now, &mut effects);
        self.apply(host, None, &mut effects, Loudness::Loud);
        self.effects = effects;
    }

    /// The present moment.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// When the next step happens at the earliest; `None` when nothing is left to happen.
    pub fn next_at(&self) -> Option<Instant> {
        let next = self.agenda.next_at().filter(|_| !self.stopped)?;
        Some(self.doubts.first().map_or(next, |(doubt, _)| next.min(*doubt)))
    }

    /// The machine of that host; an actor has none.
    pub fn machine(&self, host: HostId) -> Option<&Host> {
        self.machines.get(host.index())?.as_ref()
    }

    /// The growing trace.
    pub fn recorder(&self) -> &Recorder {
        self.journal.recorder()
    }

    /// Hands what was recorded since the last time to `sink`; the world keeps none of it.
    pub fn drain(&mut self, sink: &mut dyn Sink) {
        self.journal.recorder_mut().drain(sink);
    }

    /// The trace, up to now.
    pub fn into_trace(self) -> Trace {
        self.journal.into_trace()
    }

    /// The host sends an echo request now, as `ping` would; an actor, or what only passes on frames, sends none.
    pub fn ping(&mut self, host: HostId, to: impl Into<IpAddr>, id: u16, seq: u16) {
        let Some(Some(machine)) = self.machines.get_mut(host.index()) else { return };
        let mut effects = std::mem::take(&mut self.effects);
        machine.ping(self.now, to.into(), id, seq, &mut effects);
        self.apply(host, None, &mut effects, Loudness::Loud);
        self.effects = effects;
    }

    /// Lets the next thing happen. `None` once the run has ended; its last step leaves [`Event::Stopped`].
    pub fn step(&mut self) -> Option<Step> {
        self.step_by(None)
    }

    /// Lets the next thing happen if that is not later than `last`; without it, whenever that is.
    pub(super) fn step_by(&mut self, last: Option<Instant>) -> Option<Step> {
        if self.stopped {
            return None;
        }
        let first = RecordId(self.recorder().len());
        match self.next_event(last) {
            Ok(None) => return None,
            Ok(Some((at, pending))) => self.happen(at, pending),
            Err(stop) => self.stop(stop),
        }
        Some(Step { at: self.now, first, end: RecordId(self.recorder().len()) })
    }

    /// Why the run has ended, if it has.
    pub fn stopped(&self) -> Option<&Stop> {
        if !self.stopped {
            return None;
        }
        self.recorder().pending().iter().rev().find_map(|record| match &record.event {
            Event::Stopped(stop) => Some(stop),
            _ => None,
        })
    }

    /// The run ends; what state each host is left in is part of its trace.
    fn stop(&mut self, stop: Stop) {
        self.stopped = true;
        for index in 0..self.machines.len() {
            if self.machines[index].is_some() {
                self.observe(HostId(index as u16), None, "end".to_owned());
            }
        }
        self.journal.stop(self.now, &self.machines, stop);
    }

    /// The next event, if it is not later than `last`, or why the run ends before it.
    fn next_event(&mut self, last: Option<Instant>) -> Result<Option<(Instant, Pending)>, Stop> {
        self.check_limits()?;
        let (at, pending) = loop {
            // A deadline that was called off must not lead to what comes only after that time.
            if last.is_some_and(|last| self.next_at().is_none_or(|at| at > last)) {
                return Ok(None);
            }
            if let Some(doubt) = self.next_doubt() {
                break doubt;
            }
            let Some((at, pending)) = self.agenda.pop() else {
                return Err(if self.scripts.any_left() { Stop::Deadlock } else { Stop::Finished });
            };
            match pending {
                // A deadline that was put off or called off since is no event: time does not even pass for it.
                Pending::Deadline { host } if self.called_off(host, at) => self.set_alarm(host),
                Pending::Tree { node } if self.tree_called_off(node, at) => self.set_tree_alarm(node),
                Pending::Medium { medium } if self.medium_called_off(medium, at) => {}
                pending => break (at, pending),
            }
        };
        let longest = Instant::ZERO + self.limits.time;
        match self.until {
            Some(until) if at > until && until <= longest => {
                self.now = until;
                Err(Stop::Until)
            }
            Some(_) | None if at > longest => {
                self.now = longest;
                Err(Stop::Limit(format!("time {}", self.limits.time)))
            }
            Some(_) | None => Ok(Some((at, pending))),
        }
    }

    /// Whether a stated limit is reached, or nobody wants the run any more.
    pub(super) fn check_limits(&self) -> Result<(), Stop> {
        if self.halt.raised() {
            return Err(Stop::Limit("halt".to_owned()));
        }
        let limits = [
            ("records", u64::from(self.recorder().len()), self.limits.records),
            ("octets", self.recorder().octets(), self.limits.octets),
            ("frames", self.frames, self.limits.frames),
            ("events at one moment", self.events_at_once, EVENTS_AT_ONE_MOMENT),
        ];
        match limits.into_iter().find(|(_, reached, limit)| reached >= limit) {
            Some((name, _, limit)) => Err(Stop::Limit(format!("{name} {limit}"))),
            None => Ok(()),
        }
    }

    /// A host's doubt about a neighbour that comes before everything else, if anything else is left to happen.
    fn next_doubt(&mut self) -> Option<(Instant, Pending)> {
        loop {
            let (at, host) = *self.doubts.first()?;
            if self.agenda.next_at()? <= at {
                return None;
            }
            self.doubts.pop_first();
            let Some(machine) = self.machines.get_mut(host.index()).and_then(Option::as_mut) else {
                continue;
            };
            if machine.doubt_is_due(at) {
                return Some((at, Pending::Deadline { host }));
            }
            if let Some(later) = machine.next_doubt() {
                self.doubts.insert((later, host));
            }
        }
    }

    /// Whether the deadline on the agenda no longer stands; either way it is off the agenda now.
    fn called_off(&mut self, host: HostId, at: Instant) -> bool {
        if self.alarms[host.index()] == Some(at) {
            self.alarms[host.index()] = None;
        }
        self.machines[host.index()].as_mut().is_none_or(|machine| !machine.is_due(at))
    }

    fn happen(&mut self, at: Instant, pending: Pending) {
        if at > self.now {
            self.now = at;
            self.events_at_once = 0;
        }
        self.events_at_once += 1;
        match pending {
            Pending::Arrival { at, flight } => self.meet(at, flight),
            Pending::Deadline { host } => self.deadline(host),
            Pending::Tree { node } => self.tree_due(node),
            Pending::Medium { medium } => self.medium_due(medium),
            Pending::Carrier { link, up, .. } => {
                self.carrier(link, up, None);
            }
            Pending::Resume { process, answer, .. } => self.run_process(process, answer),
            Pending::TimeReached { process, .. } => self.run_process(process, Answer::Resumed),
            Pending::Flood { flood, .. } => self.flood(flood),
        }
        self.wake_waiting();
    }

    fn deadline_of(&self, host: HostId) -> Option<Instant> {
        self.machine(host)?.next_deadline()
    }

    /// Puts the host's next deadline on the agenda unless an earlier one is there already.
    pub(super) fn set_alarm(&mut self, host: HostId) {
        if let Some(doubt) = self.machine(host).and_then(Host::next_doubt) {
            self.doubts.insert((doubt.max(self.now), host));
        }
        let Some(deadline) = self.deadline_of(host) else { return };
        let deadline = deadline.max(self.now);
        if self.alarms[host.index()].is_none_or(|set| deadline < set) {
            self.alarms[host.index()] = Some(deadline);
            self.agenda.push(deadline, Pending::Deadline { host });
        }
    }

    /// Everything due on the host happens.
    fn deadline(&mut self, host: HostId) {
        let Some(machine) = &mut self.machines[host.index()] else { return };
        let mut effects = std::mem::take(&mut self.effects);
        machine.on_timer(self.now, &mut effects);
        let loudness = if self.journal.load.is_empty() { Loudness::Loud } else { Loudness::Mixed };
        self.apply(host, None, &mut effects, loudness);
        self.effects = effects;
    }

    /// A frame comes out of a link at a node.
    fn meet(&mut self, at: Port, flight: Flight) {
        match self.net.meet(self.now, at, &flight.frame) {
            Met::Station => self.arrive(at, flight),
            Met::Bridge => self.bridge_hears(at, &flight),
            Met::PassedOn { ports, known } => self.pass_on(at, &flight, &ports, known),
            Met::WithinWire(ports) => {
                for card in ports {
                    let port = Port { node: at.node, card };
                    match self.net.send(self.now, port, &flight.frame) {
                        Ok(Sent::Away(taken)) => self.go_on(taken, flight.clone()),
                        // The one wire of a plain scenario is not shared.
                        Ok(Sent::Held(..)) => {}
                        Err(why) => self.lost(&flight, why),
                    }
                }
            }
        }
    }

    /// A flood sends its next segment, and puts the one after on the agenda.
    fn flood(&mut self, index: usize) {
        let flood = &mut self.floods[index];
        let (host, process) = (flood.host, flood.process);
        let frame = flood.next_frame();
        let (next, end) = (flood.next_at(), flood.ends_at());
        let from = Port { node: host, card: 0 };
        self.transmit(from, None, frame, None, crate::host::Reason::ByHand, true);
        match next {
            Some(at) => self.agenda.push(at, Pending::Flood { host, flood: index }),
            None => self.resume(process, end, Answer::Resumed),
        }
    }

    /// The process goes on at that moment.
    pub(super) fn resume(&mut self, process: crate::socket::ProcessId, at: Instant, answer: Answer) {
        let running = self.scripts.get_mut(process);
        running.doing = Doing::Soon;
        let host = running.host;
        self.agenda.push(at, Pending::Resume { host, process, answer });
    }

    /// Records something about scripts.
    pub(super) fn note(&mut self, host: HostId, cause: Option<RecordId>, event: Event) -> Option<RecordId> {
        self.journal.note(self.now, Some(host), cause, event)
    }

    /// That long from now.
    pub(super) fn after(&self, span: Span) -> Instant {
        self.now + span
    }
}
