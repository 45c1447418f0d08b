//! Why something happened to a frame on its way.

use super::FramePattern;
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
}

impl Reason {
    /// The standard's section; empty, because no standard asks for a fault.
    pub fn section(&self) -> &'static str {
        match self {
            Reason::Fault { .. } | Reason::Delayed(_) | Reason::Duplicated | Reason::Corrupted { .. } => "",
            Reason::QueueFull { .. } => "RFC 2309 2",
            Reason::LinkDown => "",
            Reason::NoReceiver => "RFC 894",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Reason::Fault { ordinal, .. } => lang.pick(
                format!("Lost on the wire by the scenario's wish: match {ordinal} of its pattern."),
                format!("按场景的安排在线路上丢失：是与该模式相符的第 {ordinal} 帧。"),
            ),
            Reason::QueueFull { limit } => lang.pick(
                format!("Lost: the link's queue already held {limit} frames, all it can."),
                format!("丢失：链路的队列中已有 {limit} 帧，不能再容纳。"),
            ),
            Reason::LinkDown => lang.pick("Lost: the link was down.", "丢失：链路已断开。").to_owned(),
            Reason::NoReceiver => lang
                .pick("Lost: nobody on the link has that address.", "丢失：链路上没有站点使用该地址。")
                .to_owned(),
            Reason::Delayed(span) => lang.pick(
                format!("Delayed by {span} by the scenario's wish."),
                format!("按场景的安排延迟 {span}。"),
            ),
            Reason::Duplicated => {
                lang.pick("Delivered twice by the scenario's wish.", "按场景的安排重复交付一次。").to_owned()
            }
            Reason::Corrupted { bit } => lang.pick(
                format!("Damaged by the scenario's wish: bit {bit} of the frame is flipped."),
                format!("按场景的安排损坏：帧的第 {bit} 位被翻转。"),
            ),
        }
    }
}
