//! Why IPv6 acted or dropped: neighbours and redirects.

use super::said;
use crate::ipv6::Reachability;
use crate::lang::Lang;
use std::net::Ipv6Addr;

/// A reason about neighbours and redirects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NeighbourReason {
    /// Sent: a solicitation to the group of an address.
    AsksForNeighbour {
        /// Who is looked for.
        target: Ipv6Addr,
    },
    /// Sent: a solicitation to a neighbour whose card is known.
    ProbesNeighbour {
        /// Who is asked.
        target: Ipv6Addr,
    },
    /// Sent: an advertisement to whoever asked.
    AnswersSolicitation {
        /// Who asked.
        asker: Ipv6Addr,
    },
    /// Sent: a neighbour is nearer to where the packet goes.
    Redirects {
        /// Where the packet goes.
        destination: Ipv6Addr,
        /// Who is nearer.
        target: Ipv6Addr,
    },
    /// Noted: what is known of a neighbour has changed.
    NeighbourIs {
        /// Who.
        address: Ipv6Addr,
        /// What is known of it.
        state: Reachability,
    },
    /// Noted: a packet waits for a neighbour's answer.
    WaitsForNeighbour {
        /// Who.
        address: Ipv6Addr,
    },
    /// Noted: a router's advice was taken.
    RedirectTaken {
        /// About packets to whom.
        destination: Ipv6Addr,
        /// Who is nearer.
        target: Ipv6Addr,
    },
    /// Dropped: neighbour discovery whose hop limit is not 255.
    DiscoveryFromAfar {
        /// What it has.
        hop_limit: u8,
    },
    /// Dropped: a neighbour discovery message that breaks its rules.
    DiscoveryInvalid,
    /// Dropped: neighbour discovery about somebody else.
    DiscoveryNotForUs,
    /// Dropped: a redirect that is not to be believed.
    RedirectRefused,
    /// Dropped: the neighbour answered none of the solicitations.
    NeighbourSilent {
        /// Who.
        address: Ipv6Addr,
    },
    /// Dropped: too many packets wait for the neighbour; this was the oldest.
    NeighbourQueueFull {
        /// Who.
        address: Ipv6Addr,
    },
}

impl NeighbourReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            NeighbourReason::AsksForNeighbour { .. }
            | NeighbourReason::WaitsForNeighbour { .. }
            | NeighbourReason::NeighbourSilent { .. }
            | NeighbourReason::NeighbourQueueFull { .. } => "RFC 4861 7.2.2",
            NeighbourReason::ProbesNeighbour { .. } => "RFC 4861 7.3.3",
            NeighbourReason::AnswersSolicitation { .. } => "RFC 4861 7.2.4",
            NeighbourReason::Redirects { .. } => "RFC 4861 8.2",
            NeighbourReason::NeighbourIs { .. } => "RFC 4861 7.3.2",
            NeighbourReason::RedirectTaken { .. } => "RFC 4861 8.3",
            NeighbourReason::DiscoveryFromAfar { .. } | NeighbourReason::DiscoveryInvalid => "RFC 4861 7.1",
            NeighbourReason::DiscoveryNotForUs => "RFC 4861 7.2.3",
            NeighbourReason::RedirectRefused => "RFC 4861 8.1",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            NeighbourReason::AsksForNeighbour { target } => lang.pick(
                format!("Asks which card {target} has. Only cards in that address's group look up, not every card on the link."),
                format!("询问 {target} 对应哪块网卡。只有加入该地址“请求节点组”的网卡才会处理，而不是链路上的所有网卡。"),
            ),
            NeighbourReason::ProbesNeighbour { target } => lang.pick(
                format!("Nothing was heard of {target} lately: asks it, and it alone, whether it is still there."),
                format!("好久没有 {target} 的消息了：单独问它一声是否还在。"),
            ),
            NeighbourReason::AnswersSolicitation { asker } => lang.pick(
                format!("Tells {asker} which card this address belongs to."),
                format!("告诉 {asker} 这个地址对应哪块网卡。"),
            ),
            NeighbourReason::Redirects { destination, target } => lang.pick(
                format!("Tells a neighbour that {target} is nearer to {destination} than this router."),
                format!("告诉邻居：去 {destination} 走 {target} 比经过本路由器更近。"),
            ),
            NeighbourReason::NeighbourIs { address, state } => {
                let (name, means) = (state.name(), meaning(*state, lang));
                lang.pick(
                    format!("The neighbour {address} is {name} now: {means}"),
                    format!("邻居 {address} 的状态变为 {name}：{means}"),
                )
            }
            NeighbourReason::WaitsForNeighbour { address } => lang.pick(
                format!("Waits: which card {address} has is not known yet."),
                format!("等待：还不知道 {address} 的硬件地址。"),
            ),
            NeighbourReason::RedirectTaken { destination, target } => lang.pick(
                format!("From now on packets to {destination} go by {target}, as the router advised."),
                format!("听从路由器的建议：今后发往 {destination} 的分组改走 {target}。"),
            ),
            NeighbourReason::DiscoveryFromAfar { hop_limit } => lang.pick(
                format!("Its hop limit is {hop_limit}, not 255: it has passed a router, so it cannot be from a neighbour."),
                format!("跳数限制是 {hop_limit} 而不是 255：经过了路由器，不可能来自邻居。"),
            ),
            NeighbourReason::DiscoveryInvalid => said(
                lang,
                "A neighbour discovery message that breaks the rules: not believed.",
                "不合规则的邻居发现报文：不予采信。",
            ),
            NeighbourReason::DiscoveryNotForUs => said(
                lang,
                "A neighbour discovery message about an address that is not this host's, or from somebody it never asked.",
                "邻居发现报文说的不是本机的地址，或者来自没有问过的节点。",
            ),
            NeighbourReason::RedirectRefused => said(
                lang,
                "A redirect from somebody who is not the router in use: not believed.",
                "重定向报文不是来自正在使用的路由器：不予采信。",
            ),
            NeighbourReason::NeighbourSilent { address } => lang.pick(
                format!("Nobody answered for {address}: the packet cannot be sent."),
                format!("没有网卡应答 {address} 的邻居请求：分组无法发出。"),
            ),
            NeighbourReason::NeighbourQueueFull { address } => lang.pick(
                format!("Too many packets wait for {address}; the oldest gives way."),
                format!("等待 {address} 的分组过多：丢弃最早的一个。"),
            ),
        }
    }
}

/// What a state of the cache means.
fn meaning(state: Reachability, lang: Lang) -> &'static str {
    match state {
        Reachability::Incomplete => lang.pick("it is being asked for its card.", "正在询问它的硬件地址。"),
        Reachability::Reachable => lang.pick("it was heard of just now.", "刚刚确认它可以到达。"),
        Reachability::Stale => lang.pick(
            "its card is known, whether it is there is not; that is found out when something is sent to it.",
            "知道它的硬件地址，但不确定它还在不在；等有分组要发给它时再查。",
        ),
        Reachability::Delay => lang.pick(
            "something goes to it; if nothing is heard of it within seconds, it is asked.",
            "有分组发往它；若几秒内没有它的消息，就去询问。",
        ),
        Reachability::Probe => lang.pick("it is asked whether it is still there.", "正在询问它是否还在。"),
    }
}
