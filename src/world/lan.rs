//! The wire between the hosts: one pipe each way between two of them, a switch in the middle of more.

use super::peek;
use crate::clock::{Instant, Span};
use crate::link::{HostId, Pipe, Reason, Switch};
use crate::scenario::{HostPlan, Ipv4Block, WirePlan};
use crate::wire::{self, ArpMessage, ArpOperation, Body, MacAddr, Packet};
use bytes::Bytes;
use std::net::Ipv4Addr;

/// Where a frame comes out of a pipe.
pub(crate) enum Way {
    /// At this host.
    Host(HostId),
    /// At the switch.
    Switch,
}

/// The local network.
#[derive(Clone, Debug)]
pub(crate) struct Lan {
    stations: Vec<Station>,
    /// From each host to whatever its card is joined to.
    up: Vec<Pipe>,
    /// From the switch to each host; empty without a switch.
    down: Vec<Pipe>,
    switch: Option<Switch>,
}

#[derive(Clone, Debug)]
struct Station {
    mac: MacAddr,
    address: Ipv4Addr,
    owns: Vec<Ipv4Block>,
    plugged: bool,
}

impl Lan {
    pub(crate) fn new(hosts: &[HostPlan], wire: &WirePlan) -> Lan {
        let stations = hosts
            .iter()
            .map(|host| Station {
                mac: host.mac,
                address: host.address,
                owns: host.owns.clone(),
                plugged: true,
            })
            .collect::<Vec<_>>();
        let switched = hosts.len() > 2;
        let half = wire.delay / 2;
        let (near, far) = if switched { (half, wire.delay - half) } else { (wire.delay, Span::ZERO) };
        let pipes = |delay, count| vec![Pipe::new(delay, wire.rate, wire.queue); count];
        let mut lan = Lan {
            stations,
            up: pipes(near, hosts.len()),
            down: pipes(far, if switched { hosts.len() } else { 0 }),
            switch: switched.then(|| Switch::new(hosts.len() as u16)),
        };
        if !wire.arp {
            lan.introduce_everybody();
        }
        lan
    }

    /// Neighbours are known beforehand, so the switch has seen them all.
    fn introduce_everybody(&mut self) {
        let Some(switch) = &mut self.switch else { return };
        for (port, station) in self.stations.iter().enumerate() {
            let hello = [MacAddr::BROADCAST.0, station.mac.0].concat();
            switch.decide(Instant::ZERO, port as u16, &hello);
        }
    }

    /// Whose address it is.
    pub(crate) fn owner(&self, address: Ipv4Addr) -> Option<HostId> {
        let exact = self.stations.iter().position(|station| station.address == address);
        let place = exact.or_else(|| {
            self.stations
                .iter()
                .position(|station| station.owns.iter().any(|block| super::load::contains(*block, address)))
        });
        place.map(|index| HostId(index as u16))
    }

    pub(crate) fn mac(&self, host: HostId) -> MacAddr {
        self.stations[host.index()].mac
    }

    pub(crate) fn plugged(&self, host: HostId) -> bool {
        self.stations[host.index()].plugged
    }
    pub(crate) fn plug(&mut self, host: HostId, plugged: bool) {
        self.stations[host.index()].plugged = plugged;
    }

    /// What the card of an actor answers: somebody asks by ARP for an address of its own, or of the blocks it stands for.
    pub(crate) fn arp_answer(&self, host: HostId, frame: &Bytes) -> Option<Bytes> {
        let target = peek::arp_target(frame).filter(|target| self.owner(*target) == Some(host))?;
        let Body::Arp(asked) = wire::parse(frame).ok()?.body else { return None };
        if asked.operation != ArpOperation::Request {
            return None;
        }
        let mac = self.mac(host);
        let answer = ArpMessage {
            operation: ArpOperation::Reply,
            sender_mac: mac,
            sender_ip: target,
            target_mac: asked.sender_mac,
            target_ip: asked.sender_ip,
        };
        Some(wire::build(&Packet::arp(mac, asked.sender_mac, answer)))
    }

    /// Whether the card of `host` takes the frame: it is to its own address or to a group.
    pub(crate) fn takes(&self, host: HostId, frame: &Bytes) -> bool {
        destination_mac(frame).is_some_and(|mac| mac.is_group() || mac == self.mac(host))
    }

    /// The host's card sends: when and where the frame comes out.
    pub(crate) fn send(&mut self, now: Instant, from: HostId, len: usize) -> Result<(Instant, Way), Reason> {
        if !self.plugged(from) {
            return Err(Reason::LinkDown);
        }
        let way = match (&self.switch, self.stations.len()) {
            (Some(_), _) => Way::Switch,
            (None, 2) => Way::Host(HostId(1 - from.0.min(1))),
            (None, _) => return Err(Reason::NoReceiver),
        };
        self.up[from.index()].offer(now, len).map(|at| (at, way))
    }

    /// How many frames wait at the host's card, and how many may; `None` where none ever does.
    pub(crate) fn card(&self, now: Instant, host: HostId) -> Option<(u64, u64)> {
        let card = &self.up[host.index()];
        card.room().map(|room| (card.waiting(now) as u64, u64::from(room)))
    }

    /// The switch has the frame: when it comes out at which hosts. Empty if it knows that nobody is there.
    pub(crate) fn forward(
        &mut self,
        now: Instant,
        port: HostId,
        frame: &Bytes,
    ) -> Vec<(HostId, Result<Instant, Reason>)> {
        let Some(switch) = &mut self.switch else { return Vec::new() };
        let ports = switch.forward(now, port.0, frame);
        ports.map(|to| (HostId(to), self.down[usize::from(to)].offer(now, frame.len()))).collect()
    }
}

fn destination_mac(frame: &Bytes) -> Option<MacAddr> {
    frame.get(..6)?.try_into().ok().map(MacAddr)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lan(hosts: u16, delay: Span) -> Lan {
        let host = |n: u16| HostPlan {
            name: format!("h{n}"),
            address: Ipv4Addr::new(10, 0, 0, n as u8 + 1),
            mac: MacAddr::of_host(n + 1),
            actor: false,
            owns: if n == 0 {
                vec![Ipv4Block { base: Ipv4Addr::new(198, 18, 0, 0), prefix: 15 }]
            } else {
                Vec::new()
            },
            isn: None,
            sysctl: std::collections::BTreeMap::new(),
        };
        let wire = WirePlan { delay, delay_given: true, rate: None, queue: 100, mtu: 1500, arp: false };
        Lan::new(&(0..hosts).map(host).collect::<Vec<_>>(), &wire)
    }
    fn frame(from: u16, to: u16) -> Bytes {
        [MacAddr::of_host(to + 1).0, MacAddr::of_host(from + 1).0].concat().into()
    }

    #[test]
    fn two_hosts_share_one_wire_with_the_whole_delay() {
        let (at, way) = lan(2, Span::millis(9)).send(Instant::ZERO, HostId(1), 60).unwrap();
        assert_eq!(at, Instant::ZERO + Span::millis(9));
        assert!(matches!(way, Way::Host(HostId(0))));
    }

    #[test]
    fn over_the_switch_the_delay_is_the_same_to_the_nanosecond() {
        let mut lan = lan(3, Span::nanos(9));
        let (at, way) = lan.send(Instant::ZERO, HostId(2), 60).unwrap();
        assert!(matches!(way, Way::Switch));
        let out: Vec<_> = lan.forward(at, HostId(2), &frame(2, 1)).into_iter().collect();
        assert_eq!(out, [(HostId(1), Ok(Instant::from_nanos(9)))]);
    }

    #[test]
    fn an_unplugged_host_cannot_send_until_it_is_plugged_in_again() {
        let mut lan = lan(2, Span::ZERO);
        lan.plug(HostId(0), false);
        assert_eq!(lan.send(Instant::ZERO, HostId(0), 60).err(), Some(Reason::LinkDown));
        lan.plug(HostId(0), true);
        assert!(lan.send(Instant::ZERO, HostId(0), 60).is_ok());
    }

    #[test]
    fn addresses_and_blocks_have_their_owner() {
        let lan = lan(2, Span::ZERO);
        assert_eq!(lan.owner(Ipv4Addr::new(10, 0, 0, 2)), Some(HostId(1)));
        assert_eq!(lan.owner(Ipv4Addr::new(198, 19, 3, 4)), Some(HostId(0)));
        assert_eq!(lan.owner(Ipv4Addr::new(10, 0, 0, 3)), None);
    }
}
