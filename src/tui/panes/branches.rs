//! The branches: which there are, and two of them side by side from where they part.

use super::super::scene::Scene;
use crate::clock::Instant;
use crate::view::{Ink, Line, Look};
use crate::walk::Walk;
use std::collections::{BTreeMap, BTreeSet};

/// The branches kept; the one stood in is marked.
pub fn lines(walk: &Walk, look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    for (place, branch) in walk.branches().iter().enumerate() {
        let mut line = Line::new();
        let here = place == walk.branch();
        line.push_until(look, Ink::Warn, if here { "▸" } else { " " }, 2).to(2);
        line.push(look, Ink::Heading, &format!("{} ", place + 1));
        let ink = if here { Ink::State } else { Ink::Plain };
        line.push_until(look, ink, branch.growth().get(look.lang), look.width);
        lines.push(line);
    }
    lines
}

/// Two branches side by side from the step where they part, and the line that the present moment begins at.
pub fn side_by_side(walk: &Walk, [left, right]: [(usize, &Scene); 2], look: &Look) -> (Vec<Line>, usize) {
    let half = look.width.saturating_sub(3) / 2;
    let mut lines = vec![Line::new()];
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
    let columns = [left, right].map(|(place, scene)| told_from(walk, place, scene, from, &narrow));
    // What happens at the same time stands on the same height.
    let moments: BTreeSet<Instant> = columns.iter().flat_map(|column| column.keys().copied()).collect();
    let mut keep = 0;
    let mut rows = 0;
    for moment in moments {
        let lines = columns.each_ref().map(|column| column.get(&moment).map_or(&[][..], Vec::as_slice));
        for at in 0..lines[0].len().max(lines[1].len()) {
            let [left, right] = lines.map(|lines| lines.get(at));
            if [left, right].into_iter().flatten().any(|(_, begins)| *begins) {
                // Behind the empty line and the names.
                keep = rows + 2;
            }
            row(left.map_or(&empty, |(line, _)| line), right.map_or(&empty, |(line, _)| line));
            rows += 1;
        }
    }
    (lines, keep)
}

/// Lines by the moment they tell of; whether the present step begins on it.
type Moments = BTreeMap<Instant, Vec<(Line, bool)>>;

/// What a branch tells from a step on, by the moment it happens.
fn told_from(walk: &Walk, place: usize, scene: &Scene, from: usize, look: &Look) -> Moments {
    let mut moments = Moments::new();
    let steps = walk.branches()[place].steps.iter().zip(&scene.told).enumerate().skip(from);
    for (number, (step, told)) in steps {
        let mut here = place == walk.branch() && number == walk.at();
        let lines = moments.entry(step.at).or_default();
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
    moments
}
