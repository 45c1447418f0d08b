//! The eleven states of a connection (RFC 9293 section 3.3.2).

use crate::lang::Lang;
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

    /// What Chinese textbooks call the state.
    pub const fn chinese(self) -> &'static str {
        match self {
            State::Closed => "关闭",
            State::Listen => "收听",
            State::SynSent => "同步已发送",
            State::SynReceived => "同步收到",
            State::Established => "已建立连接",
            State::FinWait1 => "终止等待-1",
            State::FinWait2 => "终止等待-2",
            State::CloseWait => "关闭等待",
            State::Closing => "正在关闭",
            State::LastAck => "最后确认",
            State::TimeWait => "时间等待",
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

/// What carries a connection across an [`Edge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Event {
    /// The user listens.
    PassiveOpen,
    /// The user connects.
    ActiveOpen,
    /// A SYN without ACK came.
    SynReceived,
    /// A SYN with an acceptable ACK came.
    SynAckReceived,
    /// Our SYN was acknowledged.
    SynAcknowledged,
    /// A valid SYN cookie came back: the connection opens without ever having been half open.
    CookieReturned,
    /// The user closes, or shuts down the sending half.
    Close,
    /// A FIN came, in order.
    FinReceived,
    /// Our FIN was acknowledged.
    FinAcknowledged,
    /// An acceptable RST came.
    ResetReceived,
    /// The user aborts, or the block is reset from this side.
    Abort,
    /// Retransmissions, probes or waiting reached their limit.
    TimedOut,
    /// 2 MSL passed in TIME-WAIT.
    TimeWaitOver,
    /// A newer SYN reopened a connection in TIME-WAIT.
    NewerSyn,
    /// The entry was given up in favour of another one.
    Displaced,
    /// The network reported that the peer cannot be reached.
    Unreachable,
}

impl Event {
    /// A short label for diagrams.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Event::PassiveOpen => lang.pick("passive OPEN", "被动打开"),
            Event::ActiveOpen => lang.pick("active OPEN", "主动打开"),
            Event::SynReceived => lang.pick("rcv SYN", "收到 SYN"),
            Event::SynAckReceived => lang.pick("rcv SYN,ACK", "收到 SYN,ACK"),
            Event::SynAcknowledged => lang.pick("rcv ACK of SYN", "收到对 SYN 的确认"),
            Event::CookieReturned => lang.pick("rcv valid cookie", "收到有效的 cookie"),
            Event::Close => lang.pick("CLOSE", "关闭"),
            Event::FinReceived => lang.pick("rcv FIN", "收到 FIN"),
            Event::FinAcknowledged => lang.pick("rcv ACK of FIN", "收到对 FIN 的确认"),
            Event::ResetReceived => lang.pick("rcv RST", "收到 RST"),
            Event::Abort => lang.pick("ABORT", "中止"),
            Event::TimedOut => lang.pick("time-out", "超时"),
            Event::TimeWaitOver => lang.pick("2 MSL over", "2MSL 到时"),
            Event::NewerSyn => lang.pick("rcv newer SYN", "收到更新的 SYN"),
            Event::Displaced => lang.pick("displaced", "被替换"),
            Event::Unreachable => lang.pick("unreachable", "不可达"),
        }
    }
}

/// One legal transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edge {
    /// From.
    pub from: State,
    /// To.
    pub to: State,
    /// What carries across it.
    pub event: Event,
    /// The RFC section that has it.
    pub section: &'static str,
}

const fn edge(from: State, event: Event, to: State, section: &'static str) -> Edge {
    Edge { from, to, event, section }
}

/// Every legal transition: the one table that listeners, half-open entries, connections and TIME-WAIT entries all obey.
pub const EDGES: &[Edge] = {
    use Event::*;
    use State::*;
    &[
        edge(Closed, PassiveOpen, Listen, "RFC 9293 3.10.1"),
        edge(Closed, ActiveOpen, SynSent, "RFC 9293 3.10.1"),
        edge(Listen, Event::SynReceived, State::SynReceived, "RFC 9293 3.10.7.2"),
        edge(Listen, CookieReturned, Established, "RFC 4987 3.6"),
        edge(Listen, ActiveOpen, SynSent, "RFC 9293 3.10.1"),
        edge(Listen, Close, Closed, "RFC 9293 3.10.4"),
        edge(SynSent, SynAckReceived, Established, "RFC 9293 3.10.7.3"),
        edge(SynSent, Event::SynReceived, State::SynReceived, "RFC 9293 3.10.7.3"),
        edge(SynSent, Close, Closed, "RFC 9293 3.10.4"),
        edge(SynSent, Abort, Closed, "RFC 9293 3.10.5"),
        edge(SynSent, ResetReceived, Closed, "RFC 9293 3.10.7.3"),
        edge(SynSent, TimedOut, Closed, "RFC 9293 3.8.3"),
        edge(SynSent, Unreachable, Closed, "RFC 9293 3.9.2.2"),
        edge(State::SynReceived, SynAcknowledged, Established, "RFC 9293 3.10.7.4"),
        edge(State::SynReceived, Close, FinWait1, "RFC 9293 3.10.4"),
        edge(State::SynReceived, FinReceived, CloseWait, "RFC 9293 3.10.7.4"),
        edge(State::SynReceived, ResetReceived, Listen, "RFC 9293 3.10.7.4"),
        edge(State::SynReceived, ResetReceived, Closed, "RFC 9293 3.10.7.4"),
        edge(State::SynReceived, Event::SynReceived, Listen, "RFC 9293 3.10.7.4"),
        edge(State::SynReceived, Abort, Closed, "RFC 9293 3.10.5"),
        edge(State::SynReceived, TimedOut, Closed, "RFC 9293 3.8.3"),
        edge(State::SynReceived, Displaced, Closed, "RFC 4987 3.4"),
        edge(State::SynReceived, Unreachable, Closed, "RFC 9293 3.9.2.2"),
        edge(Established, Close, FinWait1, "RFC 9293 3.10.4"),
        edge(Established, FinReceived, CloseWait, "RFC 9293 3.10.7.4"),
        edge(Established, ResetReceived, Closed, "RFC 9293 3.10.7.4"),
        edge(Established, Abort, Closed, "RFC 9293 3.10.5"),
        edge(Established, TimedOut, Closed, "RFC 9293 3.8.3"),
        edge(Established, Unreachable, Closed, "RFC 9293 3.9.2.2"),
        edge(FinWait1, FinAcknowledged, FinWait2, "RFC 9293 3.10.7.4"),
        edge(FinWait1, FinReceived, Closing, "RFC 9293 3.10.7.4"),
        edge(FinWait1, ResetReceived, Closed, "RFC 9293 3.10.7.4"),
        edge(FinWait1, Abort, Closed, "RFC 9293 3.10.5"),
        edge(FinWait1, TimedOut, Closed, "RFC 9293 3.8.3"),
        edge(FinWait1, Unreachable, Closed, "RFC 9293 3.9.2.2"),
        edge(FinWait2, FinReceived, TimeWait, "RFC 9293 3.10.7.4"),
        edge(FinWait2, ResetReceived, Closed, "RFC 9293 3.10.7.4"),
        edge(FinWait2, Abort, Closed, "RFC 9293 3.10.5"),
        edge(FinWait2, TimedOut, Closed, "RFC 9293 3.8.3"),
        edge(FinWait2, Unreachable, Closed, "RFC 9293 3.9.2.2"),
        edge(CloseWait, Close, LastAck, "RFC 9293 3.10.4"),
        edge(CloseWait, ResetReceived, Closed, "RFC 9293 3.10.7.4"),
        edge(CloseWait, Abort, Closed, "RFC 9293 3.10.5"),
        edge(CloseWait, TimedOut, Closed, "RFC 9293 3.8.3"),
        edge(CloseWait, Unreachable, Closed, "RFC 9293 3.9.2.2"),
        edge(Closing, FinAcknowledged, TimeWait, "RFC 9293 3.10.7.4"),
        edge(Closing, ResetReceived, Closed, "RFC 9293 3.10.7.4"),
        edge(Closing, Abort, Closed, "RFC 9293 3.10.5"),
        edge(Closing, TimedOut, Closed, "RFC 9293 3.8.3"),
        edge(Closing, Unreachable, Closed, "RFC 9293 3.9.2.2"),
        edge(LastAck, FinAcknowledged, Closed, "RFC 9293 3.10.7.4"),
        edge(LastAck, ResetReceived, Closed, "RFC 9293 3.10.7.4"),
        edge(LastAck, Abort, Closed, "RFC 9293 3.10.5"),
        edge(LastAck, TimedOut, Closed, "RFC 9293 3.8.3"),
        edge(LastAck, Unreachable, Closed, "RFC 9293 3.9.2.2"),
        edge(TimeWait, TimeWaitOver, Closed, "RFC 9293 3.10.8"),
        edge(TimeWait, ResetReceived, Closed, "RFC 9293 3.10.7.4"),
        edge(TimeWait, NewerSyn, State::SynReceived, "RFC 9293 3.6.1"),
        edge(TimeWait, Displaced, Closed, "RFC 6191 2"),
        edge(TimeWait, Abort, Closed, "RFC 9293 3.10.5"),
    ]
};

impl Edge {
    /// The edge that leaves `from` by `event` for `to`; `None` if the table has none.
    pub fn find(from: State, event: Event, to: State) -> Option<&'static Edge> {
        EDGES.iter().find(|edge| edge.from == from && edge.event == event && edge.to == to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_can_be_reached_from_closed() {
        let mut reached = vec![State::Closed];
        let mut looked_at = 0;
        while let Some(&from) = reached.get(looked_at) {
            looked_at += 1;
            for edge in EDGES.iter().filter(|edge| edge.from == from) {
                if !reached.contains(&edge.to) {
                    reached.push(edge.to);
                }
            }
        }
        assert_eq!(reached.len(), State::ALL.len(), "unreachable: only {reached:?}");
    }

    #[test]
    fn every_state_leads_back_to_closed() {
        for start in State::ALL {
            let mut reached = vec![start];
            let mut looked_at = 0;
            while let Some(&from) = reached.get(looked_at) {
                looked_at += 1;
                for edge in EDGES.iter().filter(|edge| edge.from == from) {
                    if !reached.contains(&edge.to) {
                        reached.push(edge.to);
                    }
                }
            }
            assert!(reached.contains(&State::Closed), "{start} never ends");
        }
    }

    #[test]
    fn no_edge_is_listed_twice() {
        for (index, edge) in EDGES.iter().enumerate() {
            let twin = EDGES[index + 1..]
                .iter()
                .find(|other| (other.from, other.to, other.event) == (edge.from, edge.to, edge.event));
            assert_eq!(twin, None);
        }
    }

    #[test]
    fn established_never_leads_straight_to_time_wait() {
        assert_eq!(Edge::find(State::Established, Event::FinReceived, State::TimeWait), None);
    }

    #[test]
    fn names_go_both_ways() {
        for state in State::ALL {
            assert_eq!(State::from_name(state.name()), Some(state));
        }
        assert_eq!(State::from_name("FIN_WAIT_1"), Some(State::FinWait1));
    }
}
