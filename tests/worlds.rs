//! Whatever the wire does: bytes arrive exactly once and in order, or the application is told.

mod common;

use common::{check_invariants, plan, received_by};
use proptest::prelude::*;
use wirewalk::scenario::Plan;
use wirewalk::sim::{self, Options};
use wirewalk::socket::Return;
use wirewalk::trace::{Event, Stop, Trace};

/// What a random wire does.
#[derive(Clone, Debug)]
struct Mischief {
    faults: Vec<String>,
    delay_us: u64,
    rate: Option<u64>,
    profile: &'static str,
    data: String,
    pieces: usize,
    half_close: bool,
    small_buffer: bool,
    seed: u64,
}

fn fault() -> impl Strategy<Value = String> {
    let pattern = prop_oneof![
        Just("*"),
        Just("client > server"),
        Just("server > client"),
        Just("client > server data"),
        Just("server > client SA #1"),
        Just("client > server S #1"),
        Just("client > server #2-4"),
        Just("server > client FA"),
        Just("client > server FA"),
        Just("client > server A #1"),
    ];
    let effect = prop_oneof![
        Just(("drop", "")),
        Just(("corrupt", "")),
        Just(("duplicate", "by = \"3ms\"")),
        Just(("duplicate", "by = \"2s\"")),
        Just(("delay", "by = \"15ms\"")),
        Just(("delay", "by = \"4s\"")),
    ];
    (pattern, effect, 1..40_u32).prop_map(|(pattern, (effect, by), percent)| {
        format!("[[fault]]\n{effect} = \"{pattern}\"\n{by}\nprobability = 0.{percent:02}\n")
    })
}

fn mischief() -> impl Strategy<Value = Mischief> {
    (
        proptest::collection::vec(fault(), 0..4),
        0..30_000_u64,
        proptest::option::of(20_000..2_000_000_u64),
        prop_oneof![Just("linux"), Just("rfc9293")],
        1..30_000_usize,
        1..5_usize,
        any::<bool>(),
        any::<bool>(),
        any::<u64>(),
    )
        .prop_map(|(faults, delay_us, rate, profile, len, pieces, half_close, small_buffer, seed)| {
            // No two places of the data look alike: a byte out of order shows.
            let data: String =
                (0_u32..).flat_map(|n| format!("{n:x}.").into_bytes()).map(char::from).take(len).collect();
            Mischief { faults, delay_us, rate, profile, data, pieces, half_close, small_buffer, seed }
        })
}

fn plan_of(mischief: &Mischief) -> Plan {
    let piece = mischief.data.len().div_ceil(mischief.pieces).max(1);
    let sends: String = mischief
        .data
        .as_bytes()
        .chunks(piece)
        .map(|piece| format!("  try sendall(s, \"{}\")\n", String::from_utf8_lossy(piece)))
        .collect();
    let rate =
        mischief.rate.map_or(String::new(), |rate| format!("rate = \"{}bit/s\"\nqueue = 20", rate * 8));
    let end = if mischief.half_close {
        "  try shutdown(s, SHUT_WR)\n  try recv(s, 10)\n  close(s)"
    } else {
        "  close(s)"
    };
    let buffer = if mischief.small_buffer { "  setsockopt(l, SO_RCVBUF, 4096)\n" } else { "" };
    plan(&format!(
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
{sends}{end}
'''
[host.server]
program = '''
  l = socket(tcp)
{buffer}  bind(l, *:8080)
  listen(l, 5)
  settimeout(l, 1h)
  c = accept(l)
  settimeout(c, 1h)
  while recv(c, 3000) != "":
    sleep 1ms
  close(c)
'''
"#,
        profile = mischief.profile,
        faults = mischief.faults.join("\n"),
        delay = mischief.delay_us,
    ))
}

/// Whether some call of that process failed.
fn was_told(trace: &Trace, process: &str) -> bool {
    trace.calls().iter().any(|call| {
        trace.meta.processes[call.process.index()].name == process
            && matches!(call.result(), Some(Return::Failed(_)))
    })
}

/// Whether the process of that name saw the end of the stream.
fn saw_the_end(trace: &Trace, process: &str) -> bool {
    trace.calls().iter().any(|call| {
        trace.meta.processes[call.process.index()].name == process
            && matches!(call.result(), Some(Return::Received(data)) if data.is_empty())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn bytes_arrive_once_and_in_order_or_the_application_is_told(mischief in mischief()) {
        let plan = plan_of(&mischief);
        let options = Options { seed: mischief.seed, ..Options::default() };
        let trace = sim::run(&plan, &options);
        check_invariants(&trace);
        let received = received_by(&trace, "server");
        let sent = mischief.data.as_bytes();
        prop_assert!(sent.starts_with(&received), "{} bytes came, not those that were sent", received.len());
        let stop = trace.records.last().map(|record| &record.event);
        prop_assert!(
            matches!(stop, Some(Event::Stopped(Stop::Finished))),
            "the run ended with {stop:?}"
        );
        if saw_the_end(&trace, "server") && !was_told(&trace, "client") {
            prop_assert_eq!(received.len(), sent.len(), "the stream ended early and nobody was told");
        }
        if received.len() < sent.len() {
            prop_assert!(was_told(&trace, "client") || was_told(&trace, "server"));
        }
        if mischief.faults.is_empty() && mischief.rate.is_none() {
            prop_assert_eq!(received.len(), sent.len(), "an untroubled wire lost something");
            prop_assert!(!was_told(&trace, "client") && !was_told(&trace, "server"));
        }
    }
}
