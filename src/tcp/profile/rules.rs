//! Named ways in which stacks differ: the values that fields of a profile can take.

use crate::clock::Span;

/// Which small segments Nagle's algorithm holds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nagle {
    /// While anything is unacknowledged (RFC 9293 section 3.7.4).
    Original,
    /// While a small segment is unacknowledged (Minshall).
    Minshall,
}

/// What a zero-window probe carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowProbe {
    /// One octet of new data (RFC 9293 section 3.8.6.1).
    OneOctet,
    /// Nothing, with SEG.SEQ = SND.UNA - 1.
    Empty,
}

/// How much window a receiver offers, and in what steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowRule {
    /// The right edge rests until it can move by half the buffer or one full segment, whichever is less (RFC 9293
    /// section 3.8.6.2.2); then all that is free is offered.
    HalfOrSegment,
    /// Linux: nothing while less than a segment or a sixteenth of the buffer is free, otherwise in whole units; the offer
    /// grows with what comes, and what came out of order counts as taken.
    Grows,
}

/// How acknowledgments are delayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelayedAck {
    /// A fixed delay; every second full segment at once (RFC 9293 section 3.8.6.3).
    Fixed(Span),
    /// At once at first, then as the traffic suggests: the arguments are in [`Adaptive`].
    Adaptive(Adaptive),
}

/// The numbers of the adaptive delayed acknowledgment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adaptive {
    /// Segments acknowledged at once when a connection is new or was silent, at most.
    pub quick: u8,
    /// Shortest delay once traffic is known.
    pub min: Span,
    /// Longest delay.
    pub max: Span,
    /// Delay before any data came.
    pub first: Span,
}

/// How round-trip times become a time-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RttRule {
    /// RFC 6298 section 2 to the letter: the sum is rounded up to the minimum.
    Rfc6298,
    /// The variance term alone is kept at or above the minimum, and falls at most once per round trip.
    VarianceFloor,
}

/// How the limit of retransmissions of data is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryLimit {
    /// By retransmissions.
    Count,
    /// By the time that so many doublings from the least time-out would take.
    Time,
}

/// From what the slow-start threshold is reckoned when a segment is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossBase {
    /// From what is on its way (RFC 5681 section 3.1, equation 4).
    FlightSize,
    /// From the congestion window.
    Window,
}

/// What becomes of the congestion window when nothing was sent for longer than the RTO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdleRestart {
    /// It is the restart window at once (RFC 5681 section 4.1).
    Whole,
    /// It is halved for every RTO that passed, down to the restart window, and ssthresh remembers three quarters of it
    /// (RFC 2861 section 3.1).
    HalfPerRto,
}

/// What a listener does with SYNs when its queues fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenRules {
    /// The accept queue, and the half-open limit, hold one more than the backlog.
    pub one_more_than_backlog: bool,
    /// A quarter of tcp_max_syn_backlog is kept for known peers when cookies are off.
    pub reserve_quarter: bool,
    /// Entries are given up early when the queue is more than half full.
    pub prune_when_half_full: bool,
    /// A full accept queue makes the final ACK ignored.
    pub ignore_ack_when_full: bool,
    /// Greatest time between two SYN-ACKs; otherwise tcp_rto_max_ms (RFC 6298 section 2.5).
    pub syn_ack_rto_max: Option<Span>,
    /// A repeated SYN is answered by the SYN-ACK again; otherwise by a bare ACK.
    pub repeat_syn_ack: bool,
    /// Another SYN in the window resets the half-open connection; otherwise it returns to LISTEN.
    pub reset_on_other_syn: bool,
}
