//! ARP: questions asked and answered (RFC 826), and an address that two have (RFC 5227).

use super::neighbour::{Learned, Shown};
use super::{ArpReason, Cause, Effect, Ip, Reason};
use crate::clock::Instant;
use crate::wire::{self, ArpMessage, ArpOperation, MacAddr, Packet};
use std::net::Ipv4Addr;

impl<T: Clone> Ip<T> {
    /// An ARP message came in by that card.
    pub(super) fn arp(&mut self, now: Instant, card: u16, message: &ArpMessage, fx: &mut Vec<Effect<T>>) {
        let Some(own) = self.cards.get_mut(usize::from(card)) else { return };
        let (sender, target) = (message.sender_ip, message.target_ip);
        let for_us =
            target == own.address || (self.profile.answers_for_all_cards && self.routing.has_address(target));
        let question = message.operation == ArpOperation::Request;
        // A probe names no sender: there is nothing to learn from it, but it is a question like others (RFC 5227 section 1.1).
        let probe = sender.is_unspecified();
        let mine = self.routing.has_address(sender);
        if mine && message.sender_mac != own.mac {
            return self.conflict(now, card, message, fx);
        }
        let sound = !mine && !message.sender_mac.is_group();
        let shown = match (question, for_us) {
            (true, true) => Shown::AskedUs,
            (_, _) if sender == target => Shown::Announced,
            (false, true) => Shown::Answered,
            (_, false) => Shown::Overheard,
        };
        let Learned { news, too_soon, waited } = if sound && !probe {
            own.neighbours.learn(now, sender, message.sender_mac, shown, &self.profile)
        } else {
            Learned { news: false, too_soon: false, waited: Vec::new() }
        };
        let mac = own.mac;
        if news {
            fx.push(Effect::Noted(Reason::Arp(ArpReason::NeighbourLearned { address: sender })));
        }
        // What waited leaves as any packet does: whoever is only heard of is doubted from now on.
        if !waited.is_empty() {
            own.neighbours.card(now, sender, &self.profile);
        }
        for (packet, cause) in waited {
            let frame = wire::build(&Packet::ipv4(mac, message.sender_mac, packet));
            fx.push(Effect::Transmit { card, frame, cause });
        }
        if question && for_us && sound {
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
        } else if too_soon {
            fx.push(Effect::Dropped(ArpReason::TooSoonToChange { address: sender }.into()));
        } else if !news && (shown != Shown::Answered || !self.knows(card, sender)) {
            fx.push(Effect::Dropped(Reason::Arp(ArpReason::ArpNotForUs)));
        }
    }

    fn knows(&mut self, card: u16, address: Ipv4Addr) -> bool {
        self.cards.get(usize::from(card)).is_some_and(|card| card.neighbours.knows(address))
    }

    /// Another card has this host's address (RFC 5227 section 2.4). Who defends it tells everybody, but not again and again: two
    /// who both did would never come to an end.
    fn conflict(&mut self, now: Instant, card: u16, message: &ArpMessage, fx: &mut Vec<Effect<T>>) {
        let (address, by) = (message.sender_ip, message.sender_mac);
        fx.push(Effect::Dropped(ArpReason::AddressTaken { address, by }.into()));
        let Some(interval) = self.profile.arp_defends else { return };
        let Some(own) = self.cards.get_mut(usize::from(card)) else { return };
        if own.address != address || own.defended.is_some_and(|last| now.since(last) < interval) {
            return;
        }
        own.defended = Some(now);
        let cause = Cause::Own(ArpReason::DefendsAddress { address }.into());
        self.request(card, address, MacAddr::BROADCAST, cause, fx);
    }

    /// Asks everybody on that card's wire who has `target`.
    pub(super) fn ask(&self, card: u16, target: Ipv4Addr, fx: &mut Vec<Effect<T>>) {
        let cause = Cause::Own(Reason::Arp(ArpReason::AsksForNeighbour { target }));
        self.request(card, target, MacAddr::BROADCAST, cause, fx);
    }

    /// Asks the card that `target` had whether it still has it.
    pub(super) fn check(&self, card: u16, target: Ipv4Addr, mac: MacAddr, fx: &mut Vec<Effect<T>>) {
        let cause = Cause::Own(ArpReason::ChecksNeighbour { address: target }.into());
        self.request(card, target, mac, cause, fx);
    }

    fn request(&self, card: u16, target: Ipv4Addr, to: MacAddr, cause: Cause<T>, fx: &mut Vec<Effect<T>>) {
        let Some(own) = self.cards.get(usize::from(card)) else { return };
        let request = ArpMessage {
            operation: ArpOperation::Request,
            sender_mac: own.mac,
            sender_ip: own.address,
            target_mac: MacAddr::default(),
            target_ip: target,
        };
        fx.push(Effect::Transmit { card, frame: wire::build(&Packet::arp(own.mac, to, request)), cause });
    }
}

#[cfg(test)]
mod tests;
