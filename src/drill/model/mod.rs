//! The simulated stack under examination: a world of one host and the script, in virtual time.

use super::Settings;
mod calls;
mod options;
mod plan;
mod sysctl;

use self::calls::{Descriptors, Way};
use super::examined::{CommandFailure, Examined};
use super::request::{Reply, Request};
use super::shell::{self, Effect};
use crate::clock::{Instant, Span};
use crate::link::HostId;
use crate::socket::{Fd, ProcessId, Return};
use crate::trace::{Event, Trace};
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
    /// What a call gave that was expected to wait and did not.
    early: Option<(Span, Reply)>,
    files: Files,
}

impl Simulated {
    /// A host with these settings; `files` reads the scripts that commands name.
    ///
    /// # Errors
    /// What of the settings is not modelled.
    pub fn new(settings: &Settings, options: &Options, files: Files) -> Result<Simulated, String> {
        let plan = plan::of(settings)?;
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
            early: None,
            files,
        })
    }

    /// What happened.
    pub fn into_trace(self) -> Trace {
        self.world.into_trace()
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
        self.world.advance(Instant::ZERO + at);
        self.look();
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
        let now = self.world.now();
        self.world.advance(now);
        self.look();
    }

    fn next_packet(&mut self, until: Span) -> Option<(Span, Bytes)> {
        loop {
            if let Some(sent) = self.sent.pop_front() {
                return Some(sent);
            }
            let end = Instant::ZERO + until;
            let nothing_more = !self.world.step_until(end);
            if nothing_more {
                self.world.advance(end);
            }
            self.look();
            if nothing_more {
                return self.sent.pop_front();
            }
        }
    }

    fn call(&mut self, request: &Request, waits: bool) -> Result<Option<Reply>, String> {
        let calls = match self.descriptors.way(request)? {
            Way::Known(reply) => return Ok(Some(reply)),
            Way::Calls(calls) => calls,
        };
        let mut given = Vec::new();
        for call in &calls {
            given.push(self.world.call_for(self.process, call, call.name().to_owned()));
        }
        self.look();
        // Of several the one in the middle is the script's; of one it is that.
        let result = given.into_iter().nth(calls.len() / 2).flatten();
        let Some(result) = result else { return Ok(None) };
        let reply = calls::reply(&result);
        self.note_opened(request, &result);
        if waits {
            self.early = Some((self.now(), reply));
            return Ok(None);
        }
        Ok(Some(reply))
    }

    fn returned(&mut self, until: Span) -> Option<(Span, Reply)> {
        if let Some(early) = self.early.take() {
            return Some(early);
        }
        let end = Instant::ZERO + until;
        loop {
            if let Some((at, result)) = self.world.returned_to(self.process) {
                self.note_opened(&Request::Accept { fd: 0, flags: 0 }, &result);
                return Some((at.since(Instant::ZERO), calls::reply(&result)));
            }
            if !self.world.step_until(end) {
                self.world.advance(end);
                self.look();
                return None;
            }
            self.look();
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
}

impl Simulated {
    fn note_opened(&mut self, request: &Request, result: &Return) {
        let flags = match request {
            Request::Socket { kind, .. } => *kind,
            Request::Accept { flags, .. } => *flags,
            _ => 0,
        };
        if let Return::Descriptor(fd) | Return::Accepted(fd, _) = result {
            self.descriptors.opened(i64::from(fd.0), flags);
        }
    }
}
