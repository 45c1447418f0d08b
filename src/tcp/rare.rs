//! A list that most connections never need: it takes no room until somebody writes to it.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};

/// Empty as long as nobody has written to it.
// The list itself is four words, even when it is empty.
#[allow(clippy::box_collection)]
#[derive(Clone, Debug)]
pub(super) struct RareList<T>(Option<Box<VecDeque<T>>>);

impl<T: 'static> RareList<T> {
    const EMPTY: &'static VecDeque<T> = &VecDeque::new();

    /// Gives up what it holds, and its room.
    pub fn clear(&mut self) {
        self.0 = None;
    }
}

impl<T> Default for RareList<T> {
    fn default() -> RareList<T> {
        RareList(None)
    }
}

impl<T: 'static> Deref for RareList<T> {
    type Target = VecDeque<T>;
    fn deref(&self) -> &VecDeque<T> {
        self.0.as_deref().unwrap_or(Self::EMPTY)
    }
}

impl<T: 'static> DerefMut for RareList<T> {
    fn deref_mut(&mut self) -> &mut VecDeque<T> {
        self.0.get_or_insert_default()
    }
}

impl<T: PartialEq + 'static> PartialEq for RareList<T> {
    fn eq(&self, other: &RareList<T>) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_nobody_wrote_to_is_an_empty_one_that_takes_no_room() {
        let mut list = RareList::default();
        assert!(list.is_empty() && list.0.is_none());
        list.push_back(1);
        assert_eq!((list.front(), list.len()), (Some(&1), 1));
        list.clear();
        assert!(list.0.is_none() && list == RareList(Some(Box::default())));
    }
}
