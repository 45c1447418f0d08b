//! The same packet at each hop: which frame was passed on as which, and what was rewritten in it.

mod common;

use std::collections::BTreeSet;
use wirewalk::link::NodeKind;
use wirewalk::sim;
use wirewalk::trace::{Frame, Trace};
use wirewalk::view::{Rewrite, rewrites};

fn run(lesson: &str) -> Trace {
    let plans = common::builtin_plans();
    let (_, plan) = plans.iter().find(|(name, _)| *name == lesson).expect("a lesson of that name");
    sim::run(plan, &sim::Options::default())
}

fn kind(trace: &Trace, frame: &Frame<'_>) -> NodeKind {
    trace.meta.hosts[frame.from.expect("a sender").index()].kind
}

/// All frames that were passed on: which, and what was rewritten.
fn passed_on(trace: &Trace) -> Vec<(usize, usize, Vec<Rewrite>)> {
    let frames = trace.frames();
    let from = trace.passed_on_from(&frames);
    let all = from.iter().enumerate().filter_map(|(place, from)| Some((place, (*from)?)));
    all.map(|(place, from)| {
        let (changed, _) = rewrites(frames[from].bytes, frames[place].bytes, kind(trace, &frames[place]));
        (from, place, changed)
    })
    .collect()
}

fn keys(changed: &[Rewrite]) -> Vec<&'static str> {
    changed.iter().map(|rewrite| rewrite.key).collect()
}

#[test]
fn a_router_rewrites_both_cards_the_time_to_live_and_the_header_s_checksum_and_nothing_else() {
    let passed = passed_on(&run("router-hop"));
    let pairs: Vec<(usize, usize)> = passed.iter().map(|(from, place, _)| (*from, *place)).collect();
    assert_eq!(pairs, [(0, 1), (1, 2), (3, 4), (4, 5)]);
    for (_, _, changed) in passed {
        assert_eq!(keys(&changed), ["eth.dst", "eth.src", "ip.ttl", "ip.checksum"]);
        assert!(changed.iter().all(|rewrite| !rewrite.why.en.is_empty() && !rewrite.why.zh.is_empty()));
        let checksum = &changed[3];
        let after = checksum.after.trim_start_matches("0x");
        // The sum stands there only where it gives the checksum that was found.
        assert!(checksum.why.en.ends_with(&format!(" = {after}")), "{}", checksum.why.en);
        assert_eq!(checksum.cite, "RFC 1624 3");
    }
}

#[test]
fn a_switch_rewrites_nothing() {
    let trace = run("switch-learning");
    let passed = passed_on(&trace);
    assert!(passed.len() >= 4);
    for (_, place, changed) in passed {
        assert_eq!(kind(&trace, &trace.frames()[place]), NodeKind::Switch);
        assert!(changed.is_empty(), "{changed:?}");
    }
}

#[test]
fn pieces_come_from_the_packet_they_were_cut_from() {
    let trace = run("fragmentation");
    let passed = passed_on(&trace);
    assert_eq!(passed.len(), 8, "eight arrive of three that left");
    assert_eq!(passed.iter().map(|(from, ..)| *from).collect::<BTreeSet<_>>().len(), 3);
    assert!(passed.iter().any(|(_, _, changed)| keys(changed).contains(&"ip.fragment_offset")));
}

#[test]
fn an_icmp_error_is_not_the_packet_it_is_about() {
    let trace = run("ttl-exceeded");
    let frames = trace.frames();
    for (from, place, _) in passed_on(&trace) {
        let protocol =
            |place: usize| frames[place].packet().and_then(|packet| packet.ip()).map(|ip| ip.protocol());
        assert_eq!(protocol(from), protocol(place));
    }
}

#[test]
fn what_was_passed_on_had_come_to_whoever_passed_it_on() {
    for (name, plan) in common::builtin_plans() {
        let trace = sim::run(&plan, &sim::Options::default());
        let frames = trace.frames();
        for (place, from) in trace.passed_on_from(&frames).into_iter().enumerate() {
            let Some(from) = from else { continue };
            assert!(from < place, "{name}: frame {}", place + 1);
            let next = frames[from].next.or(frames[from].to);
            assert_eq!(next, frames[place].from, "{name}: frame {} from {}", place + 1, from + 1);
            assert_ne!(kind(&trace, &frames[place]), NodeKind::Host, "{name}: frame {}", place + 1);
        }
    }
}
