//! The user timeout option (RFC 5482): each side tells how long it leaves data unacknowledged, so that the other one does not
//! give up sooner.

use super::tcb::{Context, Tcb};
use super::{ConnOptions, Profile, Reason};
use crate::clock::Span;
use crate::wire::{TcpOption, TcpOptions};

/// The largest value of the option's fifteen bits.
const LARGEST: u64 = 0x7fff;

/// How user timeouts that peers tell are dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserTimeoutRules {
    /// ADV_UTO of a connection whose user wishes nothing (RFC 9293 section 3.9.1.1: five minutes).
    pub advertised: Span,
    /// L_LIMIT: no shorter one is adopted (RFC 5482 section 3.1: at least 100 s).
    pub least: Span,
    /// U_LIMIT: no longer one is adopted.
    pub greatest: Span,
}

/// What one connection knows of user timeouts; it is there if the option is in use (ENABLED).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct UserTimeout {
    /// REMOTE_UTO: what the peer told last.
    pub told: Option<Span>,
    /// USER_TIMEOUT as it follows from that, while the user wishes nothing else.
    pub adopted: Option<Span>,
    /// Ours is to be told with the next segment that has room.
    pub due: bool,
}

/// A span as the option says it: whether in minutes (where seconds do not fit), and how many; rounded up, never zero.
fn in_option(span: Span) -> (bool, u16) {
    let seconds = span.as_nanos().div_ceil(1_000_000_000).max(1);
    match seconds <= LARGEST {
        true => (false, seconds as u16),
        false => (true, seconds.div_ceil(60).min(LARGEST) as u16),
    }
}

/// USER_TIMEOUT = min(U_LIMIT, max(ADV_UTO, REMOTE_UTO, L_LIMIT)), and the lower limit lies above the present
/// retransmission time-out (RFC 5482 section 3.1).
fn adopt(rules: UserTimeoutRules, ours: Span, told: Span, rto: Span) -> Span {
    let least = rules.least.max(rto + Span::secs(1));
    ours.max(told).max(least).min(rules.greatest.max(least))
}

impl Profile {
    /// ADV_UTO of a connection with these wishes.
    fn advertised(&self, options: &ConnOptions) -> Span {
        options.user_timeout.unwrap_or(self.user_timeout.advertised)
    }

    /// The option on a SYN or SYN-ACK, if it is in use.
    pub(super) fn user_timeout_on_syn(&self, options: &ConnOptions) -> Option<(bool, u16)> {
        (self.settings.tcp_uto != 0).then(|| in_option(self.advertised(options)))
    }
}

impl Tcb {
    /// How long data may stay unacknowledged, if that is bounded by time. Before the connection is synchronized the option
    /// changes nothing (RFC 5482 section 3.3).
    pub fn user_timeout(&self) -> Option<Span> {
        match self.uto.as_deref() {
            None => self.options.user_timeout,
            Some(_) if !self.is_synchronized() => None,
            Some(known) => self.options.user_timeout.or(known.adopted),
        }
    }

    /// Tells ours with the segment at hand, if it is due and there is room.
    pub fn tell_user_timeout(&mut self, profile: &Profile, options: &mut TcpOptions) {
        let Some(known) = self.uto.as_deref_mut().filter(|known| known.due) else { return };
        let (minutes, value) = in_option(profile.advertised(&self.options));
        known.due = options.push(TcpOption::UserTimeout { minutes, value }).is_err();
    }

    /// Octets that it takes in the next segment.
    pub fn user_timeout_overhead(&self) -> u32 {
        if self.uto.as_deref().is_some_and(|known| known.due) { 4 } else { 0 }
    }

    /// The peer told its user timeout. It may have been told before, or never arrive: nothing else rests on it
    /// (RFC 5482 section 3.2).
    pub fn hear_user_timeout(&mut self, cx: &mut Context<'_>, told: Option<(bool, u16)>) {
        let (Some(known), Some((minutes, value))) = (self.uto.as_deref_mut(), told) else { return };
        let told = Span::secs(u64::from(value) * if minutes { 60 } else { 1 });
        if value == 0 || known.told == Some(told) {
            return;
        }
        known.told = Some(told);
        if self.options.user_timeout.is_some() {
            // CHANGEABLE is false: the user is told, and that is all.
            cx.fx.note(self.owner(), Reason::UserTimeoutTold);
        } else {
            self.adopt_user_timeout(cx);
        }
    }

    /// What the peer told takes effect.
    fn adopt_user_timeout(&mut self, cx: &mut Context<'_>) {
        let rules = cx.profile.user_timeout;
        let (ours, rto) = (cx.profile.advertised(&self.options), self.rtt.rto);
        let Some(known) = self.uto.as_deref_mut() else { return };
        let adopted = known.told.map(|told| adopt(rules, ours, told, rto));
        if adopted != known.adopted {
            known.adopted = adopted;
            known.due = true;
            cx.fx.note(self.owner(), Reason::UserTimeoutAdopted);
        }
    }

    /// The user wishes another timeout, or none any more: the peer hears of it.
    pub fn user_timeout_changed(&mut self, cx: &mut Context<'_>) {
        let wished = self.options.user_timeout.is_some();
        let Some(known) = self.uto.as_deref_mut() else { return };
        known.due = true;
        if wished {
            known.adopted = None;
        } else {
            self.adopt_user_timeout(cx);
        }
    }

    /// Silence before a keepalive probe: longer than the user timeout, where the option is in use (RFC 5482 section 4.2).
    pub fn keepalive_idle(&self) -> Span {
        let idle = self.options.keepalive.idle;
        match (&self.uto, self.user_timeout()) {
            (Some(_), Some(limit)) => idle.max(limit + Span::secs(1)),
            _ => idle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: UserTimeoutRules =
        UserTimeoutRules { advertised: Span::secs(300), least: Span::secs(100), greatest: Span::secs(3_600) };

    #[test]
    fn the_longest_of_both_is_adopted_between_the_limits_and_above_the_rto() {
        for (ours, told, rto, adopted) in [
            (300, 200, 1, 300),
            (300, 400, 1, 400),
            (5, 10, 1, 100),
            (300, 7_200, 1, 3_600),
            (9_000, 10, 1, 3_600),
            (5, 10, 120, 121),
        ] {
            let found = adopt(RULES, Span::secs(ours), Span::secs(told), Span::secs(rto));
            assert_eq!(found, Span::secs(adopted), "{ours} {told} {rto}");
        }
    }

    #[test]
    fn a_span_goes_in_seconds_while_these_fit_and_then_in_minutes_and_never_as_zero() {
        for (millis, minutes, value) in [
            (0, false, 1),
            (1, false, 1),
            (5_000, false, 5),
            (5_001, false, 6),
            (32_767_000, false, 32_767),
            (32_768_000, true, 547),
            (u64::from(u32::MAX) * 1_000, true, 32_767),
        ] {
            assert_eq!(in_option(Span::millis(millis)), (minutes, value), "{millis}");
        }
    }
}
