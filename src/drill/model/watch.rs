//! Those who look at sockets without touching them: `poll`, epoll, the ioctls; and the calls of theirs that wait.

use super::polling::{self, ERR, HUP, NVAL, OUT};
use super::{STACK, Simulated};
use crate::clock::{Instant, Span};
use crate::drill::request::{Reply, Request};
use crate::drill::symbols;
use crate::socket::{Fd, Showing};
use crate::tcp::State;
use std::collections::BTreeMap;

/// The largest number of events that `epoll_wait` takes.
const MOST_EVENTS: i64 = i32::MAX as i64 / 12;

/// A call that looks again whenever something happens.
pub(super) struct Asleep {
    request: Request,
    until: Option<Instant>,
}

/// What is remembered of descriptors from one moment to the next.
#[derive(Default)]
pub(super) struct Watched {
    /// How each of those watched showed itself last.
    last: BTreeMap<i64, Showing>,
    /// Whoever found no room to write in these is to hear of it.
    starved: BTreeMap<i64, ()>,
}

impl Watched {
    /// A call found no room in it.
    pub fn found_no_room(&mut self, fd: i64) {
        self.starved.insert(fd, ());
    }

    /// The descriptor is closed.
    pub fn forget(&mut self, fd: i64) {
        self.last.remove(&fd);
        self.starved.remove(&fd);
    }
}

impl Simulated {
    /// How a descriptor shows itself; `None` if it is no socket's.
    pub(super) fn showing(&self, fd: i64) -> Option<Showing> {
        let fd = Fd(i32::try_from(fd).ok()?);
        self.world.machine(STACK)?.showing(self.process, fd)
    }

    /// The bits of `poll` for a descriptor. Whoever sees that there is no room is promised to hear of it.
    fn bits(&mut self, fd: i64) -> i64 {
        let Some(showing) = self.showing(fd) else { return 0 };
        let bits = polling::bits(&showing);
        if bits & OUT == 0 && matches!(showing, Showing::Conn(..)) {
            self.watched.found_no_room(fd);
        }
        bits
    }

    /// Something may have happened: who watches the descriptors concerned is woken.
    pub(super) fn observe(&mut self) {
        let fds: Vec<i64> = self.epolls.watched().collect();
        for fd in fds {
            let Some(now) = self.showing(fd) else { continue };
            let before = self.watched.last.insert(fd, now).unwrap_or(now);
            let starved = self.watched.starved.contains_key(&fd);
            let bits = polling::wakes(&before, &now, starved);
            if bits & OUT != 0 {
                self.watched.starved.remove(&fd);
            }
            if bits != 0 {
                self.epolls.wake(fd, bits);
            }
        }
    }

    /// Everybody who watches the descriptor looks at it again, as `shutdown` makes them.
    pub(super) fn stir(&mut self, fd: i64) {
        self.observe();
        self.epolls.wake(fd, -1);
    }

    /// `poll`, epoll and ioctl.
    ///
    /// # Errors
    /// What of it is not modelled, by name.
    pub(super) fn look_at(&mut self, request: &Request) -> Result<Option<Reply>, String> {
        self.observe();
        let timeout = match request {
            Request::Ioctl { fd, request } => return self.ioctl(*fd, *request).map(Some),
            Request::EpollCreate => return Ok(Some(Reply::ok(self.epolls.create()))),
            Request::EpollControl { epoll, operation, fd, events } => {
                return Ok(Some(self.epoll_control(*epoll, *operation, *fd, *events)));
            }
            Request::EpollWait { epoll, most, timeout } => {
                if !self.is_open(*epoll) {
                    return Ok(Some(Reply::failed("EBADF")));
                }
                if !self.epolls.has(*epoll) || !(1..=MOST_EVENTS).contains(most) {
                    return Ok(Some(Reply::failed("EINVAL")));
                }
                *timeout
            }
            Request::Poll { timeout, .. } => *timeout,
            _ => return Ok(None),
        };
        if let Some(reply) = self.seen_now(request) {
            return Ok(Some(reply));
        }
        if timeout == 0 {
            return Ok(Some(self.nothing_seen(request)));
        }
        let span = u64::try_from(timeout).ok().map(Span::millis);
        let until = span.map(|span| self.world.now() + span);
        self.asleep = Some(Asleep { request: request.clone(), until });
        Ok(None)
    }

    /// What the call that sleeps gives, if it wakes now.
    pub(super) fn woken(&mut self) -> Option<Reply> {
        let asleep = self.asleep.take()?;
        let reply = self.seen_now(&asleep.request).or_else(|| {
            let over = asleep.until.is_some_and(|until| until <= self.world.now());
            over.then(|| self.nothing_seen(&asleep.request))
        });
        if reply.is_none() {
            self.asleep = Some(asleep);
        }
        reply
    }

    /// When the call that sleeps wakes by itself.
    pub(super) fn wakes_at(&self) -> Option<Instant> {
        self.asleep.as_ref()?.until
    }

    fn nothing_seen(&self, request: &Request) -> Reply {
        let events = match request {
            Request::Poll { fds, .. } => vec![(0, 0); fds.len()],
            _ => Vec::new(),
        };
        Reply { events, ..Reply::ok(0) }
    }

    /// What the call tells at this moment, if there is something to tell.
    fn seen_now(&mut self, request: &Request) -> Option<Reply> {
        match request {
            Request::Poll { fds, .. } => {
                let events: Vec<(i64, i64)> =
                    fds.iter().map(|(fd, wanted)| (self.polled(*fd, *wanted), 0)).collect();
                let told = events.iter().filter(|(revents, _)| *revents != 0).count();
                (told > 0).then(|| Reply { events, ..Reply::ok(told as i64) })
            }
            Request::EpollWait { epoll, most, .. } => {
                let mut epolls = std::mem::take(&mut self.epolls);
                let most = usize::try_from(*most).unwrap_or(0);
                let events = epolls.collect(*epoll, most, &mut |fd| self.bits(fd));
                self.epolls = epolls;
                (!events.is_empty()).then(|| Reply { result: events.len() as i64, events, ..Reply::ok(0) })
            }
            _ => None,
        }
    }

    fn polled(&mut self, fd: i64, wanted: i64) -> i64 {
        match fd {
            ..0 => 0,
            fd if !self.is_open(fd) => NVAL,
            fd => self.bits(fd) & (wanted | ERR | HUP),
        }
    }

    fn is_open(&self, fd: i64) -> bool {
        self.epolls.has(fd) || self.showing(fd).is_some()
    }

    fn epoll_control(&mut self, epoll: i64, operation: i64, fd: i64, events: i64) -> Reply {
        if !self.is_open(epoll) || !self.is_open(fd) {
            return Reply::failed("EBADF");
        }
        let now = self.bits(fd);
        match self.epolls.control(epoll, operation, fd, events, now) {
            Ok(()) => {
                self.observe();
                Reply::ok(0)
            }
            Err(errno) => Reply::failed(errno),
        }
    }

    fn ioctl(&self, fd: i64, request: i64) -> Result<Reply, String> {
        let is = |name: &str| symbols::value(name) == Some(request);
        let told = |number: usize| Ok(Reply { number: i64::try_from(number).ok(), ..Reply::ok(0) });
        let failed = |errno: &str| Ok(Reply::failed(errno));
        let Some(showing) = self.showing(fd) else { return failed("EBADF") };
        let (inq, outq, unsent, mark) = (is("SIOCINQ"), is("SIOCOUTQ"), is("SIOCOUTQNSD"), is("SIOCATMARK"));
        match showing {
            Showing::Listener(_) if inq || outq || unsent => failed("EINVAL"),
            Showing::Listener(_) | Showing::Idle { .. } if inq || outq || unsent || mark => told(0),
            Showing::Conn(signals, _) if inq => match signals.state {
                State::SynSent | State::SynReceived => told(0),
                _ => told(signals.readable),
            },
            Showing::Conn(signals, _) if outq => told(signals.unacknowledged as usize),
            Showing::Conn(signals, _) if unsent => told(signals.unsent as usize),
            Showing::Conn(signals, _) if mark => told(usize::from(signals.at_mark)),
            Showing::Datagram { first, .. } if inq => told(first),
            Showing::Datagram { .. } if outq => told(0),
            Showing::Datagram { .. } if unsent || mark => failed("ENOTTY"),
            _ => Err(symbols::name_of("ioctl", &["SIOC", "FIO"], request)),
        }
    }
}
