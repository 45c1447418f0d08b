//! Networks of several links: their nodes, their cards, their routes.

use super::{Builder, limits};
use crate::clock::Span;
use crate::link::{HostId, NodeKind, Port};
use crate::scenario::reader::View;
use crate::scenario::source::{Mistake, Piece, suggestion};
use crate::scenario::topology::Topology;
use crate::scenario::{CardPlan, HostPlan, Ipv4Block, LinkPlan, Route6Plan, RoutePlan, WirePlan};
use crate::wire::MacAddr;
use std::net::Ipv4Addr;
use std::ops::Range;

/// Bits of prefix where an address names none.
const PREFIX: u8 = 24;

/// A node of the file, before its cards are known.
pub(super) struct Named<'d> {
    pub name: &'d str,
    pub kind: NodeKind,
    pub view: View<'d>,
}

/// The tables that make nodes.
pub(super) const NODES: [(&str, NodeKind); 4] = [
    ("host", NodeKind::Host),
    ("router", NodeKind::Router),
    ("switch", NodeKind::Switch),
    ("hub", NodeKind::Hub),
];

/// Every node of the file, in its order.
pub(super) fn nodes<'d>(file: &View<'d>) -> Vec<Named<'d>> {
    let of = |(table, kind): (&'static str, NodeKind)| {
        file.named(table).into_iter().map(move |(name, view)| Named { name, kind, view })
    };
    let mut found: Vec<Named<'_>> = NODES.into_iter().flat_map(of).collect();
    found.sort_by_key(|node| node.view.span.start);
    found
}

impl Builder {
    /// `[[link]]`: the links between these nodes.
    pub fn links(&mut self, file: &View<'_>, nodes: &[Named<'_>], wire: &WirePlan) -> Vec<LinkPlan> {
        let views = file.list("link");
        if let Some(view) = views.get(limits::LINKS) {
            let mistake = Mistake::new(
                view.span.clone(),
                format!("these are {} links", views.len()),
                format!("共有 {} 条链路", views.len()),
            );
            let most = limits::LINKS;
            self.reader.report(mistake.help(format!("at most {most}"), format!("最多 {most} 条")));
        }
        let mut links: Vec<LinkPlan> = Vec::new();
        let mut ports = vec![0_u16; nodes.len()];
        for view in views.iter().take(limits::LINKS) {
            let usual = LinkPlan::of_wire(wire);
            let rate = self.rate(view).or(usual.rate);
            let names = self.end_names(view);
            let plan = LinkPlan {
                delay: self.time(view, "delay").unwrap_or(usual.delay),
                jitter: self.time(view, "jitter").unwrap_or(Span::ZERO),
                rate,
                red: self.red(view, rate).or(usual.red),
                queue: self.integer(view, "queue", 1, 1_000_000).map_or(usual.queue, |queue| queue as u32),
                mtu: self.integer(view, "mtu", 68, 65_535).map_or(usual.mtu, |mtu| mtu as u16),
                loss: self.loss(view),
                lost: self.lost_list(view, [&names[0], &names[1]]),
                down: self.down_times(view),
                cost: self.path_cost(view, rate),
                half_duplex: self.half_duplex(view, rate),
                ends: usual.ends,
            };
            let Some(ends) = self.between(view, nodes) else { continue };
            let ends = ends.map(|node| {
                let card = ports[node];
                ports[node] += 1;
                Port { node: HostId(node as u16), card }
            });
            links.push(LinkPlan { ends, ..plan });
        }
        for (node, Named { name, view, .. }) in nodes.iter().enumerate() {
            if ports[node] == 0 && self.reader.mistakes.is_empty() {
                let mistake = Mistake::new(
                    view.span.clone(),
                    format!("no link leads to `{name}`"),
                    format!("没有链路通到 `{name}`"),
                );
                let example = format!("[[link]] between = [\"{name}\", …]");
                self.reader.report(mistake.help(example.clone(), example));
            }
        }
        links
    }

    /// What a link calls its ends; empty where it does not name two.
    fn end_names(&mut self, view: &View<'_>) -> [String; 2] {
        let mut names = self.reader.pieces(view, "between").into_iter().map(|piece| piece.text);
        [names.next().unwrap_or_default(), names.next().unwrap_or_default()]
    }

    /// The two nodes that a link joins.
    fn between(&mut self, view: &View<'_>, nodes: &[Named<'_>]) -> Option<[usize; 2]> {
        let pieces = self.reader.pieces(view, "between");
        let span = view.key_span("between");
        let [one, other] = pieces.as_slice() else {
            let mistake = Mistake::new(span, "a link joins two nodes", "一条链路连接两个节点");
            self.reader.report(mistake.help("between = [\"a\", \"s1\"]", "between = [\"a\", \"s1\"]"));
            return None;
        };
        let mut place = |piece: &Piece| {
            let found = nodes.iter().position(|node| node.name == piece.text);
            if found.is_none() {
                let mut mistake = Mistake::new(
                    piece.span.clone(),
                    format!("there is no node `{}`", piece.text),
                    format!("没有名为 `{}` 的节点", piece.text),
                );
                mistake.help = suggestion(&piece.text, nodes.iter().map(|node| node.name));
                self.reader.report(mistake);
            }
            found
        };
        let (one, other) = (place(one), place(other));
        if one.is_some() && one == other {
            let mistake = Mistake::new(span, "a link to itself leads nowhere", "节点不能与自己相连");
            self.reader.report(mistake.help("name two nodes", "写两个不同的节点"));
            return None;
        }
        Some([one?, other?])
    }

    /// The cards of a host or router: one for each of its links.
    pub fn cards(
        &mut self,
        node: HostId,
        nodes: &[Named<'_>],
        links: &[LinkPlan],
        placed: &mut Vec<(Port, Range<usize>)>,
    ) -> Vec<CardPlan> {
        let Named { name, view, .. } = &nodes[node.index()];
        let neighbours: Vec<(Port, &str)> = links
            .iter()
            .flat_map(|link| [(link.ends[0], link.ends[1]), (link.ends[1], link.ends[0])])
            .filter(|(own, _)| own.node == node)
            .map(|(own, other)| (own, nodes[other.node.index()].name))
            .collect();
        let table = view.get("address").and_then(|value| value.as_ref().as_table());
        let mut mistyped = false;
        if let Some(table) = table {
            for (key, _) in table.iter() {
                let key_name: &str = key.as_ref();
                if !neighbours.iter().any(|(_, other)| *other == key_name) {
                    mistyped = true;
                    let mut mistake = Mistake::new(
                        key.span(),
                        format!("`{name}` has no link to `{key_name}`"),
                        format!("`{name}` 没有通到 `{key_name}` 的链路"),
                    );
                    mistake.help = suggestion(key_name, neighbours.iter().map(|(_, other)| *other));
                    self.reader.report(mistake);
                }
            }
        }
        let mut cards = Vec::new();
        for (port, other) in &neighbours {
            let value = match table {
                Some(table) => table.get(*other),
                None if neighbours.len() == 1 => view.get("address"),
                None => None,
            };
            let written = self.written(value);
            let Some(piece) = written.v4 else {
                // A mistyped neighbour is told already.
                if !mistyped {
                    self.report_no_address(name, view, *port, other, neighbours.len());
                }
                continue;
            };
            let Some((address, prefix)) = self.card_address(&piece) else { continue };
            placed.push((*port, piece.span));
            let mac = MacAddr::of_host(placed.len() as u16);
            let ipv6 = written.v6.into_iter().map(|(net, _)| net).collect();
            cards.push(CardPlan { address, prefix, mac, ipv6 });
        }
        cards
    }

    fn report_no_address(&mut self, name: &str, view: &View<'_>, port: Port, other: &str, links: usize) {
        let example = match links {
            1 => format!("address = \"10.0.{}.{}/24\"", 0, port.node.0 + 1),
            _ => format!("address = {{ {other} = \"10.0.{}.{}/24\", … }}", port.card, port.node.0 + 1),
        };
        let mistake = Mistake::new(
            view.span.clone(),
            format!("`{name}` has no address for its link to `{other}`"),
            format!("`{name}` 通往 `{other}` 的链路没有地址"),
        );
        self.reader.report(mistake.help(example.clone(), example));
    }

    /// `10.0.1.2/24`.
    fn card_address(&mut self, piece: &Piece) -> Option<(Ipv4Addr, u8)> {
        let text = piece.text.trim();
        let (address, prefix) = text.split_once('/').unwrap_or((text, "24"));
        let read = address.parse::<Ipv4Addr>().ok().zip(prefix.parse::<u8>().ok());
        let Some((address, prefix)) = read.filter(|(_, prefix)| (8..=30).contains(prefix)) else {
            let mistake = Mistake::new(
                piece.span.clone(),
                format!("`{text}` is no address with its prefix"),
                format!("`{text}` 不是带前缀的地址"),
            );
            self.reader.report(mistake.help(
                format!("such as 10.0.1.2/{PREFIX} (prefix 8 to 30)"),
                format!("例如 10.0.1.2/{PREFIX}（前缀 8 到 30）"),
            ));
            return None;
        };
        let block = Ipv4Block { base: address, prefix };
        let odd = address.is_unspecified()
            || address.is_loopback()
            || address.octets()[0] >= 224
            || address == block.first()
            || address == block.last();
        if odd {
            let first = Ipv4Addr::from(u32::from(block.first()) + 1);
            let mistake = Mistake::new(
                piece.span.clone(),
                format!("{address} cannot be a host's address in a network of /{prefix}"),
                format!("在 /{prefix} 的网络里，{address} 不能作主机地址"),
            );
            self.reader.report(mistake.help(format!("such as {first}"), format!("例如 {first}")));
            return None;
        }
        Some((address, prefix))
    }

    /// Whoever can reach each other without a router is of one network; nobody else is, and no address is there twice.
    pub fn check_networks(
        &mut self,
        topology: Topology<'_>,
        placed: &[(Port, Range<usize>)],
        twins: &[(HostId, HostId)],
    ) {
        let mut seen: Vec<(Port, &CardPlan)> = Vec::new();
        for (port, span) in placed {
            let Some(card) = topology.card(*port) else { continue };
            let name = |port: Port| topology.hosts[port.node.index()].name.as_str();
            let is_twin = |other: Port| {
                twins.contains(&(port.node, other.node)) || twins.contains(&(other.node, port.node))
            };
            let same = seen.iter().find(|(at, other)| other.address == card.address && !is_twin(*at));
            let near = topology.segment(*port);
            let first = seen.iter().find(|(other, _)| near.contains(other));
            let far = seen.iter().find(|(other, one)| {
                !near.contains(other) && other != port && (one.holds(card.address) || card.holds(one.address))
            });
            let wrong = if let Some((other, _)) = same {
                let (address, other) = (card.address, name(*other));
                Some(Mistake::new(
                    span.clone(),
                    format!("{other} already has the address {address}"),
                    format!("{other} 已经使用地址 {address}"),
                ))
            } else if let Some((other, one)) = first.filter(|(_, one)| !one.same_net(card)) {
                let (net, other) = (one.net(), name(*other));
                Some(
                    Mistake::new(
                        span.clone(),
                        format!(
                            "{}/{} is not in {other}'s network, and no router is between",
                            card.address, card.prefix
                        ),
                        format!("{}/{} 与 {other} 不在同一网络，而中间没有路由器", card.address, card.prefix),
                    )
                    .help(format!("an address of {net}"), format!("{net} 中的地址")),
                )
            } else if let Some((other, one)) = far {
                let (net, other) = (one.net(), name(*other));
                Some(
                    Mistake::new(
                        span.clone(),
                        format!("{net} is already the network of {other}, on another link"),
                        format!("{net} 已经是另一条链路上 {other} 的网络"),
                    )
                    .help(
                        "each network is on one link, or on the links of one switch",
                        "一个网络只在一条链路上，或在同一台交换机的链路上",
                    ),
                )
            } else {
                None
            };
            if let Some(mistake) = wrong {
                self.reader.report(mistake);
            }
            seen.push((*port, card));
        }
    }

    /// Every host's routes, as it writes them; where the file or the node says `shortest`, as the graph has them.
    pub fn routes(
        &mut self,
        file: &View<'_>,
        nodes: &[Named<'_>],
        topology: Topology<'_>,
    ) -> Vec<(Vec<RoutePlan>, Vec<Route6Plan>)> {
        let all = file.get("routes").is_some();
        let (mut computed, mut computed6) = (None, None);
        let mut routes = Vec::new();
        for (number, Named { name, kind, view }) in nodes.iter().enumerate() {
            let node = HostId(number as u16);
            if !kind.has_stack() {
                routes.push(Default::default());
                continue;
            }
            let gateway = self.reader.piece(view, "gateway");
            let written = self.reader.pieces(view, "routes");
            let shortest = written.iter().any(|piece| piece.text.trim() == "shortest");
            let (mut own, mut own6) = (Vec::new(), Vec::new());
            if shortest || (all && written.is_empty() && gateway.is_none()) {
                own.extend_from_slice(&computed.get_or_insert_with(|| topology.shortest_routes())[number]);
                own6.extend_from_slice(&computed6.get_or_insert_with(|| topology.shortest_routes6())[number]);
            }
            for piece in written.iter().filter(|piece| piece.text.trim() != "shortest") {
                match piece.text.contains(':') {
                    true => own6.extend(self.route6(piece, node, name, topology)),
                    false => own.extend(self.route(piece, node, name, topology)),
                }
            }
            if let Some(piece) = &gateway {
                own6.extend(self.gateway6(piece, node, name, topology));
            }
            if let Some(piece) = gateway.as_ref().filter(|piece| !piece.text.contains(':'))
                && let Some(via) = self.via(piece, &piece.text, node, name, topology)
            {
                let block = Ipv4Block { base: Ipv4Addr::UNSPECIFIED, prefix: 0 };
                own.push(RoutePlan { block, via });
            }
            routes.push((own, own6));
        }
        routes
    }

    /// `10.0.2.0/24 via r1`.
    fn route(
        &mut self,
        piece: &Piece,
        node: HostId,
        name: &str,
        topology: Topology<'_>,
    ) -> Option<RoutePlan> {
        let read = piece.text.split_once(" via ").and_then(|(block, via)| {
            let block = match block.trim() {
                "default" => Ipv4Block { base: Ipv4Addr::UNSPECIFIED, prefix: 0 },
                block => {
                    let (base, prefix) = block.split_once('/')?;
                    let prefix = prefix.parse::<u8>().ok().filter(|prefix| *prefix <= 32)?;
                    Ipv4Block { base: base.parse().ok()?, prefix }
                }
            };
            (block.base == block.first()).then_some((block, via.trim()))
        });
        let Some((block, via)) = read else {
            let mistake = Mistake::new(
                piece.span.clone(),
                format!("`{}` is no route", piece.text),
                format!("`{}` 不是路由", piece.text),
            );
            self.reader.report(mistake.help(
                "such as \"10.0.2.0/24 via r1\" or \"default via 10.0.1.1\"",
                "例如 \"10.0.2.0/24 via r1\" 或 \"default via 10.0.1.1\"",
            ));
            return None;
        };
        let via = self.via(piece, via, node, name, topology)?;
        Some(RoutePlan { block, via })
    }

    /// The neighbour that a route names, by name or address.
    fn via(
        &mut self,
        piece: &Piece,
        text: &str,
        node: HostId,
        name: &str,
        topology: Topology<'_>,
    ) -> Option<Ipv4Addr> {
        let text = text.trim();
        let near: Vec<(Port, Ipv4Addr)> = topology
            .ports(node)
            .flat_map(|port| topology.segment(port))
            .filter_map(|port| topology.card(port).map(|card| (port, card.address)))
            .collect();
        let of = |port: &Port| &topology.hosts[port.node.index()];
        let wanted = text.parse::<Ipv4Addr>().ok();
        let found = near.iter().find(|(port, address)| match wanted {
            Some(wanted) => *address == wanted,
            None => of(port).name == text,
        });
        let routers = || near.iter().filter(|(port, _)| of(port).kind == NodeKind::Router);
        let mistake = match found {
            Some((port, address)) if of(port).kind == NodeKind::Router => return Some(*address),
            Some((port, _)) => Mistake::new(
                piece.span.clone(),
                format!("{} is no router: it passes nothing on", of(port).name),
                format!("{} 不是路由器，不会转发", of(port).name),
            ),
            None => Mistake::new(
                piece.span.clone(),
                format!("`{text}` is no neighbour of `{name}`"),
                format!("`{text}` 不是 `{name}` 的邻居"),
            ),
        };
        let near: Vec<String> =
            routers().map(|(port, address)| format!("{} ({address})", of(port).name)).collect();
        let (en, zh) = match near.is_empty() {
            true => ("no router is near".to_owned(), "附近没有路由器".to_owned()),
            false => (near.join(", "), near.join("、")),
        };
        self.reader.report(mistake.help(en, zh));
        None
    }

    /// Reports what only a network of links can have.
    pub fn refuse_links(&mut self, file: &View<'_>, nodes: &[Named<'_>]) {
        for Named { name, kind, view } in nodes.iter().filter(|node| node.kind != NodeKind::Host) {
            let kind = kind.name();
            let mistake = Mistake::new(
                view.span.clone(),
                format!("no link leads to the {kind} `{name}`"),
                format!("没有链路通到 `{name}`"),
            );
            let example = format!("[[link]] between = [\"{name}\", …]");
            self.reader.report(mistake.help(example.clone(), example));
        }
        let without = |key: &str, span: Range<usize>| {
            Mistake::new(
                span,
                format!("without links there is one network, and `{key}` means nothing"),
                format!("没有链路时只有一个网络，`{key}` 没有意义"),
            )
            .help("write the links as [[link]]", "用 [[link]] 写出链路")
        };
        let hosts = nodes.iter().filter(|node| node.kind == NodeKind::Host);
        let of_hosts =
            hosts.flat_map(|node| ["gateway", "routes", "conflicts_with"].map(|key| (key, &node.view)));
        let keys: Vec<Mistake> = of_hosts
            .chain([("routes", file)])
            .filter(|(key, view)| view.get(key).is_some())
            .map(|(key, view)| without(key, view.key_span(key)))
            .collect();
        for mistake in keys {
            self.reader.report(mistake);
        }
        for Named { view, .. } in nodes {
            if view.get("address").is_some_and(|value| value.as_ref().is_table()) {
                self.reader.report(without("address", view.key_span("address")));
            }
        }
    }
}

impl HostPlan {
    /// A node with these cards.
    pub(super) fn of_links(name: &str, kind: NodeKind, cards: Vec<CardPlan>) -> HostPlan {
        let (address, mac) = cards
            .first()
            .map_or((Ipv4Addr::UNSPECIFIED, MacAddr::default()), |card| (card.address, card.mac));
        HostPlan { kind, cards, ..HostPlan::on_the_wire(name, address, mac) }
    }
}
