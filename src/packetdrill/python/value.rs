//! Values of Python: those that scripts compute with.

use std::cmp::Ordering;
use std::fmt;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// A whole number; larger ones than 128 bits are an error where they arise.
    Integer(i128),
    /// A fraction.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A tuple.
    Tuple(Vec<Value>),
}

impl Value {
    /// Whether it counts as true.
    pub fn is_true(&self) -> bool {
        match self {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Integer(value) => *value != 0,
            Value::Float(value) => *value != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::List(items) | Value::Tuple(items) => !items.is_empty(),
        }
    }

    /// The whole number it is; truth values are 0 and 1.
    pub fn integer(&self) -> Option<i128> {
        match self {
            Value::Integer(value) => Some(*value),
            Value::Bool(value) => Some(i128::from(*value)),
            Value::None | Value::Float(_) | Value::Text(_) | Value::List(_) | Value::Tuple(_) => None,
        }
    }

    /// The number it is.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Float(value) => Some(*value),
            Value::None
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Tuple(_) => self.integer().map(|value| value as f64),
        }
    }

    /// How much there is of it: its parts, and 64 characters as one.
    pub fn weight(&self) -> u32 {
        match self {
            Value::None | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => 0,
            Value::Text(text) => (text.len() / 64) as u32,
            Value::List(items) | Value::Tuple(items) => {
                items.iter().fold(items.len() as u32, |all, item| all.saturating_add(item.weight()))
            }
        }
    }

    /// What Python calls its type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Integer(_) => "int",
            Value::Float(_) => "float",
            Value::Text(_) => "str",
            Value::List(_) => "list",
            Value::Tuple(_) => "tuple",
        }
    }

    /// How both compare by `==`: numbers by value whatever their type, others only with their like.
    pub fn equals(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
            }
            (a, b) => match a.order(b) {
                Some(order) => order == Ordering::Equal,
                None => matches!((a, b), (Value::None, Value::None)),
            },
        }
    }

    /// Which of both is less; `None` where Python refuses to say.
    pub fn order(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
                for (a, b) in a.iter().zip(b) {
                    match a.order(b)? {
                        Ordering::Equal => {}
                        other => return Some(other),
                    }
                }
                Some(a.len().cmp(&b.len()))
            }
            (a, b) => match (a.integer(), b.integer()) {
                (Some(a), Some(b)) => Some(a.cmp(&b)),
                _ => a.number()?.partial_cmp(&b.number()?),
            },
        }
    }

    /// As `repr` shows it: texts within quotes.
    pub fn shown(&self) -> String {
        match self {
            Value::Text(text) => {
                format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
            }
            other => other.to_string(),
        }
    }
}

/// As `str` shows it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |items: &[Value]| items.iter().map(Value::shown).collect::<Vec<String>>().join(", ");
        match self {
            Value::None => f.write_str("None"),
            Value::Bool(true) => f.write_str("True"),
            Value::Bool(false) => f.write_str("False"),
            Value::Integer(value) => write!(f, "{value}"),
            Value::Float(value) if value.fract() == 0.0 && value.abs() < 1e16 => write!(f, "{value:.1}"),
            Value::Float(value) => write!(f, "{value}"),
            Value::Text(text) => f.write_str(text),
            Value::List(items) => write!(f, "[{}]", joined(items)),
            Value::Tuple(items) if items.len() == 1 => write!(f, "({},)", joined(items)),
            Value::Tuple(items) => write!(f, "({})", joined(items)),
        }
    }
}
