//! All TCP of one host: listeners, connections, half-open and TIME-WAIT entries, demultiplexing.

use super::{
    ConnId, ConnOptions, ConnectError, Effects, IcmpKind, ListenerId, Owner, Profile, State, StreamError,
};
use crate::clock::{Instant, Span};
use crate::wire::{Segment, Seq};
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

/// Who stands in the way of a bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindConflict {
    /// The endpoint's own address.
    pub local: SocketAddr,
    /// Its state.
    pub state: State,
}

/// One endpoint, for views and comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointView {
    /// Who it is.
    pub owner: Owner,
    /// Own end.
    pub local: SocketAddr,
    /// Peer's end; `None` for a listener.
    pub remote: Option<SocketAddr>,
    /// Its state.
    pub state: State,
}

/// The two queues of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueView {
    /// Half-open connections now.
    pub half_open: usize,
    /// Half-open connections at most, as things stand.
    pub half_open_limit: usize,
    /// Established connections nobody has accepted yet.
    pub accept: usize,
    /// Of these at most.
    pub accept_limit: usize,
}

/// All TCP of one host.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    profile: Profile,
}

#[allow(unused_variables, missing_docs)]
impl Stack {
    /// A stack without endpoints. `secret` keys the ISN hash, SYN cookies and timestamp offsets. The MTU is 1500.
    pub fn new(profile: Profile, secret: [u8; 16]) -> Stack {
        unimplemented!()
    }
    /// Largest IP packet of the link, octets: it sets the MSS we announce.
    pub fn set_mtu(&mut self, mtu: u16) {
        unimplemented!()
    }
    /// The next connection, active or passive, begins with this sequence number.
    pub fn set_next_isn(&mut self, isn: Seq) {
        unimplemented!()
    }
    pub fn profile(&self) -> &Profile {
        &self.profile
    }
    /// Changes a setting of the running stack.
    pub fn profile_mut(&mut self) -> &mut Profile {
        &mut self.profile
    }
    /// Begins to listen (RFC 9293 3.10.1, passive OPEN). The caller has asked [`Stack::bind_conflict`] first.
    pub fn listen(
        &mut self,
        now: Instant,
        local: SocketAddr,
        backlog: u32,
        options: &ConnOptions,
        fx: &mut Effects,
    ) -> ListenerId {
        unimplemented!()
    }
    pub fn set_backlog(&mut self, l: ListenerId, backlog: u32) {
        unimplemented!()
    }
    pub fn set_listener_options(&mut self, l: ListenerId, options: &ConnOptions) {
        unimplemented!()
    }
    pub fn close_listener(&mut self, now: Instant, l: ListenerId, fx: &mut Effects) {
        unimplemented!()
    }
    /// Takes the oldest established connection off the accept queue.
    pub fn accept(&mut self, l: ListenerId, fx: &mut Effects) -> Option<ConnId> {
        unimplemented!()
    }
    pub fn connect(
        &mut self,
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        options: &ConnOptions,
        fx: &mut Effects,
    ) -> Result<ConnId, ConnectError> {
        unimplemented!()
    }
    pub fn send(
        &mut self,
        now: Instant,
        c: ConnId,
        data: &[u8],
        fx: &mut Effects,
    ) -> Result<usize, StreamError> {
        unimplemented!()
    }
    pub fn recv(
        &mut self,
        now: Instant,
        c: ConnId,
        max: usize,
        fx: &mut Effects,
    ) -> Result<Bytes, StreamError> {
        unimplemented!()
    }
    pub fn shutdown_write(&mut self, now: Instant, c: ConnId, fx: &mut Effects) -> Result<(), StreamError> {
        unimplemented!()
    }
    pub fn shutdown_read(&mut self, now: Instant, c: ConnId, fx: &mut Effects) -> Result<(), StreamError> {
        unimplemented!()
    }
    pub fn close(&mut self, now: Instant, c: ConnId, linger: Option<Span>, fx: &mut Effects) {
        unimplemented!()
    }
    pub fn abort(&mut self, now: Instant, c: ConnId, fx: &mut Effects) {
        unimplemented!()
    }
    pub fn forget(&mut self, c: ConnId) {
        unimplemented!()
    }
    pub fn set_options(&mut self, now: Instant, c: ConnId, options: &ConnOptions, fx: &mut Effects) {
        unimplemented!()
    }
    pub fn options(&self, c: ConnId) -> Option<&ConnOptions> {
        unimplemented!()
    }
    pub fn readable(&self, c: ConnId) -> bool {
        unimplemented!()
    }
    pub fn writable(&self, c: ConnId) -> bool {
        unimplemented!()
    }
    /// The pending error, taken once.
    pub fn error(&mut self, c: ConnId) -> Option<StreamError> {
        unimplemented!()
    }
    pub fn state(&self, c: ConnId) -> State {
        unimplemented!()
    }
    /// Both ends (local, remote) of a connection; they stay known after it is gone.
    pub fn addresses(&self, c: ConnId) -> Option<(SocketAddr, SocketAddr)> {
        unimplemented!()
    }
    /// Both ends of whoever it is: (local, remote). `None` for [`Owner::None`].
    pub fn ends(&self, owner: Owner) -> Option<(SocketAddr, Option<SocketAddr>)> {
        unimplemented!()
    }
    /// A closed socket's connection has nothing left to send or to wait for (lingering close is over).
    pub fn on_segment(
        &mut self,
        now: Instant,
        source: IpAddr,
        destination: IpAddr,
        segment: &Segment,
        fx: &mut Effects,
    ) {
        unimplemented!()
    }
    pub fn on_icmp(
        &mut self,
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        seq: Seq,
        kind: IcmpKind,
        fx: &mut Effects,
    ) {
        unimplemented!()
    }
    pub fn on_timer(&mut self, now: Instant, fx: &mut Effects) {
        unimplemented!()
    }
    pub fn next_deadline(&self) -> Option<Instant> {
        unimplemented!()
    }
    pub fn queues(&self, l: ListenerId) -> Option<QueueView> {
        unimplemented!()
    }
    /// Every endpoint: listeners, half-open entries, connections, TIME-WAIT entries, in a stable order.
    pub fn endpoints(&self) -> impl Iterator<Item = EndpointView> + '_ {
        std::iter::empty()
    }
    /// The variables of whoever it is, in a fixed order, named like the RFC names them.
    pub fn variables(&self, owner: Owner) -> Vec<(&'static str, u64)> {
        unimplemented!()
    }
    /// Who keeps `local` from being bound (EADDRINUSE), reuse rules and TIME-WAIT included; `reuse` is the asker's SO_REUSEADDR.
    pub fn bind_conflict(&self, local: SocketAddr, reuse: bool) -> Option<BindConflict> {
        unimplemented!()
    }
    /// Whether connect from `local` to `remote` would find the pair free; `chosen` if the port was chosen for the user (ephemeral).
    pub fn pair_free(&self, now: Instant, local: SocketAddr, remote: SocketAddr, chosen: bool) -> bool {
        unimplemented!()
    }
}
