//! Lists of sockets, files, copies of a process: what programs do with them.

use super::process_tests::{checked, mistakes, process, returned, with_socket};
use super::{Action, Answer, Process};
use crate::clock::Span;
use crate::socket::{Beside, Call, Errno, Fd, Return};
use bytes::Bytes;

fn received(data: &'static [u8]) -> Return {
    Return::Received(Bytes::from_static(data))
}

/// The lists of a `select`.
fn asked(action: &Action) -> (&[Fd], &[Fd], Option<Span>) {
    match action {
        Action::Call { call: Call::Select { read, write, timeout }, .. } => (read, write, *timeout),
        other => panic!("not a select: {other:?}"),
    }
}

#[test]
fn a_list_grows_shrinks_and_is_gone_through_in_its_order() {
    let mut server = process(
        "l = socket(tcp)\nwatched = [l]\nc = accept(l)\nappend(watched, c)\nready, rest = select(watched, [c], 2s)\n\
         for s in ready:\n  if s == l:\n    continue\n  remove(watched, s)\n  close(s)\nwatched == [l]\nrest == []\nselect(watched, [])\n",
    );
    assert!(matches!(with_socket(&mut server), Action::Call { call: Call::Accept { .. }, .. }));
    let peer = "10.0.0.2:5000".parse().unwrap();
    let select = returned(&mut server, Return::Accepted(Fd(4), peer));
    assert_eq!(asked(&select), (&[Fd(3), Fd(4)][..], &[Fd(4)][..], Some(Span::secs(2))));
    let close = returned(&mut server, Return::Ready(vec![Fd(3), Fd(4)], vec![]));
    assert!(matches!(close, Action::Call { call: Call::Close { fd: Fd(4) }, .. }), "{close:?}");
    let check = returned(&mut server, Return::Done);
    assert_eq!(checked(&check), ("watched == [l]", true, true, "[3]"));
    assert!(checked(&server.resume(Answer::Resumed)).1, "nothing could be written to");
    assert_eq!(asked(&server.resume(Answer::Resumed)), (&[Fd(3)][..], &[][..], None));
}

#[test]
fn a_list_is_asked_for_its_sockets_and_whether_it_has_any() {
    let mut server = process(
        "l = socket(tcp)\nready = select([l], [])\nif not ready:\n  sleep 1s\nif l in ready:\n  sleep 2s\nif l not in ready:\n  sleep 3s\n",
    );
    with_socket(&mut server);
    let mut none = server.clone();
    assert_eq!(returned(&mut server, Return::Ready(vec![Fd(3)], vec![])), Action::Sleep(Span::secs(2)));
    assert_eq!(server.resume(Answer::Resumed), Action::End);
    assert_eq!(returned(&mut none, Return::Ready(vec![], vec![])), Action::Sleep(Span::secs(1)));
    assert_eq!(none.resume(Answer::Resumed), Action::Sleep(Span::secs(3)));
}

#[test]
fn what_is_not_in_the_list_cannot_be_taken_out() {
    let mut server = process("l = socket(tcp)\nlist = [l]\nremove(list, l)\nremove(list, l)\nlist == []\n");
    assert_eq!(checked(&with_socket(&mut server)), ("remove(list, l)", false, true, "ValueError"));
}

#[test]
fn connect_ex_gives_the_error_that_connect_would_raise() {
    let text = "s = socket(tcp)\nerror = connect_ex(s, server:81)\nerror == ECONNREFUSED\nerror = connect_ex(s, server:80)\nerror == 0\n";
    let mut client = process(text);
    assert!(matches!(with_socket(&mut client), Action::Call { call: Call::Connect { .. }, .. }));
    let check = returned(&mut client, Return::Failed(Errno::ECONNREFUSED));
    assert_eq!(checked(&check), ("error == ECONNREFUSED", true, true, "ECONNREFUSED"));
    client.resume(Answer::Resumed);
    assert!(checked(&returned(&mut client, Return::Done)).1);
}

#[test]
fn how_long_calls_wait_is_a_time_or_none() {
    let mut client =
        process("s = socket(tcp)\ngettimeout(s) == none\ngettimeout(s) == 1.5s\nfileno(s) == 3\n");
    assert!(matches!(with_socket(&mut client), Action::Call { call: Call::GetTimeout { .. }, .. }));
    assert!(checked(&returned(&mut client, Return::Timeout(None))).1);
    client.resume(Answer::Resumed);
    let check = returned(&mut client, Return::Timeout(Some(Span::millis(1500))));
    assert_eq!(checked(&check), ("gettimeout(s) == 1.5s", true, true, "1500ms"));
    assert_eq!(checked(&client.resume(Answer::Resumed)), ("fileno(s) == 3", true, true, "3"));
}

#[test]
fn a_file_gives_lines_and_keeps_what_it_read_too_much() {
    let mut server = process(
        "s = socket(tcp)\nf = makefile(s)\nreadline(f) == \"one\\n\"\nline = readline(f)\nline == \"two\\n\"\nreadline(f) == \"rest\"\nreadline(f) == \"\"\n",
    );
    let first = with_socket(&mut server);
    assert!(matches!(first, Action::Call { call: Call::Recv { fd: Fd(3), len: 8192 }, .. }), "{first:?}");
    assert!(matches!(returned(&mut server, received(b"on")), Action::Call { .. }));
    assert!(checked(&returned(&mut server, received(b"e\ntwo\nre"))).1);
    assert!(checked(&server.resume(Answer::Resumed)).1, "the second line was there already");
    server.resume(Answer::Resumed);
    returned(&mut server, received(b"st"));
    assert!(checked(&returned(&mut server, received(b""))).1, "the last line has no end");
    server.resume(Answer::Resumed);
    assert!(checked(&returned(&mut server, received(b""))).1, "and then there is nothing more");
}

#[test]
fn waiting_for_all_is_a_flag_of_recv() {
    let mut client = process(
        "s = socket(tcp)\nrecv(s, 9, MSG_WAITALL) == \"x\"\nrecv(s, 9, MSG_PEEK | MSG_WAITALL) == \"\"\n",
    );
    let Action::Call { call: Call::Receive { wanted, .. }, .. } = with_socket(&mut client) else { panic!() };
    assert!(wanted.all && !wanted.peek && wanted.beside == Beside::Nothing);
}

#[test]
fn a_copy_goes_on_with_the_block_and_knows_what_was_known() {
    let mut parent = process(
        "s = socket(tcp)\nn = 5\nrepeat 2:\n  fork as child:\n    n = n + 1\n    n == 6\n    close(s)\nn == 5\n",
    );
    let Action::Fork { plan, variables } = with_socket(&mut parent) else { panic!() };
    assert_eq!(plan.name, "child 1");
    let mut child = Process::forked(&plan, &variables);
    assert!(checked(&child.resume(Answer::Start(crate::socket::ProcessId(1)))).1);
    assert!(matches!(child.resume(Answer::Resumed), Action::Call { call: Call::Close { fd: Fd(3) }, .. }));
    assert_eq!(returned(&mut child, Return::Done), Action::End);
    let Action::Fork { plan, .. } = parent.resume(Answer::Resumed) else { panic!() };
    assert_eq!(plan.name, "child 2");
    assert!(checked(&parent.resume(Answer::Resumed)).1, "what the copy computes is its own");
}

#[test]
fn a_process_starts_a_hundred_copies_and_no_more() {
    let mut parent = process("s = socket(tcp)\nwhile true:\n  fork as child:\n    close(s)\n");
    let mut action = with_socket(&mut parent);
    let mut forks = 0;
    while matches!(action, Action::Fork { .. }) {
        forks += 1;
        action = parent.resume(Answer::Resumed);
    }
    assert_eq!((forks, checked(&action).3), (100, "BlockingIOError"));
}

#[test]
fn mistakes_with_lists_files_and_copies_stand_at_their_place() {
    for (text, wanted) in [
        ("select([s], [])\n", "`s` has no value yet"),
        ("s = socket(tcp)\nselect(s, [])\n", "`s` is a socket, not a list of sockets"),
        ("s = socket(tcp)\nselect([s])\n", "`select` takes 2 or 3 arguments, not 1"),
        ("s = socket(tcp)\nx = [s]\nsend(x, \"a\")\n", "`x` is a list of sockets, not a socket"),
        ("s = socket(tcp)\nf = makefile(s)\nsend(f, \"a\")\n", "`f` is a file, not a socket"),
        ("s = socket(tcp)\nreadline(s) == \"a\"\n", "`s` is a socket, not a file"),
        ("s = socket(tcp)\ngettimeout(s) < 1s\n", "a time is equal or not, neither less nor greater"),
        (
            "fork as a:\n  fork as b:\n    sleep 1s\n",
            "a process that was started by another starts no copies of its own",
        ),
        ("def f(x):\n  fork as a:\n    return x\nf(1)\n", "`return` belongs into a function"),
        ("while true:\n  fork as a:\n    break\n", "`break` belongs into a loop"),
        ("def append(x):\n  return x\n", "`append` has another meaning in programs"),
    ] {
        assert_eq!(mistakes(text).first().map(String::as_str), Some(wanted), "{text}");
    }
}

#[test]
fn what_python_refuses_is_a_check_and_no_call() {
    let mut learner = process("connect(s, server, 80) fails TypeError\ns = socket(tcp)\n");
    let check = learner.resume(Answer::Start(crate::socket::ProcessId(0)));
    assert_eq!(checked(&check), ("connect(s, server, 80) fails TypeError", true, true, "TypeError"));
    let mut learner = process("s = socket\nconnect(s, server:80) fails TypeError\nt = socket(tcp)\n");
    assert!(checked(&learner.resume(Answer::Start(crate::socket::ProcessId(0)))).1);
    assert!(matches!(learner.resume(Answer::Resumed), Action::Call { call: Call::Socket { .. }, .. }));
    for (text, wanted) in [
        (
            "s = socket(tcp)\nconnect(s, server:80) fails TypeError\n",
            "Python raises no TypeError here: this call can be made",
        ),
        ("s = socket\nconnect(s, server:80)\n", "`s` is `socket` itself, which was not called, not a socket"),
        ("foo(1) fails TypeError\n", "there is no call `foo`"),
    ] {
        assert_eq!(mistakes(text).first().map(String::as_str), Some(wanted), "{text}");
    }
}
