//! Requests of a script as calls of the simulated socket layer, and what came of them as replies.

use super::options;
use crate::drill::request::{Reply, Request};
use crate::drill::symbols;
use crate::socket::{Call, Domain, Fd, How, Kind, Return};
use crate::tcp::SendFlags;
use bytes::Bytes;
use std::collections::BTreeMap;

const NONBLOCK: i64 = 0o4000;
const READ_AND_WRITE: i64 = 2;

/// Descriptors that are open, with their status flags.
#[derive(Clone, Debug, Default)]
pub(super) struct Descriptors {
    flags: BTreeMap<i64, i64>,
}

/// How a request is carried out.
pub(super) enum Way {
    /// By these calls in order; the reply is the last one's. Those before it are not expected to wait.
    Calls(Vec<Call>),
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
    pub fn way(&mut self, request: &Request) -> Result<Way, String> {
        Ok(match request {
            Request::Socket { domain, kind, protocol } => return socket(*domain, *kind, *protocol),
            Request::Bind { fd, address } => one(Call::Bind { fd: own(*fd), address: *address }),
            Request::Listen { fd, backlog } => one(Call::Listen { fd: own(*fd), backlog: *backlog as i32 }),
            Request::Accept { fd, .. } => one(Call::Accept { fd: own(*fd) }),
            Request::Connect { fd, address: Some(address) } => {
                one(Call::Connect { fd: own(*fd), address: *address })
            }
            Request::Connect { address: None, .. } => return Err("connect() with AF_UNSPEC".to_owned()),
            Request::Send { nowhere: true, .. } | Request::Receive { nowhere: true, .. } => errno("EFAULT"),
            Request::Send { fd, parts, flags, to, .. } => return self.send(*fd, parts, *flags, *to),
            Request::Receive { fd, parts, flags, .. } => return self.receive(*fd, parts, *flags),
            Request::Shutdown { fd, how } => match how {
                0 => one(Call::Shutdown { fd: own(*fd), how: How::Read }),
                1 => one(Call::Shutdown { fd: own(*fd), how: How::Write }),
                2 => one(Call::Shutdown { fd: own(*fd), how: How::Both }),
                _ => errno("EINVAL"),
            },
            Request::Close { fd } => {
                self.flags.remove(fd);
                one(Call::Close { fd: own(*fd) })
            }
            Request::SetOption { fd, level, name, value } => {
                options::set(own(*fd), *level, *name, value)?.map_or_else(|| errno("EINVAL"), one)
            }
            Request::GetOption { fd, level, name } => {
                let known = options::named(*level, *name)?;
                one(Call::GetOption { fd: own(*fd), name: known })
            }
            Request::Flags { fd, set: None } => Way::Known(
                self.flags.get(fd).map_or_else(|| Reply::failed("EBADF"), |flags| Reply::ok(*flags)),
            ),
            Request::Flags { fd, set: Some(flags) } => {
                let Some(kept) = self.flags.get_mut(fd) else { return Ok(errno("EBADF")) };
                *kept = READ_AND_WRITE | flags & NONBLOCK;
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

    /// A descriptor came to be; whether its calls must not wait.
    pub fn opened(&mut self, fd: i64, flags: i64) -> bool {
        self.flags.insert(fd, READ_AND_WRITE | flags & NONBLOCK);
        flags & NONBLOCK != 0
    }

    /// From how many octets on a stream counts as readable (SO_RCVLOWAT).
    pub fn low_water(&self, _fd: i64) -> usize {
        1
    }

    fn blocks(&self, fd: i64) -> bool {
        self.flags.get(&fd).is_some_and(|flags| flags & NONBLOCK == 0)
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
        let known = ["MSG_DONTWAIT", "MSG_NOSIGNAL", "MSG_FASTOPEN", "MSG_OOB", "MSG_MORE", "MSG_EOR"];
        let known = known.into_iter().fold(0, |sum, name| sum | named(name));
        if flags & !known != 0 {
            return Err(format!("send flags {:#x}", flags & !known));
        }
        let data = Bytes::from(vec![0; parts.iter().sum()]);
        let has = |name: &str| flags & named(name) != 0;
        let said = SendFlags { urgent: has("MSG_OOB"), more: has("MSG_MORE"), end_of_record: has("MSG_EOR") };
        let (fd_own, fast_open) = (own(fd), flags & named("MSG_FASTOPEN") != 0);
        let call = match to {
            Some(to) => Call::SendTo { fd: fd_own, data, to, fast_open },
            None if said == SendFlags::default() => Call::Send { fd: fd_own, data },
            None => Call::SendWith { fd: fd_own, data, flags: said },
        };
        Ok(self.perhaps_at_once(fd, flags, call))
    }

    fn receive(&self, fd: i64, parts: &[usize], flags: i64) -> Result<Way, String> {
        let known = named("MSG_DONTWAIT") | named("MSG_OOB");
        if flags & !known != 0 {
            return Err(format!("receive flags {:#x}", flags & !known));
        }
        let len = parts.iter().sum();
        let call = if flags & named("MSG_OOB") != 0 {
            Call::RecvUrgent { fd: own(fd), len }
        } else {
            Call::Recv { fd: own(fd), len }
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
        Return::Received(data) | Return::ReceivedFrom(data, _) => Reply::ok(data.len() as i64),
        Return::Number(number) => Reply::ok(*number),
        Return::Failed(error) => Reply::failed(error.name()),
        Return::Value(option) => Reply { option: options::value(option), ..Reply::ok(0) },
        _ => Reply::ok(0),
    }
}
