//! Where the scenario's hosts are on one machine: addresses of 127/8, ports that need no privilege.

use super::Refusal;
use crate::lang::Text;
use crate::link::HostId;
use crate::scenario::Plan;
use crate::scenario::syntax::{Address, Expr, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// The hosts of a scenario as addresses of one machine.
#[derive(Clone, Debug)]
pub struct Places {
    names: Vec<String>,
    v4: Vec<Ipv4Addr>,
    v6: Vec<Option<Ipv6Addr>>,
    /// Whether each host has an address of its own; otherwise 127.0.0.1 does for all.
    pub apart: bool,
    /// Whether `*` stays every address of the machine.
    pub every: bool,
}

/// Who is meant by an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A host of the scenario, by its number; whether its IPv6 address.
    Host(usize, bool),
    /// This address, the same in the program: loopback, and what means every address.
    Literal(String),
}

impl Places {
    /// The hosts of the plan, whose programs and functions are these statements.
    pub fn new<'a>(plan: &Plan, programs: impl Iterator<Item = (HostId, &'a [Statement])>) -> Places {
        let mut bound: BTreeMap<(u16, bool), BTreeSet<usize>> = BTreeMap::new();
        let mut every = false;
        for (host, block) in programs {
            for statement in block {
                statement.walk(&mut |statement| {
                    for value in statement.expressions() {
                        value.walk(&mut |value| {
                            every |= is_loopback(value);
                            if let Expr::Address(Address::Host(name), Some(port)) = value
                                && let Some(named) = plan.hosts.iter().position(|host| host.name == *name)
                            {
                                bound.entry((*port, false)).or_default().insert(named);
                            }
                            if let Some(port) = bound_port(value) {
                                bound.entry((port, false)).or_default().insert(host.index());
                            }
                        });
                    }
                });
            }
        }
        // The same port of two hosts: whoever asks for one must not find the other.
        let apart = every || bound.iter().any(|((port, _), hosts)| *port != 0 && hosts.len() > 1);
        Places {
            names: plan.hosts.iter().map(|host| host.name.clone()).collect(),
            v4: plan.hosts.iter().map(|host| host.address).collect(),
            v6: plan.hosts.iter().map(|host| host.ipv6_addresses().next()).collect(),
            apart,
            every,
        }
    }

    /// The host's number by its name.
    pub fn host(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The host's name.
    pub fn name(&self, host: usize) -> &str {
        self.names.get(host).map_or("", String::as_str)
    }

    /// The address that stands for the host by itself.
    pub fn default(&self, host: usize, ipv6: bool) -> String {
        match (ipv6, self.apart) {
            (true, _) => "::1".to_owned(),
            (false, false) => "127.0.0.1".to_owned(),
            (false, true) => format!("127.0.0.{}", host + 1),
        }
    }

    /// Whom the address means, in a program of `own`.
    pub fn who(&self, address: &Address, own: usize, place: &Range<usize>) -> Result<Who, Refusal> {
        match address {
            Address::Any if self.every => Ok(Who::Literal(String::new())),
            Address::Any => Ok(Who::Host(own, false)),
            Address::Any6 if self.every => Ok(Who::Literal("::".to_owned())),
            Address::Any6 => Ok(Who::Host(own, true)),
            Address::Host(name) if name == "localhost" => Ok(Who::Literal("127.0.0.1".to_owned())),
            Address::Host6(name) if name == "localhost" => Ok(Who::Literal("::1".to_owned())),
            Address::Host(name) | Address::Host6(name) => {
                let ipv6 = matches!(address, Address::Host6(_));
                self.host(name).map(|host| Who::Host(host, ipv6)).ok_or_else(|| nobody(name, place))
            }
            Address::V4(ip) if ip.is_loopback() => Ok(Who::Literal(ip.to_string())),
            Address::V4(ip) => {
                let host = self.v4.iter().position(|known| known == ip);
                host.map(|host| Who::Host(host, false)).ok_or_else(|| nobody(&ip.to_string(), place))
            }
            Address::V6(ip, _) if ip.is_loopback() => Ok(Who::Literal(ip.to_string())),
            Address::V6(ip, _) if ip.is_unspecified() => Ok(Who::Literal("::".to_owned())),
            Address::V6(ip, 0) => {
                let host = self.v6.iter().position(|known| known.as_ref() == Some(ip));
                host.map(|host| Who::Host(host, true)).ok_or_else(|| nobody(&ip.to_string(), place))
            }
            Address::V6(ip, _) => Err(nobody(&ip.to_string(), place)),
        }
    }
}

fn nobody(address: &str, place: &Range<usize>) -> Refusal {
    Refusal::new(
        place.clone(),
        Text::new(
            format!("no program on one machine has the address {address}"),
            format!("一台机器上没有程序使用地址 {address}"),
        ),
        Text::new(
            "the programs all run on one machine: only addresses of hosts that have programs mean something there",
            "这些程序都在一台机器上运行，只有场景中主机的地址才有意义",
        ),
    )
}

fn is_loopback(value: &Expr) -> bool {
    match value {
        Expr::Address(Address::V4(ip), _) => ip.is_loopback(),
        Expr::Address(Address::Host(name), _) => name == "localhost",
        _ => false,
    }
}

/// The port that a `bind` takes.
pub fn bound_port(value: &Expr) -> Option<u16> {
    match value {
        Expr::Call(name, given) if name == "bind" => match given.get(1) {
            Some(Expr::Address(_, port)) => *port,
            _ => None,
        },
        _ => None,
    }
}

/// The port in the programs: those below 1024 are moved up, as they need a privilege.
pub fn port(port: u16) -> u16 {
    const PRIVILEGED: u16 = 1024;
    const UP: u16 = 10_000;
    if (1..PRIVILEGED).contains(&port) { port + UP } else { port }
}
