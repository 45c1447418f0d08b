//! How things look: language, glyphs, width, colour. Widths are terminal cells, not characters.

use crate::lang::Lang;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Which characters lines and arrows are drawn with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// Box-drawing characters, one cell each.
    #[default]
    Box,
    /// ASCII only.
    Ascii,
    /// Box-drawing characters on a terminal that shows them (and all of Unicode's ambiguous widths) two cells wide.
    Wide,
}

impl Glyphs {
    /// All of them with the names the command line gives them.
    pub const ALL: [(Glyphs, &'static str); 3] =
        [(Glyphs::Box, "box"), (Glyphs::Ascii, "ascii"), (Glyphs::Wide, "wide")];

    /// The glyph set of that name.
    pub fn from_name(name: &str) -> Option<Glyphs> {
        Glyphs::ALL.iter().find(|(_, known)| *known == name).map(|(glyphs, _)| *glyphs)
    }
}

/// How time runs down a sequence diagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// One row for each thing that happens, however long it takes.
    #[default]
    Steps,
    /// In proportion to time.
    Linear,
}

impl Scale {
    /// Both with the names the command line gives them.
    pub const ALL: [(Scale, &'static str); 2] = [(Scale::Steps, "steps"), (Scale::Linear, "linear")];

    /// The other one.
    pub fn other(self) -> Scale {
        match self {
            Scale::Steps => Scale::Linear,
            Scale::Linear => Scale::Steps,
        }
    }
}

/// How a view is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Language of all words.
    pub lang: Lang,
    /// Drawing characters.
    pub glyphs: Glyphs,
    /// Cells a line may take, at least [`Look::NARROWEST`].
    pub width: usize,
    /// Whether colour is used; it never carries meaning alone.
    pub color: bool,
    /// Whether sequence numbers are shown as on the wire instead of relative to the initial ones.
    pub absolute: bool,
    /// How time runs down a sequence diagram.
    pub scale: Scale,
}

impl Default for Look {
    fn default() -> Look {
        Look {
            lang: Lang::En,
            glyphs: Glyphs::Box,
            width: 80,
            color: false,
            absolute: false,
            scale: Scale::Steps,
        }
    }
}

impl Look {
    /// The least width the views are made for. Below it a sequence diagram gives its words lines of their own.
    pub const NARROWEST: usize = 72;

    /// Cells the character takes.
    pub fn char_width(&self, character: char) -> usize {
        match self.glyphs {
            Glyphs::Wide => character.width_cjk(),
            Glyphs::Box | Glyphs::Ascii => character.width(),
        }
        .unwrap_or(0)
    }

    /// Cells the text takes.
    pub fn text_width(&self, text: &str) -> usize {
        match self.glyphs {
            Glyphs::Wide => text.width_cjk(),
            Glyphs::Box | Glyphs::Ascii => text.width(),
        }
    }

    /// The text without control characters, and with ASCII drawing if that is asked for.
    pub fn clean<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let odd = |c: char| c.is_control() || (self.glyphs == Glyphs::Ascii && ascii_for(c).is_some());
        if !text.contains(odd) {
            return Cow::Borrowed(text);
        }
        let mut cleaned = String::with_capacity(text.len());
        for character in text.chars() {
            match ascii_for(character) {
                Some(plain) if self.glyphs == Glyphs::Ascii => cleaned.push_str(plain),
                _ if character.is_control() => cleaned.push(' '),
                _ => cleaned.push(character),
            }
        }
        Cow::Owned(cleaned)
    }

    /// The longest beginning of `text` that fits in `cells`, ending in `…` if something was cut.
    pub fn fit(&self, text: &str, cells: usize) -> String {
        let text = self.clean(text);
        if self.text_width(&text) <= cells {
            return text.into_owned();
        }
        let mark = if self.glyphs == Glyphs::Ascii { "~" } else { "…" };
        let room = cells.saturating_sub(self.text_width(mark));
        let mut fitted = String::new();
        let mut used = 0;
        for character in text.chars() {
            used += self.char_width(character);
            if used > room {
                break;
            }
            fitted.push(character);
        }
        let mut fitted = fitted.trim_end().to_owned();
        if self.text_width(mark) <= cells {
            fitted.push_str(mark);
        }
        fitted
    }

    /// A word longer than a line, broken behind a bracket, comma or colon where one is near enough.
    fn break_word(
        &self,
        word: &str,
        cells: usize,
        line: &mut String,
        used: &mut usize,
        lines: &mut Vec<String>,
    ) {
        for character in word.chars() {
            let width = self.char_width(character);
            if *used + width > cells {
                let half = line.char_indices().nth(line.chars().count() / 2).map_or(0, |(at, _)| at);
                let near = line.rfind(['(', ',', ':', '/', '=']).map(|at| at + 1).filter(|at| *at > half);
                let rest = near.map(|at| line.split_off(at)).unwrap_or_default();
                lines.push(std::mem::replace(line, rest));
                *used = self.text_width(line);
            }
            line.push(character);
            *used += width;
        }
    }

    /// One line and its end, broken where it is longer than the width; what goes on in the next is indented by two cells.
    pub fn hanging(&self, line: &str) -> String {
        let mut text = self.wrap(line, self.width - 2).join("\n  ");
        text.push('\n');
        text
    }

    /// `text` broken into lines of at most `cells`: at spaces, or between Chinese characters (never before a closing mark).
    pub fn wrap(&self, text: &str, cells: usize) -> Vec<String> {
        let text = self.clean(text);
        let cells = cells.max(8);
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut used = 0;
        for piece in pieces(&text) {
            let width = self.text_width(piece);
            if used + self.text_width(piece.trim_end()) > cells && used > 0 {
                lines.push(line.trim_end().to_owned());
                line.clear();
                used = 0;
            }
            if width > cells {
                self.break_word(piece, cells, &mut line, &mut used, &mut lines);
            } else {
                line.push_str(piece);
                used += width;
            }
        }
        if !line.trim_end().is_empty() || lines.is_empty() {
            lines.push(line.trim_end().to_owned());
        }
        lines
    }
}

/// Breaks text where a line may end: after a run of spaces, and around Chinese characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, character) in text.char_indices() {
        if let Some(previous) = before {
            let after_space = previous == ' ' && character != ' ';
            let cjk = (is_ideograph(previous) || is_ideograph(character)) && character != ' ';
            let glued = closes(character) || opens(previous);
            if at > start && (after_space || (cjk && !glued)) {
                found.push(&text[start..at]);
                start = at;
            }
        }
        before = Some(character);
    }
    if start < text.len() {
        found.push(&text[start..]);
    }
    found
}

fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}')
}

fn closes(character: char) -> bool {
    "，。；：、？！）］｝】〕〉」』》”’％,.;:?!)]}%…".contains(character)
}

fn opens(character: char) -> bool {
    "（［｛【〔〈「『《“‘([{".contains(character)
}

/// What stands for a drawing or typographic character where only ASCII may be drawn.
fn ascii_for(character: char) -> Option<&'static str> {
    Some(match character {
        '│' | '┤' | '├' | '┆' | '┊' | '╎' => "|",
        '─' | '┄' | '╌' | '–' | '╴' | '╶' | '━' => "-",
        '┼' | '╭' | '╮' | '╰' | '╯' | '┌' | '┐' | '└' | '┘' | '┬' | '┴' => "+",
        '▸' | '▶' | '►' | '›' => ">",
        '▼' => "v",
        '◂' | '◀' | '◄' => "<",
        '✗' | '✕' | '×' => "x",
        '✓' => "v",
        '≈' => "~",
        '→' => "->",
        '←' => "<-",
        '↑' => "^",
        '↓' => "v",
        '·' | '•' => "-",
        '…' => "...",
        '—' => "--",
        '’' | '‘' => "'",
        '“' | '”' => "\"",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        'µ' | 'μ' => "u",
        '¹' => "[1]",
        '²' => "[2]",
        '³' => "[3]",
        '⁴' => "[4]",
        '⁵' => "[5]",
        '⁶' => "[6]",
        '⁷' => "[7]",
        '⁸' => "[8]",
        '⁹' => "[9]",
        '█' | '▇' | '▆' | '▅' | '▄' => "#",
        '▃' | '▂' | '▁' => "_",
        '⋮' => ":",
        '⁰' => "[0]",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_is_two_cells_and_wide_glyphs_make_box_drawing_two_cells() {
        let narrow = Look::default();
        let wide = Look { glyphs: Glyphs::Wide, ..Look::default() };
        assert_eq!(narrow.text_width("三次握手"), 8);
        assert_eq!(narrow.text_width("──│"), 3);
        assert_eq!(wide.text_width("──│"), 6);
    }

    #[test]
    fn fitting_never_takes_more_cells_than_given() {
        for glyphs in [Glyphs::Box, Glyphs::Ascii, Glyphs::Wide] {
            let look = Look { glyphs, ..Look::default() };
            for cells in 0..20 {
                for text in ["三次握手：同步", "a plain text — with a dash", "──────────────", ""]
                {
                    assert!(look.text_width(&look.fit(text, cells)) <= cells, "{text} in {cells}");
                }
            }
        }
    }

    #[test]
    fn wrapping_keeps_every_word_and_starts_no_line_with_a_closing_mark() {
        let look = Look::default();
        let text = "服务器收到 SYN 后，建立半连接，回答 SYN+ACK；客户端确认之后，连接才算建立。";
        for cells in 10..60 {
            let lines = look.wrap(text, cells);
            assert!(lines.iter().all(|line| look.text_width(line) <= cells), "{lines:?}");
            assert!(lines.iter().all(|line| !line.starts_with(['，', '。', '；'])), "{lines:?}");
            let squeezed: String = lines.concat().replace(' ', "");
            assert_eq!(squeezed, text.replace(' ', ""));
        }
    }

    #[test]
    fn wrapping_ends_no_line_with_an_opening_bracket() {
        let look = Look::default();
        let text =
            "画什么 ［可选：sequence、log、layers］ ［默认：sequence］，“引号”（括号）【方头】与《书名》。";
        for cells in 18..60 {
            let lines = look.wrap(text, cells);
            let opening = ['［', '“', '（', '【', '《'];
            let closing = ['］', '”', '）', '】', '》', '。', '，', '、'];
            assert!(lines.iter().all(|line| !line.ends_with(opening)), "{cells}: {lines:?}");
            assert!(lines.iter().all(|line| !line.starts_with(closing)), "{cells}: {lines:?}");
            assert!(lines.iter().all(|line| look.text_width(line) <= cells), "{cells}: {lines:?}");
        }
    }

    #[test]
    fn ascii_glyphs_leave_no_drawing_character() {
        let look = Look { glyphs: Glyphs::Ascii, ..Look::default() };
        assert!(look.clean("├╴ ── S ──▸│ ✗ ✓ … ·").is_ascii());
    }

    #[test]
    fn control_characters_from_outside_never_reach_the_terminal() {
        assert_eq!(Look::default().clean("a\u{1b}[31mb\nc"), "a [31mb c");
    }
}
