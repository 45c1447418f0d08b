//! The world that a script is run in: the stack, and the script as its only neighbour.

use crate::drill::Settings;
use crate::drill::settings::IpVersion;
use crate::scenario::{Ipv4Block, Ipv6Net, Plan, ProfileName, Scenario};
use std::net::IpAddr;

/// What the kernel has by default where comparisons pin something else.
const KERNELS_OWN: [(&str, i64); 4] = [
    ("gso_max_segs", 65_535),
    ("tcp_early_retrans", 3),
    ("tcp_comp_sack_nr", 44),
    ("tcp_invalid_ratelimit", 500),
];

/// The scenario in which the script is the neighbour; its addresses and its wire are those of the settings.
const SCENARIO: &str = r#"
title  = { en = "A packetdrill script", zh = "packetdrill 脚本" }
lesson = { en = "The stack, and the script as its neighbour.", zh = "协议栈，以及作为邻居的脚本。" }
[wire]
delay = "0ms"
[host.stack]
address = ["10.0.0.1/24", "fd00::1/64"]
[host.script]
address = ["10.0.0.2/24", "fd00::2/64"]
actor = true
"#;

/// The plan of a run with these settings; the kernel's own defaults are those of the profile that follows it.
///
/// # Errors
/// What of them is not modelled.
pub(super) fn of(settings: &Settings, profile: ProfileName) -> Result<Plan, String> {
    let scenario = Scenario::parse("drill.toml", SCENARIO).map_err(|mistakes| format!("{mistakes:?}"))?;
    let mut plan = scenario.default_plan().clone();
    // Sockets of AF_INET6 that speak IPv4 want a host that has IPv6.
    plan.ipv6 = settings.ip_version != IpVersion::V4;
    plan.wire.mtu = settings.mtu;
    let shared = shared_bits(settings.local, settings.remote).min(64);
    for (host, address) in plan.hosts.iter_mut().zip([settings.local, settings.remote]) {
        match (address, host.cards.first_mut()) {
            (IpAddr::V4(address), Some(card)) => {
                (card.address, card.prefix) = (address, 16);
                host.address = address;
            }
            (IpAddr::V6(address), Some(card)) => card.ipv6 = vec![Ipv6Net { address, prefix: shared }],
            (_, None) => {}
        }
    }
    if let (IpAddr::V4(remote), Some(script)) = (settings.remote, plan.hosts.get_mut(1)) {
        script.owns = vec![Ipv4Block { base: remote, prefix: 32 }];
    }
    if let (ProfileName::Linux, Some(stack)) = (profile, plan.hosts.first_mut()) {
        stack.sysctl = KERNELS_OWN.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    }
    Ok(plan)
}

/// How many bits two IPv6 addresses have in common at their front: on such a link they are neighbours.
fn shared_bits(a: IpAddr, b: IpAddr) -> u8 {
    match (a, b) {
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() as u8,
        _ => 0,
    }
}
