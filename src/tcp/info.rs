//! What TCP_INFO tells of a connection, in the kernel's units.

use super::recovery::Phase;
use super::stack::Stack;
use super::tcb::Tcb;
use super::{ConnId, Profile, State};
use crate::clock::{Instant, Span};

/// While there is no slow-start threshold.
const UNBOUNDED: u32 = 0x7fff_ffff;

impl Stack {
    /// The fields that this engine keeps, by the kernel's names: times in microseconds (those since something happened in
    /// milliseconds), sizes in segments or octets. Empty once the connection is gone.
    pub fn info(&self, now: Instant, c: ConnId) -> Vec<(&'static str, i64)> {
        self.block(c).map(|tcb| tcb.info(now, &self.profile)).unwrap_or_default()
    }
}

/// The kernel's number of a state.
const fn number(state: State) -> i64 {
    match state {
        State::Established => 1,
        State::SynSent => 2,
        State::SynReceived => 3,
        State::FinWait1 => 4,
        State::FinWait2 => 5,
        State::TimeWait => 6,
        State::Closed => 7,
        State::CloseWait => 8,
        State::LastAck => 9,
        State::Listen => 10,
        State::Closing => 11,
    }
}

impl Tcb {
    fn info(&self, now: Instant, profile: &Profile) -> Vec<(&'static str, i64)> {
        let control = self.cc.controller();
        let mut fields = vec![
            ("tcpi_state", number(self.state())),
            ("tcpi_ca_state", self.ca_state()),
            ("tcpi_retransmits", i64::from(self.recovery.timeouts)),
            ("tcpi_probes", i64::from(self.probes)),
            ("tcpi_backoff", i64::from(self.rtt.doublings()).max(i64::from(self.persist_doublings))),
            ("tcpi_options", self.info_options()),
            ("tcpi_fastopen_client_fail", self.early_trouble()),
            ("tcpi_snd_wscale", i64::from(self.snd.scale)),
            ("tcpi_rcv_wscale", i64::from(self.rcv.scale)),
            ("tcpi_rto", self.rtt.rto.as_micros() as i64),
            ("tcpi_snd_mss", i64::from(self.segment_size(profile))),
            ("tcpi_unacked", self.flight.len() as i64 - i64::from(self.awaits_early_ack())),
            ("tcpi_sacked", i64::from(self.flight.sacked() + self.recovery.phantom())),
            ("tcpi_lost", i64::from(self.flight.lost())),
            ("tcpi_retrans", i64::from(self.flight.resent())),
            ("tcpi_snd_ssthresh", i64::from(control.threshold().unwrap_or(UNBOUNDED))),
            ("tcpi_snd_cwnd", i64::from(control.window())),
            ("tcpi_snd_wnd", i64::from(self.snd.wnd)),
            ("tcpi_notsent_bytes", i64::from(self.write_end() - self.snd.nxt)),
        ];
        if let Some(bursts) = &self.bursts {
            let [busy, window, buffer] = bursts.lasted.until(now).map(|lasted| lasted.as_micros() as i64);
            fields.push(("tcpi_busy_time", busy));
            fields.push(("tcpi_rwnd_limited", window));
            fields.push(("tcpi_sndbuf_limited", buffer));
            let rate = self.send_rate(profile).unwrap_or(u64::MAX);
            fields.push(("tcpi_pacing_rate", rate as i64));
            fields.push(("tcpi_max_pacing_rate", -1));
        }
        if self.by_states(profile) {
            fields.extend(self.states_info(profile));
        }
        fields.extend(self.info_of_receiving(now, profile));
        let (smooth, deviation) = match self.rtt.srtt {
            Some(srtt) => (srtt, self.rtt.mean_deviation(profile)),
            // As if it deviated by the time-out that is used before anything is measured.
            None => (Span::ZERO, profile.rto_initial / 4),
        };
        fields.push(("tcpi_rtt", smooth.as_micros() as i64));
        fields.push(("tcpi_rttvar", deviation.as_micros() as i64));
        fields
    }

    fn states_info(&self, profile: &Profile) -> [(&'static str, i64); 7] {
        let least = self.rack.least().map_or(u32::MAX.into(), |least| least.as_micros() as i64);
        [
            ("tcpi_reordering", i64::from(self.reordering(profile))),
            ("tcpi_reord_seen", i64::from(self.tally.reordered)),
            ("tcpi_dsack_dups", i64::from(self.tally.duplicates)),
            ("tcpi_total_retrans", i64::from(self.tally.resent)),
            ("tcpi_delivered", i64::from(self.tally.delivered)),
            ("tcpi_delivered_ce", i64::from(self.tally.delivered_marked)),
            ("tcpi_min_rtt", least),
        ]
    }

    /// 0 open, 1 disorder, 3 recovery, 4 loss; 2 while the window sinks because of marks.
    fn ca_state(&self) -> i64 {
        match self.recovery.phase {
            Phase::Open if self.recovery.ledger.state != super::recovery::State::Open => {
                self.recovery.ledger.state as i64
            }
            Phase::Fast => 3,
            Phase::Loss => 4,
            Phase::Open if self.recovery.duplicates > 0 || self.flight.sacked() > 0 => 1,
            Phase::Open => 0,
        }
    }

    /// TCPI_OPT_TIMESTAMPS 1, SACK 2, WSCALE 4, ECN 8, SYN_DATA 32, TFO_CHILD 128.
    fn info_options(&self) -> i64 {
        i64::from(self.agreed.timestamps)
            | i64::from(self.agreed.sack) << 1
            | i64::from(self.agreed.scaled) << 2
            | i64::from(self.ecn.on) << 3
            | i64::from(self.syn_text_taken()) << 5
            | i64::from(self.speaks_early()) << 7
    }
}
