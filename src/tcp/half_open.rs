//! Half-open connections: small entries that wait for the final ACK of the handshake.

use super::chain::{Link, Linked, Waits};
use super::ends::Ends;
use super::flight::Sent;
use super::input::Arrival;
use super::isn;
use super::listener::Listener;
use super::options::{SynOptions, timestamps};
use super::stack::{Stack, send_reset_plain};
use super::tables::Entry;
use super::tcb::{Beginning, Tcb};
use super::{Edge, Effect, Effects, Event, ListenerId, Owner, Profile, Reason, State, TimerKind};
use crate::clock::{Instant, Span};
use crate::mib::Counter;
use crate::wire::{Flags, Segment, Seq};
use bytes::Bytes;

/// What came on a SYN besides the SYN.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SynText {
    pub text: Bytes,
    pub fin: bool,
}

impl SynText {
    /// What a SYN carries, if the profile keeps it.
    pub fn of(segment: &Segment, profile: &Profile) -> Option<Box<SynText>> {
        let fin = segment.flags.has(Flags::FIN);
        let some = fin || !segment.payload.is_empty();
        (some && profile.keep_syn_text).then(|| Box::new(SynText { text: segment.payload.clone(), fin }))
    }
}

/// A half-open connection: a SYN came, our SYN-ACK went.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HalfOpen {
    pub ends: Ends,
    pub links: [Link; 2],
    pub made: Instant,
    pub deadline: Instant,
    pub listener: ListenerId,
    pub irs: Seq,
    pub iss: Seq,
    pub ts_recent: u32,
    pub window: u16,
    pub mss: u16,
    /// The peer's window scale.
    pub scale: Option<u8>,
    pub sack: bool,
    pub timestamps: bool,
    /// Text, and whether a FIN follows it, that came on the SYN: for when the connection is open.
    pub syn_text: Option<Box<SynText>>,
    /// ECN is agreed on (RFC 3168 section 6.1.1).
    pub ecn: bool,
    /// The final ACK came, but the accept queue was full.
    pub acknowledged: bool,
    /// How often its timer ran out.
    pub timeouts: u8,
    /// How often the SYN-ACK went again.
    pub resent: u8,
}

impl Profile {
    /// SYN-ACK periods that `seconds` of TCP_DEFER_ACCEPT make: the first is the initial time-out, each next twice as long.
    pub fn defer_periods(&self, seconds: u32) -> u8 {
        let wanted = Span::secs(u64::from(seconds));
        let enough = |periods: &u8| self.defer_time(*periods) >= wanted;
        (0..u8::MAX).find(enough).unwrap_or(u8::MAX)
    }

    /// How long so many SYN-ACK periods are.
    pub fn defer_time(&self, periods: u8) -> Span {
        match periods {
            0 => Span::ZERO,
            more => super::timeout::doublings(u32::from(more) - 1, self.rto_initial, self.syn_ack_rto_max()),
        }
    }
}

impl HalfOpen {
    pub fn owner(&self) -> Owner {
        let (local, remote) = (self.ends.local(), self.ends.remote());
        Owner::HalfOpen { listener: self.listener, local, remote }
    }
}

impl Linked for HalfOpen {
    fn link(&self, chain: usize) -> Link {
        self.links[chain]
    }
    fn link_mut(&mut self, chain: usize) -> &mut Link {
        &mut self.links[chain]
    }
}

impl Waits for HalfOpen {
    fn deadline(&self) -> Instant {
        self.deadline
    }
    fn class(&self) -> usize {
        usize::from(self.timeouts)
    }
}

impl Stack {
    /// A segment arrives for a half-open connection (RFC 9293 section 3.10.7.4, SYN-RECEIVED).
    pub(super) fn half_open_segment(&mut self, now: Instant, key: u32, segment: &Segment, fx: &mut Effects) {
        let Some(entry) = self.tables.half_opens.get(key) else { return };
        let owner = entry.owner();
        let (local, remote, rcv_nxt) = (entry.ends.local(), entry.ends.remote(), entry.irs + 1);
        let flags = segment.flags;
        let old = entry.timestamps
            && timestamps(segment).is_some_and(|(value, _)| (value.wrapping_sub(entry.ts_recent) as i32) < 0);
        let repeated = flags.has(Flags::SYN) && !flags.has(Flags::ACK) && !flags.has(Flags::RST);
        if segment.seq == entry.irs && repeated && !old {
            return self.syn_repeated(now, key, fx);
        }
        let arrival = Arrival::of(segment, 0);
        let wrong_ack = flags.has(Flags::ACK) && segment.ack != entry.iss + 1;
        if wrong_ack && !flags.has(Flags::RST) {
            send_reset_plain(&self.profile, fx, local, remote, owner, &arrival, Reason::ResetSynReceivedAck);
            return;
        }
        let (window, _) =
            self.syn_ack_window(entry.listener, remote.ip(), entry.timestamps, entry.scale.is_some());
        let inside = segment.seq == rcv_nxt
            || (arrival.end().after(rcv_nxt) && segment.seq.before(rcv_nxt + window))
            || (self.profile.accept_from_last_offer && segment.is_empty() && segment.seq == rcv_nxt + window);
        if old || !inside {
            fx.note(owner, Reason::DropOutsideWindow);
            if !flags.has(Flags::RST) {
                self.answer_half_open(now, key, Reason::AckUnacceptable, fx);
            }
            return;
        }
        let other_syn = flags.has(Flags::SYN) && segment.seq != entry.irs;
        if flags.has(Flags::RST) && segment.seq != rcv_nxt {
            if self.budget.take(now, &self.profile) {
                fx.count(Counter::TCPChallengeACK);
                self.answer_half_open(now, key, Reason::ChallengeReset, fx);
            } else {
                fx.note(owner, Reason::ChallengeWithheld);
            }
        } else if flags.has(Flags::RST) || other_syn {
            self.half_open_reset(key, &arrival, fx);
        } else if !flags.has(Flags::ACK) {
            fx.note(owner, Reason::DropNoAck);
        } else {
            self.final_ack(now, key, segment, fx);
        }
    }

    /// The same SYN again: so goes the SYN-ACK, and its timer begins anew.
    fn syn_repeated(&mut self, now: Instant, key: u32, fx: &mut Effects) {
        if !self.profile.listen.repeat_syn_ack {
            return self.answer_half_open(now, key, Reason::AckUnacceptable, fx);
        }
        self.send_syn_ack(now, key, Reason::RepeatSynAck, None, fx);
        if let Some(timeouts) = self.tables.half_opens.get(key).map(|entry| entry.timeouts) {
            self.rearm_half_open(now, key, timeouts);
        }
    }

    /// The timer of an entry that it has sent so often for nothing begins anew.
    fn rearm_half_open(&mut self, now: Instant, key: u32, timeouts: u8) {
        let mut wait = self.profile.rto_initial;
        for _ in 0..timeouts {
            wait = (wait * 2).min(self.profile.syn_ack_rto_max());
        }
        let entries = &mut self.tables.half_opens;
        self.half_open_due.remove(entries, key);
        (entries[key].timeouts, entries[key].deadline) = (timeouts, now + wait);
        self.half_open_due.insert(entries, key);
    }

    /// A bare ACK that tells what a half-open connection expects.
    fn answer_half_open(&mut self, now: Instant, key: u32, why: Reason, fx: &mut Effects) {
        let Some(entry) = self.tables.half_opens.get(key) else { return };
        let (local, remote) = (entry.ends.local(), entry.ends.remote());
        let (window, scale) =
            self.syn_ack_window(entry.listener, remote.ip(), entry.timestamps, entry.scale.is_some());
        let offset = isn::timestamp_offset(&self.profile, &self.secret, local, remote);
        let agreed = super::options::Agreed {
            timestamps: entry.timestamps,
            ts_offset: offset,
            ts_recent: entry.ts_recent,
            ..Default::default()
        };
        fx.count(Counter::OutSegs);
        let dscp =
            self.listeners.get(&entry.listener).map_or(0, |listener| listener.options.dscp_to(remote.ip()));
        fx.push(Effect::Send {
            ect: false,
            dscp,
            df: true,
            from: local,
            to: remote,
            segment: Segment {
                source_port: local.port(),
                destination_port: remote.port(),
                seq: entry.iss + 1,
                ack: entry.irs + 1,
                flags: Flags::ACK,
                window: (window >> scale) as u16,
                urgent: 0,
                options: agreed.to_wire(now, None, Vec::new()),
                payload: Bytes::new(),
            },
            owner: entry.owner(),
            why,
            retransmission: false,
        });
    }

    /// A RST, or another SYN in the window, ends a half-open connection.
    fn half_open_reset(&mut self, key: u32, arrival: &Arrival, fx: &mut Effects) {
        let Some(entry) = self.tables.half_opens.get(key) else { return };
        let (local, remote, owner) = (entry.ends.local(), entry.ends.remote(), entry.owner());
        fx.count(Counter::AttemptFails);
        fx.count(Counter::EmbryonicRsts);
        if arrival.flags.has(Flags::RST) {
            fx.note(owner, Reason::PeerReset);
            self.end_half_open(key, Event::ResetReceived, State::Listen, fx);
            return;
        }
        if self.profile.listen.reset_on_other_syn {
            send_reset_plain(&self.profile, fx, local, remote, owner, arrival, Reason::ResetSynReceivedSyn);
        }
        self.end_half_open(key, Event::SynReceived, State::Listen, fx);
    }

    /// The final ACK of the handshake: a connection, if the accept queue has room.
    fn final_ack(&mut self, now: Instant, key: u32, segment: &Segment, fx: &mut Effects) {
        let Some(entry) = self.tables.half_opens.get_mut(key) else { return };
        let Some(listener) = self.listeners.get(&entry.listener) else { return };
        if entry.timeouts < listener.options.defer_accept && segment.is_empty() {
            entry.acknowledged = true;
            fx.count(Counter::TCPDeferAcceptDrop);
            fx.note(entry.owner(), Reason::DropDeferredAck);
            return;
        }
        let full = listener.accept.len() >= listener.queue_limit(&self.profile);
        if full && self.profile.listen.ignore_ack_when_full {
            fx.count(Counter::ListenOverflows);
            fx.count(Counter::ListenDrops);
            if self.profile.settings.tcp_abort_on_overflow == 0 {
                entry.acknowledged = true;
                fx.note(entry.owner(), Reason::DropAcceptQueueFullAck);
                return;
            }
            let (local, remote, owner) = (entry.ends.local(), entry.ends.remote(), entry.owner());
            let arrival = Arrival::of(segment, 0);
            send_reset_plain(&self.profile, fx, local, remote, owner, &arrival, Reason::ResetOverflow);
            fx.count(Counter::EmbryonicRsts);
            self.end_half_open(key, Event::Abort, State::Closed, fx);
            return;
        }
        let Some(entry) = self.remove_half_open(key) else { return };
        fx.push(Effect::Queue(entry.listener));
        self.promote(now, &entry, false, segment, fx);
    }

    /// Turns a half-open entry, or a cookie, into a connection on the accept queue and hands it the segment.
    pub(super) fn promote(
        &mut self,
        now: Instant,
        entry: &HalfOpen,
        cookie: bool,
        segment: &Segment,
        fx: &mut Effects,
    ) {
        let id = self.tables.next_conn();
        let state = if cookie { State::Listen } else { State::SynReceived };
        let mut tcb = self.block_of(now, entry, state, cookie, fx);
        let mut context = self.context(now, fx);
        let cx = &mut context;
        tcb.queued = Some(entry.listener);
        if cookie {
            tcb.snd.una = tcb.snd.nxt;
            tcb.enter(cx, Event::CookieReturned, State::Established);
            tcb.opened(cx);
        } else {
            let (seq, end) = (entry.iss, entry.iss + 1);
            tcb.flight.push(Sent { again: entry.resent > 0, ..Sent::new(seq, end, entry.made) });
            tcb.timers.set(TimerKind::Retransmission, now + tcb.rtt.rto);
        }
        if self.profile.syn_window_forgotten && !cookie {
            tcb.snd.max_wnd = 0;
        }
        self.tables.adopt(tcb);
        if let Some(listener) = self.listeners.get_mut(&entry.listener) {
            listener.accept.push_back(id);
        }
        self.conn_segment(now, id, segment, fx);
        fx.push(Effect::Queue(entry.listener));
        fx.push(Effect::Wake(Owner::Listener(entry.listener)));
    }

    /// A block in that state with all that the SYN, or the SYN `cookie`, told.
    pub(super) fn block_of(
        &mut self,
        now: Instant,
        entry: &HalfOpen,
        state: State,
        cookie: bool,
        fx: &mut Effects,
    ) -> Tcb {
        let options = match self.listeners.get(&entry.listener) {
            Some(listener) => super::ConnOptions { defer_accept: 0, ..*listener.options },
            None => super::ConnOptions::of(&self.profile),
        };
        let options = self.share(&options);
        let (local, remote) = (entry.ends.local(), entry.ends.remote());
        let id = self.tables.next_conn();
        let mss = self.mss_of(remote.ip(), &options);
        let path = self.path_to(now, remote);
        let offset = isn::timestamp_offset(&self.profile, &self.secret, local, remote);
        fx.count(Counter::PassiveOpens);
        let mut context = self.context(now, fx);
        let cx = &mut context;
        let mut tcb = Tcb::new(cx, Beginning { id, local, remote, state, iss: entry.iss, options });
        let full = if cookie { entry.mss } else { mss };
        let overhead = if entry.timestamps && !cookie { super::options::TIMESTAMPS_LENGTH } else { 0 };
        tcb.prepare_to_receive(cx.profile, mss, u32::from(full.min(mss)).saturating_sub(overhead));
        let peer = SynOptions {
            mss: Some(entry.mss),
            scale: entry.scale,
            sack: entry.sack,
            timestamps: entry.timestamps.then_some((entry.ts_recent, 0)),
            fast_open: None,
            user_timeout: None,
        };
        tcb.path = path;
        // The SYN.
        tcb.counts.segments_in = 1;
        tcb.syn_text = entry.syn_text.clone();
        tcb.agreed.ts_offset = offset;
        tcb.take_syn(cx, entry.irs, peer, u32::from(entry.window));
        tcb.tally.resent = u32::from(entry.resent.max(entry.timeouts));
        tcb.begin_congestion_window(cx.profile, u32::from(entry.timeouts));
        tcb.ecn.on = entry.ecn;
        tcb.snd.nxt = entry.iss + 1;
        tcb.recovery.reset(tcb.snd.nxt);
        tcb
    }

    /// The timer of a half-open connection runs out: the SYN-ACK goes again, or the entry is given up.
    pub(super) fn half_open_due(&mut self, now: Instant, key: u32, fx: &mut Effects) {
        let Some(entry) = self.tables.half_opens.get(key) else { return };
        let Some(listener) = self.listeners.get(&entry.listener) else { return };
        let owner = entry.owner();
        let retries = i64::from(entry.timeouts);
        let own = i64::from(listener.options.syn_tries);
        let mut limit = if own > 0 { own } else { self.profile.settings.tcp_synack_retries };
        let mut pruned = false;
        if self.profile.listen.prune_when_half_full {
            let bounded = self.prune_limit(listener, limit);
            pruned = bounded < limit && retries >= bounded;
            limit = bounded;
        }
        // Who has answered but sent no data is left alone until the last period, and then asked once more.
        let defer = i64::from(listener.options.defer_accept);
        let deferred = defer > 0 && entry.acknowledged;
        if deferred {
            limit = limit.max(defer);
        }
        fx.push(Effect::TimerFired { owner, kind: TimerKind::Retransmission });
        fx.count(Counter::TCPTimeouts);
        if retries >= limit {
            let why = if pruned { Reason::HalfOpenPruned } else { Reason::HalfOpenGivenUp };
            fx.note(owner, why);
            self.end_half_open(key, Event::TimedOut, State::Closed, fx);
            return;
        }
        if !deferred || retries >= defer - 1 {
            self.send_syn_ack(now, key, Reason::RetransmitSynAck, None, fx);
        }
        let Some(entry) = self.tables.half_opens.get(key) else { return };
        let (id, young, timeouts) = (entry.listener, entry.timeouts == 0, entry.timeouts.saturating_add(1));
        if young && let Some(listener) = self.listeners.get_mut(&id) {
            listener.young -= 1;
        }
        self.rearm_half_open(now, key, timeouts);
    }

    /// How many retransmissions an entry gets when the queue is more than half full: the fewer young entries there are,
    /// the fewer, but at least two.
    fn prune_limit(&self, listener: &Listener, retries: i64) -> i64 {
        let count = listener.half_open.len();
        let backlog = self.profile.bounded_backlog(listener.backlog) as usize;
        if count * 2 <= backlog.max(8) {
            return retries;
        }
        let mut limit = retries;
        let mut weight = listener.young as usize * 2;
        while limit > 2 && count >= weight {
            limit -= 1;
            weight *= 2;
        }
        limit
    }

    /// Takes an entry out of all tables.
    fn remove_half_open(&mut self, key: u32) -> Option<HalfOpen> {
        let entry = self.tables.half_opens.get(key)?;
        let (id, young) = (entry.listener, entry.timeouts == 0);
        self.tables.leave(Entry::HalfOpen(key));
        let entries = &mut self.tables.half_opens;
        self.half_open_due.remove(entries, key);
        if let Some(listener) = self.listeners.get_mut(&id) {
            listener.half_open.remove(entries, key);
            listener.young -= u32::from(young);
        }
        entries.remove(key)
    }

    /// Ends a half-open connection across that edge.
    pub(super) fn end_half_open(&mut self, key: u32, event: Event, to: State, fx: &mut Effects) {
        let Some(entry) = self.remove_half_open(key) else { return };
        if let Some(edge) = Edge::find(State::SynReceived, event, to) {
            fx.entered(entry.owner(), edge);
        }
        fx.push(Effect::Queue(entry.listener));
        fx.push(Effect::Closed(entry.owner()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_open_entry_is_small() {
        assert!(size_of::<HalfOpen>() <= 88, "{} octets", size_of::<HalfOpen>());
    }

    #[test]
    fn an_entry_lives_63_seconds_with_five_retries() {
        let life = super::super::timeout::doublings(5, Span::secs(1), Profile::linux().rto_max());
        assert_eq!(life, Span::secs(63));
    }
}
