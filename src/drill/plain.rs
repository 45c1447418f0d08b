//! Commands that do nothing but set kernel settings: they need no shell, and no `sysctl` on the machine.

/// The settings of a command line, as paths below `/proc/sys` and what is to be written there; `None` where it is more than a
/// row of `sysctl name=value`.
pub(super) fn settings(text: &str) -> Option<Vec<(String, String)>> {
    let mut settings = Vec::new();
    for line in text.replace("\\\n", " ").lines() {
        let words = words(line)?;
        let Some((command, arguments)) = words.split_first() else { continue };
        if command != "sysctl" {
            return None;
        }
        for argument in arguments {
            if matches!(argument.as_str(), "-q" | "-w" | "-qw" | "-wq") {
                continue;
            }
            let (name, value) = argument.split_once('=')?;
            let path = name.strip_prefix("/proc/sys/").unwrap_or(name).replace('.', "/");
            let known = |letter: char| letter.is_ascii_alphanumeric() || "_/-".contains(letter);
            if path.split('/').any(str::is_empty) || !path.chars().all(known) {
                return None;
            }
            settings.push((path, value.to_owned()));
        }
    }
    (!settings.is_empty()).then_some(settings)
}

/// The words of a line; `None` where it holds what only a shell understands.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            (_, '$' | '`' | '\\') => return None,
            (None, ';' | '&' | '|' | '<' | '>' | '(' | ')' | '*' | '?' | '[' | '~' | '#' | '!' | '{') => {
                return None;
            }
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        settings(text).unwrap_or_default()
    }

    #[test]
    fn settings_are_read_as_the_shell_and_sysctl_would() {
        let pair = |path: &str, value: &str| (path.to_owned(), value.to_owned());
        assert_eq!(
            read(
                "sysctl -q net.ipv4.tcp_sack=0 net.ipv4.tcp_rmem=\"1 2 3\"\n\n  sysctl -w net/core/somaxconn='7'"
            ),
            [
                pair("net/ipv4/tcp_sack", "0"),
                pair("net/ipv4/tcp_rmem", "1 2 3"),
                pair("net/core/somaxconn", "7")
            ]
        );
        assert_eq!(read("sysctl \\\n /proc/sys/net/ipv4/tcp_ecn=1"), [pair("net/ipv4/tcp_ecn", "1")]);
    }

    #[test]
    fn whatever_is_more_than_that_is_left_to_the_shell() {
        for more in [
            "sysctl -q a=1; true",
            "sysctl a=$((1+1))",
            "sysctl a",
            "sysctl -p a=1",
            "sysctl a=1 > /dev/null",
            "sysctl 'a=1",
            "sysctl ../../etc/x=1",
            "true",
            "",
            "sysctl -q",
        ] {
            assert_eq!(settings(more), None, "{more}");
        }
    }
}
