//! Packet lists: exactly these, or these in this order.

use super::Finding;
use crate::lang::Text;
use crate::link::{FramePattern, Heading, HostId, Matcher, Which};
use crate::report::seen::{Seen, name, option_text, options_text};
use crate::scenario::{ExpectedPacket, Plan};
use crate::trace::Trace;
use crate::wire::{Flags, Segment};
use std::collections::BTreeSet;

/// The frames between the hosts that the list names are exactly these, in the order sent.
pub(super) fn exactly(plan: &Plan, trace: &Trace, seen: &[Seen<'_>], expected: &[ExpectedPacket]) -> Finding {
    if expected.is_empty() {
        return Err(names_nothing());
    }
    let came: Vec<&Seen<'_>> = seen.iter().filter(|frame| concerns(frame, expected)).collect();
    for (index, line) in expected.iter().enumerate() {
        let Some(frame) = came.get(index) else {
            return Err(Text::new(
                format!("line {} never came: {}", index + 1, line.text.trim()),
                format!("第 {} 行没有出现：{}", index + 1, line.text.trim()),
            ));
        };
        if let Some(differs) = deviation(plan, trace, frame, line) {
            return Err(first_deviation(plan, trace, &came, expected, index, &differs));
        }
    }
    match came.get(expected.len()) {
        None => Ok(()),
        Some(extra) => Err(Text::new(
            format!(
                "{} more than the {} expected, the first: {}",
                came.len() - expected.len(),
                expected.len(),
                rendered(plan, trace, extra)
            ),
            format!(
                "比预期的 {} 个多出 {} 个，第一个是：{}",
                expected.len(),
                came.len() - expected.len(),
                rendered(plan, trace, extra)
            ),
        )),
    }
}

/// These frames occur in this order, others between them. Taking the earliest match for each line loses nothing: whether
/// a frame matches does not depend on the frames before it.
pub(super) fn in_order(
    plan: &Plan,
    trace: &Trace,
    seen: &[Seen<'_>],
    expected: &[ExpectedPacket],
) -> Finding {
    if expected.is_empty() {
        return Err(names_nothing());
    }
    let mut next = 0;
    for (index, line) in expected.iter().enumerate() {
        let rest = seen.get(next..).unwrap_or(&[]);
        match rest.iter().position(|frame| deviation(plan, trace, frame, line).is_none()) {
            Some(place) => next += place + 1,
            None => {
                let near = rest.iter().find(|frame| kind_matches(frame, line));
                let near_text = near.map(|frame| {
                    let differs = deviation(plan, trace, frame, line).unwrap_or_default();
                    (rendered(plan, trace, frame), differs)
                });
                return Err(not_in_order(index, line, near_text));
            }
        }
    }
    Ok(())
}

fn names_nothing() -> Text {
    Text::new("the expectation names no packet", "该预期没有写任何报文")
}

fn not_in_order(index: usize, line: &ExpectedPacket, near: Option<(String, Text)>) -> Text {
    let (number, text) = (index + 1, line.text.trim());
    match near {
        None => Text::new(
            format!("line {number} never came after the lines before it: {text}"),
            format!("第 {number} 行在前几行之后没有出现：{text}"),
        ),
        Some((came, differs)) => Text::new(
            format!("line {number} never came: {text}\n    nearest: {came} ({})", differs.en),
            format!("第 {number} 行没有出现：{text}\n    最接近的是：{came}（{}）", differs.zh),
        ),
    }
}

/// Whether a frame runs between two hosts that the list names. A list with a line about anybody concerns all frames.
fn concerns(frame: &Seen<'_>, expected: &[ExpectedPacket]) -> bool {
    if expected.iter().any(|line| line.direction.from.is_none() || line.direction.to.is_none()) {
        return true;
    }
    let named: BTreeSet<Option<HostId>> =
        expected.iter().flat_map(|line| [line.direction.from, line.direction.to]).collect();
    // A broadcast is addressed to everybody.
    let frame = &frame.frame;
    let to_named = named.contains(&frame.to) || (frame.next.is_some() && named.contains(&frame.next));
    named.contains(&frame.from) && (frame.to.is_none() || to_named)
}

fn kind_matches(frame: &Seen<'_>, line: &ExpectedPacket) -> bool {
    let Some(packet) = &frame.packet else { return false };
    // A broadcast is addressed to everybody, so to the one the line names as well.
    let heading = frame.frame.heading();
    let heading = Heading { to: heading.to.or(line.direction.to), ..heading };
    Matcher::new(FramePattern { direction: line.direction, what: line.what, which: Which::Every })
        .matches(heading, packet)
}

/// What of the frame is not as the line says; `None` if it matches.
fn deviation(plan: &Plan, trace: &Trace, frame: &Seen<'_>, line: &ExpectedPacket) -> Option<Text> {
    if !kind_matches(frame, line) {
        let came = format!("{} {}", frame.way(trace), frame.label());
        return Some(Text::new(format!("came {came}"), format!("出现的是 {came}")));
    }
    let (seq, ack) = numbers(plan, frame);
    let window = frame.segment().map(|segment| u32::from(segment.window));
    let urgent = frame.segment().and_then(urgent_pointer);
    let len = u32::try_from(frame.text().len()).unwrap_or(u32::MAX);
    field("seq", line.seq, seq)
        .or_else(|| field("ack", line.ack, ack))
        .or_else(|| field("len", line.len, Some(len)))
        .or_else(|| field("win", line.window.map(u32::from), window))
        .or_else(|| field("urg", line.urgent.map(u32::from), urgent))
        .or_else(|| options_deviate(frame, line))
        .or_else(|| {
            (line.lost && !frame.lost())
                .then(|| Text::new("it arrived, and should be lost", "它到达了，而它应当丢失"))
        })
}

/// The urgent pointer, where it counts for anything.
fn urgent_pointer(segment: &Segment) -> Option<u32> {
    segment.flags.has(Flags::URG).then_some(u32::from(segment.urgent))
}

fn field(field_name: &str, expected: Option<u32>, came: Option<u32>) -> Option<Text> {
    let expected = expected?;
    (came != Some(expected)).then(|| match came {
        Some(came) => Text::new(
            format!("{field_name} is {came}, expected {expected}"),
            format!("{field_name} 是 {came}，预期 {expected}"),
        ),
        None => Text::new(
            format!("it has no {field_name}, expected {expected}"),
            format!("它没有 {field_name}，预期 {expected}"),
        ),
    })
}

fn options_deviate(frame: &Seen<'_>, line: &ExpectedPacket) -> Option<Text> {
    let expected = line.options.as_ref()?;
    let Some(segment) = frame.segment() else {
        return Some(Text::new("it is not TCP and has no options", "它不是 TCP，没有选项"));
    };
    let came: Vec<String> = segment.options.iter().map(option_text).collect();
    let same_length = came.len() == expected.len() || (line.more_options && came.len() > expected.len());
    let all = expected.iter().zip(&came).all(|(expected, came)| option_matches(expected, came));
    (!same_length || !all).then(|| {
        let (expected, came) = (expected.join(","), options_text(segment));
        Text::new(
            format!("options are <{came}>, expected <{expected}>"),
            format!("选项是 <{came}>，预期 <{expected}>"),
        )
    })
}

/// An option's name alone matches any value.
fn option_matches(expected: &str, came: &str) -> bool {
    let canonical = |text: &str| {
        let text = text.trim().to_ascii_lowercase();
        text.strip_prefix("ws ").map_or_else(|| text.clone(), |shift| format!("wscale {shift}"))
    };
    let (expected, came) = (canonical(expected), canonical(came));
    expected == came || came.split_once(' ').is_some_and(|(name, _)| name == expected)
}

/// Sequence and acknowledgment number as expectations write them: absolute where the counting host's ISN is given in
/// the scenario, else relative. `ack` counts the receiver's numbers.
pub(in crate::report) fn numbers(plan: &Plan, frame: &Seen<'_>) -> (Option<u32>, Option<u32>) {
    let (Some(segment), Some(relative)) = (frame.segment(), frame.relative) else { return (None, None) };
    let given = |host: Option<HostId>| {
        host.and_then(|host| plan.hosts.get(host.index())).is_some_and(|host| host.isn.is_some())
    };
    let by_address = |address: std::net::Ipv4Addr| {
        let place = plan.hosts.iter().position(|host| host.address == address)?;
        u16::try_from(place).ok().map(HostId)
    };
    // A forged segment counts in the numbers of the host whose address it bears.
    let (source, destination) = frame
        .addresses()
        .map_or((None, None), |(source, destination)| (by_address(source), by_address(destination)));
    let seq = if given(source.or(frame.frame.from)) { segment.seq.0 } else { relative.seq };
    let ack = relative.ack.map(|ack| if given(destination.or(frame.frame.to)) { segment.ack.0 } else { ack });
    (Some(seq), ack)
}

/// The frame in the words of an expectation.
pub(in crate::report) fn rendered(plan: &Plan, trace: &Trace, frame: &Seen<'_>) -> String {
    let mut line =
        format!("{} > {}  {}", name(trace, frame.frame.from), name(trace, frame.frame.to), frame.label());
    let (seq, ack) = numbers(plan, frame);
    if let Some(seq) = seq {
        line += &format!(" {seq}");
    }
    if let Some(ack) = ack {
        line += &format!(" ack {ack}");
    }
    if !frame.text().is_empty() {
        line += &format!(" len {}", frame.text().len());
    }
    if frame.lost() {
        line += " lost";
    }
    line
}

/// The first line that deviates, between the one before it and what came, as a diff.
fn first_deviation(
    plan: &Plan,
    trace: &Trace,
    came: &[&Seen<'_>],
    expected: &[ExpectedPacket],
    index: usize,
    differs: &Text,
) -> Text {
    let mut diff = String::new();
    if let Some(before) = index.checked_sub(1).and_then(|before| came.get(before)) {
        diff += &format!("\n    = {}", rendered(plan, trace, before));
    }
    if let Some(line) = expected.get(index) {
        diff += &format!("\n    - {}", line.text.trim());
    }
    if let Some(frame) = came.get(index) {
        diff += &format!("\n    + {}", rendered(plan, trace, frame));
    }
    Text::new(
        format!("line {}: {}{diff}", index + 1, differs.en),
        format!("第 {} 行：{}{diff}", index + 1, differs.zh),
    )
}
