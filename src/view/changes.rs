//! What a step changed, in a few words: variables, queues, counters. And what queues are called.

use super::Look;
use super::variables::variable_words;
use crate::lang::Lang;
use crate::trace::{Event, Record, Snapshot, Trace};

/// Changes told at most: a connection's birth sets everything at once, and a view of variables shows that better.
const MOST: usize = 12;

/// What a queue is called, briefly: `half-open`, `send buffer`.
pub fn queue_name(queue: &str, lang: Lang) -> &str {
    match queue {
        "half-open" => lang.pick("half-open", "半连接队列"),
        "accept" => lang.pick("to accept", "全连接队列"),
        "receive" => lang.pick("receive buffer", "接收缓存"),
        "send" => lang.pick("send buffer", "发送缓存"),
        "wire" => lang.pick("frames at the card", "网卡处等待的帧"),
        other => other,
    }
}

/// What a queue holds, as a title: `octets to be sent`.
pub fn queue_title(queue: &str, lang: Lang) -> &str {
    match queue {
        "half-open" => lang.pick("half-open connections", "半连接队列"),
        "accept" => lang.pick("connections waiting for accept", "全连接队列"),
        "receive" => lang.pick("octets to be received", "接收缓存（字节）"),
        "send" => lang.pick("octets to be sent", "发送缓存（字节）"),
        "wire" => lang.pick("frames waiting at the card", "在网卡处等待的帧"),
        "wire-average" => lang.pick("their average (RED)", "平均队长（RED）"),
        other => other,
    }
}

/// What these records changed, each thing with its new value; the last of very many is `…`.
pub fn changes(trace: &Trace, records: &[Record], look: &Look) -> Vec<String> {
    let Some(last) = records.last() else { return Vec::new() };
    let now = Snapshot::at(trace, last.id);
    let mut words = Vec::new();
    for record in records {
        match &record.event {
            Event::Variables { endpoint, changes } => {
                let bases = now.bases(*endpoint);
                words.extend(changes.iter().map(|change| {
                    let value = change
                        .after
                        .map_or("-".to_owned(), |after| variable_words(change.variable, after, bases, look));
                    format!("{}\u{a0}{value}", change.variable)
                }));
            }
            Event::Queue { queue, length, limit, .. } => {
                let limit = limit.map_or(String::new(), |limit| format!("/{limit}"));
                words.push(format!("{}\u{a0}{length}{limit}", queue_name(queue, look.lang)));
            }
            Event::Counted { counter, by } => words.push(format!("{counter}\u{a0}+{by}")),
            _ => {}
        }
    }
    if words.len() > MOST {
        words.truncate(MOST);
        words.push("…".to_owned());
    }
    words
}
