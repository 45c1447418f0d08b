//! The only unsafe code: system calls that no crate wraps safely.
#![allow(unsafe_code, reason = "each block says why it is sound")]

use std::io;
use std::mem::{MaybeUninit, size_of, zeroed};
use std::os::fd::{AsRawFd, BorrowedFd};

/// A frame read from a packet socket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Captured {
    /// Octets in the buffer.
    pub len: usize,
    /// When the kernel saw it: CLOCK_REALTIME, nanoseconds.
    pub at_ns: u64,
    /// Whether its transport checksum was left for hardware to fill in.
    pub unfinished_checksum: bool,
}

/// Sets an integer socket option.
pub(super) fn set_option(fd: BorrowedFd<'_>, level: i32, name: i32, value: i32) -> io::Result<()> {
    // SAFETY: `value` lives across the call and its size is passed along.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            level,
            name,
            (&raw const value).cast(),
            size_of::<i32>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Reads an integer socket option.
pub(super) fn get_option(fd: BorrowedFd<'_>, level: i32, name: i32) -> io::Result<i32> {
    let mut value = 0i32;
    let mut size = size_of::<i32>() as libc::socklen_t;
    // SAFETY: `value` and `size` live across the call, and `size` is the room `value` has.
    let result =
        unsafe { libc::getsockopt(fd.as_raw_fd(), level, name, (&raw mut value).cast(), &raw mut size) };
    if result == 0 { Ok(value) } else { Err(io::Error::last_os_error()) }
}

/// sockatmark(): whether the next octet to be read is the urgent one.
pub(super) fn at_mark(fd: BorrowedFd<'_>) -> io::Result<bool> {
    const SIOCATMARK: libc::c_ulong = 0x8905;
    let mut at: libc::c_int = 0;
    // SAFETY: this request writes one int, and `at` lives across the call.
    let result = unsafe { libc::ioctl(fd.as_raw_fd(), SIOCATMARK as _, &raw mut at) };
    if result == 0 { Ok(at != 0) } else { Err(io::Error::last_os_error()) }
}

/// connect() with AF_UNSPEC: the socket has no peer any more.
pub(super) fn disconnect(fd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: all zeros is a valid sockaddr, and AF_UNSPEC is its family.
    let address: libc::sockaddr = unsafe { zeroed() };
    // SAFETY: `address` lives across the call and its size is passed along.
    let result = unsafe {
        libc::connect(fd.as_raw_fd(), &raw const address, size_of::<libc::sockaddr>() as libc::socklen_t)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Binds a packet socket to one interface and one EtherType.
pub(super) fn bind_packet(fd: BorrowedFd<'_>, interface: u32, ether_type: u16) -> io::Result<()> {
    // SAFETY: all zeros is a valid sockaddr_ll.
    let mut address: libc::sockaddr_ll = unsafe { zeroed() };
    address.sll_family = libc::AF_PACKET as u16;
    address.sll_protocol = ether_type.to_be();
    address.sll_ifindex = interface as i32;
    // SAFETY: `address` lives across the call and its size is passed along.
    let result = unsafe {
        libc::bind(
            fd.as_raw_fd(),
            (&raw const address).cast(),
            size_of::<libc::sockaddr_ll>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What a packet socket has counted since the last time it was asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct PacketCount {
    /// Frames that its filter took, whether there was room for them or not.
    pub taken: u32,
    /// Those of them for which there was no room.
    pub dropped: u32,
}

/// Counts of a packet socket since the last time they were asked for.
pub(super) fn packet_count(fd: BorrowedFd<'_>) -> io::Result<PacketCount> {
    // SAFETY: all zeros is a valid tpacket_stats.
    let mut stats: libc::tpacket_stats = unsafe { zeroed() };
    let mut size = size_of::<libc::tpacket_stats>() as libc::socklen_t;
    // SAFETY: `stats` and `size` live across the call, and `size` is the room `stats` has.
    let result = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_STATISTICS,
            (&raw mut stats).cast(),
            &raw mut size,
        )
    };
    let count = PacketCount { taken: stats.tp_packets, dropped: stats.tp_drops };
    if result == 0 { Ok(count) } else { Err(io::Error::last_os_error()) }
}

/// Reads one frame with its time stamp and checksum status; `None` when there is none now.
pub(super) fn receive_frame(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<Option<Captured>> {
    let mut slice = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // u64s, so that the control messages in it are aligned.
    let mut control = [0u64; 32];
    // SAFETY: all zeros is a valid msghdr.
    let mut message: libc::msghdr = unsafe { zeroed() };
    message.msg_iov = &raw mut slice;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = size_of::<[u64; 32]>() as _;
    // SAFETY: the header points at `slice`, which spans `buffer`, and at `control`; both live across the call.
    let len = unsafe { libc::recvmsg(fd.as_raw_fd(), &raw mut message, libc::MSG_DONTWAIT) };
    if len < 0 {
        let error = io::Error::last_os_error();
        return if error.kind() == io::ErrorKind::WouldBlock { Ok(None) } else { Err(error) };
    }
    let mut captured = Captured { len: len as usize, at_ns: 0, unfinished_checksum: false };
    // SAFETY: the kernel filled `message`; the CMSG macros walk the control messages within `control`, and each is read
    // as the type that its level and type say, unaligned.
    unsafe {
        let mut header = libc::CMSG_FIRSTHDR(&raw const message);
        while !header.is_null() {
            match ((*header).cmsg_level, (*header).cmsg_type) {
                (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) => {
                    let time: libc::timespec =
                        libc::CMSG_DATA(header).cast::<libc::timespec>().read_unaligned();
                    captured.at_ns = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
                }
                (libc::SOL_PACKET, libc::PACKET_AUXDATA) => {
                    let status =
                        libc::CMSG_DATA(header).cast::<libc::tpacket_auxdata>().read_unaligned().tp_status;
                    captured.unfinished_checksum = status & libc::TP_STATUS_CSUMNOTREADY != 0;
                }
                _ => {}
            }
            header = libc::CMSG_NXTHDR(&raw const message, header);
        }
    }
    Ok(Some(captured))
}

/// Switches one offload of an interface off (ETHTOOL_STXCSUM and its like), in the namespace of the calling thread.
pub(super) fn ethtool_off(fd: BorrowedFd<'_>, interface: &str, command: u32) -> io::Result<()> {
    #[repr(C)]
    struct Value {
        command: u32,
        data: u32,
    }
    let mut value = Value { command, data: 0 };
    // SAFETY: all zeros is a valid ifreq.
    let mut request: libc::ifreq = unsafe { MaybeUninit::zeroed().assume_init() };
    for (place, byte) in request.ifr_name.iter_mut().take(libc::IFNAMSIZ - 1).zip(interface.bytes()) {
        *place = byte as libc::c_char;
    }
    request.ifr_ifru.ifru_data = (&raw mut value).cast();
    // SAFETY: `request` names the interface and points at `value`; both live across the call. SIOCETHTOOL reads them so.
    let result = unsafe { libc::ioctl(fd.as_raw_fd(), libc::SIOCETHTOOL as _, &raw mut request) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Has the calling thread wake up in time: its timers fire within a microsecond of their time instead of fifty, and (since
/// Linux 6.12) it asks for short turns on the processor, which come sooner. Where either is refused, it stays as it was.
pub(super) fn be_punctual() {
    /// `struct sched_attr` in its first version.
    #[repr(C)]
    struct Attributes {
        size: u32,
        policy: u32,
        flags: u64,
        nice: i32,
        priority: u32,
        runtime: u64,
        deadline: u64,
        period: u64,
    }
    const TURN_NS: u64 = 100_000;
    // SAFETY: this prctl takes a number and touches no memory.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1_000 as libc::c_ulong) };
    let attributes = Attributes {
        size: size_of::<Attributes>() as u32,
        policy: libc::SCHED_OTHER as u32,
        flags: 0,
        nice: 0,
        priority: 0,
        runtime: TURN_NS,
        deadline: 0,
        period: 0,
    };
    // SAFETY: `attributes` lives across the call and tells its own size; 0 is the calling thread.
    unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
}

/// Takes from the calling thread what lets it make raw sockets (CAP_NET_RAW) and bind ports below 1024
/// (CAP_NET_BIND_SERVICE).
pub(super) fn drop_privilege() -> io::Result<()> {
    /// `struct __user_cap_header_struct`.
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    /// `struct __user_cap_data_struct`.
    #[repr(C)]
    #[derive(Clone, Copy, Default)]
    struct Sets {
        effective: u32,
        permitted: u32,
        inheritable: u32,
    }
    const VERSION_3: u32 = 0x2008_0522;
    const NET_BIND_SERVICE: u32 = 1 << 10;
    const NET_RAW: u32 = 1 << 13;
    let mut header = Header { version: VERSION_3, pid: 0 };
    let mut sets = [Sets::default(); 2];
    // SAFETY: version 3 reads one header and writes two sets; both live across the call, and pid 0 is the calling thread.
    if unsafe { libc::syscall(libc::SYS_capget, &raw mut header, sets.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    sets[0].effective &= !(NET_BIND_SERVICE | NET_RAW);
    // SAFETY: as above; the call reads both and writes neither.
    let result = unsafe { libc::syscall(libc::SYS_capset, &raw mut header, sets.as_ptr()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Has a socket take only what the classic BPF program takes.
pub(super) fn attach_filter(fd: BorrowedFd<'_>, program: &[libc::sock_filter]) -> io::Result<()> {
    let program = libc::sock_fprog {
        len: u16::try_from(program.len()).map_err(io::Error::other)?,
        filter: program.as_ptr().cast_mut(),
    };
    set_structure(fd, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)
}

/// What TCP_REPAIR_WINDOW sets.
#[repr(C)]
pub(super) struct RepairWindow {
    /// SND.WL1.
    pub snd_wl1: u32,
    /// SND.WND.
    pub snd_wnd: u32,
    /// The largest window the peer has offered.
    pub max_window: u32,
    /// RCV.WND.
    pub rcv_wnd: u32,
    /// RCV.NXT when the last window was offered.
    pub rcv_wup: u32,
}

/// Sets the windows of a connection under TCP_REPAIR.
pub(super) fn set_repair_window(fd: BorrowedFd<'_>, window: &RepairWindow) -> io::Result<()> {
    set_structure(fd, libc::IPPROTO_TCP, libc::TCP_REPAIR_WINDOW, window)
}

/// Sets an option whose value is a C structure without padding that anything reads.
fn set_structure<T>(fd: BorrowedFd<'_>, level: i32, name: i32, value: &T) -> io::Result<()> {
    // SAFETY: `value` lives across the call and its size is passed along; the kernel copies it (and, of a filter, the
    // program it points at, which the caller's borrow keeps alive) before it returns.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            level,
            name,
            std::ptr::from_ref(value).cast(),
            size_of::<T>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
