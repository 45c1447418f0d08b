//! Chains through the entries of a slab: whoever knows the place of an entry takes it out of its chain at once.

use super::slab::Slab;
use crate::clock::Instant;

/// The chain by deadline, in entries of every kind.
pub(super) const BY_DEADLINE: usize = 0;
/// The chain of a listener's half-open entries, oldest first.
pub(super) const BY_LISTENER: usize = 1;

const NOBODY: u32 = u32::MAX;

/// The places of an entry's neighbours in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    before: u32,
    after: u32,
}

impl Default for Link {
    fn default() -> Link {
        Link { before: NOBODY, after: NOBODY }
    }
}

/// An entry that stands in chains.
pub(super) trait Linked {
    fn link(&self, chain: usize) -> Link;
    fn link_mut(&mut self, chain: usize) -> &mut Link;
}

/// An entry that waits for a time.
pub(super) trait Waits: Linked {
    fn deadline(&self) -> Instant;
    /// Which of the spans it waits: entries of one class nearly always come in the order of their deadlines.
    fn class(&self) -> usize;
}

/// A chain: `WHICH` of those its entries stand in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chain<const WHICH: usize> {
    first: u32,
    last: u32,
    len: usize,
}

impl<const WHICH: usize> Default for Chain<WHICH> {
    fn default() -> Self {
        Chain { first: NOBODY, last: NOBODY, len: 0 }
    }
}

impl<const WHICH: usize> Chain<WHICH> {
    /// How many entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The place of the first entry.
    pub fn first(&self) -> Option<u32> {
        some(self.first)
    }

    /// The entries in order.
    #[cfg(test)]
    pub fn iter<'a, T: Linked>(&self, slab: &'a Slab<T>) -> impl Iterator<Item = &'a T> + use<'a, T, WHICH> {
        let mut next = self.first();
        std::iter::from_fn(move || {
            let entry = slab.get(next?)?;
            next = some(entry.link(WHICH).after);
            Some(entry)
        })
    }

    /// Puts an entry at the end.
    pub fn push<T: Linked>(&mut self, slab: &mut Slab<T>, place: u32) {
        self.insert_after(slab, self.last, place);
    }

    fn insert_after<T: Linked>(&mut self, slab: &mut Slab<T>, before: u32, place: u32) {
        let after = match some(before) {
            Some(before) => std::mem::replace(&mut slab[before].link_mut(WHICH).after, place),
            None => std::mem::replace(&mut self.first, place),
        };
        match some(after) {
            Some(after) => slab[after].link_mut(WHICH).before = place,
            None => self.last = place,
        }
        *slab[place].link_mut(WHICH) = Link { before, after };
        self.len += 1;
    }

    /// Takes an entry of this chain out of it.
    pub fn remove<T: Linked>(&mut self, slab: &mut Slab<T>, place: u32) {
        let Link { before, after } = std::mem::take(slab[place].link_mut(WHICH));
        match some(before) {
            Some(before) => slab[before].link_mut(WHICH).after = after,
            None => self.first = after,
        }
        match some(after) {
            Some(after) => slab[after].link_mut(WHICH).before = before,
            None => self.last = before,
        }
        self.len -= 1;
    }
}

fn some(place: u32) -> Option<u32> {
    (place != NOBODY).then_some(place)
}

/// Entries by their deadlines: a chain for each class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deadlines {
    classes: Vec<Chain<BY_DEADLINE>>,
}

impl Deadlines {
    /// How many entries wait.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.classes.iter().map(Chain::len).sum()
    }

    /// Puts an entry behind those that are due no later: nearly always at the end of its chain.
    pub fn insert<T: Waits>(&mut self, slab: &mut Slab<T>, place: u32) {
        let (class, at) = (slab[place].class(), slab[place].deadline());
        if self.classes.len() <= class {
            self.classes.resize_with(class + 1, Chain::default);
        }
        let chain = &mut self.classes[class];
        let mut before = chain.last;
        while let Some(other) = some(before)
            && slab[other].deadline() > at
        {
            before = slab[other].link(BY_DEADLINE).before;
        }
        chain.insert_after(slab, before, place);
    }

    /// Takes an entry out; its class and deadline are as when it was put in.
    pub fn remove<T: Waits>(&mut self, slab: &mut Slab<T>, place: u32) {
        let class = slab[place].class();
        self.classes[class].remove(slab, place);
    }

    /// The earliest deadline and whose it is; of several at the same time that of the highest class.
    pub fn first<T: Waits>(&self, slab: &Slab<T>) -> Option<(Instant, u32)> {
        let firsts = self.classes.iter().rev().filter_map(Chain::first);
        firsts.map(|place| (slab[place].deadline(), place)).min_by_key(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Entry {
        links: [Link; 1],
        at: u64,
        class: usize,
    }

    impl Linked for Entry {
        fn link(&self, chain: usize) -> Link {
            self.links[chain]
        }
        fn link_mut(&mut self, chain: usize) -> &mut Link {
            &mut self.links[chain]
        }
    }

    impl Waits for Entry {
        fn deadline(&self) -> Instant {
            Instant::from_nanos(self.at)
        }
        fn class(&self) -> usize {
            self.class
        }
    }

    fn filed(entries: &[(u64, usize)]) -> (Slab<Entry>, Deadlines) {
        let (mut slab, mut deadlines) = (Slab::default(), Deadlines::default());
        for (at, class) in entries {
            let place = slab.insert(Entry { links: [Link::default()], at: *at, class: *class });
            deadlines.insert(&mut slab, place);
        }
        (slab, deadlines)
    }

    fn drain(slab: &mut Slab<Entry>, deadlines: &mut Deadlines) -> Vec<u32> {
        std::iter::from_fn(|| {
            let (_, place) = deadlines.first(slab)?;
            deadlines.remove(slab, place);
            slab.remove(place).map(|_| place)
        })
        .collect()
    }

    #[test]
    fn deadlines_come_in_order_whatever_the_order_they_were_put_in() {
        let (mut slab, mut deadlines) = filed(&[(30, 0), (10, 0), (20, 0), (10, 0), (15, 2), (5, 1)]);
        assert_eq!(deadlines.len(), 6);
        assert_eq!(drain(&mut slab, &mut deadlines), [5, 1, 3, 4, 2, 0]);
        assert_eq!(deadlines, Deadlines { classes: vec![Chain::default(); 3] });
    }

    #[test]
    fn at_the_same_time_the_higher_class_comes_first() {
        let (mut slab, mut deadlines) = filed(&[(10, 0), (10, 2), (10, 1)]);
        assert_eq!(drain(&mut slab, &mut deadlines), [1, 2, 0]);
    }

    #[test]
    fn an_entry_leaves_from_the_middle_and_from_either_end() {
        for gone in 0..3 {
            let (mut slab, mut deadlines) = filed(&[(10, 0), (20, 0), (30, 0)]);
            deadlines.remove(&mut slab, gone);
            slab.remove(gone);
            let left: Vec<u32> = (0..3).filter(|place| *place != gone).collect();
            let chained: Vec<u64> = deadlines.classes[0].iter(&slab).map(|entry| entry.at).collect();
            assert_eq!(chained, left.iter().map(|place| u64::from(*place + 1) * 10).collect::<Vec<u64>>());
            assert_eq!(drain(&mut slab, &mut deadlines), left);
        }
    }
}
