//! The packetdrill language: a script's text becomes settings and events. Runs nothing.

mod calls;
mod cursor;
mod lex;
mod mistakes;
mod options;
mod packets;
mod parse;
pub mod python;
mod script;
#[cfg(test)]
mod tests;

pub use parse::LONGEST;
pub use script::{
    Action, Body, Call, Code, Command, Direction, EcnCounter, Event, Expression, Icmp, IpInfo, Member, Outer,
    Packet, Quoted, Script, Segment, SegmentOption, Setting, Tos, Value, When,
};
