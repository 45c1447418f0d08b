//! Why IPv6 acted or dropped: fragments.

use super::said;
use crate::lang::Lang;

/// A reason about fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FragmentReason {
    /// Noted: a fragment waits for the others.
    FragmentKept,
    /// Noted: the last missing fragment came.
    Reassembled,
    /// Noted: a fragment header on a whole packet.
    AtomicFragment,
    /// Dropped: a fragment overlaps another.
    FragmentOverlaps,
    /// Dropped: a fragment that cannot be right.
    FragmentInvalid,
    /// Dropped: more unfinished packets than are kept.
    FragmentsLimit,
    /// Dropped: the first fragment does not hold all headers.
    FragmentHeadless,
    /// Dropped: fragments waited too long.
    ReassemblyTimeout,
}

impl FragmentReason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            FragmentReason::FragmentKept
            | FragmentReason::Reassembled
            | FragmentReason::FragmentInvalid
            | FragmentReason::FragmentsLimit
            | FragmentReason::ReassemblyTimeout => "RFC 8200 4.5",
            FragmentReason::AtomicFragment => "RFC 6946 4",
            FragmentReason::FragmentOverlaps => "RFC 5722 3",
            FragmentReason::FragmentHeadless => "RFC 7112 5",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            FragmentReason::FragmentKept => said(
                lang,
                "A fragment: kept until the others are there.",
                "这是一个分片：保存起来，等其余分片到齐。",
            ),
            FragmentReason::Reassembled => {
                said(lang, "All fragments are there: the packet is whole again.", "分片到齐：分组重组完成。")
            }
            FragmentReason::AtomicFragment => said(
                lang,
                "A fragment header, but the packet is whole: it is taken by itself and waits for nothing.",
                "带有分片首部，但分组本身是完整的：单独处理，无需等待其他分片。",
            ),
            FragmentReason::FragmentOverlaps => said(
                lang,
                "Fragments overlap, which no honest sender does: all of that packet is thrown away.",
                "分片相互重叠，正常的发送方不会这样做：整个分组的所有分片都丢弃。",
            ),
            FragmentReason::FragmentInvalid => said(
                lang,
                "A fragment that is no multiple of 8 octets, or reaches beyond 65535 octets: thrown away.",
                "分片长度不是 8 字节的整数倍，或超出 65535 字节：丢弃。",
            ),
            FragmentReason::FragmentsLimit => said(
                lang,
                "Too many unfinished packets: the oldest is thrown away.",
                "未完成重组的分组过多：丢弃最早的一个。",
            ),
            FragmentReason::FragmentHeadless => said(
                lang,
                "The first fragment must hold all headers, or filters on the way could be cheated.",
                "第一个分片必须包含全部首部，否则会被用来绕过途中的过滤。",
            ),
            FragmentReason::ReassemblyTimeout => said(
                lang,
                "Fragments were missing for too long: what had come is thrown away.",
                "分片长时间没有到齐：已收到的部分全部丢弃。",
            ),
        }
    }
}
