//! Looking for words in the sentences of the steps, which hold the labels of the arrows too.

use super::scene::Scene;

/// What is looked for, and where it is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The words; empty before anything was looked for.
    pub words: String,
    /// The steps that hold them, in order.
    pub hits: Vec<usize>,
}

impl Search {
    /// Looks for the words; upper and lower case do not matter.
    pub fn new(words: &str, scene: &Scene) -> Search {
        let wanted = words.trim().to_lowercase();
        let holds = |text: &str| text.replace('\u{a0}', " ").to_lowercase().contains(&wanted);
        let hits = (scene.told.iter().enumerate())
            .filter(|(_, told)| {
                told.iter().any(|told| holds(&told.what) || holds(&told.why) || holds(&told.cite))
            })
            .map(|(step, _)| step)
            .collect();
        Search { words: words.trim().to_owned(), hits }
    }

    /// The first hit behind a step, else the first of all.
    pub fn next(&self, from: usize) -> Option<usize> {
        self.hits.iter().copied().find(|hit| *hit > from).or_else(|| self.hits.first().copied())
    }

    /// The last hit before a step, else the last of all.
    pub fn previous(&self, from: usize) -> Option<usize> {
        self.hits.iter().rev().copied().find(|hit| *hit < from).or_else(|| self.hits.last().copied())
    }

    /// Which of the hits a step is, from 1.
    pub fn number(&self, step: usize) -> Option<usize> {
        self.hits.iter().position(|hit| *hit == step).map(|at| at + 1)
    }
}
