//! What those who pass a frame on rewrite in it: the same packet at each hop, field by field, and why.

use crate::lang::Text;
use crate::link::NodeKind;
use crate::trace::{Frame, Trace};
use crate::wire::{Checksum, Field, Layer, decode};
use bytes::Bytes;
use std::collections::BTreeMap;

/// A frame and what it was passed on as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// Its hops, in the order of sending; the first is as its maker sent it.
    pub hops: Vec<Hop>,
}

/// One hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The frame: its place among the frames of the trace.
    pub frame: usize,
    /// The frame that was passed on as this one.
    pub came_from: Option<usize>,
    /// Further frames of the same octets that its sender sent by other ports at the same moment.
    pub also: Vec<usize>,
    /// What was rewritten.
    pub rewrites: Vec<Rewrite>,
    /// Fields that stayed as they were.
    pub same: usize,
}

/// A field that was rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// What programs call it.
    pub key: &'static str,
    /// The layer it belongs to.
    pub layer: Text,
    /// Its OSI layer.
    pub osi: u8,
    /// Its name.
    pub name: Text,
    /// Before; empty if it was not there.
    pub before: String,
    /// After; empty if it is gone.
    pub after: String,
    /// Why.
    pub why: Text,
    /// The section that says so.
    pub cite: &'static str,
}

/// All frames that were passed on, with what they were passed on as.
pub fn journeys(trace: &Trace, frames: &[Frame<'_>]) -> Vec<Journey> {
    let came_from = trace.passed_on_from(frames);
    let mut journey_of: Vec<Option<usize>> = vec![None; frames.len()];
    let mut journeys: Vec<Journey> = Vec::new();
    for (place, from) in came_from.iter().enumerate() {
        let Some(from) = *from else { continue };
        let at = *journey_of[from].get_or_insert_with(|| {
            let made = Hop { frame: from, came_from: None, also: Vec::new(), rewrites: Vec::new(), same: 0 };
            journeys.push(Journey { hops: vec![made] });
            journeys.len() - 1
        });
        journey_of[place] = Some(at);
        let hops = &mut journeys[at].hops;
        let twin = hops.iter_mut().find(|hop| {
            let other = &frames[hop.frame];
            let frame = &frames[place];
            hop.came_from == Some(from) && other.bytes == frame.bytes && other.at == frame.at
        });
        match twin {
            Some(twin) => twin.also.push(place),
            None => hops.push(hop(trace, frames, place, from)),
        }
    }
    journeys
}

/// What a node of that kind rewrote in a frame that it passed on, and how many fields stayed as they were.
pub fn rewrites(before: &Bytes, after: &Bytes, kind: NodeKind) -> (Vec<Rewrite>, usize) {
    compare(&decode(before), &decode(after), kind)
}

fn hop(trace: &Trace, frames: &[Frame<'_>], place: usize, from: usize) -> Hop {
    let kind = frames[place].from.and_then(|node| trace.meta.hosts.get(node.index())).map(|host| host.kind);
    let (rewrites, same) = rewrites(frames[from].bytes, frames[place].bytes, kind.unwrap_or_default());
    Hop { frame: place, came_from: Some(from), also: Vec::new(), rewrites, same }
}

/// The fields of a frame by key; of those that come several times each by its number.
fn fields(layers: &[Layer]) -> Vec<((&'static str, usize), &Layer, &Field)> {
    let mut times: BTreeMap<&'static str, usize> = BTreeMap::new();
    let all = layers.iter().flat_map(|layer| layer.fields.iter().map(move |field| (layer, field)));
    all.map(|(layer, field)| {
        let time = times.entry(field.key).or_default();
        *time += 1;
        ((field.key, *time), layer, field)
    })
    .collect()
}

fn compare(before: &[Layer], after: &[Layer], kind: NodeKind) -> (Vec<Rewrite>, usize) {
    let (old, new) = (fields(before), fields(after));
    let known: BTreeMap<_, _> = old.iter().map(|(key, _, field)| (*key, *field)).collect();
    let mut rewrites = Vec::new();
    let mut same = 0;
    for (key, layer, field) in &new {
        let was = known.get(key).copied();
        if was.is_some_and(|was| (&was.raw, &was.value) == (&field.raw, &field.value)) {
            same += 1;
            continue;
        }
        let value = was.map_or("", |was| was.value.as_str());
        rewrites.push(rewrite(layer, field, value, &field.value));
    }
    for (_, layer, field) in old.iter().filter(|(key, ..)| new.iter().all(|(other, ..)| other != key)) {
        rewrites.push(rewrite(layer, field, &field.value, ""));
    }
    explain(&mut rewrites, &old, &new, kind);
    (rewrites, same)
}

fn rewrite(layer: &Layer, field: &Field, before: &str, after: &str) -> Rewrite {
    Rewrite {
        key: field.key,
        layer: layer.name.clone(),
        osi: layer.osi,
        name: field.name.clone(),
        before: before.to_owned(),
        after: after.to_owned(),
        why: Text::new("", ""),
        cite: field.cite,
    }
}

/// Which of the 16-bit words of an IPv4 header is its checksum, from 0.
const CHECKSUM_WORD: usize = 5;

type Fields<'a> = [((&'static str, usize), &'a Layer, &'a Field)];

/// Says why, where the kind of the field and of the node tell.
fn explain(rewrites: &mut [Rewrite], old: &Fields<'_>, new: &Fields<'_>, kind: NodeKind) {
    let keys: Vec<&str> = rewrites.iter().map(|rewrite| rewrite.key).collect();
    let cut = keys.contains(&"ip.flags.mf") || keys.contains(&"ip.fragment_offset");
    let translated = ["ip.src", "ip.dst"].iter().any(|key| keys.contains(key));
    for rewrite in rewrites {
        let (why, cite) = match rewrite.key {
            "ip.checksum" => (incremental(old, new), "RFC 1624 3"),
            key => why(key, kind, cut, translated),
        };
        rewrite.why = why;
        if !cite.is_empty() {
            rewrite.cite = cite;
        }
    }
}

fn why(key: &str, kind: NodeKind, cut: bool, translated: bool) -> (Text, &'static str) {
    match key {
        "eth.dst" if kind == NodeKind::Router => (
            Text::new(
                "the next hop's card: a hardware address is good for one link",
                "下一跳的网卡：硬件地址只在一条链路上有效",
            ),
            "RFC 1812 5.2.1",
        ),
        "eth.src" if kind == NodeKind::Router => {
            (Text::new("the card it leaves by", "从这块网卡发出"), "RFC 1812 5.2.1")
        }
        "ip.ttl" => (
            Text::new("each router takes one; at 0 it would be dropped", "每个路由器减一；减到 0 就丢弃"),
            "RFC 1812 5.3.1",
        ),
        "ipv6.hop_limit" => (
            Text::new("each router takes one; at 0 it would be dropped", "每个路由器减一；减到 0 就丢弃"),
            "RFC 8200 3",
        ),
        "ip.src" => (
            Text::new("translated: the outside must answer the NAT", "地址转换：外面应把回答发给 NAT"),
            "RFC 3022 2.2",
        ),
        "ip.dst" => (
            Text::new("translated back: whose conversation it is", "转换回来：这个会话属于它"),
            "RFC 3022 2.2",
        ),
        "tcp.srcport" | "udp.srcport" | "icmp.id" => (
            Text::new("by this number the NAT knows the conversation again", "NAT 凭这个编号认出该会话"),
            "RFC 3022 2.2",
        ),
        "tcp.dstport" | "udp.dstport" => {
            (Text::new("the port the inside host chose itself", "内部主机自己选的端口"), "RFC 3022 2.2")
        }
        "tcp.checksum" | "udp.checksum" | "icmp.checksum" if translated => (
            Text::new("covers addresses and ports: mended too", "检验和覆盖地址与端口，也要改正"),
            "RFC 3022 4.1",
        ),
        "ip.total_length" | "ip.flags.mf" | "ip.fragment_offset" | "data" if cut => (
            Text::new("cut: the next link takes no larger packet", "分片：下一条链路容不下更大的分组"),
            "RFC 791 3.2",
        ),
        "ip.ecn" | "ipv6.ecn" => {
            (Text::new("marked instead of dropped: congestion", "打上标记而不丢弃：发生拥塞"), "RFC 3168 5")
        }
        _ => (Text::new("", ""), ""),
    }
}

/// The 16-bit words of the first IPv4 header among the fields.
fn header_words(fields: &Fields<'_>) -> Vec<u16> {
    let Some(start) =
        fields.iter().find(|((key, _), ..)| *key == "ip.version").map(|(_, layer, _)| layer.start)
    else {
        return Vec::new();
    };
    let mut octets: BTreeMap<usize, u8> = BTreeMap::new();
    for (_, _, field) in
        fields.iter().filter(|(_, layer, field)| layer.start == start && field.key.starts_with("ip."))
    {
        for (at, digits) in field.bytes.clone().zip(field.raw.as_bytes().chunks(2)) {
            let octet = std::str::from_utf8(digits).ok().and_then(|text| u8::from_str_radix(text, 16).ok());
            octets.insert(at - start, octet.unwrap_or_default());
        }
    }
    let octet = |at: usize| octets.get(&at).copied().unwrap_or_default();
    let end = octets.keys().last().map_or(0, |last| last + 1);
    (0..end).step_by(2).map(|at| u16::from_be_bytes([octet(at), octet(at + 1)])).collect()
}

/// How the header's checksum follows from the words that changed, without a look at all others.
fn incremental(old: &Fields<'_>, new: &Fields<'_>) -> Text {
    let [before, after] = [old, new].map(header_words);
    let [sum, new_sum] = [&before, &after].map(|words| words.get(CHECKSUM_WORD).copied().unwrap_or_default());
    let pairs = before.iter().zip(&after).enumerate();
    let changed: Vec<(u16, u16)> = pairs
        .filter(|(at, (one, other))| *at != CHECKSUM_WORD && one != other)
        .map(|(_, (one, other))| (*one, *other))
        .collect();
    let terms = std::iter::once(!sum).chain(changed.iter().flat_map(|(one, other)| [!one, *other]));
    let octets: Vec<u8> = terms.flat_map(u16::to_be_bytes).collect();
    let n = changed.len();
    if n > 2 || before.len() != after.len() || Checksum::new().over(&octets).finish() != new_sum {
        return Text::new(
            format!("follows from the {n} words of 16 bits that changed"),
            format!("由改变的 {n} 个 16 位字得出"),
        );
    }
    let words: String = changed.iter().map(|(one, other)| format!(" + ~{one:04x} + {other:04x}")).collect();
    let sum = format!("~(~{sum:04x}{words}) = {new_sum:04x}");
    Text::new(format!("follows from what changed: {sum}"), format!("由改变的部分得出：{sum}"))
}
