//! A namespace whose only neighbour is the program itself, over a TUN interface: IP packets in and out.

use super::ground::Place;
use super::netlink::{Routes, interface_index};
use super::sys::{self, Captured};
use crate::scenario::Ipv6Net;
use bytes::Bytes;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Socket, Type};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::time::Duration;

/// Name of the interface: scripts call it so.
const NAME: &str = "tun0";
/// The kernel's usual congestion control. The namespace's default may be another, and cannot always be changed.
const CONGESTION: &str = "cubic";
/// Longer than any packet.
const LONGEST: usize = 1 << 16;

/// A namespace with its TUN interface, around the calling thread.
pub(super) struct Tun {
    device: Arc<File>,
    outgoing: Socket,
    buffer: Vec<u8>,
    // Held open: the namespace lives as long.
    _place: Place,
}

impl Tun {
    /// A new namespace around the calling thread, which stays in it: `local` is its address, `remote` lies behind its
    /// interface.
    ///
    /// # Errors
    /// Where namespaces or TUN are not to be had.
    pub(super) fn around(local: IpAddr, remote: IpAddr, mtu: u16) -> io::Result<Tun> {
        let place = Place::around(local.is_ipv6())?;
        let device =
            OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open("/dev/net/tun")?;
        sys::make_tun(device.as_fd(), NAME)?;
        let mut routes = Routes::open()?;
        routes.set_up(interface_index("lo")?, None, false)?;
        let interface = interface_index(NAME)?;
        routes.set_up(interface, Some(u32::from(mtu)), false)?;
        match local {
            IpAddr::V4(local) => routes.add_address(interface, local, 16)?,
            IpAddr::V6(address) => routes.add_address6(interface, Ipv6Net { address, prefix: 48 })?,
        }
        routes.add_controlled_route(interface, remote, CONGESTION)?;
        let outgoing = outgoing(interface)?;
        Ok(Tun { device: Arc::new(device), outgoing, buffer: vec![0; LONGEST], _place: place })
    }

    /// Hands the kernel a packet, as if it came in. With `segment` a TCP packet counts as put together from
    /// segments of that size, as a card's receive offload would.
    ///
    /// # Errors
    /// What the kernel says of it.
    pub(super) fn send(&self, packet: &[u8], segment: Option<u16>) -> io::Result<()> {
        let header = segment.and_then(|segment| offload(packet, segment)).unwrap_or_default();
        (&*self.device).write(&[&header[..], packet].concat()).map(|_| ())
    }

    /// The next packet the kernel sent, and when (CLOCK_REALTIME, nanoseconds); waits at most so long.
    ///
    /// # Errors
    /// What the kernel says.
    pub(super) fn next(&mut self, wait: Duration) -> io::Result<Option<(u64, Bytes)>> {
        self.drain();
        if let Some(found) = self.read()? {
            return Ok(Some(found));
        }
        let until = std::time::Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(std::time::Instant::now());
            let mut polled = [
                PollFd::new(self.outgoing.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.device.as_fd(), PollFlags::POLLIN),
            ];
            let timeout =
                PollTimeout::try_from(left.as_millis().min(1_000) as i32 + i32::from(!left.is_zero()));
            poll(&mut polled, timeout.unwrap_or(PollTimeout::ZERO))?;
            self.drain();
            if let Some(found) = self.read()? {
                return Ok(Some(found));
            }
            if left.is_zero() {
                return Ok(None);
            }
        }
    }

    /// What the device hands out is seen by the other socket with its time; here it is taken off and forgotten.
    fn drain(&mut self) {
        while (&*self.device).read(&mut self.buffer).is_ok_and(|len| len > 0) {}
    }

    fn read(&mut self) -> io::Result<Option<(u64, Bytes)>> {
        let captured = sys::receive_frame(self.outgoing.as_fd(), &mut self.buffer)?;
        Ok(captured.map(|Captured { len, at_ns, .. }| {
            (at_ns, Bytes::copy_from_slice(self.buffer.get(..len).unwrap_or_default()))
        }))
    }
}

/// Octets of `struct virtio_net_hdr`.
const VIRTIO: usize = 10;

/// Virtio's header of a TCP packet that was put together from segments of that size; `None` for others.
fn offload(packet: &[u8], segment: u16) -> Option<[u8; VIRTIO]> {
    const TCP: u8 = 6;
    let (kind, protocol) = match packet.first()? >> 4 {
        4 => (1, *packet.get(9)?),
        _ => (4, *packet.get(6)?),
    };
    let mut header = [0; VIRTIO];
    header[1] = kind;
    header[4..6].copy_from_slice(&segment.to_ne_bytes());
    (protocol == TCP).then_some(header)
}

/// A packet socket that sees what leaves by the interface, and nothing else.
fn outgoing(interface: u32) -> io::Result<Socket> {
    const PACKET_OUTGOING: u32 = 4;
    const ALL: u16 = 0x0003;
    const BUFFER: i32 = 8 << 20;
    let socket = Socket::new(Domain::from(libc::AF_PACKET), Type::from(libc::SOCK_RAW), None)?;
    let fd = socket.as_fd();
    if sys::set_option(fd, libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, BUFFER).is_err() {
        sys::set_option(fd, libc::SOL_SOCKET, libc::SO_RCVBUF, BUFFER)?;
    }
    let op = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    // The packet's type lies at the place SKF_AD_OFF + SKF_AD_PKTTYPE, -4096 + 4.
    let kind = (-4096_i32 + 4) as u32;
    let filter = [
        op(libc::BPF_LD | libc::BPF_B | libc::BPF_ABS, 0, 0, kind),
        op(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, PACKET_OUTGOING),
        op(libc::BPF_RET | libc::BPF_K, 0, 0, u32::MAX),
        op(libc::BPF_RET | libc::BPF_K, 0, 0, 0),
    ];
    sys::attach_filter(fd, &filter)?;
    sys::set_option(fd, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
    sys::bind_packet(fd, interface, ALL)?;
    Ok(socket)
}
