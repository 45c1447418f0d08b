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
    /// SEG.ACK, and SND.UNA before it.
    pub ack: Seq,
    pub una_before: Seq,
    /// It carried text.
    pub text: bool,
    /// It told of more window, or was newer than what told of the window last.
    pub opened: bool,
    /// It echoes a mark (RFC 3168).
    pub ece: bool,
    /// Text or a FIN was acknowledged.
    pub data_acked: bool,
    /// Among what was cumulatively acknowledged was something that went more than once.
    pub copies_acked: bool,
    /// When the first and the last of what arrived cumulatively and went once had gone.
    pub first_once: Option<Instant>,
    pub last_once: Option<Instant>,
    /// The same of what the blocks told.
    pub first_sacked: Option<Instant>,
    pub last_sacked: Option<Instant>,
    /// The lowest number that arrived, sent once, below what had arrived.
    pub filled: Option<Seq>,
    /// When the last taken in of what arrived had gone, as far as that can be told.
    pub last_told: Option<Instant>,
    /// The latest transmission of anything that arrived.
    pub newest: Option<u32>,
    /// The probe of the tail came twice.
    pub probe_reported: bool,
    /// Segments counted as delivered before the cumulative part was looked at.
    pub delivered_before: u32,
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
    /// Takes note that a segment arrived, as blocks tell.
    pub fn arrived_by_block(&mut self, sent: &super::super::flight::Sent, recover: Seq) {
        if !sent.again {
            self.first_sacked.get_or_insert(sent.at);
            self.last_sacked = Some(sent.at);
        }
        self.arrived(sent, recover);
    }
    /// Takes note that a segment arrived, as the acknowledgment number tells.
    pub fn arrived_in_order(&mut self, sent: &super::super::flight::Sent, recover: Seq) {
        if sent.again {
            self.copies_acked = true;
        } else {
            self.first_once.get_or_insert(sent.at);
            self.last_once = Some(sent.at);
        }
        self.arrived(sent, recover);
    }
    /// Takes note that a segment arrived; recovery began at SND.NXT = `recover`.
    pub fn arrived(&mut self, sent: &super::super::flight::Sent, recover: Seq) {
        self.original |= !sent.again && sent.end.at_or_before(recover);
        self.reordered |= !sent.again && self.fack_before.is_some_and(|fack| sent.end.before(fack));
        if !sent.again && self.fack_before.is_some_and(|fack| sent.seq.before(fack)) {
            self.filled = Some(self.filled.map_or(sent.seq, |low| low.min(sent.seq)));
        }
        if self.newest.is_none_or(|newest| (sent.turn.wrapping_sub(newest) as i32) > 0) {
            self.newest = Some(sent.turn);
        }
        self.fack = Some(self.fack.map_or(sent.end, |fack| fack.max(sent.end)));
        if sent.again && (self.trusted.is_some_and(|trusted| sent.at > trusted) || self.echoes_older(sent.at))
        {
            return;
        }
        self.last_told = Some(sent.at);
        let this = Delivered { at: sent.at, turn: sent.turn, again: sent.again };
        if self.latest.is_none_or(|latest| this.is_after(latest.turn)) {
            self.latest = Some(this);
        }
    }
}
