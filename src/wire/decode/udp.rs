//! The UDP header (RFC 768).

use super::application;
use super::draft::{Draft, Level, Sum};
use super::tcp::port;
use crate::lang::Text;
use crate::wire::{Checksum, Flaw, Header, PROTOCOL_UDP, ParseError};
use std::net::IpAddr;
use std::ops::Range;

const RFC: &str = "RFC 768";

/// Reads the datagram that fills `place`.
pub(super) fn decode(draft: &mut Draft<'_>, place: Range<usize>, addresses: (IpAddr, IpAddr)) {
    let Range { start, end } = place;
    draft.layer(Text::new("UDP", "UDP"), Level::Transport, start, (start + 8).min(end));
    if end - start < 8 {
        let flaw = Flaw::Truncated { need: 8, have: end - start };
        draft.flaw(ParseError { header: Header::Udp, at: start, flaw });
        return;
    }
    let len = usize::from(draft.u16(start + 4));
    let fits = (8..=end - start).contains(&len);
    if !fits {
        let flaw = Flaw::Length { field: len, min: 8, max: end - start };
        draft.flaw(ParseError { header: Header::Udp, at: start + 4, flaw });
    }
    let stop = if fits { start + len } else { end };
    port(draft, "udp.srcport", Text::new("source port", "源端口"), start, RFC);
    port(draft, "udp.dstport", Text::new("destination port", "目的端口"), start + 2, RFC);
    let meaning = Text::new("octets of header and data", "首部加数据的字节数");
    draft.field("udp.length", Text::new("length", "长度"), start + 4..start + 6, len, meaning, RFC);
    let sum = match draft.u16(start + 6) {
        0 if addresses.0.is_ipv6() => {
            draft.flaw(ParseError { header: Header::Udp, at: start + 6, flaw: Flaw::NoChecksum });
            Sum::Absent
        }
        0 => Sum::Absent,
        found => {
            let len = (stop - start) as u32;
            let pseudo = Checksum::new().add_pseudo_header_of(addresses, PROTOCOL_UDP, len);
            Sum::with_pseudo_header(pseudo, draft.octets(start..stop), found)
        }
    };
    draft.checksum("udp.checksum", Text::new("checksum", "检验和"), Header::Udp, start + 6, sum, RFC);
    let ports = (draft.u16(start), draft.u16(start + 2));
    application::of_datagram(draft, start + 8..stop, ports);
    if stop < end {
        draft.data(stop, end, Some(Text::new("beyond the datagram's length", "超出用户数据报长度的部分")));
    }
}
