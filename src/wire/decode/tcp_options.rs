//! The options of a TCP header, one field each.

use super::draft::{Draft, hex};
use crate::lang::Text;
use crate::wire::{TcpOption, TcpOptions};
use std::ops::Range;

/// Reads the options that fill `place`.
pub(super) fn decode(draft: &mut Draft<'_>, place: Range<usize>) {
    let Ok(options) = TcpOptions::from_octets(draft.octets(place.clone())) else { return };
    let mut iter = options.iter();
    loop {
        let start = place.start + iter.position();
        let Some(option) = iter.next() else { return };
        let end = place.start + iter.position();
        let Shown { key, name, value, meaning, cite } = show(option);
        draft.field(key, name, start..end, value, meaning, cite);
    }
}

struct Shown {
    key: &'static str,
    name: Text,
    value: String,
    meaning: Text,
    cite: &'static str,
}

fn show(option: TcpOption) -> Shown {
    let shown = |key, name, value, meaning, cite| Shown { key, name, value, meaning, cite };
    match option {
        TcpOption::EndOfList => shown(
            "tcp.options.end",
            Text::new("end of options", "选项表结束"),
            "end".to_owned(),
            Text::new("what follows is padding to a whole word", "其后是填充，使首部为 4 字节的整数倍"),
            "RFC 9293 3.2",
        ),
        TcpOption::Nop => shown(
            "tcp.options.nop",
            Text::new("no operation", "无操作"),
            "nop".to_owned(),
            Text::new("aligns the next option", "填充，使下一选项对齐"),
            "RFC 9293 3.2",
        ),
        TcpOption::Mss(mss) => shown(
            "tcp.options.mss",
            Text::new("maximum segment size", "最大报文段长度 (MSS)"),
            mss.to_string(),
            Text::new("largest segment it accepts", "能接收的最大数据字节数"),
            "RFC 9293 3.7.1",
        ),
        TcpOption::WindowScale(shift) => shown(
            "tcp.options.wscale",
            Text::new("window scale", "窗口扩大"),
            shift.to_string(),
            Text::new(
                format!("later windows: times {}", 1u32 << shift.min(14)),
                format!("此后的窗口值要乘以 {}", 1u32 << shift.min(14)),
            ),
            "RFC 7323 2.2",
        ),
        TcpOption::SackPermitted => shown(
            "tcp.options.sack_ok",
            Text::new("SACK permitted", "允许选择确认"),
            "sackOK".to_owned(),
            Text::new("it understands SACK", "本方支持选择确认"),
            "RFC 2018 2",
        ),
        TcpOption::Sack(blocks) => shown(
            "tcp.options.sack",
            Text::new("SACK", "选择确认 (SACK)"),
            blocks.iter().map(|(left, right)| format!("{left}:{right}")).collect::<Vec<_>>().join(" "),
            Text::new("arrived beyond the acknowledgment number", "确认号之后已收到的数据块"),
            "RFC 2018 3",
        ),
        TcpOption::Timestamps { value, echo } => shown(
            "tcp.options.timestamps",
            Text::new("timestamps", "时间戳"),
            format!("val {value} ecr {echo}"),
            Text::new(
                "the sender's clock, and the last seen of the peer's",
                "本方时钟，以及回送的对方时间戳",
            ),
            "RFC 7323 3.2",
        ),
        TcpOption::UserTimeout { minutes, value } => shown(
            "tcp.options.user_timeout",
            Text::new("user timeout", "用户超时"),
            format!("{value} {}", if minutes { "min" } else { "s" }),
            Text::new(
                "how long it leaves data unacknowledged before it gives up",
                "本方在放弃连接之前允许数据未被确认的时间",
            ),
            "RFC 5482 3",
        ),
        TcpOption::FastOpen { cookie, .. } => fast_open(&cookie),
        TcpOption::Unknown { kind, data } => shown(
            "tcp.options.unknown",
            Text::new(format!("option {kind}"), format!("选项 {kind}")),
            hex(&data),
            Text::new("not known here: skipped", "此处不认识：跳过"),
            "RFC 9293 3.1",
        ),
        TcpOption::Malformed { kind, length } => malformed(kind, length),
    }
}

fn fast_open(cookie: &[u8]) -> Shown {
    let (key, cite) = ("tcp.options.fast_open", "RFC 7413 4.1.1");
    if cookie.is_empty() {
        let meaning = Text::new("asks for a cookie", "请求 cookie");
        return Shown {
            key,
            name: Text::new("Fast Open", "快速打开 (TFO)"),
            value: "–".to_owned(),
            meaning,
            cite,
        };
    }
    let meaning = Text::new(
        "proves that its owner was reached at its address before",
        "证明对方此前确曾在该地址上收到过它",
    );
    let name = Text::new("Fast Open cookie", "快速打开 (TFO) cookie");
    Shown { key, name, value: hex(cookie), meaning, cite }
}

fn malformed(kind: u8, length: Option<u8>) -> Shown {
    Shown {
        key: "tcp.options.malformed",
        name: Text::new(format!("option {kind}, malformed"), format!("选项 {kind}（格式错误）")),
        value: length.map_or_else(|| "no length".to_owned(), |length| format!("length {length}")),
        meaning: Text::new(
            "its length is impossible: nothing more can be read",
            "长度不合法：其后的选项无法解读",
        ),
        cite: "RFC 9293 3.1",
    }
}
