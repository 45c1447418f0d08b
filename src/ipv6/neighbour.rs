//! Which card a neighbour has, and whether it can be reached: the neighbour cache (RFC 4861 sections 5.1 and 7.3).

use super::Profile;
use crate::clock::{Instant, Span};
use crate::wire::{Ipv6Packet, MacAddr};
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv6Addr;

/// How a host finds the Ethernet address of a neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Neighbours {
    /// Known beforehand: (address, prefix length, card). The longest prefix decides; an address not in the list is asked for.
    Static(Vec<(Ipv6Addr, u8, MacAddr)>),
    /// Asked for (RFC 4861).
    Discovered,
}

/// How much is known of a neighbour (RFC 4861 section 7.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// Asked for; its card is not known yet.
    Incomplete,
    /// It was heard of lately.
    Reachable,
    /// Its card is known, but it was not heard of for some time.
    Stale,
    /// The same, and something was sent to it: perhaps the layers above hear of it.
    Delay,
    /// It is being asked whether it is still there.
    Probe,
}

impl Reachability {
    /// As RFC 4861 and `ip neigh` write it.
    pub const fn name(self) -> &'static str {
        match self {
            Reachability::Incomplete => "INCOMPLETE",
            Reachability::Reachable => "REACHABLE",
            Reachability::Stale => "STALE",
            Reachability::Delay => "DELAY",
            Reachability::Probe => "PROBE",
        }
    }
}

/// One line of the cache.
#[derive(Clone, Debug)]
struct Entry<T> {
    mac: MacAddr,
    state: Reachability,
    is_router: bool,
    /// Solicitations so far in INCOMPLETE or PROBE.
    asked: u32,
    /// When REACHABLE, DELAY or the wait for an answer ends.
    until: Instant,
    used: Instant,
    waiting: VecDeque<(Ipv6Packet, T)>,
}

/// What a neighbour discovery message says of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Its card, if told.
    pub mac: Option<MacAddr>,
    /// It answers a solicitation of ours.
    pub solicited: bool,
    /// A card known before gives way to this one.
    pub overrides: bool,
    /// Whether it is a router, if told.
    pub is_router: Option<bool>,
    /// It is entered if it is unknown.
    pub creates: bool,
}

/// What a message changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned<T> {
    /// The state before and after, where it changed or the neighbour is new.
    pub change: Option<(Option<Reachability>, Reachability)>,
    /// Packets that waited, in order, and where they go.
    pub released: Vec<(Ipv6Packet, T)>,
    /// It was a router and is none any more.
    pub router_no_more: bool,
}

/// Where a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// The neighbour's card.
    pub mac: MacAddr,
    /// It had been silent for some time: it counts as DELAY from now on.
    pub delays: bool,
}

/// What a packet that has to wait brings about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits<T> {
    /// The neighbour is to be asked for.
    pub ask: bool,
    /// This packet gave way to it.
    pub lost: Option<(Ipv6Packet, T)>,
}

/// What the passing of time brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due<T> {
    /// Ask the group; this packet waits first.
    AskGroup(Ipv6Addr, Option<Ipv6Addr>),
    /// Ask the neighbour itself.
    AskNeighbour(Ipv6Addr, MacAddr),
    /// Nobody answered; these packets cannot be sent.
    Silent(Ipv6Addr, Vec<(Ipv6Packet, T)>),
}

/// All neighbours at one card.
#[derive(Clone, Debug)]
pub struct Table<T> {
    fixed: Vec<(Ipv6Addr, u8, MacAddr)>,
    entries: BTreeMap<Ipv6Addr, Entry<T>>,
}

impl<T> Table<T> {
    /// An empty cache, or the fixed one.
    pub fn new(neighbours: &Neighbours) -> Table<T> {
        let mut fixed = match neighbours {
            Neighbours::Static(list) => list.clone(),
            Neighbours::Discovered => Vec::new(),
        };
        fixed.sort_by_key(|(_, prefix, _)| std::cmp::Reverse(*prefix));
        Table { fixed, entries: BTreeMap::new() }
    }

    /// What is known of the neighbour at `address`, at this moment.
    pub fn state(&self, now: Instant, address: Ipv6Addr) -> Option<Reachability> {
        let entry = self.entries.get(&address)?;
        Some(if entry.state == Reachability::Reachable && entry.until <= now {
            Reachability::Stale
        } else {
            entry.state
        })
    }

    /// Everybody in the cache: address, state at this moment, card if it is known, whether it is a router.
    pub fn list(&self, now: Instant) -> Vec<(Ipv6Addr, Reachability, Option<MacAddr>, bool)> {
        let line = |(address, entry): (&Ipv6Addr, &Entry<T>)| {
            let state = self.state(now, *address).unwrap_or(entry.state);
            let mac = (state != Reachability::Incomplete).then_some(entry.mac);
            (*address, state, mac, entry.is_router)
        };
        self.entries.iter().map(line).collect()
    }

    /// The card of the neighbour at `hop`, if it is known, to send a packet there: otherwise packets for it
    /// [wait](Table::wait).
    pub fn way(&mut self, now: Instant, hop: Ipv6Addr, profile: &Profile) -> Option<Way> {
        let known =
            self.fixed.iter().find(|(network, prefix, _)| super::address::within(hop, *network, *prefix));
        if let Some((_, _, mac)) = known {
            return Some(Way { mac: *mac, delays: false });
        }
        let state = self.state(now, hop)?;
        let entry = self.entries.get_mut(&hop)?;
        entry.used = now;
        match state {
            Reachability::Incomplete => None,
            Reachability::Stale => {
                entry.state = Reachability::Delay;
                entry.until = now + profile.delay_probe;
                Some(Way { mac: entry.mac, delays: true })
            }
            Reachability::Reachable | Reachability::Delay | Reachability::Probe => {
                Some(Way { mac: entry.mac, delays: false })
            }
        }
    }

    /// Keeps a packet until the card of `hop` is known.
    pub fn wait(
        &mut self,
        now: Instant,
        hop: Ipv6Addr,
        packet: Ipv6Packet,
        tag: T,
        (profile, retransmit): (&Profile, Span),
    ) -> Waits<T> {
        if let Some(entry) = self.entries.get_mut(&hop) {
            entry.waiting.push_back((packet, tag));
            let full = entry.waiting.len() > profile.neighbour_queue.max(1);
            return Waits { ask: false, lost: if full { entry.waiting.pop_front() } else { None } };
        }
        let lost = self.make_room(now, profile);
        let entry = Entry {
            mac: MacAddr::default(),
            state: Reachability::Incomplete,
            is_router: false,
            asked: 1,
            until: now + retransmit,
            used: now,
            waiting: VecDeque::from([(packet, tag)]),
        };
        self.entries.insert(hop, entry);
        Waits { ask: true, lost }
    }

    /// One more finds room: one that nobody hears of is forgotten first, and of those the one unused for longest, with the packets
    /// that waited for it; the first of them is returned.
    fn make_room(&mut self, now: Instant, profile: &Profile) -> Option<(Ipv6Packet, T)> {
        if self.entries.len() < profile.neighbours.max(1) {
            return None;
        }
        let worth = |(address, entry): &(&Ipv6Addr, &Entry<T>)| {
            let rank = match self.state(now, **address).unwrap_or(entry.state) {
                Reachability::Stale => 0,
                Reachability::Incomplete => 1,
                Reachability::Delay | Reachability::Probe => 2,
                Reachability::Reachable => 3,
            };
            (rank, entry.used)
        };
        let least = self.entries.iter().min_by_key(worth).map(|(address, _)| *address)?;
        self.entries.remove(&least)?.waiting.pop_front()
    }

    /// A neighbour discovery message tells of `address` (RFC 4861 sections 7.2.3 and 7.2.5).
    pub fn learn(
        &mut self,
        now: Instant,
        address: Ipv6Addr,
        heard: Heard,
        (profile, reachable): (&Profile, Span),
    ) -> Learned<T> {
        let before = self.state(now, address);
        let mut learned = Learned { change: None, released: Vec::new(), router_no_more: false };
        if before.is_none() {
            let (true, Some(mac)) = (heard.creates, heard.mac) else { return learned };
            // A flood of strangers pushes none of those out that are in use.
            if self.entries.len() >= profile.neighbours.max(1) && !self.forget_stale(now) {
                return learned;
            }
            let state = if heard.solicited { Reachability::Reachable } else { Reachability::Stale };
            let entry = Entry {
                mac,
                state,
                is_router: heard.is_router.unwrap_or(false),
                asked: 0,
                until: now + reachable,
                used: now,
                waiting: VecDeque::new(),
            };
            self.entries.insert(address, entry);
            learned.change = Some((None, state));
            return learned;
        }
        let Some(entry) = self.entries.get_mut(&address) else { return learned };
        let old = before.unwrap_or(entry.state);
        let new = match (old, heard.mac) {
            // Without a card an answer is of no use yet.
            (Reachability::Incomplete, None) => return learned,
            (Reachability::Incomplete, Some(mac)) => {
                entry.mac = mac;
                learned.released = std::mem::take(&mut entry.waiting).into();
                if heard.solicited { Reachability::Reachable } else { Reachability::Stale }
            }
            // It may not take the place of what is known, but casts doubt on it.
            (Reachability::Reachable, Some(mac)) if mac != entry.mac && !heard.overrides => {
                entry.state = Reachability::Stale;
                learned.change = Some((before, Reachability::Stale));
                return learned;
            }
            (_, Some(mac)) if mac != entry.mac && !heard.overrides => return learned,
            (_, mac) => {
                let other = mac.is_some_and(|mac| mac != entry.mac);
                entry.mac = mac.unwrap_or(entry.mac);
                match (heard.solicited, other) {
                    (true, _) => Reachability::Reachable,
                    (false, true) => Reachability::Stale,
                    (false, false) => old,
                }
            }
        };
        learned.router_no_more = entry.is_router && heard.is_router == Some(false);
        entry.is_router = heard.is_router.unwrap_or(entry.is_router);
        entry.state = new;
        if new == Reachability::Reachable && heard.solicited {
            entry.until = now + reachable;
        }
        learned.change = (old != new).then_some((before, new));
        learned
    }

    /// Forgets one that is STALE, the one unused for longest.
    fn forget_stale(&mut self, now: Instant) -> bool {
        let stale =
            |(address, _): &(&Ipv6Addr, &Entry<T>)| self.state(now, **address) == Some(Reachability::Stale);
        let oldest = self
            .entries
            .iter()
            .filter(stale)
            .min_by_key(|(_, entry)| entry.used)
            .map(|(address, _)| *address);
        oldest.is_some_and(|address| self.entries.remove(&address).is_some())
    }

    /// The layers above have heard of the neighbour: what was sent to it arrives (RFC 4861 section 7.3.1). Returns whether
    /// that ends a doubt.
    pub fn confirm(&mut self, now: Instant, address: Ipv6Addr, reachable: Span) -> bool {
        let Some(entry) = self.entries.get_mut(&address) else { return false };
        if entry.state == Reachability::Incomplete {
            return false;
        }
        let doubt = matches!(entry.state, Reachability::Delay | Reachability::Probe);
        entry.state = Reachability::Reachable;
        entry.until = now + reachable;
        doubt
    }

    /// The card of a neighbour that is in the cache.
    pub fn card(&self, address: Ipv6Addr) -> Option<MacAddr> {
        let entry = self.entries.get(&address).filter(|entry| entry.state != Reachability::Incomplete)?;
        Some(entry.mac)
    }

    /// When something is due next.
    pub fn next_deadline(&self) -> Option<Instant> {
        let due = self.entries.values().filter(|entry| match entry.state {
            Reachability::Incomplete | Reachability::Delay | Reachability::Probe => true,
            Reachability::Reachable | Reachability::Stale => false,
        });
        due.map(|entry| entry.until).min()
    }

    /// What is due by now.
    pub fn on_timer(&mut self, now: Instant, profile: &Profile, retransmit: Span) -> Vec<Due<T>> {
        let mut due = Vec::new();
        let mut silent = Vec::new();
        for (address, entry) in &mut self.entries {
            let most = match entry.state {
                Reachability::Reachable | Reachability::Stale => continue,
                _ if entry.until > now => continue,
                Reachability::Incomplete => profile.multicast_solicits,
                Reachability::Delay | Reachability::Probe => profile.unicast_solicits,
            };
            if entry.state == Reachability::Delay {
                (entry.state, entry.asked) = (Reachability::Probe, 0);
            }
            if entry.asked >= most {
                silent.push(*address);
                continue;
            }
            entry.asked += 1;
            entry.until = now + retransmit;
            due.push(if entry.state == Reachability::Incomplete {
                Due::AskGroup(*address, entry.waiting.front().map(|(packet, _)| packet.source))
            } else {
                Due::AskNeighbour(*address, entry.mac)
            });
        }
        for address in silent {
            if let Some(entry) = self.entries.remove(&address) {
                due.push(Due::Silent(address, entry.waiting.into()));
            }
        }
        due
    }
}
