//! What can be known to be wrong in a script before it is run: calls there are not, times that cannot be.

use super::arguments::{CALLS, request};
use super::verdict::{ProblemKind, seconds};
use super::{Settings, verdict::Problem};
use crate::clock::Span;
use crate::lang::Text;
use crate::packetdrill::{Action, Call, Direction, Event, Script, When};
use crate::scenario::limits::MISTAKES;
use crate::scenario::{Diagnostic, nearest};
use std::ops::Range;

/// Every such mistake, in the order of the text.
pub fn mistakes(script: &Script, settings: &Settings) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut tell = |span: Range<usize>, message: Text, help: Option<Text>| {
        // Each has to be placed in the text, and nobody reads thousands.
        if found.len() < MISTAKES {
            found.push(Diagnostic::new(&script.name, &script.source, span, message, help));
        }
    };
    let mut clock = Clock { earliest: Span::ZERO, settings };
    for event in &script.events {
        if let Action::Call(call) = &event.action {
            if let Err(Problem { span, kind: ProblemKind::Wrong(message) }) = request(call, settings) {
                tell(span, message, known_calls(call));
            }
            if let Some((message, help)) = ends_too_early(event, call) {
                tell(call.span.clone(), message, Some(help));
            }
        }
        if let Some((message, help)) = clock.passes(event) {
            tell(stamp(event), message, Some(help));
        }
    }
    found
}

/// What the call takes; of one that does not exist, what is most like it.
fn known_calls(call: &Call) -> Option<Text> {
    if let Some((name, takes)) = CALLS.iter().find(|(name, _)| *name == call.name) {
        let form = format!("{name}({takes})");
        return Some(Text::new(form.clone(), form));
    }
    let names = || CALLS.iter().map(|(name, _)| *name);
    let near = nearest(&call.name, names());
    if near.is_empty() {
        let all: Vec<&str> = names().collect();
        let (en, zh) = (all.join(", "), all.join("、"));
        return Some(Text::new(format!("known are {en}"), format!("有这些：{zh}")));
    }
    Some(Text::new(format!("near to it: {}", near.join(", ")), format!("相近的有：{}", near.join("、"))))
}

/// `+0.3...0.1`: a call that would return before it is made.
fn ends_too_early(event: &Event, call: &Call) -> Option<(Text, Text)> {
    let (When::After(from) | When::At(from)) = event.when else { return None };
    let until = call.until.filter(|until| *until < from)?;
    let message = Text::new(
        format!("this call is made at {} and returns at {}, before it", seconds(from), seconds(until)),
        format!("这个调用在 {} 发出，却在 {} 返回，早于发出", seconds(from), seconds(until)),
    );
    let help = Text::new(
        "both times count from the same moment; the second is the later one",
        "两个时间从同一时刻算起，后一个应当更晚",
    );
    Some((message, help))
}

/// An event's stamp in the text: what stands before its action.
fn stamp(event: &Event) -> Range<usize> {
    let end = match &event.action {
        Action::Packet(packet) => packet.span.start,
        Action::Call(call) => call.span.start,
        Action::Command(command) => command.span.start,
        Action::Code(code) => code.span.start,
    };
    event.span.start..end.max(event.span.start + 1)
}

/// The earliest moment that it can be.
struct Clock<'s> {
    earliest: Span,
    settings: &'s Settings,
}

impl Clock<'_> {
    /// Goes on to the event; says why it comes too late for its time, whatever happens.
    fn passes(&mut self, event: &Event) -> Option<(Text, Text)> {
        let outbound =
            matches!(&event.action, Action::Packet(packet) if packet.direction == Direction::Outbound);
        let tolerance = |span| if outbound { self.settings.tolerance_after(span) } else { Span::ZERO };
        let (from, latest) = match event.when {
            When::Any => (self.earliest, None),
            When::After(span) | When::AfterBetween(span, _) => {
                ((self.earliest + span).saturating_sub(tolerance(span)), None)
            }
            When::At(at) => (at.saturating_sub(tolerance(at)), Some(at)),
            When::Between(from, to) => (from.saturating_sub(tolerance(from)), Some(to)),
        };
        let before = self.earliest;
        self.earliest = before.max(from);
        let latest = latest.filter(|latest| *latest + self.settings.tolerance_after(*latest) < before)?;
        let (at, over) = (seconds(latest), seconds(before));
        let message = Text::new(
            format!("this is to happen at {at}, and what stands before it takes until {over}"),
            format!("这件事应当发生在 {at}，而它前面的事要到 {over}"),
        );
        let help = Text::new(
            "a later time, or +TIME, which counts from the event before",
            "写更晚的时间，或写 +时间（从上一事件算起）",
        );
        Some((message, help))
    }
}
