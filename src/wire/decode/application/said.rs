//! What a message of an application says, in a word or two: for an arrow.

use super::{Protocol, dns_name};
use crate::wire::Transport;
use std::net::Ipv4Addr;

/// Characters of a line that are shown.
const LONGEST: usize = 24;

/// Ways to say it, each shorter than the one before; none where the port is nobody's, or what it carries cannot be read.
pub fn said(transport: &Transport) -> Vec<String> {
    match transport {
        Transport::Udp(datagram) => {
            let protocol =
                Protocol::of_udp(datagram.source_port).or(Protocol::of_udp(datagram.destination_port));
            match protocol {
                Some(Protocol::Dns) => dns(&datagram.payload).unwrap_or_default(),
                Some(Protocol::Dhcp) => dhcp(&datagram.payload).unwrap_or_default(),
                _ => Vec::new(),
            }
        }
        Transport::Tcp(segment) => {
            let protocol =
                Protocol::of_tcp(segment.source_port).or(Protocol::of_tcp(segment.destination_port));
            match protocol {
                Some(Protocol::Ftp | Protocol::Http) => line(&segment.payload).unwrap_or_default(),
                _ => Vec::new(),
            }
        }
        Transport::Icmp(_) | Transport::Icmpv6(_) | Transport::Other { .. } => Vec::new(),
    }
}

/// `DNS? www.example.test`, `DNS 10.0.0.80`, `DNS NXDOMAIN`.
fn dns(message: &[u8]) -> Option<Vec<String>> {
    const HEADER: usize = 12;
    let flags = u16::from_be_bytes([*message.get(2)?, *message.get(3)?]);
    let name = dns_name::read(message, HEADER).ok()?;
    if flags & 0x8000 == 0 {
        return Some(vec![format!("DNS? {}", name.text), "DNS?".to_owned()]);
    }
    match flags & 0xf {
        0 => {}
        3 => return Some(vec!["DNS NXDOMAIN".to_owned(), "NXDOMAIN".to_owned()]),
        other => return Some(vec![format!("DNS RCODE {other}"), "DNS".to_owned()]),
    }
    // The first answer's address lies behind its name, type, class, time to live and length.
    let answer = HEADER + name.len + 4;
    let owner = dns_name::read(message, answer).ok()?;
    let data = answer + owner.len + 10;
    let address: [u8; 4] = message.get(data..data + 4)?.try_into().ok()?;
    let is_address = message.get(answer + owner.len..answer + owner.len + 2)? == [0, 1];
    is_address.then(|| vec![format!("DNS {}", Ipv4Addr::from(address)), "DNS".to_owned()])
}

/// `DHCP OFFER`, by option 53 (RFC 2132 section 9.6).
fn dhcp(message: &[u8]) -> Option<Vec<String>> {
    const OPTIONS: usize = 240;
    const KINDS: [&str; 8] = ["DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM"];
    let mut rest = message.get(OPTIONS..)?;
    loop {
        match rest {
            [0, after @ ..] => rest = after,
            [53, 1, kind, ..] => {
                let name = KINDS.get(usize::from(*kind).checked_sub(1)?)?;
                return Some(vec![format!("DHCP {name}"), (*name).to_owned()]);
            }
            [255, ..] => return None,
            [_, len, after @ ..] => rest = after.get(usize::from(*len)..)?,
            _ => return None,
        }
    }
}

/// The first line of a text: a request without its version, an answer's code and words.
fn line(text: &[u8]) -> Option<Vec<String>> {
    let end = text.iter().position(|octet| *octet == b'\r' || *octet == b'\n')?;
    let line = std::str::from_utf8(text.get(..end)?).ok()?;
    if line.is_empty() || line.chars().any(char::is_control) {
        return None;
    }
    let line = line.strip_prefix("HTTP/1.1 ").unwrap_or(line);
    let line = line.strip_suffix(" HTTP/1.1").unwrap_or(line);
    let short: String = line.chars().take(LONGEST).collect();
    let short = if short.len() < line.len() { format!("{short}…") } else { short };
    let word = line.split(' ').next().unwrap_or_default().to_owned();
    Some(if word == short { vec![short] } else { vec![short, word] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Datagram, Segment};
    use bytes::Bytes;
    use proptest::prelude::*;

    fn datagram(port: u16, payload: &[u8]) -> Vec<String> {
        let payload = Bytes::copy_from_slice(payload);
        said(&Transport::Udp(Datagram { destination_port: port, payload, ..Datagram::default() }))
    }
    fn segment(port: u16, payload: &str) -> Vec<String> {
        let payload = Bytes::copy_from_slice(payload.as_bytes());
        said(&Transport::Tcp(Segment { source_port: port, payload, ..Segment::default() }))
    }

    #[test]
    fn a_question_names_what_it_asks_for_and_an_answer_what_it_found() {
        let asked = b"\0\x07\x01\0\0\x01\0\0\0\0\0\0\x03www\x04test\0\0\x01\0\x01";
        assert_eq!(datagram(53, asked), ["DNS? www.test", "DNS?"]);
        let mut answered = asked.to_vec();
        answered[2] = 0x81;
        answered.extend_from_slice(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x0a\0\0\x50");
        assert_eq!(datagram(53, &answered)[0], "DNS 10.0.0.80");
        answered[3] = 3;
        assert_eq!(datagram(53, &answered)[0], "DNS NXDOMAIN");
    }

    #[test]
    fn lines_are_shown_without_their_version() {
        assert_eq!(segment(80, "GET /a HTTP/1.1\r\nHost: b\r\n"), ["GET /a", "GET"]);
        assert_eq!(segment(80, "HTTP/1.1 404 Not Found\r\n"), ["404 Not Found", "404"]);
        assert_eq!(segment(21, "PASV\r\n"), ["PASV"]);
        assert!(segment(21, "no end").is_empty() && segment(9, "PASV\r\n").is_empty());
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(port in prop_oneof![Just(53_u16), Just(67)], payload in any::<Vec<u8>>()) {
            let _ = datagram(port, &payload);
            let mut long = vec![0; 240];
            long.extend_from_slice(&payload);
            let _ = datagram(67, &long);
        }
    }
}
