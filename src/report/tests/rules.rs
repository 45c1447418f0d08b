//! Rules: what each covers, and that it covers nothing else.

use super::fixture::plan;
use crate::lang::{Lang, Text};
use crate::link::HostId;
use crate::mib::Counter;
use crate::report::compare::tally::{Finding, Handshake, Step, Subject};
use crate::report::rules::{Applies, Context, RULES, Rule, explain};
use crate::scenario::Plan;

fn number(subject: Subject, simulated: u64, live: u64) -> Finding {
    Finding::numbers(subject, Text::default(), simulated, live)
}

fn rule_for(plan: &Plan, mode: &str, kernel: &str, finding: &Finding) -> Option<&'static str> {
    explain(&Context { plan, mode, kernel }, finding).map(|rule| rule.name)
}

fn on_loopback(finding: &Finding) -> Option<&'static str> {
    rule_for(&plan(), "loopback", "6.18.44", finding)
}

const fn handshake(step: Step, timestamps: bool, shift: u8) -> Handshake {
    Handshake { step, timestamps, shift }
}

/// What the kernel showed on loopback beside what it shows on an MTU of 1500.
const LOOPBACK: [(Step, bool, u8, u64, u64); 6] = [
    (Step::Syn, true, 0, 64_240, 65_495),
    (Step::SynAck, true, 0, 65_160, 65_483),
    (Step::SynAck, false, 0, 64_240, 65_495),
    (Step::Ack, true, 7, 502, 512),
    (Step::Ack, true, 10, 63, 64),
    (Step::Ack, false, 0, 64_240, 65_495),
];

#[test]
fn loopback_mtu_covers_the_mss_and_the_first_windows_exactly() {
    let syn = handshake(Step::Syn, true, 0);
    assert_eq!(on_loopback(&number(Subject::Mss(syn), 1460, 65_495)), Some("loopback-mtu"));
    for (step, timestamps, shift, simulated, live) in LOOPBACK {
        let subject = Subject::Window(handshake(step, timestamps, shift));
        assert_eq!(on_loopback(&number(subject, simulated, live)), Some("loopback-mtu"), "{step:?} {live}");
    }
}

#[test]
fn loopback_mtu_does_not_cover_a_number_that_is_off_by_one() {
    let syn = handshake(Step::Syn, true, 0);
    for (simulated, live) in [(1459, 65_495), (1461, 65_495), (1460, 65_494), (1460, 65_496), (65_495, 1460)]
    {
        assert_eq!(on_loopback(&number(Subject::Mss(syn), simulated, live)), None, "{simulated} {live}");
    }
    for (step, timestamps, shift, simulated, live) in LOOPBACK {
        let subject = Subject::Window(handshake(step, timestamps, shift));
        for (simulated, live) in
            [(simulated - 1, live), (simulated + 1, live), (simulated, live - 1), (simulated, live + 1)]
        {
            assert_eq!(
                on_loopback(&number(subject.clone(), simulated, live)),
                None,
                "{step:?} {simulated} {live}"
            );
        }
    }
}

#[test]
fn loopback_mtu_covers_no_other_field_and_no_other_way_to_join_hosts() {
    let syn = handshake(Step::Syn, true, 0);
    for subject in [Subject::Field, Subject::Octets, Subject::Queue(HostId(1), "accept"), Subject::Timer] {
        assert_eq!(on_loopback(&number(subject, 1460, 65_495)), None);
    }
    let window = number(Subject::Window(syn), 64_240, 65_495);
    assert_eq!(rule_for(&plan(), "wire", "6.18.44", &window), None);
    // A window that belongs to another step of the handshake.
    assert_eq!(on_loopback(&number(Subject::Window(syn), 65_160, 65_483)), None);
    // Without numbers there is nothing to compute from.
    let text = Finding::new(Subject::Window(syn), Text::default(), "64240", "65495");
    assert_eq!(on_loopback(&text), None);
}

#[test]
fn loopback_mtu_computes_from_the_mtu_of_the_plan() {
    let mut small = plan();
    small.wire.mtu = 576;
    let syn = handshake(Step::Syn, true, 0);
    let mss = |plan: &Plan, simulated| {
        rule_for(plan, "loopback", "6.18.44", &number(Subject::Mss(syn), simulated, 65_495))
    };
    assert_eq!(mss(&small, 536), Some("loopback-mtu"));
    assert_eq!(mss(&small, 1460), None);
}

/// The flood with these knobs: `rate` SYNs a second for two seconds.
fn flooding(rate: &str, cookies: &str) -> Plan {
    let knobs = [("rate", rate), ("cookies", cookies)].map(|(key, value)| (key.to_owned(), value.to_owned()));
    crate::scenario::find("syn-flood").unwrap().scenario().unwrap().plan(&knobs).unwrap()
}

#[test]
fn a_flood_that_was_slowed_down_falls_short_by_exactly_the_syns_not_sent() {
    let rule = |plan: &Plan, counter, simulated, live| {
        let finding = number(Subject::Counter(None, counter), simulated, live);
        rule_for(plan, "loopback", "6.18.44", &finding)
    };
    // 100,000 a second become 20,000: 156,000 fewer in not quite two seconds.
    let fast = flooding("100000", "0");
    for counter in [Counter::InSegs, Counter::ListenDrops, Counter::TCPReqQFullDrop] {
        assert_eq!(rule(&fast, counter, 194_881, 38_881), Some("flood-slowed-down"), "{counter}");
        for live in [38_880, 38_882, 194_881, 350_881] {
            assert_eq!(rule(&fast, counter, 194_881, live), None, "{counter} {live}");
        }
    }
    for counter in [Counter::OutSegs, Counter::ListenOverflows, Counter::RetransSegs, Counter::OutRsts] {
        assert_eq!(rule(&fast, counter, 194_881, 38_881), None, "{counter}");
    }
    let queue = number(Subject::Queue(HostId(1), "half-open"), 194_881, 38_881);
    assert_eq!(rule_for(&fast, "loopback", "6.18.44", &queue), None);
    let with_cookies = flooding("100000", "1");
    assert_eq!(rule(&with_cookies, Counter::OutSegs, 194_881, 38_881), Some("flood-slowed-down"));
    assert_eq!(rule(&with_cookies, Counter::SyncookiesSent, 194_881, 38_881), Some("flood-slowed-down"));
    let slow = flooding("2000", "0");
    assert_eq!(rule(&slow, Counter::ListenDrops, 194_881, 38_881), None, "it was not slowed down");
    assert_eq!(rule(&slow, Counter::ListenDrops, 5, 5), None, "nothing differs here");
}

/// The scenario of a peer that reboots: its server forgets one connection.
fn rebooting() -> Plan {
    let scenario = crate::scenario::find("keepalive-peer-rebooted").unwrap().scenario().unwrap();
    scenario.default_plan().clone()
}

#[test]
fn forgotten_by_repair_covers_one_reset_for_each_connection_forgotten_and_no_more() {
    let rule = |plan: &Plan, counter, simulated, live| {
        let finding = number(Subject::Counter(None, counter), simulated, live);
        rule_for(plan, "loopback", "6.18.44", &finding)
    };
    let plan_with = rebooting();
    assert_eq!(rule(&plan_with, Counter::EstabResets, 1, 2), Some("forgotten-by-repair"));
    for (simulated, live) in [(1, 1), (1, 3), (2, 1), (1, 0)] {
        assert_eq!(rule(&plan_with, Counter::EstabResets, simulated, live), None, "{simulated} {live}");
    }
    assert_eq!(rule(&plan_with, Counter::OutRsts, 1, 2), None);
    assert_eq!(rule(&plan_with, Counter::AttemptFails, 1, 2), None);
    assert_eq!(rule(&plan(), Counter::EstabResets, 1, 2), None, "nothing is forgotten here");
    assert_eq!(rule(&plan(), Counter::EstabResets, 1, 1), None, "nothing differs here");
}

#[test]
fn an_older_kernel_is_full_one_entry_earlier_and_a_newer_one_is_not() {
    let queue = number(Subject::Queue(HostId(1), "half-open"), 17, 16);
    for old in ["6.12.3", "6.13.0-rc7", "5.15.0-generic", "4.19"] {
        assert_eq!(rule_for(&plan(), "loopback", old, &queue), Some("kernel-older-than-2025"), "{old}");
    }
    for new in ["6.14.0", "6.18.44", "7.0", "", "unknown"] {
        assert_eq!(rule_for(&plan(), "loopback", new, &queue), None, "{new}");
    }
    let drops = number(Subject::Counter(None, Counter::ListenDrops), 10, 11);
    assert_eq!(rule_for(&plan(), "loopback", "6.12", &drops), Some("kernel-older-than-2025"));
}

#[test]
fn an_older_kernel_excuses_one_entry_and_nothing_else() {
    let half_open = Subject::Queue(HostId(1), "half-open");
    for finding in [
        number(half_open.clone(), 17, 15),
        number(half_open.clone(), 17, 18),
        number(half_open, 16, 17),
        number(Subject::Queue(HostId(1), "accept"), 17, 16),
        number(Subject::Counter(None, Counter::ListenDrops), 11, 10),
        number(Subject::Counter(None, Counter::ListenDrops), 10, 12),
        number(Subject::Counter(None, Counter::ListenOverflows), 10, 11),
        number(Subject::Field, 17, 16),
    ] {
        assert_eq!(rule_for(&plan(), "loopback", "6.12", &finding), None, "{finding:?}");
    }
}

#[test]
fn every_rule_has_a_name_of_its_own_and_speaks_both_languages() {
    for (place, rule) in RULES.iter().enumerate() {
        assert!(RULES.iter().skip(place + 1).all(|other| other.name != rule.name), "{}", rule.name);
        assert!(!rule.cite.is_empty() && rule.sentence(Lang::En) != rule.sentence(Lang::Zh));
        assert_eq!(Rule::named(rule.name).map(|found| found.name), Some(rule.name));
    }
    assert!(Rule::named("whatever").is_none());
}

#[test]
fn a_rule_to_be_declared_holds_only_where_the_scenario_declares_it() {
    for rule in RULES.iter().filter(|rule| rule.applies == Applies::Declared) {
        let mut declaring = plan();
        declaring.live.explain.push(rule.name.to_owned());
        assert!(declaring.live.explain.iter().any(|name| Rule::named(name).is_some()));
    }
}
