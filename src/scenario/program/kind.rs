//! Which socket a program wants: `socket(tcp)`, `socket(raw, icmp)`, or family, type and protocol as Python writes them.

use super::CallForm;
use super::compile::Compiler;
use super::op::AddressForm;
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::number::whole;
use crate::scenario::source::{Mistake, Parse};
use crate::socket::{Domain, Kind};
use std::net::SocketAddr;

/// Families by Python's names.
const FAMILIES: [(&str, Domain); 2] = [("AF_INET", Domain::Inet), ("AF_INET6", Domain::Inet6)];

/// Types by Python's names.
const TYPES: [(&str, Kind); 5] = [
    ("SOCK_STREAM", Kind::Stream),
    ("SOCK_DGRAM", Kind::Datagram),
    ("SOCK_RAW", Kind::Raw),
    ("SOCK_RDM", Kind::Rdm),
    ("SOCK_SEQPACKET", Kind::SeqPacket),
];

/// Sockets in one word; `raw` wants a protocol besides.
const SHORT: [(&str, Domain, Kind); 5] = [
    ("tcp", Domain::Inet, Kind::Stream),
    ("udp", Domain::Inet, Kind::Datagram),
    ("tcp6", Domain::Inet6, Kind::Stream),
    ("udp6", Domain::Inet6, Kind::Datagram),
    ("raw", Domain::Inet, Kind::Raw),
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
                        "socket(tcp), socket(udp), for IPv6 socket(tcp6) or socket(udp6); socket(raw, icmp)",
                        "socket(tcp)、socket(udp)；IPv6 用 socket(tcp6) 或 socket(udp6)；socket(raw, icmp)",
                    )));
                }
            },
        };
        let protocol = if cursor.sign(",") { self.protocol(cursor)? } else { 0 };
        if kind == Kind::Raw && protocol == 0 && short.is_some() {
            return Err(cursor.expected("`, icmp` or another protocol", "`, icmp` 或别的协议"));
        }
        self.deeds.tcp |= kind == Kind::Stream;
        self.deeds.udp |= kind == Kind::Datagram;
        self.deeds.raw |= kind == Kind::Raw;
        self.deeds.ipv6 |= domain == Domain::Inet6;
        Ok(CallForm::Socket(domain, kind, protocol))
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
