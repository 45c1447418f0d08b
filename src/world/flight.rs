//! A frame on its way.

use crate::link::HostId;
use crate::trace::RecordId;
use bytes::Bytes;

/// A frame on its way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    /// As it is now.
    pub(super) frame: Bytes,
    /// Who put it on the wire.
    pub(super) from: HostId,
    /// The record of its sending, where there is one.
    pub(super) sent: Option<RecordId>,
    /// Whether its bytes are no longer those that were sent.
    pub(super) changed: bool,
    /// Whether it belongs to generated load, which leaves only queues and counters.
    pub(super) quiet: bool,
    /// How often the link it is on had gone down when it was sent.
    pub(super) epoch: u32,
}
