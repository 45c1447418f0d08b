//! Scripts read, and mistakes found at their places.

use super::*;
use crate::clock::Span;
use crate::wire::TcpOption;
use proptest::prelude::*;

fn read(source: &str) -> Script {
    Script::parse("a.pkt", source).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// Line and column of each mistake.
fn mistakes(source: &str) -> Vec<(usize, usize)> {
    match Script::parse("a.pkt", source) {
        Ok(script) => panic!("{script:?}"),
        Err(mistakes) => mistakes.iter().map(|mistake| (mistake.line, mistake.column)).collect(),
    }
}

fn packet(source: &str) -> Packet {
    match read(source).events.pop().unwrap().action {
        Action::Packet(packet) => *packet,
        other => panic!("{other:?}"),
    }
}

fn segment(source: &str) -> Segment {
    match packet(source).body {
        Body::Tcp(segment) => segment,
        other => panic!("{other:?}"),
    }
}

fn call(source: &str) -> Call {
    match read(source).events.pop().unwrap().action {
        Action::Call(call) => *call,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_whole_script_comes_apart_into_settings_commands_and_events() {
    let script = read(
        "// A connection.\n--tolerance_usecs=20000\n--ip_version=ipv4\n`sysctl -q net.ipv4.tcp_sack=0`\n\
         0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n\
         +0 < S 0:0(0) win 32792 <mss 1000,nop,wscale 7>\n+0 > S. 0:0(0) ack 1 <mss 1460,nop,wscale 8>\n\
         +.1~+.2 > . 1:1(0)\n* > . 1:1(0)\n 0.5~0.6 > . 1:1(0)\n\
         +1 %{ assert tcpi_snd_cwnd == 10 }%\n+0 `echo done`\n`cleanup`\n",
    );
    assert_eq!(script.settings.len(), 2);
    assert_eq!(script.settings[0].value.as_deref(), Some("20000"));
    assert_eq!(script.init.unwrap().text, "sysctl -q net.ipv4.tcp_sack=0");
    assert_eq!(script.cleanup.unwrap().text, "cleanup");
    let stamps: Vec<When> = script.events.iter().map(|event| event.when).collect();
    let milli = Span::millis;
    assert_eq!(stamps[0], When::At(Span::ZERO));
    assert_eq!(
        stamps[4..7],
        [When::AfterBetween(milli(100), milli(200)), When::Any, When::Between(milli(500), milli(600))]
    );
    assert!(matches!(script.events[7].action, Action::Code(_)));
    assert!(matches!(script.events[8].action, Action::Command(_)));
}

#[test]
fn segments_have_flags_numbers_and_options() {
    let found =
        segment("0 < SEWA 4294967295:99(100) ack 5 win 7 urg 3 <sack 1:2 3:4,TS val 1 ecr 2,FO 0102,eol>");
    assert_eq!((found.flags, found.ae), (0x02 | 0x40 | 0x80, true));
    assert_eq!((found.seq, found.len, found.ack), (u32::MAX, 100, 5));
    assert_eq!((found.window, found.urgent), (Some(7), 3));
    let options = found.options.unwrap();
    assert_eq!(options[1], SegmentOption::Known(TcpOption::Timestamps { value: 1, echo: 2 }));
    assert_eq!(options.len(), 4);
    assert_eq!(segment("0 > . 1:1(0) <...>").options, None);
    assert_eq!(segment("0 > - 1:1(0)").flags, 0);
    assert_eq!((segment("0 > P.5 1:2(1)").flags, segment("0 > P.5 1:2(1)").ae), (0x08 | 0x10 | 0x40, true));
    let counters = vec![(EcnCounter::Ect1, 1), (EcnCounter::Ce, 0), (EcnCounter::Ect0, 1)];
    let acc_ecn = SegmentOption::AccEcn { experimental: false, counters };
    assert_eq!(segment("0 > . 1:1(0) <ECN e1b 1 ceb 0 e0b 1>").options, Some(vec![acc_ecn]));
}

#[test]
fn packets_say_what_their_ip_header_holds_and_which_ports_they_use() {
    let found = packet("0 > [ect01] 8080 > 80 P. 1:2(1)");
    assert_eq!((found.ip.tos, found.ports), (Some(Tos::EitherEct), Some((8080, 80))));
    let found = packet("0 < (tos 0x1c, flowlabel 0x12345) F. 1:1(0)");
    assert_eq!((found.ip.tos, found.ip.flow_label), (Some(Tos::Octet(0x1c)), Some(0x12345)));
    assert_eq!(packet("0 < udp 53 > 54 (100)").body, Body::Udp(100));
    let found = packet("0 < ipv4 1.2.3.4 > 5.6.7.8: gre: S 0:0(0)");
    assert!(matches!(&found.outer[..], [Outer::Ip { .. }, Outer::Other(word)] if word == "gre"));
}

#[test]
fn icmp_messages_name_type_code_and_the_packet_they_are_about() {
    let icmp = |source: &str| match packet(source).body {
        Body::Icmp(icmp) => icmp,
        other => panic!("{other:?}"),
    };
    let found = icmp("0 < icmp unreachable frag_needed mtu 1200 [1:1461(1460)]");
    assert_eq!(
        (found.kind.as_str(), found.code.as_deref(), found.mtu),
        ("unreachable", Some("frag_needed"), Some(1200))
    );
    assert_eq!(found.quoted, Quoted::Tcp { seq: 1, len: 1460 });
    assert_eq!(icmp("0 < icmp unreachable port [udp (7)]").quoted, Quoted::Udp(7));
    assert_eq!(icmp("0 < icmp echo_request id 4").id, Some(4));
}

#[test]
fn calls_have_values_of_every_shape() {
    let found = call(
        "+0...0.25 connect(3, {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr(\"1.2.3.4\")}, ...) = -1 ECONNREFUSED (Connection refused)",
    );
    assert_eq!((found.until, found.name.as_str()), (Some(Span::millis(250)), "connect"));
    assert_eq!(found.errno.as_deref(), Some("ECONNREFUSED"));
    let Value::Braces(members) = &found.arguments[1].value else { panic!("{found:?}") };
    assert_eq!(members[1].name.as_deref(), Some("sin_port"));
    assert!(matches!(&members[1].value.value, Value::Function(name, _) if name == "htons"));
    let found = call(
        "0 sendmsg(3, {msg_name(...)=..., msg_iov(2)=[{..., 10}, {\"ab\" \"c\", 3}], msg_flags=0}, MSG_A|MSG_B) = 0x11",
    );
    let Value::Braces(members) = &found.arguments[1].value else { panic!("{found:?}") };
    assert_eq!(members[0].index.as_ref().map(|index| &index.value), Some(&Value::Any));
    let Value::List(parts) = &members[1].value.value else { panic!("{members:?}") };
    let Value::Braces(last) = &parts[1].value else { panic!("{parts:?}") };
    assert_eq!(last[0].value.value, Value::Text(b"abc".to_vec()));
    assert!(matches!(found.arguments[2].value, Value::Or(..)));
    assert_eq!(found.result.value, Value::Integer(17));
    assert!(matches!(call("0 read(3, \"ab\"..., 9) = 9").arguments[1].value, Value::TextAndMore(_)));
}

#[test]
fn every_mistake_is_told_at_its_place() {
    assert_eq!(
        mistakes(
            "0 socket(..., = 3\n+0 > X 1:1(0)\n+0 < . 1:1(5)\n0.1~0.0 > . 1:1(0)\n* bind(3) = 0\n0 read(3) = 0\n"
        ),
        [(1, 15), (2, 6), (3, 8), (4, 1), (5, 1)]
    );
    assert_eq!(mistakes(""), [(1, 1)]);
    assert_eq!(mistakes("+0 < . 1:1(0) <...>"), [(1, 15)]);
    assert_eq!(mistakes("+0 %{ assert 1 + }%"), [(1, 18)]);
    assert_eq!(mistakes("-1 read(3) = 0"), [(1, 1)]);
}

#[test]
fn deep_nesting_is_a_mistake_and_no_overflow() {
    assert!(Script::parse("a", &format!("0 f({}", "[".repeat(100_000))).is_err());
    assert!(Script::parse("a", &format!("0 %{{ assert {}1 }}%", "(".repeat(100_000))).is_err());
    assert!(Script::parse("a", &format!("0 %{{ assert {}1 }}%", "not ".repeat(100_000))).is_err());
    assert!(Script::parse("a", &format!("0 %{{ assert {}1 }}%", "-".repeat(100_000))).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = Script::parse("a", &text);
    }

    #[test]
    fn no_row_of_its_own_words_makes_it_panic(words in proptest::collection::vec(
        proptest::sample::select(vec![
            "+0", "0.1", "*", "~", ">", "<", "S", ".", "1:1(0)", "ack", "1", "<mss", "1460", "sack", ",", ">\n", "...",
            "read(", ")", "=", "{", "}", "[", "]", "\"a\"", "%{", "assert", "x", "==", "if", ":", "\n", "}%", "`a`",
            "--b=c", "icmp", "udp", "(", "|", "-1", "::1", "1.2.3.4", "#ifdef", "for", "in", "  ",
        ]), 0..60,
    )) {
        let _ = Script::parse("a", &words.join(" "));
    }
}
