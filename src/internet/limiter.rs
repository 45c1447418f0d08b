//! How many ICMP errors go to one destination: a bucket of time per destination (RFC 1812 section 4.3.2.8, RFC 4443
//! section 2.4 (f)).

use crate::clock::{Instant, Span};
use std::collections::BTreeMap;

/// Destinations remembered; beyond that the one heard of longest ago is forgotten.
const REMEMBERED: usize = 1024;

#[derive(Clone, Debug)]
struct Bucket {
    tokens: Span,
    filled: Instant,
}

/// One bucket per destination. An error costs one interval; a full bucket holds a burst of them.
#[derive(Clone, Debug)]
pub struct Limiter<A> {
    buckets: BTreeMap<A, Bucket>,
}

impl<A> Default for Limiter<A> {
    fn default() -> Limiter<A> {
        Limiter { buckets: BTreeMap::new() }
    }
}

impl<A: Copy + Ord> Limiter<A> {
    /// Whether one more error may go to `destination` now, if one costs `interval` and `burst` of them may go at once. An
    /// interval of zero lets all of them go.
    pub fn allows(&mut self, now: Instant, destination: A, interval: Span, burst: u64) -> bool {
        if interval == Span::ZERO {
            return true;
        }
        let full = interval.saturating_mul(burst);
        if !self.buckets.contains_key(&destination) && self.buckets.len() >= REMEMBERED {
            let oldest = self.buckets.iter().min_by_key(|(_, bucket)| bucket.filled).map(|(key, _)| *key);
            oldest.and_then(|key| self.buckets.remove(&key));
        }
        let bucket = self.buckets.entry(destination).or_insert(Bucket { tokens: full, filled: now });
        bucket.tokens = (bucket.tokens + now.since(bucket.filled)).min(full);
        bucket.filled = now;
        let allowed = bucket.tokens >= interval;
        if allowed {
            bucket.tokens = bucket.tokens - interval;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    #[test]
    fn a_burst_goes_at_once_and_then_one_in_each_interval() {
        let mut limiter = Limiter::default();
        let (peer, other) = (Ipv6Addr::LOCALHOST, Ipv6Addr::UNSPECIFIED);
        let start = Instant::from_nanos(5_000_000_000);
        let mut allows = |at, to| limiter.allows(at, to, Span::millis(250), 6);
        assert_eq!((0..20).filter(|_| allows(start, peer)).count(), 6);
        assert!(allows(start, other), "each destination has its own");
        assert!(!allows(start + Span::millis(249), peer));
        assert!(allows(start + Span::millis(250), peer));
    }

    #[test]
    fn a_flood_of_destinations_is_not_remembered_for_ever() {
        let mut limiter = Limiter::default();
        for n in 0..5000u128 {
            limiter.allows(Instant::ZERO, Ipv6Addr::from(n), Span::secs(1), 6);
        }
        assert_eq!(limiter.buckets.len(), REMEMBERED);
    }
}
