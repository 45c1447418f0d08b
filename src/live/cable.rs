//! The user-space wire: takes frames from one end of the hosts' cards and puts them into others, in real time, as our own
//! `link/` says: delay, rate, queue, faults, switch.

use super::carriers::Carriers;
use super::frames::{check_drops, note_sent};
use super::kernel::now_ns;
use super::shared::Shared;
use super::stop::Woken;
use super::sys;
use super::tap::{Seen, Tap, TapControl};
use crate::clock::Instant;
use crate::host::Reason;
use crate::lang::Text;
use crate::link::{self, Faults, HostId, Outcome, Port, Verdict, flip_bit, mark_ce};
use crate::scenario::Plan;
use crate::trace::{Event, RecordId};
use crate::wire;
use crate::world;
use crate::world::net::{Met, Net};
use crate::world::peek;
use crate::world::{Sent, Taken};
use bytes::Bytes;
use nix::poll::PollFlags;
use std::collections::BTreeMap;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// What others ask of the cable.
enum Command {
    /// Put a frame on the wire as if this host's card had sent it. `quiet` ones belong to a flood.
    Send { from: HostId, frame: Bytes, quiet: bool },
    /// Take a host off the wire, or put it back; tell when it is done.
    Plug { host: HostId, up: bool, done: mpsc::Sender<()> },
    /// Take the links between two nodes down, or up; tell when it is done.
    Link { ends: [HostId; 2], up: bool, done: mpsc::Sender<()> },
}

/// The cable, for other threads.
pub(super) struct CableControl {
    commands: mpsc::Sender<Command>,
    bell: Mutex<PipeWriter>,
    under_way: Arc<AtomicUsize>,
    taps: Vec<TapControl>,
}

/// A frame on its way.
#[derive(Clone)]
struct Flight {
    frame: Bytes,
    sent: Option<RecordId>,
    changed: bool,
    epoch: u32,
}

/// What happens at a moment.
enum Due {
    /// A frame comes out at a port.
    Arrival(Port, Flight),
    /// A link goes down or up.
    Carrier { link: usize, up: bool },
    /// Something may be due on a shared wire.
    Medium(usize),
}

/// The cable, for its own thread.
pub(super) struct Cable {
    taps: Vec<(Port, Tap)>,
    net: Net,
    faults: Faults,
    commands: mpsc::Receiver<Command>,
    bell: PipeReader,
    agenda: BTreeMap<(Instant, u64), Due>,
    /// Frames that wait for a shared wire, by its number and their tickets.
    held: BTreeMap<(usize, u64), (Port, Flight, Verdict)>,
    carriers: Carriers,
    order: u64,
    under_way: Arc<AtomicUsize>,
}

/// A cable for the plan's network; actors and hubs have no card of the kernel's.
pub(super) fn lay(
    plan: &Plan,
    seed: u64,
    taps: Vec<(Port, Tap)>,
    carriers: Carriers,
) -> std::io::Result<(Cable, CableControl)> {
    let (sender, receiver) = mpsc::channel();
    let (listen, ring) = std::io::pipe()?;
    let under_way = Arc::new(AtomicUsize::new(0));
    let controls = taps.iter().map(|(_, tap)| tap.control()).collect();
    let changes = world::carriers::changes(plan);
    let mut cable = Cable {
        taps,
        net: Net::new(plan, seed),
        faults: Faults::new(plan.faults.clone(), seed),
        commands: receiver,
        bell: listen,
        agenda: BTreeMap::new(),
        held: BTreeMap::new(),
        carriers,
        order: 0,
        under_way: Arc::clone(&under_way),
    };
    for (at, link, up) in changes {
        cable.put_on_agenda(at, Due::Carrier { link, up });
    }
    Ok((cable, CableControl { commands: sender, bell: Mutex::new(ring), under_way, taps: controls }))
}

impl CableControl {
    /// Puts a frame on the wire as if this host's card had sent it. `quiet` ones belong to a flood.
    pub(super) fn send(&self, from: HostId, frame: Bytes, quiet: bool) {
        self.command(Command::Send { from, frame, quiet });
    }

    /// Takes a host off the wire, or puts it back. When this returns it is done.
    pub(super) fn plug(&self, host: HostId, up: bool) {
        let (done, wait) = mpsc::channel();
        self.command(Command::Plug { host, up, done });
        let _ = wait.recv_timeout(Duration::from_secs(1));
    }

    /// Takes the links between two nodes down, or up. When this returns it is done.
    pub(super) fn link(&self, one: HostId, other: HostId, up: bool) {
        let (done, wait) = mpsc::channel();
        self.command(Command::Link { ends: [one, other], up, done });
        let _ = wait.recv_timeout(Duration::from_secs(1));
    }

    /// Whether any frame is under way, or waits to be read.
    pub(super) fn busy(&self) -> bool {
        self.taps.iter().any(TapControl::has_unread) || self.under_way.load(Ordering::SeqCst) > 0
    }

    fn command(&self, command: Command) {
        // Where the cable is gone the run is over, and nothing more matters.
        if self.commands.send(command).is_ok() {
            let _ = super::shared::lock(&self.bell).write(&[0]);
        }
    }
}

impl Cable {
    /// Carries frames until the run's end, and then what its cards still hold.
    pub(super) fn carry(mut self, shared: &Shared) {
        sys::be_punctual();
        loop {
            let woken = self.wait(shared);
            // Until this round is over, what it reads is neither unread nor on the agenda.
            self.under_way.fetch_add(1, Ordering::SeqCst);
            self.obey(shared);
            self.collect(shared);
            self.deliver(shared);
            self.under_way.store(self.agenda.len(), Ordering::SeqCst);
            if woken == Woken::Stopped {
                break;
            }
        }
        for (_, tap) in &self.taps {
            check_drops(shared, tap);
        }
    }

    fn wait(&self, shared: &Shared) -> Woken {
        let until = self.agenda.first_key_value().map(|((at, _), _)| shared.log.start_ns() + at.as_nanos());
        let left = until.map(|until| Duration::from_nanos(until.saturating_sub(now_ns())));
        let mut fds = vec![(self.bell.as_fd(), PollFlags::POLLIN)];
        fds.extend(self.taps.iter().map(|(_, tap)| (tap.as_fd(), PollFlags::POLLIN)));
        shared.end.wait_any(&fds, left)
    }

    fn obey(&mut self, shared: &Shared) {
        // The bell is rung after each command; what is read of it too early only wakes the loop once more.
        let rung = shared.end.wait_for(self.bell.as_fd(), PollFlags::POLLIN, Some(Duration::ZERO));
        if rung == Woken::Ready {
            let _ = self.bell.read(&mut [0; 4096]);
        }
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Send { from, frame, quiet } => {
                    let port = Port { node: from, card: 0 };
                    self.transmit(shared, now_ns(), port, frame, true, quiet);
                }
                Command::Link { ends: [one, other], up, done } => {
                    self.collect(shared);
                    for link in self.net.links_between(one, other) {
                        self.carrier(shared, link, up);
                    }
                    let _ = done.send(());
                }
                Command::Plug { host, up, done } => {
                    // What was sent before the plug was pulled is on its way.
                    self.collect(shared);
                    self.net.plug(host, up);
                    let _ = done.send(());
                }
            }
        }
    }

    /// Reads all taps; frames go on in the order the kernel sent them.
    fn collect(&mut self, shared: &Shared) {
        let mut seen: Vec<(Port, Seen)> = Vec::new();
        for (port, tap) in &mut self.taps {
            loop {
                match tap.read() {
                    Ok(Some(frame)) => seen.push((*port, frame)),
                    Ok(None) => break,
                    Err(error) => {
                        shared.trouble(Text::new(
                            format!("the wire's tap failed: {error}"),
                            format!("线路上的抓包失败：{error}"),
                        ));
                        break;
                    }
                }
            }
        }
        seen.sort_by_key(|(_, seen)| seen.at_ns);
        for (from, seen) in seen {
            if shared.plants.hides(&seen.frame, seen.at_ns) {
                self.pass_unseen(shared, &seen.frame);
                continue;
            }
            let quiet = peek::addresses(&seen.frame).is_some_and(|(from, to)| shared.is_load(from, to));
            self.transmit(shared, seen.at_ns, from, seen.frame, false, quiet);
        }
    }

    /// A frame that only plants a sequence number: it crosses at once and leaves no trace.
    fn pass_unseen(&self, shared: &Shared, frame: &Bytes) {
        let to = peek::addresses(frame).and_then(|(_, to)| shared.owner(to));
        if let Some(tap) = to.and_then(|node| self.tap(Port { node, card: 0 })) {
            let _ = tap.send(frame);
        }
    }

    fn transmit(
        &mut self,
        shared: &Shared,
        at_ns: u64,
        port: Port,
        frame: Bytes,
        by_hand: bool,
        quiet: bool,
    ) {
        if !self.net.has_carrier(port) {
            return;
        }
        let heading = self.net.heading(port, &frame);
        let now = Instant::from_nanos(at_ns.saturating_sub(shared.log.start_ns()));
        let sent = (!quiet).then(|| note_sent(shared, at_ns, heading, frame.clone(), by_hand));
        let verdict = match wire::parse_with(&frame, wire::Checksums::Ignore) {
            Ok(packet) if !self.faults.is_empty() => self.faults.judge(heading, &packet),
            _ => Verdict::Deliver,
        };
        let flight = Flight { frame, sent, changed: false, epoch: 0 };
        match self.net.send(now, port, &flight.frame) {
            Ok(Sent::Away(taken)) => self.carry_on(shared, at_ns, verdict, taken, flight),
            Ok(Sent::Held(medium, ticket)) => {
                self.held.insert((medium, ticket), (port, flight, verdict));
                self.watch_medium(medium);
            }
            Err(why) => lost(shared, at_ns, &flight, why),
        }
    }

    /// Looks at a shared wire again when something is due there.
    fn watch_medium(&mut self, medium: usize) {
        if let Some(at) = self.net.medium_deadline(medium) {
            self.put_on_agenda(at, Due::Medium(medium));
        }
    }

    /// Something may be due on a shared wire.
    fn medium_due(&mut self, shared: &Shared, at: Instant, medium: usize) {
        let at_ns = shared.log.start_ns() + at.as_nanos();
        for outcome in self.net.medium_due(at, medium) {
            match outcome {
                Outcome::Sent { ticket } => {
                    let Some((port, flight, verdict)) = self.held.remove(&(medium, ticket)) else { continue };
                    match self.net.release(at, port, &flight.frame) {
                        Ok(taken) => self.carry_on(shared, at_ns, verdict, taken, flight),
                        Err(why) => lost(shared, at_ns, &flight, why),
                    }
                }
                Outcome::GivenUp { ticket } => {
                    if let Some((_, flight, _)) = self.held.remove(&(medium, ticket)) {
                        lost(shared, at_ns, &flight, link::Reason::TooManyCollisions);
                    }
                }
                Outcome::Collided { ticket, attempt, slots } => {
                    if let Some((_, flight, _)) = self.held.get(&(medium, ticket)) {
                        impaired(shared, at_ns, flight, link::Reason::Collision { attempt, slots });
                    }
                }
            }
        }
        self.watch_medium(medium);
    }

    /// A link has the frame: it goes on, or what a fault says becomes of it.
    fn carry_on(&mut self, shared: &Shared, at_ns: u64, verdict: Verdict, taken: Taken, mut flight: Flight) {
        let (at, end) = look_after(shared, at_ns, taken, &mut flight);
        match verdict {
            Verdict::Deliver => self.put_under_way(at, end, flight),
            Verdict::Lose(why) => lost(shared, at_ns, &flight, why),
            Verdict::Delay(span) => {
                impaired(shared, at_ns, &flight, link::Reason::Delayed(span));
                self.put_under_way(at + span, end, flight);
            }
            Verdict::Duplicate(span) => {
                impaired(shared, at_ns, &flight, link::Reason::Duplicated);
                self.put_under_way(at, end, flight.clone());
                self.put_under_way(at + span, end, flight);
            }
            Verdict::Mark => {
                impaired(shared, at_ns, &flight, link::Reason::Marked);
                flight.frame = mark_ce(&flight.frame);
                flight.changed = true;
                self.put_under_way(at, end, flight);
            }
            Verdict::Corrupt { bit } => {
                impaired(shared, at_ns, &flight, link::Reason::Corrupted { bit });
                flight.frame = flip_bit(&flight.frame, bit);
                flight.changed = true;
                self.put_under_way(at, end, flight);
            }
        }
    }

    fn put_under_way(&mut self, at: Instant, end: Port, flight: Flight) {
        self.put_on_agenda(at, Due::Arrival(end, flight));
    }

    fn put_on_agenda(&mut self, at: Instant, due: Due) {
        self.order += 1;
        self.agenda.insert((at, self.order), due);
    }

    /// A link goes down or up: the kernel's cards at its ends lose their carriers, or get them back.
    fn carrier(&mut self, shared: &Shared, link: usize, up: bool) {
        let now = Instant::from_nanos(now_ns().saturating_sub(shared.log.start_ns()));
        let Some(ends) = self.net.set_carrier(now, link, up) else { return };
        for (side, end) in ends.into_iter().enumerate() {
            let next = Some(ends[1 - side].node);
            shared.log.note(Some(end.node), None, Event::LinkChanged { up, next });
            if let Err(error) = self.carriers.set(end, up) {
                shared.trouble(Text::new(
                    format!("a link could not be taken down or up: {error}"),
                    format!("无法断开或接通链路：{error}"),
                ));
            }
        }
    }

    /// The kernel's card at that port, if there is one.
    fn tap(&self, port: Port) -> Option<&Tap> {
        self.taps.iter().find(|(at, _)| *at == port).map(|(_, tap)| tap)
    }

    /// Delivers every frame whose time has come.
    fn deliver(&mut self, shared: &Shared) {
        loop {
            let now = Instant::from_nanos(now_ns().saturating_sub(shared.log.start_ns()));
            let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) else { return };
            let ((at, _), due) = entry.remove_entry();
            shared.held_up((now - at).as_nanos());
            let (port, flight) = match due {
                Due::Arrival(port, flight) => (port, flight),
                Due::Medium(medium) => {
                    self.medium_due(shared, at, medium);
                    continue;
                }
                Due::Carrier { link, up } => {
                    self.carrier(shared, link, up);
                    continue;
                }
            };
            if self.tap(port).is_some() {
                self.arrive(shared, port, &flight);
                continue;
            }
            match self.net.meet(at, port, &flight.frame) {
                Met::Station | Met::Bridge => self.arrive(shared, port, &flight),
                Met::PassedOn { ports, .. } => self.repeat(shared, at, port, &flight, &ports),
                Met::WithinWire(ports) => {
                    for card in ports {
                        match self.net.send(at, Port { node: port.node, card }, &flight.frame) {
                            // The one wire of a plain scenario is not shared.
                            Ok(Sent::Held(..)) => {}
                            Ok(Sent::Away(taken)) => {
                                let mut copy = flight.clone();
                                let (at, end) = look_after(shared, now_ns(), taken, &mut copy);
                                self.put_under_way(at, end, copy);
                            }
                            Err(why) => lost(shared, now_ns(), &flight, why),
                        }
                    }
                }
            }
        }
    }

    /// A hub is the wire's own business: no kernel has one.
    fn repeat(&mut self, shared: &Shared, at: Instant, port: Port, flight: &Flight, ports: &[u16]) {
        let at_ns = shared.log.start_ns() + at.as_nanos();
        if self.is_gone(port, flight) {
            return lost(shared, at_ns, flight, link::Reason::LinkDown);
        }
        note_arrival(shared, at_ns, port.node, flight);
        for card in ports {
            let out = Port { node: port.node, card: *card };
            self.transmit(shared, at_ns, out, flight.frame.clone(), false, flight.sent.is_none());
        }
    }

    fn arrive(&mut self, shared: &Shared, port: Port, flight: &Flight) {
        let (host, at_ns) = (port.node, now_ns());
        if self.is_gone(port, flight) {
            return lost(shared, at_ns, flight, link::Reason::LinkDown);
        }
        if !self.net.takes(port, &flight.frame) {
            if flight.changed {
                lost(shared, at_ns, flight, link::Reason::NoReceiver);
            }
            return;
        }
        note_arrival(shared, at_ns, host, flight);
        match self.tap(port) {
            Some(tap) => {
                if let Err(error) = tap.send(&flight.frame) {
                    shared.trouble(Text::new(
                        format!("a frame could not be put on the wire: {error}"),
                        format!("有一帧无法放上线路：{error}"),
                    ));
                }
            }
            None => self.actor_received(shared, port, &flight.frame),
        }
    }

    /// Whether the frame cannot come out there any more.
    fn is_gone(&self, port: Port, flight: &Flight) -> bool {
        !self.net.plugged(port.node) || self.net.epoch(port) != flight.epoch
    }

    /// An actor swallows what reaches it; only its card answers those who ask for its address.
    fn actor_received(&mut self, shared: &Shared, port: Port, frame: &Bytes) {
        if let Some(answer) = self.net.arp_answer(port.node, frame) {
            self.transmit(shared, now_ns(), port, answer, true, false);
        }
    }
}

/// A link has taken the frame, and may have marked it: when and where it comes out.
fn look_after(shared: &Shared, at_ns: u64, taken: Taken, flight: &mut Flight) -> (Instant, Port) {
    flight.epoch = taken.epoch;
    if let Some(why) = taken.mark {
        impaired(shared, at_ns, flight, why);
        flight.frame = mark_ce(&flight.frame);
        flight.changed = true;
    }
    (taken.at, taken.end)
}

fn note_arrival(shared: &Shared, at_ns: u64, host: HostId, flight: &Flight) {
    if let Some(sent) = flight.sent {
        let changed = flight.changed.then(|| flight.frame.clone());
        shared.log.note_at(at_ns, Some(host), Some(sent), Event::FrameArrived { sent, changed });
    }
}

fn lost(shared: &Shared, at_ns: u64, flight: &Flight, why: link::Reason) {
    if let Some(sent) = flight.sent {
        let event = Event::FrameLost { sent, why: Reason::Link(why) };
        shared.log.note_at(at_ns, None, Some(sent), event);
    }
}

fn impaired(shared: &Shared, at_ns: u64, flight: &Flight, why: link::Reason) {
    if let Some(sent) = flight.sent {
        let event = Event::Noted { endpoint: None, why: Reason::Link(why) };
        shared.log.note_at(at_ns, None, Some(sent), event);
    }
}
