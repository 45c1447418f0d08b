//! Hosts, links, event queue and scripted processes; one step at a time; pure; the only writer of a simulated trace.

mod agenda;
mod effects;
mod flight;
mod flood;
mod hand;
mod hosts;
mod journal;
mod lan;
mod load;
mod options;
mod peek;
mod process;
mod script;
mod transmit;
mod world;

pub use options::Options;
pub use world::{Step, World};
