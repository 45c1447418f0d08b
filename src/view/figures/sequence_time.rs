//! The sequence-time graph after Stevens: each segment at its time and number, the acknowledgments as a line below,
//! what went again and what SACK reports marked. Read from frames alone, so that it serves kernels and captures too.

use super::super::Look;
use super::super::calls_text::place;
use super::{Curve, Figure, Mark, MarkKind, Points, Unit, Whose, label, sender, senders};
use crate::clock::{Instant, Span};
use crate::trace::{Frame, Trace};
use crate::wire::{Segment, Seq, TcpOption};

/// The graph of the ends that sent most, the runs on the same axes.
pub fn sequence_time(runs: &[(&str, &Trace)], look: &Look) -> Figure {
    let lang = look.lang;
    let all = senders(runs);
    let mut curves = Vec::new();
    let mut marks = Vec::new();
    for (subject, whose) in all.iter().enumerate() {
        let Some((found, _, acknowledged)) = progress(whose) else { continue };
        let words = lang.pick("acknowledged", "已确认");
        curves.push(Curve { label: label(words, whose, &all), subject, dash: 1, points: acknowledged });
        marks.extend(found.into_iter().map(|mark| Mark { subject, ..mark }));
    }
    let times =
        marks.iter().map(|mark| mark.at).chain(curves.iter().flat_map(|c| c.points.iter().map(|p| p.0)));
    let (from, until) = times.fold((None, Instant::ZERO), |(from, until), at| {
        (Some(from.map_or(at, |known: Instant| known.min(at))), until.max(at))
    });
    // A little air at both ends: what happens at once would lie on the axis.
    let from = from.unwrap_or(Instant::ZERO);
    let air = Span::nanos(until.since(from).as_nanos() / 50 + 1);
    let (from, until) = (Instant::ZERO + from.since(Instant::ZERO).saturating_sub(air), until + air);
    let who = match &all[..] {
        [one] => one.trace.endpoint(one.endpoint).remote.map_or_else(
            || one.name.clone(),
            |remote| format!("{} → {}", one.name, place(one.trace, remote)),
        ),
        _ => String::new(),
    };
    let title = lang.pick("Octets sent and acknowledged", "发送与确认的字节序号");
    let title =
        if who.is_empty() { title.to_owned() } else { format!("{title}{}{who}", lang.pick(", ", "，")) };
    Figure { title, unit: Unit::Octets, from, until, curves, marks }
}

/// What one end sent as marks; its highest number over time; and how far that was acknowledged, as the acknowledgments reached it.
pub(super) fn progress(whose: &Whose<'_>) -> Option<(Vec<Mark>, Points, Points)> {
    let trace = whose.trace;
    let info = trace.endpoint(whose.endpoint);
    let (local, remote) = (info.local, info.remote?);
    let mut marks = Vec::new();
    let (mut highest, mut acknowledged) = (Points::new(), Points::new());
    let (mut top, mut known) = (0u64, 0u64);
    for frame in trace.frames() {
        let (Some(segment), Some(relative)) = (frame.tcp(), frame.relative()) else { continue };
        if sender(trace, &frame) == Some(whose.endpoint) {
            let low = u64::from(relative.seq);
            let high = low + segment.payload.len() as u64;
            if high == low {
                continue;
            }
            let kind = if low < top { MarkKind::Again } else { MarkKind::Sent };
            marks.push(Mark { kind, subject: 0, at: frame.at, low, high });
            if frame.lost().is_some() {
                marks.push(Mark { kind: MarkKind::Lost, subject: 0, at: frame.at, low, high });
            }
            if high > top {
                top = high;
                highest.push((frame.at, top));
            }
        } else if frame.ends() == Some((remote, local)) {
            let (Some(at), Some(ack)) = (frame.arrived_at(), relative.ack.map(u64::from)) else { continue };
            // A FIN takes a number too, but is no octet of text.
            let ack = ack.min(top.max(1));
            if ack > known || acknowledged.is_empty() {
                known = known.max(ack);
                acknowledged.push((at, known));
            }
            marks.extend(sacked(&frame, segment, ack, top).into_iter().map(|(low, high)| Mark {
                kind: MarkKind::Sack,
                subject: 0,
                at,
                low,
                high,
            }));
        }
    }
    // Acknowledgments are taken in the order they were sent; what overtook another is sorted in.
    acknowledged.sort();
    Some((marks, highest, acknowledged))
}

/// The blocks of text, up to `top`, that a segment's SACK option reports, counted like its acknowledgment.
fn sacked(frame: &Frame<'_>, segment: &Segment, ack: u64, top: u64) -> Vec<(u64, u64)> {
    let base = frame.relative().and_then(|relative| relative.ack_base);
    let count = |number: Seq| u64::from(base.map_or(number.0, |base| number - base));
    let mut found = Vec::new();
    for option in segment.options.iter() {
        if let TcpOption::Sack(blocks) = option {
            // A FIN behind the text may be in a block too.
            found.extend(blocks.iter().map(|(left, right)| (count(*left), count(*right).min(top))));
        }
    }
    // A duplicate that D-SACK reports lies below the acknowledgment: nothing is missing there.
    found.retain(|(low, high)| ack <= *low && low < high);
    found
}
