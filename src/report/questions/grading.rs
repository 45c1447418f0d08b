//! What a learner answered, held against what is right.

use super::{Form, Solved};
use crate::clock::Span;
use crate::lang::Text;

/// How an answer was graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grade {
    /// Right.
    Right,
    /// Wrong; this is right.
    Wrong(Text),
}

/// What counts as the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words: case, spaces, `-` and `_` do not matter.
    Word,
    /// A whole number: nor do separators.
    Number,
    /// TCP's flags: nor does their order; `SYN+ACK` is `SA`.
    Flags,
    /// A time, with or without its unit; rounding is allowed.
    Time(Span),
}

/// TCP's flags as people also call them.
const FLAGS: [(&str, &str); 8] = [
    ("syn", "s"),
    ("ack", "a"),
    ("fin", "f"),
    ("psh", "p"),
    ("rst", "r"),
    ("urg", "u"),
    ("ece", "e"),
    ("cwr", "c"),
];

/// Units of time as people write them, longer ones before their ends, in nanoseconds.
const UNITS: [(&str, f64); 31] = [
    ("毫秒", 1e6),
    ("微秒", 1e3),
    ("纳秒", 1.0),
    ("秒钟", 1e9),
    ("秒", 1e9),
    ("分钟", 60e9),
    ("分", 60e9),
    ("小时", 3_600e9),
    ("时", 3_600e9),
    ("天", 86_400e9),
    ("milliseconds", 1e6),
    ("millisecond", 1e6),
    ("microseconds", 1e3),
    ("microsecond", 1e3),
    ("msec", 1e6),
    ("seconds", 1e9),
    ("second", 1e9),
    ("secs", 1e9),
    ("sec", 1e9),
    ("minutes", 60e9),
    ("minute", 60e9),
    ("hours", 3_600e9),
    ("hour", 3_600e9),
    ("min", 60e9),
    ("ms", 1e6),
    ("us", 1e3),
    // The micro sign and the Greek letter look alike.
    ("µs", 1e3),
    ("μs", 1e3),
    ("ns", 1.0),
    ("s", 1e9),
    ("h", 3_600e9),
];

/// How far a rounded time may be from the true one.
const ROUNDING: f64 = 0.05;

impl Solved {
    /// The right answer, as a learner should have given it: `SA`, `B`, `C A B`.
    pub fn right(&self) -> Text {
        match &self.form {
            Form::Words { right, .. } => right.first().cloned().unwrap_or_default(),
            Form::Choice { right, .. } => super::plain(letter(*right)),
            Form::Order { right, .. } => {
                let letters: Vec<String> = right.iter().map(|place| letter(*place).to_string()).collect();
                super::plain(letters.join(" "))
            }
        }
    }

    /// The right answer in full: of a choice the letter with what it stands for.
    pub fn right_in_full(&self) -> Text {
        let Form::Choice { options, right } = &self.form else { return self.right() };
        let Some(option) = options.get(*right) else { return self.right() };
        let letter = letter(*right);
        Text::new(format!("{letter}  {}", option.en), format!("{letter}  {}", option.zh))
    }

    /// What there is to choose from or to put in order, with its letters; nothing where the answer is typed freely.
    pub fn options(&self) -> Vec<(char, Text)> {
        let options = match &self.form {
            Form::Words { .. } => &[][..],
            Form::Choice { options, .. } => options,
            Form::Order { items, .. } => items,
        };
        options.iter().enumerate().map(|(place, option)| (letter(place), option.clone())).collect()
    }

    /// Grades what a learner typed.
    pub fn grade(&self, typed: &str) -> Grade {
        let typed = &narrow(typed);
        let right = match &self.form {
            Form::Words { right, kind } => {
                right.iter().any(|right| same(*kind, typed, &right.en) || same(*kind, typed, &right.zh))
            }
            Form::Choice { options, right } => chosen(typed, options) == Some(*right),
            Form::Order { items, right } => ordered(typed, items.len()).as_ref() == Some(right),
        };
        if right { Grade::Right } else { Grade::Wrong(self.right_in_full()) }
    }
}

/// The letter of a choice: A, B, C…
pub fn letter(place: usize) -> char {
    u8::try_from(place).ok().and_then(|place| b'A'.checked_add(place)).map_or('?', char::from)
}

/// What was typed with full-width letters, digits and signs, as Chinese keyboards write them, made narrow.
fn narrow(typed: &str) -> String {
    let narrow = |letter: char| match letter {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        '。' => '.',
        _ => letter,
    };
    typed.chars().map(narrow).collect()
}

/// The place of the choice that was typed: its letter, whatever signs stand about it (`B.`, `(b)`), or its own words.
fn chosen(typed: &str, options: &[Text]) -> Option<usize> {
    let given = canonical(typed);
    let bare = given.trim_matches(|letter: char| letter.is_ascii_punctuation() || letter == '、');
    let by_letter = (0..options.len()).find(|place| bare == letter(*place).to_lowercase().to_string());
    by_letter.or_else(|| {
        options.iter().position(|option| canonical(&option.en) == given || canonical(&option.zh) == given)
    })
}

/// The places in the order typed: letters, whatever stands between them.
fn ordered(typed: &str, count: usize) -> Option<Vec<usize>> {
    let letters = typed.chars().filter(|character| character.is_alphanumeric());
    let place = |character: char| {
        let place = (character.to_ascii_uppercase() as u32).checked_sub('A' as u32)? as usize;
        (place < count).then_some(place)
    };
    letters.map(place).collect()
}

/// Whether what was typed says the same as what is right.
pub(super) fn same(kind: Kind, typed: &str, right: &str) -> bool {
    if typed.trim().is_empty() {
        return false;
    }
    match kind {
        Kind::Word => canonical(typed) == canonical(right),
        Kind::Number => number(typed) == number(right),
        Kind::Flags => flags(typed) == flags(right),
        Kind::Time(right) => time(typed).is_some_and(|typed| typed.is(right)),
    }
}

/// Narrow, without case, spaces, and what joins words.
pub(super) fn canonical(text: &str) -> String {
    narrow(text)
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, ',' | '，' | '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Digits without separators and leading zeros; anything else as it is.
fn number(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, ',' | '，' | '_'))
        .flat_map(char::to_lowercase)
        .collect();
    text.parse::<u64>().map_or(text, |number| number.to_string())
}

/// The letters of a set of flags, sorted.
fn flags(text: &str) -> String {
    let mut text = text.to_lowercase();
    for (name, letter) in FLAGS {
        text = text.replace(name, letter);
    }
    let between =
        |letter: &char| letter.is_whitespace() || matches!(letter, ',' | '，' | '+' | '/' | '|' | '、');
    let mut letters: Vec<char> = text.chars().filter(|letter| !between(letter)).collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// A time as it was typed, in nanoseconds.
struct Typed {
    nanos: f64,
    /// What its last digit is worth.
    last_digit: f64,
}

impl Typed {
    /// Whether it is that time, or that time rounded to the digits typed.
    fn is(&self, right: Span) -> bool {
        let right = right.as_nanos() as f64;
        let off = (self.nanos - right).abs();
        off < 0.5 || (off <= self.last_digit / 2.0 && off <= right * ROUNDING)
    }
}

/// Reads a time: a number, seconds unless a unit follows.
fn time(text: &str) -> Option<Typed> {
    let text: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '_').collect();
    let text = text.to_lowercase();
    let (digits, scale) = UNITS
        .into_iter()
        .find_map(|(unit, scale)| text.strip_suffix(unit).map(|digits| (digits, scale)))
        .unwrap_or((&text, 1e9));
    if digits.is_empty() || !digits.chars().all(|letter| letter.is_ascii_digit() || letter == '.') {
        return None;
    }
    let behind = digits.split_once('.').map_or(0, |(_, behind)| behind.len()) as i32;
    let number: f64 = digits.parse().ok()?;
    Some(Typed { nanos: number * scale, last_digit: scale * 10f64.powi(-behind) })
}

#[cfg(test)]
mod tests {
    use super::super::{Moment, plain};
    use super::*;

    fn solved(form: Form) -> Solved {
        Solved { number: 1, moment: Moment::End, form, proof: None, change: None }
    }

    #[test]
    fn a_time_may_have_any_unit_and_full_width_digits() {
        let time = Span::nanos(20_000_000);
        let solved = solved(Form::Words { right: vec![plain("20ms")], kind: Kind::Time(time) });
        for typed in [
            "20ms",
            "20 MS",
            "0.02",
            "0.02 sec",
            "0.02 secs",
            "20 milliseconds",
            "20 millisecond",
            "20 msec",
            "20000 us",
            "20000 µs",
            "20000 μs",
            "20000 microseconds",
            "20毫秒",
            "２０毫秒",
            "０．０２秒",
        ] {
            assert_eq!(solved.grade(typed), Grade::Right, "{typed}");
        }
        for typed in
            ["20", "20 s", "2 sec", "20 us", "21ms", "", "。", "ms", "1.2.3ms", "-20ms", "nan", "inf"]
        {
            assert!(matches!(solved.grade(typed), Grade::Wrong(_)), "{typed}");
        }
    }

    #[test]
    fn of_a_choice_the_letter_is_enough_whatever_stands_about_it() {
        let options = ["SYN-SENT", "ESTABLISHED", "CLOSED"].map(plain).to_vec();
        let choice = solved(Form::Choice { options, right: 1 });
        for typed in
            ["B", "b", "B.", "(b)", "B)", "Ｂ", "（Ｂ）", "b、", "established", "ＥＳＴＡＢＬＩＳＨＥＤ"]
        {
            assert_eq!(choice.grade(typed), Grade::Right, "{typed}");
        }
        for typed in ["A", "C.", "D", "AB", "", "()", "B C", "closed"] {
            assert!(matches!(choice.grade(typed), Grade::Wrong(_)), "{typed}");
        }
        let order = solved(Form::Order { items: ["x", "y", "z"].map(plain).to_vec(), right: vec![2, 0, 1] });
        for typed in ["C A B", "cab", "C>A>B", "Ｃ、Ａ、Ｂ", "c，a，b"] {
            assert_eq!(order.grade(typed), Grade::Right, "{typed}");
        }
        for typed in ["C A", "C A B B", "C A D", "", "312"] {
            assert!(matches!(order.grade(typed), Grade::Wrong(_)), "{typed}");
        }
    }
}
