//! Socket calls and their arguments.

use super::compile::{Compiler, Type};
use super::op::{LocalForm, Slot};
use super::{CallForm, Formula, Value};
use crate::clock::Span;
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::limits;
use crate::scenario::number::{time, whole};
use crate::scenario::source::{Mistake, Parse};
use crate::socket::{AlgorithmName, Beside, How, OptionName, SocketOption, Wanted};
use crate::udp::Discovery;
use std::ops::Range;

/// A call's name, how few and how many arguments it takes, how it is written.
pub(super) const CALLS: [(&str, usize, usize, &str); 27] = [
    ("socket", 1, 3, "socket(tcp)"),
    ("socketpair", 1, 3, "a, b = socketpair(unix_stream)"),
    ("unlink", 1, 1, "unlink(\"/tmp/chat\")"),
    ("bind", 2, 2, "bind(s, *:8080)"),
    ("listen", 1, 2, "listen(s, 5)"),
    ("accept", 1, 1, "c = accept(s)"),
    ("connect", 2, 2, "connect(s, server:8080)"),
    ("connect_ex", 2, 2, "connect_ex(s, server:8080)"),
    ("send", 2, 3, "send(s, \"hello\")"),
    ("sendall", 2, 2, "sendall(s, \"x\" * 1000)"),
    ("sendto", 3, 4, "sendto(s, \"hi\", server:9)"),
    ("recv", 2, 3, "recv(s, 1024)"),
    ("recvfrom", 2, 3, "data, sender = recvfrom(s, 1024)"),
    ("recvmsg", 2, 2, "error, to = recvmsg(s, MSG_ERRQUEUE)"),
    ("sockatmark", 1, 1, "sockatmark(s)"),
    ("poll", 2, 2, "poll(s, POLLPRI)"),
    ("configure", 3, 3, "configure(s, ack[16:20], mask)"),
    ("shutdown", 2, 2, "shutdown(s, SHUT_WR)"),
    ("close", 1, 1, "close(s)"),
    ("getsockname", 1, 1, "getsockname(s)"),
    ("getpeername", 1, 1, "getpeername(s)"),
    ("setsockopt", 3, 3, "setsockopt(s, SO_REUSEADDR, 1)"),
    ("getsockopt", 2, 2, "getsockopt(s, SO_RCVBUF)"),
    ("setblocking", 2, 2, "setblocking(s, false)"),
    ("settimeout", 2, 2, "settimeout(s, 1s)"),
    ("gettimeout", 1, 1, "gettimeout(s)"),
    ("select", 2, 3, "readable, writable = select([l, c], [], 1s)"),
];

/// The calls' names.
pub(in crate::scenario) fn names() -> impl Iterator<Item = &'static str> {
    CALLS.into_iter().map(|(name, ..)| name)
}

/// What a call gives: a value, and an address beside it.
type Kinds = (Option<Type>, Option<Type>);

impl Compiler<'_> {
    /// A call whose name was read, from its `(` on.
    pub fn call(
        &mut self,
        name: &str,
        span: Range<usize>,
        cursor: &mut Cursor<'_>,
    ) -> Parse<(CallForm, Kinds)> {
        let Some((_, few, many, usage)) = CALLS.into_iter().find(|(known, ..)| *known == name) else {
            let mistake =
                Mistake::new(span, format!("there is no call `{name}`"), format!("没有名为 `{name}` 的调用"));
            let mut known: Vec<&str> = vec!["inject", "flood", "split"];
            for one in names().chain(super::expression::names()) {
                known.push(one);
            }
            known.extend(self.functions.iter().map(|function| function.name));
            return Err(Box::new(mistake.known(name, known)));
        };
        let given = arguments(cursor);
        if !(few..=many).contains(&given) {
            let wanted = match many - few {
                0 => few.to_string(),
                1 => format!("{few} or {many}"),
                _ => format!("{few} to {many}"),
            };
            let plural = if many == 1 { "" } else { "s" };
            let mistake = Mistake::new(
                span,
                format!("`{name}` takes {wanted} argument{plural}, not {given}"),
                format!(
                    "`{name}` 需要 {} 个参数，这里给了 {given} 个",
                    wanted.replace(" or ", " 或 ").replace(" to ", " 到 ")
                ),
            );
            return Err(Box::new(mistake.help(format!("such as {usage}"), format!("例如 {usage}"))));
        }
        self.not_for_actors(span, name);
        cursor.expect_sign("(")?;
        let read = self.arguments_of(name, given, cursor)?;
        cursor.expect_sign(")")?;
        Ok(read)
    }

    fn arguments_of(
        &mut self,
        name: &str,
        given: usize,
        cursor: &mut Cursor<'_>,
    ) -> Parse<(CallForm, Kinds)> {
        if name == "socket" {
            return Ok((self.socket_of(cursor)?, (Some(Type::Socket), None)));
        }
        if name == "socketpair" {
            return Ok((self.pair_of(cursor)?, (Some(Type::Socket), Some(Type::Socket))));
        }
        if name == "unlink" {
            let path = self.local_name(cursor)?;
            return Ok((CallForm::Local(LocalForm::Unlink(path)), (None, None)));
        }
        if name == "select" {
            let lists = (Some(Type::Sockets), Some(Type::Sockets));
            return Ok((self.select_of(given, cursor)?, lists));
        }
        let s = self.socket(cursor)?;
        if given > 1 {
            cursor.expect_sign(",")?;
        }
        let (number, address) = (Some(Type::Number), Some(self.peer_type()));
        Ok(match name {
            "bind" if self.starts_local_name(cursor) => {
                (CallForm::Local(LocalForm::Bind(s, self.local_name(cursor)?)), (None, None))
            }
            "connect" if self.starts_local_name(cursor) => {
                (CallForm::Local(LocalForm::Connect(s, self.local_name(cursor)?)), (None, None))
            }
            "bind" => (CallForm::Bind(s, self.address_of(cursor, true)?), (None, None)),
            "listen" => (CallForm::Listen(s, self.backlog(cursor, given)?), (None, None)),
            "accept" => (CallForm::Accept(s), (Some(Type::Socket), address)),
            "connect" if cursor.keyword("AF_UNSPEC") => (CallForm::Disconnect(s), (None, None)),
            "connect" => (CallForm::Connect(s, self.address_of(cursor, false)?), (None, None)),
            "connect_ex" => {
                let address = self.address_of(cursor, false)?;
                // An error is what it may well give.
                self.settle_far(true);
                (CallForm::ConnectEx(s, address), (Some(Type::Setting), None))
            }
            "gettimeout" => (CallForm::GetTimeout(s), (Some(Type::Patience), None)),
            "send" | "sendall" | "sendto" => return self.sending_of(name, s, given, cursor),
            "recv" | "recvfrom" | "recvmsg" => return self.receiving_of(name, s, given, cursor),
            "configure" => {
                let address = self.data(cursor)?;
                cursor.expect_sign(",")?;
                (CallForm::Configure(s, address, self.data(cursor)?), (None, None))
            }
            "sockatmark" => (CallForm::AtMark(s), (number, None)),
            "poll" => {
                expect_word(cursor, "POLLPRI")?;
                (CallForm::PollUrgent(s), (number, None))
            }
            "shutdown" => (CallForm::Shutdown(s, how(cursor)?), (None, None)),
            "close" => (CallForm::Close(s), (None, None)),
            "getsockname" => (CallForm::GetSockName(s), (address, None)),
            "getpeername" => (CallForm::GetPeerName(s), (address, None)),
            "setsockopt" => {
                let option = option(cursor)?;
                cursor.expect_sign(",")?;
                (CallForm::SetOption(s, self.option_value(option, cursor)?), (None, None))
            }
            "getsockopt" => {
                let option = option(cursor)?;
                let words = matches!(option, OptionName::Congestion | OptionName::PeerCredentials);
                let kind = if words { Type::Data } else { Type::Setting };
                (CallForm::GetOption(s, option), (Some(kind), None))
            }
            "setblocking" => (CallForm::SetBlocking(s, self.switch(cursor)?), (None, None)),
            _ => (CallForm::SetTimeout(s, self.timeout(cursor)?), (None, None)),
        })
    }

    /// The arguments of a call that sends, behind its socket.
    fn sending_of(
        &mut self,
        name: &str,
        s: Slot,
        given: usize,
        cursor: &mut Cursor<'_>,
    ) -> Parse<(CallForm, Kinds)> {
        let number = Some(Type::Number);
        Ok(match name {
            "send" => {
                let data = self.data(cursor)?;
                let urgent = given == 3 && out_of_band(cursor)?;
                (if urgent { CallForm::SendUrgent(s, data) } else { CallForm::Send(s, data) }, (number, None))
            }
            "sendall" => (CallForm::SendAll(s, self.data(cursor)?), (number, None)),
            _ => {
                let data = self.data(cursor)?;
                cursor.expect_sign(",")?;
                if self.starts_local_name(cursor) {
                    let name = self.local_name(cursor)?;
                    return Ok((CallForm::Local(LocalForm::SendTo(s, data, name)), (number, None)));
                }
                let to = self.address_of(cursor, false)?;
                let fast_open = given > 3 && msg_fastopen(cursor)?;
                (CallForm::SendTo(s, data, to, fast_open), (number, None))
            }
        })
    }

    /// The arguments of a call that receives, behind its socket.
    fn receiving_of(
        &mut self,
        name: &str,
        s: Slot,
        given: usize,
        cursor: &mut Cursor<'_>,
    ) -> Parse<(CallForm, Kinds)> {
        let (data, number, address) = (Some(Type::Data), Some(Type::Number), Some(self.peer_type()));
        Ok(match name {
            "recv" => {
                let size = self.size(cursor)?;
                match flags(cursor, given)? {
                    Flags::None => (CallForm::Recv(s, size), (data, None)),
                    Flags::Urgent => (CallForm::RecvUrgent(s, size), (data, None)),
                    Flags::Of { peek, whole, all } => {
                        let wanted = Wanted { beside: Beside::Nothing, peek, whole, all };
                        let gives = if whole { number } else { data };
                        (CallForm::Receive(s, size, wanted), (gives, None))
                    }
                }
            }
            "recvfrom" => {
                let size = self.size(cursor)?;
                match flags(cursor, given)? {
                    Flags::None => (CallForm::RecvFrom(s, size), (data, address)),
                    Flags::Urgent => {
                        return Err(cursor.expected("MSG_PEEK or MSG_TRUNC", "MSG_PEEK 或 MSG_TRUNC"));
                    }
                    Flags::Of { peek, whole, all } => {
                        let wanted = Wanted { beside: Beside::Sender, peek, whole, all };
                        let gives = if whole { number } else { data };
                        (CallForm::Receive(s, size, wanted), (gives, address))
                    }
                }
            }
            "recvmsg" if cursor.keyword("MSG_ERRQUEUE") => {
                const QUOTED: i64 = 1024;
                let wanted = Wanted { beside: Beside::Error, peek: false, whole: false, all: false };
                (CallForm::Receive(s, Formula::Fixed(Value::Number(QUOTED)), wanted), (data, address))
            }
            _ => {
                let wanted = Wanted { beside: Beside::Destination, peek: false, whole: false, all: false };
                (CallForm::Receive(s, self.size(cursor)?, wanted), (data, address))
            }
        })
    }

    /// A variable that holds a socket.
    pub fn socket(&mut self, cursor: &mut Cursor<'_>) -> Parse<Slot> {
        let (name, span) = cursor.expect_name("a socket", "套接字")?;
        Ok(self.variable(name, &[Type::Socket], span))
    }

    fn backlog(&mut self, cursor: &mut Cursor<'_>, given: usize) -> Parse<i32> {
        const DEFAULT: i32 = 128;
        if given == 1 {
            return Ok(DEFAULT);
        }
        whole(cursor, self.scene, 0..=1_000_000, "a backlog", "backlog").map(|backlog| backlog as i32)
    }

    fn size(&mut self, cursor: &mut Cursor<'_>) -> Parse<Formula> {
        self.amount(cursor, 0..=limits::DATA, "a size", "字节数")
    }

    fn switch(&mut self, cursor: &mut Cursor<'_>) -> Parse<bool> {
        for (word, on) in [("true", true), ("True", true), ("false", false), ("False", false)] {
            if cursor.keyword(word) {
                return Ok(on);
            }
        }
        whole(cursor, self.scene, 0..=1, "0 or 1", "0 或 1").map(|number| number == 1)
    }

    /// A time, or `none`.
    pub fn timeout(&mut self, cursor: &mut Cursor<'_>) -> Parse<Option<Span>> {
        if cursor.keyword("none") || cursor.keyword("None") {
            return Ok(None);
        }
        time(cursor, self.scene).map(Some)
    }

    fn option_value(&mut self, option: OptionName, cursor: &mut Cursor<'_>) -> Parse<SocketOption> {
        let mut number =
            |range, en: &str, zh: &str| whole(cursor, self.scene, range, en, zh).map(|n| n as u32);
        Ok(match option {
            OptionName::KeepIdle => {
                SocketOption::KeepIdle(number(1..=32767, "TCP_KEEPIDLE", "TCP_KEEPIDLE")?)
            }
            OptionName::KeepInterval => {
                SocketOption::KeepInterval(number(1..=32767, "TCP_KEEPINTVL", "TCP_KEEPINTVL")?)
            }
            OptionName::KeepCount => SocketOption::KeepCount(number(1..=127, "TCP_KEEPCNT", "TCP_KEEPCNT")?),
            OptionName::UserTimeout => {
                SocketOption::UserTimeout(number(0..=0x7fff_ffff, "TCP_USER_TIMEOUT", "TCP_USER_TIMEOUT")?)
            }
            OptionName::DeferAccept => {
                SocketOption::DeferAccept(number(0..=32_767, "TCP_DEFER_ACCEPT", "TCP_DEFER_ACCEPT")?)
            }
            OptionName::FastOpen => {
                SocketOption::FastOpen(number(0..=0x7fff_ffff, "TCP_FASTOPEN", "TCP_FASTOPEN")?)
            }
            OptionName::ReceiveBuffer => {
                SocketOption::ReceiveBuffer(number(0..=0x3fff_ffff, "SO_RCVBUF", "SO_RCVBUF")?)
            }
            OptionName::SendBuffer => {
                SocketOption::SendBuffer(number(0..=0x3fff_ffff, "SO_SNDBUF", "SO_SNDBUF")?)
            }
            OptionName::TypeOfService => {
                SocketOption::TypeOfService(number(0..=255, "IP_TOS", "IP_TOS")? as u8)
            }
            OptionName::TimeToLive => SocketOption::TimeToLive(number(1..=255, "IP_TTL", "IP_TTL")? as u8),
            OptionName::UnicastHops => {
                SocketOption::UnicastHops(number(1..=255, "IPV6_UNICAST_HOPS", "IPV6_UNICAST_HOPS")? as u8)
            }
            OptionName::V6Only => SocketOption::V6Only(self.switch(cursor)?),
            OptionName::ReuseAddr => SocketOption::ReuseAddr(self.switch(cursor)?),
            OptionName::KeepAlive => SocketOption::KeepAlive(self.switch(cursor)?),
            OptionName::NoDelay => SocketOption::NoDelay(self.switch(cursor)?),
            OptionName::FastOpenConnect => SocketOption::FastOpenConnect(self.switch(cursor)?),
            OptionName::UrgentInline => SocketOption::UrgentInline(self.switch(cursor)?),
            OptionName::ReusePort => SocketOption::ReusePort(self.switch(cursor)?),
            OptionName::Broadcast => SocketOption::Broadcast(self.switch(cursor)?),
            OptionName::NoChecksum => SocketOption::NoChecksum(self.switch(cursor)?),
            OptionName::ReceiveErrors => SocketOption::ReceiveErrors(self.switch(cursor)?),
            OptionName::PacketInfo => SocketOption::PacketInfo(self.switch(cursor)?),
            OptionName::MtuDiscovery => SocketOption::MtuDiscovery(discovery(cursor)?),
            OptionName::Rare(_) => {
                return Err(cursor.expected("an option of programs", "程序可用的选项"));
            }
            OptionName::Mtu => {
                return Err(cursor.expected("no value: IP_MTU is only read", "不写值：IP_MTU 只能读取"));
            }
            OptionName::HeaderIncluded => SocketOption::HeaderIncluded(self.switch(cursor)?),
            OptionName::Congestion => match cursor.peek() {
                Some(Word::Text(name)) => {
                    let name = AlgorithmName::new(name);
                    cursor.advance();
                    SocketOption::Congestion(name)
                }
                _ => {
                    return Err(cursor.expected(
                        "the name of an algorithm: \"reno\" or \"cubic\"",
                        "算法名：\"reno\" 或 \"cubic\"",
                    ));
                }
            },
            OptionName::Linger if cursor.keyword("off") => SocketOption::Linger(None),
            OptionName::Linger => SocketOption::Linger(Some(whole(
                cursor,
                self.scene,
                0..=65535,
                "SO_LINGER's seconds",
                "SO_LINGER 的秒数",
            )? as u32)),
            OptionName::PeerCredentials => {
                return Err(
                    cursor.expected("no value: SO_PEERCRED is only read", "不写值：SO_PEERCRED 只能读取")
                );
            }
            OptionName::Error => {
                return Err(cursor.expected("no value: SO_ERROR is only read", "不写值：SO_ERROR 只能读取"));
            }
        })
    }
}

/// `, MSG_OOB` after the other arguments.
fn out_of_band(cursor: &mut Cursor<'_>) -> Parse<bool> {
    cursor.expect_sign(",")?;
    expect_word(cursor, "MSG_OOB").map(|()| true)
}

/// What may follow the size in `recv` and `recvfrom`.
enum Flags {
    None,
    Urgent,
    Of { peek: bool, whole: bool, all: bool },
}

/// `, MSG_OOB`, or `, MSG_PEEK | MSG_TRUNC | MSG_WAITALL`, after the two other arguments.
fn flags(cursor: &mut Cursor<'_>, given: usize) -> Parse<Flags> {
    if given < 3 {
        return Ok(Flags::None);
    }
    cursor.expect_sign(",")?;
    if cursor.keyword("MSG_OOB") {
        return Ok(Flags::Urgent);
    }
    let (mut peek, mut whole, mut all) = (false, false, false);
    loop {
        if cursor.keyword("MSG_PEEK") {
            peek = true;
        } else if cursor.keyword("MSG_TRUNC") {
            whole = true;
        } else if cursor.keyword("MSG_WAITALL") {
            all = true;
        } else {
            return Err(cursor.expected(
                "MSG_OOB, MSG_PEEK, MSG_TRUNC or MSG_WAITALL",
                "MSG_OOB、MSG_PEEK、MSG_TRUNC 或 MSG_WAITALL",
            ));
        }
        if !cursor.sign("|") {
            return Ok(Flags::Of { peek, whole, all });
        }
    }
}

/// `IP_PMTUDISC_DO` and its like, or C's number.
fn discovery(cursor: &mut Cursor<'_>) -> Parse<Discovery> {
    let names = [
        ("IP_PMTUDISC_DONT", Discovery::Dont),
        ("IP_PMTUDISC_WANT", Discovery::Want),
        ("IP_PMTUDISC_DO", Discovery::Do),
        ("IP_PMTUDISC_PROBE", Discovery::Probe),
    ];
    for (name, discovery) in names {
        if cursor.keyword(name) {
            return Ok(discovery);
        }
    }
    const NAMES: &str = "IP_PMTUDISC_DONT, IP_PMTUDISC_WANT, IP_PMTUDISC_DO, IP_PMTUDISC_PROBE";
    Err(cursor.expected(NAMES, NAMES))
}

/// `, MSG_FASTOPEN` after the other arguments.
fn msg_fastopen(cursor: &mut Cursor<'_>) -> Parse<bool> {
    cursor.expect_sign(",")?;
    expect_word(cursor, "MSG_FASTOPEN").map(|()| true)
}

/// The only word that may stand here.
fn expect_word(cursor: &mut Cursor<'_>, word: &'static str) -> Parse<()> {
    if cursor.keyword(word) { Ok(()) } else { Err(cursor.expected(word, word)) }
}

fn how(cursor: &mut Cursor<'_>) -> Parse<How> {
    let (name, span) =
        cursor.expect_name("SHUT_RD, SHUT_WR or SHUT_RDWR", "SHUT_RD、SHUT_WR 或 SHUT_RDWR")?;
    match name {
        "SHUT_RD" => Ok(How::Read),
        "SHUT_WR" => Ok(How::Write),
        "SHUT_RDWR" => Ok(How::Both),
        _ => {
            let mistake =
                Mistake::new(span, format!("`{name}` says no direction"), format!("`{name}` 不是方向"));
            Err(Box::new(mistake.known(name, ["SHUT_RD", "SHUT_WR", "SHUT_RDWR"])))
        }
    }
}

fn option(cursor: &mut Cursor<'_>) -> Parse<OptionName> {
    let (name, span) = cursor.expect_name("an option's name (SO_REUSEADDR…)", "选项名（SO_REUSEADDR……）")?;
    OptionName::from_name(name).ok_or_else(|| {
        let mistake =
            Mistake::new(span, format!("there is no option `{name}`"), format!("没有名为 `{name}` 的选项"));
        Box::new(mistake.known(name, OptionName::ALL.map(|(_, known)| known)))
    })
}

/// How many arguments stand between the `(` at the cursor and its `)`.
pub(super) fn arguments(cursor: &Cursor<'_>) -> usize {
    let (mut depth, mut brackets) = (0, 0);
    let mut commas = 0;
    let mut any = false;
    let mut ahead = 0;
    while let Some(word) = cursor.peek_at(ahead) {
        match word {
            Word::Sign("(") => depth += 1,
            Word::Sign(")") => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            Word::Sign("[") => {
                any = true;
                brackets += 1;
            }
            Word::Sign("]") => brackets -= 1,
            Word::Sign(",") if depth == 1 && brackets == 0 => commas += 1,
            Word::Name(_)
            | Word::Number(_)
            | Word::Address(_)
            | Word::Bracketed(_)
            | Word::Text(_)
            | Word::Sign(_) => any = true,
        }
        ahead += 1;
    }
    if any { commas + 1 } else { commas }
}
