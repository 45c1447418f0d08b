//! Every constant and every named deviation as data: `rfc9293` and `linux`.
//!
//! [`Settings`] are what an administrator may change, under the kernel's own names; the other fields of [`Profile`] are
//! what only another stack would do differently.

use super::recovery::RecoveryRules;
use super::{IcmpRules, TimeWaitSyn, UrgentRules};
use crate::clock::Span;
use crate::lang::Lang;

macro_rules! settings {
    ($($name:ident: $min:literal ..= $max:literal, rfc9293 $rfc:literal, linux $linux:literal, $en:literal, $zh:literal;)*) => {
        /// What can be set per host, by sysctl name without `net.ipv4.` or `net.core.`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Settings { $(#[doc = $en] pub $name: i64,)* }

        const RFC9293: Settings = Settings { $($name: $rfc,)* };
        const LINUX: Settings = Settings { $($name: $linux,)* };
        const TABLE: &[Setting] = &[$(Setting { name: stringify!($name), min: $min, max: $max, en: $en, zh: $zh },)*];

        impl Settings {
            /// The value of the setting of that name.
            pub fn get(&self, name: &str) -> Option<i64> {
                match name { $(stringify!($name) => Some(self.$name),)* _ => None }
            }
            fn slot(&mut self, name: &str) -> Option<&mut i64> {
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
    tcp_sack: 0..=1, rfc9293 1, linux 1,
        "Selective acknowledgment (RFC 2018)", "选择确认（RFC 2018）";
    tcp_dsack: 0..=1, rfc9293 1, linux 1,
        "Duplicate SACK (RFC 2883)", "重复 SACK（RFC 2883）";
    tcp_recovery: 0..=7, rfc9293 0, linux 1,
        "Losses told by time (RACK, RFC 8985): 1 yes; plus 2 its window stays fixed; plus 4 three segments held do not close it",
        "按时间判断丢失（RACK，RFC 8985）：1 用；加 2 窗口固定；加 4 三个已收到的报文段不关闭窗口";
    tcp_early_retrans: 0..=4, rfc9293 0, linux 0,
        "Tail loss probes (RFC 8985 7): 3 or 4 yes (the kernel's default is 3; comparisons pin 0)", "尾部丢失探测（RFC 8985 7）：3 或 4 用（内核默认 3；比较时固定为 0）";
    tcp_frto: 0..=2, rfc9293 0, linux 2,
        "Find out after a time-out whether it was spurious (F-RTO, RFC 5682): 0 no, otherwise yes", "超时后查明是否为虚假超时（F-RTO，RFC 5682）：0 不查，其他值都查";
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
    tcp_pingpong_thresh: 1..=255, rfc9293 1, linux 1,
        "So many answers make a connection interactive: ACKs then wait for data to ride on", "回答这么多次后视为交互式连接：确认等待数据捎带";
    tcp_initial_cwnd: 0..=1000, rfc9293 0, linux 10,
        "Initial congestion window, segments (RFC 6928); 0 is two to four by their size (RFC 5681)",
        "初始拥塞窗口，报文段数（RFC 6928）；0 表示按报文段大小取二到四个（RFC 5681）";
    tcp_ecn: 0..=2, rfc9293 2, linux 2,
        "Explicit congestion notification (RFC 3168): 0 no, 1 asked for, 2 only if the peer asks", "显式拥塞通知（RFC 3168）：0 不用，1 主动请求，2 对方请求才用";
    tcp_slow_start_after_idle: 0..=1, rfc9293 1, linux 1,
        "After an idle time longer than the RTO the congestion window begins anew (RFC 5681 4.1)", "空闲超过 RTO 后拥塞窗口重新开始（RFC 5681 4.1）";
    tcp_rmem_default: 2304..=6291456, rfc9293 131072, linux 131072,
        "Receive buffer a socket begins with, octets (the middle of tcp_rmem)", "套接字初始接收缓存，八位组（tcp_rmem 的中间值）";
    tcp_rmem_max: 2304..=1073741823, rfc9293 6291456, linux 6291456,
        "Largest receive buffer, octets; it sets the window scale (the last of tcp_rmem)", "最大接收缓存，八位组；决定窗口扩大因子（tcp_rmem 的末值）";
    tcp_wmem_default: 4608..=4194304, rfc9293 16384, linux 16384,
        "Send buffer a socket begins with, octets (the middle of tcp_wmem)", "套接字初始发送缓存，八位组（tcp_wmem 的中间值）";
    tcp_wmem_max: 4608..=1073741823, rfc9293 4194304, linux 4194304,
        "Largest send buffer, octets (the last of tcp_wmem)", "最大发送缓存，八位组（tcp_wmem 的末值）";
    ip_local_port_range_low: 1..=65535, rfc9293 49152, linux 32768,
        "First ephemeral port", "第一个短暂端口号";
    ip_local_port_range_high: 1..=65535, rfc9293 65535, linux 60999,
        "Last ephemeral port", "最后一个短暂端口号";
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

/// Which small segments Nagle's algorithm holds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nagle {
    /// While anything is unacknowledged (RFC 9293 section 3.7.4).
    Original,
    /// While a small segment is unacknowledged (Minshall).
    Minshall,
}

/// What a zero-window probe carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowProbe {
    /// One octet of new data (RFC 9293 section 3.8.6.1).
    OneOctet,
    /// Nothing, with SEG.SEQ = SND.UNA - 1.
    Empty,
}

/// How acknowledgments are delayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelayedAck {
    /// A fixed delay; every second full segment at once (RFC 9293 section 3.8.6.3).
    Fixed(Span),
    /// At once at first, then as the traffic suggests: the arguments are in [`Adaptive`].
    Adaptive(Adaptive),
}

/// The numbers of the adaptive delayed acknowledgment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adaptive {
    /// Segments acknowledged at once when a connection is new or was silent, at most.
    pub quick: u8,
    /// Shortest delay once traffic is known.
    pub min: Span,
    /// Longest delay.
    pub max: Span,
    /// Delay before any data came.
    pub first: Span,
}

/// How round-trip times become a time-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RttRule {
    /// RFC 6298 section 2 to the letter: the sum is rounded up to the minimum.
    Rfc6298,
    /// The variance term alone is kept at or above the minimum, and falls at most once per round trip.
    VarianceFloor,
}

/// How the limit of retransmissions of data is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryLimit {
    /// By retransmissions.
    Count,
    /// By the time that so many doublings from the least time-out would take.
    Time,
}

/// From what the slow-start threshold is reckoned when a segment is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossBase {
    /// From what is on its way (RFC 5681 section 3.1, equation 4).
    FlightSize,
    /// From the congestion window.
    Window,
}

/// What becomes of the congestion window when nothing was sent for longer than the RTO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdleRestart {
    /// It is the restart window at once (RFC 5681 section 4.1).
    Whole,
    /// It is halved for every RTO that passed, down to the restart window, and ssthresh remembers three quarters of it
    /// (RFC 2861 section 3.1).
    HalfPerRto,
}

/// What a listener does with SYNs when its queues fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenRules {
    /// The accept queue, and the half-open limit, hold one more than the backlog.
    pub one_more_than_backlog: bool,
    /// A quarter of tcp_max_syn_backlog is kept for known peers when cookies are off.
    pub reserve_quarter: bool,
    /// Entries are given up early when the queue is more than half full.
    pub prune_when_half_full: bool,
    /// A full accept queue makes the final ACK ignored.
    pub ignore_ack_when_full: bool,
    /// A repeated SYN is answered by the SYN-ACK again; otherwise by a bare ACK.
    pub repeat_syn_ack: bool,
    /// Another SYN in the window resets the half-open connection; otherwise it returns to LISTEN.
    pub reset_on_other_syn: bool,
}

/// Everything in which stacks differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// `rfc9293` or `linux`.
    pub name: &'static str,
    /// What can be set per host.
    pub settings: Settings,
    /// How long TIME-WAIT lasts (2 MSL).
    pub time_wait: Span,
    /// Retransmission time-out before any measurement (RFC 6298 section 2.1).
    pub rto_initial: Span,
    /// The same after the SYN had to be sent again and nothing could be measured (RFC 6298 section 5.7).
    pub rto_after_syn_loss: Span,
    /// Least retransmission time-out (RFC 6298 section 2.4).
    pub rto_min: Span,
    /// Greatest retransmission time-out (RFC 6298 section 2.5).
    pub rto_max: Span,
    /// Clock granularity G: the least variance term, and time-outs are whole multiples of it.
    pub granularity: Span,
    /// How round-trip times become a time-out.
    pub rtt_rule: RttRule,
    /// How R2 is counted.
    pub retry_limit: RetryLimit,
    /// Which small segments wait.
    pub nagle: Nagle,
    /// What a zero-window probe carries.
    pub window_probe: WindowProbe,
    /// How acknowledgments are delayed.
    pub delayed_ack: DelayedAck,
    /// Silly-window override time-out of the sender; `None` leaves it to the persist timer.
    pub silly_window_override: Option<Span>,
    /// Rules of a listener's queues.
    pub listen: ListenRules,
    /// Congestion control: a row of [`cc::ALGORITHMS`](super::cc::ALGORITHMS).
    pub congestion_control: &'static str,
    /// From what the slow-start threshold is reckoned when a segment is lost.
    pub loss_base: LossBase,
    /// Segments that one acknowledgment counts for in slow start at most (RFC 5681 section 3.1, equation 2).
    pub slow_start_per_ack: u32,
    /// So many losses of the SYN or SYN-ACK make the initial window one segment (RFC 5681 section 3.1, RFC 6928 section 2).
    pub syn_losses_for_one_segment: u32,
    /// What recovery from loss does.
    pub recovery: RecoveryRules,
    /// What becomes of the congestion window after idleness.
    pub idle_restart: IdleRestart,
    /// Buffers given by the user are doubled, and half of a receive buffer is window.
    pub buffers_doubled: bool,
    /// Answer data that comes after close with RST (RFC 9293 section 3.6.1 allows it).
    pub reset_data_after_close: bool,
    /// Text beyond the peer's own FIN resets the connection; otherwise it is ignored.
    pub reset_text_after_fin: bool,
    /// A segment without ACK, RST and SYN is dropped before anything else is looked at.
    pub drop_without_ack_first: bool,
    /// Answer a close with data unread by RST.
    pub reset_unread_data: bool,
    /// Text and FIN on a SYN-ACK are taken in; otherwise they must come again.
    pub take_syn_ack_text: bool,
    /// Text and FIN on a SYN wait until the connection is open (RFC 9293 section 3.10.7.2); otherwise the text is ignored and
    /// a listener drops a SYN with FIN.
    pub keep_syn_text: bool,
    /// Whether a SYN may open a connection in TIME-WAIT anew.
    pub time_wait_syn: TimeWaitSyn,
    /// After this time without a newer timestamp any is believed (RFC 7323 section 5.5: more than 24 days).
    pub timestamps_outdated: Span,
    /// Accept segments without the negotiated timestamps.
    pub accept_missing_timestamps: bool,
    /// How urgent data is treated.
    pub urgent: UrgentRules,
    /// What reports of the network do.
    pub icmp: IcmpRules,
    /// In simultaneous open the SYN-ACK offers again whatever the SYN offered, not only what the peer's SYN offered too.
    pub crossed_syn_repeats_offer: bool,
    /// Segments are acceptable from the edge last offered on, not only from RCV.NXT on.
    pub accept_from_last_offer: bool,
    /// A RST in CLOSE-WAIT tells the user that its sending half is broken, not that the connection was reset.
    pub broken_in_close_wait: bool,
    /// An acknowledgment older than anything that was ever acknowledged is challenged, however large the window.
    pub challenge_impossible_ack: bool,
    /// When an ACK of something else comes in SYN-SENT before any retransmission, the SYN goes again after this.
    pub hurry_syn: Option<Span>,
    /// In CLOSE-WAIT, LAST-ACK and CLOSING a RST at RCV.NXT - 1 counts too.
    pub reset_before_next: bool,
    /// A RST at the right edge of what came farthest out of order counts as exact: the peer may have sent all of that.
    pub reset_at_sack_edge: bool,
    /// A closed window is not waited for for ever although probes are answered: not longer than the user time-out, and not
    /// by a connection nobody owns once its wait has become the greatest (RFC 9293 section 3.8.6.1 says for ever).
    pub persist_ends: bool,
    /// A RST that answers a segment with a timestamp echoes it (RFC 7323 section 5.2).
    pub reset_echoes_timestamp: bool,
    /// The initial sequence number of a reopened TIME-WAIT is SND.NXT plus this.
    pub reopen_isn_step: u32,
    /// Length of one tick of the ISN clock (RFC 9293 section 3.4.1).
    pub isn_tick: Span,
    /// Least MSS believed from a peer.
    pub min_mss: u16,
    /// The period in which tcp_challenge_ack_limit challenge ACKs may go (RFC 5961 section 7).
    pub challenge_period: Span,
    /// How long one value of the SYN cookies' time counter lasts; a cookie is good for this one and the next.
    pub cookie_period: Span,
    /// Octets of MSS assumed when the peer names none (RFC 9293 section 3.7.1).
    pub default_mss: u16,
}

impl Profile {
    /// The table of settings.
    pub const SETTINGS: &'static [Setting] = TABLE;
    /// Names of the profiles.
    pub const NAMES: [&'static str; 2] = ["rfc9293", "linux"];

    /// The profile of that name.
    pub fn named(name: &str) -> Option<Profile> {
        match name {
            "rfc9293" => Some(Profile::rfc9293()),
            "linux" => Some(Profile::linux()),
            _ => None,
        }
    }

    /// The RFCs to the letter.
    pub fn rfc9293() -> Profile {
        Profile {
            name: "rfc9293",
            settings: RFC9293,
            time_wait: Span::secs(240),
            rto_initial: Span::secs(1),
            rto_after_syn_loss: Span::secs(3),
            rto_min: Span::secs(1),
            rto_max: Span::secs(60),
            granularity: Span::millis(1),
            rtt_rule: RttRule::Rfc6298,
            retry_limit: RetryLimit::Count,
            nagle: Nagle::Original,
            window_probe: WindowProbe::OneOctet,
            delayed_ack: DelayedAck::Fixed(Span::millis(200)),
            silly_window_override: Some(Span::millis(500)),
            listen: ListenRules {
                one_more_than_backlog: false,
                reserve_quarter: false,
                prune_when_half_full: false,
                ignore_ack_when_full: false,
                repeat_syn_ack: false,
                reset_on_other_syn: false,
            },
            congestion_control: "reno",
            loss_base: LossBase::FlightSize,
            slow_start_per_ack: 1,
            syn_losses_for_one_segment: 1,
            recovery: RecoveryRules::RFC9293,
            idle_restart: IdleRestart::Whole,
            buffers_doubled: false,
            reset_data_after_close: true,
            reset_text_after_fin: false,
            drop_without_ack_first: false,
            reset_unread_data: true,
            take_syn_ack_text: true,
            keep_syn_text: true,
            time_wait_syn: TimeWaitSyn::Newer,
            timestamps_outdated: Span::secs(24 * 86_400),
            accept_missing_timestamps: false,
            urgent: UrgentRules { out_of_band: false, zero_is_one: false, passes_nagle: false },
            icmp: IcmpRules {
                any_ends_attempt: false,
                hard_ends_connection: true,
                least_path_mtu: 68,
                path_mtu_life: Span::secs(600),
                plateaus: true,
                reverts_back_off: false,
            },
            crossed_syn_repeats_offer: false,
            accept_from_last_offer: false,
            broken_in_close_wait: false,
            challenge_impossible_ack: false,
            hurry_syn: None,
            reset_before_next: false,
            reset_at_sack_edge: false,
            persist_ends: false,
            reset_echoes_timestamp: true,
            reopen_isn_step: 1,
            isn_tick: Span::micros(4),
            min_mss: 1,
            challenge_period: Span::secs(5),
            cookie_period: Span::secs(64),
            default_mss: 536,
        }
    }

    /// The Linux kernel as the facts measured it, with the pins of a comparison (reno, no loss probes).
    pub fn linux() -> Profile {
        Profile {
            name: "linux",
            settings: LINUX,
            time_wait: Span::secs(60),
            rto_initial: Span::secs(1),
            rto_after_syn_loss: Span::secs(3),
            rto_min: Span::millis(200),
            rto_max: Span::secs(120),
            granularity: Span::millis(4),
            rtt_rule: RttRule::VarianceFloor,
            retry_limit: RetryLimit::Time,
            nagle: Nagle::Minshall,
            window_probe: WindowProbe::Empty,
            delayed_ack: DelayedAck::Adaptive(Adaptive {
                quick: 16,
                min: Span::millis(40),
                max: Span::millis(200),
                first: Span::millis(4),
            }),
            silly_window_override: None,
            listen: ListenRules {
                one_more_than_backlog: true,
                reserve_quarter: true,
                prune_when_half_full: true,
                ignore_ack_when_full: true,
                repeat_syn_ack: true,
                reset_on_other_syn: true,
            },
            congestion_control: "reno",
            loss_base: LossBase::Window,
            slow_start_per_ack: u32::MAX,
            syn_losses_for_one_segment: 2,
            recovery: RecoveryRules::LINUX,
            idle_restart: IdleRestart::HalfPerRto,
            buffers_doubled: true,
            reset_data_after_close: true,
            reset_text_after_fin: true,
            drop_without_ack_first: true,
            reset_unread_data: true,
            take_syn_ack_text: false,
            keep_syn_text: false,
            time_wait_syn: TimeWaitSyn::Newer,
            timestamps_outdated: Span::secs(24 * 86_400),
            accept_missing_timestamps: true,
            urgent: UrgentRules { out_of_band: true, zero_is_one: true, passes_nagle: true },
            icmp: IcmpRules {
                any_ends_attempt: true,
                hard_ends_connection: false,
                least_path_mtu: 552,
                path_mtu_life: Span::secs(600),
                plateaus: false,
                reverts_back_off: true,
            },
            crossed_syn_repeats_offer: true,
            accept_from_last_offer: true,
            broken_in_close_wait: true,
            challenge_impossible_ack: true,
            hurry_syn: Some(Span::millis(8)),
            reset_before_next: true,
            reset_at_sack_edge: true,
            persist_ends: true,
            reset_echoes_timestamp: false,
            reopen_isn_step: 65_537,
            isn_tick: Span::nanos(64),
            min_mss: 48,
            challenge_period: Span::secs(1),
            cookie_period: Span::secs(60),
            default_mss: 536,
        }
    }

    /// Changes one setting, by sysctl name.
    ///
    /// # Errors
    /// [`SettingError`] if there is no such setting or the value is out of its range.
    pub fn set(&mut self, name: &str, value: i64) -> Result<(), SettingError> {
        let unknown = || SettingError::Unknown(name.to_owned());
        let row = TABLE.iter().find(|row| row.name == name).ok_or_else(unknown)?;
        if value < row.min || value > row.max {
            return Err(SettingError::Range { name: row.name, min: row.min, max: row.max });
        }
        *self.settings.slot(name).ok_or_else(unknown)? = value;
        Ok(())
    }

    /// What becomes of a receive buffer of `asked` octets: what `getsockopt` then tells.
    pub fn kept_receive_buffer(&self, asked: u32) -> u32 {
        if self.buffers_doubled { asked.saturating_mul(2).max(2304) } else { asked.max(1) }
    }

    /// What becomes of a send buffer of `asked` octets.
    pub fn kept_send_buffer(&self, asked: u32) -> u32 {
        if self.buffers_doubled { asked.saturating_mul(2).max(4608) } else { asked.max(1) }
    }

    /// Octets of window that a receive buffer of `kept` octets can offer.
    pub fn window_of_buffer(&self, kept: u32) -> u32 {
        if self.buffers_doubled { kept / 2 } else { kept }
    }

    /// The listener's backlog as the host bounds it (`somaxconn`).
    pub fn bounded_backlog(&self, backlog: u32) -> u32 {
        backlog.min(u32::try_from(self.settings.somaxconn).unwrap_or(u32::MAX))
    }

    pub(super) fn keepalive_default(&self) -> super::Keepalive {
        super::Keepalive {
            on: false,
            idle: seconds(self.settings.tcp_keepalive_time),
            interval: seconds(self.settings.tcp_keepalive_intvl),
            count: u32::try_from(self.settings.tcp_keepalive_probes).unwrap_or(9),
        }
    }
}

/// A setting in seconds as a span; what is negative is none.
pub(super) fn seconds(value: i64) -> Span {
    Span::secs(u64::try_from(value).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_can_be_set_within_its_range_and_not_beyond() {
        for name in Profile::NAMES {
            let mut profile = Profile::named(name).unwrap();
            for row in Profile::SETTINGS {
                let value = profile.settings.get(row.name).unwrap();
                assert!(
                    (row.min..=row.max).contains(&value),
                    "{name}: default of {} is out of range",
                    row.name
                );
                profile.set(row.name, row.max).unwrap();
                assert_eq!(profile.settings.get(row.name), Some(row.max));
                assert!(profile.set(row.name, row.max + 1).is_err());
                assert!(profile.set(row.name, row.min - 1).is_err());
            }
        }
    }

    #[test]
    fn an_unknown_setting_is_named_in_the_error() {
        let error = Profile::linux().set("tcp_magic", 1).unwrap_err();
        assert_eq!(error.to_string(), "there is no setting `tcp_magic`");
    }

    #[test]
    fn a_buffer_is_doubled_only_where_the_kernel_does() {
        assert_eq!(Profile::linux().kept_receive_buffer(4096), 8192);
        assert_eq!(Profile::linux().kept_receive_buffer(1), 2304);
        assert_eq!(Profile::linux().window_of_buffer(8192), 4096);
        assert_eq!(Profile::rfc9293().kept_receive_buffer(4096), 4096);
    }
}
