//! A slab: entries keep their place until they are taken out, and places are used again.

use std::ops::{Index, IndexMut};

/// Entries of one chunk: no entry ever moves to make room for more than these.
const CHUNK: usize = 64;

/// Entries by place. An empty slab keeps one chunk of memory at most.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slab<T> {
    chunks: Vec<Vec<Cell<T>>>,
    /// The place given up last.
    free: Option<u32>,
    len: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum Cell<T> {
    Taken(T),
    /// And the place given up before it.
    Free(Option<u32>),
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab { chunks: Vec::new(), free: None, len: 0 }
    }
}

impl<T> Slab<T> {
    /// How many entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The place the next entry gets.
    pub fn next_place(&self) -> u32 {
        let all = self.chunks.len().saturating_sub(1) * CHUNK + self.chunks.last().map_or(0, Vec::len);
        self.free.unwrap_or(all as u32)
    }

    /// Takes an entry in; gives its place.
    pub fn insert(&mut self, entry: T) -> u32 {
        let place = self.next_place();
        match self.cell_mut(place) {
            Some(cell) => {
                if let Cell::Free(before) = std::mem::replace(cell, Cell::Taken(entry)) {
                    self.free = before;
                }
            }
            None => {
                if place as usize == self.chunks.len() * CHUNK {
                    self.chunks.push(Vec::new());
                }
                if let Some(chunk) = self.chunks.last_mut() {
                    chunk.push(Cell::Taken(entry));
                }
            }
        }
        self.len += 1;
        place
    }

    /// Takes an entry out.
    pub fn remove(&mut self, place: u32) -> Option<T> {
        let before = self.free;
        let cell = self.cell_mut(place).filter(|cell| matches!(cell, Cell::Taken(_)))?;
        let Cell::Taken(entry) = std::mem::replace(cell, Cell::Free(before)) else { return None };
        self.free = Some(place);
        self.len -= 1;
        if self.len == 0 {
            self.free = None;
            self.chunks.truncate(1);
            self.chunks.iter_mut().for_each(Vec::clear);
        }
        Some(entry)
    }

    /// The entry at a place.
    pub fn get(&self, place: u32) -> Option<&T> {
        let (chunk, within) = split(place);
        match self.chunks.get(chunk)?.get(within)? {
            Cell::Taken(entry) => Some(entry),
            Cell::Free(_) => None,
        }
    }

    /// The entry at a place, to change it.
    pub fn get_mut(&mut self, place: u32) -> Option<&mut T> {
        match self.cell_mut(place)? {
            Cell::Taken(entry) => Some(entry),
            Cell::Free(_) => None,
        }
    }

    /// All entries with their places, in the order of these.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let cells = self.chunks.iter().flatten().enumerate();
        cells.filter_map(|(place, cell)| match cell {
            Cell::Taken(entry) => Some((place as u32, entry)),
            Cell::Free(_) => None,
        })
    }

    /// All entries in the order of their places, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks.iter_mut().flatten().filter_map(|cell| match cell {
            Cell::Taken(entry) => Some(entry),
            Cell::Free(_) => None,
        })
    }

    fn cell_mut(&mut self, place: u32) -> Option<&mut Cell<T>> {
        let (chunk, within) = split(place);
        self.chunks.get_mut(chunk)?.get_mut(within)
    }
}

/// Which chunk, and where in it.
fn split(place: u32) -> (usize, usize) {
    (place as usize / CHUNK, place as usize % CHUNK)
}

/// # Panics
/// If nobody has that place: a broken invariant of ours.
impl<T> Index<u32> for Slab<T> {
    type Output = T;
    fn index(&self, place: u32) -> &T {
        self.get(place).expect("somebody has this place")
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, place: u32) -> &mut T {
        self.get_mut(place).expect("somebody has this place")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_keeps_its_place_and_the_place_is_used_again() {
        let mut slab = Slab::default();
        let places: Vec<u32> = (0..200).map(|n| slab.insert(n)).collect();
        assert_eq!(places, (0..200).collect::<Vec<u32>>());
        assert_eq!((slab.remove(7), slab.remove(7), slab.remove(150)), (Some(7), None, Some(150)));
        assert_eq!((slab.get(7), slab.get(8), slab.len()), (None, Some(&8), 198));
        assert_eq!(slab.next_place(), 150);
        assert_eq!([slab.insert(1), slab.insert(2), slab.insert(3)], [150, 7, 200]);
        assert_eq!(slab.iter().count(), 201);
    }

    #[test]
    fn an_empty_slab_gives_its_memory_back() {
        let mut slab = Slab::default();
        for n in 0..1_000_u32 {
            slab.insert(n);
        }
        for n in 0..1_000 {
            slab.remove(n);
        }
        assert!(slab.chunks.len() == 1 && slab.next_place() == 0);
        assert_eq!((slab.insert(5), slab[0]), (0, 5));
    }
}
