//! All TCP of one host: listeners, connections, half-open and TIME-WAIT entries, demultiplexing.

use super::chain::Deadlines;
use super::challenge::ChallengeBudget;
use super::fast_open::Memory;
use super::icmp::PathMtu;
use super::input::Arrival;
use super::listener::Listener;
use super::tables::{Entry, Tables};
use super::tcb::{Context, Tcb};
use super::time_wait::TimeWait;
use super::{ConnId, ConnOptions, Effect, Effects, Event, ListenerId, Owner, Profile, Reason, State};
use crate::clock::{Instant, Span};
use crate::mib::Counter;
use crate::wire::{Flags, Segment, Seq, TcpOption, TcpOptions, tcp_headers};
use bytes::Bytes;
use siphasher::sip::SipHasher13;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasherDefault;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

type Listening = HashMap<u16, Vec<ListenerId>, BuildHasherDefault<SipHasher13>>;

/// All TCP of one host.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    pub(super) profile: Profile,
    pub(super) secret: [u8; 16],
    pub(super) mtu: u16,
    pub(super) next_isn: Option<Seq>,
    pub(super) budget: ChallengeBudget,
    /// Connections, half-open and TIME-WAIT entries.
    pub(super) tables: Tables,
    pub(super) listeners: BTreeMap<ListenerId, Listener>,
    /// What is remembered for Fast Open.
    pub(super) fast_open: Memory,
    /// Smaller path MTUs that routers told, by host.
    pub(super) paths: BTreeMap<IpAddr, PathMtu>,
    /// Listeners by port. Never iterated.
    pub(super) listening: Listening,
    /// When the next timer of each connection runs out.
    timers: BTreeSet<(Instant, ConnId)>,
    /// When the SYN-ACK of each half-open entry goes again.
    pub(super) half_open_due: Deadlines,
    /// When each TIME-WAIT entry ends.
    pub(super) time_wait_due: Deadlines,
    /// The options last given: most connections have the same.
    shared: Arc<ConnOptions>,
    /// The segment at hand was marked on its way.
    marked: bool,
    next_listener: u32,
}

/// What the administrator says of the link does not grow old: as long as anything lasts here.
const LINK_FOR_EVER: Span = Span::secs(1 << 32);

impl Stack {
    /// A stack without endpoints. `secret` keys the ISN hash, SYN cookies and timestamp offsets. The MTU is 1500.
    pub fn new(profile: Profile, secret: [u8; 16]) -> Stack {
        let shared = Arc::new(ConnOptions::of(&profile));
        Stack {
            shared,
            profile,
            secret,
            mtu: 1500,
            next_isn: None,
            marked: false,
            budget: ChallengeBudget::new(&secret),
            tables: Tables::new(secret),
            listeners: BTreeMap::new(),
            fast_open: Memory::default(),
            paths: BTreeMap::new(),
            listening: Listening::default(),
            timers: BTreeSet::new(),
            half_open_due: Deadlines::default(),
            time_wait_due: Deadlines::default(),
            next_listener: 0,
        }
    }

    /// Largest IP packet of the link, octets: it sets the MSS we announce (RFC 9293 section 3.7.1).
    pub fn set_mtu(&mut self, mtu: u16) {
        self.mtu = mtu;
    }

    /// The same while connections are open: their segments fit from now on. Longer ones than their SYNs spoke of they do
    /// not send.
    pub fn change_mtu(&mut self, now: Instant, mtu: u16) {
        self.mtu = mtu;
        let until = now + LINK_FOR_EVER;
        for slot in self.tables.conns.iter_mut().filter(|slot| slot.live) {
            if let Some(tcb) = slot.block.as_deref_mut() {
                tcb.path = Some(PathMtu { mtu, cut_up: false, until });
                tcb.bound_search(mtu);
            }
        }
    }

    /// The next connection, active or passive, begins with this sequence number instead of one by RFC 6528.
    pub fn set_next_isn(&mut self, isn: Seq) {
        self.next_isn = Some(isn);
    }

    /// The profile, with its settings.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The profile of the running stack, to change a setting.
    pub fn profile_mut(&mut self) -> &mut Profile {
        &mut self.profile
    }

    /// The options of a socket whose user has chosen none.
    pub fn usual_options(&mut self) -> Arc<ConnOptions> {
        let usual = ConnOptions::of(&self.profile);
        self.share(&usual)
    }

    /// These options, in the place of the last ones if they are the same.
    pub(super) fn share(&mut self, options: &ConnOptions) -> Arc<ConnOptions> {
        if *self.shared != *options {
            self.shared = Arc::new(*options);
        }
        Arc::clone(&self.shared)
    }

    /// The MSS we announce to that peer (RFC 9293 section 3.7.1): what the link takes less the headers of its family.
    pub(super) fn mss(&self, peer: IpAddr) -> u16 {
        self.mtu.saturating_sub(tcp_headers(peer)).max(self.profile.min_mss)
    }

    /// The same where the user may have said less (TCP_MAXSEG).
    pub(super) fn mss_of(&self, peer: IpAddr, options: &ConnOptions) -> u16 {
        let own = self.mss(peer);
        if options.max_segment == 0 { own } else { own.min(options.max_segment) }
    }

    /// The same for those that a listener answers.
    pub(super) fn mss_by(&self, peer: IpAddr, id: ListenerId) -> u16 {
        self.listeners
            .get(&id)
            .map_or_else(|| self.mss(peer), |listener| self.mss_of(peer, &listener.options))
    }

    pub(super) fn next_listener(&mut self) -> ListenerId {
        self.next_listener += 1;
        ListenerId(self.next_listener - 1)
    }

    pub(super) fn context<'a>(&'a mut self, now: Instant, fx: &'a mut Effects) -> Context<'a> {
        Context { now, profile: &self.profile, fx, budget: &mut self.budget, marked: self.marked }
    }

    pub(super) fn block(&self, c: ConnId) -> Option<&Tcb> {
        self.tables.slot(c)?.block.as_deref()
    }

    /// Frees the places of connections that are gone: no effect that speaks of one is still to be acted on.
    pub fn sweep(&mut self) {
        self.tables.sweep();
    }

    /// Runs `work` on a block, then checks it, moves its timer and tidies up after a change of state.
    pub(super) fn with_block<R>(
        &mut self,
        now: Instant,
        c: ConnId,
        fx: &mut Effects,
        work: impl FnOnce(&mut Tcb, &mut Context<'_>) -> R,
    ) -> Option<R> {
        let tcb = self.tables.block_mut(c)?;
        let mut cx =
            Context { now, profile: &self.profile, fx, budget: &mut self.budget, marked: self.marked };
        let result = work(tcb, &mut cx);
        tcb.check();
        if tcb.early.is_some() {
            self.settle_early(now, c);
        } else if tcb.asked.is_some() {
            self.settle_asked(now, c);
        }
        self.settle(now, c, fx);
        Some(result)
    }

    /// After a block has worked: its timer, its end, its passage into TIME-WAIT.
    fn settle(&mut self, now: Instant, c: ConnId, fx: &mut Effects) {
        let Some(slot) = self.tables.slot_mut(c) else { return };
        let Some(tcb) = slot.block.as_deref() else { return };
        // A timer that is put off or stopped keeps its place until its turn comes: see `next_due`.
        if let Some(at) = tcb.timers.next()
            && slot.armed.is_none_or(|armed| at < armed)
        {
            if let Some(armed) = slot.armed.replace(at) {
                self.timers.remove(&(armed, c));
            }
            self.timers.insert((at, c));
        }
        // An orphan in FIN-WAIT-2 lives on as a small entry, as TIME-WAIT does.
        let orphaned = tcb.state() == State::FinWait2 && tcb.waits;
        if !orphaned && !matches!(tcb.state(), State::Closed | State::TimeWait) {
            return;
        }
        let orphan = tcb.orphan;
        let small = slot.live && tcb.state() != State::Closed;
        let waits = small.then(|| TimeWait::of(tcb, now, &self.profile));
        if let Some(at) = slot.armed.take() {
            self.timers.remove(&(at, c));
        }
        if slot.live {
            slot.live = false;
            self.tables.leave(Entry::Conn(c));
            match waits {
                Some(entry) => self.begin_time_wait(entry, fx),
                None => fx.push(Effect::Closed(Owner::Conn(c))),
            }
        }
        if orphan {
            self.tables.drop_block(c);
        }
    }

    fn begin_time_wait(&mut self, entry: TimeWait, fx: &mut Effects) {
        let limit = usize::try_from(self.profile.settings.tcp_max_tw_buckets).unwrap_or(usize::MAX);
        let too_many = self.tables.time_waits.len() >= limit;
        let over = if entry.fin_wait_2 { Event::TimedOut } else { Event::Displaced };
        let key = self.tables.time_waits.insert(entry);
        self.tables.enter(Entry::TimeWait(key));
        self.time_wait_due.insert(&mut self.tables.time_waits, key);
        if too_many {
            fx.count(Counter::TCPTimeWaitOverflow);
            self.end_time_wait(key, over, State::Closed, fx);
        } else {
            fx.count(Counter::TW);
        }
    }

    /// The listener that takes segments for `local`: the one of that very address, else the one of any address.
    pub(super) fn listener_for(&self, local: SocketAddr) -> Option<ListenerId> {
        let ids = self.listening.get(&local.port())?;
        let takes = |id: &ListenerId| self.listeners.get(id)?.claim().takes(local.ip());
        let exact = || ids.iter().find(|id| takes(id) == Some(true));
        exact().or_else(|| ids.iter().find(|id| takes(id).is_some())).copied()
    }

    /// A segment arrives (RFC 9293 section 3.10.7), its checksum already verified. `source` and `destination` are the
    /// addresses of the IP packet.
    pub fn on_segment(
        &mut self,
        now: Instant,
        source: IpAddr,
        destination: IpAddr,
        segment: &Segment,
        fx: &mut Effects,
    ) {
        fx.count(Counter::InSegs);
        let local = SocketAddr::new(destination, segment.destination_port);
        let remote = SocketAddr::new(source, segment.source_port);
        match self.tables.find_again(local, remote) {
            Some(Entry::Conn(c)) => self.conn_segment(now, c, segment, fx),
            Some(Entry::HalfOpen(key)) => self.half_open_segment(now, key, segment, fx),
            Some(Entry::TimeWait(key)) => self.time_wait_segment(now, key, local, remote, segment, fx),
            None => match self.listener_for(local) {
                Some(listener) => self.listener_segment(now, listener, local, remote, segment, fx),
                None if segment.flags.has(Flags::RST) => fx.note(Owner::None, Reason::DropReset),
                None => {
                    let arrival = Arrival::of(segment, 0);
                    send_reset_plain(
                        &self.profile,
                        fx,
                        local,
                        remote,
                        Owner::None,
                        &arrival,
                        Reason::ResetNoConnection,
                    );
                }
            },
        }
    }

    /// The same for a segment whose IP packet was marked on its way: CE, congestion experienced (RFC 3168 section 5).
    pub fn on_marked_segment(
        &mut self,
        now: Instant,
        source: IpAddr,
        destination: IpAddr,
        segment: &Segment,
        fx: &mut Effects,
    ) {
        self.marked = true;
        self.on_segment(now, source, destination, segment, fx);
        self.marked = false;
    }

    /// A segment arrives for a connection.
    pub(super) fn conn_segment(&mut self, now: Instant, c: ConnId, segment: &Segment, fx: &mut Effects) {
        self.with_block(now, c, fx, |tcb, cx| {
            tcb.count_in(segment);
            match tcb.state() {
                State::SynSent => tcb.arrives_in_syn_sent(cx, segment),
                State::SynReceived
                | State::Established
                | State::FinWait1
                | State::FinWait2
                | State::CloseWait
                | State::Closing
                | State::LastAck => tcb.arrives(cx, segment),
                State::Closed | State::Listen | State::TimeWait => {}
            }
        });
    }

    /// When [`Stack::on_timer`] is to be called next: nothing is due before, though what was may have been put off since,
    /// which [`Stack::is_due`] finds out.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.first_armed().map(|(at, _)| at)
    }

    /// Whether anything is due by `now`.
    pub fn is_due(&mut self, now: Instant) -> bool {
        self.next_due(now).is_some()
    }

    /// Who is due first by `now`. Segments put a connection's timers off all the time: in the table they move on only
    /// here, when their turn comes.
    fn next_due(&mut self, now: Instant) -> Option<Entry> {
        loop {
            let (at, entry) = self.first_armed().filter(|(at, _)| *at <= now)?;
            let Entry::Conn(c) = entry else { return Some(entry) };
            let next = self.block(c).and_then(|tcb| tcb.timers.next());
            if next == Some(at) {
                return Some(entry);
            }
            self.timers.remove(&(at, c));
            self.timers.extend(next.map(|next| (next, c)));
            if let Some(slot) = self.tables.slot_mut(c) {
                slot.armed = next;
            }
        }
    }

    /// Who is first in the tables of timers; at the same time connections come first, then half-open entries.
    fn first_armed(&self) -> Option<(Instant, Entry)> {
        let mut first = self.timers.first().map(|(at, c)| (*at, Entry::Conn(*c)));
        let half_open = self.half_open_due.first(&self.tables.half_opens);
        let time_wait = self.time_wait_due.first(&self.tables.time_waits);
        for (at, entry) in half_open
            .map(|(at, key)| (at, Entry::HalfOpen(key)))
            .into_iter()
            .chain(time_wait.map(|(at, key)| (at, Entry::TimeWait(key))))
        {
            if first.is_none_or(|(earliest, _)| at < earliest) {
                first = Some((at, entry));
            }
        }
        first
    }

    /// Serves everything that is due by `now`, in order.
    pub fn on_timer(&mut self, now: Instant, fx: &mut Effects) {
        while let Some(entry) = self.next_due(now) {
            match entry {
                Entry::Conn(c) => {
                    self.with_block(now, c, fx, |tcb, cx| tcb.on_timer(cx));
                }
                Entry::HalfOpen(key) => self.half_open_due(now, key, fx),
                Entry::TimeWait(key) => self.time_wait_over(key, fx),
            }
        }
    }

    /// Takes a live connection out of the tables without a word to the peer.
    pub(super) fn remove_conn(&mut self, c: ConnId) {
        let Some(slot) = self.tables.slot_mut(c) else { return };
        if let Some(at) = slot.armed.take() {
            self.timers.remove(&(at, c));
        }
        if std::mem::take(&mut slot.live) {
            self.tables.leave(Entry::Conn(c));
        }
        self.tables.drop_block(c);
    }

    /// How many connections, half-open and TIME-WAIT entries take up room.
    #[cfg(test)]
    pub(super) fn entries(&self) -> usize {
        let Tables { conns, half_opens, time_waits, .. } = &self.tables;
        conns.len() + half_opens.len() + time_waits.len()
    }

    /// Checks every block and the tables against each other.
    #[cfg(test)]
    pub(super) fn check_deep(&self) {
        let Tables { conns, half_opens, time_waits, .. } = &self.tables;
        let (mut live, mut armed) = (0, 0);
        for (_, slot) in conns.iter() {
            if let Some(tcb) = slot.block.as_deref() {
                tcb.check_deep();
                let next = tcb.timers.next();
                assert!(next.is_none_or(|at| slot.armed.is_some_and(|armed| armed <= at)));
            }
            assert!(!slot.live || slot.block.is_some());
            live += usize::from(slot.live);
            armed += usize::from(slot.armed.is_some());
        }
        let small = half_opens.len() + time_waits.len();
        assert_eq!(self.tables.found(), (live + small, live + time_waits.len()));
        assert_eq!(self.timers.len(), armed);
        assert_eq!(self.half_open_due.len(), half_opens.len());
        assert_eq!(self.time_wait_due.len(), time_waits.len());
        let queued: usize = self.listeners.values().map(|listener| listener.half_open.len()).sum();
        assert_eq!(queued, half_opens.len());
        for listener in self.listeners.values() {
            let entries = || listener.half_open.iter(half_opens);
            assert_eq!(entries().count(), listener.half_open.len());
            assert_eq!(entries().filter(|entry| entry.timeouts == 0).count(), listener.young as usize);
        }
    }

    /// Ends a listener's entries and everyone on its accept queue.
    pub(super) fn drop_queues(&mut self, now: Instant, l: ListenerId, fx: &mut Effects) {
        while let Some(key) = self.listeners.get(&l).and_then(|listener| listener.half_open.first()) {
            self.end_half_open(key, Event::Abort, State::Closed, fx);
        }
        let Some(listener) = self.listeners.get_mut(&l) else { return };
        let waiting = std::mem::take(&mut listener.accept);
        for c in waiting {
            self.with_block(now, c, fx, |tcb, cx| {
                tcb.orphan = true;
                tcb.queued = None;
                tcb.user_abort(cx, Reason::ResetListenerClosed);
            });
        }
    }
}

/// Sends the RST that answers a segment (RFC 9293 section 3.10.7.1), from within a block's step.
pub(super) fn send_reset(
    cx: &mut Context<'_>,
    local: SocketAddr,
    remote: SocketAddr,
    owner: Owner,
    arrival: &Arrival,
    why: Reason,
) {
    send_reset_plain(cx.profile, cx.fx, local, remote, owner, arrival, why);
}

/// Sends the RST that answers a segment: with SEG.ACK as its number if there is one, else with number zero and an ACK
/// of all of the segment. A RST is never answered.
pub(super) fn send_reset_plain(
    profile: &Profile,
    fx: &mut Effects,
    local: SocketAddr,
    remote: SocketAddr,
    owner: Owner,
    arrival: &Arrival,
    why: Reason,
) {
    if arrival.flags.has(Flags::RST) {
        return;
    }
    let (seq, ack, flags) = if arrival.flags.has(Flags::ACK) {
        (arrival.ack, Seq(0), Flags::RST)
    } else {
        (Seq(0), arrival.end(), Flags::RST | Flags::ACK)
    };
    let options = match arrival.timestamps {
        Some((value, _)) if profile.reset_echoes_timestamp => {
            [TcpOption::Nop, TcpOption::Nop, TcpOption::Timestamps { value: 0, echo: value }].into()
        }
        Some(_) | None => TcpOptions::new(),
    };
    fx.count(Counter::OutSegs);
    fx.count(Counter::OutRsts);
    fx.push(Effect::Send {
        ect: false,
        dscp: 0,
        df: true,
        from: local,
        to: remote,
        segment: Segment {
            source_port: local.port(),
            destination_port: remote.port(),
            seq,
            ack,
            flags,
            window: 0,
            urgent: 0,
            options,
            payload: Bytes::new(),
        },
        owner,
        why,
        retransmission: false,
    });
}
