//! One UDP socket's state below the descriptor: addresses, receive queue, pending error.

use super::profile::Room;
use super::{Failure, Origin, Profile, Report};
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

/// Whether routers may cut a socket's datagrams (IP_MTU_DISCOVER, RFC 1191).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Discovery {
    /// They may (IP_PMTUDISC_DONT).
    Dont,
    /// They may not; what is larger than the path is known to take is cut here (IP_PMTUDISC_WANT).
    #[default]
    Want,
    /// Nobody may: a datagram larger than the path is known to take is refused (IP_PMTUDISC_DO).
    Do,
    /// Nobody may, and only the own link's limit counts: so programs search by themselves (IP_PMTUDISC_PROBE, RFC 4821).
    Probe,
}

/// With whom an endpoint shares its address and port, if these too want it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sharing {
    /// SO_REUSEADDR.
    pub address: bool,
    /// SO_REUSEPORT.
    pub port: bool,
}

impl Sharing {
    /// Whether two endpoints may have the same address and port.
    pub fn with(self, other: Sharing) -> bool {
        (self.address && other.address) || (self.port && other.port)
    }
}

/// A datagram that waits to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its data.
    pub payload: Bytes,
    /// From whom.
    pub from: SocketAddr,
    /// The address it was sent to (IP_PKTINFO).
    pub to: IpAddr,
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
    /// SO_REUSEADDR and SO_REUSEPORT.
    pub sharing: Sharing,
    /// IP_MTU_DISCOVER.
    pub discovery: Discovery,
    /// The receive buffer, octets of room.
    pub receive_buffer: u32,
    pub(super) bound_at: u64,
    hears_errors: bool,
    error: Option<Failure>,
    reports: VecDeque<(Report, u32)>,
    reports_room: u32,
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
            sharing: Sharing::default(),
            discovery: Discovery::default(),
            receive_buffer: profile.receive_buffer,
            bound_at: 0,
            hears_errors: false,
            error: None,
            reports: VecDeque::new(),
            reports_room: 0,
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

    /// Whether an error waits to be told, by the next call or from the queue that IP_RECVERR keeps (POLLERR).
    pub fn has_error(&self) -> bool {
        self.error.is_some() || !self.reports.is_empty()
    }

    /// IP_RECVERR: whether every error about its datagrams is kept for the program.
    pub fn hears_errors(&self) -> bool {
        self.hears_errors
    }

    /// Sets IP_RECVERR; switched off, what was kept is forgotten.
    pub fn set_hears_errors(&mut self, on: bool) {
        self.hears_errors = on;
        if !on {
            self.reports.clear();
            self.reports_room = 0;
        }
    }

    /// Takes in an error about one of its datagrams; whether the program gets to know. Without IP_RECVERR only a connected
    /// socket does, and only of what will not pass by itself (`fatal`).
    pub(super) fn report(&mut self, report: Report, fatal: bool, profile: &Profile) -> bool {
        if !self.hears_errors {
            let told = fatal && self.remote.is_some() && report.origin == Origin::Icmp;
            if told {
                self.error = Some(report.failure);
            }
            return told;
        }
        // IP and ICMP headers of the message stand beside what it quotes.
        const HEADERS: usize = 28;
        let (failure, origin) = (report.failure, report.origin);
        let room = profile.room_of(report.data.len() + HEADERS, &[]);
        let sum = self.used.saturating_add(self.reports_room).saturating_add(room);
        if sum < self.receive_buffer {
            self.reports_room += room;
            self.reports.push_back((report, room));
        }
        if origin == Origin::Icmp {
            self.error = Some(failure);
        }
        true
    }

    /// The oldest error kept, taken out. The pending error becomes that of the next.
    pub fn read_report(&mut self) -> Option<Report> {
        let (report, room) = self.reports.pop_front()?;
        self.reports_room -= room;
        match self.reports.front() {
            Some((next, _)) if next.origin == Origin::Icmp => self.error = Some(next.failure),
            Some(_) | None if report.origin == Origin::Icmp => self.error = None,
            Some(_) | None => {}
        }
        Some(report)
    }

    /// Takes a datagram in, unless the buffer is full. An empty buffer takes any datagram.
    pub(super) fn deliver(&mut self, received: Received) -> bool {
        let used = self.used.saturating_add(self.reports_room);
        let fits = used == 0 || used.checked_add(received.room).is_some_and(|sum| sum <= self.receive_buffer);
        if fits {
            self.used = self.used.saturating_add(received.room);
            self.arrived.push_back(received);
        } else {
            self.lost += 1;
        }
        fits
    }

    /// The oldest datagram, left where it is (MSG_PEEK).
    pub fn peek(&self) -> Option<&Received> {
        self.reading.front().or(self.arrived.front())
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
