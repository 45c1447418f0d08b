//! The records of a trace, written from what was kept of a capture.

use super::connection::Connection;
use super::gather::{Kept, Places, Route, host_key};
use super::infer::{Belief, Crossing};
use super::words;
use crate::capture::{Classifier, Purpose};
use crate::clock::Instant;
use crate::lang::Text;
use crate::link::HostId;
use crate::tcp::State;
use crate::trace::{
    Endpoint, EndpointId, Event, HostInfo, Meta, Protocol, RecordId, Recorder, Source, Trace,
};
use crate::wire::{self, Checksums};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// What a trace is called.
pub(super) fn title(chosen: Option<&Connection>, frames: usize, file: &str) -> Text {
    match chosen {
        Some(connection) => {
            let [one, other] = connection.ends;
            let number = connection.number;
            Text::new(
                format!("Connection {number}: {one} and {other}"),
                format!("连接 {number}：{one} 与 {other}"),
            )
        }
        None => Text::new(format!("{frames} frames of {file}"), format!("{file} 的 {frames} 帧")),
    }
}

/// What holds for all of a trace.
pub(super) fn meta(title: Text, file: &str, hosts: Vec<HostInfo>) -> Meta {
    Meta {
        scenario: file.to_owned(),
        title,
        profile: String::new(),
        seed: 0,
        source: Source::Captured { file: file.to_owned() },
        hosts,
        processes: Vec::new(),
    }
}

/// Writes the records.
pub(super) struct Writer<'a> {
    pub recorder: Recorder,
    pub hosts: Places,
    pub kept: &'a [Kept],
    pub connections: &'a [Connection],
}

impl<'a> Writer<'a> {
    fn host(&self, end: SocketAddr, other: SocketAddr) -> Option<HostId> {
        self.hosts.get(&host_key(end, other)).copied()
    }

    fn endpoint(&mut self, connection: usize, end: usize) -> Option<EndpointId> {
        let connection = &self.connections[connection];
        let (local, remote) = (connection.ends[end], connection.ends[1 - end]);
        let host = self.host(local, remote)?;
        let protocol = connection.protocol;
        Some(self.recorder.endpoint(Endpoint { host, protocol, local, remote: Some(remote) }))
    }

    /// Writes them.
    pub fn write(mut self, mut crossings: Vec<(Crossing, usize)>) -> Trace {
        crossings.sort_by_key(|(crossing, _)| (crossing.frame, !crossing.by_sending));
        let kept = self.kept;
        let purposes: Vec<Purpose> = purposes(kept);
        let start = kept.iter().map(|frame| frame.at).min().unwrap_or(0);
        let mut now = Instant::ZERO;
        let mut next = crossings.into_iter().peekable();
        let mut begun: BTreeMap<(usize, usize), ()> = BTreeMap::new();
        for (place, frame) in kept.iter().enumerate() {
            // Interfaces of one capture may be a little out of step; a trace is not.
            now = now.max(Instant::from_nanos(frame.at - start));
            let here = |crossing: &(Crossing, usize)| crossing.0.frame == place as u64;
            while let Some((crossing, whose)) = next.next_if(|next| here(next) && next.0.by_sending) {
                self.cross(now, &crossing, whose, None);
            }
            self.middle(now, frame, &mut begun);
            self.uncaptured(now, frame);
            let Route { source, destination, .. } = frame.ends;
            let (from, to) = (self.host(source, destination), self.host(destination, source));
            let endpoint = frame.connection.and_then(|connection| self.endpoint(connection, frame.from));
            let why = words::reason(&purposes[place], frame.remark.finding, frame.cut, frame.vlan);
            let event =
                Event::FrameSent { frame: frame.frame.clone(), to, next: None, endpoint, why: Some(why) };
            let sent = self.recorder.push(now, from, None, event);
            let arrived = to.map(|_| {
                let event = Event::FrameArrived { sent, changed: None };
                self.recorder.push(now, to, Some(sent), event)
            });
            while let Some((crossing, whose)) = next.next_if(here) {
                self.cross(now, &crossing, whose, arrived);
            }
        }
        self.recorder.finish()
    }

    fn cross(&mut self, now: Instant, crossing: &Crossing, whose: usize, cause: Option<RecordId>) {
        let Some(endpoint) = self.endpoint(whose, crossing.end) else { return };
        let ends = self.connections[whose].ends;
        let host = self.host(ends[crossing.end], ends[1 - crossing.end]);
        let edge = crossing.edge;
        let event = Event::StateChanged { endpoint, from: edge.from, to: edge.to, section: edge.section };
        let changed = self.recorder.push(now, host, cause, event);
        if crossing.belief == Belief::Inferred {
            let event = Event::Noted { endpoint: Some(endpoint), why: words::inferred() };
            self.recorder.push(now, host, Some(changed), event);
        }
    }

    /// What the frame acknowledges and nobody captured is noted at the end that sent it.
    fn uncaptured(&mut self, now: Instant, frame: &Kept) {
        let (Some(whose), Some(octets)) = (frame.connection, frame.remark.uncaptured) else { return };
        let (end, ends) = (1 - frame.from, self.connections[whose].ends);
        let host = self.host(ends[end], ends[1 - end]);
        let endpoint = self.endpoint(whose, end);
        let event = Event::Noted { endpoint, why: words::uncaptured(octets) };
        self.recorder.push(now, host, None, event);
    }

    /// An end whose opening was not captured is open, as far as one sees, from its first frame on.
    fn middle(&mut self, now: Instant, frame: &Kept, begun: &mut BTreeMap<(usize, usize), ()>) {
        let Some(whose) = frame.connection else { return };
        let (end, connection) = (frame.from, &self.connections[whose]);
        if begun.insert((whose, end), ()).is_some()
            || connection.protocol != Protocol::Tcp
            || connection.halves[end].syn.is_some()
            || connection.states()[end].is_none()
        {
            return;
        }
        let ends = connection.ends;
        let host = self.host(ends[end], ends[1 - end]);
        let Some(endpoint) = self.endpoint(whose, end) else { return };
        let label = "#1".to_owned();
        let event = Event::StatesObserved { label, states: vec![(endpoint, State::Established)] };
        self.recorder.push(now, host, None, event);
    }
}

/// What each frame is for, as a reader of these frames alone can tell.
fn purposes(kept: &[Kept]) -> Vec<Purpose> {
    let mut classifier = Classifier::new();
    let mut number = 0;
    let purpose = |frame: &Kept| {
        number += 1;
        match wire::parse_with(&frame.frame, Checksums::Ignore) {
            Ok(packet) => classifier.see_packet(number, &packet),
            Err(error) => Purpose::Unreadable(error),
        }
    };
    kept.iter().map(purpose).collect()
}
