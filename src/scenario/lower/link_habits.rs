//! How a link behaves beside rate and delay: what it loses, when it is down, how its queue tells senders, duplex; and the
//! spanning tree of a switch.

use super::Builder;
use crate::clock::Span;
use crate::link::{Bursts, LossModel, LostList, RedSettings};
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::words;
use crate::scenario::limits;
use crate::scenario::number::time;
use crate::scenario::reader::{View, integer};
use crate::scenario::source::{Mistake, suggestion};
use crate::scenario::{DownTime, TreePlan};
use toml::de::DeValue;

/// The path costs that IEEE 802.1D-1998 (table 8-5) recommends, by octets per second: the first row that is fast enough.
const COSTS: [(u64, u32); 5] =
    [(1_250_000_000, 2), (125_000_000, 4), (12_500_000, 19), (1_250_000, 100), (500_000, 250)];

impl Builder {
    /// `loss`: a probability, or `{ good, bad, to_bad, to_good }`.
    pub(super) fn loss(&mut self, view: &View<'_>) -> LossModel {
        if view.get("loss").is_none() {
            return LossModel::Never;
        }
        match view.table("loss") {
            Some(bursts) => {
                let or_never = |builder: &mut Self, key: &str| match bursts.get(key) {
                    Some(_) => builder.per_million(&bursts, key),
                    None => 0,
                };
                LossModel::Bursts(Bursts {
                    good: or_never(self, "good"),
                    bad: self.per_million(&bursts, "bad"),
                    to_bad: or_never(self, "to_bad"),
                    to_good: or_never(self, "to_good"),
                })
            }
            None => match self.per_million(view, "loss") {
                0 => LossModel::Never,
                per_million => LossModel::Independent { per_million },
            },
        }
    }

    /// `lose`: `[3, 7]` of all frames, or `{ a = [3] }` of those that an end sends.
    pub(super) fn lost_list(&mut self, view: &View<'_>, ends: [&str; 2]) -> LostList {
        let mut list = LostList::default();
        let Some(value) = view.get("lose") else { return list };
        match value.as_ref() {
            DeValue::Array(_) => list.whole = self.numbers(value),
            DeValue::Table(table) => {
                for (key, value) in table.iter() {
                    let name: &str = key.as_ref();
                    match ends.iter().position(|end| *end == name) {
                        Some(side) => list.ends[side] = self.numbers(value),
                        None => {
                            let mut mistake = Mistake::new(
                                key.span(),
                                format!("`{name}` is no end of this link"),
                                format!("`{name}` 不是这条链路的端点"),
                            );
                            mistake.help = suggestion(name, ends);
                            self.reader.report(mistake);
                        }
                    }
                }
            }
            _ => {}
        }
        list
    }

    /// Which frames, counted from 1.
    fn numbers(&mut self, value: &toml::Spanned<DeValue<'_>>) -> Vec<u64> {
        let Some(items) = value.as_ref().as_array() else { return Vec::new() };
        let mut numbers = Vec::new();
        for item in items.iter().take(limits::LOST) {
            let number = match item.as_ref() {
                DeValue::Integer(number) => integer(number).and_then(|number| u64::try_from(number).ok()),
                _ => None,
            };
            match number.filter(|number| *number > 0) {
                Some(number) => numbers.push(number),
                None => {
                    let mistake = Mistake::new(item.span(), "this is no frame's number", "这不是帧的编号");
                    self.reader.report(mistake.help("frames are counted from 1", "帧从 1 开始编号"));
                }
            }
        }
        if items.len() > limits::LOST {
            let (most, count) = (limits::LOST, items.len());
            let mistake =
                Mistake::new(value.span(), format!("these are {count} frames"), format!("共列出 {count} 帧"));
            self.reader.report(mistake.help(format!("at most {most}"), format!("最多 {most} 帧")));
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// `down`: `"2s..5s"`, or `"2s.."` for good.
    pub(super) fn down_times(&mut self, view: &View<'_>) -> Vec<DownTime> {
        let mut times: Vec<DownTime> = Vec::new();
        for piece in self.reader.pieces(view, "down") {
            let scene = &mut self.scene;
            let read = words(&piece.text, 0).and_then(|tokens| {
                let mut cursor = Cursor::new(&tokens, piece.text.len());
                let from = time(&mut cursor, scene)?;
                cursor.expect_sign("..")?;
                let to = if cursor.is_done() { None } else { Some(time(&mut cursor, scene)?) };
                cursor.expect_end()?;
                Ok((from, to))
            });
            let span = piece.span.clone();
            let Some((from, to)) = self.settle(&piece, read) else { continue };
            let after_last = times.last().is_none_or(|last| last.to.is_some_and(|to| to < from));
            if to.is_some_and(|to| to <= from) || !after_last {
                let mistake =
                    Mistake::new(span, "these times are not one after another", "这些时间没有按先后排列");
                self.reader
                    .report(mistake.help("down = [\"2s..5s\", \"7s..\"]", "down = [\"2s..5s\", \"7s..\"]"));
                continue;
            }
            times.push(DownTime { from, to });
        }
        times
    }

    /// `red`: random early detection; it needs a `rate`, or no queue forms.
    pub(super) fn red(&mut self, view: &View<'_>, rate: Option<u64>) -> Option<RedSettings> {
        let table = view.table("red")?;
        if rate.is_none() {
            let mistake = Mistake::new(
                view.key_span("red"),
                "without a rate no queue forms, and `red` has nothing to watch",
                "没有速率就不会排队，`red` 没有用处",
            );
            self.reader.report(mistake.help("rate = \"10Mbit/s\"", "rate = \"10Mbit/s\""));
        }
        let settings = RedSettings {
            min: self.integer(&table, "min", 1, 1_000_000).unwrap_or(5) as u32,
            max: self.integer(&table, "max", 2, 1_000_000).unwrap_or(15) as u32,
            per_million: match table.get("probability") {
                Some(_) => self.per_million(&table, "probability"),
                None => 100_000,
            },
            weight: match table.get("weight") {
                Some(_) => self.per_million(&table, "weight"),
                None => 2_000,
            },
            gentle: self.reader.bool(&table, "gentle"),
            ecn: self.reader.bool(&table, "ecn"),
        };
        if settings.max <= settings.min {
            let mistake = Mistake::new(
                table.key_span("max"),
                format!("max {} is not above min {}", settings.max, settings.min),
                format!("max {} 没有大于 min {}", settings.max, settings.min),
            );
            self.reader.report(
                mistake.help("three times min is a good max (RFC 2309)", "max 取 min 的三倍为宜（RFC 2309）"),
            );
        }
        Some(settings)
    }

    /// What the way over a link of that rate costs, unless the link says so itself.
    pub(super) fn path_cost(&mut self, view: &View<'_>, rate: Option<u64>) -> u32 {
        if let Some(cost) = self.integer(view, "cost", 1, 65_535) {
            return cost as u32;
        }
        let rate = rate.unwrap_or(u64::MAX);
        COSTS.iter().find(|(octets, _)| rate >= *octets).map_or(250, |(_, cost)| *cost)
    }

    /// `spanning_tree` of a switch, with `priority`, `hello`, `forward_delay`, `max_age`.
    pub(super) fn tree(&mut self, view: &View<'_>) -> Option<TreePlan> {
        let runs = self.reader.bool(view, "spanning_tree");
        for key in ["priority", "hello", "forward_delay", "max_age"] {
            if !runs && view.get(key).is_some() {
                let mistake = Mistake::new(
                    view.key_span(key),
                    format!("without spanning tree `{key}` means nothing"),
                    format!("没有生成树，`{key}` 没有意义"),
                );
                self.reader.report(mistake.help("spanning_tree = true", "spanning_tree = true"));
            }
        }
        let plan = TreePlan {
            priority: self.integer(view, "priority", 0, 65_535).unwrap_or(0x8000) as u16,
            hello: self.tree_time(view, "hello", 1..=10, 2),
            forward_delay: self.tree_time(view, "forward_delay", 2..=30, 15),
            max_age: self.tree_time(view, "max_age", 6..=40, 20),
        };
        runs.then_some(plan)
    }

    /// A time of spanning tree, whose bounds are those of the standard (and of the kernel), seconds.
    fn tree_time(
        &mut self,
        view: &View<'_>,
        key: &str,
        bounds: std::ops::RangeInclusive<u64>,
        usual: u64,
    ) -> Span {
        let found = self.time(view, key).unwrap_or(Span::secs(usual));
        let (least, most) = (*bounds.start(), *bounds.end());
        if found < Span::secs(least) || found > Span::secs(most) {
            let mistake = Mistake::new(
                view.key_span(key),
                format!("{found} is no {key} of a bridge"),
                format!("网桥的 {key} 不能是 {found}"),
            );
            self.reader
                .report(mistake.help(format!("from {least}s to {most}s"), format!("{least}s 到 {most}s")));
        }
        found
    }

    /// Spanning tree never rests, so the file must say when the run ends.
    pub(super) fn check_tree_ends(&mut self, file: &View<'_>) {
        if file.get("until").is_some() {
            return;
        }
        let runs = |(_, view): &(&str, View<'_>)| view.get("spanning_tree").is_some();
        if let Some((_, view)) = file.named("switch").into_iter().find(runs)
            && self.reader.bool(&view, "spanning_tree")
        {
            let mistake = Mistake::new(
                view.key_span("spanning_tree"),
                "spanning tree speaks for ever, and nothing says when the run ends",
                "生成树会一直说下去，而文件没有说运行何时结束",
            );
            self.reader.report(mistake.help("until = \"30s\"", "until = \"30s\""));
        }
    }
}
