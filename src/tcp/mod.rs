//! TCP, in the order and with the names of RFC 9293 section 3.10. Pure: no sockets, no tracing, no clock.
//!
//! [`Stack`] is all TCP of one host. Calls go in with the present time, [`Effects`] come out.

mod burst;
mod call;
pub mod cc;
mod chain;
mod challenge;
mod compress;
mod congestion;
mod cookies;
mod counts;
mod ecn;
mod effects;
mod ends;
mod fast_open;
mod flight;
mod half_open;
mod icmp;
mod info;
mod info_receive;
mod input;
mod isn;
mod listener;
mod memory;
mod mtu_probe;
mod notices;
mod options;
mod output;
mod profile;
mod quick_ack;
mod rack;
mod rare;
mod reason;
mod recovery;
mod recv_buf;
mod rtt;
mod send_buf;
mod signals;
mod slab;
mod stack;
mod stack_calls;
mod stack_views;
mod state;
mod syn_sent;
mod tables;

mod tcb;
#[cfg(test)]
mod tests;
mod time_wait;
mod timeout;
mod timer;
mod tlp;
mod urgent;
mod user;
mod user_timeout;
mod window;

pub use effects::{ConnId, Effect, Effects, ListenerId, Owner, TimerKind};
pub use fast_open::{CookieKeys, FastOpenRules};
pub use icmp::IcmpRules;
pub use notices::{Milestone, Notice, Stamping};
pub use profile::{
    Adaptive, BlockRule, BufferCharge, DelayedAck, IdleRestart, ListenRules, LossBase, Nagle, Profile,
    RetryLimit, Route, RttRule, Setting, SettingError, Settings, WindowProbe, WindowRule,
};
pub use reason::Reason;
pub use recovery::RecoveryRules;
pub use signals::Signals;
pub use stack::Stack;
pub use stack_views::{BindConflict, EndpointView, QueueView};
pub use state::{EDGES, Edge, Event, State};
pub use time_wait::TimeWaitSyn;
pub use urgent::UrgentRules;
pub use user::{ConnOptions, ConnectError, IcmpKind, Keepalive, SendFlags, StreamError};
pub use user_timeout::UserTimeoutRules;
