//! Judging: what holds, what does not, and what is then said.

use super::fixture::{CLIENT, Run, SERVER, Shape, exchange, expecting, milliseconds, plan};
use crate::clock::Span;
use crate::lang::Lang;
use crate::lang::Text;
use crate::link::{Direction, FramePattern, HostId, What, Which};
use crate::mib::Counter;
use crate::report::{Examiner, Grade, Judged, Solved, judge};
use crate::scenario::{Compare, ExpectedPacket, Number, Place, Plan, Predicate, Quantity, Question, Wanted};
use crate::socket::{Call, Errno, Fd, Return};
use crate::tcp::State;
use crate::trace::{Event, Stop, Trace};
use crate::wire::Flags;

fn trace() -> Trace {
    exchange(Shape::simulated()).finish()
}

fn only(plan: &Plan, trace: &Trace) -> Judged {
    let mut judged = judge(plan, trace);
    assert_eq!(judged.len(), 1, "{judged:#?}");
    judged.remove(0)
}

fn way(from: HostId) -> Direction {
    Direction { from: Some(from), to: Some(HostId(1 - from.0)) }
}

/// `client > server S 0`, with what is given.
fn line(from: HostId, flags: &str, seq: Option<u32>, ack: Option<u32>) -> ExpectedPacket {
    let flags = Flags::from_letters(flags).unwrap();
    ExpectedPacket {
        direction: way(from),
        flags: Some(flags),
        what: What::Tcp(flags),
        seq,
        ack,
        len: None,
        window: None,
        urgent: None,
        options: None,
        more_options: false,
        lost: false,
        text: format!("{from} {flags}"),
    }
}

fn handshake() -> Vec<ExpectedPacket> {
    vec![
        line(CLIENT, "S", Some(0), None),
        line(SERVER, "SA", Some(0), Some(1)),
        line(CLIENT, "A", Some(1), Some(1)),
    ]
}

fn whole() -> Vec<ExpectedPacket> {
    let mut lines = handshake();
    lines.push(line(CLIENT, "PA", Some(1), Some(1)));
    lines.push(line(SERVER, "A", Some(1), Some(6)));
    lines.push(line(CLIENT, "FA", Some(6), Some(1)));
    lines
}

#[test]
fn exactly_these_packets_means_no_more_and_no_less() {
    let holds = |lines| only(&expecting(vec![Predicate::PacketsExactly(lines)]), &trace());
    assert!(holds(whole()).held, "{:#?}", holds(whole()));
    let more = holds(handshake());
    assert!(!more.held && more.found.en.contains("3 more"), "{}", more.found.en);
    let mut missing = whole();
    missing.push(line(SERVER, "A", None, None));
    let missing = holds(missing);
    assert!(!missing.held && missing.found.en.contains("line 7 never came"), "{}", missing.found.en);
}

#[test]
fn the_first_line_that_deviates_is_shown_as_a_diff_in_both_languages() {
    let mut lines = whole();
    lines[1].ack = Some(2);
    let judged = only(&expecting(vec![Predicate::PacketsExactly(lines)]), &trace());
    assert!(!judged.held);
    for (lang, says) in [(Lang::En, "line 2: ack is 1, expected 2"), (Lang::Zh, "第 2 行：ack 是 1，预期 2")]
    {
        let found = judged.found.get(lang);
        assert!(found.starts_with(says), "{found}");
        assert!(found.contains("\n    = client > server  S 0"), "{found}");
        assert!(found.contains("\n    + server > client  SA 0 ack 1"), "{found}");
    }
}

#[test]
fn packets_in_order_allows_others_between_them() {
    let holds = |lines| only(&expecting(vec![Predicate::PacketsInOrder(lines)]), &trace());
    let (syn, fin) = (line(CLIENT, "S", None, None), line(CLIENT, "FA", Some(6), None));
    assert!(holds(vec![syn.clone(), fin.clone()]).held);
    let reversed = holds(vec![fin.clone(), syn]);
    assert!(!reversed.held && reversed.found.en.contains("line 2 never came"), "{}", reversed.found.en);
    let near = holds(vec![ExpectedPacket { seq: Some(5), ..fin }]);
    assert!(!near.held && near.found.en.contains("seq is 6, expected 5"), "{}", near.found.en);
}

#[test]
fn every_part_of_a_packet_line_can_fail() {
    let held =
        |line: ExpectedPacket| only(&expecting(vec![Predicate::PacketsInOrder(vec![line])]), &trace()).held;
    let syn = line(CLIENT, "S", Some(0), None);
    let options = |list: &[&str], more| ExpectedPacket {
        options: Some(list.iter().map(|text| (*text).to_owned()).collect()),
        more_options: more,
        ..syn.clone()
    };
    assert!(held(syn.clone()));
    assert!(!held(ExpectedPacket { seq: Some(1), ..syn.clone() }));
    assert!(!held(ExpectedPacket { ack: Some(0), ..syn.clone() }));
    assert!(!held(ExpectedPacket { len: Some(1), ..syn.clone() }));
    assert!(held(ExpectedPacket { window: Some(64_240), ..syn.clone() }));
    assert!(!held(ExpectedPacket { window: Some(64_241), ..syn.clone() }));
    assert!(!held(ExpectedPacket { urgent: Some(0), ..syn.clone() }), "no URG, so no urgent pointer");
    assert!(!held(ExpectedPacket { lost: true, ..syn.clone() }));
    assert!(!held(ExpectedPacket { direction: way(SERVER), ..syn.clone() }));
    assert!(held(options(&["mss 1460", "sackOK", "TS", "nop", "wscale 7"], false)));
    assert!(held(options(&["mss 1460"], true)));
    assert!(held(options(&["mss", "sackOK", "TS", "nop", "wscale"], false)));
    assert!(!held(options(&["mss 1460"], false)));
    assert!(!held(options(&["mss 1461"], true)));
    assert!(!held(options(&["sackOK", "mss 1460"], true)));
}

#[test]
fn numbers_are_absolute_where_the_isn_is_given_and_only_there() {
    let mut plan =
        expecting(vec![Predicate::PacketsInOrder(vec![line(SERVER, "SA", Some(0), Some(1_234_568))])]);
    plan.hosts[0].isn = Some(1_234_567);
    assert!(only(&plan, &trace()).held, "{:?}", only(&plan, &trace()));
    plan.hosts[1].isn = Some(7_654_321);
    let judged = only(&plan, &trace());
    assert!(!judged.held && judged.found.en.contains("seq is 7654321, expected 0"), "{}", judged.found.en);
}

#[test]
fn a_lost_packet_is_expected_as_lost() {
    let mut run = Run::new(Shape::simulated());
    run.lose(10, CLIENT, "S", 0, 0);
    let lost = ExpectedPacket { lost: true, ..line(CLIENT, "S", Some(0), None) };
    assert!(only(&expecting(vec![Predicate::PacketsExactly(vec![lost])]), &run.finish()).held);
}

#[test]
fn an_expectation_that_names_nothing_fails() {
    for predicate in [
        Predicate::PacketsExactly(Vec::new()),
        Predicate::PacketsInOrder(Vec::new()),
        Predicate::States { host: CLIENT, path: Vec::new() },
    ] {
        let judged = only(&expecting(vec![predicate.clone()]), &trace());
        assert!(!judged.held && !judged.found.en.is_empty() && !judged.found.zh.is_empty(), "{predicate:?}");
    }
}

fn walk(states: &[State]) -> Trace {
    let mut run = Run::new(Shape::simulated());
    let endpoint = run.endpoint(CLIENT, true);
    for pair in states.windows(2) {
        let event = Event::StateChanged { endpoint, from: pair[0], to: pair[1], section: "" };
        run.push(milliseconds(1), Some(CLIENT), event);
    }
    run.finish()
}

#[test]
fn a_path_of_states_is_held_to_the_last_one() {
    use State::{Closed, Established, FinWait1, SynSent};
    let trace = walk(&[Closed, SynSent, Established, FinWait1]);
    let held = |path: &[State]| {
        only(&expecting(vec![Predicate::States { host: CLIENT, path: path.to_vec() }]), &trace)
    };
    assert!(held(&[Closed, SynSent, Established, FinWait1]).held);
    assert!(held(&[SynSent, Established, FinWait1]).held);
    for wrong in [&[SynSent, Established][..], &[SynSent, FinWait1], &[Established, FinWait1], &[Closed]] {
        let judged = held(wrong);
        assert!(!judged.held, "{wrong:?}");
        assert!(judged.found.en.contains("CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1"), "{}", judged.found.en);
    }
    let nobody = only(&expecting(vec![Predicate::States { host: SERVER, path: vec![Closed] }]), &trace);
    assert!(!nobody.held && nobody.found.en.contains("no endpoint of server"));
}

fn compares(trace: &Trace, quantity: Quantity, how: Compare, number: Number) -> Judged {
    only(&expecting(vec![Predicate::Compare { quantity, how, number }]), trace)
}

fn pattern(from: HostId, flags: &str, which: Which) -> FramePattern {
    FramePattern { direction: way(from), what: What::Tcp(Flags::from_letters(flags).unwrap()), which }
}

#[track_caller]
fn is(trace: &Trace, quantity: Quantity, number: Number) {
    let right = compares(trace, quantity.clone(), Compare::Equal, number);
    assert!(right.held, "{quantity:?}: {}", right.found.en);
    let other = match number {
        Number::Count(count) => Number::Count(count + 1),
        Number::Time(span) => Number::Time(span + Span::nanos(1)),
    };
    let wrong = compares(trace, quantity.clone(), Compare::Equal, other);
    assert!(!wrong.held && wrong.found.en.starts_with("it is "), "{quantity:?}: {}", wrong.found.en);
}

#[test]
fn numbers_advance_from_one_segment_to_the_next_and_wrap() {
    let mut run = exchange(Shape::simulated());
    run.send(300, CLIENT, "PA", 1000, 1, "ab");
    run.send(310, CLIENT, "PA", 1002, 1, "cd");
    run.send(320, CLIENT, "PA", 1001, 1, "bc");
    let trace = run.finish();
    let advance = |nth| Quantity::Advance(pattern(CLIENT, "PA", Which::Every), nth);
    is(&trace, advance(2), Number::Count(999));
    is(&trace, advance(3), Number::Count(2));
    is(&trace, advance(4), Number::Count((1 << 32) - 1));
    assert!(!compares(&trace, advance(5), Compare::AtLeast, Number::Count(0)).held);
}

#[test]
fn frames_are_counted_timed_and_missed() {
    let mut run = exchange(Shape::simulated());
    run.lose(100, CLIENT, "S", 0, 0);
    run.send(350, CLIENT, "S", 0, 0, "");
    let trace = run.finish();
    let syn = |which| pattern(CLIENT, "S", which);
    is(&trace, Quantity::Count(syn(Which::Every)), Number::Count(3));
    is(&trace, Quantity::Count(syn(Which::From(2))), Number::Count(2));
    is(&trace, Quantity::Lost(syn(Which::Every)), Number::Count(1));
    is(&trace, Quantity::Time(syn(Which::Nth(2))), Number::Time(Span::millis(100)));
    is(&trace, Quantity::Gap(syn(Which::Every), 3), Number::Time(Span::millis(250)));
    is(&trace, Quantity::End, Number::Time(Span::secs(1)));
}

#[test]
fn what_never_happened_has_no_time_and_no_gap() {
    let trace = trace();
    let syn = pattern(SERVER, "S", Which::Every);
    let zero = Number::Time(Span::ZERO);
    for quantity in [Quantity::Time(syn), Quantity::Gap(syn, 2), Quantity::Lost(syn)] {
        let judged = compares(&trace, quantity.clone(), Compare::AtLeast, zero);
        assert!(!judged.held && !judged.found.zh.is_empty(), "{quantity:?}");
    }
    let nobody = Quantity::Processes { host: CLIENT, prefix: "visitor".to_owned(), ok: true };
    assert!(!compares(&trace, nobody, Compare::Equal, Number::Count(0)).held);
    let never = Quantity::Calls { host: CLIENT, call: "accept", errno: None };
    assert!(!compares(&trace, never, Compare::Equal, Number::Count(0)).held);
    is(&trace, Quantity::Count(syn), Number::Count(0));
}

#[test]
fn calls_octets_counters_queues_and_processes_are_measured() {
    let mut run = exchange(Shape::simulated());
    run.call(50, 0, Call::Recv { fd: Fd(3), len: 9 }, "recv(s, 9)", Return::Failed(Errno::ECONNRESET));
    run.queue(60, "half-open", 3);
    run.queue(70, "half-open", 2);
    run.push(milliseconds(80), Some(CLIENT), Event::ProcessEnded { process: crate::socket::ProcessId(0) });
    let trace = run.finish();
    let calls = |errno| Quantity::Calls { host: CLIENT, call: "recv", errno };
    is(&trace, calls(Some(Errno::ECONNRESET)), Number::Count(1));
    is(&trace, calls(None), Number::Count(0));
    is(&trace, Quantity::Bytes(way(CLIENT)), Number::Count(5));
    is(&trace, Quantity::Bytes(way(SERVER)), Number::Count(0));
    is(&trace, Quantity::Datagrams(way(CLIENT)), Number::Count(0));
    is(&trace, Quantity::Counter(SERVER, Counter::PassiveOpens), Number::Count(1));
    is(&trace, Quantity::Counter(CLIENT, Counter::PassiveOpens), Number::Count(0));
    let queue = |max| Quantity::Queue { host: SERVER, queue: "half-open", max };
    is(&trace, queue(true), Number::Count(3));
    is(&trace, queue(false), Number::Count(2));
    let processes = |ok| Quantity::Processes { host: CLIENT, prefix: "cli".to_owned(), ok };
    is(&trace, processes(true), Number::Count(1));
    is(&trace, processes(false), Number::Count(0));
}

#[test]
fn a_range_includes_both_its_ends() {
    let within = |low, high| {
        let predicate = Predicate::Within {
            quantity: Quantity::Time(pattern(CLIENT, "FA", Which::Every)),
            low: Number::Time(Span::millis(low)),
            high: Number::Time(Span::millis(high)),
        };
        only(&expecting(vec![predicate]), &trace()).held
    };
    assert!(within(40, 40) && within(30, 40) && within(40, 50));
    assert!(!within(41, 50) && !within(30, 39));
}

#[test]
fn a_failed_check_of_a_program_fails_the_run() {
    let mut run = exchange(Shape::simulated());
    run.check(50, 0, "recv(s, 9) == \"x\"", false);
    let judged = only(&plan(), &run.finish());
    assert!(!judged.held && judged.expectation.is_none());
    assert!(judged.says.en.contains("client") && judged.found.en.contains("other"), "{judged:?}");
}

#[test]
fn a_run_stopped_at_a_limit_fails() {
    let mut run = exchange(Shape::simulated());
    run.push(milliseconds(60), None, Event::Stopped(Stop::Limit("records 5000".to_owned())));
    let mut trace = run.finish();
    trace.records.pop();
    let judged = only(&plan(), &trace);
    assert!(!judged.held && judged.found.en.contains("records 5000"));
}

fn question(answer: &'static str) -> Question {
    Question {
        number: 1,
        place: Some(Place::Before(pattern(SERVER, "SA", Which::Nth(1)))),
        ask: Default::default(),
        wanted: Wanted::Field(answer),
        choices: false,
        line: 1,
    }
}

fn solved(plan: &Plan, trace: &Trace, answer: &'static str) -> Option<Solved> {
    Examiner::new(plan, trace, &|_| None).solve(&question(answer), 1).ok()
}

#[test]
fn questions_are_answered_from_the_frame_they_are_asked_before() {
    let (mut plan, trace) = (plan(), trace());
    plan.hosts[0].isn = Some(1_234_567);
    let right = |field| solved(&plan, &trace, field).map(|solved| solved.right().en);
    assert_eq!(right("frame.tcp.ack").as_deref(), Some("1234568"));
    assert_eq!(right("frame.tcp.seq").as_deref(), Some("0"));
    assert_eq!(right("frame.tcp.flags").as_deref(), Some("SA"));
    assert_eq!(right("frame.tcp.mss").as_deref(), Some("1460"));
    assert_eq!(right("frame.ip.source").as_deref(), Some("10.0.0.2"));
    assert_eq!(right("frame.tcp.source_port").as_deref(), Some("8080"));
    assert_eq!(right("frame.udp.len"), None);
}

#[test]
fn answers_are_graded_kindly_but_not_wrongly() {
    let (mut plan, trace) = (plan(), trace());
    plan.hosts[0].isn = Some(1_234_567);
    let graded = |field, typed: &str| solved(&plan, &trace, field).unwrap().grade(typed);
    let wrong = |right: &str| Grade::Wrong(Text::new(right, right));
    for right in ["1234568", " 1,234,568 ", "1", "１２３４５６８", "１，２３４，５６８　"] {
        assert_eq!(graded("frame.tcp.ack", right), Grade::Right, "{right}");
    }
    for typed in ["1234567", "2", ""] {
        assert_eq!(graded("frame.tcp.ack", typed), wrong("1234568"), "{typed}");
    }
    for right in ["as", "SYN+ACK", "ack, syn", "S A", "ＳＡ", "syn＋ack"] {
        assert_eq!(graded("frame.tcp.flags", right), Grade::Right, "{right}");
    }
    assert_eq!(graded("frame.tcp.flags", "S"), wrong("SA"));
    assert_eq!(solved(&plan, &trace, "frame.udp.len"), None);
}
