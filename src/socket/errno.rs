//! The error numbers that socket calls return, with Linux's values.

use std::fmt;

macro_rules! errnos {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $en:literal, $zh:literal;)*) => {
        /// An error number. Its name and value are Linux's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(clippy::upper_case_acronyms)]
        pub enum Errno { $($(#[$doc])* $name = $value,)* }

        impl Errno {
            /// All of them.
            pub const ALL: &[Errno] = &[$(Errno::$name,)*];
            /// The symbolic name, such as `ECONNREFUSED`.
            pub const fn name(self) -> &'static str {
                match self { $(Errno::$name => stringify!($name),)* }
            }
            /// What it means, in one phrase.
            pub const fn meaning(self, lang: crate::lang::Lang) -> &'static str {
                match (self, lang) {
                    $((Errno::$name, crate::lang::Lang::En) => $en, (Errno::$name, crate::lang::Lang::Zh) => $zh,)*
                }
            }
            /// The value on Linux.
            pub const fn value(self) -> i32 { self as i32 }
            /// The error of that name.
            pub fn from_name(name: &str) -> Option<Errno> {
                Errno::ALL.iter().copied().find(|errno| errno.name() == name)
            }
            /// The error with that value on Linux.
            pub fn from_value(value: i32) -> Option<Errno> {
                Errno::ALL.iter().copied().find(|errno| errno.value() == value)
            }
        }
    };
}

errnos! {
    /// Operation not permitted.
    EPERM = 1, "operation not permitted", "不允许的操作";
    /// No such file, or no such algorithm.
    ENOENT = 2, "there is no such thing", "没有这个东西";
    /// Interrupted.
    EINTR = 4, "interrupted", "被信号打断";
    /// Bad descriptor.
    EBADF = 9, "not an open descriptor", "描述符未打开";
    /// Try again, also the time-out's errno.
    EAGAIN = 11, "nothing now, or time is out: try again", "此刻没有或超时：请重试";
    /// Permission denied.
    EACCES = 13, "permission denied", "权限不足";
    /// Bad address: too little data where more must be read.
    EFAULT = 14, "bad address", "地址错误";
    /// Invalid argument.
    EINVAL = 22, "invalid argument", "参数无效";
    /// Too many open descriptors.
    EMFILE = 24, "too many descriptors", "描述符过多";
    /// Not a typewriter: the question makes no sense for this kind of descriptor.
    ENOTTY = 25, "this kind of socket cannot tell", "这种套接字答不上来";
    /// Broken pipe.
    EPIPE = 32, "this direction is closed", "此方向已关闭";
    /// The machine is not on the network.
    ENONET = 64, "not on the network", "不在网络上";
    /// Protocol error.
    EPROTO = 71, "protocol error", "协议错误";
    /// Not a socket.
    ENOTSOCK = 88, "not a socket", "不是套接字";
    /// Destination address required.
    EDESTADDRREQ = 89, "no destination given", "没有给出目的地址";
    /// Message too long.
    EMSGSIZE = 90, "datagram too long", "数据报过长";
    /// Protocol wrong type for socket.
    EPROTOTYPE = 91, "wrong type for this protocol", "套接字类型与协议不符";
    /// Protocol not available.
    ENOPROTOOPT = 92, "no such option", "没有这个选项";
    /// Protocol not supported.
    EPROTONOSUPPORT = 93, "protocol not supported", "不支持的协议";
    /// Socket type not supported.
    ESOCKTNOSUPPORT = 94, "socket type not supported", "不支持的套接字类型";
    /// Operation not supported.
    EOPNOTSUPP = 95, "not possible on this socket", "此套接字不支持该操作";
    /// Address family not supported.
    EAFNOSUPPORT = 97, "address family not supported", "不支持的地址族";
    /// Address in use.
    EADDRINUSE = 98, "address already in use", "地址已被占用";
    /// Address not available.
    EADDRNOTAVAIL = 99, "address not available", "地址不可用";
    /// Network unreachable.
    ENETUNREACH = 101, "network unreachable", "网络不可达";
    /// Connection aborted.
    ECONNABORTED = 103, "connection aborted", "连接已中止";
    /// Connection reset by peer.
    ECONNRESET = 104, "connection reset by peer", "连接被对方复位";
    /// No buffer space.
    ENOBUFS = 105, "no buffer space", "没有缓存空间";
    /// Already connected.
    EISCONN = 106, "already connected", "已经连接";
    /// Not connected.
    ENOTCONN = 107, "not connected", "尚未连接";
    /// Timed out.
    ETIMEDOUT = 110, "timed out", "超时";
    /// Connection refused.
    ECONNREFUSED = 111, "connection refused", "连接被拒绝";
    /// Host is down.
    EHOSTDOWN = 112, "host is down", "主机已停机";
    /// No route to host.
    EHOSTUNREACH = 113, "no route to host", "主机不可达";
    /// Already in progress.
    EALREADY = 114, "already in progress", "已在进行";
    /// In progress.
    EINPROGRESS = 115, "in progress", "正在进行";
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
