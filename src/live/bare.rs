//! System calls by their numbers, for whoever brings the numbers along (scripts do): nothing is interpreted on the way.

use super::sys::{self, RawAddress};
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use std::net::SocketAddr;
use std::os::fd::IntoRawFd;
use std::path::{Path, PathBuf};

/// A call by numbers. Descriptors are the process's own.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum BareCall {
    Socket { domain: i32, kind: i32, protocol: i32 },
    Bind { fd: i32, address: SocketAddr },
    Listen { fd: i32, backlog: i32 },
    Accept { fd: i32, flags: i32 },
    Connect { fd: i32, address: Option<SocketAddr> },
    Send { fd: i32, parts: Vec<usize>, nowhere: bool, flags: i32, to: Option<SocketAddr> },
    Receive { fd: i32, parts: Vec<usize>, nowhere: bool, flags: i32, control: bool },
    Shutdown { fd: i32, how: i32 },
    Close { fd: i32 },
    SetOption { fd: i32, level: i32, name: i32, value: Vec<u8> },
    GetOption { fd: i32, level: i32, name: i32, room: usize },
    Control { fd: i32, command: i32, argument: i32 },
    Ioctl { fd: i32, request: u64 },
    Poll { fds: Vec<(i32, i16)>, timeout: i32 },
    EpollCreate,
    EpollControl { epoll: i32, operation: i32, fd: i32, events: u32 },
    EpollWait { epoll: i32, most: i32, timeout: i32 },
    Open { path: PathBuf, flags: i32 },
    Pipe { flags: i32 },
    Splice { from: (i32, Option<i64>), to: (i32, Option<i64>), len: usize, flags: u32 },
    SendFile { from: i32, at: Option<i64>, to: i32, len: usize },
}

/// What a call gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BareReply {
    /// Its result; an error's number otherwise.
    pub result: i64,
    /// The error's number.
    pub errno: Option<i32>,
    /// What `getsockopt` wrote.
    pub octets: Vec<u8>,
    /// What `ioctl` wrote.
    pub number: Option<i32>,
    /// What `poll` (revents, 0) and `epoll_wait` (events, data) told.
    pub events: Vec<(i64, i64)>,
    /// What `pipe` wrote: the end to read from, the end to write to.
    pub ends: Option<[i32; 2]>,
    /// The place in its file to which `sendfile` or `splice` came.
    pub place: Option<i64>,
    /// msg_flags.
    pub flags: i32,
    /// Control messages: level, type, data.
    pub control: Vec<(i32, i32, Vec<u8>)>,
}

impl BareCall {
    /// Whether it returns at once whatever happens, so that no other thread need make it.
    pub(super) fn never_waits(&self) -> bool {
        match self {
            BareCall::Socket { .. }
            | BareCall::Bind { .. }
            | BareCall::Listen { .. }
            | BareCall::Shutdown { .. }
            | BareCall::SetOption { .. }
            | BareCall::GetOption { .. }
            | BareCall::Control { .. }
            | BareCall::Ioctl { .. }
            | BareCall::EpollCreate
            | BareCall::EpollControl { .. }
            | BareCall::Open { .. }
            | BareCall::Pipe { .. } => true,
            BareCall::Poll { timeout, .. } | BareCall::EpollWait { timeout, .. } => *timeout == 0,
            BareCall::Accept { fd, .. } | BareCall::Connect { fd, .. } => is_nonblocking(*fd),
            BareCall::Send { fd, flags, .. } | BareCall::Receive { fd, flags, .. } => {
                flags & libc::MSG_DONTWAIT != 0 || is_nonblocking(*fd)
            }
            BareCall::Close { fd } => !lingers(*fd),
            BareCall::Splice { .. } | BareCall::SendFile { .. } => false,
        }
    }
}

/// Whether no call on that descriptor waits; one that is not open makes none wait.
fn is_nonblocking(fd: i32) -> bool {
    sys::control(fd, libc::F_GETFL, 0).is_ok_and(|flags| flags & i64::from(libc::O_NONBLOCK) != 0)
}

/// Whether close() waits until what was sent is acknowledged (SO_LINGER).
fn lingers(fd: i32) -> bool {
    const LINGER: usize = 8;
    sys::get_octets(fd, libc::SOL_SOCKET, libc::SO_LINGER, LINGER)
        .is_ok_and(|value| value.iter().take(4).any(|octet| *octet != 0))
}

/// Makes the call on the calling thread, in its namespace; it may block. Descriptors are closed in programs that are started
/// meanwhile: with a copy there, closing one here would end no connection.
pub fn bare_call(call: &BareCall) -> BareReply {
    let plain = |result: sys::Called| match result {
        Ok(result) => BareReply { result, ..BareReply::default() },
        Err(errno) => failed(errno),
    };
    match call {
        BareCall::Socket { domain, kind, protocol } => {
            plain(sys::socket(*domain, *kind | libc::SOCK_CLOEXEC, *protocol))
        }
        BareCall::Bind { fd, address } => {
            plain(sys::bind_or_connect(*fd, &RawAddress::of(Some(*address)), false))
        }
        BareCall::Listen { fd, backlog } => plain(sys::listen(*fd, *backlog)),
        BareCall::Accept { fd, flags } => plain(sys::accept(*fd, *flags | libc::SOCK_CLOEXEC)),
        BareCall::Connect { fd, address } => {
            plain(sys::bind_or_connect(*fd, &RawAddress::of(*address), true))
        }
        BareCall::Send { fd, parts, nowhere: true, flags, to } => {
            let to = to.map(|to| RawAddress::of(Some(to)));
            plain(sys::send_from_nowhere(*fd, parts.iter().sum(), *flags, to.as_ref()))
        }
        BareCall::Receive { fd, parts, nowhere: true, flags, .. } => {
            plain(sys::receive_nowhere(*fd, parts.iter().sum(), *flags))
        }
        BareCall::Send { fd, parts, nowhere: false, flags, to } => {
            let data: Vec<Vec<u8>> = parts.iter().map(|len| vec![0; *len]).collect();
            let slices: Vec<&[u8]> = data.iter().map(Vec::as_slice).collect();
            let to = to.map(|to| RawAddress::of(Some(to)));
            match sys::send_message(*fd, &slices, *flags, to.as_ref()) {
                // A pipe, or a file.
                Err(libc::ENOTSOCK) if *flags == 0 && to.is_none() => {
                    plain(sys::write(*fd, &slices.concat()))
                }
                result => plain(result),
            }
        }
        BareCall::Receive { fd, parts, nowhere: false, flags, control } => {
            let mut room: Vec<Vec<u8>> = parts.iter().map(|len| vec![0; *len]).collect();
            match sys::receive_message(*fd, &mut room, *flags, *control) {
                Ok((result, message)) => BareReply {
                    result,
                    flags: message.flags,
                    control: message.control,
                    ..BareReply::default()
                },
                Err(libc::ENOTSOCK) if *flags == 0 && !*control => {
                    plain(sys::read(*fd, &mut vec![0; parts.iter().sum()]))
                }
                Err(errno) => failed(errno),
            }
        }
        BareCall::Shutdown { fd, how } => plain(sys::shutdown(*fd, *how)),
        BareCall::Close { fd } => plain(sys::close(*fd)),
        BareCall::SetOption { fd, level, name, value } => plain(sys::set_octets(*fd, *level, *name, value)),
        BareCall::GetOption { fd, level, name, room } => match sys::get_octets(*fd, *level, *name, *room) {
            Ok(octets) => BareReply { octets, ..BareReply::default() },
            Err(errno) => failed(errno),
        },
        BareCall::Control { fd, command, argument } => plain(sys::control(*fd, *command, *argument)),
        BareCall::Ioctl { fd, request } => match sys::ioctl_int(*fd, *request) {
            Ok((result, number)) => BareReply { result, number: Some(number), ..BareReply::default() },
            Err(errno) => failed(errno),
        },
        BareCall::Poll { fds, timeout } => match sys::poll_all(fds, *timeout) {
            Ok((result, events)) => BareReply {
                result,
                events: events.into_iter().map(|revents| (i64::from(revents), 0)).collect(),
                ..BareReply::default()
            },
            Err(errno) => failed(errno),
        },
        BareCall::EpollCreate => plain(sys::epoll_create()),
        BareCall::EpollControl { epoll, operation, fd, events } => {
            plain(sys::epoll_control(*epoll, *operation, *fd, *events))
        }
        BareCall::EpollWait { epoll, most, timeout } => match sys::epoll_wait(*epoll, *most, *timeout) {
            Ok(events) => BareReply {
                result: events.len() as i64,
                events: events.into_iter().map(|(events, data)| (i64::from(events), data as i64)).collect(),
                ..BareReply::default()
            },
            Err(errno) => failed(errno),
        },
        BareCall::Open { path, flags } => opened(path, *flags),
        BareCall::Pipe { flags } => {
            match nix::unistd::pipe2(OFlag::from_bits_retain(*flags) | OFlag::O_CLOEXEC) {
                Ok((from, into)) => {
                    BareReply { ends: Some([from.into_raw_fd(), into.into_raw_fd()]), ..BareReply::default() }
                }
                Err(errno) => failed(errno as i32),
            }
        }
        BareCall::Splice { from, to, len, flags } => passed(sys::pass_on(*from, *to, *len, Some(*flags))),
        BareCall::SendFile { from, at, to, len } => {
            passed(sys::pass_on((*from, *at), (*to, None), *len, None))
        }
    }
}

/// open(2); a file that comes to be is its owner's alone.
fn opened(path: &Path, flags: i32) -> BareReply {
    match open(path, OFlag::from_bits_retain(flags) | OFlag::O_CLOEXEC, Mode::S_IRUSR | Mode::S_IWUSR) {
        Ok(fd) => BareReply { result: fd.into_raw_fd().into(), ..BareReply::default() },
        Err(errno) => failed(errno as i32),
    }
}

fn passed(result: Result<(i64, Option<i64>), i32>) -> BareReply {
    match result {
        Ok((result, place)) => BareReply { result, place, ..BareReply::default() },
        Err(errno) => failed(errno),
    }
}

fn failed(errno: i32) -> BareReply {
    BareReply { result: -1, errno: Some(errno), ..BareReply::default() }
}
