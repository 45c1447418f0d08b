//! `setsockopt` and `getsockopt` on real sockets.

use super::calls::errno_of;
use super::sys;
use crate::socket::{AlgorithmName, Credentials, OptionName, SocketOption};
use crate::udp::Discovery;
use nix::sys::socket::sockopt::TcpCongestion;
use socket2::Socket;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::time::Duration;

pub(super) fn set_option(socket: &Socket, option: SocketOption) -> io::Result<()> {
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let tcp = |name: i32, value: u32| sys::set_option(socket.as_fd(), libc::IPPROTO_TCP, name, number(value));
    let whole = |name: i32, on: bool| sys::set_option(socket.as_fd(), libc::SOL_SOCKET, name, on.into());
    let ip = |name: i32, value: i32| sys::set_option(socket.as_fd(), libc::IPPROTO_IP, name, value);
    match option {
        SocketOption::ReuseAddr(on) => socket.set_reuse_address(on),
        SocketOption::Linger(seconds) => {
            socket.set_linger(seconds.map(|seconds| Duration::from_secs(seconds.into())))
        }
        SocketOption::KeepAlive(on) => socket.set_keepalive(on),
        SocketOption::KeepIdle(seconds) => tcp(libc::TCP_KEEPIDLE, seconds),
        SocketOption::KeepInterval(seconds) => tcp(libc::TCP_KEEPINTVL, seconds),
        SocketOption::KeepCount(count) => tcp(libc::TCP_KEEPCNT, count),
        SocketOption::ReceiveBuffer(octets) => {
            sys::set_option(socket.as_fd(), libc::SOL_SOCKET, libc::SO_RCVBUF, number(octets))
        }
        SocketOption::SendBuffer(octets) => {
            sys::set_option(socket.as_fd(), libc::SOL_SOCKET, libc::SO_SNDBUF, number(octets))
        }
        SocketOption::NoDelay(on) => tcp(libc::TCP_NODELAY, on.into()),
        SocketOption::UserTimeout(millis) => tcp(libc::TCP_USER_TIMEOUT, millis),
        SocketOption::DeferAccept(seconds) => tcp(libc::TCP_DEFER_ACCEPT, seconds),
        SocketOption::FastOpen(most) => tcp(libc::TCP_FASTOPEN, most),
        SocketOption::FastOpenConnect(on) => tcp(libc::TCP_FASTOPEN_CONNECT, on.into()),
        SocketOption::UrgentInline(on) => {
            sys::set_option(socket.as_fd(), libc::SOL_SOCKET, libc::SO_OOBINLINE, on.into())
        }
        SocketOption::Congestion(name) => {
            let name = std::ffi::OsString::from_vec(name.octets().to_vec());
            Ok(nix::sys::socket::setsockopt(&socket.as_fd(), TcpCongestion, &name)?)
        }
        SocketOption::TypeOfService(octet) => {
            sys::set_option(socket.as_fd(), libc::IPPROTO_IP, libc::IP_TOS, i32::from(octet))
        }
        SocketOption::TimeToLive(ttl) => {
            let ttl = if ttl == 0 { -1 } else { i32::from(ttl) };
            sys::set_option(socket.as_fd(), libc::IPPROTO_IP, libc::IP_TTL, ttl)
        }
        SocketOption::V6Only(on) => {
            sys::set_option(socket.as_fd(), libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, on.into())
        }
        SocketOption::UnicastHops(hops) => {
            let hops = if hops == 0 { -1 } else { i32::from(hops) };
            sys::set_option(socket.as_fd(), libc::IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS, hops)
        }
        SocketOption::ReusePort(on) => whole(libc::SO_REUSEPORT, on),
        SocketOption::Broadcast(on) => whole(libc::SO_BROADCAST, on),
        SocketOption::NoChecksum(on) => whole(libc::SO_NO_CHECK, on),
        SocketOption::ReceiveErrors(on) => ip(libc::IP_RECVERR, on.into()),
        SocketOption::PacketInfo(on) => ip(libc::IP_PKTINFO, on.into()),
        SocketOption::MtuDiscovery(discovery) => ip(libc::IP_MTU_DISCOVER, discovery.number().into()),
        SocketOption::Mtu(octets) => ip(libc::IP_MTU, number(octets)),
        SocketOption::HeaderIncluded(on) => {
            sys::set_option(socket.as_fd(), libc::IPPROTO_IP, libc::IP_HDRINCL, on.into())
        }
        // Programs have no word for rare ones, so none comes here.
        SocketOption::PeerCredentials(_) | SocketOption::Rare(_) | SocketOption::Error(_) => {
            Err(io::Error::from_raw_os_error(libc::ENOPROTOOPT))
        }
    }
}

pub(super) fn get_option(socket: &Socket, name: OptionName) -> io::Result<SocketOption> {
    let read = |level: i32, name: i32| {
        sys::get_option(socket.as_fd(), level, name).map(|value| u32::try_from(value).unwrap_or(0))
    };
    Ok(match name {
        OptionName::ReuseAddr => SocketOption::ReuseAddr(socket.reuse_address()?),
        OptionName::Linger => SocketOption::Linger(
            socket.linger()?.map(|span| u32::try_from(span.as_secs()).unwrap_or(u32::MAX)),
        ),
        OptionName::KeepAlive => SocketOption::KeepAlive(socket.keepalive()?),
        OptionName::KeepIdle => SocketOption::KeepIdle(read(libc::IPPROTO_TCP, libc::TCP_KEEPIDLE)?),
        OptionName::KeepInterval => SocketOption::KeepInterval(read(libc::IPPROTO_TCP, libc::TCP_KEEPINTVL)?),
        OptionName::KeepCount => SocketOption::KeepCount(read(libc::IPPROTO_TCP, libc::TCP_KEEPCNT)?),
        OptionName::ReceiveBuffer => SocketOption::ReceiveBuffer(read(libc::SOL_SOCKET, libc::SO_RCVBUF)?),
        OptionName::UserTimeout => {
            SocketOption::UserTimeout(read(libc::IPPROTO_TCP, libc::TCP_USER_TIMEOUT)?)
        }
        OptionName::DeferAccept => {
            SocketOption::DeferAccept(read(libc::IPPROTO_TCP, libc::TCP_DEFER_ACCEPT)?)
        }
        OptionName::FastOpen => SocketOption::FastOpen(read(libc::IPPROTO_TCP, libc::TCP_FASTOPEN)?),
        OptionName::FastOpenConnect => {
            SocketOption::FastOpenConnect(read(libc::IPPROTO_TCP, libc::TCP_FASTOPEN_CONNECT)? != 0)
        }
        OptionName::UrgentInline => {
            SocketOption::UrgentInline(read(libc::SOL_SOCKET, libc::SO_OOBINLINE)? != 0)
        }
        OptionName::SendBuffer => SocketOption::SendBuffer(read(libc::SOL_SOCKET, libc::SO_SNDBUF)?),
        OptionName::Congestion => {
            let name = nix::sys::socket::getsockopt(&socket.as_fd(), TcpCongestion)?;
            SocketOption::Congestion(AlgorithmName::new(name.as_bytes()))
        }
        OptionName::NoDelay => SocketOption::NoDelay(read(libc::IPPROTO_TCP, libc::TCP_NODELAY)? != 0),
        OptionName::TypeOfService => SocketOption::TypeOfService(read(libc::IPPROTO_IP, libc::IP_TOS)? as u8),
        OptionName::TimeToLive => SocketOption::TimeToLive(read(libc::IPPROTO_IP, libc::IP_TTL)? as u8),
        OptionName::V6Only => SocketOption::V6Only(read(libc::IPPROTO_IPV6, libc::IPV6_V6ONLY)? != 0),
        OptionName::UnicastHops => {
            SocketOption::UnicastHops(read(libc::IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS)? as u8)
        }
        OptionName::ReusePort => SocketOption::ReusePort(read(libc::SOL_SOCKET, libc::SO_REUSEPORT)? != 0),
        OptionName::Broadcast => SocketOption::Broadcast(read(libc::SOL_SOCKET, libc::SO_BROADCAST)? != 0),
        OptionName::NoChecksum => SocketOption::NoChecksum(read(libc::SOL_SOCKET, libc::SO_NO_CHECK)? != 0),
        OptionName::ReceiveErrors => {
            SocketOption::ReceiveErrors(read(libc::IPPROTO_IP, libc::IP_RECVERR)? != 0)
        }
        OptionName::PacketInfo => SocketOption::PacketInfo(read(libc::IPPROTO_IP, libc::IP_PKTINFO)? != 0),
        OptionName::MtuDiscovery => {
            let number = read(libc::IPPROTO_IP, libc::IP_MTU_DISCOVER)?;
            SocketOption::MtuDiscovery(Discovery::of(number.into()).unwrap_or_default())
        }
        OptionName::Mtu => SocketOption::Mtu(read(libc::IPPROTO_IP, libc::IP_MTU)?),
        OptionName::HeaderIncluded => {
            SocketOption::HeaderIncluded(read(libc::IPPROTO_IP, libc::IP_HDRINCL)? != 0)
        }
        OptionName::PeerCredentials => {
            let who =
                nix::sys::socket::getsockopt(&socket.as_fd(), nix::sys::socket::sockopt::PeerCredentials)?;
            // Nobody, where there is no peer.
            let known = who.uid() != u32::MAX;
            SocketOption::PeerCredentials(known.then(|| Credentials { uid: who.uid(), gid: who.gid() }))
        }
        OptionName::Rare(_) => return Err(io::Error::from_raw_os_error(libc::ENOPROTOOPT)),
        OptionName::Error => SocketOption::Error(socket.take_error()?.map(|error| errno_of(&error))),
    })
}
