//! Any segment at any endpoint: never a panic, every invariant kept.

use super::bench::{Bench, OURS, THEIRS, local, peer};
use crate::clock::Span;
use crate::tcp::{Profile, Reason, State};
use crate::wire::{Flags, Segment, Seq, TcpOption};
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeSet;

thread_local! {
    static REACHED: RefCell<BTreeSet<Reason>> = const { RefCell::new(BTreeSet::new()) };
}

fn near(base: Seq) -> impl Strategy<Value = Seq> {
    prop_oneof![
        6 => (-3i32..8).prop_map(move |n| Seq(base.0.wrapping_add(n as u32))),
        2 => (-70_000i32..70_000).prop_map(move |n| Seq(base.0.wrapping_add(n as u32))),
        1 => any::<u32>().prop_map(Seq),
    ]
}

fn option() -> impl Strategy<Value = TcpOption> {
    prop_oneof![
        any::<u16>().prop_map(TcpOption::Mss),
        any::<u8>().prop_map(TcpOption::WindowScale),
        Just(TcpOption::SackPermitted),
        (any::<u32>(), any::<u32>()).prop_map(|(value, echo)| TcpOption::Timestamps { value, echo }),
        (0u32..2000, 0u32..2).prop_map(|(value, echo)| TcpOption::Timestamps { value, echo }),
        Just(TcpOption::Nop),
        Just(TcpOption::EndOfList),
    ]
}

prop_compose! {
    fn segment()(
        seq in near(THEIRS), ack in near(OURS), flags in any::<u8>(), usual in any::<bool>(), window in any::<u16>(),
        small in any::<bool>(), urgent in any::<u16>(), options in prop::collection::vec(option(), 0..3),
        len in prop_oneof![4 => Just(0usize), 3 => 1usize..20, 1 => 1000usize..3000],
    ) -> Segment {
        let mut list = crate::wire::TcpOptions::new();
        for option in options {
            let _ = list.push(option);
        }
        Segment {
            source_port: peer().port(),
            destination_port: local().port(),
            seq,
            ack,
            flags: if usual { Flags(flags | 0x10).without(Flags::SYN | Flags::RST | Flags::URG) } else { Flags(flags) },
            window: if small { window % 2 } else { window },
            urgent,
            options: list,
            payload: vec![0x41; len].into(),
        }
    }
}

#[derive(Clone, Debug)]
enum Act {
    Hand(Segment),
    Wait(u64),
    Write(usize),
    Read,
    Shutdown,
    Close,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        10 => segment().prop_map(Act::Hand),
        3 => prop_oneof![0u64..50, 0u64..3_000, 0u64..100_000].prop_map(Act::Wait),
        2 => (0usize..5000).prop_map(Act::Write),
        1 => Just(Act::Read),
        1 => Just(Act::Shutdown),
        1 => Just(Act::Close),
    ]
}

fn play(bench: &mut Bench, act: &Act, gone: &mut bool) {
    match act {
        Act::Hand(segment) => {
            bench.hand(segment);
        }
        Act::Wait(ms) => {
            bench.wait(Span::millis(*ms));
        }
        Act::Write(_) | Act::Read | Act::Shutdown | Act::Close if *gone || bench.conn.is_none() => {}
        Act::Write(len) => {
            let c = bench.conn.unwrap();
            let data = vec![0x42; *len].into();
            let _ = bench.run(|stack, now, fx| stack.send(now, c, &data, fx));
        }
        Act::Read => {
            bench.read();
        }
        Act::Shutdown => {
            let c = bench.conn.unwrap();
            let _ = bench.run(|stack, now, fx| stack.shutdown_write(now, c, fx));
        }
        Act::Close => {
            bench.close();
            *gone = true;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: proptest::test_runner::RngSeed::Fixed(9293), failure_persistence: None, ..ProptestConfig::default() })]

    fn no_segment_breaks_an_endpoint(
        place in 0usize..11, linux in any::<bool>(), acts in prop::collection::vec(act(), 1..25),
    ) {
        let profile = if linux { Profile::linux() } else { Profile::rfc9293() };
        let mut bench = Bench::at(profile, State::ALL[place]);
        let mut gone = false;
        for act in &acts {
            play(&mut bench, act, &mut gone);
        }
        REACHED.with(|reached| reached.borrow_mut().extend(bench.notes.iter().copied()));
        REACHED.with(|reached| reached.borrow_mut().extend(bench.sent.iter().map(|(_, _, why)| *why)));
    }
}

#[test]
fn no_segment_breaks_an_endpoint_and_every_kind_of_answer_is_reached() {
    no_segment_breaks_an_endpoint();
    let reached = REACHED.with(|reached| reached.borrow().clone());
    let wanted = [
        Reason::AckUnacceptable,
        Reason::AckInTimeWait,
        Reason::AckOutOfOrder,
        Reason::ChallengeAck,
        Reason::ChallengeReset,
        Reason::ChallengeSyn,
        Reason::ResetNoConnection,
        Reason::ResetListenAck,
        Reason::ResetSynSentAck,
        Reason::ResetSynReceivedAck,
        Reason::ResetDataAfterClose,
        Reason::DropNoAck,
        Reason::DropUnacceptableReset,
        Reason::DropSynSentNothing,
        Reason::DropListenNothing,
        Reason::PeerReset,
        Reason::PeerFin,
        Reason::TimeWaitReopened,
        Reason::ProbeWindow,
        Reason::RetransmitData,
        Reason::RetransmitSyn,
    ];
    let missing: Vec<Reason> = wanted.into_iter().filter(|reason| !reached.contains(reason)).collect();
    assert!(missing.is_empty(), "never reached: {missing:?}; reached {} reasons", reached.len());
}
