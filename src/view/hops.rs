//! The same packet at each hop: who passed it on, and which fields they rewrote, and why.

use super::brief::brief;
use super::lanes_text::{decimals, time};
use super::rewritten::{Hop, Journey, Rewrite, journeys};
use super::wrapping_text::ink_of;
use super::{Ink, Line, Look, heading, remarks};
use crate::trace::{Frame, Trace};
use std::collections::BTreeSet;

/// Journeys drawn at most, and hops of one.
const MOST: usize = 60;
const MOST_HOPS: usize = 40;

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let frames = trace.frames();
    let mut lines = heading::heading(trace, look);
    let journeys = journeys(trace, &frames);
    if journeys.is_empty() {
        let none = lang.pick(
            "No frame was passed on: each went from its maker to its receiver over one wire.",
            "没有帧被转发：每个帧都从制造者经一条线路直达接收者。",
        );
        lines.extend(look.wrap(none, look.width).iter().map(|text| Line::of(look, Ink::Plain, text)));
        return lines;
    }
    let mut told = BTreeSet::new();
    for journey in journeys.iter().take(MOST) {
        told_journey(trace, &frames, journey, look, &mut told, &mut lines);
        lines.push(Line::new());
    }
    lines.pop();
    if journeys.len() > MOST {
        let rest = journeys.len() - MOST;
        let text = lang.pick(format!("… and {rest} more packets"), format!("… 此外还有 {rest} 个分组"));
        lines.push(Line::of(look, Ink::Dim, &text));
    }
    lines
}

/// What the frame was passed on as, or from what, as lines: its journey; none if it has none.
pub fn journey_of(trace: &Trace, frame: usize, look: &Look) -> Vec<Line> {
    let frames = trace.frames();
    let mut lines = Vec::new();
    let on_it =
        |journey: &&Journey| journey.hops.iter().any(|hop| hop.frame == frame || hop.also.contains(&frame));
    if let Some(journey) = journeys(trace, &frames).iter().find(on_it) {
        told_journey(trace, &frames, journey, look, &mut BTreeSet::new(), &mut lines);
    }
    lines
}

fn told_journey(
    trace: &Trace,
    frames: &[Frame<'_>],
    journey: &Journey,
    look: &Look,
    told: &mut BTreeSet<String>,
    lines: &mut Vec<Line>,
) {
    let lang = look.lang;
    for (at, hop) in journey.hops.iter().take(MOST_HOPS).enumerate() {
        let frame = &frames[hop.frame];
        let mut line = Line::new();
        if at == 0 {
            line.push(look, Ink::Heading, &time(frame.at, decimals(std::iter::once(frame.at))));
            line.push(look, Ink::Plain, "  ");
            let words = brief(frame, look);
            line.push_until(look, words.kind.ink(), &words.label, look.width);
            if let Some((source, destination)) = frame.packet().and_then(|packet| packet.addresses()) {
                line.push_until(look, Ink::Dim, &format!("  {source} → {destination}"), look.width);
            }
            lines.push(std::mem::take(&mut line));
        }
        line.to(2).push(look, Ink::Plain, &way(trace, frames, hop));
        let number = frame.number;
        let number = lang.pick(format!("  frame {number}"), format!("  第 {number} 帧"));
        line.push_until(look, Ink::Dim, &number, look.width);
        line.push_until(look, Ink::Dim, &verb(trace, frames, hop, look), look.width);
        lines.push(line);
        for rewrite in &hop.rewrites {
            rewritten(rewrite, look, told, lines);
        }
        for place in std::iter::once(&hop.frame).chain(&hop.also) {
            if let Some(why) = frames[*place].lost().or_else(|| frames[*place].dropped()) {
                let mut line = Line::new();
                let words = remarks::lost(why, look);
                line.to(6).push_until(look, Ink::Lost, &format!("✗ {words}"), look.width);
                lines.push(line);
            }
        }
    }
    if journey.hops.len() > MOST_HOPS {
        let rest = journey.hops.len() - MOST_HOPS;
        let text = lang.pick(format!("  … and {rest} more hops"), format!("  … 此外还有 {rest} 跳"));
        lines.push(Line::of(look, Ink::Dim, &text));
    }
}

/// `r1 ▸ r2`; of those who got it unchanged at the same moment all: `s1 ▸ b, c, d`.
fn way(trace: &Trace, frames: &[Frame<'_>], hop: &Hop) -> String {
    let name = |place: &usize| {
        let frame = &frames[*place];
        frame.next.or(frame.to).map_or("*", |to| trace.host_name(to)).to_owned()
    };
    let from = frames[hop.frame].from.map_or("?", |from| trace.host_name(from));
    let to: Vec<String> = std::iter::once(&hop.frame).chain(&hop.also).map(name).collect();
    format!("{from} ▸ {}", to.join(", "))
}

/// What the sender did with it.
fn verb(trace: &Trace, frames: &[Frame<'_>], hop: &Hop, look: &Look) -> String {
    let lang = look.lang;
    let octets = frames[hop.frame].bytes.len();
    if hop.came_from.is_none() {
        return lang.pick(format!(": as it is made, {octets} octets"), format!("：原样发出，{octets} 字节"));
    }
    let kind = frames[hop.frame].from.and_then(|node| trace.meta.hosts.get(node.index()));
    let kind = kind.map_or("?", |host| host.kind.word(lang));
    match (hop.rewrites.len(), hop.same + hop.rewrites.len()) {
        (0, _) => lang.pick(format!(": the {kind} changes nothing"), format!("：{kind}什么也不改")),
        (n, all) => lang.pick(
            format!(": the {kind} rewrites {n} of {all} fields"),
            format!("：{kind}改写 {all} 个字段中的 {n} 个"),
        ),
    }
}

fn rewritten(rewrite: &Rewrite, look: &Look, told: &mut BTreeSet<String>, lines: &mut Vec<Line>) {
    let lang = look.lang;
    let absent = lang.pick("none", "无");
    let or_absent = |value: &str| if value.is_empty() { absent.to_owned() } else { value.to_owned() };
    let mut line = Line::new();
    line.to(6).push(look, ink_of(rewrite.osi), &format!("{} ", rewrite.layer.get(lang)));
    line.push_until(look, Ink::Plain, rewrite.name.get(lang), look.width);
    let change = format!("{} → {}", or_absent(&rewrite.before), or_absent(&rewrite.after));
    let beside = line.width().max(35) + 1;
    if beside + look.text_width(&change) > look.width {
        lines.push(std::mem::take(&mut line));
        line.to(8.min(look.width / 8)).push_until(look, Ink::Data, &change, look.width);
    } else {
        line.to(beside).push(look, Ink::Data, &change);
    }
    lines.push(line);
    let why = rewrite.why.get(lang);
    if why.is_empty() || !told.insert(why.to_owned()) {
        return;
    }
    let cited = look.text_width(rewrite.cite) + 2;
    let wrapped = look.wrap(why, look.width.saturating_sub(10 + cited));
    for (at, text) in wrapped.iter().enumerate() {
        let mut line = Line::new();
        line.to(10).push(look, Ink::Dim, text);
        if at + 1 == wrapped.len() {
            line.push_right(look, Ink::Dim, rewrite.cite, look.width);
        }
        lines.push(line);
    }
}
