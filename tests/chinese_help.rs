//! Help and the parser's complaints with `--lang zh`, page by page: no English word but what is typed as it stands and names
//! that are the same everywhere; lines that fit a terminal and break where Chinese may break.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use unicode_width::UnicodeWidthStr;

/// Words of Latin letters that are neither commands nor options nor their values, each with the reason why it stands there.
const NAMES: &[(&str, &str)] = &[
    ("wirewalk", "this program"),
    ("packetdrill", "a program"),
    ("Graphviz", "a program"),
    ("shell", "what it is called in Chinese too"),
    ("TCP", "a protocol"),
    ("UDP", "a protocol"),
    ("RFC", "a document"),
    ("Linux", "a system"),
    ("JSON", "a format"),
    ("CSV", "a format"),
    ("Schema", "JSON Schema, a format"),
    ("UTF", "UTF-8, a format"),
    ("pcap", "a format"),
    ("TUN", "a device of the kernel"),
    ("TSval", "a field of RFC 7323"),
    ("NO_COLOR", "a variable of the environment"),
    ("CL-19", "a claim"),
    ("pkt", "the ending of a file"),
    ("tar", "the ending of a file"),
    ("gz", "the ending of a file"),
    ("ipv4", "a value that packetdrill knows"),
    ("ipv6", "a value that packetdrill knows"),
    ("ipv4-mapped-ipv6", "a value that packetdrill knows"),
    ("server", "a host in an example of a pattern"),
    ("client", "a host in an example of a pattern"),
    ("SA", "flags in an example of a pattern"),
    ("s", "seconds in an example"),
    ("ms", "milliseconds in an example"),
    ("min", "minutes of a default"),
    ("h", "hours of a default"),
];

/// What the program prints in that language, on either stream.
fn printed(lang: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirewalk"));
    let output = command.args(["--lang", lang]).args(arguments).stdin(Stdio::null()).output();
    let output = output.expect("the program runs");
    [output.stdout, output.stderr].map(|octets| String::from_utf8(octets).expect("UTF-8")).concat()
}

/// The commands that a page of help in English lists.
fn listed(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| line.starts_with("  "));
    let first = |line: &str| {
        let rest = line.get(2..).filter(|rest| !rest.starts_with(' '))?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    listed.filter_map(first).collect()
}

/// Every command with the words before it: `run`, `course next`; first the program itself.
fn paths() -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = vec![vec![]];
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        let words: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        found.extend(
            listed(&printed("en", &words)).into_iter().map(|name| [path.clone(), vec![name]].concat()),
        );
        next += 1;
    }
    found
}

/// Runs of Latin letters, digits, `_` and `-` that begin with a letter.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let runs = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    let letters = |word: &str| word.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).len();
    runs.map(move |run| run[run.len() - letters(run)..].trim_end_matches('-')).filter(|word| !word.is_empty())
}

/// What is typed as it stands: commands, options and the values that the English help lists.
fn typed() -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for path in paths() {
        let arguments: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let help = printed("en", &arguments);
        let options = help.split_whitespace().filter(|part| part.trim_start_matches('[').starts_with('-'));
        known.extend(options.flat_map(words).map(str::to_owned));
        for mark in ["[possible values:", "[default:"] {
            let lists = help.split(mark).skip(1).filter_map(|rest| rest.split(']').next());
            known.extend(lists.flat_map(words).map(str::to_owned));
        }
        // Values with words of their own stand in a list.
        let listed = help.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split(':').next());
        known.extend(listed.flat_map(words).map(str::to_owned));
        known.extend(path);
    }
    known
}

/// Words of a page that are English.
fn english(page: &str, known: &BTreeSet<String>) -> Vec<String> {
    let strange = words(page).filter(|word| !known.contains(*word));
    strange.filter(|word| NAMES.iter().all(|(name, _)| name != word)).map(str::to_owned).collect()
}

/// What is wrong with the form of a page: lines too long, and lines that begin or end where Chinese may not break.
fn badly_broken(page: &str) -> Vec<String> {
    let opening = ['（', '［', '【', '《', '“', '‘', '「', '('];
    let closing = ['，', '。', '；', '：', '、', '？', '！', '）', '］', '】', '》', '”', '’', '」'];
    let wrong =
        |line: &&str| line.width() > 80 || line.ends_with(opening) || line.trim_start().starts_with(closing);
    page.lines().filter(wrong).map(str::to_owned).collect()
}

fn look_at(place: &str, page: &str, known: &BTreeSet<String>) -> Vec<String> {
    let english = english(page, known).into_iter().map(|word| format!("{place}: “{word}”"));
    let broken = badly_broken(page).into_iter().map(|line| format!("{place}: {line}"));
    let colons = page.lines().filter(|line| line.ends_with(':')).map(|line| format!("{place}: {line}"));
    english.chain(broken).chain(colons).collect()
}

#[test]
fn every_page_of_help_is_chinese_to_its_last_placeholder() {
    let known = typed();
    let paths = paths();
    assert!(paths.len() > 20, "{}", paths.len());
    let mut wrong = Vec::new();
    for path in &paths {
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let page = printed("zh", &[words.as_slice(), &["--help"]].concat());
        assert!(page.contains("用法：wirewalk"), "{words:?}: {page}");
        wrong.extend(look_at(&path.join(" "), &page, &known));
        if words.len() < 2 {
            let same = printed("zh", &[&["help"], words.as_slice()].concat());
            assert_eq!(same, page, "help {}", path.join(" "));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_complaint_about_the_arguments_is_chinese() {
    let known = typed();
    let mut wrong = Vec::new();
    for (arguments, says) in [
        ("run", "还缺 <名字|文件>"),
        ("export", "用法：wirewalk export --format <格式> --output <文件> <名字|文件>"),
        ("step arp --mode wire", "还缺 --live"),
        ("run arp --vew x", "没有“--vew”这个选项"),
        ("run arp --vew x", "也许是：--view"),
        ("run -x arp", "请写成：-- -x"),
        ("list arp", "“arp”是多余的"),
        ("list arp", "用法：wirewalk list [选项]"),
        ("run arp --view", "--view <视图> 后面要有值"),
        ("run arp --view x", "--view <视图> 不接受“x”"),
        ("export arp --output x --format svgg", "也许是：svg"),
        ("run arp --width 300", "要在 72 到 200 之间"),
        ("inspect x --connection 0", "--connection <编号> 不接受“0”：不能小于 1"),
        ("run arp --seed x", "要写整数"),
        ("run arp --seed 99999999999999999999", "这个数太大了"),
        ("run arp --seed 1 --seed 2", "--seed <数> 只能写一次"),
        ("list --topic x --claims", "--topic <主题> 不能与 --claims 同用"),
        ("compare --all arp", "--all 不能与 [名字|文件]... 同用"),
        ("run arp --json=x", "--json 后面不带值，“x”是多余的"),
        ("lst", "没有“lst”这个命令；相近的有：list"),
        ("help lst", "没有“lst”这个命令；相近的有：list"),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let page = printed("zh", &arguments);
        assert!(page.contains(says), "{arguments:?} says\n{page}");
        let typed = arguments.iter().flat_map(|argument| words(argument)).map(str::to_owned).collect();
        wrong.extend(look_at(&arguments.join(" "), &page, &(&known | &typed)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_manual_has_chinese_headings_and_placeholders() {
    let known = typed();
    let page =
        ["\\fI", "\\fB", "\\fR"].iter().fold(printed("zh", &["man"]), |page, font| page.replace(font, ""));
    let heads: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
    let strange: Vec<&&str> =
        heads.iter().filter(|head| head.is_ascii() && !head.contains("WIREWALK ")).collect();
    assert!(strange.is_empty(), "{strange:?}");
    let placeholders = page.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    let strange: Vec<String> = placeholders.flat_map(|name| english(name, &known)).collect();
    assert!(strange.is_empty(), "{strange:?}");
    assert!(page.lines().any(|line| line.contains("<文件>")), "{page}");
}

#[test]
fn what_is_english_or_badly_broken_is_found() {
    let known = BTreeSet::from(["run".to_owned(), "view".to_owned()]);
    let page =
        "用法：wirewalk run [OPTIONS] <N>\n  --view  画什么 ［\n          默认：plain］\n  、再来\n选项:\n";
    assert_eq!(english(page, &known), ["OPTIONS", "N", "plain"]);
    assert_eq!(badly_broken(page), ["  --view  画什么 ［", "  、再来"]);
    assert_eq!(badly_broken(&"长".repeat(41)).len(), 1);
    assert!(look_at("here", "选项:\n", &known).len() == 1);
}
