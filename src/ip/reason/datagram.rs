//! Why a datagram is not for this host, or cannot leave it.

use super::said;
use crate::lang::Lang;
use std::net::Ipv4Addr;

/// Why a datagram is not for this host, or cannot leave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatagramReason {
    /// Dropped: the frame is for another card.
    NotOurCard,
    /// Dropped: the frame carries no protocol known here.
    UnknownEtherType,
    /// Dropped: the packet is for another address; hosts do not forward.
    NotOurAddress,
    /// Dropped: a source address no host may have.
    MartianSource,
    /// Dropped: the sender chose the packet's way, which is not wanted here.
    SourceRouted,
    /// Dropped: its options cannot be read.
    BadOption {
        /// Where in the header, octets.
        at: u8,
    },
    /// Sent: the options of a header could not be read.
    ParameterProblem {
        /// Where in the header, octets.
        at: u8,
    },
    /// Dropped: no route leads there.
    NoRoute {
        /// Where to.
        destination: Ipv4Addr,
    },
    /// Dropped: larger than the next hop takes, and it must not be cut.
    TooBig {
        /// Octets the next hop takes.
        mtu: u16,
    },
    /// Dropped: a segment to everybody; a connection has two ends.
    StreamToAll,
}

impl DatagramReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            DatagramReason::NotOurCard | DatagramReason::UnknownEtherType => "RFC 894",
            DatagramReason::NotOurAddress | DatagramReason::MartianSource => "RFC 1122 3.2.1.3",
            DatagramReason::SourceRouted => "RFC 7126 4.3",
            DatagramReason::BadOption { .. } | DatagramReason::ParameterProblem { .. } => "RFC 1122 3.2.2.5",
            DatagramReason::NoRoute { .. } => "RFC 1122 3.3.1",
            DatagramReason::TooBig { .. } => "RFC 1191 3",
            DatagramReason::StreamToAll => "RFC 1122 4.2.3.10",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            DatagramReason::NotOurCard => {
                said(lang, "The frame is addressed to another card.", "这个帧的目的硬件地址是别的网卡。")
            }
            DatagramReason::UnknownEtherType => {
                said(lang, "The frame carries a protocol not known here.", "帧里装的是本机不认识的协议。")
            }
            DatagramReason::BadOption { at } => lang.pick(
                format!("An option of the IP header makes no sense at octet {at}: thrown away."),
                format!("IP 首部的选项在第 {at} 个字节处无法解读：丢弃。"),
            ),
            DatagramReason::ParameterProblem { at } => lang.pick(
                format!("Octet {at} of the header cannot be understood: the sender is told so by ICMP."),
                format!("首部第 {at} 个字节无法理解：用 ICMP 报文告诉发送方。"),
            ),
            DatagramReason::NotOurAddress => said(
                lang,
                "The packet is for another IP address; a host does not forward.",
                "分组的目的 IP 地址不是本机；主机不转发分组。",
            ),
            DatagramReason::MartianSource => {
                said(lang, "No host can have that source address.", "任何主机都不可能有这样的源地址。")
            }
            DatagramReason::SourceRouted => said(
                lang,
                "The sender has laid down the packet's way (source route): refused, for attackers use that to get past filters.",
                "发送方规定了分组的路径（源路由）：拒收，因为攻击者常借此绕过过滤。",
            ),
            DatagramReason::NoRoute { destination } => lang
                .pick(format!("No route leads to {destination}."), format!("没有到 {destination} 的路由。")),
            DatagramReason::TooBig { mtu } => lang.pick(
                format!("Larger than the {mtu} octets the next hop takes, and it must not be cut."),
                format!("超过下一跳的 MTU（{mtu} 字节），又不允许分片。"),
            ),
            DatagramReason::StreamToAll => said(
                lang,
                "A TCP segment to a broadcast or multicast address: a connection has two ends, never more.",
                "TCP 报文段发往广播或多播地址：连接只有两端，不可能更多。",
            ),
        }
    }
}
