//! The cookies a server makes: a keyed hash of both addresses (RFC 7413 section 4.1.2), and the keys an administrator or a
//! program chose for it.

use super::Cookie;
use crate::clock::Instant;
use crate::tcp::Profile;
use crate::tcp::isn::{Purpose, keyed};
use siphasher::sip::SipHasher24;
use std::fmt;
use std::hash::Hasher;
use std::net::{IpAddr, SocketAddr};

/// Octets of a key.
const KEY: usize = 16;

/// The keys a server's cookies are made under: the present one, and perhaps the one before it, whose cookies are still
/// good but are exchanged for new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CookieKeys {
    primary: [u8; KEY],
    backup: Option<[u8; KEY]>,
}

impl CookieKeys {
    /// One key of 16 octets, or two of them in a row; `None` for any other length.
    pub fn of_octets(octets: &[u8]) -> Option<CookieKeys> {
        let (primary, rest) = octets.split_first_chunk()?;
        match rest.len() {
            0 => Some(CookieKeys { primary: *primary, backup: None }),
            _ => Some(CookieKeys { primary: *primary, backup: Some(rest.try_into().ok()?) }),
        }
    }

    /// As tcp_fastopen_key writes them: four hexadecimal words of 32 bits joined by `-`, two such keys by a comma.
    pub fn parse(text: &str) -> Option<CookieKeys> {
        let mut octets = Vec::new();
        for key in text.split(',') {
            let words = key.trim().split('-').map(|word| u32::from_str_radix(word, 16).ok());
            let words = words.collect::<Option<Vec<u32>>>().filter(|words| words.len() == 4)?;
            octets.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        }
        CookieKeys::of_octets(&octets)
    }

    /// The octets of all keys, the present one first.
    pub fn octets(&self) -> Vec<u8> {
        [&self.primary[..], self.backup.as_ref().map_or(&[], |key| &key[..])].concat()
    }

    /// The keys in the order in which cookies are tried.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &[u8; KEY]> {
        std::iter::once(&self.primary).chain(&self.backup)
    }
}

/// As tcp_fastopen_key shows them.
impl fmt::Display for CookieKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, key) in self.in_order().enumerate() {
            let (words, _) = key.as_chunks::<4>();
            let words: Vec<String> =
                words.iter().map(|word| format!("{:08x}", u32::from_le_bytes(*word))).collect();
            write!(f, "{}{}", if number > 0 { "," } else { "" }, words.join("-"))?;
        }
        Ok(())
    }
}

/// What makes the cookies of one listener.
pub(super) struct Baker<'p> {
    pub profile: &'p Profile,
    pub keys: CookieKeys,
    pub now: Instant,
    pub local: IpAddr,
    pub remote: IpAddr,
}

impl CookieKeys {
    /// A host whose administrator chose no key has its secret for one.
    pub(super) fn of_secret(secret: &[u8; KEY]) -> CookieKeys {
        CookieKeys { primary: *secret, backup: None }
    }
}

impl Baker<'_> {
    /// Every cookie that is good now; the first is the one to give to who asks.
    pub fn good(&self) -> Vec<Cookie> {
        match self.profile.fast_open.cookie_life {
            Some(life) => {
                let epoch = self.now.as_nanos() / life.as_nanos().max(1);
                [0, 1].iter().map(|back| self.dated(epoch.wrapping_sub(*back))).collect()
            }
            None => self.keys.in_order().map(|key| self.undated(key)).collect(),
        }
    }

    /// SipHash-2-4 of the client's address and the server's, as Linux makes it.
    fn undated(&self, key: &[u8; KEY]) -> Cookie {
        let mut hasher = SipHasher24::new_with_key(key);
        for address in [self.remote, self.local] {
            match address {
                IpAddr::V4(address) => hasher.write(&address.octets()),
                IpAddr::V6(address) => hasher.write(&address.octets()),
            }
        }
        Cookie::of(&hasher.finish().to_le_bytes())
    }

    /// The same with the time in it: such a cookie dies.
    fn dated(&self, epoch: u64) -> Cookie {
        let (local, remote) = (SocketAddr::new(self.local, 0), SocketAddr::new(self.remote, 0));
        let half = |half: u64| {
            let key = &self.keys.primary;
            keyed(key, Purpose::FastOpen, local, remote, epoch << 1 | half).to_be_bytes()
        };
        Cookie::of(&[half(0), half(1)].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;

    fn made(profile: &Profile, at: Span, remote: [u8; 4], secret: u8) -> Vec<Cookie> {
        let keys = CookieKeys::of_secret(&[secret; KEY]);
        let (local, remote) = (IpAddr::from([10, 0, 0, 2]), IpAddr::from(remote));
        Baker { profile, keys, now: Instant::ZERO + at, local, remote }.good()
    }

    #[test]
    fn a_cookie_belongs_to_an_address_and_to_the_secret_and_dies_by_the_rfc() {
        let (rfc, linux) = (Profile::rfc9293(), Profile::linux());
        let (zero, day) = (Span::ZERO, Span::secs(86_400));
        for profile in [&rfc, &linux] {
            let one = made(profile, zero, [10, 0, 0, 9], 1)[0];
            assert_eq!(one.octets().len(), 8);
            assert_eq!(one, made(profile, Span::secs(10), [10, 0, 0, 9], 1)[0]);
            assert_ne!(one, made(profile, zero, [10, 0, 0, 8], 1)[0]);
            assert_ne!(one, made(profile, zero, [10, 0, 0, 9], 2)[0]);
        }
        assert_ne!(made(&rfc, zero, [10, 0, 0, 9], 1)[0], made(&rfc, day, [10, 0, 0, 9], 1)[0]);
        assert_eq!(made(&rfc, zero, [10, 0, 0, 9], 1)[0], made(&rfc, day, [10, 0, 0, 9], 1)[1]);
        assert_eq!(made(&linux, zero, [10, 0, 0, 9], 1), made(&linux, day * 99, [10, 0, 0, 9], 1));
    }

    #[test]
    fn cookies_are_those_the_kernel_makes_under_that_key() {
        let under = |key: &str, local: &str, remote: &str| {
            let (profile, keys) = (&Profile::linux(), CookieKeys::parse(key).unwrap());
            let (local, remote) = (local.parse().unwrap(), remote.parse().unwrap());
            let good = Baker { profile, keys, now: Instant::ZERO, local, remote }.good();
            good.iter()
                .map(|cookie| cookie.octets().iter().map(|octet| format!("{octet:02x}")).collect())
                .collect::<Vec<String>>()
        };
        let (own, four, six) = (
            "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4",
            ["192.168.0.1", "192.0.2.1"],
            ["fd3d:a0b:17d6::1", "fd3d:fa7b:d17d::1"],
        );
        let both = format!("{own},0-0-0-0");
        assert_eq!(under(own, four[0], four[1]), ["3021b9d889017eeb"]);
        assert_eq!(under(&both, four[0], four[1]), ["3021b9d889017eeb", "b7c12350a90dc8f5"]);
        assert_eq!(under(&both, six[0], six[1]), ["c1d1e9742a47a9bc", "82af1a8f9a205c34"]);
    }

    #[test]
    fn keys_are_read_and_shown_as_tcp_fastopen_key_has_them() {
        let text = "00000001-00000002-00000003-00000004,a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4";
        let keys = CookieKeys::parse("1-2-3-4,a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4").unwrap();
        assert_eq!(keys.to_string(), text);
        assert_eq!(keys.octets()[..4], [1, 0, 0, 0]);
        assert_eq!(CookieKeys::of_octets(&keys.octets()), Some(keys));
        for wrong in ["", "1-2-3", "1-2-3-4-5", "1-2-3-g", "1-2-3-4,", "1-2-3-4,1-2-3-4,1-2-3-4"] {
            assert_eq!(CookieKeys::parse(wrong), None, "{wrong}");
        }
        assert_eq!((CookieKeys::of_octets(&[0; 3]), CookieKeys::of_octets(&[0; 17])), (None, None));
    }
}
