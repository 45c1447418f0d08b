//! The time stamps of a file as nanoseconds.

/// How an interface counts time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticks {
    /// `if_tsresol`: with the high bit set a power of two, else of ten, of how many make a second.
    pub resolution: u8,
    /// `if_tsoffset`: seconds to add.
    pub offset: i64,
}

impl Default for Ticks {
    fn default() -> Ticks {
        Ticks { resolution: 6, offset: 0 }
    }
}

impl Ticks {
    /// Nanoseconds since 1970; the ends of the range where it is beyond them.
    pub fn nanos(self, ticks: u64) -> u64 {
        let exponent = u32::from(self.resolution & 0x7f);
        let ticks = u128::from(ticks);
        let since = if self.resolution & 0x80 != 0 {
            (ticks * 1_000_000_000) >> exponent
        } else if exponent <= 9 {
            ticks * 10u128.pow(9 - exponent)
        } else {
            10u128.checked_pow(exponent - 9).map_or(0, |divisor| ticks / divisor)
        };
        let offset = i128::from(self.offset) * 1_000_000_000;
        let nanos = i128::try_from(since).unwrap_or(i128::MAX).saturating_add(offset);
        u64::try_from(nanos.clamp(0, i128::from(u64::MAX))).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resolution_gives_nanoseconds() {
        let of = |resolution, offset| Ticks { resolution, offset };
        assert_eq!(Ticks::default().nanos(1_000_001), 1_000_001_000);
        assert_eq!(of(9, 0).nanos(7), 7);
        assert_eq!(of(0, 0).nanos(3), 3_000_000_000);
        assert_eq!(of(12, 0).nanos(5_000), 5);
        assert_eq!(of(0x80 | 10, 0).nanos(512), 500_000_000);
        assert_eq!(of(6, 2).nanos(1), 2_000_001_000);
        assert_eq!(of(6, -2).nanos(1), 0);
        assert_eq!(of(0x7f, 0).nanos(u64::MAX), 0);
        assert_eq!(of(0, 0).nanos(u64::MAX), u64::MAX);
        assert_eq!(of(0xff, i64::MIN).nanos(u64::MAX), 0);
    }
}
