//! The options of neighbour discovery (RFC 4861 section 4.6), one field each.

use super::draft::{Draft, hex};
use super::ipv6;
use crate::lang::Text;
use crate::wire::MacAddr;
use std::ops::Range;

/// Reads the options that fill the place.
pub(super) fn decode(draft: &mut Draft<'_>, start: usize, end: usize) {
    let mut at = start;
    while at < end {
        let (kind, length) = (draft.u8(at), usize::from(draft.u8(at + 1)) * 8);
        if at + 2 > end || length == 0 || at + length > end {
            let name = Text::new(format!("option {kind}, malformed"), format!("选项 {kind}（格式错误）"));
            let meaning = Text::new(
                "its length is impossible: nothing more can be read",
                "长度不合法：其后的选项无法解读",
            );
            return draft.field("icmpv6.option.malformed", name, at..end, length, meaning, "RFC 4861 4.6");
        }
        option(draft, kind, at..at + length);
        at += length;
    }
}

fn option(draft: &mut Draft<'_>, kind: u8, place: Range<usize>) {
    let start = place.start;
    let mac = |draft: &Draft<'_>| MacAddr(draft.octets(start + 2..start + 8).try_into().unwrap_or_default());
    let (key, name, value, meaning, cite) = match (kind, place.len()) {
        (1, 8) => (
            "icmpv6.option.source_mac",
            Text::new("source link-layer address", "源链路层地址"),
            mac(draft).to_string(),
            Text::new("the sender's card", "发送方网卡的地址"),
            "RFC 4861 4.6.1",
        ),
        (2, 8) => (
            "icmpv6.option.target_mac",
            Text::new("target link-layer address", "目标链路层地址"),
            mac(draft).to_string(),
            Text::new("the target's card", "目标网卡的地址"),
            "RFC 4861 4.6.1",
        ),
        (3, 32) => (
            "icmpv6.option.prefix",
            Text::new("prefix", "前缀信息"),
            format!("{}/{}", ipv6::address(draft, start + 16), draft.u8(start + 2)),
            prefix(draft.u8(start + 3)),
            "RFC 4861 4.6.2",
        ),
        (4, _) => (
            "icmpv6.option.redirected",
            Text::new("redirected packet", "被改变路由的分组"),
            format!("{} octets", place.len() - 8),
            Text::new("the packet that caused the redirect", "引起改变路由的分组"),
            "RFC 4861 4.6.3",
        ),
        (5, 8) => (
            "icmpv6.option.mtu",
            Text::new("MTU", "MTU"),
            draft.u32(start + 4).to_string(),
            Text::new("the largest packet of this link", "本链路能通过的最大分组"),
            "RFC 4861 4.6.4",
        ),
        (14, _) => (
            "icmpv6.option.nonce",
            Text::new("nonce", "随机数"),
            hex(draft.octets(start + 2..place.end)),
            Text::new("tells one's own echo apart", "用来识别自己发出的报文"),
            "RFC 7527 4.1",
        ),
        (25, 24..) => (
            "icmpv6.option.dns",
            Text::new("DNS server", "DNS 服务器"),
            ipv6::address(draft, start + 8).to_string(),
            Text::new("who resolves names here", "本地解析域名的服务器"),
            "RFC 8106 5.1",
        ),
        _ => (
            "icmpv6.option.unknown",
            Text::new(format!("option {kind}"), format!("选项 {kind}")),
            hex(draft.octets(start + 2..place.end)),
            Text::new("not known here: skipped", "此处不认识：跳过"),
            "RFC 4861 4.6",
        ),
    };
    draft.field(key, name, place, value, meaning, cite);
}

/// What hosts may do with a prefix: its L and A flags.
fn prefix(flags: u8) -> Text {
    match (flags & 0x80 != 0, flags & 0x40 != 0) {
        (true, true) => {
            Text::new("on this link; addresses may be made of it", "在本链路上；可用来自行配置地址")
        }
        (true, false) => Text::new("on this link", "在本链路上"),
        (false, true) => Text::new("addresses may be made of it", "可用来自行配置地址"),
        (false, false) => {
            Text::new("neither on this link nor for addresses", "不在本链路上，也不用于配置地址")
        }
    }
}
