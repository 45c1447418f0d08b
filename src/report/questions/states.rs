//! The state of a connection's end, right after a frame has arrived.

use super::{Found, Kind, arrival, plain};
use crate::lang::Text;
use crate::link::HostId;
use crate::report::seen::Seen;
use crate::tcp::{EDGES, State};
use crate::trace::{EndpointId, Event, Flow, Protocol, RecordId, Snapshot, Trace};

/// Other names that people know.
const ALIASES: [(State, &[&str]); 3] = [
    (State::SynReceived, &["SYN-RCVD", "SYN-RECV", "同步已收到"]),
    (State::Closed, &["已关闭"]),
    (State::Listen, &["LISTENING", "监听"]),
];

/// The state of the host's end of the frame's connection, once the frame has arrived (or been lost) and before any program
/// hears of it. Without such an end the listener's, without one of those CLOSED.
pub(super) fn state(trace: &Trace, frame: &Seen<'_>, host: HostId) -> Found {
    let last = settled(trace, arrival(frame));
    let snapshot = Snapshot::at(trace, last);
    let end = frame.flow.and_then(|flow| end_of(trace, &snapshot, host, flow));
    let (state, proof) = match end {
        Some((end, state)) => (state, entered(trace, end, state, last)),
        None => (State::Closed, None),
    };
    let mut right = vec![Text::new(state.name(), state.name()), plain(state.chinese())];
    for (known, names) in ALIASES {
        if known == state {
            right.extend(names.iter().copied().map(plain));
        }
    }
    Found { right, kind: Kind::Word, others: others(trace, state), proof: proof.or(Some(last)) }
}

/// The last record of what the receiving host's stack does about that one.
fn settled(trace: &Trace, of: RecordId) -> RecordId {
    let first = trace.record(of);
    let rest = trace.records.iter().skip(of.0 as usize + 1);
    let goes_on = |record: &&crate::trace::Record| {
        let other = matches!(
            record.event,
            Event::CallStarted { .. }
                | Event::CallReturned { .. }
                | Event::ProcessEnded { .. }
                | Event::FrameArrived { .. }
                | Event::TimerFired { .. }
                | Event::Stopped(_)
        );
        record.at == first.at && (record.host == first.host || record.host.is_none()) && !other
    };
    rest.take_while(goes_on).last().map_or(of, |record| record.id)
}

/// That host's end of the connection with its state; else its listener on that port.
fn end_of(trace: &Trace, snapshot: &Snapshot, host: HostId, flow: Flow) -> Option<(EndpointId, State)> {
    let mut listener = None;
    for (id, state) in &snapshot.states {
        let end = trace.endpoint(*id);
        if end.host != host || end.protocol != Protocol::Tcp {
            continue;
        }
        match end.remote {
            Some(remote) if Flow::between(Protocol::Tcp, end.local, remote) == flow => {
                return Some((*id, *state));
            }
            None if [flow.low.port(), flow.high.port()].contains(&end.local.port()) => {
                listener = Some((*id, *state));
            }
            Some(_) | None => {}
        }
    }
    listener
}

/// The record by which that end came into that state.
fn entered(trace: &Trace, end: EndpointId, state: State, last: RecordId) -> Option<RecordId> {
    let before = trace.records.iter().take(last.0 as usize + 1).rev();
    let enters = |record: &&crate::trace::Record| matches!(record.event, Event::StateChanged { endpoint, to, .. } if endpoint == end && to == state);
    before.into_iter().find(enters).map(|record| record.id)
}

/// Other states: the neighbours in the diagram, then those the run passes, then all.
fn others(trace: &Trace, right: State) -> Vec<Text> {
    let after = EDGES.iter().filter(|edge| edge.from == right).map(|edge| edge.to);
    let before = EDGES.iter().filter(|edge| edge.to == right).map(|edge| edge.from);
    let passed = trace.records.iter().filter_map(|record| match record.event {
        Event::StateChanged { to, .. } => Some(to),
        _ => None,
    });
    let mut found: Vec<Text> = Vec::new();
    for state in after.chain(before).chain(passed).chain(State::ALL) {
        let name = plain(state.name());
        if state != right && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}
