//! Questions on the way that are a choice or an order: answered wrong and right, by mouse and by keys, in both languages.

use super::InBrowser;
use super::accessible::judge;
use super::ground::{Ground, address};
use super::lesson::walk;
use super::tab::{Net, Tab, key};
use serde_json::Value;
use wirewalk::lang::Lang;
use wirewalk::report::Form;
use wirewalk::view::{self, Look};
use wirewalk::walk::{Asked, Walk};

/// The tests of this file.
pub const TESTS: &[InBrowser] = &[
    ("questions::a_wrong_choice_is_proved_by_its_record_and_a_right_one_is_right", choice),
    ("questions::lines_are_put_in_order_by_clicks_and_by_letters", order),
    ("questions::where_only_another_run_shows_the_answer_that_run_is_named", another_run),
    ("questions::what_belongs_before_the_first_step_is_asked_at_once", before_the_first_step),
];

/// Those that need axe-core.
pub const JUDGED: &[InBrowser] = &[("accessible::questions", accessible)];

const LANGUAGES: [(Lang, &str); 2] = [(Lang::En, "en"), (Lang::Zh, "zh")];

/// Asks for a choice and for an order.
const LESSON: &str = "three-segment-close";

/// Opens the lesson's exported page where the question is asked, with its form on the screen; gives the form's selector.
fn asked(tab: &Tab, file: &str, walk: &Walk, asked: &Asked, lang: Lang) -> String {
    let code = lang.pick("en", "zh");
    let at = asked.step.min(walk.steps().len()).max(1);
    tab.goto(&format!("{file}#step={at}&lang={code}"));
    let number = walk.here().questions.iter().position(|one| one == asked).expect("one of them");
    let form = format!("#questions form:has(#ask-{number})");
    tab.until(&format!("document.querySelector('{form}')"));
    assert!(tab.words(&format!("#ask-{number}")).ends_with(asked.ask.get(lang)));
    form
}

fn exported(ground: &Ground, name: &str) -> String {
    let file = format!("{name}-{:?}.html", std::thread::current().id());
    address(&ground.written(&file, &["export", name, "--format", "html"]))
}

fn of_form(walk: &Walk, fits: impl Fn(&Form) -> bool) -> Asked {
    let mut questions = walk.here().questions.iter();
    questions.find(|asked| fits(&asked.solved.form)).expect("the lesson asks such a question").clone()
}

/// The record that proves the answer, in words.
fn record(walk: &Walk, asked: &Asked, lang: Lang) -> String {
    let record = walk.trace().record(asked.solved.proof.expect("a record proves it"));
    let absolute = walk.plan().expect("simulated").chooses_numbers();
    let told = view::proved(walk.trace(), record, &Look { lang, absolute, ..Look::default() });
    view::happened(record, &told.what, lang)
}

fn status(lang: Lang, right: bool) -> &'static str {
    match right {
        true => lang.pick("✓ Right.", "✓ 对了。"),
        false => lang.pick("✗ Not so: it is", "✗ 不对，应为"),
    }
}

fn choice(ground: &Ground) {
    let walk = walk(LESSON);
    let question = of_form(&walk, |form| matches!(form, Form::Choice { .. }));
    let right = question.solved.right().en;
    let wrong = question.solved.options().into_iter().find(|(letter, _)| letter.to_string() != right);
    let wrong = wrong.expect("a wrong choice").0;
    let file = exported(ground, LESSON);
    ground.tab(Net::Off, |tab| {
        for (lang, _) in LANGUAGES {
            let form = asked(tab, &file, &walk, &question, lang);
            let count = format!("document.querySelectorAll('{form} [role=radiogroup] input').length");
            assert_eq!(tab.value(&count), question.solved.options().len());
            // Nothing chosen is no answer.
            tab.click(&format!("{form} button:not([type])"));
            assert_eq!(tab.value("document.querySelector('#questions [role=status]')"), Value::Null);
            tab.click(&format!("{form} input[value='{wrong}']"));
            tab.click(&format!("{form} button:not([type])"));
            tab.until("document.querySelector('#questions .proof')");
            let said = tab.words("#questions [role=status]");
            let full = question.solved.right_in_full();
            assert_eq!(said, format!("{} {}", status(lang, false), full.get(lang)));
            assert!(tab.words("#questions .yours").ends_with(wrong), "{}", tab.words("#questions .yours"));
            let proof = tab.words("#questions .proof");
            assert!(proof.contains(&record(&walk, &question, lang)), "{proof}");
            // By keys alone, and right.
            let form = asked(tab, &file, &walk, &question, lang);
            tab.tab_to(&format!("{form} input"));
            let place = right.chars().next().map_or(0, |letter| letter as usize - 'A' as usize);
            tab.press(&[key::SPACE]);
            for _ in 0..place {
                tab.press(&[key::DOWN]);
            }
            tab.press(&[key::ENTER]);
            tab.until("document.querySelector('#questions [role=status]')");
            assert_eq!(tab.words("#questions [role=status]"), status(lang, true));
            assert_eq!(tab.value("document.querySelector('#questions .proof')"), Value::Null);
        }
    });
}

fn order(ground: &Ground) {
    let walk = walk(LESSON);
    let question = of_form(&walk, |form| matches!(form, Form::Order { .. }));
    let right = question.solved.right().en;
    let letters: Vec<&str> = right.split(' ').collect();
    let written = "document.querySelector('#questions form:has(.pick) input').value";
    let file = exported(ground, LESSON);
    ground.tab(Net::Off, |tab| {
        for (lang, _) in LANGUAGES {
            // By clicks; what is clicked twice is taken back.
            let form = asked(tab, &file, &walk, &question, lang);
            let pick = |letter: &str| tab.click(&format!("{form} .pick[value='{letter}']"));
            letters.iter().rev().for_each(|letter| pick(letter));
            pick(letters[0]);
            pick(letters[0]);
            let backwards = letters.iter().rev().copied().collect::<Vec<_>>().join(" ");
            assert_eq!(tab.value(written), backwards);
            assert!(
                tab.words(&format!("{form} .pick[value='{}']", letters[0]))
                    .ends_with(&format!("· {}", letters.len()))
            );
            tab.click(&format!("{form} button:not([type])"));
            tab.until("document.querySelector('#questions .proof')");
            assert!(tab.words("#questions [role=status]").starts_with(status(lang, false)));
            let proof = tab.words("#questions .proof");
            assert!(proof.contains(&record(&walk, &question, lang)), "{proof}");
            // Letters without their lines say nothing: the lines stand there in their order.
            let lines = tab
                .value("[...document.querySelectorAll('#questions ol li')].map((line) => line.textContent)");
            let options = question.solved.options();
            let wanted: Vec<String> = letters
                .iter()
                .filter_map(|letter| options.iter().find(|(one, _)| one.to_string() == *letter))
                .map(|(letter, line)| format!("{letter}  {}", line.get(lang)))
                .collect();
            assert_eq!(lines, Value::from(wanted));
            // What proves it lies behind: one can go there.
            tab.click("#questions .see-step");
            let step = walk.holding(question.solved.proof.expect("a record")).expect("a step") + 1;
            tab.until(&format!("document.querySelector('#position').textContent.startsWith('{step} / ')"));
            // By letters, in whatever case and with whatever between them.
            let form = asked(tab, &file, &walk, &question, lang);
            tab.tab_to(&format!("{form} input"));
            for letter in letters.join(",").to_lowercase().chars() {
                tab.press(&[letter]);
            }
            let pressed = format!("document.querySelectorAll('{form} .pick[aria-pressed=true]').length");
            assert_eq!(tab.value(&pressed), letters.len());
            tab.press(&[key::ENTER]);
            tab.until("document.querySelector('#questions [role=status]')");
            assert_eq!(tab.words("#questions [role=status]"), status(lang, true));
        }
        // And by keys alone, without a letter: each line is a button.
        let form = asked(tab, &file, &walk, &question, Lang::En);
        for letter in &letters {
            tab.value("document.activeElement.blur()");
            tab.tab_to(&format!("{form} .pick[value='{letter}']"));
            tab.press(&[key::ENTER]);
        }
        assert_eq!(tab.value(written), right);
        tab.tab_to(&format!("{form} button:not([type])"));
        tab.press(&[key::ENTER]);
        tab.until("document.querySelector('#questions [role=status]')");
        assert_eq!(tab.words("#questions [role=status]"), "✓ Right.");
    });
}

fn another_run(ground: &Ground) {
    let name = "lost-syn";
    let walk = walk(name);
    let question = {
        let mut questions = walk.here().questions.iter();
        questions.find(|asked| asked.solved.change.is_some()).expect("which change makes it fail").clone()
    };
    let right = question.solved.right().en;
    let wrong = question.solved.options().into_iter().find(|(letter, _)| letter.to_string() != right);
    let wrong = wrong.expect("a wrong choice").0;
    let flags = question.solved.change.as_ref().expect("a change").flags();
    let file = exported(ground, name);
    ground.tab(Net::Off, |tab| {
        for (lang, _) in LANGUAGES {
            let form = asked(tab, &file, &walk, &question, lang);
            tab.click(&format!("{form} input[value='{wrong}']"));
            tab.click(&format!("{form} button:not([type])"));
            tab.until("document.querySelector('#questions .proof')");
            assert_eq!(tab.words("#questions .proof code"), format!("wirewalk run {name} {flags}"));
        }
    });
}

fn before_the_first_step(ground: &Ground) {
    let walk = walk("ping");
    let question = walk.here().questions.first().expect("it asks").clone();
    assert_eq!(question.step, 0);
    let file = exported(ground, "ping");
    ground.tab(Net::Off, |tab| {
        for (lang, code) in LANGUAGES {
            tab.goto(&format!("{file}#lang={code}"));
            tab.until("document.querySelector('#questions form')");
            assert!(tab.words("#questions .ask").ends_with(question.ask.get(lang)));
            tab.fill("#questions input", "42");
            tab.press(&[key::ENTER]);
            tab.until("document.querySelector('#questions .proof')");
            assert!(tab.words("#questions .proof").contains(&record(&walk, &question, lang)));
        }
    });
}

fn accessible(ground: &Ground) {
    let walk = walk(LESSON);
    let file = exported(ground, LESSON);
    ground.tab(Net::Off, |tab| {
        for question in [
            of_form(&walk, |form| matches!(form, Form::Choice { .. })),
            of_form(&walk, |form| matches!(form, Form::Order { .. })),
        ] {
            let form = asked(tab, &file, &walk, &question, Lang::En);
            judge(tab, "a question", |_| {});
            match &question.solved.form {
                Form::Order { .. } => {
                    for (letter, _) in question.solved.options() {
                        tab.click(&format!("{form} .pick[value='{letter}']"));
                    }
                    tab.click(&format!("{form} .pick[value='A']"));
                    judge(tab, "an order, half clicked", |_| {});
                    tab.fill(&format!("{form} input"), "A");
                }
                Form::Choice { right, .. } => {
                    let wrong = if *right == 0 { "B" } else { "A" };
                    tab.click(&format!("{form} input[value='{wrong}']"));
                }
                Form::Words { .. } => unreachable!("asked for neither"),
            }
            tab.click(&format!("{form} button:not([type])"));
            tab.until("document.querySelector('#questions .proof')");
            judge(tab, "a question answered wrong", |_| {});
        }
    });
}
