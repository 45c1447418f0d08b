//! The whole page in one file that opens from disk.

use super::assets::{HEADER, MODULES, PAGE_STYLE, WALKER};
use super::document::Document;
use crate::lang::Lang;
use crate::view::svg;

/// Nothing is fetched from anywhere, whatever a scenario's words may try.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// What a browser says that runs no scripts.
const NO_SCRIPT: &str = "<noscript><p>This page needs JavaScript. · 本页需要 JavaScript。</p></noscript>";

/// One HTML file: the document, the styles and the script are inside; `lang` is the language it opens in.
///
/// # Errors
/// What serde finds; a document always becomes JSON.
pub fn standalone(document: &Document, lang: Lang) -> serde_json::Result<String> {
    let json = json_in_html(&serde_json::to_string(document)?);
    let title = svg::escaped(document.title.get(lang));
    let code = lang.pick("en", "zh-CN");
    let script = script();
    let style = svg::STYLE;
    Ok(format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>{title} · wirewalk</title>\n<style>\n{style}{PAGE_STYLE}</style>\n</head>\n<body>\n\
         {HEADER}<main id=\"walk\">\n{WALKER}</main>\n{NO_SCRIPT}\n\
         <script type=\"application/json\" id=\"document\">{json}</script>\n\
         <script type=\"module\">\n{script}\
         start(JSON.parse(document.getElementById('document').textContent));\n</script>\n</body>\n</html>\n"
    ))
}

/// All modules as one: what they import from each other stands above.
pub(super) fn script() -> String {
    let mut script = String::new();
    for (_, text) in MODULES {
        for line in text.lines().filter(|line| !line.starts_with("import ")) {
            script.push_str(line.strip_prefix("export ").unwrap_or(line));
            script.push('\n');
        }
    }
    script
}

/// JSON that no HTML parser can leave before its end.
pub(super) fn json_in_html(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
