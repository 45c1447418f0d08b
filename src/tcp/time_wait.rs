//! TIME-WAIT entries: small, and all that is left of a connection that closed first. An orphan in FIN-WAIT-2 becomes one
//! too, where the profile gives it no more time than a TIME-WAIT.

use super::chain::{Link, Linked, Waits};
use super::ends::Ends;
use super::input::Arrival;
use super::options::Agreed;
use super::stack::{Stack, send_reset_plain};
use super::tables::Entry;
use super::tcb::Tcb;
use super::{Edge, Effect, Effects, Event, Owner, Profile, Reason, State, TimerKind};
use crate::clock::{Instant, Span};
use crate::mib::Counter;
use crate::wire::{Flags, Segment, Seq};
use std::net::SocketAddr;

/// A connection in TIME-WAIT, or an orphan in FIN-WAIT-2.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TimeWait {
    pub ends: Ends,
    pub link: Link,
    pub snd_nxt: Seq,
    pub rcv_nxt: Seq,
    /// Whether the peer's FIN is still to come.
    pub fin_wait_2: bool,
    /// RCV.WND, octets.
    pub space: u32,
    /// SEG.WND of its ACKs.
    pub window: u16,
    pub agreed: Agreed,
    /// Diffserv code point of the socket that was.
    pub dscp: u8,
    /// SO_REUSEADDR of the socket that was.
    pub reuse: bool,
    pub since: Instant,
    pub deadline: Instant,
    /// Until then what is invalid gets no answer.
    pub quiet_until: Instant,
}

/// When a SYN may open a connection in TIME-WAIT anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeWaitSyn {
    /// Never: it is challenged as in any synchronized state (RFC 5961 section 4).
    Never,
    /// By the cases of RFC 6191 section 2; what is older is dropped in silence.
    Rfc6191,
    /// With a newer timestamp, or a larger sequence number and no older timestamp; what is older is answered with an ACK.
    Newer,
}

/// What a segment does to an entry.
enum Verdict {
    /// Nothing.
    Ignore(Reason),
    /// 2 MSL begin again.
    Restart,
    /// The entry ends.
    Kill,
    /// An ACK answers; 2 MSL may begin again.
    Answer { restart: bool },
    /// A RST answers and ends the entry.
    Reset,
    /// The peer's FIN: FIN-WAIT-2 becomes TIME-WAIT.
    Fin,
    /// A newer SYN: the pair may be opened anew with this ISN.
    Reopen(Seq),
}

impl TimeWait {
    /// What is left of a connection that just entered TIME-WAIT, or whose user left it in FIN-WAIT-2.
    pub fn of(tcb: &Tcb, now: Instant, profile: &Profile) -> TimeWait {
        let fin_wait_2 = tcb.state() == State::FinWait2;
        let stay = match fin_wait_2 {
            true => tcb.stay_in_fin_wait_2(profile),
            false => profile.time_wait,
        };
        TimeWait {
            fin_wait_2,
            space: tcb.rcv.window(),
            ends: tcb.ends.clone(),
            link: Link::default(),
            snd_nxt: tcb.snd.nxt,
            rcv_nxt: tcb.rcv.nxt,
            window: (tcb.rcv.window() >> tcb.rcv.scale).min(u32::from(u16::MAX)) as u16,
            agreed: tcb.agreed,
            dscp: tcb.options.dscp_to(tcb.ends.remote().ip()),
            reuse: tcb.options.reuse_address,
            since: now,
            deadline: now + stay,
            quiet_until: now,
        }
    }

    pub fn owner(&self) -> Owner {
        Owner::TimeWait { local: self.ends.local(), remote: self.ends.remote() }
    }

    /// Its state.
    pub fn state(&self) -> State {
        if self.fin_wait_2 { State::FinWait2 } else { State::TimeWait }
    }

    /// An orphan in FIN-WAIT-2 has nobody to read: it waits for the FIN alone.
    fn judge_fin_wait_2(&self, segment: &Segment) -> Verdict {
        let flags = segment.flags;
        let (seq, end, edge) = (segment.seq, segment.seq + segment.len(), self.rcv_nxt + self.space);
        let inside = seq == self.rcv_nxt
            || (end.after(self.rcv_nxt) && seq.before(edge))
            || (segment.is_empty() && seq == edge);
        if !inside {
            return Verdict::Answer { restart: false };
        }
        if flags.has(Flags::RST) {
            return Verdict::Kill;
        }
        if flags.has(Flags::SYN) && !seq.before(self.rcv_nxt) {
            return Verdict::Reset;
        }
        if !flags.has(Flags::ACK) || segment.is_empty() || end.at_or_before(self.rcv_nxt) {
            return Verdict::Ignore(Reason::DropOldAck);
        }
        if flags.has(Flags::FIN) && end == self.rcv_nxt + 1 { Verdict::Fin } else { Verdict::Reset }
    }

    /// May this SYN open the connection anew?
    fn judge_syn(&self, profile: &Profile, segment: &Segment, old: bool) -> Verdict {
        let reopen = Verdict::Reopen(self.snd_nxt + profile.reopen_isn_step);
        let larger = segment.seq.after(self.rcv_nxt);
        let stamp = super::options::timestamps(segment).map(|(value, _)| value);
        match profile.time_wait_syn {
            TimeWaitSyn::Never => Verdict::Answer { restart: false },
            TimeWaitSyn::Newer => {
                let newer =
                    self.agreed.timestamps && stamp.is_some_and(|value| value != self.agreed.ts_recent);
                if !old && (larger || newer) { reopen } else { Verdict::Answer { restart: old } }
            }
            TimeWaitSyn::Rfc6191 => {
                let stamp = stamp.filter(|_| profile.settings.tcp_timestamps != 0);
                let honoured = match (self.agreed.timestamps, stamp) {
                    (true, Some(value)) => !old && (value != self.agreed.ts_recent || larger),
                    (false, Some(_)) => true,
                    (_, None) => larger,
                };
                if honoured { reopen } else { Verdict::Ignore(Reason::DropOldSyn) }
            }
        }
    }

    fn judge(&self, now: Instant, profile: &Profile, segment: &Segment) -> Verdict {
        if self.fin_wait_2 {
            return self.judge_fin_wait_2(segment);
        }
        let flags = segment.flags;
        let timestamps = super::options::timestamps(segment).filter(|_| self.agreed.timestamps);
        let old = timestamps.is_some_and(|(value, _)| self.agreed.is_old(now, profile, value))
            && !flags.has(Flags::RST);
        if !old && segment.seq == self.rcv_nxt && (segment.is_empty() || flags.has(Flags::RST)) {
            return match flags.has(Flags::RST) {
                true if profile.settings.tcp_rfc1337 != 0 => Verdict::Ignore(Reason::DropResetTimeWait),
                true => Verdict::Kill,
                false => Verdict::Restart,
            };
        }
        if flags.has(Flags::RST) {
            return Verdict::Ignore(Reason::DropUnacceptableReset);
        }
        if flags.has(Flags::SYN) && !flags.has(Flags::ACK) {
            return self.judge_syn(profile, segment, old);
        }
        Verdict::Answer { restart: old || flags.has(Flags::ACK) }
    }
}

impl Linked for TimeWait {
    fn link(&self, _chain: usize) -> Link {
        self.link
    }
    fn link_mut(&mut self, _chain: usize) -> &mut Link {
        &mut self.link
    }
}

impl Waits for TimeWait {
    fn deadline(&self) -> Instant {
        self.deadline
    }
    fn class(&self) -> usize {
        usize::from(self.fin_wait_2)
    }
}

impl Stack {
    /// A segment arrives for an entry in TIME-WAIT (RFC 9293 section 3.10.7.4).
    pub(super) fn time_wait_segment(
        &mut self,
        now: Instant,
        key: u32,
        local: SocketAddr,
        remote: SocketAddr,
        segment: &Segment,
        fx: &mut Effects,
    ) {
        let Some(entry) = self.tables.time_waits.get(key) else { return };
        let owner = entry.owner();
        match entry.judge(now, &self.profile, segment) {
            Verdict::Ignore(why) => fx.note(owner, why),
            Verdict::Restart => self.restart_time_wait(now, key, fx),
            Verdict::Kill => {
                let waits = entry.state() == State::TimeWait;
                fx.note(owner, if waits { Reason::TimeWaitKilled } else { Reason::PeerReset });
                self.end_time_wait(key, Event::ResetReceived, State::Closed, fx);
            }
            Verdict::Reopen(isn) => {
                if let Some(listener) = self.listener_for(local) {
                    fx.note(owner, Reason::TimeWaitReopened);
                    self.end_time_wait(key, Event::NewerSyn, State::SynReceived, fx);
                    self.syn_arrives(now, listener, local, remote, segment, Some(isn), fx);
                } else {
                    self.answer_in_time_wait(now, key, fx);
                }
            }
            Verdict::Reset => {
                let arrival = Arrival::of(segment, 0);
                send_reset_plain(
                    &self.profile,
                    fx,
                    local,
                    remote,
                    owner,
                    &arrival,
                    Reason::ResetDataAfterClose,
                );
                self.end_time_wait(key, Event::Abort, State::Closed, fx);
            }
            Verdict::Fin => self.fin_in_fin_wait_2(now, key, fx),
            Verdict::Answer { restart } => {
                if restart {
                    self.restart_time_wait(now, key, fx);
                }
                self.answer_in_time_wait(now, key, fx);
            }
        }
    }

    /// FIN-WAIT-2 to TIME-WAIT.
    fn fin_in_fin_wait_2(&mut self, now: Instant, key: u32, fx: &mut Effects) {
        let Some(entry) = self.tables.time_waits.get_mut(key) else { return };
        entry.rcv_nxt += 1;
        entry.since = now;
        fx.note(entry.owner(), Reason::PeerFin);
        if let Some(edge) = Edge::find(State::FinWait2, Event::FinReceived, State::TimeWait) {
            fx.entered(entry.owner(), edge);
        }
        self.begin_two_msl(now, key);
        self.answer_time_wait(now, key, Reason::AckFin, fx);
    }

    /// TIME-WAIT begins, or begins anew.
    fn begin_two_msl(&mut self, now: Instant, key: u32) {
        let entries = &mut self.tables.time_waits;
        self.time_wait_due.remove(entries, key);
        entries[key].fin_wait_2 = false;
        entries[key].deadline = now + self.profile.time_wait;
        self.time_wait_due.insert(entries, key);
    }

    fn restart_time_wait(&mut self, now: Instant, key: u32, fx: &mut Effects) {
        let Some(entry) = self.tables.time_waits.get(key) else { return };
        fx.note(entry.owner(), Reason::TimeWaitRestarted);
        self.begin_two_msl(now, key);
    }

    fn answer_in_time_wait(&mut self, now: Instant, key: u32, fx: &mut Effects) {
        let Some(entry) = self.tables.time_waits.get_mut(key) else { return };
        let gap = Span::millis(self.profile.settings.tcp_invalid_ratelimit.max(0).unsigned_abs());
        if now < entry.quiet_until {
            fx.note(entry.owner(), Reason::ChallengeWithheld);
            return;
        }
        entry.quiet_until = now + gap;
        self.answer_time_wait(now, key, Reason::AckInTimeWait, fx);
    }

    fn answer_time_wait(&mut self, now: Instant, key: u32, why: Reason, fx: &mut Effects) {
        let Some(entry) = self.tables.time_waits.get(key) else { return };
        let (local, remote) = (entry.ends.local(), entry.ends.remote());
        fx.count(Counter::OutSegs);
        fx.push(Effect::Send {
            ect: false,
            dscp: entry.dscp,
            df: true,
            from: local,
            to: remote,
            segment: Segment {
                source_port: local.port(),
                destination_port: remote.port(),
                seq: entry.snd_nxt,
                ack: entry.rcv_nxt,
                flags: Flags::ACK,
                window: entry.window,
                urgent: 0,
                options: entry.agreed.to_wire(now, None, Vec::new()),
                payload: bytes::Bytes::new(),
            },
            owner: entry.owner(),
            why,
            retransmission: false,
        });
    }

    /// 2 MSL are over.
    pub(super) fn time_wait_over(&mut self, key: u32, fx: &mut Effects) {
        let Some(entry) = self.tables.time_waits.get(key) else { return };
        let (kind, why, event) = match entry.fin_wait_2 {
            true => (TimerKind::FinWait2, Reason::FinWait2Over, Event::TimedOut),
            false => (TimerKind::TimeWait, Reason::TimeWaitOver, Event::TimeWaitOver),
        };
        fx.push(Effect::TimerFired { owner: entry.owner(), kind });
        fx.note(entry.owner(), why);
        self.end_time_wait(key, event, State::Closed, fx);
    }

    /// Removes an entry across that edge.
    pub(super) fn end_time_wait(
        &mut self,
        key: u32,
        event: Event,
        to: State,
        fx: &mut Effects,
    ) -> Option<TimeWait> {
        self.tables.time_waits.get(key)?;
        self.tables.leave(Entry::TimeWait(key));
        self.time_wait_due.remove(&mut self.tables.time_waits, key);
        let entry = self.tables.time_waits.remove(key)?;
        let edge = Edge::find(entry.state(), event, to)?;
        fx.entered(entry.owner(), edge);
        if to == State::Closed {
            fx.push(Effect::Closed(entry.owner()));
        }
        Some(entry)
    }
}
