//! The site's own files and those of the page, all of them in the binary.

use super::refusal::Refusal;
use crate::{page, scenario};
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;
use std::borrow::Cow;

/// The site's files; a debug build reads them anew each time.
#[derive(Embed)]
#[folder = "src/serve/assets/"]
struct Site;

/// Stands in a document where the walker goes.
const BODY_MARK: &str = "<!-- page:body -->";

/// What all documents of the site have in common: how they begin, the row at their top, how they end. At the top stands,
/// behind the mark's name, which link of that row leads to this document (`page`), or to what it belongs to (`true`).
const PARTS: [&str; 3] = ["head", "top", "bottom"];

/// The document of that name, with the common parts, and the page's body where it wants it.
fn document(status: StatusCode, name: &str) -> Response {
    let Some(file) = Site::get(name) else { return Refusal::missing().into_response() };
    let text = PARTS.into_iter().fold(String::from_utf8_lossy(&file.data).into_owned(), with_part);
    let body = page::assets().into_iter().find(|asset| asset.path == "walker.html");
    let body = body.map_or(Cow::Borrowed(""), |asset| String::from_utf8_lossy(asset.bytes));
    let text = text.replacen(BODY_MARK, &body, 1);
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

/// The text with a common part in the place of its mark, `<!-- site:NAME [LINK CURRENT] -->`.
fn with_part(text: String, part: &str) -> String {
    let mark = format!("<!-- site:{part}");
    let found = text.split_once(&mark).and_then(|(before, rest)| Some((before, rest.split_once(" -->\n")?)));
    let Some((before, (current, after))) = found else { return text };
    let file = Site::get(&format!("parts/{part}.html"));
    let inside = file.map_or_else(String::new, |file| String::from_utf8_lossy(&file.data).into_owned());
    let inside = match current.trim().split_once(' ') {
        Some((link, how)) => {
            let said = format!("data-say=\"{link}\"");
            inside.replacen(&said, &format!("{said} aria-current=\"{how}\""), 1)
        }
        None => inside,
    };
    format!("{before}{inside}{after}")
}

/// The list of lessons.
pub async fn list() -> Response {
    document(StatusCode::OK, "list.html")
}

/// The editor.
pub async fn edit() -> Response {
    document(StatusCode::OK, "edit.html")
}

/// The page that takes a capture.
pub async fn inspect() -> Response {
    document(StatusCode::OK, "inspect.html")
}

/// A lesson.
pub async fn lesson(Path(name): Path<String>) -> Response {
    of_lesson(&name, "lesson.html")
}

/// A lesson beside the real kernel.
pub async fn compare(Path(name): Path<String>) -> Response {
    of_lesson(&name, "compare.html")
}

fn of_lesson(name: &str, document_name: &str) -> Response {
    match scenario::find(name) {
        Ok(_) => document(StatusCode::OK, document_name),
        Err(_) => document(StatusCode::NOT_FOUND, "missing.html"),
    }
}

/// What is at no address: a page for who looks, JSON for who asks.
pub async fn missing(uri: axum::http::Uri) -> Response {
    if uri.path().starts_with("/api/") {
        return Refusal::missing().into_response();
    }
    document(StatusCode::NOT_FOUND, "missing.html")
}

/// What is at this address, but is not asked for that way.
pub async fn not_so() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "pages are read by GET, questions are asked by POST",
        "网页用 GET 读取，提问用 POST",
    )
}

/// A file of the site.
pub async fn of_site(Path(path): Path<String>) -> Response {
    // Only names that are in the binary; a debug build would look at the disk for others.
    if !Site::iter().any(|known| known == path) {
        return Refusal::missing().into_response();
    }
    match Site::get(&path) {
        Some(file) => {
            let mime = mime(&path, file.metadata.mimetype());
            ([(header::CONTENT_TYPE, mime)], file.data).into_response()
        }
        None => Refusal::missing().into_response(),
    }
}

/// Text is UTF-8.
fn mime(path: &str, guessed: &str) -> String {
    let text = guessed.starts_with("text/") || path.ends_with(".js");
    if text { format!("{guessed}; charset=utf-8") } else { guessed.to_owned() }
}

/// A file of the page.
pub async fn of_page(Path(path): Path<String>) -> Response {
    match page::assets().into_iter().find(|asset| asset.path == path) {
        Some(asset) => ([(header::CONTENT_TYPE, asset.mime)], asset.bytes).into_response(),
        None => Refusal::missing().into_response(),
    }
}
