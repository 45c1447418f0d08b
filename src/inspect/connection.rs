//! One connection, or two ports that exchange datagrams, as far as a capture shows it.

use super::glance::{Glance, Tcp};
use super::half::{Half, Remark};
use super::infer::{Belief, Crossing, Ends};
use super::repair::Distance;
use crate::tcp::State;
use crate::trace::{Flow, Protocol};
use crate::wire::Flags;
use std::net::SocketAddr;
use std::num::NonZeroU32;

/// How much of the opening is in the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handshake {
    /// All three segments.
    Whole,
    /// Some of it, or it never came about.
    Part,
    /// The capture began later.
    Unseen,
}

/// Two ends that talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its number among the connections of the capture, from 1.
    pub number: u64,
    /// TCP or UDP.
    pub protocol: Protocol,
    /// Who opened it (else: who spoke first), and the other.
    pub ends: [SocketAddr; 2],
    /// Its first frame's number in the file.
    pub first_frame: u64,
    /// When that was, nanoseconds since 1970.
    pub began: u64,
    /// When its latest frame was.
    pub latest: u64,
    /// What each end sent, in the order of `ends`.
    pub halves: [Half; 2],
    /// The connection before it between the same two ports, by its number.
    pub after: Option<u64>,
    /// Its last frame's number in the file.
    pub last_frame: u64,
    states: Ends,
    completed: bool,
    /// From the first SYN to its answer, and from there to the answer's answer, microseconds, rounded up.
    legs: Option<[NonZeroU32; 2]>,
    reset: Option<Resetting>,
}

/// How it ended, as far as the capture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Nothing of its end is in the capture.
    Open,
    /// Nobody answered the SYN, which was sent so many times.
    NoAnswer(u32),
    /// The SYN was answered with RST.
    Refused,
    /// That end (0 the one that opened) reset it; whether the other had closed its direction before.
    Reset {
        /// Which end sent the RST.
        by: usize,
        /// Whether its peer had sent FIN.
        after_fin: bool,
    },
    /// One end sent FIN.
    HalfClosed(usize),
    /// Both ends sent FIN.
    Closed,
}

/// The first RST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Resetting {
    by: usize,
    after_fin: bool,
    refused: bool,
}

impl Connection {
    pub(super) fn new(number: u64, glance: &Glance, frame: u64, at: u64) -> Connection {
        // A SYN-ACK tells that the other one opened.
        let answers = glance.tcp.is_some_and(|tcp| tcp.has(Flags::SYN | Flags::ACK));
        let ends =
            if answers { [glance.destination, glance.source] } else { [glance.source, glance.destination] };
        Connection {
            number,
            protocol: glance.protocol,
            ends,
            first_frame: frame,
            began: at,
            latest: at,
            halves: [Half::default(), Half::default()],
            after: None,
            last_frame: frame,
            states: Ends::default(),
            completed: false,
            legs: None,
            reset: None,
        }
    }

    /// The flow it is one of.
    pub fn flow(&self) -> Flow {
        Flow::between(self.protocol, self.ends[0], self.ends[1])
    }

    /// Whether a segment with SYN alone begins another connection between the same two ports.
    pub(super) fn is_over_with(&self, source: SocketAddr, tcp: &Tcp) -> bool {
        if !tcp.has(Flags::SYN) || tcp.has(Flags::ACK | Flags::RST) || tcp.has(Flags::RST) {
            return false;
        }
        let from = self.from(source);
        let both_open = self.halves[from].syn.is_none() && !self.halves[1 - from].answered;
        let crossing = both_open && self.halves[1 - from].syn.is_some() && !self.completed;
        self.halves[from].syn != Some(tcp.seq) && !crossing
    }

    /// Which end has that address: 0 or 1.
    pub(super) fn from(&self, source: SocketAddr) -> usize {
        usize::from(source != self.ends[0])
    }

    /// Takes note of a frame; which end sent it, and what is remarkable about it.
    pub(super) fn see(
        &mut self,
        glance: &Glance,
        frame: u64,
        at: u64,
        known: &mut Vec<Crossing>,
    ) -> (usize, Remark) {
        self.latest = self.latest.max(at);
        self.last_frame = frame;
        let from = self.from(glance.source);
        let [one, other] = &mut self.halves;
        let (half, peer) = if from == 0 { (one, other) } else { (other, one) };
        let Some(tcp) = &glance.tcp else {
            half.frames += 1;
            half.octets += u64::from(glance.data);
            return (from, Remark::default());
        };
        let distance = self.legs.map(|legs| {
            let [there, back] = legs.map(|micros| u64::from(micros.get()) * 1000);
            // The one who opened answered the second segment, the other the first.
            Distance { round_trip: there + back, reaction: if from == 0 { back } else { there } }
        });
        let remark = half.see(tcp, at, distance, peer);
        let completes = from == 0
            && tcp.has(Flags::ACK)
            && !tcp.has(Flags::SYN)
            && !tcp.has(Flags::RST)
            && self.halves[1].syn.is_some_and(|syn| tcp.ack.after(syn));
        if completes && !self.completed {
            self.completed = true;
            let whole = self.halves[0].syn.is_some() && self.halves.iter().all(|half| half.syns == 1);
            // As its SYN was sent once, it was then that the other end's timer started.
            let answered = self.halves[1].timer();
            let micros =
                |ns: u64| NonZeroU32::MIN.saturating_add(u32::try_from(ns / 1000).unwrap_or(u32::MAX));
            self.legs =
                whole.then(|| [answered.saturating_sub(self.began), at.saturating_sub(answered)].map(micros));
        }
        if tcp.has(Flags::RST) {
            let peer = &self.halves[1 - from];
            let refused = from == 1 && self.halves[1].syn.is_none() && peer.syn.is_some() && !self.completed;
            self.reset.get_or_insert(Resetting { by: from, after_fin: peer.fin, refused });
        }
        self.states.see(frame, from, tcp, known);
        (from, remark)
    }

    /// Where its ends are at the end of the capture; `None` for UDP and for an end of which nothing was seen.
    pub fn states(&self) -> [Option<(State, Belief)>; 2] {
        self.states.now()
    }

    /// What the end of the capture leaves to be inferred.
    pub(super) fn finish(&self, known: &mut Vec<Crossing>) {
        self.states.clone().finish(known);
    }

    /// How it ended.
    pub fn ending(&self) -> Ending {
        let [one, other] = &self.halves;
        match (self.reset, one.fin, other.fin) {
            (Some(reset), ..) if reset.refused => Ending::Refused,
            (Some(reset), ..) => Ending::Reset { by: reset.by, after_fin: reset.after_fin },
            (None, true, true) => Ending::Closed,
            (None, true, false) => Ending::HalfClosed(0),
            (None, false, true) => Ending::HalfClosed(1),
            (None, false, false) if one.syn.is_some() && other.frames == 0 => Ending::NoAnswer(one.syns),
            (None, false, false) => Ending::Open,
        }
    }

    /// How much of the opening was captured.
    pub fn handshake(&self) -> Handshake {
        match [self.halves[0].syn, self.halves[1].syn] {
            [Some(_), Some(_)] if self.completed => Handshake::Whole,
            [None, None] => Handshake::Unseen,
            _ => Handshake::Part,
        }
    }
}
