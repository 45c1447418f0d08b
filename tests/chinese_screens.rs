//! What is on screen with `--lang zh` is Chinese: a word of Latin letters that stands there is a name. Which words are names
//! is found, as far as it can be, where they are named: in the scenario's programs, in the glossary, on the command line.

use clap::ValueEnum;
use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use wirewalk::export::Part;
use wirewalk::glossary::glossary;
use wirewalk::lang::Lang;
use wirewalk::mib::Counter;
use wirewalk::scenario::{self, Scenario, builtins};
use wirewalk::sim;
use wirewalk::trace::{Event, Trace};
use wirewalk::view::{Look, VIEWS, render};

/// Names that no table has, each with the reason why it is not translated.
const NAMES: &[(&str, &str)] = &[
    ("Linux", "a system"),
    ("Windows", "a system"),
    ("Mac", "a system"),
    ("Python", "a language"),
    ("wirewalk", "this program"),
    ("packetdrill", "a program"),
    ("Graphviz", "a program"),
    ("MongoDB", "a service"),
    ("Redis", "a service"),
    ("Django", "a service"),
    ("Flask", "a service"),
    ("Tomcat", "a service"),
    ("Alice", "a person"),
    ("Van", "a person"),
    ("Jacobson", "a person"),
    ("Clark", "a person"),
    ("Little", "a person"),
    ("CoDel", "a queue's algorithm, RFC 8289"),
    ("Wi-Fi", "what it is called in Chinese too"),
    ("NameError", "Python"),
    ("ValueError", "Python"),
    ("None", "Python"),
    ("Gbit", "a unit"),
    ("Bob", "a person"),
    ("IPsec", "a protocol"),
    ("Web", "what it is called in Chinese too"),
    ("cookie", "what it is called in Chinese too"),
    ("Schema", "JSON Schema, a format"),
    ("shell", "what it is called in Chinese too"),
    ("locale", "the setting of that name"),
    ("root", "the user of that name"),
    ("Ctrl-C", "a key"),
    ("Fast", "TCP Fast Open, an extension's name"),
    ("Open", "TCP Fast Open, an extension's name"),
    ("W_max", "a variable of RFC 9438"),
    ("Mbit", "a unit"),
    ("kbit", "a unit"),
    ("bit", "a unit"),
    ("min", "a unit"),
    ("ms", "a unit"),
    ("us", "a unit"),
    ("ns", "a unit"),
    ("break", "Python"),
    ("continue", "Python"),
    ("Thread", "Python"),
    ("sock", "a variable in a line of Python"),
    ("dup", "the call of that name"),
    ("True", "Python"),
    ("False", "Python"),
    ("true", "a value of programs"),
    ("host", "an argument in a line of Python"),
    ("Address", "the words of EADDRINUSE as every system says them"),
    ("already", "the words of EADDRINUSE as every system says them"),
    ("in", "the words of EADDRINUSE as every system says them"),
    ("use", "the words of EADDRINUSE as every system says them"),
    ("sackOK", "an option as packet lines write it"),
    ("mss", "an option as packet lines write it"),
    ("val", "a field of RFC 7323"),
    ("ecr", "a field of RFC 7323"),
    ("request", "ARP's REQUEST, RFC 826"),
    ("reply", "ARP's REPLY, RFC 826"),
    ("win", "a field as packet lines write it"),
    ("len", "a field as packet lines write it"),
    ("ip6", "a kind of frame in patterns"),
    ("icmp6", "a kind of frame in patterns"),
    ("nd", "a kind of frame in patterns"),
    ("nf_tables", "a part of the kernel"),
    ("sock_diag", "a part of the kernel"),
    ("ciaddr", "a field of RFC 2131"),
    ("yiaddr", "a field of RFC 2131"),
    ("siaddr", "a field of RFC 2131"),
    ("giaddr", "a field of RFC 2131"),
    ("chaddr", "a field of RFC 2131"),
    ("sname", "a field of RFC 2131"),
    ("file", "a field of RFC 2131"),
    ("Host", "a field of RFC 9110"),
    ("Content-Type", "a field of RFC 9110"),
    ("iss", "a variable of RFC 9293"),
    ("irs", "a variable of RFC 9293"),
    ("ipv4-mapped-ipv6", "a value that packetdrill knows"),
    ("text", "a value of --format"),
    ("pkt", "the ending of a file"),
    ("tar", "the ending of a file"),
    ("gz", "the ending of a file"),
];

/// The words of a text that would be prose: runs of Latin letters, digits, `_` and `-` with two small letters in them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let split = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    split.map(|word| word.trim_matches(['-', '_'])).filter(|word| {
        let small = word.chars().filter(char::is_ascii_lowercase).count() >= 2;
        let hex = word.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
        let number = word.starts_with(|c: char| c.is_ascii_digit());
        // A curve of a plot, and a line of data that is one letter over and over, or the alphabet.
        let drawn = word.chars().all(|c| "oxyzRs".contains(c)) || "abcdefghijklmnopqrstuvwxyz".contains(word);
        small && !hex && !number && !drawn
    })
}

/// Names that are the same everywhere.
fn names() -> BTreeSet<String> {
    let mut known: BTreeSet<String> = NAMES.iter().map(|(name, _)| (*name).to_owned()).collect();
    for entry in &glossary().entries {
        let symbol = entry.symbol.iter();
        // Of several words a name is only what is written with capitals or signs; "sliding window" is English.
        let single = entry.names.iter().chain(&entry.also).filter(|name| !name.trim().contains(' '));
        let cites = entry.cites.iter().chain(&entry.fields);
        for name in symbol.chain(single).chain(cites) {
            known.extend(words(name).map(str::to_owned));
        }
    }
    known.extend(builtins().iter().flat_map(|builtin| [builtin.name, builtin.topic]).map(str::to_owned));
    known.extend(VIEWS.iter().map(|view| view.key.to_owned()));
    known.extend(
        Part::value_variants()
            .iter()
            .filter_map(|part| Some(part.to_possible_value()?.get_name().to_owned())),
    );
    known.extend(Counter::ALL.iter().map(|counter| counter.name().to_owned()));
    known.extend(glossary().topics.iter().map(|topic| topic.name.clone()));
    known
        .extend(wirewalk::course::courses().expect("without mistakes").into_iter().map(|course| course.name));
    known.extend(command_line());
    known
}

/// Commands, options and their values, as the help in English names them.
fn command_line() -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for command in commands(&printed(&["--help"], "en")) {
        let own = printed(&[&command, "--help"], "en");
        known.extend(commands(&own));
        known.insert(command);
        for part in own.split_whitespace() {
            if let Some(option) = part.trim_matches(['[', ',']).strip_prefix("--") {
                known.extend(words(option).map(str::to_owned));
            }
        }
        for values in own.split("[possible values:").skip(1) {
            known.extend(words(values.split(']').next().unwrap_or_default()).map(str::to_owned));
        }
        // Values with words of their own stand in a list.
        let listed = own.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split(':').next());
        known.extend(listed.flat_map(words).map(str::to_owned));
    }
    known
}

/// The commands that a page of help in English lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| line.starts_with("  "));
    let first = |line: &str| {
        let rest = line.get(2..).filter(|rest| !rest.starts_with(' '))?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    listed.filter_map(first).collect()
}

/// What the program prints in that language, on either stream.
fn printed(arguments: &[&str], lang: &str) -> String {
    let home = tempfile::tempdir().expect("a scratch folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirewalk"));
    command.args(["--lang", lang]).args(arguments).stdin(Stdio::null()).env("XDG_DATA_HOME", home.path());
    let output = command.output().expect("the program runs");
    [output.stdout, output.stderr].map(|octets| String::from_utf8(octets).expect("UTF-8")).concat()
}

/// What a scenario's file names: everything in it but texts for people.
fn named_by(file: &str) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let mut rest = file;
    // The lesson's texts stand between three quotes after `en =` and `zh =`.
    while let Some(at) = ["en = \"\"\"", "zh = \"\"\""].iter().filter_map(|mark| rest.find(mark)).min() {
        known.extend(words_of_code(&rest[..at]));
        let after = &rest[at + 8..];
        rest = after.split_once("\"\"\"").map_or("", |(_, rest)| rest);
    }
    known.extend(words_of_code(rest));
    known
}

fn words_of_code(text: &str) -> BTreeSet<String> {
    let code = |line: &str| {
        let line = line.split(" #").next().unwrap_or_default();
        let mut kept = String::new();
        let mut rest = line;
        while let Some(at) = ["en = \"", "zh = \""].iter().filter_map(|mark| rest.find(mark)).min() {
            kept.push_str(&rest[..at]);
            rest = rest[at + 6..].split_once('"').map_or("", |(_, rest)| rest);
        }
        kept.push_str(rest);
        kept
    };
    text.lines().map(code).flat_map(|line| words(&line).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The names of the variables that a trace tells of, whole and in parts: `snd.una`, `timer.time-wait`.
fn variables(trace: &Trace) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for record in &trace.records {
        if let Event::Variables { changes, .. } = &record.event {
            for change in changes {
                known.extend(change.variable.split('.').map(str::to_owned));
            }
        }
    }
    known
}

/// A text without the octets that are shown as `\\xa0` and `\\u{f}`.
fn without_escapes(line: &str) -> String {
    let mut parts = line.split('\\');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // What is data goes to the end of its word.
        let end = part.find(char::is_whitespace).unwrap_or(part.len());
        kept.push_str(&part[end..]);
    }
    kept
}

fn builtin(name: &str) -> Scenario {
    scenario::find(name).expect("built in").scenario().expect("without mistakes")
}

/// A page without what is no prose of its own: code in backticks, an English term in brackets at its first use, words of a
/// system that are quoted. All of these may go over the end of a line.
fn prose(page: &str) -> String {
    let spans = [('`', '`'), ('（', '）'), ('“', '”'), ('(', ')')];
    let mut kept = String::new();
    let mut rest = page;
    while let Some(at) = rest.find(|c| spans.iter().any(|(opens, _)| *opens == c)) {
        let (before, after) = rest.split_at(at);
        kept.push_str(before);
        let opens = after.chars().next().unwrap_or_default();
        let closes = spans.iter().find(|(known, _)| *known == opens).map_or('`', |(_, closes)| *closes);
        let inside = &after[opens.len_utf8()..];
        let end = inside.find(closes).unwrap_or(0);
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        // What has Chinese in it, or never closes, is prose after all.
        if inside[end..].starts_with(closes) && end < 300 && (opens == '`' || !chinese(&inside[..end])) {
            rest = &inside[end + closes.len_utf8()..];
        } else {
            kept.push(opens);
            rest = inside;
        }
    }
    kept + rest
}

/// Strange words with the first place each stands at.
type Strange = BTreeMap<String, String>;

fn look_for(text: &str, place: &str, known: &[&BTreeSet<String>], strange: &mut Strange) {
    for line in text.lines() {
        let line = without_escapes(line);
        for word in words(&line) {
            let is_known = |word: &str| known.iter().any(|names| names.contains(word));
            // `s1-s2` is the link between two nodes; names of one or two letters are no words.
            let named = is_known(word) || word.split('-').all(|part| part.len() <= 2 || is_known(part));
            // What had no room is cut.
            let cut = line.contains(&format!("{word}…"))
                && known.iter().any(|names| names.iter().any(|name| name.starts_with(word)));
            if named || cut {
                continue;
            }
            strange.entry(word.to_owned()).or_insert_with(|| format!("{place}: {}", line.trim()));
        }
    }
}

fn none(strange: &Strange) {
    let told: Vec<String> = strange.iter().map(|(word, place)| format!("{word}\n    {place}")).collect();
    assert!(strange.is_empty(), "{} untranslated words:\n{}", strange.len(), told.join("\n"));
}

#[test]
fn every_view_of_every_lesson_is_chinese() {
    let names = names();
    let look = Look { lang: Lang::Zh, width: 200, ..Look::default() };
    let mut strange = Strange::new();
    for builtin in builtins() {
        let own = named_by(builtin.text);
        let scenario = builtin.scenario().expect("without mistakes");
        let trace = sim::run(scenario.default_plan(), &sim::Options::default());
        let told = variables(&trace);
        for view in VIEWS {
            let place = format!("{}, {}", builtin.name, view.key);
            look_for(&render(view.name, &trace, &look), &place, &[&names, &own, &told], &mut strange);
        }
    }
    none(&strange);
}

#[test]
fn every_lesson_s_text_is_chinese() {
    let names = names();
    let mut strange = Strange::new();
    for builtin in builtins() {
        let own = named_by(builtin.text);
        let scenario = builtin.scenario().expect("without mistakes");
        let told = variables(&sim::run(scenario.default_plan(), &sim::Options::default()));
        let page = printed(&["--width", "200", "show", builtin.name], "zh");
        look_for(&prose(&page), &format!("show {}", builtin.name), &[&names, &own, &told], &mut strange);
    }
    none(&strange);
}

#[test]
fn every_command_s_help_and_every_list_is_chinese() {
    let names = names();
    let mut strange = Strange::new();
    let trace = sim::run(builtin("arp").default_plan(), &sim::Options::default());
    let told = &variables(&trace) | &named_by(scenario::find("arp").expect("built in").text);
    let mut asked: Vec<Vec<String>> = vec![vec![], vec!["--help".to_owned()]];
    asked.extend(
        commands(&printed(&["--help"], "en")).into_iter().map(|name| vec![name, "--help".to_owned()]),
    );
    assert!(asked.len() > 15, "{}", asked.len());
    for list in [
        "list",
        "list --claims",
        "explain",
        "states",
        "course",
        "course all",
        "check arp",
        "doctor",
        "run nothing",
        "explain qqq",
        "run arp --set x=1",
        "run arp --drop zzz",
        "course nothing",
        "list --topic zzz",
        "show",
        "run arp --until never",
        "run arp --viw x",
        "step arp --plain",
    ] {
        asked.push(list.split(' ').map(str::to_owned).collect());
    }
    for arguments in asked {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let page = printed(&arguments, "zh");
        // What was typed is told again.
        let typed = arguments.iter().flat_map(|argument| words(argument)).map(str::to_owned).collect();
        look_for(&page, &arguments.join(" "), &[&names, &told, &typed], &mut strange);
    }
    none(&strange);
}

#[test]
fn a_word_left_in_english_is_found() {
    let names = names();
    let mut strange = Strange::new();
    look_for("服务器 sends 一个 SYN，seq 为 0，见 RFC 9293", "here", &[&names], &mut strange);
    assert_eq!(strange.keys().collect::<Vec<_>>(), ["sends"]);
    let page = "零窗口（zero window）之后是“no route to host”，见 `show x`；（这里 sends 一个）";
    assert_eq!(prose(page), "零窗口之后是，见 ；（这里 sends 一个）");
}

#[test]
fn every_topic_and_title_has_words_in_both_languages() {
    let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let catalog = scenario::catalog().expect("without mistakes");
    for lesson in &catalog.scenarios {
        let plan = scenario::find(lesson.name).expect("built in").scenario().expect("without mistakes");
        let plan = plan.default_plan();
        let texts = [&plan.title, &plan.lesson].into_iter();
        let texts = texts
            .chain(plan.beyond.as_ref())
            .chain(plan.live.impossible.as_ref())
            .chain(plan.expectations.iter().map(|expectation| &expectation.says))
            .chain(plan.questions.iter().map(|question| &question.ask))
            .chain(plan.knobs.iter().map(|knob| &knob.means));
        for text in texts {
            assert!(han(&text.zh), "{}: no Chinese in “{}”", lesson.name, text.zh);
            assert!(!text.en.trim().is_empty() && !han(&text.en), "{}: “{}”", lesson.name, text.en);
        }
    }
}
