//! Work shared out among threads, and how far it has come.

use super::out::Failure;
use super::settings::Settings;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A poisoned lock still holds its value; the panic that poisoned it is reported by its own thread.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A bar on stderr for so many pieces of work; none where nobody would see it.
pub(super) fn progress(total: usize, settings: &Settings) -> ProgressBar {
    if settings.quiet || total < 2 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total as u64);
    if let Ok(style) = ProgressStyle::with_template("{pos}/{len} {bar:30} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Does pieces of work, so many at once, and gives what came of each in their order. `name` is shown while one is done.
///
/// # Errors
/// The first failure; what has not begun by then is not done.
pub(super) fn share_out<T: Send>(
    pieces: usize,
    jobs: usize,
    settings: &Settings,
    name: impl Fn(usize) -> String + Sync,
    work: impl Fn(usize) -> Result<T, Failure> + Sync,
) -> Result<Vec<T>, Failure> {
    let bar = progress(pieces, settings);
    let next = AtomicUsize::new(0);
    let failure: Mutex<Option<Failure>> = Mutex::new(None);
    let done: Mutex<Vec<Option<T>>> = Mutex::new((0..pieces).map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(pieces) {
            scope.spawn(|| {
                loop {
                    let piece = next.fetch_add(1, Ordering::Relaxed);
                    if piece >= pieces || lock(&failure).is_some() {
                        return;
                    }
                    bar.set_message(name(piece));
                    match work(piece) {
                        Ok(result) => lock(&done)[piece] = Some(result),
                        Err(failed) => *lock(&failure) = Some(failed),
                    }
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(failed) => Err(failed),
        None => Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()),
    }
}
