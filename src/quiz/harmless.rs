//! Cells that no spreadsheet takes for a formula.

use std::borrow::Cow;

/// The text with an apostrophe before it where a spreadsheet would compute it: what begins with `= + - @`, a tab or a
/// carriage return (OWASP, "CSV injection"). Spaces before those are no protection.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{3000}']).chars().next();
    // Full-width signs are the same to some spreadsheets.
    let begins =
        |first| matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    if first.is_some_and(begins) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}
