//! What a host, a view or a comparison may ask a stack without changing it.

use super::stack::Stack;
use super::tables::Entry;
use super::tcb::Tcb;
use super::{ConnId, ConnOptions, ListenerId, Owner, State, TimerKind};
use crate::clock::{Instant, Span};
use crate::wire::{Claim, Seq};
use std::net::SocketAddr;
use std::sync::Arc;

/// Who stands in the way of a bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindConflict {
    /// The endpoint's own address.
    pub local: SocketAddr,
    /// Its state.
    pub state: State,
}

/// One endpoint, for views and comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointView {
    /// Who it is.
    pub owner: Owner,
    /// Own end.
    pub local: SocketAddr,
    /// Peer's end; `None` for a listener.
    pub remote: Option<SocketAddr>,
    /// Its state.
    pub state: State,
}

/// The two queues of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueView {
    /// Half-open connections now.
    pub half_open: usize,
    /// Half-open connections at most, as things stand.
    pub half_open_limit: usize,
    /// Established connections nobody has accepted yet.
    pub accept: usize,
    /// Of these at most.
    pub accept_limit: usize,
}

impl Stack {
    /// The options of a connection.
    pub fn options(&self, c: ConnId) -> Option<&ConnOptions> {
        self.block(c).map(|tcb| &*tcb.options)
    }

    /// The same, shared with whoever else has them.
    pub fn shared_options(&self, c: ConnId) -> Option<Arc<ConnOptions>> {
        self.block(c).map(|tcb| Arc::clone(&tcb.options))
    }

    /// Whether recv would return at once, with data, the end of the stream or an error.
    pub fn readable(&self, c: ConnId) -> bool {
        self.block(c)
            .is_none_or(|tcb| tcb.readable_octets(&self.profile) > 0 || tcb.error.is_some() || tcb.at_end())
    }

    /// Octets recv could give at once.
    pub fn readable_octets(&self, c: ConnId) -> usize {
        self.block(c).map_or(0, |tcb| tcb.readable_octets(&self.profile))
    }

    /// Octets sent or waiting that the peer has not acknowledged.
    pub fn unacknowledged_octets(&self, c: ConnId) -> usize {
        self.block(c).map_or(0, |tcb| tcb.send.len())
    }

    /// Whether send would return at once, with octets taken or an error.
    pub fn writable(&self, c: ConnId) -> bool {
        self.block(c).is_none_or(|tcb| match tcb.state() {
            State::SynSent | State::SynReceived => tcb.error.is_some(),
            _ => !tcb.can_write() || tcb.error.is_some() || tcb.has_room(&self.profile),
        })
    }

    /// Text of a full segment to the peer now, octets (what TCP_MAXSEG tells of a connection).
    pub fn segment_size(&self, c: ConnId) -> Option<u32> {
        let tcb = self.block(c).filter(|tcb| tcb.state() != State::Closed)?;
        if tcb.state() != State::SynSent {
            return Some(tcb.segment_size(&self.profile));
        }
        let stamps =
            if self.profile.settings.tcp_timestamps != 0 { super::options::TIMESTAMPS_LENGTH } else { 0 };
        Some(u32::from(tcb.rcv.mss).saturating_sub(stamps))
    }

    /// Octets that the send buffer of a connection may cost (SO_SNDBUF).
    pub fn send_buffer(&self, c: ConnId) -> Option<u32> {
        self.block(c).map(|tcb| tcb.send_buffer(&self.profile))
    }

    /// The state of a connection; CLOSED once it is gone.
    pub fn state(&self, c: ConnId) -> State {
        self.block(c).map_or(State::Closed, Tcb::state)
    }

    /// Both ends (local, remote) of a connection; they stay known after it is gone, until [`Stack::sweep`].
    pub fn addresses(&self, c: ConnId) -> Option<(SocketAddr, SocketAddr)> {
        self.tables.slot(c).map(|slot| (slot.ends.local(), slot.ends.remote()))
    }

    /// Both ends of whoever it is; `None` for [`Owner::None`] and for a listener that is gone.
    pub fn ends(&self, owner: Owner) -> Option<(SocketAddr, Option<SocketAddr>)> {
        match owner {
            Owner::Conn(c) => self.addresses(c).map(|(local, remote)| (local, Some(remote))),
            Owner::HalfOpen { local, remote, .. } | Owner::TimeWait { local, remote } => {
                Some((local, Some(remote)))
            }
            Owner::Listener(l) => self.listeners.get(&l).map(|listener| (listener.local, None)),
            Owner::None => None,
        }
    }

    /// The time to live or hop limit that the owner's socket asks for (IP_TTL, IPV6_UNICAST_HOPS), if it does. An entry in TIME-WAIT has no socket any more.
    pub fn ttl_of(&self, owner: Owner) -> Option<u8> {
        let options = match owner {
            Owner::Conn(c) => self.options(c)?,
            Owner::Listener(listener) | Owner::HalfOpen { listener, .. } => {
                &self.listeners.get(&listener)?.options
            }
            Owner::TimeWait { .. } | Owner::None => return None,
        };
        let v6 = self.ends(owner).and_then(|(_, remote)| remote).is_some_and(|remote| remote.is_ipv6());
        let asked = if v6 { options.hop_limit } else { options.ttl };
        (asked > 0).then_some(asked)
    }

    /// Octets of the largest packet that gets through to that host, if a router said less than the card takes.
    pub fn path_mtu(&self, to: std::net::IpAddr) -> Option<u16> {
        self.paths.get(&to).map(|path| path.mtu)
    }

    /// The first octet between these ends that the peer has not acknowledged; `None` while there is no connection.
    pub fn first_unacknowledged(&self, local: SocketAddr, remote: SocketAddr) -> Option<Seq> {
        match self.tables.find(local, remote)? {
            Entry::Conn(c) => self.block(c).map(|tcb| tcb.snd.una),
            Entry::HalfOpen(_) | Entry::TimeWait(_) => None,
        }
    }

    /// A listener's queues and their limits.
    pub fn queues(&self, l: ListenerId) -> Option<QueueView> {
        let listener = self.listeners.get(&l)?;
        Some(QueueView {
            half_open: listener.half_open.len(),
            half_open_limit: listener.half_open_limit(&self.profile),
            accept: listener.accept.len(),
            accept_limit: listener.queue_limit(&self.profile),
        })
    }

    /// Every endpoint: listeners, half-open entries, connections, TIME-WAIT entries.
    pub fn endpoints(&self) -> impl Iterator<Item = EndpointView> + '_ {
        let listeners = self.listeners.iter().map(|(id, listener)| EndpointView {
            owner: Owner::Listener(*id),
            local: listener.local,
            remote: None,
            state: State::Listen,
        });
        let half_opens = self.tables.half_opens.iter().map(|(_, entry)| EndpointView {
            owner: entry.owner(),
            local: entry.ends.local(),
            remote: Some(entry.ends.remote()),
            state: State::SynReceived,
        });
        let slots = self.tables.conns.iter().map(|(_, slot)| slot);
        let live = slots.filter(|slot| slot.live).filter_map(|slot| slot.block.as_deref());
        let conns = live.map(|tcb| EndpointView {
            owner: tcb.owner(),
            local: tcb.ends.local(),
            remote: Some(tcb.ends.remote()),
            state: tcb.state(),
        });
        let time_waits = self.tables.time_waits.iter().map(|(_, entry)| EndpointView {
            owner: entry.owner(),
            local: entry.ends.local(),
            remote: Some(entry.ends.remote()),
            state: entry.state(),
        });
        listeners.chain(half_opens).chain(conns).chain(time_waits)
    }

    /// The variables of whoever it is, in a fixed order, named as the RFC names them; times in microseconds.
    pub fn variables(&self, owner: Owner) -> Vec<(&'static str, u64)> {
        match owner {
            Owner::Conn(c) => self.block(c).map(Tcb::variables).unwrap_or_default(),
            Owner::HalfOpen { local, remote, .. } => match self.tables.find(local, remote) {
                Some(Entry::HalfOpen(key)) => {
                    self.tables.half_opens.get(key).map_or_else(Vec::new, |entry| {
                        vec![
                            ("iss", u64::from(entry.iss.0)),
                            ("irs", u64::from(entry.irs.0)),
                            ("snd.una", u64::from(entry.iss.0)),
                            ("snd.nxt", u64::from((entry.iss + 1).0)),
                            ("rcv.nxt", u64::from((entry.irs + 1).0)),
                            ("retransmissions", u64::from(entry.resent)),
                            ("timer.retransmission", entry.deadline.as_micros()),
                        ]
                    })
                }
                _ => Vec::new(),
            },
            Owner::TimeWait { local, remote } => match self.tables.find(local, remote) {
                Some(Entry::TimeWait(key)) => {
                    self.tables.time_waits.get(key).map_or_else(Vec::new, |entry| {
                        vec![
                            ("snd.nxt", u64::from(entry.snd_nxt.0)),
                            ("rcv.nxt", u64::from(entry.rcv_nxt.0)),
                            ("timer.time-wait", entry.deadline.as_micros()),
                        ]
                    })
                }
                _ => Vec::new(),
            },
            Owner::Listener(l) => self.queues(l).map_or_else(Vec::new, |queues| {
                vec![
                    ("half-open", queues.half_open as u64),
                    ("half-open.limit", queues.half_open_limit as u64),
                    ("accept", queues.accept as u64),
                    ("accept.limit", queues.accept_limit as u64),
                ]
            }),
            Owner::None => Vec::new(),
        }
    }

    /// Own address, state and SO_REUSEADDR of who uses a port.
    fn user_of_port(&self, entry: Entry) -> Option<(Claim, State, bool)> {
        let claim = |local| Claim { local, v6_only: false };
        match entry {
            Entry::Conn(c) => {
                let tcb = self.block(c)?;
                Some((claim(tcb.ends.local()), tcb.state(), tcb.options.reuse_address))
            }
            Entry::TimeWait(key) => {
                let entry = self.tables.time_waits.get(key)?;
                Some((claim(entry.ends.local()), entry.state(), entry.reuse))
            }
            Entry::HalfOpen(_) => None,
        }
    }

    /// Who keeps `claim` from being bound (EADDRINUSE); `reuse` is the asker's SO_REUSEADDR. Both must have it, and no
    /// listener is ever passed by.
    pub fn bind_conflict(&self, claim: Claim, reuse: bool) -> Option<BindConflict> {
        let local = claim.local;
        let listeners = self.listening.get(&local.port()).into_iter().flatten();
        let listeners = listeners
            .filter_map(|id| self.listeners.get(id))
            .map(|listener| (listener.claim(), State::Listen, listener.options.reuse_address));
        let others = self.tables.users_of_port(local.port());
        let mut users = others.filter_map(|entry| self.user_of_port(entry)).chain(listeners);
        users.find_map(|(other, state, other_reuses)| {
            let allowed = reuse && other_reuses && state != State::Listen;
            (claim.meets(other) && !allowed).then_some(BindConflict { local: other.local, state })
        })
    }

    /// Whether connect from `local` to `remote` would find the pair free. `chosen` tells that the port was chosen for the
    /// user (an ephemeral one): then a TIME-WAIT gives way only as tcp_tw_reuse says, and not in its first second.
    pub fn pair_free(&self, now: Instant, local: SocketAddr, remote: SocketAddr, chosen: bool) -> bool {
        match self.tables.find(local, remote) {
            None => true,
            Some(Entry::TimeWait(key)) => self.tables.time_waits.get(key).is_none_or(|entry| {
                let stamps =
                    !entry.fin_wait_2 && entry.agreed.timestamps && self.profile.settings.tcp_timestamps != 0;
                let willing = match self.profile.settings.tcp_tw_reuse {
                    0 => false,
                    1 => true,
                    _ => local.ip().is_loopback() || remote.ip().is_loopback() || local.ip() == remote.ip(),
                };
                stamps && (!chosen || (willing && now - entry.since > Span::secs(1)))
            }),
            Some(Entry::Conn(_) | Entry::HalfOpen(_)) => false,
        }
    }
}

impl Tcb {
    /// All variables in a fixed order.
    fn variables(&self) -> Vec<(&'static str, u64)> {
        let seq = |seq: crate::wire::Seq| u64::from(seq.0);
        let control = self.cc.controller();
        let mut list = vec![
            ("iss", seq(self.snd.iss)),
            ("snd.una", seq(self.snd.una)),
            ("snd.nxt", seq(self.snd.nxt)),
            ("snd.wnd", u64::from(self.snd.wnd)),
            ("snd.wl1", seq(self.snd.wl1)),
            ("snd.wl2", seq(self.snd.wl2)),
            ("irs", seq(self.rcv.irs)),
            ("rcv.nxt", seq(self.rcv.nxt)),
            ("rcv.wnd", u64::from(self.rcv.window())),
            ("snd.mss", u64::from(self.snd.mss)),
            ("cwnd", u64::from(control.window())),
            ("in-flight", self.flight.len() as u64),
            ("send-queue", self.send.len() as u64),
            ("receive-queue", self.recv.readable() as u64),
            ("rto", self.rtt.rto.as_micros()),
        ];
        if let Some(threshold) = control.threshold() {
            list.push(("ssthresh", u64::from(threshold)));
        }
        if let Some(srtt) = self.rtt.srtt {
            list.push(("srtt", srtt.as_micros()));
            list.push(("rttvar", self.rtt.rttvar.as_micros()));
        }
        if self.recovery.timeouts > 0 {
            list.push(("timeouts", u64::from(self.recovery.timeouts)));
        }
        if self.recovery.duplicates > 0 {
            list.push(("duplicate-acks", u64::from(self.recovery.duplicates)));
        }
        if self.probes > 0 {
            list.push(("probes", u64::from(self.probes)));
        }
        if let Some(told) = self.uto.as_deref().and_then(|known| known.told) {
            list.push(("user-timeout.peer", told.as_micros()));
        }
        if let (Some(_), Some(limit)) = (&self.uto, self.user_timeout()) {
            list.push(("user-timeout", limit.as_micros()));
        }
        for kind in TimerKind::ALL {
            if let Some(at) = self.timers.get(kind) {
                list.push((timer_variable(kind), at.as_micros()));
            }
        }
        list
    }
}

/// The name of the variable that tells when a timer runs out.
const fn timer_variable(kind: TimerKind) -> &'static str {
    match kind {
        TimerKind::LossProbe => "timer.loss-probe",
        TimerKind::Reorder => "timer.reorder",
        TimerKind::Retransmission => "timer.retransmission",
        TimerKind::DelayedAck => "timer.delayed-ack",
        TimerKind::Persist => "timer.persist",
        TimerKind::Keepalive => "timer.keepalive",
        TimerKind::Override => "timer.override",
        TimerKind::FinWait2 => "timer.fin-wait-2",
        TimerKind::TimeWait => "timer.time-wait",
        TimerKind::CompressedAck => "timer.compressed-ack",
    }
}
