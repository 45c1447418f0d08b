//! Questions of every kind, answered by the engine.

use super::{Asked, Setup, Walk};
use crate::report::{Form, Grade};
use crate::scenario::Scenario;

const MANUALS: [(&str, &str); 2] = [
    ("English", include_str!("../../docs/scenario-language.md")),
    ("Chinese", include_str!("../../docs/scenario-language.zh.md")),
];

/// A conversation, and a second call to a port where nobody listens.
const CONVERSATION: &str = r#"
title  = { en = "Two calls", zh = "两次呼叫" }
lesson = { en = "One is answered.", zh = "有一次得到回答。" }

[host.client]
program = '''
  when server LISTEN
  s = socket(tcp)
  connect(s, server:8080)
  send(s, "hello")
  recv(s, 1024) == ""
  close(s)
  t = socket(tcp)
  connect(t, server:81) fails ECONNREFUSED
'''

[host.server]
program = '''
  l = socket(tcp)
  bind(l, *:8080)
  listen(l, 5)
  c = accept(l)
  recv(c, 1024) == "hello"
  sleep $pause
  close(c)
'''

[knob.pause]
means = { en = "how long the server thinks", zh = "服务器思考多久" }
default = "50ms"

[[expect]]
says = { en = "one SYN for each call", zh = "每次呼叫一个 SYN" }
that = "count(client > server S) == 2"
"#;

fn asked(questions: &str) -> Vec<Asked> {
    asked_by(questions, 0)
}

fn asked_by(questions: &str, seed: u64) -> Vec<Asked> {
    let scenario = Scenario::parse("calls.toml", &format!("{CONVERSATION}\n{questions}"));
    let mut setup = Setup::new(scenario.unwrap_or_else(|wrong| panic!("{}", wrong[0])));
    setup.options.seed = seed;
    Walk::simulated(setup).unwrap().here().questions.clone()
}

/// The only question with this answer, at this place.
fn one(place: &str, answer: &str) -> Asked {
    let question =
        format!("[[question]]\nask = {{ en = \"What?\", zh = \"什么？\" }}\n{place}\nanswer = \"{answer}\"");
    let mut asked = asked(&question);
    assert_eq!(asked.len(), 1, "{place} {answer}");
    asked.remove(0)
}

fn right(place: &str, answer: &str) -> String {
    one(place, answer).solved.right().en
}

#[test]
fn the_questions_in_both_manuals_have_the_answers_they_should() {
    for (language, manual) in MANUALS {
        let section = &manual[manual.find("### `[[question]]`").unwrap()..];
        let begin = section.find("```toml\n").unwrap() + 8;
        let end = begin + section[begin..].find("```").unwrap();
        let mut asked = asked(&section[begin..end]);
        asked.sort_by_key(|asked| asked.number);
        let right: Vec<String> = asked.iter().map(|asked| asked.solved.right_in_full().en).collect();
        assert_eq!(right.len(), 7, "{language}");
        assert_eq!(right[0], "1");
        assert!(right[1].ends_with("  CLOSE-WAIT"), "{}", right[1]);
        assert_eq!(right[2..4], ["ECONNREFUSED", "2"]);
        assert!(right[4].ends_with("  No connection and no listener here: RST."), "{}", right[4]);
        let Form::Order { items, right: order } = &asked[5].solved.form else { panic!() };
        let first: Vec<&str> = order.iter().map(|place| items[*place].en.as_str()).collect();
        assert_eq!(first[0], "client > server  S 0");
        assert_eq!(first[3], "server > client  FA 1 ack 6");
        assert!(right[6].ends_with("  --drop 'client > server S #1'"), "{}", right[6]);
    }
}

#[test]
fn a_state_is_looked_at_when_the_frame_has_arrived_and_before_the_program_hears_of_it() {
    for (after, host, state) in [
        ("client > server S #1", "server", "SYN-RECEIVED"),
        ("client > server S #1", "client", "SYN-SENT"),
        ("server > client SA #1", "client", "ESTABLISHED"),
        ("server > client SA #1", "server", "SYN-RECEIVED"),
        ("server > client FA #1", "client", "CLOSE-WAIT"),
        ("client > server FA #1", "server", "TIME-WAIT"),
        ("server > client RA #1", "client", "CLOSED"),
    ] {
        let place = format!("after = \"{after}\"");
        assert_eq!(right(&place, &format!("state({host})")), state, "{after}");
    }
}

#[test]
fn a_state_may_be_called_by_any_of_its_names() {
    let syn = one("after = \"client > server S #1\"", "state(server)").solved;
    for name in ["SYN-RECEIVED", "syn_received", "SYN_RECV", "SYN-RCVD", "同步收到"] {
        assert_eq!(syn.grade(name), Grade::Right, "{name}");
    }
    for name in ["SYN-SENT", "LISTEN", "同步", ""] {
        assert!(matches!(syn.grade(name), Grade::Wrong(_)), "{name}");
    }
}

#[test]
fn a_call_gives_an_error_octets_or_nothing_and_one_that_never_returns_blocks() {
    assert_eq!(right("", "returns(client, connect)"), "ok");
    assert_eq!(right("", "returns(client, connect #2)"), "ECONNREFUSED");
    assert_eq!(right("", "returns(server, recv)"), "5");
    assert_eq!(right("", "returns(client, recv)"), "0");
    assert_eq!(right("", "returns(client, send)"), "5");
    let none =
        "[[question]]\nask = { en = \"What?\", zh = \"什么？\" }\nanswer = \"returns(client, connect #3)\"";
    assert!(asked(none).is_empty());
    let waits = CONVERSATION.replace("sleep $pause", "sleep $pause\n  recv(c, 10)");
    let question =
        "[[question]]\nask = { en = \"What?\", zh = \"什么？\" }\nanswer = \"returns(server, recv #2)\"";
    let scenario = Scenario::parse("calls.toml", &format!("{waits}\n{question}")).unwrap();
    let walk = Walk::simulated(Setup::new(scenario)).unwrap();
    let solved = &walk.here().questions[0].solved;
    assert_eq!((solved.right().en.as_str(), solved.right().zh.as_str()), ("blocks", "阻塞"));
    assert_eq!(walk.here().questions[0].step, walk.steps().len(), "it is asked at the end");
}

#[test]
fn quantities_have_the_value_that_expectations_compare() {
    assert_eq!(right("", "count(client > server S)"), "2");
    assert_eq!(right("", "bytes(client > server)"), "5");
    assert_eq!(right("", "max(server.accept_queue)"), "1");
    assert_eq!(right("", "calls(client, connect, ECONNREFUSED)"), "1");
    assert_eq!(right("", "gap(client > server tcp, 2)"), "2ms");
}

#[test]
fn a_time_may_have_any_unit_and_be_rounded_but_not_be_wrong() {
    let gap = one("", "gap(client > server tcp, 2)").solved;
    for time in ["2ms", "0.002", "0.002s", "2 毫秒", "2000us", "0.0020 seconds"] {
        assert_eq!(gap.grade(time), Grade::Right, "{time}");
    }
    for time in ["2", "2s", "3ms", "0", "0.00", "two", "-2ms", "2.ms.", "1e-3", ""] {
        assert!(matches!(gap.grade(time), Grade::Wrong(_)), "{time}");
    }
}

#[test]
fn flags_and_options_are_read_as_people_write_them() {
    let flags = one("before = \"server > client SA\"", "frame.tcp.flags").solved;
    for typed in ["SA", "as", "SYN+ACK", "syn, ack", "SYN、ACK"] {
        assert_eq!(flags.grade(typed), Grade::Right, "{typed}");
    }
    assert!(matches!(flags.grade("SYN"), Grade::Wrong(_)));
    let options = one("before = \"client > server S\"", "frame.tcp.options").solved;
    assert_eq!(options.right().en, "mss 1460,sackOK,TS,nop,wscale 7");
    assert_eq!(options.grade("mss 1460, sackOK, TS, nop, wscale 7"), Grade::Right);
    assert_eq!(right("before = \"server > client RA\"", "frame.tcp.options"), "none");
    assert_eq!(right("before = \"client > server S\"", "frame.tcp.wscale"), "7");
}

const CHOICES: &str = r#"
[[question]]
before = "server > client SA #1"
ask = { en = "Which number?", zh = "哪个序号？" }
answer = "frame.tcp.ack"
choices = true

[[question]]
ask = { en = "Which error?", zh = "哪个错误？" }
answer = "returns(client, connect #2)"
choices = true

[[question]]
after = "server > client FA #1"
ask = { en = "Which state?", zh = "哪个状态？" }
answer = "state(client)"
choices = true

[[question]]
ask = { en = "Why?", zh = "为什么？" }
answer = "why(server > client RA)"

[[question]]
ask = { en = "How long?", zh = "多久？" }
answer = "gap(client > server tcp, 2)"
choices = true
"#;

#[test]
fn of_several_choices_exactly_one_is_right_and_all_differ() {
    for seed in 0..20 {
        let asked = asked_by(CHOICES, seed);
        assert_eq!(asked.len(), 5);
        for asked in asked {
            let options = asked.solved.options();
            assert_eq!(options.len(), 4, "{}", asked.ask.en);
            let right = |typed: &str| asked.solved.grade(typed) == Grade::Right;
            let letters = options.iter().filter(|(letter, _)| right(&letter.to_string())).count();
            assert_eq!(letters, 1);
            let words = options.iter().filter(|(_, text)| right(&text.en) && right(&text.zh)).count();
            assert_eq!(words, 1, "{options:?}");
            for (place, (_, text)) in options.iter().enumerate() {
                assert!(options[..place].iter().all(|(_, other)| other != text), "{options:?}");
            }
        }
    }
}

#[test]
fn the_seed_decides_which_choices_are_offered_and_where_the_right_one_lies() {
    let options =
        |seed| -> Vec<_> { asked_by(CHOICES, seed).iter().map(|asked| asked.solved.options()).collect() };
    assert_eq!(options(7), options(7));
    let mut places: Vec<String> = (0..20).map(|seed| asked_by(CHOICES, seed)[0].solved.right().en).collect();
    places.sort();
    places.dedup();
    assert_eq!(places, ["A", "B", "C", "D"]);
}

#[test]
fn segments_are_in_order_only_in_the_one_order_and_however_it_is_written() {
    let question = r#"
[[question]]
ask = { en = "Order?", zh = "次序？" }
order = ["server > client SA", "client > server S", "client > server data"]
"#;
    let solved = asked(question).remove(0).solved;
    let right = solved.right().en;
    for typed in [right.clone(), right.to_lowercase(), right.replace(' ', ""), right.replace(' ', " > ")] {
        assert_eq!(solved.grade(&typed), Grade::Right, "{typed}");
    }
    let backwards: String = right.chars().rev().collect();
    for typed in [backwards.as_str(), "A", "A B", "A A B", "A B Z", "一二三", ""] {
        if typed != right {
            assert!(matches!(solved.grade(typed), Grade::Wrong(_)), "{typed}");
        }
    }
}

#[test]
fn a_run_that_was_changed_is_not_asked_what_a_change_would_do() {
    let question = r#"
[[question]]
ask = { en = "Which?", zh = "哪个？" }
which = ["--drop client > server S #1", "--set pause=1s"]
fails = 1
"#;
    assert_eq!(asked(question).len(), 1);
    let scenario = Scenario::parse("calls.toml", &format!("{CONVERSATION}\n{question}")).unwrap();
    let mut walk = Walk::simulated(Setup::new(scenario)).unwrap();
    walk.grow(super::Change::Set("pause".to_owned(), "1s".to_owned())).unwrap();
    assert!(walk.here().questions.is_empty());
}

#[test]
fn a_question_whose_changes_fail_twice_or_never_has_no_answer() {
    for which in [
        r#"["--drop client > server S #1", "--drop client > server S #2"]"#,
        r#"["--set pause=1s", "--set pause=2s"]"#,
    ] {
        let question =
            format!("[[question]]\nask = {{ en = \"Which?\", zh = \"哪个？\" }}\nwhich = {which}\nfails = 1");
        assert!(asked(&question).is_empty(), "{which}");
    }
}
