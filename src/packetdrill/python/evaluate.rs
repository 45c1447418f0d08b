//! Statements carried out. What Python would do for ever ends at a limit.

use super::functions;
use super::syntax::{Expression, ExpressionKind, Kind, Operator, Statement};
use super::{Value, format};
use crate::lang::Text;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

/// Expressions evaluated, and parts of values made, by all code of a script before it is given up.
const MOST_STEPS: u32 = 1_000_000;
/// Octets, or items, that one value may have.
pub(super) const LARGEST: usize = 1 << 20;

/// Names and what they stand for; what was printed.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    names: BTreeMap<String, Value>,
    printed: Vec<String>,
    steps: u32,
}

/// Why statements did not run to their end.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// An assertion that does not hold.
    Assertion {
        /// Of the condition.
        span: Range<usize>,
        /// What each side of it came to, and what the script says of it.
        found: String,
    },
    /// What Python would raise an exception for.
    Error {
        /// Where.
        span: Range<usize>,
        /// What.
        says: Text,
    },
    /// What Python does and this evaluator does not.
    Unsupported {
        /// Where.
        span: Range<usize>,
        /// The word it is known by.
        what: String,
    },
}

pub(super) type Outcome<T> = Result<T, Box<Failure>>;

/// How a block ended.
enum Ended {
    Normally,
    Break,
    Continue,
}

pub(super) fn error(span: &Range<usize>, en: impl Into<String>, zh: impl Into<String>) -> Box<Failure> {
    Box::new(Failure::Error { span: span.clone(), says: Text::new(en, zh) })
}

impl Environment {
    /// Nothing is known.
    pub fn new() -> Environment {
        Environment::default()
    }

    /// Gives a name its value.
    pub fn set(&mut self, name: &str, value: Value) {
        self.names.insert(name.to_owned(), value);
    }

    /// What the name stands for.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.names.get(name)
    }

    /// What was printed, a line each.
    pub fn printed(&self) -> &[String] {
        &self.printed
    }

    /// Carries them out.
    ///
    /// # Errors
    /// The first assertion that does not hold, error, or statement that is not supported.
    pub fn run(&mut self, statements: &[Statement]) -> Result<(), Box<Failure>> {
        self.block(statements).map(|_| ())
    }

    fn block(&mut self, statements: &[Statement]) -> Outcome<Ended> {
        for statement in statements {
            match self.statement(statement)? {
                Ended::Normally => {}
                ended @ (Ended::Break | Ended::Continue) => return Ok(ended),
            }
        }
        Ok(Ended::Normally)
    }

    fn statement(&mut self, statement: &Statement) -> Outcome<Ended> {
        match &statement.kind {
            Kind::Assert(condition, message) => self.assert(condition, message.as_ref())?,
            Kind::Print(values) => {
                let values: Vec<String> = values
                    .iter()
                    .map(|value| self.value(value).map(|v| v.to_string()))
                    .collect::<Outcome<_>>()?;
                self.printed.push(values.join(" "));
            }
            Kind::Assign(targets, value) => {
                let value = self.value(value)?;
                for target in targets {
                    self.assign(target, value.clone())?;
                }
            }
            Kind::Augment(target, operator, value) => {
                let before = self.value(target)?;
                let by = self.value(value)?;
                let after = functions::binary(*operator, &before, &by, &statement.span)?;
                self.assign(target, after)?;
            }
            Kind::Bare(value) => {
                self.value(value)?;
            }
            Kind::If(branches, otherwise) => {
                for (condition, block) in branches {
                    if self.value(condition)?.is_true() {
                        return self.block(block);
                    }
                }
                return self.block(otherwise);
            }
            Kind::For(target, values, block) => {
                let all = self.value(values)?;
                for item in functions::items(&all, &values.span)? {
                    self.assign(target, item)?;
                    if matches!(self.block(block)?, Ended::Break) {
                        break;
                    }
                }
            }
            Kind::While(condition, block) => {
                while self.value(condition)?.is_true() {
                    if matches!(self.block(block)?, Ended::Break) {
                        break;
                    }
                }
            }
            Kind::Pass => {}
            Kind::Break => return Ok(Ended::Break),
            Kind::Continue => return Ok(Ended::Continue),
            Kind::Unsupported(what) => {
                return Err(Box::new(Failure::Unsupported {
                    span: statement.span.clone(),
                    what: what.clone(),
                }));
            }
        }
        Ok(Ended::Normally)
    }

    fn assert(&mut self, condition: &Expression, message: Option<&Expression>) -> Outcome<()> {
        if self.value(condition)?.is_true() {
            return Ok(());
        }
        let mut found = Vec::new();
        self.explain(condition, &mut found);
        if let Some(message) = message {
            found.push(self.value(message)?.to_string());
        }
        Err(Box::new(Failure::Assertion { span: condition.span.clone(), found: found.join(", ") }))
    }

    /// `name = value` for every name of the condition, in the order written.
    fn explain(&self, condition: &Expression, found: &mut Vec<String>) {
        let mut told = |name: &str| {
            if let Some(value) = self.names.get(name) {
                let line = format!("{name} = {}", value.shown());
                if !found.contains(&line) {
                    found.push(line);
                }
            }
        };
        match &condition.kind {
            ExpressionKind::Name(name) => told(name),
            ExpressionKind::Literal(_) => {}
            ExpressionKind::Sign(_, inner)
            | ExpressionKind::Not(inner)
            | ExpressionKind::Member(inner, _) => {
                self.explain(inner, found);
            }
            ExpressionKind::And(a, b)
            | ExpressionKind::Or(a, b)
            | ExpressionKind::Binary(_, a, b)
            | ExpressionKind::Item(a, b) => {
                self.explain(a, found);
                self.explain(b, found);
            }
            ExpressionKind::Compare(first, rest) => {
                self.explain(first, found);
                rest.iter().for_each(|(_, value)| self.explain(value, found));
            }
            ExpressionKind::Choice(parts) => parts.iter().for_each(|part| self.explain(part, found)),
            ExpressionKind::Call(_, values)
            | ExpressionKind::List(values)
            | ExpressionKind::Tuple(values) => {
                values.iter().for_each(|value| self.explain(value, found));
            }
            ExpressionKind::Slice(value, _, _) => self.explain(value, found),
        }
    }

    fn assign(&mut self, target: &Expression, value: Value) -> Outcome<()> {
        match &target.kind {
            ExpressionKind::Name(name) => {
                self.names.insert(name.clone(), value);
                Ok(())
            }
            ExpressionKind::Tuple(targets) | ExpressionKind::List(targets) => {
                let values = functions::items(&value, &target.span)?;
                if values.len() != targets.len() {
                    return Err(error(
                        &target.span,
                        format!("{} names for {} values", targets.len(), values.len()),
                        format!("{} 个名字对 {} 个值", targets.len(), values.len()),
                    ));
                }
                for (target, value) in targets.iter().zip(values) {
                    self.assign(target, value)?;
                }
                Ok(())
            }
            _ => Err(error(&target.span, "nothing can be assigned to this", "不能给它赋值")),
        }
    }

    fn value(&mut self, expression: &Expression) -> Outcome<Value> {
        self.spend(1, &expression.span)?;
        let value = self.worked_out(expression)?;
        // A large value costs as much as many small ones.
        self.spend(value.weight(), &expression.span)?;
        Ok(value)
    }

    fn spend(&mut self, steps: u32, span: &Range<usize>) -> Outcome<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MOST_STEPS {
            return Err(error(span, "this code does not come to an end", "这段代码停不下来"));
        }
        Ok(())
    }

    fn worked_out(&mut self, expression: &Expression) -> Outcome<Value> {
        let span = &expression.span;
        Ok(match &expression.kind {
            ExpressionKind::Literal(value) => value.clone(),
            ExpressionKind::Name(name) => match self.names.get(name) {
                Some(value) => value.clone(),
                None => return Err(unknown(name, span)),
            },
            ExpressionKind::Sign(sign, inner) => {
                let value = self.value(inner)?;
                functions::sign(*sign, &value, span)?
            }
            ExpressionKind::Not(inner) => Value::Bool(!self.value(inner)?.is_true()),
            ExpressionKind::And(a, b) => {
                let left = self.value(a)?;
                if left.is_true() { self.value(b)? } else { left }
            }
            ExpressionKind::Or(a, b) => {
                let left = self.value(a)?;
                if left.is_true() { left } else { self.value(b)? }
            }
            ExpressionKind::Binary(Operator::Remainder, a, b) => {
                let (left, right) = (self.value(a)?, self.value(b)?);
                match left {
                    Value::Text(pattern) => Value::Text(format::percent(&pattern, right, span)?),
                    left => functions::binary(Operator::Remainder, &left, &right, span)?,
                }
            }
            ExpressionKind::Binary(operator, a, b) => {
                let (left, right) = (self.value(a)?, self.value(b)?);
                functions::binary(*operator, &left, &right, span)?
            }
            ExpressionKind::Compare(first, rest) => return self.compare(first, rest),
            ExpressionKind::Choice(parts) => {
                let [condition, yes, no] = &**parts;
                if self.value(condition)?.is_true() { self.value(yes)? } else { self.value(no)? }
            }
            ExpressionKind::Call(function, arguments) => return self.call(function, arguments, span),
            ExpressionKind::Member(_, name) => {
                return Err(Box::new(Failure::Unsupported { span: span.clone(), what: format!(".{name}") }));
            }
            ExpressionKind::Item(value, index) => {
                let (value, index) = (self.value(value)?, self.value(index)?);
                functions::item(&value, &index, span)?
            }
            ExpressionKind::Slice(value, from, to) => {
                let value = self.value(value)?;
                let mut bound = |bound: &Option<Box<Expression>>| -> Outcome<Option<i128>> {
                    let Some(bound) = bound else { return Ok(None) };
                    let found = self.value(bound)?;
                    found.integer().map(Some).ok_or_else(|| error(&bound.span, "no whole number", "不是整数"))
                };
                let (from, to) = (bound(from)?, bound(to)?);
                functions::slice(&value, from, to, span)?
            }
            ExpressionKind::List(items) => Value::List(self.values(items)?),
            ExpressionKind::Tuple(items) => Value::Tuple(self.values(items)?),
        })
    }

    fn values(&mut self, expressions: &[Expression]) -> Outcome<Vec<Value>> {
        expressions.iter().map(|expression| self.value(expression)).collect()
    }

    fn compare(&mut self, first: &Expression, rest: &[(Operator, Expression)]) -> Outcome<Value> {
        let mut left = self.value(first)?;
        for (operator, expression) in rest {
            let right = self.value(expression)?;
            let order = || {
                left.order(&right).ok_or_else(|| {
                    let (a, b) = (left.type_name(), right.type_name());
                    error(
                        &expression.span,
                        format!("{a} and {b} have no order"),
                        format!("{a} 和 {b} 不能比较大小"),
                    )
                })
            };
            let holds = match operator {
                Operator::NotEqual => !left.equals(&right),
                Operator::Is => left.equals(&right) && left.type_name() == right.type_name(),
                Operator::IsNot => !(left.equals(&right) && left.type_name() == right.type_name()),
                Operator::Less => order()? == Ordering::Less,
                Operator::LessOrEqual => order()? != Ordering::Greater,
                Operator::Greater => order()? == Ordering::Greater,
                Operator::GreaterOrEqual => order()? != Ordering::Less,
                Operator::In => functions::contains(&right, &left, &expression.span)?,
                Operator::NotIn => !functions::contains(&right, &left, &expression.span)?,
                _ => left.equals(&right),
            };
            if !holds {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    fn call(
        &mut self,
        function: &Expression,
        arguments: &[Expression],
        span: &Range<usize>,
    ) -> Outcome<Value> {
        let values = self.values(arguments)?;
        match &function.kind {
            ExpressionKind::Name(name) => functions::call(name, values, span),
            ExpressionKind::Member(object, name) => {
                // A module's function goes by its own name: math.floor, sys.stdout.write.
                let module =
                    matches!(&object.kind, ExpressionKind::Name(name) if !self.names.contains_key(name));
                if module || matches!(object.kind, ExpressionKind::Member(..)) {
                    return functions::call(name, values, span);
                }
                let object = self.value(object)?;
                functions::method(&object, name, values, span)
            }
            _ => Err(error(span, "this cannot be called", "它不能被调用")),
        }
    }
}

fn unknown(name: &str, span: &Range<usize>) -> Box<Failure> {
    // What a kernel newer than the model may report is no mistake of the script's.
    if name.starts_with("tcpi_")
        || name.starts_with("bbr_")
        || name.starts_with("vegas_")
        || name.starts_with("dctcp_")
    {
        return Box::new(Failure::Unsupported { span: span.clone(), what: name.to_owned() });
    }
    error(span, format!("no value has the name {name}"), format!("没有叫 {name} 的值"))
}
