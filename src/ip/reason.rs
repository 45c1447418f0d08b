//! Why this room sent, kept or dropped something.

use crate::lang::Lang;
use std::net::Ipv4Addr;

/// Why IP, ARP or ICMP acted. Each names the section that asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Sent: an ARP request.
    AsksForNeighbour {
        /// Who is looked for.
        target: Ipv4Addr,
    },
    /// Sent: an ARP reply.
    AnswersArp {
        /// Who asked.
        asker: Ipv4Addr,
    },
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
    /// Sent: fragments waited too long, the first is there.
    ReassemblyTimeExceeded,
    /// Sent: an answer to an echo request.
    EchoReply,
    /// Sent: passed on by a router.
    Forwarded {
        /// The time to live it has left.
        ttl: u8,
    },
    /// Sent: the time to live ran out.
    TtlExceeded,
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
    /// Noted: a router's advice was taken.
    RedirectTaken {
        /// About packets to whom.
        destination: Ipv4Addr,
        /// The nearer router.
        gateway: Ipv4Addr,
    },
    /// Noted: a neighbour's card is known from now on.
    NeighbourLearned {
        /// Who.
        address: Ipv4Addr,
    },
    /// Noted: a packet waits for a neighbour's answer.
    WaitsForNeighbour {
        /// Who.
        address: Ipv4Addr,
    },
    /// Noted: a fragment waits for the others.
    FragmentKept,
    /// Noted: the last missing fragment came.
    Reassembled,
    /// Noted: an ICMP error was not sent because too many were.
    ErrorsLimited,
    /// Noted: an ICMP error went to the socket it is about.
    ErrorReceived {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
    },
    /// Dropped: fragments waited too long.
    ReassemblyTimeout,
    /// Dropped: a fragment that cannot be right.
    FragmentInvalid,
    /// Dropped: more unfinished datagrams than are kept.
    FragmentsLimit,
    /// Dropped: the frame is for another card.
    NotOurCard,
    /// Dropped: the packet is for another address; hosts do not forward.
    NotOurAddress,
    /// Dropped: a broadcast or a multicast, which a router does not pass on.
    NotForwarded,
    /// Dropped: the time to live ran out.
    TtlOver,
    /// Dropped: a redirect that is not to be believed.
    RedirectRefused,
    /// Dropped: a source address no host may have.
    MartianSource,
    /// Dropped: the sender chose the packet's way, which is not wanted here.
    SourceRouted,
    /// Dropped: the frame carries no protocol known here.
    UnknownEtherType,
    /// Dropped: an ARP message that is no question to us and no answer we asked for.
    ArpNotForUs,
    /// Dropped: an ICMP error whose quote cannot be read.
    QuoteUnreadable,
    /// Dropped: an ICMP error about nothing known here.
    ErrorAboutNothing,
    /// Dropped: an ICMP message that asks for nothing a host must do.
    IcmpIgnored {
        /// Type.
        kind: u8,
    },
    /// Dropped: the neighbour answered none of the requests.
    NeighbourSilent {
        /// Who.
        address: Ipv4Addr,
    },
    /// Dropped: too many packets wait for the neighbour; this was the oldest.
    NeighbourQueueFull {
        /// Who.
        address: Ipv4Addr,
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
}

impl Reason {
    /// The RFC section that asks for it; empty where none does.
    pub fn section(&self) -> &'static str {
        match self {
            Reason::AsksForNeighbour { .. } | Reason::AnswersArp { .. } | Reason::NeighbourLearned { .. } => {
                "RFC 826"
            }
            Reason::PortUnreachable { .. } => "RFC 1122 4.1.3.1",
            Reason::ProtocolUnreachable { .. } => "RFC 1122 3.2.2.1",
            Reason::ReassemblyTimeExceeded | Reason::ReassemblyTimeout => "RFC 1122 3.3.2",
            Reason::FragmentKept | Reason::Reassembled | Reason::FragmentInvalid | Reason::FragmentsLimit => {
                "RFC 791 3.2"
            }
            Reason::EchoReply => "RFC 1122 3.2.2.6",
            Reason::Forwarded { .. } => "RFC 1812 5.2.1",
            Reason::TtlExceeded | Reason::TtlOver => "RFC 1812 5.3.1",
            Reason::NetUnreachable { .. } | Reason::HostUnreachable { .. } => "RFC 1812 5.2.7.1",
            Reason::FragmentationNeeded { .. } => "RFC 1191 4",
            Reason::Redirects { .. } | Reason::RedirectsLimited => "RFC 1812 5.2.7.2",
            Reason::RedirectTaken { .. } | Reason::RedirectRefused => "RFC 1122 3.2.2.2",
            Reason::NotForwarded => "RFC 1812 5.3.4",
            Reason::WaitsForNeighbour { .. } | Reason::NeighbourQueueFull { .. } => "RFC 1122 2.3.2.2",
            Reason::NeighbourSilent { .. } => "RFC 1122 2.4",
            Reason::ErrorsLimited => "RFC 1812 4.3.2.8",
            Reason::ErrorReceived { .. } | Reason::ErrorAboutNothing | Reason::QuoteUnreadable => {
                "RFC 1122 3.2.2"
            }
            Reason::IcmpIgnored { .. } => "RFC 1122 3.2.2",
            Reason::NotOurCard | Reason::UnknownEtherType => "RFC 894",
            Reason::NotOurAddress => "RFC 1122 3.2.1.3",
            Reason::MartianSource => "RFC 1122 3.2.1.3",
            Reason::SourceRouted => "RFC 7126 4.3",
            Reason::ArpNotForUs => "RFC 826",
            Reason::NoRoute { .. } => "RFC 1122 3.3.1",
            Reason::TooBig { .. } => "RFC 1191 3",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Reason::AsksForNeighbour { target } => lang.pick(
                format!(
                    "Asks every card on the wire which of them has {target}: a frame needs a card's address."
                ),
                format!("向链路上所有网卡询问谁是 {target}：发送帧需要对方的硬件地址。"),
            ),
            Reason::AnswersArp { asker } => lang.pick(
                format!("Tells {asker} which card this address belongs to."),
                format!("告诉 {asker} 这个 IP 地址对应哪块网卡。"),
            ),
            Reason::PortUnreachable { port } => lang.pick(
                format!("Nobody listens on UDP port {port}: the sender is told so by ICMP."),
                format!("UDP 端口 {port} 没有进程在接收：用 ICMP 报文告诉发送方端口不可达。"),
            ),
            Reason::ProtocolUnreachable { protocol } => lang.pick(
                format!("Nothing here understands IP protocol {protocol}: the sender is told so by ICMP."),
                format!("本机不认识协议号 {protocol}：用 ICMP 报文告诉发送方协议不可达。"),
            ),
            Reason::ReassemblyTimeExceeded => said(
                lang,
                "A fragment is missing and its time is over: the sender is told so by ICMP.",
                "有分片一直没到，等待时间已过：用 ICMP 报文告诉发送方。",
            ),
            Reason::EchoReply => said(lang, "Answers a ping.", "回答 ping 的回送请求。"),
            Reason::Forwarded { ttl } => lang.pick(
                format!("Passes the packet on; its time to live is now {ttl}."),
                format!("转发分组；生存时间（TTL）减为 {ttl}。"),
            ),
            Reason::TtlExceeded => said(
                lang,
                "The packet has passed as many routers as it may: its sender is told so by ICMP.",
                "分组经过的路由器数已达上限：用 ICMP 报文告诉发送方超时。",
            ),
            Reason::TtlOver => said(
                lang,
                "Its time to live would be zero at the next hop: a packet that goes in circles must die somewhere.",
                "生存时间（TTL）减一后为零：在环路里打转的分组总得有个尽头。",
            ),
            Reason::NetUnreachable { destination } => lang.pick(
                format!("No route leads to {destination}: the sender is told so by ICMP."),
                format!("没有到 {destination} 的路由：用 ICMP 报文告诉发送方网络不可达。"),
            ),
            Reason::HostUnreachable { address } => lang.pick(
                format!("No card answers for {address}: the sender is told so by ICMP."),
                format!("没有网卡应答 {address}：用 ICMP 报文告诉发送方主机不可达。"),
            ),
            Reason::FragmentationNeeded { mtu } => lang.pick(
                format!("The next hop takes {mtu} octets, and the packet must not be cut: the sender is told so by ICMP."),
                format!("下一跳的 MTU 只有 {mtu} 字节，而分组不允许分片：用 ICMP 报文告诉发送方。"),
            ),
            Reason::Redirects { destination, gateway } => lang.pick(
                format!("Tells a neighbour that {gateway} is nearer to {destination} than this router."),
                format!("告诉邻居：去 {destination} 走 {gateway} 比经过本路由器更近。"),
            ),
            Reason::RedirectsLimited => said(
                lang,
                "No redirect for this one: the neighbour was told lately.",
                "这次不发重定向报文：不久前已经告诉过这个邻居。",
            ),
            Reason::RedirectTaken { destination, gateway } => lang.pick(
                format!("From now on packets to {destination} go by {gateway}, as the router advised."),
                format!("听从路由器的建议：今后发往 {destination} 的分组改走 {gateway}。"),
            ),
            Reason::RedirectRefused => said(
                lang,
                "A redirect from somebody who is not the router in use, or to somebody who is no neighbour: not believed.",
                "重定向报文不是来自正在使用的路由器，或者指向的不是邻居：不予采信。",
            ),
            Reason::NotForwarded => said(
                lang,
                "Broadcasts and multicasts stay on their own network: a router does not pass them on.",
                "广播和多播只限于本网络：路由器不转发。",
            ),
            Reason::NeighbourLearned { address } => lang.pick(
                format!("Now knows which card {address} has."),
                format!("现在知道了 {address} 的硬件地址。"),
            ),
            Reason::WaitsForNeighbour { address } => lang.pick(
                format!("Waits: which card {address} has is not known yet."),
                format!("等待：还不知道 {address} 的硬件地址。"),
            ),
            Reason::FragmentKept => said(
                lang,
                "A fragment: kept until the others are there.",
                "这是一个分片：保存起来，等其余分片到齐。",
            ),
            Reason::Reassembled => said(
                lang,
                "All fragments are there: the datagram is whole again.",
                "分片到齐：数据报重组完成。",
            ),
            Reason::ErrorsLimited => said(
                lang,
                "No ICMP error for this one: too many were sent to the same host lately.",
                "这次不发 ICMP 差错报文：近来发往同一主机的已经太多。",
            ),
            Reason::ErrorReceived { kind, code } => lang.pick(
                format!("An ICMP error (type {kind}, code {code}) reached the socket it is about."),
                format!("ICMP 差错报文（类型 {kind}，代码 {code}）交给了相关的套接字。"),
            ),
            Reason::ReassemblyTimeout => said(
                lang,
                "Fragments were missing for too long: what had come is thrown away.",
                "分片长时间没有到齐：已收到的部分全部丢弃。",
            ),
            Reason::FragmentInvalid => said(
                lang,
                "A fragment that overlaps another or reaches beyond 65535 octets: thrown away.",
                "分片与别的分片重叠，或超出 65535 字节：丢弃。",
            ),
            Reason::FragmentsLimit => said(
                lang,
                "Too many unfinished datagrams: the oldest is thrown away.",
                "未完成重组的数据报过多：丢弃最早的一个。",
            ),
            Reason::NotOurCard => {
                said(lang, "The frame is addressed to another card.", "这个帧的目的硬件地址是别的网卡。")
            }
            Reason::NotOurAddress => said(
                lang,
                "The packet is for another IP address; a host does not forward.",
                "分组的目的 IP 地址不是本机；主机不转发分组。",
            ),
            Reason::MartianSource => {
                said(lang, "No host can have that source address.", "任何主机都不可能有这样的源地址。")
            }
            Reason::SourceRouted => said(
                lang,
                "The sender has laid down the packet's way (source route): refused, for attackers use that to get past filters.",
                "发送方规定了分组的路径（源路由）：拒收，因为攻击者常借此绕过过滤。",
            ),
            Reason::UnknownEtherType => {
                said(lang, "The frame carries a protocol not known here.", "帧里装的是本机不认识的协议。")
            }
            Reason::ArpNotForUs => said(
                lang,
                "An ARP message that asks for another host, or answers what was not asked.",
                "这个 ARP 报文问的是别的主机，或者回答了没有问过的问题。",
            ),
            Reason::QuoteUnreadable => said(
                lang,
                "An ICMP error that does not show which packet it is about.",
                "ICMP 差错报文里看不出它说的是哪个分组。",
            ),
            Reason::ErrorAboutNothing => said(
                lang,
                "An ICMP error about nothing sent from here.",
                "这个 ICMP 差错报文与本机发出的分组无关。",
            ),
            Reason::IcmpIgnored { kind } => lang.pick(
                format!("An ICMP message (type {kind}) that asks nothing of this host."),
                format!("ICMP 报文（类型 {kind}）不要求本机做任何事。"),
            ),
            Reason::NeighbourSilent { address } => lang.pick(
                format!("Nobody answered for {address}: the packet cannot be sent."),
                format!("没有网卡应答 {address} 的 ARP 请求：分组无法发出。"),
            ),
            Reason::NeighbourQueueFull { address } => lang.pick(
                format!("Too many packets wait for {address}; the oldest gives way."),
                format!("等待 {address} 的分组过多：丢弃最早的一个。"),
            ),
            Reason::NoRoute { destination } => lang
                .pick(format!("No route leads to {destination}."), format!("没有到 {destination} 的路由。")),
            Reason::TooBig { mtu } => lang.pick(
                format!("Larger than the {mtu} octets the next hop takes, and it must not be cut."),
                format!("超过下一跳的 MTU（{mtu} 字节），又不允许分片。"),
            ),
        }
    }
}

fn said(lang: Lang, en: &str, zh: &str) -> String {
    lang.pick(en, zh).to_owned()
}
