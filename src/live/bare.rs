//! System calls by their numbers, for whoever brings the numbers along (scripts do): nothing is interpreted on the way.

use super::sys::{self, RawAddress};
use std::net::SocketAddr;

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
    /// msg_flags.
    pub flags: i32,
    /// Control messages: level, type, data.
    pub control: Vec<(i32, i32, Vec<u8>)>,
}

/// Makes the call on the calling thread, in its namespace; it may block.
pub fn bare_call(call: &BareCall) -> BareReply {
    let plain = |result: sys::Called| match result {
        Ok(result) => BareReply { result, ..BareReply::default() },
        Err(errno) => failed(errno),
    };
    match call {
        BareCall::Socket { domain, kind, protocol } => plain(sys::socket(*domain, *kind, *protocol)),
        BareCall::Bind { fd, address } => {
            plain(sys::bind_or_connect(*fd, &RawAddress::of(Some(*address)), false))
        }
        BareCall::Listen { fd, backlog } => plain(sys::listen(*fd, *backlog)),
        BareCall::Accept { fd, flags } => plain(sys::accept(*fd, *flags)),
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
            plain(sys::send_message(*fd, &slices, *flags, to.as_ref()))
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
    }
}

fn failed(errno: i32) -> BareReply {
    BareReply { result: -1, errno: Some(errno), ..BareReply::default() }
}
