//! Comparing: runs that are the same, and every way in which one may differ.

use super::fixture::{CLIENT, Run, SERVER, Shape, exchange, milliseconds, plan};
use crate::clock::Span;
use crate::lang::Text;
use crate::mib::Counter;
use crate::report::{Comparison, Mark, Verdict, compare};
use crate::scenario::Plan;
use crate::socket::{Call, Errno, Fd, Return};
use crate::tcp::State;
use crate::trace::{Event, Stop, Trace};
use bytes::Bytes;

fn simulated() -> Trace {
    exchange(Shape::simulated()).finish()
}

fn verdict_with(change: impl FnOnce(&mut Run)) -> Comparison {
    let mut live = exchange(Shape::live("wire"));
    change(&mut live);
    compare(&plan(), &simulated(), &live.finish(), &[])
}

fn differs(comparison: &Comparison, about: &str) {
    assert_eq!(comparison.verdict, Verdict::Different, "{:#?}", comparison.differences);
    assert!(
        comparison.differences.iter().any(|difference| difference.what.en.contains(about)),
        "nothing about {about:?} in {:#?}",
        comparison.differences
    );
}

#[test]
fn runs_that_differ_only_in_ports_and_initial_numbers_are_the_same() {
    let comparison = verdict_with(|_| {});
    assert_eq!(comparison.verdict, Verdict::Same, "{:#?}", comparison.differences);
    assert!(comparison.checked > 60, "{}", comparison.checked);
    assert_eq!(comparison.rows.len(), 6);
    assert!(comparison.rows.iter().all(|row| row.mark == Mark::Same && row.simulated.is_some()));
}

#[test]
fn loopback_shares_one_set_of_counters_and_has_its_own_mss() {
    let live = exchange(Shape::loopback()).finish();
    let comparison = compare(&plan(), &simulated(), &live, &[]);
    assert_eq!(comparison.verdict, Verdict::Explained, "{:#?}", comparison.differences);
    assert!(comparison.differences.iter().all(|difference| difference.rule == Some("loopback-mtu")));
    // SYN, SYN-ACK and the ACK that completes them.
    assert_eq!(comparison.rows.iter().filter(|row| row.mark == Mark::Explained(1)).count(), 3);
    assert_eq!(comparison.footnotes.len(), 1);
}

#[test]
fn one_frame_more_or_less_is_different() {
    let once_more = |run: &mut Run| {
        run.send(41, SERVER, "A", 1, 7, "");
    };
    differs(&verdict_with(once_more), "only the kernel sent");
    let mut short = Run::new(Shape::live("wire"));
    short.send(10, CLIENT, "S", 0, 0, "");
    differs(&compare(&plan(), &simulated(), &short.finish(), &[]), "only the simulator sent");
}

/// The live run with the frame at `nth` made anew.
fn with_frame(nth: usize, make: impl FnOnce(&Run) -> Bytes) -> Comparison {
    let run = exchange(Shape::live("wire"));
    let bytes = make(&run);
    let mut live = run.finish();
    let mut frames = live.records.iter_mut().filter_map(|record| match &mut record.event {
        Event::FrameSent { frame, .. } => Some(frame),
        _ => None,
    });
    *frames.nth(nth).unwrap() = bytes;
    compare(&plan(), &simulated(), &live, &[])
}

#[test]
fn every_field_of_a_segment_counts() {
    let same = with_frame(5, |run| run.segment(CLIENT, "FA", 6, 1, ""));
    assert_eq!(same.verdict, Verdict::Same, "{:#?}", same.differences);
    differs(&with_frame(5, |run| run.segment(CLIENT, "FA", 5, 1, "")), "seq");
    differs(&with_frame(5, |run| run.segment(CLIENT, "FA", 6, 0, "")), "ack");
    differs(&with_frame(4, |run| run.segment(SERVER, "A", 1, 5, "")), "ack");
    differs(&with_frame(5, |run| run.segment(CLIENT, "RA", 6, 1, "")), "only the kernel sent");
    differs(&with_frame(3, |run| run.segment(CLIENT, "A", 1, 1, "hello")), "only the kernel sent");
    differs(&with_frame(3, |run| run.segment(CLIENT, "PA", 1, 1, "hell")), "length");
    differs(&with_frame(3, |run| run.segment(CLIENT, "PA", 1, 1, "hallo")), "text");
}

#[test]
fn options_and_windows_of_the_handshake_count() {
    for (about, shape) in [
        ("MSS", Shape { mss: 1459, ..Shape::live("wire") }),
        ("window", Shape { windows: [64_241, 65_160, 502], ..Shape::live("wire") }),
        ("window", Shape { windows: [64_240, 65_159, 502], ..Shape::live("wire") }),
        ("window", Shape { windows: [64_240, 65_160, 503], ..Shape::live("wire") }),
        ("options", Shape { shift: 8, ..Shape::live("wire") }),
    ] {
        let live = exchange(shape.clone()).finish();
        differs(&compare(&plan(), &simulated(), &live, &[]), about);
    }
}

#[test]
fn the_order_in_which_an_end_sends_and_receives_counts() {
    // The server acknowledges before the client's FIN is seen, or after: the frames are the same.
    let order = |server_first: bool, shape: Shape| {
        let mut run = Run::new(shape);
        run.send(10, CLIENT, "S", 0, 0, "");
        run.send(12, SERVER, "SA", 0, 1, "");
        run.send(14, CLIENT, "A", 1, 1, "");
        if server_first {
            run.send(20, SERVER, "PA", 1, 1, "x");
            run.send(30, CLIENT, "FA", 1, 1, "");
        } else {
            run.send(20, CLIENT, "FA", 1, 1, "");
            run.send(30, SERVER, "PA", 1, 1, "x");
        }
        run.finish()
    };
    let one = order(true, Shape::simulated());
    let same = compare(&plan(), &one, &order(true, Shape::live("wire")), &[]);
    assert_eq!(same.verdict, Verdict::Same, "{:#?}", same.differences);
    differs(&compare(&plan(), &one, &order(false, Shape::live("wire")), &[]), "order at");
}

#[test]
fn a_lost_frame_is_not_one_that_arrived() {
    let run = |lost: bool, shape| {
        let mut run = Run::new(shape);
        if lost {
            run.lose(10, CLIENT, "S", 0, 0);
        } else {
            run.send(10, CLIENT, "S", 0, 0, "");
        }
        run.finish()
    };
    let one = run(true, Shape::simulated());
    assert_eq!(compare(&plan(), &one, &run(true, Shape::live("wire")), &[]).verdict, Verdict::Same);
    differs(&compare(&plan(), &one, &run(false, Shape::live("wire")), &[]), "fate");
}

/// Two callers, one after the other: the first is not answered. `ports` and `isns` are what the kernel chose for them.
fn two_callers(shape: Shape, ports: [u16; 2], isns: [u32; 2]) -> Trace {
    let mut run = Run::new(shape);
    let servers_own = run.shape.isn[1];
    for (nth, (port, isn)) in ports.into_iter().zip(isns).enumerate() {
        (run.shape.client_port, run.shape.isn) = (port, [isn, servers_own]);
        let at = 100 * (nth as u64 + 1);
        run.send(at, CLIENT, "S", 0, 0, "");
        if nth == 1 {
            run.send(at + 2, SERVER, "SA", 0, 1, "");
            run.send(at + 4, CLIENT, "A", 1, 1, "");
        }
    }
    run.finish()
}

#[test]
fn a_port_that_is_chosen_again_begins_another_connection() {
    let one = two_callers(Shape::simulated(), [50_000, 50_001], [7, 8]);
    let same_port = two_callers(Shape::live("wire"), [40_000, 40_000], [1_000, 900_000]);
    let comparison = compare(&plan(), &one, &same_port, &[]);
    assert_eq!(comparison.verdict, Verdict::Same, "{:#?}", comparison.differences);
    // The same number again is the same SYN again.
    let repeated = two_callers(Shape::live("wire"), [40_000, 40_000], [1_000, 1_000]);
    differs(&compare(&plan(), &one, &repeated, &[]), "a frame only");
}

fn with_call(result: Return, call: Call) -> impl FnOnce(&mut Run) {
    move |run| run.call(50, 0, call, "call(…)", result)
}

#[test]
fn results_of_calls_count_but_not_descriptors() {
    let compare_calls = |left: Return, right: Return, call: Call| {
        let mut one = exchange(Shape::simulated());
        with_call(left, call.clone())(&mut one);
        let mut other = exchange(Shape::live("wire"));
        with_call(right, call)(&mut other);
        compare(&plan(), &one.finish(), &other.finish(), &[])
    };
    let accept = Call::Accept { fd: Fd(3) };
    let peer = |port| std::net::SocketAddr::from(([10, 0, 0, 2], port));
    let same =
        compare_calls(Return::Accepted(Fd(4), peer(50_000)), Return::Accepted(Fd(9), peer(40_000)), accept);
    assert_eq!(same.verdict, Verdict::Same, "{:#?}", same.differences);
    let recv = Call::Recv { fd: Fd(3), len: 9 };
    let reset = Return::Failed(Errno::ECONNRESET);
    differs(&compare_calls(reset.clone(), Return::Failed(Errno::EPIPE), recv.clone()), "client, call 4");
    differs(&compare_calls(reset, Return::Received(Bytes::new()), recv.clone()), "client, call 4");
    let octets = |text: &'static str| Return::Received(Bytes::from_static(text.as_bytes()));
    differs(&compare_calls(octets("ab"), octets("ac"), recv), "client, call 4");
}

#[test]
fn where_a_stream_is_cut_into_pieces_does_not_matter() {
    let pieces = |shape, pieces: &[&'static str]| {
        let mut run = exchange(shape);
        for piece in pieces {
            let recv = Call::Recv { fd: Fd(3), len: 99 };
            run.call(50, 0, recv, "recv(s, 99)", Return::Received(Bytes::from_static(piece.as_bytes())));
        }
        run.finish()
    };
    let one = pieces(Shape::simulated(), &["abc", "def"]);
    assert_eq!(
        compare(&plan(), &one, &pieces(Shape::live("wire"), &["a", "bcdef"]), &[]).verdict,
        Verdict::Same
    );
    differs(&compare(&plan(), &one, &pieces(Shape::live("wire"), &["abc", "deg"]), &[]), "client, call 4");
    differs(&compare(&plan(), &one, &pieces(Shape::live("wire"), &["abcde"]), &[]), "client, call 4");
}

#[test]
fn a_call_more_or_never_returned_is_different() {
    let close = Call::Close { fd: Fd(3) };
    differs(&verdict_with(with_call(Return::Done, close.clone())), "client, call 4");
    let mut one = exchange(Shape::simulated());
    with_call(Return::Done, close.clone())(&mut one);
    let mut other = exchange(Shape::live("wire"));
    other.start(50, 0, close, "call(…)");
    differs(&compare(&plan(), &one.finish(), &other.finish(), &[]), "client, call 4");
}

#[test]
fn checks_counters_states_and_queues_count() {
    differs(&verdict_with(|run| run.check(50, 0, "1 == 2", false)), "checks 1 == 2");
    differs(&verdict_with(|run| run.count(Some(SERVER), Counter::OutRsts, 1)), "server.OutRsts");
    differs(&verdict_with(|run| run.observe(50, CLIENT, "open", State::FinWait1)), "states of client");
    differs(&verdict_with(|run| run.queue(50, "half-open", 2)), "half-open");
}

#[test]
fn a_state_seen_otherwise_is_different() {
    let seen = |shape, state| {
        let mut run = exchange(shape);
        run.observe(60, SERVER, "closed", state);
        run.finish()
    };
    let one = seen(Shape::simulated(), State::CloseWait);
    assert_eq!(
        compare(&plan(), &one, &seen(Shape::live("wire"), State::CloseWait), &[]).verdict,
        Verdict::Same
    );
    differs(&compare(&plan(), &one, &seen(Shape::live("wire"), State::LastAck), &[]), "server at “closed”");
}

#[test]
fn what_the_kernel_has_left_at_the_end_is_compared_with_what_the_simulator_has() {
    let simulated = |last| {
        let mut run = exchange(Shape::simulated());
        let endpoint = run.endpoint(CLIENT, true);
        for (from, to) in [(State::Closed, State::Established), (State::Established, last)] {
            run.push(milliseconds(60), Some(CLIENT), Event::StateChanged { endpoint, from, to, section: "" });
        }
        run.finish()
    };
    let mut live = exchange(Shape::live("wire"));
    live.observe(999, CLIENT, "end", State::TimeWait);
    let live = live.finish();
    assert_eq!(compare(&plan(), &simulated(State::TimeWait), &live, &[]).verdict, Verdict::Same);
    differs(&compare(&plan(), &simulated(State::Closing), &live, &[]), "client at “end”");
    differs(&compare(&plan(), &simulated(State::Closed), &live, &[]), "client at “end”");
}

#[test]
fn a_live_run_need_not_wait_for_the_end_of_a_time_wait() {
    let mut simulated = exchange(Shape::simulated());
    let endpoint = simulated.endpoint(CLIENT, true);
    for (at, from, to) in [(60, State::Closed, State::TimeWait), (60_060, State::TimeWait, State::Closed)] {
        let event = Event::StateChanged { endpoint, from, to, section: "" };
        simulated.push(milliseconds(at), Some(CLIENT), event);
    }
    let simulated = simulated.finish();
    let live = |why| {
        let mut run = exchange(Shape::live("wire"));
        run.observe(999, CLIENT, "end", State::TimeWait);
        let mut trace = run.finish();
        if let Some(last) = trace.records.last_mut() {
            last.event = Event::Stopped(why);
        }
        trace
    };
    assert_eq!(compare(&plan(), &simulated, &live(Stop::Until), &[]).verdict, Verdict::Same);
    differs(&compare(&plan(), &simulated, &live(Stop::Finished), &[]), "client at “end”");
}

#[test]
fn a_peak_too_short_to_be_seen_may_be_missed_but_a_long_one_may_not() {
    let peaks = |shape, until: Option<u64>| {
        let mut run = exchange(shape);
        if let Some(until) = until {
            run.queue(100, "accept", 3);
            run.queue(until, "accept", 0);
        } else {
            run.queue(100, "accept", 0);
        }
        run.finish()
    };
    let long = peaks(Shape::simulated(), Some(400));
    differs(&compare(&plan(), &long, &peaks(Shape::live("wire"), None), &[]), "accept");
    let short = peaks(Shape::simulated(), Some(110));
    assert_eq!(compare(&plan(), &short, &peaks(Shape::live("wire"), None), &[]).verdict, Verdict::Same);
}

#[test]
fn a_queue_that_stands_still_ends_at_the_same_length() {
    let ends = |shape, last, state| {
        let mut run = exchange(shape);
        run.queue(100, "accept", 4);
        run.queue(300, "accept", last);
        let listener = run.endpoint(SERVER, false);
        let states = vec![(listener, state)];
        let event = Event::StatesObserved { label: "late".to_owned(), states };
        run.push(milliseconds(900), Some(SERVER), event);
        run.finish()
    };
    let one = ends(Shape::simulated(), 2, State::Listen);
    let verdict = |last, state| compare(&plan(), &one, &ends(Shape::live("wire"), last, state), &[]);
    assert_eq!(verdict(2, State::Listen).verdict, Verdict::Same);
    differs(&verdict(3, State::Listen), "last length of the accept queue");
}

/// A SYN repeated by the retransmission timer after `gap` milliseconds.
fn repeated_syn(shape: Shape, gap: u64) -> Trace {
    let live = shape.live.is_some();
    let mut run = Run::new(shape);
    run.send(10, CLIENT, "S", 0, 0, "");
    let timer = Event::TimerFired { endpoint: None, timer: "retransmission" };
    let fired = run.push(milliseconds(10 + gap), Some(CLIENT), timer);
    let frame = run.segment(CLIENT, "S", 0, 0, "");
    run.frame(10 + gap, CLIENT, frame, (!live).then_some(fired));
    run.finish()
}

#[test]
fn a_timer_may_be_an_eighth_late_but_only_a_tick_early() {
    let one = repeated_syn(Shape::simulated(), 1000);
    let after = |gap| compare(&plan(), &one, &repeated_syn(Shape::live("wire"), gap), &[]);
    for gap in [996, 1000, 1004, 1185] {
        assert_eq!(after(gap).verdict, Verdict::Same, "{gap}");
    }
    differs(&after(995), "time before");
    differs(&after(1186), "time before");
}

#[test]
fn a_call_that_a_timer_ended_may_wait_for_a_processor_besides() {
    let waits = |shape, until| {
        let mut run = exchange(shape);
        let recv = run.start(100, 0, Call::Recv { fd: Fd(3), len: 1 }, "recv(s, 1)");
        run.block(100, 0, recv);
        run.give(until, 0, recv, Return::Failed(Errno::ETIMEDOUT));
        run.finish()
    };
    let one = waits(Shape::simulated(), 600);
    for until in [600, 650, 972] {
        let live = waits(Shape::live("wire"), until);
        assert_eq!(compare(&plan(), &one, &live, &[]).verdict, Verdict::Same, "{until}");
    }
    differs(&compare(&plan(), &one, &waits(Shape::live("wire"), 595), &[]), "time in");
    differs(&compare(&plan(), &one, &waits(Shape::live("wire"), 973), &[]), "time in");
}

#[test]
fn a_failed_precondition_makes_it_inconclusive_whatever_else() {
    let why = [Text::new("the capture lost 3 frames", "抓包丢了 3 帧")];
    let live = exchange(Shape::live("wire")).finish();
    let comparison = compare(&plan(), &simulated(), &live, &why);
    assert_eq!(comparison.verdict, Verdict::Inconclusive);
    assert_eq!(comparison.inconclusive, why);
    let mut other = exchange(Shape::live("wire"));
    other.send(50, SERVER, "R", 1, 0, "");
    assert_eq!(compare(&plan(), &simulated(), &other.finish(), &why).verdict, Verdict::Inconclusive);
}

#[test]
fn loopback_proves_nothing_about_a_wire_that_is_slow_or_loses_frames() {
    let live = exchange(Shape::loopback()).finish();
    let verdict = |change: &dyn Fn(&mut Plan)| {
        let mut plan = plan();
        change(&mut plan);
        compare(&plan, &simulated(), &live, &[]).verdict
    };
    assert_eq!(verdict(&|_| {}), Verdict::Explained);
    assert_eq!(verdict(&|plan| plan.wire.delay_given = true), Verdict::Inconclusive);
    assert_eq!(verdict(&|plan| plan.wire.rate = Some(1_000)), Verdict::Inconclusive);
    assert_eq!(verdict(&|plan| plan.wire.arp = true), Verdict::Inconclusive);
    let on_the_wire = exchange(Shape::live("wire")).finish();
    let mut slow = plan();
    slow.wire.delay_given = true;
    assert_eq!(compare(&slow, &simulated(), &on_the_wire, &[]).verdict, Verdict::Same);
}

#[test]
fn a_plan_without_a_live_side_is_not_comparable_and_says_why() {
    let mut impossible = plan();
    impossible.live.impossible = Some(Text::new("two hours", "两小时"));
    let comparison = compare(&impossible, &simulated(), &simulated(), &[]);
    assert_eq!(comparison.verdict, Verdict::NotComparable { why: Text::new("two hours", "两小时") });
    assert_eq!(comparison.checked, 0);
}

#[test]
fn a_quick_comparison_ends_where_the_plan_says() {
    let later = |shape, flags, end| {
        let mut run = exchange(shape);
        run.send(700, SERVER, flags, 1, 7, "");
        let mut trace = run.finish();
        if let Some(last) = trace.records.last_mut() {
            (last.at, last.event) = (milliseconds(end), Event::Stopped(Stop::Until));
        }
        trace
    };
    let verdict = |until, end| {
        let mut plan: Plan = plan();
        plan.live.quick_until = until;
        let one = later(Shape::simulated(), "A", end);
        let other = later(Shape::live("wire"), "FA", end);
        compare(&plan, &one, &other, &[]).verdict
    };
    let half_a_second = Some(Span::millis(500));
    assert_eq!(verdict(half_a_second, 800), Verdict::Same);
    assert_eq!(verdict(None, 800), Verdict::Different);
    // With `--slow` both go on.
    assert_eq!(verdict(half_a_second, 60_000), Verdict::Different);
}

#[test]
fn runs_that_have_little_in_common_are_told_apart_before_long() {
    let mut storm = exchange(Shape::simulated());
    for n in 0..20_000 {
        storm.send(50, if n % 2 == 0 { CLIENT } else { SERVER }, "A", 7 + n, 1, "");
    }
    let live = exchange(Shape::live("wire")).finish();
    let comparison = compare(&plan(), &storm.finish(), &live, &[]);
    differs(&comparison, "only the simulator sent");
    assert_eq!(comparison.rows.len(), 20_006);
    let last = comparison.differences.last().expect("differences");
    assert!(comparison.differences.len() == 501 && last.what.en.ends_with(" more"), "{last:?}");
}

#[test]
fn a_bulk_transfer_is_compared_as_a_stream() {
    let bulk = |shape, sizes: &[usize], last: u8| {
        let mut run = Run::new(shape);
        run.send(10, CLIENT, "S", 0, 0, "");
        run.send(12, SERVER, "SA", 0, 1, "");
        run.send(14, CLIENT, "A", 1, 1, "");
        let mut text: Vec<u8> = (0..6000_u32).map(|n| b'a' + (n % 23) as u8).collect();
        text[5999] = last;
        let (mut sent, mut at) = (0, 20);
        for size in sizes.iter().cycle() {
            let end = (sent + size).min(text.len());
            let piece = String::from_utf8(text[sent..end].to_vec()).unwrap();
            run.send(at, CLIENT, "A", 1 + sent as u32, 1, &piece);
            (sent, at) = (end, at + 1);
            if sent == text.len() {
                return run.finish();
            }
        }
        unreachable!()
    };
    let one = bulk(Shape::simulated(), &[100], b'z');
    let other = |sizes: &[usize], last| compare(&plan(), &one, &bulk(Shape::live("wire"), sizes, last), &[]);
    assert_eq!(other(&[70, 110], b'z').verdict, Verdict::Same);
    differs(&other(&[70, 110], b'y'), "stream sent by client");
    differs(&other(&[1461, 50], b'z'), "within the MSS");
}

/// Twelve segments back to back a round trip after ten: ACKs at `acks`, and the second burst at `again` milliseconds.
fn two_bursts(shape: Shape, first: u32, acks: &[u32], again: u64, twice: Option<u32>) -> Trace {
    let mut run = Run::new(shape);
    run.send(10, CLIENT, "S", 0, 0, "");
    run.send(11, SERVER, "SA", 0, 1, "");
    run.send(12, CLIENT, "A", 1, 1, "");
    let text = "x".repeat(100);
    for nth in 0..first {
        run.send(20, CLIENT, "A", 1 + nth * 100, 1, &text);
    }
    for ack in acks.iter().filter(|ack| **ack <= 1 + first * 100) {
        run.send(21, SERVER, "A", 1, *ack, "");
    }
    for nth in first..22 {
        run.send(again, CLIENT, "A", 1 + nth * 100, 1, &text);
    }
    if let Some(nth) = twice {
        run.send(again, CLIENT, "A", 1 + nth * 100, 1, &text);
    }
    for ack in acks.iter().filter(|ack| **ack > 1 + first * 100) {
        run.send(again + 1, SERVER, "A", 1, *ack, "");
    }
    run.count(Some(SERVER), Counter::OutSegs, 1 + acks.len() as u64);
    run.count(Some(CLIENT), Counter::InSegs, 1 + acks.len() as u64);
    run.finish()
}

#[test]
fn how_many_acks_a_burst_gets_stands_aside_and_nothing_else_does() {
    let each: Vec<u32> = (1..=22).map(|nth| 1 + nth * 100).collect();
    let one = two_bursts(Shape::simulated(), 10, &each, 120, None);
    let against = |live: Trace| compare(&plan(), &one, &live, &[]);
    let live = |first, acks: &[u32], again, twice| {
        against(two_bursts(Shape::live("wire"), first, acks, again, twice))
    };

    let joined: Vec<u32> = each.iter().copied().filter(|ack| ![301, 1_401].contains(ack)).collect();
    let same = live(10, &joined, 120, None);
    assert_eq!(same.verdict, Verdict::Same, "{:#?}", same.differences);
    let aside = |row: &&crate::report::Row| row.mark == Mark::Aside;
    assert_eq!(same.rows.iter().filter(aside).count(), 22);
    assert_eq!(same.rows.len(), 3 + 22 + 22, "every frame has its row");
    let said =
        same.lines.iter().find(|line| line.mark == Mark::Aside).expect("what is not compared is named");
    assert!(said.text.en.contains("ACKs server makes of a burst") && said.text.en.contains("(22, 20)"));

    let every_second: Vec<u32> = each.iter().copied().filter(|ack| (ack - 1) % 200 == 0).collect();
    differs(&live(10, &every_second, 120, None), "about how many ACKs");
    differs(&live(4, &each, 120, None), "silence before");
    differs(&live(10, &each, 50, None), "silence before");
    differs(&live(10, &each, 120, Some(3)), "only the kernel sent");
    differs(&live(10, &each[..21], 120, None), "last ACK of server");
    let late: Vec<u32> = each.iter().copied().filter(|ack| *ack != 1_001).collect();
    differs(&live(10, &late, 120, None), "octets on their way before");
}

#[test]
fn the_json_form_has_the_keys_that_scripts_read() {
    let live = exchange(Shape::loopback()).finish();
    let comparison = compare(&plan(), &simulated(), &live, &[]);
    let json = serde_json::to_value(comparison.json("hand-made", 3, 40)).unwrap();
    assert_eq!(json["scenario"], "hand-made");
    assert_eq!(json["verdict"], "explained");
    assert_eq!(json["checked"], comparison.checked);
    assert_eq!(json["ms"]["simulated"], 3);
    assert_eq!(json["ms"]["live"], 40);
    let first = &json["differences"][0];
    for key in ["what", "what_zh", "simulated", "live", "because", "because_zh", "cite", "rule"] {
        assert!(first[key].is_string(), "{key}: {first}");
    }
}
