//! Why IPv6 acted or dropped: own addresses and groups.

use super::said;
use crate::lang::Lang;
use std::net::Ipv6Addr;

/// A reason about own addresses and groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressReason {
    /// Sent: an advertisement to all, for somebody wants an own address.
    DefendsAddress {
        /// The address.
        address: Ipv6Addr,
    },
    /// Sent: a solicitation for an own address, to see whether it is free.
    ChecksAddress {
        /// The address.
        address: Ipv6Addr,
    },
    /// Sent: which groups this host listens to.
    ReportsGroups,
    /// Noted: nobody else has an address.
    AddressFree {
        /// The address.
        address: Ipv6Addr,
    },
    /// Noted: somebody else has an address.
    AddressTaken {
        /// The address.
        address: Ipv6Addr,
    },
    /// Dropped: somebody else says that an own address is his.
    AddressClaimed {
        /// The address.
        address: Ipv6Addr,
    },
    /// Noted: an address follows from a prefix that a router told.
    AddressMade {
        /// The address.
        address: Ipv6Addr,
    },
    /// Noted: an own address is deprecated, or gone.
    AddressAged {
        /// The address.
        address: Ipv6Addr,
    },
    /// Dropped: an own solicitation came back.
    OwnProbe,
}

impl AddressReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            AddressReason::DefendsAddress { .. } => "RFC 4862 5.4.3",
            AddressReason::ChecksAddress { .. } => "RFC 4862 5.4.2",
            AddressReason::ReportsGroups => "RFC 3810 5.2.14",
            AddressReason::AddressFree { .. } => "RFC 4862 5.4",
            AddressReason::AddressTaken { .. } => "RFC 4862 5.4.5",
            AddressReason::AddressClaimed { .. } => "RFC 4862 5.4.4",
            AddressReason::AddressMade { .. } => "RFC 4862 5.5.3",
            AddressReason::AddressAged { .. } => "RFC 4862 5.5.4",
            AddressReason::OwnProbe => "RFC 7527 4.2",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            AddressReason::DefendsAddress { address } => lang.pick(
                format!("Somebody wants to take {address}, which is in use here: tells everybody so."),
                format!("有节点想使用 {address}，而本机正在使用它：向所有节点声明。"),
            ),
            AddressReason::ChecksAddress { address } => lang.pick(
                format!("Asks whether anybody has {address} already, before using it."),
                format!("使用 {address} 之前，先问一问是否已有别的节点在用。"),
            ),
            AddressReason::ReportsGroups => said(
                lang,
                "Tells routers and switches which multicast groups this card listens to.",
                "告诉路由器和交换机：本网卡加入了哪些多播组。",
            ),
            AddressReason::AddressFree { address } => lang.pick(
                format!("Nobody objected in time: {address} may be used from now on."),
                format!("规定时间内无人反对：{address} 从现在起可以使用。"),
            ),
            AddressReason::AddressTaken { address } => lang.pick(
                format!("Somebody else has {address}: it must not be used here."),
                format!("{address} 已被别的节点占用：本机不得使用。"),
            ),
            AddressReason::AddressClaimed { address } => lang.pick(
                format!("Somebody claims {address}, which is in use here: it stays in use, but two cannot both be right."),
                format!("有别的节点声称拥有 {address}，而本机正在使用它：继续使用，但两者必有一错。"),
            ),
            AddressReason::AddressMade { address } => lang.pick(
                format!("A router told the prefix; with the card's own bits it makes the address {address}."),
                format!("路由器通告了前缀；加上网卡自己的标识，得到地址 {address}。"),
            ),
            AddressReason::AddressAged { address } => lang.pick(
                format!("The time of {address} is over: nothing new begins from it."),
                format!("{address} 的有效时间已过：不再用它发起新的通信。"),
            ),
            AddressReason::OwnProbe => said(
                lang,
                "Its own question came back over a loop in the network: nobody else has the address.",
                "自己发出的询问从环路里绕了回来：并不是别的节点占用了地址。",
            ),
        }
    }
}
