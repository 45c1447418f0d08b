//! A drawing in one theme, where it is not to follow its reader's.

use serde::Deserialize;

/// A theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What the style sheet asks in front of its dark colours.
const ASKS: &str = "@media (prefers-color-scheme: dark)";

/// The drawing, standing alone, in that theme whatever its reader prefers. Paper stays light.
pub fn themed(drawing: &str, theme: Theme) -> String {
    drawing.replace(
        ASKS,
        match theme {
            Theme::Light => "@media not all",
            Theme::Dark => "@media screen",
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::svg::STYLE;

    #[test]
    fn a_themed_drawing_no_longer_asks_its_reader() {
        assert!(STYLE.contains(ASKS));
        for theme in [Theme::Light, Theme::Dark] {
            assert!(!themed(STYLE, theme).contains("prefers-color-scheme"));
        }
        assert_ne!(themed(STYLE, Theme::Light), themed(STYLE, Theme::Dark));
    }
}
