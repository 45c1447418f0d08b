//! A walk in one file, opened from disk where there is no network.

use super::InBrowser;
use super::ground::{Ground, address};
use super::tab::{Net, Tab, key};
use wirewalk::lang::Lang;
use wirewalk::scenario;
use wirewalk::walk::{Change, Setup, Walk};

/// The tests of this file.
pub const TESTS: &[InBrowser] = &[
    ("exported::opens_from_disk_and_asks_nobody_for_anything", asks_nobody_for_anything),
    ("exported::a_link_opens_at_its_step_branch_and_language", a_link_opens_at_its_place),
    ("exported::steps_go_both_ways_by_buttons", steps_go_both_ways),
    ("exported::a_segment_clicked_and_dropped_shows_the_other_branch", a_dropped_segment_shows_its_branch),
    ("exported::every_step_reads_the_same_as_the_walk_tells_it", every_step_is_told),
    ("exported::a_question_is_graded", a_question_is_graded),
    ("exported::fields_and_octets_find_each_other", fields_and_octets),
    ("exported::keys_alone_lead_to_the_end", keys_alone),
    ("exported::play_goes_on_by_itself_and_stops_at_a_key", play_goes_on),
];

/// What is lost in the branches of the page.
const LOST: [&str; 2] = ["client > server #1", "server > client SA #1"];

/// The same walk as in the file.
fn walk() -> Walk {
    let scenario = scenario::find("three-way-handshake").expect("built in").scenario();
    let mut walk = Walk::simulated(Setup::new(scenario.expect("without mistakes"))).expect("default knobs");
    for lost in LOST {
        walk.switch(0);
        let pattern = walk.plan().expect("simulated").pattern(lost).expect("a pattern");
        walk.grow(Change::Drop(pattern)).expect("it can be lost");
    }
    walk.switch(0);
    walk
}

/// Opens the file at a place, without a network.
pub fn open(ground: &Ground, place: &str, test: impl FnOnce(&Tab)) {
    let file = format!("handshake-{:?}.html", std::thread::current().id());
    let arguments =
        ["export", "three-way-handshake", "--format", "html", "--with-drop", LOST[0], "--with-drop", LOST[1]];
    let file = address(&ground.written(&file, &arguments));
    ground.tab(Net::Off, |tab| {
        tab.goto(&format!("{file}#{place}"));
        tab.until("document.querySelector('#diagram svg')");
        test(tab);
    });
}

fn position(tab: &Tab, step: usize, steps: usize) {
    tab.until(&format!("document.querySelector('#position').textContent === '{step} / {steps}'"));
}

fn asks_nobody_for_anything(ground: &Ground) {
    open(ground, "", |tab| {
        assert_eq!(tab.value("performance.getEntriesByType('resource').length"), 0);
        // And whatever it tried would be refused, by the network and by its own policy.
        let refused = tab.run("fetch('http://127.0.0.1:1/').then(() => done('came'), () => done('refused'))");
        assert_eq!(refused, "refused");
        let complaints = tab.log();
        assert!(complaints.iter().any(|line| line.contains("Content Security Policy")), "{complaints:?}");
    });
}

fn a_link_opens_at_its_place(ground: &Ground) {
    let walk = walk();
    open(ground, "step=4&branch=1&lang=zh&questions=off", |tab| {
        position(tab, 4, walk.branches()[1].steps.len());
        assert_eq!(tab.text("document.documentElement.lang"), "zh-CN");
        assert_eq!(tab.words("#lang-zh[aria-pressed=true]"), "中文");
        assert!(tab.words("#branches [aria-pressed=true]").starts_with("2. 丢掉 client > server #1"));
        let rows = tab.value("document.querySelectorAll('#diagram .row:not(.later)').length");
        let later = tab.value("document.querySelectorAll('#diagram .row.later').length");
        assert!(rows.as_u64() > Some(0) && later.as_u64() > Some(0), "{rows} shown, {later} to come");
        // The address follows, so that it can be sent on.
        tab.click("#step-next");
        tab.until("location.hash === '#step=5&branch=1&lang=zh&questions=off'");
        // And a link clicked in the same page is followed.
        tab.value("location.hash = '#step=2&branch=0&lang=en'");
        position(tab, 2, walk.branches()[0].steps.len());
        assert_eq!(tab.text("document.documentElement.lang"), "en");
    });
}

fn steps_go_both_ways(ground: &Ground) {
    let steps = walk().steps().len();
    open(ground, "lang=en&questions=off", |tab| {
        position(tab, 1, steps);
        assert_eq!(tab.text("document.querySelector('#step-back').ariaDisabled"), "true");
        let mut told = vec![tab.words("#story")];
        for step in 2..=5 {
            tab.click("#step-next");
            position(tab, step, steps);
            told.push(tab.words("#story"));
        }
        for step in (1..5).rev() {
            tab.click("#step-back");
            position(tab, step, steps);
            assert_eq!(tab.words("#story"), told[step - 1], "step {step} is told the same on the way back");
        }
        tab.click("#step-last");
        position(tab, steps, steps);
        assert_eq!(tab.value("document.querySelectorAll('#diagram .row.later').length"), 0);
        tab.click("#step-first");
        position(tab, 1, steps);
    });
}

fn a_dropped_segment_shows_its_branch(ground: &Ground) {
    let walk = walk();
    open(ground, "lang=en&questions=off", |tab| {
        tab.click("#step-last");
        tab.click("#diagram [data-frame='2']");
        tab.until("document.querySelector('#layers').textContent.includes('frame 2')");
        tab.click("#drop");
        let branch = &walk.branches()[2];
        let parting = branch.parts_at.expect("it differs");
        tab.until("document.querySelector('#branches [aria-pressed=true]').dataset.branch === '2'");
        let at = tab.words("#position");
        let frame = walk.trace().frames()[1].record.id;
        let sent = walk.holding(frame).expect("a step sends it");
        assert_eq!(at, format!("{} / {}", sent.min(parting) + 1, branch.steps.len()));
        // Its frame is lost there, and the page says so.
        tab.click("#step-last");
        tab.click("#diagram [data-frame='2']");
        tab.until("document.querySelector('#layers .fate').textContent.includes('lost on the way')");
        assert_eq!(
            tab.value("document.querySelector('#drop')"),
            serde_json::Value::Null,
            "it cannot be lost twice"
        );
        // Both side by side, the shared beginning dimmed in both.
        tab.click("#beside");
        tab.until("document.querySelector('#diagram-other svg')");
        let dimmed = |place: &str| tab.value(&format!("document.querySelectorAll('{place} .shared').length"));
        assert!(dimmed("#diagram").as_u64() > Some(0));
        assert!(dimmed("#diagram-other").as_u64() > Some(0));
        // And back; any other branch may stand beside this one.
        tab.click("#branches [data-branch='0']");
        tab.until("document.querySelector('#position').textContent.endsWith(' / 10')");
        for (branch, lost) in [1, 2].into_iter().zip(LOST) {
            tab.click(&format!("#beside-which option[value='{branch}']"));
            tab.until(&format!(
                "document.querySelector('#diagram-other-title').textContent.includes({lost:?})"
            ));
        }
        tab.click("#beside");
        tab.until("document.querySelector('#drawing-other').hidden");
    });
}

fn every_step_is_told(ground: &Ground) {
    let mut walk = walk();
    open(ground, "lang=en&questions=off", |tab| {
        for branch in 0..walk.branches().len() {
            walk.switch(branch);
            let steps = walk.steps().len();
            tab.click(&format!("#branches [data-branch='{branch}']"));
            for lang in [Lang::En, Lang::Zh] {
                tab.click(lang.pick("#lang-en", "#lang-zh"));
                let told = tab.run(WALK_THROUGH);
                let told = told.as_array().expect("a list");
                assert_eq!(told.len(), steps, "branch {branch}");
                for (step, pair) in told.iter().enumerate() {
                    let story = pair[0].as_str().expect("words");
                    let chinese = story.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                    assert_eq!(chinese, lang == Lang::Zh, "step {step} of branch {branch}: {story}");
                    assert_eq!(pair[1], serde_json::Value::Null, "step {step} of branch {branch}");
                }
            }
        }
    });
}

/// Goes from the first step to the last, and gives of each its sentence and what no page may say.
const WALK_THROUGH: &str = r"
const told = [];
document.querySelector('#step-first').click();
for (;;) {
  told.push([document.querySelector('#story').textContent, document.body.innerText.match(/undefined|\bnull\b|NaN|\[object/)]);
  if (document.querySelector('#step-next').ariaDisabled === 'true') break;
  document.querySelector('#step-next').click();
}
done(told);";

fn a_question_is_graded(ground: &Ground) {
    open(ground, "step=2&lang=en", |tab| {
        tab.fill("#questions input", "2");
        tab.click("#questions button");
        tab.until("document.querySelector('#questions [role=status]')");
        assert_eq!(tab.words("#questions [role=status]"), "✗ Not so: it is 1234568");
    });
    open(ground, "step=2&lang=zh", |tab| {
        tab.fill("#questions input", "1 234 568");
        tab.press(&[key::ENTER]);
        tab.until("document.querySelector('#questions [role=status]')");
        assert_eq!(tab.words("#questions [role=status]"), "✓ 对了。");
    });
}

fn fields_and_octets(ground: &Ground) {
    let walk = walk();
    let syn = walk.trace().frames()[0].bytes.clone();
    open(ground, "step=1&lang=en", |tab| {
        tab.click("#step-last");
        tab.click("#diagram [data-frame='1']");
        tab.until("document.querySelectorAll('#layers details').length === 3");
        let row = "[...document.querySelectorAll('#layers tr')].find((row) => row.textContent.startsWith('sequence number'))";
        tab.value(&format!("{row}.querySelector('button').focus()"));
        let lit = tab.text(
            "[...document.querySelectorAll('[data-octet].lit')].map((one) => one.textContent).join('')",
        );
        let sequence: String = syn[0x26..0x2a].iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(lit, sequence);
        // The other way: an octet of the destination address unfolds its layer and lights its field.
        tab.click("[data-octet='31']");
        tab.until("document.querySelector('#layers tr.lit')?.textContent.startsWith('destination')");
        assert_eq!(tab.value("document.querySelector('#layers tr.lit').closest('details').open"), true);
    });
}

fn keys_alone(ground: &Ground) {
    let walk = walk();
    let steps = walk.steps().len();
    open(ground, "lang=en&questions=off", |tab| {
        tab.press(&[key::RIGHT]);
        position(tab, 2, steps);
        tab.press(&[key::END]);
        position(tab, steps, steps);
        tab.press(&[key::RIGHT]);
        position(tab, steps, steps);
        tab.press(&[key::HOME, key::LEFT]);
        position(tab, 1, steps);
        // Help opens by its key, says what each does, and gives the focus back.
        tab.press(&['?']);
        tab.until("document.querySelector('#help').open");
        tab.press(&[key::ESCAPE]);
        tab.until("!document.querySelector('#help').open");
        // Every control, by Tab.
        tab.tab_to("#lang-zh");
        tab.press(&[key::ENTER]);
        tab.until("document.documentElement.lang === 'zh-CN'");
        tab.tab_to("#lesson summary");
        tab.press(&[key::ENTER]);
        tab.until("document.querySelector('#lesson').open");
        tab.tab_to("#step-next");
        tab.press(&[key::SPACE, key::ENTER]);
        position(tab, 3, steps);
        tab.tab_to("#slider");
        tab.press(&[key::RIGHT]);
        position(tab, 4, steps);
        tab.tab_to("#branches [data-branch='1']");
        tab.press(&[key::ENTER]);
        position(tab, walk.branches()[1].parts_at.expect("it differs") + 1, walk.branches()[1].steps.len());
        assert_eq!(tab.value("document.activeElement.dataset.branch"), "1", "the focus stays");
        // A segment is dropped without a mouse: its frame is opened from the diagram's twin or by its step.
        tab.press(&[key::SHIFT, key::TAB]);
        tab.tab_to("#branches [data-branch='0']");
        tab.press(&[key::ENTER, key::HOME, key::RIGHT]);
        tab.tab_to("#drop");
        tab.press(&[key::ENTER]);
        tab.until("document.querySelector('#branches [aria-pressed=true]').dataset.branch === '1'");
        tab.tab_to("#transcript [data-step='5']");
        tab.press(&[key::ENTER]);
        position(tab, 6, walk.branches()[1].steps.len());
    });
}

fn play_goes_on(ground: &Ground) {
    let steps = walk().steps().len();
    open(ground, "lang=en&questions=off", |tab| {
        assert_eq!(tab.words("#play"), "Play", "it starts paused");
        tab.value("(document.querySelector('#pace').value = '400', document.querySelector('#pace').dispatchEvent(new Event('change')))");
        tab.press(&[key::SPACE]);
        tab.until("document.querySelector('#position').textContent.startsWith('3 ')");
        tab.press(&[key::HOME]);
        position(tab, 1, steps);
        assert_eq!(tab.words("#play"), "Play", "a key stops it");
        tab.click("#play");
        position(tab, steps, steps);
        tab.until("document.querySelector('#play').textContent === 'Play'");
    });
}
