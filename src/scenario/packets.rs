//! Packet lines of expectations: `server > client  SA  7654321  ack 1234568  <mss 1460,…>`.

use super::ExpectedPacket;
use super::cursor::{Cursor, Scene};
use super::lex::{Word, words};
use super::number::whole;
use super::pattern::{direction, what};
use super::source::{Mistake, Parse, Piece};
use crate::link::What;

/// Names of TCP options as packet lines write them; whether a value follows.
pub(super) const OPTIONS: [(&str, bool); 8] = [
    ("mss", true),
    ("wscale", true),
    ("sackOK", false),
    ("sack", false),
    ("TS", false),
    ("nop", false),
    ("FO", true),
    ("UTO", false),
];

/// A packet line and where it stands in its piece.
pub(super) type Line = (ExpectedPacket, std::ops::Range<usize>);

/// The packet lines of `piece`; lines with mistakes are reported and left out.
pub(super) fn packets(piece: &Piece, scene: &mut Scene) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut base = 0;
    for text in piece.text.split_inclusive('\n') {
        let bare = text.trim_end();
        match words(bare, base) {
            Ok(tokens) if tokens.is_empty() => {}
            Ok(tokens) => {
                let mut cursor = Cursor::new(&tokens, base + bare.len());
                match packet(&mut cursor, scene, piece) {
                    Ok(line) => lines.push(line),
                    Err(mistake) => scene.report(*mistake),
                }
            }
            Err(mistake) => scene.report(*mistake),
        }
        base += text.len();
    }
    if lines.is_empty() && scene.mistakes.is_empty() {
        let at = 0..piece.text.len();
        scene.report(Mistake::new(at, "no packet is listed", "一个报文也没有列出"));
    }
    lines
}

fn packet(cursor: &mut Cursor<'_>, scene: &mut Scene, piece: &Piece) -> Parse<Line> {
    let start = cursor.span().start;
    let direction = direction(cursor, scene)?;
    let what = kind(cursor, scene)?;
    let mut packet = ExpectedPacket {
        direction,
        flags: if let What::Tcp(flags) = what { Some(flags) } else { None },
        what,
        seq: None,
        ack: None,
        len: None,
        window: None,
        urgent: None,
        options: None,
        more_options: false,
        lost: false,
        text: String::new(),
    };
    while !cursor.is_done() {
        field(cursor, scene, &mut packet)?;
    }
    let span = cursor.since(start);
    let words = piece.text.get(span.clone()).unwrap_or_default();
    packet.text = words.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok((packet, span))
}

fn kind(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<What> {
    if cursor.sign("*") {
        return Ok(What::Any);
    }
    let (name, span) = cursor.expect_name(
        "flags (SA, FA…), ack, data, tcp, udp, icmp or arp",
        "标志（SA、FA……）或 ack、data、tcp、udp、icmp、arp",
    )?;
    what(name, span, scene)
}

fn field(cursor: &mut Cursor<'_>, scene: &mut Scene, packet: &mut ExpectedPacket) -> Parse<()> {
    const WORDS: &str = "seq, ack, len, win, urg, <options> or lost";
    let span = cursor.span();
    let tcp = !matches!(packet.what, What::Udp | What::Icmp | What::Arp | What::Tree);
    let only_tcp = |scene: &mut Scene, name: &str| {
        if !tcp {
            scene.report(Mistake::new(
                span.clone(),
                format!("only a TCP segment has {name}"),
                format!("只有 TCP 报文段才有 {name}"),
            ));
        }
    };
    match cursor.peek() {
        Some(Word::Number(_)) => {
            only_tcp(scene, "seq");
            packet.seq = Some(sequence(cursor, scene, "a sequence number", "序号")?);
        }
        Some(Word::Sign("<")) => {
            only_tcp(scene, "options");
            (packet.options, packet.more_options) =
                options(cursor, scene).map(|(list, more)| (Some(list), more))?;
        }
        Some(Word::Name(name)) => {
            cursor.advance();
            match *name {
                "seq" => {
                    only_tcp(scene, name);
                    packet.seq = Some(sequence(cursor, scene, "a sequence number", "序号")?);
                }
                "ack" => {
                    only_tcp(scene, name);
                    packet.ack = Some(sequence(cursor, scene, "an acknowledgment number", "确认号")?);
                }
                "len" => packet.len = Some(whole(cursor, scene, 0..=65535, "a length", "长度")? as u32),
                "win" => {
                    only_tcp(scene, name);
                    packet.window = Some(whole(cursor, scene, 0..=65535, "a window", "窗口")? as u16);
                }
                "urg" => {
                    only_tcp(scene, name);
                    let pointer = whole(cursor, scene, 0..=65535, "an urgent pointer", "紧急指针")?;
                    packet.urgent = Some(pointer as u16);
                }
                "lost" => packet.lost = true,
                _ => {
                    let mistake = Mistake::new(
                        span,
                        format!("`{name}` is no part of a packet line"),
                        format!("报文行里没有 `{name}` 这一项"),
                    );
                    return Err(Box::new(mistake.known(name, ["seq", "ack", "len", "win", "urg", "lost"])));
                }
            }
        }
        Some(Word::Address(_) | Word::Bracketed(_) | Word::Text(_) | Word::Sign(_)) | None => {
            return Err(cursor.expected(WORDS, "seq、ack、len、win、urg、<选项> 或 lost"));
        }
    }
    Ok(())
}

fn sequence(cursor: &mut Cursor<'_>, scene: &mut Scene, en: &str, zh: &str) -> Parse<u32> {
    whole(cursor, scene, 0..=u64::from(u32::MAX), en, zh).map(|number| number as u32)
}

/// `<mss 1460, nop, …>`: the options, and whether others may follow.
fn options(cursor: &mut Cursor<'_>, scene: &mut Scene) -> Parse<(Vec<String>, bool)> {
    cursor.expect_sign("<")?;
    let mut list = Vec::new();
    let mut more = false;
    while !cursor.is_sign(">") {
        if cursor.sign("…") || cursor.sign("...") {
            more = true;
            break;
        }
        let (name, span) = cursor.expect_name(
            "an option (mss, wscale, sackOK, sack, TS, nop) or …",
            "选项（mss、wscale、sackOK、sack、TS、nop）或 …",
        )?;
        let Some((_, valued)) = OPTIONS.into_iter().find(|(known, _)| *known == name) else {
            let mistake = Mistake::new(
                span,
                format!("there is no option `{name}`"),
                format!("没有名为 `{name}` 的选项"),
            );
            return Err(Box::new(mistake.known(name, OPTIONS.map(|(known, _)| known))));
        };
        let value = valued && matches!(cursor.peek(), Some(Word::Number(_)));
        list.push(if value {
            format!("{name} {}", whole(cursor, scene, 0..=65535, "the option's value", "选项的值")?)
        } else {
            name.to_owned()
        });
        if !cursor.sign(",") {
            break;
        }
    }
    cursor.expect_sign(">")?;
    Ok((list, more))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{Direction, HostId};
    use crate::wire::Flags;

    fn read(text: &str) -> (Vec<ExpectedPacket>, Vec<Mistake>) {
        let mut scene = Scene::of_names(["client", "server"]);
        let lines = packets(&Piece::whole(text), &mut scene);
        (lines.into_iter().map(|(packet, _)| packet).collect(), scene.mistakes)
    }

    #[test]
    fn a_packet_line_keeps_what_it_says_and_leaves_the_rest_open() {
        let (packets, mistakes) =
            read("\n  server > client  SA  7654321  ack 1234568  <mss 1460,…> lost # note\n");
        assert_eq!(mistakes, []);
        let [packet] = &packets[..] else { panic!("{packets:?}") };
        assert_eq!(packet.direction, Direction { from: Some(HostId(1)), to: Some(HostId(0)) });
        assert_eq!(packet.flags, Some(Flags::SYN | Flags::ACK));
        assert_eq!(
            (packet.seq, packet.ack, packet.len, packet.window),
            (Some(7_654_321), Some(1_234_568), None, None)
        );
        assert_eq!(
            (packet.options.as_deref(), packet.more_options),
            (Some(&["mss 1460".to_owned()][..]), true)
        );
        assert!(packet.lost);
        assert_eq!(packet.text, "server > client SA 7654321 ack 1234568 <mss 1460,…> lost");
    }

    #[test]
    fn no_options_and_unmentioned_options_differ() {
        let (packets, _) = read("client > server R <>\nclient > server R win 0");
        assert_eq!((packets[0].options.as_deref(), packets[1].options.as_deref()), (Some(&[][..]), None));
        assert_eq!(packets[1].window, Some(0));
    }

    #[test]
    fn each_wrong_line_is_reported_and_the_right_ones_are_kept() {
        let (packets, mistakes) =
            read("client > sever S\nclient > server A ak 1\nclient > server udp 7\nclient > server S\n");
        assert_eq!(packets.len(), 3, "the misspelt field alone loses its line");
        let said: Vec<&str> = mistakes.iter().map(|mistake| mistake.message.en.as_str()).collect();
        assert_eq!(
            said,
            ["there is no host `sever`", "`ak` is no part of a packet line", "only a TCP segment has seq"]
        );
    }
}
