//! Where Linux and the RFCs part, row by row: `docs/deviations/*.toml` is the table, with what the kernel was seen to do;
//! `docs/deviations.md` and `docs/deviations.zh.md` are made from it. `UPDATE=1 cargo test --test deviations` writes them anew.

#[path = "deviations/document.rs"]
mod document;

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;
use syn::visit::{self, Visit};
use wirewalk::{ip, tcp};

/// Rows LX-01 to this one: none gets lost unnoticed.
const LAST: usize = 84;
const KINDS: [&str; 4] = ["deviation", "permitted", "conforms", "partial"];
const CHECKS: [&str; 3] = ["measured", "source", "no"];

/// The rows about one thing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    title: String,
    title_zh: String,
    row: Vec<Row>,
}

/// One comparison of Linux with an RFC.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    /// The requirement in `docs/conformance/requirements.csv`, if it is there.
    requirement: String,
    rfc: String,
    section: String,
    topic: String,
    topic_zh: String,
    /// What the RFC says.
    rule: String,
    rule_zh: String,
    /// What Linux does.
    linux: String,
    linux_zh: String,
    /// The sysctl, socket option or constant that governs it.
    setting: String,
    default: String,
    /// Only where it has words that [`document::DEFAULTS`] has not.
    #[serde(default)]
    default_zh: String,
    kind: String,
    checked: String,
    /// What the check showed.
    seen: String,
    seen_zh: String,
    /// Fields and settings of the profile; those of IP begin with `ip.`.
    profile: Vec<String>,
    /// Names of tests that show it.
    tests: Vec<String>,
    /// Why it is not modelled, or not whole.
    why_not: String,
    #[serde(default)]
    why_not_zh: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn groups() -> Vec<Group> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join("docs/deviations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        toml::from_str(&std::fs::read_to_string(path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.iter().map(read).collect()
}

/// Every test of the crate with its text.
#[derive(Default)]
struct Tests {
    found: BTreeMap<String, String>,
    text: Vec<String>,
}

impl<'ast> Visit<'ast> for Tests {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if item.attrs.iter().any(|attribute| attribute.path().is_ident("test")) {
            use syn::spanned::Spanned;
            let (from, to) = (item.span().start().line, item.span().end().line);
            let body = self.text[from - 1..to].join("\n");
            self.found.insert(item.sig.ident.to_string(), body);
        }
        visit::visit_item_fn(self, item);
    }
}

fn tests() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut folders = vec![root().join("src"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let tree = syn::parse_file(&text).unwrap();
                let mut visitor =
                    Tests { text: text.lines().map(str::to_owned).collect(), ..Tests::default() };
                visitor.visit_file(&tree);
                all.extend(visitor.found);
            }
        }
    }
    all
}

/// The value of a field in the pretty form of a profile, in one line.
fn field(shown: &str, name: &str) -> Option<String> {
    let mut lines = shown.lines().skip_while(|line| !line.trim_start().starts_with(&format!("{name}: ")));
    let first = lines.next()?;
    let indent = first.len() - first.trim_start().len();
    let mut value = first.trim_start()[name.len() + 2..].to_owned();
    if value.ends_with(['{', '(', '[']) {
        for line in lines {
            value.push(' ');
            value.push_str(line.trim());
            if line.len() - line.trim_start().len() == indent {
                break;
            }
        }
    }
    Some(value.trim_end_matches(',').to_owned())
}

/// A field's values in the profiles `rfc9293` and `linux`.
fn values(name: &str) -> Option<[String; 2]> {
    let shown = match name.strip_prefix("ip.") {
        Some(_) => [format!("{:#?}", ip::Profile::rfc()), format!("{:#?}", ip::Profile::linux())],
        None => [format!("{:#?}", tcp::Profile::rfc9293()), format!("{:#?}", tcp::Profile::linux())],
    };
    let plain = name.strip_prefix("ip.").unwrap_or(name);
    Some([field(&shown[0], plain)?, field(&shown[1], plain)?])
}

/// Whether these tests together run in both profiles.
fn run_in_both(bodies: &[&String]) -> bool {
    let said = |word: &str| bodies.iter().any(|body| body.contains(word));
    let rfc = said("rfc9293") || said("::rfc()") || said("_rfc_profile") || said("_by_the_rfc");
    let linux = said("linux");
    (rfc && linux) || said("both(") || said("profiles(") || said("Profile::NAMES")
}

/// Whether the table of requirements has that one; it need not have those of every RFC.
fn requirement_exists(id: &str) -> bool {
    static TABLE: LazyLock<String> =
        LazyLock::new(|| std::fs::read_to_string(root().join("docs/conformance/requirements.csv")).unwrap());
    let rfc = id.split('-').next().unwrap_or(id);
    let mut same = TABLE.lines().filter(|line| line.starts_with(&format!("{rfc}-"))).peekable();
    same.peek().is_none() || same.any(|line| line.starts_with(&format!("{id},")))
}

/// What is wrong with a row.
fn mistakes(row: &Row, known: &BTreeMap<String, String>) -> Vec<String> {
    let mut wrong: Vec<String> = document::untranslated(row);
    let mut say = |mistake: String| wrong.push(format!("{}: {mistake}", row.id));
    if !KINDS.contains(&row.kind.as_str()) {
        say(format!("`{}` is no kind", row.kind));
    }
    if !CHECKS.contains(&row.checked.as_str()) {
        say(format!("`{}` is no way of checking", row.checked));
    }
    if row.checked != "no" && row.seen.is_empty() {
        say(format!("{}, but not what was seen", row.checked));
    }
    if !row.requirement.is_empty() && !requirement_exists(&row.requirement) {
        say(format!("there is no requirement `{}`", row.requirement));
    }
    if row.tests.is_empty() && row.why_not.is_empty() {
        say("neither a test nor a reason why not".to_owned());
    }
    for test in row.tests.iter().filter(|test| !known.contains_key(*test)) {
        say(format!("there is no test `{test}`"));
    }
    let bodies: Vec<&String> = row.tests.iter().filter_map(|test| known.get(test)).collect();
    if !bodies.is_empty() && !run_in_both(&bodies) {
        say("its tests run in one profile only".to_owned());
    }
    let mut differs = row.profile.is_empty() || row.kind != "deviation" || !row.why_not.is_empty();
    for name in &row.profile {
        match values(name) {
            Some([rfc, linux]) => differs |= rfc != linux,
            None => say(format!("no profile has a `{name}`")),
        }
    }
    if !differs {
        say("a deviation, but both profiles have the same values".to_owned());
    }
    wrong
}

#[test]
fn every_row_names_profile_values_that_exist_and_tests_that_run_in_both_profiles() {
    let known = tests();
    assert!(known.len() > 300, "only {} tests found", known.len());
    let rows: Vec<Row> = groups().into_iter().flat_map(|group| group.row).collect();
    let wrong: Vec<String> = rows.iter().flat_map(|row| mistakes(row, &known)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_comparison_has_exactly_one_row() {
    let found: Vec<String> = groups().into_iter().flat_map(|group| group.row).map(|row| row.id).collect();
    let ids: BTreeSet<String> = found.iter().cloned().collect();
    let wanted: BTreeSet<String> = (1..=LAST).map(|n| format!("LX-{n:02}")).collect();
    assert_eq!(ids, wanted);
    assert_eq!(found.len(), LAST, "a row is there twice");
}

#[test]
fn a_row_that_says_too_little_is_found() {
    let known = BTreeMap::from([
        ("in_both".to_owned(), "for mut bench in both(State::Listen) {".to_owned()),
        ("in_one".to_owned(), "let bench = Bench::at(Profile::linux(), State::Listen);".to_owned()),
    ]);
    let good = Row {
        id: "LX-00".into(),
        requirement: String::new(),
        rfc: "9293".into(),
        section: "3.6.1".into(),
        topic: "time-wait length".into(),
        topic_zh: "TIME-WAIT 的长短".into(),
        rule: "Four minutes".into(),
        rule_zh: "四分钟".into(),
        linux: "One".into(),
        linux_zh: "一分钟".into(),
        setting: String::new(),
        default: String::new(),
        default_zh: String::new(),
        kind: "deviation".into(),
        checked: "measured".into(),
        seen: "60.3 s".into(),
        seen_zh: "60.3 s".into(),
        profile: vec!["time_wait".into()],
        tests: vec!["in_both".into()],
        why_not: String::new(),
        why_not_zh: String::new(),
    };
    assert_eq!(mistakes(&good, &known), Vec::<String>::new());
    let broken: [(&str, Row); 13] = [
        ("there is no requirement", Row { requirement: "RFC9293-NEVER-1".into(), ..good.clone() }),
        ("is no kind", Row { kind: "strange".into(), ..good.clone() }),
        ("not what was seen", Row { seen: String::new(), ..good.clone() }),
        ("there is no test `gone`", Row { tests: vec!["gone".into()], ..good.clone() }),
        ("one profile only", Row { tests: vec!["in_one".into()], ..good.clone() }),
        ("neither a test nor a reason", Row { tests: Vec::new(), ..good.clone() }),
        ("no profile has a `warp`", Row { profile: vec!["warp".into()], ..good.clone() }),
        ("the same values", Row { profile: vec!["default_mss".into()], ..good.clone() }),
        ("no Chinese for “time-wait", Row { topic_zh: String::new(), ..good.clone() }),
        ("no Chinese for “Not yet”", Row { why_not: "Not yet".into(), ..good.clone() }),
        ("“minute” is English", Row { linux_zh: "一 minute".into(), ..good.clone() }),
        ("“One” is English", Row { linux_zh: "One".into(), ..good.clone() }),
        ("“memory” is English", Row { default: "by memory".into(), ..good.clone() }),
    ];
    for (expected, row) in broken {
        let found = mistakes(&row, &known);
        assert!(found.iter().any(|mistake| mistake.contains(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn the_value_of_a_field_is_read_from_the_profile_itself() {
    let [rfc, linux] = values("tcp_fin_timeout").unwrap();
    assert_eq!((rfc.as_str(), linux.as_str()), ("0", "60"));
    assert_ne!(values("delayed_ack").unwrap()[0], values("delayed_ack").unwrap()[1]);
    assert!(values("ip.reassembly_time").is_some());
    assert!(values("tcp_magic").is_none());
}
