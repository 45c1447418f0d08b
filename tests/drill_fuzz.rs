//! Any text at all as a packetdrill script, and scripts with something changed: reading and running on the model never panic, and end.

use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use wirewalk::clock::Span;
use wirewalk::drill::{self, Settings};
use wirewalk::lang::Lang;
use wirewalk::packetdrill::Script;
use wirewalk::scenario::{Diagnostic, ProfileName};

/// The virtual time of a run.
const UNTIL: Span = Span::secs(24 * 3600);
/// Longer than this nothing here may take, in a build without optimizations on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

fn rendered(mistakes: &[Diagnostic], text: &str) {
    assert!(!mistakes.is_empty(), "a refusal without a reason");
    for mistake in mistakes.iter().take(5) {
        assert!(
            mistake.span.end <= text.len().max(mistake.source.len())
                && mistake.line >= 1
                && mistake.column >= 1
        );
        assert!(!mistake.render(Lang::En, false).is_empty() && !mistake.render(Lang::Zh, true).is_empty());
    }
}

/// Reads the text and runs it on the model; gives the verdict's name.
#[allow(clippy::disallowed_methods, reason = "how long a run takes is what is tested")]
fn run(text: &str) -> &'static str {
    let begun = Instant::now();
    let verdict = run_it(text);
    let took = begun.elapsed();
    assert!(took < LONGEST, "{took:?} for\n{text}");
    verdict
}

fn run_it(text: &str) -> &'static str {
    let script = match Script::parse("fuzz.pkt", text) {
        Ok(script) => script,
        Err(mistakes) => {
            rendered(&mistakes, text);
            return "broken";
        }
    };
    let settings = match Settings::of(&script, &[]) {
        Ok(settings) => settings,
        Err(mistakes) => {
            rendered(&mistakes, text);
            return "broken";
        }
    };
    let mistakes = drill::mistakes(&script, &settings);
    if !mistakes.is_empty() {
        rendered(&mistakes, text);
        return "broken";
    }
    let ran = drill::simulate(&script, &settings, ProfileName::Linux, UNTIL, Box::new(|_| None));
    let Ok(ran) = ran else { return "unsupported" };
    if let drill::Verdict::Fail(problem) | drill::Verdict::Unsupported(problem) = &ran.verdict {
        let place = problem.diagnostic(&script);
        assert!(!place.render(Lang::En, false).is_empty() && !place.render(Lang::Zh, false).is_empty());
    }
    ran.verdict.name()
}

/// Every script of our own.
fn ours() -> Vec<String> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "pkt") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drill"), &mut found);
    found.sort();
    found.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

const SCRAPS: &[&str] = &[
    "99999999999999999999",
    "4294967295",
    "2147483648",
    "65535",
    "65536",
    "-1",
    "0",
    "0x7fffffffffffffff",
    "1e9",
    "...",
    "+86400",
    "86400",
    "+0.000001",
    "*",
    "~",
    "~+1",
    "+",
    "<",
    ">",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "((((((((",
    "\"",
    "`",
    "%{",
    "}%",
    "/*",
    "*/",
    "//",
    "#",
    "#ifdef linux\n",
    "#endif\n",
    "\n",
    "|",
    ",",
    "=",
    ":",
    ".",
    "65535:131070(65535)",
    "1:65536(65535)",
    "0:0(0)",
    "S",
    "SEWAF.",
    "F.",
    "R",
    "-",
    ".7",
    "ack 4294967295",
    "win 0",
    "win 65535",
    "urg 65535",
    "<mss 0>",
    "<mss 1,nop,wscale 255>",
    "<...>",
    "<sack 1:0 0:1 5:5>",
    "<TS val 4294967295 ecr 4294967295>",
    "<FO 00112233445566778899aabbccddeeff>",
    "<eol,eol,eol,eol>",
    "[ce]",
    "icmp unreachable frag_needed mtu 0 [1:1(0)]",
    "udp (65535)",
    "udp (0)",
    "AF_INET6",
    "SOCK_DGRAM",
    "MSG_OOB",
    "TCP_MAXSEG",
    "SO_RCVBUF",
    "SO_SNDBUF",
    "[2147483647]",
    "[-2147483648]",
    "[0]",
    "O_NONBLOCK",
    "268435456",
    "while True: pass",
    "tcpi_snd_cwnd",
    "assert ",
    "x = x + x",
    "for i in range(10**9): pass",
    "\"%d\" % 1",
    "'a' * 10**9",
    "--mtu=0\n",
    "--mtu=68\n",
    "--ip_version=ipv6\n",
    "--ip_version=ipv4-mapped-ipv6\n",
    "--tolerance_usecs=0\n",
    "--define=A=A\n",
    "`sysctl -q net.ipv4.tcp_wmem=\"1 1 1\"`",
    "`sysctl -q net.ipv4.tcp_rmem=\"0 0 0\"`",
    "`sysctl -q net.ipv4.tcp_rto_min_us=0`",
    "`ip route change default mtu 1 advmss 1 initcwnd 4294967295`",
    "é",
    "中",
    "\u{0}",
];

fn scrap() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(SCRAPS).prop_map(str::to_owned),
        1 => "[ -~\n]{0,12}",
        1 => "\\PC{0,6}",
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => (0_u32..200_000_000).prop_map(|micros| format!("+{}.{:06}", micros / 1_000_000, micros % 1_000_000)),
    ]
}

/// A script of our own in which some words are others, are gone, or stand twice.
fn changed() -> impl Strategy<Value = String> {
    let texts = ours();
    let change = (any::<prop::sample::Index>(), 0_usize..4, scrap());
    (any::<prop::sample::Index>(), prop::collection::vec(change, 1..4)).prop_map(move |(which, changes)| {
        // The words, and what stands between them.
        let mut words: Vec<String> = Vec::new();
        for c in which.get(&texts).chars() {
            match words.last_mut() {
                Some(word) if c.is_alphanumeric() && word.chars().all(char::is_alphanumeric) => word.push(c),
                _ => words.push(c.to_string()),
            }
        }
        for (at, how, scrap) in changes {
            let at = at.index(words.len());
            match how {
                0 => drop(words.splice(at..=at, [scrap])),
                1 => words.insert(at, scrap),
                2 => drop(words.remove(at)),
                _ => {
                    let end = words.len().min(at + 12);
                    let again = words[at..end].to_vec();
                    words.splice(end..end, again);
                }
            }
            if words.is_empty() {
                break;
            }
        }
        words.concat()
    })
}

/// Lines that look like a script's.
fn made_up() -> impl Strategy<Value = String> {
    let stamp =
        prop_oneof![Just("+0 "), Just("+.1 "), Just("0 "), Just("* "), Just("+5~+10 "), Just("+0...0.5 ")];
    let event = prop_oneof![
        Just("socket(..., SOCK_STREAM, IPPROTO_TCP) = 3"),
        Just("socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3"),
        Just("bind(3, ..., ...) = 0"),
        Just("listen(3, 1) = 0"),
        Just("accept(3, ..., ...) = 4"),
        Just("connect(3, ..., ...) = 0"),
        Just("write(4, ..., 1000000) = 1000000"),
        Just("read(4, ..., 65535) = ..."),
        Just("close(3) = 0"),
        Just("close(4) = 0"),
        Just("shutdown(4, SHUT_WR) = 0"),
        Just("< S 0:0(0) win 65535 <mss 1460,sackOK,nop,wscale 14>"),
        Just("< . 1:1(0) ack 1 win 65535"),
        Just("< P. 1:65001(65000) ack 1 win 1"),
        Just("< F. 1:1(0) ack 1 win 0"),
        Just("< R 1:1(0)"),
        Just("> S. 0:0(0) ack 1 <...>"),
        Just("> . 1:1(0) ack 1"),
        Just("%{ print(tcpi_state) }%"),
    ];
    prop::collection::vec((stamp, event), 0..24)
        .prop_map(|lines| lines.iter().map(|(stamp, event)| format!("{stamp}{event}\n")).collect())
}

/// More with PROPTEST_CASES in the environment.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.max(400), failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_refused_or_run_but_never_panics(text in "\\PC{0,200}") {
        run(&text);
    }

    #[test]
    fn random_words_of_the_language_never_panic(words in prop::collection::vec(scrap(), 0..40)) {
        run(&words.join(" "));
    }

    #[test]
    fn scripts_with_something_changed_never_panic(text in changed()) {
        run(&text);
    }

    #[test]
    fn events_in_any_order_never_panic(text in made_up()) {
        run(&text);
    }
}

#[test]
fn scripts_as_they_are_can_be_read() {
    let ours = ours();
    assert!(ours.len() >= 59);
    for text in ours {
        assert_ne!(run(&text), "broken", "{text}");
    }
}

const OPEN: &str = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 65535 <mss 1460,sackOK,nop,wscale 7>
+0 > S. 0:0(0) ack 1 <...>
+.1 < . 1:1(0) ack 1 win 65535
+0 accept(3, ..., ...) = 4
";

/// Python that never ends, or asks for more than there is, is told as such.
#[test]
fn code_has_an_end_and_a_size() {
    // What asks for more room than there is may also be cut short.
    for code in [
        "while True: pass",
        "while 1:\n  x = 1",
        "x = 'a' * 10000000000",
        "x = 'a'\nwhile True: x = x + x",
        "x = [0]\nwhile True: x = x + x",
        "x = [0]\nfor i in range(100): x = [x, x]\nprint(x)\nassert len(str(x)) < 0",
        "x = 2 ** 1000000",
        "x = 1\nwhile True: x = x * 3",
        "x = 1 << 1000000000",
        "for i in range(1000000000000): pass",
        "x = range(10**18)",
        "x = '%1000000000d' % 1",
        "x = '{:>1000000000}'.format(1)",
        "x = '%.1000000000f' % 1.0",
        "x = 1 / 0",
        "x = 1 % 0",
        "x = -170141183460469231731687303715884105728 // -1",
        "x = int(1e308 * 10)",
        "x = round(1.5, 10000)",
        "x = 0\nwhile True:\n  x = x + 1\n  print('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' * 10000)",
        &format!("assert {}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        &format!("assert {}1", "not ".repeat(100_000)),
        &format!("assert {}1", "-".repeat(100_000)),
        &format!("x = {}", "1 + ".repeat(80_000) + "1"),
        &format!("x = {}", "1 if ".repeat(100_000)),
        &format!("x = 1{}", "[0]".repeat(100_000)),
        &format!("{}pass", "if True: ".repeat(10_000)),
    ] {
        let verdict = run(&format!("{OPEN}+0 %{{ {code} }}%\n"));
        assert!(
            ["fail", "broken", "unsupported"].contains(&verdict)
                || code.starts_with("x = round")
                || code.starts_with("x = '"),
            "{code}: {verdict}"
        );
    }
}

/// Values and settings nested deeply, texts without an end, words that stand for themselves.
#[test]
fn deep_and_long_texts_are_bounded() {
    for text in [
        "[".repeat(80_000),
        "{".repeat(80_000),
        format!("0 f({}", "f(".repeat(80_000)),
        format!("0 f({}1) = 0", "1|".repeat(80_000)),
        format!("0 f(a{}) = 0", " = a".repeat(80_000)),
        "\"".repeat(100_001),
        "0:".repeat(100_000),
        "1.".repeat(60_000),
        "--a=b\n".repeat(100_000),
        "--define=A=B\n--define=B=A\n0 A() = 0".to_owned(),
        "#ifdef linux\n".repeat(80_000),
        "+0 `true`\n".repeat(90_000),
        "+0 %{ pass }%\n".repeat(60_000),
        format!("0 < S 0:0(0) win 1 <{}nop>", "nop,".repeat(100_000)),
        "x".repeat(wirewalk::packetdrill::LONGEST + 1),
    ] {
        run(&text);
    }
}

/// Time that goes on for years, and events that make the model work without an end.
#[test]
fn a_run_ends_at_its_time_or_when_it_has_done_enough() {
    let far = "+86399 %{ pass }%\n".repeat(2_000);
    assert_eq!(run(&format!("{OPEN}{far}")), "fail");
    // Keepalive each second, answered by nobody; a window that never opens; a SYN nobody answers.
    let mut busy = String::from(OPEN);
    busy.push_str("+0 write(4, ..., 200000000) = ...\n");
    for _ in 0..3_000 {
        busy.push_str("+0 < . 1:1(0) ack 1 win 0\n+80000 < . 1:1(0) ack 1 win 65535\n");
    }
    assert_eq!(run(&busy), "fail");
    let mut many = String::from(OPEN);
    for at in 0..20_000 {
        many.push_str(&format!("+0 < P. {}:{}(1000) ack 1 win 65535\n", 1 + at * 1000, 1001 + at * 1000));
    }
    run(&many);
    let all_at_once = format!("{OPEN}{}", "+0 < . 1:1(0) ack 4294967295 win 0\n".repeat(20_000));
    run(&all_at_once);
}
