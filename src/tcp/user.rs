//! What the user of TCP may wish, and what can go wrong for it.

use super::Profile;
use crate::clock::Span;

/// Keepalive as one connection has it (RFC 9293 section 3.8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepalive {
    /// Whether probes are sent at all.
    pub on: bool,
    /// Silence before the first probe.
    pub idle: Span,
    /// Time between probes.
    pub interval: Span,
    /// Unanswered probes before the connection is given up.
    pub count: u32,
}

/// What a user can choose for a connection. A listener hands its own on to the connections it accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnOptions {
    /// SO_REUSEADDR, remembered while the connection or its TIME-WAIT lives: see [`Stack::bind_conflict`](super::Stack::bind_conflict).
    pub reuse_address: bool,
    /// Keepalive.
    pub keepalive: Keepalive,
    /// Small segments do not wait (TCP_NODELAY).
    pub no_delay: bool,
    /// Only full segments go (TCP_CORK), for as long as anything is on its way and a window probe's time at most. Heard where
    /// the card segments.
    pub cork: bool,
    /// A write waits while so many octets or more are unsent (TCP_NOTSENT_LOWAT); 0 is the host's. Heard where the card
    /// segments.
    pub unsent_low: u32,
    /// No segment is longer, nor asked to be, octets of text with options (TCP_MAXSEG); 0 is what the link takes. It counts
    /// when the connection opens.
    pub max_segment: u16,
    /// Receive buffer as kept (see [`Profile::kept_receive_buffer`]); `None` is the profile's.
    pub receive_buffer: Option<u32>,
    /// The largest window to offer (TCP_WINDOW_CLAMP), octets; `None` is what the buffer allows.
    pub window_clamp: Option<u32>,
    /// Send buffer as kept (see [`Profile::kept_send_buffer`]); `None` is the profile's, and it grows.
    pub send_buffer: Option<u32>,
    /// Congestion control (TCP_CONGESTION): a row of [`cc::ALGORITHMS`](super::cc::ALGORITHMS); `None` is the profile's.
    pub congestion: Option<&'static str>,
    /// Urgent data stays in the stream (SO_OOBINLINE).
    pub urgent_inline: bool,
    /// A connection is made only when data comes; so many SYN-ACK periods long a bare final ACK is not enough
    /// (TCP_DEFER_ACCEPT). 0 is off.
    pub defer_accept: u8,
    /// Diffserv code point of every segment sent, 0 to 63 (RFC 9293 section 3.9.1.9; the upper six bits of IP_TOS).
    pub dscp: u8,
    /// Time to live of every segment sent, 1 to 255 (IP_TTL); 0 is the host's own.
    pub ttl: u8,
    /// The same over IPv6 (IPV6_UNICAST_HOPS).
    pub hop_limit: u8,
    /// The same for the packets of IPv6 (the upper six bits of IPV6_TCLASS).
    pub traffic_class: u8,
    /// IP_MTU_DISCOVER, 0 to 5: whether packets may be cut up on the way (0), and whether a report that the path takes less is
    /// believed (1 to 3).
    pub path_discovery: u8,
    /// How often a SYN or SYN-ACK goes again, 1 to 127 (TCP_SYNCNT); 0 is the host's own.
    pub syn_tries: u8,
    /// Seconds that a closed socket waits in FIN-WAIT-2, 1 to 120 (TCP_LINGER2); 0 is the host's own, negative is not at all.
    pub fin_wait_2: i16,
    /// So many SYNs with data may be pending at a listener (TCP_FASTOPEN); 0 is none.
    pub fast_open: u32,
    /// What a listener's cookies are made under (TCP_FASTOPEN_KEY); `None` is the host's own keys.
    pub fast_open_keys: Option<super::CookieKeys>,
    /// It sends data on a SYN, or takes it from one, without a cookie (TCP_FASTOPEN_NO_COOKIE).
    pub fast_open_no_cookie: bool,
    /// The first time-outs of a stream with little on its way are not doubled (TCP_THIN_LINEAR_TIMEOUTS).
    pub thin_linear: bool,
    /// Greatest retransmission time-out, milliseconds (TCP_RTO_MAX_MS); `None` is the profile's.
    pub greatest_timeout: Option<u32>,
    /// Buffers may be handed over without a copy (SO_ZEROCOPY).
    pub zero_copy: bool,
    /// What is noted of octets on their way (SO_TIMESTAMPING).
    pub stamping: super::Stamping,
    /// A listener on `[::]` takes no IPv4 (IPV6_V6ONLY).
    pub v6_only: bool,
    /// How long data may stay unacknowledged (RFC 9293 section 3.10.2); `None` is the profile's limit.
    pub user_timeout: Option<Span>,
}

impl ConnOptions {
    /// Diffserv code point of what goes to that host.
    pub fn dscp_to(&self, to: std::net::IpAddr) -> u8 {
        if to.is_ipv6() { self.traffic_class } else { self.dscp }
    }

    /// What a fresh socket of that profile has.
    pub fn of(profile: &Profile) -> ConnOptions {
        ConnOptions {
            reuse_address: false,
            keepalive: profile.keepalive_default(),
            no_delay: false,
            cork: false,
            unsent_low: 0,
            max_segment: 0,
            receive_buffer: None,
            window_clamp: None,
            send_buffer: None,
            congestion: None,
            urgent_inline: false,
            defer_accept: 0,
            dscp: 0,
            ttl: 0,
            hop_limit: 0,
            traffic_class: 0,
            path_discovery: 1,
            syn_tries: 0,
            fin_wait_2: 0,
            fast_open: 0,
            fast_open_keys: None,
            fast_open_no_cookie: false,
            thin_linear: false,
            greatest_timeout: None,
            zero_copy: false,
            stamping: super::Stamping::default(),
            v6_only: profile.settings.bindv6only != 0,
            user_timeout: None,
        }
    }
}

/// What a call says of the octets it hands over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendFlags {
    /// The last octet is urgent (MSG_OOB).
    pub urgent: bool,
    /// More follows at once: a small segment waits for it (MSG_MORE). Heard where the card segments.
    pub more: bool,
    /// A record ends here: no later octet goes in one segment with these (MSG_EOR). Heard where the card segments.
    pub end_of_record: bool,
    /// The buffer is not copied (MSG_ZEROCOPY): the connection tells when it is free again, if SO_ZEROCOPY is on.
    pub uncopied: bool,
}

/// Why a connection could not be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// This very pair of sockets is in use (EADDRNOTAVAIL).
    #[error("this pair of sockets is in use")]
    PairInUse,
}

/// Why a call on a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// Nothing now (EAGAIN).
    #[error("nothing can be done now")]
    WouldBlock,
    /// Not connected (ENOTCONN).
    #[error("not connected")]
    NotConnected,
    /// The sending half is closed (EPIPE).
    #[error("the sending half is closed")]
    Broken,
    /// The peer refused the connection (ECONNREFUSED).
    #[error("connection refused")]
    Refused,
    /// The peer reset the connection (ECONNRESET).
    #[error("connection reset by peer")]
    Reset,
    /// No answer (ETIMEDOUT).
    #[error("timed out")]
    TimedOut,
    /// The network is unreachable (ENETUNREACH).
    #[error("network unreachable")]
    NetworkUnreachable,
    /// No urgent octet to fetch: none came, it was fetched, or it is inline (EINVAL).
    #[error("no urgent octet to fetch")]
    NothingUrgent,
    /// The host is unreachable (EHOSTUNREACH).
    #[error("host unreachable")]
    HostUnreachable,
    /// A router or the peer's host forbids it, as ICMPv6 alone can tell apart (EACCES).
    #[error("forbidden")]
    Prohibited,
    /// The peer's host does not speak TCP (ENOPROTOOPT).
    #[error("protocol not available")]
    ProtocolUnreachable,
    /// The segment is too long for the path (EMSGSIZE).
    #[error("message too long")]
    TooLong,
    /// The source route failed (EOPNOTSUPP).
    #[error("source route failed")]
    SourceRouteFailed,
    /// The host is unknown to its network (EHOSTDOWN, as Linux calls it).
    #[error("destination host unknown")]
    HostDown,
    /// The source host is isolated (ENONET).
    #[error("source host isolated")]
    HostUnknown,
    /// A parameter of the header was wrong (EPROTO).
    #[error("protocol error")]
    Protocol,
}

/// What an ICMP message says about a segment it quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IcmpKind {
    /// Destination unreachable with this code (RFC 792).
    Unreachable {
        /// The code, 0 to 15.
        code: u8,
        /// Next-hop MTU with code 4 (RFC 1191); 0 if not told.
        next_hop_mtu: u16,
    },
    /// Time exceeded with this code: 0 on the way, 1 while putting fragments together.
    TimeExceeded {
        /// The code.
        code: u8,
    },
    /// A header field was wrong.
    ParameterProblem,
    /// Source quench: obsolete (RFC 6633).
    SourceQuench,
}
