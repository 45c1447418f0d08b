//! Texts of a scenario inside a Python program: literals and comments that nothing in them can end.

use std::fmt::Write;

/// Octets as a literal: `b"hello\n"`.
pub fn octets(octets: &[u8]) -> String {
    let mut written = String::from("b\"");
    for octet in octets {
        match octet {
            b'"' => written.push_str("\\\""),
            b'\\' => written.push_str("\\\\"),
            b'\n' => written.push_str("\\n"),
            b'\r' => written.push_str("\\r"),
            b'\t' => written.push_str("\\t"),
            b' '..=b'~' => written.push(char::from(*octet)),
            _ => {
                let _ = write!(written, "\\x{octet:02x}");
            }
        }
    }
    written.push('"');
    written
}

/// A text as a literal: `"connect(s, server:8080)"`. What is no letter, number or common sign is escaped.
pub fn text(text: &str) -> String {
    // As people write it: in the quotes that are not inside.
    let quote = if text.contains('"') && !text.contains('\'') { '\'' } else { '"' };
    let mut written = String::from(quote);
    for c in text.chars() {
        match c {
            _ if c == quote => {
                written.push('\\');
                written.push(c);
            }
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            ' '..='~' => written.push(c),
            _ if is_plain(c) => written.push(c),
            _ if u32::from(c) < 0x100 => {
                let _ = write!(written, "\\x{:02x}", u32::from(c));
            }
            _ if u32::from(c) < 0x1_0000 => {
                let _ = write!(written, "\\u{:04x}", u32::from(c));
            }
            _ => {
                let _ = write!(written, "\\U{:08x}", u32::from(c));
            }
        }
    }
    written.push(quote);
    written
}

/// A text in one line behind a `#`: what ends lines, is not seen, or turns the direction of writing becomes a space.
pub fn comment(text: &str) -> String {
    let seen = |c: char| if c == ' ' || c.is_ascii_graphic() || is_plain(c) { c } else { ' ' };
    text.chars().map(seen).collect::<String>().trim_end().to_owned()
}

/// Letters and digits of all scripts, and the signs of Chinese and English texts.
fn is_plain(c: char) -> bool {
    !c.is_ascii()
        && (c.is_alphanumeric()
            || matches!(
                c,
                '“' | '”'
                    | '‘'
                    | '’'
                    | '…'
                    | '—'
                    | '–'
                    | '→'
                    | '←'
                    | '≤'
                    | '≥'
                    | '×'
                    | '·'
                    | '°'
            )
            || ('\u{3001}'..='\u{3011}').contains(&c)
            || ('\u{ff01}'..='\u{ff5e}').contains(&c))
}

/// Python's own words, and the names that the programs use themselves.
const TAKEN: [&str; 87] = [
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "match",
    "case",
    "type",
    "argparse",
    "errno",
    "fcntl",
    "meeting",
    "os",
    "select",
    "socket",
    "stat",
    "struct",
    "sys",
    "tempfile",
    "threading",
    "time",
    "expect",
    "failure",
    "kept",
    "main",
    "name_of",
    "options",
    "path_of",
    "pieces",
    "print",
    "seen",
    "urgent_comes",
    "wait_for_sockets",
    "wrong",
    "at_mark",
    "bytearray",
    "bytes",
    "error",
    "input",
    "int",
    "len",
    "max",
    "min",
    "open",
    "range",
    "repr",
    "str",
    "sum",
    "bool",
    "exit",
    "_",
    "OSError",
    "parser",
    "fresh",
    "congestion_of",
    "linger_of",
    "thread",
];

/// A name of a scenario as a name of Python.
pub fn name(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    let first = plain.chars().next().is_none_or(|c| c.is_ascii_digit());
    let plain = if first { format!("_{plain}") } else { plain };
    // What has a `-` in it, and what is taken, gets a sign that no other name of the scenario can have.
    if plain != name || TAKEN.contains(&plain.as_str()) || plain.starts_with("__") || plain.ends_with('_') {
        format!("{plain}_")
    } else {
        plain
    }
}

/// Seconds as a number: `0.25`.
pub fn seconds(nanoseconds: i64) -> String {
    let (whole, part) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
    if part == 0 {
        return whole.to_string();
    }
    format!("{whole}.{part:09}").trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_literal() {
        assert_eq!(octets(b"a\"\\\n\0\xff"), r#"b"a\"\\\n\x00\xff""#);
        assert_eq!(text("a\"'\u{2028}\u{202e}中"), r#""a\"'\u2028\u202e中""#);
        assert_eq!(text("a\"b"), r#"'a"b'"#);
    }

    #[test]
    fn nothing_ends_a_comment() {
        assert_eq!(comment("a\nb\rc\u{2028}d\u{0}e\u{202e}f"), "a b c d e f");
    }

    #[test]
    fn names_are_no_words_of_python() {
        assert_eq!(name("from"), "from_");
        assert_eq!(name("a-b"), "a_b_");
        assert_eq!(name("data"), "data");
    }

    #[test]
    fn times_are_seconds() {
        assert_eq!(seconds(20_000_000), "0.02");
        assert_eq!(seconds(62_000_000_000), "62");
    }
}
