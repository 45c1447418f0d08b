//! Questions answered from the trace, and answers graded.

use super::seen::{Seen, look};
use crate::link::Matcher;
use crate::scenario::{Plan, Question};
use crate::trace::Trace;
use crate::wire::{Body, MIN_FRAME, Packet, Transport};
use std::net::IpAddr;

/// How an answer was graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grade {
    /// Right.
    Right,
    /// Wrong; this is right.
    Wrong(String),
    /// The frame the question is asked before never came, or has no such field.
    NeverAsked,
}

/// The right answer to a question, read off the frame it is asked before; `None` if that frame was never sent or has no
/// such field. Sequence numbers are absolute where the scenario gives the host's `isn`, else relative, as in expectations.
pub fn answer(plan: &Plan, trace: &Trace, question: &Question) -> Option<String> {
    answers(plan, trace, question).into_iter().next()
}

/// Grades what a learner typed. Case, thousands separators and spaces do not matter; a sequence number may be given as
/// absolute or as relative; flags in any order.
pub fn grade(plan: &Plan, trace: &Trace, question: &Question, typed: &str) -> Grade {
    let right = answers(plan, trace, question);
    let Some(best) = right.first() else { return Grade::NeverAsked };
    let sorted = question.answer == "frame.tcp.flags";
    let given = canonical(typed, sorted);
    if right.iter().any(|right| canonical(right, sorted) == given) {
        Grade::Right
    } else {
        Grade::Wrong(best.clone())
    }
}

fn canonical(text: &str, sorted: bool) -> String {
    let mut letters: Vec<char> = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, ',' | '_'))
        .flat_map(char::to_lowercase)
        .collect();
    if sorted {
        letters.sort_unstable();
    }
    letters.into_iter().collect()
}

/// Every way to say the right answer, the best first; none if nothing has it.
pub fn answers(plan: &Plan, trace: &Trace, question: &Question) -> Vec<String> {
    let seen = look(trace);
    let mut matcher = Matcher::new(question.before);
    let asked = seen.iter().find(|seen| {
        seen.packet.as_ref().is_some_and(|packet| matcher.matches(seen.frame.heading(), packet))
    });
    match asked {
        Some(frame) => field(plan, frame, &question.answer),
        None => Vec::new(),
    }
}

/// The field of that name in the frame.
fn field(plan: &Plan, seen: &Seen<'_>, name: &str) -> Vec<String> {
    let Some(packet) = &seen.packet else { return Vec::new() };
    match name {
        "frame.time" => vec![seen.frame.at.to_string(), format!("{}s", seen.frame.at)],
        "frame.len" => vec![seen.frame.bytes.len().max(MIN_FRAME).to_string()],
        "frame.tcp.seq" => {
            let (preferred, _) = super::judge::numbers(plan, seen);
            let absolute = packet.tcp().map(|segment| segment.seq.0);
            either(preferred, absolute, seen.relative.map(|relative| relative.seq))
        }
        "frame.tcp.ack" => {
            let (_, preferred) = super::judge::numbers(plan, seen);
            let absolute = preferred.and_then(|_| packet.tcp().map(|segment| segment.ack.0));
            either(preferred, absolute, seen.relative.and_then(|relative| relative.ack))
        }
        _ => plain(packet, name).into_iter().collect(),
    }
}

fn either(preferred: Option<u32>, absolute: Option<u32>, relative: Option<u32>) -> Vec<String> {
    let mut answers: Vec<String> = Vec::new();
    for number in [preferred, absolute, relative].into_iter().flatten() {
        let text = number.to_string();
        if !answers.contains(&text) {
            answers.push(text);
        }
    }
    answers
}

/// What both versions of IP have in their headers.
struct Internet {
    source: IpAddr,
    destination: IpAddr,
    /// Time to live, or hop limit.
    ttl: u8,
    protocol: u8,
    header_len: usize,
    len: usize,
}

fn internet(packet: &Packet) -> Option<Internet> {
    match &packet.body {
        Body::Ipv4(ip) => Some(Internet {
            source: ip.source.into(),
            destination: ip.destination.into(),
            ttl: ip.ttl,
            protocol: ip.protocol(),
            header_len: ip.header_len(),
            len: ip.len(),
        }),
        Body::Ipv6(ip) => Some(Internet {
            source: ip.source.into(),
            destination: ip.destination.into(),
            ttl: ip.hop_limit,
            protocol: ip.protocol(),
            header_len: ip.header_len(),
            len: ip.len(),
        }),
        Body::Arp(_) | Body::Bpdu(_) | Body::Other(_) => None,
    }
}

/// A field that is read the same by everybody.
fn plain(packet: &Packet, name: &str) -> Option<String> {
    let (tcp, udp) = (packet.tcp(), packet.udp());
    let icmp = match packet.transport() {
        Some(Transport::Icmp(message)) => Some(message.kind()),
        Some(Transport::Icmpv6(message)) => Some(message.kind()),
        Some(Transport::Tcp(_) | Transport::Udp(_) | Transport::Other { .. }) | None => None,
    };
    let ip = internet(packet);
    match name {
        "frame.eth.source" => Some(packet.ethernet.source.to_string()),
        "frame.eth.destination" => Some(packet.ethernet.destination.to_string()),
        "frame.tcp.header_len" => tcp.map(|segment| segment.header_len().to_string()),
        "frame.tcp.flags" => tcp.map(|segment| segment.flags.to_string()),
        "frame.tcp.len" => tcp.map(|segment| segment.payload.len().to_string()),
        "frame.tcp.window" => tcp.map(|segment| segment.window.to_string()),
        "frame.tcp.mss" => tcp.and_then(|segment| segment.mss()).map(|mss| mss.to_string()),
        "frame.tcp.source_port" => tcp.map(|segment| segment.source_port.to_string()),
        "frame.tcp.destination_port" => tcp.map(|segment| segment.destination_port.to_string()),
        "frame.udp.source_port" => udp.map(|datagram| datagram.source_port.to_string()),
        "frame.udp.destination_port" => udp.map(|datagram| datagram.destination_port.to_string()),
        "frame.udp.len" => udp.map(|datagram| datagram.payload.len().to_string()),
        "frame.ip.source" => ip.map(|ip| ip.source.to_string()),
        "frame.ip.destination" => ip.map(|ip| ip.destination.to_string()),
        "frame.ip.ttl" => ip.map(|ip| ip.ttl.to_string()),
        "frame.ip.id" => packet.ip().map(|ip| ip.identification.to_string()),
        "frame.ip.len" => ip.map(|ip| ip.len.to_string()),
        "frame.ip.header_len" => ip.map(|ip| ip.header_len.to_string()),
        "frame.ip.protocol" => ip.map(|ip| ip.protocol.to_string()),
        "frame.icmp.type" => icmp.map(|(kind, _)| kind.to_string()),
        "frame.icmp.code" => icmp.map(|(_, code)| code.to_string()),
        _ => None,
    }
}
