//! Work on behalf of a request: on a thread of its own, bounded in time, ended when the request's connection goes.

use super::limits;
use super::refusal::Refusal;
use crate::world::Halt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A queue of work: so much of it at once, so much waiting, each for so long.
#[derive(Clone, Debug)]
pub struct Lane {
    at_once: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    time: Duration,
}

/// Raises the sign when the request that waits for the work is dropped, by whatever way.
struct RaiseWhenGone(Halt);

impl Drop for RaiseWhenGone {
    fn drop(&mut self) {
        self.0.raise();
    }
}

impl Lane {
    /// A queue of work of which each piece takes at most `time`.
    pub fn new(at_once: usize, waiting: usize, time: Duration) -> Lane {
        Lane { at_once: Arc::new(Semaphore::new(at_once)), waiting: Arc::new(Semaphore::new(waiting)), time }
    }

    /// Waits for a place, but not for ever and not behind too many.
    ///
    /// # Errors
    /// Too many wait, or it took too long.
    pub async fn place(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        if let Ok(place) = self.at_once.clone().try_acquire_owned() {
            return Ok(place);
        }
        let _waits = self.waiting.try_acquire().map_err(|_| Refusal::busy())?;
        match tokio::time::timeout(limits::WAIT, self.at_once.clone().acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Refusal::busy()),
        }
    }

    /// Does the work when its turn has come. It is told by the sign that nobody waits for it any more; its place is free
    /// again only when it has really ended.
    ///
    /// # Errors
    /// Too many wait, it takes too long, or the work's own refusal.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Halt) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let place = self.place().await?;
        let halt = Halt::new();
        let _gone = RaiseWhenGone(halt.clone());
        let task = tokio::task::spawn_blocking(move || {
            let result = work(&halt);
            drop(place);
            result
        });
        match tokio::time::timeout(self.time, task).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panicked)) => Err(Refusal::broken()),
            Err(_) => Err(Refusal::too_long(self.time.as_secs())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
    }

    /// Works until the sign is raised, and says then that it was.
    fn until_raised(seen: mpsc::Sender<()>) -> impl FnOnce(&Halt) -> Result<(), Refusal> + Send + 'static {
        move |halt| {
            while !halt.raised() {
                std::thread::yield_now();
            }
            let _ = seen.send(());
            Ok(())
        }
    }

    #[test]
    fn work_is_told_when_its_request_is_dropped_and_when_it_takes_too_long() {
        let (said, seen) = mpsc::channel();
        let lane = Lane::new(1, 1, Duration::from_millis(20));
        runtime().block_on(async {
            let too_long = lane.run(until_raised(said.clone())).await;
            assert!(too_long.is_err());
            seen.recv_timeout(Duration::from_secs(5)).expect("the sign was raised");
            let patient = Lane { time: Duration::from_secs(600), ..lane.clone() };
            let dropped = tokio::time::timeout(Duration::from_millis(20), patient.run(until_raised(said)));
            assert!(dropped.await.is_err());
            seen.recv_timeout(Duration::from_secs(5)).expect("the sign was raised");
            // Its place is free again.
            patient.run(|_| Ok(())).await.expect("a place");
        });
    }

    #[test]
    fn whoever_comes_when_too_many_wait_is_sent_away_at_once() {
        let lane = Lane::new(1, 0, Duration::from_secs(600));
        let (said, seen) = mpsc::channel();
        runtime().block_on(async {
            let first = lane.run(until_raised(said));
            tokio::pin!(first);
            assert!(tokio::time::timeout(Duration::from_millis(5), &mut first).await.is_err());
            assert!(lane.run(|_| Ok(())).await.is_err(), "nobody may wait here");
        });
        seen.recv_timeout(Duration::from_secs(5)).expect("the sign was raised");
    }

    #[test]
    fn work_that_panics_is_our_fault_and_frees_its_place() {
        let lane = Lane::new(1, 0, Duration::from_secs(600));
        runtime().block_on(async {
            let broken: Result<(), _> = lane.run(|_| panic!("on purpose")).await;
            assert!(broken.is_err());
            lane.run(|_| Ok(())).await.expect("a place");
        });
    }
}
