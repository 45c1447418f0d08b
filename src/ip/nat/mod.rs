//! A NAT box: inside hosts share the address of its outside card, told apart by ports (RFC 3022, called NAPT there).
//!
//! Where RFC 4787 (UDP), RFC 5382 (TCP) and RFC 5508 (ICMP) name behaviours, [`NatProfile`] chooses among them.

mod errors;
mod inward;
mod outward;
mod profile;
mod rewrite;
mod table;
#[cfg(test)]
mod tests;
mod tracking;

pub use inward::Translated;
pub use profile::{NatFiltering, NatMapping, NatProfile};
pub use table::NatSession;

use super::Interface;
use std::net::{Ipv4Addr, SocketAddrV4};

/// What a router needs to know to be a NAT box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatConfig {
    /// The number of the card whose address all inside hosts share.
    pub outside: u16,
    /// Ports of that address that lead to an inside host, whoever begins.
    pub forwards: Vec<NatForward>,
    /// Where the choice of a port is to be unpredictable (RFC 6056), it depends on this.
    pub seed: u64,
}

/// A port that leads inside (port forwarding).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NatForward {
    /// TCP's or UDP's number.
    pub protocol: u8,
    /// The outside port.
    pub port: u16,
    /// Whom it leads to.
    pub to: SocketAddrV4,
}

/// A NAT box at work.
#[derive(Clone, Debug)]
pub(super) struct Nat {
    outside: u16,
    address: Ipv4Addr,
    forwards: Vec<NatForward>,
    table: table::Table,
}

impl Nat {
    /// One without sessions; `None` if there is no such card.
    pub(super) fn new(config: &NatConfig, cards: &[Interface]) -> Option<Nat> {
        let card = cards.get(usize::from(config.outside))?;
        Some(Nat {
            outside: config.outside,
            address: card.address,
            forwards: config.forwards.clone(),
            table: table::Table::new(config.seed),
        })
    }
}
