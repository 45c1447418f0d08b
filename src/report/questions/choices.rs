//! Choices: wrong answers that tempt, and the order in which all are offered.

use super::grading::{Kind, same};
use super::{Form, Found, plain};
use crate::clock::{Draws, Span};
use crate::lang::Text;

/// How many wrong answers are offered beside the right one.
const WRONG: usize = 3;

/// From how many of the most tempting they are drawn.
const TEMPTING: usize = 6;

/// A multiple choice for an answer.
pub(super) fn offered(draws: &Draws, entity: u64, found: &Found) -> Result<Form, Text> {
    let Some(right) = found.right.first() else {
        return Err(Text::new("there is no answer", "没有答案"));
    };
    let mut wrong: Vec<Text> = Vec::new();
    let mut made = made(found.kind, &right.en);
    let rest = made.split_off(made.len().min(2));
    for other in made.into_iter().chain(found.others.iter().cloned()).chain(rest) {
        let is_right = found.right.iter().any(|right| {
            same(found.kind, &other.en, &right.en)
                || same(found.kind, &other.zh, &right.zh)
                || *right == other
        });
        if !is_right && !wrong.contains(&other) {
            wrong.push(other);
        }
    }
    if wrong.is_empty() {
        return Err(Text::new("there is nothing else to choose from", "没有别的选项可供选择"));
    }
    wrong.truncate(TEMPTING);
    let drawn = shuffled_for(draws, "wrong choices", entity, wrong.len());
    let mut options = vec![right.clone()];
    options.extend(drawn.iter().take(WRONG).filter_map(|place| wrong.get(*place).cloned()));
    let (options, right) = deal(draws, entity, options, 0);
    Ok(Form::Choice { options, right })
}

/// The options in the order the seed gives them, and where the right one came to lie.
pub(super) fn deal(draws: &Draws, entity: u64, options: Vec<Text>, right: usize) -> (Vec<Text>, usize) {
    let order = shuffled(draws, entity, options.len());
    let dealt = order.iter().filter_map(|place| options.get(*place).cloned()).collect();
    (dealt, order.iter().position(|place| *place == right).unwrap_or(0))
}

/// The numbers below `count` in an order of the seed's.
pub(super) fn shuffled(draws: &Draws, entity: u64, count: usize) -> Vec<usize> {
    shuffled_for(draws, "order of choices", entity, count)
}

fn shuffled_for(draws: &Draws, purpose: &'static str, entity: u64, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    // Fisher and Yates: every order is as likely as any other.
    for last in (1..count).rev() {
        let other = draws.below(purpose, entity, last as u64, last as u64 + 1) as usize;
        order.swap(last, other);
    }
    order
}

/// Wrong answers made of the right one.
fn made(kind: Kind, right: &str) -> Vec<Text> {
    match kind {
        Kind::Number => near(right),
        Kind::Time(right) => times(right),
        Kind::Flags => ["S", "SA", "A", "PA", "FA", "R", "RA"].map(plain).to_vec(),
        Kind::Word => Vec::new(),
    }
}

/// One more, one less, twice and half as much, and none.
fn near(right: &str) -> Vec<Text> {
    let Ok(right) = right.parse::<u64>() else { return Vec::new() };
    let candidates =
        [right.checked_add(1), right.checked_sub(1), right.checked_mul(2), Some(right / 2), Some(0)];
    candidates.into_iter().flatten().map(|number| plain(number.to_string())).collect()
}

/// Twice, half, three times as long, and at once.
fn times(right: Span) -> Vec<Text> {
    let half = Span::nanos(right.as_nanos() / 2);
    [right * 2, half, right * 3, Span::ZERO].into_iter().map(|span| plain(span_words(span))).collect()
}

/// A time as people say it: seconds from one second on, with what stands behind the point.
pub(super) fn span_words(span: Span) -> String {
    const MILLISECOND: u64 = 1_000_000;
    const SECOND: u64 = 1_000 * MILLISECOND;
    match span.as_nanos() {
        0..MILLISECOND => span.to_string(),
        nanos @ MILLISECOND..SECOND => trimmed(nanos, MILLISECOND, "ms"),
        nanos => trimmed(nanos, SECOND, "s"),
    }
}

/// A number of units with what stands behind the point, without noughts at its end.
fn trimmed(nanos: u64, unit: u64, name: &str) -> String {
    let digits = unit.ilog10() as usize;
    let behind = format!(".{:0digits$}", nanos % unit);
    format!("{}{}{name}", nanos / unit, behind.trim_end_matches('0').trim_end_matches('.'))
}
