//! Why IPv6 acted or dropped: packets and their headers.

use super::said;
use crate::lang::Lang;
use std::net::Ipv6Addr;

/// A reason about packets and their headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PacketReason {
    /// Sent: passed on by a router.
    Forwarded {
        /// The hop limit it has left.
        hop_limit: u8,
    },
    /// Dropped: the packet is for another address; hosts do not forward.
    NotOurAddress,
    /// Dropped: the packet is for a group this card does not listen to.
    NotOurGroup,
    /// Dropped: a router does not pass this on.
    NotForwarded,
    /// Dropped: the hop limit ran out.
    HopLimitOver,
    /// Dropped: a source address no packet may have.
    MartianSource,
    /// Dropped: an option that must be understood is not.
    UnknownOption {
        /// Option type.
        kind: u8,
    },
    /// Dropped: nothing here understands what follows.
    UnknownNextHeader {
        /// Its number.
        number: u8,
    },
    /// Dropped: hop-by-hop options elsewhere than at the beginning.
    HopByHopNotFirst,
    /// Dropped: an option reaches beyond its header.
    OptionsMalformed,
    /// Dropped: a routing header that is not obeyed.
    RoutingRefused {
        /// Routing type.
        kind: u8,
    },
    /// Dropped: a packet of more than 65535 octets.
    Jumbogram,
    /// Dropped: no route leads there.
    NoRoute {
        /// Where to.
        destination: Ipv6Addr,
    },
    /// Dropped: larger than the next hop takes.
    TooBig {
        /// Octets the next hop takes.
        mtu: u16,
    },
}

impl PacketReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            PacketReason::Forwarded { .. } | PacketReason::NotOurAddress | PacketReason::HopLimitOver => {
                "RFC 8200 3"
            }
            PacketReason::NotOurGroup => "RFC 4291 2.8",
            PacketReason::NotForwarded => "RFC 4291 2.5.6",
            PacketReason::MartianSource => "RFC 4291 2.7",
            PacketReason::UnknownOption { .. } | PacketReason::OptionsMalformed => "RFC 8200 4.2",
            PacketReason::UnknownNextHeader { .. } => "RFC 8200 4",
            PacketReason::HopByHopNotFirst => "RFC 8200 4.1",
            PacketReason::RoutingRefused { .. } => "RFC 5095 3",
            PacketReason::Jumbogram => "RFC 2675 3",
            PacketReason::NoRoute { .. } => "RFC 4861 5.2",
            PacketReason::TooBig { .. } => "RFC 8200 5",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            PacketReason::Forwarded { hop_limit } => lang.pick(
                format!("Passes the packet on; its hop limit is now {hop_limit}."),
                format!("转发分组；跳数限制减为 {hop_limit}。"),
            ),
            PacketReason::NotOurAddress => said(
                lang,
                "The packet is for another IPv6 address; a host does not forward.",
                "分组的目的 IPv6 地址不是本机；主机不转发分组。",
            ),
            PacketReason::NotOurGroup => said(
                lang,
                "Not a group this card listens to.",
                "不是本网卡加入的组。",
            ),
            PacketReason::NotForwarded => said(
                lang,
                "What is for one link only stays there: a router does not pass it on.",
                "只限于本链路的分组：路由器不转发。",
            ),
            PacketReason::HopLimitOver => said(
                lang,
                "Its hop limit would be zero at the next hop: a packet that goes in circles must die somewhere.",
                "跳数限制减一后为零：在环路里打转的分组总得有个尽头。",
            ),
            PacketReason::MartianSource => said(
                lang,
                "No packet can come from that address.",
                "分组不可能来自这样的源地址。",
            ),
            PacketReason::UnknownOption { kind } => lang.pick(
                format!("Option {kind} is not known here, and its two highest bits say that then the packet must go no further."),
                format!("本机不认识选项 {kind}，而它的最高两位规定：不认识就必须丢弃分组。"),
            ),
            PacketReason::UnknownNextHeader { number } => lang.pick(
                format!("Nothing here understands next header {number}."),
                format!("本机不认识“下一个首部”的值 {number}。"),
            ),
            PacketReason::HopByHopNotFirst => said(
                lang,
                "Hop-by-hop options may stand directly behind the IPv6 header only.",
                "逐跳选项首部只能紧跟在 IPv6 首部之后。",
            ),
            PacketReason::OptionsMalformed => said(
                lang,
                "The options do not add up to the length of their header.",
                "选项的长度与其首部的长度对不上。",
            ),
            PacketReason::RoutingRefused { kind } => lang.pick(
                format!("The sender has laid down the packet's way (routing type {kind}): refused. With type 0 a packet could be made to run back and forth for ever."),
                format!("发送方规定了分组的路径（路由类型 {kind}）：拒收。类型 0 曾可让分组来回奔走，放大流量。"),
            ),
            PacketReason::Jumbogram => said(
                lang,
                "No link here takes packets of more than 65535 octets.",
                "这里的链路都不支持超过 65535 字节的巨型分组。",
            ),
            PacketReason::NoRoute { destination } => lang.pick(
                format!("No route leads to {destination}."),
                format!("没有到 {destination} 的路由。"),
            ),
            PacketReason::TooBig { mtu } => lang.pick(
                format!("Larger than the {mtu} octets the next hop takes."),
                format!("超过下一跳的 MTU（{mtu} 字节）。"),
            ),
        }
    }
}
