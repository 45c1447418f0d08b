//! What programs and wires can do: ends and limits, plugs, hands, reboots, ARP, the switch, floods.

mod common;

use common::{check_invariants, plan, received_by};
use std::fmt::Write as _;
use wirewalk::clock::{Instant, Span};
use wirewalk::link::HostId;
use wirewalk::mib::Counter;
use wirewalk::scenario::Plan;
use wirewalk::sim::{self, Options};
use wirewalk::socket::{Errno, Return};
use wirewalk::tcp::State;
use wirewalk::trace::{Event, Level, Stop, Trace};
use wirewalk::wire::Body;

/// A scenario of these tables and programs.
fn scenario(tables: &str, programs: &[(&str, &str)]) -> Plan {
    let mut text =
        format!("title = {{ en = \"t\", zh = \"t\" }}\nlesson = {{ en = \"l\", zh = \"l\" }}\n{tables}\n");
    for (host, program) in programs {
        let _ = write!(text, "[host.{host}]\n{program}\n");
    }
    plan(&text)
}

/// `program = '''…'''`, one statement for each line.
fn program(lines: &[&str]) -> String {
    format!("program = '''\n  {}\n'''", lines.join("\n  "))
}

fn run(plan: &Plan) -> Trace {
    let trace = sim::run(plan, &Options::default());
    check_invariants(&trace);
    trace
}

fn stop(trace: &Trace) -> Stop {
    match &trace.records.last().expect("a trace has an end").event {
        Event::Stopped(stop) => stop.clone(),
        other => panic!("the last record is {other:?}"),
    }
}

fn failed_checks(trace: &Trace) -> Vec<String> {
    let failed = |event: &Event| match event {
        Event::Checked { text, held: false, actual, .. } => Some(format!("{text}: {actual}")),
        _ => None,
    };
    trace.records.iter().filter_map(|record| failed(&record.event)).collect()
}

const ECHO: &[&str] = &[
    "l = socket(tcp)",
    "setsockopt(l, SO_REUSEADDR, 1)",
    "bind(l, *:7)",
    "listen(l, 5)",
    "c = accept(l)",
    "data = recv(c, 100)",
    "send(c, data)",
    "recv(c, 100) == \"\"",
    "close(c)",
    "close(l)",
];

#[test]
fn a_run_with_nothing_left_to_happen_is_finished() {
    let trace = run(&scenario("", &[("one", &program(&["sleep 3s"]))]));
    assert_eq!((stop(&trace), trace.end()), (Stop::Finished, Instant::ZERO + Span::secs(3)));
}

#[test]
fn processes_that_wait_for_each_other_for_ever_are_a_deadlock() {
    let client = ["when server LISTEN", "s = socket(tcp)", "connect(s, server:7)", "recv(s, 10)"];
    let server = ["l = socket(tcp)", "bind(l, *:7)", "listen(l, 1)", "c = accept(l)", "recv(c, 10)"];
    let trace = run(&scenario("", &[("client", &program(&client)), ("server", &program(&server))]));
    assert_eq!(stop(&trace), Stop::Deadlock);
    assert!(trace.end() < Instant::ZERO + Span::secs(1), "it took until {}", trace.end());
}

#[test]
fn until_ends_a_run_whatever_waits() {
    let server = ["l = socket(tcp)", "bind(l, *:7)", "listen(l, 1)", "accept(l)"];
    let forever = ["while true:", "  sleep 1s"];
    let plan = scenario("until = \"2500ms\"", &[("a", &program(&server)), ("b", &program(&forever))]);
    let trace = run(&plan);
    assert_eq!((stop(&trace), trace.end()), (Stop::Until, Instant::ZERO + Span::millis(2500)));
    let sooner = Options { until: Some(Span::millis(700)), ..Options::default() };
    assert_eq!(sim::run(&plan, &sooner).end(), Instant::ZERO + Span::millis(700));
    let later = Options { until: Some(Span::secs(700)), ..Options::default() };
    assert_eq!(sim::run(&plan, &later).end(), Instant::ZERO + Span::millis(2500));
}

#[test]
fn limits_of_time_records_and_frames_stop_a_run_and_say_so() {
    let sender = ["s = socket(udp)", "while true:", "  sendto(s, \"x\", b:9)", "  sleep 1ms"];
    let programs = [("a", program(&sender)), ("b", program(&["sleep 1s"]))];
    let programs: Vec<(&str, &str)> =
        programs.iter().map(|(host, program)| (*host, program.as_str())).collect();
    for (limit, said) in
        [("time = \"2s\"", "time 2s"), ("records = 500", "records 500"), ("frames = 40", "frames 40")]
    {
        let trace = run(&scenario(&format!("[limits]\n{limit}"), &programs));
        assert_eq!(stop(&trace), Stop::Limit(said.to_owned()));
        assert!(trace.records.len() < 60_000);
    }
}

#[test]
fn a_program_that_never_lets_time_pass_is_stopped() {
    let plan = scenario("", &[("a", &program(&["s = socket(udp)", "while true:", "  getsockname(s)"]))]);
    let trace = sim::run(&plan, &Options { level: Level::Off, ..Options::default() });
    assert!(matches!(stop(&trace), Stop::Limit(limit) if limit.contains("at one moment")));
}

#[test]
fn an_unplugged_host_neither_sends_nor_hears_and_recovers_when_plugged_in() {
    let client = [
        "when server LISTEN",
        "s = socket(tcp)",
        "connect(s, server:7)",
        "unplug server",
        "send(s, \"hello\")",
        "sleep 1s",
        "plug server",
        "recv(s, 10) == \"hello\"",
        "close(s)",
    ];
    let trace = run(&scenario("", &[("client", &program(&client)), ("server", &program(ECHO))]));
    assert_eq!(failed_checks(&trace), [""; 0]);
    assert_eq!(stop(&trace), Stop::Finished);
    let frames = trace.frames();
    let data: Vec<_> = frames
        .iter()
        .filter(|frame| frame.from == Some(HostId(0)) && frame.tcp().is_some_and(|s| !s.payload.is_empty()))
        .collect();
    assert!(data.len() > 1 && data[0].lost().is_some(), "{} data segments", data.len());
    assert_eq!(received_by(&trace, "server"), b"hello");
}

#[test]
fn a_hand_made_reset_with_relative_numbers_ends_the_connection_it_means() {
    let client =
        ["when server LISTEN", "s = socket(tcp)", "connect(s, server:7)", "recv(s, 9) fails ECONNRESET"];
    let attacker = ["when client ESTABLISHED", "sleep 50ms", "inject(server > client R seq 1)"];
    let attacker = format!("actor = true\n{}", program(&attacker));
    let server = ["l = socket(tcp)", "bind(l, *:7)", "listen(l, 1)", "c = accept(l)", "sleep 1s"];
    let hosts = [("client", program(&client)), ("server", program(&server)), ("attacker", attacker)];
    let hosts: Vec<(&str, &str)> = hosts.iter().map(|(host, program)| (*host, program.as_str())).collect();
    let trace = run(&scenario("", &hosts));
    assert_eq!(failed_checks(&trace), [""; 0]);
    let frames = trace.frames();
    let reset = frames.iter().find(|frame| frame.from == Some(HostId(2))).expect("the attacker sent");
    assert_eq!(reset.relative().map(|relative| relative.seq), Some(1));
}

#[test]
fn a_socket_forgotten_without_a_word_answers_with_a_reset() {
    let client = [
        "when server LISTEN",
        "s = socket(tcp)",
        "connect(s, server:7)",
        "sleep 100ms",
        "send(s, \"x\")",
        "recv(s, 9) fails ECONNRESET",
    ];
    let server = ["l = socket(tcp)", "bind(l, *:7)", "listen(l, 1)", "c = accept(l)", "forget c", "sleep 1s"];
    let trace = run(&scenario("", &[("client", &program(&client)), ("server", &program(&server))]));
    assert_eq!(failed_checks(&trace), [""; 0]);
    assert_eq!(trace.counter(HostId(1), Counter::OutRsts), 1);
}

#[test]
fn hosts_behind_a_switch_find_each_other_by_arp_and_actors_answer_it() {
    let client = [
        "when server bound 9",
        "s = socket(udp)",
        "sendto(s, \"a\", server:9)",
        "sleep 20ms",
        "sendto(s, \"b\", ghost:9)",
        "sleep 20ms",
    ];
    let server = ["s = socket(udp)", "bind(s, *:9)", "recv(s, 9) == \"a\""];
    let ghost = format!("actor = true\n{}", program(&["sleep 1ms"]));
    let hosts = [("client", program(&client)), ("server", program(&server)), ("ghost", ghost)];
    let hosts: Vec<(&str, &str)> = hosts.iter().map(|(host, program)| (*host, program.as_str())).collect();
    let trace = run(&scenario("[wire]\narp = true\ndelay = \"1ms\"", &hosts));
    assert_eq!(failed_checks(&trace), [""; 0]);
    let frames = trace.frames();
    let arp = |from: u16| {
        let by = frames.iter().filter(|frame| frame.from == Some(HostId(from)));
        by.filter(|frame| matches!(frame.packet().map(|p| &p.body), Some(Body::Arp(_)))).count()
    };
    assert_eq!((arp(0), arp(2)), (2, 1), "two questions, the second answered by the actor's card");
    let datagrams: Vec<_> = frames.iter().filter(|frame| frame.flow().is_some()).collect();
    assert_eq!(datagrams.len(), 2);
    assert!(datagrams.iter().all(|frame| frame.arrived_at().is_some() && frame.fates.len() == 1));
}

#[test]
fn visitors_start_on_time_and_bear_numbers() {
    let lines = ["every 100ms for 350ms as visitor:", "  sleep 10ms", "sleep 1ms"];
    let trace = run(&scenario("", &[("host", &program(&lines))]));
    let names: Vec<&str> = trace.meta.processes.iter().map(|process| process.name.as_str()).collect();
    assert_eq!(names, ["host", "visitor 1", "visitor 2", "visitor 3", "visitor 4"]);
    let ends: Vec<u64> = trace
        .records
        .iter()
        .filter(|record| matches!(record.event, Event::ProcessEnded { .. }))
        .map(|record| record.at.as_millis())
        .collect();
    assert_eq!(ends, [10, 110, 210, 310, 351]);
}

/// A flood on a server that knows no cookies, and what honest clients see.
fn flood(rate: &str, sysctl: &str) -> Plan {
    let server =
        ["l = socket(tcp)", "bind(l, *:80)", "listen(l, 16)", "while true:", "  c = accept(l)", "  close(c)"];
    let server = format!("sysctl = {{ {sysctl} }}\n{}", program(&server));
    let attacker =
        ["when server LISTEN", &format!("flood(server:80, rate = {rate}, for = 1s, from = 198.18.0.0/15)")]
            .join("\n  ");
    let attacker = format!("actor = true\nowns = [\"198.18.0.0/15\"]\nprogram = '''\n  {attacker}\n'''");
    let client = ["when time 500ms", "s = socket(tcp)", "settimeout(s, 200ms)", "try connect(s, server:80)"];
    let hosts = [("client", program(&client)), ("server", server), ("attacker", attacker)];
    let hosts: Vec<(&str, &str)> = hosts.iter().map(|(host, program)| (*host, program.as_str())).collect();
    scenario("until = \"3s\"", &hosts)
}

#[test]
fn a_flood_leaves_queues_and_counters_and_no_frames_of_its_own() {
    let plan = flood("20k", "tcp_syncookies = 0, tcp_max_syn_backlog = 1024");
    let trace = run(&plan);
    let server = HostId(1);
    let forged = |frame: &wirewalk::trace::Frame| {
        let ip = frame.packet().and_then(|packet| packet.ip().cloned());
        ip.is_some_and(|ip| ip.source.octets()[0] == 198 || ip.destination.octets()[0] == 198)
    };
    assert!(!trace.frames().iter().any(forged));
    assert!(trace.records.len() < 2_000, "{} records", trace.records.len());
    let half_open = trace.queues().into_iter().find(|q| q.queue == "half-open").expect("it was used");
    assert_eq!(half_open.max(), 17);
    // 20,000 forged SYNs and one honest one, of which seventeen found room.
    let in_segments = trace.counter(server, Counter::InSegs);
    assert_eq!(in_segments, 20_001);
    assert_eq!(trace.counter(server, Counter::ListenDrops), in_segments - 17);
    let connect = trace.calls().into_iter().find(|call| call.call.name() == "connect").expect("it called");
    assert!(matches!(connect.result(), Some(Return::Failed(Errno::EAGAIN | Errno::EINPROGRESS))));
}

#[test]
fn cookies_let_the_honest_in_and_leave_no_state_of_the_rest() {
    let trace = run(&flood("20k", "tcp_syncookies = 2"));
    let connect = trace.calls().into_iter().find(|call| call.call.name() == "connect").expect("it called");
    assert_eq!(connect.result(), Some(&Return::Done));
    let server = HostId(1);
    assert_eq!(trace.counter(server, Counter::SyncookiesSent), 20_001);
    assert_eq!(trace.counter(server, Counter::SyncookiesRecv), 1);
    let half_open = trace.queues().into_iter().find(|q| q.queue == "half-open");
    assert_eq!(half_open.map_or(0, |queue| queue.max()), 0);
}

#[test]
fn counters_of_a_flood_are_the_same_at_every_level() {
    let plan = flood("20k", "tcp_syncookies = 0");
    let of = |level| sim::run(&plan, &Options { level, ..Options::default() }).counters(HostId(1));
    assert_eq!(of(Level::Full), of(Level::Events));
}

#[test]
fn every_kind_of_fault_on_one_wire_and_the_data_still_arrives_whole() {
    let data: String = (0..4_000).map(|n| char::from(b'a' + (n % 23) as u8)).collect();
    let faults = [
        "[[fault]]\ndrop = \"client > server data #2\"",
        "[[fault]]\ncorrupt = \"client > server data #3\"",
        "[[fault]]\nduplicate = \"client > server data #1\"\nby = \"1ms\"",
        "[[fault]]\ndelay = \"client > server data #4\"\nby = \"40ms\"",
    ];
    let send = format!("sendall(s, \"{data}\")");
    let client = [
        "when server LISTEN",
        "s = socket(tcp)",
        "connect(s, server:7)",
        &send,
        "sendall(s, \"end\")",
        "close(s)",
    ];
    let server = [
        "l = socket(tcp)",
        "bind(l, *:7)",
        "listen(l, 1)",
        "c = accept(l)",
        "while recv(c, 999) != \"\":",
        "  sleep 1us",
        "close(c)",
    ];
    let hosts = [("client", program(&client)), ("server", program(&server))];
    let hosts: Vec<(&str, &str)> = hosts.iter().map(|(host, program)| (*host, program.as_str())).collect();
    let trace = run(&scenario(&faults.join("\n"), &hosts));
    let frames = trace.frames();
    assert_eq!(frames.iter().filter(|frame| frame.lost().is_some()).count(), 1);
    assert_eq!(frames.iter().filter(|frame| frame.fates.len() == 2).count(), 1);
    let dropped = frames.iter().filter(|frame| frame.dropped().is_some()).count();
    assert!(dropped >= 1, "the damaged segment was taken");
    assert_eq!(received_by(&trace, "server"), format!("{data}end").into_bytes());
    let path = &trace.paths()[1];
    assert_eq!(path.last(), State::Closed, "{:?}", path.states());
}
