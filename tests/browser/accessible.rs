//! Every page as axe-core judges it: light and dark, English and Chinese, wide and narrow.

use super::InBrowser;
use super::desk;
use super::exported;
use super::ground::Ground;
use super::lesson;
use super::machine;
use super::tab::{Net, Tab};
use serde_json::Value;

/// The tests of this file.
pub const TESTS: &[InBrowser] = &[
    ("accessible::the_exported_page", the_exported_page),
    ("accessible::the_list", the_list),
    ("accessible::a_lesson", a_lesson),
    ("accessible::the_editor", the_editor),
    ("accessible::what_is_not_there", what_is_not_there),
    ("accessible::captures", captures),
    ("accessible::the_comparison", the_comparison),
];

/// A large screen, and a telephone or a page made four times larger.
const SIZES: [(u32, u32); 2] = [(1280, 900), (400, 800)];

/// What is judged: all of WCAG 2.2 AA and the advice beyond it.
const RULES: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']";

/// Judges the page that is open in every language, size and scheme; `prepare` brings it, after each change of language,
/// into the condition that is judged.
pub fn judge(tab: &Tab, page: &str, prepare: impl Fn(&Tab)) {
    let packages = machine::packages().expect("asked for before");
    let axe = std::fs::read_to_string(packages.join("axe-core/axe.min.js")).expect("axe-core is fetched");
    tab.run(&format!("{axe}; done(1);"));
    // A browser does not lay out what is far from sight and left to it; axe-core would judge rows lying on each other.
    tab.value(
        "(() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('* { content-visibility: visible !important }');
         document.adoptedStyleSheets = [sheet]; })()",
    );
    let mut flaws = Vec::new();
    for lang in ["en", "zh"] {
        // Not with the mouse: an open dialogue covers it.
        tab.value(&format!("document.querySelector('#lang-{lang}').click()"));
        tab.until(&format!("document.documentElement.lang.startsWith('{lang}')"));
        prepare(tab);
        for (width, height) in SIZES {
            for scheme in ["light", "dark"] {
                tab.look(width, height, scheme);
                for flaw in violations(tab) {
                    flaws.push(format!("{page}, {lang}, {width} wide, {scheme}: {flaw}"));
                }
                let beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
                let beyond = tab.value(beyond);
                if beyond != 0 {
                    flaws.push(format!("{page}, {lang}, {width} wide: the page is {beyond} too wide"));
                }
            }
        }
    }
    assert!(flaws.is_empty(), "{} flaws:\n{}", flaws.len(), flaws.join("\n"));
}

/// What axe-core has against the page as it is, one line each.
fn violations(tab: &Tab) -> Vec<String> {
    let found = tab.run(&format!(
        "axe.run(document, {{ runOnly: {RULES}, resultTypes: ['violations'] }}).then(
           (found) => done(found.violations.map((one) => [one.id, one.help,
             one.nodes.slice(0, 3).map((node) => node.target.join(' ') + ' ' + node.any.map((why) => why.message).join(' ')).join(' | ')])),
           (error) => done(String(error)));"
    ));
    let Value::Array(found) = found else { panic!("axe-core: {found}") };
    found
        .iter()
        .map(|one| (0..3).map(|at| one[at].as_str().unwrap_or("?")).collect::<Vec<_>>().join(" · "))
        .collect()
}

fn the_exported_page(ground: &Ground) {
    exported::open(ground, "step=3&lang=en&questions=off", |tab| {
        judge(tab, "exported, in the middle, all unfolded", |tab| {
            tab.value("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
        });
        // A branch beside the run it grew from, and a question that waits.
        tab.click("#branches [data-branch='1']");
        tab.click("#beside");
        tab.click("#step-first");
        tab.click("#step-next");
        judge(tab, "exported, two branches", |_| {});
        tab.press(&['?']);
        tab.until("document.querySelector('#help').open");
        judge(tab, "exported, help", |tab| {
            tab.value("document.querySelector('#help').open || document.querySelector('#help').showModal()");
        });
    });
}

fn the_list(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/"));
        tab.until("document.querySelector('#lessons a')");
        judge(tab, "the list", |_| {});
        tab.fill("#lesson-search", "zzz");
        tab.until("!document.querySelector('#lessons a')");
        judge(tab, "the list, nothing found", |_| {});
    });
}

fn a_lesson(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        lesson::open(tab, ground, "user-timeout#step=3&lang=en&questions=off");
        judge(tab, "a lesson", |_| {});
        tab.click("#what-if");
        judge(tab, "a lesson, its knobs", |_| {});
        tab.click("#downloads-open");
        tab.click("#step-last");
        tab.click("#diagram .frame");
        tab.click("#drop");
        tab.until("document.querySelector('#branches [aria-pressed=true]')?.dataset.branch === '1'");
        judge(tab, "a lesson, a branch and downloads", |_| {});
    });
}

fn the_editor(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/edit?from=three-way-handshake"));
        tab.until("document.querySelector('#editor').value.length > 100");
        let source = tab.text("document.querySelector('#editor').value");
        judge(tab, "the editor", |_| {});
        desk::paste(tab, &source.replacen("[host.", "[hosst.", 1));
        tab.until("document.querySelector('#editor-errors li')");
        judge(tab, "the editor, a mistake", |_| {});
        desk::paste(tab, &source);
        tab.until("!document.querySelector('#editor-errors li')");
        tab.click("#editor-run");
        tab.until("document.querySelector('#diagram svg')");
        judge(tab, "the editor, walking", |_| {});
    });
}

fn captures(ground: &Ground) {
    let file = ground.written("judged.pcapng", &["export", "lost-syn-ack", "--format", "pcapng"]);
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/inspect"));
        tab.until("document.querySelector('h1').textContent !== 'wirewalk'");
        judge(tab, "captures", |_| {});
        tab.fill("#upload", &file.display().to_string());
        tab.until("document.querySelector('#connection-1')");
        judge(tab, "captures, connections", |_| {});
        tab.click("#connection-1");
        tab.until("document.querySelector('#diagram svg')");
        judge(tab, "captures, walking", |_| {});
    });
}

fn the_comparison(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/compare/three-way-handshake"));
        tab.until("document.querySelector('#compare-run').textContent");
        judge(tab, "the comparison", |_| {});
        tab.click("#compare-run");
        tab.until(
            "document.querySelector('#compare-verdict') || document.querySelector('#compare-status.failed')",
        );
        judge(tab, "the comparison, done", |_| {});
        // A machine that cannot run it says so, which the browser notes.
        let log = tab.log();
        assert!(log.iter().all(|line| line.contains("status of 501")), "{log:?}");
    });
}

fn what_is_not_there(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/lesson/no-such-lesson"));
        tab.until("/no-such-lesson/.test(document.querySelector('main').textContent)");
        judge(tab, "what is not there", |_| {});
        tab.log();
    });
}
