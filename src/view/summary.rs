//! Floods and long transfers in a sequence diagram: the first frames, a line that sums up, the last frame.

use super::Look;
use super::brief::Kind;
use super::lanes::{Across, Arrow, Beside, Diagram, Part, Row};
use super::sequence::may_be_summed_up;
use std::collections::BTreeMap;

/// Runs of at least this many arrows of the same two sorts are summed up.
const LONG: usize = 14;
/// So many arrows at the beginning of a run stay.
const FIRST: usize = 4;
/// So many at its end.
const LAST: usize = 2;

/// What makes arrows alike.
type Sort = (usize, usize, Kind, bool);

fn sort(arrow: &Arrow) -> Sort {
    (arrow.from, arrow.to, arrow.kind, arrow.part == Part::Lost)
}

/// Replaces the middle of each long run of like arrows by one row that counts them.
pub fn sum_up(diagram: &mut Diagram, look: &Look) {
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
        let first = arrows[FIRST];
        let last = arrows[arrows.len() - LAST];
        kept.extend_from_slice(&rows[at..first]);
        let text = count(&rows[first..last], diagram, look);
        kept.push(Row::across(rows[last - 1].at, diagram.lanes.len(), Across::Summary(text)));
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
        if let Some(arrow) = &row.arrow {
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
        Kind::Other => lang.pick("other", "其他"),
    }
}
