//! System calls: `...0.2 connect(3, ..., ...) = -1 ECONNREFUSED (Connection refused)`.

use super::cursor::Cursor;
use super::lex::Word;
use super::mistakes::{Mistake, Read};
use super::script::{Call, Expression, Member, Value};
use std::ops::Range;

/// How deep values may stand in one another.
const DEEPEST: usize = 32;
/// How many values may be joined by `|`.
const MOST_JOINED: usize = 64;

/// A call; `relative`: its stamp counts from the event before it, and so does its end.
pub(super) fn call(cursor: &mut Cursor<'_, '_>, relative: bool) -> Read<Call> {
    let start = cursor.here().start;
    let until = if matches!(cursor.peek(), Some(Word::Ellipsis)) {
        cursor.advance();
        if relative {
            cursor.take_sign('+');
        }
        Some(super::parse::time(cursor)?)
    } else {
        None
    };
    let name = cursor.name()?.to_owned();
    cursor.sign('(')?;
    let arguments = list(cursor, ')', 0)?;
    cursor.sign('=')?;
    let result = expression(cursor, 0)?;
    let errno = match cursor.peek() {
        Some(Word::Name(errno)) => {
            cursor.advance();
            Some((*errno).to_owned())
        }
        _ => None,
    };
    // The error in words, or a remark such as strace's.
    if cursor.take_sign('(') {
        while !cursor.take_sign(')') {
            if cursor.advance().is_none() {
                return Err(cursor.wanted("`)`", "`)`"));
            }
        }
    }
    Ok(Call { until, name, arguments, result, errno, span: cursor.since(start) })
}

/// Values up to the closing sign, which is read too.
fn list(cursor: &mut Cursor<'_, '_>, close: char, depth: usize) -> Read<Vec<Expression>> {
    let mut values = Vec::new();
    if cursor.take_sign(close) {
        return Ok(values);
    }
    loop {
        values.push(expression(cursor, depth)?);
        if !cursor.take_sign(',') {
            cursor.sign(close)?;
            return Ok(values);
        }
    }
}

fn too_deep(cursor: &Cursor<'_, '_>) -> Box<Mistake> {
    let most = format!("at most {DEEPEST} deep, at most {MOST_JOINED} joined by `|`");
    let most_zh = format!("最多 {DEEPEST} 层，最多用 `|` 连接 {MOST_JOINED} 个");
    Mistake::new(cursor.here(), "values stand too deep in one another here", "这里的值嵌套太深")
        .help(most, most_zh)
}

fn expression(cursor: &mut Cursor<'_, '_>, depth: usize) -> Read<Expression> {
    let start = cursor.here().start;
    if depth > DEEPEST {
        return Err(too_deep(cursor));
    }
    let mut left = single(cursor, depth)?;
    let mut joined = 0;
    while cursor.take_sign('|') {
        joined += 1;
        if joined > MOST_JOINED {
            return Err(too_deep(cursor));
        }
        let right = single(cursor, depth)?;
        let span = cursor.since(start);
        left = Expression { value: Value::Or(Box::new(left), Box::new(right)), span };
    }
    Ok(left)
}

fn single(cursor: &mut Cursor<'_, '_>, depth: usize) -> Read<Expression> {
    let start = cursor.here().start;
    let value = match cursor.peek() {
        Some(Word::Ellipsis) => {
            cursor.advance();
            Value::Any
        }
        Some(Word::Integer(number) | Word::Hex(number)) => {
            cursor.advance();
            Value::Integer(*number)
        }
        Some(Word::Text(_)) => text(cursor),
        Some(Word::Name(name)) => {
            cursor.advance();
            if cursor.take_sign('(') {
                Value::Function((*name).to_owned(), list(cursor, ')', depth + 1)?)
            } else if cursor.take_sign('=') {
                Value::Assigned((*name).to_owned(), Box::new(expression(cursor, depth + 1)?))
            } else {
                Value::Word((*name).to_owned())
            }
        }
        Some(Word::Sign('[')) => {
            cursor.advance();
            Value::List(list(cursor, ']', depth + 1)?)
        }
        Some(Word::Sign('{')) => {
            cursor.advance();
            Value::Braces(members(cursor, depth + 1)?)
        }
        _ => return Err(cursor.wanted("a value", "一个值")),
    };
    Ok(Expression { value, span: cursor.since(start) })
}

/// Texts in a row are one; `...` behind it leaves its end open.
fn text(cursor: &mut Cursor<'_, '_>) -> Value {
    let mut octets = Vec::new();
    while let Some(Word::Text(more)) = cursor.peek() {
        octets.extend_from_slice(more);
        cursor.advance();
    }
    if matches!(cursor.peek(), Some(Word::Ellipsis)) {
        cursor.advance();
        return Value::TextAndMore(octets);
    }
    Value::Text(octets)
}

/// `sa_family = AF_INET, msg_iov(1) = [{..., 10}], 5`, up to the brace.
fn members(cursor: &mut Cursor<'_, '_>, depth: usize) -> Read<Vec<Member>> {
    let mut members = Vec::new();
    if cursor.take_sign('}') {
        return Ok(members);
    }
    loop {
        members.push(member(cursor, depth)?);
        if !cursor.take_sign(',') {
            cursor.sign('}')?;
            return Ok(members);
        }
    }
}

fn member(cursor: &mut Cursor<'_, '_>, depth: usize) -> Read<Member> {
    let value = expression(cursor, depth)?;
    let span: Range<usize> = value.span.clone();
    match value.value {
        Value::Assigned(name, value) => Ok(Member { name: Some(name), index: None, value: *value }),
        Value::Function(name, mut arguments) if cursor.is_sign('=') && arguments.len() == 1 => {
            cursor.advance();
            Ok(Member { name: Some(name), index: arguments.pop(), value: expression(cursor, depth)? })
        }
        value => Ok(Member { name: None, index: None, value: Expression { value, span } }),
    }
}
