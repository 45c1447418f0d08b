//! Sequence numbers as people read them: counted from the initial number of their direction.

use crate::wire::{Flags, Segment, Seq, TcpOption};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// The initial numbers seen so far, per direction. Several, because the same two ports may connect again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbering {
    initial: BTreeMap<(SocketAddr, SocketAddr), Initial>,
    /// Initial numbers seen in all.
    seen: u64,
}

/// The initial numbers of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Initial {
    /// In the order they were seen.
    numbers: Vec<Seq>,
    /// How many had been seen in all when the latest came.
    latest: u64,
    /// TSval of what was sent last that has one.
    stamp: Option<u32>,
}

/// A segment's numbers counted from the initial ones; absolute where none is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relative {
    /// SEG.SEQ less its base.
    pub seq: u32,
    /// The initial number `seq` counts from; `None`: `seq` is absolute.
    pub seq_base: Option<Seq>,
    /// SEG.ACK less its base; `None` without the ACK flag.
    pub ack: Option<u32>,
    /// The initial number `ack` counts from; `None`: `ack` is absolute.
    pub ack_base: Option<Seq>,
}

impl Numbering {
    /// Nothing seen yet.
    pub fn new() -> Numbering {
        Numbering::default()
    }

    /// Takes note of a segment as it is sent from `source` to `destination`, and gives its relative numbers.
    pub fn see(&mut self, source: SocketAddr, destination: SocketAddr, segment: &Segment) -> Relative {
        if segment.flags.has(Flags::SYN) && !segment.flags.has(Flags::RST) {
            let seen = self.initial.entry((source, destination)).or_default();
            if seen.numbers.last() != Some(&segment.seq) {
                seen.numbers.retain(|isn| *isn != segment.seq);
                seen.numbers.push(segment.seq);
                self.seen += 1;
                seen.latest = self.seen;
            }
        }
        if let Some(value) = stamp_of(segment)
            && let Some(seen) = self.initial.get_mut(&(source, destination))
        {
            seen.stamp = Some(value);
        }
        self.relative(source, destination, segment)
    }

    /// The relative numbers of a segment, by what has been seen so far.
    pub fn relative(&self, source: SocketAddr, destination: SocketAddr, segment: &Segment) -> Relative {
        // The RST with which a closed port answers a segment without ACK has sequence number zero
        // (RFC 9293 section 3.10.7.1): it belongs to no connection, so it is never counted from one.
        let unconnected = segment.flags.has(Flags::RST) && segment.seq == Seq(0);
        let seq_base = if unconnected { None } else { self.base((source, destination), segment.seq) };
        let has_ack = segment.flags.has(Flags::ACK);
        let ack_base = if has_ack { self.base((destination, source), segment.ack) } else { None };
        Relative {
            seq: seq_base.map_or(segment.seq.0, |isn| segment.seq - isn),
            seq_base,
            ack: has_ack.then(|| ack_base.map_or(segment.ack.0, |isn| segment.ack - isn)),
            ack_base,
        }
    }

    /// The latest initial number of the direction from `source` to `destination`.
    pub fn initial(&self, source: SocketAddr, destination: SocketAddr) -> Option<Seq> {
        self.initial.get(&(source, destination))?.numbers.last().copied()
    }

    /// The timestamp (TSval) that was last sent from `source` to `destination`.
    pub fn stamp(&self, source: SocketAddr, destination: SocketAddr) -> Option<u32> {
        self.initial.get(&(source, destination))?.stamp
    }

    /// The direction that last began a connection, of those that `fits` accepts.
    pub fn latest(&self, fits: impl Fn(SocketAddr, SocketAddr) -> bool) -> Option<(SocketAddr, SocketAddr)> {
        let fitting = self.initial.iter().filter(|((source, destination), _)| fits(*source, *destination));
        fitting.max_by_key(|(_, initial)| initial.latest).map(|(direction, _)| *direction)
    }

    /// Of the direction's initial numbers, the one the number lies closest behind; the latest if equal.
    fn base(&self, direction: (SocketAddr, SocketAddr), number: Seq) -> Option<Seq> {
        self.initial.get(&direction)?.numbers.iter().rev().copied().min_by_key(|isn| number - *isn)
    }
}

/// TSval of a segment that has one.
fn stamp_of(segment: &Segment) -> Option<u32> {
    if let Some((value, _)) = segment.options.only_timestamps() {
        return Some(value);
    }
    segment.options.iter().find_map(|option| match option {
        TcpOption::Timestamps { value, .. } => Some(value),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends() -> (SocketAddr, SocketAddr) {
        ("10.0.0.1:49152".parse().unwrap(), "10.0.0.2:8080".parse().unwrap())
    }
    fn segment(flags: &str, seq: u32, ack: u32) -> Segment {
        Segment {
            flags: Flags::from_letters(flags).unwrap(),
            seq: Seq(seq),
            ack: Seq(ack),
            ..Segment::default()
        }
    }

    #[test]
    fn a_handshake_counts_from_zero_on_both_sides() {
        let (client, server) = ends();
        let mut numbering = Numbering::new();
        let syn = numbering.see(client, server, &segment("S", 1_234_567, 0));
        assert_eq!((syn.seq, syn.ack), (0, None));
        let syn_ack = numbering.see(server, client, &segment("SA", 7_654_321, 1_234_568));
        assert_eq!((syn_ack.seq, syn_ack.ack), (0, Some(1)));
        let ack = numbering.see(client, server, &segment("A", 1_234_568, 7_654_322));
        assert_eq!((ack.seq, ack.ack), (1, Some(1)));
    }

    #[test]
    fn the_rst_of_a_closed_port_keeps_its_absolute_zero() {
        let (client, server) = ends();
        let mut numbering = Numbering::new();
        numbering.see(client, server, &segment("S", 77, 0));
        let rst = numbering.see(server, client, &segment("RA", 0, 78));
        assert_eq!((rst.seq, rst.seq_base, rst.ack), (0, None, Some(1)));
    }

    #[test]
    fn a_second_connection_on_the_same_ports_counts_anew_while_the_old_numbers_stay_known() {
        let (client, server) = ends();
        let mut numbering = Numbering::new();
        numbering.see(client, server, &segment("S", 1_000, 0));
        numbering.see(server, client, &segment("SA", 50_000, 1_001));
        assert_eq!(numbering.see(client, server, &segment("S", 900_000, 0)).seq, 0);
        let late = numbering.see(server, client, &segment("A", 50_006, 1_007));
        assert_eq!((late.seq, late.ack), (6, Some(7)));
        assert_eq!(numbering.see(client, server, &segment("A", 900_001, 50_007)).seq, 1);
    }

    #[test]
    fn a_repeated_syn_changes_nothing_and_numbers_wrap() {
        let (client, server) = ends();
        let mut numbering = Numbering::new();
        for _ in 0..2 {
            assert_eq!(numbering.see(client, server, &segment("S", u32::MAX, 0)).seq, 0);
        }
        assert_eq!(numbering.see(client, server, &segment("A", 9, 0)).seq, 10);
    }

    #[test]
    fn numbers_without_a_known_syn_stay_absolute() {
        let (client, server) = ends();
        let stray = Numbering::new().see(client, server, &segment("A", 5, 6));
        assert_eq!((stray.seq, stray.seq_base, stray.ack, stray.ack_base), (5, None, Some(6), None));
    }
}
