//! What a connection tells of octets on their way, beside the stream: that a buffer handed over without a copy is free again
//! (MSG_ZEROCOPY), and when the last octet of a write went and was acknowledged (SO_TIMESTAMPING). No RFC speaks of it.

use super::stack::Stack;
use super::tcb::{Context, Tcb};
use super::{ConnId, Effects};
use crate::clock::Instant;
use crate::wire::Seq;
use std::collections::VecDeque;

/// SO_TIMESTAMPING: what of an octet's way is noted, and how it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stamping(pub u32);

impl Stamping {
    /// SOF_TIMESTAMPING_TX_SOFTWARE: when it leaves the host.
    const SENT: u32 = 1 << 1;
    /// SOF_TIMESTAMPING_SOFTWARE: the time itself is told.
    const TELLS_TIME: u32 = 1 << 4;
    /// SOF_TIMESTAMPING_OPT_ID: octets are named by their number.
    const NUMBERS: u32 = 1 << 7;
    /// SOF_TIMESTAMPING_TX_SCHED: when it comes to the queue of the card.
    const SCHEDULED: u32 = 1 << 8;
    /// SOF_TIMESTAMPING_TX_ACK: when the peer acknowledges it.
    const ACKNOWLEDGED: u32 = 1 << 9;
    /// SOF_TIMESTAMPING_OPT_TSONLY: the packet does not come along.
    const ONLY_TIME: u32 = 1 << 11;

    fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }

    /// Whether octets are named by their number, which only a connection has.
    pub fn numbers(self) -> bool {
        self.has(Stamping::NUMBERS)
    }

    fn notes(self) -> bool {
        self.has(Stamping::SENT | Stamping::SCHEDULED | Stamping::ACKNOWLEDGED)
    }
}

/// What happened to an octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// It left the host (SCM_TSTAMP_SND).
    Sent,
    /// It came to the queue of the card (SCM_TSTAMP_SCHED).
    Scheduled,
    /// The peer acknowledged it (SCM_TSTAMP_ACK).
    Acknowledged,
}

/// One entry of a connection's error queue that is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The buffers of these writes are free again; they were copied after all.
    Copied {
        /// The first write of them, counted from 0.
        first: u32,
        /// The last.
        last: u32,
    },
    /// The last octet of a write came so far.
    Stamped {
        /// How far.
        milestone: Milestone,
        /// Its number in the stream, 0 if they are not numbered.
        number: u32,
        /// When; `None` if the time is not to be told.
        at: Option<Instant>,
        /// The packet comes along.
        packet: bool,
    },
}

/// An octet that is watched.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Watched {
    /// Sequence number after it.
    end: Seq,
    flags: Stamping,
}

/// What a connection has to tell, and what it still watches.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Notices {
    queue: VecDeque<Notice>,
    /// How many there were so far; it wraps.
    pub count: u32,
    /// Where writes without a copy end that are not acknowledged yet, and their numbers.
    uncopied: VecDeque<(Seq, u32)>,
    /// How many such writes there were.
    writes: u32,
    watched: VecDeque<Watched>,
    /// Octets are numbered from here.
    base: Seq,
}

/// Entries kept at most.
const MOST: usize = 4096;

impl Notices {
    fn tell(&mut self, notice: Notice) {
        self.count = self.count.wrapping_add(1);
        if let (Some(Notice::Copied { last, .. }), Notice::Copied { first, last: end }) =
            (self.queue.back_mut(), notice)
            && last.wrapping_add(1) == first
        {
            *last = end;
            return;
        }
        if self.queue.len() < MOST {
            self.queue.push_back(notice);
        }
    }

    fn stamp(&mut self, watched: Watched, milestone: Milestone, now: Instant) {
        let flags = watched.flags;
        let number = if flags.numbers() { (watched.end - 1) - self.base } else { 0 };
        let at = Some(now).filter(|_| flags.has(Stamping::TELLS_TIME));
        let packet = !flags.has(Stamping::ONLY_TIME);
        self.tell(Notice::Stamped { milestone, number, at, packet });
    }

    /// Text up to `end` from `from` on went to the card.
    fn went(&mut self, from: Seq, end: Seq, now: Instant) {
        let went = |one: &&Watched| one.end.after(from) && one.end.at_or_before(end);
        let all: Vec<Watched> = self.watched.iter().filter(went).copied().collect();
        for one in all {
            if one.flags.has(Stamping::SCHEDULED) {
                self.stamp(one, Milestone::Scheduled, now);
            }
            if one.flags.has(Stamping::SENT) {
                self.stamp(one, Milestone::Sent, now);
            }
        }
    }

    /// Buffers of all writes up to `una` are free.
    fn free(&mut self, una: Seq) {
        while let Some((_, write)) = self.uncopied.pop_front_if(|(end, _)| end.at_or_before(una)) {
            self.tell(Notice::Copied { first: write, last: write });
        }
    }
}

impl Tcb {
    /// The user wrote: `uncopied` says without a copy, `first` that this is no further part of the same write.
    fn watch_write(&mut self, now: Instant, uncopied: bool, first: bool) {
        let flags = self.options.stamping;
        if !(uncopied && self.options.zero_copy || flags.notes()) {
            return;
        }
        let (end, nxt, una) = (self.send.end(), self.snd.nxt, self.snd.una);
        // Of two writes in one burst the later is watched.
        let burst = self.bursts.as_ref().and_then(|bursts| bursts.pieces.holding(end - 1));
        let notices = self.notices.get_or_insert_default();
        if uncopied && self.options.zero_copy {
            if first || notices.uncopied.is_empty() {
                notices.uncopied.push_back((end, notices.writes));
                notices.writes = notices.writes.wrapping_add(1);
            } else if let Some(last) = notices.uncopied.back_mut() {
                last.0 = end;
            }
            notices.free(una);
        }
        if flags.notes() {
            let joined = |one: &Watched| {
                one.end.after(nxt)
                    && burst.is_some_and(|_| {
                        self.bursts.as_ref().and_then(|bursts| bursts.pieces.holding(one.end - 1)) == burst
                    })
            };
            notices.watched.retain(|one| !joined(one));
            let watched = Watched { end, flags };
            notices.watched.push_back(watched);
            if end.at_or_before(nxt) {
                notices.went(end - 1, end, now);
            }
        }
    }

    /// Text went to the card.
    pub(super) fn note_text_went(&mut self, cx: &Context<'_>, from: Seq, len: u32) {
        if let Some(notices) = &mut self.notices {
            notices.went(from, from + len, cx.now);
        }
    }

    /// SND.UNA has advanced.
    pub(super) fn note_text_acknowledged(&mut self, cx: &mut Context<'_>) {
        let una = self.snd.una;
        let Some(notices) = &mut self.notices else { return };
        let before = notices.count;
        while let Some(one) = notices.watched.pop_front_if(|one| one.end.at_or_before(una)) {
            if one.flags.has(Stamping::ACKNOWLEDGED) {
                notices.stamp(one, Milestone::Acknowledged, cx.now);
            }
        }
        notices.free(una);
        if notices.count != before {
            self.wake(cx);
        }
    }

    /// Nothing goes any more: every buffer is free.
    pub(super) fn free_buffers(&mut self) {
        if let Some(notices) = &mut self.notices {
            notices.watched.clear();
            let last = notices.uncopied.back().map(|(end, _)| *end);
            last.into_iter().for_each(|end| notices.free(end));
        }
    }

    /// Octets are numbered from the first unacknowledged one on.
    pub(super) fn number_octets(&mut self) {
        let una = self.snd.una;
        self.notices.get_or_insert_default().base = una;
    }

    /// Whether there is anything to tell, and how much there was so far.
    pub(super) fn notices(&self) -> (bool, u32) {
        self.notices.as_ref().map_or((false, 0), |notices| (!notices.queue.is_empty(), notices.count))
    }
}

impl Stack {
    /// The user's call has handed octets over: see [`super::SendFlags::uncopied`]; `first` says that none of that call went
    /// before.
    pub fn watch_write(&mut self, now: Instant, c: ConnId, uncopied: bool, first: bool, fx: &mut Effects) {
        self.with_block(now, c, fx, |tcb, _| tcb.watch_write(now, uncopied, first));
    }

    /// The oldest entry of the error queue, taken out.
    pub fn take_notice(&mut self, c: ConnId) -> Option<Notice> {
        self.tables.block_mut(c)?.notices.as_mut()?.queue.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_that_are_free_one_after_the_other_are_told_in_one() {
        let mut notices = Notices::default();
        for (end, write) in [(10, 0), (20, 1), (30, 2)] {
            notices.uncopied.push_back((Seq(end), write));
        }
        notices.free(Seq(25));
        assert_eq!(notices.queue, [Notice::Copied { first: 0, last: 1 }]);
        notices.queue.clear();
        notices.free(Seq(30));
        assert_eq!(notices.queue, [Notice::Copied { first: 2, last: 2 }]);
        assert_eq!(notices.count, 3);
    }

    #[test]
    fn an_octet_is_told_when_it_goes_by_its_number() {
        let mut notices = Notices { base: Seq(100), ..Notices::default() };
        let flags = Stamping(Stamping::SCHEDULED | Stamping::SENT | Stamping::TELLS_TIME | Stamping::NUMBERS);
        notices.watched.push_back(Watched { end: Seq(120), flags });
        notices.went(Seq(100), Seq(119), Instant::ZERO);
        assert!(notices.queue.is_empty(), "the last octet has not gone");
        notices.went(Seq(119), Seq(130), Instant::ZERO);
        let told =
            |milestone| Notice::Stamped { milestone, number: 19, at: Some(Instant::ZERO), packet: true };
        assert_eq!(notices.queue, [told(Milestone::Scheduled), told(Milestone::Sent)]);
    }
}
