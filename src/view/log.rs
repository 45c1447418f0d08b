//! One line per frame, like tcpdump.

use super::brief::{Brief, brief, numbers, packet, payload};
use super::calls::told_call;
use super::lanes_text::{decimals, time};
use super::{Ink, Line, Look, heading};
use crate::clock::Instant;
use crate::link::{HostId, NodeKind};
use crate::trace::{Frame, Trace};
use crate::wire::{Flags, Segment, TcpOption, Transport};
use std::collections::BTreeMap;

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let frames = trace.frames();
    let mut lines = heading::heading(trace, look);
    if frames.is_empty() {
        lines.push(Line::of(look, Ink::Dim, look.lang.pick("no frame was recorded", "没有记录到任何帧")));
        return lines;
    }
    let briefs: Vec<Brief> = frames.iter().map(|frame| brief(frame, look)).collect();
    let columns = Columns::new(trace, &frames, &briefs, look);
    for (frame, words) in frames.iter().zip(&briefs) {
        lines.push(columns.line(trace, frame, words, look));
    }
    lines
}

/// The same lines without a heading, and the calls that returned or wait among them, each with its time.
pub fn with_calls(trace: &Trace, look: &Look) -> Vec<(Instant, Line)> {
    let frames = trace.frames();
    let briefs: Vec<Brief> = frames.iter().map(|frame| brief(frame, look)).collect();
    let columns = Columns::new(trace, &frames, &briefs, look);
    let mut lines = Vec::new();
    let mut next = frames.iter().zip(&briefs).peekable();
    for record in &trace.records {
        if let Some((frame, words)) = next.next_if(|(frame, _)| frame.record.id == record.id) {
            lines.push((record.at, columns.line(trace, frame, words, look)));
        } else if let Some((_, ink, words, note)) = told_call(trace, record, look) {
            lines.push((record.at, columns.call(record.at, (ink, &words, &note), look)));
        }
    }
    lines
}

struct Columns {
    number: usize,
    time: usize,
    decimals: usize,
    who: usize,
    /// Ports to be shown, because the host uses several.
    ports: BTreeMap<HostId, bool>,
}

impl Columns {
    fn new(trace: &Trace, frames: &[Frame<'_>], briefs: &[Brief], look: &Look) -> Columns {
        let mut used: BTreeMap<HostId, std::collections::BTreeSet<u16>> = BTreeMap::new();
        for (frame, words) in frames.iter().zip(briefs) {
            if let (Some((from, _)), Some(host)) = (words.ends, frame.from) {
                used.entry(host).or_default().insert(from.port());
            }
        }
        let decimals = decimals(frames.iter().map(|frame| frame.at));
        let mut columns = Columns {
            number: frames.len().to_string().len(),
            time: frames.iter().map(|frame| time(frame.at, decimals).len()).max().unwrap_or(5),
            decimals,
            who: 0,
            ports: used.into_iter().map(|(host, ports)| (host, ports.len() > 1)).collect(),
        };
        let whos = frames
            .iter()
            .zip(briefs)
            .map(|(frame, words)| look.text_width(&columns.who(trace, frame, words)));
        columns.who = whos.max().unwrap_or(0).min(34);
        columns
    }

    fn who(&self, trace: &Trace, frame: &Frame<'_>, words: &Brief) -> String {
        let end = |host: Option<HostId>, port: Option<u16>| {
            let name = host.map_or("*", |host| trace.host_name(host));
            let port = port
                .filter(|_| host.is_some_and(|host| trace.meta.hosts[host.index()].kind == NodeKind::Host));
            match (host.and_then(|host| self.ports.get(&host)), port) {
                (Some(true), Some(port)) => format!("{name}:{port}"),
                _ => name.to_owned(),
            }
        };
        let ports = words.ends.map(|(from, to)| (from.port(), to.port()));
        format!(
            "{} > {}",
            end(frame.from, ports.map(|ports| ports.0)),
            end(frame.to, ports.map(|ports| ports.1))
        )
    }

    /// A call: its words where a frame has its ends.
    fn call(&self, at: Instant, (ink, words, note): (Ink, &str, &str), look: &Look) -> Line {
        let mut line = Line::new();
        line.to(self.number + 1);
        let end = self.number + 1 + self.time;
        line.push_right(look, Ink::Dim, &time(at, self.decimals), end).push(look, Ink::Plain, "  ");
        line.push_until(look, ink, words, look.width);
        if !note.is_empty() && line.width() + 2 < look.width {
            line.push_until(look, Ink::Dim, &format!("  {note}"), look.width);
        }
        line
    }

    fn line(&self, trace: &Trace, frame: &Frame<'_>, words: &Brief, look: &Look) -> Line {
        let mut line = Line::new();
        line.push_right(look, Ink::Dim, &frame.number.to_string(), self.number);
        line.push(look, Ink::Dim, " ");
        let at = time(frame.at, self.decimals);
        let end = line.width() + self.time;
        line.push_right(look, Ink::Dim, &at, end);
        line.push(look, Ink::Plain, "  ");
        let end = line.width() + self.who;
        line.push_until(look, Ink::Plain, &self.who(trace, frame, words), end).to(end + 1);
        let mark = if frame.lost().is_some() {
            look.lang.pick(" ✗ lost", " ✗ 丢失")
        } else if frame.dropped().is_some() {
            look.lang.pick(" ✗ dropped", " ✗ 丢弃")
        } else {
            ""
        };
        let room = look.width - look.text_width(&look.clean(mark));
        line.push_until(look, words.kind.ink(), &details(frame, words, look), room);
        line.push_until(look, Ink::Lost, mark, look.width);
        line
    }
}

fn details(frame: &Frame<'_>, words: &Brief, look: &Look) -> String {
    let Some(packet) = packet(frame) else { return words.label.clone() };
    match packet.transport() {
        Some(Transport::Tcp(segment)) => {
            let (seq, ack) = numbers(segment, frame.content.relative.as_ref(), look);
            let mut text = format!("{:<2} {seq}", segment.flags);
            if let Some(ack) = ack {
                text.push_str(&format!(" ack {ack}"));
            }
            if !segment.payload.is_empty() {
                text.push_str(&format!(" {}", payload(&segment.payload)));
            }
            if !segment.flags.has(Flags::RST) {
                text.push_str(&format!(" win {}", segment.window));
                if segment.flags.has(crate::wire::Flags::URG) {
                    text.push_str(&format!(" urg {}", segment.urgent));
                }
            }
            let options = options(segment);
            if !options.is_empty() {
                text.push_str(&format!(" <{options}>"));
            }
            text
        }
        Some(Transport::Udp(_) | Transport::Icmp(_) | Transport::Icmpv6(_) | Transport::Other { .. })
        | None => words.label.clone(),
    }
}

/// The options in wire order: `mss 1460,sackOK,TS,nop,wscale 7`.
pub fn options(segment: &Segment) -> String {
    let words: Vec<String> = segment
        .options
        .iter()
        .map(|option| match option {
            TcpOption::EndOfList => "eol".to_owned(),
            TcpOption::Nop => "nop".to_owned(),
            TcpOption::Mss(mss) => format!("mss {mss}"),
            TcpOption::WindowScale(shift) => format!("wscale {shift}"),
            TcpOption::SackPermitted => "sackOK".to_owned(),
            TcpOption::Sack(blocks) => format!("sack {}", blocks.len()),
            TcpOption::Timestamps { .. } => "TS".to_owned(),
            TcpOption::UserTimeout { .. } => "UTO".to_owned(),
            TcpOption::FastOpen { cookie, .. } if cookie.is_empty() => "FO".to_owned(),
            TcpOption::FastOpen { cookie, .. } => format!("FO {}", cookie.len()),
            TcpOption::Unknown { kind, .. } => format!("kind {kind}"),
            TcpOption::Malformed { kind, .. } => format!("kind {kind}?"),
        })
        .collect();
    words.join(",")
}
