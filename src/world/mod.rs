//! Hosts, links, event queue and scripted processes; one step at a time; pure; the only writer of a simulated trace.

mod agenda;
pub(crate) mod carriers;
mod effects;
mod flight;
pub(crate) mod flood;
mod halt;
pub(crate) mod hand;
mod hosts;
mod ipv6;
mod journal;
mod links;
pub(crate) mod load;
mod media;
pub(crate) mod net;
mod options;
mod outside;
pub(crate) mod peek;
mod process;
mod script;
mod step;
mod transmit;
mod trees;

pub use halt::Halt;
pub(crate) use links::Taken;
pub(crate) use media::Sent;
pub use options::{Options, Ties};
pub use step::{Step, World};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_links;
