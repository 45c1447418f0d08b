//! `inspect`: a capture read; its connections as a table, or what was chosen of it in any view.

use super::args::InspectArgs;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use super::step;
use crate::capture::Broken;
use crate::inspect::{
    Belief, Choice, Connection, Handshake, MOST_CONNECTIONS, MOST_FRAMES, NotRebuilt, Rebuilt, Survey,
    rebuild, survey,
};
use crate::lang::Lang;
use crate::trace::{self, Protocol};
use crate::view::{Ink, Line, Look, ViewName, join, render};
use crate::walk::Walk;
use std::fs::File;

/// Inspects it.
pub fn inspect(arguments: &InspectArgs, settings: &Settings) -> Result<Exit, Failure> {
    let name = arguments.file.display().to_string();
    let file = File::open(&arguments.file).map_err(|error| Failure::io(&name, error))?;
    if arguments.file.is_dir() {
        return Err(Failure::io(&name, std::io::ErrorKind::IsADirectory.into()));
    }
    let chosen = arguments.connection.is_some() || arguments.view.is_some() || arguments.step;
    if !chosen {
        let survey = survey(file).map_err(|broken| refuse(&name, &broken, settings))?;
        let text = if arguments.json {
            super::json(&survey.json(usize::MAX))?
        } else {
            join(&table(&survey, &settings.look), &settings.look)
        };
        out::print(settings.lang(), &text)?;
        return Ok(ending(&name, survey.broken.as_ref(), settings));
    }
    let choice = arguments.connection.map_or(Choice::All, Choice::Connection);
    let short = arguments.file.file_name().map_or(name.clone(), |short| short.to_string_lossy().into_owned());
    let rebuilt = rebuild(file, &short, choice).map_err(|error| match error {
        NotRebuilt::Broken(broken) => refuse(&name, &broken, settings),
        NotRebuilt::NoSuchConnection(count) => Failure::Usage(settings.lang().pick(
            format!("{name}: there is no such connection; it has {count}"),
            format!("{name}：没有这个编号的连接；共有 {count} 个"),
        )),
    })?;
    show(&name, rebuilt, arguments, settings)
}

/// Shows what was chosen.
fn show(name: &str, rebuilt: Rebuilt, arguments: &InspectArgs, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let look = settings.diagram(arguments.diagram, false);
    let Rebuilt { trace, beyond, without_address, broken, .. } = rebuilt;
    if beyond > 0 && !settings.quiet {
        out::say(&lang.pick(
            format!("{name}: {beyond} frames more than the {MOST_FRAMES} that are shown\n"),
            format!("{name}：只显示 {MOST_FRAMES} 帧，此外还有 {beyond} 帧\n"),
        ));
    }
    if without_address > 0 && !settings.quiet {
        out::say(&lang.pick(
            format!("{name}: {without_address} frames without IP addresses are not shown\n"),
            format!("{name}：{without_address} 帧没有 IP 地址，未显示\n"),
        ));
    }
    let exit = ending(name, broken.as_ref(), settings);
    if arguments.json {
        out::print(lang, &trace::to_json(&trace, &[]))?;
    } else if arguments.step {
        step::walk_through(Walk::over(None, trace), look, arguments.plain)?;
    } else {
        let key = arguments.view.as_deref().unwrap_or("sequence");
        let view = ViewName::from_key(key).unwrap_or_default();
        out::print(lang, &render(view, &trace, &look))?;
    }
    Ok(exit)
}

/// The file is no capture at all.
fn refuse(name: &str, broken: &Broken, settings: &Settings) -> Failure {
    let sentence = broken.sentence(settings.lang());
    Failure::Usage(settings.lang().pick(format!("{name}: {sentence}"), format!("{name}：{sentence}")))
}

/// How it ends: a file that breaks off is bad input, though what came before is shown.
fn ending(name: &str, broken: Option<&Broken>, settings: &Settings) -> Exit {
    let Some(broken) = broken else { return Exit::Fine };
    let sentence = broken.sentence(settings.lang());
    out::say(&settings.lang().pick(
        format!("error: {name}: {sentence} What came before it is shown.\n"),
        format!("错误：{name}：{sentence}此前的内容已显示。\n"),
    ));
    Exit::Usage
}

fn table(survey: &Survey, look: &Look) -> Vec<Line> {
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
    for connection in &survey.connections {
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
            Handshake::Part => notes.push(lang.pick("handshake not complete", "握手不完整").to_owned()),
            Handshake::Unseen => notes.push(lang.pick("opening not captured", "建立过程未捕获").to_owned()),
        }
    }
    let [one, other] = &connection.halves;
    let mut count = |one: u64, other: u64, en: &str, zh: &str| {
        if one + other > 0 {
            notes.push(lang.pick(format!("{en} {one} →, {other} ←"), format!("{zh} {one} →、{other} ←")));
        }
    };
    count(one.retransmissions, other.retransmissions, "retransmissions", "重传");
    count(one.out_of_order, other.out_of_order, "out of order", "乱序");
    count(one.duplicate_acks, other.duplicate_acks, "duplicate ACKs", "重复确认");
    count(one.zero_windows, other.zero_windows, "zero windows", "零窗口");
    count(one.window_probes, other.window_probes, "window probes", "窗口探测");
    count(one.keepalives, other.keepalives, "keepalives", "保活探测");
    count(one.resets, other.resets, "resets", "复位");
    notes
}
