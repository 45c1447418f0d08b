//! The glossary: whole, right where it can be checked, and in both languages.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use wirewalk::glossary::{Entry, Found, glossary, sources};
use wirewalk::lang::Lang;
use wirewalk::scenario;
use wirewalk::sim::{self, Options};
use wirewalk::socket::{Errno, OptionName};
use wirewalk::tcp::{State, TimerKind};
use wirewalk::wire::{self, Flags, TcpOption};

/// Entries there must be.
const LEAST: usize = 180;

fn chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// The entry with that symbol or term, written exactly so.
fn entry(key: &str) -> &'static Entry {
    match glossary().find(key) {
        Found::One(entry, _) => entry,
        other => panic!("{key} has no entry of its own: {other:?}"),
    }
}

#[test]
fn there_are_enough_entries_and_every_topic_has_some() {
    assert!(glossary().entries.len() >= LEAST, "{}", glossary().entries.len());
    for topic in &glossary().topics {
        assert!(glossary().of_topic(&topic.name).count() >= 5, "{}", topic.name);
        assert!(chinese(&topic.title.zh) || topic.title.zh == topic.title.en, "{}", topic.name);
        assert!(
            topic.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{}",
            topic.name
        );
    }
}

#[test]
fn every_entry_says_two_to_six_sentences_in_each_language() {
    for entry in &glossary().entries {
        let key = entry.key();
        let english = entry.says.en.split_inclusive(['.', '!', '?']).filter(|part| {
            let at = part.as_ptr() as usize - entry.says.en.as_ptr() as usize + part.len();
            entry.says.en[at..].starts_with(' ') || at == entry.says.en.len()
        });
        let (english, han) = (english.count(), entry.says.zh.matches(['。', '？', '！']).count());
        assert!((2..=7).contains(&english), "{key}: {english} sentences in English");
        assert!((2..=7).contains(&han), "{key}: {han} sentences in Chinese");
        assert!(entry.says.en.ends_with('.') && entry.says.zh.ends_with('。'), "{key} ends without a stop");
        assert!(!chinese(&entry.says.en) && !chinese(&entry.term.en), "{key}: Chinese in the English text");
        assert!(chinese(&entry.says.zh), "{key}: no Chinese in the Chinese text");
        let protocol = ["SYN cookie", "UDP"].contains(&entry.term.zh.as_str());
        assert!(chinese(&entry.term.zh) || protocol, "{key} has no Chinese term");
        assert!(!entry.says.en.contains("  "), "{key}: two spaces");
        let letters: Vec<char> = entry.says.zh.chars().collect();
        for pair in letters.windows(2) {
            let [one, other] = [pair[0], pair[1]];
            let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            assert!(!(han(one) && ",;:?!(".contains(other)), "{key}: a narrow sign after “{one}”");
        }
    }
}

/// A Latin word in a Chinese text is a name: of a term, a call, a setting, a document, or one of these.
#[test]
fn no_chinese_text_has_an_untranslated_word() {
    const NAMES: &[&str] = &[
        "Linux",
        "Python",
        "Windows",
        "macOS",
        "wirewalk",
        "Redis",
        "MongoDB",
        "Django",
        "Flask",
        "MySQL",
        "backlog",
        "Nagle",
        "Karn",
        "Reno",
        "linux",
        "cookie",
        // Commands, their arguments, and code.
        "ulimit",
        "neigh",
        "ip",
        "inspect",
        "export",
        "profile",
        "route",
        "root",
        "ioctl",
        "serve",
        "Thread",
        "args",
        "target",
        "if",
        "not",
        "data",
        "break",
        "continue",
        "None",
        "struct",
        "Gbit",
        "Mbit",
        "eth",
        "fe",
        "ff",
        "ffff",
        "linger",
        "proc",
        "sys",
        "net",
        "core",
        "ipv",
        "rfc",
        "Content-Length",
        "TCPTimeouts",
        "ip_forward",
        "cubic",
        "reno",
    ];
    let words = |text: &str| -> Vec<String> {
        let split = text.split(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '_' | '-')));
        split.map(|word| word.trim_matches('-').to_owned()).filter(|word| !word.is_empty()).collect()
    };
    let mut known: BTreeSet<String> = NAMES.iter().map(|&name| name.to_owned()).collect();
    for entry in &glossary().entries {
        let code = |name: &&str| !name.contains(' ') || !name.contains(|c: char| c.is_ascii_lowercase());
        let single = entry.symbol.as_deref().into_iter().chain(entry.names.iter().map(String::as_str));
        known.extend(single.filter(code).chain(entry.cites.iter().map(String::as_str)).flat_map(words));
    }
    let mut strange = Vec::new();
    for entry in &glossary().entries {
        for word in words(&entry.says.zh).into_iter().chain(words(&entry.term.zh)) {
            let prose = word.chars().filter(char::is_ascii_lowercase).count() >= 2;
            if prose && !known.contains(&word) {
                strange.push(format!("{}: {word}", entry.key()));
            }
        }
    }
    assert!(strange.is_empty(), "untranslated: {}", strange.join(", "));
}

#[test]
fn no_two_entries_have_the_same_name_unless_both_say_that_they_share_it() {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in &glossary().entries {
        let mut own: Vec<&str> = entry.own_names().collect();
        own.sort_unstable();
        own.dedup();
        for name in own {
            if let Some(other) = owners.insert(name, entry.key()) {
                panic!("“{name}” names both {other} and {}", entry.key());
            }
        }
    }
    let mut sharing: BTreeMap<&str, usize> = BTreeMap::new();
    for name in glossary().entries.iter().flat_map(|entry| &entry.also) {
        assert!(
            !owners.contains_key(name.as_str()),
            "“{name}” is shared, and {}'s own",
            owners[name.as_str()]
        );
        *sharing.entry(name).or_default() += 1;
    }
    let alone: Vec<_> = sharing.iter().filter(|(_, count)| **count < 2).collect();
    assert!(alone.is_empty(), "shared with nobody: {alone:?}");
}

#[test]
fn every_entry_is_found_by_each_of_its_own_names_and_its_key_leads_to_it_alone() {
    for entry in &glossary().entries {
        for name in entry.own_names() {
            match glossary().find(name) {
                Found::One(found, _) => assert_eq!(found.key(), entry.key(), "{name}"),
                other => panic!("{name}: {other:?}"),
            }
        }
        for shape in
            [entry.key().to_lowercase(), entry.key().to_uppercase(), entry.key().replace(['-', ' '], "_")]
        {
            let among = match glossary().find(&shape) {
                Found::One(found, _) => vec![found.key()],
                Found::Several(found) => found.iter().map(|entry| entry.key()).collect(),
                Found::Nothing => vec![],
            };
            let another = |entry: &Entry| entry.own_names().any(|name| name == shape);
            let taken = among.iter().any(|key| *key != entry.key()) && glossary().entries.iter().any(another);
            assert!(taken || among.contains(&entry.key()), "{shape} leads to {among:?}");
        }
    }
}

#[test]
fn related_terms_exist_and_nobody_is_related_to_itself() {
    for entry in &glossary().entries {
        assert!(!entry.related.is_empty(), "{} has no relatives", entry.key());
        for name in &entry.related {
            let related = glossary().named(name);
            let key = related.map(Entry::key).unwrap_or_else(|| panic!("{}: no {name}", entry.key()));
            assert_ne!(key, entry.key());
        }
    }
}

#[test]
fn every_citation_is_a_section_a_manual_page_a_setting_or_a_standard() {
    let numbered = |text: &str| text.split('.').all(|part| part.parse::<u8>().is_ok());
    let mut cited = BTreeSet::new();
    for entry in &glossary().entries {
        assert!(!entry.cites.is_empty(), "{} rests on nothing", entry.key());
        for cite in &entry.cites {
            let key = entry.key();
            if let Some(rest) = cite.strip_prefix("RFC ") {
                let (number, section) = rest.split_once(' ').unwrap_or((rest, ""));
                cited.insert(number.parse::<u32>().unwrap_or_else(|_| panic!("{key}: {cite}")));
                let figure = section.strip_prefix("figure ").is_some_and(numbered);
                let appendix = section.strip_prefix("appendix ").is_some_and(|name| name.len() == 1);
                assert!(section.is_empty() || numbered(section) || figure || appendix, "{key}: {cite}");
            } else if let Some(setting) = cite.strip_prefix("net.") {
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
                assert!(setting.chars().all(plain), "{key}: {cite}");
            } else if let Some(page) = cite.strip_suffix(')') {
                let (name, section) = page.split_once('(').unwrap_or_else(|| panic!("{key}: {cite}"));
                assert!(
                    !name.is_empty() && section.parse::<u8>().is_ok_and(|s| (1..=8).contains(&s)),
                    "{key}: {cite}"
                );
            } else {
                assert!(
                    ["IEEE ", "ISO ", "Python "].iter().any(|kind| cite.starts_with(kind)),
                    "{key}: {cite}"
                );
            }
        }
    }
    let listed: BTreeSet<u32> = glossary().rfcs.iter().map(|rfc| rfc.number).collect();
    assert_eq!(listed.len(), glossary().rfcs.len(), "a document stands twice");
    assert_eq!(listed, cited, "the table of documents and the citations differ");
    assert!(glossary().rfcs.iter().all(|rfc| chinese(&rfc.title.zh) || rfc.title.zh == "HTTP/1.1"));
}

/// Sections cited of RFC 9293, held against its table of contents as far as the glossary uses it.
#[test]
fn sections_of_rfc_9293_are_those_it_has() {
    const HAS: &[&str] = &[
        "1",
        "2.2",
        "3",
        "3.1",
        "3.2",
        "3.3.1",
        "3.3.2",
        "3.4",
        "3.4.1",
        "3.4.2",
        "3.4.3",
        "3.5",
        "3.5.1",
        "3.5.2",
        "3.5.3",
        "3.6",
        "3.6.1",
        "3.7",
        "3.7.1",
        "3.7.2",
        "3.7.3",
        "3.7.4",
        "3.7.5",
        "3.8",
        "3.8.1",
        "3.8.2",
        "3.8.3",
        "3.8.4",
        "3.8.5",
        "3.8.6",
        "3.8.6.1",
        "3.8.6.2",
        "3.8.6.2.1",
        "3.8.6.2.2",
        "3.8.6.3",
        "3.9",
        "3.9.1",
        "3.9.1.1",
        "3.9.1.2",
        "3.9.1.3",
        "3.9.1.4",
        "3.9.1.5",
        "3.9.1.6",
        "3.9.2",
        "3.9.2.1",
        "3.9.2.2",
        "3.9.2.3",
        "3.10",
        "3.10.1",
        "3.10.2",
        "3.10.3",
        "3.10.4",
        "3.10.5",
        "3.10.6",
        "3.10.7",
        "3.10.7.1",
        "3.10.7.2",
        "3.10.7.3",
        "3.10.7.4",
        "3.10.8",
        "figure 7",
        "figure 8",
        "figure 13",
    ];
    for entry in &glossary().entries {
        for section in entry.cites.iter().filter_map(|cite| cite.strip_prefix("RFC 9293 ")) {
            assert!(HAS.contains(&section), "{}: RFC 9293 {section}", entry.key());
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn every_error_number_is_the_one_of_the_c_library() {
    macro_rules! known {
        ($($name:ident)*) => { BTreeMap::from([$((stringify!($name), libc::$name),)*]) };
    }
    let known = known!(
        EPERM ENOENT EINTR EBADF EAGAIN EACCES EFAULT EINVAL EMFILE ENOTTY EPIPE ENONET EPROTO ENOTSOCK EDESTADDRREQ EMSGSIZE
        EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETUNREACH
        ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS
    );
    let mut seen = 0;
    for entry in &glossary().entries {
        for number in entry.numbers.iter().filter(|number| number.kind == "errno") {
            let value = known.get(entry.key()).unwrap_or_else(|| panic!("{} is unknown here", entry.key()));
            assert_eq!(number.value, value.to_string(), "{}", entry.key());
            seen += 1;
        }
    }
    assert_eq!(seen, known.len());
}

#[test]
fn every_errno_of_the_socket_layer_has_an_entry_by_name_and_by_number() {
    for errno in Errno::ALL {
        assert_eq!(entry(errno.name()).symbol.as_deref(), Some(errno.name()));
        let numbered = format!("errno {}", errno.value());
        assert_eq!(entry(&numbered).key(), errno.name());
        let alone = glossary().find(&errno.value().to_string());
        let meant = match alone {
            Found::One(entry, _) => vec![entry.key()],
            Found::Several(entries) => entries.iter().map(|entry| entry.key()).collect(),
            Found::Nothing => vec![],
        };
        assert!(meant.contains(&errno.name()), "{}: {meant:?}", errno.value());
    }
}

#[test]
fn every_state_flag_option_and_timer_of_the_engine_has_an_entry() {
    for state in State::ALL {
        assert_eq!(entry(state.name()).topic, "states", "{state}");
        assert_eq!(entry(&state.name().replace('-', "_")).key(), state.name());
    }
    let mut flags = BTreeSet::new();
    for (letter, _) in Flags::LETTERS {
        let found = entry(&letter.to_string());
        assert_eq!((found.topic.as_str(), found.key().len()), ("flags", 3), "{letter}");
        assert!(found.key().starts_with(letter), "{letter} is {}", found.key());
        flags.insert(found.key());
    }
    assert_eq!(flags.len(), Flags::LETTERS.len());
    for (_, name) in OptionName::ALL {
        assert_eq!(entry(name).topic, "socket-options", "{name}");
    }
    for timer in TimerKind::ALL {
        // Without a `_` arm: a new timer needs its entry before this compiles.
        let key = match timer {
            TimerKind::LossProbe => "TLP",
            TimerKind::Reorder => "RACK",
            TimerKind::Retransmission => "RTO",
            TimerKind::DelayedAck => "delayed ACK",
            TimerKind::Persist => "persist timer",
            TimerKind::Keepalive => "keepalive",
            TimerKind::Override => "override timer",
            TimerKind::FinWait2 => "FIN-WAIT-2 timer",
            TimerKind::TimeWait => "time-wait timer",
            TimerKind::CompressedAck => "ACK compression timer",
        };
        assert_eq!(entry(key).topic, "timers", "{key}");
    }
}

/// Without a `_` arm: a new option needs its entry before this compiles.
#[test]
fn every_option_of_the_tcp_header_has_an_entry_by_its_kind() {
    fn key(option: &TcpOption) -> &'static str {
        match option {
            TcpOption::EndOfList => "end of option list",
            TcpOption::Nop => "NOP option",
            TcpOption::Mss(_) => "MSS",
            TcpOption::WindowScale(_) => "window scale option",
            TcpOption::SackPermitted => "SACK-permitted option",
            TcpOption::Sack(_) => "SACK",
            TcpOption::Timestamps { .. } => "timestamps option",
            TcpOption::UserTimeout { .. } => "user timeout option",
            TcpOption::FastOpen { .. } => "Fast Open option",
            TcpOption::Unknown { .. } | TcpOption::Malformed { .. } => "TCP option",
        }
    }
    for (option, kind) in [
        (TcpOption::EndOfList, "0"),
        (TcpOption::Nop, "1"),
        (TcpOption::Mss(1460), "2"),
        (TcpOption::WindowScale(7), "3"),
        (TcpOption::SackPermitted, "4"),
        (TcpOption::Sack(wire::SackBlocks::default()), "5"),
        (TcpOption::Timestamps { value: 1, echo: 2 }, "8"),
        (TcpOption::UserTimeout { minutes: false, value: 1 }, "28"),
    ] {
        let found = entry(key(&option));
        assert_eq!(found.topic, "tcp-options");
        assert_eq!(found.numbers[0].value, kind, "{}", found.key());
        assert_eq!(entry(&format!("option {kind}")).key(), found.key());
    }
    assert_eq!(entry("TCP option 34").key(), "Fast Open option");
    assert_eq!(entry(key(&TcpOption::Malformed { kind: 9, length: None })).topic, "tcp-options");
}

#[test]
fn every_header_field_of_every_frame_of_the_lessons_has_an_entry() {
    let mut explained: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in &glossary().entries {
        for field in &entry.fields {
            if let Some(other) = explained.insert(field, entry.key()) {
                panic!("{field} is explained by {other} and {}", entry.key());
            }
        }
    }
    let (mut seen, mut missing) = (BTreeSet::new(), BTreeSet::new());
    for (_, plan) in common::builtin_plans() {
        let trace = sim::run(&plan, &Options::default());
        for frame in trace.frames() {
            for field in wire::decode(frame.bytes).iter().flat_map(|layer| &layer.fields) {
                seen.insert(field.key);
            }
        }
    }
    // Messages of applications, spanning tree's and router advertisements' options have fields of their own.
    const BELOW: [&str; 9] = ["eth.", "vlan.", "arp.", "ip.", "ipv6.", "icmp.", "icmpv6.", "udp.", "tcp."];
    for key in seen.iter().filter(|key| BELOW.iter().any(|layer| key.starts_with(layer))) {
        if !explained.contains_key(key) && !key.starts_with("icmpv6.option") {
            missing.insert(*key);
        }
    }
    assert!(missing.is_empty(), "without an entry: {missing:?}");
    assert!(seen.contains("tcp.window") && seen.contains("arp.operation") && seen.contains("ipv6.hop_limit"));
}

#[test]
fn every_call_and_every_setting_that_a_lesson_uses_has_an_entry() {
    for (name, plan) in common::builtin_plans() {
        for call in sim::run(&plan, &Options::default()).calls() {
            let found = glossary().find(&format!("{}()", call.call.name()));
            assert!(matches!(found, Found::One(..) | Found::Several(_)), "{name}: {}()", call.call.name());
        }
        for setting in plan.hosts.iter().flat_map(|host| &host.sysctl) {
            assert_eq!(entry(&setting.0.to_string()).topic, "settings", "{name}");
        }
    }
}

#[test]
fn every_lesson_named_exists_and_asking_twice_names_the_same() {
    let (once, twice) = (sources().unwrap(), sources().unwrap());
    let mut shown = 0;
    for entry in &glossary().entries {
        let lessons = entry.lessons(&once);
        assert_eq!(lessons, entry.lessons(&twice), "{}", entry.key());
        assert!(lessons.len() <= 5, "{}", entry.key());
        for lesson in &lessons {
            assert!(scenario::find(lesson.name).is_ok(), "{}: {}", entry.key(), lesson.name);
        }
        let names: BTreeSet<&str> = lessons.iter().map(|lesson| lesson.name).collect();
        assert_eq!(names.len(), lessons.len(), "{} names a lesson twice", entry.key());
        shown += usize::from(!lessons.is_empty());
    }
    assert!(shown >= 250, "only {shown} terms have a lesson");
}

#[test]
fn the_lessons_one_would_name_come_first() {
    let sources = sources().unwrap();
    for (term, wanted) in [
        ("TIME-WAIT", "time-wait"),
        ("three-way handshake", "three-way-handshake"),
        ("four-way close", "four-way-close"),
        ("half-close", "half-close"),
        ("simultaneous close", "simultaneous-close"),
        ("backlog", "backlog-full"),
        ("accept queue", "backlog-full"),
        ("SYN queue", "syn-flood"),
        ("SYN flood", "syn-flood"),
        ("SYN cookie", "syn-flood-cookies"),
        ("slow start", "slow-start"),
        ("fast retransmit", "fast-retransmit"),
        ("SACK", "sack"),
        ("CUBIC", "cubic-curve"),
        ("ECN", "ecn"),
        ("keepalive", "keepalive-alive"),
        ("TCP_USER_TIMEOUT", "user-timeout"),
        ("TFO", "fast-open"),
        ("challenge ACK", "blind-reset"),
        ("urgent data", "urgent-data"),
        ("ECONNREFUSED", "connection-refused"),
        ("EADDRINUSE", "address-in-use"),
        ("EMSGSIZE", "udp-max-datagram"),
        ("ETIMEDOUT", "user-timeout"),
        ("ARP", "arp"),
        ("NAT", "nat"),
        ("switch", "switch-learning"),
        ("spanning tree", "spanning-tree"),
        ("traceroute", "traceroute"),
        ("echo request", "ping"),
        ("path MTU discovery", "path-mtu"),
        ("neighbour discovery", "neighbour-discovery"),
        ("encapsulation", "encapsulation"),
        ("DNS", "dns"),
        ("DHCP", "dhcp"),
        ("HTTP", "http-over-tcp"),
        ("FTP", "ftp-two-connections"),
        ("sticky messages", "message-framing"),
        ("AF_UNIX", "unix-stream"),
        ("SOCK_SEQPACKET", "unix-seqpacket"),
        ("stop-and-wait", "stop-and-wait"),
    ] {
        let lessons = entry(term).lessons(&sources);
        let first: Vec<&str> = lessons.iter().take(2).map(|lesson| lesson.name).collect();
        assert!(first.contains(&wanted), "{term}: {first:?}");
    }
}

/// A lesson that stands under an errno really shows it: a call returns it, or its text speaks of it.
#[test]
fn a_lesson_under_an_errno_returns_it_or_speaks_of_it() {
    let sources = sources().unwrap();
    let mut returned: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, plan) in common::builtin_plans() {
        for call in sim::run(&plan, &Options::default()).calls() {
            if let Some(wirewalk::socket::Return::Failed(errno)) = call.result() {
                returned.entry(name).or_default().insert(errno.name());
            }
        }
    }
    for errno in Errno::ALL {
        for lesson in entry(errno.name()).lessons(&sources) {
            let source = sources.iter().find(|source| source.name == lesson.name).unwrap();
            let told = source.text.get(Lang::En).contains(errno.name()) || source.body.contains(errno.name());
            let seen = returned.get(lesson.name).is_some_and(|errnos| errnos.contains(errno.name()));
            assert!(told || seen, "{}: {}", errno.name(), lesson.name);
        }
    }
}
