//! How large a burst may become.

use super::super::Profile;
use super::super::tcb::Tcb;
use crate::clock::Span;

/// Octets of headers that a burst of the card's largest size has to leave room for.
const HEADERS: u32 = 321;
/// A burst is what goes out in about a thousandth of a second at the present rate: 1024 of them to the second.
const RATE_SHIFT: u32 = 10;

/// A setting that counts something.
pub(super) fn count(setting: i64) -> u32 {
    u32::try_from(setting.max(0)).unwrap_or(u32::MAX)
}

/// Octets that the card takes at once.
fn card_takes(profile: &Profile) -> u32 {
    count(profile.settings.gso_max_size).saturating_sub(HEADERS).max(1)
}

impl Tcb {
    /// Octets after which a write begins a new burst: as much as the card takes, half of the largest window seen at most,
    /// in whole segments of `mss`.
    pub(super) fn burst_goal(&self, profile: &Profile, mss: u32) -> u32 {
        let most = card_takes(profile).min(count(profile.settings.gso_max_segs).saturating_mul(mss));
        let half = match self.snd.max_wnd {
            0 => most,
            wnd if wnd > u32::from(profile.default_mss) => wnd / 2,
            wnd => wnd,
        };
        (most.min(half.max(48)) / mss * mss).max(mss)
    }

    /// Segments of one burst: what goes out in about a millisecond at the present rate, more if the path is short, at
    /// least tcp_min_tso_segs.
    pub(super) fn burst_segments(&self, profile: &Profile, mss: u32) -> u32 {
        let largest = card_takes(profile);
        let mut octets = self.send_rate(profile).map_or(u64::MAX, |rate| rate >> RATE_SHIFT);
        let least = self.bursts.as_ref().and_then(|bursts| bursts.least_rtt);
        if let Some(least) = least {
            let shift = least.as_micros() >> profile.settings.tcp_tso_rtt_log.clamp(0, 63);
            octets = octets.saturating_add(
                u64::from(largest).checked_shr(u32::try_from(shift).unwrap_or(64)).unwrap_or(0),
            );
        }
        let octets = u32::try_from(octets.min(u64::from(largest))).unwrap_or(largest);
        let least = count(profile.settings.tcp_min_tso_segs);
        (octets / mss).max(least).min(count(profile.settings.gso_max_segs)).max(1)
    }

    /// Octets each second that the windows and the round-trip time come to, with the share that tcp_pacing_ss_ratio or
    /// tcp_pacing_ca_ratio adds; `None` before any round-trip time.
    pub(in crate::tcp) fn send_rate(&self, profile: &Profile) -> Option<u64> {
        let srtt = self.rtt.srtt?.max(Span::nanos(125));
        let control = self.cc.controller();
        let window = control.window();
        let slow = control.threshold().is_none_or(|threshold| window < threshold / 2);
        let settings = &profile.settings;
        let share = if slow { settings.tcp_pacing_ss_ratio } else { settings.tcp_pacing_ca_ratio };
        let segments = u128::from(window.max(self.flight.len() as u32));
        let octets = segments * u128::from(self.segment_size(profile)) * u128::from(count(share));
        let each_second = octets * 10_000_000 / u128::from(srtt.as_nanos());
        Some(u64::try_from(each_second).unwrap_or(u64::MAX))
    }
}
