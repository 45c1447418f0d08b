//! What was seen of one direction of a connection, in a fixed amount of memory, and what each segment of it is.

use super::glance::Tcp;
use crate::wire::{Flags, Seq};

/// Gaps kept in mind; of more, the oldest is forgotten.
const GAPS: usize = 4;

/// So many acknowledgments of the same octet in a row mean a loss (RFC 5681 section 3.2).
const DUPLICATES: u32 = 3;

/// What a segment is beside being new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Finding {
    /// It carries what was seen before.
    Retransmission,
    /// It fills a gap after the peer said three times that something is missing: sent again, and the first was not captured.
    UnseenOriginal,
    /// It fills a gap: it was overtaken on the way.
    OutOfOrder,
    /// It acknowledges again what it had acknowledged, while data is on its way.
    DuplicateAck,
    /// It says that there is no room.
    ZeroWindow,
    /// It asks whether there is room again.
    WindowProbe,
    /// It asks whether the peer is there.
    Keepalive,
    /// RST.
    Reset,
    /// It comes after octets that are not in the capture.
    AfterGap,
}

/// One direction of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Half {
    /// Frames.
    pub frames: u64,
    /// Octets of data, each counted once.
    pub octets: u64,
    /// Segments that repeat what was seen, or what the peer missed.
    pub retransmissions: u64,
    /// Segments that were overtaken.
    pub out_of_order: u64,
    /// Duplicate acknowledgments.
    pub duplicate_acks: u64,
    /// Times the window closed.
    pub zero_windows: u64,
    /// Probes of a closed window.
    pub window_probes: u64,
    /// Keepalive probes.
    pub keepalives: u64,
    /// Resets.
    pub resets: u64,
    /// Its SYN's number.
    pub syn: Option<Seq>,
    /// Whether that SYN came with ACK.
    pub answered: bool,
    /// After the last octet seen.
    next: Option<Seq>,
    /// Its latest acknowledgment, and window.
    acked: Option<(Seq, u16)>,
    /// Duplicate acknowledgments in a row.
    in_a_row: u32,
    gaps: [Option<(Seq, Seq)>; GAPS],
}

impl Half {
    /// Takes note of a segment and says what is remarkable about it.
    pub(super) fn see(&mut self, segment: &Tcp, peer: &Half) -> Option<Finding> {
        self.frames += 1;
        if segment.has(Flags::RST) {
            self.resets += 1;
            return Some(Finding::Reset);
        }
        let finding = match segment.len() {
            0 => self.bare(segment, peer),
            _ => self.octets(segment, peer),
        };
        if segment.has(Flags::SYN) && self.syn.is_none() {
            (self.syn, self.answered) = (Some(segment.seq), segment.has(Flags::ACK));
        }
        if segment.has(Flags::ACK) {
            if self.acked.is_some_and(|(ack, _)| segment.ack.after(ack)) {
                self.in_a_row = 0;
            }
            // The window of a segment that was overtaken is old.
            if self.acked.is_none_or(|(ack, _)| segment.ack.at_or_after(ack)) {
                self.acked = Some((segment.ack, segment.window));
            }
        }
        match finding {
            Some(Finding::Retransmission | Finding::UnseenOriginal) => self.retransmissions += 1,
            Some(Finding::OutOfOrder) => self.out_of_order += 1,
            Some(Finding::DuplicateAck) => {
                self.duplicate_acks += 1;
                self.in_a_row += 1;
            }
            Some(Finding::ZeroWindow) => self.zero_windows += 1,
            Some(Finding::WindowProbe) => self.window_probes += 1,
            Some(Finding::Keepalive) => self.keepalives += 1,
            Some(Finding::Reset | Finding::AfterGap) | None => {}
        }
        finding
    }

    /// A segment that occupies no number.
    fn bare(&mut self, segment: &Tcp, peer: &Half) -> Option<Finding> {
        if self.next.is_some_and(|next| segment.seq + 1 == next) {
            return Some(peer.probed());
        }
        self.next.get_or_insert(segment.seq);
        let (ack, window) = self.acked.filter(|_| segment.has(Flags::ACK))?;
        if segment.window == 0 && (window != 0 || ack != segment.ack) {
            return Some(Finding::ZeroWindow);
        }
        let waited_for = peer.next.is_some_and(|next| next.after(segment.ack));
        (waited_for && segment.ack == ack && segment.window == window).then_some(Finding::DuplicateAck)
    }

    /// What a segment just below the next number asks of this side.
    fn probed(&self) -> Finding {
        if self.acked.is_some_and(|(_, window)| window == 0) {
            Finding::WindowProbe
        } else {
            Finding::Keepalive
        }
    }

    /// A segment with data, SYN or FIN.
    fn octets(&mut self, segment: &Tcp, peer: &Half) -> Option<Finding> {
        let (start, end) = (segment.seq, segment.end());
        let Some(next) = self.next else {
            self.next = Some(end);
            self.octets += u64::from(segment.data);
            return None;
        };
        let closed = peer.acked.is_some_and(|(_, window)| window == 0);
        let acknowledged = peer.acked.is_some_and(|(ack, _)| end.at_or_before(ack));
        if start.at_or_after(next) {
            self.next = Some(end);
            self.octets += u64::from(segment.data);
            if start == next {
                return (closed && segment.len() == 1 && segment.data == 1).then_some(Finding::WindowProbe);
            }
            self.gaps.rotate_right(1);
            self.gaps[0] = Some((next, start));
            return Some(Finding::AfterGap);
        }
        if segment.len() == 1 && segment.data == 1 && end == next && (closed || acknowledged) {
            return Some(peer.probed());
        }
        let filled = self.fill(start, end);
        if end.after(next) {
            // Part of it was seen before, the rest is new.
            self.octets += u64::from(end - next).min(u64::from(segment.data));
            self.next = Some(end);
        }
        self.octets += filled;
        Some(match filled {
            0 => Finding::Retransmission,
            _ if peer.in_a_row >= DUPLICATES => Finding::UnseenOriginal,
            _ => Finding::OutOfOrder,
        })
    }

    /// Takes these octets out of the gaps; says how many of them were missing.
    fn fill(&mut self, start: Seq, end: Seq) -> u64 {
        let mut filled = 0;
        for at in 0..GAPS {
            let Some((low, high)) = self.gaps[at] else { continue };
            let (from, to) = (low.max(start), high.min(end));
            if !from.before(to) {
                continue;
            }
            filled += u64::from(to - from);
            let (before, after) = (low.before(from), to.before(high));
            self.gaps[at] = match (before, after) {
                (true, _) => Some((low, from)),
                (false, true) => Some((to, high)),
                (false, false) => None,
            };
            if before
                && after
                && let Some(free) = self.gaps.iter().position(Option::is_none)
            {
                self.gaps[free] = Some((to, high));
            }
        }
        filled
    }
}
