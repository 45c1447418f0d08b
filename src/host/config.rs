//! What makes one host different from another.

use crate::link::HostId;
use crate::tcp;
use crate::wire::MacAddr;
use std::net::Ipv4Addr;

/// How a host finds the Ethernet address of a neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Neighbours {
    /// Known beforehand: (address, prefix length, card). The longest prefix decides, so a block such as a flood's forged
    /// sources can lead to one card.
    Static(Vec<(Ipv4Addr, u8, MacAddr)>),
    /// Asked for with ARP (RFC 826).
    Arp,
}

/// A host before its first frame.
#[derive(Clone, Debug, PartialEq)]
pub struct HostConfig {
    /// Its number in the run.
    pub id: HostId,
    /// Its name in the scenario.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// Octets of prefix the host shares with its neighbours, 0 to 32; beyond it there is no route unless `routes` has one.
    pub prefix: u8,
    /// Its card's address.
    pub mac: MacAddr,
    /// Largest IP packet its card takes, octets.
    pub mtu: u16,
    /// Constants and habits of its TCP.
    pub profile: tcp::Profile,
    /// Key of initial sequence numbers, cookies and chosen ports; from the run's seed.
    pub secret: [u8; 16],
    /// Initial sequence number of the first connection, active or passive; `None` follows RFC 6528.
    pub isn: Option<u32>,
    /// How it finds its neighbours.
    pub neighbours: Neighbours,
    /// Routes beyond the own prefix: (destination, prefix length, next hop; `None` is directly on the wire).
    pub routes: Vec<(Ipv4Addr, u8, Option<Ipv4Addr>)>,
}
