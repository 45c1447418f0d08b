//! The options of DHCP messages (RFC 2132).

use super::reading::{Read, Reading};
use crate::lang::Text;
use crate::wire::decode::draft::{hex, readable};
use std::net::Ipv4Addr;

/// How the octets of an option are to be read.
#[derive(Clone, Copy)]
enum Form {
    /// One address or several.
    Addresses,
    Seconds,
    Text,
    /// Codes of options.
    Codes,
    Kind,
    Octets,
}

/// Code, key, names, what it says, form, section.
type Known = (u8, &'static str, [&'static str; 2], [&'static str; 2], Form, &'static str);

const KNOWN: [Known; 14] = [
    (
        1,
        "dhcp.option.mask",
        ["subnet mask", "子网掩码"],
        ["which addresses are on this network", "本网络的地址范围"],
        Form::Addresses,
        "RFC 2132 3.3",
    ),
    (
        3,
        "dhcp.option.router",
        ["router", "路由器"],
        ["the way to all other networks", "通往其他网络的默认网关"],
        Form::Addresses,
        "RFC 2132 3.5",
    ),
    (
        6,
        "dhcp.option.dns",
        ["name server", "域名服务器"],
        ["whom to ask for names", "查询域名所用的服务器"],
        Form::Addresses,
        "RFC 2132 3.8",
    ),
    (
        12,
        "dhcp.option.host",
        ["host name", "主机名"],
        ["the client's name", "客户的名字"],
        Form::Text,
        "RFC 2132 3.14",
    ),
    (
        15,
        "dhcp.option.domain",
        ["domain", "域"],
        ["what names end in", "域名后缀"],
        Form::Text,
        "RFC 2132 3.17",
    ),
    (
        28,
        "dhcp.option.broadcast",
        ["broadcast", "广播地址"],
        ["the network's broadcast address", "本网络的广播地址"],
        Form::Addresses,
        "RFC 2132 5.3",
    ),
    (
        50,
        "dhcp.option.requested",
        ["requested", "请求的地址"],
        ["the address the client wants", "客户想要的地址"],
        Form::Addresses,
        "RFC 2132 9.1",
    ),
    (
        51,
        "dhcp.option.lease",
        ["lease", "租用期"],
        ["seconds the address may be used", "地址可以使用的秒数"],
        Form::Seconds,
        "RFC 2132 9.2",
    ),
    (53, "dhcp.option.type", ["message type", "报文类型"], ["", ""], Form::Kind, "RFC 2132 9.6"),
    (
        54,
        "dhcp.option.server",
        ["server", "服务器"],
        ["which server is meant", "指的是哪个服务器"],
        Form::Addresses,
        "RFC 2132 9.7",
    ),
    (
        55,
        "dhcp.option.wanted",
        ["wanted", "所要的选项"],
        ["options the client asks for", "客户请求的选项"],
        Form::Codes,
        "RFC 2132 9.8",
    ),
    (
        58,
        "dhcp.option.t1",
        ["renewal", "续租时间"],
        ["seconds until the client asks its server for more", "多少秒后向原服务器续租"],
        Form::Seconds,
        "RFC 2132 9.11",
    ),
    (
        59,
        "dhcp.option.t2",
        ["rebinding", "重新绑定时间"],
        ["seconds until it asks any server", "多少秒后向任何服务器续租"],
        Form::Seconds,
        "RFC 2132 9.12",
    ),
    (
        61,
        "dhcp.option.client",
        ["client", "客户标识"],
        ["who the client is", "客户是谁"],
        Form::Octets,
        "RFC 2132 9.14",
    ),
];

/// Reads options up to their end, and the padding behind it.
pub(super) fn read(reading: &mut Reading<'_>) -> Read {
    loop {
        if reading.is_done() {
            return Err(Text::new("its options have no end", "选项没有结束标记"));
        }
        match reading.u8()? {
            0 => {
                let meaning = Text::new("one octet without meaning", "一个没有意义的字节");
                reading.field("dhcp.option.pad", Text::new("pad", "填充"), 1, 0, meaning, "RFC 2132 3.1");
            }
            255 => break,
            code => option(reading, code)?,
        }
    }
    let meaning = Text::new("no option follows", "选项结束");
    reading.field("dhcp.option.end", Text::new("end", "结束"), 1, 255, meaning, "RFC 2132 3.2");
    let len = reading.rest().len();
    if len > 0 {
        if reading.take(len)?.iter().any(|octet| *octet != 0) {
            return Err(Text::new("something stands behind its options' end", "选项结束标记后面还有内容"));
        }
        let meaning = Text::new("fills the message up", "把报文补足");
        reading.field("dhcp.padding", Text::new("padding", "填充"), len, len, meaning, "RFC 2131 2");
    }
    Ok(())
}

fn option(reading: &mut Reading<'_>, code: u8) -> Read {
    let len = usize::from(reading.u8()?);
    let octets = reading.take(len)?;
    let known = KNOWN.iter().find(|(known, ..)| *known == code);
    let Some((_, key, [en, zh], [says, says_zh], form, cite)) = known else {
        let meaning =
            Text::new(format!("option {code}, not listed here"), format!("选项 {code}，此处未列出"));
        let name = Text::new(format!("option {code}"), format!("选项 {code}"));
        reading.field("dhcp.option.other", name, len + 2, hex(octets), meaning, "RFC 2132 2");
        return Ok(());
    };
    let (value, meaning) = match form {
        Form::Kind => kind(octets)?,
        other => (value(*other, octets).ok_or_else(|| wrong_length(code, len))?, Text::new(*says, *says_zh)),
    };
    reading.field(key, Text::new(*en, *zh), len + 2, value, meaning, cite);
    Ok(())
}

fn value(form: Form, octets: &[u8]) -> Option<String> {
    let joined = |parts: Vec<String>| Some(parts.join(", ")).filter(|text| !text.is_empty());
    match form {
        Form::Addresses => {
            let parts = octets.chunks(4).map(|chunk| <[u8; 4]>::try_from(chunk).map(Ipv4Addr::from));
            joined(parts.map(|part| part.map(|address| address.to_string())).collect::<Result<_, _>>().ok()?)
        }
        Form::Seconds => {
            let seconds = <[u8; 4]>::try_from(octets).ok()?;
            Some(u32::from_be_bytes(seconds).to_string())
        }
        Form::Text => Some(readable(octets)).filter(|text| !text.is_empty()),
        Form::Codes => joined(octets.iter().map(u8::to_string).collect()),
        Form::Octets | Form::Kind => Some(hex(octets)).filter(|text| !text.is_empty()),
    }
}

fn kind(octets: &[u8]) -> Read<(String, Text)> {
    let (name, meaning) = match octets {
        [1] => ("DISCOVER", Text::new("which servers are there?", "有哪些服务器？")),
        [2] => ("OFFER", Text::new("this address could be yours", "可以给你这个地址")),
        [3] => ("REQUEST", Text::new("I take this one, or want to keep it", "我要这个地址（或继续使用）")),
        [4] => ("DECLINE", Text::new("somebody has that address already", "这个地址已经有人用了")),
        [5] => ("ACK", Text::new("it is yours", "给你了")),
        [6] => ("NAK", Text::new("no: begin again", "不行，重新开始")),
        [7] => ("RELEASE", Text::new("I need it no more", "不再需要")),
        [8] => ("INFORM", Text::new("I have an address; what else is there?", "我已有地址，只要其他参数")),
        [other] => {
            return Err(Text::new(
                format!("there is no message type {other}"),
                format!("没有编号为 {other} 的报文类型"),
            ));
        }
        _ => return Err(wrong_length(53, octets.len())),
    };
    Ok((name.to_owned(), meaning))
}

fn wrong_length(code: u8, len: usize) -> Text {
    Text::new(format!("its option {code} has {len} octets"), format!("选项 {code} 有 {len} 个字节"))
}
