//! ICMPv6 messages (RFC 4443), neighbour discovery among them (RFC 4861), and the packets that errors quote.

use super::draft::{Draft, Level, Sum};
use super::icmp::quoted_transport;
use super::{icmpv6_options, ipv6, ipv6_extensions};
use crate::lang::Text;
use crate::wire::ipv6::IPV6_HEADER;
use crate::wire::{Checksum, Flaw, Header, PROTOCOL_ICMPV6, ParseError};
use std::net::IpAddr;
use std::ops::Range;

const RFC: &str = "RFC 4443 2.1";
const DISCOVERY: [&str; 5] = ["RFC 4861 4.1", "RFC 4861 4.2", "RFC 4861 4.3", "RFC 4861 4.4", "RFC 4861 4.5"];

/// Reads the message that fills `place`.
pub(super) fn decode(draft: &mut Draft<'_>, place: Range<usize>, addresses: (IpAddr, IpAddr)) {
    let Range { start, end } = place;
    let kind = draft.u8(start);
    let rest = rest_len(kind);
    draft.layer(Text::new("ICMPv6", "ICMPv6"), Level::Internet, start, end_of_layer(kind, start, end));
    if end - start < 4 {
        let flaw = Flaw::Truncated { need: 4, have: end - start };
        draft.flaw(ParseError { header: Header::Icmpv6, at: start, flaw });
        return;
    }
    let code = draft.u8(start + 1);
    draft.field("icmpv6.type", Text::new("type", "类型"), start..start + 1, kind, kind_of(kind), RFC);
    let meaning = code_of(kind, code);
    draft.field("icmpv6.code", Text::new("code", "代码"), start + 1..start + 2, code, meaning, RFC);
    let pseudo = Checksum::new().add_pseudo_header_of(addresses, PROTOCOL_ICMPV6, (end - start) as u32);
    let sum = Sum::with_pseudo_header(pseudo, draft.octets(start..end), draft.u16(start + 2));
    let name = Text::new("checksum", "检验和");
    draft.checksum("icmpv6.checksum", name, Header::Icmpv6, start + 2, sum, "RFC 4443 2.3");
    let at = start + 4;
    if end - at < rest {
        return draft.data(at, end, Some(Text::new("too short for its type", "长度不足，与类型不符")));
    }
    match kind {
        1..=4 => {
            error_word(draft, at, kind);
            quote(draft, at + 4, end);
        }
        128 | 129 => {
            echo(draft, at);
            draft.data(at + 4, end, None);
        }
        133..=137 => discovery(draft, at, kind, end),
        _ => draft.data(at, end, None),
    }
}

/// Octets that each type has beyond the first four.
fn rest_len(kind: u8) -> usize {
    match kind {
        1..=4 | 128 | 129 | 133 => 4,
        134 => 12,
        135 | 136 => 20,
        137 => 36,
        _ => 0,
    }
}

/// Neighbour discovery is header to its end; of all else what follows the header is a layer of its own.
fn end_of_layer(kind: u8, start: usize, end: usize) -> usize {
    match kind {
        133..=137 if end >= start + 4 + rest_len(kind) => end,
        133..=137 => (start + 4).min(end),
        _ if end < start + 4 + rest_len(kind) => (start + 4).min(end),
        _ => start + 4 + rest_len(kind),
    }
}

fn kind_of(kind: u8) -> Text {
    match kind {
        1 => Text::new("destination unreachable", "终点不可达"),
        2 => Text::new("packet too big", "分组过大"),
        3 => Text::new("time exceeded", "时间超过"),
        4 => Text::new("parameter problem", "参数问题"),
        128 => Text::new("echo request", "回送请求"),
        129 => Text::new("echo reply", "回送回答"),
        130 => Text::new("multicast listener query", "多播听众查询"),
        131 | 143 => Text::new("multicast listener report", "多播听众报告"),
        132 => Text::new("multicast listener done", "多播听众退出"),
        133 => Text::new("router solicitation", "路由器请求"),
        134 => Text::new("router advertisement", "路由器通告"),
        135 => Text::new("neighbour solicitation", "邻站请求"),
        136 => Text::new("neighbour advertisement", "邻站通告"),
        137 => Text::new("redirect", "改变路由"),
        _ => Text::new("not decoded here", "此处不再解析"),
    }
}

fn code_of(kind: u8, code: u8) -> Text {
    match (kind, code) {
        (1, 0) => Text::new("no route to the destination", "没有到终点的路由"),
        (1, 1) => Text::new("forbidden by an administrator", "被管理员禁止"),
        (1, 2) => Text::new("beyond the scope of the source address", "超出源地址的有效范围"),
        (1, 3) => Text::new("the address cannot be reached", "地址不可达"),
        (1, 4) => Text::new("nobody listens on that port", "端口不可达：无人在该端口收听"),
        (1, 5) => Text::new("the source address failed a policy", "源地址不符合策略"),
        (1, 6) => Text::new("a route that rejects", "路由拒绝"),
        (3, 0) => Text::new("too many routers: the hop limit reached 0", "经过的路由器太多：跳数限制减到 0"),
        (3, 1) => Text::new("fragments missing for too long", "分片重组超时"),
        (4, 0) => Text::new("a header field is wrong", "首部字段有错"),
        (4, 1) => Text::new("an unknown next header", "不认识的下一个首部"),
        (4, 2) => Text::new("an unknown option", "不认识的选项"),
        (2 | 128..=137 | 143, 0) => Text::new("no more to say", "没有进一步的区分"),
        _ => Text::new("no meaning known here", "此处未列出含义"),
    }
}

fn error_word(draft: &mut Draft<'_>, at: usize, kind: u8) {
    let place = at..at + 4;
    let value = draft.u32(at);
    match kind {
        2 => {
            let meaning = Text::new("the largest packet the next hop takes", "下一跳能通过的最大分组");
            draft.field("icmpv6.mtu", Text::new("MTU", "MTU"), place, value, meaning, "RFC 4443 3.2");
        }
        4 => {
            let meaning = Text::new("octet of the packet where the error is", "出错处在分组中的字节位置");
            let name = Text::new("pointer", "指针");
            draft.field("icmpv6.pointer", name, place, value, meaning, "RFC 4443 3.4");
        }
        _ => {
            let meaning = Text::new("not used by this message", "该报文不使用");
            let cite = if kind == 1 { "RFC 4443 3.1" } else { "RFC 4443 3.3" };
            draft.field("icmpv6.unused", Text::new("unused", "未使用"), place, value, meaning, cite);
        }
    }
}

fn echo(draft: &mut Draft<'_>, at: usize) {
    let meaning = Text::new("tells one ping from another", "区分不同的 ping 进程");
    let value = draft.u16(at);
    let name = Text::new("identifier", "标识符");
    draft.field("icmpv6.id", name, at..at + 2, value, meaning, "RFC 4443 4.1");
    let meaning = Text::new("counts the requests", "请求的编号");
    let value = draft.u16(at + 2);
    let name = Text::new("sequence number", "序号");
    draft.field("icmpv6.seq", name, at + 2..at + 4, value, meaning, "RFC 4443 4.1");
}

fn discovery(draft: &mut Draft<'_>, at: usize, kind: u8, end: usize) {
    let cite = DISCOVERY[usize::from(kind - 133)];
    match kind {
        134 => router(draft, at, cite),
        136 => neighbour_flags(draft, at, cite),
        _ => {
            let value = draft.u32(at);
            let meaning = Text::new("zero, as it must be; receivers ignore it", "发送时为 0，接收方忽略");
            draft.field("icmpv6.reserved", Text::new("reserved", "保留"), at..at + 4, value, meaning, cite);
        }
    }
    if kind >= 135 {
        let value = ipv6::address(draft, at + 4);
        let meaning = match kind {
            135 => Text::new("whose card is asked for", "要询问其硬件地址的 IPv6 地址"),
            136 => Text::new("the sender has this address", "发送方拥有这个地址"),
            _ => Text::new("a better first hop", "更好的下一跳"),
        };
        let name = Text::new("target address", "目标地址");
        draft.field("icmpv6.target", name, at + 4..at + 20, value, meaning, cite);
    }
    if kind == 137 {
        let value = ipv6::address(draft, at + 20);
        let meaning = Text::new("packets to this address go there", "去往此地址的分组走那里");
        let name = Text::new("destination address", "目的地址");
        draft.field("icmpv6.destination", name, at + 20..at + 36, value, meaning, cite);
    }
    icmpv6_options::decode(draft, at + rest_len(kind), end);
}

fn neighbour_flags(draft: &mut Draft<'_>, at: usize, cite: &'static str) {
    let flags = draft.u8(at);
    let bits = [
        ("icmpv6.router", "router (R)", "路由器 (R)", "the sender routes", "发送方是路由器"),
        ("icmpv6.solicited", "solicited (S)", "被请求 (S)", "it answers a solicitation", "是对请求的应答"),
        ("icmpv6.override", "override (O)", "覆盖 (O)", "caches shall take it over", "缓存应以此为准"),
    ];
    for (bit, (key, en, zh, on_en, on_zh)) in (0u8..).zip(bits) {
        let set = flags >> (7 - bit) & 1;
        let meaning = if set == 1 { Text::new(on_en, on_zh) } else { Text::new("not set", "未置位") };
        draft.bits(key, Text::new(en, zh), (at..at + 1, bit..bit + 1), set, meaning, cite);
    }
    let meaning = Text::new("zero, as it must be; receivers ignore it", "发送时为 0，接收方忽略");
    let value = draft.u32(at) & 0x1fff_ffff;
    let name = Text::new("reserved", "保留");
    draft.bits("icmpv6.reserved", name, (at..at + 4, 3..32), value, meaning, cite);
}

fn router(draft: &mut Draft<'_>, at: usize, cite: &'static str) {
    let value = draft.u8(at);
    let meaning = match value {
        0 => Text::new("says nothing about it", "未规定"),
        _ => Text::new("what hosts shall send with", "主机发送时应使用的值"),
    };
    let name = Text::new("current hop limit", "当前跳数限制");
    draft.field("icmpv6.hop_limit", name, at..at + 1, value, meaning, cite);
    let flags = draft.u8(at + 1);
    let bits = [
        ("icmpv6.managed", "managed (M)", "被管理 (M)", "addresses come from DHCPv6", "地址由 DHCPv6 分配"),
        (
            "icmpv6.other",
            "other (O)",
            "其他配置 (O)",
            "other settings come from DHCPv6",
            "其他配置由 DHCPv6 提供",
        ),
    ];
    for (bit, (key, en, zh, on_en, on_zh)) in (0u8..).zip(bits) {
        let set = flags >> (7 - bit) & 1;
        let meaning = if set == 1 { Text::new(on_en, on_zh) } else { Text::new("not set", "未置位") };
        draft.bits(key, Text::new(en, zh), (at + 1..at + 2, bit..bit + 1), set, meaning, cite);
    }
    let meaning = Text::new("later documents use some of these", "其中一些由后来的文档使用");
    let name = Text::new("more flags", "其余标志");
    draft.bits("icmpv6.flags", name, (at + 1..at + 2, 2..8), flags & 0x3f, meaning, cite);
    let value = draft.u16(at + 2);
    let meaning = match value {
        0 => Text::new("it is no default router", "不作为默认路由器"),
        _ => Text::new("seconds it is a default router", "作为默认路由器的秒数"),
    };
    let name = Text::new("router lifetime", "路由器生存期");
    draft.field("icmpv6.lifetime", name, at + 2..at + 4, value, meaning, cite);
    let value = draft.u32(at + 4);
    let meaning = Text::new("ms a neighbour counts as reachable", "邻站被视为可达的毫秒数");
    let name = Text::new("reachable time", "可达时间");
    draft.field("icmpv6.reachable", name, at + 4..at + 8, value, meaning, cite);
    let value = draft.u32(at + 8);
    let meaning = Text::new("ms between solicitations", "两次请求之间的毫秒数");
    let name = Text::new("retransmission timer", "重传计时器");
    draft.field("icmpv6.retransmit", name, at + 8..at + 12, value, meaning, cite);
}

/// The packet that caused the message, as much of it as fits in 1280 octets.
fn quote(draft: &mut Draft<'_>, start: usize, end: usize) {
    if start >= end {
        return;
    }
    if end < start + IPV6_HEADER {
        return draft.data(
            start,
            end,
            Some(Text::new("too little of the quoted packet", "被引用的分组过短")),
        );
    }
    if !ipv6::header(draft, start, Text::new("quoted IPv6", "引用的 IPv6")) {
        return draft.data(start + IPV6_HEADER, end, None);
    }
    let next = draft.u8(start + 6);
    let Some(after) = ipv6_extensions::decode(draft, next, start + IPV6_HEADER, end) else { return };
    if after.fragment {
        return draft.data(after.start, end, None);
    }
    quoted_transport(draft, after.next, after.start, end);
}
