//! Sending to a card that segments (TCP segmentation offload): text waits in bursts of several segments, a burst goes out
//! at once, and PSH stands on its last segment.
//!
//! The segments on the wire are those of RFC 9293 all the same; what differs is how many go at a time, where PSH stands
//! (section 3.9.1.2 leaves it to the sender), and that a small rest may wait for the window to open further.
//! Without offload (`gso_max_segs` 1) none of this exists.

mod limits;
mod memory;
mod pieces;
mod send;
mod size;
mod write;

use super::Profile;
use crate::clock::{Instant, Span};
use crate::wire::Seq;
use limits::Lasted;
use pieces::{Piece, Pieces};

/// What lets a small segment wait, or go (TCP_NODELAY, TCP_CORK, MSG_MORE).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hold {
    /// Nagle's algorithm is off (TCP_NODELAY).
    pub off: bool,
    /// Only full segments go (TCP_CORK, MSG_MORE).
    pub corked: bool,
    /// All that is there goes now.
    pub push: bool,
}

impl Hold {
    /// Everything goes.
    pub const PUSH: Hold = Hold { off: false, corked: false, push: true };
    /// Nagle's algorithm does not hold, a cork neither.
    pub const OFF: Hold = Hold { off: true, corked: false, push: false };
}

/// How much of the queue goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All that may.
    All,
    /// One burst.
    One,
    /// One burst, one segment of it even beyond the congestion window: a probe.
    Probe,
}

/// What a connection with offload remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bursts {
    /// Everything from SND.UNA to what was written last, in bursts.
    pub pieces: Pieces,
    /// PSH was last set here.
    pushed: Option<Seq>,
    /// When anything last went out.
    pub wrote: Option<Instant>,
    /// What the send buffer has grown to, octets; 0 before the connection opens.
    buffer: u32,
    /// A writer found the buffer full and was not told of room since.
    full: bool,
    /// How long what limited the sender.
    pub lasted: Lasted,
    /// A small segment waits for more of a write (a cork's push is still owed).
    push_owed: bool,
    /// The least round-trip time.
    least_rtt: Option<Span>,
    /// The burst on its way out, of several segments, ends here: PSH stands there this time.
    several_until: Option<Seq>,
    /// The burst that goes again ends here.
    again_until: Option<Seq>,
}

impl Bursts {
    /// What a new connection of that profile has: nothing where the card does not segment.
    pub fn of(profile: &Profile) -> Option<Box<Bursts>> {
        (profile.settings.gso_max_segs > 1).then(Box::default)
    }

    /// The first of all went on the SYN, up to `end`: when it goes again PSH stands there.
    pub fn begins_with(&mut self, end: Seq) {
        self.pieces.push(Piece { end, push: true, record: false });
    }

    /// Whether the segment that goes out now, and ends at `end`, carries PSH.
    pub fn pushes(&mut self, end: Seq) -> bool {
        let last = self.several_until.take_if(|until| *until == end).is_some();
        last || self.pieces.pushes(end)
    }

    /// A round-trip time was measured.
    pub fn measured(&mut self, rtt: Span) {
        self.least_rtt = Some(self.least_rtt.map_or(rtt, |least| least.min(rtt)));
    }
}
