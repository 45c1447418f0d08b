//! Values put into texts: `"%d of %s" % (a, b)` and `"{} of {}".format(a, b)`.

use super::Value;
use super::evaluate::{Outcome, error};
use std::ops::Range;

/// The widest field; a wider one is cut to it.
const WIDEST: usize = 200;

/// `pattern % values`.
pub(super) fn percent(pattern: &str, values: Value, span: &Range<usize>) -> Outcome<String> {
    let mut values = match values {
        Value::Tuple(values) => values,
        value => vec![value],
    }
    .into_iter();
    let few = || error(span, "there are fewer values than places for them", "值的个数比占位符少");
    let mut text = String::new();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let mut flags = String::new();
        while let Some(flag) = rest.next_if(|c| matches!(c, '0'..='9' | '.' | '-' | '+' | ' ' | '#' | 'l')) {
            flags.push(flag);
        }
        match rest.next() {
            Some('%') => text.push('%'),
            Some(kind) => text.push_str(&field(kind, &flags, &values.next().ok_or_else(few)?, span)?),
            None => text.push('%'),
        }
    }
    Ok(text)
}

fn field(kind: char, flags: &str, value: &Value, span: &Range<usize>) -> Outcome<String> {
    let wrong = || {
        let name = value.type_name();
        error(span, format!("%{kind} of {name}"), format!("%{kind} 不能用于 {name}"))
    };
    let (width, digits) = flags.split_once('.').unwrap_or((flags, ""));
    let body = match kind {
        's' => value.to_string(),
        'r' => value.shown(),
        'd' | 'i' | 'u' => match (value.integer(), value.number()) {
            (Some(value), _) => value.to_string(),
            (None, Some(value)) => format!("{:.0}", value.trunc()),
            (None, None) => return Err(wrong()),
        },
        'x' => format!("{:x}", value.integer().ok_or_else(wrong)?),
        'X' => format!("{:X}", value.integer().ok_or_else(wrong)?),
        'o' => format!("{:o}", value.integer().ok_or_else(wrong)?),
        'f' | 'F' | 'g' | 'e' => {
            let digits = digits.parse().unwrap_or(6_usize).min(40);
            format!("{:.digits$}", value.number().ok_or_else(wrong)?)
        }
        _ => return Err(wrong()),
    };
    let left = width.starts_with('-');
    let zero = width.starts_with('0');
    let width = width.trim_start_matches(['-', '0', '+', ' ', '#']).parse().unwrap_or(0_usize).min(WIDEST);
    let missing = width.saturating_sub(body.chars().count());
    Ok(match (left, zero) {
        (true, _) => body + &" ".repeat(missing),
        (false, true) => "0".repeat(missing) + &body,
        (false, false) => " ".repeat(missing) + &body,
    })
}

/// `pattern.format(values)`, for `{}` and `{0}`.
pub(super) fn braces(pattern: &str, values: &[Value], span: &Range<usize>) -> Outcome<String> {
    let mut text = String::new();
    let mut next = 0;
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let doubled = rest[at..].starts_with("{{") || rest[at..].starts_with("}}");
        if doubled {
            text.push_str(&rest[at..=at]);
            rest = &rest[at + 2..];
            continue;
        }
        let end = rest[at..].find('}').map(|end| at + end);
        let Some(end) = end else {
            return Err(error(span, "a brace is not closed", "花括号没有闭合"));
        };
        let name = rest.get(at + 1..end).unwrap_or_default();
        let name = name.split([':', '!']).next().unwrap_or_default();
        let index = if name.is_empty() { next } else { name.parse().unwrap_or(usize::MAX) };
        next += 1;
        let value = values.get(index).ok_or_else(|| {
            error(span, "there are fewer values than places for them", "值的个数比占位符少")
        })?;
        text.push_str(&value.to_string());
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    Ok(text)
}
