//! Papers and keys as one HTML file each: no script, no network, made to be printed.

use super::item::Item;
use super::paper::{Chapter, Paper};
use super::words::Words;
use crate::view::svg::escaped;
use std::fmt::Write as _;

/// Nothing is fetched from anywhere, and nothing runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE: &str = include_str!("paper.css");

/// The paper.
pub(super) fn sheet(paper: &Paper) -> String {
    let words = Words::of(paper);
    let mut body =
        format!("<h1>{}</h1>\n<p class=\"facts\">{}</p>\n", words.title(), escaped(&words.facts()));
    let _ = writeln!(body, "<p class=\"who\"><span>{}</span><span>{}</span></p>", words.name(), words.date());
    let _ =
        writeln!(body, "<p>{}</p>\n<pre>{}</pre>", words.hand_in(), preformatted(words.example().lines()));
    for (first, chapter) in paper.numbered() {
        let _ = writeln!(body, "<section>\n{}", heading(chapter, paper));
        block(&mut body, &chapter.setting);
        if !chapter.so_far().is_empty() {
            let _ = writeln!(body, "<p>{}</p>", words.so_far());
            block(&mut body, chapter.so_far());
        }
        for (nth, item) in chapter.items.iter().enumerate() {
            let _ = writeln!(body, "<div class=\"question\">\n{}", question(first + nth, item, paper));
            let _ = writeln!(body, "<p class=\"answer\">{}</p>\n</div>", words.answer());
        }
        body.push_str("</section>\n");
    }
    whole(paper, words.title(), &body, &words)
}

/// The key.
pub(super) fn key(paper: &Paper) -> String {
    let words = Words::of(paper);
    let mut body =
        format!("<h1>{}</h1>\n<p class=\"facts\">{}</p>\n", words.key_title(), escaped(&words.facts()));
    for (first, chapter) in paper.numbered() {
        let _ = writeln!(body, "<section>\n{}", heading(chapter, paper));
        for (nth, item) in chapter.items.iter().enumerate() {
            let _ = writeln!(body, "<div class=\"question\">\n{}", question(first + nth, item, paper));
            let _ = writeln!(body, "<p class=\"right\">{}</p>", escaped(&words.right(item)));
            let _ = writeln!(body, "<p>{}</p>", escaped(&words.proof(&item.proof)));
            let _ = writeln!(
                body,
                "<p>{} <code>{}</code></p>\n</div>",
                words.look(),
                escaped(&item.proof.command)
            );
        }
        body.push_str("</section>\n");
    }
    whole(paper, words.key_title(), &body, &words)
}

fn whole(paper: &Paper, title: &str, body: &str, words: &Words<'_>) -> String {
    let code = paper.lang.pick("en", "zh-CN");
    format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}\
         <footer>{}</footer>\n</body>\n</html>\n",
        escaped(&words.facts()),
        escaped(&words.origin())
    )
}

fn heading(chapter: &Chapter, paper: &Paper) -> String {
    let title = escaped(chapter.title.get(paper.lang));
    format!("<h2>{title} <small>{}</small></h2>", escaped(&chapter.name))
}

fn question(number: usize, item: &Item, paper: &Paper) -> String {
    let ask = escaped(item.ask.get(paper.lang));
    let mut text =
        format!("<p class=\"ask\"><b>{number}.</b> {ask} <small>{}</small></p>\n", escaped(&item.id));
    let options = item.solved.options();
    if !options.is_empty() {
        text.push_str("<ul>\n");
        for (letter, option) in &options {
            let option = escaped(option.get(paper.lang));
            let _ = writeln!(text, "<li><b>{letter}</b> {option}</li>");
        }
        text.push_str("</ul>\n");
    }
    text
}

fn block(body: &mut String, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(body, "<pre>{}</pre>", preformatted(lines.iter().map(String::as_str)));
    }
}

/// Lines as they are: what escapes text makes blanks of line ends.
fn preformatted<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(escaped).collect::<Vec<_>>().join("\n")
}
