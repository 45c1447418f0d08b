//! Packets that programs make and hear themselves: raw sockets.

use super::said;
use crate::lang::Lang;
use std::net::Ipv4Addr;

/// What came of a packet of a raw socket, or of one for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawReason {
    /// Sent: a program made what is in the packet.
    Sent,
    /// Sent: a program made the packet, IP header and all.
    HeaderIncluded,
    /// Sent: a program made the packet, with a source that is not this host's.
    SourceForged {
        /// The source it gave.
        source: Ipv4Addr,
    },
    /// Noted: copies went to raw sockets, header and all.
    Heard {
        /// How many.
        sockets: usize,
    },
    /// Dropped: a raw socket's receive buffer was full.
    BufferFull {
        /// Octets of room taken.
        used: u32,
        /// Octets of room there are.
        limit: u32,
    },
}

impl RawReason {
    /// The RFC section that asks for it; no RFC speaks of sockets.
    pub fn section(&self) -> &'static str {
        match self {
            RawReason::Sent | RawReason::Heard { .. } => "RFC 1122 3.4",
            RawReason::HeaderIncluded => "RFC 791 3.1",
            RawReason::SourceForged { .. } => "RFC 1122 3.2.1.3",
            RawReason::BufferFull { .. } => "",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            RawReason::Sent => said(
                lang,
                "A program made what this packet carries; IP only put its header in front.",
                "分组里装的东西由程序自己构造，IP 只在前面加上首部。",
            ),
            RawReason::HeaderIncluded => said(
                lang,
                "A program made this packet, IP header and all; only length and checksum are the kernel's.",
                "整个分组连同 IP 首部都由程序构造；内核只填长度和检验和。",
            ),
            RawReason::SourceForged { source } => lang.pick(
                format!(
                    "A program made this packet and wrote {source} as its source, which is not this host's."
                ),
                format!("程序构造了这个分组，源地址写成 {source}，而那不是本机的地址。"),
            ),
            RawReason::Heard { sockets } => lang.pick(
                format!(
                    "{} the whole packet, IP header and all; what else is done with it stays the same.",
                    if *sockets == 1 {
                        "A raw socket is given a copy of".to_owned()
                    } else {
                        format!("{sockets} raw sockets are each given a copy of")
                    }
                ),
                format!("{sockets} 个原始套接字各得到一份完整的分组（含 IP 首部）；分组的其他处理照旧。"),
            ),
            RawReason::BufferFull { used, limit } => lang.pick(
                format!(
                    "The raw socket's receive buffer is full ({used} of {limit} octets): its copy is lost."
                ),
                format!("原始套接字的接收缓存已满（{limit} 字节中已用 {used}）：给它的那一份丢失了。"),
            ),
        }
    }
}
