//! The two families of addresses at a socket (RFC 3493): what each may be given, and how an IPv4 peer looks to AF_INET6.
//!
//! Below the sockets an IPv4-mapped address is an IPv4 address. The errnos are Linux's, each measured.

use super::descriptors::SocketId;
use super::layer::{Below, Sockets};
use super::object::{End, Flow, Socket};
use super::option::shown_ttl;
use super::{Domain, Errno, OptionName, SocketOption};
use crate::wire::{mapped, unmapped};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// What family rules need to know of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Family {
    pub domain: Domain,
    pub v6_only: bool,
    /// SOCK_STREAM: some errnos differ.
    pub stream: bool,
}

impl Family {
    pub fn of(socket: &Socket, below: &Below<'_>) -> Family {
        let (v6_only, stream) = match &socket.flow {
            Flow::Stream(stream) => (stream.options.v6_only, true),
            Flow::Datagram(datagram) => {
                (below.udp.get(datagram.id).is_some_and(|endpoint| endpoint.v6_only), false)
            }
            Flow::Raw(_) | Flow::Local(_) => (false, false),
        };
        Family { domain: socket.domain, v6_only, stream }
    }

    /// The address to bind below, or why it cannot be.
    pub fn to_bind(self, asked: SocketAddr, below: &Below<'_>) -> Result<SocketAddr, Errno> {
        match (self.domain, asked) {
            (Domain::Inet, SocketAddr::V6(_)) => Err(Errno::EAFNOSUPPORT),
            // The structure of AF_INET is too short for AF_INET6.
            (Domain::Inet6, SocketAddr::V4(_)) => Err(Errno::EINVAL),
            // Whoever only wants to hear what is for everybody, or for a group, binds to that.
            (Domain::Inet, SocketAddr::V4(v4)) if !self.stream && is_for_many(*v4.ip(), below) => Ok(asked),
            (Domain::Inet | Domain::Unix, SocketAddr::V4(v4)) => bindable(*v4.ip(), asked, below),
            (Domain::Unix, SocketAddr::V6(_)) => Err(Errno::EINVAL),
            (Domain::Inet6, SocketAddr::V6(v6)) => match v6.ip().to_ipv4_mapped() {
                Some(_) if self.v6_only => Err(Errno::EINVAL),
                Some(ip) => bindable(ip, unmapped(asked), below),
                None => self.bindable6(*v6.ip(), v6.scope_id(), asked, below),
            },
        }
    }

    fn bindable6(
        self,
        ip: Ipv6Addr,
        scope: u32,
        asked: SocketAddr,
        below: &Below<'_>,
    ) -> Result<SocketAddr, Errno> {
        let here = is_link_local(ip) && scope == 0;
        if here || (ip.is_multicast() && self.stream) {
            return Err(Errno::EINVAL);
        }
        let own = below.routing6.is_some_and(|routing| routing.may_bind(ip));
        // A group need not be an address of the host's own.
        if own || ip.is_multicast() { Ok(asked) } else { Err(Errno::EADDRNOTAVAIL) }
    }

    /// Where `connect` goes and from which own address; `own` is the address the socket is bound to.
    pub fn to_connect(
        self,
        asked: SocketAddr,
        own: Option<IpAddr>,
        below: &Below<'_>,
    ) -> Result<(SocketAddr, IpAddr), Errno> {
        match asked {
            SocketAddr::V4(_) if self.domain == Domain::Inet6 && self.stream => Err(Errno::EINVAL),
            SocketAddr::V4(_) if self.domain == Domain::Inet6 && self.v6_only => Err(Errno::EAFNOSUPPORT),
            SocketAddr::V6(v6) if self.domain == Domain::Inet6 => {
                if is_link_local(*v6.ip()) && v6.scope_id() == 0 {
                    return Err(Errno::EINVAL);
                }
                if v6.ip().is_multicast() && self.stream {
                    return Err(Errno::ENETUNREACH);
                }
                self.route(asked, own, below)
            }
            SocketAddr::V4(_) | SocketAddr::V6(_) => self.route(asked, own, below),
        }
    }

    /// Where a packet goes and from which own address.
    pub fn route(
        self,
        asked: SocketAddr,
        own: Option<IpAddr>,
        below: &Below<'_>,
    ) -> Result<(SocketAddr, IpAddr), Errno> {
        let to = match self.domain {
            Domain::Inet6 => unmapped(asked),
            Domain::Inet | Domain::Unix => asked,
        };
        match (to, own) {
            (SocketAddr::V6(_), _) if self.domain != Domain::Inet6 => Err(Errno::EAFNOSUPPORT),
            (SocketAddr::V4(_), Some(IpAddr::V6(_))) => Err(Errno::ENETUNREACH),
            (SocketAddr::V4(_), _) if self.v6_only => Err(Errno::ENETUNREACH),
            (SocketAddr::V4(v4), own) => route4(*v4.ip(), to.port(), own, below),
            (SocketAddr::V6(_), Some(IpAddr::V4(_))) => Err(Errno::EAFNOSUPPORT),
            (SocketAddr::V6(v6), own) => {
                let mut v6 = v6;
                if v6.ip().is_unspecified() {
                    v6.set_ip(Ipv6Addr::LOCALHOST);
                }
                let found = below.routing6.and_then(|routing| routing.source_for(*v6.ip()));
                let source = found.ok_or(Errno::ENETUNREACH)?;
                Ok((SocketAddr::V6(v6), own.unwrap_or(source.into())))
            }
        }
    }
}

/// An address as a socket of that domain shows it.
pub(super) fn shown(domain: Domain, address: SocketAddr) -> SocketAddr {
    match domain {
        Domain::Inet6 => mapped(address),
        Domain::Inet | Domain::Unix => address,
    }
}

/// What a socket without an address is called: 0.0.0.0:0 or [::]:0.
pub(super) fn nowhere(domain: Domain) -> SocketAddr {
    let ip: IpAddr = match domain {
        Domain::Inet6 => Ipv6Addr::UNSPECIFIED.into(),
        Domain::Inet | Domain::Unix => Ipv4Addr::UNSPECIFIED.into(),
    };
    SocketAddr::new(ip, 0)
}

fn bindable(ip: Ipv4Addr, address: SocketAddr, below: &Below<'_>) -> Result<SocketAddr, Errno> {
    if below.routing.may_bind(ip) { Ok(address) } else { Err(Errno::EADDRNOTAVAIL) }
}

/// The destination, and the source address towards it. 0.0.0.0 is the socket's `own` address, or else 127.0.0.1.
fn route4(
    ip: Ipv4Addr,
    port: u16,
    own: Option<IpAddr>,
    below: &Below<'_>,
) -> Result<(SocketAddr, IpAddr), Errno> {
    let ip = match own {
        Some(IpAddr::V4(own)) if ip.is_unspecified() => own,
        Some(_) | None if ip.is_unspecified() => Ipv4Addr::LOCALHOST,
        Some(_) | None => ip,
    };
    if ip.is_multicast() || below.routing.is_broadcast(ip) {
        return Err(Errno::ENETUNREACH);
    }
    let source = below.routing.source_for(ip).ok_or(Errno::ENETUNREACH)?;
    Ok((SocketAddr::new(ip.into(), port), source.into()))
}

/// Whether an address is that of several hosts.
pub(super) fn is_for_many(ip: Ipv4Addr, below: &Below<'_>) -> bool {
    ip.is_multicast() || below.routing.is_broadcast(ip)
}

/// Whether it means something only with the card it belongs to: fe80::/10, and groups of link-local scope (RFC 4007).
fn is_link_local(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.octets();
    ip.is_unicast_link_local() || (first == 0xff && matches!(second & 0x0f, 1 | 2))
}

impl Sockets {
    /// IPV6_V6ONLY and IPV6_UNICAST_HOPS.
    pub(super) fn set_ipv6_option(
        &mut self,
        id: SocketId,
        option: SocketOption,
        below: &mut Below<'_>,
    ) -> Result<(), Errno> {
        // What it has to do with addresses is settled with the first port.
        let has_port = self.own_name(id, below).port() != 0;
        let socket = self.sockets.get_mut(&id).ok_or(Errno::EBADF)?;
        if socket.domain != Domain::Inet6 {
            return Err(Errno::ENOPROTOOPT);
        }
        match (option, &mut socket.flow) {
            (SocketOption::V6Only(_), _) if has_port => return Err(Errno::EINVAL),
            (SocketOption::V6Only(on), Flow::Stream(stream)) => {
                Arc::make_mut(&mut stream.options).v6_only = on;
            }
            (SocketOption::V6Only(on), Flow::Datagram(datagram)) => {
                below.udp.get_mut(datagram.id).ok_or(Errno::EBADF)?.v6_only = on;
            }
            (SocketOption::UnicastHops(hops), Flow::Datagram(datagram)) => datagram.hop_limit = hops,
            (SocketOption::UnicastHops(hops), Flow::Stream(stream)) => {
                Arc::make_mut(&mut stream.options).hop_limit = hops;
                match stream.end {
                    End::Conn(conn) => {
                        below.tcp.set_options(below.now, conn, &stream.options, below.tcp_effects);
                    }
                    End::Listener(listener) => below.tcp.set_listener_options(listener, &stream.options),
                    End::Idle => {}
                }
            }
            (_, Flow::Stream(_) | Flow::Datagram(_) | Flow::Raw(_) | Flow::Local(_)) => {
                return Err(Errno::ENOPROTOOPT);
            }
        }
        Ok(())
    }
}

/// What `getsockopt` tells of them.
pub(super) fn ipv6_option(
    socket: &Socket,
    name: OptionName,
    below: &Below<'_>,
) -> Result<SocketOption, Errno> {
    if socket.domain != Domain::Inet6 {
        return Err(Errno::EOPNOTSUPP);
    }
    let family = Family::of(socket, below);
    let hops = match &socket.flow {
        Flow::Stream(stream) => stream.options.hop_limit,
        Flow::Datagram(datagram) => datagram.hop_limit,
        Flow::Raw(_) | Flow::Local(_) => 0,
    };
    match name {
        OptionName::V6Only => Ok(SocketOption::V6Only(family.v6_only)),
        _ => Ok(SocketOption::UnicastHops(shown_ttl(hops))),
    }
}
