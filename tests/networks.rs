//! Networks of several links, run whole: what routers, switches and hubs do to the frames that pass them.

mod common;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use wirewalk::clock::{Instant, Span};
use wirewalk::host::Reason as Why;
use wirewalk::link::{self, HostId};
use wirewalk::link::{NodeKind, Port};
use wirewalk::scenario::{CardPlan, HostPlan, LinkPlan, Plan};
use wirewalk::sim::{Options, run};
use wirewalk::trace::{Endpoint, EndpointId, Event, Level, Record, Sink, Stop, Trace};
use wirewalk::world::World;
use wirewalk::{ip, wire};

const TEXTS: &str = "title = { en = 'a', zh = 'b' }\nlesson = { en = 'c', zh = 'd' }\n";

fn plan(text: &str) -> Plan {
    common::plan(&format!("{TEXTS}{text}"))
}

/// How often each reason to send, to note or to drop was given.
fn reasons(trace: &Trace) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for record in &trace.records {
        let why = match &record.event {
            Event::FrameSent { why: Some(why), .. }
            | Event::FrameLost { why, .. }
            | Event::FrameDropped { why, .. }
            | Event::Noted { why, .. } => why,
            _ => continue,
        };
        let name = format!("{why:?}").replace(['(', ')', '{'], " ");
        // Of IP's reasons the topic stands between.
        let topics = usize::from(name.starts_with("Ip "));
        let words = name.split_whitespace().enumerate().filter(|(place, _)| *place != 1 || topics == 0);
        let name = words.map(|(_, word)| word).take(2).collect::<Vec<_>>().join(" ");
        *found.entry(name).or_default() += 1;
    }
    found
}

fn stop(trace: &Trace) -> &Stop {
    match trace.records.last().map(|record| &record.event) {
        Some(Event::Stopped(stop)) => stop,
        other => panic!("{other:?}"),
    }
}

/// Frames that node sent, as a pattern counts them.
fn sent(plan: &Plan, trace: &Trace, pattern: &str) -> usize {
    let mut matcher = link::Matcher::new(plan.pattern(pattern).expect("a pattern"));
    let frames = trace.frames();
    let fits = |frame: &&wirewalk::trace::Frame<'_>| {
        frame.packet().is_some_and(|packet| matcher.matches(frame.heading(), packet))
    };
    frames.iter().filter(fits).count()
}

const TRIANGLE: &str = "
[host.a]
address = '10.0.0.1/24'
program = '''
  s = socket(udp)
  connect(s, b:7)
  send(s, \"hello\")
'''
[switch.s1]
[switch.s2]
[switch.s3]
[host.b]
address = '10.0.0.2/24'
[wire]
arp = true
delay = 'DELAY'
[[link]]
between = ['a', 's1']
[[link]]
between = ['s1', 's2']
[[link]]
between = ['s2', 's3']
[[link]]
between = ['s3', 's1']
[[link]]
between = ['s3', 'b']
[limits]
frames = 3000
";

#[test]
fn a_loop_of_switches_storms_until_a_limit_stops_it_even_where_time_stands_still() {
    for delay in ["1ms", "0ms"] {
        let trace = run(&plan(&TRIANGLE.replace("DELAY", delay)), &Options::default());
        assert_eq!(stop(&trace), &Stop::Limit("frames 3000".to_owned()), "{delay}");
    }
}

#[test]
fn without_the_loop_one_question_makes_five_frames() {
    let text = TRIANGLE.replace("DELAY", "1ms").replace("[[link]]\nbetween = ['s3', 's1']\n", "");
    let plan = plan(&text);
    let trace = run(&plan, &Options::default());
    assert_eq!(stop(&trace), &Stop::Finished);
    // Each of a, s1, s2, s3 sends the question on; the answer needs as many.
    assert_eq!(sent(&plan, &trace, "arp"), 8);
}

/// a - r1 - b, a rate on the first link.
const ROUTED: &str = "
[host.a]
address = '10.0.1.2/24'
gateway = 'r1'
program = '''
PROGRAM
'''
[router.r1]
address = { a = '10.0.1.1/24', b = '10.0.2.1/24' }
[host.b]
address = '10.0.2.2/24'
gateway = 'r1'
[[link]]
between = ['a', 'r1']
[[link]]
between = ['r1', 'b']
mtu = 576
[wire]
arp = true
delay = '1ms'
";

fn routed(program: &str) -> (Plan, Trace) {
    let plan = plan(&ROUTED.replace("PROGRAM", program));
    let trace = run(&plan, &Options::default());
    (plan, trace)
}

#[test]
fn every_hop_is_caused_by_the_one_before() {
    let (_, trace) = routed("  s = socket(udp)\n  sendto(s, \"x\", b:9)");
    let (r1, b) = (HostId(1), HostId(2));
    let frames = trace.frames();
    let hop = frames.iter().find(|frame| {
        let udp = frame.packet().and_then(|packet| packet.ip()).is_some_and(|ip| ip.protocol() == 17);
        frame.from == Some(r1) && udp
    });
    let hop = hop.expect("the router passes it on");
    assert_eq!((hop.to, hop.next), (Some(b), Some(b)));
    assert!(trace.is_passed_on(hop));
    // Its cause is what let it go: b's answer to the router's question, whose cause is that question, and so on to the call.
    let mut cause = hop.record.cause;
    let mut hosts = Vec::new();
    while let Some(id) = cause {
        let record = trace.record(id);
        hosts.extend(record.host);
        cause = record.cause;
    }
    assert_eq!(hosts.last(), Some(&HostId(0)), "{hosts:?}");
}

#[test]
fn nobody_there_is_told_by_the_last_router() {
    let (plan, trace) = routed("  s = socket(tcp)\n  connect(s, 10.0.2.77:80) fails EHOSTUNREACH\n");
    let reasons = reasons(&trace);
    // One for each SYN that waited for an answer; the first ends the call.
    let told = reasons.get("Ip HostUnreachable").copied().unwrap_or(0);
    assert!((1..=4).contains(&told), "{reasons:?}");
    assert_eq!(sent(&plan, &trace, "r1 > a icmp"), told);
    assert_eq!(sent(&plan, &trace, "r1 > b arp"), 3);
}

#[test]
fn a_network_nobody_knows_is_told_by_the_first_router() {
    let (plan, trace) = routed("  s = socket(tcp)\n  connect(s, 192.0.2.1:80) fails ENETUNREACH\n");
    assert_eq!(reasons(&trace).get("Ip NetUnreachable"), Some(&1));
    assert_eq!(sent(&plan, &trace, "r1 > b"), 0);
}

#[test]
fn a_datagram_cut_twice_is_whole_at_the_end() {
    let text =
        ROUTED.replace("PROGRAM", "  when b bound 9\n  s = socket(udp)\n  sendto(s, \"x\" * 4000, b:9)");
    let server = "[host.b]\nprogram = '''\n  u = socket(udp)\n  bind(u, *:9)\n  data = recv(u, 65535)\n  len(data) == 4000\n'''";
    let plan = plan(&text.replace("[host.b]", server));
    let trace = run(&plan, &Options::default());
    assert_eq!((sent(&plan, &trace, "a > r1 udp"), sent(&plan, &trace, "r1 > b udp")), (3, 8));
    let checks: Vec<bool> = trace
        .records
        .iter()
        .filter_map(|record| match record.event {
            Event::Checked { held, .. } => Some(held),
            _ => None,
        })
        .collect();
    assert_eq!(checks, [true]);
}

#[test]
fn what_is_unplugged_loses_every_frame_until_it_is_plugged_in_again() {
    let (plan, trace) = routed(
        "  s = socket(udp)\n  unplug r1\n  sendto(s, \"x\", b:9)\n  sleep 100ms\n  plug r1\n  sendto(s, \"x\", b:9)\n",
    );
    let reasons = reasons(&trace);
    assert!(reasons["Link LinkDown"] >= 1, "{reasons:?}");
    assert_eq!(sent(&plan, &trace, "r1 > b udp"), 2, "both datagrams waited for the answer to the question");
}

#[test]
fn a_hub_tells_everybody_and_cards_drop_what_is_not_theirs() {
    let text = "
[host.a]
address = '10.0.0.1/24'
program = '''
  s = socket(udp)
  sendto(s, \"x\", b:9)
'''
[hub.h]
[host.b]
address = '10.0.0.2/24'
[host.c]
address = '10.0.0.3/24'
[[link]]
between = ['a', 'h']
[[link]]
between = ['b', 'h']
[[link]]
between = ['c', 'h']
";
    let plan = plan(text);
    let trace = run(&plan, &Options::default());
    assert_eq!((sent(&plan, &trace, "h > b udp"), sent(&plan, &trace, "h > c udp")), (1, 1));
    let dropped = Why::Ip(ip::Reason::Datagram(ip::DatagramReason::NotOurCard));
    let by_c = trace.records.iter().filter(|record| {
        record.host == Some(HostId(3))
            && matches!(&record.event, Event::FrameDropped { why, .. } if *why == dropped)
    });
    // The datagram, and b's port unreachable.
    assert_eq!(by_c.count(), 2);
}

#[test]
fn between_hops_only_cards_time_to_live_and_checksum_change() {
    let (_, trace) = routed("  s = socket(udp)\n  sendto(s, \"hello\", b:9)");
    let frames = trace.frames();
    let udp = |from: u16| {
        let of = |frame: &&wirewalk::trace::Frame<'_>| {
            frame.from == Some(HostId(from))
                && frame.packet().and_then(wire::Packet::ip).is_some_and(|ip| ip.protocol() == 17)
        };
        frames.iter().find(of).expect("a datagram").bytes.clone()
    };
    let (before, after) = (udp(0), udp(1));
    let differing: Vec<usize> = (0..before.len()).filter(|at| before[*at] != after[*at]).collect();
    assert!(differing.iter().all(|at| *at < 12 || [22, 24, 25].contains(at)), "{differing:?}");
    assert_eq!((before[22], after[22]), (64, 63));
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_other_jitter() {
    let text = ROUTED
        .replace("PROGRAM", "  s = socket(udp)\n  repeat 20:\n    sendto(s, \"x\", b:9)\n    sleep 5ms")
        .replace("mtu = 576", "mtu = 576\njitter = '3ms'\nloss = 0.3");
    let plan = plan(&text);
    let with = |seed| run(&plan, &Options { seed, ..Options::default() });
    assert_eq!(with(1).records, with(1).records);
    let times = |trace: &Trace| trace.records.iter().map(|record| record.at).collect::<Vec<_>>();
    assert_ne!(times(&with(1)), times(&with(2)));
    assert!(reasons(&with(1)).contains_key("Link LossyLink"));
}

/// Five routers in a ring, each with two switches, each with twenty hosts: hosts are numbered from 0, then switches, then routers.
fn campus() -> Plan {
    let mut plan = plan("[host.a]\n[host.b]\n");
    let usual = LinkPlan { delay: Span::micros(100), ..LinkPlan::of_wire(&plan.wire) };
    let mut cards = 0;
    let mut card = |address: [u8; 4], prefix: u8| {
        cards += 1;
        CardPlan {
            address: Ipv4Addr::from(address),
            prefix,
            mac: wire::MacAddr::of_host(cards),
            ipv6: Vec::new(),
        }
    };
    let node = |name: String, kind: NodeKind, cards: Vec<CardPlan>| {
        let first = cards.first().cloned();
        let (address, mac) =
            first.map_or((Ipv4Addr::UNSPECIFIED, Default::default()), |c| (c.address, c.mac));
        HostPlan { kind, cards, ..HostPlan::on_the_wire(&name, address, mac) }
    };
    let mut links: Vec<[Port; 2]> = Vec::new();
    let port = |node: u16, card: u16| Port { node: HostId(node), card };
    plan.hosts.clear();
    for n in 0..200_u16 {
        let net = n / 20;
        let own = card([10, 0, net as u8, (n % 20) as u8 + 2], 24);
        plan.hosts.push(node(format!("h{n}"), NodeKind::Host, vec![own]));
        links.push([port(n, 0), port(200 + net, n % 20)]);
    }
    plan.hosts.extend((0..10).map(|n| node(format!("s{n}"), NodeKind::Switch, Vec::new())));
    for r in 0..5_u16 {
        let before = (r + 4) % 5;
        let cards = vec![
            card([10, 0, 2 * r as u8, 1], 24),
            card([10, 0, 2 * r as u8 + 1, 1], 24),
            card([10, 9, r as u8, 1], 30),
            card([10, 9, before as u8, 2], 30),
        ];
        plan.hosts.push(node(format!("r{r}"), NodeKind::Router, cards));
        links.push([port(210 + r, 0), port(200 + 2 * r, 20)]);
        links.push([port(210 + r, 1), port(200 + 2 * r + 1, 20)]);
        links.push([port(210 + r, 2), port(210 + (r + 1) % 5, 3)]);
    }
    plan.links = links.into_iter().map(|ends| LinkPlan { ends, ..usual.clone() }).collect();
    let routes = plan.topology().shortest_routes();
    for (host, routes) in plan.hosts.iter_mut().zip(routes) {
        host.routes = routes;
    }
    plan.limits.records = u64::MAX;
    plan
}

/// Counts what it is given and keeps nothing.
#[derive(Default)]
struct Counted {
    answers: u64,
    hops: u64,
    lost: u64,
    troubles: u64,
}

impl Sink for Counted {
    fn endpoint(&mut self, _: EndpointId, _: &Endpoint) {}
    fn record(&mut self, record: Record) {
        match record.event {
            Event::FrameSent { .. } => self.hops += 1,
            Event::FrameLost { .. } => self.lost += 1,
            Event::FrameDropped {
                why: Why::Ip(ip::Reason::Icmp(ip::IcmpReason::IcmpIgnored { kind: 0 })),
                ..
            } => self.answers += 1,
            Event::FrameDropped {
                why: Why::Ip(ip::Reason::Datagram(ip::DatagramReason::NotOurCard)),
                ..
            } => {}
            Event::FrameDropped { .. } => self.troubles += 1,
            Event::Noted { .. } => self.troubles += 1,
            _ => {}
        }
    }
}

#[test]
fn two_hundred_hosts_on_ten_switches_and_five_routers_ping_each_other_and_all_are_answered() {
    let plan = campus();
    let mut world = World::new(&plan, &wirewalk::world::Options { level: Level::Full, ..Default::default() });
    let mut counted = Counted::default();
    for round in 1..200_u16 {
        for host in 0..200_u16 {
            let peer = &plan.hosts[usize::from((host + round) % 200)];
            world.ping(HostId(host), peer.address, host, round);
        }
        let until = Instant::ZERO + Span::millis(u64::from(round));
        while world.next_at().is_some_and(|at| at <= until) {
            world.step();
        }
        world.drain(&mut counted);
    }
    while world.step().is_some() {}
    world.drain(&mut counted);
    assert_eq!((counted.answers, counted.lost, counted.troubles), (39_800, 0, 0));
    assert!(counted.hops > 300_000, "{} hops", counted.hops);
}
