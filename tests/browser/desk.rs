//! What one does oneself on the server's pages: a scenario written, a capture uploaded, the real kernel asked, files
//! taken home.

use super::InBrowser;
use super::ground::{Ground, address, program};
use super::lesson::{open, stands};
use super::tab::{Net, Tab};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use wirewalk::lang::Lang;
use wirewalk::scenario;

/// The tests of this file.
pub const TESTS: &[InBrowser] = &[
    ("desk::the_editor_shows_a_mistake_at_its_place_and_runs_what_was_mended", the_editor),
    ("desk::a_draft_outlives_its_page", a_draft_outlives_its_page),
    ("desk::a_broken_capture_is_told_and_what_could_be_read_is_shown", a_broken_capture),
    ("desk::a_capture_goes_up_and_a_connection_is_walked", a_capture),
    ("desk::the_real_kernel_is_compared_in_the_page", the_real_kernel),
    ("desk::what_is_downloaded_is_what_it_says", downloads),
    ("desk::where_there_are_no_programs_the_page_says_why", no_programs),
];

/// Puts a text into the editor's field as if it had been pasted.
pub fn paste(tab: &Tab, text: &str) {
    let text = serde_json::to_string(text).expect("a text");
    tab.value(&format!(
        "(() => {{ const area = document.querySelector('#editor'); area.value = {text};
           area.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
    ));
}

fn the_editor(ground: &Ground) {
    let source = scenario::find("three-way-handshake").expect("built in").text;
    let line = source.lines().position(|line| line.starts_with("[host.")).expect("a host") + 1;
    let broken = source.replacen("[host.", "[hosst.", 1);
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/edit?from=three-way-handshake#lang=en&questions=off"));
        tab.until("document.querySelector('#editor').value.length > 100");
        assert_eq!(tab.text("document.querySelector('#editor').value"), source);
        paste(tab, &broken);
        tab.until("document.querySelector('#editor-errors li')");
        // Said where it stands, in both languages, and marked there.
        assert!(
            tab.words("#editor-errors li").contains(&line.to_string()),
            "{}",
            tab.words("#editor-errors li")
        );
        assert!(tab.words("#editor-errors li").contains("hosst"));
        assert_eq!(tab.words("#editor-lines .wrong"), line.to_string());
        assert!(tab.words("#editor-marks mark").contains("hosst"));
        tab.click("#lang-zh");
        tab.until("/[\\u4e00-\\u9fff]/.test(document.querySelector('#editor-errors li').textContent)");
        tab.click("#lang-en");
        tab.click("#editor-errors li button");
        assert_eq!(tab.text("getSelection().toString() || document.activeElement.id"), "hosst");
        // Mended, it is checked again by itself, and runs.
        paste(tab, &source.replace("title = { en = \"", "title = { en = \"My "));
        tab.until(
            "!document.querySelector('#editor-errors li') && !document.querySelector('#editor').ariaInvalid",
        );
        tab.click("#editor-run");
        tab.until("document.querySelector('#diagram svg')");
        assert!(tab.words("#title").starts_with("My "), "{}", tab.words("#title"));
        tab.click("#step-next");
        tab.until("document.querySelector('#position').textContent.startsWith('2 ')");
        tab.click("#step-last");
        tab.click("#diagram [data-frame='1']");
        tab.click("#drop");
        tab.until("document.querySelector('#branches [aria-pressed=true]')?.dataset.branch === '1'");
    });
}

fn a_draft_outlives_its_page(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/edit"));
        tab.until("document.querySelector('#editor').value.length > 100");
        paste(tab, "title = \"half a thought\"");
        tab.until("document.querySelector('#editor-errors li')");
        tab.goto(&ground.page("/"));
        tab.until("document.querySelector('#lessons a')");
        tab.goto(&ground.page("/edit"));
        tab.until("document.querySelector('#editor').value === 'title = \"half a thought\"'");
    });
}

/// A capture that the program writes.
fn capture(ground: &Ground, name: &str) -> PathBuf {
    ground.written(name, &["export", "three-way-handshake", "--format", "pcapng"])
}

fn a_capture(ground: &Ground) {
    let file = capture(ground, "capture.pcapng");
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/inspect#lang=en&questions=off"));
        tab.fill("#upload", &file.display().to_string());
        tab.until("document.querySelector('#connection-1')");
        let row = tab.words("tr[data-connection='1']");
        assert!(row.contains("10.0.0.1:60969") && row.contains("ESTABLISHED"), "{row}");
        tab.click("#connection-1");
        tab.until("document.querySelector('#diagram svg')");
        let steps = tab.text("document.querySelector('#position').textContent");
        let steps: usize = steps.split_once("1 / ").expect("at the first").1.parse().expect("a number");
        assert!(steps >= 3, "three segments at least: {steps}");
        tab.click("#step-next");
        stands(tab, 2, steps);
        tab.click("#step-last");
        stands(tab, steps, steps);
        assert_eq!(tab.value("document.querySelectorAll('#diagram .frame').length"), 3);
        tab.click("#lang-zh");
        tab.until("document.documentElement.lang === 'zh-CN'");
        assert!(tab.words("#story").chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)));
    });
}

fn a_broken_capture(ground: &Ground) {
    let whole = std::fs::read(capture(ground, "whole.pcapng")).expect("written");
    let cut = ground.folder().join("cut.pcapng");
    std::fs::write(&cut, &whole[..whole.len() - 11]).expect("a file");
    let noise = ground.folder().join("noise.pcap");
    std::fs::write(&noise, "no capture at all, <b>only</b> words").expect("a file");
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/inspect#lang=en&questions=off"));
        tab.fill("#upload", &cut.display().to_string());
        tab.until("document.querySelector('#connection-1') && document.querySelector('#capture-broken').textContent");
        tab.goto(&ground.page("/inspect#lang=en&questions=off"));
        tab.fill("#upload", &noise.display().to_string());
        tab.until("document.querySelector('#status').textContent + document.querySelector('#capture-broken').textContent");
        tab.until("document.querySelector('.failed')");
        assert_eq!(tab.value("document.querySelector('#connection-1')"), Value::Null);
        // An answer that says no is the only complaint.
        let log = tab.log();
        assert!(log.iter().all(|line| line.contains("status of 4")), "{log:?}");
    });
}

fn the_real_kernel(ground: &Ground) {
    // Whether this machine can: what the command line says is what the page must say.
    let unable = Command::new(program())
        .args(["compare", "three-way-handshake"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the binary runs")
        .code()
        == Some(3);
    ground.tab(Net::On, |tab| {
        open(tab, ground, "three-way-handshake#lang=en&questions=off");
        tab.click("#compare-link");
        tab.until("document.querySelector('#compare-run')");
        tab.click("#compare-run");
        let done =
            "document.querySelector('#compare-verdict') || document.querySelector('#compare-status.failed')";
        tab.until(done);
        if unable {
            assert!(!tab.words("#compare-status.failed").is_empty());
            tab.log();
            return;
        }
        let shown = tab.words("#compare-result");
        assert!(shown.contains("S 0"), "{shown}");
        assert!(tab.value("document.querySelectorAll('#compare-result tr').length").as_u64() > Some(3));
        tab.click("#lang-zh");
        tab.until("/[\\u4e00-\\u9fff]/.test(document.querySelector('#compare-verdict').textContent)");
    });
}

/// Waits until that file has come whole, and gives it. Its name stands there, empty, before its octets come, which have
/// another name until they are whole.
fn arrived(tab: &Tab, ending: &str) -> PathBuf {
    tab.wait_for(&format!("a download *.{ending}"), || {
        let files = std::fs::read_dir(tab.downloads()).expect("the folder");
        let files: Vec<PathBuf> = files.filter_map(|file| file.ok().map(|file| file.path())).collect();
        let ends = |path: &PathBuf, with: &str| path.extension().is_some_and(|end| end == with);
        let coming = files.iter().any(|path| ends(path, "crdownload"));
        let whole = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
        files.into_iter().find(|path| !coming && ends(path, ending) && whole(path))
    })
}

/// Whether an archive holds what the command line writes, file by file.
fn same_programs(ground: &Ground, name: &str, archive: &Path) {
    let folder = ground.written("python", &["export", name, "--format", "python", "--lang", "en"]);
    let octets = std::fs::File::open(archive).expect("the archive");
    let beside = tempfile::tempdir().expect("a folder");
    tar::Archive::new(flate2::read::GzDecoder::new(octets)).unpack(beside.path()).expect("an archive");
    let files = |folder: &Path| -> Vec<(std::ffi::OsString, Vec<u8>)> {
        let read = |file: std::io::Result<std::fs::DirEntry>| {
            let file = file.expect("a file");
            (file.file_name(), std::fs::read(file.path()).expect("its octets"))
        };
        let mut files: Vec<_> = std::fs::read_dir(folder).expect("the folder").map(read).collect();
        files.sort();
        files
    };
    let written = files(&folder);
    assert!(written.len() >= 2 && files(&beside.path().join(name)) == written);
}

fn no_programs(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        open(tab, ground, "blind-reset#lang=en&questions=off");
        tab.click("#downloads-open");
        for (lang, [what, why]) in [
            ("en", ["cannot be written as a Python program", "needs a raw socket"]),
            ("zh", ["无法写成 Python 程序", "原始套接字"]),
        ] {
            tab.click(&format!("#lang-{lang}"));
            tab.click("#download-python");
            tab.until(&format!("document.querySelector('#downloads .note').textContent.includes('{what}')"));
            assert!(tab.words("#downloads .note").contains(why), "{}", tab.words("#downloads .note"));
        }
        assert_eq!(std::fs::read_dir(tab.downloads()).expect("the folder").count(), 0);
        // An answer that says no is the only complaint.
        let log = tab.log();
        assert!(log.iter().all(|line| line.contains("status of 422")), "{log:?}");
    });
}

fn downloads(ground: &Ground) {
    let page = std::cell::RefCell::new(PathBuf::new());
    ground.tab(Net::On, |tab| {
        open(tab, ground, "lost-syn-ack#lang=en&questions=off");
        tab.click("#downloads-open");
        let fetch = |id: &str, ending: &str| {
            tab.click(&format!("#download-{id}"));
            let file = arrived(tab, ending);
            let bytes = std::fs::read(&file).expect("the file");
            assert!(!bytes.is_empty(), "{}", file.display());
            (file, bytes)
        };
        let exported = |format: &str| {
            let arguments = ["export", "lost-syn-ack", "--format", format, "--lang", "en"];
            std::fs::read(ground.written(&format!("same-{format}"), &arguments)).expect("written")
        };
        // What the page gives is what the command line writes.
        let (_, pcapng) = fetch("pcapng", "pcapng");
        assert!(pcapng == exported("pcapng"), "pcapng");
        let (_, svg) = fetch("svg", "svg");
        let svg = String::from_utf8(svg).expect("UTF-8");
        assert!(roxmltree::Document::parse(&svg).is_ok() && svg.contains("SYN-SENT"));
        let (_, csv) = fetch("csv", "csv");
        assert!(csv == exported("csv"), "csv");
        let (_, json) = fetch("json", "json");
        assert!(serde_json::from_slice::<Value>(&json).is_ok_and(|json| json.is_object()));
        let (archive, _) = fetch("python", "gz");
        same_programs(ground, "lost-syn-ack", &archive);
        assert!(tab.words("#downloads .note").contains("tar -xzf"), "{}", tab.words("#downloads .note"));
        let (html, _) = fetch("html", "html");
        // Kept beyond the browser that fetched it.
        let kept = ground.folder().join("downloaded.html");
        std::fs::copy(html, &kept).expect("a copy");
        page.replace(kept);
    });
    let title = scenario::find("lost-syn-ack").expect("built in").scenario().expect("without mistakes");
    let title = title.default_plan().title.get(Lang::Zh).to_owned();
    ground.tab(Net::Off, |tab| {
        tab.goto(&format!("{}#step=3&lang=zh", address(&page.borrow())));
        tab.until("document.querySelector('#position').textContent.startsWith('3 ')");
        assert_eq!(tab.words("#title"), title);
    });
}
