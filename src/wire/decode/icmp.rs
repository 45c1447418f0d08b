//! ICMP messages (RFC 792), and the packets they quote.

use super::draft::{Draft, Level, Sum};
use super::ipv4;
use super::tcp::port;
use crate::lang::Text;
use crate::wire::{Checksum, Flaw, Header, PROTOCOL_TCP, PROTOCOL_UDP, ParseError};
use std::ops::Range;

const RFC: &str = "RFC 792";

/// Reads the message that fills `place`.
pub(super) fn decode(draft: &mut Draft<'_>, place: Range<usize>) {
    let Range { start, end } = place;
    draft.layer(Text::new("ICMP", "ICMP"), Level::Internet, start, (start + 8).min(end));
    if end - start < 8 {
        let flaw = Flaw::Truncated { need: 8, have: end - start };
        draft.flaw(ParseError { header: Header::Icmp, at: start, flaw });
        return;
    }
    let (kind, code) = (draft.u8(start), draft.u8(start + 1));
    let meaning = kind_of(kind);
    draft.field("icmp.type", Text::new("type", "类型"), start..start + 1, kind, meaning, RFC);
    let meaning = code_of(kind, code);
    draft.field("icmp.code", Text::new("code", "代码"), start + 1..start + 2, code, meaning, RFC);
    let sum = Sum::of(Checksum::new().over(draft.octets(start..end)), draft.u16(start + 2));
    draft.checksum("icmp.checksum", Text::new("checksum", "检验和"), Header::Icmp, start + 2, sum, RFC);
    rest_of_header(draft, start + 4, kind, code);
    match kind {
        3 | 4 | 5 | 11 | 12 => quote(draft, start + 8, end),
        _ => draft.data(start + 8, end, None),
    }
}

fn kind_of(kind: u8) -> Text {
    match kind {
        0 => Text::new("echo reply", "回送回答"),
        3 => Text::new("destination unreachable", "终点不可达"),
        5 => Text::new("redirect", "改变路由"),
        8 => Text::new("echo request", "回送请求"),
        11 => Text::new("time exceeded", "时间超过"),
        12 => Text::new("parameter problem", "参数问题"),
        _ => Text::new("not decoded here", "此处不再解析"),
    }
}

fn code_of(kind: u8, code: u8) -> Text {
    match (kind, code) {
        (3, 0) => Text::new("the network cannot be reached", "网络不可达"),
        (3, 1) => Text::new("the host cannot be reached", "主机不可达"),
        (3, 2) => Text::new("the host does not know the protocol", "协议不可达"),
        (3, 3) => Text::new("nobody listens on that port", "端口不可达：无人在该端口收听"),
        (3, 4) => Text::new("too large, and must not be fragmented", "需要分片，但已置 DF"),
        (3, 9 | 10 | 13) => Text::new("forbidden by an administrator", "被管理员禁止"),
        (11, 0) => Text::new("too many routers: TTL reached 0", "经过的路由器太多：TTL 减到 0"),
        (11, 1) => Text::new("fragments missing for too long", "分片重组超时"),
        (0 | 8, 0) => Text::new("no more to say", "没有进一步的区分"),
        _ => Text::new("no meaning known here", "此处未列出含义"),
    }
}

fn rest_of_header(draft: &mut Draft<'_>, at: usize, kind: u8, code: u8) {
    match (kind, code) {
        (0 | 8, _) => {
            let meaning = Text::new("tells one ping from another", "区分不同的 ping 进程");
            let value = draft.u16(at);
            draft.field("icmp.id", Text::new("identifier", "标识符"), at..at + 2, value, meaning, RFC);
            let meaning = Text::new("counts the requests", "请求的编号");
            let value = draft.u16(at + 2);
            draft.field(
                "icmp.seq",
                Text::new("sequence number", "序号"),
                at + 2..at + 4,
                value,
                meaning,
                RFC,
            );
        }
        (3, 4) => {
            unused(draft, at..at + 2);
            let meaning = Text::new("the largest packet the next hop takes", "下一跳能通过的最大分组");
            let value = draft.u16(at + 2);
            let name = Text::new("next-hop MTU", "下一跳 MTU");
            draft.field("icmp.mtu", name, at + 2..at + 4, value, meaning, "RFC 1191 4");
        }
        _ => unused(draft, at..at + 4),
    }
}

fn unused(draft: &mut Draft<'_>, place: Range<usize>) {
    let value = super::draft::hex(draft.octets(place.clone()));
    let meaning = Text::new("not used by this message", "该报文不使用");
    draft.field("icmp.unused", Text::new("unused", "未使用"), place, value, meaning, RFC);
}

/// The packet that caused the message: its IPv4 header and at least eight octets more, enough for the ports.
fn quote(draft: &mut Draft<'_>, start: usize, end: usize) {
    if start >= end {
        return;
    }
    let name = Text::new("quoted IPv4", "引用的 IPv4");
    let Some(header_end) = ipv4::header(draft, start, name, ipv4::Extent::Quote) else {
        return draft.data(start + 20, end, None);
    };
    let protocol = draft.u8(start + 9);
    if draft.u16(start + 6) & 0x1fff != 0 {
        return draft.data(header_end, end, None);
    }
    quoted_transport(draft, protocol, header_end, end);
}

/// The first octets of a quoted segment or datagram, its ports among them.
pub(super) fn quoted_transport(draft: &mut Draft<'_>, protocol: u8, header_end: usize, end: usize) {
    if end < header_end + 8 {
        return draft.data(header_end, end, None);
    }
    let (name, keys) = match protocol {
        PROTOCOL_TCP => (Text::new("quoted TCP", "引用的 TCP"), ["tcp.srcport", "tcp.dstport"]),
        PROTOCOL_UDP => (Text::new("quoted UDP", "引用的 UDP"), ["udp.srcport", "udp.dstport"]),
        _ => return draft.data(header_end, end, None),
    };
    let cite = if protocol == PROTOCOL_TCP { "RFC 9293 3.1" } else { "RFC 768" };
    draft.layer(name, Level::Transport, header_end, header_end + 8);
    port(draft, keys[0], Text::new("source port", "源端口"), header_end, cite);
    port(draft, keys[1], Text::new("destination port", "目的端口"), header_end + 2, cite);
    let place = header_end + 4..header_end + 8;
    if protocol == PROTOCOL_TCP {
        let meaning = Text::new("tells which segment it was", "说明是哪一个报文段");
        let value = draft.u32(header_end + 4);
        draft.field("tcp.seq", Text::new("sequence number", "序号"), place, value, meaning, cite);
    } else {
        let meaning = Text::new("length and checksum of the datagram", "用户数据报的长度和检验和");
        let value = draft.u16(header_end + 4);
        draft.field("udp.length", Text::new("length, checksum", "长度与检验和"), place, value, meaning, cite);
    }
    draft.data(header_end + 8, end, Some(Text::new("more of the quoted packet", "被引用分组的其余部分")));
}
