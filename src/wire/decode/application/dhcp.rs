//! DHCP messages (RFC 2131 section 2).

use super::dhcp_options;
use super::reading::{Read, Reading};
use crate::lang::Text;
use crate::wire::MacAddr;
use crate::wire::decode::draft::{hex, readable};
use std::net::Ipv4Addr;

const RFC: &str = "RFC 2131 2";
/// What tells options from the vendor data of BOOTP (RFC 2131 section 3).
const COOKIE: u32 = 0x6382_5363;

/// Reads a whole message.
pub(super) fn read(reading: &mut Reading<'_>) -> Read {
    let op = reading.u8()?;
    let meaning = match op {
        1 => Text::new("from a client", "来自客户"),
        2 => Text::new("from a server", "来自服务器"),
        other => {
            return Err(Text::new(
                format!("operation {other} is neither a request nor a reply"),
                format!("操作 {other} 既不是请求也不是应答"),
            ));
        }
    };
    reading.field("dhcp.op", Text::new("op", "操作"), 1, op, meaning, RFC);
    let kind = reading.u8()?;
    let meaning = if kind == 1 {
        Text::new("Ethernet", "以太网")
    } else {
        Text::new("not Ethernet", "不是以太网")
    };
    reading.field("dhcp.htype", Text::new("hardware type", "硬件类型"), 1, kind, meaning, RFC);
    let len = reading.u8()?;
    let meaning = Text::new("octets of a hardware address", "硬件地址的字节数");
    reading.field("dhcp.hlen", Text::new("hardware length", "硬件地址长度"), 1, len, meaning, RFC);
    let hops = reading.u8()?;
    let meaning = Text::new("relays that it went through", "经过的中继个数");
    reading.field("dhcp.hops", Text::new("hops", "跳数"), 1, hops, meaning, RFC);
    let id = reading.u32()?;
    let meaning = Text::new("ties replies to requests", "把应答与请求对应起来");
    reading.field("dhcp.xid", Text::new("transaction", "事务标识符"), 4, format!("0x{id:08x}"), meaning, RFC);
    let secs = reading.u16()?;
    let meaning = Text::new("since the client began", "客户开始以来的秒数");
    reading.field("dhcp.secs", Text::new("seconds", "秒数"), 2, secs, meaning, RFC);
    let flags = reading.u16()?;
    let meaning = if flags & 0x8000 == 0 {
        Text::new("replies may come to the address that is offered", "应答可以发往所提供的地址")
    } else {
        Text::new("replies are to be broadcast: I have no address yet", "应答请用广播：我还没有地址")
    };
    reading.bits("dhcp.flags.broadcast", Text::new("B", "B"), 0..1, flags >> 15, meaning, RFC);
    let meaning = Text::new("must be zero", "必须为 0");
    reading.bits("dhcp.flags.reserved", Text::new("reserved", "保留"), 1..16, flags & 0x7fff, meaning, RFC);
    addresses(reading)?;
    hardware_address(reading, kind, len)?;
    names(reading)?;
    let cookie = reading.u32()?;
    if cookie != COOKIE {
        return Err(Text::new(
            format!("0x{cookie:08x} stands where its options' cookie should"),
            format!("选项前的标记是 0x{cookie:08x}"),
        ));
    }
    let meaning = Text::new("options follow", "后面是选项");
    let value = format!("0x{cookie:08x}");
    reading.field("dhcp.cookie", Text::new("cookie", "标记"), 4, value, meaning, "RFC 2131 3");
    dhcp_options::read(reading)
}

fn addresses(reading: &mut Reading<'_>) -> Read {
    for (key, name, en, zh) in [
        ("dhcp.ciaddr", "ciaddr", "the client's address, if it has one already", "客户已有的地址"),
        ("dhcp.yiaddr", "yiaddr", "your address: the one for the client", "给客户的地址"),
        ("dhcp.siaddr", "siaddr", "the server for what comes next in booting", "下一步引导所用的服务器"),
        ("dhcp.giaddr", "giaddr", "the relay that passed it on", "转交的中继"),
    ] {
        let value = Ipv4Addr::from(reading.u32()?);
        let meaning = if value.is_unspecified() { Text::new("none", "无") } else { Text::new(en, zh) };
        reading.field(key, Text::new(name, name), 4, value, meaning, RFC);
    }
    Ok(())
}

fn hardware_address(reading: &mut Reading<'_>, kind: u8, len: u8) -> Read {
    let octets = reading.take(16)?;
    let value = match (kind, len, octets) {
        (1, 6, [a, b, c, d, e, f, ..]) => MacAddr([*a, *b, *c, *d, *e, *f]).to_string(),
        _ => hex(octets),
    };
    let meaning = Text::new("the client's card; zeros fill it up", "客户网卡的地址，用 0 补足");
    reading.field("dhcp.chaddr", Text::new("chaddr", "chaddr"), 16, value, meaning, RFC);
    Ok(())
}

fn names(reading: &mut Reading<'_>) -> Read {
    for (key, name, len, en, zh) in [
        ("dhcp.sname", "sname", 64, "the server's name", "服务器的名字"),
        ("dhcp.file", "file", 128, "a file to boot from", "引导文件"),
    ] {
        let octets = reading.take(len)?;
        let end = octets.iter().position(|octet| *octet == 0).unwrap_or(len);
        let text = readable(&octets[..end]);
        let meaning = if end == 0 { Text::new("none", "无") } else { Text::new(en, zh) };
        reading.field(key, Text::new(name, name), len, text, meaning, RFC);
    }
    Ok(())
}
