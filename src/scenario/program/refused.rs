//! Calls that Python refuses before it makes them: `connect(s, server, 8080) fails TypeError`. No kernel ever hears of them.

use super::Op;
use super::calls::{CALLS, arguments};
use super::compile::{Compiler, Type};
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::source::{Mistake, Parse};
use std::ops::Range;

/// What Python raises then.
const EXCEPTION: &str = "TypeError";

/// Whether the statement ends in `fails TypeError`.
pub(super) fn ends_in_type_error(cursor: &Cursor<'_>) -> bool {
    let words = (0..).map_while(|ahead| cursor.peek_at(ahead));
    let last: Vec<&Word<'_>> = words.collect();
    matches!(last[..], [.., Word::Name("fails"), Word::Name(name)] if *name == EXCEPTION)
}

impl Compiler<'_> {
    /// A call with too few or too many arguments, or with `socket` itself where a socket is wanted.
    pub fn refused(&mut self, cursor: &mut Cursor<'_>, start: usize) -> Parse<()> {
        let span = cursor.span();
        let (name, _) = cursor.expect_name("a call", "调用")?;
        let Some((_, few, many, _)) = CALLS.into_iter().find(|(known, ..)| *known == name) else {
            let mistake =
                Mistake::new(span, format!("there is no call `{name}`"), format!("没有名为 `{name}` 的调用"));
            return Err(Box::new(mistake.known(name, super::calls::names())));
        };
        self.not_for_actors(span, name);
        let miscounted = !(few..=many).contains(&arguments(cursor));
        let classless = match (cursor.peek(), cursor.peek_at(1)) {
            (Some(Word::Sign("(")), Some(Word::Name(first))) => self
                .find(first)
                .and_then(|slot| self.variables.get(slot))
                .is_some_and(|known| known.kind == Type::Class),
            _ => false,
        };
        while !cursor.is_done() {
            cursor.advance();
        }
        if !miscounted && !classless {
            let mistake = Mistake::new(
                cursor.since(start),
                "Python raises no TypeError here: this call can be made",
                "Python 在这里不会抛出 TypeError：这个调用可以进行",
            );
            return Err(Box::new(mistake.help(
                "it refuses a wrong number of arguments, and `socket` itself in the place of a socket",
                "它拒绝的是参数个数不对，或者用 `socket` 本身代替套接字",
            )));
        }
        let line = self.words_since(cursor, start);
        self.ops.push(Op::Refused { exception: EXCEPTION, line });
        Ok(())
    }

    /// `s = socket`: a name for what makes sockets, and no socket.
    pub fn keep_class(&mut self, cursor: &mut Cursor<'_>, targets: &[(&str, Range<usize>)]) -> Parse<()> {
        let [(name, span)] = targets else { return Err(cursor.expected("socket(tcp)", "socket(tcp)")) };
        cursor.advance();
        self.declare(name, Type::Class, span.clone());
        Ok(())
    }
}
