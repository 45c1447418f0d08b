//! The simulated stack under examination: a world of one host and the script, in virtual time.

mod calls;
mod counters;
mod epoll;
mod kept;
mod notices;
mod options;
mod plan;
mod polling;
mod route;
mod sysctl;
#[cfg(test)]
mod tests;
mod watch;

use self::calls::{Descriptors, Way};
use self::epoll::Epolls;
use self::kept::{Nature, SOL_TCP, TCP_INQ};
use self::watch::{Asleep, Watched};
use super::Settings;
use super::examined::{CommandFailure, Examined};
use super::request::{Reply, Request, Told};
use super::shell::{self, Effect};
use super::symbols;
use crate::clock::{Instant, Span};
use crate::lang::Text;
use crate::link::HostId;
use crate::mib::Counters;
use crate::socket::{Call, Errno, Fd, ProcessId, Return, Showing};
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
    /// The call on a socket that was made last: it may wait.
    made: Option<Request>,
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
        // The kernel's own, where comparisons pin reno.
        world.set_congestion_control(STACK, "cubic");
        world.set_receive_offload(STACK, settings.mss);
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
            made: None,
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
    let mut descriptors = Descriptors::default();
    if let Some(fd) = request.socket() {
        descriptors.opened(fd, 0, Nature::TCP);
    }
    match descriptors.way(request, None) {
        Ok(Way::Calls(mut calls)) if !calls.is_empty() => Some(calls.swap_remove(calls.len() / 2)),
        Ok(Way::Faulty(call)) => Some(call),
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
    /// Commands take no time here.
    fn begin(&mut self) {}

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
                let made = self.made.take();
                let reply = made.map_or_else(|| calls::reply(&result), |made| self.reply(&made, &result));
                return Some((at.since(Instant::ZERO), reply));
            }
            if !self.step_by(end) {
                self.run_to(end);
                return self.early.take();
            }
        }
    }

    fn info(&mut self, fd: i64) -> Result<Vec<(&'static str, i64)>, String> {
        // A socket without a connection is closed.
        if matches!(self.showing(fd), Some(Showing::Idle { .. })) {
            return Ok(vec![("tcpi_state", 7)]);
        }
        let fd = Fd(i32::try_from(fd).unwrap_or(-1));
        let now = self.world.now();
        Ok(self
            .world
            .machine(STACK)
            .map(|machine| {
                let mut fields = machine.tcp_info(now, self.process, fd);
                fields.extend(machine.memory_info(self.process, fd));
                fields
            })
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
                Effect::RouteAttribute(name, value) => route::set(&mut self.world, &name, &value)?,
                Effect::LinkMtu(mtu) => self.world.set_mtu(STACK, mtu),
                Effect::CardTakes(takes) => {
                    sysctl::set(&mut self.world, "card_full", &[i64::from(!takes).to_string()])?;
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
        if request.socket().is_some_and(|fd| self.epolls.has(fd)) {
            return Ok(Some(Reply::failed("ENOTSOCK")));
        }
        let showing = request.socket().and_then(|fd| self.showing(fd));
        let result = match self.descriptors.way(request, showing)? {
            Way::Known(reply) => return Ok(Some(reply)),
            Way::Faulty(call) => {
                let failed = self.make(&call).map(|result| calls::reply(&result)).filter(|it| it.result < 0);
                return Ok(Some(failed.unwrap_or_else(|| Reply::failed("EFAULT"))));
            }
            Way::Calls(calls) => {
                let middle = calls.len() / 2;
                let mut given = None;
                for (at, call) in calls.iter().enumerate() {
                    // Of several the one in the middle is the script's; of one it is that.
                    let own = at == middle;
                    let words = if own { std::mem::take(&mut self.words) } else { String::new() };
                    let result = self.make_as(call, words);
                    given = if own { result } else { given };
                }
                given
            }
        };
        self.look();
        match request {
            Request::Shutdown { fd, .. } => self.stir(*fd),
            Request::Close { fd } => self.watched.forget(*fd),
            Request::Send { fd, parts, .. } => {
                let all = result == Some(Return::Sent(parts.iter().sum()));
                if !all {
                    self.watched.found_no_room(*fd);
                }
            }
            Request::Bind { fd, .. } | Request::Listen { fd, .. }
                if result == Some(Return::Failed(Errno::EADDRINUSE)) && self.descriptors.shares_port(*fd) =>
            {
                return Err("SO_REUSEPORT: several TCP sockets on one port".to_owned());
            }
            _ => {}
        }
        let Some(result) = result else {
            self.made = Some(request.clone());
            return Ok(None);
        };
        Ok(Some(self.reply(request, &result)))
    }

    /// What the call gave, as the script is told.
    fn reply(&mut self, request: &Request, result: &Return) -> Reply {
        self.note_opened(request, result);
        let mut reply = calls::reply(result);
        if let (Request::Receive { fd, .. }, Return::Message(message)) = (request, result)
            && let Some(notice) = &message.notice
        {
            notices::tell(&mut reply, notice, self.descriptors.is_ipv6(*fd));
        }
        let cut = symbols::value("MSG_CTRUNC").unwrap_or(0);
        if let Request::Receive { fd, .. } = request
            && reply.result >= 0
            && matches!(result, Return::Message(_))
            && self.descriptors.tells_rest(*fd)
            && let Some(Showing::Conn(signals, _)) = self.showing(*fd)
        {
            // What a FIN leaves to be read is the end of the stream.
            let rest = signals.readable as i64 + i64::from(signals.ended);
            reply.control.push((SOL_TCP, TCP_INQ, Told::Number(rest)));
        }
        if let Request::Receive { control: false, .. } = request
            && !reply.control.is_empty()
        {
            reply.control.clear();
            reply.flags |= cut;
        }
        reply
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
        let (Return::Descriptor(fd) | Return::Accepted(fd, _)) = result else { return };
        let number = i64::from(fd.0);
        let at_once = match request {
            Request::Socket { domain, kind, .. } => {
                let nature = Nature { domain: *domain, kind: kind & 0xf };
                self.descriptors.opened(number, *kind, nature)
            }
            Request::Accept { fd: listener, flags } => self.descriptors.accepted(*listener, number, *flags),
            _ => false,
        };
        if at_once {
            self.make(&Call::SetBlocking { fd: *fd, blocking: false });
        }
    }
}
