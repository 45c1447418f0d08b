//! Spanning tree (IEEE 802.1D-1998 section 8): which ports of a bridge forward, so that no loop is left and every bridge is
//! reached. Pure: messages and moments come in, messages and port states come out.

mod bridge;
mod elect;
mod reason;
mod timers;

pub use bridge::{Bridge, PortSettings, TreeSettings};
pub use reason::TreeReason;

use crate::clock::Span;
use crate::wire::Bpdu;

/// What a port does with frames (IEEE 802.1D section 8.4). Spanning tree's own messages it takes in all states but the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PortState {
    /// There is no link.
    Disabled,
    /// Forwards nothing and learns nothing: another port leads there better.
    Blocking,
    /// The same, on the way to forwarding: others may still object.
    Listening,
    /// Learns places, and forwards nothing yet.
    Learning,
    /// Forwards.
    Forwarding,
}

/// What a port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PortRole {
    /// It leads to the root.
    Root,
    /// Of all ports on its link it leads to the root best: it speaks there.
    Designated,
    /// Another port of its link is better, and another of its bridge.
    Blocked,
}

/// What the standard leaves open, or a kernel does otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHabits {
    /// Whether a bridge speaks as soon as its ports are up; otherwise first after a hello time.
    pub speaks_at_once: bool,
    /// What passing a message on adds to its age, 1/256 s.
    pub age_increment: u16,
    /// How many forward delays places are remembered while the tree changes.
    pub short_ageing: u32,
}

impl TreeHabits {
    /// As IEEE 802.1D-1998 has it: sections 8.8.1, 8.10.1 (an increment of one second is usual), 8.3.5.
    pub const IEEE: TreeHabits = TreeHabits { speaks_at_once: true, age_increment: 256, short_ageing: 1 };
    /// The kernel's bridge: it makes its first messages before its ports are there, adds one tick of its clock, and remembers
    /// twice as long, that what a port still listens to is not forgotten.
    pub const LINUX: TreeHabits = TreeHabits { speaks_at_once: false, age_increment: 1, short_ageing: 2 };
}

/// How long after a message a port sends no other (IEEE 802.1D table 8-3).
const HOLD_TIME: Span = Span::secs(1);

/// What a bridge wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeEffect {
    /// Send the message by that port.
    Send {
        /// Number of the port, from 0.
        port: u16,
        /// The message.
        message: Bpdu,
        /// Why.
        why: TreeReason,
    },
    /// Tell what a port does now.
    Tell(TreeReason),
}

#[cfg(test)]
mod tests;
