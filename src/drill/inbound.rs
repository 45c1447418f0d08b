//! Packets the script sends: from its words to octets.

use super::flow::Flow;
use super::seen::{ICMP, ICMPV6, TCP, UDP};
use super::{Problem, Settings};
use crate::packetdrill::{Body, EcnCounter, Icmp, Packet, Quoted, Segment, SegmentOption, Tos};
use crate::wire::{Checksum, OptionData, SackBlocks, Seq, TcpOption, TcpOptions, checksum};
use bytes::Bytes;
use std::net::IpAddr;

const ACK: u8 = 0x10;
const SYN: u8 = 0x02;

/// The kind of the option that holds an MD5 signature (RFC 2385 section 3.0).
pub(super) const SIGNATURE: u8 = 19;

/// The octets of an IP packet, numbers and addresses as they are on the wire.
///
/// # Errors
/// What of it cannot be made here, by name; or an echoed timestamp that nothing stands for.
pub fn octets(packet: &Packet, flow: &Flow, settings: &Settings) -> Result<Bytes, Problem> {
    if let Some(outer) = packet.outer.first() {
        let name = match outer {
            crate::packetdrill::Outer::Ip { .. } => "a tunnel's outer header",
            crate::packetdrill::Outer::Other(name) => name,
        };
        return Err(Problem::unsupported(packet.span.clone(), name));
    }
    if packet.damaged {
        return Err(Problem::unsupported(packet.span.clone(), "damaged packets"));
    }
    let (from, to) = (flow.remote, flow.local);
    let ports = packet.ports.unwrap_or((from.port(), to.port()));
    let (protocol, body) = match &packet.body {
        Body::Tcp(segment) => (TCP, tcp(packet, segment, flow, settings, ports)?),
        Body::Udp(len) => (UDP, udp(*len, ports)),
        Body::Icmp(icmp) => {
            let protocol = if to.is_ipv4() { ICMP } else { ICMPV6 };
            (protocol, icmp_message(packet, icmp, flow)?)
        }
    };
    Ok(ip(packet, (from.ip(), to.ip()), protocol, body))
}

/// Puts the IP header in front, checksums made.
fn ip(packet: &Packet, (source, destination): (IpAddr, IpAddr), protocol: u8, mut body: Vec<u8>) -> Bytes {
    let tos = match packet.ip.tos {
        Some(Tos::Ecn(ecn)) => ecn,
        Some(Tos::Octet(octet)) => octet,
        Some(Tos::EitherEct) | None => 0,
    };
    let ttl = packet.ip.ttl.unwrap_or(255);
    let place = match protocol {
        TCP => Some(16),
        UDP => Some(6),
        ICMP | ICMPV6 => Some(2),
        _ => None,
    };
    let mut out = Vec::with_capacity(40 + body.len());
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let len = (20 + body.len()).min(0xffff) as u16;
            out.extend_from_slice(&[0x45, tos]);
            out.extend_from_slice(&len.to_be_bytes());
            out.extend_from_slice(&[0, 0, 0, 0, ttl, protocol, 0, 0]);
            out.extend_from_slice(&source.octets());
            out.extend_from_slice(&destination.octets());
            let sum = checksum(&out);
            out[10..12].copy_from_slice(&sum.to_be_bytes());
        }
        (source, destination) => {
            let (source, destination) = (six(source), six(destination));
            let label = packet.ip.flow_label.unwrap_or(0);
            out.extend_from_slice(&(6 << 28 | u32::from(tos) << 20 | label).to_be_bytes());
            out.extend_from_slice(&(body.len().min(0xffff) as u16).to_be_bytes());
            out.extend_from_slice(&[protocol, ttl]);
            out.extend_from_slice(&source);
            out.extend_from_slice(&destination);
        }
    }
    if let Some(place) = place {
        // ICMP over IPv4 alone has no pseudo-header.
        let sum = match protocol {
            ICMP => Checksum::new(),
            _ => Checksum::new().add_pseudo_header_of((source, destination), protocol, body.len() as u32),
        };
        let found = match sum.over(&body).finish() {
            0 if protocol == UDP => 0xffff,
            found => found,
        };
        body[place..place + 2].copy_from_slice(&found.to_be_bytes());
    }
    out.extend_from_slice(&body);
    Bytes::from(out)
}

fn six(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

fn tcp(
    packet: &Packet,
    segment: &Segment,
    flow: &Flow,
    settings: &Settings,
    (source, destination): (u16, u16),
) -> Result<Vec<u8>, Problem> {
    let syn = segment.flags & SYN != 0;
    let seq = segment.seq.wrapping_add(flow.remote_offset(syn));
    let acked = flow.local_offset(syn);
    let ack = if segment.flags & ACK != 0 { segment.ack.wrapping_add(acked) } else { segment.ack };
    let options = options(packet, segment, flow, settings, acked)?;
    let padded = options.padded();
    let header = 20 + padded.len();
    let mut out = Vec::with_capacity(header + segment.len as usize);
    out.extend_from_slice(&source.to_be_bytes());
    out.extend_from_slice(&destination.to_be_bytes());
    out.extend_from_slice(&seq.to_be_bytes());
    out.extend_from_slice(&ack.to_be_bytes());
    out.push((header as u8 / 4) << 4 | u8::from(segment.ae));
    out.push(segment.flags);
    out.extend_from_slice(&segment.window.unwrap_or(0).to_be_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&segment.urgent.to_be_bytes());
    out.extend_from_slice(padded);
    out.resize(header + segment.len as usize, 0);
    Ok(out)
}

/// The options of a segment of the script, its numbers turned into those of the wire.
fn options(
    packet: &Packet,
    segment: &Segment,
    flow: &Flow,
    settings: &Settings,
    acked: u32,
) -> Result<TcpOptions, Problem> {
    let mut options = TcpOptions::new();
    for option in segment.options.iter().flatten() {
        let on_wire = match option {
            SegmentOption::Known(TcpOption::Sack(blocks)) => {
                let moved: SackBlocks =
                    blocks.iter().map(|(left, right)| (*left + acked, *right + acked)).collect();
                TcpOption::Sack(moved)
            }
            SegmentOption::Known(TcpOption::Timestamps { value, echo }) if segment.flags & ACK != 0 => {
                let echo = flow.stamp_in(*echo, settings.ts_ecr_scaled).ok_or_else(|| {
                    Problem::wrong(
                        packet.span.clone(),
                        format!("no packet with TS val {echo} went out before, so what ecr {echo} means is not known"),
                        format!("之前没有发出过 TS val 为 {echo} 的报文，所以不知道 ecr {echo} 指哪一个"),
                    )
                })?;
                TcpOption::Timestamps { value: *value, echo }
            }
            SegmentOption::Known(option) => *option,
            SegmentOption::AccEcn { experimental, counters } => acc_ecn(*experimental, counters),
            SegmentOption::Md5(data) => TcpOption::Unknown { kind: SIGNATURE, data: *data },
        };
        options.push(on_wire).map_err(|_| {
            Problem::wrong(
                packet.span.clone(),
                "these options are longer than 40 octets",
                "这些选项超过 40 字节",
            )
        })?;
    }
    Ok(options)
}

/// AccECN's option: kinds 172 and 174 by the order of its counters, or kind 254 with a magic number.
pub(super) fn acc_ecn(experimental: bool, counters: &[(EcnCounter, u32)]) -> TcpOption {
    let first_is_ect1 = matches!(counters.first(), Some((EcnCounter::Ect1, _)));
    let mut data = Vec::new();
    if experimental {
        let magic: u16 = if first_is_ect1 { 0xacc1 } else { 0xacc0 };
        data.extend_from_slice(&magic.to_be_bytes());
    }
    for (_, counter) in counters {
        data.extend_from_slice(&counter.to_be_bytes()[1..]);
    }
    let kind = match (experimental, first_is_ect1) {
        (true, _) => 254,
        (false, true) => 174,
        (false, false) => 172,
    };
    TcpOption::Unknown { kind, data: OptionData::new(&data).unwrap_or_default() }
}

fn udp(len: u16, (source, destination): (u16, u16)) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + usize::from(len));
    out.extend_from_slice(&source.to_be_bytes());
    out.extend_from_slice(&destination.to_be_bytes());
    out.extend_from_slice(&len.saturating_add(8).to_be_bytes());
    out.extend_from_slice(&[0, 0]);
    out.resize(8 + usize::from(len), 0);
    out
}

/// Type and code of an ICMP message, by the words that scripts use.
pub(super) fn type_and_code(icmp: &Icmp, v6: bool) -> Option<(u8, u8)> {
    const V4_UNREACHABLE: [&str; 16] = [
        "net_unreachable",
        "host_unreachable",
        "protocol_unreachable",
        "port_unreachable",
        "frag_needed",
        "source_route_failed",
        "net_unknown",
        "host_unknown",
        "source_host_isolated",
        "net_prohibited",
        "host_prohibited",
        "net_unreachable_for_tos",
        "host_unreachable_for_tos",
        "communication_prohibited",
        "host_precedence_violation",
        "precedence_cutoff",
    ];
    const V6_UNREACHABLE: [&str; 7] = [
        "no_route",
        "prohibited",
        "beyond_scope",
        "address_unreachable",
        "port_unreachable",
        "policy_fail",
        "reject_route",
    ];
    let code = icmp.code.as_deref();
    let find = |names: &[&str], kind: u8| match code {
        None => Some((kind, 0)),
        Some(code) => names.iter().position(|name| *name == code).map(|code| (kind, code as u8)),
    };
    match (v6, icmp.kind.as_str()) {
        (false, "unreachable") => match code {
            Some("protocol_unreachable_for_tos") => None,
            Some("net_unreach") => Some((3, 0)),
            _ => find(&V4_UNREACHABLE, 3),
        },
        (false, "source_quench") => Some((4, 0)),
        (false, "redirect") => {
            find(&["net_redirect", "host_redirect", "net_redirect_for_tos", "host_redirect_for_tos"], 5)
        }
        (false, "time_exceeded") => find(&["ttl_exceeded_in_transit", "frag_reassembly_time_exceeded"], 11),
        (false, "parameter_problem") => find(&["bad_header", "option_missing", "bad_length"], 12),
        (false, "echo_request" | "echo") => Some((8, 0)),
        (false, "echo_reply") => Some((0, 0)),
        (true, "unreachable") => find(&V6_UNREACHABLE, 1),
        (true, "packet_too_big") => Some((2, 0)),
        (true, "time_exceeded") => find(&["hop_limit_exceeded", "frag_reassembly_time_exceeded"], 3),
        (true, "parameter_problem") => find(&["header_field", "next_header", "option"], 4),
        (true, "echo_request" | "echo") => Some((128, 0)),
        (true, "echo_reply") => Some((129, 0)),
        _ => None,
    }
}

fn icmp_message(packet: &Packet, icmp: &Icmp, flow: &Flow) -> Result<Vec<u8>, Problem> {
    let v6 = flow.local.is_ipv6();
    let Some((kind, code)) = type_and_code(icmp, v6) else {
        let name = format!("{} {}", icmp.kind, icmp.code.as_deref().unwrap_or_default());
        return Err(Problem::wrong(
            packet.span.clone(),
            format!("ICMP has no `{}`", name.trim()),
            format!("ICMP 没有 `{}`", name.trim()),
        ));
    };
    let mut out = vec![kind, code, 0, 0];
    let mtu = icmp.mtu.unwrap_or(0);
    match (v6, kind) {
        // The next hop's MTU lies in the lower half (RFC 1191 section 4), over IPv6 in the whole word.
        (false, 3) => out.extend_from_slice(&(mtu & 0xffff).to_be_bytes()),
        (true, 2) => out.extend_from_slice(&mtu.to_be_bytes()),
        (_, 8 | 0 | 128 | 129) => {
            out.extend_from_slice(&icmp.id.unwrap_or(0).to_be_bytes());
            out.extend_from_slice(&[0, 0]);
            return Ok(out);
        }
        _ => out.extend_from_slice(&[0; 4]),
    }
    // What the stack is to have sent: its header, and eight octets behind it.
    let (protocol, first) = match icmp.quoted {
        Quoted::Tcp { seq, len } => {
            let seq = Seq(seq.wrapping_add(flow.local_offset(false)));
            ((TCP, len as usize + 20), seq.0)
        }
        Quoted::Udp(len) => ((UDP, usize::from(len) + 8), u32::from(len.saturating_add(8)) << 16),
        Quoted::Raw(len) => ((255, usize::from(len)), 0),
    };
    let (number, len) = protocol;
    let mut quote = Vec::new();
    quote.extend_from_slice(&flow.local.port().to_be_bytes());
    quote.extend_from_slice(&flow.remote.port().to_be_bytes());
    quote.extend_from_slice(&first.to_be_bytes());
    if v6 {
        // The kernel reads a whole TCP header where IPv6 leaves room for it.
        quote.resize(20, 0);
        if number == TCP {
            quote[12] = 5 << 4;
        }
    }
    let shell =
        Packet { ip: crate::packetdrill::IpInfo { ttl: Some(64), ..Default::default() }, ..packet.clone() };
    let header = ip(&shell, (flow.local.ip(), flow.remote.ip()), 0, Vec::new());
    let mut header = header.to_vec();
    if v6 {
        header[4..6].copy_from_slice(&(len as u16).to_be_bytes());
        header[6] = number;
    } else {
        header[2..4].copy_from_slice(&((20 + len) as u16).to_be_bytes());
        header[9] = number;
        header[10..12].copy_from_slice(&[0, 0]);
        let found = checksum(&header);
        header[10..12].copy_from_slice(&found.to_be_bytes());
    }
    out.extend_from_slice(&header);
    out.extend_from_slice(&quote);
    Ok(out)
}
