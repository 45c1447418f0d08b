//! The world that a script is run in: the stack, and the script as its only neighbour.

use crate::drill::Settings;
use crate::scenario::{Ipv4Block, Ipv6Net, Plan, Scenario};
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

/// The plan of a run with these settings.
///
/// # Errors
/// What of them is not modelled.
pub(super) fn of(settings: &Settings) -> Result<Plan, String> {
    let scenario = Scenario::parse("drill.toml", SCENARIO).map_err(|mistakes| format!("{mistakes:?}"))?;
    let mut plan = scenario.default_plan().clone();
    plan.ipv6 = settings.local.is_ipv6();
    plan.wire.mtu = settings.mtu;
    for (host, address) in plan.hosts.iter_mut().zip([settings.local, settings.remote]) {
        match (address, host.cards.first_mut()) {
            (IpAddr::V4(address), Some(card)) => {
                (card.address, card.prefix) = (address, 16);
                host.address = address;
            }
            (IpAddr::V6(address), Some(card)) => card.ipv6 = vec![Ipv6Net { address, prefix: 48 }],
            (_, None) => {}
        }
    }
    if let (IpAddr::V4(remote), Some(script)) = (settings.remote, plan.hosts.get_mut(1)) {
        script.owns = vec![Ipv4Block { base: remote, prefix: 32 }];
    }
    if let Some(stack) = plan.hosts.first_mut() {
        stack.sysctl = KERNELS_OWN.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    }
    Ok(plan)
}
