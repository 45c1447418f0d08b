//! The extension headers of IPv6 (RFC 8200 section 4), one layer each, and their options.

use super::draft::{Draft, Level, hex};
use super::ipv6::next_header;
use crate::lang::Text;
use crate::wire::ipv6::{FRAGMENT, HOP_BY_HOP, MOST_EXTENSIONS, ROUTING};
use crate::wire::{Extension, Flaw, Header, ParseError};

const RFC: &str = "RFC 8200 4";

/// What comes after the extension headers.
pub(super) struct After {
    /// Its number.
    pub next: u8,
    /// Where it begins.
    pub start: usize,
    /// Whether it is a piece of a packet.
    pub fragment: bool,
}

/// Reads the chain from `start` on, which begins with a header of that number; `None` if it breaks off.
pub(super) fn decode(draft: &mut Draft<'_>, next: u8, start: usize, end: usize) -> Option<After> {
    let mut after = After { next, start, fragment: false };
    let mut headers = 0;
    while Extension::is_known(after.next) && !after.fragment {
        headers += 1;
        if headers > MOST_EXTENSIONS {
            let at = after.start;
            draft.flaw(ParseError { header: Header::Ipv6Extension, at, flaw: Flaw::TooManyExtensions });
            draft.data(at, end, None);
            return None;
        }
        after = one(draft, &after, end)?;
    }
    Some(after)
}

fn one(draft: &mut Draft<'_>, this: &After, end: usize) -> Option<After> {
    let (number, start) = (this.next, this.start);
    let have = end.saturating_sub(start);
    let need = match number {
        _ if have < 8 => 8,
        FRAGMENT => 8,
        _ => (usize::from(draft.u8(start + 1)) + 1) * 8,
    };
    draft.layer(name_of(number), Level::Internet, start, (start + need).min(end));
    if have < need {
        let flaw = Flaw::Truncated { need, have };
        draft.flaw(ParseError { header: Header::Ipv6Extension, at: start, flaw });
        return None;
    }
    next_header(draft, start, RFC);
    let after = After { next: draft.u8(start), start: start + need, fragment: false };
    match number {
        FRAGMENT => {
            let fragment = fragment(draft, start);
            return Some(After { fragment, ..after });
        }
        ROUTING => routing(draft, start, start + need),
        _ => {
            length(draft, start);
            options(draft, start + 2, start + need);
        }
    }
    Some(after)
}

fn name_of(number: u8) -> Text {
    match number {
        HOP_BY_HOP => Text::new("IPv6 hop-by-hop options", "IPv6 逐跳选项"),
        ROUTING => Text::new("IPv6 routing", "IPv6 路由选择"),
        FRAGMENT => Text::new("IPv6 fragment", "IPv6 分片"),
        _ => Text::new("IPv6 destination options", "IPv6 目的站选项"),
    }
}

fn length(draft: &mut Draft<'_>, start: usize) {
    let words = draft.u8(start + 1);
    let octets = (usize::from(words) + 1) * 8;
    let meaning = Text::new(
        format!("in 8 octets, the first 8 not counted: {octets}"),
        format!("以 8 字节为单位，不计前 8 字节：共 {octets} 字节"),
    );
    let name = Text::new("header length", "扩展首部长度");
    draft.field("ipv6.ext.length", name, start + 1..start + 2, words, meaning, RFC);
}

/// Whether it says that this is a piece.
fn fragment(draft: &mut Draft<'_>, start: usize) -> bool {
    let cite = "RFC 8200 4.5";
    let meaning = Text::new("zero, as it must be; receivers ignore it", "发送时为 0，接收方忽略");
    let reserved = draft.u8(start + 1);
    let name = Text::new("reserved", "保留");
    draft.field("ipv6.fragment.reserved", name, start + 1..start + 2, reserved, meaning, cite);
    let word = draft.u16(start + 2);
    let octets = u32::from(word >> 3) * 8;
    let meaning =
        Text::new(format!("times 8: from octet {octets} on"), format!("乘 8：从第 {octets} 字节起"));
    let name = Text::new("fragment offset", "片偏移");
    draft.bits("ipv6.fragment.offset", name, (start + 2..start + 4, 0..13), word >> 3, meaning, cite);
    let meaning = Text::new("not used", "未使用");
    let name = Text::new("reserved", "保留");
    draft.bits("ipv6.fragment.reserved2", name, (start + 2..start + 4, 13..15), word >> 1 & 3, meaning, cite);
    let meaning = match word & 1 {
        0 => Text::new("the last or only fragment", "最后一个分片，或未分片"),
        _ => Text::new("more fragments follow", "后面还有分片"),
    };
    let name = Text::new("more fragments (M)", "更多分片 (M)");
    draft.bits("ipv6.fragment.more", name, (start + 2..start + 4, 15..16), word & 1, meaning, cite);
    let value = format!("0x{:08x}", draft.u32(start + 4));
    let meaning = Text::new("same in all its fragments", "同一分组的各分片相同");
    let name = Text::new("identification", "标识");
    draft.field("ipv6.fragment.id", name, start + 4..start + 8, value, meaning, cite);
    word & 0xfff9 != 0
}

fn routing(draft: &mut Draft<'_>, start: usize, end: usize) {
    let cite = "RFC 8200 4.4";
    length(draft, start);
    let kind = draft.u8(start + 2);
    let meaning = match kind {
        0 => Text::new("source route; deprecated, nodes refuse it", "源路由；已废弃，结点拒绝处理"),
        2 => Text::new("mobile IPv6", "移动 IPv6"),
        3 => Text::new("source route of RPL networks", "RPL 网络的源路由"),
        4 => Text::new("segment routing", "分段路由 (SRv6)"),
        _ => Text::new("not decoded here", "此处不再解析"),
    };
    let cite_kind = if kind == 0 { "RFC 5095 3" } else { cite };
    let name = Text::new("routing type", "路由类型");
    draft.field("ipv6.routing.type", name, start + 2..start + 3, kind, meaning, cite_kind);
    let left = draft.u8(start + 3);
    let meaning = Text::new("nodes still to be visited", "还要经过的结点数");
    let name = Text::new("segments left", "剩余段数");
    draft.field("ipv6.routing.left", name, start + 3..start + 4, left, meaning, cite);
    let value = format!("{} octets", end - start - 4);
    let meaning = Text::new("as its type defines", "由路由类型规定");
    let name = Text::new("type-specific data", "类型相关数据");
    draft.field("ipv6.routing.data", name, start + 4..end, value, meaning, cite);
}

/// The options that fill the place, one field each.
fn options(draft: &mut Draft<'_>, start: usize, end: usize) {
    let mut at = start;
    while at < end {
        let kind = draft.u8(at);
        let after = if kind == 0 { at + 1 } else { at + 2 + usize::from(draft.u8(at + 1)) };
        if after > end || (kind != 0 && at + 1 >= end) {
            let meaning = Text::new("longer than its header", "超出了所在的首部");
            let name = Text::new(format!("option {kind}, malformed"), format!("选项 {kind}（格式错误）"));
            draft.field("ipv6.option.malformed", name, at..end, kind, meaning, "RFC 8200 4.2");
            return;
        }
        option(draft, kind, at, after);
        at = after;
    }
}

fn option(draft: &mut Draft<'_>, kind: u8, at: usize, end: usize) {
    let value = if kind == 0 { String::new() } else { hex(draft.octets(at + 2..end)) };
    let (key, name, value, meaning, cite) = match (kind, end - at) {
        (0, _) => (
            "ipv6.option.pad1",
            Text::new("Pad1", "Pad1"),
            "0".to_owned(),
            Text::new("one octet of padding", "填充 1 字节"),
            "RFC 8200 4.2",
        ),
        (1, _) => (
            "ipv6.option.padn",
            Text::new("PadN", "PadN"),
            (end - at).to_string(),
            Text::new("octets of padding", "填充的字节数"),
            "RFC 8200 4.2",
        ),
        (5, 4) => (
            "ipv6.option.router_alert",
            Text::new("router alert", "路由器警告"),
            draft.u16(at + 2).to_string(),
            Text::new("routers shall look at this packet", "请途中的路由器查看此分组"),
            "RFC 2711 2.1",
        ),
        (0xc2, 6) => (
            "ipv6.option.jumbo",
            Text::new("jumbo payload", "特大有效载荷"),
            draft.u32(at + 2).to_string(),
            Text::new("octets after the fixed header", "基本首部之后的字节数"),
            "RFC 2675 2",
        ),
        _ => (
            "ipv6.option.unknown",
            Text::new(format!("option {kind}"), format!("选项 {kind}")),
            value,
            unknown(kind),
            "RFC 8200 4.2",
        ),
    };
    draft.field(key, name, at..end, value, meaning, cite);
}

/// What a node does that does not know the option: its two highest bits say so.
fn unknown(kind: u8) -> Text {
    match kind >> 6 {
        0 => Text::new("who does not know it skips it", "不认识者跳过"),
        1 => Text::new("who does not know it discards the packet", "不认识者丢弃该分组"),
        2 => Text::new("who does not know it discards and reports", "不认识者丢弃并报告"),
        _ => Text::new("who does not know it discards; unicast is reported", "不认识者丢弃，单播时报告"),
    }
}
