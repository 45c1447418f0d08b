//! DNS messages (RFC 1035 section 4).

use super::dns_name;
use super::reading::{Read, Reading};
use crate::lang::Text;
use std::net::{Ipv4Addr, Ipv6Addr};

const HEADER: &str = "RFC 1035 4.1.1";
const QUESTION: &str = "RFC 1035 4.1.2";
const RECORD: &str = "RFC 1035 4.1.3";
const COMPRESSION: &str = "RFC 1035 4.1.4";

/// Reads a whole message.
pub(super) fn read(reading: &mut Reading<'_>) -> Read {
    let counts = header(reading)?;
    for _ in 0..counts[0] {
        question(reading)?;
    }
    for (count, section) in counts[1..].iter().zip([
        Text::new("answer", "回答"),
        Text::new("authority", "授权"),
        Text::new("additional", "附加"),
    ]) {
        for _ in 0..*count {
            record(reading, &section)?;
        }
    }
    if !reading.is_done() {
        let left = reading.rest().len();
        return Err(Text::new(
            format!("{left} octets stand behind its last record"),
            format!("最后一个记录后面还有 {left} 个字节"),
        ));
    }
    Ok(())
}

/// The header; how many questions and records of each section follow.
fn header(reading: &mut Reading<'_>) -> Read<[u16; 4]> {
    let id = reading.u16()?;
    let meaning = Text::new("ties an answer to its question", "把应答与查询对应起来");
    let value = format!("0x{id:04x}");
    reading.field("dns.id", Text::new("identifier", "标识符"), 2, value, meaning, HEADER);
    let flags = reading.u16()?;
    flag_bits(reading, flags);
    let mut counts = [0; 4];
    for (count, (key, en, zh, of, of_zh)) in counts.iter_mut().zip([
        ("dns.qdcount", "questions", "问题数", "how many questions follow", "后面有几个问题"),
        ("dns.ancount", "answers", "回答数", "records that answer", "回答部分的记录数"),
        ("dns.nscount", "authorities", "授权数", "records that name servers in charge", "授权部分的记录数"),
        ("dns.arcount", "additional", "附加数", "records that may help", "附加部分的记录数"),
    ]) {
        *count = reading.u16()?;
        reading.field(key, Text::new(en, zh), 2, *count, Text::new(of, of_zh), HEADER);
    }
    Ok(counts)
}

fn flag_bits(reading: &mut Reading<'_>, flags: u16) {
    let bit = |at: u16| flags >> (15 - at) & 1;
    let response = bit(0) == 1;
    let meaning = if response { Text::new("a response", "应答") } else { Text::new("a query", "查询") };
    reading.bits("dns.qr", Text::new("QR", "QR"), 0..1, bit(0), meaning, HEADER);
    let opcode = flags >> 11 & 0xf;
    let meaning = match opcode {
        0 => Text::new("a standard query", "标准查询"),
        1 => Text::new("an inverse query, obsolete", "反向查询，已废弃"),
        2 => Text::new("a request for the server's status", "询问服务器状态"),
        4 => Text::new("a zone has changed", "区有更新"),
        5 => Text::new("a zone is to be changed", "更新区的内容"),
        _ => Text::new("not assigned", "未分配"),
    };
    reading.bits("dns.opcode", Text::new("opcode", "操作码"), 1..5, opcode, meaning, HEADER);
    for (at, key, name, set, clear) in [
        (
            5,
            "dns.aa",
            "AA",
            Text::new("from the server in charge of the name", "来自负责该域名的服务器"),
            Text::new("not from a server in charge", "不是来自负责的服务器"),
        ),
        (
            6,
            "dns.tc",
            "TC",
            Text::new("cut: ask again over TCP", "被截断：应改用 TCP 再问"),
            Text::new("whole", "完整"),
        ),
        (
            7,
            "dns.rd",
            "RD",
            Text::new("the server shall ask others if need be", "希望服务器代为递归查询"),
            Text::new("the server shall say what it knows itself", "只要服务器自己知道的"),
        ),
        (
            8,
            "dns.ra",
            "RA",
            Text::new("the server asks others for its clients", "服务器可以递归查询"),
            Text::new("the server does not ask others", "服务器不做递归查询"),
        ),
    ] {
        let meaning = if bit(at) == 1 { set } else { clear };
        let bits = at as u8..at as u8 + 1;
        reading.bits(key, Text::new(name, name), bits, bit(at), meaning, HEADER);
    }
    let zero = flags >> 4 & 7;
    let meaning = if zero == 0 {
        Text::new("zero; two of them are DNSSEC's by now", "为 0；其中两位后来归 DNSSEC 使用")
    } else {
        Text::new("of DNSSEC (RFC 4035)", "DNSSEC 的标志（RFC 4035）")
    };
    reading.bits("dns.z", Text::new("Z", "Z"), 9..12, zero, meaning, HEADER);
    let code = flags & 0xf;
    let meaning = match (code, response) {
        (_, false) => Text::new("means nothing in a query", "在查询里没有意义"),
        (0, _) => Text::new("no error", "没有差错"),
        (1, _) => Text::new("FORMERR: the server could not read the query", "FORMERR：服务器读不懂查询"),
        (2, _) => Text::new("SERVFAIL: the server could not do it", "SERVFAIL：服务器没能完成"),
        (3, _) => Text::new("NXDOMAIN: there is no such name", "NXDOMAIN：没有这个域名"),
        (4, _) => Text::new("NOTIMP: the server does not do that", "NOTIMP：服务器不支持"),
        (5, _) => Text::new("REFUSED: the server does not want to", "REFUSED：服务器拒绝"),
        _ => Text::new("another error", "其他差错"),
    };
    reading.bits("dns.rcode", Text::new("response code", "响应码"), 12..16, code, meaning, HEADER);
}

fn question(reading: &mut Reading<'_>) -> Read {
    let meaning = Text::new("the name that is asked about", "所问的域名");
    name(reading, "dns.qname", Text::new("name", "域名"), &meaning, QUESTION)?;
    let kind = reading.u16()?;
    let value = type_name(kind);
    reading.field("dns.qtype", Text::new("type", "类型"), 2, value, type_meaning(kind), QUESTION);
    let class = reading.u16()?;
    reading.field("dns.qclass", Text::new("class", "类"), 2, class, class_meaning(class), QUESTION);
    Ok(())
}

fn record(reading: &mut Reading<'_>, section: &Text) -> Read {
    let meaning = Text::new(
        format!("what this record of the {} section is about", section.en),
        format!("{}部分这个记录所说的域名", section.zh),
    );
    name(reading, "dns.name", Text::new("name", "域名"), &meaning, RECORD)?;
    let kind = reading.u16()?;
    reading.field("dns.type", Text::new("type", "类型"), 2, type_name(kind), type_meaning(kind), RECORD);
    let class = reading.u16()?;
    let meaning = if kind == 41 {
        Text::new("largest datagram that the sender takes", "发送方能接收的最大用户数据报")
    } else {
        class_meaning(class)
    };
    reading.field("dns.class", Text::new("class", "类"), 2, class, meaning, RECORD);
    let ttl = reading.u32()?;
    let meaning = if kind == 41 {
        Text::new("more of the response code, version and flags of EDNS", "EDNS 的扩展响应码、版本和标志")
    } else {
        Text::new("seconds it may be kept and used again", "可以缓存的秒数")
    };
    reading.field("dns.ttl", Text::new("time to live", "生存时间"), 4, ttl, meaning, RECORD);
    let len = reading.u16()?;
    let meaning = Text::new("octets of data that follow", "后面数据的字节数");
    reading.field("dns.rdlength", Text::new("length", "长度"), 2, len, meaning, RECORD);
    data(reading, kind, usize::from(len))
}

fn data(reading: &mut Reading<'_>, kind: u16, len: usize) -> Read {
    let from = reading.at();
    let octets = reading.take(len)?;
    let key = "dns.rdata";
    match (kind, octets) {
        (1, [a, b, c, d]) => {
            let value = Ipv4Addr::new(*a, *b, *c, *d);
            let meaning = Text::new("the IPv4 address", "IPv4 地址");
            reading.field(key, Text::new("address", "地址"), len, value, meaning, "RFC 1035 3.4.1");
        }
        (28, octets) if len == 16 => {
            let mut address = [0; 16];
            address.copy_from_slice(octets);
            let value = Ipv6Addr::from(address);
            let meaning = Text::new("the IPv6 address", "IPv6 地址");
            reading.field(key, Text::new("address", "地址"), len, value, meaning, "RFC 3596 2.2");
        }
        (2 | 5 | 12, _) => {
            let name = dns_name::read(reading.octets(), from)?;
            if name.len != len {
                return Err(Text::new(
                    "a record's length is not that of its name",
                    "记录的长度与其中的域名不符",
                ));
            }
            let meaning = match kind {
                2 => Text::new("a server in charge", "负责的服务器"),
                5 => Text::new("the name that it really is", "真正的域名"),
                _ => Text::new("the name of that address", "该地址的域名"),
            };
            reading.field(key, Text::new("name", "域名"), len, name.text, meaning, "RFC 1035 3.3");
        }
        (1 | 28, _) => {
            return Err(Text::new(
                format!("an address in it has {len} octets"),
                format!("其中的地址有 {len} 个字节"),
            ));
        }
        _ => {
            let meaning = Text::new("not taken apart here", "此处不再解析");
            let value = Text::new(format!("{len} octets"), format!("{len} 字节"));
            reading.field(key, Text::new("data", "数据"), len, value.en, meaning, RECORD);
        }
    }
    Ok(())
}

/// A name at the reading's place, with what its pointer says.
fn name(
    reading: &mut Reading<'_>,
    key: &'static str,
    title: Text,
    meaning: &Text,
    cite: &'static str,
) -> Read {
    let found = dns_name::read(reading.octets(), reading.at())?;
    reading.take(found.len)?;
    match found.pointer {
        None => reading.field(key, title, found.len, found.text, meaning.clone(), cite),
        Some(to) => {
            let meaning = Text::new(
                format!("{}; a pointer leads to octet {to} of the message", meaning.en),
                format!("{}；用指针指向报文的第 {to} 字节", meaning.zh),
            );
            reading.field(key, title, found.len, found.text, meaning, COMPRESSION);
        }
    }
    Ok(())
}

fn type_name(kind: u16) -> String {
    match kind {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        41 => "OPT",
        255 => "ANY",
        other => return other.to_string(),
    }
    .to_owned()
}

fn type_meaning(kind: u16) -> Text {
    match kind {
        1 => Text::new("an IPv4 address", "IPv4 地址"),
        2 => Text::new("a name server", "域名服务器"),
        5 => Text::new("the canonical name", "规范名"),
        6 => Text::new("where authority begins", "授权起始"),
        12 => Text::new("a name for an address", "由地址查域名"),
        15 => Text::new("where mail goes", "邮件服务器"),
        16 => Text::new("text", "文本"),
        28 => Text::new("an IPv6 address", "IPv6 地址"),
        33 => Text::new("where a service is", "服务的位置"),
        41 => Text::new("no record, but an extension (EDNS)", "不是记录，而是扩展（EDNS）"),
        255 => Text::new("whatever there is", "所有类型"),
        _ => Text::new("not listed here", "此处未列出"),
    }
}

fn class_meaning(class: u16) -> Text {
    match class {
        1 => Text::new("the Internet", "因特网"),
        255 => Text::new("any class", "任何类"),
        _ => Text::new("not the Internet's", "不是因特网的类"),
    }
}
