//! What came and went on one connection, counted as TCP_INFO tells it.

use super::tcb::Tcb;
use crate::clock::Instant;
use crate::wire::Segment;

/// The counts of one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Segments that came for it, acceptable or not.
    pub segments_in: u32,
    /// Those of them with text.
    pub texts_in: u32,
    /// How far RCV.NXT came: octets, and the peer's FIN.
    pub octets_in: u64,
    /// Segments that came too early and were kept.
    pub out_of_order: u32,
    /// Segments sent, first and again; the SYN-ACK of a listener is none of them.
    pub segments_out: u32,
    /// Those of them with text.
    pub texts_out: u32,
    /// Octets of text sent, first and again.
    pub octets_out: u64,
    /// Octets of text sent again.
    pub octets_again: u64,
    /// When the connection opened.
    pub opened_at: Instant,
    /// When an acceptable acknowledgment last came.
    pub acknowledged_at: Instant,
}

impl Tcb {
    /// A segment came for this connection.
    pub fn count_in(&mut self, segment: &Segment) {
        self.counts.segments_in = self.counts.segments_in.wrapping_add(1);
        if !segment.payload.is_empty() {
            self.counts.texts_in = self.counts.texts_in.wrapping_add(1);
        }
    }

    /// A segment with so many octets of text goes.
    pub fn count_out(&mut self, text: usize, again: bool) {
        self.counts.segments_out = self.counts.segments_out.wrapping_add(1);
        if text > 0 {
            self.counts.texts_out = self.counts.texts_out.wrapping_add(1);
            self.counts.octets_out += text as u64;
            self.counts.octets_again += if again { text as u64 } else { 0 };
        }
    }
}
