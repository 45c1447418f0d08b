//! Packets made and read by hand: what raw sockets send and hear.

use super::Value;
use super::formula::{Formula, Function, Sheet, Trouble};
use crate::wire::{self, PacketField};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The field that is written so behind a packet, such as `icmp.type`.
pub(super) fn field(layer: &str, name: &str) -> Option<Function> {
    match (layer, name) {
        ("ip", "source") => Some(Function::Source),
        ("ip", "destination") => Some(Function::Destination),
        _ => {
            let found = PacketField::ALL.into_iter().find(|(known, _)| {
                known.split_once('.').is_some_and(|(of, what)| of == layer && what == name)
            });
            found.map(|(_, field)| Function::Field(field))
        }
    }
}

/// The fields' names.
pub(super) fn fields() -> impl Iterator<Item = &'static str> {
    ["ip.source", "ip.destination"].into_iter().chain(PacketField::ALL.into_iter().map(|(name, _)| name))
}

impl Sheet<'_> {
    /// A function that makes a packet or reads one.
    pub(super) fn packet(&mut self, function: Function, given: &[Formula]) -> Result<Value, Trouble> {
        let at = |place: usize| given.get(place).ok_or(Trouble::Unset);
        let first = at(0)?;
        let made = match function {
            Function::IcmpEcho => {
                let (id, seq) = (self.word(first)?, self.word(at(1)?)?);
                wire::icmp_echo(id, seq, &self.data(at(2)?)?)
            }
            Function::UdpDatagram => {
                let (from, to) = (self.word(first)?, self.word(at(1)?)?);
                wire::udp_datagram(from, to, &self.data(at(2)?)?)
            }
            Function::Ipv4 => {
                let (source, destination) = (self.ipv4(first)?, self.ipv4(at(1)?)?);
                let protocol = u8::try_from(self.number(at(2)?)?).map_err(|_| Trouble::Overflow)?;
                wire::ipv4_packet(source, destination, protocol, &self.data(at(3)?)?)
            }
            Function::Checksum => {
                return Ok(Value::Number(i64::from(wire::checksum(&self.data(first)?))));
            }
            Function::Field(field) => {
                let value = field.of(&self.data(first)?).ok_or(Trouble::Index)?;
                return Ok(Value::Number(i64::from(value)));
            }
            Function::Source | Function::Destination => {
                let ip = wire::ip_address(&self.data(first)?, function == Function::Source);
                return Ok(Value::Address(SocketAddr::from((ip.ok_or(Trouble::Index)?, 0))));
            }
            _ => return Err(Trouble::Unset),
        };
        self.count(made.len() as u64)?;
        Ok(Value::Data(made))
    }

    fn word(&mut self, formula: &Formula) -> Result<u16, Trouble> {
        u16::try_from(self.number(formula)?).map_err(|_| Trouble::Overflow)
    }

    fn ipv4(&mut self, formula: &Formula) -> Result<Ipv4Addr, Trouble> {
        match self.address(formula)?.ip() {
            IpAddr::V4(ip) => Ok(ip),
            IpAddr::V6(_) => Err(Trouble::Value),
        }
    }
}
