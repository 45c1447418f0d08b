//! Many scripts: a line for each, and the table of verdicts.

use super::{Item, Outcome, Standing};
use crate::drill::{ProblemKind, Verdict};
use crate::lang::Lang;
use crate::view::{Ink, Line, Look};
use std::collections::BTreeMap;
use std::time::Duration;

/// Cells for a script's name at most.
const NAME: usize = 44;

/// Of what is not modelled, so many scripts are named for each thing.
const MOST_NAMED: usize = 3;

fn seconds(time: f64, lang: Lang) -> String {
    lang.pick(format!("{time:.3} s"), format!("{time:.3} 秒"))
}

/// A line for each script: its mark, its name below the folder that all lie in, its verdict, and why in a sentence.
pub(super) fn lines(items: &[Item], look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let common = if items.len() > 1 { common_folder(items) } else { 0 };
    let name = |item: &Item| item.source.name.get(common..).unwrap_or_default().to_owned();
    let width = items.iter().map(|item| look.text_width(&name(item))).max().unwrap_or(0).min(NAME);
    let words =
        items.iter().map(|item| look.text_width(item.outcome.standing().word(lang))).max().unwrap_or(0);
    let line = |item: &Item| {
        let (ink, mark) = item.outcome.standing().ink();
        let mut line = Line::new();
        line.push(look, ink, mark).to(2);
        line.push(look, Ink::Plain, &ending(&name(item), width, look)).to(width + 4);
        line.push(look, ink, item.outcome.standing().word(lang)).to(width + words + 6);
        // What is said of a single script stands below, at length.
        let passed = item.outcome.standing() == Standing::Pass;
        if passed || items.len() > 1 {
            line.push_until(look, Ink::Dim, &reason(item, lang), look.width);
        }
        line
    };
    items.iter().map(line).collect()
}

/// Octets of the names up to the last `/` that is at the same place in all of them.
fn common_folder(items: &[Item]) -> usize {
    let Some((first, rest)) = items.split_first() else { return 0 };
    let first = &first.source.name;
    let same =
        |other: &Item| first.bytes().zip(other.source.name.bytes()).take_while(|(a, b)| a == b).count();
    let same = rest.iter().map(same).min().unwrap_or(0);
    first.as_bytes()[..same].iter().rposition(|octet| *octet == b'/').map_or(0, |at| at + 1)
}

/// The name, or its end where it is too long: that is what differs.
fn ending(name: &str, width: usize, look: &Look) -> String {
    if look.text_width(name) <= width {
        return name.to_owned();
    }
    let mut end = String::new();
    for c in name.chars().rev() {
        if look.text_width(&end) + look.char_width(c) + 1 > width {
            break;
        }
        end.insert(0, c);
    }
    format!("…{end}")
}

fn reason(item: &Item, lang: Lang) -> String {
    let place = |line: usize| lang.pick(format!("line {line}: "), format!("第 {line} 行："));
    match &item.outcome {
        Outcome::Broken(mistakes) => mistakes
            .first()
            .map(|mistake| place(mistake.line) + mistake.message.get(lang))
            .unwrap_or_default(),
        Outcome::Ran(_, ran) if ran.unseen > 0 => {
            let n = ran.unseen;
            lang.pick(
                format!("{n} packets of the kernel were missed: run it again"),
                format!("漏看了内核的 {n} 个报文：请再运行一次"),
            )
        }
        Outcome::Ran(script, ran) => match &ran.verdict {
            Verdict::Pass => seconds(ran.ended.as_secs_f64(), lang),
            Verdict::Fail(problem) | Verdict::Unsupported(problem) => {
                let diagnostic = problem.diagnostic(script);
                place(diagnostic.line) + diagnostic.message.get(lang)
            }
        },
    }
}

/// What of each verdict there is, and what is missing how often.
pub(super) fn table(items: &[Item], look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut lines = vec![Line::new()];
    let columns = [14, 24, 40, 56];
    let mut heading = Line::new();
    heading.push(look, Ink::Dim, lang.pick("verdict", "结论"));
    for (text, end) in [
        lang.pick("scripts", "脚本数"),
        lang.pick("script time", "脚本时间"),
        lang.pick("real time", "实际用时"),
    ]
    .iter()
    .zip(&columns[1..])
    {
        heading.push_right(look, Ink::Dim, text, *end);
    }
    lines.push(heading);
    let mut rows: BTreeMap<Standing, Vec<&Item>> = BTreeMap::new();
    for item in items {
        rows.entry(item.outcome.standing()).or_default().push(item);
    }
    for (standing, items) in &rows {
        lines.push(row(standing.word(lang), standing.ink().0, items, &columns, look));
    }
    if rows.len() > 1 {
        let all: Vec<&Item> = items.iter().collect();
        lines.push(row(lang.pick("all", "合计"), Ink::Heading, &all, &columns, look));
    }
    lines.extend(missing(items, look));
    lines
}

fn row(name: &str, ink: Ink, items: &[&Item], columns: &[usize; 4], look: &Look) -> Line {
    let virtual_time: f64 = items
        .iter()
        .filter_map(|item| match &item.outcome {
            Outcome::Ran(_, ran) => Some(ran.ended.as_secs_f64()),
            Outcome::Broken(_) => None,
        })
        .sum();
    let real: Duration = items.iter().map(|item| item.real).sum();
    let mut line = Line::new();
    line.push(look, ink, name).push_right(look, Ink::Plain, &items.len().to_string(), columns[1]);
    line.push_right(look, Ink::Dim, &seconds(virtual_time, look.lang), columns[2]);
    line.push_right(look, Ink::Dim, &seconds(real.as_secs_f64(), look.lang), columns[3]);
    line
}

/// What is not modelled, the most frequent first, with some of the scripts that want it.
fn missing(items: &[Item], look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in items {
        if let Outcome::Ran(_, ran) = &item.outcome
            && let Verdict::Unsupported(problem) = &ran.verdict
            && let ProblemKind::Unsupported(what) = &problem.kind
        {
            let name = item.source.name.rsplit('/').next().unwrap_or(&item.source.name);
            wanted.entry(what).or_default().push(name.trim_end_matches(".pkt"));
        }
    }
    let mut wanted: Vec<(&str, Vec<&str>)> = wanted.into_iter().collect();
    wanted.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    if wanted.is_empty() {
        return Vec::new();
    }
    let width = wanted.iter().map(|(what, _)| look.text_width(what)).max().unwrap_or(0).min(40);
    let mut lines = vec![Line::new()];
    lines.push(Line::of(
        look,
        Ink::Dim,
        lang.pick("unsupported, by what is missing", "未支持的，按缺什么计"),
    ));
    for (what, names) in wanted {
        let more = names.len().saturating_sub(MOST_NAMED);
        let mut shown = names[..names.len().min(MOST_NAMED)].join(", ");
        if more > 0 {
            shown.push_str(" …");
        }
        let mut line = Line::new();
        line.push_right(look, Ink::Plain, &names.len().to_string(), 4).to(6);
        line.push_until(look, Ink::Warn, what, 6 + width).to(8 + width);
        line.push_until(look, Ink::Dim, &shown, look.width);
        lines.push(line);
    }
    lines
}
