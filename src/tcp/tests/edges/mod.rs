//! Edges and figures to the octet: every test here fails when one rule of the engine is off by a hair. They were found by
//! breaking the engine on purpose and seeing which breaks nobody noticed: see `docs/testing.md`.

mod closing;
mod listening;
mod opening;
mod receiving;
mod recovering;
mod sending;
mod telling;
mod windows;

use super::bench::{Bench, seg, with_options};
use super::conformance::{carrying, opened};
use crate::tcp::{ConnOptions, Profile};
use crate::wire::{Seq, TcpOption};

/// An accepted connection with a receive buffer that offers so many octets.
fn with_buffer(profile: Profile, octets: u32, options: &[TcpOption]) -> Bench {
    let mut bench = Bench::new(profile);
    bench.listen(4);
    let mut wishes = ConnOptions::of(bench.stack.profile());
    wishes.receive_buffer = Some(bench.stack.profile().kept_receive_buffer(octets));
    let listener = bench.listener.unwrap();
    bench.stack.set_listener_options(listener, &wishes);
    bench.hand(&with_options(seg("S", 0, 0, ""), options.iter().copied()));
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    bench.forget_past();
    bench
}

/// Sends it text until its window is closed. Returns the next number.
fn fill_up(bench: &mut Bench) -> i32 {
    let mut edge = 1;
    while bench.variable("rcv.wnd") != Some(0) {
        let room = bench.variable("rcv.wnd").unwrap().min(1460) as usize;
        bench.hand(&carrying(seg("PA", edge, 1, ""), room));
        edge += room as i32;
        bench.wait(crate::clock::Span::secs(1));
        assert!(edge < 200_000, "the window never closes");
    }
    bench.forget_past();
    edge
}

/// The blocks of the SACK option of the last segment sent, relative to the peer's ISN.
fn last_report(bench: &Bench) -> Vec<(u32, u32)> {
    let number = |seq: Seq| seq - super::bench::THEIRS;
    let blocks = |option: TcpOption| match option {
        TcpOption::Sack(blocks) => blocks.iter().map(|(from, to)| (number(*from), number(*to))).collect(),
        _ => Vec::new(),
    };
    bench
        .sent
        .last()
        .map_or_else(Vec::new, |(_, segment, _)| segment.options.iter().flat_map(blocks).collect())
}
