//! One pair of ends that talk TCP, followed from outside.

use super::carriers::Carriers;
use super::{Piggyback, Purpose};
use crate::wire::{Flags, Segment, Seq};

/// RFC 7323 2.3: windows stay below 1 GiB.
const LARGEST_WINDOW: u32 = 1 << 30;

/// What was seen of both directions.
#[derive(Clone, Debug, Default)]
pub(super) struct Conversation {
    halves: [Half; 2],
    /// What a SYN seemed to end, as long as nobody has answered it; or that SYN, once the connection has gone on.
    aside: Option<Box<[Half; 2]>>,
}

/// What was seen of one direction.
#[derive(Clone, Debug, Default)]
struct Half {
    /// Its SYN.
    syn: Option<Syn>,
    /// Where its octets are counted from: the initial number, or one less than the first number seen.
    base: Option<Seq>,
    /// After the last octet (or FIN) seen.
    next: Option<Seq>,
    /// Which packet first carried the octets from this place in the stream on.
    carried: Carriers,
    /// Its FIN: its number, and the packet.
    fin: Option<(Seq, usize)>,
    /// Its latest acknowledgment number, and its window (`None` from a SYN, whose window counts otherwise).
    acked: Option<(Seq, Option<u16>)>,
    /// Its latest packet.
    last: Option<Last>,
    /// A packet of its that asks for an answer: the probe, or what came twice.
    asks: Option<Asks>,
}

#[derive(Clone, Copy, Debug)]
struct Syn {
    isn: Seq,
    packet: usize,
    with_ack: bool,
    /// The first SYN-ACK, if the SYN was sent alone before.
    answered: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    packet: usize,
    flags: Flags,
    ack: Seq,
}

#[derive(Clone, Copy, Debug)]
enum Asks {
    Probe(usize),
    Again(usize),
}

impl Conversation {
    /// What the next segment is for. `forward` tells the directions apart.
    pub fn see(&mut self, number: usize, forward: bool, segment: &Segment) -> Purpose {
        self.choose(forward, segment);
        let (me, peer) = sides(&mut self.halves, forward);
        let purpose = classify(segment, me, peer);
        me.note(number, segment, &purpose);
        // A probe answers nothing: the two cross.
        if !matches!(purpose, Purpose::Keepalive | Purpose::ProbesWindow) {
            peer.asks = None;
        }
        me.heed(segment, peer);
        if segment.flags.has(Flags::SYN) && segment.flags.has(Flags::ACK) {
            self.aside = None;
        }
        purpose
    }

    /// How many carriers of octets are kept in mind.
    pub fn carriers(&self) -> usize {
        self.all().map(|half| half.carried.len()).sum()
    }

    /// Forgets the earlier half of them.
    pub fn forget_half(&mut self) {
        let aside = self.aside.as_deref_mut().into_iter().flatten();
        self.halves.iter_mut().chain(aside).for_each(|half| half.carried.halve());
    }

    fn all(&self) -> impl Iterator<Item = &Half> {
        self.halves.iter().chain(self.aside.as_deref().into_iter().flatten())
    }

    /// Finds out which connection of the two ports a segment belongs to: a SYN may begin a new one, and may also be
    /// refused by a challenge ACK (RFC 5961 4.2), after which the old one goes on.
    fn choose(&mut self, forward: bool, segment: &Segment) {
        let (me, peer) = sides(&mut self.halves, forward);
        if segment.flags.has(Flags::RST) {
            return;
        }
        if !segment.flags.has(Flags::SYN) {
            let handshake =
                if me.syn.is_some() { me.next == Some(segment.seq) } else { peer.next == Some(segment.ack) };
            if !handshake
                && let Some(aside) = &mut self.aside
                && aside.iter().all(|half| !half.is_a_syn_alone())
            {
                std::mem::swap(&mut self.halves, aside);
            }
            return;
        }
        if me.syn.is_some_and(|syn| syn.isn == segment.seq) {
            return;
        }
        if let Some(aside) = &mut self.aside
            && sides(aside, forward).0.syn.is_some_and(|syn| syn.isn == segment.seq)
        {
            std::mem::swap(&mut self.halves, aside);
            return;
        }
        if segment.flags.has(Flags::ACK) || peer.is_a_syn_alone() {
            *me = Half::default();
        } else {
            // What the other side did before is over too, as the SYNs do not cross.
            let before = std::mem::take(&mut self.halves);
            self.aside = before.iter().any(|half| half.acked.is_some()).then(|| Box::new(before));
        }
    }
}

/// The half that sends, and the other.
fn sides(halves: &mut [Half; 2], forward: bool) -> (&mut Half, &mut Half) {
    let [low, high] = halves;
    if forward { (low, high) } else { (high, low) }
}

fn classify(segment: &Segment, me: &Half, peer: &Half) -> Purpose {
    let flags = segment.flags;
    if flags.has(Flags::RST) {
        reset(segment, peer)
    } else if flags.has(Flags::SYN) {
        opening(segment, me, peer)
    } else if flags.has(Flags::FIN) {
        match me.fin {
            Some((_, of)) => Purpose::RepeatsFin { of },
            None => {
                let piggyback = news(segment, me, peer);
                Purpose::Closes { data: segment.payload.len() as u32, piggyback }
            }
        }
    } else if segment.payload.is_empty() {
        acknowledgment(segment, me, peer)
    } else {
        data(segment, me, peer)
    }
}

fn opening(segment: &Segment, me: &Half, peer: &Half) -> Purpose {
    let with_ack = segment.flags.has(Flags::ACK);
    match (with_ack, me.syn, peer.syn) {
        (false, Some(syn), _) => Purpose::RepeatsSyn { of: syn.packet },
        (false, None, Some(other)) => Purpose::OpensAtOnce { other: other.packet },
        (false, None, None) => Purpose::Opens { isn: segment.seq },
        (true, Some(Syn { with_ack: true, packet: of, .. } | Syn { answered: Some(of), .. }), _) => {
            Purpose::RepeatsSynAck { of }
        }
        (true, Some(_), Some(other)) => Purpose::AnswersCrossedSyn { of: other.packet },
        (true, None, Some(other)) => Purpose::AnswersSyn { of: other.packet, isn: segment.seq },
        (true, _, None) => Purpose::Stray,
    }
}

fn reset(segment: &Segment, peer: &Half) -> Purpose {
    let Some(last) = peer.last else { return Purpose::Aborts };
    let with_ack = segment.flags.has(Flags::ACK);
    // How RFC 9293 section 3.5.2 (group 1) answers a segment that belongs to no connection: without ACK in it, the RST
    // has number zero and acknowledges; with ACK, the RST takes its number from it and acknowledges nothing.
    if with_ack && segment.seq == Seq(0) && !last.flags.has(Flags::ACK) {
        if last.flags.has(Flags::SYN) {
            Purpose::Refuses { of: last.packet }
        } else {
            Purpose::Rejects { of: last.packet }
        }
    } else if !with_ack && last.flags.has(Flags::ACK) && segment.seq == last.ack {
        Purpose::Rejects { of: last.packet }
    } else {
        Purpose::Aborts
    }
}

fn data(segment: &Segment, me: &Half, peer: &Half) -> Purpose {
    let len = segment.payload.len() as u32;
    let first = me.place(segment.seq);
    let last = first.wrapping_add(len - 1);
    let carries = Purpose::Carries { first, last, piggyback: news(segment, me, peer) };
    let Some(next) = me.next else { return carries };
    let acknowledged = peer.acked.is_some_and(|(ack, _)| (segment.seq + len).at_or_before(ack));
    if len == 1 && peer.window_is_closed() {
        Purpose::ProbesWindow
    } else if len == 1 && segment.seq + 1 == next && acknowledged {
        Purpose::Keepalive
    } else if (segment.seq + len).at_or_before(next) {
        Purpose::RepeatsData { of: me.carried.first(first) }
    } else {
        carries
    }
}

/// What the segment acknowledges that this side had not acknowledged before.
fn news(segment: &Segment, me: &Half, peer: &Half) -> Option<Piggyback> {
    let (acked, _) = me.acked?;
    if !segment.flags.has(Flags::ACK) || !segment.ack.after(acked) {
        return None;
    }
    Some(match peer.fin {
        Some((fin, of)) if segment.ack == fin + 1 => Piggyback::Fin(of),
        _ => Piggyback::Data(peer.place(segment.ack).wrapping_sub(1)),
    })
}

fn acknowledgment(segment: &Segment, me: &Half, peer: &Half) -> Purpose {
    if !segment.flags.has(Flags::ACK) {
        return Purpose::Stray;
    }
    if me.next.is_some_and(|next| segment.seq + 1 == next) {
        return if peer.window_is_closed() { Purpose::ProbesWindow } else { Purpose::Keepalive };
    }
    let window_closed = segment.window == 0;
    let up_to = peer.place(segment.ack).wrapping_sub(1);
    let Some((_, window)) = me.acked else {
        return match peer.syn {
            Some(syn) if syn.isn + 1 == segment.ack && me.syn.is_some() => {
                Purpose::CompletesHandshake { of: syn.answered.unwrap_or(syn.packet) }
            }
            Some(_) => Purpose::Acknowledges { up_to, window_closed },
            None => Purpose::Stray,
        };
    };
    match news(segment, me, peer) {
        Some(Piggyback::Fin(of)) => return Purpose::AcknowledgesFin { of },
        Some(Piggyback::Data(up_to)) => return Purpose::Acknowledges { up_to, window_closed },
        None => {}
    }
    match peer.asks {
        Some(Asks::Probe(of)) => Purpose::AnswersProbe { of },
        Some(Asks::Again(of)) => Purpose::AnswersRepeated { of },
        None if window.is_some_and(|window| window != segment.window) => {
            Purpose::UpdatesWindow { window: segment.window }
        }
        None => Purpose::RepeatsAck,
    }
}

impl Half {
    /// Takes note of a segment that this direction sent.
    fn note(&mut self, number: usize, segment: &Segment, purpose: &Purpose) {
        let flags = segment.flags;
        self.last = Some(Last { packet: number, flags, ack: segment.ack });
        if flags.has(Flags::RST) {
            return;
        }
        if flags.has(Flags::SYN) {
            let with_ack = flags.has(Flags::ACK);
            match &mut self.syn {
                Some(syn) if with_ack && !syn.with_ack => {
                    syn.answered.get_or_insert(number);
                }
                Some(_) => {}
                None => self.syn = Some(Syn { isn: segment.seq, packet: number, with_ack, answered: None }),
            }
        }
        let start =
            *self.base.get_or_insert(if flags.has(Flags::SYN) { segment.seq } else { segment.seq - 1 });
        if !segment.payload.is_empty() {
            let first = segment.seq + u32::from(flags.has(Flags::SYN)) - start;
            self.carried.note(first, number);
        }
        let end = segment.seq + segment.len();
        if *purpose != Purpose::ProbesWindow {
            self.next = Some(self.next.map_or(end, |next| next.max(end)));
        }
        if flags.has(Flags::FIN) {
            self.fin.get_or_insert((end - 1, number));
        }
        self.asks = match purpose {
            Purpose::Keepalive | Purpose::ProbesWindow => Some(Asks::Probe(number)),
            Purpose::RepeatsData { .. } | Purpose::RepeatsFin { .. } | Purpose::RepeatsSynAck { .. } => {
                Some(Asks::Again(number))
            }
            // An ACK asks for nothing, and takes no question back.
            _ if segment.is_empty() => self.asks,
            _ => None,
        };
    }

    /// Takes note of what the segment says of the other direction.
    fn heed(&mut self, segment: &Segment, peer: &mut Half) {
        if !segment.flags.has(Flags::ACK)
            || segment.flags.has(Flags::RST)
            || !peer.may_be_acknowledged(segment.ack)
        {
            return;
        }
        self.acked = Some((segment.ack, (!segment.flags.has(Flags::SYN)).then_some(segment.window)));
        // The octet of a probe counts only once it is taken.
        if peer.next.is_some_and(|next| segment.ack == next + 1) {
            peer.next = Some(segment.ack);
        }
    }

    /// Whether an acknowledgment of this direction can be meant: no further from what was seen last than the largest
    /// window reaches (RFC 5961 5.2). Only a forger, or a connection long gone, writes others.
    fn may_be_acknowledged(&self, ack: Seq) -> bool {
        self.next.is_none_or(|next| (ack - next).min(next - ack) <= LARGEST_WINDOW)
    }

    fn is_a_syn_alone(&self) -> bool {
        self.syn.is_some_and(|syn| !syn.with_ack) && self.acked.is_none()
    }

    /// The place of that number in this direction's stream; 1 is the first octet.
    fn place(&self, seq: Seq) -> u32 {
        self.base.map_or(1, |base| seq - base)
    }

    fn window_is_closed(&self) -> bool {
        self.acked.is_some_and(|(_, window)| window == Some(0))
    }
}
