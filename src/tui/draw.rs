//! What is, painted: one function for each part of the screen.

use super::app::App;
use super::mode::{Mode, Prompt};
use super::panes::Pane;
use super::scene::Drawn;
use super::{keys, paint};
use crate::trace::RecordId;
use crate::view::{Ink, Line, Look};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Cells left of the diagram, for the mark of the present step.
const MARGIN: usize = 2;

/// Paints the whole screen.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    // Between a change of size and the event that tells of it, the buffer rules.
    let layout = app.layout_on(area.width, area.height);
    let buffer = frame.buffer_mut();
    title(app, buffer, layout.title);
    diagram(app, buffer, layout.diagram);
    now(app, buffer, layout.now);
    if layout.tabs.height > 0 {
        paint::line(buffer, layout.tabs, layout.tabs.top(), &tabs(app).0, &app.look);
    }
    if layout.pane.x > 0 {
        for y in layout.pane.top()..layout.pane.bottom() {
            let bar = Line::of(&app.look, Ink::Dim, "│");
            let place = Rect { x: layout.pane.x - 1, width: 1, ..layout.pane };
            paint::line(buffer, place, y, &bar, &app.look);
        }
    }
    pane(app, buffer, layout.pane);
    last(app, buffer, layout.last);
}

fn title(app: &App, buffer: &mut Buffer, area: Rect) {
    if area.height == 0 {
        return;
    }
    let look = &app.look;
    let lang = look.lang;
    let width = usize::from(area.width);
    let (at, steps) = (app.walk.at() + 1, app.walk.steps().len());
    let mut words = if app.unbegun() {
        lang.pick(format!("before step {at}/{steps}"), format!("第 {at}/{steps} 步之前"))
    } else {
        let time = app.walk.step().map_or(String::new(), |step| format!("{} s  ", step.at));
        time + &lang.pick(format!("step {at}/{steps}"), format!("第 {at}/{steps} 步"))
    };
    let branches = app.walk.branches().len();
    if branches > 1 {
        let here = app.walk.branch() + 1;
        words
            .push_str(&lang.pick(format!("  branch {here}/{branches}"), format!("  分支 {here}/{branches}")));
    }
    let (right, asked) = app.walk.score();
    if asked > 0 {
        words.push_str(&format!("  ✓ {right}/{asked}"));
    }
    if let Some(pace) = app.pace() {
        words.push_str(&lang.pick(
            format!("  ▸ every {} s", pace.as_secs_f32()),
            format!("  ▸ 每步 {} 秒", pace.as_secs_f32()),
        ));
    }
    words.push(' ');
    let mut line = Line::new();
    let needed = look.text_width(&look.clean(&words));
    let room = width.saturating_sub(needed + 1);
    line.push_until(look, Ink::Heading, &format!(" {}", app.walk.trace().meta.title.get(lang)), room);
    line.push_right(look, Ink::Plain, &words, width).to(width);
    paint::styled(buffer, area, area.top(), &line, look, Modifier::REVERSED);
}

/// The window onto the diagram: how many lines its heading takes, and what stands below.
fn window(app: &App, height: usize) -> (usize, Vec<Drawn>) {
    let Some(scene) = app.scene() else { return (0, Vec::new()) };
    let heading = if height > 3 { scene.heading.len() } else { 0 };
    if app.unbegun() {
        return (heading, Vec::new());
    }
    let room = height - heading.min(height);
    let last = app.walk.step().map_or(RecordId(0), |step| step.last);
    (heading, scene.grown(last, room))
}

/// The step that the row of the diagram tells of, if any.
pub fn step_of_row(app: &App, row: usize) -> Option<usize> {
    let (heading, lines) = window(app, usize::from(app.layout().diagram.height));
    app.walk.holding(lines.get(row.checked_sub(heading)?)?.record)
}

fn diagram(app: &App, buffer: &mut Buffer, area: Rect) {
    let (Some(scene), true) = (app.scene(), area.height > 0) else { return };
    let look = &app.look;
    let (heading, lines) = window(app, usize::from(area.height));
    let inner = Rect {
        x: area.x + (MARGIN as u16).min(area.width),
        width: area.width.saturating_sub(MARGIN as u16),
        ..area
    };
    let mut y = area.top();
    for line in scene.heading.iter().take(heading) {
        paint::line(buffer, inner, y, line, look);
        y += 1;
    }
    let step = app.walk.step();
    let own = |drawn: &Drawn| {
        step.is_some_and(|step| {
            (step.first..=step.last).contains(&drawn.record)
                || (drawn.arrow.is_some() && drawn.arrow == step.frame)
        })
    };
    for drawn in &lines {
        if own(drawn) && !drawn.bare {
            let mark = Line::of(look, Ink::Warn, "▸");
            paint::line(buffer, Rect { width: (MARGIN as u16).min(area.width), ..area }, y, &mark, look);
        }
        paint::line(buffer, inner, y, &drawn.line, look);
        y += 1;
    }
}

fn now(app: &App, buffer: &mut Buffer, area: Rect) {
    if area.height == 0 {
        return;
    }
    let look = &app.look;
    let told = app.scene().and_then(|scene| scene.told.get(app.walk.at())).filter(|_| !app.unbegun());
    let mut line = Line::new();
    line.to(MARGIN);
    for (at, told) in told.into_iter().flatten().enumerate() {
        if at > 0 {
            line.push(look, Ink::Dim, look.lang.pick("; ", "；"));
        }
        line.push_until(look, told.ink, &told.what, usize::from(area.width));
    }
    paint::line(buffer, area, area.top(), &line, look);
}

/// The names of the panes, and from which to which column each reaches. Where there is no room for all, only the chosen one
/// has its name, and the others their digits.
pub fn tabs(app: &App) -> (Line, Vec<(usize, usize)>) {
    let width = usize::from(app.size.0);
    let (line, places) = tabs_named(app, true);
    let (mut line, places) = if line.width() <= width { (line, places) } else { tabs_named(app, false) };
    let one = app.look.text_width("─").max(1);
    let rest = width.saturating_sub(line.width()) / one;
    line.push(&app.look, Ink::Dim, &"─".repeat(rest));
    (line, places)
}

fn tabs_named(app: &App, all: bool) -> (Line, Vec<(usize, usize)>) {
    let look = &app.look;
    let mut line = Line::new();
    let mut places = Vec::new();
    line.push(look, Ink::Dim, "─");
    let mut open = " ";
    for (at, pane) in Pane::ALL.into_iter().enumerate() {
        let start = line.width();
        let chosen = pane == app.pane;
        let ink = if chosen { Ink::Heading } else { Ink::Plain };
        // What closes one opens the next: nine names take eighty cells so.
        line.push(look, Ink::Warn, if chosen { "[" } else { open });
        line.push(look, Ink::Call, &(at + 1).to_string());
        if all || chosen {
            line.push(look, Ink::Plain, " ").push(look, ink, pane.name(look));
        }
        open = if chosen { "]" } else { " " };
        places.push((start, line.width()));
    }
    if open == "]" {
        line.push(look, Ink::Warn, open);
    }
    (line, places)
}

fn pane(app: &App, buffer: &mut Buffer, area: Rect) {
    let scroll = match app.mode {
        Mode::Help(scroll) => scroll,
        Mode::Why(_) | Mode::Branches(_) => 0,
        Mode::Walking | Mode::Typing(..) | Mode::Asking(_) => app.scroll,
    };
    let (pinned, rest) = app.below.split_at(app.pinned.min(app.below.len()));
    let lines = pinned.iter().chain(rest.iter().skip(scroll));
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        paint::line(buffer, area, y, line, &app.look);
    }
    let hidden = app.below.len().saturating_sub(scroll + usize::from(area.height));
    if hidden > 0 && area.height > 1 && area.width > 12 {
        let more = format!(" ↓ {hidden} ");
        let width = app.look.text_width(&more) as u16;
        let place = Rect { x: area.right() - width, width, ..area };
        paint::styled(
            buffer,
            place,
            area.bottom() - 1,
            &Line::of(&app.look, Ink::Dim, &more),
            &app.look,
            Modifier::REVERSED,
        );
    }
}

fn last(app: &App, buffer: &mut Buffer, area: Rect) {
    if area.height == 0 {
        return;
    }
    let look = &app.look;
    let lang = look.lang;
    let width = usize::from(area.width);
    let hint = |text: &str| Line::of(look, Ink::Dim, &look.fit(&format!(" {text}"), width));
    let line = match &app.mode {
        Mode::Typing(prompt, typed) => typing(*prompt, typed, look),
        Mode::Why(_) => hint(lang.pick(
            "w or ↓: the cause before   Enter: go there   Esc: back",
            "w 或 ↓：再往前追   回车：跳到那里   Esc：返回",
        )),
        Mode::Branches(_) => match &app.message {
            Some((ink, text)) => Line::of(look, *ink, &look.fit(&format!(" {text}"), width)),
            None => hint(lang.pick(
                "↑ ↓ choose  Enter: go there  c: compare  n: name  x: forget  Esc: back",
                "↑ ↓ 选择  回车：转到  c：并排  n：命名  x：删除  Esc：返回",
            )),
        },
        Mode::Help(_) => hint(lang.pick("↑ ↓ scroll; any other key closes", "↑ ↓ 滚动；按其他键收起")),
        // Where the pane has no room for all of a question, the answer is seen here.
        Mode::Asking(asking) if app.below.len() > usize::from(app.layout().pane.height) => {
            asking.foot(&Look { width, ..look.clone() })
        }
        Mode::Asking(_) => Line::new(),
        Mode::Walking => match &app.message {
            Some((ink, text)) => Line::of(look, *ink, &look.fit(&format!(" {text}"), width)),
            None => keys::reminder(look, width),
        },
    };
    paint::line(buffer, area, area.top(), &line, look);
}

fn typing(prompt: Prompt, typed: &str, look: &Look) -> Line {
    let words = match prompt {
        Prompt::Search => look.lang.pick("search: ", "查找："),
        Prompt::Step => look.lang.pick("go to step: ", "跳到第几步："),
        Prompt::Name(_) => look.lang.pick("name of the branch: ", "分支名："),
        Prompt::Knob => look.lang.pick("KEY=VALUE: ", "键=值："),
    };
    let mut line = Line::new();
    line.push(look, Ink::Heading, &format!(" {words}")).push(look, Ink::Plain, typed);
    line.push(look, Ink::Call, "_");
    line
}
