//! How fast the engine is, and against whom: `cargo bench`, or `cargo bench -- bulk flood` for some of it.
//!
//! CPU seconds, user and system, by getrusage: on a shared machine wall time says little. What smoltcp does as well is
//! measured by turns with it in the same run, and the ratio is what counts. `docs/performance.md` tells more.

mod captures;
mod floods;
mod measure;
mod ours;
mod theirs;

use floods::{Defence, flood};
use measure::{cpu_of_children, live, pairs, timed};
use std::hint::black_box;
use wirewalk::clock::{Draws, EventQueue, Instant, Span};
use wirewalk::socket::{Call, Fd};
use wirewalk::tcp::State;

#[global_allocator]
static ALLOCATOR: measure::Counting = measure::Counting;

const MSS: f64 = 1_448.0;

/// One row of the table: what it gave, and whether that is what it must.
fn row(work: &str, measured: &str, must: &str, met: Option<bool>) {
    let mark = met.map_or("", |met| if met { "met" } else { "MISSED" });
    println!("| {work} | {measured} | {must} | {mark} |");
}

fn millions(per_second: f64) -> String {
    if per_second >= 1e6 {
        format!("{:.2} M", per_second / 1e6)
    } else {
        format!("{:.0} k", per_second / 1e3)
    }
}

fn bulk() {
    const TOTAL: usize = 200_000_000;
    let mut small = 0.0;
    for congestion in ["reno", "cubic"] {
        for (name, window) in [("64 KB", 65_536_u32), ("2.5 MB", 2_500_000), ("16 MB", 16_000_000)] {
            let mut frames = 0;
            let (own, their) = pairs(
                3,
                || frames = ours::bulk(TOTAL, window, congestion),
                || theirs::bulk(TOTAL, window as usize),
            );
            let segments = TOTAL as f64 / MSS;
            let (rate, ratio) = (segments / own, their / own);
            let acks = frames as f64 / segments - 1.0;
            let measured = format!(
                "{} segments/s, {:.0} ns each, {acks:.2} ACKs per segment; smoltcp {}: {ratio:.2} x",
                millions(rate),
                own / segments * 1e9,
                millions(segments / their)
            );
            if window == 65_536 {
                small = rate;
                row(&format!("bulk {congestion}, {name}"), &measured, "0.5 x smoltcp", Some(ratio >= 0.5));
            } else {
                let measured = format!("{measured}; {:.2} x own 64 KB", rate / small);
                let met = rate >= 0.8 * small;
                row(&format!("bulk {congestion}, {name}"), &measured, "0.8 x own 64 KB", Some(met));
            }
        }
    }
}

fn connections() {
    let mut least = 0.0;
    for count in [1_000_u32, 10_000, 100_000] {
        let rounds = if count < 100_000 { 3 } else { 1 };
        let (own, their) =
            pairs(rounds, || drop(black_box(ours::connections(count))), || theirs::connections(count));
        let rate = f64::from(count) / own;
        let measured = format!(
            "{} /s, {:.0} ns each; smoltcp {}: {:.2} x",
            millions(rate),
            1e9 / rate,
            millions(f64::from(count) / their),
            their / own
        );
        if count == 1_000 {
            least = own / f64::from(count);
            row("1,000 connections", &measured, "250 k/s", Some(rate >= 250e3));
        } else {
            let growth = own / f64::from(count) / least;
            let measured = format!("{measured}; {growth:.2} x the CPU each at 1,000");
            row(
                &format!("{count} connections"),
                &measured,
                "250 k/s, growth 1.3 x",
                Some(rate >= 250e3 && growth <= 1.3),
            );
        }
    }
}

fn floods() {
    let (generator, _) = timed(|| (0..1_000_000).for_each(|n| drop(black_box(floods::syn(n)))));
    println!("(making a forged SYN takes {:.0} ns of each)", generator * 1e3);
    let cases = [
        ("full backlog", Defence::Drop, 3e6),
        ("cookies", Defence::Cookies, 2e6),
        ("oldest evicted", Defence::Evict, 2e6),
    ];
    for (name, defence, must) in cases {
        let (one, one_octets) = timed(|| flood(defence, 1_000_000));
        let (ten, ten_octets) = timed(|| flood(defence, 10_000_000));
        let rate = 1e7 / ten;
        let measured = format!(
            "{} SYN/s at 1e7, {} at 1e6; {ten_octets} octets live after 1e7, {one_octets} after 1e6",
            millions(rate),
            millions(1e6 / one)
        );
        let met = rate >= must && ten_octets <= one_octets + 4_096;
        row(&format!("flood, {name}"), &measured, &format!("{} SYN/s, no growth", millions(must)), Some(met));
    }
}

fn memory() {
    let half_open = floods::half_open_octets();
    row("a half-open entry", &format!("{half_open:.0} octets"), "128", Some(half_open <= 128.0));
    let before = live();
    let net = ours::connections(20_000);
    let octets = (live() - before) as f64 / 20_000.0;
    let waiting =
        net.hosts[ours::CLIENT].states().iter().filter(|(_, state)| *state == State::TimeWait).count();
    assert!(waiting >= 19_999, "{waiting} wait");
    drop(net);
    row(
        "a TIME-WAIT entry, all that a closed connection leaves",
        &format!("{octets:.0} octets"),
        "128",
        Some(octets <= 128.0),
    );
    let mut net = ours::Net::new(&ours::profile("cubic"), Span::micros(50));
    let listener = net.listen(80, 128, None);
    let before = live();
    let open: Vec<(Fd, Fd)> = (0..1_000).map(|_| net.open(listener, 80)).collect();
    let octets = (live() - before) as f64 / 2_000.0;
    for (fd, _) in open {
        net.call(ours::CLIENT, &Call::Close { fd });
    }
    row("an idle established endpoint", &format!("{octets:.0} octets"), "1024", Some(octets <= 1_024.0));
}

fn queue() {
    let mut cost = Vec::new();
    for pending in [1_000_u64, 1_000_000] {
        let draws = Draws::new(1);
        let mut queue = EventQueue::new();
        for n in 0..pending {
            queue.push(Instant::from_nanos(draws.below("bench", 0, n, 1_000_000_000)), n);
        }
        let turns = 3_000_000_u64;
        let delays: Vec<Span> =
            (0..4_096).map(|n| Span::nanos(draws.below("bench", 1, n, 1_000_000_000))).collect();
        let (seconds, _) = timed(|| {
            for n in 0..turns {
                if let Some((at, item)) = queue.pop() {
                    queue.push(at + delays[n as usize % 4_096], black_box(item));
                }
            }
        });
        cost.push(seconds / turns as f64 * 1e9);
    }
    let growth = cost[1] / cost[0];
    let measured = format!("{:.0} ns at 1e3, {:.0} ns at 1e6 pending: {growth:.2} x", cost[0], cost[1]);
    row("event queue, pop and push", &measured, "2 x", Some(growth <= 2.0));
}

// A process starts in wall time; nothing of the engine runs here.
#[allow(clippy::disallowed_methods)]
fn start_up() {
    let run = || {
        let before = cpu_of_children();
        let began = std::time::Instant::now();
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_wirewalk"))
            .args(["run", "three-way-handshake"])
            .stdout(std::process::Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "the scenario runs");
        (cpu_of_children() - before, began.elapsed().as_secs_f64())
    };
    let runs: Vec<(f64, f64)> = (0..40).map(|_| run()).collect();
    let cpu = runs.iter().map(|run| run.0).fold(f64::MAX, f64::min) * 1e3;
    let wall = runs.iter().map(|run| run.1).fold(f64::MAX, f64::min) * 1e3;
    let measured = format!("{cpu:.2} ms CPU, {wall:.2} ms from start to end");
    row("start-up, a two-host scenario, whole process", &measured, "2 ms", Some(cpu <= 2.0));
}

fn main() {
    let parts: [(&str, fn()); 7] = [
        ("bulk", bulk),
        ("connections", connections),
        ("flood", floods),
        ("memory", memory),
        ("queue", queue),
        ("start-up", start_up),
        ("captures", captures::captures),
    ];
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    println!("| work | measured | must | |\n| --- | --- | --- | --- |");
    for (name, part) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            part();
        }
    }
}
