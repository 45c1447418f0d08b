//! The event queue: a hierarchical timing wheel over nanoseconds, popped in order of (time, insertion).
//!
//! A time is read as eleven digits of six bits. An item waits at the level of the highest digit in which its time
//! differs from the present, in the slot of that digit. So all items of one time are always in one slot, in the order they
//! came, and the items of a level lie before those of any higher one. When a slot's turn comes, its earliest time
//! becomes the present and its items move down. Each item moves at most once per level: pushing is constant work, and
//! popping too, however many items wait.

use super::Instant;

const DIGIT_BITS: u32 = 6;
const SLOTS: usize = 1 << DIGIT_BITS;
const LEVELS: usize = 64usize.div_ceil(DIGIT_BITS as usize);

/// "No item" in the links below.
const NONE: u32 = u32::MAX;

/// A queue of items to come. At most 2^32 - 1 wait at once.
#[derive(Clone, Debug)]
pub struct EventQueue<T> {
    /// The time of the latest item popped.
    present: u64,
    len: usize,
    /// Bit n: level n holds something.
    levels: u16,
    /// By level, bit n: slot n holds something.
    occupied: [u64; LEVELS],
    /// By level and slot; grown as levels are used.
    slots: Vec<Slot>,
    nodes: Vec<Node<T>>,
    /// Head of the list of unused nodes.
    free: u32,
}

/// A list of items in the order they came.
#[derive(Clone, Copy, Debug)]
struct Slot {
    first: u32,
    last: u32,
    /// The earliest time among them.
    earliest: u64,
}

#[derive(Clone, Debug)]
struct Node<T> {
    at: u64,
    next: u32,
    item: Option<T>,
}

const EMPTY: Slot = Slot { first: NONE, last: NONE, earliest: u64::MAX };

impl<T> EventQueue<T> {
    /// An empty queue at [`Instant::ZERO`].
    pub fn new() -> EventQueue<T> {
        EventQueue {
            present: 0,
            len: 0,
            levels: 0,
            occupied: [0; LEVELS],
            slots: Vec::new(),
            nodes: Vec::new(),
            free: NONE,
        }
    }

    /// Adds an item. What should have happened before the latest item popped happens at its time, after it.
    pub fn push(&mut self, at: Instant, item: T) {
        let at = at.as_nanos().max(self.present);
        let node = Node { at, next: NONE, item: Some(item) };
        let index = match self.nodes.get_mut(self.free as usize) {
            Some(unused) => {
                let index = self.free;
                self.free = unused.next;
                *unused = node;
                index
            }
            None => {
                assert!(self.nodes.len() < NONE as usize, "more events than a run can hold");
                self.nodes.push(node);
                (self.nodes.len() - 1) as u32
            }
        };
        self.file(index, at);
        self.len += 1;
    }

    /// Takes the earliest item; of several at the same time, the one pushed first.
    pub fn pop(&mut self) -> Option<(Instant, T)> {
        let (level, digit) = self.earliest_slot()?;
        let place = level * SLOTS + digit;
        if level > 0 {
            self.move_down(level, digit);
            return self.pop();
        }
        let index = self.slots[place].first;
        let node = &mut self.nodes[index as usize];
        let (at, next) = (node.at, node.next);
        let item = node.item.take()?;
        node.next = self.free;
        self.free = index;
        self.slots[place].first = next;
        if next == NONE {
            self.vacate(level, digit);
        }
        self.present = at;
        self.len -= 1;
        Some((Instant::from_nanos(at), item))
    }

    /// When the next item is due.
    pub fn next_at(&self) -> Option<Instant> {
        let (level, digit) = self.earliest_slot()?;
        Some(Instant::from_nanos(self.slots[level * SLOTS + digit].earliest))
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The lowest level in use and its first slot in use.
    fn earliest_slot(&self) -> Option<(usize, usize)> {
        let level = self.levels.trailing_zeros() as usize;
        let occupied = self.occupied.get(level)?;
        Some((level, occupied.trailing_zeros() as usize))
    }

    /// Puts node `index`, due `at`, at the end of the slot where it belongs.
    fn file(&mut self, index: u32, at: u64) {
        let differs = at ^ self.present;
        let level = (63 - (differs | 1).leading_zeros()) / DIGIT_BITS;
        let digit = (at >> (level * DIGIT_BITS)) as usize % SLOTS;
        let level = level as usize;
        let place = level * SLOTS + digit;
        if place >= self.slots.len() {
            self.slots.resize((level + 1) * SLOTS, EMPTY);
        }
        let slot = &mut self.slots[place];
        slot.earliest = slot.earliest.min(at);
        match self.nodes.get_mut(slot.last as usize) {
            Some(last) => last.next = index,
            None => slot.first = index,
        }
        slot.last = index;
        self.occupied[level] |= 1 << digit;
        self.levels |= 1 << level;
    }

    /// Makes the slot's earliest time the present and files its items anew: all go to lower levels.
    fn move_down(&mut self, level: usize, digit: usize) {
        let slot = self.slots[level * SLOTS + digit];
        self.vacate(level, digit);
        self.present = slot.earliest;
        let mut index = slot.first;
        while index != NONE {
            let node = &mut self.nodes[index as usize];
            let (at, next) = (node.at, node.next);
            node.next = NONE;
            self.file(index, at);
            index = next;
        }
    }

    fn vacate(&mut self, level: usize, digit: usize) {
        self.slots[level * SLOTS + digit] = EMPTY;
        self.occupied[level] &= !(1 << digit);
        if self.occupied[level] == 0 {
            self.levels &= !(1 << level);
        }
    }
}

impl<T> Default for EventQueue<T> {
    fn default() -> EventQueue<T> {
        EventQueue::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn drain<T>(queue: &mut EventQueue<T>) -> Vec<(u64, T)> {
        std::iter::from_fn(|| queue.pop().map(|(at, item)| (at.as_nanos(), item))).collect()
    }

    #[test]
    fn items_of_one_time_come_in_the_order_pushed() {
        let mut queue = EventQueue::new();
        for (at, item) in [(5_000_000, 'a'), (7, 'b'), (5_000_000, 'c'), (7, 'd'), (0, 'e')] {
            queue.push(Instant::from_nanos(at), item);
        }
        assert_eq!(queue.pop(), Some((Instant::ZERO, 'e')));
        queue.push(Instant::from_nanos(5_000_000), 'f');
        assert_eq!(
            drain(&mut queue),
            [(7, 'b'), (7, 'd'), (5_000_000, 'a'), (5_000_000, 'c'), (5_000_000, 'f')]
        );
        assert!(queue.is_empty() && queue.next_at().is_none());
    }

    #[test]
    fn the_whole_range_of_time_is_held() {
        let mut queue = EventQueue::new();
        let times = [u64::MAX, 1 << 63, (1 << 60) - 1, 1 << 60, 63, 64, 4095, 4096, 0, u64::MAX - 1];
        for at in times {
            queue.push(Instant::from_nanos(at), at);
        }
        let mut sorted = times;
        sorted.sort_unstable();
        assert_eq!(drain(&mut queue), sorted.map(|at| (at, at)));
    }

    #[test]
    fn the_past_happens_now() {
        let mut queue = EventQueue::new();
        queue.push(Instant::from_nanos(1000), 1);
        queue.push(Instant::from_nanos(1000), 2);
        assert_eq!(queue.pop(), Some((Instant::from_nanos(1000), 1)));
        queue.push(Instant::from_nanos(10), 3);
        assert_eq!(drain(&mut queue), [(1000, 2), (1000, 3)]);
    }

    #[test]
    fn nodes_are_used_again() {
        let mut queue = EventQueue::new();
        for n in 0..10_000u64 {
            queue.push(Instant::from_nanos(n * 37), n);
            if n >= 4 {
                assert_eq!(queue.pop().map(|(_, n)| n), Some(n - 4));
            }
        }
        assert_eq!(queue.nodes.len(), 5);
    }

    /// What a test does to a queue.
    #[derive(Clone, Debug)]
    enum Step {
        Push(u64),
        Pop,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let delay = prop_oneof![Just(0u64), 0..64u64, 0..5000u64, 0..10_000_000_000u64, any::<u64>()];
        let step = prop_oneof![3 => delay.prop_map(Step::Push), 2 => Just(Step::Pop)];
        prop::collection::vec(step, 0..400)
    }

    proptest! {
        #[test]
        fn behaves_like_a_sorted_map(steps in steps()) {
            let mut queue = EventQueue::new();
            let mut oracle = BTreeMap::new();
            let mut now = 0u64;
            for (ordinal, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Push(delay) => {
                        let at = now.saturating_add(delay);
                        queue.push(Instant::from_nanos(at), ordinal);
                        oracle.insert((at, ordinal), ());
                    }
                    Step::Pop => {
                        let expected = oracle.pop_first().map(|((at, ordinal), ())| (at, ordinal));
                        prop_assert_eq!(queue.next_at().map(Instant::as_nanos), expected.map(|(at, _)| at));
                        let popped = queue.pop().map(|(at, ordinal)| (at.as_nanos(), ordinal));
                        prop_assert_eq!(popped, expected);
                        now = expected.map_or(now, |(at, _)| at);
                    }
                }
                prop_assert_eq!(queue.len(), oracle.len());
            }
            let copy = queue.clone();
            let expected: Vec<_> = oracle.into_keys().collect();
            prop_assert_eq!(drain(&mut queue), expected.clone());
            prop_assert_eq!(drain(&mut { copy }), expected);
        }
    }

    /// Work per item in moves between slots, which is what the time goes into.
    #[test]
    fn the_work_per_item_hardly_grows_with_the_number_waiting() {
        let draws = crate::clock::Draws::new(1);
        for waiting in [1_000u64, 100_000] {
            let mut queue = EventQueue::new();
            for n in 0..waiting {
                queue.push(Instant::from_nanos(draws.below("test", 0, n, 10_000_000_000)), n);
            }
            let mut moves = 0;
            let mut before = 0;
            while let Some((level, digit)) = queue.earliest_slot() {
                if level > 0 {
                    let mut index = queue.slots[level * SLOTS + digit].first;
                    while index != NONE {
                        moves += 1;
                        index = queue.nodes[index as usize].next;
                    }
                    queue.move_down(level, digit);
                } else {
                    let (at, _) = queue.pop().unwrap();
                    assert!(at.as_nanos() >= before);
                    before = at.as_nanos();
                }
            }
            assert!(moves <= 6 * waiting, "{moves} moves for {waiting} items");
        }
    }
}
