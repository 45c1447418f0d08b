//! How a link loses frames: each by itself, exactly these, or in bursts.

use super::Reason;
use crate::clock::Draws;

/// Never, where a probability is wanted.
const NEVER: u32 = 0;

/// By what chance a link loses frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LossModel {
    /// By none.
    #[default]
    Never,
    /// Each frame for itself, with this probability in parts per million.
    Independent {
        /// How many of a million.
        per_million: u32,
    },
    /// In bursts: the link is in a good or a bad state, and may change it before each frame (Gilbert and Elliott). All in
    /// parts per million.
    Bursts(Bursts),
}

/// A link that has good and bad times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bursts {
    /// How likely a frame is lost in the good state.
    pub good: u32,
    /// How likely in the bad one.
    pub bad: u32,
    /// How likely the good state turns bad before a frame.
    pub to_bad: u32,
    /// How likely the bad one turns good.
    pub to_good: u32,
}

/// Exactly these frames are lost, counted from 1 in the order in which the link takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LostList {
    /// Counted over both directions together.
    pub whole: Vec<u64>,
    /// Counted apart for what each end sends.
    pub ends: [Vec<u64>; 2],
}

impl LostList {
    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.ends.iter().all(Vec::is_empty)
    }
}

/// One direction of a link, as far as losses go: what state it is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LossState {
    is_bad: bool,
}

impl LossState {
    /// Whether the `nth` frame of the direction `key` (from 0) is lost, and why. To be asked once for each, in order.
    pub fn judge(&mut self, model: LossModel, draws: &Draws, key: u64, nth: u64) -> Option<Reason> {
        match model {
            LossModel::Never => None,
            LossModel::Independent { per_million } => (per_million > NEVER
                && draws.chance("link loss", key, nth, per_million))
            .then_some(Reason::LossyLink { per_million }),
            LossModel::Bursts(bursts) => {
                let turns = if self.is_bad { bursts.to_good } else { bursts.to_bad };
                self.is_bad ^= draws.chance("link state", key, nth, turns);
                let (is_bad, per_million) = (self.is_bad, if self.is_bad { bursts.bad } else { bursts.good });
                draws
                    .chance("link loss", key, nth, per_million)
                    .then_some(Reason::LostInBurst { is_bad, per_million })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of so many frames are lost.
    fn lost(model: LossModel, seed: u64, frames: u64) -> Vec<bool> {
        let (mut state, draws) = (LossState::default(), Draws::new(seed));
        (0..frames).map(|nth| state.judge(model, &draws, 3, nth).is_some()).collect()
    }

    /// Lengths of the runs of lost frames.
    fn runs(lost: &[bool]) -> Vec<usize> {
        lost.split(|lost| !lost).map(<[bool]>::len).filter(|len| *len > 0).collect()
    }

    const BURSTS: Bursts = Bursts { good: 0, bad: 1_000_000, to_bad: 10_000, to_good: 250_000 };

    #[test]
    fn bursts_have_the_share_and_the_length_that_their_chain_gives() {
        let frames = 200_000;
        for seed in 1..=5 {
            let lost = lost(LossModel::Bursts(BURSTS), seed, frames);
            // The chain is in the bad state for to_bad / (to_bad + to_good) of the time, and stays for 1 / to_good frames.
            let share = lost.iter().filter(|lost| **lost).count() as f64 / frames as f64;
            assert!((share - 0.01 / 0.26).abs() < 0.003, "seed {seed}: {share}");
            let runs = runs(&lost);
            let mean = runs.iter().sum::<usize>() as f64 / runs.len() as f64;
            assert!((mean - 4.0).abs() < 0.25, "seed {seed}: bursts of {mean}");
        }
    }

    #[test]
    fn independent_losses_of_the_same_share_come_singly() {
        let share = 38_462;
        let lost = lost(LossModel::Independent { per_million: share }, 1, 200_000);
        let runs = runs(&lost);
        let mean = runs.iter().sum::<usize>() as f64 / runs.len() as f64;
        assert!((mean - 1.04).abs() < 0.02, "runs of {mean}");
        let found = lost.iter().filter(|lost| **lost).count();
        assert!((7_400..8_000).contains(&found), "{found} of 200000");
    }

    #[test]
    fn a_bad_state_may_let_frames_pass_and_a_good_one_lose_some() {
        let bursts = Bursts { good: 20_000, bad: 500_000, to_bad: 100_000, to_good: 100_000 };
        let lost = lost(LossModel::Bursts(bursts), 9, 100_000);
        let share = lost.iter().filter(|lost| **lost).count() as f64 / 100_000.0;
        assert!((share - 0.26).abs() < 0.01, "half the time each: {share}");
    }

    #[test]
    fn the_same_seed_loses_the_same_and_another_does_not() {
        let model = LossModel::Bursts(BURSTS);
        assert_eq!(lost(model, 1, 1000), lost(model, 1, 1000));
        assert_ne!(lost(model, 1, 1000), lost(model, 2, 1000));
        assert!(!lost(LossModel::Never, 1, 1000).contains(&true));
    }
}
