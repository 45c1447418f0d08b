//! Why something happened to a frame on its way.

use super::{FramePattern, TreeReason, What};
use crate::clock::Span;
use crate::lang::Lang;

/// Why a frame was lost or changed on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The scenario (or `--drop`) loses this frame.
    Fault {
        /// The pattern that matched.
        pattern: FramePattern,
        /// The how-manieth frame it was of those that fit the pattern, from 1.
        ordinal: u32,
    },
    /// The link sends more slowly than frames come, and its queue was full.
    QueueFull {
        /// Frames the queue holds.
        limit: u32,
    },
    /// The link loses some of its frames, and this was one.
    LossyLink {
        /// How many of a million.
        per_million: u32,
    },
    /// The link loses frames in bursts, and this was one.
    LostInBurst {
        /// Whether the link was in its bad state.
        is_bad: bool,
        /// How many of a million it loses in that state.
        per_million: u32,
    },
    /// The scenario says that the link loses just this frame.
    Listed {
        /// The how-manieth, from 1.
        nth: u64,
    },
    /// Random early detection loses the frame before the queue is full.
    EarlyDrop {
        /// Frames that waited on average.
        average: u64,
        /// From which average on frames may be lost.
        min: u32,
        /// From which on they must.
        max: u32,
    },
    /// Random early detection marks the frame with CE.
    EarlyMark {
        /// Frames that waited on average.
        average: u64,
        /// From which average on frames may be marked.
        min: u32,
        /// From which on they are lost.
        max: u32,
    },
    /// The card has no carrier: what is to be sent by it is thrown away.
    NoCarrier,
    /// The frame has a VLAN's tag, and the card is in none.
    OtherVlan {
        /// The VLAN.
        vlan: u16,
    },
    /// Another station of the shared wire sent at the same time.
    Collision {
        /// The how-manieth collision of this frame, from 1.
        attempt: u32,
        /// Slots of 512 bit times that its station waits.
        slots: u64,
    },
    /// The frame collided sixteen times.
    TooManyCollisions,
    /// What spanning tree does.
    Tree(TreeReason),
    /// The frame is longer than the link takes.
    TooLong {
        /// Octets of packet it takes.
        mtu: u16,
    },
    /// Sent on by a switch that knows behind which port the receiver is.
    SentOn,
    /// Sent on by a switch to all its other ports.
    Flooded,
    /// Repeated by a hub on all its other ports.
    Repeated,
    /// The sender's or the receiver's link was down.
    LinkDown,
    /// No station on the link has the frame's destination address.
    NoReceiver,
    /// The scenario delivers this frame late.
    Delayed(Span),
    /// The scenario delivers this frame twice.
    Duplicated,
    /// The scenario flips this bit of the frame.
    Corrupted {
        /// Which, counted from the frame's first.
        bit: u32,
    },
    /// The scenario marks this frame with CE.
    Marked,
}

impl Reason {
    /// The RFC section that speaks of it; empty for most: no standard asks for a fault.
    pub fn section(&self) -> &'static str {
        match self {
            Reason::Fault { .. }
            | Reason::LossyLink { .. }
            | Reason::LostInBurst { .. }
            | Reason::Listed { .. }
            | Reason::NoCarrier
            | Reason::TooLong { .. }
            | Reason::SentOn
            | Reason::Flooded
            | Reason::Repeated
            | Reason::LinkDown
            | Reason::NoReceiver
            | Reason::Delayed(_)
            | Reason::Duplicated
            | Reason::Corrupted { .. } => "",
            Reason::Marked => "RFC 3168 5",
            Reason::EarlyDrop { .. } => "RFC 7567 4.1",
            Reason::EarlyMark { .. } => "RFC 3168 7",
            Reason::OtherVlan { .. } => "IEEE 802.1Q 9.6",
            Reason::Collision { .. } | Reason::TooManyCollisions => "IEEE 802.3 4.2.3",
            Reason::Tree(why) => why.section(),
            // Dropping from the tail of a full queue, and what it does to TCP.
            Reason::QueueFull { .. } => "RFC 7567 2",
        }
    }

    /// One plain sentence. Where the frame is lost it does not say so: whoever shows the loss does.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Reason::Fault { pattern, ordinal } => {
                let what = match pattern.what {
                    What::Any => lang.pick("frame", "帧").to_owned(),
                    what => what.to_string(),
                };
                lang.pick(
                    format!("Its loss was asked for: {what} #{ordinal}."),
                    format!("按要求丢弃此帧：{what} #{ordinal}。"),
                )
            }
            Reason::QueueFull { limit } => lang.pick(
                format!("The link's queue was full: {limit} frames waited already."),
                format!("链路的队列已满：已有 {limit} 帧在等待。"),
            ),
            Reason::LossyLink { per_million } => {
                let percent = f64::from(*per_million) / 10_000.0;
                lang.pick(
                    format!("The link loses {percent} % of its frames; this was one of them."),
                    format!("这条链路会丢失 {percent}% 的帧；这是其中之一。"),
                )
            }
            Reason::LostInBurst { is_bad, per_million } => {
                let percent = f64::from(*per_million) / 10_000.0;
                let (en, zh) = if *is_bad { ("bad", "坏") } else { ("good", "好") };
                lang.pick(
                    format!("The link has a {en} time now, in which it loses {percent} % of its frames; this was one."),
                    format!("链路此刻处于{zh}状态，会丢失 {percent}% 的帧；这是其中之一。"),
                )
            }
            Reason::Listed { nth } => lang.pick(
                format!("The scenario says that the link loses its frame {nth}."),
                format!("场景指定这条链路丢失第 {nth} 帧。"),
            ),
            Reason::EarlyDrop { average, min, max } => lang.pick(
                format!(
                    "The queue is {average} frames long on average, between {min} and {max} or beyond: a frame is lost early, so that its sender slows down."
                ),
                format!("队列的平均长度为 {average} 帧（门限 {min} 与 {max}）：提早丢弃一帧，让发送方慢下来。"),
            ),
            Reason::EarlyMark { average, min, max } => lang.pick(
                format!(
                    "The queue is {average} frames long on average, between {min} and {max}: the frame is marked (CE), so that its sender slows down and nothing is lost."
                ),
                format!("队列的平均长度为 {average} 帧（门限 {min} 与 {max}）：给此帧打上 CE 标记，让发送方慢下来而不丢帧。"),
            ),
            Reason::NoCarrier => lang
                .pick(
                    "The card has no carrier: what is to be sent by it is thrown away before it becomes a frame on a link.",
                    "网卡没有载波：要从它发出的帧还没上链路就被丢弃。",
                )
                .to_owned(),
            Reason::OtherVlan { vlan } => lang.pick(
                format!("The frame belongs to VLAN {vlan}, and this card to none: it is for others."),
                format!("该帧属于 VLAN {vlan}，而这块网卡不属于任何 VLAN：与本机无关。"),
            ),
            Reason::Collision { attempt, slots } => lang.pick(
                format!(
                    "Another station sent at the same time: collision {attempt} of this frame. It stops, and tries again after {slots} slots, drawn at random."
                ),
                format!("另一站点同时在发送：这是此帧的第 {attempt} 次碰撞。停止发送，随机退避 {slots} 个时隙后再试。"),
            ),
            Reason::TooManyCollisions => lang
                .pick("It collided sixteen times, and is given up.", "碰撞了十六次，放弃发送。")
                .to_owned(),
            Reason::Tree(why) => why.sentence(lang),
            Reason::TooLong { mtu } => lang.pick(
                format!("The link takes packets of {mtu} octets at most, and a switch cuts nothing."),
                format!("链路的 MTU 只有 {mtu} 字节，而交换机不分片。"),
            ),
            Reason::SentOn => lang
                .pick(
                    "The switch knows behind which port the receiver is: it sends the frame there and nowhere else.",
                    "交换机已经知道接收方在哪个端口：只从那个端口转发。",
                )
                .to_owned(),
            Reason::Flooded => lang
                .pick(
                    "The frame is for everybody, or the switch does not know where its receiver is: it goes out of every other port.",
                    "这是广播帧，或者交换机还不知道接收方在哪里：从其余所有端口泛洪。",
                )
                .to_owned(),
            Reason::Repeated => lang
                .pick("A hub repeats every frame on all its other ports.", "集线器把每一帧转发到其余所有端口。")
                .to_owned(),
            Reason::LinkDown => lang.pick("The link was down.", "链路已断开。").to_owned(),
            Reason::NoReceiver => {
                lang.pick("Nobody on the link has that address.", "链路上没有站点使用该地址。").to_owned()
            }
            Reason::Delayed(span) => lang.pick(
                format!("The scenario delays this frame by {span}."),
                format!("场景安排此帧延迟 {span}。"),
            ),
            Reason::Duplicated => {
                lang.pick("The scenario delivers this frame twice.", "场景安排此帧重复交付一次。").to_owned()
            }
            Reason::Marked => lang
                .pick(
                    "The scenario marks this frame: congestion experienced.",
                    "场景安排给此帧打上拥塞标记（CE）。",
                )
                .to_owned(),
            Reason::Corrupted { bit } => lang.pick(
                format!("The scenario damages this frame: bit {bit} is flipped."),
                format!("场景安排此帧受损：第 {bit} 位被翻转。"),
            ),
        }
    }
}
