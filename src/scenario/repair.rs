//! Brackets and quotes that were opened and never closed. To a TOML parser such a mistake swallows the rest of the file; here it is
//! found first, closed where its author will have meant to, and the rest is read as if nothing had been.

use super::source::Mistake;

/// Something to be put in.
#[derive(Clone, Debug, PartialEq)]
struct Patch {
    /// Before this octet of the file.
    at: usize,
    text: &'static str,
}

/// A file with its brackets and quotes closed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Repaired {
    /// The text to read.
    pub text: String,
    /// What was wrong; places count within the file itself.
    pub mistakes: Vec<Mistake>,
    patches: Vec<Patch>,
}

impl Repaired {
    /// The octet of the file that octet `at` of the repaired text stands for.
    pub fn origin(&self, at: usize) -> usize {
        let mut added = 0;
        for patch in &self.patches {
            let start = patch.at + added;
            if at < start {
                break;
            }
            if at < start + patch.text.len() {
                return patch.at;
            }
            added += patch.text.len();
        }
        at - added
    }
}

/// Closes what is open. `None` if nothing is.
pub(super) fn repair(text: &str) -> Option<Repaired> {
    let mut scan =
        Scan { text, at: 0, open: Vec::new(), last: None, patches: Vec::new(), mistakes: Vec::new() };
    scan.run();
    if scan.patches.is_empty() {
        return None;
    }
    scan.patches.sort_by_key(|patch| patch.at);
    let mut repaired = String::with_capacity(text.len() + scan.patches.len() * 4);
    let mut from = 0;
    for patch in &scan.patches {
        repaired.push_str(text.get(from..patch.at).unwrap_or_default());
        repaired.push_str(patch.text);
        from = patch.at;
    }
    repaired.push_str(text.get(from..).unwrap_or_default());
    Some(Repaired { text: repaired, mistakes: scan.mistakes, patches: scan.patches })
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// Brackets that are open: which, and where.
    open: Vec<(char, usize)>,
    /// The last sign that is neither blank nor comment, and where it ends.
    last: Option<(char, usize)>,
    patches: Vec<Patch>,
    mistakes: Vec<Mistake>,
}

impl<'a> Scan<'a> {
    fn run(&mut self) {
        self.line_start();
        while let Some(next) = self.rest().chars().next() {
            match next {
                '\n' => {
                    self.at += 1;
                    self.line_start();
                }
                '#' => self.at = self.line_end(),
                '"' | '\'' => self.quoted(next),
                _ => self.plain(next),
            }
        }
        self.close_all();
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }
    fn line(&self) -> &'a str {
        self.rest().lines().next().unwrap_or_default()
    }
    fn line_end(&self) -> usize {
        self.rest().find('\n').map_or(self.text.len(), |len| self.at + len)
    }

    fn plain(&mut self, sign: char) {
        match sign {
            '{' | '[' => self.open.push((sign, self.at)),
            '}' | ']' => {
                let opener = if sign == '}' { '{' } else { '[' };
                if self.open.last().is_some_and(|(open, _)| *open == opener) {
                    self.open.pop();
                }
            }
            _ => {}
        }
        self.at += sign.len_utf8();
        if !sign.is_whitespace() {
            self.last = Some((sign, self.at));
        }
    }

    /// Before the first word of a line: does it begin something new although something is still open?
    fn line_start(&mut self) {
        let line = self.line().trim_start();
        let header = is_header(line);
        if let Some((opener, _)) = self.open.last() {
            let separated = matches!(self.last, Some((',' | '{', _)));
            if header || is_key(line) && (*opener == '[' || !separated) {
                self.close_all();
            }
        }
        if self.open.is_empty() {
            if header {
                self.header();
            } else {
                self.assignment(line);
            }
        }
    }

    /// A line that is no key with a value, which makes the parser stop for good: a forgotten `=` is put in, all else is
    /// made a comment.
    fn assignment(&mut self, line: &str) {
        if line.is_empty() || line.starts_with(['#', '"', '\'', '[']) || is_key(line) {
            return;
        }
        let start = self.at + (self.line().len() - self.line().trim_start().len());
        let len = key_len(line);
        let value = line.get(len..).unwrap_or_default().trim_start();
        if len > 0 && value.starts_with(|c: char| matches!(c, '"' | '\'' | '[' | '{') || c.is_ascii_digit()) {
            self.patches.push(Patch { at: start + len, text: " =" });
            let key = line.get(..len).unwrap_or_default();
            self.mistakes.push(
                Mistake::new(
                    start..start + len,
                    format!("`=` is missing behind `{key}`"),
                    format!("`{key}` 后面缺少 `=`"),
                )
                .help(format!("write {key} = …"), format!("写作 {key} = ……")),
            );
            return;
        }
        self.patches.push(Patch { at: start, text: "#" });
        self.mistakes.push(
            Mistake::new(
                start..start + line.trim_end().len(),
                "this is neither a key with a value nor a table's header",
                "这既不是键值对，也不是表头",
            )
            .help("such as delay = \"10ms\" or [wire]", "例如 delay = \"10ms\" 或 [wire]"),
        );
        self.at = self.line_end();
    }

    /// Closes every open bracket behind the last word.
    fn close_all(&mut self) {
        let at = self.last.map_or(self.at, |(_, end)| end);
        while let Some((opener, place)) = self.open.pop() {
            let closer = if opener == '{' { "}" } else { "]" };
            self.patches.push(Patch { at, text: closer });
            self.mistakes.push(
                Mistake::new(
                    place..place + 1,
                    format!("this `{opener}` is never closed"),
                    format!("这个 `{opener}` 没有闭合"),
                )
                .help(
                    format!("put `{closer}` behind its last value"),
                    format!("在最后一个值后面加上 `{closer}`"),
                ),
            );
        }
    }

    /// A table's header, which must be closed on its own line.
    fn header(&mut self) {
        let line = self.line();
        let content = line.split('#').next().unwrap_or_default().trim_end();
        let closer = if content.trim_start().starts_with("[[") { "]]" } else { "]" };
        let end = self.at + content.len();
        let missing = if content.ends_with(closer) {
            None
        } else if content.ends_with(']') {
            Some("]")
        } else {
            Some(closer)
        };
        let start = self.at + (content.len() - content.trim_start().len());
        self.quote_blanks(content.trim(), start);
        if let Some(text) = missing {
            self.patches.push(Patch { at: end, text });
            self.mistakes.push(
                Mistake::new(start..end, "this header is not closed", "表头没有闭合")
                    .help(format!("end it with {closer}"), format!("以 {closer} 结尾")),
            );
        }
        self.last = Some((']', end));
        self.at = self.line_end();
    }

    /// A name with a blank in it makes the parser lose its way: quoted, it is only unknown, and reported as such.
    fn quote_blanks(&mut self, header: &str, start: usize) {
        let inner = header.trim_matches(['[', ']']);
        if inner.split('.').any(|part| part.trim().contains(' ')) {
            let from = start + header.find(inner).unwrap_or(0);
            self.patches.push(Patch { at: from, text: "\"" });
            self.patches.push(Patch { at: from + inner.len(), text: "\"" });
        }
    }

    /// Past a string. One of several lines that is never closed ends before the next header.
    fn quoted(&mut self, quote: char) {
        let triple = if quote == '"' { "\"\"\"" } else { "'''" };
        if !self.rest().starts_with(triple) {
            self.at = self.one_line(quote);
        } else if let Some(len) = closing(self.text.get(self.at + 3..).unwrap_or_default(), triple) {
            self.at += 3 + len;
        } else {
            let opened = self.at;
            self.at = self.next_header();
            self.patches.push(Patch { at: self.at, text: if quote == '"' { "\"\"\"\n" } else { "'''\n" } });
            self.mistakes.push(
                Mistake::new(
                    opened..opened + 3,
                    format!("this text is never closed with {triple}"),
                    format!("这段文字没有用 {triple} 结束"),
                )
                .help(
                    format!("put {triple} on a line of its own behind it"),
                    format!("在它后面另起一行写 {triple}"),
                ),
            );
            self.last = Some((quote, self.at));
            self.line_start();
            return;
        }
        self.last = Some((quote, self.at));
    }

    /// The end of a string of one line; one that is not closed ends with the line, and the parser will say so.
    fn one_line(&self, quote: char) -> usize {
        let mut escaped = false;
        for (offset, c) in self.rest().char_indices().skip(1) {
            match c {
                '\n' => return self.at + offset,
                _ if escaped => escaped = false,
                '\\' if quote == '"' => escaped = true,
                _ if c == quote => return self.at + offset + 1,
                _ => {}
            }
        }
        self.text.len()
    }

    /// Where the next line begins that is a table's header; the end of the text if there is none.
    fn next_header(&self) -> usize {
        let mut at = self.line_end() + 1;
        while let Some(rest) = self.text.get(at..).filter(|rest| !rest.is_empty()) {
            let line = rest.lines().next().unwrap_or_default();
            if is_header(line) {
                return at;
            }
            at += line.len() + 1;
        }
        self.text.len()
    }
}

/// Octets up to and with the closing quotes.
fn closing(text: &str, triple: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let found = from + text.get(from..)?.find(triple)?;
        let backslashes = text.get(..found)?.chars().rev().take_while(|c| *c == '\\').count();
        if triple == "'''" || backslashes % 2 == 0 {
            // Up to two more quotes belong to the text.
            let more = text.get(found + 3..)?.chars().take(2).take_while(|c| triple.starts_with(*c)).count();
            return Some(found + 3 + more);
        }
        from = found + 1;
    }
}

/// Whether the line can only be a table's header, closed or not.
fn is_header(line: &str) -> bool {
    let content = line.split('#').next().unwrap_or_default().trim_end();
    let Some(inner) = content.strip_prefix('[') else { return false };
    let inner = inner.strip_prefix('[').unwrap_or(inner).trim_end_matches(']');
    inner.starts_with(|c: char| c.is_ascii_alphabetic())
        && inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '))
}

/// Whether the line begins with `key =`.
fn is_key(line: &str) -> bool {
    let end = key_len(line);
    let rest = line.get(end..).unwrap_or_default().trim_start();
    end > 0 && rest.starts_with('=') && !rest.starts_with("==")
}

/// Octets of the bare key at the line's beginning.
fn key_len(line: &str) -> usize {
    line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(text: &str) -> (String, Vec<String>) {
        let repaired = repair(text).unwrap_or_else(|| panic!("nothing found in {text:?}"));
        for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
            let found = repaired.text.char_indices().any(|(other, d)| d == c && repaired.origin(other) == at);
            assert!(found, "octet {at} of {text:?} has no place in {:?}", repaired.text);
        }
        (repaired.text, repaired.mistakes.into_iter().map(|mistake| mistake.message.en).collect())
    }

    #[test]
    fn what_is_well_closed_is_left_alone() {
        for text in [
            "a = { en = \"x\", zh = \"}\" }\nb = [\n  \"[\",\n  \"x\",\n]\n[host.x]\np = '''\n[y]\n'''\n",
            "[lesson]\nen = \"\"\"\nsay \\\"\"\" and [go]\n\"\"\"\n",
            "a = {\n  en = \"x\",\n  zh = \"y\",\n}\n# [ { '''\n[[expect]]\nthat = 1\n",
        ] {
            assert_eq!(repair(text), None, "{text}");
        }
    }

    #[test]
    fn an_open_table_ends_where_the_next_key_begins() {
        let (text, said) = fixed("title = { en = \"x\", zh = \"y\" # why\nlesson = 5\n");
        assert_eq!(text, "title = { en = \"x\", zh = \"y\"} # why\nlesson = 5\n");
        assert_eq!(said, ["this `{` is never closed"]);
    }

    #[test]
    fn an_open_list_ends_where_the_next_header_or_key_begins() {
        assert_eq!(fixed("a = [1,\n  2\n[host.x]\n").0, "a = [1,\n  2]\n[host.x]\n");
        assert_eq!(fixed("a = [1,\n  2\nb = 3\n").0, "a = [1,\n  2]\nb = 3\n");
    }

    #[test]
    fn headers_are_closed_on_their_own_line() {
        assert_eq!(
            fixed("[host.x\nisn = 1\n[[expect]\n[[fault # no\n").0,
            "[host.x]\nisn = 1\n[[expect]]\n[[fault]] # no\n"
        );
    }

    #[test]
    fn lines_that_would_stop_the_parser_do_not() {
        let (text, said) = fixed("until \"5s\"\nnonsense here\nwire\n[host a b]\nx = 1\n");
        assert_eq!(text, "until = \"5s\"\n#nonsense here\n#wire\n[\"host a b\"]\nx = 1\n");
        assert_eq!(said.len(), 3, "{said:?}");
    }

    #[test]
    fn an_open_text_ends_before_the_next_header() {
        let (text, said) = fixed("[host.a]\np = '''\n  s = 1\n[host.b]\nq = 1\n");
        assert_eq!(text, "[host.a]\np = '''\n  s = 1\n'''\n[host.b]\nq = 1\n");
        assert_eq!(said, ["this text is never closed with '''"]);
    }
}
