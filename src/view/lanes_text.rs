//! A sequence diagram drawn as text: the time, what stands beside the first lane, the lanes and what goes between them,
//! what stands beside the last lane.

use super::lanes::{Across, Arrow, Aside, Beside, Diagram, Part, Row};
use super::{Ink, Line, Look};
use crate::clock::Instant;
use crate::trace::RecordId;
use std::borrow::Cow;
use std::ops::Range;

/// So many rows at most lie between where a frame that others cross leaves and where it arrives.
const FLIGHT: usize = 64;

/// What an arrow takes beside its words: a piece of shaft and a space on either side, and its head.
const LEAST_SHAFT: usize = 5;

/// Where everything stands, in cells.
#[derive(Clone, Debug)]
struct Columns {
    time: usize,
    left: usize,
    /// Room between lane n and lane n + 1.
    between: Vec<usize>,
    right: usize,
    lane: usize,
    decimals: usize,
    /// There is no room beside the lanes: words have lines of their own, between them.
    narrow: bool,
}

/// The diagram as lines.
pub fn draw(diagram: &Diagram, look: &Look) -> Vec<Line> {
    let drawing = Drawing::new(diagram, look);
    let rows = drawing.rows(diagram, 0..diagram.rows.len()).into_iter().flatten();
    drawing.heading(diagram).into_iter().chain(rows).collect()
}

/// How a diagram is drawn as text, for whoever draws it part by part.
#[derive(Clone, Debug)]
pub struct Drawing {
    look: Look,
    columns: Columns,
}

impl Drawing {
    /// For that diagram.
    pub fn new(diagram: &Diagram, look: &Look) -> Drawing {
        Drawing { look: look.clone(), columns: Columns::new(diagram, look) }
    }

    fn painter(&self) -> Painter<'_> {
        Painter { look: &self.look, columns: &self.columns, flying: Vec::new(), shown: None }
    }

    /// The names of the lanes.
    pub fn heading(&self, diagram: &Diagram) -> Vec<Line> {
        self.painter().heading(diagram)
    }

    /// These rows, each as its lines.
    pub fn rows(&self, diagram: &Diagram, range: Range<usize>) -> Vec<Vec<Line>> {
        // Frames on their way when the range begins have left not far above.
        let warm = range.start.saturating_sub(FLIGHT);
        let mut painter = self.painter();
        let mut rows = Vec::with_capacity(range.len());
        for (at, row) in diagram.rows.iter().enumerate().take(range.end).skip(warm) {
            let mut lines = Vec::new();
            painter.row(row, &mut lines);
            if at >= range.start {
                rows.push(lines);
            }
        }
        rows
    }
}

/// A time with that many decimals of a second.
pub fn time(at: Instant, decimals: usize) -> String {
    let ns = at.as_nanos();
    let (whole, part) = (ns / 1_000_000_000, ns % 1_000_000_000);
    match decimals {
        0..=3 => format!("{whole}.{:03}", part / 1_000_000),
        _ => format!("{whole}.{:06}", part / 1_000),
    }
}

/// Three decimals where they tell moments apart, six where the run is over within a second and they do not.
pub fn decimals(times: impl Iterator<Item = Instant>) -> usize {
    let mut last = Instant::ZERO;
    let mut odd = false;
    for at in times {
        odd |= at.as_nanos() % 1_000_000 != 0;
        last = last.max(at);
    }
    if odd && last.as_nanos() < 1_000_000_000 { 6 } else { 3 }
}

impl Columns {
    fn new(diagram: &Diagram, look: &Look) -> Columns {
        let decimals = decimals(diagram.rows.iter().map(|row| row.at));
        let longest = diagram.rows.iter().map(|row| time(row.at, decimals).len()).max().unwrap_or(5);
        let time = longest.max(6) + 1;
        let lane = look.text_width("│");
        let lanes = diagram.lanes.len().max(1);
        let room = look.width.saturating_sub(time + lanes * lane);
        if look.width < Look::NARROWEST {
            let gaps = lanes.saturating_sub(1).max(1);
            let between = vec![(room / gaps).max(4); lanes - 1];
            let right = if lanes == 1 { room.max(4) } else { 0 };
            return Columns { time, left: 0, between, right, lane, decimals, narrow: true };
        }
        if lanes == 2 {
            let labels = diagram.rows.iter().filter_map(|row| row.arrow.as_ref());
            let widest = labels.map(|arrow| look.text_width(&arrow.label)).max().unwrap_or(0);
            let between = (widest + 6).clamp(22, room.saturating_sub(30));
            let left = (room - between) / 2;
            let right = room - between - left;
            return Columns { time, left, between: vec![between], right, lane, decimals, narrow: false };
        }
        let gaps = lanes.saturating_sub(1).max(1);
        // What stands beside the outer lanes can go on below, what stands on an arrow cannot.
        let roomy = room.saturating_sub(16.min(room / 4) + 15.min(room / 4)) / gaps;
        let tight = room.saturating_sub(14.min(room / 4) + 13.min(room / 4)) / gaps;
        let neighbours = diagram.rows.iter().filter_map(|row| row.arrow.as_ref());
        let neighbours = neighbours.filter(|arrow| arrow.from.abs_diff(arrow.to) == 1);
        let widest = neighbours.map(|arrow| look.text_width(&arrow.label)).max().unwrap_or(0);
        let between = vec![(widest + LEAST_SHAFT).clamp(roomy, tight.max(roomy)); lanes.saturating_sub(1)];
        let beside = room.saturating_sub(between.iter().sum::<usize>());
        let left = beside.div_ceil(2);
        let right = beside - left;
        Columns { time, left, between, right, lane, decimals, narrow: false }
    }

    /// The column of a lane.
    fn lane_at(&self, lane: usize) -> usize {
        let between: usize = self.between.iter().take(lane).sum();
        self.time + self.left + between + lane * self.lane
    }
}

/// Words that continue on further lines beside a lane.
type Overflow = Vec<(usize, Beside, Vec<String>)>;

struct Painter<'a> {
    look: &'a Look,
    columns: &'a Columns,
    /// Frames under way that other frames cross: record, gap, column within it.
    flying: Vec<(RecordId, usize, usize)>,
    shown: Option<Instant>,
}

impl Painter<'_> {
    fn heading(&self, diagram: &Diagram) -> Vec<Line> {
        let look = self.look;
        let label = look.lang.pick("time", "时间");
        let mut line = Line::new();
        line.push_right(look, Ink::Dim, label, self.columns.time - 1);
        let [left, right] = diagram.lanes.as_slice() else { return self.heading_of_many(diagram, line) };
        let words =
            |lane: &super::lanes::Lane| format!("{} {}", lane.name, lane.address).trim_end().to_owned();
        let right_words = if self.columns.narrow { right.name.clone() } else { words(right) };
        let right_at = (look.width - look.text_width(&right_words).min(look.width))
            .min(self.columns.lane_at(1).saturating_sub(3));
        line.to(self.columns.time + 1);
        line.push_until(look, Ink::Heading, &left.name, right_at - 2);
        line.push_until(look, Ink::Dim, &format!(" {}", left.address), right_at - 2);
        line.to(right_at);
        line.push_until(look, Ink::Heading, &right.name, look.width);
        line.push_until(look, Ink::Dim, &format!(" {}", right.address), look.width);
        vec![line]
    }

    fn heading_of_many(&self, diagram: &Diagram, mut names: Line) -> Vec<Line> {
        let look = self.look;
        let mut addresses = Line::new();
        for (at, lane) in diagram.lanes.iter().enumerate() {
            let end =
                if at + 1 < diagram.lanes.len() { self.columns.lane_at(at + 1) - 3 } else { look.width };
            let start = (self.columns.lane_at(at).saturating_sub(2)).max(names.width() + 1);
            names.to(start).push_until(look, Ink::Heading, &lane.name, end);
            addresses.to(start.max(addresses.width() + 1)).push_until(look, Ink::Dim, &lane.address, end);
        }
        // Of switches alone there is no address to tell.
        if diagram.lanes.iter().all(|lane| lane.address.is_empty()) {
            vec![names]
        } else {
            vec![names, addresses]
        }
    }

    fn row(&mut self, row: &Row, lines: &mut Vec<Line>) {
        let (first, rest) = parted(row);
        self.part(&first, lines);
        if let Some(rest) = rest {
            self.part(&rest, lines);
        }
    }

    fn part(&mut self, row: &Row, lines: &mut Vec<Line>) {
        if let Some(across) = &row.across {
            return self.across(row.at, across, lines);
        }
        if self.columns.narrow && row.asides.len() > 1 {
            return self.narrow_row(row, lines);
        }
        let mut line = Line::new();
        if self.shown != Some(row.at) && !row.is_bare() {
            self.shown = Some(row.at);
            line.push_right(self.look, Ink::Dim, &time(row.at, self.columns.decimals), self.columns.time - 1);
        }
        if let Some((lane, aside)) = self.sprawls(row) {
            return self.sprawling(line, lane, aside, lines);
        }
        let mut overflow = self.lanes(&mut line, row.arrow.as_ref(), &row.asides);
        lines.push(line);
        while overflow.iter().any(|(_, _, rest)| !rest.is_empty()) {
            let mut asides: Vec<Option<Aside>> = vec![None; row.asides.len()];
            for (lane, what, rest) in &mut overflow {
                if !rest.is_empty() {
                    // Only the first line hangs on the lane.
                    let what = match what {
                        Beside::Call => Beside::Note,
                        Beside::Error => Beside::Trouble,
                        Beside::State | Beside::Note | Beside::Trouble => *what,
                    };
                    asides[*lane] = Some(Aside { what, text: rest.remove(0), short: None });
                }
            }
            let mut line = Line::new();
            self.lanes(&mut line, None, &asides);
            lines.push(line);
        }
    }

    /// The lane and the words of a row that holds nothing else, where they are trouble and too long for the room beside the
    /// lane: they may go on over the other lanes.
    fn sprawls<'r>(&self, row: &'r Row) -> Option<(usize, &'r Aside)> {
        let last = row.asides.len().saturating_sub(1);
        let mut asides =
            row.asides.iter().enumerate().filter_map(|(lane, aside)| Some((lane, aside.as_ref()?)));
        let (lane, aside) = asides.next()?;
        let alone = row.arrow.is_none() && asides.next().is_none() && lane > 0 && last > 1;
        let trouble = matches!(aside.what, Beside::Trouble);
        let long = self.look.text_width(&aside.text) + 1 > self.room_beside(lane, last);
        (alone && trouble && long).then_some((lane, aside))
    }

    /// Words of a middle lane go on to the right of it, those of the last lane stand to the left of it.
    fn sprawling(&self, mut line: Line, lane: usize, aside: &Aside, lines: &mut Vec<Line>) {
        let look = self.look;
        let last = self.columns.between.len();
        let at = self.columns.lane_at(lane);
        let ink = aside.what.ink();
        let (from, to) = match lane == last {
            true => (self.columns.lane_at(1) + self.columns.lane + 1, at.saturating_sub(1)),
            false => (at + self.columns.lane + 1, look.width),
        };
        let wrapped = look.wrap(&aside.text, to.saturating_sub(from));
        let widest = wrapped.iter().map(|words| look.text_width(words)).max().unwrap_or(0);
        let from = if lane == last { to.saturating_sub(widest) } else { from };
        for words in wrapped {
            let lanes = if lane == last { 1 } else { lane };
            for before in 0..=lanes {
                line.to(self.columns.lane_at(before)).push(look, Ink::Dim, "│");
            }
            line.to(from).push(look, ink, &words);
            if lane == last {
                line.to(at).push(look, Ink::Dim, "│");
            }
            lines.push(std::mem::take(&mut line));
        }
    }

    /// The arrow on a line, each lane's words on lines of their own: those of the last lane end at it.
    fn narrow_row(&mut self, row: &Row, lines: &mut Vec<Line>) {
        let none: Vec<Option<Aside>> = vec![None; row.asides.len()];
        let mut stamp = Line::new();
        if self.shown != Some(row.at) && !row.is_bare() {
            self.shown = Some(row.at);
            let words = time(row.at, self.columns.decimals);
            stamp.push_right(self.look, Ink::Dim, &words, self.columns.time - 1);
        }
        if row.arrow.is_some() || row.is_bare() {
            let mut line = std::mem::take(&mut stamp);
            self.lanes(&mut line, row.arrow.as_ref(), &none);
            lines.push(line);
        }
        let last = row.asides.len() - 1;
        let start = self.columns.lane_at(0) + self.columns.lane + 1;
        let end = self.columns.lane_at(last).saturating_sub(1);
        for (lane, aside) in row.asides.iter().enumerate() {
            let Some(aside) = aside else { continue };
            let hook = if matches!(aside.what, Beside::Call | Beside::Error) { "› " } else { "" };
            let room = end.saturating_sub(start).max(8);
            let fits = self.look.text_width(&aside.text) + 2 <= room;
            let text = aside.short.as_ref().filter(|_| !fits).unwrap_or(&aside.text);
            for words in self.look.wrap(&format!("{hook}{text}"), room).iter().take(3) {
                let mut line = std::mem::take(&mut stamp);
                line.to(self.columns.lane_at(0)).push(self.look, Ink::Dim, "│").to(start);
                match lane {
                    lane if lane == last => line.push_right(self.look, aside.what.ink(), words, end),
                    0 => line.push_until(self.look, aside.what.ink(), words, end),
                    lane => {
                        let beside = self.columns.lane_at(lane) + 2;
                        let wanted = end.saturating_sub(self.look.text_width(words)).max(start);
                        line.to(beside.min(wanted)).push_until(self.look, aside.what.ink(), words, end)
                    }
                };
                line.to(self.columns.lane_at(last)).push(self.look, Ink::Dim, "│");
                lines.push(line);
            }
        }
    }

    /// Draws one line of lanes; gives back the words that did not fit.
    fn lanes(&mut self, line: &mut Line, arrow: Option<&Arrow>, asides: &[Option<Aside>]) -> Overflow {
        let look = self.look;
        let mut overflow = Overflow::new();
        let last = asides.len().saturating_sub(1);
        for (lane, aside) in asides.iter().enumerate() {
            let at = self.columns.lane_at(lane);
            let (text, attached) = match aside {
                Some(aside) => {
                    let attached = matches!(aside.what, Beside::Call | Beside::Error);
                    let hook = 1 + if attached { look.text_width("╴") } else { 0 };
                    let room = self.room_beside(lane, last) - hook;
                    let fits = look.text_width(&look.clean(&aside.text)) <= room;
                    let text = aside.short.as_ref().filter(|_| !fits).unwrap_or(&aside.text);
                    let mut wrapped = look.wrap(text, room);
                    wrapped.truncate(4);
                    let first = look.fit(&wrapped.remove(0), room);
                    overflow.push((lane, aside.what, wrapped));
                    (Some((aside.what.ink(), first)), attached)
                }
                None => (None, false),
            };
            let left_of = lane == 0 && last > 0;
            let mut pillar = "│";
            if let (Some((ink, text)), true) = (&text, left_of) {
                let hook = 1 + if attached { look.text_width("╶") } else { 0 };
                line.push_right(look, *ink, text, at - hook);
                if attached {
                    line.push_right(look, Ink::Dim, "╶", at);
                    pillar = "┤";
                }
            } else if attached {
                pillar = "├";
            }
            line.to(at);
            let passing =
                arrow.is_some_and(|arrow| lane > arrow.from.min(arrow.to) && lane < arrow.from.max(arrow.to));
            line.push(look, Ink::Dim, if passing { "┼" } else { pillar });
            if let (Some((ink, text)), false) = (&text, left_of) {
                line.push(look, Ink::Dim, if attached { "╴ " } else { " " });
                line.push(look, *ink, text);
            } else if lane < last {
                self.gap(line, lane, arrow);
            }
        }
        overflow
    }

    fn room_beside(&self, lane: usize, last: usize) -> usize {
        if lane == 0 && last > 0 {
            self.columns.left
        } else if lane == last {
            self.columns.right
        } else {
            self.columns.between[lane]
        }
    }

    /// What lies between a lane and the next.
    fn gap(&mut self, line: &mut Line, gap: usize, arrow: Option<&Arrow>) {
        let width = self.columns.between[gap];
        let mut strip = Strip::new(self.look, width);
        let covers = arrow.filter(|arrow| gap >= arrow.from.min(arrow.to) && gap < arrow.from.max(arrow.to));
        if let Some(arrow) = covers {
            self.arrow(&mut strip, gap, arrow);
        }
        for (record, flying_gap, column) in &self.flying {
            if *flying_gap == gap && arrow.is_none_or(|arrow| arrow.record != *record) {
                strip.put_if_free(*column, Ink::Dim, "│");
            }
        }
        strip.onto(line);
    }

    fn arrow(&mut self, strip: &mut Strip<'_>, gap: usize, arrow: &Arrow) {
        let rightward = arrow.to > arrow.from;
        let first = gap == arrow.from.min(arrow.to);
        let last = gap + 1 == arrow.from.max(arrow.to);
        let (starts, ends) = if rightward { (first, last) } else { (last, first) };
        let ink = arrow.kind.ink();
        let width = strip.width;
        let mut ways: Vec<&str> = Vec::new();
        if starts {
            ways.push(&arrow.label);
            ways.extend(arrow.shorter.iter().map(String::as_str));
        }
        let label = ways.first().copied().unwrap_or("");
        match arrow.part {
            Part::Whole => strip.shaft(0, width, rightward, ink, &ways, if ends { Some("▸◂") } else { None }),
            Part::Lost if ends => {
                let wanted = self.look.text_width(label) + 6;
                let length = (width * 3 / 4).max(wanted).min(width);
                let start = if rightward { 0 } else { width - length };
                strip.shaft(start, length, rightward, ink, &ways, Some("✗✗"));
            }
            Part::Lost => strip.shaft(0, width, rightward, ink, &ways, None),
            Part::Leaves => {
                let length = bend(self.look, width, label);
                let start = if rightward { 0 } else { width - length };
                strip.shaft(start, length, rightward, ink, &ways, Some("╮╭"));
                let column = if rightward { length - strip.corner() } else { width - length };
                self.flying.push((arrow.record, gap, column));
            }
            Part::Arrives => {
                let at = self.flying.iter().position(|(record, ..)| *record == arrow.record);
                let column = at.map_or(0, |at| self.flying.remove(at).2);
                strip.arrival(column, rightward, ink);
            }
        }
    }

    fn across(&mut self, at: Instant, across: &Across, lines: &mut Vec<Line>) {
        let look = self.look;
        match across {
            Across::Quiet(text) => {
                let mut line = Line::new();
                let lanes = self.columns.between.len() + 1;
                for lane in 0..lanes {
                    line.to(self.columns.lane_at(lane)).push(look, Ink::Dim, "┆");
                    if lane == 0 && lanes > 1 {
                        let room = self.columns.between[0];
                        let text = look.fit(text, room);
                        let indent = (room - look.text_width(&text)) / 2;
                        line.to(line.width() + indent).push(look, Ink::Dim, &text);
                    }
                }
                lines.push(line);
            }
            Across::Summary(text) => {
                let mark =
                    if self.shown == Some(at) { String::new() } else { time(at, self.columns.decimals) };
                self.shown = Some(at);
                self.block(&format!("⋮ {text}"), &mark, Ink::Warn, lines);
            }
            Across::Remark(text) => self.block(text, "", Ink::Dim, lines),
        }
    }

    fn block(&self, text: &str, mut mark: &str, ink: Ink, lines: &mut Vec<Line>) {
        let look = self.look;
        let start = self.columns.time + 2;
        for text in look.wrap(text, look.width - start) {
            let mut line = Line::new();
            line.push_right(look, Ink::Dim, mark, self.columns.time - 1).to(start).push(look, ink, &text);
            lines.push(line);
            mark = "";
        }
    }
}

/// A row as it can be drawn: words of a middle lane that stand where the arrow goes have a row of their own, below it.
fn parted(row: &Row) -> (Cow<'_, Row>, Option<Row>) {
    let Some(arrow) = &row.arrow else { return (Cow::Borrowed(row), None) };
    let last = row.asides.len().saturating_sub(1);
    let (low, high) = (arrow.from.min(arrow.to), arrow.from.max(arrow.to));
    let in_the_way = |lane: usize| lane > 0 && lane < last && (low..high).contains(&lane);
    if !row.asides.iter().enumerate().any(|(lane, aside)| aside.is_some() && in_the_way(lane)) {
        return (Cow::Borrowed(row), None);
    }
    let (mut first, mut rest) = (row.clone(), row.clone());
    rest.arrow = None;
    for lane in 0..row.asides.len() {
        let moved = if in_the_way(lane) { &mut first } else { &mut rest };
        moved.asides[lane] = None;
    }
    (Cow::Owned(first), Some(rest))
}

/// How far a frame that others cross goes before it bends down.
fn bend(look: &Look, width: usize, label: &str) -> usize {
    (width * 2 / 3).max(look.text_width(label) + 7).min(width.saturating_sub(2))
}

/// The room between two lanes, written at any column.
struct Strip<'a> {
    look: &'a Look,
    width: usize,
    pieces: Vec<(usize, usize, Ink, String)>,
}

impl<'a> Strip<'a> {
    fn new(look: &'a Look, width: usize) -> Strip<'a> {
        Strip { look, width, pieces: Vec::new() }
    }

    fn corner(&self) -> usize {
        self.look.text_width("╮")
    }

    fn put(&mut self, column: usize, ink: Ink, text: &str) {
        let width = self.look.text_width(&self.look.clean(text));
        if width > 0 {
            self.pieces.push((column, width, ink, text.to_owned()));
        }
    }

    fn put_if_free(&mut self, column: usize, ink: Ink, text: &str) {
        let end = column + self.look.text_width(text);
        if end <= self.width && self.pieces.iter().all(|(at, width, ..)| end <= *at || at + width <= column) {
            self.put(column, ink, text);
        }
    }

    /// A line of that many cells, as near as the glyphs allow, at its left or right end.
    fn rule(&mut self, column: usize, cells: usize, ink: Ink, at_the_right: bool) {
        let one = self.look.text_width("─").max(1);
        let count = cells / one;
        let start = if at_the_right { column + cells - count * one } else { column };
        self.put(start, ink, &"─".repeat(count));
    }

    /// A shaft of `length` cells, near its beginning the first of the `ways` to say it that fits; `heads` are the heads rightward and leftward.
    fn shaft(
        &mut self,
        start: usize,
        length: usize,
        rightward: bool,
        ink: Ink,
        ways: &[&str],
        heads: Option<&str>,
    ) {
        let mut heads = heads.unwrap_or("").chars();
        let (right_head, left_head) = (heads.next(), heads.next());
        let head = if rightward { right_head } else { left_head }.map(String::from).unwrap_or_default();
        let head_width = self.look.text_width(&head);
        let head_ink = if head == "✗" { Ink::Lost } else { ink };
        let line = length - head_width;
        let one = self.look.text_width("─");
        let label = self.look.first_that_fits(ways, line.saturating_sub(2 * one + 2));
        let padded = if label.is_empty() { 0 } else { self.look.text_width(&label) + 2 };
        let padded_label = if label.is_empty() { label } else { format!(" {label} ") };
        let roomy = line >= 3 * one + padded;
        let lead = match padded {
            0 => 0,
            _ if roomy => 2 * one,
            _ => one,
        };
        let rest = line - lead - padded;
        if rightward {
            self.rule(start, lead, ink, false);
            self.put(start + lead, ink, &padded_label);
            self.rule(start + lead + padded, rest, ink, true);
            self.put(start + line, head_ink, &head);
        } else {
            self.put(start, head_ink, &head);
            self.rule(start + head_width, rest, ink, false);
            self.put(start + head_width + rest, ink, &padded_label);
            self.rule(start + head_width + rest + padded, lead, ink, true);
        }
    }

    fn arrival(&mut self, column: usize, rightward: bool, ink: Ink) {
        let corner = self.corner();
        let head = self.look.text_width("▸");
        if rightward {
            self.put(column, ink, "╰");
            let line = self.width.saturating_sub(column + corner + head);
            self.rule(column + corner, line, ink, true);
            self.put(self.width - head, ink, "▸");
        } else {
            self.put(0, ink, "◂");
            self.rule(head, column.saturating_sub(head), ink, true);
            self.put(column, ink, "╯");
        }
    }

    fn onto(mut self, line: &mut Line) {
        let origin = line.width();
        self.pieces.sort_by_key(|(column, ..)| *column);
        for (column, _, ink, text) in &self.pieces {
            line.to(origin + column).push(self.look, *ink, text);
        }
    }
}
