//! Values and conditions.

use super::literal;
use super::writer::{Made, Need, Writer};
use crate::lang::Text;
use crate::scenario::syntax::{Expr, Sign};

/// How strongly a sign binds; what binds less needs parentheses.
fn strength(sign: Sign) -> u8 {
    match sign {
        Sign::Or => 1,
        Sign::And => 2,
        Sign::Equal
        | Sign::NotEqual
        | Sign::Less
        | Sign::AtMost
        | Sign::Greater
        | Sign::AtLeast
        | Sign::In
        | Sign::NotIn => 4,
        Sign::Pipe => 5,
        Sign::Plus | Sign::Minus => 6,
        Sign::Times | Sign::Over | Sign::Modulo => 7,
    }
}

fn written(sign: Sign) -> &'static str {
    match sign {
        Sign::Or => "or",
        Sign::And => "and",
        Sign::Equal => "==",
        Sign::NotEqual => "!=",
        Sign::Less => "<",
        Sign::AtMost => "<=",
        Sign::Greater => ">",
        Sign::AtLeast => ">=",
        Sign::In => "in",
        Sign::NotIn => "not in",
        Sign::Pipe => "|",
        Sign::Plus => "+",
        Sign::Minus => "-",
        Sign::Times => "*",
        Sign::Over => "//",
        Sign::Modulo => "%",
    }
}

const NOT: u8 = 3;
const UNARY: u8 = 8;
const ATOM: u8 = 9;

impl Writer<'_> {
    /// The expression in Python.
    pub fn value(&mut self, value: &Expr) -> Made<String> {
        self.bound(value, 0)
    }

    /// The same, in parentheses where it binds less than that.
    pub fn bound(&mut self, value: &Expr, least: u8) -> Made<String> {
        let (text, strong) = self.with_strength(value)?;
        Ok(if strong < least { format!("({text})") } else { text })
    }

    fn with_strength(&mut self, value: &Expr) -> Made<(String, u8)> {
        Ok(match value {
            Expr::Text(text) => (literal::octets(text), ATOM),
            Expr::Number(number) if *number < 0 => (number.to_string(), UNARY),
            Expr::Number(number) => (number.to_string(), ATOM),
            Expr::Time(time) => (literal::seconds(*time), ATOM),
            Expr::Name(name) => (self.named(name), ATOM),
            Expr::Address(address, port) => {
                let host = self.whose(address)?;
                let port = self.port(port.unwrap_or_default());
                (format!("({host}, {port})"), ATOM)
            }
            Expr::Call(name, given) => (self.called(name, given)?, ATOM),
            Expr::Field(..) => {
                return Err(self.refuse(
                    Text::new("a field of a packet", "分组的字段"),
                    Text::new(
                        "only a raw socket hears whole packets, and that needs a privilege (root)",
                        "只有原始套接字才能收到整个分组，而它需要特权（root）",
                    ),
                ));
            }
            Expr::Octet(data, place) => {
                let data = self.bound(data, ATOM)?;
                (format!("{data}[{}]", self.value(place)?), ATOM)
            }
            Expr::Slice(data, from, to) => {
                let data = self.bound(data, ATOM)?;
                let mut end = |end: &Option<Box<Expr>>| match end {
                    Some(place) => self.value(place),
                    None => Ok(String::new()),
                };
                let (from, to) = (end(from)?, end(to)?);
                (format!("{data}[{from}:{to}]"), ATOM)
            }
            Expr::List(given) => (format!("[{}]", self.list(given)?), ATOM),
            Expr::Joined(left, sign, right) => return self.joined(left, *sign, right),
            Expr::Not(inner) => (format!("not {}", self.bound(inner, NOT)?), NOT),
            Expr::Negative(inner) => (format!("-{}", self.bound(inner, UNARY)?), UNARY),
        })
    }

    fn joined(&mut self, left: &Expr, sign: Sign, right: &Expr) -> Made<(String, u8)> {
        let strong = strength(sign);
        if strong == 4
            && let Some(compared) = self.odd_comparison(left, sign, right)?
        {
            return Ok((compared, 4));
        }
        // A chain of comparisons means something else in Python.
        let (low, high) = if strong == 4 { (5, 5) } else { (strong, strong + 1) };
        let left = self.bound(left, low)?;
        let right = self.bound(right, high)?;
        Ok((format!("{left} {} {right}", written(sign)), strong))
    }

    /// Comparisons whose sides are other values in Python: names of local sockets, options, addresses of IPv6.
    fn odd_comparison(&mut self, left: &Expr, sign: Sign, right: &Expr) -> Made<Option<String>> {
        if !matches!(sign, Sign::Equal | Sign::NotEqual) {
            return Ok(None);
        }
        if matches!(right, Expr::Name(none) if matches!(none.as_str(), "none" | "None")) {
            let is = if sign == Sign::Equal { "is" } else { "is not" };
            return Ok(Some(format!("{} {is} None", self.bound(left, 5)?)));
        }
        let sign = written(sign);
        let address = match left {
            Expr::Name(name) => self.addresses.contains(name),
            Expr::Call(name, _) => matches!(name.as_str(), "getpeername" | "getsockname"),
            _ => false,
        };
        if let (true, Expr::Text(name)) = (address, right) {
            let left = self.value(left)?;
            let name = self.local_name(name);
            return Ok(Some(format!("{left} {sign} {name}")));
        }
        if let (true, Expr::Address(crate::scenario::syntax::Address::Host6(_), _)) = (address, right) {
            let left = self.bound(left, ATOM)?;
            return Ok(Some(format!("{left}[:2] {sign} {}", self.value(right)?)));
        }
        let Expr::Call(call, given) = left else { return Ok(None) };
        let option = match given.get(1) {
            Some(Expr::Name(option)) if call == "getsockopt" => option.as_str(),
            _ => return Ok(None),
        };
        let right = match (option, right) {
            ("SO_ERROR", Expr::Name(error)) => {
                self.needs.insert(Need::Errno);
                format!("errno.{}", literal::name(error))
            }
            ("SO_LINGER", Expr::Name(off)) if off == "off" => "None".to_owned(),
            ("SO_PEERCRED", Expr::Text(_)) => {
                self.needs.insert(Need::Os);
                "b\"uid=%d gid=%d\" % (os.getuid(), os.getgid())".to_owned()
            }
            _ => return Ok(None),
        };
        Ok(Some(format!("{} {sign} {right}", self.value(left)?)))
    }

    fn named(&mut self, name: &str) -> String {
        match name {
            "true" | "True" => "True".to_owned(),
            "false" | "False" => "False".to_owned(),
            "none" | "None" => "None".to_owned(),
            "MSG_OOB" | "MSG_PEEK" | "MSG_TRUNC" | "MSG_WAITALL" | "SHUT_RD" | "SHUT_WR" | "SHUT_RDWR" => {
                format!("socket.{name}")
            }
            _ if crate::socket::Errno::from_name(name).is_some() => {
                self.needs.insert(Need::Errno);
                format!("errno.{name}")
            }
            _ => literal::name(name),
        }
    }

    /// The name of a local socket.
    pub fn local_name(&mut self, name: &[u8]) -> String {
        if name.is_empty() {
            return "\"\"".to_owned();
        }
        if let Some(hidden) = name.strip_prefix(b"@") {
            return literal::octets(&[b"\0", hidden].concat());
        }
        // Only the last part counts: every name lies in one directory.
        let text = String::from_utf8_lossy(name);
        let last = text.rsplit('/').next().unwrap_or_default();
        let last = if matches!(last, "" | "." | "..") { "socket" } else { last };
        let directory = self.directory();
        format!("os.path.join({directory}, {})", literal::text(last))
    }

    /// A call: of a socket, of a value's function, of the program's own.
    fn called(&mut self, name: &str, given: &[Expr]) -> Made<String> {
        if let Some(call) = self.socket_call(name, given)? {
            return Ok(call);
        }
        let one = |writer: &mut Self| -> Made<String> {
            given.first().map_or(Ok(String::new()), |first| writer.value(first))
        };
        let atom = |writer: &mut Self, at: usize| -> Made<String> {
            given.get(at).map_or(Ok(String::new()), |value| writer.bound(value, ATOM))
        };
        Ok(match name {
            "len" | "int" => format!("{name}({})", one(self)?),
            "min" | "max" => format!("{name}({})", self.list(given)?),
            "str" => format!("str({}).encode()", one(self)?),
            "find" => format!("{}.find({})", atom(self, 0)?, self.list(&given[1.min(given.len())..])?),
            "starts_with" => {
                format!("{}.startswith({})", atom(self, 0)?, self.list(&given[1.min(given.len())..])?)
            }
            "u8" => self.packed("!B", given)?,
            "u16" => self.packed("!H", given)?,
            "u32" => self.packed("!I", given)?,
            "number" => format!("int.from_bytes({}, \"big\")", one(self)?),
            "octets" => match given.first() {
                Some(Expr::Name(host)) if self.setting.places.host(host).is_some() => {
                    let host = self.setting.places.host(host).unwrap_or_default();
                    format!("socket.inet_aton({})", self.host(host, false))
                }
                Some(Expr::Address(address, None)) => format!("socket.inet_aton({})", self.whose(address)?),
                _ => format!("socket.inet_aton({}[0])", atom(self, 0)?),
            },
            "port" => format!("{}[1]", atom(self, 0)?),
            "address" => {
                let port = match given.get(1) {
                    Some(Expr::Number(port)) => self.port(u16::try_from(*port).unwrap_or_default()),
                    _ => atom(self, 1)?,
                };
                format!("(socket.inet_ntoa({}), {port})", one(self)?)
            }
            "append" | "remove" => {
                format!("{}.{name}({})", atom(self, 0)?, self.list(&given[1.min(given.len())..])?)
            }
            "split" => {
                self.needs.insert(Need::Pieces);
                format!("pieces({}", self.list(given)?)
            }
            "icmp_echo" | "udp_datagram" | "ipv4_packet" | "checksum" => {
                return Err(self.refuse(
                    Text::new("a packet made by hand", "手工构造的分组"),
                    Text::new(
                        "only a raw socket sends it, and that needs a privilege (root)",
                        "只有原始套接字才能发送它，而它需要特权（root）",
                    ),
                ));
            }
            _ => {
                self.called.insert(name.to_owned());
                format!("{}({})", literal::name(name), self.list(given)?)
            }
        })
    }

    fn packed(&mut self, format: &str, given: &[Expr]) -> Made<String> {
        self.needs.insert(Need::Struct);
        Ok(format!("struct.pack(\"{format}\", {})", self.list(given)?))
    }

    /// Values with commas between them.
    pub fn list(&mut self, given: &[Expr]) -> Made<String> {
        let made: Vec<String> = given.iter().map(|value| self.value(value)).collect::<Made<_>>()?;
        Ok(made.join(", "))
    }
}
