//! Floods of forged SYNs, made one at a time as they are due: ten million are never scheduled ahead.

use crate::clock::{Draws, Instant, Span};
use crate::link::HostId;
use crate::scenario;
use crate::socket::ProcessId;
use crate::wire::{Flags, Ipv4Packet, MacAddr, Packet, Segment, Seq, TcpOption, Transport, build};
use bytes::Bytes;
use std::net::Ipv4Addr;

/// Lowest port a forged SYN comes from, and how many there are.
const FIRST_PORT: u64 = 1024;
const PORTS: u64 = 65536 - FIRST_PORT;

/// A flood under way.
#[derive(Clone, Debug)]
pub(crate) struct Flood {
    plan: scenario::Flood,
    started: Instant,
    sent: u64,
    pub(crate) process: ProcessId,
    pub(crate) host: HostId,
    source: MacAddr,
    destination: MacAddr,
    draws: Draws,
}

impl Flood {
    pub(crate) fn new(
        plan: scenario::Flood,
        started: Instant,
        process: ProcessId,
        (host, source): (HostId, MacAddr),
        destination: MacAddr,
        draws: Draws,
    ) -> Flood {
        Flood { plan, started, sent: 0, process, host, source, destination, draws }
    }

    /// When the next SYN is due, if the flood still lasts then.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        let per_second = u128::from(self.plan.per_second.max(1));
        let offset = u128::from(self.sent) * 1_000_000_000 / per_second;
        let offset = Span::nanos(u64::try_from(offset).unwrap_or(u64::MAX));
        (offset < self.plan.lasting).then(|| self.started + offset)
    }

    /// When the flood is over.
    pub(crate) fn ends_at(&self) -> Instant {
        self.started + self.plan.lasting
    }

    /// Makes the next SYN.
    pub(crate) fn next_frame(&mut self) -> Bytes {
        let (address, port) = source(self.plan.from, self.sent);
        let isn = self.draws.draw("flood isn", u64::from(self.host.0), self.sent) as u32;
        self.sent += 1;
        let segment = Segment {
            source_port: port,
            destination_port: self.plan.to.port(),
            seq: Seq(isn),
            flags: Flags::SYN,
            window: 64_240,
            options: [TcpOption::Mss(1460)].into(),
            ..Segment::default()
        };
        let packet = Ipv4Packet::new(address, *self.plan.to.ip(), Transport::Tcp(segment));
        build(&Packet::ipv4(self.source, self.destination, packet))
    }
}

/// Address and port the `n`-th SYN claims to come from: the block's addresses in order, each time round with
/// other ports, so that no two are alike before every address has used every port.
fn source(block: scenario::Ipv4Block, n: u64) -> (Ipv4Addr, u16) {
    let size = 1_u64 << (32 - u32::from(block.prefix.min(32)));
    // A block's first and last address name the network and everybody in it.
    let usable = if size > 2 { size - 2 } else { size };
    let offset = n % usable + u64::from(size > 2);
    let round = n / usable;
    let network = u64::from(u32::from(block.base)) & !(size - 1);
    let port = FIRST_PORT + (offset + round) % PORTS;
    (Ipv4Addr::from((network + offset) as u32), port as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Ipv4Block;
    use std::collections::HashSet;

    #[test]
    fn forged_sources_stay_in_their_block_and_do_not_repeat() {
        for prefix in [15, 24, 30, 32] {
            let block = Ipv4Block { base: Ipv4Addr::new(198, 18, 0, 7), prefix };
            let count = if prefix < 30 { 400_000 } else { PORTS };
            let sources: Vec<_> = (0..count).map(|n| source(block, n)).collect();
            assert!(sources.iter().all(|(address, _)| super::super::load::contains(block, *address)));
            assert_eq!(sources.iter().collect::<HashSet<_>>().len(), sources.len(), "/{prefix}");
        }
    }

    #[test]
    fn a_flood_keeps_its_rate_and_ends() {
        let plan = scenario::Flood {
            to: "10.0.0.2:80".parse().unwrap(),
            per_second: 3,
            lasting: Span::secs(1),
            from: Ipv4Block { base: Ipv4Addr::new(198, 18, 0, 0), prefix: 15 },
        };
        let ends = (HostId(0), MacAddr::of_host(1));
        let start = Instant::from_nanos(5);
        let mut flood = Flood::new(plan, start, ProcessId(0), ends, MacAddr::of_host(2), Draws::new(1));
        let mut times = Vec::new();
        while let Some(at) = flood.next_at() {
            times.push(at.as_nanos());
            flood.next_frame();
        }
        assert_eq!(times, [5, 333_333_338, 666_666_671]);
        assert_eq!(flood.ends_at(), start + Span::secs(1));
    }
}
