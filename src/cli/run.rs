//! `run`: simulates a scenario and draws it.

use super::args::RunArgs;
use super::load;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::export;
use crate::lang::Lang;
use crate::report::{self, Judged};
use crate::scenario::Plan;
use crate::trace::Trace;
use crate::view::{Ink, Line, Look, ViewName, join, render};

/// Runs it.
pub fn run(arguments: &RunArgs, settings: &Settings) -> Result<Exit, Failure> {
    let loaded = load::load(&arguments.scenario, &arguments.options, settings)?;
    let until = arguments.until.as_deref().map(|text| load::time(text, settings)).transpose()?;
    let trace = loaded.simulated(until);
    let judged = report::judge(&loaded.plan, &trace);
    let lang = settings.lang();
    if arguments.json {
        out::print(lang, &export::json(&trace, &judged))?;
    } else {
        let look = settings.diagram(arguments.diagram, loaded.plan.chooses_numbers());
        let view = ViewName::from_key(&arguments.view).unwrap_or_default();
        let mut text = render(view, &trace, &look);
        text.push_str(&join(&notes(&loaded.plan, &trace, view, &look), &look));
        text.push('\n');
        text.push_str(&join(&verdicts(&judged, &arguments.scenario, &look), &look));
        out::print(lang, &text)?;
    }
    Ok(exit(&judged))
}

/// Whether everything held.
pub fn exit(judged: &[Judged]) -> Exit {
    if judged.iter().all(|judged| judged.held) { Exit::Fine } else { Exit::Failed }
}

/// What the diagram leaves out, and why.
fn notes(plan: &Plan, trace: &Trace, view: ViewName, look: &Look) -> Vec<Line> {
    let has_frames = !trace.frames().is_empty();
    if view != ViewName::Sequence || plan.wire.arp || !has_frames {
        return Vec::new();
    }
    let text = look.lang.pick("(neighbours known beforehand: no ARP)", "（邻居地址预先已知：没有 ARP）");
    let mut line = Line::new();
    line.to(9).push(look, Ink::Dim, text);
    vec![line]
}

/// One line for each expectation, what was found where it did not hold, and the sum.
pub fn verdicts(judged: &[Judged], scenario: &str, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut lines = Vec::new();
    let judged = report::grouped(judged);
    for judged in &judged {
        verdict(judged, look, &mut lines);
    }
    let held = judged.iter().filter(|judged| judged.held).count();
    let total = judged.len();
    let sum = match lang {
        Lang::En => format!("{held} of {total} held"),
        Lang::Zh => format!("{total} 项中 {held} 项成立"),
    };
    let mut line = Line::new();
    let ink = if held == total { Ink::Good } else { Ink::Bad };
    line.to(2).push(look, ink, &sum);
    let hint = lang.pick(
        format!("why a line?  wirewalk step {scenario}"),
        format!("想知道为什么？ wirewalk step {scenario}"),
    );
    if line.width() + 3 + look.text_width(&hint) <= look.width {
        line.push_right(look, Ink::Dim, &hint, look.width);
    }
    lines.push(line);
    lines
}

fn verdict(judged: &Judged, look: &Look, lines: &mut Vec<Line>) {
    let lang = look.lang;
    let (ink, mark) = if judged.held { (Ink::Good, "✓") } else { (Ink::Bad, "✗") };
    let cite = look.fit(&judged.cite, 24);
    let room = look.width - look.text_width(&cite) - 2;
    let wrapped = look.wrap(judged.says.get(lang), room - 4 - look.text_width("✓"));
    for (at, text) in wrapped.iter().enumerate() {
        let mut line = Line::new();
        line.to(2);
        if at == 0 {
            line.push(look, ink, mark);
        }
        line.to(3 + look.text_width("✓")).push(look, Ink::Plain, text);
        if at == 0 {
            line.push_right(look, Ink::Dim, &cite, look.width);
        }
        lines.push(line);
    }
    if !judged.held && !judged.found.get(lang).is_empty() {
        let found = lang.pick(format!("found: {}", judged.found.en), format!("实际：{}", judged.found.zh));
        for text in found.lines().flat_map(|text| look.wrap(text, look.width - 6)) {
            let mut line = Line::new();
            line.to(6).push(look, Ink::Bad, &text);
            lines.push(line);
        }
    }
}
