//! Commands and replies of FTP's control connection (RFC 959 sections 4.1 and 4.2).

use super::reading::{Read, Reading};
use crate::lang::Text;
use crate::wire::decode::draft::readable;

const COMMANDS: &str = "RFC 959 4.1";
const REPLIES: &str = "RFC 959 4.2";

/// Reads the lines of a segment; `reply` says that it comes from the server.
pub(super) fn read(reading: &mut Reading<'_>, reply: bool) -> Read {
    while !reading.is_done() {
        let end = reading.rest().windows(2).position(|pair| pair == b"\r\n");
        let end = end.ok_or_else(|| {
            Text::new("its last line does not end in this segment", "最后一行没有在这个报文段里结束")
        })?;
        let line = reading.rest().get(..end).unwrap_or_default();
        if reply { reply_line(reading, line)? } else { command_line(reading, line)? }
    }
    Ok(())
}

fn command_line(reading: &mut Reading<'_>, line: &[u8]) -> Read {
    let len = line.iter().position(|octet| *octet == b' ').unwrap_or(line.len());
    let word = line.get(..len).unwrap_or_default();
    if word.is_empty() || word.len() > 4 || !word.iter().all(u8::is_ascii_alphabetic) {
        return Err(Text::new("no command of three or four letters begins it", "开头不是三四个字母的命令"));
    }
    reading.take(len)?;
    let name = String::from_utf8_lossy(word).to_ascii_uppercase();
    let meaning = command_meaning(&name);
    reading.field("ftp.command", Text::new("command", "命令"), len, name, meaning, COMMANDS);
    let rest = line.len() - len;
    if rest > 0 {
        reading.take(1)?;
        let argument = readable(reading.take(rest - 1)?);
        let meaning = Text::new("what it is about", "命令的参数");
        reading.field("ftp.argument", Text::new("argument", "参数"), rest - 1, argument, meaning, COMMANDS);
    }
    line_end(reading, COMMANDS)
}

fn reply_line(reading: &mut Reading<'_>, line: &[u8]) -> Read {
    let digits = line.get(..3).filter(|digits| digits.iter().all(u8::is_ascii_digit));
    let Some([first, ..]) = digits else {
        // A line inside a reply of several lines.
        let text = readable(reading.take(line.len())?);
        let meaning = Text::new("more of a reply of several lines", "多行应答中的一行");
        reading.field("ftp.text", Text::new("text", "文本"), line.len(), text, meaning, REPLIES);
        return line_end(reading, REPLIES);
    };
    let meaning = match first {
        b'1' => Text::new("begun; another reply follows", "已开始，之后还有应答"),
        b'2' => Text::new("done", "已完成"),
        b'3' => Text::new("so far good; more is needed", "到此为止正确，还需要继续"),
        b'4' => Text::new("not now; it may work later", "暂时不行，以后可以再试"),
        b'5' => Text::new("refused", "拒绝"),
        _ => return Err(Text::new("no reply begins with that digit", "应答不会以这个数字开头")),
    };
    let code = readable(reading.take(3)?);
    reading.field("ftp.code", Text::new("code", "应答码"), 3, code, meaning, REPLIES);
    let rest = line.len() - 3;
    if rest > 0 {
        let more = reading.u8()? == b'-';
        let text = readable(reading.take(rest - 1)?);
        let meaning = if more {
            Text::new("for people; more lines follow", "给人看的，后面还有几行")
        } else {
            Text::new("for people", "给人看的")
        };
        reading.field("ftp.text", Text::new("text", "文本"), rest - 1, text, meaning, REPLIES);
    }
    line_end(reading, REPLIES)
}

fn line_end(reading: &mut Reading<'_>, cite: &'static str) -> Read {
    reading.take(2)?;
    let meaning = Text::new("the line ends", "行结束");
    reading.field("ftp.end", Text::new("line end", "行尾"), 2, "\\r\\n", meaning, cite);
    Ok(())
}

fn command_meaning(command: &str) -> Text {
    match command {
        "USER" => Text::new("who it is", "用户名"),
        "PASS" => Text::new("the password, for all to read", "口令，谁都能读到"),
        "PASV" => Text::new("the server shall open a port for data", "请服务器打开数据端口（被动方式）"),
        "EPSV" => Text::new("the same for IPv6 too (RFC 2428)", "同上，也用于 IPv6（RFC 2428）"),
        "PORT" => Text::new("where the server shall connect to", "请服务器连接到这里（主动方式）"),
        "EPRT" => Text::new("the same for IPv6 too (RFC 2428)", "同上，也用于 IPv6（RFC 2428）"),
        "RETR" => Text::new("send this file", "取文件"),
        "STOR" => Text::new("take this file", "存文件"),
        "LIST" | "NLST" => Text::new("send a list of files", "列目录"),
        "TYPE" => Text::new("text or octets as they are", "文本或二进制"),
        "CWD" => Text::new("go to this directory", "进入目录"),
        "PWD" => Text::new("which directory is this?", "当前目录是什么"),
        "QUIT" => Text::new("that was all", "结束"),
        _ => Text::new("not listed here", "此处未列出"),
    }
}
