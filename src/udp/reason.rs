//! Why a datagram was sent or lost.

use crate::lang::Lang;

/// Why UDP acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Sent: the program asked for it.
    Sent,
    /// Dropped: nobody listens on the port.
    NobodyListens {
        /// The port.
        port: u16,
    },
    /// Dropped: the socket's receive buffer has no room for it.
    BufferFull {
        /// Octets the buffer has taken.
        used: u32,
        /// Octets it takes.
        limit: u32,
    },
}

impl Reason {
    /// The RFC section that asks for it; empty where none does.
    pub fn section(&self) -> &'static str {
        match self {
            Reason::Sent => "RFC 768",
            Reason::NobodyListens { .. } => "RFC 1122 4.1.3.1",
            Reason::BufferFull { .. } => "",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Reason::Sent => lang
                .pick(
                    "The program asked for it: one message is one datagram, sent at once, without any handshake.",
                    "应用程序要求发送：一个报文就是一个用户数据报，不建立连接，立即发出。",
                )
                .to_owned(),
            Reason::NobodyListens { port } => lang.pick(
                format!("Nobody listens on UDP port {port}."),
                format!("UDP 端口 {port} 没有进程在接收。"),
            ),
            Reason::BufferFull { used, limit } => lang.pick(
                format!(
                    "The receive buffer is full ({used} of {limit} octets): the datagram is lost, and UDP tells nobody."
                ),
                format!("接收缓存已满（已用 {used} 字节，共 {limit} 字节）：数据报丢失，UDP 不通知任何人。"),
            ),
        }
    }
}
