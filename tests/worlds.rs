//! Whatever the wire does: bytes arrive exactly once and in order, or the application is told; nothing stalls, nothing
//! is left over.
//!
//! Every world follows from its seed alone. `WORLD_SEED=n cargo test --test worlds` plays one again, with its scenario and
//! its trace's end; `WORLDS_FROM=n` begins at another seed, `WORLDS=n` plays that many.

mod common;

use common::{check_invariants, plan, received_by};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use wirewalk::clock::Draws;
use wirewalk::link::HostId;
use wirewalk::scenario::Plan;
use wirewalk::socket::{Errno, Return};
use wirewalk::tcp::State;
use wirewalk::trace::{Event, Stop, Trace};
use wirewalk::world::{Options, World};

/// Worlds of one run.
const WORLDS: u64 = 10_000;

/// What a random wire does, and to whom.
#[derive(Clone, Debug)]
struct Mischief {
    seed: u64,
    faults: Vec<String>,
    delay_us: u64,
    rate: Option<u64>,
    profile: &'static str,
    /// What the client sends, in how many writes.
    up: String,
    pieces: usize,
    /// What the server sends.
    down: String,
    half_close: bool,
    small_buffer: bool,
    /// Octets the server reads at once, and the pause after it.
    read: u64,
    pause_us: u64,
}

/// Draws of one purpose after the other.
struct Dice {
    draws: Draws,
    thrown: u64,
}

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.thrown += 1;
        self.draws.below("world", 0, self.thrown, bound)
    }
    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

fn fault(dice: &mut Dice) -> String {
    let pattern = dice.of(&[
        "*",
        "client > server",
        "server > client",
        "client > server data",
        "server > client data",
        "server > client SA #1",
        "client > server S #1",
        "client > server #2-4",
        "server > client FA",
        "client > server FA",
        "client > server A #1",
    ]);
    let (effect, by) = dice.of(&[
        ("drop", ""),
        ("drop", ""),
        ("corrupt", ""),
        ("duplicate", "by = \"3ms\""),
        ("duplicate", "by = \"2s\""),
        ("delay", "by = \"15ms\""),
        ("delay", "by = \"700ms\""),
        ("delay", "by = \"4s\""),
    ]);
    let percent = 1 + dice.below(39);
    format!("[[fault]]\n{effect} = \"{pattern}\"\n{by}\nprobability = 0.{percent:02}\n")
}

/// No two places of the data look alike: an octet out of order shows.
fn data(len: u64) -> String {
    let mut data = String::new();
    for n in 0_u32.. {
        if data.len() as u64 >= len {
            break;
        }
        let _ = write!(data, "{n:x}.");
    }
    data.truncate(len as usize);
    data
}

fn mischief(seed: u64) -> Mischief {
    let mut dice = Dice { draws: Draws::new(seed), thrown: 0 };
    let longest = dice.of(&[10, 2_000, 6_000, 30_000]);
    let up = data(1 + dice.below(longest));
    let down = if dice.one_in(3) { data(1 + dice.below(longest)) } else { String::new() };
    Mischief {
        seed,
        faults: (0..dice.below(4)).map(|_| fault(&mut dice)).collect(),
        delay_us: dice.below(30_000),
        rate: dice.one_in(2).then(|| 20_000 + dice.below(2_000_000)),
        profile: dice.of(&["linux", "rfc9293"]),
        up,
        pieces: 1 + dice.below(4) as usize,
        down,
        half_close: dice.one_in(2),
        small_buffer: dice.one_in(3),
        read: 1 + dice.below(6_000).max(500),
        pause_us: dice.below(2_000),
    }
}

fn sends(descriptor: &str, data: &str, pieces: usize) -> String {
    let piece = data.len().div_ceil(pieces).max(1);
    let pieces = data.as_bytes().chunks(piece).map(String::from_utf8_lossy);
    pieces.map(|piece| format!("  try sendall({descriptor}, \"{piece}\")\n")).collect()
}

fn scenario_of(mischief: &Mischief) -> String {
    let rate =
        mischief.rate.map_or(String::new(), |rate| format!("rate = \"{}bit/s\"\nqueue = 20", rate * 8));
    let end = if mischief.half_close || !mischief.down.is_empty() {
        "  try shutdown(s, SHUT_WR)\n  while recv(s, 5000) != \"\":\n    sleep 1us\n  close(s)"
    } else {
        "  close(s)"
    };
    let buffer = if mischief.small_buffer { "  setsockopt(l, SO_RCVBUF, 4096)\n" } else { "" };
    format!(
        r#"
title = {{ en = "t", zh = "t" }}
lesson = {{ en = "l", zh = "l" }}
profile = "{profile}"
{faults}
[wire]
delay = "{delay}us"
{rate}
[host.client]
program = '''
  when server LISTEN
  s = socket(tcp)
  try connect(s, server:8080)
  settimeout(s, 1h)
{up}{end}
'''
[host.server]
program = '''
  l = socket(tcp)
{buffer}  bind(l, *:8080)
  listen(l, 5)
  settimeout(l, 1h)
  c = accept(l)
  settimeout(c, 1h)
{down}  while recv(c, {read}) != "":
    sleep {pause}us
  close(c)
'''
"#,
        profile = mischief.profile,
        faults = mischief.faults.join("\n"),
        delay = mischief.delay_us,
        up = sends("s", &mischief.up, mischief.pieces),
        down = sends("c", &mischief.down, 1),
        read = mischief.read,
        pause = mischief.pause_us + 1,
    )
}

/// The errors that the calls of that process were told.
fn told(trace: &Trace, process: &str) -> Vec<Errno> {
    let errors = trace.calls().into_iter().filter_map(|call| {
        let own = trace.meta.processes[call.process.index()].name == process;
        match call.result() {
            Some(Return::Failed(error)) if own => Some(*error),
            _ => None,
        }
    });
    errors.collect()
}

/// Whether the process of that name saw the end of the stream.
fn saw_the_end(trace: &Trace, process: &str) -> bool {
    trace.calls().iter().any(|call| {
        trace.meta.processes[call.process.index()].name == process
            && matches!(call.result(), Some(Return::Received(data)) if data.is_empty())
    })
}

/// Whether a connection of that host ended before the run did.
fn let_go(trace: &Trace, host: HostId) -> bool {
    trace.records.iter().any(|record| {
        record.host == Some(host)
            && matches!(&record.event, Event::StateChanged { endpoint, to: State::Closed, .. }
                if trace.endpoint(*endpoint).remote.is_some())
    })
}

/// One direction: what came is how what was sent begins, and it is all of it unless somebody was told.
fn stream_holds(trace: &Trace, sent: &str, from: &str, to: &str) {
    let received = received_by(trace, to);
    assert!(
        sent.as_bytes().starts_with(&received),
        "{} octets came to {to}, not those that were sent",
        received.len()
    );
    if received.len() < sent.len() {
        let errors = (told(trace, from), told(trace, to));
        assert!(!(errors.0.is_empty() && errors.1.is_empty()), "octets are missing at {to}, nobody was told");
        assert!(
            !saw_the_end(trace, to) || !errors.0.is_empty(),
            "the stream to {to} ended early and {from} was not told"
        );
    }
}

/// Plays a world to its end and sees that all holds.
fn holds(mischief: &Mischief, plan: &Plan) -> Trace {
    let options = Options { seed: mischief.seed, ..Options::default() };
    let mut world = World::new(plan, &options);
    while world.step().is_some() {}
    for host in [HostId(0), HostId(1)] {
        let left = world.machine(host).map(wirewalk::host::Host::states);
        assert_eq!(left, Some(Vec::new()), "entries are left over");
    }
    let trace = world.into_trace();
    check_invariants(&trace);
    let stop = trace.records.last().map(|record| &record.event);
    assert!(matches!(stop, Some(Event::Stopped(Stop::Finished))), "the run ended with {stop:?}");
    stream_holds(&trace, &mischief.up, "client", "server");
    stream_holds(&trace, &mischief.down, "server", "client");
    // Whoever waits an hour in vain has a peer that gave up; one that merely stopped sending has stalled.
    for (process, peer) in [("client", HostId(1)), ("server", HostId(0))] {
        let waited = told(&trace, process).contains(&Errno::EAGAIN);
        assert!(!waited || let_go(&trace, peer), "the peer of {process} stalled");
    }
    if mischief.faults.is_empty() && mischief.rate.is_none() {
        for (sent, process) in [(&mischief.up, "server"), (&mischief.down, "client")] {
            assert_eq!(received_by(&trace, process).len(), sent.len(), "an untroubled wire lost something");
            assert_eq!(told(&trace, process), [], "an error out of nothing");
        }
    }
    trace
}

fn play(seed: u64) -> Trace {
    let mischief = mischief(seed);
    holds(&mischief, &plan(&scenario_of(&mischief)))
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

#[test]
fn bytes_arrive_once_and_in_order_or_the_application_is_told() {
    if let Some(seed) = number("WORLD_SEED") {
        println!("{}", scenario_of(&mischief(seed)));
        println!("{} records", play(seed).records.len());
        return;
    }
    let first = number("WORLDS_FROM").unwrap_or(1);
    let end = first + number("WORLDS").unwrap_or(WORLDS);
    let next = AtomicU64::new(first);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut played = 0_u64;
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return played;
            }
            if catch_unwind(AssertUnwindSafe(|| play(seed))).is_err() {
                next.store(end, Ordering::Relaxed);
                panic!(
                    "world {seed} breaks; play it again: WORLD_SEED={seed} cargo test --test worlds -- --nocapture"
                );
            }
            played += 1;
        }
    };
    let played = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    let played = played.into_iter().map(|result| result.expect("a world breaks; its seed is above"));
    assert_eq!(played.sum::<u64>(), end - first);
}

#[test]
fn a_world_follows_from_its_seed_alone() {
    for seed in [3, 4, 5] {
        assert_eq!(play(seed).records, play(seed).records);
    }
}

#[test]
fn a_stream_with_a_hole_does_not_pass() {
    let trace = play((1..).find(|seed| mischief(*seed).faults.is_empty()).unwrap_or(1));
    let other = format!("{}x", String::from_utf8_lossy(&received_by(&trace, "server")));
    let broken = catch_unwind(AssertUnwindSafe(|| stream_holds(&trace, &other, "client", "server")));
    assert!(broken.is_err(), "an octet that never came was not missed");
}
