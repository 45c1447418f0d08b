//! What both versions of IP share (the internet layer of RFC 1122): what goes into them and comes out, what an error quotes,
//! how many errors go out.

mod effect;
mod limiter;
mod quoted;

pub use effect::{Arrived, Cause, ETHERNET, Effect, Origin, Packet, Reassembled, Taken};
pub use limiter::Limiter;
pub use quoted::Quoted;
