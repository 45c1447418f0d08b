//! Sequence numbers and their arithmetic modulo 2^32 (RFC 9293 section 3.4).

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// A TCP sequence number. It has no `Ord`: "before" is only meaningful within half the space,
/// so comparisons are the named methods below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seq(pub u32);

impl Seq {
    /// `self < other` modulo 2^32.
    pub const fn before(self, other: Seq) -> bool {
        (self.0.wrapping_sub(other.0) as i32) < 0
    }
    /// `self <= other` modulo 2^32.
    pub const fn at_or_before(self, other: Seq) -> bool {
        (self.0.wrapping_sub(other.0) as i32) <= 0
    }
    /// `self > other` modulo 2^32.
    pub const fn after(self, other: Seq) -> bool {
        other.before(self)
    }
    /// `self >= other` modulo 2^32.
    pub const fn at_or_after(self, other: Seq) -> bool {
        other.at_or_before(self)
    }
    /// `low <= self < low + len` modulo 2^32.
    pub const fn within(self, low: Seq, len: u32) -> bool {
        self.0.wrapping_sub(low.0) < len
    }
    /// The later of two.
    pub const fn max(self, other: Seq) -> Seq {
        if self.before(other) { other } else { self }
    }
    /// The earlier of two.
    pub const fn min(self, other: Seq) -> Seq {
        if self.before(other) { self } else { other }
    }
}

impl Add<u32> for Seq {
    type Output = Seq;
    fn add(self, n: u32) -> Seq {
        Seq(self.0.wrapping_add(n))
    }
}
impl AddAssign<u32> for Seq {
    fn add_assign(&mut self, n: u32) {
        *self = *self + n;
    }
}
impl Sub<u32> for Seq {
    type Output = Seq;
    fn sub(self, n: u32) -> Seq {
        Seq(self.0.wrapping_sub(n))
    }
}
/// The distance from `other` forward to `self`, modulo 2^32.
impl Sub for Seq {
    type Output = u32;
    fn sub(self, other: Seq) -> u32 {
        self.0.wrapping_sub(other.0)
    }
}
impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_hold_across_the_wrap() {
        let low = Seq(u32::MAX - 1);
        let high = low + 5;
        assert!(low.before(high) && high.after(low) && !high.before(low));
        assert!(low.at_or_before(low) && low.at_or_after(low));
        assert!((low + 4).within(low, 5) && !(low + 5).within(low, 5));
        assert_eq!(high - low, 5);
        assert_eq!(low.max(high), high);
        assert_eq!(low.min(high), low);
    }
}
