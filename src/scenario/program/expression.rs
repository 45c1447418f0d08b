//! Expressions: values made of other values, read with their types.

use super::compile::{Compiler, Type};
use super::formula::{Formula, Function, Sheet, Sign, Trouble};
use super::op::{Expected, Slot, Then, ValueForm};
use super::packet::{field, fields};
use super::{Op, Value};
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::limits;
use crate::scenario::number::{check_range, single};
use crate::scenario::source::{Mistake, Parse};
use bytes::Bytes;
use std::net::{SocketAddr, SocketAddrV4};
use std::ops::{Range, RangeInclusive};

/// An expression that was read.
pub(super) struct Term {
    pub formula: Formula,
    pub kind: Type,
    pub span: Range<usize>,
}

/// A function of values: what it is called, what it takes, what it gives, how it is written.
struct Known {
    name: &'static str,
    function: Function,
    takes: &'static [Type],
    gives: Type,
    usage: &'static str,
}

const fn known(
    name: &'static str,
    function: Function,
    takes: &'static [Type],
    gives: Type,
    usage: &'static str,
) -> Known {
    Known { name, function, takes, gives, usage }
}

const DATA: Type = Type::Data;
const NUMBER: Type = Type::Number;
const ADDRESS: Type = Type::Address;

/// The functions of values. `min` and `max` take two or more.
const FUNCTIONS: [Known; 19] = [
    known("len", Function::Length, &[DATA], NUMBER, "len(data)"),
    known("find", Function::Find, &[DATA, DATA], NUMBER, "find(data, \"\\r\\n\")"),
    known("starts_with", Function::StartsWith, &[DATA, DATA], NUMBER, "starts_with(line, \"GET \")"),
    known("u8", Function::U8, &[NUMBER], DATA, "u8(5)"),
    known("u16", Function::U16, &[NUMBER], DATA, "u16(443)"),
    known("u32", Function::U32, &[NUMBER], DATA, "u32(3600)"),
    known("number", Function::Number, &[DATA], NUMBER, "number(data[0:2])"),
    known("int", Function::Int, &[DATA], NUMBER, "int(\"12\")"),
    known("str", Function::Str, &[NUMBER], DATA, "str(12)"),
    known("octets", Function::Octets, &[ADDRESS], DATA, "octets(server)"),
    known("fileno", Function::FileNo, &[Type::Socket], NUMBER, "fileno(s)"),
    known("port", Function::Port, &[ADDRESS], NUMBER, "port(sender)"),
    known("address", Function::Address, &[DATA, NUMBER], ADDRESS, "address(reply[4:8], 67)"),
    known("icmp_echo", Function::IcmpEcho, &[NUMBER, NUMBER, DATA], DATA, "icmp_echo(7, 1, \"hello\")"),
    known(
        "udp_datagram",
        Function::UdpDatagram,
        &[NUMBER, NUMBER, DATA],
        DATA,
        "udp_datagram(4000, 7, \"hi\")",
    ),
    known(
        "ipv4_packet",
        Function::Ipv4,
        &[ADDRESS, ADDRESS, NUMBER, DATA],
        DATA,
        "ipv4_packet(client, server, icmp, icmp_echo(7, 1, \"hello\"))",
    ),
    known("checksum", Function::Checksum, &[DATA], NUMBER, "checksum(data)"),
    known("min", Function::Min, &[NUMBER, NUMBER], NUMBER, "min(n, 100)"),
    known("max", Function::Max, &[NUMBER, NUMBER], NUMBER, "max(n, 1)"),
];

/// The names of the functions of values.
pub(in crate::scenario) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|known| known.name)
}

/// How deep parentheses and functions may go.
const DEPTH: usize = 32;

impl Compiler<'_> {
    /// Reads an expression of any kind.
    pub fn term(&mut self, cursor: &mut Cursor<'_>) -> Parse<Term> {
        self.sum(cursor, 0)
    }

    /// Reads an expression of one of these kinds; another is reported.
    pub fn term_of(&mut self, cursor: &mut Cursor<'_>, kinds: &[Type]) -> Parse<Term> {
        let term = self.term(cursor)?;
        self.must_be(&term, kinds);
        Ok(term)
    }

    /// Data: `"text"`, `"x" * 1000`, a variable, `data[4:]`, or several joined by `+`.
    pub fn data(&mut self, cursor: &mut Cursor<'_>) -> Parse<Formula> {
        let begins = match cursor.peek() {
            Some(Word::Text(_) | Word::Name(_)) => true,
            Some(Word::Sign(sign)) => *sign == "(",
            Some(Word::Number(_) | Word::Address(_) | Word::Bracketed(_)) | None => false,
        };
        if !begins {
            return Err(cursor.expected(
                "data: \"text\", \"x\" * 1000, or a variable",
                "数据：\"text\"、\"x\" * 1000 或变量",
            ));
        }
        self.term_of(cursor, &[Type::Data]).map(|term| term.formula)
    }

    /// A number of that range: written down, or computed when the call is made.
    pub fn amount(
        &mut self,
        cursor: &mut Cursor<'_>,
        range: RangeInclusive<u64>,
        en: &str,
        zh: &str,
    ) -> Parse<Formula> {
        let begins = match cursor.peek() {
            Some(Word::Number(_) | Word::Name(_)) => true,
            Some(Word::Sign(sign)) => matches!(*sign, "(" | "-"),
            Some(Word::Text(_) | Word::Address(_) | Word::Bracketed(_)) | None => false,
        };
        if !begins {
            return Err(cursor.expected(en, zh));
        }
        let term = self.term_of(cursor, &[Type::Number])?;
        if let Formula::Fixed(Value::Number(number)) = term.formula {
            check_range(u64::try_from(number).unwrap_or(u64::MAX), range, term.span, self.scene, en, zh);
        }
        Ok(term.formula)
    }

    /// Computes the term into a place of its own, if it is not a variable already.
    pub fn settle(&mut self, term: Term) -> (Slot, Type) {
        if let Formula::Variable(slot) = term.formula {
            return (slot, term.kind);
        }
        let slot = self.hidden(term.kind);
        self.ops.push(Op::Keep { slot, value: value_form(term.formula), line: self.statement_words() });
        (slot, term.kind)
    }

    fn must_be(&mut self, term: &Term, kinds: &[Type]) {
        if term.kind == Type::Unknown || kinds.contains(&term.kind) {
            return;
        }
        let wanted = kinds.first().copied().unwrap_or(Type::Unknown).words();
        let (en, zh) = self.called(term);
        let mut mistake = Mistake::new(
            term.span.clone(),
            format!("{en} is {}, not {}", term.kind.words().0, wanted.0),
            format!("{zh}是{}，不是{}", term.kind.words().1, wanted.1),
        );
        if (term.kind, kinds.first()) == (Type::Number, Some(&Type::Data)) {
            mistake = mistake.help(
                "str(n) makes digits of a number; u8(n), u16(n), u32(n) make octets",
                "str(n) 把数变成十进制数字；u8(n)、u16(n)、u32(n) 把数变成字节",
            );
        }
        if (term.kind, kinds.first()) == (Type::Data, Some(&Type::Number)) {
            mistake = mistake.help(
                "int(text) reads digits; number(data) reads octets; data[0] is one octet",
                "int(text) 读十进制数字；number(data) 读字节；data[0] 是一个字节",
            );
        }
        self.scene.report(mistake);
    }

    /// How messages call the term.
    fn called(&self, term: &Term) -> (String, String) {
        match term.formula {
            Formula::Variable(slot)
                if self.variables.get(slot).is_some_and(|known| !known.name.is_empty()) =>
            {
                let name = format!("`{}`", self.variables[slot].name);
                (name.clone(), format!("{name} "))
            }
            _ => ("this".to_owned(), "这里".to_owned()),
        }
    }

    fn sum(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Parse<Term> {
        let mut left = self.product(cursor, depth)?;
        loop {
            let sign = match cursor.peek() {
                Some(Word::Sign("+")) => Sign::Plus,
                Some(Word::Sign("-")) => Sign::Minus,
                _ => return Ok(left),
            };
            cursor.advance();
            let right = self.product(cursor, depth)?;
            left = self.join(left, sign, right)?;
        }
    }

    fn product(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Parse<Term> {
        let mut left = self.factor(cursor, depth)?;
        loop {
            let sign = match cursor.peek() {
                Some(Word::Sign("*")) => Sign::Times,
                Some(Word::Sign("/")) => Sign::Over,
                Some(Word::Sign("%")) => Sign::Modulo,
                _ => return Ok(left),
            };
            cursor.advance();
            if sign == Sign::Over {
                // Python's `//` is the same here: there are whole numbers only.
                cursor.sign("/");
            }
            let right = self.factor(cursor, depth)?;
            left = self.join(left, sign, right)?;
        }
    }

    fn join(&mut self, left: Term, sign: Sign, right: Term) -> Parse<Term> {
        let span = left.span.start..right.span.end;
        let kind = match (left.kind, sign, right.kind) {
            (Type::Number, _, Type::Number) => Type::Number,
            (Type::Data, Sign::Plus, Type::Data) | (Type::Data, Sign::Times, Type::Number) => Type::Data,
            (Type::Number, Sign::Times, Type::Data) => return self.join(right, sign, left),
            (Type::Unknown, _, other) | (other, _, Type::Unknown) => other,
            (Type::Data, Sign::Plus, _) => {
                self.must_be(&right, &[Type::Data]);
                Type::Data
            }
            (_, Sign::Plus, Type::Data) => {
                self.must_be(&left, &[Type::Data]);
                Type::Data
            }
            _ => {
                self.must_be(&left, &[Type::Number]);
                self.must_be(&right, &[Type::Number]);
                Type::Number
            }
        };
        let formula = Formula::Joined(Box::new(left.formula), sign, Box::new(right.formula));
        Ok(Term { formula: self.folded(formula, &span)?, kind, span })
    }

    /// What is known beforehand is computed beforehand; what cannot be computed is a mistake.
    fn folded(&mut self, formula: Formula, span: &Range<usize>) -> Parse<Formula> {
        match formula.fixed() {
            None => Ok(formula),
            Some(Ok(value)) => Ok(Formula::Fixed(value)),
            Some(Err(trouble)) => Err(self.trouble(trouble, &formula, span.clone())),
        }
    }

    fn trouble(&self, trouble: Trouble, formula: &Formula, span: Range<usize>) -> Box<Mistake> {
        let (en, zh) = match trouble {
            Trouble::Unset => ("this cannot be computed".to_owned(), "这无法计算".to_owned()),
            Trouble::Index => ("there is no octet at that place".to_owned(), "那个位置没有字节".to_owned()),
            Trouble::Value => ("no number can be read from this".to_owned(), "从这里读不出数".to_owned()),
            Trouble::Overflow => ("the number does not fit".to_owned(), "数太大或太小，放不下".to_owned()),
            Trouble::ZeroDivision => ("division by zero".to_owned(), "除数为零".to_owned()),
            Trouble::Memory => {
                let octets = length(formula);
                return Box::new(
                    Mistake::new(span, format!("these are {octets} octets"), format!("这有 {octets} 个字节"))
                        .help(
                            format!("at most {} in one call", limits::DATA),
                            format!("一次调用最多 {} 个字节", limits::DATA),
                        ),
                );
            }
        };
        Box::new(Mistake::new(span, en, zh))
    }

    /// A value, with the slices and places that stand behind it.
    fn factor(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Parse<Term> {
        let mut term = self.primary(cursor, depth)?;
        if cursor.is_sign(".") {
            term = self.field_of(term, cursor)?;
        }
        while cursor.sign("[") {
            self.must_be(&term, &[Type::Data]);
            let first = if cursor.is_sign(":") { None } else { Some(self.place(cursor, depth + 1)?) };
            let start = term.span.start;
            let data = Box::new(term.formula);
            let (formula, kind) = if cursor.sign(":") {
                let last = if cursor.is_sign("]") { None } else { Some(self.place(cursor, depth + 1)?) };
                (Formula::Slice(data, first, last), Type::Data)
            } else {
                let Some(place) = first else { return Err(cursor.expected("a place", "位置")) };
                (Formula::Octet(data, place), Type::Number)
            };
            cursor.expect_sign("]")?;
            let span = cursor.since(start);
            term = Term { formula: self.folded(formula, &span)?, kind, span };
        }
        Ok(term)
    }

    /// `.icmp.type` behind a packet.
    fn field_of(&mut self, term: Term, cursor: &mut Cursor<'_>) -> Parse<Term> {
        cursor.advance();
        self.must_be(&term, &[Type::Data]);
        let (layer, span) = cursor.expect_name("ip, icmp or udp", "ip、icmp 或 udp")?;
        cursor.expect_sign(".")?;
        let (name, _) = cursor.expect_name("a field's name", "字段名")?;
        let whole = cursor.since(term.span.start);
        let Some(function) = field(layer, name) else {
            let named = format!("{layer}.{name}");
            let mistake = Mistake::new(
                cursor.since(span.start),
                format!("a packet has no field `{named}` here"),
                format!("这里的分组没有字段 `{named}`"),
            );
            return Err(Box::new(mistake.known(&named, fields())));
        };
        let kind = match function {
            Function::Source | Function::Destination => Type::Address,
            _ => Type::Number,
        };
        let formula = self.folded(Formula::Function(function, vec![term.formula]), &whole)?;
        Ok(Term { formula, kind, span: whole })
    }

    /// `icmp`, `udp`, or a protocol's number.
    fn protocol_term(&mut self, cursor: &mut Cursor<'_>) -> Parse<Term> {
        let span = cursor.span();
        let number = i64::from(self.protocol(cursor)?);
        Ok(Term { formula: Formula::Fixed(Value::Number(number)), kind: Type::Number, span })
    }

    fn place(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Parse<Box<Formula>> {
        let term = self.sum(cursor, depth)?;
        self.must_be(&term, &[Type::Number]);
        Ok(Box::new(term.formula))
    }

    fn primary(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Parse<Term> {
        let span = cursor.span();
        if depth > DEPTH {
            return Err(Box::new(Mistake::new(span, "too many parentheses", "括号嵌套太深")));
        }
        match cursor.peek() {
            Some(Word::Text(text)) => {
                cursor.advance();
                let formula = Formula::Fixed(Value::Data(Bytes::from(text.clone())));
                Ok(Term { formula, kind: Type::Data, span })
            }
            Some(Word::Number(_)) => {
                let number = single(cursor, self.scene, 0..=i64::MAX as u64, "the number", "这个数")?;
                Ok(Term { formula: Formula::Fixed(Value::Number(number as i64)), kind: Type::Number, span })
            }
            Some(Word::Sign("(")) => {
                cursor.advance();
                let inner = self.sum(cursor, depth + 1)?;
                cursor.expect_sign(")")?;
                Ok(Term { span: cursor.since(span.start), ..inner })
            }
            Some(Word::Sign("-")) => {
                cursor.advance();
                let inner = self.factor(cursor, depth + 1)?;
                let zero = Formula::Fixed(Value::Number(0));
                self.join(Term { formula: zero, kind: Type::Number, span }, Sign::Minus, inner)
            }
            Some(Word::Name(name)) => {
                if matches!(cursor.peek_at(1), Some(Word::Sign("("))) {
                    if *name == "readline" {
                        return self.read_line(cursor);
                    }
                    return self.applied(name, cursor, depth);
                }
                cursor.advance();
                self.named(name, span)
            }
            Some(Word::Address(_) | Word::Bracketed(_) | Word::Sign(_)) | None => {
                Err(cursor.expected("a value", "值"))
            }
        }
    }

    /// A variable.
    fn named(&mut self, name: &str, span: Range<usize>) -> Parse<Term> {
        if let Some((first, _)) = name.split_once('-')
            && self.find(name).is_none()
            && self.find(first).is_some()
        {
            let mistake =
                Mistake::new(span, format!("`{name}` has no value yet"), format!("`{name}` 还没有值"));
            let spaced = name.replace('-', " - ");
            return Err(Box::new(mistake.help(
                format!("a difference needs spaces: {spaced}"),
                format!("减号两边要有空格：{spaced}"),
            )));
        }
        let slot = self.variable(name, &Type::ALL, span.clone());
        let kind = self.variables.get(slot).map_or(Type::Unknown, |known| known.kind);
        Ok(Term { formula: Formula::Variable(slot), kind, span })
    }

    /// Something with parentheses behind it: a function of values, one of the program's own, or a call.
    fn applied(&mut self, name: &str, cursor: &mut Cursor<'_>, depth: usize) -> Parse<Term> {
        let span = cursor.span();
        cursor.advance();
        if let Some(known) = FUNCTIONS.iter().find(|known| known.name == name) {
            return self.computed(known, span, cursor, depth);
        }
        let text = |cursor: &Cursor<'_>, compiler: &Self| compiler.words_since(cursor, span.start);
        let (slot, kind) = if self.is_function(name) {
            let given = self.invoke(name, span.clone(), cursor)?;
            let Some(first) = given.first() else {
                return Err(Box::new(Mistake::new(
                    cursor.since(span.start),
                    format!("`{name}` returns nothing"),
                    format!("`{name}` 没有返回值"),
                )));
            };
            *first
        } else {
            let (call, kinds) = self.call(name, span.clone(), cursor)?;
            let words = text(cursor, self);
            let Some(kind) = kinds.0 else {
                return Err(Box::new(Mistake::new(
                    cursor.since(span.start),
                    format!("`{words}` gives nothing to keep"),
                    format!("`{words}` 不返回值"),
                )));
            };
            let slot = self.hidden(kind);
            let then = Then::new(Expected::Success, false, [Some(slot), None]);
            self.settle_far(false);
            self.ops.push(Op::Call { call, text: words.clone(), line: words, then });
            (slot, kind)
        };
        Ok(Term { formula: Formula::Variable(slot), kind, span: cursor.since(span.start) })
    }

    /// A function of values, from its `(` on.
    fn computed(
        &mut self,
        known: &Known,
        span: Range<usize>,
        cursor: &mut Cursor<'_>,
        depth: usize,
    ) -> Parse<Term> {
        cursor.expect_sign("(")?;
        let any = matches!(known.function, Function::Min | Function::Max);
        let mut given = Vec::new();
        while !cursor.is_sign(")") {
            let wanted = known.takes.get(given.len()).or(known.takes.last().filter(|_| any));
            let term = match wanted {
                Some(Type::Address) => self.address_term(cursor)?,
                Some(Type::Number) if known.function == Function::Ipv4 => self.protocol_term(cursor)?,
                _ => self.sum(cursor, depth + 1)?,
            };
            if let Some(wanted) = wanted {
                self.must_be(&term, &[*wanted]);
            }
            given.push(term.formula);
            if !cursor.sign(",") {
                break;
            }
        }
        cursor.expect_sign(")")?;
        let whole = cursor.since(span.start);
        if given.len() < known.takes.len() || (given.len() > known.takes.len() && !any) {
            let (name, wanted) = (known.name, known.takes.len());
            let plural = if wanted == 1 { "" } else { "s" };
            let mistake = Mistake::new(
                span,
                format!("`{name}` takes {wanted} argument{plural}, not {}", given.len()),
                format!("`{name}` 需要 {wanted} 个参数，这里给了 {} 个", given.len()),
            );
            return Err(Box::new(
                mistake.help(format!("such as {}", known.usage), format!("例如 {}", known.usage)),
            ));
        }
        let formula = self.folded(Formula::Function(known.function, given), &whole)?;
        Ok(Term { formula, kind: known.gives, span: whole })
    }

    /// An address among the arguments of a function: `server`, `server:80`, `10.0.0.2`, or an expression.
    pub fn address_term(&mut self, cursor: &mut Cursor<'_>) -> Parse<Term> {
        let span = cursor.span();
        let literal = match cursor.peek() {
            Some(Word::Address(_) | Word::Bracketed(_)) => true,
            Some(Word::Name(name)) => {
                let bare = !matches!(cursor.peek_at(1), Some(Word::Sign("(" | "[")));
                bare && self.find(name).is_none() && (*name == "localhost" || self.scene.host(name).is_some())
            }
            Some(Word::Sign(sign)) => matches!(*sign, "*" | "["),
            Some(Word::Number(_) | Word::Text(_)) | None => false,
        };
        if !literal {
            return self.term(cursor);
        }
        let of_ipv6 = matches!(cursor.peek(), Some(Word::Bracketed(_) | Word::Sign("[")));
        let address = if of_ipv6 || matches!(cursor.peek_at(1), Some(Word::Sign(":"))) {
            match self.address(cursor, true)? {
                super::AddressForm::Fixed(address) => address,
                super::AddressForm::Variable(slot) => {
                    return Ok(Term { formula: Formula::Variable(slot), kind: Type::Address, span });
                }
            }
        } else {
            SocketAddr::V4(SocketAddrV4::new(self.ip(cursor)?, 0))
        };
        let formula = Formula::Fixed(Value::Address(address));
        Ok(Term { formula, kind: Type::Address, span: cursor.since(span.start) })
    }

    /// `first, second = split(data, " ")`: as many pieces as there are names; the last one has all that is left.
    pub fn split(&mut self, cursor: &mut Cursor<'_>, targets: &[(&str, Range<usize>)]) -> Parse<()> {
        cursor.advance();
        cursor.expect_sign("(")?;
        let data = self.term_of(cursor, &[Type::Data])?;
        cursor.expect_sign(",")?;
        let mark = self.term_of(cursor, &[Type::Data])?;
        cursor.expect_sign(")")?;
        let (mark, _) = self.settle(mark);
        let mut rest = data.formula;
        let mut pieces = Vec::new();
        let line = self.statement_words();
        for _ in 1..targets.len() {
            for function in [Function::Before, Function::After] {
                let slot = self.hidden(Type::Data);
                let value = Formula::Function(function, vec![rest.clone(), Formula::Variable(mark)]);
                self.ops.push(Op::Keep { slot, value: ValueForm::Computed(value), line: line.clone() });
                pieces.push(slot);
            }
            rest = pieces.pop().map_or(rest, Formula::Variable);
        }
        let firsts = pieces.into_iter().map(Formula::Variable);
        let all: Vec<Formula> = firsts.chain([rest]).collect();
        for ((name, span), formula) in targets.iter().zip(all) {
            let slot = self.declare(name, Type::Data, span.clone());
            self.ops.push(Op::Keep { slot, value: value_form(formula), line: line.clone() });
        }
        Ok(())
    }
}

/// The formula as the right side of a comparison or an assignment.
pub(super) fn value_form(formula: Formula) -> ValueForm {
    match formula {
        Formula::Fixed(value) => ValueForm::Fixed(value),
        Formula::Variable(slot) => ValueForm::Variable(slot),
        other => ValueForm::Computed(other),
    }
}

/// How many octets a joined formula would have, for its mistake.
fn length(formula: &Formula) -> u64 {
    let mut sheet = Sheet { variables: &[], octets: 0 };
    match formula {
        Formula::Joined(left, Sign::Times, times) => {
            let times = sheet.number(times).ok().and_then(|times| u64::try_from(times).ok());
            length(left).saturating_mul(times.unwrap_or(0))
        }
        Formula::Joined(left, _, right) => length(left).saturating_add(length(right)),
        other => sheet.data(other).map_or(0, |data| data.len() as u64),
    }
}
