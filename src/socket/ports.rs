//! Choosing an ephemeral port (RFC 6056): a keyed start, then one after the other.

use crate::clock::Draws;
use crate::tcp::Profile;
use std::net::{IpAddr, SocketAddr};

/// Where the search begins is drawn anew each time.
#[derive(Clone, Debug)]
pub(super) struct Ports {
    draws: Draws,
    drawn: u64,
}

impl Ports {
    pub fn new(seed: u64) -> Ports {
        Ports { draws: Draws::new(seed), drawn: 0 }
    }

    /// A port of the profile's range that is `free` together with this address; `None` if none is.
    pub fn choose(
        &mut self,
        profile: &Profile,
        address: IpAddr,
        mut free: impl FnMut(SocketAddr) -> bool,
    ) -> Option<SocketAddr> {
        let port = |value: i64| u16::try_from(value).unwrap_or(u16::MAX).max(1);
        let low = port(profile.settings.ip_local_port_range_low);
        let high = port(profile.settings.ip_local_port_range_high).max(low);
        let count = u64::from(high - low) + 1;
        let start = self.draws.below("ephemeral port", 0, self.drawn, count);
        self.drawn += 1;
        (0..count)
            .map(|step| SocketAddr::new(address, low + ((start + step) % count) as u16))
            .find(|candidate| free(*candidate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn ports_come_from_the_range_and_follow_the_seed() {
        let profile = Profile::linux();
        let chosen = |seed| {
            let mut ports = Ports::new(seed);
            (0..100).filter_map(|_| ports.choose(&profile, HERE, |_| true)).collect::<Vec<_>>()
        };
        assert_eq!(chosen(1), chosen(1));
        assert_ne!(chosen(1), chosen(2));
        assert_eq!(chosen(1).len(), 100);
        assert!(chosen(1).iter().all(|local| (32_768..=60_999).contains(&local.port())));
    }

    #[test]
    fn every_port_is_tried_before_none_is_left() {
        let mut profile = Profile::linux();
        profile.settings.ip_local_port_range_low = 40_000;
        profile.settings.ip_local_port_range_high = 40_003;
        let mut tried = Vec::new();
        let chosen = Ports::new(7).choose(&profile, HERE, |local| {
            tried.push(local.port());
            false
        });
        tried.sort_unstable();
        assert_eq!((chosen, tried), (None, vec![40_000, 40_001, 40_002, 40_003]));
    }
}
