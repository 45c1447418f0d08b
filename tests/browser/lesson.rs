//! From the list to a lesson, through it, and into its branches, on the program's own server.

use super::InBrowser;
use super::ground::Ground;
use super::tab::{Net, Tab, key};
use serde_json::Value;
use wirewalk::lang::Lang;
use wirewalk::scenario;
use wirewalk::sim;
use wirewalk::walk::{Change, Setup, Walk};

/// The tests of this file.
pub const TESTS: &[InBrowser] = &[
    ("lesson::the_list_leads_to_a_lesson_to_its_fifth_step_and_back", the_list_leads_to_a_lesson),
    ("lesson::the_list_finds_lessons_in_both_languages", the_list_finds),
    ("lesson::every_lesson_opens", every_lesson_opens),
    ("lesson::a_link_opens_at_its_step", a_link_opens_at_its_step),
    ("lesson::a_segment_clicked_and_dropped_grows_a_branch", a_dropped_segment_grows_a_branch),
    ("lesson::the_language_goes_along_from_page_to_page", the_language_goes_along),
    ("lesson::knobs_grow_a_branch_and_refuse_what_cannot_be", knobs),
    ("lesson::keys_alone_lead_from_the_list_to_the_end_of_a_lesson", keys_alone),
    ("lesson::an_unknown_lesson_is_told", an_unknown_lesson),
];

/// The lesson that most tests walk.
const LESSON: &str = "three-way-handshake";

/// A lesson as the server walks it.
pub fn walk(name: &str) -> Walk {
    let scenario = scenario::find(name).expect("built in").scenario().expect("without mistakes");
    Walk::simulated(Setup::new(scenario)).expect("default knobs")
}

/// Waits until the page walks, and stands at that step (from 1) of so many.
pub fn stands(tab: &Tab, step: usize, steps: usize) {
    tab.until(&format!("document.querySelector('#position')?.textContent === '{step} / {steps}'"));
}

/// Opens a lesson and waits until it can be walked.
pub fn open(tab: &Tab, ground: &Ground, place: &str) {
    tab.goto(&ground.page(&format!("/lesson/{place}")));
    tab.until("document.querySelector('#diagram svg')");
}

fn the_list_leads_to_a_lesson(ground: &Ground) {
    let steps = walk(LESSON).steps().len();
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/"));
        tab.until("document.querySelector('#lessons a')");
        let listed = tab.value("document.querySelectorAll('#lessons a[data-lesson]').length");
        assert_eq!(listed, scenario::builtins().len(), "every lesson is in the list");
        tab.click(&format!("#lessons a[data-lesson='{LESSON}']"));
        tab.until("document.querySelector('#diagram svg')");
        stands(tab, 1, steps);
        tab.click("#asking");
        for step in 2..=5 {
            tab.click("#step-next");
            stands(tab, step, steps);
        }
        for step in (1..5).rev() {
            tab.click("#step-back");
            stands(tab, step, steps);
        }
        tab.click("header a[href='/']");
        tab.until("document.querySelector('#lessons a')");
    });
}

fn the_list_finds(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/"));
        tab.until("document.querySelector('#lessons a')");
        let found =
            || tab.value("[...document.querySelectorAll('#lessons a')].map((one) => one.dataset.lesson)");
        tab.fill("#lesson-search", "handshake three");
        tab.until(&few());
        assert!(found().as_array().expect("a list").contains(&Value::from(LESSON)), "{}", found());
        tab.value("(document.querySelector('#lesson-search').value = '')");
        tab.fill("#lesson-search", "三报文");
        tab.until(&format!("document.querySelector('#lessons a[data-lesson=\"{LESSON}\"]')"));
        tab.fill("#lesson-search", "zzz");
        tab.until("!document.querySelector('#lessons a')");
        tab.click("#lessons button");
        tab.until("document.querySelectorAll('#lessons a').length > 20");
    });
}

/// The list shows few of all lessons.
fn few() -> String {
    format!("document.querySelectorAll('#lessons a').length < {}", scenario::builtins().len() / 4)
}

fn every_lesson_opens(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        for builtin in scenario::builtins() {
            open(tab, ground, &format!("{}#lang=en&questions=off", builtin.name));
            let title =
                builtin.scenario().expect("without mistakes").default_plan().title.get(Lang::En).to_owned();
            assert_eq!(tab.words("#title"), title);
            tab.click("#step-last");
            let odd = "document.querySelector('main').innerText.match(/undefined|\\bnull\\b|NaN|\\[object/)";
            assert_eq!(tab.value(odd), Value::Null, "{}", builtin.name);
            let log = tab.log();
            assert!(log.is_empty(), "{}: {log:?}", builtin.name);
        }
    });
}

fn a_link_opens_at_its_step(ground: &Ground) {
    let steps = walk(LESSON).steps().len();
    ground.tab(Net::On, |tab| {
        open(tab, ground, &format!("{LESSON}#step=5&lang=zh&questions=off"));
        stands(tab, 5, steps);
        assert_eq!(tab.words("#title"), "三报文握手");
        tab.click("#step-back");
        tab.until("location.hash.startsWith('#step=4')");
        // Whoever is sent the address stands at the same place.
        let address = tab.text("location.href");
        tab.goto(&address);
        stands(tab, 4, steps);
    });
}

fn a_dropped_segment_grows_a_branch(ground: &Ground) {
    let mut known = walk(LESSON);
    let steps = known.steps().len();
    let pattern = known.plan().expect("simulated").pattern("server > client SA #1").expect("a pattern");
    known.grow(Change::Drop(pattern)).expect("it can be lost");
    let branch = &known.branches()[1];
    let parting = branch.parts_at.expect("it differs");
    ground.tab(Net::On, |tab| {
        open(tab, ground, &format!("{LESSON}#lang=en&questions=off"));
        tab.click("#step-last");
        tab.click("#diagram [data-frame='2']");
        tab.until("document.querySelector('#layers').textContent.includes('frame 2')");
        tab.click("#drop");
        tab.until("document.querySelector('#branches [aria-pressed=true]')?.dataset.branch === '1'");
        stands(tab, parting + 1, branch.steps.len());
        // Beside the run it grew from, dimmed where both are the same.
        tab.until("document.querySelector('#diagram-other svg')");
        assert!(tab.value("document.querySelectorAll('#diagram .shared').length").as_u64() > Some(0));
        tab.click("#step-last");
        stands(tab, branch.steps.len(), branch.steps.len());
        tab.click("#diagram [data-frame='2']");
        tab.until("document.querySelector('#layers .fate').textContent.includes('lost on the way')");
        // The address holds the branch: it is there again after a reload.
        tab.until("location.search.includes('branch=') && location.hash.includes('branch=1')");
        let address = tab.text("location.href");
        tab.goto(&address);
        tab.until("document.querySelector('#branches [aria-pressed=true]')?.dataset.branch === '1'");
        tab.click("#branches [data-branch='0']");
        tab.until(&format!("document.querySelector('#position').textContent.endsWith(' / {steps}')"));
    });
}

fn the_language_goes_along(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/"));
        tab.until("document.querySelector('#lessons a')");
        tab.click("#lang-zh");
        tab.until("document.documentElement.lang === 'zh-CN' && document.querySelector('#lessons').textContent.includes('三报文握手')");
        tab.click(&format!("#lessons a[data-lesson='{LESSON}']"));
        tab.until("document.querySelector('#diagram svg')");
        assert_eq!(tab.words("#title"), "三报文握手");
        assert!(tab.text("document.title").contains("三报文握手"));
        for path in ["/edit", "/inspect", "/compare/three-way-handshake"] {
            tab.goto(&ground.page(path));
            tab.until("document.documentElement.lang === 'zh-CN' && /[\\u4e00-\\u9fff]/.test(document.querySelector('h1').textContent)");
        }
        tab.click("#lang-en");
        tab.until("document.documentElement.lang === 'en' && !/[\\u4e00-\\u9fff]/.test(document.querySelector('h1').textContent)");
    });
}

fn knobs(ground: &Ground) {
    let limit = |milliseconds: &str| {
        let scenario =
            scenario::find("user-timeout").expect("built in").scenario().expect("without mistakes");
        let plan = scenario.plan(&[("limit".to_owned(), milliseconds.to_owned())]).expect("a limit");
        sim::run(&plan, &sim::Options::default()).frames().len()
    };
    assert_ne!(limit("3000"), limit("1000"), "the knob turns something");
    ground.tab(Net::On, |tab| {
        open(tab, ground, "user-timeout#lang=en&questions=off");
        tab.click("#what-if");
        tab.until("document.querySelector('#knob-limit')");
        tab.value("(document.querySelector('#knob-limit').value = '')");
        tab.fill("#knob-limit", "1000");
        tab.click("#knobs-branch");
        tab.until("document.querySelector('#branches [aria-pressed=true]')?.dataset.branch === '1'");
        let arrows = |place: &str| tab.value(&format!("document.querySelectorAll('{place} .frame').length"));
        assert_eq!(arrows("#diagram"), limit("1000"));
        assert_eq!(arrows("#diagram-other"), limit("3000"));
        assert!(tab.text("location.search").contains("limit"));
        // Below the least that it may be: the browser says so at the field, and nothing is run.
        tab.value("(document.querySelector('#knob-limit').value = '')");
        tab.fill("#knob-limit", "12");
        tab.click("#knobs-branch");
        assert_eq!(tab.value("document.querySelector('#knob-limit').validity.rangeUnderflow"), true);
        assert_eq!(tab.value("document.querySelectorAll('#branches [data-branch]').length"), 2);
    });
}

fn keys_alone(ground: &Ground) {
    let steps = walk(LESSON).steps().len();
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/#lang=en&questions=off"));
        tab.until("document.querySelector('#lessons a')");
        // The first stop of all leads past the links that every page has.
        tab.press(&[key::TAB]);
        assert_eq!(tab.text("document.activeElement.getAttribute('href')"), "#main");
        tab.press(&['/']);
        tab.until("document.activeElement.id === 'lesson-search'");
        for letter in "three-way".chars() {
            tab.press(&[letter]);
        }
        tab.until(&few());
        tab.tab_to(&format!("a[data-lesson='{LESSON}']"));
        tab.press(&[key::ENTER]);
        tab.until("document.querySelector('#diagram svg')");
        tab.tab_to("#asking");
        tab.press(&[key::SPACE]);
        tab.until("!document.querySelector('#asking').checked");
        tab.tab_to("#help-open");
        for step in 2..=steps {
            tab.press(&[key::RIGHT]);
            stands(tab, step, steps);
        }
        // What if the segment of this step were lost, still without a mouse.
        tab.press(&[key::HOME, key::RIGHT]);
        stands(tab, 2, steps);
        tab.tab_to("#drop");
        tab.press(&[key::ENTER]);
        tab.until("document.querySelector('#branches [aria-pressed=true]')?.dataset.branch === '1'");
        tab.until("document.activeElement.dataset.branch === '1'");
        tab.press(&[key::END]);
        tab.until("document.querySelector('#step-next').ariaDisabled === 'true'");
    });
}

fn an_unknown_lesson(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        tab.goto(&ground.page("/lesson/no-such-lesson"));
        tab.until("/no-such-lesson/.test(document.querySelector('main').textContent)");
        tab.click("main a[href='/']");
        tab.until("document.querySelector('#lessons a')");
        // That the page was not there is what the browser has to say, and nothing else.
        let log = tab.log();
        assert!(log.len() == 1 && log[0].contains("404"), "{log:?}");
    });
}
