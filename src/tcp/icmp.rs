//! What the network reports about our segments (RFC 9293 section 3.9.2.2, RFC 5927), and the path MTU that follows from
//! it (RFC 1191).

use super::stack::Stack;
use super::tables::Entry;
use super::tcb::{Context, Tcb};
use super::{Effects, Event, IcmpKind, Owner, Profile, Reason, State, StreamError, TimerKind};
use crate::clock::{Instant, Span};
use crate::mib::Counter;
use crate::wire::{Seq, tcp_headers};
use std::net::{IpAddr, SocketAddr};

/// No path over IPv6 takes less, octets (RFC 8200 section 5): what tells less is believed to mean this (RFC 8201 section 4).
const LEAST_IPV6_MTU: u16 = 1280;
/// MTUs in use when RFC 1191 was written (section 7.1): what a router that names no MTU may have meant.
const PLATEAUS: [u16; 10] = [32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_006, 508, 296, 68];

/// How a stack deals with reports of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpRules {
    /// Any report ends a connection attempt; otherwise soft errors never end anything (RFC 9293 MUST-56).
    pub any_ends_attempt: bool,
    /// A hard error ends an open connection too (RFC 9293 SHLD-26); otherwise it is soft there (RFC 5927 section 5.2).
    pub hard_ends_connection: bool,
    /// Least path MTU believed, octets (RFC 1191 section 3: never below 68).
    pub least_path_mtu: u16,
    /// When a smaller path MTU is forgotten, so that a larger one can be found (RFC 1191 section 6.3).
    pub path_mtu_life: Span,
    /// Where a router tells less than that, packets may be cut up (DF is not set); otherwise DF is always set.
    pub cuts_up_below: bool,
    /// A router that names no MTU is taken to mean the next lower usual one (RFC 1191 section 5), not the least.
    pub plateaus: bool,
    /// A report that the peer cannot be reached takes one doubling of the time-out back: the segment was not lost to
    /// congestion (RFC 6069).
    pub reverts_back_off: bool,
    /// Where the way to a host is known to take less than the link, an MSS is announced that fits it, though never one below
    /// this; otherwise the link alone decides (RFC 9293 section 3.7.1).
    pub announces_path: Option<u16>,
    /// A SYN with data that was too big goes again at once without it.
    pub repeats_big_syn: bool,
}

impl IcmpRules {
    /// The MSS to announce to `peer` where the link allows `own` and the way is known to be `path`.
    pub(super) fn announced_mss(&self, own: u16, path: Option<PathMtu>, peer: IpAddr) -> u16 {
        match (self.announces_path, path) {
            (Some(least), Some(path)) => own.min(path.mss(tcp_headers(peer)).max(least)),
            (None, _) | (_, None) => own,
        }
    }
}

/// What is known of the way to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PathMtu {
    /// Largest packet that gets through, octets.
    pub mtu: u16,
    /// It was told to be less than is believed: packets may be cut up on the way (DF is not set).
    pub cut_up: bool,
    /// When that is no longer believed.
    pub until: Instant,
}

impl PathMtu {
    /// Largest text with options that gets through behind headers of so many octets.
    pub fn mss(self, headers: u16) -> u16 {
        self.mtu.saturating_sub(headers)
    }
}

impl Stack {
    /// An ICMP error message came that quotes a segment of ours from `local` to `remote` with sequence number `seq`.
    pub fn on_icmp(
        &mut self,
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        seq: Seq,
        kind: IcmpKind,
        fx: &mut Effects,
    ) {
        if kind == IcmpKind::SourceQuench {
            fx.note(self.owner_of(local, remote), Reason::SourceQuenchIgnored);
            return;
        }
        // Fragments that waited too long say nothing about the way.
        if matches!(kind, IcmpKind::TimeExceeded { code } if code != 0) {
            fx.note(self.owner_of(local, remote), Reason::IcmpIgnored);
            return;
        }
        match self.tables.find(local, remote) {
            Some(Entry::Conn(c)) => {
                let path = self.with_block(now, c, fx, |tcb, cx| tcb.on_icmp(cx, seq, kind)).flatten();
                if let Some(path) = path {
                    self.paths.insert(remote.ip(), path);
                    self.tell_others_on_path(remote, path);
                }
            }
            Some(Entry::HalfOpen(key)) => self.icmp_for_half_open(key, seq, kind, fx),
            Some(Entry::TimeWait(_)) | None => {
                fx.note(Owner::None, Reason::IcmpIgnored);
            }
        }
    }

    /// RFC 1191 section 6.2: all connections to that host send smaller segments from now on. What they have on its way, if
    /// it was too big, they find out for themselves.
    fn tell_others_on_path(&mut self, remote: SocketAddr, path: PathMtu) {
        for slot in self.tables.conns.iter_mut() {
            if slot.live
                && slot.ends.remote().ip() == remote.ip()
                && let Some(tcb) = slot.block.as_deref_mut()
                && path.mtu < tcb.present_mtu()
            {
                tcb.path = Some(path);
                tcb.bound_search(path.mtu);
            }
        }
    }

    fn owner_of(&self, local: SocketAddr, remote: SocketAddr) -> Owner {
        match self.tables.find(local, remote) {
            Some(Entry::Conn(c)) => Owner::Conn(c),
            Some(Entry::HalfOpen(_) | Entry::TimeWait(_)) | None => Owner::None,
        }
    }

    /// A half-open connection whose peer cannot be reached is given up, where the profile ends attempts so.
    fn icmp_for_half_open(&mut self, key: u32, seq: Seq, kind: IcmpKind, fx: &mut Effects) {
        let Some(entry) = self.tables.half_opens.get(key) else { return };
        let owner = entry.owner();
        // Over IPv6 it is what will not pass by itself that ends an attempt.
        let unreached = if entry.ends.remote().is_ipv6() {
            matches!(kind, IcmpKind::Unreachable { code: 3 | 13, .. } | IcmpKind::ParameterProblem)
        } else {
            matches!(
                kind,
                IcmpKind::Unreachable { code: 0 | 1, .. }
                    | IcmpKind::TimeExceeded { .. }
                    | IcmpKind::ParameterProblem
            )
        };
        let hard = matches!(kind, IcmpKind::Unreachable { code: 2 | 3, .. });
        if seq != entry.iss {
            fx.count(Counter::OutOfWindowIcmps);
            fx.note(owner, Reason::IcmpIgnored);
        } else if if self.profile.icmp.any_ends_attempt { unreached } else { hard } {
            fx.count(Counter::ListenDrops);
            fx.note(owner, Reason::Unreachable);
            self.end_half_open(key, Event::Unreachable, State::Closed, fx);
        } else {
            fx.note(owner, Reason::SoftError);
        }
    }

    /// What is known of the way to that host, if it is still believed.
    pub(super) fn path_to(&self, now: Instant, remote: SocketAddr) -> Option<PathMtu> {
        self.paths.get(&remote.ip()).copied().filter(|path| now < path.until)
    }
}

/// The error a report means to the user. Over IPv6 a prohibition has an errno of its own.
fn error_of(kind: IcmpKind, ipv6: bool) -> StreamError {
    match kind {
        IcmpKind::Unreachable { code: 13, .. } if ipv6 => StreamError::Prohibited,
        IcmpKind::Unreachable { code: 0 | 6 | 9 | 11, .. } => StreamError::NetworkUnreachable,
        IcmpKind::Unreachable { code: 2, .. } => StreamError::ProtocolUnreachable,
        IcmpKind::Unreachable { code: 3, .. } => StreamError::Refused,
        IcmpKind::Unreachable { code: 4, .. } => StreamError::TooLong,
        IcmpKind::Unreachable { code: 5, .. } => StreamError::SourceRouteFailed,
        IcmpKind::Unreachable { code: 7, .. } => StreamError::HostDown,
        IcmpKind::Unreachable { code: 8, .. } => StreamError::HostUnknown,
        IcmpKind::ParameterProblem => StreamError::Protocol,
        IcmpKind::Unreachable { .. } | IcmpKind::TimeExceeded { .. } | IcmpKind::SourceQuench => {
            StreamError::HostUnreachable
        }
    }
}

impl Tcb {
    /// Acts on a report. Returns what was learnt of the path.
    fn on_icmp(&mut self, cx: &mut Context<'_>, seq: Seq, kind: IcmpKind) -> Option<PathMtu> {
        // RFC 5927 section 4.1: who cannot name a segment on its way did not see one.
        if seq.before(self.snd.una) || seq.after(self.snd.nxt) {
            cx.fx.count(Counter::OutOfWindowIcmps);
            cx.fx.note(self.owner(), Reason::IcmpIgnored);
            return None;
        }
        match kind {
            IcmpKind::Unreachable { code: 4, next_hop_mtu } => return self.too_big(cx, next_hop_mtu),
            IcmpKind::Unreachable { .. }
            | IcmpKind::TimeExceeded { .. }
            | IcmpKind::ParameterProblem
            | IcmpKind::SourceQuench => {}
        }
        let rules = cx.profile.icmp;
        if rules.reverts_back_off && matches!(kind, IcmpKind::Unreachable { code: 0 | 1, .. }) {
            self.revert_back_off(cx, seq);
        }
        let opening = matches!(self.state(), State::SynSent | State::SynReceived);
        let hard = matches!(kind, IcmpKind::Unreachable { code: 2 | 3, .. });
        let ends = if opening { hard || rules.any_ends_attempt } else { hard && rules.hard_ends_connection };
        let error = error_of(kind, self.ends.remote().is_ipv6());
        if ends {
            cx.fx.note(self.owner(), Reason::Unreachable);
            self.die(cx, Event::Unreachable, Some(error));
        } else {
            cx.fx.note(self.owner(), Reason::SoftError);
            self.soft_error = Some(error);
        }
        None
    }

    /// RFC 6069 section 4: the oldest segment did not get there, and nothing says that anybody was overloaded.
    fn revert_back_off(&mut self, cx: &mut Context<'_>, seq: Seq) {
        let Some(sent) = self.flight.front() else { return };
        if seq != self.snd.una || self.recovery.timeouts == 0 || !self.rtt.revert(cx.profile) {
            return;
        }
        // If the shorter time is over already, the timer runs out now.
        let at = (sent.at + self.rtt.rto).max(cx.now);
        self.timers.set(TimerKind::Retransmission, at);
        cx.fx.note(self.owner(), Reason::BackOffReverted);
    }

    /// A packet was too big for the way and must not be cut up: smaller segments from now on, and what was lost goes
    /// again (RFC 1191 section 6.4). The congestion window stays: no congestion was seen.
    fn too_big(&mut self, cx: &mut Context<'_>, next_hop_mtu: u16) -> Option<PathMtu> {
        let before = self.present_mtu();
        let v6 = self.ends.remote().is_ipv6();
        let mtu = match v6 {
            true => next_hop_mtu.max(LEAST_IPV6_MTU),
            false => told_mtu(cx.profile, next_hop_mtu, before),
        };
        // Who lets packets be cut up, or asks for no such help, is not helped.
        let deaf = matches!(self.options.path_discovery, 0 | 4 | 5);
        if mtu >= before || deaf {
            cx.fx.note(self.owner(), Reason::IcmpIgnored);
            return None;
        }
        let rules = cx.profile.icmp;
        let cut_up = !v6 && rules.cuts_up_below && next_hop_mtu < rules.least_path_mtu;
        let path = PathMtu { mtu, cut_up, until: cx.now + rules.path_mtu_life };
        self.path = Some(path);
        self.bound_search(mtu);
        cx.fx.note(self.owner(), Reason::PathMtuSmaller);
        if rules.repeats_big_syn && self.state() == State::SynSent && self.flight.len() > 1 {
            cx.fx.count(Counter::RetransSegs);
            cx.fx.count(Counter::TCPSynRetrans);
            self.flight.touch(cx.now);
            self.emit_syn(cx, Reason::RetransmitSyn, true);
        }
        if self.may_transmit() && !self.flight.is_empty() && self.snd.una != self.snd.iss {
            self.all_is_lost();
            if self.by_states(cx.profile) {
                self.resend_what_is_lost(cx);
            }
            self.push_out(cx);
        }
        Some(path)
    }

    /// Octets of the headers before the text, without options.
    pub(super) fn headers(&self) -> u16 {
        tcp_headers(self.ends.remote().ip())
    }

    /// The largest packet we would send now.
    pub(super) fn present_mtu(&self) -> u16 {
        let headers = self.headers();
        let own = self.snd.mss.max(1).saturating_add(headers);
        let own = if self.snd.mss == 0 { self.rcv.mss.saturating_add(headers) } else { own };
        self.path.map_or(own, |path| path.mtu.min(own))
    }

    /// A path MTU that is too old is forgotten: the next full segment tries the way anew.
    pub fn age_path(&mut self, cx: &mut Context<'_>) {
        if self.path.is_some_and(|path| cx.now >= path.until) {
            self.path = None;
            cx.fx.note(self.owner(), Reason::PathMtuForgotten);
        }
    }
}

/// The path MTU that a router tells: never below the profile's least; if it names none, the next lower usual one.
fn told_mtu(profile: &Profile, told: u16, before: u16) -> u16 {
    let least = profile.icmp.least_path_mtu;
    if told > 0 || !profile.icmp.plateaus {
        return told.max(least);
    }
    PLATEAUS.into_iter().find(|plateau| *plateau < before).unwrap_or(least).max(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_router_that_names_no_mtu_means_the_next_lower_usual_one() {
        let rfc = Profile::rfc9293();
        assert_eq!(told_mtu(&rfc, 0, 1500), 1492);
        assert_eq!(told_mtu(&rfc, 0, 1492), 1006);
        assert_eq!(told_mtu(&rfc, 0, 68), 68);
        assert_eq!(told_mtu(&rfc, 20, 1500), 68);
        assert_eq!(told_mtu(&Profile::linux(), 0, 1500), 552);
        assert_eq!(told_mtu(&Profile::linux(), 300, 1500), 552);
        assert_eq!(told_mtu(&Profile::linux(), 1400, 1500), 1400);
    }
}
