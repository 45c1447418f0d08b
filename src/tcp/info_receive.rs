//! The receiver's part of TCP_INFO, and the memory of the receive buffer as SO_MEMINFO tells it.

use super::stack::Stack;
use super::tcb::Tcb;
use super::{ConnId, Profile};
use crate::clock::Instant;

impl Stack {
    /// What SO_MEMINFO tells of a connection's receive buffer: octets of memory taken, and those that may be.
    pub fn memory_info(&self, c: ConnId) -> Vec<(&'static str, i64)> {
        let Some(tcb) = self.block(c) else { return Vec::new() };
        vec![
            ("SK_MEMINFO_RMEM_ALLOC", i64::from(tcb.recv.cost())),
            ("SK_MEMINFO_RCVBUF", i64::from(tcb.memory.limit)),
        ]
    }

    /// The largest window that a connection will offer, as things are.
    pub fn window_clamp(&self, c: ConnId) -> Option<u32> {
        self.block(c).map(|tcb| tcb.memory.clamp)
    }

    /// Octets of memory that the receive buffer of a connection may take now.
    pub fn receive_buffer(&self, c: ConnId) -> Option<u32> {
        self.block(c).map(|tcb| tcb.memory.limit)
    }
}

impl Tcb {
    /// Octets that the link takes.
    fn link_mtu(&self) -> u32 {
        let headers = if self.ends.remote().is_ipv6() { 60 } else { 40 };
        u32::from(self.rcv.mss) + headers
    }

    /// The fields about what came, and the counts of what came and went.
    pub(super) fn info_of_receiving(&self, now: Instant, profile: &Profile) -> Vec<(&'static str, i64)> {
        let (counts, memory) = (&self.counts, &self.memory);
        let tick = (profile.granularity.as_nanos() / 1_000_000).max(1);
        let ticks = |at: Instant| at.as_millis() / tick * tick;
        let since = |at: Instant| ticks(now).saturating_sub(ticks(at)) as i64;
        let count = |octets: u64| i64::try_from(octets).unwrap_or(i64::MAX);
        vec![
            ("tcpi_ato", self.ack.delay.as_micros() as i64),
            ("tcpi_rcv_mss", i64::from(self.ack.full)),
            ("tcpi_fackets", 0),
            ("tcpi_last_data_sent", since(self.last_sent.unwrap_or(counts.opened_at))),
            ("tcpi_last_ack_sent", 0),
            ("tcpi_last_data_recv", since(self.ack.last_data.unwrap_or(counts.opened_at))),
            ("tcpi_last_ack_recv", since(counts.acknowledged_at)),
            ("tcpi_pmtu", i64::from(self.path.map_or(self.link_mtu(), |path| u32::from(path.mtu)))),
            ("tcpi_rcv_ssthresh", i64::from(self.rcv.clamp)),
            ("tcpi_advmss", i64::from(self.announced())),
            ("tcpi_rcv_rtt", memory.round_trip().as_micros() as i64),
            ("tcpi_rcv_space", i64::from(memory.space)),
            ("tcpi_bytes_acked", count(self.acknowledged)),
            ("tcpi_bytes_received", count(counts.octets_in)),
            ("tcpi_segs_out", i64::from(counts.segments_out)),
            ("tcpi_segs_in", i64::from(counts.segments_in)),
            ("tcpi_data_segs_in", i64::from(counts.texts_in)),
            ("tcpi_data_segs_out", i64::from(counts.texts_out)),
            ("tcpi_bytes_sent", count(counts.octets_out)),
            ("tcpi_bytes_retrans", count(counts.octets_again)),
            ("tcpi_rcv_ooopack", i64::from(counts.out_of_order)),
            ("tcpi_rcv_wnd", i64::from(self.rcv.wnd)),
        ]
    }
}
