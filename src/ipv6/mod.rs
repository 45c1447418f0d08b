//! IPv6 on one host or router (RFC 8200): addresses and their scopes, routes, neighbour discovery (RFC 4861), addresses
//! checked and made (RFC 4862), ICMPv6 (RFC 4443), extension headers, fragments, forwarding. Knows no TCP and no sockets:
//! what is sent carries a tag of whoever sent it, and comes back with it.

mod address;
mod advertising;
mod discovery;
mod duplicate;
mod effect;
mod extensions;
mod forward;
mod fragment;
mod groups;
mod icmp;
mod input;
mod neighbour;
mod output;
mod profile;
mod reason;
mod routers;
mod routing;
mod source;
mod stack;
#[cfg(test)]
mod tests;

pub use crate::internet::{Origin, Quoted};
pub use address::{link_local, solicited_node};
pub use advertising::Advertisement;
pub use effect::{Arrived, Cause, Effect, Reassembled, Taken};
pub use icmp::quoted;
pub use neighbour::{Neighbours, Reachability};
pub use profile::Profile;
pub use reason::{
    AddressReason, FragmentReason, IcmpReason, NeighbourReason, PacketReason, Reason, RouterReason,
};
pub use routing::{AddressState, DefaultRouter, Hop, MIN_MTU, Own, Route, Routing, Via};
pub use stack::{Address, Card, Config, Ipv6, Machine};
