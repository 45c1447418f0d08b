//! Every constant and every named deviation as data: `rfc9293` and `linux`.
//!
//! [`Settings`] are what an administrator may change, under the kernel's own names; the other fields of [`Profile`] are
//! what only another stack would do differently.

mod buffers;
mod route;
mod rules;
mod settings;
mod values;

pub(in crate::tcp) use buffers::Cost;
pub use buffers::{BlockRule, BufferCharge};
pub use route::Route;
pub use rules::{
    Adaptive, DelayedAck, IdleRestart, ListenRules, LossBase, Nagle, RetryLimit, RttRule, WindowProbe,
    WindowRule,
};
pub use settings::{Setting, SettingError, Settings};

use super::recovery::RecoveryRules;
use super::{FastOpenRules, IcmpRules, TimeWaitSyn, UrgentRules, UserTimeoutRules};
use crate::clock::Span;
use settings::TABLE;
use std::net::IpAddr;

/// Everything in which stacks differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// `rfc9293` or `linux`.
    pub name: &'static str,
    /// What can be set per host.
    pub settings: Settings,
    /// What the route says of TCP.
    pub route: Route,
    /// How long TIME-WAIT lasts (2 MSL).
    pub time_wait: Span,
    /// Retransmission time-out before any measurement (RFC 6298 section 2.1).
    pub rto_initial: Span,
    /// The same after the SYN had to be sent again and nothing could be measured (RFC 6298 section 5.7).
    pub rto_after_syn_loss: Span,
    /// The least retransmission time-out as far as the giving up of connections and the probing of closed windows are
    /// reckoned from it; the one of RFC 6298 section 2.4 is [`least_rto`](Profile::least_rto).
    pub rto_min: Span,
    /// Clock granularity G: the least variance term, and time-outs are whole multiples of it.
    pub granularity: Span,
    /// How round-trip times become a time-out.
    pub rtt_rule: RttRule,
    /// How R2 is counted.
    pub retry_limit: RetryLimit,
    /// Which small segments wait.
    pub nagle: Nagle,
    /// Within a long write PSH is set as well wherever more than half of the peer's largest window was written since it
    /// was last set.
    pub push_half_windows: bool,
    /// How much window is offered, and in what steps.
    pub window_rule: WindowRule,
    /// The user is told when data was sent again R1 times without an answer (RFC 9293 section 3.8.3).
    pub tells_excessive_retransmission: bool,
    /// What a zero-window probe carries.
    pub window_probe: WindowProbe,
    /// How acknowledgments are delayed.
    pub delayed_ack: DelayedAck,
    /// Silly-window override time-out of the sender; `None` leaves it to the persist timer.
    pub silly_window_override: Option<Span>,
    /// Rules of a listener's queues.
    pub listen: ListenRules,
    /// Congestion control: a row of [`cc::ALGORITHMS`](super::cc::ALGORITHMS).
    pub congestion_control: &'static str,
    /// CUBIC is reckoned in whole segments and ticks, and its slow start may end before a loss (HyStart): RFC 9438 leaves both
    /// open.
    pub cubic_by_ticks: bool,
    /// From what the slow-start threshold is reckoned when a segment is lost.
    pub loss_base: LossBase,
    /// Segments that one acknowledgment counts for in slow start at most (RFC 5681 section 3.1, equation 2).
    pub slow_start_per_ack: u32,
    /// So many losses of the SYN or SYN-ACK make the initial window one segment (RFC 5681 section 3.1, RFC 6928 section 2).
    pub syn_losses_for_one_segment: u32,
    /// What recovery from loss does.
    pub recovery: RecoveryRules,
    /// What becomes of the congestion window after idleness.
    pub idle_restart: IdleRestart,
    /// What text that was received costs in the receive buffer.
    pub buffer_charge: BufferCharge,
    /// Segments of this size are put together by the card before the host sees them: larger text counts as made of these.
    pub receive_offload: Option<u16>,
    /// Buffers given by the user are doubled, and half of a receive buffer is window.
    pub buffers_doubled: bool,
    /// Answer data that comes after close with RST (RFC 9293 section 3.6.1 allows it).
    pub reset_data_after_close: bool,
    /// Text beyond the peer's own FIN resets the connection; otherwise it is ignored.
    pub reset_text_after_fin: bool,
    /// A segment without ACK, RST and SYN is dropped before anything else is looked at.
    pub drop_without_ack_first: bool,
    /// Answer a close with data unread by RST.
    pub reset_unread_data: bool,
    /// Text and FIN on a SYN-ACK are taken in; otherwise they must come again.
    pub take_syn_ack_text: bool,
    /// Text and FIN on a SYN wait until the connection is open (RFC 9293 section 3.10.7.2); otherwise the text is ignored and
    /// a listener drops a SYN with FIN.
    pub keep_syn_text: bool,
    /// Whether a SYN may open a connection in TIME-WAIT anew.
    pub time_wait_syn: TimeWaitSyn,
    /// After this time without a newer timestamp any is believed (RFC 7323 section 5.5: more than 24 days).
    pub timestamps_outdated: Span,
    /// A segment's timestamp is remembered only where its acknowledgment is neither old nor of something never sent; otherwise
    /// wherever the segment is acceptable (RFC 7323 section 5.3, R3).
    pub timestamps_after_ack: bool,
    /// A timestamp so many ticks older than TS.Recent is not old yet (RFC 7323 section 5.3, R1, says none).
    pub timestamps_may_lag: u32,
    /// A bare acknowledgment with an old timestamp is not answered where it was merely overtaken: one from before RCV.NXT is
    /// dropped, and one that only repeats SND.UNA is taken if it is no older than about a time-out.
    pub overtaken_acks_pass: bool,
    /// So many SACK blocks are remembered; what was told longest ago is told no more (RFC 2018 section 4 wants it told).
    pub sack_blocks_kept: Option<usize>,
    /// Accept segments without the negotiated timestamps.
    pub accept_missing_timestamps: bool,
    /// How urgent data is treated.
    pub urgent: UrgentRules,
    /// How Fast Open is done.
    pub fast_open: FastOpenRules,
    /// What user timeouts that peers tell do, where tcp_uto is set.
    pub user_timeout: UserTimeoutRules,
    /// What reports of the network do.
    pub icmp: IcmpRules,
    /// In simultaneous open the SYN-ACK offers again whatever the SYN offered, not only what the peer's SYN offered too.
    pub crossed_syn_repeats_offer: bool,
    /// Segments are acceptable from the edge last offered on, not only from RCV.NXT on; one that begins in the window and ends
    /// beyond it is taken whole if nothing waits to be read, and otherwise dropped whole.
    pub accept_from_last_offer: bool,
    /// Where a listener opens a connection the window of the SYN is none of those the peer ever offered: the first that counts
    /// is that of the final ACK.
    pub syn_window_forgotten: bool,
    /// Where a listener opens a connection, what the search for its path MTU begins with bounds no segment before the search
    /// has found something (RFC 4821 section 7.2: eff_pmtu begins there).
    pub accepted_search_from_whole: bool,
    /// A RST in CLOSE-WAIT tells the user that its sending half is broken, not that the connection was reset.
    pub broken_in_close_wait: bool,
    /// An acknowledgment older than anything that was ever acknowledged is challenged, however large the window.
    pub challenge_impossible_ack: bool,
    /// When an ACK of something else comes in SYN-SENT before any retransmission, the SYN goes again after this.
    pub hurry_syn: Option<Span>,
    /// In CLOSE-WAIT, LAST-ACK and CLOSING a RST at RCV.NXT - 1 counts too.
    pub reset_before_next: bool,
    /// A RST at the right edge of what came farthest out of order counts as exact: the peer may have sent all of that.
    pub reset_at_sack_edge: bool,
    /// A closed window is not waited for for ever although probes are answered: not longer than the user time-out, and not
    /// by a connection nobody owns once its wait has become the greatest (RFC 9293 section 3.8.6.1 says for ever).
    pub persist_ends: bool,
    /// A RST that answers a segment with a timestamp echoes it (RFC 7323 section 5.2).
    pub reset_echoes_timestamp: bool,
    /// A segment that is no newer than what told of the window last, and acknowledges nothing, tells of it only if it tells
    /// of more, or of none; otherwise SND.WND follows it (RFC 9293 section 3.10.7.4).
    pub repeats_open_window_only: bool,
    /// The initial sequence number of a reopened TIME-WAIT is SND.NXT plus this.
    pub reopen_isn_step: u32,
    /// Length of one tick of the ISN clock (RFC 9293 section 3.4.1).
    pub isn_tick: Span,
    /// Least MSS believed from a peer.
    pub min_mss: u16,
    /// The period in which tcp_challenge_ack_limit challenge ACKs may go (RFC 5961 section 7).
    pub challenge_period: Span,
    /// How many may go in a period is drawn anew each time, between half of the limit and one and a half of it, so that an
    /// attacker cannot count what others used up; otherwise it is the limit itself.
    pub challenge_limit_drawn: bool,
    /// Text that finds more in the receive buffer than it may hold (the user made it smaller) is dropped, and the window closed
    /// at once; otherwise the right edge never moves back (RFC 9293 section 3.8.6).
    pub full_memory_closes_window: bool,
    /// How long one value of the SYN cookies' time counter lasts; a cookie is good for this one and the next.
    pub cookie_period: Span,
    /// Octets of MSS assumed when the peer names none (RFC 9293 section 3.7.1), over IPv4.
    pub default_mss: u16,
}

/// The same over IPv6 (RFC 9293 MUST-15): what every path carries, less the headers.
const DEFAULT_MSS_OVER_IPV6: u16 = 1220;

impl Profile {
    /// Octets of MSS assumed of a peer that names none (RFC 9293 section 3.7.1).
    pub(super) fn mss_unsaid(&self, peer: IpAddr) -> u16 {
        match peer {
            IpAddr::V4(_) => self.default_mss,
            IpAddr::V6(_) => DEFAULT_MSS_OVER_IPV6,
        }
    }

    /// The table of settings.
    pub const SETTINGS: &'static [Setting] = TABLE;
    /// Names of the profiles.
    pub const NAMES: [&'static str; 2] = ["rfc9293", "linux"];

    /// The profile of that name.
    pub fn named(name: &str) -> Option<Profile> {
        match name {
            "rfc9293" => Some(Profile::rfc9293()),
            "linux" => Some(Profile::linux()),
            _ => None,
        }
    }

    /// Least retransmission time-out (RFC 6298 section 2.4): what the route says goes before what the machine does.
    pub fn least_rto(&self) -> Span {
        let machine = Span::micros(u64::try_from(self.settings.tcp_rto_min_us).unwrap_or(0));
        self.route.least_rto.unwrap_or(machine)
    }

    /// The longest that an acknowledgment may wait where its delay adapts: a tick less than the least time-out, so that the
    /// peer, if its own is the same, need not send again.
    pub fn longest_ack_delay(&self, numbers: &Adaptive) -> Span {
        let tick = self.granularity.as_nanos().max(1);
        let ticks = self.least_rto().as_nanos().div_ceil(tick).max(2) - 1;
        numbers.max.min(Span::nanos(ticks.saturating_mul(tick)))
    }

    /// Greatest retransmission time-out (RFC 6298 section 2.5).
    pub fn rto_max(&self) -> Span {
        Span::millis(u64::try_from(self.settings.tcp_rto_max_ms).unwrap_or(0))
    }

    /// The same between two SYN-ACKs.
    pub fn syn_ack_rto_max(&self) -> Span {
        self.listen.syn_ack_rto_max.unwrap_or(self.rto_max())
    }

    /// Changes one setting, by sysctl name.
    ///
    /// # Errors
    /// [`SettingError`] if there is no such setting or the value is out of its range.
    pub fn set(&mut self, name: &str, value: i64) -> Result<(), SettingError> {
        let unknown = || SettingError::Unknown(name.to_owned());
        let row = TABLE.iter().find(|row| row.name == name).ok_or_else(unknown)?;
        if value < row.min || value > row.max {
            return Err(SettingError::Range { name: row.name, min: row.min, max: row.max });
        }
        *self.settings.slot(name).ok_or_else(unknown)? = value;
        Ok(())
    }

    /// What becomes of a receive buffer of `asked` octets: what `getsockopt` then tells.
    pub fn kept_receive_buffer(&self, asked: u32) -> u32 {
        let asked = asked.min(u32::try_from(self.settings.rmem_max).unwrap_or(u32::MAX));
        if self.buffers_doubled { asked.saturating_mul(2).max(2304) } else { asked.max(1) }
    }

    /// What becomes of a send buffer of `asked` octets.
    pub fn kept_send_buffer(&self, asked: u32) -> u32 {
        if self.buffers_doubled { asked.saturating_mul(2).max(4608) } else { asked.max(1) }
    }

    /// Octets of window that a receive buffer of `kept` octets can offer.
    pub fn window_of_buffer(&self, kept: u32) -> u32 {
        if self.buffers_doubled { kept / 2 } else { kept }
    }

    /// The listener's backlog as the host bounds it (`somaxconn`).
    pub fn bounded_backlog(&self, backlog: u32) -> u32 {
        backlog.min(u32::try_from(self.settings.somaxconn).unwrap_or(u32::MAX))
    }

    pub(in crate::tcp) fn keepalive_default(&self) -> crate::tcp::Keepalive {
        crate::tcp::Keepalive {
            on: false,
            idle: seconds(self.settings.tcp_keepalive_time),
            interval: seconds(self.settings.tcp_keepalive_intvl),
            count: u32::try_from(self.settings.tcp_keepalive_probes).unwrap_or(9),
        }
    }
}

/// A setting in seconds as a span; what is negative is none.
pub(in crate::tcp) fn seconds(value: i64) -> Span {
    Span::secs(u64::try_from(value).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_can_be_set_within_its_range_and_not_beyond() {
        for name in Profile::NAMES {
            let mut profile = Profile::named(name).unwrap();
            for row in Profile::SETTINGS {
                let value = profile.settings.get(row.name).unwrap();
                assert!(
                    (row.min..=row.max).contains(&value),
                    "{name}: default of {} is out of range",
                    row.name
                );
                profile.set(row.name, row.max).unwrap();
                assert_eq!(profile.settings.get(row.name), Some(row.max));
                assert!(profile.set(row.name, row.max + 1).is_err());
                assert!(profile.set(row.name, row.min - 1).is_err());
            }
        }
    }

    #[test]
    fn an_unknown_setting_is_named_in_the_error() {
        let error = Profile::linux().set("tcp_magic", 1).unwrap_err();
        assert_eq!(error.to_string(), "there is no setting `tcp_magic`");
    }

    #[test]
    fn a_buffer_is_doubled_only_where_the_kernel_does() {
        assert_eq!(Profile::linux().kept_receive_buffer(4096), 8192);
        assert_eq!(Profile::linux().kept_receive_buffer(1), 2304);
        assert_eq!(Profile::linux().window_of_buffer(8192), 4096);
        assert_eq!(Profile::rfc9293().kept_receive_buffer(4096), 4096);
    }
}
