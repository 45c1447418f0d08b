//! A listener: its SYN queue of small entries, its accept queue, and who is let in.

use super::chain::{BY_LISTENER, Chain, Link};
use super::cookies::{self, Bad};
use super::ends::Ends;
use super::fast_open::{Offer, Pending, Verdict};
use super::half_open::{HalfOpen, SynText};
use super::input::Arrival;
use super::isn;
use super::options::{SynOptions, timestamp_now, timestamps};
use super::stack::{Stack, send_reset_plain};
use super::tables::Entry;
use super::{ConnId, ConnOptions, Edge, Effect, Effects, Event, ListenerId, Owner, Profile, Reason, State};
use crate::clock::Instant;
use crate::mib::Counter;
use crate::wire::{Claim, Flags, Segment, Seq};
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// A listening endpoint.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listener {
    pub local: SocketAddr,
    /// As given to listen, not yet bounded by somaxconn.
    pub backlog: u32,
    pub options: Arc<ConnOptions>,
    /// Its half-open entries, oldest first.
    pub half_open: Chain<BY_LISTENER>,
    /// How many of them have not timed out once.
    pub young: u32,
    /// Established, not yet accepted, oldest first.
    pub accept: VecDeque<ConnId>,
    /// SYNs with data whose client has not answered yet (RFC 7413 section 5.1).
    pub pending: Pending,
    /// When the SYN queue last overflowed into cookies.
    pub cookies_at: Option<Instant>,
}

/// Whether a SYN gets in.
enum Admission {
    Entry,
    Cookie,
    Refused,
}

impl Listener {
    /// Which addresses it listens on.
    pub fn claim(&self) -> Claim {
        Claim { local: self.local, v6_only: self.options.v6_only }
    }

    /// Entries of either queue that the backlog allows.
    pub fn queue_limit(&self, profile: &Profile) -> usize {
        let backlog = profile.bounded_backlog(self.backlog) as usize;
        if profile.listen.one_more_than_backlog { backlog + 1 } else { backlog.max(1) }
    }

    /// Whether the accept queue has no room; what is refused for that is counted and noted.
    fn overflows(&self, profile: &Profile, owner: Owner, why: Reason, fx: &mut Effects) -> bool {
        let full = self.accept.len() >= self.queue_limit(profile);
        if full {
            fx.count(Counter::ListenOverflows);
            fx.count(Counter::ListenDrops);
            fx.note(owner, why);
        }
        full
    }

    /// Half-open connections admitted at most, as things stand.
    pub fn half_open_limit(&self, profile: &Profile) -> usize {
        let by_backlog = self.queue_limit(profile);
        match reserve_limit(profile) {
            Some(limit) => by_backlog.min(limit),
            None => by_backlog,
        }
    }
}

/// Half-open connections that tcp_max_syn_backlog admits when cookies are off; the last quarter is for known peers.
fn reserve_limit(profile: &Profile) -> Option<usize> {
    let applies = profile.listen.reserve_quarter && profile.settings.tcp_syncookies == 0;
    let all = usize::try_from(profile.settings.tcp_max_syn_backlog).unwrap_or(0);
    applies.then_some(all - all / 4 + 1)
}

impl Stack {
    /// A segment arrives for a listener (RFC 9293 section 3.10.7.2).
    pub(super) fn listener_segment(
        &mut self,
        now: Instant,
        id: ListenerId,
        local: SocketAddr,
        remote: SocketAddr,
        segment: &Segment,
        fx: &mut Effects,
    ) {
        let flags = segment.flags;
        let owner = Owner::Listener(id);
        if flags.has(Flags::RST) {
            fx.note(owner, Reason::DropResetInListen);
        } else if flags.has(Flags::ACK) {
            if !flags.has(Flags::SYN) && self.cookie_arrives(now, id, local, remote, segment, fx) {
                return;
            }
            let arrival = Arrival::of(segment, 0);
            send_reset_plain(&self.profile, fx, local, remote, owner, &arrival, Reason::ResetListenAck);
        } else if flags.has(Flags::SYN) {
            if flags.has(Flags::FIN) && !self.profile.keep_syn_text {
                fx.note(owner, Reason::DropListenSynFin);
            } else {
                self.syn_arrives(now, id, local, remote, segment, None, fx);
            }
        } else {
            fx.note(owner, Reason::DropListenNothing);
        }
    }

    /// Decides about a SYN: in the order of the kernel, cheapest first.
    fn admit(&mut self, now: Instant, id: ListenerId, fx: &mut Effects) -> Admission {
        let Some(listener) = self.listeners.get_mut(&id) else { return Admission::Refused };
        let profile = &self.profile;
        let owner = Owner::Listener(id);
        let cookies = profile.settings.tcp_syncookies;
        let limit = listener.queue_limit(profile);
        let full = listener.half_open.len() >= limit;
        let mut want_cookie = false;
        let mut evict = false;
        if cookies == 2 || full {
            if cookies != 0 {
                fx.count(Counter::TCPReqQFullDoCookies);
                want_cookie = true;
            } else if profile.settings.tcp_evict_oldest != 0 {
                evict = true;
            } else {
                fx.count(Counter::TCPReqQFullDrop);
                fx.count(Counter::ListenDrops);
                fx.note(owner, Reason::DropSynQueueFull);
                return Admission::Refused;
            }
        }
        if listener.overflows(profile, owner, Reason::DropAcceptQueueFullSyn, fx) {
            return Admission::Refused;
        }
        if want_cookie {
            listener.cookies_at = Some(now);
            return Admission::Cookie;
        }
        if reserve_limit(profile).is_some_and(|limit| listener.half_open.len() >= limit) {
            if profile.settings.tcp_evict_oldest == 0 {
                fx.count(Counter::ListenDrops);
                fx.note(owner, Reason::DropSynBacklogReserve);
                return Admission::Refused;
            }
            evict = true;
        }
        if evict && let Some(oldest) = listener.half_open.first() {
            if let Some(entry) = self.tables.half_opens.get(oldest) {
                fx.note(entry.owner(), Reason::HalfOpenEvicted);
            }
            self.end_half_open(oldest, Event::Displaced, State::Closed, fx);
        }
        Admission::Entry
    }

    /// A SYN arrives for a listener; `isn` is given when a connection in TIME-WAIT is opened anew.
    pub(super) fn syn_arrives(
        &mut self,
        now: Instant,
        id: ListenerId,
        local: SocketAddr,
        remote: SocketAddr,
        segment: &Segment,
        isn: Option<Seq>,
        fx: &mut Effects,
    ) {
        let admission = match isn {
            Some(_) => self.admit_known(id, fx),
            None => self.admit(now, id, fx),
        };
        match admission {
            Admission::Refused => {}
            Admission::Cookie => self.answer_with_cookie(now, id, local, remote, segment, fx),
            Admission::Entry => {
                let verdict = self.judge_early(now, id, (local, remote), segment, fx);
                let entry = self.entry_for(now, id, local, remote, segment, isn);
                match verdict {
                    Verdict::Usual(cookie) => self.make_half_open(now, entry, isn.is_none(), cookie, fx),
                    Verdict::Early(cookie) => self.open_early(now, &entry, segment, cookie, fx),
                }
            }
        }
    }

    /// A peer known from TIME-WAIT needs only room in the accept queue.
    fn admit_known(&mut self, id: ListenerId, fx: &mut Effects) -> Admission {
        let Some(listener) = self.listeners.get(&id) else { return Admission::Refused };
        if listener.overflows(&self.profile, Owner::Listener(id), Reason::DropAcceptQueueFullSyn, fx) {
            return Admission::Refused;
        }
        Admission::Entry
    }

    /// What there is to remember of a SYN.
    fn entry_for(
        &mut self,
        now: Instant,
        id: ListenerId,
        local: SocketAddr,
        remote: SocketAddr,
        segment: &Segment,
        isn: Option<Seq>,
    ) -> HalfOpen {
        let peer = SynOptions::of(segment, &self.profile);
        let iss = match self.next_isn.take() {
            Some(chosen) => chosen,
            None => isn.unwrap_or_else(|| isn::initial(&self.profile, &self.secret, now, local, remote)),
        };
        HalfOpen {
            ends: Ends::new(local, remote),
            links: [Link::default(); 2],
            made: now,
            deadline: now + self.profile.rto_initial,
            listener: id,
            irs: segment.seq,
            iss,
            ts_recent: peer.timestamps.map_or(0, |(value, _)| value),
            window: segment.window,
            mss: peer.mss.unwrap_or(self.profile.mss_unsaid(remote.ip())),
            scale: peer.scale,
            sack: peer.sack,
            timestamps: peer.timestamps.is_some(),
            syn_text: SynText::of(segment, &self.profile),
            ecn: super::ecn::offered(segment.flags) && self.profile.settings.tcp_ecn != 0,
            acknowledged: false,
            timeouts: 0,
            resent: 0,
        }
    }

    /// The entry goes into the SYN queue and its SYN-ACK on its way, with a `cookie` for the next time if there is one.
    fn make_half_open(
        &mut self,
        now: Instant,
        entry: HalfOpen,
        fresh: bool,
        cookie: Option<Offer>,
        fx: &mut Effects,
    ) {
        let (id, owner) = (entry.listener, entry.owner());
        let entries = &mut self.tables.half_opens;
        let key = entries.insert(entry);
        self.half_open_due.insert(entries, key);
        if let Some(listener) = self.listeners.get_mut(&id) {
            listener.half_open.push(entries, key);
            listener.young += 1;
        }
        self.tables.enter(Entry::HalfOpen(key));
        if fresh && let Some(edge) = Edge::find(State::Listen, Event::SynReceived, State::SynReceived) {
            fx.entered(owner, edge);
        }
        fx.push(Effect::Queue(id));
        self.send_syn_ack(now, key, Reason::AnswerSyn, cookie, fx);
    }

    /// The window and scale a new connection of this listener offers, and what its SYN-ACK says.
    pub(super) fn syn_ack_window(
        &self,
        id: ListenerId,
        peer: IpAddr,
        stamps: bool,
        scaling: bool,
    ) -> (u32, u8) {
        let options = self.listeners.get(&id).map(|listener| &*listener.options);
        let usual = super::ConnOptions::of(&self.profile);
        let filled =
            u32::from(self.mss_by(peer, id)) - if stamps { super::options::TIMESTAMPS_LENGTH } else { 0 };
        self.profile.first_window(options.unwrap_or(&usual), filled, scaling)
    }

    pub(super) fn send_syn_ack(
        &mut self,
        now: Instant,
        key: u32,
        why: Reason,
        cookie: Option<Offer>,
        fx: &mut Effects,
    ) {
        let again = why != Reason::AnswerSyn;
        let why = if cookie.is_some() { Reason::AnswerSynGranting } else { why };
        let Some(entry) = self.tables.half_opens.get(key) else { return };
        let (local, remote) = (entry.ends.local(), entry.ends.remote());
        let (window, scale) =
            self.syn_ack_window(entry.listener, remote.ip(), entry.timestamps, entry.scale.is_some());
        let offset = || isn::timestamp_offset(&self.profile, &self.secret, local, remote);
        let options = SynOptions {
            mss: Some(self.profile.icmp.announced_mss(
                self.mss_by(remote.ip(), entry.listener),
                self.path_to(now, remote),
                remote.ip(),
            )),
            scale: entry.scale.map(|_| scale),
            sack: entry.sack,
            timestamps: entry.timestamps.then(|| (timestamp_now(now, offset()), entry.ts_recent)),
            fast_open: cookie,
            user_timeout: self.user_timeout_of(entry.listener),
        };
        if again {
            fx.count(Counter::RetransSegs);
            fx.count(Counter::TCPSynRetrans);
        }
        let ends = (local, remote, entry.owner());
        let dscp =
            self.listeners.get(&entry.listener).map_or(0, |listener| listener.options.dscp_to(remote.ip()));
        // When the answer has to go again it agrees to nothing (RFC 3168 section 6.1.1.1).
        let ecn = entry.ecn && !again;
        push_syn_ack(fx, ends, entry.iss, entry.irs, window, options, why, again, ecn, dscp);
        if again && let Some(entry) = self.tables.half_opens.get_mut(key) {
            entry.resent = entry.resent.saturating_add(1);
        }
    }

    fn user_timeout_of(&self, id: ListenerId) -> Option<(bool, u16)> {
        self.listeners.get(&id).and_then(|listener| self.profile.user_timeout_on_syn(&listener.options))
    }

    fn answer_with_cookie(
        &mut self,
        now: Instant,
        id: ListenerId,
        local: SocketAddr,
        remote: SocketAddr,
        segment: &Segment,
        fx: &mut Effects,
    ) {
        let peer = SynOptions::of(segment, &self.profile);
        let mss = peer.mss.unwrap_or(self.profile.mss_unsaid(remote.ip()));
        let iss = cookies::make(&self.profile, &self.secret, now, local, remote, segment.seq, mss);
        let stamps = peer.timestamps.is_some();
        let scaling = stamps && peer.scale.is_some();
        let (window, scale) = self.syn_ack_window(id, remote.ip(), stamps, scaling);
        let offset = || isn::timestamp_offset(&self.profile, &self.secret, local, remote);
        let marked = cookies::mark_timestamp(timestamp_now(now, 0), peer.scale, peer.sack);
        let options = SynOptions {
            mss: Some(self.mss_by(remote.ip(), id)),
            scale: scaling.then_some(scale),
            sack: stamps && peer.sack,
            timestamps: peer.timestamps.map(|(value, _)| (marked.wrapping_add(offset()), value)),
            fast_open: None,
            user_timeout: self.user_timeout_of(id),
        };
        fx.count(Counter::SyncookiesSent);
        let ends = (local, remote, Owner::Listener(id));
        let dscp = self.listeners.get(&id).map_or(0, |listener| listener.options.dscp_to(remote.ip()));
        push_syn_ack(
            fx,
            ends,
            iss,
            segment.seq,
            window,
            options,
            Reason::AnswerWithCookie,
            false,
            false,
            dscp,
        );
    }

    /// An ACK arrives at a listener: is it a SYN cookie that comes back? Tells whether it has been dealt with.
    fn cookie_arrives(
        &mut self,
        now: Instant,
        id: ListenerId,
        local: SocketAddr,
        remote: SocketAddr,
        segment: &Segment,
        fx: &mut Effects,
    ) -> bool {
        let Some(listener) = self.listeners.get(&id) else { return false };
        let recent = self.profile.cookie_period * 2;
        let overflowed = listener.cookies_at.is_some_and(|at| now - at <= recent);
        if self.profile.settings.tcp_syncookies == 0 || !overflowed {
            return false;
        }
        let (irs, cookie) = (segment.seq - 1, segment.ack - 1);
        let owner = Owner::Listener(id);
        let mss = match cookies::check(&self.profile, &self.secret, now, local, remote, irs, cookie) {
            Ok(mss) => mss,
            Err(Bad::Stale | Bad::Forged) => {
                fx.count(Counter::SyncookiesFailed);
                let arrival = Arrival::of(segment, 0);
                send_reset_plain(&self.profile, fx, local, remote, owner, &arrival, Reason::ResetBadCookie);
                return true;
            }
        };
        fx.count(Counter::SyncookiesRecv);
        if listener.overflows(&self.profile, owner, Reason::DropAcceptQueueFullAck, fx) {
            return true;
        }
        fx.note(owner, Reason::CookieValid);
        let stamps = timestamps(segment).filter(|_| self.profile.settings.tcp_timestamps != 0);
        let offset = isn::timestamp_offset(&self.profile, &self.secret, local, remote);
        let (scale, sack) =
            stamps.map_or((None, false), |(_, echo)| cookies::read_timestamp(echo.wrapping_sub(offset)));
        let entry = HalfOpen {
            ends: Ends::new(local, remote),
            links: [Link::default(); 2],
            made: now,
            deadline: now,
            listener: id,
            irs,
            iss: cookie,
            ts_recent: stamps.map_or(0, |(value, _)| value),
            window: segment.window,
            mss,
            scale: scale.filter(|_| self.profile.settings.tcp_window_scaling != 0),
            sack: sack && self.profile.settings.tcp_sack != 0,
            timestamps: stamps.is_some(),
            syn_text: None,
            // A cookie has no room for it.
            ecn: false,
            acknowledged: true,
            timeouts: 0,
            resent: 0,
        };
        self.promote(now, &entry, true, segment, fx);
        true
    }
}

/// Puts a SYN-ACK together.
#[allow(clippy::too_many_arguments)]
fn push_syn_ack(
    fx: &mut Effects,
    ends: (SocketAddr, SocketAddr, Owner),
    iss: Seq,
    irs: Seq,
    window: u32,
    options: SynOptions,
    why: Reason,
    retransmission: bool,
    ecn: bool,
    dscp: u8,
) {
    let (from, to, owner) = ends;
    let agrees = if ecn { Flags::ECE } else { Flags::default() };
    fx.count(Counter::OutSegs);
    fx.push(Effect::Send {
        ect: false,
        dscp,
        df: true,
        from,
        to,
        segment: Segment {
            source_port: from.port(),
            destination_port: to.port(),
            seq: iss,
            ack: irs + 1,
            flags: Flags::SYN | Flags::ACK | agrees,
            window: window.min(u32::from(u16::MAX)) as u16,
            urgent: 0,
            options: options.to_wire(),
            payload: Bytes::new(),
        },
        owner,
        why,
        retransmission,
    });
}
