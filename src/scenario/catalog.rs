//! The built-in scenarios as lessons: by topic, in the order in which they build on each other.

use super::{Diagnostic, builtins};
use crate::lang::Text;
use serde::Serialize;

/// The topics in the order of the lessons, with their words.
const TOPICS: &[(&str, [&str; 2])] = &[
    ("connecting", ["Connecting", "建立连接"]),
    ("data", ["Data", "数据传送"]),
    ("closing", ["Closing", "释放连接"]),
    ("congestion", ["Congestion", "拥塞控制"]),
    ("keepalive", ["Keepalive", "保活"]),
    ("security", ["Forged segments", "伪造的报文段"]),
    ("floods", ["Full queues and floods", "队列满与洪泛"]),
    ("udp", ["UDP", "UDP"]),
    ("network", ["Frames and routes", "帧与路由"]),
    ("local", ["Inside one machine", "一台机器之内"]),
    ("application", ["Applications", "应用层"]),
];

/// The order in which the lessons build on each other; others come after, by name.
const LESSONS: &[&str] = &[
    "three-way-handshake",
    "two-way-handshake",
    "old-duplicate-syn",
    "lost-syn",
    "lost-syn-ack",
    "connect-timeout",
    "connection-refused",
    "bind-instead-of-connect",
    "one-port-two-clients",
    "ephemeral-port",
    "defer-accept",
    "initial-sequence-number",
    "recv-takes-what-is-there",
    "empty-send",
    "out-of-order",
    "nagle-and-delayed-ack",
    "urgent-data",
    "fast-open",
    "four-way-close",
    "three-segment-close",
    "half-close",
    "simultaneous-close",
    "time-wait",
    "address-in-use",
    "close-with-unread-data",
    "spinning-server",
    "close-wait-leak",
    "slow-start",
    "fast-retransmit",
    "sack",
    "bottleneck",
    "sawtooth",
    "cubic-curve",
    "ecn",
    "keepalive-alive",
    "keepalive-peer-vanished",
    "keepalive-peer-rebooted",
    "keepalive-two-hours",
    "user-timeout",
    "blind-reset",
    "icmp-attack",
    "backlog-full",
    "syn-flood",
    "syn-flood-cookies",
    "syn-flood-oldest-evicted",
    "udp-echo",
    "call-and-letter",
    "udp-no-listener",
    "udp-loss-on-the-wire",
    "udp-loss-full-buffer",
    "udp-zero-length",
    "udp-truncation",
    "udp-max-datagram",
    "udp-reorder",
    "udp-duplicate",
    "udp-broadcast",
    "encapsulation",
    "switch-learning",
    "arp",
    "arp-conflict",
    "neighbour-discovery",
    "broadcast-storm",
    "spanning-tree",
    "router-hop",
    "ttl-exceeded",
    "traceroute",
    "every-interface",
    "port-unreachable",
    "fragmentation",
    "lost-fragment",
    "path-mtu",
    "ping",
    "raw-ping",
    "forged-source",
    "path-mtu-black-hole",
    "ipv6-handshake",
    "dual-stack",
    "nat",
    "three-families",
    "socket-types",
    "unix-stream",
    "unix-seqpacket",
    "message-framing",
    "stop-and-wait",
    "chat",
    "dhcp",
    "dns",
    "http-over-tcp",
    "ftp-two-connections",
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
            cites: plan.cites.clone(),
            knobs: plan.knobs.len(),
            live: plan.live.impossible.is_none(),
            impossible: plan.live.impossible.clone(),
            live_seconds: ends.into_iter().flatten().min().map(|span| span.as_secs_f64()),
        });
    }
    let place = |lesson: &Lesson| {
        let topic = TOPICS.iter().position(|(topic, _)| *topic == lesson.topic);
        let number = LESSONS.iter().position(|name| *name == lesson.name);
        (topic.unwrap_or(TOPICS.len()), number.unwrap_or(LESSONS.len()))
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
    let known = TOPICS.iter().find(|(known, _)| *known == topic);
    let [en, zh] = known.map_or([topic; 2], |(_, words)| *words);
    Text::new(en, zh)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_lesson_has_its_place_and_every_topic_its_words() {
        let built_in: BTreeSet<&str> = builtins().iter().map(|builtin| builtin.name).collect();
        let placed: BTreeSet<&str> = LESSONS.iter().copied().collect();
        assert_eq!(placed, built_in);
        assert_eq!(placed.len(), LESSONS.len(), "a lesson stands twice");
        for builtin in builtins() {
            assert!(TOPICS.iter().any(|(topic, _)| *topic == builtin.topic), "{}", builtin.topic);
        }
        let catalog = catalog().unwrap();
        let first: Vec<&str> = catalog.scenarios.iter().take(2).map(|lesson| lesson.name).collect();
        assert_eq!(first, &LESSONS[..2]);
        assert_eq!(catalog.topics.len(), TOPICS.len());
    }
}
