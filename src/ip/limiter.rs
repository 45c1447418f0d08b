//! How many ICMP errors go to one destination: a bucket of time per destination (RFC 1812 section 4.3.2.8).

use super::Profile;
use crate::clock::{Instant, Span};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Destinations remembered; beyond that the one heard of longest ago is forgotten.
const REMEMBERED: usize = 1024;

#[derive(Clone, Debug)]
struct Bucket {
    tokens: Span,
    filled: Instant,
}

/// One bucket per destination. An error costs one interval; a full bucket holds a burst of them.
#[derive(Clone, Debug, Default)]
pub struct Limiter {
    buckets: BTreeMap<Ipv4Addr, Bucket>,
}

impl Limiter {
    /// Whether one more error may go to `destination` now.
    pub fn allows(&mut self, now: Instant, destination: Ipv4Addr, profile: &Profile) -> bool {
        let Some(cost) = profile.icmp_interval else { return true };
        let full = cost.saturating_mul(profile.icmp_burst);
        if !self.buckets.contains_key(&destination) && self.buckets.len() >= REMEMBERED {
            let oldest = self.buckets.iter().min_by_key(|(_, bucket)| bucket.filled).map(|(key, _)| *key);
            oldest.and_then(|key| self.buckets.remove(&key));
        }
        let bucket = self.buckets.entry(destination).or_insert(Bucket { tokens: full, filled: now });
        bucket.tokens = (bucket.tokens + now.since(bucket.filled)).min(full);
        bucket.filled = now;
        let allowed = bucket.tokens >= cost && cost > Span::ZERO;
        if allowed {
            bucket.tokens = bucket.tokens - cost;
        }
        allowed || cost == Span::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_go_at_once_and_then_one_a_second() {
        let (mut limiter, profile) = (Limiter::default(), Profile::linux());
        let peer = Ipv4Addr::new(10, 0, 0, 2);
        let start = Instant::from_nanos(5_000_000_000);
        let allowed = (0..20).filter(|_| limiter.allows(start, peer, &profile)).count();
        assert_eq!(allowed, 6);
        assert!(limiter.allows(start, Ipv4Addr::new(10, 0, 0, 3), &profile), "each destination has its own");
        assert!(!limiter.allows(start + Span::millis(999), peer, &profile));
        assert!(limiter.allows(start + Span::secs(1), peer, &profile));
        assert!(!limiter.allows(start + Span::millis(1500), peer, &profile));
    }

    #[test]
    fn the_rfc_profile_sends_them_all() {
        let (mut limiter, profile) = (Limiter::default(), Profile::rfc());
        let peer = Ipv4Addr::new(10, 0, 0, 2);
        assert!((0..1000).all(|_| limiter.allows(Instant::ZERO, peer, &profile)));
    }
}
