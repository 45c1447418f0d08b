//! A chapter as a page that opens from disk: no script, nothing from outside, all links relative.

use super::sources::{self, Lost};
use super::summary::{Chapter, Entry, summary};
use crate::lang::Lang;
use crate::view::svg::escaped;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};
use std::collections::BTreeMap;
use std::fmt::Write;
use unicode_width::UnicodeWidthChar;

/// The style of every page.
const STYLE: &str = include_str!("assets/book.css");

/// Nothing is run, whatever a lesson's words may try.
const POLICY: &str =
    "script-src 'none'; object-src 'none'; frame-src 'none'; connect-src 'none'; form-action 'none'";

/// Where the page of a lesson lies, seen from the folder of the book's languages, such as `../lessons/udp-echo.html`;
/// nothing for what is no lesson.
pub type Lessons<'l> = &'l dyn Fn(&str) -> Option<String>;

/// All pages of the book in that language: where each lies below its folder, and its text.
///
/// # Errors
/// A chapter of the table of contents is not there.
pub fn pages(lang: Lang, lessons: Lessons<'_>) -> Result<Vec<(String, String)>, Lost> {
    let entries = summary(lang)?;
    let chapters: Vec<&Chapter> = entries.iter().filter_map(chapter).collect();
    let page = |chapter: &&Chapter| Ok((file(&chapter.path), page(lang, &entries, &chapter.path, lessons)?));
    chapters.iter().map(page).collect()
}

fn chapter(entry: &Entry) -> Option<&Chapter> {
    match entry {
        Entry::Chapter(chapter) => Some(chapter),
        Entry::Part(_) => None,
    }
}

/// The file that a chapter's page is.
fn file(path: &str) -> String {
    format!("{}.html", path.strip_suffix(".md").unwrap_or(path))
}

/// One chapter as a page; `entries` is the table of contents.
///
/// # Errors
/// The chapter is not there.
pub fn page(lang: Lang, entries: &[Entry], path: &str, lessons: Lessons<'_>) -> Result<String, Lost> {
    let text = sources::chapter(lang, path)?;
    let up = "../".repeat(path.matches('/').count());
    let body = body(&text, &up, lessons);
    let chapters: Vec<&Chapter> = entries.iter().filter_map(chapter).collect();
    let at = chapters.iter().position(|chapter| chapter.path == path);
    let title = at.map_or(path, |at| chapters[at].title.as_str());
    let code = lang.pick("en", "zh-CN");
    let book = lang.pick("Walking through TCP and UDP", "走一遍 TCP 和 UDP");
    let (other, other_code) = lang.pick(("中文", "zh"), ("English", "en"));
    let other_lang = lang.pick("zh-CN", "en");
    let mut made = format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>{} · {book}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <a href=\"{up}../../index.html\">{book}</a>\n\
         <a lang=\"{other_lang}\" hreflang=\"{other_lang}\" href=\"{up}../{other_code}/{}\">{other}</a>\n</header>\n",
        escaped(title),
        file(path),
    );
    made.push_str(&contents(lang, entries, path, &up));
    let _ = write!(made, "<main>\n{body}");
    let link = |place: usize, rel: &str, mark: [&str; 2]| {
        let Chapter { path, title, .. } = chapters[place];
        let [before, behind] = mark;
        format!("<a rel=\"{rel}\" href=\"{up}{}\">{before}{}{behind}</a>\n", file(path), escaped(title))
    };
    let before = at.and_then(|at| at.checked_sub(1)).map(|place| link(place, "prev", ["← ", ""]));
    let next = at.map(|at| at + 1).filter(|place| *place < chapters.len());
    let next = next.map(|place| link(place, "next", ["", " →"]));
    let turning = lang.pick("Chapter before and after", "前后各章");
    let _ = write!(
        made,
        "<nav class=\"turn\" aria-label=\"{turning}\">\n{}{}</nav>\n</main>\n</body>\n</html>\n",
        before.unwrap_or_default(),
        next.unwrap_or_default()
    );
    Ok(made)
}

/// The table of contents at the side of a page.
fn contents(lang: Lang, entries: &[Entry], path: &str, up: &str) -> String {
    let label = lang.pick("Contents", "目录");
    let mut made = format!(
        "<details class=\"contents\" open>\n<summary>{label}</summary>\n<nav aria-label=\"{label}\">\n<ul>\n"
    );
    for entry in entries {
        match entry {
            Entry::Part(title) => {
                let _ = writeln!(made, "<li class=\"part\">{}</li>", escaped(title));
            }
            Entry::Chapter(chapter) => {
                let here = if chapter.path == path { " aria-current=\"page\"" } else { "" };
                let _ = writeln!(
                    made,
                    "<li class=\"deep{}\"><a href=\"{up}{}\"{here}>{}</a></li>",
                    chapter.depth,
                    file(&chapter.path),
                    escaped(&chapter.title)
                );
            }
        }
    }
    made.push_str("</ul>\n</nav>\n</details>\n");
    made
}

/// The Markdown of the documents.
fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES)
}

/// A chapter's text as HTML: headings get ids, links lead to pages, names of lessons to the lesson.
fn body(text: &str, up: &str, lessons: Lessons<'_>) -> String {
    let mut ids = Ids::default();
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut heading: Option<(usize, String)> = None;
    // Inside a link no other may begin; inside a block of code nothing is a name.
    let (mut linked, mut block) = (false, false);
    for event in parser(text) {
        let event = match event {
            Event::Start(Tag::Heading { .. }) => {
                heading = Some((events.len(), String::new()));
                event
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((place, words)) = heading.take()
                    && let Event::Start(Tag::Heading { id, .. }) = &mut events[place]
                {
                    *id = Some(ids.give(&words).into());
                }
                event
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                linked = true;
                Event::Start(Tag::Link { link_type, dest_url: to_page(dest_url), title, id })
            }
            Event::End(TagEnd::Link) => {
                linked = false;
                event
            }
            Event::Start(Tag::Image { .. }) => {
                linked = true;
                event
            }
            Event::End(TagEnd::Image) => {
                linked = false;
                event
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(ref words)))
                if words.starts_with("console") =>
            {
                block = true;
                events.push(Event::Html("<pre class=\"console\" tabindex=\"0\"><code>".into()));
                continue;
            }
            Event::End(TagEnd::CodeBlock) if block => {
                block = false;
                events.push(Event::Html("</code></pre>\n".into()));
                continue;
            }
            Event::Text(ref words) => {
                if let Some((_, heading)) = &mut heading {
                    heading.push_str(words);
                }
                if block { Event::Html(in_cells(words).into()) } else { event }
            }
            Event::Code(ref words) => {
                if let Some((_, heading)) = &mut heading {
                    heading.push_str(words);
                }
                match lessons(words).filter(|_| !linked && heading.is_none()) {
                    Some(place) => Event::InlineHtml(
                        format!("<a href=\"{up}{}\"><code>{}</code></a>", escaped(&place), escaped(words))
                            .into(),
                    ),
                    None => event,
                }
            }
            event => event,
        };
        events.push(event);
    }
    let mut made = String::new();
    html::push_html(&mut made, events.into_iter());
    made
}

/// A link to a chapter leads to its page.
fn to_page(link: CowStr<'_>) -> CowStr<'_> {
    let (path, anchor) = link.split_once('#').map_or((&*link, None), |(path, anchor)| (path, Some(anchor)));
    let Some(bare) = path.strip_suffix(".md") else { return link };
    match anchor {
        Some(anchor) => format!("{bare}.html#{anchor}").into(),
        None => format!("{bare}.html").into(),
    }
}

/// What a terminal printed: characters two cells wide take two in every font.
fn in_cells(words: &str) -> String {
    let mut made = String::new();
    let mut wide = String::new();
    let close = |made: &mut String, wide: &mut String| {
        if !wide.is_empty() {
            let cells = 2 * wide.chars().count();
            let _ = write!(made, "<span class=\"wide\" style=\"width:{cells}ch\">{}</span>", escaped(wide));
            wide.clear();
        }
    };
    for character in words.chars() {
        if character.width() == Some(2) {
            wide.push(character);
        } else {
            close(&mut made, &mut wide);
            match character {
                '&' => made.push_str("&amp;"),
                '<' => made.push_str("&lt;"),
                character => made.push(character),
            }
        }
    }
    close(&mut made, &mut wide);
    made
}

/// The ids of a document's headings, as mdBook gives them.
#[derive(Default)]
struct Ids(BTreeMap<String, usize>);

impl Ids {
    fn give(&mut self, words: &str) -> String {
        let mut id = String::new();
        for character in words.trim().chars() {
            if character.is_alphanumeric() || matches!(character, '-' | '_') {
                id.extend(character.to_lowercase());
            } else if character.is_whitespace() {
                id.push('-');
            }
        }
        let count = self.0.entry(id.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            let _ = write!(id, "-{}", *count - 1);
        }
        id
    }
}

/// What a document has to be linked to, and where it links: ids of its headings, ids written in it, links and pictures.
pub fn anchors(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut found, mut links, mut ids) = (Vec::new(), Vec::new(), Ids::default());
    let mut heading: Option<String> = None;
    for event in parser(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                found.extend(heading.take().map(|words| ids.give(&words)));
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let written = html.split("id=\"").skip(1).filter_map(|rest| rest.split('"').next());
                found.extend(written.map(str::to_owned));
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push(dest_url.into_string());
            }
            _ => {}
        }
    }
    (found, links)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn headings_have_ids_as_mdbook_gives_them() {
        let mut ids = Ids::default();
        assert_eq!(ids.give("How it is checked"), "how-it-is-checked");
        assert_eq!(ids.give("`run --json`"), "run---json");
        assert_eq!(ids.give("一节课：45 分钟"), "一节课45-分钟");
        assert_eq!(ids.give("How it is checked"), "how-it-is-checked-1");
    }

    #[test]
    fn links_lead_to_pages_and_names_of_lessons_to_the_lesson() {
        let lessons = |name: &str| (name == "udp-echo").then(|| "../l/udp-echo.html".to_owned());
        let made = body("[a](b.md#c) and `udp-echo`, [`udp-echo`](x.svg)\n", "../", &lessons);
        assert!(made.contains("<a href=\"b.html#c\">a</a>"), "{made}");
        assert!(made.contains("<a href=\"../../l/udp-echo.html\"><code>udp-echo</code></a>"), "{made}");
        assert!(made.contains("<a href=\"x.svg\"><code>udp-echo</code></a>"), "{made}");
    }

    #[test]
    fn wide_characters_of_a_terminal_take_two_cells_and_markup_is_escaped() {
        let made = body("```console\n$ a <b\n丢失 │\n```\n", "", &none);
        assert!(made.contains("$ a &lt;b\n<span class=\"wide\" style=\"width:4ch\">丢失</span> │"), "{made}");
    }
}
