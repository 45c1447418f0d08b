//! Heads of HTTP/1.1 messages and what stands behind them in the segment (RFC 9112).

use super::reading::{Read, Reading};
use crate::lang::Text;
use crate::wire::decode::draft::readable;

const STATUS: &str = "RFC 9112 4";
const FIELD: &str = "RFC 9112 5";
const BODY: &str = "RFC 9112 6";

/// Reads a head that begins with the segment.
pub(super) fn read(reading: &mut Reading<'_>) -> Read {
    if reading.rest().starts_with(b"HTTP/1.") {
        status_line(reading)?
    } else {
        request_line(reading)?
    }
    loop {
        let Some(line) = line(reading) else {
            if reading.is_done() {
                return Ok(());
            }
            // The head goes on in the next segment: what is here of its line is shown.
            let len = reading.rest().len();
            let text = readable(reading.take(len)?);
            let meaning = Text::new("goes on in the next segment", "下一个报文段里继续");
            reading.field("http.part", Text::new("part", "部分"), len, text, meaning, FIELD);
            return Ok(());
        };
        if line.is_empty() {
            break;
        }
        field_line(reading, line)?;
    }
    reading.take(2)?;
    let meaning = Text::new("the head ends here", "首部到此结束");
    reading.field("http.end", Text::new("empty line", "空行"), 2, "\\r\\n", meaning, "RFC 9112 2.1");
    let len = reading.rest().len();
    if len > 0 {
        let text = readable(reading.take(len)?);
        let meaning = Text::new(
            format!("{len} octets of the body, or of what follows"),
            format!("主体（或其后内容）的 {len} 个字节"),
        );
        reading.field("http.body", Text::new("body", "主体"), len, text, meaning, BODY);
    }
    Ok(())
}

/// The next line, without its end, if it ends here.
fn line<'a>(reading: &Reading<'a>) -> Option<&'a [u8]> {
    let end = reading.rest().windows(2).position(|pair| pair == b"\r\n")?;
    reading.rest().get(..end)
}

/// `GET /path HTTP/1.1`
fn request_line(reading: &mut Reading<'_>) -> Read {
    let no_head = || Text::new("no request or response begins here", "这里不是请求或响应的开头");
    let words: Vec<&[u8]> = line(reading).ok_or_else(no_head)?.split(|octet| *octet == b' ').collect();
    let [method, target, version] = words[..] else { return Err(no_head()) };
    if method.is_empty() || !method.iter().all(u8::is_ascii_uppercase) || !version.starts_with(b"HTTP/") {
        return Err(no_head());
    }
    let meaning = match method {
        b"GET" => Text::new("wants what is there", "要这个资源"),
        b"HEAD" => Text::new("wants the head alone", "只要首部"),
        b"POST" => Text::new("brings something to be worked on", "提交内容供处理"),
        b"PUT" => Text::new("puts something there", "存放到那里"),
        b"DELETE" => Text::new("takes it away", "删除"),
        b"OPTIONS" => Text::new("asks what can be done", "询问支持什么"),
        _ => Text::new("another method", "其他方法"),
    };
    let text = readable(reading.take(method.len())?);
    reading.field("http.method", Text::new("method", "方法"), method.len(), text, meaning, "RFC 9110 9");
    reading.take(1)?;
    let text = readable(reading.take(target.len())?);
    let meaning = Text::new("which resource", "哪个资源");
    reading.field("http.target", Text::new("target", "目标"), target.len(), text, meaning, "RFC 9112 3.2");
    reading.take(1)?;
    version_field(reading, version.len())?;
    reading.take(2).map(drop)
}

/// `HTTP/1.1 200 OK`
fn status_line(reading: &mut Reading<'_>) -> Read {
    let no_status = || Text::new("its status line cannot be read", "状态行无法读懂");
    let whole = line(reading).ok_or_else(no_status)?;
    let mut words = whole.splitn(3, |octet| *octet == b' ');
    let (version, code, reason) = (words.next(), words.next(), words.next());
    let (Some(version), Some(code @ [first, _, _])) = (version, code) else { return Err(no_status()) };
    if !code.iter().all(u8::is_ascii_digit) {
        return Err(no_status());
    }
    version_field(reading, version.len())?;
    reading.take(1)?;
    let meaning = match first {
        b'1' => Text::new("go on; the response is still to come", "继续，响应还在后面"),
        b'2' => Text::new("it is done, here it is", "成功"),
        b'3' => Text::new("it is elsewhere", "在别处（重定向）"),
        b'4' => Text::new("the request was at fault", "请求有误"),
        b'5' => Text::new("the server was at fault", "服务器出错"),
        _ => Text::new("no class of that digit", "没有这一类"),
    };
    let text = readable(reading.take(3)?);
    reading.field("http.code", Text::new("status code", "状态码"), 3, text, meaning, "RFC 9110 15");
    if let Some(reason) = reason {
        reading.take(1)?;
        let text = readable(reading.take(reason.len())?);
        let meaning = Text::new("for people; programs ignore it", "给人看的，程序不理会");
        reading.field("http.reason", Text::new("reason", "原因短语"), reason.len(), text, meaning, STATUS);
    }
    reading.take(2).map(drop)
}

fn version_field(reading: &mut Reading<'_>, len: usize) -> Read {
    let text = readable(reading.take(len)?);
    let meaning = Text::new("the version spoken", "所用的版本");
    reading.field("http.version", Text::new("version", "版本"), len, text, meaning, "RFC 9112 2.3");
    Ok(())
}

fn field_line(reading: &mut Reading<'_>, line: &[u8]) -> Read {
    let Some(colon) = line.iter().position(|octet| *octet == b':').filter(|place| *place > 0) else {
        return Err(Text::new("a line of its head has no colon", "首部有一行没有冒号"));
    };
    let name = line.get(..colon).unwrap_or_default().to_ascii_lowercase();
    let value = line.get(colon + 1..).unwrap_or_default().trim_ascii();
    let (meaning, cite) = field_meaning(&name);
    reading.take(line.len())?;
    let title = readable(line.get(..colon).unwrap_or_default());
    reading.field("http.field", Text::new(title.clone(), title), line.len(), readable(value), meaning, cite);
    reading.take(2).map(drop)
}

fn field_meaning(name: &[u8]) -> (Text, &'static str) {
    match name {
        b"host" => (
            Text::new("whose resource: one address serves many", "哪个网站：一个地址可以有许多网站"),
            "RFC 9110 7.2",
        ),
        b"content-length" => (Text::new("octets of body that follow", "后面主体的字节数"), "RFC 9110 8.6"),
        b"content-type" => (Text::new("what kind of content it is", "内容的类型"), "RFC 9110 8.3"),
        b"connection" => (
            Text::new(
                "close: no further request; keep-alive: more may come",
                "close：不再有请求；keep-alive：保持连接",
            ),
            "RFC 9110 7.6.1",
        ),
        b"transfer-encoding" => {
            (Text::new("how the body is cut for the way", "主体传送时的编码"), "RFC 9112 6.1")
        }
        b"location" => (Text::new("where it is", "资源所在"), "RFC 9110 10.2.2"),
        b"user-agent" => (Text::new("which program asks", "哪个程序在请求"), "RFC 9110 10.1.5"),
        b"server" => (Text::new("which program answers", "哪个程序在响应"), "RFC 9110 10.2.4"),
        b"date" => (Text::new("when it was made", "产生的时间"), "RFC 9110 6.6.1"),
        b"accept" => (Text::new("which kinds are wanted", "想要的类型"), "RFC 9110 12.5.1"),
        _ => (Text::new("a field not listed here", "此处未列出的字段"), FIELD),
    }
}
