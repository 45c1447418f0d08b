//! wirewalk: walk through TCP and UDP, layer by layer, simulated and beside the real kernel.
//!
//! The rooms, lowest rank first (a room imports only rooms of lower rank; `tests/house.rs` holds that).
//! `docs/architecture.md` describes the house.
#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod lang;

pub mod clock;

pub mod claims;
pub mod mib;
pub mod wire;

pub mod internet;
pub mod ip;
pub mod ipv6;
pub mod link;
pub mod tcp;
pub mod udp;

pub mod socket;

pub mod host;

pub mod trace;

pub mod capture;
pub mod scenario;

pub mod course;
pub mod glossary;
pub mod inspect;
pub mod packetdrill;
pub mod world;

#[cfg(target_os = "linux")]
pub mod live;
pub mod sim;

pub mod report;
pub mod view;

pub mod beside;
pub mod drill;
pub mod export;
pub mod walk;

pub mod page;
pub mod python;
pub mod quiz;
pub mod tui;

pub mod book;
pub mod serve;

pub mod cli;
