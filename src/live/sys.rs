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

/// Puts the calling thread before all that have no such claim, where its user may (RLIMIT_RTPRIO); what it starts has none.
pub(super) fn be_first() {
    let claim = libc::sched_param { sched_priority: 1 };
    // SAFETY: `claim` lives across the call; 0 is the calling thread.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK, &raw const claim) };
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

/// A system call's result, or its error's number.
pub(super) type Called = Result<i64, i32>;

fn called(result: i64) -> Called {
    if result >= 0 { Ok(result) } else { Err(io::Error::last_os_error().raw_os_error().unwrap_or(0)) }
}

/// A socket address as the kernel reads it, with its length.
#[derive(Clone, Copy)]
pub(super) struct RawAddress {
    storage: libc::sockaddr_storage,
    len: libc::socklen_t,
}

impl RawAddress {
    /// That address; `None` is AF_UNSPEC.
    pub(super) fn of(address: Option<std::net::SocketAddr>) -> RawAddress {
        // SAFETY: all zeros is a valid sockaddr_storage, and means AF_UNSPEC.
        let mut storage: libc::sockaddr_storage = unsafe { zeroed() };
        let len = match address {
            None => size_of::<libc::sockaddr_in>(),
            Some(std::net::SocketAddr::V4(address)) => {
                let known = libc::sockaddr_in {
                    sin_family: libc::AF_INET as u16,
                    sin_port: address.port().to_be(),
                    sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(address.ip().octets()) },
                    sin_zero: [0; 8],
                };
                // SAFETY: a sockaddr_storage has room for every socket address, and its alignment.
                unsafe { (&raw mut storage).cast::<libc::sockaddr_in>().write(known) };
                size_of::<libc::sockaddr_in>()
            }
            Some(std::net::SocketAddr::V6(address)) => {
                let known = libc::sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as u16,
                    sin6_port: address.port().to_be(),
                    sin6_flowinfo: address.flowinfo(),
                    sin6_addr: libc::in6_addr { s6_addr: address.ip().octets() },
                    sin6_scope_id: address.scope_id(),
                };
                // SAFETY: as above.
                unsafe { (&raw mut storage).cast::<libc::sockaddr_in6>().write(known) };
                size_of::<libc::sockaddr_in6>()
            }
        };
        RawAddress { storage, len: len as libc::socklen_t }
    }
}

/// socket(2) with numbers as they are given.
pub(super) fn socket(domain: i32, kind: i32, protocol: i32) -> Called {
    // SAFETY: takes numbers and touches no memory.
    called(i64::from(unsafe { libc::socket(domain, kind, protocol) }))
}

/// bind(2), or connect(2).
pub(super) fn bind_or_connect(fd: i32, address: &RawAddress, connects: bool) -> Called {
    let call = if connects { libc::connect } else { libc::bind };
    // SAFETY: `address` lives across the call, and its length is that of the address in it.
    called(i64::from(unsafe { call(fd, (&raw const address.storage).cast(), address.len) }))
}

/// listen(2).
pub(super) fn listen(fd: i32, backlog: i32) -> Called {
    // SAFETY: takes numbers and touches no memory.
    called(i64::from(unsafe { libc::listen(fd, backlog) }))
}

/// accept4(2), the peer's address unasked.
pub(super) fn accept(fd: i32, flags: i32) -> Called {
    // SAFETY: null pointers say that no address is wanted.
    called(i64::from(unsafe { libc::accept4(fd, std::ptr::null_mut(), std::ptr::null_mut(), flags) }))
}

/// shutdown(2).
pub(super) fn shutdown(fd: i32, how: i32) -> Called {
    // SAFETY: takes numbers and touches no memory.
    called(i64::from(unsafe { libc::shutdown(fd, how) }))
}

/// close(2).
pub(super) fn close(fd: i32) -> Called {
    // SAFETY: the descriptor is one that a script opened; nothing else in the program holds it.
    called(i64::from(unsafe { libc::close(fd) }))
}

/// fcntl(2) with a number as its argument.
pub(super) fn control(fd: i32, command: i32, argument: i32) -> Called {
    // SAFETY: F_GETFL and F_SETFL take a number and touch no memory.
    called(i64::from(unsafe { libc::fcntl(fd, command, argument) }))
}

/// ioctl(2) that writes one int: what it returned, and the int.
pub(super) fn ioctl_int(fd: i32, request: u64) -> Result<(i64, i32), i32> {
    let mut value: libc::c_int = 0;
    // SAFETY: SIOCINQ, SIOCOUTQ and SIOCOUTQNSD write one int, and `value` lives across the call.
    let result = unsafe { libc::ioctl(fd, request as _, &raw mut value) };
    called(i64::from(result)).map(|result| (result, value))
}

/// setsockopt(2) with any octets.
pub(super) fn set_octets(fd: i32, level: i32, name: i32, value: &[u8]) -> Called {
    // SAFETY: `value` lives across the call and its size is passed along.
    let result =
        unsafe { libc::setsockopt(fd, level, name, value.as_ptr().cast(), value.len() as libc::socklen_t) };
    called(i64::from(result))
}

/// getsockopt(2): the octets it wrote.
pub(super) fn get_octets(fd: i32, level: i32, name: i32, room: usize) -> Result<Vec<u8>, i32> {
    let mut value = vec![0u8; room];
    let mut size = room as libc::socklen_t;
    // SAFETY: `value` and `size` live across the call, and `size` is the room `value` has.
    let result = unsafe { libc::getsockopt(fd, level, name, value.as_mut_ptr().cast(), &raw mut size) };
    called(i64::from(result))?;
    value.truncate(size as usize);
    Ok(value)
}

/// sendmsg(2) of several parts.
pub(super) fn send_message(fd: i32, parts: &[&[u8]], flags: i32, to: Option<&RawAddress>) -> Called {
    let mut slices: Vec<libc::iovec> = parts
        .iter()
        .map(|part| libc::iovec { iov_base: part.as_ptr().cast_mut().cast(), iov_len: part.len() })
        .collect();
    // SAFETY: all zeros is a valid msghdr.
    let mut message: libc::msghdr = unsafe { zeroed() };
    message.msg_iov = slices.as_mut_ptr();
    message.msg_iovlen = slices.len() as _;
    if let Some(to) = to {
        message.msg_name = (&raw const to.storage).cast_mut().cast();
        message.msg_namelen = to.len;
    }
    // SAFETY: the header points at `slices`, which span `parts`, and at `to`; all live across the call, which writes none.
    called(unsafe { libc::sendmsg(fd, &raw const message, flags) } as i64)
}

/// sendto(2) of octets that lie at the address 0: the kernel refuses it when it comes to read them.
pub(super) fn send_from_nowhere(fd: i32, len: usize, flags: i32, to: Option<&RawAddress>) -> Called {
    let (name, size) =
        to.map_or((std::ptr::null(), 0), |to| ((&raw const to.storage).cast::<libc::sockaddr>(), to.len));
    // SAFETY: the kernel checks the address it reads from, and answers EFAULT; `to` lives across the call.
    called(unsafe { libc::sendto(fd, std::ptr::null(), len, flags, name, size) } as i64)
}

/// recv(2) to the address 0: the kernel refuses it when it comes to write there.
pub(super) fn receive_nowhere(fd: i32, len: usize, flags: i32) -> Called {
    // SAFETY: the kernel checks the address it writes to, and answers EFAULT.
    called(unsafe { libc::recv(fd, std::ptr::null_mut(), len, flags) } as i64)
}

/// What recvmsg(2) gave beside its result.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    /// msg_flags.
    pub flags: i32,
    /// Control messages: level, type, data.
    pub control: Vec<(i32, i32, Vec<u8>)>,
}

/// recvmsg(2) into several parts, whose contents nobody looks at.
pub(super) fn receive_message(
    fd: i32,
    parts: &mut [Vec<u8>],
    flags: i32,
    control: bool,
) -> Result<(i64, Message), i32> {
    let mut slices: Vec<libc::iovec> = parts
        .iter_mut()
        .map(|part| libc::iovec { iov_base: part.as_mut_ptr().cast(), iov_len: part.len() })
        .collect();
    // u64s, so that the control messages in it are aligned.
    let mut room = [0u64; 64];
    // SAFETY: all zeros is a valid msghdr.
    let mut message: libc::msghdr = unsafe { zeroed() };
    message.msg_iov = slices.as_mut_ptr();
    message.msg_iovlen = slices.len() as _;
    if control {
        message.msg_control = room.as_mut_ptr().cast();
        message.msg_controllen = size_of::<[u64; 64]>() as _;
    }
    // SAFETY: the header points at `slices`, which span `parts`, and at `room`; all live across the call.
    let result = called(unsafe { libc::recvmsg(fd, &raw mut message, flags) } as i64)?;
    let mut found = Message { flags: message.msg_flags, control: Vec::new() };
    // SAFETY: the kernel filled `message`; the CMSG macros walk the control messages within `room`, and each is copied by
    // the length that its header tells, which the kernel keeps within `room`.
    unsafe {
        let mut header = libc::CMSG_FIRSTHDR(&raw const message);
        while !header.is_null() {
            let len = ((*header).cmsg_len as usize).saturating_sub(libc::CMSG_LEN(0) as usize);
            let data = std::slice::from_raw_parts(libc::CMSG_DATA(header), len).to_vec();
            found.control.push(((*header).cmsg_level, (*header).cmsg_type, data));
            header = libc::CMSG_NXTHDR(&raw const message, header);
        }
    }
    Ok((result, found))
}

/// write(2), for descriptors that are no sockets.
pub(super) fn write(fd: i32, data: &[u8]) -> Called {
    // SAFETY: `data` lives across the call and its length is passed along.
    called(unsafe { libc::write(fd, data.as_ptr().cast(), data.len()) } as i64)
}

/// read(2), for descriptors that are no sockets.
pub(super) fn read(fd: i32, room: &mut [u8]) -> Called {
    // SAFETY: `room` lives across the call and its length is passed along.
    called(unsafe { libc::read(fd, room.as_mut_ptr().cast(), room.len()) } as i64)
}

/// splice(2), or sendfile(2) where `splices` is not set: from one descriptor to another, at places in them where they have any.
/// Tells the place it came to in the first.
pub(super) fn pass_on(
    (from, mut from_at): (i32, Option<i64>),
    (to, mut to_at): (i32, Option<i64>),
    len: usize,
    splices: Option<u32>,
) -> Result<(i64, Option<i64>), i32> {
    let place = |at: &mut Option<i64>| at.as_mut().map_or(std::ptr::null_mut(), std::ptr::from_mut);
    let (out, into) = (place(&mut from_at), place(&mut to_at));
    let result = match splices {
        // SAFETY: each place is null or points at a number that lives across the call.
        Some(flags) => unsafe { libc::splice(from, out, to, into, len, flags) },
        // SAFETY: as above.
        None => unsafe { libc::sendfile(to, from, out, len) },
    };
    called(result as i64).map(|result| (result, from_at))
}

/// poll(2): its result, and what happened to each.
pub(super) fn poll_all(fds: &[(i32, i16)], timeout: i32) -> Result<(i64, Vec<i16>), i32> {
    let mut polled: Vec<libc::pollfd> =
        fds.iter().map(|(fd, events)| libc::pollfd { fd: *fd, events: *events, revents: 0 }).collect();
    // SAFETY: `polled` lives across the call and its length is passed along.
    let result = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, timeout) };
    let result = called(i64::from(result))?;
    Ok((result, polled.iter().map(|polled| polled.revents).collect()))
}

/// epoll_create1(2).
pub(super) fn epoll_create() -> Called {
    // SAFETY: takes a number and touches no memory.
    called(i64::from(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }))
}

/// epoll_ctl(2); the descriptor itself is the event's data.
pub(super) fn epoll_control(epoll: i32, operation: i32, fd: i32, events: u32) -> Called {
    let mut event = libc::epoll_event { events, u64: fd as u64 };
    // SAFETY: `event` lives across the call.
    called(i64::from(unsafe { libc::epoll_ctl(epoll, operation, fd, &raw mut event) }))
}

/// epoll_wait(2): what happened, and to which descriptor.
pub(super) fn epoll_wait(epoll: i32, most: i32, timeout: i32) -> Result<Vec<(u32, u64)>, i32> {
    let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; most.clamp(1, 64) as usize];
    // SAFETY: `events` lives across the call, and no more than its length is asked for.
    let result = unsafe { libc::epoll_wait(epoll, events.as_mut_ptr(), most.min(64), timeout) };
    let count = called(i64::from(result))?;
    Ok(events.iter().take(count as usize).map(|event| (event.events, event.u64)).collect())
}

/// Makes a TUN interface of that name in the calling thread's namespace: packets with virtio's header before them, which tells of segmentation.
pub(super) fn make_tun(fd: BorrowedFd<'_>, name: &str) -> io::Result<()> {
    // SAFETY: all zeros is a valid ifreq.
    let mut request: libc::ifreq = unsafe { MaybeUninit::zeroed().assume_init() };
    for (place, byte) in request.ifr_name.iter_mut().take(libc::IFNAMSIZ - 1).zip(name.bytes()) {
        *place = byte as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI | libc::IFF_VNET_HDR) as libc::c_short;
    // SAFETY: `request` lives across the call, which reads and writes it alone.
    let result = unsafe { libc::ioctl(fd.as_raw_fd(), libc::TUNSETIFF as _, &raw mut request) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    // Like a card that cuts segments itself: the kernel hands it large ones.
    let offload = libc::TUN_F_CSUM | libc::TUN_F_TSO4 | libc::TUN_F_TSO6 | libc::TUN_F_TSO_ECN;
    // SAFETY: this request takes a number and touches no memory.
    let result =
        unsafe { libc::ioctl(fd.as_raw_fd(), libc::TUNSETOFFLOAD as _, libc::c_ulong::from(offload)) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
