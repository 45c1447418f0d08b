//! The frames of a branch, unfolded.

use super::document::{Frame, Layer};
use super::texts::Texts;
use crate::link::HostId;
use crate::trace::{self, RecordId, Trace};
use crate::view::{Look, brief};
use crate::walk;
use crate::wire::{self, decode};
use std::collections::BTreeMap;

/// Frames of one branch that a document unfolds.
const MOST: usize = 2_000;
/// Octets of a frame that the document shows.
const OCTETS: usize = 256;

/// The records of all sendings, in order: a frame's number is its place, from 1.
pub fn numbers(trace: &Trace) -> Vec<RecordId> {
    let sent = |record: &&trace::Record| matches!(record.event, trace::Event::FrameSent { .. });
    trace.records.iter().filter(sent).map(|record| record.id).collect()
}

/// The number of the frame of that sending.
pub fn number(numbers: &[RecordId], sent: RecordId) -> Option<usize> {
    numbers.binary_search(&sent).ok().map(|place| place + 1)
}

/// The frames, and how many are left out.
pub fn frames(branch: &walk::Branch, looks: &[Look; 2], texts: &mut Texts) -> (Vec<Frame>, usize) {
    let all = branch.trace.frames();
    let mut same: BTreeMap<(Option<HostId>, Option<HostId>), usize> = BTreeMap::new();
    let mut shown = Vec::new();
    for frame in all.iter().take(MOST) {
        let nth = same.entry((frame.from, frame.to)).or_default();
        *nth += 1;
        shown.push(unfolded(branch, frame, *nth, looks, texts));
    }
    (shown, all.len().saturating_sub(MOST))
}

fn unfolded(
    branch: &walk::Branch,
    frame: &trace::Frame<'_>,
    nth: usize,
    looks: &[Look; 2],
    texts: &mut Texts,
) -> Frame {
    let [en, zh] = looks.each_ref().map(|look| brief(frame, look).label);
    let name = |host: Option<HostId>| host.map_or("*", |host| branch.trace.host_name(host));
    let fate = match (frame.fates.is_empty(), frame.lost(), frame.dropped()) {
        (true, ..) => "under way",
        (_, Some(_), _) => "lost",
        (_, _, Some(_)) => "dropped",
        (_, None, None) => "arrives",
    };
    Frame {
        number: frame.number,
        time: frame.at.to_string(),
        step: branch.steps.partition_point(|step| step.last < frame.record.id),
        from: frame.from.map(HostId::index),
        to: frame.to.map(HostId::index),
        label: texts.keep(en, zh),
        fate,
        pattern: format!("{} > {} #{nth}", name(frame.from), name(frame.to)),
        length: frame.bytes.len(),
        hex: frame.bytes.iter().take(OCTETS).map(|octet| format!("{octet:02x}")).collect(),
        layers: decode(frame.bytes).iter().map(|known| layer(known, texts)).collect(),
    }
}

fn layer(layer: &wire::Layer, texts: &mut Texts) -> Layer {
    use crate::lang::Lang::{En, Zh};
    let models = |lang| {
        let [osi, internet] = [layer.osi_name.get(lang), layer.tcpip.get(lang)];
        format!("OSI {} {osi} · TCP/IP {internet}", layer.osi)
    };
    let flaw = |lang| layer.flaw.as_ref().map(|flaw| flaw.sentence(lang)).unwrap_or_default();
    let mut fields = Vec::new();
    for field in &layer.fields {
        let bits = match &field.bits {
            Some(bits) if bits.len() <= 1 => bits.start.to_string(),
            Some(bits) => format!("{}-{}", bits.start, bits.end - 1),
            None => String::new(),
        };
        let (name, meaning) = (texts.text(&field.name), texts.text(&field.meaning));
        let cite = texts.keep(field.cite, field.cite);
        fields.push((name, field.bytes.start, field.bytes.end, bits, field.value.clone(), meaning, cite));
    }
    Layer {
        name: texts.text(&layer.name),
        models: texts.keep(models(En), models(Zh)),
        octets: (layer.start, layer.end),
        flaw: texts.keep(flaw(En), flaw(Zh)),
        fields,
    }
}
