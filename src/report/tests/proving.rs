//! The self test: what can fail is made to fail, what cannot is reported.

use super::fixture::{CLIENT, Shape, exchange, expecting};
use crate::lang::Text;
use crate::link::{Direction, FramePattern, HostId, What, Which};
use crate::report::self_test;
use crate::scenario::{Compare, FaultEffect, Number, Plan, Predicate, Quantity};
use crate::socket::{Call, Fd, Return};
use crate::trace::Trace;

/// A simulator of one scenario: a lost frame is all it knows of faults.
fn rerun(plan: &Plan) -> Trace {
    let mut run = exchange(Shape::simulated());
    let lossy = plan.faults.iter().any(|fault| fault.effect == FaultEffect::Drop);
    if lossy {
        run.send(90, CLIENT, "S", 0, 0, "");
    }
    if plan.wire.mtu == 576 {
        run.call(95, 0, Call::Close { fd: Fd(3) }, "close(s)", Return::Done);
    }
    run.finish()
}

fn counts(quantity: Quantity, how: Compare, count: u64) -> Predicate {
    Predicate::Compare { quantity, how, number: Number::Count(count) }
}

fn syns() -> Quantity {
    let direction = Direction { from: Some(CLIENT), to: Some(HostId(1)) };
    let syn = What::Tcp(crate::wire::Flags::SYN);
    Quantity::Count(FramePattern { direction, what: syn, which: Which::Every })
}

#[test]
fn each_expectation_is_paired_with_a_change_that_fails_it() {
    let connects = Quantity::Calls { host: CLIENT, call: "connect", errno: None };
    let plan = expecting(vec![
        counts(syns(), Compare::Equal, 1),
        counts(connects, Compare::AtLeast, 0),
        counts(syns(), Compare::AtMost, 2),
    ]);
    let proofs = self_test(&plan, &[], &rerun);
    assert_eq!(proofs.len(), 3);
    let by = proofs[0].failed_by.as_ref().expect("a lost frame repeats the SYN");
    assert_eq!(by.en, "client > server #1 lost");
    assert!(by.zh.contains("丢失"));
    // These two say nothing that any change tried could break.
    assert_eq!(proofs[1].failed_by, None);
    assert_eq!(proofs[2].failed_by, None);
}

#[test]
fn a_given_variant_is_tried_with_the_scenarios_own_expectations() {
    let closes = Quantity::Calls { host: CLIENT, call: "connect", errno: None };
    let plan = expecting(vec![counts(closes, Compare::Equal, 1)]);
    let mut variant = plan.clone();
    variant.expectations.clear();
    variant.hosts[0].name = "broken".to_owned();
    let name = Text::new("backlog=0", "backlog=0");
    let stubborn = |plan: &Plan| {
        if plan.hosts[0].name != "broken" {
            return rerun(plan);
        }
        super::fixture::Run::new(Shape::simulated()).finish()
    };
    let proofs = self_test(&plan, &[(name.clone(), variant)], &stubborn);
    assert_eq!(proofs[0].failed_by, Some(name));
}

#[test]
fn a_scenario_without_expectations_needs_no_run_but_its_own() {
    let runs = std::cell::Cell::new(0);
    let counting = |plan: &Plan| {
        runs.set(runs.get() + 1);
        rerun(plan)
    };
    assert!(self_test(&expecting(Vec::new()), &[], &counting).is_empty());
    assert_eq!(runs.get(), 1);
}
