//! CPU seconds and live memory of this process.

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counting what is live.
pub struct Counting;

// SAFETY: every call is handed on unchanged to the system's allocator, which keeps the contract; counting touches no memory of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller's promise about `layout` holds for us as well.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: `place` came from `alloc` above with this layout, so from the system's allocator.
        unsafe { System.dealloc(place, layout) }
    }
    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_add(size, Relaxed);
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above; the caller promises that `size` is not zero and does not overflow.
        unsafe { System.realloc(place, layout, size) }
    }
}

/// Octets allocated and not yet given back.
pub fn live() -> usize {
    LIVE.load(Relaxed)
}

fn seconds(usage: &Usage) -> f64 {
    (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6
}

/// CPU seconds of this process so far, user and system.
pub fn cpu() -> f64 {
    getrusage(UsageWho::RUSAGE_SELF).map_or(0.0, |usage| seconds(&usage))
}

/// CPU seconds of the children waited for so far.
pub fn cpu_of_children() -> f64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0.0, |usage| seconds(&usage))
}

/// CPU seconds of that work, and what it gave.
pub fn timed<R>(work: impl FnOnce() -> R) -> (f64, R) {
    let before = cpu();
    let result = work();
    (cpu() - before, result)
}

/// The least CPU seconds of each of two kinds of work, done by turns so that both meet the same machine.
pub fn pairs(rounds: u32, mut one: impl FnMut(), mut other: impl FnMut()) -> (f64, f64) {
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..rounds {
        best.0 = best.0.min(timed(&mut one).0);
        best.1 = best.1.min(timed(&mut other).0);
    }
    best
}
