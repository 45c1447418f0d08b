//! The addresses of hosts and routers: of IPv4, of IPv6, or one of each.

use super::Builder;
use crate::link::{HostId, NodeKind};
use crate::scenario::source::{Mistake, Piece};
use crate::scenario::topology::Topology;
use crate::scenario::{HostPlan, Ipv6Net, Route6Plan};
use std::net::Ipv6Addr;
use toml::Spanned;
use toml::de::DeValue;

/// Bits of prefix where an IPv6 address names none: the interface identifier has the other half (RFC 4291 section 2.5.1).
const PREFIX6: u8 = 64;
/// ::/0.
const EVERYWHERE: Ipv6Net = Ipv6Net { address: Ipv6Addr::UNSPECIFIED, prefix: 0 };

/// What stands under `address`, told apart.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The IPv4 address, still to be read.
    pub v4: Option<Piece>,
    /// The IPv6 addresses, each with its place.
    pub v6: Vec<(Ipv6Net, Piece)>,
}

impl Builder {
    /// `"10.0.0.1/24"`, `"fd00::1/64"`, or a list of both kinds.
    pub fn written(&mut self, value: Option<&Spanned<DeValue<'_>>>) -> Written {
        let Some(value) = value else { return Written::default() };
        let pieces: Vec<Piece> = match value.as_ref().as_array() {
            Some(items) => items.iter().filter_map(|item| self.reader.piece_of(item)).collect(),
            None => self.reader.piece_of(value).into_iter().collect(),
        };
        let mut written = Written::default();
        for piece in pieces {
            if piece.text.contains(':') {
                if let Some(net) = self.ipv6_net(&piece) {
                    written.v6.push((net, piece));
                }
            } else if written.v4.is_some() {
                let mistake =
                    Mistake::new(piece.span, "there is an IPv4 address already", "已经有一个 IPv4 地址");
                self.reader.report(mistake.help(
                    "a card has one IPv4 address, and IPv6 addresses beside it",
                    "一块网卡有一个 IPv4 地址，另外可有若干 IPv6 地址",
                ));
            } else {
                written.v4 = Some(piece);
            }
        }
        written
    }

    /// The IPv6 addresses of a host on the wire that all share: one network, and no address twice.
    pub fn wire_ipv6(&mut self, written: Vec<(Ipv6Net, Piece)>, before: &[HostPlan]) -> Vec<Ipv6Net> {
        let mut own: Vec<Ipv6Net> = Vec::new();
        for (net, piece) in written {
            let Ipv6Net { address, .. } = net;
            let of_others = || before.iter().flat_map(|host| host.cards.iter().map(move |card| (host, card)));
            let twin = of_others().find(|(_, card)| card.ipv6.iter().any(|other| other.address == address));
            let first = of_others().find_map(|(host, card)| Some((host, *card.ipv6.first()?)));
            if let Some((other, _)) = twin {
                self.reader.report(Mistake::new(
                    piece.span,
                    format!("{} already has the address {address}", other.name),
                    format!("{} 已经使用地址 {address}", other.name),
                ));
            } else if let Some((other, known)) = first.filter(|(_, known)| !known.same_net(net)) {
                let network = known.network();
                let mistake = Mistake::new(
                    piece.span,
                    format!("{address} is not in {}'s network, and there is no router", other.name),
                    format!("{address} 与 {} 不在同一网络，而这里没有路由器", other.name),
                );
                self.reader
                    .report(mistake.help(format!("an address of {network}"), format!("{network} 中的地址")));
            } else {
                own.push(net);
            }
        }
        own
    }

    /// `fd00::1/64`.
    fn ipv6_net(&mut self, piece: &Piece) -> Option<Ipv6Net> {
        let text = piece.text.trim();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, prefix.parse::<u8>().ok()),
            None => (text, Some(PREFIX6)),
        };
        let read = address.parse::<Ipv6Addr>().ok().zip(prefix);
        let Some((address, prefix)) = read.filter(|(_, prefix)| (8..=128).contains(prefix)) else {
            let mistake = Mistake::new(
                piece.span.clone(),
                format!("`{text}` is no IPv6 address with its prefix"),
                format!("`{text}` 不是带前缀的 IPv6 地址"),
            );
            self.reader.report(mistake.help(
                format!("such as fd00::1/{PREFIX6} (prefix 8 to 128)"),
                format!("例如 fd00::1/{PREFIX6}（前缀 8 到 128）"),
            ));
            return None;
        };
        let why = if address.is_unicast_link_local() {
            Some(("every card makes its link-local address by itself", "每块网卡会自己生成链路本地地址"))
        } else if address.to_ipv4_mapped().is_some() {
            Some(("this stands for an IPv4 address", "这代表一个 IPv4 地址"))
        } else if address.is_unspecified() || address.is_loopback() || address.is_multicast() {
            Some(("no card has this address", "网卡不能使用这个地址"))
        } else {
            None
        };
        if let Some((en, zh)) = why {
            let mistake = Mistake::new(
                piece.span.clone(),
                format!("{address} cannot be a host's address: {en}"),
                format!("{address} 不能作主机地址：{zh}"),
            );
            self.reader.report(mistake.help("such as fd00::1/64", "例如 fd00::1/64"));
            return None;
        }
        Some(Ipv6Net { address, prefix })
    }
}

impl Builder {
    /// `fd00:2::/64 via r1`.
    pub fn route6(
        &mut self,
        piece: &Piece,
        node: HostId,
        name: &str,
        topology: Topology<'_>,
    ) -> Option<Route6Plan> {
        let read = piece.text.split_once(" via ").and_then(|(net, via)| {
            let net = match net.trim() {
                "default" => EVERYWHERE,
                net => {
                    let (address, prefix) = net.split_once('/')?;
                    let prefix = prefix.parse::<u8>().ok().filter(|prefix| *prefix <= 128)?;
                    Ipv6Net { address: address.parse().ok()?, prefix }
                }
            };
            (net == net.network()).then_some((net, via.trim()))
        });
        let Some((net, via)) = read else {
            let mistake = Mistake::new(
                piece.span.clone(),
                format!("`{}` is no route", piece.text),
                format!("`{}` 不是路由", piece.text),
            );
            self.reader.report(mistake.help(
                "such as \"fd00:2::/64 via r1\" or \"default via fd00:1::1\"",
                "例如 \"fd00:2::/64 via r1\" 或 \"default via fd00:1::1\"",
            ));
            return None;
        };
        match near(topology, node, via).first() {
            Some(via) => Some(Route6Plan { net, via: *via }),
            None => {
                self.reader.report(Mistake::new(
                    piece.span.clone(),
                    format!("`{via}` is no router with an IPv6 address beside `{name}`"),
                    format!("`{via}` 不是 `{name}` 旁边带 IPv6 地址的路由器"),
                ));
                None
            }
        }
    }

    /// The default route of IPv6 that a `gateway` means: by name it has one if the router has an address there, by an IPv6
    /// address it must.
    pub fn gateway6(
        &mut self,
        piece: &Piece,
        node: HostId,
        name: &str,
        topology: Topology<'_>,
    ) -> Option<Route6Plan> {
        let text = piece.text.trim();
        let found = near(topology, node, text).first().map(|via| Route6Plan { net: EVERYWHERE, via: *via });
        if found.is_none() && text.contains(':') {
            self.reader.report(Mistake::new(
                piece.span.clone(),
                format!("`{text}` is no router with an IPv6 address beside `{name}`"),
                format!("`{text}` 不是 `{name}` 旁边带 IPv6 地址的路由器"),
            ));
        }
        found
    }
}

/// The IPv6 addresses, on the links of that node, of the routers of that name or address.
fn near(topology: Topology<'_>, node: HostId, named: &str) -> Vec<Ipv6Addr> {
    let wanted = named.parse::<Ipv6Addr>().ok();
    let cards = topology.ports(node).flat_map(|port| topology.segment(port)).filter_map(|port| {
        let host = topology.hosts.get(port.node.index()).filter(|host| host.kind == NodeKind::Router)?;
        Some((host, topology.card(port)?))
    });
    cards
        .flat_map(|(host, card)| card.ipv6.iter().map(move |net| (host, net.address)))
        .filter(|(host, address)| wanted.map_or(host.name == named, |wanted| wanted == *address))
        .map(|(_, address)| address)
        .collect()
}
