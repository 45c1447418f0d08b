//! What a user may say of the acknowledgments to come (TCP_QUICKACK).

use super::stack::Stack;
use super::tcb::{Context, Tcb};
use super::{ConnId, Effects, Reason, State};
use crate::clock::Instant;

impl Tcb {
    /// Zero: the connection counts as interactive, its acknowledgments wait. Otherwise they go at once, the one that waits
    /// too where nothing is left to read; an even number holds for that one alone.
    fn quick_ack(&mut self, cx: &mut Context<'_>, asked: u32) {
        if asked == 0 {
            self.ack.interactive = u8::MAX;
            return;
        }
        self.ack.interactive = 0;
        if !matches!(self.state(), State::Established | State::CloseWait) || self.ack.owed.is_none() {
            return;
        }
        if self.recv.held() == 0 || self.rcv.nxt - self.rcv.wup > u32::from(self.ack.full) {
            self.emit_ack(cx, Reason::AckData);
        }
        if asked & 1 == 0 {
            self.ack.interactive = u8::MAX;
        }
    }
}

impl Stack {
    /// Whether acknowledgments go at once from now on, or wait (TCP_QUICKACK).
    pub fn set_quick_ack(&mut self, now: Instant, c: ConnId, asked: u32, fx: &mut Effects) {
        self.with_block(now, c, fx, |tcb, cx| tcb.quick_ack(cx, asked));
    }

    /// Whether the connection is not taken for an interactive one.
    pub fn acks_quickly(&self, c: ConnId) -> bool {
        self.block(c).is_none_or(|tcb| !tcb.is_interactive(self.profile()))
    }
}
