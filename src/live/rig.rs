//! A kernel on the test stand: a namespace with a TUN interface, a clock, and a thread that makes calls in it.

use super::bare::{BareCall, BareReply, bare_call};
use super::kernel::now_ns;
use super::sys;
use super::tun::Tun;
use crate::clock::Span;
use bytes::Bytes;
use std::io;
use std::net::IpAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How long a reply may take that is expected at once, before the call counts as one that waits.
const AT_ONCE: Duration = Duration::from_secs(60);
/// The last stretch before a moment is waited for awake.
const AWAKE: Duration = Duration::from_micros(200);

/// The test stand. It belongs to the thread that made it.
pub struct Rig {
    tun: Tun,
    calls: Sender<BareCall>,
    replies: Receiver<(Instant, BareReply)>,
    /// The beginning, on both clocks.
    begun: (Instant, u64),
}

impl Rig {
    /// A new namespace around the calling thread, which stays in it, with its interface and its caller's thread.
    ///
    /// # Errors
    /// Where namespaces or TUN are not to be had.
    pub fn around(local: IpAddr, remote: IpAddr, mtu: u16) -> io::Result<Rig> {
        let tun = Tun::around(local, remote, mtu)?;
        let (calls, asked) = channel::<BareCall>();
        let (answer, replies) = channel();
        // A thread is born into the namespace of the one that makes it.
        std::thread::Builder::new().name("caller".to_owned()).spawn(move || {
            sys::be_punctual();
            for call in asked {
                let reply = bare_call(&call);
                if answer.send((Instant::now(), reply)).is_err() {
                    return;
                }
            }
        })?;
        sys::be_punctual();
        Ok(Rig { tun, calls, replies, begun: (Instant::now(), now_ns()) })
    }

    /// Time counts from now.
    pub fn begin(&mut self) {
        self.begun = (Instant::now(), now_ns());
    }

    /// The present.
    pub fn now(&self) -> Span {
        span(self.begun.0.elapsed())
    }

    /// Waits until then.
    pub fn wait_until(&self, at: Span) {
        let until = self.begun.0 + Duration::from_nanos(at.as_nanos());
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            match left.checked_sub(AWAKE) {
                Some(asleep) => std::thread::sleep(asleep),
                None => std::hint::spin_loop(),
            }
        }
    }

    /// Hands the kernel a packet; with `segment` a TCP packet counts as put together from segments of that size.
    ///
    /// # Errors
    /// What the kernel says of it.
    pub fn inject(&self, packet: &[u8], segment: Option<u16>) -> io::Result<()> {
        self.tun.send(packet, segment)
    }

    /// The next packet the kernel sent, and when; waits until then at most.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn next_packet(&mut self, until: Span) -> io::Result<Option<(Span, Bytes)>> {
        let wait = Duration::from_nanos(until.saturating_sub(self.now()).as_nanos());
        let found = self.tun.next(wait)?;
        Ok(found.map(|(at_ns, packet)| (Span::nanos(at_ns.saturating_sub(self.begun.1)), packet)))
    }

    /// Makes a call on the caller's thread; `None` when it waits, or is left to (`waits`).
    pub fn call(&self, call: BareCall, waits: bool) -> Option<BareReply> {
        self.calls.send(call).ok()?;
        if waits {
            return None;
        }
        self.replies.recv_timeout(AT_ONCE).ok().map(|(_, reply)| reply)
    }

    /// When the call that waits returned, and with what; waits until then at most.
    pub fn returned(&self, until: Span) -> Option<(Span, BareReply)> {
        let wait = Duration::from_nanos(until.saturating_sub(self.now()).as_nanos());
        match self.replies.recv_timeout(wait) {
            Ok((at, reply)) => Some((span(at.saturating_duration_since(self.begun.0)), reply)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }

    /// Writes a kernel setting of the namespace, by its path below `/proc/sys/`.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn set(&self, path: &str, value: &str) -> io::Result<()> {
        std::fs::write(format!("/proc/sys/{path}"), value)
    }
}

fn span(duration: Duration) -> Span {
    Span::nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}
