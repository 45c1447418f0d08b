//! Random numbers by name: each is a keyed hash of (seed, purpose, entity, ordinal), so that drawing one more or
//! one fewer somewhere changes no other draw.

use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// The second half of the hash key; the seed is the first. Any constant would do, but this one stays.
const KEY: u64 = 0x7769_7265_7761_6c6b;

/// One in a million, as [`Draws::chance`] counts it.
const MILLION: u32 = 1_000_000;

/// The draws of one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    seed: u64,
}

impl Draws {
    /// The draws of `seed`.
    pub const fn new(seed: u64) -> Draws {
        Draws { seed }
    }

    /// The seed.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// A number, even over all 64 bits, for the `ordinal`-th event of `entity` in the matter of `purpose`.
    pub fn draw(&self, purpose: &'static str, entity: u64, ordinal: u64) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.seed, KEY);
        hasher.write(&entity.to_le_bytes());
        hasher.write(&ordinal.to_le_bytes());
        hasher.write(purpose.as_bytes());
        hasher.finish()
    }

    /// A number below `bound` (0 if `bound` is 0), even up to a bias below `bound` / 2^64.
    pub fn below(&self, purpose: &'static str, entity: u64, ordinal: u64, bound: u64) -> u64 {
        scale(self.draw(purpose, entity, ordinal), bound)
    }

    /// True with probability `per_million` / 1 000 000; always from a million on, never at 0.
    pub fn chance(&self, purpose: &'static str, entity: u64, ordinal: u64, per_million: u32) -> bool {
        per_million >= MILLION
            || self.below(purpose, entity, ordinal, u64::from(MILLION)) < u64::from(per_million)
    }
}

/// A number for what has a name, to be an entity of draws: the same in every build (FNV-1a).
pub fn entity(octets: impl IntoIterator<Item = u8>) -> u64 {
    octets.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// `draw` scaled from 2^64 down to `bound`.
fn scale(draw: u64, bound: u64) -> u64 {
    ((u128::from(draw) * u128::from(bound)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// These numbers are part of what a seed means: if they change, every random run changes.
    #[test]
    fn the_stream_is_pinned() {
        let draws = Draws::new(1);
        let seen: Vec<u64> = (0..3).map(|ordinal| draws.draw("fault", 7, ordinal)).collect();
        assert_eq!(
            seen,
            [13_906_260_187_845_606_419, 10_739_864_186_684_691_148, 18_354_283_267_674_676_440]
        );
        assert_eq!(Draws::new(2).draw("fault", 7, 0), 5_315_953_760_402_830_242);
        assert_eq!(draws.draw("isn", 7, 0), 8_913_367_209_437_311_615);
        assert_eq!(draws.draw("fault", 8, 0), 17_306_810_657_136_296_261);
    }

    #[test]
    fn chance_keeps_its_promise() {
        let draws = Draws::new(42);
        let hits = (0..100_000).filter(|n| draws.chance("test", 0, *n, 250_000)).count();
        assert!((24_500..25_500).contains(&hits), "{hits} of 100000 at a quarter");
        assert!((0..1000).all(|n| draws.chance("test", 0, n, MILLION)));
        assert!(!(0..1000).any(|n| draws.chance("test", 0, n, 0)));
    }

    #[test]
    fn below_stays_below() {
        let draws = Draws::new(3);
        assert!((0..1000).all(|n| draws.below("test", 0, n, 7) < 7));
        assert_eq!(draws.below("test", 0, 0, 0), 0);
        let values: std::collections::BTreeSet<u64> =
            (0..1000).map(|n| draws.below("test", 0, n, 7)).collect();
        assert_eq!(values.len(), 7);
    }
}
