//! IEEE 802.3 frames: the LLC header, and spanning tree's messages behind it.

use super::draft::{Draft, Level};
use crate::lang::Text;
use crate::wire::bpdu::LLC;
use crate::wire::{BridgeId, Flaw, Header, MacAddr, ParseError};

const CITE_LLC: &str = "IEEE 802.2 3.2";
const CITE: &str = "IEEE 802.1D 9.3.1";
/// Octets of a configuration message, and of a notification.
const CONFIG_LEN: usize = 35;
const CHANGE_LEN: usize = 4;

/// Reads what begins at `start` of a frame whose type field is this `length`; returns where it ends.
pub(super) fn decode(draft: &mut Draft<'_>, start: usize, length: usize) -> usize {
    let have = draft.frame.len().saturating_sub(start).min(length);
    let end = start + have;
    if have < LLC.len() {
        draft.data(start, end, Some(Text::new("too short for LLC", "不足一个 LLC 首部")));
        return end;
    }
    draft.layer(Text::new("LLC", "LLC"), Level::Link, start, start + LLC.len());
    let spanning_tree = draft.octets(start..start + LLC.len()) == LLC;
    for (offset, key, en, zh) in [
        (0, "llc.dsap", "destination service access point", "目的服务访问点"),
        (1, "llc.ssap", "source service access point", "源服务访问点"),
    ] {
        let value = draft.u8(start + offset);
        let meaning = if value == LLC[0] {
            Text::new("spanning tree", "生成树协议")
        } else {
            Text::new("not decoded here", "此处不再解析")
        };
        let place = start + offset..start + offset + 1;
        draft.field(key, Text::new(en, zh), place, format!("0x{value:02x}"), meaning, CITE_LLC);
    }
    let control = draft.u8(start + 2);
    let meaning = if control == LLC[2] {
        Text::new("unnumbered information", "无编号信息帧")
    } else {
        Text::new("another kind of LLC frame", "其他类型的 LLC 帧")
    };
    let place = start + 2..start + 3;
    let value = format!("0x{control:02x}");
    draft.field("llc.control", Text::new("control", "控制"), place, value, meaning, CITE_LLC);
    if spanning_tree {
        message(draft, start + LLC.len(), end);
    } else {
        draft.data(start + LLC.len(), end, Some(Text::new("what LLC carries", "LLC 承载的内容")));
    }
    end
}

/// The message from `start` to `end`.
fn message(draft: &mut Draft<'_>, start: usize, end: usize) {
    let have = end - start;
    let kind = draft.u8(start + 3);
    let is_config = have >= CHANGE_LEN && kind == 0 && draft.u16(start) == 0;
    let need = if is_config { CONFIG_LEN } else { CHANGE_LEN };
    draft.layer(Text::new("STP", "STP"), Level::Link, start, (start + need).min(end));
    if have < need {
        draft.flaw(ParseError { header: Header::Bpdu, at: start, flaw: Flaw::Truncated { need, have } });
        return;
    }
    let at = |offset: usize, len: usize| start + offset..start + offset + len;
    let protocol = draft.u16(start);
    let meaning = Text::new("0 is spanning tree", "0 表示生成树");
    draft.field("stp.protocol", Text::new("protocol", "协议标识"), at(0, 2), protocol, meaning, CITE);
    let version = draft.u8(start + 2);
    let meaning = if version == 0 {
        Text::new("classic spanning tree", "经典生成树（STP）")
    } else {
        Text::new("a later one", "后来的版本")
    };
    draft.field("stp.version", Text::new("version", "版本"), at(2, 1), version, meaning, CITE);
    let meaning = match kind {
        0 => Text::new("configuration", "配置 BPDU"),
        0x80 => Text::new("topology change notification", "拓扑变更通知（TCN）"),
        _ => Text::new("not decoded here", "此处不再解析"),
    };
    draft.field("stp.type", Text::new("type", "类型"), at(3, 1), format!("0x{kind:02x}"), meaning, CITE);
    if is_config {
        flags(draft, start + 4);
        claim(draft, start);
        timers(draft, start);
    }
}

fn flags(draft: &mut Draft<'_>, at: usize) {
    let flags = draft.u8(at);
    let change = Text::new("forget old places soon: the tree has changed", "拓扑已变，请尽快忘掉旧的位置");
    let quiet = Text::new("nothing has changed lately", "近来没有变化");
    let heard = Text::new("a notification was heard", "已收到拓扑变更通知");
    let none = Text::new("no notification to answer", "没有要回答的通知");
    let (name, value) = (Text::new("acknowledgment", "拓扑变更确认"), flags >> 7);
    let meaning = if value == 1 { heard } else { none };
    draft.bits("stp.flags.tca", name, (at..at + 1, 0..1), value, meaning, CITE);
    let (name, value) = (Text::new("topology change", "拓扑变更"), flags & 1);
    let meaning = if value == 1 { change } else { quiet };
    draft.bits("stp.flags.tc", name, (at..at + 1, 7..8), value, meaning, CITE);
}

/// Who is root, how far, and who says so.
fn claim(draft: &mut Draft<'_>, start: usize) {
    let id = |draft: &Draft<'_>, at: usize| BridgeId {
        priority: draft.u16(at),
        mac: MacAddr(draft.octets(at + 2..at + 8).try_into().unwrap_or_default()),
    };
    let (root, bridge) = (id(draft, start + 5), id(draft, start + 17));
    let meaning = if root == bridge {
        Text::new("the sender takes itself for the root", "发送方认为自己就是根")
    } else {
        Text::new("whom the sender takes for the root", "发送方所认的根网桥")
    };
    let place = start + 5..start + 13;
    draft.field("stp.root", Text::new("root", "根网桥"), place, root, meaning, "IEEE 802.1D 9.2.5");
    let cost = draft.u32(start + 13);
    let meaning = Text::new("of the way from the sender to the root", "从发送方到根的路径开销");
    let place = start + 13..start + 17;
    draft.field("stp.cost", Text::new("root path cost", "根路径开销"), place, cost, meaning, CITE);
    let meaning = Text::new("priority, and the sender's address", "优先级与发送方地址");
    let place = start + 17..start + 25;
    draft.field("stp.bridge", Text::new("bridge", "网桥标识"), place, bridge, meaning, "IEEE 802.1D 9.2.5");
    let port = draft.u16(start + 25);
    let (priority, number) = (port >> 8, port & 0xff);
    let meaning =
        Text::new(format!("port {number}, priority {priority}"), format!("端口 {number}，优先级 {priority}"));
    let (place, value) = (start + 25..start + 27, format!("0x{port:04x}"));
    draft.field("stp.port", Text::new("port", "端口标识"), place, value, meaning, "IEEE 802.1D 9.2.7");
}

fn timers(draft: &mut Draft<'_>, start: usize) {
    let rows = [
        (27, "stp.age", ("message age", "报文寿命"), ("how old what it tells is", "所说内容已有多老")),
        (29, "stp.max_age", ("maximum age", "最大寿命"), ("then it is worth nothing", "到此作废")),
        (31, "stp.hello", ("hello time", "问候时间"), ("how often the root speaks", "根多久说一次")),
        (
            33,
            "stp.forward_delay",
            ("forward delay", "转发时延"),
            ("how long a port listens, and then learns", "端口侦听、然后学习各多久"),
        ),
    ];
    for (offset, key, name, meaning) in rows {
        let ticks = draft.u16(start + offset);
        let value = format!("{:.3} s", f64::from(ticks) / 256.0);
        let place = start + offset..start + offset + 2;
        let (name, meaning) = (Text::new(name.0, name.1), Text::new(meaning.0, meaning.1));
        draft.field(key, name, place, value, meaning, "IEEE 802.1D 9.2.8");
    }
}
