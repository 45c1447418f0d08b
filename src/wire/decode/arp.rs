//! An ARP message (RFC 826).

use super::draft::{Draft, Level};
use crate::lang::Text;
use crate::wire::{ArpOperation, ETHER_TYPE_IPV4, Flaw, Header, MacAddr, ParseError};
use std::net::Ipv4Addr;

const RFC: &str = "RFC 826";
const LEN: usize = 28;

/// Reads the message at `start`; returns where it ends.
pub(super) fn decode(draft: &mut Draft<'_>, start: usize) -> usize {
    let end = start + LEN;
    let have = draft.frame.len().saturating_sub(start);
    draft.layer(Text::new("ARP", "ARP"), Level::Link, start, end);
    if have < LEN {
        draft.flaw(ParseError { header: Header::Arp, at: start, flaw: Flaw::Truncated { need: LEN, have } });
        return draft.frame.len();
    }
    let at = |offset: usize, len: usize| start + offset..start + offset + len;
    let (hardware, protocol) = (draft.u16(start), draft.u16(start + 2));
    if hardware != 1 || protocol != ETHER_TYPE_IPV4 || draft.u16(start + 4) != 0x0604 {
        draft.flaw(ParseError { header: Header::Arp, at: start, flaw: Flaw::NotIpv4OnEthernet });
    }
    let meaning = if hardware == 1 {
        Text::new("Ethernet", "以太网")
    } else {
        Text::new("not Ethernet", "不是以太网")
    };
    draft.field("arp.hardware", Text::new("hardware type", "硬件类型"), at(0, 2), hardware, meaning, RFC);
    let meaning = if protocol == ETHER_TYPE_IPV4 {
        Text::new("IPv4", "IPv4")
    } else {
        Text::new("not IPv4", "不是 IPv4")
    };
    let value = format!("0x{protocol:04x}");
    draft.field("arp.protocol", Text::new("protocol type", "协议类型"), at(2, 2), value, meaning, RFC);
    lengths(draft, start);
    let (value, meaning) = operation(draft.u16(start + 6));
    draft.field("arp.operation", Text::new("operation", "操作"), at(6, 2), value, meaning, RFC);
    addresses(draft, start);
    end
}

fn lengths(draft: &mut Draft<'_>, start: usize) {
    let octets = Text::new("octets of a hardware address", "硬件地址的字节数");
    let value = draft.u8(start + 4);
    let name = Text::new("hardware length", "硬件地址长度");
    draft.field("arp.hardware_length", name, start + 4..start + 5, value, octets, RFC);
    let octets = Text::new("octets of a protocol address", "协议地址的字节数");
    let value = draft.u8(start + 5);
    let name = Text::new("protocol length", "协议地址长度");
    draft.field("arp.protocol_length", name, start + 5..start + 6, value, octets, RFC);
}

fn operation(number: u16) -> (String, Text) {
    match ArpOperation::from_number(number) {
        ArpOperation::Request => {
            ("request".to_owned(), Text::new("who has the target address?", "请求：谁有目标 IP 地址？"))
        }
        ArpOperation::Reply => {
            ("reply".to_owned(), Text::new("the sender says it has it", "响应：发送方说它就是"))
        }
        ArpOperation::Other(other) => {
            (other.to_string(), Text::new("neither request nor reply", "既不是请求也不是响应"))
        }
    }
}

fn addresses(draft: &mut Draft<'_>, start: usize) {
    let mac = |draft: &Draft<'_>, at: usize| MacAddr(draft.octets(at..at + 6).try_into().unwrap_or_default());
    let is_request = draft.u16(start + 6) == 1;

    let value = mac(draft, start + 8);
    let meaning = Text::new("the sender's card", "发送方网卡的地址");
    let name = Text::new("sender hardware address", "发送方硬件地址");
    draft.field("arp.sender_mac", name, start + 8..start + 14, value, meaning, RFC);

    let value = Ipv4Addr::from_bits(draft.u32(start + 14));
    let meaning = Text::new("the sender's IPv4 address", "发送方的 IPv4 地址");
    let name = Text::new("sender protocol address", "发送方协议地址");
    draft.field("arp.sender_ip", name, start + 14..start + 18, value, meaning, RFC);

    let value = mac(draft, start + 18);
    let meaning = if is_request {
        Text::new("not yet known: it is what is asked for", "尚不知道：要问的正是它")
    } else {
        Text::new("whom the answer is for", "响应发给谁")
    };
    let name = Text::new("target hardware address", "目标硬件地址");
    draft.field("arp.target_mac", name, start + 18..start + 24, value, meaning, RFC);

    let value = Ipv4Addr::from_bits(draft.u32(start + 24));
    let meaning = if is_request {
        Text::new("whose card is asked for", "要询问其硬件地址的 IPv4 地址")
    } else {
        Text::new("who asked", "发出请求的一方")
    };
    let name = Text::new("target protocol address", "目标协议地址");
    draft.field("arp.target_ip", name, start + 24..start + 28, value, meaning, RFC);
}
