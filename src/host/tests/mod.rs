//! Two hosts back to back: what programs, frames and traces see.

mod addresses;
mod conformance;
mod datagram_errors;
mod datagrams;
mod errors;
mod families;
mod ipv6;
mod lingering;
mod local;
mod raw;
mod rules;
mod streams;
mod wire;
