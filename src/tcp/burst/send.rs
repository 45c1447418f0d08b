//! What of the queue goes now, burst by burst.

use super::super::tcb::{Context, Tcb};
use super::super::{Nagle, Profile, Reason};
use super::size::count;
use super::{Extent, Hold};
use crate::clock::Span;
use crate::wire::Seq;

/// What was sent longer ago no longer lets a burst wait for more.
const RECENT: Span = Span::millis(1);

/// A burst that may go.
struct Next {
    /// Octets of text.
    len: u32,
    /// With the FIN.
    fin: bool,
}

impl Tcb {
    /// Sends bursts as far as the windows allow.
    pub(in crate::tcp) fn send_bursts(&mut self, cx: &mut Context<'_>, hold: Hold, extent: Extent) {
        self.note_stray_text();
        if !self.write_end().after(self.snd.nxt) {
            self.held = None;
            return;
        }
        let mss = self.segment_size(cx.profile);
        let most = self.burst_segments(cx.profile, mss);
        let out = self.flight.len();
        while let Some(next) = self.next_burst(cx, hold, extent, most) {
            self.send_burst(cx, &next);
            if extent != Extent::All {
                break;
            }
        }
        let waits = self.held == Some(Reason::HeldForBurst);
        let (congestion, sendable) = self.windows_left();
        let full = self.pipe() >= self.cc.controller().window();
        let by_congestion = full
            || self.held == Some(Reason::HeldByCongestion)
            || (waits && congestion.saturating_mul(mss) < sendable);
        let by_window = matches!(self.held, Some(Reason::HeldByWindow | Reason::HeldBySillyWindow));
        self.note_window_limit(cx.now, by_window || (waits && congestion.saturating_mul(mss) >= sendable));
        self.note_use(cx, (self.flight.len() - out) as u32, by_congestion);
    }

    fn next_burst(&mut self, cx: &mut Context<'_>, hold: Hold, extent: Extent, most: u32) -> Option<Next> {
        let nxt = self.snd.nxt;
        let data_end = self.send.end();
        if nxt.after(data_end) || (nxt == data_end && self.fin.is_none()) {
            self.held = None;
            return None;
        }
        if cx.profile.settings.card_full != 0 {
            return self.hold(cx, Reason::HeldByCard);
        }
        let mss = self.segment_size(cx.profile);
        let quota = match self.burst_quota(cx) {
            0 if extent == Extent::Probe => 1,
            0 => return self.hold(cx, Reason::HeldByCongestion),
            quota => quota.min(most),
        };
        let piece = self.bursts.as_mut().and_then(|bursts| {
            bursts.pieces.grow(nxt, nxt + quota * mss);
            bursts.pieces.holding(nxt)
        });
        let (end, last) = piece.map_or((nxt, true), |piece| (piece.end, piece.end == data_end));
        let len = end - nxt;
        let fin = self.fin.is_some() && last;
        let edge = self.snd.una + self.snd.wnd;
        let least = if len > mss { nxt + mss } else { end + u32::from(fin) };
        if least.after(edge) {
            let usable = edge.after(nxt);
            return self.hold(cx, if usable { Reason::HeldBySillyWindow } else { Reason::HeldByWindow });
        }
        if len <= mss {
            let free = hold.push || !last || fin || self.sends_urgent();
            if !free && len < mss && self.holds_small(cx, hold) {
                return self.hold(cx, Reason::HeldByNagle);
            }
            return Some(Next { len, fin });
        }
        let end_of_record = piece.is_some_and(|piece| piece.record);
        if extent == Extent::All && self.waits_for_more(cx, len, last, fin || end_of_record, most) {
            return self.hold(cx, Reason::HeldForBurst);
        }
        let limit = if self.sends_urgent() { mss } else { self.whole_segments(cx, hold, len, last, quota) };
        Some(Next { len: len.min(limit), fin: fin && len <= limit })
    }

    /// Segments that the congestion window still takes, half of it at once at most: so there are two bursts on their way.
    fn burst_quota(&self, cx: &Context<'_>) -> u32 {
        let window = self.cc.controller().window().saturating_add(self.beyond_window(cx));
        window.saturating_sub(self.pipe()).min((window / 2).max(1))
    }

    /// Whether a small segment waits (RFC 9293 section 3.7.4, TCP_CORK).
    fn holds_small(&self, cx: &Context<'_>, hold: Hold) -> bool {
        let unanswered = match cx.profile.nagle {
            Nagle::Original => !self.flight.is_empty(),
            Nagle::Minshall => {
                !self.flight.is_empty()
                    && self.snd.small.after(self.snd.una)
                    && self.snd.small.at_or_before(self.snd.nxt)
            }
        };
        hold.corked || (!hold.off && !hold.push && unanswered)
    }

    /// How many of `len` octets go at once: what windows and quota take; a small rest only if nothing holds it.
    fn whole_segments(&self, cx: &Context<'_>, hold: Hold, len: u32, last: bool, quota: u32) -> u32 {
        let mss = self.segment_size(cx.profile);
        let window = (self.snd.una + self.snd.wnd) - self.snd.nxt;
        let most = mss.saturating_mul(quota);
        if most <= window && !last {
            return most;
        }
        let needed = len.min(window);
        if most <= needed {
            return most;
        }
        let rest = needed % mss;
        if rest != 0 && self.holds_small(cx, hold) { needed - rest } else { needed }
    }

    /// What the congestion window still takes, segments, and the peer's, octets.
    fn windows_left(&self) -> (u32, u32) {
        let edge = self.snd.una + self.snd.wnd;
        let sendable = if edge.after(self.snd.nxt) { edge - self.snd.nxt } else { 0 };
        (self.cc.controller().window().saturating_sub(self.pipe()), sendable)
    }

    /// Whether a burst that is smaller than it could be waits for an acknowledgment that is about to come
    /// (tcp_tso_win_divisor).
    fn waits_for_more(&self, cx: &Context<'_>, len: u32, last: bool, complete: bool, most: u32) -> bool {
        let Some(bursts) = self.bursts.as_ref().filter(|_| self.recovery.is_calm()) else { return false };
        if bursts.wrote.is_none_or(|wrote| cx.now - wrote >= RECENT) {
            return false;
        }
        let mss = self.segment_size(cx.profile);
        let window = self.cc.controller().window();
        let (congestion, sendable) = self.windows_left();
        let congestion = congestion.saturating_mul(mss);
        let limit = sendable.min(congestion);
        if limit >= most.saturating_mul(mss) || (!last && limit >= len) {
            return false;
        }
        match count(cx.profile.settings.tcp_tso_win_divisor) {
            0 if limit > 3 * mss => return false,
            0 => {}
            divisor if limit >= self.snd.wnd.min(window.saturating_mul(mss)) / divisor => return false,
            _ => {}
        }
        let Some(oldest) = self.flight.front() else { return false };
        // The answer to the oldest is not near: half a round trip has not passed.
        if cx.now - oldest.at < self.rtt.srtt.unwrap_or(Span::ZERO) / 2 {
            return false;
        }
        let limited = if congestion < sendable { congestion <= len } else { sendable <= len };
        limited || !complete
    }

    /// Puts one burst on its way, segment by segment.
    fn send_burst(&mut self, cx: &mut Context<'_>, next: &Next) {
        let (una, start) = (self.snd.una, self.snd.nxt);
        let end = start + next.len;
        let mss = self.segment_size(cx.profile);
        let several = next.len > mss;
        if let Some(bursts) = &mut self.bursts
            && next.len > 0
        {
            bursts.pieces.cut(end, una);
            bursts.several_until = several.then_some(end);
        }
        if next.len == 0 {
            self.send_new(cx, 0, next.fin);
        }
        while self.snd.nxt.before(end) {
            let len = (end - self.snd.nxt).min(mss);
            let fin = next.fin && self.snd.nxt + len == end;
            self.send_new(cx, len, fin);
        }
    }

    /// A tail loss probe of new text, a burst where the card segments. Tells whether anything went.
    pub(in crate::tcp) fn probe_with_new(&mut self, cx: &mut Context<'_>) -> bool {
        if self.bursts.is_none() {
            return self.send_what_fits(cx);
        }
        let before = self.snd.nxt;
        self.send_bursts(cx, Hold::OFF, Extent::Probe);
        self.snd.nxt != before
    }

    /// What goes out to probe a window carries PSH.
    pub(in crate::tcp) fn push_what_fits(&mut self, end: Seq) {
        self.note_stray_text();
        let una = self.snd.una;
        if let Some(bursts) = &mut self.bursts {
            bursts.pieces.cut(end, una);
            bursts.pieces.set_push(end);
            bursts.pushed = Some(bursts.pushed.unwrap_or(una).max(end));
        }
    }

    /// A round-trip time was measured.
    pub(in crate::tcp) fn round_trip(&mut self, profile: &Profile, measured: Span, una: Seq) {
        self.rtt.sample(profile, measured, una, self.snd.nxt);
        self.rtt.rto = self.rtt.rto.min(self.greatest_rto(profile));
        if let Some(bursts) = &mut self.bursts {
            bursts.measured(measured);
        }
    }

    /// No burst is on its way again.
    pub(in crate::tcp) fn no_burst_again(&mut self) {
        if let Some(bursts) = &mut self.bursts {
            bursts.again_until = None;
            bursts.several_until = None;
        }
    }

    /// `from..end` goes again in one segment, unless a record ends within: where it ends then.
    pub(in crate::tcp) fn join_to_go_again(&mut self, from: Seq, end: Seq) -> Seq {
        let una = self.snd.una;
        let Some(bursts) = &mut self.bursts else { return end };
        let end = bursts.pieces.record_within(from, end).unwrap_or(end);
        // A FIN is no octet of any burst.
        let text = end.min(self.send.end());
        if bursts.pieces.holding(from).is_some_and(|piece| piece.end.before(text)) {
            bursts.pieces.join(from, text, una);
        }
        end
    }

    /// From `from` on lost text goes again: how far the burst reaches that goes with it. What is cut off here stays cut.
    pub(in crate::tcp) fn burst_again(&mut self, cx: &Context<'_>, from: Seq) {
        if self
            .bursts
            .as_ref()
            .is_none_or(|bursts| bursts.again_until.is_some_and(|until| from.before(until)))
        {
            return;
        }
        let mss = self.segment_size(cx.profile);
        let room = self.cc.controller().window().saturating_sub(self.pipe());
        let segments = self.burst_segments(cx.profile, mss).min(room).max(1);
        let una = self.snd.una;
        let Some(bursts) = &mut self.bursts else { return };
        let Some(piece) = bursts.pieces.holding(from) else { return };
        // Segments that were longer than they may be now are cut anew, burst by burst.
        let longest = self.flight.holding(from).map_or(0, |sent| sent.end - sent.seq);
        if longest > mss && self.fin.is_none_or(|fin| piece.end.before(fin)) {
            self.flight.recut(from, piece.end, mss);
        }
        let end = self.flight.lost_until(from, segments).min(piece.end);
        bursts.pieces.cut(from, una);
        bursts.pieces.cut(end, una);
        bursts.several_until = (end - from > mss).then_some(end);
        bursts.again_until = Some(end);
    }
}
