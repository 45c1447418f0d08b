//! SYN cookies (RFC 4987 section 3.6): a SYN-ACK whose sequence number holds all that must be remembered.
//!
//! The number is the sum of a hash of the pair, the peer's ISN, the time counter in the upper 8 bits, and in the lower
//! 24 bits a hash of pair and counter plus the index of the MSS. Who returns it plus one has seen the SYN-ACK.

use super::Profile;
use super::isn::{Purpose, keyed};
use crate::clock::Instant;
use crate::wire::Seq;
use std::net::SocketAddr;

/// The MSS values a cookie can hold.
pub(super) const MSS_TABLE: [u16; 4] = [536, 1300, 1440, 1460];
/// The same over IPv6: what the least MTU, tunnels, Ethernet and jumbo frames leave.
pub(super) const MSS_TABLE_IPV6: [u16; 4] = [1220, 1420, 1440, 8940];
/// A cookie is good while the counter has moved by less than this.
const MAX_AGE: u32 = 2;
const LOW: u32 = 0x00ff_ffff;

/// Bits of the timestamp that carry the rest when timestamps are in use.
const TS_BITS: u32 = 6;
const TS_SACK: u32 = 1 << 4;
const TS_NO_SCALE: u32 = 0x0f;

/// Why a cookie was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// It was made too long ago, or never.
    Stale,
    /// It was never made here.
    Forged,
}

fn counter(profile: &Profile, now: Instant) -> u32 {
    (now.as_nanos() / profile.cookie_period.as_nanos().max(1)) as u32
}

/// The table for that peer.
fn table(remote: SocketAddr) -> &'static [u16; 4] {
    if remote.is_ipv6() { &MSS_TABLE_IPV6 } else { &MSS_TABLE }
}

/// The index of the largest table value that is not above `mss`.
fn mss_index(table: &[u16; 4], mss: u16) -> u32 {
    table.iter().rposition(|entry| *entry <= mss).unwrap_or(0) as u32
}

/// The cookie that answers a SYN with this ISN and MSS.
pub(super) fn make(
    profile: &Profile,
    secret: &[u8; 16],
    now: Instant,
    local: SocketAddr,
    remote: SocketAddr,
    irs: Seq,
    mss: u16,
) -> Seq {
    let count = counter(profile, now);
    let base = keyed(secret, Purpose::CookieBase, local, remote, 0);
    let tail = keyed(secret, Purpose::CookieTail, local, remote, u64::from(count));
    let low = tail.wrapping_add(mss_index(table(remote), mss)) & LOW;
    Seq(base.wrapping_add(irs.0).wrapping_add(count << 24).wrapping_add(low))
}

/// The MSS a returned cookie holds.
pub(super) fn check(
    profile: &Profile,
    secret: &[u8; 16],
    now: Instant,
    local: SocketAddr,
    remote: SocketAddr,
    irs: Seq,
    cookie: Seq,
) -> Result<u16, Bad> {
    let base = keyed(secret, Purpose::CookieBase, local, remote, 0);
    let rest = cookie.0.wrapping_sub(base).wrapping_sub(irs.0);
    let now_count = counter(profile, now);
    let age = now_count.wrapping_sub(rest >> 24) & 0xff;
    if age >= MAX_AGE {
        return Err(Bad::Stale);
    }
    let count = now_count.wrapping_sub(age);
    let tail = keyed(secret, Purpose::CookieTail, local, remote, u64::from(count));
    let index = (rest & LOW).wrapping_sub(tail) & LOW;
    table(remote).get(index as usize).copied().ok_or(Bad::Forged)
}

/// Hides the peer's window scale and SACK in the lowest bits of our timestamp, never later than `clock`.
pub(super) fn mark_timestamp(clock: u32, scale: Option<u8>, sack: bool) -> u32 {
    let bits = scale.map_or(TS_NO_SCALE, |scale| u32::from(scale.min(14))) | if sack { TS_SACK } else { 0 };
    let marked = (clock >> TS_BITS << TS_BITS) | bits;
    if (marked.wrapping_sub(clock) as i32) > 0 { marked.wrapping_sub(1 << TS_BITS) } else { marked }
}

/// What [`mark_timestamp`] hid: the peer's window scale and whether it takes SACK.
pub(super) fn read_timestamp(echo: u32) -> (Option<u8>, bool) {
    let scale = echo & TS_NO_SCALE;
    ((scale != TS_NO_SCALE).then_some(scale as u8), echo & TS_SACK != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;

    const SECRET: [u8; 16] = [3; 16];

    fn ends() -> (SocketAddr, SocketAddr) {
        ("10.0.0.2:8080".parse().unwrap(), "198.18.0.1:40000".parse().unwrap())
    }

    #[test]
    fn a_cookie_remembers_the_mss() {
        let profile = Profile::linux();
        let (local, remote) = ends();
        for (mss, kept) in
            [(100, 536), (536, 536), (1299, 536), (1300, 1300), (1459, 1440), (1460, 1460), (9000, 1460)]
        {
            let cookie = make(&profile, &SECRET, Instant::ZERO, local, remote, Seq(77), mss);
            assert_eq!(check(&profile, &SECRET, Instant::ZERO, local, remote, Seq(77), cookie), Ok(kept));
        }
    }

    #[test]
    fn over_ipv6_a_cookie_remembers_jumbo_frames_too() {
        let profile = Profile::linux();
        let (local, remote) = ("[fd00::1]:80".parse().unwrap(), "[fd00::2]:4000".parse().unwrap());
        for (mss, kept) in [(536, 1220), (1439, 1420), (1440, 1440), (8940, 8940), (9000, 8940)] {
            let cookie = make(&profile, &SECRET, Instant::ZERO, local, remote, Seq(77), mss);
            assert_eq!(check(&profile, &SECRET, Instant::ZERO, local, remote, Seq(77), cookie), Ok(kept));
        }
    }

    #[test]
    fn a_cookie_is_good_for_one_to_two_periods() {
        let profile = Profile::rfc9293();
        let (local, remote) = ends();
        let made = Instant::ZERO + Span::secs(640);
        let cookie = make(&profile, &SECRET, made, local, remote, Seq(1), 1460);
        let at =
            |seconds| check(&profile, &SECRET, made + Span::secs(seconds), local, remote, Seq(1), cookie);
        assert_eq!((at(0), at(63), at(127)), (Ok(1460), Ok(1460), Ok(1460)));
        assert_eq!(at(128), Err(Bad::Stale));
    }

    #[test]
    fn a_forged_cookie_is_hardly_ever_good() {
        let profile = Profile::linux();
        let (local, remote) = ends();
        let good = (0..200_000u32)
            .filter(|n| {
                let forged = Seq(n.wrapping_mul(2_654_435_761));
                check(&profile, &SECRET, Instant::ZERO, local, remote, Seq(5), forged).is_ok()
            })
            .count();
        assert!(good <= 1, "{good} of 200000 forged cookies passed");
    }

    #[test]
    fn another_pair_cannot_use_it() {
        let profile = Profile::linux();
        let (local, remote) = ends();
        let cookie = make(&profile, &SECRET, Instant::ZERO, local, remote, Seq(9), 1460);
        let other = "198.18.0.1:40001".parse().unwrap();
        assert!(check(&profile, &SECRET, Instant::ZERO, local, other, Seq(9), cookie).is_err());
        assert!(check(&profile, &SECRET, Instant::ZERO, local, remote, Seq(10), cookie + 3).is_err());
    }

    #[test]
    fn the_timestamp_carries_scale_and_sack_and_is_never_from_the_future() {
        for clock in [0u32, 63, 64, 1_000_003, u32::MAX] {
            for (scale, sack) in [(None, false), (Some(7), true), (Some(0), false), (Some(14), true)] {
                let marked = mark_timestamp(clock, scale, sack);
                assert_eq!(read_timestamp(marked), (scale, sack));
                assert!((marked.wrapping_sub(clock) as i32) <= 0);
            }
        }
    }
}
