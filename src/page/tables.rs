//! Tables that keep once what repeats.

use super::document::Ref;
use crate::lang::Text;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// Things kept once each, in the order they came.
#[derive(Clone, Debug)]
pub struct Table<T> {
    all: Vec<T>,
    place: BTreeMap<T, Ref>,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table { all: Vec::new(), place: BTreeMap::new() }
    }
}

impl<T: Ord + Clone> Table<T> {
    /// Where the thing stands.
    pub fn keep(&mut self, thing: T) -> Ref {
        if let Some(place) = self.place.get(&thing) {
            return *place;
        }
        let place = self.all.len() as Ref;
        self.all.push(thing.clone());
        self.place.insert(thing, place);
        place
    }
}

impl<T: Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.all.serialize(serializer)
    }
}

/// Stands for a number in a pattern; no text holds it otherwise.
const HOLE: char = '\u{7f}';

/// Words in English and in Chinese.
type Pair = (String, String);

/// Every text of a document: patterns with holes for numbers, since a run says the same of ever other numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Texts {
    patterns: Table<Pattern>,
    all: Vec<Entry>,
    #[serde(skip)]
    place: BTreeMap<[Pair; 2], Ref>,
}

/// Words of a text without its numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
enum Pattern {
    /// In both languages the same.
    Same(String),
    /// English and Chinese.
    Each(String, String),
}

/// One text.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Entry {
    /// As its pattern is.
    Whole(Ref),
    /// A pattern with these numbers, separated by spaces.
    Filled(Ref, String),
    /// The same with other numbers where they are absolute.
    Counted(Ref, String, String),
    /// One pattern where numbers are relative, another where they are absolute.
    Either(Ref, Ref),
}

impl Default for Texts {
    /// The empty text only.
    fn default() -> Texts {
        let mut texts = Texts { patterns: Table::default(), all: Vec::new(), place: BTreeMap::new() };
        texts.keep("", "");
        texts
    }
}

impl Texts {
    /// Where the text stands that is the same however numbers are counted.
    pub fn keep(&mut self, en: impl Into<String>, zh: impl Into<String>) -> Ref {
        let words = (en.into(), zh.into());
        self.keep_both(words.clone(), words)
    }

    /// Where the text stands.
    pub fn text(&mut self, text: &Text) -> Ref {
        self.keep(text.en.as_str(), text.zh.as_str())
    }

    /// Where the text stands of which the looks are English and Chinese with relative numbers, then with absolute ones.
    pub fn keep_four(&mut self, [en, zh, absolute_en, absolute_zh]: [String; 4]) -> Ref {
        self.keep_both((en, zh), (absolute_en, absolute_zh))
    }

    fn keep_both(&mut self, relative: Pair, absolute: Pair) -> Ref {
        let key = [relative, absolute];
        if let Some(place) = self.place.get(&key) {
            return *place;
        }
        let place = self.all.len() as Ref;
        let entry = self.entry(&key);
        self.all.push(entry);
        self.place.insert(key, place);
        place
    }

    fn entry(&mut self, [relative, absolute]: &[Pair; 2]) -> Entry {
        let [one, other] = [relative, absolute].map(|(en, zh)| (holed(en), holed(zh)));
        let ((en, numbers), (zh, zh_numbers)) = &one;
        let ((absolute_en, absolute_numbers), (absolute_zh, absolute_zh_numbers)) = &other;
        let in_order = numbers == zh_numbers && absolute_numbers == absolute_zh_numbers;
        if in_order && en == absolute_en && zh == absolute_zh && !numbers.is_empty() {
            let pattern = self.pattern(en, zh);
            if numbers == absolute_numbers {
                return Entry::Filled(pattern, numbers.join(" "));
            }
            return Entry::Counted(pattern, numbers.join(" "), absolute_numbers.join(" "));
        }
        let [relative_pattern, absolute_pattern] =
            [relative, absolute].map(|(en, zh)| self.pattern(&en.replace(HOLE, " "), &zh.replace(HOLE, " ")));
        if relative_pattern == absolute_pattern {
            return Entry::Whole(relative_pattern);
        }
        Entry::Either(relative_pattern, absolute_pattern)
    }

    fn pattern(&mut self, en: &str, zh: &str) -> Ref {
        self.patterns.keep(match en == zh {
            true => Pattern::Same(en.to_owned()),
            false => Pattern::Each(en.to_owned(), zh.to_owned()),
        })
    }
}

/// The text with holes for its numbers, and the numbers.
fn holed(text: &str) -> (String, Vec<String>) {
    let (mut pattern, mut numbers) = (String::with_capacity(text.len()), Vec::<String>::new());
    let mut inside = false;
    for character in text.chars() {
        let digit = character.is_ascii_digit();
        match (digit, numbers.last_mut()) {
            (true, Some(number)) if inside => number.push(character),
            (true, _) => {
                numbers.push(character.to_string());
                pattern.push(HOLE);
            }
            (false, _) => pattern.push(if character == HOLE { ' ' } else { character }),
        }
        inside = digit;
    }
    (pattern, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(texts: &Texts) -> String {
        serde_json::to_string(texts).unwrap()
    }

    #[test]
    fn what_differs_in_numbers_only_shares_its_pattern() {
        let mut texts = Texts::default();
        let four = |n: u32| {
            [
                format!("A {n} ack 1"),
                format!("甲 {n} ack 1"),
                format!("A 9{n} ack 1"),
                format!("甲 9{n} ack 1"),
            ]
        };
        let places = [7, 8, 7].map(|n| texts.keep_four(four(n)));
        assert_eq!(places, [1, 2, 1]);
        assert_eq!(
            written(&texts),
            r#"{"patterns":["",["A X ack X","甲 X ack X"]],"all":[0,[1,"7 1","97 1"],[1,"8 1","98 1"]]}"#
                .replace('X', "\u{7f}")
        );
    }

    #[test]
    fn texts_whose_numbers_stand_in_another_order_are_kept_whole() {
        let mut texts = Texts::default();
        texts.keep("2 of 3", "3 中有 2");
        texts.keep_four(["a 1", "b", "a 2", "b"].map(str::to_owned));
        texts.keep("\u{7f}1", "\u{7f}1");
        assert_eq!(
            written(&texts),
            r#"{"patterns":["",["2 of 3","3 中有 2"],["a 1","b"],["a 2","b"]," X"],"all":[0,1,[2,3],[4,"1"]]}"#
                .replace('X', "\u{7f}")
        );
    }
}
