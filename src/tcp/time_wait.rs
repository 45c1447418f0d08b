//! TIME-WAIT entries: small, and all that is left of a connection that closed first.

use super::options::Agreed;
use super::stack::{Entry, Stack};
use super::tcb::Tcb;
use super::{Edge, Effect, Effects, Event, Owner, Profile, Reason, State, TimerKind};
use crate::clock::{Instant, Span};
use crate::mib::Counter;
use crate::wire::{Flags, Segment, Seq};
use std::net::SocketAddr;

/// A connection in TIME-WAIT.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TimeWait {
    pub local: SocketAddr,
    pub remote: SocketAddr,
    pub snd_nxt: Seq,
    pub rcv_nxt: Seq,
    /// SEG.WND of its ACKs.
    pub window: u16,
    pub agreed: Agreed,
    /// SO_REUSEADDR of the socket that was.
    pub reuse: bool,
    pub since: Instant,
    pub deadline: Instant,
    pub last_answer: Option<Instant>,
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
    /// A newer SYN: the pair may be opened anew with this ISN.
    Reopen(Seq),
}

impl TimeWait {
    /// What is left of a connection that just entered TIME-WAIT.
    pub fn of(tcb: &Tcb, now: Instant, profile: &Profile) -> TimeWait {
        TimeWait {
            local: tcb.local,
            remote: tcb.remote,
            snd_nxt: tcb.snd.nxt,
            rcv_nxt: tcb.rcv.nxt,
            window: (tcb.rcv.window() >> tcb.rcv.scale).min(u32::from(u16::MAX)) as u16,
            agreed: tcb.agreed,
            reuse: tcb.options.reuse_address,
            since: now,
            deadline: now + profile.time_wait,
            last_answer: None,
        }
    }

    pub fn owner(&self) -> Owner {
        Owner::TimeWait { local: self.local, remote: self.remote }
    }

    fn judge(&self, profile: &Profile, segment: &Segment) -> Verdict {
        let flags = segment.flags;
        let timestamps = super::options::timestamps(segment).filter(|_| self.agreed.timestamps);
        let old = timestamps.is_some_and(|(value, _)| self.agreed.is_old(value)) && !flags.has(Flags::RST);
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
        if flags.has(Flags::SYN) && !flags.has(Flags::ACK) && !old {
            let newer = timestamps.is_some_and(|(value, _)| value != self.agreed.ts_recent);
            if segment.seq.after(self.rcv_nxt) || newer {
                return Verdict::Reopen(self.snd_nxt + profile.reopen_isn_step);
            }
        }
        Verdict::Answer { restart: old || flags.has(Flags::ACK) }
    }
}

impl Stack {
    /// A segment arrives for an entry in TIME-WAIT (RFC 9293 section 3.10.7.4).
    pub(super) fn time_wait_segment(
        &mut self,
        now: Instant,
        key: u64,
        local: SocketAddr,
        remote: SocketAddr,
        segment: &Segment,
        fx: &mut Effects,
    ) {
        let Some(entry) = self.time_waits.get(&key) else { return };
        let owner = entry.owner();
        match entry.judge(&self.profile, segment) {
            Verdict::Ignore(why) => fx.note(owner, why),
            Verdict::Restart => self.restart_time_wait(now, key, fx),
            Verdict::Kill => {
                fx.note(owner, Reason::TimeWaitKilled);
                fx.count(Counter::TWKilled);
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
            Verdict::Answer { restart } => {
                if restart {
                    self.restart_time_wait(now, key, fx);
                }
                self.answer_in_time_wait(now, key, fx);
            }
        }
    }

    fn restart_time_wait(&mut self, now: Instant, key: u64, fx: &mut Effects) {
        let Some(entry) = self.time_waits.get_mut(&key) else { return };
        let before = entry.deadline;
        entry.deadline = now + self.profile.time_wait;
        let after = entry.deadline;
        fx.note(entry.owner(), Reason::TimeWaitRestarted);
        self.timers.remove(&(before, Entry::TimeWait(key)));
        self.timers.insert((after, Entry::TimeWait(key)));
    }

    fn answer_in_time_wait(&mut self, now: Instant, key: u64, fx: &mut Effects) {
        let Some(entry) = self.time_waits.get_mut(&key) else { return };
        let gap = Span::millis(self.profile.settings.tcp_invalid_ratelimit.max(0).unsigned_abs());
        if entry.last_answer.is_some_and(|last| now - last < gap) {
            fx.note(entry.owner(), Reason::ChallengeWithheld);
            return;
        }
        entry.last_answer = Some(now);
        let entry = &*entry;
        fx.count(Counter::OutSegs);
        fx.push(Effect::Send {
            from: entry.local,
            to: entry.remote,
            segment: Segment {
                source_port: entry.local.port(),
                destination_port: entry.remote.port(),
                seq: entry.snd_nxt,
                ack: entry.rcv_nxt,
                flags: Flags::ACK,
                window: entry.window,
                urgent: 0,
                options: entry.agreed.to_wire(now, None, Vec::new()),
                payload: bytes::Bytes::new(),
            },
            owner: entry.owner(),
            why: Reason::AckInTimeWait,
            retransmission: false,
        });
    }

    /// 2 MSL are over.
    pub(super) fn time_wait_over(&mut self, key: u64, fx: &mut Effects) {
        let Some(entry) = self.time_waits.get(&key) else { return };
        fx.push(Effect::TimerFired { owner: entry.owner(), kind: TimerKind::TimeWait });
        fx.note(entry.owner(), Reason::TimeWaitOver);
        self.end_time_wait(key, Event::TimeWaitOver, State::Closed, fx);
    }

    /// Removes an entry across that edge.
    pub(super) fn end_time_wait(
        &mut self,
        key: u64,
        event: Event,
        to: State,
        fx: &mut Effects,
    ) -> Option<TimeWait> {
        let entry = self.time_waits.remove(&key)?;
        self.timers.remove(&(entry.deadline, Entry::TimeWait(key)));
        self.ports.remove(&(entry.local.port(), Entry::TimeWait(key)));
        self.pairs.remove(&(entry.local, entry.remote));
        let edge = Edge::find(State::TimeWait, event, to)?;
        fx.entered(entry.owner(), edge);
        if to == State::Closed {
            fx.push(Effect::Closed(entry.owner()));
        }
        Some(entry)
    }
}
