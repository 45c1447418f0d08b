//! What processes do.

use super::agenda::Pending;
use super::effects::Loudness;
use super::flood::Flood;
use super::hand;
use super::script::{Doing, moment};
use super::step::World;
use crate::host::{Outcome, Reason};
use crate::link::{HostId, Port};
use crate::scenario::{Action, Answer, Condition, Hand, Process, ProcessPlan, Value};
use crate::socket::{Call, Errno, Fd, ProcessId, Return};
use crate::trace::{Event, ProcessInfo, RecordId};
use crate::wire::{self, Packet};

impl World {
    /// Puts the process's first action on the agenda.
    pub(super) fn start(&mut self, process: ProcessId) {
        let host = self.scripts.get_mut(process).host;
        if let Some(machine) = &mut self.machines[host.index()] {
            machine.process_started(process, None);
        }
        self.resume(process, self.now, Answer::Start(process));
    }

    /// The process goes on until it has to wait for something.
    pub(super) fn run_process(&mut self, process: ProcessId, answer: Answer) {
        let mut next = Some(answer);
        while let Some(answer) = next.take() {
            self.events_at_once += 1;
            // The step that comes next finds the same, and ends the run.
            if self.check_limits().is_err() {
                return;
            }
            let running = self.scripts.get_mut(process);
            let (action, host, last) = (running.script.resume(answer), running.host, running.last);
            next = self.act(process, host, last, action);
            if next.is_some() {
                self.wake_waiting();
            }
        }
    }

    /// Does what the process wants; the answer, if there is one at once.
    fn act(
        &mut self,
        process: ProcessId,
        host: HostId,
        last: Option<RecordId>,
        action: Action,
    ) -> Option<Answer> {
        match action {
            Action::Call { call, text } => return self.call(process, host, last, &call, text),
            Action::Sleep(span) => {
                self.resume(process, self.after(span), Answer::Resumed);
                return None;
            }
            Action::Wait(condition) => return self.wait(process, host, condition),
            Action::Inject(hand) => self.inject(host, last, &hand),
            Action::Arp(hand) => {
                let frame = hand.frame(self.net.mac(host));
                self.transmit(Port { node: host, card: 0 }, last, frame, None, Reason::ByHand, false);
            }
            Action::Flood(plan) => {
                self.start_flood(process, host, plan);
                return None;
            }
            Action::Link { host: which, from: Some(other), up } => {
                let mut record = None;
                for link in self.net.links_between(which, other) {
                    record = self.carrier(link, up, last).or(record);
                }
                self.continued(process, record);
            }
            Action::Link { host: which, from: None, up } => {
                self.net.plug(which, up);
                let record = self.note(which, last, Event::LinkChanged { up, next: None });
                self.continued(process, record);
            }
            Action::Forget(fd) => self.forget(process, host, fd),
            Action::Observe { label } => {
                let record = self.observe(host, last, label);
                self.continued(process, record);
            }
            Action::Check { text, held, required, actual } => {
                let event = Event::Checked { process, text, held, required, actual };
                let record = self.note(host, last, event);
                self.continued(process, record);
            }
            Action::Spawn(plan) => self.spawn(&plan, last),
            Action::Fork { plan, variables } => self.fork(process, &plan, &variables, last),
            Action::End => {
                self.end(process, host, last);
                return None;
            }
        }
        Some(Answer::Resumed)
    }

    /// That record is what the process's next action follows from.
    fn continued(&mut self, process: ProcessId, record: Option<RecordId>) {
        if record.is_some() {
            self.scripts.get_mut(process).last = record;
        }
    }

    pub(super) fn call(
        &mut self,
        process: ProcessId,
        host: HostId,
        last: Option<RecordId>,
        call: &Call,
        text: String,
    ) -> Option<Answer> {
        let started = self.note(host, last, Event::CallStarted { process, call: call.clone(), text });
        self.continued(process, started);
        let outcome = match &mut self.machines[host.index()] {
            Some(machine) => {
                let mut effects = std::mem::take(&mut self.effects);
                let outcome = machine.call(self.now, process, call, &mut effects);
                self.scripts.get_mut(process).doing = Doing::InCall(started);
                self.apply(host, started, &mut effects, Loudness::Loud);
                self.effects = effects;
                outcome
            }
            // An actor has no sockets.
            None => Outcome::Returned(Return::Failed(Errno::EAFNOSUPPORT)),
        };
        match outcome {
            Outcome::Returned(result) => {
                if let (Call::Bind { address, .. }, Return::Done) = (call, &result) {
                    self.scripts.bound.push((host, address.port()));
                }
                let record = started.and_then(|call| {
                    let event = Event::CallReturned { process, call, result: result.clone() };
                    self.note(host, Some(call), event)
                });
                self.continued(process, record);
                self.scripts.get_mut(process).doing = Doing::Soon;
                Some(Answer::Returned(result))
            }
            Outcome::Blocked => {
                if let Some(call) = started {
                    self.note(host, Some(call), Event::CallBlocked { process, call });
                }
                None
            }
        }
    }

    fn wait(&mut self, process: ProcessId, host: HostId, condition: Condition) -> Option<Answer> {
        if let Condition::Time(span) = condition {
            let at = moment(span);
            if at <= self.now {
                return Some(Answer::Resumed);
            }
            self.agenda.push(at, Pending::TimeReached { host, process });
            return None;
        }
        if self.holds(&condition) {
            return Some(Answer::Resumed);
        }
        self.scripts.get_mut(process).doing = Doing::Waiting(condition);
        self.scripts.waiting.push(process);
        None
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::State { host, state, count } => self.journal.in_state(*host, *state) >= *count,
            Condition::AcceptQueue { host, count } => {
                self.machine(*host).is_some_and(|machine| machine.accept_queue() >= *count as usize)
            }
            Condition::Bound { host, port } => self.scripts.bound.contains(&(*host, *port)),
            Condition::Named { host, name, listening } => {
                self.machine(*host).is_some_and(|machine| machine.has_local_name(name, *listening))
            }
            Condition::Frame(pattern) => self.scripts.seen(pattern),
            Condition::Ended(host) => self.scripts.ended(*host),
            Condition::Time(span) => self.now >= moment(*span),
        }
    }

    /// Processes whose condition holds by now go on.
    pub(super) fn wake_waiting(&mut self) {
        if self.scripts.waiting.is_empty() {
            return;
        }
        let waiting = std::mem::take(&mut self.scripts.waiting);
        for process in waiting {
            let met = match &self.scripts.running[process.index()].doing {
                Doing::Waiting(condition) => self.holds(condition),
                Doing::Soon | Doing::InCall(_) | Doing::Ended => continue,
            };
            if met {
                let cause = self.journal.latest();
                self.continued(process, cause);
                self.resume(process, self.now, Answer::Resumed);
            } else {
                self.scripts.waiting.push(process);
            }
        }
    }

    fn inject(&mut self, host: HostId, cause: Option<RecordId>, hand: &Hand) {
        let packet = hand::packet(hand, &self.numbering);
        let source = self.net.mac(host);
        // A packet to nobody's address still leaves the card; nobody takes it.
        let destination = self.net.first_hop(host, hand.to).unwrap_or(source);
        let frame = wire::build(&Packet::ipv4(source, destination, packet));
        self.transmit(Port { node: host, card: 0 }, cause, frame, None, Reason::ByHand, false);
    }

    fn start_flood(&mut self, process: ProcessId, host: HostId, plan: crate::scenario::Flood) {
        let Some(target) = self.net.first_hop(host, *plan.to.ip()) else {
            return self.resume(process, self.after(plan.lasting), Answer::Resumed);
        };
        self.journal.load.add(plan.from);
        let card = (host, self.net.mac(host));
        let flood = Flood::new(plan, self.now, process, card, target, self.draws);
        let (next, end) = (flood.next_at(), flood.ends_at());
        self.floods.push(flood);
        match next {
            Some(at) => self.agenda.push(at, Pending::Flood { host, flood: self.floods.len() - 1 }),
            None => self.resume(process, end, Answer::Resumed),
        }
    }

    fn forget(&mut self, process: ProcessId, host: HostId, fd: Fd) {
        if let Some(machine) = &mut self.machines[host.index()] {
            machine.forget(process, fd);
            let states = machine.states();
            self.journal.recount(host, &states);
            let cause = self.scripts.get_mut(process).last;
            self.apply(host, cause, &mut Vec::new(), Loudness::Loud);
        }
    }

    pub(super) fn observe(
        &mut self,
        host: HostId,
        cause: Option<RecordId>,
        label: String,
    ) -> Option<RecordId> {
        let seen = self.machine(host).map(|machine| machine.states()).unwrap_or_default();
        self.journal.settle_load(self.now, host);
        let states = seen.into_iter().map(|(key, state)| (self.journal.endpoint(host, key), state)).collect();
        self.note(host, cause, Event::StatesObserved { label, states })
    }

    fn spawn(&mut self, plan: &ProcessPlan, cause: Option<RecordId>) {
        let (process, host) = self.scripts.add(plan, false, cause);
        let known = self.journal.recorder_mut().process(ProcessInfo { host, name: plan.name.clone() });
        debug_assert_eq!(known, process);
        self.start(process);
    }

    fn fork(
        &mut self,
        process: ProcessId,
        plan: &ProcessPlan,
        variables: &[Option<Value>],
        last: Option<RecordId>,
    ) {
        let (child, host) = self.scripts.add(plan, false, last);
        self.scripts.get_mut(child).script = Process::forked(plan, variables);
        let known = self.journal.recorder_mut().process(ProcessInfo { host, name: plan.name.clone() });
        debug_assert_eq!(known, child);
        let record = self.note(host, last, Event::Forked { process, child });
        self.continued(process, record);
        self.continued(child, record);
        if let Some(machine) = &mut self.machines[host.index()] {
            machine.process_forked(child, process);
        }
        self.resume(child, self.now, Answer::Start(child));
    }

    /// The program is over: its sockets are closed as `exit` does.
    fn end(&mut self, process: ProcessId, host: HostId, last: Option<RecordId>) {
        let ended = self.note(host, last, Event::ProcessEnded { process });
        self.scripts.get_mut(process).doing = Doing::Ended;
        if let Some(machine) = &mut self.machines[host.index()] {
            let mut effects = std::mem::take(&mut self.effects);
            machine.process_ended(self.now, process, &mut effects);
            self.apply(host, ended, &mut effects, Loudness::Loud);
            self.effects = effects;
        }
    }
}
