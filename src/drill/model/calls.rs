//! Requests of a script as calls of the simulated socket layer, and what came of them as replies.

use super::kept::{Kept, Nature, SOL_IP, SOL_IPV6, SOL_SOCKET, SOL_TCP, TCP_INQ};
use super::options;
use crate::drill::request::{OptionValue, Reply, Request, Told};
use crate::drill::symbols;
use crate::socket::{Beside, Call, Domain, Fd, How, Kind, Message, Return, Showing, Wanted};
use crate::tcp::SendFlags;
use crate::udp::Origin;
use crate::wire::unmapped;
use bytes::Bytes;
use std::collections::BTreeMap;

const NONBLOCK: i64 = 0o4000;
const READ_AND_WRITE: i64 = 2;
/// The flags that F_SETFL changes: O_APPEND, O_NONBLOCK, O_ASYNC.
const CHANGEABLE: i64 = 0o2000 | NONBLOCK | 0o20000;
/// SO_ACCEPTCONN.
const ACCEPTS: i64 = 30;

/// Descriptors that are open.
#[derive(Clone, Debug, Default)]
pub(super) struct Descriptors {
    open: BTreeMap<i64, Opened>,
}

/// What belongs to a descriptor beside its socket.
#[derive(Clone, Debug)]
struct Opened {
    /// Its status flags.
    flags: i64,
    /// The options that its socket only keeps.
    kept: Kept,
}

/// How a request is carried out.
pub(super) enum Way {
    /// By these calls in order; the reply is the last one's. Those before it are not expected to wait.
    Calls(Vec<Call>),
    /// By this one, after which there turns out to be no memory for what it gives or takes, if it succeeds.
    Faulty(Call),
    /// By nothing: it gives this.
    Known(Reply),
}

fn errno(name: &str) -> Way {
    Way::Known(Reply::failed(name))
}

fn named(name: &str) -> i64 {
    symbols::value(name).unwrap_or(0)
}

impl Descriptors {
    /// The calls that a request means.
    ///
    /// # Errors
    /// What of it the simulated stack does not have, by name.
    pub fn way(&mut self, request: &Request, showing: Option<Showing>) -> Result<Way, String> {
        Ok(match request {
            Request::Socket { domain, kind, protocol } => return socket(*domain, *kind, *protocol),
            Request::Bind { fd, address } => one(Call::Bind { fd: own(*fd), address: *address }),
            Request::Listen { fd, backlog } => one(Call::Listen { fd: own(*fd), backlog: *backlog as i32 }),
            Request::Accept { fd, .. } => one(Call::Accept { fd: own(*fd) }),
            Request::Connect { fd, address: Some(address) } => {
                one(Call::Connect { fd: own(*fd), address: *address })
            }
            Request::Connect { fd, address: None } => one(Call::Disconnect { fd: own(*fd) }),
            Request::Send { fd, parts, nowhere: true, flags, to } if parts.iter().sum::<usize>() > 0 => {
                return self.send_nowhere(*fd, parts, *flags, *to, showing);
            }
            Request::Receive { fd, parts, nowhere: true, flags, .. } => {
                return self.receive_nowhere(*fd, parts, *flags, showing);
            }
            Request::Send { fd, parts, flags, to, .. } => return self.send(*fd, parts, *flags, *to),
            Request::Receive { fd, parts, flags, .. } => return self.receive(*fd, parts, *flags),
            Request::Shutdown { fd, how } => match how {
                0 => one(Call::Shutdown { fd: own(*fd), how: How::Read }),
                1 => one(Call::Shutdown { fd: own(*fd), how: How::Write }),
                2 => one(Call::Shutdown { fd: own(*fd), how: How::Both }),
                _ => errno("EINVAL"),
            },
            Request::Close { fd } => {
                self.open.remove(fd);
                one(Call::Close { fd: own(*fd) })
            }
            Request::SetOption { fd, level, name, value } => {
                return self.set_option(*fd, *level, *name, value);
            }
            Request::GetOption { fd, level, name } => return self.get_option(*fd, *level, *name, showing),
            Request::Flags { fd, set: None } => Way::Known(
                self.open.get(fd).map_or_else(|| Reply::failed("EBADF"), |open| Reply::ok(open.flags)),
            ),
            Request::Flags { fd, set: Some(flags) } => {
                let Some(open) = self.open.get_mut(fd) else { return Ok(errno("EBADF")) };
                open.flags = READ_AND_WRITE | flags & CHANGEABLE;
                one(Call::SetBlocking { fd: own(*fd), blocking: flags & NONBLOCK == 0 })
            }
            Request::Open { .. } => return Err("open()".to_owned()),
            Request::Pipe { .. } => return Err("pipe()".to_owned()),
            Request::Splice { .. } => return Err("splice()".to_owned()),
            Request::SendFile { .. } => return Err("sendfile()".to_owned()),
            // They are no calls on one socket: `watch` has them.
            Request::Ioctl { .. }
            | Request::Poll { .. }
            | Request::EpollCreate
            | Request::EpollControl { .. }
            | Request::EpollWait { .. } => errno("EINVAL"),
        })
    }

    /// A descriptor came to be, of a socket like this; whether its calls must not wait.
    pub fn opened(&mut self, fd: i64, flags: i64, nature: Nature) -> bool {
        self.open.insert(fd, Opened { flags: READ_AND_WRITE | flags & NONBLOCK, kept: Kept::new(nature) });
        flags & NONBLOCK != 0
    }

    /// A descriptor came to be by `accept`: options are the listener's, flags are not.
    pub fn accepted(&mut self, listener: i64, fd: i64, flags: i64) -> bool {
        let kept = self.open.get(&listener).map(|open| open.kept.clone());
        let kept = kept.unwrap_or_else(|| Kept::new(Nature::TCP));
        self.open.insert(fd, Opened { flags: READ_AND_WRITE | flags & NONBLOCK, kept });
        flags & NONBLOCK != 0
    }

    fn is_stream(&self, fd: i64) -> bool {
        self.open.get(&fd).is_some_and(|open| open.kept.nature().is_stream())
    }

    /// Whether the socket is one of IPv6.
    pub fn is_ipv6(&self, fd: i64) -> bool {
        self.open.get(&fd).is_some_and(|open| open.kept.nature().domain == 10)
    }

    /// Whether each message of the stream is to tell how much is left (TCP_INQ).
    pub fn tells_rest(&self, fd: i64) -> bool {
        self.open.get(&fd).is_some_and(|open| open.kept.number(SOL_TCP, TCP_INQ) != 0)
    }

    /// Whether the socket may share its port with others (SO_REUSEPORT).
    pub fn shares_port(&self, fd: i64) -> bool {
        self.open.get(&fd).is_some_and(|open| open.kept.number(SOL_SOCKET, 15) != 0)
    }

    fn set_option(&mut self, fd: i64, level: i64, name: i64, value: &OptionValue) -> Result<Way, String> {
        let Some(open) = self.open.get_mut(&fd) else { return Ok(errno("EBADF")) };
        if Kept::only_tells(level, name) {
            return Ok(errno("ENOPROTOOPT"));
        }
        if let OptionValue::Number(number) = value
            && let Some(done) = open.kept.set(level, name, *number)?
        {
            return Ok(match done {
                Ok(()) => Way::Known(Reply::ok(0)),
                Err(failure) => errno(failure),
            });
        }
        if let OptionValue::Time(_, micros) = value
            && !(0..1_000_000).contains(micros)
        {
            return Ok(errno("EDOM"));
        }
        let nature = open.kept.nature();
        Ok(options::set(own(fd), nature, level, name, value)?.map_or_else(|| errno("EINVAL"), one))
    }

    fn get_option(&self, fd: i64, level: i64, name: i64, showing: Option<Showing>) -> Result<Way, String> {
        let Some(open) = self.open.get(&fd) else { return Ok(errno("EBADF")) };
        let told = |number| Way::Known(Reply { option: Some(OptionValue::Number(number)), ..Reply::ok(0) });
        if (level, name) == (SOL_SOCKET, ACCEPTS) {
            return Ok(told(i64::from(matches!(showing, Some(Showing::Listener(_))))));
        }
        match open.kept.get(level, name) {
            Some(Ok(number)) => return Ok(told(number)),
            Some(Err(failure)) => return Ok(errno(failure)),
            None => {}
        }
        let known = options::named(open.kept.nature(), level, name)?;
        Ok(one(Call::GetOption { fd: own(fd), name: known }))
    }

    /// A call whose data lies in no memory of the process. TCP sees that when it copies, after all that may keep it from that.
    fn send_nowhere(
        &self,
        fd: i64,
        parts: &[usize],
        flags: i64,
        to: Option<std::net::SocketAddr>,
        showing: Option<Showing>,
    ) -> Result<Way, String> {
        match showing {
            Some(Showing::Conn(signals, _)) if signals.room || signals.no_more_out => {
                let empty = Call::Send { fd: own(fd), data: Bytes::new() };
                Ok(Way::Faulty(empty))
            }
            Some(Showing::Conn(..) | Showing::Listener(_)) => self.send(fd, parts, flags, to),
            Some(Showing::Idle { deferred: false, .. }) if flags & named("MSG_FASTOPEN") == 0 => {
                self.send(fd, parts, flags, to)
            }
            Some(Showing::Idle { .. } | Showing::Datagram { .. } | Showing::Other) => Ok(errno("EFAULT")),
            None => Ok(errno("EBADF")),
        }
    }

    /// What comes stays where it is, in a stream; a datagram is lost.
    fn receive_nowhere(
        &self,
        fd: i64,
        parts: &[usize],
        flags: i64,
        showing: Option<Showing>,
    ) -> Result<Way, String> {
        match showing {
            Some(Showing::Conn(signals, _)) if signals.readable > 0 => Ok(errno("EFAULT")),
            Some(Showing::Datagram { waiting, .. }) if waiting > 0 => {
                let call = Call::Recv { fd: own(fd), len: 1 };
                Ok(Way::Faulty(call))
            }
            Some(_) => self.receive(fd, parts, flags),
            None => Ok(errno("EBADF")),
        }
    }

    fn blocks(&self, fd: i64) -> bool {
        self.open.get(&fd).is_some_and(|open| open.flags & NONBLOCK == 0)
    }

    /// The calls, on a socket that does not block while they last if the flags say so.
    fn perhaps_at_once(&self, fd: i64, flags: i64, call: Call) -> Way {
        let now = flags & named("MSG_DONTWAIT") != 0 && self.blocks(fd);
        if !now {
            return one(call);
        }
        let blocking = |blocking| Call::SetBlocking { fd: own(fd), blocking };
        Way::Calls(vec![blocking(false), call, blocking(true)])
    }

    fn send(
        &self,
        fd: i64,
        parts: &[usize],
        flags: i64,
        to: Option<std::net::SocketAddr>,
    ) -> Result<Way, String> {
        let known = [
            "MSG_DONTWAIT",
            "MSG_NOSIGNAL",
            "MSG_FASTOPEN",
            "MSG_OOB",
            "MSG_MORE",
            "MSG_EOR",
            "MSG_ZEROCOPY",
        ];
        let known = known.into_iter().fold(0, |sum, name| sum | named(name));
        if flags & !known != 0 {
            return Err(format!("send flags {:#x}", flags & !known));
        }
        let data = Bytes::from(vec![0; parts.iter().sum()]);
        let has = |name: &str| flags & named(name) != 0;
        let said = SendFlags {
            urgent: has("MSG_OOB"),
            more: has("MSG_MORE"),
            end_of_record: has("MSG_EOR"),
            uncopied: has("MSG_ZEROCOPY"),
        };
        let (fd_own, fast_open) = (own(fd), flags & named("MSG_FASTOPEN") != 0);
        let call = match to {
            Some(_) if fast_open && said.uncopied => return Err("MSG_ZEROCOPY with MSG_FASTOPEN".to_owned()),
            // A stream goes to its peer, whatever address is given.
            Some(_) if !fast_open && self.is_stream(fd) => Call::SendWith { fd: fd_own, data, flags: said },
            Some(to) => Call::SendTo { fd: fd_own, data, to, fast_open },
            None if said == SendFlags::default() => Call::Send { fd: fd_own, data },
            None => Call::SendWith { fd: fd_own, data, flags: said },
        };
        Ok(self.perhaps_at_once(fd, flags, call))
    }

    /// Flags that mean something to other calls are passed over, as the kernel does.
    fn receive(&self, fd: i64, parts: &[usize], flags: i64) -> Result<Way, String> {
        let has = |name: &str| flags & named(name) != 0;
        let len = parts.iter().sum();
        let call = if has("MSG_OOB") {
            Call::RecvUrgent { fd: own(fd), len }
        } else {
            let beside = if has("MSG_ERRQUEUE") { Beside::Error } else { Beside::Nothing };
            let (peek, whole, all) = (has("MSG_PEEK"), has("MSG_TRUNC"), has("MSG_WAITALL"));
            Call::Receive { fd: own(fd), len, wanted: Wanted { beside, peek, whole, all } }
        };
        Ok(self.perhaps_at_once(fd, flags, call))
    }
}

fn own(fd: i64) -> Fd {
    Fd(i32::try_from(fd).unwrap_or(-1))
}

fn one(call: Call) -> Way {
    Way::Calls(vec![call])
}

fn socket(domain: i64, kind: i64, protocol: i64) -> Result<Way, String> {
    let domain = match domain {
        2 => Domain::Inet,
        10 => Domain::Inet6,
        other => return Err(format!("address family {other}")),
    };
    let kind = match (kind & 0xf, protocol) {
        (1, 0 | 6) => Kind::Stream,
        (2, 0 | 17) => Kind::Datagram,
        (1, 262) => return Err("MPTCP".to_owned()),
        (kind, protocol) => return Err(format!("socket type {kind}, protocol {protocol}")),
    };
    Ok(one(Call::Socket { domain, kind, protocol: 0 }))
}

/// What a call of the simulated layer gave, as the kernel would have told it.
pub(super) fn reply(given: &Return) -> Reply {
    match given {
        Return::Done => Reply::ok(0),
        Return::Descriptor(fd) | Return::Accepted(fd, _) => Reply::ok(i64::from(fd.0)),
        Return::Sent(len) => Reply::ok(*len as i64),
        Return::Message(message) => of_message(message),
        Return::Received(data) | Return::ReceivedFrom(data, _) => Reply::ok(data.len() as i64),
        Return::Number(number) => Reply::ok(*number),
        Return::Failed(error) => Reply::failed(error.name()),
        Return::Value(option) => Reply { option: options::value(option), ..Reply::ok(0) },
        _ => Reply::ok(0),
    }
}

/// A message with its flags: a datagram that did not fit is cut.
fn of_message(message: &Message) -> Reply {
    let Message { wanted, data, length, error, .. } = message;
    let cut = !wanted.whole && *length > data.len();
    let mut reply = Reply::ok(if wanted.whole { *length as i64 } else { data.len() as i64 });
    if cut {
        reply.flags |= named("MSG_TRUNC");
    }
    if let Some(error) = error {
        reply.flags |= named("MSG_ERRQUEUE");
        let v6 = message.address.is_some_and(|to| unmapped(to).is_ipv6());
        let origin = match (error.origin, v6) {
            (Origin::Local, _) => named("SO_EE_ORIGIN_LOCAL"),
            (Origin::Icmp, false) => named("SO_EE_ORIGIN_ICMP"),
            (Origin::Icmp, true) => named("SO_EE_ORIGIN_ICMP6"),
        };
        let number = i64::from(error.errno.value());
        let (level, kind) =
            if v6 { (SOL_IPV6, named("IPV6_RECVERR")) } else { (SOL_IP, named("IP_RECVERR")) };
        let fields = [number, origin, error.kind.into(), error.code.into(), error.info.into(), 0];
        reply.control = vec![(level, kind, Told::Extended(fields))];
    }
    reply
}
