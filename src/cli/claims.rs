//! What learners are told, with verdict and lessons: `list --claims`, and `explain CL-19`.

use super::load::mistakes;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::claims::{Claim, Ruling, groups};
use crate::scenario::{self, Catalog};
use crate::view::{Ink, Line, Look, join};
use serde::Serialize;

/// The document of `--json`.
#[derive(Serialize)]
struct Document {
    schema: u32,
    claims: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    #[serde(flatten)]
    claim: &'static Claim,
    lessons: Vec<&'static str>,
}

/// Names and titles of the lessons that settle it.
fn lessons<'c>(claim: &Claim, catalog: &'c Catalog) -> Vec<&'c scenario::Lesson> {
    catalog.scenarios.iter().filter(|lesson| lesson.claims.contains(&claim.id)).collect()
}

fn catalog(settings: &Settings) -> Result<Catalog, Failure> {
    scenario::catalog().map_err(|diagnostics| mistakes(&diagnostics, settings))
}

/// Lists them all.
pub fn list(json: bool, settings: &Settings) -> Result<Exit, Failure> {
    let catalog = catalog(settings)?;
    let look = &settings.look;
    if json {
        return print_json(groups().iter().flat_map(|group| &group.claim), &catalog, settings);
    }
    let mut lines = Vec::new();
    for group in groups() {
        if !lines.is_empty() {
            lines.push(Line::new());
        }
        lines.push(Line::of(look, Ink::Heading, group.title.get(look.lang)));
        for claim in &group.claim {
            in_list(claim, &catalog, look, &mut lines);
        }
    }
    lines.push(Line::new());
    let signs = [Ruling::True, Ruling::Limits, Ruling::False]
        .map(|ruling| format!("{} {}", sign(ruling).1, ruling.word(look.lang)));
    let more =
        look.lang.pick("`wirewalk explain CL-19` tells what is true", "wirewalk explain CL-19 说明实情");
    let text = format!("{}   {more}", signs.join("   "));
    lines.push(Line::of(look, Ink::Dim, &text));
    out::print(look.lang, &join(&lines, look))?;
    Ok(Exit::Fine)
}

/// Prints one.
pub fn explain(claim: &'static Claim, json: bool, settings: &Settings) -> Result<Exit, Failure> {
    let catalog = catalog(settings)?;
    if json {
        return print_json([claim], &catalog, settings);
    }
    let look = &settings.look;
    out::print(look.lang, &join(&page(claim, &catalog, look), look))?;
    Ok(Exit::Fine)
}

fn print_json(
    claims: impl IntoIterator<Item = &'static Claim>,
    catalog: &Catalog,
    settings: &Settings,
) -> Result<Exit, Failure> {
    let names = |claim| lessons(claim, catalog).into_iter().map(|lesson| lesson.name).collect();
    let claims = claims.into_iter().map(|claim| Item { claim, lessons: names(claim) }).collect();
    out::print(settings.lang(), &super::json(&Document { schema: 1, claims })?)?;
    Ok(Exit::Fine)
}

fn sign(ruling: Ruling) -> (Ink, &'static str) {
    match ruling {
        Ruling::True => (Ink::Good, "✓"),
        Ruling::Limits => (Ink::Warn, "≈"),
        Ruling::False => (Ink::Bad, "✗"),
    }
}

/// Cells before the words of a claim in a list.
const WORDS: usize = 11;

fn in_list(claim: &Claim, catalog: &Catalog, look: &Look, lines: &mut Vec<Line>) {
    let (ink, sign) = sign(claim.verdict);
    for (at, text) in look.wrap(claim.says.get(look.lang), look.width - WORDS).iter().enumerate() {
        let mut line = Line::new();
        if at == 0 {
            line.to(2).push(look, Ink::Call, &claim.id).to(WORDS - 2).push(look, ink, sign);
        }
        line.to(WORDS).push(look, Ink::Plain, text);
        lines.push(line);
    }
    let names: Vec<&str> = lessons(claim, catalog).iter().map(|lesson| lesson.name).collect();
    for text in look.wrap(&names.join(" "), look.width - WORDS) {
        let mut line = Line::new();
        line.to(WORDS).push(look, Ink::Dim, &text);
        lines.push(line);
    }
}

/// Cells of the column in which what follows is headed.
const HEADED: usize = 9;

fn page(claim: &Claim, catalog: &Catalog, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let (ink, sign) = sign(claim.verdict);
    let mut title = Line::of(look, Ink::Heading, &claim.id);
    title.push(look, Ink::Plain, "  ").push(look, ink, &format!("{sign} {}", claim.verdict.word(lang)));
    let mut lines = vec![title, Line::new()];
    let said = format!("“{}”", claim.says.get(lang));
    for text in [said.as_str(), claim.truth.get(lang)] {
        lines.extend(look.wrap(text, look.width).iter().map(|text| Line::of(look, Ink::Plain, text)));
        lines.push(Line::new());
    }
    let lessons = lessons(claim, catalog);
    let width = lessons.iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
    for (at, lesson) in lessons.iter().enumerate() {
        let mut line = Line::new();
        line.push(look, Ink::Dim, if at == 0 { lang.pick("lessons", "课程") } else { "" });
        line.to(HEADED).push(look, Ink::Call, lesson.name).to(HEADED + width + 2);
        line.push_until(look, Ink::Plain, lesson.title.get(lang), look.width);
        lines.push(line);
    }
    lines
}
