//! The calls on UDP sockets.

use super::descriptors::SocketId;
use super::family::{Family, is_for_many, nowhere, shown};
use super::layer::{Below, Sockets};
use super::object::{Datagram, Flow};
use super::outgoing::{Outgoing, SentAs};
use super::{Domain, Errno, Return};
use crate::mib::Counter;
use crate::udp::{Discovery, Failure, Origin, Report, Sharing, UdpId, largest_payload};
use crate::wire::{Claim, unmapped};
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

impl Sockets {
    pub(super) fn bind_datagram(&mut self, id: UdpId, address: SocketAddr, below: &mut Below<'_>) -> Return {
        let Some(endpoint) = below.udp.get(id) else { return Return::Failed(Errno::EBADF) };
        if endpoint.local.is_some() {
            return Return::Failed(Errno::EINVAL);
        }
        let (sharing, v6_only) = (endpoint.sharing, endpoint.v6_only);
        if let Some(datagram) = self.datagram_of(id) {
            datagram.extra.bound(address);
        }
        if address.port() == 0 {
            return match self.bind_free(id, address, below) {
                Some(_) => Return::Done,
                None => Return::Failed(Errno::EADDRINUSE),
            };
        }
        if below.udp.in_use(Claim { local: address, v6_only }, sharing) {
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
        let way = route_datagram(family, Family::to_connect, to, named(local, below), below);
        match way.and_then(|way| self.may_reach(id, way, below)) {
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
        let checksum = !datagram.extra.no_checksum;
        let family = self.family(id, below).ok_or(Errno::EBADF)?;
        let local = self.own_address(number, family, below).ok_or(Errno::EAGAIN)?;
        if data.len() > usize::from(u16::MAX) {
            return Err(Errno::EMSGSIZE);
        }
        let endpoint = below.udp.get(number).ok_or(Errno::EBADF)?;
        let (remote, discovery) = (endpoint.remote, endpoint.discovery);
        // Over IPv6 the flag says nothing.
        let over_ipv6 = to.or(remote).is_some_and(|to| unmapped(to).is_ipv6());
        if urgent && !over_ipv6 {
            return Err(Errno::EOPNOTSUPP);
        }
        let anew = to.is_some();
        let to = match to.or(remote) {
            Some(to) if to.port() == 0 => return Err(Errno::EINVAL),
            Some(to) => to,
            None => return Err(Errno::EDESTADDRREQ),
        };
        let mut way = route_datagram(family, Family::route, to, named(local, below), below)?;
        if anew {
            way = self.may_reach(id, way, below)?;
        }
        let (to, source) = way;
        fits(number, data.len(), to, discovery, below)?;
        if let Some(failure) = below.udp.get_mut(number).and_then(|endpoint| endpoint.take_error()) {
            return Err(errno_of(failure));
        }
        if shut_write {
            return Err(Errno::EPIPE);
        }
        let ip = named(local, below).unwrap_or(source);
        let from = SocketAddr::new(ip, local.port());
        below.datagrams.push(Outgoing {
            from,
            to,
            type_of_service,
            ttl: if to.is_ipv6() { hop_limit } else { ttl },
            endpoint: number,
            payload: data.clone(),
            sent_as: SentAs { checksum, discovery },
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
                below.tcp_effects.counters.count(Counter::UdpInDatagrams.over(received.from.is_ipv6()));
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
            Flow::Stream(_) | Flow::Raw(_) | Flow::Local(_) => None,
        }
    }

    fn family(&self, id: SocketId, below: &Below<'_>) -> Option<Family> {
        self.sockets.get(&id).map(|socket| Family::of(socket, below))
    }

    /// The destination and the source, if the socket may send there: to everybody only with SO_BROADCAST (RFC 1122 section
    /// 3.3.6: so that nobody does by mistake).
    fn may_reach(
        &self,
        id: SocketId,
        way: (SocketAddr, IpAddr),
        below: &Below<'_>,
    ) -> Result<(SocketAddr, IpAddr), Errno> {
        let to_all = matches!(way.0.ip(), IpAddr::V4(ip) if below.routing.is_broadcast(ip));
        let allowed = self.datagram(id).is_some_and(|datagram| datagram.extra.broadcast);
        if to_all && !allowed { Err(Errno::EACCES) } else { Ok(way) }
    }

    fn datagram_of(&mut self, number: UdpId) -> Option<&mut Datagram> {
        let id = self.endpoints.get(&number)?;
        match &mut self.sockets.get_mut(id)?.flow {
            Flow::Datagram(datagram) => Some(datagram),
            Flow::Stream(_) | Flow::Raw(_) | Flow::Local(_) => None,
        }
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
            !udp.in_use(Claim { local, v6_only }, Sharing::default())
        })?;
        below.udp.bind(id, local);
        Some(local)
    }
}

/// The own address that packets carry, if the socket is bound to one: a broadcast or multicast address only receives.
fn named(local: SocketAddr, below: &Below<'_>) -> Option<IpAddr> {
    Some(local.ip()).filter(|ip| match ip {
        IpAddr::V4(ip) => !ip.is_unspecified() && !ip.is_multicast() && !below.routing.is_broadcast(*ip),
        IpAddr::V6(ip) => !ip.is_unspecified() && !ip.is_multicast(),
    })
}

/// How a family's own rules find the way.
type Way = fn(Family, SocketAddr, Option<IpAddr>, &Below<'_>) -> Result<(SocketAddr, IpAddr), Errno>;

/// The destination, and the source address towards it. What is for everybody or a group leaves by the card of the own address,
/// if the socket has one, whatever routes there are; anything else as the family's rules have it.
fn route_datagram(
    family: Family,
    usual: Way,
    to: SocketAddr,
    own: Option<IpAddr>,
    below: &Below<'_>,
) -> Result<(SocketAddr, IpAddr), Errno> {
    match to.ip() {
        IpAddr::V4(ip) if family.domain == Domain::Inet && is_for_many(ip, below) => match own {
            Some(own) => Ok((to, own)),
            None => {
                let source = below.routing.source_for(ip).ok_or(Errno::ENETUNREACH)?;
                Ok((to, source.into()))
            }
        },
        IpAddr::V4(_) | IpAddr::V6(_) => usual(family, to, own, below),
    }
}

/// Whether a datagram of so many octets may go: IP takes no more than 65535, and whoever forbids cutting it no more than the
/// path. With IP_RECVERR the program also gets to know how much would have fit.
fn fits(
    number: UdpId,
    octets: usize,
    to: SocketAddr,
    discovery: Discovery,
    below: &mut Below<'_>,
) -> Result<(), Errno> {
    const HEADERS: usize = 28;
    let largest = largest_payload(to.ip());
    let IpAddr::V4(ip) = to.ip() else {
        return if octets > largest { Err(Errno::EMSGSIZE) } else { Ok(()) };
    };
    let mtu = match discovery {
        Discovery::Dont | Discovery::Want | Discovery::Do => below.routing.path_mtu_to(below.now, ip).octets,
        Discovery::Probe => below.routing.mtu_to(ip),
    };
    let most = match discovery {
        Discovery::Dont | Discovery::Want => largest,
        Discovery::Do | Discovery::Probe => largest.min(usize::from(mtu) - HEADERS),
    };
    if octets <= most {
        return Ok(());
    }
    let report = Report {
        failure: Failure::TooLong,
        origin: Origin::Local,
        kind: 0,
        code: 0,
        info: u32::from(mtu),
        offender: None,
        to,
        data: Bytes::new(),
    };
    below.udp.report(number, report, true);
    Err(Errno::EMSGSIZE)
}

/// The errno of what an ICMP error told.
pub(super) fn errno_of(failure: Failure) -> Errno {
    match failure {
        Failure::Refused => Errno::ECONNREFUSED,
        Failure::ProtocolUnreachable => Errno::ENOPROTOOPT,
        Failure::NetUnreachable => Errno::ENETUNREACH,
        Failure::HostUnreachable => Errno::EHOSTUNREACH,
        Failure::Prohibited => Errno::EACCES,
        Failure::HostDown => Errno::EHOSTDOWN,
        Failure::Isolated => Errno::ENONET,
        Failure::TooLong => Errno::EMSGSIZE,
        Failure::SourceRouteFailed => Errno::EOPNOTSUPP,
        Failure::ProtocolError => Errno::EPROTO,
    }
}
