//! The server's side: who gets a cookie, whose data is taken from the SYN, and how many such requests may be pending
//! (RFC 7413 sections 4.2 and 5.1).

use super::cookie::{Baker, CookieKeys};
use super::{EVERY_LISTENER, Offer, SERVER, SERVER_WITHOUT_COOKIE};
use crate::clock::Instant;
use crate::mib::Counter;
use crate::tcp::flight::Sent;
use crate::tcp::half_open::HalfOpen;
use crate::tcp::options::{SynOptions, timestamp_now};
use crate::tcp::stack::Stack;
use crate::tcp::tcb::{Context, Tcb};
use crate::tcp::{
    ConnId, Effect, Effects, Event, ListenerId, Owner, Profile, Reason, State, StreamError, TimerKind,
};
use crate::wire::{Flags, Segment};
use std::collections::VecDeque;
use std::net::SocketAddr;

/// What a block remembers that was made by a SYN with data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) struct Early {
    /// Whose request it is, as long as it counts as pending.
    listener: Option<ListenerId>,
    /// The cookie that goes with the first SYN-ACK.
    pub grant: Option<Offer>,
    /// Whether the SYN carried any text.
    pub text: bool,
    /// The timestamp clock when the SYN-ACK first went again.
    repeated: Option<u32>,
}

/// A listener's requests that are not sure of their client yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::tcp) struct Pending {
    waiting: u32,
    /// Until when requests count that were reset.
    resets: VecDeque<Instant>,
}

impl Pending {
    /// Whether `most` are pending; one whose time is over makes room.
    fn is_full(&mut self, now: Instant, most: u32) -> bool {
        if u64::from(self.waiting) + (self.resets.len() as u64) < u64::from(most) {
            return false;
        }
        let over = self.resets.front().is_some_and(|until| *until <= now);
        if over {
            self.resets.pop_front();
        }
        !over
    }
}

/// What becomes of a SYN.
pub(in crate::tcp) enum Verdict {
    /// The usual handshake; with a cookie for the next time, if there is one.
    Usual(Option<Offer>),
    /// Its data is taken at once; with a new cookie, if the old one is about to die.
    Early(Option<Offer>),
}

impl Stack {
    /// How many requests a listener takes at a time, its own wish or what tcp_fastopen says for all.
    pub fn early_limit(&self, wish: u32, backlog: u32) -> u32 {
        let every = SERVER | EVERY_LISTENER;
        let bits = self.profile.settings.tcp_fastopen;
        if wish == 0 && bits & every == every { self.profile.bounded_backlog(backlog) } else { wish }
    }

    /// What the cookies of listeners without keys of their own are made under.
    pub fn fast_open_keys(&self) -> CookieKeys {
        self.fast_open.keys.unwrap_or(CookieKeys::of_secret(&self.secret))
    }

    /// Chooses what they are made under from now on (tcp_fastopen_key).
    pub fn set_fast_open_keys(&mut self, keys: CookieKeys) {
        self.fast_open.keys = Some(keys);
    }

    /// Decides about a SYN that the listener lets in (RFC 7413 section 4.2.2).
    pub(in crate::tcp) fn judge_early(
        &mut self,
        now: Instant,
        id: ListenerId,
        ends: (SocketAddr, SocketAddr),
        segment: &Segment,
        fx: &mut Effects,
    ) -> Verdict {
        let usual = Verdict::Usual(None);
        let offer = SynOptions::of(segment, &self.profile).fast_open;
        let asks = offer.is_some_and(|offer| offer.cookie.is_empty());
        if asks {
            fx.count(Counter::TCPFastOpenCookieReqd);
        }
        let bits = self.profile.settings.tcp_fastopen;
        let Some(listener) = self.listeners.get_mut(&id) else { return usual };
        let wanted = bits & SERVER != 0 && listener.options.fast_open > 0;
        if !wanted || (offer.is_none() && segment.payload.is_empty()) || segment.flags.has(Flags::FIN) {
            return usual;
        }
        if listener.pending.is_full(now, listener.options.fast_open) {
            fx.count(Counter::TCPFastOpenListenOverflow);
            fx.note(Owner::Listener(id), Reason::FastOpenFull);
            return usual;
        }
        if bits & SERVER_WITHOUT_COOKIE != 0 || listener.options.fast_open_no_cookie {
            return Verdict::Early(None);
        }
        let Some(offer) = offer else { return usual };
        let keys = listener.options.fast_open_keys;
        let keys = keys.unwrap_or(self.fast_open_keys());
        let baker = Baker { profile: &self.profile, keys, now, local: ends.0.ip(), remote: ends.1.ip() };
        let good = baker.good();
        let place = good.iter().position(|cookie| *cookie == offer.cookie);
        let given = good.first();
        let given = given.map(|cookie| Offer { cookie: *cookie, experimental: offer.experimental });
        match place.filter(|_| !asks) {
            Some(0) => Verdict::Early(None),
            Some(_) => {
                fx.count(Counter::TCPFastOpenPassiveAltKey);
                Verdict::Early(given)
            }
            None => {
                if !asks {
                    fx.count(Counter::TCPFastOpenPassiveFail);
                    fx.note(Owner::Listener(id), Reason::FastOpenCookieWrong);
                }
                Verdict::Usual(given)
            }
        }
    }

    /// The cookie is good: the connection is there at once, its SYN-ACK covers the data.
    pub(in crate::tcp) fn open_early(
        &mut self,
        now: Instant,
        entry: &HalfOpen,
        segment: &Segment,
        grant: Option<Offer>,
        fx: &mut Effects,
    ) {
        let id = self.tables.next_conn();
        let mut tcb = self.block_of(now, entry, State::Listen, false, fx);
        tcb.syn_text = None;
        fx.count(Counter::TCPFastOpenPassive);
        tcb.early = Some(Box::new(Early {
            listener: Some(entry.listener),
            grant,
            text: !segment.payload.is_empty(),
            repeated: None,
        }));
        tcb.rcv.offered_scale = tcb.rcv.offered_scale.filter(|_| entry.scale.is_some());
        tcb.queued = Some(entry.listener);
        let mut context = self.context(now, fx);
        let cx = &mut context;
        tcb.flight.push(Sent::new(entry.iss, entry.iss + 1, now));
        tcb.timers.set(TimerKind::Retransmission, now + tcb.rtt.rto);
        tcb.recovery.since = Some(now);
        tcb.enter(cx, Event::SynReceived, State::SynReceived);
        tcb.take_early_text(cx, segment.payload.clone());
        tcb.emit_syn(cx, Reason::AnswerSynEarly, false);
        self.tables.adopt(tcb);
        if let Some(listener) = self.listeners.get_mut(&entry.listener) {
            listener.accept.push_back(id);
            listener.pending.waiting += 1;
        }
        self.with_block(now, id, fx, |_, _| ());
        fx.push(Effect::Queue(entry.listener));
        fx.push(Effect::Wake(Owner::Listener(entry.listener)));
    }

    /// A request stops being pending when its client has answered, or is given up; after a reset it counts a while longer,
    /// so that forged addresses gain nothing (RFC 7413 section 5.1).
    pub(in crate::tcp) fn settle_early(&mut self, now: Instant, c: ConnId) {
        let Some(tcb) = self.tables.block_mut(c) else { return };
        let closed = tcb.state() == State::Closed;
        if !closed && tcb.snd.una == tcb.snd.iss {
            return;
        }
        let reset = closed && tcb.queued.is_none() && tcb.error == Some(StreamError::Reset);
        let Some(id) = tcb.early.as_mut().and_then(|early| early.listener.take()) else { return };
        let counts = self.profile.fast_open.reset_counts;
        if let Some(listener) = self.listeners.get_mut(&id) {
            listener.pending.waiting = listener.pending.waiting.saturating_sub(1);
            if reset {
                listener.pending.resets.push_back(now + counts);
            }
        }
    }
}

impl Tcb {
    /// Whether it may speak before its SYN is acknowledged.
    pub fn speaks_early(&self) -> bool {
        self.early.is_some()
    }

    /// The SYN-ACK got no answer: it is about to go again. From the time that the profile says on, what went after it
    /// counts as lost too, and goes once the client has answered.
    pub fn early_syn_ack_is_late(&mut self, cx: &mut Context<'_>) {
        let stamp = timestamp_now(cx.now, self.agreed.ts_offset);
        let timeouts = self.recovery.timeouts;
        let Some(early) = self.early.as_deref_mut() else { return };
        let first = *early.repeated.get_or_insert(stamp);
        if timeouts == cx.profile.fast_open.loses_text_at {
            self.early_text_is_lost(cx, first);
        }
    }

    /// Whether text on the SYN, ours or the peer's, was taken.
    pub fn syn_text_taken(&self) -> bool {
        let ours = self.asked.as_deref().is_some_and(|asked| asked.taken);
        ours || self.early.as_deref().is_some_and(|early| early.text)
    }

    /// Whether only the SYN-ACK of a connection that speaks early is on its way: it is no segment of the stream.
    pub fn awaits_early_ack(&self) -> bool {
        self.speaks_early() && self.snd.una == self.snd.iss
    }

    /// Retransmissions of the SYN-ACK beyond the usual.
    pub fn more_retries(&self, profile: &Profile) -> u32 {
        if self.speaks_early() { profile.fast_open.more_retries } else { 0 }
    }
}
