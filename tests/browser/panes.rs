//! What stands beside the diagram: questions that hold one back, the state diagram, curves, how numbers and time are shown.

use super::InBrowser;
use super::exported::open;
use super::ground::{Ground, address};
use super::tab::{Net, Tab, key};
use wirewalk::walk::{Setup, Walk};
use wirewalk::{scenario, view};

/// The tests of this file.
pub const TESTS: &[InBrowser] = &[
    ("panes::a_question_holds_the_learner_back_until_it_is_answered_or_skipped", a_question_holds),
    ("panes::whoever_jumps_or_turns_questions_off_is_not_held", nobody_else_is_held),
    ("panes::the_state_diagram_is_lit_up_to_the_step", states_are_lit),
    ("panes::the_cursor_of_the_curves_stands_at_the_step", the_cursor_follows),
    ("panes::numbers_and_time_have_their_switches", switches),
    ("panes::keys_lead_to_sections_to_the_branch_and_to_the_other_language", keys),
];

/// Opens a lesson's page without a network.
fn lesson(ground: &Ground, name: &str, place: &str, test: impl FnOnce(&Tab, &Walk)) {
    let file = format!("{name}-{:?}.html", std::thread::current().id());
    let file = address(&ground.written(&file, &["export", name, "--format", "html"]));
    let scenario = scenario::find(name).expect("built in").scenario().expect("without mistakes");
    let walk = Walk::simulated(Setup::new(scenario)).expect("default knobs");
    ground.tab(Net::Off, |tab| {
        tab.goto(&format!("{file}#{place}"));
        tab.until("document.querySelector('#diagram svg')");
        test(tab, &walk);
    });
}

fn position(tab: &Tab, step: usize) {
    tab.until(&format!("document.querySelector('#position').textContent.startsWith('{step} / ')"));
}

fn a_question_holds(ground: &Ground) {
    open(ground, "step=2&lang=en", |tab| {
        tab.press(&[key::RIGHT]);
        tab.until("document.querySelector('#questions .held')");
        position(tab, 2);
        assert_eq!(
            tab.value("document.activeElement.matches('#questions input')"),
            true,
            "one can type at once"
        );
        tab.fill("#questions input", "1234568");
        tab.press(&[key::ENTER]);
        tab.until("document.activeElement.id === 'question-on'");
        assert_eq!(tab.words("#questions [role=status]"), "✓ Right.");
        tab.press(&[key::ENTER]);
        position(tab, 3);
        tab.click("#step-last");
        skip_what_is_asked_at_the_end(tab);
        assert_eq!(tab.words("#questions .score"), "right answers: 1 / 1 · skipped: 1");
    });
    open(ground, "step=2&lang=zh", |tab| {
        tab.click("#step-next");
        tab.until("document.querySelector('#questions .held')");
        position(tab, 2);
        tab.click(".question-skip");
        position(tab, 3);
        tab.click("#step-last");
        skip_what_is_asked_at_the_end(tab);
        assert_eq!(tab.words("#questions .score"), "答对： 0 / 0 · 跳过： 2");
    });
}

/// What is asked about the whole run is asked at its end.
fn skip_what_is_asked_at_the_end(tab: &Tab) {
    let left =
        || tab.value("document.querySelectorAll('#questions form').length").as_u64().expect("a number");
    tab.until("document.querySelector('#questions form')");
    while left() > 0 {
        let before = left();
        tab.click(".question-skip");
        tab.until(&format!("document.querySelectorAll('#questions form').length < {before}"));
    }
    tab.until("document.querySelector('#questions .score')");
}

fn nobody_else_is_held(ground: &Ground) {
    open(ground, "step=2&lang=en", |tab| {
        // It is asked for a step forward only.
        tab.press(&[key::END]);
        position(tab, 10);
        tab.until("location.hash.startsWith('#step=10')");
        tab.value("location.hash = '#step=2&lang=en'");
        position(tab, 2);
        tab.click("#asking");
        tab.until("!document.querySelector('#questions form')");
        tab.click("#step-next");
        position(tab, 3);
        tab.until("location.hash.includes('questions=off')");
    });
}

fn states_are_lit(ground: &Ground) {
    lesson(ground, "four-way-close", "step=1&lang=en&questions=off", |tab, walk| {
        tab.until("document.querySelector('#states').open && document.querySelector('#states svg')");
        let (walked, _) = view::walked(walk.trace());
        for step in 0..walk.steps().len() {
            position(tab, step + 1);
            let gone = |walked: &view::Walked| {
                let last = walk.steps()[step].last;
                let taken = walked.steps.iter().take_while(|taken| taken.record <= last);
                taken.map(|taken| format!("{}>{}", taken.from, taken.to)).collect::<Vec<_>>()
            };
            let mut wanted: Vec<String> = walked.iter().flat_map(gone).collect();
            wanted.sort();
            wanted.dedup();
            let lit = tab.text(
                "[...document.querySelectorAll('#states .lit')].map((way) => way.dataset.way).sort().join()",
            );
            assert_eq!(lit, wanted.join(","), "step {}", step + 1);
            tab.press(&[key::RIGHT]);
        }
        // Back at the beginning nothing is lit, and the words say so.
        tab.press(&[key::HOME]);
        tab.until("document.querySelectorAll('#states .lit').length === 0");
        let words = tab.words("#states-words");
        assert!(walked.iter().all(|one| words.contains(&one.who)), "{words}");
    });
}

fn the_cursor_follows(ground: &Ground) {
    lesson(ground, "slow-start", "step=1&lang=en&questions=off", |tab, walk| {
        tab.until("document.querySelectorAll('#plots .panel').length >= 4");
        let mut before = -1.0;
        for step in [1, 10, 20, 30] {
            tab.value(&format!("location.hash = '#step={step}'"));
            position(tab, step);
            let at = walk.steps()[step - 1].at.as_nanos();
            let found = tab.value(
                "(() => { const panel = document.querySelector('#plots .panel'); const data = panel.dataset;
                return [...['fromNs', 'untilNs', 'left', 'right'].map((name) => Number(data[name])),
                    Number(panel.querySelector('.now').getAttribute('x1'))]; })()",
            );
            let [from, until, left, right, x] =
                [0, 1, 2, 3, 4].map(|at: usize| found[at].as_f64().expect("a number"));
            let wanted = left + ((at as f64 - from) / (until - from)).clamp(0.0, 1.0) * (right - left);
            assert!((x - wanted).abs() < 0.2, "step {step}: {x} and not {wanted}");
            assert!(x > before, "the cursor goes on");
            before = x;
        }
    });
}

fn switches(ground: &Ground) {
    lesson(ground, "lost-syn-ack", "step=99&lang=en&questions=off", |tab, _| {
        let arrow = "document.querySelector('#diagram .arrow text').textContent";
        assert_eq!(tab.text(arrow), "S 0");
        let short = tab.value("document.querySelector('#diagram svg').viewBox.baseVal.height");
        tab.click("#absolute");
        tab.until(&format!("/^S \\d{{6,}}$/.test({arrow})"));
        let words = tab.words("#transcript [data-step='1']");
        assert!(words.split(' ').any(|word| word.len() > 6 && word.parse::<u32>().is_ok()), "{words}");
        tab.click("#linear");
        tab.until(&format!("document.querySelector('#diagram svg').viewBox.baseVal.height > 1.5 * {short}"));
        tab.until("location.hash.endsWith('&numbers=absolute&time=linear&questions=off')");
        tab.click("#absolute");
        tab.until(&format!("{arrow} === 'S 0'"));
    });
}

fn keys(ground: &Ground) {
    open(ground, "step=2&lang=en&questions=off", |tab| {
        for (digit, section) in [('1', "diagram"), ('3', "layers"), ('6', "states"), ('9', "transcript")] {
            tab.press(&[digit]);
            tab.until(&format!("document.activeElement.id === '{section}-heading'"));
        }
        tab.press(&['d']);
        tab.until("document.querySelector('#branches [aria-pressed=true]').dataset.branch === '1'");
        tab.press(&['l']);
        tab.until("document.documentElement.lang === 'zh-CN'");
        tab.press(&['l']);
        tab.until("document.documentElement.lang === 'en'");
    });
}
