//! Which questions a seed asks, and in which order.

use super::item::Lesson;
use crate::clock::{Draws, entity};

/// Questions of one lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The lesson's place among those given.
    pub lesson: usize,
    /// The questions' numbers, from 1, ascending.
    pub numbers: Vec<u32>,
}

/// The questions that this seed draws of all that the lessons have, `count` of them or all. Lessons stand in the order of
/// the seed. Each question draws its own lot, so a new lesson leaves the order of the others as it is.
pub fn drawn(lessons: &[Lesson], seed: u64, count: Option<usize>) -> Vec<Drawn> {
    let draws = Draws::new(seed);
    let mut lots: Vec<(u64, usize, u32)> = Vec::new();
    for (lesson, known) in lessons.iter().enumerate() {
        for number in 1..=known.questions() {
            let lot = draws.draw("which questions are asked", entity(known.name.bytes()), u64::from(number));
            lots.push((lot, lesson, number));
        }
    }
    lots.sort_unstable();
    lots.truncate(count.unwrap_or(usize::MAX));
    let mut drawn: Vec<Drawn> = Vec::new();
    for (_, lesson, number) in lots {
        match drawn.iter_mut().find(|drawn| drawn.lesson == lesson) {
            Some(known) => known.numbers.push(number),
            None => drawn.push(Drawn { lesson, numbers: vec![number] }),
        }
    }
    for lesson in &mut drawn {
        lesson.numbers.sort_unstable();
    }
    drawn
}
