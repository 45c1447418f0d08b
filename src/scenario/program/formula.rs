//! What an expression computes when a program reaches it: octets, numbers and addresses made of others.

use super::Value;
use super::op::Slot;
use crate::scenario::limits;
use crate::wire::PacketField;
use bytes::{Bytes, BytesMut};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// Known beforehand.
    Fixed(Value),
    /// Held by a variable.
    Variable(Slot),
    /// Two joined by a sign: numbers by any, data and data by `+`, data and a number by `*`.
    Joined(Box<Formula>, Sign, Box<Formula>),
    /// `data[from:to]`, as Python has it: what is beyond the end is left out, negative places count from the end.
    Slice(Box<Formula>, Option<Box<Formula>>, Option<Box<Formula>>),
    /// `data[place]`: one octet as a number.
    Octet(Box<Formula>, Box<Formula>),
    /// A function of values.
    Function(Function, Vec<Formula>),
}

/// What joins two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Plus,
    Minus,
    Times,
    /// Rounded down, as Python's `//`.
    Over,
    /// What is left over by that.
    Modulo,
}

/// The functions of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Length,
    Find,
    StartsWith,
    /// A number as one octet.
    U8,
    /// A number as two octets, the higher one first.
    U16,
    /// A number as four octets, the highest first.
    U32,
    /// Octets as a number, the highest first.
    Number,
    /// Decimal digits as a number.
    Int,
    /// A number as decimal digits.
    Str,
    /// An address's four octets.
    Octets,
    /// An address's port.
    Port,
    /// Four octets and a port as an address.
    Address,
    Min,
    Max,
    /// Identifier, sequence number and data as an ICMP echo request.
    IcmpEcho,
    /// Source port, destination port and data as a UDP datagram without a checksum.
    UdpDatagram,
    /// Source, destination, protocol and data as an IPv4 packet.
    Ipv4,
    /// The Internet checksum of octets.
    Checksum,
    /// A field of a packet that begins with its IP header.
    Field(PacketField),
    /// The source in a packet's IP header.
    Source,
    /// The destination in a packet's IP header.
    Destination,
    /// The number of a socket's descriptor.
    FileNo,
    /// Sockets as a list.
    Sockets,
    /// A list of sockets with one more at its end.
    With,
    /// A list of sockets without one of them.
    Without,
    /// 1 if a socket is in a list, else 0.
    Contains,
    /// How many a list of sockets holds.
    Count,
    /// The socket at that place of a list.
    Nth,
    /// What stands before a separator; everything if there is none.
    Before,
    /// What stands behind a separator; nothing if there is none.
    After,
}

/// Why an expression has no value. Those that Python learners know bear Python's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A variable has no value, or one of another kind (a loop's body that never ran).
    Unset,
    /// There is no octet at that place.
    Index,
    /// The digits are none, or the octets are too few or too many.
    Value,
    /// The number does not fit.
    Overflow,
    ZeroDivision,
    /// More octets than one piece of data may have.
    Memory,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Trouble::Unset => "?",
            Trouble::Index => "IndexError",
            Trouble::Value => "ValueError",
            Trouble::Overflow => "OverflowError",
            Trouble::ZeroDivision => "ZeroDivisionError",
            Trouble::Memory => "MemoryError",
        })
    }
}

/// A process's variables while something is computed of them, and how many octets that has moved.
pub struct Sheet<'a> {
    /// By slot.
    pub variables: &'a [Option<Value>],
    /// Octets joined, searched or compared so far.
    pub octets: usize,
}

impl Sheet<'_> {
    /// The value of the formula.
    pub fn value(&mut self, formula: &Formula) -> Result<Value, Trouble> {
        Ok(match formula {
            Formula::Fixed(value) => value.clone(),
            Formula::Variable(slot) => {
                self.variables.get(*slot).and_then(Option::as_ref).cloned().ok_or(Trouble::Unset)?
            }
            Formula::Joined(left, sign, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                self.join(left, *sign, right)?
            }
            Formula::Slice(data, from, to) => {
                let data = self.data(data)?;
                let from = from.as_ref().map_or(Ok(0), |from| self.place(from, data.len()))?;
                let to = to.as_ref().map_or(Ok(data.len()), |to| self.place(to, data.len()))?;
                Value::Data(data.slice(from..to.max(from)))
            }
            Formula::Octet(data, place) => {
                let (data, place) = (self.data(data)?, self.number(place)?);
                let place = if place < 0 { place.saturating_add(data.len() as i64) } else { place };
                let octet = usize::try_from(place).ok().and_then(|place| data.get(place));
                Value::Number(i64::from(*octet.ok_or(Trouble::Index)?))
            }
            Formula::Function(function, given) => self.function(*function, given)?,
        })
    }

    /// The formula's value, which is data.
    pub fn data(&mut self, formula: &Formula) -> Result<Bytes, Trouble> {
        match self.value(formula)? {
            Value::Data(data) => Ok(data),
            _ => Err(Trouble::Unset),
        }
    }
    /// The formula's value, which is a number.
    pub fn number(&mut self, formula: &Formula) -> Result<i64, Trouble> {
        match self.value(formula)? {
            Value::Number(number) => Ok(number),
            _ => Err(Trouble::Unset),
        }
    }
    /// The formula's value, which is a number from 0 to `most`.
    pub fn amount(&mut self, formula: &Formula, most: u64) -> Result<usize, Trouble> {
        let number = u64::try_from(self.number(formula)?).map_err(|_| Trouble::Value)?;
        if number > most { Err(Trouble::Value) } else { Ok(number as usize) }
    }
    /// The formula's value, which is an address.
    pub fn address(&mut self, formula: &Formula) -> Result<SocketAddr, Trouble> {
        match self.value(formula)? {
            Value::Address(address) => Ok(address),
            _ => Err(Trouble::Unset),
        }
    }
    /// A place within `len` octets; negative ones count from the end.
    fn place(&mut self, formula: &Formula, len: usize) -> Result<usize, Trouble> {
        let place = self.number(formula)?;
        let place = if place < 0 { place.saturating_add(len as i64).max(0) } else { place };
        Ok(usize::try_from(place).unwrap_or(usize::MAX).min(len))
    }

    fn join(&mut self, left: Value, sign: Sign, right: Value) -> Result<Value, Trouble> {
        match (left, right, sign) {
            (Value::Number(a), Value::Number(b), _) => calculate(a, sign, b).map(Value::Number),
            (Value::Data(a), Value::Data(b), Sign::Plus) => {
                if a.is_empty() || b.is_empty() {
                    return Ok(Value::Data(if a.is_empty() { b } else { a }));
                }
                self.count(a.len() as u64 + b.len() as u64)?;
                let mut joined = BytesMut::with_capacity(a.len() + b.len());
                joined.extend_from_slice(&a);
                joined.extend_from_slice(&b);
                Ok(Value::Data(joined.freeze()))
            }
            (Value::Data(data), Value::Number(times), Sign::Times) => {
                let times = u64::try_from(times.max(0)).unwrap_or(0);
                self.count(times.saturating_mul(data.len() as u64))?;
                Ok(Value::Data(Bytes::from(data.repeat(if data.is_empty() { 0 } else { times as usize }))))
            }
            _ => Err(Trouble::Unset),
        }
    }

    /// So many octets are moved; more than one piece of data may have is refused.
    pub fn count(&mut self, octets: u64) -> Result<(), Trouble> {
        if octets > limits::DATA {
            return Err(Trouble::Memory);
        }
        self.octets = self.octets.saturating_add(octets as usize);
        Ok(())
    }

    fn function(&mut self, function: Function, given: &[Formula]) -> Result<Value, Trouble> {
        let [first, rest @ ..] = given else { return Err(Trouble::Unset) };
        let second = rest.first();
        let data = |octets: &[u8]| Value::Data(Bytes::copy_from_slice(octets));
        Ok(match function {
            Function::Length => Value::Number(self.data(first)?.len() as i64),
            Function::Find => {
                let (data, sought) = (self.data(first)?, self.data(second.ok_or(Trouble::Unset)?)?);
                Value::Number(self.find(&data, &sought).map_or(-1, |place| place as i64))
            }
            Function::StartsWith => {
                let (data, start) = (self.data(first)?, self.data(second.ok_or(Trouble::Unset)?)?);
                Value::Number(i64::from(data.starts_with(&start)))
            }
            Function::Before | Function::After => {
                let (data, mark) = (self.data(first)?, self.data(second.ok_or(Trouble::Unset)?)?);
                Value::Data(match (self.find(&data, &mark), function) {
                    (Some(place), Function::Before) => data.slice(..place),
                    (Some(place), _) => data.slice(place + mark.len()..),
                    (None, Function::Before) => data,
                    (None, _) => Bytes::new(),
                })
            }
            Function::U8 => data(&[self.number(first)?.try_into().map_err(|_| Trouble::Overflow)?]),
            Function::U16 => {
                data(&u16::try_from(self.number(first)?).map_err(|_| Trouble::Overflow)?.to_be_bytes())
            }
            Function::U32 => {
                data(&u32::try_from(self.number(first)?).map_err(|_| Trouble::Overflow)?.to_be_bytes())
            }
            Function::Number => {
                const WIDEST: usize = 7;
                let data = self.data(first)?;
                if data.is_empty() || data.len() > WIDEST {
                    return Err(Trouble::Value);
                }
                Value::Number(data.iter().fold(0, |number, octet| number << 8 | i64::from(*octet)))
            }
            Function::Int => Value::Number(digits(&self.data(first)?)?),
            Function::Str => data(self.number(first)?.to_string().as_bytes()),
            Function::Octets => match self.address(first)?.ip() {
                IpAddr::V4(ip) => data(&ip.octets()),
                IpAddr::V6(ip) => data(&ip.octets()),
            },
            Function::Port => Value::Number(i64::from(self.address(first)?.port())),
            Function::Address => {
                let (octets, port) = (self.data(first)?, self.number(second.ok_or(Trouble::Unset)?)?);
                let octets: [u8; 4] = octets.as_ref().try_into().map_err(|_| Trouble::Value)?;
                let port = u16::try_from(port).map_err(|_| Trouble::Overflow)?;
                Value::Address(SocketAddr::from((Ipv4Addr::from(octets), port)))
            }
            Function::FileNo
            | Function::Sockets
            | Function::With
            | Function::Without
            | Function::Contains
            | Function::Count
            | Function::Nth => self.of_sockets(function, given)?,
            Function::IcmpEcho
            | Function::UdpDatagram
            | Function::Ipv4
            | Function::Checksum
            | Function::Field(_)
            | Function::Source
            | Function::Destination => self.packet(function, given)?,
            Function::Min | Function::Max => {
                let mut best = self.number(first)?;
                for other in rest {
                    let other = self.number(other)?;
                    best = if function == Function::Min { best.min(other) } else { best.max(other) };
                }
                Value::Number(best)
            }
        })
    }

    /// Where `sought` begins in `data`.
    fn find(&mut self, data: &[u8], sought: &[u8]) -> Option<usize> {
        self.octets = self.octets.saturating_add(data.len().saturating_mul(sought.len().max(1)));
        if sought.is_empty() {
            return Some(0);
        }
        data.windows(sought.len()).position(|window| window == sought)
    }
}

fn calculate(a: i64, sign: Sign, b: i64) -> Result<i64, Trouble> {
    let result = match sign {
        Sign::Plus => a.checked_add(b),
        Sign::Minus => a.checked_sub(b),
        Sign::Times => a.checked_mul(b),
        Sign::Over | Sign::Modulo if b == 0 => return Err(Trouble::ZeroDivision),
        // Rounding goes down, as in Python, so that a remainder has the divisor's sign.
        Sign::Over => a.checked_div(b).map(|q| if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q }),
        Sign::Modulo => a.checked_rem(b).map(|r| if r != 0 && (r < 0) != (b < 0) { r + b } else { r }),
    };
    result.ok_or(Trouble::Overflow)
}

/// `"12"`, `"-3"`, blanks around as Python allows them.
fn digits(data: &[u8]) -> Result<i64, Trouble> {
    let text = std::str::from_utf8(data).map_err(|_| Trouble::Value)?;
    text.trim_matches(|c: char| c.is_ascii_whitespace()).parse().map_err(|_| Trouble::Value)
}

impl Formula {
    /// Its value, if no variable is in it.
    pub fn fixed(&self) -> Option<Result<Value, Trouble>> {
        if self.slots().is_empty() { Some(Sheet { variables: &[], octets: 0 }.value(self)) } else { None }
    }

    /// The variables it reads.
    pub fn slots(&self) -> Vec<Slot> {
        let mut slots = Vec::new();
        self.gather(&mut slots);
        slots
    }

    fn gather(&self, slots: &mut Vec<Slot>) {
        match self {
            Formula::Fixed(_) => {}
            Formula::Variable(slot) => slots.push(*slot),
            Formula::Joined(left, _, right) | Formula::Octet(left, right) => {
                left.gather(slots);
                right.gather(slots);
            }
            Formula::Slice(data, from, to) => {
                data.gather(slots);
                from.iter().chain(to).for_each(|place| place.gather(slots));
            }
            Formula::Function(_, given) => given.iter().for_each(|part| part.gather(slots)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &'static str) -> Formula {
        Formula::Fixed(Value::Data(Bytes::from_static(text.as_bytes())))
    }
    fn number(number: i64) -> Formula {
        Formula::Fixed(Value::Number(number))
    }
    fn value(formula: &Formula) -> Result<Value, Trouble> {
        Sheet { variables: &[], octets: 0 }.value(formula)
    }
    fn of(function: Function, given: &[Formula]) -> Result<Value, Trouble> {
        value(&Formula::Function(function, given.to_vec()))
    }
    fn data(octets: &'static [u8]) -> Result<Value, Trouble> {
        Ok(Value::Data(Bytes::from_static(octets)))
    }

    #[test]
    fn slices_leave_out_what_is_not_there_and_count_from_the_end() {
        let slice = |from: Option<i64>, to: Option<i64>| {
            let place = |place: Option<i64>| place.map(|place| Box::new(number(place)));
            value(&Formula::Slice(Box::new(text("abcdef")), place(from), place(to)))
        };
        assert_eq!(slice(Some(1), Some(3)), data(b"bc"));
        assert_eq!(slice(Some(4), None), data(b"ef"));
        assert_eq!(slice(None, Some(-4)), data(b"ab"));
        assert_eq!(slice(Some(-2), None), data(b"ef"));
        assert_eq!(slice(Some(5), Some(2)), data(b""));
        assert_eq!(slice(Some(i64::MIN), Some(i64::MAX)), data(b"abcdef"));
    }

    #[test]
    fn an_octet_that_is_not_there_is_trouble() {
        let octet = |place| value(&Formula::Octet(Box::new(text("ab")), Box::new(number(place))));
        assert_eq!(octet(1), Ok(Value::Number(98)));
        assert_eq!(octet(-1), Ok(Value::Number(98)));
        assert_eq!((octet(2), octet(-3)), (Err(Trouble::Index), Err(Trouble::Index)));
        assert_eq!(octet(i64::MIN), Err(Trouble::Index));
    }

    #[test]
    fn numbers_become_octets_in_network_order_and_come_back() {
        assert_eq!(of(Function::U16, &[number(258)]), data(&[1, 2]));
        assert_eq!(of(Function::U32, &[number(1)]), data(&[0, 0, 0, 1]));
        assert_eq!(of(Function::Number, &[text("\x01\x02")]), Ok(Value::Number(258)));
        for (function, most) in
            [(Function::U8, 255), (Function::U16, 65_535), (Function::U32, 4_294_967_295_i64)]
        {
            assert!(of(function, &[number(most)]).is_ok());
            assert_eq!(of(function, &[number(most + 1)]), Err(Trouble::Overflow));
            assert_eq!(of(function, &[number(-1)]), Err(Trouble::Overflow));
        }
        assert_eq!(of(Function::Number, &[text("")]), Err(Trouble::Value));
        assert_eq!(of(Function::Number, &[text("12345678")]), Err(Trouble::Value));
    }

    #[test]
    fn digits_become_numbers_and_numbers_digits() {
        assert_eq!(of(Function::Int, &[text(" 12\r\n")]), Ok(Value::Number(12)));
        assert_eq!(of(Function::Int, &[text("-3")]), Ok(Value::Number(-3)));
        assert_eq!(of(Function::Int, &[text("1x")]), Err(Trouble::Value));
        assert_eq!(of(Function::Int, &[text("99999999999999999999")]), Err(Trouble::Value));
        assert_eq!(of(Function::Str, &[number(-12)]), data(b"-12"));
    }

    #[test]
    fn division_rounds_down_and_by_zero_is_trouble() {
        let sum = |a, sign, b| value(&Formula::Joined(Box::new(number(a)), sign, Box::new(number(b))));
        assert_eq!(sum(7, Sign::Over, 2), Ok(Value::Number(3)));
        assert_eq!(sum(-7, Sign::Over, 2), Ok(Value::Number(-4)));
        assert_eq!(sum(-7, Sign::Modulo, 2), Ok(Value::Number(1)));
        assert_eq!(sum(1, Sign::Modulo, 0), Err(Trouble::ZeroDivision));
        assert_eq!(sum(i64::MIN, Sign::Over, -1), Err(Trouble::Overflow));
        assert_eq!(sum(i64::MAX, Sign::Plus, 1), Err(Trouble::Overflow));
    }

    #[test]
    fn what_is_sought_is_found_at_its_first_place() {
        assert_eq!(of(Function::Find, &[text("abcabc"), text("bc")]), Ok(Value::Number(1)));
        assert_eq!(of(Function::Find, &[text("abc"), text("x")]), Ok(Value::Number(-1)));
        assert_eq!(of(Function::Before, &[text("a: b: c"), text(": ")]), data(b"a"));
        assert_eq!(of(Function::After, &[text("a: b: c"), text(": ")]), data(b"b: c"));
        assert_eq!(of(Function::Before, &[text("abc"), text(":")]), data(b"abc"));
        assert_eq!(of(Function::After, &[text("abc"), text(":")]), data(b""));
    }

    #[test]
    fn addresses_are_octets_and_a_port() {
        let made = of(Function::Address, &[text("\x0a\0\0\x02"), number(20_000)]).unwrap();
        assert_eq!(made, Value::Address(SocketAddr::from(([10, 0, 0, 2], 20_000))));
        assert_eq!(of(Function::Octets, &[Formula::Fixed(made.clone())]), data(&[10, 0, 0, 2]));
        assert_eq!(of(Function::Port, &[Formula::Fixed(made)]), Ok(Value::Number(20_000)));
        assert_eq!(of(Function::Address, &[text("abc"), number(1)]), Err(Trouble::Value));
        assert_eq!(of(Function::Address, &[text("abcd"), number(65_536)]), Err(Trouble::Overflow));
    }

    #[test]
    fn no_piece_of_data_grows_beyond_its_limit() {
        let many = Formula::Joined(Box::new(text("xy")), Sign::Times, Box::new(number(i64::MAX)));
        assert_eq!(value(&many), Err(Trouble::Memory));
        let none = Formula::Joined(Box::new(text("")), Sign::Times, Box::new(number(i64::MAX)));
        assert_eq!(value(&none), data(b""));
    }
}
