//! The states of both ends, inferred from outside.
//!
//! What an end sends shows its state. What it received does not show until it sends something that follows from it: its
//! acknowledgment number covers what came. So what was sent to an end waits until the end shows that it came (then the
//! crossing is seen), shows that it did not (it repeats itself), or says nothing any more (then it is inferred).
//! A SYN-ACK shows SYN-RECEIVED, though a host that sends SYN cookies keeps no such state: from outside they are alike.

use super::glance::Tcp;
use crate::tcp::{Edge, Event, State};
use crate::wire::{Flags, Seq};

/// How sure a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Belief {
    /// What the end itself sent shows it.
    Seen,
    /// It follows if what was sent to the end came there.
    Inferred,
}

/// An end that crossed an edge of the state diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Which end: 0 the one that opened, 1 the other.
    pub end: usize,
    /// At which frame, as the caller numbers them.
    pub frame: u64,
    /// Whether by sending it; else by what arrived with it or after it.
    pub by_sending: bool,
    /// The edge.
    pub edge: &'static Edge,
    /// How sure.
    pub belief: Belief,
}

/// What was sent to an end and may carry it to another state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    Syn,
    SynAck,
    AckOfSyn,
    Fin,
    AckOfFin,
    Reset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pending {
    news: News,
    frame: u64,
    /// An acknowledgment number of the end that proves it came.
    proof: Option<Seq>,
}

/// One end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct End {
    /// `None`: nothing was seen of it yet.
    state: Option<State>,
    guessed: bool,
    syn: Option<Seq>,
    fin: Option<Seq>,
    /// Its RST: it is gone, unless it speaks on, for then the RST was forged.
    aborted: Option<u64>,
    pending: Vec<Pending>,
}

/// Both ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    ends: [End; 2],
}

impl Ends {
    /// Takes note of a segment; what is now known to have been crossed is appended, not always in the order of the frames.
    pub(super) fn see(&mut self, frame: u64, from: usize, segment: &Tcp, known: &mut Vec<Crossing>) {
        let [one, other] = &mut self.ends;
        let (sender, receiver) = if from == 0 { (one, other) } else { (other, one) };
        sender.resolve(frame, from, segment, known);
        sender.send(frame, from, segment, known);
        receiver.may_receive(frame, segment);
    }

    /// Where the ends are, each with how sure that is; `None` for an end of which nothing was seen.
    pub fn now(&self) -> [Option<(State, Belief)>; 2] {
        [0, 1].map(|at| {
            let mut end = self.ends[at].clone();
            end.settle(at, &mut Vec::new());
            let belief = if end.guessed { Belief::Inferred } else { Belief::Seen };
            end.state.map(|state| (state, belief))
        })
    }

    /// What remains to be inferred at the end of the capture.
    pub(super) fn finish(mut self, known: &mut Vec<Crossing>) {
        for (at, end) in self.ends.iter_mut().enumerate() {
            end.settle(at, known);
        }
    }
}

impl End {
    fn cross(&mut self, how: (usize, u64, bool, Belief), event: Event, to: State, known: &mut Vec<Crossing>) {
        let (end, frame, by_sending, belief) = how;
        let from = self.state.unwrap_or(State::Closed);
        let Some(edge) = Edge::find(from, event, to) else { return };
        self.state = Some(to);
        self.guessed = belief == Belief::Inferred;
        known.push(Crossing { end, frame, by_sending, edge, belief });
    }

    /// What this segment of the end itself shows of what had been sent to it.
    fn resolve(&mut self, frame: u64, at: usize, segment: &Tcp, known: &mut Vec<Crossing>) {
        let ack = segment.has(Flags::ACK).then_some(segment.ack);
        let reset = segment.has(Flags::RST);
        let syn = segment.has(Flags::SYN);
        let mut waiting = std::mem::take(&mut self.pending);
        waiting.retain_mut(|pending| {
            let proved = pending.proof.zip(ack).is_some_and(|(proof, ack)| ack.at_or_after(proof));
            let (came, not_come) = match pending.news {
                News::Syn => (syn && proved, syn && ack.is_none()),
                News::SynAck => (!syn && !reset && proved, syn && ack.is_none()),
                News::AckOfSyn => (!syn && !reset, syn),
                News::Fin => (!reset && proved, false),
                News::AckOfFin => (proved, segment.has(Flags::FIN)),
                News::Reset => (false, false),
            };
            if came {
                self.arrived(at, pending, Belief::Seen, known);
            } else if !not_come && pending.proof.is_some() && pending.news != News::AckOfFin {
                // It had not come when this was sent, or this would acknowledge it.
                pending.frame = frame;
            }
            !came && !not_come
        });
        waiting.append(&mut self.pending);
        self.pending = waiting;
    }

    /// What the end crosses by sending.
    fn send(&mut self, frame: u64, at: usize, segment: &Tcp, known: &mut Vec<Crossing>) {
        let how = (at, frame, true, Belief::Seen);
        if segment.has(Flags::RST) {
            let keeps = matches!(self.state, None | Some(State::SynSent | State::TimeWait | State::Closed));
            if !keeps {
                self.aborted.get_or_insert(frame);
            }
            return;
        }
        self.aborted = None;
        if segment.has(Flags::SYN) {
            self.syn.get_or_insert(segment.seq);
            match (segment.has(Flags::ACK), self.state) {
                (false, None) => self.cross(how, Event::ActiveOpen, State::SynSent, known),
                (true, None) => {
                    // The SYN it answers was not captured; that it came is certain.
                    self.state = Some(State::Listen);
                    self.cross(how, Event::SynReceived, State::SynReceived, known);
                }
                _ => {}
            }
        } else if self.state.is_none() {
            // The capture began in the middle: it is open, as far as one sees.
            (self.state, self.guessed) = (Some(State::Established), true);
        }
        if segment.has(Flags::FIN) && self.fin.is_none() {
            self.fin = Some(segment.end());
            let to = if self.state == Some(State::CloseWait) { State::LastAck } else { State::FinWait1 };
            self.cross(how, Event::Close, to, known);
        }
    }

    /// What the segment may do to the end when it comes.
    fn may_receive(&mut self, frame: u64, segment: &Tcp) {
        if segment.has(Flags::RST) {
            if !matches!(self.state, None | Some(State::Closed | State::TimeWait)) {
                self.wait(News::Reset, frame, None);
            }
            return;
        }
        // Whoever speaks on has not reset: that was forged.
        self.pending.retain(|pending| pending.news != News::Reset);
        let ack = segment.has(Flags::ACK).then_some(segment.ack);
        let proof = (segment.len() > 0).then(|| segment.end());
        let covers = |mine: Option<Seq>| mine.zip(ack).is_some_and(|(mine, ack)| ack.at_or_after(mine));
        let acks_syn = covers(self.syn.map(|syn| syn + 1));
        if segment.has(Flags::SYN) {
            match (ack.is_some(), self.state) {
                (false, None | Some(State::SynSent)) => self.wait(News::Syn, frame, proof),
                (true, Some(State::SynSent)) if acks_syn => self.wait(News::SynAck, frame, proof),
                _ => {}
            }
        }
        let opening = self.state == Some(State::SynReceived)
            || self.pending.iter().any(|pending| pending.news == News::Syn) && self.syn.is_some();
        if acks_syn && opening && !(segment.has(Flags::SYN) && self.state != Some(State::SynReceived)) {
            self.wait(News::AckOfSyn, frame, proof);
        }
        if covers(self.fin)
            && matches!(self.state, Some(State::FinWait1 | State::Closing | State::LastAck))
            && !self.has(News::AckOfFin)
        {
            self.wait(News::AckOfFin, frame, proof);
        } else if let Some(pending) = self.pending.iter_mut().find(|pending| pending.news == News::AckOfFin) {
            // What comes later says the same; if that is proved to have come, so is this.
            pending.proof = pending.proof.or(proof);
        }
        if segment.has(Flags::FIN) {
            let over = matches!(
                self.state,
                Some(State::CloseWait | State::LastAck | State::Closing | State::TimeWait | State::Closed)
            );
            if !over {
                self.wait(News::Fin, frame, proof);
            }
        }
    }

    fn has(&self, news: News) -> bool {
        self.pending.iter().any(|pending| pending.news == news)
    }

    /// Keeps it in mind. What is sent again before the end answered had not come the first time.
    fn wait(&mut self, news: News, frame: u64, proof: Option<Seq>) {
        match self.pending.iter_mut().find(|pending| pending.news == news) {
            Some(pending) if proof.is_some() && pending.proof == proof => pending.frame = frame,
            Some(_) => {}
            None => self.pending.push(Pending { news, frame, proof }),
        }
    }

    /// It came.
    fn arrived(&mut self, at: usize, pending: &Pending, belief: Belief, known: &mut Vec<Crossing>) {
        let how = (at, pending.frame, false, belief);
        match (pending.news, self.state.unwrap_or(State::Closed)) {
            (News::Syn, State::Closed) => {
                self.state = Some(State::Listen);
                self.cross(how, Event::SynReceived, State::SynReceived, known);
            }
            (News::Syn, State::SynSent) => self.cross(how, Event::SynReceived, State::SynReceived, known),
            (News::SynAck, State::SynSent) => {
                self.cross(how, Event::SynAckReceived, State::Established, known);
            }
            (News::AckOfSyn, State::SynReceived) => {
                self.cross(how, Event::SynAcknowledged, State::Established, known);
            }
            (News::Fin, State::FinWait1) => self.cross(how, Event::FinReceived, State::Closing, known),
            (News::Fin, State::FinWait2) => self.cross(how, Event::FinReceived, State::TimeWait, known),
            (News::Fin, _) => self.cross(how, Event::FinReceived, State::CloseWait, known),
            (News::AckOfFin, State::FinWait1) => {
                self.cross(how, Event::FinAcknowledged, State::FinWait2, known);
            }
            (News::AckOfFin, State::Closing) => {
                self.cross(how, Event::FinAcknowledged, State::TimeWait, known);
            }
            (News::AckOfFin, _) => self.cross(how, Event::FinAcknowledged, State::Closed, known),
            (News::Reset, _) => self.cross(how, Event::ResetReceived, State::Closed, known),
            _ => {}
        }
    }

    /// Takes everything as come that was sent to the end.
    fn settle(&mut self, at: usize, known: &mut Vec<Crossing>) {
        // A SYN that nobody answered leaves no trace at the other end.
        let aborted = self.aborted.take();
        for pending in std::mem::take(&mut self.pending) {
            if pending.news != News::Syn {
                self.arrived(at, &pending, Belief::Inferred, known);
            }
        }
        if let Some(frame) = aborted {
            self.cross((at, frame, true, Belief::Seen), Event::Abort, State::Closed, known);
        }
    }
}
