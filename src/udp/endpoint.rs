//! One UDP socket's state below the descriptor: addresses, receive queue, pending error.

use super::Profile;
use super::profile::Room;
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::SocketAddr;

/// What an ICMP error told a connected socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody listens there (ECONNREFUSED).
    Refused,
    /// The peer's host does not speak UDP (ENOPROTOOPT).
    ProtocolUnreachable,
}

/// A datagram that waits to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its data.
    pub payload: Bytes,
    /// From whom.
    pub from: SocketAddr,
    pub(super) room: u32,
}

/// One end of UDP traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Own address and port; `None` until it has a port.
    pub local: Option<SocketAddr>,
    /// The peer, once connected.
    pub remote: Option<SocketAddr>,
    /// AF_INET6: where it also takes IPv4, an AF_INET socket comes first.
    pub inet6: bool,
    /// IPV6_V6ONLY.
    pub v6_only: bool,
    /// SO_REUSEADDR.
    pub reuse_address: bool,
    /// The receive buffer, octets of room.
    pub receive_buffer: u32,
    pub(super) bound_at: u64,
    error: Option<Failure>,
    arrived: VecDeque<Received>,
    reading: VecDeque<Received>,
    used: u32,
    owed: u32,
    lost: u64,
}

impl Endpoint {
    pub(super) fn new(profile: &Profile) -> Endpoint {
        Endpoint {
            local: None,
            remote: None,
            inet6: false,
            v6_only: false,
            reuse_address: false,
            receive_buffer: profile.receive_buffer,
            bound_at: 0,
            error: None,
            arrived: VecDeque::new(),
            reading: VecDeque::new(),
            used: 0,
            owed: 0,
            lost: 0,
        }
    }

    /// Octets of room taken.
    pub fn used(&self) -> u32 {
        self.used
    }

    /// Datagrams that wait.
    pub fn waiting(&self) -> usize {
        self.arrived.len() + self.reading.len()
    }

    /// Datagrams lost because the buffer was full.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// The pending error, taken once.
    pub fn take_error(&mut self) -> Option<Failure> {
        self.error.take()
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        self.error = Some(failure);
    }

    /// Takes a datagram in, unless the buffer is full. An empty buffer takes any datagram.
    pub(super) fn deliver(&mut self, received: Received) -> bool {
        let fits = self.used == 0
            || self.used.checked_add(received.room).is_some_and(|sum| sum <= self.receive_buffer);
        if fits {
            self.used = self.used.saturating_add(received.room);
            self.arrived.push_back(received);
        } else {
            self.lost += 1;
        }
        fits
    }

    /// The oldest datagram, taken out.
    pub fn receive(&mut self, profile: &Profile) -> Option<Received> {
        if self.reading.is_empty() {
            std::mem::swap(&mut self.reading, &mut self.arrived);
        }
        let received = self.reading.pop_front()?;
        self.owed = self.owed.saturating_add(received.room);
        let at_once = match profile.room {
            Room::Payload => true,
            Room::KernelMemory => self.reading.is_empty() || self.owed >= self.receive_buffer / 4,
        };
        if at_once {
            self.used = self.used.saturating_sub(self.owed);
            self.owed = 0;
        }
        Some(received)
    }
}
