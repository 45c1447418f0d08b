//! Congestion control: a small trait and one table of algorithms.

mod none;
mod reno;

pub use none::NoControl;
pub use reno::Reno;

/// What an algorithm decides: how many segments may be on their way (RFC 5681). All counts are in segments.
pub trait Controller {
    /// The congestion window.
    fn window(&self) -> u32;
    /// The slow-start threshold; `None` while it is unbounded.
    fn threshold(&self) -> Option<u32>;
    /// `segments` were newly acknowledged while the window was the limit.
    fn on_ack(&mut self, segments: u32);
    /// Fast retransmit: a segment is lost while `in_flight` are on their way.
    fn on_fast_retransmit(&mut self, in_flight: u32);
    /// One more duplicate acknowledgment in fast recovery.
    fn on_duplicate(&mut self);
    /// A partial acknowledgment of `segments` in fast recovery.
    fn on_partial_ack(&mut self, segments: u32);
    /// Fast recovery is over.
    fn on_recovered(&mut self, in_flight: u32);
    /// The retransmission timer ran out for the first time for this data.
    fn on_timeout(&mut self, in_flight: u32);
}

/// The state of whichever algorithm a connection uses.
#[derive(Clone, Debug, PartialEq)]
pub enum Congestion {
    /// No control.
    None(NoControl),
    /// Reno with slow start.
    Reno(Reno),
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Algorithm {
    /// Its name.
    pub name: &'static str,
    /// Its state at the beginning, with this initial window.
    pub begin: fn(initial: u32) -> Congestion,
}

/// Every algorithm.
pub const ALGORITHMS: &[Algorithm] = &[
    Algorithm { name: "none", begin: |_| Congestion::None(NoControl) },
    Algorithm { name: "reno", begin: |initial| Congestion::Reno(Reno::new(initial)) },
];

impl Congestion {
    /// The algorithm of that name at its beginning; reno if there is none of that name.
    pub fn named(name: &str, initial: u32) -> Congestion {
        let row = ALGORITHMS.iter().find(|row| row.name == name);
        row.map_or_else(|| Congestion::Reno(Reno::new(initial)), |row| (row.begin)(initial))
    }
    /// The algorithm to ask.
    pub fn controller(&self) -> &dyn Controller {
        match self {
            Congestion::None(state) => state,
            Congestion::Reno(state) => state,
        }
    }
    /// The algorithm to tell.
    pub fn controller_mut(&mut self) -> &mut dyn Controller {
        match self {
            Congestion::None(state) => state,
            Congestion::Reno(state) => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_always_lets_at_least_one_segment_out() {
        for row in ALGORITHMS {
            let mut state = (row.begin)(10);
            let control = state.controller_mut();
            for round in 0..200u32 {
                match round % 7 {
                    0 => control.on_timeout(round % 5),
                    1 | 2 => control.on_ack(1 + round % 3),
                    3 => control.on_fast_retransmit(round % 12),
                    4 => control.on_duplicate(),
                    5 => control.on_partial_ack(2),
                    _ => control.on_recovered(round % 4),
                }
                assert!(control.window() >= 1, "{} after {round}", row.name);
            }
        }
    }

    #[test]
    fn every_algorithm_has_its_own_name() {
        for (index, row) in ALGORITHMS.iter().enumerate() {
            assert!(ALGORITHMS[index + 1..].iter().all(|other| other.name != row.name));
        }
    }
}
