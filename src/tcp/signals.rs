//! What a connection tells somebody who waits for it without asking anything of it: `poll`, `epoll`, the ioctls.

use super::stack::Stack;
use super::{ConnId, State};

/// A connection as it shows itself at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signals {
    /// Its state.
    pub state: State,
    /// Octets that came in order so far, a FIN counted; it wraps.
    pub arrived: u32,
    /// Octets that a read could give at once.
    pub readable: usize,
    /// The window left is no larger than a full segment: nobody should wait for more before reading.
    pub window_shut: bool,
    /// The peer's FIN was taken in.
    pub ended: bool,
    /// The peer sends no more, or the user reads no more.
    pub no_more_in: bool,
    /// The user writes no more, or could not.
    pub no_more_out: bool,
    /// Enough of the send buffer is free that waking a writer is worth it: half as much as is taken.
    pub room: bool,
    /// An error waits to be told.
    pub error: bool,
    /// Something lies in the queue of errors.
    pub reports: bool,
    /// How much was put there so far; it wraps.
    pub reported: u32,
    /// An urgent octet is here, not yet fetched.
    pub urgent: bool,
    /// The user has read up to the urgent mark.
    pub at_mark: bool,
    /// Octets written that the peer has not acknowledged, its FIN counted.
    pub unacknowledged: u32,
    /// Octets written and not sent, its FIN counted.
    pub unsent: u32,
    /// Its SYN carried data that may be read before the handshake is over.
    pub early: bool,
}

impl Signals {
    /// Whether so much can be read that it is worth telling whoever wants `low` octets.
    pub fn has_enough(&self, low: usize) -> bool {
        self.readable > 0 && (self.readable >= low || self.window_shut)
    }
}

impl Stack {
    /// How a connection shows itself; `None` once it is gone.
    pub fn signals(&self, c: ConnId) -> Option<Signals> {
        let tcb = self.block(c)?;
        let over = matches!(tcb.state(), State::Closed | State::TimeWait);
        let written = tcb.write_end();
        let taken = tcb.send.len();
        let room = tcb.send_room(&self.profile);
        let opening = matches!(tcb.state(), State::SynSent | State::SynReceived);
        Some(Signals {
            state: tcb.state(),
            arrived: tcb.rcv.nxt - tcb.rcv.irs,
            readable: tcb.readable_octets(&self.profile),
            window_shut: tcb.rcv.window() <= u32::from(tcb.ack.full),
            ended: tcb.peer_fin,
            no_more_in: over || tcb.at_end(),
            no_more_out: over || tcb.fin.is_some(),
            room: room > 0 && room >= taken / 2,
            error: tcb.error.is_some(),
            reports: tcb.notices().0,
            reported: tcb.notices().1,
            urgent: self.urgent_ready(c),
            at_mark: self.at_mark(c),
            unacknowledged: if opening { 0 } else { written - tcb.snd.una },
            unsent: if opening { 0 } else { written - tcb.snd.nxt },
            early: tcb.speaks_early(),
        })
    }
}
