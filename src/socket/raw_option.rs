//! `setsockopt` and `getsockopt` of raw sockets.

use super::option::shown_ttl;
use super::raw::Raw;
use super::{Errno, OptionName, SocketOption};
use crate::udp::Profile;

impl Raw {
    pub(super) fn set_option(&mut self, option: SocketOption, profile: &Profile) -> Result<(), Errno> {
        match option {
            SocketOption::ReuseAddr(on) => self.reuse_address = on,
            SocketOption::KeepAlive(on) => self.keep_alive = on,
            SocketOption::UrgentInline(on) => self.urgent_inline = on,
            SocketOption::ReceiveBuffer(asked) => self.receive_buffer = profile.kept_receive_buffer(asked),
            SocketOption::SendBuffer(asked) => self.send_buffer = profile.kept_send_buffer(asked),
            SocketOption::TypeOfService(octet) => self.type_of_service = octet,
            SocketOption::TimeToLive(ttl) => self.ttl = ttl,
            SocketOption::HeaderIncluded(on) => self.header_included = on,
            // Those that a kernel takes here too are not simulated.
            SocketOption::Linger(_)
            | SocketOption::PeerCredentials(_)
            | SocketOption::ReusePort(_)
            | SocketOption::Broadcast(_)
            | SocketOption::NoChecksum(_)
            | SocketOption::ReceiveErrors(_)
            | SocketOption::PacketInfo(_)
            | SocketOption::MtuDiscovery(_)
            | SocketOption::Mtu(_)
            | SocketOption::V6Only(_)
            | SocketOption::UnicastHops(_)
            | SocketOption::KeepIdle(_)
            | SocketOption::KeepInterval(_)
            | SocketOption::KeepCount(_)
            | SocketOption::UserTimeout(_)
            | SocketOption::DeferAccept(_)
            | SocketOption::FastOpen(_)
            | SocketOption::FastOpenConnect(_)
            | SocketOption::Rare(_)
            | SocketOption::NoDelay(_)
            | SocketOption::Congestion(_)
            | SocketOption::Error(_) => return Err(Errno::ENOPROTOOPT),
        }
        Ok(())
    }

    pub(super) fn option(&mut self, name: OptionName) -> Result<SocketOption, Errno> {
        Ok(match name {
            OptionName::ReuseAddr => SocketOption::ReuseAddr(self.reuse_address),
            OptionName::KeepAlive => SocketOption::KeepAlive(self.keep_alive),
            OptionName::UrgentInline => SocketOption::UrgentInline(self.urgent_inline),
            OptionName::ReceiveBuffer => SocketOption::ReceiveBuffer(self.receive_buffer),
            OptionName::SendBuffer => SocketOption::SendBuffer(self.send_buffer),
            OptionName::TypeOfService => SocketOption::TypeOfService(self.type_of_service),
            OptionName::TimeToLive => SocketOption::TimeToLive(shown_ttl(self.ttl)),
            OptionName::HeaderIncluded => SocketOption::HeaderIncluded(self.header_included),
            OptionName::Error => SocketOption::Error(self.error.take()),
            OptionName::Linger => SocketOption::Linger(None),
            OptionName::PeerCredentials => SocketOption::PeerCredentials(None),
            OptionName::ReusePort
            | OptionName::Broadcast
            | OptionName::NoChecksum
            | OptionName::ReceiveErrors
            | OptionName::PacketInfo
            | OptionName::MtuDiscovery
            | OptionName::Mtu
            | OptionName::V6Only
            | OptionName::UnicastHops
            | OptionName::KeepIdle
            | OptionName::KeepInterval
            | OptionName::KeepCount
            | OptionName::UserTimeout
            | OptionName::DeferAccept
            | OptionName::FastOpen
            | OptionName::FastOpenConnect
            | OptionName::Rare(_)
            | OptionName::NoDelay
            | OptionName::Congestion => return Err(Errno::EOPNOTSUPP),
        })
    }
}
