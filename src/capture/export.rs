//! A trace as a capture file.

use super::{Classifier, Interface, Section, Writer};
use crate::lang::Lang;
use crate::trace::{Fate, Frame, Source, Trace};
use crate::wire;
use std::io::{self, Write};

/// Writes the trace's frames as pcapng, each with a comment in `lang` that says why it was sent.
///
/// # Errors
/// What `out` says.
pub fn export(trace: &Trace, lang: Lang, out: impl Write) -> io::Result<()> {
    let mut classifier = Classifier::new();
    export_with(trace, lang, out, |frame| comment(frame, &mut classifier, lang))
}

/// Writes the trace's frames as pcapng, as a sniffer at each sender would see them: a frame that was damaged on the way is
/// there as it was sent, one that was duplicated is there once. `comment` speaks about each of them, in order. Time
/// counts from the beginning of the run. Checksums that a live kernel left unfinished are filled in.
///
/// # Errors
/// What `out` says.
pub fn export_with(
    trace: &Trace,
    lang: Lang,
    out: impl Write,
    mut comment: impl FnMut(&Frame<'_>) -> String,
) -> io::Result<()> {
    let (system, name) = match &trace.meta.source {
        Source::Simulated => (String::new(), "wire"),
        Source::Live { kernel, mode } => {
            (format!("Linux {kernel}"), if *mode == "loopback" { "lo" } else { "wire" })
        }
        Source::Captured { .. } => (String::new(), "capture"),
    };
    let application = concat!("wirewalk ", env!("CARGO_PKG_VERSION"));
    let about = about(trace, lang);
    let mut writer = Writer::new(out, Section { comment: &about, system: &system, application })?;
    let wire = writer.interface(Interface { name, description: &source(&trace.meta.source, lang) })?;
    let live = matches!(trace.meta.source, Source::Live { .. });
    for frame in trace.frames() {
        let comment = comment(&frame);
        let at = frame.at.as_nanos();
        if live {
            writer.packet(wire, at, &wire::fill_checksums(frame.bytes), &comment)?;
        } else {
            writer.packet(wire, at, frame.bytes, &comment)?;
        }
    }
    writer.finish()?;
    Ok(())
}

/// Why the frame was sent, with the section that asks for it, and what became of it if it did not arrive whole.
/// Where the trace does not know why (the kernel does not say), `classifier` tells what shows from outside; it must
/// be shown every frame in order.
pub fn comment(frame: &Frame<'_>, classifier: &mut Classifier, lang: Lang) -> String {
    let purpose = classifier.see(frame);
    let (sentence, section) = match frame.why {
        Some(why) => (why.sentence(lang), why.section()),
        None => (purpose.sentence(lang), purpose.section()),
    };
    let mut text = with_section(&sentence, section);
    for fate in &frame.fates {
        let fate = match fate {
            Fate::Lost { why, .. } => Some(lang.pick(
                format!("Lost on the way: {}", why.sentence(lang)),
                format!("途中丢失：{}", why.sentence(lang)),
            )),
            Fate::Arrived { dropped: Some(why), .. } => Some(lang.pick(
                format!("Its receiver dropped it: {}", why.sentence(lang)),
                format!("接收方将其丢弃：{}", why.sentence(lang)),
            )),
            Fate::Arrived { changed: Some(_), dropped: None, .. } => {
                Some(lang.pick("It was damaged on the way.", "途中受损。").to_owned())
            }
            Fate::Arrived { changed: None, dropped: None, .. } => None,
        };
        if let Some(fate) = fate {
            text.push_str(lang.pick(" ", ""));
            text.push_str(&fate);
        }
    }
    text
}

fn with_section(sentence: &str, section: &str) -> String {
    if section.is_empty() { sentence.to_owned() } else { format!("{sentence} [{section}]") }
}

fn about(trace: &Trace, lang: Lang) -> String {
    let meta = &trace.meta;
    let title = meta.title.get(lang);
    match &meta.source {
        Source::Simulated => lang.pick(
            format!("{}: {title}. Profile {}, seed {}.", meta.scenario, meta.profile, meta.seed),
            format!("{}：{title}。协议栈 {}，种子 {}。", meta.scenario, meta.profile, meta.seed),
        ),
        Source::Live { .. } | Source::Captured { .. } => {
            lang.pick(format!("{}: {title}.", meta.scenario), format!("{}：{title}。", meta.scenario))
        }
    }
}

fn source(source: &Source, lang: Lang) -> String {
    match source {
        Source::Simulated => lang.pick("simulated wire", "模拟的线路").to_owned(),
        Source::Live { kernel, mode: "loopback" } => {
            lang.pick(format!("loopback of kernel {kernel}"), format!("内核 {kernel} 的环回接口"))
        }
        Source::Live { kernel, .. } => lang.pick(
            format!("user-space wire between hosts of kernel {kernel}"),
            format!("内核 {kernel} 的各主机之间的用户态线路"),
        ),
        Source::Captured { file } => lang.pick(format!("from {file}"), format!("来自 {file}")),
    }
}
