//! Every mistake of a packetdrill script is told at its place, with what would be right, in both languages, before anything runs.

use std::fmt::Write as _;
use std::path::Path;
use wirewalk::drill::{self, Settings};
use wirewalk::lang::Lang;
use wirewalk::packetdrill::Script;
use wirewalk::scenario::Diagnostic;

/// Scripts with what is wrong in them.
const BROKEN: &[(&str, &str)] = &[
    ("nothing at all", ""),
    ("a time that is no time", "soon socket(..., SOCK_STREAM, IPPROTO_TCP) = 3"),
    ("a negative time", "-1 close(3) = 0"),
    ("a time beyond a day", "+100000 close(3) = 0"),
    ("a number without end", "+99999999999999999999 close(3) = 0"),
    ("a time that is over", "2 close(3) = 0\n1.0 close(3) = 0"),
    ("a range that ends before it begins", "+.5~+.2 > . 1:1(0) ack 1"),
    ("a range before a call", "+.2~+.5 close(3) = 0"),
    ("any time before a call", "* close(3) = 0"),
    ("a call that returns before it is made", "+.5...0.2 accept(3, ..., ...) = 4"),
    ("an unknown call", "+0 sokcet(..., SOCK_STREAM, IPPROTO_TCP) = 3"),
    ("a call of another system", "+0 kqueue() = 3"),
    ("too few arguments", "+0 listen(3) = 0"),
    ("too many arguments", "+0 socket(..., SOCK_STREAM, IPPROTO_TCP, 0) = 3"),
    ("an argument of the wrong kind", "+0 write(4, ..., \"five\") = 5"),
    ("a length that is none", "+0 read(4, ..., -5) = 0"),
    ("no result", "+0 close(3)"),
    ("no closing parenthesis", "+0 close(3 = 0"),
    ("an open text", "+0 write(4, \"abc, 3) = 3"),
    ("an open command", "+0 `sysctl -q net.ipv4.tcp_sack=0"),
    ("an open comment", "/* so begins\n+0 close(3) = 0"),
    ("open code", "+0 %{ assert 1"),
    ("an unknown flag", "+0 < SX 0:0(0) win 1000"),
    ("no flags", "+0 < 1:1(0) ack 1 win 1000"),
    ("numbers that do not add up", "+0 > P. 1:1001(900) ack 1"),
    ("a window that does not fit", "+0 < . 1:1(0) ack 1 win 70000"),
    ("an unknown option", "+0 < S 0:0(0) win 1000 <mss 1460,sacOK>"),
    ("an option that does not fit", "+0 < S 0:0(0) win 1000 <mss 70000>"),
    ("five blocks of SACK", "+0 < . 1:1(0) ack 1 win 9 <sack 1:2 3:4 5:6 7:8 9:10>"),
    ("a cookie that is none", "+0 < S 0:0(0) win 1000 <FO 123>"),
    ("options left open on a packet of one's own", "+0 < S 0:0(0) win 1000 <...>"),
    ("two marks on one packet", "+0 < [ect01] . 1:1(0) ack 1 win 1000"),
    ("an unknown word of the IP header", "+0 > (dscp 3) . 1:1(0) ack 1"),
    ("an unknown setting", "--tolerance=5\n+0 close(3) = 0"),
    ("a setting that cannot be so", "--ip_version=ipv5\n--mtu=many\n--local_ip=here\n+0 close(3) = 0"),
    ("#endif without #ifdef", "+0 close(3) = 0\n#endif"),
    ("code that is no Python", "+0 %{ assert tcpi_state = }%"),
    ("several at once", "+0 clos(3) = 0\n+1 clsoe(3) = 0\n0.5 close(3) = 0"),
    ("the one behind another", "+0 < SX 0:0(0) win 1\n+0 < SY 0:0(0) win 1\n+0 close(3) = 0"),
];

fn mistakes(text: &str) -> Vec<Diagnostic> {
    let script = match Script::parse("broken.pkt", text) {
        Ok(script) => script,
        Err(mistakes) => return mistakes,
    };
    match Settings::of(&script, &[]) {
        Ok(settings) => drill::mistakes(&script, &settings),
        Err(mistakes) => mistakes,
    }
}

#[test]
fn every_mistake_is_told_with_line_column_and_caret_in_both_languages() {
    for (lang, name) in [(Lang::En, "mistakes.en.txt"), (Lang::Zh, "mistakes.zh.txt")] {
        let mut made = String::new();
        for (what, text) in BROKEN {
            let found = mistakes(text);
            assert!(!found.is_empty(), "{what}: nothing is told of\n{text}");
            let told: Vec<String> = found.iter().map(|mistake| mistake.render(lang, false)).collect();
            writeln!(made, "== {what}\n{}", told.join("")).unwrap();
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/scripts").join(name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == made, "{name} differs (UPDATE=1 writes it):\n{made}");
    }
}

#[test]
fn every_mistake_has_its_own_sentence_in_chinese_and_lies_within_the_text() {
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for (what, text) in BROKEN {
        for mistake in mistakes(text) {
            assert!(chinese(&mistake.message.zh) && !chinese(&mistake.message.en), "{what}: {mistake}");
            assert!(mistake.span.end <= text.len() && mistake.line >= 1 && mistake.column >= 1, "{what}");
        }
    }
}

/// What is only not modelled, or right, is no mistake.
#[test]
fn what_can_be_is_not_called_a_mistake() {
    for text in [
        "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n0.1 close(3) = 0\n0.1 > R. 0:0(0) ack 1\n0.099 < . 1:1(0) ack 1 win 1",
        "+0 pipe([3, 4]) = 0",
        "+.1...0.4 accept(3, ..., ...) = 4",
        "+0 setsockopt(3, SOL_SOCKET, SO_UNHEARD_OF, [1], 4) = 0",
        "1 close(3) = 0\n+5~+9 > F. 1:1(0) ack 1\n* > R. 1:1(0) ack 1\n3.2 close(4) = 0",
    ] {
        let found = mistakes(text);
        let late = text.contains("3.2 close");
        assert_eq!(found.len(), usize::from(late), "{text}: {found:?}");
    }
}
