//! Whatever the wire does: bytes arrive exactly once and in order, or the application is told; nothing stalls, nothing
//! is left over. The engine asserts its invariants after every step by itself, in every build.
//!
//! A world draws its profile and settings (SACK, timestamps, window scale, RACK, tail probes, F-RTO, ECN, cookies), each
//! end's congestion control, buffers and habits (Nagle, keepalive, half-close, abort), and the wire's rate, delay and faults;
//! in some a crowd pushes at a listener with no room. `tcp::tests::worlds` does the same to two stacks alone, with urgent
//! data, reports of the network and marks, and walks over every list after each step.
//!
//! Every world follows from its seed alone. `WORLD_SEED=n cargo test --test worlds -- --nocapture` plays one again and
//! prints its scenario (which `wirewalk run FILE --seed n` shows in any view); `WORLDS_FROM=n` begins at another seed, `WORLDS=n` plays that many.

mod common;

use common::{check_invariants, plan, received_by};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use wirewalk::clock::{Draws, Instant};
use wirewalk::host::Reason as Why;
use wirewalk::link::HostId;
use wirewalk::scenario::Plan;
use wirewalk::socket::{Errno, Return};
use wirewalk::tcp::{Reason, State};
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
    /// The client closes with linger 0.
    aborts: bool,
    /// Settings of client and server.
    settings: [String; 2],
    /// Lines that set the options of the client's and of the listening socket.
    options: [String; 2],
    backlog: u64,
    /// Backlog of another listener at which ten visitors knock at once.
    crowd: Option<u64>,
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
        ("mark", ""),
    ]);
    let percent = 1 + dice.below(39);
    format!("[[fault]]\n{effect} = \"{pattern}\"\n{by}\nprobability = 0.{percent:02}\n")
}

/// What an administrator may have changed.
fn settings(dice: &mut Dice) -> String {
    let mut list = Vec::new();
    for (name, values) in [
        ("tcp_sack", &[0, 1, 1][..]),
        ("tcp_dsack", &[0, 1]),
        ("tcp_timestamps", &[0, 1, 2]),
        ("tcp_window_scaling", &[0, 1, 1]),
        ("tcp_recovery", &[0, 1, 5]),
        ("tcp_early_retrans", &[0, 3]),
        ("tcp_frto", &[0, 2]),
        ("tcp_ecn", &[0, 1, 2]),
        ("tcp_syncookies", &[0, 1, 2]),
        ("tcp_evict_oldest", &[0, 0, 1]),
        ("tcp_abort_on_overflow", &[0, 0, 1]),
        ("tcp_slow_start_after_idle", &[0, 1]),
        ("tcp_initial_cwnd", &[0, 1, 10]),
        // Without that limit two ends that disagree about old numbers answer each other for ever: it is there against this.
        ("tcp_invalid_ratelimit", &[500]),
        ("tcp_fin_timeout", &[60]),
    ] {
        if dice.one_in(2) || values.len() == 1 {
            list.push(format!("{name} = {}", dice.of(values)));
        }
    }
    format!("sysctl = {{ {} }}", list.join(", "))
}

/// What the user of `socket` wishes.
fn options(dice: &mut Dice, socket: &str) -> String {
    let mut lines = String::new();
    let mut wish = |name: &str, value: &str| {
        let _ = writeln!(lines, "  setsockopt({socket}, {name}, {value})");
    };
    if dice.one_in(2) {
        wish("TCP_CONGESTION", dice.of(&["\"reno\"", "\"cubic\"", "\"none\""]));
    }
    if dice.one_in(3) {
        wish("SO_RCVBUF", dice.of(&["2304", "4096", "8192"]));
    }
    if dice.one_in(4) {
        wish("SO_SNDBUF", dice.of(&["4608", "9000"]));
    }
    if dice.one_in(3) {
        wish("TCP_NODELAY", "1");
    }
    if dice.one_in(6) {
        wish("SO_KEEPALIVE", "1");
        wish("TCP_KEEPIDLE", "20");
    }
    lines
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
    // A cookie tells the ISN to within three octets only: a stream whose first octets are lost could begin behind them.
    let up = data(4 + dice.below(longest));
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
        read: 1 + dice.below(6_000).max(500),
        pause_us: if dice.one_in(4) { dice.below(400_000) } else { dice.below(2_000) },
        aborts: dice.one_in(10),
        settings: [settings(&mut dice), settings(&mut dice)],
        options: [options(&mut dice, "s"), options(&mut dice, "l")],
        backlog: dice.below(6),
        crowd: dice.one_in(8).then(|| dice.below(3)),
    }
}

fn sends(descriptor: &str, data: &str, pieces: usize) -> String {
    let piece = data.len().div_ceil(pieces).max(4);
    let pieces = data.as_bytes().chunks(piece).map(String::from_utf8_lossy);
    pieces.map(|piece| format!("  try sendall({descriptor}, \"{piece}\")\n")).collect()
}

fn scenario_of(mischief: &Mischief) -> String {
    let rate =
        mischief.rate.map_or(String::new(), |rate| format!("rate = \"{}bit/s\"\nqueue = 20", rate * 8));
    let half_close = mischief.half_close || !mischief.down.is_empty();
    let wait = if half_close {
        "  try shutdown(s, SHUT_WR)\n  while recv(s, 5000) != \"\":\n    sleep 1us\n"
    } else {
        ""
    };
    let abort = if mischief.aborts { "  setsockopt(s, SO_LINGER, 0)\n" } else { "" };
    let (crowd, listeners) = (crowd_of(mischief), if mischief.crowd.is_some() { " 2" } else { "" });
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
{settings_client}
program = '''
  when server LISTEN{listeners}
  s = socket(tcp)
{options_client}  try connect(s, server:8080)
  settimeout(s, 3h)
{up}{wait}{abort}  close(s)
'''
[host.server]
{settings_server}
[host.server.process.server]
program = '''
  l = socket(tcp)
{options_server}  bind(l, *:8080)
  listen(l, {backlog})
  settimeout(l, 1h)
  c = accept(l)
  settimeout(c, 1h)
{down}  while recv(c, {read}) != "":
    sleep {pause}us
  close(c)
'''
{crowd}"#,
        profile = mischief.profile,
        faults = mischief.faults.join("\n"),
        delay = mischief.delay_us,
        settings_client = mischief.settings[0],
        settings_server = mischief.settings[1],
        options_client = mischief.options[0],
        options_server = mischief.options[1],
        backlog = mischief.backlog,
        up = sends("s", &mischief.up, mischief.pieces),
        down = sends("c", &mischief.down, 1),
        read = mischief.read,
        pause = mischief.pause_us + 1,
    )
}

/// Ten visitors knock where there is hardly room; whoever gets in says a word. A busy doorman lets them in one by one.
fn crowd_of(mischief: &Mischief) -> String {
    mischief.crowd.map_or(String::new(), |backlog| {
        format!(
            r#"
[host.server.process.doorman]
program = '''
  d = socket(tcp)
  bind(d, *:9090)
  listen(d, {backlog})
  settimeout(d, 100s)
  while true:
    v = accept(d)
    settimeout(v, 1h)
    sleep 300ms
    recv(v, 100)
    close(v)
'''
[host.crowd]
program = '''
  when server LISTEN 2
  every 1ms for 10ms as visitor:
    v = socket(tcp)
    settimeout(v, 30s)
    try connect(v, server:9090)
    try sendall(v, "hello")
    close(v)
'''
"#
        )
    })
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

/// When a call of that process first waited an hour in vain.
fn waited_in_vain(trace: &Trace, process: &str) -> Option<Instant> {
    let record = trace.records.iter().find(|record| {
        matches!(&record.event, Event::CallReturned { process: who, result: Return::Failed(Errno::EAGAIN), .. }
            if trace.meta.processes[who.index()].name == process)
    });
    record.map(|record| record.at)
}

/// Whether a connection of that host between client and server had ended by then.
fn let_go(trace: &Trace, host: HostId, by: Instant) -> bool {
    trace.records.iter().take_while(|record| record.at <= by).any(|record| {
        let Event::StateChanged { endpoint, to: State::Closed, .. } = &record.event else { return false };
        let endpoint = trace.endpoint(*endpoint);
        let ports = endpoint.remote.map(|remote| [remote.port(), endpoint.local.port()]);
        record.host == Some(host) && ports.is_some_and(|ports| ports.contains(&8080))
    })
}

/// Everything TCP did in that run, by its reasons.
fn reasons(trace: &Trace) -> BTreeSet<Reason> {
    let why = |event: &Event| match event {
        Event::FrameSent { why: Some(Why::Tcp(why)), .. }
        | Event::FrameDropped { why: Why::Tcp(why), .. }
        | Event::Noted { why: Why::Tcp(why), .. } => Some(*why),
        _ => None,
    };
    trace.records.iter().filter_map(|record| why(&record.event)).collect()
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
    for host in (0..plan.hosts.len() as u16).map(HostId) {
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
    // The server's calls wait an hour, the client's three: no sender goes on just in time. If both write before they read,
    // both may wait for each other.
    for (process, peer) in [("client", HostId(1)), ("server", HostId(0))] {
        let waited = waited_in_vain(&trace, process).filter(|_| mischief.down.is_empty());
        assert!(waited.is_none_or(|at| let_go(&trace, peer, at)), "the peer of {process} stalled");
    }
    let one_way = mischief.down.is_empty();
    if mischief.faults.is_empty() && mischief.rate.is_none() && !mischief.aborts && one_way {
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
        let trace = play(seed);
        println!("{} records, the last: {:?}", trace.records.len(), trace.records.last());
        return;
    }
    let first = number("WORLDS_FROM").unwrap_or(1);
    let end = first + number("WORLDS").unwrap_or(WORLDS);
    let next = AtomicU64::new(first);
    let seen = Mutex::new(BTreeSet::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut played = 0_u64;
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return played;
            }
            let Ok(trace) = catch_unwind(AssertUnwindSafe(|| play(seed))) else {
                next.store(end, Ordering::Relaxed);
                panic!(
                    "world {seed} breaks; play it again: WORLD_SEED={seed} cargo test --test worlds -- --nocapture"
                );
            };
            seen.lock().expect("no world breaks here").extend(reasons(&trace));
            played += 1;
        }
    };
    let played = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    let played = played.into_iter().map(|result| result.expect("a world breaks; its seed is above"));
    assert_eq!(played.sum::<u64>(), end - first);
    if end - first >= WORLDS {
        let seen = seen.into_inner().expect("no world breaks here");
        let missing: Vec<_> = EVERYWHERE.iter().filter(|why| !seen.contains(why)).collect();
        assert!(missing.is_empty(), "so many worlds, and never {missing:?}");
    }
}

/// What so many worlds must have met: else they are tamer than they look.
const EVERYWHERE: &[Reason] = &[
    Reason::RetransmitSyn,
    Reason::RetransmitSynAck,
    Reason::RepeatSynAck,
    Reason::RetransmitData,
    Reason::RetransmitFin,
    Reason::FastRetransmit,
    Reason::RetransmitPartial,
    Reason::RetransmitHole,
    Reason::RetransmitLost,
    Reason::RetransmitRescue,
    Reason::ProbeTail,
    Reason::ProbeWindow,
    Reason::ProbeKeepalive,
    Reason::AckWindowUpdate,
    Reason::AckOutOfOrder,
    Reason::AckGapFilled,
    Reason::AckDuplicate,
    Reason::AckInTimeWait,
    Reason::DuplicateReported,
    Reason::RecoveryUndone,
    Reason::KarnNoSample,
    Reason::EcnMarked,
    Reason::EcnEcho,
    Reason::AnswerWithCookie,
    Reason::CookieValid,
    Reason::DropAcceptQueueFullSyn,
    Reason::DropAcceptQueueFullAck,
    Reason::DropSynQueueFull,
    Reason::HalfOpenEvicted,
    Reason::ResetOverflow,
    Reason::ResetAbort,
    Reason::ResetNoConnection,
    Reason::PeerReset,
    Reason::HeldByNagle,
    Reason::HeldByWindow,
    Reason::HeldBySillyWindow,
    Reason::HeldByCongestion,
    Reason::GivenUp,
    Reason::HalfOpenGivenUp,
    Reason::TimeWaitOver,
    Reason::FinWait2Over,
];

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
