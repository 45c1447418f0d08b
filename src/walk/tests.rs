//! Walks through the built-in scenarios.

use super::*;
use crate::scenario;
use crate::trace::Event;

fn walk(name: &str) -> Walk {
    let scenario = scenario::find(name).expect("built in").scenario().expect("without mistakes");
    Walk::simulated(Setup::new(scenario)).expect("default knobs")
}

/// The sending of the frame of that number, from 1.
fn frame(walk: &Walk, number: usize) -> crate::trace::RecordId {
    walk.trace().frames()[number - 1].record.id
}

#[test]
fn forward_and_back_come_to_the_same_step_and_stop_at_both_ends() {
    let mut walk = walk("three-way-handshake");
    assert!(!walk.back());
    let mut seen = vec![*walk.step().unwrap()];
    while walk.forward() {
        seen.push(*walk.step().unwrap());
    }
    assert_eq!(seen.len(), walk.steps().len());
    while let Some(step) = seen.pop() {
        assert_eq!(walk.step(), Some(&step));
        assert_eq!(walk.back(), !seen.is_empty());
    }
}

#[test]
fn a_dropped_frame_grows_a_branch_that_is_the_same_up_to_where_it_parts() {
    let mut walk = walk("three-way-handshake");
    let syn = frame(&walk, 1);
    let pattern = walk.pattern(syn).unwrap();
    walk.grow(Change::Drop(pattern)).unwrap();
    let parting = walk.here().parts_at.expect("a lost SYN makes another run");
    assert_eq!(walk.at(), parting);
    let [root, branch] = walk.branches() else { panic!("two branches") };
    for step in 0..parting {
        assert_eq!(root.records(step), branch.records(step));
    }
    assert_ne!(root.records(parting), branch.records(parting));
    assert!(branch.trace.records.iter().any(|record| matches!(record.event, Event::FrameLost { .. })));
    assert_eq!(branch.name().as_deref(), Some("--drop 'client > server #1'"));
}

#[test]
fn a_branch_of_a_branch_keeps_what_its_parent_changed() {
    let mut walk = walk("three-way-handshake");
    // The SYN, and in the run in which it is lost the SYN that goes again.
    for number in [1, 2] {
        let pattern = walk.pattern(frame(&walk, number)).unwrap();
        walk.grow(Change::Drop(pattern)).unwrap();
    }
    let lost = walk.trace().frames().iter().filter(|frame| frame.lost().is_some()).count();
    assert_eq!(lost, 2);
    assert_eq!(walk.here().parent, Some(1));
}

#[test]
fn switching_between_branches_keeps_the_step_until_they_part() {
    let mut walk = walk("four-way-close");
    let last = walk.trace().frames().last().unwrap().record.id;
    let pattern = walk.pattern(last).unwrap();
    walk.grow(Change::Drop(pattern)).unwrap();
    let parting = walk.parting(0, 1).unwrap();
    walk.go_to(1);
    assert!(walk.switch(0));
    assert_eq!((walk.branch(), walk.at()), (0, 1));
    walk.go_to(walk.steps().len() - 1);
    walk.switch(1);
    assert_eq!(walk.at(), parting);
    assert!(!walk.switch(2));
}

#[test]
fn siblings_part_where_the_first_of_them_leaves_their_parent() {
    let mut walk = walk("four-way-close");
    for number in [4, 2] {
        walk.switch(0);
        let pattern = walk.pattern(frame(&walk, number)).unwrap();
        walk.grow(Change::Drop(pattern)).unwrap();
    }
    let first = walk.branches()[1].parts_at.min(walk.branches()[2].parts_at);
    assert_eq!(walk.parting(1, 2), first);
    assert_eq!(walk.parting(1, 1), None);
}

#[test]
fn a_branch_has_the_name_it_is_given_and_its_own_without_one() {
    let mut walk = walk("three-way-handshake");
    let pattern = walk.pattern(frame(&walk, 1)).unwrap();
    walk.grow(Change::Drop(pattern)).unwrap();
    walk.rename(1, "  no SYN ");
    assert_eq!(walk.here().name().as_deref(), Some("no SYN"));
    let growth = walk.here().growth();
    assert!(growth.en.starts_with("no SYN (--drop 'client > server #1'), parts from 1"), "{}", growth.en);
    assert!(growth.zh.contains("no SYN（--drop"), "{}", growth.zh);
    walk.rename(1, " ");
    assert_eq!(walk.here().name().as_deref(), Some("--drop 'client > server #1'"));
    walk.rename(7, "nobody");
}

#[test]
fn a_branch_that_is_forgotten_leaves_its_own_branches_on_its_parent() {
    let mut walk = walk("three-way-handshake");
    for number in [1, 2] {
        let pattern = walk.pattern(frame(&walk, number)).unwrap();
        walk.grow(Change::Drop(pattern)).unwrap();
    }
    let wanted = walk.parting(0, 2);
    let lost = walk.here().trace.clone();
    assert!(!walk.remove(0), "the first run stays");
    assert!(walk.remove(1));
    assert_eq!((walk.branches().len(), walk.branch()), (2, 1), "who stands in another branch stays in it");
    assert_eq!((walk.here().parent, walk.here().parts_at), (Some(0), wanted));
    assert_eq!(walk.here().trace, lost);
    assert!(walk.remove(1));
    assert_eq!((walk.branches().len(), walk.branch()), (1, 0));
    assert_eq!(Some(walk.at()), wanted, "where the two parted");
    assert!(!walk.remove(1));
}

#[test]
fn a_knob_set_and_set_back_is_the_run_it_was() {
    let mut walk = walk("syn-flood");
    let backlog = |value: &str| Change::Set("backlog".to_owned(), value.to_owned());
    let before = walk.plan().unwrap().knobs.iter().find(|knob| knob.name == "backlog").unwrap().value.clone();
    walk.grow(backlog("16")).unwrap();
    walk.grow(backlog(&before)).unwrap();
    assert_eq!(walk.parting(0, 2), None);
    assert!(walk.parting(0, 1).is_some());
    walk.remove(1);
    assert_eq!((walk.branches()[1].parent, walk.branches()[1].parts_at), (Some(0), None));
}

#[test]
fn beside_what_happened_once_stands_the_simulation_and_only_that_can_branch() {
    let simulated = walk("three-way-handshake");
    let scenario = scenario::find("three-way-handshake").unwrap().scenario().unwrap();
    let once = Walk::over(simulated.plan().cloned(), simulated.trace().clone());
    let mut walk = once.beside(Setup::new(scenario)).unwrap();
    assert_eq!((walk.branches().len(), walk.branch()), (2, 0));
    let pattern = walk.pattern(frame(&walk, 1)).unwrap();
    assert!(matches!(walk.grow(Change::Drop(pattern)), Err(CannotBranch::OnlyFrom(1))));
    assert!(!walk.related(0, 1));
    let sends = walk.steps().iter().rposition(|step| step.frame.is_some()).unwrap();
    walk.go_to(sends);
    walk.switch(1);
    assert_eq!(walk.at(), sends, "as much happened to frames");
    walk.grow(Change::Drop(pattern)).unwrap();
    assert_eq!(walk.here().parent, Some(1));
    assert!(!walk.remove(1) && !walk.remove(0));
}

#[test]
fn several_changes_at_once_give_what_they_give_one_after_another() {
    let mut walk = walk("syn-flood");
    let [one, other] =
        [("backlog", "2"), ("rate", "400")].map(|(key, value)| Change::Set(key.into(), value.into()));
    walk.grow(Change::Several(vec![one.clone(), other.clone()])).unwrap();
    assert_eq!(walk.here().name().as_deref(), Some("--set backlog=2 --set rate=400"));
    let at_once = walk.trace().clone();
    walk.switch(0);
    walk.grow(one).unwrap();
    walk.grow(other).unwrap();
    assert_eq!(walk.trace().records, at_once.records);
    assert!(walk.branches()[1].parts_at.is_some(), "they change the run");
}

#[test]
fn a_changed_knob_grows_a_branch_and_an_unknown_one_says_what_there_is() {
    let mut walk = walk("syn-flood");
    let knob = walk.plan().unwrap().knobs[0].clone();
    assert!(walk.grow(Change::Set("no-such-knob".to_owned(), "1".to_owned())).is_err());
    assert_eq!(walk.branches().len(), 1);
    walk.grow(Change::Set(knob.name.clone(), knob.value.clone())).unwrap();
    assert_eq!(walk.here().parts_at, None, "the same value makes the same run");
}

#[test]
fn what_happened_once_cannot_be_run_again() {
    let simulated = walk("three-way-handshake");
    let mut walk = Walk::over(simulated.plan().cloned(), simulated.trace().clone());
    let pattern = walk.pattern(frame(&walk, 1)).unwrap();
    assert!(matches!(walk.grow(Change::Drop(pattern)), Err(CannotBranch::NotSimulated)));
}

#[test]
fn every_question_is_asked_once_on_the_way_and_its_own_answer_is_right() {
    for builtin in scenario::builtins() {
        let mut walk = walk(builtin.name);
        let mut asked = 0;
        for step in 0..=walk.steps().len() {
            for due in walk.ask_before(step) {
                let right = due.solved.right();
                assert_eq!(walk.answer(&due.solved, &right.en), crate::report::Grade::Right);
                assert_eq!(walk.answer(&due.solved, &right.zh), crate::report::Grade::Right);
                asked += 1;
            }
            assert!(walk.ask_before(step).is_empty());
        }
        assert_eq!(asked as usize, walk.plan().unwrap().questions.len(), "{}", builtin.name);
        assert_eq!(walk.score(), (2 * asked, 2 * asked));
    }
}
