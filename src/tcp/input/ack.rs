//! Fifth: the ACK field, and what an acknowledgment moves.

use super::super::recovery::News;
use super::super::tcb::{Context, Tcb};
use super::super::{Event, Reason, State, StreamError, TimerKind};
use super::{Arrival, Flow};
use crate::mib::Counter;
use crate::wire::{Flags, Seq};

pub(super) fn step(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) -> Flow {
    if !arrival.flags.has(Flags::ACK) {
        cx.fx.note(tcb.owner(), Reason::DropNoAck);
        return Flow::Done;
    }
    if tcb.state() == State::SynReceived && open(tcb, cx, arrival) == Flow::Done {
        return Flow::Done;
    }
    let ack = arrival.ack;
    if ack.after(tcb.snd.nxt) {
        tcb.challenge(cx, Reason::ChallengeAck);
        return Flow::Done;
    }
    if ack.before(tcb.snd.una) {
        let mut floor = tcb.snd.max_wnd;
        if cx.profile.challenge_impossible_ack {
            floor = floor.min(u32::try_from(tcb.acknowledged).unwrap_or(u32::MAX));
        }
        if ack.before(tcb.snd.una - floor) && cx.profile.settings.tcp_blind_checks != 0 {
            tcb.challenge(cx, Reason::ChallengeAck);
            return Flow::Done;
        }
        cx.fx.note(tcb.owner(), Reason::DropOldAck);
        let mut news = News { ack, una_before: tcb.snd.una, ..begin(tcb, cx, arrival) };
        super::sack::take(tcb, cx, arrival, &mut news);
        if tcb.by_states(cx.profile) {
            if arrival.sack.is_some() {
                tcb.states_late_news(cx, &news);
            }
        } else if news.sacked > 0 || news.dsack.is_some() {
            tcb.on_news(cx, &news);
        }
        return Flow::Next;
    }
    if cx.profile.timestamps_after_ack {
        super::acceptable::remember_timestamp(tcb, cx, arrival);
    }
    tcb.heard = cx.now;
    tcb.counts.acknowledged_at = cx.now;
    tcb.probes = 0;
    tcb.hear_user_timeout(cx, arrival.user_timeout);
    let window_before = tcb.snd.wnd;
    let advanced = ack.after(tcb.snd.una);
    tcb.take_mark(cx, arrival.flags);
    let told = tcb.take_echo(cx, arrival.flags, ack);
    let mut news = News {
        limited: !told && tcb.limited_by_congestion(),
        advanced,
        ece: told,
        opened: opens(tcb, arrival),
        ..begin(tcb, cx, arrival)
    };
    update_window(tcb, cx, arrival);
    super::sack::take(tcb, cx, arrival, &mut news);
    // The echo is of what came in order: of what is held beyond that it tells nothing (RFC 7323 section 4.3).
    news.clock = tcb.clock_for_copies(cx.profile);
    if advanced {
        advance(tcb, cx, arrival, &mut news);
    } else {
        stand(tcb, cx, arrival, window_before, &mut news);
    }
    close_states(tcb, cx, arrival)
}

/// What is known of an acknowledgment before anything it says is taken in.
fn begin(tcb: &Tcb, cx: &Context<'_>, arrival: &Arrival) -> News {
    let states = tcb.by_states(cx.profile);
    News {
        ack: arrival.ack,
        una_before: tcb.snd.una,
        text: arrival.len() > 0,
        echo: arrival.timestamps.map(|(_, echo)| echo),
        trusted: tcb.rack.trusted(cx.now),
        fack_before: if states { Some(tcb.farthest_held()) } else { tcb.rack.fack },
        ..News::default()
    }
}

/// Whether the segment tells of more window, of none, or is newer than what told of it last.
pub(super) fn opens(tcb: &Tcb, arrival: &Arrival) -> bool {
    let seq = arrival.whole.0;
    let same = tcb.snd.wl1 == seq && (arrival.window > tcb.snd.wnd || arrival.window == 0);
    arrival.ack.after(tcb.snd.una) || tcb.snd.wl1.before(seq) || same
}

/// SYN-RECEIVED: an acceptable acknowledgment opens the connection.
fn open(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &Arrival) -> Flow {
    let ack = arrival.ack;
    if !(ack.after(tcb.snd.una) && ack.at_or_before(tcb.snd.nxt)) {
        super::super::stack::send_reset(
            cx,
            tcb.ends.local(),
            tcb.ends.remote(),
            tcb.owner(),
            arrival,
            Reason::ResetSynReceivedAck,
        );
        return Flow::Done;
    }
    tcb.enter(cx, Event::SynAcknowledged, State::Established);
    cx.fx.note(tcb.owner(), Reason::HandshakeDone);
    tcb.snd.wnd = arrival.window;
    tcb.snd.max_wnd = tcb.snd.max_wnd.max(arrival.window);
    tcb.snd.wl1 = arrival.whole.0;
    tcb.snd.wl2 = ack;
    tcb.opened(cx);
    tcb.wake(cx);
    Flow::Next
}

/// SND.WND follows the newest segment (SND.WL1, SND.WL2).
fn update_window(tcb: &mut Tcb, cx: &Context<'_>, arrival: &Arrival) {
    let seq = arrival.whole.0;
    if cx.profile.repeats_open_window_only && !opens(tcb, arrival) {
        return;
    }
    let newer = tcb.snd.wl1.before(seq) || (tcb.snd.wl1 == seq && tcb.snd.wl2.at_or_before(arrival.ack));
    if newer || arrival.ack.after(tcb.snd.una) {
        tcb.snd.wnd = arrival.window;
        tcb.snd.max_wnd = tcb.snd.max_wnd.max(arrival.window);
        tcb.snd.wl1 = seq;
        tcb.snd.wl2 = arrival.ack;
    }
}

/// SND.UNA advances.
fn advance(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &Arrival, news: &mut News) {
    let ack = arrival.ack;
    let early = tcb.awaits_early_ack();
    let measured = take_acknowledged(tcb, cx, ack, arrival.timestamps, news);
    tcb.acknowledged += u64::from(ack - tcb.snd.una.max(tcb.snd.iss + 1).min(ack));
    tcb.snd.una = ack;
    tcb.snd.up = tcb.snd.up.max(ack);
    let buffered = tcb.send.len();
    tcb.send.acknowledge(ack);
    if let Some(bursts) = &mut tcb.bursts {
        bursts.pieces.acknowledge(ack);
    }
    news.data_acked = ack.after(tcb.snd.iss + 1) && news.acked > 0;
    match measured {
        Some(measured) => tcb.round_trip(cx.profile, measured, ack),
        // As after a SYN that went again: nothing is known of the way yet.
        None if early => tcb.rtt.begin_with(cx.profile.rto_after_syn_loss),
        None => {}
    }
    tcb.note_text_acknowledged(cx);
    tcb.persist_doublings = 0;
    tcb.probing_since = None;
    tcb.settle_probe_of_mtu(cx);
    tcb.on_news(cx, news);
    let told = tcb.bursts.is_none() || tcb.room_to_tell(cx.profile);
    if early && !tcb.flight.is_empty() {
        // What went before the answer has been on its way for long: no probe, the whole time-out from now on.
        tcb.timers.clear(TimerKind::LossProbe);
        tcb.timers.set(TimerKind::Retransmission, cx.now + tcb.rtt.rto);
    }
    if tcb.send.len() < buffered && told {
        tcb.wake(cx);
    }
}

/// Removes what is acknowledged from what is on its way. Returns the round-trip time if one can be told: never from what
/// went out twice (Karn), unless timestamps tell the copies apart.
fn take_acknowledged(
    tcb: &mut Tcb,
    cx: &mut Context<'_>,
    ack: Seq,
    timestamps: Option<(u32, u32)>,
    news: &mut News,
) -> Option<crate::clock::Span> {
    let mut oldest = None;
    let mut again = false;
    while let Some(sent) = tcb.flight.take_acknowledged(ack) {
        // The SYN-ACK of a connection that spoke early is no segment of the stream.
        news.acked += u32::from(sent.seq != tcb.snd.iss || !tcb.speaks_early());
        if sent.sacked {
            news.known += 1;
            news.copies_acked |= sent.again;
            continue;
        }
        again |= sent.again;
        oldest.get_or_insert(sent.at);
        news.arrived_in_order(&sent, tcb.recovery.recover);
    }
    if tcb.by_states(cx.profile) {
        return None;
    }
    let measured = match (oldest, timestamps) {
        (Some(at), _) if !again => Some(cx.now - at),
        (_, Some((_, echo))) if tcb.agreed.timestamps && echo != 0 => {
            let clock = super::super::options::timestamp_now(cx.now, tcb.agreed.ts_offset);
            let passed = clock.wrapping_sub(echo);
            (passed < 1 << 31).then(|| crate::clock::Span::millis(u64::from(passed)))
        }
        _ => None,
    };
    if again && measured.is_none() {
        cx.fx.note(tcb.owner(), Reason::KarnNoSample);
    }
    measured
}

/// SND.UNA stays: a duplicate acknowledgment, or only a new window.
fn stand(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &Arrival, window_before: u32, news: &mut News) {
    let probing = tcb.timers.runs(TimerKind::Persist);
    if probing && tcb.snd.wnd > 0 {
        tcb.persist_doublings = 0;
        tcb.probing_since = None;
        tcb.timers.clear(TimerKind::Persist);
        if !tcb.flight.is_empty() {
            // The window opened, but the probe's octet was turned away.
            tcb.timers.set(TimerKind::Retransmission, cx.now + tcb.rtt.rto);
            tcb.resend(cx, tcb.snd.una, Reason::RetransmitData);
        }
        return;
    }
    if probing {
        let wait = tcb.persist_interval(cx.profile);
        tcb.timers.set(TimerKind::Persist, cx.now + wait);
    }
    if tcb.by_states(cx.profile) {
        match tcb.flight.is_empty() {
            true if news.dsack.is_some() => tcb.states_late_news(cx, news),
            true => tcb.settle_probe(cx, news),
            false => tcb.states_news(cx, news),
        }
        return;
    }
    if tcb.flight.is_empty() && news.dsack.is_some() {
        tcb.on_news(cx, news);
    }
    if tcb.flight.is_empty() || tcb.snd.wnd == 0 {
        return;
    }
    // RFC 5681 section 2; with SACK only news makes a duplicate (RFC 6675 section 2).
    news.duplicate = match tcb.agreed.sack {
        true => news.sacked > 0,
        false => arrival.len() == 0 && tcb.snd.wnd == window_before,
    };
    if news.duplicate || news.dsack.is_some() {
        tcb.on_news(cx, news);
    }
}

/// What an acknowledgment of our FIN does.
fn close_states(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &Arrival) -> Flow {
    if !tcb.fin_acknowledged() {
        return Flow::Next;
    }
    match tcb.state() {
        State::FinWait1 => {
            tcb.enter(cx, Event::FinAcknowledged, State::FinWait2);
            if tcb.orphan && cx.profile.reset_data_after_close && super::text::is_new_text(tcb, arrival) {
                tcb.reset_by_text(cx, arrival);
                return Flow::Done;
            }
            if tcb.orphan && tcb.options.fin_wait_2 < 0 {
                // Its user does not want it to wait for the peer's FIN.
                tcb.reset_arrival(cx, arrival, Reason::ResetAbort);
                return Flow::Done;
            }
            if tcb.orphan {
                tcb.start_fin_wait_2(cx);
            } else {
                tcb.wake(cx);
            }
            Flow::Next
        }
        State::Closing => {
            tcb.enter(cx, Event::FinAcknowledged, State::TimeWait);
            tcb.silence();
            tcb.wake(cx);
            Flow::Done
        }
        State::LastAck => {
            tcb.enter(cx, Event::FinAcknowledged, State::Closed);
            tcb.silence();
            tcb.wake(cx);
            Flow::Done
        }
        State::Closed
        | State::Listen
        | State::SynSent
        | State::SynReceived
        | State::Established
        | State::FinWait2
        | State::CloseWait
        | State::TimeWait => Flow::Next,
    }
}

impl Tcb {
    /// What happens once when the connection opens.
    pub fn opened(&mut self, cx: &mut Context<'_>) {
        self.heard = cx.now;
        self.settle_memory(cx.now, cx.profile);
        self.ack.last_data.get_or_insert(cx.now);
        self.counts.opened_at = cx.now;
        self.counts.acknowledged_at = cx.now;
        self.begin_search_if_always(cx);
        self.grow_send_buffer(cx.profile);
        if self.options.keepalive.on {
            self.timers.set(super::super::TimerKind::Keepalive, cx.now + self.keepalive_idle());
        }
    }

    /// A peer that closed while nobody is left to read: FIN-WAIT-2 does not last for ever.
    pub fn start_fin_wait_2(&mut self, cx: &mut Context<'_>) {
        let seconds = self.stay_in_fin_wait_2(cx.profile);
        if seconds > crate::clock::Span::ZERO {
            // Linux keeps but a small entry from here on, unless that would have to outlast a TIME-WAIT.
            self.waits |= seconds <= cx.profile.time_wait;
            self.timers.set(super::super::TimerKind::FinWait2, cx.now + seconds);
        }
    }

    /// How long that is: what the user said, or the host's own; never less than some retransmission time-outs.
    pub fn stay_in_fin_wait_2(&self, profile: &super::super::Profile) -> crate::clock::Span {
        let own = u64::try_from(self.options.fin_wait_2).ok().filter(|seconds| *seconds > 0);
        match own {
            Some(seconds) => crate::clock::Span::secs(seconds).max(self.rtt.rto * 7 / 2),
            None => super::super::profile::seconds(profile.settings.tcp_fin_timeout),
        }
    }

    /// Text came although nobody will ever read it: RST (RFC 9293 section 3.6.1).
    pub fn reset_by_text(&mut self, cx: &mut Context<'_>, arrival: &Arrival) {
        self.reset_arrival(cx, arrival, Reason::ResetDataAfterClose);
    }

    /// What arrived is answered with a RST, and that is the end.
    fn reset_arrival(&mut self, cx: &mut Context<'_>, arrival: &Arrival, why: Reason) {
        cx.fx.count(Counter::TCPAbortOnData);
        let broken = self.state() == State::CloseWait && cx.profile.broken_in_close_wait;
        super::super::stack::send_reset(
            cx,
            self.ends.local(),
            self.ends.remote(),
            self.owner(),
            arrival,
            why,
        );
        let error = if broken { StreamError::Broken } else { StreamError::Reset };
        self.die(cx, Event::Abort, Some(error));
    }
}
