//! Why ARP spoke, or a packet waits for a neighbour.

use super::said;
use crate::lang::Lang;
use crate::wire::MacAddr;
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
    /// Noted: another card says that this host's own address is its own.
    AddressTaken {
        /// The address.
        address: Ipv4Addr,
        /// The card.
        by: MacAddr,
    },
    /// Sent: the own address, told to everybody, because another card claimed it.
    DefendsAddress {
        /// The address.
        address: Ipv4Addr,
    },
    /// Noted: a neighbour's card contradicts what it said, or another did, a moment ago.
    TooSoonToChange {
        /// Who.
        address: Ipv4Addr,
    },
    /// Sent: whether a neighbour still has the card it had.
    ChecksNeighbour {
        /// Who.
        address: Ipv4Addr,
    },
    /// Noted: a neighbour no longer answers.
    NeighbourLost {
        /// Who.
        address: Ipv4Addr,
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
            ArpReason::AddressTaken { .. } | ArpReason::DefendsAddress { .. } => "RFC 5227 2.4",
            ArpReason::TooSoonToChange { .. } => "RFC 1122 2.3.2.1",
            ArpReason::ChecksNeighbour { .. } | ArpReason::NeighbourLost { .. } => "RFC 1122 2.3.2.1",
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
            ArpReason::AddressTaken { address, by } => lang.pick(
                format!("Card {by} claims {address}, the address of this host: two hosts have one address."),
                format!("网卡 {by} 声称拥有本机的地址 {address}：两台主机用了同一个地址。"),
            ),
            ArpReason::DefendsAddress { address } => lang.pick(
                format!("Tells everybody that {address} is here, because another card claimed it."),
                format!("另一块网卡声称拥有 {address}：向所有人宣告这个地址在这里。"),
            ),
            ArpReason::TooSoonToChange { address } => lang.pick(
                format!("Another card claims {address} a moment after the first: the first answer stands."),
                format!("刚得知 {address} 的网卡，又有另一块来声称：以先到的回答为准。"),
            ),
            ArpReason::ChecksNeighbour { address } => lang.pick(
                format!("Asks the card that {address} had whether it still has it: nothing has shown it for a while."),
                format!("直接询问原来那块网卡是否还是 {address}：已有一阵没有得到证实。"),
            ),
            ArpReason::NeighbourLost { address } => lang.pick(
                format!("The card of {address} no longer answers: forgotten."),
                format!("{address} 的网卡不再回答：把它忘掉。"),
            ),
        }
    }
}
