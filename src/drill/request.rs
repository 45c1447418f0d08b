//! System calls as values: what a script's call asks the examined stack for.

use std::net::SocketAddr;

/// A call with its arguments, numbers as the system's headers have them; descriptors are the script's.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// `socket`.
    Socket {
        /// AF_INET or AF_INET6.
        domain: i64,
        /// SOCK_STREAM and the like, flags included.
        kind: i64,
        /// 0 or a protocol number.
        protocol: i64,
    },
    /// `bind`.
    Bind {
        /// Which socket.
        fd: i64,
        /// Where.
        address: SocketAddr,
    },
    /// `listen`.
    Listen {
        /// Which socket.
        fd: i64,
        /// How many may wait.
        backlog: i64,
    },
    /// `accept`, `accept4`.
    Accept {
        /// The listener.
        fd: i64,
        /// SOCK_NONBLOCK and the like.
        flags: i64,
    },
    /// `connect`.
    Connect {
        /// Which socket.
        fd: i64,
        /// To whom; `None` is AF_UNSPEC.
        address: Option<SocketAddr>,
    },
    /// `write`, `writev`, `send`, `sendto`, `sendmsg`.
    Send {
        /// Which socket.
        fd: i64,
        /// Octets of each part.
        parts: Vec<usize>,
        /// Where they lie is no memory of the process.
        nowhere: bool,
        /// MSG_DONTWAIT and the like.
        flags: i64,
        /// To whom, where the call says it.
        to: Option<SocketAddr>,
    },
    /// `read`, `readv`, `recv`, `recvfrom`, `recvmsg`.
    Receive {
        /// Which socket.
        fd: i64,
        /// Room of each part.
        parts: Vec<usize>,
        /// Where it lies is no memory of the process.
        nowhere: bool,
        /// MSG_PEEK and the like.
        flags: i64,
        /// Room for control messages is given.
        control: bool,
    },
    /// `shutdown`.
    Shutdown {
        /// Which socket.
        fd: i64,
        /// SHUT_RD and the like.
        how: i64,
    },
    /// `close`.
    Close {
        /// Which descriptor.
        fd: i64,
    },
    /// `setsockopt`.
    SetOption {
        /// Which socket.
        fd: i64,
        /// SOL_SOCKET and the like.
        level: i64,
        /// Which option.
        name: i64,
        /// Its value.
        value: OptionValue,
    },
    /// `getsockopt`.
    GetOption {
        /// Which socket.
        fd: i64,
        /// SOL_SOCKET and the like.
        level: i64,
        /// Which option.
        name: i64,
    },
    /// `fcntl(F_GETFL)` and `fcntl(F_SETFL)`.
    Flags {
        /// Which descriptor.
        fd: i64,
        /// What they are to be.
        set: Option<i64>,
    },
    /// `ioctl` with a number as its result.
    Ioctl {
        /// Which descriptor.
        fd: i64,
        /// SIOCINQ and the like.
        request: i64,
    },
    /// `poll`.
    Poll {
        /// Descriptors with what is waited for.
        fds: Vec<(i64, i64)>,
        /// Milliseconds; negative for ever.
        timeout: i64,
    },
    /// `epoll_create`, `epoll_create1`.
    EpollCreate,
    /// `epoll_ctl`.
    EpollControl {
        /// The epoll descriptor.
        epoll: i64,
        /// EPOLL_CTL_ADD and the like.
        operation: i64,
        /// Which descriptor.
        fd: i64,
        /// What is waited for.
        events: i64,
    },
    /// `epoll_wait`.
    EpollWait {
        /// The epoll descriptor.
        epoll: i64,
        /// Events at most.
        most: i64,
        /// Milliseconds; negative for ever.
        timeout: i64,
    },
    /// `open`.
    Open {
        /// Which file.
        path: String,
        /// O_RDONLY and the like.
        flags: i64,
    },
    /// `pipe`, `pipe2`.
    Pipe {
        /// What the script calls its ends: the one to read from, the one to write to.
        ends: [i64; 2],
        /// O_NONBLOCK and the like.
        flags: i64,
    },
    /// `splice`.
    Splice {
        /// From which descriptor, and from which place in it if one is given.
        from: (i64, Option<i64>),
        /// To which, and to which place in it.
        to: (i64, Option<i64>),
        /// Octets at most.
        len: usize,
        /// SPLICE_F_MORE and the like.
        flags: i64,
    },
    /// `sendfile`.
    SendFile {
        /// To which descriptor.
        to: i64,
        /// From which file.
        from: i64,
        /// From which place in it; otherwise from where the file stands.
        at: Option<i64>,
        /// Octets at most.
        len: usize,
    },
}

impl Request {
    /// Whether its result is a new descriptor, which the script calls as it likes.
    pub fn opens_one(&self) -> bool {
        matches!(
            self,
            Request::Socket { .. } | Request::Accept { .. } | Request::EpollCreate | Request::Open { .. }
        )
    }

    /// The socket it works on, if it works on one.
    pub fn socket(&self) -> Option<i64> {
        match self {
            Request::Bind { fd, .. }
            | Request::Listen { fd, .. }
            | Request::Accept { fd, .. }
            | Request::Connect { fd, .. }
            | Request::Send { fd, .. }
            | Request::Receive { fd, .. }
            | Request::Shutdown { fd, .. }
            | Request::SetOption { fd, .. }
            | Request::GetOption { fd, .. } => Some(*fd),
            Request::Socket { .. }
            | Request::Close { .. }
            | Request::Flags { .. }
            | Request::Ioctl { .. }
            | Request::Poll { .. }
            | Request::EpollCreate
            | Request::EpollControl { .. }
            | Request::EpollWait { .. }
            | Request::Open { .. }
            | Request::Pipe { .. }
            | Request::Splice { .. }
            | Request::SendFile { .. } => None,
        }
    }
}

/// What an option is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// A number.
    Number(i64),
    /// Octets, such as an algorithm's name.
    Octets(Vec<u8>),
    /// SO_LINGER: on or off, and seconds.
    Linger(bool, i64),
    /// A time: seconds and microseconds.
    Time(i64, i64),
}

/// What a call gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// What it returned; -1 with an error.
    pub result: i64,
    /// The error's name.
    pub errno: Option<String>,
    /// What an option is.
    pub option: Option<OptionValue>,
    /// What an `ioctl` says.
    pub number: Option<i64>,
    /// `revents` of `poll`, in the order asked; `events` and descriptor of `epoll_wait`.
    pub events: Vec<(i64, i64)>,
    /// The stack's own descriptors of a new pipe's ends.
    pub ends: Option<[i64; 2]>,
    /// `msg_flags`.
    pub flags: i64,
    /// Control messages: level, kind, and what they tell.
    pub control: Vec<(i64, i64, Told)>,
}

/// What a control message tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A number.
    Number(i64),
    /// A time, nanoseconds since the script began.
    Time(i128),
    /// An entry of an error queue, in the order of its structure: errno, origin, type, code, info, data.
    Extended([i64; 6]),
    /// Something else.
    Octets(Vec<u8>),
}

impl Reply {
    /// It succeeded with that result.
    pub fn ok(result: i64) -> Reply {
        Reply { result, ..Reply::default() }
    }
    /// It failed.
    pub fn failed(errno: &str) -> Reply {
        Reply { result: -1, errno: Some(errno.to_owned()), ..Reply::default() }
    }
}
