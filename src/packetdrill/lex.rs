//! The words of a script, as flex would cut them: the longest that fits.

use super::mistakes::{Mistake, Read};
use std::net::{IpAddr, Ipv6Addr};
use std::ops::Range;

/// A kind of word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word<'a> {
    /// Letters, digits and `_`.
    Name(&'a str),
    /// Decimal digits, perhaps with a minus.
    Integer(i64),
    /// Digits with a point in them; the text, since times are read exactly.
    Decimal(&'a str),
    /// `0x1f`.
    Hex(i64),
    /// Between double quotes, escapes undone.
    Text(Vec<u8>),
    /// Between backticks.
    Command(&'a str),
    /// Between `%{` and `}%`.
    Code(&'a str),
    /// An address of either version.
    Address(IpAddr),
    /// `--name`, `--name=value`.
    Setting(&'a str, Option<String>),
    /// `...`.
    Ellipsis,
    /// Any other single character.
    Sign(char),
}

/// Characters of the longest text of an IPv6 address.
const LONGEST_ADDRESS: usize = 45;

/// A word and the octets it stands at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub word: Word<'a>,
    pub span: Range<usize>,
}

/// Names and the words that stand for them.
pub(super) type Defines = [(String, String)];

/// The words of a script. Comments (`//`, `/* */`) and what `#ifdef` leaves out are gone; defined names are replaced.
pub(super) fn words<'a>(source: &'a str, defines: &'a Defines) -> Read<Vec<Token<'a>>> {
    let mut lexer = Lexer { source, at: 0, skipping: Vec::new(), left_out: 0, defines };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        if !lexer.skips() {
            tokens.push(token);
        }
    }
    Ok(tokens)
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    /// For each `#ifdef` still open, whether what follows is left out.
    skipping: Vec<bool>,
    /// How many of these leave something out.
    left_out: usize,
    defines: &'a Defines,
}

impl<'a> Lexer<'a> {
    fn skips(&self) -> bool {
        self.left_out > 0
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// The longest beginning of the rest all of whose characters fit.
    fn run(&self, from: usize, fits: impl Fn(u8) -> bool) -> usize {
        self.source.as_bytes()[from..].iter().take_while(|octet| fits(**octet)).count()
    }

    fn next(&mut self) -> Read<Option<Token<'a>>> {
        loop {
            self.at += self.run(self.at, |octet| octet.is_ascii_whitespace());
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                let end = rest.find("*/").ok_or_else(|| {
                    let span = self.at..self.at + 2;
                    Mistake::new(span, "this comment never ends", "这段注释没有结尾")
                        .help("close it with */", "用 */ 结束")
                })?;
                self.at += end + 2;
            } else if rest.starts_with('#') {
                self.directive()?;
            } else if rest.is_empty() {
                return Ok(None);
            } else {
                let start = self.at;
                let word = self.word()?;
                return Ok(Some(Token { word, span: start..self.at }));
            }
        }
    }

    /// A line such as `#ifdef linux`: what stands between is read only where the name is one of this stack's.
    fn directive(&mut self) -> Read<()> {
        let start = self.at;
        let len = self.rest().find('\n').unwrap_or(self.rest().len());
        let line = &self.rest()[..len];
        self.at += len;
        let mut parts = line[1..].split_whitespace();
        let known = |name: Option<&str>| matches!(name, Some("linux" | "__linux__" | "LINUX" | "Linux"));
        match parts.next() {
            Some("ifdef") => self.open(!known(parts.next())),
            Some("ifndef") => self.open(known(parts.next())),
            Some("else") if !self.skipping.is_empty() => {
                let last = self.shut();
                self.open(!last);
            }
            Some("endif") if !self.skipping.is_empty() => {
                self.shut();
            }
            Some("else" | "endif") => {
                return Err(Mistake::new(
                    start..self.at,
                    "no #ifdef is open here",
                    "这里没有未结束的 #ifdef",
                ));
            }
            // A comment of the shell's kind, such as `#!/usr/bin/env packetdrill`.
            Some(_) | None => {}
        }
        Ok(())
    }

    fn open(&mut self, leaves_out: bool) {
        self.skipping.push(leaves_out);
        self.left_out += usize::from(leaves_out);
    }

    /// Whether what ends here was left out.
    fn shut(&mut self) -> bool {
        let last = self.skipping.pop() == Some(true);
        self.left_out -= usize::from(last);
        last
    }

    fn word(&mut self) -> Read<Word<'a>> {
        let rest = self.rest();
        let first = rest.as_bytes()[0];
        match first {
            b'"' => return self.text(),
            b'`' => return self.delimited('`').map(Word::Command),
            b'%' if rest.starts_with("%{") => return self.code(),
            _ => {}
        }
        if rest.starts_with("...") {
            self.at += 3;
            return Ok(Word::Ellipsis);
        }
        if rest.starts_with("--") && rest.as_bytes().get(2).is_some_and(|octet| is_name(*octet)) {
            return Ok(self.setting());
        }
        let name = self.run(self.at, is_name);
        let (number, decimal) = self.number();
        let address = self.address();
        let longest = name.max(number).max(address.map_or(0, |(len, _)| len));
        if longest == 0 {
            let c = rest.chars().next().unwrap_or_default();
            self.at += c.len_utf8();
            return Ok(Word::Sign(c));
        }
        let text = &rest[..longest];
        let span = self.at..self.at + longest;
        self.at += longest;
        if let Some((len, found)) = address
            && len == longest
        {
            return Ok(Word::Address(found));
        }
        let too_large = || Mistake::new(span.clone(), "this number is too large", "这个数太大");
        if number == longest {
            return if decimal {
                Ok(Word::Decimal(text))
            } else {
                text.parse().map(Word::Integer).map_err(|_| too_large())
            };
        }
        if let Some(digits) = text.strip_prefix("0x")
            && !digits.is_empty()
            && digits.bytes().all(|octet| octet.is_ascii_hexdigit())
        {
            return i64::from_str_radix(digits, 16).map(Word::Hex).map_err(|_| too_large());
        }
        Ok(self.named(text))
    }

    /// A name, or what is defined for it.
    fn named(&self, name: &'a str) -> Word<'a> {
        match self.defines.iter().rev().find(|(known, _)| known == name) {
            Some((_, value)) if value.bytes().all(is_name) && !value.is_empty() => Word::Name(value),
            Some((_, value)) => Word::Text(value.as_bytes().to_vec()),
            None => Word::Name(name),
        }
    }

    /// The longest beginning of the rest all of whose characters fit, no longer than an address can be.
    fn short_run(&self, fits: impl Fn(u8) -> bool) -> usize {
        let rest = &self.source.as_bytes()[self.at..];
        rest.iter().take(LONGEST_ADDRESS + 1).take_while(|octet| fits(**octet)).count()
    }

    /// How long a number begins here, and whether it has a point.
    fn number(&self) -> (usize, bool) {
        let minus = usize::from(self.rest().starts_with('-'));
        let whole = self.run(self.at + minus, |octet| octet.is_ascii_digit());
        let after = self.at + minus + whole;
        if self.source.as_bytes().get(after) == Some(&b'.') {
            let part = self.run(after + 1, |octet| octet.is_ascii_digit());
            if part > 0 {
                return (minus + whole + 1 + part, true);
            }
        }
        if whole == 0 { (0, false) } else { (minus + whole, false) }
    }

    /// The longest address that begins here.
    fn address(&self) -> Option<(usize, IpAddr)> {
        let four = self.short_run(|octet| octet.is_ascii_digit() || octet == b'.');
        let text = &self.rest()[..four];
        if text.matches('.').count() == 3
            && let Ok(address) = text.parse()
        {
            return Some((four, IpAddr::V4(address)));
        }
        let six = self.short_run(|octet| octet.is_ascii_hexdigit() || octet == b':' || octet == b'.');
        let six = six.min(LONGEST_ADDRESS);
        // A colon behind the address belongs to what follows (`ipv6 ::1 > ::2:`).
        (2..=six).rev().find_map(|len| {
            let text = &self.rest()[..len];
            let address: Ipv6Addr = text.parse().ok()?;
            Some((len, IpAddr::V6(address)))
        })
    }

    fn setting(&mut self) -> Word<'a> {
        let name = self.run(self.at + 2, is_name);
        let start = self.at + 2;
        self.at = start + name;
        let name = &self.source[start..self.at];
        if !self.rest().starts_with('=') {
            return Word::Setting(name, None);
        }
        self.at += 1;
        let mut value = String::new();
        let mut quote = None;
        for c in self.rest().chars() {
            match quote {
                None if c.is_whitespace() => break,
                None if c == '"' || c == '`' => quote = Some(c),
                Some(open) if c == open => quote = None,
                None | Some(_) => value.push(c),
            }
            self.at += c.len_utf8();
        }
        Word::Setting(name, Some(value))
    }

    /// What stands up to the next `end`; a backslash keeps the character after it.
    fn delimited(&mut self, end: char) -> Read<&'a str> {
        let start = self.at + end.len_utf8();
        let mut escaped = false;
        for (at, c) in self.source[start..].char_indices() {
            if !escaped && c == end {
                self.at = start + at + c.len_utf8();
                return Ok(&self.source[start..start + at]);
            }
            escaped = !escaped && c == '\\';
        }
        Err(Mistake::new(
            self.at..self.at + 1,
            format!("no closing {end} follows"),
            format!("后面没有配对的 {end}"),
        ))
    }

    fn text(&mut self) -> Read<Word<'a>> {
        let raw = self.delimited('"')?;
        Ok(Word::Text(unescaped(raw)))
    }

    fn code(&mut self) -> Read<Word<'a>> {
        let rest = self.rest();
        let Some(end) = rest.find("}%") else {
            let span = self.at..self.at + 2;
            return Err(Mistake::new(span, "no closing }% follows", "后面没有配对的 }%"));
        };
        self.at += end + 2;
        Ok(Word::Code(&rest[2..end]))
    }
}

fn is_name(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet == b'_'
}

/// The octets a text in quotes means: C's escapes, all others as they stand.
fn unescaped(raw: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes().peekable();
    while let Some(octet) = rest.next() {
        if octet != b'\\' {
            octets.push(octet);
            continue;
        }
        match rest.next() {
            Some(b'n') => octets.push(b'\n'),
            Some(b't') => octets.push(b'\t'),
            Some(b'r') => octets.push(b'\r'),
            Some(b'0') => octets.push(0),
            Some(b'x') => {
                let mut value = 0;
                for _ in 0..2 {
                    if let Some(digit) = rest.peek().and_then(|digit| char::from(*digit).to_digit(16)) {
                        value = value * 16 + digit as u8;
                        rest.next();
                    }
                }
                octets.push(value);
            }
            Some(other) => octets.push(other),
            None => octets.push(b'\\'),
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Vec<Word<'_>> {
        words(source, &[]).unwrap().into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn sequence_numbers_are_no_addresses_and_addresses_no_numbers() {
        use Word::{Integer, Name, Sign};
        assert_eq!(
            read("P. 1:1001(1000)"),
            [Name("P"), Sign('.'), Integer(1), Sign(':'), Integer(1001), Sign('('), Integer(1000), Sign(')')]
        );
        let address = |text: &str| Word::Address(text.parse().unwrap());
        assert_eq!(read("192.0.2.1 fd3d::1"), [address("192.0.2.1"), address("fd3d::1")]);
        assert_eq!(read("::1:"), [address("::1"), Sign(':')]);
        assert_eq!(read("::ffff:192.168.0.1"), [address("::ffff:192.168.0.1")]);
    }

    #[test]
    fn times_cookies_and_ellipses_are_cut_where_the_longest_word_ends() {
        use Word::{Decimal, Ellipsis, Hex, Integer, Name, Sign};
        assert_eq!(read("+0...0.2 f"), [Sign('+'), Integer(0), Ellipsis, Decimal("0.2"), Name("f")]);
        assert_eq!(read("0.100...0.200"), [Decimal("0.100"), Ellipsis, Decimal("0.200")]);
        assert_eq!(
            read("FO 0a1b2c 0x1f -1 +.1"),
            [Name("FO"), Name("0a1b2c"), Hex(31), Integer(-1), Sign('+'), Decimal(".1")]
        );
    }

    #[test]
    fn comments_and_parts_for_other_systems_are_left_out() {
        assert_eq!(read("1 // two\n/* three\n * four **/ 5"), [Word::Integer(1), Word::Integer(5)]);
        assert_eq!(read("#ifdef FreeBSD\n1\n#else\n2\n#endif\n3"), [Word::Integer(2), Word::Integer(3)]);
        for unfinished in ["#endif", "/*", "`", "%{", "\""] {
            assert!(words(unfinished, &[]).is_err(), "{unfinished}");
        }
    }

    #[test]
    fn a_setting_takes_the_rest_of_its_word_without_quotes() {
        assert_eq!(
            read("--mss=1000\n--strict\n--define=\"a b\"=`c d`"),
            [
                Word::Setting("mss", Some("1000".to_owned())),
                Word::Setting("strict", None),
                Word::Setting("define", Some("a b=c d".to_owned()))
            ]
        );
    }

    #[test]
    fn defined_names_stand_for_their_words() {
        let defines = [("COOKIE".to_owned(), "0a1b".to_owned()), ("TEXT".to_owned(), "a b".to_owned())];
        let words: Vec<Word<'_>> =
            words("FO COOKIE TEXT", &defines).unwrap().into_iter().map(|token| token.word).collect();
        assert_eq!(words, [Word::Name("FO"), Word::Name("0a1b"), Word::Text(b"a b".to_vec())]);
    }

    #[test]
    fn texts_have_the_escapes_of_c() {
        assert_eq!(read(r#""a\n\x41\"\\\0""#), [Word::Text(b"a\nA\"\\\0".to_vec())]);
    }
}
