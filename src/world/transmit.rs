//! Frames on their way: sent, impaired, lost, arrived.

use super::agenda::Pending;
use super::effects::Loudness;
use super::flight::Flight;
use super::links::Taken;
use super::media::{Held, Sent};
use super::peek;
use super::step::World;
use crate::host::{EndpointKey, Reason};
use crate::link::{self, Heading, HostId, Port, Verdict, flip_bit, mark_ce};
use crate::trace::{Event, RecordId};
use crate::wire;
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

impl World {
    /// A node puts a frame on the link at that port. `quiet` frames belong to generated load and leave no records.
    pub(super) fn transmit(
        &mut self,
        port: Port,
        cause: Option<RecordId>,
        frame: Bytes,
        endpoint: Option<EndpointKey>,
        why: Reason,
        quiet: bool,
    ) {
        let host = port.node;
        if !self.net.has_carrier(port) {
            return self.without_carrier(host, cause, quiet);
        }
        self.frames += 1;
        let heading = self.net.heading(port, &frame);
        let now = self.now;
        let sent = if quiet {
            None
        } else {
            self.journal.frame_sent(now, host, cause, &frame, heading, endpoint, why)
        };
        let verdict = self.look_at(heading, &frame, quiet);
        let flight = Flight { frame, from: host, sent, changed: false, quiet, epoch: 0 };
        let taken = self.net.send(now, port, &flight.frame);
        if !quiet {
            self.look_at_card(host, sent, endpoint);
        }
        match taken {
            Ok(Sent::Away(taken)) => self.carry(verdict, taken, flight),
            Ok(Sent::Held(medium, ticket)) => self.hold(medium, ticket, Held { port, flight, verdict }),
            Err(why) => self.lost(&flight, why),
        }
    }

    /// A link has the frame: it goes on, or what a fault says becomes of it.
    pub(super) fn carry(&mut self, verdict: Verdict, taken: Taken, mut flight: Flight) {
        let (at, end) = self.look_after(taken, &mut flight);
        match verdict {
            Verdict::Deliver => self.put_under_way(at, end, flight),
            Verdict::Lose(why) => self.lost(&flight, why),
            Verdict::Delay(span) => {
                self.impaired(&flight, link::Reason::Delayed(span));
                self.put_under_way(at + span, end, flight);
            }
            Verdict::Duplicate(span) => {
                self.impaired(&flight, link::Reason::Duplicated);
                self.put_under_way(at, end, flight.clone());
                self.put_under_way(at + span, end, flight);
            }
            Verdict::Mark => {
                self.impaired(&flight, link::Reason::Marked);
                flight.frame = mark_ce(&flight.frame);
                flight.changed = true;
                self.put_under_way(at, end, flight);
            }
            Verdict::Corrupt { bit } => {
                self.impaired(&flight, link::Reason::Corrupted { bit });
                flight.frame = flip_bit(&flight.frame, bit);
                flight.changed = true;
                self.put_under_way(at, end, flight);
            }
        }
    }

    /// The card has no link: a kernel throws away what is to go out by it, and tells nobody.
    fn without_carrier(&mut self, host: HostId, cause: Option<RecordId>, quiet: bool) {
        if !quiet {
            let why = Reason::Link(link::Reason::NoCarrier);
            self.journal.detail(self.now, Some(host), cause, Event::Noted { endpoint: None, why });
        }
    }

    /// A link has taken the frame, and may have had something to say.
    fn look_after(&mut self, taken: Taken, flight: &mut Flight) -> (crate::clock::Instant, Port) {
        flight.epoch = taken.epoch;
        if let Some(why) = taken.mark {
            self.impaired(flight, why);
            flight.frame = mark_ce(&flight.frame);
            flight.changed = true;
        }
        (taken.at, taken.end)
    }

    /// The frame is on a link, and on its way.
    pub(super) fn go_on(&mut self, taken: Taken, mut flight: Flight) {
        let (at, end) = self.look_after(taken, &mut flight);
        self.put_under_way(at, end, flight);
    }

    /// A switch or a hub has the frame and sends it on by these ports.
    pub(super) fn pass_on(&mut self, at: Port, flight: &Flight, ports: &[u16], known: bool) {
        if self.is_gone(at, flight) {
            return self.lost(flight, link::Reason::LinkDown);
        }
        let arrived = self.arrived(at.node, flight);
        if let (Some(why), Some(arrived)) = (self.net.shut(at), arrived) {
            let why = Reason::Link(link::Reason::Tree(why));
            let event = Event::FrameDropped { arrived, why };
            self.journal.detail(self.now, Some(at.node), Some(arrived), event);
        }
        let why = match (self.net.is_switch(at.node), known) {
            (true, true) => link::Reason::SentOn,
            (true, false) => link::Reason::Flooded,
            (false, _) => link::Reason::Repeated,
        };
        for card in ports {
            let port = Port { node: at.node, card: *card };
            let why = Reason::Link(why.clone());
            self.transmit(port, arrived, flight.frame.clone(), None, why, flight.quiet);
        }
    }

    /// How many frames wait at the host's card goes into the trace.
    pub(super) fn look_at_card(
        &mut self,
        host: HostId,
        cause: Option<RecordId>,
        endpoint: Option<EndpointKey>,
    ) {
        if let Some(card) = self.net.card(self.now, host) {
            self.journal.card(self.now, host, cause, endpoint, card);
            if let Some(average) = self.net.average(host) {
                self.journal.average(self.now, host, cause, average);
            }
        }
    }

    /// Whoever must see each frame that is sent sees it: faults, programs that wait for one, the numbering.
    fn look_at(&mut self, heading: Heading, frame: &Bytes, quiet: bool) -> Verdict {
        let numbered = !quiet && (self.sees_all || peek::is_syn(frame));
        if self.faults.is_empty() && !self.scripts.watching() && !numbered {
            return Verdict::Deliver;
        }
        let Ok(packet) = wire::parse_with(frame, wire::Checksums::Ignore) else { return Verdict::Deliver };
        if numbered && let (Some(ip), Some(segment)) = (packet.ip(), packet.tcp()) {
            let source = SocketAddr::new(IpAddr::V4(ip.source), segment.source_port);
            let destination = SocketAddr::new(IpAddr::V4(ip.destination), segment.destination_port);
            self.numbering.see(source, destination, segment);
        }
        self.scripts.watch(heading, &packet);
        if self.faults.is_empty() { Verdict::Deliver } else { self.faults.judge(heading, &packet) }
    }

    fn put_under_way(&mut self, at: crate::clock::Instant, end: Port, flight: Flight) {
        self.agenda.push(at, Pending::Arrival { at: end, flight });
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

    /// The frame's arrival goes into the trace.
    pub(super) fn arrived(&mut self, host: HostId, flight: &Flight) -> Option<RecordId> {
        flight.sent.and_then(|sent| {
            let changed = flight.changed.then(|| flight.frame.clone());
            let event = Event::FrameArrived { sent, changed };
            self.journal.detail(self.now, Some(host), Some(sent), event)
        })
    }

    /// A frame comes out of a link at a host.
    pub(super) fn arrive(&mut self, at: Port, flight: Flight) {
        let host = at.node;
        if self.is_gone(at, &flight) {
            return self.lost(&flight, link::Reason::LinkDown);
        }
        // A damaged address may be anybody's; whose frame it was shows in the record of its sending.
        if !self.net.takes(at, &flight.frame) {
            if flight.changed {
                self.lost(&flight, link::Reason::NoReceiver);
            }
            return;
        }
        if !flight.quiet {
            self.look_at_card(flight.from, flight.sent, None);
        }
        let arrived = self.arrived(host, &flight);
        match &mut self.machines[host.index()] {
            Some(machine) => {
                let mut effects = std::mem::take(&mut self.effects);
                machine.receive_by(self.now, at.card, &flight.frame, &mut effects);
                let loudness = if flight.quiet { Loudness::Quiet } else { Loudness::Loud };
                self.apply(host, arrived, &mut effects, loudness);
                self.effects = effects;
            }
            None => self.actor_received(at, arrived, &flight.frame),
        }
    }

    /// An actor swallows what reaches it; only its card answers those who ask for its address.
    fn actor_received(&mut self, at: Port, arrived: Option<RecordId>, frame: &Bytes) {
        if let Some(answer) = self.net.arp_answer(at.node, frame) {
            self.transmit(at, arrived, answer, None, Reason::ByHand, false);
        }
    }
}
