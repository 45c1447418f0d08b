//! Address translation in the calling thread's network namespace: what `nft` would set up, told to nf_tables by netlink, for
//! that program is not on every machine.

use crate::ip::NatForward;
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_NETFILTER};
use std::io;

/// The table, and every chain's table, in the namespace.
const TABLE: &str = "wirewalk";
/// IPv4.
const FAMILY: u8 = 2;

/// Message types: nf_tables' subsystem, or the frame of a batch.
const NEW_TABLE: u16 = 10 << 8;
const NEW_CHAIN: u16 = (10 << 8) | 3;
const NEW_RULE: u16 = (10 << 8) | 6;
const BATCH_BEGIN: u16 = 0x10;
const BATCH_END: u16 = 0x11;
const SUBSYSTEM: u16 = 10;

const REQUEST: u16 = 0x01;
const ACK: u16 = 0x04;
const CREATE: u16 = 0x400;
const APPEND: u16 = 0x800;

/// Makes everything that leaves by that card have the card's address (masquerading), and opens the ports that lead inside.
pub(super) fn translate(outside: &str, forwards: &[NatForward]) -> io::Result<()> {
    const PREROUTING: (u32, i32) = (0, -100);
    const POSTROUTING: (u32, i32) = (4, 100);
    let mut messages = vec![
        message(NEW_TABLE, ACK | CREATE, &attribute(1, &text(TABLE))),
        chain("in", PREROUTING),
        chain("out", POSTROUTING),
        rule("out", &[named(OUT_BY, outside), expression("masq", &[])].concat()),
    ];
    messages.extend(forwards.iter().map(|forward| rule("in", &destination(outside, forward))));
    let mut batch = message(BATCH_BEGIN, 0, &[]);
    let asked = messages.len();
    batch.extend(messages.into_iter().flatten());
    batch.extend(message(BATCH_END, 0, &[]));
    ask(&mut batch, asked)
}

/// Sends a batch, and waits for the kernel's yes to every message that asked for one.
fn ask(batch: &mut [u8], asked: usize) -> io::Result<()> {
    let mut socket = Socket::new(NETLINK_NETFILTER)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    number(batch);
    socket.send(batch, 0)?;
    let mut agreed = 0;
    while agreed < asked {
        let (answer, _) = socket.recv_from_full()?;
        // Header of 16 octets, then the error's number, negative or zero.
        let code = answer.get(16..20).and_then(|octets| octets.try_into().ok()).map(i32::from_ne_bytes);
        match code {
            Some(0) => agreed += 1,
            Some(code) => return Err(io::Error::from_raw_os_error(-code)),
            None => return Err(io::Error::other("nf_tables gave no answer")),
        }
    }
    Ok(())
}

/// Gives each message of a batch its number.
fn number(mut batch: &mut [u8]) {
    let mut sequence = 0_u32;
    while let Some(octets) = batch.first_chunk::<4>() {
        let len = (u32::from_ne_bytes(*octets) as usize).next_multiple_of(4);
        if len < 16 || len > batch.len() {
            return;
        }
        sequence += 1;
        batch[8..12].copy_from_slice(&sequence.to_ne_bytes());
        batch = &mut batch[len..];
    }
}

fn message(kind: u16, flags: u16, attributes: &[u8]) -> Vec<u8> {
    let frame = matches!(kind, BATCH_BEGIN | BATCH_END);
    let (family, subsystem) = if frame { (0, SUBSYSTEM) } else { (FAMILY, 0) };
    let mut octets = Vec::with_capacity(20 + attributes.len());
    octets.extend((20 + attributes.len() as u32).to_ne_bytes());
    octets.extend(kind.to_ne_bytes());
    octets.extend((flags | REQUEST).to_ne_bytes());
    octets.extend([0; 8]);
    octets.extend([family, 0]);
    octets.extend(subsystem.to_be_bytes());
    octets.extend(attributes);
    octets
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(value.len() + 7);
    octets.extend((4 + value.len() as u16).to_ne_bytes());
    octets.extend(kind.to_ne_bytes());
    octets.extend(value);
    octets.resize(octets.len().next_multiple_of(4), 0);
    octets
}

fn nest(kind: u16, parts: &[Vec<u8>]) -> Vec<u8> {
    const NESTED: u16 = 0x8000;
    attribute(kind | NESTED, &parts.concat())
}

fn text(word: &str) -> Vec<u8> {
    [word.as_bytes(), &[0]].concat()
}

fn number_of(value: u32) -> [u8; 4] {
    value.to_be_bytes()
}

fn chain(name: &str, (hook, priority): (u32, i32)) -> Vec<u8> {
    let hook = nest(4, &[attribute(1, &number_of(hook)), attribute(2, &priority.to_be_bytes())]);
    let parts = [attribute(1, &text(TABLE)), attribute(3, &text(name)), hook, attribute(7, &text("nat"))];
    message(NEW_CHAIN, ACK | CREATE, &parts.concat())
}

fn rule(chain: &str, expressions: &[u8]) -> Vec<u8> {
    const NESTED: u16 = 0x8000;
    let parts =
        [attribute(1, &text(TABLE)), attribute(2, &text(chain)), attribute(4 | NESTED, expressions)].concat();
    message(NEW_RULE, ACK | CREATE | APPEND, &parts)
}

fn expression(name: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    nest(1, &[attribute(1, &text(name)), nest(2, parts)])
}

/// What `meta` looks at: the name of the card that a packet came in by, or leaves by; the protocol within IP.
const IN_BY: u32 = 6;
const OUT_BY: u32 = 7;
const PROTOCOL: u32 = 16;

/// Goes on only if that is equal.
fn meta(key: u32, value: &[u8]) -> Vec<u8> {
    let load = expression("meta", &[attribute(1, &number_of(1)), attribute(2, &number_of(key))]);
    [load, equals(value)].concat()
}

fn named(key: u32, card: &str) -> Vec<u8> {
    let mut name = card.as_bytes().to_vec();
    name.resize(16, 0);
    meta(key, &name)
}

fn equals(value: &[u8]) -> Vec<u8> {
    let data = nest(3, &[attribute(1, value)]);
    expression("cmp", &[attribute(1, &number_of(1)), attribute(2, &number_of(0)), data])
}

fn put(register: u32, value: &[u8]) -> Vec<u8> {
    let data = nest(2, &[attribute(1, value)]);
    expression("immediate", &[attribute(1, &number_of(register)), data])
}

/// A packet from outside to that port goes to an inside host instead.
fn destination(outside: &str, forward: &NatForward) -> Vec<u8> {
    const TRANSPORT: u32 = 2;
    let port = expression(
        "payload",
        &[
            attribute(1, &number_of(1)),
            attribute(2, &number_of(TRANSPORT)),
            attribute(3, &number_of(2)),
            attribute(4, &number_of(2)),
        ],
    );
    let nat = expression(
        "nat",
        &[
            attribute(1, &number_of(1)),
            attribute(2, &number_of(FAMILY.into())),
            attribute(3, &number_of(1)),
            attribute(5, &number_of(2)),
        ],
    );
    [
        named(IN_BY, outside),
        meta(PROTOCOL, &[forward.protocol]),
        port,
        equals(&forward.port.to_be_bytes()),
        put(1, &forward.to.ip().octets()),
        put(2, &forward.to.port().to_be_bytes()),
        nat,
    ]
    .concat()
}
