//! Which socket a program wants: `socket(tcp)`, `socket(raw, icmp)`, or family, type and protocol as Python writes them.

use super::compile::{Compiler, Type};
use super::op::AddressForm;
use super::op::LocalForm;
use super::{CallForm, Formula, Value};
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::number::whole;
use crate::scenario::source::{Mistake, Parse};
use crate::socket::{Domain, Kind, LocalName};
use std::net::SocketAddr;
use std::ops::Range;

/// Families by Python's names.
const FAMILIES: [(&str, Domain); 3] =
    [("AF_INET", Domain::Inet), ("AF_INET6", Domain::Inet6), ("AF_UNIX", Domain::Unix)];

/// Types by Python's names.
const TYPES: [(&str, Kind); 5] = [
    ("SOCK_STREAM", Kind::Stream),
    ("SOCK_DGRAM", Kind::Datagram),
    ("SOCK_RAW", Kind::Raw),
    ("SOCK_RDM", Kind::Rdm),
    ("SOCK_SEQPACKET", Kind::SeqPacket),
];

/// Sockets in one word; `raw` wants a protocol besides.
const SHORT: [(&str, Domain, Kind); 8] = [
    ("tcp", Domain::Inet, Kind::Stream),
    ("udp", Domain::Inet, Kind::Datagram),
    ("tcp6", Domain::Inet6, Kind::Stream),
    ("udp6", Domain::Inet6, Kind::Datagram),
    ("raw", Domain::Inet, Kind::Raw),
    ("unix_stream", Domain::Unix, Kind::Stream),
    ("unix_dgram", Domain::Unix, Kind::Datagram),
    ("unix_seqpacket", Domain::Unix, Kind::SeqPacket),
];

/// Protocols by name: ours, and Python's.
const PROTOCOLS: [(&str, i32); 8] = [
    ("icmp", 1),
    ("tcp", 6),
    ("udp", 17),
    ("IPPROTO_ICMP", 1),
    ("IPPROTO_TCP", 6),
    ("IPPROTO_UDP", 17),
    ("IPPROTO_RAW", 255),
    ("IPPROTO_IP", 0),
];

/// What is wrong with the name of a local socket.
pub(super) fn no_local_name(span: Range<usize>) -> Mistake {
    Mistake::new(span, "this cannot be the name of a local socket", "这不能作本地套接字的名字").help(
        "a path such as \"/tmp/chat\" or an abstract name such as \"@chat\", at most 107 octets of text",
        "路径如 \"/tmp/chat\"，或抽象名字如 \"@chat\"，至多 107 个字节",
    )
}

impl Compiler<'_> {
    /// The arguments of `socket`.
    pub fn socket_of(&mut self, cursor: &mut Cursor<'_>) -> Parse<CallForm> {
        let (name, span) = cursor.expect_name("tcp, udp or raw", "tcp、udp 或 raw")?;
        let short = SHORT.into_iter().find(|(known, ..)| *known == name);
        let family = FAMILIES.into_iter().find(|(known, _)| *known == name);
        let (domain, kind) = match (short, family) {
            (Some((_, domain, kind)), _) => (domain, kind),
            (None, Some((_, domain))) => {
                cursor.expect_sign(",")?;
                (domain, self.socket_type(cursor)?)
            }
            // One argument as in `socket(SOCK_STREAM)` is AF_INET's.
            (None, None) => match TYPES.into_iter().find(|(known, _)| *known == name) {
                Some((_, kind)) => (Domain::Inet, kind),
                None => {
                    let mistake = Mistake::new(
                        span,
                        format!("`{name}` is no kind of socket"),
                        format!("`{name}` 不是一种套接字"),
                    );
                    return Err(Box::new(mistake.help(
                        "socket(tcp), socket(udp), for IPv6 socket(tcp6) or socket(udp6); socket(raw, icmp), socket(unix_stream)",
                        "socket(tcp)、socket(udp)；IPv6 用 socket(tcp6) 或 socket(udp6)；socket(raw, icmp)、socket(unix_stream)",
                    )));
                }
            },
        };
        let protocol = if cursor.sign(",") { self.protocol(cursor)? } else { 0 };
        if kind == Kind::Raw && protocol == 0 && short.is_some() {
            return Err(cursor.expected("`, icmp` or another protocol", "`, icmp` 或别的协议"));
        }
        let local = domain == Domain::Unix;
        self.deeds.local |= local;
        self.deeds.tcp |= kind == Kind::Stream && !local;
        self.deeds.udp |= kind == Kind::Datagram && !local;
        self.deeds.raw |= kind == Kind::Raw && !local;
        self.deeds.ipv6 |= domain == Domain::Inet6;
        Ok(CallForm::Socket(domain, kind, protocol))
    }

    /// The arguments of `socketpair`: those of `socket`.
    pub fn pair_of(&mut self, cursor: &mut Cursor<'_>) -> Parse<CallForm> {
        let span = cursor.span();
        match self.socket_of(cursor)? {
            CallForm::Socket(Domain::Unix, kind, _) => Ok(CallForm::Local(LocalForm::Pair(kind))),
            _ => {
                let mistake =
                    Mistake::new(span, "only local sockets come in pairs", "只有本地套接字才能成对创建");
                Err(Box::new(mistake.help("socketpair(unix_stream)", "socketpair(unix_stream)")))
            }
        }
    }

    /// The peer's address that a call gives: that of a local socket is a name.
    pub fn peer_type(&self) -> Type {
        if self.deeds.local { Type::Unknown } else { Type::Address }
    }

    /// Whether the name of a local socket comes next.
    pub fn starts_local_name(&self, cursor: &Cursor<'_>) -> bool {
        self.deeds.local && matches!(cursor.peek(), Some(Word::Text(_)))
    }

    fn socket_type(&mut self, cursor: &mut Cursor<'_>) -> Parse<Kind> {
        let (name, span) = cursor.expect_name("a type (SOCK_STREAM…)", "套接字类型（SOCK_STREAM……）")?;
        if let Some((_, _, kind)) = SHORT.into_iter().find(|(known, ..)| *known == name) {
            return Ok(kind);
        }
        TYPES.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind).ok_or_else(|| {
            let mistake = Mistake::new(
                span,
                format!("`{name}` is no type of socket"),
                format!("`{name}` 不是套接字类型"),
            );
            Box::new(mistake.known(name, TYPES.map(|(known, _)| known)))
        })
    }

    /// A protocol by its name or number.
    pub fn protocol(&mut self, cursor: &mut Cursor<'_>) -> Parse<i32> {
        if let Some(Word::Name(name)) = cursor.peek()
            && let Some((_, number)) = PROTOCOLS.into_iter().find(|(known, _)| known == name)
        {
            cursor.advance();
            return Ok(number);
        }
        whole(cursor, self.scene, 0..=65_535, "a protocol (icmp, or its number)", "协议（icmp，或协议号）")
            .map(|number| number as i32)
    }

    /// The name of a local socket.
    pub fn local_name(&mut self, cursor: &mut Cursor<'_>) -> Parse<Formula> {
        let span = cursor.span();
        let formula = self.data(cursor)?;
        if let Formula::Fixed(Value::Data(octets)) = &formula
            && LocalName::new(octets).is_none()
        {
            self.scene.report(no_local_name(span));
        }
        Ok(formula)
    }

    /// An address of a call: see [`Compiler::address`]. In a program with raw sockets a host may stand without a port.
    pub fn address_of(&mut self, cursor: &mut Cursor<'_>, own: bool) -> Parse<AddressForm> {
        let named = match cursor.peek() {
            Some(Word::Name(name)) => {
                self.find(name).is_none() && (self.scene.host(name).is_some() || *name == "localhost")
            }
            Some(Word::Address(_)) => true,
            _ => false,
        };
        if !self.deeds.raw || !named || matches!(cursor.peek_at(1), Some(Word::Sign(":"))) {
            return self.address(cursor, own);
        }
        let span = cursor.span();
        let ip = self.ip(cursor)?;
        if !own {
            self.note_far(ip.into(), span);
        }
        Ok(AddressForm::Fixed(SocketAddr::new(ip.into(), 0)))
    }
}
