//! What the kernel shows of its endpoints: states, queues, counters.

use super::diag::TcpSocket;
use super::shared::Shared;
use crate::host::Protocol;
use crate::link::HostId;
use crate::mib::Counter;
use crate::scenario::LiveMode;
use crate::tcp::State;
use crate::trace::{Endpoint, EndpointId, Event};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The host's TCP sockets, half-open and TIME-WAIT entries. On loopback they are told apart by their own address.
pub(super) fn sockets_of(shared: &Shared, host: HostId) -> io::Result<Vec<TcpSocket>> {
    let (Some(place), Some(plan)) = (shared.place(host), shared.host(host)) else { return Ok(Vec::new()) };
    if plan.actor {
        return Ok(Vec::new());
    }
    let mut sockets = place.sockets()?;
    sockets.retain(|socket| {
        let own = shared.mode == LiveMode::Wire || socket.local.ip() == plan.address;
        own && !shared.plants.owns(socket.local, socket.remote, socket.state)
    });
    Ok(sockets)
}

/// Notes the states of the host's TCP endpoints.
pub(super) fn note_states(shared: &Shared, host: HostId, label: &str) -> io::Result<()> {
    let mut states: Vec<(Endpoint, State)> = sockets_of(shared, host)?
        .into_iter()
        .filter(|socket| socket.state != State::Closed)
        .filter(|socket| match (socket.remote.ip(), socket.local.ip()) {
            (IpAddr::V4(remote), IpAddr::V4(local)) => !shared.is_load(remote, local),
            (IpAddr::V4(_) | IpAddr::V6(_), _) => true,
        })
        .map(|socket| (endpoint(shared, host, &socket), socket.state))
        .collect();
    states.sort_by_key(|(endpoint, _)| (endpoint.local, endpoint.remote));
    let states = states.into_iter().map(|(endpoint, state)| (shared.log.endpoint(endpoint), state)).collect();
    shared.log.note(Some(host), None, Event::StatesObserved { label: label.to_owned(), states });
    Ok(())
}

/// The endpoint as the program sees it: on loopback a listener on the host's own address stands for one on any address.
fn endpoint(shared: &Shared, host: HostId, socket: &TcpSocket) -> Endpoint {
    let listener = socket.state == State::Listen;
    let local = if listener && shared.mode == LiveMode::Loopback {
        SocketAddr::from((Ipv4Addr::UNSPECIFIED, socket.local.port()))
    } else {
        socket.local
    };
    let remote = (!listener).then_some(socket.remote);
    Endpoint { host, protocol: Protocol::Tcp, local, remote }
}

/// Lengths of the listeners' queues, as last noted.
#[derive(Default)]
pub(super) struct Queues {
    noted: BTreeMap<(EndpointId, &'static str), u64>,
    before: BTreeMap<(EndpointId, &'static str), u64>,
}

impl Queues {
    /// Looks at the listeners of one host and notes what changed. A dump of the kernel's table is no snapshot: a length
    /// counts when two looks in a row agree.
    pub(super) fn look(&mut self, shared: &Shared, host: HostId) -> io::Result<()> {
        let sockets = sockets_of(shared, host)?;
        for listener in sockets.iter().filter(|socket| socket.state == State::Listen) {
            let half_open = sockets
                .iter()
                .filter(|socket| {
                    socket.state == State::SynReceived && socket.local.port() == listener.local.port()
                })
                .count();
            let id = shared.log.endpoint(endpoint(shared, host, listener));
            // The kernel's own rule: one more than the backlog fits.
            let accept_limit = u64::from(listener.send_queue) + 1;
            self.saw(shared, host, (id, "half-open"), half_open as u64, None);
            self.saw(shared, host, (id, "accept"), listener.receive_queue.into(), Some(accept_limit));
        }
        Ok(())
    }

    fn saw(
        &mut self,
        shared: &Shared,
        host: HostId,
        key: (EndpointId, &'static str),
        length: u64,
        limit: Option<u64>,
    ) {
        let steady = self.before.insert(key, length) == Some(length);
        let (endpoint, queue) = key;
        let news = self.noted.get(&key).is_none_or(|noted| *noted != length);
        // A queue that was never anything but empty leaves no record.
        let ever = length > 0 || self.noted.contains_key(&key);
        if steady && news && ever {
            self.noted.insert(key, length);
            shared.log.note(Some(host), None, Event::Queue { endpoint, queue, length, limit });
        }
    }
}

/// What each namespace's counters showed at the beginning.
pub(super) type Baseline = Vec<BTreeMap<Counter, u64>>;

/// The hosts that have a namespace of their own, or `None` for the one they share; actors have none.
fn counted_hosts(shared: &Shared) -> Vec<(Option<HostId>, usize)> {
    match shared.mode {
        LiveMode::Loopback => vec![(None, 0)],
        LiveMode::Wire => (0..shared.plan.hosts.len())
            .filter(|place| !shared.plan.hosts[*place].actor)
            .map(|place| (Some(HostId(place as u16)), place))
            .collect(),
    }
}

/// Reads all counters before the run.
pub(super) fn baseline(shared: &Shared) -> io::Result<Baseline> {
    counted_hosts(shared).into_iter().map(|(_, place)| shared.places[place].counted()).collect()
}

/// Notes what the counters have counted during the run.
pub(super) fn note_counters(shared: &Shared, baseline: &Baseline) -> io::Result<()> {
    for ((host, place), before) in counted_hosts(shared).into_iter().zip(baseline) {
        for (counter, value) in shared.places[place].counted()? {
            let by = value.saturating_sub(before.get(&counter).copied().unwrap_or(0));
            if by > 0 {
                shared.log.note(host, None, Event::Counted { counter, by });
            }
        }
    }
    Ok(())
}
