//! The sequence diagram: a trace laid out in lanes.

mod facts;
mod switches;
#[cfg(test)]
mod tests;

use super::brief::{Brief, Kind, brief};
use super::calls_text::{call_words, place, result_words, short_call, span};
use super::changes::queue_name;
use super::lanes::{Across, Arrow, Beside, Diagram, Part, Row};
use super::{Line, Look, heading, lanes_text, remarks, scale, sentence, shorter, summary};
use crate::clock::{Instant, Span};
use crate::host::{Conclusion, Reason};
use crate::link::{HostId, NodeKind};
use crate::socket::{Call, ProcessId, Return};
use crate::trace::{EndpointId, Event, Fate, Frame, Record, RecordId, Stop, Trace};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// Lanes at most; of more hosts the most active have their own, and the others share the last one.
const MOST_LANES: usize = 4;
/// Crossing frames are drawn crossing if there are no more of them than this.
const MOST_CROSSINGS: usize = 8;
/// Changes of a queue beyond this many are left to the view of queues.
const MOST_QUEUE_CHANGES: usize = 24;

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let mut lines = heading::heading(trace, look);
    lines.extend(lanes_text::draw(&diagram(trace, look), look));
    lines
}

/// The layout, for whoever draws it: floods and long transfers are summed up.
pub fn diagram(trace: &Trace, look: &Look) -> Diagram {
    let mut diagram = laid_out(trace, look);
    summary::shorten(&mut diagram, look);
    scale::apply(&mut diagram, look);
    diagram
}

/// The layout with every frame on a row of its own, for whoever shows a part of it at a time.
pub fn whole_diagram(trace: &Trace, look: &Look) -> Diagram {
    let mut diagram = laid_out(trace, look);
    scale::apply(&mut diagram, look);
    diagram
}

fn laid_out(trace: &Trace, look: &Look) -> Diagram {
    let frames = trace.frames();
    let mut builder = Builder::new(trace, look, &frames);
    for record in &trace.records {
        let before = builder.diagram.rows.len();
        builder.record(record);
        let flow = builder.flows[record.id.0 as usize];
        for row in &mut builder.diagram.rows[before..] {
            row.flow = flow;
            row.record = Some(record.id);
        }
    }
    builder.finish()
}

struct Builder<'a> {
    trace: &'a Trace,
    look: &'a Look,
    frames: BTreeMap<RecordId, &'a Frame<'a>>,
    briefs: BTreeMap<RecordId, Brief>,
    crossing: BTreeSet<RecordId>,
    lane_of: Vec<usize>,
    /// The lane that several hosts share, if one is.
    shared: Option<usize>,
    diagram: Diagram,
    /// When each segment with sequence space was sent, to know a retransmission.
    sent: BTreeMap<(SocketAddr, SocketAddr, u32, u32), (u32, Instant)>,
    crowded: Vec<bool>,
    /// Ends to be told apart by their ports, because their host has several that talk.
    ports: BTreeSet<SocketAddr>,
    usual_flight: Span,
    show_queues: bool,
    queues: BTreeMap<(EndpointId, &'static str), u64>,
    /// By the record where a call begins: whether it had to wait, and what it gave.
    returns: sentence::Outcomes,
    /// Connections that were taken from the accept queue at the moment they came in.
    passing: BTreeSet<RecordId>,
    /// Reasons told once already: from then on their beginning is enough.
    told: BTreeSet<String>,
    /// The connection each record is about, where there are several.
    flows: Vec<Option<u16>>,
    /// Floods that left no frames, by the host they fell on.
    loads: BTreeMap<HostId, facts::Load>,
}

impl<'a> Builder<'a> {
    fn new(trace: &'a Trace, look: &'a Look, frames: &'a [Frame<'a>]) -> Builder<'a> {
        let lane_of = facts::lanes(trace);
        let count =
            lane_of.iter().copied().filter(|lane| *lane != usize::MAX).max().map_or(1, |lane| lane + 1);
        let mut processes = vec![0; trace.meta.hosts.len()];
        for process in &trace.meta.processes {
            if let Some(n) = processes.get_mut(process.host.index()) {
                *n += 1;
            }
        }
        let counted = |event: &Event| matches!(event, Event::Queue { queue: "half-open" | "accept", .. });
        let queue_changes = trace.records.iter().filter(|record| counted(&record.event)).count();
        let briefs: BTreeMap<RecordId, Brief> =
            frames.iter().map(|frame| (frame.record.id, brief(frame, look))).collect();
        let ports = facts::ambiguous(&briefs);
        let lanes = (0..count).map(|lane| facts::lane_heading(trace, &lane_of, lane, look)).collect();
        let last = count.saturating_sub(1);
        let shared = lane_of.iter().filter(|lane| **lane == last).count() > 1;
        Builder {
            trace,
            look,
            shared: shared.then_some(last),
            frames: frames.iter().map(|frame| (frame.record.id, frame)).collect(),
            told: BTreeSet::new(),
            loads: facts::loads(trace),
            flows: facts::flows(trace, &ports),
            ports,
            briefs,
            crossing: facts::crossing(frames),
            lane_of,
            diagram: Diagram { lanes, rows: Vec::new() },
            sent: BTreeMap::new(),
            crowded: processes.into_iter().map(|n| n > 1).collect(),
            usual_flight: heading::wire_delay(trace).unwrap_or(Span::ZERO),
            show_queues: queue_changes <= MOST_QUEUE_CHANGES,
            queues: BTreeMap::new(),
            returns: sentence::outcomes(trace),
            passing: facts::passing(trace),
        }
    }

    fn lanes(&self) -> usize {
        self.diagram.lanes.len()
    }

    fn lane(&self, host: Option<HostId>) -> Option<usize> {
        let lane = *self.lane_of.get(host?.index())?;
        (lane != usize::MAX).then_some(lane)
    }

    fn beside(&mut self, record: &Record, what: Beside, mut text: String) {
        if let Some(lane) = self.lane(record.host) {
            if let Some(host) = record.host.filter(|_| self.shared == Some(lane)) {
                text = format!("{}: {text}", self.trace.host_name(host));
            }
            let row = Row::beside(record.at, self.lanes(), lane, what, text);
            self.diagram.rows.push(row);
        }
    }

    fn beside_or_short(&mut self, record: &Record, what: Beside, text: String, short: String) {
        self.beside(record, what, text);
        let lane = self.lane(record.host);
        let aside = self.diagram.rows.last_mut().zip(lane).and_then(|(row, lane)| row.asides[lane].as_mut());
        if let Some(aside) = aside {
            aside.short = Some(short);
        }
    }

    fn record(&mut self, record: &Record) {
        match &record.event {
            Event::FrameSent { .. } => self.frame_sent(record),
            Event::FrameArrived { sent, .. } => self.frame_arrived(record, *sent),
            // Only bridges understand spanning tree: nobody wonders that hosts do not.
            Event::FrameDropped { arrived, .. } if self.is_tree(*arrived) => {}
            Event::FrameDropped { why, .. } => {
                let again = !self.told.insert(why.sentence(self.look.lang));
                self.beside(record, Beside::Trouble, remarks::dropped(why, again, self.look));
            }
            Event::StateChanged { endpoint, to, .. } => {
                let text = format!("{to}{}", self.port_of(*endpoint));
                self.beside(record, Beside::State, text);
            }
            Event::CallStarted { process, call, .. } => self.call_started(record, *process, call),
            Event::CallBlocked { .. } => {}
            Event::CallReturned { process, call, result } => {
                self.call_returned(record, *process, *call, result)
            }
            Event::Checked { held: false, required: true, text, actual, .. } => {
                let words =
                    self.look.lang.pick(format!("{text}: no, {actual}"), format!("{text}：不成立，{actual}"));
                self.beside(record, Beside::Error, words);
            }
            Event::Queue { endpoint, queue, length, limit } => {
                self.queue(record, *endpoint, queue, *length, *limit)
            }
            Event::LinkChanged { up, next } => self.link_changed(record, *up, *next),
            Event::Stopped(stop) => self.stopped(record, stop),
            Event::Noted { endpoint, why: Reason::Concluded(conclusion) } => {
                self.uncaptured(record, *endpoint, conclusion);
            }
            Event::Noted { why, .. } => self.noted(record, why),
            Event::FrameLost { .. }
            | Event::Checked { .. }
            | Event::StatesObserved { .. }
            | Event::Forked { .. }
            | Event::ProcessEnded { .. }
            | Event::TimerFired { .. }
            | Event::Variables { .. }
            | Event::Counted { .. } => {}
        }
    }

    /// What was on the wire and in no capture is drawn too: it is known from its acknowledgment.
    fn uncaptured(&mut self, record: &Record, endpoint: Option<EndpointId>, conclusion: &Conclusion) {
        let (Some(octets), Some(endpoint)) = (conclusion.uncaptured, endpoint) else { return };
        let peer = self.trace.endpoint(endpoint).remote.and_then(|remote| {
            let mine = |(_, other): &(usize, &crate::trace::Endpoint)| {
                other.local == remote && other.remote == Some(self.trace.endpoint(endpoint).local)
            };
            self.trace.endpoints.iter().enumerate().find(mine).map(|(_, other)| other.host)
        });
        let (Some(from), Some(to)) = (self.lane(record.host), self.lane(peer)) else { return };
        if from == to {
            return;
        }
        let label = self.look.lang.pick(format!("not captured: {octets}"), format!("未捕获：{octets} 字节"));
        let label = label + self.look.lang.pick(" octets", "");
        let mut row = Row::empty(record.at, self.lanes());
        let (kind, part) = (Kind::Other, Part::Whole);
        row.arrow = Some(Arrow { from, to, kind, label, shorter: Vec::new(), part, record: record.id });
        self.diagram.rows.push(row);
    }

    /// Whether what arrived with that record is spanning tree's.
    fn is_tree(&self, arrived: RecordId) -> bool {
        let Event::FrameArrived { sent, .. } = &self.trace.record(arrived).event else { return false };
        let at_bridge = self
            .trace
            .record(arrived)
            .host
            .is_none_or(|host| !self.trace.meta.hosts[host.index()].kind.has_stack());
        !at_bridge && self.briefs.get(sent).is_some_and(|words| words.kind == Kind::Tree)
    }

    fn who(&self, process: ProcessId) -> String {
        match self.trace.meta.processes.get(process.index()) {
            Some(info) if self.crowded.get(info.host.index()) == Some(&true) => format!("{} ", info.name),
            _ => String::new(),
        }
    }

    /// Where several connections are drawn, the port that tells them apart.
    fn port_of(&self, endpoint: EndpointId) -> String {
        let info = self.trace.endpoint(endpoint);
        let port = info.remote.and_then(|remote| facts::told_apart(&self.ports, info.local, remote));
        port.map_or_else(String::new, |port| format!(" :{port}"))
    }

    /// Where several connections are drawn, the port of the end that has several tells them apart.
    fn flow_of(&self, words: &Brief) -> String {
        let port = words.ends.and_then(|(from, to)| facts::told_apart(&self.ports, from, to));
        port.map_or_else(String::new, |port| format!(":{port} "))
    }

    /// What a router has left of a packet's time to live.
    fn hop_of(&self, frame: &Frame<'_>) -> String {
        let router =
            frame.from.is_some_and(|from| self.trace.meta.hosts[from.index()].kind == NodeKind::Router);
        let ttl = frame.packet().and_then(|packet| packet.ip()).map(|ip| ip.ttl);
        match ttl.filter(|_| router && self.trace.is_passed_on(frame)) {
            Some(ttl) => format!(" · TTL {ttl}"),
            None => String::new(),
        }
    }

    fn frame_sent(&mut self, record: &Record) {
        let Some(frame) = self.frames.get(&record.id).copied() else { return };
        let Some(words) = self.briefs.get(&record.id).cloned() else { return };
        let Some(from) = self.lane(frame.from) else { return };
        let to = self
            .lane(frame.next.or(frame.to))
            .or_else(|| frame.arrival().and_then(|arrival| self.lane(arrival.host)))
            .unwrap_or(if from == 0 { self.lanes().saturating_sub(1) } else { 0 });
        if from == to {
            let label = &words.label;
            let text = match frame.next.or(frame.to).filter(|to| Some(*to) != frame.from) {
                // Two of those who share a lane.
                Some(other) => format!("→ {}: {label}", self.trace.host_name(other)),
                None => self.look.lang.pick(format!("to itself: {label}"), format!("给自己：{label}")),
            };
            return self.beside(record, Beside::Note, text);
        }
        let part = if frame.lost().is_some() {
            Part::Lost
        } else if self.crossing.contains(&record.id) && from.abs_diff(to) == 1 {
            Part::Leaves
        } else {
            Part::Whole
        };
        let mut row = Row::empty(record.at, self.lanes());
        let flow = self.flow_of(&words);
        let hop = self.hop_of(frame);
        let mut fewer = vec![words.label.clone()];
        fewer.extend(shorter::shorter(frame, self.look));
        // What a router has left of the time to live goes last: that is what a hop is looked at for.
        let named = fewer.iter().take(fewer.len() - 1).skip(1).filter(|_| !hop.is_empty());
        let with_hop = named.map(|way| format!("{flow}{way}{hop}"));
        let of_flow = fewer.iter().map(|way| format!("{flow}{way}"));
        let plain = fewer.iter().skip(1).filter(|_| !flow.is_empty()).cloned();
        let shorter = with_hop.chain(of_flow).chain(plain).collect();
        row.arrow = Some(Arrow {
            from,
            to,
            kind: words.kind,
            label: flow + &words.label + &hop,
            shorter,
            part,
            record: record.id,
        });
        self.diagram.rows.push(row);
        for (lane, what, text) in self.remarks(frame, &words, from, to) {
            self.remark(lane, what, text, record.at);
        }
    }

    /// Puts a remark beside the arrow just drawn, or on a row of its own.
    fn remark(&mut self, lane: usize, what: Beside, text: String, at: Instant) {
        let lanes = self.lanes();
        let outer = lane == 0 || lane + 1 == lanes;
        match self.diagram.rows.last_mut() {
            Some(row) if outer && row.asides[lane].is_none() => {
                row.asides[lane] = Some(super::lanes::Aside { what, text, short: None });
            }
            _ => self.diagram.rows.push(Row::beside(at, lanes, lane, what, text)),
        }
    }

    fn remarks(
        &mut self,
        frame: &Frame<'_>,
        words: &Brief,
        from: usize,
        to: usize,
    ) -> Vec<(usize, Beside, String)> {
        let lang = self.look.lang;
        let mut notes = Vec::new();
        let reason = frame.why.and_then(|why| remarks::sent(why, self.look));
        // What somebody forged is no first sending.
        let own = !self.trace.is_passed_on(frame) && frame.why != Some(&Reason::ByHand);
        if let Some(identity) = words.identity.filter(|_| own) {
            let again = self.sent.get(&identity).copied();
            let count = again.map_or(0, |(count, _)| count + 1);
            self.sent.insert(identity, (count, frame.at));
            if let (Some((_, before)), None) = (again, &reason) {
                let after = span(rounded(frame.at.since(before)));
                let text = lang
                    .pick(format!("retransmit {count} ({after})"), format!("第 {count} 次重传，隔 {after}"));
                notes.push((from, Beside::Note, text));
            }
        }
        if let Some(text) = reason {
            notes.push((from, Beside::Note, text));
        }
        if let Some(why) = frame.lost() {
            notes.push((to, Beside::Trouble, remarks::lost(why, self.look)));
        }
        for fate in &frame.fates {
            if let Fate::Arrived { record, changed, .. } = fate {
                let flight = record.at.since(frame.at);
                if flight > self.usual_flight.saturating_mul(3) + Span::millis(1) && self.show_slow(frame) {
                    let flight = span(rounded(flight));
                    notes.push((
                        to,
                        Beside::Note,
                        lang.pick(format!("slow: {flight}"), format!("很慢：{flight}")),
                    ));
                }
                if let Some(changed) = changed {
                    notes.push((to, Beside::Trouble, remarks::altered(frame.bytes, changed, self.look)));
                }
            }
        }
        if frame.fates.len() > 1 {
            notes.push((to, Beside::Note, lang.pick("arrives twice", "到达两次").to_owned()));
        }
        notes
    }

    /// Slowness is said of simulated wires only: a real machine is never quite even.
    fn show_slow(&self, _frame: &Frame<'_>) -> bool {
        matches!(self.trace.meta.source, crate::trace::Source::Simulated)
    }

    fn frame_arrived(&mut self, record: &Record, sent: RecordId) {
        if !self.crossing.contains(&sent) {
            return;
        }
        let leaves = self.diagram.rows.iter().rev().filter_map(|row| row.arrow.as_ref());
        let Some(arrow) = leaves.into_iter().find(|arrow| arrow.record == sent).cloned() else { return };
        if arrow.part != Part::Leaves {
            return;
        }
        let mut row = Row::empty(record.at, self.lanes());
        row.arrow = Some(Arrow { part: Part::Arrives, label: String::new(), shorter: Vec::new(), ..arrow });
        self.diagram.rows.push(row);
    }

    /// A call that had to wait begins here and returns on a later row; any other is told whole where it begins, so that
    /// what it brings about stands below it.
    fn call_started(&mut self, record: &Record, process: ProcessId, call: &Call) {
        let who = self.who(process);
        let words = if who.is_empty() { call_words(self.trace, call) } else { format!("{}()", call.name()) };
        match self.returns.get(&record.id) {
            Some((false, result)) => {
                let result = result.clone();
                let failed = matches!(result, Return::Failed(_));
                if !sentence::is_preparation(call) || failed {
                    let told = !matches!(call, Call::Close { .. } | Call::Shutdown { .. }) || failed;
                    let result = if told { self.result(record.id, &result) } else { String::new() };
                    let short = format!("{who}{}{result}", short_call(call));
                    let what = if failed { Beside::Error } else { Beside::Call };
                    self.beside_or_short(record, what, format!("{who}{words}{result}"), short);
                } else if who.is_empty() {
                    // Of many processes on one host what they prepare would drown what they do.
                    self.preparation(record, &who, call);
                }
            }
            Some((true, _)) | None => {
                let short = format!("{who}{}…", short_call(call));
                self.beside_or_short(record, Beside::Call, format!("{who}{words}…"), short);
            }
        }
    }

    fn call_returned(&mut self, record: &Record, process: ProcessId, call: RecordId, result: &Return) {
        let Event::CallStarted { call: called, .. } = &self.trace.record(call).event else { return };
        if self.returns.get(&call).is_some_and(|(waited, _)| *waited) {
            let what = if matches!(result, Return::Failed(_)) { Beside::Error } else { Beside::Call };
            let text = format!("{}{}(){}", self.who(process), called.name(), self.result(call, result));
            self.beside(record, what, text);
        }
    }

    fn result(&self, call: RecordId, result: &Return) -> String {
        match result {
            Return::Failed(errno) => format!(" {}", errno.name()),
            result => format!(" =\u{a0}{}", result_words(self.trace, call, result, self.look)),
        }
    }

    /// Calls that only prepare share a line: `socket, bind, listen(5)`.
    fn preparation(&mut self, record: &Record, who: &str, call: &Call) {
        let Some(lane) = self.lane(record.host) else { return };
        let words = match call {
            Call::Socket { .. } => "socket".to_owned(),
            Call::Bind { address: SocketAddr::V4(address), .. } => format!("bind :{}", address.port()),
            Call::Bind { address, .. } => format!("bind {}", place(self.trace, *address)),
            call => call_words(self.trace, call),
        };
        let who_socket = format!("{who}socket");
        if let Some(row) = self.diagram.rows.last_mut()
            && record.at.since(row.at) < Span::millis(5)
            && let Some(aside) = row.asides[lane].as_mut()
            && row.preparing == Some(lane)
            && aside.text.starts_with(who)
        {
            // That there is a socket goes without saying as soon as something is done with it.
            match aside.text.strip_prefix(&who_socket) {
                Some("") => aside.text = format!("{who}{words}"),
                _ => aside.text.push_str(&format!(", {words}")),
            }
            row.preparing = Some(lane);
            return;
        }
        let mut row = Row::beside(record.at, self.lanes(), lane, Beside::Call, format!("{who}{words}"));
        row.preparing = Some(lane);
        self.diagram.rows.push(row);
    }

    fn queue(
        &mut self,
        record: &Record,
        endpoint: EndpointId,
        queue: &'static str,
        length: u64,
        limit: Option<u64>,
    ) {
        let lang = self.look.lang;
        self.load(record, length, limit);
        let before = self.queues.insert((endpoint, queue), length).unwrap_or(0);
        if !matches!(queue, "half-open" | "accept")
            || !self.show_queues
            || length <= before
            || self.passing.contains(&record.id)
        {
            return;
        }
        let name = queue_name(queue, lang);
        let text = match limit {
            Some(limit) => {
                lang.pick(format!("{name} {length} of {limit}"), format!("{name} {length}/{limit}"))
            }
            None => format!("{name} {length}"),
        };
        self.beside(record, Beside::Note, text);
    }

    /// The milestones of a flood that is not drawn frame by frame.
    fn load(&mut self, record: &Record, length: u64, limit: Option<u64>) {
        let lang = self.look.lang;
        let Some(load) = record.host.and_then(|host| self.loads.get(&host)).cloned() else { return };
        if record.id == load.felt {
            let (segments, dropped) = (load.segments, load.dropped);
            let text = lang.pick(
                format!(
                    "a flood from here on, not drawn: {segments} segments, {dropped} SYNs dropped in all"
                ),
                format!("从此刻起有洪水，不逐帧画出：共 {segments} 个报文段，丢弃 SYN {dropped} 个"),
            );
            self.diagram.rows.push(Row::across(record.at, self.lanes(), Across::Summary(text)));
        }
        if record.id == load.peak {
            let of =
                limit.map_or(String::new(), |limit| lang.pick(format!(" of {limit}"), format!("/{limit}")));
            let text = lang.pick(format!("half-open {length}{of}"), format!("半连接 {length}{of}"));
            self.beside(record, Beside::Trouble, text);
        }
        if load.relief == Some(record.id) {
            let text = lang.pick(format!("half-open down to {length}"), format!("半连接减到 {length}"));
            self.beside(record, Beside::Note, text);
        }
    }

    fn stopped(&mut self, record: &Record, stop: &Stop) {
        let lang = self.look.lang;
        let text = match stop {
            Stop::Finished => return,
            Stop::Until | Stop::Deadlock => {
                let waiting = self.trace.wait_for(record.id).waiting;
                if waiting.is_empty() || waiting.len() > 4 {
                    return;
                }
                let list: Vec<String> = waiting
                    .iter()
                    .filter_map(|waiting| match &self.trace.record(waiting.call).event {
                        Event::CallStarted { call, .. } => {
                            let host = self
                                .trace
                                .record(waiting.call)
                                .host
                                .map_or("", |host| self.trace.host_name(host));
                            Some(lang.pick(
                                format!("{host} in {}()", call.name()),
                                format!("{host} 在 {}()", call.name()),
                            ))
                        }
                        _ => None,
                    })
                    .collect();
                let list = list.join(lang.pick(", ", "，"));
                lang.pick(format!("still waiting at the end: {list}"), format!("到最后仍在等待：{list}"))
            }
            Stop::Limit(limit) => {
                lang.pick(format!("stopped at its limit: {limit}"), format!("到达限额而停：{limit}"))
            }
        };
        let row = Row::across(record.at, self.lanes(), Across::Remark(format!("({text})")));
        self.diagram.rows.push(row);
    }

    fn finish(mut self) -> Diagram {
        self.diagram.join_states_with_arrows();
        self.diagram.count_repetitions();
        self.diagram
    }
}

/// To the millisecond where that is precise enough to read.
pub fn rounded(span: Span) -> Span {
    match span.as_nanos() {
        ns if ns >= 10_000_000 => Span::nanos((ns + 500_000) / 1_000_000 * 1_000_000),
        ns if ns >= 10_000 => Span::nanos((ns + 500) / 1_000 * 1_000),
        _ => span,
    }
}

/// Whether a kind of frame may vanish in a summary when there are many of it.
pub fn may_be_summed_up(kind: Kind) -> bool {
    match kind {
        Kind::Syn
        | Kind::Data
        | Kind::Ack
        | Kind::Udp
        | Kind::Arp
        | Kind::Icmp
        | Kind::Tree
        | Kind::Rst
        | Kind::Other => true,
        Kind::Fin => false,
    }
}
