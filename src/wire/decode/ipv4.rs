//! The IPv4 header (RFC 791 section 3.1).

use super::draft::{Draft, Level, Sum};
use super::{icmp, tcp, udp};
use crate::lang::Text;
use crate::wire::{Checksum, Flaw, Header, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, ParseError};
use std::net::Ipv4Addr;

const RFC: &str = "RFC 791 3.1";

/// How much of a packet is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// Its beginning, quoted in an ICMP message.
    Quote,
}

/// Reads the packet at `start`; returns where it ends.
pub(super) fn decode(draft: &mut Draft<'_>, start: usize) -> usize {
    let Some(header_end) = header(draft, start, Text::new("IPv4", "IPv4"), Extent::Whole) else {
        draft.data(start + 20, draft.frame.len(), None);
        return draft.frame.len();
    };
    let total = usize::from(draft.u16(start + 2));
    let end = (start + total).clamp(header_end, draft.frame.len());
    if draft.u16(start + 6) & 0x3fff != 0 {
        let note = Text::new("a fragment: readable only when whole", "一个分片：重组后才能解读");
        draft.data(header_end, end, Some(note));
        return end;
    }
    let addresses = (address(draft, start + 12).into(), address(draft, start + 16).into());
    match draft.u8(start + 9) {
        PROTOCOL_TCP => tcp::decode(draft, header_end..end, addresses),
        PROTOCOL_UDP => udp::decode(draft, header_end..end, addresses),
        PROTOCOL_ICMP => icmp::decode(draft, header_end..end),
        _ => draft.data(header_end, end, None),
    }
    end
}

/// Reads the header at `start`; returns where it ends, or `None` if it is too broken to tell.
pub(super) fn header(draft: &mut Draft<'_>, start: usize, name: Text, extent: Extent) -> Option<usize> {
    let words = draft.u8(start) & 0x0f;
    let end = start + usize::from(words) * 4;
    let have = draft.frame.len().saturating_sub(start);
    draft.layer(name, Level::Internet, start, end.max(start + 20));
    let flaw = if have < 20 {
        Flaw::Truncated { need: 20, have }
    } else if draft.u8(start) >> 4 != 4 {
        Flaw::Version(draft.u8(start) >> 4)
    } else if words < 5 {
        Flaw::HeaderLength { words }
    } else if end > draft.frame.len() {
        Flaw::Truncated { need: end - start, have }
    } else {
        let total = usize::from(draft.u16(start + 2));
        if total < end - start || (total > have && extent == Extent::Whole) {
            let flaw = Flaw::Length { field: total, min: end - start, max: have };
            draft.flaw(ParseError { header: Header::Ipv4, at: start + 2, flaw });
        }
        fields(draft, start, end);
        return Some(end);
    };
    draft.flaw(ParseError { header: Header::Ipv4, at: start, flaw });
    None
}

fn fields(draft: &mut Draft<'_>, start: usize, end: usize) {
    let words = draft.u8(start) & 0x0f;
    let place = (start..start + 1, 0..4);
    let meaning = Text::new("IP version 4", "IP 协议第 4 版");
    draft.bits("ip.version", Text::new("version", "版本"), place, draft.u8(start) >> 4, meaning, RFC);
    let place = (start..start + 1, 4..8);
    let octets = words * 4;
    let meaning = Text::new(format!("32-bit words: {octets} octets"), format!("32 位字：共 {octets} 字节"));
    draft.bits("ip.header_length", Text::new("header length", "首部长度"), place, words, meaning, RFC);
    service(draft, start + 1);
    let total = draft.u16(start + 2);
    let meaning = Text::new("octets of header and data", "首部加数据的字节数");
    draft.field(
        "ip.total_length",
        Text::new("total length", "总长度"),
        start + 2..start + 4,
        total,
        meaning,
        RFC,
    );
    let identification = format!("0x{:04x}", draft.u16(start + 4));
    let meaning = Text::new("same in all its fragments", "同一分组的各分片相同");
    let name = Text::new("identification", "标识");
    draft.field("ip.id", name, start + 4..start + 6, identification, meaning, RFC);
    fragmentation(draft, start + 6);
    let ttl = draft.u8(start + 8);
    let meaning = Text::new("routers it may still pass", "还可经过的路由器数");
    draft.field("ip.ttl", Text::new("time to live", "生存时间"), start + 8..start + 9, ttl, meaning, RFC);
    protocol(draft, start + 9);
    let sum = Sum::of(Checksum::new().over(draft.octets(start..end)), draft.u16(start + 10));
    let name = Text::new("header checksum", "首部检验和");
    draft.checksum("ip.checksum", name, Header::Ipv4, start + 10, sum, RFC);
    let value = address(draft, start + 12);
    let name = Text::new("source address", "源地址");
    draft.field("ip.src", name, start + 12..start + 16, value, kind_of(value), RFC);
    let value = address(draft, start + 16);
    let name = Text::new("destination address", "目的地址");
    draft.field("ip.dst", name, start + 16..start + 20, value, kind_of(value), RFC);
    if end > start + 20 {
        let value = format!("{} octets", end - start - 20);
        let meaning = Text::new("rarely used; not decoded here", "很少使用；此处不再解析");
        draft.field("ip.options", Text::new("options", "选项"), start + 20..end, value, meaning, RFC);
    }
}

fn service(draft: &mut Draft<'_>, at: usize) {
    let (dscp, ecn) = (draft.u8(at) >> 2, draft.u8(at) & 3);
    let name = Text::new("differentiated services", "区分服务");
    draft.bits("ip.dscp", name, (at..at + 1, 0..6), dscp, service_class(dscp), "RFC 2474 3");
    let name = Text::new("congestion notification", "拥塞通知");
    draft.bits("ip.ecn", name, (at..at + 1, 6..8), ecn, congestion(ecn), "RFC 3168 5");
}

/// What a code point of differentiated services asks for.
pub(super) fn service_class(dscp: u8) -> Text {
    match dscp {
        0 => Text::new("no special service", "普通服务"),
        46 => Text::new("expedited: little delay", "加速转发：低时延"),
        48 => Text::new("network control", "网络控制"),
        _ => Text::new("a class of service", "某一服务类别"),
    }
}

/// What the two bits of explicit congestion notification say.
pub(super) fn congestion(ecn: u8) -> Text {
    match ecn {
        0 => Text::new("the sender does not use ECN", "发送方不使用 ECN"),
        1 | 2 => Text::new("routers may mark instead of dropping", "路由器可打标记而不丢弃"),
        _ => Text::new("a router marked it: congestion", "路由器已打标记：发生拥塞"),
    }
}

fn fragmentation(draft: &mut Draft<'_>, at: usize) {
    let word = draft.u16(at);
    let flag = |shift: u32| word >> shift & 1;
    let meaning = match flag(15) {
        0 => Text::new("zero, as it must be", "必须为 0"),
        _ => Text::new("set, though it must be zero", "必须为 0，这里却是 1"),
    };
    let name = Text::new("reserved flag", "保留标志");
    draft.bits("ip.flags.reserved", name, (at..at + 2, 0..1), flag(15), meaning, RFC);
    let meaning = match flag(14) {
        0 => Text::new("may be fragmented", "允许分片"),
        _ => Text::new("must not be fragmented", "不允许分片"),
    };
    let name = Text::new("don't fragment (DF)", "不分片 (DF)");
    draft.bits("ip.flags.df", name, (at..at + 2, 1..2), flag(14), meaning, RFC);
    let meaning = match flag(13) {
        0 => Text::new("the last or only fragment", "最后一个分片，或未分片"),
        _ => Text::new("more fragments follow", "后面还有分片"),
    };
    let name = Text::new("more fragments (MF)", "更多分片 (MF)");
    draft.bits("ip.flags.mf", name, (at..at + 2, 2..3), flag(13), meaning, RFC);
    let offset = word & 0x1fff;
    let octets = u32::from(offset) * 8;
    let meaning =
        Text::new(format!("times 8: from octet {octets} on"), format!("乘 8：从第 {octets} 字节起"));
    let name = Text::new("fragment offset", "片偏移");
    draft.bits("ip.fragment_offset", name, (at..at + 2, 3..16), offset, meaning, RFC);
}

fn protocol(draft: &mut Draft<'_>, at: usize) {
    let number = draft.u8(at);
    let meaning = match number {
        PROTOCOL_ICMP => Text::new("ICMP follows", "后面是 ICMP 报文"),
        PROTOCOL_TCP => Text::new("TCP follows", "后面是 TCP 报文段"),
        PROTOCOL_UDP => Text::new("UDP follows", "后面是 UDP 用户数据报"),
        _ => Text::new("not decoded here", "此处不再解析"),
    };
    draft.field("ip.protocol", Text::new("protocol", "协议"), at..at + 1, number, meaning, RFC);
}

fn address(draft: &Draft<'_>, at: usize) -> Ipv4Addr {
    Ipv4Addr::from_bits(draft.u32(at))
}

fn kind_of(address: Ipv4Addr) -> Text {
    if address.is_loopback() {
        Text::new("this machine itself", "本机（环回地址）")
    } else if address.is_unspecified() {
        Text::new("no address", "未指定地址")
    } else if address.is_broadcast() {
        Text::new("every host on this network", "本网络上的所有主机（广播）")
    } else if address.is_multicast() {
        Text::new("a group of hosts", "一组主机（多播）")
    } else if address.is_private() {
        Text::new("a private address", "专用地址（私有地址）")
    } else if matches!(address.octets(), [198, 18 | 19, ..]) {
        Text::new("from the block set aside for tests", "用于测试的地址块")
    } else if address.is_documentation() {
        Text::new("from a block set aside for documents", "用于文档的地址块")
    } else {
        Text::new("one host's interface", "某台主机的接口")
    }
}
