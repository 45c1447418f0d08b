//! From a checked file to a [`Plan`]: one part of the file after the other, every mistake reported at its place.

mod addresses;
mod duplex;
mod hosts;
mod judged;
mod knobs;
mod link_habits;
mod links;
mod nat;
mod network;
mod questions;
mod twins;

#[cfg(test)]
pub(super) use questions::ANSWERS;
pub(super) use questions::FIELDS;

use super::cursor::{Cursor, Scene};
use super::keys::FILE;
use super::lex::words;
use super::number::{check_range, number, time};
use super::reader::{Reader, View, integer};
use super::repair::repair;
use super::source::{KnobValues, Mistake, Mistakes, Parse, Piece};
use super::{Diagnostic, Number, Plan, ProfileName, limits, toml_words};
use crate::clock::Span;
use crate::lang::Text;
use crate::link::{FramePattern, HostId, What};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What lowering keeps while it goes through the file.
struct Builder {
    reader: Reader,
    scene: Scene,
    /// Whether any program uses TCP.
    tcp: bool,
    /// Whether any program uses UDP.
    udp: bool,
    /// Whether anything is of IPv6: an address, or a program's socket.
    ipv6: bool,
    /// Patterns of frames without which what the file says would mean nothing.
    needed: Vec<(FramePattern, Range<usize>)>,
    profile: String,
}

/// Parses, checks and lowers the text of a scenario file with these knobs set.
pub(super) fn lower(path: &str, text: &str, set: &[(String, String)]) -> Result<Plan, Vec<Diagnostic>> {
    let mut mistakes = Mistakes::new(path, text);
    if text.len() > limits::FILE {
        let message =
            Text::new(format!("the file has {} octets", text.len()), format!("文件有 {} 个字节", text.len()));
        let help = Text::new(format!("at most {}", limits::FILE), format!("最多 {}", limits::FILE));
        mistakes.report(0..0, message, Some(help));
        return Err(mistakes.into_sorted());
    }
    let Some(repaired) = repair(text) else { return lower_text(path, text, set, true) };
    for mistake in &repaired.mistakes {
        mistakes.add(mistake.clone());
    }
    match lower_text(path, &repaired.text, set, false) {
        Ok(plan) if repaired.mistakes.is_empty() => return Ok(plan),
        Ok(_) => {}
        Err(others) => {
            for other in others.into_iter().filter(|other| other.file == path) {
                let span = repaired.origin(other.span.start)..repaired.origin(other.span.end);
                mistakes.report(span, other.message, other.help);
            }
        }
    }
    Err(mistakes.into_sorted())
}

/// The same for a text whose brackets are closed. `whole` says that they were so from the beginning.
fn lower_text(
    path: &str,
    text: &str,
    set: &[(String, String)],
    whole: bool,
) -> Result<Plan, Vec<Diagnostic>> {
    let mut mistakes = Mistakes::new(path, text);
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        toml_words::report(error, &mut mistakes);
    }
    let reader = Reader { mistakes, knobs: KnobValues::new(), whole: whole && errors.is_empty() };
    let mut builder = Builder {
        reader,
        scene: Scene::default(),
        tcp: false,
        udp: false,
        ipv6: false,
        needed: Vec::new(),
        profile: "linux".to_owned(),
    };
    let file = View { table: root.as_ref(), span: 0..0 };
    let plan = builder.plan(path, &file, set)?;
    builder.check_needed(&plan);
    builder.check_knobs(&file);
    let found = builder.reader.mistakes.into_sorted();
    if found.is_empty() { Ok(plan) } else { Err(found) }
}

impl Builder {
    fn plan(
        &mut self,
        path: &str,
        file: &View<'_>,
        set: &[(String, String)],
    ) -> Result<Plan, Vec<Diagnostic>> {
        self.reader.check(file, &FILE);
        let mut knobs = knobs::knobs(file, &mut self.reader);
        let mut profile = None;
        knobs::set(set, &mut knobs, &mut profile, &mut self.reader)?;
        let written = self.reader.piece(file, "profile").map(|piece| piece.text);
        self.profile = profile.or(written).unwrap_or_else(|| "linux".to_owned());
        let wire = self.wire(file);
        self.check_tree_ends(file);
        let (hosts, links) = self.hosts(file, &wire);
        let processes = self.processes(file);
        let faults = self.faults(file);
        let live = self.live(file, &wire, &faults, !links.is_empty());
        let until = self.time(file, "until");
        let (topic, name) = topic_and_name(path);
        Ok(Plan {
            name,
            topic,
            title: self.reader.text(file, "title"),
            lesson: self.reader.text(file, "lesson"),
            claims: self.claims(file),
            beyond: file.get("beyond").map(|_| self.reader.text(file, "beyond")),
            cites: self.reader.pieces(file, "cites").into_iter().map(|piece| piece.text).collect(),
            profile: if self.profile == "rfc9293" { ProfileName::Rfc9293 } else { ProfileName::Linux },
            hosts,
            wire,
            links,
            faults,
            ipv6: self.ipv6,
            processes,
            expectations: self.expectations(file),
            questions: self.questions(file, &knobs),
            knobs,
            live,
            until,
            limits: self.limits(file),
        })
    }

    fn claims(&mut self, file: &View<'_>) -> Vec<String> {
        let mut claims = Vec::new();
        for piece in self.reader.pieces(file, "claims") {
            let found = crate::claims::find(&piece.text);
            if found.is_none_or(|claim| claim.id != piece.text) {
                let mistake = Mistake::new(
                    piece.span.clone(),
                    format!("there is no claim `{}`", piece.text),
                    format!("没有编号为 `{}` 的说法", piece.text),
                );
                self.reader.report(match found {
                    Some(claim) => {
                        mistake.help(format!("write {}", claim.id), format!("应写作 {}", claim.id))
                    }
                    None => mistake.help(
                        "`wirewalk list --claims` shows them all, CL-01 to CL-67 and BUG-1 to BUG-5",
                        "wirewalk list --claims 列出全部：CL-01 到 CL-67，BUG-1 到 BUG-5",
                    ),
                });
            }
            claims.push(piece.text);
        }
        claims
    }

    /// Hands over the mistakes of `piece` that are left with the scene, and the one that stopped the reading.
    fn settle<T>(&mut self, piece: &Piece, read: Parse<T>) -> Option<T> {
        self.scene.settle(piece, &mut self.reader.mistakes, read)
    }
    /// The same for mistakes whose places count within the file.
    fn settle_here(&mut self) {
        for mistake in self.scene.mistakes.drain(..) {
            self.reader.mistakes.add(mistake);
        }
    }

    /// The time under the key.
    fn time(&mut self, view: &View<'_>, name: &str) -> Option<Span> {
        let piece = self.reader.piece(view, name)?;
        let scene = &mut self.scene;
        let read = words(&piece.text, 0).and_then(|tokens| {
            let mut cursor = Cursor::new(&tokens, piece.text.len());
            let span = time(&mut cursor, scene)?;
            cursor.expect_end()?;
            Ok(span)
        });
        let span = self.settle(&piece, read)?;
        if span > limits::TIME {
            let mistake = Mistake::new(piece.span, "this is too long", "时间太长");
            self.reader.report(mistake.help("at most 30d", "最多 30d"));
        }
        Some(span)
    }

    /// The whole number under the key, written as one or as an expression in a string.
    fn integer(&mut self, view: &View<'_>, name: &str, low: i64, high: i64) -> Option<i64> {
        let value = view.get(name)?;
        match value.as_ref() {
            DeValue::Integer(found) => integer(found).map(|number| number.clamp(low, high)),
            DeValue::String(_) => {
                let number = self.number_in(value)?;
                let (least, most) = (low.max(0) as u64, high.max(0) as u64);
                check_range(number, least..=most, value.span(), &mut self.scene, name, name);
                self.settle_here();
                Some((number.min(most) as i64).max(low))
            }
            DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => None,
        }
    }

    /// The number that a string holds.
    fn number_in(&mut self, value: &Spanned<DeValue<'_>>) -> Option<u64> {
        let piece = self.reader.piece_of(value)?;
        let scene = &mut self.scene;
        let read = words(&piece.text, 0).and_then(|tokens| {
            let mut cursor = Cursor::new(&tokens, piece.text.len());
            let (number, span) = number(&mut cursor, scene)?;
            cursor.expect_end()?;
            match number {
                Number::Count(count) => Ok(count),
                Number::Time(_) => {
                    Err(Box::new(Mistake::new(span, "a whole number is wanted here", "这里要的是整数")))
                }
            }
        });
        self.settle(&piece, read)
    }

    /// The line of an octet of the file, from 1.
    fn line(&self, at: usize) -> u32 {
        let before = self.reader.mistakes.source.get(..at).unwrap_or_default();
        before.matches('\n').count() as u32 + 1
    }

    /// Reports patterns of frames that no run of this file can bring about. Only of a file that is right otherwise:
    /// a mistyped call must not be reported twice.
    fn check_needed(&mut self, plan: &Plan) {
        if !self.reader.mistakes.is_empty() {
            return;
        }
        for (pattern, span) in std::mem::take(&mut self.needed) {
            if let Some((en, zh)) = self.impossible(&pattern, plan) {
                self.reader.report(Mistake::new(
                    span,
                    format!("this can never be: {en}"),
                    format!("这不可能发生：{zh}"),
                ));
            }
        }
    }

    /// Reports knobs that turn nothing. Only of a file that is right otherwise: what cannot be read may use them.
    fn check_knobs(&mut self, file: &View<'_>) {
        if !self.reader.mistakes.is_empty() {
            return;
        }
        for (name, view) in file.named("knob") {
            if !self.reader.mistakes.used.contains(name) {
                let mistake = Mistake::new(
                    view.span,
                    format!("the knob `{name}` turns nothing"),
                    format!("旋钮 `{name}` 没有用在任何地方"),
                );
                self.reader.report(mistake.help(
                    format!("write ${name} where its value is to stand"),
                    format!("在用到它的值的地方写 ${name}"),
                ));
            }
        }
    }

    fn impossible(&self, pattern: &FramePattern, plan: &Plan) -> Option<(&'static str, &'static str)> {
        let actor = |host: Option<HostId>| {
            host.and_then(|host| plan.hosts.get(host.index())).is_some_and(|host| host.actor)
        };
        match pattern.what {
            What::Udp if !self.udp => Some(("no program makes a UDP socket", "没有程序创建 UDP 套接字")),
            What::Icmp if !self.udp && plan.links.is_empty() => Some((
                "only a UDP datagram brings about ICMP here, and no program sends one",
                "这里只有 UDP 才会引起 ICMP，而没有程序发送 UDP",
            )),
            What::Arp if !plan.wire.arp => Some((
                "neighbours are known beforehand unless [wire] has arp = true",
                "除非 [wire] 中写 arp = true，否则邻居事先已知",
            )),
            What::Tcp(_) | What::BareAck | What::Data | What::AnyTcp if !self.tcp => {
                Some(("no program uses TCP", "没有程序使用 TCP"))
            }
            What::Ip6 | What::Icmp6 | What::NeighbourDiscovery if !plan.ipv6 => Some((
                "no host has an IPv6 address, and no program makes an IPv6 socket",
                "没有主机有 IPv6 地址，也没有程序创建 IPv6 套接字",
            )),
            What::Tree if !plan.never_rests() => {
                Some(("no switch has spanning_tree = true", "没有交换机写 spanning_tree = true"))
            }
            What::Udp | What::Icmp | What::Arp | What::Tree if actor(pattern.direction.from) => {
                Some(("an actor sends only segments made by hand", "演员主机只发送手工制作的报文段"))
            }
            What::Any
            | What::Tcp(_)
            | What::BareAck
            | What::Data
            | What::AnyTcp
            | What::Udp
            | What::Icmp
            | What::Arp
            | What::Ip6
            | What::Icmp6
            | What::NeighbourDiscovery
            | What::Tree => None,
        }
    }
}

/// The last folder and the file's name without its ending.
fn topic_and_name(path: &str) -> (String, String) {
    let mut parts = path.rsplit(['/', '\\']);
    let file = parts.next().unwrap_or_default();
    let name = file.strip_suffix(".toml").unwrap_or(file);
    (parts.next().unwrap_or_default().to_owned(), name.to_owned())
}
