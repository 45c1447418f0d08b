//! What a captured segment is beside being new.

/// What a segment is beside being new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Finding {
    /// It carries what was seen before; nothing tells why it goes again.
    Retransmission,
    /// It carries what was seen before, and the peer had asked for it by duplicate acknowledgments.
    FastRetransmission,
    /// It carries what was seen before, after so long a silence that a timer must have run out.
    Timeout,
    /// It carries what had been acknowledged.
    Spurious,
    /// It fills a gap too late to have been overtaken: sent again, and the first was lost before the capture.
    UnseenOriginal,
    /// It fills a gap: it was overtaken on the way.
    OutOfOrder,
    /// It acknowledges again what it had acknowledged, while data is on its way.
    DuplicateAck,
    /// It acknowledges octets that no frame of the capture carries.
    AckOfUnseen,
    /// It says that there is no room.
    ZeroWindow,
    /// It fills the peer's window to its last octet.
    WindowFull,
    /// It asks whether there is room again.
    WindowProbe,
    /// It asks whether the peer is there.
    Keepalive,
    /// RST.
    Reset,
    /// It comes after octets that are not in the capture.
    AfterGap,
}

impl Finding {
    /// Every one of them.
    pub const ALL: [Finding; 14] = [
        Finding::Retransmission,
        Finding::FastRetransmission,
        Finding::Timeout,
        Finding::Spurious,
        Finding::UnseenOriginal,
        Finding::OutOfOrder,
        Finding::DuplicateAck,
        Finding::AckOfUnseen,
        Finding::ZeroWindow,
        Finding::WindowFull,
        Finding::WindowProbe,
        Finding::Keepalive,
        Finding::Reset,
        Finding::AfterGap,
    ];

    /// Whether it goes again.
    pub fn is_retransmission(self) -> bool {
        matches!(
            self,
            Finding::Retransmission
                | Finding::FastRetransmission
                | Finding::Timeout
                | Finding::Spurious
                | Finding::UnseenOriginal
        )
    }

    /// Whether the frames themselves show it; else it is inferred from their times and from what is missing.
    pub fn is_certain(self) -> bool {
        match self {
            Finding::Retransmission
            | Finding::Spurious
            | Finding::DuplicateAck
            | Finding::AckOfUnseen
            | Finding::ZeroWindow
            | Finding::WindowFull
            | Finding::WindowProbe
            | Finding::Reset
            | Finding::AfterGap => true,
            Finding::FastRetransmission
            | Finding::Timeout
            | Finding::UnseenOriginal
            | Finding::OutOfOrder
            | Finding::Keepalive => false,
        }
    }
}
