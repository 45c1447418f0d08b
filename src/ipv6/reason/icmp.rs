//! Why IPv6 acted or dropped: ICMPv6.

use super::said;
use crate::lang::Lang;
use std::net::Ipv6Addr;

/// A reason about ICMPv6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IcmpReason {
    /// Sent: nobody listens on the port.
    PortUnreachable {
        /// The port.
        port: u16,
    },
    /// Sent: no route leads there.
    NoRouteUnreachable {
        /// Where to.
        destination: Ipv6Addr,
    },
    /// Sent: the last hop found nobody.
    AddressUnreachable {
        /// Whom.
        address: Ipv6Addr,
    },
    /// Sent: the source address does not reach so far.
    BeyondScopeUnreachable {
        /// From whom.
        source: Ipv6Addr,
    },
    /// Sent: larger than the next hop takes.
    PacketTooBig {
        /// Octets the next hop takes.
        mtu: u16,
    },
    /// Sent: the hop limit ran out.
    HopLimitExceeded,
    /// Sent: fragments waited too long, the first is there.
    ReassemblyTimeExceeded,
    /// Sent: something in the headers cannot be understood.
    TellsOfParameter {
        /// 0 a field, 1 a next header, 2 an option.
        code: u8,
        /// Octets before the place.
        pointer: u32,
    },
    /// Sent: an answer to an echo request.
    EchoReply,
    /// Noted: an ICMPv6 error was not sent because too many were.
    ErrorsLimited,
    /// Noted: an ICMPv6 error went to the socket it is about.
    ErrorReceived {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
    },
    /// Noted: how much gets through to a destination.
    PathMtu {
        /// Where to.
        destination: Ipv6Addr,
        /// Octets.
        mtu: u16,
    },
    /// Dropped: a Packet Too Big that is not to be believed.
    TooBigRefused,
    /// Dropped: an ICMPv6 error whose quote cannot be read.
    QuoteUnreadable,
    /// Dropped: an ICMPv6 error about nothing known here.
    ErrorAboutNothing,
    /// Dropped: an ICMPv6 message that asks for nothing.
    IcmpIgnored {
        /// Type.
        kind: u8,
    },
}

impl IcmpReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            IcmpReason::PortUnreachable { .. }
            | IcmpReason::NoRouteUnreachable { .. }
            | IcmpReason::AddressUnreachable { .. }
            | IcmpReason::BeyondScopeUnreachable { .. } => "RFC 4443 3.1",
            IcmpReason::PacketTooBig { .. } => "RFC 4443 3.2",
            IcmpReason::HopLimitExceeded => "RFC 4443 3.3",
            IcmpReason::ReassemblyTimeExceeded => "RFC 8200 4.5",
            IcmpReason::TellsOfParameter { .. } => "RFC 4443 3.4",
            IcmpReason::EchoReply => "RFC 4443 4.2",
            IcmpReason::ErrorsLimited
            | IcmpReason::ErrorReceived { .. }
            | IcmpReason::QuoteUnreadable
            | IcmpReason::ErrorAboutNothing
            | IcmpReason::IcmpIgnored { .. } => "RFC 4443 2.4",
            IcmpReason::PathMtu { .. } | IcmpReason::TooBigRefused => "RFC 8201 4",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            IcmpReason::PortUnreachable { port } => lang.pick(
                format!("Nobody listens on UDP port {port}: the sender is told so by ICMPv6."),
                format!("UDP 端口 {port} 没有进程在接收：用 ICMPv6 报文告诉发送方端口不可达。"),
            ),
            IcmpReason::NoRouteUnreachable { destination } => lang.pick(
                format!("No route leads to {destination}: the sender is told so by ICMPv6."),
                format!("没有到 {destination} 的路由：用 ICMPv6 报文告诉发送方。"),
            ),
            IcmpReason::AddressUnreachable { address } => lang.pick(
                format!("No card answers for {address}: the sender is told so by ICMPv6."),
                format!("没有网卡应答 {address}：用 ICMPv6 报文告诉发送方地址不可达。"),
            ),
            IcmpReason::BeyondScopeUnreachable { source } => lang.pick(
                format!("The source address {source} means nothing beyond its own link: the sender is told so by ICMPv6."),
                format!("源地址 {source} 出了本链路就没有意义：用 ICMPv6 报文告诉发送方。"),
            ),
            IcmpReason::PacketTooBig { mtu } => lang.pick(
                format!("The next hop takes {mtu} octets, and routers do not cut IPv6 packets: the sender is told the size."),
                format!("下一跳的 MTU 只有 {mtu} 字节，而 IPv6 的路由器从不分片：把这个大小告诉发送方。"),
            ),
            IcmpReason::HopLimitExceeded => said(
                lang,
                "The packet has passed as many routers as it may: its sender is told so by ICMPv6.",
                "分组经过的路由器数已达跳数限制：用 ICMPv6 报文告诉发送方超时。",
            ),
            IcmpReason::ReassemblyTimeExceeded => said(
                lang,
                "A fragment is missing and its time is over: the sender is told so by ICMPv6.",
                "有分片一直没到，等待时间已过：用 ICMPv6 报文告诉发送方。",
            ),
            IcmpReason::TellsOfParameter { code, pointer } => lang.pick(
                format!("Octet {pointer} of the packet cannot be understood: the sender is told so by ICMPv6 (parameter problem, code {code})."),
                format!("分组第 {pointer} 个字节处的内容无法理解：用 ICMPv6 报文告诉发送方（参数问题，代码 {code}）。"),
            ),
            IcmpReason::EchoReply => said(
                lang,
                "Answers a ping.",
                "回答 ping 的回送请求。",
            ),
            IcmpReason::ErrorsLimited => said(
                lang,
                "No ICMPv6 error for this one: too many were sent lately.",
                "这次不发 ICMPv6 差错报文：近来发得已经太多。",
            ),
            IcmpReason::ErrorReceived { kind, code } => lang.pick(
                format!("An ICMPv6 error (type {kind}, code {code}) reached the socket it is about."),
                format!("ICMPv6 差错报文（类型 {kind}，代码 {code}）交给了相关的套接字。"),
            ),
            IcmpReason::PathMtu { destination, mtu } => lang.pick(
                format!("Packets to {destination} may have {mtu} octets from now on: a router on the way takes no more."),
                format!("今后发往 {destination} 的分组最多 {mtu} 字节：途中有路由器只能通过这么大的分组。"),
            ),
            IcmpReason::TooBigRefused => said(
                lang,
                "A Packet Too Big that names less than every link takes (1280 octets), or no less than is known: it changes nothing.",
                "“分组太大”报文给出的值小于任何链路都应支持的 1280 字节，或不小于已知的值：不作改变。",
            ),
            IcmpReason::QuoteUnreadable => said(
                lang,
                "An ICMPv6 error that does not show which packet it is about.",
                "ICMPv6 差错报文里看不出它说的是哪个分组。",
            ),
            IcmpReason::ErrorAboutNothing => said(
                lang,
                "An ICMPv6 error about nothing sent from here.",
                "这个 ICMPv6 差错报文与本机发出的分组无关。",
            ),
            IcmpReason::IcmpIgnored { kind } => lang.pick(
                format!("An ICMPv6 message (type {kind}) that asks nothing of this host."),
                format!("ICMPv6 报文（类型 {kind}）不要求本机做任何事。"),
            ),
        }
    }
}
