//! What leaves by an interface, seen as it leaves.

use super::sys::{self, Captured};
use bytes::Bytes;
use socket2::{Domain, Socket, Type};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// Longer than any packet and the link's header before it.
const LONGEST: usize = (1 << 16) + 64;

/// A packet socket that sees what leaves by one interface, and nothing else.
pub(super) struct Watch {
    socket: Socket,
    /// Octets of the link's header, which is taken off.
    header: usize,
    buffer: Vec<u8>,
}

impl Watch {
    /// On an interface of the calling thread's namespace whose frames begin with so many octets of the link's own.
    pub(super) fn on(interface: u32, header: usize) -> io::Result<Watch> {
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
        Ok(Watch { socket, header, buffer: vec![0; LONGEST] })
    }

    /// The next packet, and when it left (CLOCK_REALTIME, nanoseconds); `None` when there is none now.
    pub(super) fn read(&mut self) -> io::Result<Option<(u64, Bytes)>> {
        let captured = match sys::receive_frame(self.socket.as_fd(), &mut self.buffer) {
            // Said once when a script takes the interface down.
            Err(error) if error.raw_os_error() == Some(libc::ENETDOWN) => return Ok(None),
            captured => captured?,
        };
        Ok(captured.map(|Captured { len, at_ns, .. }| {
            (at_ns, Bytes::copy_from_slice(self.buffer.get(self.header..len).unwrap_or_default()))
        }))
    }

    /// Packets for which there was no room since the last time this was asked.
    pub(super) fn drops(&self) -> io::Result<u32> {
        sys::packet_count(self.socket.as_fd()).map(|count| count.dropped)
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
