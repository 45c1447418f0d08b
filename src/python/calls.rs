//! Socket calls as methods of Python's sockets.

use super::literal;
use super::options;
use super::writer::{Made, Need, Writer};
use crate::lang::Text;
use crate::scenario::syntax::{Expr, Sign};

impl Writer<'_> {
    /// The call in Python; `None` if it is no socket call.
    pub fn socket_call(&mut self, name: &str, given: &[Expr]) -> Made<Option<String>> {
        if matches!(name, "socket" | "socketpair") {
            let kind = self.kind(given)?;
            return Ok(Some(format!("socket.{name}({kind})")));
        }
        if name == "select" {
            return self.select(given).map(Some);
        }
        if name == "unlink" {
            self.needs.insert(Need::Os);
            let path = self.address(given.first())?;
            return Ok(Some(format!("os.unlink({path})")));
        }
        if !is_socket_call(name) {
            return Ok(None);
        }
        let s = given.first().map_or(Ok(String::new()), |first| self.value(first))?;
        let rest = given.get(1..).unwrap_or_default();
        Ok(Some(match name {
            "bind" | "connect" if rest.len() == 2 && self.failing => {
                format!("{s}.{name}({})", self.two(rest)?)
            }
            "bind" | "connect" | "connect_ex" => format!("{s}.{name}({})", self.peer(name, rest.first())?),
            "listen" => match rest.first() {
                Some(backlog) => format!("{s}.listen({})", self.value(backlog)?),
                None => format!("{s}.listen()"),
            },
            "accept" => format!("{s}.accept()"),
            "send" | "sendall" => format!("{s}.{name}({})", self.list(rest)?),
            "sendto" => self.send_to(&s, rest)?,
            "recv" | "recvfrom" => self.receive(name, &s, rest)?,
            "shutdown" => format!("{s}.shutdown({})", self.list(rest)?),
            "close" | "getsockname" | "getpeername" | "gettimeout" | "fileno" | "readline" => {
                format!("{s}.{name}()")
            }
            "makefile" => format!("{s}.makefile(\"rb\")"),
            "setblocking" => format!("{s}.setblocking({})", self.switch(rest.first())?),
            "settimeout" => format!("{s}.settimeout({})", self.list(rest)?),
            "setsockopt" => options::set(self, &s, rest)?,
            "getsockopt" => options::get(self, &s, rest)?,
            "sockatmark" => {
                self.needs.extend([Need::AtMark, Need::Fcntl, Need::Struct]);
                format!("at_mark({s})")
            }
            "poll" => {
                self.needs.extend([Need::Urgent, Need::Select]);
                format!("urgent_comes({s})")
            }
            "recvmsg" => {
                return Err(self.refuse(
                    Text::new("recvmsg", "recvmsg"),
                    Text::new(
                        "what it gives beside the octets is made of C structures, which Python hands over unread",
                        "它在数据之外返回的是 C 结构体，Python 原样交出，不作解释",
                    ),
                ));
            }
            _ => {
                return Err(self.refuse(
                    Text::new("configure: the address of a card", "configure：设定网卡的地址"),
                    Text::new("only an administrator gives a card an address", "只有管理员才能给网卡设地址"),
                ));
            }
        }))
    }

    /// Which sockets can be read of, and which written to.
    fn select(&mut self, given: &[Expr]) -> Made<String> {
        self.needs.insert(Need::Select);
        let list = |writer: &mut Self, at: usize| {
            given.get(at).map_or(Ok("[]".to_owned()), |list| writer.value(list))
        };
        let (read, write) = (list(self, 0)?, list(self, 1)?);
        let limit = match given.get(2) {
            Some(limit) => format!(", {}", self.value(limit)?),
            None => String::new(),
        };
        Ok(format!("select.select({read}, {write}, []{limit})"))
    }

    /// Family and type of a socket.
    fn kind(&mut self, given: &[Expr]) -> Made<String> {
        let words: Vec<&str> =
            given.iter().map(|value| if let Expr::Name(name) = value { name.as_str() } else { "" }).collect();
        let kind = match words.as_slice() {
            ["tcp"] => "AF_INET, SOCK_STREAM",
            ["udp"] => "AF_INET, SOCK_DGRAM",
            ["tcp6"] => "AF_INET6, SOCK_STREAM",
            ["udp6"] => "AF_INET6, SOCK_DGRAM",
            ["unix_stream"] => "AF_UNIX, SOCK_STREAM",
            ["unix_dgram"] => "AF_UNIX, SOCK_DGRAM",
            ["unix_seqpacket"] => "AF_UNIX, SOCK_SEQPACKET",
            [] => "AF_INET, SOCK_STREAM",
            ["raw", ..] | [_, "SOCK_RAW" | "raw", ..] | ["SOCK_RAW", ..] => {
                return Err(self.refuse(
                    Text::new("a raw socket", "原始套接字"),
                    Text::new("it needs a privilege (root)", "它需要特权（root）"),
                ));
            }
            [family, kind] => {
                let kind = match *kind {
                    "tcp" | "unix_stream" => "SOCK_STREAM",
                    "udp" | "unix_dgram" => "SOCK_DGRAM",
                    other => other,
                };
                return Ok(format!("socket.{}, socket.{}", literal::name(family), literal::name(kind)));
            }
            [kind] => return Ok(format!("socket.AF_INET, socket.{}", literal::name(kind))),
            _ => {
                return Err(self.refuse(
                    Text::new("a protocol by its number", "按号码指定协议"),
                    Text::new("this program needs none", "这个程序不需要它"),
                ));
            }
        };
        let (family, kind) = kind.split_once(", ").unwrap_or((kind, ""));
        Ok(format!("socket.{family}, socket.{kind}"))
    }

    /// The address of `bind` and `connect`.
    fn peer(&mut self, call: &str, address: Option<&Expr>) -> Made<String> {
        if let Some(Expr::Name(name)) = address
            && name == "AF_UNSPEC"
        {
            return Err(self.refuse(
                Text::new("connect with AF_UNSPEC", "以 AF_UNSPEC 调用 connect"),
                Text::new("Python's connect knows addresses only", "Python 的 connect 只接受地址"),
            ));
        }
        if call == "bind"
            && let Some(Expr::Address(address, _)) = address
            && let Ok(super::places::Who::Host(host, _)) =
                self.setting.places.who(address, self.own(), &self.place)
            && host != self.own()
        {
            return Err(self.refuse(
                Text::new("bind with the address of another machine", "绑定另一台机器的地址"),
                Text::new(
                    "on one machine all these addresses are its own",
                    "在一台机器上，这些地址都是它自己的",
                ),
            ));
        }
        let written = self.address(address)?;
        let path = matches!(address, Some(Expr::Text(name)) if !name.starts_with(b"@"));
        if call == "bind" && path && !self.failing {
            self.needs.extend([Need::Fresh, Need::Os]);
            return Ok(format!("fresh({written})"));
        }
        Ok(written)
    }

    /// An address as two arguments: the lesson's bug.
    fn two(&mut self, rest: &[Expr]) -> Made<String> {
        let host = match rest.first() {
            Some(Expr::Name(name)) if self.setting.places.host(name).is_some() => {
                let host = self.setting.places.host(name).unwrap_or_default();
                self.waited_host(host)
            }
            other => self.address(other)?,
        };
        let port = match rest.get(1) {
            Some(Expr::Number(port)) => self.port(u16::try_from(*port).unwrap_or_default()),
            other => self.address(other)?,
        };
        Ok(format!("{host}, {port}"))
    }

    /// An address, or the name of a local socket.
    pub fn address(&mut self, address: Option<&Expr>) -> Made<String> {
        match address {
            Some(Expr::Text(name)) => Ok(self.local_name(name)),
            Some(value) => self.value(value),
            None => Ok(String::new()),
        }
    }

    fn send_to(&mut self, s: &str, rest: &[Expr]) -> Made<String> {
        let data = rest.first().map_or(Ok(String::new()), |data| self.value(data))?;
        let to = self.address(rest.get(1))?;
        match rest.get(2) {
            None => Ok(format!("{s}.sendto({data}, {to})")),
            Some(_) => {
                // Not every Python has the name.
                self.comment("MSG_FASTOPEN = 0x20000000");
                Ok(format!("{s}.sendto({data}, 0x20000000, {to})"))
            }
        }
    }

    fn receive(&mut self, name: &str, s: &str, rest: &[Expr]) -> Made<String> {
        let size = rest.first().map_or(Ok(String::new()), |size| self.value(size))?;
        let flags = rest.get(1);
        let whole = flags.is_some_and(|flags| mentions(flags, "MSG_TRUNC"));
        let flags = flags.map(|flags| self.value(flags)).transpose()?;
        Ok(match (flags, whole) {
            // Of recv(…, MSG_TRUNC) Python would make more octets than there are.
            (Some(flags), true) => {
                let both = format!("{s}.recvfrom_into(bytearray({size}), {size}, {flags})");
                if name == "recv" { format!("{both}[0]") } else { both }
            }
            (Some(flags), false) => format!("{s}.{name}({size}, {flags})"),
            // Python's recv(0) asks nobody; recvfrom(0) does.
            (None, _) if size == "0" && name == "recv" => format!("{s}.recvfrom(0)[0]"),
            (None, _) => format!("{s}.{name}({size})"),
        })
    }

    fn switch(&mut self, value: Option<&Expr>) -> Made<String> {
        match value {
            Some(Expr::Number(number)) => Ok(if *number == 0 { "False" } else { "True" }.to_owned()),
            Some(value) => self.value(value),
            None => Ok("True".to_owned()),
        }
    }
}

/// Whether that is a call of a socket, with the socket as its first argument.
pub fn is_socket_call(name: &str) -> bool {
    const CALLS: [&str; 25] = [
        "bind",
        "connect",
        "listen",
        "accept",
        "send",
        "sendall",
        "sendto",
        "recv",
        "recvfrom",
        "recvmsg",
        "shutdown",
        "close",
        "getsockname",
        "getpeername",
        "setblocking",
        "settimeout",
        "setsockopt",
        "getsockopt",
        "sockatmark",
        "poll",
        "connect_ex",
        "gettimeout",
        "fileno",
        "makefile",
        "readline",
    ];
    CALLS.contains(&name) || name == "configure"
}

fn mentions(flags: &Expr, flag: &str) -> bool {
    match flags {
        Expr::Name(name) => name == flag,
        Expr::Joined(left, Sign::Pipe, right) => mentions(left, flag) || mentions(right, flag),
        _ => false,
    }
}
