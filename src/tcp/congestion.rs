//! When congestion control is asked: how the window begins, when it may grow, what idleness does to it (RFC 5681, RFC 6928,
//! RFC 2861).

use super::cc::Acked;
use super::profile::{IdleRestart, LossBase};
use super::tcb::{Context, Tcb};
use super::{Profile, Reason};

/// The initial window of RFC 5681 section 3.1, segments of `mss` octets.
fn initial_by_size(mss: u32) -> u32 {
    match mss {
        0..=1095 => 4,
        1096..=2190 => 3,
        _ => 2,
    }
}

impl Tcb {
    /// IW: the window to begin with, segments (RFC 5681 section 3.1, or as many as tcp_initial_cwnd says: RFC 6928).
    pub fn initial_window(&self, profile: &Profile) -> u32 {
        match u32::try_from(profile.settings.tcp_initial_cwnd) {
            Ok(segments) if segments > 0 => segments,
            _ => initial_by_size(u32::from(self.snd.mss)),
        }
    }

    /// The connection opens after its SYN, or SYN-ACK, was sent again `losses` times.
    pub fn begin_congestion_window(&mut self, profile: &Profile, losses: u32) {
        let lost = losses >= profile.syn_losses_for_one_segment;
        let window = if lost { 1 } else { self.initial_window(profile) };
        self.cc.controller_mut().set_window(window);
    }

    /// From what the threshold is reckoned when a segment is lost.
    pub fn loss_base(&self, profile: &Profile) -> u32 {
        match profile.loss_base {
            // Not what limited transmit added (RFC 3042 section 2).
            LossBase::FlightSize => (self.flight.len() as u32).saturating_sub(self.recovery.limited),
            LossBase::Window => self.cc.controller().window().min(1 << 30),
        }
    }

    /// Whether the congestion window was the limit before the acknowledgment at hand: only then may it grow. In slow start
    /// half a window is enough (RFC 2861 section 3.1 and RFC 7661 section 4.3).
    pub fn limited_by_congestion(&self) -> bool {
        // The acknowledgment of a SYN opens nothing (RFC 5681 section 3.1).
        if self.snd.una == self.snd.iss {
            return false;
        }
        let control = self.cc.controller();
        let window = control.window();
        let slow = control.threshold().is_none_or(|threshold| window < threshold);
        let used = self.pipe();
        if slow { used.saturating_mul(2) > window } else { used >= window }
    }

    /// `segments` were acknowledged outside fast recovery: the window grows if it was the limit.
    pub fn grow(&mut self, cx: &Context<'_>, segments: u32, limited: bool) {
        let control = self.cc.controller_mut();
        if !limited {
            control.on_ack_unlimited(cx.now);
            return;
        }
        let most_in_slow_start = cx.profile.slow_start_per_ack;
        control.on_ack(&Acked { segments, most_in_slow_start, now: cx.now, srtt: self.rtt.srtt });
    }

    /// Data is about to be sent: if nothing was on its way for longer than the RTO the window begins anew
    /// (RFC 5681 section 4.1).
    pub fn restart_after_idle(&mut self, cx: &mut Context<'_>) {
        let Some(last) = self.last_sent.filter(|_| self.flight.is_empty()) else { return };
        let idle = cx.now - last;
        if cx.profile.settings.tcp_slow_start_after_idle == 0 || idle <= self.rtt.rto {
            return;
        }
        let control = self.cc.controller();
        let window = control.window();
        let restart = self.initial_window(cx.profile).min(window);
        let next = match cx.profile.idle_restart {
            IdleRestart::Whole => restart,
            IdleRestart::HalfPerRto => {
                let times = (idle.as_nanos() - 1) / self.rtt.rto.as_nanos().max(1);
                window.checked_shr(u32::try_from(times).unwrap_or(u32::MAX)).unwrap_or(0).max(restart)
            }
        };
        if next >= window {
            return;
        }
        let remembered = control.threshold().map(|threshold| threshold.max(window / 2 + window / 4));
        let control = self.cc.controller_mut();
        if cx.profile.idle_restart == IdleRestart::HalfPerRto
            && let Some(remembered) = remembered
        {
            control.set_threshold(remembered);
        }
        control.set_window(next);
        control.on_ack_unlimited(last);
        self.last_sent = None;
        cx.fx.note(self.owner(), Reason::RestartAfterIdle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_initial_window_follows_the_segment_size() {
        let windows = [536, 1095, 1096, 1460, 2190, 2191, 9000].map(initial_by_size);
        assert_eq!(windows, [4, 4, 3, 3, 3, 2, 2]);
    }
}
