//! What recovery by states remembers.

use super::super::prr::Prr;
use crate::wire::Seq;

/// The congestion states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tcp) enum State {
    /// Nothing unusual.
    #[default]
    Open,
    /// Duplicates or blocks, or a copy on its way: something may be lost.
    Disorder,
    /// The window sinks for another reason than loss: a mark (RFC 3168).
    Cwr,
    /// Fast recovery.
    Recovery,
    /// After a time-out.
    Loss,
}

/// One episode, and what outlives it. Its end is `Recovery::recover` (high_seq).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) struct Ledger {
    pub state: State,
    /// SND.UNA when the present episode began, while it can be undone.
    pub undo_from: Option<Seq>,
    /// Copies sent since that the peer has not reported as duplicates; `None` before the first.
    pub undo_copies: Option<u32>,
    /// The timestamp clock when the first copy of the episode went.
    pub stamp: Option<u32>,
    /// The window before it.
    pub prior_window: u32,
    /// The threshold before it; zero when there is nothing to return to.
    pub prior_threshold: u32,
    /// The present reduction.
    pub prr: Prr,
    /// The peer threw away what it held.
    pub reneged: bool,
    /// How far segments are known to be reordered, where that is more than tcp_reordering.
    pub reordering: Option<u32>,
    /// The congestion window was the limit in the present round of sending.
    pub window_limits: bool,
    /// Most segments on their way in that round, and where it ends.
    pub most_out: u32,
    pub round: Seq,
}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger {
            state: State::Open,
            undo_from: None,
            undo_copies: None,
            stamp: None,
            prior_window: 0,
            prior_threshold: 0,
            prr: Prr::default(),
            reneged: false,
            reordering: None,
            window_limits: false,
            most_out: 0,
            round: Seq(0),
        }
    }
}

impl Ledger {
    /// A copy goes out, the timestamp clock showing `stamp`.
    pub fn note_copy(&mut self, stamp: u32) {
        self.undo_copies = Some(self.undo_copies.unwrap_or(0).saturating_add(1));
        self.stamp.get_or_insert(stamp);
    }
    /// Something is lost, but not to congestion: nothing will be taken back.
    pub fn lose_without_congestion(&mut self) {
        self.state = State::Loss;
        self.undo_from = None;
        self.prior_threshold = 0;
    }
}

/// Counts over the connection's life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tcp) struct Tally {
    /// Segments known to have been delivered, the SYN included.
    pub delivered: u32,
    /// Of these, acknowledged together with the echo of a mark.
    pub delivered_marked: u32,
    /// Segments sent again.
    pub resent: u32,
    /// Duplicates that the peer reported, segments.
    pub duplicates: u32,
    /// How often reordering was seen.
    pub reordered: u32,
}
