//! Reading words one after the other; what every small language needs.

use super::lex::{Token, Word};
use super::source::{Mistake, Mistakes, Parse, Piece, suggestion};
use crate::link::{HostId, NodeKind};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// What the small languages must know of a host.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HostFacts {
    pub name: String,
    pub kind: NodeKind,
    pub address: Ipv4Addr,
    /// Its IPv6 addresses, the first that which its name stands for.
    pub ipv6: Vec<Ipv6Addr>,
    pub actor: bool,
    /// Blocks that lead to it, and the addresses of its further cards.
    pub owns: Vec<super::Ipv4Block>,
    /// The broadcast addresses of its networks.
    pub broadcasts: Vec<Ipv4Addr>,
}

/// What is known while reading, and the mistakes that do not stop the reading.
#[derive(Debug, Default)]
pub(super) struct Scene {
    pub hosts: Vec<HostFacts>,
    /// Which nodes are joined.
    pub links: Vec<[HostId; 2]>,
    /// Spans count within the piece being read.
    pub mistakes: Vec<Mistake>,
    /// Mistakes in other pieces than the one being read: functions that it calls.
    pub elsewhere: Vec<(Piece, Mistake)>,
    /// The functions that programs have called so far.
    pub called: BTreeSet<String>,
}

impl HostFacts {
    /// Those of a host of the plan.
    pub fn of(host: &super::HostPlan) -> HostFacts {
        HostFacts {
            name: host.name.clone(),
            kind: host.kind,
            address: host.address,
            ipv6: host.cards.iter().flat_map(|card| &card.ipv6).map(|net| net.address).collect(),
            actor: host.actor,
            owns: host.owns.iter().copied().chain(host.further_addresses()).collect(),
            broadcasts: host.broadcasts(),
        }
    }
}

impl Scene {
    /// The hosts of these names alone, for patterns.
    pub fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Scene {
        let fact = |name: &str| HostFacts {
            name: name.to_owned(),
            kind: NodeKind::Host,
            address: Ipv4Addr::UNSPECIFIED,
            ipv6: Vec::new(),
            actor: false,
            owns: Vec::new(),
            broadcasts: Vec::new(),
        };
        Scene { hosts: names.into_iter().map(fact).collect(), ..Scene::default() }
    }
    /// A mistake that does not stop the reading.
    pub fn report(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }
    /// Hands the mistakes over, found in `piece`, with the one that stopped the reading.
    pub fn settle<T>(&mut self, piece: &Piece, mistakes: &mut Mistakes, read: Parse<T>) -> Option<T> {
        for mistake in self.mistakes.drain(..) {
            mistakes.add_in(piece, mistake);
        }
        for (other, mistake) in self.elsewhere.drain(..) {
            mistakes.add_in(&other, mistake);
        }
        read.map_err(|mistake| mistakes.add_in(piece, *mistake)).ok()
    }

    pub fn host(&self, name: &str) -> Option<HostId> {
        self.hosts.iter().position(|host| host.name == name).map(|at| HostId(at as u16))
    }
    /// Whether the address means all hosts of some network, or a group of them.
    pub fn is_everybody(&self, ip: Ipv4Addr) -> bool {
        let known = || self.hosts.iter().any(|host| host.broadcasts.contains(&ip));
        ip.is_broadcast() || ip.is_multicast() || known()
    }
    pub fn facts(&self, host: HostId) -> Option<&HostFacts> {
        self.hosts.get(host.index())
    }
    /// The host of that name; an unknown one is reported.
    pub fn known_host(&mut self, name: &str, span: Range<usize>) -> Option<HostId> {
        let found = self.host(name);
        if found.is_none() {
            let mut mistake =
                Mistake::new(span, format!("there is no host `{name}`"), format!("没有名为 `{name}` 的主机"));
            mistake.help = suggestion(name, self.hosts.iter().map(|host| host.name.as_str()));
            self.report(mistake);
        }
        found
    }
}

/// Words being read.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    end: usize,
}

impl<'t> Cursor<'t> {
    /// Reads `tokens`, whose text ends at octet `end` of its piece.
    pub fn new(tokens: &'t [Token<'t>], end: usize) -> Cursor<'t> {
        Cursor { tokens, at: 0, end }
    }

    pub fn peek(&self) -> Option<&'t Word<'t>> {
        self.peek_at(0)
    }
    pub fn peek_at(&self, ahead: usize) -> Option<&'t Word<'t>> {
        self.tokens.get(self.at + ahead).map(|token| &token.word)
    }
    pub fn advance(&mut self) {
        self.at += 1;
    }
    pub fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }
    /// Where the next word stands; the end of the text if there is none.
    pub fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end, |token| token.span.clone())
    }
    /// From `start` to the end of the word read last.
    pub fn since(&self, start: usize) -> Range<usize> {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        start..last.map_or(start, |token| token.span.end).max(start)
    }

    pub fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Word::Sign(found)) if *found == sign)
    }
    /// Reads the sign if it comes next.
    pub fn sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        self.at += usize::from(found);
        found
    }
    pub fn expect_sign(&mut self, sign: &str) -> Parse<()> {
        if self.sign(sign) { Ok(()) } else { Err(self.expected(format!("`{sign}`"), format!("`{sign}`"))) }
    }
    pub fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Some(Word::Name(found)) if *found == name)
    }
    /// Reads the word if it comes next.
    pub fn keyword(&mut self, name: &str) -> bool {
        let found = self.is_name(name);
        self.at += usize::from(found);
        found
    }
    pub fn expect_keyword(&mut self, name: &str) -> Parse<()> {
        if self.keyword(name) { Ok(()) } else { Err(self.expected(format!("`{name}`"), format!("`{name}`"))) }
    }
    /// Reads a name; `en` and `zh` say which kind was wanted.
    pub fn expect_name(&mut self, en: &str, zh: &str) -> Parse<(&'t str, Range<usize>)> {
        let span = self.span();
        match self.peek() {
            Some(Word::Name(name)) => {
                self.advance();
                Ok((name, span))
            }
            Some(Word::Number(_) | Word::Address(_) | Word::Bracketed(_) | Word::Text(_) | Word::Sign(_))
            | None => Err(self.expected(en, zh)),
        }
    }
    /// The name of a host; `None` if there is no such host (which is reported).
    pub fn expect_host(&mut self, scene: &mut Scene) -> Parse<Option<HostId>> {
        let (name, span) = self.expect_name("a host's name", "主机名")?;
        Ok(scene.known_host(name, span))
    }

    /// "expected …, found …" at the next word.
    pub fn expected(&self, en: impl Into<String>, zh: impl Into<String>) -> Box<Mistake> {
        let (en, zh) = (en.into(), zh.into());
        let found = match self.peek() {
            None => {
                return Box::new(Mistake::new(
                    self.span(),
                    format!("{en} is missing here"),
                    format!("这里缺少{zh}"),
                ));
            }
            Some(Word::Name(name)) => (*name).to_owned(),
            Some(Word::Number(number)) => (*number).to_owned(),
            Some(Word::Sign(sign)) => (*sign).to_owned(),
            Some(Word::Address(Some(address))) => address.to_string(),
            Some(Word::Bracketed(Some((address, _)))) => format!("[{address}]"),
            Some(Word::Address(None) | Word::Bracketed(None)) => "?".to_owned(),
            Some(Word::Text(text)) => format!("\"{}\"", text.escape_ascii()),
        };
        Box::new(Mistake::new(
            self.span(),
            format!("expected {en}, found `{found}`"),
            format!("这里应是{zh}，却是 `{found}`"),
        ))
    }
    /// Nothing may follow.
    pub fn expect_end(&self) -> Parse<()> {
        if self.is_done() {
            return Ok(());
        }
        let span = self.span().start..self.end;
        Err(Box::new(Mistake::new(span, "nothing more is expected here", "这里不该再有别的内容")))
    }
}
