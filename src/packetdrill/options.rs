//! TCP options of a script: `<mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>`.

use super::cursor::Cursor;
use super::lex::Word;
use super::mistakes::{Mistake, Read};
use super::script::{EcnCounter, SegmentOption};
use crate::wire::{OptionData, SackBlocks, Seq, TcpOption};

/// What stands in angle brackets; `None` for `<...>`, nothing at all for no option.
pub(super) fn options(cursor: &mut Cursor<'_, '_>) -> Read<Option<Vec<SegmentOption>>> {
    let mut options = Vec::new();
    if !cursor.take_sign('<') {
        return Ok(Some(options));
    }
    if matches!(cursor.peek(), Some(Word::Ellipsis)) {
        cursor.advance();
        cursor.sign('>')?;
        return Ok(None);
    }
    loop {
        options.push(option(cursor)?);
        if !cursor.take_sign(',') {
            cursor.sign('>')?;
            return Ok(Some(options));
        }
    }
}

fn option(cursor: &mut Cursor<'_, '_>) -> Read<SegmentOption> {
    let span = cursor.here();
    let known = match cursor.name()? {
        "nop" => TcpOption::Nop,
        "eol" => TcpOption::EndOfList,
        "mss" => TcpOption::Mss(cursor.number(0, 0xffff)? as u16),
        "wscale" => TcpOption::WindowScale(cursor.number(0, 0xff)? as u8),
        "sackOK" => TcpOption::SackPermitted,
        "sack" => sack(cursor)?,
        "TS" => timestamps(cursor)?,
        "FO" => fast_open(cursor, false)?,
        "FOEXP" => fast_open(cursor, true)?,
        "ECN" | "ACCECN" => return acc_ecn(cursor, false),
        "ECNEXP" | "ACCECN_EXP" => return acc_ecn(cursor, true),
        "md5" => return signature(cursor),
        other => {
            return Err(Mistake::new(
                span,
                format!("`{other}` is no TCP option"),
                format!("`{other}` 不是 TCP 选项"),
            )
            .help(
                "nop, eol, mss N, wscale N, sackOK, sack A:B…, TS val N ecr N, FO HEX, FOEXP HEX, ECN …, md5 HEX",
                "可以写 nop、eol、mss N、wscale N、sackOK、sack A:B…、TS val N ecr N、FO HEX、FOEXP HEX、ECN …、md5 HEX",
            ));
        }
    };
    Ok(SegmentOption::Known(known))
}

fn sack(cursor: &mut Cursor<'_, '_>) -> Read<TcpOption> {
    let start = cursor.here().start;
    let mut blocks = Vec::new();
    while matches!(cursor.peek(), Some(Word::Integer(_))) {
        let left = cursor.number(0, 0xffff_ffff)? as u32;
        cursor.sign(':')?;
        blocks.push((Seq(left), Seq(cursor.number(0, 0xffff_ffff)? as u32)));
    }
    if blocks.is_empty() {
        return Err(cursor.wanted("a block such as 1001:2001", "一个块，例如 1001:2001"));
    }
    let four =
        || Mistake::new(cursor.since(start), "an option has room for four blocks", "一个选项最多放四个块");
    SackBlocks::new(&blocks).map(TcpOption::Sack).ok_or_else(four)
}

fn timestamps(cursor: &mut Cursor<'_, '_>) -> Read<TcpOption> {
    if !cursor.take_name("val") {
        return Err(cursor.wanted("`val`", "`val`"));
    }
    let value = cursor.number(0, 0xffff_ffff)? as u32;
    if !cursor.take_name("ecr") {
        return Err(cursor.wanted("`ecr`", "`ecr`"));
    }
    Ok(TcpOption::Timestamps { value, echo: cursor.number(0, 0xffff_ffff)? as u32 })
}

/// Hexadecimal digits where some stand.
fn digits(cursor: &mut Cursor<'_, '_>) -> String {
    let digits = match cursor.peek() {
        Some(Word::Name(digits)) => (*digits).to_owned(),
        Some(Word::Integer(_) | Word::Hex(_)) => cursor.text().to_owned(),
        _ => String::new(),
    };
    if !digits.is_empty() {
        cursor.advance();
    }
    digits
}

/// `md5`, `md5 000102030405060708090a0b0c0d0e0f`: without digits all are zero.
fn signature(cursor: &mut Cursor<'_, '_>) -> Read<SegmentOption> {
    const OCTETS: usize = 16;
    let span = cursor.here();
    let octets = match digits(cursor).as_str() {
        "" => Some(vec![0; OCTETS]),
        digits => octets(digits).filter(|octets| octets.len() == OCTETS),
    };
    octets.as_deref().and_then(OptionData::new).map(SegmentOption::Md5).ok_or_else(|| {
        Mistake::new(span, "this is no MD5 signature", "这不是 MD5 签名")
            .help("32 hexadecimal digits", "32 个十六进制数字")
    })
}

/// `FO`, `FO 0a1b2c3d4e5f6071`: hexadecimal digits, in pairs.
fn fast_open(cursor: &mut Cursor<'_, '_>, experimental: bool) -> Read<TcpOption> {
    let span = cursor.here();
    let octets = octets(&digits(cursor));
    let cookie = octets.as_deref().and_then(OptionData::new);
    match cookie {
        Some(cookie) => Ok(TcpOption::FastOpen { cookie, experimental }),
        None => Err(Mistake::new(span, "this is no cookie", "这不是 cookie")
            .help("pairs of hexadecimal digits, at most 16 octets", "十六进制数字，两个一组，最多 16 字节")),
    }
}

fn octets(digits: &str) -> Option<Vec<u8>> {
    const MOST: usize = 16;
    if !digits.is_ascii() || !digits.len().is_multiple_of(2) || digits.len() > 2 * MOST {
        return None;
    }
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()).collect()
}

/// `ECN e1b 1 ceb 0 e0b 1`.
fn acc_ecn(cursor: &mut Cursor<'_, '_>, experimental: bool) -> Read<SegmentOption> {
    let mut counters = Vec::new();
    loop {
        let counter = match cursor.peek() {
            Some(Word::Name("e0b")) => EcnCounter::Ect0,
            Some(Word::Name("e1b")) => EcnCounter::Ect1,
            Some(Word::Name("ceb")) => EcnCounter::Ce,
            _ => return Ok(SegmentOption::AccEcn { experimental, counters }),
        };
        cursor.advance();
        counters.push((counter, cursor.number(0, 0xff_ffff)? as u32));
    }
}
