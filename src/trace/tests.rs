//! Queries over a trace made by hand.

use super::sample::{CLIENT, SERVER, refused};
use super::*;
use crate::clock::{Instant, Span};
use crate::mib::Counter;
use crate::socket::{Errno, ProcessId, Return};
use crate::tcp::State;

#[test]
fn frames_know_what_became_of_them() {
    let trace = refused();
    let frames = trace.frames();
    assert_eq!(frames.len(), 3);
    assert!(frames[0].lost().is_some() && frames[0].arrived_at().is_none());
    assert_eq!(frames[1].arrived_at(), Some(Instant::ZERO + Span::millis(1010)));
    assert!(frames[1].lost().is_none());
    assert_eq!((frames[2].from, frames[2].to), (Some(SERVER), Some(CLIENT)));
    assert_eq!(frames[2].number, 3);
    assert_eq!(frames[0].flow(), frames[2].flow());
}

#[test]
fn frames_carry_relative_numbers() {
    let trace = refused();
    let numbers: Vec<_> = trace.frames().iter().map(|f| f.relative().map(|r| (r.seq, r.ack))).collect();
    assert_eq!(numbers, [Some((0, None)), Some((0, None)), Some((0, Some(1)))]);
}

#[test]
fn a_path_has_closed_at_both_ends() {
    let trace = refused();
    let paths = trace.paths();
    assert_eq!(paths.len(), 1);
    assert_eq!(paths[0].states(), [State::Closed, State::SynSent, State::Closed]);
}

#[test]
fn the_same_ports_can_live_twice() {
    let mut trace = refused();
    let again: Vec<Record> = trace.records[..trace.records.len() - 1].to_vec();
    trace.records.pop();
    trace.records.extend(again);
    assert_eq!(trace.paths().len(), 2);
}

#[test]
fn a_call_knows_when_it_blocked_and_what_it_gave() {
    let trace = refused();
    let calls = trace.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].blocked.map(|record| record.id), Some(RecordId(5)));
    assert_eq!(calls[0].result(), Some(&Return::Failed(Errno::ECONNREFUSED)));
}

#[test]
fn a_snapshot_holds_what_held_right_after_the_record() {
    let trace = refused();
    let endpoint = EndpointId(0);
    let waiting = Snapshot::at(&trace, RecordId(5));
    assert_eq!(waiting.states.get(&endpoint), Some(&State::SynSent));
    assert_eq!(waiting.variable(endpoint, "snd.nxt"), Some(101));
    assert_eq!(waiting.blocked.get(&ProcessId(0)), Some(&RecordId(0)));
    assert_eq!(waiting.counters.get(&CLIENT), None);
    let over = Snapshot::at(&trace, RecordId(16));
    assert!(over.states.is_empty() && over.variables.is_empty() && over.blocked.is_empty());
    assert_eq!(over.counters.get(&CLIENT).map(|c| c.get(Counter::RetransSegs)), Some(1));
}

#[test]
fn values_over_time_are_found() {
    let trace = refused();
    let at = |ms| Instant::ZERO + Span::millis(ms);
    assert_eq!(trace.variable(EndpointId(0), "snd.una"), [(at(0), Some(100)), (at(1020), None)]);
    assert_eq!(trace.counter(CLIENT, Counter::RetransSegs), 1);
    assert_eq!(trace.counter(SERVER, Counter::RetransSegs), 0);
    assert_eq!(trace.end(), at(1020));
}

#[test]
fn why_goes_back_to_the_call() {
    let trace = refused();
    let chain: Vec<u32> = trace.why(RecordId(14)).iter().map(|record| record.id.0).collect();
    assert_eq!(chain, [14, 11, 10, 9, 7, 6, 3, 0]);
    let children: Vec<u32> = trace.consequences(RecordId(11)).map(|record| record.id.0).collect();
    assert_eq!(children, [12, 13, 14]);
}

#[test]
fn a_damaged_chain_of_causes_ends() {
    let mut trace = refused();
    trace.records[3].cause = Some(RecordId(14));
    assert_eq!(trace.why(RecordId(14)).last().map(|record| record.id), Some(RecordId(3)));
}

#[test]
fn a_drained_recorder_gives_the_same_trace_piece_by_piece() {
    let whole = refused();
    let mut recorder = Recorder::new(whole.meta.clone());
    let mut streamed = Trace { meta: whole.meta.clone(), endpoints: Vec::new(), records: Vec::new() };
    recorder.endpoint(whole.endpoints[0].clone());
    for record in &whole.records {
        let id = recorder.push(record.at, record.host, record.cause, record.event.clone());
        assert_eq!(id, record.id);
        recorder.drain(&mut streamed);
    }
    assert!(recorder.pending().is_empty());
    assert_eq!(streamed, whole);
}

#[test]
fn the_document_is_json_and_has_every_record_on_its_own_line() {
    let trace = refused();
    let judged = Judged {
        text: crate::lang::Text::new("a \"quoted\" \u{1} line\n", "一行"),
        held: true,
        found: crate::lang::Text::new("", ""),
    };
    let text = to_json(&trace, std::slice::from_ref(&judged));
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["schema"], 1);
    assert_eq!(document["expectations"][0]["text"], judged.text.en);
    let records = document["records"].as_array().unwrap();
    assert_eq!(records.len(), trace.records.len());
    assert_eq!(text.lines().filter(|line| line.starts_with("{\"id\":")).count(), records.len());
    let syn = &records[7];
    assert_eq!(syn["kind"], "frame_sent");
    assert_eq!(syn["cause"], 6);
    assert_eq!(syn["tcp"]["flags"], "S");
    assert_eq!(syn["tcp"]["relative_seq"], 0);
    assert!(syn["tcp"].get("ack").is_none());
    assert_eq!(syn["endpoint"]["remote"], "10.0.0.2:80");
    assert_eq!(records[10]["tcp"]["relative_ack"], 1);
    assert_eq!(records[14]["errno"], "ECONNREFUSED");
    assert_eq!(records[4]["why"]["zh"].as_str().map(str::is_empty), Some(false));
}

#[test]
fn the_text_form_has_one_line_for_each_record() {
    let trace = refused();
    let text = trace.to_text();
    assert_eq!(text.lines().count(), trace.records.len());
    assert!(text.contains("sends to client: RA seq 0 ack 1 len 0 win 0"), "{text}");
}
