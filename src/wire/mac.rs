//! Ethernet addresses.

use std::fmt;

/// A 48-bit Ethernet address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacAddr(pub [u8; 6]);

impl MacAddr {
    /// All stations.
    pub const BROADCAST: MacAddr = MacAddr([0xff; 6]);

    /// The locally administered address `02:00:00:00:hi:lo` of host number `n`.
    pub const fn of_host(n: u16) -> MacAddr {
        let [high, low] = n.to_be_bytes();
        MacAddr([2, 0, 0, 0, high, low])
    }
    /// The address to which frames for an IPv4 group go: the low 23 bits of the group's (RFC 1112 section 6.4), so that 32 groups
    /// share one.
    pub const fn of_group(group: std::net::Ipv4Addr) -> MacAddr {
        let [_, b, c, d] = group.octets();
        MacAddr([0x01, 0x00, 0x5e, b & 0x7f, c, d])
    }

    /// The locally administered address `02:ff:hi:lo:00:port` of a port of node number `n` that has no address of its own.
    pub const fn of_port(n: u16, port: u16) -> MacAddr {
        let [high, low] = n.to_be_bytes();
        MacAddr([2, 0xff, high, low, 0, port as u8])
    }

    /// Whether nobody's half of the address was assigned to a maker: the U/L bit.
    pub const fn is_local(self) -> bool {
        self.0[0] & 2 == 2
    }

    /// Whether the group bit is set (multicast and broadcast).
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}
