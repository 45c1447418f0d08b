//! The Ethernet header.

use super::draft::{Draft, Level};
use crate::lang::Text;
use crate::wire::{ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, Flaw, Header, MacAddr, ParseError};

/// Reads the header; returns the EtherType, 0 if there is none.
pub(super) fn decode(draft: &mut Draft<'_>) -> u16 {
    draft.layer(Text::new("Ethernet", "以太网"), Level::Link, 0, 14);
    if draft.frame.len() < 14 {
        let flaw = Flaw::Truncated { need: 14, have: draft.frame.len() };
        draft.flaw(ParseError { header: Header::Ethernet, at: 0, flaw });
        return 0;
    }
    address(draft, "eth.dst", Text::new("destination address", "目的地址"), 0);
    address(draft, "eth.src", Text::new("source address", "源地址"), 6);
    let ether_type = draft.u16(12);
    let (name, meaning) = match ether_type {
        ETHER_TYPE_IPV4 => ("IPv4".to_owned(), Text::new("an IPv4 packet follows", "后面是 IPv4 分组")),
        ETHER_TYPE_ARP => ("ARP".to_owned(), Text::new("an ARP message follows", "后面是 ARP 报文")),
        ETHER_TYPE_IPV6 => ("IPv6".to_owned(), Text::new("an IPv6 packet follows", "后面是 IPv6 分组")),
        0x8100 => ("802.1Q".to_owned(), Text::new("a VLAN tag follows", "后面是 VLAN 标签")),
        length @ 0..=1500 => (
            length.to_string(),
            Text::new("a length: this is an IEEE 802.3 frame", "这是长度：该帧为 IEEE 802.3 格式"),
        ),
        other => (format!("0x{other:04x}"), Text::new("not decoded here", "此处不再解析")),
    };
    draft.field("eth.type", Text::new("type", "类型"), 12..14, name, meaning, "RFC 894");
    ether_type
}

fn address(draft: &mut Draft<'_>, key: &'static str, name: Text, at: usize) {
    let octets = draft.octets(at..at + 6);
    let mac = MacAddr(octets.try_into().unwrap_or_default());
    let meaning = if mac == MacAddr::BROADCAST {
        Text::new("every station", "广播：所有站点")
    } else if mac.is_group() {
        Text::new("a group of stations", "多播：一组站点")
    } else if mac.0[0] & 2 != 0 {
        Text::new("one card (local)", "单播（本地管理）")
    } else {
        Text::new("one card (by maker)", "单播（厂商分配）")
    };
    draft.field(key, name, at..at + 6, mac, meaning, "IEEE 802.3 3.2.3");
}
