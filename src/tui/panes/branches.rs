//! The branches: which there are, and two of them side by side from where they part.

use super::super::scene::Scene;
use crate::view::{Ink, Line, Look};
use crate::walk::{Branch, Walk};
use std::collections::{BTreeMap, BTreeSet};

/// The branches kept; the one stood in is marked.
pub fn lines(walk: &Walk, look: &Look) -> Vec<Line> {
    list_marked(walk, walk.branch(), look).into_iter().flatten().collect()
}

/// The branches kept, the chosen one marked, each with all its words; and the line that the chosen one begins at.
pub fn list(walk: &Walk, chosen: usize, look: &Look) -> (Vec<Line>, usize) {
    let blocks = list_marked(walk, chosen, look);
    let keep = blocks.iter().take(chosen).map(Vec::len).sum();
    (blocks.into_iter().flatten().collect(), keep)
}

fn list_marked(walk: &Walk, marked: usize, look: &Look) -> Vec<Vec<Line>> {
    let block = |(place, branch): (usize, &Branch)| {
        let ink = if place == walk.branch() { Ink::State } else { Ink::Plain };
        let number = format!("{} ", place + 1);
        let start = 2 + number.len();
        let words = look.wrap(branch.growth().get(look.lang), look.width.saturating_sub(start));
        let line = |(at, words): (usize, &String)| {
            let mut line = Line::new();
            if at == 0 {
                line.push_until(look, Ink::Warn, if place == marked { "▸" } else { " " }, 2).to(2);
                line.push(look, Ink::Heading, &number);
            }
            line.to(start).push_until(look, ink, words, look.width);
            line
        };
        words.iter().enumerate().map(line).collect()
    };
    walk.branches().iter().enumerate().map(block).collect()
}

/// Two branches side by side from the step where they part, their names on the first line; and the line below it that the
/// present moment begins at.
pub fn side_by_side(walk: &Walk, [left, right]: [(usize, &Scene); 2], look: &Look) -> (Vec<Line>, usize) {
    let half = look.width.saturating_sub(3) / 2;
    let mut lines = Vec::new();
    let heading = |place: usize| {
        let name = walk.branches()[place].title();
        Line::of(look, Ink::Heading, &look.fit(&format!(" {} {}", place + 1, name.get(look.lang)), half))
    };
    let empty = Line::new();
    let mut row = |left: &Line, right: &Line| {
        let mut line = Line::new();
        line.append(left).to(half).push(look, Ink::Dim, "│").to(half + 2).append(right);
        lines.push(line);
    };
    row(&heading(left.0), &heading(right.0));
    let Some(from) = walk.parting(left.0, right.0) else {
        let text = look.lang.pick(" they do not part", " 两者没有分开");
        row(&Line::of(look, Ink::Dim, text), &empty);
        return (lines, 0);
    };
    let narrow = Look { width: half, ..look.clone() };
    let places = if walk.related(left.0, right.0) {
        moments(walk, [left.0, right.0])
    } else {
        paired(left.1, right.1)
    };
    let columns = [(left, &places[0]), (right, &places[1])]
        .map(|((place, scene), heights)| told_from(walk, place, (scene, heights), from, &narrow));
    let heights: BTreeSet<u64> = columns.iter().flat_map(|column| column.keys().copied()).collect();
    let mut keep = 0;
    let mut rows = 0;
    for height in heights {
        let lines = columns.each_ref().map(|column| column.get(&height).map_or(&[][..], Vec::as_slice));
        for at in 0..lines[0].len().max(lines[1].len()) {
            let [left, right] = lines.map(|lines| lines.get(at));
            if [left, right].into_iter().flatten().any(|(_, begins)| *begins) {
                keep = rows;
            }
            row(left.map_or(&empty, |(line, _)| line), right.map_or(&empty, |(line, _)| line));
            rows += 1;
        }
    }
    (lines, keep)
}

/// Steps compared with steps at most: what is longer stands by its times.
const MOST_PAIRS: usize = 1 << 18;

/// What happens at the same time stands on the same height.
fn moments(walk: &Walk, places: [usize; 2]) -> [Vec<u64>; 2] {
    places.map(|place| walk.branches()[place].steps.iter().map(|step| step.at.as_nanos()).collect())
}

/// In runs that do not share their beginning, what says the same stands on the same height, in the longest order both have.
fn paired(left: &Scene, right: &Scene) -> [Vec<u64>; 2] {
    let words = |scene: &Scene| -> Vec<Option<String>> {
        scene.told.iter().map(|told| told.first().map(|sentence| sentence.what.clone())).collect()
    };
    let [left, right] = [words(left), words(right)];
    let mut heights = [Vec::with_capacity(left.len()), Vec::with_capacity(right.len())];
    let mut height = 0;
    let (mut one, mut other) = (0, 0);
    for (next_one, next_other) in common(&left, &right).into_iter().chain([(left.len(), right.len())]) {
        while one < next_one || other < next_other {
            // What only one of them has stands beside what only the other has.
            if one < next_one {
                heights[0].push(height);
                one += 1;
            }
            if other < next_other {
                heights[1].push(height);
                other += 1;
            }
            height += 1;
        }
        if next_one < left.len() {
            heights[0].push(height);
            heights[1].push(height);
            (one, other) = (one + 1, other + 1);
            height += 1;
        }
    }
    heights
}

/// The longest sequence both have, as pairs of places; only the beginnings are compared where both are very long.
fn common(left: &[Option<String>], right: &[Option<String>]) -> Vec<(usize, usize)> {
    let rows = left.len().min(MOST_PAIRS / right.len().max(1));
    let (left, width) = (&left[..rows], right.len() + 1);
    let mut longest = vec![0u32; (left.len() + 1) * width];
    for one in (0..left.len()).rev() {
        for other in (0..right.len()).rev() {
            longest[one * width + other] = if left[one] == right[other] {
                longest[(one + 1) * width + other + 1] + 1
            } else {
                longest[(one + 1) * width + other].max(longest[one * width + other + 1])
            };
        }
    }
    let mut pairs = Vec::new();
    let (mut one, mut other) = (0, 0);
    while one < left.len() && other < right.len() {
        if left[one] == right[other] {
            pairs.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if longest[(one + 1) * width + other] >= longest[one * width + other + 1] {
            one += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

/// Lines by the height they stand at; whether the present step begins on it.
type Heights = BTreeMap<u64, Vec<(Line, bool)>>;

/// What a branch tells from a step on, by the height each step stands at.
fn told_from(
    walk: &Walk,
    place: usize,
    (scene, heights): (&Scene, &[u64]),
    from: usize,
    look: &Look,
) -> Heights {
    let mut found = Heights::new();
    let steps = walk.branches()[place].steps.iter().zip(&scene.told).enumerate().skip(from);
    for (number, (step, told)) in steps {
        let mut here = place == walk.branch() && number == walk.at();
        let lines = found.entry(heights.get(number).copied().unwrap_or(u64::MAX)).or_default();
        for sentence in told {
            for text in look.wrap(&sentence.what, look.width.saturating_sub(8)) {
                let mut line = Line::new();
                let begins = std::mem::take(&mut here);
                line.push_until(look, Ink::Warn, if begins { "▸" } else { " " }, 2).to(2);
                if lines.is_empty() {
                    line.push(look, Ink::Dim, &step.at.to_string());
                }
                line.to(8).push_until(look, sentence.ink, &text, look.width);
                lines.push((line, begins));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Option<String>> {
        text.split(' ').map(|word| Some(word.to_owned())).collect()
    }

    #[test]
    fn what_both_say_is_paired_in_the_longest_order_both_have() {
        assert_eq!(common(&words("a b c d"), &words("b x c d a")), [(1, 0), (2, 2), (3, 3)]);
        assert_eq!(common(&words("a"), &words("b")), []);
        assert_eq!(common(&[], &words("b")), []);
    }
}
