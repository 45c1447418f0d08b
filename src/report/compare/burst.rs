//! Flows in which an end sends many segments back to back.
//!
//! How many ACKs the other end makes of a burst, and between which of its segments they fall, hangs on microseconds, in a
//! kernel from run to run. So they stand aside: shown, but not compared. Everything they cannot change is: each segment but
//! for the number it acknowledges, the order in each direction, what was sent again, where a sender had to wait for a round
//! trip and how much it then had on its way, where the ACKs end. Of a long transfer even the cuts between segments hang on
//! when the program was given a processor; there the octets count.

use super::bulk;
use super::frames::{Compared, Pairs, compare_order, compare_pairs, describe, pair_directions};
use super::side::{Group, Side};
use super::tally::{Finding, Subject, Tally};
use super::timers::latest;
use crate::clock::{Instant, Span};
use crate::lang::Text;
use crate::link::HostId;
use crate::report::seen::{Seen, name};
use crate::wire::Flags;
use std::collections::BTreeSet;

/// So many data segments with nothing received in between are a burst: the first window of RFC 6928.
const BURST: usize = 10;

/// An end that sends more data segments than this, in either run, is not held to where it cuts them.
pub(super) const BULK: usize = 40;

/// A sender that is silent for so long waits: for a round trip, for a timer, for its program.
const PAUSE: Span = Span::millis(40);

/// Segments closer than this follow each other at once.
const AT_ONCE: Span = Span::millis(1);

/// By how much a live pause may be the shorter, when what came before it was late.
const EARLY: Span = Span::millis(30);

/// An ACK that arrives so close to the middle of a pause decides nothing about it.
const CLOSE: Span = Span::millis(10);

type Senders = BTreeSet<Option<HostId>>;

/// The ends that burst in either run; none if the flow is compared frame by frame.
pub(super) struct Bursts {
    bursting: Senders,
    /// Those whose cuts are not compared either.
    long: Senders,
}

impl Bursts {
    /// Those of the flow.
    pub(super) fn of(simulated: &Side<'_>, live: &Side<'_>, left: &Group, right: &Group) -> Bursts {
        let mut bursts = Bursts { bursting: Senders::new(), long: Senders::new() };
        for (side, group) in [(simulated, left), (live, right)] {
            let senders: Senders = frames(side, group).map(|(_, seen)| seen.frame.from).collect();
            for sender in senders {
                let data = frames(side, group)
                    .filter(|(_, seen)| seen.frame.from == sender && carries_text(seen))
                    .count();
                if data > BULK {
                    bursts.long.insert(sender);
                }
                if data > BULK || longest_burst(side, group, sender) >= BURST {
                    bursts.bursting.insert(sender);
                }
            }
        }
        bursts
    }

    /// Whether no end bursts.
    pub(super) fn is_empty(&self) -> bool {
        self.bursting.is_empty()
    }

    /// Whether anybody but this end bursts, so that what it acknowledges is not compared.
    fn acknowledged_by(&self, sender: Option<HostId>) -> bool {
        self.bursting.iter().any(|other| *other != sender)
    }

    /// Whether the frame only acknowledges text of a burst.
    fn only_acknowledges(&self, seen: &Seen<'_>) -> bool {
        let pure =
            seen.segment().is_some_and(|segment| segment.flags == Flags::ACK && segment.payload.is_empty());
        let of_text = seen.relative.and_then(|relative| relative.ack).is_some_and(|ack| ack > 1);
        pure && of_text && self.acknowledged_by(seen.frame.from)
    }

    /// Whether the frame is not compared one by one.
    fn aside(&self, seen: &Seen<'_>) -> bool {
        let cut_anyhow = carries_text(seen) && self.long.contains(&seen.frame.from);
        cut_anyhow || self.only_acknowledges(seen)
    }

    fn part(&self, side: &Side<'_>, group: &Group, aside: bool) -> Group {
        let places = frames(side, group).filter(|(_, seen)| self.aside(seen) == aside);
        Group { role: group.role.clone(), frames: places.map(|(place, _)| place).collect() }
    }
}

fn frames<'s, 'a>(side: &'s Side<'a>, group: &'s Group) -> impl Iterator<Item = (usize, &'s Seen<'a>)> {
    group.frames.iter().filter_map(|place| Some((*place, side.seen.get(*place)?)))
}

fn carries_text(seen: &Seen<'_>) -> bool {
    seen.segment().is_some_and(|segment| !segment.payload.is_empty())
}

/// How many data segments the end sent in a row without receiving anything of the flow.
fn longest_burst(side: &Side<'_>, group: &Group, sender: Option<HostId>) -> usize {
    let Some(host) = sender else { return 0 };
    let (mut longest, mut row) = (0, 0);
    for (nth, sent) in side.order_at(host, group) {
        let text = side.seen.get(group.frames[nth]).is_some_and(carries_text);
        row = match (sent, text) {
            (true, true) => row + 1,
            (true, false) => row,
            (false, _) => 0,
        };
        longest = longest.max(row);
    }
    longest
}

/// Compares a flow with bursts; adds to `compared` the frames that face each other, those that stand aside, and a line
/// that says so.
pub(super) fn compare(
    (simulated, live): (&Side<'_>, &Side<'_>),
    (left, right): (&Group, &Group),
    bursts: &Bursts,
    compared: &mut Compared,
    tally: &mut Tally,
) {
    let strict = [bursts.part(simulated, left, false), bursts.part(live, right, false)];
    let [one, other] = &strict;
    let with_ack = |sender| !bursts.acknowledged_by(sender);
    let pairs = pair_directions(simulated, live, one, other, &with_ack);
    let mark = tally.mark();
    compare_pairs((simulated, live), &pairs, &with_ack, tally);
    let whole = pairs.iter().all(|(one, other)| one.is_some() && other.is_some());
    // Where both ends burst, how their segments cross hangs on microseconds, too.
    if (tally.mark() == mark || whole) && bursts.bursting.len() < 2 {
        compare_order(simulated, live, (one, other), &pairs, tally);
    }
    bulk::compare(simulated, live, left, right, tally);
    for sender in &bursts.bursting {
        if bursts.long.contains(sender) {
            compare_sent_again((simulated, live), (left, right), *sender, tally);
        } else {
            compare_pauses((simulated, live), (left, right), &pairs, *sender, tally);
        }
    }
    let aside = [bursts.part(simulated, left, true), bursts.part(live, right, true)];
    compare_how_many((simulated, live), &aside, bursts, tally);
    compared.lines.extend(aside_lines((simulated, live), &aside, bursts));
    compared.acks[0].extend(acks(simulated, &aside[0], bursts));
    compared.acks[1].extend(acks(live, &aside[1], bursts));
    compared.aside.extend(pair_directions(simulated, live, &aside[0], &aside[1], &|_| true));
    compared.pairs.extend(pairs);
}

fn acks(side: &Side<'_>, aside: &Group, bursts: &Bursts) -> Vec<usize> {
    frames(side, aside).filter(|(_, seen)| bursts.only_acknowledges(seen)).map(|(place, _)| place).collect()
}

/// Microseconds join an ACK or two; an end that makes half as many ACKs follows another rule.
fn compare_how_many(sides: (&Side<'_>, &Side<'_>), aside: &[Group; 2], bursts: &Bursts, tally: &mut Tally) {
    let of = |side: &Side<'_>, group: &Group| acks(side, group, bursts).len();
    let (one, other) = (of(sides.0, &aside[0]), of(sides.1, &aside[1]));
    tally.check(one.abs_diff(other) * 4 <= one.max(other), || {
        let what = Text::new(
            "about how many ACKs there are (within a quarter)",
            "ACK 的大致数目（相差不超过四分之一）",
        );
        Finding::numbers(Subject::Field, what, one as u64, other as u64)
    });
}

/// What stands aside, in words: `not compared: how many ACKs server makes of a burst, and where they fall (16, 15)`.
fn aside_lines(sides: (&Side<'_>, &Side<'_>), aside: &[Group; 2], bursts: &Bursts) -> Vec<Text> {
    let mut senders = Senders::new();
    for (side, group) in [(sides.0, &aside[0]), (sides.1, &aside[1])] {
        senders.extend(frames(side, group).map(|(_, seen)| seen.frame.from));
    }
    let count = |side: &Side<'_>, group: &Group, sender: Option<HostId>, text: bool| {
        frames(side, group)
            .filter(|(_, seen)| seen.frame.from == sender && carries_text(seen) == text)
            .count()
    };
    let mut lines = Vec::new();
    for sender in senders {
        let who = name(sides.0.trace, sender);
        let acks = [count(sides.0, &aside[0], sender, false), count(sides.1, &aside[1], sender, false)];
        if acks != [0, 0] {
            let [one, other] = acks;
            lines.push(Text::new(
                format!(
                    "not compared: exactly how many ACKs {who} makes of a burst, and between which segments ({one}, {other})"
                ),
                format!("不比较：{who} 究竟用几个 ACK 确认背靠背的报文段、夹在哪几个之间（{one} 个，{other} 个）"),
            ));
        }
        let cuts = [count(sides.0, &aside[0], sender, true), count(sides.1, &aside[1], sender, true)];
        if bursts.long.contains(&sender) && cuts != [0, 0] {
            let [one, other] = cuts;
            lines.push(Text::new(
                format!("not compared: where {who} cuts its stream into segments ({one}, {other})"),
                format!("不比较：{who} 把字节流切成哪些报文段（{one} 个，{other} 个）"),
            ));
        }
    }
    lines
}

/// Where in the simulated run the sender fell silent it must fall silent in the live one, with as much on its way; where
/// it sent at once it must send at once.
fn compare_pauses(
    (simulated, live): (&Side<'_>, &Side<'_>),
    (left, right): (&Group, &Group),
    pairs: &Pairs,
    sender: Option<HostId>,
    tally: &mut Tally,
) {
    let mut mine: Vec<(usize, usize)> = pairs
        .iter()
        .filter_map(|(one, other)| Some(((*one)?, (*other)?)))
        .filter(|(one, _)| simulated.seen[*one].frame.from == sender)
        .collect();
    mine.sort_unstable();
    let texts: Vec<(usize, usize)> =
        mine.into_iter().filter(|(one, _)| carries_text(&simulated.seen[*one])).collect();
    for couple in texts.windows(2) {
        let &[(before, live_before), (after, live_after)] = couple else { continue };
        let at = |side: &Side<'_>, place: usize| side.seen[place].frame.at;
        let due = at(simulated, after).since(at(simulated, before));
        let came = at(live, live_after).since(at(live, live_before));
        let (least, most) = match due {
            due if due >= PAUSE => (due - EARLY, latest(due)),
            due if due <= AT_ONCE => (Span::ZERO, latest(Span::ZERO)),
            _ => continue,
        };
        let after_text = describe(simulated, after);
        tally.check(came >= least && came <= most, || {
            let what = Text::new(format!("silence before {after_text}"), format!("{after_text} 之前的静默"));
            Finding::new(Subject::Timer, what, format!("{due}"), format!("{came}"))
                .at(Some(after), Some(live_after))
        });
        if due < PAUSE {
            continue;
        }
        let one = on_its_way(simulated, left, sender, at(simulated, before) + due / 2);
        let other = on_its_way(live, right, sender, at(live, live_before) + came / 2);
        let (Some(one), Some(other)) = (one, other) else { continue };
        tally.check(one == other, || {
            let what = Text::new(
                format!("octets on their way before {after_text}"),
                format!("{after_text} 之前在途的字节数"),
            );
            Finding::numbers(Subject::Field, what, one.into(), other.into()).at(Some(after), Some(live_after))
        });
    }
}

/// Octets of the sender's stream sent and not yet acknowledged at that time; `None` if an ACK arrives just then.
fn on_its_way(side: &Side<'_>, group: &Group, sender: Option<HostId>, at: Instant) -> Option<u32> {
    let (mut sent, mut acknowledged) = (1, 1);
    for (_, seen) in frames(side, group) {
        let Some(relative) = seen.relative else { continue };
        if seen.frame.from == sender {
            if seen.frame.at <= at {
                sent = sent.max(relative.seq.wrapping_add(seen.text().len() as u32));
            }
            continue;
        }
        let arrived = if side.shows_arrivals() { seen.frame.arrived_at() } else { Some(seen.frame.at) };
        let (Some(arrived), Some(ack)) = (arrived, relative.ack) else { continue };
        if arrived.since(at).max(at.since(arrived)) < CLOSE {
            return None;
        }
        if arrived <= at {
            acknowledged = acknowledged.max(ack);
        }
    }
    Some(sent.saturating_sub(acknowledged))
}

/// What was sent more than once of a stream whose cuts are not compared, as ranges.
fn compare_sent_again(
    (simulated, live): (&Side<'_>, &Side<'_>),
    (left, right): (&Group, &Group),
    sender: Option<HostId>,
    tally: &mut Tally,
) {
    let again = |side: &Side<'_>, group: &Group| -> Vec<(u32, u32)> {
        let mut sent = 1;
        let mut again: Vec<(u32, u32)> = Vec::new();
        for (_, seen) in
            frames(side, group).filter(|(_, seen)| seen.frame.from == sender && carries_text(seen))
        {
            let Some(relative) = seen.relative else { continue };
            let end = relative.seq.wrapping_add(seen.text().len() as u32);
            if relative.seq < sent {
                match again.last_mut() {
                    Some((_, last)) if *last == relative.seq => *last = end,
                    _ => again.push((relative.seq, end)),
                }
            }
            sent = sent.max(end);
        }
        again
    };
    let (one, other) = (again(simulated, left), again(live, right));
    tally.check(one == other, || {
        let who = name(simulated.trace, sender);
        let what = Text::new(format!("what {who} sent again"), format!("{who} 重传的内容"));
        let text = |ranges: &[(u32, u32)]| {
            let ranges: Vec<String> = ranges.iter().map(|(low, high)| format!("{low}..{high}")).collect();
            if ranges.is_empty() { "-".to_owned() } else { ranges.join(" ") }
        };
        Finding::new(Subject::Presence, what, text(&one), text(&other))
    });
}
