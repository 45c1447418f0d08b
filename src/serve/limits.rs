//! What a page may cost. Everything that comes from outside is bounded here; `docs/architecture.md` states the sum.

use crate::scenario::Limits;
use std::time::Duration;

/// Connections at once: fifty browsers with six each, and some.
pub const CONNECTIONS: usize = 320;
/// How long a request's headers may take, and how long a connection may be idle.
pub const HEADER_TIME: Duration = Duration::from_secs(10);
/// Octets of a request's headers.
pub const HEADER_OCTETS: usize = 16 * 1024;
/// Headers of a request.
pub const HEADERS: usize = 64;
/// How long a request's body may take.
pub const BODY_TIME: Duration = Duration::from_secs(30);
/// How long a reader of an answer may read nothing of it.
pub const STALL: Duration = Duration::from_secs(30);
/// Octets of a JSON body: a scenario of the largest size, with room for what must be escaped.
pub const JSON: usize = 512 * 1024;
/// Octets of a capture.
pub const CAPTURE: usize = 64 * 1024 * 1024;
/// Captures in memory at once.
pub const UPLOADS: usize = 4;
/// Octets of an answer.
pub const ANSWER: usize = 64 * 1024 * 1024;

/// Requests that may wait for their turn.
pub const WAITING: usize = 200;
/// How long one waits.
pub const WAIT: Duration = Duration::from_secs(20);
/// Seconds after which one that was sent away may come again.
pub const COME_AGAIN: u32 = 2;

/// How long a simulation with all its branches may take unless asked otherwise, seconds.
pub const RUN_SECONDS: u64 = 10;
/// How long a comparison with the kernel may take, in which lessons wait in real time.
pub const LIVE_TIME: Duration = Duration::from_secs(60);
/// How long reading a capture may take.
pub const READ_TIME: Duration = Duration::from_secs(20);
/// Connections of a capture that are listed.
pub const LISTED: usize = 10_000;
/// Branches of one request, the run as it is included.
pub const BRANCHES: usize = 16;
/// Records of all branches of one request together.
const RECORDS: u64 = 800_000;
/// Frames of one run: half-open entries of a flood grow with them.
const FRAMES: u64 = 1_000_000;
/// Octets of frames, data and words that these records hold.
const OCTETS: u64 = 192 * 1024 * 1024;

/// Requests that work at once.
pub fn runs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 4)
}

/// The bounds of one of so many runs: a scenario may ask for less.
pub fn of_run(asked: Limits, runs: usize) -> Limits {
    let share = |whole: u64| whole / runs.max(1) as u64;
    Limits {
        time: asked.time,
        records: asked.records.min(share(RECORDS)),
        frames: asked.frames.min(FRAMES),
        octets: asked.octets.min(share(OCTETS)),
    }
}
