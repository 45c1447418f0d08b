//! Statements about the network rather than a socket: waits, segments made by hand, floods.

use super::Op;
use super::compile::{Compiler, Header};
use crate::link::HostId;
use crate::scenario::compare::with_stack;
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::limits;
use crate::scenario::number::{time, whole};
use crate::scenario::packets::OPTIONS;
use crate::scenario::pattern::{pattern, starts_direction};
use crate::scenario::source::{Mistake, Parse};
use crate::scenario::{Condition, Flood, Hand, Ipv4Block};
use crate::socket::LocalName;
use crate::tcp::State;
use crate::wire::{Flags, Segment, Seq, TcpOption};
use bytes::Bytes;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::ops::Range;

/// Window of a segment made by hand that names none.
const HAND_WINDOW: u16 = 64240;

impl Compiler<'_> {
    /// `when CONDITION`, with or without a block.
    pub fn when(&mut self, cursor: &mut Cursor<'_>) -> Parse<Header> {
        let condition = self.condition(cursor)?;
        self.ops.push(Op::Wait(condition));
        Ok(if cursor.sign(":") { Header::Plain } else { Header::None })
    }

    fn condition(&mut self, cursor: &mut Cursor<'_>) -> Parse<Condition> {
        if cursor.keyword("accept_queue") {
            let span = cursor.span();
            let host = cursor.expect_host(self.scene)?;
            let host = with_stack(host, span, self.scene);
            let count = self.how_many(cursor)?;
            return Ok(Condition::AcceptQueue { host, count });
        }
        if cursor.keyword("time") {
            return time(cursor, self.scene).map(Condition::Time);
        }
        let host = match cursor.peek() {
            Some(Word::Name(name)) if !starts_direction(cursor) => self.scene.host(name),
            _ => None,
        };
        let Some(host) = host else {
            return self.frame_condition(cursor);
        };
        let span = cursor.span();
        cursor.advance();
        if cursor.keyword("ended") {
            if host == self.host && !self.spawned {
                self.scene.report(Mistake::new(
                    span,
                    "a program cannot wait for its own end",
                    "程序不能等待自己结束",
                ));
            }
            return Ok(Condition::Ended(host));
        }
        let host = with_stack(Some(host), span, self.scene);
        if let (Some(Word::Name(word @ ("bound" | "listening"))), Some(Word::Text(text))) =
            (cursor.peek(), cursor.peek_at(1))
        {
            let (listening, octets) = (*word == "listening", text.clone());
            cursor.advance();
            let span = cursor.span();
            cursor.advance();
            let name = LocalName::new(&octets).unwrap_or_else(|| {
                self.scene.report(super::kind::no_local_name(span));
                LocalName::default()
            });
            return Ok(Condition::Named { host, name, listening });
        }
        if cursor.keyword("bound") {
            let port = whole(cursor, self.scene, 1..=65535, "port", "端口")? as u16;
            return Ok(Condition::Bound { host, port });
        }
        let state = self.state(cursor)?;
        let count = self.how_many(cursor)?;
        Ok(Condition::State { host, state, count })
    }

    fn frame_condition(&mut self, cursor: &mut Cursor<'_>) -> Parse<Condition> {
        let start = cursor.span();
        let lone = matches!(cursor.peek_at(1), Some(Word::Name(_))) && !starts_direction(cursor);
        if let (true, Some(Word::Name(name))) = (lone, cursor.peek()) {
            let mistake = Mistake::new(
                start,
                format!("there is no host `{name}`"),
                format!("没有名为 `{name}` 的主机"),
            );
            return Err(Box::new(
                mistake.known(name, self.scene.hosts.iter().map(|host| host.name.as_str())),
            ));
        }
        if cursor.is_done() || cursor.is_sign(":") {
            return Err(cursor.expected(
                "a condition (HOST STATE, accept_queue HOST N, a pattern, HOST ended, time T)",
                "条件（主机 状态、accept_queue 主机 N、模式、主机 ended、time 时间）",
            ));
        }
        let pattern = pattern(cursor, self.scene)?;
        self.deeds.awaited.push((pattern, cursor.since(start.start)));
        Ok(Condition::Frame(pattern))
    }

    fn how_many(&mut self, cursor: &mut Cursor<'_>) -> Parse<u32> {
        if cursor.is_done() || cursor.is_sign(":") {
            return Ok(1);
        }
        whole(cursor, self.scene, 1..=1_000_000, "how many", "个数").map(|count| count as u32)
    }

    fn state(&mut self, cursor: &mut Cursor<'_>) -> Parse<State> {
        let (name, span) = cursor.expect_name(
            "a state (LISTEN, ESTABLISHED…) or `ended`",
            "状态（LISTEN、ESTABLISHED……）或 `ended`",
        )?;
        match State::from_name(name) {
            Some(State::Closed) => {
                self.scene.report(
                    Mistake::new(
                        span,
                        "CLOSED is no endpoint at all: nothing is ever found in it",
                        "CLOSED 表示没有连接，永远等不到",
                    )
                    .help("wait for a frame, or for `… ended`", "请等待某个帧，或 `… ended`"),
                );
                Ok(State::Closed)
            }
            Some(state) => Ok(state),
            None => {
                let mistake = Mistake::new(
                    span,
                    format!("there is no state `{name}`"),
                    format!("没有名为 `{name}` 的状态"),
                );
                let known = State::ALL.map(State::name).into_iter().chain(["ended"]);
                Err(Box::new(mistake.known(&name.replace('_', "-"), known)))
            }
        }
    }

    /// `inject(FROM > TO FLAGS …)`, from its `(` on.
    pub fn inject(&mut self, cursor: &mut Cursor<'_>, at: Range<usize>) -> Parse<()> {
        self.deeds.tcp = true;
        cursor.expect_sign("(")?;
        let (from, source_port) = self.hand_end(cursor)?;
        cursor.expect_sign(">")?;
        let (to, destination_port) = self.hand_end(cursor)?;
        let (letters, span) = cursor.expect_name("flags (S, SA, R…)", "标志（S、SA、R……）")?;
        let Some(flags) = Flags::from_letters(letters) else {
            let mistake = Mistake::new(
                span,
                format!("`{letters}` is no set of TCP flags"),
                format!("`{letters}` 不是 TCP 标志的组合"),
            );
            return Err(Box::new(
                mistake.help("letters of S F R P U E C A, each once", "由 S F R P U E C A 组成，不重复"),
            ));
        };
        let mut hand = Hand {
            from,
            to,
            segment: Segment {
                source_port,
                destination_port,
                flags,
                window: HAND_WINDOW,
                ..Segment::default()
            },
            relative: true,
        };
        while !cursor.is_sign(")") {
            self.hand_field(cursor, &mut hand)?;
        }
        cursor.expect_sign(")")?;
        if from == to {
            self.scene.report(Mistake::new(at, "sender and receiver are the same", "发送方与接收方相同"));
        }
        self.ops.push(Op::Inject(hand));
        Ok(())
    }

    fn hand_end(&mut self, cursor: &mut Cursor<'_>) -> Parse<(Ipv4Addr, u16)> {
        let ip = self.ip(cursor)?;
        let port =
            if cursor.sign(":") { whole(cursor, self.scene, 1..=65535, "port", "端口")? as u16 } else { 0 };
        Ok((ip, port))
    }

    fn hand_field(&mut self, cursor: &mut Cursor<'_>, hand: &mut Hand) -> Parse<()> {
        const FIELDS: [&str; 7] = ["seq", "ack", "win", "len", "data", "absolute", "relative"];
        if cursor.is_sign("<") {
            hand.segment.options = self.hand_options(cursor)?.into();
            return Ok(());
        }
        let (name, span) = cursor.expect_name(
            "seq, ack, win, len, data, <options> or absolute",
            "seq、ack、win、len、data、<选项> 或 absolute",
        )?;
        let full = 0..=u64::from(u32::MAX);
        match name {
            "seq" => {
                hand.segment.seq = Seq(whole(cursor, self.scene, full, "a sequence number", "序号")? as u32)
            }
            "ack" => {
                hand.segment.ack =
                    Seq(whole(cursor, self.scene, full, "an acknowledgment number", "确认号")? as u32)
            }
            "win" => hand.segment.window = whole(cursor, self.scene, 0..=65535, "a window", "窗口")? as u16,
            "len" => {
                let len = whole(cursor, self.scene, 0..=65_495, "a length", "长度")?;
                hand.segment.payload = Bytes::from(vec![b'x'; len as usize]);
            }
            "data" => {
                let Some(Word::Text(text)) = cursor.peek() else {
                    return Err(cursor.expected("text in quotes", "引号中的文字"));
                };
                cursor.advance();
                hand.segment.payload = Bytes::from(text.clone());
            }
            "absolute" => hand.relative = false,
            "relative" => hand.relative = true,
            _ => {
                let mistake = Mistake::new(
                    span,
                    format!("`{name}` is no field of a segment"),
                    format!("报文段里没有 `{name}` 字段"),
                );
                return Err(Box::new(mistake.known(name, FIELDS)));
            }
        }
        Ok(())
    }

    fn hand_options(&mut self, cursor: &mut Cursor<'_>) -> Parse<Vec<TcpOption>> {
        cursor.expect_sign("<")?;
        let mut options = Vec::new();
        while !cursor.is_sign(">") {
            let (name, span) = cursor.expect_name(
                "an option (mss N, wscale N, sackOK, TS, TS - N, nop)",
                "选项（mss N、wscale N、sackOK、TS、TS - N、nop）",
            )?;
            options.push(match name {
                "mss" => TcpOption::Mss(whole(cursor, self.scene, 0..=65535, "an MSS", "MSS")? as u16),
                "wscale" => {
                    TcpOption::WindowScale(whole(cursor, self.scene, 0..=255, "a shift", "移位数")? as u8)
                }
                "sackOK" => TcpOption::SackPermitted,
                "nop" => TcpOption::Nop,
                "TS" => {
                    let older = cursor.sign("-");
                    let counted = older || matches!(cursor.peek(), Some(Word::Number(_)));
                    let full = 0..=u64::from(u32::MAX);
                    let ticks =
                        if counted { whole(cursor, self.scene, full, "ticks", "时钟滴答数")? } else { 0 }
                            as u32;
                    TcpOption::Timestamps { value: if older { ticks.wrapping_neg() } else { ticks }, echo: 0 }
                }
                _ => {
                    let mistake = Mistake::new(
                        span,
                        format!("option `{name}` cannot be made by hand"),
                        format!("不能手工制作选项 `{name}`"),
                    );
                    let known = OPTIONS
                        .map(|(known, _)| known)
                        .into_iter()
                        .filter(|known| !matches!(*known, "sack" | "FO" | "UTO"));
                    return Err(Box::new(mistake.known(name, known)));
                }
            });
            if !cursor.sign(",") {
                break;
            }
        }
        cursor.expect_sign(">")?;
        Ok(options)
    }

    /// `flood(server:8080, rate = 100k, for = 5s, from = 198.18.0.0/15)`, from its `(` on.
    pub fn flood(&mut self, cursor: &mut Cursor<'_>, at: Range<usize>) -> Parse<()> {
        self.deeds.tcp = true;
        cursor.expect_sign("(")?;
        let to_ip = self.ip(cursor)?;
        cursor.expect_sign(":")?;
        let to_port = whole(cursor, self.scene, 1..=65535, "port", "端口")? as u16;
        let (mut rate, mut lasting, mut from) = (None, None, None);
        while cursor.sign(",") {
            let (name, span) = cursor.expect_name("rate, for or from", "rate、for 或 from")?;
            cursor.expect_sign("=")?;
            match name {
                "rate" => rate = Some(whole(cursor, self.scene, 1..=limits::FLOOD_RATE, "rate", "速率")?),
                "for" => lasting = Some(time(cursor, self.scene)?),
                "from" => from = Some(self.source_block(cursor)?),
                _ => {
                    let mistake = Mistake::new(
                        span,
                        format!("`flood` has no `{name}`"),
                        format!("`flood` 没有 `{name}`"),
                    );
                    return Err(Box::new(mistake.known(name, ["rate", "for", "from"])));
                }
            }
        }
        cursor.expect_sign(")")?;
        let (Some(per_second), Some(lasting), Some(from)) = (rate, lasting, from) else {
            let mistake =
                Mistake::new(at, "`flood` needs rate, for and from", "`flood` 需要 rate、for 和 from");
            return Err(Box::new(mistake.help(
                "flood(server:8080, rate = 100k, for = 5s, from = 198.18.0.0/15)",
                "flood(server:8080, rate = 100k, for = 5s, from = 198.18.0.0/15)",
            )));
        };
        let count = u128::from(per_second) * u128::from(lasting.as_nanos()) / 1_000_000_000;
        if count > u128::from(limits::FLOOD_COUNT) {
            self.scene.report(
                Mistake::new(
                    at,
                    format!("this flood is {count} SYNs long"),
                    format!("这次洪泛共有 {count} 个 SYN"),
                )
                .help(format!("at most {}", limits::FLOOD_COUNT), format!("最多 {}", limits::FLOOD_COUNT)),
            );
        }
        self.ops.push(Op::Flood(Flood { to: SocketAddrV4::new(to_ip, to_port), per_second, lasting, from }));
        Ok(())
    }

    /// A block of addresses that some host owns.
    fn source_block(&mut self, cursor: &mut Cursor<'_>) -> Parse<Ipv4Block> {
        let start = cursor.span().start;
        let base = self.ip(cursor)?;
        cursor.expect_sign("/")?;
        let prefix = whole(cursor, self.scene, 1..=32, "prefix length", "前缀长度")? as u8;
        let block = Ipv4Block { base, prefix };
        let owned = self.scene.hosts.iter().any(|host| host.owns.iter().any(|owned| owned.covers(&block)));
        if !owned {
            let span = cursor.since(start);
            let name = self.scene.facts(self.host).map_or_else(String::new, |facts| facts.name.clone());
            self.scene.report(
                Mistake::new(
                    span,
                    "no host owns these addresses: the answers would lead nowhere",
                    "这些地址不属于任何主机，应答无处可去",
                )
                .help(
                    format!("write owns = [\"{base}/{prefix}\"] in [host.{name}]"),
                    format!("在 [host.{name}] 中写 owns = [\"{base}/{prefix}\"]"),
                ),
            );
        }
        Ok(block)
    }
}

impl Ipv4Block {
    /// Whether the address is in the block.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        let shift = 32 - u32::from(self.prefix.min(32));
        let mask = u32::MAX.checked_shl(shift).unwrap_or(0);
        u32::from(address) & mask == u32::from(self.base) & mask
    }
    /// Whether all of `other` is in the block.
    pub fn covers(&self, other: &Ipv4Block) -> bool {
        self.prefix <= other.prefix && self.contains(other.base)
    }
}

/// Whether the host is that one; for readers of conditions.
impl Condition {
    /// The host the condition is about, if it is about one.
    pub fn host(&self) -> Option<HostId> {
        match self {
            Condition::State { host, .. } | Condition::AcceptQueue { host, .. } | Condition::Ended(host) => {
                Some(*host)
            }
            Condition::Bound { host, .. } | Condition::Named { host, .. } => Some(*host),
            Condition::Frame(_) | Condition::Time(_) => None,
        }
    }
}
