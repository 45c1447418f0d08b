//! Duplicate acknowledgments made one: where many segments come behind a hole, the sender needs not hear of each. RFC 5681
//! section 4.2 asks for one ACK each; Linux sends three, and then one for many (its tcp_comp_sack settings).

use super::tcb::{Context, Tcb};
use super::{Reason, TimerKind};
use crate::clock::Span;
use crate::mib::Counter;
use crate::wire::Seq;

/// So many duplicates go at once in any case: they start fast retransmission (RFC 5681 section 3.2).
const AT_ONCE: u8 = 3;

/// What is held back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Compression {
    /// RCV.NXT when the duplicates began.
    at: Seq,
    /// Duplicates that went at once.
    said: u8,
    /// Duplicates held back since the last acknowledgment.
    held: u8,
}

impl Tcb {
    /// Whether the duplicate acknowledgment that is owed waits for others to join it.
    pub fn holds_duplicate(&mut self, cx: &mut Context<'_>, why: Reason) -> bool {
        if why == Reason::AckCompressed {
            return true;
        }
        let quick = self.ack.quick > 0 && !self.is_interactive(cx.profile);
        let behind_a_hole = why == Reason::AckOutOfOrder && self.recv.has_islands();
        let settings = &cx.profile.settings;
        let compression = &mut self.ack.compression;
        if quick
            || !behind_a_hole
            || !self.agreed.sack
            || i64::from(compression.held) >= settings.tcp_comp_sack_nr
        {
            return false;
        }
        if compression.at != self.rcv.nxt {
            (compression.at, compression.said) = (self.rcv.nxt, 0);
        }
        if compression.said < AT_ONCE {
            compression.said += 1;
            return false;
        }
        compression.held += 1;
        self.ack.owed = Some(Reason::AckCompressed);
        if !self.timers.runs(TimerKind::CompressedAck) {
            let most = Span::nanos(settings.tcp_comp_sack_delay_ns.max(0).unsigned_abs());
            let wait = self.rtt.srtt.map_or(most, |srtt| most.min(srtt / 20));
            self.timers.set(TimerKind::CompressedAck, cx.now + wait);
        }
        true
    }

    /// It has waited long enough.
    pub fn compressed_ack_due(&mut self, cx: &mut Context<'_>) {
        if self.ack.compression.held > 0 {
            // One of them goes now.
            self.ack.compression.held -= 1;
            self.emit_ack(cx, Reason::AckCompressed);
        }
    }

    /// An acknowledgment goes: it says all that those held back would have said.
    pub fn duplicates_said(&mut self, cx: &mut Context<'_>) {
        for _ in 0..std::mem::take(&mut self.ack.compression.held) {
            cx.fx.count(Counter::TCPAckCompressed);
        }
        self.timers.clear(TimerKind::CompressedAck);
    }
}
