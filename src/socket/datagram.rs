//! The calls on UDP sockets.

use super::descriptors::SocketId;
use super::family::{Family, nowhere, shown};
use super::layer::{Below, Outgoing, Sockets};
use super::object::{Datagram, Flow};
use super::{Errno, Return};
use crate::mib::Counter;
use crate::udp::{Failure, UdpId, largest_payload};
use crate::wire::Claim;
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

impl Sockets {
    pub(super) fn bind_datagram(&mut self, id: UdpId, address: SocketAddr, below: &mut Below<'_>) -> Return {
        let Some(endpoint) = below.udp.get(id) else { return Return::Failed(Errno::EBADF) };
        if endpoint.local.is_some() {
            return Return::Failed(Errno::EINVAL);
        }
        let (reuse, v6_only) = (endpoint.reuse_address, endpoint.v6_only);
        if address.port() == 0 {
            return match self.bind_free(id, address, below) {
                Some(_) => Return::Done,
                None => Return::Failed(Errno::EADDRINUSE),
            };
        }
        if below.udp.in_use(Claim { local: address, v6_only }, reuse) {
            return Return::Failed(Errno::EADDRINUSE);
        }
        below.udp.bind(id, address);
        Return::Done
    }

    pub(super) fn connect_datagram(&mut self, id: SocketId, to: SocketAddr, below: &mut Below<'_>) -> Return {
        let (Some(endpoint), Some(family)) =
            (self.datagram(id).map(|datagram| datagram.id), self.family(id, below))
        else {
            return Return::Failed(Errno::EBADF);
        };
        let Some(local) = self.own_address(endpoint, family, below) else {
            return Return::Failed(Errno::EAGAIN);
        };
        match family.to_connect(to, named(local), below) {
            Ok((to, source)) => {
                if let Some(endpoint) = below.udp.get_mut(endpoint) {
                    let local = endpoint.local.filter(|local| local.ip().is_unspecified());
                    if let Some(local) = local {
                        endpoint.local = Some(SocketAddr::new(source, local.port()));
                    }
                    endpoint.remote = Some(to);
                }
                Return::Done
            }
            Err(errno) => Return::Failed(errno),
        }
    }

    pub(super) fn send_datagram(
        &mut self,
        id: SocketId,
        data: &Bytes,
        to: Option<SocketAddr>,
        urgent: bool,
        below: &mut Below<'_>,
    ) -> Return {
        match self.try_send_datagram(id, data, to, urgent, below) {
            Ok(()) => Return::Sent(data.len()),
            Err(errno) => Return::Failed(errno),
        }
    }

    /// The checks stand in the kernel's order: a program sees the first that fails.
    fn try_send_datagram(
        &mut self,
        id: SocketId,
        data: &Bytes,
        to: Option<SocketAddr>,
        urgent: bool,
        below: &mut Below<'_>,
    ) -> Result<(), Errno> {
        let datagram = self.datagram(id).ok_or(Errno::EBADF)?;
        let (number, shut_write) = (datagram.id, datagram.shut_write);
        let (type_of_service, ttl, hop_limit) = (datagram.type_of_service, datagram.ttl, datagram.hop_limit);
        let family = self.family(id, below).ok_or(Errno::EBADF)?;
        let local = self.own_address(number, family, below).ok_or(Errno::EAGAIN)?;
        if data.len() > usize::from(u16::MAX) {
            return Err(Errno::EMSGSIZE);
        }
        if urgent {
            return Err(Errno::EOPNOTSUPP);
        }
        let remote = below.udp.get(number).and_then(|endpoint| endpoint.remote);
        let to = match to.or(remote) {
            Some(to) if to.port() == 0 => return Err(Errno::EINVAL),
            Some(to) => to,
            None => return Err(Errno::EDESTADDRREQ),
        };
        let (to, source) = family.route(to, named(local), below)?;
        if data.len() > largest_payload(to.ip()) {
            return Err(Errno::EMSGSIZE);
        }
        if let Some(failure) = below.udp.get_mut(number).and_then(|endpoint| endpoint.take_error()) {
            return Err(errno_of(failure));
        }
        if shut_write {
            return Err(Errno::EPIPE);
        }
        let ip = if local.ip().is_unspecified() { source } else { local.ip() };
        let from = SocketAddr::new(ip, local.port());
        below.datagrams.push(Outgoing {
            from,
            to,
            type_of_service,
            ttl: if to.is_ipv6() { hop_limit } else { ttl },
            endpoint: number,
            payload: data.clone(),
        });
        Ok(())
    }

    pub(super) fn recv_datagram(
        &mut self,
        id: SocketId,
        len: usize,
        with_source: bool,
        below: &mut Below<'_>,
    ) -> Option<Return> {
        let (nonblocking, domain) = (self.sockets.get(&id)?.nonblocking, self.domain(id));
        let datagram = self.datagram(id)?;
        let failure = below.udp.get_mut(datagram.id).and_then(|endpoint| endpoint.take_error());
        if let Some(failure) = failure {
            return Some(Return::Failed(errno_of(failure)));
        }
        match below.udp.receive(datagram.id) {
            Some(received) => {
                below.tcp_effects.counters.count(Counter::UdpInDatagrams);
                // What does not fit is thrown away.
                let data = received.payload.slice(..received.payload.len().min(len));
                Some(if with_source {
                    Return::ReceivedFrom(data, shown(domain, received.from))
                } else {
                    Return::Received(data)
                })
            }
            // A non-blocking call does not come to look at shutdown.
            None if datagram.shut_read && !nonblocking => Some(Return::Received(Bytes::new())),
            None => None,
        }
    }

    pub(super) fn datagram(&self, id: SocketId) -> Option<&Datagram> {
        match &self.sockets.get(&id)?.flow {
            Flow::Datagram(datagram) => Some(datagram),
            Flow::Stream(_) => None,
        }
    }

    fn family(&self, id: SocketId, below: &Below<'_>) -> Option<Family> {
        self.sockets.get(&id).map(|socket| Family::of(socket, below))
    }

    /// The endpoint's own address; it gets a port if it has none.
    fn own_address(&mut self, id: UdpId, family: Family, below: &mut Below<'_>) -> Option<SocketAddr> {
        match below.udp.get(id)?.local {
            Some(local) => Some(local),
            None => self.bind_free(id, nowhere(family.domain), below),
        }
    }

    fn bind_free(&mut self, id: UdpId, address: SocketAddr, below: &mut Below<'_>) -> Option<SocketAddr> {
        let udp = &below.udp;
        let v6_only = udp.get(id)?.v6_only;
        let local = self.ports.choose(below.tcp.profile(), address.ip(), |local| {
            !udp.in_use(Claim { local, v6_only }, false)
        })?;
        below.udp.bind(id, local);
        Some(local)
    }
}

/// The address, if it is one.
fn named(local: SocketAddr) -> Option<IpAddr> {
    Some(local.ip()).filter(|ip| !ip.is_unspecified())
}

/// The errno of what an ICMP error told.
pub(super) fn errno_of(failure: Failure) -> Errno {
    match failure {
        Failure::Refused => Errno::ECONNREFUSED,
        Failure::ProtocolUnreachable => Errno::ENOPROTOOPT,
    }
}
