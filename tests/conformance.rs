//! Every requirement of the RFCs beside the tests that hold it: `docs/conformance/requirements.csv` is the table,
//! `docs/conformance.md` and `docs/conformance.zh.md` are made from it. `UPDATE=1 cargo test --test conformance` writes
//! them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use wirewalk::lang::Lang;

/// The RFCs whose rows are all in the table, with how many there are: no row gets lost unnoticed.
const ROWS: [(&str, usize); 20] = [
    ("9293", 186),
    ("6298", 18),
    ("5681", 27),
    ("6582", 10),
    ("6675", 21),
    ("2018", 17),
    ("2883", 8),
    ("7323", 30),
    ("5961", 12),
    ("6191", 7),
    ("1337", 3),
    ("6528", 5),
    ("4987", 11),
    ("9438", 19),
    ("8985", 23),
    ("8200", 16),
    ("4443", 15),
    ("4861", 20),
    ("4862", 17),
    ("8201", 13),
];

/// Rows of RFC 9293 in which the profile named after it may differ.
const MOST_DIFFERENCES: usize = 5;

const HEAD: &str = "id,rfc,section,level,requirement,rfc9293,linux,why,tests,why_zh";
const PROFILES: [&str; 2] = ["rfc9293", "linux"];

/// How a profile stands to a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Met,
    Differs,
    NotApplicable,
    Open,
}

impl Class {
    const ALL: [Class; 4] = [Class::Met, Class::Differs, Class::NotApplicable, Class::Open];

    fn name(self) -> &'static str {
        match self {
            Class::Met => "met",
            Class::Differs => "differs",
            Class::NotApplicable => "not-applicable",
            Class::Open => "open",
        }
    }
}

/// One requirement.
#[derive(Clone, Debug)]
struct Row {
    id: String,
    rfc: String,
    section: String,
    level: String,
    requirement: String,
    classes: [Class; 2],
    why: String,
    tests: Vec<String>,
    /// The reason in Chinese.
    why_zh: String,
}

/// Splits a line of comma-separated values; quotes protect commas, two quotes inside are one.
fn fields(line: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                found.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => found.push(String::new()),
            other => found.last_mut().unwrap().push(other),
        }
    }
    found
}

fn row(line: &str) -> Result<Row, String> {
    let cells = fields(line);
    let Ok([id, rfc, section, level, requirement, rfc9293, linux, why, tests, why_zh]) =
        <[String; 10]>::try_from(cells.clone())
    else {
        return Err(format!("{} cells instead of 10: {line}", cells.len()));
    };
    let class = |name: &str| {
        let found = Class::ALL.into_iter().find(|class| class.name() == name);
        found.ok_or_else(|| format!("{id}: `{name}` is no class"))
    };
    let classes = [class(&rfc9293)?, class(&linux)?];
    let tests = tests.split_whitespace().map(str::to_owned).collect();
    Ok(Row { id, rfc, section, level, requirement, classes, why, tests, why_zh })
}

fn table(text: &str) -> Result<Vec<Row>, String> {
    let mut lines = text.lines();
    if lines.next() != Some(HEAD) {
        return Err(format!("the first line is not `{HEAD}`"));
    }
    lines.map(row).collect()
}

/// What is wrong with a table, given the tests that there are.
fn mistakes(rows: &[Row], known: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for row in rows {
        let id = &row.id;
        if !seen.insert(id) {
            wrong.push(format!("{id} is there twice"));
        }
        for test in row.tests.iter().filter(|test| !known.contains(*test)) {
            wrong.push(format!("{id}: there is no test `{test}`"));
        }
        if row.why.is_empty() != row.why_zh.is_empty() {
            wrong.push(format!("{id}: its reason is told in one language only"));
        }
        for (class, profile) in row.classes.iter().zip(PROFILES) {
            match class {
                Class::Met if row.tests.is_empty() => {
                    wrong.push(format!("{id}: met by {profile}, but no test says so"));
                }
                Class::Differs | Class::NotApplicable if row.why.is_empty() => {
                    wrong.push(format!("{id}: {} in {profile} without a reason", class.name()));
                }
                Class::Differs if row.tests.is_empty() => {
                    wrong.push(format!("{id}: {profile} differs, but no test shows it"));
                }
                Class::Met | Class::Differs | Class::NotApplicable | Class::Open => {}
            }
        }
    }
    let differing = rows.iter().filter(|row| row.rfc == "9293" && row.classes[0] == Class::Differs).count();
    if differing > MOST_DIFFERENCES {
        wrong.push(format!("rfc9293 differs from its own RFC in {differing} rows"));
    }
    wrong
}

/// The functions that `cargo test` runs, in one file; those that are ignored do not count.
struct Tests {
    place: Vec<String>,
    found: BTreeSet<String>,
}

impl Tests {
    fn add(&mut self, name: String) {
        let path: Vec<String> = self.place.iter().cloned().chain([name]).collect();
        self.found.insert(path.join("::"));
    }
}

impl<'ast> Visit<'ast> for Tests {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.place.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.place.pop();
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        let has = |name: &str| function.attrs.iter().any(|attribute| attribute.path().is_ident(name));
        if has("test") && !has("ignore") {
            self.add(function.sig.ident.to_string());
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if call.path.segments.last().is_none_or(|segment| segment.ident != "proptest") {
            return;
        }
        // `#[test] fn name(…)`: the attribute's brackets are followed by `fn` and the name.
        let words: Vec<String> = call.tokens.clone().into_iter().map(|tree| tree.to_string()).collect();
        for three in words.windows(3) {
            if three[0] == "[test]" && three[1] == "fn" {
                self.add(three[2].clone());
            }
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// All tests, by module path: `tcp::tests::flow::…` in the library, `worlds::…` in `tests/worlds.rs`.
fn all_tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for base in [root.join("src"), root.join("tests")] {
        for path in rust_files(&base) {
            let text = std::fs::read_to_string(&path).unwrap();
            let tree = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let inside = path.strip_prefix(&base).unwrap().with_extension("");
            let mut place: Vec<String> =
                inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            if matches!(place.last().map(String::as_str), Some("mod" | "lib" | "main")) {
                place.pop();
            }
            let mut tests = Tests { place, found: BTreeSet::new() };
            tests.visit_file(&tree);
            found.append(&mut tests.found);
        }
    }
    found
}

fn counts<'r>(rows: impl Iterator<Item = &'r Row> + Clone) -> [[usize; 4]; 2] {
    [0, 1].map(|profile| {
        Class::ALL.map(|class| rows.clone().filter(|row| row.classes[profile] == class).count())
    })
}

/// What one language says around the table.
struct Words {
    lang: Lang,
    file: &'static str,
    head: &'static str,
    legend: [(Class, &'static str); 4],
    columns: &'static str,
    row_columns: &'static str,
}

const ENGLISH: Words = Words {
    lang: Lang::En,
    file: "docs/conformance.md",
    head: "# Conformance\n\n[中文](conformance.zh.md)\n\nGenerated from `docs/conformance/requirements.csv`: what the RFCs \
           require, how each of the two profiles stands to it, and the tests that fail when the rule is broken.\n\n",
    legend: [
        (Class::Met, "**met**: the tests named hold it."),
        (Class::Differs, "**differs**: on purpose, and the tests show how."),
        (Class::NotApplicable, "**not-applicable**: there is nothing here that the rule could govern."),
        (Class::Open, "**open**: not tied to a test yet; nothing is claimed."),
    ],
    columns: "| RFC | rows | rfc9293: met | differs | n/a | open | linux: met | differs | n/a | open |\n",
    row_columns: "| id | section | level | requirement | rfc9293 | linux | why, and tests |\n",
};

const CHINESE: Words = Words {
    lang: Lang::Zh,
    file: "docs/conformance.zh.md",
    head: "# 与 RFC 的符合情况\n\n[English](conformance.md)\n\n本文由 `docs/conformance/requirements.csv` 生成：RFC \
           提出的要求、两种配置（`rfc9293` 与 `linux`）各自的情况，以及破坏该规则时会失败的测试。要求一栏保留英文，\
           便于对照 RFC 原文；级别中 MUST 为“必须”，SHOULD 为“应当”，MAY 为“可以”，SPEC 为正文中的规定。\n\n",
    legend: [
        (Class::Met, "**符合**：由所列测试保证。"),
        (Class::Differs, "**不同**：有意为之，所列测试显示如何不同。"),
        (Class::NotApplicable, "**不适用**：这里没有该规则所管的东西。"),
        (Class::Open, "**未定**：尚无测试，不作任何断言。"),
    ],
    columns: "| RFC | 条数 | rfc9293：符合 | 不同 | 不适用 | 未定 | linux：符合 | 不同 | 不适用 | 未定 |\n",
    row_columns: "| 编号 | 章节 | 级别 | 要求 | rfc9293 | linux | 理由与测试 |\n",
};

impl Words {
    /// What a class is called.
    fn class(&self, class: Class) -> &'static str {
        match (self.lang, class) {
            (Lang::En, _) => class.name(),
            (Lang::Zh, Class::Met) => "符合",
            (Lang::Zh, Class::Differs) => "不同",
            (Lang::Zh, Class::NotApplicable) => "不适用",
            (Lang::Zh, Class::Open) => "未定",
        }
    }
}

/// The rows by RFC, in the order of the table of RFCs, then of the file.
fn by_rfc(rows: &[Row]) -> Vec<(&str, Vec<&Row>)> {
    let mut found: Vec<(&str, Vec<&Row>)> = ROWS.iter().map(|(rfc, _)| (*rfc, Vec::new())).collect();
    for row in rows {
        match found.iter_mut().find(|(rfc, _)| *rfc == row.rfc) {
            Some((_, of_it)) => of_it.push(row),
            None => found.push((&row.rfc, vec![row])),
        }
    }
    found.retain(|(_, rows)| !rows.is_empty());
    found
}

/// The document in one language.
fn document(rows: &[Row], words: &Words) -> String {
    let by_rfc = by_rfc(rows);
    let mut made = String::from(words.head);
    for (_, sentence) in words.legend {
        writeln!(made, "- {sentence}").unwrap();
    }
    made.push('\n');
    made.push_str(words.columns);
    made.push_str("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (rfc, rows) in &by_rfc {
        let [ours, linux] = counts(rows.iter().copied());
        let cells: Vec<String> = ours.iter().chain(&linux).map(ToString::to_string).collect();
        writeln!(made, "| [{rfc}](#rfc-{rfc}) | {} | {} |", rows.len(), cells.join(" | ")).unwrap();
    }
    for (rfc, rows) in &by_rfc {
        write!(made, "\n## RFC {rfc}\n\n{}", words.row_columns).unwrap();
        made.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
        for row in rows {
            made.push_str(&line(row, words));
        }
    }
    made
}

/// One row of the document.
fn line(row: &Row, words: &Words) -> String {
    let [ours, linux] = row.classes.map(|class| words.class(class));
    let tests: Vec<String> = row.tests.iter().map(|test| format!("`{test}`")).collect();
    let mut last = words.lang.pick(&row.why, &row.why_zh).clone();
    if !tests.is_empty() {
        let gap = if last.is_empty() { "" } else { " " };
        write!(last, "{gap}{}", tests.join(" ")).unwrap();
    }
    let (id, section, level) = (&row.id, &row.section, &row.level);
    let requirement = row.requirement.replace('|', "\\|");
    let last = last.replace('|', "\\|");
    format!("| {id} | {section} | {level} | {requirement} | {ours} | {linux} | {last} |\n")
}

fn path(inside: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(inside)
}

fn kept_table() -> Vec<Row> {
    let text = std::fs::read_to_string(path("docs/conformance/requirements.csv")).unwrap();
    table(&text).unwrap_or_else(|mistake| panic!("{mistake}"))
}

#[test]
fn every_row_that_is_met_has_a_test_and_every_test_named_exists() {
    let wrong = mistakes(&kept_table(), &all_tests());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_row_got_lost() {
    let rows = kept_table();
    for (rfc, expected) in ROWS {
        let there = rows.iter().filter(|row| row.rfc == rfc).count();
        assert_eq!(there, expected, "rows of RFC {rfc}");
    }
}

#[test]
fn the_documents_are_made_from_the_table() {
    let rows = kept_table();
    for words in [ENGLISH, CHINESE] {
        let made = document(&rows, &words);
        let file = path(words.file);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, made).unwrap();
            continue;
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            kept == made,
            "{} is not what the table says: UPDATE=1 cargo test --test conformance",
            words.file
        );
    }
}

#[test]
fn a_table_with_a_mistake_is_refused_and_the_mistake_named() {
    let known: BTreeSet<String> = ["a::b".to_owned()].into();
    let check = |lines: &str| match table(&format!("{HEAD}\n{lines}")) {
        Ok(rows) => mistakes(&rows, &known).join("; "),
        Err(mistake) => mistake,
    };
    let good = "X,9293,1,MUST,\"a, \"\"b\"\"\",met,met,,a::b,";
    assert_eq!(check(good), "");
    assert_eq!(row(good).unwrap().requirement, "a, \"b\"");
    assert_eq!(check(&format!("{good}\n{good}")), "X is there twice");
    assert_eq!(check("X,9293,1,MUST,a,met,met,,a::c,"), "X: there is no test `a::c`");
    assert_eq!(check("X,9293,1,MUST,a,open,met,,,"), "X: met by linux, but no test says so");
    assert_eq!(check("X,9293,1,MUST,a,differs,met,,a::b,"), "X: differs in rfc9293 without a reason");
    assert_eq!(check("X,9293,1,MUST,a,open,differs,so,,如此"), "X: linux differs, but no test shows it");
    assert_eq!(
        check("X,9293,1,MUST,a,not-applicable,open,,,"),
        "X: not-applicable in rfc9293 without a reason"
    );
    assert_eq!(check("X,9293,1,MUST,a,perhaps,met,,a::b,"), "X: `perhaps` is no class");
    assert_eq!(check("X,9293,1,MUST,a,differs,met,so,a::b,"), "X: its reason is told in one language only");
    assert_eq!(check("X,9293,1"), "3 cells instead of 10: X,9293,1");
    let six: Vec<String> =
        (0..6).map(|n| format!("X{n},9293,1,MUST,a,differs,open,because,a::b,因为")).collect();
    assert_eq!(check(&six.join("\n")), "rfc9293 differs from its own RFC in 6 rows");
}

#[test]
fn tests_are_found_where_they_are_and_only_those_that_run() {
    let text =
        "#[test] fn one() {} fn helper() {} mod inner { #[test] fn two() {} } #[test] #[ignore] fn three() {}
        proptest! { #![proptest_config(x)] #[test] fn four(a in any::<u8>()) {} fn five() {} }";
    let mut tests = Tests { place: vec!["room".to_owned()], found: BTreeSet::new() };
    tests.visit_file(&syn::parse_file(text).unwrap());
    let found: Vec<&str> = tests.found.iter().map(String::as_str).collect();
    assert_eq!(found, ["room::four", "room::inner::two", "room::one"]);
}
