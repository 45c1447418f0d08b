//! SND.UNA and the rest over time: one table for each endpoint, a row for each moment something changed.

use super::calls_text::{place, span};
use super::lanes_text::{decimals, time};
use super::{Ink, Line, Look, heading};
use crate::clock::{Instant, Span};
use crate::trace::{EndpointId, Event, Trace};
use std::collections::BTreeMap;

/// Endpoints shown at most.
const MOST: usize = 12;
/// Rows shown of one endpoint at most.
const MOST_ROWS: usize = 120;

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut lines = heading::heading(trace, look);
    let mut endpoints: Vec<EndpointId> = Vec::new();
    for record in &trace.records {
        if let Event::Variables { endpoint, .. } = &record.event
            && !endpoints.contains(endpoint)
        {
            endpoints.push(*endpoint);
        }
    }
    if endpoints.is_empty() {
        let text = lang.pick("no variable was recorded", "没有记录到任何变量");
        lines.push(Line::of(look, Ink::Dim, text));
        return lines;
    }
    for endpoint in endpoints.iter().take(MOST) {
        table(trace, *endpoint, look, &mut lines);
        lines.push(Line::new());
    }
    lines.pop();
    if !look.absolute {
        let text = lang.pick(
            "sequence variables count from iss and irs; --absolute shows them as they are",
            "序号变量从 iss 与 irs 数起；--absolute 显示原值",
        );
        lines.push(Line::new());
        lines.extend(look.wrap(text, look.width).iter().map(|text| Line::of(look, Ink::Dim, text)));
    }
    lines
}

/// The values of one endpoint's variables as they are at a moment.
type Values = BTreeMap<&'static str, u64>;

fn table(trace: &Trace, endpoint: EndpointId, look: &Look, lines: &mut Vec<Line>) {
    let info = trace.endpoint(endpoint);
    let mut order: Vec<&'static str> = Vec::new();
    let mut changes: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut rows: Vec<(Instant, Values)> = Vec::new();
    let mut values = Values::new();
    for record in &trace.records {
        let Event::Variables { endpoint: whose, changes: list } = &record.event else { continue };
        if *whose != endpoint {
            continue;
        }
        for change in list {
            if !order.contains(&change.variable) {
                order.push(change.variable);
            }
            match change.after {
                Some(after) => {
                    if values.insert(change.variable, after).is_some_and(|before| before != after) {
                        *changes.entry(change.variable).or_default() += 1;
                    }
                }
                // What a sequence number counts from is still good to know when the block shrinks to a TIME-WAIT entry.
                None if is_base(change.variable) => {}
                None => {
                    values.remove(change.variable);
                }
            }
        }
        match rows.last_mut() {
            Some((at, row)) if *at == record.at => row.clone_from(&values),
            _ => rows.push((record.at, values.clone())),
        }
    }
    rows.retain(|(_, values)| values.keys().any(|name| !is_base(name)));
    let mut title = Line::of(look, Ink::Heading, &place(trace, info.local));
    if let Some(remote) = info.remote {
        title.push(look, Ink::Dim, &format!(" — {}", place(trace, remote)));
    }
    lines.push(title);
    let moves = |name: &&'static str| changes.contains_key(name) && !is_base(name);
    let moving: Vec<&'static str> = order.iter().copied().filter(moves).collect();
    let still: Vec<&'static str> = order.iter().copied().filter(|name| !moves(name)).collect();
    draw_rows(&rows, &moving, look, lines);
    let constants: Vec<String> = still
        .iter()
        .filter_map(|name| {
            rows.iter()
                .rev()
                .find_map(|(_, row)| Some(format!("{name} {}", shown(name, *row.get(name)?, row, look))))
        })
        .collect();
    if !constants.is_empty() {
        let words = look.lang.pick("unchanged: ", "不变：").to_owned() + &constants.join(", ");
        for text in look.wrap(&words, look.width - 2) {
            let mut line = Line::new();
            line.to(2).push(look, Ink::Dim, &text);
            lines.push(line);
        }
    }
}

fn draw_rows(rows: &[(Instant, Values)], moving: &[&'static str], look: &Look, lines: &mut Vec<Line>) {
    let decimals = decimals(rows.iter().map(|(at, _)| *at));
    let times = 2 + rows.iter().map(|(at, _)| time(*at, decimals).len()).max().unwrap_or(5);
    let cell = |name: &str, values: &Values| {
        values.get(name).map_or("·".to_owned(), |v| shown(name, *v, values, look))
    };
    let widths: Vec<usize> = moving
        .iter()
        .map(|name| rows.iter().map(|(_, row)| cell(name, row).len()).max().unwrap_or(0).max(name.len()) + 2)
        .collect();
    // Columns that do not fit beside each other go below, as a table of their own.
    let mut start = 0;
    while start < moving.len() {
        let mut end = start;
        let mut width = times;
        while end < moving.len() && (end == start || width + widths[end] <= look.width) {
            width += widths[end];
            end += 1;
        }
        let mut header = Line::new();
        let mut column = times;
        for at in start..end {
            column += widths[at];
            header.push_right(look, Ink::Dim, moving[at], column);
        }
        lines.push(header);
        let mut before: Option<Vec<String>> = None;
        let mut drawn = 0;
        for (moment, values) in rows {
            let cells: Vec<String> = moving[start..end].iter().map(|name| cell(name, values)).collect();
            if before.as_ref() == Some(&cells) {
                continue;
            }
            drawn += 1;
            if drawn > MOST_ROWS {
                lines.push(Line::of(look, Ink::Dim, look.lang.pick("  … and more", "  … 还有更多")));
                break;
            }
            let mut line = Line::new();
            line.push_right(look, Ink::Dim, &time(*moment, decimals), times);
            let mut column = times;
            for (at, text) in cells.iter().enumerate() {
                column += widths[start + at];
                let same = before.as_ref().is_some_and(|before| before[at] == *text);
                line.push_right(look, if same { Ink::Dim } else { Ink::State }, text, column);
            }
            lines.push(line);
            before = Some(cells);
        }
        start = end;
    }
}

fn shown(name: &str, value: u64, values: &Values, look: &Look) -> String {
    variable_words(name, value, [values.get("iss").copied(), values.get("irs").copied()], look)
}

/// A variable's value for people: times in words; a sequence number counts from its direction's initial one (of `[iss, irs]`),
/// unless the real ones are asked for.
pub fn variable_words(name: &str, value: u64, [iss, irs]: [Option<u64>; 2], look: &Look) -> String {
    let is_time = matches!(name, "rto" | "srtt" | "rttvar") || name.starts_with("timer.");
    if is_time {
        return span(Span::micros(value));
    }
    let base = match name {
        "snd.una" | "snd.nxt" | "snd.up" | "snd.wl2" => iss,
        "rcv.nxt" | "rcv.up" | "snd.wl1" => irs,
        _ => None,
    };
    match base {
        // Before anything came from the peer there is nothing to count from.
        Some(base) if !look.absolute && value != 0 => (value as u32).wrapping_sub(base as u32).to_string(),
        Some(_) | None => value.to_string(),
    }
}

/// The numbers that others count from.
fn is_base(name: &str) -> bool {
    matches!(name, "iss" | "irs")
}
