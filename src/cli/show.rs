//! `show`: the lesson of a scenario.

use super::args::ShowArgs;
use super::load;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::clock::Span;
use crate::link::{HostId, NodeKind};
use crate::scenario::{KnobKind, LinkPlan, Plan, SourceLine};
use crate::view::{Ink, Line, Look, join};
use crate::walk::fault_words;

/// Shows it.
pub fn show(arguments: &ShowArgs, settings: &Settings) -> Result<Exit, Failure> {
    let scenario = load::scenario(&arguments.scenario, settings)?;
    let plan = scenario.default_plan();
    let in_python = crate::python::programs(plan, scenario.text(), &settings.look).is_ok();
    let page = Page { plan, name: &arguments.scenario, settings, in_python, bare: false, lines: Vec::new() };
    out::print(settings.lang(), &join(&page.write(), &settings.look))?;
    Ok(Exit::Fine)
}

/// A line of a program, its comment beside it, or above where both together are too wide.
fn program_line(look: &Look, source: &SourceLine<'_>) -> Vec<Line> {
    const MARGIN: usize = 2;
    let indent = MARGIN + source.code.len() - source.code.trim_start().len();
    let mut lines = code_lines(look, source.code, MARGIN, indent);
    let Some(comment) = source.comment else { return lines };
    let column = MARGIN + source.column;
    let after = if source.code.is_empty() { column } else { MARGIN + look.text_width(source.code) + 2 };
    let room = |from: usize| from + 2 + look.text_width(comment) <= look.width;
    let beside = [column, after].into_iter().find(|column| *column >= after && room(*column));
    if let ([code], Some(column)) = (lines.as_mut_slice(), beside) {
        code.to(column).push(look, Ink::Dim, &format!("# {comment}"));
        return lines;
    }
    let indent = if source.code.is_empty() { column } else { indent };
    let mut above = Vec::new();
    for part in look.wrap(comment, look.width.saturating_sub(indent + 2)) {
        let mut line = Line::new();
        line.to(indent).push(look, Ink::Dim, &format!("# {part}"));
        above.push(line);
    }
    if !source.code.is_empty() {
        above.append(&mut lines);
    }
    above
}

/// A statement, going on further in where it is too wide for one line.
fn code_lines(look: &Look, code: &str, margin: usize, indent: usize) -> Vec<Line> {
    const FURTHER: usize = 6;
    if margin + look.text_width(code) <= look.width {
        let mut line = Line::new();
        line.to(margin).push(look, Ink::Call, code);
        return vec![line];
    }
    let mut lines = Vec::new();
    for part in look.wrap(code.trim_start(), look.width.saturating_sub(indent + FURTHER)) {
        let mut line = Line::new();
        line.to(indent + if lines.is_empty() { 0 } else { FURTHER }).push(look, Ink::Call, &part);
        lines.push(line);
    }
    lines
}

/// Shows its title and its text, before it is walked through.
pub fn text(name: &str, settings: &Settings) -> Result<(), Failure> {
    let scenario = load::scenario(name, settings)?;
    let plan = scenario.default_plan();
    let mut page = Page { plan, name, settings, in_python: false, bare: false, lines: Vec::new() };
    page.words();
    out::print(settings.lang(), &join(&page.lines, &settings.look))
}

/// A lesson's hosts, programs and knobs: what one has to know to answer its questions. What programs expect of their calls is
/// left out.
pub fn setting(plan: &Plan, name: &str, settings: &Settings) -> Vec<Line> {
    let mut page = Page { plan, name, settings, in_python: false, bare: true, lines: Vec::new() };
    page.hosts();
    page.programs();
    page.knobs();
    page.lines
}

struct Page<'a> {
    plan: &'a Plan,
    name: &'a str,
    settings: &'a Settings,
    /// Whether its programs can be written in Python.
    in_python: bool,
    /// Whether programs are shown without what they expect.
    bare: bool,
    lines: Vec<Line>,
}

impl Page<'_> {
    /// The title and the lesson's own words.
    fn words(&mut self) {
        let lang = self.settings.lang();
        let plan = self.plan;
        let look = &self.settings.look;
        let mut title = Line::of(look, Ink::Heading, plan.title.get(lang));
        title.push(look, Ink::Plain, " ").push_right(look, Ink::Dim, &plan.cites.join(", "), look.width);
        self.lines.push(title);
        self.lines.push(Line::new());
        for paragraph in plan.lesson.get(lang).split("\n\n") {
            let joined = lang.unwrapped(paragraph);
            if !joined.is_empty() {
                self.text(&joined, 0);
                self.lines.push(Line::new());
            }
        }
    }

    fn write(mut self) -> Vec<Line> {
        self.words();
        self.hosts();
        self.programs();
        self.knobs();
        self.questions();
        self.expectations();
        self.live();
        let tries = format!("wirewalk run {0}   wirewalk step {0}", self.name);
        self.lines.push(Line::of(&self.settings.look, Ink::Dim, &tries));
        if self.in_python {
            self.python();
        }
        self.lines
    }

    /// How its programs are written in Python: on one line if it has room for that.
    fn python(&mut self) {
        let look = &self.settings.look;
        let words = look.lang.pick("its programs in Python:", "它的程序，用 Python 写：");
        let name = &self.plan.name;
        let command = format!("wirewalk export {name} --format python -o {name}");
        let one = format!("{words}  {command}");
        let lines = if look.text_width(&one) <= look.width {
            vec![one]
        } else if look.text_width(&command) + 2 <= look.width {
            vec![words.to_owned(), format!("  {command}")]
        } else {
            vec![words.to_owned(), format!("  wirewalk export {name} --format python -o programs")]
        };
        self.lines.extend(lines.iter().map(|line| Line::of(look, Ink::Dim, line)));
    }

    fn heading(&mut self, en: &str, zh: &str) {
        let look = &self.settings.look;
        self.lines.push(Line::of(look, Ink::Heading, look.lang.pick(en, zh)));
    }

    fn text(&mut self, text: &str, indent: usize) {
        let look = &self.settings.look;
        for part in look.wrap(text, look.width - indent) {
            let mut line = Line::new();
            line.to(indent).push(look, Ink::Plain, &part);
            self.lines.push(line);
        }
    }

    fn hosts(&mut self) {
        let look = &self.settings.look;
        let lang = look.lang;
        self.heading("Hosts", "主机");
        for host in &self.plan.hosts {
            let mut words = match (host.kind.has_stack(), host.cards.as_slice()) {
                (true, [_]) => format!("{}  {}  {}", host.name, host.address, host.mac),
                (true, cards) => {
                    let all = cards.iter().map(|card| format!("{}/{}", card.address, card.prefix));
                    format!("{}  {}", host.name, all.collect::<Vec<_>>().join("  "))
                }
                (false, _) => host.name.clone(),
            };
            if host.kind != NodeKind::Host {
                words.push_str(&format!("  ({})", host.kind.word(lang)));
            }
            for route in &host.routes {
                let (block, via) = (route.block, route.via);
                words.push_str(&lang.pick(format!("  {block} via {via}"), format!("  {block} 经 {via}")));
            }
            if host.actor {
                words
                    .push_str(lang.pick("  (only sends what is made by hand)", "  （只发送手工构造的报文）"));
            }
            if let Some(isn) = host.isn {
                words.push_str(&lang.pick(format!("  first number {isn}"), format!("  初始序号 {isn}")));
            }
            for (key, value) in &host.sysctl {
                words.push_str(&format!("  {key}={value}"));
            }
            self.text(&words, 2);
        }
        for link in &self.plan.links {
            self.text(&link_words(link, self.plan, lang), 2);
        }
        let wire = &self.plan.wire;
        let linked = !self.plan.links.is_empty();
        let mut words = match linked {
            true => lang.pick("links as above", "链路如上").to_owned(),
            false => lang.pick(format!("wire: {} one way", wire.delay), format!("线路：单程 {}", wire.delay)),
        };
        if let Some(rate) = wire.rate.filter(|_| !linked) {
            words.push_str(&lang.pick(
                format!(", {rate} octets/s, queue of {} frames", wire.queue),
                format!("，每秒 {rate} 字节，队列 {} 帧", wire.queue),
            ));
        }
        if !linked {
            words.push_str(&lang.pick(format!(", MTU {}", wire.mtu), format!("，MTU {}", wire.mtu)));
        }
        if wire.arp {
            words.push_str(lang.pick(", ARP", "，需要 ARP"));
        }
        for fault in &self.plan.faults {
            words.push_str(lang.pick("; ", "；"));
            words.push_str(&fault_words(fault, self.plan, lang));
        }
        let profile = self.plan.profile.name();
        words.push_str(&lang.pick(format!("; profile {profile}"), format!("；参数集 {profile}")));
        self.text(&words, 2);
        self.lines.push(Line::new());
    }

    fn programs(&mut self) {
        let look = &self.settings.look;
        for process in &self.plan.processes {
            let host = self.host(process.host);
            let title = if host == process.name { host } else { format!("{host}/{}", process.name) };
            let title = look.lang.pick(format!("Program of {title}"), format!("{title} 的程序"));
            self.lines.push(Line::of(look, Ink::Heading, &title));
            let bare = self.bare;
            let lines = process.program.source_lines(look.lang).into_iter();
            for line in lines.filter_map(|line| if bare { line.bare() } else { Some(line) }) {
                self.lines.extend(program_line(look, &line));
            }
            self.lines.push(Line::new());
        }
    }

    fn host(&self, host: HostId) -> String {
        self.plan.hosts.get(host.index()).map(|host| host.name.clone()).unwrap_or_default()
    }

    fn knobs(&mut self) {
        if self.plan.knobs.is_empty() {
            return;
        }
        let lang = self.settings.lang();
        self.heading("Knobs (--set KEY=VALUE)", "旋钮（--set 键=值）");
        for knob in &self.plan.knobs {
            let range = match &knob.kind {
                KnobKind::Integer { min, max } => format!("{min}..{max}"),
                KnobKind::Time { min, max } => format!("{min}..{max}"),
                KnobKind::Choice(words) => words.join("|"),
            };
            let words = format!("{}={}  [{range}]  {}", knob.name, knob.value, knob.means.get(lang));
            self.text(&words, 2);
        }
        self.lines.push(Line::new());
    }

    fn questions(&mut self) {
        if self.plan.questions.is_empty() {
            return;
        }
        let lang = self.settings.lang();
        self.heading(
            "Questions (`step` and `quiz` ask them, and grade)",
            "问题（step 和 quiz 会提问并评分）",
        );
        for (at, question) in self.plan.questions.iter().enumerate() {
            self.text(&format!("{}. {}", at + 1, question.ask.get(lang)), 2);
        }
        self.lines.push(Line::new());
    }

    fn expectations(&mut self) {
        let look = &self.settings.look;
        self.heading("What must come of it", "应有的结果");
        let mut told = None;
        for expectation in &self.plan.expectations {
            // An expectation of several parts is one thing to say.
            if told.replace(&expectation.says) == Some(&expectation.says) {
                continue;
            }
            let mut line = Line::new();
            line.to(2);
            let room = look.width - look.text_width(&expectation.cite) - 1;
            let wrapped = look.wrap(expectation.says.get(look.lang), room - 4);
            for (at, text) in wrapped.iter().enumerate() {
                line.push(look, Ink::Dim, if at == 0 { "· " } else { "  " }).push(look, Ink::Plain, text);
                if at == 0 {
                    line.push_right(look, Ink::Dim, &expectation.cite, look.width);
                }
                self.lines.push(std::mem::take(&mut line));
                line.to(2);
            }
        }
        self.lines.push(Line::new());
    }

    fn live(&mut self) {
        let lang = self.settings.lang();
        let Some(why) = &self.plan.live.impossible else { return };
        self.heading("Why the real kernel is not compared", "为何不与真实内核对照");
        let why = lang.unwrapped(why.get(lang));
        self.text(&why, 2);
        self.lines.push(Line::new());
    }
}

/// A link in words: its ends, and what makes it special.
fn link_words(link: &LinkPlan, plan: &Plan, lang: crate::lang::Lang) -> String {
    let [one, other] = link.ends.map(|end| plan.hosts.get(end.node.index()).map_or("?", |host| &host.name));
    let mut words = lang.pick(
        format!("{one} - {other}: {} one way, MTU {}", link.delay, link.mtu),
        format!("{one} - {other}：单程 {}，MTU {}", link.delay, link.mtu),
    );
    if let Some(rate) = link.rate {
        words.push_str(&lang.pick(
            format!(", {rate} octets/s, queue of {} frames", link.queue),
            format!("，每秒 {rate} 字节，队列 {} 帧", link.queue),
        ));
    }
    if link.jitter > Span::ZERO {
        words.push_str(&lang.pick(format!(", jitter {}", link.jitter), format!("，抖动 {}", link.jitter)));
    }
    for habit in link.habits() {
        words.push_str(&lang.pick(format!(", {}", habit.en), format!("，{}", habit.zh)));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use crate::scenario;

    #[test]
    fn every_lesson_fits_80_columns_and_breaks_where_chinese_may_break() {
        for builtin in scenario::builtins() {
            let scenario = builtin.scenario().expect("without mistakes");
            let plan = scenario.default_plan();
            for lang in [Lang::En, Lang::Zh] {
                let look = Look { lang, ..Look::default() };
                let in_python = crate::python::programs(plan, scenario.text(), &look).is_ok();
                let settings = Settings { look: look.clone(), quiet: true, error_color: false };
                let name = builtin.name;
                let page =
                    Page { plan, name, settings: &settings, in_python, bare: false, lines: Vec::new() };
                for line in join(&page.write(), &look).lines() {
                    assert!(look.text_width(line) <= 80, "{name}: {line}");
                    let opens = line.ends_with(['（', '［', '“', '《', '「']);
                    let closes = line
                        .trim_start()
                        .starts_with(['，', '。', '、', '；', '：', '）', '］', '”', '》', '」']);
                    assert!(!opens && !closes, "{name}: {line}");
                }
            }
        }
    }
}
