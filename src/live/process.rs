//! A scripted process on a thread of its own, in its host's namespace: takes the program's actions and does them.

use super::calls::{Descriptors, Interrupted, Performed};
use super::shared::Shared;
use super::status::Status;
use super::stop::Woken;
use super::{flood, isn, kernel, observe, sys, wait};
use crate::clock::Span;
use crate::lang::Text;
use crate::link::HostId;
use crate::scenario::{Action, Answer, Condition, LiveMode, Process, ProcessPlan};
use crate::socket::{Call, Fd, ProcessId, Return};
use crate::trace::Event;
use crate::wire::unmapped;
use nix::poll::PollFlags;
use socket2::Socket;
use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::os::fd::AsFd;
use std::sync::{Arc, Barrier};
use std::thread::Scope;
use std::time::Duration;

/// A process at work.
struct Worker<'scope, 'env> {
    shared: &'env Shared,
    scope: &'scope Scope<'scope, 'env>,
    host: HostId,
    id: ProcessId,
    descriptors: Descriptors,
    /// The moment up to which its program has come, had nothing but what it waits for taken any time.
    due_ns: u64,
}

/// Why a process stops before its program's end.
enum Broken {
    /// The run is over.
    Over,
    /// The kernel refused what it should have allowed.
    Refused(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        Broken::Refused(error)
    }
}

/// Starts a process that waits at `start` before it does anything; `None` starts it at once.
pub(super) fn start<'scope, 'env>(
    shared: &'env Shared,
    scope: &'scope Scope<'scope, 'env>,
    plan: &ProcessPlan,
    start: Option<&'env Barrier>,
) -> ProcessId {
    let id = ProcessId(shared.statuses.add(plan.host, &plan.name, start.is_some()));
    let own = shared.host(plan.host).filter(|_| shared.mode == LiveMode::Loopback).map(|plan| plan.address);
    let descriptors = Descriptors::new(own, plan.host, Arc::clone(&shared.files));
    run(shared, scope, Process::new(plan), id, descriptors, start);
    id
}

/// Lets the process go, with these descriptors.
fn run<'scope, 'env>(
    shared: &'env Shared,
    scope: &'scope Scope<'scope, 'env>,
    mut process: Process,
    id: ProcessId,
    descriptors: Descriptors,
    start: Option<&'env Barrier>,
) {
    let host = process.host();
    let asked_ns = kernel::now_ns();
    scope.spawn(move || {
        let entered = shared.place(host).map_or(Ok(()), |place| place.enter());
        let unprivileged = shared.host(host).is_some_and(|plan| !plan.privileged);
        let entered = entered.and_then(|()| if unprivileged { sys::drop_privilege() } else { Ok(()) });
        sys::be_punctual();
        if let Some(start) = start {
            start.wait();
        } else {
            shared.held_up(kernel::now_ns().saturating_sub(asked_ns));
        }
        let mut worker = Worker { shared, scope, host, id, descriptors, due_ns: kernel::now_ns() };
        let ended = entered.map_err(Broken::from).and_then(|()| worker.work(&mut process));
        match ended {
            Ok(()) => {
                worker.descriptors.close_all();
                shared.log.note(Some(host), None, Event::ProcessEnded { process: id });
            }
            Err(Broken::Over) => {}
            Err(Broken::Refused(error)) => shared.trouble(Text::new(
                format!("a process could not go on: {error}"),
                format!("有一个进程无法继续：{error}"),
            )),
        }
        shared.statuses.set(id.0, Status::Ended);
    });
}

fn go_on(woken: Woken) -> Result<(), Broken> {
    if woken == Woken::Stopped { Err(Broken::Over) } else { Ok(()) }
}

impl<'scope, 'env> Worker<'scope, 'env> {
    fn work(&mut self, process: &mut Process) -> Result<(), Broken> {
        let mut answer = Answer::Start(self.id);
        let mut asked_ns = kernel::now_ns();
        loop {
            let action = process.resume(answer);
            self.shared.held_up(kernel::now_ns().saturating_sub(asked_ns));
            answer = match action {
                Action::Call { call, text } => Answer::Returned(self.call(call, text)?),
                Action::End => return Ok(()),
                Action::Sleep(span) => {
                    self.sleep(span)?;
                    Answer::Resumed
                }
                Action::Wait(condition) => {
                    self.wait(&condition)?;
                    Answer::Resumed
                }
                Action::Flood(flood) => {
                    go_on(flood::flood(self.shared, self.host, self.id, &flood)?)?;
                    self.due_ns = kernel::now_ns();
                    Answer::Resumed
                }
                other => {
                    let began_ns = kernel::now_ns();
                    self.act(other)?;
                    self.shared.held_up(kernel::now_ns().saturating_sub(began_ns));
                    Answer::Resumed
                }
            };
            asked_ns = kernel::now_ns();
        }
    }

    /// Sleeps from when the process should have begun to: else the delays of many sleeps would add up to one that no single
    /// sleep shows.
    fn sleep(&mut self, span: Span) -> Result<(), Broken> {
        self.due_ns = self.due_ns.saturating_add(span.as_nanos());
        let left_ns = self.due_ns.saturating_sub(kernel::now_ns());
        let woken = self.shared.stop.sleep(Duration::from_nanos(left_ns));
        // Also where the run ended meanwhile: what the process did not come to is no property of the protocol.
        self.shared.held_up(kernel::now_ns().saturating_sub(self.due_ns));
        go_on(woken)
    }

    fn wait(&mut self, condition: &Condition) -> Result<(), Broken> {
        let woken = wait::wait(self.shared, self.id, condition)?;
        self.shared.statuses.set(self.id.0, Status::Busy);
        self.due_ns = match condition {
            Condition::Time(span) => {
                // A moment that is past was not waited for.
                self.due_ns.max(self.shared.log.start_ns().saturating_add(span.as_nanos()))
            }
            Condition::State { .. }
            | Condition::AcceptQueue { .. }
            | Condition::Bound { .. }
            | Condition::Named { .. }
            | Condition::Frame(_)
            | Condition::Ended(_) => kernel::now_ns(),
        };
        go_on(woken)
    }

    /// What takes no time.
    fn act(&mut self, action: Action) -> Result<(), Broken> {
        let shared = self.shared;
        match action {
            Action::Call { .. } | Action::End | Action::Sleep(_) | Action::Wait(_) | Action::Flood(_) => {
                Ok(())
            }
            Action::Inject(hand) => Ok(flood::inject(shared, self.host, &hand)?),
            Action::Link { host, from: Some(other), up } => {
                if let Some(cable) = &shared.cable {
                    cable.link(host, other, up);
                }
                Ok(())
            }
            Action::Arp(hand) => {
                let mac = shared.host(self.host).map(|host| host.mac).unwrap_or_default();
                match &shared.cable {
                    Some(cable) => cable.send(self.host, hand.frame(mac), false),
                    None => shared.trouble(Text::new(
                        "loopback has no ARP: this scenario needs the wire",
                        "环回接口没有 ARP：这个场景需要线路模式",
                    )),
                }
                Ok(())
            }
            Action::Link { host, from: None, up } => {
                match &shared.cable {
                    Some(cable) => cable.plug(host, up),
                    None => shared.trouble(Text::new(
                        "loopback has no plug to pull: this scenario needs the wire",
                        "环回接口没有可拔的网线：这个场景需要线路模式",
                    )),
                }
                shared.log.note(Some(host), None, Event::LinkChanged { up, next: None });
                Ok(())
            }
            Action::Forget(fd) => Ok(self.forget(fd)?),
            Action::Observe { label } => Ok(observe::note_states(shared, self.host, &label)?),
            Action::Check { text, held, required, actual } => {
                let event = Event::Checked { process: self.id, text, held, required, actual };
                shared.log.note(Some(self.host), None, event);
                Ok(())
            }
            Action::Spawn(plan) => {
                start(shared, self.scope, &plan, None);
                Ok(())
            }
            Action::Fork { plan, variables } => {
                let child = ProcessId(shared.statuses.add(plan.host, &plan.name, false));
                shared.log.note(Some(self.host), None, Event::Forked { process: self.id, child });
                let copy = Process::forked(&plan, &variables);
                run(shared, self.scope, copy, child, self.descriptors.copy(), None);
                Ok(())
            }
        }
    }

    /// The socket is gone without a word to its peer, as after a reboot: what TCP_REPAIR does when it is closed.
    fn forget(&mut self, fd: Fd) -> io::Result<()> {
        let Some(socket) = self.descriptors.take(fd) else { return Ok(()) };
        sys::set_option(socket.as_fd(), libc::IPPROTO_TCP, libc::TCP_REPAIR, 1)?;
        drop(socket);
        Ok(())
    }

    fn call(&mut self, call: Call, text: String) -> Result<Return, Broken> {
        let (shared, process) = (self.shared, self.id);
        let planted = self.prepare(&call)?;
        if let Call::Close { fd } = &call
            && let Some(port) = self.descriptors.bound(*fd).map(|bound| bound.port())
        {
            shared.bound.remove(self.host, port);
        }
        let started =
            shared.log.note(Some(self.host), None, Event::CallStarted { process, call: call.clone(), text });
        let started_ns = kernel::now_ns();
        let stuck = |sockets: &[(Arc<Socket>, PollFlags)]| {
            shared.statuses.set(process.0, Status::Stuck(sockets.to_vec()));
        };
        let performed = self.descriptors.perform(&call, &shared.stop, &stuck);
        let returned_ns = kernel::now_ns();
        shared.statuses.set(process.0, Status::Busy);
        let (result, blocked_ns) = match performed {
            Ok(Performed { result, blocked_ns }) => (Some(result), blocked_ns),
            Err(Interrupted { blocked_ns }) => (None, blocked_ns),
        };
        if blocked_ns.is_none() && !matches!(call, Call::Close { .. }) {
            shared.held_up(returned_ns.saturating_sub(started_ns));
        }
        if let Some(at_ns) = blocked_ns {
            self.due_ns = returned_ns;
            let event = Event::CallBlocked { process, call: started };
            shared.log.note_at(at_ns, Some(self.host), Some(started), event);
        }
        if let Some(planted) = &planted {
            isn::after_connect(shared, planted, result.as_ref());
        }
        let Some(result) = result else { return Err(Broken::Over) };
        self.remember(&call, &result);
        let event = Event::CallReturned { process, call: started, result: result.clone() };
        shared.log.note_at(returned_ns, Some(self.host), Some(started), event);
        Ok(result)
    }

    /// Before a connect: chosen initial sequence numbers, where the hosts have them. The port must be known for that.
    fn prepare(&mut self, call: &Call) -> Result<Option<isn::Planted>, Broken> {
        let Call::Connect { fd, address: SocketAddr::V4(server) } = call else { return Ok(None) };
        if !self.descriptors.is_fresh_stream(*fd) || !self.numbers_wanted(*server) {
            return Ok(None);
        }
        let address = self.shared.host(self.host).map(|plan| plan.address);
        if let (None, Some(address)) = (self.descriptors.bound(*fd), address) {
            self.descriptors.bind_to(*fd, SocketAddrV4::new(address, 0))?;
        }
        let Some(socket) = self.descriptors.socket(*fd) else { return Ok(None) };
        Ok(isn::before_connect(self.shared, self.host, socket, *server)?)
    }

    /// Whether this host or the one at that address has a chosen number.
    fn numbers_wanted(&self, server: SocketAddrV4) -> bool {
        let has = |host: HostId| self.shared.host(host).is_some_and(|plan| plan.isn.is_some());
        has(self.host) || self.shared.owner(*server.ip()).is_some_and(has)
    }

    /// What others may wait for (a bound port), and what a UDP socket's connect means for the frames it sends.
    fn remember(&mut self, call: &Call, result: &Return) {
        if let (Call::Bind { fd, .. }, Return::Done) = (call, result)
            && let Some(port) = self.descriptors.bound(*fd).map(|bound| bound.port())
        {
            self.shared.bound.add(self.host, port);
        }
        let (Call::Connect { fd, address }, Return::Done) = (call, result) else { return };
        let Some(socket) = self.descriptors.socket(*fd) else { return };
        if let (Ok(socket2::Type::DGRAM), Some(local)) =
            (socket.r#type(), socket.local_addr().ok().and_then(|local| local.as_socket()))
        {
            self.shared.log.tie(self.host, unmapped(local), unmapped(*address));
        }
    }
}
