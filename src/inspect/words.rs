//! What is remarkable about a captured segment, in words.

use super::finding::Finding;
use crate::capture::Purpose;
use crate::host::{Conclusion, Reason};
use crate::lang::{Lang, Text};
use crate::wire::Seq;

impl Finding {
    /// In few words.
    pub fn brief(self) -> Text {
        match self {
            Finding::Retransmission => Text::new("sent again", "重传"),
            Finding::FastRetransmission => Text::new("fast retransmission", "快重传"),
            Finding::Timeout => Text::new("sent again: time-out", "超时重传"),
            Finding::Spurious => Text::new("sent again in vain", "多余的重传"),
            Finding::UnseenOriginal => Text::new("sent again, first not captured", "重传，原件未捕获"),
            Finding::OutOfOrder => Text::new("out of order", "乱序到达"),
            Finding::DuplicateAck => Text::new("duplicate ACK", "重复确认"),
            Finding::AckOfUnseen => Text::new("ACK of what was not captured", "确认了未捕获的数据"),
            Finding::ZeroWindow => Text::new("zero window", "零窗口"),
            Finding::WindowFull => Text::new("fills the window", "填满窗口"),
            Finding::WindowProbe => Text::new("zero-window probe", "零窗口探测"),
            Finding::Keepalive => Text::new("keepalive probe", "保活探测"),
            Finding::Reset => Text::new("reset", "复位"),
            Finding::AfterGap => Text::new("after a gap", "之前有缺口"),
        }
    }

    /// What the general description of a segment does not tell; `repeats` is the packet that it repeats, where one was seen.
    fn says(self, repeats: Option<usize>) -> Option<(Text, &'static str)> {
        let again = match repeats {
            Some(of) => Text::new(format!("Repeats packet {of}"), format!("重传第 {of} 帧")),
            None => Text::new("Sent again", "重传"),
        };
        let repeated =
            |en: &str, zh: &str| Text::new(format!("{}{en}", again.en), format!("{}{zh}", again.zh));
        Some(match self {
            Finding::FastRetransmission => (
                repeated(
                    " without waiting for a timer: duplicate acknowledgments asked for it (inferred).",
                    "：收到重复确认后不等计时器超时就重传（推断）。",
                ),
                "RFC 5681 3.2",
            ),
            Finding::Timeout => (
                repeated(
                    ": after such a silence a timer must have run out (inferred).",
                    "：此前长时间沉默，应是重传计时器超时（推断）。",
                ),
                "RFC 6298 5",
            ),
            Finding::Spurious => (
                repeated(
                    " in vain: it had been acknowledged already, though that may not have come to its sender.",
                    "，其实多余：此前已经得到确认，只是确认可能没有到达发送方。",
                ),
                "RFC 9293 3.8.1",
            ),
            Finding::UnseenOriginal => (
                Text::new(
                    "Fills a gap too late to have been overtaken: sent again, and the first was lost before it could be captured (inferred).",
                    "补上缺口，但来得太晚，不会只是被超越：这是重传，首次发送的那一份在到达捕获点之前丢失（推断）。",
                ),
                "RFC 5681 3.2",
            ),
            Finding::OutOfOrder => (
                Text::new(
                    "Fills a gap: later octets came before these, which were overtaken on the way (inferred).",
                    "补上缺口：后面的字节先到了，这些字节在途中被超越，属于乱序（推断）。",
                ),
                "RFC 9293 3.10.7.4",
            ),
            Finding::AckOfUnseen => (
                Text::new(
                    "Acknowledges octets that no frame of the capture carries: they were sent and arrived unseen.",
                    "确认了捕获文件中没有的字节：它们已发送并到达，只是没有被捕获。",
                ),
                "RFC 9293 3.4",
            ),
            Finding::WindowFull => (
                Text::new(
                    "Fills the peer's window to its last octet: nothing more may be sent until it opens.",
                    "正好填满对方的接收窗口：在窗口张开之前不能再发送。",
                ),
                "RFC 9293 3.8.6",
            ),
            Finding::AfterGap => (
                Text::new(
                    "Comes after a gap: octets before these are not in the capture (yet).",
                    "之前有缺口：前面的字节（尚）不在捕获文件中。",
                ),
                "RFC 9293 3.10.7.4",
            ),
            Finding::Retransmission
            | Finding::DuplicateAck
            | Finding::ZeroWindow
            | Finding::WindowProbe
            | Finding::Keepalive
            | Finding::Reset => return None,
        })
    }
}

/// The packet that a packet repeats, as its purpose has it.
fn repeated(purpose: &Purpose) -> Option<usize> {
    match purpose {
        Purpose::RepeatsData { of } => *of,
        Purpose::RepeatsSyn { of } | Purpose::RepeatsSynAck { of } | Purpose::RepeatsFin { of } => Some(*of),
        _ => None,
    }
}

/// Said at the end that sent octets which were acknowledged but never captured.
pub(super) fn uncaptured((first, octets): (Seq, u32)) -> Reason {
    Reason::Concluded(Box::new(Conclusion {
        says: Text::new(
            format!(
                "{octets} octets from number {first} on were sent and came there, for they are acknowledged now; no frame of the capture carries them."
            ),
            format!(
                "从序号 {first} 起的 {octets} 字节已发送并到达，因为此刻得到了确认；但捕获文件中没有携带它们的帧。"
            ),
        ),
        brief: Some(Text::new("not captured", "未捕获")),
        section: "RFC 9293 3.4",
        uncaptured: Some(octets),
    }))
}

/// Octets kept and octets there were, of a packet that was cut short.
pub(super) type Cut = Option<(usize, u32)>;

/// The reason that a reader of the capture can give for a frame.
pub(super) fn reason(purpose: &Purpose, finding: Option<Finding>, cut: Cut, vlan: Option<u16>) -> Reason {
    let general = Text::new(purpose.sentence(Lang::En), purpose.sentence(Lang::Zh));
    let (mut says, section) = finding
        .and_then(|finding| finding.says(repeated(purpose)))
        .unwrap_or_else(|| (general, purpose.section()));
    if let Some((kept, all)) = cut {
        says.en.push_str(&format!(
            " Cut short: {kept} of {all} octets are in the file, the rest is shown as zeros."
        ));
        says.zh.push_str(&format!("捕获时被截短：{all} 字节中只有 {kept} 字节在文件里，其余显示为零。"));
    }
    if let Some(vlan) = vlan {
        says.en.push_str(&format!(" It went through VLAN {vlan}."));
        says.zh.push_str(&format!("它属于 VLAN {vlan}。"));
    }
    let brief = finding.map(|finding| match (finding, purpose) {
        (Finding::Reset, Purpose::Refuses { .. }) => Text::new("refused", "拒绝连接"),
        (Finding::Reset, Purpose::Rejects { .. }) => Text::new("no such connection", "没有这个连接"),
        (Finding::Reset, Purpose::Aborts) => Text::new("aborted", "异常终止"),
        (finding, _) => finding.brief(),
    });
    Reason::Concluded(Box::new(Conclusion { says, brief, section, uncaptured: None }))
}

/// Said beside a state that nothing the end sent afterwards shows.
pub(super) fn inferred() -> Reason {
    Reason::Concluded(Box::new(Conclusion {
        says: Text::new(
            "This state is inferred: nothing it sent afterwards shows that the segment came.",
            "这个状态是推断出来的：它此后发送的报文都不能表明该报文段确已到达。",
        ),
        brief: Some(Text::new("inferred", "推断")),
        section: "",
        uncaptured: None,
    }))
}
