//! What a host remembers for Fast Open: of servers, the keys of its own cookies, and whether the way swallows SYNs with data.

use super::{CookieKeys, Known};
use crate::clock::{Instant, Span};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What a host remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::tcp) struct Memory {
    /// What is known of servers.
    pub known: BTreeMap<IpAddr, Known>,
    /// What cookies are made under (tcp_fastopen_key), if anybody chose it.
    pub keys: Option<CookieKeys>,
    /// How often in a row, and when last, a SYN with data seemed to be swallowed.
    swallowed: Option<(u32, Instant)>,
}

/// The pause is doubled so often at most.
const MOST_DOUBLINGS: u32 = 6;

impl Memory {
    /// A connection whose SYN spoke of Fast Open seems to have been swallowed for it (RFC 7413 section 4.1.3.1).
    pub fn meets_black_hole(&mut self, now: Instant) {
        let times = self.swallowed.map_or(0, |(times, _)| times);
        self.swallowed = Some((times.saturating_add(1), now));
    }

    /// Whether SYNs are to say nothing of Fast Open for now; `pause` is how long the first time
    /// (tcp_fastopen_blackhole_timeout_sec), zero is never.
    pub fn pauses(&self, now: Instant, pause: Span) -> bool {
        self.swallowed.is_some_and(|(times, at)| {
            let doublings = (times - 1).min(MOST_DOUBLINGS);
            now - at < pause * (1 << doublings)
        })
    }

    /// Whether anything was swallowed that is not made good yet.
    pub fn doubts(&self) -> bool {
        self.swallowed.is_some()
    }

    /// A connection went well, or the administrator chose another pause: nothing is held against the way any more.
    pub fn forgets_black_hole(&mut self) {
        self.swallowed = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pause_is_twice_as_long_until_a_connection_goes_well() {
        let (at, second) = (|seconds| Instant::ZERO + Span::secs(seconds), Span::secs(1));
        let mut memory = Memory::default();
        assert!(!memory.pauses(at(0), second));
        memory.meets_black_hole(at(10));
        assert!(memory.pauses(at(10), second) && !memory.pauses(at(11), second));
        assert!(!memory.pauses(at(10), Span::ZERO));
        memory.meets_black_hole(at(20));
        assert!(memory.pauses(at(21), second) && !memory.pauses(at(22), second));
        (0..20).for_each(|_| memory.meets_black_hole(at(30)));
        assert!(memory.pauses(at(93), second) && !memory.pauses(at(94), second));
        memory.forgets_black_hole();
        assert!(!memory.pauses(at(30), second));
    }
}
