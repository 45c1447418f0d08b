//! What stacks do differently in recovery: the part of the profile that is about loss.

use crate::clock::Span;

/// What recovery from loss does where the RFCs leave a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryRules {
    /// Recovery goes by the congestion states of Linux; what is below of reduction, undoing and probes is then part of
    /// them.
    pub states: bool,
    /// Proportional rate reduction (RFC 9937); otherwise the window is halved at once (RFC 6675) or, without SACK, inflated
    /// by duplicates (RFC 6582).
    pub proportional: bool,
    /// SACK marks outlive a time-out unless the peer has reneged; otherwise all are cleared (RFC 2018 section 5).
    pub keeps_sacks: bool,
    /// A recovery that was for nothing is undone (RFC 4015, RFC 3708).
    pub undoes: bool,
    /// Every partial acknowledgment restarts the retransmission timer; otherwise the first only (RFC 6582 section 3.2).
    pub every_partial_rearms: bool,
    /// A time-out in fast recovery lowers the threshold once more (RFC 5681 section 3.1).
    pub threshold_again_after_fast: bool,
    /// A copy counts as delivered only if the timestamp echoed is not older than it (RFC 8985 section 6.2, step 2); the
    /// least round trip is asked in any case.
    pub echo_tells_copies: bool,
    /// A tail loss probe needs a round-trip time measured since the one before (RFC 8985 section 7.3).
    pub probe_needs_sample: bool,
    /// Added to the timers of RFC 8985, whose waits may be shorter than the clock's ticks.
    pub timer_slack: Span,
    /// How long the peer may delay an acknowledgment (RFC 8985 section 7.2, TLP.max_ack_delay).
    pub longest_ack_delay: Span,
}

impl RecoveryRules {
    /// The RFCs to the letter.
    pub const RFC9293: RecoveryRules = RecoveryRules {
        states: false,
        proportional: false,
        keeps_sacks: false,
        undoes: false,
        every_partial_rearms: false,
        threshold_again_after_fast: true,
        echo_tells_copies: true,
        probe_needs_sample: true,
        timer_slack: Span::ZERO,
        longest_ack_delay: Span::millis(200),
    };
    /// The Linux kernel.
    pub const LINUX: RecoveryRules = RecoveryRules {
        states: true,
        proportional: true,
        keeps_sacks: true,
        undoes: true,
        every_partial_rearms: true,
        threshold_again_after_fast: false,
        echo_tells_copies: false,
        probe_needs_sample: false,
        timer_slack: Span::millis(2),
        longest_ack_delay: Span::millis(200),
    };
}
