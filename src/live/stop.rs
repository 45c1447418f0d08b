//! Waiting that the end of the run interrupts.

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use std::io::{PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tells every thread of a run, at once and for good, that it is over.
pub(super) struct StopSign {
    /// Readable (hung up) as soon as the other end is closed.
    seen: PipeReader,
    raise: Mutex<Option<PipeWriter>>,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    /// What was waited for is there.
    Ready,
    /// The time is over.
    TimeOut,
    /// The run is over.
    Stopped,
}

impl StopSign {
    /// Not raised.
    pub(super) fn new() -> std::io::Result<StopSign> {
        let (seen, raise) = std::io::pipe()?;
        Ok(StopSign { seen, raise: Mutex::new(Some(raise)) })
    }

    /// The run is over.
    pub(super) fn stop(&self) {
        self.raise.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Whether it is.
    pub(super) fn stopped(&self) -> bool {
        self.raise.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Waits until the descriptor is ready, the time is over or the run is.
    pub(super) fn wait_for(&self, fd: BorrowedFd<'_>, flags: PollFlags, limit: Option<Duration>) -> Woken {
        self.wait_any(&[(fd, flags)], limit)
    }

    /// Sleeps, unless the run ends.
    pub(super) fn sleep(&self, time: Duration) -> Woken {
        self.wait_any(&[], Some(time))
    }

    /// Waits until one of the descriptors is ready, the time is over or the run is.
    pub(super) fn wait_any(&self, fds: &[(BorrowedFd<'_>, PollFlags)], limit: Option<Duration>) -> Woken {
        let until = limit.map(|limit| Instant::now() + limit);
        loop {
            let mut polled = vec![PollFd::new(self.seen.as_fd(), PollFlags::POLLIN)];
            polled.extend(fds.iter().map(|(fd, flags)| PollFd::new(*fd, *flags)));
            let left = until.map(|until| TimeSpec::from(until.saturating_duration_since(Instant::now())));
            let count = match ppoll(&mut polled, left, None) {
                Ok(count) => count,
                Err(nix::errno::Errno::EINTR) => continue,
                Err(_) => return Woken::Stopped,
            };
            let raised = |fd: &PollFd<'_>| fd.revents().is_some_and(|events| !events.is_empty());
            if polled.first().is_some_and(raised) {
                return Woken::Stopped;
            }
            return if count > 0 { Woken::Ready } else { Woken::TimeOut };
        }
    }
}
