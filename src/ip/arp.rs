//! ARP: questions asked and answered (RFC 826).

use super::{ArpReason, Cause, Effect, Ip, Reason};
use crate::clock::Instant;
use crate::wire::{self, ArpMessage, ArpOperation, MacAddr, Packet};
use std::net::Ipv4Addr;

impl<T: Clone> Ip<T> {
    /// An ARP message came in by that card.
    pub(super) fn arp(&mut self, now: Instant, card: u16, message: &ArpMessage, fx: &mut Vec<Effect<T>>) {
        let Some(own) = self.cards.get_mut(usize::from(card)) else { return };
        let target = message.target_ip;
        let for_us =
            target == own.address || (self.profile.answers_for_all_cards && self.routing.has_address(target));
        let sender = message.sender_ip;
        let usable =
            !sender.is_unspecified() && !self.routing.has_address(sender) && !message.sender_mac.is_group();
        let question = message.operation == ArpOperation::Request;
        let (news, waited) = if usable {
            own.neighbours.learn(now, sender, message.sender_mac, for_us && question, &self.profile)
        } else {
            (false, Vec::new())
        };
        let mac = own.mac;
        if news {
            fx.push(Effect::Noted(Reason::Arp(ArpReason::NeighbourLearned { address: sender })));
        }
        for (packet, cause) in waited {
            let frame = wire::build(&Packet::ipv4(mac, message.sender_mac, packet));
            fx.push(Effect::Transmit { card, frame, cause });
        }
        if question && for_us && usable {
            let reply = ArpMessage {
                operation: ArpOperation::Reply,
                sender_mac: mac,
                sender_ip: target,
                target_mac: message.sender_mac,
                target_ip: sender,
            };
            let frame = wire::build(&Packet::arp(mac, message.sender_mac, reply));
            let cause = Cause::Own(Reason::Arp(ArpReason::AnswersArp { asker: sender }));
            fx.push(Effect::Transmit { card, frame, cause });
        } else if !news {
            fx.push(Effect::Dropped(Reason::Arp(ArpReason::ArpNotForUs)));
        }
    }

    /// Asks everybody on that card's wire who has `target`.
    pub(super) fn ask(&self, card: u16, target: Ipv4Addr, fx: &mut Vec<Effect<T>>) {
        let Some(own) = self.cards.get(usize::from(card)) else { return };
        let request = ArpMessage {
            operation: ArpOperation::Request,
            sender_mac: own.mac,
            sender_ip: own.address,
            target_mac: MacAddr::default(),
            target_ip: target,
        };
        let frame = wire::build(&Packet::arp(own.mac, MacAddr::BROADCAST, request));
        fx.push(Effect::Transmit {
            card,
            frame,
            cause: Cause::Own(Reason::Arp(ArpReason::AsksForNeighbour { target })),
        });
    }
}
