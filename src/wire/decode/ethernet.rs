//! The Ethernet header.

use super::draft::{Draft, Level};
use crate::lang::Text;
use crate::wire::parse::LONGEST_LENGTH;
use crate::wire::{
    BRIDGE_GROUP, ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, Flaw, Header, MacAddr, ParseError,
    announces_tag,
};

/// Reads the header; returns the EtherType, `None` if the frame ends before it.
pub(super) fn decode(draft: &mut Draft<'_>) -> Option<u16> {
    draft.layer(Text::new("Ethernet", "以太网"), Level::Link, 0, 14);
    if draft.frame.len() < 14 {
        let flaw = Flaw::Truncated { need: 14, have: draft.frame.len() };
        draft.flaw(ParseError { header: Header::Ethernet, at: 0, flaw });
        return None;
    }
    address(draft, "eth.dst", Text::new("destination address", "目的地址"), 0);
    address(draft, "eth.src", Text::new("source address", "源地址"), 6);
    let ether_type = draft.u16(12);
    let (name, meaning) = type_words(ether_type);
    draft.field("eth.type", Text::new("type", "类型"), 12..14, name, meaning, "RFC 894");
    Some(ether_type)
}

/// A type as people write it, and what it announces.
pub(super) fn type_words(ether_type: u16) -> (String, Text) {
    match ether_type {
        ETHER_TYPE_IPV4 => ("IPv4".to_owned(), Text::new("an IPv4 packet follows", "后面是 IPv4 分组")),
        ETHER_TYPE_ARP => ("ARP".to_owned(), Text::new("an ARP message follows", "后面是 ARP 报文")),
        ETHER_TYPE_IPV6 => ("IPv6".to_owned(), Text::new("an IPv6 packet follows", "后面是 IPv6 分组")),
        tag if announces_tag(tag) => {
            let name = if tag == 0x8100 { "802.1Q" } else { "802.1ad" };
            (name.to_owned(), Text::new("a VLAN tag follows", "后面是 VLAN 标签"))
        }
        length @ 0..=LONGEST_LENGTH => (
            length.to_string(),
            Text::new("a length: this is an IEEE 802.3 frame", "这是长度：该帧为 IEEE 802.3 格式"),
        ),
        other => (format!("0x{other:04x}"), Text::new("not decoded here", "此处不再解析")),
    }
}

/// An address: the half that a maker has from the IEEE (or nobody), the half that tells its cards apart, and the two bits.
fn address(draft: &mut Draft<'_>, key: &'static str, name: Text, at: usize) {
    let mac = MacAddr(draft.octets(at..at + 6).try_into().unwrap_or_default());
    let [a, b, c, d, e, f] = mac.0;
    let first = format!("{a:02x}:{b:02x}:{c:02x}");
    let second = format!("{d:02x}:{e:02x}:{f:02x}");
    let (group, local) = (u8::from(mac.is_group()), u8::from(mac.is_local()));
    let (en, zh) = if mac == MacAddr::BROADCAST {
        ("every station".to_owned(), "广播：所有站点".to_owned())
    } else if mac == BRIDGE_GROUP {
        ("all bridges, none passes it on".to_owned(), "所有网桥，谁也不转发".to_owned())
    } else if mac.is_group() {
        ("a group of stations".to_owned(), "多播：一组站点".to_owned())
    } else if mac.is_local() {
        (format!("{first} local, {second} the card"), format!("{first} 本地管理，{second} 网卡"))
    } else {
        (format!("{first} the maker, {second} the card"), format!("{first} 厂商，{second} 网卡"))
    };
    let meaning =
        Text::new(format!("{en} (I/G {group}, U/L {local})"), format!("{zh}（I/G {group}，U/L {local}）"));
    draft.field(key, name, at..at + 6, mac, meaning, "IEEE 802.3 3.2.3");
}
