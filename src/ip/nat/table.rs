//! The sessions of a NAT box, each with the outside port it has: as many as are kept, and no more.

use super::profile::{NatMapping, NatProfile};
use super::tracking::Progress;
use crate::clock::{Draws, Instant, Span};
use crate::wire::{Flags, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};

/// Ports tried at most before a box says that none is free.
const ATTEMPTS: u64 = 128;

/// A full table is swept for old sessions at most this often.
const SWEEP: Span = Span::secs(1);

/// The first and the last of all ends.
const FIRST: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
const LAST: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::BROADCAST, u16::MAX);

/// Who talks to whom through the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NatSession {
    /// The protocol's number.
    pub protocol: u8,
    /// The inside end.
    pub inside: SocketAddrV4,
    /// The port, or the ping's identifier, that stands for it outside.
    pub port: u16,
    /// The outside end.
    pub remote: SocketAddrV4,
}

/// Why there is no session for a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The table is full.
    Full,
    /// No port is free.
    NoPort,
    /// Such a segment begins nothing.
    BeginsNothing,
}

#[derive(Clone, Debug)]
struct Entry {
    session: NatSession,
    from_inside: bool,
    answered: bool,
    since: Instant,
    expires: Instant,
    progress: Option<Progress>,
}

/// All sessions.
#[derive(Clone, Debug)]
pub struct Table {
    entries: BTreeMap<u64, Entry>,
    by_inside: BTreeMap<(u8, SocketAddrV4, SocketAddrV4), u64>,
    by_port: BTreeMap<(u8, u16, SocketAddrV4), u64>,
    next: u64,
    swept: Option<Instant>,
    draws: Draws,
}

impl Table {
    /// An empty one.
    pub fn new(seed: u64) -> Table {
        Table {
            entries: BTreeMap::new(),
            by_inside: BTreeMap::new(),
            by_port: BTreeMap::new(),
            next: 0,
            swept: None,
            draws: Draws::new(seed),
        }
    }

    /// Those that live at `now`, the oldest first.
    pub fn sessions(&self, now: Instant) -> impl Iterator<Item = NatSession> + '_ {
        self.entries.values().filter(move |entry| now < entry.expires).map(|entry| entry.session)
    }

    /// The session of an inside end with an outside one.
    pub fn of_inside(
        &mut self,
        now: Instant,
        protocol: u8,
        inside: SocketAddrV4,
        remote: SocketAddrV4,
    ) -> Option<u64> {
        let id = *self.by_inside.get(&(protocol, inside, remote))?;
        self.if_alive(now, id)
    }

    /// The session of a port with an outside end.
    pub fn of_port(&mut self, now: Instant, protocol: u8, port: u16, remote: SocketAddrV4) -> Option<u64> {
        let id = *self.by_port.get(&(protocol, port, remote))?;
        self.if_alive(now, id)
    }

    /// The inside end that has that port, whomever it talks to.
    pub fn inside_of_port(&mut self, now: Instant, protocol: u8, port: u16) -> Option<SocketAddrV4> {
        loop {
            let (_, id) = self.by_port.range((protocol, port, FIRST)..=(protocol, port, LAST)).next()?;
            let id = *id;
            if self.if_alive(now, id).is_some() {
                return self.entries.get(&id).map(|entry| entry.session.inside);
            }
        }
    }

    /// The session of that number.
    pub fn get(&self, id: u64) -> Option<NatSession> {
        self.entries.get(&id).map(|entry| entry.session)
    }

    /// A packet of that session passes.
    pub fn touch(&mut self, now: Instant, id: u64, outward: bool, flags: Flags, profile: &NatProfile) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let first = outward == entry.from_inside;
        entry.answered |= !first;
        entry.progress = entry.progress.map(|progress| progress.after(flags, first));
        let settled = entry.answered && now.since(entry.since) >= profile.udp_settles;
        let lifetime = match (entry.session.protocol, entry.progress) {
            (_, Some(progress)) => progress.lifetime(profile),
            (PROTOCOL_UDP, None) if settled => profile.udp,
            (PROTOCOL_UDP, None) => profile.udp_unanswered,
            (PROTOCOL_ICMP, None) => profile.icmp,
            (_, None) => profile.other,
        };
        entry.expires = now + lifetime;
    }

    /// A new session. `port` is given where a rule says so; otherwise one is chosen.
    ///
    /// # Errors
    /// Why there is none.
    pub fn begin(
        &mut self,
        now: Instant,
        (protocol, inside, remote): (u8, SocketAddrV4, SocketAddrV4),
        port: Option<u16>,
        flags: Flags,
        profile: &NatProfile,
    ) -> Result<u64, Refused> {
        let progress = match protocol {
            PROTOCOL_TCP => Some(Progress::begin(flags, profile).ok_or(Refused::BeginsNothing)?),
            _ => None,
        };
        if self.of_inside(now, protocol, inside, remote).is_some() {
            return Err(Refused::NoPort);
        }
        self.make_room(now, profile)?;
        let from_inside = port.is_none();
        let port = match port {
            Some(port) => port,
            None => self.choose(now, protocol, inside, remote, profile).ok_or(Refused::NoPort)?,
        };
        let session = NatSession { protocol, inside, port, remote };
        let id = self.next;
        self.next += 1;
        let entry = Entry { session, from_inside, answered: false, since: now, expires: now, progress };
        self.entries.insert(id, entry);
        self.by_inside.insert((protocol, inside, remote), id);
        self.by_port.insert((protocol, port, remote), id);
        // Its first packet is one of those that pass; a SYN changes nothing.
        self.touch(now, id, from_inside, flags, profile);
        Ok(id)
    }

    /// The outside port of a new session.
    fn choose(
        &mut self,
        now: Instant,
        protocol: u8,
        inside: SocketAddrV4,
        remote: SocketAddrV4,
        profile: &NatProfile,
    ) -> Option<u16> {
        if profile.mapping == NatMapping::EndpointIndependent
            && let Some((_, id)) =
                self.by_inside.range((protocol, inside, FIRST)..=(protocol, inside, LAST)).next()
            && let Some(entry) = self.entries.get(id)
        {
            return Some(entry.session.port);
        }
        let wanted = inside.port();
        if self.is_free(now, protocol, wanted, remote, profile) {
            return Some(wanted);
        }
        // A port below 1024 is given for one of those, any other for any other (RFC 4787 REQ-4 asks no more).
        let (low, high) = match (protocol, wanted) {
            (PROTOCOL_ICMP, _) => (0, u16::MAX),
            (PROTOCOL_TCP | PROTOCOL_UDP, 0..512) => (1, 511),
            (PROTOCOL_TCP | PROTOCOL_UDP, 512..1024) => (600, 1023),
            (PROTOCOL_TCP | PROTOCOL_UDP, 1024..) => (1024, u16::MAX),
            // Without ports there is nothing to tell two hosts apart by.
            (_, _) => return None,
        };
        let count = u64::from(high - low) + 1;
        let start = self.draws.below("outside port", u64::from(protocol), self.next, count);
        (0..ATTEMPTS.min(count))
            .map(|step| low + ((start + step) % count) as u16)
            .find(|port| self.is_free(now, protocol, *port, remote, profile))
    }

    fn is_free(
        &mut self,
        now: Instant,
        protocol: u8,
        port: u16,
        remote: SocketAddrV4,
        profile: &NatProfile,
    ) -> bool {
        match profile.mapping {
            NatMapping::EndpointIndependent => self.inside_of_port(now, protocol, port).is_none(),
            NatMapping::AddressAndPortDependent => self.of_port(now, protocol, port, remote).is_none(),
        }
    }

    fn make_room(&mut self, now: Instant, profile: &NatProfile) -> Result<(), Refused> {
        if self.entries.len() < profile.sessions {
            return Ok(());
        }
        if self.swept.is_none_or(|swept| now.since(swept) >= SWEEP) {
            self.swept = Some(now);
            let old: Vec<u64> =
                self.entries.iter().filter(|(_, entry)| entry.expires <= now).map(|(id, _)| *id).collect();
            old.into_iter().for_each(|id| self.remove(id));
        }
        if self.entries.len() >= profile.sessions && profile.makes_room {
            let unanswered = self.entries.iter().take(ATTEMPTS as usize).find(|(_, entry)| !entry.answered);
            if let Some(id) = unanswered.map(|(id, _)| *id) {
                self.remove(id);
            }
        }
        if self.entries.len() < profile.sessions { Ok(()) } else { Err(Refused::Full) }
    }

    fn if_alive(&mut self, now: Instant, id: u64) -> Option<u64> {
        let alive = self.entries.get(&id).is_some_and(|entry| now < entry.expires);
        if !alive {
            self.remove(id);
        }
        alive.then_some(id)
    }

    fn remove(&mut self, id: u64) {
        if let Some(Entry { session, .. }) = self.entries.remove(&id) {
            self.by_inside.remove(&(session.protocol, session.inside, session.remote));
            self.by_port.remove(&(session.protocol, session.port, session.remote));
        }
    }
}
