//! Who waits for whom: the blocked calls at one point of a trace as a graph, and its cycles.

use super::{Event, RecordId, SocketInfo, Sockets, Trace};
use crate::clock::Instant;
use crate::link::HostId;
use crate::socket::{Call, ProcessId};
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use std::collections::BTreeMap;

/// One process in a blocked call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Who waits.
    pub process: ProcessId,
    /// The record where its call began.
    pub call: RecordId,
    /// Since when.
    pub since: Instant,
    /// The processes of which any one could end the waiting; empty if it waits for somebody yet unknown (an `accept` that
    /// waits for any client), for a timer, or for a host without processes.
    pub on: Vec<ProcessId>,
}

/// The blocked calls at one point of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaitFor {
    /// Who waits, by process.
    pub waiting: Vec<Waiting>,
    /// Rings of processes each of which waits for the next: nobody in them can ever go on by itself. Each ring starts with
    /// its first process.
    pub cycles: Vec<Vec<ProcessId>>,
}

impl Trace {
    /// Who waits for whom right after that record.
    pub fn wait_for(&self, after: RecordId) -> WaitFor {
        let mut sockets = Sockets::new();
        let mut blocked: BTreeMap<ProcessId, (RecordId, Instant)> = BTreeMap::new();
        let mut ended: Vec<ProcessId> = Vec::new();
        for record in self.records.iter().take(after.0 as usize + 1) {
            sockets.apply(self, record.id);
            match &record.event {
                Event::CallBlocked { process, call } => {
                    blocked.insert(*process, (*call, record.at));
                }
                Event::CallReturned { process, .. } => {
                    blocked.remove(process);
                }
                Event::ProcessEnded { process } => {
                    blocked.remove(process);
                    ended.push(*process);
                }
                _ => {}
            }
        }
        let waiting: Vec<Waiting> = blocked
            .into_iter()
            .map(|(process, (call, since))| {
                let mut on = self.awaited(&sockets, process, call);
                on.retain(|other| *other != process && !ended.contains(other));
                Waiting { process, call, since, on }
            })
            .collect();
        let cycles = cycles(&waiting);
        WaitFor { waiting, cycles }
    }

    /// The processes that the blocked call waits for.
    fn awaited(&self, sockets: &Sockets, process: ProcessId, call: RecordId) -> Vec<ProcessId> {
        let Some(Event::CallStarted { call, .. }) =
            self.records.get(call.0 as usize).map(|record| &record.event)
        else {
            return Vec::new();
        };
        let Some(own) = call.fd().and_then(|fd| sockets.get(self, process, fd)) else { return Vec::new() };
        match call {
            Call::Recv { .. } | Call::RecvFrom { .. } | Call::Send { .. } | Call::Connect { .. } => {
                self.peers(sockets, own)
            }
            Call::Accept { .. }
            | Call::Socket { .. }
            | Call::Bind { .. }
            | Call::Listen { .. }
            | Call::SendTo { .. }
            | Call::Shutdown { .. }
            | Call::Close { .. }
            | Call::GetSockName { .. }
            | Call::GetPeerName { .. }
            | Call::SetOption { .. }
            | Call::GetOption { .. }
            | Call::SetBlocking { .. }
            | Call::SetTimeout { .. } => Vec::new(),
        }
    }

    /// The processes that hold the other end of the socket; of a connection nobody has accepted yet, those that listen.
    fn peers(&self, sockets: &Sockets, own: &SocketInfo) -> Vec<ProcessId> {
        let Some(remote) = own.remote else { return Vec::new() };
        let Some(peer_host) = self.host_of(remote.ip()) else { return Vec::new() };
        let same_protocol = |other: &&SocketInfo| other.protocol == own.protocol && other.host == peer_host;
        let connected: Vec<ProcessId> = sockets
            .iter()
            .map(|(_, other)| other)
            .filter(same_protocol)
            .filter(|other| !other.listening && self.are_ends(own, other, peer_host))
            .map(|other| other.process)
            .collect();
        if !connected.is_empty() {
            return dedup(connected);
        }
        let listening = sockets
            .iter()
            .map(|(_, other)| other)
            .filter(same_protocol)
            .filter(|other| other.local.is_some_and(|local| local.port() == remote.port()))
            .map(|other| other.process)
            .collect();
        dedup(listening)
    }

    /// Whether two sockets are the two ends of one connection, as far as their ports are known.
    fn are_ends(&self, own: &SocketInfo, other: &SocketInfo, peer_host: HostId) -> bool {
        let (Some(own_remote), Some(other_remote)) = (own.remote, other.remote) else { return false };
        let points_back = self.host_of(other_remote.ip()) == Some(own.host)
            && self.host_of(own_remote.ip()) == Some(peer_host);
        let port_fits = |remote: std::net::SocketAddr, local: Option<std::net::SocketAddr>| {
            local.is_none_or(|local| local.port() == remote.port())
        };
        points_back && port_fits(own_remote, other.local) && port_fits(other_remote, own.local)
    }
}

fn dedup(mut processes: Vec<ProcessId>) -> Vec<ProcessId> {
    processes.sort_unstable();
    processes.dedup();
    processes
}

/// The rings among those who wait.
fn cycles(waiting: &[Waiting]) -> Vec<Vec<ProcessId>> {
    let mut graph: DiGraphMap<ProcessId, ()> = DiGraphMap::new();
    for one in waiting {
        graph.add_node(one.process);
        for other in &one.on {
            // Whoever does not wait himself can still act.
            if waiting.iter().any(|blocked| blocked.process == *other) {
                graph.add_edge(one.process, *other, ());
            }
        }
    }
    let mut rings: Vec<Vec<ProcessId>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|component| component.len() > 1)
        .map(|component| ring(&graph, component))
        .collect();
    rings.sort_unstable();
    rings
}

/// The members of a component in the order of who waits for whom, its first process first.
fn ring(graph: &DiGraphMap<ProcessId, ()>, mut component: Vec<ProcessId>) -> Vec<ProcessId> {
    component.sort_unstable();
    let mut order: Vec<ProcessId> = Vec::new();
    let mut next = component.first().copied();
    while let Some(process) = next {
        order.push(process);
        next = graph
            .neighbors(process)
            .filter(|other| component.contains(other) && !order.contains(other))
            .min();
    }
    order
}
