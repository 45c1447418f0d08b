//! `recv` with flags, `recvmsg`, and `connect` with AF_UNSPEC on real sockets.

use super::calls::{Descriptors, Ready, Wait, Waited};
use super::open::Open;
use super::sys;
use crate::socket::{Beside, Errno, ErrorReport, Fd, Kind, Message, Return, Wanted};
use crate::udp::Origin;
use bytes::Bytes;
use nix::poll::PollFlags;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg};
use socket2::Socket;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};

/// Room for the longest control message asked for: an extended error with its offender.
const CONTROL: usize = 256;

impl Descriptors {
    pub(super) fn receive_message(
        &mut self,
        fd: Fd,
        len: usize,
        wanted: Wanted,
        wait: &mut Wait<'_>,
    ) -> Waited<io::Result<Return>> {
        let open = match self.get(fd) {
            Ok(open) => open,
            Err(error) => return Ok(Err(error)),
        };
        if wanted.all && open.kind == Kind::Stream && !wanted.peek {
            return receive_all(open, len, wanted, wait);
        }
        loop {
            let error = match receive(&open.socket, open.kind, len, wanted) {
                Ok(message) => return Ok(Ok(Return::Message(Box::new(message)))),
                Err(error) => error,
            };
            if error.kind() != io::ErrorKind::WouldBlock || wanted.beside == Beside::Error {
                return Ok(Err(error));
            }
            match wait.until(&open.socket, PollFlags::POLLIN)? {
                Ready::Yes => {}
                Ready::TimeOut => return Ok(Err(error)),
            }
        }
    }

    /// `connect` with AF_UNSPEC. On loopback the socket goes back to the host's own address.
    pub(super) fn disconnect(&mut self, fd: Fd) -> io::Result<Return> {
        let open = self.get(fd)?;
        sys::disconnect(open.socket.as_fd())?;
        open.connected = false;
        Ok(Return::Done)
    }
}

/// MSG_WAITALL: until all is there, the stream ends, or the time is over.
fn receive_all(open: &Open, len: usize, wanted: Wanted, wait: &mut Wait<'_>) -> Waited<io::Result<Return>> {
    let mut got = Vec::new();
    let mut length = 0;
    loop {
        let error = match receive(&open.socket, open.kind, len - length, wanted) {
            Ok(message) => {
                length += message.length;
                got.extend_from_slice(&message.data);
                if message.length > 0 && length < len {
                    continue;
                }
                None
            }
            Err(error) => Some(error),
        };
        if let Some(error) = error {
            let waits = error.kind() == io::ErrorKind::WouldBlock;
            if waits && matches!(wait.until(&open.socket, PollFlags::POLLIN)?, Ready::Yes) {
                continue;
            }
            if length == 0 {
                return Ok(Err(error));
            }
        }
        let data = Bytes::from(std::mem::take(&mut got));
        let message = Message { wanted, data, length, address: None, error: None, notice: None };
        return Ok(Ok(Return::Message(Box::new(message))));
    }
}

fn receive(socket: &Socket, kind: Kind, len: usize, wanted: Wanted) -> io::Result<Message> {
    let mut flags = MsgFlags::empty();
    flags.set(MsgFlags::MSG_PEEK, wanted.peek);
    flags.set(MsgFlags::MSG_ERRQUEUE, wanted.beside == Beside::Error);
    // What the datagram's length is shows this flag alone, whether or not the program asked for it.
    flags
        .set(MsgFlags::MSG_TRUNC, wanted.whole || (kind == Kind::Datagram && wanted.beside != Beside::Error));
    let mut buffer = vec![0; len.min(1 << 20)];
    let mut control = vec![0; CONTROL];
    let mut slices = [IoSliceMut::new(&mut buffer)];
    let got = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut slices, Some(&mut control), flags)?;
    let (length, name) = (got.bytes, got.address.as_ref().and_then(address));
    let (mut error, mut destination) = (None, None);
    for message in got.cmsgs()? {
        match message {
            ControlMessageOwned::Ipv4RecvErr(report, offender) => error = Some(told(report, offender)?),
            ControlMessageOwned::Ipv4PacketInfo(info) => {
                destination = Some(IpAddr::V4(Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes())));
            }
            _ => {}
        }
    }
    let own_port = socket.local_addr().ok().and_then(|own| own.as_socket()).map_or(0, |own| own.port());
    let address = match wanted.beside {
        Beside::Nothing => None,
        Beside::Sender | Beside::Error => name.filter(|_| kind == Kind::Datagram),
        Beside::Destination => destination.map(|ip| SocketAddr::new(ip, own_port)),
    };
    // Of a stream the octets are thrown away.
    let kept = if wanted.whole && kind == Kind::Stream { 0 } else { length.min(buffer.len()) };
    buffer.truncate(kept);
    Ok(Message { wanted, data: Bytes::from(buffer), length, address, error, notice: None })
}

fn told(report: libc::sock_extended_err, offender: Option<libc::sockaddr_in>) -> io::Result<ErrorReport> {
    let errno = Errno::from_value(report.ee_errno as i32)
        .ok_or_else(|| io::Error::from_raw_os_error(report.ee_errno as i32))?;
    let local = report.ee_origin == libc::SO_EE_ORIGIN_LOCAL;
    Ok(ErrorReport {
        errno,
        origin: if local { Origin::Local } else { Origin::Icmp },
        kind: report.ee_type,
        code: report.ee_code,
        info: report.ee_info,
        offender: offender
            .filter(|offender| i32::from(offender.sin_family) == libc::AF_INET)
            .map(|offender| IpAddr::V4(Ipv4Addr::from(offender.sin_addr.s_addr.to_ne_bytes()))),
    })
}

fn address(name: &SockaddrStorage) -> Option<SocketAddr> {
    name.as_sockaddr_in().map(|name| SocketAddr::V4((*name).into()))
}
