//! The TCP header (RFC 9293 section 3.1).

use super::application;
use super::draft::{Draft, Level, Sum};
use super::tcp_options;
use crate::lang::Text;
use crate::wire::{Checksum, Flags, Flaw, Header, PROTOCOL_TCP, ParseError};
use std::net::IpAddr;
use std::ops::Range;

const RFC: &str = "RFC 9293 3.1";

/// Reads the segment that fills `place`.
pub(super) fn decode(draft: &mut Draft<'_>, place: Range<usize>, addresses: (IpAddr, IpAddr)) {
    let Range { start, end } = place;
    let have = end - start;
    let words = if have >= 20 { draft.u8(start + 12) >> 4 } else { 5 };
    let header_end = start + usize::from(words) * 4;
    draft.layer(Text::new("TCP", "TCP"), Level::Transport, start, header_end.max(start + 20).min(end));
    let (at, flaw) = if have < 20 {
        (start, Flaw::Truncated { need: 20, have })
    } else if words < 5 {
        (start + 12, Flaw::HeaderLength { words })
    } else if header_end > end {
        (start, Flaw::Truncated { need: header_end - start, have })
    } else {
        fixed_header(draft, start, end, addresses);
        tcp_options::decode(draft, start + 20..header_end);
        let ports = (draft.u16(start), draft.u16(start + 2));
        return application::of_segment(draft, header_end..end, ports);
    };
    draft.flaw(ParseError { header: Header::Tcp, at, flaw });
}

fn fixed_header(draft: &mut Draft<'_>, start: usize, end: usize, addresses: (IpAddr, IpAddr)) {
    let flags = Flags(draft.u8(start + 13));
    port(draft, "tcp.srcport", Text::new("source port", "源端口"), start, RFC);
    port(draft, "tcp.dstport", Text::new("destination port", "目的端口"), start + 2, RFC);
    numbers(draft, start, end, flags);
    let words = draft.u8(start + 12) >> 4;
    let octets = words * 4;
    let meaning = Text::new(format!("32-bit words: {octets} octets"), format!("32 位字：首部 {octets} 字节"));
    let place = (start + 12..start + 13, 0..4);
    draft.bits("tcp.data_offset", Text::new("data offset", "数据偏移"), place, words, meaning, RFC);
    let reserved = draft.u8(start + 12) & 0x0f;
    let meaning = match reserved {
        0 => Text::new("zero, as it must be", "必须为 0"),
        _ => Text::new("must be sent as zero; receivers ignore it", "发送时必须为 0，接收方忽略"),
    };
    let place = (start + 12..start + 13, 4..8);
    draft.bits("tcp.reserved", Text::new("reserved", "保留"), place, reserved, meaning, RFC);
    control_bits(draft, start + 13, flags);
    let window = draft.u16(start + 14);
    let meaning = match window {
        0 => Text::new("the receiver has no room now", "接收方暂无缓存空间"),
        _ if flags.has(Flags::SYN) => Text::new("room it has (never scaled)", "接收窗口（SYN 中不扩大）"),
        _ => Text::new("room it has, before scaling", "接收窗口（须乘扩大因子）"),
    };
    let place = start + 14..start + 16;
    draft.field("tcp.window", Text::new("window", "窗口"), place, window, meaning, RFC);
    let pseudo = Checksum::new().add_pseudo_header_of(addresses, PROTOCOL_TCP, (end - start) as u32);
    let sum = Sum::with_pseudo_header(pseudo, draft.octets(start..end), draft.u16(start + 16));
    draft.checksum("tcp.checksum", Text::new("checksum", "检验和"), Header::Tcp, start + 16, sum, RFC);
    let urgent = draft.u16(start + 18);
    let meaning = if flags.has(Flags::URG) {
        Text::new("offset from the sequence number to after the urgent data", "从序号到紧急数据之后的偏移")
    } else {
        Text::new("means nothing without URG", "URG 未置位，无意义")
    };
    let place = start + 18..start + 20;
    draft.field("tcp.urgent", Text::new("urgent pointer", "紧急指针"), place, urgent, meaning, RFC);
}

fn numbers(draft: &mut Draft<'_>, start: usize, end: usize, flags: Flags) {
    let header_end = start + usize::from(draft.u8(start + 12) >> 4) * 4;
    let meaning = if flags.has(Flags::SYN) {
        Text::new("the initial sequence number: data begins one later", "初始序号：数据从下一个序号开始")
    } else if end > header_end {
        Text::new("number of the first octet of data here", "本报文段数据第一个字节的序号")
    } else {
        Text::new("number of the octet that would come next", "下一个要发送的字节的序号")
    };
    let value = draft.u32(start + 4);
    let name = Text::new("sequence number", "序号");
    draft.field("tcp.seq", name, start + 4..start + 8, value, meaning, "RFC 9293 3.4");
    let value = draft.u32(start + 8);
    let meaning = if flags.has(Flags::ACK) {
        Text::new(
            "the next octet expected: all before it has arrived",
            "期望收到的下一个字节的序号：此前的都已收到",
        )
    } else {
        Text::new("means nothing without ACK", "ACK 未置位，无意义")
    };
    let name = Text::new("acknowledgment number", "确认号");
    draft.field("tcp.ack", name, start + 8..start + 12, value, meaning, "RFC 9293 3.4");
}

/// Key, name, bit from the highest, meaning when set.
const CONTROL_BITS: [(&str, &str, Flags, [&str; 2], &str); 8] = [
    (
        "tcp.flags.cwr",
        "CWR",
        Flags::CWR,
        ["the sender has slowed down", "发送方已减小拥塞窗口"],
        "RFC 3168 6.1",
    ),
    (
        "tcp.flags.ece",
        "ECE",
        Flags::ECE,
        ["congestion was reported, or ECN is offered", "回送拥塞信号，或协商 ECN"],
        "RFC 3168 6.1",
    ),
    ("tcp.flags.urg", "URG", Flags::URG, ["the urgent pointer counts", "紧急指针有效"], RFC),
    ("tcp.flags.ack", "ACK", Flags::ACK, ["the acknowledgment number counts", "确认号有效"], RFC),
    ("tcp.flags.psh", "PSH", Flags::PSH, ["hand the data to the program now", "尽快把数据交付应用进程"], RFC),
    ("tcp.flags.rst", "RST", Flags::RST, ["the connection is thrown away", "复位：立即放弃连接"], RFC),
    ("tcp.flags.syn", "SYN", Flags::SYN, ["opens: this number is first", "同步：此序号为初始序号"], RFC),
    ("tcp.flags.fin", "FIN", Flags::FIN, ["the sender has no more data", "终止：发送方不再有数据"], RFC),
];

fn control_bits(draft: &mut Draft<'_>, at: usize, flags: Flags) {
    let meaning = Text::new("what kind of segment this is", "说明这是哪种报文段");
    draft.field("tcp.flags", Text::new("control bits", "控制位"), at..at + 1, flags, meaning, RFC);
    for (bit, (key, name, flag, [en, zh], cite)) in (0u8..).zip(CONTROL_BITS) {
        let set = flags.has(flag);
        let meaning = if set { Text::new(en, zh) } else { Text::new("not set", "未置位") };
        let place = (at..at + 1, bit..bit + 1);
        draft.bits(key, Text::new(name, name), place, u8::from(set), meaning, cite);
    }
}

/// A port field of TCP or UDP.
pub(super) fn port(draft: &mut Draft<'_>, key: &'static str, name: Text, at: usize, cite: &'static str) {
    let number = draft.u16(at);
    let meaning = match number {
        0 => Text::new("reserved: no program has it", "保留，不分配给任何进程"),
        1..=1023 => Text::new("a well-known port", "熟知端口号"),
        1024..=32767 => Text::new("a registered port", "登记端口号"),
        32768..=49151 => Text::new("registered; Linux lends it", "登记端口号；Linux 用作短暂"),
        49152.. => Text::new("an ephemeral port", "短暂端口号"),
    };
    draft.field(key, name, at..at + 2, number, meaning, cite);
}
