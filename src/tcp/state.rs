//! The eleven states of a connection (RFC 9293 section 3.3.2).

use std::fmt;

/// A connection's state. `Listen` belongs to a listener, `Closed` to no block at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// No connection.
    Closed,
    /// Waiting for any SYN.
    Listen,
    /// SYN sent, none received.
    SynSent,
    /// SYN received and answered, not yet acknowledged.
    SynReceived,
    /// Open: data flows.
    Established,
    /// FIN sent, not yet acknowledged, none received.
    FinWait1,
    /// FIN sent and acknowledged, none received.
    FinWait2,
    /// FIN received; the user has not closed yet.
    CloseWait,
    /// FINs crossed; ours is not yet acknowledged.
    Closing,
    /// FIN received, then sent, not yet acknowledged.
    LastAck,
    /// Both FINs acknowledged; waiting out 2 MSL.
    TimeWait,
}

impl State {
    /// All eleven, in the order of the RFC.
    pub const ALL: [State; 11] = [
        State::Closed,
        State::Listen,
        State::SynSent,
        State::SynReceived,
        State::Established,
        State::FinWait1,
        State::FinWait2,
        State::CloseWait,
        State::Closing,
        State::LastAck,
        State::TimeWait,
    ];

    /// The RFC's name, such as `SYN-RECEIVED`.
    pub const fn name(self) -> &'static str {
        match self {
            State::Closed => "CLOSED",
            State::Listen => "LISTEN",
            State::SynSent => "SYN-SENT",
            State::SynReceived => "SYN-RECEIVED",
            State::Established => "ESTABLISHED",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::CloseWait => "CLOSE-WAIT",
            State::Closing => "CLOSING",
            State::LastAck => "LAST-ACK",
            State::TimeWait => "TIME-WAIT",
        }
    }

    /// The state of that name; `_` passes for `-`.
    pub fn from_name(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name.replace('_', "-"))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
