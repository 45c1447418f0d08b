//! Round-trip time and retransmission time-out (RFC 6298).

use super::{Profile, RttRule};
use crate::clock::Span;
use crate::wire::Seq;

/// SRTT, RTTVAR and RTO of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rtt {
    /// SRTT; `None` before the first measurement.
    pub srtt: Option<Span>,
    /// RTTVAR (RFC 6298), or four times the mean deviation with a floor (variance-floor rule).
    pub rttvar: Span,
    /// RTO as it stands, backed off or not.
    pub rto: Span,
    /// Whether anything was measured since this was last taken back.
    pub fresh: bool,
    /// Four times the smoothed mean deviation (variance-floor rule).
    deviation: Span,
    /// Its greatest value in this round trip (variance-floor rule).
    deviation_max: Span,
    /// The round trip ends when this is acknowledged (variance-floor rule).
    round_end: Seq,
    /// How often the RTO was doubled since it was last measured.
    doublings: u8,
    /// The RTO before it was doubled.
    measured_rto: Span,
}

impl Rtt {
    /// Nothing measured yet.
    pub fn new(profile: &Profile) -> Rtt {
        Rtt {
            srtt: None,
            rttvar: Span::ZERO,
            rto: profile.rto_initial,
            fresh: false,
            deviation: Span::ZERO,
            deviation_max: Span::ZERO,
            round_end: Seq(0),
            doublings: 0,
            measured_rto: profile.rto_initial,
        }
    }

    /// How far round trips lie from the smoothed one on average, as TCP_INFO tells it.
    pub fn mean_deviation(&self, profile: &Profile) -> Span {
        match profile.rtt_rule {
            RttRule::Rfc6298 => self.rttvar,
            RttRule::VarianceFloor => self.deviation / 4,
        }
    }

    /// How often the RTO was doubled since it was last measured.
    pub fn doublings(&self) -> u8 {
        self.doublings
    }

    /// Takes in a measurement and computes the RTO anew: any back-off ends.
    pub fn sample(&mut self, profile: &Profile, measured: Span, una: Seq, nxt: Seq) {
        self.doublings = 0;
        self.fresh = true;
        match profile.rtt_rule {
            RttRule::Rfc6298 => self.sample_rfc(profile, measured),
            RttRule::VarianceFloor => self.sample_floor(profile, measured, una, nxt),
        }
    }

    fn sample_rfc(&mut self, profile: &Profile, measured: Span) {
        let srtt = match self.srtt {
            None => {
                self.rttvar = measured / 2;
                measured
            }
            Some(srtt) => {
                let error = distance(srtt, measured);
                self.rttvar = (self.rttvar * 3 + error) / 4;
                (srtt * 7 + measured) / 8
            }
        };
        self.srtt = Some(srtt);
        let rto = srtt + (self.rttvar * 4).max(profile.granularity);
        self.rto = whole_ticks(rto, profile).max(profile.least_rto()).min(profile.rto_max());
    }

    /// The variance term never falls below the minimum and sinks only once per round trip. A falling round-trip time
    /// moves the deviation eight times more slowly, so that good news does not look like jitter.
    fn sample_floor(&mut self, profile: &Profile, measured: Span, una: Seq, nxt: Seq) {
        let Some(srtt) = self.srtt else {
            self.srtt = Some(measured);
            self.deviation = measured * 2;
            self.rttvar = self.deviation.max(profile.least_rto());
            self.deviation_max = self.rttvar;
            self.round_end = nxt;
            self.rto =
                whole_ticks(measured.max(Span::micros(1)) + self.rttvar, profile).min(profile.rto_max());
            return;
        };
        let error = distance(srtt, measured);
        let falling = measured < srtt;
        self.srtt = Some((srtt * 7 + measured) / 8);
        let quarter = self.deviation / 4;
        if error > quarter {
            let rise = error - quarter;
            self.deviation += if falling { rise / 8 } else { rise };
        } else {
            self.deviation = self.deviation - (quarter - error);
        }
        if self.deviation > self.deviation_max {
            self.deviation_max = self.deviation;
            self.rttvar = self.rttvar.max(self.deviation_max);
        }
        if una.after(self.round_end) {
            if self.deviation_max < self.rttvar {
                self.rttvar = self.rttvar - (self.rttvar - self.deviation_max) / 4;
            }
            self.round_end = nxt;
            self.deviation_max = profile.least_rto();
        }
        let smooth = self.srtt.unwrap_or(measured).max(Span::micros(1));
        self.rto = whole_ticks(smooth + self.rttvar, profile).min(profile.rto_max());
    }

    /// Sets the RTO without a measurement: any back-off ends.
    pub fn begin_with(&mut self, rto: Span) {
        self.rto = rto;
        self.doublings = 0;
    }

    /// Takes one doubling back (RFC 6069), if there was one. Returns whether there was.
    pub fn revert(&mut self, profile: &Profile) -> bool {
        if self.doublings == 0 {
            return false;
        }
        self.doublings -= 1;
        self.rto = self.measured_rto;
        for _ in 0..self.doublings {
            self.rto = (self.rto * 2).min(profile.rto_max());
        }
        true
    }

    /// The RTO is what was measured.
    pub fn end_back_off(&mut self) {
        if self.doublings > 0 {
            self.rto = self.measured_rto;
        }
        self.doublings = 0;
    }

    /// Doubles the RTO (RFC 6298 section 5.5).
    pub fn back_off(&mut self, profile: &Profile) {
        if self.doublings == 0 {
            self.measured_rto = self.rto;
        }
        self.doublings = self.doublings.saturating_add(1);
        self.rto = (self.rto * 2).min(profile.rto_max());
    }
}

/// A time-out rounded up to whole ticks of the clock.
fn whole_ticks(span: Span, profile: &Profile) -> Span {
    let tick = profile.granularity.as_nanos().max(1);
    Span::nanos(span.as_nanos().div_ceil(tick).saturating_mul(tick))
}

fn distance(a: Span, b: Span) -> Span {
    a.max(b) - a.min(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sample_sets_the_variance_to_half() {
        let profile = Profile::rfc9293();
        let mut rtt = Rtt::new(&profile);
        assert_eq!(rtt.rto, Span::secs(1));
        rtt.sample(&profile, Span::millis(500), Seq(1), Seq(2));
        assert_eq!((rtt.srtt, rtt.rttvar), (Some(Span::millis(500)), Span::millis(250)));
        assert_eq!(rtt.rto, Span::millis(1500));
    }

    #[test]
    fn the_rto_is_never_below_one_second_by_the_rfc() {
        let profile = Profile::rfc9293();
        let mut rtt = Rtt::new(&profile);
        for n in 0..20 {
            rtt.sample(&profile, Span::millis(10), Seq(n), Seq(n + 1));
        }
        assert_eq!(rtt.rto, Span::secs(1));
    }

    #[test]
    fn linux_adds_at_least_200_ms_to_the_smoothed_time() {
        let profile = Profile::linux();
        let mut rtt = Rtt::new(&profile);
        for n in 0..40 {
            rtt.sample(&profile, Span::millis(50), Seq(n), Seq(n + 1));
        }
        assert_eq!(rtt.rto, Span::millis(252), "250 ms in ticks of 4 ms");
    }

    #[test]
    fn backing_off_doubles_up_to_the_maximum_and_a_sample_ends_it() {
        let profile = Profile::linux();
        let mut rtt = Rtt::new(&profile);
        rtt.sample(&profile, Span::millis(1), Seq(0), Seq(1));
        let before = rtt.rto;
        rtt.back_off(&profile);
        assert_eq!(rtt.rto, before * 2);
        for _ in 0..20 {
            rtt.back_off(&profile);
        }
        assert_eq!(rtt.rto, Span::secs(120));
        rtt.sample(&profile, Span::millis(1), Seq(1), Seq(2));
        assert!(rtt.rto < Span::secs(1));
    }

    /// Round trips of so many milliseconds, all within one flight. Returns the RTO after each, milliseconds.
    fn measured(profile: &Profile, times: &[u64]) -> Vec<u64> {
        let mut rtt = Rtt::new(profile);
        let mut after = |ms: &u64| {
            rtt.sample(profile, Span::millis(*ms), Seq(0), Seq(1));
            rtt.rto.as_millis()
        };
        times.iter().map(&mut after).collect()
    }

    #[test]
    fn a_falling_round_trip_moves_linux_deviation_eight_times_more_slowly() {
        // 90 + 203.75 and 110 + 230, in ticks of 4 ms.
        assert_eq!(measured(&Profile::linux(), &[100, 20])[1], 296);
        assert_eq!(measured(&Profile::linux(), &[100, 180])[1], 340);
    }

    #[test]
    fn within_a_round_trip_linux_variance_does_not_sink() {
        assert_eq!(measured(&Profile::linux(), &[400, 400, 400, 400]), [1200, 1200, 1200, 1200]);
    }

    #[test]
    fn a_measurement_leaves_no_doubling_to_take_back() {
        let profile = Profile::linux();
        let mut rtt = Rtt::new(&profile);
        rtt.back_off(&profile);
        rtt.sample(&profile, Span::millis(50), Seq(0), Seq(1));
        assert!(!rtt.revert(&profile));
        let measured = rtt.rto;
        rtt.back_off(&profile);
        assert!(rtt.revert(&profile));
        assert_eq!(rtt.rto, measured);
    }
}
