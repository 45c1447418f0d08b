//! Packet sockets: how frames are seen as the kernel sends them, and put on a wire.

use super::netlink::interface_index;
use super::shared::lock;
use super::sys;
use crate::scenario::Ipv4Block;
use bytes::Bytes;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Socket, Type};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex};

/// EtherType of IPv4.
const IPV4: u16 = 0x0800;
/// All EtherTypes. A socket for all sees a frame before the kernel's own stack does, one for a single type after it: then
/// the answer to a frame could carry the earlier time.
const ALL: u16 = 0x0003;
/// Room for what the kernel has captured and nobody has read yet.
const BUFFER: i32 = 8 << 20;
/// Longer than any frame, loopback's 65,536 octets included.
const LONGEST: usize = 1 << 17;

/// A frame as it was seen.
pub(super) struct Seen {
    /// All of it, Ethernet header first.
    pub frame: Bytes,
    /// CLOCK_REALTIME, nanoseconds.
    pub at_ns: u64,
    /// Whether its transport checksum was left for hardware to fill in.
    pub unfinished_checksum: bool,
}

/// A packet socket on one interface. It sees each frame once: as it arrives there.
pub(super) struct Tap {
    socket: Arc<Socket>,
    buffer: Vec<u8>,
}

impl Tap {
    /// On one interface of the calling thread's namespace.
    pub(super) fn on(interface: &str) -> io::Result<Tap> {
        // Protocol 0: nothing is captured until it is bound to its interface.
        let socket = Socket::new(Domain::from(libc::AF_PACKET), Type::from(libc::SOCK_RAW), None)?;
        let fd = socket.as_fd();
        // The first of these needs a privilege over the whole machine; without it the machine's limit holds.
        if sys::set_option(fd, libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, BUFFER).is_err() {
            sys::set_option(fd, libc::SOL_SOCKET, libc::SO_RCVBUF, BUFFER)?;
        }
        sys::set_option(fd, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1)?;
        sys::set_option(fd, libc::SOL_PACKET, libc::PACKET_AUXDATA, 1)?;
        sys::set_option(fd, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1)?;
        sys::bind_packet(fd, interface_index(interface)?, ALL)?;
        Ok(Tap { socket: Arc::new(socket), buffer: vec![0; LONGEST] })
    }

    /// What others can do with it while one thread reads it.
    pub(super) fn control(&self) -> TapControl {
        TapControl { socket: Arc::clone(&self.socket) }
    }

    /// The next frame; `None` when there is none now.
    pub(super) fn read(&mut self) -> io::Result<Option<Seen>> {
        let captured = match sys::receive_frame(self.socket.as_fd(), &mut self.buffer) {
            // Said once when the interface is taken down; up again, it goes on.
            Err(error) if error.raw_os_error() == Some(libc::ENETDOWN) => return Ok(None),
            captured => captured?,
        };
        Ok(captured.map(|captured| Seen {
            frame: Bytes::copy_from_slice(self.buffer.get(..captured.len).unwrap_or_default()),
            at_ns: captured.at_ns,
            unfinished_checksum: captured.unfinished_checksum,
        }))
    }

    /// Puts a frame on the wire.
    pub(super) fn send(&self, frame: &[u8]) -> io::Result<()> {
        self.socket.send(frame).map(|_| ())
    }

    /// Frames lost for want of room since the last time this was asked.
    pub(super) fn drops(&self) -> io::Result<u32> {
        sys::packet_count(self.socket.as_fd()).map(|count| count.dropped)
    }
}

/// What can be done with a tap from outside.
pub(super) struct TapControl {
    socket: Arc<Socket>,
}

impl TapControl {
    /// Whether it holds frames that nobody has read.
    pub(super) fn has_unread(&self) -> bool {
        let mut polled = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        !matches!(poll(&mut polled, PollTimeout::ZERO), Ok(0))
    }

    /// Captures no frame from or to these blocks any more.
    pub(super) fn leave_out(&self, blocks: &[Ipv4Block]) -> io::Result<()> {
        sys::attach_filter(self.socket.as_fd(), &filter_without(blocks))
    }
}

impl AsFd for Tap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Counts TCP segments to some addresses on loopback, without reading any.
pub(super) struct Tally {
    socket: Socket,
    so_far: Mutex<u64>,
}

impl Tally {
    /// On the loopback interface of the calling thread's namespace.
    pub(super) fn on_loopback(to: &[Ipv4Block]) -> io::Result<Tally> {
        let socket = Socket::new(Domain::from(libc::AF_PACKET), Type::from(libc::SOCK_RAW), None)?;
        let fd = socket.as_fd();
        sys::set_option(fd, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1)?;
        sys::attach_filter(fd, &filter_tcp_to(to))?;
        sys::bind_packet(fd, interface_index("lo")?, ALL)?;
        Ok(Tally { socket, so_far: Mutex::new(0) })
    }

    /// How many so far.
    pub(super) fn count(&self) -> io::Result<u64> {
        let mut so_far = lock(&self.so_far);
        *so_far += u64::from(sys::packet_count(self.socket.as_fd())?.taken);
        Ok(*so_far)
    }
}

/// A filter that takes TCP segments to one of the blocks, and of those one octet.
fn filter_tcp_to(blocks: &[Ipv4Block]) -> Vec<libc::sock_filter> {
    let code = |code: u32| code as u16;
    let op = |code, k| libc::sock_filter { code, jt: 0, jf: 0, k };
    let equal = code(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K);
    let blocks = &blocks[..blocks.len().min(40)];
    let mut left = blocks.len() as u8;
    let mut program = vec![
        op(code(libc::BPF_LD | libc::BPF_B | libc::BPF_ABS), 23),
        libc::sock_filter { jf: 3 * left, ..op(equal, 6) },
    ];
    for block in blocks {
        let mask = u32::MAX.checked_shl(32 - u32::from(block.prefix.min(32))).unwrap_or(0);
        left -= 1;
        program.push(op(code(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS), 30));
        program.push(op(code(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K), mask));
        program.push(libc::sock_filter { jt: 3 * left + 1, ..op(equal, u32::from(block.base) & mask) });
    }
    program.push(op(code(libc::BPF_RET | libc::BPF_K), 0));
    program.push(op(code(libc::BPF_RET | libc::BPF_K), 1));
    program
}

/// A packet filter (classic BPF) that takes every frame but IPv4 from or to one of the blocks.
fn filter_without(blocks: &[Ipv4Block]) -> Vec<libc::sock_filter> {
    let word = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    let half = (libc::BPF_LD | libc::BPF_H | libc::BPF_ABS) as u16;
    let and = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
    let jump = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    let give = (libc::BPF_RET | libc::BPF_K) as u16;
    let op = |code, k| libc::sock_filter { code, jt: 0, jf: 0, k };
    // At most 20 blocks, so that every jump fits; a scenario has one or two.
    let blocks = &blocks[..blocks.len().min(20)];
    let tests = 2 * blocks.len() as u8;
    let mut program = vec![op(half, 12), libc::sock_filter { jf: 3 * tests, ..op(jump, u32::from(IPV4)) }];
    let mut left = tests;
    for offset in [26, 30] {
        for block in blocks {
            let mask = u32::MAX.checked_shl(32 - u32::from(block.prefix.min(32))).unwrap_or(0);
            left -= 1;
            program.push(op(word, offset));
            program.push(op(and, mask));
            program.push(libc::sock_filter { jt: 3 * left + 1, ..op(jump, u32::from(block.base) & mask) });
        }
    }
    program.push(op(give, u32::MAX));
    program.push(op(give, 0));
    program
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    /// A plain interpreter of the few operations used.
    fn takes(program: &[libc::sock_filter], frame: &[u8]) -> bool {
        let (mut at, mut accumulator) = (0, 0u32);
        loop {
            let op = program[at];
            at += 1;
            let k = op.k as usize;
            match u32::from(op.code) {
                0x28 => accumulator = u32::from(u16::from_be_bytes([frame[k], frame[k + 1]])),
                0x30 => accumulator = frame[k].into(),
                0x20 => accumulator = u32::from_be_bytes(frame[k..k + 4].try_into().unwrap()),
                0x54 => accumulator &= op.k,
                0x15 => at += usize::from(if accumulator == op.k { op.jt } else { op.jf }),
                0x06 => return op.k != 0,
                other => panic!("{other:#x}"),
            }
        }
    }

    fn frame(from: [u8; 4], to: [u8; 4], ether_type: u16) -> Vec<u8> {
        let mut frame = vec![0; 60];
        frame[12..14].copy_from_slice(&ether_type.to_be_bytes());
        frame[26..30].copy_from_slice(&from);
        frame[30..34].copy_from_slice(&to);
        frame
    }

    #[test]
    fn the_filter_leaves_out_its_blocks_in_both_directions_and_nothing_else() {
        let blocks = [
            Ipv4Block { base: Ipv4Addr::new(198, 18, 0, 0), prefix: 15 },
            Ipv4Block { base: Ipv4Addr::new(203, 0, 113, 0), prefix: 24 },
        ];
        let program = filter_without(&blocks);
        let (here, there) = ([10, 0, 0, 1], [10, 0, 0, 2]);
        assert!(takes(&program, &frame(here, there, IPV4)));
        for forged in [[198, 18, 0, 1], [198, 19, 255, 255], [203, 0, 113, 9]] {
            assert!(!takes(&program, &frame(forged, there, IPV4)));
            assert!(!takes(&program, &frame(here, forged, IPV4)));
            assert!(takes(&program, &frame(here, forged, 0x0806)));
        }
        assert!(takes(&program, &frame([198, 20, 0, 1], there, IPV4)));
        assert!(takes(&filter_without(&[]), &frame(here, there, IPV4)));
    }

    #[test]
    fn the_tally_counts_tcp_to_its_blocks_alone() {
        let blocks = [
            Ipv4Block { base: Ipv4Addr::new(198, 18, 0, 0), prefix: 15 },
            Ipv4Block { base: Ipv4Addr::new(10, 0, 0, 9), prefix: 32 },
        ];
        let program = filter_tcp_to(&blocks);
        let takes_protocol = |protocol, from, to| {
            let mut frame = frame(from, to, IPV4);
            frame[23] = protocol;
            takes(&program, &frame)
        };
        let server = [10, 0, 0, 2];
        assert!(takes_protocol(6, server, [198, 19, 1, 2]) && takes_protocol(6, server, [10, 0, 0, 9]));
        assert!(!takes_protocol(17, server, [198, 19, 1, 2]));
        assert!(!takes_protocol(6, [198, 18, 0, 1], server) && !takes_protocol(6, server, [10, 0, 0, 8]));
    }
}
