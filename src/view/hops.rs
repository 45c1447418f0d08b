//! The same packet at each hop: who passed it on, and which fields they rewrote, and why.

use super::brief::brief;
use super::lanes_text::{decimals, time};
use super::rewritten::{Hop, Journey, Rewrite, journeys, rewrites};
use super::wrapping_text::ink_of;
use super::{Ink, Line, Look, heading, remarks};
use crate::link::NodeKind;
use crate::trace::{Event, Frame, RecordId, Trace};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

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

/// The way of the frame that was sent so, from its maker up to that sending: what each who passed it on rewrote. Nothing for
/// a frame that nobody passed on.
pub fn way_to(
    trace: &Trace,
    passed_on: &BTreeMap<RecordId, RecordId>,
    sent: RecordId,
    look: &Look,
) -> Vec<Line> {
    let mut chain = vec![sent];
    while let Some(before) = chain.last().and_then(|last| passed_on.get(last)) {
        chain.push(*before);
    }
    if chain.len() < 2 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let mut told = BTreeSet::new();
    let mut before: Option<&Bytes> = None;
    for sending in chain.iter().rev().filter_map(|id| trace.records.get(id.0 as usize)) {
        let Event::FrameSent { frame, to, next, .. } = &sending.event else { continue };
        let from = sending.host.map_or("?", |from| trace.host_name(from));
        let to = next.or(*to).map_or("*", |to| trace.host_name(to));
        let kind = sending.host.and_then(|node| trace.meta.hosts.get(node.index())).map(|host| host.kind);
        let kind = kind.unwrap_or_default();
        let (rewrites, same) = before.map_or((Vec::new(), 0), |before| rewrites(before, frame, kind));
        let counts = before.map(|_| (rewrites.len(), same));
        let mut line = Line::new();
        line.to(1).push(look, Ink::Plain, &format!("{from} ▸ {to}"));
        line.push_until(
            look,
            Ink::Dim,
            &verb(kind, frame.len(), counts, translates(&rewrites), look),
            look.width,
        );
        lines.push(line);
        for rewrite in &rewrites {
            rewritten(rewrite, look, &mut told, &mut lines);
        }
        before = Some(frame);
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
        let kind = frame.from.and_then(|node| trace.meta.hosts.get(node.index())).map(|host| host.kind);
        let counts = hop.came_from.map(|_| (hop.rewrites.len(), hop.same));
        let words =
            verb(kind.unwrap_or_default(), frame.bytes.len(), counts, translates(&hop.rewrites), look);
        line.push_until(look, Ink::Dim, &words, look.width);
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

/// Whether addresses were translated.
fn translates(rewrites: &[Rewrite]) -> bool {
    rewrites.iter().any(|rewrite| ["ip.src", "ip.dst"].contains(&rewrite.key))
}

/// What the sender did with it; `counts` are fields rewritten and kept, of a frame that was passed on.
fn verb(kind: NodeKind, octets: usize, counts: Option<(usize, usize)>, nat: bool, look: &Look) -> String {
    let lang = look.lang;
    let who = if nat { "NAT" } else { kind.word(lang) };
    match counts {
        None => lang.pick(format!(": as it is made, {octets} octets"), format!("：原样发出，{octets} 字节")),
        Some((0, _)) => lang.pick(format!(": the {who} changes nothing"), format!("：{who}什么也不改")),
        Some((n, same)) => {
            let all = n + same;
            lang.pick(
                format!(": the {who} rewrites {n} of {all} fields"),
                format!("：{who}改写 {all} 个字段中的 {n} 个"),
            )
        }
    }
}

fn rewritten(rewrite: &Rewrite, look: &Look, told: &mut BTreeSet<String>, lines: &mut Vec<Line>) {
    let lang = look.lang;
    let absent = lang.pick("none", "无");
    let or_absent = |value: &str| if value.is_empty() { absent.to_owned() } else { value.to_owned() };
    let mut line = Line::new();
    // Where there is little room, nothing stands far in.
    let (name_at, why_at) = if look.width < Look::NARROWEST { (3, 5) } else { (6, 10) };
    line.to(name_at).push(look, ink_of(rewrite.osi), &format!("{} ", rewrite.layer.get(lang)));
    line.push_until(look, Ink::Plain, rewrite.name.get(lang), look.width);
    let change = format!("{} → {}", or_absent(&rewrite.before), or_absent(&rewrite.after));
    let beside = line.width().max(35) + 1;
    if beside + look.text_width(&change) > look.width {
        // Long values stand below the name, each on a line where both do not fit on one.
        for words in look.wrap(&change, look.width.saturating_sub(why_at)) {
            lines.push(std::mem::take(&mut line));
            line.to(why_at).push(look, Ink::Data, &words);
        }
    } else {
        line.to(beside).push(look, Ink::Data, &change);
    }
    lines.push(line);
    let why = rewrite.why.get(lang);
    if why.is_empty() || !told.insert(why.to_owned()) {
        return;
    }
    let cited = look.text_width(rewrite.cite) + 2;
    let wrapped = look.wrap(why, look.width.saturating_sub(why_at + cited));
    for (at, text) in wrapped.iter().enumerate() {
        let mut line = Line::new();
        line.to(why_at).push(look, Ink::Dim, text);
        if at + 1 == wrapped.len() {
            line.push_right(look, Ink::Dim, rewrite.cite, look.width);
        }
        lines.push(line);
    }
}
