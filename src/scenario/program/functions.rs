//! A program's own functions: `def name(arguments):`. Each call puts the function's body in its place, with variables of
//! its own; so there is no recursion, and every variable keeps one type.

use super::Op;
use super::compile::{Compiler, Type};
use super::expression::{Term, value_form};
use super::lines::{Line, lines};
use super::op::Slot;
use crate::scenario::cursor::{Cursor, Scene};
use crate::scenario::lex::words;
use crate::scenario::limits;
use crate::scenario::source::{Mistake, Parse, Piece};
use std::ops::Range;
use std::rc::Rc;

/// The functions that every program has, in the language itself.
pub(in crate::scenario) const LIBRARY: &str = include_str!("library.txt");

/// Where a function is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// In the program itself.
    Program,
    /// Under the file's key `functions`.
    File,
    /// In [`LIBRARY`].
    Library,
}

/// A function.
pub(super) struct Function<'a> {
    pub name: &'a str,
    pub parameters: Vec<&'a str>,
    pub body: Vec<Line<'a>>,
    pub piece: Rc<Piece>,
    pub home: Home,
    /// Where its name stands.
    pub span: Range<usize>,
}

/// What a function being put in its place has returned so far.
#[derive(Default)]
pub(super) struct Returns {
    /// Where its values are kept, and their types; none until the first `return`.
    pub slots: Option<Vec<(Slot, Type)>>,
    /// Jumps to its end.
    pub jumps: Vec<usize>,
}

/// Takes the functions out of the lines of `piece`; what is left is the program.
pub(super) fn collect<'a>(
    piece: &'a Piece,
    home: Home,
    scene: &mut Scene,
    found: &mut Vec<Rc<Function<'a>>>,
) -> Vec<Line<'a>> {
    let all = lines(piece, &mut scene.mistakes);
    let shared = Rc::new(piece.clone());
    let margin = all.first().map_or(0, |line| line.indent);
    let mut rest = Vec::new();
    let mut at = 0;
    while let Some(line) = all.get(at) {
        at += 1;
        let word = line.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
        if word != Some("def") || line.indent != margin {
            rest.push(*line);
            continue;
        }
        let body: Vec<Line<'_>> =
            all[at..].iter().take_while(|inner| inner.indent > line.indent).copied().collect();
        at += body.len();
        match header(*line) {
            Err(mistake) => scene.report(*mistake),
            Ok((name, span, parameters)) => {
                if let Some(mistake) = misnamed(name, &span, found) {
                    scene.report(mistake);
                    continue;
                }
                if body.is_empty() {
                    let end = line.start + line.text.len();
                    scene.report(Mistake::new(
                        end..end,
                        "an indented block must follow",
                        "后面要有缩进的语句块",
                    ));
                }
                found.push(Rc::new(Function { name, parameters, body, piece: shared.clone(), home, span }));
            }
        }
    }
    if found.len() > limits::FUNCTIONS
        && let Some(last) = found.last()
    {
        scene.report(Mistake::new(last.span.clone(), "too many functions", "函数太多"));
        found.truncate(limits::FUNCTIONS);
    }
    rest
}

/// `def name(a, b):`
fn header<'a>(line: Line<'a>) -> Parse<(&'a str, Range<usize>, Vec<&'a str>)> {
    let tokens = words(line.text, line.start)?;
    let end = tokens.last().map_or(line.start, |token| token.span.end);
    let mut cursor = Cursor::new(&tokens, end);
    cursor.advance();
    // Names are taken from the line itself, which outlives its words.
    let named =
        |span: Range<usize>| line.text.get(span.start - line.start..span.end - line.start).unwrap_or("");
    let (_, span) = cursor.expect_name("the function's name", "函数名")?;
    let name = named(span.clone());
    cursor.expect_sign("(")?;
    let mut parameters = Vec::new();
    while !cursor.is_sign(")") {
        let (_, at) = cursor.expect_name("a parameter's name", "参数名")?;
        if parameters.contains(&named(at.clone())) {
            let name = named(at.clone());
            return Err(Box::new(Mistake::new(
                at,
                format!("there are two parameters `{name}`"),
                format!("有两个名为 `{name}` 的参数"),
            )));
        }
        parameters.push(named(at));
        if !cursor.sign(",") {
            break;
        }
    }
    cursor.expect_sign(")")?;
    cursor.expect_sign(":")?;
    cursor.expect_end()?;
    Ok((name, span, parameters))
}

fn misnamed(name: &str, span: &Range<usize>, found: &[Rc<Function<'_>>]) -> Option<Mistake> {
    let taken = super::calls::names().chain(super::expression::names()).any(|known| known == name)
        || super::statement::STATEMENTS.contains(&name)
        || super::sets::CHANGES.contains(&name)
        || matches!(name, "split" | "makefile" | "readline");
    if taken {
        return Some(Mistake::new(
            span.clone(),
            format!("`{name}` has another meaning in programs"),
            format!("`{name}` 在程序里另有含义"),
        ));
    }
    found.iter().any(|known| known.name == name).then(|| {
        Mistake::new(
            span.clone(),
            format!("there is a function `{name}` already"),
            format!("已经有名为 `{name}` 的函数"),
        )
    })
}

impl Compiler<'_> {
    /// Whether the program has a function of that name.
    pub fn is_function(&self, name: &str) -> bool {
        self.functions.iter().any(|function| function.name == name)
    }

    /// Puts the function in its place, from the call's `(` on: where its values are then.
    pub fn invoke(
        &mut self,
        name: &str,
        span: Range<usize>,
        cursor: &mut Cursor<'_>,
    ) -> Parse<Vec<(Slot, Type)>> {
        let Some(index) = self.functions.iter().position(|function| function.name == name) else {
            return Ok(Vec::new());
        };
        let function = self.functions[index].clone();
        let given = self.given(cursor)?;
        let whole = cursor.since(span.start);
        if given.len() != function.parameters.len() {
            let (wanted, given) = (function.parameters.len(), given.len());
            let plural = if wanted == 1 { "" } else { "s" };
            let mistake = Mistake::new(
                span,
                format!("`{name}` takes {wanted} argument{plural}, not {given}"),
                format!("`{name}` 需要 {wanted} 个参数，这里给了 {given} 个"),
            );
            let usage = format!("{name}({})", function.parameters.join(", "));
            return Err(Box::new(mistake.help(format!("such as {usage}"), format!("例如 {usage}"))));
        }
        if self.calling.contains(&index) {
            let mistake =
                Mistake::new(whole, format!("`{name}` calls itself"), format!("`{name}` 调用了自己"));
            return Err(Box::new(mistake.help(
                "functions cannot call themselves here; `while` and `repeat` make rounds",
                "这里的函数不能调用自己；循环用 `while` 或 `repeat`",
            )));
        }
        self.scene.called.insert(name.to_owned());
        self.inlined += 1;
        if self.inlined > limits::INLINED || self.ops.len() > limits::OPERATIONS {
            return Err(Box::new(Mistake::new(
                whole,
                "with all its functions in their places the program is too long",
                "把所有函数展开后，程序太长",
            )));
        }
        Ok(self.put(index, &function, given, &whole))
    }

    /// The arguments of a call: values, sockets, addresses.
    fn given(&mut self, cursor: &mut Cursor<'_>) -> Parse<Vec<Term>> {
        cursor.expect_sign("(")?;
        let mut given = Vec::new();
        while !cursor.is_sign(")") {
            given.push(self.address_term(cursor)?);
            if !cursor.sign(",") {
                break;
            }
        }
        cursor.expect_sign(")")?;
        Ok(given)
    }

    /// A function of the library in its place, by its name.
    pub fn put_library(&mut self, name: &str, given: Vec<Term>, whole: &Range<usize>) -> Vec<(Slot, Type)> {
        let known = |function: &Rc<Function<'_>>| function.home == Home::Library && function.name == name;
        let Some(index) = self.functions.iter().position(known) else { return Vec::new() };
        self.inlined += 1;
        let function = self.functions[index].clone();
        self.put(index, &function, given, whole)
    }

    fn put(
        &mut self,
        index: usize,
        function: &Function<'_>,
        given: Vec<Term>,
        whole: &Range<usize>,
    ) -> Vec<(Slot, Type)> {
        let line = self.statement_words();
        // What the caller's piece had wrong so far stays with it.
        let before = std::mem::take(&mut self.scene.mistakes);
        let outer_scope = std::mem::replace(&mut self.scope, self.inlined);
        for (parameter, term) in function.parameters.iter().zip(given) {
            let slot = self.declare(parameter, term.kind, whole.clone());
            self.ops.push(Op::Keep { slot, value: value_form(term.formula), line: line.clone() });
        }
        let outer_loops = std::mem::take(&mut self.loops);
        let outer_returns = self.returns.replace(Returns::default());
        let outer_line = self.line.clone();
        // The body may lie in another piece, which stands in for the caller's while it is compiled.
        let outer_piece = std::mem::replace(&mut self.piece, function.piece.clone());
        self.calling.push(index);
        let mut at = 0;
        if let Some(first) = function.body.first() {
            self.block(&function.body, &mut at, first.indent, 0);
        }
        self.calling.pop();
        self.piece = outer_piece;
        self.line = outer_line;
        self.scope = outer_scope;
        self.loops = outer_loops;
        let returns = std::mem::replace(&mut self.returns, outer_returns).unwrap_or_default();
        let inside = std::mem::replace(&mut self.scene.mistakes, before);
        self.blame(function, inside, whole);
        if returns.slots.as_ref().is_some_and(|slots| !slots.is_empty()) {
            self.ops.push(Op::NoReturn { line });
        }
        let end = self.ops.len();
        self.lead(&returns.jumps, end);
        returns.slots.unwrap_or_default()
    }

    /// Mistakes found in a function's body are told where that is written; those in the library, where it is called.
    fn blame(&mut self, function: &Function<'_>, mistakes: Vec<Mistake>, whole: &Range<usize>) {
        match function.home {
            Home::Program => {
                for mistake in mistakes {
                    if !self.scene.mistakes.contains(&mistake) {
                        self.scene.report(mistake);
                    }
                }
            }
            Home::File => {
                for mistake in mistakes {
                    let told = ((*function.piece).clone(), mistake);
                    if !self.scene.elsewhere.contains(&told) {
                        self.scene.elsewhere.push(told);
                    }
                }
            }
            Home::Library => {
                if let Some(mistake) = mistakes.into_iter().next() {
                    self.scene.report(Mistake { span: whole.clone(), ..mistake });
                }
            }
        }
    }

    /// `return`, `return value`, `return one, other`.
    pub fn return_from(&mut self, cursor: &mut Cursor<'_>, at: Range<usize>) -> Parse<()> {
        if self.returns.is_none() {
            let mistake = Mistake::new(at, "`return` belongs into a function", "`return` 只能写在函数里");
            return Err(Box::new(mistake.help("the program ends with its last line", "程序在最后一行结束")));
        }
        let mut given = Vec::new();
        while !cursor.is_done() {
            let term = self.address_term(cursor)?;
            given.push(term);
            if !cursor.sign(",") {
                break;
            }
        }
        let known = self.returns.as_ref().and_then(|returns| returns.slots.clone());
        let slots = match known {
            None => {
                let slots: Vec<(Slot, Type)> =
                    given.iter().map(|term| (self.hidden(term.kind), term.kind)).collect();
                if let Some(returns) = &mut self.returns {
                    returns.slots = Some(slots.clone());
                }
                slots
            }
            Some(slots) => {
                let fit = slots.len() == given.len()
                    && slots.iter().zip(&given).all(|((_, kind), term)| {
                        *kind == term.kind || *kind == Type::Unknown || term.kind == Type::Unknown
                    });
                if !fit {
                    return Err(Box::new(
                        Mistake::new(
                            cursor.since(at.start),
                            "this returns something else than the `return` before",
                            "这里返回的与前面的 `return` 不一样",
                        )
                        .help(
                            "the same number and kinds of values each time",
                            "每次返回的个数和类型都要相同",
                        ),
                    ));
                }
                slots
            }
        };
        let line = self.statement_words();
        // A value may be read of another one's place: all are computed before any is kept.
        let computed: Vec<Slot> = given.into_iter().map(|term| self.settle(term).0).collect();
        for ((slot, _), from) in slots.into_iter().zip(computed) {
            let value = super::ValueForm::Variable(from);
            self.ops.push(Op::Keep { slot, value, line: line.clone() });
        }
        let jump = self.jump();
        if let Some(returns) = &mut self.returns {
            returns.jumps.push(jump);
        }
        Ok(())
    }

    /// Functions of the program that nothing calls are mistakes: nobody checked them.
    pub fn check_called(&mut self) {
        let unused: Vec<(String, Range<usize>)> = self
            .functions
            .iter()
            .filter(|function| function.home == Home::Program && !self.scene.called.contains(function.name))
            .map(|function| (function.name.to_owned(), function.span.clone()))
            .collect();
        for (name, span) in unused {
            self.scene.report(uncalled(&name, span));
        }
    }
}

/// Nothing calls the function of that name.
pub(in crate::scenario) fn uncalled(name: &str, span: Range<usize>) -> Mistake {
    Mistake::new(span, format!("nothing calls `{name}`"), format!("没有任何地方调用 `{name}`"))
        .help("call it, or take it out", "调用它，或者删去")
}

/// The names of the functions written in `piece`, with their places. Anything else in it is a mistake.
pub(in crate::scenario) fn written(piece: &Piece, scene: &mut Scene) -> Vec<(String, Range<usize>)> {
    let library = Piece::whole(LIBRARY);
    let mut found = Vec::new();
    collect(&library, Home::Library, scene, &mut found);
    let others = found.len();
    for line in collect(piece, Home::File, scene, &mut found) {
        scene.report(Mistake::new(
            line.start..line.start + line.text.len(),
            "only functions stand here: def name(data): …",
            "这里只能写函数：def 名字(data): ……",
        ));
    }
    found.iter().skip(others).map(|function| (function.name.to_owned(), function.span.clone())).collect()
}
