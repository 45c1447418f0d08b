//! The files that show a document in a browser.

use crate::view::svg;

/// A file of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its name below the folder of assets.
    pub path: &'static str,
    /// What it is.
    pub mime: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// The modules, each after those it imports; the last one begins.
pub(super) const MODULES: &[(&str, &str)] = &[
    ("words.js", include_str!("assets/words.js")),
    ("dom.js", include_str!("assets/dom.js")),
    ("unfold.js", include_str!("assets/unfold.js")),
    ("model.js", include_str!("assets/model.js")),
    ("link.js", include_str!("assets/link.js")),
    ("sheet.js", include_str!("assets/sheet.js")),
    ("diagram.js", include_str!("assets/diagram.js")),
    ("story.js", include_str!("assets/story.js")),
    ("wrapping.js", include_str!("assets/wrapping.js")),
    ("layers.js", include_str!("assets/layers.js")),
    ("variables.js", include_str!("assets/variables.js")),
    ("panes.js", include_str!("assets/panes.js")),
    ("plots.js", include_str!("assets/plots.js")),
    ("states.js", include_str!("assets/states.js")),
    ("branches.js", include_str!("assets/branches.js")),
    ("grading.js", include_str!("assets/grading.js")),
    ("questions.js", include_str!("assets/questions.js")),
    ("lesson.js", include_str!("assets/lesson.js")),
    ("controls.js", include_str!("assets/controls.js")),
    ("page.js", include_str!("assets/page.js")),
];

/// The page's own style sheet.
pub(super) const PAGE_STYLE: &str = include_str!("assets/page.css");
/// Title and languages, as a page that stands alone begins.
pub(super) const HEADER: &str = include_str!("assets/header.html");
/// What the modules fill: it stands inside the element `#walk`.
pub(super) const WALKER: &str = include_str!("assets/walker.html");

/// Every file, for whoever serves them: the modules (`page.js` exports `start`), `page.css`, `diagram.css`, and
/// `walker.html`, which a page has inside its element `#walk`; `#title`, `#crumb`, `#lang-en`, `#lang-zh` it has of its own.
pub fn assets() -> Vec<Asset> {
    let file = |path, mime, text: &'static str| Asset { path, mime, bytes: text.as_bytes() };
    let modules = MODULES.iter().map(|(path, text)| file(path, SCRIPT, text));
    let rest = [
        file("page.css", STYLE, PAGE_STYLE),
        file("diagram.css", STYLE, svg::STYLE),
        file("walker.html", "text/html; charset=utf-8", WALKER),
    ];
    modules.chain(rest).collect()
}
