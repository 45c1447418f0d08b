//! A run to take along: for other tools, as a drawing, as a page of its own. Nothing is written here, only answered.

use super::ask::Ask;
use super::body::Asked;
use super::lessons::Spoken;
use super::limits;
use super::refusal::Refusal;
use super::routes::Shop;
use crate::export::{self, Format, Part};
use crate::lang::{Lang, Text};
use crate::page;
use crate::python;
use crate::view::Look;
use crate::view::svg::{self, Theme};
use crate::walk::{Branch, Walk};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// What is written: a run with its branches, and as what.
#[derive(Deserialize)]
pub struct Order {
    format: Wanted,
    /// Of which branch; a page holds all of them.
    #[serde(default)]
    branch: usize,
    of: Option<Part>,
    #[serde(default)]
    lang: Spoken,
    /// A drawing in one theme, instead of one that follows its reader's.
    theme: Option<Theme>,
    #[serde(flatten)]
    ask: Ask,
}

/// A format for other tools, or the page.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Wanted {
    Tools(Format),
    Page(Page),
    Programs(Programs),
}

/// The page.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Page {
    Html,
}

/// What the scenario's processes do, as programs of one's own.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Programs {
    Python,
}

/// A file: its name, its kind, its octets.
struct File {
    name: String,
    mime: &'static str,
    octets: Vec<u8>,
}

/// The run as a file.
pub async fn export(State(shop): State<Shop>, Asked(order): Asked<Order>) -> Result<Response, Refusal> {
    let file = shop.runs.run(move |halt| order.file(&order.ask.walk(halt)?)).await?;
    let headers = [
        (header::CONTENT_TYPE, file.mime.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
    ];
    Ok((headers, file.octets).into_response())
}

impl Order {
    fn file(&self, walk: &Walk) -> Result<File, Refusal> {
        let lang = Lang::from(self.lang);
        let broken = |_| Refusal::broken();
        let file = match self.format {
            Wanted::Page(Page::Html) => {
                let page = page::standalone(&page::document(walk), lang).map_err(|_| Refusal::broken())?;
                File { name: self.name(walk, "html"), mime: "text/html; charset=utf-8", octets: page.into() }
            }
            Wanted::Programs(Programs::Python) => self.python(walk, lang)?,
            Wanted::Tools(format) => {
                if !format.draws(self.of) {
                    return Err(no_such_part(format));
                }
                let branch = self.branch(walk)?;
                let Some(plan) = &branch.plan else { return Err(Refusal::broken()) };
                let name = branch.words();
                let look = Look { lang, absolute: plan.chooses_numbers(), ..Look::default() };
                let mut octets =
                    export::write(format, self.of, plan, (name.get(lang), &branch.trace), &[], &look)
                        .map_err(broken)?;
                if let (Format::Svg, Some(theme)) = (format, self.theme) {
                    octets = svg::themed(&String::from_utf8_lossy(&octets), theme).into_bytes();
                }
                File { name: self.name(walk, format.ending()), mime: format.mime(), octets }
            }
        };
        if file.octets.len() > limits::ANSWER {
            return Err(Refusal::too_large(Text::new("the file", "文件"), limits::ANSWER));
        }
        Ok(file)
    }

    fn branch<'a>(&self, walk: &'a Walk) -> Result<&'a Branch, Refusal> {
        let branch = walk.branches().get(self.branch);
        branch.ok_or_else(|| Refusal::unclear("there is no such branch", "没有这条分支"))
    }

    /// The programs with the branch's knobs, in one archive; what was lost on the wire is no part of them.
    fn python(&self, walk: &Walk, lang: Lang) -> Result<File, Refusal> {
        if self.of.is_some() {
            return Err(Refusal::unclear("programs have no parts to choose", "程序没有可选的部分"));
        }
        let Some(plan) = &self.branch(walk)?.plan else { return Err(Refusal::broken()) };
        let scenario = self.ask.scenario()?;
        let look = Look { lang, ..Look::default() };
        let programs = python::programs(plan, scenario.text(), &look).map_err(|refusal| {
            let mistake = scenario.remark(refusal.place.clone(), refusal.words(), Some(refusal.why));
            Refusal::mistakes(vec![mistake])
        })?;
        let stem = self.stem(walk);
        let octets = python::archive(&programs, &stem).map_err(|_| Refusal::broken())?;
        Ok(File { name: format!("{stem}-python.tar.gz"), mime: "application/gzip", octets })
    }

    /// A name that no header and no file system misunderstands.
    fn name(&self, walk: &Walk, ending: &str) -> String {
        format!("{}.{ending}", self.stem(walk))
    }

    fn stem(&self, walk: &Walk) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut name: String = walk.trace().meta.scenario.chars().filter(|c| plain(*c)).take(64).collect();
        if name.is_empty() {
            name.push_str("wirewalk");
        }
        if let Some(of) = self.of {
            name.push_str(&format!("-{}", of.name()));
        }
        if self.branch > 0 {
            name.push_str(&format!("-branch-{}", self.branch));
        }
        name
    }
}

fn no_such_part(format: Format) -> Refusal {
    let parts: Vec<&str> = format.parts().iter().map(|part| part.name()).collect();
    Refusal::unclear(
        format!("this format can draw: {}", parts.join(", ")),
        format!("这种格式能画的有：{}", parts.join("、")),
    )
}
