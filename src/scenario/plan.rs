//! A scenario, checked and lowered: what the simulator and the kernel runner both execute.

use super::{Expectation, Program, Question};
use crate::clock::Span;
use crate::ip::{NatForward, ReversePath};
use crate::lang::Text;
pub use crate::link::{Fault, FaultEffect};
use crate::link::{HostId, LossModel, LostList, NodeKind, Port, RedSettings};
use crate::trace::HostInfo;
use crate::wire::MacAddr;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which set of values the simulated stacks follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ProfileName {
    /// The RFCs to the letter.
    Rfc9293,
    /// The Linux kernel.
    #[default]
    Linux,
}

impl ProfileName {
    /// As files and the command line write it.
    pub fn name(self) -> &'static str {
        match self {
            ProfileName::Rfc9293 => "rfc9293",
            ProfileName::Linux => "linux",
        }
    }
}

/// A block of IPv4 addresses, such as `198.18.0.0/15`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ipv4Block {
    /// First address.
    pub base: Ipv4Addr,
    /// Prefix length, 0 to 32.
    pub prefix: u8,
}

/// An IPv6 address with the prefix that it shares with its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ipv6Net {
    /// The whole address.
    pub address: Ipv6Addr,
    /// Prefix length, 0 to 128.
    pub prefix: u8,
}

/// A card with its address.
#[derive(Clone, Debug, PartialEq)]
pub struct CardPlan {
    /// Its IP address.
    pub address: Ipv4Addr,
    /// Bits of prefix that it shares with its neighbours.
    pub prefix: u8,
    /// The card's own address.
    pub mac: MacAddr,
    /// Its IPv6 addresses beside the link-local one that it makes of its own.
    pub ipv6: Vec<Ipv6Net>,
}

/// A route of a host or router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoutePlan {
    /// Where to.
    pub block: Ipv4Block,
    /// Through whom: a neighbour.
    pub via: Ipv4Addr,
}

/// How a router translates addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatPlan {
    /// The number of the card whose address all inside hosts share.
    pub outside: u16,
    /// Ports of that address that lead to an inside host.
    pub forwards: Vec<NatForward>,
}

/// An IPv6 route of a host or router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route6Plan {
    /// Where to: the first address of the network, and its prefix.
    pub net: Ipv6Net,
    /// Through whom: a neighbour.
    pub via: Ipv6Addr,
}

/// A host of the plan, or another node of its network.
#[derive(Clone, Debug, PartialEq)]
pub struct HostPlan {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its address: that of its first card; 0.0.0.0 for switches and hubs.
    pub address: Ipv4Addr,
    /// Its first card's address.
    pub mac: MacAddr,
    /// Its cards, in the order of its links; none for switches and hubs.
    pub cards: Vec<CardPlan>,
    /// Its routes beyond its own networks.
    pub routes: Vec<RoutePlan>,
    /// How a router translates addresses: a NAT box.
    pub nat: Option<NatPlan>,
    /// Its IPv6 routes beyond its own networks.
    pub routes6: Vec<Route6Plan>,
    /// How long a switch remembers where a station is; `None` is five minutes.
    pub ageing: Option<Span>,
    /// The switch's spanning tree, if it has one.
    pub tree: Option<TreePlan>,
    /// Whether it has no stack and only sends what is made by hand. Frames to it, and to the blocks it owns, are swallowed.
    pub actor: bool,
    /// Whether its programs may make raw sockets and take ports below 1024.
    pub privileged: bool,
    /// How closely it looks at the sources of what comes in.
    pub reverse_path: ReversePath,
    /// Whether it has its IPv4 addresses from the beginning; otherwise a program has to ask for them and `configure` them.
    pub configured: bool,
    /// Address blocks that lead to this host (forged sources).
    pub owns: Vec<Ipv4Block>,
    /// Initial sequence number of its first connection; `None` follows RFC 6528.
    pub isn: Option<u32>,
    /// Kernel settings by sysctl name without `net.ipv4.` or `net.core.` (`tcp_syncookies`, `somaxconn`…): the
    /// simulator overrides its profile with them, the kernel runner writes them in the private namespace.
    pub sysctl: BTreeMap<String, i64>,
}

/// All addresses but the first: of further cards, and of IPv6; the link-local ones come last.
fn more_addresses(host: &HostPlan) -> Vec<IpAddr> {
    let further = host.cards.iter().skip(1).map(|card| IpAddr::V4(card.address));
    let of_ipv6 = host.cards.iter().any(|card| !card.ipv6.is_empty());
    further.chain(host.ipv6_addresses().filter(|_| of_ipv6).map(IpAddr::V6)).collect()
}

impl From<&HostPlan> for HostInfo {
    fn from(host: &HostPlan) -> HostInfo {
        HostInfo {
            name: host.name.clone(),
            kind: host.kind,
            address: host.address.into(),
            more_addresses: more_addresses(host),
            mac: host.mac,
            actor: host.actor,
        }
    }
}

/// The wire that joins the hosts (with more than two of them, a switch in the middle).
#[derive(Clone, Debug, PartialEq)]
pub struct WirePlan {
    /// One-way delay of a frame between any two hosts.
    pub delay: Span,
    /// Whether the scenario itself asked for that delay (then loopback cannot stand for this wire).
    pub delay_given: bool,
    /// Octets per second; `None` is infinitely fast.
    pub rate: Option<u64>,
    /// Frames that wait when the rate is lower than the load; further ones are lost.
    pub queue: u32,
    /// How the queue tells senders before it is full.
    pub red: Option<RedSettings>,
    /// Largest IP packet, octets.
    pub mtu: u16,
    /// Whether hosts must find each other by ARP; otherwise neighbours are known beforehand.
    pub arp: bool,
}

/// A time during which a link is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownTime {
    /// From then on.
    pub from: Span,
    /// Until then; `None` is for good.
    pub to: Option<Span>,
}

/// What is set of a switch's spanning tree (IEEE 802.1D-1998).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreePlan {
    /// The lowest becomes the root; among equals the lower address decides.
    pub priority: u16,
    /// How often it speaks while it is the root.
    pub hello: Span,
    /// How long a port listens, and then learns.
    pub forward_delay: Span,
    /// After which a message is worth nothing.
    pub max_age: Span,
}

/// A link between two nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkPlan {
    /// Whose ports it joins.
    pub ends: [Port; 2],
    /// One-way delay of a frame.
    pub delay: Span,
    /// How much longer a frame may take, drawn from the seed for each; none overtakes another.
    pub jitter: Span,
    /// Octets per second; `None` is infinitely fast.
    pub rate: Option<u64>,
    /// Frames that wait at either end when the rate is lower than the load; further ones are lost.
    pub queue: u32,
    /// How the queues tell senders before they are full.
    pub red: Option<RedSettings>,
    /// Largest IP packet, octets.
    pub mtu: u16,
    /// How it loses frames by chance.
    pub loss: LossModel,
    /// Which it loses whatever chance says.
    pub lost: LostList,
    /// When it is down, in order.
    pub down: Vec<DownTime>,
    /// What the way over it costs in a spanning tree.
    pub cost: u32,
    /// Whether its ends, and those of other such links on the same hub, share one wire and cannot send at the same time.
    pub half_duplex: bool,
}

impl LinkPlan {
    /// A link like that wire, its ends still open.
    pub fn of_wire(wire: &WirePlan) -> LinkPlan {
        let end = Port { node: HostId(0), card: 0 };
        LinkPlan {
            ends: [end, end],
            delay: wire.delay,
            jitter: Span::ZERO,
            rate: wire.rate,
            queue: wire.queue,
            mtu: wire.mtu,
            red: wire.red,
            loss: LossModel::Never,
            lost: LostList::default(),
            down: Vec::new(),
            cost: 2,
            half_duplex: false,
        }
    }
}

impl HostPlan {
    /// A host with one card on the wire that all share.
    pub fn on_the_wire(name: &str, address: Ipv4Addr, mac: MacAddr) -> HostPlan {
        HostPlan {
            name: name.to_owned(),
            kind: NodeKind::Host,
            address,
            mac,
            cards: vec![CardPlan { address, prefix: 24, mac, ipv6: Vec::new() }],
            routes: Vec::new(),
            nat: None,
            routes6: Vec::new(),
            ageing: None,
            tree: None,
            actor: false,
            configured: true,
            privileged: true,
            reverse_path: ReversePath::Off,
            owns: Vec::new(),
            isn: None,
            sysctl: BTreeMap::new(),
        }
    }

    /// The addresses that mean all hosts of one of its networks.
    pub fn broadcasts(&self) -> Vec<Ipv4Addr> {
        let last = |card: &CardPlan| {
            let hosts = u32::MAX.checked_shr(u32::from(card.prefix)).unwrap_or(0);
            Ipv4Addr::from(u32::from(card.address) | hosts)
        };
        self.cards.iter().filter(|card| card.prefix < 31).map(last).collect()
    }

    /// Whether that is an address of its own.
    pub fn has_address(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.cards.iter().any(|card| card.address == address),
            IpAddr::V6(address) => self.ipv6_addresses().any(|own| own == address),
        }
    }

    /// Its IPv6 addresses, where it speaks IPv6: those it was given, then the link-local one of each card.
    pub fn ipv6_addresses(&self) -> impl Iterator<Item = Ipv6Addr> + '_ {
        let given = self.cards.iter().flat_map(|card| &card.ipv6).map(|net| net.address);
        given.chain(self.cards.iter().map(|card| crate::ipv6::link_local(card.mac)))
    }

    /// The addresses of all its cards but the first, as blocks of one.
    pub(super) fn further_addresses(&self) -> impl Iterator<Item = Ipv4Block> + '_ {
        self.cards.iter().skip(1).map(|card| Ipv4Block { base: card.address, prefix: 32 })
    }

    /// Whether it has a TCP/IP of its own: neither an actor nor something that only passes on frames.
    pub fn has_stack(&self) -> bool {
        !self.actor && self.kind.has_stack()
    }
}

/// A process: a program on a host.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessPlan {
    /// Where it runs.
    pub host: HostId,
    /// Its name.
    pub name: String,
    /// What it does.
    pub program: Program,
}

/// What `--set` may change, with its type and range.
#[derive(Clone, Debug, PartialEq)]
pub enum KnobKind {
    /// A whole number.
    Integer {
        /// Least.
        min: i64,
        /// Greatest.
        max: i64,
    },
    /// A time.
    Time {
        /// Least.
        min: Span,
        /// Greatest.
        max: Span,
    },
    /// One of these words.
    Choice(Vec<String>),
}

/// A knob of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Knob {
    /// Its key for `--set`.
    pub name: String,
    /// What it means.
    pub means: Text,
    /// Type and range.
    pub kind: KnobKind,
    /// As written in the file.
    pub default: String,
    /// As set now.
    pub value: String,
}

/// How the hosts are joined on the live side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveMode {
    /// All hosts are addresses on one namespace's loopback.
    Loopback,
    /// One namespace per host, joined by a user-space wire that runs our own `link/`.
    Wire,
}

/// How the kernel can be made to do the same, or why it cannot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LivePlan {
    /// Why there is no live side.
    pub impossible: Option<Text>,
    /// Asked for by the scenario; otherwise chosen by what it needs.
    pub mode: Option<LiveMode>,
    /// Without `--slow` the live run, and the comparison, end here.
    pub quick_until: Option<Span>,
    /// Names of the rules that may explain differences, beyond those every comparison has.
    pub explain: Vec<String>,
}

/// Bounds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Virtual time.
    pub time: Span,
    /// Records kept.
    pub records: u64,
    /// Frames carried.
    pub frames: u64,
    /// Octets that the records hold beside themselves: frames, data of calls, words.
    pub octets: u64,
}

/// A scenario, ready to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// File name without folder and ending.
    pub name: String,
    /// The folder it lies in.
    pub topic: String,
    /// Title.
    pub title: Text,
    /// What to look at, and why it is so.
    pub lesson: Text,
    /// Ids of the claims it settles.
    pub claims: Vec<String>,
    /// What it teaches that no claim speaks of.
    pub beyond: Option<Text>,
    /// RFC sections it rests on.
    pub cites: Vec<String>,
    /// Profile.
    pub profile: ProfileName,
    /// Hosts by [`HostId`].
    pub hosts: Vec<HostPlan>,
    /// The wire; where there are links, what they have that say nothing else.
    pub wire: WirePlan,
    /// The links; none where one wire joins all hosts.
    pub links: Vec<LinkPlan>,
    /// Faults, in order; the first that matches decides.
    pub faults: Vec<Fault>,
    /// Whether hosts speak IPv6: one has such an address, or a program makes such a socket.
    pub ipv6: bool,
    /// Processes that start with the run.
    pub processes: Vec<ProcessPlan>,
    /// What must hold.
    pub expectations: Vec<Expectation>,
    /// Questions.
    pub questions: Vec<Question>,
    /// Knobs, with their present values.
    pub knobs: Vec<Knob>,
    /// The live side.
    pub live: LivePlan,
    /// The run ends here at the latest; `None` runs until nothing is left to happen.
    pub until: Option<Span>,
    /// Whether only counts and queues are recorded for generated load (trace level `events`).
    pub limits: Limits,
}

impl Plan {
    /// Whether something goes on in it for ever, whatever programs do: spanning tree.
    pub fn never_rests(&self) -> bool {
        self.hosts.iter().any(|host| host.tree.is_some())
    }

    /// Whether the lesson is about the numbers on the wire themselves: it chooses the initial ones.
    pub fn chooses_numbers(&self) -> bool {
        self.hosts.iter().any(|host| host.isn.is_some())
    }
}
