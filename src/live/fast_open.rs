//! `send` that connects (Fast Open, RFC 7413). A call that may wait is made on a thread of its own, on a socket that
//! blocks: only then does the kernel let the data complete the handshake.

use super::calls::{Descriptors, Ready, Wait, Waited};
use super::open::Mode;
use crate::clock::Span;
use crate::socket::{Fd, Return};
use nix::poll::PollFlags;
use socket2::Socket;
use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

impl Descriptors {
    /// Sends with MSG_FASTOPEN to `to`, or as the first call after a `connect` that was put off.
    pub(super) fn send_early(
        &mut self,
        fd: Fd,
        data: &[u8],
        to: Option<SocketAddr>,
        wait: &mut Wait<'_>,
    ) -> Waited<io::Result<Return>> {
        let own = self.own;
        let open = match self.get(fd) {
            Ok(open) => open,
            Err(error) => return Ok(Err(error)),
        };
        open.deferred = false;
        if to.is_some()
            && let Err(error) = open.bind_to_host(own)
        {
            return Ok(Err(error));
        }
        let socket = open.socket.clone();
        let result = match wait.mode {
            Mode::NonBlocking | Mode::Within(Span::ZERO) => Ok(put(&socket, data, to)),
            Mode::Blocking | Mode::Within(_) => put_and_wait(socket, data.to_vec(), to, wait),
        };
        if let Ok(open) = self.get(fd) {
            open.connected = true;
        }
        Ok(result?.map(Return::Sent))
    }
}

fn put(socket: &Socket, data: &[u8], to: Option<SocketAddr>) -> io::Result<usize> {
    match to {
        Some(to) => socket.send_to_with_flags(data, &to.into(), libc::MSG_NOSIGNAL | libc::MSG_FASTOPEN),
        None => socket.send_with_flags(data, libc::MSG_NOSIGNAL),
    }
}

/// Makes the call on another thread and waits for its end, the run's, or the call's own time.
fn put_and_wait(
    socket: Arc<Socket>,
    data: Vec<u8>,
    to: Option<SocketAddr>,
    wait: &mut Wait<'_>,
) -> Waited<io::Result<usize>> {
    let (done, told) = match UnixStream::pair() {
        Ok((done, told)) => (done, Socket::from(OwnedFd::from(told))),
        Err(error) => return Ok(Err(error)),
    };
    let told = Arc::new(told);
    let theirs = socket.clone();
    let call = std::thread::spawn(move || {
        theirs.set_nonblocking(false)?;
        let result = put(&theirs, &data, to);
        theirs.set_nonblocking(true)?;
        // Whoever waits may be gone.
        let _ = (&done).write(&[0]);
        result
    });
    let ready = wait.until(&told, PollFlags::POLLIN);
    if !matches!(ready, Ok(Ready::Yes)) {
        // Wakes the call up: it fails.
        let _ = socket.shutdown(Shutdown::Both);
    }
    let result = call.join().unwrap_or_else(|_| Err(io::Error::from_raw_os_error(libc::EINTR)));
    match ready? {
        Ready::Yes => Ok(result),
        Ready::TimeOut => Ok(Err(io::Error::from_raw_os_error(libc::EAGAIN))),
    }
}
