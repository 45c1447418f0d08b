//! Proportional rate reduction: during fast recovery data leaves in proportion to what arrives (RFC 9937, RFC 6937).

/// The memory of one recovery, in segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Prr {
    /// RecoverFS: the window when it began to sink.
    base: u32,
    /// prr_delivered: what has been delivered since.
    delivered: u32,
    /// prr_out: what has been sent since.
    out: u32,
}

impl Prr {
    /// The window begins to sink from `base` segments.
    pub fn new(base: u32) -> Prr {
        Prr { base, delivered: 0, out: 0 }
    }
    /// A segment was sent.
    pub fn sent(&mut self) {
        self.out = self.out.saturating_add(1);
    }
    /// `delivered` segments arrived with this acknowledgment; `pipe` are on their way, `threshold` shall be in the end.
    /// `safe` says that SND.UNA advanced and no further loss showed. Returns the congestion window; `None` leaves it.
    pub fn window(&mut self, delivered: u32, pipe: u32, threshold: u32, safe: bool) -> Option<u32> {
        if delivered == 0 || self.base == 0 {
            return None;
        }
        self.delivered = self.delivered.saturating_add(delivered);
        let may = if pipe > threshold {
            let share = (u64::from(self.delivered) * u64::from(threshold)).div_ceil(u64::from(self.base));
            u32::try_from(share).unwrap_or(u32::MAX).saturating_sub(self.out)
        } else {
            // Slow-start reduction bound: catch up to the threshold, one segment more than was delivered at most.
            let limit = self.delivered.saturating_sub(self.out).max(delivered) + u32::from(safe);
            limit.min(threshold - pipe)
        };
        // The first retransmission goes in any case.
        let may = may.max(u32::from(self.out == 0));
        Some(pipe.saturating_add(may))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_as_much_leaves_as_arrives_until_the_threshold_is_reached() {
        // Ten on their way, one of them lost, two sent by limited transmit, three delivered before recovery began.
        let mut prr = Prr::new(10);
        let mut pipe = 12 - 3 - 1;
        let mut windows = Vec::new();
        for _ in 0..7 {
            let window = prr.window(1, pipe, 5, false).unwrap();
            windows.push(window);
            if window > pipe {
                prr.sent();
                pipe += 1;
            }
            pipe -= 1;
        }
        assert_eq!(windows, [9, 8, 8, 7, 7, 6, 5]);
    }

    #[test]
    fn below_the_threshold_it_catches_up_by_one_more_than_was_delivered() {
        let mut prr = Prr::new(20);
        assert_eq!(prr.window(1, 4, 10, true), Some(6));
        assert_eq!(prr.window(1, 4, 10, false), Some(6));
        prr.sent();
        prr.sent();
        assert_eq!(prr.window(1, 4, 10, false), Some(5));
        assert_eq!(prr.window(9, 4, 10, true), Some(10), "never beyond the threshold");
    }

    #[test]
    fn what_delivers_nothing_changes_nothing() {
        assert_eq!(Prr::new(10).window(0, 10, 5, true), None);
    }

    #[test]
    fn the_first_retransmission_is_always_allowed() {
        assert_eq!(Prr::new(10).window(1, 5, 5, false), Some(6));
    }
}
