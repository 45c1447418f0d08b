//! Congestion control: a small trait and one table of algorithms.
//!
//! An algorithm is arithmetic over segments: it sees no segment, no timer and no connection. When it is asked is decided
//! in `congestion.rs` (growth, idleness) and in `recovery.rs` (loss).

mod cubic;
mod none;
mod reno;
mod ticks;

pub use cubic::Cubic;
pub use none::NoControl;
pub use reno::Reno;
pub use ticks::CubicByTicks;

use crate::clock::{Instant, Span};
use crate::wire::Seq;

/// What an acknowledgment that may open the window tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acked {
    /// Segments newly acknowledged.
    pub segments: u32,
    /// How many of them count in slow start at most: RFC 5681 section 3.1 says one per acknowledgment.
    pub most_in_slow_start: u32,
    /// The present time.
    pub now: Instant,
    /// The smoothed round-trip time, once one is known.
    pub srtt: Option<Span>,
}

/// A round-trip time as it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The present time.
    pub now: Instant,
    /// The latest round trip that the acknowledgment tells.
    pub rtt: Span,
    /// SND.UNA, the acknowledgment taken in.
    pub una: Seq,
    /// SND.NXT.
    pub nxt: Seq,
}

/// What an algorithm decides: how many segments may be on their way (RFC 5681). All counts are in segments.
pub trait Controller {
    /// The congestion window (cwnd).
    fn window(&self) -> u32;
    /// The slow-start threshold (ssthresh); `None` while it is unbounded.
    fn threshold(&self) -> Option<u32>;
    /// Segments were newly acknowledged while the congestion window was the limit.
    fn on_ack(&mut self, acked: &Acked);
    /// Segments were acknowledged, but something else was the limit: such a time teaches nothing (RFC 9438 section 4.2).
    fn on_ack_unlimited(&mut self, now: Instant);
    /// Congestion showed by a lost segment or a mark while `flight` were on their way: the threshold sinks and the window
    /// with it. What the window does until recovery is over is told by [`set_window`](Controller::set_window).
    fn on_congestion(&mut self, flight: u32);
    /// The retransmission timer ran out; `first` tells whether for the first time for this data. The window becomes one
    /// segment, and the threshold sinks the first time only (RFC 5681 section 3.1).
    fn on_timeout(&mut self, flight: u32, first: bool);
    /// Recovery, or a connection that begins or was idle, moves the window itself.
    fn set_window(&mut self, segments: u32);
    /// The threshold is known from elsewhere: what the window was before it shrank in idleness (RFC 2861 section 3.1).
    fn set_threshold(&mut self, segments: u32);
    /// Congestion showed: the threshold sinks from where the window stands; the window is moved by recovery.
    fn shrink(&mut self);
    /// The threshold is what it was before; `None` is without bound.
    fn restore_threshold(&mut self, segments: Option<u32>);
    /// A time-out begins an episode: what was learned of the path goes.
    fn on_loss_state(&mut self);
    /// A round-trip time was measured.
    fn on_measured(&mut self, _measured: &Measured) {}
    /// Data goes after a time, since `last`, in which nothing was on its way.
    fn on_sending_anew(&mut self, _last: Instant, _now: Instant) {}
    /// The last congestion was none: window and threshold are as before it (RFC 9438 section 4.9, RFC 5682).
    fn undo(&mut self);
}

/// The state of whichever algorithm a connection uses.
#[derive(Clone, Debug, PartialEq)]
pub enum Congestion {
    /// No control.
    None(NoControl),
    /// Reno with slow start.
    Reno(Reno),
    /// CUBIC.
    Cubic(Cubic),
    /// CUBIC as Linux computes it.
    ByTicks(CubicByTicks),
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Algorithm {
    /// Its name; the kernel's where the kernel has it.
    pub name: &'static str,
    /// Its state at the beginning, with this initial window.
    pub begin: fn(initial: u32) -> Congestion,
}

/// Every algorithm.
pub const ALGORITHMS: &[Algorithm] = &[
    Algorithm { name: "none", begin: |_| Congestion::None(NoControl) },
    Algorithm { name: "reno", begin: |initial| Congestion::Reno(Reno::new(initial)) },
    Algorithm { name: "cubic", begin: |initial| Congestion::Cubic(Cubic::new(initial)) },
];

impl Algorithm {
    /// The row of that name.
    pub fn named(name: &str) -> Option<&'static Algorithm> {
        ALGORITHMS.iter().find(|row| row.name == name)
    }
}

impl Congestion {
    /// The algorithm of that name at its beginning; reno if there is none of that name.
    pub fn named(name: &str, initial: u32) -> Congestion {
        Algorithm::named(name)
            .map_or_else(|| Congestion::Reno(Reno::new(initial)), |row| (row.begin)(initial))
    }

    /// The same as Linux reckons it, if `by_ticks`: that makes a difference to CUBIC.
    pub fn reckoned(self, by_ticks: bool) -> Congestion {
        match self {
            Congestion::Cubic(state) if by_ticks => Congestion::ByTicks(CubicByTicks::new(state.window())),
            other => other,
        }
    }

    /// The name in the table.
    pub fn name(&self) -> &'static str {
        match self {
            Congestion::None(_) => "none",
            Congestion::Reno(_) => "reno",
            Congestion::Cubic(_) | Congestion::ByTicks(_) => "cubic",
        }
    }

    /// Another algorithm takes over where this one stands.
    pub fn replace_by(&mut self, name: &str, by_ticks: bool) {
        if name == self.name() {
            return;
        }
        let (window, threshold) = (self.controller().window(), self.controller().threshold());
        *self = Congestion::named(name, window.min(LARGEST_WINDOW)).reckoned(by_ticks);
        if let Some(threshold) = threshold {
            self.controller_mut().set_threshold(threshold);
        }
    }

    /// The algorithm to ask.
    pub fn controller(&self) -> &dyn Controller {
        match self {
            Congestion::None(state) => state,
            Congestion::Reno(state) => state,
            Congestion::Cubic(state) => state,
            Congestion::ByTicks(state) => state,
        }
    }

    /// The algorithm to tell.
    pub fn controller_mut(&mut self) -> &mut dyn Controller {
        match self {
            Congestion::None(state) => state,
            Congestion::Reno(state) => state,
            Congestion::Cubic(state) => state,
            Congestion::ByTicks(state) => state,
        }
    }
}

/// No window is larger: with segments of one octet this fills the largest window TCP can offer (RFC 7323 section 2.3).
const LARGEST_WINDOW: u32 = 1 << 30;
/// No threshold is smaller (RFC 5681 section 3.1, equation 4).
const LEAST_THRESHOLD: u32 = 2;

#[cfg(test)]
mod tests;
