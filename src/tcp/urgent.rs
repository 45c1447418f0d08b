//! Urgent data (RFC 9293 section 3.8.5, RFC 6093): a mark in the stream that the user is told of. The sockets of BSD made
//! of it one octet out of band; RFC 6093 advises to leave it in the stream.

use super::stack::Stack;
use super::tcb::{Context, Tcb};
use super::{ConnId, Effects, Profile, Reason, State, StreamError};
use crate::clock::Instant;
use crate::wire::Seq;
use bytes::Bytes;

/// How urgent data is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UrgentRules {
    /// The last urgent octet is taken out of the stream, unless the user asks for it inline; otherwise all stays inline.
    pub out_of_band: bool,
    /// An urgent pointer of zero points at the first octet; otherwise at nothing.
    pub zero_is_one: bool,
    /// Nagle's algorithm does not hold back while urgent data is unacknowledged.
    pub passes_nagle: bool,
}

/// The octet out of band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Octet {
    /// Announced, not yet here.
    Awaited,
    /// Here, for the user to fetch.
    Here(u8),
    /// Fetched.
    Fetched,
}

/// The receiving side's urgent mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Sequence number of the last urgent octet.
    pub at: Seq,
    octet: Octet,
}

impl Tcb {
    /// SND.UP: all that has been written so far is urgent.
    pub fn mark_urgent(&mut self) {
        self.snd.up = self.send.end();
    }

    /// Whether urgent data is not yet acknowledged.
    pub fn sends_urgent(&self) -> bool {
        self.snd.up.after(self.snd.una)
    }

    /// The urgent pointer of a segment that begins at `seq`, if urgent data is still ahead: at most 65535 octets on.
    pub fn urgent_pointer(&self, seq: Seq) -> Option<u16> {
        (self.sends_urgent() && self.snd.up.after(seq))
            .then(|| u16::try_from(self.snd.up - seq).unwrap_or(u16::MAX))
    }

    /// The next octet the user will read.
    pub fn next_to_read(&self) -> Seq {
        let fin = u32::from(self.peer_fin);
        Seq(self.rcv.nxt.0.wrapping_sub(fin).wrapping_sub(self.recv.readable() as u32))
    }

    /// Octets that recv could give now: an octet out of band is none of them.
    pub fn readable_octets(&self, profile: &Profile) -> usize {
        let readable = self.recv.readable();
        let next = self.next_to_read();
        let skipped = self.apart(profile) && readable > 0 && self.mark.is_some_and(|mark| mark.at == next);
        readable - usize::from(skipped)
    }

    /// Whether the octet at the mark is kept out of the stream.
    fn apart(&self, profile: &Profile) -> bool {
        profile.urgent.out_of_band && !self.options.urgent_inline
    }

    /// The URG bit came: RCV.UP moves on, and the user is told of a new mark.
    pub fn urgent_arrives(&mut self, cx: &mut Context<'_>, seq: Seq, pointer: u16) {
        let pointer = if pointer == 0 && cx.profile.urgent.zero_is_one { 1 } else { pointer };
        let up = seq + u32::from(pointer);
        let known = self.mark.map_or(self.rcv.nxt, |mark| (mark.at + 1).max(self.rcv.nxt));
        if pointer == 0 || !up.after(known) {
            return;
        }
        let at = Seq(up.0.wrapping_sub(1));
        self.rcv.up = up;
        // An octet out of band that nobody fetched is a plain one again, unless the user has read up to it.
        let next = self.next_to_read();
        let passed = self.mark.is_some_and(|mark| mark.at == next) && self.recv.readable() > 0;
        if passed && self.apart(cx.profile) {
            self.recv.read(1);
        }
        self.mark = Some(Mark { at, octet: Octet::Awaited });
        cx.fx.note(self.owner(), Reason::UrgentAnnounced);
        self.wake(cx);
    }

    /// Text came from `seq` on: is the urgent octet among it?
    pub fn look_for_urgent(&mut self, seq: Seq, text: &[u8]) {
        let Some(mark) = self.mark.as_mut() else { return };
        if mark.octet == Octet::Awaited && mark.at.at_or_after(seq) {
            let place = (mark.at - seq) as usize;
            if let Some(octet) = text.get(place) {
                mark.octet = Octet::Here(*octet);
            }
        }
    }

    /// How many of the `max` octets wanted the user may read now: reading stops at the mark, so that the user can see it,
    /// and steps over the octet that is out of band.
    pub fn readable_to_mark(&mut self, profile: &Profile, max: usize) -> usize {
        let Some(mark) = self.mark else { return max };
        if !profile.urgent.out_of_band {
            return max;
        }
        let next = self.next_to_read();
        if mark.at == next && self.recv.readable() > 0 {
            self.mark = None;
            if self.apart(profile) {
                self.recv.read(1);
            }
            return max;
        }
        if mark.at.before(next) {
            self.mark = None;
            return max;
        }
        max.min((mark.at - next) as usize)
    }

    /// Fetches the octet out of band.
    fn user_recv_urgent(&mut self, profile: &Profile) -> Result<u8, StreamError> {
        if !self.apart(profile) {
            return Err(StreamError::NothingUrgent);
        }
        let next = self.next_to_read();
        let Some(mark) = self.mark.filter(|mark| mark.at.at_or_after(next)) else {
            return Err(StreamError::NothingUrgent);
        };
        let octet = mark.octet;
        if octet != Octet::Fetched && self.state() == State::Closed && !self.peer_fin {
            return Err(StreamError::NotConnected);
        }
        match octet {
            Octet::Awaited => Err(StreamError::WouldBlock),
            Octet::Fetched => Err(StreamError::NothingUrgent),
            Octet::Here(octet) => {
                if let Some(mark) = self.mark.as_mut() {
                    mark.octet = Octet::Fetched;
                }
                Ok(octet)
            }
        }
    }
}

impl Stack {
    /// Takes octets to send and marks them urgent (RFC 9293 section 3.10.2 with the URGENT flag; MSG_OOB).
    ///
    /// # Errors
    /// As [`Stack::send`].
    pub fn send_urgent(
        &mut self,
        now: Instant,
        c: ConnId,
        data: &Bytes,
        fx: &mut Effects,
    ) -> Result<usize, StreamError> {
        self.send_with(now, c, data, super::SendFlags { urgent: true, ..super::SendFlags::default() }, fx)
    }

    /// Fetches the octet that came out of band (MSG_OOB).
    ///
    /// # Errors
    /// [`StreamError::NothingUrgent`] if there is none or it is inline, [`StreamError::WouldBlock`] if it is announced only.
    pub fn recv_urgent(&mut self, c: ConnId) -> Result<u8, StreamError> {
        let profile = &self.profile;
        let block = self.tables.block_mut(c);
        block.ok_or(StreamError::NotConnected)?.user_recv_urgent(profile)
    }

    /// Whether the user has read up to the urgent mark (SIOCATMARK).
    pub fn at_mark(&self, c: ConnId) -> bool {
        self.block(c).is_some_and(|tcb| tcb.mark.is_some_and(|mark| mark.at == tcb.next_to_read()))
    }

    /// Whether there is urgent data the user has not seen (POLLPRI): where it is out of band, only once its octet is here.
    pub fn urgent_ready(&self, c: ConnId) -> bool {
        let out_of_band = self.profile.urgent.out_of_band;
        self.block(c).is_some_and(|tcb| {
            tcb.mark.is_some_and(|mark| match mark.octet {
                Octet::Here(_) => mark.at.at_or_after(tcb.next_to_read()),
                Octet::Awaited => !out_of_band,
                Octet::Fetched => false,
            })
        })
    }

    /// Whether the peer has closed, or the user will read no more.
    pub fn nothing_more_comes(&self, c: ConnId) -> bool {
        self.block(c).is_none_or(Tcb::at_end)
    }

    /// Whether nothing can come or go any more, or an error waits to be told (POLLHUP, POLLERR).
    pub fn hung_up(&self, c: ConnId) -> bool {
        self.block(c).is_none_or(|tcb| {
            let over = matches!(tcb.state(), State::Closed | State::TimeWait);
            over || tcb.error.is_some() || (tcb.at_end() && tcb.fin.is_some())
        })
    }

    /// Octets still to be read up to and with the last urgent one (RFC 9293 MUST-33); none if nothing is urgent.
    pub fn urgent_left(&self, c: ConnId) -> u32 {
        self.block(c).map_or(0, |tcb| {
            let next = tcb.next_to_read();
            tcb.mark.filter(|mark| mark.at.at_or_after(next)).map_or(0, |mark| mark.at - next + 1)
        })
    }
}
