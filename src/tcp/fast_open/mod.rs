//! Fast Open (RFC 7413): data on the SYN, for a client that shows a cookie which it got at its address before.

mod client;
mod cookie;
mod memory;
mod server;

pub(super) use client::Asked;
use client::Known;
pub use cookie::CookieKeys;
pub(super) use memory::Memory;
pub(super) use server::{Early, Pending, Verdict};

use super::Profile;
use crate::clock::Span;
use crate::wire::{OptionData, TcpOption};

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
    /// When it goes again for this time, text that followed it counts as lost.
    pub loses_text_at: u32,
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

#[cfg(test)]
mod tests {
    use super::*;

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
