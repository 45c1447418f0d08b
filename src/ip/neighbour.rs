//! Which card a neighbour has: known beforehand, or asked for with ARP (RFC 826, RFC 1122 section 2.3.2).

use super::Profile;
use crate::clock::{Instant, Span};
use crate::wire::{Ipv4Packet, MacAddr};
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;

/// How a host finds the Ethernet address of a neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Neighbours {
    /// Known beforehand: (address, prefix length, card). The longest prefix decides, so a block such as a flood's forged
    /// sources can lead to one card. An address not in the list is asked for.
    Static(Vec<(Ipv4Addr, u8, MacAddr)>),
    /// Asked for with ARP (RFC 826).
    Arp,
}

/// Neighbours remembered at most (the kernel's `gc_thresh3`): a flood of questions, or of packets to nobody, fills no more.
const REMEMBERED: usize = 1024;

/// How sure it is that a neighbour still has the card it had: the kernel's states of a neighbour that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certainty {
    /// It has shown it, and that is believed until then (REACHABLE); the first packet after that begins a doubt (STALE).
    Reachable { until: Instant },
    /// A packet was sent to it; until then something may still confirm it.
    Delay { until: Instant },
    /// Asked whether it is there, so often; the next question comes then.
    Probe { asked: u32, next: Instant },
}

/// What is known of one neighbour.
#[derive(Clone, Debug)]
enum Entry<T> {
    /// Asked for; packets wait.
    Asked { requests: u32, next: Instant, waiting: VecDeque<(Ipv4Packet, T)> },
    /// Known since then.
    Known { mac: MacAddr, updated: Instant, certainty: Certainty },
}

/// How a neighbour showed its card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// It asked for this host.
    AskedUs,
    /// It answered this host.
    Answered,
    /// It told everybody of its own accord: asked and answered itself.
    Announced,
    /// It said something to somebody else.
    Overheard,
}

/// What became of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned<T> {
    /// It is news.
    pub news: bool,
    /// It contradicts what was learned a moment ago, and is not believed.
    pub too_soon: bool,
    /// The packets that waited, in order.
    pub waited: Vec<(Ipv4Packet, T)>,
}

/// What a packet that has to wait brings about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits<T> {
    /// The neighbour is to be asked for.
    pub ask: bool,
    /// This packet gave way to it.
    pub lost: Option<(Ipv4Packet, T)>,
}

/// What the passing of time brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due<T> {
    /// Ask again.
    Ask(Ipv4Addr),
    /// Ask that card whether it is still this neighbour's.
    Check(Ipv4Addr, MacAddr),
    /// It is not; forgotten.
    Lost(Ipv4Addr),
    /// Nobody answered; these packets cannot be sent.
    Silent(Ipv4Addr, Vec<(Ipv4Packet, T)>),
}

/// All neighbours of one host.
#[derive(Clone, Debug)]
pub struct Table<T> {
    fixed: Vec<(u32, u32, MacAddr)>,
    entries: BTreeMap<Ipv4Addr, Entry<T>>,
    /// No doubt is due before that.
    doubt: Option<Instant>,
}

impl<T> Table<T> {
    /// An empty table, or the fixed one.
    pub fn new(neighbours: &Neighbours) -> Table<T> {
        let fixed = match neighbours {
            Neighbours::Static(list) => {
                let line = |(address, prefix, mac): &(Ipv4Addr, u8, MacAddr)| {
                    let mask = u32::MAX.checked_shl(32 - u32::from(*prefix).min(32)).unwrap_or(0);
                    (u32::from(*address) & mask, mask, *mac)
                };
                let mut lines: Vec<_> = list.iter().map(line).collect();
                lines.sort_by_key(|(_, mask, _)| std::cmp::Reverse(*mask));
                lines
            }
            Neighbours::Arp => Vec::new(),
        };
        Table { fixed, entries: BTreeMap::new(), doubt: None }
    }

    /// The card of the neighbour at `hop`, if it is known, to send a packet there: otherwise packets for it
    /// [wait](Table::wait). One that has not been heard of for long is doubted from now on.
    pub fn card(&mut self, now: Instant, hop: Ipv4Addr, profile: &Profile) -> Option<MacAddr> {
        let address = u32::from(hop);
        if let Some((_, _, mac)) = self.fixed.iter().find(|(network, mask, _)| address & mask == *network) {
            return Some(*mac);
        }
        match self.entries.get_mut(&hop)? {
            Entry::Known { mac, certainty, .. } => {
                match certainty {
                    Certainty::Reachable { until } if now < *until => {}
                    Certainty::Reachable { .. } => {
                        let until = now + profile.arp_delay;
                        *certainty = Certainty::Delay { until };
                        self.doubt = Some(self.doubt.map_or(until, |doubt| doubt.min(until)));
                    }
                    Certainty::Delay { .. } | Certainty::Probe { .. } => {}
                }
                Some(*mac)
            }
            Entry::Asked { .. } => None,
        }
    }

    /// Forgets everybody who was asked for or learned; whom packets waited for, with how many. Those known beforehand stay.
    pub fn forget(&mut self) -> Vec<(Ipv4Addr, usize)> {
        let entries = std::mem::take(&mut self.entries);
        let waiting = |(address, entry)| match entry {
            Entry::Asked { waiting, .. } => Some((address, waiting.len())),
            Entry::Known { .. } => None,
        };
        entries.into_iter().filter_map(waiting).collect()
    }

    /// Keeps a packet until the card of `hop` is known; gives it back where no neighbour more can be remembered.
    pub fn wait(
        &mut self,
        now: Instant,
        hop: Ipv4Addr,
        packet: Ipv4Packet,
        tag: T,
        profile: &Profile,
    ) -> Waits<T> {
        if let Some(Entry::Asked { waiting, .. }) = self.entries.get_mut(&hop) {
            waiting.push_back((packet, tag));
            let lost = if waiting.len() > profile.arp_queue.max(1) { waiting.pop_front() } else { None };
            return Waits { ask: false, lost };
        }
        if !self.make_room(now) {
            return Waits { ask: false, lost: Some((packet, tag)) };
        }
        let waiting = VecDeque::from([(packet, tag)]);
        self.entries.insert(hop, Entry::Asked { requests: 1, next: now + profile.arp_interval, waiting });
        Waits { ask: true, lost: None }
    }

    /// A neighbour showed its card. Known and awaited ones are updated, and whoever asked for this host is remembered (RFC 826's
    /// merge flag); others are not.
    pub fn learn(
        &mut self,
        now: Instant,
        address: Ipv4Addr,
        mac: MacAddr,
        shown: Shown,
        profile: &Profile,
    ) -> Learned<T> {
        let nothing = Learned { news: false, too_soon: false, waited: Vec::new() };
        let certainty = match shown {
            Shown::Answered => Certainty::Reachable { until: now + profile.arp_reachable },
            Shown::AskedUs | Shown::Announced | Shown::Overheard => {
                Certainty::Reachable { until: now + profile.arp_unasked }
            }
        };
        let known = Entry::Known { mac, updated: now, certainty };
        let Some(entry) = self.entries.get_mut(&address) else {
            let news = shown == Shown::AskedUs && self.make_room(now);
            if news {
                self.entries.insert(address, known);
            }
            return Learned { news, ..nothing };
        };
        if let Entry::Known { mac: old, updated, .. } = entry {
            if *old == mac && shown != Shown::Answered {
                return nothing;
            }
            // The first answer stands for a moment, whoever else answers; but who speaks up of his own accord is believed.
            let settling = now.since(*updated) <= profile.arp_lock && profile.arp_lock > Span::ZERO;
            if *old != mac && settling && matches!(shown, Shown::Answered | Shown::Overheard) {
                return Learned { too_soon: true, ..nothing };
            }
        }
        match std::mem::replace(entry, known) {
            Entry::Asked { waiting, .. } => Learned { news: true, waited: waiting.into(), ..nothing },
            Entry::Known { mac: old, .. } => Learned { news: old != mac, ..nothing },
        }
    }

    /// The layers above have heard from the neighbour: what was sent to it arrives (RFC 1122 section 2.3.2.1).
    pub fn confirm(&mut self, now: Instant, address: Ipv4Addr, profile: &Profile) {
        if let Some(Entry::Known { certainty, .. }) = self.entries.get_mut(&address) {
            *certainty = Certainty::Reachable { until: now + profile.arp_reachable };
        }
    }

    /// Whether the neighbour's card is known.
    pub fn knows(&self, address: Ipv4Addr) -> bool {
        matches!(self.entries.get(&address), Some(Entry::Known { .. }))
    }

    /// Whether it is doubted that the neighbour is still there.
    pub fn doubts(&self, address: Ipv4Addr) -> bool {
        let doubted = |entry: &Entry<T>| match entry {
            Entry::Known { certainty, .. } => certainty.doubted().is_some(),
            Entry::Asked { .. } => false,
        };
        self.entries.get(&address).is_some_and(doubted)
    }

    /// When a packet that waits is due.
    pub fn next_deadline(&self) -> Option<Instant> {
        let asked = self.entries.values().filter_map(|entry| match entry {
            Entry::Asked { next, .. } => Some(*next),
            Entry::Known { .. } => None,
        });
        asked.min()
    }

    /// No doubt is due before that: no packet waits for one.
    pub fn next_doubt(&self) -> Option<Instant> {
        self.doubt
    }

    /// When the next doubt is due, as of now.
    pub fn look_for_doubts(&mut self) -> Option<Instant> {
        let doubted = self.entries.values().filter_map(|entry| match entry {
            Entry::Known { certainty, .. } => certainty.doubted(),
            Entry::Asked { .. } => None,
        });
        self.doubt = doubted.min();
        self.doubt
    }

    /// What is due by now.
    pub fn on_timer(&mut self, now: Instant, profile: &Profile) -> Vec<Due<T>> {
        let mut due = Vec::new();
        let mut over = Vec::new();
        let doubts = self.doubt.is_some_and(|doubt| doubt <= now);
        for (address, entry) in &mut self.entries {
            match entry {
                Entry::Asked { requests, next, .. } if *next <= now => {
                    if *requests < profile.arp_probes {
                        *requests += 1;
                        *next = now + profile.arp_interval;
                        due.push(Due::Ask(*address));
                    } else {
                        over.push(*address);
                    }
                }
                Entry::Known { mac, certainty, .. } if certainty.doubted().is_some_and(|at| at <= now) => {
                    let asked = match certainty {
                        Certainty::Probe { asked, .. } => *asked,
                        Certainty::Delay { .. } | Certainty::Reachable { .. } => 0,
                    };
                    if asked < profile.arp_checks {
                        *certainty = Certainty::Probe { asked: asked + 1, next: now + profile.arp_interval };
                        due.push(Due::Check(*address, *mac));
                    } else {
                        over.push(*address);
                    }
                }
                Entry::Asked { .. } | Entry::Known { .. } => {}
            }
        }
        if doubts {
            self.look_for_doubts();
        }
        for address in over {
            due.push(match self.entries.remove(&address) {
                Some(Entry::Asked { waiting, .. }) => Due::Silent(address, waiting.into()),
                Some(Entry::Known { .. }) | None => Due::Lost(address),
            });
        }
        due
    }

    /// Whether one more neighbour can be remembered; the one unchanged for longest, whom nobody doubts or waits for, gives way.
    fn make_room(&mut self, now: Instant) -> bool {
        if self.entries.len() < REMEMBERED {
            return true;
        }
        let idle = |(address, entry): (&Ipv4Addr, &Entry<T>)| match entry {
            Entry::Known { updated, certainty: Certainty::Reachable { until }, .. } if *until <= now => {
                Some((*updated, *address))
            }
            Entry::Known { .. } | Entry::Asked { .. } => None,
        };
        let oldest = self.entries.iter().filter_map(idle).min().map(|(_, address)| address);
        oldest.is_some_and(|address| self.entries.remove(&address).is_some())
    }
}

impl Certainty {
    /// When the doubt is due, if there is one.
    fn doubted(&self) -> Option<Instant> {
        match self {
            Certainty::Delay { until: at } | Certainty::Probe { next: at, .. } => Some(*at),
            Certainty::Reachable { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
