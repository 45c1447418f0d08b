//! Socket calls and what they return, as values. The simulated socket layer and the real kernel execute the same ones.

use super::{Beside, Errno, LocalCall, LocalReturn, Message, RareName, RareOption, Wanted};
use crate::clock::Span;
use crate::udp::Discovery;
use bytes::Bytes;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

/// A descriptor, as a process sees it: the lowest free number from 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fd(pub i32);

/// Address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// AF_INET.
    Inet,
    /// AF_INET6.
    Inet6,
    /// AF_UNIX.
    Unix,
}

/// Socket type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// SOCK_STREAM.
    Stream,
    /// SOCK_DGRAM.
    Datagram,
    /// SOCK_RAW.
    Raw,
    /// SOCK_RDM: no family has it.
    Rdm,
    /// SOCK_SEQPACKET.
    SeqPacket,
}

impl Kind {
    /// The type as C writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Stream => "SOCK_STREAM",
            Kind::Datagram => "SOCK_DGRAM",
            Kind::Raw => "SOCK_RAW",
            Kind::Rdm => "SOCK_RDM",
            Kind::SeqPacket => "SOCK_SEQPACKET",
        }
    }
}

/// Which half `shutdown` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum How {
    /// SHUT_RD.
    Read,
    /// SHUT_WR.
    Write,
    /// SHUT_RDWR.
    Both,
}

/// The name of a congestion-control algorithm, as TCP_CONGESTION takes it: at most 15 octets, the rest is cut off as the
/// kernel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AlgorithmName([u8; AlgorithmName::MOST]);

impl AlgorithmName {
    const MOST: usize = 15;

    /// That name.
    pub fn new(name: &[u8]) -> AlgorithmName {
        let end = name.iter().position(|octet| *octet == 0).unwrap_or(name.len()).min(AlgorithmName::MOST);
        let mut kept = [0; AlgorithmName::MOST];
        kept[..end].copy_from_slice(&name[..end]);
        AlgorithmName(kept)
    }

    /// Its octets.
    pub fn octets(&self) -> &[u8] {
        let end = self.0.iter().position(|octet| *octet == 0).unwrap_or(AlgorithmName::MOST);
        &self.0[..end]
    }
}

impl fmt::Display for AlgorithmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.octets().escape_ascii().fmt(f)
    }
}

/// Whose program is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Credentials {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// A socket option with the value to set or the value read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SocketOption {
    /// SO_REUSEADDR.
    ReuseAddr(bool),
    /// SO_LINGER: `None` is off; otherwise the time, whole seconds.
    Linger(Option<u32>),
    /// SO_KEEPALIVE.
    KeepAlive(bool),
    /// TCP_KEEPIDLE, seconds, 1 to 32767.
    KeepIdle(u32),
    /// TCP_KEEPINTVL, seconds, 1 to 32767.
    KeepInterval(u32),
    /// TCP_KEEPCNT, 1 to 127.
    KeepCount(u32),
    /// SO_RCVBUF, octets asked for (Linux doubles it).
    ReceiveBuffer(u32),
    /// SO_SNDBUF, octets asked for (Linux doubles it).
    SendBuffer(u32),
    /// TCP_NODELAY.
    NoDelay(bool),
    /// TCP_CONGESTION.
    Congestion(AlgorithmName),
    /// TCP_USER_TIMEOUT, milliseconds data may stay unacknowledged; 0 is the host's own limit.
    UserTimeout(u32),
    /// TCP_DEFER_ACCEPT, seconds a listener waits for data before a bare final ACK counts; 0 is off.
    DeferAccept(u32),
    /// TCP_FASTOPEN, SYNs with data that may be pending at a listener; 0 takes none.
    FastOpen(u32),
    /// TCP_FASTOPEN_CONNECT: connect leaves the SYN to the first send, if it can carry data.
    FastOpenConnect(bool),
    /// SO_OOBINLINE.
    UrgentInline(bool),
    /// IP_TOS: the whole octet; the lower two bits are ECN's and do not count for a stream.
    TypeOfService(u8),
    /// IP_TTL, 1 to 255; 0 asks for the host's own again, as -1 does with the kernel.
    TimeToLive(u8),
    /// IPV6_V6ONLY: an AF_INET6 wildcard takes no IPv4. To be set before `bind`.
    V6Only(bool),
    /// IPV6_UNICAST_HOPS, 1 to 255; 0 asks for the host's own again, as -1 does with the kernel.
    UnicastHops(u8),
    /// SO_REUSEPORT.
    ReusePort(bool),
    /// SO_BROADCAST.
    Broadcast(bool),
    /// SO_NO_CHECK: datagrams go without a checksum.
    NoChecksum(bool),
    /// IP_RECVERR.
    ReceiveErrors(bool),
    /// IP_PKTINFO.
    PacketInfo(bool),
    /// IP_MTU_DISCOVER.
    MtuDiscovery(Discovery),
    /// IP_MTU, octets: what the path to the peer is known to take; only read.
    Mtu(u32),
    /// IP_HDRINCL: what a raw socket sends begins with its IP header.
    HeaderIncluded(bool),
    /// SO_PEERCRED, which is only read: who made the other end, if anybody did. The process's number is left out.
    PeerCredentials(Option<Credentials>),
    /// One that programs of scenarios have no word for.
    Rare(RareOption),
    /// SO_ERROR: read and clear the pending error.
    Error(Option<Errno>),
}

/// An option's name alone, for `getsockopt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum OptionName {
    ReuseAddr,
    Linger,
    KeepAlive,
    KeepIdle,
    KeepInterval,
    KeepCount,
    ReceiveBuffer,
    SendBuffer,
    NoDelay,
    Congestion,
    UserTimeout,
    DeferAccept,
    FastOpen,
    FastOpenConnect,
    UrgentInline,
    TypeOfService,
    TimeToLive,
    V6Only,
    UnicastHops,
    ReusePort,
    Broadcast,
    NoChecksum,
    ReceiveErrors,
    PacketInfo,
    MtuDiscovery,
    Mtu,
    HeaderIncluded,
    PeerCredentials,
    Rare(RareName),
    Error,
}

impl OptionName {
    /// Every option that programs have a word for, with the name C gives it.
    pub const ALL: [(OptionName, &'static str); 29] = [
        (OptionName::ReuseAddr, "SO_REUSEADDR"),
        (OptionName::Linger, "SO_LINGER"),
        (OptionName::KeepAlive, "SO_KEEPALIVE"),
        (OptionName::KeepIdle, "TCP_KEEPIDLE"),
        (OptionName::KeepInterval, "TCP_KEEPINTVL"),
        (OptionName::KeepCount, "TCP_KEEPCNT"),
        (OptionName::ReceiveBuffer, "SO_RCVBUF"),
        (OptionName::SendBuffer, "SO_SNDBUF"),
        (OptionName::NoDelay, "TCP_NODELAY"),
        (OptionName::Congestion, "TCP_CONGESTION"),
        (OptionName::UserTimeout, "TCP_USER_TIMEOUT"),
        (OptionName::DeferAccept, "TCP_DEFER_ACCEPT"),
        (OptionName::FastOpen, "TCP_FASTOPEN"),
        (OptionName::FastOpenConnect, "TCP_FASTOPEN_CONNECT"),
        (OptionName::UrgentInline, "SO_OOBINLINE"),
        (OptionName::TypeOfService, "IP_TOS"),
        (OptionName::TimeToLive, "IP_TTL"),
        (OptionName::V6Only, "IPV6_V6ONLY"),
        (OptionName::UnicastHops, "IPV6_UNICAST_HOPS"),
        (OptionName::ReusePort, "SO_REUSEPORT"),
        (OptionName::Broadcast, "SO_BROADCAST"),
        (OptionName::NoChecksum, "SO_NO_CHECK"),
        (OptionName::ReceiveErrors, "IP_RECVERR"),
        (OptionName::PacketInfo, "IP_PKTINFO"),
        (OptionName::MtuDiscovery, "IP_MTU_DISCOVER"),
        (OptionName::Mtu, "IP_MTU"),
        (OptionName::HeaderIncluded, "IP_HDRINCL"),
        (OptionName::PeerCredentials, "SO_PEERCRED"),
        (OptionName::Error, "SO_ERROR"),
    ];

    /// The name C gives it.
    pub fn name(self) -> &'static str {
        match self {
            OptionName::Rare(rare) => rare.name(),
            known => {
                OptionName::ALL.iter().find(|(option, _)| *option == known).map_or("?", |(_, name)| name)
            }
        }
    }
    /// The option of that name.
    pub fn from_name(name: &str) -> Option<OptionName> {
        OptionName::ALL.iter().find(|(_, known)| *known == name).map(|(option, _)| *option)
    }
}

impl SocketOption {
    /// Which option it is.
    pub fn name(self) -> OptionName {
        match self {
            SocketOption::ReuseAddr(_) => OptionName::ReuseAddr,
            SocketOption::Linger(_) => OptionName::Linger,
            SocketOption::KeepAlive(_) => OptionName::KeepAlive,
            SocketOption::KeepIdle(_) => OptionName::KeepIdle,
            SocketOption::KeepInterval(_) => OptionName::KeepInterval,
            SocketOption::KeepCount(_) => OptionName::KeepCount,
            SocketOption::ReceiveBuffer(_) => OptionName::ReceiveBuffer,
            SocketOption::SendBuffer(_) => OptionName::SendBuffer,
            SocketOption::NoDelay(_) => OptionName::NoDelay,
            SocketOption::Congestion(_) => OptionName::Congestion,
            SocketOption::UserTimeout(_) => OptionName::UserTimeout,
            SocketOption::DeferAccept(_) => OptionName::DeferAccept,
            SocketOption::FastOpen(_) => OptionName::FastOpen,
            SocketOption::FastOpenConnect(_) => OptionName::FastOpenConnect,
            SocketOption::UrgentInline(_) => OptionName::UrgentInline,
            SocketOption::TypeOfService(_) => OptionName::TypeOfService,
            SocketOption::TimeToLive(_) => OptionName::TimeToLive,
            SocketOption::V6Only(_) => OptionName::V6Only,
            SocketOption::UnicastHops(_) => OptionName::UnicastHops,
            SocketOption::ReusePort(_) => OptionName::ReusePort,
            SocketOption::Broadcast(_) => OptionName::Broadcast,
            SocketOption::NoChecksum(_) => OptionName::NoChecksum,
            SocketOption::ReceiveErrors(_) => OptionName::ReceiveErrors,
            SocketOption::PacketInfo(_) => OptionName::PacketInfo,
            SocketOption::MtuDiscovery(_) => OptionName::MtuDiscovery,
            SocketOption::Mtu(_) => OptionName::Mtu,
            SocketOption::HeaderIncluded(_) => OptionName::HeaderIncluded,
            SocketOption::PeerCredentials(_) => OptionName::PeerCredentials,
            SocketOption::Rare(option) => OptionName::Rare(option.name()),
            SocketOption::Error(_) => OptionName::Error,
        }
    }
}

/// A socket call with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Call {
    Socket {
        domain: Domain,
        kind: Kind,
        /// 0 is the usual one of that type.
        protocol: i32,
    },
    Bind {
        fd: Fd,
        address: SocketAddr,
    },
    Listen {
        fd: Fd,
        backlog: i32,
    },
    Accept {
        fd: Fd,
    },
    Connect {
        fd: Fd,
        address: SocketAddr,
    },
    Send {
        fd: Fd,
        data: Bytes,
    },
    /// `send` with MSG_MORE or MSG_EOR, and perhaps MSG_OOB.
    SendWith {
        fd: Fd,
        data: Bytes,
        flags: crate::tcp::SendFlags,
    },
    /// `send` with MSG_OOB: the last octet is urgent.
    SendUrgent {
        fd: Fd,
        data: Bytes,
    },
    SendTo {
        fd: Fd,
        data: Bytes,
        to: SocketAddr,
        /// MSG_FASTOPEN: on a TCP socket it connects, the data goes on the SYN if it may.
        fast_open: bool,
    },
    Recv {
        fd: Fd,
        len: usize,
    },
    /// `recv` with MSG_OOB: the octet out of band. It never waits.
    RecvUrgent {
        fd: Fd,
        len: usize,
    },
    RecvFrom {
        fd: Fd,
        len: usize,
    },
    /// `recv`, `recvfrom` or `recvmsg` with flags.
    Receive {
        fd: Fd,
        len: usize,
        wanted: Wanted,
    },
    /// `connect` with AF_UNSPEC: the socket has no peer any more.
    /// Gives the host's first card this IPv4 address, as the ioctls SIOCSIFADDR and SIOCSIFNETMASK do.
    Configure {
        fd: Fd,
        address: Ipv4Addr,
        /// Bits of it that neighbours share, 0 to 32.
        prefix: u8,
    },
    Disconnect {
        fd: Fd,
    },
    /// `sockatmark`: whether all before the urgent mark has been read.
    AtMark {
        fd: Fd,
    },
    /// `poll` for POLLPRI: waits for urgent data; gives 1, or 0 when the time is over or nothing can come any more.
    PollUrgent {
        fd: Fd,
    },
    Shutdown {
        fd: Fd,
        how: How,
    },
    Close {
        fd: Fd,
    },
    GetSockName {
        fd: Fd,
    },
    GetPeerName {
        fd: Fd,
    },
    SetOption {
        fd: Fd,
        option: SocketOption,
    },
    GetOption {
        fd: Fd,
        name: OptionName,
    },
    /// Python's `setblocking`.
    SetBlocking {
        fd: Fd,
        blocking: bool,
    },
    /// Python's `gettimeout`.
    GetTimeout {
        fd: Fd,
    },
    /// `select`: waits until one of these can be read of (or a connection accepted), or one of those be written to, or the
    /// time is over.
    Select {
        read: Vec<Fd>,
        write: Vec<Fd>,
        /// `None` waits for ever.
        timeout: Option<Span>,
    },
    /// Python's `settimeout`; `None` blocks for ever. A call over its time returns EAGAIN (connect: EINPROGRESS does not show).
    SetTimeout {
        fd: Fd,
        timeout: Option<Span>,
    },
    /// A call that only local sockets have, or with the name of one.
    Local(LocalCall),
}

impl Call {
    /// The call's name as programs write it.
    pub fn name(&self) -> &'static str {
        match self {
            Call::Socket { .. } => "socket",
            Call::Bind { .. } => "bind",
            Call::Listen { .. } => "listen",
            Call::Accept { .. } => "accept",
            Call::Connect { .. } | Call::Disconnect { .. } => "connect",
            Call::Receive { wanted, .. } => match wanted.beside {
                Beside::Nothing => "recv",
                Beside::Sender => "recvfrom",
                Beside::Destination | Beside::Error => "recvmsg",
            },
            Call::Send { .. } | Call::SendWith { .. } | Call::SendUrgent { .. } => "send",
            Call::SendTo { .. } => "sendto",
            Call::Recv { .. } | Call::RecvUrgent { .. } => "recv",
            Call::RecvFrom { .. } => "recvfrom",
            Call::AtMark { .. } => "sockatmark",
            Call::Configure { .. } => "configure",
            Call::PollUrgent { .. } => "poll",
            Call::Shutdown { .. } => "shutdown",
            Call::Close { .. } => "close",
            Call::GetSockName { .. } => "getsockname",
            Call::GetPeerName { .. } => "getpeername",
            Call::SetOption { .. } => "setsockopt",
            Call::GetOption { .. } => "getsockopt",
            Call::SetBlocking { .. } => "setblocking",
            Call::SetTimeout { .. } => "settimeout",
            Call::GetTimeout { .. } => "gettimeout",
            Call::Select { .. } => "select",
            Call::Local(call) => call.name(),
        }
    }
    /// The data it carries.
    pub fn data(&self) -> Option<&Bytes> {
        match self {
            Call::Send { data, .. }
            | Call::SendWith { data, .. }
            | Call::SendUrgent { data, .. }
            | Call::SendTo { data, .. } => Some(data),
            Call::Local(call) => call.data(),
            _ => None,
        }
    }
    /// The descriptor the call works on; `None` for `socket`, and for `select`, which works on several.
    pub fn fd(&self) -> Option<Fd> {
        match self {
            Call::Socket { .. } | Call::Select { .. } => None,
            Call::Local(call) => call.fd(),
            Call::Bind { fd, .. }
            | Call::Listen { fd, .. }
            | Call::Accept { fd }
            | Call::Connect { fd, .. }
            | Call::Send { fd, .. }
            | Call::SendWith { fd, .. }
            | Call::SendUrgent { fd, .. }
            | Call::SendTo { fd, .. }
            | Call::Recv { fd, .. }
            | Call::RecvUrgent { fd, .. }
            | Call::AtMark { fd }
            | Call::Configure { fd, .. }
            | Call::Receive { fd, .. }
            | Call::Disconnect { fd }
            | Call::PollUrgent { fd }
            | Call::RecvFrom { fd, .. }
            | Call::Shutdown { fd, .. }
            | Call::Close { fd }
            | Call::GetSockName { fd }
            | Call::GetPeerName { fd }
            | Call::SetOption { fd, .. }
            | Call::GetOption { fd, .. }
            | Call::SetBlocking { fd, .. }
            | Call::GetTimeout { fd }
            | Call::SetTimeout { fd, .. } => Some(*fd),
        }
    }
}

/// What a call returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Return {
    /// 0.
    Done,
    /// A new descriptor (`socket`).
    Descriptor(Fd),
    /// A new descriptor and the peer (`accept`).
    Accepted(Fd, SocketAddr),
    /// How many octets were taken (`send`, `sendto`).
    Sent(usize),
    /// Octets received; empty is the end of the stream, or an empty datagram.
    Received(Bytes),
    /// Octets received and from whom.
    ReceivedFrom(Bytes, SocketAddr),
    /// What a receive call with flags gave.
    Message(Box<Message>),
    /// An address.
    Address(SocketAddr),
    /// An option's value.
    Value(SocketOption),
    /// A number (`sockatmark`, `poll`).
    Number(i64),
    /// How long calls wait (`gettimeout`); `None` is for ever, 0 not at all.
    Timeout(Option<Span>),
    /// Those that can be read of, and those that can be written to, in the order asked for (`select`).
    Ready(Vec<Fd>, Vec<Fd>),
    /// What a local socket gave.
    Local(LocalReturn),
    /// -1 with this errno.
    Failed(Errno),
}

impl fmt::Display for Fd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A scripted process, numbered from zero in the order of the scenario file; processes started later follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct ProcessId(pub u32);

impl ProcessId {
    /// The process's place in a table of processes.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
