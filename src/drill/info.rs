//! `struct tcp_info` as the kernel lays it out, and its fields by the names code uses.

/// The fields in order: name and octets. What lies behind the first eight octets is aligned by itself.
const FIELDS: &[(&str, usize)] = &[
    ("tcpi_state", 1),
    ("tcpi_ca_state", 1),
    ("tcpi_retransmits", 1),
    ("tcpi_probes", 1),
    ("tcpi_backoff", 1),
    ("tcpi_options", 1),
    ("wscales", 1),
    ("delivery", 1),
    ("tcpi_rto", 4),
    ("tcpi_ato", 4),
    ("tcpi_snd_mss", 4),
    ("tcpi_rcv_mss", 4),
    ("tcpi_unacked", 4),
    ("tcpi_sacked", 4),
    ("tcpi_lost", 4),
    ("tcpi_retrans", 4),
    ("tcpi_fackets", 4),
    ("tcpi_last_data_sent", 4),
    ("tcpi_last_ack_sent", 4),
    ("tcpi_last_data_recv", 4),
    ("tcpi_last_ack_recv", 4),
    ("tcpi_pmtu", 4),
    ("tcpi_rcv_ssthresh", 4),
    ("tcpi_rtt", 4),
    ("tcpi_rttvar", 4),
    ("tcpi_snd_ssthresh", 4),
    ("tcpi_snd_cwnd", 4),
    ("tcpi_advmss", 4),
    ("tcpi_reordering", 4),
    ("tcpi_rcv_rtt", 4),
    ("tcpi_rcv_space", 4),
    ("tcpi_total_retrans", 4),
    ("tcpi_pacing_rate", 8),
    ("tcpi_max_pacing_rate", 8),
    ("tcpi_bytes_acked", 8),
    ("tcpi_bytes_received", 8),
    ("tcpi_segs_out", 4),
    ("tcpi_segs_in", 4),
    ("tcpi_notsent_bytes", 4),
    ("tcpi_min_rtt", 4),
    ("tcpi_data_segs_in", 4),
    ("tcpi_data_segs_out", 4),
    ("tcpi_delivery_rate", 8),
    ("tcpi_busy_time", 8),
    ("tcpi_rwnd_limited", 8),
    ("tcpi_sndbuf_limited", 8),
    ("tcpi_delivered", 4),
    ("tcpi_delivered_ce", 4),
    ("tcpi_bytes_sent", 8),
    ("tcpi_bytes_retrans", 8),
    ("tcpi_dsack_dups", 4),
    ("tcpi_reord_seen", 4),
    ("tcpi_rcv_ooopack", 4),
    ("tcpi_snd_wnd", 4),
    ("tcpi_rcv_wnd", 4),
    ("tcpi_rehash", 4),
    ("tcpi_total_rto", 2),
    ("tcpi_total_rto_recoveries", 2),
    ("tcpi_total_rto_time", 4),
];

/// What SO_MEMINFO tells, in order.
const MEMORY: [&str; 9] = [
    "SK_MEMINFO_RMEM_ALLOC",
    "SK_MEMINFO_RCVBUF",
    "SK_MEMINFO_WMEM_ALLOC",
    "SK_MEMINFO_SNDBUF",
    "SK_MEMINFO_FWD_ALLOC",
    "SK_MEMINFO_WMEM_QUEUED",
    "SK_MEMINFO_OPTMEM",
    "SK_MEMINFO_BACKLOG",
    "SK_MEMINFO_DROPS",
];

/// The fields of what `getsockopt(SO_MEMINFO)` wrote.
pub(super) fn memory(octets: &[u8]) -> impl Iterator<Item = (&'static str, i64)> + '_ {
    let (words, _) = octets.as_chunks::<4>();
    MEMORY.into_iter().zip(words).map(|(name, word)| (name, i64::from(u32::from_ne_bytes(*word))))
}

/// The fields of what `getsockopt(TCP_INFO)` wrote, as far as it reaches.
pub(super) fn fields(octets: &[u8]) -> Vec<(&'static str, i64)> {
    let mut found = Vec::new();
    let mut at = 0_usize;
    for (name, size) in FIELDS {
        at = at.next_multiple_of((*size).min(8));
        let Some(part) = octets.get(at..at + size) else { break };
        at += size;
        let mut word = [0; 8];
        word[..*size].copy_from_slice(part);
        let value = i64::from_le_bytes(word);
        match *name {
            "wscales" => {
                found.push(("tcpi_snd_wscale", value & 0xf));
                found.push(("tcpi_rcv_wscale", value >> 4));
            }
            "delivery" => {
                found.push(("tcpi_delivery_rate_app_limited", value & 1));
                found.push(("tcpi_fastopen_client_fail", value >> 1 & 3));
            }
            name => found.push((name, value)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_where_the_kernel_puts_them() {
        let mut octets = vec![0_u8; 248];
        octets[6] = 0x87;
        octets[80] = 10;
        octets[104] = 1;
        octets[192] = 9;
        let found = fields(&octets);
        let value = |wanted: &str| found.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        assert_eq!((value("tcpi_snd_wscale"), value("tcpi_rcv_wscale")), (Some(7), Some(8)));
        assert_eq!(value("tcpi_snd_cwnd"), Some(10));
        assert_eq!(value("tcpi_pacing_rate"), Some(1));
        assert_eq!(value("tcpi_delivered"), Some(9));
        assert_eq!(fields(&octets[..90]).last().map(|(name, _)| *name), Some("tcpi_advmss"));
    }
}
