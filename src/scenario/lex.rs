//! The words of the small languages: programs, patterns, packet lines, comparisons.

use super::source::{Mistake, Parse};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use winnow::ascii::digit1;
use winnow::combinator::{alt, opt, preceded, repeat};
use winnow::prelude::*;
use winnow::stream::LocatingSlice;
use winnow::token::{any, literal, none_of, take_while};

/// The number of a host's first card as interfaces are counted; 1 is loopback.
pub(super) const FIRST_CARD: u32 = 2;

type Input<'a> = LocatingSlice<&'a str>;

/// A kind of word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word<'a> {
    /// Letters, digits and `_`, first a letter; `-` inside (`SYN-RECEIVED`).
    Name(&'a str),
    /// Digits with a unit behind: `10ms`, `100k`, `1.5s`, `0x1f`.
    Number(&'a str),
    /// `10.0.0.1`, also one that is none.
    Address(Option<Ipv4Addr>),
    /// `[fd00::1]`, or `[fe80::1%eth0]` with the number of that interface; also one that is none.
    Bracketed(Option<(Ipv6Addr, u32)>),
    /// What stands between quotes, escapes undone.
    Text(Vec<u8>),
    /// A sign.
    Sign(&'static str),
}

/// A word and where it stands in its piece.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub word: Word<'a>,
    pub span: Range<usize>,
}

/// Signs, longer ones before their beginnings.
const SIGNS: [&str; 26] = [
    "...", "…", "..", "==", "!=", "<=", ">=", "<", ">", "=", "(", ")", "[", "]", ",", ":", "+", "-", "*",
    "/", "#", ".", "{", "}", "%", "|",
];

/// The words of `text`, which begins at octet `base` of its piece. A `#` that no digit follows begins a comment.
pub(super) fn words(text: &str, base: usize) -> Parse<Vec<Token<'_>>> {
    let mut input = LocatingSlice::new(text);
    let mut tokens = Vec::new();
    loop {
        blank(&mut input);
        let start = base + text.len() - input.len();
        let Some(first) = input.chars().next() else { return Ok(tokens) };
        let mut after = input.chars().skip(1);
        if first == '#' && !after.next().is_some_and(|c| c.is_ascii_digit()) {
            return Ok(tokens);
        }
        let before = input;
        match word.parse_next(&mut input) {
            Ok(word) => {
                let end = base + text.len() - input.len();
                tokens.push(Token { word, span: start..end });
            }
            Err(_) => return Err(Box::new(unreadable(first, &before, start, base + text.len()))),
        }
    }
}

fn blank(input: &mut Input<'_>) {
    let _: winnow::Result<&str> = take_while(0.., char::is_whitespace).parse_next(input);
}

fn unreadable(first: char, rest: &str, start: usize, end: usize) -> Mistake {
    match first {
        '"' | '\'' => Mistake::new(
            start..end,
            "this text has no closing quote, or an unknown escape",
            "这段文字缺少右引号，或转义写法不对",
        )
        .help(
            format!(
                "close it with {first} on the same line; escapes are \\n \\t \\r \\0 \\\\ \\\" and \\x41"
            ),
            format!("在同一行用 {first} 结束；转义有 \\n \\t \\r \\0 \\\\ \\\" 和 \\x41"),
        ),
        '，' | '：' | '（' | '）' | '＝' | '“' | '”' | '；' | '＞' | '＜' | '＃' => {
            let plain = match first {
                '，' => ",",
                '：' => ":",
                '（' => "(",
                '）' => ")",
                '＝' => "=",
                '；' => "a new line",
                '＞' => ">",
                '＜' => "<",
                '＃' => "#",
                _ => "\"",
            };
            Mistake::new(
                start..start + first.len_utf8(),
                format!("`{first}` is a full-width sign"),
                format!("`{first}` 是全角符号"),
            )
            .help(
                format!("write {plain}"),
                format!("请用半角：{}", if first == '；' { "另起一行" } else { plain }),
            )
        }
        ';' => Mistake::new(start..start + 1, "one statement a line, without `;`", "一行一条语句，不用 `;`"),
        _ => {
            let len = rest.chars().next().map_or(0, char::len_utf8);
            Mistake::new(
                start..start + len,
                format!("`{first}` has no meaning here"),
                format!("这里不能用 `{first}`"),
            )
        }
    }
}

fn word<'a>(input: &mut Input<'a>) -> winnow::Result<Word<'a>> {
    alt((
        text,
        bracketed.map(Word::Bracketed),
        address.map(Word::Address),
        number.map(Word::Number),
        name.map(Word::Name),
        sign.map(Word::Sign),
    ))
    .parse_next(input)
}

fn name<'a>(input: &mut Input<'a>) -> winnow::Result<&'a str> {
    let part = |input: &mut Input<'a>| {
        take_while(1.., |c: char| c.is_ascii_alphanumeric() || c == '_').parse_next(input)
    };
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    (any.verify(move |c| first(*c)), opt(part), repeat::<_, _, (), _, _>(0.., preceded('-', part)))
        .take()
        .parse_next(input)
}

fn number<'a>(input: &mut Input<'a>) -> winnow::Result<&'a str> {
    let digits =
        |input: &mut Input<'a>| take_while(1.., |c: char| c.is_ascii_digit() || c == '_').parse_next(input);
    let unit =
        |input: &mut Input<'a>| take_while(0.., |c: char| c.is_alphanumeric() || c == '_').parse_next(input);
    (digit1, opt(digits), opt(('.', digit1)), unit).take().parse_next(input)
}

fn address(input: &mut Input<'_>) -> winnow::Result<Option<Ipv4Addr>> {
    (digit1, '.', digit1, '.', digit1, '.', digit1)
        .take()
        .map(|text: &str| text.parse().ok())
        .parse_next(input)
}

/// An IPv6 address in brackets (RFC 3986 section 3.2.2): two colons at least tell it from a slice.
fn bracketed(input: &mut Input<'_>) -> winnow::Result<Option<(Ipv6Addr, u32)>> {
    let inner = take_while(2.., |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '%'));
    ('[', inner.verify(|text: &str| text.matches(':').count() >= 2), ']')
        .map(|(_, text, _): (char, &str, char)| {
            let (address, zone) = text.split_once('%').unwrap_or((text, ""));
            let zone = if zone.is_empty() { Some(0) } else { interface(zone) };
            address.parse().ok().zip(zone)
        })
        .parse_next(input)
}

/// The number of `eth0`: the first is the loopback interface, cards follow.
fn interface(name: &str) -> Option<u32> {
    let card: u16 = name.strip_prefix("eth")?.parse().ok()?;
    Some(FIRST_CARD + u32::from(card))
}

fn sign(input: &mut Input<'_>) -> winnow::Result<&'static str> {
    for known in SIGNS {
        let found: winnow::Result<&str> = literal(known).parse_next(input);
        if found.is_ok() {
            return Ok(known);
        }
    }
    winnow::combinator::fail.parse_next(input)
}

fn text<'a>(input: &mut Input<'a>) -> winnow::Result<Word<'a>> {
    let _ = opt(('b', winnow::combinator::peek(alt(('"', '\''))))).parse_next(input)?;
    let quote = alt(('"', '\'')).parse_next(input)?;
    let octets: Vec<u8> = repeat(0.., |input: &mut Input<'a>| octets(quote, input))
        .fold(Vec::new, |mut all: Vec<u8>, more: Vec<u8>| {
            all.extend(more);
            all
        })
        .parse_next(input)?;
    any.verify(|c| *c == quote).parse_next(input)?;
    Ok(Word::Text(octets))
}

/// One character, or one escape, of a text.
fn octets(quote: char, input: &mut Input<'_>) -> winnow::Result<Vec<u8>> {
    let escape = preceded(
        '\\',
        alt((
            'n'.value(b'\n'),
            't'.value(b'\t'),
            'r'.value(b'\r'),
            '0'.value(0_u8),
            '\\'.value(b'\\'),
            '"'.value(b'"'),
            '\''.value(b'\''),
            preceded('x', winnow::token::take(2_usize).try_map(|hex: &str| u8::from_str_radix(hex, 16))),
        )),
    );
    alt((escape.map(|octet| vec![octet]), none_of(['\\', quote]).map(|c: char| c.to_string().into_bytes())))
        .parse_next(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Vec<Word<'_>> {
        words(text, 0).unwrap().into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn states_are_one_word_and_ranges_three() {
        assert_eq!(plain("SYN-RECEIVED"), [Word::Name("SYN-RECEIVED")]);
        let range = [Word::Sign("#"), Word::Number("2"), Word::Sign("-"), Word::Number("3")];
        assert_eq!(plain("#2-3"), range);
        assert_eq!(plain("1s..1.1s"), [Word::Number("1s"), Word::Sign(".."), Word::Number("1.1s")]);
    }

    #[test]
    fn addresses_are_not_numbers() {
        let address = Word::Address(Some(Ipv4Addr::new(198, 18, 0, 0)));
        assert_eq!(plain("198.18.0.0/15"), [address, Word::Sign("/"), Word::Number("15")]);
        assert_eq!(plain("999.0.0.1"), [Word::Address(None)]);
    }

    #[test]
    fn an_ipv6_address_stands_in_brackets_and_a_slice_is_none() {
        let word = |text: &str, zone| Word::Bracketed(Some((text.parse().unwrap(), zone)));
        assert_eq!(plain("[fd00::1]:80"), [word("fd00::1", 0), Word::Sign(":"), Word::Number("80")]);
        assert_eq!(plain("[::]"), [word("::", 0)]);
        assert_eq!(plain("[::ffff:10.0.0.1]"), [word("::ffff:10.0.0.1", 0)]);
        assert_eq!(plain("[fe80::1%eth1]"), [word("fe80::1", 3)]);
        assert_eq!(plain("[fd00:::1]"), [Word::Bracketed(None)]);
        assert_eq!(plain("data[2:4]").len(), 6);
        assert_eq!(plain("[server]:80").len(), 5);
    }

    #[test]
    fn texts_undo_their_escapes() {
        assert_eq!(plain(r#""a\n\x00\"中""#), [Word::Text("a\n\0\"中".as_bytes().to_vec())]);
        assert_eq!(plain("b'x'"), [Word::Text(b"x".to_vec())]);
    }

    #[test]
    fn a_hash_begins_a_comment_unless_a_digit_follows() {
        assert_eq!(plain("close(s) # done"), plain("close(s)"));
        assert_eq!(plain("SA #2 # done").len(), 3);
    }

    #[test]
    fn an_open_quote_and_full_width_signs_are_mistakes_at_their_place() {
        let open = words("send(s, \"hi)", 100).unwrap_err();
        assert_eq!(open.span, 108..112);
        let wide = words("send(s，x)", 0).unwrap_err();
        assert_eq!((wide.span, wide.help.unwrap().en), (6..9, "write ,".to_owned()));
    }
}
