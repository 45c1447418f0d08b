//! What goes again: lost segments in order, small ones run together, and the holes that only SACK shows.

use super::super::Reason;
use super::super::options::timestamp_now;
use super::super::tcb::{Context, Tcb};
use super::Phase;
use crate::mib::Counter;
use crate::wire::Seq;

impl Tcb {
    /// Sends again what is lost, as far as the congestion window allows (RFC 6675 section 4, NextSeg rule 1).
    pub fn resend_lost(&mut self, cx: &mut Context<'_>) {
        if self.by_states(cx.profile) {
            // What an acknowledgment or a timer found lost went then.
            return;
        }
        if self.recovery.frto && self.snd.nxt.after(self.recovery.recover) {
            // The next acknowledgment tells whether anything is lost at all.
            return;
        }
        self.no_burst_again();
        while self.recovery.phase != Phase::Open && self.pipe() < self.cc.controller().window() {
            let Some(from) = self.flight.next_lost() else { break };
            self.burst_again(cx, from);
            if self.recovery.phase == Phase::Fast {
                self.resend_fast(cx, from);
            } else {
                self.resend(cx, from, Reason::RetransmitLost);
            }
        }
    }

    /// With nothing new to send, holes not yet taken for lost go again, and at last the end (RFC 6675 section 4, NextSeg
    /// rules 3 and 4).
    pub fn fill_holes(&mut self, cx: &mut Context<'_>) {
        if self.recovery.phase != Phase::Fast || !self.agreed.sack || self.uses_rack(cx.profile) {
            return;
        }
        while self.pipe() < self.cc.controller().window() {
            let highest = self.flight.highest_sacked().unwrap_or(self.snd.una);
            let from = self.recovery.high_rxt.max(self.snd.una);
            if let Some(hole) = self.flight.next_hole(from, highest) {
                self.resend_fast(cx, hole);
            } else if !self.recovery.rescued
                && let Some(last) = self.flight.last_hole().filter(|last| last.at_or_after(from))
            {
                self.recovery.rescued = true;
                cx.fx.count(Counter::TCPFastRetrans);
                self.resend(cx, last, Reason::RetransmitRescue);
            } else {
                break;
            }
        }
    }

    /// Sends again from `from` as much as fits into one segment, small segments run together. Returns where it ended.
    pub fn resend(&mut self, cx: &mut Context<'_>, from: Seq, why: Reason) -> Seq {
        if from == self.snd.iss {
            // Closed before the SYN was acknowledged: the SYN is what is missing.
            self.flight.went_again(cx.now, from, from + 1, false);
            cx.fx.count(Counter::RetransSegs);
            cx.fx.count(Counter::TCPSynRetrans);
            self.emit_syn(cx, Reason::RetransmitSynAck, true);
            return from + 1;
        }
        self.probe_of_mtu_is_inconclusive();
        let states = self.by_states(cx.profile);
        let mut most = self.segment_size(cx.profile);
        let edge = self.snd.una + self.snd.wnd;
        if states && from.before(edge) {
            most = most.min(edge - from);
        }
        let end = self.flight.whole_until(from, most, self.send.end());
        let end = self.join_to_go_again(from, end);
        let fin = self.fin.is_some_and(|fin| end.after(fin));
        let len = (end - from).saturating_sub(u32::from(fin));
        let counts = if states { why != Reason::ProbeTail } else { self.recovery.phase != Phase::Open };
        self.flight.went_again(cx.now, from, end, counts);
        // Segments that ran together are fewer now: no more of them can have arrived.
        self.recovery.phantom = self.recovery.phantom.min(self.flight.len() as u32);
        self.recovery.since.get_or_insert(cx.now);
        self.tally.resent = self.tally.resent.saturating_add(1);
        if states && counts {
            let stamp = timestamp_now(cx.now, self.agreed.ts_offset);
            self.recovery.ledger.note_copy(stamp);
        }
        cx.fx.count(Counter::RetransSegs);
        let why = if len == 0 && why == Reason::RetransmitData { Reason::RetransmitFin } else { why };
        self.emit_text(cx, from, len, fin, why, true);
        if counts || !states {
            self.note_sent(true);
        }
        end
    }
}
