//! What a program's text says besides its statements: comments, in both languages.

use crate::lang::Lang;
use crate::scenario::lex::words;

/// One line of a program's text as people read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceLine<'a> {
    /// Indentation and statement, without blanks at the end; empty if the line has a comment alone, or nothing.
    pub code: &'a str,
    /// The comment, without its `#`: the half in the language asked for.
    pub comment: Option<&'a str>,
    /// The column (from 0, in characters) of the comment's `#`.
    pub column: usize,
}

/// The text's lines, their comments in `lang`. A comment in both languages has ` | ` between English and Chinese;
/// one without belongs to both.
pub(super) fn source_lines(text: &str, lang: Lang) -> Vec<SourceLine<'_>> {
    text.lines().map(|line| parted(line, lang)).collect()
}

fn parted(line: &str, lang: Lang) -> SourceLine<'_> {
    let end = words(line, 0).map_or(line.len(), |tokens| tokens.last().map_or(0, |token| token.span.end));
    let (before, rest) = line.split_at(end);
    let column = line.chars().count() - rest.trim_start().chars().count();
    let comment = rest.trim().strip_prefix('#').map(str::trim);
    let half = comment.map(|comment| comment_in(comment, lang)).filter(|half| !half.is_empty());
    SourceLine { code: before.trim_end(), comment: half, column }
}

/// The half of a comment that is in that language; all of it where it has no halves.
pub fn comment_in(comment: &str, lang: Lang) -> &str {
    comment.split_once(" | ").map_or(comment, |(en, zh)| lang.pick(en, zh).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_given_in_the_language_asked_for() {
        let line = |lang| source_lines("  close(s)   # the end | 结束", lang)[0];
        assert_eq!(line(Lang::En), SourceLine { code: "  close(s)", comment: Some("the end"), column: 13 });
        assert_eq!(line(Lang::Zh), SourceLine { code: "  close(s)", comment: Some("结束"), column: 13 });
    }

    #[test]
    fn one_language_is_for_both_and_a_hash_in_a_text_begins_no_comment() {
        for lang in [Lang::En, Lang::Zh] {
            let lines = source_lines("# RFC 793\n\nsend(s, \"a # b | c\")\nwhen a > b S #2  # two", lang);
            assert_eq!(lines[0], SourceLine { code: "", comment: Some("RFC 793"), column: 0 });
            assert_eq!((lines[1].code, lines[1].comment), ("", None));
            assert_eq!((lines[2].code, lines[2].comment), ("send(s, \"a # b | c\")", None));
            assert_eq!((lines[3].code, lines[3].comment), ("when a > b S #2", Some("two")));
        }
    }
}
