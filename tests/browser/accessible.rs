//! Every page as axe-core judges it: light and dark, English and Chinese, wide and narrow.

use super::InBrowser;
use super::exported;
use super::ground::Ground;
use super::machine;
use super::tab::Tab;
use serde_json::Value;

/// The tests of this file.
pub const TESTS: &[InBrowser] = &[("accessible::the_exported_page", the_exported_page)];

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
    exported::open(ground, "step=3&lang=en", |tab| {
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
