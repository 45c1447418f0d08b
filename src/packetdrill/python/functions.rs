//! Operators and the built-in functions that scripts use.

use super::Value;
use super::evaluate::{Failure, LARGEST, Outcome, error};
use super::format;
use super::syntax::Operator;
use std::cmp::Ordering;
use std::ops::Range;

fn too_large(span: &Range<usize>) -> Box<Failure> {
    error(span, "this value grows too large", "这个值太大了")
}

fn divided_by_zero(span: &Range<usize>) -> Box<Failure> {
    error(span, "division by zero", "除数为零")
}

/// `a operator b`.
pub(super) fn binary(operator: Operator, a: &Value, b: &Value, span: &Range<usize>) -> Outcome<Value> {
    if let (Some(a), Some(b)) = (a.integer(), b.integer()) {
        return integers(operator, a, b, span);
    }
    if let (Some(a), Some(b)) = (a.number(), b.number()) {
        return fractions(operator, a, b, span);
    }
    let joined = |len: usize| if len > LARGEST { Err(too_large(span)) } else { Ok(()) };
    match (operator, a, b) {
        (Operator::Add, Value::Text(a), Value::Text(b)) => {
            joined(a.len() + b.len())?;
            Ok(Value::Text(format!("{a}{b}")))
        }
        (Operator::Add, Value::List(a), Value::List(b)) => {
            joined(a.len() + b.len())?;
            Ok(Value::List(a.iter().chain(b).cloned().collect()))
        }
        (Operator::Add, Value::Tuple(a), Value::Tuple(b)) => {
            joined(a.len() + b.len())?;
            Ok(Value::Tuple(a.iter().chain(b).cloned().collect()))
        }
        (Operator::Multiply, Value::Text(text), times) if times.integer().is_some() => {
            let times =
                usize::try_from(times.integer().unwrap_or_default().max(0)).map_err(|_| too_large(span))?;
            joined(text.len().saturating_mul(times))?;
            Ok(Value::Text(text.repeat(times)))
        }
        (_, a, b) => {
            let (a, b) = (a.type_name(), b.type_name());
            Err(error(
                span,
                format!("this operator has no meaning between {a} and {b}"),
                format!("{a} 和 {b} 之间不能用这个运算符"),
            ))
        }
    }
}

fn integers(operator: Operator, a: i128, b: i128, span: &Range<usize>) -> Outcome<Value> {
    let value = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide if b == 0 => return Err(divided_by_zero(span)),
        Operator::Divide => return Ok(Value::Float(a as f64 / b as f64)),
        Operator::Floor | Operator::Remainder if b == 0 => return Err(divided_by_zero(span)),
        Operator::Floor => a.checked_div(b).map(|q| if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q }),
        Operator::Remainder => a.checked_rem(b).map(|r| if r != 0 && (r < 0) != (b < 0) { r + b } else { r }),
        Operator::Power if b < 0 => return Ok(Value::Float((a as f64).powf(b as f64))),
        Operator::Power => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
        Operator::BitAnd => Some(a & b),
        Operator::BitOr => Some(a | b),
        Operator::BitXor => Some(a ^ b),
        Operator::Left => u32::try_from(b).ok().filter(|b| *b < 100).and_then(|b| a.checked_mul(1 << b)),
        Operator::Right => u32::try_from(b).ok().map(|b| a >> b.min(127)),
        Operator::Equal
        | Operator::NotEqual
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual
        | Operator::In
        | Operator::NotIn
        | Operator::Is
        | Operator::IsNot => None,
    };
    value.map(Value::Integer).ok_or_else(|| too_large(span))
}

fn fractions(operator: Operator, a: f64, b: f64, span: &Range<usize>) -> Outcome<Value> {
    Ok(Value::Float(match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide | Operator::Floor | Operator::Remainder if b == 0.0 => {
            return Err(divided_by_zero(span));
        }
        Operator::Divide => a / b,
        Operator::Floor => (a / b).floor(),
        Operator::Remainder => a - b * (a / b).floor(),
        Operator::Power => a.powf(b),
        _ => return Err(error(span, "this operator wants whole numbers", "这个运算符只能用于整数")),
    }))
}

/// `-a`, `+a`, `~a`.
pub(super) fn sign(sign: char, value: &Value, span: &Range<usize>) -> Outcome<Value> {
    let wrong = || error(span, format!("`{sign}` wants a number"), format!("`{sign}` 后面应当是数"));
    match (sign, value.integer()) {
        ('-', Some(value)) => value.checked_neg().map(Value::Integer).ok_or_else(|| too_large(span)),
        ('+', Some(value)) => Ok(Value::Integer(value)),
        ('~', Some(value)) => Ok(Value::Integer(!value)),
        ('-', None) => value.number().map(|value| Value::Float(-value)).ok_or_else(wrong),
        ('+', None) => value.number().map(Value::Float).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

/// What a loop goes through.
pub(super) fn items(value: &Value, span: &Range<usize>) -> Outcome<Vec<Value>> {
    match value {
        Value::List(items) | Value::Tuple(items) => Ok(items.clone()),
        Value::Text(text) => Ok(text.chars().map(|c| Value::Text(c.to_string())).collect()),
        other => {
            let name = other.type_name();
            Err(error(span, format!("{name} holds no values"), format!("{name} 里没有可以逐个取出的值")))
        }
    }
}

/// `a in b`.
pub(super) fn contains(within: &Value, value: &Value, span: &Range<usize>) -> Outcome<bool> {
    if let (Value::Text(text), Value::Text(part)) = (within, value) {
        return Ok(text.contains(part.as_str()));
    }
    Ok(items(within, span)?.iter().any(|item| item.equals(value)))
}

/// `a[b]`, from the end if `b` is negative.
pub(super) fn item(value: &Value, index: &Value, span: &Range<usize>) -> Outcome<Value> {
    let items = items(value, span)?;
    let beyond = || error(span, "this index is beyond the end", "下标超出范围");
    let index = index.integer().ok_or_else(|| error(span, "an index is a whole number", "下标应当是整数"))?;
    let at = if index < 0 { index + items.len() as i128 } else { index };
    usize::try_from(at).ok().and_then(|at| items.get(at).cloned()).ok_or_else(beyond)
}

/// `a[b:c]`.
pub(super) fn slice(
    value: &Value,
    from: Option<i128>,
    to: Option<i128>,
    span: &Range<usize>,
) -> Outcome<Value> {
    let items = items(value, span)?;
    let len = items.len() as i128;
    let place = |at: i128| (if at < 0 { at.saturating_add(len) } else { at }).clamp(0, len) as usize;
    let (from, to) = (place(from.unwrap_or(0)), place(to.unwrap_or(len)));
    let part = items.get(from..to.max(from)).unwrap_or_default().to_vec();
    Ok(match value {
        Value::Text(_) => Value::Text(part.iter().map(Value::to_string).collect()),
        Value::Tuple(_) => Value::Tuple(part),
        _ => Value::List(part),
    })
}

/// A built-in function, or a module's by its last name.
pub(super) fn call(name: &str, mut values: Vec<Value>, span: &Range<usize>) -> Outcome<Value> {
    let wrong =
        || error(span, format!("{name}() is called with other values"), format!("{name}() 的参数不对"));
    match (name, &values[..]) {
        ("abs" | "fabs", [value]) => {
            let negative = value.number().ok_or_else(wrong)? < 0.0;
            if negative { sign('-', value, span) } else { Ok(value.clone()) }
        }
        ("min" | "max", [only]) => {
            values = items(only, span)?;
            extreme(name, &values, span)
        }
        ("min" | "max", [_, ..]) => extreme(name, &values, span),
        ("int" | "long", [Value::Text(text)]) => text.trim().parse().map(Value::Integer).map_err(|_| wrong()),
        ("int" | "long" | "trunc", [value]) => whole(value, f64::trunc).ok_or_else(wrong),
        ("floor", [value]) => whole(value, f64::floor).ok_or_else(wrong),
        ("ceil", [value]) => whole(value, f64::ceil).ok_or_else(wrong),
        ("round", [value]) => whole(value, f64::round_ties_even).ok_or_else(wrong),
        ("round", [value, digits]) => {
            let scale = 10_f64.powf(digits.number().ok_or_else(wrong)?);
            Ok(Value::Float((value.number().ok_or_else(wrong)? * scale).round_ties_even() / scale))
        }
        ("float", [value]) => value.number().map(Value::Float).ok_or_else(wrong),
        ("sqrt", [value]) => value.number().map(|value| Value::Float(value.sqrt())).ok_or_else(wrong),
        ("bool", [value]) => Ok(Value::Bool(value.is_true())),
        ("str", [value]) => Ok(Value::Text(value.to_string())),
        ("repr", [value]) => Ok(Value::Text(value.shown())),
        ("hex", [value]) => Ok(Value::Text(format!("{:#x}", value.integer().ok_or_else(wrong)?))),
        ("len", [value]) => Ok(Value::Integer(items(value, span)?.len() as i128)),
        ("sum", [value]) => items(value, span)?
            .iter()
            .try_fold(Value::Integer(0), |sum, value| binary(Operator::Add, &sum, value, span)),
        ("any" | "all", [value]) => {
            let items = items(value, span)?;
            let holds = if name == "any" {
                items.iter().any(Value::is_true)
            } else {
                items.iter().all(Value::is_true)
            };
            Ok(Value::Bool(holds))
        }
        ("list", [value]) => items(value, span).map(Value::List),
        ("tuple", [value]) => items(value, span).map(Value::Tuple),
        ("sorted", [value]) => sorted(items(value, span)?).ok_or_else(wrong),
        ("range" | "xrange", bounds) => range(bounds, span),
        ("print" | "write" | "flush", _) => Ok(Value::None),
        ("abs" | "min" | "max" | "int" | "float" | "bool" | "str" | "len" | "sum" | "round", _) => {
            Err(wrong())
        }
        _ => Err(Box::new(Failure::Unsupported { span: span.clone(), what: format!("{name}()") })),
    }
}

fn whole(value: &Value, to: fn(f64) -> f64) -> Option<Value> {
    match value.integer() {
        Some(value) => Some(Value::Integer(value)),
        None => {
            value.number().filter(|value| value.is_finite()).map(|value| Value::Integer(to(value) as i128))
        }
    }
}

fn extreme(name: &str, values: &[Value], span: &Range<usize>) -> Outcome<Value> {
    let wanted = if name == "min" { Ordering::Less } else { Ordering::Greater };
    let nothing = || error(span, format!("{name}() of nothing"), format!("{name}() 没有可比较的值"));
    let mut best = values.first().ok_or_else(nothing)?;
    for value in values {
        let order = value.order(best).ok_or_else(|| {
            error(span, format!("{name}() of values without an order"), format!("{name}() 的值不能比较大小"))
        })?;
        if order == wanted {
            best = value;
        }
    }
    Ok(best.clone())
}

fn sorted(mut values: Vec<Value>) -> Option<Value> {
    let comparable = values.windows(2).all(|pair| pair[0].order(&pair[1]).is_some());
    values.sort_by(|a, b| a.order(b).unwrap_or(Ordering::Equal));
    comparable.then_some(Value::List(values))
}

fn range(bounds: &[Value], span: &Range<usize>) -> Outcome<Value> {
    let numbers: Option<Vec<i128>> = bounds.iter().map(Value::integer).collect();
    let (from, to, step) = match numbers.as_deref() {
        Some([to]) => (0, *to, 1),
        Some([from, to]) => (*from, *to, 1),
        Some([from, to, step]) if *step != 0 => (*from, *to, *step),
        _ => return Err(error(span, "range() wants one to three whole numbers", "range() 要一到三个整数")),
    };
    let mut values = Vec::new();
    let mut at = from;
    while (step > 0 && at < to) || (step < 0 && at > to) {
        values.push(Value::Integer(at));
        if values.len() > LARGEST {
            return Err(too_large(span));
        }
        at = at.checked_add(step).ok_or_else(|| too_large(span))?;
    }
    Ok(Value::List(values))
}

/// `value.name(…)`.
pub(super) fn method(value: &Value, name: &str, values: Vec<Value>, span: &Range<usize>) -> Outcome<Value> {
    match (value, name, &values[..]) {
        (Value::Text(text), "format", values) => format::braces(text, values, span).map(Value::Text),
        (Value::Text(text), "startswith", [Value::Text(start)]) => {
            Ok(Value::Bool(text.starts_with(start.as_str())))
        }
        (Value::Text(text), "endswith", [Value::Text(end)]) => Ok(Value::Bool(text.ends_with(end.as_str()))),
        (Value::Text(text), "strip", []) => Ok(Value::Text(text.trim().to_owned())),
        (Value::Text(text), "lower", []) => Ok(Value::Text(text.to_lowercase())),
        (Value::Text(text), "upper", []) => Ok(Value::Text(text.to_uppercase())),
        _ => Err(Box::new(Failure::Unsupported { span: span.clone(), what: format!(".{name}()") })),
    }
}
