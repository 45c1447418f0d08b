//! The calls on raw sockets, and what they hear: whole packets, IP header and all.

use super::descriptors::SocketId;
use super::family::Family;
use super::layer::{Below, Sockets};
use super::object::Flow;
use super::waiting::Pending;
use super::{Domain, Errno, How, Return};
use crate::ip::Tap;
use crate::udp;
use crate::wire::{Ipv4Packet, PROTOCOL_ICMP, Transport};
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The protocol number of sockets that only send, with headers of the program's own.
const PROTOCOL_RAW: u8 = 255;
/// What family rules need to know of a raw socket.
const FAMILY: Family = Family { domain: Domain::Inet, v6_only: false, stream: false };
/// Octets of an IP header without options.
const HEADER: usize = 20;

/// A raw socket.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub protocol: u8,
    pub local: Option<Ipv4Addr>,
    pub remote: Option<(Ipv4Addr, u16)>,
    /// IP_HDRINCL.
    pub header_included: bool,
    /// IP_TOS.
    pub type_of_service: u8,
    /// IP_TTL; 0 is the host's own.
    pub ttl: u8,
    pub receive_buffer: u32,
    pub send_buffer: u32,
    /// Kept, and of no effect.
    pub reuse_address: bool,
    /// Kept, and of no effect.
    pub keep_alive: bool,
    /// Kept, and of no effect.
    pub urgent_inline: bool,
    pub shut_read: bool,
    pub error: Option<Errno>,
    queue: VecDeque<Copied>,
    used: u32,
}

/// A packet that waits to be read.
#[derive(Clone, Debug)]
struct Copied {
    octets: Bytes,
    from: Ipv4Addr,
    room: u32,
}

/// A packet that a program made, on its way down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingPacket {
    /// The packet.
    pub packet: Ipv4Packet,
    /// Its TTL is the host's own.
    pub usual_ttl: bool,
    /// The program made its header too, and this is where it goes, whatever that header says.
    pub towards: Option<Ipv4Addr>,
}

/// What became of a packet that raw sockets hear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hearing {
    /// How many sockets have a copy.
    pub sockets: usize,
    /// Room taken and room there is, of a socket that had none left.
    pub full: Option<(u32, u32)>,
}

impl Raw {
    pub fn new(protocol: u8, profile: &udp::Profile) -> Raw {
        Raw {
            protocol,
            local: None,
            remote: None,
            header_included: protocol == PROTOCOL_RAW,
            type_of_service: 0,
            ttl: 0,
            receive_buffer: profile.receive_buffer,
            send_buffer: profile.send_buffer,
            reuse_address: false,
            keep_alive: false,
            urgent_inline: false,
            shut_read: false,
            error: None,
            queue: VecDeque::new(),
            used: 0,
        }
    }

    fn tap(&self) -> Tap {
        Tap { protocol: self.protocol, local: self.local, remote: self.remote.map(|(remote, _)| remote) }
    }

    /// What `getsockname` shows: where a port would stand, the protocol.
    pub fn own_name(&self) -> SocketAddr {
        let ip = self.local.unwrap_or(Ipv4Addr::UNSPECIFIED);
        SocketAddr::new(ip.into(), u16::from(self.protocol))
    }

    /// What `getpeername` shows; a peer without a port is none to it.
    /// What can be done with it at once.
    pub fn readiness(&self) -> super::ready::Readiness {
        super::ready::Readiness {
            read: !self.queue.is_empty() || self.shut_read,
            write: true,
            error: self.error.is_some(),
            ..super::ready::Readiness::default()
        }
    }
    pub fn peer_name(&self) -> Option<SocketAddr> {
        self.remote.filter(|(_, port)| *port != 0).map(SocketAddr::from)
    }
}

impl Sockets {
    /// Takes from all programs of this host what only the privileged may do.
    pub fn take_privilege(&mut self) {
        self.privileged = false;
    }

    pub(super) fn bind_raw(&mut self, id: SocketId, ip: IpAddr) -> Return {
        let Some(raw) = self.raw_mut(id) else { return Return::Failed(Errno::EBADF) };
        raw.local = match ip {
            IpAddr::V4(ip) => Some(ip).filter(|ip| !ip.is_unspecified()),
            IpAddr::V6(_) => return Return::Failed(Errno::EAFNOSUPPORT),
        };
        self.taps_changed = true;
        Return::Done
    }

    pub(super) fn connect_raw(&mut self, id: SocketId, to: SocketAddr, below: &mut Below<'_>) -> Return {
        let Some(raw) = self.raw_mut(id) else { return Return::Failed(Errno::EBADF) };
        match FAMILY.route(to, raw.local.map(IpAddr::V4), below) {
            Ok((to, source)) => {
                if let (IpAddr::V4(ip), IpAddr::V4(source)) = (to.ip(), source) {
                    raw.local = raw.local.or(Some(source));
                    raw.remote = Some((ip, to.port()));
                }
                self.taps_changed = true;
                Return::Done
            }
            Err(errno) => Return::Failed(errno),
        }
    }

    pub(super) fn shutdown_raw(&mut self, id: SocketId, how: How) -> Return {
        let Some(raw) = self.raw_mut(id) else { return Return::Failed(Errno::EBADF) };
        // The other half stays open: nothing looks whether it was shut.
        raw.shut_read |= matches!(how, How::Read | How::Both);
        let connected = raw.remote.is_some();
        self.stir(id);
        if connected { Return::Done } else { Return::Failed(Errno::ENOTCONN) }
    }

    /// The checks stand in the kernel's order: a program sees the first that fails.
    pub(super) fn send_raw(
        &mut self,
        id: SocketId,
        data: &Bytes,
        to: Option<SocketAddr>,
        urgent: bool,
        below: &mut Below<'_>,
    ) -> Result<(), Errno> {
        let raw = self.raw_mut(id).ok_or(Errno::EBADF)?;
        if data.len() > usize::from(u16::MAX) {
            return Err(Errno::EMSGSIZE);
        }
        if urgent {
            return Err(Errno::EOPNOTSUPP);
        }
        let to = to.or(raw.remote.map(SocketAddr::from)).ok_or(Errno::EDESTADDRREQ)?;
        let own = raw.local.map(IpAddr::V4);
        let (to, source) = FAMILY.route(to, own, below)?;
        let (IpAddr::V4(to), IpAddr::V4(source)) = (to.ip(), own.unwrap_or(source)) else {
            return Err(Errno::EAFNOSUPPORT);
        };
        let outgoing = if raw.header_included {
            let packet = included(data, source)?;
            if packet.len() > usize::from(below.routing.mtu_to(to)) {
                return Err(Errno::EMSGSIZE);
            }
            OutgoingPacket { packet, usual_ttl: false, towards: Some(to) }
        } else {
            // The kernel reads type and code of an ICMP message before it sends it.
            if raw.protocol == PROTOCOL_ICMP && data.len() < 2 {
                return Err(Errno::EFAULT);
            }
            if data.len() > usize::from(u16::MAX) - HEADER {
                return Err(Errno::EMSGSIZE);
            }
            let transport = Transport::Other { protocol: raw.protocol, payload: data.clone() };
            let mut packet = Ipv4Packet::new(source, to, transport);
            packet.dscp = raw.type_of_service >> 2;
            packet.ecn = raw.type_of_service & 3;
            packet.ttl = raw.ttl;
            packet.dont_fragment = packet.len() <= usize::from(below.routing.mtu_to(to));
            OutgoingPacket { packet, usual_ttl: raw.ttl == 0, towards: None }
        };
        if let Some(error) = raw.error.take() {
            return Err(error);
        }
        below.packets.push(outgoing);
        Ok(())
    }

    pub(super) fn recv_raw(&mut self, id: SocketId, len: usize, with_source: bool) -> Option<Return> {
        let socket = self.sockets.get_mut(&id)?;
        let nonblocking = socket.nonblocking;
        let Flow::Raw(raw) = &mut socket.flow else { return Some(Return::Failed(Errno::EBADF)) };
        if let Some(error) = raw.error.take() {
            return Some(Return::Failed(error));
        }
        match raw.queue.pop_front() {
            Some(copied) => {
                raw.used = raw.used.saturating_sub(copied.room);
                let data = copied.octets.slice(..copied.octets.len().min(len));
                Some(match with_source {
                    true => Return::ReceivedFrom(data, SocketAddr::from((copied.from, 0))),
                    false => Return::Received(data),
                })
            }
            None if raw.shut_read && !nonblocking => Some(Return::Received(Bytes::new())),
            None => None,
        }
    }

    /// Gives each raw socket that hears the packet in these octets a copy of it.
    pub fn hear(&mut self, octets: &Bytes, profile: &udp::Profile) -> Hearing {
        let mut hearing = Hearing::default();
        let Ok(packet) = crate::wire::parse_ipv4_shell(octets, 0) else { return hearing };
        let room = profile.room_of(octets.len().saturating_sub(packet.header_len() + 8), &[]);
        for id in self.raws.clone() {
            let Some(raw) = self.raw_mut(id).filter(|raw| raw.tap().hears(&packet)) else { continue };
            if raw.used >= raw.receive_buffer {
                hearing.full = Some((raw.used, raw.receive_buffer));
                continue;
            }
            raw.used = raw.used.saturating_add(room);
            raw.queue.push_back(Copied { octets: octets.clone(), from: packet.source, room });
            hearing.sockets += 1;
            self.stir(id);
        }
        hearing
    }

    /// An ICMP error quotes this packet: connected raw sockets that may have sent it hear of what cannot be helped. Whether
    /// any did.
    pub fn raw_unreachable(&mut self, quote: &Bytes, code: u8) -> bool {
        let Ok(header) = etherparse::Ipv4HeaderSlice::from_slice(quote) else { return false };
        let (from, to, protocol) = (header.source_addr(), header.destination_addr(), header.protocol().0);
        let Some(error) = fatal(code) else { return false };
        let mut told = false;
        for id in self.raws.clone() {
            let Some(raw) = self.raw_mut(id) else { continue };
            let concerned = raw.protocol == protocol
                && raw.local.is_none_or(|local| local == from)
                && raw.remote.is_some_and(|(remote, _)| remote == to);
            if concerned {
                raw.error = Some(error);
                told = true;
                self.stir(id);
            }
        }
        told
    }

    /// One try of a call that may have to wait.
    pub(super) fn attempt_raw(
        &mut self,
        id: SocketId,
        pending: &mut Pending,
        below: &mut Below<'_>,
    ) -> Option<Return> {
        match pending {
            Pending::Accept => Some(Return::Failed(Errno::EOPNOTSUPP)),
            Pending::Connect { to, .. } => Some(self.connect_raw(id, *to, below)),
            Pending::Send { data, to, flags, .. } => {
                let sent = self.send_raw(id, data, *to, flags.urgent, below);
                Some(sent.map_or_else(Return::Failed, |()| Return::Sent(data.len())))
            }
            Pending::Recv { len, with_source } => self.recv_raw(id, *len, *with_source),
            // Peeking and messages beside the data are not simulated here.
            Pending::Receive { .. } => Some(Return::Failed(Errno::EOPNOTSUPP)),
            Pending::Poll | Pending::Select { .. } => None,
            Pending::Close => Some(Return::Done),
            Pending::Local(_) => Some(Return::Failed(Errno::EAFNOSUPPORT)),
        }
    }

    /// A raw socket is no more.
    pub(super) fn forget_raw(&mut self, id: SocketId) {
        self.raws.retain(|raw| *raw != id);
        self.taps_changed = true;
    }

    /// What raw sockets hear, if that has changed since it was last asked.
    pub fn changed_taps(&mut self) -> Option<Vec<Tap>> {
        if !std::mem::take(&mut self.taps_changed) {
            return None;
        }
        let tap = |flow: &Flow| match flow {
            // Nothing comes to these.
            Flow::Raw(raw) if raw.protocol != PROTOCOL_RAW => Some(raw.tap()),
            Flow::Raw(_) | Flow::Stream(_) | Flow::Datagram(_) | Flow::Local(_) => None,
        };
        let raws = self.raws.iter().filter_map(|id| self.sockets.get(id));
        Some(raws.filter_map(|socket| tap(&socket.flow)).collect())
    }

    pub(super) fn raw_mut(&mut self, id: SocketId) -> Option<&mut Raw> {
        match &mut self.sockets.get_mut(&id)?.flow {
            Flow::Raw(raw) => Some(raw),
            Flow::Stream(_) | Flow::Datagram(_) | Flow::Local(_) => None,
        }
    }
}

/// The packet that a program made, with its header: length and checksum are never its own, a source of 0 is filled in.
fn included(data: &Bytes, source: Ipv4Addr) -> Result<Ipv4Packet, Errno> {
    let header_len = usize::from(data.first().ok_or(Errno::EINVAL)? & 0x0f) * 4;
    if data.len() < HEADER || !(HEADER..=data.len()).contains(&header_len) {
        return Err(Errno::EINVAL);
    }
    let octet = |at: usize| data.get(at).copied().unwrap_or_default();
    let word = |at: usize| u16::from_be_bytes([octet(at), octet(at + 1)]);
    let address = |at: usize| Ipv4Addr::new(octet(at), octet(at + 1), octet(at + 2), octet(at + 3));
    let fragment = word(6);
    Ok(Ipv4Packet {
        source: Some(address(12)).filter(|source| !source.is_unspecified()).unwrap_or(source),
        destination: address(16),
        dscp: octet(1) >> 2,
        ecn: octet(1) & 3,
        identification: word(4),
        dont_fragment: fragment & 0x4000 != 0,
        more_fragments: fragment & 0x2000 != 0,
        fragment_offset: fragment & 0x1fff,
        ttl: octet(8),
        options: data.slice(HEADER..header_len),
        transport: Transport::Other { protocol: octet(9), payload: data.slice(header_len..) },
    })
}

/// The error that an unreachable of this code means for good; others may pass.
fn fatal(code: u8) -> Option<Errno> {
    match code {
        2 => Some(Errno::ENOPROTOOPT),
        3 => Some(Errno::ECONNREFUSED),
        4 => Some(Errno::EMSGSIZE),
        6 | 9 => Some(Errno::ENETUNREACH),
        7 => Some(Errno::EHOSTDOWN),
        8 => Some(Errno::ENONET),
        10 | 13..=15 => Some(Errno::EHOSTUNREACH),
        _ => None,
    }
}
