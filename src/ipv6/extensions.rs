//! Extension headers, one after the other as they stand (RFC 8200 section 4).

use super::{Arrived, Effect, Ipv6, Reason};
use crate::clock::Instant;
use crate::ipv6::reason::{FragmentReason, PacketReason};
use crate::mib::Counter;
use crate::wire::{Extension, IPV6_HEADER, Ipv6Packet};

/// Option: one octet of padding.
const PAD_1: u8 = 0;
/// Option: padding.
const PAD_N: u8 = 1;
/// Option: routers look at the packet (RFC 2711).
const ROUTER_ALERT: u8 = 5;
/// Option: the packet's real length (RFC 2675).
const JUMBO: u8 = 0xc2;

/// Where the headers lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// To the layers above.
    Upper,
    /// To a fragment.
    Fragment,
    /// Nowhere: the packet was dropped, and whoever had to be told is.
    Gone,
}

/// What an option asks of whoever does not know it, by its two highest bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    Skip,
    Drop,
    Tell,
    TellUnlessGroup,
}

/// What is wrong with the options of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// They do not add up.
    Malformed,
    /// This one, at that place in the header's options, is not known and may not be skipped.
    Option { kind: u8, at: usize, unknown: Unknown },
}

impl<T: Clone> Ipv6<T> {
    /// Goes through the headers of a packet, from that one on.
    pub(super) fn headers(
        &mut self,
        now: Instant,
        arrived: &Arrived<'_>,
        from: usize,
        fx: &mut Vec<Effect<T>>,
    ) -> Verdict {
        let packet = arrived.packet;
        for (number, header) in packet.extensions.iter().enumerate().skip(from) {
            let place = place_of(packet, number);
            match header {
                Extension::HopByHop(_) if number > 0 => {
                    fx.push(Effect::Counted(Counter::Ip6InUnknownProtos));
                    fx.push(Effect::Dropped(Reason::Packet(PacketReason::HopByHopNotFirst)));
                    let pointer = self.place_of_number(packet, number);
                    self.parameter_problem(now, (packet, &arrived.octets()), (1, pointer), fx);
                    return Verdict::Gone;
                }
                Extension::HopByHop(octets) | Extension::DestinationOptions(octets) => {
                    if let Err(bad) = options(octets, number == 0 && header.number() == 0) {
                        self.bad_option(now, arrived, bad, place, fx);
                        return Verdict::Gone;
                    }
                }
                Extension::Routing { segments_left: 0, .. } => {}
                Extension::Routing { kind, .. } => {
                    fx.push(Effect::Counted(Counter::Ip6InHdrErrors));
                    fx.push(Effect::Dropped(Reason::Packet(PacketReason::RoutingRefused { kind: *kind })));
                    self.parameter_problem(now, (packet, &arrived.octets()), (0, place + 2), fx);
                    return Verdict::Gone;
                }
                Extension::Fragment { offset: 0, more: false, .. } => {
                    fx.push(Effect::Counted(Counter::Ip6ReasmReqds));
                    fx.push(Effect::Counted(Counter::Ip6ReasmOKs));
                    fx.push(Effect::Noted(Reason::Fragment(FragmentReason::AtomicFragment)));
                }
                Extension::Fragment { .. } => return Verdict::Fragment,
            }
        }
        Verdict::Upper
    }

    /// Drops a packet for an option of it, and tells its sender if the option asks for that.
    pub(super) fn bad_option(
        &mut self,
        now: Instant,
        arrived: &Arrived<'_>,
        bad: Bad,
        place: usize,
        fx: &mut Vec<Effect<T>>,
    ) {
        fx.push(Effect::Counted(Counter::Ip6InHdrErrors));
        let Bad::Option { kind, at, unknown } = bad else {
            fx.push(Effect::Dropped(Reason::Packet(PacketReason::OptionsMalformed)));
            return;
        };
        let why = if kind == JUMBO {
            Reason::Packet(PacketReason::Jumbogram)
        } else {
            Reason::Packet(PacketReason::UnknownOption { kind })
        };
        fx.push(Effect::Dropped(why));
        let tells = match unknown {
            Unknown::Tell => true,
            Unknown::TellUnlessGroup => !arrived.packet.destination.is_multicast(),
            Unknown::Skip | Unknown::Drop => false,
        };
        if tells {
            self.parameter_problem(now, (arrived.packet, &arrived.octets()), (2, place + 2 + at), fx);
        }
    }

    /// Where in the packet the number of its header of that index stands: in the header before it.
    pub(super) fn place_of_number(&self, packet: &Ipv6Packet, number: usize) -> usize {
        match number.checked_sub(1) {
            Some(before) => place_of(packet, before),
            None => 6,
        }
    }
}

/// Where in the packet its extension header of that index begins.
fn place_of(packet: &Ipv6Packet, number: usize) -> usize {
    IPV6_HEADER + packet.extensions.iter().take(number).map(Extension::len).sum::<usize>()
}

/// Looks at all options of a header, of hop-by-hop ones or those for the destination.
pub(super) fn options(octets: &[u8], hop_by_hop: bool) -> Result<(), Bad> {
    let mut at = 0;
    while let Some(kind) = octets.get(at) {
        if *kind == PAD_1 {
            at += 1;
            continue;
        }
        let len = octets.get(at + 1).map(|len| usize::from(*len));
        let Some(end) = len.map(|len| at + 2 + len).filter(|end| *end <= octets.len()) else {
            return Err(Bad::Malformed);
        };
        let known = *kind == PAD_N || (hop_by_hop && *kind == ROUTER_ALERT);
        let unknown = match kind >> 6 {
            0 => Unknown::Skip,
            1 => Unknown::Drop,
            2 => Unknown::Tell,
            _ => Unknown::TellUnlessGroup,
        };
        if !known && unknown != Unknown::Skip {
            return Err(Bad::Option { kind: *kind, at, unknown });
        }
        at = end;
    }
    Ok(())
}
