//! A run as a capture file, written while it goes on: frames are held only until it shows what became of them.

use super::{Classifier, Interface, Purpose, Section, Writer};
use crate::clock::Instant;
use crate::host::Reason;
use crate::lang::Lang;
use crate::link::HostId;
use crate::trace::{Endpoint, EndpointId, Event, Meta, Record, RecordId, Sink, Source, Trace};
use crate::wire::{self, Checksums};
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};

/// When every exported run began, as its time stamps have it: midnight of 1 January 2000, UTC. The same run gives the same
/// file, so no clock is asked; what counts are the differences.
pub const EPOCH_NS: u64 = 946_684_800 * 1_000_000_000;

/// Frames held at most. What becomes of a frame when so many later ones were sent is not told of it.
const HELD: usize = 4096;

/// The two nodes that a link joins, the lower number first; `None` is the one wire that joins all hosts.
type Ends = Option<(HostId, HostId)>;

/// Writes the trace's frames as pcapng, each with a comment in `lang` that says why it was sent: as a sniffer at each sender
/// would see them, with an interface for each link. A frame that was damaged on the way is there as it was sent, one that was duplicated is there once.
/// Checksums that a live kernel left unfinished are filled in.
///
/// # Errors
/// What `out` says.
pub fn export(trace: &Trace, lang: Lang, out: impl Write) -> io::Result<()> {
    let mut export = Export::new(&trace.meta, lang, out)?;
    for record in &trace.records {
        export.see(record);
    }
    export.finish().map(drop)
}

/// A capture that is being written: a [`Sink`] for the records of a run.
#[derive(Debug)]
pub struct Export<W> {
    writer: Writer<W>,
    source: Source,
    nodes: Vec<String>,
    /// The interfaces so far: one is added when the first frame of its link is written.
    interfaces: BTreeMap<Ends, u32>,
    lang: Lang,
    live: bool,
    /// Whether every sender's own reason is in the records: then nothing has to be told from outside.
    simulated: bool,
    classifier: Classifier,
    held: VecDeque<Held>,
    /// Of frames that are held: which arrival is which frame's.
    arrivals: BTreeMap<RecordId, RecordId>,
    frames: usize,
    failed: Option<io::Error>,
}

#[derive(Debug)]
struct Held {
    id: RecordId,
    at: Instant,
    link: Ends,
    frame: Bytes,
    why: Option<Reason>,
    fates: Vec<Fate>,
}

#[derive(Debug)]
enum Fate {
    Lost(Reason),
    Arrived { record: RecordId, damaged: bool, dropped: Option<Reason> },
}

impl<W: Write> Export<W> {
    /// Begins the file of the run that `meta` describes, with comments in that language.
    ///
    /// # Errors
    /// What `out` says.
    pub fn new(meta: &Meta, lang: Lang, out: W) -> io::Result<Export<W>> {
        let system = match &meta.source {
            Source::Live { kernel, .. } => format!("Linux {kernel}"),
            Source::Simulated | Source::Captured { .. } => String::new(),
        };
        let application = concat!("wirewalk ", env!("CARGO_PKG_VERSION"));
        let about = about(meta, lang);
        let writer = Writer::new(out, Section { comment: &about, system: &system, application })?;
        let live = matches!(meta.source, Source::Live { .. });
        Ok(Export {
            writer,
            source: meta.source.clone(),
            nodes: meta.hosts.iter().map(|host| host.name.clone()).collect(),
            interfaces: BTreeMap::new(),
            lang,
            live,
            simulated: meta.source == Source::Simulated,
            classifier: Classifier::new(),
            held: VecDeque::new(),
            arrivals: BTreeMap::new(),
            frames: 0,
            failed: None,
        })
    }

    /// Takes note of the next record.
    pub fn see(&mut self, record: &Record) {
        match &record.event {
            Event::FrameSent { frame, next, why, .. } => {
                let link = record.host.zip(*next).map(|(one, other)| (one.min(other), one.max(other)));
                let (frame, why) = (frame.clone(), why.clone());
                let (id, at) = (record.id, record.at);
                self.held.push_back(Held { id, at, link, frame, why, fates: Vec::new() });
                if self.held.len() > HELD {
                    self.release();
                }
            }
            Event::FrameArrived { sent, changed } => {
                let damaged = changed.is_some();
                if let Some(held) = self.find(*sent) {
                    held.fates.push(Fate::Arrived { record: record.id, damaged, dropped: None });
                    self.arrivals.insert(record.id, *sent);
                }
            }
            Event::FrameLost { sent, why } => {
                let why = why.clone();
                if let Some(held) = self.find(*sent) {
                    held.fates.push(Fate::Lost(why));
                }
            }
            Event::FrameDropped { arrived, why } => {
                let Some(sent) = self.arrivals.get(arrived).copied() else { return };
                for fate in self.find(sent).map(|held| held.fates.iter_mut()).into_iter().flatten() {
                    if let Fate::Arrived { record, dropped, .. } = fate
                        && record == arrived
                    {
                        dropped.get_or_insert_with(|| why.clone());
                    }
                }
            }
            _ => {}
        }
    }

    /// Writes what is held, and gives the output back with the number of packets in it.
    ///
    /// # Errors
    /// The first thing that `out` said.
    pub fn finish(mut self) -> io::Result<(W, usize)> {
        while !self.held.is_empty() {
            self.release();
        }
        if self.interfaces.is_empty() && self.failed.is_none() {
            self.interface(None)?;
        }
        match self.failed {
            Some(error) => Err(error),
            None => Ok((self.writer.finish()?, self.frames)),
        }
    }

    /// The frame with that record, if it is still held.
    fn find(&mut self, sent: RecordId) -> Option<&mut Held> {
        let place = self.held.binary_search_by_key(&sent, |held| held.id).ok()?;
        self.held.get_mut(place)
    }

    /// Writes the frame that has been held longest.
    fn release(&mut self) {
        let Some(held) = self.held.pop_front() else { return };
        for fate in &held.fates {
            if let Fate::Arrived { record, .. } = fate {
                self.arrivals.remove(record);
            }
        }
        self.frames += 1;
        if self.failed.is_some() {
            return;
        }
        let comment = self.comment(&held);
        let at = EPOCH_NS.saturating_add(held.at.as_nanos());
        let octets = if self.live { wire::fill_checksums(&held.frame) } else { held.frame.clone() };
        let written = self
            .interface(held.link)
            .and_then(|interface| self.writer.packet(interface, at, &octets, &comment));
        self.failed = written.err();
    }

    /// The number of the link's interface, which is added if it is the first time.
    fn interface(&mut self, link: Ends) -> io::Result<u32> {
        if let Some(known) = self.interfaces.get(&link) {
            return Ok(*known);
        }
        let node = |id: HostId| self.nodes.get(id.index()).map_or("?", String::as_str);
        let name = match (link, &self.source) {
            (Some((one, other)), _) => format!("{}-{}", node(one), node(other)),
            (None, Source::Live { mode: "loopback", .. }) => "lo".to_owned(),
            (None, Source::Simulated | Source::Live { .. }) => "wire".to_owned(),
            (None, Source::Captured { .. }) => "capture".to_owned(),
        };
        let description = source(&self.source, self.lang);
        let number = self.writer.interface(Interface { name: &name, description: &description })?;
        self.interfaces.insert(link, number);
        Ok(number)
    }

    /// Why the frame was sent, with the section that asks for it, and what became of it if it did not arrive whole. Where
    /// the trace does not know why (the kernel does not say), the classifier tells what shows from outside.
    fn comment(&mut self, held: &Held) -> String {
        let lang = self.lang;
        let (sentence, section) = match &held.why {
            Some(why) if self.simulated => (why.sentence(lang), why.section()),
            why => {
                let purpose = match wire::parse_with(&held.frame, Checksums::Ignore) {
                    Ok(packet) => self.classifier.see_packet(self.frames, &packet),
                    Err(error) => Purpose::Unreadable(error),
                };
                match why {
                    Some(why) => (why.sentence(lang), why.section()),
                    None => (purpose.sentence(lang), purpose.section()),
                }
            }
        };
        let mut text = if section.is_empty() { sentence } else { format!("{sentence} [{section}]") };
        for fate in &held.fates {
            let Some(fate) = fate.words(lang) else { continue };
            text.push_str(lang.pick(" ", ""));
            text.push_str(&fate);
        }
        text
    }
}

impl<W: Write> Sink for Export<W> {
    fn endpoint(&mut self, _: EndpointId, _: &Endpoint) {}
    fn record(&mut self, record: Record) {
        self.see(&record);
    }
}

impl Fate {
    /// What is to be said of it; nothing of a frame that arrived whole and was taken.
    fn words(&self, lang: Lang) -> Option<String> {
        Some(match self {
            Fate::Lost(why) => {
                let why = why.sentence(lang);
                lang.pick(format!("Lost on the way: {why}"), format!("途中丢失：{why}"))
            }
            Fate::Arrived { dropped: Some(why), .. } => {
                let why = why.sentence(lang);
                lang.pick(format!("Its receiver dropped it: {why}"), format!("接收方将其丢弃：{why}"))
            }
            Fate::Arrived { damaged: true, dropped: None, .. } => {
                lang.pick("It was damaged on the way.", "途中受损。").to_owned()
            }
            Fate::Arrived { damaged: false, dropped: None, .. } => return None,
        })
    }
}

fn about(meta: &Meta, lang: Lang) -> String {
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
