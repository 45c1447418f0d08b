//! The IPv6 header (RFC 8200 section 3).

use super::draft::{Draft, Level};
use super::ipv4::{congestion, service_class};
use super::{icmpv6, ipv6_extensions, tcp, udp};
use crate::lang::Text;
use crate::wire::ipv6::{IPV6_HEADER, NO_NEXT_HEADER};
use crate::wire::parse_ipv6::ipv6_end;
use crate::wire::{Flaw, Header, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP, ParseError};
use std::net::{IpAddr, Ipv6Addr};

const RFC: &str = "RFC 8200 3";

/// Reads the packet at `start`; returns where it ends.
pub(super) fn decode(draft: &mut Draft<'_>, start: usize) -> usize {
    let all = draft.frame.len();
    if !header(draft, start, Text::new("IPv6", "IPv6")) {
        draft.data(start + IPV6_HEADER, all, None);
        return all;
    }
    let end = match ipv6_end(draft.octets(start..all)) {
        Ok(end) => start + end,
        Err(flaw) => {
            draft.flaw(ParseError { header: Header::Ipv6, at: start + 4, flaw });
            all
        }
    };
    let addresses = (IpAddr::from(address(draft, start + 8)), IpAddr::from(address(draft, start + 24)));
    let next = draft.u8(start + 6);
    let Some(after) = ipv6_extensions::decode(draft, next, start + IPV6_HEADER, end) else { return end };
    let place = after.start..end;
    match after.next {
        _ if after.fragment => {
            let note = Text::new("a fragment: readable only when whole", "一个分片：重组后才能解读");
            draft.data(place.start, end, Some(note));
        }
        PROTOCOL_TCP => tcp::decode(draft, place, addresses),
        PROTOCOL_UDP => udp::decode(draft, place, addresses),
        PROTOCOL_ICMPV6 => icmpv6::decode(draft, place, addresses),
        _ => draft.data(place.start, end, None),
    }
    end
}

/// Reads the fixed header at `start`; whether it is one.
pub(super) fn header(draft: &mut Draft<'_>, start: usize, name: Text) -> bool {
    let have = draft.frame.len().saturating_sub(start);
    draft.layer(name, Level::Internet, start, start + IPV6_HEADER);
    let version = draft.u8(start) >> 4;
    let flaw = if have < IPV6_HEADER {
        Flaw::Truncated { need: IPV6_HEADER, have }
    } else if version != 6 {
        Flaw::Version(version)
    } else {
        fields(draft, start);
        return true;
    };
    draft.flaw(ParseError { header: Header::Ipv6, at: start, flaw });
    false
}

fn fields(draft: &mut Draft<'_>, start: usize) {
    let place = (start..start + 1, 0..4);
    let meaning = Text::new("IP version 6", "IP 协议第 6 版");
    draft.bits("ipv6.version", Text::new("version", "版本"), place, draft.u8(start) >> 4, meaning, RFC);
    let class = (draft.u16(start) >> 4) as u8;
    let (dscp, ecn) = (class >> 2, class & 3);
    let name = Text::new("differentiated services", "通信量类：区分服务");
    draft.bits("ipv6.dscp", name, (start..start + 2, 4..10), dscp, service_class(dscp), "RFC 2474 3");
    let name = Text::new("congestion notification", "通信量类：拥塞通知");
    draft.bits("ipv6.ecn", name, (start..start + 2, 10..12), ecn, congestion(ecn), "RFC 3168 5");
    let label = draft.u32(start) & 0xf_ffff;
    let meaning = match label {
        0 => Text::new("the sender labels no flows", "发送方未标记流"),
        _ => Text::new("the same in all packets of a flow", "同一个流的分组相同"),
    };
    let name = Text::new("flow label", "流标号");
    let value = format!("0x{label:05x}");
    draft.bits("ipv6.flow", name, (start + 1..start + 4, 4..24), value, meaning, "RFC 6437 2");
    let length = draft.u16(start + 4);
    let meaning = Text::new("octets after these 40", "这 40 字节之后的字节数");
    let name = Text::new("payload length", "有效载荷长度");
    draft.field("ipv6.payload_length", name, start + 4..start + 6, length, meaning, RFC);
    next_header(draft, start + 6, RFC);
    let hops = draft.u8(start + 7);
    let meaning = Text::new("routers it may still pass", "还可经过的路由器数");
    let name = Text::new("hop limit", "跳数限制");
    draft.field("ipv6.hop_limit", name, start + 7..start + 8, hops, meaning, RFC);
    let value = address(draft, start + 8);
    let name = Text::new("source address", "源地址");
    draft.field("ipv6.src", name, start + 8..start + 24, value, kind_of(value), RFC);
    let value = address(draft, start + 24);
    let name = Text::new("destination address", "目的地址");
    draft.field("ipv6.dst", name, start + 24..start + 40, value, kind_of(value), RFC);
}

/// A next-header field of the fixed header or of an extension header.
pub(super) fn next_header(draft: &mut Draft<'_>, at: usize, cite: &'static str) {
    let number = draft.u8(at);
    let meaning = match number {
        0 => Text::new("hop-by-hop options follow", "后面是逐跳选项首部"),
        43 => Text::new("a routing header follows", "后面是路由选择首部"),
        44 => Text::new("a fragment header follows", "后面是分片首部"),
        60 => Text::new("destination options follow", "后面是目的站选项首部"),
        NO_NEXT_HEADER => Text::new("nothing follows", "后面没有内容"),
        PROTOCOL_TCP => Text::new("TCP follows", "后面是 TCP 报文段"),
        PROTOCOL_UDP => Text::new("UDP follows", "后面是 UDP 用户数据报"),
        PROTOCOL_ICMPV6 => Text::new("ICMPv6 follows", "后面是 ICMPv6 报文"),
        PROTOCOL_ICMP => {
            Text::new("ICMP of IPv4, which is out of place here", "IPv4 的 ICMP，不应出现在这里")
        }
        _ => Text::new("not decoded here", "此处不再解析"),
    };
    draft.field("ipv6.next", Text::new("next header", "下一个首部"), at..at + 1, number, meaning, cite);
}

/// The address at that place.
pub(super) fn address(draft: &Draft<'_>, at: usize) -> Ipv6Addr {
    <[u8; 16]>::try_from(draft.octets(at..at + 16)).map_or(Ipv6Addr::UNSPECIFIED, Ipv6Addr::from)
}

/// What kind of address it is (RFC 4291).
pub(super) fn kind_of(address: Ipv6Addr) -> Text {
    let octets = address.octets();
    if address.is_loopback() {
        Text::new("this machine itself", "本机（环回地址）")
    } else if address.is_unspecified() {
        Text::new("no address yet", "尚无地址（未指定地址）")
    } else if octets[..13] == [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff] {
        Text::new(
            "those whose address ends so (solicited-node)",
            "地址后 24 位与此相同的结点（被请求结点多播）",
        )
    } else if address.segments() == [0xff02, 0, 0, 0, 0, 0, 0, 1] {
        Text::new("every node on this link", "本链路上的所有结点（多播）")
    } else if address.segments() == [0xff02, 0, 0, 0, 0, 0, 0, 2] {
        Text::new("every router on this link", "本链路上的所有路由器（多播）")
    } else if address.is_multicast() {
        Text::new("a group of nodes", "一组结点（多播）")
    } else if address.is_unicast_link_local() {
        Text::new("valid on this link only", "仅在本链路有效（链路本地地址）")
    } else if address.is_unique_local() {
        Text::new("a private address (unique local)", "专用地址（唯一本地地址）")
    } else if octets[..4] == [0x20, 0x01, 0x0d, 0xb8] {
        Text::new("from the block set aside for documents", "用于文档的地址块")
    } else if address.to_ipv4_mapped().is_some() {
        Text::new("an IPv4 address in IPv6's clothes", "IPv4 映射的 IPv6 地址")
    } else {
        Text::new("one node's interface", "某个结点的接口（全球单播）")
    }
}
