//! The frame of the step: its fields layer by layer, beside them its octets with those of the chosen field in brackets.

use crate::trace::{Event, RecordId};
use crate::view::wrapping::Wrapping;
use crate::view::{Ink, Line, Look, ink_of, osi_of};
use crate::walk::Walk;
use crate::wire::{Field, Layer, decode};
use bytes::Bytes;
use std::ops::Range;

/// Octets in a row of the dump.
const ROW: usize = 8;
/// Cells of the dump: the offset, the octets with a cell before each and one behind the last.
const DUMP: usize = 6 + ROW * 3 + 1;

/// The frame of a step.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its octets.
    octets: Bytes,
    layers: Vec<Layer>,
}

/// How many fields the present step's frame has.
pub fn fields(walk: &Walk) -> usize {
    Frame::of(walk).map_or(0, |frame| frame.layers.iter().map(|layer| layer.fields.len()).sum())
}

impl Frame {
    /// The frame of the present step, as it arrived if it arrives in it.
    pub fn of(walk: &Walk) -> Option<Frame> {
        let sent = walk.step()?.frame?;
        let damaged = walk.here().records(walk.at()).iter().find_map(|record| match &record.event {
            Event::FrameArrived { sent: whose, changed: Some(changed) } if *whose == sent => {
                Some(changed.clone())
            }
            _ => None,
        });
        let octets = damaged.or_else(|| sent_octets(walk, sent))?;
        Some(Frame { layers: decode(&octets), octets })
    }

    /// The pane, `height` lines of it at most: fields and octets above, what the chosen field says below.
    pub fn lines(&self, chosen: usize, height: usize, look: &Look) -> Vec<Line> {
        let says = self.says(chosen, look);
        let below = if height > says.len() + 2 { says.len() } else { 0 };
        let room = height - below;
        let with_dump = look.width >= DUMP + 40;
        let list_width = if with_dump { look.width - DUMP - 1 } else { look.width };
        let (list, keep) = self.list(chosen, &Look { width: list_width, ..look.clone() });
        let from = window(list.len(), keep, room);
        let bytes = self.chosen(chosen).map_or(0..0, |(_, field)| field.bytes.clone());
        let dump = if with_dump { self.dump(&bytes, look) } else { Vec::new() };
        let dump_from = window(dump.len(), bytes.start / ROW, room);
        let mut lines = Vec::new();
        for row in 0..room.min((list.len() - from).max(dump.len() - dump_from)) {
            let mut line = list.get(from + row).cloned().unwrap_or_default();
            if let Some(octets) = dump.get(dump_from + row) {
                line.to(list_width + 1).append(octets);
            }
            lines.push(line);
        }
        lines.extend(says.into_iter().take(below));
        lines
    }

    fn chosen(&self, chosen: usize) -> Option<(&Layer, &Field)> {
        let fields =
            self.layers.iter().flat_map(|layer| layer.fields.iter().map(move |field| (layer, field)));
        fields.into_iter().nth(chosen)
    }

    /// Layers and fields, and the line of the chosen one.
    fn list(&self, chosen: usize, look: &Look) -> (Vec<Line>, usize) {
        let lang = look.lang;
        let mut lines = Vec::new();
        let mut keep = 0;
        let mut number = 0;
        let wrapping = Wrapping::of(&self.layers, self.octets.len());
        let wire = wrapping.on_the_wire();
        let sum = format!(
            "{}{}",
            wrapping.sum(lang),
            lang.pick(format!("; wire {wire}"), format!("；线路 {wire}"))
        );
        for words in look.wrap(&sum, look.width.saturating_sub(2)) {
            let mut line = Line::new();
            line.to(1).push(look, Ink::Dim, &words);
            lines.push(line);
        }
        for layer in &self.layers {
            let mut line = Line::new();
            line.to(1).push_until(look, ink_of(layer.osi), layer.name.get(lang), look.width);
            let octets = layer.end - layer.start;
            line.push_until(look, Ink::Dim, &format!(" {octets}"), look.width);
            let (osi, internet) = (layer.osi_name.get(lang), layer.tcpip.get(lang));
            line.push_until(look, Ink::Dim, &format!("  OSI {} {osi} · {internet}", layer.osi), look.width);
            lines.push(line);
            if let Some(flaw) = &layer.flaw {
                let mut line = Line::new();
                line.to(3).push_until(look, Ink::Bad, &flaw.sentence(lang), look.width);
                lines.push(line);
            }
            for field in &layer.fields {
                let mut line = Line::new();
                let is_chosen = number == chosen;
                if is_chosen {
                    keep = lines.len();
                    line.push_until(look, Ink::Warn, "▸", 2);
                }
                line.to(2).push_until(look, Ink::Dim, &octets_place(&field.bytes), 8).to(8);
                let name_end = 8 + (look.width.saturating_sub(8)) * 11 / 20;
                let ink = if is_chosen { Ink::Warn } else { Ink::Plain };
                line.push_until(look, ink, field.name.get(lang), name_end).to(name_end + 1);
                line.push_until(look, Ink::Data, &field.value, look.width);
                lines.push(line);
                number += 1;
            }
        }
        (lines, keep)
    }

    /// The octets, those of the chosen field between brackets.
    fn dump(&self, chosen: &Range<usize>, look: &Look) -> Vec<Line> {
        let mut lines = Vec::new();
        for (row, octets) in self.octets.chunks(ROW).enumerate() {
            let mut line = Line::new();
            line.push(look, Ink::Dim, &format!("{:04x} ", row * ROW)).to(5);
            for (at, octet) in octets.iter().enumerate() {
                let at = row * ROW + at;
                let inside = chosen.contains(&at);
                let gap = match (inside, at) {
                    (true, at) if at == chosen.start => "[",
                    (false, at) if at == chosen.end && !chosen.is_empty() && at % ROW != 0 => "]",
                    _ => " ",
                };
                line.push(look, Ink::Warn, gap);
                let ink = if inside { Ink::Warn } else { ink_of(osi_of(&self.layers, at)) };
                line.push(look, ink, &format!("{octet:02x}"));
            }
            let end = row * ROW + octets.len();
            if !chosen.is_empty() && chosen.end == end {
                line.push(look, Ink::Warn, "]");
            }
            lines.push(line);
        }
        lines
    }

    /// What the chosen field says: its octets or bits, its meaning, its section.
    fn says(&self, chosen: usize, look: &Look) -> Vec<Line> {
        let lang = look.lang;
        let Some((layer, field)) = self.chosen(chosen) else { return Vec::new() };
        let bits = field.bits.as_ref().map_or(String::new(), |bits| {
            let last = bits.end.saturating_sub(1);
            let range =
                if bits.len() <= 1 { bits.start.to_string() } else { format!("{}-{last}", bits.start) };
            lang.pick(format!(", bit {range}"), format!("，位 {range}"))
        });
        let mut words = lang.pick(
            format!(
                "{} {} = {} (0x{}{bits})",
                layer.name.get(lang),
                field.name.get(lang),
                field.value,
                field.raw
            ),
            format!(
                "{} {} = {}（0x{}{bits}）",
                layer.name.get(lang),
                field.name.get(lang),
                field.value,
                field.raw
            ),
        );
        let meaning = field.meaning.get(lang);
        if !meaning.is_empty() {
            words.push_str(lang.pick(": ", "："));
            words.push_str(meaning);
        }
        let mut wrapped = look.wrap(&words, look.width.saturating_sub(2));
        wrapped.truncate(3);
        let mut lines: Vec<Line> = wrapped
            .iter()
            .map(|text| {
                let mut line = Line::new();
                line.to(1).push(look, Ink::Warn, text);
                line
            })
            .collect();
        if !field.cite.is_empty() {
            let room = lines.last().map_or(0, |last| look.width.saturating_sub(last.width() + 3));
            if look.text_width(field.cite) > room {
                lines.push(Line::new());
            }
            if let Some(last) = lines.last_mut() {
                last.push_right(look, Ink::Dim, field.cite, look.width.saturating_sub(1));
            }
        }
        lines
    }
}

fn sent_octets(walk: &Walk, sent: RecordId) -> Option<Bytes> {
    match &walk.trace().records.get(sent.0 as usize)?.event {
        Event::FrameSent { frame, .. } => Some(frame.clone()),
        _ => None,
    }
}

/// `0e`, or `0e-11`.
fn octets_place(bytes: &Range<usize>) -> String {
    match bytes.len() {
        0 | 1 => format!("{:02x}", bytes.start),
        _ => format!("{:02x}-{:02x}", bytes.start, bytes.end - 1),
    }
}

/// From which line on to show, so that the line `keep` is within `room` lines, near the middle.
pub fn window(lines: usize, keep: usize, room: usize) -> usize {
    keep.saturating_sub(room / 2).min(lines.saturating_sub(room))
}
