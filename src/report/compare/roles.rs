//! Roles instead of addresses and ports: what two runs have in common.

use crate::link::HostId;
use crate::scenario::{Ipv4Block, Plan};
use crate::socket::Call;
use crate::trace::{Endpoint, Event, Flow, Trace};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The ports that programs name; all others were chosen by a kernel, and differ from run to run.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    named: BTreeSet<u16>,
    /// Address blocks that lead to an actor: the forged sources of its load.
    forged: Vec<Ipv4Block>,
    /// The hosts' own addresses.
    hosts: Vec<Ipv4Addr>,
}

impl Roles {
    /// The roles of a plan's runs: the ports its calls name, the addresses nobody has.
    pub(super) fn of(plan: &Plan, simulated: &Trace) -> Roles {
        let mut named = BTreeSet::new();
        for record in &simulated.records {
            let Event::CallStarted { call, text, .. } = &record.event else { continue };
            let port = match call {
                Call::Bind { address, .. }
                | Call::Connect { address, .. }
                | Call::SendTo { to: address, .. } => address.port(),
                _ => continue,
            };
            // An address held by a variable may be one that a kernel chose.
            if text.contains(&format!(":{port}")) {
                named.insert(port);
            }
        }
        named.remove(&0);
        Roles {
            named,
            forged: plan.hosts.iter().flat_map(|host| host.owns.iter().copied()).collect(),
            hosts: plan.hosts.iter().map(|host| host.address).collect(),
        }
    }

    /// Whether the address is in a block of forged ones, and no host's own.
    pub(super) fn is_forged(&self, address: Ipv4Addr) -> bool {
        !self.hosts.contains(&address) && self.forged.iter().any(|block| contains(*block, address))
    }

    /// Whether the endpoint talks to such an address.
    pub(super) fn talks_to_forged(&self, endpoint: &Endpoint) -> bool {
        match endpoint.remote.map(|remote| remote.ip()) {
            Some(IpAddr::V4(address)) => self.is_forged(address),
            Some(IpAddr::V6(_)) | None => false,
        }
    }

    /// Port as a role: itself if a program names it, else `*`.
    pub(super) fn port(&self, port: u16) -> String {
        if self.named.contains(&port) { port.to_string() } else { "*".to_owned() }
    }

    /// An address as a role: `server:8080`, `client:*`; of IPv6 `[server]:8080`.
    pub(super) fn end(&self, trace: &Trace, end: SocketAddr) -> String {
        let host = trace.host_of(end.ip().to_canonical()).map_or("*", |host| trace.host_name(host));
        let port = self.port(end.port());
        match end {
            SocketAddr::V4(_) => format!("{host}:{port}"),
            SocketAddr::V6(v6) if v6.ip().to_ipv4_mapped().is_some() => format!("[::ffff:{host}]:{port}"),
            SocketAddr::V6(_) => format!("[{host}]:{port}"),
        }
    }

    /// An endpoint of a host that is known as a role: `:8080`, `:8080 - client:*`; of IPv6 `[]:8080 - [client]:*`.
    pub(super) fn endpoint(&self, trace: &Trace, endpoint: &Endpoint) -> String {
        let own = match endpoint.local {
            SocketAddr::V4(own) => format!(":{}", self.port(own.port())),
            SocketAddr::V6(own) => format!("[]:{}", self.port(own.port())),
        };
        match endpoint.remote {
            None => own,
            Some(remote) => format!("{own} - {}", self.end(trace, remote)),
        }
    }

    /// What the flows of two runs are paired by: protocol, hosts and named ports, in an order that does not depend on
    /// which port number happens to be the smaller.
    pub(super) fn flow(&self, trace: &Trace, flow: &Flow) -> FlowRole {
        let side = |end: SocketAddr| (trace.host_of(end.ip()), self.port(end.port()));
        let (low, high) = (side(flow.low), side(flow.high));
        FlowRole { protocol: flow.protocol, one: low.clone().min(high.clone()), other: low.max(high) }
    }
}

/// The role of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FlowRole {
    protocol: crate::trace::Protocol,
    one: (Option<HostId>, String),
    other: (Option<HostId>, String),
}

fn contains(block: Ipv4Block, address: Ipv4Addr) -> bool {
    let mask = u32::MAX.checked_shl(32 - u32::from(block.prefix.min(32))).unwrap_or(0);
    u32::from(block.base) & mask == u32::from(address) & mask
}
