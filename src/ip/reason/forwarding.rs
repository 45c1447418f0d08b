//! Why a router passed a packet on, or did not.

use super::said;
use crate::lang::Lang;
use std::net::Ipv4Addr;

/// Why a router passed a packet on, or did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForwardingReason {
    /// Sent: passed on by a router.
    Forwarded {
        /// The time to live it has left.
        ttl: u8,
    },
    /// Sent: the time to live ran out.
    TtlExceeded,
    /// Dropped: the time to live ran out.
    TtlOver,
    /// Dropped: the way back to its source does not lead where it came from.
    ReversePath {
        /// The source it claims.
        source: Ipv4Addr,
    },
    /// Sent: no route leads there.
    NetUnreachable {
        /// Where to.
        destination: Ipv4Addr,
    },
    /// Sent: the last hop found nobody.
    HostUnreachable {
        /// Whom.
        address: Ipv4Addr,
    },
    /// Sent: larger than the next hop takes, and it must not be cut.
    FragmentationNeeded {
        /// Octets the next hop takes.
        mtu: u16,
    },
    /// Sent: a neighbour is nearer to where the packet goes.
    Redirects {
        /// Where it goes.
        destination: Ipv4Addr,
        /// Who is nearer.
        gateway: Ipv4Addr,
    },
    /// Noted: no redirect, because so many were ignored.
    RedirectsLimited,
    /// Dropped: a broadcast or a multicast, which a router does not pass on.
    NotForwarded,
}

impl ForwardingReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            ForwardingReason::Forwarded { .. } => "RFC 1812 5.2.1",
            ForwardingReason::TtlExceeded | ForwardingReason::TtlOver => "RFC 1812 5.3.1",
            ForwardingReason::NetUnreachable { .. } | ForwardingReason::HostUnreachable { .. } => {
                "RFC 1812 5.2.7.1"
            }
            ForwardingReason::FragmentationNeeded { .. } => "RFC 1191 4",
            ForwardingReason::Redirects { .. } | ForwardingReason::RedirectsLimited => "RFC 1812 5.2.7.2",
            ForwardingReason::NotForwarded => "RFC 1812 5.3.4",
            ForwardingReason::ReversePath { .. } => "RFC 3704 2.2",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            ForwardingReason::Forwarded { ttl } => lang.pick(
                format!("Passes the packet on; its time to live is now {ttl}."),
                format!("转发分组；生存时间（TTL）减为 {ttl}。"),
            ),
            ForwardingReason::ReversePath { source } => lang.pick(
                format!("The way back to {source} does not lead where this came from: the source is not believed."),
                format!("通往 {source} 的路并不指向这个分组来的方向：源地址不可信。"),
            ),
            ForwardingReason::TtlExceeded => said(
                lang,
                "The packet has passed as many routers as it may: its sender is told so by ICMP.",
                "分组经过的路由器数已达上限：用 ICMP 报文告诉发送方超时。",
            ),
            ForwardingReason::TtlOver => said(
                lang,
                "Its time to live would be zero at the next hop: a packet that goes in circles must die somewhere.",
                "生存时间（TTL）减一后为零：在环路里打转的分组总得有个尽头。",
            ),
            ForwardingReason::NetUnreachable { destination } => lang.pick(
                format!("No route leads to {destination}: the sender is told so by ICMP."),
                format!("没有到 {destination} 的路由：用 ICMP 报文告诉发送方网络不可达。"),
            ),
            ForwardingReason::HostUnreachable { address } => lang.pick(
                format!("No card answers for {address}: the sender is told so by ICMP."),
                format!("没有网卡应答 {address}：用 ICMP 报文告诉发送方主机不可达。"),
            ),
            ForwardingReason::FragmentationNeeded { mtu } => lang.pick(
                format!("The next hop takes {mtu} octets, and the packet must not be cut: the sender is told so by ICMP."),
                format!("下一跳的 MTU 只有 {mtu} 字节，而分组不允许分片：用 ICMP 报文告诉发送方。"),
            ),
            ForwardingReason::Redirects { destination, gateway } => lang.pick(
                format!("Tells a neighbour that {gateway} is nearer to {destination} than this router."),
                format!("告诉邻居：去 {destination} 走 {gateway} 比经过本路由器更近。"),
            ),
            ForwardingReason::RedirectsLimited => said(
                lang,
                "No redirect for this one: the neighbour was told lately.",
                "这次不发重定向报文：不久前已经告诉过这个邻居。",
            ),
            ForwardingReason::NotForwarded => said(
                lang,
                "Broadcasts and multicasts stay on their own network: a router does not pass them on.",
                "广播和多播只限于本网络：路由器不转发。",
            ),
        }
    }
}
