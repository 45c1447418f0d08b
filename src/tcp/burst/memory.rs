//! What the send buffer takes (SO_SNDBUF): a burst costs its octets and some room for itself, and may overshoot.

use super::super::Profile;
use super::super::tcb::{Context, Tcb};
use super::size::count;

/// What one burst costs beside its octets.
const OVERHEAD: usize = 832;
/// What headers and bookkeeping cost beside the text of one segment, before rounding up to a power of two, and after.
const SEGMENT_OVERHEAD: (u32, u32) = (640, 256);
/// The segments that a send buffer is made for, at least, and how many times as much as they take.
const LEAST_SEGMENTS: u32 = 10;
const TIMES: u32 = 2;

impl Tcb {
    /// Octets that the send buffer may cost.
    pub(in crate::tcp) fn send_buffer(&self, profile: &Profile) -> u32 {
        let grown = self.bursts.as_ref().map_or(0, |bursts| bursts.buffer);
        self.options.send_buffer.unwrap_or_else(|| count(profile.settings.tcp_wmem_default).max(grown))
    }

    /// What it costs now.
    fn queued(&self) -> usize {
        let bursts = self.bursts.as_ref().map_or(0, |bursts| bursts.pieces.len());
        let lone_fin = self.fin.is_some_and(|fin| bursts == 0 && self.snd.una.at_or_before(fin));
        self.send.len() + OVERHEAD * (bursts + usize::from(lone_fin))
    }

    /// Whether a new burst may be begun: `wake` asks for twice the room below TCP_NOTSENT_LOWAT, as who waits is only
    /// woken then.
    pub(super) fn memory_free(&self, profile: &Profile, wake: bool) -> bool {
        let unsent = u64::from(self.send.end() - self.snd.nxt.min(self.send.end())) << u32::from(wake);
        let low = match self.options.unsent_low {
            0 => count(profile.settings.tcp_notsent_lowat),
            low => low,
        };
        self.queued() < self.send_buffer(profile) as usize && unsent < u64::from(low)
    }

    /// Whether so much room is free that a writer is told of it: a third of the buffer.
    pub(in crate::tcp) fn room_to_tell(&self, profile: &Profile) -> bool {
        let (queued, limit) = (self.queued(), self.send_buffer(profile) as usize);
        limit.saturating_sub(queued) >= queued / 2 && queued <= limit && self.memory_free(profile, true)
    }

    /// Whether a writer may be told that it can write.
    pub(in crate::tcp) fn has_room(&self, profile: &Profile) -> bool {
        if self.bursts.is_some() { self.room_to_tell(profile) } else { self.send_room(profile) > 0 }
    }

    /// The buffer grows to twice what the congestion window holds, tcp_wmem at most, unless the user chose its size.
    pub(in crate::tcp) fn grow_send_buffer(&mut self, profile: &Profile) {
        if self.options.send_buffer.is_some() {
            return;
        }
        let window = self.cc.controller().window();
        let segments = LEAST_SEGMENTS.max(window).max(super::super::flight::DUP_THRESH + 1);
        let text = u32::from(self.snd.mss).saturating_add(SEGMENT_OVERHEAD.0);
        let each = text.next_power_of_two().saturating_add(SEGMENT_OVERHEAD.1);
        let wanted = segments.saturating_mul(each).saturating_mul(TIMES);
        let present = self.send_buffer(profile);
        if let Some(bursts) = &mut self.bursts
            && present < wanted
        {
            bursts.buffer = wanted.min(count(profile.settings.tcp_wmem_max));
        }
    }

    /// After an acknowledgment: who found the buffer full is told once there is room.
    pub(in crate::tcp) fn tell_room(&mut self, cx: &mut Context<'_>) {
        if self.bursts.as_ref().is_none_or(|bursts| !bursts.full) {
            return;
        }
        if self.pipe() < self.cc.controller().window() {
            self.grow_send_buffer(cx.profile);
        }
        if self.room_to_tell(cx.profile) {
            if let Some(bursts) = &mut self.bursts {
                bursts.full = false;
            }
            self.buffer_limits_no_more(cx.now);
            self.wake(cx);
        }
    }
}
