//! `list`: the built-in scenarios by topic.

use super::args::ListArgs;
use super::load::mistakes;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::lang::Text;
use crate::scenario::{self, nearest};
use crate::view::{Ink, Line, join};
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
];

/// The order in which the lessons build on each other; others come after, by name.
const LESSONS: &[&str] = &[
    "three-way-handshake",
    "lost-syn-ack",
    "connection-refused",
    "one-port-two-clients",
    "defer-accept",
    "urgent-data",
    "fast-open",
    "four-way-close",
    "three-segment-close",
    "half-close",
    "simultaneous-close",
    "time-wait",
    "address-in-use",
    "close-with-unread-data",
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
    "backlog-full",
    "syn-flood",
    "syn-flood-cookies",
    "syn-flood-oldest-evicted",
    "udp-echo",
    "udp-no-listener",
    "udp-loss-on-the-wire",
    "udp-loss-full-buffer",
];

#[derive(Serialize)]
struct Document {
    schema: u32,
    scenarios: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    name: &'static str,
    topic: &'static str,
    title: Text,
    claims: Vec<String>,
    cites: Vec<String>,
    live: bool,
}

/// Lists them.
pub fn list(arguments: &ListArgs, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let items = items(settings)?;
    let topics = topics(&items);
    if let Some(topic) = &arguments.topic
        && !topics.contains(&topic.as_str())
    {
        let near = nearest(topic, topics.iter().copied());
        let known = if near.is_empty() { topics.join(", ") } else { near.join(", ") };
        return Err(Failure::Usage(lang.pick(
            format!("there is no topic “{topic}”; there is: {known}"),
            format!("没有“{topic}”这个主题；有：{known}"),
        )));
    }
    let chosen: Vec<Item> = items
        .into_iter()
        .filter(|item| arguments.topic.as_deref().is_none_or(|topic| topic == item.topic))
        .collect();
    if arguments.json {
        let document = Document { schema: 1, scenarios: chosen };
        out::print(lang, &super::json(&document)?)?;
        return Ok(Exit::Fine);
    }
    let look = &settings.look;
    let width = chosen.iter().map(|item| item.name.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for topic in topics {
        let mut of_topic: Vec<&Item> = chosen.iter().filter(|item| item.topic == topic).collect();
        of_topic
            .sort_by_key(|item| LESSONS.iter().position(|lesson| *lesson == item.name).unwrap_or(usize::MAX));
        if of_topic.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(Line::new());
        }
        let words =
            TOPICS.iter().find(|(known, _)| *known == topic).map_or(topic, |(_, [en, zh])| lang.pick(en, zh));
        let mut line = Line::of(look, Ink::Heading, words);
        if words.to_lowercase() != topic {
            line.push(look, Ink::Dim, &format!("  {topic}"));
        }
        lines.push(line);
        for item in of_topic {
            let mut line = Line::new();
            line.to(2).push(look, Ink::Call, item.name).to(width + 4);
            line.push_until(look, Ink::Plain, item.title.get(lang), look.width);
            lines.push(line);
        }
    }
    out::print(lang, &join(&lines, look))?;
    Ok(Exit::Fine)
}

fn items(settings: &Settings) -> Result<Vec<Item>, Failure> {
    let mut items = Vec::new();
    for builtin in scenario::builtins() {
        let scenario = builtin.scenario().map_err(|diagnostics| mistakes(&diagnostics, settings))?;
        let plan = scenario.default_plan();
        items.push(Item {
            name: builtin.name,
            topic: builtin.topic,
            title: plan.title.clone(),
            claims: plan.claims.clone(),
            cites: plan.cites.clone(),
            live: plan.live.impossible.is_none(),
        });
    }
    Ok(items)
}

/// The topics that have scenarios, those of the lessons first.
fn topics(items: &[Item]) -> Vec<&'static str> {
    let mut topics: Vec<&'static str> = TOPICS.iter().map(|(topic, _)| *topic).collect();
    for item in items {
        if !topics.contains(&item.topic) {
            topics.push(item.topic);
        }
    }
    topics.retain(|topic| items.iter().any(|item| item.topic == *topic));
    topics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Look;
    use std::collections::BTreeSet;

    #[test]
    fn every_lesson_has_its_place_and_every_topic_its_words() {
        let built_in: BTreeSet<&str> = scenario::builtins().iter().map(|builtin| builtin.name).collect();
        let placed: BTreeSet<&str> = LESSONS.iter().copied().collect();
        assert_eq!(placed, built_in);
        assert_eq!(placed.len(), LESSONS.len(), "a lesson stands twice");
        for builtin in scenario::builtins() {
            assert!(TOPICS.iter().any(|(topic, _)| *topic == builtin.topic), "{}", builtin.topic);
        }
    }

    #[test]
    fn every_title_fits_beside_its_name_in_80_columns() {
        let look = Look::default();
        let longest = LESSONS.iter().map(|name| name.len()).max().unwrap_or(0);
        for builtin in scenario::builtins() {
            let scenario = builtin.scenario().unwrap();
            let title = &scenario.default_plan().title;
            for text in [&title.en, &title.zh] {
                assert!(look.text_width(text) <= 80 - 4 - longest, "{}: {text}", builtin.name);
            }
        }
    }
}
