//! Packets: `< [ect0] 80 > 8080 P. 1:1001(1000) ack 1 win 257 <nop,nop,TS val 1 ecr 2>`.

use super::cursor::Cursor;
use super::lex::Word;
use super::mistakes::{Mistake, Read};
use super::options;
use super::script::{Body, Direction, Icmp, IpInfo, Outer, Packet, Quoted, Segment, Tos};
use std::net::IpAddr;

/// A packet, from its direction on.
pub(super) fn packet(cursor: &mut Cursor<'_, '_>) -> Read<Packet> {
    let start = cursor.here().start;
    let direction = if cursor.take_sign('<') { Direction::Inbound } else { Direction::Outbound };
    if direction == Direction::Outbound {
        cursor.sign('>')?;
    }
    let outer = outer(cursor)?;
    let ip = ip_info(cursor, direction)?;
    let (ports, body) = if cursor.take_name("udp") {
        let ports = ports(cursor)?;
        cursor.sign('(')?;
        let len = cursor.number(0, 0xffff)? as u16;
        cursor.sign(')')?;
        (ports, Body::Udp(len))
    } else if cursor.take_name("icmp") || cursor.take_name("icmpv6") {
        (None, Body::Icmp(icmp(cursor)?))
    } else {
        let ports = ports(cursor)?;
        (ports, Body::Tcp(segment(cursor, direction)?))
    };
    let damaged = cursor.take_sign('{');
    if damaged {
        while !cursor.take_sign('}') {
            if cursor.advance().is_none() {
                return Err(cursor.wanted("`}`", "`}`"));
            }
        }
    }
    Ok(Packet { direction, outer, ip, ports, body, damaged, span: cursor.since(start) })
}

/// Headers in front: `ipv4 1.1.1.1 > 2.2.2.2:`, `gre:`, `mpls (…):`.
fn outer(cursor: &mut Cursor<'_, '_>) -> Read<Vec<Outer>> {
    let mut outer = Vec::new();
    loop {
        if cursor.take_name("ipv4") || cursor.take_name("ipv6") {
            let info = ip_info(cursor, Direction::Outbound)?;
            let source = address(cursor)?;
            cursor.sign('>')?;
            let destination = address(cursor)?;
            cursor.sign(':')?;
            outer.push(Outer::Ip { source, destination, info });
            continue;
        }
        let word = match cursor.peek() {
            Some(Word::Name(word @ ("gre" | "GREv0" | "mpls"))) => (*word).to_owned(),
            _ => return Ok(outer),
        };
        while !cursor.take_sign(':') {
            if cursor.advance().is_none() {
                return Err(cursor.wanted("`:`", "`:`"));
            }
        }
        outer.push(Outer::Other(word));
    }
}

fn address(cursor: &mut Cursor<'_, '_>) -> Read<IpAddr> {
    match cursor.peek() {
        Some(Word::Address(address)) => {
            let address = *address;
            cursor.advance();
            Ok(address)
        }
        _ => Err(cursor.wanted("an address", "一个地址")),
    }
}

/// `[ect0]`, `(tos 0x10, flowlabel 0x1)`, `[ttl 3]`.
fn ip_info(cursor: &mut Cursor<'_, '_>, direction: Direction) -> Read<IpInfo> {
    let close = match cursor.peek() {
        Some(Word::Sign('[')) => ']',
        Some(Word::Sign('(')) => ')',
        _ => return Ok(IpInfo::default()),
    };
    cursor.advance();
    let mut info = IpInfo::default();
    loop {
        let span = cursor.here();
        match cursor.name()? {
            "noecn" => info.tos = Some(Tos::Ecn(0)),
            "ect1" => info.tos = Some(Tos::Ecn(1)),
            "ect0" => info.tos = Some(Tos::Ecn(2)),
            "ce" => info.tos = Some(Tos::Ecn(3)),
            "ect01" if direction == Direction::Outbound => info.tos = Some(Tos::EitherEct),
            "ect01" => {
                return Err(Mistake::new(
                    span,
                    "a packet that comes in needs one mark",
                    "收到的报文要写明是哪一个标记",
                )
                .help("ect0 or ect1", "ect0 或 ect1"));
            }
            "tos" => info.tos = Some(Tos::Octet(cursor.number(0, 0xff)? as u8)),
            "flowlabel" => info.flow_label = Some(cursor.number(0, 0xf_ffff)? as u32),
            "ttl" => info.ttl = Some(cursor.number(0, 0xff)? as u8),
            other => {
                return Err(Mistake::new(
                    span,
                    format!("`{other}` says nothing of an IP header"),
                    format!("`{other}` 不是 IP 首部的说明"),
                )
                .help(
                    "noecn, ect0, ect1, ce, ect01, tos N, flowlabel N or ttl N",
                    "可以写 noecn、ect0、ect1、ce、ect01、tos N、flowlabel N 或 ttl N",
                ));
            }
        }
        if !cursor.take_sign(',') {
            cursor.sign(close)?;
            return Ok(info);
        }
    }
}

/// `80 > 8080`.
fn ports(cursor: &mut Cursor<'_, '_>) -> Read<Option<(u16, u16)>> {
    if !matches!(cursor.peek(), Some(Word::Integer(_))) {
        return Ok(None);
    }
    let source = cursor.number(0, 0xffff)? as u16;
    cursor.sign('>')?;
    Ok(Some((source, cursor.number(0, 0xffff)? as u16)))
}

fn segment(cursor: &mut Cursor<'_, '_>, direction: Direction) -> Read<Segment> {
    let (flags, ae) = flags(cursor)?;
    let (seq, len) = sequence(cursor)?;
    let ack = if cursor.take_name("ack") { cursor.number(0, 0xffff_ffff)? as u32 } else { 0 };
    let window = if cursor.take_name("win") { Some(cursor.number(0, 0xffff)? as u16) } else { None };
    let urgent = if cursor.take_name("urg") { cursor.number(0, 0xffff)? as u16 } else { 0 };
    let span = cursor.here();
    let options = options::options(cursor)?;
    if options.is_none() && direction == Direction::Inbound {
        return Err(Mistake::new(
            span,
            "`<...>` leaves the options of a packet open that you send yourself",
            "`<...>` 表示选项任意，不能用在自己发送的报文上",
        )
        .help("write them, or leave them out", "写出选项，或者不写"));
    }
    Ok(Segment { flags, ae, seq, len, ack, window, urgent, options })
}

/// `S`, `SEW`, `P.`, `F.`, `-`; `.5` is an ACK with AccECN's counter at 5.
fn flags(cursor: &mut Cursor<'_, '_>) -> Read<(u8, bool)> {
    let start = cursor.here();
    if cursor.take_sign('-') {
        return Ok((0, false));
    }
    let mut letters = String::new();
    if let Some(Word::Name(name)) = cursor.peek() {
        letters.push_str(name);
        cursor.advance();
    }
    match cursor.peek() {
        Some(Word::Sign('.')) => {
            letters.push('.');
            cursor.advance();
        }
        Some(Word::Decimal(text)) if text.starts_with('.') => {
            letters.push_str(text);
            cursor.advance();
        }
        _ => {}
    }
    if letters.is_empty() {
        return Err(cursor.wanted("the flags of a segment", "报文段的标志").help(
            "letters of FSRPUEWA, `.` for ACK, or `-` for none",
            "由 FSRPUEWA 组成，`.` 是 ACK，`-` 是没有标志",
        ));
    }
    let (mut flags, mut ae) = (0, false);
    for letter in letters.chars() {
        match letter {
            'F' => flags |= 0x01,
            'S' => flags |= 0x02,
            'R' => flags |= 0x04,
            'P' => flags |= 0x08,
            '.' => flags |= 0x10,
            'U' => flags |= 0x20,
            'E' => flags |= 0x40,
            'W' | 'C' => flags |= 0x80,
            'A' | 'N' => ae = true,
            // AccECN's counter: AE, CWR and ECE as three bits.
            '0'..='7' => {
                let counter = letter as u8 - b'0';
                ae |= counter & 4 != 0;
                flags |= (counter & 2) << 6 | (counter & 1) << 6;
            }
            other => {
                return Err(Mistake::new(
                    cursor.since(start.start),
                    format!("`{other}` is no flag"),
                    format!("`{other}` 不是标志"),
                )
                .help("F S R P U E W A, and `.` for ACK", "可用 F S R P U E W A，`.` 是 ACK"));
            }
        }
    }
    Ok((flags, ae))
}

/// `1:1001(1000)`: first number and length; the number in the middle must agree.
fn sequence(cursor: &mut Cursor<'_, '_>) -> Read<(u32, u32)> {
    let start = cursor.here().start;
    let first = cursor.number(0, 0xffff_ffff)?;
    cursor.sign(':')?;
    let last = cursor.number(0, 0xffff_ffff)?;
    cursor.sign('(')?;
    let len = cursor.number(0, 0xffff)?;
    cursor.sign(')')?;
    let sum = (first + len) & 0xffff_ffff;
    if sum != last {
        return Err(Mistake::new(
            cursor.since(start),
            format!("{first} and {len} octets do not come to {last}"),
            format!("{first} 加 {len} 字节不等于 {last}"),
        )
        .help(format!("{first}:{sum}({len})"), format!("{first}:{sum}({len})")));
    }
    Ok((first as u32, len as u32))
}

/// `unreachable frag_needed mtu 1200 [1:1001(1000)]`.
fn icmp(cursor: &mut Cursor<'_, '_>) -> Read<Icmp> {
    let kind = cursor.name()?.to_owned();
    let code = match cursor.peek() {
        Some(Word::Name("mtu" | "id")) | None => None,
        // A name at the beginning of a line is the next event's only behind a time, so here it is the code's.
        Some(Word::Name(code)) => {
            let code = (*code).to_owned();
            cursor.advance();
            Some(code)
        }
        Some(_) => None,
    };
    let mtu = if cursor.take_name("mtu") { Some(cursor.number(0, 0xffff_ffff)? as u32) } else { None };
    let id = if cursor.take_name("id") { Some(cursor.number(0, 0xffff)? as u16) } else { None };
    let quoted = if cursor.take_sign('[') {
        let quoted = quoted(cursor)?;
        cursor.sign(']')?;
        quoted
    } else {
        Quoted::Tcp { seq: 0, len: 0 }
    };
    Ok(Icmp { kind, code, mtu, id, quoted })
}

fn quoted(cursor: &mut Cursor<'_, '_>) -> Read<Quoted> {
    let raw = cursor.is_name("raw");
    if raw || cursor.is_name("udp") {
        cursor.advance();
        cursor.sign('(')?;
        let len = cursor.number(0, 0xffff)? as u16;
        cursor.sign(')')?;
        return Ok(if raw { Quoted::Raw(len) } else { Quoted::Udp(len) });
    }
    let (seq, len) = sequence(cursor)?;
    Ok(Quoted::Tcp { seq, len })
}
