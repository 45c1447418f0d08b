//! Bulk transfers: the stream is compared, not each segment.

use super::frames::{BULK, excerpt};
use super::side::{Group, Side};
use super::tally::{Finding, Subject, Tally};
use crate::lang::Text;
use crate::link::HostId;
use crate::report::seen::name;
use crate::wire::Flags;
use std::collections::BTreeMap;

/// Whether the flow carries so much that its segments are not compared one by one.
pub(super) fn is_bulk(side: &Side<'_>, group: &Group) -> bool {
    let data = |place: &&usize| {
        side.seen.get(**place).is_some_and(|seen| seen.segment().is_some() && !seen.text().is_empty())
    };
    group.frames.iter().filter(data).count() > BULK
}

/// What one direction of a flow comes to.
#[derive(Default)]
struct Stream {
    octets: BTreeMap<u32, u8>,
    largest: usize,
    mss_of_peer: Option<u16>,
    mss_sent: Option<u16>,
    acks_go_back: bool,
    last_ack: Option<u32>,
    ended_with: Flags,
}

/// The same byte stream each way, no segment above the MSS, ACKs that never go back, the same end.
pub(super) fn compare(simulated: &Side<'_>, live: &Side<'_>, left: &Group, right: &Group, tally: &mut Tally) {
    let (lefts, rights) = (streams(simulated, left), streams(live, right));
    let mut senders: Vec<Option<HostId>> = lefts.keys().chain(rights.keys()).copied().collect();
    senders.sort_unstable();
    senders.dedup();
    let empty = Stream::default();
    for sender in senders {
        let (one, other) = (lefts.get(&sender).unwrap_or(&empty), rights.get(&sender).unwrap_or(&empty));
        let from = name(simulated.trace, sender);
        let stream = |stream: &Stream| stream.octets.values().copied().collect::<Vec<u8>>();
        let (sent, received) = (stream(one), stream(other));
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
        tally.check(one.ended_with == other.ended_with, || {
            let what = Text::new(format!("how {from} ended"), format!("{from} 如何结束"));
            Finding::new(Subject::Field, what, one.ended_with.to_string(), other.ended_with.to_string())
        });
    }
}

fn streams(side: &Side<'_>, group: &Group) -> BTreeMap<Option<HostId>, Stream> {
    let mut streams: BTreeMap<Option<HostId>, Stream> = BTreeMap::new();
    for seen in group.frames.iter().filter_map(|place| side.seen.get(*place)) {
        let (Some(segment), Some(relative)) = (seen.segment(), seen.relative) else { continue };
        let stream = streams.entry(seen.frame.from).or_default();
        for (offset, octet) in (0_u32..).zip(segment.payload.iter()) {
            stream.octets.insert(relative.seq.wrapping_add(offset), *octet);
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
    }
    let offered: Vec<(Option<HostId>, Option<u16>)> =
        streams.iter().map(|(sender, stream)| (*sender, stream.mss_sent)).collect();
    for (sender, stream) in &mut streams {
        stream.mss_of_peer = offered.iter().find(|(other, _)| other != sender).and_then(|(_, mss)| *mss);
    }
    streams
}
