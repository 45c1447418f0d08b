//! A file's tables held against the table of keys, and values read from them.

use super::keys::{Key, Kind, Table};
use super::source::{KnobValues, Mistake, Mistakes, Piece, suggestion};
use crate::lang::Text;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeTable, DeValue};

/// What reading needs everywhere: the mistakes so far and the knobs' values.
#[derive(Debug)]
pub(super) struct Reader {
    pub mistakes: Mistakes,
    pub knobs: KnobValues,
    /// Whether the TOML itself could be read: if not, a missing key may only have been lost.
    pub whole: bool,
}

/// A table of the file with the place of its header.
#[derive(Clone, Debug)]
pub(super) struct View<'d> {
    pub table: &'d DeTable<'d>,
    pub span: Range<usize>,
}

impl<'d> View<'d> {
    /// The value under the key.
    pub fn get(&self, name: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.table.get(name)
    }
    /// Where the key stands.
    pub fn key_span(&self, name: &str) -> Range<usize> {
        self.table.get_key_value(name).map_or(self.span.clone(), |(key, _)| key.span())
    }
    /// The table under the key.
    pub fn table(&self, name: &str) -> Option<View<'d>> {
        let table = self.get(name)?.as_ref().as_table()?;
        Some(View { table, span: self.key_span(name) })
    }
    /// The tables under the key's names, in the order of the file.
    pub fn named(&self, name: &str) -> Vec<(&'d str, View<'d>)> {
        let Some(outer) = self.table(name) else { return Vec::new() };
        let mut found: Vec<(&str, View<'_>)> = outer
            .table
            .iter()
            .filter_map(|(key, value)| {
                let table = value.as_ref().as_table()?;
                Some((key.as_ref().as_ref(), View { table, span: key.span() }))
            })
            .collect();
        found.sort_by_key(|(_, view)| view.span.start);
        found
    }
    /// The tables of the key's list.
    pub fn list(&self, name: &str) -> Vec<View<'d>> {
        let items = self.get(name).and_then(|value| value.as_ref().as_array());
        let view = |item: &'d Spanned<DeValue<'d>>| {
            item.as_ref().as_table().map(|table| View { table, span: item.span() })
        };
        items.into_iter().flat_map(|items| items.iter()).filter_map(view).collect()
    }
}

impl Reader {
    /// Reports unknown keys, missing keys and values of the wrong type, all the way down.
    pub fn check(&mut self, view: &View<'_>, table: &'static Table) {
        for (key, value) in view.table.iter() {
            let name: &str = key.as_ref();
            match table.key(name) {
                Some(known) => self.check_value(known.kind, value, known),
                None => {
                    let message = Text::new(
                        format!("{} has no key `{name}`", table.name),
                        match table.name {
                            "the file" => format!("文件里没有 `{name}` 这个键"),
                            table => format!("{table} 里没有 `{name}` 这个键"),
                        },
                    );
                    let help = suggestion(name, table.keys.iter().map(|key| key.name));
                    self.mistakes.report(key.span(), message, help);
                }
            }
        }
        for key in table.keys.iter().filter(|key| key.required && self.whole) {
            if view.get(key.name).is_none() {
                let message = Text::new(format!("`{}` is missing", key.name), format!("缺少 `{}`", key.name));
                let (en, zh) = key.kind.words();
                let help = Text::new(format!("`{}` is {en}", key.name), format!("`{}` 应是{zh}", key.name));
                self.mistakes.report(view.span.clone(), message, Some(help));
            }
        }
    }

    fn check_value(&mut self, kind: Kind, value: &Spanned<DeValue<'_>>, key: &Key) {
        let span = value.span();
        let inner = value.as_ref();
        let right = match kind {
            Kind::Text => return self.check_text(value, key),
            Kind::String | Kind::Time => inner.is_str(),
            Kind::Word(words) => return self.check_word(value, words, key),
            Kind::Strings => all_strings(inner),
            Kind::StringOrStrings => inner.is_str() || all_strings(inner),
            Kind::Integer(low, high) => return self.check_integer(value, low, high, key),
            Kind::Probability => inner.is_float() || inner.is_integer() || inner.is_str(),
            Kind::Loss(table) => match inner.as_table() {
                Some(found) => {
                    self.check(&View { table: found, span }, table);
                    return;
                }
                None => inner.is_float() || inner.is_integer() || inner.is_str(),
            },
            Kind::FrameNumbers => {
                inner.is_array()
                    || inner
                        .as_table()
                        .is_some_and(|lists| lists.iter().all(|(_, list)| list.as_ref().is_array()))
            }
            Kind::Bool => inner.is_bool(),
            Kind::IntegerOrString => inner.is_integer() || inner.is_str(),
            Kind::Settings | Kind::PerHost => inner.is_table(),
            Kind::Addresses => inner.is_str() || all_strings(inner) || strings_by_key(inner),
            Kind::Table(table) => match inner.as_table() {
                Some(found) => {
                    self.check(&View { table: found, span }, table);
                    return;
                }
                None => false,
            },
            Kind::Named(table) => match inner.as_table() {
                Some(found) => return self.check_named(found, table, key),
                None => false,
            },
            Kind::List(table) => match inner.as_array() {
                Some(items) => return self.check_list(items, table, key),
                None => false,
            },
        };
        if !right {
            self.wrong_type(span, kind, key);
        }
    }

    fn wrong_type(&mut self, span: Range<usize>, kind: Kind, key: &Key) {
        let (en, zh) = kind.words();
        let message = Text::new(
            format!("`{}` has a value of the wrong type", key.name),
            format!("`{}` 的值类型不对", key.name),
        );
        let help = Text::new(format!("it is {en}"), format!("应是{zh}"));
        self.mistakes.report(span, message, Some(help));
    }

    fn check_text(&mut self, value: &Spanned<DeValue<'_>>, key: &Key) {
        let Some(table) = value.as_ref().as_table() else {
            return self.wrong_type(value.span(), Kind::Text, key);
        };
        for (lang, en, zh) in [("en", "English", "英文"), ("zh", "Chinese", "中文")] {
            let given = table.get(lang).and_then(|text| text.as_ref().as_str());
            let span = table.get_key_value(lang).map_or(value.span(), |(key, _)| key.span());
            let message = match given {
                Some(text) if !text.trim().is_empty() => continue,
                Some(_) => Text::new(
                    format!("the {en} of `{}` is empty", key.name),
                    format!("`{}` 的{zh}是空的", key.name),
                ),
                None => Text::new(format!("`{}` has no {en}", key.name), format!("`{}` 缺少{zh}", key.name)),
            };
            let help = Text::new(format!("{lang} = \"…\""), format!("{lang} = \"…\""));
            self.mistakes.report(span, message, Some(help));
        }
        for (name, _) in table.iter().filter(|(name, _)| !matches!(name.as_ref().as_ref(), "en" | "zh")) {
            let message = Text::new(
                format!("`{}` is no language of this program", name.as_ref()),
                format!("这里没有 `{}` 这种语言", name.as_ref()),
            );
            self.mistakes.report(name.span(), message, Some(Text::new("en and zh", "只有 en 和 zh")));
        }
    }

    fn check_word(&mut self, value: &Spanned<DeValue<'_>>, words: &'static [&'static str], key: &Key) {
        match value.as_ref().as_str() {
            Some(word) if words.contains(&word) || word.contains('$') => {}
            Some(word) => {
                let message = Text::new(
                    format!("`{word}` is no {}", key.name),
                    format!("`{}` 不能是 `{word}`", key.name),
                );
                self.mistakes.report(value.span(), message, suggestion(word, words.iter().copied()));
            }
            None => self.wrong_type(value.span(), Kind::Word(words), key),
        }
    }

    fn check_integer(&mut self, value: &Spanned<DeValue<'_>>, low: i64, high: i64, key: &Key) {
        match value.as_ref() {
            DeValue::Integer(number)
                if integer(number).is_some_and(|number| (low..=high).contains(&number)) => {}
            // The TOML parser has reported it already.
            DeValue::Integer(number) if number.as_str().is_empty() => {}
            DeValue::Integer(number) => {
                let message = Text::new(
                    format!("`{}` {number} is out of range", key.name),
                    format!("`{}` 的值 {number} 超出范围", key.name),
                );
                let help = Text::new(format!("from {low} to {high}"), format!("范围是 {low} 到 {high}"));
                self.mistakes.report(value.span(), message, Some(help));
            }
            DeValue::String(_) => {}
            DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                self.wrong_type(value.span(), Kind::Integer(low, high), key);
            }
        }
    }

    fn check_named(&mut self, found: &DeTable<'_>, table: &'static Table, key: &Key) {
        for (name, value) in found.iter() {
            match value.as_ref().as_table() {
                Some(inner) => self.check(&View { table: inner, span: name.span() }, table),
                None => {
                    let message = Text::new(
                        format!("`{}` stands where a name's table should", name.as_ref()),
                        format!("`{}` 的位置应是一个以名字命名的表", name.as_ref()),
                    );
                    let help = Text::new(format!("write {}", table.name), format!("写作 {}", table.name));
                    self.mistakes.report(name.span(), message, Some(help));
                }
            }
        }
        if found.is_empty() {
            let message =
                Text::new(format!("there is no {} at all", key.name), format!("一个 {} 也没有", key.name));
            self.mistakes.report(
                0..0,
                message,
                Some(Text::new(format!("write {}", table.name), format!("写作 {}", table.name))),
            );
        }
    }

    fn check_list(&mut self, items: &DeArray<'_>, table: &'static Table, key: &Key) {
        for item in items.iter() {
            match item.as_ref().as_table() {
                Some(found) => self.check(&View { table: found, span: item.span() }, table),
                None => self.wrong_type(item.span(), Kind::List(table), key),
            }
        }
    }

    /// The string under the key, knobs filled in.
    pub fn piece(&mut self, view: &View<'_>, name: &str) -> Option<Piece> {
        self.piece_of(view.get(name)?)
    }
    /// The string `value`, knobs filled in; `None` if it is no string.
    pub fn piece_of(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Piece> {
        let text = value.as_ref().as_str()?;
        let piece = Piece::of_string(&self.mistakes.source, value.span(), text);
        Some(piece.filled(&self.knobs, &mut self.mistakes))
    }
    /// The strings of the list under the key, or its only string.
    pub fn pieces(&mut self, view: &View<'_>, name: &str) -> Vec<Piece> {
        let Some(value) = view.get(name) else { return Vec::new() };
        match value.as_ref().as_array() {
            Some(items) => items.iter().filter_map(|item| self.piece_of(item)).collect(),
            None => self.piece_of(value).into_iter().collect(),
        }
    }
    /// The text in both languages under the key, knobs filled in; blank lines around it are taken away.
    pub fn text(&mut self, view: &View<'_>, name: &str) -> Text {
        let Some(table) = view.get(name).and_then(|value| value.as_ref().as_table()) else {
            return Text::default();
        };
        let mut in_language = |lang: &str| {
            let piece = table.get(lang).and_then(|value| self.piece_of(value));
            piece.map(|piece| piece.text.trim().to_owned()).unwrap_or_default()
        };
        Text { en: in_language("en"), zh: in_language("zh") }
    }
    /// The boolean under the key.
    pub fn bool(&self, view: &View<'_>, name: &str) -> bool {
        view.get(name).and_then(|value| value.as_ref().as_bool()).unwrap_or(false)
    }
    /// A mistake at a place of the file.
    pub fn report(&mut self, mistake: Mistake) {
        self.mistakes.add(mistake);
    }
}

/// The integer's value; `None` beyond 64 bits.
pub(super) fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn strings_by_key(value: &DeValue<'_>) -> bool {
    value.as_table().is_some_and(|table| {
        table.iter().all(|(_, item)| item.as_ref().is_str() || all_strings(item.as_ref()))
    })
}

fn all_strings(value: &DeValue<'_>) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(|item| item.as_ref().is_str()))
}
