//! Comparisons of expectations: `count(client > server S) == 2`, `time(… #2) in 1s..1.1s`.

use super::cursor::{Cursor, Scene};
use super::lex::{Word, words};
use super::number::{number, whole};
use super::pattern::{direction, pattern, starts_direction};
use super::source::{Mistake, Parse, Piece};
use super::{Compare, Number, Predicate, Quantity};
use crate::link::{Direction, FramePattern, HostId};
use crate::mib::Counter;
use crate::socket::Errno;
use std::ops::Range;

/// Names of the quantities that take parentheses.
pub(super) const FUNCTIONS: [&str; 13] = [
    "count",
    "lost",
    "octets",
    "time",
    "gap",
    "advance",
    "rtt",
    "max",
    "last",
    "calls",
    "bytes",
    "datagrams",
    "processes",
];

/// Names of queues as expectations write them, and as traces do.
pub(super) const QUEUES: [(&str, &str); 5] = [
    ("half_open", "half-open"),
    ("accept_queue", "accept"),
    ("receive", "receive"),
    ("send", "send"),
    ("wire", "wire"),
];

/// Names of calls, as `calls(HOST, CALL, …)` counts them.
pub(super) const CALLS: [&str; 21] = [
    "socket",
    "bind",
    "listen",
    "accept",
    "connect",
    "send",
    "sendto",
    "recv",
    "recvfrom",
    "select",
    "gettimeout",
    "sockatmark",
    "poll",
    "shutdown",
    "close",
    "getsockname",
    "getpeername",
    "setsockopt",
    "getsockopt",
    "setblocking",
    "settimeout",
];

/// A comparison, and the pattern in it of a frame that must exist, with its place.
pub(super) struct Comparison {
    pub predicate: Predicate,
    pub needs: Option<(FramePattern, Range<usize>)>,
}

/// Reads a whole comparison.
pub(super) fn comparison(piece: &Piece, scene: &mut Scene) -> Parse<Comparison> {
    let tokens = words(&piece.text, 0)?;
    let mut cursor = Cursor::new(&tokens, piece.text.len());
    let start = cursor.span().start;
    let quantity = quantity(&mut cursor, scene)?;
    let span = cursor.since(start);
    let predicate = if cursor.keyword("in") {
        let (low, _) = number(&mut cursor, scene)?;
        cursor.expect_sign("..")?;
        let (high, at) = number(&mut cursor, scene)?;
        check_kind(&quantity, low, at.clone(), scene);
        check_kind(&quantity, high, at.clone(), scene);
        if value(low) > value(high) {
            scene.report(Mistake::new(
                at,
                "the range is empty: its end comes before its beginning",
                "范围为空：终点小于起点",
            ));
        }
        Predicate::Within { quantity: quantity.clone(), low, high }
    } else {
        let how = sign(&mut cursor)?;
        let (number, at) = number(&mut cursor, scene)?;
        check_kind(&quantity, number, at, scene);
        Predicate::Compare { quantity: quantity.clone(), how, number }
    };
    cursor.expect_end()?;
    let needs = needs(&quantity).map(|pattern| (pattern, span));
    Ok(Comparison { predicate, needs })
}

/// The frame without which the quantity has no value.
pub(super) fn needs(quantity: &Quantity) -> Option<FramePattern> {
    match quantity {
        Quantity::Time(pattern) | Quantity::Gap(pattern, _) | Quantity::Advance(pattern, _) => Some(*pattern),
        Quantity::Count(_)
        | Quantity::RoundTrip(..)
        | Quantity::Lost(_)
        | Quantity::Octets(_)
        | Quantity::Counter(..)
        | Quantity::Queue { .. }
        | Quantity::Calls { .. }
        | Quantity::Bytes(_)
        | Quantity::Datagrams(_)
        | Quantity::Processes { .. }
        | Quantity::End => None,
    }
}

fn value(number: Number) -> u64 {
    match number {
        Number::Count(count) => count,
        Number::Time(time) => time.as_nanos(),
    }
}

/// `==` and the others.
pub(super) fn sign(cursor: &mut Cursor<'_>) -> Parse<Compare> {
    match peek_sign(cursor) {
        Some(how) => {
            cursor.advance();
            Ok(how)
        }
        None if cursor.is_sign("=") => {
            Err(Box::new((*cursor.expected("a comparison", "比较符号")).help("equality is ==", "相等写 ==")))
        }
        None => Err(cursor.expected("a comparison (== != < <= > >=)", "比较符号（== != < <= > >=）")),
    }
}

/// The comparison that comes next, if one does.
pub(super) fn peek_sign(cursor: &Cursor<'_>) -> Option<Compare> {
    const ALL: [Compare; 6] = [
        Compare::Equal,
        Compare::NotEqual,
        Compare::Less,
        Compare::AtMost,
        Compare::Greater,
        Compare::AtLeast,
    ];
    ALL.into_iter().find(|how| cursor.is_sign(how.sign()))
}

/// A time is compared with times, all else with counts. Zero is either.
fn check_kind(quantity: &Quantity, number: Number, span: Range<usize>, scene: &mut Scene) {
    let wants_time = match quantity {
        Quantity::Time(_) | Quantity::Gap(..) | Quantity::RoundTrip(..) | Quantity::End => true,
        Quantity::Count(_)
        | Quantity::Lost(_)
        | Quantity::Octets(_)
        | Quantity::Advance(..)
        | Quantity::Counter(..)
        | Quantity::Queue { .. }
        | Quantity::Calls { .. }
        | Quantity::Bytes(_)
        | Quantity::Datagrams(_)
        | Quantity::Processes { .. } => false,
    };
    match (wants_time, number) {
        (true, Number::Time(_)) | (false, Number::Count(_)) => {}
        (true, Number::Count(_)) => scene.report(
            Mistake::new(span, "this is a time, so it is compared with a time", "左边是时间，应与时间比较")
                .help("such as 1s or 200ms", "例如 1s 或 200ms"),
        ),
        (false, Number::Time(_)) => {
            scene.report(Mistake::new(
                span,
                "this is a count, so it is compared with a whole number",
                "左边是个数，应与整数比较",
            ));
        }
    }
}

/// A quantity at the cursor.
pub(super) fn quantity(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<Quantity> {
    let (name, span) = cursor.expect_name(
        "a quantity such as count(…) or server.ListenDrops",
        "一个量，例如 count(…) 或 server.ListenDrops",
    )?;
    if name == "end" {
        return Ok(Quantity::End);
    }
    if cursor.sign(".") {
        return counter(cursor, scene, name, span);
    }
    if !FUNCTIONS.contains(&name) {
        let mistake =
            Mistake::new(span, format!("`{name}` names no quantity"), format!("没有名为 `{name}` 的量"));
        let hosts: Vec<String> = scene.hosts.iter().map(|host| host.name.clone()).collect();
        if hosts.iter().any(|host| host == name) {
            return Err(Box::new(mistake.help(
                format!("a counter is written {name}.ListenDrops"),
                format!("计数器写作 {name}.ListenDrops"),
            )));
        }
        return Err(Box::new(mistake.known(name, FUNCTIONS.into_iter().chain(["end"]))));
    }
    cursor.expect_sign("(")?;
    let quantity = function(name, cursor, scene)?;
    cursor.expect_sign(")")?;
    Ok(quantity)
}

fn function(name: &str, cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<Quantity> {
    Ok(match name {
        "count" => Quantity::Count(pattern(cursor, scene)?),
        "lost" => Quantity::Lost(pattern(cursor, scene)?),
        "octets" => Quantity::Octets(pattern(cursor, scene)?),
        "time" => Quantity::Time(pattern(cursor, scene)?),
        "gap" | "advance" => {
            let pattern = pattern(cursor, scene)?;
            cursor.expect_sign(",")?;
            let nth =
                whole(cursor, scene, 2..=1_000_000, "the later of the two frames", "两帧中后一帧的序数")?;
            let of = if name == "gap" { Quantity::Gap } else { Quantity::Advance };
            of(pattern, nth as u32)
        }
        "rtt" => {
            let ends = both_ends(cursor, scene)?;
            cursor.expect_sign(",")?;
            let nth = whole(cursor, scene, 1..=1_000_000, "which echo request", "第几个回送请求")?;
            Quantity::RoundTrip(ends, nth as u32)
        }
        "max" | "last" => queue(cursor, scene, name == "max")?,
        "calls" => calls(cursor, scene)?,
        "bytes" => Quantity::Bytes(both_ends(cursor, scene)?),
        "datagrams" => Quantity::Datagrams(both_ends(cursor, scene)?),
        _ => processes(cursor, scene)?,
    })
}

/// A host that keeps states, counters and queues: not an actor.
pub(super) fn stacked_host(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<HostId> {
    let span = cursor.span();
    let host = cursor.expect_host(scene)?;
    Ok(with_stack(host, span, scene))
}

/// Reports a host that is an actor.
pub(super) fn with_stack(host: Option<HostId>, span: Range<usize>, scene: &mut Scene) -> HostId {
    let host = host.unwrap_or_default();
    let actor = scene.facts(host).filter(|facts| facts.actor).map(|facts| facts.name.clone());
    if let Some(name) = actor {
        scene.report(Mistake::new(
            span,
            format!("{name} is an actor: it has no TCP, no sockets and no counters"),
            format!("{name} 只是演员：它没有 TCP、套接字和计数器"),
        ));
    }
    host
}

fn counter(cursor: &mut Cursor<'_>, scene: &mut Scene, host: &str, at: Range<usize>) -> Parse<Quantity> {
    let known = scene.known_host(host, at.clone());
    let host = with_stack(known, at, scene);
    let (name, span) = cursor.expect_name("a counter's name", "计数器名")?;
    if let Some((queue, _)) = QUEUES.iter().find(|(queue, _)| *queue == name) {
        let mistake =
            Mistake::new(span, "a queue changes: say which value is meant", "队列长度会变化：要说明是哪个值");
        return Err(Box::new(mistake.help(
            format!("max(….{queue}) or last(….{queue})"),
            format!("max(….{queue}) 或 last(….{queue})"),
        )));
    }
    match Counter::from_name(name) {
        Some(counter) => Ok(Quantity::Counter(host, counter)),
        None => {
            let mistake = Mistake::new(
                span,
                format!("there is no counter `{name}`"),
                format!("没有名为 `{name}` 的计数器"),
            );
            Err(Box::new(mistake.known(name, Counter::ALL.iter().map(|counter| counter.name()))))
        }
    }
}

fn queue(cursor: &mut Cursor<'_>, scene: &mut Scene, max: bool) -> Parse<Quantity> {
    let host = stacked_host(cursor, scene)?;
    cursor.expect_sign(".")?;
    let (name, span) = cursor.expect_name("a queue's name", "队列名")?;
    match QUEUES.into_iter().find(|(known, _)| *known == name) {
        Some((_, queue)) => Ok(Quantity::Queue { host, queue, max }),
        None => {
            let mistake = Mistake::new(
                span,
                format!("there is no queue `{name}`"),
                format!("没有名为 `{name}` 的队列"),
            );
            Err(Box::new(mistake.known(name, QUEUES.map(|(known, _)| known))))
        }
    }
}

fn calls(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<Quantity> {
    let host = stacked_host(cursor, scene)?;
    cursor.expect_sign(",")?;
    let call = call_name(cursor)?;
    cursor.expect_sign(",")?;
    if cursor.keyword("ok") {
        return Ok(Quantity::Calls { host, call, errno: None });
    }
    Ok(Quantity::Calls { host, call, errno: Some(errno(cursor)?) })
}

/// The name of a call.
pub(super) fn call_name(cursor: &mut Cursor<'_>) -> Parse<&'static str> {
    let (name, span) = cursor.expect_name("a call's name", "调用名")?;
    CALLS.into_iter().find(|known| *known == name).ok_or_else(|| {
        let mistake =
            Mistake::new(span, format!("there is no call `{name}`"), format!("没有名为 `{name}` 的调用"));
        Box::new(mistake.known(name, CALLS))
    })
}

/// An error's name.
pub(super) fn errno(cursor: &mut Cursor<'_>) -> Parse<Errno> {
    let (name, span) = cursor.expect_name("an error's name (ECONNREFUSED…)", "错误名（ECONNREFUSED……）")?;
    Errno::from_name(name).ok_or_else(|| {
        let mistake =
            Mistake::new(span, format!("there is no error `{name}`"), format!("没有名为 `{name}` 的错误"));
        let known = || Errno::ALL.iter().map(|errno| errno.name());
        // What follows the E tells errors apart.
        let bare = name.trim_start_matches('E');
        let whole = super::nearest::nearest(name, known()).is_empty();
        Box::new(mistake.known(if whole { bare } else { name }, known()))
    })
}

fn both_ends(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<Direction> {
    if !starts_direction(cursor) {
        return Err(cursor.expected("FROM > TO", "发送方 > 接收方"));
    }
    direction(cursor, scene)
}

fn processes(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<Quantity> {
    let host = cursor.expect_host(scene)?.unwrap_or_default();
    cursor.expect_sign(",")?;
    let (prefix, _) = cursor.expect_name("a process's name", "进程名")?;
    cursor.expect_sign(",")?;
    let ok = cursor.keyword("ok");
    if !ok && !cursor.keyword("failed") {
        return Err(cursor.expected("`ok` or `failed`", "`ok` 或 `failed`"));
    }
    Ok(Quantity::Processes { host, prefix: prefix.to_owned(), ok })
}

/// Whether `left == right` and the like, joined by `and`, hold: of numbers by value, of words by letters.
pub(super) fn only_if(text: &str, profile: &str, scene: &mut Scene) -> Parse<bool> {
    let tokens = words(text, 0)?;
    let mut cursor = Cursor::new(&tokens, text.len());
    let mut holds = true;
    loop {
        let left = term(&mut cursor, profile, scene)?;
        let span = cursor.span();
        let how = sign(&mut cursor)?;
        let right = term(&mut cursor, profile, scene)?;
        holds &= match (left, right) {
            (Term::Number(a), Term::Number(b)) => how.holds(&value(a), &value(b)),
            (Term::Word(a), Term::Word(b)) => match how {
                Compare::Equal => a == b,
                Compare::NotEqual => a != b,
                Compare::Less | Compare::AtMost | Compare::Greater | Compare::AtLeast => {
                    return Err(Box::new(Mistake::new(
                        span,
                        "words are only equal or not",
                        "词只能比较是否相等",
                    )));
                }
            },
            (Term::Number(_), Term::Word(_)) | (Term::Word(_), Term::Number(_)) => {
                return Err(Box::new(Mistake::new(
                    span,
                    "a number is not compared with a word",
                    "数不能与词比较",
                )));
            }
        };
        if !cursor.keyword("and") {
            break;
        }
    }
    cursor.expect_end()?;
    Ok(holds)
}

enum Term {
    Number(Number),
    Word(String),
}

fn term(cursor: &mut Cursor<'_>, profile: &str, scene: &mut Scene) -> Parse<Term> {
    match cursor.peek() {
        Some(Word::Name(name)) if !matches!(*name, "min" | "max") => {
            cursor.advance();
            Ok(Term::Word(if *name == "profile" { profile.to_owned() } else { (*name).to_owned() }))
        }
        _ => number(cursor, scene).map(|(number, _)| Term::Number(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;

    fn read(text: &str) -> Result<Predicate, String> {
        let mut scene = Scene::of_names(["client", "server", "ghost"]);
        scene.hosts[2].actor = true;
        let read = comparison(&Piece::whole(text), &mut scene);
        match (scene.mistakes.pop(), read) {
            (None, Ok(comparison)) => Ok(comparison.predicate),
            (Some(mistake), _) => Err(mistake.message.en),
            (None, Err(mistake)) => Err(mistake.message.en),
        }
    }
    fn quantity_of(text: &str) -> Quantity {
        match read(text).unwrap() {
            Predicate::Compare { quantity, .. } | Predicate::Within { quantity, .. } => quantity,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_quantity_can_be_written() {
        let (client, server) = (HostId(0), HostId(1));
        assert!(matches!(quantity_of("count(client > server S) == 2"), Quantity::Count(_)));
        assert!(matches!(quantity_of("lost(udp) >= 1"), Quantity::Lost(_)));
        assert!(matches!(quantity_of("time(client > server S #2) in 1s..1.1s"), Quantity::Time(_)));
        assert!(matches!(quantity_of("gap(client > server S, 2) == 1s"), Quantity::Gap(_, 2)));
        assert!(matches!(quantity_of("advance(client > server S, 2) == 1"), Quantity::Advance(_, 2)));
        assert_eq!(quantity_of("server.ListenDrops == 0"), Quantity::Counter(server, Counter::ListenDrops));
        let half_open = Quantity::Queue { host: server, queue: "half-open", max: true };
        assert_eq!(quantity_of("max(server.half_open) == min(16, 64) + 1"), half_open);
        let accept = Quantity::Queue { host: server, queue: "accept", max: false };
        assert_eq!(quantity_of("last(server.accept_queue) < 4"), accept);
        let refused = Quantity::Calls { host: client, call: "connect", errno: Some(Errno::ECONNREFUSED) };
        assert_eq!(quantity_of("calls(client, connect, ECONNREFUSED) == 1"), refused);
        let ok = Quantity::Calls { host: client, call: "connect", errno: None };
        assert_eq!(quantity_of("calls(client, connect, ok) != 0"), ok);
        let there = Direction { from: Some(client), to: Some(server) };
        assert_eq!(quantity_of("bytes(client > server) == 100k"), Quantity::Bytes(there));
        assert_eq!(quantity_of("datagrams(client > server) <= 3"), Quantity::Datagrams(there));
        let visitors = Quantity::Processes { host: client, prefix: "visitor".to_owned(), ok: false };
        assert_eq!(quantity_of("processes(client, visitor, failed) > 3"), visitors);
        assert_eq!(quantity_of("end < 2h"), Quantity::End);
    }

    #[test]
    fn a_range_keeps_both_ends() {
        let Ok(Predicate::Within { low, high, .. }) = read("end in 1s..1.125s + 60ms") else { panic!() };
        assert_eq!((low, high), (Number::Time(Span::secs(1)), Number::Time(Span::millis(1185))));
    }

    #[test]
    fn an_expectation_that_names_no_event_is_a_mistake() {
        assert_eq!(read("cout(*) == 1").unwrap_err(), "`cout` names no quantity");
        assert_eq!(read("server.ListenDorps == 1").unwrap_err(), "there is no counter `ListenDorps`");
        assert_eq!(read("max(server.halfopen) == 1").unwrap_err(), "there is no queue `halfopen`");
        assert_eq!(read("calls(client, conect, ok) == 1").unwrap_err(), "there is no call `conect`");
        assert_eq!(
            read("calls(client, connect, EREFUSED) == 1").unwrap_err(),
            "there is no error `EREFUSED`"
        );
        assert_eq!(
            read("ghost.InSegs == 1").unwrap_err(),
            "ghost is an actor: it has no TCP, no sockets and no counters"
        );
        assert_eq!(read("gap(S, 1) == 1s").unwrap_err(), "the later of the two frames 1 is out of range");
    }

    #[test]
    fn times_and_counts_are_not_compared_with_each_other() {
        assert_eq!(read("end == 5").unwrap_err(), "this is a time, so it is compared with a time");
        assert_eq!(
            read("count(*) == 5s").unwrap_err(),
            "this is a count, so it is compared with a whole number"
        );
        assert_eq!(
            read("end in 2s..1s").unwrap_err(),
            "the range is empty: its end comes before its beginning"
        );
        assert_eq!(read("count(*) = 5").unwrap_err(), "expected a comparison, found `=`");
    }

    #[test]
    fn conditions_compare_numbers_and_words() {
        let holds =
            |text: &str| only_if(text, "linux", &mut Scene::default()).map_err(|mistake| mistake.message.en);
        assert_eq!(holds("0 == 0 and profile == linux"), Ok(true));
        assert_eq!(holds("16 > 64"), Ok(false));
        assert_eq!(holds("profile == rfc9293"), Ok(false));
        assert_eq!(holds("on != off"), Ok(true));
        assert_eq!(holds("on > off").unwrap_err(), "words are only equal or not");
        assert_eq!(holds("on == 1").unwrap_err(), "a number is not compared with a word");
    }
}
