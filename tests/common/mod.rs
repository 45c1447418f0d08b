//! What several tests share: plans from scenario text, and what must hold of every trace.
#![allow(dead_code)]

use std::collections::BTreeMap;
use wirewalk::lang::Lang;
use wirewalk::scenario::{Plan, Scenario};
use wirewalk::socket::Return;
use wirewalk::tcp::{EDGES, State};
use wirewalk::trace::{EndpointId, Event, Fate, Protocol, Snapshot, Trace};
use wirewalk::wire;

/// The plan of a scenario text; mistakes in it are the test's.
pub fn plan(text: &str) -> Plan {
    match Scenario::parse("scenarios/tests/test.toml", text) {
        Ok(scenario) => scenario.default_plan().clone(),
        Err(mistakes) => {
            let mistakes: Vec<String> = mistakes.iter().map(|m| m.render(Lang::En, false)).collect();
            panic!("{}\n{text}", mistakes.join("\n"))
        }
    }
}

/// The default plan of every built-in scenario, with its name.
pub fn builtin_plans() -> Vec<(&'static str, Plan)> {
    let plans: Vec<_> = wirewalk::scenario::builtins()
        .iter()
        .map(|builtin| (builtin.name, builtin.scenario().unwrap().default_plan().clone()))
        .collect();
    assert!(plans.len() >= 20, "only {} scenarios are built in", plans.len());
    plans
}

/// What the process of that name was given by its calls, joined.
pub fn received_by(trace: &Trace, process: &str) -> Vec<u8> {
    let mut all = Vec::new();
    for call in trace.calls() {
        if trace.meta.processes[call.process.index()].name != process {
            continue;
        }
        if let Some(Return::Received(data) | Return::ReceivedFrom(data, _)) = call.result() {
            all.extend_from_slice(data);
        }
    }
    all
}

/// What must hold of any simulated trace, whatever ran.
pub fn check_invariants(trace: &Trace) {
    causes_come_first(trace);
    frames_are_sound(trace);
    states_follow_the_diagram(trace);
    variables_follow_from_each_other(trace);
    calls_are_made_one_at_a_time(trace);
    assert!(matches!(trace.records.last().map(|r| &r.event), Some(Event::Stopped(_))));
}

fn causes_come_first(trace: &Trace) {
    let mut now = wirewalk::clock::Instant::ZERO;
    for (place, record) in trace.records.iter().enumerate() {
        assert_eq!(record.id.0 as usize, place);
        assert!(record.at >= now, "time runs back at record {place}");
        now = record.at;
        if let Some(cause) = record.cause {
            assert!(cause < record.id, "record {place} is caused by a later one");
        }
    }
}

fn frames_are_sound(trace: &Trace) {
    for frame in trace.frames() {
        let packet = wire::parse(frame.bytes).unwrap_or_else(|error| {
            panic!("frame {} as sent is unsound: {}", frame.number, error.sentence(Lang::En))
        });
        assert_eq!(wire::build(&packet), *frame.bytes, "frame {} is not what its values build", frame.number);
        for fate in &frame.fates {
            if let Fate::Arrived { record, changed, .. } = fate {
                assert!(record.at >= frame.at);
                assert_ne!(*changed, Some(frame.bytes));
            }
        }
    }
}

fn states_follow_the_diagram(trace: &Trace) {
    let mut present = BTreeMap::new();
    for record in &trace.records {
        if let Event::StatesObserved { states, .. } = &record.event {
            // What a machine that was restarted has forgotten it is found without.
            let there = |endpoint: &EndpointId| states.iter().any(|(found, _)| found == endpoint);
            present
                .retain(|endpoint, _| Some(trace.endpoint(*endpoint).host) != record.host || there(endpoint));
        }
        let Event::StateChanged { endpoint, from, to, section } = &record.event else { continue };
        assert!(
            EDGES.iter().any(|edge| edge.from == *from && edge.to == *to && edge.section == *section),
            "record {}: no edge {from} -> {to} [{section}]",
            record.id.0
        );
        let before = present.insert(*endpoint, *to).unwrap_or(State::Closed);
        let born_of_a_listener = *from == State::Listen && trace.endpoint(*endpoint).remote.is_some();
        assert!(before == *from || born_of_a_listener, "record {}: {before}, not {from}", record.id.0);
    }
}

fn variables_follow_from_each_other(trace: &Trace) {
    let mut snapshot = Snapshot::default();
    for record in &trace.records {
        if let Event::Variables { endpoint, changes } = &record.event {
            for change in changes {
                let known = snapshot.variable(*endpoint, change.variable);
                assert_eq!(known, change.before, "record {}: {}", record.id.0, change.variable);
                assert_ne!(change.before, change.after, "record {}: no change", record.id.0);
            }
            assert_eq!(trace.endpoint(*endpoint).host, record.host.unwrap());
        }
        snapshot.apply(record.host, record.id, &record.event);
    }
}

fn calls_are_made_one_at_a_time(trace: &Trace) {
    let mut inside = BTreeMap::new();
    for record in &trace.records {
        match &record.event {
            Event::CallStarted { process, .. } => {
                assert_eq!(inside.insert(*process, record.id), None, "record {}", record.id.0);
            }
            Event::CallBlocked { process, call } => assert_eq!(inside.get(process), Some(call)),
            Event::CallReturned { process, call, .. } => {
                assert_eq!(inside.remove(process), Some(*call), "record {}", record.id.0);
            }
            Event::ProcessEnded { process } => assert!(!inside.contains_key(process)),
            _ => {}
        }
    }
}

/// Flows of TCP in the trace.
pub fn tcp_frames(trace: &Trace) -> usize {
    trace.frames().iter().filter(|f| f.flow().is_some_and(|flow| flow.protocol == Protocol::Tcp)).count()
}
