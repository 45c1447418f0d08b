//! Bridges that speak with each other, in no time but that of their timers.

use super::*;
use crate::clock::Instant;
use crate::link::HostId;
use crate::wire::{BridgeId, MacAddr};

/// A network of bridges: which port of which leads to which port of which.
struct Lan {
    bridges: Vec<Bridge>,
    cables: Vec<[(usize, u16); 2]>,
    now: Instant,
    /// How many messages were sent.
    sent: u32,
}

fn id(priority: u16, number: u16) -> BridgeId {
    BridgeId { priority, mac: MacAddr::of_port(number, 0) }
}

fn at(ms: u64) -> Instant {
    Instant::ZERO + Span::millis(ms)
}

impl Lan {
    /// Bridges with these priorities and cables that each cost so much; all on at once.
    fn new(priorities: &[u16], cables: &[(usize, usize, u32)], habits: TreeHabits) -> Lan {
        let mut ports = vec![Vec::new(); priorities.len()];
        let mut ends = Vec::new();
        for (one, other, cost) in cables {
            ends.push([*one, *other].map(|bridge| {
                let number = ports[bridge].len() as u16;
                let to = Some(HostId(if bridge == *one { *other } else { *one } as u16));
                ports[bridge].push(PortSettings { id: 0x8001 + number, cost: *cost, to });
                (bridge, number)
            }));
        }
        let bridge = |(number, priority): (usize, &u16)| {
            let own = TreeSettings {
                id: id(*priority, number as u16),
                hello: Span::secs(2),
                max_age: Span::secs(20),
                forward_delay: Span::secs(15),
                habits,
            };
            let ports = ports[number].clone();
            let count = ports.len() as u16;
            let mut bridge = Bridge::new(Instant::ZERO, own, ports);
            (0..count).for_each(|port| bridge.port_up(Instant::ZERO, port));
            bridge
        };
        let bridges = priorities.iter().enumerate().map(bridge).collect();
        let mut lan = Lan { bridges, cables: ends, now: Instant::ZERO, sent: 0 };
        lan.deliver();
        lan
    }

    /// Messages that are to be sent arrive at once.
    fn deliver(&mut self) {
        for _ in 0..1000 {
            let mut quiet = true;
            for number in 0..self.bridges.len() {
                for effect in self.bridges[number].take_effects() {
                    let TreeEffect::Send { port, message, .. } = effect else { continue };
                    quiet = false;
                    self.sent += 1;
                    let end = (number, port);
                    for cable in self.cables.clone().into_iter().filter(|cable| cable.contains(&end)) {
                        let (bridge, port) = if cable[0] == end { cable[1] } else { cable[0] };
                        let _ = self.bridges[bridge].receive(self.now, port, &message);
                    }
                }
            }
            if quiet {
                return;
            }
        }
        panic!("they never stop speaking");
    }

    fn run_until(&mut self, end: Instant) {
        while let Some(next) = self.bridges.iter().filter_map(Bridge::next_deadline).min() {
            if next > end {
                break;
            }
            self.now = next;
            for bridge in &mut self.bridges {
                bridge.on_timer(next);
            }
            self.deliver();
        }
        self.now = end;
    }

    /// The cable is pulled, and both ends notice.
    fn pull(&mut self, cable: usize) {
        let ends = self.cables.remove(cable);
        for (bridge, port) in ends {
            self.bridges[bridge].port_down(self.now, port);
        }
        self.deliver();
    }

    fn states(&self, bridge: usize) -> Vec<PortState> {
        (0..self.bridges[bridge].ports.len() as u16).map(|port| self.bridges[bridge].state(port)).collect()
    }

    /// The cables over which frames pass: both ends forward.
    fn open(&self) -> Vec<(usize, usize)> {
        let forwards =
            |(bridge, port): (usize, u16)| self.bridges[bridge].state(port) == PortState::Forwarding;
        let open = self.cables.iter().filter(|cable| cable.iter().all(|end| forwards(*end)));
        open.map(|cable| (cable[0].0, cable[1].0)).collect()
    }

    /// Whether the open cables join all bridges and make no loop.
    fn is_tree(&self) -> bool {
        let mut group: Vec<usize> = (0..self.bridges.len()).collect();
        for (one, other) in self.open() {
            let (from, to) = (group[one], group[other]);
            if from == to {
                return false;
            }
            group.iter_mut().filter(|member| **member == from).for_each(|member| *member = to);
        }
        group.iter().all(|member| *member == group[0])
    }
}

use PortState::{Blocking, Disabled, Forwarding, Learning, Listening};

const RING: [(usize, usize, u32); 3] = [(0, 1, 19), (1, 2, 19), (2, 0, 19)];

#[test]
fn a_ring_is_cut_at_the_bridge_with_the_highest_identifier() {
    for habits in [TreeHabits::IEEE, TreeHabits::LINUX] {
        let mut lan = Lan::new(&[0x8000; 3], &RING, habits);
        lan.run_until(at(60_000));
        assert!(lan.bridges[0].is_root() && !lan.bridges[1].is_root() && lan.is_tree());
        assert_eq!(lan.states(0), [Forwarding, Forwarding]);
        assert_eq!(lan.states(1), [Forwarding, Forwarding]);
        assert_eq!(lan.states(2), [Blocking, Forwarding]);
    }
}

#[test]
fn the_lowest_priority_makes_the_root_and_costs_decide_the_way() {
    let mut lan = Lan::new(&[0x8000, 0x8000, 0x7000], &RING, TreeHabits::IEEE);
    lan.run_until(at(60_000));
    assert!(lan.bridges[2].is_root() && lan.is_tree());
    assert_eq!(lan.states(1), [Blocking, Forwarding], "the ring is cut between the other two");
    // The way over two quick cables is cheaper than the one slow cable.
    let mut slow = Lan::new(&[0x8000; 3], &[(0, 1, 4), (1, 2, 4), (2, 0, 100)], TreeHabits::IEEE);
    slow.run_until(at(60_000));
    assert_eq!(slow.states(2), [Forwarding, Blocking]);
    assert_eq!(slow.bridges[2].root_cost, 8);
}

#[test]
fn of_two_cables_between_the_same_bridges_the_lower_port_carries() {
    let mut lan = Lan::new(&[0x8000; 2], &[(0, 1, 19), (0, 1, 19)], TreeHabits::IEEE);
    lan.run_until(at(60_000));
    assert_eq!([lan.states(0), lan.states(1)], [[Forwarding, Forwarding], [Forwarding, Blocking]]);
}

#[test]
fn a_port_listens_and_learns_for_a_forward_delay_each() {
    let mut lan = Lan::new(&[0x8000; 2], &[(0, 1, 19)], TreeHabits::IEEE);
    for (ms, state) in [(14_999, Listening), (15_000, Learning), (29_999, Learning), (30_000, Forwarding)] {
        lan.run_until(at(ms));
        assert_eq!(lan.states(0), [state], "after {ms} ms");
    }
}

#[test]
fn at_no_moment_of_growing_is_there_a_loop() {
    let mut lan = Lan::new(&[0x8000; 3], &RING, TreeHabits::LINUX);
    for ms in (0..60_000).step_by(500) {
        lan.run_until(at(ms));
        assert!(lan.open().len() < 3, "all three cables carry after {ms} ms");
    }
}

#[test]
fn when_the_cable_to_the_root_is_pulled_the_blocked_port_takes_over_after_two_forward_delays() {
    let mut lan = Lan::new(&[0x8000; 3], &RING, TreeHabits::LINUX);
    lan.run_until(at(60_000));
    lan.pull(2);
    assert_eq!(lan.states(2), [Listening, Disabled]);
    lan.run_until(at(89_999));
    assert_eq!(lan.states(2)[0], Learning);
    lan.run_until(at(90_000));
    assert!(lan.is_tree());
}

#[test]
fn when_another_bridges_cable_is_pulled_its_last_word_must_first_grow_too_old() {
    let mut lan = Lan::new(&[0x8000; 3], &RING, TreeHabits::LINUX);
    lan.run_until(at(60_000));
    // Bridge 1 lost the root and says so, but 2 goes by the better word it had from there until that is 20 s old.
    lan.pull(0);
    lan.run_until(at(77_000));
    assert_eq!(lan.states(2)[0], Blocking);
    lan.run_until(at(81_000));
    assert_eq!(lan.states(2)[0], Listening);
    lan.run_until(at(112_000));
    assert!(lan.is_tree());
}

#[test]
fn a_change_is_told_to_the_root_which_tells_everybody_to_forget_soon() {
    // Bridge 3 hangs on 2: a bridge that speaks on no link has nobody behind it, and tells of no change.
    let cables = [(0, 1, 19), (1, 2, 19), (2, 0, 19), (2, 3, 19)];
    let mut lan = Lan::new(&[0x8000; 4], &cables, TreeHabits::IEEE);
    lan.run_until(at(100_000));
    assert!(lan.bridges.iter().all(|bridge| bridge.ageing().is_none()), "all is quiet");
    lan.pull(2);
    lan.run_until(at(140_000));
    assert!(lan.bridges.iter().all(|bridge| bridge.ageing() == Some(Span::secs(15))));
    lan.run_until(at(190_000));
    assert!(lan.bridges.iter().all(|bridge| bridge.ageing().is_none()), "35 s later all is quiet again");
}

#[test]
fn a_port_sends_one_message_a_second_at_most() {
    let mut lan = Lan::new(&[0x8000; 2], &[(0, 1, 19)], TreeHabits::IEEE);
    let worse = ConfigBpduOf::root(id(0xffff, 9));
    for ms in (0..10_000).step_by(100) {
        lan.run_until(at(ms));
        let before = lan.sent;
        let _ = lan.bridges[0].receive(at(ms), 0, &worse);
        lan.deliver();
        assert!(lan.sent <= before + 1);
    }
    // Ten seconds: hellos and objections together.
    assert!((10..=24).contains(&lan.sent), "{}", lan.sent);
}

#[test]
fn what_is_too_old_or_comes_by_a_dead_port_counts_for_nothing() {
    let mut lan = Lan::new(&[0x8000; 2], &[(0, 1, 19)], TreeHabits::IEEE);
    let better = ConfigBpduOf::root(id(0, 9));
    let Bpdu::Config(config) = better else { unreachable!() };
    let stale = Bpdu::Config(crate::wire::ConfigBpdu { message_age: 30 * 256, ..config });
    assert_eq!(lan.bridges[0].receive(at(1), 0, &stale), Err(TreeReason::Stale));
    assert!(lan.bridges[0].is_root());
    assert_eq!(lan.bridges[0].receive(at(1), 0, &better), Ok(()));
    assert!(!lan.bridges[0].is_root());
    lan.bridges[1].port_down(at(2), 0);
    let why = lan.bridges[1].receive(at(2), 0, &better);
    assert_eq!(why, Err(TreeReason::Discards { number: 1, state: Disabled }));
    assert!(lan.bridges[1].receive(at(2), 7, &better).is_err(), "there is no such port");
}

/// A message whose sender takes itself for the root.
struct ConfigBpduOf;

impl ConfigBpduOf {
    fn root(root: BridgeId) -> Bpdu {
        Bpdu::Config(crate::wire::ConfigBpdu {
            topology_change: false,
            acknowledgment: false,
            root,
            root_cost: 0,
            bridge: root,
            port: 0x8001,
            message_age: 0,
            max_age: 20 * 256,
            hello_time: 2 * 256,
            forward_delay: 15 * 256,
        })
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(60))]
    /// Whatever the network, in the end all reach each other and no loop is left.
    #[test]
    fn any_network_that_hangs_together_becomes_a_tree(
        priorities in proptest::collection::vec(0u16..4, 2..7),
        more in proptest::collection::vec((0usize..7, 0usize..7, 1u32..200), 0..8),
        costs in proptest::collection::vec(1u32..200, 7),
    ) {
        let count = priorities.len();
        let mut cables: Vec<(usize, usize, u32)> =
            (1..count).map(|number| (number / 2, number, costs[number])).collect();
        cables.extend(more.into_iter().filter(|(one, other, _)| one != other && *one < count && *other < count));
        for habits in [TreeHabits::IEEE, TreeHabits::LINUX] {
            let mut lan = Lan::new(&priorities, &cables, habits);
            lan.run_until(at(120_000));
            proptest::prop_assert!(lan.is_tree(), "{:?}", lan.open());
        }
    }
}
