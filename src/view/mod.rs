//! One file per view over a `Trace`. Knows neither `sim` nor `live`.
//!
//! A view is a row of [`VIEWS`] and a file: the command line, the help and the tests read the table.

mod brief;
mod calls;
mod calls_text;
mod changes;
mod chart;
pub mod export;
mod figure_text;
pub mod figures;
#[cfg(test)]
mod fixtures;
mod heading;
mod hops;
mod ink;
pub mod lanes;
mod lanes_text;
mod layers;
mod log;
mod look;
mod options;
mod plot;
mod proof;
mod queues;
mod remarks;
mod rewritten;
mod scale;
mod sentence;
mod sequence;
mod sequence_time_text;
mod shorter;
mod states;
mod story;
mod summary;
pub mod svg;
mod variables;
mod ways;
pub mod wrapping;
mod wrapping_text;

pub use brief::{Brief, Kind, brief};
pub use calls::{told_call, waiting, who};
pub use calls_text::{call_words, place, span};
pub use changes::{changes, queue_name, queue_title};
pub use hops::way_to;
pub use ink::{Ink, Line, join};
pub use lanes_text::{Drawing, decimals};
pub use layers::unfold;
pub use log::with_calls as log_with_calls;
pub use look::{Glyphs, Look, Scale};
pub use options::options;
pub use plot::Plots;
pub use proof::{Proved, happened, proved};
pub use rewritten::{Rewrite, rewrites};
pub use sentence::{Sentence, Teller, timer_name};
pub use sequence::{diagram, whole_diagram};
pub use variables::variable_words;
pub use ways::{Step, Walked, Way, walked, ways};
pub use wrapping_text::{ink_of, osi_of};

use crate::lang::Lang;
use crate::trace::Trace;

/// The name of a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ViewName {
    /// The sequence diagram.
    #[default]
    Sequence,
    /// One line per frame.
    Log,
    /// Every field of every frame.
    Layers,
    /// The same packet at each hop.
    Hops,
    /// Both ends' path through the state diagram.
    States,
    /// The socket calls.
    Calls,
    /// The control block's variables over time.
    Variables,
    /// Queues over time.
    Queues,
    /// Windows, round trips, throughput, queues and sequence numbers over time.
    Plot,
    /// Plain sentences.
    Story,
}

/// A row of the table of views.
pub struct View {
    /// Which view.
    pub name: ViewName,
    /// What `--view` calls it.
    pub key: &'static str,
    /// What it shows, in English and in Chinese.
    pub shows: [&'static str; 2],
    draw: fn(&Trace, &Look) -> Vec<Line>,
}

impl View {
    /// What it shows.
    pub fn shows(&self, lang: Lang) -> &'static str {
        let [en, zh] = self.shows;
        lang.pick(en, zh)
    }
}

/// Every view.
pub const VIEWS: &[View] = &[
    View {
        name: ViewName::Sequence,
        key: "sequence",
        shows: [
            "segments between the hosts, states and calls beside them",
            "主机之间的报文段，旁边是状态与调用",
        ],
        draw: sequence::view,
    },
    View {
        name: ViewName::Log,
        key: "log",
        shows: ["one line per frame, like tcpdump", "每帧一行，如 tcpdump"],
        draw: log::view,
    },
    View {
        name: ViewName::Layers,
        key: "layers",
        shows: ["every field of every frame, layer by layer", "逐层展开每一帧的每个字段"],
        draw: layers::view,
    },
    View {
        name: ViewName::Hops,
        key: "hops",
        shows: [
            "what switches, routers and NATs rewrite in what they pass on",
            "交换机、路由器与 NAT 转发时改写了什么",
        ],
        draw: hops::view,
    },
    View {
        name: ViewName::States,
        key: "states",
        shows: ["each end's path through the state diagram", "两端在状态图中走过的路"],
        draw: states::view,
    },
    View {
        name: ViewName::Calls,
        key: "calls",
        shows: ["socket calls: who waits for what, results, errno", "套接字调用：谁在等什么、返回值与 errno"],
        draw: calls::view,
    },
    View {
        name: ViewName::Variables,
        key: "variables",
        shows: ["SND.UNA and the rest over time", "SND.UNA 等变量随时间的变化"],
        draw: variables::view,
    },
    View {
        name: ViewName::Queues,
        key: "queues",
        shows: [
            "SYN, accept, receive and send queues over time",
            "半连接、全连接、接收与发送队列随时间的变化",
        ],
        draw: queues::view,
    },
    View {
        name: ViewName::Plot,
        key: "plot",
        shows: [
            "windows, round trips, octets under way, throughput, queues and sequence numbers over time",
            "窗口、往返时间、在途字节、吞吐量、队列与序号随时间的变化",
        ],
        draw: plot::view,
    },
    View {
        name: ViewName::Story,
        key: "story",
        shows: ["what happened and why, in plain sentences", "用平常的话讲：发生了什么，为什么"],
        draw: story::view,
    },
];

impl ViewName {
    /// The view of that name.
    pub fn from_key(key: &str) -> Option<ViewName> {
        VIEWS.iter().find(|view| view.key == key).map(|view| view.name)
    }
}

/// The trace in that view: lines ended by newlines, none wider than `look.width`.
pub fn render(view: ViewName, trace: &Trace, look: &Look) -> String {
    let row = VIEWS.iter().find(|row| row.name == view);
    row.map_or_else(String::new, |row| join(&(row.draw)(trace, look), look))
}
