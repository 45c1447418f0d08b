//! What is remarkable about a captured segment, in words.

use super::half::Finding;
use crate::capture::Purpose;
use crate::host::{Conclusion, Reason};
use crate::lang::{Lang, Text};

impl Finding {
    /// In few words.
    pub fn brief(self) -> Text {
        match self {
            Finding::Retransmission => Text::new("sent again", "重传"),
            Finding::UnseenOriginal => Text::new("sent again, first not captured", "重传，原件未捕获"),
            Finding::OutOfOrder => Text::new("out of order", "乱序到达"),
            Finding::DuplicateAck => Text::new("duplicate ACK", "重复确认"),
            Finding::ZeroWindow => Text::new("zero window", "零窗口"),
            Finding::WindowProbe => Text::new("zero-window probe", "零窗口探测"),
            Finding::Keepalive => Text::new("keepalive probe", "保活探测"),
            Finding::Reset => Text::new("reset", "复位"),
            Finding::AfterGap => Text::new("after a gap", "之前有缺口"),
        }
    }

    /// What the general description of a segment does not tell: that octets came in another order.
    fn says(self) -> Option<(Text, &'static str)> {
        Some(match self {
            Finding::UnseenOriginal => (
                Text::new(
                    "Fills a gap that the other side has reported three times: sent again, and the first was not captured.",
                    "补上对方已三次报告的缺口：这是重传，首次发送的那一份未被捕获。",
                ),
                "RFC 5681 3.2",
            ),
            Finding::OutOfOrder => (
                Text::new(
                    "Fills a gap: later octets came before these, which were overtaken on the way.",
                    "补上缺口：后面的字节先到了，这些字节在途中被超越（乱序）。",
                ),
                "RFC 9293 3.10.7.4",
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

/// Octets kept and octets there were, of a packet that was cut short.
pub(super) type Cut = Option<(usize, u32)>;

/// The reason that a reader of the capture can give for a frame.
pub(super) fn reason(purpose: &Purpose, finding: Option<Finding>, cut: Cut, vlan: Option<u16>) -> Reason {
    let general = Text::new(purpose.sentence(Lang::En), purpose.sentence(Lang::Zh));
    let (mut says, section) = finding.and_then(Finding::says).unwrap_or_else(|| (general, purpose.section()));
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
    Reason::Concluded(Box::new(Conclusion { says, brief: finding.map(Finding::brief), section }))
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
    }))
}
