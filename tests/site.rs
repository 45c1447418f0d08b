//! The files of the site that `serve` shows: links lead somewhere, words are there in both languages, documents keep to
//! the policy they are served with, and what is asked of a run goes into an address and comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/serve/assets");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page/assets");
/// Stands where the walker goes.
const WALKER: &str = "<!-- page:body -->";

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The site's files with that ending, each by its name below the folder.
fn files(ending: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::from(SITE)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|known| known == ending) {
                let name = path.strip_prefix(SITE).unwrap().to_string_lossy().into_owned();
                found.insert(name, read(&path));
            }
        }
    }
    assert!(!found.is_empty(), "no .{ending}");
    found
}

/// What stands between `before` and the next `after`, each time.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Vec<&'t str> {
    text.split(before).skip(1).filter_map(|rest| rest.split_once(after).map(|(inside, _)| inside)).collect()
}

/// A document as it is served: the common parts stand in the places of their marks.
fn whole(text: &str) -> String {
    let mut text = text.replacen(WALKER, &read(format!("{PAGE}/walker.html")), 1);
    for part in ["head", "top", "bottom"] {
        let start = text.find(&format!("<!-- site:{part}")).unwrap_or_else(|| panic!("no {part}:\n{text}"));
        let end = start + text[start..].find(" -->\n").expect("a mark ends with its line") + 5;
        let mark = text[start..end].to_owned();
        let mut inside = read(format!("{SITE}/parts/{part}.html"));
        if let [_, _, link, how, _] = mark.split(' ').collect::<Vec<_>>()[..] {
            assert!(inside.contains(&format!("data-say=\"{link}\"")), "{mark}");
            inside = inside.replacen(
                &format!("data-say=\"{link}\""),
                &format!("data-say=\"{link}\" aria-current=\"{how}\""),
                1,
            );
        }
        text.replace_range(start..end, &inside);
    }
    text
}

/// The documents by name, as they are written.
fn documents() -> BTreeMap<String, String> {
    files("html").into_iter().filter(|(name, _)| !name.starts_with("parts/")).collect()
}

/// Where an address of an asset lies.
fn asset(address: &str) -> Option<PathBuf> {
    let path = match address.strip_prefix("/assets/site/") {
        Some(name) => Path::new(SITE).join(name),
        // The style of diagrams is written by the program.
        None if address == "/assets/page/diagram.css" => return Some(PathBuf::new()),
        None => Path::new(PAGE).join(address.strip_prefix("/assets/page/")?),
    };
    path.is_file().then_some(path)
}

/// The modules that a module of the site imports.
fn imports(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| line.starts_with("import "));
    lines.filter_map(|line| line.split_once(" from '")?.1.strip_suffix("';")).collect()
}

#[test]
fn every_link_and_every_import_leads_somewhere() {
    for (name, text) in documents() {
        let text = whole(&text);
        for attribute in ["href=\"", "src=\""] {
            for address in between(&text, attribute, "\"") {
                let page = ["/", "/edit", "/inspect", "#main"].contains(&address);
                assert!(page || asset(address).is_some(), "{name}: {address}");
            }
        }
    }
    for (name, text) in files("js") {
        for import in imports(&text) {
            let there = match import.strip_prefix('.') {
                Some(_) => Path::new(SITE).join(&name).parent().unwrap().join(import).is_file(),
                None => asset(import).is_some(),
            };
            assert!(there, "{name}: {import}");
        }
        assert!(text.lines().count() <= 400, "{name} is too long");
    }
}

#[test]
fn documents_keep_to_their_policy_and_to_what_a_screen_reader_needs() {
    for (name, text) in documents() {
        let text = whole(&text);
        assert!(
            !text.contains(" style=") && !text.contains("<style"),
            "{name}: styles stand in style sheets"
        );
        let handler = between(&text, " on", "=\"")
            .into_iter()
            .find(|word| !word.contains(|c: char| !c.is_ascii_lowercase()));
        assert_eq!(handler, None, "{name}: what happens stands in modules");
        for script in between(&text, "<script", ">") {
            assert!(script.contains(" src=\"/assets/"), "{name}: scripts are files");
        }
        for (mark, count) in [("<main", 1), ("<h1", 1), ("<header", 1), ("<footer", 1), ("<html lang=\"", 1)]
        {
            assert_eq!(text.matches(mark).count(), count, "{name}: {mark}");
        }
        let ids = between(&text, " id=\"", "\"");
        let different: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), different.len(), "{name}: an id stands twice");
        for attribute in [" for=\"", " aria-controls=\"", " aria-labelledby=\"", " aria-describedby=\""] {
            for id in between(&text, attribute, "\"") {
                assert!(ids.contains(&id), "{name}: {attribute}{id}");
            }
        }
        let walks = ["lesson.html", "edit.html", "inspect.html"].contains(&name.as_str());
        assert_eq!(ids.contains(&"walk"), walks, "{name}");
        for id in ["crumb", "title", "lang-en", "lang-zh"] {
            assert!(!walks || ids.contains(&id), "{name}: the walker needs #{id}");
        }
    }
}

/// The words of a module, by key.
fn words(name: &str, text: &str) -> BTreeMap<String, [String; 2]> {
    let mut found = BTreeMap::new();
    // `key: ['English', '中文'],`, on one line or several.
    for (at, _) in text.match_indices(": [") {
        let key = text[..at].rsplit(['\n', '{']).next().unwrap().trim().trim_matches('\'');
        let inside = &text[at + 3..];
        let inside = &inside[..inside.find("],").unwrap_or_else(|| panic!("{name}: {key} does not end"))];
        let both: Vec<&str> = inside.split('\'').skip(1).step_by(2).collect();
        let [en, zh] = both[..] else { panic!("{name}: {key} is not in two languages: {both:?}") };
        let before = found.insert(key.to_owned(), [en.to_owned(), zh.to_owned()]);
        assert_eq!(before, None, "{name}: {key} stands twice");
    }
    found
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    between(text, "{", "}").into_iter().collect()
}

#[test]
fn every_word_is_there_in_both_languages() {
    let modules = files("js");
    let mut all = 0;
    for (name, text) in modules.iter().filter(|(name, _)| name.starts_with("words/")) {
        for (key, [en, zh]) in words(name, text) {
            assert!(!en.trim().is_empty() && !zh.trim().is_empty(), "{name}: {key}");
            assert_eq!(placeholders(&en), placeholders(&zh), "{name}: {key}");
            // “, ” between numbers, “?” or a file's name may be the same in both.
            let chinese = zh.chars().any(|c| ('\u{3000}'..='\u{9fff}').contains(&c) || c == '（');
            assert!(chinese || en == zh, "{name}: {key}: {zh}");
            assert!(!en.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{name}: {key}: {en}");
            all += 1;
        }
    }
    assert!(all > 150, "only {all} words");
}

/// Everything that a module and those of the site that it imports say.
fn said(
    name: &str,
    modules: &BTreeMap<String, String>,
    seen: &mut BTreeSet<String>,
    keys: &mut BTreeSet<String>,
) {
    if !seen.insert(name.to_owned()) {
        return;
    }
    let text = &modules[name];
    for line in text.lines().filter(|line| !line.trim_start().starts_with(['*', '/'])) {
        keys.extend(between(line, "say('", "'").into_iter().map(str::to_owned));
    }
    for import in imports(text).into_iter().filter_map(|import| import.strip_prefix("./")) {
        said(import, modules, seen, keys);
    }
}

#[test]
fn what_a_page_says_is_among_its_words() {
    let modules = files("js");
    let common = words("common", &modules["words/common.js"]);
    for (document, text) in documents() {
        let text = whole(&text);
        let page = document.strip_suffix(".html").unwrap();
        let entry = format!("{page}.js");
        let mut known: BTreeSet<String> = common.keys().cloned().collect();
        let mut of_page = vec![format!("words/{page}.js")];
        if page == "edit" {
            of_page.extend(["words/lesson.js".to_owned(), "words/compare.js".to_owned()]);
        }
        for name in of_page {
            known.extend(words(&name, &modules[&name]).into_keys());
        }
        let mut keys = BTreeSet::new();
        said(&entry, &modules, &mut BTreeSet::new(), &mut keys);
        for attribute in [" data-say=\"", " data-say-label=\"", " data-say-hint=\""] {
            keys.extend(between(&text, attribute, "\"").into_iter().map(str::to_owned));
        }
        for key in keys {
            assert!(known.contains(&key), "{document} says {key}, which is no word of it");
        }
    }
}

/// Runs a module in node; `None` where there is none.
fn node(script: &str) -> Option<String> {
    let ran = Command::new("node")
        .args(["--input-type=module", "--no-warnings", "--eval", script])
        .current_dir(SITE)
        .stdin(Stdio::null())
        .output();
    let Ok(output) = ran else {
        assert!(std::env::var_os("CI").is_none(), "node is not installed");
        // Past the harness, which keeps to itself what is printed.
        let _ = writeln!(std::io::stderr(), "\nSKIPPED: node is not installed, so no module was run\n");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn what_is_asked_of_a_run_goes_into_an_address_and_comes_back() {
    // Modules below a folder without package.json are told what they are.
    let text = read(format!("{SITE}/wishes.js"));
    let script = format!(
        r#"{text}
        const wishes = {{ set: {{ backlog: '2', profile: 'rfc9293' }}, seed: 7, branches: [
            {{ parent: 0, drop: 'client > server data #2', name: 'a & b = “c”' }},
            {{ parent: 1, set: {{ rate: '5000', delay: '20ms' }} }},
            {{ parent: 0, seed: 9 }} ] }};
        const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
        const back = readWishes(writeWishes(wishes));
        const garbage = ['?branch=from%3D9', '?seed=-1', '?seed=1e9', '?branch=%E0%A4%A', '?set.=x&branch', '?' + 'branch=x&'.repeat(99)];
        const read = garbage.map((text) => readWishes(text));
        const cut = without(wishes, 1);
        const said = [
            JSON.stringify(back.branches[0]), back.seed, same(back.set, wishes.set), same(back.branches[1], wishes.branches[1]),
            writeWishes(nothing()) === '', read[0].branches.length, read[1].seed === undefined, read[2].seed === undefined,
            read[5].branches.length, JSON.stringify(cut.wishes.branches), [...cut.numbers].join(' '), offspring(wishes, 1), offspring(wishes, 3),
            JSON.stringify(holding(wishes, 2)),
        ];
        console.log(said.join('\n'));"#
    );
    let Some(said) = node(&script) else { return };
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            r#"{"parent":0,"drop":"client > server data #2","name":"a & b = “c”"}"#,
            "7",
            "true",
            "true",
            "true",
            "0",
            "true",
            "true",
            "15",
            r#"[{"parent":0,"seed":9}]"#,
            "0,0 3,1",
            "1",
            "0",
            r#"{"set":{"backlog":"2","profile":"rfc9293","rate":"5000","delay":"20ms"},"seed":7,"drop":["client > server data #2"]}"#,
        ]
    );
}
