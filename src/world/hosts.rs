//! From the plan's hosts to machines.

use super::Options;
use crate::clock::Draws;
use crate::host::{Host, HostConfig, Neighbours, Route, Via};
use crate::link::HostId;
use crate::scenario::{HostPlan, Ipv4Block, Plan, ProfileName};
use crate::tcp::Profile;
use crate::trace::{HostInfo, Meta, ProcessInfo, Source};

/// All hosts of a scenario share a /24.
const PREFIX: u8 = 24;

/// The profile of the run.
pub(super) fn profile(plan: &Plan, options: &Options) -> ProfileName {
    options.profile.unwrap_or(plan.profile)
}

/// The machines, by host; an actor has none.
pub(super) fn machines(plan: &Plan, options: &Options) -> Vec<Option<Host>> {
    let draws = Draws::new(options.seed);
    let machine = |(index, host): (usize, &HostPlan)| {
        (!host.actor).then(|| Host::new(config(plan, options, HostId(index as u16), host, &draws)))
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
    let half = |ordinal| draws.draw("host secret", u64::from(id.0), ordinal);
    let secret = (u128::from(half(0)) << 64 | u128::from(half(1))).to_be_bytes();
    HostConfig {
        prefix: PREFIX,
        mtu: plan.wire.mtu,
        secret,
        isn: host.isn,
        neighbours: neighbours(plan, id),
        routes: routes(plan, id),
        ..HostConfig::new(id, host.name.clone(), host.address, host.mac, tcp)
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
            let via = if plan.wire.arp { Via::Gateway(other.address) } else { Via::Wire };
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
