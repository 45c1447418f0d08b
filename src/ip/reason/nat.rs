//! Why a NAT box changed a packet, or let none through.

use super::said;
use crate::lang::Lang;
use std::net::SocketAddrV4;

/// Why a NAT box changed a packet, or let none through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NatReason {
    /// Noted: from now on a port stands for an inside end.
    SessionBegun {
        /// The inside end.
        inside: SocketAddrV4,
        /// What stands for it outside.
        outside: SocketAddrV4,
        /// With whom it talks.
        remote: SocketAddrV4,
    },
    /// Noted: a packet on its way out has another source.
    SourceRewritten {
        /// What it was.
        inside: SocketAddrV4,
        /// What it is.
        outside: SocketAddrV4,
    },
    /// Noted: a packet on its way in has another destination.
    DestinationRewritten {
        /// What it was.
        outside: SocketAddrV4,
        /// What it is.
        inside: SocketAddrV4,
    },
    /// Noted: an ICMP error and its quote were translated.
    ErrorTurned {
        /// The inside end it is about.
        inside: SocketAddrV4,
    },
    /// Dropped: no session more is kept.
    TableFull,
    /// Dropped: no port is free.
    NoPortFree {
        /// To whom.
        remote: SocketAddrV4,
    },
    /// Dropped: the segment belongs to no session and begins none.
    BeginsNothing {
        /// To whom, or from whom.
        remote: SocketAddrV4,
    },
    /// Dropped: an ICMP error about no session.
    ErrorAboutNoSession,
    /// Dropped: there is nothing in it by which an answer could be told.
    NotTranslatable {
        /// The protocol's number.
        protocol: u8,
    },
}

impl NatReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            NatReason::SessionBegun { .. } | NatReason::SourceRewritten { .. } => "RFC 3022 2.2",
            NatReason::DestinationRewritten { .. } => "RFC 3022 2.2",
            NatReason::ErrorTurned { .. } | NatReason::ErrorAboutNoSession => "RFC 5508 4.2",
            NatReason::TableFull | NatReason::NoPortFree { .. } => "RFC 4787 4.2",
            NatReason::BeginsNothing { .. } => "RFC 5382 4",
            NatReason::NotTranslatable { .. } => "RFC 3022 4.1",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            NatReason::SessionBegun { inside, outside, remote } => lang.pick(
                format!("From now on {outside} stands for {inside} where it talks to {remote}: written into the table."),
                format!("从现在起，{inside} 与 {remote} 通信时由 {outside} 代表：记入转换表。"),
            ),
            NatReason::SourceRewritten { inside, outside } => lang.pick(
                format!("The source {inside} becomes {outside}: outside, inside addresses mean nothing."),
                format!("源 {inside} 改写为 {outside}：内部地址到了外面没有意义。"),
            ),
            NatReason::DestinationRewritten { outside, inside } => lang.pick(
                format!("The table says that {outside} is {inside}: the destination is rewritten."),
                format!("转换表里 {outside} 对应 {inside}：改写目的地址。"),
            ),
            NatReason::ErrorTurned { inside } => lang.pick(
                format!("An ICMP error about {inside}: the packet it quotes is translated as well, or nobody would know it."),
                format!("关于 {inside} 的 ICMP 差错报文：其中引用的分组也要改写，否则收到的人认不出来。"),
            ),
            NatReason::TableFull => said(
                lang,
                "The translation table is full: a new session finds no room.",
                "转换表已满：容不下新的会话。",
            ),
            NatReason::NoPortFree { remote } => lang.pick(
                format!("No port is free that would tell this session with {remote} from the others."),
                format!("已没有空闲端口能把与 {remote} 的这个会话同其他会话区分开。"),
            ),
            NatReason::BeginsNothing { remote } => lang.pick(
                format!("Belongs to no session with {remote}, and such a segment begins none."),
                format!("不属于与 {remote} 的任何会话，这样的报文段也不能开始一个会话。"),
            ),
            NatReason::ErrorAboutNoSession => said(
                lang,
                "An ICMP error about a packet of no session: it would show an inside address.",
                "ICMP 差错报文所说的分组不属于任何会话：放出去会泄露内部地址。",
            ),
            NatReason::NotTranslatable { protocol } => lang.pick(
                format!("IP protocol {protocol} has nothing here by which an answer could find its way back."),
                format!("协议号 {protocol} 的这个分组里，没有任何东西能让应答找到回来的路。"),
            ),
        }
    }
}
