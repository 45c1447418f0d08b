//! Fast Open (RFC 7413): data on the SYN, for a client that shows a cookie which it got at its address before.

mod client;
mod server;

pub(super) use client::{Asked, Known};
pub(super) use server::{Early, Pending, Verdict};

use super::Profile;
use super::isn::{Purpose, keyed};
use crate::clock::{Instant, Span};
use crate::wire::{OptionData, TcpOption};
use std::net::{IpAddr, SocketAddr};

/// tcp_fastopen: a client may send data on its SYN.
const CLIENT: i64 = 0x1;
/// tcp_fastopen: a listener that wants it may take data from a SYN.
const SERVER: i64 = 0x2;
/// tcp_fastopen: a client sends data without a cookie.
const CLIENT_WITHOUT_COOKIE: i64 = 0x4;
/// tcp_fastopen: a listener takes data without a cookie.
const SERVER_WITHOUT_COOKIE: i64 = 0x200;
/// tcp_fastopen: every listener wants it, as many requests at a time as its backlog.
const EVERY_LISTENER: i64 = 0x400;

/// How Fast Open is done where stacks differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FastOpenRules {
    /// How long a cookie is good for at least; it dies after twice this. `None`: for ever (RFC 7413 section 4.1.2).
    pub cookie_life: Option<Span>,
    /// For how long no data goes on a SYN to a host after it was not taken (RFC 7413 section 4.1.3.1); `None`: it is tried
    /// again at once.
    pub negative_life: Option<Span>,
    /// A host that gave no cookie is asked by the experimental option the next time, and the other way round.
    pub asks_both_ways: bool,
    /// A request that was reset counts as pending for so long (RFC 7413 section 5.1).
    pub reset_counts: Span,
    /// The SYN-ACK of a connection with early data goes so many times more than others.
    pub more_retries: u32,
}

/// A cookie: 4 to 16 octets, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cookie {
    len: u8,
    octets: [u8; 16],
}

impl Cookie {
    fn of(data: &[u8]) -> Cookie {
        let mut octets = [0; 16];
        let len = data.len().min(octets.len());
        octets[..len].copy_from_slice(&data[..len]);
        Cookie { len: len as u8, octets }
    }
    fn octets(&self) -> &[u8] {
        &self.octets[..usize::from(self.len)]
    }
    /// Whether it only asks for one.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// What a SYN or SYN-ACK says about Fast Open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// The cookie shown or given; empty on a SYN asks for one.
    pub cookie: Cookie,
    /// By the option in use before kind 34 was assigned.
    pub experimental: bool,
}

impl Offer {
    /// What the option says; nothing by the experimental option where the profile does not know it.
    pub fn of(cookie: &[u8], experimental: bool, profile: &Profile) -> Option<Offer> {
        (!experimental || profile.fast_open.asks_both_ways)
            .then(|| Offer { cookie: Cookie::of(cookie), experimental })
    }

    /// The option, and the NOPs after it that fill the word.
    pub fn to_wire(self) -> impl Iterator<Item = TcpOption> {
        let head = if self.experimental { 4 } else { 2 };
        let octets = head + self.cookie.octets().len();
        let cookie = OptionData::new(self.cookie.octets()).unwrap_or_default();
        let option = TcpOption::FastOpen { cookie, experimental: self.experimental };
        let padding = octets.next_multiple_of(4) - octets;
        std::iter::once(option).chain(std::iter::repeat_n(TcpOption::Nop, padding))
    }
}

/// The cookie for a client at `remote`: a keyed hash of both addresses, and of the time where cookies die
/// (RFC 7413 section 4.1.2). `back` is how many lives ago it was made.
fn cookie_for(
    profile: &Profile,
    secret: &[u8; 16],
    now: Instant,
    local: IpAddr,
    remote: IpAddr,
    back: u64,
) -> Cookie {
    let epoch = match profile.fast_open.cookie_life {
        Some(life) => (now.as_nanos() / life.as_nanos().max(1)).wrapping_sub(back),
        None => 0,
    };
    let (local, remote) = (SocketAddr::new(local, 0), SocketAddr::new(remote, 0));
    let half = |half: u64| keyed(secret, Purpose::FastOpen, local, remote, epoch << 1 | half).to_be_bytes();
    Cookie::of(&[half(0), half(1)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(profile: &Profile, at: Span, remote: [u8; 4], secret: u8, back: u64) -> Cookie {
        let local = IpAddr::from([10, 0, 0, 2]);
        cookie_for(profile, &[secret; 16], Instant::ZERO + at, local, IpAddr::from(remote), back)
    }

    #[test]
    fn a_cookie_belongs_to_an_address_and_to_the_secret_and_dies_by_the_rfc() {
        let (rfc, linux) = (Profile::rfc9293(), Profile::linux());
        let (zero, day) = (Span::ZERO, Span::secs(86_400));
        for profile in [&rfc, &linux] {
            let one = made(profile, zero, [10, 0, 0, 9], 1, 0);
            assert_eq!(one.octets().len(), 8);
            assert_eq!(one, made(profile, Span::secs(10), [10, 0, 0, 9], 1, 0));
            assert_ne!(one, made(profile, zero, [10, 0, 0, 8], 1, 0));
            assert_ne!(one, made(profile, zero, [10, 0, 0, 9], 2, 0));
        }
        assert_ne!(made(&rfc, zero, [10, 0, 0, 9], 1, 0), made(&rfc, day, [10, 0, 0, 9], 1, 0));
        assert_eq!(made(&rfc, zero, [10, 0, 0, 9], 1, 0), made(&rfc, day, [10, 0, 0, 9], 1, 1));
        assert_eq!(made(&linux, zero, [10, 0, 0, 9], 1, 0), made(&linux, day * 99, [10, 0, 0, 9], 1, 0));
    }

    #[test]
    fn the_option_fills_whole_words() {
        for (len, experimental) in [(0, false), (0, true), (8, false), (8, true), (14, false), (16, false)] {
            let offer = Offer { cookie: Cookie::of(&[7; 16][..len]), experimental };
            let options: crate::wire::TcpOptions = offer.to_wire().collect();
            assert_eq!(options.octets().len() % 4, 0, "{len} {experimental}");
            assert!(options.octets().len() < len + 8, "{len} {experimental}");
        }
    }
}
