//! `recv` with flags and `recvmsg`: what may be asked for besides the data, and what comes of it.

use super::Errno;
use crate::tcp::Notice;
use crate::udp::Origin;
use bytes::Bytes;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// What a receive call with flags asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// What comes beside the data.
    pub beside: Beside,
    /// MSG_PEEK: the data stay where they are.
    pub peek: bool,
    /// MSG_TRUNC: the length of the whole datagram is given, however much of it fits.
    pub whole: bool,
    /// MSG_WAITALL: a stream gives all that was asked for, or what came before its end.
    pub all: bool,
}

/// What a receive call gives beside the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Beside {
    /// Nothing (`recv`).
    Nothing,
    /// The sender (`recvfrom`).
    Sender,
    /// The own address that the datagram was sent to, if IP_PKTINFO is on (`recvmsg`).
    Destination,
    /// No data: the oldest error kept for IP_RECVERR, and where its datagram was to go (`recvmsg` with MSG_ERRQUEUE).
    Error,
}

/// What such a call gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What was asked for.
    pub wanted: Wanted,
    /// The data that fit; of an error, what it quotes.
    pub data: Bytes,
    /// Octets of the whole datagram.
    pub length: usize,
    /// The address asked for, if there is one.
    pub address: Option<SocketAddr>,
    /// The error.
    pub error: Option<ErrorReport>,
    /// What else the queue of errors had to tell, of a TCP socket.
    pub notice: Option<Notice>,
}

/// An error as MSG_ERRQUEUE tells it (`struct sock_extended_err`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ErrorReport {
    /// The errno.
    pub errno: Errno,
    /// Who noticed.
    pub origin: Origin,
    /// ICMP type.
    pub kind: u8,
    /// ICMP code.
    pub code: u8,
    /// The octets a next hop takes, where the datagram was too long.
    pub info: u32,
    /// Who sent the ICMP message.
    pub offender: Option<IpAddr>,
}

impl Message {
    /// Whether data were taken out and handed to the program.
    pub fn delivers(&self) -> bool {
        self.error.is_none() && self.notice.is_none() && !self.wanted.peek
    }
}

/// As programs compare it: `ECONNREFUSED icmp 3/3 from 10.0.0.2`, `EMSGSIZE local mtu 1500`.
impl fmt::Display for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.errno)?;
        match self.origin {
            Origin::Local => f.write_str(" local")?,
            Origin::Icmp => write!(f, " icmp {}/{}", self.kind, self.code)?,
        }
        if self.info != 0 {
            write!(f, " mtu {}", self.info)?;
        }
        self.offender.map_or(Ok(()), |offender| write!(f, " from {offender}"))
    }
}
