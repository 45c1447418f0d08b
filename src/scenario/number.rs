//! Numbers, times and rates, and the arithmetic on them that expectations and knobs need.

use super::Number;
use super::cursor::{Cursor, Scene};
use super::lex::Word;
use super::source::{Mistake, Parse};
use crate::clock::Span;
use std::ops::{Range, RangeInclusive};

/// A number while it is being computed: a count, or a time in nanoseconds. May be negative underway.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Amount {
    Count(i128),
    Time(i128),
}

const UNITS: [(&str, bool, i128); 15] = [
    ("", false, 1),
    ("k", false, 1_000),
    ("K", false, 1_000),
    ("M", false, 1_000_000),
    ("G", false, 1_000_000_000),
    ("ns", true, 1),
    ("us", true, 1_000),
    ("µs", true, 1_000),
    ("μs", true, 1_000),
    ("ms", true, 1_000_000),
    ("s", true, 1_000_000_000),
    ("min", true, 60_000_000_000),
    ("h", true, 3_600_000_000_000),
    ("d", true, 86_400_000_000_000),
    ("day", true, 86_400_000_000_000),
];

/// What a unit multiplies by, and whether it makes a time (nanoseconds).
pub(super) fn unit(name: &str) -> Option<(i128, bool)> {
    UNITS.into_iter().find(|(known, ..)| *known == name).map(|(_, time, scale)| (scale, time))
}

/// Reads an expression of numbers and times; its value is not negative.
pub(super) fn number(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<(Number, Range<usize>)> {
    let start = cursor.span().start;
    let amount = sum(cursor, 0)?;
    let span = cursor.since(start);
    let (value, time) = match amount {
        Amount::Count(value) => (value, false),
        Amount::Time(value) => (value, true),
    };
    if value < 0 {
        let (en, zh) = if time {
            ("a time is never negative", "时间不能为负")
        } else {
            ("it must not be negative", "不能为负数")
        };
        scene.report(Mistake::new(span.clone(), en, zh));
    }
    let value = u64::try_from(value.max(0)).map_err(|_| too_large(span.clone()))?;
    Ok((if time { Number::Time(Span::nanos(value)) } else { Number::Count(value) }, span))
}

/// Reads a whole number within `range`; `en` and `zh` name what it is. One outside is reported, and the nearest inside returned.
pub(super) fn whole(
    cursor: &mut Cursor<'_>,
    scene: &mut Scene,
    range: RangeInclusive<u64>,
    en: &str,
    zh: &str,
) -> Parse<u64> {
    if !starts_number(cursor) {
        return Err(cursor.expected(en, zh));
    }
    let (found, span) = number(cursor, scene)?;
    match found {
        Number::Count(value) => {
            check_range(value, range.clone(), span, scene, en, zh);
            Ok(value.clamp(*range.start(), *range.end()))
        }
        Number::Time(_) => {
            scene.report(Mistake::new(
                span,
                format!("{en} is a whole number, not a time"),
                format!("{zh}是整数，不是时间"),
            ));
            Ok(*range.start())
        }
    }
}

/// Reads a single number, or an expression in parentheses: what stands behind `*` in `"x" * 1000`.
pub(super) fn single(
    cursor: &mut Cursor<'_>,
    scene: &mut Scene,
    range: RangeInclusive<u64>,
    en: &str,
    zh: &str,
) -> Parse<u64> {
    let start = cursor.span().start;
    let amount = factor(cursor, 0)?;
    let span = cursor.since(start);
    match amount {
        Amount::Count(value) => {
            let value = u64::try_from(value.max(0)).map_err(|_| too_large(span.clone()))?;
            check_range(value, range.clone(), span, scene, en, zh);
            Ok(value.clamp(*range.start(), *range.end()))
        }
        Amount::Time(_) => Err(Box::new(Mistake::new(
            span,
            format!("{en} is a whole number, not a time"),
            format!("{zh}是整数，不是时间"),
        ))),
    }
}

/// Reports a value outside of `range`.
pub(super) fn check_range(
    value: u64,
    range: RangeInclusive<u64>,
    span: Range<usize>,
    scene: &mut Scene,
    en: &str,
    zh: &str,
) {
    if range.contains(&value) {
        return;
    }
    let (low, high) = (range.start(), range.end());
    scene.report(
        Mistake::new(span, format!("{en} {value} is out of range"), format!("{zh} {value} 超出范围"))
            .help(format!("from {low} to {high}"), format!("范围是 {low} 到 {high}")),
    );
}

/// Reads a time.
pub(super) fn time(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<Span> {
    if !starts_number(cursor) {
        return Err(Box::new(
            (*cursor.expected("a time", "时间")).help("such as 20ms, 1.5s, 2h", "例如 20ms、1.5s、2h"),
        ));
    }
    let (found, span) = number(cursor, scene)?;
    Ok(match found {
        Number::Time(time) => time,
        Number::Count(0) => Span::ZERO,
        Number::Count(value) => {
            scene.report(Mistake::new(span, "a time needs a unit", "时间需要单位").help(
                format!("{value}s, {value}ms… (ns us ms s min h d)"),
                format!("{value}s、{value}ms……（ns us ms s min h d）"),
            ));
            Span::ZERO
        }
    })
}

fn starts_number(cursor: &Cursor<'_>) -> bool {
    match cursor.peek() {
        Some(Word::Number(_)) => true,
        Some(Word::Sign(sign)) => matches!(*sign, "(" | "-"),
        Some(Word::Name(name)) => matches!(*name, "min" | "max"),
        Some(Word::Address(_) | Word::Bracketed(_) | Word::Text(_)) | None => false,
    }
}

/// How deep parentheses may go.
const DEPTH: usize = 32;

fn sum(cursor: &mut Cursor<'_>, depth: usize) -> Parse<Amount> {
    let start = cursor.span().start;
    let mut left = product(cursor, depth)?;
    loop {
        let minus = cursor.is_sign("-");
        if !minus && !cursor.is_sign("+") {
            return Ok(left);
        }
        cursor.advance();
        let right = product(cursor, depth)?;
        let span = cursor.since(start);
        let combine = |a: i128, b: i128| if minus { a.checked_sub(b) } else { a.checked_add(b) };
        left = match (left, right) {
            (Amount::Count(a), Amount::Count(b)) => combine(a, b).map(Amount::Count),
            (Amount::Time(a), Amount::Time(b)) => combine(a, b).map(Amount::Time),
            (Amount::Count(_), Amount::Time(_)) | (Amount::Time(_), Amount::Count(_)) => {
                return Err(mixed(span));
            }
        }
        .ok_or_else(|| too_large(span))?;
    }
}

fn product(cursor: &mut Cursor<'_>, depth: usize) -> Parse<Amount> {
    let start = cursor.span().start;
    let mut left = factor(cursor, depth)?;
    loop {
        let divide = cursor.is_sign("/");
        if !divide && !cursor.is_sign("*") {
            return Ok(left);
        }
        cursor.advance();
        let right = factor(cursor, depth)?;
        let span = cursor.since(start);
        let result = if divide { quotient(left, right, &span)? } else { times(left, right, &span)? };
        left = result.ok_or_else(|| too_large(span))?;
    }
}

fn times(left: Amount, right: Amount, span: &Range<usize>) -> Parse<Option<Amount>> {
    Ok(match (left, right) {
        (Amount::Count(a), Amount::Count(b)) => a.checked_mul(b).map(Amount::Count),
        (Amount::Count(a), Amount::Time(b)) | (Amount::Time(a), Amount::Count(b)) => {
            a.checked_mul(b).map(Amount::Time)
        }
        (Amount::Time(_), Amount::Time(_)) => return Err(mixed(span.clone())),
    })
}

fn quotient(left: Amount, right: Amount, span: &Range<usize>) -> Parse<Option<Amount>> {
    if matches!(right, Amount::Count(0) | Amount::Time(0)) {
        return Err(Box::new(Mistake::new(span.clone(), "division by zero", "除数为零")));
    }
    Ok(match (left, right) {
        (Amount::Count(a), Amount::Count(b)) | (Amount::Time(a), Amount::Time(b)) => {
            a.checked_div(b).map(Amount::Count)
        }
        (Amount::Time(a), Amount::Count(b)) => a.checked_div(b).map(Amount::Time),
        (Amount::Count(_), Amount::Time(_)) => return Err(mixed(span.clone())),
    })
}

/// A number, something in parentheses, `min(…)`, `max(…)`.
fn factor(cursor: &mut Cursor<'_>, depth: usize) -> Parse<Amount> {
    if depth > DEPTH {
        return Err(Box::new(Mistake::new(cursor.span(), "too many parentheses", "括号嵌套太深")));
    }
    if cursor.sign("-") {
        return Ok(match factor(cursor, depth + 1)? {
            Amount::Count(value) => Amount::Count(value.saturating_neg()),
            Amount::Time(value) => Amount::Time(value.saturating_neg()),
        });
    }
    if cursor.sign("(") {
        let inner = sum(cursor, depth + 1)?;
        cursor.expect_sign(")")?;
        return Ok(inner);
    }
    for (name, greatest) in [("min", false), ("max", true)] {
        if cursor.keyword(name) {
            return extreme(cursor, greatest, depth + 1);
        }
    }
    let span = cursor.span();
    match cursor.peek() {
        Some(Word::Number(raw)) => {
            cursor.advance();
            amount(raw, span)
        }
        Some(Word::Name(_) | Word::Address(_) | Word::Bracketed(_) | Word::Text(_) | Word::Sign(_))
        | None => Err(cursor.expected("a number", "数字")),
    }
}

fn extreme(cursor: &mut Cursor<'_>, greatest: bool, depth: usize) -> Parse<Amount> {
    let start = cursor.span().start;
    cursor.expect_sign("(")?;
    let mut best = sum(cursor, depth)?;
    while cursor.sign(",") {
        let next = sum(cursor, depth)?;
        best = match (best, next) {
            (Amount::Count(a), Amount::Count(b)) => Amount::Count(if greatest { a.max(b) } else { a.min(b) }),
            (Amount::Time(a), Amount::Time(b)) => Amount::Time(if greatest { a.max(b) } else { a.min(b) }),
            (Amount::Count(_), Amount::Time(_)) | (Amount::Time(_), Amount::Count(_)) => {
                return Err(mixed(cursor.since(start)));
            }
        };
    }
    cursor.expect_sign(")")?;
    Ok(best)
}

/// A number as written, with its unit.
fn amount(raw: &str, span: Range<usize>) -> Parse<Amount> {
    if let Some(hex) = raw.strip_prefix("0x") {
        return u64::from_str_radix(&hex.replace('_', ""), 16)
            .map(|value| Amount::Count(value.into()))
            .map_err(|_| {
                Box::new(Mistake::new(span, format!("`{raw}` is not a number"), format!("`{raw}` 不是数字")))
            });
    }
    let digits_end = raw.find(|c: char| !(c.is_ascii_digit() || c == '_' || c == '.')).unwrap_or(raw.len());
    let (digits, unit) = raw.split_at(digits_end);
    let Some((_, time, factor)) = UNITS.iter().find(|(known, _, _)| *known == unit) else {
        let mistake = Mistake::new(span, format!("`{unit}` is no unit"), format!("`{unit}` 不是单位"));
        return Err(Box::new(
            mistake.help("times: ns us ms s min h d; numbers: k M G", "时间：ns us ms s min h d；数：k M G"),
        ));
    };
    let digits = digits.replace('_', "");
    let (integer, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    if integer.len() > 20 || fraction.len() > 12 {
        return Err(too_large(span));
    }
    let scale = 10_i128.pow(fraction.len() as u32);
    let value = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i128>().ok() };
    let (Some(integer), Some(fraction)) = (value(integer), value(fraction)) else {
        return Err(too_large(span));
    };
    let scaled = integer.checked_mul(scale).and_then(|whole| (whole + fraction).checked_mul(*factor));
    let Some(scaled) = scaled else { return Err(too_large(span)) };
    if scaled % scale != 0 {
        return Err(Box::new(Mistake::new(
            span,
            format!("`{raw}` is not a whole number"),
            format!("`{raw}` 不是整数"),
        )));
    }
    let value = scaled / scale;
    Ok(if *time { Amount::Time(value) } else { Amount::Count(value) })
}

fn too_large(span: Range<usize>) -> Box<Mistake> {
    Box::new(Mistake::new(span, "this number is too large", "这个数太大了"))
}
fn mixed(span: Range<usize>) -> Box<Mistake> {
    Box::new(Mistake::new(
        span,
        "a number and a time do not go together here",
        "这里不能把数和时间混在一起运算",
    ))
}

/// Octets per second of a rate such as `10Mbit/s` or `1.25MB/s`; `None` if it is none, or zero.
pub(super) fn rate(text: &str) -> Option<u64> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (amount_text, bits) = match text.strip_suffix("bit/s") {
        Some(rest) => (rest, true),
        None => (text.strip_suffix("B/s")?, false),
    };
    match amount(amount_text, 0..0).ok()? {
        Amount::Count(value) if amount_text.starts_with(|c: char| c.is_ascii_digit()) => {
            let octets = if bits { value / 8 } else { value };
            u64::try_from(octets).ok().filter(|octets| *octets > 0)
        }
        Amount::Count(_) | Amount::Time(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::lex::words;

    fn value(text: &str) -> Result<Number, String> {
        let tokens = words(text, 0).map_err(|mistake| mistake.message.en)?;
        let mut scene = Scene::default();
        let mut cursor = Cursor::new(&tokens, text.len());
        let (number, _) = number(&mut cursor, &mut scene).map_err(|mistake| mistake.message.en)?;
        cursor.expect_end().map_err(|mistake| mistake.message.en)?;
        match scene.mistakes.pop() {
            Some(mistake) => Err(mistake.message.en),
            None => Ok(number),
        }
    }

    #[test]
    fn numbers_and_times_carry_their_units() {
        assert_eq!(value("100k"), Ok(Number::Count(100_000)));
        assert_eq!(value("1_000"), Ok(Number::Count(1000)));
        assert_eq!(value("0x1f"), Ok(Number::Count(31)));
        assert_eq!(value("1.5s"), Ok(Number::Time(Span::millis(1500))));
        assert_eq!(value("2h"), Ok(Number::Time(Span::secs(7200))));
        assert_eq!(value("1min"), Ok(Number::Time(Span::secs(60))));
    }

    #[test]
    fn arithmetic_follows_the_usual_order() {
        assert_eq!(value("1 + 2 * 3"), Ok(Number::Count(7)));
        assert_eq!(value("min(16, 256 - 256/4) + 1"), Ok(Number::Count(17)));
        assert_eq!(value("max(1s, 3 * 500ms)"), Ok(Number::Time(Span::millis(1500))));
        assert_eq!(value("10s / 4"), Ok(Number::Time(Span::millis(2500))));
        assert_eq!(value("8s / 200ms"), Ok(Number::Count(40)));
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        assert_eq!(value("-20ms").unwrap_err(), "a time is never negative");
        assert_eq!(value("1 - 2").unwrap_err(), "it must not be negative");
        assert_eq!(value("1s + 2").unwrap_err(), "a number and a time do not go together here");
        assert_eq!(value("1/0").unwrap_err(), "division by zero");
        assert_eq!(value("10mss").unwrap_err(), "`mss` is no unit");
        assert_eq!(value("1.5").unwrap_err(), "`1.5` is not a whole number");
        assert_eq!(value("99999999999999999999999").unwrap_err(), "this number is too large");
        assert_eq!(value(&"(".repeat(1000)).unwrap_err(), "too many parentheses");
    }

    #[test]
    fn rates_are_in_octets_per_second() {
        assert_eq!(rate("10Mbit/s"), Some(1_250_000));
        assert_eq!(rate("1.25 MB/s"), Some(1_250_000));
        for wrong in ["10", "10ms", "0B/s", "fast", "-1B/s", "B/s"] {
            assert_eq!(rate(wrong), None, "{wrong}");
        }
    }
}
