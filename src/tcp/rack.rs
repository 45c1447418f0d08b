//! RACK: a segment is lost when one sent later has arrived and time enough for reordering has passed (RFC 8985 section 6).

use super::flight::Found;
use super::profile::seconds;
use super::recovery::News;
use super::tcb::{Context, Tcb};
use super::{Profile, TimerKind};
use crate::clock::{Instant, Span};
use crate::wire::Seq;

/// Bits of tcp_recovery.
const RACK: i64 = 1;
const STATIC_WINDOW: i64 = 2;
const NO_DUP_THRESH: i64 = 4;

/// Recoveries that a widened reordering window lasts (RFC 8985 section 6.2, step 4).
const PERSIST: u32 = 16;

/// The variables of RFC 8985 section 5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rack {
    /// The latest transmission that was delivered, by its number: what RACK.xmit_ts and RACK.end_seq stand for, where
    /// several go out in one moment.
    latest: Option<u32>,
    /// RACK.rtt: its round-trip time.
    rtt: Span,
    /// RACK.min_RTT.
    min_rtt: LeastRtt,
    /// RACK.fack: the highest sequence number that was delivered.
    pub fack: Option<Seq>,
    /// RACK.reordering_seen.
    reordered: bool,
    /// RACK.reo_wnd_mult, less one.
    widened: u32,
    /// RACK.reo_wnd_persist.
    persist: u32,
    /// RACK.dsack_round: until this is acknowledged, duplicates reported widen the window but once.
    round: Option<Seq>,
    /// The same by transmissions: none of these widens it again.
    widened_at: Option<u32>,
    /// A duplicate was reported that has not widened the window yet.
    reported: bool,
    /// Something was delivered since losses were last looked for.
    advanced: bool,
}

/// The least round-trip time of late: the least of this half of the time it is remembered for, and of the half before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct LeastRtt {
    /// When this half began, and the least in it.
    current: Option<(Instant, Span)>,
    /// The least of the half before.
    before: Option<Span>,
}

impl LeastRtt {
    fn get(&self) -> Option<Span> {
        let current = self.current.map(|(_, least)| least);
        current.into_iter().chain(self.before).min()
    }

    /// Takes in a measurement; it is remembered for half of `remember` at least and all of it at most.
    fn take(&mut self, now: Instant, rtt: Span, remember: Span) {
        let half = remember / 2;
        self.current = match self.current {
            Some((began, least)) if now - began < half => Some((began, least.min(rtt))),
            Some((began, least)) => {
                self.before = (now - began < half * 2).then_some(least);
                Some((now, rtt))
            }
            None => Some((now, rtt)),
        };
    }
}

impl Rack {
    /// A copy that went out after this cannot be what the peer acknowledges now: it is the original.
    pub fn trusted(&self, now: Instant) -> Option<Instant> {
        self.min_rtt.get().map(|least| Instant::ZERO + ((now - Instant::ZERO) - least))
    }

    /// RFC 8985 section 6.2, steps 1 to 3.
    fn update(&mut self, now: Instant, news: &News, remember: Span) {
        if let Some(latest) = news.latest {
            let rtt = now - latest.at;
            if !latest.again {
                self.min_rtt.take(now, rtt, remember);
            }
            if self.latest.is_none_or(|known| latest.is_after(known)) {
                self.latest = Some(latest.turn);
                self.rtt = rtt;
            }
        }
        self.reordered |= news.reordered;
        if let Some(fack) = news.fack {
            self.fack = Some(self.fack.map_or(fack, |known| known.max(fack)));
        }
    }

    /// Something was delivered: by congestion states, where the last that was told counts for the round trip.
    pub fn advance(&mut self, now: Instant, news: &News) {
        let Some(latest) = news.latest else { return };
        self.advanced = true;
        self.rtt = now - news.last_told.unwrap_or(latest.at);
        if self.latest.is_none_or(|known| latest.is_after(known)) {
            self.latest = Some(latest.turn);
        }
    }

    /// The least round trip, taken with the smoothed one.
    pub fn take_least(&mut self, now: Instant, rtt: Span, profile: &Profile) {
        self.min_rtt.take(now, rtt, seconds(profile.settings.tcp_min_rtt_wlen));
    }

    /// The least round trip of late.
    pub fn least(&self) -> Option<Span> {
        self.min_rtt.get()
    }

    /// Reordering was seen.
    pub fn reordered(&mut self) {
        self.reordered = true;
    }

    /// Losses are to be looked for, although nothing was delivered.
    pub fn examine_anew(&mut self) {
        self.advanced = true;
    }

    /// Whether losses are to be looked for.
    pub fn take_advanced(&mut self) -> bool {
        std::mem::take(&mut self.advanced)
    }

    /// The peer reported a duplicate that may be due to reordering.
    pub fn note_report(&mut self) {
        self.reported = true;
    }

    /// A recovery was undone because of reports.
    pub fn lasts_longer(&mut self) {
        self.persist = (self.persist + 1).min(PERSIST);
    }

    /// A recovery ended that was none for nothing.
    pub fn lasts_less(&mut self) {
        self.persist = self.persist.saturating_sub(1);
    }

    /// Step 4, once per round trip, `turns` transmissions having gone.
    pub fn adapt(&mut self, profile: &Profile, news: &News, turns: u32) {
        let Some(newest) = news.newest.filter(|_| profile.settings.tcp_recovery & STATIC_WINDOW == 0) else {
            return;
        };
        if self.widened_at.is_some_and(|at| (newest.wrapping_sub(at) as i32) <= 0) {
            self.reported = false;
        }
        if std::mem::take(&mut self.reported) {
            self.widened = self.widened.saturating_add(1).min(254);
            self.widened_at = Some(turns);
            self.persist = PERSIST;
        } else if self.persist == 0 {
            self.widened = 0;
        }
    }

    /// The peer reports a duplicate: the window was too narrow (step 4).
    fn widen(&mut self, una: Seq, nxt: Seq, reported: bool) {
        if self.round.is_some_and(|round| una.at_or_after(round)) {
            self.round = None;
        }
        if reported && self.round.is_none() {
            self.round = Some(nxt);
            self.widened = self.widened.saturating_add(1);
            self.persist = PERSIST;
        }
    }

    /// A recovery is over.
    pub fn on_recovered(&mut self) {
        self.persist = self.persist.saturating_sub(1);
        if self.persist == 0 {
            self.widened = 0;
        }
    }

    /// RACK.reo_wnd: none while nothing was ever reordered and losses are plain; otherwise a quarter of the least round
    /// trip, or more of them, one smoothed round trip at most.
    fn window(&self, plain: bool, srtt: Option<Span>) -> Span {
        if !self.reordered && plain {
            return Span::ZERO;
        }
        let quarter = self.min_rtt.get().unwrap_or(Span::ZERO) / 4;
        let wide = quarter * u64::from(self.widened.saturating_add(1));
        srtt.map_or(wide, |srtt| wide.min(srtt))
    }
}

impl Tcb {
    /// Whether losses are told by time (needs SACK: RFC 8985 section 4).
    pub fn uses_rack(&self, profile: &Profile) -> bool {
        self.agreed.sack && (self.by_states(profile) || profile.settings.tcp_recovery & RACK != 0)
    }

    /// The offset of our timestamp clock, if the echo tells which copy arrived.
    pub fn clock_for_copies(&self, profile: &Profile) -> Option<u32> {
        (!self.by_states(profile) && self.agreed.timestamps).then_some(self.agreed.ts_offset)
    }

    /// Takes in what was delivered.
    pub fn update_rack(&mut self, cx: &Context<'_>, news: &News) {
        self.rack.update(cx.now, news, seconds(cx.profile.settings.tcp_min_rtt_wlen));
        if cx.profile.settings.tcp_recovery & STATIC_WINDOW == 0 {
            self.rack.widen(self.snd.una, self.snd.nxt, news.dsack.is_some());
        }
    }

    /// RACK.rtt + RACK.reo_wnd: what was sent so long ago should have arrived.
    fn reach(&self, profile: &Profile, recovering: bool) -> Span {
        let by_count = profile.settings.tcp_recovery & NO_DUP_THRESH == 0
            && self.flight.sacked() >= super::flight::DUP_THRESH;
        self.rack.rtt + self.rack.window(recovering || by_count, self.rtt.srtt)
    }

    /// The latest transmission delivered, and RACK.rtt + RACK.reo_wnd, by congestion states.
    pub fn rack_reach(&self, profile: &Profile) -> Option<(u32, Span)> {
        let late = self.recovery.ledger.state >= super::recovery::State::Recovery;
        let many = profile.settings.tcp_recovery & NO_DUP_THRESH == 0
            && self.flight.sacked() >= self.reordering(profile);
        self.rack.latest.map(|latest| (latest, self.rack.rtt + self.rack.window(late || many, self.rtt.srtt)))
    }

    /// RACK.rtt, once something was delivered.
    pub fn rack_rtt(&self) -> Option<Span> {
        self.rack.latest.map(|_| self.rack.rtt)
    }

    /// At a time-out: what was sent after this may still arrive (RFC 8985 section 6.3).
    pub fn not_yet_late(&self, cx: &Context<'_>) -> Option<Instant> {
        let reach = self.reach(cx.profile, !self.recovery.is_calm());
        self.uses_rack(cx.profile).then(|| Instant::ZERO + ((cx.now - Instant::ZERO) - reach))
    }

    /// RFC 8985 section 6.2, step 5: takes for lost what was sent long enough before what has arrived; a timer waits for
    /// the rest.
    pub fn mark_by_time(&mut self, cx: &Context<'_>, recovering: bool) -> Found {
        let Some(latest) = self.rack.latest else { return Found::default() };
        let reach = self.reach(cx.profile, recovering);
        let found = self.flight.mark_by_time(latest, reach, cx.now);
        match found.due {
            Some(due) => self.timers.set(TimerKind::Reorder, due + cx.profile.recovery.timer_slack),
            None => self.timers.clear(TimerKind::Reorder),
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_least_round_trip(ms: u64) -> Rack {
        let mut rack = Rack::default();
        rack.min_rtt.take(Instant::ZERO, Span::millis(ms), Span::secs(300));
        rack
    }

    #[test]
    fn the_least_round_trip_is_forgotten_after_its_time_and_not_before_half_of_it() {
        let mut least = LeastRtt::default();
        let mut after = |secs, ms| {
            least.take(Instant::ZERO + Span::secs(secs), Span::millis(ms), Span::secs(300));
            least.get()
        };
        assert_eq!(after(0, 20), Some(Span::millis(20)));
        assert_eq!(after(149, 90), Some(Span::millis(20)));
        assert_eq!(after(151, 80), Some(Span::millis(20)));
        assert_eq!(after(302, 90), Some(Span::millis(80)), "twenty was measured more than 300 s ago");
        assert_eq!(after(1000, 95), Some(Span::millis(95)), "and after a long silence nothing else counts");
        assert_eq!(after(1001, 10), Some(Span::millis(10)));
    }

    #[test]
    fn the_reordering_window_is_none_before_any_reordering_and_then_a_quarter_of_a_round_trip() {
        let mut rack = with_least_round_trip(40);
        let srtt = Some(Span::millis(60));
        assert_eq!(rack.window(true, srtt), Span::ZERO);
        assert_eq!(rack.window(false, srtt), Span::millis(10));
        rack.reordered = true;
        assert_eq!(rack.window(true, srtt), Span::millis(10));
    }

    #[test]
    fn the_least_round_trip_is_never_that_of_a_segment_that_went_twice() {
        let at = |ms| Instant::ZERO + Span::millis(ms);
        let arrived = |again, sent| {
            let latest = Some(super::super::recovery::Delivered { at: at(sent), turn: sent as u32, again });
            News { latest, ..News::default() }
        };
        let mut rack = Rack::default();
        let remember = Span::secs(300);
        rack.update(at(100), &arrived(true, 99), remember);
        assert_eq!(rack.min_rtt.get(), None);
        rack.update(at(200), &arrived(false, 160), remember);
        assert_eq!(rack.min_rtt.get(), Some(Span::millis(40)));
    }

    #[test]
    fn each_round_of_reported_duplicates_widens_it_up_to_a_round_trip_and_sixteen_recoveries_end_that() {
        let mut rack = Rack { reordered: true, ..with_least_round_trip(40) };
        let srtt = Some(Span::millis(60));
        let rounds =
            [(10, 100, 20), (10, 100, 20), (100, 200, 30), (199, 200, 30), (200, 300, 40), (300, 400, 50)];
        for (una, nxt, window) in rounds.into_iter().chain([(400, 500, 60), (500, 600, 60)]) {
            rack.widen(Seq(una), Seq(nxt), true);
            assert_eq!(rack.window(true, srtt), Span::millis(window), "{una}");
        }
        for _ in 0..15 {
            rack.on_recovered();
        }
        assert_eq!(rack.window(true, srtt), Span::millis(60));
        rack.on_recovered();
        assert_eq!(rack.window(true, srtt), Span::millis(10));
    }
}
