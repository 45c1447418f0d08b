//! What programs sent, read as the protocol that their port is known for, as tools do. What cannot be read so is shown as
//! plain octets, with why.

mod dhcp;
mod dhcp_options;
mod dns;
mod dns_name;
mod ftp;
mod http;
mod reading;
mod said;
mod tftp;

use super::draft::Draft;
use crate::lang::Text;
pub(super) use reading::Found;
use reading::{Read, Reading};
pub use said::said;
use std::ops::Range;

/// A protocol of applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    /// RFC 1035, over UDP.
    Dns,
    /// RFC 2131.
    Dhcp,
    /// RFC 1350.
    Tftp,
    /// RFC 959, the control connection.
    Ftp,
    /// RFC 9112.
    Http,
}

impl Protocol {
    /// What the port is known for over UDP.
    fn of_udp(port: u16) -> Option<Protocol> {
        match port {
            53 => Some(Protocol::Dns),
            67 | 68 => Some(Protocol::Dhcp),
            69 => Some(Protocol::Tftp),
            _ => None,
        }
    }

    /// What the port is known for over TCP.
    fn of_tcp(port: u16) -> Option<Protocol> {
        match port {
            21 => Some(Protocol::Ftp),
            80 | 8080 => Some(Protocol::Http),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Protocol::Dns => "DNS",
            Protocol::Dhcp => "DHCP",
            Protocol::Tftp => "TFTP",
            Protocol::Ftp => "FTP",
            Protocol::Http => "HTTP",
        }
    }
}

/// Reads what a datagram between these ports carries.
pub(super) fn of_datagram(draft: &mut Draft<'_>, place: Range<usize>, ports: (u16, u16)) {
    // A server answers from its own port: the source counts first where both are known.
    read(draft, place, ports, Protocol::of_udp(ports.0).or(Protocol::of_udp(ports.1)));
}

/// Reads what a segment between these ports carries: whatever of the stream begins a message in it.
pub(super) fn of_segment(draft: &mut Draft<'_>, place: Range<usize>, ports: (u16, u16)) {
    read(draft, place, ports, Protocol::of_tcp(ports.0).or(Protocol::of_tcp(ports.1)));
}

fn read(draft: &mut Draft<'_>, place: Range<usize>, ports: (u16, u16), protocol: Option<Protocol>) {
    let end = place.end.min(draft.frame.len());
    let Some(protocol) = protocol.filter(|_| place.start < end) else {
        return draft.data(place.start, end, None);
    };
    let mut reading = Reading::new(draft.octets(place.start..end), place.start);
    let done: Read = match protocol {
        Protocol::Dns => dns::read(&mut reading),
        Protocol::Dhcp => dhcp::read(&mut reading),
        Protocol::Tftp => tftp::read(&mut reading),
        Protocol::Ftp => ftp::read(&mut reading, Protocol::of_tcp(ports.0) == Some(Protocol::Ftp)),
        Protocol::Http => http::read(&mut reading),
    };
    match done {
        Ok(()) => draft.application(protocol.name(), place.start, end, reading.into_found()),
        Err(why) => {
            let name = protocol.name();
            let note = Text::new(
                format!("the port is that of {name}, but {}", why.en),
                format!("端口是 {name} 的，但{}", why.zh),
            );
            draft.data(place.start, end, Some(note));
        }
    }
}

#[cfg(test)]
mod tests;
