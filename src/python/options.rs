//! Socket options: level, name and value as Python wants them.

use super::writer::{Made, Need, Writer};
use crate::scenario::syntax::Expr;

/// An option's level and its name; a number where Python's socket module has no name for it.
fn place(option: &str) -> (&'static str, String) {
    let named = |level: &'static str| (level, format!("socket.{option}"));
    match option {
        "TCP_FASTOPEN_CONNECT" => ("socket.IPPROTO_TCP", "30".to_owned()),
        "SO_NO_CHECK" => ("socket.SOL_SOCKET", "11".to_owned()),
        "IP_PKTINFO" => ("socket.IPPROTO_IP", "8".to_owned()),
        "IP_RECVERR" => ("socket.IPPROTO_IP", "11".to_owned()),
        "IP_MTU_DISCOVER" => ("socket.IPPROTO_IP", "10".to_owned()),
        "IP_MTU" => ("socket.IPPROTO_IP", "14".to_owned()),
        _ if option.starts_with("TCP_") => named("socket.IPPROTO_TCP"),
        _ if option.starts_with("IPV6_") => named("socket.IPPROTO_IPV6"),
        _ if option.starts_with("IP_") => named("socket.IPPROTO_IP"),
        _ => named("socket.SOL_SOCKET"),
    }
}

/// Says what an option is that stands as a number.
fn explain(writer: &mut Writer<'_>, option: &str) {
    let (_, number) = place(option);
    if number.bytes().all(|octet| octet.is_ascii_digit()) {
        writer.comment(&format!("{option} = {number}"));
    }
}

/// `setsockopt`.
pub fn set(writer: &mut Writer<'_>, s: &str, rest: &[Expr]) -> Made<String> {
    let Some(Expr::Name(option)) = rest.first() else { return Ok(String::new()) };
    let (level, name) = place(option);
    let value = match (option.as_str(), rest.get(1)) {
        ("SO_LINGER", Some(Expr::Name(_))) => {
            writer.needs.insert(Need::Struct);
            "struct.pack(\"ii\", 0, 0)".to_owned()
        }
        ("SO_LINGER", Some(seconds)) => {
            writer.needs.insert(Need::Struct);
            format!("struct.pack(\"ii\", 1, {})", writer.value(seconds)?)
        }
        ("IP_MTU_DISCOVER", Some(Expr::Name(how))) => match how.as_str() {
            "IP_PMTUDISC_DONT" => "0",
            "IP_PMTUDISC_WANT" => "1",
            "IP_PMTUDISC_DO" => "2",
            _ => "3",
        }
        .to_owned(),
        (_, Some(Expr::Name(word))) if matches!(word.as_str(), "true" | "True") => "1".to_owned(),
        (_, Some(Expr::Name(word))) if matches!(word.as_str(), "false" | "False") => "0".to_owned(),
        (_, Some(value)) => writer.value(value)?,
        (_, None) => String::new(),
    };
    explain(writer, option);
    Ok(format!("{s}.setsockopt({level}, {name}, {value})"))
}

/// `getsockopt`: a number, octets, or seconds and `None`.
pub fn get(writer: &mut Writer<'_>, s: &str, rest: &[Expr]) -> Made<String> {
    let Some(Expr::Name(option)) = rest.first() else { return Ok(String::new()) };
    let (level, name) = place(option);
    explain(writer, option);
    Ok(match option.as_str() {
        "TCP_CONGESTION" => format!("{s}.getsockopt({level}, {name}, 16).rstrip(b\"\\0\")"),
        "SO_PEERCRED" => {
            writer.needs.insert(Need::Struct);
            format!("b\"uid=%d gid=%d\" % struct.unpack(\"3i\", {s}.getsockopt({level}, {name}, 12))[1:]")
        }
        "SO_LINGER" => {
            writer.needs.extend([Need::Struct, Need::Linger]);
            format!("linger_of({s})")
        }
        _ => format!("{s}.getsockopt({level}, {name})"),
    })
}
