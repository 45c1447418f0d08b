//! Where TUN is not to be had: a veth pair, its one end the interface of the namespace under examination, its other end in a
//! namespace in which nobody listens but the program.

use super::ground::{Place, apart, await_link, step};
use super::netlink::{Routes, interface_index};
use super::sys;
use super::tap::Tap;
use super::tun::offload;
use crate::wire::MacAddr;
use socket2::{Domain, Socket, Type};
use std::io;
use std::os::fd::AsFd;

/// Name of the end that the program holds.
const OUTER: &str = "script";
/// Octets of an Ethernet header.
pub(super) const ETHERNET: usize = 14;

/// The end of a veth pair that is not the examined kernel's.
pub(super) struct Pair {
    socket: Socket,
    /// Of the examined interface.
    mac: MacAddr,
    mtu: u16,
    // Held open: the other namespace lives as long.
    _outer: Place,
}

impl Pair {
    /// Makes an interface of that name in the calling thread's namespace, up and without neighbour discovery, and its other
    /// end; tells its number too.
    ///
    /// # Errors
    /// What the kernel says.
    pub(super) fn make(name: &str, mtu: u16) -> io::Result<(Pair, u32)> {
        let outer = apart(|| Place::around(false))?;
        let mac = MacAddr::of_host(1);
        let mut routes = Routes::open()?;
        let namespace = outer.descriptor();
        step("a veth pair", routes.add_veth(name, mac, u32::from(mtu), OUTER, namespace))?;
        let interface = interface_index(name)?;
        routes.set_up(interface, None, false)?;
        let mut inner_tap = Tap::on(name)?;
        let (socket, mut outer_tap) = apart(|| {
            outer.enter()?;
            Routes::open()?.set_up(interface_index(OUTER)?, None, false)?;
            Ok((injecting()?, Tap::on(OUTER)?))
        })?;
        await_link(&mut inner_tap, &mut outer_tap)?;
        routes.without_arp(interface)?;
        Ok((Pair { socket, mac, mtu, _outer: outer }, interface))
    }

    /// Hands the examined kernel a packet, as if it came in.
    pub(super) fn send(&self, packet: &[u8], segment: Option<u16>) -> io::Result<()> {
        // A veth's end takes nothing longer than its MTU but what counts as put together from segments.
        let longer = packet.len() > usize::from(self.mtu);
        let segment = segment.or(longer.then_some(self.mtu.saturating_sub(40)));
        let header = segment.and_then(|segment| offload(packet, segment)).unwrap_or_default();
        let ether_type: u16 =
            if packet.first().is_some_and(|first| first >> 4 == 6) { 0x86dd } else { 0x0800 };
        let source = MacAddr::of_host(2);
        let frame = [&header[..], &self.mac.0, &source.0, &ether_type.to_be_bytes(), packet].concat();
        self.socket.send(&frame).map(|_| ())
    }
}

/// A packet socket that sends by the outer end and hears nothing: each frame has virtio's header before it.
fn injecting() -> io::Result<Socket> {
    const PACKET_VNET_HDR: i32 = 15;
    const NOTHING: u16 = 0;
    let socket = Socket::new(Domain::from(libc::AF_PACKET), Type::from(libc::SOCK_RAW), None)?;
    sys::set_option(socket.as_fd(), libc::SOL_PACKET, PACKET_VNET_HDR, 1)?;
    sys::set_option(socket.as_fd(), libc::SOL_PACKET, libc::PACKET_QDISC_BYPASS, 1)?;
    sys::bind_packet(socket.as_fd(), interface_index(OUTER)?, NOTHING)?;
    Ok(socket)
}
