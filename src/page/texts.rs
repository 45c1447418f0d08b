//! Texts kept once, in both languages.

use super::document::Ref;
use crate::lang::Text;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// Every text of a document.
#[derive(Clone, Debug)]
pub struct Texts {
    all: Vec<(String, String)>,
    place: BTreeMap<(String, String), Ref>,
}

impl Texts {
    /// The empty text only.
    pub fn new() -> Texts {
        let mut texts = Texts { all: Vec::new(), place: BTreeMap::new() };
        texts.keep("", "");
        texts
    }

    /// Where the text stands.
    pub fn keep(&mut self, en: impl Into<String>, zh: impl Into<String>) -> Ref {
        let text = (en.into(), zh.into());
        if let Some(place) = self.place.get(&text) {
            return *place;
        }
        let place = self.all.len() as Ref;
        self.all.push(text.clone());
        self.place.insert(text, place);
        place
    }

    /// Where the text stands.
    pub fn text(&mut self, text: &Text) -> Ref {
        self.keep(text.en.as_str(), text.zh.as_str())
    }

    /// The text that stands there.
    pub fn get(&self, place: Ref) -> Option<&(String, String)> {
        self.all.get(place as usize)
    }
}

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.all)
    }
}
