//! Why a fragment was kept or thrown away.

use super::said;
use crate::lang::Lang;

/// Why a fragment was kept or thrown away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FragmentReason {
    /// Sent: fragments waited too long, the first is there.
    ReassemblyTimeExceeded,
    /// Noted: a fragment waits for the others.
    FragmentKept,
    /// Noted: the last missing fragment came.
    Reassembled,
    /// Dropped: fragments waited too long.
    ReassemblyTimeout,
    /// Noted: a whole datagram came with the identification of fragments that were kept.
    WholeCame,
    /// Dropped: a fragment that overlaps another.
    FragmentOverlaps,
    /// Dropped: a fragment that cannot be right.
    FragmentInvalid,
    /// Dropped: more unfinished datagrams than are kept.
    FragmentsLimit,
}

impl FragmentReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            FragmentReason::ReassemblyTimeExceeded | FragmentReason::ReassemblyTimeout => "RFC 1122 3.3.2",
            FragmentReason::FragmentKept
            | FragmentReason::Reassembled
            | FragmentReason::WholeCame
            | FragmentReason::FragmentInvalid
            | FragmentReason::FragmentsLimit => "RFC 791 3.2",
            FragmentReason::FragmentOverlaps => "RFC 5722 4",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            FragmentReason::ReassemblyTimeExceeded => said(
                lang,
                "A fragment is missing and its time is over: the sender is told so by ICMP.",
                "有分片一直没到，等待时间已过：用 ICMP 报文告诉发送方。",
            ),
            FragmentReason::FragmentKept => said(
                lang,
                "A fragment: kept until the others are there.",
                "这是一个分片：保存起来，等其余分片到齐。",
            ),
            FragmentReason::Reassembled => said(
                lang,
                "All fragments are there: the datagram is whole again.",
                "分片到齐：数据报重组完成。",
            ),
            FragmentReason::ReassemblyTimeout => said(
                lang,
                "Fragments were missing for too long: what had come is thrown away.",
                "分片长时间没有到齐：已收到的部分全部丢弃。",
            ),
            FragmentReason::FragmentInvalid => said(
                lang,
                "A fragment that reaches beyond 65535 octets or beyond the last one: thrown away.",
                "分片超出 65535 字节，或超出最后一片：丢弃。",
            ),
            FragmentReason::FragmentOverlaps => said(
                lang,
                "A fragment overlaps another, which only attackers bring about: all of the datagram is thrown away.",
                "分片与别的分片重叠，只有攻击者才会这样做：整个数据报丢弃。",
            ),
            FragmentReason::WholeCame => said(
                lang,
                "A datagram came whole: fragments with its identification are thrown away.",
                "数据报完整到达：丢弃标识相同的分片。",
            ),
            FragmentReason::FragmentsLimit => said(
                lang,
                "Too many unfinished datagrams: the oldest is thrown away.",
                "未完成重组的数据报过多：丢弃最早的一个。",
            ),
        }
    }
}
