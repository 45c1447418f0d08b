//! Roles instead of addresses and ports: what two runs have in common.

use crate::link::HostId;
use crate::socket::Call;
use crate::trace::{Endpoint, Event, Flow, Trace};
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// The ports that programs name; all others were chosen by a kernel, and differ from run to run.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    named: BTreeSet<u16>,
}

impl Roles {
    /// The roles of a plan's runs: the ports its calls name.
    pub(super) fn of(simulated: &Trace) -> Roles {
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
        Roles { named }
    }

    /// Port as a role: itself if a program names it, else `*`.
    pub(super) fn port(&self, port: u16) -> String {
        if self.named.contains(&port) { port.to_string() } else { "*".to_owned() }
    }

    /// An address as a role: `server:8080`, `client:*`.
    pub(super) fn end(&self, trace: &Trace, end: SocketAddr) -> String {
        let host = trace.host_of(end.ip()).map_or("*", |host| trace.host_name(host));
        format!("{host}:{}", self.port(end.port()))
    }

    /// An endpoint of a host that is known as a role: `:8080`, `:8080 - client:*`.
    pub(super) fn endpoint(&self, trace: &Trace, endpoint: &Endpoint) -> String {
        let own = format!(":{}", self.port(endpoint.local.port()));
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
