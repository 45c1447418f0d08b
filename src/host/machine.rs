//! The machine: its layers, and the ways into it.

use super::{EndpointKey, HostConfig, HostEffect, Outcome, Protocol, Reason};
use crate::clock::Instant;
use crate::ip::{self, Ip, Origin};
use crate::ipv6::{self, Ipv6};
use crate::mib::Counters;
use crate::socket::{Below, Call, Fd, LocalName, Outgoing, OutgoingPacket, ProcessId, Return, Sockets};
use crate::tcp::{self, ListenerId, Owner, State};
use crate::udp::{self, UdpId};
use crate::wire::{IcmpMessage, Ipv4Packet, Seq, Transport};
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

/// What goes down through IP with a packet and comes back with its frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub why: Reason,
    pub endpoint: Option<EndpointKey>,
}

/// One machine with its card, its stacks, its sockets and the calls its processes wait in.
#[derive(Clone, Debug)]
pub struct Host {
    pub(super) config: HostConfig,
    pub(super) ip: Ip<Tag>,
    /// `None`: it speaks no IPv6.
    pub(super) ipv6: Option<Box<Ipv6<Tag>>>,
    pub(super) udp: udp::Sockets,
    pub(super) tcp: tcp::Stack,
    pub(super) sockets: Sockets,
    pub(super) pending: Pending,
    /// Queue lengths as last told: (half-open, accept) of listeners, room taken of UDP endpoints.
    pub(super) told: BTreeMap<ListenerId, (usize, usize)>,
    pub(super) told_udp: BTreeMap<UdpId, u32>,
    /// Own address of every listener: `tcp` no longer knows it when the listener has closed.
    pub(super) listeners: BTreeMap<ListenerId, SocketAddr>,
}

/// What the layers want done within the present step. Empty between steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    /// Its counters are the host's own, and stay.
    pub tcp: tcp::Effects,
    pub ip: Vec<ip::Effect<Tag>>,
    pub ipv6: Vec<ipv6::Effect<Tag>>,
    pub datagrams: Vec<Outgoing>,
    pub packets: Vec<OutgoingPacket>,
    pub looped: VecDeque<Bytes>,
    pub returned: Vec<(ProcessId, Return)>,
}

impl Host {
    /// A host just booted.
    pub fn new(config: HostConfig) -> Host {
        let ip = ip::Config {
            interfaces: config.interfaces(),
            routes: config.routes.clone(),
            forwards: config.forwards,
            nat: config.nat.clone(),
            profile: config.ip.clone(),
        };
        let mut tcp = tcp::Stack::new(config.profile.clone(), config.secret);
        // One for all connections: no card takes less.
        tcp.set_mtu(ip.interfaces.iter().map(|card| card.mtu).min().unwrap_or(config.mtu));
        if let Some(isn) = config.isn {
            tcp.set_next_isn(Seq(isn));
        }
        let seed = u128::from_be_bytes(config.secret) as u64;
        let machine = ipv6::Machine {
            cards: ip.interfaces.iter().map(|card| (card.mac, card.mtu)).collect(),
            forwards: config.forwards,
            seed,
        };
        let mut sockets = Sockets::new(seed);
        let reverse_path = config.reverse_path;
        let mut ip = Ip::new(&ip);
        ip.set_reverse_path(reverse_path);
        if !config.privileged {
            sockets.take_privilege();
        }
        Host {
            ip,
            ipv6: config.ipv6.as_ref().map(|config| Box::new(Ipv6::new(config, &machine))),
            udp: udp::Sockets::new(config.udp.clone()),
            tcp,
            sockets,
            pending: Pending::default(),
            told: BTreeMap::new(),
            told_udp: BTreeMap::new(),
            listeners: BTreeMap::new(),
            config,
        }
    }

    /// What it was made of.
    pub fn config(&self) -> &HostConfig {
        &self.config
    }

    /// A frame came up from the only card, or the first. Effects are appended to `fx` in order. Any octets will do; none
    /// panics.
    pub fn receive(&mut self, now: Instant, frame: &Bytes, fx: &mut Vec<HostEffect>) {
        self.receive_by(now, 0, frame, fx);
    }

    /// The same from the card of that number.
    pub fn receive_by(&mut self, now: Instant, card: u16, frame: &Bytes, fx: &mut Vec<HostEffect>) {
        self.take(now, frame, Origin::Card(card), fx);
        self.settle(now, fx);
    }

    /// Sends an echo request that no socket made (RFC 792, RFC 4443), with 56 octets of data as `ping` does. Where no route leads there,
    /// nothing is sent.
    pub fn ping(&mut self, now: Instant, to: IpAddr, id: u16, seq: u16, fx: &mut Vec<HostEffect>) {
        const DATA: Bytes = Bytes::from_static(&[0x20; 56]);
        let to = match to {
            IpAddr::V4(to) => to,
            IpAddr::V6(to) => return self.ping_ipv6(now, to, (id, seq), fx),
        };
        let Some(source) = self.ip.source_for(to) else { return };
        let request = Transport::Icmp(IcmpMessage::EchoRequest { id, seq, data: DATA });
        let packet = Ipv4Packet::new(source, to, request);
        let tag = Tag { why: Reason::ByHand, endpoint: None };
        self.ip.send(now, packet, tag, &mut self.pending.ip);
        self.settle(now, fx);
    }

    /// Everything due by `now` happens.
    pub fn on_timer(&mut self, now: Instant, fx: &mut Vec<HostEffect>) {
        self.tcp.on_timer(now, &mut self.pending.tcp);
        self.settle(now, fx);
        self.ip.on_timer(now, &mut self.pending.ip);
        self.settle(now, fx);
        if let Some(ipv6) = &mut self.ipv6 {
            ipv6.on_timer(now, &mut self.pending.ipv6);
            self.settle(now, fx);
        }
        let mut returned = std::mem::take(&mut self.pending.returned);
        self.with_sockets(now, |sockets, below| sockets.on_timer(below, &mut returned));
        self.pending.returned = returned;
        self.settle(now, fx);
    }

    /// Whether [`Host::on_timer`] has anything to do by `now`.
    pub fn is_due(&mut self, now: Instant) -> bool {
        let others = [self.ip.next_deadline(), self.ipv6_deadline(), self.sockets.next_deadline()];
        self.tcp.is_due(now) || others.into_iter().flatten().any(|deadline| deadline <= now)
    }

    /// When [`Host::on_timer`] wants to be called next: at this time or later, as [`Host::is_due`] tells then.
    pub fn next_deadline(&self) -> Option<Instant> {
        let ip = [self.ip.next_deadline(), self.ipv6_deadline()];
        let above = [self.tcp.next_deadline(), self.sockets.next_deadline()];
        ip.into_iter().chain(above).flatten().min()
    }

    /// When [`Host::on_timer`] has something to do for which nothing and nobody waits: to ask whether a neighbour is still there.
    /// [`Host::next_deadline`] leaves it out, so that no run goes on for its sake.
    pub fn next_doubt(&self) -> Option<Instant> {
        self.ip.next_doubt()
    }

    /// Whether [`Host::on_timer`] has such a thing to do by `now`.
    pub fn doubt_is_due(&mut self, now: Instant) -> bool {
        self.ip.doubt_is_due(now)
    }

    fn ipv6_deadline(&self) -> Option<Instant> {
        self.ipv6.as_ref()?.next_deadline()
    }

    /// A process makes a call. A process makes one call at a time: one that waits in a call gets EALREADY for another.
    pub fn call(&mut self, now: Instant, pid: ProcessId, call: &Call, fx: &mut Vec<HostEffect>) -> Outcome {
        let before = fx.len();
        let outcome = self.with_sockets(now, |sockets, below| sockets.call(pid, call, below));
        if let (Call::Configure { address, prefix, .. }, Outcome::Returned(Return::Done)) = (call, &outcome) {
            self.ip.configure(0, *address, *prefix);
        }
        self.settle(now, fx);
        if outcome != Outcome::Blocked {
            return outcome;
        }
        // Over loopback the answer may have come within this very step.
        let at_once =
            |effect: &HostEffect| matches!(effect, HostEffect::Returned { pid: who, .. } if *who == pid);
        match fx.iter().skip(before).position(at_once).map(|found| fx.remove(before + found)) {
            Some(HostEffect::Returned { result, .. }) => Outcome::Returned(result),
            Some(_) | None => Outcome::Blocked,
        }
    }

    /// The kernel forgets this socket without a word, as a reboot does: no frame, no call returns.
    pub fn forget(&mut self, pid: ProcessId, fd: Fd) {
        let counters = self.counters().clone();
        self.with_sockets(Instant::ZERO, |sockets, below| sockets.forget(pid, fd, below));
        self.pending =
            Pending { tcp: tcp::Effects { counters, ..tcp::Effects::new() }, ..Pending::default() };
    }

    /// A process started that shares the descriptors of `parent`, as a thread does; without a parent its table is empty.
    pub fn process_started(&mut self, pid: ProcessId, parent: Option<ProcessId>) {
        self.sockets.process_started(pid, parent);
    }

    /// A process started as a copy of `parent`, which `fork` makes: its descriptors stand for the same sockets.
    pub fn process_forked(&mut self, pid: ProcessId, parent: ProcessId) {
        self.sockets.process_forked(pid, parent);
    }

    /// A process ended: its descriptors are closed as `exit` does, in ascending order, unless another still shares them.
    pub fn process_ended(&mut self, now: Instant, pid: ProcessId, fx: &mut Vec<HostEffect>) {
        self.with_sockets(now, |sockets, below| sockets.process_ended(pid, below));
        self.settle(now, fx);
    }

    /// All TCP endpoints with their states, ordered by endpoint: listeners, half-open entries (SYN-RECEIVED) and TIME-WAIT
    /// entries included.
    pub fn states(&self) -> Vec<(EndpointKey, State)> {
        let key = |view: tcp::EndpointView| (tcp_key(view.local, view.remote), view.state);
        let mut states: Vec<_> = self.tcp.endpoints().map(key).collect();
        states.sort();
        states
    }

    /// The variables of every endpoint, ordered by endpoint, in a fixed order of variables.
    pub fn variables(&self) -> Vec<(EndpointKey, Vec<(&'static str, u64)>)> {
        self.variables_of(|_| true)
    }

    /// The same of the endpoints that `wanted` accepts: thousands of half-open entries need not be gathered.
    pub fn variables_of(
        &self,
        wanted: impl Fn(&EndpointKey) -> bool,
    ) -> Vec<(EndpointKey, Vec<(&'static str, u64)>)> {
        let tcp = self.tcp.endpoints().filter_map(|view| {
            let key = tcp_key(view.local, view.remote);
            wanted(&key).then(|| (key, self.tcp.variables(view.owner)))
        });
        let udp = self.udp.iter().filter_map(|(_, endpoint)| {
            let key = udp_key(endpoint).filter(|key| wanted(key))?;
            let variables = vec![
                ("receive-queue", u64::from(endpoint.used())),
                ("receive-buffer", u64::from(endpoint.receive_buffer)),
                ("datagrams", endpoint.waiting() as u64),
                ("lost", endpoint.lost()),
            ];
            Some((key, variables))
        });
        let mut all: Vec<_> = tcp.chain(udp).collect();
        all.sort_by_key(|(key, _)| *key);
        // Sockets that share an address and port are told of together.
        all.dedup_by(|(key, later), (before, first)| {
            let shared = key == before && key.protocol == Protocol::Udp;
            if shared {
                first.iter_mut().zip(later).for_each(|((_, sum), (_, value))| *sum += *value);
            }
            shared
        });
        all
    }

    /// Whether a local socket has that name, and listens if that is asked.
    pub fn has_local_name(&self, name: &LocalName, listening: bool) -> bool {
        self.sockets.has_local_name(name, listening)
    }

    /// How many connections wait in accept queues, over all listeners.
    pub fn accept_queue(&self) -> usize {
        let listeners = self.tcp.endpoints().filter_map(|view| match view.owner {
            Owner::Listener(listener) => self.tcp.queues(listener),
            Owner::Conn(_) | Owner::HalfOpen { .. } | Owner::TimeWait { .. } | Owner::None => None,
        });
        listeners.map(|queues| queues.accept).sum()
    }

    /// The counters since boot.
    pub fn counters(&self) -> &Counters {
        &self.pending.tcp.counters
    }

    pub(super) fn with_sockets<R>(
        &mut self,
        now: Instant,
        act: impl FnOnce(&mut Sockets, &mut Below<'_>) -> R,
    ) -> R {
        let mut below = Below {
            now,
            tcp: &mut self.tcp,
            tcp_effects: &mut self.pending.tcp,
            udp: &mut self.udp,
            routing: self.ip.routing(),
            routing6: self.ipv6.as_ref().map(|ipv6| ipv6.routing()),
            datagrams: &mut self.pending.datagrams,
            packets: &mut self.pending.packets,
        };
        let result = act(&mut self.sockets, &mut below);
        if let Some(taps) = self.sockets.changed_taps() {
            self.ip.set_taps(taps);
        }
        result
    }
}

pub(super) fn tcp_key(local: std::net::SocketAddr, remote: Option<std::net::SocketAddr>) -> EndpointKey {
    EndpointKey { protocol: Protocol::Tcp, local, remote }
}

/// `None` for an endpoint without a port.
pub(super) fn udp_key(endpoint: &udp::Endpoint) -> Option<EndpointKey> {
    Some(EndpointKey { protocol: Protocol::Udp, local: endpoint.local?, remote: endpoint.remote })
}
