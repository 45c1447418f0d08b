//! The receive buffer as memory: what may be kept, how much of that can be offered as window, and how both grow with
//! what comes and with what the user reads (the receiver of RFC 9293 section 3.8.6.2.2, as Linux built it).

use super::input::Arrival;
use super::profile::{BufferCharge, Cost};
use super::tcb::{Context, Tcb};
use super::{Profile, State, WindowRule};
use crate::clock::{Instant, Span};
use crate::mib::Counter;
use crate::wire::{Flags, Seq};

/// Before anything is known half of the memory is window: the share counts 256ths.
const HALF: u32 = 128;
/// The least window that can be asked for.
const LEAST_CLAMP: u32 = 1152;
/// No segment smaller than this is taken for a full one before any came.
const LEAST_FULL: u32 = 88;
/// Memory is reserved by so many octets.
const PAGE: u32 = 4096;
/// So many full segments are believed to be read in the first round trip.
const FIRST_SEGMENTS: u32 = 10;

/// The memory of one connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Memory {
    /// Octets of memory that may be taken.
    pub limit: u32,
    /// How many of 256 octets of memory hold text.
    share: u32,
    /// Octets of memory that are reserved and not taken yet: memory is reserved by pages.
    ahead: u32,
    /// The largest window there will be.
    pub clamp: u32,
    /// The greatest number of octets that the user was seen to read in one round trip.
    pub space: u32,
    /// What the user had read when the present round trip began.
    counted_from: Seq,
    /// When that was.
    counted_at: Instant,
    /// The sender's round-trip time as the receiver sees it, eighths of a microsecond; 0 is unknown.
    rtt: u32,
    /// The measurement without timestamps: from here, until that number has come.
    window_sent: Option<(Instant, Seq)>,
    /// The last echo that was measured by.
    last_echo: u32,
    /// Length of the last segment that could have been a full one.
    last_size: u32,
}

impl Memory {
    /// Octets of window in so many octets of memory.
    pub fn window(&self, octets: u32) -> u32 {
        ((u64::from(octets) * u64::from(self.share)) >> 8) as u32
    }

    /// Octets of memory for so many of window.
    fn octets(&self, window: u32) -> u32 {
        u32::try_from((u64::from(window) << 8) / u64::from(self.share.max(1))).unwrap_or(u32::MAX)
    }

    /// The sender's round-trip time as the receiver sees it.
    pub fn round_trip(&self) -> Span {
        Span::micros(u64::from(self.rtt >> 3))
    }
}

impl Profile {
    /// What a packet with so many octets of headers and text costs.
    pub(super) fn cost_of(&self, headers: u32, text: u32) -> Cost {
        match self.buffer_charge {
            BufferCharge::Text => Cost { size: text, room: 0 },
            BufferCharge::Blocks(rule) => rule.cost(headers + text),
        }
    }

    /// The length of the segments that a piece of `text` octets was put together from.
    pub(super) fn merged(&self, text: u32) -> u32 {
        self.receive_offload.map_or(text, |size| text.min(u32::from(size).max(1)))
    }
}

impl Tcb {
    /// Octets of text in a full segment to us: what we announced, less the timestamps that every segment carries.
    pub fn announced(&self) -> u32 {
        let stamps = if self.agreed.timestamps { super::options::TIMESTAMPS_LENGTH } else { 0 };
        u32::from(self.rcv.mss).saturating_sub(stamps)
    }

    /// Before the handshake: the memory as the user or the profile set it.
    pub fn begin_memory(&mut self, profile: &Profile, limit: u32) {
        self.memory.limit = limit;
        self.memory.share = HALF;
        let representable = u32::from(u16::MAX) << self.rcv.scale;
        self.memory.clamp = match self.options.receive_buffer {
            Some(_) => self.receive_space(profile).min(representable),
            None => representable,
        };
        if let Some(clamp) = self.options.window_clamp {
            self.memory.clamp = self.memory.clamp.min(clamp);
        }
    }

    /// The connection is open: one segment of the window is kept in reserve, and reading is measured from here.
    pub fn settle_memory(&mut self, now: Instant, profile: &Profile) {
        if profile.window_rule != WindowRule::Grows {
            return;
        }
        let full = self.announced();
        let usual = full.min(self.segment_size(profile)).min(self.rcv.wnd / 2);
        self.ack.full = usual.min(u32::from(profile.default_mss)).max(LEAST_FULL) as u16;
        let greatest = self.receive_space(profile);
        if !self.agreed.scaled {
            self.memory.clamp = self.memory.clamp.min(u32::from(u16::MAX));
        }
        let shift = u32::try_from(profile.settings.tcp_app_win).unwrap_or(31).min(31);
        if self.memory.clamp >= greatest {
            self.memory.clamp = greatest;
            if shift > 0 && greatest > 4 * full {
                self.memory.clamp = (greatest - (greatest >> shift)).max(4 * full);
            }
        }
        let clamp = self.memory.clamp;
        if shift > 0 && clamp > 2 * full && clamp + full > greatest {
            self.memory.clamp = (2 * full).max(greatest.saturating_sub(full));
        }
        self.rcv.clamp = self.rcv.clamp.min(self.memory.clamp);
        self.memory.space = self.rcv.clamp.min(self.rcv.wnd).min(FIRST_SEGMENTS * full).max(1);
        self.memory.counted_at = now;
        self.memory.counted_from = self.next_to_read();
    }

    /// Text came in order: the round trip is measured, and the window may grow.
    pub fn text_arrived(&mut self, cx: &Context<'_>, text: u32, cost: Cost) {
        if cx.profile.window_rule != WindowRule::Grows {
            return;
        }
        self.measure_by_window(cx.now);
        if text >= 128 {
            self.grow_window(cx.profile, text, cost);
        }
    }

    /// Learns how large the peer's full segments are, and with that how much of the memory is text.
    pub fn measure_segment(&mut self, profile: &Profile, text: u32, headers: u32, pushed: bool, cost: Cost) {
        let size = profile.merged(text);
        let last = std::mem::take(&mut self.memory.last_size);
        let known = u32::from(self.ack.full);
        if size >= known {
            if size != known {
                self.share_learned(profile, text, cost);
            }
            self.ack.full = size.min(self.announced()).max(1) as u16;
            if pushed {
                self.ack.pushed = self.ack.pushed.max(1);
            }
            return;
        }
        // The length of the header without IP's; what is left of a full segment beside SACK blocks.
        let whole = size + headers;
        let stamps = if self.agreed.timestamps { super::options::TIMESTAMPS_LENGTH } else { 0 };
        if whole >= 536 + 20 || (whole >= 88 + 20 && !pushed) {
            let length = whole.saturating_sub(20 + stamps);
            self.memory.last_size = length;
            if length == last {
                self.ack.full = length.max(1) as u16;
                return;
            }
        }
        self.ack.pushed = if self.ack.pushed >= 1 { 2 } else { 1 };
    }

    fn share_learned(&mut self, profile: &Profile, text: u32, cost: Cost) {
        if profile.window_rule != WindowRule::Grows {
            return;
        }
        let before = self.memory.share;
        self.memory.share = ((u64::from(text) << 8) / u64::from(cost.size.max(1))).clamp(1, 255) as u32;
        if before != self.memory.share {
            self.clamp_window(self.memory.window(self.memory.limit));
            self.memory.space = self.memory.space.min(self.memory.clamp);
        }
    }

    /// Sets the largest window there will be.
    pub fn clamp_window(&mut self, wanted: u32) {
        let (before, now) = (self.memory.clamp, wanted.max(LEAST_CLAMP));
        self.memory.clamp = now;
        if now < before {
            self.rcv.clamp = self.rcv.clamp.min(now);
        } else {
            self.rcv.clamp = self.rcv.clamp.max(self.rcv.wnd.min(now));
        }
    }

    /// The window may become larger where such segments fit into the memory.
    pub fn grow_window(&mut self, profile: &Profile, text: u32, cost: Cost) {
        let free = self.memory.window(self.memory.limit.saturating_sub(self.recv.cost()));
        let room = self.memory.clamp.min(free).saturating_sub(self.rcv.clamp);
        if room == 0 {
            return;
        }
        let step = if self.memory.window(cost.size) <= text {
            2 * self.announced()
        } else {
            self.growth_of_bloated(profile, text, cost)
        };
        if step > 0 {
            self.rcv.clamp += room.min(step.max(text.saturating_mul(2)));
            self.ack.quick |= 1;
        }
    }

    /// Segments that take more memory than they hold text let the window grow only as long as it is small.
    fn growth_of_bloated(&self, profile: &Profile, text: u32, cost: Cost) -> u32 {
        let most = u32::try_from(profile.settings.tcp_rmem_max).unwrap_or(u32::MAX);
        let mut size = self.memory.window(cost.size) / 2;
        let mut window = self.memory.window(most) / 2;
        while self.rcv.clamp <= window {
            if size <= text {
                return 2 * u32::from(self.ack.full);
            }
            size /= 2;
            window /= 2;
        }
        0
    }

    /// Without timestamps a round trip ends when all came that the window let through when it began.
    fn measure_by_window(&mut self, now: Instant) {
        if let Some((began, end)) = self.memory.window_sent {
            if self.rcv.nxt.before(end) {
                return;
            }
            let passed = u32::try_from((now - began).as_micros()).unwrap_or(u32::MAX).max(1);
            self.round_trip_measured(passed, true);
        }
        self.memory.window_sent = Some((now, self.rcv.nxt + self.rcv.wnd));
    }

    /// With timestamps a full segment tells how long ago what it echoes was sent.
    pub fn measure_by_echo(&mut self, now: Instant, echo: u32, len: u32) {
        if echo == self.memory.last_echo {
            return;
        }
        self.memory.last_echo = echo;
        if len < u32::from(self.ack.full) {
            return;
        }
        let clock = super::options::timestamp_now(now, self.agreed.ts_offset);
        let passed = clock.wrapping_sub(echo);
        if (1..=i32::MAX as u32 / 1000).contains(&passed) {
            self.round_trip_measured(passed * 1000, false);
        }
    }

    fn round_trip_measured(&mut self, micros: u32, by_window: bool) {
        let (before, sample) = (self.memory.rtt, micros.saturating_mul(8));
        if before == 0 || sample < before {
            self.memory.rtt = sample;
        } else if !by_window && self.recv.readable() == 0 {
            self.memory.rtt = before - before / 8 + micros;
        }
    }

    /// The user has read: where more was read in a round trip than ever before, more memory is given.
    pub fn measure_reading(&mut self, now: Instant, profile: &Profile) {
        if profile.window_rule != WindowRule::Grows {
            return;
        }
        let rtt = self.memory.rtt;
        let passed = (now - self.memory.counted_at).as_micros();
        if rtt == 0 || passed < u64::from(rtt >> 3) {
            return;
        }
        let read = self.next_to_read();
        let copied = i64::from(read - self.memory.counted_from) - self.recv.readable() as i64;
        if copied > i64::from(self.memory.space) {
            self.grow_memory(profile, u32::try_from(copied).unwrap_or(u32::MAX));
        }
        self.memory.counted_from = read;
        self.memory.counted_at = now;
    }

    /// Gives memory for twice what is read in a round trip, and what a sender in slow start may add to that.
    pub fn grow_memory(&mut self, profile: &Profile, space: u32) {
        let before = std::mem::replace(&mut self.memory.space, space).max(1);
        if profile.settings.tcp_moderate_rcvbuf == 0 || self.options.receive_buffer.is_some() {
            return;
        }
        let double = u64::from(space) << 1;
        let growth = double * u64::from(space.saturating_sub(before)) / u64::from(before);
        let beyond = self.recv.farthest().map_or(0, |end| u64::from(end - self.rcv.nxt));
        let window = u32::try_from(double + (growth << 1) + beyond).unwrap_or(u32::MAX);
        let most = u32::try_from(profile.settings.tcp_rmem_max).unwrap_or(u32::MAX);
        let limit = self.memory.octets(window).min(most);
        if limit > self.memory.limit {
            self.memory.limit = limit;
            self.memory.clamp = self.memory.window(limit);
        }
    }

    /// Whether the memory takes one segment more.
    fn can_ingest(&self) -> bool {
        self.recv.cost() <= self.memory.limit
    }

    /// What came in order, without more ado, is taken without asking as long as memory is reserved for it.
    fn goes_the_short_way(&self, arrival: &Arrival, cost: Cost) -> bool {
        self.state() == State::Established
            && arrival.whole.0 == self.rcv.nxt
            && arrival.flags.without(Flags::PSH) == Flags::ACK
            && arrival.window == self.snd.wnd
            && !self.recv.has_islands()
            && self.mark.is_none()
            && cost.size <= self.memory.ahead
    }

    /// Reserves memory for a segment.
    fn reserve(&mut self, size: u32) {
        if size > self.memory.ahead {
            self.memory.ahead += (size - self.memory.ahead).next_multiple_of(PAGE);
        }
    }

    /// The queues took memory or gave it back: it was `before`.
    pub fn memory_taken(&mut self, before: u32) {
        let now = self.recv.cost();
        if now >= before {
            self.memory.ahead = self.memory.ahead.saturating_sub(now - before);
        } else {
            self.memory.ahead += before - now;
            self.memory.ahead %= PAGE;
        }
    }

    /// Makes room for a segment, first by giving more memory, then by packing what is there, then by forgetting what came
    /// too early and lies beyond it. Tells whether there is room now.
    pub fn make_room(&mut self, cx: &mut Context<'_>, arrival: &Arrival) -> bool {
        if cx.profile.window_rule != WindowRule::Grows {
            return true;
        }
        let cost = arrival.cost(self, cx.profile);
        if self.goes_the_short_way(arrival, cost) {
            return true;
        }
        let before = self.recv.cost();
        let room = self.can_ingest() || self.find_room(cx, arrival.seq);
        self.memory_taken(before);
        if room {
            self.reserve(cost.size);
        }
        room
    }

    fn find_room(&mut self, cx: &mut Context<'_>, seq: Seq) -> bool {
        if self.recv.cost() == 0 {
            return false;
        }
        cx.fx.count(Counter::PruneCalled);
        self.ack.quick = 0;
        let most = u32::try_from(cx.profile.settings.tcp_rmem_max).unwrap_or(u32::MAX);
        if self.memory.limit < most && self.options.receive_buffer.is_none() {
            self.memory.limit = self.recv.cost().min(most);
        }
        if self.recv.cost() > self.memory.limit {
            self.rcv.clamp = self.memory.clamp.min(2 * self.announced());
        }
        if self.can_ingest() {
            return true;
        }
        if let BufferCharge::Blocks(rule) = cx.profile.buffer_charge {
            let share = self.memory.share;
            let text_in = |size| ((u64::from(size) * u64::from(share)) >> 8) as u32;
            self.recv.pack_islands(&rule, text_in);
            self.recv.pack(&rule, text_in);
        }
        if self.can_ingest() {
            return true;
        }
        if self.recv.forget_beyond(seq, self.memory.limit) {
            cx.fx.count(Counter::OfoPruned);
        }
        if self.can_ingest() {
            return true;
        }
        cx.fx.count(Counter::RcvPruned);
        false
    }
}
