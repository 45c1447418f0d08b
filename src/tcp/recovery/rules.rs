//! What stacks do differently in recovery: the part of the profile that is about loss.

use crate::clock::Span;

/// What recovery from loss does where the RFCs leave a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryRules {
    /// Recovery goes by the congestion states of Linux: it reduces in proportion (RFC 9937), keeps SACK marks over a time-out,
    /// takes back what was for nothing, has no copy told by the timestamp echoed. Otherwise by the RFCs: the window is halved
    /// at once (RFC 6675) or, without SACK, inflated by duplicates (RFC 6582), and a time-out clears the marks (RFC 2018
    /// section 5).
    pub states: bool,
    /// Added to the timers of RFC 8985, whose waits may be shorter than the clock's ticks.
    pub timer_slack: Span,
    /// How long the peer may delay an acknowledgment (RFC 8985 section 7.2, TLP.max_ack_delay).
    pub longest_ack_delay: Span,
}

impl RecoveryRules {
    /// The RFCs to the letter.
    pub const RFC9293: RecoveryRules =
        RecoveryRules { states: false, timer_slack: Span::ZERO, longest_ack_delay: Span::millis(200) };
    /// The Linux kernel.
    pub const LINUX: RecoveryRules =
        RecoveryRules { states: true, timer_slack: Span::millis(2), longest_ack_delay: Span::millis(200) };
}
