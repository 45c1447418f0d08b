//! A lesson answers at once: nobody waits for a simulation.

use std::time::{Duration, Instant};
use wirewalk::scenario::builtins;
use wirewalk::sim;

/// A built program simulates any lesson in this time; `check` with all of them takes five seconds at most.
const AT_MOST: Duration = Duration::from_millis(100);
/// What an unoptimised build, on a machine that has other things to do, may take more of it.
const UNOPTIMISED: u32 = 10;

#[test]
#[allow(clippy::disallowed_methods, reason = "how long a run takes is what is tested")]
fn every_lesson_is_simulated_at_once() {
    let most = if cfg!(debug_assertions) { AT_MOST * UNOPTIMISED } else { AT_MOST };
    let times: Vec<(Duration, &str)> = builtins()
        .iter()
        .map(|builtin| {
            let scenario = builtin.scenario().expect("without mistakes");
            let once = || {
                let started = Instant::now();
                let trace = sim::run(scenario.default_plan(), &sim::Options::default());
                assert!(!trace.records.is_empty());
                started.elapsed()
            };
            // What else the machine does can only make it slower.
            let mut best = once();
            for _ in 0..4 {
                if best < most {
                    break;
                }
                best = best.min(once());
            }
            (best, builtin.name)
        })
        .collect();
    let slow: Vec<_> = times.iter().filter(|(time, _)| *time >= most).collect();
    assert!(slow.is_empty(), "slower than {most:?}: {slow:?}");
}
