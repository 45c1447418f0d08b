//! From a script's call to a [`Request`], and what it says of the results.

use super::request::{OptionValue, Request};
use super::{Problem, Settings, symbols};
use crate::packetdrill::{Call, Expression, Member, Value};
use crate::socket::Errno;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The constant a name stands for in `socket`'s first argument, by the version of the script's IP.
const INET: i64 = 2;
const INET6: i64 = 10;

/// Every call known here with what it takes, those included that no stack is examined with.
pub(super) const CALLS: [(&str, &str); 37] = [
    ("socket", "domain, type, protocol"),
    ("bind", "fd, address, length"),
    ("listen", "fd, backlog"),
    ("accept", "fd, address, length"),
    ("accept4", "fd, address, length, flags"),
    ("connect", "fd, address, length"),
    ("write", "fd, data, length"),
    ("writev", "fd, [{data, length}, …], count"),
    ("send", "fd, data, length, flags"),
    ("sendto", "fd, data, length, flags, address, length"),
    ("sendmsg", "fd, {msg_name(…)=…, msg_iov(1)=[{data, length}], msg_flags=0}, flags"),
    ("read", "fd, data, length"),
    ("readv", "fd, [{data, length}, …], count"),
    ("recv", "fd, data, length, flags"),
    ("recvfrom", "fd, data, length, flags, address, length"),
    ("recvmsg", "fd, {msg_name(…)=…, msg_iov(1)=[{data, length}], msg_flags=0}, flags"),
    ("shutdown", "fd, how"),
    ("close", "fd"),
    ("setsockopt", "fd, level, name, [value], length"),
    ("getsockopt", "fd, level, name, [value], [length]"),
    ("fcntl", "fd, command, argument"),
    ("ioctl", "fd, request, [number]"),
    ("poll", "[{fd=3, events=POLLIN, revents=POLLIN}], count, milliseconds"),
    ("epoll_create", "size"),
    ("epoll_create1", "flags"),
    ("epoll_ctl", "epfd, operation, fd, {events=EPOLLIN, fd=3}"),
    ("epoll_wait", "epfd, {events=EPOLLIN, fd=3}, most, milliseconds"),
    ("pipe", "[4, 5]"),
    ("pipe2", "[4, 5], flags"),
    ("splice", "from, offset, to, offset, length, flags"),
    ("sendfile", "to, from, [offset], length"),
    ("open", "path, flags"),
    ("mmap", "…"),
    ("tee", "…"),
    ("vmsplice", "…"),
    ("cap_set", "…"),
    ("inet_addr", "…"),
];

/// The request that the call makes.
///
/// # Errors
/// What of it cannot be read, or is not modelled, at its place.
pub fn request(call: &Call, settings: &Settings) -> Result<Request, Problem> {
    let given = Arguments { call, settings };
    let name = call.name.as_str();
    Ok(match name {
        "socket" => {
            given.count(3)?;
            Request::Socket { domain: given.domain(0)?, kind: given.number(1)?, protocol: given.number(2)? }
        }
        "bind" => Request::Bind {
            fd: given.number(0)?,
            address: given.address(1, Side::Local)?.unwrap_or(given.own()),
        },
        "listen" => Request::Listen { fd: given.number(0)?, backlog: given.number(1)? },
        "accept" => Request::Accept { fd: given.number(0)?, flags: 0 },
        "accept4" => Request::Accept { fd: given.number(0)?, flags: given.number(3)? },
        "connect" => Request::Connect { fd: given.number(0)?, address: given.address(1, Side::Remote)? },
        "write" => given.send(given.length(2)?, 0, None)?,
        "send" => given.send(given.length(2)?, given.number(3)?, None)?,
        "sendto" => {
            let to = match &given.at(4)?.value {
                Value::Integer(0) => None,
                Value::Word(word) if word == "NULL" => None,
                _ => given.address(4, Side::Remote)?,
            };
            given.send(given.length(2)?, given.number(3)?, to)?
        }
        "writev" => Request::Send {
            fd: given.number(0)?,
            parts: given.vector(1)?,
            nowhere: false,
            flags: 0,
            to: None,
        },
        "sendmsg" => {
            let message = given.message(1)?;
            let (fd, parts, flags) = (given.number(0)?, message.parts, given.number(2)?);
            Request::Send { fd, parts, nowhere: false, flags, to: None }
        }
        "read" => given.receive(0)?,
        "recv" => given.receive(given.number(3)?)?,
        "recvfrom" => given.receive(given.number(3)?)?,
        "readv" => {
            let (fd, parts) = (given.number(0)?, given.vector(1)?);
            Request::Receive { fd, parts, nowhere: false, flags: 0, control: false }
        }
        "recvmsg" => {
            let message = given.message(1)?;
            let (parts, control) = (message.parts, message.control);
            Request::Receive { fd: given.number(0)?, parts, nowhere: false, flags: given.number(2)?, control }
        }
        "shutdown" => Request::Shutdown { fd: given.number(0)?, how: given.number(1)? },
        "close" => Request::Close { fd: given.number(0)? },
        "setsockopt" => Request::SetOption {
            fd: given.number(0)?,
            level: given.number(1)?,
            name: given.number(2)?,
            value: given.option()?,
        },
        "getsockopt" => {
            Request::GetOption { fd: given.number(0)?, level: given.number(1)?, name: given.number(2)? }
        }
        "fcntl" => given.fcntl()?,
        "ioctl" => Request::Ioctl { fd: given.number(0)?, request: given.number(1)? },
        "poll" => Request::Poll { fds: given.polled()?, timeout: given.number(2)? },
        "epoll_create" | "epoll_create1" => Request::EpollCreate,
        "epoll_ctl" => Request::EpollControl {
            epoll: given.number(0)?,
            operation: given.number(1)?,
            fd: given.number(2)?,
            events: given.member_number(3, "events")?.unwrap_or(0),
        },
        "epoll_wait" => {
            Request::EpollWait { epoll: given.number(0)?, most: given.number(2)?, timeout: given.number(3)? }
        }
        "open" => Request::Open { path: given.path(0)?, flags: given.number(1)? },
        "pipe" => Request::Pipe { ends: given.ends(0)?, flags: 0 },
        "pipe2" => Request::Pipe { ends: given.ends(0)?, flags: given.number(1)? },
        "splice" => Request::Splice {
            from: (given.number(0)?, given.place(1)?),
            to: (given.number(2)?, given.place(3)?),
            len: given.length(4)?,
            flags: given.number(5)?,
        },
        "sendfile" => Request::SendFile {
            to: given.number(0)?,
            from: given.number(1)?,
            at: given.place(2)?,
            len: given.length(3)?,
        },
        "mmap" | "tee" | "vmsplice" | "cap_set" | "inet_addr" => {
            return Err(Problem::unsupported(call.span.clone(), &format!("{name}()")));
        }
        _ => {
            return Err(Problem::wrong(
                call.span.clone(),
                format!("`{name}` is no system call known here"),
                format!("这里没有系统调用 `{name}`"),
            ));
        }
    })
}

/// Whose address `...` stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Local,
    Remote,
}

struct Arguments<'c> {
    call: &'c Call,
    settings: &'c Settings,
}

struct Message {
    parts: Vec<usize>,
    control: bool,
}

impl Arguments<'_> {
    fn wrong(&self, at: &Expression, en: &str, zh: &str) -> Problem {
        Problem::wrong(at.span.clone(), format!("{en} should stand here"), format!("这里应当是{zh}"))
    }

    fn count(&self, wanted: usize) -> Result<(), Problem> {
        let (name, found) = (&self.call.name, self.call.arguments.len());
        if found == wanted {
            return Ok(());
        }
        Err(Problem::wrong(
            self.call.span.clone(),
            format!("{name} takes {wanted} arguments, {found} are given"),
            format!("{name} 有 {wanted} 个参数，这里给了 {found} 个"),
        ))
    }

    fn at(&self, index: usize) -> Result<&Expression, Problem> {
        let name = &self.call.name;
        self.call.arguments.get(index).ok_or_else(|| {
            Problem::wrong(
                self.call.span.clone(),
                format!("{name} has too few arguments"),
                format!("{name} 的参数太少"),
            )
        })
    }

    fn number(&self, index: usize) -> Result<i64, Problem> {
        let argument = self.at(index)?;
        number(argument).ok_or_else(|| self.unknown(argument))
    }

    fn unknown(&self, argument: &Expression) -> Problem {
        match &argument.value {
            Value::Word(word) => Problem::unsupported(argument.span.clone(), word),
            _ => self.wrong(argument, "a number or a constant", "数或常量"),
        }
    }

    /// `...` is the family of the script's IP version.
    fn domain(&self, index: usize) -> Result<i64, Problem> {
        let six = self.settings.ip_version != super::settings::IpVersion::V4;
        match self.at(index)?.value {
            Value::Any if six => Ok(INET6),
            Value::Any => Ok(INET),
            _ => self.number(index),
        }
    }

    /// A length that may not be negative, and is no larger than what fits in memory without harm.
    fn length(&self, index: usize) -> Result<usize, Problem> {
        const MOST: i64 = 1 << 28;
        let length = self.number(index)?;
        if (0..=MOST).contains(&length) {
            return Ok(length as usize);
        }
        Err(self.wrong(self.at(index)?, "a length up to 256 MiB", "不超过 256 MiB 的长度"))
    }

    fn send(&self, len: usize, flags: i64, to: Option<SocketAddr>) -> Result<Request, Problem> {
        Ok(Request::Send { fd: self.number(0)?, parts: vec![len], nowhere: self.is_nowhere()?, flags, to })
    }

    fn receive(&self, flags: i64) -> Result<Request, Problem> {
        let (fd, parts) = (self.number(0)?, vec![self.length(2)?]);
        Ok(Request::Receive { fd, parts, nowhere: self.is_nowhere()?, flags, control: false })
    }

    /// Whether the buffer is `NULL`.
    fn is_nowhere(&self) -> Result<bool, Problem> {
        Ok(match &self.at(1)?.value {
            Value::Word(word) => word == "NULL",
            Value::Integer(place) => *place == 0,
            _ => false,
        })
    }

    fn path(&self, index: usize) -> Result<String, Problem> {
        let argument = self.at(index)?;
        match &argument.value {
            Value::Text(octets) => String::from_utf8(octets.clone())
                .map_err(|_| self.wrong(argument, "a path in UTF-8", "UTF-8 编码的路径")),
            _ => Err(self.wrong(argument, "a path in quotation marks", "引号里的路径")),
        }
    }

    /// `[5, 6]`: what the ends of a pipe are to be called.
    fn ends(&self, index: usize) -> Result<[i64; 2], Problem> {
        let argument = self.at(index)?;
        let ends = match &argument.value {
            Value::List(ends) => ends.iter().map(number).collect::<Option<Vec<i64>>>(),
            _ => None,
        };
        let ends = ends.and_then(|ends| <[i64; 2]>::try_from(ends).ok());
        ends.ok_or_else(|| self.wrong(argument, "two descriptors in brackets", "方括号里的两个描述符"))
    }

    /// `NULL`, or `[0]`: a place in a file.
    fn place(&self, index: usize) -> Result<Option<i64>, Problem> {
        match &self.at(index)?.value {
            Value::Word(word) if word == "NULL" => Ok(None),
            Value::Integer(0) => Ok(None),
            _ => self.number(index).map(Some),
        }
    }

    /// What `...` binds to.
    fn own(&self) -> SocketAddr {
        SocketAddr::new(self.ip(self.settings.local), self.settings.bind_port)
    }

    /// An address as a socket of the script's family takes it.
    fn ip(&self, address: IpAddr) -> IpAddr {
        match (self.settings.ip_version, address) {
            (super::settings::IpVersion::Mapped, IpAddr::V4(address)) => IpAddr::V6(address.to_ipv6_mapped()),
            (_, address) => address,
        }
    }

    /// A socket address; `None` is AF_UNSPEC.
    fn address(&self, index: usize, side: Side) -> Result<Option<SocketAddr>, Problem> {
        let argument = self.at(index)?;
        let members = match &argument.value {
            Value::Any if side == Side::Local => return Ok(Some(self.own())),
            Value::Any => {
                let to = SocketAddr::new(self.ip(self.settings.remote), self.settings.connect_port);
                return Ok(Some(to));
            }
            Value::Braces(members) => members,
            Value::Word(word) if word == "AF_UNSPEC" => return Ok(None),
            _ => return Err(self.wrong(argument, "an address", "地址")),
        };
        let family = find(members, &["sa_family", "sin_family", "sin6_family"]).and_then(number);
        if family == Some(0) {
            return Ok(None);
        }
        let port = find(members, &["sin_port", "sin6_port"]).and_then(number);
        let ip = find(members, &["sin_addr", "sin6_addr"]).and_then(ip_of);
        match (port.and_then(|port| u16::try_from(port).ok()), ip) {
            (Some(port), Some(ip)) => Ok(Some(SocketAddr::new(ip, port))),
            _ => Err(self.wrong(
                argument,
                "an address with family, port and IP address",
                "带地址族、端口和 IP 地址的地址",
            )),
        }
    }

    fn members(&self, index: usize) -> Result<&[Member], Problem> {
        let argument = self.at(index)?;
        match &argument.value {
            Value::Braces(members) => Ok(members),
            _ => Err(self.wrong(argument, "a structure in braces", "花括号里的结构")),
        }
    }

    fn member_number(&self, index: usize, name: &str) -> Result<Option<i64>, Problem> {
        if !matches!(self.at(index)?.value, Value::Braces(_)) {
            return Ok(None);
        }
        match find(self.members(index)?, &[name]) {
            Some(value) => number(value).map(Some).ok_or_else(|| self.unknown(value)),
            None => Ok(None),
        }
    }

    /// `[{..., 1000}, {..., 5}]`: the lengths.
    fn vector(&self, index: usize) -> Result<Vec<usize>, Problem> {
        self.lengths(self.at(index)?)
    }

    fn lengths(&self, list: &Expression) -> Result<Vec<usize>, Problem> {
        let Value::List(parts) = &list.value else {
            return Err(self.wrong(list, "a list of parts", "由各部分组成的表"));
        };
        let length = |part: &Expression| {
            let Value::Braces(members) = &part.value else { return None };
            let length = number(&members.get(1)?.value)?;
            usize::try_from(length).ok().filter(|length| *length <= 1 << 28)
        };
        parts
            .iter()
            .map(|part| length(part).ok_or_else(|| self.wrong(part, "{..., length}", "{..., 长度}")))
            .collect()
    }

    fn message(&self, index: usize) -> Result<Message, Problem> {
        let members = self.members(index)?;
        let parts = match find(members, &["msg_iov"]) {
            Some(list) => self.lengths(list)?,
            None => Vec::new(),
        };
        Ok(Message { parts, control: find(members, &["msg_control"]).is_some() })
    }

    fn option(&self) -> Result<OptionValue, Problem> {
        let argument = self.at(3)?;
        match &argument.value {
            Value::List(values) if values.len() == 1 => {
                number(&values[0]).map(OptionValue::Number).ok_or_else(|| self.unknown(&values[0]))
            }
            Value::Text(octets) => Ok(OptionValue::Octets(octets.clone())),
            Value::Braces(members) => {
                let on = find(members, &["onoff", "l_onoff"]).and_then(number);
                let seconds = find(members, &["linger", "l_linger"]).and_then(number);
                let time = |name: &str| find(members, &[name]).and_then(number);
                if let (Some(seconds), Some(micros)) = (time("tv_sec"), time("tv_usec")) {
                    return Ok(OptionValue::Time(seconds, micros));
                }
                match (on, seconds) {
                    (Some(on), Some(seconds)) => Ok(OptionValue::Linger(on != 0, seconds)),
                    _ => Err(Problem::unsupported(argument.span.clone(), "this option's structure")),
                }
            }
            _ => number(argument).map(OptionValue::Number).ok_or_else(|| self.unknown(argument)),
        }
    }

    fn fcntl(&self) -> Result<Request, Problem> {
        let fd = self.number(0)?;
        match (self.number(1)?, symbols::value("F_GETFL"), symbols::value("F_SETFL")) {
            (command, Some(get), _) if command == get => Ok(Request::Flags { fd, set: None }),
            (command, _, Some(set)) if command == set => {
                Ok(Request::Flags { fd, set: Some(self.number(2)?) })
            }
            _ => Err(Problem::unsupported(self.call.span.clone(), "this fcntl() command")),
        }
    }

    fn polled(&self) -> Result<Vec<(i64, i64)>, Problem> {
        let argument = self.at(0)?;
        let Value::List(all) = &argument.value else { return Err(self.wrong(argument, "a list", "表")) };
        let one = |entry: &Expression| {
            let Value::Braces(members) = &entry.value else { return None };
            Some((number(find(members, &["fd"])?)?, number(find(members, &["events"])?)?))
        };
        all.iter()
            .map(|entry| one(entry).ok_or_else(|| self.wrong(entry, "{fd=…, events=…}", "{fd=…, events=…}")))
            .collect()
    }
}

/// The member of one of these names.
pub fn find<'m>(members: &'m [Member], names: &[&str]) -> Option<&'m Expression> {
    members
        .iter()
        .find(|member| member.name.as_deref().is_some_and(|name| names.contains(&name)))
        .map(|member| &member.value)
}

/// The number an expression stands for: digits, a constant, several joined by `|`, `htons(80)`.
pub fn number(expression: &Expression) -> Option<i64> {
    match &expression.value {
        Value::Integer(value) => Some(*value),
        Value::Word(name) => {
            symbols::value(name).or_else(|| error_number(name)).or((name == "NULL").then_some(0))
        }
        Value::Or(a, b) => Some(number(a)? | number(b)?),
        Value::List(values) if values.len() == 1 => number(&values[0]),
        Value::Function(name, values) if values.len() == 1 && matches!(name.as_str(), "htons" | "htonl") => {
            number(&values[0])
        }
        _ => None,
    }
}

/// The number of an error by its name, as SO_ERROR tells it.
fn error_number(name: &str) -> Option<i64> {
    Errno::ALL.iter().find(|errno| errno.name() == name).map(|errno| *errno as i64)
}

fn ip_of(expression: &Expression) -> Option<IpAddr> {
    match &expression.value {
        Value::Function(name, values)
            if matches!(name.as_str(), "inet_addr" | "inet6_addr" | "inet_pton") =>
        {
            match &values.first()?.value {
                Value::Text(text) => std::str::from_utf8(text).ok()?.parse().ok(),
                _ => None,
            }
        }
        Value::Word(name) if name == "INADDR_ANY" => Some(IpAddr::from([0, 0, 0, 0])),
        Value::Word(name) if name == "in6addr_any" => Some(IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
        _ => None,
    }
}
