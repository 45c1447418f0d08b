//! What limits a sender, and for how long.

use super::super::tcb::Tcb;
use crate::clock::{Instant, Span};

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
    /// Neither window limits: does the send buffer?
    pub(in crate::tcp) fn note_buffer_limit(&mut self, now: Instant) {
        let starved = !self.send.end().after(self.snd.nxt);
        if let Some(bursts) = self.bursts.as_mut().filter(|bursts| starved && bursts.full) {
            bursts.lasted.begin(now, Limit::Buffer);
        }
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
