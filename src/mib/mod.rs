//! Names of the event counters a host keeps: MIB-II's and Linux's own, as `nstat` prints them.

use std::fmt;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident = $group:literal,)*) => {
        /// One counter. The name is exactly the kernel's, so that simulated and live deltas compare.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(clippy::upper_case_acronyms)]
        pub enum Counter { $($(#[$doc])* $name,)* }

        impl Counter {
            /// Every counter, in table order.
            pub const ALL: &[Counter] = &[$(Counter::$name,)*];

            /// The kernel's name within its group, such as `ListenDrops`.
            pub const fn name(self) -> &'static str {
                match self { $(Counter::$name => stringify!($name),)* }
            }
            /// The group in `/proc/net/snmp` or `/proc/net/netstat`: `Tcp`, `Udp`, `Icmp`, `Ip` or `TcpExt`; what
            /// `/proc/net/snmp6` holds is `Ip6`, `Icmp6` or `Udp6`, and its name has the group in front there too.
            pub const fn group(self) -> &'static str {
                match self { $(Counter::$name => $group,)* }
            }
            /// The counter of that name; a `Udp` or `Icmp` name that another group also uses carries its group in front.
            pub fn from_name(name: &str) -> Option<Counter> {
                Counter::ALL.iter().copied().find(|counter| counter.name() == name)
            }
            /// Its twin for datagrams over IPv6, of a counter of UDP; others are the same for both.
            pub const fn over(self, ipv6: bool) -> Counter {
                match self {
                    Counter::UdpInDatagrams if ipv6 => Counter::Udp6InDatagrams,
                    Counter::UdpOutDatagrams if ipv6 => Counter::Udp6OutDatagrams,
                    Counter::UdpNoPorts if ipv6 => Counter::Udp6NoPorts,
                    Counter::UdpInErrors if ipv6 => Counter::Udp6InErrors,
                    Counter::UdpRcvbufErrors if ipv6 => Counter::Udp6RcvbufErrors,
                    same => same,
                }
            }
            /// What `/proc/net` calls it within its group (`UdpInDatagrams` is `InDatagrams` there).
            pub fn kernel_name(self) -> &'static str {
                let name = self.name();
                match self.group() {
                    "Udp" => name.strip_prefix("Udp").unwrap_or(name),
                    "Icmp" => name.strip_prefix("Icmp").unwrap_or(name),
                    _ => name,
                }
            }
        }
    };
}

counters! {
    /// Connections opened actively.
    ActiveOpens = "Tcp",
    /// Connections opened passively.
    PassiveOpens = "Tcp",
    /// Openings that failed.
    AttemptFails = "Tcp",
    /// Resets of established connections.
    EstabResets = "Tcp",
    /// Segments received.
    InSegs = "Tcp",
    /// Segments sent, without retransmissions.
    OutSegs = "Tcp",
    /// Segments retransmitted.
    RetransSegs = "Tcp",
    /// Segments received with an error.
    InErrs = "Tcp",
    /// Resets sent.
    OutRsts = "Tcp",
    /// Packets whose source the way back does not lead to (RFC 3704).
    IPReversePathFilter = "TcpExt",
    /// SYNs refused because the accept queue was full.
    ListenOverflows = "TcpExt",
    /// SYNs dropped by a listener for any reason.
    ListenDrops = "TcpExt",
    /// SYNs dropped because the SYN queue was full.
    TCPReqQFullDrop = "TcpExt",
    /// SYNs answered with a cookie because the SYN queue was full.
    TCPReqQFullDoCookies = "TcpExt",
    /// SYN cookies sent.
    SyncookiesSent = "TcpExt",
    /// Valid SYN cookies received.
    SyncookiesRecv = "TcpExt",
    /// Invalid SYN cookies received.
    SyncookiesFailed = "TcpExt",
    /// Retransmission time-outs, SYNs included.
    TCPTimeouts = "TcpExt",
    /// SYNs and SYN-ACKs retransmitted.
    TCPSynRetrans = "TcpExt",
    /// Keepalive probes sent.
    TCPKeepAlive = "TcpExt",
    /// Connections reset because data was unread at close.
    TCPAbortOnClose = "TcpExt",
    /// Connections reset at close by the application's wish (linger 0) or because data came after close.
    TCPAbortOnData = "TcpExt",
    /// Connections given up after a time-out.
    TCPAbortOnTimeout = "TcpExt",
    /// Challenge ACKs sent (RFC 5961).
    TCPChallengeACK = "TcpExt",
    /// Connections that entered TIME-WAIT.
    TW = "TcpExt",
    /// Connections that found no room in TIME-WAIT and were closed at once.
    TCPTimeWaitOverflow = "TcpExt",
    /// TIME-WAIT entries reused.
    TWRecycled = "TcpExt",
    /// Delayed acknowledgments sent.
    DelayedACKs = "TcpExt",
    /// Duplicates that came because an acknowledgment was late or lost.
    DelayedACKLost = "TcpExt",
    /// Half-open connections reset by the peer.
    EmbryonicRsts = "TcpExt",
    /// SYNs in synchronized states answered with a challenge ACK.
    TCPSYNChallenge = "TcpExt",
    /// Segments with new data sent.
    TCPOrigDataSent = "TcpExt",
    /// Fast retransmissions.
    TCPFastRetrans = "TcpExt",
    /// Segments that came too early and were kept.
    TCPOFOQueue = "TcpExt",
    /// Tail loss probes sent.
    TCPLossProbes = "TcpExt",
    /// Zero-window probes sent.
    TCPWinProbe = "TcpExt",
    /// Duplicates reported by SACK (RFC 2883).
    TCPDSACKOldSent = "TcpExt",
    /// Duplicates reported by SACK of what came too early (RFC 2883 section 4.1).
    TCPDSACKOfoSent = "TcpExt",
    /// Segments kept that lay within, or covered, one that came too early before them.
    TCPOFOMerge = "TcpExt",
    /// Duplicate acknowledgments that were made one with others.
    TCPAckCompressed = "TcpExt",
    /// Segments dropped because the receive buffer held more than it may.
    TCPRcvQDrop = "TcpExt",
    /// Segments that came too early and found no memory in the receive buffer.
    TCPOFODrop = "TcpExt",
    /// Segments with text that came while the window was closed.
    TCPZeroWindowDrop = "TcpExt",
    /// Times the receive buffer was full and room in it was looked for.
    PruneCalled = "TcpExt",
    /// Times none was found.
    RcvPruned = "TcpExt",
    /// Times what came too early was forgotten to find some.
    OfoPruned = "TcpExt",
    /// SYNs with data that were taken by the server (Fast Open, RFC 7413).
    TCPFastOpenActive = "TcpExt",
    /// SYNs whose data the server did not take.
    TCPFastOpenActiveFail = "TcpExt",
    /// Connections opened with Fast Open that seemed to be swallowed on the way.
    TCPFastOpenBlackhole = "TcpExt",
    /// Connections opened by a SYN with data and a good cookie.
    TCPFastOpenPassive = "TcpExt",
    /// SYNs with a cookie that is not good.
    TCPFastOpenPassiveFail = "TcpExt",
    /// Connections opened by a SYN with data and a cookie made under the key before the present one.
    TCPFastOpenPassiveAltKey = "TcpExt",
    /// SYNs refused Fast Open because too many requests were pending.
    TCPFastOpenListenOverflow = "TcpExt",
    /// SYNs that asked for a Fast Open cookie.
    TCPFastOpenCookieReqd = "TcpExt",
    /// Probes of a larger path MTU that arrived.
    TCPMTUPSuccess = "TcpExt",
    /// Probes of a larger path MTU that were lost.
    TCPMTUPFail = "TcpExt",
    /// Final ACKs that TCP_DEFER_ACCEPT did not count.
    TCPDeferAcceptDrop = "TcpExt",
    /// ICMP errors that quote a segment not on its way.
    OutOfWindowIcmps = "TcpExt",
    /// Segments beyond the window.
    BeyondWindow = "TcpExt",
    /// Segments of synchronized connections with an old timestamp.
    PAWSEstab = "TcpExt",
    /// Bare acknowledgments from before RCV.NXT with an old timestamp, dropped without an answer.
    PAWSOldAck = "TcpExt",
    /// Times the window offered fell to zero.
    TCPToZeroWindowAdv = "TcpExt",
    /// Times the window offered rose from zero.
    TCPFromZeroWindowAdv = "TcpExt",
    /// Datagrams delivered to sockets.
    UdpInDatagrams = "Udp",
    /// Datagrams to a port nobody listens on.
    UdpNoPorts = "Udp",
    /// Datagrams sent.
    UdpOutDatagrams = "Udp",
    /// Datagrams lost because the receive buffer was full.
    UdpRcvbufErrors = "Udp",
    /// Datagrams with an error.
    UdpInErrors = "Udp",
    /// ICMP destination unreachable messages sent.
    IcmpOutDestUnreachs = "Icmp",
    /// ICMP destination unreachable messages received.
    IcmpInDestUnreachs = "Icmp",
    /// ICMP time exceeded messages sent.
    IcmpOutTimeExcds = "Icmp",
    /// ICMP redirects sent.
    IcmpOutRedirects = "Icmp",
    /// Packets passed on to others.
    ForwDatagrams = "Ip",
    /// UDP datagrams over IPv6 that programs received.
    Udp6InDatagrams = "Udp6",
    /// UDP datagrams over IPv6 sent.
    Udp6OutDatagrams = "Udp6",
    /// UDP datagrams over IPv6 to ports without a socket.
    Udp6NoPorts = "Udp6",
    /// UDP datagrams over IPv6 that could not be given to a program.
    Udp6InErrors = "Udp6",
    /// Those of them for which the receive buffer had no room.
    Udp6RcvbufErrors = "Udp6",
    /// IPv6 packets received.
    Ip6InReceives = "Ip6",
    /// IPv6 packets with an error in their headers.
    Ip6InHdrErrors = "Ip6",
    /// IPv6 packets that no route could take for their size.
    Ip6InTooBigErrors = "Ip6",
    /// IPv6 packets to be passed on without a route.
    Ip6InNoRoutes = "Ip6",
    /// IPv6 packets with an address that is not to be.
    Ip6InAddrErrors = "Ip6",
    /// IPv6 packets with a next header not known.
    Ip6InUnknownProtos = "Ip6",
    /// IPv6 packets handed to the layers above.
    Ip6InDelivers = "Ip6",
    /// IPv6 packets passed on to others.
    Ip6OutForwDatagrams = "Ip6",
    /// IPv6 packets sent by the layers above.
    Ip6OutRequests = "Ip6",
    /// IPv6 packets that had no route.
    Ip6OutNoRoutes = "Ip6",
    /// IPv6 packets whose fragments waited too long.
    Ip6ReasmTimeout = "Ip6",
    /// IPv6 fragments received.
    Ip6ReasmReqds = "Ip6",
    /// IPv6 packets put together from fragments.
    Ip6ReasmOKs = "Ip6",
    /// IPv6 packets that could not be put together.
    Ip6ReasmFails = "Ip6",
    /// IPv6 packets cut into fragments.
    Ip6FragOKs = "Ip6",
    /// IPv6 fragments made.
    Ip6FragCreates = "Ip6",
    /// ICMPv6 messages received.
    Icmp6InMsgs = "Icmp6",
    /// ICMPv6 messages sent.
    Icmp6OutMsgs = "Icmp6",
    /// ICMPv6 destination unreachable messages received.
    Icmp6InDestUnreachs = "Icmp6",
    /// ICMPv6 destination unreachable messages sent.
    Icmp6OutDestUnreachs = "Icmp6",
    /// ICMPv6 packet too big messages received.
    Icmp6InPktTooBigs = "Icmp6",
    /// ICMPv6 packet too big messages sent.
    Icmp6OutPktTooBigs = "Icmp6",
    /// ICMPv6 time exceeded messages received.
    Icmp6InTimeExcds = "Icmp6",
    /// ICMPv6 time exceeded messages sent.
    Icmp6OutTimeExcds = "Icmp6",
    /// ICMPv6 parameter problem messages received.
    Icmp6InParmProblems = "Icmp6",
    /// ICMPv6 parameter problem messages sent.
    Icmp6OutParmProblems = "Icmp6",
    /// ICMPv6 echo requests received.
    Icmp6InEchos = "Icmp6",
    /// ICMPv6 echo requests sent.
    Icmp6OutEchos = "Icmp6",
    /// ICMPv6 echo replies received.
    Icmp6InEchoReplies = "Icmp6",
    /// ICMPv6 echo replies sent.
    Icmp6OutEchoReplies = "Icmp6",
    /// ICMPv6 router solicitations received.
    Icmp6InRouterSolicits = "Icmp6",
    /// ICMPv6 router solicitations sent.
    Icmp6OutRouterSolicits = "Icmp6",
    /// ICMPv6 router advertisements received.
    Icmp6InRouterAdvertisements = "Icmp6",
    /// ICMPv6 router advertisements sent.
    Icmp6OutRouterAdvertisements = "Icmp6",
    /// ICMPv6 neighbour solicitations received.
    Icmp6InNeighborSolicits = "Icmp6",
    /// ICMPv6 neighbour solicitations sent.
    Icmp6OutNeighborSolicits = "Icmp6",
    /// ICMPv6 neighbour advertisements received.
    Icmp6InNeighborAdvertisements = "Icmp6",
    /// ICMPv6 neighbour advertisements sent.
    Icmp6OutNeighborAdvertisements = "Icmp6",
    /// ICMPv6 redirects received.
    Icmp6InRedirects = "Icmp6",
    /// ICMPv6 redirects sent.
    Icmp6OutRedirects = "Icmp6",
    /// ICMPv6 reports of groups received.
    Icmp6InMLDv2Reports = "Icmp6",
    /// ICMPv6 reports of groups sent.
    Icmp6OutMLDv2Reports = "Icmp6",
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A host's counters, all starting at zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counters([u64; Counter::ALL.len()]);

impl Default for Counters {
    fn default() -> Counters {
        Counters([0; Counter::ALL.len()])
    }
}

impl Counters {
    /// Adds one.
    pub fn count(&mut self, counter: Counter) {
        self.0[counter as usize] += 1;
    }
    /// Adds `by`.
    pub fn add(&mut self, counter: Counter, by: u64) {
        self.0[counter as usize] = self.0[counter as usize].saturating_add(by);
    }
    /// Present value.
    pub fn get(&self, counter: Counter) -> u64 {
        self.0[counter as usize]
    }
}
