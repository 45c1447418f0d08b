//! This machine's kernel under examination, over TUN, in a private namespace and in real time.

use super::examined::{CommandFailure, Examined};
use super::request::{OptionValue, Reply, Request, Told};
use super::{Settings, info, plain, symbols};
use crate::clock::Span;
use crate::live::{BareCall, BareReply, Ended, Medium, Rig};
use bytes::Bytes;
use nix::errno::Errno;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

/// Octets of room for an option's value.
const ROOM: usize = 512;
/// TCP's level, and the option with everything about a connection.
const SOL_TCP: i32 = 6;
const TCP_INFO: i32 = 11;
/// The socket's level, and the option with its memory.
const SOL_SOCKET: i32 = 1;
const SO_MEMINFO: i32 = 55;
/// The control message with the times of a packet.
const SCM_TIMESTAMPING: i32 = 37;
/// What close() does with what is not yet sent.
const SO_LINGER: i32 = 13;
/// How long a command of the script may take.
const LONGEST_COMMAND: Span = Span::secs(60);

/// This machine's kernel, in the namespace of the thread that made this.
pub struct Kernel {
    rig: Rig,
    segment: Option<u16>,
    /// The descriptors that the script opened and has not closed.
    open: BTreeSet<i32>,
    /// The call that waits.
    asked: Option<Request>,
}

impl Kernel {
    /// A namespace of its own around the calling thread, which stays in it. Its interface is a TUN, or one end of a veth pair
    /// where TUN is not to be had. What the script's commands do runs in `folder`.
    ///
    /// # Errors
    /// Where namespaces, or both kinds of interfaces, are not to be had.
    pub fn around(settings: &Settings, folder: PathBuf) -> io::Result<Kernel> {
        Kernel::over(settings, folder, None)
    }

    /// The same over that medium, or over the better one that is to be had.
    ///
    /// # Errors
    /// Where namespaces, or that kind of interface, are not to be had.
    pub fn over(settings: &Settings, folder: PathBuf, medium: Option<Medium>) -> io::Result<Kernel> {
        let mut rig = Rig::around((settings.local, settings.remote), settings.mtu, medium, &folder)?;
        rig.begin();
        Ok(Kernel { rig, segment: settings.mss, open: BTreeSet::new(), asked: None })
    }

    /// The same with times as the script counts them.
    fn timed(&self, mut reply: Reply) -> Reply {
        for (_, _, told) in &mut reply.control {
            if let Told::Time(at) = told {
                *at -= self.rig.began();
            }
        }
        reply
    }

    /// What it runs over.
    pub fn medium(&self) -> Medium {
        self.rig.medium()
    }

    /// Packets that it sent and that nobody saw, for want of room: a run with any proves nothing.
    pub fn unseen(&self) -> u32 {
        self.rig.unseen().unwrap_or(0)
    }

    /// By how much the machine has at most kept this program from doing something at its time: of a run that was held up by
    /// more than its tolerance a failure proves nothing.
    pub fn held_up(&self) -> Span {
        self.rig.held_up()
    }

    /// What descriptors there are once the call has given that.
    fn note(&mut self, request: &Request, found: &BareReply) {
        if found.errno.is_none() && request.opens_one() {
            self.open.insert(found.result as i32);
        }
        self.open.extend(found.ends.iter().flatten());
        if let Request::Close { fd } = request {
            self.open.remove(&(*fd as i32));
        }
    }
}

impl Drop for Kernel {
    /// What the script left open is closed without a word: nothing is sent, nothing lives on.
    fn drop(&mut self) {
        let make = |call: BareCall| crate::live::bare_call(&call);
        // A call that still waits is woken first.
        for fd in &self.open {
            make(BareCall::Shutdown { fd: *fd, how: 2 });
        }
        let at_once = [1_i32.to_ne_bytes(), 0_i32.to_ne_bytes()].concat();
        for fd in &self.open {
            make(BareCall::SetOption { fd: *fd, level: SOL_SOCKET, name: SO_LINGER, value: at_once.clone() });
            make(BareCall::Close { fd: *fd });
        }
    }
}

impl Examined for Kernel {
    fn begin(&mut self) {
        self.rig.begin();
    }

    fn now(&self) -> Span {
        self.rig.now()
    }

    fn wait_until(&mut self, at: Span) {
        self.rig.wait_until(at);
    }

    fn inject(&mut self, packet: Bytes) {
        // A packet that the interface does not take is one that never arrives: the script will find out.
        let _ = self.rig.inject(&packet, self.segment);
    }

    fn next_packet(&mut self, until: Span) -> Option<(Span, Bytes)> {
        self.rig.next_packet(until).ok().flatten()
    }

    fn call(&mut self, request: &Request, waits: bool) -> Result<Option<Reply>, String> {
        let Some(found) = self.rig.call(bare(request), waits) else {
            self.asked = Some(request.clone());
            return Ok(None);
        };
        self.note(request, &found);
        Ok(Some(self.timed(reply(request, found))))
    }

    fn returned(&mut self, until: Span) -> Option<(Span, Reply)> {
        let (at, found) = self.rig.returned(until)?;
        match self.asked.take() {
            Some(request) => {
                self.note(&request, &found);
                Some((at, self.timed(reply(&request, found))))
            }
            None => Some((at, self.timed(plain(found)))),
        }
    }

    fn info(&mut self, fd: i64) -> Result<Vec<(&'static str, i64)>, String> {
        let call = BareCall::GetOption { fd: fd as i32, level: SOL_TCP, name: TCP_INFO, room: ROOM };
        // While a call waits the caller's thread is taken; the option can be read from any.
        let found = crate::live::bare_call(&call);
        let mut fields = match found.errno {
            None => info::fields(&found.octets),
            Some(errno) => return Err(format!("TCP_INFO: {}", name_of(errno))),
        };
        let call = BareCall::GetOption { fd: fd as i32, level: SOL_SOCKET, name: SO_MEMINFO, room: ROOM };
        fields.extend(info::memory(&crate::live::bare_call(&call).octets));
        Ok(fields)
    }

    fn command(&mut self, text: &str) -> Result<(), CommandFailure> {
        // What cannot be set so is left to the shell, which says why.
        if let Some(settings) = plain::settings(text)
            && settings.iter().all(|(path, value)| self.rig.set(path, value).is_ok())
        {
            return Ok(());
        }
        let failed = |words: String| Err(CommandFailure::Failed(words));
        match self.rig.command(text, LONGEST_COMMAND) {
            Ok(Ended::Well) => Ok(()),
            // The shell's way to say that it knows no such command.
            Ok(Ended::Badly(Some(127), words)) => Err(CommandFailure::Unsupported(words)),
            Ok(Ended::Late) => {
                failed(format!("it was killed after {} s", LONGEST_COMMAND.as_millis() / 1000))
            }
            Ok(Ended::Badly(status, words)) => {
                let status =
                    status.map_or_else(|| "a signal".to_owned(), |status| format!("status {status}"));
                failed(if words.is_empty() { status } else { format!("{status}, {words}") })
            }
            Err(error) => failed(error.to_string()),
        }
    }

    fn knows_signatures(&self) -> bool {
        true
    }

    fn happened(&self) -> Option<Span> {
        Some(self.rig.happened())
    }

    fn patience(&self) -> Span {
        Span::secs(30)
    }
}

fn name_of(errno: i32) -> String {
    format!("{:?}", Errno::from_raw(errno))
}

fn number(value: i64) -> i32 {
    value as i32
}

fn bare(request: &Request) -> BareCall {
    match request.clone() {
        Request::Socket { domain, kind, protocol } => {
            BareCall::Socket { domain: number(domain), kind: number(kind), protocol: number(protocol) }
        }
        Request::Bind { fd, address } => BareCall::Bind { fd: number(fd), address },
        Request::Listen { fd, backlog } => BareCall::Listen { fd: number(fd), backlog: number(backlog) },
        Request::Accept { fd, flags } => BareCall::Accept { fd: number(fd), flags: number(flags) },
        Request::Connect { fd, address } => BareCall::Connect { fd: number(fd), address },
        Request::Send { fd, parts, nowhere, flags, to } => {
            BareCall::Send { fd: number(fd), parts, nowhere, flags: number(flags), to }
        }
        Request::Receive { fd, parts, nowhere, flags, control } => {
            BareCall::Receive { fd: number(fd), parts, nowhere, flags: number(flags), control }
        }
        Request::Shutdown { fd, how } => BareCall::Shutdown { fd: number(fd), how: number(how) },
        Request::Close { fd } => BareCall::Close { fd: number(fd) },
        Request::SetOption { fd, level, name, value } => {
            let value = match value {
                OptionValue::Number(value) => number(value).to_ne_bytes().to_vec(),
                OptionValue::Octets(octets) => octets,
                OptionValue::Time(seconds, micros) => [seconds.to_ne_bytes(), micros.to_ne_bytes()].concat(),
                OptionValue::Linger(on, seconds) => {
                    [i32::from(on).to_ne_bytes(), number(seconds).to_ne_bytes()].concat()
                }
            };
            BareCall::SetOption { fd: number(fd), level: number(level), name: number(name), value }
        }
        Request::GetOption { fd, level, name } => {
            BareCall::GetOption { fd: number(fd), level: number(level), name: number(name), room: ROOM }
        }
        Request::Flags { fd, set } => BareCall::Control {
            fd: number(fd),
            command: number(symbols::value(if set.is_some() { "F_SETFL" } else { "F_GETFL" }).unwrap_or(0)),
            argument: number(set.unwrap_or(0)),
        },
        Request::Ioctl { fd, request } => BareCall::Ioctl { fd: number(fd), request: request as u64 },
        Request::Poll { fds, timeout } => BareCall::Poll {
            fds: fds.iter().map(|(fd, events)| (number(*fd), *events as i16)).collect(),
            timeout: number(timeout),
        },
        Request::EpollCreate => BareCall::EpollCreate,
        Request::EpollControl { epoll, operation, fd, events } => BareCall::EpollControl {
            epoll: number(epoll),
            operation: number(operation),
            fd: number(fd),
            events: events as u32,
        },
        Request::EpollWait { epoll, most, timeout } => {
            BareCall::EpollWait { epoll: number(epoll), most: number(most), timeout: number(timeout) }
        }
        Request::Open { path, flags } => BareCall::Open { path: path.into(), flags: number(flags) },
        Request::Pipe { flags, .. } => BareCall::Pipe { flags: number(flags) },
        Request::Splice { from, to, len, flags } => BareCall::Splice {
            from: (number(from.0), from.1),
            to: (number(to.0), to.1),
            len,
            flags: flags as u32,
        },
        Request::SendFile { to, from, at, len } => {
            BareCall::SendFile { from: number(from), at, to: number(to), len }
        }
    }
}

/// What a control message tells, as its level and kind say; times are still the machine's.
fn told(level: i32, kind: i32, data: &[u8]) -> Told {
    let word = |at: usize| data.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes);
    let long = |at: usize| data.get(at..at + 8)?.try_into().ok().map(i64::from_ne_bytes);
    let error = matches!((level, kind), (0, 11) | (41, 25));
    let stamps = (level, kind) == (SOL_SOCKET, SCM_TIMESTAMPING);
    match (data, word(0), word(8), word(12), long(0), long(8)) {
        (&[_, _, _, _, origin, kind, code, ..], Some(errno), Some(info), Some(more), ..) if error => {
            let [origin, kind, code] = [origin, kind, code].map(i64::from);
            Told::Extended([errno.into(), origin, kind, code, info.into(), more.into()])
        }
        (.., Some(seconds), Some(nanos)) if stamps => {
            Told::Time(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
        }
        (&[a, b, c, d], ..) => Told::Number(i32::from_ne_bytes([a, b, c, d]).into()),
        _ => Told::Octets(data.to_vec()),
    }
}

fn plain(found: BareReply) -> Reply {
    Reply {
        result: found.result,
        errno: found.errno.map(name_of),
        option: None,
        number: found.number.map(i64::from),
        events: found.events,
        flags: i64::from(found.flags),
        control: found
            .control
            .iter()
            .map(|(level, kind, data)| (i64::from(*level), i64::from(*kind), told(*level, *kind, data)))
            .collect(),
        ends: found.ends.map(|ends| ends.map(i64::from)),
    }
}

fn reply(request: &Request, found: BareReply) -> Reply {
    let octets = found.octets.clone();
    let mut reply = plain(found);
    if let Request::GetOption { level, name, .. } = request
        && reply.errno.is_none()
    {
        let int =
            |at: usize| octets.get(at..at + 4).and_then(|four| four.try_into().ok()).map(i32::from_ne_bytes);
        let linger = (*level, *name) == (1, 13);
        let long = |at: usize| {
            octets.get(at..at + 8).and_then(|eight| eight.try_into().ok()).map(i64::from_ne_bytes)
        };
        let time = *level == i64::from(SOL_SOCKET) && matches!(*name, 20 | 21);
        reply.option = match (octets.len(), int(0), int(4)) {
            (8, Some(on), Some(seconds)) if linger => Some(OptionValue::Linger(on != 0, seconds.into())),
            (16, ..) if time => Some(OptionValue::Time(long(0).unwrap_or(0), long(8).unwrap_or(0))),
            (4, Some(value), _) => Some(OptionValue::Number(value.into())),
            _ => Some(OptionValue::Octets(octets)),
        };
    }
    reply
}
