//! Local sockets of live runs: their names in a directory of the run's own, the calls that have names.

use super::calls::{Descriptors, Interrupted, Ready, Wait, Waited};
use super::kernel::now_ns;
use super::open::{Mode, Open, type_of};
use super::shared::lock;
use super::stop::Woken;
use crate::link::HostId;
use crate::socket::{Fd, Kind, LocalCall, LocalName, LocalReturn, Return};
use bytes::Bytes;
use nix::poll::PollFlags;
use nix::sys::socket::{MsgFlags, UnixAddr};
use socket2::{Domain, SockAddr, Socket};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Where the paths of local sockets lie: a directory for each run, made when it is needed and gone with the run.
#[derive(Debug)]
pub(super) struct LocalFiles {
    dir: PathBuf,
    made: Mutex<bool>,
}

impl LocalFiles {
    /// A directory that is not there yet.
    pub(super) fn new() -> LocalFiles {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let (process, run) = (std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed));
        let dir = std::env::temp_dir().join(format!("wirewalk-{process}-{run}"));
        LocalFiles { dir, made: Mutex::new(false) }
    }

    /// Where that path of that host lies.
    fn path(&self, host: HostId, name: &LocalName) -> PathBuf {
        let flat = name.text().replace('%', "%25").replace('/', "%2f");
        self.dir.join(format!("{}-{flat}", host.0))
    }

    /// The address that the kernel knows the name by. Hosts that share a kernel do not share names.
    fn address(&self, host: HostId, name: &LocalName) -> io::Result<SockAddr> {
        match name.text().strip_prefix('@') {
            Some(rest) => SockAddr::unix(format!("\0{}-{rest}", host.0)),
            None => {
                // Nobody may use it before it is there.
                let mut made = lock(&self.made);
                if !*made {
                    std::fs::create_dir(&self.dir)?;
                    *made = true;
                }
                SockAddr::unix(self.path(host, name))
            }
        }
    }

    /// The name behind a path of the kernel's.
    fn name_of_path(&self, path: &Path) -> LocalName {
        let file = path.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
        let flat = file.split_once('-').map_or("", |(_, rest)| rest);
        let text = flat.replace("%2f", "/").replace("%25", "%");
        LocalName::new(text.as_bytes()).unwrap_or_default()
    }

    /// The name behind an abstract one of the kernel's.
    fn name_of_abstract(octets: &[u8]) -> LocalName {
        let text = String::from_utf8_lossy(octets);
        let rest = text.split_once('-').map_or("", |(_, rest)| rest);
        LocalName::new(format!("\0{rest}").as_bytes()).unwrap_or_default()
    }

    fn name(&self, address: &SockAddr) -> LocalName {
        if let Some(path) = address.as_pathname() {
            self.name_of_path(path)
        } else if let Some(octets) = address.as_abstract_namespace() {
            LocalFiles::name_of_abstract(octets)
        } else {
            LocalName::default()
        }
    }

    /// Whether a socket of the calling thread's kernel has that name, and listens if that is asked.
    pub(super) fn is_named(&self, host: HostId, name: &LocalName, listening: bool) -> io::Result<bool> {
        /// `__SO_ACCEPTCON` in the table's flags.
        const LISTENS: u64 = 0x10000;
        let wanted = match name.text().strip_prefix('@') {
            Some(rest) => format!("@{}-{rest}", host.0),
            None => self.path(host, name).to_string_lossy().into_owned(),
        };
        let table = std::fs::read_to_string("/proc/thread-self/net/unix")?;
        Ok(table.lines().any(|line| {
            let mut columns = line.split_whitespace();
            let flags = columns.nth(3).and_then(|flags| u64::from_str_radix(flags, 16).ok()).unwrap_or(0);
            columns.nth(3) == Some(&wanted) && (!listening || flags & LISTENS != 0)
        }))
    }
}

impl Drop for LocalFiles {
    fn drop(&mut self) {
        if *lock(&self.made) {
            // What cannot be removed now has lost its meaning anyhow.
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

impl Wait<'_> {
    /// Waits a moment, where the kernel tells nobody when to try again.
    pub(super) fn a_moment(&mut self, socket: &Arc<Socket>) -> Waited<Ready> {
        const MOMENT: Duration = Duration::from_micros(500);
        match self.mode {
            Mode::NonBlocking => return Ok(Ready::TimeOut),
            Mode::Blocking => (self.stuck)(&[(Arc::clone(socket), PollFlags::empty())]),
            Mode::Within(span) => {
                if now_ns().saturating_sub(self.since_ns) >= span.as_nanos() {
                    return Ok(Ready::TimeOut);
                }
            }
        }
        self.blocked_ns.get_or_insert_with(now_ns);
        match self.stop.sleep(MOMENT) {
            Woken::Stopped => Err(Interrupted { blocked_ns: self.blocked_ns }),
            Woken::Ready | Woken::TimeOut => Ok(Ready::Yes),
        }
    }
}

impl Descriptors {
    /// A call that has a name among its arguments, or that only local sockets have.
    pub(super) fn local(&mut self, call: &LocalCall, wait: &mut Wait<'_>) -> Waited<io::Result<Return>> {
        Ok(match call {
            LocalCall::Connect { fd, name } => return self.connect_local(*fd, name, wait),
            LocalCall::SendTo { fd, data, name } => return self.send_to_name(*fd, data, name, wait),
            LocalCall::Bind { fd, name } => self.files.address(self.host, name).and_then(|address| {
                self.get(*fd)?.socket.bind(&address)?;
                Ok(Return::Done)
            }),
            LocalCall::Pair { kind } => self.pair(*kind),
            LocalCall::Unlink { name } => {
                std::fs::remove_file(self.files.path(self.host, name)).map(|()| Return::Done)
            }
        })
    }

    fn pair(&mut self, kind: Kind) -> io::Result<Return> {
        let (one, other) = Socket::pair(Domain::UNIX, type_of(kind), None)?;
        let mut add = |socket: Socket| -> io::Result<Fd> {
            Ok(self.insert(Open { connected: true, ..Open::new(socket, kind, true)? }))
        };
        let (one, other) = (add(one)?, add(other)?);
        Ok(Return::Local(LocalReturn::Pair(one, other)))
    }

    fn connect_local(&mut self, fd: Fd, name: &LocalName, wait: &mut Wait<'_>) -> Waited<io::Result<Return>> {
        let address = match self.files.address(self.host, name) {
            Ok(address) => address,
            Err(error) => return Ok(Err(error)),
        };
        let open = match self.get(fd) {
            Ok(open) => open,
            Err(error) => return Ok(Err(error)),
        };
        let done = when_possible(&open.socket, wait, |socket| socket.connect(&address))?;
        open.connected |= done.is_ok();
        Ok(done.map(|()| Return::Done))
    }

    fn send_to_name(
        &mut self,
        fd: Fd,
        data: &[u8],
        name: &LocalName,
        wait: &mut Wait<'_>,
    ) -> Waited<io::Result<Return>> {
        let address = match self.files.address(self.host, name) {
            Ok(address) => address,
            Err(error) => return Ok(Err(error)),
        };
        let socket = match self.get(fd) {
            Ok(open) => &open.socket,
            Err(error) => return Ok(Err(error)),
        };
        let send = |socket: &Socket| socket.send_to_with_flags(data, &address, libc::MSG_NOSIGNAL);
        Ok(when_possible(socket, wait, send)?.map(Return::Sent))
    }

    /// A connection taken off a local listener's queue.
    pub(super) fn accepted_local(
        &mut self,
        socket: Socket,
        peer: &SockAddr,
        kind: Kind,
    ) -> io::Result<Return> {
        let open = Open { connected: true, ..Open::new(socket, kind, true)? };
        let (peer, fd) = (self.files.name(peer), self.insert(open));
        Ok(Return::Local(LocalReturn::Accepted(fd, peer)))
    }

    /// The socket's own name, or its peer's.
    pub(super) fn local_name(&mut self, fd: Fd, of_peer: bool) -> io::Result<Return> {
        let files = Arc::clone(&self.files);
        let socket = &self.get(fd)?.socket;
        let address = if of_peer { socket.peer_addr()? } else { socket.local_addr()? };
        Ok(Return::Local(LocalReturn::Name(files.name(&address))))
    }
}

/// Tries again as long as a queue is full: that it has room again is told only to whom it is tied to.
fn when_possible<T>(
    socket: &Arc<Socket>,
    wait: &mut Wait<'_>,
    attempt: impl Fn(&Socket) -> io::Result<T>,
) -> Waited<io::Result<T>> {
    loop {
        match attempt(socket) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => match wait.a_moment(socket)? {
                Ready::Yes => {}
                Ready::TimeOut => return Ok(Err(error)),
            },
            done => return Ok(done),
        }
    }
}

/// A record and who sent it.
pub(super) fn receive_record(
    files: &LocalFiles,
    socket: &Socket,
    buffer: &mut [u8],
) -> io::Result<(usize, LocalName)> {
    let raw = std::os::fd::AsRawFd::as_raw_fd(socket);
    let mut slices = [io::IoSliceMut::new(buffer)];
    let message = nix::sys::socket::recvmsg::<UnixAddr>(raw, &mut slices, None, MsgFlags::empty())?;
    let name = message.address.as_ref().map(|address| {
        if let Some(path) = address.path() {
            files.name_of_path(path)
        } else {
            address.as_abstract().map(LocalFiles::name_of_abstract).unwrap_or_default()
        }
    });
    Ok((message.bytes, name.unwrap_or_default()))
}

/// The octets that a call received, with the sender's name.
pub(super) fn record(data: Bytes, name: LocalName) -> Return {
    Return::Local(LocalReturn::ReceivedFrom(data, name))
}
