//! The connections, half-open and TIME-WAIT entries of a host, and how they are found: by both ends, and by a local port.
//! Each lies in a slab and holds its ends once; what finds it is its place there, four octets.

use super::ConnId;
use super::ends::Ends;
use super::half_open::HalfOpen;
use super::slab::Slab;
use super::tcb::Tcb;
use super::time_wait::TimeWait;
use crate::clock::Instant;
use hashbrown::HashTable;
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// Who is found under a pair of sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Conn(ConnId),
    HalfOpen(u32),
    TimeWait(u32),
}

/// The same packed: the slab in the upper two bits, the place in the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u32);

const CONN: u32 = 0;
const HALF_OPEN: u32 = 1;
const TIME_WAIT: u32 = 2;
const PLACE_BITS: u32 = 30;

impl Place {
    pub fn of(entry: Entry) -> Place {
        let (slab, place) = match entry {
            Entry::Conn(c) => (CONN, c.place),
            Entry::HalfOpen(place) => (HALF_OPEN, place),
            Entry::TimeWait(place) => (TIME_WAIT, place),
        };
        assert!(place >> PLACE_BITS == 0, "fewer than 2^30 entries of a kind");
        Place(slab << PLACE_BITS | place)
    }

    /// The slab, and the place in it.
    fn parts(self) -> (u32, u32) {
        (self.0 >> PLACE_BITS, self.0 & ((1 << PLACE_BITS) - 1))
    }
}

/// A connection's place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    /// Which connection it is: the place is used again.
    pub number: u32,
    pub ends: Ends,
    pub block: Option<Box<Tcb>>,
    /// Where it is in the stack's table of timers: where its next timer runs out, or earlier.
    pub armed: Option<Instant>,
    /// Whether segments still find it.
    pub live: bool,
}

/// All entries of a host.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    pub conns: Slab<Slot>,
    pub half_opens: Slab<HalfOpen>,
    pub time_waits: Slab<TimeWait>,
    /// Whom segments find, by the hash of both ends. Never iterated.
    pairs: HashTable<Place>,
    /// Connections and TIME-WAIT entries by local port.
    ports: BTreeSet<(u16, Place)>,
    /// Keys the hash.
    key: [u8; 16],
    /// Connections so far.
    numbers: u32,
    /// Places of connections whose block is gone.
    gone: Vec<u32>,
    /// Whom the latest segment was for: the next is mostly for the same.
    latest: Option<Place>,
}

impl Tables {
    /// Empty tables whose hash is keyed with `key`.
    pub fn new(key: [u8; 16]) -> Tables {
        Tables {
            conns: Slab::default(),
            half_opens: Slab::default(),
            time_waits: Slab::default(),
            pairs: HashTable::new(),
            ports: BTreeSet::new(),
            key,
            numbers: 0,
            gone: Vec::new(),
            latest: None,
        }
    }

    /// Whom a segment between these ends is for.
    pub fn find(&self, local: SocketAddr, remote: SocketAddr) -> Option<Entry> {
        let ends = Ends::new(local, remote);
        let place = self.pairs.find(ends.hash(&self.key), |place| *self.ends(*place) == ends)?;
        Some(self.entry(*place))
    }

    /// The same, and who asks for it once more soon need not wait for a hash.
    pub fn find_again(&mut self, local: SocketAddr, remote: SocketAddr) -> Option<Entry> {
        let ends = Ends::new(local, remote);
        if let Some(place) = self.latest.filter(|place| *self.ends(*place) == ends) {
            return Some(self.entry(place));
        }
        let found = self.pairs.find(ends.hash(&self.key), |place| *self.ends(*place) == ends).copied();
        self.latest = found;
        found.map(|place| self.entry(place))
    }

    fn entry(&self, place: Place) -> Entry {
        match place.parts() {
            (CONN, place) => Entry::Conn(ConnId { number: self.conns[place].number, place }),
            (HALF_OPEN, place) => Entry::HalfOpen(place),
            (_, place) => Entry::TimeWait(place),
        }
    }

    fn ends(&self, place: Place) -> &Ends {
        match place.parts() {
            (CONN, place) => &self.conns[place].ends,
            (HALF_OPEN, place) => &self.half_opens[place].ends,
            (_, place) => &self.time_waits[place].ends,
        }
    }

    /// From now on segments find this entry, and whoever asks for its port, unless it is half-open.
    pub fn enter(&mut self, entry: Entry) {
        let place = Place::of(entry);
        let ends = self.ends(place);
        let (hash, port) = (ends.hash(&self.key), ends.local().port());
        // Taken out for a moment: to grow, the table asks the slabs for everyone's ends.
        let mut pairs = std::mem::take(&mut self.pairs);
        pairs.insert_unique(hash, place, |other| self.ends(*other).hash(&self.key));
        self.pairs = pairs;
        if !matches!(entry, Entry::HalfOpen(_)) {
            self.ports.insert((port, place));
        }
    }

    /// Segments find this entry no longer.
    pub fn leave(&mut self, entry: Entry) {
        let place = Place::of(entry);
        self.latest = self.latest.filter(|latest| *latest != place);
        let ends = self.ends(place);
        let (hash, port) = (ends.hash(&self.key), ends.local().port());
        if let Ok(found) = self.pairs.find_entry(hash, |other| *other == place) {
            found.remove();
        }
        if !matches!(entry, Entry::HalfOpen(_)) {
            self.ports.remove(&(port, place));
        }
    }

    /// Connections, then TIME-WAIT entries, that use a local port.
    pub fn users_of_port(&self, port: u16) -> impl Iterator<Item = Entry> + '_ {
        let users = self.ports.range((port, Place(0))..=(port, Place(u32::MAX)));
        users.map(|(_, place)| self.entry(*place))
    }

    /// The connection that comes next.
    pub fn next_conn(&self) -> ConnId {
        ConnId { number: self.numbers, place: self.conns.next_place() }
    }

    /// Gives a new block its place in all tables.
    pub fn adopt(&mut self, tcb: Tcb) {
        let id = tcb.id;
        debug_assert_eq!(id, self.next_conn());
        let ends = tcb.ends.clone();
        let block = Some(Box::new(tcb));
        self.numbers += 1;
        self.conns.insert(Slot { number: id.number, ends, block, armed: None, live: true });
        self.enter(Entry::Conn(id));
    }

    /// A connection's place, as long as it has one.
    pub fn slot(&self, c: ConnId) -> Option<&Slot> {
        self.conns.get(c.place).filter(|slot| slot.number == c.number)
    }

    /// The same, to change it.
    pub fn slot_mut(&mut self, c: ConnId) -> Option<&mut Slot> {
        self.conns.get_mut(c.place).filter(|slot| slot.number == c.number)
    }

    /// The block of a connection.
    pub fn block_mut(&mut self, c: ConnId) -> Option<&mut Tcb> {
        self.slot_mut(c)?.block.as_deref_mut()
    }

    /// The block of a connection goes; its ends stay known until [`Tables::sweep`].
    pub fn drop_block(&mut self, c: ConnId) {
        if self.slot_mut(c).is_some_and(|slot| slot.block.take().is_some()) {
            self.gone.push(c.place);
        }
    }

    /// The places of connections that are gone are free.
    pub fn sweep(&mut self) {
        for place in self.gone.drain(..) {
            self.conns.remove(place);
        }
    }

    /// How many entries are found by both ends, and by port.
    #[cfg(test)]
    pub fn found(&self) -> (usize, usize) {
        (self.pairs.len(), self.ports.len())
    }
}

/// What finds the entries follows from the entries.
impl PartialEq for Tables {
    fn eq(&self, other: &Tables) -> bool {
        (&self.conns, &self.half_opens, &self.time_waits)
            == (&other.conns, &other.half_opens, &other.time_waits)
            && (&self.ports, self.key, self.numbers) == (&other.ports, other.key, other.numbers)
    }
}
