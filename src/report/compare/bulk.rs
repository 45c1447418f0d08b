//! Bulk transfers: what the bytes of each direction come to, however they are cut and acknowledged.

use super::frames::excerpt;
use super::side::{Group, Side};
use super::tally::{Finding, Subject, Tally};
use crate::lang::Text;
use crate::link::HostId;
use crate::report::seen::name;
use crate::wire::{Flags, TcpOption};
use bytes::Bytes;
use std::collections::BTreeMap;

/// What one direction of a flow comes to.
#[derive(Default)]
struct Stream {
    /// Segments by where they begin; of two that begin alike the longer one.
    pieces: BTreeMap<u32, Bytes>,
    largest: usize,
    mss_of_peer: Option<u16>,
    mss_sent: Option<u16>,
    acks_go_back: bool,
    last_ack: Option<u32>,
    /// What it reported to have out of order, as ranges of the peer's stream, joined.
    sacked: BTreeMap<u32, u32>,
    ended_with: Flags,
}

impl Stream {
    /// Every octet once, in order.
    fn octets(&self) -> Vec<u8> {
        let (mut octets, mut next) = (Vec::new(), 0_u32);
        for (start, piece) in &self.pieces {
            let known = next.saturating_sub(*start) as usize;
            if let Some(new) = piece.get(known..).filter(|new| !new.is_empty()) {
                octets.extend_from_slice(new);
                next = start.wrapping_add(piece.len() as u32);
            }
        }
        octets
    }

    /// Adds a range, joined with those it touches.
    fn sack(&mut self, mut low: u32, mut high: u32) {
        let touching: Vec<(u32, u32)> =
            self.sacked.range(..=high).filter(|(_, end)| **end >= low).map(|(at, end)| (*at, *end)).collect();
        for (at, end) in touching {
            self.sacked.remove(&at);
            (low, high) = (low.min(at), high.max(end));
        }
        self.sacked.insert(low, high);
    }
}

/// The same byte stream each way, no segment above the MSS, ACKs that never go back and end at the same place, the same
/// ranges reported out of order, the same end.
pub(super) fn compare(simulated: &Side<'_>, live: &Side<'_>, left: &Group, right: &Group, tally: &mut Tally) {
    let (lefts, rights) = (streams(simulated, left), streams(live, right));
    let mut senders: Vec<Option<HostId>> = lefts.keys().chain(rights.keys()).copied().collect();
    senders.sort_unstable();
    senders.dedup();
    let empty = Stream::default();
    for sender in senders {
        let (one, other) = (lefts.get(&sender).unwrap_or(&empty), rights.get(&sender).unwrap_or(&empty));
        compare_streams(name(simulated.trace, sender), one, other, tally);
    }
}

fn compare_streams(from: &str, one: &Stream, other: &Stream, tally: &mut Tally) {
    let (sent, received) = (one.octets(), other.octets());
    tally.check(sent == received, || {
        let what = Text::new(format!("stream sent by {from}"), format!("{from} 发送的字节流"));
        Finding::new(Subject::Octets, what, excerpt(&sent), excerpt(&received))
    });
    for (side, label_en, label_zh) in [(one, "simulated", "模拟"), (other, "live", "内核")] {
        let fits = side.mss_of_peer.is_none_or(|mss| side.largest <= usize::from(mss));
        tally.check(fits, || {
            let what = Text::new(
                format!("largest segment of {from} ({label_en}) within the MSS"),
                format!("{from} 最大的报文段（{label_zh}）不超过 MSS"),
            );
            let mss = side.mss_of_peer.map_or_else(|| "-".to_owned(), |mss| mss.to_string());
            Finding::new(Subject::Field, what, mss, side.largest.to_string())
        });
        tally.check(!side.acks_go_back, || {
            let what = Text::new(
                format!("ACKs of {from} ({label_en}) never go back"),
                format!("{from} 的确认号（{label_zh}）从不后退"),
            );
            Finding::new(Subject::Field, what, "-", "-")
        });
    }
    let number = |ack: Option<u32>| ack.map_or_else(|| "-".to_owned(), |ack| ack.to_string());
    tally.check(one.last_ack == other.last_ack, || {
        let what = Text::new(format!("last ACK of {from}"), format!("{from} 的最后一个确认号"));
        Finding::new(Subject::Field, what, number(one.last_ack), number(other.last_ack))
    });
    tally.check(one.sacked == other.sacked, || {
        let what =
            Text::new(format!("ranges that {from} reported by SACK"), format!("{from} 用 SACK 报告过的范围"));
        Finding::new(Subject::Field, what, ranges(&one.sacked), ranges(&other.sacked))
    });
    tally.check(one.ended_with == other.ended_with, || {
        let what = Text::new(format!("how {from} ended"), format!("{from} 如何结束"));
        Finding::new(Subject::Field, what, one.ended_with.to_string(), other.ended_with.to_string())
    });
}

fn ranges(ranges: &BTreeMap<u32, u32>) -> String {
    let all: Vec<String> = ranges.iter().map(|(low, high)| format!("{low}..{high}")).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(" ") }
}

fn streams(side: &Side<'_>, group: &Group) -> BTreeMap<Option<HostId>, Stream> {
    let mut streams: BTreeMap<Option<HostId>, Stream> = BTreeMap::new();
    for seen in group.frames.iter().filter_map(|place| side.seen.get(*place)) {
        let (Some(segment), Some(relative)) = (seen.segment(), seen.relative) else { continue };
        let stream = streams.entry(seen.frame.from).or_default();
        if !segment.payload.is_empty() {
            let piece = stream.pieces.entry(relative.seq).or_default();
            if piece.len() < segment.payload.len() {
                *piece = segment.payload.clone();
            }
        }
        stream.largest = stream.largest.max(segment.payload.len());
        stream.mss_sent = stream.mss_sent.or(segment.mss());
        for flag in [Flags::FIN, Flags::RST] {
            if segment.flags.has(flag) {
                stream.ended_with |= flag;
            }
        }
        // Only as long as nothing is reordered can an ACK that goes back be told; on one sender's own wire it is.
        if let Some(ack) = relative.ack {
            stream.acks_go_back |= stream.last_ack.is_some_and(|last| ack < last);
            stream.last_ack = Some(ack);
        }
        if let Some(base) = relative.ack_base {
            for option in segment.options.iter() {
                let TcpOption::Sack(blocks) = option else { continue };
                for (low, high) in blocks.iter() {
                    stream.sack(*low - base, *high - base);
                }
            }
        }
    }
    let offered: Vec<(Option<HostId>, Option<u16>)> =
        streams.iter().map(|(sender, stream)| (*sender, stream.mss_sent)).collect();
    for (sender, stream) in &mut streams {
        stream.mss_of_peer = offered.iter().find(|(other, _)| other != sender).and_then(|(_, mss)| *mss);
    }
    streams
}
