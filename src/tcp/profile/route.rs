//! What the only route there is says of TCP, where it says anything (the attributes of `ip route`).

use crate::clock::Span;

/// Attributes of a route; what is `None` is decided without it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Least retransmission time-out, whatever tcp_rto_min_us says (rto_min).
    pub least_rto: Option<Span>,
    /// The first window is no larger than so many full segments (initrwnd).
    pub first_segments: Option<u32>,
}
