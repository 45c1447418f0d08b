//! Recovery by congestion states, as Linux keeps them: Open, Disorder, CWR, Recovery and Loss, with one timer for
//! retransmission, loss probe and reordering. The RFCs name the parts (RFC 6298, RFC 8985, RFC 9937, RFC 5682, RFC 4015,
//! RFC 3708); how they act together is what was measured.

mod alert;
mod ledger;
mod loss;
mod reduce;
mod report;
mod timers;
mod undo;

pub(in super::super) use ledger::{Ledger, State, Tally};

use super::super::burst::{Extent, Hold};
use super::super::cc::Measured;
use super::super::tcb::{Context, Tcb};
use super::super::{Profile, TimerKind};
use super::{News, Phase};
use crate::clock::Span;

/// What goes again after an acknowledgment was taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Again {
    /// Nothing.
    #[default]
    Nothing,
    /// What is lost.
    Lost,
    /// New data first, to find out whether the time-out was spurious.
    New,
}

/// What one acknowledgment, or one timer, brought to light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Found {
    /// Segments newly taken for lost, copies too.
    lost: u32,
    /// A copy was among them.
    copies: bool,
    /// The timer for reordering runs now.
    waits: bool,
    /// The peer seems to have thrown away what it held.
    reneged: bool,
    again: Again,
}

impl Tcb {
    /// Whether recovery goes by congestion states.
    pub fn by_states(&self, profile: &Profile) -> bool {
        profile.recovery.states
    }

    /// Duplicates, or blocks, after which a segment counts as lost (tcp_reordering, or more where reordering was seen).
    pub fn reordering(&self, profile: &Profile) -> u32 {
        let setting = u32::try_from(profile.settings.tcp_reordering).unwrap_or(3);
        self.recovery.ledger.reordering.unwrap_or(setting)
    }

    /// An acknowledgment of what is on its way, or one that brings news of what was.
    pub(in super::super) fn states_news(&mut self, cx: &mut Context<'_>, news: &News) {
        let before = self.tally.delivered;
        self.count_delivered(news);
        self.rack.advance(cx.now, news);
        let measured = self.measure(cx, news);
        if news.advanced {
            self.recovery.timeouts = 0;
            self.recovery.since = None;
        }
        let mut original = news.original;
        if news.acked > 0 {
            if self.agreed.sack {
                if let Some(low) = news.filled {
                    self.note_reordering(cx, low);
                }
            } else {
                self.settle_phantoms(cx, news.acked);
                original &= !news.copies_acked;
            }
        }
        let rearm = news.acked > 0 || (measured && self.measured_after_the_head(news));
        self.rack.adapt(cx.profile, news, self.flight.turns());
        self.settle_probe(cx, news);
        let mut found = Found::default();
        let told = news.sacked > 0 || news.ece || news.dsack.is_some();
        let plain = !(news.text || news.opened || news.acked > 0);
        if plain || told || self.recovery.ledger.state != State::Open {
            let bare = plain && !news.advanced && news.dsack.is_none();
            let duplicate = if self.agreed.sack { news.sacked > 0 && !news.advanced } else { bare };
            let counted = self.recovery.duplicates.saturating_add(u32::from(duplicate));
            self.recovery.duplicates = if news.advanced { 0 } else { counted };
            self.alert(cx, news, bare, original, &mut found);
        } else {
            self.recovery.duplicates = 0;
        }
        if rearm && !found.waits && !found.reneged {
            self.set_transmit_timer(cx);
        }
        if self.flight.is_empty() {
            self.clear_transmit_timers();
        }
        let delivered = self.tally.delivered.wrapping_sub(before).wrapping_add(news.delivered_before);
        self.control_window(cx, news, delivered, found.lost);
        self.go_again(cx, found.again);
    }

    /// An acknowledgment older than others that brings blocks, or one of data reported twice while nothing is on its way.
    pub(in super::super) fn states_late_news(&mut self, cx: &mut Context<'_>, news: &News) {
        self.rack.advance(cx.now, news);
        let mut found = Found::default();
        self.alert(cx, news, false, news.original, &mut found);
        self.settle_probe(cx, news);
        self.go_again(cx, found.again);
    }

    fn count_delivered(&mut self, news: &News) {
        if self.agreed.sack {
            let arrived = news.acked - news.known;
            self.deliver(arrived, news.ece);
        }
    }

    pub(super) fn deliver(&mut self, segments: u32, marked: bool) {
        self.tally.delivered = self.tally.delivered.wrapping_add(segments);
        if marked {
            self.tally.delivered_marked = self.tally.delivered_marked.wrapping_add(segments);
        }
    }

    /// Takes the round-trip time, if the acknowledgment tells one: of what went once and arrived, cumulatively or by
    /// blocks; else by the timestamp (RFC 7323 section 4). Returns whether it did.
    fn measure(&mut self, cx: &mut Context<'_>, news: &News) -> bool {
        let since = |at: crate::clock::Instant| cx.now - at;
        let mut rtt = news.first_once.filter(|_| !news.copies_acked).map(since);
        let mut least = news.last_once.filter(|_| !news.copies_acked).map(since);
        if news.first_sacked.is_some() {
            least = news.last_sacked.map(since);
            rtt = rtt.or(news.first_sacked.map(since));
        }
        if rtt.is_none() && news.acked > 0 && self.agreed.timestamps {
            rtt = news.echo.filter(|echo| *echo != 0).and_then(|echo| self.echo_age(cx, echo));
            least = rtt;
        }
        // The controller begins with the connection: how long the SYN took it does not hear.
        let opened = news.una_before == self.snd.iss && !news.data_acked;
        if let Some(rtt) = least.filter(|_| !opened) {
            let measured = Measured { now: cx.now, rtt, una: self.snd.una, nxt: self.snd.nxt };
            self.cc.controller_mut().on_measured(&measured);
        }
        let Some(rtt) = rtt else {
            if news.copies_acked {
                cx.fx.note(self.owner(), crate::tcp::Reason::KarnNoSample);
            }
            return false;
        };
        self.rack.take_least(cx.now, least.unwrap_or(rtt).max(Span::micros(1)), cx.profile);
        self.round_trip(cx.profile, rtt, self.snd.una);
        true
    }

    fn echo_age(&self, cx: &Context<'_>, echo: u32) -> Option<Span> {
        let clock = super::super::options::timestamp_now(cx.now, self.agreed.ts_offset);
        let passed = clock.wrapping_sub(echo);
        (passed < 1 << 31).then(|| Span::millis(u64::from(passed.max(1))))
    }

    /// Blocks told of something sent after the first unacknowledged segment last went: the timer may begin anew.
    fn measured_after_the_head(&self, news: &News) -> bool {
        match (self.flight.front(), news.first_sacked) {
            (Some(head), Some(first)) => first < head.at,
            _ => false,
        }
    }

    /// What is lost goes again, as far as the window allows; or new data does, to find out.
    fn go_again(&mut self, cx: &mut Context<'_>, again: Again) {
        match again {
            Again::Nothing => return,
            Again::Lost => {}
            Again::New => {
                self.push_new(cx, Hold::OFF, Extent::All);
                if self.snd.nxt.after(self.recovery.recover) {
                    return;
                }
                self.recovery.frto = false;
            }
        }
        self.resend_what_is_lost(cx);
    }

    /// Sends again what is lost, in order, as far as the congestion window allows (RFC 6675 section 4, NextSeg rule 1).
    pub(in crate::tcp) fn resend_what_is_lost(&mut self, cx: &mut Context<'_>) {
        let mut rearm = false;
        self.no_burst_again();
        while self.pipe() < self.cc.controller().window() {
            let Some(from) = self.flight.next_lost() else { break };
            let head = from == self.snd.una;
            if !self.window_takes_again(from) {
                break;
            }
            self.burst_again(cx, from);
            let why = match self.recovery.phase {
                Phase::Loss => crate::tcp::Reason::RetransmitLost,
                Phase::Fast | Phase::Open => self.why_fast(cx, from),
            };
            self.resend(cx, from, why);
            rearm |= head && !self.timers.runs(TimerKind::Reorder);
        }
        if rearm {
            self.arm_one(TimerKind::Retransmission, cx.now + self.rtt.rto);
        }
    }

    fn why_fast(&mut self, cx: &mut Context<'_>, from: crate::wire::Seq) -> crate::tcp::Reason {
        use crate::tcp::Reason;
        cx.fx.count(crate::mib::Counter::TCPFastRetrans);
        match (self.recovery.partial, self.agreed.sack) {
            _ if from == self.snd.una && !self.recovery.partial => Reason::FastRetransmit,
            (true, false) => Reason::RetransmitPartial,
            _ => Reason::RetransmitHole,
        }
    }

    /// Whether some of what begins there lies within the peer's window; the first unacknowledged octet may always go, as
    /// a probe.
    pub(super) fn window_takes_again(&self, from: crate::wire::Seq) -> bool {
        from == self.snd.una || from.before(self.snd.una + self.snd.wnd)
    }
}
