//! Frames against frames: each flow's sequence, field by field.

use super::align::align;
use super::burst::{self, Bursts};
use super::side::{Group, GroupRole, Side};
use super::tally::{Finding, Handshake, Step, Subject, Tally};
use super::trees;
use crate::lang::Text;
use crate::link::HostId;
use crate::report::seen::{Seen, name, option_text};
use crate::wire::{Flags, Segment, TcpOption};
use std::collections::BTreeMap;

/// Which frame of one run is which of the other, by places among all frames.
pub(super) type Pairs = Vec<(Option<usize>, Option<usize>)>;

/// What comparing the frames gave.
#[derive(Default)]
pub(super) struct Compared {
    /// Frames that face each other.
    pub(super) pairs: Pairs,
    /// Frames that are shown but not compared.
    pub(super) aside: Pairs,
    /// Those among them that only acknowledge, of the simulated and of the live run.
    pub(super) acks: [Vec<usize>; 2],
    /// What is not compared, in words.
    pub(super) lines: Vec<Text>,
}

/// Compares all frames; gives the pairs, for the rows of the side-by-side view and for timers.
pub(super) fn compare(simulated: &Side<'_>, live: &Side<'_>, tally: &mut Tally) -> Compared {
    let mut compared = Compared::default();
    for group in &simulated.groups {
        let empty = Group { role: group.role.clone(), frames: Vec::new() };
        let other = live.group(&group.role).unwrap_or(&empty);
        compare_groups(simulated, live, (group, other), &mut compared, tally);
    }
    for group in &live.groups {
        if simulated.group(&group.role).is_none() {
            let empty = Group { role: group.role.clone(), frames: Vec::new() };
            compare_groups(simulated, live, (&empty, group), &mut compared, tally);
        }
    }
    compared
}

fn compare_groups(
    simulated: &Side<'_>,
    live: &Side<'_>,
    (left, right): (&Group, &Group),
    compared: &mut Compared,
    tally: &mut Tally,
) {
    if matches!(left.role, GroupRole::Tree(..)) {
        return trees::compare((simulated, live), (left, right), compared, tally);
    }
    let bursts = Bursts::of(simulated, live, left, right);
    if !bursts.is_empty() {
        return burst::compare((simulated, live), (left, right), &bursts, compared, tally);
    }
    let pairs = pair_directions(simulated, live, left, right, &|_| true);
    let mark = tally.mark();
    compare_pairs((simulated, live), &pairs, &|_| true, tally);
    if tally.mark() == mark || pairs.iter().all(|(one, other)| one.is_some() && other.is_some()) {
        compare_order(simulated, live, (left, right), &pairs, tally);
    }
    compared.pairs.extend(pairs);
}

/// Compares frames that face each other field by field, and reports those that face none. `with_ack` tells of which
/// senders the number acknowledged counts.
pub(super) fn compare_pairs(
    (simulated, live): (&Side<'_>, &Side<'_>),
    pairs: &Pairs,
    with_ack: &dyn Fn(Option<HostId>) -> bool,
    tally: &mut Tally,
) {
    for (one, other) in pairs {
        match (one, other) {
            (Some(one), Some(other)) => {
                let with_ack = with_ack(simulated.seen[*one].frame.from);
                compare_frames((simulated, *one), (live, *other), with_ack, tally);
            }
            (Some(one), None) => tally.check(false, || {
                let text = describe(simulated, *one);
                Finding::new(
                    Subject::Presence,
                    Text::new("a frame only the simulator sent", "只有模拟发送的帧"),
                    text,
                    "-",
                )
                .at(Some(*one), None)
            }),
            (None, Some(other)) => tally.check(false, || {
                let text = describe(live, *other);
                Finding::new(
                    Subject::Presence,
                    Text::new("a frame only the kernel sent", "只有内核发送的帧"),
                    "-",
                    text,
                )
                .at(None, Some(*other))
            }),
            (None, None) => {}
        }
    }
}

/// Pairs the frames of a group, each direction for itself: what one end sends is its own order; how both interleave is
/// compared at each end afterwards.
/// `with_ack` tells of which senders the number acknowledged counts.
pub(super) fn pair_directions(
    simulated: &Side<'_>,
    live: &Side<'_>,
    left: &Group,
    right: &Group,
    with_ack: &dyn Fn(Option<HostId>) -> bool,
) -> Pairs {
    let senders = |side: &Side<'_>, group: &Group| -> Vec<Option<HostId>> {
        let mut senders: Vec<_> = group.frames.iter().map(|place| side.seen[*place].frame.from).collect();
        senders.sort_unstable();
        senders.dedup();
        senders
    };
    let mut all = senders(simulated, left);
    all.extend(senders(live, right));
    all.sort_unstable();
    all.dedup();
    let mut pairs = Pairs::new();
    for sender in all {
        let of = |side: &Side<'_>, group: &Group| -> Vec<usize> {
            group.frames.iter().copied().filter(|place| side.seen[*place].frame.from == sender).collect()
        };
        let (lefts, rights) = (of(simulated, left), of(live, right));
        let keys = |side: &Side<'_>, places: &[usize]| -> Vec<(String, Key)> {
            let key = |seen: &Seen<'_>| key(seen, with_ack(sender));
            places.iter().map(|place| (side.seen[*place].label(), key(&side.seen[*place]))).collect()
        };
        for (one, other) in align(&keys(simulated, &lefts), &keys(live, &rights)) {
            pairs.push((one.map(|one| lefts[one]), other.map(|other| rights[other])));
        }
    }
    pairs
}

/// What makes two frames of the same label the same one.
type Key = (Option<u32>, Option<u32>, usize);

fn key(seen: &Seen<'_>, with_ack: bool) -> Key {
    (
        seen.relative.map(|relative| relative.seq),
        seen.relative.and_then(|relative| relative.ack).filter(|_| with_ack),
        seen.text().len(),
    )
}

/// Compares two frames field by field.
fn compare_frames(one: (&Side<'_>, usize), other: (&Side<'_>, usize), with_ack: bool, tally: &mut Tally) {
    let (left, right) = (&one.0.seen[one.1], &other.0.seen[other.1]);
    let (at_left, at_right) = (Some(one.1), Some(other.1));
    let place = format!("{} {}", left.way(one.0.trace), left.label());
    let what = |field_en: &str, field_zh: &str| {
        Text::new(format!("{field_en} of {place}"), format!("{place} 的{field_zh}"))
    };
    let text = |value: Option<u32>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    let seq = |seen: &Seen<'_>| seen.relative.map(|relative| relative.seq);
    let ack = |seen: &Seen<'_>| seen.relative.and_then(|relative| relative.ack);
    let urgent = |seen: &Seen<'_>| {
        seen.segment()
            .filter(|segment| segment.flags.has(Flags::URG))
            .map(|segment| u32::from(segment.urgent))
    };
    let fields = [
        ("flags", "标志", left.label(), right.label()),
        ("seq", "序号", text(seq(left)), text(seq(right))),
        ("ack", "确认号", text(ack(left)), text(ack(right))),
        ("length", "长度", left.text().len().to_string(), right.text().len().to_string()),
        ("urgent pointer", "紧急指针", text(urgent(left)), text(urgent(right))),
    ];
    for (en, zh, simulated, live) in fields {
        if en == "ack" && !with_ack {
            continue;
        }
        tally.check(simulated == live, || {
            Finding::new(Subject::Field, what(en, zh), simulated, live).at(at_left, at_right)
        });
    }
    tally.check(left.lost() == right.lost(), || {
        Finding::new(Subject::Field, what("fate", "去向"), fate(left), fate(right)).at(at_left, at_right)
    });
    if left.text().len() == right.text().len() && !left.text().is_empty() {
        tally.check(left.text() == right.text(), || {
            Finding::new(Subject::Octets, what("text", "正文"), excerpt(left.text()), excerpt(right.text()))
                .at(at_left, at_right)
        });
    }
    if let (Some(simulated), Some(live)) = (left.segment(), right.segment()) {
        compare_options(simulated, live, &what, (at_left, at_right), tally);
        if let Some(handshake) = handshake(one.0, one.1).filter(|_| handshake(other.0, other.1).is_some()) {
            let (simulated, live) = (u64::from(simulated.window), u64::from(live.window));
            tally.check(simulated == live, || {
                Finding::numbers(Subject::Window(handshake), what("window", "窗口"), simulated, live)
                    .at(at_left, at_right)
            });
        }
    }
}

fn fate(seen: &Seen<'_>) -> Text {
    if seen.lost() { Text::new("lost", "丢失") } else { Text::new("delivered", "送达") }
}

/// Kinds and their order, and every value except those of MSS (compared by itself) and of timestamps.
fn compare_options(
    simulated: &Segment,
    live: &Segment,
    what: &dyn Fn(&str, &str) -> Text,
    at: (Option<usize>, Option<usize>),
    tally: &mut Tally,
) {
    let kinds = |segment: &Segment| {
        segment
            .options
            .iter()
            .map(|option| match option {
                TcpOption::Mss(_) => "mss".to_owned(),
                other => option_text(other),
            })
            .collect::<Vec<_>>()
            .join(",")
    };
    let (left, right) = (kinds(simulated), kinds(live));
    tally.check(left == right, || {
        Finding::new(Subject::Field, what("options", "选项"), format!("<{left}>"), format!("<{right}>"))
            .at(at.0, at.1)
    });
    if let (Some(left), Some(right)) = (simulated.mss(), live.mss()) {
        let (left, right) = (u64::from(left), u64::from(right));
        tally.check(left == right, || {
            let step = if simulated.flags.has(Flags::ACK) { Step::SynAck } else { Step::Syn };
            let handshake =
                Handshake { step, timestamps: has_timestamps(simulated) && has_timestamps(live), shift: 0 };
            Finding::numbers(Subject::Mss(handshake), what("MSS", " MSS"), left, right).at(at.0, at.1)
        });
    }
}

fn has_timestamps(segment: &Segment) -> bool {
    segment.options.iter().any(|option| matches!(option, TcpOption::Timestamps { .. }))
}

/// Where in a handshake the frame stands; `None` if in none.
fn handshake(side: &Side<'_>, place: usize) -> Option<Handshake> {
    let seen = side.seen.get(place)?;
    let segment = seen.segment()?;
    let timestamps = has_timestamps(segment);
    if segment.flags.has(Flags::RST) {
        return None;
    }
    if segment.flags.has(Flags::SYN) {
        let step = if segment.flags.has(Flags::ACK) { Step::SynAck } else { Step::Syn };
        return Some(Handshake { step, timestamps, shift: 0 });
    }
    // The completing ACK: the first segment after its sender's SYN.
    let relative = seen.relative?;
    if segment.flags.without(Flags::PSH) != Flags::ACK || relative.seq != 1 || relative.ack != Some(1) {
        return None;
    }
    let before = side.seen.get(..place)?;
    let mine = |other: &&Seen<'_>| other.flow == seen.flow && other.frame.from == seen.frame.from;
    let last = before.iter().rev().find(mine)?;
    let syn =
        last.segment().filter(|segment| segment.flags.has(Flags::SYN) && !segment.flags.has(Flags::ACK))?;
    let scale = |segment: &Segment| {
        segment.options.iter().find_map(|option| match option {
            TcpOption::WindowScale(shift) => Some(shift),
            _ => None,
        })
    };
    let theirs = before.iter().rev().find(|other| {
        other.flow == seen.flow && other.frame.from != seen.frame.from && other.has(Flags::SYN)
    });
    // Both sides must have offered the option for it to hold (RFC 7323 section 2.2).
    let shift = match (scale(syn), theirs.and_then(Seen::segment).and_then(scale)) {
        (Some(shift), Some(_)) => shift,
        _ => 0,
    };
    Some(Handshake { step: Step::Ack, timestamps, shift })
}

/// At each end, the order of what it sent and received must be the same in both runs.
pub(super) fn compare_order(
    simulated: &Side<'_>,
    live: &Side<'_>,
    groups: (&Group, &Group),
    pairs: &Pairs,
    tally: &mut Tally,
) {
    if !live.shows_arrivals() || !simulated.shows_arrivals() {
        return;
    }
    let mut hosts: Vec<HostId> = groups
        .0
        .frames
        .iter()
        .flat_map(|place| [simulated.seen[*place].frame.from, simulated.seen[*place].frame.to])
        .flatten()
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    let partner: BTreeMap<usize, usize> =
        pairs.iter().filter_map(|(one, other)| Some(((*other)?, (*one)?))).collect();
    for host in hosts {
        // Both orders in terms of the simulated frames' places.
        let left: Vec<(usize, bool)> = simulated
            .order_at(host, groups.0)
            .into_iter()
            .map(|(nth, sent)| (groups.0.frames[nth], sent))
            .collect();
        let right: Vec<(usize, bool)> = live
            .order_at(host, groups.1)
            .into_iter()
            .filter_map(|(nth, sent)| {
                let place = groups.1.frames[nth];
                Some((*partner.get(&place)?, sent))
            })
            .collect();
        let differs = left
            .iter()
            .zip(&right)
            .position(|(one, other)| one != other)
            .or_else(|| (left.len() != right.len()).then_some(left.len().min(right.len())));
        tally.check(differs.is_none(), || {
            let nth = differs.unwrap_or_default();
            let text = |order: &[(usize, bool)]| match order.get(nth) {
                None => Text::new("-", "-"),
                Some((place, sent)) => {
                    let frame = describe(simulated, *place);
                    let (en, zh) = if *sent { ("sent", "发送") } else { ("received", "收到") };
                    Text::new(format!("{en} {frame}"), format!("{zh} {frame}"))
                }
            };
            let host_name = name(simulated.trace, Some(host));
            Finding::new(
                Subject::Order,
                Text::new(
                    format!("order at {host_name}, step {}", nth + 1),
                    format!("{host_name} 收发的顺序，第 {} 步", nth + 1),
                ),
                text(&left),
                text(&right),
            )
            .at(left.get(nth).map(|(place, _)| *place), None)
        });
    }
}

/// A frame in one short line: `client > server SA seq 0 ack 1 len 5`.
pub(super) fn describe(side: &Side<'_>, place: usize) -> String {
    let Some(seen) = side.seen.get(place) else { return "-".to_owned() };
    let mut line = format!("{} {}", seen.way(side.trace), seen.label());
    if let Some(relative) = seen.relative {
        line += &format!(" seq {}", relative.seq);
        if let Some(ack) = relative.ack {
            line += &format!(" ack {ack}");
        }
    }
    if !seen.text().is_empty() {
        line += &format!(" len {}", seen.text().len());
    }
    line
}

/// The first octets of a text, readable.
pub(super) fn excerpt(octets: &[u8]) -> String {
    const SHOWN: usize = 24;
    let shown = octets.get(..SHOWN).unwrap_or(octets);
    let more = if octets.len() > SHOWN { "…" } else { "" };
    format!("{:?}{more} ({})", String::from_utf8_lossy(shown), octets.len())
}
