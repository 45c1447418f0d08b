//! Every built-in scenario, looked at from inside the world.

use super::{Options, World};
use crate::link::HostId;
use crate::scenario::{Plan, builtins};
use crate::tcp::State;

fn plans() -> Vec<(&'static str, Plan)> {
    let plan = |name| crate::scenario::find(name).unwrap().scenario().unwrap().default_plan().clone();
    builtins().iter().map(|builtin| (builtin.name, plan(builtin.name))).collect()
}

#[test]
fn states_counted_from_changes_are_the_states_there_are() {
    let mut wrong = Vec::new();
    for (name, plan) in plans() {
        let mut world = World::new(&plan, &Options::default());
        'run: while world.step().is_some() {
            for host in (0..plan.hosts.len() as u16).map(HostId) {
                let Some(machine) = world.machine(host) else { continue };
                let states = machine.states();
                for state in State::ALL {
                    let there = states.iter().filter(|(_, known)| *known == state).count();
                    let counted = world.journal.in_state(host, state);
                    if counted as usize != there {
                        let at = world.now();
                        wrong.push(format!("{name} at {at}: {there} in {state}, {counted} counted"));
                        break 'run;
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nobody_is_woken_late_and_no_deadline_is_missed() {
    for (name, plan) in plans() {
        let mut world = World::new(&plan, &Options::default());
        while world.step().is_some() {
            for host in (0..plan.hosts.len() as u16).map(HostId) {
                let deadline = world.machine(host).and_then(|machine| machine.next_deadline());
                assert!(deadline.is_none_or(|at| at >= world.now()), "{name}: {host} has overslept");
            }
        }
    }
}
