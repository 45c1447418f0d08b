//! Links that lose, go down, mark and are shared, seen from inside the world.

use super::{Options, World};
use crate::clock::Instant;
use crate::host::Reason;
use crate::link::{self, HostId};
use crate::scenario::{Plan, Scenario};
use crate::trace::{Event, Fate, Trace};
use crate::wire;

const TEXTS: &str = "title = { en = 'a', zh = 'b' }\nlesson = { en = 'c', zh = 'd' }\n";

fn plan(text: &str) -> Plan {
    let scenario = Scenario::parse("t.toml", &format!("{TEXTS}{text}"));
    match scenario {
        Ok(scenario) => scenario.default_plan().clone(),
        Err(wrong) => panic!("{}", wrong[0]),
    }
}

fn run_with(plan: &Plan, seed: u64) -> Trace {
    let mut world = World::new(plan, &Options { seed, ..Options::default() });
    while world.step().is_some() {}
    world.into_trace()
}

fn run(text: &str) -> Trace {
    run_with(&plan(text), 1)
}

/// Frames from one node to the next: when each was sent, and why it was lost if it was.
fn over(trace: &Trace, from: &str, to: &str) -> Vec<(Instant, Option<link::Reason>)> {
    let named = |host: Option<HostId>, name: &str| host.is_some_and(|host| trace.host_name(host) == name);
    let frames = trace.frames().into_iter().filter(|frame| named(frame.from, from) && named(frame.next, to));
    frames
        .map(|frame| {
            let lost = frame.fates.iter().find_map(|fate| match fate {
                Fate::Lost { why: Reason::Link(why), .. } => Some(why.clone()),
                Fate::Lost { .. } | Fate::Arrived { .. } => None,
            });
            (frame.at, lost)
        })
        .collect()
}

fn noted(trace: &Trace, wanted: impl Fn(&link::Reason) -> bool) -> usize {
    let is = |event: &Event| matches!(event, Event::Noted { why: Reason::Link(why), .. } if wanted(why));
    trace.records.iter().filter(|record| is(&record.event)).count()
}

/// Sends ten datagrams, one every 100 ms, over a switch; `LINK` is what the link from a to it says.
fn ten(link: &str) -> Trace {
    run(&format!(
        "[host.a]\naddress = '10.0.0.1/24'\nprogram = '''\ns = socket(udp)\nconnect(s, b:7)\nrepeat 10:\n  send(s, \"x\")\n  sleep 100ms\n'''\n\
         [switch.s1]\n[host.b]\naddress = '10.0.0.2/24'\nprogram = '''\nu = socket(udp)\nbind(u, *:7)\nwhile true:\n  recv(u, 1000)\n'''\n\
         [[link]]\nbetween = ['a', 's1']\n{link}\n[[link]]\nbetween = ['s1', 'b']\n"
    ))
}

#[test]
fn a_link_loses_just_the_frames_that_are_listed() {
    let trace = ten("lose = [3, 7]");
    let lost: Vec<usize> = places_lost(&over(&trace, "a", "s1"));
    assert_eq!(lost, [3, 7]);
    assert_eq!(over(&trace, "a", "s1")[2].1, Some(link::Reason::Listed { nth: 3 }));
    assert!(places_lost(&over(&ten("lose = { s1 = [1, 2, 3] }"), "a", "s1")).is_empty());
    assert_eq!(places_lost(&over(&ten("lose = { a = [1, 10] }"), "a", "s1")), [1, 10]);
}

fn places_lost(frames: &[(Instant, Option<link::Reason>)]) -> Vec<usize> {
    frames.iter().enumerate().filter(|(_, (_, lost))| lost.is_some()).map(|(place, _)| place + 1).collect()
}

#[test]
fn bursts_are_drawn_from_the_seed() {
    let text = "[host.a]\naddress = '10.0.0.1/24'\nprogram = '''\ns = socket(udp)\nconnect(s, b:7)\nrepeat 500:\n  send(s, \"x\")\n  sleep 1ms\n'''\n\
         [host.b]\naddress = '10.0.0.2/24'\nprogram = '''\nu = socket(udp)\nbind(u, *:7)\nwhile true:\n  recv(u, 1000)\n'''\n\
         [[link]]\nbetween = ['a', 'b']\nloss = { to_bad = 0.02, to_good = 0.25 }\n";
    let plan = plan(text);
    let lost = |seed| places_lost(&over(&run_with(&plan, seed), "a", "b"));
    assert_eq!(lost(1), lost(1));
    assert_ne!(lost(1), lost(2));
    let neighbours = lost(1).windows(2).filter(|pair| pair[1] == pair[0] + 1).count();
    assert!(neighbours * 2 > lost(1).len(), "they come in bursts: {:?}", lost(1));
}

#[test]
fn while_a_link_is_down_the_host_throws_away_and_both_ends_are_told() {
    let trace = ten("down = ['250ms..550ms']");
    // Those of 300, 400 and 500 ms never become frames.
    assert_eq!(over(&trace, "a", "s1").len(), 7);
    assert_eq!(over(&trace, "s1", "b").len(), 7);
    assert_eq!(noted(&trace, |why| *why == link::Reason::NoCarrier), 3);
    let told: Vec<(String, bool)> = trace
        .records
        .iter()
        .filter_map(|record| match record.event {
            Event::LinkChanged { up, next: Some(_) } => Some((trace.host_name(record.host?).to_owned(), up)),
            _ => None,
        })
        .collect();
    let pair = |name: &str, up| (name.to_owned(), up);
    assert_eq!(told, [pair("a", false), pair("s1", false), pair("a", true), pair("s1", true)]);
}

#[test]
fn what_is_under_way_when_a_link_goes_down_does_not_arrive_even_if_it_is_up_again() {
    let trace = ten("delay = '50ms'\ndown = ['120ms..130ms']");
    assert_eq!(places_lost(&over(&trace, "a", "s1")), [2]);
    assert_eq!(over(&trace, "a", "s1")[1].1, Some(link::Reason::LinkDown));
}

#[test]
fn a_host_asks_again_by_arp_after_its_link_was_down_and_a_switch_floods_again() {
    let text = "[host.a]\naddress = '10.0.0.1/24'\nprogram = '''\ns = socket(udp)\nconnect(s, b:7)\nsend(s, \"x\")\nsleep 100ms\n\
         unplug a from s1\nsleep 100ms\nplug a into s1\nsend(s, \"y\")\n'''\n\
         [switch.s1]\n[host.b]\naddress = '10.0.0.2/24'\nprogram = '''\nu = socket(udp)\nbind(u, *:7)\nwhile true:\n  recv(u, 1000)\n'''\n\
         [host.c]\naddress = '10.0.0.3/24'\n[wire]\narp = true\n\
         [[link]]\nbetween = ['a', 's1']\n[[link]]\nbetween = ['s1', 'b']\n[[link]]\nbetween = ['s1', 'c']\n";
    let trace = run(text);
    let asked = trace
        .frames()
        .iter()
        .filter(|frame| frame.from == Some(HostId(0)) && frame.bytes.get(12..14) == Some(&[8, 6]))
        .count();
    assert_eq!(asked, 2);
}

/// A long transfer over a slow link whose queue says this.
fn transfer(room: u32, queue: &str) -> Trace {
    run(&format!(
        "[host.a]\naddress = '10.0.0.1/24'\nsysctl = {{ tcp_ecn = 1 }}\nprogram = '''\nwhen b LISTEN\ns = socket(tcp)\nconnect(s, b:80)\nsendall(s, \"x\" * 400000)\nclose(s)\n'''\n\
         [host.b]\naddress = '10.0.0.2/24'\nsysctl = {{ tcp_ecn = 1 }}\nprogram = '''\nl = socket(tcp)\nbind(l, *:80)\nlisten(l, 1)\nc = accept(l)\nwhile recv(c, 65536) != \"\":\n  sleep 0ms\nclose(c)\n'''\n\
         [[link]]\nbetween = ['a', 'b']\ndelay = '10ms'\nrate = '5Mbit/s'\nqueue = {room}\n{queue}\n"
    ))
}

/// How many frames were lost early, were lost at the tail, arrived marked; and the longest the queue got.
fn toll(trace: &Trace) -> (usize, usize, usize, u64) {
    let (mut early, mut tail, mut marked) = (0, 0, 0);
    for frame in trace.frames() {
        for fate in &frame.fates {
            match fate {
                Fate::Lost { why: Reason::Link(link::Reason::EarlyDrop { .. }), .. } => early += 1,
                Fate::Lost { why: Reason::Link(link::Reason::QueueFull { .. }), .. } => tail += 1,
                Fate::Arrived { changed: Some(changed), .. } => {
                    let ecn = wire::parse(changed).ok().and_then(|packet| packet.ip().map(|ip| ip.ecn));
                    marked += usize::from(ecn == Some(wire::CE));
                }
                Fate::Lost { .. } | Fate::Arrived { .. } => {}
            }
        }
    }
    let queues = trace.queues();
    let longest = queues.iter().filter(|series| series.queue == "wire").map(|series| series.max());
    (early, tail, marked, longest.max().unwrap_or(0))
}

#[test]
fn random_early_detection_keeps_the_queue_short_by_losses_or_by_marks() {
    let red = "red = { min = 5, max = 15, probability = 0.1, weight = 0.01 }";
    let (early, tail, marked, full) = toll(&transfer(20, ""));
    assert_eq!((early, marked), (0, 0));
    assert!(tail > 0 && full == 20, "{tail} lost at the tail of {full}");
    let (.., unwatched) = toll(&transfer(200, ""));
    let (early, tail, marked, short) = toll(&transfer(200, red));
    assert!(early > 0 && tail == 0 && marked == 0 && short <= unwatched, "{early} {tail} {marked} {short}");
    let gentle = red.replace(" }", ", gentle = true, ecn = true }");
    let trace = transfer(200, &gentle);
    let (_, tail, marked, short) = toll(&trace);
    assert!(marked > 0 && tail == 0 && short <= unwatched, "{tail} {marked} {short}");
    assert_eq!(marked, noted(&trace, |why| matches!(why, link::Reason::EarlyMark { .. })));
    assert!(trace.queues().iter().any(|series| series.queue == "wire-average" && series.max() > 0));
}

#[test]
fn stations_on_a_hub_collide_back_off_and_come_through() {
    let host = |name: &str, last: u8| {
        format!(
            "[host.{name}]\naddress = '10.0.0.{last}/24'\nprogram = '''\ns = socket(udp)\nconnect(s, d:7)\nrepeat 5:\n  send(s, \"x\" * 500)\n'''\n"
        )
    };
    let link = |name: &str| {
        format!("[[link]]\nbetween = ['{name}', 'h']\ndelay = '2us'\nrate = '10Mbit/s'\nduplex = 'half'\n")
    };
    let text = format!(
        "{}{}{}[host.d]\naddress = '10.0.0.9/24'\nprogram = '''\nu = socket(udp)\nbind(u, *:7)\nwhile true:\n  recv(u, 1000)\n'''\n[hub.h]\n{}{}{}{}",
        host("a", 1),
        host("b", 2),
        host("c", 3),
        link("a"),
        link("b"),
        link("c"),
        link("d")
    );
    let trace = run(&text);
    let collisions = noted(&trace, |why| matches!(why, link::Reason::Collision { .. }));
    assert!(collisions >= 3, "all three begin at once: {collisions}");
    let arrived = over(&trace, "h", "d");
    assert_eq!(arrived.len(), 15);
    assert!(arrived.iter().all(|(_, lost)| lost.is_none()));
    // 542 octets take 433.6 µs: no two of them are on the wire at once.
    assert!(arrived.windows(2).all(|pair| pair[1].0.since(pair[0].0) >= crate::clock::Span::micros(433)));
    assert_eq!(trace.records, run(&text).records, "drawn from the seed");
}
