//! The frames of a branch, unfolded.

use super::document::{Form, Frame, Layer, LikeLayer, Ref, Tables};
use super::tables::Texts;
use crate::link::HostId;
use crate::trace::{self, RecordId, Trace};
use crate::view::wrapping::Wrapping;
use crate::view::{Look, Rewrite, brief, rewrites};
use crate::walk;
use crate::wire::{self, decode};

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

/// The frames of those steps, and how many are left out.
pub fn frames(
    branch: &walk::Branch,
    looks: &[Look; 4],
    most_steps: usize,
    tables: &mut Tables,
) -> (Vec<Frame>, usize) {
    let all = branch.trace.frames();
    let came_from = branch.trace.passed_on_from(&all);
    let step = |frame: &trace::Frame<'_>| branch.steps.partition_point(|step| step.last < frame.record.id);
    let shown = all.iter().take(MOST).map(|frame| (frame, step(frame)));
    let shown = shown.take_while(|(_, step)| *step < most_steps);
    let came = |frame: &trace::Frame<'_>, tables: &mut Tables| {
        let from = all.get((*came_from.get(frame.number - 1)?)?)?;
        Some((from.number, rewritten(&branch.trace, from, frame, &mut tables.texts)))
    };
    let shown: Vec<Frame> = shown
        .map(|(frame, step)| Frame { came: came(frame, tables), ..unfolded(frame, step, looks, tables) })
        .collect();
    let left_out = all.len() - shown.len();
    (shown, left_out)
}

/// What the frame's sender rewrote in the one that it passed on as it.
fn rewritten(
    trace: &Trace,
    from: &trace::Frame<'_>,
    frame: &trace::Frame<'_>,
    texts: &mut Texts,
) -> Vec<super::document::Rewrite> {
    let kind = frame.from.and_then(|node| trace.meta.hosts.get(node.index())).map(|host| host.kind);
    let (rewrites, _) = rewrites(from.bytes, frame.bytes, kind.unwrap_or_default());
    let told = |rewrite: Rewrite| {
        let Rewrite { layer, name, before, after, why, cite, .. } = rewrite;
        let cite = texts.keep(cite, cite);
        (texts.text(&layer), texts.text(&name), before, after, texts.text(&why), cite)
    };
    rewrites.into_iter().map(told).collect()
}

fn unfolded(frame: &trace::Frame<'_>, step: usize, looks: &[Look; 4], tables: &mut Tables) -> Frame {
    let label = looks.each_ref().map(|look| brief(frame, look).label);
    let fate = match (frame.fates.is_empty(), frame.lost(), frame.dropped()) {
        (_, Some(_), _) => 1,
        (_, _, Some(_)) => 2,
        (true, None, None) => 3,
        (false, None, None) => 0,
    };
    let decoded = decode(frame.bytes);
    // What programs sent is the same again and again.
    let headers = decoded.iter().filter(|layer| layer.fields.len() > 1).map(|layer| layer.end).max();
    let known = &frame.bytes[..frame.bytes.len().min(OCTETS)];
    let (head, tail) = known.split_at(headers.unwrap_or(0).min(known.len()));
    let [head, tail] =
        [head, tail].map(|octets| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>());
    Frame {
        step,
        from: frame.from.map(HostId::index),
        to: frame.to.map(HostId::index),
        label: tables.texts.keep_four(label),
        fate,
        length: frame.bytes.len(),
        head: like_head(frame, head, tables),
        tail: tables.octets.keep(tail),
        headers: Wrapping::of(&decoded, frame.bytes.len()).wraps.len(),
        came: None,
        layers: decoded.iter().map(|known| like(layer(known, &mut tables.texts), tables)).collect(),
    }
}

/// The headers as others of the same length between the same hosts, with what is different.
fn like_head(frame: &trace::Frame<'_>, head: String, tables: &mut Tables) -> (Ref, String) {
    let form = (frame.from.map(HostId::index), frame.to.map(HostId::index), head.len());
    let (heads, like) = (&mut tables.heads, &mut tables.like_heads);
    let (place, base) = like.entry(form).or_insert_with(|| (heads.keep(head.clone()), head.clone()));
    let mut runs = String::new();
    let mut last: Option<usize> = None;
    let octets = base.as_bytes().chunks(2).zip(head.as_bytes().chunks(2)).enumerate();
    for (at, (_, octet)) in octets.filter(|(_, (base, octet))| base != octet) {
        if last.is_none_or(|last| last + 1 != at) {
            runs.push_str(&format!(" {at:02x}"));
        }
        runs.push_str(&String::from_utf8_lossy(octet));
        last = Some(at);
    }
    (*place, runs)
}

/// The layer as one like it in the table, with what is different. The fields of one form differ in values only.
fn like(layer: Layer, tables: &mut Tables) -> LikeLayer {
    let form = |layer: &Layer| -> Form {
        let fields = layer
            .fields
            .iter()
            .map(|(name, from, to, bits, _, _, cite)| (*name, *from, *to, bits.clone(), *cite));
        (layer.name, layer.models, layer.octets, layer.flaw, fields.collect())
    };
    let place = *tables.forms.entry(form(&layer)).or_insert_with(|| {
        tables.layers.push(layer.clone());
        tables.layers.len() as Ref - 1
    });
    let base = &tables.layers[place as usize];
    let pairs = base.fields.iter().zip(layer.fields).enumerate();
    let differ = pairs.filter(|(_, (base, field))| (&base.4, base.5) != (&field.4, field.5));
    LikeLayer { like: place, but: differ.map(|(at, (_, field))| (at, field.4, field.5)).collect() }
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
        osi: layer.osi,
        octets: (layer.start, layer.end),
        flaw: texts.keep(flaw(En), flaw(Zh)),
        fields,
    }
}
