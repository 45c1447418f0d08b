//! From what somebody typed to the entries that are meant, whatever the case, the width of the letters or the signs between them.

use super::{Entry, Glossary, Number};

/// What was found for a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<'g> {
    /// Nothing.
    Nothing,
    /// One entry; others may share the name with it.
    One(&'g Entry, Vec<&'g Entry>),
    /// The name has several meanings.
    Several(Vec<&'g Entry>),
}

/// Full-width letters, digits and signs as plain ones, lower case.
pub(super) fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        other => other,
    };
    text.chars().map(narrow).flat_map(char::to_lowercase).collect()
}

/// A name as names are compared: letters, digits and Chinese characters only, lower case, in their usual width.
pub fn fold(name: &str) -> String {
    plain(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

impl Glossary {
    /// The entries that `asked` names.
    pub fn find(&self, asked: &str) -> Found<'_> {
        if let Some(entry) = self.to_the_letter(asked.trim()) {
            return Found::One(entry, Vec::new());
        }
        for form in forms(asked) {
            let found = self.exactly(&form);
            if found != Found::Nothing {
                return found;
            }
        }
        match self.numbered(asked) {
            found if found.is_empty() => Found::Nothing,
            found if found.len() == 1 => Found::One(found[0], Vec::new()),
            found => Found::Several(found),
        }
    }

    fn exactly(&self, folded: &str) -> Found<'_> {
        // A bare number is a number, not what is left of an address.
        if folded.chars().all(|c| c.is_ascii_digit()) {
            return Found::Nothing;
        }
        let with = |own: bool| {
            self.entries.iter().filter(move |entry| match own {
                true => entry.own_names().any(|name| fold(name) == folded),
                false => entry.also.iter().any(|name| fold(name) == folded),
            })
        };
        let (own, mut sharing): (Vec<_>, Vec<_>) = (with(true).collect(), with(false).collect());
        match own[..] {
            [entry] => Found::One(entry, sharing),
            [] if sharing.is_empty() => Found::Nothing,
            [] if sharing.len() == 1 => Found::One(sharing.remove(0), Vec::new()),
            _ => Found::Several(own.into_iter().chain(sharing).collect()),
        }
    }

    /// The entry that has this very name, sign for sign: `LISTEN` is a state, `listen()` a call.
    fn to_the_letter(&self, asked: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.own_names().any(|name| name == asked))
    }

    /// The entries for which that number stands: `104`, `errno 104`, `0x0800`, `TCP option 5`, `ICMP 3/4`.
    fn numbered(&self, asked: &str) -> Vec<&Entry> {
        let asked = plain(asked);
        let words: Vec<&str> = asked.split_whitespace().collect();
        let Some((value, kind)) = words.split_last() else { return Vec::new() };
        let kind = fold(&kind.concat());
        let meant =
            |number: &Number| same_number(&number.value, value) && fold(&number.kind).ends_with(&kind);
        self.entries.iter().filter(|entry| entry.numbers.iter().any(meant)).collect()
    }
}

/// Whether both write the same number, one of them perhaps in hexadecimal.
fn same_number(one: &str, other: &str) -> bool {
    let value = |text: &str| match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    match (value(one), value(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.eq_ignore_ascii_case(other),
    }
}

/// The ways in which the question may be meant, the nearest to its words first.
fn forms(asked: &str) -> Vec<String> {
    let plain = plain(asked);
    let mut forms = vec![fold(&plain)];
    // A setting by its whole name, a constant or a call by its module's.
    for prefix in ["net.ipv4.", "net.ipv6.", "net.core.", "socket.", "select.", "errno.", "the ", "a "] {
        if let Some(rest) = plain.trim().strip_prefix(prefix) {
            forms.push(fold(rest));
        }
    }
    // Segments, states, flags, in the plural or with their kind behind them.
    let mut words: Vec<&str> = plain.split_whitespace().collect();
    const KINDS: [&str; 11] =
        ["flag", "state", "error", "errno", "option", "call", "field", "setting", "状态", "标志", "选项"];
    if words.len() > 1 && words.last().is_some_and(|last| KINDS.contains(last)) {
        words.pop();
        forms.push(fold(&words.concat()));
    }
    for kind in ["状态", "标志位", "标志", "选项", "错误", "函数", "调用", "字段"] {
        forms.extend(forms[0].strip_suffix(kind).map(str::to_owned));
    }
    for ending in ["es", "s"] {
        forms.extend(forms[0].strip_suffix(ending).filter(|rest| rest.len() > 2).map(str::to_owned));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::super::glossary;
    use super::*;

    fn one(asked: &str) -> &'static str {
        match glossary().find(asked) {
            Found::One(entry, _) => entry.key(),
            other => panic!("{asked}: {other:?}"),
        }
    }

    #[test]
    fn case_hyphens_spaces_and_width_do_not_matter() {
        for asked in [
            "TIME-WAIT",
            "TIME_WAIT",
            "time wait",
            "TimeWait",
            "ＴＩＭＥ＿ＷＡＩＴ",
            "时间等待",
            "TIME-WAIT 状态",
            "time_wait state",
        ] {
            assert_eq!(one(asked), "TIME-WAIT", "{asked}");
        }
        for asked in ["SYN queue", "syn-queue", "半连接队列", "半连接 队列"] {
            assert_eq!(one(asked), "SYN queue", "{asked}");
        }
    }

    #[test]
    fn an_error_is_found_by_its_name_its_number_and_windows_number() {
        for asked in [
            "ECONNRESET",
            "econnreset",
            "errno.ECONNRESET",
            "104",
            "errno 104",
            "１０４",
            "10054",
            "WSAECONNRESET",
        ] {
            assert_eq!(one(asked), "ECONNRESET", "{asked}");
        }
    }

    #[test]
    fn calls_flags_and_settings_are_found_as_programs_write_them() {
        assert_eq!(one("bind"), "bind()");
        assert_eq!(one("LISTEN"), "LISTEN");
        assert_eq!(one("listen()"), "listen()");
        assert_eq!(one("option 5"), "SACK");
        assert_eq!(one("0x806"), "ARP");
        assert_eq!(one("ICMP 3/4"), "fragmentation needed");
        assert_eq!(one("socket.bind()"), "bind()");
        assert_eq!(one("SYNs"), "SYN");
        assert_eq!(one("net.ipv4.tcp_syncookies"), "tcp_syncookies");
        assert_eq!(one("粘包"), "sticky messages");
        assert_eq!(one("b''"), "b''");
    }

    #[test]
    fn a_name_with_several_meanings_lists_them_all() {
        let Found::Several(meanings) = glossary().find("checksum") else {
            panic!("checksum has one meaning")
        };
        assert!(meanings.len() >= 3, "{meanings:?}");
        assert!(matches!(glossary().find("Listen"), Found::Several(meanings) if meanings.len() == 2));
        let Found::Several(numbers) = glossary().find("1") else { panic!("1 has one meaning") };
        assert!(numbers.iter().any(|entry| entry.key() == "EPERM"), "{numbers:?}");
    }

    #[test]
    fn nothing_is_found_for_nothing() {
        for asked in ["", " ", "---", "zebra crossing", "99999"] {
            assert_eq!(glossary().find(asked), Found::Nothing, "{asked:?}");
        }
    }
}
