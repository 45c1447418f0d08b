//! Explicit congestion notification (RFC 3168): a queue marks packets instead of losing them, the receiver echoes the
//! mark, the sender slows down as if the segment had been lost.

use super::tcb::{Context, Tcb};
use super::{Reason, State};
use crate::wire::{Flags, Seq};
use bytes::Bytes;

/// What a connection knows of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ecn {
    /// Our SYN asked for it.
    pub asked: bool,
    /// Both ends use it.
    pub on: bool,
    /// A marked segment came, and the peer has not yet said CWR: every acknowledgment carries ECE (section 6.1.3).
    echo: bool,
    /// The window shrank: the next new segment says CWR (section 6.1.2).
    reduced: bool,
    /// SND.NXT when the window last shrank: no echo before this is acknowledged counts again.
    until: Option<Seq>,
}

/// A SYN that asks for ECN: both flags (section 6.1.1).
pub(super) fn offered(flags: Flags) -> bool {
    flags.has(Flags::ECE) && flags.has(Flags::CWR)
}

/// A SYN-ACK that agrees: ECE without CWR. With both it is a reflection of what was sent (section 6.1.1).
pub(super) fn accepted(flags: Flags) -> bool {
    flags.has(Flags::ECE) && !flags.has(Flags::CWR)
}

impl Tcb {
    /// The flags an outgoing segment has besides its own, and whether it may be marked: new data only, no
    /// retransmission, no bare acknowledgment (sections 6.1.4 and 6.1.5).
    pub fn mark_outgoing(
        &mut self,
        cx: &Context<'_>,
        flags: Flags,
        payload: &Bytes,
        again: bool,
    ) -> (Flags, bool) {
        if flags.has(Flags::SYN) {
            return (self.mark_syn(cx, flags, again), false);
        }
        if !self.ecn.on || flags.has(Flags::RST) {
            return (flags, false);
        }
        let mut flags = flags;
        if self.ecn.echo {
            flags |= Flags::ECE;
        }
        let fresh = !payload.is_empty() && !again && self.snd.wnd > 0;
        if fresh && self.ecn.reduced {
            self.ecn.reduced = false;
            flags |= Flags::CWR;
        }
        (flags, fresh)
    }

    /// A SYN asks if the host wants it; when it has to go again it asks no more, in case a box on the way takes offence
    /// (section 6.1.1.1).
    fn mark_syn(&mut self, cx: &Context<'_>, flags: Flags, again: bool) -> Flags {
        if self.state() != State::SynSent {
            return flags;
        }
        let goes_on = cx.profile.settings.tcp_ecn_fallback == 0;
        self.ecn.asked = cx.profile.settings.tcp_ecn == 1 && (!again || goes_on);
        if self.ecn.asked { flags | Flags::ECE | Flags::CWR } else { flags }
    }

    /// What an arriving segment says to the receiver of data: CWR ends the echo, CE begins it (section 6.1.3).
    pub fn take_mark(&mut self, cx: &mut Context<'_>, flags: Flags) {
        if !self.ecn.on || flags.has(Flags::SYN) {
            return;
        }
        if flags.has(Flags::CWR) {
            self.ecn.echo = false;
        }
        if cx.marked && !self.ecn.echo {
            self.ecn.echo = true;
            // The news goes at once.
            self.ack.quick = self.ack.quick.max(1);
            cx.fx.note(self.owner(), Reason::EcnMarked);
        }
    }

    /// The window sinks: the next new segment says so.
    pub fn queue_reduced(&mut self) {
        self.ecn.reduced |= self.ecn.on;
    }

    /// It was for nothing.
    pub fn withdraw_reduced(&mut self) {
        self.ecn.reduced = false;
    }

    /// What the acknowledgment `ack` says to the sender of data: with ECE the window shrinks, once per window of data
    /// (section 6.1.2). Tells whether it says so: then it opens nothing either.
    pub fn take_echo(&mut self, cx: &mut Context<'_>, flags: Flags, ack: Seq) -> bool {
        if !self.ecn.on || !flags.has(Flags::ECE) || flags.has(Flags::SYN) {
            return false;
        }
        let told_already = self.ecn.until.is_some_and(|until| !ack.after(until));
        if self.snd.nxt == self.snd.una || told_already || self.recovery.phase != super::recovery::Phase::Open
        {
            return true;
        }
        if self.by_states(cx.profile) {
            return true;
        }
        let base = self.loss_base(cx.profile);
        self.cc.controller_mut().on_congestion(base);
        self.ecn.reduced = true;
        self.ecn.until = Some(self.snd.nxt);
        cx.fx.note(self.owner(), Reason::EcnEcho);
        true
    }
}
