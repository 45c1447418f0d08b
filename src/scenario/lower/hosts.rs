//! Hosts and their programs.

use super::links::{Named, nodes};
use super::{Builder, limits};
use crate::ip::ReversePath;
use crate::link::HostId;
use crate::scenario::cursor::HostFacts;
use crate::scenario::program::{Deeds, compile, uncalled, written};
use crate::scenario::reader::{View, integer};
use crate::scenario::source::{Mistake, Piece, suggestion};
use crate::scenario::{HostPlan, Ipv4Block, LinkPlan, ProcessPlan, Program, Topology, WirePlan};
use crate::tcp::Profile;
use crate::wire::MacAddr;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use toml::de::DeValue;

/// Names that mean something else where a host's name may stand.
const RESERVED: [&str; 19] = [
    "ack",
    "tcp",
    "udp",
    "icmp",
    "arp",
    "ip6",
    "icmp6",
    "nd",
    "data",
    "end",
    "localhost",
    "accept_queue",
    "time",
    "ended",
    "min",
    "max",
    "none",
    "off",
    "len",
];

impl Builder {
    /// Reads the hosts and the other nodes, without their programs, and the links between them.
    pub fn hosts(&mut self, file: &View<'_>, wire: &WirePlan) -> (Vec<HostPlan>, Vec<LinkPlan>) {
        let mut named = nodes(file);
        if let Some(node) = named.get(limits::HOSTS) {
            let count = named.len();
            let mistake = Mistake::new(
                node.view.span.clone(),
                format!("these are {count} hosts"),
                format!("共有 {count} 台主机"),
            );
            self.reader.report(
                mistake.help(format!("at most {}", limits::HOSTS), format!("最多 {} 台", limits::HOSTS)),
            );
        }
        named.truncate(limits::HOSTS);
        for (place, Named { name, view, .. }) in named.iter().enumerate() {
            self.check_host_name(name, view);
            if named[..place].iter().any(|other| other.name == *name) {
                self.reader.report(Mistake::new(
                    view.span.clone(),
                    format!("there is a `{name}` already"),
                    format!("已经有一个 `{name}`"),
                ));
            }
        }
        let linked = file.get("link").is_some();
        let links = if linked { self.links(file, &named, wire) } else { Vec::new() };
        if !linked {
            self.refuse_links(file, &named);
        }
        let mut hosts: Vec<HostPlan> = Vec::new();
        let mut placed = Vec::new();
        for (index, Named { name, kind, view }) in named.iter().enumerate() {
            let id = HostId(index as u16);
            let usual = if !linked {
                let written = self.written(view.get("address"));
                let address = self.host_address(id.0, view, written.v4, &hosts);
                let ipv6 = self.wire_ipv6(written.v6, &hosts);
                let mut host = HostPlan::on_the_wire(name, address, MacAddr::of_host(id.0 + 1));
                host.cards[0].ipv6 = ipv6;
                host
            } else if kind.has_stack() {
                let cards = self.cards(id, &named, &links, &mut placed);
                HostPlan::of_links(name, *kind, cards)
            } else {
                HostPlan::of_links(name, *kind, Vec::new())
            };
            hosts.push(self.host(view, HostPlan { kind: *kind, ..usual }));
        }
        let topology = Topology { hosts: &hosts, links: &links };
        if linked && self.reader.mistakes.is_empty() {
            self.check_shared_wires(file, topology);
        }
        if linked && self.reader.mistakes.is_empty() {
            let twins = self.twins(&named, topology);
            self.check_networks(topology, &placed, &twins);
        }
        if linked && self.reader.mistakes.is_empty() {
            let routes = self.routes(file, &named, topology);
            let nats = self.nats(&named, topology);
            for ((host, (routes, routes6)), nat) in hosts.iter_mut().zip(routes).zip(nats) {
                (host.routes, host.routes6, host.nat) = (routes, routes6, nat);
            }
        }
        self.ipv6 |= hosts.iter().flat_map(|host| &host.cards).any(|card| !card.ipv6.is_empty());
        self.scene.links = links.iter().map(|link| link.ends.map(|end| end.node)).collect();
        self.scene.hosts = hosts.iter().map(HostFacts::of).collect();
        (hosts, links)
    }

    /// What a host says beside its addresses.
    fn host(&mut self, view: &View<'_>, usual: HostPlan) -> HostPlan {
        let owns = self.blocks(view);
        let actor = self.reader.bool(view, "actor");
        let configured = view.get("configured").is_none() || self.reader.bool(view, "configured");
        let isn = self.integer(view, "isn", 0, i64::from(u32::MAX)).map(|isn| isn as u32);
        let sysctl = self.sysctl(view);
        let ageing = self.time(view, "ageing");
        let tree = self.tree(view);
        let privileged = view.get("privileged").is_none() || self.reader.bool(view, "privileged");
        let reverse_path = ReversePath::from_number(self.integer(view, "rp_filter", 0, 2).unwrap_or(0));
        if actor {
            for key in ["isn", "sysctl"] {
                if view.get(key).is_some() {
                    let span = view.key_span(key);
                    self.reader.report(Mistake::new(
                        span,
                        format!("an actor has no TCP/IP of its own, so no `{key}`"),
                        format!("演员主机没有自己的 TCP/IP，不能有 `{key}`"),
                    ));
                }
            }
        }
        HostPlan { owns, actor, configured, privileged, reverse_path, isn, sysctl, ageing, tree, ..usual }
    }

    fn check_host_name(&mut self, name: &str, view: &View<'_>) {
        let first = name.starts_with(|c: char| c.is_ascii_lowercase());
        let right =
            name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
        if !first || !right || name.len() > 16 || name.ends_with('-') || name.contains("--") {
            let mistake = Mistake::new(
                view.span.clone(),
                format!("a host cannot be named `{name}`"),
                format!("主机不能叫 `{name}`"),
            );
            self.reader.report(mistake.help(
                "lower-case letters, digits, `_`, `-`, first a letter, at most 16",
                "小写字母、数字、`_`、`-`，以字母开头，最多 16 个字符",
            ));
        } else if RESERVED.contains(&name) {
            self.reader.report(Mistake::new(
                view.span.clone(),
                format!("`{name}` has another meaning in patterns and programs"),
                format!("`{name}` 在模式和程序里另有含义"),
            ));
        }
    }

    fn host_address(
        &mut self,
        index: u16,
        view: &View<'_>,
        piece: Option<Piece>,
        before: &[HostPlan],
    ) -> Ipv4Addr {
        let default = Ipv4Addr::new(10, 0, 0, (index + 1).min(254) as u8);
        let span = piece.as_ref().map_or(view.span.clone(), |piece| piece.span.clone());
        let address = match piece.map(|piece| piece.text.trim().trim_end_matches("/24").parse::<Ipv4Addr>()) {
            None => default,
            Some(Ok(address)) => address,
            Some(Err(_)) => {
                let mistake = Mistake::new(span, "this is no IPv4 address", "这不是 IPv4 地址");
                self.reader.report(mistake.help(format!("such as {default}"), format!("例如 {default}")));
                return default;
            }
        };
        let last = address.octets()[3];
        let unusable = address.is_unspecified()
            || address.is_multicast()
            || address.is_broadcast()
            || address.is_loopback()
            || address.octets()[0] >= 224
            || last == 0
            || last == 255;
        if unusable {
            let mistake = Mistake::new(
                span,
                format!("{address} cannot be a host's address"),
                format!("{address} 不能作主机地址"),
            );
            self.reader.report(mistake.help(format!("such as {default}"), format!("例如 {default}")));
        } else if let Some(other) = before.iter().find(|host| host.address == address) {
            let mistake = Mistake::new(
                span,
                format!("{} already has the address {address}", other.name),
                format!("{} 已经使用地址 {address}", other.name),
            );
            self.reader.report(mistake.help("each host has an address of its own", "每台主机的地址各不相同"));
        } else if let Some(first) = before.first()
            && first.address.octets()[..3] != address.octets()[..3]
        {
            let [a, b, c, _] = first.address.octets();
            let mistake = Mistake::new(
                span,
                format!("{address} is not in {}'s network, and there is no router", first.name),
                format!("{address} 与 {} 不在同一网络，而这里没有路由器", first.name),
            );
            self.reader.report(mistake.help(
                format!("{a}.{b}.{c}.1 to {a}.{b}.{c}.254"),
                format!("{a}.{b}.{c}.1 到 {a}.{b}.{c}.254"),
            ));
        }
        address
    }

    fn blocks(&mut self, view: &View<'_>) -> Vec<Ipv4Block> {
        let mut blocks = Vec::new();
        for piece in self.reader.pieces(view, "owns") {
            let parsed = piece.text.trim().split_once('/').and_then(|(base, prefix)| {
                let prefix = prefix.parse::<u8>().ok().filter(|prefix| (8..=32).contains(prefix))?;
                Some(Ipv4Block { base: base.parse().ok()?, prefix })
            });
            match parsed {
                Some(block) if block.base == block.first() => blocks.push(block),
                Some(block) => {
                    let first = block.first();
                    let mistake = Mistake::new(
                        piece.span,
                        "the address has bits beyond the prefix",
                        "地址中有超出前缀的位",
                    );
                    self.reader.report(
                        mistake
                            .help(format!("{first}/{}", block.prefix), format!("{first}/{}", block.prefix)),
                    );
                }
                None => {
                    let mistake = Mistake::new(
                        piece.span,
                        format!("`{}` is no block of addresses", piece.text),
                        format!("`{}` 不是地址块", piece.text),
                    );
                    self.reader.report(mistake.help(
                        "such as 198.18.0.0/15 (prefix 8 to 32)",
                        "例如 198.18.0.0/15（前缀 8 到 32）",
                    ));
                }
            }
        }
        blocks
    }

    fn sysctl(&mut self, view: &View<'_>) -> BTreeMap<String, i64> {
        let mut settings = BTreeMap::new();
        let Some(table) = view.table("sysctl") else { return settings };
        for (key, value) in table.table.iter() {
            let name: &str = key.as_ref();
            let Some(row) = Profile::SETTINGS.iter().find(|row| row.name == name) else {
                let bare = ["net.ipv4.", "net.ipv6.", "net.core."]
                    .iter()
                    .fold(name, |name, part| name.trim_start_matches(part));
                let mut mistake = Mistake::new(
                    key.span(),
                    format!("there is no setting `{name}`"),
                    format!("没有名为 `{name}` 的设置"),
                );
                mistake.help = suggestion(bare, Profile::SETTINGS.iter().map(|row| row.name));
                self.reader.report(mistake);
                continue;
            };
            let number = match value.as_ref() {
                DeValue::Integer(number) => integer(number),
                DeValue::String(_) => self.number_in(value).and_then(|number| i64::try_from(number).ok()),
                DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_)
                | DeValue::Table(_) => None,
            };
            match number {
                Some(number) if (row.min..=row.max).contains(&number) => {
                    settings.insert(name.to_owned(), number);
                }
                Some(_) | None => {
                    let mistake = Mistake::new(
                        value.span(),
                        format!("`{name}` cannot have this value"),
                        format!("`{name}` 不能取这个值"),
                    );
                    self.reader.report(mistake.help(
                        format!("a whole number from {} to {}", row.min, row.max),
                        format!("{} 到 {} 的整数", row.min, row.max),
                    ));
                }
            }
        }
        settings
    }

    /// Compiles the programs of all hosts, in the order of the file.
    pub fn processes(&mut self, file: &View<'_>) -> Vec<ProcessPlan> {
        let mut processes = Vec::new();
        let mut spawned = 0_u64;
        let functions = self.reader.piece(file, "functions");
        let functions = functions.as_ref();
        for (name, view) in file.named("host").iter().take(limits::HOSTS) {
            let Some(host) = self.scene.host(name) else { continue };
            let several = view.named("process");
            if view.get("program").is_some() && !several.is_empty() {
                let mistake = Mistake::new(
                    view.key_span("program"),
                    format!("`{name}` has both a program and processes"),
                    format!("`{name}` 既有 program 又有 process"),
                );
                self.reader.report(mistake.help(
                    format!("move it into [host.{name}.process.NAME]"),
                    format!("把它移到 [host.{name}.process.名字] 中"),
                ));
            }
            if several.len() > limits::PROGRAMS {
                let mistake = Mistake::new(
                    view.span.clone(),
                    format!("these are {} programs", several.len()),
                    format!("共有 {} 个程序", several.len()),
                );
                self.reader.report(mistake.help(
                    format!("at most {} on one host", limits::PROGRAMS),
                    format!("一台主机最多 {} 个", limits::PROGRAMS),
                ));
            }
            if let Some(piece) = self.reader.piece(view, "program") {
                let program = self.program(host, &piece, functions, &mut spawned);
                processes.push(ProcessPlan { host, name: (*name).to_owned(), program });
            }
            for (process, inner) in several.into_iter().take(limits::PROGRAMS) {
                if let Some(piece) = self.reader.piece(&inner, "program") {
                    let program = self.program(host, &piece, functions, &mut spawned);
                    processes.push(ProcessPlan { host, name: process.to_owned(), program });
                }
            }
        }
        if let Some(functions) = functions {
            self.check_functions(functions);
        }
        if spawned > limits::SPAWNED && self.reader.mistakes.is_empty() {
            let mistake = Mistake::new(
                file.key_span("host"),
                format!("the scenario starts {spawned} processes"),
                format!("整个场景会启动 {spawned} 个进程"),
            );
            self.reader.report(
                mistake.help(format!("at most {}", limits::SPAWNED), format!("最多 {} 个", limits::SPAWNED)),
            );
        }
        processes
    }

    /// What is wrong with the functions of the whole file beside what their callers find.
    fn check_functions(&mut self, functions: &Piece) {
        let called = std::mem::take(&mut self.scene.called);
        for (name, span) in written(functions, &mut self.scene) {
            if !called.contains(&name) {
                self.scene.report(uncalled(&name, span));
            }
        }
        self.settle(functions, Ok(()));
    }

    fn program(
        &mut self,
        host: HostId,
        piece: &Piece,
        functions: Option<&Piece>,
        spawned: &mut u64,
    ) -> Program {
        let mut deeds = Deeds::default();
        let program = compile(piece, functions, host, &mut self.scene, &mut deeds);
        self.settle(piece, Ok(()));
        // Whoever makes packets can make any.
        self.tcp |= deeds.tcp || deeds.raw;
        self.udp |= deeds.udp || deeds.raw;
        self.ipv6 |= deeds.ipv6;
        *spawned = spawned.saturating_add(deeds.spawned);
        for (pattern, span) in deeds.awaited {
            self.needed.push((pattern, piece.place(span)));
        }
        program
    }
}

impl Ipv4Block {
    /// The block's first address.
    pub fn first(&self) -> Ipv4Addr {
        let shift = 32 - u32::from(self.prefix.min(32));
        Ipv4Addr::from(u32::from(self.base) & u32::MAX.checked_shl(shift).unwrap_or(0))
    }
}
