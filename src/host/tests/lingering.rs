//! SO_LINGER.

use super::wire::{A, B, Cable, connection, eof, fails, received};
use crate::clock::Span;
use crate::mib::Counter;
use crate::socket::{Call, Errno, OptionName, Return, SocketOption};
use crate::wire::Flags;

#[test]
fn a_linger_of_zero_resets_but_what_arrived_can_be_read() {
    let mut cable = Cable::new();
    let (s, c) = connection(&mut cable);
    cable.send(A, s, "abc");
    cable.pass(Span::millis(100));
    cable.set(A, s, SocketOption::Linger(Some(0)));
    assert_eq!(cable.try_call(A, Call::Close { fd: s }), Some(Return::Done));
    cable.pass(Span::millis(10));
    let last = cable.packets().pop().and_then(|(_, packet)| packet.tcp().map(|segment| segment.flags));
    assert_eq!(last, Some(Flags::RST | Flags::ACK));
    assert_eq!(cable.recv(B, c, 10), received("abc"));
    assert_eq!(cable.recv(B, c, 10), fails(Errno::ECONNRESET));
    assert_eq!(cable.recv(B, c, 10), eof());
    assert_eq!(cable.hosts[0].counters().get(Counter::TCPAbortOnData), 1);
    assert_eq!(cable.hosts[0].states(), []);
}

#[test]
fn a_lingering_close_waits_for_the_acknowledgment() {
    let mut cable = Cable::new();
    let (s, c) = connection(&mut cable);
    cable.set(A, s, SocketOption::Linger(Some(5)));
    assert_eq!(cable.get(A, s, OptionName::Linger), Return::Value(SocketOption::Linger(Some(5))));
    cable.send(A, s, "abc");
    let start = cable.now;
    assert_eq!(cable.try_call(A, Call::Close { fd: s }), None);
    assert_eq!(cable.wait(A), Some(Return::Done));
    let waited = cable.now.since(start);
    assert!(waited >= Span::millis(2) && waited < Span::millis(300), "{waited}");
    assert_eq!(cable.recv(B, c, 10), received("abc"));
    assert_eq!(cable.recv(B, c, 10), eof());
}

#[test]
fn a_lingering_close_gives_up_when_its_time_is_over() {
    let mut cable = Cable::new();
    let (s, _) = connection(&mut cable);
    cable.set(A, s, SocketOption::Linger(Some(1)));
    cable.cut = Box::new(|_, _| true);
    cable.send(A, s, "abc");
    let start = cable.now;
    assert_eq!(cable.close(A, s), Return::Done);
    assert_eq!(cable.now, start + Span::secs(1));
    assert_eq!(cable.hosts[0].states().len(), 1, "the connection goes on without an owner");
}

#[test]
fn without_linger_close_returns_at_once_and_the_data_still_goes() {
    let mut cable = Cable::new();
    let (s, c) = connection(&mut cable);
    cable.send(A, s, "abc");
    assert_eq!(cable.try_call(A, Call::Close { fd: s }), Some(Return::Done));
    assert_eq!(cable.recv(B, c, 10), received("abc"));
    assert_eq!(cable.recv(B, c, 10), eof());
}
