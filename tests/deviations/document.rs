//! The document of the table, in both languages.

use super::{Group, Row, groups, root, values};
use std::fmt::Write as _;
use wirewalk::lang::Lang;

/// What a default is called in Chinese, where that is a word and not a value.
pub const DEFAULTS: [(&str, &str); 5] =
    [("always", "总是如此"), ("n/a", "无"), ("none", "无"), ("off", "关闭"), ("on", "开启")];

/// Words that are names in Chinese too: of calls and variables, of algorithms, people and systems, of counters and units.
const NAMES: &[&str] = &[
    "Linux",
    "Reno",
    "Nagle",
    "Minshall",
    "Fast",
    "Open",
    "TSval",
    "listen",
    "accept",
    "connect",
    "close",
    "shutdown",
    "poll",
    "cookie",
    "cwnd",
    "ssthresh",
    "reno",
    "cubic",
    "bbr",
    "max",
    "all",
    "lo",
    "mtu",
    "lock",
    "route",
    "ms",
    "ns",
    "OutOfWindowIcmps",
    "TCPMTUPFail",
];

/// Sentences of a row that have no Chinese, and what is English in its Chinese.
pub fn untranslated(row: &Row) -> Vec<String> {
    let mut wrong = Vec::new();
    for (english, chinese) in [
        (&row.topic, &row.topic_zh),
        (&row.rule, &row.rule_zh),
        (&row.linux, &row.linux_zh),
        (&row.seen, &row.seen_zh),
        (&row.why_not, &row.why_not_zh),
    ] {
        if chinese.is_empty() && !english.is_empty() {
            wrong.push(format!("{}: no Chinese for “{english}”", row.id));
        }
    }
    let default = default(row, Lang::Zh);
    let chinese = [&row.topic_zh, &row.rule_zh, &row.linux_zh, &row.seen_zh, &row.why_not_zh, &default];
    // A name has an underscore, a digit, or fewer than two small letters.
    let runs =
        chinese.into_iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    let prose = |word: &&str| {
        word.chars().filter(char::is_ascii_lowercase).count() >= 2
            && word.chars().all(|c| c.is_ascii_alphabetic())
            && !NAMES.contains(word)
    };
    wrong.extend(runs.filter(prose).map(|word| format!("{}: “{word}” is English", row.id)));
    wrong
}

/// The default as the document has it.
fn default(row: &Row, lang: Lang) -> String {
    let known = DEFAULTS.iter().find(|(english, _)| *english == row.default);
    match (lang, known) {
        (Lang::En, _) => row.default.clone(),
        (Lang::Zh, _) if !row.default_zh.is_empty() => row.default_zh.clone(),
        (Lang::Zh, Some((_, chinese))) => (*chinese).to_owned(),
        (Lang::Zh, None) => row.default.clone(),
    }
}

/// A cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// What governs it, with its default in brackets.
fn setting(row: &Row, lang: Lang) -> String {
    let names = match lang {
        Lang::En => row.setting.clone(),
        Lang::Zh if row.setting == "none" => "无".to_owned(),
        Lang::Zh => row.setting.replace(", ", "、").replace("route rto_min", "路由的 rto_min"),
    };
    let default = default(row, lang);
    let brackets = lang.pick([" (", ")"], ["（", "）"]);
    match default.as_str() {
        "" => cell(&names),
        // Twice nothing is once nothing.
        _ if lang == Lang::Zh && names == default => cell(&names),
        _ => format!("{}{}{}{}", cell(&names), brackets[0], cell(&default), brackets[1]),
    }
}

fn line(row: &Row, lang: Lang) -> String {
    let fields: Vec<String> = row
        .profile
        .iter()
        .map(|name| {
            let [rfc, linux] = values(name).unwrap_or_default();
            let colon = lang.pick(": ", "：");
            match rfc == linux {
                true => format!("`{name}`{colon}{}", cell(&rfc)),
                false => format!("`{name}`{colon}{} / {}", cell(&rfc), cell(&linux)),
            }
        })
        .collect();
    let tests: Vec<String> = row.tests.iter().map(|test| format!("`{test}`")).collect();
    let mut held = tests.join(lang.pick(", ", "、"));
    let why_not = lang.pick(&row.why_not, &row.why_not_zh);
    if !why_not.is_empty() {
        let gap = if held.is_empty() { "" } else { lang.pick(". ", "。") };
        let _ = write!(held, "{gap}*{}*", cell(why_not));
    }
    let requirement = match row.requirement.split_once('-') {
        Some((_, short)) => lang.pick(format!(" ({short})"), format!("（{short}）")),
        None => String::new(),
    };
    let seen = cell(lang.pick(&row.seen, &row.seen_zh));
    let checked = match (row.checked.as_str(), lang) {
        ("no", _) => lang.pick("not checked", "未检验").to_owned(),
        ("source", Lang::Zh) => format!("据源码：{seen}"),
        (_, Lang::Zh) => format!("实测：{seen}"),
        (how, Lang::En) => format!("{how}: {seen}"),
    };
    let kind = match (row.kind.as_str(), lang) {
        (kind, Lang::En) => kind,
        ("deviation", Lang::Zh) => "偏差",
        ("permitted", Lang::Zh) => "允许",
        ("partial", Lang::Zh) => "部分符合",
        (_, Lang::Zh) => "符合",
    };
    format!(
        "| {} | {} | RFC {} {}{requirement} | {} | {} | {} | {kind} | {checked} | {} | {held} |\n",
        row.id,
        cell(lang.pick(&row.topic, &row.topic_zh)),
        row.rfc,
        row.section,
        cell(lang.pick(&row.rule, &row.rule_zh)),
        cell(lang.pick(&row.linux, &row.linux_zh)),
        setting(row, lang),
        fields.join(lang.pick("; ", "；")),
    )
}

fn summary(groups: &[Group], lang: Lang) -> String {
    let rows: Vec<&Row> = groups.iter().flat_map(|group| &group.row).collect();
    let count = |wanted: &dyn Fn(&&Row) -> bool| rows.iter().copied().filter(wanted).count();
    let all = rows.len();
    let measured = count(&|row| row.checked == "measured");
    let source = count(&|row| row.checked == "source");
    let unchecked = count(&|row| row.checked == "no");
    let tested = count(&|row| !row.tests.is_empty());
    let partly = count(&|row| !row.tests.is_empty() && !row.why_not.is_empty());
    let without = count(&|row| row.tests.is_empty());
    lang.pick(
        format!(
            "{all} comparisons: {measured} measured, {source} read in the source, {unchecked} not checked; {tested} with tests in \
             both profiles, {partly} of them not whole; {without} not modelled, with the reason.\n"
        ),
        format!(
            "共 {all} 处：实测 {measured} 处，据源码 {source} 处，未检验 {unchecked} 处；{tested} 处在两个参数集下都有测试，\
             其中 {partly} 处模拟得不完整；{without} 处没有模拟，写明了原因。\n"
        ),
    )
}

fn document(groups: &[Group], lang: Lang) -> String {
    let mut made = lang
        .pick(
            "# Linux and the RFCs\n\n[中文](deviations.zh.md)\n\n\
             Generated from `docs/deviations/*.toml`. What the RFCs ask, what Linux does, what was seen on Linux 6.18 (x86-64, \
             HZ 250), which values of the two profiles carry the difference (`rfc9293` / `linux`), and the tests that show it.\n\n",
            "# Linux 与 RFC 不一致的地方\n\n[English](deviations.md)\n\n\
             由 `docs/deviations/*.toml` 生成：RFC 的要求、Linux 的做法、在 Linux 6.18（x86-64，HZ 为 250）上看到的结果、\
             两个参数集（`rfc9293` / `linux`）中对应的值，以及证明它的测试。\n\n",
        )
        .to_owned();
    made.push_str(&summary(groups, lang));
    for group in groups {
        let _ = write!(
            made,
            "\n## {}\n\n{}\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
            lang.pick(&group.title, &group.title_zh),
            lang.pick(
                "| id | about | where | the RFC | Linux | setting (default) | kind | checked | profile: rfc9293 / linux | tests, *why not* |",
                "| 编号 | 哪一点 | 出处 | RFC 的要求 | Linux 的做法 | 参数（默认值） | 判断 | 检验 | 参数集的值：rfc9293 / linux | 测试，*未模拟的原因* |",
            ),
        );
        for row in &group.row {
            made.push_str(&line(row, lang));
        }
    }
    made
}

#[test]
fn the_document_is_made_from_the_table() {
    for (lang, name) in [(Lang::En, "docs/deviations.md"), (Lang::Zh, "docs/deviations.zh.md")] {
        let path = root().join(name);
        let made = document(&groups(), lang);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, made).unwrap();
            continue;
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == made, "UPDATE=1 cargo test --test deviations writes {name}");
    }
}
