//! The wire, what goes wrong on it, the live side and the bounds of the run.

use super::{Builder, limits};
use crate::clock::Span;
use crate::scenario::number::rate;
use crate::scenario::pattern::whole_pattern;
use crate::scenario::reader::View;
use crate::scenario::source::Mistake;
use crate::scenario::{Fault, FaultEffect, Limits, LiveMode, LivePlan, WirePlan};
use toml::de::DeValue;

/// Delay of a wire whose scenario names none.
const DELAY: Span = Span::millis(1);
/// Frames that wait where a scenario names no queue.
const QUEUE: i64 = 100;
/// Ethernet's largest IP packet.
const MTU: i64 = 1500;
/// The names of the effects, one of which each fault has.
const EFFECTS: [&str; 5] = ["drop", "delay", "duplicate", "corrupt", "mark"];

impl Builder {
    /// `[wire]`.
    pub fn wire(&mut self, file: &View<'_>) -> WirePlan {
        let Some(view) = file.table("wire") else {
            let (queue, mtu) = (QUEUE as u32, MTU as u16);
            return WirePlan {
                delay: DELAY,
                delay_given: false,
                rate: None,
                queue,
                red: None,
                mtu,
                arp: false,
            };
        };
        let delay = self.time(&view, "delay");
        let octets = self.rate(&view);
        WirePlan {
            delay: delay.unwrap_or(DELAY),
            delay_given: delay.is_some(),
            rate: octets,
            queue: self.integer(&view, "queue", 1, 1_000_000).unwrap_or(QUEUE) as u32,
            red: self.red(&view, octets),
            mtu: self.integer(&view, "mtu", 68, 65_535).unwrap_or(MTU) as u16,
            arp: self.reader.bool(&view, "arp"),
        }
    }

    /// The rate of a wire or a link, octets per second.
    pub fn rate(&mut self, view: &View<'_>) -> Option<u64> {
        let piece = self.reader.piece(view, "rate");
        let octets = piece.as_ref().and_then(|piece| rate(&piece.text));
        if let (Some(piece), None) = (piece, octets) {
            let mistake = Mistake::new(
                piece.span,
                format!("`{}` is no rate", piece.text),
                format!("`{}` 不是速率", piece.text),
            );
            self.reader.report(mistake.help("such as 10Mbit/s or 1.25MB/s", "例如 10Mbit/s 或 1.25MB/s"));
        }
        octets
    }

    /// The `[[fault]]`s.
    pub fn faults(&mut self, file: &View<'_>) -> Vec<Fault> {
        file.list("fault").iter().filter_map(|view| self.fault(view)).collect()
    }

    fn fault(&mut self, view: &View<'_>) -> Option<Fault> {
        let given: Vec<&str> = EFFECTS.into_iter().filter(|name| view.get(name).is_some()).collect();
        let [effect] = given[..] else {
            let (en, zh) = if given.is_empty() {
                ("this fault says not what it does", "这个故障没有说明做什么")
            } else {
                ("a fault does one thing", "一个故障只做一件事")
            };
            let mistake = Mistake::new(view.span.clone(), en, zh);
            self.reader.report(mistake.help(
                "one of drop, delay, duplicate, corrupt, mark",
                "drop、delay、duplicate、corrupt、mark 之一",
            ));
            return None;
        };
        let piece = self.reader.piece(view, effect)?;
        let read = whole_pattern(&piece.text, &mut self.scene);
        let pattern = self.settle(&piece, read)?;
        self.needed.push((pattern, piece.span));
        let by = self.time(view, "by");
        let effect = match (effect, by) {
            ("drop", None) => FaultEffect::Drop,
            ("corrupt", None) => FaultEffect::Corrupt,
            ("mark", None) => FaultEffect::Mark,
            ("duplicate", by) => FaultEffect::Duplicate(by.unwrap_or_default()),
            ("delay", Some(by)) => FaultEffect::Delay(by),
            ("delay", None) => {
                let mistake = Mistake::new(view.key_span("delay"), "how much later?", "推迟多久？");
                self.reader.report(mistake.help("by = \"300ms\"", "by = \"300ms\""));
                return None;
            }
            (other, Some(_)) => {
                let mistake = Mistake::new(
                    view.key_span("by"),
                    format!("`by` means nothing with `{other}`"),
                    format!("`{other}` 用不着 `by`"),
                );
                self.reader
                    .report(mistake.help("only delay and duplicate have it", "只有 delay 和 duplicate 才有"));
                return None;
            }
            (_, None) => return None,
        };
        Some(Fault { pattern, effect, per_million: self.per_million(view, "probability") })
    }

    /// A probability in parts per million; always, where the key is missing.
    pub fn per_million(&mut self, view: &View<'_>, key: &str) -> u32 {
        const ALWAYS: u32 = 1_000_000;
        let Some(value) = view.get(key) else { return ALWAYS };
        let text = match value.as_ref() {
            DeValue::Float(number) => number.as_str().to_owned(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::String(_) => self.reader.piece_of(value).map(|piece| piece.text).unwrap_or_default(),
            DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
                return ALWAYS;
            }
        };
        let (number, scale) = match text.trim().strip_suffix('%') {
            Some(percent) => (percent.trim(), 100.0),
            None => (text.trim(), 1.0),
        };
        match number.replace('_', "").parse::<f64>().map(|number| number / scale) {
            Ok(share) if (0.0..=1.0).contains(&share) => (share * f64::from(ALWAYS)).round() as u32,
            Ok(_) | Err(_) => {
                let mistake = Mistake::new(
                    value.span(),
                    format!("`{text}` is no probability"),
                    format!("`{text}` 不是概率"),
                );
                self.reader
                    .report(mistake.help("a number from 0 to 1, or \"20%\"", "0 到 1 之间的数，或 \"20%\""));
                ALWAYS
            }
        }
    }

    /// `[live]`.
    pub fn live(&mut self, file: &View<'_>, wire: &WirePlan, faults: &[Fault], links: bool) -> LivePlan {
        let Some(view) = file.table("live") else { return LivePlan::default() };
        let impossible = view.get("impossible").map(|_| self.reader.text(&view, "impossible"));
        let mode = match self.reader.piece(&view, "mode").map(|piece| piece.text).as_deref() {
            Some("loopback") => Some(LiveMode::Loopback),
            Some("wire") => Some(LiveMode::Wire),
            Some(_) | None => None,
        };
        if mode == Some(LiveMode::Loopback)
            && (links || !faults.is_empty() || wire.delay_given || wire.arp || wire.rate.is_some())
        {
            let mistake = Mistake::new(
                view.key_span("mode"),
                "loopback has no links, delay, rate, ARP or faults",
                "环回接口没有链路、时延、速率、ARP 和故障",
            );
            self.reader.report(mistake.help("mode = \"wire\", or nothing", "用 mode = \"wire\"，或者不写"));
        }
        let quick_until = self.time(&view, "quick_until");
        let mut explain = Vec::new();
        for piece in self.reader.pieces(&view, "explain") {
            let right = !piece.text.is_empty()
                && piece.text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            if right {
                explain.push(piece.text);
            } else {
                let mistake = Mistake::new(
                    piece.span,
                    format!("`{}` is no rule's name", piece.text),
                    format!("`{}` 不是规则名", piece.text),
                );
                self.reader.report(mistake.help("lower-case words joined by `-`", "用 `-` 连接的小写单词"));
            }
        }
        LivePlan { impossible, mode, quick_until, explain }
    }

    /// `[limits]`.
    pub fn limits(&mut self, file: &View<'_>) -> Limits {
        let mut found = Limits {
            time: limits::TIME_DEFAULT,
            records: limits::RECORDS,
            frames: limits::FRAMES_DEFAULT,
            octets: limits::OCTETS,
        };
        let Some(view) = file.table("limits") else { return found };
        if let Some(time) = self.time(&view, "time") {
            found.time = time;
        }
        if let Some(records) = self.integer(&view, "records", 1, limits::RECORDS as i64) {
            found.records = records as u64;
        }
        if let Some(frames) = self.integer(&view, "frames", 1, limits::FRAMES as i64) {
            found.frames = frames as u64;
        }
        found
    }
}
