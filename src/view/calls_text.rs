//! Socket calls and their results in a few words.

use super::Look;
use super::brief::payload;
use crate::clock::Span;
use crate::socket::{Beside, Call, Fd, How, LocalCall, LocalReturn, Return, SocketOption, Wanted};
use crate::trace::{Event, Protocol, RecordId, Sockets, Trace};
use crate::udp::Discovery;
use std::net::{IpAddr, SocketAddr};

/// A span for people: `1 s`, `10 ms`, `1.5 s`. The space does not break; [`super::Line`] prints it as an ordinary one.
pub fn span(span: Span) -> String {
    let ns = span.as_nanos();
    let scaled = |unit: u64, name: &str| {
        let whole = ns / unit;
        let thousandths = ns % unit * 1000 / unit;
        if thousandths == 0 {
            format!("{whole}\u{a0}{name}")
        } else {
            let text = format!("{whole}.{thousandths:03}");
            format!("{}\u{a0}{name}", text.trim_end_matches('0'))
        }
    };
    match ns {
        0 => "0\u{a0}s".to_owned(),
        1_000_000_000.. => scaled(1_000_000_000, "s"),
        1_000_000.. => scaled(1_000_000, "ms"),
        1_000.. => scaled(1_000, "us"),
        _ => format!("{ns}\u{a0}ns"),
    }
}

/// An address by the host's name where it has one: `server:8080`, `*:8080`.
pub fn place(trace: &Trace, address: SocketAddr) -> String {
    let port = address.port();
    let name = |ip: IpAddr| match trace.meta.hosts.iter().find(|host| host.has_address(ip)) {
        _ if ip.is_unspecified() => Some("*"),
        Some(host) => Some(host.name.as_str()),
        None => None,
    };
    match (address, name(address.ip().to_canonical())) {
        (SocketAddr::V4(_), Some(name)) => format!("{name}:{port}"),
        // As in a program: what is of IPv6 stands in brackets, an IPv4 peer of an IPv6 socket behind what maps it.
        (SocketAddr::V6(v6), Some(name)) if v6.ip().to_ipv4_mapped().is_some() => {
            format!("[::ffff:{name}]:{port}")
        }
        (SocketAddr::V6(_), Some("*")) => format!("[::]:{port}"),
        (SocketAddr::V6(_), Some(name)) => format!("[{name}]:{port}"),
        (SocketAddr::V4(_) | SocketAddr::V6(_), None) => address.to_string(),
    }
}

/// The call without its descriptor: `connect(server:8080)`, `send("hello")`.
pub fn call_words(trace: &Trace, call: &Call) -> String {
    let name = call.name();
    match call {
        Call::Socket { .. }
        | Call::Accept { .. }
        | Call::Close { .. }
        | Call::GetSockName { .. }
        | Call::GetTimeout { .. }
        | Call::GetPeerName { .. } => format!("{name}()"),
        Call::Select { read, write, .. } => format!("{name}({}, {})", numbers(read), numbers(write)),
        Call::Bind { address, .. } | Call::Connect { address, .. } => {
            format!("{name}({})", place(trace, *address))
        }
        Call::Listen { backlog, .. } => format!("{name}({backlog})"),
        Call::SendWith { data, flags, .. } => {
            let names = [(flags.urgent, ", OOB"), (flags.more, ", MORE"), (flags.end_of_record, ", EOR")];
            let said: String = names.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
            format!("{name}({}{said})", octets(data))
        }
        Call::SendUrgent { data, .. } => format!("{name}({}, OOB)", octets(data)),
        Call::RecvUrgent { len, .. } => format!("{name}({len}, OOB)"),
        Call::PollUrgent { .. } => format!("{name}(PRI)"),
        Call::AtMark { .. } => format!("{name}()"),
        Call::Local(call) => local_words(call),
        Call::Configure { address, prefix, .. } => format!("{name}({address}/{prefix})"),
        Call::Disconnect { .. } => format!("{name}(AF_UNSPEC)"),
        Call::Receive { len, wanted, .. } => format!("{name}({len}{})", flags(*wanted)),
        Call::Send { data, .. } => format!("{name}({})", octets(data)),
        Call::SendTo { data, fast_open, .. } => {
            let flag = if *fast_open { ", MSG_FASTOPEN" } else { "" };
            format!("{name}({}{flag})", octets(data))
        }
        Call::Recv { len, .. } | Call::RecvFrom { len, .. } => format!("{name}({len})"),
        Call::Shutdown { how, .. } => format!(
            "{name}({})",
            match how {
                How::Read => "RD",
                How::Write => "WR",
                How::Both => "RDWR",
            }
        ),
        Call::SetOption { option, .. } => format!("{}={}", option.name().name(), option_value(option)),
        Call::GetOption { name, .. } => format!("getsockopt({})", name.name()),
        Call::SetBlocking { blocking, .. } => {
            format!("{name}({})", if *blocking { "True" } else { "False" })
        }
        Call::SetTimeout { timeout, .. } => {
            format!("{name}({})", timeout.map_or_else(|| "None".to_owned(), |timeout| timeout.to_string()))
        }
    }
}

/// Descriptors as a list.
fn numbers(fds: &[Fd]) -> String {
    let numbers: Vec<String> = fds.iter().map(Fd::to_string).collect();
    format!("[{}]", numbers.join(", "))
}

/// What `select` gave: those to read of, and, if there are any, those to write to.
fn ready_words(read: &[Fd], write: &[Fd], look: &Look) -> String {
    match (read, write) {
        ([], []) => look.lang.pick("none ready", "都未就绪").to_owned(),
        (read, []) => numbers(read),
        (read, write) => format!("{}, {}", numbers(read), numbers(write)),
    }
}

fn flags(wanted: Wanted) -> String {
    let flags = [
        (wanted.peek, ", PEEK"),
        (wanted.whole, ", TRUNC"),
        (wanted.all, ", WAITALL"),
        (wanted.beside == Beside::Error, ", ERRQUEUE"),
    ];
    flags.into_iter().filter(|(set, _)| *set).map(|(_, name)| name).collect()
}

/// A call with a name: `bind(@chat)`, `sendto("hi", @chat)`.
fn local_words(call: &LocalCall) -> String {
    let name = call.name();
    match (call.data(), call.named()) {
        (Some(data), Some(to)) => format!("{name}({}, {to})", octets(data)),
        (_, Some(to)) => format!("{name}({to})"),
        (_, None) => format!("{name}()"),
    }
}

fn octets(data: &[u8]) -> String {
    match payload(data) {
        text if text.starts_with('"') => text,
        _ if data.is_empty() => "\"\"".to_owned(),
        _ => format!("{} B", data.len()),
    }
}

fn option_value(option: &SocketOption) -> String {
    match option {
        SocketOption::ReuseAddr(on)
        | SocketOption::KeepAlive(on)
        | SocketOption::NoDelay(on)
        | SocketOption::FastOpenConnect(on)
        | SocketOption::V6Only(on)
        | SocketOption::HeaderIncluded(on)
        | SocketOption::UrgentInline(on)
        | SocketOption::ReusePort(on)
        | SocketOption::Broadcast(on)
        | SocketOption::NoChecksum(on)
        | SocketOption::ReceiveErrors(on)
        | SocketOption::PacketInfo(on) => u8::from(*on).to_string(),
        SocketOption::MtuDiscovery(discovery) => match discovery {
            Discovery::Dont => "DONT",
            Discovery::Want => "WANT",
            Discovery::Do => "DO",
            Discovery::Probe => "PROBE",
        }
        .to_owned(),
        SocketOption::Linger(None) => "off".to_owned(),
        SocketOption::Linger(Some(seconds)) => format!("{seconds}s"),
        SocketOption::KeepIdle(n)
        | SocketOption::KeepInterval(n)
        | SocketOption::KeepCount(n)
        | SocketOption::UserTimeout(n)
        | SocketOption::DeferAccept(n)
        | SocketOption::FastOpen(n)
        | SocketOption::ReceiveBuffer(n)
        | SocketOption::SendBuffer(n)
        | SocketOption::Mtu(n) => n.to_string(),
        SocketOption::TypeOfService(octet)
        | SocketOption::TimeToLive(octet)
        | SocketOption::UnicastHops(octet) => octet.to_string(),
        SocketOption::Congestion(name) => format!("\"{name}\""),
        SocketOption::Rare(option) => option.shown(),
        SocketOption::PeerCredentials(None) => "uid=-1 gid=-1".to_owned(),
        SocketOption::PeerCredentials(Some(who)) => format!("uid={} gid={}", who.uid, who.gid),
        SocketOption::Error(None) => "0".to_owned(),
        SocketOption::Error(Some(errno)) => errno.name().to_owned(),
    }
}

/// What the call gave: `0`, `4`, `"hello"`, `ECONNREFUSED`.
pub fn result_words(trace: &Trace, started: RecordId, result: &Return, look: &Look) -> String {
    match result {
        Return::Done => "0".to_owned(),
        Return::Descriptor(fd) | Return::Accepted(fd, _) => fd.to_string(),
        Return::Sent(n) => n.to_string(),
        Return::Number(n) => n.to_string(),
        Return::Timeout(time) => time.map_or_else(|| "None".to_owned(), span),
        Return::Ready(read, write) => ready_words(read, write, look),
        Return::Received(data) if data.is_empty() && !is_datagram(trace, started) => {
            look.lang.pick("\"\" (end)", "\"\"（结束）").to_owned()
        }
        Return::Received(data) | Return::ReceivedFrom(data, _) => octets(data),
        Return::Message(message) => match &message.error {
            Some(error) => error.to_string(),
            None if message.wanted.whole => message.length.to_string(),
            None => octets(&message.data),
        },
        Return::Address(address) => place(trace, *address),
        Return::Value(option) => option_value(option),
        Return::Local(LocalReturn::Accepted(fd, _)) => fd.to_string(),
        Return::Local(LocalReturn::ReceivedFrom(data, _)) => octets(data),
        Return::Local(result @ (LocalReturn::Pair(..) | LocalReturn::Name(_))) => result.to_string(),
        Return::Failed(errno) => errno.name().to_owned(),
    }
}

/// Whether the call works on a UDP socket: there an empty result is a datagram, and no end.
fn is_datagram(trace: &Trace, started: RecordId) -> bool {
    let Event::CallStarted { process, call, .. } = &trace.record(started).event else { return false };
    let sockets = Sockets::at(trace, started);
    let socket = call.fd().and_then(|fd| sockets.get(trace, *process, fd));
    socket.is_some_and(|socket| socket.protocol == Protocol::Udp)
}

/// A call in few words, for narrow margins.
pub fn short_call(call: &Call) -> String {
    match call {
        Call::Connect { address, .. } | Call::Bind { address, .. } => {
            format!("{}(:{})", call.name(), address.port())
        }
        Call::Disconnect { .. } => "connect(UNSPEC)".to_owned(),
        Call::GetOption { name, .. } => name.name().to_owned(),
        Call::SetOption { option, .. } => option.name().name().to_owned(),
        call => format!("{}()", call.name()),
    }
}
