//! What an acknowledgment tells about what is on its way.

use super::super::options::timestamp_now;
use crate::clock::Instant;
use crate::wire::Seq;

/// The latest transmission known to have been delivered (RFC 8985 section 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Delivered {
    /// When it went out.
    pub at: Instant,
    /// The how many-th transmission it was.
    pub turn: u32,
    /// Whether it went out more than once.
    pub again: bool,
}

impl Delivered {
    /// Whether it went out after that transmission.
    pub fn is_after(&self, turn: u32) -> bool {
        (self.turn.wrapping_sub(turn) as i32) > 0
    }
}

/// The news of one acknowledgment. Counts are in segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct News {
    /// SND.UNA advanced.
    pub advanced: bool,
    /// Cumulatively acknowledged now.
    pub acked: u32,
    /// Of these, known to have arrived before (SACK).
    pub known: u32,
    /// SACKed now.
    pub sacked: u32,
    /// A duplicate acknowledgment (RFC 5681 section 2; with SACK RFC 6675 section 2).
    pub duplicate: bool,
    /// Something arrived that was on its way when recovery began and went out only once.
    pub original: bool,
    /// The block that came twice (RFC 2883).
    pub dsack: Option<(Seq, Seq)>,
    /// The congestion window was the limit before.
    pub limited: bool,
    /// TSecr.
    pub echo: Option<u32>,
    /// The offset of our timestamp clock, where the echo tells a copy from the original.
    pub clock: Option<u32>,
    /// The latest transmission among what arrived. A copy that went after `trusted` is not counted: what arrived so soon
    /// was the original.
    pub latest: Option<Delivered>,
    pub trusted: Option<Instant>,
    /// RACK.fack before, and what it is now.
    pub fack_before: Option<Seq>,
    pub fack: Option<Seq>,
    /// Something arrived after what was sent later (RFC 8985 section 6.2, step 3).
    pub reordered: bool,
}

impl News {
    /// Segments that arrived, as far as this acknowledgment tells: prr_delivered grows by it (RFC 9937 section 6).
    pub fn delivered(&self) -> u32 {
        self.acked - self.known + self.sacked
    }
    /// Whether the timestamp echoed is older than what went out at `at` (RFC 8985 section 6.2, step 2).
    fn echoes_older(&self, at: Instant) -> bool {
        let (Some(echo), Some(clock)) = (self.echo, self.clock) else { return false };
        (echo.wrapping_sub(timestamp_now(at, clock)) as i32) < 0
    }
    /// Takes note that a segment arrived; recovery began at SND.NXT = `recover`.
    pub fn arrived(&mut self, sent: &super::super::flight::Sent, recover: Seq) {
        self.original |= !sent.again && sent.end.at_or_before(recover);
        self.reordered |= !sent.again && self.fack_before.is_some_and(|fack| sent.end.before(fack));
        self.fack = Some(self.fack.map_or(sent.end, |fack| fack.max(sent.end)));
        if sent.again && (self.trusted.is_some_and(|trusted| sent.at > trusted) || self.echoes_older(sent.at))
        {
            return;
        }
        let this = Delivered { at: sent.at, turn: sent.turn, again: sent.again };
        if self.latest.is_none_or(|latest| this.is_after(latest.turn)) {
            self.latest = Some(this);
        }
    }
}
