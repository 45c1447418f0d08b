//! Which card a neighbour has: known beforehand, or asked for with ARP (RFC 826, RFC 1122 section 2.3.2).

use super::Profile;
use crate::clock::Instant;
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

/// Learned addresses kept at most; further ones are learned only as answers to our own questions.
const LEARNED: usize = 1024;

/// What is known of one neighbour.
#[derive(Clone, Debug)]
enum Entry<T> {
    /// Asked for; packets wait.
    Asked { requests: u32, next: Instant, waiting: VecDeque<(Ipv4Packet, T)> },
    /// Known until then.
    Known { mac: MacAddr, until: Instant },
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
    /// Nobody answered; these packets cannot be sent.
    Silent(Ipv4Addr, Vec<(Ipv4Packet, T)>),
}

/// All neighbours of one host.
#[derive(Clone, Debug)]
pub struct Table<T> {
    fixed: Vec<(u32, u32, MacAddr)>,
    entries: BTreeMap<Ipv4Addr, Entry<T>>,
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
        Table { fixed, entries: BTreeMap::new() }
    }

    /// The card of the neighbour at `hop`, if it is known: otherwise packets for it [wait](Table::wait).
    pub fn card(&self, now: Instant, hop: Ipv4Addr) -> Option<MacAddr> {
        let address = u32::from(hop);
        if let Some((_, _, mac)) = self.fixed.iter().find(|(network, mask, _)| address & mask == *network) {
            return Some(*mac);
        }
        match self.entries.get(&hop)? {
            Entry::Known { mac, until } if now < *until => Some(*mac),
            Entry::Known { .. } | Entry::Asked { .. } => None,
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

    /// Keeps a packet until the card of `hop` is known.
    pub fn wait(
        &mut self,
        now: Instant,
        hop: Ipv4Addr,
        packet: Ipv4Packet,
        tag: T,
        profile: &Profile,
    ) -> Waits<T> {
        match self.entries.get_mut(&hop) {
            Some(Entry::Asked { waiting, .. }) => {
                waiting.push_back((packet, tag));
                let lost = if waiting.len() > profile.arp_queue.max(1) { waiting.pop_front() } else { None };
                Waits { ask: false, lost }
            }
            Some(Entry::Known { .. }) | None => {
                let waiting = VecDeque::from([(packet, tag)]);
                let entry = Entry::Asked { requests: 1, next: now + profile.arp_interval, waiting };
                self.entries.insert(hop, entry);
                Waits { ask: true, lost: None }
            }
        }
    }

    /// A neighbour showed its card. Known and awaited ones are updated; others only if the message was `for_us`
    /// (RFC 826's merge flag). Returns whether it is news, and the packets that waited, in order.
    pub fn learn(
        &mut self,
        now: Instant,
        address: Ipv4Addr,
        mac: MacAddr,
        for_us: bool,
        profile: &Profile,
    ) -> (bool, Vec<(Ipv4Packet, T)>) {
        let room = self.entries.len() < LEARNED;
        let known = Entry::Known { mac, until: now + profile.arp_lifetime };
        match self.entries.get_mut(&address) {
            Some(entry) => match std::mem::replace(entry, known) {
                Entry::Asked { waiting, .. } => (true, waiting.into()),
                Entry::Known { mac: old, .. } => (old != mac, Vec::new()),
            },
            None if for_us && room => {
                self.entries.insert(address, known);
                (true, Vec::new())
            }
            None => (false, Vec::new()),
        }
    }

    /// When something is due next.
    pub fn next_deadline(&self) -> Option<Instant> {
        let asked = self.entries.values().filter_map(|entry| match entry {
            Entry::Asked { next, .. } => Some(*next),
            Entry::Known { .. } => None,
        });
        asked.min()
    }

    /// What is due by now.
    pub fn on_timer(&mut self, now: Instant, profile: &Profile) -> Vec<Due<T>> {
        let mut due = Vec::new();
        let mut silent = Vec::new();
        for (address, entry) in &mut self.entries {
            match entry {
                Entry::Asked { requests, next, .. } if *next <= now => {
                    if *requests < profile.arp_probes {
                        *requests += 1;
                        *next = now + profile.arp_interval;
                        due.push(Due::Ask(*address));
                    } else {
                        silent.push(*address);
                    }
                }
                Entry::Asked { .. } | Entry::Known { .. } => {}
            }
        }
        for address in silent {
            if let Some(Entry::Asked { waiting, .. }) = self.entries.remove(&address) {
                due.push(Due::Silent(address, waiting.into()));
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;
    use crate::wire::Transport;
    use bytes::Bytes;

    fn packet(n: u8) -> Ipv4Packet {
        let payload = Bytes::from(vec![n]);
        let transport = Transport::Other { protocol: 99, payload };
        Ipv4Packet::new(Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2), transport)
    }
    const PEER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

    #[test]
    fn packets_wait_for_the_answer_and_leave_in_order() {
        let profile = Profile::linux();
        let mut table: Table<u8> = Table::new(&Neighbours::Arp);
        let start = Instant::ZERO;
        assert_eq!(table.card(start, PEER), None);
        assert_eq!(table.wait(start, PEER, packet(1), 1, &profile), Waits { ask: true, lost: None });
        assert_eq!(table.wait(start, PEER, packet(2), 2, &profile), Waits { ask: false, lost: None });
        let mac = MacAddr::of_host(2);
        let (news, waited) = table.learn(start + Span::millis(1), PEER, mac, true, &profile);
        assert!(news);
        assert_eq!(waited, vec![(packet(1), 1), (packet(2), 2)]);
        assert_eq!(table.card(start, PEER), Some(mac));
        assert_eq!(table.next_deadline(), None);
    }

    #[test]
    fn a_neighbour_asked_for_three_times_in_vain_is_silent() {
        let profile = Profile::linux();
        let mut table: Table<u8> = Table::new(&Neighbours::Arp);
        table.wait(Instant::ZERO, PEER, packet(1), 1, &profile);
        let mut asked = 1;
        loop {
            let at = table.next_deadline().expect("still asking");
            match table.on_timer(at, &profile).as_slice() {
                [Due::Ask(address)] => {
                    assert_eq!(*address, PEER);
                    asked += 1;
                }
                [Due::Silent(address, packets)] => {
                    assert_eq!((*address, packets.len(), at), (PEER, 1, Instant::ZERO + Span::secs(3)));
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((asked, table.next_deadline()), (3, None));
    }

    #[test]
    fn an_answer_nobody_asked_for_is_not_learned_but_a_question_to_us_is() {
        let profile = Profile::linux();
        let mut table: Table<u8> = Table::new(&Neighbours::Arp);
        let mac = MacAddr::of_host(2);
        assert_eq!(table.learn(Instant::ZERO, PEER, mac, false, &profile), (false, vec![]));
        assert_eq!(table.learn(Instant::ZERO, PEER, mac, true, &profile), (true, vec![]));
        assert_eq!(table.learn(Instant::ZERO, PEER, mac, true, &profile), (false, vec![]));
    }

    #[test]
    fn what_was_learned_is_asked_for_again_when_it_is_old() {
        let profile = Profile::linux();
        let mut table: Table<u8> = Table::new(&Neighbours::Arp);
        table.learn(Instant::ZERO, PEER, MacAddr::of_host(2), true, &profile);
        let late = Instant::ZERO + profile.arp_lifetime;
        assert_eq!(table.card(late, PEER), None);
        assert_eq!(table.wait(late, PEER, packet(1), 1, &profile), Waits { ask: true, lost: None });
    }

    #[test]
    fn too_many_packets_push_the_oldest_out() {
        let profile = Profile { arp_queue: 2, ..Profile::linux() };
        let mut table: Table<u8> = Table::new(&Neighbours::Arp);
        for n in 1..=2 {
            table.wait(Instant::ZERO, PEER, packet(n), n, &profile);
        }
        let third = table.wait(Instant::ZERO, PEER, packet(3), 3, &profile);
        assert_eq!(third, Waits { ask: false, lost: Some((packet(1), 1)) });
    }

    #[test]
    fn fixed_neighbours_are_found_by_the_longest_prefix_and_others_are_asked_for() {
        let (block, one) = (MacAddr::of_host(8), MacAddr::of_host(9));
        let list = vec![(Ipv4Addr::new(198, 18, 0, 0), 15, block), (Ipv4Addr::new(198, 18, 0, 7), 32, one)];
        let table: Table<u8> = Table::new(&Neighbours::Static(list));
        let to = |address| table.card(Instant::ZERO, address);
        assert_eq!(to(Ipv4Addr::new(198, 19, 0, 7)), Some(block));
        assert_eq!(to(Ipv4Addr::new(198, 18, 0, 7)), Some(one));
        assert_eq!(to(PEER), None);
    }
}
