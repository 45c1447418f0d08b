//! Shell commands of scripts, as far as they mean something to a stack: `sysctl`, `ip`, `tc`, `ethtool` and their like.

mod net;
mod nstat;

pub use nstat::Inquiry;

use super::CommandFailure;

/// What a command asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A kernel setting, by its name without `net.ipv4.`, `net.ipv6.` or `net.core.`, and its words.
    Sysctl(String, Vec<String>),
    /// Settings that [`Effect::TakeBack`] can take back, with their words.
    Temporary(Vec<(String, Vec<String>)>),
    /// The last temporary settings are taken back.
    TakeBack,
    /// What has been counted is asked, and the script fails if the answer is not the one it wants.
    Counters(Inquiry),
    /// A route's attribute, such as `initcwnd`, with its value.
    RouteAttribute(String, String),
    /// The card takes packets of so many octets.
    LinkMtu(u16),
    /// Whether the card takes anything at all: a queue of no length drops everything.
    CardTakes(bool),
}

/// Commands that change nothing of how a stack behaves here.
const WITHOUT_EFFECT: [&str; 22] = [
    "true", ":", "echo", "sleep", "exit", "set", "cd", "export", "#", "wait", "printf", "return", "done",
    "fi", "do", "then", "rm", "touch", "mkdir", "cat", "truncate", "chmod",
];

/// The effects of a command line, in order.
///
/// # Errors
/// What is not modelled, by name.
pub fn effects(text: &str, files: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Effect>, CommandFailure> {
    let mut effects = Vec::new();
    let mut lines = 0;
    all(text, files, (DEEPEST, &mut lines), &mut effects)?;
    Ok(effects)
}

/// How deep scripts may call one another.
const DEEPEST: u32 = 4;
/// Lines that one command may come to.
const MOST_LINES: u32 = 10_000;

fn all(
    text: &str,
    files: &dyn Fn(&str) -> Option<String>,
    (depth, lines): (u32, &mut u32),
    effects: &mut Vec<Effect>,
) -> Result<(), CommandFailure> {
    for line in text.replace("\\\n", " ").split(['\n', ';']).flat_map(|line| line.split("&&")) {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        *lines += 1;
        if *lines > MOST_LINES {
            return Err(CommandFailure::Unsupported(format!("a command of more than {MOST_LINES} lines")));
        }
        let line = computed(line);
        let command = line.split_whitespace().next().unwrap_or_default();
        // A script beside this one is read; Python's are known by what they are given.
        match files(command).filter(|_| command.ends_with(".sh") && depth > 0) {
            Some(script) => all(&script, files, (depth - 1, &mut *lines), effects)?,
            None => one(&line, effects)?,
        }
    }
    Ok(())
}

/// The line with `$((15*1024*1024))` worked out: products and sums of whole numbers.
fn computed(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("$((") {
        text.push_str(before);
        let Some((inside, behind)) = after.split_once("))") else { break };
        let number = |text: &str| text.trim().parse::<i64>().ok();
        let product =
            |part: &str| part.split('*').try_fold(1_i64, |all, factor| all.checked_mul(number(factor)?));
        match inside.split('+').try_fold(0_i64, |all, part| all.checked_add(product(part)?)) {
            Some(value) => text.push_str(&value.to_string()),
            None => text.push_str(inside),
        }
        rest = behind;
    }
    text + rest
}

pub(super) fn unsupported(what: &str) -> CommandFailure {
    CommandFailure::Unsupported(format!("`{what}`"))
}

fn one(line: &str, effects: &mut Vec<Effect>) -> Result<(), CommandFailure> {
    if line.split_whitespace().next().and_then(|command| command.rsplit('/').next()) == Some("nstat") {
        effects.push(Effect::Counters(Inquiry::parse(line)?));
        return Ok(());
    }
    let whole = line;
    let line = line.split(['>', '|']).next().unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some(command) = words.first() else { return Ok(()) };
    let name = command.rsplit('/').next().unwrap_or(command);
    match name {
        "sysctl" => {
            effects
                .extend(sysctl(&words[1..]).into_iter().map(|(name, values)| Effect::Sysctl(name, values)));
            Ok(())
        }
        "ip" => net::ip(&words[1..], line, effects),
        // Offload decides how large the pieces are that a capture shows, which matching allows for.
        "ethtool" => Ok(()),
        "tc" => net::queue(&words[1..], line, effects),
        // Python's and shells' helpers that set what they are given, and leave a script behind that takes it back.
        "set_sysctls.py" | "sysctls.py" => {
            effects.push(Effect::Temporary(sysctl(&words[1..])));
            Ok(())
        }
        name if name.starts_with("sysctl_restore") => {
            effects.push(Effect::TakeBack);
            Ok(())
        }
        "echo" => {
            effects.extend(written(whole));
            Ok(())
        }
        _ if WITHOUT_EFFECT.contains(&name) => Ok(()),
        _ => Err(unsupported(line.trim())),
    }
}

/// `sysctl -q net.ipv4.tcp_sack=0`, `sysctl -w net.ipv4.tcp_wmem="4096 16384 4194304"`, and paths under `/proc/sys`.
fn sysctl(words: &[&str]) -> Vec<(String, Vec<String>)> {
    let mut settings = Vec::new();
    let joined = words.iter().filter(|word| !word.starts_with('-')).copied().collect::<Vec<&str>>().join(" ");
    let joined = joined.replace(" = ", "=").replace("= ", "=").replace(" =", "=");
    let mut rest = joined.as_str();
    while let Some(at) = rest.find('=') {
        let key = rest[..at].rsplit(' ').next().unwrap_or_default();
        let after = &rest[at + 1..];
        let quote = after.chars().next().filter(|c| *c == '"' || *c == '\'');
        let (value, left) = match quote {
            Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            // Several numbers belong to one name up to the next one.
            None => {
                let end =
                    after.find('=').map_or(after.len(), |next| after[..next].rfind(' ').unwrap_or(next));
                after.split_at(end)
            }
        };
        let key = key.trim_start_matches("/proc/sys/").replace('/', ".");
        let short =
            ["net.ipv4.", "net.ipv6.", "net.core."].iter().find_map(|prefix| key.strip_prefix(prefix));
        let values = value.split_whitespace().map(str::to_owned).collect();
        settings.push((short.unwrap_or(&key).to_owned(), values));
        rest = left;
    }
    settings
}

/// `echo 1 > /proc/sys/net/ipv4/tcp_sack`.
fn written(line: &str) -> Option<Effect> {
    let (text, to) = line.split_once('>')?;
    let key = to.trim_start_matches('>').trim().strip_prefix("/proc/sys/")?.replace('/', ".");
    let values = text.split_whitespace().skip(1).filter(|word| !word.starts_with('-'));
    let values = values.map(|word| word.trim_matches(['"', '\'']).to_owned()).collect::<Vec<_>>().join(" ");
    let (name, values) = sysctl(&[&format!("{key}=\"{values}\"")]).pop()?;
    Some(Effect::Sysctl(name, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Effect> {
        effects(text, &|_| None).unwrap()
    }
    fn sysctl(name: &str, values: &[&str]) -> Effect {
        Effect::Sysctl(name.to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
    }

    #[test]
    fn settings_are_read_however_they_are_written() {
        assert_eq!(
            read(
                "sysctl -q net.ipv4.tcp_sack=0 net.ipv4.tcp_wmem=\"4096 16384 4194304\"\n./set_sysctls.py /proc/sys/net/ipv4/tcp_ecn=1 # why"
            ),
            [
                sysctl("tcp_sack", &["0"]),
                sysctl("tcp_wmem", &["4096", "16384", "4194304"]),
                Effect::Temporary(vec![("tcp_ecn".to_owned(), vec!["1".to_owned()])])
            ]
        );
        assert_eq!(read("sysctl -w net.core.somaxconn = 7; true"), [sysctl("somaxconn", &["7"])]);
        assert_eq!(read("ethtool -K tun0 tso off"), []);
        assert_eq!(read("echo 0 > /proc/sys/net/ipv4/tcp_sack"), [sysctl("tcp_sack", &["0"])]);
        assert_eq!(
            read("echo '4096 8192 16384' >/proc/sys/net/ipv4/tcp_wmem; echo done"),
            [sysctl("tcp_wmem", &["4096", "8192", "16384"])]
        );
        let files = |name: &str| {
            (name == "./a.sh").then(|| "sysctl -q net.ipv4.tcp_rmem=\"1 $((2*1024)) 3\"".to_owned())
        };
        assert_eq!(effects("./a.sh", &files).unwrap(), [sysctl("tcp_rmem", &["1", "2048", "3"])]);
    }

    #[test]
    fn what_scripts_compute_and_call_is_bounded() {
        let computed = read("sysctl a=$((9223372036854775807*9)) b=$((9223372036854775807+1))");
        assert_eq!(computed.len(), 2, "what is too large stays as it is written");
        let itself = |name: &str| (name == "./a.sh").then(|| "./a.sh\n".repeat(1_000));
        assert!(matches!(effects("./a.sh", &itself), Err(CommandFailure::Unsupported(_))));
    }

    #[test]
    fn routes_have_attributes_and_other_commands_are_refused_by_name() {
        let found = read("ip route replace 192.0.2.0/24 dev tun0 initcwnd 20 mtu 1400");
        let attribute = |name: &str, value: &str| Effect::RouteAttribute(name.to_owned(), value.to_owned());
        assert_eq!(found, [attribute("initcwnd", "20"), attribute("mtu", "1400")]);
        assert_eq!(
            effects("python3 other.py", &|_| None),
            Err(CommandFailure::Unsupported("`python3 other.py`".to_owned()))
        );
    }
}
