//! Every frame by layer: what each layer wraps around what is above it, whose octets are whose, and every field: where it
//! lies, its octets, its value, what that says, and the section that defines it.

use super::brief::brief;
use super::lanes_text::{decimals, time};
use super::wrapping::Wrapping;
use super::wrapping_text::{dump, ink_of, table};
use super::{Ink, Line, Look, heading};
use crate::trace::{Frame, Trace};
use crate::wire::{Field, Layer, decode};

/// Frames unfolded at most; a flood would fill the screen for hours.
const MOST: usize = 200;

/// Where the names of fields end, and where their values begin.
const NAME_END: usize = 33;
const VALUE: usize = 45;

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let frames = trace.frames();
    let mut lines = heading::heading(trace, look);
    for frame in frames.iter().take(MOST) {
        lines.extend(unfold(trace, frame, look));
        lines.push(Line::new());
    }
    if frames.len() > MOST {
        let rest = frames.len() - MOST;
        let text = look.lang.pick(format!("… and {rest} more frames"), format!("… 此外还有 {rest} 帧"));
        lines.push(Line::of(look, Ink::Dim, &text));
    } else {
        lines.pop();
    }
    lines
}

/// One frame, unfolded.
pub fn unfold(trace: &Trace, frame: &Frame<'_>, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let words = brief(frame, look);
    let from = frame.from.map_or("?", |host| trace.host_name(host));
    let to = frame.to.map_or("*", |host| trace.host_name(host));
    let at = time(frame.at, decimals(std::iter::once(frame.at)));
    let octets = frame.bytes.len();
    let mut line = Line::new();
    let title = lang.pick(format!("frame {}", frame.number), format!("第 {} 帧", frame.number));
    line.push(look, Ink::Heading, &title);
    let about = lang.pick(
        format!("  {at} s  {from} > {to}, {octets} octets  "),
        format!("  {at} s  {from} > {to}，{octets} 字节  "),
    );
    line.push_until(look, Ink::Plain, &about, look.width);
    line.push_until(look, words.kind.ink(), &words.label, look.width);
    let mut lines = vec![line];
    let layers = decode(frame.bytes);
    lines.extend(table(&Wrapping::of(&layers, octets), frame.bytes, look));
    lines.extend(dump(&layers, frame.bytes, look));
    for layer in layers {
        let section = section(&layer);
        lines.push(layer_line(&layer, section, look));
        if let Some(flaw) = &layer.flaw {
            for text in look.wrap(&flaw.sentence(lang), look.width - 9) {
                let mut line = Line::new();
                line.to(9).push(look, Ink::Bad, &text);
                lines.push(line);
            }
        }
        for field in &layer.fields {
            field_lines(field, section, look, &mut lines);
        }
    }
    lines
}

/// The section that defines most fields of a layer: they need not name it.
pub fn section(layer: &Layer) -> &'static str {
    let cites = layer.fields.iter().map(|field| field.cite);
    let times = |cite: &str| layer.fields.iter().filter(|field| field.cite == cite).count();
    // Of equals the first: `max_by_key` would take the last.
    cites.rev().max_by_key(|cite| times(cite)).unwrap_or_default()
}

fn layer_line(layer: &Layer, section: &str, look: &Look) -> Line {
    let mut line = Line::new();
    let last = layer.end.saturating_sub(1).max(layer.start);
    line.push(look, Ink::Dim, &format!("  {:02x}-{:02x}", layer.start, last)).to(9);
    line.push(look, ink_of(layer.osi), layer.name.get(look.lang));
    let size = layer.end - layer.start;
    line.push(look, Ink::Plain, &look.lang.pick(format!("  {size} octets  "), format!("  {size} 字节  ")));
    line.push(look, Ink::Dim, section);
    let models = format!(
        "OSI {} {} · TCP/IP {}",
        layer.osi,
        layer.osi_name.get(look.lang),
        layer.tcpip.get(look.lang)
    );
    line.push(look, Ink::Plain, " ");
    line.push_right(look, Ink::Dim, &models, look.width);
    line
}

fn field_lines(field: &Field, section: &str, look: &Look, lines: &mut Vec<Line>) {
    let lang = look.lang;
    let mut line = Line::new();
    let last = field.bytes.end.saturating_sub(1).max(field.bytes.start);
    let place = if field.bytes.len() <= 1 {
        format!("{:02x}", field.bytes.start)
    } else {
        format!("{:02x}-{last:02x}", field.bytes.start)
    };
    // Beyond octet ff a place takes more room.
    line.to(4).push(look, Ink::Dim, &place).to(if place.len() > 5 { 12 } else { 10 });
    line.push_until(look, Ink::Plain, field.name.get(lang), NAME_END).to(NAME_END + 1);
    let raw: String = match &field.bits {
        Some(bits) => {
            let bits = if bits.len() <= 1 {
                bits.start.to_string()
            } else {
                format!("{}-{}", bits.start, bits.end - 1)
            };
            lang.pick(format!("bit {bits}"), format!("位 {bits}"))
        }
        None => field.raw.clone(),
    };
    line.push_until(look, Ink::Dim, &raw, VALUE - 1).to(VALUE);
    line.push_until(look, Ink::Data, &field.value, look.width);
    let meaning = look.clean(field.meaning.get(lang)).into_owned();
    let cite = if field.cite == section { "" } else { field.cite };
    let cited = if cite.is_empty() { 0 } else { look.text_width(cite) + 2 };
    // What fits beside the value stands there; longer words go below it.
    let start = line.width().max(VALUE + 5) + 2;
    if start + look.text_width(&meaning) + cited <= look.width {
        line.to(start).push(look, Ink::Dim, &meaning);
        line.push_right(look, Ink::Dim, cite, look.width);
        lines.push(line);
        return;
    }
    lines.push(line);
    let wrapped = look.wrap(&meaning, look.width - 12 - cited);
    for (at, text) in wrapped.iter().enumerate() {
        let mut line = Line::new();
        line.to(12).push(look, Ink::Dim, text);
        if at + 1 == wrapped.len() {
            line.push_right(look, Ink::Dim, cite, look.width);
        }
        lines.push(line);
    }
}
