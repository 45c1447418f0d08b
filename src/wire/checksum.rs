//! The Internet checksum (RFC 1071), summed eight octets at a time.

use std::net::{IpAddr, Ipv4Addr};

/// A running ones' complement sum. Pieces may be added in any order, but every piece except the last to be
/// added with an odd length must have an even one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum(u64);

impl Checksum {
    /// Zero so far.
    pub const fn new() -> Checksum {
        Checksum(0)
    }

    /// Adds octets; an odd last one counts as if a zero followed.
    #[must_use]
    pub fn over(self, octets: &[u8]) -> Checksum {
        // Two lanes of 32-bit words, folded at the end: each takes 2^32 words before it overflows, far more
        // than any packet has. Native order is fine: swapping the octets of all words swaps those of the sum.
        let (mut even, mut odd) = (0u64, 0u64);
        let (words, rest) = octets.as_chunks::<8>();
        for word in words {
            let word = u64::from_ne_bytes(*word);
            even += word & 0xffff_ffff;
            odd += word >> 32;
        }
        let (words, rest) = rest.as_chunks::<4>();
        for word in words {
            even += u64::from(u32::from_ne_bytes(*word));
        }
        let (words, rest) = rest.as_chunks::<2>();
        for word in words {
            odd += u64::from(u16::from_ne_bytes(*word));
        }
        if let [last] = rest {
            odd += u64::from(u16::from_ne_bytes([*last, 0]));
        }
        let sum = fold(fold(even) + fold(odd)) as u16;
        Checksum(self.0 + u64::from(u16::from_be_bytes(sum.to_ne_bytes())))
    }

    /// Adds the pseudo-header that TCP and UDP sum over (RFC 9293 section 3.1): addresses, protocol, length in octets.
    #[must_use]
    pub fn add_pseudo_header(
        self,
        source: Ipv4Addr,
        destination: Ipv4Addr,
        protocol: u8,
        len: u16,
    ) -> Checksum {
        let addresses = u64::from(source.to_bits()) + u64::from(destination.to_bits());
        Checksum(self.0 + fold(addresses) + u64::from(protocol) + u64::from(len))
    }

    /// The same for addresses of either version: IPv6's pseudo-header (RFC 8200 section 8.1) has longer addresses and a
    /// longer length, and sums in the same way. Of two versions at once only zeros are added.
    #[must_use]
    pub fn add_pseudo_header_of(self, ends: (IpAddr, IpAddr), protocol: u8, len: u32) -> Checksum {
        match ends {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                self.add_pseudo_header(source, destination, protocol, u16::try_from(len).unwrap_or(u16::MAX))
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                let sum = self.over(&source.octets()).over(&destination.octets());
                Checksum(sum.0 + fold(u64::from(len)) + u64::from(protocol))
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => self,
        }
    }

    /// Takes back a 16-bit word that was added, such as the checksum field itself.
    #[must_use]
    pub const fn without(self, word: u16) -> Checksum {
        Checksum(self.0 + (!word) as u64)
    }

    /// The sum itself, folded to 16 bits: what an offloading kernel leaves in the field (pseudo-header only),
    /// and 0xffff over octets whose checksum is right.
    pub const fn sum(self) -> u16 {
        fold(self.0) as u16
    }

    /// The checksum: the ones' complement of the sum.
    pub const fn finish(self) -> u16 {
        !self.sum()
    }
}

const fn fold(sum: u64) -> u64 {
    let mut sum = (sum & 0xffff_ffff) + (sum >> 32);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum
}

/// The checksum of these octets.
pub fn checksum(octets: &[u8]) -> u16 {
    Checksum::new().over(octets).finish()
}

/// The checksum after `old` gave way to `new` somewhere in what it is over, both of even length and at an even place
/// (RFC 1624, equation 3). A checksum that was wrong stays so.
pub fn updated_checksum(checksum: u16, old: &[u8], new: &[u8]) -> u16 {
    let word = |octets: &[u8; 2]| u64::from(u16::from_be_bytes(*octets));
    let taken: u64 = old.as_chunks::<2>().0.iter().map(|octets| 0xffff - word(octets)).sum();
    let given: u64 = new.as_chunks::<2>().0.iter().map(word).sum();
    !(fold(u64::from(!checksum) + taken + given) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::checksum::Sum16BitWords;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_rfc_1071() {
        let octets = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(Checksum::new().over(&octets).sum(), 0xddf2);
        assert_eq!(checksum(&octets), !0xddf2);
    }

    #[test]
    fn a_sum_over_octets_with_their_checksum_is_all_ones() {
        let mut octets = vec![7u8, 1, 0, 0, 200, 3, 5];
        let sum = checksum(&octets).to_be_bytes();
        octets[2..4].copy_from_slice(&sum);
        assert_eq!(Checksum::new().over(&octets).sum(), 0xffff);
    }

    fn oracle(octets: &[u8]) -> u16 {
        u16::from_be_bytes(Sum16BitWords::new().add_slice(octets).ones_complement().to_ne_bytes())
    }

    proptest! {
        #[test]
        fn agrees_with_etherparse(octets in prop::collection::vec(any::<u8>(), 0..3000)) {
            prop_assert_eq!(checksum(&octets), oracle(&octets));
        }

        #[test]
        fn pieces_add_up(octets in prop::collection::vec(any::<u8>(), 0..300), cut in 0usize..150) {
            let cut = (cut * 2).min(octets.len() / 2 * 2);
            let (left, right) = octets.split_at(cut);
            prop_assert_eq!(Checksum::new().over(left).over(right).finish(), checksum(&octets));
        }

        #[test]
        fn the_pseudo_header_counts_like_its_octets(source: [u8; 4], destination: [u8; 4], protocol: u8, len: u16) {
            let mut octets = Vec::new();
            octets.extend(source);
            octets.extend(destination);
            octets.extend([0, protocol]);
            octets.extend(len.to_be_bytes());
            let sum = Checksum::new().add_pseudo_header(source.into(), destination.into(), protocol, len);
            prop_assert_eq!(sum.finish(), checksum(&octets));
        }
    }

    #[test]
    fn the_pseudo_header_of_ipv6_counts_like_its_octets() {
        let (source, destination): (IpAddr, IpAddr) =
            ("2001:db8::1".parse().unwrap(), "fe80::ffff:1".parse().unwrap());
        let mut octets = Vec::new();
        for address in [source, destination] {
            let IpAddr::V6(address) = address else { unreachable!() };
            octets.extend(address.octets());
        }
        octets.extend(70_000u32.to_be_bytes());
        octets.extend([0, 0, 0, 58]);
        let sum = Checksum::new().add_pseudo_header_of((source, destination), 58, 70_000);
        assert_eq!(sum.finish(), checksum(&octets));
    }

    #[test]
    fn all_ones_of_the_largest_packet_do_not_overflow() {
        let octets = vec![0xff; 65_536];
        assert_eq!(checksum(&octets), oracle(&octets));
    }

    #[test]
    fn the_example_of_rfc_1624() {
        assert_eq!(updated_checksum(0xdd2f, &[0x55, 0x55], &[0x32, 0x85]), 0x0000);
    }

    proptest! {
        #[test]
        fn a_mended_checksum_is_that_made_anew(mut octets in proptest::collection::vec(any::<u8>(), 4..64), at in 0usize..30, new: [u8; 2]) {
            let at = (at * 2).min((octets.len() / 2 - 1) * 2);
            // Of zeros alone the sum has two forms; a packet is never all zeros.
            octets[0] |= 1;
            let old = [octets[at], octets[at + 1]];
            let before = checksum(&octets);
            octets[at..at + 2].copy_from_slice(&new);
            prop_assume!(octets.iter().any(|octet| *octet != 0));
            prop_assert_eq!(updated_checksum(before, &old, &new), checksum(&octets));
        }
    }
}
