//! What the stack sent, held against what the script expects: field by field.

use super::flow::Flow;
use super::inbound::{SIGNATURE, acc_ecn, type_and_code};
use super::seen::{Seen, SeenBody, SeenSegment};
use super::{Problem, Settings};
use crate::clock::Span;
use crate::lang::Text;
use crate::packetdrill::{Body, Packet, Segment, SegmentOption, Tos};
use crate::wire::{SackBlocks, TcpOption};

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;
const ECE: u8 = 0x40;
const CWR: u8 = 0x80;

/// A field that is not as the script says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub field: Text,
    /// As the script says.
    pub expected: String,
    /// As it was.
    pub found: String,
}

fn difference(en: &str, zh: &str, expected: impl ToString, found: impl ToString) -> Difference {
    Difference { field: Text::new(en, zh), expected: expected.to_string(), found: found.to_string() }
}

/// Several packets in a row that together are what the script expects as one: the same but for their place in the stream,
/// all of one size but the last. `Err` says why the next does not continue the one before it.
pub fn continues(before: &Seen, next: &Seen, missing: usize, flow: &Flow) -> Result<(), Vec<Difference>> {
    let (SeenBody::Tcp(a), SeenBody::Tcp(b)) = (&before.body, &next.body) else {
        return Err(vec![difference("protocol", "协议", "TCP", "another")]);
    };
    let mut found = Vec::new();
    let expected = a.seq.wrapping_add(a.len as u32);
    let (seq, ack) = (flow.local_offset(false), flow.remote_offset(false));
    if b.seq != expected {
        let (expected, seen) = (expected.wrapping_sub(seq), b.seq.wrapping_sub(seq));
        found.push(difference("sequence number", "序号", expected, seen));
    }
    if b.ack != a.ack {
        let (expected, seen) = (a.ack.wrapping_sub(ack), b.ack.wrapping_sub(ack));
        found.push(difference("acknowledgment number", "确认号", expected, seen));
    }
    let kept = |segment: &SeenSegment| segment.flags & !(PSH | FIN | CWR);
    if kept(a) != kept(b) {
        found.push(difference("flags", "标志", letters(a.flags, a.ae), letters(b.flags, b.ae)));
    }
    if a.window != b.window {
        found.push(difference("window", "窗口", a.window, b.window));
    }
    if b.len < missing && b.len != a.len {
        found.push(difference("length", "长度", a.len, b.len));
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// The packets together as one: the first's header, and whether the last pushes or ends the stream.
pub fn joined(mut packets: Vec<Seen>) -> Option<Seen> {
    let rest = packets.split_off(1.min(packets.len()));
    let mut whole = packets.pop()?;
    for next in rest {
        if let (SeenBody::Tcp(whole), SeenBody::Tcp(next)) = (&mut whole.body, next.body) {
            whole.len += next.len;
            whole.flags = whole.flags & !(PSH | FIN) | next.flags & (PSH | FIN);
        }
    }
    Some(whole)
}

/// Every field that differs; the flow learns timestamps from it.
///
/// # Errors
/// What of the script's packet cannot be compared here.
pub fn differences(
    expected: &Packet,
    found: &Seen,
    flow: &mut Flow,
    settings: &Settings,
) -> Result<Vec<Difference>, Problem> {
    if !expected.outer.is_empty() {
        return Err(Problem::unsupported(expected.span.clone(), "a tunnel's outer header"));
    }
    let mut differs = ip(expected, found);
    match (&expected.body, &found.body) {
        (Body::Tcp(segment), SeenBody::Tcp(seen)) => {
            if segment.options.iter().flatten().any(|option| matches!(option, SegmentOption::Md5(_))) {
                return Err(Problem::unsupported(expected.span.clone(), "TCP MD5 signatures"));
            }
            differs.extend(tcp(segment, seen, flow, settings));
        }
        (Body::Udp(len), SeenBody::Udp { len: found, .. }) => {
            if usize::from(*len) != *found {
                differs.push(difference("length", "长度", len, found));
            }
        }
        (Body::Icmp(icmp), SeenBody::Icmp { kind, code }) => {
            match type_and_code(icmp, found.source.is_ipv6()) {
                Some(wanted) if wanted == (*kind, *code) => {}
                Some(wanted) => {
                    let shown = |(kind, code): (u8, u8)| format!("{kind}/{code}");
                    differs.push(difference(
                        "ICMP type/code",
                        "ICMP 类型/代码",
                        shown(wanted),
                        shown((*kind, *code)),
                    ));
                }
                None => return Err(Problem::unsupported(expected.span.clone(), &icmp.kind)),
            }
        }
        (expected, found) => {
            let name = |protocol: &Body| match protocol {
                Body::Tcp(_) => "TCP",
                Body::Udp(_) => "UDP",
                Body::Icmp(_) => "ICMP",
            };
            let seen = match found {
                SeenBody::Tcp(_) => "TCP".to_owned(),
                SeenBody::Udp { .. } => "UDP".to_owned(),
                SeenBody::Icmp { .. } => "ICMP".to_owned(),
                SeenBody::Other(number) => number.to_string(),
            };
            differs.push(difference("protocol", "协议", name(expected), seen));
        }
    }
    if let Some((source, destination)) = expected.ports
        && let Some(ports) = found.ports()
        && ports != (source, destination)
    {
        let shown = |(source, destination): (u16, u16)| format!("{source} > {destination}");
        differs.push(difference("ports", "端口", shown((source, destination)), shown(ports)));
    }
    Ok(differs)
}

fn ip(expected: &Packet, found: &Seen) -> Vec<Difference> {
    let mut differs = Vec::new();
    let ecn = found.tos & 3;
    match expected.ip.tos {
        Some(Tos::Ecn(wanted)) if wanted != ecn => {
            differs.push(difference("ECN field", "ECN 字段", mark(wanted), mark(ecn)));
        }
        Some(Tos::EitherEct) if ecn != 1 && ecn != 2 => {
            differs.push(difference("ECN field", "ECN 字段", "ect01", mark(ecn)));
        }
        Some(Tos::Octet(wanted)) if wanted != found.tos => {
            let shown = |octet: u8| format!("{octet:#04x}");
            differs.push(difference("type of service", "服务类型", shown(wanted), shown(found.tos)));
        }
        Some(Tos::Ecn(_) | Tos::EitherEct | Tos::Octet(_)) | None => {}
    }
    if let Some(ttl) = expected.ip.ttl
        && ttl != found.ttl
    {
        differs.push(difference("time to live", "生存时间", ttl, found.ttl));
    }
    differs
}

/// The ECN field's name in scripts.
pub(super) fn mark(ecn: u8) -> &'static str {
    ["noecn", "ect1", "ect0", "ce"][usize::from(ecn & 3)]
}

fn tcp(expected: &Segment, found: &SeenSegment, flow: &mut Flow, settings: &Settings) -> Vec<Difference> {
    let mut differs = Vec::new();
    // CWR and ECE count for both together on their own: a script that writes neither means neither.
    if (expected.flags, expected.ae) != (found.flags, found.ae) {
        differs.push(difference(
            "flags",
            "标志",
            letters(expected.flags, expected.ae),
            letters(found.flags, found.ae),
        ));
    }
    let syn = found.flags & SYN != 0;
    let seq = found.seq.wrapping_sub(flow.local_offset(syn));
    if seq != expected.seq {
        differs.push(difference("sequence number", "序号", expected.seq, seq));
    }
    let moved = flow.remote_offset(syn);
    let ack = if found.flags & ACK != 0 { found.ack.wrapping_sub(moved) } else { found.ack };
    if ack != expected.ack {
        differs.push(difference("acknowledgment number", "确认号", expected.ack, ack));
    }
    if expected.len as usize != found.len {
        differs.push(difference("length", "长度", expected.len, found.len));
    }
    if let Some(window) = expected.window
        && window != found.window
    {
        differs.push(difference("window", "窗口", window, found.window));
    }
    if expected.urgent != found.urgent {
        differs.push(difference("urgent pointer", "紧急指针", expected.urgent, found.urgent));
    }
    if let Some(options) = &expected.options {
        differs.extend(options_differ(options, found, flow, settings, moved));
    } else {
        learn_stamp(None, found, flow);
    }
    differs
}

/// The header's flags as scripts write them.
pub(super) fn letters(flags: u8, ae: bool) -> String {
    let mut text = String::new();
    let all = [(FIN, 'F'), (SYN, 'S'), (0x04, 'R'), (PSH, 'P'), (0x20, 'U'), (ECE, 'E'), (CWR, 'W')];
    text.extend(all.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, letter)| letter));
    if ae {
        text.push('A');
    }
    if flags & ACK != 0 {
        text.push('.');
    }
    if text.is_empty() { "-".to_owned() } else { text }
}

/// The flow learns what TSval on the wire stands for the script's; gives the value in the script's count.
fn learn_stamp(written: Option<u32>, found: &SeenSegment, flow: &mut Flow) -> Option<u32> {
    let (value, _) = found.timestamps()?;
    Some(flow.stamp_out(written?, value))
}

fn options_differ(
    expected: &[SegmentOption],
    found: &SeenSegment,
    flow: &mut Flow,
    settings: &Settings,
    moved: u32,
) -> Option<Difference> {
    let wanted: Vec<TcpOption> = expected.iter().map(as_option).collect();
    let written = wanted.iter().find_map(|option| match option {
        TcpOption::Timestamps { value, .. } => Some(*value),
        _ => None,
    });
    let counted = learn_stamp(written, found, flow);
    // What the stack sent, in the script's numbers; a TSval within the tolerance counts as the one written.
    let seen: Vec<TcpOption> = found
        .options
        .iter()
        .map(|option| match option {
            TcpOption::Sack(blocks) => {
                let blocks: SackBlocks =
                    blocks.iter().map(|(left, right)| (*left - moved, *right - moved)).collect();
                TcpOption::Sack(blocks)
            }
            TcpOption::Timestamps { value, echo } => {
                let value = match (written, counted) {
                    (Some(written), Some(counted)) if near(written, counted, settings) => written,
                    (_, Some(counted)) => counted,
                    (_, None) => value,
                };
                let echo = if found.flags & ACK == 0 && echo == 0 { 0 } else { echo };
                TcpOption::Timestamps { value, echo }
            }
            other => other,
        })
        .collect();
    // How a stack pads behind the last option is nobody's business.
    let significant = |options: &[TcpOption]| -> Vec<TcpOption> {
        let end = options.iter().rposition(|option| *option != TcpOption::EndOfList).map_or(0, |at| at + 1);
        options[..end].to_vec()
    };
    if significant(&wanted) == significant(&seen) {
        return None;
    }
    Some(difference("options", "选项", options(&wanted), options(&seen)))
}

/// Whether a TSval is as near to the one written as the ticks allow; without ticks any is.
fn near(written: u32, counted: u32, settings: &Settings) -> bool {
    let Some(tick) = settings.ts_tick else { return true };
    let apart = counted.wrapping_sub(written) as i32;
    let apart = Span::nanos(u64::from(apart.unsigned_abs()).saturating_mul(tick.as_nanos()));
    apart <= settings.tolerance
}

fn as_option(option: &SegmentOption) -> TcpOption {
    match option {
        SegmentOption::Known(option) => *option,
        SegmentOption::AccEcn { experimental, counters } => acc_ecn(*experimental, counters),
        SegmentOption::Md5(data) => TcpOption::Unknown { kind: SIGNATURE, data: *data },
    }
}

/// Options as scripts write them.
pub(super) fn options(options: &[TcpOption]) -> String {
    let texts: Vec<String> = options.iter().map(one).collect();
    format!("<{}>", texts.join(","))
}

fn one(option: &TcpOption) -> String {
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    match option {
        TcpOption::EndOfList => "eol".to_owned(),
        TcpOption::Nop => "nop".to_owned(),
        TcpOption::Mss(mss) => format!("mss {mss}"),
        TcpOption::WindowScale(shift) => format!("wscale {shift}"),
        TcpOption::SackPermitted => "sackOK".to_owned(),
        TcpOption::Sack(blocks) => {
            let blocks: Vec<String> =
                blocks.iter().map(|(left, right)| format!("{}:{}", left.0, right.0)).collect();
            format!("sack {}", blocks.join(" "))
        }
        TcpOption::Timestamps { value, echo } => format!("TS val {value} ecr {echo}"),
        TcpOption::UserTimeout { minutes, value } => {
            format!("UTO {value}{}", if *minutes { "min" } else { "s" })
        }
        TcpOption::FastOpen { cookie, experimental } => {
            let name = if *experimental { "FOEXP" } else { "FO" };
            format!("{name} {}", hex(cookie)).trim_end().to_owned()
        }
        TcpOption::Unknown { kind, data } => format!("kind {kind} {}", hex(data)).trim_end().to_owned(),
        TcpOption::Malformed { kind, length } => format!("kind {kind} length {length:?}"),
    }
}
