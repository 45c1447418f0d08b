//! The simulated stack keeps the script's time.

use super::Simulated;
use crate::drill::{Exam, Settings, Verdict};
use crate::packetdrill::Script;
use crate::world::Options;

/// A listener, a connection, and then what is given.
fn verdict(more: &str) -> Verdict {
    let text = format!(
        "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n\
         +0 bind(3, ..., ...) = 0\n\
         +0 listen(3, 1) = 0\n\
         +0 < S 0:0(0) win 65535 <mss 1460>\n\
         +0 > S. 0:0(0) ack 1 <mss 1460>\n\
         +.1 < . 1:1(0) ack 1 win 65535\n\
         +0 accept(3, ..., ...) = 4\n{more}"
    );
    let script = Script::parse("test.pkt", &text).unwrap();
    let settings = Settings::of(&script, &[]).unwrap();
    let stack = Simulated::new(&settings, &Options::default(), Box::new(|_| None)).unwrap();
    Exam::new(&script, settings, stack).run().0
}

/// The first write's timer is put off when the second comes: what is due at the old moment is nothing, and time does not pass
/// beyond the script's for its sake.
#[test]
fn a_timer_that_was_put_off_does_not_carry_time_beyond_the_script_s_next_event() {
    let found = verdict(
        "+0 write(4, ..., 1000) = 1000\n\
         +0 > P. 1:1001(1000) ack 1\n\
         +.1 < . 1:1(0) ack 1001 win 65535\n\
         +0 write(4, ..., 1000) = 1000\n\
         +0 > P. 1001:2001(1000) ack 1\n\
         +.15 < . 1:1(0) ack 2001 win 65535\n\
         +0 write(4, ..., 1000) = 1000\n\
         +0 > P. 2001:3001(1000) ack 1\n\
         +.1 < . 1:1(0) ack 3001 win 65535\n\
         +9 < P. 1:101(100) ack 3001 win 65535\n\
         +0 read(4, ..., 100) = 100\n",
    );
    assert_eq!(found, Verdict::Pass);
}

/// Between two events of the script nothing may be left to happen at all: that is not the end of the run.
#[test]
fn a_world_with_nothing_left_to_do_waits_for_the_script() {
    let found = verdict(
        "+0 write(4, ..., 1000) = 1000\n\
         +0 > P. 1:1001(1000) ack 1\n\
         +.1 < . 1:1(0) ack 1001 win 65535\n\
         +100 write(4, ..., 1000) = 1000\n\
         +0 > P. 1001:2001(1000) ack 1\n\
         +.3~+.5 > P. 1001:2001(1000) ack 1\n",
    );
    assert_eq!(found, Verdict::Pass);
}
