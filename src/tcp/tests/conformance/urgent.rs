//! RFC 9293 section 3.8.5 and the URG bit of section 3.10.7.4.

use super::super::bench::seg;
use super::{both, carrying};
use crate::clock::Span;
use crate::tcp::{Reason, State};
use crate::wire::Segment;

fn urgent(segment: Segment, pointer: u16) -> Segment {
    Segment { urgent: pointer, ..segment }
}

fn signals(notes: &[Reason]) -> usize {
    notes.iter().filter(|note| **note == Reason::UrgentAnnounced).count()
}

#[test]
fn one_run_of_urgent_data_is_signalled_once_and_the_next_again() {
    for mut bench in both(State::Established) {
        bench.hand(&urgent(seg("PUA", 1, 1, "ab"), 6));
        bench.hand(&urgent(seg("PUA", 3, 1, "cd"), 4));
        bench.hand(&urgent(seg("PUA", 5, 1, "ef"), 2));
        assert_eq!(signals(&bench.notes), 1, "the same mark, told three times");
        bench.hand(&urgent(seg("PUA", 7, 1, "gh"), 2));
        assert_eq!(signals(&bench.notes), 2);
    }
}

#[test]
fn after_the_peers_fin_urgent_means_nothing() {
    for state in [State::CloseWait, State::Closing, State::LastAck] {
        for mut bench in both(state) {
            bench.hand(&urgent(seg("UA", 2, 1, ""), 9));
            assert_eq!(signals(&bench.notes), 0, "{state}");
            assert_eq!(bench.state(), state);
        }
    }
}

#[test]
fn urgent_data_is_announced_through_a_closed_window() {
    for mut bench in both(State::Established) {
        let mut edge = 1;
        while bench.variable("rcv.wnd") != Some(0) {
            let room = bench.variable("rcv.wnd").unwrap().min(1460) as usize;
            bench.hand(&carrying(seg("PA", edge, 1, ""), room));
            edge += room as i32;
            bench.wait(Span::secs(1));
            assert!(edge < 10_000_000, "the window never closes");
        }
        bench.forget_past();
        bench.hand(&urgent(seg("UA", edge, 1, ""), 5));
        assert_eq!(signals(&bench.notes), 1);
    }
}

#[test]
fn an_urgent_pointer_wakes_the_user_though_no_text_came() {
    for mut bench in both(State::Established) {
        let c = bench.conn.unwrap();
        let mut fx = crate::tcp::Effects::new();
        let (from, to) = (super::super::bench::peer().ip(), super::super::bench::local().ip());
        let mark = urgent(seg("UA", 1, 1, ""), 5);
        bench.stack.on_segment(bench.now, from, to, &mark, &mut fx);
        let woken = crate::tcp::Effect::Wake(crate::tcp::Owner::Conn(c));
        assert!(fx.list.contains(&woken), "{fx:?}");
        let mut fx = crate::tcp::Effects::new();
        bench.stack.on_segment(bench.now, from, to, &seg("A", 1, 1, ""), &mut fx);
        assert!(!fx.list.contains(&woken), "without the mark nobody is woken");
    }
}
