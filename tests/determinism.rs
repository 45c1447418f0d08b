//! The same plan and seed give the same bytes; the seed decides all chance and nothing else.

mod common;

use common::{builtin_plans, plan};
use wirewalk::clock::Instant;
use wirewalk::link::FramePattern;
use wirewalk::scenario::{Fault, FaultEffect, Plan};
use wirewalk::sim::{self, Options};
use wirewalk::trace::{Event, Level, RecordId, Trace, to_json};
use wirewalk::world::World;

/// The records, without the seed that the document states.
fn records(trace: &Trace) -> String {
    trace.to_text()
}

#[test]
fn every_scenario_gives_the_same_bytes_twice() {
    for (name, plan) in builtin_plans() {
        let document = || to_json(&sim::run(&plan, &Options::default()), &[]);
        assert!(document() == document(), "{name} differs from run to run");
    }
}

#[test]
fn another_seed_changes_the_run_where_chance_is_involved() {
    let same = builtin_plans().into_iter().filter(|(_, plan)| {
        let with = |seed| sim::run(plan, &Options { seed, ..Options::default() });
        with(1).records == with(2).records
    });
    let mut same: Vec<&str> = same.map(|(name, _)| name).collect();
    same.sort_unstable();
    // Everywhere else a port or an initial number differs: here no packet ever leaves, its port is bound, or it has none.
    assert_eq!(
        same,
        [
            "broadcast-storm",
            "forged-source",
            "fragmentation",
            "lost-fragment",
            "ping",
            "raw-ping",
            "two-processes-one-socket",
            "udp-broadcast",
            "udp-max-datagram"
        ]
    );
}

#[test]
fn random_loss_differs_with_the_seed_and_exact_loss_does_not() {
    let lossy = |fault: &str| {
        plan(&format!(
            r#"
            title = {{ en = "t", zh = "t" }}
            lesson = {{ en = "l", zh = "l" }}
            {fault}
            [host.client]
            program = '''
              s = socket(udp)
              repeat 20:
                sendto(s, "x", server:9)
                sleep 1ms
            '''
            [host.server]
            program = '''
              s = socket(udp)
              bind(s, *:9)
              sleep 1s
            '''
            "#
        ))
    };
    let lost = |plan: &Plan, seed| {
        let trace = sim::run(plan, &Options { seed, ..Options::default() });
        let frames = trace.frames();
        frames.iter().filter(|frame| frame.lost().is_some()).map(|frame| frame.number).collect::<Vec<_>>()
    };
    let random = lossy("[[fault]]\ndrop = \"client > server udp\"\nprobability = 0.5");
    assert_eq!(lost(&random, 1), lost(&random, 1));
    assert!((2..6).any(|seed| lost(&random, seed) != lost(&random, 1)));
    let exact = lossy("[[fault]]\ndrop = \"client > server udp #3-4\"");
    assert_eq!(lost(&exact, 1), [3, 4]);
    assert_eq!(lost(&exact, 2), [3, 4]);
}

#[test]
fn a_world_cloned_in_the_middle_goes_on_like_the_other() {
    for (name, plan) in builtin_plans() {
        let whole = sim::run(&plan, &Options::default());
        let mut world = World::new(&plan, &Options::default());
        for _ in 0..40 {
            world.step();
        }
        let mut twin = world.clone();
        while world.step().is_some() {}
        while twin.step().is_some() {}
        assert!(twin.into_trace() == whole, "{name}: the clone went elsewhere");
        assert!(world.into_trace() == whole, "{name}: the original went elsewhere");
    }
}

#[test]
fn a_streamed_run_is_the_run() {
    for (name, plan) in builtin_plans() {
        let whole = sim::run(&plan, &Options::default());
        let mut streamed = Trace { meta: whole.meta.clone(), endpoints: Vec::new(), records: Vec::new() };
        sim::run_into(&plan, &Options::default(), &mut streamed);
        assert!(streamed == whole, "{name}");
    }
}

#[test]
fn less_recording_changes_nothing_of_what_happens() {
    for (name, plan) in builtin_plans() {
        let with = |level| sim::run(&plan, &Options { level, ..Options::default() });
        let (full, events, off) = (with(Level::Full), with(Level::Events), with(Level::Off));
        let script = |trace: &Trace| -> Vec<(Instant, Event)> {
            let mut kept = Vec::new();
            for record in &trace.records {
                match &record.event {
                    Event::Checked { .. } | Event::ProcessEnded { .. } | Event::Stopped(_) => {
                        kept.push((record.at, record.event.clone()));
                    }
                    _ => {}
                }
            }
            kept
        };
        assert_eq!(script(&full), script(&events), "{name}");
        assert_eq!(off.records.len(), 1, "{name}");
        assert_eq!(
            off.records.last().map(|r| (&r.event, r.at)),
            full.records.last().map(|r| (&r.event, r.at))
        );
        for host in 0..plan.hosts.len() as u16 {
            let host = wirewalk::link::HostId(host);
            assert_eq!(full.counters(host), events.counters(host), "{name}");
        }
    }
}

#[test]
fn no_scenario_hangs_on_a_tie() {
    let mut dependent = Vec::new();
    for (name, plan) in builtin_plans() {
        if let Some(tie) = sim::tie_dependent(&plan, &Options::default()) {
            dependent.push(format!("{name}: {}", tie.what.en));
        }
    }
    assert!(dependent.is_empty(), "{}", dependent.join("\n"));
}

#[test]
fn a_scenario_that_does_hang_on_a_tie_is_found_out() {
    let race = plan(
        r#"
        title = { en = "t", zh = "t" }
        lesson = { en = "l", zh = "l" }
        [host.one]
        program = '''
          s = socket(udp)
          bind(s, *:5)
          sendto(s, "one", judge:9)
        '''
        [host.other]
        program = '''
          s = socket(udp)
          bind(s, *:5)
          sendto(s, "two", judge:9)
        '''
        [host.judge]
        program = '''
          s = socket(udp)
          bind(s, *:9)
          recv(s, 10) == "one"
        '''
        "#,
    );
    let found = sim::tie_dependent(&race, &Options::default()).expect("who comes first is a tie");
    assert!(found.what.en.contains("at 0.00"), "{}", found.what.en);
}

#[test]
fn a_branch_shares_its_beginning_with_the_run_and_parts_at_the_new_fault() {
    for (name, plan) in builtin_plans() {
        let base = sim::run(&plan, &Options::default());
        let frames = base.frames();
        // What a machine sends to itself passes no wire that could lose it.
        let passes =
            |frame: &wirewalk::trace::Frame<'_>| frame.arrived_at().is_some() && frame.from != frame.to;
        let Some(first) = frames.iter().position(passes) else { continue };
        let victim = frames[first].record.id;
        let pattern: FramePattern = plan.pattern(&format!("* > * #{}", first + 1)).unwrap();
        let drop = Fault { pattern, effect: FaultEffect::Drop, per_million: 1_000_000 };
        let branch = sim::run(&plan, &Options { faults: vec![drop], ..Options::default() });
        let parts =
            base.parts_from(&branch).unwrap_or_else(|| panic!("{name}: dropping a frame changed nothing"));
        assert!(parts > victim, "{name}");
        let before = parts.0 as usize;
        assert_eq!(base.records[..before], branch.records[..before], "{name}");
        assert!(
            matches!(branch.record(parts).event, Event::FrameLost { sent, .. } if sent <= parts),
            "{name}: the first difference is {:?}",
            branch.record(RecordId(parts.0)).event
        );
        assert_ne!(records(&base), records(&branch));
    }
}

#[test]
fn what_must_hold_of_every_trace_holds_of_every_scenario() {
    for (_, plan) in builtin_plans() {
        for profile in [wirewalk::scenario::ProfileName::Linux, wirewalk::scenario::ProfileName::Rfc9293] {
            let options = Options { profile: Some(profile), ..Options::default() };
            common::check_invariants(&sim::run(&plan, &options));
        }
    }
}
