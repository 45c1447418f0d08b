//! The panes under the diagram: each makes lines of where a walk stands.

mod branches;
mod calls;
mod frame;
mod hops;
mod queues;
mod story;
mod variables;

pub use branches::{lines as branches, list, side_by_side};
pub use frame::{Frame, fields, window};

use super::scene::Scene;
use crate::view::{Line, Look};
use crate::walk::Walk;

/// A pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The diagram alone.
    Diagram,
    /// States and variables of the hosts.
    States,
    /// The frame by layers, with its octets.
    Frame,
    /// Socket calls, and who waits.
    Calls,
    /// Queues, timers, counters.
    Queues,
    /// What happens and why.
    Story,
    /// The branches side by side.
    Branches,
    /// Curves over time.
    Plots,
    /// What those who passed the frame on rewrote in it.
    Hops,
}

impl Pane {
    /// All of them, in the order of their digits.
    pub const ALL: [Pane; 9] = [
        Pane::Diagram,
        Pane::States,
        Pane::Frame,
        Pane::Calls,
        Pane::Queues,
        Pane::Story,
        Pane::Branches,
        Pane::Plots,
        Pane::Hops,
    ];

    /// Its name.
    pub fn name(self, look: &Look) -> &'static str {
        let (en, zh) = match self {
            Pane::Diagram => ("diagram", "示意图"),
            Pane::States => ("states", "状态"),
            Pane::Frame => ("frame", "帧"),
            Pane::Calls => ("calls", "调用"),
            Pane::Queues => ("queues", "队列"),
            Pane::Story => ("story", "讲解"),
            Pane::Branches => ("branches", "分支"),
            Pane::Plots => ("plots", "曲线"),
            Pane::Hops => ("hops", "逐跳"),
        };
        look.lang.pick(en, zh)
    }

    /// The pane of that digit.
    pub fn of_digit(digit: char) -> Option<Pane> {
        let number = digit.to_digit(10)? as usize;
        Pane::ALL.get(number.checked_sub(1)?).copied()
    }
}

/// What a pane that simply scrolls shows; the frame, the branches and the plots are drawn by their own.
pub fn lines(pane: Pane, walk: &Walk, scene: &Scene, look: &Look) -> Vec<Line> {
    match pane {
        Pane::Diagram | Pane::Frame | Pane::Branches | Pane::Plots => Vec::new(),
        Pane::States => variables::lines(walk, look),
        Pane::Calls => calls::lines(walk, look),
        Pane::Queues => queues::lines(walk, look),
        Pane::Hops => hops::lines(walk, scene, look),
        Pane::Story => story::lines(walk, scene, look),
    }
}
