//! How many challenge ACKs a host may send (RFC 5961 section 7).

use super::Profile;
use crate::clock::{Draws, Instant};

/// What is left of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChallengeBudget {
    draws: Draws,
    since: Option<Instant>,
    /// The period's number since the beginning of time; only where the limit is drawn.
    period: Option<u64>,
    most: i64,
    spent: i64,
}

impl ChallengeBudget {
    /// All of them; `secret` decides what is drawn.
    pub fn new(secret: &[u8; 16]) -> ChallengeBudget {
        let [a, b, c, d, e, f, g, h, ..] = *secret;
        let draws = Draws::new(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
        ChallengeBudget { draws, since: None, period: None, most: 0, spent: 0 }
    }

    /// Takes one, if any is left in this period.
    pub fn take(&mut self, now: Instant, profile: &Profile) -> bool {
        let limit = profile.settings.tcp_challenge_ack_limit;
        if profile.challenge_limit_drawn {
            self.draw(now, profile, limit);
        } else if self.since.is_none_or(|since| now - since >= profile.challenge_period) {
            self.since = Some(now);
            self.spent = 0;
            self.most = limit;
        }
        self.spent += 1;
        self.spent <= self.most
    }

    /// A period that is counted from the clock's beginning, with a limit of its own: what an attacker sees of it then says
    /// nothing about how many others used up.
    fn draw(&mut self, now: Instant, profile: &Profile, limit: i64) {
        let period = now.as_nanos() / profile.challenge_period.as_nanos().max(1);
        if self.period == Some(period) {
            return;
        }
        self.period = Some(period);
        self.spent = 0;
        let bound = limit.unsigned_abs();
        let drawn = self.draws.below("challenge-limit", 0, period, bound);
        let unlimited = limit == i64::from(i32::MAX);
        let half = limit / 2 + limit % 2;
        self.most = if unlimited { i64::MAX } else { half + i64::try_from(drawn).unwrap_or(0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;

    /// How many go in each of `periods` when more are wanted.
    fn sent(profile: &Profile, periods: u64, secret: u8) -> Vec<usize> {
        let mut budget = ChallengeBudget::new(&[secret; 16]);
        let step = profile.challenge_period.as_nanos();
        let count =
            |at: Instant, budget: &mut ChallengeBudget| (0..500).filter(|_| budget.take(at, profile)).count();
        (0..periods).map(|n| count(Instant::ZERO + Span::nanos(step * n), &mut budget)).collect()
    }

    #[test]
    fn the_rfc_profile_sends_ten_in_five_seconds_and_linux_draws_a_number_each_second() {
        let (mut rfc9293, mut linux) = (Profile::rfc9293(), Profile::linux());
        assert_eq!(sent(&rfc9293, 3, 1), [10, 10, 10]);
        assert_eq!(sent(&linux, 2, 1), [500, 500], "there is no limit by default");
        for profile in [&mut rfc9293, &mut linux] {
            profile.set("tcp_challenge_ack_limit", 20).unwrap();
        }
        assert_eq!(sent(&rfc9293, 3, 1), [20, 20, 20]);
        let drawn = sent(&linux, 400, 1);
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&10), Some(&29)));
        assert_ne!(drawn, sent(&linux, 400, 2), "another secret draws other numbers");
        linux.set("tcp_challenge_ack_limit", 1).unwrap();
        assert_eq!(sent(&linux, 3, 1), [1, 1, 1]);
    }

    #[test]
    fn linux_counts_by_the_clocks_seconds_and_the_rfc_profile_from_the_first_challenge() {
        for (mut profile, again) in [(Profile::rfc9293(), false), (Profile::linux(), true)] {
            profile.set("tcp_challenge_ack_limit", 1).unwrap();
            let mut budget = ChallengeBudget::new(&[1; 16]);
            assert!(budget.take(Instant::ZERO + Span::millis(900), &profile));
            assert!(!budget.take(Instant::ZERO + Span::millis(999), &profile));
            assert_eq!(budget.take(Instant::ZERO + Span::millis(1001), &profile), again);
        }
    }
}
