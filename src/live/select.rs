//! `select` on real sockets.

use super::calls::{Descriptors, Ready, Wait, Waited};
use crate::socket::{Fd, Return};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::Socket;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

/// What makes a socket readable for select(): also what only tells that reading will fail.
const READ: PollFlags = PollFlags::POLLIN.union(PollFlags::POLLHUP).union(PollFlags::POLLERR);
/// The same for writing.
const WRITE: PollFlags = PollFlags::POLLOUT.union(PollFlags::POLLERR);

impl Descriptors {
    /// poll() asked as select() asks: no more descriptors than a number can be are in the way then.
    pub(super) fn select(
        &mut self,
        read: &[Fd],
        write: &[Fd],
        wait: &mut Wait<'_>,
    ) -> Waited<io::Result<Return>> {
        let asked = |fds: &[Fd], flags: PollFlags, sockets: &mut Vec<(Arc<Socket>, PollFlags)>| {
            for fd in fds {
                sockets.push((Arc::clone(&self.get(*fd)?.socket), flags));
            }
            io::Result::Ok(())
        };
        let mut sockets = Vec::new();
        let mut asked = asked;
        if let Err(error) = asked(read, PollFlags::POLLIN, &mut sockets)
            .and_then(|()| asked(write, PollFlags::POLLOUT, &mut sockets))
        {
            return Ok(Err(error));
        }
        loop {
            match ready(&sockets) {
                Err(error) => return Ok(Err(error)),
                Ok(events) => {
                    let (of_read, of_write) = events.split_at(read.len());
                    let those = |fds: &[Fd], events: &[PollFlags], flags: PollFlags| -> Vec<Fd> {
                        let ready = fds.iter().zip(events).filter(|(_, events)| events.intersects(flags));
                        ready.map(|(fd, _)| *fd).collect()
                    };
                    let (read, write) = (those(read, of_read, READ), those(write, of_write, WRITE));
                    if !read.is_empty() || !write.is_empty() {
                        return Ok(Ok(Return::Ready(read, write)));
                    }
                }
            }
            match wait.until_any(&sockets)? {
                Ready::Yes => {}
                Ready::TimeOut => return Ok(Ok(Return::Ready(Vec::new(), Vec::new()))),
            }
        }
    }
}

/// What each shows at this moment.
fn ready(sockets: &[(Arc<Socket>, PollFlags)]) -> io::Result<Vec<PollFlags>> {
    let mut polled: Vec<PollFd<'_>> =
        sockets.iter().map(|(socket, flags)| PollFd::new(socket.as_fd(), *flags)).collect();
    poll(&mut polled, PollTimeout::ZERO)?;
    Ok(polled.iter().map(|one| one.revents().unwrap_or(PollFlags::empty())).collect())
}
