//! How many redirects go to one neighbour: each twice as long after the one before, until it is plain that it does not listen
//! (RFC 1812 section 5.2.7.2 leaves it to the router).

use super::Profile;
use crate::clock::{Instant, Span};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Neighbours remembered; beyond that the one told longest ago is forgotten.
const REMEMBERED: usize = 1024;

/// Redirects to a neighbour that goes on as before.
const NUMBER: u32 = 9;

/// What was told to whom.
#[derive(Clone, Debug, Default)]
pub struct Redirects {
    told: BTreeMap<Ipv4Addr, (u32, Instant)>,
}

impl Redirects {
    /// Whether one more redirect may go to `neighbour` now.
    pub fn allows(&mut self, now: Instant, neighbour: Ipv4Addr, profile: &Profile) -> bool {
        let Some(load) = profile.redirect_load else { return true };
        let silence = load.saturating_mul(1 << (NUMBER + 1));
        if !self.told.contains_key(&neighbour) && self.told.len() >= REMEMBERED {
            let oldest = self.told.iter().min_by_key(|(_, (_, last))| *last).map(|(key, _)| *key);
            oldest.and_then(|key| self.told.remove(&key));
        }
        let (count, last) = self.told.entry(neighbour).or_insert((0, now));
        if now.since(*last) > silence {
            *count = 0;
        }
        if *count >= NUMBER {
            // The neighbour ignores them; as long as it goes on, it is told nothing more.
            *last = now;
            return false;
        }
        let wait = if *count == 0 { Span::ZERO } else { load.saturating_mul(1 << *count) };
        let allowed = now.since(*last) >= wait;
        if allowed {
            *count += 1;
            *last = now;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_twice_as_late_and_after_nine_none_does() {
        let (mut redirects, profile) = (Redirects::default(), Profile::linux());
        let neighbour = Ipv4Addr::new(10, 0, 0, 9);
        let told: Vec<u64> = (0..30_000)
            .filter(|ms| redirects.allows(Instant::ZERO + Span::millis(*ms), neighbour, &profile))
            .collect();
        assert_eq!(told, [0, 40, 120, 280, 600, 1240, 2520, 5080, 10_200]);
        let after_silence = Instant::ZERO + Span::secs(60);
        assert!(redirects.allows(after_silence, neighbour, &profile));
    }

    #[test]
    fn the_rfc_profile_tells_every_time() {
        let (mut redirects, profile) = (Redirects::default(), Profile::rfc());
        let neighbour = Ipv4Addr::new(10, 0, 0, 9);
        assert!((0..100).all(|_| redirects.allows(Instant::ZERO, neighbour, &profile)));
    }
}
