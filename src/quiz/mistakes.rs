//! What is wrong with a table of answers: every mistake at its line, so that one round of mending is enough.

use crate::lang::Text;

/// Mistakes that are told one by one; of those beyond, how many they are.
const TOLD: usize = 200;

/// A line that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where it stands, from 1; 0 for the table as a whole.
    pub line: u64,
    /// What is wrong with it, and what would be right.
    pub what: Text,
}

/// Everything that is wrong with a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes {
    /// The first 200 that were found, by line.
    pub told: Vec<Malformed>,
    /// How many more there are.
    pub more: usize,
}

impl Mistakes {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.told.len() + self.more
    }

    /// One more; among those of its line it is the last.
    pub(super) fn add(&mut self, line: u64, what: Text) {
        if self.told.len() >= TOLD {
            self.more += 1;
            return;
        }
        let place = self.told.partition_point(|known| known.line <= line);
        self.told.insert(place, Malformed { line, what });
    }
}
