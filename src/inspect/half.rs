//! What was seen of one direction of a connection, in a fixed amount of memory, and what each segment of it is.

use super::finding::Finding;
use super::gaps::Gaps;
use super::glance::Tcp;
use super::repair::{Asking, Distance, LEAST_TIMEOUT, Moment};
use crate::wire::{Flags, Seq};

/// An acknowledgment of octets that nobody saw is believed up to so many of them, where the window is not known.
const BELIEVED: u32 = 1 << 20;

/// One direction of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Half {
    /// Frames.
    pub frames: u64,
    /// Octets of data, each counted once.
    pub octets: u64,
    /// Segments that repeat what was seen, or what the peer missed.
    pub retransmissions: u32,
    /// Of these: after three duplicate acknowledgments, and until all was acknowledged that was under way then.
    pub fast: u32,
    /// Of these: after silence, and until all was acknowledged that was under way then.
    pub timeouts: u32,
    /// Of these: what had been acknowledged already.
    pub spurious: u32,
    /// Segments that were overtaken.
    pub out_of_order: u32,
    /// Duplicate acknowledgments.
    pub duplicate_acks: u32,
    /// Times the window closed.
    pub zero_windows: u32,
    /// Segments that fill the peer's window to its last octet.
    pub windows_filled: u32,
    /// Probes of a closed window.
    pub window_probes: u32,
    /// Keepalive probes.
    pub keepalives: u32,
    /// Resets.
    pub resets: u32,
    /// Octets that the peer acknowledged and that no frame of the capture carries.
    pub uncaptured: u64,
    /// Its SYN's number.
    pub syn: Option<Seq>,
    /// How often that SYN was sent.
    pub syns: u32,
    /// Whether that SYN came with ACK.
    pub answered: bool,
    /// Whether it sent FIN.
    pub fin: bool,
    /// The window scale of its SYN, if that had one.
    scale: Option<u8>,
    /// After the last octet seen.
    next: Option<Seq>,
    /// The most octets of data that a segment of its carried.
    largest: u32,
    /// When its retransmission timer last started for something it sent: the first that was under way, or what went again.
    timer: u64,
    /// Its latest acknowledgment, and window as on the wire.
    acked: Option<(Seq, u16)>,
    /// After the last octet it has room for; `None` while the scale of its window is not known.
    edge: Option<Seq>,
    asking: Asking,
    gaps: Gaps,
}

/// What a segment tells beside what it carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// What is remarkable about the segment.
    pub finding: Option<Finding>,
    /// Octets of the other side that it acknowledges and that were never seen: the first one's number, and how many.
    pub uncaptured: Option<(Seq, u32)>,
}

impl Half {
    /// Takes note of a segment sent at that time, and says what is remarkable about it. `distance` is how long the opening
    /// took.
    pub(super) fn see(
        &mut self,
        segment: &Tcp,
        at: u64,
        distance: Option<Distance>,
        peer: &mut Half,
    ) -> Remark {
        self.frames += 1;
        if segment.has(Flags::RST) {
            self.resets += 1;
            return Remark { finding: Some(Finding::Reset), uncaptured: None };
        }
        let finding = match segment.len() {
            0 => self.bare(segment, at, peer),
            _ => self.octets(segment, at, distance, peer),
        };
        if segment.has(Flags::SYN) {
            if self.syn.is_none() {
                (self.syn, self.answered) = (Some(segment.seq), segment.has(Flags::ACK));
            }
            self.syns += u32::from(self.syn == Some(segment.seq));
            self.scale = segment.scale;
        }
        self.fin |= segment.has(Flags::FIN);
        let uncaptured = segment.has(Flags::ACK).then(|| self.acknowledge(segment, at, peer)).flatten();
        let finding = finding.or(uncaptured.map(|_| Finding::AckOfUnseen));
        self.count(finding);
        Remark { finding, uncaptured }
    }

    /// When its retransmission timer last started.
    pub(super) fn timer(&self) -> u64 {
        self.timer
    }

    fn count(&mut self, finding: Option<Finding>) {
        let Some(finding) = finding else { return };
        self.retransmissions += u32::from(finding.is_retransmission());
        match finding {
            Finding::FastRetransmission => self.fast += 1,
            Finding::Timeout => self.timeouts += 1,
            Finding::Spurious => self.spurious += 1,
            Finding::OutOfOrder => self.out_of_order += 1,
            Finding::DuplicateAck => self.duplicate_acks += 1,
            Finding::ZeroWindow => self.zero_windows += 1,
            Finding::WindowFull => self.windows_filled += 1,
            Finding::WindowProbe => self.window_probes += 1,
            Finding::Keepalive => self.keepalives += 1,
            Finding::Retransmission
            | Finding::UnseenOriginal
            | Finding::AfterGap
            | Finding::AckOfUnseen
            | Finding::Reset => {}
        }
    }

    /// Takes note of what the segment acknowledges; what of it was never seen.
    fn acknowledge(&mut self, segment: &Tcp, at: u64, peer: &mut Half) -> Option<(Seq, u32)> {
        let (before, _) = self.acked.unwrap_or((segment.ack, 0));
        let first = self.acked.is_none();
        if segment.ack.before(before) {
            // It was overtaken: its window is old.
            return None;
        }
        let believed = match self.edge {
            Some(edge) => segment.ack.at_or_before(edge) || peer.fin,
            None => peer.next.is_none_or(|next| segment.ack - next <= BELIEVED),
        };
        if first || segment.ack.after(before) {
            self.asking.move_on(at);
        }
        self.asking.report(segment, peer.largest, at);
        self.acked = Some((segment.ack, segment.window));
        self.edge =
            self.scale_of(segment, peer).map(|shift| segment.ack + (u32::from(segment.window) << shift));
        let next = peer.next?;
        let mut unseen = peer.gaps.acknowledged(segment.ack);
        if segment.ack.after(next) {
            if !believed {
                return unseen.inspect(|(_, octets)| peer.uncaptured += u64::from(*octets));
            }
            let octets = segment.ack - next;
            unseen = Some(unseen.map_or((next, octets), |(first, before)| (first, before + octets)));
            peer.next = Some(segment.ack);
        }
        unseen.inspect(|(_, octets)| peer.uncaptured += u64::from(*octets))
    }

    /// By how much the window of this segment is to be shifted; `None` if that is not known.
    fn scale_of(&self, segment: &Tcp, peer: &Half) -> Option<u8> {
        if segment.has(Flags::SYN) {
            return Some(0);
        }
        self.syn.and(peer.syn)?;
        Some(self.scale.filter(|_| peer.scale.is_some()).unwrap_or(0).min(14))
    }

    /// A segment that occupies no number.
    fn bare(&mut self, segment: &Tcp, at: u64, peer: &Half) -> Option<Finding> {
        if self.next.is_some_and(|next| segment.seq + 1 == next) {
            return Some(peer.probed());
        }
        self.next.get_or_insert(segment.seq);
        let (ack, window) = self.acked.filter(|_| segment.has(Flags::ACK))?;
        if segment.window == 0 && (window != 0 || ack != segment.ack) {
            return Some(Finding::ZeroWindow);
        }
        let waited_for = peer.next.is_some_and(|next| next.after(segment.ack));
        if waited_for && segment.ack == ack && segment.window == window {
            self.asking.repeat(at);
            return Some(Finding::DuplicateAck);
        }
        None
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
    fn octets(&mut self, segment: &Tcp, at: u64, distance: Option<Distance>, peer: &Half) -> Option<Finding> {
        let (start, end) = (segment.seq, segment.end());
        self.largest = self.largest.max(segment.data);
        let Some(next) = self.next else {
            self.next = Some(end);
            self.timer = at;
            self.octets += u64::from(segment.data);
            return None;
        };
        let closed = peer.acked.is_some_and(|(_, window)| window == 0);
        let acked = peer.acked.map(|(ack, _)| ack);
        let acknowledged = acked.is_some_and(|ack| end.at_or_before(ack));
        // RFC 6298 section 5.1: the timer starts when it does not run; and anew with what goes again (5.5, 5.6).
        let starts = start.before(next) || acked.is_some_and(|ack| ack.at_or_after(next));
        let timer = if starts { std::mem::replace(&mut self.timer, at) } else { self.timer };
        if start.at_or_after(next) {
            self.next = Some(end);
            self.octets += u64::from(segment.data);
            if start != next {
                self.gaps.open(next, start, at);
                return Some(Finding::AfterGap);
            }
            if closed && segment.len() == 1 && segment.data == 1 {
                return Some(Finding::WindowProbe);
            }
            return (segment.data > 0 && peer.edge == Some(end)).then_some(Finding::WindowFull);
        }
        if segment.len() == 1 && segment.data == 1 && end == next && (closed || acknowledged) {
            return Some(peer.probed());
        }
        let filled = self.gaps.fill(start, end);
        if end.after(next) {
            // Part of it was seen before, the rest is new.
            self.octets += u64::from(end - next).min(u64::from(segment.data));
            self.next = Some(end);
        }
        self.octets += filled.octets;
        if filled.octets > 0 {
            let waited = at.saturating_sub(filled.since);
            let overtaken = peer.asking.since().is_none()
                && waited < LEAST_TIMEOUT
                && distance.is_none_or(|distance| waited < distance.round_trip.max(1_000_000));
            return Some(if overtaken { Finding::OutOfOrder } else { Finding::UnseenOriginal });
        }
        // A SYN or FIN goes again only if the answer to it did not come: that is never in vain.
        if acknowledged && segment.data > 0 {
            return Some(Finding::Spurious);
        }
        let moment = Moment { at, timer, distance };
        Some(moment.judge((start, end), next, self.asking.repair(acked), &peer.asking))
    }
}
