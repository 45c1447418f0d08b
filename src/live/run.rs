//! The runner of a plan on real sockets.

use super::bridges::Waiting;
use super::carriers::Carriers;
use super::ground::{self, Ground};
use super::observe::{self, Baseline, Queues};
use super::shared::Shared;
use super::stop::Woken;
use super::{Error, Options, Outcome, cable, choose_mode, enter, frames, kernel, late, process};
use crate::clock::Span;
use crate::lang::Text;
use crate::link::HostId;
use crate::scenario::{LiveMode, Plan};
use crate::tcp::State;
use crate::trace::{Event, HostInfo, Meta, ProcessInfo, Source, Stop};
use std::io;
use std::sync::Barrier;
use std::thread::Scope;
use std::time::Duration;

/// Real time a run may take where neither the plan nor the caller bounds it.
const LONGEST: Span = Span::secs(120);

/// How long nothing must have happened before a run counts as over: longer than an acknowledgment is delayed.
const QUIET: Duration = Duration::from_millis(60);

/// For how long everything must then be found to stand still: a timer that is just firing shows for a moment as none.
const STILL: Duration = Duration::from_millis(40);

/// How much later than it should a process may act. The shortest window of any lesson is the 36 ms in which a close merges
/// its FIN with the acknowledgment of the other's.
const LATEST: Span = Span::millis(25);

/// How often at least a run is repeated because something was later than that. Never because of what it showed.
const REPEATS: u32 = 3;

/// Short runs are repeated more often, as long as no more than this has passed: a busy machine has quiet moments.
const PATIENCE: Duration = Duration::from_secs(15);

/// Between two looks at the kernel's state.
const PAUSE: Duration = Duration::from_millis(2);

/// Runs the plan on the real kernel, in network namespaces made for it alone.
///
/// # Errors
/// Where the machine forbids it, the plan has no live side, or the kernel refuses a step.
pub fn run(plan: &Plan, options: &Options) -> Result<Outcome, Error> {
    check(plan)?;
    enter()?;
    let began = std::time::Instant::now();
    let mut attempt = 0;
    loop {
        let (mut outcome, delay) = run_once(plan, options)?;
        attempt += 1;
        if delay <= latest(plan) || options.halt.raised() {
            return Ok(outcome);
        }
        if attempt > REPEATS && began.elapsed() >= PATIENCE {
            let late = Span::millis(delay.as_millis());
            outcome.inconclusive.push(Text::new(
                format!(
                    "the machine was too busy: something happened {late} late, in each of {attempt} runs"
                ),
                format!("机器过于繁忙：{attempt} 次运行中每次都有动作迟了，最后一次迟了 {late}"),
            ));
            return Ok(outcome);
        }
    }
}

/// How much later than it should anything may act in this plan: on a slow wire, not so late that a queue has meanwhile
/// room for another frame. (Where a frame takes less than 10 ms, no machine is punctual enough for that.)
fn latest(plan: &Plan) -> Span {
    let frame =
        plan.wire.rate.map(|rate| Span::nanos(u64::from(plan.wire.mtu) * 1_000_000_000 / rate.max(1)));
    frame.filter(|frame| *frame >= Span::millis(10)).map_or(LATEST, |frame| LATEST.min(frame / 2))
}

/// Whether the plan has a live side at all.
fn check(plan: &Plan) -> Result<(), Error> {
    if let Some(why) = &plan.live.impossible {
        return Err(Error::Impossible(why.clone()));
    }
    if let Some((host, setting)) = kernel::unknown_to_kernels(plan) {
        return Err(Error::Impossible(Text::new(
            format!("no kernel does what {setting} asks of {host}; there is nothing to compare with"),
            format!("没有内核能做到 {setting} 对 {host} 的要求，没有可比较的对象"),
        )));
    }
    Ok(())
}

/// One run, and by how much a process or the wire was later than it should have been.
fn run_once(plan: &Plan, options: &Options) -> Result<(Outcome, Span), Error> {
    let mode = options.mode.unwrap_or_else(|| choose_mode(plan));
    let Ground { places, mut taps, inside, mut carriers, mut waiting } = ground::prepare(plan, mode)?;
    let broken = |error: io::Error| {
        Error::Kernel(Text::new(format!("the run failed: {error}"), format!("运行失败：{error}")))
    };
    let (mut tap, mut laid, mut control, mut handle) = (None, None, None, None);
    match mode {
        LiveMode::Loopback => {
            tap = taps.pop().map(|(_, tap)| tap);
            control = tap.as_ref().map(|tap| tap.control());
        }
        LiveMode::Wire => {
            let carriers = match carriers.take() {
                Some(carriers) => carriers,
                None => Carriers::open().map_err(broken)?,
            };
            let (cable, outside) = cable::lay(plan, options.seed, taps, carriers).map_err(broken)?;
            (laid, handle) = (Some(cable), Some(outside));
        }
    }
    let shared = Shared::new(plan, options, mode, places, control, handle).map_err(broken)?;
    let before = observe::baseline(&shared).map_err(broken)?;
    let start = Barrier::new(plan.processes.len() + 1);
    let ended = std::thread::scope(|scope| {
        let (shared, start) = (&shared, &start);
        if let Some(tap) = tap {
            scope.spawn(move || frames::capture_loopback(shared, tap, None));
        }
        for (host, tap) in inside {
            scope.spawn(move || frames::capture_loopback(shared, tap, Some(host)));
        }
        if let Some(cable) = laid {
            scope.spawn(move || cable.carry(shared));
        }
        let ended = conduct(shared, scope, start, &before, &mut waiting);
        shared.stop.stop();
        shared.end.stop();
        ended
    });
    let end_ns = ended.map_err(broken)?;
    let trace = shared.log.finish(meta(&shared), end_ns);
    let delay = Span::nanos(shared.longest_delay_ns()).max(late::waking(&trace));
    let (inconclusive, notes) = shared.take_words();
    Ok((Outcome { trace, inconclusive, notes }, delay))
}

/// Starts the processes, watches the kernel while they run, and notes how things stand at the end; says when that was.
fn conduct<'scope, 'env>(
    shared: &'env Shared,
    scope: &'scope Scope<'scope, 'env>,
    start: &'env Barrier,
    before: &Baseline,
    waiting: &mut [Waiting],
) -> io::Result<u64> {
    for plan in &shared.plan.processes {
        process::start(shared, scope, plan, Some(start));
    }
    shared.log.begin();
    for bridge in waiting {
        bridge.begin()?;
    }
    start.wait();
    let offset = clock_offset();
    let stop = watch(shared)?;
    observe::note_counters(shared, before)?;
    for (number, host) in shared.plan.hosts.iter().enumerate() {
        if host.has_stack() {
            observe::note_states(shared, HostId(number as u16), "end")?;
        }
    }
    let end_ns = kernel::now_ns();
    shared.log.note_at(end_ns, None, None, Event::Stopped(stop));
    // Whoever sets the clock during a run mixes up the order of what was seen.
    if offset.abs_diff(clock_offset()) > 5_000_000 {
        shared.trouble(Text::new("the clock was set during the run", "运行期间系统时钟被调整过"));
    }
    Ok(end_ns)
}

/// CLOCK_REALTIME less CLOCK_MONOTONIC, nanoseconds: the best of several readings, for a thread may be held up between the
/// two clocks.
fn clock_offset() -> i64 {
    let monotonic = || {
        nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC)
            .map_or(0, |time| time.tv_sec() * 1_000_000_000 + time.tv_nsec())
    };
    let reading = || {
        let before = monotonic();
        let real = kernel::now_ns() as i64;
        let after = monotonic();
        (after - before, real - (before + after) / 2)
    };
    (0..20).map(|_| reading()).min().map_or(0, |(_, offset)| offset)
}

/// Looks at queues and sockets until the run is over.
fn watch(shared: &Shared) -> io::Result<Stop> {
    let end = end_of(shared);
    let bound = shared.options.bound.unwrap_or(LONGEST);
    let mut queues = Queues::default();
    let mut still_since = None;
    loop {
        for host in 0..shared.plan.hosts.len() {
            queues.look(shared, HostId(host as u16))?;
        }
        let passed = Span::nanos(kernel::now_ns().saturating_sub(shared.log.start_ns()));
        if end.is_some_and(|end| passed >= end) {
            return Ok(Stop::Until);
        }
        if end.is_none() && passed >= bound || passed >= bound.max(end.unwrap_or(Span::ZERO) + Span::secs(10))
        {
            shared.trouble(Text::new(
                format!("the run was not over after {bound}"),
                format!("运行在 {bound} 之后仍未结束"),
            ));
            return Ok(Stop::Limit(format!("{bound} of real time")));
        }
        if let Some(limit) = at_limit(shared) {
            shared.trouble(Text::new(
                format!("the run was ended at its limit, {limit}"),
                format!("运行因到达上限而中止：{limit}"),
            ));
            return Ok(Stop::Limit(limit));
        }
        let still = over(shared)?;
        let since = *still_since.get_or_insert_with(std::time::Instant::now);
        if !still {
            still_since = None;
        } else if since.elapsed() >= STILL {
            return Ok(match (minute_left(shared)?, shared.statuses.all_ended()) {
                (true, _) => Stop::Until,
                (false, true) => Stop::Finished,
                (false, false) => Stop::Deadlock,
            });
        }
        if shared.stop.sleep(PAUSE) == Woken::Stopped {
            return Ok(Stop::Finished);
        }
    }
}

/// Whether the log has grown to what the plan allows, or nobody wants the run any more.
fn at_limit(shared: &Shared) -> Option<String> {
    if shared.options.halt.raised() {
        return Some("halt".to_owned());
    }
    let (records, octets) = shared.log.size();
    let limits = shared.plan.limits;
    let limits = [("records", records, limits.records), ("octets", octets, limits.octets)];
    let reached = limits.into_iter().find(|(_, reached, limit)| reached >= limit)?;
    Some(format!("{} {}", reached.0, reached.2))
}

/// When the plan says that the run ends.
fn end_of(shared: &Shared) -> Option<Span> {
    let quick = shared.plan.live.quick_until.filter(|_| !shared.options.slow);
    [shared.plan.until, quick].into_iter().flatten().min()
}

/// Whether nothing is left to happen: no process goes on by itself, no frame is under way or was lately, and no socket
/// waits to send or to be answered.
fn over(shared: &Shared) -> io::Result<bool> {
    let quiet = shared.plan.wire.delay.as_nanos() * 2 + QUIET.as_nanos() as u64;
    let last = shared.log.last_ns();
    if shared.plan.never_rests() {
        return Ok(false);
    }
    if kernel::now_ns().saturating_sub(last) < quiet
        || shared.tap.as_ref().is_some_and(|tap| tap.has_unread())
        || shared.cable.as_ref().is_some_and(|cable| cable.busy())
        || !shared.statuses.all_idle(last)
    {
        return Ok(false);
    }
    for host in 0..shared.plan.hosts.len() {
        for socket in observe::sockets_of(shared, HostId(host as u16))? {
            let moving = match socket.state {
                State::Listen | State::Closed | State::Established | State::CloseWait => socket.timer,
                // An entry's end takes a minute and shows in no frame.
                State::TimeWait => shared.options.slow,
                State::FinWait2 => socket.timer,
                State::SynSent | State::SynReceived | State::FinWait1 | State::Closing | State::LastAck => {
                    true
                }
            };
            if moving {
                return Ok(false);
            }
        }
    }
    // Nothing has happened while all this was looked at.
    Ok(shared.log.last_ns() == last && shared.statuses.all_idle(last))
}

/// Whether the end of a TIME-WAIT is left to happen, for which a quick run does not wait.
fn minute_left(shared: &Shared) -> io::Result<bool> {
    for host in 0..shared.plan.hosts.len() {
        let sockets = observe::sockets_of(shared, HostId(host as u16))?;
        if sockets.iter().any(|socket| matches!(socket.state, State::TimeWait | State::FinWait2)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn meta(shared: &Shared) -> Meta {
    let plan = &shared.plan;
    let mode = match shared.mode {
        LiveMode::Loopback => "loopback",
        LiveMode::Wire => "wire",
    };
    Meta {
        scenario: plan.name.clone(),
        title: plan.title.clone(),
        profile: plan.profile.name().to_owned(),
        seed: shared.options.seed,
        source: Source::Live { kernel: kernel::release(), mode },
        hosts: plan.hosts.iter().map(HostInfo::from).collect(),
        processes: shared
            .statuses
            .names()
            .into_iter()
            .map(|(host, name)| ProcessInfo { host, name })
            .collect(),
    }
}
