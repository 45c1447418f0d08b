//! Initial sequence numbers (RFC 6528) and timestamp offsets: keyed hashes of the pair of sockets.

use super::Profile;
use crate::clock::{Instant, Span};
use crate::wire::Seq;
use siphasher::sip::SipHasher24;
use std::net::SocketAddr;

/// What the hash is for: the same pair gives unrelated numbers for each.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Isn = 1,
    TimestampOffset = 2,
    CookieBase = 3,
    CookieTail = 4,
    FastOpen = 5,
}

/// A hash of the pair of sockets, keyed by the host's secret.
pub(super) fn keyed(
    secret: &[u8; 16],
    purpose: Purpose,
    local: SocketAddr,
    remote: SocketAddr,
    extra: u64,
) -> u32 {
    let mut octets = [0; 45];
    let mut len = 0;
    let mut add = |more: &[u8]| {
        octets[len..len + more.len()].copy_from_slice(more);
        len += more.len();
    };
    add(&[purpose as u8]);
    for end in [local, remote] {
        match end.ip() {
            std::net::IpAddr::V4(ip) => add(&ip.octets()),
            std::net::IpAddr::V6(ip) => add(&ip.octets()),
        }
        add(&end.port().to_be_bytes());
    }
    add(&extra.to_le_bytes());
    // All octets at once: piece by piece takes several times as long.
    SipHasher24::new_with_key(secret).hash(&octets[..len]) as u32
}

/// ISN = M + F(pair, secret): M ticks with time, F makes the sequence of each pair its own.
pub(super) fn initial(
    profile: &Profile,
    secret: &[u8; 16],
    now: Instant,
    local: SocketAddr,
    remote: SocketAddr,
) -> Seq {
    let ticks = now.as_nanos() / profile.isn_tick.max(Span::nanos(1)).as_nanos();
    Seq(keyed(secret, Purpose::Isn, local, remote, 0).wrapping_add(ticks as u32))
}

/// What this pair adds to the timestamp clock (RFC 7323 section 7.1).
pub(super) fn timestamp_offset(
    profile: &Profile,
    secret: &[u8; 16],
    local: SocketAddr,
    remote: SocketAddr,
) -> u32 {
    match profile.settings.tcp_timestamps {
        2 => 0,
        _ => keyed(secret, Purpose::TimestampOffset, local, remote, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_isn_grows_with_time_and_differs_between_pairs() {
        let profile = Profile::rfc9293();
        let (a, b, c): (SocketAddr, SocketAddr, SocketAddr) =
            ("10.0.0.1:1".parse().unwrap(), "10.0.0.2:2".parse().unwrap(), "10.0.0.2:3".parse().unwrap());
        let first = initial(&profile, &[7; 16], Instant::ZERO, a, b);
        let later = initial(&profile, &[7; 16], Instant::ZERO + Span::secs(1), a, b);
        assert_eq!(later - first, 250_000);
        assert_ne!(first, initial(&profile, &[7; 16], Instant::ZERO, a, c));
        assert_ne!(first, initial(&profile, &[8; 16], Instant::ZERO, a, b));
    }
}
