//! TCP, in the order and with the names of RFC 9293 section 3.10. Pure: no sockets, no tracing, no clock.

mod state;

pub use state::State;
