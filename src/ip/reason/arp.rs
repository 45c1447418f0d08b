//! Why ARP spoke, or a packet waits for a neighbour.

use super::said;
use crate::lang::Lang;
use std::net::Ipv4Addr;

/// Why ARP spoke, or a packet waits for a neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArpReason {
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
    /// Dropped: an ARP message that is no question to us and no answer we asked for.
    ArpNotForUs,
    /// Dropped: the neighbour answered none of the requests.
    NeighbourSilent {
        /// Who.
        address: Ipv4Addr,
    },
    /// Dropped: the card's link went down while the packet waited for the neighbour.
    CarrierLost {
        /// Who.
        address: Ipv4Addr,
    },
    /// Dropped: too many packets wait for the neighbour; this was the oldest.
    NeighbourQueueFull {
        /// Who.
        address: Ipv4Addr,
    },
}

impl ArpReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            ArpReason::AsksForNeighbour { .. }
            | ArpReason::AnswersArp { .. }
            | ArpReason::NeighbourLearned { .. }
            | ArpReason::ArpNotForUs => "RFC 826",
            ArpReason::WaitsForNeighbour { .. } | ArpReason::NeighbourQueueFull { .. } => "RFC 1122 2.3.2.2",
            ArpReason::NeighbourSilent { .. } => "RFC 1122 2.4",
            ArpReason::CarrierLost { .. } => "RFC 1122 2.3.2.1",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            ArpReason::AsksForNeighbour { target } => lang.pick(
                format!(
                    "Asks every card on the wire which of them has {target}: a frame needs a card's address."
                ),
                format!("向链路上所有网卡询问谁是 {target}：发送帧需要对方的硬件地址。"),
            ),
            ArpReason::AnswersArp { asker } => lang.pick(
                format!("Tells {asker} which card this address belongs to."),
                format!("告诉 {asker} 这个 IP 地址对应哪块网卡。"),
            ),
            ArpReason::NeighbourLearned { address } => lang.pick(
                format!("Now knows which card {address} has."),
                format!("现在知道了 {address} 的硬件地址。"),
            ),
            ArpReason::WaitsForNeighbour { address } => lang.pick(
                format!("Waits: which card {address} has is not known yet."),
                format!("等待：还不知道 {address} 的硬件地址。"),
            ),
            ArpReason::CarrierLost { address } => lang.pick(
                format!("The link went down, and with it the question for {address} and what waited for its answer."),
                format!("链路断开，对 {address} 的询问以及等待回答的分组都作废。"),
            ),
            ArpReason::ArpNotForUs => said(
                lang,
                "An ARP message that asks for another host, or answers what was not asked.",
                "这个 ARP 报文问的是别的主机，或者回答了没有问过的问题。",
            ),
            ArpReason::NeighbourSilent { address } => lang.pick(
                format!("Nobody answered for {address}: the packet cannot be sent."),
                format!("没有网卡应答 {address} 的 ARP 请求：分组无法发出。"),
            ),
            ArpReason::NeighbourQueueFull { address } => lang.pick(
                format!("Too many packets wait for {address}; the oldest gives way."),
                format!("等待 {address} 的分组过多：丢弃最早的一个。"),
            ),
        }
    }
}
