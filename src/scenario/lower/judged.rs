//! Expectations.

use super::Builder;
use crate::link::{FramePattern, Which};
use crate::scenario::compare::{comparison, only_if, with_stack};
use crate::scenario::packets::packets;
use crate::scenario::reader::View;
use crate::scenario::source::{Mistake, Piece};
use crate::scenario::{Expectation, Predicate};
use crate::tcp::{EDGES, State};
use std::ops::Range;

/// The keys that say what must hold.
const PREDICATES: [&str; 4] = ["packets", "packets_in_order", "states", "that"];

impl Builder {
    /// The `[[expect]]`s; one for each thing they say.
    pub fn expectations(&mut self, file: &View<'_>) -> Vec<Expectation> {
        let mut found = Vec::new();
        for (place, view) in file.list("expect").into_iter().enumerate() {
            let entry = place as u32 + 1;
            if PREDICATES.into_iter().all(|key| view.get(key).is_none()) {
                let mistake =
                    Mistake::new(view.span.clone(), "this expectation expects nothing", "这条期望没有内容");
                self.reader.report(mistake.help(
                    "packets, packets_in_order, states or that",
                    "写 packets、packets_in_order、states 或 that",
                ));
            }
            let says = self.reader.text(&view, "says");
            let cite = self.reader.piece(&view, "cite").map(|piece| piece.text).unwrap_or_default();
            let holds = self.condition(&view);
            for (predicate, span) in self.predicates(&view) {
                let line = self.line(span.start);
                if holds {
                    found.push(Expectation {
                        says: says.clone(),
                        cite: cite.clone(),
                        predicate,
                        line,
                        entry,
                    });
                }
            }
        }
        found
    }

    /// `only_if`.
    fn condition(&mut self, view: &View<'_>) -> bool {
        let Some(piece) = self.reader.piece(view, "only_if") else { return true };
        let profile = self.profile.clone();
        let read = only_if(&piece.text, &profile, &mut self.scene);
        self.settle(&piece, read).unwrap_or(true)
    }

    fn predicates(&mut self, view: &View<'_>) -> Vec<(Predicate, Range<usize>)> {
        let mut found = Vec::new();
        for (key, exactly) in [("packets", true), ("packets_in_order", false)] {
            let Some(piece) = self.reader.piece(view, key) else { continue };
            let lines = packets(&piece, &mut self.scene);
            self.settle(&piece, Ok(()));
            for (packet, span) in &lines {
                let pattern =
                    FramePattern { direction: packet.direction, what: packet.what, which: Which::Every };
                self.needed.push((pattern, piece.place(span.clone())));
            }
            let list = lines.into_iter().map(|(packet, _)| packet).collect();
            let predicate =
                if exactly { Predicate::PacketsExactly(list) } else { Predicate::PacketsInOrder(list) };
            found.push((predicate, view.key_span(key)));
        }
        self.states(view, &mut found);
        for piece in self.reader.pieces(view, "that") {
            let read = comparison(&piece, &mut self.scene);
            let Some(comparison) = self.settle(&piece, read) else { continue };
            if let Some((pattern, span)) = comparison.needs {
                self.needed.push((pattern, piece.place(span)));
            }
            found.push((comparison.predicate, piece.span));
        }
        found
    }

    fn states(&mut self, view: &View<'_>, found: &mut Vec<(Predicate, Range<usize>)>) {
        let Some(table) = view.table("states") else { return };
        let mut rows: Vec<_> = table.table.iter().collect();
        rows.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in rows {
            let name: &str = key.as_ref();
            let host = self.scene.known_host(name, key.span());
            let known = host.is_some();
            let host = with_stack(host, key.span(), &mut self.scene);
            self.settle_here();
            let Some(piece) = self.reader.piece_of(value) else {
                let mistake =
                    Mistake::new(value.span(), "states are listed in a string", "状态要列在字符串里");
                self.reader.report(
                    mistake.help("\"CLOSED SYN-SENT ESTABLISHED\"", "\"CLOSED SYN-SENT ESTABLISHED\""),
                );
                continue;
            };
            let path = self.path(&piece);
            if known {
                found.push((Predicate::States { host, path }, key.span()));
            }
        }
    }

    /// States in the order passed; each step must be in the table of transitions.
    fn path(&mut self, piece: &Piece) -> Vec<State> {
        let mut path: Vec<State> = Vec::new();
        let mut at = 0;
        for word in piece.text.split_whitespace() {
            let start = at + piece.text.get(at..).and_then(|rest| rest.find(word)).unwrap_or(0);
            at = start + word.len();
            let Some(state) = State::from_name(word) else {
                let mistake = Mistake::new(
                    start..at,
                    format!("there is no state `{word}`"),
                    format!("没有名为 `{word}` 的状态"),
                );
                self.scene.report(mistake.known(word, State::ALL.map(State::name)));
                continue;
            };
            if let Some(last) = path.last()
                && !EDGES.iter().any(|edge| edge.from == *last && edge.to == state)
            {
                let next: Vec<&str> =
                    EDGES.iter().filter(|edge| edge.from == *last).map(|edge| edge.to.name()).collect();
                let mut next: Vec<&str> = next.into_iter().filter(|name| *name != last.name()).collect();
                next.sort_unstable();
                next.dedup();
                let list = next.join(", ");
                let mistake = Mistake::new(
                    start..at,
                    format!("no connection goes from {last} to {state}"),
                    format!("连接不可能从 {last} 直接到 {state}"),
                );
                self.scene.report(
                    mistake.help(format!("{last} leads to {list}"), format!("{last} 之后只能是 {list}")),
                );
            }
            path.push(state);
        }
        if path.is_empty() && self.scene.mistakes.is_empty() {
            self.scene.report(Mistake::new(0..piece.text.len(), "no state is listed", "一个状态也没有列出"));
        }
        self.settle(piece, Ok(()));
        path
    }
}
