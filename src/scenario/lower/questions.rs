//! Questions: where each is asked, and where its answer is found.

use super::Builder;
use super::knobs::normal;
use crate::link::{FramePattern, What, Which};
use crate::scenario::compare::{FUNCTIONS, call_name, needs, quantity, stacked_host};
use crate::scenario::cursor::{Cursor, Scene};
use crate::scenario::lex::{Word, words};
use crate::scenario::pattern::{ordinal, pattern, whole_pattern, whole_pattern_from};
use crate::scenario::reader::View;
use crate::scenario::source::{Mistake, Parse, Piece};
use crate::scenario::{Cause, Knob, Place, Question, Variation, Wanted};
use std::ops::{Range, RangeInclusive};

/// The fields of a frame that may be the answer.
pub(in crate::scenario) const FIELDS: [&str; 28] = [
    "frame.len",
    "frame.eth.source",
    "frame.eth.destination",
    "frame.tcp.seq",
    "frame.tcp.ack",
    "frame.tcp.flags",
    "frame.tcp.len",
    "frame.tcp.header_len",
    "frame.tcp.window",
    "frame.tcp.urgent",
    "frame.tcp.options",
    "frame.tcp.mss",
    "frame.tcp.wscale",
    "frame.tcp.source_port",
    "frame.tcp.destination_port",
    "frame.udp.source_port",
    "frame.udp.destination_port",
    "frame.udp.len",
    "frame.ip.source",
    "frame.ip.destination",
    "frame.ip.ttl",
    "frame.ip.id",
    "frame.ip.len",
    "frame.ip.header_len",
    "frame.ip.protocol",
    "frame.icmp.type",
    "frame.icmp.code",
    "frame.time",
];

/// What else may be the answer, beside fields and quantities.
pub(in crate::scenario) const ANSWERS: [&str; 3] = ["state", "returns", "why"];

/// How many frames can be put in order.
const FRAMES: RangeInclusive<usize> = 3..=8;

/// How many changes there can be to choose from.
const CHANGES: RangeInclusive<usize> = 2..=6;

/// What a question needs beside its answer.
struct Answer {
    wanted: Wanted,
    /// The frame without which there is no answer.
    needs: Option<FramePattern>,
}

impl Builder {
    /// The `[[question]]`s.
    pub fn questions(&mut self, file: &View<'_>, knobs: &[Knob]) -> Vec<Question> {
        let mut found = Vec::new();
        for (place, view) in file.list("question").into_iter().enumerate() {
            let number = place as u32 + 1;
            found.extend(self.question(file, &view, number, knobs));
        }
        found
    }

    fn question(
        &mut self,
        file: &View<'_>,
        view: &View<'_>,
        number: u32,
        knobs: &[Knob],
    ) -> Option<Question> {
        let ask = self.reader.text(view, "ask");
        let place = self.place(view);
        let kinds: Vec<&str> =
            ["answer", "order", "which"].into_iter().filter(|key| view.get(key).is_some()).collect();
        let wanted = match kinds[..] {
            ["order"] => self.order(view),
            ["which"] => self.which(file, view, knobs),
            [_] => self.answer(view, place),
            [] => {
                let mistake =
                    Mistake::new(view.span.clone(), "this question has no answer", "这道题没有答案");
                self.reader.report(mistake.help("answer, order or which", "写 answer、order 或 which"));
                None
            }
            [_, second, ..] => {
                let mistake = Mistake::new(
                    view.key_span(second),
                    "a question asks for one thing",
                    "一道题只能问一件事",
                );
                self.reader
                    .report(mistake.help("one of answer, order and which", "answer、order、which 三者取一"));
                None
            }
        }?;
        self.check_place(view, &wanted, place.is_some());
        self.check_extras(view, &wanted);
        let choices = self.reader.bool(view, "choices");
        let line = self.line(view.span.start);
        Some(Question { number, place, ask, wanted, choices, line })
    }

    /// `before` or `after`.
    fn place(&mut self, view: &View<'_>) -> Option<Place> {
        let before = self.pattern_under(view, "before").map(Place::Before);
        let after = self.pattern_under(view, "after").map(Place::After);
        if view.get("before").is_some() && view.get("after").is_some() {
            let mistake = Mistake::new(
                view.key_span("after"),
                "a question is asked at one place",
                "一道题只能在一处提问",
            );
            self.reader.report(mistake.help("before or after", "before 与 after 取一"));
        }
        before.or(after)
    }

    /// The pattern under the key, of a frame that must exist.
    fn pattern_under(&mut self, view: &View<'_>, key: &str) -> Option<FramePattern> {
        let piece = self.reader.piece(view, key)?;
        let read = whole_pattern(&piece.text, &mut self.scene);
        let pattern = self.settle(&piece, read)?;
        self.needed.push((pattern, piece.span));
        Some(pattern)
    }

    /// Reports a place that the answer cannot have, or one that it lacks.
    fn check_place(&mut self, view: &View<'_>, wanted: &Wanted, placed: bool) {
        let (before, after) = (view.get("before").is_some(), view.get("after").is_some());
        let mistake = match wanted {
            // What cannot be read has been reported.
            _ if (before || after) && !placed => return,
            Wanted::Field(_) if !before => Mistake::new(
                view.key_span("answer"),
                "a field needs the frame that it is read from",
                "字段要说明从哪一帧读取",
            )
            .help(
                "before = \"server > client SA #1\": asked before that frame",
                "before = \"server > client SA #1\"：在这一帧之前提问",
            ),
            Wanted::State(_) if !after => Mistake::new(
                view.key_span("answer"),
                "a state needs the moment that it is looked at",
                "状态要说明在哪一刻看",
            )
            .help(
                "after = \"client > server FA #1\": the state once that frame has arrived",
                "after = \"client > server FA #1\"：这一帧到达之后的状态",
            ),
            Wanted::Field(_) | Wanted::State(_) => return,
            Wanted::Returns { .. }
            | Wanted::Measure(_)
            | Wanted::Why(..)
            | Wanted::Order(_)
            | Wanted::Which { .. }
                if after =>
            {
                Mistake::new(
                    view.key_span("after"),
                    "`after` belongs to `answer = \"state(…)\"` only",
                    "`after` 只与 `answer = \"state(…)\"` 同用",
                )
                .help("before", "before")
            }
            Wanted::Order(_) | Wanted::Which { .. } if before => Mistake::new(
                view.key_span("before"),
                "this is asked when the whole run has been seen",
                "这类题在看完整个运行之后才提问",
            )
            .help("leave `before` out", "去掉 `before`"),
            Wanted::Returns { .. }
            | Wanted::Measure(_)
            | Wanted::Why(..)
            | Wanted::Order(_)
            | Wanted::Which { .. } => return,
        };
        self.reader.report(mistake);
    }

    /// Reports `choices` where the question offers a choice anyway, and `fails` where nothing is to fail.
    fn check_extras(&mut self, view: &View<'_>, wanted: &Wanted) {
        let offers = matches!(wanted, Wanted::Why(..) | Wanted::Order(_) | Wanted::Which { .. });
        if offers && view.get("choices").is_some() {
            let mistake = Mistake::new(
                view.key_span("choices"),
                "this question offers a choice anyway",
                "这类题本来就是选择题",
            );
            self.reader.report(mistake.help("leave `choices` out", "去掉 `choices`"));
        }
        if !matches!(wanted, Wanted::Which { .. }) && view.get("fails").is_some() {
            let mistake =
                Mistake::new(view.key_span("fails"), "`fails` belongs to `which`", "`fails` 与 `which` 同用");
            self.reader.report(mistake.help("leave it out", "去掉它"));
        }
    }

    /// `answer`.
    fn answer(&mut self, view: &View<'_>, place: Option<Place>) -> Option<Wanted> {
        let piece = self.reader.piece(view, "answer")?;
        let read = answer(&piece, &mut self.scene);
        let answer = self.settle(&piece, read)?;
        self.needed.extend(answer.needs.map(|pattern| (pattern, piece.span.clone())));
        if let (Wanted::State(_), Some(Place::After(pattern))) = (&answer.wanted, place)
            && !may_be_tcp(pattern.what)
        {
            let mistake = Mistake::new(view.key_span("after"), "only TCP has states", "只有 TCP 才有状态");
            self.reader.report(mistake.help(
                "a pattern of TCP segments, such as client > server FA",
                "写 TCP 报文段的模式，例如 client > server FA",
            ));
        }
        Some(answer.wanted)
    }

    /// `order`.
    fn order(&mut self, view: &View<'_>) -> Option<Wanted> {
        let pieces = self.reader.pieces(view, "order");
        let mut frames: Vec<FramePattern> = Vec::new();
        for piece in &pieces {
            let read = whole_pattern(&piece.text, &mut self.scene);
            let Some(pattern) = self.settle(piece, read) else { continue };
            if frames.contains(&pattern) {
                self.reader.report(Mistake::new(
                    piece.span.clone(),
                    "this frame is listed already",
                    "这一帧已经列出",
                ));
            }
            self.needed.push((pattern, piece.span.clone()));
            frames.push(pattern);
        }
        self.check_count(view, "order", pieces.len(), FRAMES);
        (frames.len() == pieces.len()).then_some(Wanted::Order(frames))
    }

    /// `which`, with `fails`.
    fn which(&mut self, file: &View<'_>, view: &View<'_>, knobs: &[Knob]) -> Option<Wanted> {
        let pieces = self.reader.pieces(view, "which");
        let mut among: Vec<Variation> = Vec::new();
        for piece in &pieces {
            let read = variation(&piece.text, knobs, &mut self.scene);
            let Some(variation) = self.settle(piece, read) else { continue };
            if among.contains(&variation) {
                self.reader.report(Mistake::new(
                    piece.span.clone(),
                    "this change is listed already",
                    "这一改动已经列出",
                ));
            }
            among.push(variation);
        }
        self.check_count(view, "which", pieces.len(), CHANGES);
        let expectations = file.list("expect").len() as i64;
        let Some(fails) = self.integer(view, "fails", 1, 1_000) else {
            let mistake =
                Mistake::new(view.key_span("which"), "which expectation is to fail?", "要使哪一条期望落空？");
            self.reader.report(mistake.help(
                "fails = 2: the number of that [[expect]], from 1",
                "fails = 2：那条 [[expect]] 的序号，从 1 数起",
            ));
            return None;
        };
        if fails > expectations {
            let mistake = Mistake::new(
                view.key_span("fails"),
                format!("there is no [[expect]] number {fails}"),
                format!("没有第 {fails} 条 [[expect]]"),
            );
            self.reader.report(
                mistake.help(format!("the file has {expectations}"), format!("文件里有 {expectations} 条")),
            );
        }
        let fails = u32::try_from(fails).unwrap_or(1);
        (among.len() == pieces.len()).then_some(Wanted::Which { fails, among })
    }

    fn check_count(&mut self, view: &View<'_>, key: &str, count: usize, wanted: RangeInclusive<usize>) {
        // A value of the wrong type has been reported.
        if view.get(key).is_some_and(|value| value.as_ref().is_array()) && !wanted.contains(&count) {
            let (low, high) = (wanted.start(), wanted.end());
            let mistake = Mistake::new(
                view.key_span(key),
                format!("`{key}` lists {count}"),
                format!("`{key}` 列出了 {count} 项"),
            );
            self.reader
                .report(mistake.help(format!("from {low} to {high}"), format!("应为 {low} 到 {high} 项")));
        }
    }
}

/// Whether a TCP segment can fit.
fn may_be_tcp(what: What) -> bool {
    match what {
        What::Any | What::Tcp(_) | What::BareAck | What::Data | What::AnyTcp | What::Ip6 => true,
        What::Udp | What::Icmp | What::Arp | What::Icmp6 | What::NeighbourDiscovery | What::Tree => false,
    }
}

/// A whole answer.
fn answer(piece: &Piece, scene: &mut Scene) -> Parse<Answer> {
    let text = piece.text.trim();
    if text.starts_with("frame.") {
        return field(text, piece).map(|field| Answer { wanted: Wanted::Field(field), needs: None });
    }
    let tokens = words(&piece.text, 0)?;
    let mut cursor = Cursor::new(&tokens, piece.text.len());
    let name = match cursor.peek() {
        Some(Word::Name(name)) => *name,
        _ => "",
    };
    let found = if ANSWERS.contains(&name) {
        cursor.advance();
        cursor.expect_sign("(")?;
        let found = called(name, &mut cursor, scene)?;
        cursor.expect_sign(")")?;
        found
    } else {
        known_quantity(name, &cursor, scene)?;
        let quantity = quantity(&mut cursor, scene)?;
        let needs = needs(&quantity);
        Answer { wanted: Wanted::Measure(quantity), needs }
    };
    cursor.expect_end()?;
    Ok(found)
}

/// The field of that name.
fn field(text: &str, piece: &Piece) -> Parse<&'static str> {
    FIELDS.into_iter().find(|field| *field == text).ok_or_else(|| {
        let mistake = Mistake::new(
            0..piece.text.len(),
            format!("`{text}` is nothing a frame can answer"),
            format!("帧里没有 `{text}` 可作答案"),
        );
        Box::new(mistake.known(text, FIELDS))
    })
}

/// An error that names all answers, where the first word begins none.
fn known_quantity(name: &str, cursor: &Cursor<'_>, scene: &Scene) -> Parse<()> {
    let known = || FUNCTIONS.into_iter().chain(ANSWERS).chain(["end"]);
    if name.is_empty() || known().any(|known| known == name) || scene.host(name).is_some() {
        return Ok(());
    }
    let span: Range<usize> = cursor.span();
    let mistake =
        Mistake::new(span, format!("`{name}` begins no answer"), format!("没有以 `{name}` 开头的答案"));
    let near = crate::scenario::nearest(name, known());
    Err(Box::new(if near.is_empty() {
        mistake.help(
            "frame.…, state(…), returns(…), why(…), or a quantity such as count(…)",
            "frame.…、state(…)、returns(…)、why(…)，或一个量，例如 count(…)",
        )
    } else {
        mistake.known(name, known())
    }))
}

/// What stands in the parentheses of `state(…)` and the like.
fn called(name: &str, cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<Answer> {
    let answer = |wanted| Answer { wanted, needs: None };
    Ok(match name {
        "state" => answer(Wanted::State(stacked_host(cursor, scene)?)),
        "returns" => {
            let host = stacked_host(cursor, scene)?;
            cursor.expect_sign(",")?;
            let call = call_name(cursor)?;
            let nth = if cursor.sign("#") { ordinal(cursor, scene)? } else { 1 };
            answer(Wanted::Returns { host, call, nth })
        }
        _ => {
            let pattern = pattern(cursor, scene)?;
            let cause = if !cursor.sign(",") {
                Cause::Sent
            } else if cursor.keyword("lost") {
                Cause::Lost
            } else if cursor.keyword("dropped") {
                Cause::Dropped
            } else {
                return Err(cursor.expected("`lost` or `dropped`", "`lost` 或 `dropped`"));
            };
            Answer { wanted: Wanted::Why(pattern, cause), needs: Some(pattern) }
        }
    })
}

/// `--set KEY=VALUE` or `--drop PATTERN`.
fn variation(text: &str, knobs: &[Knob], scene: &mut Scene) -> Parse<Variation> {
    let start = text.len() - text.trim_start().len();
    let written = text.trim();
    let whole = start..start + written.len();
    let (option, rest) = written.split_once(char::is_whitespace).unwrap_or((written, ""));
    let base = start + written.len() - rest.trim_start().len();
    match option {
        "--set" => set(rest.trim(), base, knobs),
        "--drop" => {
            let quotes = ['\'', '"'];
            let bare = rest.trim().trim_matches(quotes);
            let base = base + usize::from(rest.trim().starts_with(quotes));
            let pattern = whole_pattern_from(bare, base, scene)?;
            if pattern.which == Which::Every && pattern.what == What::Any {
                scene.report(Mistake::new(whole, "this loses everything", "这会丢掉所有帧").help(
                    "name the frames, such as server > client SA #1",
                    "写明是哪些帧，例如 server > client SA #1",
                ));
            }
            Ok(Variation::Drop(pattern, bare.to_owned()))
        }
        _ => Err(Box::new(Mistake::new(whole, "this is no change of a run", "这不是对运行的改动").help(
            "--set KEY=VALUE or --drop PATTERN, as on the command line",
            "像命令行那样写 --set 键=值 或 --drop 模式",
        ))),
    }
}

/// `KEY=VALUE`, which stands at octet `base`.
fn set(text: &str, base: usize, knobs: &[Knob]) -> Parse<Variation> {
    let end = base + text.len();
    let Some((key, value)) = text.split_once('=') else {
        let mistake = Mistake::new(base..end, "KEY=VALUE is wanted", "应为 键=值");
        return Err(Box::new(mistake.help("such as --set backlog=16", "例如 --set backlog=16")));
    };
    let place = base + key.len() + 1..end;
    let (key, value) = (key.trim(), value.trim());
    if key == "profile" {
        if matches!(value, "linux" | "rfc9293") {
            return Ok(Variation::Set(key.to_owned(), value.to_owned()));
        }
        let mistake = Mistake::new(
            place,
            format!("there is no profile `{value}`"),
            format!("没有名为 `{value}` 的协议行为集"),
        );
        return Err(Box::new(mistake.known(value, ["linux", "rfc9293"])));
    }
    let Some(knob) = knobs.iter().find(|knob| knob.name == key) else {
        let mistake = Mistake::new(
            base..base + key.len(),
            format!("this scenario has no knob `{key}`"),
            format!("这个场景没有名为 `{key}` 的旋钮"),
        );
        return Err(Box::new(mistake.known(key, knobs.iter().map(|knob| knob.name.as_str()))));
    };
    match normal(&knob.kind, value) {
        Ok(_) => Ok(Variation::Set(key.to_owned(), value.to_owned())),
        Err((message, help)) => Err(Box::new(Mistake { span: place, message, help })),
    }
}
