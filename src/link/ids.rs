//! Who is at the end of a link.

use crate::lang::Lang;
use std::fmt;

/// A host of a run, or another node that frames pass, numbered from zero in the order of the scenario file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct HostId(pub u16);

impl HostId {
    /// The host's place in a table of hosts.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host {}", self.0)
    }
}

/// What stands at a place of the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// A machine that sends and receives.
    #[default]
    Host,
    /// A machine that passes on packets between networks.
    Router,
    /// A learning switch: passes on frames to where their receiver is.
    Switch,
    /// A hub: repeats every frame on all its other ports.
    Hub,
}

impl NodeKind {
    /// As scenario files and documents write it.
    pub fn name(self) -> &'static str {
        match self {
            NodeKind::Host => "host",
            NodeKind::Router => "router",
            NodeKind::Switch => "switch",
            NodeKind::Hub => "hub",
        }
    }

    /// What it is, in a word.
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            NodeKind::Host => lang.pick("host", "主机"),
            NodeKind::Router => lang.pick("router", "路由器"),
            NodeKind::Switch => lang.pick("switch", "交换机"),
            NodeKind::Hub => lang.pick("hub", "集线器"),
        }
    }

    /// Whether it has addresses of its own.
    pub fn has_stack(self) -> bool {
        match self {
            NodeKind::Host | NodeKind::Router => true,
            NodeKind::Switch | NodeKind::Hub => false,
        }
    }
}

/// Where a card or a port is: node, and number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Port {
    /// Whose.
    pub node: HostId,
    /// The how-manieth, from zero.
    pub card: u16,
}

/// Where a frame goes, as far as that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    /// Who put it on a link.
    pub from: Option<HostId>,
    /// Whom what it carries is addressed to.
    pub to: Option<HostId>,
    /// Who is at the other end of that link, where the network has several links.
    pub next: Option<HostId>,
}
