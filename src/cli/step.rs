//! `step`: a walk through a scenario, forward and back: on the whole screen of a terminal, or line by line.

use super::args::StepArgs;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use super::{course, kernel, load};
use crate::lang::Lang;
use crate::report::Grade;
use crate::trace::Snapshot;
use crate::tui;
use crate::view::{self, Ink, Line, Look, Teller, join, unfold, variable_words, way_to};
use crate::walk::{Asked, CannotBranch, Change, Walk};
use std::io::{BufRead, IsTerminal};

/// Walks.
pub fn step(arguments: &StepArgs, settings: &Settings) -> Result<Exit, Failure> {
    let loaded = load::load(&arguments.scenario, &arguments.options, settings)?;
    let look = settings.diagram(arguments.diagram, loaded.plan.chooses_numbers());
    let walk = if arguments.live {
        let wanted = kernel::wanted(arguments.mode, arguments.slow, arguments.options.seed);
        let trace = kernel::run_one(&loaded, &wanted, settings)?;
        Walk::over(Some(loaded.plan.clone()), trace).beside(loaded.setup)
    } else {
        Walk::simulated(loaded.setup)
    };
    let mut walk = walk.map_err(|mistakes| load::mistakes(&mistakes, settings))?;
    if let Some(step) = arguments.at
        && !walk.go_to(step as usize - 1)
    {
        let steps = walk.steps().len();
        return Err(Failure::Usage(
            settings
                .lang()
                .pick(format!("--at {step}: it has {steps} steps"), format!("--at {step}：共 {steps} 步")),
        ));
    }
    if walk_through(walk, look, arguments.plain)?.finished() {
        course::walked(&arguments.scenario, settings);
    }
    Ok(Exit::Fine)
}

/// Walks through whatever it is: on the whole screen where there is one and `plain` does not forbid it.
pub fn walk_through(walk: Walk, look: Look, plain: bool) -> Result<Walk, Failure> {
    if !plain && full_screen() {
        let walk = tui::walk(walk, look.clone())
            .map_err(|error| Failure::io(look.lang.pick("terminal", "终端"), error))?;
        if let Some(text) = score(&walk, look.lang) {
            out::print(look.lang, &format!("{text}\n"))?;
        }
        return Ok(walk);
    }
    let mut plain = Plain { walk, look, terminal: std::io::stdin().is_terminal() };
    let mut input = std::io::stdin().lock();
    plain.opening()?;
    plain.ask_before(plain.walk.at(), &mut input)?;
    plain.show()?;
    plain.listen(input)?;
    Ok(plain.walk)
}

/// Whether there is a terminal at both ends, and one that can place its cursor.
pub fn full_screen() -> bool {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty());
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal() && !dumb
}

/// How many answers were right; `None` if there were none.
fn score(walk: &Walk, lang: Lang) -> Option<String> {
    let (right, asked) = walk.score();
    let text =
        || lang.pick(format!("{right} of {asked} answers right"), format!("{asked} 题答对 {right} 题"));
    (asked > 0).then(text)
}

/// A walk told line by line.
struct Plain {
    walk: Walk,
    look: Look,
    /// Whether somebody types at a terminal.
    terminal: bool,
}

impl Plain {
    fn say(&self, lines: &[Line]) -> Result<(), Failure> {
        out::print(self.look.lang, &join(lines, &self.look))
    }

    fn say_text(&self, ink: Ink, text: &str) -> Result<(), Failure> {
        let lines: Vec<Line> = self
            .look
            .wrap(text, self.look.width)
            .iter()
            .map(|text| Line::of(&self.look, ink, text))
            .collect();
        self.say(&lines)
    }

    fn opening(&self) -> Result<(), Failure> {
        let look = &self.look;
        let text = look.lang.pick("? lists the commands", "? 列出命令");
        let mut line = Line::of(look, Ink::Heading, self.walk.trace().meta.title.get(look.lang));
        line.push(look, Ink::Plain, "  ").push_right(look, Ink::Dim, text, look.width);
        self.say(&[line, Line::new()])
    }

    /// Reads commands until the learner has enough, or nothing more comes.
    fn listen(&mut self, mut input: impl BufRead) -> Result<(), Failure> {
        let mut typed = String::new();
        loop {
            let prompt = self.look.lang.pick(
                "(n)ext (p)revious (N)ext of flow (g)oto (w)hy (l)ayers (v)ars (d)rop (q)uit > ",
                "n 下一步 p 上一步 N 同流下一步 g 跳到 w 为何 l 各层 v 变量 d 丢掉 q 退出 > ",
            );
            out::print(self.look.lang, prompt)?;
            typed.clear();
            let read = input.read_line(&mut typed).map_err(|error| Failure::io("stdin", error))?;
            if read == 0 {
                out::print(self.look.lang, "\n")?;
                break;
            }
            self.echo(&typed)?;
            if !self.obey(typed.trim(), &mut input)? {
                break;
            }
        }
        if let Some(text) = score(&self.walk, self.look.lang) {
            self.say_text(Ink::Heading, &text)?;
        }
        Ok(())
    }

    /// What a terminal shows while it is typed, a transcript has to be told.
    fn echo(&self, typed: &str) -> Result<(), Failure> {
        if self.terminal && typed.ends_with('\n') {
            return Ok(());
        }
        let shown = if self.terminal { "" } else { typed.trim_end() };
        out::print(self.look.lang, &format!("{}\n", self.look.clean(shown)))
    }

    /// Carries out one command; `false` ends the walk.
    fn obey(&mut self, typed: &str, input: &mut impl BufRead) -> Result<bool, Failure> {
        let (command, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
        match command {
            "" | "n" | "next" => self.go(self.walk.at() + 1, input)?,
            "p" | "previous" | "prev" => match self.walk.at().checked_sub(1) {
                Some(at) => self.turn(at)?,
                None => {
                    self.say_text(Ink::Dim, self.look.lang.pick("this is the first step", "已是第一步"))?
                }
            },
            "N" => match self.walk.next_of_flow() {
                Some(at) => self.go(at, input)?,
                None => {
                    let text = self.look.lang.pick("nothing more of this flow", "本流后面没有了");
                    self.say_text(Ink::Dim, text)?;
                }
            },
            "g" | "goto" | "go" => match rest.trim().parse::<usize>() {
                Ok(number) if (1..=self.walk.steps().len()).contains(&number) => {
                    self.go(number - 1, input)?
                }
                _ => {
                    let n = self.walk.steps().len();
                    let text = self
                        .look
                        .lang
                        .pick(format!("g and a number from 1 to {n}"), format!("g 后面写 1 到 {n}"));
                    self.say_text(Ink::Dim, &text)?;
                }
            },
            "w" | "why" => self.why()?,
            "l" | "layers" => self.layers()?,
            "hops" => self.hops()?,
            "v" | "vars" | "variables" => self.variables()?,
            "d" | "drop" => self.drop()?,
            "set" => self.set(rest.trim())?,
            "b" | "branch" | "branches" => self.branch(rest.trim())?,
            "name" => self.name(rest.trim())?,
            "forget" => self.forget(rest.trim())?,
            "abs" | "absolute" => {
                self.look.absolute = !self.look.absolute;
                self.show()?;
            }
            "s" | "show" => self.show()?,
            "q" | "quit" | "exit" => return Ok(false),
            "?" | "h" | "help" => self.help()?,
            other => {
                let text = self
                    .look
                    .lang
                    .pick(format!("“{other}”? the commands are:"), format!("“{other}”？命令有："));
                self.say_text(Ink::Dim, &text)?;
                self.help()?;
            }
        }
        Ok(true)
    }

    fn help(&self) -> Result<(), Failure> {
        let rows = [
            ["n", "next step (or just Enter)", "下一步（或直接回车）"],
            ["p", "previous step", "上一步"],
            ["N", "next step of this flow", "同一条流的下一步"],
            ["g 12", "go to step 12", "到第 12 步"],
            ["why", "what led to this, back to the beginning", "追到源头：由什么引起"],
            ["layers", "the frame, layer by layer", "逐层展开这一帧"],
            ["hops", "the frame's way: who rewrote what in it", "这一帧的来路：谁改写了什么"],
            ["vars", "the variables as they are now", "此刻的变量"],
            ["drop", "what if this frame were lost?", "要是这一帧丢了呢？"],
            ["set K=V", "what if this knob had another value?", "要是这个旋钮是另一个值呢？"],
            ["b", "the branches; b 2 goes over to one", "列出各分支；b 2 转到第 2 条"],
            ["name X", "call this branch X", "把这条分支叫作 X"],
            ["forget 2", "forget branch 2", "删除第 2 条分支"],
            ["abs", "numbers as on the wire, or relative", "序号：原值，或相对值"],
            ["q", "quit", "退出"],
        ];
        let look = &self.look;
        let lines: Vec<Line> = rows
            .iter()
            .map(|[key, en, zh]| {
                let mut line = Line::new();
                line.to(2).push(look, Ink::Call, key).to(10).push(look, Ink::Plain, look.lang.pick(en, zh));
                line
            })
            .collect();
        self.say(&lines)
    }

    /// Goes forward to a step, asking on the way in what the scenario asks before it; behind the last, what it asks then.
    fn go(&mut self, to: usize, input: &mut impl BufRead) -> Result<(), Failure> {
        let to = to.min(self.walk.steps().len());
        self.ask_before(to, input)?;
        if to >= self.walk.steps().len() {
            return self.say_text(Ink::Dim, self.look.lang.pick("this is the last step", "已是最后一步"));
        }
        self.turn(to)
    }

    fn turn(&mut self, to: usize) -> Result<(), Failure> {
        self.walk.go_to(to);
        self.show()
    }

    /// What the scenario asks before a step.
    fn ask_before(&mut self, step: usize, input: &mut impl BufRead) -> Result<(), Failure> {
        for due in self.walk.ask_before(step) {
            self.ask(&due, input)?;
        }
        Ok(())
    }

    fn ask(&mut self, asked: &Asked, input: &mut impl BufRead) -> Result<(), Failure> {
        let lang = self.look.lang;
        self.say_text(Ink::Warn, &format!("? {}", asked.ask.get(lang)))?;
        self.say(&view::options(&asked.solved.options(), &self.look))?;
        out::print(lang, lang.pick("your answer (Enter skips) > ", "你的答案（回车跳过）> "))?;
        let mut typed = String::new();
        input.read_line(&mut typed).map_err(|error| Failure::io("stdin", error))?;
        self.echo(&typed)?;
        if typed.trim().is_empty() {
            return Ok(());
        }
        match self.walk.answer(&asked.solved, &typed) {
            Grade::Right => self.say_text(Ink::Good, lang.pick("✓ right", "✓ 对了")),
            Grade::Wrong(right) => {
                let right = right.get(lang);
                self.say_text(Ink::Bad, &lang.pick(format!("✗ it is {right}"), format!("✗ 应为 {right}")))
            }
        }
    }

    fn show(&self) -> Result<(), Failure> {
        let Some(step) = self.walk.step() else {
            return self.say_text(Ink::Dim, self.look.lang.pick("nothing happens", "什么也没有发生"));
        };
        let look = &self.look;
        let teller = Teller::new(self.walk.trace(), look);
        let mut lines = Vec::new();
        let number = format!("[{}/{}] {} s  ", self.walk.at() + 1, self.walk.steps().len(), step.at);
        let indent = look.text_width(&number);
        let mut first = true;
        for (_, sentence) in teller.tell_all(self.walk.here().records(self.walk.at())) {
            let (start, text) = if first { (indent, sentence.what) } else { (4, sentence.what) };
            for (at, part) in look.wrap(&text, look.width - start).iter().enumerate() {
                let mut line = Line::new();
                if first && at == 0 {
                    line.push(look, Ink::Heading, &number);
                }
                line.to(start).push(look, sentence.ink, part);
                lines.push(line);
            }
            first = false;
            self.reason(&sentence.why, &sentence.cite, &mut lines);
        }
        lines.extend(self.changes());
        lines.push(Line::new());
        self.say(&lines)
    }

    /// Why, with the section at the right of its last line.
    fn reason(&self, why: &str, cite: &str, lines: &mut Vec<Line>) {
        let look = &self.look;
        if why.is_empty() {
            return;
        }
        let room = look.width - 6 - look.text_width(cite) - 2;
        let wrapped = look.wrap(why, room);
        for (at, part) in wrapped.iter().enumerate() {
            let mut line = Line::new();
            line.to(6).push(look, Ink::Plain, part);
            if at + 1 == wrapped.len() && !cite.is_empty() {
                line.push_right(look, Ink::Dim, cite, look.width);
            }
            lines.push(line);
        }
    }

    /// The variables that changed in the step.
    fn changes(&self) -> Vec<Line> {
        let look = &self.look;
        let words = view::changes(self.walk.trace(), self.walk.here().records(self.walk.at()), look);
        look.wrap(&words.join("  "), look.width - 4)
            .iter()
            .filter(|text| !text.is_empty())
            .map(|text| {
                let mut line = Line::new();
                line.to(4).push(look, Ink::Dim, text);
                line
            })
            .collect()
    }

    fn why(&self) -> Result<(), Failure> {
        let Some(step) = self.walk.step() else { return Ok(()) };
        let teller = Teller::new(self.walk.trace(), &self.look);
        let look = &self.look;
        let mut lines = Vec::new();
        for record in self.walk.trace().why(step.last).into_iter() {
            let Some(sentence) = teller.tell(record) else { continue };
            let mut line = Line::new();
            let number = self.walk.holding(record.id).map_or(0, |at| at + 1);
            line.push(look, Ink::Dim, &format!("  ← [{number}] {} s  ", record.at));
            line.push_until(look, sentence.ink, &sentence.what, look.width);
            lines.push(line);
            self.reason(&sentence.why, &sentence.cite, &mut lines);
        }
        lines.push(Line::new());
        self.say(&lines)
    }

    fn layers(&self) -> Result<(), Failure> {
        let frames = self.walk.trace().frames();
        let frame = self.walk.step().and_then(|step| self.walk.frame(&frames, step));
        match frame {
            Some(frame) => self.say(&unfold(self.walk.trace(), frame, &self.look)),
            None => self.say_text(Ink::Dim, self.look.lang.pick("no frame in this step", "这一步没有帧")),
        }
    }

    fn hops(&self) -> Result<(), Failure> {
        let Some(sent) = self.walk.step().and_then(|step| step.frame) else {
            return self.say_text(Ink::Dim, self.look.lang.pick("no frame in this step", "这一步没有帧"));
        };
        let way = way_to(self.walk.trace(), &self.walk.trace().passed_on(), sent, &self.look);
        if way.is_empty() {
            let none = self.look.lang.pick("nobody has passed this frame on", "这一帧还没有谁转发过");
            return self.say_text(Ink::Dim, none);
        }
        self.say(&way)
    }

    fn variables(&self) -> Result<(), Failure> {
        let Some(step) = self.walk.step() else { return Ok(()) };
        let look = &self.look;
        let snapshot = Snapshot::at(self.walk.trace(), step.last);
        let mut lines = Vec::new();
        for (endpoint, values) in &snapshot.variables {
            let info = self.walk.trace().endpoint(*endpoint);
            let state = snapshot.states.get(endpoint).map_or("", |state| state.name());
            let remote = info.remote.map(|remote| format!(" — {remote}")).unwrap_or_default();
            let title = format!("{} {}{remote}  {state}", self.walk.trace().host_name(info.host), info.local);
            lines.push(Line::of(look, Ink::Heading, &look.fit(&title, look.width)));
            let bases = snapshot.bases(*endpoint);
            let list: Vec<String> = values
                .iter()
                .map(|(name, value)| format!("{name}\u{a0}{}", variable_words(name, *value, bases, look)))
                .collect();
            for text in look.wrap(&list.join("  "), look.width - 2) {
                let mut line = Line::new();
                line.to(2).push(look, Ink::Plain, &text);
                lines.push(line);
            }
        }
        if lines.is_empty() {
            let text = look.lang.pick("no connection has variables now", "此刻没有带变量的连接");
            lines.push(Line::of(look, Ink::Dim, text));
        }
        lines.push(Line::new());
        self.say(&lines)
    }

    /// What if this step's frame were lost?
    fn drop(&mut self) -> Result<(), Failure> {
        let sent = self.walk.step().and_then(|step| step.frame);
        match sent.and_then(|sent| self.walk.pattern(sent)) {
            Some(pattern) => self.grow(Change::Drop(pattern)),
            None => {
                let text = self.look.lang.pick("no frame to drop in this step", "这一步没有可丢的帧");
                self.say_text(Ink::Dim, text)
            }
        }
    }

    /// What if a knob had another value?
    fn set(&mut self, typed: &str) -> Result<(), Failure> {
        if let Some((key, value)) = typed.split_once('=') {
            return self.grow(Change::Set(key.trim().to_owned(), value.trim().to_owned()));
        }
        let lang = self.look.lang;
        let knobs = self.walk.plan().map_or(&[][..], |plan| &plan.knobs);
        if knobs.is_empty() {
            return self.say_text(Ink::Dim, lang.pick("this scenario has no knobs", "这个场景没有旋钮"));
        }
        let mut lines = vec![Line::of(
            &self.look,
            Ink::Dim,
            lang.pick("set and KEY=VALUE; the knobs:", "set 后面写 键=值；旋钮有："),
        )];
        for knob in knobs {
            let mut line = Line::new();
            let known = format!("{}={}", knob.name, knob.value);
            line.to(2).push(&self.look, Ink::Call, &known).push(&self.look, Ink::Plain, "  ");
            line.push_until(&self.look, Ink::Plain, knob.means.get(lang), self.look.width);
            lines.push(line);
        }
        self.say(&lines)
    }

    /// Runs everything again with one thing changed, and stands where the runs part.
    fn grow(&mut self, change: Change) -> Result<(), Failure> {
        let lang = self.look.lang;
        match self.walk.grow(change) {
            Ok(branch) => {
                let name = branch.name().unwrap_or_default();
                let same = branch.parts_at.is_none();
                let text = match lang {
                    Lang::En if same => format!("what if {name}: nothing changes."),
                    Lang::Zh if same => format!("假如 {name}：什么也不会变。"),
                    Lang::En => format!("what if {name}: from here on it is another run."),
                    Lang::Zh => format!("假如 {name}：从这里起是另一次运行。"),
                };
                self.say_text(Ink::Warn, &text)?;
                self.show()
            }
            Err(CannotBranch::Mistakes(mistakes)) => {
                let text: String =
                    mistakes.iter().map(|mistake| mistake.render(lang, self.look.color)).collect();
                out::print(lang, &text)
            }
            Err(why) => self.say_text(Ink::Dim, why.words().get(lang)),
        }
    }

    /// Lists the branches, or goes over to one.
    fn branch(&mut self, typed: &str) -> Result<(), Failure> {
        if let Ok(number) = typed.parse::<usize>()
            && number.checked_sub(1).is_some_and(|place| self.walk.switch(place))
        {
            return self.show();
        }
        let look = &self.look;
        let lines: Vec<Line> = (self.walk.branches().iter().enumerate())
            .map(|(place, branch)| {
                let mut line = Line::new();
                let here = if place == self.walk.branch() { "▸" } else { " " };
                line.push(look, Ink::Heading, &format!("{} {}  ", look.clean(here), place + 1));
                line.push_until(look, Ink::Plain, branch.growth().get(look.lang), look.width);
                line
            })
            .collect();
        self.say(&lines)
    }

    /// Gives the present branch a name, or takes it away again.
    fn name(&mut self, typed: &str) -> Result<(), Failure> {
        self.walk.rename(self.walk.branch(), typed);
        self.branch("")
    }

    /// Forgets a branch.
    fn forget(&mut self, typed: &str) -> Result<(), Failure> {
        let place = typed.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        if place.is_some_and(|place| self.walk.remove(place)) {
            return self.branch("");
        }
        let text = self.look.lang.pick(
            "forget and the number of a branch that grew from another",
            "forget 后面写从别的分支分出的一条的编号",
        );
        self.say_text(Ink::Dim, text)
    }
}
