//! `doctor`: which live modes this machine allows, and what to change.

use super::args::DoctorArgs;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::lang::Text;
use crate::view::{Ink, Line, join};
use serde::Serialize;

#[derive(Serialize)]
struct Document {
    schema: u32,
    able: bool,
    findings: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    name: Text,
    ok: bool,
    needed: bool,
    detail: Text,
}

#[cfg(target_os = "linux")]
fn findings() -> Vec<Item> {
    crate::live::doctor()
        .into_iter()
        .map(|finding| Item {
            name: finding.name,
            ok: finding.ok,
            needed: finding.needed,
            detail: finding.detail,
        })
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn findings() -> Vec<Item> {
    vec![Item {
        name: Text::new("Linux", "Linux"),
        ok: false,
        needed: true,
        detail: Text::new(
            "the live side runs on Linux only; everything simulated works here",
            "真实一侧只能在 Linux 上运行；凡是模拟的，这里都能做",
        ),
    }]
}

/// Looks at the machine.
pub fn doctor(arguments: &DoctorArgs, settings: &Settings) -> Result<Exit, Failure> {
    let look = &settings.look;
    let lang = look.lang;
    let findings = findings();
    let able = findings.iter().all(|finding| finding.ok || !finding.needed);
    let exit = if able { Exit::Fine } else { Exit::Unable };
    if arguments.json {
        out::print(lang, &super::json(&Document { schema: 1, able, findings })?)?;
        return Ok(exit);
    }
    let mut lines = Vec::new();
    for finding in &findings {
        let (ink, mark) = match (finding.ok, finding.needed) {
            (true, _) => (Ink::Good, "✓"),
            (false, true) => (Ink::Bad, "✗"),
            (false, false) => (Ink::Warn, "·"),
        };
        let mut line = Line::new();
        line.push(look, ink, mark).to(2).push_until(look, Ink::Heading, finding.name.get(lang), look.width);
        lines.push(line);
        for text in look.wrap(finding.detail.get(lang), look.width - 4) {
            let mut line = Line::new();
            line.to(4).push(look, Ink::Plain, &text);
            lines.push(line);
        }
    }
    let text = if able {
        lang.pick("live runs work here", "这台机器可以做真实对照")
    } else {
        lang.pick(
            "live runs do not work here; what to change stands above",
            "这台机器不能做真实对照；要改什么见上文",
        )
    };
    lines.push(Line::of(look, if able { Ink::Good } else { Ink::Bad }, text));
    out::print(lang, &join(&lines, look))?;
    Ok(exit)
}
