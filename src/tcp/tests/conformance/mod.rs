//! The requirements of the RFCs, row by row, in both profiles: `docs/conformance/requirements.csv` names these tests.

mod arrivals;
mod closing;
mod floods;
mod format;
mod keepalive;
mod opening;
mod reports;
mod sack;
mod sending;
mod timeouts;
mod timestamps;
mod urgent;
mod windows;

use super::bench::{Bench, seg, with_options};
use super::duo::{CLIENT, Duo, SERVER};
use crate::tcp::{ConnOptions, Profile, State};
use crate::wire::{Segment, TcpOption};

pub(super) fn profiles() -> [Profile; 2] {
    [Profile::rfc9293(), Profile::linux()]
}

/// Both, and SND.WND follows every segment that may tell of it.
pub(super) fn following() -> [Profile; 2] {
    profiles().map(|profile| Profile { repeats_open_window_only: false, ..profile })
}

pub(super) fn both(state: State) -> [Bench; 2] {
    profiles().map(|profile| Bench::at(profile, state))
}

/// Established, with an initial congestion window of ten segments in either profile.
pub(super) fn eager() -> [Bench; 2] {
    following().map(|mut profile| {
        profile.set("tcp_initial_cwnd", 10).unwrap();
        Bench::at(profile, State::Established)
    })
}

/// An accepted connection whose peer sent these options on its SYN; with timestamps its clock stands at 1000.
pub(super) fn opened(profile: Profile, options: &[TcpOption]) -> Bench {
    let mut bench = Bench::new(profile);
    bench.listen(16);
    bench.hand(&with_options(seg("S", 0, 0, ""), options.iter().copied()));
    let stamped = options.iter().any(|option| matches!(option, TcpOption::Timestamps { .. }));
    let ack = seg("A", 1, 1, "");
    bench.hand(&if stamped { at_time(ack, 1000) } else { ack });
    bench.accept();
    bench.forget_past();
    bench
}

/// The segment with that TSval.
pub(super) fn at_time(segment: Segment, value: u32) -> Segment {
    with_options(segment, [TcpOption::Nop, TcpOption::Nop, TcpOption::Timestamps { value, echo: 0 }])
}

/// The segment offering another window.
pub(super) fn offering(segment: Segment, window: u16) -> Segment {
    Segment { window, ..segment }
}

/// The segment with this much text.
pub(super) fn carrying(segment: Segment, octets: usize) -> Segment {
    Segment { payload: vec![b'x'; octets].into(), ..segment }
}

/// Octets of text in each segment sent.
pub(super) fn lengths(bench: &Bench) -> Vec<usize> {
    bench.sent.iter().map(|(_, segment, _)| segment.payload.len()).collect()
}

/// Changes the options of the bench's connection.
pub(super) fn set(bench: &mut Bench, change: impl FnOnce(&mut ConnOptions)) {
    let c = bench.conn.unwrap();
    let mut options = *bench.stack.options(c).unwrap();
    change(&mut options);
    bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
}

/// A whole conversation: open, 20 000 octets one way, a few back, close from both sides.
fn conversation(profile: Profile) -> Duo {
    use crate::clock::Span;
    let mut duo = Duo::new(profile);
    let (client, server) = duo.open();
    duo.send(CLIENT, client, &[7; 20_000]);
    duo.run(Span::secs(2));
    assert_eq!(duo.recv(SERVER, server).len(), 20_000);
    duo.send(SERVER, server, b"thanks");
    duo.run(Span::secs(2));
    assert_eq!(duo.recv(CLIENT, client), b"thanks");
    duo.close(CLIENT, client);
    duo.run(Span::secs(1));
    duo.close(SERVER, server);
    duo.run(Span::secs(1));
    assert_eq!(duo.states(CLIENT), [State::TimeWait]);
    duo
}
