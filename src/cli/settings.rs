//! What holds for the whole call: language, glyphs, colour, quiet; from arguments first, then from the environment.

use super::args::{ColorArg, DiagramOptions, Global, GlyphsArg, LangArg, ScaleArg};
use crate::lang::Lang;
use crate::view::{Glyphs, Look, Scale};
use std::ffi::OsString;
use std::io::IsTerminal;

/// What holds for the whole call.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How to draw.
    pub look: Look,
    /// Whether progress and remarks on stderr are unwanted.
    pub quiet: bool,
    /// Whether what goes to stderr may be coloured.
    pub error_color: bool,
}

impl Settings {
    /// From the parsed arguments and the environment.
    pub fn new(global: &Global, lang: Lang) -> Settings {
        let lang = match global.lang {
            Some(LangArg::En) => Lang::En,
            Some(LangArg::Zh) => Lang::Zh,
            None => lang,
        };
        let glyphs = match global.glyphs {
            Some(GlyphsArg::Box) => Glyphs::Box,
            Some(GlyphsArg::Ascii) => Glyphs::Ascii,
            Some(GlyphsArg::Wide) => Glyphs::Wide,
            None => glyphs_for(&locale()),
        };
        let color = match global.color {
            ColorArg::Always => true,
            ColorArg::Never => false,
            ColorArg::Auto => wants_color(std::io::stdout().is_terminal()),
        };
        let error_color = match global.color {
            ColorArg::Always => true,
            ColorArg::Never => false,
            ColorArg::Auto => wants_color(std::io::stderr().is_terminal()),
        };
        colored::control::set_override(color);
        let look = Look { lang, glyphs, width: usize::from(global.width), color, ..Look::default() };
        Settings { look, quiet: global.quiet, error_color }
    }

    /// How to draw a diagram that counts like that; `absolute` if the lesson is about the numbers on the wire.
    pub fn diagram(&self, options: DiagramOptions, absolute: bool) -> Look {
        let scale = match options.scale {
            ScaleArg::Steps => Scale::Steps,
            ScaleArg::Linear => Scale::Linear,
        };
        Look { absolute: options.absolute || absolute, scale, ..self.look.clone() }
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.look.lang
    }
}

fn wants_color(terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value: OsString| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    terminal && !set("NO_COLOR") && !dumb
}

/// The locale of messages: the first of LC_ALL, LC_MESSAGES and LANG that is set.
fn locale() -> String {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .unwrap_or_default()
}

/// The language before the arguments are parsed: `--lang` wherever it stands, else the locale's.
pub fn language(arguments: &[OsString]) -> Lang {
    let mut words =
        arguments.iter().skip(1).filter_map(|word| word.to_str()).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--lang") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        match value {
            Some("en") => return Lang::En,
            Some("zh") => return Lang::Zh,
            Some(_) | None => {}
        }
    }
    language_of(&locale())
}

fn language_of(locale: &str) -> Lang {
    let lower = locale.to_ascii_lowercase();
    if lower == "zh" || lower.starts_with("zh_") || lower.starts_with("zh-") || lower.starts_with("zh.") {
        Lang::Zh
    } else {
        Lang::En
    }
}

/// Plain ASCII where the locale is C's; two-cell drawing where it names an old Chinese, Japanese or Korean character
/// set, whose terminals draw that way; else one-cell drawing.
fn glyphs_for(locale: &str) -> Glyphs {
    let lower = locale.to_ascii_lowercase();
    let charset = lower.split('.').nth(1).unwrap_or("");
    let charset = charset.split('@').next().unwrap_or("");
    if lower == "c" || lower == "posix" {
        Glyphs::Ascii
    } else if ["gb", "big5", "euc", "sjis", "shift", "cp936", "cp950", "cp932", "cp949", "ksc"]
        .iter()
        .any(|old| charset.starts_with(old))
    {
        Glyphs::Wide
    } else {
        Glyphs::Box
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_chooses_language_and_glyphs() {
        assert_eq!(language_of("zh_CN.UTF-8"), Lang::Zh);
        assert_eq!(language_of("en_US.UTF-8"), Lang::En);
        assert_eq!(language_of(""), Lang::En);
        assert_eq!(glyphs_for("zh_CN.UTF-8"), Glyphs::Box);
        assert_eq!(glyphs_for("zh_CN.GB18030"), Glyphs::Wide);
        assert_eq!(glyphs_for("C"), Glyphs::Ascii);
        assert_eq!(glyphs_for("C.UTF-8"), Glyphs::Box);
        assert_eq!(glyphs_for(""), Glyphs::Box);
    }

    #[test]
    fn the_language_is_found_among_the_arguments_before_they_are_parsed() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(language(&words("wirewalk run x --lang zh")), Lang::Zh);
        assert_eq!(language(&words("wirewalk --lang=zh --help")), Lang::Zh);
        assert_eq!(language(&words("wirewalk --lang en list")), Lang::En);
    }
}
