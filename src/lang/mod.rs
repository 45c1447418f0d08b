//! The two languages everything is said in.

use std::fmt;

/// A language of the product. Both are always there; neither falls back to the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese (simplified), with the terms of Chinese textbooks.
    Zh,
}

/// The same text in both languages.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Text {
    /// Both languages at once.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Text {
        Text { en: en.into(), zh: zh.into() }
    }

    /// The text in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

impl Lang {
    /// Chooses between two renderings of one sentence: `lang.pick(en, zh)`.
    pub fn pick<T>(self, en: T, zh: T) -> T {
        match self {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    /// A paragraph's lines as one: with spaces in English, without between Chinese characters.
    pub fn unwrapped(self, paragraph: &str) -> String {
        let mut joined = String::new();
        for line in paragraph.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let glue = joined.chars().last().is_some_and(|last| last.is_ascii())
                || line.starts_with(|c: char| c.is_ascii());
            if !joined.is_empty() && (glue || self == Lang::En) {
                joined.push(' ');
            }
            joined.push_str(line);
        }
        joined
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pick("en", "zh"))
    }
}
