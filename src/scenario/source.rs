//! Text with its place in the file: the mistakes found so far, and strings whose every octet knows where it came from.

use super::nearest::nearest;
use super::{Diagnostic, limits};
use crate::lang::Text;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// A mistake before it has found its place in the file: the span counts within a [`Piece`].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mistake {
    pub span: Range<usize>,
    pub message: Text,
    pub help: Option<Text>,
}

/// What the readers of small languages return: syntax that cannot be read ends a line.
pub(super) type Parse<T> = Result<T, Box<Mistake>>;

impl Mistake {
    pub fn new(span: Range<usize>, en: impl Into<String>, zh: impl Into<String>) -> Mistake {
        Mistake { span, message: Text::new(en, zh), help: None }
    }
    /// With what would be right.
    pub fn help(mut self, en: impl Into<String>, zh: impl Into<String>) -> Mistake {
        self.help = Some(Text::new(en, zh));
        self
    }
    /// With the known names nearest to `name`, or all of them if they are few, as help.
    pub fn known<'a>(mut self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Mistake {
        self.help = suggestion(name, known);
        self
    }
}

/// "did you mean …", or "there are …" where nothing is near and the list is short.
pub(super) fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Text> {
    const FEW: usize = 16;
    let known: Vec<&str> = known.into_iter().collect();
    let near = nearest(name, known.iter().copied());
    if !near.is_empty() {
        let (en, zh) = (near.join(", "), near.join("、"));
        return Some(Text::new(format!("did you mean {en}?"), format!("是不是 {zh}？")));
    }
    if known.is_empty() || known.len() > FEW {
        return None;
    }
    let (en, zh) = (known.join(", "), known.join("、"));
    Some(Text::new(format!("known are: {en}"), format!("可用的有：{zh}")))
}

/// The mistakes of one file.
#[derive(Debug)]
pub(super) struct Mistakes {
    file: String,
    pub source: Arc<str>,
    found: Vec<Diagnostic>,
    /// Where unknown knobs stand: what is wrong about their stand-ins is not said.
    unknown: Vec<Range<usize>>,
    /// Names of the knobs that something uses.
    pub used: BTreeSet<String>,
}

impl Mistakes {
    pub fn new(file: &str, source: &str) -> Mistakes {
        Mistakes {
            file: file.to_owned(),
            source: Arc::from(source),
            found: Vec::new(),
            unknown: Vec::new(),
            used: BTreeSet::new(),
        }
    }

    /// A mistake at octets of the file. Beyond the [`limits::MISTAKES`]th they are not kept.
    pub fn report(&mut self, span: Range<usize>, message: Text, help: Option<Text>) {
        if self.found.len() >= limits::MISTAKES {
            return;
        }
        self.found.push(Diagnostic::new(&self.file, &self.source, span, message, help));
    }
    /// A mistake whose span counts within the file itself.
    pub fn add(&mut self, mistake: Mistake) {
        self.report(mistake.span, mistake.message, mistake.help);
    }
    /// A mistake whose span counts within `piece`.
    pub fn add_in(&mut self, piece: &Piece, mistake: Mistake) {
        let span = piece.place(mistake.span);
        if !self.unknown.contains(&span) {
            self.report(span, mistake.message, mistake.help);
        }
    }
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them in the order of the text, none twice.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by(|a, b| {
            (a.span.start, a.span.end, &a.message.en).cmp(&(b.span.start, b.span.end, &b.message.en))
        });
        self.found.dedup();
        self.found
    }
}

/// A string of the file with knobs filled in. Places in it lead back to places in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Piece {
    pub text: String,
    /// Ordered by `start`; each lasts until the next one.
    segments: Vec<Segment>,
    /// Octets of the file it stands in, quotes included.
    pub span: Range<usize>,
}

/// A stretch of a [`Piece`].
#[derive(Clone, Debug, PartialEq)]
struct Segment {
    /// Where it begins in the piece.
    start: usize,
    /// Where it came from.
    from: Range<usize>,
    /// Whether octets correspond one to one; otherwise the whole of `from` is meant.
    exact: bool,
}

/// The values of the knobs, by name.
pub(super) type KnobValues = BTreeMap<String, String>;

impl Piece {
    /// A text that is the whole source (an argument of the command line).
    pub fn whole(text: &str) -> Piece {
        let from = 0..text.len();
        Piece {
            text: text.to_owned(),
            segments: vec![Segment { start: 0, from: from.clone(), exact: true }],
            span: from,
        }
    }

    /// The TOML string `value` that stands at `span` of `source`, quotes included, knobs not filled in.
    pub fn of_string(source: &str, span: Range<usize>, value: &str) -> Piece {
        let raw = source.get(span.clone()).unwrap_or_default();
        let quotes =
            ["'''", "\"\"\"", "'", "\""].into_iter().find(|quotes| raw.starts_with(quotes)).unwrap_or("");
        let mut begin = span.start + quotes.len();
        if quotes.len() == 3 {
            let rest = source.get(begin..).unwrap_or_default();
            begin += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
        }
        let from = begin..span.end.saturating_sub(quotes.len()).max(begin);
        let exact = source.get(begin..begin + value.len()) == Some(value);
        let segments = if exact {
            vec![Segment { start: 0, from, exact }]
        } else {
            escaped_segments(source.get(from.clone()).unwrap_or_default(), from.start, value)
        };
        Piece { text: value.to_owned(), segments, span }
    }

    /// The same with `$name`, `${name}` and `$$` replaced. Unknown names are reported, and stand for 1.
    pub fn filled(self, knobs: &KnobValues, mistakes: &mut Mistakes) -> Piece {
        if !self.text.contains('$') {
            return self;
        }
        let mut text = String::with_capacity(self.text.len());
        let mut segments = Vec::new();
        let mut rest = 0;
        let literal = |text: &mut String, segments: &mut Vec<Segment>, range: Range<usize>| {
            self.copy_segments(range.clone(), text.len(), segments);
            text.push_str(&self.text[range]);
        };
        while let Some(at) = self.text[rest..].find('$').map(|at| rest + at) {
            literal(&mut text, &mut segments, rest..at);
            let (len, name) = knob_name(&self.text[at + 1..]);
            let range = at..at + 1 + len;
            rest = range.end;
            let Some(name) = name else {
                literal(&mut text, &mut segments, at..at + 1);
                continue;
            };
            segments.push(Segment { start: text.len(), from: self.place(range.clone()), exact: false });
            match knobs.get(name) {
                Some(value) => {
                    mistakes.used.insert(name.to_owned());
                    text.push_str(value);
                }
                None => {
                    let mistake = Mistake::new(
                        range,
                        format!("there is no knob `{name}`"),
                        format!("没有名为 `{name}` 的旋钮"),
                    );
                    let mut mistake = mistake.known(name, knobs.keys().map(String::as_str));
                    if mistake.help.is_none() {
                        mistake = mistake.help(
                            format!("declare it with [knob.{name}], or write $$ for a dollar sign"),
                            format!("用 [knob.{name}] 声明它；若要美元符号，请写 $$"),
                        );
                    }
                    let place = self.place(mistake.span.clone());
                    mistakes.add_in(&self, mistake);
                    mistakes.unknown.push(place);
                    text.push('1');
                }
            }
        }
        literal(&mut text, &mut segments, rest..self.text.len());
        Piece { text, segments, span: self.span.clone() }
    }

    /// Appends the segments of `range`, which is to stand at `start`.
    fn copy_segments(&self, range: Range<usize>, start: usize, into: &mut Vec<Segment>) {
        for (index, segment) in self.segments.iter().enumerate() {
            let end = self.segments.get(index + 1).map_or(usize::MAX, |next| next.start);
            let begin = segment.start.max(range.start);
            if begin >= range.end.min(end) {
                continue;
            }
            let from = if segment.exact {
                segment.from.start + (begin - segment.start)..segment.from.end
            } else {
                segment.from.clone()
            };
            into.push(Segment { start: start + (begin - range.start), from, exact: segment.exact });
        }
    }

    /// The octets of the file that `range` of the piece came from.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let start = self.origin(range.start, false);
        let end = if range.end > range.start { self.origin(range.end - 1, true) } else { start };
        start..end.max(start)
    }

    fn origin(&self, at: usize, after: bool) -> usize {
        let Some(segment) = self.segments.iter().rev().find(|segment| segment.start <= at) else {
            return self.span.start;
        };
        match (segment.exact, after) {
            (true, _) => {
                (segment.from.start + (at - segment.start) + usize::from(after)).min(segment.from.end)
            }
            (false, false) => segment.from.start,
            (false, true) => segment.from.end,
        }
    }
}

/// Length of what follows a `$`, and the knob it names (`None` for `$$` and a lone `$`).
fn knob_name(text: &str) -> (usize, Option<&str>) {
    if text.starts_with('$') {
        return (1, None);
    }
    let word = |text: &str| {
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
        if text.starts_with(|c: char| c.is_ascii_alphabetic()) { end } else { 0 }
    };
    if let Some(inner) = text.strip_prefix('{') {
        let len = word(inner);
        if len > 0 && inner[len..].starts_with('}') {
            return (len + 2, Some(&inner[..len]));
        }
        return (0, None);
    }
    match word(text) {
        0 => (0, None),
        len => (len, Some(&text[..len])),
    }
}

/// Segments of a string with escapes: `raw` stands at octet `base` of the file and means `value`. Where the two do not
/// belong together (a string the TOML parser gave up on), places are only near.
fn escaped_segments(raw: &str, base: usize, value: &str) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut at = 0;
    for (start, meant) in value.char_indices() {
        at += skipped(&raw[at..], meant);
        let rest = &raw[at..];
        let literal = rest.starts_with(meant) && meant != '\\';
        let len = if literal { meant.len_utf8() } else { escape_len(rest) };
        let from = base + at..base + at + len;
        at += len;
        match segments.last_mut() {
            Some(last) if literal && last.exact && last.from.end == from.start => last.from.end = from.end,
            Some(_) | None => segments.push(Segment { start, from, exact: literal }),
        }
    }
    segments
}

/// Octets that stand for nothing: the return of a line's end, and a backslash with the white space it swallows.
fn skipped(raw: &str, meant: char) -> usize {
    let mut at = usize::from(raw.starts_with('\r') && meant != '\r');
    while let Some(blank) = line_continuation(&raw[at..]) {
        at += blank;
    }
    at
}

/// Octets of one escape, or of one character.
fn escape_len(raw: &str) -> usize {
    let Some(rest) = raw.strip_prefix('\\') else { return raw.chars().next().map_or(0, char::len_utf8) };
    let digits = match rest.chars().next() {
        Some('x') => 2,
        Some('u') => 4,
        Some('U') => 8,
        Some(_) | None => 0,
    };
    1 + rest.chars().take(1 + digits).map(char::len_utf8).sum::<usize>()
}

/// A backslash at a line's end swallows the white space up to the next word.
fn line_continuation(raw: &str) -> Option<usize> {
    let rest = raw.strip_prefix('\\')?;
    let blank = rest.len() - rest.trim_start().len();
    rest[..blank].contains('\n').then_some(1 + blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knobs() -> KnobValues {
        [("rate".to_owned(), "100000".to_owned()), ("n".to_owned(), "5".to_owned())].into()
    }

    #[test]
    fn every_octet_of_a_plain_string_leads_back_to_its_own_place() {
        let source = "a = '''\nfirst\nsecond'''";
        let piece = Piece::of_string(source, 4..source.len(), "first\nsecond");
        let at = piece.text.find("second").unwrap();
        assert_eq!(&source[piece.place(at..at + 6)], "second");
    }

    #[test]
    fn octets_behind_escapes_still_lead_back() {
        let source = "a = \"x\\u4e2d\\tyz\"";
        let piece = Piece::of_string(source, 4..source.len(), "x中\tyz");
        let at = piece.text.find("yz").unwrap();
        assert_eq!(&source[piece.place(at..at + 2)], "yz");
        assert_eq!(&source[piece.place(1..4)], "\\u4e2d");
    }

    #[test]
    fn octets_behind_a_line_continuation_still_lead_back() {
        let source = "a = \"\"\"one \\\n     two\"\"\"";
        let piece = Piece::of_string(source, 4..source.len(), "one two");
        assert_eq!(&source[piece.place(4..7)], "two");
    }

    #[test]
    fn a_knob_is_filled_in_and_its_octets_lead_back_to_its_name() {
        let source = "'rate=${rate}k n=$n $$1 end'";
        let mut mistakes = Mistakes::new("f", source);
        let piece = Piece::of_string(source, 0..source.len(), &source[1..source.len() - 1]);
        let piece = piece.filled(&knobs(), &mut mistakes);
        assert_eq!(piece.text, "rate=100000k n=5 $1 end");
        assert!(mistakes.is_empty());
        assert_eq!(&source[piece.place(7..9)], "${rate}");
        let end = piece.text.find("end").unwrap();
        assert_eq!(&source[piece.place(end..end + 3)], "end");
    }

    #[test]
    fn an_unknown_knob_is_a_mistake_at_its_name_with_the_nearest_one() {
        let source = "'x $rat y'";
        let mut mistakes = Mistakes::new("f", source);
        let piece = Piece::of_string(source, 0..source.len(), "x $rat y").filled(&knobs(), &mut mistakes);
        assert_eq!(piece.text, "x 1 y");
        let found = mistakes.into_sorted();
        assert_eq!(&source[found[0].span.clone()], "$rat");
        assert_eq!(found[0].help.as_ref().unwrap().en, "did you mean rate?");
    }
}
