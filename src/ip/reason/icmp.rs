//! Why ICMP spoke, or what it said was believed or not.

use super::said;
use crate::lang::Lang;
use std::net::Ipv4Addr;

/// Why ICMP spoke, or what it said was believed or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IcmpReason {
    /// Sent: nobody listens on the port.
    PortUnreachable {
        /// The port.
        port: u16,
    },
    /// Sent: nobody knows the protocol.
    ProtocolUnreachable {
        /// Its number.
        protocol: u8,
    },
    /// Sent: an answer to an echo request.
    EchoReply,
    /// Noted: an ICMP error was not sent because too many were.
    ErrorsLimited,
    /// Noted: an ICMP error went to the socket it is about.
    ErrorReceived {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
    },
    /// Noted: from now on less is sent at once to a destination.
    PathMtuLearned {
        /// To whom.
        destination: Ipv4Addr,
        /// Octets a packet may have.
        mtu: u16,
    },
    /// Dropped: an ICMP error about a socket that did not ask for such.
    ErrorNotAskedFor {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
    },
    /// Dropped: an ICMP error whose quote cannot be read.
    QuoteUnreadable,
    /// Dropped: an ICMP error about nothing known here.
    ErrorAboutNothing,
    /// Dropped: an ICMP message that asks for nothing a host must do.
    IcmpIgnored {
        /// Type.
        kind: u8,
    },
    /// Noted: a router's advice was taken.
    RedirectTaken {
        /// About packets to whom.
        destination: Ipv4Addr,
        /// The nearer router.
        gateway: Ipv4Addr,
    },
    /// Dropped: a redirect that is not to be believed.
    RedirectRefused,
    /// Dropped: an echo request to everybody.
    EchoToAll,
}

impl IcmpReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            IcmpReason::PortUnreachable { .. } => "RFC 1122 4.1.3.1",
            IcmpReason::ProtocolUnreachable { .. } => "RFC 1122 3.2.2.1",
            IcmpReason::EchoReply | IcmpReason::EchoToAll => "RFC 1122 3.2.2.6",
            IcmpReason::ErrorsLimited => "RFC 1812 4.3.2.8",
            IcmpReason::ErrorReceived { .. }
            | IcmpReason::QuoteUnreadable
            | IcmpReason::ErrorAboutNothing
            | IcmpReason::IcmpIgnored { .. } => "RFC 1122 3.2.2",
            IcmpReason::ErrorNotAskedFor { .. } => "RFC 1122 4.1.3.3",
            IcmpReason::PathMtuLearned { .. } => "RFC 1191 3",
            IcmpReason::RedirectTaken { .. } | IcmpReason::RedirectRefused => "RFC 1122 3.2.2.2",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            IcmpReason::PortUnreachable { port } => lang.pick(
                format!("Nobody listens on UDP port {port}: the sender is told so by ICMP."),
                format!("UDP 端口 {port} 没有进程在接收：用 ICMP 报文告诉发送方端口不可达。"),
            ),
            IcmpReason::ProtocolUnreachable { protocol } => lang.pick(
                format!("Nothing here understands IP protocol {protocol}: the sender is told so by ICMP."),
                format!("本机不认识协议号 {protocol}：用 ICMP 报文告诉发送方协议不可达。"),
            ),
            IcmpReason::EchoReply => said(lang, "Answers a ping.", "回答 ping 的回送请求。"),
            IcmpReason::ErrorsLimited => said(
                lang,
                "No ICMP error for this one: too many were sent to the same host lately.",
                "这次不发 ICMP 差错报文：近来发往同一主机的已经太多。",
            ),
            IcmpReason::ErrorReceived { kind, code } => lang.pick(
                format!("An ICMP error (type {kind}, code {code}) reached the socket it is about."),
                format!("ICMP 差错报文（类型 {kind}，代码 {code}）交给了相关的套接字。"),
            ),
            IcmpReason::PathMtuLearned { destination, mtu } => lang.pick(
                format!("From now on packets to {destination} have {mtu} octets at most, as a router reported."),
                format!("从现在起，发往 {destination} 的分组最多 {mtu} 字节：路由器这样报告。"),
            ),
            IcmpReason::ErrorNotAskedFor { kind, code } => lang.pick(
                format!(
                    "The sending socket is not told of this ICMP error (type {kind}, code {code}): it is not connected, or the \
                     error may pass by itself."
                ),
                format!(
                    "这个 ICMP 差错（类型 {kind}，代码 {code}）不告知发送数据的套接字：它没有连接，或者差错可能自行消失。"
                ),
            ),
            IcmpReason::QuoteUnreadable => said(
                lang,
                "An ICMP error that does not show which packet it is about.",
                "ICMP 差错报文里看不出它说的是哪个分组。",
            ),
            IcmpReason::ErrorAboutNothing => said(
                lang,
                "An ICMP error about nothing sent from here.",
                "这个 ICMP 差错报文与本机发出的分组无关。",
            ),
            IcmpReason::IcmpIgnored { kind } => lang.pick(
                format!("An ICMP message (type {kind}) that asks nothing of this host."),
                format!("ICMP 报文（类型 {kind}）不要求本机做任何事。"),
            ),
            IcmpReason::RedirectTaken { destination, gateway } => lang.pick(
                format!("From now on packets to {destination} go by {gateway}, as the router advised."),
                format!("听从路由器的建议：今后发往 {destination} 的分组改走 {gateway}。"),
            ),
            IcmpReason::RedirectRefused => said(
                lang,
                "A redirect from somebody who is not the router in use, or to somebody who is no neighbour: not believed.",
                "重定向报文不是来自正在使用的路由器，或者指向的不是邻居：不予采信。",
            ),
            IcmpReason::EchoToAll => said(
                lang,
                "A ping to everybody is not answered: with a forged source all answers would hit one victim.",
                "不回答发给所有人的 ping：若源地址是伪造的，所有回答都会涌向同一个受害者。",
            ),
        }
    }
}
