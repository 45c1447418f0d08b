//! TCP, in the order and with the names of RFC 9293 section 3.10. Pure: no sockets, no tracing, no clock.
//!
//! [`Stack`] is all TCP of one host. Calls go in with the present time, [`Effects`] come out.

pub mod cc;
mod effects;
mod profile;
mod reason;
mod stack;
mod state;
mod user;

pub use effects::{ConnId, Effect, Effects, ListenerId, Owner, TimerKind};
pub use profile::{
    Adaptive, DelayedAck, ListenRules, Nagle, Profile, RetryLimit, RttRule, Setting, SettingError, Settings,
    WindowProbe,
};
pub use reason::Reason;
pub use stack::{BindConflict, EndpointView, QueueView, Stack};
pub use state::{EDGES, Edge, Event, State};
pub use user::{ConnOptions, ConnectError, IcmpKind, Keepalive, StreamError};
