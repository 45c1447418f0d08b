//! What a plan says of a host's IPv6.

use crate::ipv6::{Address, Card, Config, Neighbours, Profile, Route, Via};
use crate::link::{HostId, Port};
use crate::scenario::{HostPlan, Ipv6Net, Plan, ProfileName, Route6Plan};

/// How the host speaks IPv6; `None` where nobody in the plan does. Its addresses are good at once: nobody else has them.
pub(super) fn config(plan: &Plan, profile: ProfileName, id: HostId, host: &HostPlan) -> Option<Config> {
    if !plan.ipv6 {
        return None;
    }
    let address = |net: &Ipv6Net| Address { address: net.address, prefix: net.prefix, checked: true };
    let neighbours = |card: usize| {
        if plan.wire.arp {
            return Neighbours::Discovered;
        }
        let known = plan.neighbours6(Port { node: id, card: card as u16 });
        Neighbours::Static(known.into_iter().map(|(address, mac)| (address, 128, mac)).collect())
    };
    let cards = host.cards.iter().enumerate().map(|(number, card)| Card {
        addresses: card.ipv6.iter().map(address).collect(),
        link_local: Some(true),
        neighbours: neighbours(number),
        autoconfigures: false,
        advertises: None,
    });
    let route = |route: &Route6Plan| Route {
        network: route.net.address,
        prefix: route.net.prefix,
        via: Via::Gateway { address: route.via, card: None },
    };
    Some(Config {
        cards: cards.collect(),
        routes: host.routes6.iter().map(route).collect(),
        profile: match profile {
            ProfileName::Rfc9293 => Profile::rfc(),
            ProfileName::Linux => Profile::linux(),
        },
    })
}
