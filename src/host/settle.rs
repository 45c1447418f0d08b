//! A step runs until nothing is left to do: what the layers want done goes down, what loops back comes up, calls that
//! can return do.

use super::machine::{Host, Tag, tcp_key, udp_key};
use super::v6::Sending;
use super::{EndpointKey, HostEffect, Reason};
use crate::clock::Instant;
use crate::internet::{Cause, Effect, Origin};
use crate::ip;
use crate::mib::Counter;
use crate::socket::Outgoing;
use crate::tcp::{self, IcmpKind, ListenerId, Owner, State};
use crate::udp::{self, Discovery};
use crate::wire::{self, Datagram, Ipv4Packet, Seq, Transport};
use std::net::{IpAddr, SocketAddr};

impl Host {
    /// Does all that is pending.
    pub(super) fn settle(&mut self, now: Instant, fx: &mut Vec<HostEffect>) {
        loop {
            self.drain_tcp(now, fx);
            self.drain_datagrams(now, fx);
            self.drain_packets(now, fx);
            self.drain_ip(now, fx);
            self.drain_ipv6(now, fx);
            self.tell_udp_queues(fx);
            self.tell_local(fx);
            if !self.pending.tcp.is_empty()
                || !self.pending.datagrams.is_empty()
                || !self.pending.packets.is_empty()
            {
                continue;
            }
            if let Some(frame) = self.pending.looped.pop_front() {
                self.take(now, &frame, Origin::Loopback, fx);
                continue;
            }
            let mut returned = std::mem::take(&mut self.pending.returned);
            self.with_sockets(now, |sockets, below| sockets.settle(below, &mut returned));
            let idle = returned.is_empty() && self.pending.tcp.is_empty();
            if !returned.is_empty() {
                fx.extend(returned.drain(..).map(|(pid, result)| HostEffect::Returned { pid, result }));
            }
            self.pending.returned = returned;
            if idle && self.pending.datagrams.is_empty() && self.pending.packets.is_empty() {
                self.tell_local(fx);
                self.tcp.sweep();
                return;
            }
        }
    }

    pub(super) fn count(&mut self, counter: Counter) {
        self.pending.tcp.counters.count(counter);
    }

    fn drain_tcp(&mut self, now: Instant, fx: &mut Vec<HostEffect>) {
        while !self.pending.tcp.is_empty() {
            let mut effects = std::mem::take(&mut self.pending.tcp.list);
            for effect in effects.drain(..) {
                self.do_tcp(now, effect, fx);
            }
            if self.pending.tcp.is_empty() {
                // Keeps the list's memory for the next step.
                self.pending.tcp.list = effects;
            }
        }
    }

    fn do_tcp(&mut self, now: Instant, effect: tcp::Effect, fx: &mut Vec<HostEffect>) {
        match effect {
            tcp::Effect::Send { from, to, segment, owner, why, retransmission: _, ect, dscp, df } => {
                let (source, destination) = match (from.ip(), to.ip()) {
                    (IpAddr::V4(source), IpAddr::V4(destination)) => (source, destination),
                    (IpAddr::V6(source), IpAddr::V6(destination)) => {
                        let how = Sending { owner, why, dscp, ect };
                        return self.send_tcp_ipv6(now, (source, destination), segment, how, fx);
                    }
                    // No packet has ends of both kinds: what is mapped has been taken out of its wrapping.
                    (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return,
                };
                let endpoint = match owner {
                    Owner::None => None,
                    Owner::Conn(_) | Owner::HalfOpen { .. } | Owner::TimeWait { .. } | Owner::Listener(_) => {
                        Some(tcp_key(from, Some(to)))
                    }
                };
                let mut packet = Ipv4Packet::new(source, destination, Transport::Tcp(segment));
                packet.dscp = dscp;
                packet.dont_fragment = df;
                packet.ecn = if ect { crate::wire::ECT0 } else { 0 };
                let why = Reason::Tcp(why);
                self.drain_ip(now, fx);
                let ttl = self.tcp.ttl_of(owner);
                match self.ip.frame_of(now, &mut packet, ttl) {
                    Some((card, frame)) => fx.push(HostEffect::Transmit { card, frame, why, endpoint }),
                    None => {
                        self.ip.send_with_ttl(now, packet, Tag { why, endpoint }, &mut self.pending.ip);
                        self.drain_ip(now, fx);
                    }
                }
            }
            tcp::Effect::Wake(owner) | tcp::Effect::Closed(owner) => self.stir(owner),
            tcp::Effect::Entered { owner, edge } => {
                self.stir(owner);
                if let (Owner::Listener(listener), Some((local, _))) = (owner, self.tcp.ends(owner)) {
                    self.listeners.insert(listener, local);
                }
                if let Some(endpoint) = self.key(owner) {
                    let section = edge.section;
                    fx.push(HostEffect::StateChanged { endpoint, from: edge.from, to: edge.to, section });
                    if let (Owner::Listener(listener), State::Closed) = (owner, edge.to) {
                        self.forget_listener(listener, endpoint, fx);
                    }
                }
            }
            tcp::Effect::Note { owner, reason } => {
                let (endpoint, why) = (self.key(owner), Reason::Tcp(reason));
                fx.push(if drops(reason) {
                    HostEffect::Dropped { endpoint, why }
                } else {
                    HostEffect::Noted { endpoint, why }
                });
            }
            tcp::Effect::TimerFired { owner, kind } => {
                fx.push(HostEffect::TimerFired { endpoint: self.key(owner), timer: kind.name() });
            }
            tcp::Effect::Queue(listener) => self.tell_queues(listener, fx),
        }
    }

    fn stir(&mut self, owner: Owner) {
        match owner {
            Owner::Conn(conn) => self.sockets.stir_conn(conn),
            Owner::Listener(listener) => self.sockets.stir_listener(listener),
            Owner::HalfOpen { .. } | Owner::TimeWait { .. } | Owner::None => {}
        }
    }

    fn key(&self, owner: Owner) -> Option<EndpointKey> {
        if let Owner::Listener(listener) = owner {
            return self.listeners.get(&listener).map(|local| tcp_key(*local, None));
        }
        self.tcp.ends(owner).map(|(local, remote)| tcp_key(local, remote))
    }

    /// A listener has closed, and its queues with it.
    fn forget_listener(&mut self, listener: ListenerId, endpoint: EndpointKey, fx: &mut Vec<HostEffect>) {
        self.listeners.remove(&listener);
        let (half_open, accept) = self.told.remove(&listener).unwrap_or_default();
        for (queue, length) in [("half-open", half_open), ("accept", accept)] {
            if length > 0 {
                fx.push(HostEffect::Queue { endpoint, queue, length: 0, limit: None });
            }
        }
    }

    fn tell_queues(&mut self, listener: ListenerId, fx: &mut Vec<HostEffect>) {
        let Some(now) = self.tcp.queues(listener) else { return };
        let Some(endpoint) = self.key(Owner::Listener(listener)) else { return };
        let (half_open, accept) = self.told.insert(listener, (now.half_open, now.accept)).unwrap_or_default();
        let mut tell = |queue, before: usize, length: usize, limit: usize| {
            if before != length {
                let (length, limit) = (length as u64, Some(limit as u64));
                fx.push(HostEffect::Queue { endpoint, queue, length, limit });
            }
        };
        tell("half-open", half_open, now.half_open, now.half_open_limit);
        tell("accept", accept, now.accept, now.accept_limit);
    }

    /// What happened between local sockets.
    fn tell_local(&mut self, fx: &mut Vec<HostEffect>) {
        for why in self.sockets.take_local_news() {
            fx.push(HostEffect::Noted { endpoint: None, why: Reason::Local(why) });
        }
    }

    fn tell_udp_queues(&mut self, fx: &mut Vec<HostEffect>) {
        for (id, endpoint) in self.udp.iter() {
            let Some(key) = udp_key(endpoint) else { continue };
            let before = self.told_udp.insert(id, endpoint.used()).unwrap_or(0);
            if before != endpoint.used() {
                // Sockets that share an address and port are told of together.
                let alike =
                    || self.udp.iter().map(|(_, other)| other).filter(|other| udp_key(other) == Some(key));
                let length = alike().map(|other| u64::from(other.used())).sum();
                let limit = Some(alike().map(|other| u64::from(other.receive_buffer)).sum());
                fx.push(HostEffect::Queue { endpoint: key, queue: "receive", length, limit });
            }
        }
    }

    fn drain_datagrams(&mut self, now: Instant, fx: &mut Vec<HostEffect>) {
        for outgoing in std::mem::take(&mut self.pending.datagrams) {
            let Outgoing { from, to, type_of_service, ttl, endpoint, payload, sent_as } = outgoing;
            let datagram = Datagram { source_port: from.port(), destination_port: to.port(), payload };
            let (source, destination) = match (from.ip(), to.ip()) {
                (IpAddr::V4(source), IpAddr::V4(destination)) => (source, destination),
                (IpAddr::V6(source), IpAddr::V6(destination)) => {
                    let (ends, how) = ((source, destination), (type_of_service, ttl));
                    let endpoint = self.udp.get(endpoint).and_then(udp_key);
                    self.count(Counter::UdpOutDatagrams.over(true));
                    self.send_datagram_ipv6(now, ends, datagram, how, endpoint, fx);
                    continue;
                }
                (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => continue,
            };
            self.count(Counter::UdpOutDatagrams);
            let transport = if sent_as.checksum {
                Transport::Udp(datagram)
            } else {
                let payload = wire::udp_without_checksum(&datagram);
                Transport::Other { protocol: wire::PROTOCOL_UDP, payload }
            };
            let mut packet = Ipv4Packet::new(source, destination, transport);
            packet.dscp = type_of_service >> 2;
            packet.ecn = type_of_service & 3;
            let path = self.ip.routing().path_mtu_to(now, destination);
            packet.dont_fragment = match sent_as.discovery {
                Discovery::Dont => false,
                Discovery::Want => packet.len() <= usize::from(path.octets) && !path.cut_further,
                Discovery::Do | Discovery::Probe => true,
            };
            let endpoint = self.udp.get(endpoint).and_then(udp_key);
            let tag = Tag { why: Reason::Udp(udp::Reason::Sent), endpoint };
            if ttl > 0 {
                packet.ttl = ttl;
                self.ip.send_with_ttl(now, packet, tag, &mut self.pending.ip);
            } else {
                self.ip.send(now, packet, tag, &mut self.pending.ip);
            }
            self.drain_ip(now, fx);
        }
    }

    pub(super) fn drain_ip(&mut self, now: Instant, fx: &mut Vec<HostEffect>) {
        if self.pending.ip.is_empty() {
            return;
        }
        let mut effects = std::mem::take(&mut self.pending.ip);
        for effect in effects.drain(..) {
            if let Some((packet, tag, why)) = self.carry_out(effect, Reason::Ip, fx) {
                self.unsent(now, &packet, tag, why, fx);
            }
        }
        self.pending.ip = effects;
    }

    /// Does what either version of IP wants done, but for what it could not send: packet, tag and reason of that.
    pub(super) fn carry_out<P, R>(
        &mut self,
        effect: Effect<Tag, P, R>,
        reason: fn(R) -> Reason,
        fx: &mut Vec<HostEffect>,
    ) -> Option<(Box<P>, Tag, R)> {
        let tag = |cause| match cause {
            Cause::Upper(tag) => tag,
            Cause::Own(why) => Tag { why: reason(why), endpoint: None },
        };
        match effect {
            Effect::Transmit { card, frame, cause } => {
                let Tag { why, endpoint } = tag(cause);
                fx.push(HostEffect::Transmit { card, frame, why, endpoint });
            }
            Effect::Loop { frame, cause } => {
                let Tag { why, endpoint } = tag(cause);
                self.pending.looped.push_back(frame.clone());
                fx.push(HostEffect::Looped { frame, why, endpoint });
            }
            Effect::Unsent { packet, cause, why } => return Some((packet, tag(cause), why)),
            Effect::Heard(octets) => self.hear(&octets, fx),
            Effect::Noted(why) => fx.push(HostEffect::Noted { endpoint: None, why: reason(why) }),
            Effect::Dropped(why) => fx.push(HostEffect::Dropped { endpoint: None, why: reason(why) }),
            Effect::Counted(counter) => self.count(counter),
            Effect::TimerFired(timer) => fx.push(HostEffect::TimerFired { endpoint: None, timer }),
        }
        None
    }

    /// A packet could not be sent: whoever sent it hears of it as of an ICMP error.
    fn unsent(
        &mut self,
        now: Instant,
        packet: &Ipv4Packet,
        Tag { endpoint, .. }: Tag,
        why: ip::Reason,
        fx: &mut Vec<HostEffect>,
    ) {
        let unreachable = |code, next_hop_mtu| Some(IcmpKind::Unreachable { code, next_hop_mtu });
        let kind = match why {
            ip::Reason::Datagram(ip::DatagramReason::NoRoute { .. }) => unreachable(0, 0),
            ip::Reason::Arp(ip::ArpReason::NeighbourSilent { .. }) => unreachable(1, 0),
            ip::Reason::Datagram(ip::DatagramReason::TooBig { mtu }) => unreachable(4, mtu),
            // The others say nothing about the way: what was sent is lost as on the wire.
            _ => None,
        };
        fx.push(HostEffect::Noted { endpoint, why: Reason::Ip(why) });
        if let (Some(kind), Transport::Tcp(segment)) = (kind, &packet.transport) {
            let local = SocketAddr::from((packet.source, segment.source_port));
            let remote = SocketAddr::from((packet.destination, segment.destination_port));
            let seq: Seq = segment.seq;
            self.tcp.on_icmp(now, local, remote, seq, kind, &mut self.pending.tcp);
        } else if let Some(IcmpKind::Unreachable { code, next_hop_mtu }) = kind {
            self.datagram_unsent(now, packet, (3, code, next_hop_mtu), fx);
        }
    }
}

/// Whether the reason says that a segment, or part of it, was dropped: those stand together in their table.
fn drops(reason: tcp::Reason) -> bool {
    (tcp::Reason::DropChecksum..=tcp::Reason::DropResetTimeWait).contains(&reason)
        && reason != tcp::Reason::ChallengeWithheld
}
