//! The connections of a capture as a table.

use crate::inspect::{Belief, Connection, Ending, Handshake, MOST_CONNECTIONS, Survey};
use crate::lang::Lang;
use crate::trace::Protocol;
use crate::view::{Ink, Line, Look};

/// Nobody reads more lines than of so many connections.
const LISTED: usize = 1000;

/// The table.
pub fn table(survey: &Survey, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut lines = vec![Line::of(look, Ink::Heading, &sum(survey, lang))];
    for remark in remarks(survey, lang) {
        lines.push(Line::of(look, Ink::Dim, &remark));
    }
    lines.push(Line::new());
    let mut head = Line::new();
    head.push(look, Ink::Dim, lang.pick("  no  ends", "编号  两端"));
    head.push_right(look, Ink::Dim, lang.pick("octets →", "字节 →"), look.width - 22);
    head.push_right(look, Ink::Dim, lang.pick("octets ←", "字节 ←"), look.width - 11);
    head.push_right(look, Ink::Dim, lang.pick("seconds", "秒"), look.width);
    lines.push(head);
    let mut guessed = false;
    for connection in survey.connections.iter().take(LISTED) {
        let mut line = Line::new();
        line.push_right(look, Ink::Plain, &connection.number.to_string(), 4);
        let [one, other] = connection.ends.map(|end| end.to_string());
        // Two long addresses of IPv6 do not fit beside each other.
        line.to(6).push(look, Ink::Call, &one);
        if line.width() + 3 + other.len() > look.width {
            lines.push(std::mem::take(&mut line));
            line.to(4).push(look, Ink::Call, "→ ").push(look, Ink::Call, &other);
        } else {
            line.push(look, Ink::Call, " → ").push(look, Ink::Call, &other);
        }
        if line.width() > look.width - 33 {
            lines.push(std::mem::take(&mut line));
        }
        let seconds = connection.latest.saturating_sub(connection.began) as f64 / 1e9;
        line.push_right(look, Ink::Plain, &connection.halves[0].octets.to_string(), look.width - 22);
        line.push_right(look, Ink::Plain, &connection.halves[1].octets.to_string(), look.width - 11);
        line.push_right(look, Ink::Plain, &format!("{seconds:.3}"), look.width);
        lines.push(line);
        let (states, guess) = states(connection);
        guessed |= guess;
        let mut parts = vec![states];
        parts.extend(notes(connection, lang));
        for text in look.wrap(&parts.join(lang.pick("; ", "；")), look.width - 6) {
            let mut line = Line::new();
            line.to(6).push(look, Ink::Dim, &text);
            lines.push(line);
        }
    }
    let more = survey.connections.len().saturating_sub(LISTED);
    if more > 0 {
        let text = lang.pick(
            format!("… and {more} more: --json lists them all, --connection N shows one"),
            format!("… 此外还有 {more} 个：--json 全部列出，--connection N 查看其中一个"),
        );
        lines.push(Line::of(look, Ink::Dim, &text));
    }
    if guessed {
        lines.push(Line::new());
        let text = lang.pick(
            "? inferred: nothing that end sent afterwards shows it",
            "? 为推断：该端此后发送的报文都不能表明",
        );
        lines.push(Line::of(look, Ink::Dim, text));
    }
    lines
}

fn sum(survey: &Survey, lang: Lang) -> String {
    let seconds = survey.span.map_or(0.0, |(first, last)| last.saturating_sub(first) as f64 / 1e9);
    let (packets, octets, connections) = (survey.packets, survey.octets, survey.connections.len());
    lang.pick(
        format!("{packets} packets, {octets} octets, {seconds:.3} s; connections: {connections}"),
        format!("{packets} 个分组，{octets} 字节，{seconds:.3} 秒；连接 {connections} 个"),
    )
}

/// What else the capture holds.
fn remarks(survey: &Survey, lang: Lang) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut say = |count: u64, en: &str, zh: &str| {
        if count > 0 {
            remarks.push(lang.pick(format!("{count} {en}"), format!("{count} {zh}")));
        }
    };
    say(
        survey.others,
        "packets of no connection (ARP, ICMP, fragments…)",
        "个分组不属于任何连接（ARP、ICMP、分片等）",
    );
    say(
        survey.hops,
        "packets seen again on another link (further hops of the same)",
        "个分组在别的链路上再次出现（同一分组的后续各跳）",
    );
    say(survey.cut_short, "packets cut short in the capture", "个分组在捕获时被截短");
    say(survey.tagged, "packets with a VLAN tag", "个分组带 VLAN 标签");
    say(
        survey.unknown_links.values().sum(),
        "packets whose link header cannot be read",
        "个分组的链路层首部读不懂",
    );
    if survey.beyond > 0 {
        let beyond = survey.beyond;
        remarks.push(lang.pick(
            format!("{beyond} packets of connections beyond the first {MOST_CONNECTIONS}"),
            format!("{beyond} 个分组属于前 {MOST_CONNECTIONS} 个之外的连接"),
        ));
    }
    remarks
}

/// The states of both ends, a question mark where they are inferred; whether one is.
fn states(connection: &Connection) -> (String, bool) {
    if connection.protocol == Protocol::Udp {
        return ("UDP".to_owned(), false);
    }
    let mut guessed = false;
    let words = connection.states().map(|state| match state {
        Some((state, Belief::Seen)) => state.name().to_owned(),
        Some((state, Belief::Inferred)) => {
            guessed = true;
            format!("{}?", state.name())
        }
        None => "-".to_owned(),
    });
    (words.join(" / "), guessed)
}

/// What is remarkable about a connection.
fn notes(connection: &Connection, lang: Lang) -> Vec<String> {
    let mut notes = Vec::new();
    if connection.protocol == Protocol::Tcp {
        match connection.handshake() {
            Handshake::Whole => {}
            Handshake::Part if matches!(connection.ending(), Ending::NoAnswer(_) | Ending::Refused) => {}
            Handshake::Part => notes.push(lang.pick("handshake not complete", "握手不完整").to_owned()),
            Handshake::Unseen => notes.push(lang.pick("opening not captured", "建立过程未捕获").to_owned()),
        }
    }
    if let Some(number) = connection.after {
        notes.push(
            lang.pick(
                format!("the ports of connection {number} again"),
                format!("与连接 {number} 的端口相同"),
            ),
        );
    }
    notes.extend(ended(connection, lang));
    let [one, other] = &connection.halves;
    let mut count = |one: u32, other: u32, en: &str, zh: &str| {
        if one + other > 0 {
            notes.push(lang.pick(format!("{en} {one} →, {other} ←"), format!("{zh} {one} →、{other} ←")));
        }
    };
    let ending = connection.ending();
    // What the ending tells already is not told twice.
    if !matches!(ending, Ending::NoAnswer(_)) {
        count(one.retransmissions, other.retransmissions, "retransmissions", "重传");
        count(one.fast, other.fast, "fast", "快重传");
        count(one.timeouts, other.timeouts, "by time-out", "超时重传");
        count(one.spurious, other.spurious, "in vain", "多余重传");
    }
    count(one.out_of_order, other.out_of_order, "out of order", "乱序");
    count(one.duplicate_acks, other.duplicate_acks, "duplicate ACKs", "重复确认");
    count(one.zero_windows, other.zero_windows, "zero windows", "零窗口");
    count(one.windows_filled, other.windows_filled, "windows filled", "填满窗口");
    count(one.window_probes, other.window_probes, "window probes", "窗口探测");
    count(one.keepalives, other.keepalives, "keepalives", "保活探测");
    if !matches!(ending, Ending::Refused | Ending::Reset { .. }) || one.resets + other.resets > 1 {
        count(one.resets, other.resets, "resets", "复位");
    }
    if one.uncaptured + other.uncaptured > 0 {
        let (one, other) = (one.uncaptured, other.uncaptured);
        notes.push(lang.pick(
            format!("octets not captured {one} →, {other} ←"),
            format!("未捕获的字节 {one} →、{other} ←"),
        ));
    }
    notes
}

/// How it ended, where the states do not tell.
fn ended(connection: &Connection, lang: Lang) -> Option<String> {
    let by = |end: usize| connection.ends[end].port();
    match connection.ending() {
        Ending::NoAnswer(syns) => {
            Some(lang.pick(format!("no answer to {syns} SYN"), format!("{syns} 个 SYN 均无应答")))
        }
        Ending::Refused => Some(lang.pick("refused", "被拒绝").to_owned()),
        Ending::Reset { by: end, after_fin: false } => {
            Some(lang.pick(format!("reset by port {}", by(end)), format!("由端口 {} 复位", by(end))))
        }
        Ending::Reset { by: end, after_fin: true } => Some(lang.pick(
            format!("reset by port {} after the other's FIN", by(end)),
            format!("收到对方的 FIN 后由端口 {} 复位", by(end)),
        )),
        Ending::Open | Ending::HalfClosed(_) | Ending::Closed => None,
    }
}
