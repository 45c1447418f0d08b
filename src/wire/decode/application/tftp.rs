//! TFTP packets (RFC 1350 section 5).

use super::reading::{Read, Reading};
use crate::lang::Text;
use crate::wire::decode::draft::readable;

const RFC: &str = "RFC 1350 5";

/// Reads a whole packet.
pub(super) fn read(reading: &mut Reading<'_>) -> Read {
    let opcode = reading.u16()?;
    let (value, meaning) = match opcode {
        1 => ("RRQ", Text::new("asks for a file", "请求读文件")),
        2 => ("WRQ", Text::new("offers a file", "请求写文件")),
        3 => ("DATA", Text::new("a block of the file", "文件的一块")),
        4 => ("ACK", Text::new("a block has come", "确认一块")),
        5 => ("ERROR", Text::new("it cannot be done", "出错")),
        6 => ("OACK", Text::new("options agreed on (RFC 2347)", "接受的选项（RFC 2347）")),
        other => {
            return Err(Text::new(
                format!("there is no operation {other}"),
                format!("没有编号为 {other} 的操作"),
            ));
        }
    };
    reading.field("tftp.opcode", Text::new("opcode", "操作码"), 2, value, meaning, RFC);
    match opcode {
        1 | 2 => {
            let meaning = Text::new("which file, up to a zero octet", "文件名，以 0 字节结束");
            string(reading, "tftp.file", Text::new("file", "文件名"), meaning)?;
            let meaning =
                Text::new("how: octet as it is, netascii as text", "方式：octet 原样，netascii 文本");
            string(reading, "tftp.mode", Text::new("mode", "方式"), meaning)?;
            options(reading)
        }
        6 => options(reading),
        3 | 4 => {
            let block = reading.u16()?;
            let meaning = Text::new("blocks count from 1", "块从 1 起编号");
            reading.field("tftp.block", Text::new("block", "块号"), 2, block, meaning, RFC);
            if opcode == 3 {
                let len = reading.rest().len();
                let meaning = Text::new(
                    "the file's octets; fewer than 512 are the last",
                    "文件内容；不足 512 字节表示最后一块",
                );
                let text = readable(reading.take(len)?);
                reading.field("tftp.data", Text::new("data", "数据"), len, text, meaning, RFC);
            } else if !reading.is_done() {
                return Err(Text::new(
                    "an acknowledgment has nothing behind its block",
                    "确认的块号后面不应再有内容",
                ));
            }
            Ok(())
        }
        _ => {
            let code = reading.u16()?;
            let meaning = match code {
                1 => Text::new("file not found", "文件不存在"),
                2 => Text::new("access violation", "没有权限"),
                3 => Text::new("disk full", "磁盘已满"),
                4 => Text::new("illegal operation", "非法操作"),
                5 => Text::new("unknown transfer", "未知的传送标识"),
                6 => Text::new("the file exists already", "文件已存在"),
                7 => Text::new("no such user", "没有这个用户"),
                _ => Text::new("see the message", "见出错说明"),
            };
            reading.field("tftp.error", Text::new("error", "差错"), 2, code, meaning, RFC);
            string(reading, "tftp.message", Text::new("message", "说明"), Text::new("for people", "给人看的"))
        }
    }
}

/// Pairs of strings behind a request (RFC 2347).
fn options(reading: &mut Reading<'_>) -> Read {
    while !reading.is_done() {
        let meaning = Text::new("an option, or its value", "选项或选项的值");
        string(reading, "tftp.option", Text::new("option", "选项"), meaning)?;
    }
    Ok(())
}

/// Text up to a zero octet.
fn string(reading: &mut Reading<'_>, key: &'static str, name: Text, meaning: Text) -> Read {
    let end = reading.rest().iter().position(|octet| *octet == 0);
    let end = end.ok_or_else(|| Text::new("a text in it has no end", "其中有字符串没有结束"))?;
    let text = readable(reading.take(end)?);
    reading.take(1)?;
    reading.field(key, name, end + 1, text, meaning, RFC);
    Ok(())
}
