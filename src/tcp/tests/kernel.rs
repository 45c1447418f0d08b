//! The kernel's answers, cell by cell: in each state one segment, what the kernel sent within 13 ms, the state it was in
//! then, and which counters rose. `kernel.txt` holds what Linux 6.18.44 did (`tcp_invalid_ratelimit` 0, no timestamps,
//! MTU 1500); the linux profile must do the same.

use super::bench::{Bench, peer, seg, with_options};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Owner, Profile, State};
use crate::wire::TcpOption;

/// Where the kernel does what no RFC and no purpose explains, we do as the RFC says: it takes an acknowledgment of nothing
/// for the handshake's last one.
const NOT_FOLLOWED: [&str; 1] = ["SYN-RECEIVED | A 1 0 0 "];

const TABLE: &str = include_str!("kernel.txt");

/// An endpoint of the linux profile in the state that a row names.
fn endpoint(name: &str) -> Bench {
    let at = |state| Bench::at(Profile::linux(), state);
    let closed_from = |acknowledged: bool| {
        let mut bench = at(State::Established);
        bench.close();
        if acknowledged {
            bench.hand(&seg("A", 1, 2, ""));
        }
        bench
    };
    let mut bench = match name {
        "HALF-OPEN" => {
            let mut bench = at(State::Listen);
            bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
            bench
        }
        "FW1-ORPHAN" => closed_from(false),
        "FW2-ORPHAN" => closed_from(true),
        state => at(State::from_name(state).expect("a state")),
    };
    bench.wait(Span::millis(12));
    bench.forget_past();
    bench
}

/// The row as our engine fills it in.
fn ours(row: &str) -> String {
    let cells: Vec<&str> = row.split(" | ").collect();
    let words: Vec<&str> = cells[1].split(' ').collect();
    let number = |text: &str| text.parse::<i32>().unwrap();
    let text = ["", "x", "xx", "xxx", "xxxx", "xxxxx", "xxxxxx"][words[3].parse::<usize>().unwrap()];
    let letters = if words[0] == "-" { "" } else { words[0] };
    let mut bench = endpoint(cells[0]);
    let mut sent = bench.hand(&seg(letters, number(words[1]), number(words[2]), text));
    sent.extend(bench.wait(Span::millis(13)));
    let live = bench.stack.endpoints().find(|endpoint| endpoint.remote == Some(peer()));
    let listens = bench.stack.endpoints().any(|endpoint| matches!(endpoint.owner, Owner::Listener(_)));
    let rest = if listens { "LISTEN" } else { "CLOSED" };
    let state = live.map_or(rest, |endpoint| endpoint.state.name());
    let compared = |counter: &&Counter| !matches!(counter, Counter::InSegs);
    let risen = Counter::ALL.iter().filter(compared).filter(|counter| bench.count(**counter) > 0);
    let mut counters: Vec<String> =
        risen.map(|counter| format!("{counter}={}", bench.count(*counter))).collect();
    counters.sort();
    format!("{} | {} | {} | {state} | {}", cells[0], cells[1], sent.join(", "), counters.join(" "))
}

#[test]
fn the_linux_profile_answers_every_segment_in_every_state_as_the_kernel_did() {
    let followed =
        |line: &&str| !line.starts_with('#') && NOT_FOLLOWED.iter().all(|row| !line.starts_with(row));
    let rows = TABLE.lines().filter(followed);
    let wrong: Vec<String> = rows
        .filter_map(|row| {
            let ours = ours(row);
            (ours.trim_end() != row.trim_end()).then(|| format!("kernel {row}\nours   {ours}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}
