//! What programs do, action by action.

use super::program::{Deeds, compile};
use super::source::Piece;
use super::{Action, Answer, Condition, Process, ProcessPlan};
use crate::clock::Span;
use crate::link::HostId;
use crate::scenario::cursor::{HostFacts, Scene};
use crate::socket::{Call, Errno, Fd, How, ProcessId, Return, SocketOption};
use crate::tcp::State;
use crate::wire::{Flags, Seq};
use bytes::Bytes;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

fn scene() -> Scene {
    let fact = |name: &str, last: u8| HostFacts {
        name: name.to_owned(),
        kind: crate::link::NodeKind::Host,
        address: Ipv4Addr::new(10, 0, 0, last),
        ipv6: if name == "ghost" {
            Vec::new()
        } else {
            vec![Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, last.into())]
        },
        actor: name == "ghost",
        owns: if name == "ghost" {
            vec![super::Ipv4Block { base: Ipv4Addr::new(198, 18, 0, 0), prefix: 15 }]
        } else {
            Vec::new()
        },
        broadcasts: Vec::new(),
    };
    Scene { hosts: vec![fact("client", 1), fact("server", 2), fact("ghost", 3)], ..Scene::default() }
}

/// The program of a process on host number `host`; it must be right.
fn process_on(host: u16, text: &str) -> Process {
    let mut scene = scene();
    let program = compile(&Piece::whole(text), None, HostId(host), &mut scene, &mut Deeds::default());
    assert_eq!(scene.mistakes, [], "{text}");
    Process::new(&ProcessPlan { host: HostId(host), name: "test".to_owned(), program })
}

pub(super) fn process(text: &str) -> Process {
    process_on(0, text)
}

/// The mistakes of a program, in English.
pub(super) fn mistakes(text: &str) -> Vec<String> {
    let mut scene = scene();
    compile(&Piece::whole(text), None, HostId(0), &mut scene, &mut Deeds::default());
    scene.mistakes.into_iter().map(|mistake| mistake.message.en).collect()
}

fn server(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 2], port))
}

/// Starts it and makes its socket, which is number 3.
pub(super) fn with_socket(process: &mut Process) -> Action {
    let first = process.resume(Answer::Start(ProcessId(0)));
    assert!(matches!(first, Action::Call { call: Call::Socket { .. }, .. }), "{first:?}");
    process.resume(Answer::Returned(Return::Descriptor(Fd(3))))
}

pub(super) fn returned(process: &mut Process, result: Return) -> Action {
    process.resume(Answer::Returned(result))
}

pub(super) fn checked(action: &Action) -> (&str, bool, bool, &str) {
    match action {
        Action::Check { text, held, required, actual } => (text, *held, *required, actual),
        other => panic!("not a check: {other:?}"),
    }
}

#[test]
fn a_client_connects_sends_and_closes_in_the_programs_own_words() {
    let mut client =
        process("s = socket(tcp)\nconnect(s, server:8080)  # go\nsend(s, \"hello\")\nclose(s)\n");
    let connect = with_socket(&mut client);
    assert_eq!(
        connect,
        Action::Call {
            call: Call::Connect { fd: Fd(3), address: server(8080) },
            text: "connect(s, server:8080)".to_owned()
        }
    );
    let Action::Call { call: Call::Send { fd: Fd(3), data }, .. } = returned(&mut client, Return::Done)
    else {
        panic!()
    };
    assert_eq!(data, "hello");
    let close = returned(&mut client, Return::Sent(5));
    assert!(matches!(close, Action::Call { call: Call::Close { fd: Fd(3) }, .. }));
    assert_eq!(returned(&mut client, Return::Done), Action::End);
    assert!(client.is_over());
    assert_eq!(client.resume(Answer::Resumed), Action::End);
}

#[test]
fn a_call_that_fails_unasked_is_a_failed_check_and_the_end() {
    let mut client = process("s = socket(tcp)\nconnect(s, server:81)\nclose(s)\n");
    with_socket(&mut client);
    let check = returned(&mut client, Return::Failed(Errno::ECONNREFUSED));
    assert_eq!(checked(&check), ("connect(s, server:81)", false, true, "ECONNREFUSED"));
    assert_eq!(client.resume(Answer::Resumed), Action::End);
}

#[test]
fn fails_wants_that_error_and_goes_on_whatever_came() {
    let text = "s = socket(tcp)\nconnect(s, server:81) fails ECONNREFUSED or ETIMEDOUT\nclose(s)\n";
    for (result, held, actual) in [
        (Return::Failed(Errno::ECONNREFUSED), true, "ECONNREFUSED"),
        (Return::Failed(Errno::ETIMEDOUT), true, "ETIMEDOUT"),
        (Return::Failed(Errno::ECONNRESET), false, "ECONNRESET"),
        (Return::Done, false, "0"),
    ] {
        let mut client = process(text);
        with_socket(&mut client);
        let check = returned(&mut client, result);
        let words = "connect(s, server:81) fails ECONNREFUSED or ETIMEDOUT";
        assert_eq!(checked(&check), (words, held, true, actual));
        assert!(matches!(client.resume(Answer::Resumed), Action::Call { call: Call::Close { .. }, .. }));
    }
}

#[test]
fn try_records_the_outcome_and_a_failure_ends_the_process_quietly() {
    let mut visitor = process("s = socket(tcp)\ntry connect(s, server:80)\nclose(s)\n");
    with_socket(&mut visitor);
    let mut lucky = visitor.clone();
    let check = returned(&mut visitor, Return::Failed(Errno::ETIMEDOUT));
    assert_eq!(checked(&check), ("try connect(s, server:80)", false, false, "ETIMEDOUT"));
    assert_eq!(visitor.resume(Answer::Resumed), Action::End);
    let check = returned(&mut lucky, Return::Done);
    assert_eq!(checked(&check), ("try connect(s, server:80)", true, false, "0"));
    assert!(matches!(lucky.resume(Answer::Resumed), Action::Call { call: Call::Close { .. }, .. }));
}

#[test]
fn comparisons_are_recorded_and_the_process_goes_on_either_way() {
    let mut client = process("s = socket(tcp)\nrecv(s, 9) == \"hello\"\nlen(recv(s, 9)) < 3\nclose(s)\n");
    with_socket(&mut client);
    let check = returned(&mut client, Return::Received(Bytes::from_static(b"hell\n")));
    assert_eq!(checked(&check), ("recv(s, 9) == \"hello\"", false, true, "\"hell\\n\""));
    assert!(matches!(client.resume(Answer::Resumed), Action::Call { call: Call::Recv { len: 9, .. }, .. }));
    let check = returned(&mut client, Return::Received(Bytes::from_static(b"ab")));
    assert_eq!(checked(&check), ("len(recv(s, 9)) < 3", true, true, "2"));
    assert!(matches!(client.resume(Answer::Resumed), Action::Call { call: Call::Close { .. }, .. }));
}

#[test]
fn sendall_sends_again_what_was_not_taken() {
    let mut client = process("s = socket(tcp)\nn = sendall(s, \"x\" * 10)\nn == 10\n");
    let Action::Call { call: Call::Send { data, .. }, .. } = with_socket(&mut client) else { panic!() };
    assert_eq!(data.len(), 10);
    let Action::Call { call: Call::Send { data, .. }, .. } = returned(&mut client, Return::Sent(4)) else {
        panic!()
    };
    assert_eq!(data.len(), 6);
    let check = returned(&mut client, Return::Sent(6));
    assert_eq!(checked(&check), ("n == 10", true, true, "10"));
}

#[test]
fn a_datagram_is_answered_to_where_it_came_from() {
    let mut echo =
        process("s = socket(udp)\ndata, sender = recvfrom(s, 99)\nsendto(s, \"<\" + data + \">\", sender)\n");
    with_socket(&mut echo);
    let from = server(9);
    let answer = returned(&mut echo, Return::ReceivedFrom(Bytes::from_static(b"hi"), from));
    let Action::Call { call: Call::SendTo { data, to, .. }, .. } = answer else { panic!() };
    assert_eq!((&data[..], to), (&b"<hi>"[..], from));
    let kept: Vec<&str> = echo.variables().map(|(name, _)| name).collect();
    assert_eq!(kept, ["s", "data", "sender"]);
}

#[test]
fn repeat_makes_exactly_that_many_rounds_also_nested() {
    let mut sleeper =
        process("repeat 2:\n  sleep 1s\n  repeat 3:\n    sleep 1ms\nsleep 7s\nrepeat 0:\n  sleep 9s\n");
    let mut slept = Vec::new();
    let mut action = sleeper.resume(Answer::Start(ProcessId(0)));
    while let Action::Sleep(span) = action {
        slept.push(span.as_millis());
        action = sleeper.resume(Answer::Resumed);
    }
    assert_eq!(slept, [1000, 1, 1, 1, 1000, 1, 1, 1, 7000]);
    assert_eq!(action, Action::End);
}

#[test]
fn while_reads_until_the_stream_ends() {
    let mut reader = process("s = socket(tcp)\nwhile recv(s, 4) != \"\":\n  sleep 1ms\nclose(s)\n");
    with_socket(&mut reader);
    for _ in 0..3 {
        let body = returned(&mut reader, Return::Received(Bytes::from_static(b"data")));
        assert_eq!(body, Action::Sleep(Span::millis(1)));
        assert!(matches!(reader.resume(Answer::Resumed), Action::Call { call: Call::Recv { .. }, .. }));
    }
    let after = returned(&mut reader, Return::Received(Bytes::new()));
    assert!(matches!(after, Action::Call { call: Call::Close { .. }, .. }));
}

#[test]
fn a_loop_over_a_variable_that_nothing_changes_is_stopped() {
    let looping = "n = 5\nwhile n > 3:\n  repeat 2:\n    m = 4\n";
    assert_eq!(mistakes(looping), ["this loop makes no call: nothing can end it"]);
    // One that could act but never does is caught while it runs.
    let mut stuck = process("n = 5\nwhile n > 3:\n  while n < 3:\n    sleep 1s\n");
    let check = stuck.resume(Answer::Start(ProcessId(0)));
    assert_eq!(checked(&check).3, "∞");
    assert_eq!(stuck.resume(Answer::Resumed), Action::End);
}

#[test]
fn every_starts_numbered_processes_with_variables_of_their_own() {
    let mut host = process(
        "s = socket(udp)\nevery 300ms for 1s as visitor:\n  s = socket(tcp)\n  try connect(s, server:80)\nclose(s)\n",
    );
    let mut action = with_socket(&mut host);
    let (mut names, mut slept) = (Vec::new(), Vec::new());
    loop {
        match action {
            Action::Spawn(plan) => {
                let mut child = Process::new(&plan);
                names.push(child.name().to_owned());
                assert!(matches!(with_socket(&mut child), Action::Call { call: Call::Connect { .. }, .. }));
            }
            Action::Sleep(span) => slept.push(span.as_millis()),
            _ => break,
        }
        action = host.resume(Answer::Resumed);
    }
    assert_eq!(names, ["visitor 1", "visitor 2", "visitor 3", "visitor 4"]);
    assert_eq!(slept, [300, 300, 300, 100], "it goes on after the whole second");
    assert!(matches!(action, Action::Call { call: Call::Close { fd: Fd(3) }, .. }));
}

#[test]
fn waits_name_states_queues_frames_ports_ends_and_times() {
    let mut waiter = process(
        "when server SYN-RECEIVED 3\nwhen server listen\nwhen accept_queue server 4\nwhen client > server FA #2:\n  sleep 1ms\n\
         when server ended\nwhen server bound 7\nwhen time 3s\n"
            .replace("listen", "LISTEN")
            .as_str(),
    );
    let server = HostId(1);
    let mut action = waiter.resume(Answer::Start(ProcessId(0)));
    let mut seen = Vec::new();
    while action != Action::End {
        seen.push(action);
        action = waiter.resume(Answer::Resumed);
    }
    let wait = |condition| Action::Wait(condition);
    assert_eq!(seen[0], wait(Condition::State { host: server, state: State::SynReceived, count: 3 }));
    assert_eq!(seen[1], wait(Condition::State { host: server, state: State::Listen, count: 1 }));
    assert_eq!(seen[2], wait(Condition::AcceptQueue { host: server, count: 4 }));
    assert!(matches!(&seen[3], Action::Wait(Condition::Frame(_))));
    assert_eq!(seen[4], Action::Sleep(Span::millis(1)));
    assert_eq!(seen[5], wait(Condition::Ended(server)));
    assert_eq!(seen[6], wait(Condition::Bound { host: server, port: 7 }));
    assert_eq!(seen[7], wait(Condition::Time(Span::secs(3))));
}

#[test]
fn segments_made_by_hand_carry_what_is_written() {
    let mut ghost = process_on(
        2,
        "inject(client:5000 > server:80 RA seq 7 ack 0x10 win 0 len 3 <mss 1460, nop, sackOK> absolute)\ninject(client > server R seq 1)\ninject(client > server A seq 1 <nop, nop, TS - 6000>)\n",
    );
    let Action::Inject(hand) = ghost.resume(Answer::Start(ProcessId(0))) else { panic!() };
    let segment = &hand.segment;
    assert_eq!((hand.from, hand.to), (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)));
    assert_eq!((segment.source_port, segment.destination_port), (5000, 80));
    assert_eq!(
        (segment.seq, segment.ack, segment.window, segment.flags),
        (Seq(7), Seq(16), 0, Flags::RST | Flags::ACK)
    );
    assert_eq!((segment.payload.len(), segment.options.iter().count(), hand.relative), (3, 3, false));
    let Action::Inject(hand) = ghost.resume(Answer::Resumed) else { panic!() };
    assert_eq!((hand.segment.source_port, hand.segment.destination_port, hand.relative), (0, 0, true));
    let Action::Inject(hand) = ghost.resume(Answer::Resumed) else { panic!() };
    assert_eq!(hand.segment.options.only_timestamps(), Some((6000u32.wrapping_neg(), 0)));
}

#[test]
fn floods_links_labels_and_lost_sockets_reach_the_runner() {
    let mut ghost = process_on(
        2,
        "flood(server:8080, rate = 100k, for = 5s, from = 198.18.0.0/16)\nunplug client\nplug client\n",
    );
    let Action::Flood(flood) = ghost.resume(Answer::Start(ProcessId(0))) else { panic!() };
    assert_eq!((flood.per_second, flood.lasting, flood.from.prefix), (100_000, Span::secs(5), 16));
    assert_eq!(ghost.resume(Answer::Resumed), Action::Link { host: HostId(0), from: None, up: false });
    assert_eq!(ghost.resume(Answer::Resumed), Action::Link { host: HostId(0), from: None, up: true });
    let mut client = process("s = socket(tcp)\nobserve \"half way\"\nforget s\n");
    assert_eq!(with_socket(&mut client), Action::Observe { label: "half way".to_owned() });
    assert_eq!(client.resume(Answer::Resumed), Action::Forget(Fd(3)));
}

#[test]
fn options_are_set_and_read_by_the_names_c_gives_them() {
    let mut client = process(
        "s = socket(tcp)\nsetsockopt(s, SO_LINGER, off)\nsetsockopt(s, SO_LINGER, 0)\nsetsockopt(s, TCP_KEEPIDLE, 1)\n\
         getsockopt(s, SO_ERROR) == ECONNREFUSED\ngetsockopt(s, SO_LINGER) == off\ngetsockopt(s, SO_RCVBUF) >= 2304\n\
         shutdown(s, SHUT_WR)\nsettimeout(s, 1.5s)\nsettimeout(s, none)\n",
    );
    let mut action = with_socket(&mut client);
    let mut options = Vec::new();
    while let Action::Call { call: Call::SetOption { option, .. }, .. } = action {
        options.push(option);
        action = returned(&mut client, Return::Done);
    }
    assert_eq!(
        options,
        [SocketOption::Linger(None), SocketOption::Linger(Some(0)), SocketOption::KeepIdle(1)]
    );
    for value in [
        SocketOption::Error(Some(Errno::ECONNREFUSED)),
        SocketOption::Linger(None),
        SocketOption::ReceiveBuffer(2304),
    ] {
        assert!(matches!(action, Action::Call { call: Call::GetOption { .. }, .. }));
        let check = returned(&mut client, Return::Value(value));
        assert!(checked(&check).1, "{check:?}");
        action = client.resume(Answer::Resumed);
    }
    assert!(matches!(action, Action::Call { call: Call::Shutdown { how: How::Write, .. }, .. }));
    let timed = returned(&mut client, Return::Done);
    assert!(
        matches!(timed, Action::Call { call: Call::SetTimeout { timeout: Some(span), .. }, .. } if span == Span::millis(1500))
    );
    let untimed = returned(&mut client, Return::Done);
    assert!(matches!(untimed, Action::Call { call: Call::SetTimeout { timeout: None, .. }, .. }));
}

#[test]
fn an_answer_that_does_not_fit_ends_the_process() {
    let mut client = process("s = socket(tcp)\nclose(s)\n");
    client.resume(Answer::Start(ProcessId(0)));
    assert_eq!(client.resume(Answer::Resumed), Action::End);
    assert!(client.is_over());
}

#[test]
fn a_process_can_be_copied_between_two_actions_and_both_go_the_same_way() {
    let mut one = process("s = socket(tcp)\nrepeat 3:\n  send(s, \"a\")\nclose(s)\n");
    with_socket(&mut one);
    let mut two = one.clone();
    assert!(one == two);
    for _ in 0..5 {
        assert_eq!(returned(&mut one, Return::Sent(1)), returned(&mut two, Return::Sent(1)));
        assert!(one == two);
    }
}

#[test]
fn a_mistake_in_one_line_does_not_make_mistakes_of_the_next() {
    assert_eq!(mistakes("s = scoket(tcp)\nsend(s, \"x\")\nclose(s)\n"), ["there is no call `scoket`"]);
    assert_eq!(mistakes("whlie true:\n  sleep 1s\nsleep 1s\n").len(), 1);
    assert_eq!(mistakes("close(t)\nclose(t)\n"), ["`t` has no value yet"]);
}

#[test]
fn values_of_the_wrong_kind_are_mistakes() {
    assert_eq!(mistakes("d = \"x\"\nsend(d, \"y\")\n"), ["`d` is data, not a socket"]);
    assert_eq!(
        mistakes("s = socket(tcp)\ns = 5\n"),
        ["`s` held a socket before, and would hold a number now"]
    );
    assert_eq!(mistakes("d = \"x\"\nd < \"y\"\n"), ["data is equal or not, neither less nor greater"]);
    assert_eq!(mistakes("s = socket(tcp)\na, b = recv(s, 1)\n"), ["`recv(s, 1)` gives one value, not two"]);
    assert_eq!(mistakes("s = socket(tcp)\nlen(accept(s)) == 1\n").len(), 1);
}

#[test]
fn a_far_address_is_right_only_where_the_call_is_to_fail() {
    let far = "s = socket(tcp)\nconnect(s, 10.0.0.99:80)";
    assert_eq!(mistakes(far), ["no host has the address 10.0.0.99"]);
    assert_eq!(mistakes(&format!("{far} fails EHOSTUNREACH")), Vec::<String>::new());
    assert_eq!(
        mistakes("s = socket(tcp)\nconnect(s, 198.18.3.4:80)"),
        Vec::<String>::new(),
        "the ghost owns it"
    );
    assert_eq!(mistakes("s = socket(tcp)\nconnect(s, localhost:80)"), Vec::<String>::new());
    assert_eq!(mistakes("s = socket(tcp)\nconnect(s, *:80)"), ["`*` is no destination"]);
}

#[test]
fn waits_that_never_end_are_mistakes() {
    assert_eq!(mistakes("when client ended"), ["a program cannot wait for its own end"]);
    assert_eq!(mistakes("when server CLOSED"), ["CLOSED is no endpoint at all: nothing is ever found in it"]);
    assert_eq!(
        mistakes("when ghost LISTEN"),
        ["ghost is an actor: it has no TCP, no sockets and no counters"]
    );
}
