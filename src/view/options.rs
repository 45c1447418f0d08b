//! What a question offers: one line for each, with its letter.

use super::{Ink, Line, Look};
use crate::lang::Text;

/// The offers with their letters, wrapped to the width.
pub fn options(offered: &[(char, Text)], look: &Look) -> Vec<Line> {
    const INDENT: usize = 6;
    let mut lines = Vec::new();
    for (letter, text) in offered {
        for (at, part) in look.wrap(text.get(look.lang), look.width.saturating_sub(INDENT)).iter().enumerate()
        {
            let mut line = Line::new();
            if at == 0 {
                line.to(3).push(look, Ink::Call, &letter.to_string());
            }
            line.to(INDENT).push(look, Ink::Plain, part);
            lines.push(line);
        }
    }
    lines
}
