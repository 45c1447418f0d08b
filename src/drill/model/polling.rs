//! `poll`'s bits: what a socket's showing is in them, and what of a change wakes whom.

use crate::socket::{Readiness, Showing};
use crate::tcp::Signals;

/// Something can be read.
pub(super) const IN: i64 = 0x1;
/// Urgent data.
pub(super) const PRI: i64 = 0x2;
/// Something can be written.
pub(super) const OUT: i64 = 0x4;
/// An error.
pub(super) const ERR: i64 = 0x8;
/// Hung up.
pub(super) const HUP: i64 = 0x10;
/// No open descriptor.
pub(super) const NVAL: i64 = 0x20;
const RDNORM: i64 = 0x40;
const RDBAND: i64 = 0x80;
const WRNORM: i64 = 0x100;
const WRBAND: i64 = 0x200;
const RDHUP: i64 = 0x2000;

/// Data came: whoever waits for any of these looks again.
const DATA: i64 = IN | PRI | RDNORM | RDBAND;
/// Room for data came about.
const SPACE: i64 = OUT | WRNORM | WRBAND;
/// The state changed: everybody looks again.
const ALL: i64 = -1;

/// All that `poll` could tell of a socket.
pub(super) fn bits(showing: &Showing) -> i64 {
    let Readiness { read, urgent, write, error, hung_up, read_shut } = showing.readiness();
    let when = |on: bool, bits: i64| if on { bits } else { 0 };
    let band = matches!(showing, Showing::Datagram { .. });
    when(read, IN | RDNORM)
        | when(urgent, PRI)
        | when(write, OUT | WRNORM | when(band, WRBAND))
        | when(error, ERR)
        | when(hung_up, HUP)
        | when(read_shut, RDHUP)
}

/// What a change from `before` to `after` wakes: the bits of which one must be waited for. `starved` tells that somebody found
/// no room to write and was promised to hear of it.
pub(super) fn wakes(before: &Showing, after: &Showing, starved: bool) -> i64 {
    match (before, after) {
        (Showing::Conn(before, _), Showing::Conn(after, low)) => of_connection(before, after, *low, starved),
        (Showing::Listener(before), Showing::Listener(after)) if after > before => DATA,
        (
            Showing::Datagram { waiting, error, no_more_in, no_more_out, .. },
            Showing::Datagram {
                waiting: waiting_now,
                error: error_now,
                no_more_in: in_now,
                no_more_out: out_now,
                ..
            },
        ) => {
            let data = if waiting_now > waiting { DATA } else { 0 };
            let failed = if *error_now && !error { ERR } else { 0 };
            let shut = if (no_more_in, no_more_out) != (in_now, out_now) { ALL } else { 0 };
            data | failed | shut
        }
        (before, after) if std::mem::discriminant(before) != std::mem::discriminant(after) => ALL,
        _ => 0,
    }
}

fn of_connection(before: &Signals, after: &Signals, low: usize, starved: bool) -> i64 {
    let changed = before.state != after.state
        || before.no_more_in != after.no_more_in
        || before.no_more_out != after.no_more_out;
    let told = after.no_more_in || after.has_enough(low);
    let data = (before.arrived != after.arrived && told) || (after.urgent && !before.urgent);
    let failed = (after.error && !before.error) || (after.reports && after.reported != before.reported);
    let when = |on: bool, bits: i64| if on { bits } else { 0 };
    when(changed, ALL) | when(data, DATA) | when(failed, ERR) | when(starved && after.room, SPACE)
}
