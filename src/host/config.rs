//! What makes one host different from another.

use crate::ip::{Interface, Neighbours, Route};
use crate::link::HostId;
use crate::wire::MacAddr;
use crate::{ip, ipv6, tcp, udp};
use std::net::{Ipv4Addr, Ipv6Addr};

/// A host before its first frame.
#[derive(Clone, Debug, PartialEq)]
pub struct HostConfig {
    /// Its number in the run.
    pub id: HostId,
    /// Its name in the scenario.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// Bits of prefix the host shares with its neighbours, 0 to 32; beyond it there is no route unless `routes` has one.
    pub prefix: u8,
    /// Its card's address.
    pub mac: MacAddr,
    /// Largest IP packet its card takes, octets.
    pub mtu: u16,
    /// Key of initial sequence numbers, cookies and chosen ports; from the run's seed.
    pub secret: [u8; 16],
    /// Initial sequence number of the first connection, active or passive; `None` follows RFC 6528.
    pub isn: Option<u32>,
    /// How it finds its neighbours.
    pub neighbours: Neighbours,
    /// Its further cards, numbered from one; the above are number zero's.
    pub more_cards: Vec<Interface>,
    /// Routes beyond the own prefixes.
    pub routes: Vec<Route>,
    /// Whether it passes on what is for others: a router.
    pub forwards: bool,
    /// How it speaks IPv6; `None`: not at all.
    pub ipv6: Option<ipv6::Config>,
    /// How it translates addresses: a NAT box, which is a router.
    pub nat: Option<ip::NatConfig>,
    /// How closely it looks at the sources of what comes in.
    pub reverse_path: ip::ReversePath,
    /// Whether its programs may make raw sockets and take ports below 1024.
    pub privileged: bool,
    /// How its TCP behaves.
    pub profile: tcp::Profile,
    /// How its UDP behaves.
    pub udp: udp::Profile,
    /// How its IP behaves.
    pub ip: ip::Profile,
}

impl HostConfig {
    /// A host on a /24 with known neighbours, an Ethernet MTU and a profile for all its layers, `rfc9293` or `linux`.
    pub fn new(
        id: HostId,
        name: impl Into<String>,
        address: Ipv4Addr,
        mac: MacAddr,
        profile: tcp::Profile,
    ) -> HostConfig {
        let linux = profile.name == "linux";
        HostConfig {
            id,
            name: name.into(),
            address,
            prefix: 24,
            mac,
            mtu: 1500,
            secret: [0; 16],
            isn: None,
            neighbours: Neighbours::Static(Vec::new()),
            more_cards: Vec::new(),
            routes: Vec::new(),
            forwards: false,
            ipv6: None,
            nat: None,
            reverse_path: ip::ReversePath::Off,
            privileged: true,
            profile,
            udp: if linux { udp::Profile::linux() } else { udp::Profile::rfc() },
            ip: if linux { ip::Profile::linux() } else { ip::Profile::rfc() },
        }
    }

    /// The same host speaking IPv6 as well: its first card has this address, and a link-local one.
    pub fn with_ipv6(self, address: Ipv6Addr, prefix: u8) -> HostConfig {
        let linux = self.profile.name == "linux";
        let profile = if linux { ipv6::Profile::linux() } else { ipv6::Profile::rfc() };
        let cards = vec![ipv6::Card::with(address, prefix)];
        HostConfig { ipv6: Some(ipv6::Config { cards, routes: Vec::new(), profile }), ..self }
    }

    /// Its cards with their addresses, by number.
    pub fn interfaces(&self) -> Vec<Interface> {
        let first = Interface {
            address: self.address,
            prefix: self.prefix,
            mac: self.mac,
            mtu: self.mtu,
            neighbours: self.neighbours.clone(),
        };
        std::iter::once(first).chain(self.more_cards.iter().cloned()).collect()
    }
}
