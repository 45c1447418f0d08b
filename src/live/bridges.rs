//! Switches of a live run: the kernel's bridges.

use super::ground::{Place, card_name, step};
use super::netlink::{BridgeTree, Routes, interface_index};
use crate::link::{HostId, Port};
use crate::scenario::{HostPlan, Plan};
use std::io;

/// Name of the bridge in its switch's namespace.
const BRIDGE: &str = "bridge";

/// A bridge with spanning tree that is still down: its first message is timed from when it comes up.
pub(super) struct Waiting {
    routes: Routes,
    bridge: u32,
}

impl Waiting {
    /// Now.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        self.routes.set_up(self.bridge, None, true)
    }
}

/// One more port of a bridge without spanning tree, which is made with the first.
pub(super) fn add_port(host: &HostPlan, port: Port) -> io::Result<()> {
    let mut routes = Routes::open()?;
    if interface_index(BRIDGE).is_err() {
        step("a bridge", routes.add_bridge(BRIDGE, host.ageing, None))?;
        step("a bridge", routes.set_up(interface_index(BRIDGE)?, None, true))?;
    }
    let (card, bridge) = (interface_index(&card_name(port.card))?, interface_index(BRIDGE)?);
    step("a bridge's port", routes.enslave(card, bridge))
}

/// The whole bridge of a switch with spanning tree, still down.
pub(super) fn plant(plan: &Plan, node: HostId, place: &Place) -> io::Result<Option<Waiting>> {
    let Some(host) = plan.hosts.get(node.index()) else { return Ok(None) };
    let Some(tree) = host.tree else { return Ok(None) };
    place.enter()?;
    let mut routes = Routes::open()?;
    let tree = BridgeTree {
        priority: tree.priority,
        hello: tree.hello,
        forward_delay: tree.forward_delay,
        max_age: tree.max_age,
    };
    step("a bridge", routes.add_bridge(BRIDGE, host.ageing, Some(tree)))?;
    let bridge = interface_index(BRIDGE)?;
    let ports: Vec<Port> = plan.topology().ports(node).collect();
    let mut cards = Vec::new();
    for port in &ports {
        let card = interface_index(&card_name(port.card))?;
        step("a bridge's port", routes.enslave(card, bridge))?;
        cards.push((
            card,
            plan.links.iter().find(|link| link.ends.contains(port)).map_or(1, |link| link.cost),
        ));
    }
    // A port gets the lowest number that is free, and is flooded before those that were there already: taken out and put back
    // in reverse order, the first port has the number 1 and is flooded first.
    for (card, _) in cards.iter().rev().skip(1) {
        step("a bridge's port", routes.enslave(*card, 0))?;
        step("a bridge's port", routes.enslave(*card, bridge))?;
    }
    for (card, cost) in cards {
        step("a path cost", routes.set_path_cost(card, cost))?;
    }
    Ok(Some(Waiting { routes, bridge }))
}
