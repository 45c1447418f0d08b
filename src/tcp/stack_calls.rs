//! The calls a host makes on its stack: open, listen, accept, send, receive, close.

use super::chain::Chain;
use super::fast_open::{Asked, Pending};
use super::isn;
use super::listener::Listener;
use super::stack::Stack;
use super::tables::Entry;
use super::tcb::{Beginning, Context, Tcb};
use super::{
    ConnId, ConnOptions, ConnectError, Edge, Effect, Effects, Event, ListenerId, Owner, Reason, State,
    StreamError,
};
use crate::clock::{Instant, Span};
use crate::mib::Counter;
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::SocketAddr;

impl Stack {
    /// Begins to listen (RFC 9293 section 3.10.1, passive OPEN). The caller has asked [`Stack::bind_conflict`] first.
    pub fn listen(
        &mut self,
        _now: Instant,
        local: SocketAddr,
        backlog: u32,
        options: &ConnOptions,
        fx: &mut Effects,
    ) -> ListenerId {
        let id = self.next_listener();
        let fast_open = self.early_limit(options.fast_open, backlog);
        let listener = Listener {
            local,
            backlog,
            options: self.share(&ConnOptions { fast_open, ..*options }),
            pending: Pending::default(),
            half_open: Chain::default(),
            young: 0,
            accept: VecDeque::new(),
            cookies_at: None,
        };
        self.listeners.insert(id, listener);
        self.listening.entry(local.port()).or_default().push(id);
        if let Some(edge) = Edge::find(State::Closed, Event::PassiveOpen, State::Listen) {
            fx.entered(Owner::Listener(id), edge);
        }
        id
    }

    /// Changes the backlog of a listener.
    pub fn set_backlog(&mut self, l: ListenerId, backlog: u32) {
        if let Some(listener) = self.listeners.get_mut(&l) {
            listener.backlog = backlog;
        }
    }

    /// Changes what a listener hands on to its connections.
    pub fn set_listener_options(&mut self, l: ListenerId, options: &ConnOptions) {
        let options = self.share(options);
        if let Some(listener) = self.listeners.get_mut(&l) {
            listener.options = options;
        }
    }

    /// Ends a listener: half-open entries are forgotten, connections nobody accepted are reset.
    pub fn close_listener(&mut self, now: Instant, l: ListenerId, fx: &mut Effects) {
        self.drop_queues(now, l, fx);
        let Some(listener) = self.listeners.remove(&l) else { return };
        if let Some(ids) = self.listening.get_mut(&listener.local.port()) {
            ids.retain(|id| *id != l);
        }
        if let Some(edge) = Edge::find(State::Listen, Event::Close, State::Closed) {
            fx.entered(Owner::Listener(l), edge);
        }
        fx.push(Effect::Closed(Owner::Listener(l)));
    }

    /// Takes the oldest established connection off the accept queue.
    pub fn accept(&mut self, l: ListenerId, fx: &mut Effects) -> Option<ConnId> {
        let c = self.listeners.get_mut(&l)?.accept.pop_front()?;
        if let Some(tcb) = self.tables.block_mut(c) {
            tcb.queued = None;
        }
        fx.push(Effect::Queue(l));
        Some(c)
    }

    /// Begins a connection (RFC 9293 section 3.10.1, active OPEN): the SYN goes out.
    ///
    /// # Errors
    /// [`ConnectError::PairInUse`] if this pair of sockets is taken, by a TIME-WAIT without timestamps too.
    pub fn connect(
        &mut self,
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        options: &ConnOptions,
        fx: &mut Effects,
    ) -> Result<ConnId, ConnectError> {
        self.begin(now, local, remote, options, None, fx)
    }

    /// The same; `early` is what the SYN says about Fast Open, and the text on it.
    pub(super) fn begin(
        &mut self,
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        options: &ConnOptions,
        early: Option<(Asked, Bytes)>,
        fx: &mut Effects,
    ) -> Result<ConnId, ConnectError> {
        if !self.pair_free(now, local, remote, false) {
            return Err(ConnectError::PairInUse);
        }
        let reused = match self.tables.find(local, remote) {
            Some(Entry::TimeWait(key)) => {
                fx.note(Owner::TimeWait { local, remote }, Reason::TimeWaitReused);
                fx.count(Counter::TWRecycled);
                self.end_time_wait(key, Event::Displaced, State::Closed, fx)
            }
            Some(Entry::Conn(_) | Entry::HalfOpen(_)) | None => None,
        };
        let chosen = self.next_isn.take();
        let regular = match &reused {
            Some(entry) => entry.snd_nxt + 65_537,
            None => isn::initial(&self.profile, &self.secret, now, local, remote),
        };
        let iss = chosen.unwrap_or(regular);
        let id = self.tables.next_conn();
        let options = self.share(options);
        let mss = self.mss_of(remote.ip(), &options);
        let path = self.path_to(now, remote);
        let offset = isn::timestamp_offset(&self.profile, &self.secret, local, remote);
        let mut cx = self.context(now, fx);
        let begin = Beginning { id, local, remote, state: State::Closed, iss, options };
        let mut tcb = Tcb::new(&cx, begin);
        tcb.path = path;
        tcb.agreed.ts_offset = offset;
        tcb.agreed.ts_recent = reused.as_ref().map_or(0, |entry| entry.agreed.ts_recent);
        let overhead = if reused.is_some() { super::options::TIMESTAMPS_LENGTH } else { 0 };
        tcb.prepare_to_receive(cx.profile, mss, u32::from(mss).saturating_sub(overhead));
        if let Some((asked, text)) = early {
            tcb.asked = Some(Box::new(asked));
            if !text.is_empty() {
                tcb.send.write(text);
            }
        }
        tcb.open_actively(&mut cx);
        self.tables.adopt(tcb);
        self.with_block(now, id, fx, |_, _| ());
        Ok(id)
    }

    /// Runs a call on a connection the user still has.
    pub(super) fn call<R>(
        &mut self,
        now: Instant,
        c: ConnId,
        fx: &mut Effects,
        work: impl FnOnce(&mut Tcb, &mut Context<'_>) -> Result<R, StreamError>,
    ) -> Result<R, StreamError> {
        self.with_block(now, c, fx, work).unwrap_or(Err(StreamError::NotConnected))
    }

    /// Takes octets to send: some of them at least (RFC 9293 section 3.10.2).
    ///
    /// # Errors
    /// The pending error once, then [`StreamError::Broken`]; [`StreamError::WouldBlock`] when the buffer is full.
    pub fn send(
        &mut self,
        now: Instant,
        c: ConnId,
        data: &Bytes,
        fx: &mut Effects,
    ) -> Result<usize, StreamError> {
        self.send_with(now, c, data, super::SendFlags::default(), fx)
    }

    /// The same, as `flags` say.
    ///
    /// # Errors
    /// As [`Stack::send`].
    pub fn send_with(
        &mut self,
        now: Instant,
        c: ConnId,
        data: &Bytes,
        flags: super::SendFlags,
        fx: &mut Effects,
    ) -> Result<usize, StreamError> {
        self.call(now, c, fx, |tcb, cx| tcb.user_send(cx, data, flags))
    }

    /// Gives received octets, `max` at most; none is the end of the stream (RFC 9293 section 3.10.3).
    ///
    /// # Errors
    /// What is readable is given first, then the pending error once; [`StreamError::WouldBlock`] when nothing has come.
    pub fn recv(
        &mut self,
        now: Instant,
        c: ConnId,
        max: usize,
        fx: &mut Effects,
    ) -> Result<Bytes, StreamError> {
        self.call(now, c, fx, |tcb, cx| tcb.user_recv(cx, max))
    }

    /// What [`Stack::recv`] would give, left where it is (MSG_PEEK); `None` where that would give no octet.
    pub fn peek(&self, c: ConnId, max: usize) -> Option<Bytes> {
        self.block(c)?.user_peek(self.profile(), max)
    }

    /// Sends no more: FIN follows the data. What comes can still be received.
    ///
    /// # Errors
    /// [`StreamError::NotConnected`] if there is no open connection.
    pub fn shutdown_write(&mut self, now: Instant, c: ConnId, fx: &mut Effects) -> Result<(), StreamError> {
        self.call(now, c, fx, |tcb, cx| tcb.user_shutdown(cx))
    }

    /// Reads no more: once the buffer is empty, recv tells the end of the stream. Puts nothing on the wire.
    ///
    /// # Errors
    /// [`StreamError::NotConnected`] if there is no connection.
    pub fn shutdown_read(&mut self, now: Instant, c: ConnId, fx: &mut Effects) -> Result<(), StreamError> {
        self.call(now, c, fx, |tcb, cx| {
            tcb.read_shut = true;
            tcb.wake(cx);
            Ok(())
        })
    }

    /// Gives the connection up in order (RFC 9293 section 3.10.4); the user must not use `c` any more. With `linger` of
    /// zero, or data unread where the profile says so, with a RST. A longer `linger` is for the caller to wait out:
    /// see [`Stack::closing`].
    pub fn close(&mut self, now: Instant, c: ConnId, linger: Option<Span>, fx: &mut Effects) {
        self.with_block(now, c, fx, |tcb, cx| tcb.user_close(cx, linger));
    }

    /// Whether data or a FIN of ours still waits for its acknowledgment after close (what SO_LINGER waits for).
    pub fn closing(&self, c: ConnId) -> bool {
        self.block(c)
            .is_some_and(|tcb| matches!(tcb.state(), State::FinWait1 | State::Closing | State::LastAck))
    }

    /// Gives the connection up with a RST (RFC 9293 section 3.10.5).
    pub fn abort(&mut self, now: Instant, c: ConnId, fx: &mut Effects) {
        self.with_block(now, c, fx, |tcb, cx| {
            tcb.orphan = true;
            tcb.user_abort(cx, Reason::ResetAbort);
        });
    }

    /// Forgets a connection without a word, as a reboot does.
    pub fn forget(&mut self, c: ConnId) {
        self.remove_conn(c);
    }

    /// TCP_NODELAY was set, or TCP_CORK taken away, whether or not that changed anything: what waits may go.
    pub fn push_now(&mut self, now: Instant, c: ConnId, fx: &mut Effects) {
        self.with_block(now, c, fx, |tcb, cx| {
            if tcb.bursts.is_some() {
                tcb.user_push(cx);
            }
        });
    }

    /// Replaces the options of a connection.
    pub fn set_options(&mut self, now: Instant, c: ConnId, options: &ConnOptions, fx: &mut Effects) {
        let options = self.share(options);
        self.with_block(now, c, fx, |tcb, cx| tcb.set_options(cx, options));
    }

    /// The pending error, taken once.
    pub fn error(&mut self, c: ConnId) -> Option<StreamError> {
        self.tables.block_mut(c)?.error.take()
    }

    /// The pending error, else the last trouble the network reported (RFC 9293 section 3.9.2.2), taken once: SO_ERROR.
    pub fn error_or_report(&mut self, c: ConnId) -> Option<StreamError> {
        let tcb = self.tables.block_mut(c)?;
        tcb.error.take().or_else(|| tcb.soft_error.take())
    }
}
