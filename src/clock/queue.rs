//! The event queue: a hierarchical timing wheel over nanoseconds, popped in order of (time, insertion).
//!
//! A time is read as eleven digits of six bits. An item waits at the level of the highest digit in which its time
//! differs from a base, in the slot of that digit. So all items of one time are always in one slot, in the order they
//! came, and the items of a level lie before those of any higher one. When a slot's turn comes, a few items are sorted and
//! then due one after the other; many move down, by the earliest of their times. Each item moves at most once per
//! level: pushing is constant work, and popping too, however many items wait.
//!
//! Items lie in their slots themselves, one behind the other: what moves is read and written in a row, and no pop
//! looks for its item somewhere else in a memory that a million of them fill.

use super::Instant;
use std::collections::VecDeque;

const DIGIT_BITS: u32 = 6;
const SLOTS: usize = 1 << DIGIT_BITS;
const LEVELS: usize = 64usize.div_ceil(DIGIT_BITS as usize);

/// So many items are sorted rather than moved down.
const FEW: usize = 16;
/// Octets; slots that held more give their memory back when they are emptied.
const KEPT_OCTETS: usize = 16 * 1024;

/// A queue of items to come.
#[derive(Clone, Debug)]
pub struct EventQueue<T> {
    /// The time of the latest item popped.
    present: u64,
    len: usize,
    /// The times that `due` is responsible for: those that differ from this one ...
    base: u64,
    /// ... in so many of the lowest bits at most.
    window: u32,
    /// Items with their times, in order.
    due: VecDeque<(u64, T)>,
    /// Bit n: level n holds something.
    levels: u16,
    /// By level, bit n: slot n holds something.
    occupied: [u64; LEVELS],
    /// By level and slot; grown as levels are used.
    slots: Vec<Slot<T>>,
}

/// Items with their times, in the order they came.
#[derive(Clone, Debug)]
struct Slot<T> {
    items: Vec<(u64, T)>,
    /// The earliest of those times.
    earliest: u64,
}

impl<T> EventQueue<T> {
    /// An empty queue at [`Instant::ZERO`].
    pub fn new() -> EventQueue<T> {
        EventQueue {
            present: 0,
            len: 0,
            base: 0,
            window: 0,
            due: VecDeque::new(),
            levels: 0,
            occupied: [0; LEVELS],
            slots: Vec::new(),
        }
    }

    /// Adds an item. What should have happened before the latest item popped happens at its time, after it.
    pub fn push(&mut self, at: Instant, item: T) {
        self.file(at.as_nanos().max(self.present), item);
        self.len += 1;
    }

    /// Takes the earliest item; of several at the same time, the one pushed first.
    pub fn pop(&mut self) -> Option<(Instant, T)> {
        if self.due.is_empty() {
            self.advance();
        }
        let (at, item) = self.due.pop_front()?;
        self.present = at;
        self.len -= 1;
        Some((Instant::from_nanos(at), item))
    }

    /// When the next item is due.
    pub fn next_at(&self) -> Option<Instant> {
        if let Some((at, _)) = self.due.front() {
            return Some(Instant::from_nanos(*at));
        }
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

    /// Puts an item where it belongs, behind those of its time: among those due, or in a slot.
    fn file(&mut self, at: u64, item: T) {
        let differs = at ^ self.base;
        if differs >> self.window != 0 {
            self.file_in_slot(at, item);
        } else if self.window == 0 {
            self.due.push_back((at, item));
        } else if self.due.len() < 2 * FEW {
            let place = self.due.partition_point(|(other, _)| *other <= at);
            self.due.insert(place, (at, item));
        } else {
            self.narrow();
            self.file(at, item);
        }
    }

    fn file_in_slot(&mut self, at: u64, item: T) {
        let level = (63 - (at ^ self.base).leading_zeros()) / DIGIT_BITS;
        let digit = (at >> (level * DIGIT_BITS)) as usize % SLOTS;
        let level = level as usize;
        if (level + 1) * SLOTS > self.slots.len() {
            let empty = || Slot { items: Vec::new(), earliest: u64::MAX };
            self.slots.resize_with((level + 1) * SLOTS, empty);
        }
        let slot = &mut self.slots[level * SLOTS + digit];
        slot.earliest = slot.earliest.min(at);
        slot.items.push((at, item));
        self.occupied[level] |= 1 << digit;
        self.levels |= 1 << level;
    }

    /// Too many are due to keep them sorted: only those of the present stay, the others go to slots of their own.
    fn narrow(&mut self) {
        (self.base, self.window) = (self.present, 0);
        for (at, item) in std::mem::take(&mut self.due) {
            self.file(at, item);
        }
    }

    /// The items of the earliest slot become due: all, if they are few, else those of the earliest time, while the others
    /// move to lower levels. Returns how many moved.
    fn advance(&mut self) -> usize {
        let Some((level, digit)) = self.earliest_slot() else { return 0 };
        let slot = &mut self.slots[level * SLOTS + digit];
        let mut items = std::mem::take(&mut slot.items);
        self.base = std::mem::replace(&mut slot.earliest, u64::MAX);
        self.occupied[level] &= !(1 << digit);
        if self.occupied[level] == 0 {
            self.levels &= !(1 << level);
        }
        let moved = items.len();
        if moved <= FEW {
            self.window = level as u32 * DIGIT_BITS;
            items.sort_by_key(|(at, _)| *at);
            self.due.extend(items.drain(..));
        } else {
            self.window = 0;
            for (at, item) in items.drain(..) {
                self.file(at, item);
            }
        }
        if moved * size_of::<(u64, T)>() <= KEPT_OCTETS {
            self.slots[level * SLOTS + digit].items = items;
        }
        moved
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
        let last = Instant::MAX.as_nanos();
        let times = [last, 1 << 63, (1 << 60) - 1, 1 << 60, 63, 64, 4095, 4096, 0, last - 1];
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
    fn memory_is_used_again() {
        let mut queue = EventQueue::new();
        for n in 0..100_000u64 {
            queue.push(Instant::from_nanos(n * 37), n);
            if n >= 4 {
                assert_eq!(queue.pop().map(|(_, n)| n), Some(n - 4));
            }
        }
        let kept: usize = queue.slots.iter().map(|slot| slot.items.capacity()).sum();
        assert!(kept <= 8 * queue.slots.len(), "{kept} places for five items");
    }

    #[test]
    fn a_crowd_that_comes_before_the_few_that_are_due_is_not_sorted_one_by_one() {
        let mut queue = EventQueue::new();
        for at in [1 << 40, (1 << 40) + (1 << 36)] {
            queue.push(Instant::from_nanos(at), at);
        }
        assert_eq!(queue.pop().map(|(_, at)| at), Some(1 << 40));
        let crowd = (0..1_000).map(|n: u64| (1 << 40) + n.wrapping_mul(7_919) % 1_000 * 1_000);
        for at in crowd {
            queue.push(Instant::from_nanos(at), at);
            assert!(queue.window == 0 || queue.due.len() <= 2 * FEW);
        }
        let times: Vec<u64> = drain(&mut queue).into_iter().map(|(at, _)| at).collect();
        assert!(times.is_sorted() && times.len() == 1_001);
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
                        let at = now.saturating_add(delay).min(Instant::MAX.as_nanos());
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
            let (mut moves, mut before) = (0, 0);
            while !queue.is_empty() {
                if queue.due.is_empty() {
                    moves += queue.advance() as u64;
                }
                let (at, _) = queue.pop().unwrap();
                assert!(at.as_nanos() >= before);
                before = at.as_nanos();
            }
            assert!(moves <= 6 * waiting, "{moves} moves for {waiting} items");
        }
    }
}
