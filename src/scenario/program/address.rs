//! Addresses in programs: of a host by its name, or as they are. Those of IPv6 stand in brackets.

use super::AddressForm;
use super::compile::{Compiler, Type};
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::number::whole;
use crate::scenario::source::{Mistake, Parse};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ops::Range;

impl Compiler<'_> {
    /// `server:8080`, `*:8080`, `10.0.0.2:80`, `[server]:8080`, `[*]:8080`, `[fd00::2]:80`, or a variable. `own` is an address of
    /// this host (bind), or one to compare with.
    pub fn address(&mut self, cursor: &mut Cursor<'_>, own: bool) -> Parse<AddressForm> {
        let span = cursor.span();
        let colon = matches!(cursor.peek_at(1), Some(Word::Sign(":")));
        let (ip, zone) = match cursor.peek() {
            Some(Word::Name(name)) if !colon => {
                cursor.advance();
                return self.variable_or_mistake(name, span);
            }
            Some(Word::Sign("*")) => {
                cursor.advance();
                self.refuse_any(own, span.clone());
                (IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0)
            }
            Some(Word::Sign("[") | Word::Bracketed(_)) => {
                let (ip, zone) = self.bracketed(cursor, own)?;
                (IpAddr::V6(ip), zone)
            }
            _ => (IpAddr::V4(self.ip(cursor)?), 0),
        };
        if !own {
            self.note_far(ip, span);
        }
        cursor.expect_sign(":")?;
        let least = u64::from(!own);
        let port = whole(cursor, self.scene, least..=65535, "port", "端口")? as u16;
        Ok(AddressForm::Fixed(match ip {
            IpAddr::V4(ip) => SocketAddr::V4(SocketAddrV4::new(ip, port)),
            IpAddr::V6(ip) => SocketAddr::V6(SocketAddrV6::new(ip, port, 0, zone)),
        }))
    }

    fn variable_or_mistake(&mut self, name: &str, span: Range<usize>) -> Parse<AddressForm> {
        if self.scene.host(name).is_some() && self.find(name).is_none() {
            let mistake = Mistake::new(span, "the port is missing", "缺少端口");
            return Err(Box::new(mistake.help(format!("such as {name}:8080"), format!("例如 {name}:8080"))));
        }
        Ok(AddressForm::Variable(self.variable(name, &[Type::Address], span)))
    }

    fn refuse_any(&mut self, own: bool, span: Range<usize>) {
        if !own {
            self.scene.report(
                Mistake::new(span, "`*` is no destination", "`*` 不能作为目的地址")
                    .help("name a host", "请写主机名"),
            );
        }
    }

    /// `[server]`, `[*]`, `[localhost]`, `[fd00::2]`, `[fe80::1%eth0]`: an IPv6 address and the number of its interface.
    fn bracketed(&mut self, cursor: &mut Cursor<'_>, own: bool) -> Parse<(Ipv6Addr, u32)> {
        let span = cursor.span();
        if let Some(Word::Bracketed(read)) = cursor.peek() {
            cursor.advance();
            return Ok(read.unwrap_or_else(|| {
                self.scene.report(
                    Mistake::new(span, "this is no IPv6 address", "这不是 IPv6 地址")
                        .help("such as [fd00::1] or [fe80::1%eth0]", "例如 [fd00::1] 或 [fe80::1%eth0]"),
                );
                (Ipv6Addr::LOCALHOST, 0)
            }));
        }
        cursor.expect_sign("[")?;
        let ip = if cursor.sign("*") {
            self.refuse_any(own, span);
            Ipv6Addr::UNSPECIFIED
        } else if cursor.keyword("localhost") {
            Ipv6Addr::LOCALHOST
        } else {
            let span = cursor.span();
            let host = cursor.expect_host(self.scene)?.unwrap_or(self.host);
            let facts = self.scene.facts(host);
            match facts.and_then(|facts| facts.ipv6.first()) {
                Some(ip) => *ip,
                None => {
                    let name = facts.map(|facts| facts.name.clone()).unwrap_or_default();
                    let mistake = Mistake::new(
                        span,
                        format!("`{name}` has no IPv6 address"),
                        format!("`{name}` 没有 IPv6 地址"),
                    );
                    self.scene.report(mistake.help(
                        "give it one: address = [\"10.0.0.2\", \"fd00::2/64\"]",
                        "给它一个：address = [\"10.0.0.2\", \"fd00::2/64\"]",
                    ));
                    Ipv6Addr::LOCALHOST
                }
            }
        };
        cursor.expect_sign("]")?;
        Ok((ip, 0))
    }

    /// A host's name, `localhost`, or an address.
    pub fn ip(&mut self, cursor: &mut Cursor<'_>) -> Parse<Ipv4Addr> {
        let span = cursor.span();
        match cursor.peek() {
            Some(Word::Name("localhost")) => {
                cursor.advance();
                Ok(Ipv4Addr::LOCALHOST)
            }
            Some(Word::Name(_)) => {
                let host = cursor.expect_host(self.scene)?.unwrap_or(self.host);
                Ok(self.scene.facts(host).map_or(Ipv4Addr::UNSPECIFIED, |facts| facts.address))
            }
            Some(Word::Address(address)) => {
                cursor.advance();
                Ok(address.unwrap_or_else(|| {
                    self.scene.report(
                        Mistake::new(span, "this is no IPv4 address", "这不是 IPv4 地址")
                            .help("four numbers from 0 to 255", "四个 0 到 255 的数"),
                    );
                    Ipv4Addr::LOCALHOST
                }))
            }
            _ => Err(cursor.expected(
                "an address: HOST:PORT, A.B.C.D:PORT, [HOST]:PORT for IPv6",
                "地址：主机:端口、A.B.C.D:端口，IPv6 为 [主机]:端口",
            )),
        }
    }

    /// Remembers a destination that no host has.
    pub fn note_far(&mut self, ip: IpAddr, span: Range<usize>) {
        let ip = ip.to_canonical();
        let everywhere = match ip {
            IpAddr::V4(ip) => self.scene.is_everybody(ip),
            // Whoever is on the link may have it.
            IpAddr::V6(ip) => ip.is_multicast() || ip.is_unicast_link_local(),
        };
        let reached = ip.is_loopback()
            || ip.is_unspecified()
            || everywhere
            || self.scene.hosts.iter().any(|host| match ip {
                IpAddr::V4(ip) => host.address == ip || host.owns.iter().any(|block| block.contains(ip)),
                IpAddr::V6(ip) => host.ipv6.contains(&ip),
            });
        if reached {
            return;
        }
        let address = |host: &crate::scenario::cursor::HostFacts| match ip {
            IpAddr::V4(_) => Some(host.address.to_string()),
            IpAddr::V6(_) => host.ipv6.first().map(Ipv6Addr::to_string),
        };
        let hosts: Vec<String> = self
            .scene
            .hosts
            .iter()
            .filter_map(|host| address(host).map(|address| format!("{} {address}", host.name)))
            .collect();
        let (en, zh) = (hosts.join(", "), hosts.join("、"));
        self.far = Some(
            Mistake::new(span, format!("no host has the address {ip}"), format!("没有主机使用地址 {ip}"))
                .help(
                    format!("there are {en}; or say how the call `fails`"),
                    format!("现有：{zh}；或者用 `fails` 写明它如何失败"),
                ),
        );
    }
}
