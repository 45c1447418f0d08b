//! What a scripted process waits for, looked for again and again. A look takes some microseconds and comes every half
//! millisecond; the scenarios' own pauses are longer than that.

use super::kernel::now_ns;
use super::observe;
use super::shared::Shared;
use super::status::Status;
use super::stop::Woken;
use crate::clock::Span;
use crate::link::{Heading, HostId, Matcher};
use crate::scenario::Condition;
use crate::socket::ProcessId;
use crate::tcp::State;
use crate::trace::Event;
use crate::wire::{self, Checksums};
use std::io;
use std::time::Duration;

/// Between two looks.
const PAUSE: Duration = Duration::from_micros(500);

/// Waits until the condition holds, or the run is over.
pub(super) fn wait(shared: &Shared, process: ProcessId, condition: &Condition) -> io::Result<Woken> {
    let mut frames = None;
    let mut before_ns = now_ns();
    loop {
        let look_ns = now_ns();
        shared.held_up(look_ns.saturating_sub(before_ns + PAUSE.as_nanos() as u64));
        before_ns = look_ns;
        let holds = match condition {
            Condition::State { host, state, count } => in_state(shared, *host, *state)? >= *count,
            Condition::AcceptQueue { host, count } => accept_queue(shared, *host)? >= *count,
            Condition::Bound { host, port } => shared.bound.has(*host, *port),
            Condition::Named { host, name, listening } => shared.files.is_named(*host, name, *listening)?,
            Condition::Frame(pattern) => {
                let (matcher, place) = frames.get_or_insert_with(|| (Matcher::new(*pattern), 0));
                frame_seen(shared, matcher, place)
            }
            Condition::Ended(host) => shared.statuses.ended(*host),
            Condition::Time(span) => return Ok(until_time(shared, *span)),
        };
        if holds {
            return Ok(Woken::Ready);
        }
        shared.statuses.set(process.0, Status::Looking(look_ns));
        if shared.stop.sleep(PAUSE) == Woken::Stopped {
            return Ok(Woken::Stopped);
        }
    }
}

/// Waits until so much time has passed since the run began.
fn until_time(shared: &Shared, span: Span) -> Woken {
    let until_ns = shared.log.start_ns().saturating_add(span.as_nanos());
    let now = now_ns();
    let woken = shared.stop.sleep(Duration::from_nanos(until_ns.saturating_sub(now)));
    shared.held_up(now_ns().saturating_sub(until_ns.max(now)));
    woken
}

fn in_state(shared: &Shared, host: HostId, state: State) -> io::Result<u32> {
    let sockets = observe::sockets_of(shared, host)?;
    Ok(sockets.iter().filter(|socket| socket.state == state).count() as u32)
}

fn accept_queue(shared: &Shared, host: HostId) -> io::Result<u32> {
    let sockets = observe::sockets_of(shared, host)?;
    Ok(sockets.iter().filter(|socket| socket.state == State::Listen).map(|socket| socket.receive_queue).sum())
}

/// Whether a frame that matches was sent, counting from the run's beginning.
fn frame_seen(shared: &Shared, matcher: &mut Matcher, place: &mut usize) -> bool {
    let mut found = false;
    *place = shared.log.read_from(*place, |_, entry| {
        if let Event::FrameSent { frame, to, next, .. } = &entry.event
            && let Ok(packet) = wire::parse_with(frame, Checksums::Ignore)
        {
            found |= matcher.matches(Heading { from: entry.host, to: *to, next: *next }, &packet);
        }
    });
    found
}
