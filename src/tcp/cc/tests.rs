//! What every row of the table must keep, and what each algorithm promises.

use super::{ALGORITHMS, Acked, Algorithm, Congestion, Controller, Cubic, Reno};
use crate::clock::{Instant, Span};

fn acked(segments: u32) -> Acked {
    at(segments, Span::ZERO)
}

fn at(segments: u32, since: Span) -> Acked {
    Acked {
        segments,
        most_in_slow_start: u32::MAX,
        now: Instant::ZERO + since,
        srtt: Some(Span::millis(100)),
    }
}

/// A round trip of `rtt` in which each segment of the window is acknowledged, `round` of them done before.
fn round_trip(control: &mut dyn Controller, round: u64, rtt: Span) {
    for _ in 0..control.window() {
        control.on_ack(&at(1, rtt * round));
    }
}

#[test]
fn every_algorithm_always_lets_at_least_one_segment_out() {
    for row in ALGORITHMS {
        let mut state = (row.begin)(10);
        let control = state.controller_mut();
        for round in 0..2000u32 {
            match round % 7 {
                0 => control.on_timeout(round % 5, round % 2 == 0),
                1 | 2 => control.on_ack(&at(1 + round % 3, Span::millis(u64::from(round)))),
                3 => control.on_congestion(round % 12),
                4 => control.set_window(round % 3),
                5 => control.undo(),
                _ => control.on_ack_unlimited(Instant::ZERO + Span::millis(u64::from(round))),
            }
            assert!(control.window() >= 1, "{} after {round}", row.name);
            assert!(control.threshold().is_none_or(|threshold| threshold >= 2), "{} after {round}", row.name);
        }
    }
}

#[test]
fn every_algorithm_has_its_own_name_and_tells_it() {
    for (index, row) in ALGORITHMS.iter().enumerate() {
        assert!(ALGORITHMS[index + 1..].iter().all(|other| other.name != row.name));
        assert_eq!((row.begin)(10).name(), row.name);
        assert_eq!(Algorithm::named(row.name).map(|found| found.name), Some(row.name));
    }
    assert!(Algorithm::named("vegas").is_none());
}

/// The rows that control anything.
fn controlling() -> impl Iterator<Item = Congestion> {
    ALGORITHMS.iter().filter(|row| row.name != "none").map(|row| (row.begin)(10))
}

#[test]
fn every_algorithm_doubles_in_slow_start_and_counts_one_per_acknowledgment_where_asked() {
    for mut state in controlling() {
        let control = state.controller_mut();
        round_trip(control, 0, Span::ZERO);
        assert_eq!(control.window(), 20);
        control.on_ack(&acked(4));
        assert_eq!(control.window(), 24);
        control.on_ack(&Acked { most_in_slow_start: 1, ..acked(4) });
        assert_eq!(control.window(), 25);
    }
}

#[test]
fn every_algorithm_stops_slow_start_at_the_threshold() {
    for mut state in controlling() {
        let control = state.controller_mut();
        control.set_threshold(12);
        control.on_ack(&acked(10));
        assert_eq!(control.window(), 12, "{}", state.name());
    }
}

#[test]
fn every_algorithm_shrinks_by_its_factor_and_begins_at_one_after_a_timeout() {
    for mut state in controlling() {
        let expected = if state.name() == "reno" { 50 } else { 70 };
        let control = state.controller_mut();
        control.set_window(100);
        control.on_congestion(100);
        assert_eq!((control.window(), control.threshold()), (expected, Some(expected)));
        control.on_timeout(100, true);
        assert_eq!((control.window(), control.threshold()), (1, Some(expected)));
        control.on_timeout(1, false);
        assert_eq!(
            (control.window(), control.threshold()),
            (1, Some(expected)),
            "the second time-out in a row"
        );
        control.on_congestion(1);
        assert_eq!(control.threshold(), Some(2));
    }
}

#[test]
fn every_algorithm_takes_back_what_was_no_congestion_once() {
    for mut state in controlling() {
        let control = state.controller_mut();
        control.set_window(100);
        control.set_threshold(80);
        control.on_timeout(100, true);
        control.on_timeout(1, false);
        control.undo();
        assert_eq!((control.window(), control.threshold()), (100, Some(80)));
        control.set_window(7);
        control.undo();
        assert_eq!(control.window(), 7, "there is nothing more to take back");
    }
}

#[test]
fn every_algorithm_hands_its_window_on_to_another() {
    for row in ALGORITHMS {
        for mut state in controlling() {
            state.controller_mut().set_window(30);
            state.controller_mut().set_threshold(40);
            state.replace_by(row.name, false);
            assert_eq!(state.name(), row.name);
            if row.name != "none" {
                assert_eq!((state.controller().window(), state.controller().threshold()), (30, Some(40)));
            }
        }
    }
}

#[test]
fn reno_adds_one_segment_per_window_above_the_threshold() {
    let mut reno = Reno::new(10);
    reno.on_timeout(8, true);
    assert_eq!((reno.window(), reno.threshold()), (1, Some(4)));
    reno.on_ack(&acked(3));
    assert_eq!(reno.window(), 4);
    reno.on_ack(&acked(3));
    assert_eq!(reno.window(), 4);
    reno.on_ack(&acked(1));
    assert_eq!(reno.window(), 5);
}

#[test]
fn reno_grows_by_one_per_window_however_large_the_window_is() {
    let mut reno = Reno::new(10);
    reno.set_threshold(2);
    reno.set_window(200_000);
    // SMSS x SMSS / cwnd would be nothing in whole octets.
    (0..199_999).for_each(|_| reno.on_ack(&acked(1)));
    assert_eq!(reno.window(), 200_000);
    reno.on_ack(&acked(1));
    assert_eq!(reno.window(), 200_001);
}

/// After this many round trips of `rtt` since a reduction from `top`.
fn cubic_after(top: u32, rtt: Span, rounds: u64) -> u32 {
    let mut cubic = Cubic::new(10);
    cubic.set_window(top);
    cubic.on_congestion(top);
    for round in 0..rounds {
        for _ in 0..cubic.window() {
            cubic.on_ack(&Acked { srtt: Some(rtt), ..at(1, rtt * round) });
        }
    }
    cubic.window()
}

#[test]
fn cubic_comes_back_to_the_old_window_after_k_and_rests_there() {
    // K is (1000 x 0.3 / 0.4)^(1/3) = 9.09 s: 91 round trips of 100 ms.
    let rtt = Span::millis(100);
    let [early, middle, late] = [10, 91, 140].map(|rounds| cubic_after(1000, rtt, rounds));
    assert!((770..=800).contains(&early), "fast at first: {early}");
    assert!((995..=1001).contains(&middle), "level at W_max: {middle}");
    assert!((1035..=1060).contains(&late), "beyond it faster again: {late}");
}

#[test]
fn cubic_is_no_slower_than_reno_on_a_short_path() {
    // On 10 ms the curve has hardly moved after 200 round trips: Reno's estimate leads, 9/17 of a segment per round trip.
    let cubic = cubic_after(100, Span::millis(10), 50);
    assert!((95..=98).contains(&cubic), "70 + 50 x 9/17 is 96.5, not {cubic}");
    let beyond = cubic_after(100, Span::millis(10), 100);
    assert!((138..=144).contains(&beyond), "from 100 on one segment per round trip, not {beyond}");
}

#[test]
fn cubic_gives_way_to_newcomers_by_fast_convergence() {
    let mut cubic = Cubic::new(10);
    cubic.set_window(1000);
    cubic.on_congestion(1000);
    // A second congestion below the old W_max: the next plateau is at 0.85 of this window, not at it.
    cubic.set_window(800);
    cubic.on_congestion(800);
    let rtt = Span::millis(100);
    // K from 560 to 680 is 6.69 s.
    for round in 0..67 {
        round_trip(&mut cubic, round, rtt);
    }
    assert!((675..=681).contains(&cubic.window()), "{}", cubic.window());
}

#[test]
fn cubic_does_not_count_the_time_in_which_something_else_was_the_limit() {
    let [mut busy, mut idle] = [Cubic::new(10), Cubic::new(10)];
    let rtt = Span::millis(100);
    let pause = Span::secs(60);
    for cubic in [&mut busy, &mut idle] {
        cubic.set_window(1000);
        cubic.on_congestion(1000);
        (0..20).for_each(|round| round_trip(cubic, round, rtt));
    }
    idle.on_ack_unlimited(Instant::ZERO + rtt * 20);
    for round in 20..40 {
        round_trip(&mut busy, round, rtt);
        for _ in 0..idle.window() {
            idle.on_ack(&at(1, rtt * round + pause));
        }
    }
    assert_eq!(busy.window(), idle.window());
}

#[test]
fn cubic_climbs_from_slow_start_after_a_timeout_with_no_old_plateau() {
    let mut cubic = Cubic::new(10);
    cubic.set_window(1000);
    cubic.on_timeout(1000, true);
    cubic.on_ack(&acked(699));
    assert_eq!(cubic.window(), 700);
    // K is zero: the curve begins flat and rises by 0.4 t^3; below the old window Reno's estimate leads.
    let rtt = Span::millis(100);
    (1..100).for_each(|round| round_trip(&mut cubic, round, rtt));
    assert!((1050..=1130).contains(&cubic.window()), "{}", cubic.window());
}

/// The mean window over time in the model of RFC 9438 section 5.1: every `period`-th segment is lost, the window shrinks in
/// that moment and grows on at once, each segment is acknowledged by itself.
fn mean_in_the_model(mut state: Congestion, period: u64, rtt: Span, cycles: u64) -> f64 {
    let control = state.controller_mut();
    control.on_congestion(20);
    let (mut now, mut counted) = (Instant::ZERO, Span::ZERO);
    for segment in 1..=period * cycles {
        let step = Span::nanos(rtt.as_nanos() / u64::from(control.window()));
        now += step;
        if segment > period * cycles / 2 {
            counted += step;
        }
        if segment.is_multiple_of(period) {
            control.on_congestion(control.window());
        } else {
            control.on_ack(&Acked { segments: 1, most_in_slow_start: 1, now, srtt: Some(rtt) });
        }
    }
    (period * cycles / 2) as f64 * rtt.as_nanos() as f64 / counted.as_nanos() as f64
}

#[test]
fn the_windows_of_the_model_are_those_of_rfc_9438() {
    // One segment in so many is lost: Reno's window, CUBIC's. Whole segments cost Reno half a segment: 15 becomes 7.
    for (period, rtt, windows) in [(100, 20, [12.0, 12.0]), (10_000, 100, [120.0, 187.0])] {
        for (name, window) in ["reno", "cubic"].into_iter().zip(windows) {
            let mean = mean_in_the_model(Congestion::named(name, 10), period, Span::millis(rtt), 60);
            assert!((mean - window).abs() <= window * 0.1, "{name}: {mean:.2}, the RFC says {window}");
            assert!(name == "reno" || period > 100 || mean >= 12.0, "CUBIC: {mean:.2}, Reno's 12 at least");
        }
    }
}

#[test]
fn what_reno_had_saved_up_for_the_next_step_is_gone_after_a_congestion() {
    let mut reno = Reno::new(10);
    reno.set_threshold(10);
    reno.on_ack(&acked(9));
    reno.on_congestion(10);
    reno.on_ack(&acked(4));
    assert_eq!(reno.window(), 5, "the step takes a whole window");
    reno.on_ack(&acked(1));
    assert_eq!(reno.window(), 6);
}

/// CUBIC that shrank from 100 segments to 70.
fn shrunken() -> Cubic {
    let mut cubic = Cubic::new(10);
    cubic.set_window(100);
    cubic.on_congestion(100);
    assert_eq!(cubic.window(), 70);
    cubic
}

#[test]
fn cubic_begins_a_new_climb_after_each_congestion() {
    let mut cubic = shrunken();
    cubic.on_ack(&at(1, Span::ZERO));
    cubic.on_ack(&at(1, Span::secs(20)));
    let window = cubic.window();
    cubic.on_congestion(window);
    let threshold = cubic.window();
    cubic.on_ack(&at(1, Span::millis(20_100)));
    cubic.on_ack(&at(threshold, Span::millis(20_200)));
    assert!(cubic.window() <= threshold + 3, "{threshold} became {}", cubic.window());
}

#[test]
fn cubic_grows_by_half_in_a_round_trip_at_most() {
    let mut cubic = shrunken();
    cubic.on_ack(&at(1, Span::ZERO));
    cubic.on_ack(&at(70, Span::secs(60)));
    assert_eq!(cubic.window(), 105);
}

#[test]
fn cubic_aims_at_where_the_curve_is_a_round_trip_ahead() {
    let mut cubic = shrunken();
    let ack = |segments, ms| Acked { srtt: Some(Span::secs(1)), ..at(segments, Span::millis(ms)) };
    cubic.on_ack(&ack(1, 0));
    cubic.on_ack(&ack(70, 1000));
    // 0.4 (2 s - 4.217 s)^3 + 100.
    assert_eq!(cubic.window(), 95);
}
