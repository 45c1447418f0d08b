//! A packet that was sent, as scripts write packets.

use super::flow::Flow;
use super::outbound::{letters, mark, options};
use super::seen::{Seen, SeenBody};
use crate::wire::{SackBlocks, TcpOption};

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

/// `P. 1:1001(1000) ack 1 win 502 <nop,nop,TS val 7 ecr 3>`, in the script's own numbers.
pub(super) fn written(seen: &Seen, flow: &Flow) -> String {
    let ecn = match seen.tos & 3 {
        0 => String::new(),
        marked => format!("[{}] ", mark(marked)),
    };
    let body = match &seen.body {
        SeenBody::Udp { len, .. } => format!("udp ({len})"),
        SeenBody::Icmp { kind, code } => format!("icmp type {kind} code {code}"),
        SeenBody::Other(protocol) => format!("protocol {protocol}"),
        SeenBody::Tcp(segment) => {
            let syn = segment.flags & SYN != 0;
            let seq = segment.seq.wrapping_sub(flow.local_offset(syn));
            let end = seq.wrapping_add(segment.len as u32);
            let moved = flow.remote_offset(syn);
            let mut text = format!("{} {seq}:{end}({})", letters(segment.flags, segment.ae), segment.len);
            if segment.flags & ACK != 0 {
                text.push_str(&format!(" ack {}", segment.ack.wrapping_sub(moved)));
            }
            text.push_str(&format!(" win {}", segment.window));
            if segment.urgent != 0 {
                text.push_str(&format!(" urg {}", segment.urgent));
            }
            let told: Vec<TcpOption> =
                segment.options.iter().map(|option| counted(option, moved, flow)).collect();
            if !told.is_empty() {
                text.push_str(&format!(" {}", options(&told)));
            }
            text
        }
    };
    format!("{ecn}{body}")
}

/// The option in the script's numbers.
fn counted(option: TcpOption, moved: u32, flow: &Flow) -> TcpOption {
    match option {
        TcpOption::Sack(blocks) => {
            let blocks: SackBlocks =
                blocks.iter().map(|(left, right)| (*left - moved, *right - moved)).collect();
            TcpOption::Sack(blocks)
        }
        TcpOption::Timestamps { value, echo } => {
            TcpOption::Timestamps { value: flow.stamp_counted(value), echo }
        }
        other => other,
    }
}
