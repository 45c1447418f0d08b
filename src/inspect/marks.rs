//! An index of a capture in a bounded amount of memory: places in it to read on from, evenly spread.

use crate::capture::Mark;

/// The most marks; then every second one is given up.
const MOST: usize = 1024;
/// Packets between two marks at first.
const FIRST_STRIDE: u64 = 1024;

/// Places to read on from.
#[derive(Clone, Debug)]
pub struct Marks {
    marks: Vec<Mark>,
    stride: u64,
}

impl Default for Marks {
    fn default() -> Marks {
        Marks { marks: Vec::new(), stride: FIRST_STRIDE }
    }
}

impl Marks {
    /// Whether a mark is wanted after so many packets.
    pub(super) fn wanted(&self, packets: u64) -> bool {
        packets > 0 && packets.is_multiple_of(self.stride)
    }

    /// Takes a mark.
    pub(super) fn set(&mut self, mark: Mark) {
        self.marks.push(mark);
        if self.marks.len() >= MOST {
            self.stride *= 2;
            let stride = self.stride;
            self.marks.retain(|mark| mark.packets().is_multiple_of(stride));
        }
    }

    /// The last mark before the packet of that number; `None`: begin at the beginning.
    pub(super) fn before(&self, number: u64) -> Option<&Mark> {
        let after = self.marks.partition_point(|mark| mark.packets() < number);
        after.checked_sub(1).and_then(|place| self.marks.get(place))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there is none: the capture is short.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }
}
