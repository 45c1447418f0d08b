//! Processes without a program: whoever drives the world makes their calls, and sends packets by hand.

use super::script::Doing;
use super::step::World;
use crate::clock::Instant;
use crate::host::Reason;
use crate::link::{HostId, Port};
use crate::scenario::{ProcessPlan, Program};
use crate::socket::{Call, ProcessId, Return};
use crate::trace::ProcessInfo;
use bytes::Bytes;

impl World {
    /// A new process on that host that does only what [`World::call_for`] makes it do.
    pub fn process_from_outside(&mut self, host: HostId, name: &str) -> ProcessId {
        let plan = ProcessPlan { host, name: name.to_owned(), program: Program::default() };
        let (process, host) = self.scripts.add(&plan, false, None);
        let known = self.journal.recorder_mut().process(ProcessInfo { host, name: plan.name });
        debug_assert_eq!(known, process);
        let running = self.scripts.get_mut(process);
        running.returns = Some(Default::default());
        if let Some(machine) = &mut self.machines[host.index()] {
            machine.process_started(process, None);
        }
        process
    }

    /// Makes a call for such a process; `None` when it waits.
    pub fn call_for(&mut self, process: ProcessId, call: &Call, text: String) -> Option<Return> {
        let running = self.scripts.get_mut(process);
        let (host, last) = (running.host, running.last);
        match self.call(process, host, last, call, text) {
            Some(crate::scenario::Answer::Returned(result)) => Some(result),
            _ => None,
        }
    }

    /// When the call that such a process waited in returned, and with what; told once.
    pub fn returned_to(&mut self, process: ProcessId) -> Option<(Instant, Return)> {
        self.scripts.get_mut(process).returns.as_mut()?.pop_front()
    }

    /// Whether such a process waits in a call.
    pub fn waits(&self, process: ProcessId) -> bool {
        self.scripts
            .running
            .get(process.index())
            .is_some_and(|running| matches!(running.doing, Doing::InCall(_)))
    }

    /// The host puts a frame on its first link, made by hand.
    pub fn send_by_hand(&mut self, host: HostId, frame: Bytes) {
        self.transmit(Port { node: host, card: 0 }, None, frame, None, Reason::ByHand, false);
    }

    /// Gives a machine's connections another congestion control; false if there is none of that name.
    pub fn set_congestion_control(&mut self, host: HostId, name: &str) -> bool {
        self.machines[host.index()].as_mut().is_some_and(|machine| machine.set_congestion_control(name))
    }

    /// Text that comes to a machine and is larger than this counts as put together from segments of this size.
    pub fn set_receive_offload(&mut self, host: HostId, segment: Option<u16>) {
        if let Some(machine) = &mut self.machines[host.index()] {
            machine.set_receive_offload(segment);
        }
    }

    /// Chooses what a machine's Fast Open cookies are made under.
    pub fn set_fast_open_keys(&mut self, host: HostId, keys: crate::tcp::CookieKeys) {
        if let Some(machine) = &mut self.machines[host.index()] {
            machine.set_fast_open_keys(keys);
        }
    }

    /// Changes a kernel setting of a machine.
    ///
    /// # Errors
    /// There is no such setting, or the value is out of its range.
    pub fn set(&mut self, host: HostId, name: &str, value: i64) -> Result<(), crate::tcp::SettingError> {
        match &mut self.machines[host.index()] {
            Some(machine) => machine.set(name, value),
            None => Ok(()),
        }
    }

    /// A kernel setting of a machine.
    pub fn setting(&self, host: HostId, name: &str) -> Option<i64> {
        self.machine(host)?.setting(name)
    }

    /// A machine's cards take packets of so many octets from now on.
    pub fn set_mtu(&mut self, host: HostId, mtu: u16) {
        let now = self.now;
        if let Some(machine) = &mut self.machines[host.index()] {
            machine.set_mtu(now, mtu);
        }
    }

    /// TCP knows from its route that the way takes packets of so many octets, no more than the card does.
    pub fn set_route_mtu(&mut self, host: HostId, mtu: u16) {
        let now = self.now;
        if let Some(machine) = &mut self.machines[host.index()] {
            machine.set_route_mtu(now, mtu);
        }
    }

    /// What a machine's route says of TCP, to be changed; `None` if it is no machine.
    pub fn route_mut(&mut self, host: HostId) -> Option<&mut crate::tcp::Route> {
        self.machines[host.index()].as_mut().map(|machine| machine.route_mut())
    }

    /// Everything up to then happens, and it is then.
    pub fn advance(&mut self, to: Instant) {
        while self.step_until(to) {}
        self.now = self.now.max(to);
    }

    /// The next thing happens, if that is until then. Returns whether anything did.
    pub fn step_until(&mut self, to: Instant) -> bool {
        self.step_by(Some(to)).is_some()
    }
}
