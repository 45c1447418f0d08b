//! A mistake in a scenario file, at its place, in both languages.

use crate::lang::{Lang, Text};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Octets of a line that is shown whole.
const LONGEST_LINE: usize = 2_000;
/// Characters of a longer one that are shown.
const PART: usize = 60;

/// One mistake: where, what, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, or the argument, it is in.
    pub file: String,
    /// The whole text of it.
    pub source: Arc<str>,
    /// Octets of `source` it is about; empty at the end of the text.
    pub span: Range<usize>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: Text,
    /// What would be right, where that is known.
    pub help: Option<Text>,
}

impl Diagnostic {
    /// A mistake at octets `span` of `source`; a span beyond the text, or inside a character, is moved to fit.
    pub fn new(
        file: &str,
        source: &Arc<str>,
        span: Range<usize>,
        message: Text,
        help: Option<Text>,
    ) -> Diagnostic {
        let start = floor(source, span.start);
        let end = floor(source, span.end.max(start)).max(start);
        let before = source.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Diagnostic {
            file: file.to_owned(),
            source: source.clone(),
            span: start..end,
            line,
            column,
            message,
            help,
        }
    }

    /// The mistake with the line it is in, a caret under the place, and what would be right.
    pub fn render(&self, lang: Lang, color: bool) -> String {
        self.render_as(lang.pick("error", "错误"), lang, color)
    }

    /// The same under another name than `error`.
    pub fn render_as(&self, name: &str, lang: Lang, color: bool) -> String {
        if self.line_text().len() > LONGEST_LINE {
            return self.render_part(name, lang);
        }
        let level = Level::ERROR.with_name(name);
        let help = Level::HELP.with_name(lang.pick("help", "改法"));
        let snippet = Snippet::source(&*self.source)
            .path(self.file.as_str())
            .annotation(AnnotationKind::Primary.span(self.span.clone()));
        let mut group = level.primary_title(self.message.get(lang)).element(snippet);
        if let Some(text) = &self.help {
            group = group.element(help.message(text.get(lang)));
        }
        let groups: [Group<'_>; 1] = [group];
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut rendered = renderer.render(&groups);
        if lang == Lang::Zh {
            widen_colon(&mut rendered, 0, name);
            let last = rendered.rfind("改法").unwrap_or(rendered.len());
            widen_colon(&mut rendered, last, "改法");
        }
        rendered.push('\n');
        rendered
    }

    /// The line it is in.
    fn line_text(&self) -> &str {
        let start =
            self.source.get(..self.span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        self.source.get(start..).and_then(|rest| rest.split('\n').next()).unwrap_or_default()
    }

    /// The same with a part of the line: what is longer than any line that people write is not shown whole.
    fn render_part(&self, name: &str, lang: Lang) -> String {
        let before: Vec<char> = self.line_text().chars().take(self.column - 1).collect();
        let shown: String = before[before.len().saturating_sub(PART / 2)..].iter().collect();
        let rest: String = self.line_text().chars().skip(self.column - 1).take(PART).collect();
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let caret = " ".repeat(unicode_width::UnicodeWidthStr::width(shown.as_str()) + 1);
        let help = match &self.help {
            Some(text) => {
                format!("{margin} = {}{}\n", lang.pick("help: ", "改法："), text.get(lang))
            }
            None => String::new(),
        };
        format!(
            "{name}{}{}\n{margin}--> {}:{}:{}\n{margin} |\n{number} | …{shown}{rest}…\n{margin} | {caret}^\n{help}",
            lang.pick(": ", "："),
            self.message.get(lang),
            self.file,
            self.line,
            self.column,
        )
    }

    /// One line: `file:line:column: message`.
    pub fn line(&self, lang: Lang) -> String {
        format!("{}:{}:{}: {}", self.file, self.line, self.column, self.message.get(lang))
    }
}

/// In English, on one line.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line(Lang::En))
    }
}

impl std::error::Error for Diagnostic {}

/// Makes the colon behind a name, which the renderer writes as English has it, a Chinese one. Between the two there may be a
/// change of colour.
fn widen_colon(rendered: &mut String, from: usize, name: &str) {
    let named = rendered.get(from..).and_then(|rest| rest.find(name)).map(|at| from + at + name.len());
    let colon = named.and_then(|behind| rendered.get(behind..)?.find(": ").map(|at| (behind, behind + at)));
    if let Some((behind, colon)) = colon
        && rendered[behind..colon].chars().all(|c| c == '\u{1b}' || c.is_ascii_digit() || "[;m".contains(c))
    {
        rendered.replace_range(colon..colon + 2, "：");
    }
}

/// The greatest place not beyond `at` where a character begins or the text ends.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(source: &str, span: Range<usize>) -> Diagnostic {
        let message = Text::new("it is wrong", "这里错了");
        Diagnostic::new(
            "a.toml",
            &Arc::from(source),
            span,
            message,
            Some(Text::new("do it so", "应当这样写")),
        )
    }

    #[test]
    fn line_and_column_count_characters_from_one() {
        let diagnostic = mistake("一二\n三x四\n", 10..11);
        assert_eq!((diagnostic.line, diagnostic.column), (2, 2));
    }

    #[test]
    fn the_caret_stands_under_its_place_behind_wide_characters() {
        let rendered = mistake("标题 = x\n", 9..10).render(Lang::Zh, false);
        let lines: Vec<&str> = rendered.lines().collect();
        assert!(lines[0].contains("错误") && lines[0].contains("这里错了"), "{rendered}");
        let code = lines.iter().position(|line| line.contains("标题")).unwrap();
        let cells = |line: &str, until: char| {
            unicode_width::UnicodeWidthStr::width(line.split(until).next().unwrap_or_default())
        };
        assert_eq!(cells(lines[code], 'x'), cells(lines[code + 1], '^'), "{rendered}");
        assert!(
            rendered.contains("改法：应当这样写") && rendered.starts_with("错误：这里错了"),
            "{rendered}"
        );
        let colored = mistake("标题 = x\n", 9..10).render(Lang::Zh, true);
        assert!(!colored.contains(": ") && colored.matches('：').count() == 2, "{colored:?}");
    }

    #[test]
    fn of_a_line_of_endless_length_a_part_is_shown_with_the_caret_at_its_place() {
        let source = format!("{}!{}", "一".repeat(1_000), "x".repeat(100_000));
        let rendered = mistake(&source, 3_000..3_001).render(Lang::En, false);
        assert!(rendered.len() < 1_000 && rendered.contains("a.toml:1:1001"), "{rendered}");
        let lines: Vec<&str> = rendered.lines().collect();
        let code = lines.iter().position(|line| line.contains('!')).unwrap();
        let cells = |line: &str, until: char| {
            unicode_width::UnicodeWidthStr::width(line.split(until).next().unwrap_or_default())
        };
        assert_eq!(cells(lines[code], '!'), cells(lines[code + 1], '^'), "{rendered}");
    }

    #[test]
    fn a_span_that_does_not_fit_the_text_is_moved() {
        for span in [(0, 100), (50, 60), (1, 2), (2, 1)] {
            let diagnostic = mistake("二", Range { start: span.0, end: span.1 });
            assert!(!diagnostic.render(Lang::En, false).is_empty());
        }
        assert!(!mistake("", 0..0).render(Lang::En, true).is_empty());
    }
}
