//! What the engine wants done: the values every call into [`Stack`](super::Stack) hands back.

use super::{Edge, Reason};
use crate::mib::{Counter, Counters};
use crate::wire::Segment;
use std::net::SocketAddr;

/// A connection within its stack. Never used twice; ordered by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnId {
    /// How many connections there were before it.
    pub(super) number: u32,
    /// Where it is kept; that is used again.
    pub(super) place: u32,
}

/// A listener's number within its stack. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListenerId(pub u32);

/// Whom an effect is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A connection; [`Stack::addresses`](super::Stack::addresses) tells its ends, after it is gone too until
    /// [`Stack::sweep`](super::Stack::sweep).
    Conn(ConnId),
    /// An entry of a listener's SYN queue.
    HalfOpen {
        /// The listener.
        listener: ListenerId,
        /// Own end.
        local: SocketAddr,
        /// Peer's end.
        remote: SocketAddr,
    },
    /// An entry in TIME-WAIT.
    TimeWait {
        /// Own end.
        local: SocketAddr,
        /// Peer's end.
        remote: SocketAddr,
    },
    /// A listener.
    Listener(ListenerId),
    /// No endpoint: the segment belonged to none.
    None,
}

/// A kind of timer: the rows of a connection's timer table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TimerKind {
    /// Tail loss probe (RFC 8985 section 7).
    LossProbe,
    /// Time for reordering (RFC 8985 section 6.3).
    Reorder,
    /// Retransmission (RFC 6298); of the SYN-ACK too.
    Retransmission,
    /// Delayed acknowledgment (RFC 9293 section 3.8.6.3).
    DelayedAck,
    /// Zero-window probing (RFC 9293 section 3.8.6.1).
    Persist,
    /// Keepalive (RFC 9293 section 3.8.4).
    Keepalive,
    /// Sender's silly-window override (RFC 9293 section 3.8.6.2.1).
    Override,
    /// The time a closed socket stays in FIN-WAIT-2.
    FinWait2,
    /// 2 MSL.
    TimeWait,
    /// Duplicate acknowledgments that wait to be made one.
    CompressedAck,
}

impl TimerKind {
    /// All kinds, in the order in which simultaneous ones fire.
    pub const ALL: [TimerKind; 10] = [
        TimerKind::LossProbe,
        TimerKind::Reorder,
        TimerKind::Retransmission,
        TimerKind::DelayedAck,
        TimerKind::Persist,
        TimerKind::Keepalive,
        TimerKind::Override,
        TimerKind::FinWait2,
        TimerKind::TimeWait,
        TimerKind::CompressedAck,
    ];

    /// The timer's name in traces.
    pub const fn name(self) -> &'static str {
        match self {
            TimerKind::LossProbe => "loss-probe",
            TimerKind::Reorder => "reorder",
            TimerKind::Retransmission => "retransmission",
            TimerKind::DelayedAck => "delayed-ack",
            TimerKind::Persist => "persist",
            TimerKind::Keepalive => "keepalive",
            TimerKind::Override => "override",
            TimerKind::FinWait2 => "fin-wait-2",
            TimerKind::TimeWait => "time-wait",
            TimerKind::CompressedAck => "compressed-ack",
        }
    }
}

/// One thing to be done or to be told.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Put this segment on its way.
    Send {
        /// Own end.
        from: SocketAddr,
        /// Peer's end.
        to: SocketAddr,
        /// The segment.
        segment: Segment,
        /// Who sends it.
        owner: Owner,
        /// Why.
        why: Reason,
        /// Whether it, or part of it, went out before.
        retransmission: bool,
        /// Whether its IP packet is to carry ECT(0): a queue may mark it instead of losing it (RFC 3168 section 5).
        ect: bool,
        /// Its packet's Diffserv code point, 0 to 63 (RFC 9293 section 3.9.1.9).
        dscp: u8,
        /// Whether its packet must not be cut up on the way (RFC 1191 section 3).
        df: bool,
    },
    /// A connection may have become readable or writable, or has failed; a listener may have someone to accept.
    Wake(Owner),
    /// An edge of the state diagram was crossed.
    Entered {
        /// By whom.
        owner: Owner,
        /// Which edge.
        edge: &'static Edge,
    },
    /// Something was decided that shows in no segment.
    Note {
        /// About whom.
        owner: Owner,
        /// What and why.
        reason: Reason,
    },
    /// A timer ran out.
    TimerFired {
        /// Whose.
        owner: Owner,
        /// Which.
        kind: TimerKind,
    },
    /// The length of one of the listener's queues changed.
    Queue(ListenerId),
    /// The endpoint is gone.
    Closed(Owner),
}

/// A reusable list of effects, in the order in which they came about, and the counters that rose meanwhile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// The effects.
    pub list: Vec<Effect>,
    /// What was counted, at once and in place; taking the effects out leaves it.
    pub counters: Counters,
}

impl Effects {
    /// None yet.
    pub fn new() -> Effects {
        Effects::default()
    }
    /// Takes all of them out, oldest first.
    pub fn drain(&mut self) -> std::vec::Drain<'_, Effect> {
        self.list.drain(..)
    }
    /// Forgets the effects.
    pub fn clear(&mut self) {
        self.list.clear();
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    pub(super) fn push(&mut self, effect: Effect) {
        self.list.push(effect);
    }
    pub(super) fn count(&mut self, counter: Counter) {
        self.counters.count(counter);
    }
    pub(super) fn note(&mut self, owner: Owner, reason: Reason) {
        self.list.push(Effect::Note { owner, reason });
    }
    pub(super) fn entered(&mut self, owner: Owner, edge: &'static Edge) {
        self.list.push(Effect::Entered { owner, edge });
    }
}
