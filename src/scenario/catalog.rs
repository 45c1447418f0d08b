//! The built-in scenarios as lessons: by topic, in the order in which they build on each other.

use super::{Diagnostic, builtins};
use crate::lang::Text;
use serde::Serialize;

/// A topic with its words and its lessons, in the order in which they build on each other.
struct Shelf {
    topic: &'static str,
    words: [&'static str; 2],
    lessons: &'static [&'static str],
}

/// All topics, in the order in which they build on each other. A scenario that stands on no shelf comes last, by name.
const SHELVES: &[Shelf] = &[
    Shelf {
        topic: "start",
        words: ["Starting out", "入门"],
        lessons: &[
            "call-and-letter",
            "one-port-two-clients",
            "connection-refused",
            "bind-instead-of-connect",
            "address-as-two-arguments",
            "socket-class-not-called",
        ],
    },
    Shelf {
        topic: "handshake",
        words: ["Opening a connection", "建立连接"],
        lessons: &[
            "three-way-handshake",
            "two-way-handshake",
            "old-duplicate-syn",
            "lost-syn",
            "lost-syn-ack",
            "connect-timeout",
            "connect-ex",
            "connect-without-waiting",
            "initial-sequence-number",
            "defer-accept",
            "fast-open",
        ],
    },
    Shelf {
        topic: "stream",
        words: ["The stream of octets", "字节流"],
        lessons: &[
            "recv-takes-what-is-there",
            "lagging-shell",
            "lines-by-file",
            "peek-and-waitall",
            "message-framing",
            "empty-send",
            "who-speaks-first",
            "send-is-not-delivery",
            "short-send",
            "deadlock-of-buffers",
            "nagle-and-delayed-ack",
            "urgent-data",
        ],
    },
    Shelf {
        topic: "close",
        words: ["Closing a connection", "释放连接"],
        lessons: &[
            "four-way-close",
            "three-segment-close",
            "half-close",
            "simultaneous-close",
            "close-with-unread-data",
            "send-after-peer-closed",
            "crash-two-ways",
            "linger-zero",
            "fork-and-close",
            "lost-last-ack",
            "spinning-server",
        ],
    },
    Shelf {
        topic: "time-wait",
        words: ["TIME-WAIT and CLOSE-WAIT", "时间等待与关闭等待"],
        lessons: &["time-wait", "time-wait-killed", "address-in-use", "close-wait-leak"],
    },
    Shelf {
        topic: "keepalive",
        words: ["Keepalive", "保活"],
        lessons: &[
            "keepalive-alive",
            "keepalive-peer-vanished",
            "keepalive-peer-rebooted",
            "keepalive-two-hours",
            "user-timeout",
        ],
    },
    Shelf {
        topic: "reliability",
        words: ["Reliable delivery", "可靠传输"],
        lessons: &[
            "sequence-arithmetic",
            "stop-and-wait",
            "retransmission-timeout",
            "lost-ack",
            "out-of-order",
            "sack",
            "four-ways-one-wire",
            "sequence-wrap",
            "old-segment-paws",
        ],
    },
    Shelf {
        topic: "flow-control",
        words: ["Flow control", "流量控制"],
        lessons: &["zero-window", "lost-window-update", "silly-window", "two-windows"],
    },
    Shelf {
        topic: "congestion",
        words: ["Congestion control", "拥塞控制"],
        lessons: &[
            "slow-start",
            "slow-start-after-idle",
            "fast-retransmit",
            "bottleneck",
            "sawtooth",
            "bufferbloat",
            "cubic-curve",
            "ecn",
        ],
    },
    Shelf {
        topic: "backlog",
        words: ["The queues of a listener", "收听套接字的队列"],
        lessons: &["backlog-full", "honest-crowd"],
    },
    Shelf {
        topic: "flood",
        words: ["SYN floods", "SYN 洪泛"],
        lessons: &["syn-flood", "syn-flood-cookies", "syn-flood-oldest-evicted"],
    },
    Shelf {
        topic: "udp",
        words: ["UDP", "UDP"],
        lessons: &[
            "udp-echo",
            "udp-no-listener",
            "udp-loss-on-the-wire",
            "udp-loss-full-buffer",
            "udp-zero-length",
            "udp-truncation",
            "udp-max-datagram",
            "udp-reorder",
            "udp-duplicate",
            "two-processes-one-socket",
            "udp-broadcast",
        ],
    },
    Shelf {
        topic: "layers",
        words: ["Layers, frames and routers", "分层、帧与路由器"],
        lessons: &[
            "encapsulation",
            "switch-learning",
            "broadcast-storm",
            "spanning-tree",
            "router-hop",
            "ttl-exceeded",
            "traceroute",
            "port-unreachable",
            "fragmentation",
            "lost-fragment",
            "path-mtu",
            "path-mtu-black-hole",
            "ping",
            "raw-ping",
        ],
    },
    Shelf {
        topic: "addresses",
        words: ["Addresses and ports", "地址与端口"],
        lessons: &[
            "ephemeral-port",
            "default-ports",
            "every-interface",
            "arp",
            "arp-conflict",
            "nat",
            "neighbour-discovery",
            "ipv6-handshake",
            "dual-stack",
        ],
    },
    Shelf {
        topic: "local",
        words: ["Inside one machine", "一台机器之内"],
        lessons: &["three-families", "socket-types", "unix-stream", "unix-seqpacket"],
    },
    Shelf {
        topic: "applications",
        words: ["Applications", "应用层"],
        lessons: &[
            "one-at-a-time",
            "thread-called-at-once",
            "forking-server",
            "select-server",
            "chat",
            "dhcp",
            "dns",
            "http-over-tcp",
            "ftp-two-connections",
        ],
    },
    Shelf {
        topic: "attacks",
        words: ["Attacks and defences", "攻击与防御"],
        lessons: &[
            "forged-source",
            "blind-reset",
            "forged-data",
            "syn-into-connection",
            "hijack",
            "icmp-attack",
        ],
    },
];

/// All lessons; the document of `list --json`.
#[derive(Clone, Debug, Serialize)]
pub struct Catalog {
    /// The version of this document.
    pub schema: u32,
    /// The topics that have lessons, in their order.
    pub topics: Vec<Topic>,
    /// The lessons, in their order.
    pub scenarios: Vec<Lesson>,
}

/// A topic.
#[derive(Clone, Debug, Serialize)]
pub struct Topic {
    /// The folder its scenarios lie in.
    pub name: &'static str,
    /// Its words.
    pub title: Text,
}

/// A lesson.
#[derive(Clone, Debug, Serialize)]
pub struct Lesson {
    /// The scenario's name.
    pub name: &'static str,
    /// Its topic.
    pub topic: &'static str,
    /// Its title.
    pub title: Text,
    /// What to look at, and why it is so.
    pub lesson: Text,
    /// Ids of the claims it settles.
    pub claims: Vec<String>,
    /// What it teaches that no claim speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beyond: Option<Text>,
    /// The sections it rests on.
    pub cites: Vec<String>,
    /// How many knobs it has.
    pub knobs: usize,
    /// Whether it can be compared with the real kernel.
    pub live: bool,
    /// Why not, if it cannot.
    pub impossible: Option<Text>,
    /// How long that comparison lasts at most, where the scenario says so.
    pub live_seconds: Option<f64>,
}

/// The built-in scenarios as lessons.
///
/// # Errors
/// A scenario has mistakes; tests hold that none has.
pub fn catalog() -> Result<Catalog, Vec<Diagnostic>> {
    let mut scenarios = Vec::new();
    for builtin in builtins() {
        let scenario = builtin.scenario()?;
        let plan = scenario.default_plan();
        let ends = [plan.live.quick_until, plan.until];
        scenarios.push(Lesson {
            name: builtin.name,
            topic: builtin.topic,
            title: plan.title.clone(),
            lesson: plan.lesson.clone(),
            claims: plan.claims.clone(),
            beyond: plan.beyond.clone(),
            cites: plan.cites.clone(),
            knobs: plan.knobs.len(),
            live: plan.live.impossible.is_none(),
            impossible: plan.live.impossible.clone(),
            live_seconds: ends.into_iter().flatten().min().map(|span| span.as_secs_f64()),
        });
    }
    let place = |lesson: &Lesson| {
        let shelf = SHELVES.iter().position(|shelf| shelf.topic == lesson.topic);
        let number =
            shelf.and_then(|shelf| SHELVES[shelf].lessons.iter().position(|name| *name == lesson.name));
        (shelf.unwrap_or(SHELVES.len()), number.unwrap_or(usize::MAX))
    };
    scenarios.sort_by_key(place);
    let mut topics: Vec<Topic> = Vec::new();
    for lesson in &scenarios {
        if topics.iter().all(|topic| topic.name != lesson.topic) {
            topics.push(Topic { name: lesson.topic, title: topic_title(lesson.topic) });
        }
    }
    Ok(Catalog { schema: 1, topics, scenarios })
}

/// A topic's words; one that no lesson has keeps its name.
pub fn topic_title(topic: &str) -> Text {
    let known = SHELVES.iter().find(|shelf| shelf.topic == topic);
    let [en, zh] = known.map_or([topic; 2], |shelf| shelf.words);
    Text::new(en, zh)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_lesson_has_its_place_and_every_topic_its_words() {
        let built_in: BTreeSet<_> = builtins().iter().map(|builtin| (builtin.topic, builtin.name)).collect();
        let shelved =
            || SHELVES.iter().flat_map(|shelf| shelf.lessons.iter().map(|name| (shelf.topic, *name)));
        assert_eq!(shelved().collect::<BTreeSet<_>>(), built_in);
        assert_eq!(shelved().count(), built_in.len(), "a lesson stands twice");
        let catalog = catalog().unwrap();
        let listed = catalog.scenarios.iter().map(|lesson| (lesson.topic, lesson.name));
        assert_eq!(listed.collect::<Vec<_>>(), shelved().collect::<Vec<_>>());
        assert_eq!(catalog.topics.len(), SHELVES.len());
    }
}
