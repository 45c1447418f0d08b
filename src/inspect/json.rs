//! A survey as JSON: the document of `inspect --json`, as `docs/json.md` describes it.

use super::connection::{Connection, Ending, Handshake};
use super::infer::Belief;
use super::survey::Survey;
use crate::capture::Broken;
use crate::lang::Lang;
use crate::trace::Protocol;
use serde::Serialize;

impl Survey {
    /// The document of `inspect --json`, with so many connections at most.
    pub fn json(&self, most: usize) -> impl Serialize {
        Document::of(self, most)
    }
}

#[derive(Serialize)]
struct Document {
    schema: u32,
    packets: u64,
    octets: u64,
    first_ns: Option<u64>,
    last_ns: Option<u64>,
    cut_short: u64,
    vlan: u64,
    others: u64,
    hops: u64,
    unreadable_links: u64,
    beyond: u64,
    broken: Option<BrokenAt>,
    #[serde(skip_serializing_if = "is_zero")]
    more_connections: usize,
    connections: Vec<Row>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Where a capture could not be read on, and why.
#[derive(Clone, Debug, Serialize)]
pub struct BrokenAt {
    /// The octet.
    pub at: u64,
    /// Why, in English.
    pub en: String,
    /// Why, in Chinese.
    pub zh: String,
}

impl BrokenAt {
    /// The same as JSON tells it.
    pub fn of(broken: &Broken) -> BrokenAt {
        BrokenAt { at: broken.at, en: broken.sentence(Lang::En), zh: broken.sentence(Lang::Zh) }
    }
}

#[derive(Serialize)]
struct Row {
    number: u64,
    protocol: &'static str,
    first_frame: u64,
    last_frame: u64,
    after: Option<u64>,
    began_ns: u64,
    latest_ns: u64,
    handshake: Option<&'static str>,
    ending: Option<&'static str>,
    syns: u32,
    ends: [RowEnd; 2],
}

#[derive(Serialize)]
struct RowEnd {
    address: String,
    state: Option<&'static str>,
    certainty: Option<&'static str>,
    frames: u64,
    octets: u64,
    retransmissions: u32,
    fast: u32,
    timeouts: u32,
    spurious: u32,
    out_of_order: u32,
    duplicate_acks: u32,
    zero_windows: u32,
    windows_filled: u32,
    window_probes: u32,
    keepalives: u32,
    resets: u32,
    uncaptured: u64,
}

impl Document {
    fn of(survey: &Survey, most: usize) -> Document {
        Document {
            schema: 1,
            packets: survey.packets,
            octets: survey.octets,
            first_ns: survey.span.map(|(first, _)| first),
            last_ns: survey.span.map(|(_, last)| last),
            cut_short: survey.cut_short,
            vlan: survey.tagged,
            others: survey.others,
            hops: survey.hops,
            unreadable_links: survey.unknown_links.values().sum(),
            beyond: survey.beyond,
            broken: survey.broken.as_ref().map(BrokenAt::of),
            more_connections: survey.connections.len().saturating_sub(most),
            connections: survey.connections.iter().take(most).map(Row::of).collect(),
        }
    }
}

impl Row {
    fn of(connection: &Connection) -> Row {
        let states = connection.states();
        let end = |at: usize| {
            let half = &connection.halves[at];
            RowEnd {
                address: connection.ends[at].to_string(),
                state: states[at].map(|(state, _)| state.name()),
                certainty: states[at].map(|(_, belief)| match belief {
                    Belief::Seen => "seen",
                    Belief::Inferred => "inferred",
                }),
                frames: half.frames,
                octets: half.octets,
                retransmissions: half.retransmissions,
                fast: half.fast,
                timeouts: half.timeouts,
                spurious: half.spurious,
                out_of_order: half.out_of_order,
                duplicate_acks: half.duplicate_acks,
                zero_windows: half.zero_windows,
                windows_filled: half.windows_filled,
                window_probes: half.window_probes,
                keepalives: half.keepalives,
                resets: half.resets,
                uncaptured: half.uncaptured,
            }
        };
        let tcp = connection.protocol == Protocol::Tcp;
        Row {
            number: connection.number,
            protocol: if tcp { "tcp" } else { "udp" },
            first_frame: connection.first_frame,
            last_frame: connection.last_frame,
            after: connection.after,
            began_ns: connection.began,
            latest_ns: connection.latest,
            handshake: tcp.then(|| match connection.handshake() {
                Handshake::Whole => "whole",
                Handshake::Part => "part",
                Handshake::Unseen => "unseen",
            }),
            ending: tcp.then(|| match connection.ending() {
                Ending::Open => "open",
                Ending::NoAnswer(_) => "no-answer",
                Ending::Refused => "refused",
                Ending::Reset { .. } => "reset",
                Ending::HalfClosed(_) => "half-closed",
                Ending::Closed => "closed",
            }),
            syns: connection.halves[0].syns,
            ends: [end(0), end(1)],
        }
    }
}
