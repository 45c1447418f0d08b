//! From the plan's hosts to machines.

use super::Options;
use crate::clock::{Draws, Span};
use crate::host::{Host, HostConfig, Neighbours, Route, Via};
use crate::ip::{self, Interface, NatConfig};
use crate::link::{HostId, NodeKind, Port};
use crate::scenario::{HostPlan, Ipv4Block, Plan, ProfileName, RoutePlan};
use crate::tcp::Profile;
use crate::trace::{HostInfo, Meta, ProcessInfo, Source};
use std::net::Ipv4Addr;

/// The profile of the run.
pub(super) fn profile(plan: &Plan, options: &Options) -> ProfileName {
    options.profile.unwrap_or(plan.profile)
}

/// The machines, by host; an actor has none.
pub(super) fn machines(plan: &Plan, options: &Options) -> Vec<Option<Host>> {
    let draws = Draws::new(options.seed);
    let machine = |(index, host): (usize, &HostPlan)| {
        host.has_stack().then(|| Host::new(config(plan, options, HostId(index as u16), host, &draws)))
    };
    plan.hosts.iter().enumerate().map(machine).collect()
}

fn config(plan: &Plan, options: &Options, id: HostId, host: &HostPlan, draws: &Draws) -> HostConfig {
    let mut tcp = match profile(plan, options) {
        ProfileName::Rfc9293 => Profile::rfc9293(),
        ProfileName::Linux => Profile::linux(),
    };
    for (name, value) in &host.sysctl {
        // The scenario was checked; what only the kernel has (the pins of the live side) changes nothing here.
        let _ = tcp.set(name, *value);
    }
    let reassembly_time = Span::secs(tcp.settings.ipfrag_time.unsigned_abs());
    let half = |ordinal| draws.draw("host secret", u64::from(id.0), ordinal);
    let secret = (u128::from(half(0)) << 64 | u128::from(half(1))).to_be_bytes();
    let usual = HostConfig::new(id, host.name.clone(), host.address, host.mac, tcp);
    let ip = ip::Profile { reassembly_time, ..usual.ip };
    let usual = HostConfig {
        secret,
        isn: host.isn,
        forwards: host.kind == NodeKind::Router,
        ipv6: super::ipv6::config(plan, profile(plan, options), id, host),
        ip,
        reverse_path: host.reverse_path,
        privileged: host.privileged,
        ..usual
    };
    let usual = if host.configured { usual } else { without_address(usual) };
    if plan.links.is_empty() {
        return HostConfig {
            mtu: plan.wire.mtu,
            neighbours: neighbours(plan, id),
            routes: routes(plan, id).into_iter().chain(to_everybody(host)).collect(),
            ..usual
        };
    }
    let card = |number: usize| plan.interface(Port { node: id, card: number as u16 });
    let Some(first) = card(0) else { return usual };
    let route = |route: &RoutePlan| Route {
        network: route.block.base,
        prefix: route.block.prefix,
        via: Via::Gateway(route.via),
    };
    let nat = host.nat.as_ref().map(|nat| NatConfig {
        outside: nat.outside,
        forwards: nat.forwards.clone(),
        seed: draws.draw("outside ports", u64::from(id.0), 0),
    });
    HostConfig {
        nat,
        prefix: if host.configured { first.prefix } else { usual.prefix },
        mtu: first.mtu,
        neighbours: first.neighbours,
        more_cards: (1..host.cards.len()).filter_map(card).collect(),
        routes: host.routes.iter().map(route).chain(to_everybody(host)).collect(),
        ..usual
    }
}

/// A host that has not been given an address yet: all it can do is shout.
fn without_address(usual: HostConfig) -> HostConfig {
    HostConfig { address: Ipv4Addr::UNSPECIFIED, prefix: 32, ..usual }
}

/// The way by which a host without an address reaches everybody on its wire.
fn to_everybody(host: &HostPlan) -> Option<Route> {
    let route = Route { network: Ipv4Addr::BROADCAST, prefix: 32, via: Via::Wire(0) };
    (!host.configured).then_some(route)
}

impl Plan {
    /// An interface as the engine wants it.
    fn interface(&self, port: Port) -> Option<Interface> {
        let card = self.hosts.get(port.node.index())?.cards.get(usize::from(port.card))?;
        let link = self.links.iter().find(|link| link.ends.contains(&port));
        let neighbours = if self.wire.arp {
            Neighbours::Arp
        } else {
            let known = self.neighbours(port).into_iter().map(|(address, mac)| (address, 32, mac));
            let owned = self.neighbours_owning(port);
            Neighbours::Static(known.chain(owned).collect())
        };
        Some(Interface {
            address: card.address,
            prefix: card.prefix,
            mac: card.mac,
            mtu: link.map_or(self.wire.mtu, |link| link.mtu),
            neighbours,
        })
    }

    fn neighbours_owning(&self, port: Port) -> Vec<(std::net::Ipv4Addr, u8, crate::wire::MacAddr)> {
        let mut found = Vec::new();
        for other in self.topology().segment(port) {
            let Some(host) = self.hosts.get(other.node.index()) else { continue };
            found.extend(host.owns.iter().map(|block| (block.base, block.prefix, host.mac)));
        }
        found
    }
}

fn neighbours(plan: &Plan, me: HostId) -> Neighbours {
    if plan.wire.arp {
        return Neighbours::Arp;
    }
    let mut known = Vec::new();
    for (index, other) in plan.hosts.iter().enumerate() {
        if index != me.index() {
            known.push((other.address, 32, other.mac));
            known.extend(other.owns.iter().map(|block| (block.base, block.prefix, other.mac)));
        }
    }
    Neighbours::Static(known)
}

/// Blocks that lead to another host lie beyond the shared prefix: with ARP their owner is the next hop.
fn routes(plan: &Plan, me: HostId) -> Vec<Route> {
    let mut routes = Vec::new();
    for (index, other) in plan.hosts.iter().enumerate() {
        if index != me.index() {
            let via = if plan.wire.arp { Via::Gateway(other.address) } else { Via::Wire(0) };
            let line = |block: &Ipv4Block| Route { network: block.base, prefix: block.prefix, via };
            routes.extend(other.owns.iter().map(line));
        }
    }
    routes
}

/// What holds for the whole run.
pub(super) fn meta(plan: &Plan, options: &Options) -> Meta {
    Meta {
        scenario: plan.name.clone(),
        title: plan.title.clone(),
        profile: profile(plan, options).name().to_owned(),
        seed: options.seed,
        source: Source::Simulated,
        hosts: plan.hosts.iter().map(HostInfo::from).collect(),
        processes: plan
            .processes
            .iter()
            .map(|process| ProcessInfo { host: process.host, name: process.name.clone() })
            .collect(),
    }
}
