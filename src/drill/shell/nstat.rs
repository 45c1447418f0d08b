//! `nstat | grep -q "…"`: what a script asks of the kernel's counters.

use super::unsupported;
use crate::drill::CommandFailure;

/// `nstat` with its options, and the `grep`s behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inquiry {
    /// `-n`: what has been counted is taken note of, and nothing is said.
    pub silent: bool,
    /// `-s`: what has been counted is not taken note of.
    pub leaves: bool,
    /// `-a`: counted since the machine began, not since the last time.
    pub absolute: bool,
    /// `-z`: those that did not move too.
    pub zeros: bool,
    /// Which lines go on, in order.
    pub filters: Vec<Filter>,
}

/// One `grep`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// What a line must hold.
    pub pattern: String,
    /// `-v`: or must not.
    pub not: bool,
    /// `-i`: capitals or not.
    pub any_case: bool,
}

impl Filter {
    fn takes(&self, line: &str) -> bool {
        let (line, pattern) = match self.any_case {
            true => (line.to_lowercase(), self.pattern.to_lowercase()),
            false => (line.to_owned(), self.pattern.clone()),
        };
        let text = pattern.trim_start_matches('^').trim_end_matches('$');
        let found = match (pattern.starts_with('^'), pattern.ends_with('$')) {
            (true, true) => line == text,
            (true, false) => line.starts_with(text),
            (false, true) => line.ends_with(text),
            (false, false) => line.contains(text),
        };
        found != self.not
    }
}

impl Inquiry {
    /// Reads the command line that begins with `nstat`.
    ///
    /// # Errors
    /// What of it is not understood, by name.
    pub fn parse(line: &str) -> Result<Inquiry, CommandFailure> {
        let line = line.split('>').next().unwrap_or_default();
        let mut parts = line.split('|');
        let mut inquiry = Inquiry::default();
        for word in words(parts.next().unwrap_or_default()).iter().skip(1) {
            match word.strip_prefix('-') {
                Some(letters) => {
                    for letter in letters.chars() {
                        match letter {
                            'n' => inquiry.silent = true,
                            's' => inquiry.leaves = true,
                            'a' => inquiry.absolute = true,
                            'z' => inquiry.zeros = true,
                            _ => return Err(unsupported(line.trim())),
                        }
                    }
                }
                None => inquiry.filters.push(Filter { pattern: word.clone(), not: false, any_case: false }),
            }
        }
        for part in parts {
            inquiry.filters.push(filter(part).ok_or_else(|| unsupported(line.trim()))?);
        }
        Ok(inquiry)
    }

    /// The names of counters that it asks about.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        const GROUPS: [&str; 6] = ["TcpExt", "Tcp", "Ip", "Udp", "Icmp", "MPTcpExt"];
        self.filters
            .iter()
            .map(|filter| filter.pattern.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
            .filter(|name| name.len() > 8 && GROUPS.iter().any(|group| name.starts_with(group)))
    }

    /// Whether, of these counters, any line comes through; the command succeeds if so. Without a `grep` it does.
    pub fn holds(&self, counted: &[(String, u64)]) -> bool {
        self.filters.is_empty()
            || counted.iter().filter(|(_, count)| self.zeros || *count > 0).any(|(name, count)| {
                let line = format!("{name:<32}{count:<16}{:>6}", "0.0");
                self.filters.iter().all(|filter| filter.takes(&line))
            })
    }
}

/// `grep -q " 1 "`; `None` for anything else, and for patterns that are more than a text with `^` and `$` at its ends.
fn filter(part: &str) -> Option<Filter> {
    let words = words(part);
    let mut filter = Filter { pattern: String::new(), not: false, any_case: false };
    let (command, rest) = words.split_first()?;
    if command.rsplit('/').next() != Some("grep") {
        return None;
    }
    for word in rest {
        match word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            Some(letters) => {
                for letter in letters.chars() {
                    match letter {
                        'q' | 'E' | 'F' | 'e' | 's' => {}
                        'v' => filter.not = true,
                        'i' => filter.any_case = true,
                        _ => return None,
                    }
                }
            }
            None if filter.pattern.is_empty() => filter.pattern.clone_from(word),
            None => return None,
        }
    }
    let inside = filter.pattern.trim_start_matches('^').trim_end_matches('$');
    let plain =
        !inside.is_empty() && !inside.contains(['*', '[', ']', '\\', '(', '|', '^', '$', '+', '?', '{']);
    plain.then_some(filter)
}

/// Words at spaces, those between quotes whole.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.push(c),
            None if c == '"' || c == '\'' => (quote, begun) = (Some(c), true),
            None if c.is_whitespace() => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            None => word.push(c),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted() -> Vec<(String, u64)> {
        [("TcpExtBeyondWindow", 3), ("TcpInSegs", 13), ("TcpOutRsts", 0)]
            .map(|(name, n)| (name.to_owned(), n))
            .to_vec()
    }

    fn holds(line: &str) -> bool {
        Inquiry::parse(line).unwrap().holds(&counted())
    }

    #[test]
    fn a_count_is_found_between_spaces_as_nstat_prints_it() {
        assert!(holds("nstat | grep TcpExtBeyondWindow | grep -q \" 3 \""));
        assert!(!holds("nstat | grep TcpExtBeyondWindow | grep -q \" 1 \""));
        assert!(!holds("nstat | grep TcpInSegs | grep -q ' 3 '"));
        assert!(holds("nstat TcpInSegs | /bin/grep -q ' 13 ' > /dev/null"));
        assert!(holds("nstat -n") && holds("nstat > /dev/null"));
    }

    #[test]
    fn what_did_not_move_is_not_told_without_z() {
        assert!(!holds("nstat | grep TcpOutRsts"));
        assert!(holds("nstat -sz | grep -q ^TcpOutRsts"));
        assert!(!holds("nstat -z | grep TcpOutRsts | grep -v ' 0 '"));
    }

    #[test]
    fn other_filters_and_options_are_refused_by_name() {
        for line in
            ["nstat | awk '{print $2}'", "nstat --json", "nstat | grep -c Tcp", "nstat | grep 'Tcp.*[12]'"]
        {
            assert_eq!(Inquiry::parse(line), Err(unsupported(line)), "{line}");
        }
    }

    #[test]
    fn names_of_counters_are_told_from_numbers() {
        let inquiry = Inquiry::parse("nstat | grep TcpExtTCPFastRetrans | grep -q ' 1 '").unwrap();
        assert_eq!(inquiry.names().collect::<Vec<_>>(), ["TcpExtTCPFastRetrans"]);
    }
}
