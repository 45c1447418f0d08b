//! The simulated stack under examination: a world of one host and the script, in virtual time.

mod calls;
mod counters;
mod epoll;
mod options;
mod plan;
mod polling;
mod sysctl;
#[cfg(test)]
mod tests;
mod watch;

use self::calls::{Descriptors, Way};
use self::epoll::Epolls;
use self::watch::{Asleep, Watched};
use super::Settings;
use super::examined::{CommandFailure, Examined};
use super::request::{Reply, Request};
use super::shell::{self, Effect};
use crate::clock::{Instant, Span};
use crate::lang::Text;
use crate::link::HostId;
use crate::mib::Counters;
use crate::socket::{Call, Fd, ProcessId, Return};
use crate::trace::{Event, Stop, Trace};
use crate::wire::{self, Body, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, Ethernet, MacAddr, Packet, Tags};
use crate::world::{Options, World};
use bytes::Bytes;
use std::collections::VecDeque;

const STACK: HostId = HostId(0);
const SCRIPT: HostId = HostId(1);
/// Octets of an Ethernet header.
const ETHERNET: usize = 14;

/// Reads the script of that name that a command runs; `None` if there is none.
pub type Files = Box<dyn Fn(&str) -> Option<String>>;

/// A simulated host, and the script as its only neighbour.
pub struct Simulated {
    world: World,
    process: ProcessId,
    /// The cards of stack and script.
    macs: [MacAddr; 2],
    /// Records looked at for packets.
    looked: u32,
    sent: VecDeque<(Span, Bytes)>,
    descriptors: Descriptors,
    epolls: Epolls,
    watched: Watched,
    /// The flags of the `accept4` that may wait.
    accepts_with: i64,
    /// A call that looks at sockets until there is something to see.
    asleep: Option<Asleep>,
    /// What a call gave that was expected to wait and did not.
    early: Option<(Span, Reply)>,
    files: Files,
    /// The script's words for the next call.
    words: String,
    /// What the counters were when they were asked last.
    noted: Counters,
    /// Temporary settings, as they were before.
    before: Vec<(String, Vec<String>)>,
}

impl Simulated {
    /// A host with these settings; `files` reads the scripts that commands name.
    ///
    /// # Errors
    /// What of the settings is not modelled.
    pub fn new(settings: &Settings, options: &Options, files: Files) -> Result<Simulated, String> {
        let plan = plan::of(settings, options.profile.unwrap_or_default())?;
        let mac = |host: HostId| plan.hosts.get(host.index()).map_or(MacAddr([0; 6]), |host| host.mac);
        let macs = [mac(STACK), mac(SCRIPT)];
        let mut world = World::new(&plan, options);
        let process = world.process_from_outside(STACK, "script");
        Ok(Simulated {
            world,
            process,
            macs,
            looked: 0,
            sent: VecDeque::new(),
            descriptors: Descriptors::default(),
            epolls: Epolls::default(),
            watched: Watched::default(),
            accepts_with: 0,
            asleep: None,
            early: None,
            files,
            words: String::new(),
            noted: Counters::default(),
            before: Vec::new(),
        })
    }

    /// What happened.
    pub fn into_trace(self) -> Trace {
        self.world.into_trace()
    }

    /// The next thing happens, if that is until then: in the world, or that a sleeper's time is over. Whether anything did.
    fn step_by(&mut self, end: Instant) -> bool {
        let woken = self.rouse();
        let own = self.wakes_at().map_or(end, |at| at.min(end));
        if self.world.step_until(own) {
            self.look();
            self.observe();
            self.rouse();
            return true;
        }
        if own < end {
            self.world.advance(own);
            return self.rouse();
        }
        woken
    }

    /// Whether the call that sleeps wakes now.
    fn rouse(&mut self) -> bool {
        let reply = self.woken();
        let woken = reply.is_some();
        if let Some(reply) = reply {
            self.early = Some((self.now(), reply));
        }
        woken
    }

    /// Everything up to then happens, and it is then.
    fn run_to(&mut self, end: Instant) {
        while self.step_by(end) {}
        self.world.advance(end);
        self.look();
    }

    /// Packets sent since the last look.
    fn look(&mut self) {
        let records = self.world.recorder().pending();
        for record in records.get(self.looked as usize..).unwrap_or_default() {
            if record.host == Some(STACK)
                && let Event::FrameSent { frame, .. } = &record.event
            {
                self.sent.push_back((record.at.since(Instant::ZERO), carried(frame)));
            }
        }
        self.looked = records.len() as u32;
    }
}

/// The simulated socket layer's call that a request comes to, if it has one.
pub(super) fn as_call(request: &Request) -> Option<Call> {
    match Descriptors::default().way(request) {
        Ok(Way::Calls(mut calls)) if !calls.is_empty() => Some(calls.swap_remove(calls.len() / 2)),
        Ok(Way::Calls(_) | Way::Known(_)) | Err(_) => None,
    }
}

/// The IP packet of a frame, its padding taken off.
fn carried(frame: &Bytes) -> Bytes {
    let packet = frame.slice(ETHERNET.min(frame.len())..);
    let two = |at: usize| packet.get(at..at + 2).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    let len = match packet.first().map(|first| first >> 4) {
        Some(4) => two(2),
        Some(6) => two(4).map(|len| len + 40),
        _ => None,
    };
    len.map_or_else(|| packet.clone(), |len| packet.slice(..len.min(packet.len())))
}

impl Examined for Simulated {
    fn now(&self) -> Span {
        self.world.now().since(Instant::ZERO)
    }

    fn wait_until(&mut self, at: Span) {
        self.run_to(Instant::ZERO + at);
    }

    fn inject(&mut self, packet: Bytes) {
        let ether_type = if packet.first().is_some_and(|first| first >> 4 == 6) {
            ETHER_TYPE_IPV6
        } else {
            ETHER_TYPE_IPV4
        };
        let [destination, source] = self.macs;
        let ethernet = Ethernet { source, destination, tags: Tags::NONE, ether_type };
        let frame = wire::build(&Packet { ethernet, body: Body::Other(packet) });
        self.world.send_by_hand(SCRIPT, frame);
        self.run_to(self.world.now());
    }

    fn next_packet(&mut self, until: Span) -> Option<(Span, Bytes)> {
        let end = Instant::ZERO + until;
        while self.sent.is_empty() && self.step_by(end) {}
        if self.sent.is_empty() {
            self.run_to(end);
        }
        self.sent.pop_front()
    }

    fn call(&mut self, request: &Request, waits: bool) -> Result<Option<Reply>, String> {
        let reply = match request {
            Request::Ioctl { .. }
            | Request::Poll { .. }
            | Request::EpollCreate
            | Request::EpollControl { .. }
            | Request::EpollWait { .. } => self.look_at(request)?,
            Request::Close { fd } if self.epolls.close(*fd) => Some(Reply::ok(0)),
            _ => self.call_socket(request)?,
        };
        self.observe();
        match reply {
            Some(reply) if waits => {
                self.early = Some((self.now(), reply));
                Ok(None)
            }
            reply => Ok(reply),
        }
    }

    fn returned(&mut self, until: Span) -> Option<(Span, Reply)> {
        let end = Instant::ZERO + until;
        loop {
            if let Some(early) = self.early.take() {
                return Some(early);
            }
            if let Some((at, result)) = self.world.returned_to(self.process) {
                self.note_opened(&Request::Accept { fd: 0, flags: self.accepts_with }, &result);
                return Some((at.since(Instant::ZERO), calls::reply(&result)));
            }
            if !self.step_by(end) {
                self.run_to(end);
                return self.early.take();
            }
        }
    }

    fn info(&mut self, fd: i64) -> Result<Vec<(&'static str, i64)>, String> {
        let fd = Fd(i32::try_from(fd).unwrap_or(-1));
        let now = self.world.now();
        Ok(self
            .world
            .machine(STACK)
            .map(|machine| machine.tcp_info(now, self.process, fd))
            .unwrap_or_default())
    }

    fn command(&mut self, text: &str) -> Result<(), CommandFailure> {
        for effect in shell::effects(text, &*self.files)? {
            match effect {
                Effect::Sysctl(name, values) => sysctl::set(&mut self.world, &name, &values)?,
                Effect::Temporary(settings) => {
                    let before =
                        |(name, _): &(String, _)| Some((name.clone(), sysctl::present(&self.world, name)?));
                    self.before = settings.iter().filter_map(before).collect();
                    for (name, values) in &settings {
                        sysctl::set(&mut self.world, name, values)?;
                    }
                }
                Effect::TakeBack => {
                    for (name, values) in std::mem::take(&mut self.before) {
                        sysctl::set(&mut self.world, &name, &values)?;
                    }
                }
                Effect::Counters(inquiry) => counters::ask(&self.world, &mut self.noted, &inquiry)?,
                Effect::RouteAttribute(name, value) => {
                    return Err(CommandFailure::Unsupported(format!("route attribute {name} {value}")));
                }
            }
        }
        Ok(())
    }

    fn patience(&self) -> Span {
        Span::secs(3_600)
    }

    fn calling(&mut self, words: &str) {
        self.words = words.split_whitespace().collect::<Vec<&str>>().join(" ");
    }

    fn exhausted(&self) -> Option<Text> {
        let Stop::Limit(limit) = self.world.stopped()? else { return None };
        Some(Text::new(
            format!("more than the {limit} a run may have"),
            format!("超出一次运行的上限：{limit}"),
        ))
    }
}

impl Simulated {
    /// A call on a socket; `None` when it waits.
    fn call_socket(&mut self, request: &Request) -> Result<Option<Reply>, String> {
        let calls = match self.descriptors.way(request)? {
            Way::Known(reply) => return Ok(Some(reply)),
            Way::Calls(calls) => calls,
        };
        if let Request::Accept { flags, .. } = request {
            self.accepts_with = *flags;
        }
        let mut given = Vec::new();
        for (at, call) in calls.iter().enumerate() {
            // Of several the one in the middle is the script's.
            let words = if at == calls.len() / 2 { std::mem::take(&mut self.words) } else { String::new() };
            given.push(self.make_as(call, words));
        }
        self.look();
        let result = given.into_iter().nth(calls.len() / 2).flatten();
        match request {
            Request::Shutdown { fd, .. } => self.stir(*fd),
            Request::Close { fd } => self.watched.forget(*fd),
            Request::Send { fd, parts, .. } => {
                let all = result == Some(Return::Sent(parts.iter().sum()));
                if !all {
                    self.watched.found_no_room(*fd);
                }
            }
            _ => {}
        }
        let Some(result) = result else { return Ok(None) };
        self.note_opened(request, &result);
        Ok(Some(calls::reply(&result)))
    }

    fn make(&mut self, call: &Call) -> Option<Return> {
        self.make_as(call, String::new())
    }

    /// The call in these words, or by its name.
    fn make_as(&mut self, call: &Call, words: String) -> Option<Return> {
        let words = if words.is_empty() { call.name().to_owned() } else { words };
        self.world.call_for(self.process, call, words)
    }

    fn note_opened(&mut self, request: &Request, result: &Return) {
        let flags = match request {
            Request::Socket { kind, .. } => *kind,
            Request::Accept { flags, .. } => *flags,
            _ => 0,
        };
        if let Return::Descriptor(fd) | Return::Accepted(fd, _) = result
            && self.descriptors.opened(i64::from(fd.0), flags)
        {
            self.make(&Call::SetBlocking { fd: *fd, blocking: false });
        }
    }
}
