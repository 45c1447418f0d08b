//! A scenario, checked and lowered: what the simulator and the kernel runner both execute.

use super::{Expectation, Program};
use crate::clock::Span;
use crate::lang::Text;
pub use crate::link::{Fault, FaultEffect};
use crate::link::{FramePattern, HostId};
use crate::trace::HostInfo;
use crate::wire::MacAddr;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

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

/// A host of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct HostPlan {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// Its card's address.
    pub mac: MacAddr,
    /// Whether it has no stack and only sends what is made by hand. Frames to it, and to the blocks it owns, are swallowed.
    pub actor: bool,
    /// Address blocks that lead to this host (forged sources).
    pub owns: Vec<Ipv4Block>,
    /// Initial sequence number of its first connection; `None` follows RFC 6528.
    pub isn: Option<u32>,
    /// Kernel settings by sysctl name without `net.ipv4.` or `net.core.` (`tcp_syncookies`, `somaxconn`…): the
    /// simulator overrides its profile with them, the kernel runner writes them in the private namespace.
    pub sysctl: BTreeMap<String, i64>,
}

impl From<&HostPlan> for HostInfo {
    fn from(host: &HostPlan) -> HostInfo {
        HostInfo { name: host.name.clone(), address: host.address.into(), mac: host.mac, actor: host.actor }
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
    /// Largest IP packet, octets.
    pub mtu: u16,
    /// Whether hosts must find each other by ARP; otherwise neighbours are known beforehand.
    pub arp: bool,
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

/// A question asked before a step is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The frame it is asked before.
    pub before: FramePattern,
    /// The question.
    pub ask: Text,
    /// What of that frame is the answer, such as `frame.tcp.ack`.
    pub answer: String,
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
    /// RFC sections it rests on.
    pub cites: Vec<String>,
    /// Profile.
    pub profile: ProfileName,
    /// Hosts by [`HostId`].
    pub hosts: Vec<HostPlan>,
    /// The wire.
    pub wire: WirePlan,
    /// Faults, in order; the first that matches decides.
    pub faults: Vec<Fault>,
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
