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
        if let Call::Select { read, write, .. } = call {
            let own = read.iter().chain(write).filter_map(|fd| sockets.get(self, process, *fd));
            let peers: Vec<ProcessId> =
                own.filter(|own| !own.listening).flat_map(|own| self.peers(sockets, own)).collect();
            return dedup(peers);
        }
        let Some(own) = call.fd().and_then(|fd| sockets.get(self, process, fd)) else { return Vec::new() };
        match call {
            Call::Recv { .. }
            | Call::RecvFrom { .. }
            | Call::Receive { .. }
            | Call::PollUrgent { .. }
            | Call::Send { .. }
            | Call::SendWith { .. }
            | Call::SendUrgent { .. }
            | Call::Connect { .. } => self.peers(sockets, own),
            Call::Accept { .. }
            | Call::Select { .. }
            | Call::GetTimeout { .. }
            | Call::RecvUrgent { .. }
            | Call::AtMark { .. }
            | Call::Local(_)
            | Call::Configure { .. }
            | Call::Disconnect { .. }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Text;
    use crate::link::NodeKind;
    use crate::socket::{Domain, Fd, Kind, Return};
    use crate::trace::{HostInfo, Meta, ProcessInfo, Recorder, Source};
    use crate::wire::MacAddr;
    use std::net::SocketAddr;

    const CLIENT: u32 = 0;
    const SERVER: u32 = 1;

    struct Run(Recorder);

    impl Run {
        fn new() -> Run {
            let host = |name: &str, address: &str| HostInfo {
                name: name.to_owned(),
                kind: NodeKind::Host,
                address: address.parse().unwrap(),
                more_addresses: Vec::new(),
                mac: MacAddr::of_host(1),
                actor: false,
            };
            let process = |host, name: &str| ProcessInfo { host: HostId(host), name: name.to_owned() };
            Run(Recorder::new(Meta {
                scenario: String::new(),
                title: Text::default(),
                profile: String::new(),
                seed: 1,
                source: Source::Simulated,
                hosts: vec![host("client", "10.0.0.1"), host("server", "10.0.0.2")],
                processes: vec![process(0, "client"), process(1, "server")],
            }))
        }
        fn push(&mut self, process: u32, event: Event) -> RecordId {
            let host = self.0.meta().processes[process as usize].host;
            self.0.push(Instant::ZERO, Some(host), None, event)
        }
        fn start(&mut self, process: u32, call: Call) -> RecordId {
            let text = call.name().to_owned();
            self.push(process, Event::CallStarted { process: ProcessId(process), call, text })
        }
        fn give(&mut self, process: u32, call: RecordId, result: Return) -> RecordId {
            self.push(process, Event::CallReturned { process: ProcessId(process), call, result })
        }
        fn done(&mut self, process: u32, call: Call, result: Return) -> RecordId {
            let started = self.start(process, call);
            self.give(process, started, result)
        }
        fn block(&mut self, process: u32, call: Call) -> RecordId {
            let started = self.start(process, call);
            self.push(process, Event::CallBlocked { process: ProcessId(process), call: started });
            started
        }
        /// A server that listens on 8080 with descriptor 3; a client that has a socket with descriptor 3.
        fn ready() -> Run {
            let mut run = Run::new();
            for process in [SERVER, CLIENT] {
                let socket = Call::Socket { domain: Domain::Inet, kind: Kind::Stream, protocol: 0 };
                run.done(process, socket, Return::Descriptor(Fd(3)));
            }
            let address: SocketAddr = "0.0.0.0:8080".parse().unwrap();
            run.done(SERVER, Call::Bind { fd: Fd(3), address }, Return::Done);
            run.done(SERVER, Call::Listen { fd: Fd(3), backlog: 5 }, Return::Done);
            run
        }
        /// The same, connected: the server has accepted as descriptor 4.
        fn connected() -> Run {
            let mut run = Run::ready();
            let accept = run.block(SERVER, Call::Accept { fd: Fd(3) });
            run.done(CLIENT, connect(), Return::Done);
            let peer: SocketAddr = "10.0.0.1:49152".parse().unwrap();
            run.give(SERVER, accept, Return::Accepted(Fd(4), peer));
            run
        }
        fn wait_for(self) -> WaitFor {
            let last = RecordId(self.0.len() - 1);
            self.0.finish().wait_for(last)
        }
    }

    fn connect() -> Call {
        Call::Connect { fd: Fd(3), address: "10.0.0.2:8080".parse().unwrap() }
    }

    fn who(wait_for: &WaitFor) -> Vec<(u32, Vec<u32>)> {
        wait_for
            .waiting
            .iter()
            .map(|one| (one.process.0, one.on.iter().map(|process| process.0).collect()))
            .collect()
    }

    #[test]
    fn both_receiving_is_a_ring() {
        let mut run = Run::connected();
        run.block(CLIENT, Call::Recv { fd: Fd(3), len: 9 });
        run.block(SERVER, Call::Recv { fd: Fd(4), len: 9 });
        let wait_for = run.wait_for();
        assert_eq!(who(&wait_for), [(CLIENT, vec![SERVER]), (SERVER, vec![CLIENT])]);
        assert_eq!(wait_for.cycles, [[ProcessId(CLIENT), ProcessId(SERVER)]]);
    }

    #[test]
    fn one_receiving_from_one_who_can_act_is_no_ring() {
        let mut run = Run::connected();
        run.block(CLIENT, Call::Recv { fd: Fd(3), len: 9 });
        let wait_for = run.wait_for();
        assert_eq!(who(&wait_for), [(CLIENT, vec![SERVER])]);
        assert!(wait_for.cycles.is_empty());
    }

    #[test]
    fn accept_waits_for_nobody_in_particular_and_connect_for_the_listener() {
        let mut run = Run::ready();
        run.block(SERVER, Call::Accept { fd: Fd(3) });
        run.block(CLIENT, connect());
        let wait_for = run.wait_for();
        assert_eq!(who(&wait_for), [(CLIENT, vec![SERVER]), (SERVER, vec![])]);
        assert!(wait_for.cycles.is_empty());
    }

    #[test]
    fn whoever_was_answered_waits_no_longer() {
        let mut run = Run::connected();
        let recv = run.block(CLIENT, Call::Recv { fd: Fd(3), len: 9 });
        run.give(CLIENT, recv, Return::Received("x".into()));
        assert_eq!(run.wait_for(), WaitFor::default());
    }

    #[test]
    fn nobody_waits_for_a_process_that_is_over() {
        let mut run = Run::connected();
        run.block(CLIENT, Call::Recv { fd: Fd(3), len: 9 });
        run.push(SERVER, Event::ProcessEnded { process: ProcessId(SERVER) });
        assert_eq!(who(&run.wait_for()), [(CLIENT, vec![])]);
    }

    #[test]
    fn a_client_not_yet_accepted_waits_for_the_process_that_listens() {
        let mut run = Run::ready();
        run.done(CLIENT, connect(), Return::Done);
        run.block(CLIENT, Call::Recv { fd: Fd(3), len: 9 });
        assert_eq!(who(&run.wait_for()), [(CLIENT, vec![SERVER])]);
    }
}
