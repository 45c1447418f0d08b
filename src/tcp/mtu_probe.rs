//! Packetization-layer path MTU discovery (RFC 4821): a size that vanishes without a report is given up, and larger ones are
//! tried by probes of real data.

use super::flight::DUP_THRESH;
use super::tcb::{Context, Tcb};
use super::{Profile, Reason, RetryLimit};
use crate::clock::Instant;
use crate::mib::Counter;
use crate::wire::Seq;

/// The congestion window from which on probes are sent, segments: one that is lost must not leave too few duplicates.
const LEAST_WINDOW: u32 = 11;

/// The search for the largest packet of one connection. Sizes are of whole IP packets, octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MtuSearch {
    /// search_low and eff_pmtu: what gets through; no segment but a probe is larger, once it is `kept`.
    pub low: u16,
    /// `low` bounds the segments.
    pub kept: bool,
    /// search_high: nothing larger is tried.
    pub high: u16,
    /// The probe on its way.
    pub probe: Option<MtuProbe>,
    /// When the search last began.
    pub since: Instant,
}

/// One segment that is larger than known to get through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MtuProbe {
    pub seq: Seq,
    pub end: Seq,
    /// Of its packet, octets.
    pub size: u16,
}

/// What of a setting that is an octet count.
fn octets(setting: i64) -> u16 {
    u16::try_from(setting).unwrap_or(u16::MAX)
}

impl Tcb {
    /// Octets of a packet with so much text.
    fn packet_of(&self, text: u16) -> u16 {
        text.saturating_add(self.headers()).saturating_add(self.agreed.overhead() as u16)
    }

    /// Octets of text in a packet of that size.
    fn text_of(&self, packet: u16) -> u32 {
        u32::from(packet.saturating_sub(self.headers())).saturating_sub(self.agreed.overhead())
    }

    /// The connection opens: with tcp_mtu_probing 2 the search begins at once.
    pub fn begin_search_if_always(&mut self, cx: &Context<'_>) {
        if cx.profile.settings.tcp_mtu_probing > 1 {
            let of_listener = self.queued.is_some() || self.speaks_early();
            self.begin_search(cx, !(of_listener && cx.profile.accepted_search_from_whole));
        }
    }

    /// RFC 4821 section 7.2: from tcp_base_mss up to what peer and link take.
    fn begin_search(&mut self, cx: &Context<'_>, kept: bool) {
        let high = self.present_mtu();
        let low = self.packet_of(octets(cx.profile.settings.tcp_base_mss)).min(high);
        self.search = Some(Box::new(MtuSearch { low, kept, high, probe: None, since: cx.now }));
    }

    /// The retransmission timer ran out: from R1 on the size counts as suspect. At first it falls to tcp_base_mss, then by
    /// half each time (RFC 4821 section 7.7).
    pub fn suspect_black_hole(&mut self, cx: &mut Context<'_>) {
        let settings = &cx.profile.settings;
        if settings.tcp_mtu_probing == 0 || !self.route_is_doubted(cx.now, cx.profile) {
            return;
        }
        let before = self.segment_size(cx.profile);
        let floor = octets(settings.tcp_mtu_probe_floor).max(cx.profile.min_mss);
        match self.search.as_deref().copied() {
            None => self.begin_search(cx, true),
            Some(search) => {
                let half = u16::try_from(self.text_of(search.low) / 2).unwrap_or(u16::MAX);
                let low = self.packet_of(half.min(octets(settings.tcp_base_mss)).max(floor)).min(search.low);
                self.search = Some(Box::new(MtuSearch { low, kept: true, probe: None, ..search }));
            }
        }
        if self.segment_size(cx.profile) < before {
            cx.fx.note(self.owner(), Reason::BlackHoleSuspected);
        }
    }

    /// R1 has passed (RFC 9293 section 3.8.3).
    fn route_is_doubted(&self, now: Instant, profile: &Profile) -> bool {
        let retries = u32::try_from(profile.settings.tcp_retries1).unwrap_or(0);
        match profile.retry_limit {
            RetryLimit::Count => self.recovery.timeouts >= retries,
            RetryLimit::Time => self.recovery.since.is_some_and(|since| {
                now - since >= super::timeout::doublings(retries, profile.rto_min, profile.rto_max())
            }),
        }
    }

    /// Sends a probe if it is time for one (RFC 4821 section 7.4). Tells whether other new text may go now: with room for
    /// the probe but not yet in the windows it waits.
    pub fn probe_mtu(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(search) = self.search.as_deref().copied() else { return true };
        let calm = self.recovery.is_calm() && self.recovery.duplicates == 0 && self.flight.sacked() == 0;
        let says_more =
            self.ack.duplicate.is_some() || self.recv.has_islands() || self.user_timeout_overhead() > 0;
        let window = self.cc.controller().window();
        if search.probe.is_some() || !calm || says_more || window < LEAST_WINDOW {
            return true;
        }
        let threshold = octets(cx.profile.settings.tcp_probe_threshold).max(1);
        if search.high.saturating_sub(search.low) < threshold {
            self.search_again(cx, search);
            return true;
        }
        let size = search.low + (search.high - search.low) / 2;
        let len = self.text_of(size);
        // As much behind it as tells of its loss.
        let needed = len + (DUP_THRESH + 1) * self.segment_size(cx.profile);
        let waiting = self.send.end() - self.snd.nxt.min(self.send.end());
        if waiting < needed || self.snd.wnd < needed {
            return true;
        }
        if (self.snd.nxt + needed).after(self.snd.una + self.snd.wnd) {
            return false;
        }
        if self.pipe() + 2 > window {
            return self.pipe() == 0;
        }
        let seq = self.snd.nxt;
        self.send_probe_of_mtu(cx, len);
        // It counts for two in the network.
        self.cc.controller_mut().set_window(window - 1);
        let probe = Some(MtuProbe { seq, end: seq + len, size });
        self.search = Some(Box::new(MtuSearch { probe, ..search }));
        true
    }

    /// The search has converged (RFC 4821 section 7.3): after tcp_probe_interval it begins once more from there.
    fn search_again(&mut self, cx: &Context<'_>, search: MtuSearch) {
        let wait = super::profile::seconds(cx.profile.settings.tcp_probe_interval);
        if cx.now - search.since >= wait {
            let high = self.present_mtu();
            self.search = Some(Box::new(MtuSearch { high, since: cx.now, ..search }));
        }
    }

    /// SND.UNA advanced: a probe that got through raises the size (RFC 4821 section 7.6.1). The window stays the same in
    /// octets.
    pub fn settle_probe_of_mtu(&mut self, cx: &mut Context<'_>) {
        let before = self.segment_size(cx.profile);
        let Some(search) = self.search.as_deref().copied() else { return };
        let Some(probe) = search.probe.filter(|probe| probe.end.at_or_before(self.snd.una)) else { return };
        self.search = Some(Box::new(MtuSearch { low: probe.size, kept: true, probe: None, ..search }));
        let whole = before + u32::from(self.headers()) + self.agreed.overhead();
        let control = self.cc.controller_mut();
        let octets = u64::from(control.window()) * u64::from(whole);
        let window = u32::try_from(octets / u64::from(probe.size)).unwrap_or(u32::MAX);
        control.set_window(window.max(1));
        cx.fx.count(Counter::TCPMTUPSuccess);
        cx.fx.note(self.owner(), Reason::MtuProbeArrived);
    }

    /// A segment is lost. If it is just the probe that is no congestion (RFC 4821 section 7.6.2): the data goes again in
    /// smaller segments. Tells whether that was it.
    pub fn lost_only_the_probe(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(search) = self.search.as_deref().copied() else { return false };
        let Some(probe) = search.probe.filter(|probe| probe.seq == self.snd.una) else { return false };
        self.search = Some(Box::new(MtuSearch { high: probe.size - 1, probe: None, ..search }));
        let control = self.cc.controller_mut();
        control.set_window(control.window().saturating_add(1));
        cx.fx.count(Counter::TCPMTUPFail);
        cx.fx.note(self.owner(), Reason::MtuProbeLost);
        self.first_is_lost();
        true
    }

    /// Whether a probe of the path MTU is on its way.
    pub fn probes_mtu(&self) -> bool {
        self.search.as_deref().is_some_and(|search| search.probe.is_some())
    }

    /// Something goes again: whether the probe got through will not be told (RFC 4821 section 7.6.4).
    pub fn probe_of_mtu_is_inconclusive(&mut self) {
        if let Some(search) = self.search.as_deref_mut() {
            search.probe = None;
        }
    }

    /// A router told the path MTU: nothing larger is tried.
    pub fn bound_search(&mut self, mtu: u16) {
        if let Some(search) = self.search.as_deref_mut() {
            search.high = search.high.min(mtu);
            search.low = search.low.min(search.high);
            search.kept = true;
        }
    }
}
