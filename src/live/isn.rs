//! Chosen initial sequence numbers. An active opener's is set under TCP_REPAIR before it connects. A listener has no such
//! switch; but when a SYN reaches a TIME-WAIT entry of the same two ends, the kernel answers with that entry's SND.NXT plus
//! 65537. So a connection between the same two ends is made under TCP_REPAIR, closed from the server's side, and its
//! TIME-WAIT entry left where the SYN will come.

use super::diag::TcpSocket;
use super::frames::ends;
use super::ground::Place;
use super::kernel::now_ns;
use super::shared::{Shared, lock};
use super::stop::Woken;
use super::sys::{self, RepairWindow};
use crate::lang::Text;
use crate::link::HostId;
use crate::socket::{Errno, Return};
use crate::tcp::State;
use nix::poll::PollFlags;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::os::fd::AsFd;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What the kernel adds to a TIME-WAIT entry's SND.NXT for the new connection's number.
const TIME_WAIT_STEP: u32 = 65537;

/// How far before the client's number the planted connection lies, so that the new SYN is later than all of it.
const BEHIND: u32 = 1 << 20;

/// TCP_REPAIR off again, without a window probe.
const REPAIR_OFF: i32 = -1;
/// Values of TCP_REPAIR_QUEUE.
const RECEIVE_QUEUE: i32 = 1;
const SEND_QUEUE: i32 = 2;

/// A connection that does not belong to the run: its frames until then, its sockets while the phase lasts.
struct Hidden {
    client: SocketAddrV4,
    server: SocketAddrV4,
    /// CLOCK_REALTIME; `u64::MAX` until the planting is over.
    until_ns: u64,
    phase: Phase,
}

/// How far a planting is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The connection is being made and closed: all its sockets are ours.
    Planting,
    /// The TIME-WAIT entry waits for the SYN.
    Waiting,
    /// The SYN has come; what has these ends now belongs to the run.
    TakenUp,
}

/// The numbers already used up, and the connections made only to plant one.
pub(super) struct Plants {
    used: Vec<AtomicBool>,
    hidden: Mutex<Vec<Hidden>>,
}

impl Plants {
    /// For so many hosts; none used yet.
    pub(super) fn new(hosts: usize) -> Plants {
        Plants { used: (0..hosts).map(|_| AtomicBool::new(false)).collect(), hidden: Mutex::default() }
    }

    /// Whether the frame belongs to a connection made only to plant a number.
    pub(super) fn hides(&self, frame: &[u8], at_ns: u64) -> bool {
        let hidden = lock(&self.hidden);
        if hidden.is_empty() {
            return false;
        }
        let Some((_, SocketAddr::V4(from), SocketAddr::V4(to))) = ends(frame) else { return false };
        hidden.iter().any(|plant| {
            at_ns < plant.until_ns
                && ((from, to) == (plant.client, plant.server) || (from, to) == (plant.server, plant.client))
        })
    }

    /// Whether a socket with these ends is a planted one, such as the TIME-WAIT entry that waits for the SYN.
    pub(super) fn owns(&self, local: SocketAddr, remote: SocketAddr, state: State) -> bool {
        let (SocketAddr::V4(local), SocketAddr::V4(remote)) = (local, remote) else { return false };
        lock(&self.hidden).iter().any(|plant| {
            let at_server = (local, remote) == (plant.server, plant.client);
            let at_client = (local, remote) == (plant.client, plant.server);
            match plant.phase {
                Phase::Planting => at_server || at_client,
                Phase::Waiting => at_server && state == State::TimeWait,
                Phase::TakenUp => false,
            }
        })
    }

    fn go_on(&self, ends: &Planted, phase: Phase) {
        for plant in lock(&self.hidden).iter_mut() {
            if (plant.client, plant.server) == (ends.client, ends.server) {
                plant.until_ns = plant.until_ns.min(now_ns());
                plant.phase = phase;
            }
        }
    }

    fn take(&self, host: HostId) -> bool {
        self.used.get(host.index()).is_some_and(|used| !used.swap(true, Ordering::SeqCst))
    }
}

/// A connection about to be made to a planted entry.
pub(super) struct Planted {
    client: SocketAddrV4,
    server: SocketAddrV4,
}

/// Before `host` connects `socket` to `server`: whatever chosen numbers the two hosts have for their first connection are
/// made ready. The socket must be bound.
pub(super) fn before_connect(
    shared: &Shared,
    host: HostId,
    socket: &Socket,
    server: SocketAddrV4,
) -> io::Result<Option<Planted>> {
    let own = shared.host(host).and_then(|plan| plan.isn).filter(|_| shared.plants.take(host));
    let peer = shared.owner(*server.ip()).filter(|peer| *peer != host);
    let peer_plan = peer.and_then(|peer| shared.host(peer)).filter(|plan| !plan.actor);
    // Where the peer does not listen it will not answer with a number of its own: it may yet connect itself.
    let listens = |peer: HostId| {
        let sockets = shared.place(peer).map(|place| place.sockets()).transpose();
        sockets.map(|sockets| {
            sockets.iter().flatten().any(|socket| {
                socket.state == State::Listen
                    && socket.local.port() == server.port()
                    && (socket.local.ip().is_unspecified() || socket.local.ip() == *server.ip())
            })
        })
    };
    let wanted = match (peer, peer_plan.and_then(|plan| plan.isn)) {
        (Some(peer), Some(isn)) if listens(peer)? && shared.plants.take(peer) => Some((peer, isn)),
        _ => None,
    };
    let Some((peer, wanted)) = wanted else {
        return own.map(|number| choose(socket, number)).transpose().map(|_| None);
    };
    // The server's number is tied to both ends and must follow the client's: both are settled now.
    let number = own.unwrap_or_else(|| (now_ns() as u32).rotate_left(13));
    choose(socket, number)?;
    let client = socket
        .local_addr()?
        .as_socket_ipv4()
        .ok_or_else(|| io::Error::other("the socket has no IPv4 address"))?;
    let planted = Planted { client, server };
    plant(shared, (host, peer), &planted, number, wanted)?;
    Ok(Some(planted))
}

/// After connect() has returned: if the SYN was answered or is on its way, what has these ends belongs to the run.
pub(super) fn after_connect(shared: &Shared, planted: &Planted, result: Option<&Return>) {
    if matches!(result, Some(Return::Done | Return::Failed(Errno::EINPROGRESS))) {
        shared.plants.go_on(planted, Phase::TakenUp);
    }
}

/// Leaves a TIME-WAIT entry at the server that makes it answer the client's SYN with `wanted`.
fn plant(
    shared: &Shared,
    (host, peer): (HostId, HostId),
    ends: &Planted,
    client_number: u32,
    wanted: u32,
) -> io::Result<()> {
    let (Some(here), Some(there)) = (shared.place(host), shared.place(peer)) else { return Ok(()) };
    let before = [(here, here.counted()?), (there, there.counted()?)];
    lock(&shared.plants.hidden).push(Hidden {
        client: ends.client,
        server: ends.server,
        until_ns: u64::MAX,
        phase: Phase::Planting,
    });
    // The FIN takes one number; so much before the wanted one lies what TIME-WAIT keeps as SND.NXT.
    let server_next = wanted.wrapping_sub(TIME_WAIT_STEP).wrapping_sub(1);
    let client_next = client_number.wrapping_sub(BEHIND);
    let client = half((ends.client, client_next), (ends.server, server_next))?;
    there.enter()?;
    let server = half((ends.server, server_next), (ends.client, client_next));
    here.enter()?;
    let server = server?;
    drop(server);
    // The server's FIN must be here before the client closes, or both would end in TIME-WAIT; and its ACK must be there,
    // asked for at once: an ACK that a timer sends may be overtaken by the client's FIN, and one that comes late before
    // TIME-WAIT is answered, by a closed client with a RST.
    let fin = shared.stop.wait_for(client.as_fd(), PollFlags::POLLIN, Some(Duration::from_secs(2)));
    sys::set_option(client.as_fd(), libc::IPPROTO_TCP, libc::TCP_QUICKACK, 1)?;
    let states = |place: &Place| -> io::Result<Vec<(SocketAddr, State)>> {
        let (near, far) = (SocketAddr::V4(ends.client), SocketAddr::V4(ends.server));
        let both = |socket: &TcpSocket| {
            (socket.local, socket.remote) == (far, near) || (socket.local, socket.remote) == (near, far)
        };
        Ok(place
            .sockets()?
            .iter()
            .filter(|socket| both(socket))
            .map(|socket| (socket.local, socket.state))
            .collect())
    };
    let server_is = |state: State| (SocketAddr::V4(ends.server), state);
    let acknowledged =
        fin == Woken::Ready && until(shared, || Ok(states(there)?.contains(&server_is(State::FinWait2))))?;
    drop(client);
    let quiet = acknowledged
        && until(shared, || {
            let mut left = states(there)?;
            left.extend(states(here)?);
            left.dedup();
            Ok(left == [server_is(State::TimeWait)])
        })?;
    if !quiet {
        shared.trouble(Text::new(
            "the server's initial sequence number could not be chosen",
            "无法选定服务器的初始序号",
        ));
    }
    shared.plants.go_on(ends, Phase::Waiting);
    let [(here, one), (there, other)] = before;
    here.forget_since(&one)?;
    if !std::sync::Arc::ptr_eq(here, there) {
        there.forget_since(&other)?;
    }
    Ok(())
}

/// Looks every millisecond whether it holds, for two seconds at most or until the run is stopped.
fn until(shared: &Shared, mut holds: impl FnMut() -> io::Result<bool>) -> io::Result<bool> {
    for _ in 0..2000 {
        if holds()? {
            return Ok(true);
        }
        if shared.stop.sleep(Duration::from_millis(1)) == Woken::Stopped {
            break;
        }
    }
    Ok(false)
}

/// One end of a connection that was never opened: under TCP_REPAIR it is simply there.
fn half(own: (SocketAddrV4, u32), peer: (SocketAddrV4, u32)) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    repair(&socket, 1)?;
    socket.bind(&SockAddr::from(own.0))?;
    set_queue(&socket, SEND_QUEUE, own.1)?;
    set_queue(&socket, RECEIVE_QUEUE, peer.1)?;
    socket.connect(&SockAddr::from(peer.0))?;
    let window =
        RepairWindow { snd_wl1: peer.1, snd_wnd: 65535, max_window: 65535, rcv_wnd: 65535, rcv_wup: peer.1 };
    sys::set_repair_window(socket.as_fd(), &window)?;
    repair(&socket, REPAIR_OFF)?;
    Ok(socket)
}

/// Chooses the number that an unconnected socket will begin with.
fn choose(socket: &Socket, number: u32) -> io::Result<()> {
    let reuse = socket.reuse_address()?;
    repair(socket, 1)?;
    set_queue(socket, SEND_QUEUE, number)?;
    repair(socket, REPAIR_OFF)?;
    // Leaving repair switches SO_REUSEADDR off.
    socket.set_reuse_address(reuse)
}

fn repair(socket: &Socket, value: i32) -> io::Result<()> {
    sys::set_option(socket.as_fd(), libc::IPPROTO_TCP, libc::TCP_REPAIR, value)
}

fn set_queue(socket: &Socket, queue: i32, next: u32) -> io::Result<()> {
    sys::set_option(socket.as_fd(), libc::IPPROTO_TCP, libc::TCP_REPAIR_QUEUE, queue)?;
    sys::set_option(socket.as_fd(), libc::IPPROTO_TCP, libc::TCP_QUEUE_SEQ, next.cast_signed())
}
