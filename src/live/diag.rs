//! The kernel's own view of its TCP sockets, by sock_diag.

use crate::tcp::State;
use crate::wire::unmapped;
use netlink_packet_core_diag::{NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags, Timer};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_SOCK_DIAG};
use std::io;
use std::net;
use std::sync::{Mutex, PoisonError};

/// One TCP socket, half-open entry or TIME-WAIT entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TcpSocket {
    /// Own address and port; an IPv4-mapped one counts as IPv4.
    pub local: net::SocketAddr,
    /// The peer's; unspecified for listeners.
    pub remote: net::SocketAddr,
    /// Its state.
    pub state: State,
    /// Octets to read; for a listener, connections waiting for accept.
    pub receive_queue: u32,
    /// Octets not acknowledged; for a listener, its backlog.
    pub send_queue: u32,
    /// Whether a retransmission, keepalive or probe timer runs.
    pub timer: bool,
}

/// A sock_diag socket in the namespace of the thread that made it.
pub(super) struct Diag {
    socket: Mutex<Socket>,
}

impl Diag {
    /// Opens it in the calling thread's namespace.
    pub(super) fn open() -> io::Result<Diag> {
        let mut socket = Socket::new(NETLINK_SOCK_DIAG)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        Ok(Diag { socket: Mutex::new(socket) })
    }

    /// All TCP sockets of the namespace, ordered, each 4-tuple once (a dump is no snapshot and may show an entry twice); with
    /// `ipv6` those of AF_INET6 too.
    pub(super) fn tcp(&self, ipv6: bool) -> io::Result<Vec<TcpSocket>> {
        let mut sockets = Vec::new();
        self.dump(AF_INET, &mut sockets)?;
        if ipv6 {
            self.dump(AF_INET6, &mut sockets)?;
        }
        sockets.sort_unstable();
        sockets.dedup_by_key(|socket| (socket.local, socket.remote));
        Ok(sockets)
    }

    fn dump(&self, family: u8, sockets: &mut Vec<TcpSocket>) -> io::Result<()> {
        let socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | NLM_F_DUMP;
        let request = InetRequest {
            family,
            protocol: IPPROTO_TCP,
            extensions: ExtensionFlags::empty(),
            states: StateFlags::all(),
            socket_id: if family == AF_INET { SocketId::new_v4() } else { SocketId::new_v6() },
        };
        let mut message =
            NetlinkMessage::new(header, NetlinkPayload::from(SockDiagMessage::InetRequest(request)));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        socket.send(&bytes, 0)?;
        loop {
            let (answer, _) = socket.recv_from_full()?;
            if take(&answer, sockets)? {
                break;
            }
        }
        Ok(())
    }
}

/// Takes the sockets out of one read; `true` when it was the last.
fn take(mut bytes: &[u8], sockets: &mut Vec<TcpSocket>) -> io::Result<bool> {
    while !bytes.is_empty() {
        let message = NetlinkMessage::<SockDiagMessage>::deserialize(bytes)
            .map_err(|error| io::Error::other(error.to_string()))?;
        match message.payload {
            NetlinkPayload::Done(_) => return Ok(true),
            NetlinkPayload::Error(error) => {
                let code = error.code.map_or(0, |code| -code.get());
                return Err(io::Error::from_raw_os_error(code));
            }
            NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(response)) => {
                let header = &response.header;
                let id = &header.socket_id;
                let address = |ip, port| unmapped(net::SocketAddr::new(ip, port));
                let local = address(id.source_address, id.source_port);
                let remote = address(id.destination_address, id.destination_port);
                if let Some(state) = state_of(header.state) {
                    sockets.push(TcpSocket {
                        local,
                        remote,
                        state,
                        receive_queue: header.recv_queue,
                        send_queue: header.send_queue,
                        timer: matches!(
                            header.timer,
                            Some(Timer::Retransmit(..) | Timer::KeepAlive(_) | Timer::Probe(_))
                        ),
                    });
                }
            }
            _ => {}
        }
        let step = (message.header.length as usize).next_multiple_of(4);
        bytes = bytes.get(step.max(16)..).unwrap_or_default();
    }
    Ok(false)
}

/// The kernel's number for a state.
fn state_of(number: u8) -> Option<State> {
    Some(match number {
        1 => State::Established,
        2 => State::SynSent,
        // 12 is the half-open entry's own.
        3 | 12 => State::SynReceived,
        4 => State::FinWait1,
        5 => State::FinWait2,
        6 => State::TimeWait,
        7 => State::Closed,
        8 => State::CloseWait,
        9 => State::LastAck,
        10 => State::Listen,
        11 => State::Closing,
        _ => return None,
    })
}
