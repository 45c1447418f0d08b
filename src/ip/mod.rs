//! IPv4 on one host or router: interfaces, routes, neighbours (ARP), ICMP, fragments, forwarding. Knows no TCP and no sockets: what is sent carries a tag of
//! whoever sent it, and comes back with it.

mod arp;
mod effect;
mod forward;
mod fragment;
mod group;
mod header_options;
mod icmp;
mod input;
mod nat;
mod neighbour;
mod output;
mod path_mtu;
mod profile;
mod raw;
mod reason;
mod redirect;
mod reverse_path;
mod routes;
mod shortest;
mod stack;
#[cfg(test)]
mod tests;

pub use crate::internet::{Origin, Quoted};
pub use effect::{Arrived, Cause, Effect, Reassembled, Taken};
pub use icmp::quoted;
pub use nat::{NatConfig, NatFiltering, NatForward, NatMapping, NatProfile, NatSession, Translated};
pub use neighbour::Neighbours;
pub use path_mtu::PathMtu;
pub use profile::Profile;
pub use raw::Tap;
pub use reason::{
    ArpReason, DatagramReason, ForwardingReason, FragmentReason, IcmpReason, NatReason, RawReason, Reason,
};
pub use reverse_path::ReversePath;
pub use routes::{Hop, Route, Routing, Via};
pub use shortest::{Attachment, shortest_routes};
pub use stack::{Config, Interface, Ip};
