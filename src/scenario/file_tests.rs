//! Whole files: what they become, and what is wrong with them.

use super::{
    Expectation, FaultEffect, KnobKind, LiveMode, Number, Plan, Predicate, ProfileName, Quantity, Scenario,
    limits,
};
use crate::clock::Span;
use crate::link::{What, Which};
use crate::tcp::State;
use std::net::Ipv4Addr;

const HEAD: &str = "title = { en = \"t\", zh = \"题\" }\nlesson = { en = \"l\", zh = \"课\" }\n";
const HOSTS: &str = "[host.client]\nprogram = '''\n  when server LISTEN\n  s = socket(tcp)\n  connect(s, server:80)\n'''\n\
                     [host.server]\nprogram = '''\n  l = socket(tcp)\n  bind(l, *:80)\n  listen(l)\n  accept(l)\n'''\n";

fn scenario(rest: &str) -> Scenario {
    let text = format!("{HEAD}{rest}{HOSTS}");
    Scenario::parse("scenarios/topic/name.toml", &text).unwrap_or_else(|wrong| panic!("{}\n{text}", wrong[0]))
}
fn plan(rest: &str) -> Plan {
    scenario(rest).default_plan().clone()
}
/// Every mistake of the file, in English.
fn wrong_file(text: &str) -> Vec<String> {
    let found = Scenario::parse("x.toml", text).err().unwrap_or_default();
    found.into_iter().map(|diagnostic| diagnostic.message.en).collect()
}
fn wrong(rest: &str) -> Vec<String> {
    wrong_file(&format!("{HEAD}{rest}{HOSTS}"))
}

#[test]
fn the_smallest_file_gets_every_default() {
    let plan = plan("");
    assert_eq!((plan.topic.as_str(), plan.name.as_str()), ("topic", "name"));
    assert_eq!(plan.profile, ProfileName::Linux);
    let addresses: Vec<Ipv4Addr> = plan.hosts.iter().map(|host| host.address).collect();
    assert_eq!(addresses, [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)]);
    assert_ne!(plan.hosts[0].mac, plan.hosts[1].mac);
    assert_eq!(
        (plan.wire.delay, plan.wire.delay_given, plan.wire.mtu, plan.wire.arp),
        (Span::millis(1), false, 1500, false)
    );
    assert_eq!((plan.limits.time, plan.limits.records), (limits::TIME_DEFAULT, limits::RECORDS));
    assert_eq!(plan.until, None);
    let names: Vec<&str> = plan.processes.iter().map(|process| process.name.as_str()).collect();
    assert_eq!(names, ["client", "server"]);
    assert!(plan.processes[0].program.source().starts_with("when server LISTEN\ns = "));
}

#[test]
fn hosts_and_processes_keep_the_order_of_the_file() {
    let text = format!(
        "{HEAD}[host.zebra.process.second]\nprogram = 'sleep 1s'\n[host.ape]\nprogram = 'sleep 1s'\n[host.zebra.process.a]\nprogram = 'sleep 1s'\n"
    );
    let scenario = Scenario::parse("x.toml", &text).unwrap();
    let plan = scenario.default_plan();
    let hosts: Vec<&str> = plan.hosts.iter().map(|host| host.name.as_str()).collect();
    assert_eq!(hosts, ["zebra", "ape"]);
    let processes: Vec<(u16, &str)> =
        plan.processes.iter().map(|process| (process.host.0, process.name.as_str())).collect();
    assert_eq!(processes, [(0, "second"), (0, "a"), (1, "ape")]);
}

#[test]
fn the_wire_its_faults_and_the_limits_are_read() {
    let plan = plan(
        "until = \"5s\"\n[wire]\ndelay = \"10ms\"\nrate = \"8Mbit/s\"\nqueue = 5\nmtu = 576\narp = true\n\
         [[fault]]\ndrop = \"server > client SA #1\"\n[[fault]]\ndelay = \"data\"\nby = \"20ms\"\nprobability = 0.25\n\
         [[fault]]\nduplicate = \"tcp\"\nprobability = \"5%\"\n[[fault]]\ncorrupt = \"*\"\n[limits]\ntime = \"1h\"\nframes = 7\n",
    );
    assert_eq!(plan.until, Some(Span::secs(5)));
    assert_eq!(
        (plan.wire.delay, plan.wire.delay_given, plan.wire.rate),
        (Span::millis(10), true, Some(1_000_000))
    );
    assert_eq!((plan.wire.queue, plan.wire.mtu, plan.wire.arp), (5, 576, true));
    let effects: Vec<&FaultEffect> = plan.faults.iter().map(|fault| &fault.effect).collect();
    let (delay, duplicate) = (FaultEffect::Delay(Span::millis(20)), FaultEffect::Duplicate(Span::ZERO));
    assert_eq!(effects, [&FaultEffect::Drop, &delay, &duplicate, &FaultEffect::Corrupt]);
    let chances: Vec<u32> = plan.faults.iter().map(|fault| fault.per_million).collect();
    assert_eq!(chances, [1_000_000, 250_000, 50_000, 1_000_000]);
    assert_eq!((plan.faults[0].pattern.which, plan.faults[1].pattern.what), (Which::Nth(1), What::Data));
    assert_eq!((plan.limits.time, plan.limits.frames), (Span::secs(3600), 7));
}

#[test]
fn one_expectation_may_say_several_things_each_on_its_own_line() {
    let plan = plan(
        "[[expect]]\nsays = { en = \"x\", zh = \"甲\" }\ncite = \"RFC 1 2\"\nthat = [\n  \"count(S) == 1\",\n  \"end < 1s\",\n]\n\
         states = { server = \"LISTEN SYN-RECEIVED\", client = \"CLOSED SYN-SENT\" }\npackets_in_order = 'client > server S'\n",
    );
    let found: Vec<(&Predicate, u32)> =
        plan.expectations.iter().map(|e: &Expectation| (&e.predicate, e.line)).collect();
    assert!(matches!(found[0], (Predicate::PacketsInOrder(list), 11) if list.len() == 1), "{:?}", found[0]);
    assert!(
        matches!(found[1], (Predicate::States { host, path }, 10) if host.0 == 1 && path[0] == State::Listen)
    );
    assert!(matches!(found[2], (Predicate::States { host, .. }, 10) if host.0 == 0));
    assert!(matches!(found[3], (Predicate::Compare { quantity: Quantity::Count(_), .. }, 7)));
    assert!(matches!(
        found[4],
        (Predicate::Compare { quantity: Quantity::End, number: Number::Time(_), .. }, 8)
    ));
    assert!(
        plan.expectations
            .iter()
            .all(|expectation| expectation.cite == "RFC 1 2" && expectation.says.zh == "甲")
    );
}

const KNOBS: &str = "[knob.backlog]\nmeans = { en = \"now $backlog\", zh = \"现为 $backlog\" }\ndefault = 16\nmin = 1\nmax = 1024\n\
                     [knob.pause]\nmeans = { en = \"p\", zh = \"停\" }\ndefault = \"2s\"\nmin = \"1ms\"\nmax = \"1h\"\n\
                     [knob.cookies]\nmeans = { en = \"c\", zh = \"饼\" }\nchoice = [\"on\", \"off\"]\ndefault = \"off\"\n\
                     [wire]\ndelay = \"$pause\"\nqueue = \"2 * $backlog\"\n\
                     [[fault]]\ndrop = \"client > server S #$backlog\"\n\
                     [[expect]]\nsays = { en = \"at most ${backlog}!\", zh = \"最多 $backlog 个，付 $$5\" }\nthat = \"max(server.half_open) == min($backlog, 64) + 1\"\n\
                     [[expect]]\nsays = { en = \"x\", zh = \"乙\" }\nonly_if = \"$cookies == on and $backlog > 10\"\nthat = \"end < $pause\"\n";

#[test]
fn knobs_are_filled_in_wherever_a_value_stands() {
    let plan = plan(KNOBS);
    assert_eq!((plan.wire.delay, plan.wire.queue), (Span::secs(2), 32));
    assert_eq!(plan.faults[0].pattern.which, Which::Nth(16));
    assert_eq!(plan.expectations.len(), 1, "the other one is for cookies");
    assert_eq!(plan.expectations[0].says.en, "at most 16!");
    assert_eq!(plan.expectations[0].says.zh, "最多 16 个，付 $5");
    assert_eq!(plan.knobs[0].means.en, "now 16");
    assert!(matches!(plan.expectations[0].predicate, Predicate::Compare { number: Number::Count(17), .. }));
    let kinds: Vec<&KnobKind> = plan.knobs.iter().map(|knob| &knob.kind).collect();
    assert!(matches!(
        kinds[..],
        [KnobKind::Integer { min: 1, max: 1024 }, KnobKind::Time { .. }, KnobKind::Choice(_)]
    ));
}

#[test]
fn setting_a_knob_changes_the_plan_and_what_it_may_not_be_is_said() {
    let scenario = scenario(KNOBS);
    let set = |key: &str, value: &str| scenario.plan(&[(key.to_owned(), value.to_owned())]);
    let first = |key: &str, value: &str| set(key, value).unwrap_err().remove(0);
    let big = set("backlog", "1k").unwrap();
    assert_eq!(
        (big.wire.queue, big.knobs[0].value.as_str(), big.knobs[0].default.as_str()),
        (2000, "1000", "16")
    );
    assert_eq!(set("cookies", "on").unwrap().expectations.len(), 2);
    assert_eq!(set("profile", "rfc9293").unwrap().profile, ProfileName::Rfc9293);
    assert_eq!(first("backlog", "5000").help.unwrap().en, "from 1 to 1024");
    assert_eq!(first("backlog", "5s").message.en, "this knob is a whole number");
    assert_eq!(first("pause", "5").message.en, "this knob is a time");
    assert_eq!(first("cookies", "onn").help.unwrap().en, "did you mean on?");
    assert_eq!(first("back-log", "5").help.unwrap().en, "did you mean backlog?");
    assert_eq!(first("profile", "bsd").message.en, "there is no profile `bsd`");
    assert_eq!((first("backlog", "0").file.as_str(), first("backlog", "0").column), ("--set", 9));
}

#[test]
fn a_value_that_only_a_knob_makes_wrong_is_reported_in_the_file() {
    let rest = "[knob.port]\nmeans = { en = \"p\", zh = \"口\" }\ndefault = 80\nmax = 100000\n[[expect]]\nsays = { en = \"x\", zh = \"甲\" }\nthat = \"end < 1s * 10 / $port\"\n";
    let scenario = scenario(rest);
    let found = scenario.plan(&[("port".to_owned(), "0".to_owned())]).unwrap_err();
    assert_eq!((found[0].message.en.as_str(), found[0].line), ("division by zero", 9));
}

#[test]
fn a_knob_that_turns_nothing_is_a_mistake() {
    let knob = "[knob.rate]\nmeans = { en = \"r\", zh = \"率\" }\ndefault = 1\n";
    assert_eq!(wrong(knob), ["the knob `rate` turns nothing"]);
}

#[test]
fn the_live_side_says_how_or_why_not() {
    let asked = plan("[live]\nmode = \"wire\"\nquick_until = \"6s\"\nexplain = [\"mss-of-loopback\"]\n").live;
    assert_eq!((asked.mode, asked.quick_until), (Some(LiveMode::Wire), Some(Span::secs(6))));
    assert_eq!((asked.explain, asked.impossible), (vec!["mss-of-loopback".to_owned()], None));
    let why = plan("[live]\nimpossible = { en = \"two hours\", zh = \"两小时\" }\n").live.impossible.unwrap();
    assert_eq!((why.en.as_str(), why.zh.as_str()), ("two hours", "两小时"));
}

#[test]
fn addresses_are_each_hosts_own_in_one_network() {
    let hosts =
        |second: &str| format!("{HEAD}[host.a]\nprogram = 'sleep 1s'\n[host.b]\naddress = \"{second}\"\n");
    assert_eq!(wrong_file(&hosts("10.0.0.1")), ["a already has the address 10.0.0.1"]);
    assert_eq!(wrong_file(&hosts("10.0.1.2")), ["10.0.1.2 is not in a's network, and there is no router"]);
    assert_eq!(wrong_file(&hosts("10.0.0.255")), ["10.0.0.255 cannot be a host's address"]);
    assert_eq!(wrong_file(&hosts("10.0.0")), ["this is no IPv4 address"]);
    assert_eq!(wrong_file(&hosts("10.0.0.7")), Vec::<String>::new());
}

#[test]
fn what_can_never_be_is_reported_once_all_else_is_right() {
    let never = |rest: &str| {
        wrong(rest).into_iter().map(|message| message.replace("this can never be: ", "")).collect::<Vec<_>>()
    };
    assert_eq!(never("[[fault]]\ndrop = \"udp\"\n"), ["no program makes a UDP socket"]);
    assert_eq!(
        never("[[fault]]\ndrop = \"arp\"\n"),
        ["neighbours are known beforehand unless [wire] has arp = true"]
    );
    let expect = |what: &str| format!("[[expect]]\nsays = {{ en = \"x\", zh = \"甲\" }}\n{what}\n");
    assert_eq!(never(&expect("that = \"time(udp) < 1s\"")), ["no program makes a UDP socket"]);
    assert_eq!(never(&expect("packets = 'client > server udp'")), ["no program makes a UDP socket"]);
    assert_eq!(never(&expect("that = \"count(udp) == 0\"")), Vec::<String>::new(), "to count none is fair");
}

#[test]
fn more_hosts_than_the_limit_are_refused() {
    let mut text = HEAD.to_owned();
    for number in 0..=limits::HOSTS {
        text.push_str(&format!("[host.h{number}]\n"));
    }
    assert_eq!(wrong_file(&text), ["these are 65 hosts"]);
}

#[test]
fn a_file_without_hosts_and_an_empty_file_say_what_is_missing() {
    assert_eq!(wrong_file(""), ["`host` is missing", "`lesson` is missing", "`title` is missing"]);
    assert_eq!(wrong_file(HEAD), ["`host` is missing"]);
}

#[test]
fn reading_the_same_file_twice_gives_the_same_plan() {
    assert!(plan(KNOBS) == plan(KNOBS));
}
