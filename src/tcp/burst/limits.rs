//! What limits a sender: whether the congestion window is used (RFC 7661), and how long which limit lasted.

use super::super::tcb::{Context, Tcb};
use crate::clock::{Instant, Span};
use crate::wire::Seq;

/// How far the congestion window was used of late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tcp) struct Usage {
    /// It was the limit in the present round trip.
    limited: bool,
    /// Most segments on their way in it.
    most: u32,
    /// It ends when this is acknowledged.
    until: Option<Seq>,
    /// Most segments on their way since the window was last the limit.
    used: u32,
    /// When it was last the limit, or judged.
    at: Option<Instant>,
}

/// What holds the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) enum Limit {
    /// Something is on its way or waits.
    Busy,
    /// The peer's window.
    Window,
    /// The send buffer: everything in it is on its way.
    Buffer,
}

/// How long each limit lasted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tcp) struct Lasted {
    now: Option<(Limit, Instant)>,
    sums: [Span; 3],
}

impl Lasted {
    fn set(&mut self, at: Instant, limit: Option<Limit>) {
        if let Some((old, since)) = self.now {
            self.sums[old as usize] += at - since;
        }
        self.now = limit.map(|limit| (limit, at));
    }
    /// A limit begins; one that weighs more goes on.
    fn begin(&mut self, at: Instant, limit: Limit) {
        if self.now.is_none_or(|(old, _)| (limit as usize) > (old as usize)) {
            self.set(at, Some(limit));
        }
    }
    /// It ends. With nothing left to send all limits do.
    fn end(&mut self, at: Instant, limit: Limit, idle: bool) {
        match self.now {
            _ if idle => self.set(at, None),
            Some((old, _)) if old == limit => self.set(at, Some(Limit::Busy)),
            _ => {}
        }
    }
    /// How long each lasted until `at`: any, the peer's window, the send buffer.
    pub fn until(&self, at: Instant) -> [Span; 3] {
        let mut lasted = *self;
        lasted.set(at, None);
        let [busy, window, buffer] = lasted.sums;
        [busy + window + buffer, window, buffer]
    }
}

impl Tcb {
    /// Whether the congestion window limits: half of it used is enough in slow start.
    pub(in crate::tcp) fn window_is_limit(&self, usage: &Usage) -> bool {
        let control = self.cc.controller();
        let window = control.window();
        let slow = control.threshold().is_none_or(|threshold| window < threshold);
        usage.limited || (slow && window < usage.most.saturating_mul(2))
    }

    /// Bursts were sent, or could not be: `congestion` says whether the congestion window was the limit.
    pub(super) fn judge_usage(&mut self, cx: &mut Context<'_>, congestion: bool) {
        let (una, nxt, out) = (self.snd.una, self.snd.nxt, self.flight.len() as u32);
        let rto = self.rtt.rto;
        let Some(mut usage) = self.bursts.as_ref().map(|bursts| bursts.usage) else { return };
        let over = usage.until.is_none_or(|until| una.at_or_after(until));
        if over || congestion || (!usage.limited && out > usage.most) {
            usage = Usage { limited: congestion, most: out, until: Some(nxt), ..usage };
        }
        if self.window_is_limit(&usage) {
            usage.used = 0;
            usage.at = Some(cx.now);
        } else {
            usage.used = usage.used.max(out);
            let last = *usage.at.get_or_insert(cx.now);
            if cx.profile.settings.tcp_slow_start_after_idle != 0 && cx.now - last >= rto {
                self.sink_to_use(cx, &mut usage);
            }
            let starved = !self.send.end().after(nxt);
            if let Some(bursts) = &mut self.bursts
                && starved
                && bursts.full
            {
                bursts.lasted.begin(cx.now, Limit::Buffer);
            }
        }
        if let Some(bursts) = &mut self.bursts {
            bursts.usage = usage;
        }
    }

    /// The window was not used for an RTO: it sinks half way to what was (RFC 2861 section 3.2).
    fn sink_to_use(&mut self, cx: &Context<'_>, usage: &mut Usage) {
        let full = self.bursts.as_ref().is_some_and(|bursts| bursts.full);
        if self.recovery.is_calm() && !full {
            let used = usage.used.max(self.initial_window(cx.profile));
            let control = self.cc.controller();
            let window = control.window();
            if used < window {
                let threshold = control.threshold().unwrap_or(u32::MAX).max(window / 2 + window / 4);
                let bounded = control.threshold().is_some();
                let control = self.cc.controller_mut();
                if bounded {
                    control.set_threshold(threshold);
                }
                control.set_window(window.midpoint(used));
            }
            usage.used = 0;
        }
        usage.at = Some(cx.now);
    }

    /// Something is to be sent.
    pub(super) fn busy(&mut self, now: Instant) {
        if let Some(bursts) = &mut self.bursts {
            bursts.lasted.begin(now, Limit::Busy);
        }
    }

    /// Whether the peer's window held what was to go.
    pub(super) fn note_window_limit(&mut self, now: Instant, limited: bool) {
        let idle = self.nothing_to_send();
        if let Some(bursts) = &mut self.bursts {
            match limited {
                true => bursts.lasted.begin(now, Limit::Window),
                false => bursts.lasted.end(now, Limit::Window, idle),
            }
        }
    }

    /// There is room in the send buffer again.
    pub(super) fn buffer_limits_no_more(&mut self, now: Instant) {
        let idle = self.nothing_to_send();
        if let Some(bursts) = &mut self.bursts {
            bursts.lasted.end(now, Limit::Buffer, idle);
        }
    }

    /// An acknowledgment came: with nothing left on its way nothing limits.
    pub(in crate::tcp) fn rest_if_idle(&mut self, now: Instant) {
        let out = self.flight.is_empty();
        let idle = self.nothing_to_send();
        if let Some(bursts) = self.bursts.as_mut().filter(|_| out) {
            bursts.lasted.end(now, Limit::Busy, idle);
        }
    }

    fn nothing_to_send(&self) -> bool {
        self.flight.is_empty() && !self.write_end().after(self.snd.nxt)
    }
}
