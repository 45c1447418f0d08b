//! What programs can compute and decide.

use super::process_tests::{checked, mistakes, process, returned, with_socket};
use super::{Action, Answer};
use crate::clock::Span;
use crate::socket::{Call, Errno, Fd, ProcessId, Return};
use bytes::Bytes;

/// Runs a program without calls; its checks as (words, held, what came).
fn checks(text: &str) -> Vec<(String, bool, String)> {
    let mut process = process(text);
    let mut seen = Vec::new();
    let mut action = process.resume(Answer::Start(ProcessId(0)));
    while let Action::Check { text, held, actual, .. } = action {
        seen.push((text, held, actual));
        action = process.resume(Answer::Resumed);
    }
    assert_eq!(action, Action::End, "{text}");
    seen
}

/// The program's checks all hold.
fn holds(text: &str) {
    let seen = checks(text);
    assert!(!seen.is_empty() && seen.iter().all(|(_, held, _)| *held), "{text}: {seen:?}");
}

fn received(data: &'static [u8]) -> Return {
    Return::Received(Bytes::from_static(data))
}

/// The data of a `send`.
fn sent(action: &Action) -> &[u8] {
    match action {
        Action::Call { call: Call::Send { data, .. }, .. } => data,
        other => panic!("not a send: {other:?}"),
    }
}

#[test]
fn slices_joins_and_numbers_are_written_as_in_python() {
    holds(
        "d = \"GET / HTTP/1.1\"\nd[0:3] == \"GET\"\nd[-3:] == \"1.1\"\nd[:1] + d[4:5] == \"G/\"\nd[0] == 71\n\
         len(d) - 4 == 10\nn = len(d[4:]) * 2 + 1\nn == 21\nn % 4 == 1\nn / 4 == 5\nm = (n + 1) * 2\nm == 44\n",
    );
    holds(
        "q = u16(258) + u8(3) + u32(4)\nq == \"\\x01\\x02\\x03\\x00\\x00\\x00\\x04\"\nnumber(q[0:2]) == 258\n",
    );
    holds(
        "t = \"port \" + str(8080)\nt == \"port 8080\"\nint(t[5:]) == 8080\nfind(t, \"80\") == 5\nmin(3, int(\"2\")) == 2\n",
    );
    holds("a = address(octets(server), 53)\na == server:53\nport(a) == 53\noctets(10.0.0.9)[3] == 9\n");
}

#[test]
fn split_gives_as_many_pieces_as_there_are_names() {
    holds(
        "line = \"GET /a b HTTP\"\nmethod, path, rest = split(line, \" \")\nmethod == \"GET\"\npath == \"/a\"\nrest == \"b HTTP\"\n\
         one, two = split(\"alone\", \":\")\none == \"alone\"\ntwo == \"\"\nlabel, line = split(line, \" \")\nline == \"/a b HTTP\"\n",
    );
}

#[test]
fn of_if_elif_and_else_exactly_one_block_runs() {
    let text = |n: i32| {
        format!(
            "n = {n}\nw = \"\"\nif n == 1:\n  w = \"one\"\nelif n == 2 or n == 3:\n  w = \"few\"\nelse:\n  w = \"many\"\nw == \"?\"\n"
        )
    };
    for (n, word) in [(1, "one"), (2, "few"), (3, "few"), (4, "many")] {
        assert_eq!(checks(&text(n))[0].2, format!("\"{word}\""));
    }
}

#[test]
fn and_binds_closer_than_or_and_not_turns_round() {
    for (condition, expected) in [
        ("1 == 1 or 1 == 2 and 1 == 2", true),
        ("1 == 2 and 1 == 1 or 1 == 2", false),
        ("not 1 == 2 and 2 == 2", true),
        ("not not 1 == 2", false),
        ("\"b\" in \"abc\"", true),
        ("\"b\" not in \"abc\"", false),
        ("\"abc\"", true),
        ("\"\"", false),
        ("5", true),
        ("starts_with(\"abc\", \"b\")", false),
        ("false or true", true),
    ] {
        let text = format!("w = 0\nif {condition}:\n  w = 1\nw == {}\n", i32::from(expected));
        holds(&text);
    }
}

#[test]
fn what_decides_already_keeps_the_rest_from_being_called() {
    let mut reader = process(
        "s = socket(tcp)\nn = 1\nif n == 2 and recv(s, 1) == \"x\":\n  send(s, \"no\")\nsend(s, \"yes\")\n",
    );
    assert_eq!(sent(&with_socket(&mut reader)), b"yes");
}

#[test]
fn break_and_continue_leave_the_innermost_loop_and_its_round() {
    holds(
        "n = 0\ntaken = 0\nwhile true:\n  n = n + 1\n  if n == 2:\n    continue\n  if n > 4:\n    break\n  repeat 9:\n    break\n  taken = taken + n\n\
         taken == 8\nn == 5\n",
    );
    holds("n = 0\nrepeat 5:\n  n = n + 1\n  if n < 4:\n    continue\n  break\nn == 4\n");
}

#[test]
fn a_function_is_called_with_values_and_has_variables_of_its_own() {
    holds(
        "def name(text):\n  octets = \"\"\n  while text != \"\":\n    label, text = split(text, \".\")\n    octets = octets + u8(len(label)) + label\n  return octets + \"\\0\"\n\
         text = \"kept\"\nname(\"www.example\") == \"\\x03www\\x07example\\0\"\nname(\"\") + name(\"a\") == \"\\0\\x01a\\0\"\ntext == \"kept\"\n",
    );
    holds(
        "def both(n):\n  if n > 5:\n    return n, \"big\"\n  return n + 1, \"small\"\na, b = both(7)\na == 7\nb == \"big\"\na, b = both(1)\na == 2\nb == \"small\"\n",
    );
    holds(
        "def outer(x):\n  return inner(x) + 1\ndef inner(x):\n  x = x * 2\n  return x\nx = 4\nouter(x) == 9\nx == 4\n",
    );
}

#[test]
fn a_functions_calls_are_made_in_their_own_words() {
    let mut client = process(
        "def ask(s, question):\n  send(s, question + \"\\n\")\n  return recv(s, 9)\ns = socket(tcp)\nanswer = ask(s, \"2+2\")\nif ask(s, answer) != \"4\":\n  close(s)\n",
    );
    let first = with_socket(&mut client);
    assert_eq!(sent(&first), b"2+2\n");
    let Action::Call { text, .. } = &first else { panic!() };
    assert_eq!(text, "send(s, question + \"\\n\")");
    returned(&mut client, Return::Sent(4));
    assert_eq!(sent(&returned(&mut client, received(b"4"))), b"4\n");
    returned(&mut client, Return::Sent(2));
    let close = returned(&mut client, received(b"5"));
    assert!(matches!(close, Action::Call { call: Call::Close { fd: Fd(3) }, .. }));
}

#[test]
fn a_function_that_ends_without_its_return_is_a_failed_check() {
    let seen = checks("def f(n):\n  if n == 1:\n    return 5\nf(1) == 5\nx = f(2)\nx == 5\n");
    assert_eq!(seen.last().unwrap(), &("x = f(2)".to_owned(), false, "return?".to_owned()));
}

#[test]
fn lines_and_pieces_are_taken_out_of_the_stream_however_it_was_cut() {
    let mut server = process(
        "s = socket(tcp)\nrest = \"\"\nline, rest = recv_until(s, rest, \"\\n\")\nline == \"one\\n\"\nline, rest = recv_until(s, rest, \"\\n\")\n\
         line == \"two\\n\"\nbody, rest = recv_exactly(s, rest, 4)\nbody == \"body\"\nrest == \"!\"\n",
    );
    with_socket(&mut server);
    returned(&mut server, received(b"on"));
    let check = returned(&mut server, received(b"e\ntwo\nbo"));
    assert!(checked(&check).1, "{check:?}");
    let check = server.resume(Answer::Resumed);
    assert!(checked(&check).1, "the second line needs no further recv: {check:?}");
    assert!(matches!(server.resume(Answer::Resumed), Action::Call { call: Call::Recv { .. }, .. }));
    let check = returned(&mut server, received(b"dy!"));
    assert!(checked(&check).1, "{check:?}");
    assert!(checked(&server.resume(Answer::Resumed)).1);
}

#[test]
fn a_stream_that_ends_early_gives_an_empty_line() {
    let mut server = process(
        "s = socket(tcp)\nline, rest = recv_until(s, \"half\", \"\\n\")\nline == \"\"\nrest == \"half\"\n",
    );
    with_socket(&mut server);
    let check = returned(&mut server, received(b""));
    assert!(checked(&check).1, "{check:?}");
    assert!(checked(&server.resume(Answer::Resumed)).1);
}

#[test]
fn except_goes_on_where_a_call_fails_as_it_says() {
    let text = "s = socket(udp)\ntry:\n  data = recv(s, 9)\n  send(s, data)\nexcept EAGAIN or EINTR:\n  sleep 1s\nclose(s)\n";
    let mut late = process(text);
    with_socket(&mut late);
    let (mut good, mut other) = (late.clone(), late.clone());
    assert_eq!(returned(&mut late, Return::Failed(Errno::EAGAIN)), Action::Sleep(Span::secs(1)));
    assert!(matches!(late.resume(Answer::Resumed), Action::Call { call: Call::Close { .. }, .. }));
    assert_eq!(sent(&returned(&mut good, received(b"x"))), b"x");
    assert!(matches!(returned(&mut good, Return::Sent(1)), Action::Call { call: Call::Close { .. }, .. }));
    let check = returned(&mut other, Return::Failed(Errno::ECONNRESET));
    assert_eq!(checked(&check), ("data = recv(s, 9)", false, true, "ECONNRESET"));
}

#[test]
fn what_cannot_be_computed_is_a_failed_check_with_pythons_name() {
    for (line, name) in [
        ("d[5] == 1", "IndexError"),
        ("int(d) == 1", "ValueError"),
        ("u8(n) == \"x\"", "OverflowError"),
        ("n / zero == 1", "ZeroDivisionError"),
        ("len(d * big) == 1", "MemoryError"),
    ] {
        let seen = checks(&format!("d = \"abc\"\nn = 300\nzero = n - 300\nbig = n * 1G\n{line}\nn == 300\n"));
        assert_eq!(seen, [(line.to_owned(), false, name.to_owned())], "and the process ends");
    }
}

#[test]
fn growing_data_ends_for_want_of_progress_before_it_fills_the_memory() {
    let seen = checks("d = \"x\"\nwhile len(d) > 0:\n  d = d + d\n");
    assert!(["∞", "MemoryError"].contains(&seen[0].2.as_str()), "{seen:?}");
    let seen = checks("d = \"x\" * 1M\nwhile len(d) > 0:\n  d = d[1:] + \"y\"\n");
    assert_eq!(seen[0].2, "∞");
}

#[test]
fn mistakes_stand_at_their_place_and_say_what_would_be_right() {
    for (text, wanted) in [
        ("n = 5\nd = \"a\" + n\n", "`n` is a number, not data"),
        ("d = \"5\"\nn = d + 1\n", "this is a number, not data"),
        ("d = \"5\"\nn = d - 1\n", "`d` is data, not a number"),
        ("n = 5\nm = n[0]\n", "`n` is a number, not data"),
        ("n = 5\nm = n-1\n", "`n-1` has no value yet"),
        ("n = u16(70000)\n", "the number does not fit"),
        ("n = 5 / 0\n", "division by zero"),
        ("d = find(\"a\")\n", "`find` takes 2 arguments, not 1"),
        ("else:\n  sleep 1s\n", "`else` has no `if` before it"),
        ("break\n", "`break` belongs into a loop"),
        ("return 5\n", "`return` belongs into a function"),
        ("try:\n  sleep 1s\n", "`try:` needs an `except` behind its block"),
        ("if 1 = 1:\n  sleep 1s\n", "expected a comparison, found `=`"),
        ("def f(x):\n  return x\n", "nothing calls `f`"),
        ("def f(x):\n  return f(x)\nf(1) == 1\n", "`f` calls itself"),
        ("def f(x):\n  return x\nf(1, 2)\n", "`f` takes 1 argument, not 2"),
        ("def f(x):\n  sleep 1s\ny = f(1)\n", "`f` returns nothing"),
        (
            "def f(x):\n  if x == 1:\n    return 1\n  return \"a\"\nf(1) == 1\n",
            "this returns something else than the `return` before",
        ),
        ("def send(x):\n  return x\n", "`send` has another meaning in programs"),
        ("if 1 == 1:\n  def f(x):\n    return x\n", "a function stands at the left margin of the program"),
        (
            "a, b = 5\n",
            "expected something that gives several values (accept, recvfrom, split, a function), found `5`",
        ),
        ("for x in y:\n  sleep 1s\n", "`for` goes through a list of sockets"),
    ] {
        assert_eq!(mistakes(text).first().map(String::as_str), Some(wanted), "{text}");
    }
}

#[test]
fn no_nesting_and_no_number_of_functions_is_too_much_for_the_reader() {
    let deep = format!("n = {}1{}\n", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(mistakes(&deep), ["too many parentheses"]);
    let mut doubling = "def f0(x):\n  return x\n".to_owned();
    for n in 1..40 {
        doubling += &format!("def f{n}(x):\n  return f{}(x) + f{}(x)\n", n - 1, n - 1);
    }
    doubling += "f39(1) == 1\n";
    let found = mistakes(&doubling);
    assert!(found.iter().any(|mistake| mistake.contains("too long")), "{found:?}");
}

#[test]
fn an_address_is_configured_with_a_mask_whose_ones_stand_together() {
    let text = "s = socket(udp)\nconfigure(s, octets(10.0.0.9), octets(255.255.255.0))\nconfigure(s, octets(10.0.0.9), octets(255.0.255.0))\n";
    let mut client = process(text);
    let Action::Call { call: Call::Configure { fd, address, prefix }, .. } = with_socket(&mut client) else {
        panic!()
    };
    assert_eq!((fd, address.to_string().as_str(), prefix), (Fd(3), "10.0.0.9", 24));
    let check = returned(&mut client, Return::Done);
    assert_eq!(checked(&check).3, "ValueError");
    for (text, what) in [("octets(10.0.0.9)[1:]", "three octets"), ("\"\"", "none")] {
        let mut client = process(&format!("s = socket(udp)\nconfigure(s, {text}, octets(255.255.255.0))\n"));
        assert_eq!(checked(&with_socket(&mut client)).3, "ValueError", "{what}");
    }
}
