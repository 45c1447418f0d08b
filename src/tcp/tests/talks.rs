//! Conversations: random segments and calls, 18 ms apart, after a handshake without timestamps. `talks.txt` holds what
//! Linux 6.18.44 sent in each step and the state it was in (three runs each, all alike); the linux profile must do the same.

use super::bench::{Bench, peer, seg, with_options};
use crate::clock::Span;
use crate::tcp::{Owner, Profile, State};
use crate::wire::TcpOption;
use bytes::Bytes;

const TABLE: &str = include_str!("talks.txt");

fn act(bench: &mut Bench, action: &str, gone: &mut bool) {
    let words: Vec<&str> = action.split(' ').collect();
    let number = |place: usize| words[place].parse::<i32>().unwrap();
    let c = bench.conn.unwrap();
    match words[0] {
        "wait" => {}
        "close" => {
            bench.close();
            *gone = true;
        }
        _ if *gone && matches!(words[0], "read" | "write" | "shutdown") => {}
        "read" => {
            bench.read();
        }
        "write" => {
            let data = vec![b'y'; number(1) as usize].into();
            let _ = bench.run(|stack, now, fx| stack.send(now, c, &data, fx));
        }
        "shutdown" => {
            let _ = bench.run(|stack, now, fx| stack.shutdown_write(now, c, fx));
        }
        letters => {
            let mut segment = seg(letters, number(1), number(2), "");
            segment.payload = Bytes::from(vec![b'x'; number(3) as usize]);
            bench.hand(&segment);
        }
    }
}

fn state(bench: &Bench) -> &'static str {
    let live = bench.stack.endpoints().find(|endpoint| endpoint.remote == Some(peer()));
    let listens = bench.stack.endpoints().any(|endpoint| matches!(endpoint.owner, Owner::Listener(_)));
    live.map_or(if listens { "LISTEN" } else { "CLOSED" }, |endpoint| endpoint.state.name())
}

#[test]
fn the_linux_profile_talks_as_the_kernel_did() {
    let mut wrong = Vec::new();
    for row in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let (seed, steps) = row.split_once(" | ").unwrap();
        let mut bench = Bench::at(Profile::linux(), State::Listen);
        bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
        bench.hand(&seg("A", 1, 1, ""));
        bench.accept();
        bench.wait(Span::millis(12));
        let mut gone = false;
        for (place, step) in steps.split(" ; ").enumerate() {
            let (action, expected) = step.split_once(" -> ").unwrap();
            let from = bench.sent.len();
            act(&mut bench, action, &mut gone);
            bench.wait(Span::millis(18));
            // The kernel hides the state of a socket once it is closed.
            let state = if expected.ends_with(" = ?") { "?" } else { state(&bench) };
            let ours = format!("{} = {state}", bench.shown(from).join(", "));
            if ours != expected {
                wrong.push(format!(
                    "talk {seed} step {place}: {action}\n  kernel {expected}\n  ours   {ours}\n  {steps}"
                ));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{} talks differ:\n{}", wrong.len(), wrong.join("\n"));
}
