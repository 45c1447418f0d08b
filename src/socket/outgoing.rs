//! A datagram between the socket layer and IP.

use crate::udp::{Discovery, UdpId};
use bytes::Bytes;
use std::net::SocketAddr;

/// A datagram on its way down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Own address and port; the address is the one packets carry.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// IP_TOS.
    pub type_of_service: u8,
    /// IP_TTL or IPV6_UNICAST_HOPS; 0 is the host's own.
    pub ttl: u8,
    /// The endpoint.
    pub endpoint: UdpId,
    /// The data.
    pub payload: Bytes,
    /// How it is sent.
    pub sent_as: SentAs,
}

/// How a datagram is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentAs {
    /// With a checksum (SO_NO_CHECK sends none over IPv4).
    pub checksum: bool,
    /// Whether it may be cut on its way (IP_MTU_DISCOVER).
    pub discovery: Discovery,
}
