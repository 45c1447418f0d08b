//! However many options a segment carries, it fits the link.

use super::duo::{CLIENT, Duo, SERVER};
use crate::clock::Span;
use crate::tcp::Profile;

/// Octets of the largest IP packet that host sent.
fn largest(duo: &Duo, host: usize) -> usize {
    let of_host = duo.crossed.iter().filter(|crossing| crossing.from == host);
    of_host.map(|c| 20 + c.segment.header_len() + c.segment.payload.len()).max().unwrap_or(0)
}

#[test]
fn full_segments_that_report_sack_blocks_still_fit_the_mtu() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut duo = Duo::new(profile);
        let (client, server) = duo.open();
        let before = duo.crossed.len();
        // The first of three segments is lost: the server has something to report with whatever it sends.
        duo.lose = vec![before];
        duo.send(CLIENT, client, &[7; 4_000]);
        duo.run(Span::millis(3));
        duo.send(SERVER, server, &[9; 20_000]);
        duo.run(Span::secs(5));
        let reports = duo.crossed[before..].iter().filter(|crossing| {
            crossing.from == SERVER
                && crossing.segment.payload.len() > 1_000
                && crossing.segment.header_len() > 32
        });
        assert!(reports.count() > 0, "no full segment carried a report");
        assert_eq!(largest(&duo, SERVER), 1_500);
        assert_eq!(duo.recv(CLIENT, client).len(), 20_000);
        assert_eq!(duo.recv(SERVER, server).len(), 4_000);
    }
}
