//! Commands about the card and the way to the peer: `ip route`, `ip link`, `tc qdisc`.

use super::{Effect, unsupported};
use crate::drill::CommandFailure;

/// Words of a route that have a value and mean something to TCP.
const ATTRIBUTES: [&str; 13] = [
    "initcwnd",
    "initrwnd",
    "mtu",
    "advmss",
    "congctl",
    "rto_min",
    "quickack",
    "features",
    "fastopen_no_cookie",
    "cwnd",
    "ssthresh",
    "window",
    "reordering",
];

/// `ip route …`, `ip link …`; what only looks changes nothing.
///
/// # Errors
/// Anything else, by name.
pub(super) fn ip(words: &[&str], line: &str, effects: &mut Vec<Effect>) -> Result<(), CommandFailure> {
    let mut words = words.iter().copied().filter(|word| !word.starts_with('-'));
    let object = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let verb = rest.first().copied().unwrap_or("show");
    if matches!(verb, "show" | "get" | "list" | "ls") || object.starts_with("tcp_m") {
        return Ok(());
    }
    match (object, verb) {
        ("route" | "ro" | "r", "add" | "replace" | "change" | "append" | "prepend") => route(&rest, effects),
        ("route" | "ro" | "r", "flush") if rest.contains(&"cache") => {}
        ("link" | "l", "set") => return link(&rest[1..], line, effects),
        _ => return Err(unsupported(line.trim())),
    }
    Ok(())
}

fn route(words: &[&str], effects: &mut Vec<Effect>) {
    let mut words = words.iter().copied().peekable();
    while let Some(word) = words.next() {
        if !ATTRIBUTES.contains(&word) {
            continue;
        }
        words.next_if_eq(&"lock");
        if let Some(value) = words.next() {
            effects.push(Effect::RouteAttribute(word.to_owned(), value.to_owned()));
        }
    }
}

fn link(words: &[&str], line: &str, effects: &mut Vec<Effect>) -> Result<(), CommandFailure> {
    let refused = || unsupported(line.trim());
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        match word {
            "mtu" => {
                let value = words.next().and_then(|value| value.parse().ok()).ok_or_else(refused)?;
                effects.push(Effect::LinkMtu(value));
            }
            "gso_max_segs" | "gso_max_size" | "gso_ipv4_max_size" => {
                let value = words.next().ok_or_else(refused)?;
                let name = if word == "gso_max_segs" { word } else { "gso_max_size" };
                effects.push(Effect::Sysctl(name.to_owned(), vec![value.to_owned()]));
            }
            "txqueuelen" | "qlen" | "alias" | "name" => {
                words.next();
            }
            "dev" | "up" | "multicast" | "arp" | "on" | "off" => {}
            name if name.starts_with("tun") || name == "lo" => {}
            _ => return Err(refused()),
        }
    }
    Ok(())
}

/// `tc qdisc …`: a queue that takes nothing is the card's refusal; others change nothing that is waited for here.
///
/// # Errors
/// Anything that delays or drops in another way, by name.
pub(super) fn queue(words: &[&str], line: &str, effects: &mut Vec<Effect>) -> Result<(), CommandFailure> {
    let (object, verb) = (words.first().copied(), words.get(1).copied().unwrap_or("show"));
    if object == Some("qdisc") && matches!(verb, "add" | "replace" | "change" | "del" | "delete") {
        let shut = words.windows(2).any(|pair| pair == ["limit", "0"]);
        if words.contains(&"netem") || words.contains(&"tbf") {
            return Err(unsupported(line.trim()));
        }
        effects.push(Effect::CardTakes(!shut || verb.starts_with("del")));
        return Ok(());
    }
    if verb == "show" { Ok(()) } else { Err(unsupported(line.trim())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Effect>, CommandFailure> {
        super::super::effects(text, &|_| None)
    }

    #[test]
    fn a_link_has_its_mtu_and_a_queue_without_length_takes_nothing() {
        assert_eq!(read("ip link set dev tun0 mtu 9000"), Ok(vec![Effect::LinkMtu(9000)]));
        assert_eq!(read("ip link set tun0 mtu 1400 up; ip -6 route show"), Ok(vec![Effect::LinkMtu(1400)]));
        let segments = Effect::Sysctl("gso_max_segs".to_owned(), vec!["1".to_owned()]);
        assert_eq!(read("ip link set dev tun0 gso_max_segs 1"), Ok(vec![segments]));
        assert_eq!(read("tc qdisc add dev tun0 root pfifo limit 0"), Ok(vec![Effect::CardTakes(false)]));
        assert_eq!(read("tc qdisc del dev tun0 root"), Ok(vec![Effect::CardTakes(true)]));
        for refused in [
            "ip link set dev tun0 down",
            "ip addr add 10.0.0.9/8 dev tun0",
            "tc qdisc add dev tun0 root netem delay 3ms",
        ] {
            assert!(matches!(read(refused), Err(CommandFailure::Unsupported(_))), "{refused}");
        }
    }

    #[test]
    fn a_locked_attribute_is_the_attribute() {
        let found = read("ip route change default dev tun0 mtu lock 1400 quickack 1").unwrap();
        let attribute = |name: &str, value: &str| Effect::RouteAttribute(name.to_owned(), value.to_owned());
        assert_eq!(found, [attribute("mtu", "1400"), attribute("quickack", "1")]);
    }
}
