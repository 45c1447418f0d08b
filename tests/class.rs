//! The archive for a class: it unpacks, the program in it runs, every link in it leads somewhere in it, nothing in it
//! points outside, and the same program makes the same octets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use wirewalk::scenario::builtins;

fn wirewalk(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wirewalk"))
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "en_US.UTF-8")
        .output()
        .expect("the program runs")
}

/// The archive, made once for all tests, and where it was unpacked.
struct Made {
    folder: tempfile::TempDir,
    said: String,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let output = wirewalk(folder.path(), &["class", "-o", "class.tar.gz"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let archive = std::fs::File::open(folder.path().join("class.tar.gz")).unwrap();
    tar::Archive::new(flate2::read::GzDecoder::new(archive)).unpack(folder.path()).unwrap();
    Made { said: String::from_utf8(output.stderr).unwrap(), folder }
});

impl Made {
    fn root(&self) -> PathBuf {
        self.folder.path().join("wirewalk-class")
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// Every file below the folder, relative to it.
fn files(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found
}

/// What an attribute of that name says, wherever it stands in a page.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let mark = format!(" {attribute}=\"");
    page.split(mark.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The place a link on the page `from` leads to.
fn followed(from: &str, link: &str) -> String {
    let mut place: Vec<&str> = from.split('/').collect();
    place.pop();
    for part in link.split('/') {
        match part {
            "." | "" => {}
            ".." => assert!(place.pop().is_some(), "{from}: {link} leads out of the archive"),
            part => place.push(part),
        }
    }
    place.join("/")
}

/// A page without what its script brings along: the words of a document are no links.
fn markup(page: &str) -> &str {
    page.split("<script").next().unwrap_or_default()
}

#[test]
fn it_holds_the_program_a_page_for_each_lesson_and_both_books() {
    let made = files(&MADE.root());
    for builtin in builtins() {
        let name = builtin.name;
        for path in [
            format!("lessons/{name}.html"),
            format!("book/en/pictures/{name}.svg"),
            format!("book/zh/pictures/{name}.svg"),
        ] {
            assert!(made.contains(&path), "{path} is missing");
        }
    }
    for path in [
        "README.txt",
        "index.html",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "book/en/first-hour.html",
        "book/zh/first-hour.html",
    ] {
        assert!(made.contains(path), "{path} is missing");
    }
    assert!(MADE.said.contains(&format!("{} files", made.len())), "{} but {}", MADE.said, made.len());
}

#[test]
fn the_program_in_it_runs() {
    let program = MADE.root().join(format!("wirewalk{}", std::env::consts::EXE_SUFFIX));
    let output = Command::new(program).args(["--lang", "en", "run", "three-way-handshake"]).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("3 of 3 held"));
}

#[test]
fn every_link_in_it_leads_somewhere_in_it() {
    let made = files(&MADE.root());
    let pages: BTreeMap<&str, String> = made
        .iter()
        .filter(|path| path.ends_with(".html"))
        .map(|path| (path.as_str(), MADE.text(path)))
        .collect();
    let mut links = 0;
    for (from, page) in &pages {
        for link in values(markup(page), "href").into_iter().chain(values(markup(page), "src")) {
            if link.starts_with("data:") {
                continue;
            }
            links += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let place = if path.is_empty() { (*from).to_owned() } else { followed(from, path) };
            assert!(made.contains(&place), "{from}: {link}");
            // `#lang=zh` is for the page's script.
            if !anchor.is_empty() && !anchor.contains('=') {
                // An address has the octets of Chinese characters as numbers.
                let written = |id: &&str| {
                    let mut address = url::Url::parse("file:///x").unwrap();
                    address.set_fragment(Some(id));
                    address.fragment() == Some(anchor)
                };
                let ids = values(&pages[place.as_str()], "id");
                assert!(ids.contains(&anchor) || ids.iter().any(written), "{from}: {link}: no such place");
            }
        }
    }
    assert!(links > 5000, "only {links} links found");
}

#[test]
fn nothing_in_it_is_fetched_from_outside() {
    for path in files(&MADE.root()) {
        if !path.ends_with(".html") && !path.ends_with(".svg") {
            continue;
        }
        let text = MADE.text(&path);
        for attribute in ["href", "src", "action", "data", "poster", "srcset"] {
            for value in values(markup(&text), attribute) {
                assert!(!value.contains("//"), "{path}: {attribute}={value}");
            }
        }
        for mark in [
            "url(http",
            "url(//",
            "@import",
            "<iframe",
            "<object",
            "<embed",
            "fetch('",
            "fetch(`",
            "XMLHttpRequest",
            "WebSocket(",
        ] {
            assert!(!text.contains(mark), "{path}: {mark}");
        }
    }
}

#[test]
fn it_says_what_is_in_it_in_both_languages_and_80_columns() {
    let readme = MADE.text("README.txt");
    let look = wirewalk::view::Look::default();
    for line in readme.lines() {
        assert!(look.text_width(line) <= 80, "{line}");
    }
    assert!(readme.contains("index.html in a browser") && readme.contains("用浏览器打开 index.html"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tops: BTreeSet<String> = files(&MADE.root())
        .iter()
        .map(|path| path.split_once('/').map_or_else(|| path.clone(), |(folder, _)| format!("{folder}/")))
        .collect();
    for lang in ["en", "zh"] {
        let chapter =
            std::fs::read_to_string(root.join(format!("docs/book/{lang}/src/offline-class.md"))).unwrap();
        for top in &tops {
            assert!(chapter.contains(&format!("`{top}`")), "{lang}: the chapter does not name {top}");
        }
    }
}

#[test]
fn it_is_no_larger_than_a_memory_stick_of_the_nineties() {
    let size = |path: &Path| std::fs::metadata(path).unwrap().len();
    let program = size(Path::new(env!("CARGO_BIN_EXE_wirewalk")));
    let whole: u64 = files(&MADE.root()).iter().map(|path| size(&MADE.root().join(path))).sum();
    assert!(whole - program < 60_000_000, "{} octets beside the program", whole - program);
    assert!(size(&MADE.folder.path().join("class.tar.gz")) < 60_000_000);
}

#[test]
fn the_same_program_makes_the_same_octets_in_a_folder_too_and_pupils_get_no_keys() {
    let folder = tempfile::tempdir().unwrap();
    let output = wirewalk(folder.path(), &["class", "-q", "--students", "-o", "class"]);
    assert!(output.status.success() && output.stderr.is_empty());
    let (one, other) = (MADE.root(), folder.path().join("class"));
    let made = files(&one);
    let without: BTreeSet<String> =
        made.iter().filter(|path| !path.starts_with("teacher/")).cloned().collect();
    assert_eq!(without, files(&other));
    for path in without.iter().filter(|path| *path != "README.txt") {
        assert!(std::fs::read(one.join(path)).unwrap() == std::fs::read(other.join(path)).unwrap(), "{path}");
    }
    // Whatever the hour and whoever writes it, an archive tells neither.
    let archive = std::fs::File::open(MADE.folder.path().join("class.tar.gz")).unwrap();
    for entry in tar::Archive::new(flate2::read::GzDecoder::new(archive)).entries().unwrap() {
        let header = entry.unwrap().header().clone();
        assert_eq!((header.mtime().unwrap(), header.uid().unwrap(), header.gid().unwrap()), (0, 0, 0));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the folder");
}

#[test]
fn papers_and_their_keys_lie_in_folders_of_their_own() {
    let made = files(&MADE.root());
    for lang in ["en", "zh"] {
        for topic in ["handshake", "close", "flood"] {
            assert!(made.contains(&format!("sheets/{lang}/{topic}.html")), "{lang} {topic}");
            assert!(made.contains(&format!("teacher/{lang}/{topic}.html")), "{lang} {topic}");
        }
    }
    for path in made.iter().filter(|path| !path.starts_with("teacher/") && path.ends_with(".html")) {
        let page = MADE.text(path);
        assert!(
            !values(markup(&page), "href").iter().any(|link| link.contains("teacher/")),
            "{path} leads to the keys"
        );
    }
}

#[test]
fn what_is_there_already_is_left_alone_and_a_wrong_name_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("class")).unwrap();
    let there = wirewalk(folder.path(), &["class", "-o", "class"]);
    assert_eq!(there.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&there.stderr).contains("class exists already and is left as it is"));
    let zip = wirewalk(folder.path(), &["class", "-o", "class.zip"]);
    assert_eq!(zip.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&zip.stderr).contains("the archive's name ends in .tar.gz"));
    let nowhere = wirewalk(folder.path(), &["class", "-q", "-o", "no/such/folder/class.tar.gz"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was written");
}
