//! Patterns over frames: `client > server SA #1`. One grammar for faults, waits, expectations, questions and `--drop`.

use super::cursor::{Cursor, Scene};
use super::lex::{Word, words};
use super::number::whole;
use super::source::{Mistake, Mistakes, Parse, Piece};
use super::{Diagnostic, Plan};
use crate::link::{Direction, FramePattern, HostId, What, Which};
use crate::wire::Flags;
use std::ops::Range;

/// What a pattern's middle may be, flags aside.
const KINDS: [(&str, What); 10] = [
    ("ack", What::BareAck),
    ("data", What::Data),
    ("tcp", What::AnyTcp),
    ("udp", What::Udp),
    ("icmp", What::Icmp),
    ("arp", What::Arp),
    ("ip6", What::Ip6),
    ("icmp6", What::Icmp6),
    ("nd", What::NeighbourDiscovery),
    ("stp", What::Tree),
];

/// Parses a pattern over frames between the hosts of these names, as `--drop` takes it.
///
/// # Errors
/// The first mistake in it.
pub fn parse_pattern<'a>(
    text: &str,
    hosts: impl IntoIterator<Item = &'a str>,
) -> Result<FramePattern, Box<Diagnostic>> {
    let mut scene = Scene::of_names(hosts);
    let read = whole_pattern(text, &mut scene);
    let piece = Piece::whole(text);
    let mut mistakes = Mistakes::new("pattern", text);
    let pattern = scene.settle(&piece, &mut mistakes, read);
    match (mistakes.into_sorted().into_iter().next(), pattern) {
        (None, Some(pattern)) => Ok(pattern),
        (Some(diagnostic), _) => Err(Box::new(diagnostic)),
        (None, None) => {
            Err(Box::new(Diagnostic::new("pattern", &text.into(), 0..0, Default::default(), None)))
        }
    }
}

impl Plan {
    /// Parses a pattern over frames between this plan's hosts.
    ///
    /// # Errors
    /// The first mistake in it.
    pub fn pattern(&self, text: &str) -> Result<FramePattern, Box<Diagnostic>> {
        parse_pattern(text, self.hosts.iter().map(|host| host.name.as_str()))
    }
}

/// A pattern and nothing else.
pub(super) fn whole_pattern(text: &str, scene: &mut Scene) -> Parse<FramePattern> {
    whole_pattern_from(text, 0, scene)
}

/// The same for a text that begins at octet `base` of its piece.
pub(super) fn whole_pattern_from(text: &str, base: usize, scene: &mut Scene) -> Parse<FramePattern> {
    let tokens = words(text, base)?;
    let mut cursor = Cursor::new(&tokens, base + text.len());
    if cursor.is_done() {
        return Err(Box::new(
            (*cursor.expected("a pattern", "模式")).help("`*` for every frame", "所有帧写 `*`"),
        ));
    }
    let pattern = pattern(&mut cursor, scene)?;
    cursor.expect_end()?;
    Ok(pattern)
}

/// A pattern at the cursor.
pub(super) fn pattern(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<FramePattern> {
    let direction = if starts_direction(cursor) { direction(cursor, scene)? } else { Direction::default() };
    let what = match cursor.peek() {
        Some(Word::Name(name)) => {
            let span = cursor.span();
            cursor.advance();
            what(name, span, scene)?
        }
        _ if cursor.sign("*") => What::Any,
        Some(Word::Number(_) | Word::Address(_) | Word::Bracketed(_) | Word::Text(_) | Word::Sign(_))
        | None => What::Any,
    };
    let which = which(cursor, scene)?;
    Ok(FramePattern { direction, what, which })
}

/// Whether `FROM >` comes next.
pub(super) fn starts_direction(cursor: &Cursor<'_>) -> bool {
    let arrow = matches!(cursor.peek_at(1), Some(Word::Sign(">")));
    arrow && matches!(cursor.peek(), Some(Word::Name(_) | Word::Sign("*")))
}

/// `FROM > TO`.
pub(super) fn direction(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<Direction> {
    let start = cursor.span().start;
    let from = end(cursor, scene)?;
    cursor.expect_sign(">")?;
    let to = end(cursor, scene)?;
    if let (Some(a), Some(b)) = (from, to)
        && a == b
    {
        let span = cursor.since(start);
        scene.report(
            Mistake::new(span, "no host sends frames to itself over the wire", "主机不会经线路给自己发帧")
                .help("name two hosts, or `*`", "写两台不同的主机，或用 `*`"),
        );
    }
    Ok(Direction { from, to })
}

fn end(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<Option<HostId>> {
    if cursor.sign("*") {
        return Ok(None);
    }
    if !matches!(cursor.peek(), Some(Word::Name(_))) {
        return Err(cursor.expected("a host's name or `*`", "主机名或 `*`"));
    }
    cursor.expect_host(scene)
}

/// `SA`, `data`, `udp`….
pub(super) fn what(name: &str, span: Range<usize>, scene: &Scene) -> Parse<What> {
    if let Some((_, kind)) = KINDS.into_iter().find(|(known, _)| *known == name) {
        return Ok(kind);
    }
    if let Some(flags) = Flags::from_letters(name) {
        return Ok(What::Tcp(flags));
    }
    let mistake = Mistake::new(
        span,
        format!("`{name}` is neither a set of TCP flags nor a kind of frame"),
        format!("`{name}` 既不是 TCP 标志的组合，也不是一种帧"),
    );
    if let Some(flags) = Flags::from_letters(&name.to_uppercase()) {
        return Err(Box::new(mistake.help(format!("write {flags}"), format!("应写 {flags}"))));
    }
    if scene.host(name).is_some() {
        return Err(Box::new(mistake.help(
            format!("a host stands in a direction: {name} > *"),
            format!("主机要写在方向里：{name} > *"),
        )));
    }
    Err(Box::new(mistake.help(
        "letters of S F R P U E C A, each once (SA, FA, PA…), or ack, data, tcp, udp, icmp, arp, ip6, icmp6, nd",
        "由 S F R P U E C A 组成且不重复（SA、FA、PA……），或 ack、data、tcp、udp、icmp、arp、ip6、icmp6、nd",
    )))
}

fn which(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<Which> {
    let start = cursor.span().start;
    if !cursor.sign("#") {
        return Ok(Which::Every);
    }
    let first = ordinal(cursor, scene)?;
    if !cursor.sign("-") {
        return Ok(Which::Nth(first));
    }
    if !matches!(cursor.peek(), Some(Word::Number(_))) {
        return Ok(Which::From(first));
    }
    let last = ordinal(cursor, scene)?;
    if last < first {
        scene.report(Mistake::new(
            cursor.since(start),
            format!("#{first}-{last} is no frame at all"),
            format!("#{first}-{last} 一个帧也没有"),
        ));
    }
    Ok(Which::Range(first, last))
}

/// One plain number; `#2-3` is a range, not a difference.
pub(super) fn ordinal(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<u32> {
    let span = cursor.span();
    match cursor.peek() {
        Some(Word::Number(raw)) => {
            let tokens = words(raw, span.start)?;
            let mut inner = Cursor::new(&tokens, span.end);
            cursor.advance();
            whole(&mut inner, scene, 1..=u64::from(u32::MAX), "the number of a frame", "帧的序数")
                .map(|n| n as u32)
        }
        Some(Word::Name(_) | Word::Address(_) | Word::Bracketed(_) | Word::Text(_) | Word::Sign(_))
        | None => Err(cursor.expected("a number", "数字")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTS: [&str; 2] = ["client", "server"];

    fn read(text: &str) -> FramePattern {
        parse_pattern(text, HOSTS).unwrap_or_else(|diagnostic| panic!("{diagnostic}"))
    }
    fn wrong(text: &str) -> Diagnostic {
        *parse_pattern(text, HOSTS).unwrap_err()
    }

    #[test]
    fn the_parts_of_a_pattern_may_each_be_left_out() {
        let client_server = Direction { from: Some(HostId(0)), to: Some(HostId(1)) };
        let syn_ack = What::Tcp(Flags::SYN | Flags::ACK);
        let pattern = read("server > client SA #1");
        assert_eq!(pattern.direction, Direction { from: Some(HostId(1)), to: Some(HostId(0)) });
        assert_eq!((pattern.what, pattern.which), (syn_ack, Which::Nth(1)));
        assert_eq!(read("client>server #3").direction, client_server);
        assert_eq!(
            (read("client>server #3").what, read("client>server #3").which),
            (What::Any, Which::Nth(3))
        );
        let from_any = read("* > server data #2-3");
        assert_eq!(from_any.direction, Direction { from: None, to: Some(HostId(1)) });
        assert_eq!((from_any.what, from_any.which), (What::Data, Which::Range(2, 3)));
        assert_eq!(read("udp").what, What::Udp);
        assert_eq!((read("ack #2").what, read("ack #2").which), (What::BareAck, Which::Nth(2)));
        assert_eq!(read("R #2-").which, Which::From(2));
        assert_eq!(
            read("*"),
            FramePattern { direction: Direction::default(), what: What::Any, which: Which::Every }
        );
    }

    #[test]
    fn a_pattern_that_names_nothing_says_what_would_be_right() {
        assert_eq!(wrong("sever > client SA").help.unwrap().en, "did you mean server?");
        assert_eq!(wrong("client > server sa").help.unwrap().en, "write SA");
        assert_eq!(wrong("client > client S").message.en, "no host sends frames to itself over the wire");
        assert_eq!(wrong("client > server S #0").help.unwrap().en, "from 1 to 4294967295");
        assert_eq!(wrong("client > server S #5-2").message.en, "#5-2 is no frame at all");
        assert_eq!(wrong("client > server SA 5").column, 20);
        assert_eq!(wrong("").message.en, "a pattern is missing here");
        assert_eq!(wrong("server").help.unwrap().en, "a host stands in a direction: server > *");
    }
}
