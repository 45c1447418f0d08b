//! What an ICMP error of either version quotes.

use crate::wire::Seq;
use std::net::SocketAddr;

/// The packet an ICMP error is about, as far as its quote shows it. It was sent from here: `local` is its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// The protocol number: TCP's, UDP's, or ICMPv6's for an echo.
    pub protocol: u8,
    /// Source address and port; an echo's identifier in place of a port.
    pub local: SocketAddr,
    /// Destination address and port; zero for an echo.
    pub remote: SocketAddr,
    /// The four octets after the ports: the sequence number, if the protocol is TCP.
    pub seq: Seq,
}
