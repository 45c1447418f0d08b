//! From the text of a script to its events; every mistake that is found, not only the first.

use super::cursor::Cursor;
use super::lex::{self, Token, Word};
use super::mistakes::{Mistake, Read};
use super::script::{Action, Code, Command, Direction, Event, Script, Setting, When};
use super::{calls, packets, python};
use crate::clock::Span;
use crate::scenario::Diagnostic;
use std::sync::Arc;

/// Octets a script may have.
pub const LONGEST: usize = 1 << 20;
/// Mistakes that are told.
const MOST_MISTAKES: usize = 50;
/// Microseconds of the latest time a script may name: a day.
const LATEST: u64 = 86_400_000_000;

impl Script {
    /// Reads a script; `name` is the file's, for errors.
    ///
    /// # Errors
    /// What cannot be read, each mistake at its place.
    pub fn parse(name: &str, source: &str) -> Result<Script, Vec<Diagnostic>> {
        Script::parse_with(name, source, &[])
    }

    /// The same with names that stand for other words (`-D NAME=word`); the script's own `--define` lines come on top.
    ///
    /// # Errors
    /// What cannot be read, each mistake at its place.
    pub fn parse_with(
        name: &str,
        source: &str,
        defines: &[(String, String)],
    ) -> Result<Script, Vec<Diagnostic>> {
        let kept: Arc<str> = Arc::from(source);
        let told = |mistakes: Vec<Mistake>| -> Vec<Diagnostic> {
            mistakes
                .into_iter()
                .map(|mistake| Diagnostic::new(name, &kept, mistake.span, mistake.message, mistake.help))
                .collect()
        };
        if source.len() > LONGEST {
            let mistake = Mistake::new(0..0, "the script is longer than 1 MiB", "脚本超过 1 MiB");
            return Err(told(vec![*mistake]));
        }
        let first = lex::words(source, defines).map_err(|mistake| told(vec![*mistake]))?;
        let all: Vec<(String, String)> =
            defines.iter().cloned().chain(first.iter().filter_map(defined)).collect();
        let tokens = lex::words(source, &all).map_err(|mistake| told(vec![*mistake]))?;
        let mut script = Script {
            name: name.to_owned(),
            source: kept.clone(),
            settings: Vec::new(),
            init: None,
            events: Vec::new(),
            cleanup: None,
        };
        let mistakes = read(&tokens, source, &mut script);
        if mistakes.is_empty() { Ok(script) } else { Err(told(mistakes)) }
    }
}

/// `--define="NAME"=word`.
fn defined(token: &Token<'_>) -> Option<(String, String)> {
    match &token.word {
        Word::Setting("define", Some(value)) => {
            value.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
        }
        _ => None,
    }
}

fn read(tokens: &[Token<'_>], source: &str, script: &mut Script) -> Vec<Mistake> {
    let mut cursor = Cursor::new(tokens, source);
    let mut mistakes = Vec::new();
    while let Some(Word::Setting(name, value)) = cursor.peek() {
        let span = cursor.here();
        cursor.advance();
        script.settings.push(Setting { name: (*name).to_owned(), value: value.clone(), span });
    }
    if let Some(Word::Command(_)) = cursor.peek() {
        script.init = command(&mut cursor);
    }
    while !cursor.is_over() {
        if matches!(cursor.peek(), Some(Word::Command(_))) && cursor.ahead(1).is_none() {
            script.cleanup = command(&mut cursor);
            break;
        }
        let begun = cursor.here().start;
        match event(&mut cursor) {
            Ok(event) => script.events.push(event),
            Err(mistake) => {
                mistakes.push(*mistake);
                if mistakes.len() >= MOST_MISTAKES {
                    break;
                }
                skip(&mut cursor, begun, source);
            }
        }
    }
    if script.events.is_empty() && mistakes.is_empty() {
        mistakes.push(*Mistake::new(0..0, "there is no event in this script", "这个脚本里没有任何事件"));
    }
    mistakes
}

/// Goes on to the next word behind `begun` that begins a line and looks like a time.
fn skip(cursor: &mut Cursor<'_, '_>, begun: usize, source: &str) {
    while !cursor.is_over() {
        let start = cursor.here().start;
        let is_time =
            matches!(cursor.peek(), Some(Word::Integer(_) | Word::Decimal(_) | Word::Sign('+' | '*')));
        let before = source[..start].trim_end_matches([' ', '\t']);
        if start > begun && is_time && (before.is_empty() || before.ends_with('\n')) {
            return;
        }
        cursor.advance();
    }
}

fn command(cursor: &mut Cursor<'_, '_>) -> Option<Command> {
    let span = cursor.here();
    match cursor.peek() {
        Some(Word::Command(text)) => {
            cursor.advance();
            Some(Command { text: (*text).to_owned(), span })
        }
        _ => None,
    }
}

fn event(cursor: &mut Cursor<'_, '_>) -> Read<Event> {
    let start = cursor.here();
    let when = when(cursor)?;
    let stamp = cursor.since(start.start);
    let action = action(cursor, when)?;
    let outbound = matches!(&action, Action::Packet(packet) if packet.direction == Direction::Outbound);
    match when {
        When::Any if !outbound => {
            return Err(Mistake::new(
                stamp,
                "`*` can only stand before a packet that goes out",
                "`*` 只能用在发出的报文前",
            )
            .help("a time, as in +0.2", "写时间，如 +0.2"));
        }
        When::Between(from, to) | When::AfterBetween(from, to) => {
            if !outbound {
                return Err(Mistake::new(
                    stamp,
                    "a range of times can only stand before a packet that goes out",
                    "时间范围只能用在发出的报文前",
                )
                .help("one time, as in +0.2", "只写一个时间，如 +0.2"));
            }
            if to < from {
                return Err(Mistake::new(
                    stamp,
                    "this range ends before it begins",
                    "这个时间范围的终点早于起点",
                )
                .help("the earlier time first, as in +0.2~+0.5", "较早的时间写在前面，如 +0.2~+0.5"));
            }
        }
        When::Any | When::After(_) | When::At(_) => {}
    }
    Ok(Event { when, action, span: cursor.since(start.start) })
}

fn when(cursor: &mut Cursor<'_, '_>) -> Read<When> {
    if cursor.take_sign('*') {
        return Ok(When::Any);
    }
    let relative = cursor.take_sign('+');
    let from = time(cursor)?;
    if !cursor.take_sign('~') {
        return Ok(if relative { When::After(from) } else { When::At(from) });
    }
    if relative {
        cursor.sign('+')?;
    }
    let to = time(cursor)?;
    Ok(if relative { When::AfterBetween(from, to) } else { When::Between(from, to) })
}

/// Seconds, to the microsecond.
pub(super) fn time(cursor: &mut Cursor<'_, '_>) -> Read<Span> {
    let span = cursor.here();
    let micros = match cursor.peek() {
        Some(Word::Integer(seconds)) => u64::try_from(*seconds).ok().and_then(|s| s.checked_mul(1_000_000)),
        Some(Word::Decimal(text)) => micros(text),
        _ => {
            return Err(cursor
                .wanted("a time", "一个时间")
                .help("such as 0.1, +0.1 or *", "例如 0.1、+0.1 或 *"));
        }
    };
    cursor.advance();
    match micros {
        Some(micros) if micros <= LATEST => Ok(Span::micros(micros)),
        Some(_) => Err(Mistake::new(span, "this time is beyond a day", "这个时间超过了一天")
            .help("at most 86400 seconds", "最多 86400 秒")),
        None => Err(Mistake::new(span, "a time is never negative", "时间不能是负数").help(
            "seconds from the beginning, or +SECONDS from the event before",
            "从开头算起的秒数，或 +秒数（从上一事件算起）",
        )),
    }
}

/// `1.25` as microseconds; digits beyond them do not count.
fn micros(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.')?;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    whole.checked_mul(1_000_000)?.checked_add(part.parse().ok()?)
}

fn action(cursor: &mut Cursor<'_, '_>, when: When) -> Read<Action> {
    let span = cursor.here();
    match cursor.peek() {
        Some(Word::Sign('<' | '>')) => packets::packet(cursor).map(|packet| Action::Packet(Box::new(packet))),
        Some(Word::Command(text)) => {
            cursor.advance();
            Ok(Action::Command(Command { text: (*text).to_owned(), span }))
        }
        Some(Word::Code(text)) => {
            cursor.advance();
            let statements = python::parse(text, span.start + 2)?;
            Ok(Action::Code(Code { statements, span }))
        }
        Some(Word::Name(_) | Word::Ellipsis) => {
            let relative = matches!(when, When::After(_));
            calls::call(cursor, relative).map(|call| Action::Call(Box::new(call)))
        }
        _ => Err(cursor
            .wanted("a packet, a call, a command or code", "一个报文、调用、命令或代码")
            .help("> and < begin a packet, a name begins a call", "> 和 < 开头的是报文，名字开头的是调用")),
    }
}
