//! What an administrator may change, under the kernel's own names: one table with bounds, both defaults and both sentences.

use crate::lang::Lang;

macro_rules! settings {
    ($($name:ident: $min:literal ..= $max:literal, rfc9293 $rfc:literal, linux $linux:literal, $en:literal, $zh:literal;)*) => {
        /// What can be set per host, by sysctl name without `net.ipv4.`, `net.ipv6.` or `net.core.`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Settings { $(#[doc = $en] pub $name: i64,)* }

        pub(super) const RFC9293: Settings = Settings { $($name: $rfc,)* };
        pub(super) const LINUX: Settings = Settings { $($name: $linux,)* };
        pub(super) const TABLE: &[Setting] = &[$(Setting { name: stringify!($name), min: $min, max: $max, en: $en, zh: $zh },)*];

        impl Settings {
            /// The value of the setting of that name.
            pub fn get(&self, name: &str) -> Option<i64> {
                match name { $(stringify!($name) => Some(self.$name),)* _ => None }
            }
            pub(super) fn slot(&mut self, name: &str) -> Option<&mut i64> {
                match name { $(stringify!($name) => Some(&mut self.$name),)* _ => None }
            }
        }
    };
}

settings! {
    tcp_syncookies: 0..=2, rfc9293 0, linux 1,
        "SYN cookies: 0 never, 1 when the SYN queue is full, 2 always", "SYN cookie：0 不用，1 半连接队列满时用，2 总是用";
    tcp_max_syn_backlog: 0..=1048576, rfc9293 4096, linux 4096,
        "Without cookies, about three quarters of this many half-open connections are let in", "不用 cookie 时，约允许此数四分之三的半连接";
    somaxconn: 0..=65535, rfc9293 4096, linux 4096,
        "Upper bound of every listener's backlog", "任何收听者 backlog 的上限";
    tcp_synack_retries: 0..=255, rfc9293 7, linux 5,
        "Retransmissions of a SYN-ACK before the half-open connection is given up", "放弃半连接之前重传 SYN-ACK 的次数";
    tcp_syn_retries: 1..=127, rfc9293 7, linux 6,
        "Retransmissions of a SYN before connect gives up (linear ones come on top)", "connect 放弃之前重传 SYN 的次数（线性重传另计）";
    tcp_syn_linear_timeouts: 0..=127, rfc9293 0, linux 4,
        "So many SYN retransmissions come at even gaps before the gaps double", "间隔开始加倍之前等间隔重传 SYN 的次数";
    tcp_retries1: 0..=255, rfc9293 3, linux 3,
        "R1: after so many retransmissions the route is doubted", "R1：重传这么多次后怀疑路由";
    tcp_retries2: 0..=127, rfc9293 15, linux 15,
        "R2: after the time of so many retransmissions the connection is given up", "R2：经过这么多次重传的时间后放弃连接";
    tcp_orphan_retries: 0..=255, rfc9293 0, linux 0,
        "The same for connections nobody owns any more; 0 means 8 in the linux profile and R2 in rfc9293",
        "对已无主的连接同上；0 在 linux 中表示 8，在 rfc9293 中表示 R2";
    tcp_keepalive_time: 1..=2147483, rfc9293 7200, linux 7200,
        "Seconds without anything from the peer before the first keepalive probe", "多少秒没有收到对方任何东西后发第一个保活探测";
    tcp_keepalive_intvl: 1..=2147483, rfc9293 75, linux 75,
        "Seconds between keepalive probes", "保活探测之间的秒数";
    tcp_keepalive_probes: 1..=255, rfc9293 9, linux 9,
        "Unanswered keepalive probes before the connection is given up", "放弃连接之前没有回答的保活探测个数";
    tcp_fin_timeout: 0..=2147483, rfc9293 0, linux 60,
        "Seconds a connection nobody owns stays in FIN-WAIT-2; 0 is for ever", "无主连接停留在 FIN-WAIT-2 的秒数；0 表示无限";
    tcp_abort_on_overflow: 0..=1, rfc9293 0, linux 0,
        "Answer with RST when the accept queue is full at the final ACK", "最后的 ACK 到达时若全连接队列已满则回 RST";
    tcp_timestamps: 0..=2, rfc9293 1, linux 1,
        "Timestamps option (RFC 7323): 0 off, 1 with an offset per connection, 2 without", "时间戳选项（RFC 7323）：0 关，1 每个连接带偏移，2 不带偏移";
    gso_max_segs: 1..=65535, rfc9293 1, linux 1,
        "Segments that a card with segmentation offload takes at once; 1 is a card without", "带分段卸载的网卡一次接收的报文段数；1 表示网卡不分段";
    gso_max_size: 2..=524280, rfc9293 65536, linux 65536,
        "Octets that a card with segmentation offload takes at once", "带分段卸载的网卡一次接收的字节数";
    tcp_notsent_lowat: 0..=4294967295, rfc9293 4294967295, linux 4294967295,
        "With offload: a write waits while so many octets or more are unsent", "分段卸载时：未发送的数据达到这么多字节时写入须等待";
    card_full: 0..=1, rfc9293 0, linux 0,
        "The card takes nothing: what TCP sends is refused on this very machine", "网卡什么都不收：TCP 发送的报文段在本机就被拒绝";
    quickack: 0..=1, rfc9293 0, linux 0,
        "The route asks for every acknowledgment at once", "路由要求每个确认都立即发送";
    tcp_tso_win_divisor: 0..=2147483647, rfc9293 3, linux 3,
        "With offload: a burst smaller than the window divided by this may wait for the next acknowledgment; 0: smaller than three segments", "分段卸载时：小于窗口除以此数的一批可等待下一个确认；0：小于三个报文段";
    tcp_min_tso_segs: 1..=65535, rfc9293 2, linux 2,
        "With offload: a burst may have so many segments however slow the path", "分段卸载时：路径再慢，一批也可有这么多报文段";
    tcp_tso_rtt_log: 0..=2147483647, rfc9293 9, linux 9,
        "With offload: the least round-trip time, in units of two to this power microseconds, halves each time what a burst may have beyond the rate; 0 is never", "分段卸载时：最小往返时间以 2 的此数次方微秒为单位，每多一个单位，一批在速率之外可多出的部分减半";
    tcp_pacing_ss_ratio: 0..=1000, rfc9293 200, linux 200,
        "Per cent of the window each round trip that the sending rate is reckoned with in slow start", "慢开始中估算发送速率时，每个往返按窗口的百分之几计";
    tcp_pacing_ca_ratio: 0..=1000, rfc9293 120, linux 120,
        "The same in congestion avoidance", "拥塞避免中同上";
    tcp_sack: 0..=1, rfc9293 1, linux 1,
        "Selective acknowledgment (RFC 2018)", "选择确认（RFC 2018）";
    tcp_dsack: 0..=1, rfc9293 1, linux 1,
        "Duplicate SACK (RFC 2883)", "重复 SACK（RFC 2883）";
    tcp_recovery: 0..=7, rfc9293 0, linux 1,
        "Losses told by time (RACK, RFC 8985): 1 yes; plus 2 its window stays fixed; plus 4 three segments held do not close it",
        "按时间判断丢失（RACK，RFC 8985）：1 用；加 2 窗口固定；加 4 三个已收到的报文段不关闭窗口";
    tcp_rto_min_us: 1..=60000000, rfc9293 1000000, linux 200000,
        "Least retransmission time-out, microseconds; in linux the least term for the variance", "重传超时的最小值，微秒；在 linux 中是方差项的最小值";
    tcp_rto_max_ms: 1000..=120000, rfc9293 60000, linux 120000,
        "Greatest retransmission time-out, milliseconds", "重传超时的最大值，毫秒";
    tcp_thin_linear_timeouts: 0..=1, rfc9293 0, linux 0,
        "The first six time-outs of a stream with less than four segments on their way are not doubled",
        "在途报文段少于四个的连接，前六次超时不加倍";
    tcp_reordering: 1..=127, rfc9293 3, linux 3,
        "Duplicates, or segments held, after which a segment counts as lost", "收到多少个重复确认（或已收到的报文段）后认为报文段丢失";
    tcp_max_reordering: 1..=65535, rfc9293 300, linux 300,
        "The greatest reordering believed, segments", "所相信的最大乱序程度，报文段数";
    tcp_early_retrans: 0..=4, rfc9293 0, linux 0,
        "Tail loss probes (RFC 8985 7): 3 or 4 yes (the kernel's default is 3; comparisons pin 0)", "尾部丢失探测（RFC 8985 7）：3 或 4 用（内核默认 3；比较时固定为 0）";
    tcp_frto: 0..=2, rfc9293 0, linux 2,
        "Find out after a time-out whether it was spurious (F-RTO, RFC 5682): 0 no, otherwise yes", "超时后查明是否为虚假超时（F-RTO，RFC 5682）：0 不查，其他值都查";
    tcp_min_rtt_wlen: 0..=86400, rfc9293 300, linux 300,
        "Seconds for which the least round-trip time is remembered (RFC 8985 6.2)", "最小往返时间保留的秒数（RFC 8985 6.2）";
    tcp_window_scaling: 0..=1, rfc9293 1, linux 1,
        "Window scale option (RFC 7323)", "窗口扩大选项（RFC 7323）";
    tcp_rfc1337: 0..=1, rfc9293 0, linux 0,
        "Ignore RST in TIME-WAIT", "TIME-WAIT 中忽略 RST";
    tcp_max_tw_buckets: 0..=2147483647, rfc9293 2147483647, linux 262144,
        "So many connections may be in TIME-WAIT; one more is closed at once (the kernel's default goes by its memory)",
        "处于 TIME-WAIT 的连接数上限；再多的立即关闭（内核的默认值取决于内存）";
    tcp_tw_reuse: 0..=2, rfc9293 0, linux 2,
        "Give a port in TIME-WAIT for more than 1 s to a new connection: 0 no, 1 yes, 2 on loopback only",
        "把处于 TIME-WAIT 超过 1 秒的端口让给新连接：0 不让，1 让，2 仅限环回";
    tcp_invalid_ratelimit: 0..=60000, rfc9293 0, linux 0,
        "Milliseconds between two ACKs that answer invalid segments, per connection (the kernel's default is 500; comparisons pin 0)",
        "每个连接两次应答无效报文段的确认之间的毫秒数（内核默认 500；比较时固定为 0）";
    tcp_challenge_ack_limit: 0..=2147483647, rfc9293 10, linux 2147483647,
        "Challenge ACKs a host sends at most: per 5 s in the rfc9293 profile, per 1 s in linux", "主机最多发送的质询确认数：rfc9293 中每 5 秒，linux 中每 1 秒";
    tcp_comp_sack_nr: 0..=255, rfc9293 0, linux 0,
        "So many duplicate ACKs with SACK may be made one; 0 sends each at once (the kernel's default is 44; comparisons pin 0)",
        "最多可把多少个带 SACK 的重复确认合并为一个；0 表示逐个立即发送（内核默认 44；比较时固定为 0）";
    tcp_comp_sack_delay_ns: 0..=1000000000, rfc9293 1000000, linux 1000000,
        "Nanoseconds such an ACK waits at most, and not longer than a twentieth of the round-trip time", "这样的确认最多等待的纳秒数，且不超过往返时间的二十分之一";
    tcp_pingpong_thresh: 1..=255, rfc9293 1, linux 1,
        "So many answers make a connection interactive: ACKs then wait for data to ride on", "回答这么多次后视为交互式连接：确认等待数据捎带";
    tcp_initial_cwnd: 0..=1000, rfc9293 0, linux 10,
        "Initial congestion window, segments (RFC 6928); 0 is two to four by their size (RFC 5681)",
        "初始拥塞窗口，报文段数（RFC 6928）；0 表示按报文段大小取二到四个（RFC 5681）";
    tcp_ecn: 0..=2, rfc9293 2, linux 2,
        "Explicit congestion notification (RFC 3168): 0 no, 1 asked for, 2 only if the peer asks", "显式拥塞通知（RFC 3168）：0 不用，1 主动请求，2 对方请求才用";
    tcp_ecn_fallback: 0..=1, rfc9293 1, linux 1,
        "A SYN that asks for ECN asks no more when it has to go again (RFC 3168 6.1.1.1)", "请求 ECN 的 SYN 重传时不再请求（RFC 3168 6.1.1.1）";
    tcp_fastopen: 0..=1543, rfc9293 3, linux 1,
        "Fast Open (RFC 7413), a sum: 1 clients, 2 listeners that want it, 4 clients without a cookie, 512 listeners without one, 1024 every listener",
        "快速打开 TFO（RFC 7413），各项之和：1 客户，2 有此要求的收听者，4 客户不用 cookie，512 收听者不要求 cookie，1024 所有收听者";
    tcp_fastopen_blackhole_timeout_sec: 0..=2147483647, rfc9293 0, linux 0,
        "Seconds without data on any SYN once one seems to have been swallowed for it, twice as many each time; 0 never (Linux)",
        "某个 SYN 似因携带数据而被吞掉后，多少秒内任何 SYN 都不再携带数据，每次加倍；0 表示从不（Linux）";
    tcp_uto: 0..=1, rfc9293 0, linux 0,
        "User timeout option (RFC 5482): 0 no, 1 told and adopted (no kernel does this)", "用户超时选项（RFC 5482）：0 不用，1 告知对方并采纳对方的值（内核不这样做）";
    tcp_mtu_probing: 0..=2, rfc9293 1, linux 0,
        "Find a path MTU that nobody reports (RFC 4821): 0 no, 1 after tcp_retries1, 2 from the beginning", "寻找无人报告的路径 MTU（RFC 4821）：0 不找，1 在 tcp_retries1 之后，2 从一开始就找";
    tcp_base_mss: 48..=65495, rfc9293 1024, linux 1024,
        "Octets of text in a segment with which that search begins", "这种寻找开始时报文段的数据长度，八位组";
    tcp_mtu_probe_floor: 28..=65495, rfc9293 28, linux 48,
        "Octets of text in a segment below which that search never goes", "寻找时报文段数据长度的下限，八位组";
    tcp_probe_threshold: 0..=65535, rfc9293 8, linux 8,
        "The search ends when its bounds are closer than so many octets", "上下界之差小于此八位组数时寻找结束";
    tcp_probe_interval: 1..=2147483, rfc9293 600, linux 600,
        "Seconds after which the search begins again from what it found", "多少秒后从已找到的值起再次寻找";
    tcp_slow_start_after_idle: 0..=1, rfc9293 1, linux 1,
        "After an idle time longer than the RTO the congestion window begins anew (RFC 5681 4.1)", "空闲超过 RTO 后拥塞窗口重新开始（RFC 5681 4.1）";
    tcp_rmem_default: 2304..=6291456, rfc9293 131072, linux 131072,
        "Receive buffer a socket begins with, octets (the middle of tcp_rmem)", "套接字初始接收缓存，八位组（tcp_rmem 的中间值）";
    tcp_rmem_max: 2304..=1073741823, rfc9293 6291456, linux 6291456,
        "Largest receive buffer, octets; it sets the window scale (the last of tcp_rmem)", "最大接收缓存，八位组；决定窗口扩大因子（tcp_rmem 的末值）";
    rmem_max: 2304..=1073741823, rfc9293 1073741823, linux 4194304,
        "The largest SO_RCVBUF that counts, octets; in the linux profile it bounds the window scale from below as well", "SO_RCVBUF 的最大有效值，八位组；在 linux 中也是窗口扩大因子的下限依据";
    tcp_moderate_rcvbuf: 0..=1, rfc9293 0, linux 1,
        "The receive buffer grows with what the user reads in a round trip, up to tcp_rmem_max (linux profile)", "接收缓存随用户每个往返时间读取的数据量增长，最大到 tcp_rmem_max（linux）";
    tcp_shrink_window: 0..=1, rfc9293 0, linux 0,
        "The right edge of a scaled window may move back where memory runs short (linux profile)", "内存不足时，扩大窗口的右沿可以后退（linux）";
    tcp_workaround_signed_windows: 0..=1, rfc9293 0, linux 0,
        "No unscaled window larger than 32767, for peers that take the field for a signed number (linux profile)", "不扩大的窗口不超过 32767，照顾把该字段当作有符号数的对方（linux）";
    tcp_app_win: 0..=31, rfc9293 31, linux 31,
        "A window of 1/2^n of the buffer, at least one segment, is kept in reserve; 0 keeps nothing (linux profile)", "保留缓存的 1/2^n（至少一个报文段）不作为窗口；0 表示不保留（linux）";
    tcp_wmem_default: 4608..=4194304, rfc9293 16384, linux 16384,
        "Send buffer a socket begins with, octets (the middle of tcp_wmem)", "套接字初始发送缓存，八位组（tcp_wmem 的中间值）";
    tcp_wmem_max: 4608..=1073741823, rfc9293 4194304, linux 4194304,
        "Largest send buffer, octets (the last of tcp_wmem)", "最大发送缓存，八位组（tcp_wmem 的末值）";
    ip_local_port_range_low: 1..=65535, rfc9293 49152, linux 32768,
        "First ephemeral port", "第一个短暂端口号";
    ip_local_port_range_high: 1..=65535, rfc9293 65535, linux 60999,
        "Last ephemeral port", "最后一个短暂端口号";
    bindv6only: 0..=1, rfc9293 0, linux 0,
        "IPV6_V6ONLY of a new AF_INET6 socket: 0 its wildcard takes IPv4 too (RFC 3493 5.3), 1 IPv6 alone", "新建 AF_INET6 套接字的 IPV6_V6ONLY：0 通配地址也接收 IPv4（RFC 3493 5.3），1 只接收 IPv6";
    ipfrag_time: 1..=2147483, rfc9293 60, linux 30,
        "Seconds the first fragments of a datagram wait for the others", "数据报先到的分片等待其余分片的秒数";
    tcp_window_probes: 0..=1, rfc9293 1, linux 1,
        "A closed window is probed (RFC 9293 3.8.6.1); 0 it is waited for in silence (no kernel does this)", "探测零窗口（RFC 9293 3.8.6.1）；0 只是默默等待（内核不这样做）";
    tcp_silly_windows: 0..=1, rfc9293 0, linux 0,
        "Every octet that becomes free is offered, and filled, at once (RFC 9293 3.8.6.2 forbids it; no kernel does this)", "每空出一个字节就立即通告、立即填满（RFC 9293 3.8.6.2 禁止；内核不这样做）";
    tcp_blind_checks: 0..=1, rfc9293 1, linux 1,
        "RSTs and acknowledgment numbers are checked as RFC 5961 asks; 0 any RST in the window and any old acknowledgment counts, as in RFC 793 (no kernel does this)", "按 RFC 5961 检查 RST 和确认号；0 窗口内的任何 RST、任何旧确认号都算数，如同 RFC 793（内核不这样做）";
    tcp_evict_oldest: 0..=1, rfc9293 0, linux 0,
        "When the SYN queue is full the oldest entry makes room (RFC 4987 3.4; no kernel does this)", "半连接队列满时最老的让位（RFC 4987 3.4；内核不这样做）";
}

/// One row of the table of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The sysctl's name.
    pub name: &'static str,
    /// Least value.
    pub min: i64,
    /// Greatest value.
    pub max: i64,
    en: &'static str,
    zh: &'static str,
}

impl Setting {
    /// What it means.
    pub fn means(&self, lang: Lang) -> &'static str {
        lang.pick(self.en, self.zh)
    }
}

/// Why a setting could not be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// No such setting.
    #[error("there is no setting `{0}`")]
    Unknown(String),
    /// The value is out of range.
    #[error("`{name}` is from {min} to {max}")]
    Range {
        /// Which setting.
        name: &'static str,
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
}
