//! A kernel on the test stand: a namespace with an interface behind which the program is all there is, a clock, and a thread
//! that makes calls which may wait.

use super::bare::{BareCall, BareReply, bare_call};
use super::command::{Commands, Ended};
use super::ground::Place;
use super::kernel::now_ns;
use super::netlink::Routes;
use super::netlink::interface_index;
use super::pair::{self, Pair};
use super::tun::Tun;
use super::watch::Watch;
use super::{fence, sys};
use crate::clock::Span;
use crate::scenario::Ipv6Net;
use bytes::Bytes;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How long a reply may take that is expected at once, before the call counts as one that waits.
const AT_ONCE: Duration = Duration::from_secs(60);
/// The last stretch before a moment is waited for awake.
const AWAKE: Duration = Duration::from_micros(200);
/// Name of the interface: scripts call it so.
const NAME: &str = "tun0";
/// The kernel's usual congestion control. The namespace's default may be another, and cannot always be changed.
const CONGESTION: &str = "cubic";

/// What lies between the kernel and the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// A TUN interface.
    Tun,
    /// A veth pair, where `/dev/net/tun` is missing or not this user's.
    Veth,
}

/// What calls gave, and when they did.
type Replies = Receiver<(Instant, BareReply)>;

enum End {
    Tun(Tun),
    Pair(Pair),
}

/// The test stand. It belongs to the thread that made it.
pub struct Rig {
    end: End,
    watch: Watch,
    calls: Sender<BareCall>,
    replies: Replies,
    commands: Commands,
    /// The beginning, on both clocks.
    begun: (Instant, u64),
    /// By how much the machine has kept this thread from its work at most.
    held_up: Duration,
    /// When it last did something to the kernel.
    happened: Instant,
    // Held open: the namespace lives as long.
    _place: Place,
}

impl Rig {
    /// A new namespace around the calling thread, which stays in it, with its interface and its caller's thread. Without a
    /// medium named it is TUN, or veth where that is not to be had. Commands run in `folder`.
    ///
    /// # Errors
    /// Where namespaces, or the medium, are not to be had.
    pub fn around(
        (local, remote): (IpAddr, IpAddr),
        mtu: u16,
        medium: Option<Medium>,
        folder: &Path,
    ) -> io::Result<Rig> {
        let place = Place::around(local.is_ipv6())?;
        // Where mounts of its own are forbidden, what a command can reach is what its user can.
        let _ = fence::put_up();
        let mut routes = Routes::open()?;
        routes.set_up(interface_index("lo")?, None, false)?;
        let veth = || Pair::make(NAME, mtu).map(|(pair, index)| (End::Pair(pair), index));
        let tun = || Tun::make(NAME).map(|(tun, index)| (End::Tun(tun), index));
        let (end, interface) = match medium {
            Some(Medium::Tun) => tun()?,
            Some(Medium::Veth) => veth()?,
            None => tun().or_else(|_| veth())?,
        };
        routes.set_up(interface, Some(u32::from(mtu)), false)?;
        match local {
            IpAddr::V4(local) => routes.add_address(interface, local, 16)?,
            IpAddr::V6(address) => {
                routes.add_address6(interface, Ipv6Net { address, prefix: 48 })?;
                await_address(address)?;
            }
        }
        routes.add_controlled_route(interface, remote, CONGESTION)?;
        let header = if matches!(end, End::Pair(_)) { pair::ETHERNET } else { 0 };
        let watch = Watch::on(interface, header)?;
        let (calls, replies) = caller()?;
        sys::be_punctual();
        sys::be_first();
        let commands = Commands::within(folder);
        Ok(Rig {
            end,
            watch,
            calls,
            replies,
            commands,
            begun: both_clocks(),
            held_up: Duration::ZERO,
            happened: Instant::now(),
            _place: place,
        })
    }

    /// What it runs over.
    pub fn medium(&self) -> Medium {
        match self.end {
            End::Tun(_) => Medium::Tun,
            End::Pair(_) => Medium::Veth,
        }
    }

    /// Time counts from now.
    pub fn begin(&mut self) {
        self.begun = both_clocks();
        self.held_up = Duration::ZERO;
    }

    /// The machine's time when the script began, nanoseconds since 1970.
    pub fn began(&self) -> i128 {
        i128::from(self.begun.1)
    }

    /// By how much the machine has at most kept the stand from doing something at its time: a moment slept through, a packet
    /// told of late, a call that cannot wait and took long. What the examined kernel does late is not in it.
    pub fn held_up(&self) -> Span {
        span(self.held_up)
    }

    /// The present.
    pub fn now(&self) -> Span {
        span(self.begun.0.elapsed())
    }

    /// When it last handed the kernel a packet or made a call: before that, for preemption comes mostly right behind it.
    pub fn happened(&self) -> Span {
        span(self.happened.saturating_duration_since(self.begun.0))
    }

    /// Waits until then.
    pub fn wait_until(&mut self, at: Span) {
        let until = self.begun.0 + Duration::from_nanos(at.as_nanos());
        let mut waited = false;
        loop {
            let now = Instant::now();
            let left = until.saturating_duration_since(now);
            if left.is_zero() {
                if waited {
                    self.held_up = self.held_up.max(now.saturating_duration_since(until));
                }
                return;
            }
            waited = true;
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
    pub fn inject(&mut self, packet: &[u8], segment: Option<u16>) -> io::Result<()> {
        let begun = Instant::now();
        self.happened = begun;
        let sent = match &self.end {
            End::Tun(tun) => tun.send(packet, segment),
            End::Pair(pair) => pair.send(packet, segment),
        };
        self.held_up = self.held_up.max(begun.elapsed());
        sent
    }

    /// The next packet the kernel sent, and when; waits until then at most.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn next_packet(&mut self, until: Span) -> io::Result<Option<(Span, Bytes)>> {
        let asked = self.now();
        loop {
            if let End::Tun(tun) = &mut self.end {
                tun.drain();
            }
            if let Some((at_ns, packet)) = self.watch.read()? {
                let at = Span::nanos(at_ns.saturating_sub(self.begun.1));
                let told_after = self.now().saturating_sub(at.max(asked));
                self.held_up = self.held_up.max(Duration::from_nanos(told_after.as_nanos()));
                return Ok(Some((at, packet)));
            }
            let left = Duration::from_nanos(until.saturating_sub(self.now()).as_nanos());
            if left.is_zero() {
                return Ok(None);
            }
            let mut polled = vec![PollFd::new(self.watch.as_fd(), PollFlags::POLLIN)];
            if let End::Tun(tun) = &self.end {
                polled.push(PollFd::new(tun.as_fd(), PollFlags::POLLIN));
            }
            match ppoll(&mut polled, Some(TimeSpec::from_duration(left)), None) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Packets that went unseen for want of room.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn unseen(&self) -> io::Result<u32> {
        self.watch.drops()
    }

    /// Makes a call; `None` when it waits, or is left to (`waits`). What may wait is made on the caller's thread.
    pub fn call(&mut self, call: BareCall, waits: bool) -> Option<BareReply> {
        if !waits && call.never_waits() {
            let begun = Instant::now();
            self.happened = begun;
            let reply = bare_call(&call);
            self.held_up = self.held_up.max(begun.elapsed());
            return Some(reply);
        }
        self.calls.send(call).ok()?;
        if waits {
            return None;
        }
        let (at, reply) = self.replies.recv_timeout(AT_ONCE).ok()?;
        self.held_up = self.held_up.max(at.elapsed());
        self.happened = at;
        Some(reply)
    }

    /// When the call that waits returned, and with what; waits until then at most.
    pub fn returned(&mut self, until: Span) -> Option<(Span, BareReply)> {
        let wait = Duration::from_nanos(until.saturating_sub(self.now()).as_nanos());
        let asked = Instant::now();
        match self.replies.recv_timeout(wait) {
            Ok((at, reply)) => {
                self.held_up = self.held_up.max(at.elapsed().min(asked.elapsed()));
                Some((span(at.saturating_duration_since(self.begun.0)), reply))
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }

    /// Writes a setting of the namespace, by its path below `/proc/sys`.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn set(&self, path: &str, value: &str) -> io::Result<()> {
        std::fs::write(format!("/proc/sys/{path}"), value)
    }

    /// Has `/bin/sh` carry out a command in the namespace, in the stand's folder; kills it after `limit`. What it leaves
    /// running behind is killed with the stand.
    ///
    /// # Errors
    /// It could not be started.
    pub fn command(&mut self, text: &str, limit: Span) -> io::Result<Ended> {
        self.commands.run(text, Duration::from_nanos(limit.as_nanos()))
    }
}

/// Waits until the namespace takes packets to this address: the kernel makes it its own a little after it was told to.
fn await_address(address: Ipv6Addr) -> io::Result<()> {
    let own = address.octets().iter().map(|octet| format!("{octet:02x}")).collect::<String>() + " 80 ";
    for _ in 0..5_000 {
        if std::fs::read_to_string("/proc/thread-self/net/ipv6_route")?
            .lines()
            .any(|route| route.starts_with(&own))
        {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(io::Error::other("the interface does not come to its IPv6 address"))
}

/// The thread that makes calls which may wait: it is born into the namespace of the one that makes it.
fn caller() -> io::Result<(Sender<BareCall>, Replies)> {
    let (calls, asked) = channel::<BareCall>();
    let (answer, replies) = channel();
    std::thread::Builder::new().name("caller".to_owned()).spawn(move || {
        sys::be_punctual();
        sys::be_first();
        for call in asked {
            let reply = bare_call(&call);
            if answer.send((Instant::now(), reply)).is_err() {
                return;
            }
        }
    })?;
    Ok((calls, replies))
}

/// The same moment on both clocks: of several readings the one that was least disturbed.
fn both_clocks() -> (Instant, u64) {
    let read = |_| {
        let before = Instant::now();
        let ns = now_ns();
        let took = before.elapsed();
        (took, (before + took / 2, ns))
    };
    (0..16)
        .map(read)
        .min_by_key(|(took, _)| *took)
        .map_or_else(|| (Instant::now(), now_ns()), |(_, pair)| pair)
}

fn span(duration: Duration) -> Span {
    Span::nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}
