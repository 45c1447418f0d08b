//! Knobs: what they may be, and what `--set` makes of them.

use crate::lang::Text;
use crate::scenario::cursor::{Cursor, Scene};
use crate::scenario::lex::words;
use crate::scenario::number::number;
use crate::scenario::reader::{Reader, View, integer};
use crate::scenario::source::{Mistake, Mistakes, Parse, suggestion};
use crate::scenario::{Diagnostic, Knob, KnobKind, Number};
use toml::de::DeValue;

/// Reads the knobs of the file; those with mistakes keep their name, so that their users are not reported too.
pub(super) fn knobs(file: &View<'_>, reader: &mut Reader) -> Vec<Knob> {
    let mut knobs = Vec::new();
    for (name, view) in file.named("knob") {
        check_name(name, &view, reader);
        let knob = knob(name, &view, reader);
        reader.knobs.insert(knob.name.clone(), knob.value.clone());
        knobs.push(knob);
    }
    // Texts may name any knob, also a later one.
    for (knob, (_, view)) in knobs.iter_mut().zip(file.named("knob")) {
        knob.means = reader.text(&view, "means");
    }
    knobs
}

fn check_name(name: &str, view: &View<'_>, reader: &mut Reader) {
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !first || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || name == "profile" {
        reader.report(
            Mistake::new(
                view.span.clone(),
                format!("a knob cannot be named `{name}`"),
                format!("旋钮不能叫 `{name}`"),
            )
            .help(
                "letters, digits and `_`, first a letter; `profile` is taken",
                "由字母、数字和 `_` 组成，以字母开头；`profile` 已有别的含义",
            ),
        );
    }
}

fn knob(name: &str, view: &View<'_>, reader: &mut Reader) -> Knob {
    let choice: Vec<String> = reader.pieces(view, "choice").into_iter().map(|piece| piece.text).collect();
    let raw = |name: &str| view.get(name).map(|value| (value.span(), plain(value.as_ref())));
    let (span, default) = raw("default").unwrap_or((view.span.clone(), "0".to_owned()));
    let kind = if view.get("choice").is_some() {
        KnobKind::Choice(choice)
    } else {
        let bound = |name: &str, reader: &mut Reader| {
            let (span, text) = raw(name)?;
            match value_of(&text) {
                Ok(value) => Some((span, value)),
                Err(mistake) => {
                    reader.mistakes.report(span, mistake.message, mistake.help);
                    None
                }
            }
        };
        let (low, high) = (bound("min", reader), bound("max", reader));
        let time = matches!(value_of(&default), Ok(Number::Time(_)));
        for (span, value) in [&low, &high].into_iter().flatten() {
            if matches!(value, Number::Time(_)) != time {
                let message =
                    Text::new("the default is of another kind than this bound", "默认值与这个界限不是同一类");
                let help = Text::new("all times, or all whole numbers", "要么都是时间，要么都是整数");
                reader.mistakes.report(span.clone(), message, Some(help));
            }
        }
        let (low, high) = (low.map(|(_, value)| value), high.map(|(_, value)| value));
        if time {
            let span = |value: Option<Number>, other| match value {
                Some(Number::Time(span)) => span,
                Some(Number::Count(_)) | None => other,
            };
            KnobKind::Time { min: span(low, crate::clock::Span::ZERO), max: span(high, super::limits::TIME) }
        } else {
            let count = |value: Option<Number>, other: i64| match value {
                Some(Number::Count(count)) => i64::try_from(count).unwrap_or(i64::MAX),
                Some(Number::Time(_)) | None => other,
            };
            KnobKind::Integer { min: count(low, 0), max: count(high, i64::from(u32::MAX)) }
        }
    };
    let value = match normal(&kind, &default) {
        Ok(value) => value,
        Err((message, help)) => {
            reader.mistakes.report(span, message, help);
            default.clone()
        }
    };
    Knob { name: name.to_owned(), means: Text::default(), kind, default: value.clone(), value }
}

/// A TOML integer or string as text.
fn plain(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(number) => {
            integer(number).map_or_else(|| number.to_string(), |number| number.to_string())
        }
        DeValue::String(text) => text.to_string(),
        DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => "0".to_owned(),
    }
}

fn value_of(text: &str) -> Parse<Number> {
    let tokens = words(text, 0)?;
    let mut scene = Scene::default();
    let mut cursor = Cursor::new(&tokens, text.len());
    let (value, _) = number(&mut cursor, &mut scene)?;
    cursor.expect_end()?;
    match scene.mistakes.pop() {
        Some(mistake) => Err(Box::new(mistake)),
        None => Ok(value),
    }
}

/// The value as it is filled in for the knob's name, or why it cannot be.
pub(super) fn normal(kind: &KnobKind, text: &str) -> Result<String, (Text, Option<Text>)> {
    let text = text.trim();
    let range = |low: String, high: String| {
        let message = Text::new(format!("{text} is out of range"), format!("{text} 超出范围"));
        (message, Some(Text::new(format!("from {low} to {high}"), format!("范围是 {low} 到 {high}"))))
    };
    match kind {
        KnobKind::Choice(words) if words.iter().any(|word| word == text) => Ok(text.to_owned()),
        KnobKind::Choice(words) => {
            let message =
                Text::new(format!("`{text}` is none of the choices"), format!("`{text}` 不在可选项之中"));
            Err((message, suggestion(text, words.iter().map(String::as_str))))
        }
        KnobKind::Integer { min, max } => match value_of(text) {
            Ok(Number::Count(count)) => {
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                if (*min..=*max).contains(&count) {
                    Ok(count.to_string())
                } else {
                    Err(range(min.to_string(), max.to_string()))
                }
            }
            Ok(Number::Time(_)) => Err((Text::new("this knob is a whole number", "这个旋钮是整数"), None)),
            Err(mistake) => Err((mistake.message, mistake.help)),
        },
        KnobKind::Time { min, max } => match value_of(text) {
            Ok(Number::Time(span)) if (*min..=*max).contains(&span) => Ok(span.to_string()),
            Ok(Number::Time(_)) => Err(range(min.to_string(), max.to_string())),
            Ok(Number::Count(_)) => Err((
                Text::new("this knob is a time", "这个旋钮是时间"),
                Some(Text::new(format!("{text}s, {text}ms…"), format!("{text}s、{text}ms……"))),
            )),
            Err(mistake) => Err((mistake.message, mistake.help)),
        },
    }
}

/// Sets knobs as `--set KEY=VALUE` asks; `profile` may be set too.
pub(super) fn set(
    asked: &[(String, String)],
    knobs: &mut [Knob],
    profile: &mut Option<String>,
    reader: &mut Reader,
) -> Result<(), Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    for (key, value) in asked {
        let argument = format!("{key}={value}");
        let mut mistakes = Mistakes::new("--set", &argument);
        if key == "profile" {
            *profile = Some(value.clone());
            if !matches!(value.as_str(), "linux" | "rfc9293") {
                let message = Text::new(
                    format!("there is no profile `{value}`"),
                    format!("没有名为 `{value}` 的协议行为集"),
                );
                mistakes.report(
                    key.len() + 1..argument.len(),
                    message,
                    suggestion(value, ["linux", "rfc9293"]),
                );
            }
        } else if let Some(knob) = knobs.iter_mut().find(|knob| knob.name == *key) {
            match normal(&knob.kind, value) {
                Ok(value) => {
                    reader.knobs.insert(key.clone(), value.clone());
                    knob.value = value;
                }
                Err((message, help)) => mistakes.report(key.len() + 1..argument.len(), message, help),
            }
        } else {
            let message = Text::new(
                format!("this scenario has no knob `{key}`"),
                format!("这个场景没有名为 `{key}` 的旋钮"),
            );
            let known = knobs.iter().map(|knob| knob.name.as_str());
            let help = suggestion(key, known)
                .or_else(|| knobs.is_empty().then(|| Text::new("it has no knobs at all", "它没有任何旋钮")));
            mistakes.report(0..key.len(), message, help);
        }
        wrong.extend(mistakes.into_sorted());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}
