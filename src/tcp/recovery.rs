//! Loss: what is sent again, and when (RFC 6298 section 5, RFC 5681 section 3.2, RFC 6582).

use super::tcb::{Context, Sent, Tcb};
use super::{Reason, TimerKind};
use crate::clock::Instant;
use crate::mib::Counter;
use crate::wire::Seq;

/// How things stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing is known to be lost.
    #[default]
    Open,
    /// Fast recovery: a segment is lost, the ones after it arrive.
    Fast,
    /// After a time-out: all that was on its way counts as lost.
    Loss,
}

/// The memory of recovery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Recovery {
    pub phase: Phase,
    /// Duplicate acknowledgments in a row.
    pub duplicates: u32,
    /// SND.NXT when recovery began: it ends when this is acknowledged.
    pub recover: Seq,
    /// After a time-out: what is to be sent again next.
    pub next: Seq,
    /// When the first retransmission of the present data went out.
    pub since: Option<Instant>,
    /// Time-outs in a row.
    pub timeouts: u32,
}

impl Recovery {
    /// Forgets everything.
    pub fn reset(&mut self, nxt: Seq) {
        *self = Recovery { recover: nxt, next: nxt, ..Recovery::default() };
    }
}

impl Tcb {
    /// Segments thought to be on their way.
    pub fn pipe(&self) -> u32 {
        match self.recovery.phase {
            Phase::Open | Phase::Fast => self.flight.len() as u32,
            Phase::Loss => {
                let Recovery { next, recover, .. } = self.recovery;
                let alive = |sent: &&Sent| sent.end.at_or_before(next) || sent.seq.at_or_after(recover);
                self.flight.iter().filter(alive).count() as u32
            }
        }
    }

    /// Everything on its way counts as lost, for another reason than congestion: it goes again as the window allows.
    pub fn all_is_lost(&mut self) {
        self.recovery.phase = Phase::Loss;
        self.recovery.next = self.snd.una;
        self.recovery.recover = self.snd.nxt;
    }

    /// After a time-out: sends again what the congestion window allows.
    pub fn resend_lost(&mut self, cx: &mut Context<'_>) {
        while self.recovery.phase == Phase::Loss
            && self.recovery.next.before(self.recovery.recover)
            && self.recovery.next.before(self.snd.nxt)
            && self.pipe() < self.cc.controller().window()
        {
            let from = self.recovery.next.max(self.snd.una);
            self.recovery.next = self.resend(cx, from, Reason::RetransmitLost);
        }
    }

    /// Sends again from `from` as much as fits into one segment, small segments run together. Returns where it ended.
    pub fn resend(&mut self, cx: &mut Context<'_>, from: Seq, why: Reason) -> Seq {
        if from == self.snd.iss {
            // Closed before the SYN was acknowledged: the SYN is what is missing.
            self.mark_again(cx.now, from, from + 1);
            cx.fx.count(Counter::RetransSegs);
            cx.fx.count(Counter::TCPSynRetrans);
            self.emit_syn(cx, Reason::RetransmitSynAck, true);
            return from + 1;
        }
        let data_end = self.send.end();
        let sent_end = self.snd.nxt.min(data_end);
        let text = if from.before(sent_end) { sent_end - from } else { 0 };
        let len = text.min(self.segment_size(cx.profile));
        let fin = self.fin_sent() && from + len == data_end;
        let end = from + len + u32::from(fin);
        self.mark_again(cx.now, from, end);
        self.recovery.since.get_or_insert(cx.now);
        cx.fx.count(Counter::RetransSegs);
        let why = if len == 0 && why == Reason::RetransmitData { Reason::RetransmitFin } else { why };
        self.emit_text(cx, from, len, fin, why, true);
        end
    }

    /// Records that `from..end` went out again: the segments it covers become one.
    fn mark_again(&mut self, now: Instant, from: Seq, end: Seq) {
        let Some(first) = self.flight.iter().position(|sent| sent.end.after(from)) else { return };
        let start = self
            .flight
            .get(first)
            .map_or(from, |sent| if first == 0 { sent.seq.min(from) } else { sent.seq });
        let mut last = first;
        while last < self.flight.len() && self.flight[last].end.at_or_before(end) {
            last += 1;
        }
        if let Some(straddling) = self.flight.get_mut(last)
            && straddling.seq.before(end)
        {
            straddling.seq = end;
        }
        let merged = Sent { seq: start, end, at: now, again: true };
        self.flight.drain(first..last);
        self.flight.insert(first, merged);
    }

    /// New data was acknowledged: `count` segments. `limited` tells whether the congestion window was the limit.
    pub fn on_new_ack(&mut self, cx: &mut Context<'_>, count: u32, limited: bool) {
        self.recovery.duplicates = 0;
        self.recovery.timeouts = 0;
        self.recovery.since = None;
        let done = self.snd.una.at_or_after(self.recovery.recover);
        match self.recovery.phase {
            Phase::Open => self.grow(cx, count, limited),
            Phase::Fast if done => {
                self.recovery.phase = Phase::Open;
                // RFC 6582 section 3.2, step 3, the first choice: no burst.
                let in_flight = self.flight.len() as u32;
                let control = self.cc.controller_mut();
                let threshold = control.threshold().unwrap_or(u32::MAX);
                control.set_window(threshold.min(in_flight.max(1) + 1));
            }
            Phase::Fast => {
                let control = self.cc.controller_mut();
                control.set_window(control.window().saturating_sub(count).saturating_add(1));
                self.resend(cx, self.snd.una, Reason::RetransmitPartial);
            }
            Phase::Loss => {
                self.grow(cx, count, true);
                self.recovery.next = self.recovery.next.max(self.snd.una);
                if done {
                    self.recovery.phase = Phase::Open;
                }
            }
        }
        if self.flight.is_empty() {
            self.timers.clear(TimerKind::Retransmission);
        } else {
            self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
        }
    }

    /// A duplicate acknowledgment came (RFC 5681 section 2): the third starts fast retransmit.
    pub fn on_duplicate_ack(&mut self, cx: &mut Context<'_>) {
        self.recovery.duplicates = self.recovery.duplicates.saturating_add(1);
        match self.recovery.phase {
            Phase::Open if self.recovery.duplicates == 3 => {
                self.recovery.phase = Phase::Fast;
                self.recovery.recover = self.snd.nxt;
                let base = self.loss_base(cx.profile);
                let control = self.cc.controller_mut();
                control.on_congestion(base);
                control.set_window(control.window().saturating_add(3));
                cx.fx.count(Counter::TCPFastRetrans);
                self.resend(cx, self.snd.una, Reason::FastRetransmit);
                self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
            }
            Phase::Fast => {
                let control = self.cc.controller_mut();
                control.set_window(control.window().saturating_add(1));
            }
            Phase::Open | Phase::Loss => {}
        }
    }

    /// The retransmission timer ran out: all that was on its way counts as lost, the first of it goes again.
    pub fn on_loss(&mut self, cx: &mut Context<'_>) {
        let first = self.recovery.phase != Phase::Loss || self.recovery.timeouts == 0;
        let base = self.loss_base(cx.profile);
        self.cc.controller_mut().on_timeout(base, first);
        self.recovery.phase = Phase::Loss;
        self.recovery.recover = self.snd.nxt;
        self.recovery.duplicates = 0;
        self.recovery.timeouts = self.recovery.timeouts.saturating_add(1);
        self.recovery.next = self.resend(cx, self.snd.una, Reason::RetransmitData);
    }
}
