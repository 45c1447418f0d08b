//! What a packet is for, as far as it shows from outside.

use crate::lang::Lang;
use crate::wire::{ArpOperation, BridgeId, IcmpMessage, MOST_EXTENSIONS, ParseError, Seq};
use std::net::{Ipv4Addr, Ipv6Addr};

/// What a captured packet is for. Packets are named by their number in the capture, from 1; octets of a stream
/// by their place in it, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The first SYN.
    Opens {
        /// The initial sequence number.
        isn: Seq,
    },
    /// A SYN while the other side's SYN is under way.
    OpensAtOnce {
        /// The other SYN.
        other: usize,
    },
    /// A SYN again.
    RepeatsSyn {
        /// The first.
        of: usize,
    },
    /// SYN and ACK.
    AnswersSyn {
        /// The SYN.
        of: usize,
        /// The initial sequence number.
        isn: Seq,
    },
    /// SYN and ACK from a side that had sent its SYN before.
    AnswersCrossedSyn {
        /// The other side's SYN.
        of: usize,
    },
    /// SYN and ACK again.
    RepeatsSynAck {
        /// The first.
        of: usize,
    },
    /// The ACK that ends the handshake.
    CompletesHandshake {
        /// The SYN-ACK.
        of: usize,
    },
    /// New data.
    Carries {
        /// The first octet's place in its stream.
        first: u32,
        /// The last octet's.
        last: u32,
        /// What it acknowledges on the way, if that is news.
        piggyback: Option<Piggyback>,
    },
    /// Data again.
    RepeatsData {
        /// The packet that first carried its first octet; `None` if that was before the capture, or too long ago.
        of: Option<usize>,
    },
    /// Acknowledges data.
    Acknowledges {
        /// The last octet it covers.
        up_to: u32,
        /// Whether it says that there is no room for more.
        window_closed: bool,
    },
    /// Acknowledges a FIN.
    AcknowledgesFin {
        /// The FIN.
        of: usize,
    },
    /// Acknowledges what it had acknowledged, in answer to something that came twice.
    AnswersRepeated {
        /// The repeated packet.
        of: usize,
    },
    /// Acknowledges what it had acknowledged.
    RepeatsAck,
    /// Answers a probe.
    AnswersProbe {
        /// The probe.
        of: usize,
    },
    /// A probe below SND.NXT while the peer has room.
    Keepalive,
    /// A probe while the peer has no room.
    ProbesWindow,
    /// Only the window is news.
    UpdatesWindow {
        /// The window field.
        window: u16,
    },
    /// FIN, maybe with the last data.
    Closes {
        /// Octets of data with it.
        data: u32,
        /// What it acknowledges on the way, if that is news.
        piggyback: Option<Piggyback>,
    },
    /// A FIN again.
    RepeatsFin {
        /// The first.
        of: usize,
    },
    /// A RST for a SYN.
    Refuses {
        /// The SYN.
        of: usize,
    },
    /// A RST that says there is no such connection.
    Rejects {
        /// The packet it answers.
        of: usize,
    },
    /// A RST of one's own accord.
    Aborts,
    /// A TCP segment that opens nothing and belongs to nothing seen so far.
    Stray,
    /// A UDP datagram.
    Datagram {
        /// Octets of data.
        len: usize,
        /// Destination port.
        port: u16,
    },
    /// A fragment of an IP packet.
    Fragment {
        /// Its first octet's place in the whole, from 0.
        offset: u32,
        /// Its octets.
        len: usize,
        /// Whether it is the last.
        last: bool,
        /// Of IP version 4 or 6.
        version: u8,
    },
    /// An ICMP message; for an error, the port the quoted packet was sent to.
    Icmp {
        /// Type and code.
        kind: (u8, u8),
        /// Destination port of the quoted packet.
        port: Option<u16>,
    },
    /// An ICMPv6 message; for an error, the port the quoted packet was sent to.
    Icmpv6 {
        /// Type and code.
        kind: (u8, u8),
        /// Destination port of the quoted packet.
        port: Option<u16>,
        /// The address that neighbour discovery is about.
        about: Option<Ipv6Addr>,
    },
    /// An ARP message.
    Arp {
        /// What it does.
        operation: ArpOperation,
        /// The address it is about.
        about: Ipv4Addr,
    },
    /// A configuration message of spanning tree.
    SpanningTree {
        /// Whom it takes for the root.
        root: BridgeId,
        /// Whether that is its sender.
        own: bool,
    },
    /// A bridge tells the root that the tree has changed.
    TopologyChange,
    /// A packet of a protocol that is not followed here.
    Other,
    /// A packet that cannot be read.
    Unreadable(ParseError),
}

/// What a segment acknowledges that is on its way for another reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piggyback {
    /// Data up to this octet of the other stream.
    Data(u32),
    /// The FIN of this packet.
    Fin(usize),
}

impl Purpose {
    /// The RFC section that has such packets; empty where none does.
    pub fn section(&self) -> &'static str {
        match self {
            Purpose::Opens { .. }
            | Purpose::OpensAtOnce { .. }
            | Purpose::AnswersSyn { .. }
            | Purpose::AnswersCrossedSyn { .. }
            | Purpose::CompletesHandshake { .. } => "RFC 9293 3.5",
            Purpose::RepeatsSyn { .. }
            | Purpose::RepeatsSynAck { .. }
            | Purpose::RepeatsData { .. }
            | Purpose::RepeatsFin { .. } => "RFC 9293 3.8.1",
            Purpose::Carries { .. } => "RFC 9293 3.4",
            Purpose::Acknowledges { .. } => "RFC 9293 3.4",
            Purpose::AcknowledgesFin { .. } | Purpose::Closes { .. } => "RFC 9293 3.6",
            Purpose::AnswersRepeated { .. } => "RFC 9293 3.10.7.4",
            Purpose::RepeatsAck => "RFC 5681 2",
            Purpose::AnswersProbe { .. } | Purpose::Keepalive => "RFC 9293 3.8.4",
            Purpose::ProbesWindow => "RFC 9293 3.8.6.1",
            Purpose::UpdatesWindow { .. } => "RFC 9293 3.8.6",
            Purpose::Refuses { .. } | Purpose::Rejects { .. } => "RFC 9293 3.5.2",
            Purpose::Aborts => "RFC 9293 3.10.5",
            Purpose::Stray | Purpose::Other => "",
            Purpose::Datagram { .. } => "RFC 768",
            Purpose::Fragment { version: 6, .. } => "RFC 8200 4.5",
            Purpose::Fragment { .. } => "RFC 791 3.2",
            Purpose::Icmp { kind: (3, 3), .. } => "RFC 1122 4.1.3.1",
            Purpose::Icmp { .. } => "RFC 792",
            Purpose::Icmpv6 { kind: (133 | 134, _), .. } => "RFC 4861 6",
            Purpose::Icmpv6 { kind: (135 | 136, _), .. } => "RFC 4861 7.2",
            Purpose::Icmpv6 { kind: (137, _), .. } => "RFC 4861 8",
            Purpose::Icmpv6 { .. } => "RFC 4443",
            Purpose::Arp { .. } => "RFC 826",
            Purpose::SpanningTree { .. } => "IEEE 802.1D 8.6.1",
            Purpose::TopologyChange => "IEEE 802.1D 8.6.6",
            Purpose::Unreadable(error) => error.section(),
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.english(),
            Lang::Zh => self.chinese(),
        }
    }

    fn english(&self) -> String {
        match self {
            Purpose::Opens { isn } => format!("Opens the connection: SYN, initial sequence number {isn}."),
            Purpose::OpensAtOnce { other } => {
                format!("Opens the connection too: the SYN of packet {other} had not arrived yet.")
            }
            Purpose::RepeatsSyn { of } => format!("Repeats the SYN of packet {of}: no answer came in time."),
            Purpose::AnswersSyn { of, isn } => format!(
                "Answers the SYN of packet {of}: acknowledges it, with initial sequence number {isn} of its own."
            ),
            Purpose::AnswersCrossedSyn { of } => {
                format!("Acknowledges the SYN of packet {of}, which crossed its own: both opened at once.")
            }
            Purpose::RepeatsSynAck { of } => format!("Repeats the SYN-ACK of packet {of}."),
            Purpose::CompletesHandshake { of } => {
                format!("Acknowledges the SYN of packet {of}: the handshake is complete.")
            }
            Purpose::Carries { first, last, piggyback } => {
                let what = match last.wrapping_sub(*first) {
                    0 => format!("Carries octet {first} of its stream"),
                    _ => format!("Carries octets {first} to {last} of its stream"),
                };
                what + &piggyback_in_english(*piggyback)
            }
            Purpose::RepeatsData { of: Some(of) } => {
                format!("Repeats data of packet {of}, not acknowledged in time.")
            }
            Purpose::RepeatsData { of: None } => {
                "Repeats data of an earlier packet, not acknowledged in time.".to_owned()
            }
            Purpose::Acknowledges { up_to, window_closed: false } => {
                format!("Acknowledges everything up to octet {up_to}.")
            }
            Purpose::Acknowledges { up_to, window_closed: true } => {
                format!("Acknowledges everything up to octet {up_to}, and has no room for more.")
            }
            Purpose::AcknowledgesFin { of } => format!("Acknowledges the FIN of packet {of}."),
            Purpose::AnswersRepeated { of } => {
                format!("Answers packet {of}, which it had already: says again what it expects next.")
            }
            Purpose::RepeatsAck => "Says again what it expects next.".to_owned(),
            Purpose::AnswersProbe { of } => format!("Answers the probe of packet {of}: it is still there."),
            Purpose::Keepalive => {
                "Keepalive: a probe just below the next sequence number, which a living peer must answer."
                    .to_owned()
            }
            Purpose::ProbesWindow => "Asks whether the peer has room again: its window was zero.".to_owned(),
            Purpose::UpdatesWindow { window: 0 } => "Says that it has no room for more.".to_owned(),
            Purpose::UpdatesWindow { window } => format!("Says how much room it has now: window {window}."),
            Purpose::Closes { data, piggyback } => {
                let what = match data {
                    0 => "Closes its direction: FIN, it will send no more data".to_owned(),
                    1 => "Carries the last octet and closes its direction: FIN".to_owned(),
                    n => format!("Carries the last {n} octets and closes its direction: FIN"),
                };
                what + &piggyback_in_english(*piggyback)
            }
            Purpose::RepeatsFin { of } => format!("Repeats the FIN of packet {of}: no answer came in time."),
            Purpose::Refuses { of } => format!("Refuses the SYN of packet {of}: RST."),
            Purpose::Rejects { of } => {
                format!("Answers packet {of} with RST: its sender has no such connection.")
            }
            Purpose::Aborts => "Aborts the connection: RST.".to_owned(),
            Purpose::Stray => "Belongs to no connection whose opening was seen.".to_owned(),
            Purpose::Datagram { len, port } => format!("Carries a datagram of {len} octets to port {port}."),
            Purpose::Fragment { offset, len, last, .. } => {
                let which = if *last { "The last fragment" } else { "A fragment" };
                format!("{which}: {len} octets from octet {offset} on.")
            }
            Purpose::Icmp { kind: (3, 3), port: Some(port) } => {
                format!("Says that nobody has port {port} there.")
            }
            Purpose::Icmp { kind: (3, _), .. } => "Says that a packet could not be delivered.".to_owned(),
            Purpose::Icmp { kind: (11, _), .. } => "Says that a packet's time ran out.".to_owned(),
            Purpose::Icmp { kind: (8, _), .. } => "Asks for an echo.".to_owned(),
            Purpose::Icmp { kind: (0, _), .. } => "Returns an echo.".to_owned(),
            Purpose::Icmp { kind: (kind, code), .. } => {
                format!("An ICMP message of type {kind}, code {code}.")
            }
            Purpose::Icmpv6 { kind, port, about } => icmpv6_in_english(*kind, *port, *about),
            Purpose::Arp { operation: ArpOperation::Request, about } => {
                format!("Asks which card has {about}.")
            }
            Purpose::Arp { operation: ArpOperation::Reply, about } => format!("Answers that it has {about}."),
            Purpose::Arp { operation: ArpOperation::Other(number), .. } => {
                format!("An ARP message of operation {number}.")
            }
            Purpose::SpanningTree { own: true, .. } => {
                "Spanning tree: its sender takes itself for the root.".to_owned()
            }
            Purpose::SpanningTree { root, own: false } => {
                format!("Spanning tree: passes on that {root} is the root.")
            }
            Purpose::TopologyChange => "Spanning tree: tells the root that the tree has changed.".to_owned(),
            Purpose::Other => "A protocol that is not followed here.".to_owned(),
            Purpose::Unreadable(error) => error.sentence(Lang::En),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Purpose::Opens { isn } => format!("请求建立连接：SYN，初始序号 {isn}。"),
            Purpose::OpensAtOnce { other } => {
                format!("也主动请求建立连接：第 {other} 帧的 SYN 此时尚未到达（同时打开）。")
            }
            Purpose::RepeatsSyn { of } => format!("重传第 {of} 帧的 SYN：未按时收到应答。"),
            Purpose::AnswersSyn { of, isn } => {
                format!("应答第 {of} 帧的 SYN：确认对方的同步请求，并给出自己的初始序号 {isn}。")
            }
            Purpose::AnswersCrossedSyn { of } => {
                format!("确认第 {of} 帧的 SYN，它与自己的 SYN 在途中交叉：双方同时打开。")
            }
            Purpose::RepeatsSynAck { of } => format!("重传第 {of} 帧的 SYN+ACK。"),
            Purpose::CompletesHandshake { of } => format!("确认第 {of} 帧的 SYN：三报文握手完成。"),
            Purpose::Carries { first, last, piggyback } => {
                let what = match last.wrapping_sub(*first) {
                    0 => format!("携带本方向字节流的第 {first} 字节"),
                    _ => format!("携带本方向字节流的第 {first} 到 {last} 字节"),
                };
                what + &piggyback_in_chinese(*piggyback)
            }
            Purpose::RepeatsData { of: Some(of) } => format!("重传第 {of} 帧的数据：未按时得到确认。"),
            Purpose::RepeatsData { of: None } => "重传较早发送过的数据：未按时得到确认。".to_owned(),
            Purpose::Acknowledges { up_to, window_closed: false } => {
                format!("累积确认到第 {up_to} 字节。")
            }
            Purpose::Acknowledges { up_to, window_closed: true } => {
                format!("累积确认到第 {up_to} 字节，并通告零窗口：暂无接收缓存。")
            }
            Purpose::AcknowledgesFin { of } => format!("确认第 {of} 帧的 FIN。"),
            Purpose::AnswersRepeated { of } => {
                format!("应答第 {of} 帧（此前已经收到过）：重申期望收到的下一个序号。")
            }
            Purpose::RepeatsAck => "重申期望收到的下一个序号（重复确认）。".to_owned(),
            Purpose::AnswersProbe { of } => format!("应答第 {of} 帧的探测：本方仍然在线。"),
            Purpose::Keepalive => "保活探测：序号比下一个要发送的序号小 1，对方若仍在线必须应答。".to_owned(),
            Purpose::ProbesWindow => "零窗口探测：询问对方是否又有了接收缓存。".to_owned(),
            Purpose::UpdatesWindow { window: 0 } => "通告零窗口：暂无接收缓存。".to_owned(),
            Purpose::UpdatesWindow { window } => format!("更新窗口：现在的窗口为 {window}。"),
            Purpose::Closes { data, piggyback } => {
                let what = match data {
                    0 => "关闭本方向：FIN，不再发送数据".to_owned(),
                    n => format!("携带最后 {n} 字节数据，并关闭本方向：FIN"),
                };
                what + &piggyback_in_chinese(*piggyback)
            }
            Purpose::RepeatsFin { of } => format!("重传第 {of} 帧的 FIN：未按时收到应答。"),
            Purpose::Refuses { of } => format!("拒绝第 {of} 帧的 SYN：RST。"),
            Purpose::Rejects { of } => format!("以 RST 应答第 {of} 帧：本方没有这个连接。"),
            Purpose::Aborts => "异常终止连接：RST。".to_owned(),
            Purpose::Stray => "不属于任何已看到其建立过程的连接。".to_owned(),
            Purpose::Datagram { len, port } => format!("携带一个 {len} 字节的用户数据报，发往端口 {port}。"),
            Purpose::Fragment { offset, len, last, .. } => {
                let which = if *last { "最后一个分片" } else { "一个分片" };
                format!("{which}：从第 {offset} 字节起的 {len} 字节。")
            }
            Purpose::Icmp { kind: (3, 3), port: Some(port) } => {
                format!("报告端口不可达：那里没有进程使用端口 {port}。")
            }
            Purpose::Icmp { kind: (3, _), .. } => "报告有分组无法交付（终点不可达）。".to_owned(),
            Purpose::Icmp { kind: (11, _), .. } => "报告有分组超时。".to_owned(),
            Purpose::Icmp { kind: (8, _), .. } => "回送请求。".to_owned(),
            Purpose::Icmp { kind: (0, _), .. } => "回送回答。".to_owned(),
            Purpose::Icmp { kind: (kind, code), .. } => format!("类型 {kind}、代码 {code} 的 ICMP 报文。"),
            Purpose::Icmpv6 { kind, port, about } => icmpv6_in_chinese(*kind, *port, *about),
            Purpose::Arp { operation: ArpOperation::Request, about } => {
                format!("询问：谁有 {about}，请告知硬件地址。")
            }
            Purpose::Arp { operation: ArpOperation::Reply, about } => format!("应答：{about} 就是本站。"),
            Purpose::Arp { operation: ArpOperation::Other(number), .. } => {
                format!("操作码为 {number} 的 ARP 报文。")
            }
            Purpose::SpanningTree { own: true, .. } => "生成树：发送方认为自己就是根。".to_owned(),
            Purpose::SpanningTree { root, own: false } => format!("生成树：转告根网桥是 {root}。"),
            Purpose::TopologyChange => "生成树：通知根网桥，拓扑已变。".to_owned(),
            Purpose::Other => "此处不跟踪的协议。".to_owned(),
            Purpose::Unreadable(error) => error.sentence(Lang::Zh),
        }
    }
}

/// The end of the sentence.
fn piggyback_in_english(piggyback: Option<Piggyback>) -> String {
    match piggyback {
        Some(Piggyback::Data(up_to)) => format!(", and acknowledges everything up to octet {up_to}."),
        Some(Piggyback::Fin(of)) => format!(", and acknowledges the FIN of packet {of}."),
        None => ".".to_owned(),
    }
}

/// The end of the sentence.
fn piggyback_in_chinese(piggyback: Option<Piggyback>) -> String {
    match piggyback {
        Some(Piggyback::Data(up_to)) => format!("，并捎带确认到第 {up_to} 字节。"),
        Some(Piggyback::Fin(of)) => format!("，并捎带确认第 {of} 帧的 FIN。"),
        None => "。".to_owned(),
    }
}

/// The port that the packet quoted in an ICMP error was sent to.
pub(super) fn quoted_port(message: &IcmpMessage) -> Option<u16> {
    let quote = match message {
        IcmpMessage::DestinationUnreachable { quote, .. } | IcmpMessage::TimeExceeded { quote, .. } => quote,
        IcmpMessage::EchoRequest { .. } | IcmpMessage::EchoReply { .. } | IcmpMessage::Other { .. } => {
            return None;
        }
    };
    let header_len = usize::from(quote.first()? & 0x0f) * 4;
    let port = quote.get(header_len + 2..header_len + 4)?;
    matches!(quote.get(9)?, 6 | 17).then_some(u16::from_be_bytes(port.try_into().ok()?))
}

/// The port that the IPv6 packet quoted in an ICMPv6 error was sent to. The quote may be cut short, so only its chain of
/// headers is followed.
pub(super) fn quoted_port_of_ipv6(quote: &[u8]) -> Option<u16> {
    let (mut next, mut at) = (*quote.get(6)?, 40);
    for _ in 0..MOST_EXTENSIONS {
        let len = match next {
            44 if quote.get(at + 2..at + 4)?.iter().any(|octet| octet & 0xf8 != 0) => return None,
            44 => 8,
            0 | 43 | 60 => (usize::from(*quote.get(at + 1)?) + 1) * 8,
            _ => break,
        };
        (next, at) = (*quote.get(at)?, at + len);
    }
    let port = quote.get(at + 2..at + 4)?;
    matches!(next, 6 | 17).then_some(u16::from_be_bytes(port.try_into().ok()?))
}

fn icmpv6_in_english((kind, code): (u8, u8), port: Option<u16>, about: Option<Ipv6Addr>) -> String {
    match (kind, code, port, about) {
        (1, 4, Some(port), _) => format!("Says that nobody has port {port} there."),
        (1, ..) => "Says that a packet could not be delivered.".to_owned(),
        (2, ..) => "Says that a packet was too big for the next link.".to_owned(),
        (3, ..) => "Says that a packet's time ran out.".to_owned(),
        (4, ..) => "Says that a packet's header could not be understood.".to_owned(),
        (128, ..) => "Asks for an echo.".to_owned(),
        (129, ..) => "Returns an echo.".to_owned(),
        (133, ..) => "Asks the routers of this link to announce themselves.".to_owned(),
        (134, ..) => "A router announces itself and the prefixes of this link.".to_owned(),
        (135, .., Some(about)) => format!("Asks which card has {about}."),
        (136, .., Some(about)) => format!("Says that it has {about}."),
        (137, ..) => "A router names a better first hop.".to_owned(),
        _ => format!("An ICMPv6 message of type {kind}, code {code}."),
    }
}

fn icmpv6_in_chinese((kind, code): (u8, u8), port: Option<u16>, about: Option<Ipv6Addr>) -> String {
    match (kind, code, port, about) {
        (1, 4, Some(port), _) => format!("报告端口不可达：那里没有进程使用端口 {port}。"),
        (1, ..) => "报告有分组无法交付（终点不可达）。".to_owned(),
        (2, ..) => "报告有分组过大，下一条链路通不过。".to_owned(),
        (3, ..) => "报告有分组超时。".to_owned(),
        (4, ..) => "报告有分组的首部无法处理（参数问题）。".to_owned(),
        (128, ..) => "回送请求。".to_owned(),
        (129, ..) => "回送回答。".to_owned(),
        (133, ..) => "路由器请求：请本链路的路由器通告自己。".to_owned(),
        (134, ..) => "路由器通告：宣告自己以及本链路的前缀。".to_owned(),
        (135, .., Some(about)) => format!("邻站请求：谁有 {about}，请告知硬件地址。"),
        (136, .., Some(about)) => format!("邻站通告：{about} 就是本站。"),
        (137, ..) => "路由器指出更好的下一跳（改变路由）。".to_owned(),
        _ => format!("类型 {kind}、代码 {code} 的 ICMPv6 报文。"),
    }
}
