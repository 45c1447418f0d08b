//! A write becomes bursts: it joins what still waits, up to the size of a burst.

use super::super::Profile;
use super::super::tcb::{Context, Tcb};
use super::super::user::SendFlags;
use super::pieces::Piece;
use super::{Extent, Hold};
use bytes::Bytes;

impl Tcb {
    /// Takes `data`, as much as the send buffer lets in, and sends what may go. Returns how many octets it took.
    pub(in crate::tcp) fn write_bursts(
        &mut self,
        cx: &mut Context<'_>,
        data: &Bytes,
        flags: SendFlags,
    ) -> usize {
        self.note_stray_text();
        let (whole, mut data) = (data.len(), data.clone());
        let mut first = true;
        while !data.is_empty() {
            let mss = self.segment_size(cx.profile);
            let goal = if flags.urgent { mss } else { self.burst_goal(cx.profile, mss) };
            let Some(room) = self.room_of_tail(cx.profile, goal) else {
                return self.found_full(cx, whole - data.len());
            };
            self.busy(cx.now);
            let part = data.split_to(data.len().min(room as usize));
            self.append(part, first);
            first = false;
            if data.is_empty() {
                break;
            }
            if self.force_push() {
                self.mark_push();
                self.push_out_as(cx, Hold::PUSH, Extent::All);
            } else if self.tail_is_next() {
                self.push_out_as(cx, Hold::PUSH, Extent::One);
            }
        }
        if flags.end_of_record {
            let nxt = self.snd.nxt;
            if let Some(tail) = self.bursts.as_mut().and_then(|bursts| bursts.pieces.tail_after(nxt)) {
                tail.record = true;
            }
        }
        if flags.urgent {
            self.mark_urgent();
        }
        self.end_of_write(cx, flags);
        whole
    }

    /// The buffer is full: all that is there goes, and who waits is told when there is room.
    fn found_full(&mut self, cx: &mut Context<'_>, taken: usize) -> usize {
        if let Some(bursts) = &mut self.bursts {
            bursts.full = true;
        }
        if taken > 0 && self.send.end().after(self.snd.nxt) {
            self.mark_push();
            self.push_out_as(cx, Hold::PUSH, Extent::All);
        }
        taken
    }

    /// All was written: PSH says so, unless more is announced.
    fn end_of_write(&mut self, cx: &mut Context<'_>, flags: SendFlags) {
        if !self.send.end().after(self.snd.nxt) {
            return;
        }
        if !flags.more || self.force_push() {
            self.mark_push();
        }
        let hold = if flags.more { Hold { corked: true, ..Hold::default() } } else { self.usual_hold() };
        self.push_out_as(cx, hold, Extent::All);
    }

    /// What the socket's options say about small segments.
    pub(in crate::tcp) fn usual_hold(&self) -> Hold {
        let push = self.bursts.as_ref().is_some_and(|bursts| bursts.push_owed);
        Hold { off: self.options.no_delay, corked: self.options.cork, push }
    }

    /// Without Nagle's algorithm what waits goes now, until a new burst begins.
    pub(in crate::tcp) fn owe_push(&mut self) {
        if let Some(bursts) = &mut self.bursts {
            bursts.push_owed = true;
        }
    }

    /// Text that came into the send buffer by another way (on a SYN) is a burst of its own.
    pub(super) fn note_stray_text(&mut self) {
        let (end, una) = (self.send.end(), self.snd.una);
        if let Some(bursts) = &mut self.bursts
            && bursts.pieces.end().unwrap_or(una).before(end)
            && self.send.len() > 0
        {
            bursts.pieces.push(Piece { end, push: true, record: false });
        }
    }

    /// Octets that the burst at the end still takes; a new one takes `goal`, if the send buffer lets it in.
    fn room_of_tail(&mut self, profile: &Profile, goal: u32) -> Option<u32> {
        let nxt = self.snd.nxt;
        let free = self.memory_free(profile, false);
        let end = self.send.end();
        let bursts = self.bursts.as_mut()?;
        let start = bursts.pieces.start_of_tail(nxt).max(nxt);
        match bursts.pieces.tail_after(nxt) {
            Some(tail) if !tail.record && tail.end - start < goal => Some(goal - (tail.end - start)),
            _ if !free => None,
            _ => {
                bursts.pieces.push(Piece { end, push: false, record: false });
                bursts.push_owed = false;
                Some(goal)
            }
        }
    }

    /// Adds to the burst at the end. The first octets of a write take its PSH away.
    fn append(&mut self, part: Bytes, first: bool) {
        self.send.write(part);
        let end = self.send.end();
        if let Some(bursts) = &mut self.bursts
            && let Some(tail) = bursts.pieces.last_mut()
        {
            tail.end = end;
            tail.push &= !first;
        }
    }

    /// More than half of the largest window was written since PSH was last set.
    fn force_push(&self) -> bool {
        let pushed = self.bursts.as_ref().and_then(|bursts| bursts.pushed).unwrap_or(self.snd.iss);
        self.send.end().after(pushed + self.snd.max_wnd / 2)
    }

    fn mark_push(&mut self) {
        let end = self.send.end();
        if let Some(bursts) = &mut self.bursts {
            bursts.pieces.set_push(end);
            bursts.pushed = Some(end);
        }
    }

    /// Whether the burst at the end is the one that goes next.
    fn tail_is_next(&self) -> bool {
        self.bursts.as_ref().is_some_and(|bursts| bursts.pieces.is_last(self.snd.nxt))
    }
}
