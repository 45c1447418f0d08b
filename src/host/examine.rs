//! What an examiner asks a machine about one of its descriptors, without a call's effects.

use super::machine::Host;
use crate::clock::Instant;
use crate::socket::{Fd, ProcessId, Showing};

impl Host {
    /// The fields of TCP_INFO; empty where there is no connection behind the descriptor.
    pub fn tcp_info(&self, now: Instant, pid: ProcessId, fd: Fd) -> Vec<(&'static str, i64)> {
        self.sockets.connection(pid, fd).map(|conn| self.tcp.info(now, conn)).unwrap_or_default()
    }

    /// How a socket shows itself to whoever polls it; `None` if the descriptor is not open.
    pub fn showing(&self, pid: ProcessId, fd: Fd) -> Option<Showing> {
        self.sockets.showing(pid, fd, &self.tcp, &self.udp)
    }

    /// What SO_MEMINFO tells of a descriptor's connection, as far as it is modelled; nothing if it has none.
    pub fn memory_info(&self, pid: ProcessId, fd: Fd) -> Vec<(&'static str, i64)> {
        self.sockets.connection(pid, fd).map(|conn| self.tcp.memory_info(conn)).unwrap_or_default()
    }

    /// Connections that ask for none have this congestion control from now on; false if there is none of that name.
    pub fn set_congestion_control(&mut self, name: &str) -> bool {
        let known = crate::tcp::cc::Algorithm::named(name);
        if let Some(algorithm) = known {
            self.tcp.profile_mut().congestion_control = algorithm.name;
        }
        known.is_some()
    }

    /// Text larger than this counts as put together by the card from segments of this size.
    pub fn set_receive_offload(&mut self, segment: Option<u16>) {
        self.tcp.profile_mut().receive_offload = segment;
    }

    /// Chooses what Fast Open cookies are made under (tcp_fastopen_key).
    pub fn set_fast_open_keys(&mut self, keys: crate::tcp::CookieKeys) {
        self.tcp.set_fast_open_keys(keys);
    }

    /// The kernel settings of the running machine.
    pub fn settings(&self) -> &crate::tcp::Settings {
        &self.tcp.profile().settings
    }

    /// Changes a kernel setting of the running machine.
    ///
    /// # Errors
    /// There is no such setting, or the value is out of its range.
    pub fn set(&mut self, name: &str, value: i64) -> Result<(), crate::tcp::SettingError> {
        if name == "tcp_fastopen_blackhole_timeout_sec" {
            self.tcp.forget_black_hole();
        }
        self.tcp.profile_mut().set(name, value)
    }

    /// A kernel setting of the running machine; `None` if there is none of that name.
    pub fn setting(&self, name: &str) -> Option<i64> {
        self.tcp.profile().settings.get(name)
    }

    /// The cards take packets of so many octets from now on.
    pub fn set_mtu(&mut self, now: Instant, mtu: u16) {
        self.ip.set_mtu(mtu);
        if let Some(ipv6) = &mut self.ipv6 {
            ipv6.set_mtu(mtu);
        }
        self.set_route_mtu(now, mtu);
    }

    /// TCP knows from its route that the way takes packets of so many octets.
    pub fn set_route_mtu(&mut self, now: Instant, mtu: u16) {
        self.tcp.change_mtu(now, mtu);
    }

    /// What the route says of TCP, to be changed.
    pub fn route_mut(&mut self) -> &mut crate::tcp::Route {
        &mut self.tcp.profile_mut().route
    }
}
