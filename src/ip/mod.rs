//! IPv4 on one host: routes, neighbours (ARP), ICMP, fragments. Knows no TCP and no sockets: what is sent carries a tag of
//! whoever sent it, and comes back with it.

mod fragment;
mod icmp;
mod limiter;
mod neighbour;
mod profile;
mod reason;
mod routes;
mod stack;

pub use icmp::{Quoted, quoted};
pub use neighbour::Neighbours;
pub use profile::Profile;
pub use reason::Reason;
pub use routes::{Hop, Route, Routing, Via};
pub use stack::{Arrived, Cause, Config, Effect, Ip, Origin, Reassembled, Taken};
