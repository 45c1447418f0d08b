//! Floods and long transfers in a sequence diagram: the first frames, a line that sums up, the last frame.

use super::Look;
use super::brief::Kind;
use super::lanes::{Across, Arrow, Beside, Diagram, Part, Row};
use super::sequence::may_be_summed_up;
use crate::clock::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// Runs of at least this many arrows of the same two sorts are summed up.
const LONG: usize = 14;
/// So many arrows at the beginning of a run stay.
const FIRST: usize = 4;
/// So many at its end.
const LAST: usize = 2;

/// A diagram of more rows than this, after like arrows are summed up, nobody reads: its middle is counted.
const MOST_ROWS: usize = 600;
/// Of such a diagram, so many rows at its beginning stay.
const HEAD: usize = 160;
/// So many at its end.
const TAIL: usize = 40;
/// Into so many lines its middle is counted.
const SLICES: usize = 8;

/// Sums up what repeats itself; and whatever it is, a diagram that is still too long to read.
pub fn shorten(diagram: &mut Diagram, look: &Look) {
    let whole = (diagram.rows.len() > MOST_ROWS).then(|| diagram.rows.clone());
    fold_repeated_connections(diagram, look);
    fold_hellos(diagram, look);
    sum_up(diagram, look);
    if let Some(whole) = whole.filter(|_| diagram.rows.len() > MOST_ROWS) {
        diagram.rows = cut(whole, diagram, look);
    }
}

/// The beginning, the middle counted, the end.
fn cut(mut rows: Vec<Row>, diagram: &Diagram, look: &Look) -> Vec<Row> {
    let tail = rows.split_off(rows.len() - TAIL);
    let middle = rows.split_off(HEAD);
    for slice in middle.chunks(middle.len().div_ceil(SLICES)) {
        let mut summary =
            Row::across(slice[0].at, diagram.lanes.len(), Across::Summary(count(slice, diagram, look)));
        summary.record = slice[0].record;
        rows.push(summary);
    }
    rows.extend(tail);
    rows
}

/// What makes arrows alike.
type Sort = (usize, usize, Kind, bool);

fn sort(arrow: &Arrow) -> Sort {
    (arrow.from, arrow.to, arrow.kind, arrow.part == Part::Lost)
}

/// How often a port's message of spanning tree is drawn before it is only counted.
const HELLOS: usize = 2;

/// Connections that go the same way, from this many on, are drawn once and counted.
const SAME_WAY: usize = 4;

/// Of connections that went exactly the same way only the first is drawn; the others are counted where they begin.
fn fold_repeated_connections(diagram: &mut Diagram, look: &Look) {
    let mut shapes: BTreeMap<u16, String> = BTreeMap::new();
    let mut order: Vec<u16> = Vec::new();
    for row in &diagram.rows {
        let Some(flow) = row.flow else { continue };
        if !shapes.contains_key(&flow) {
            order.push(flow);
        }
        shapes.entry(flow).or_default().push_str(&shape(row));
    }
    let mut first_of: BTreeMap<&str, u16> = BTreeMap::new();
    let mut like: BTreeMap<u16, u16> = BTreeMap::new();
    let mut sizes: BTreeMap<u16, usize> = BTreeMap::new();
    for flow in &order {
        let first = *first_of.entry(shapes[flow].as_str()).or_insert(*flow);
        like.insert(*flow, first);
        *sizes.entry(first).or_default() += 1;
    }
    let folded = |flow: u16| {
        let first = like[&flow];
        (flow != first && sizes[&first] >= SAME_WAY).then_some(first)
    };
    let mut kept: Vec<Row> = Vec::with_capacity(diagram.rows.len());
    let mut begun: BTreeSet<u16> = BTreeSet::new();
    let mut counted: Option<(u16, usize, Instant)> = None;
    for row in std::mem::take(&mut diagram.rows) {
        let Some((flow, first)) = row.flow.and_then(|flow| Some((flow, folded(flow)?))) else {
            counted = None;
            kept.push(row);
            continue;
        };
        if !begun.insert(flow) {
            continue;
        }
        let (count, since) = match counted {
            Some((known, count, since)) if known == first => {
                kept.pop();
                (count + 1, since)
            }
            _ => (1, row.at),
        };
        counted = Some((first, count, since));
        let until = row.at;
        let text = if count == 1 {
            look.lang.pick(format!("one more just like :{first}"), format!("另有 1 个连接与 :{first} 一样"))
        } else {
            look.lang.pick(
                format!("{count} more just like :{first}, from {since} to {until} s"),
                format!("另有 {count} 个连接与 :{first} 一样，{since} 到 {until} 秒"),
            )
        };
        kept.push(Row::across(since, diagram.lanes.len(), Across::Summary(text)));
    }
    diagram.rows = kept;
}

/// Spanning tree says the same again and again: what a port has said twice is only counted from then on.
fn fold_hellos(diagram: &mut Diagram, look: &Look) {
    let mut said: BTreeMap<(usize, usize, String), usize> = BTreeMap::new();
    let mut kept: Vec<Row> = Vec::with_capacity(diagram.rows.len());
    let mut counted: Option<(usize, Instant)> = None;
    for row in std::mem::take(&mut diagram.rows) {
        let message = row.arrow.as_ref().filter(|arrow| arrow.kind == Kind::Tree);
        let times = message.map_or(0, |arrow| {
            let times = said.entry((arrow.from, arrow.to, arrow.label.clone())).or_default();
            *times += usize::from(arrow.part != Part::Arrives);
            *times
        });
        if times <= HELLOS || row.asides.iter().any(Option::is_some) {
            counted = None;
            kept.push(row);
            continue;
        }
        let (count, since) = match counted {
            Some((count, since)) => {
                kept.pop();
                (count + 1, since)
            }
            None => (1, row.at),
        };
        counted = Some((count, since));
        let text = look.lang.pick(
            format!("{count} times spanning tree says again what it said"),
            format!("生成树把说过的话又说了 {count} 次"),
        );
        let mut summary = Row::across(since, diagram.lanes.len(), Across::Summary(text));
        summary.record = row.record;
        kept.push(summary);
    }
    diagram.rows = kept;
}

/// What a row shows, without the numbers that tell one connection from another.
fn shape(row: &Row) -> String {
    let plain = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "");
    let arrow =
        row.arrow.as_ref().map(|arrow| (arrow.from, arrow.to, arrow.kind, arrow.part, plain(&arrow.label)));
    let asides: Vec<_> =
        row.asides.iter().map(|aside| aside.as_ref().map(|aside| plain(&aside.text))).collect();
    format!("{arrow:?}{asides:?}")
}

/// Replaces the middle of each long run of like arrows by one row that counts them.
fn sum_up(diagram: &mut Diagram, look: &Look) {
    let rows = std::mem::take(&mut diagram.rows);
    let mut kept = Vec::with_capacity(rows.len());
    let mut at = 0;
    while at < rows.len() {
        let end = run_end(&rows, at);
        let arrows: Vec<usize> = (at..end).filter(|row| rows[*row].arrow.is_some()).collect();
        if arrows.len() < LONG {
            // A run ends where a third sort begins; the next one may begin at any row of this one.
            kept.push(rows[at].clone());
            at += 1;
            continue;
        }
        let first = arrows[FIRST - 1] + 1;
        let last = arrows[arrows.len() - LAST - 1] + 1;
        kept.extend_from_slice(&rows[at..first]);
        let text = count(&rows[first..last], diagram, look);
        kept.push(Row::across(rows[first].at, diagram.lanes.len(), Across::Summary(text)));
        kept.extend_from_slice(&rows[last..end]);
        at = end;
    }
    diagram.rows = kept;
}

/// Where a run that begins at the row ends: at a third sort of arrow, at a state, at trouble, at words across.
fn run_end(rows: &[Row], start: usize) -> usize {
    let mut sorts: Vec<Sort> = Vec::new();
    for (at, row) in rows.iter().enumerate().skip(start) {
        let eventful = row.asides.iter().flatten().any(|aside| match aside.what {
            Beside::State | Beside::Error => true,
            Beside::Call | Beside::Note | Beside::Trouble => false,
        });
        if row.across.is_some() || eventful {
            return at;
        }
        let Some(arrow) = &row.arrow else { continue };
        let sort = sort(arrow);
        if !sorts.contains(&sort) {
            if sorts.len() == 2 || !may_be_summed_up(arrow.kind) {
                return at;
            }
            sorts.push(sort);
        }
    }
    rows.len()
}

fn count(rows: &[Row], diagram: &Diagram, look: &Look) -> String {
    let lang = look.lang;
    let mut counts: BTreeMap<Sort, usize> = BTreeMap::new();
    let mut calls = 0;
    for row in rows {
        // A frame that others cross stands on two rows.
        if let Some(arrow) = row.arrow.as_ref().filter(|arrow| arrow.part != Part::Arrives) {
            *counts.entry(sort(arrow)).or_default() += 1;
        }
        calls += row.asides.iter().flatten().filter(|aside| aside.what == Beside::Call).count();
    }
    let name = |lane: usize| diagram.lanes[lane].name.as_str();
    let mut parts: Vec<String> = counts
        .iter()
        .map(|((from, to, kind, lost), n)| {
            let lost = if *lost { lang.pick(" lost", "，丢失") } else { "" };
            format!("{} > {}: {n} {}{lost}", name(*from), name(*to), kind_words(*kind, look))
        })
        .collect();
    if calls > 0 {
        parts.push(lang.pick(format!("{calls} calls"), format!("{calls} 次调用")));
    }
    let total: usize = counts.values().sum();
    let list = parts.join(lang.pick("; ", "；"));
    lang.pick(format!("{total} more like these ({list})"), format!("此处还有 {total} 帧（{list}）"))
}

fn kind_words(kind: Kind, look: &Look) -> &'static str {
    let lang = look.lang;
    match kind {
        Kind::Syn => "SYN",
        Kind::Data => lang.pick("data", "数据"),
        Kind::Ack => lang.pick("acknowledgments", "确认"),
        Kind::Fin => "FIN",
        Kind::Rst => "RST",
        Kind::Udp => lang.pick("datagrams", "用户数据报"),
        Kind::Icmp => "ICMP",
        Kind::Arp => "ARP",
        Kind::Tree => "STP",
        Kind::Other => lang.pick("other", "其他"),
    }
}
