//! Sending.

use super::both;
use crate::tcp::State;

#[test]
fn behind_a_full_segment_a_small_one_waits_by_the_rfc_and_goes_in_linux() {
    let [rfc, linux] = both(State::Established).map(|mut bench| {
        bench.write(&[1; 1460]);
        bench.forget_past();
        bench.write(b"small one");
        bench.write(b"another");
        bench.sent.iter().map(|(_, segment, _)| segment.payload.len()).collect::<Vec<_>>()
    });
    assert_eq!((rfc, linux), (vec![], vec![9]));
}
