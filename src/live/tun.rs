//! A namespace whose only neighbour is the program itself, over a TUN interface: IP packets in and out.

use super::netlink::interface_index;
use super::sys;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;

/// The end of a TUN interface that is not the kernel's.
pub(super) struct Tun {
    device: File,
    buffer: Vec<u8>,
}

impl Tun {
    /// Makes an interface of that name in the calling thread's namespace, still down; tells its number too.
    ///
    /// # Errors
    /// Where `/dev/net/tun` is missing, or not this user's to open.
    pub(super) fn make(name: &str) -> io::Result<(Tun, u32)> {
        let device =
            OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open("/dev/net/tun")?;
        sys::make_tun(device.as_fd(), name)?;
        Ok((Tun { device, buffer: vec![0; 1 << 16] }, interface_index(name)?))
    }

    /// Hands the kernel a packet, as if it came in.
    pub(super) fn send(&self, packet: &[u8], segment: Option<u16>) -> io::Result<()> {
        let header = segment.and_then(|segment| offload(packet, segment)).unwrap_or_default();
        (&self.device).write(&[&header[..], packet].concat()).map(|_| ())
    }

    /// What the device hands out is seen by a watch with its time; here it is taken off and forgotten.
    pub(super) fn drain(&mut self) {
        while (&self.device).read(&mut self.buffer).is_ok_and(|len| len > 0) {}
    }
}

impl AsFd for Tun {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }
}

/// Octets of `struct virtio_net_hdr`.
const VIRTIO: usize = 10;

/// Virtio's header of a TCP packet that was put together from segments of that size, as a card's receive offload would;
/// `None` for others.
pub(super) fn offload(packet: &[u8], segment: u16) -> Option<[u8; VIRTIO]> {
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
