//! Lines and blocks.

use super::expression::Words;
use super::{Block, Does, Outcome, Statement, Wait};
use crate::scenario::lex::{Word, words};
use crate::scenario::program::LIBRARY;

/// A line that says nothing this reader knows. Lines count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable(pub usize);

/// How deep blocks may be; a checked program goes less deep.
const DEPTH: usize = 64;

/// Reads the text of a checked program.
///
/// # Errors
/// The first line that cannot be read.
pub fn read(text: &str) -> Result<Block, Unreadable> {
    let lines: Vec<Line<'_>> = text.lines().enumerate().map(|(at, line)| Line::of(at, line)).collect();
    let mut reader = Reader { lines, at: 0, above: Vec::new() };
    let mut found = Vec::new();
    while let Some(line) = reader.next_line() {
        let indent = line.indent;
        reader.block(indent, 0, &mut found)?;
    }
    Ok(found)
}

/// The functions that every program has.
pub fn library() -> Block {
    read(LIBRARY).unwrap_or_default()
}

#[derive(Clone, Copy)]
struct Line<'a> {
    number: usize,
    indent: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn of(number: usize, whole: &'a str) -> Line<'a> {
        let text = whole.trim();
        Line { number, indent: whole.len() - whole.trim_start().len(), text }
    }
}

struct Reader<'a> {
    lines: Vec<Line<'a>>,
    at: usize,
    above: Vec<Option<String>>,
}

impl<'a> Reader<'a> {
    /// The next line that says something; comments before it are kept.
    fn next_line(&mut self) -> Option<Line<'a>> {
        while let Some(line) = self.lines.get(self.at) {
            if line.text.is_empty() {
                self.above.push(None);
            } else if let Some(comment) = line.text.strip_prefix('#') {
                self.above.push(Some(comment.trim().to_owned()));
            } else {
                return Some(*line);
            }
            self.at += 1;
        }
        None
    }

    fn block(&mut self, indent: usize, depth: usize, into: &mut Block) -> Result<(), Unreadable> {
        while let Some(line) = self.next_line() {
            if line.indent < indent {
                return Ok(());
            }
            if line.indent > indent || depth > DEPTH {
                return Err(Unreadable(line.number));
            }
            self.at += 1;
            self.statement(line, depth, into)?;
        }
        Ok(())
    }

    /// The block that is indented more than `line`.
    fn inner(&mut self, line: Line<'_>, depth: usize) -> Result<Block, Unreadable> {
        let mut found = Vec::new();
        if let Some(next) = self.next_line().filter(|next| next.indent > line.indent) {
            self.block(next.indent, depth + 1, &mut found)?;
        }
        Ok(found)
    }

    fn statement(&mut self, line: Line<'a>, depth: usize, into: &mut Block) -> Result<(), Unreadable> {
        let unreadable = Unreadable(line.number);
        let above = std::mem::take(&mut self.above);
        let tokens = words(line.text, 0).map_err(|_| unreadable)?;
        let end = tokens.last().map_or(0, |token| token.span.end);
        let said = line.text.get(..end).unwrap_or_default().trim().to_owned();
        let beside = line.text.get(end..).unwrap_or_default().trim().strip_prefix('#');
        let beside = beside.map(|comment| comment.trim().to_owned());
        let mut input = Words::new(&tokens);
        let header = header(&mut input, &said).ok_or(unreadable)?;
        let does = match header {
            Header::Whole(does) => does,
            Header::Repeat(rounds) => Does::Repeat(rounds, self.inner(line, depth)?),
            Header::While(condition) => Does::While(condition, self.inner(line, depth)?),
            Header::For(name, list) => Does::For(name, list, self.inner(line, depth)?),
            Header::Fork => Does::Fork(self.inner(line, depth)?),
            Header::Define(name, parameters) => Does::Define(name, parameters, self.inner(line, depth)?),
            Header::Wait(wait) => Does::Wait(wait, self.inner(line, depth)?),
            Header::Every(each, total, name) => {
                Does::Every { each, total, name, block: self.inner(line, depth)? }
            }
            Header::If(condition) => Does::If(self.branches(condition, line, depth)?),
            Header::Try => self.guarded(line, depth)?,
            Header::Elif(_) | Header::Else | Header::Except(_) => return Err(unreadable),
        };
        into.push(Statement { line: line.number, words: said, above, beside, does });
        Ok(())
    }

    fn branches(
        &mut self,
        condition: super::Expr,
        line: Line<'a>,
        depth: usize,
    ) -> Result<Vec<(Option<super::Expr>, Block)>, Unreadable> {
        let mut found = vec![(Some(condition), self.inner(line, depth)?)];
        while let Some(next) = self.following(line) {
            match self.header_of(next)? {
                Header::Elif(condition) => {
                    self.at += 1;
                    found.push((Some(condition), self.inner(next, depth)?));
                }
                Header::Else => {
                    self.at += 1;
                    found.push((None, self.inner(next, depth)?));
                    break;
                }
                _ => break,
            }
        }
        Ok(found)
    }

    fn guarded(&mut self, line: Line<'a>, depth: usize) -> Result<Does, Unreadable> {
        let block = self.inner(line, depth)?;
        let next = self.following(line).ok_or(Unreadable(line.number))?;
        let Header::Except(errors) = self.header_of(next)? else { return Err(Unreadable(next.number)) };
        self.at += 1;
        Ok(Does::Guard(block, errors, self.inner(next, depth)?))
    }

    /// The next line, if it is indented as `line` and goes on with what that began.
    fn following(&mut self, line: Line<'a>) -> Option<Line<'a>> {
        let next = self.next_line()?;
        let word = next.text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        (next.indent == line.indent && matches!(word, "elif" | "else" | "except")).then_some(next)
    }

    fn header_of(&self, line: Line<'a>) -> Result<Header, Unreadable> {
        let tokens = words(line.text, 0).map_err(|_| Unreadable(line.number))?;
        header(&mut Words::new(&tokens), line.text).ok_or(Unreadable(line.number))
    }
}

/// A statement, or its first line where a block belongs to it.
enum Header {
    Whole(Does),
    Repeat(super::Expr),
    While(super::Expr),
    For(String, super::Expr),
    Fork,
    If(super::Expr),
    Elif(super::Expr),
    Else,
    Try,
    Except(Vec<String>),
    Define(String, Vec<String>),
    Wait(Wait),
    Every(super::Expr, super::Expr, String),
}

/// Words that begin a statement which a program cannot carry out.
const BY_HAND: [&str; 6] = ["inject", "flood", "unplug", "plug", "arp", "forget"];

/// Words that begin every other statement but assignments, calls and comparisons.
const BEGINNINGS: [&str; 17] = [
    "sleep", "repeat", "while", "for", "fork", "if", "elif", "else", "except", "try", "break", "continue",
    "return", "def", "observe", "every", "when",
];

fn header(input: &mut Words<'_, '_>, said: &str) -> Option<Header> {
    let Some(Word::Name(first)) = input.peek(0) else { return value(input, false) };
    if matches!(input.peek(1), Some(Word::Sign("=" | ","))) {
        return value(input, false);
    }
    if let Some(word) = BY_HAND.into_iter().find(|word| word == first) {
        return Some(Header::Whole(Does::ByHand(word)));
    }
    let called = matches!(input.peek(1), Some(Word::Sign("(")));
    if called && !matches!(*first, "if" | "elif" | "while" | "return") {
        return value(input, false);
    }
    if !BEGINNINGS.contains(first) {
        return value(input, false);
    }
    let first = *first;
    input.skip();
    let read = match first {
        "sleep" => Header::Whole(Does::Sleep(input.expression()?)),
        "repeat" => Header::Repeat(input.expression()?),
        "while" => Header::While(input.expression()?),
        "for" => {
            let name = input.name()?;
            if !input.word("in") {
                return None;
            }
            Header::For(name, input.expression()?)
        }
        "fork" => {
            if !input.word("as") {
                return None;
            }
            input.name()?;
            Header::Fork
        }
        "if" => Header::If(input.expression()?),
        "elif" => Header::Elif(input.expression()?),
        "else" => Header::Else,
        "except" => Header::Except(errors(input)?),
        "try" if input.is_sign(0, ":") => Header::Try,
        "try" => return value(input, true),
        "break" => return Some(Header::Whole(Does::Break)),
        "continue" => return Some(Header::Whole(Does::Continue)),
        "return" => Header::Whole(Does::Return(returned(input)?)),
        "def" => define(input)?,
        "observe" => {
            let Some(Word::Text(label)) = input.peek(0) else { return None };
            return Some(Header::Whole(Does::Observe(String::from_utf8_lossy(label).into_owned())));
        }
        "every" => every(input)?,
        _ => Header::Wait(wait(input, said)?),
    };
    input.sign(":");
    input.is_done().then_some(read)
}

/// What a function gives back: values with commas between them, or nothing.
fn returned(input: &mut Words<'_, '_>) -> Option<Vec<super::Expr>> {
    let mut values = Vec::new();
    while !input.is_done() {
        values.push(input.expression()?);
        if !input.sign(",") {
            break;
        }
    }
    Some(values)
}

fn errors(input: &mut Words<'_, '_>) -> Option<Vec<String>> {
    let mut found = vec![input.name()?];
    while input.word("or") {
        found.push(input.name()?);
    }
    Some(found)
}

fn define(input: &mut Words<'_, '_>) -> Option<Header> {
    let name = input.name()?;
    if !input.sign("(") {
        return None;
    }
    let mut parameters = Vec::new();
    while !input.is_sign(0, ")") {
        parameters.push(input.name()?);
        if !input.sign(",") {
            break;
        }
    }
    input.sign(")").then_some(Header::Define(name, parameters))
}

fn every(input: &mut Words<'_, '_>) -> Option<Header> {
    let each = input.expression()?;
    if !input.word("for") {
        return None;
    }
    let total = input.expression()?;
    if !input.word("as") {
        return None;
    }
    Some(Header::Every(each, total, input.name()?))
}

fn wait(input: &mut Words<'_, '_>, said: &str) -> Option<Wait> {
    let direction = input.is_sign(1, ">") || input.is_sign(0, "*");
    if direction {
        let pattern = said.strip_prefix("when").unwrap_or(said).trim().trim_end_matches(':').trim();
        while !input.is_done() {
            input.skip();
        }
        return Some(Wait::Frame(pattern.to_owned()));
    }
    if input.word("time") {
        return Some(Wait::Time(input.expression()?));
    }
    if input.is_word("accept_queue") && matches!(input.peek(1), Some(Word::Name(_))) {
        input.skip();
        let host = input.name()?;
        return Some(Wait::AcceptQueue(host, input.count()?));
    }
    let host = input.name()?;
    if input.word("ended") {
        return Some(Wait::Ended(host));
    }
    if input.word("bound") {
        return Some(Wait::Bound(host, input.expression()?));
    }
    if input.word("listening") {
        return Some(Wait::Listening(host, input.expression()?));
    }
    let state = input.name()?;
    let count = if input.is_done() || input.is_sign(0, ":") { 1 } else { input.count()? };
    Some(Wait::State(host, state, count))
}

/// An assignment, a call, a comparison; `try` was read before it if `attempt`.
fn value(input: &mut Words<'_, '_>, attempt: bool) -> Option<Header> {
    let mut targets = Vec::new();
    let mut ahead = 0;
    while let Some(Word::Name(name)) = input.peek(ahead) {
        targets.push((*name).to_owned());
        ahead += 1;
        if input.is_sign(ahead, "=") {
            break;
        }
        if !input.is_sign(ahead, ",") {
            targets.clear();
            break;
        }
        ahead += 1;
    }
    if !input.is_sign(ahead, "=") {
        targets.clear();
    }
    if !targets.is_empty() {
        (0..=ahead).for_each(|_| input.skip());
    }
    let value = input.expression()?;
    let outcome = if input.word("fails") {
        Outcome::Fails(errors(input)?)
    } else if input.word("succeeds") {
        Outcome::Succeeds
    } else {
        Outcome::Plain
    };
    input.is_done().then_some(Header::Whole(Does::Value { targets, value, attempt, outcome }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::builtins;
    use crate::scenario::syntax::Expr;

    #[test]
    fn every_program_of_the_catalogue_is_read_to_its_last_line() {
        for builtin in builtins() {
            let scenario = builtin.scenario().expect("a built-in scenario");
            for process in &scenario.default_plan().processes {
                for written in [process.program.written(), process.program.shared_functions()] {
                    let found = read(&written.text).unwrap_or_else(|Unreadable(line)| {
                        panic!("{}: line {line} of\n{}", builtin.name, written.text)
                    });
                    let mut lines = 0;
                    found.iter().for_each(|statement| statement.walk(&mut |_| lines += 1));
                    let said = written.text.lines().map(str::trim).filter(|line| {
                        let word = line.split([' ', ':']).next().unwrap_or_default();
                        !line.is_empty()
                            && !line.starts_with('#')
                            && !matches!(word, "elif" | "else" | "except")
                    });
                    assert_eq!(lines, said.count(), "{}", builtin.name);
                }
            }
        }
    }

    #[test]
    fn lists_loops_and_copies_are_read() {
        let found = read(
            "watched = [l, c]\nfor s in watched:\n  close(s)\nfork as child:\n  connect(s, [server]:80)\n",
        )
        .expect("read");
        let Does::Value { value: Expr::List(given), .. } = &found[0].does else { panic!("{found:?}") };
        assert_eq!(given.len(), 2);
        assert!(matches!(&found[1].does, Does::For(name, _, block) if name == "s" && block.len() == 1));
        assert!(matches!(&found[2].does, Does::Fork(block) if block.len() == 1));
    }

    #[test]
    fn the_library_is_read() {
        assert_eq!(library().len(), 3);
    }

    #[test]
    fn comments_stay_with_their_statements() {
        let found = read("# first\n\n# then\nclose(s)  # gone\n").expect("read");
        assert_eq!(found[0].above, [Some("first".to_owned()), None, Some("then".to_owned())]);
        assert_eq!(found[0].beside.as_deref(), Some("gone"));
    }
}
