//! Options that UDP sockets alone have.

use super::datagram::errno_of;
use super::layer::Below;
use super::object::Datagram;
use super::{Errno, OptionName, SocketOption};
use crate::udp::Discovery;
use std::net::{IpAddr, SocketAddr};

/// What a UDP socket keeps beside its endpoint and its usual options.
#[derive(Clone, Debug, Default)]
pub(super) struct Extra {
    /// SO_BROADCAST.
    pub broadcast: bool,
    /// SO_NO_CHECK.
    pub no_checksum: bool,
    /// IP_PKTINFO.
    pub tells_destination: bool,
    /// The address that `bind` named; it outlives a connection.
    pub ip_named: Option<IpAddr>,
    /// The port that `bind` named.
    pub port_named: Option<u16>,
}

impl Extra {
    /// `bind` gave it this address as the program wanted it.
    pub fn bound(&mut self, wanted: SocketAddr) {
        self.ip_named = Some(wanted.ip()).filter(|ip| !ip.is_unspecified());
        self.port_named = Some(wanted.port()).filter(|port| *port != 0);
    }
}

/// Sets one of them; `None` if the option is none of them.
pub(super) fn set(
    datagram: &mut Datagram,
    option: SocketOption,
    below: &mut Below<'_>,
) -> Option<Result<(), Errno>> {
    let Some(endpoint) = below.udp.get_mut(datagram.id) else { return Some(Err(Errno::EBADF)) };
    match option {
        SocketOption::Broadcast(on) => datagram.extra.broadcast = on,
        SocketOption::NoChecksum(on) => datagram.extra.no_checksum = on,
        SocketOption::PacketInfo(on) => datagram.extra.tells_destination = on,
        SocketOption::ReusePort(on) => endpoint.sharing.port = on,
        SocketOption::ReceiveErrors(on) => endpoint.set_hears_errors(on),
        SocketOption::MtuDiscovery(discovery) => endpoint.discovery = discovery,
        SocketOption::Mtu(_) => return Some(Err(Errno::ENOPROTOOPT)),
        _ => return None,
    }
    Some(Ok(()))
}

/// Reads one of them; `None` if the option is none of them.
pub(super) fn get(
    datagram: &Datagram,
    name: OptionName,
    below: &mut Below<'_>,
) -> Option<Result<SocketOption, Errno>> {
    let now = below.now;
    let Some(endpoint) = below.udp.get_mut(datagram.id) else { return Some(Err(Errno::EBADF)) };
    Some(Ok(match name {
        OptionName::Broadcast => SocketOption::Broadcast(datagram.extra.broadcast),
        OptionName::NoChecksum => SocketOption::NoChecksum(datagram.extra.no_checksum),
        OptionName::PacketInfo => SocketOption::PacketInfo(datagram.extra.tells_destination),
        OptionName::ReusePort => SocketOption::ReusePort(endpoint.sharing.port),
        OptionName::ReceiveErrors => SocketOption::ReceiveErrors(endpoint.hears_errors()),
        OptionName::MtuDiscovery => SocketOption::MtuDiscovery(endpoint.discovery),
        OptionName::Mtu => match endpoint.remote.map(|remote| remote.ip()) {
            Some(IpAddr::V4(peer)) => {
                SocketOption::Mtu(u32::from(below.routing.path_mtu_to(now, peer).octets))
            }
            Some(IpAddr::V6(_)) | None => return Some(Err(Errno::ENOTCONN)),
        },
        OptionName::Error => SocketOption::Error(endpoint.take_error().map(errno_of)),
        _ => return None,
    }))
}

/// IP_MTU_DISCOVER as C numbers it.
impl Discovery {
    /// The number.
    pub fn number(self) -> u8 {
        match self {
            Discovery::Dont => 0,
            Discovery::Want => 1,
            Discovery::Do => 2,
            Discovery::Probe => 3,
        }
    }

    /// The one of that number.
    pub fn of(number: i64) -> Option<Discovery> {
        [Discovery::Dont, Discovery::Want, Discovery::Do, Discovery::Probe]
            .into_iter()
            .find(|discovery| i64::from(discovery.number()) == number)
    }
}
