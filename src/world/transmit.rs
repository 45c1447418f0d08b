//! Frames on their way: sent, impaired, lost, arrived.

use super::agenda::Pending;
use super::effects::Loudness;
use super::flight::Flight;
use super::lan::Way;
use super::peek;
use super::step::World;
use crate::host::{EndpointKey, Reason};
use crate::link::{self, HostId, Verdict, flip_bit, mark_ce};
use crate::trace::{Event, RecordId};
use crate::wire;
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

impl World {
    /// A host puts a frame on the wire. `quiet` frames belong to generated load and leave no records.
    pub(super) fn transmit(
        &mut self,
        host: HostId,
        cause: Option<RecordId>,
        frame: Bytes,
        endpoint: Option<EndpointKey>,
        why: Reason,
        quiet: bool,
    ) {
        self.frames += 1;
        let addresses = peek::addresses(&frame);
        let destination = addresses.map(|(_, to)| to).or_else(|| peek::arp_target(&frame));
        let to = destination.and_then(|address| self.lan.owner(address));
        let now = self.now;
        let sent =
            if quiet { None } else { self.journal.frame_sent(now, host, cause, &frame, to, endpoint, why) };
        let verdict = self.look_at(host, to, &frame, quiet);
        let mut flight = Flight { frame, from: host, sent, changed: false, quiet };
        let taken = self.lan.send(now, host, flight.frame.len());
        if !quiet {
            self.look_at_card(host, sent, endpoint);
        }
        let (at, way) = match taken {
            Ok(way) => way,
            Err(why) => return self.lost(&flight, why),
        };
        match verdict {
            Verdict::Deliver => self.put_under_way(at, &way, flight),
            Verdict::Lose(why) => self.lost(&flight, why),
            Verdict::Delay(span) => {
                self.impaired(&flight, link::Reason::Delayed(span));
                self.put_under_way(at + span, &way, flight);
            }
            Verdict::Duplicate(span) => {
                self.impaired(&flight, link::Reason::Duplicated);
                self.put_under_way(at, &way, flight.clone());
                self.put_under_way(at + span, &way, flight);
            }
            Verdict::Mark => {
                self.impaired(&flight, link::Reason::Marked);
                flight.frame = mark_ce(&flight.frame);
                flight.changed = true;
                self.put_under_way(at, &way, flight);
            }
            Verdict::Corrupt { bit } => {
                self.impaired(&flight, link::Reason::Corrupted { bit });
                flight.frame = flip_bit(&flight.frame, bit);
                flight.changed = true;
                self.put_under_way(at, &way, flight);
            }
        }
    }

    /// How many frames wait at the host's card goes into the trace.
    fn look_at_card(&mut self, host: HostId, cause: Option<RecordId>, endpoint: Option<EndpointKey>) {
        if let Some(card) = self.lan.card(self.now, host) {
            self.journal.card(self.now, host, cause, endpoint, card);
        }
    }

    /// Whoever must see each frame that is sent sees it: faults, programs that wait for one, the numbering.
    fn look_at(&mut self, from: HostId, to: Option<HostId>, frame: &Bytes, quiet: bool) -> Verdict {
        let first_of_connection = !quiet && peek::is_syn(frame);
        if self.faults.is_empty() && !self.scripts.watching() && !first_of_connection {
            return Verdict::Deliver;
        }
        let Ok(packet) = wire::parse_with(frame, wire::Checksums::Ignore) else { return Verdict::Deliver };
        if first_of_connection && let (Some(ip), Some(segment)) = (packet.ip(), packet.tcp()) {
            let source = SocketAddr::new(IpAddr::V4(ip.source), segment.source_port);
            let destination = SocketAddr::new(IpAddr::V4(ip.destination), segment.destination_port);
            self.numbering.see(source, destination, segment);
        }
        self.scripts.watch(from, to, &packet);
        if self.faults.is_empty() { Verdict::Deliver } else { self.faults.judge(from, to, &packet) }
    }

    fn put_under_way(&mut self, at: crate::clock::Instant, way: &Way, flight: Flight) {
        let pending = match way {
            Way::Host(to) => Pending::Arrival { at: *to, flight },
            Way::Switch => Pending::AtSwitch { port: flight.from, flight },
        };
        self.agenda.push(at, pending);
    }

    fn impaired(&mut self, flight: &Flight, why: link::Reason) {
        if !flight.quiet {
            let event = Event::Noted { endpoint: None, why: Reason::Link(why) };
            self.journal.detail(self.now, None, flight.sent, event);
        }
    }

    /// A frame is lost on its way.
    pub(super) fn lost(&mut self, flight: &Flight, why: link::Reason) {
        if let Some(sent) = flight.sent {
            let event = Event::FrameLost { sent, why: Reason::Link(why) };
            self.journal.detail(self.now, None, Some(sent), event);
        }
    }

    /// A frame comes out of the wire at a host.
    pub(super) fn arrive(&mut self, host: HostId, flight: Flight) {
        if !self.lan.plugged(host) {
            return self.lost(&flight, link::Reason::LinkDown);
        }
        // A damaged address may be anybody's; whose frame it was shows in the record of its sending.
        if !self.lan.takes(host, &flight.frame) {
            if flight.changed {
                self.lost(&flight, link::Reason::NoReceiver);
            }
            return;
        }
        if !flight.quiet {
            self.look_at_card(flight.from, flight.sent, None);
        }
        let arrived = flight.sent.and_then(|sent| {
            let changed = flight.changed.then(|| flight.frame.clone());
            let event = Event::FrameArrived { sent, changed };
            self.journal.detail(self.now, Some(host), Some(sent), event)
        });
        match &mut self.machines[host.index()] {
            Some(machine) => {
                let mut effects = std::mem::take(&mut self.effects);
                machine.receive(self.now, &flight.frame, &mut effects);
                let loudness = if flight.quiet { Loudness::Quiet } else { Loudness::Loud };
                self.apply(host, arrived, &mut effects, loudness);
                self.effects = effects;
            }
            None => self.actor_received(host, arrived, &flight.frame),
        }
    }

    /// An actor swallows what reaches it; only its card answers those who ask for its address.
    fn actor_received(&mut self, host: HostId, arrived: Option<RecordId>, frame: &Bytes) {
        if let Some(answer) = self.lan.arp_answer(host, frame) {
            self.transmit(host, arrived, answer, None, Reason::ByHand, false);
        }
    }
}
