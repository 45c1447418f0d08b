//! How far a TCP connection is, as a box in the middle sees it: only to know how long its session is to be kept (RFC 5382
//! section 5). Sequence numbers are not looked at.

use super::NatProfile;
use crate::clock::Span;
use crate::wire::Flags;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A SYN was seen.
    SynSent,
    /// A SYN each way.
    SynReceived,
    /// Data may flow.
    Established,
    /// One side has ended.
    FinWait,
    /// And that is acknowledged.
    CloseWait,
    /// Both have ended.
    LastAck,
    /// And that is acknowledged.
    TimeWait,
    /// It was reset.
    Closed,
}

impl Progress {
    /// How a connection begins with this segment; `None` for one that begins nothing.
    pub fn begin(flags: Flags, profile: &NatProfile) -> Option<Progress> {
        if flags.has(Flags::RST) {
            None
        } else if flags.has(Flags::SYN) {
            (!flags.has(Flags::ACK)).then_some(Progress::SynSent)
        } else {
            (profile.joins_midway && flags.has(Flags::ACK)).then_some(Progress::Established)
        }
    }

    /// How far it is after this segment; `first` if it came from the side that began.
    pub fn after(self, flags: Flags, first: bool) -> Progress {
        use Progress::{CloseWait, Closed, Established, FinWait, LastAck, SynReceived, SynSent, TimeWait};
        if flags.has(Flags::RST) {
            return Closed;
        }
        if flags.has(Flags::SYN) {
            return match self {
                // An old pair of ends may begin anew.
                TimeWait | Closed if first && !flags.has(Flags::ACK) => SynSent,
                SynSent if !first => SynReceived,
                SynSent | SynReceived | Established | FinWait | CloseWait | LastAck | TimeWait | Closed => {
                    self
                }
            };
        }
        if flags.has(Flags::FIN) {
            return match self {
                SynReceived | Established => FinWait,
                FinWait | CloseWait => LastAck,
                SynSent | LastAck | TimeWait | Closed => self,
            };
        }
        match self {
            SynReceived if first => Established,
            FinWait => CloseWait,
            LastAck => TimeWait,
            SynSent | SynReceived | Established | CloseWait | TimeWait | Closed => self,
        }
    }

    /// How long a session this far is kept after its last packet.
    pub fn lifetime(self, profile: &NatProfile) -> Span {
        match self {
            Progress::SynSent => profile.tcp_syn,
            Progress::SynReceived => profile.tcp_syn_received,
            Progress::Established => profile.tcp_established,
            Progress::FinWait => profile.tcp_fin_wait,
            Progress::CloseWait => profile.tcp_close_wait,
            Progress::LastAck => profile.tcp_last_ack,
            Progress::TimeWait => profile.tcp_time_wait,
            Progress::Closed => profile.tcp_closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_followed_from_its_syn_to_its_last_ack() {
        let ack = Flags::ACK;
        let steps = [
            (Flags::SYN | ack, false, Progress::SynReceived),
            (ack, true, Progress::Established),
            (ack, false, Progress::Established),
            (Flags::FIN | ack, true, Progress::FinWait),
            (ack, false, Progress::CloseWait),
            (Flags::FIN | ack, false, Progress::LastAck),
            (ack, true, Progress::TimeWait),
            (Flags::SYN, true, Progress::SynSent),
            (Flags::RST, false, Progress::Closed),
        ];
        let profile = NatProfile::linux();
        let mut progress = Progress::begin(Flags::SYN, &profile).expect("a SYN begins a connection");
        for (flags, first, expected) in steps {
            progress = progress.after(flags, first);
            assert_eq!(progress, expected, "after {flags}");
        }
    }

    #[test]
    fn what_is_no_syn_begins_a_session_only_where_the_box_joins_midway() {
        assert_eq!(Progress::begin(Flags::ACK, &NatProfile::linux()), Some(Progress::Established));
        assert_eq!(Progress::begin(Flags::ACK, &NatProfile::rfc()), None);
        for profile in [NatProfile::linux(), NatProfile::rfc()] {
            assert_eq!(Progress::begin(Flags::RST, &profile), None);
            assert_eq!(Progress::begin(Flags::SYN | Flags::ACK, &profile), None);
        }
    }
}
