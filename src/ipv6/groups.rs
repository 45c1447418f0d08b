//! Which groups a card listens to, told to routers and switches (RFC 3810): every own address has a group of its own, and who
//! passes on frames must know where to.

use super::address::{ALL_MLD_ROUTERS, group_mac, solicited_node};
use super::{Cause, Effect, Ipv6, Reason};
use crate::clock::{Instant, Span};
use crate::ipv6::reason::AddressReason;
use crate::mib::Counter;
use crate::wire::{Extension, Icmpv6Message, Ipv6Packet, Transport};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::net::Ipv6Addr;

/// A report: version 2 of multicast listener discovery.
const REPORT: u8 = 143;
/// Record type: from now on, all senders to the group (RFC 3810 section 5.2.12).
const TO_EXCLUDE_NONE: u8 = 4;

/// Reports that are due.
#[derive(Clone, Debug)]
pub(super) struct Report {
    card: u16,
    left: u32,
    next: Instant,
}

impl<T: Clone> Ipv6<T> {
    /// The card listens to other groups than before, or may now say so from an address of its own.
    pub(super) fn report_groups(&mut self, now: Instant, card: u16) {
        self.reports.retain(|report| report.card != card);
        let left = self.profile.group_reports;
        if left > 0 {
            self.reports.push(Report { card, left, next: now });
        }
    }

    pub(super) fn reports_deadline(&self) -> Option<Instant> {
        self.reports.iter().map(|report| report.next).min()
    }

    /// Reports that are due go, each more than once, for one may be lost (RFC 3810 section 6.1).
    pub(super) fn reports_due(&mut self, now: Instant, fx: &mut Vec<Effect<T>>) {
        for place in 0..self.reports.len() {
            let Report { card, left, next } = self.reports[place];
            if next > now {
                continue;
            }
            fx.push(Effect::TimerFired("group-report"));
            let most = self.profile.group_interval.as_nanos();
            let wait =
                self.draws.below("group report", u64::from(card), now.as_nanos() + u64::from(left), most);
            let report = &mut self.reports[place];
            (report.left, report.next) = (left - 1, now + Span::nanos(wait));
            self.report(card, fx);
        }
        self.reports.retain(|report| report.left > 0);
    }

    fn report(&mut self, card: u16, fx: &mut Vec<Effect<T>>) {
        let own = self.routing.own.iter().filter(|own| own.card == card);
        let groups: BTreeSet<Ipv6Addr> = own.map(|own| solicited_node(own.address)).collect();
        if groups.is_empty() {
            return;
        }
        let mut rest = vec![0, 0, 0, groups.len() as u8];
        for group in &groups {
            rest.extend([TO_EXCLUDE_NONE, 0, 0, 0]);
            rest.extend(group.octets());
        }
        let local =
            self.routing.own.iter().find(|own| {
                own.card == card && own.is_usable() && super::address::is_link_local(own.address)
            });
        let source = local.map_or(Ipv6Addr::UNSPECIFIED, |own| own.address);
        let message = Icmpv6Message::Other { kind: REPORT, code: 0, rest: rest.into() };
        // Router alert, and two octets of padding (RFC 3810 section 5).
        let alert = Extension::HopByHop(Bytes::from_static(&[5, 2, 0, 0, 1, 0]));
        let packet = Ipv6Packet {
            hop_limit: 1,
            extensions: vec![alert],
            ..Ipv6Packet::new(source, ALL_MLD_ROUTERS, Transport::Icmpv6(message))
        };
        fx.push(Effect::Counted(Counter::Ip6OutRequests));
        self.count_out(&packet, fx);
        self.transmit(
            card,
            group_mac(ALL_MLD_ROUTERS),
            &packet,
            Cause::Own(Reason::Address(AddressReason::ReportsGroups)),
            fx,
        );
    }
}
