//! What goes into this room and what comes out of it.

use super::Reason;
use crate::internet;
use crate::wire::Ipv4Packet;

/// Who sent a packet.
pub type Cause<T> = internet::Cause<T, Reason>;
/// What IP wants done or known.
pub type Effect<T> = internet::Effect<T, Ipv4Packet, Reason>;
/// A packet for the layers above.
pub type Arrived<'a> = internet::Arrived<'a, Ipv4Packet>;
/// What became of a frame.
pub type Taken = internet::Taken<Ipv4Packet>;
/// A packet that came in fragments.
pub type Reassembled = internet::Reassembled<Ipv4Packet>;
