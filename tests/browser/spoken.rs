//! A lesson as a screen reader has it: the browser's own tree of what is spoken.

use super::InBrowser;
use super::exported;
use super::ground::Ground;
use super::lesson;
use super::tab::{Net, Tab};
use serde_json::{Value, json};

/// The tests of this file.
pub const TESTS: &[InBrowser] = &[
    ("spoken::the_exported_page_can_be_found_through", the_exported_page),
    ("spoken::each_step_is_said_once", each_step_is_said_once),
    ("spoken::a_lesson_can_be_found_through_and_is_said_once", a_lesson),
    ("spoken::the_other_pages_can_be_found_through", the_other_pages),
];

/// A thing that is spoken.
#[derive(Debug)]
pub struct Spoken {
    pub role: String,
    pub name: String,
    properties: Value,
}

impl Spoken {
    fn property(&self, name: &str) -> Option<&Value> {
        let properties = self.properties.as_array()?;
        properties.iter().find(|one| one["name"] == name).map(|one| &one["value"]["value"])
    }
}

/// All that is spoken of the page, in the order in which it is read.
pub fn tree(tab: &Tab) -> Vec<Spoken> {
    let found = tab.devtools("Accessibility.getFullAXTree", json!({}));
    let nodes = found["nodes"].as_array().expect("nodes");
    let node = |id: &Value| nodes.iter().find(|node| node["nodeId"] == *id);
    let (mut order, mut waiting) = (Vec::new(), vec![&nodes[0]]);
    while let Some(next) = waiting.pop() {
        if next["ignored"] != true {
            order.push(Spoken {
                role: next["role"]["value"].as_str().unwrap_or_default().to_owned(),
                name: next["name"]["value"].as_str().unwrap_or_default().trim().to_owned(),
                properties: next["properties"].clone(),
            });
        }
        let children = next["childIds"].as_array().map_or(&[][..], Vec::as_slice);
        waiting.extend(children.iter().rev().filter_map(node));
    }
    order
}

/// What can be acted on; each must have a name.
const CONTROLS: [&str; 12] = [
    "button",
    "link",
    "slider",
    "combobox",
    "checkbox",
    "textbox",
    "radio",
    "spinbutton",
    "switch",
    "DisclosureTriangle",
    "tab",
    "searchbox",
];

/// What must hold of every page in that language: landmarks, headings in order, a name for whatever can be acted on.
pub fn check(tree: &[Spoken], chinese: bool) {
    let of = |role: &'static str| tree.iter().filter(move |one| one.role == role);
    assert!(!tree[0].name.is_empty(), "the page has no title");
    for landmark in ["banner", "main"] {
        assert_eq!(of(landmark).count(), 1, "{landmark}");
    }
    let levels: Vec<i64> =
        of("heading").filter_map(|one| one.property("level").and_then(Value::as_i64)).collect();
    assert_eq!(levels.first(), Some(&1), "{levels:?}");
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{levels:?}");
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "a level is left out: {levels:?}");
    assert!(of("heading").all(|one| !one.name.is_empty()), "an empty heading");
    for control in tree.iter().filter(|one| CONTROLS.contains(&one.role.as_str())) {
        assert!(!control.name.is_empty(), "without a name: {control:?}");
    }
    for region in of("region").chain(of("group")).filter(|one| one.property("focusable").is_some()) {
        assert!(!region.name.is_empty(), "without a name: {region:?}");
    }
    // What is only a sign is spoken in words, and in the words of the language.
    let speaks = |name: &str| name.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let signs: Vec<&str> = of("button")
        .map(|one| one.name.as_str())
        .filter(|name| !name.chars().any(char::is_alphanumeric))
        .collect();
    assert_eq!(signs, [""; 0], "signs that nobody can speak");
    if chinese {
        // Names that are the same in both, such as “UDP”, have no small letters.
        let foreign = |name: &&str| !speaks(name) && name.chars().any(char::is_lowercase);
        let foreign: Vec<&str> = of("heading").map(|one| one.name.as_str()).filter(foreign).collect();
        assert_eq!(foreign, [""; 0], "headings that are not Chinese");
    }
}

/// What must hold of a page that walks: the buttons of steps, the story in a live region, the diagram's twin.
pub fn check_walker(tree: &[Spoken], story: &str, steps: usize) {
    for action in ["First step", "Step back", "Play", "Next step", "Last step"] {
        let there = tree.iter().any(|one| one.role == "button" && one.name.starts_with(action));
        assert!(there, "no button {action}");
    }
    assert!(tree.iter().any(|one| one.role == "slider"));
    let live = tree.iter().find(|one| one.property("live").is_some_and(|live| live == "polite"));
    assert!(live.is_some(), "no live region");
    assert!(tree.iter().any(|one| one.role == "StaticText" && one.name == story), "“{story}” is not spoken");
    let twin = tree.iter().filter(|one| one.role == "listitem").count();
    assert!(twin >= steps, "{twin} list items for {steps} steps");
    let diagram = tree.iter().any(|one| one.name == "Sequence diagram" && one.role == "group");
    assert!(diagram, "the diagram has no name");
}

fn the_exported_page(ground: &Ground) {
    exported::open(ground, "step=3&lang=en&questions=off", |tab| {
        let english = tree(tab);
        check(&english, false);
        check_walker(&english, &tab.words("#story"), 10);
        tab.click("#lang-zh");
        tab.until("document.documentElement.lang === 'zh-CN'");
        check(&tree(tab), true);
    });
}

/// Goes through all steps of the page that is open: what is live must change once for each, to what tells it.
pub fn listen(tab: &Tab) {
    let said = tab.run(
        "const story = document.querySelector('[aria-live]');
         const said = [];
         new MutationObserver(() => said.push(story.textContent)).observe(story, { childList: true, characterData: true, subtree: true });
         const steps = Number(document.querySelector('#position').textContent.split('/')[1]);
         const next = (left) => {
           if (left === 0) { done([steps, said, document.querySelectorAll('[aria-live]').length]); return; }
           document.querySelector('#step-next').click();
           // Observers are told before a new task begins.
           setTimeout(() => next(left - 1));
         };
         document.querySelector('#step-first').click();
         setTimeout(() => { said.length = 0; next(steps - 1); });",
    );
    let steps = said[0].as_u64().expect("a number") as usize;
    let told = said[1].as_array().expect("a list");
    assert_eq!(told.len(), steps - 1, "once for each step: {told:#?}");
    assert!(told.iter().all(|one| one.as_str().is_some_and(|text| !text.is_empty())));
    assert_eq!(said[2], 1, "one live region: two speak over each other");
}

fn each_step_is_said_once(ground: &Ground) {
    exported::open(ground, "step=3&lang=en&questions=off", |tab| {
        listen(tab);
        tab.click("#branches [data-branch='1']");
        tab.click("#lang-zh");
        listen(tab);
    });
}

fn a_lesson(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        lesson::open(tab, ground, "lost-syn-ack#lang=en&questions=off");
        let english = tree(tab);
        check(&english, false);
        check_walker(&english, &tab.words("#story"), lesson::walk("lost-syn-ack").steps().len());
        listen(tab);
        tab.click("#what-if");
        tab.click("#lang-zh");
        tab.until("document.documentElement.lang === 'zh-CN'");
        check(&tree(tab), true);
        listen(tab);
    });
}

fn the_other_pages(ground: &Ground) {
    ground.tab(Net::On, |tab| {
        for (path, ready) in [
            ("/", "document.querySelector('#lessons a')"),
            ("/edit", "document.querySelector('#editor').value"),
            ("/inspect", "document.querySelector('#upload')"),
            (
                "/compare/lost-syn-ack",
                "!['wirewalk', 'lost-syn-ack'].includes(document.querySelector('#title').textContent)",
            ),
        ] {
            for lang in ["en", "zh"] {
                tab.goto(&ground.page(&format!("{path}#lang={lang}&questions=off")));
                tab.until(ready);
                tab.until(&format!("document.documentElement.lang.startsWith('{lang}')"));
                check(&tree(tab), lang == "zh");
            }
        }
    });
}
