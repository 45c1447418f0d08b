//! What the paths from here take, as routers reported it (RFC 1191): for whoever leaves cutting to IP.

use super::Profile;
use crate::clock::{Instant, Span};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Destinations remembered; beyond that the one forgotten soonest makes room.
const REMEMBERED: usize = 1024;

/// How long a report holds (RFC 1191 section 6.3).
const LIFETIME: Span = Span::secs(600);

/// What a path takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathMtu {
    /// Octets of the largest packet.
    pub octets: u16,
    /// The path takes less than that: what goes along it may be cut by routers.
    pub cut_further: bool,
}

/// Reports by destination.
#[derive(Clone, Debug, Default)]
pub(super) struct PathMtus {
    known: BTreeMap<Ipv4Addr, (PathMtu, Instant)>,
}

impl PathMtus {
    /// What was reported of the path to `destination`, if that still holds.
    pub fn get(&self, now: Instant, destination: Ipv4Addr) -> Option<PathMtu> {
        if self.known.is_empty() {
            return None;
        }
        self.known.get(&destination).filter(|(_, until)| *until > now).map(|(path, _)| *path)
    }

    /// A router reported that the next hop to `destination` takes `reported` octets (0: it did not say), and `before` is what
    /// the path was known to take. A report never raises it; whether anything changed is told.
    pub fn learn(
        &mut self,
        now: Instant,
        destination: Ipv4Addr,
        reported: u16,
        before: PathMtu,
        profile: &Profile,
    ) -> bool {
        let least = if reported == 0 { profile.unnamed_path_mtu } else { profile.least_path_mtu };
        let path = if reported < least {
            PathMtu { octets: least.min(before.octets), cut_further: true }
        } else {
            PathMtu { octets: reported, cut_further: false }
        };
        if path.octets > before.octets
            || (path.octets == before.octets && path.cut_further == before.cut_further)
        {
            return false;
        }
        if !self.known.contains_key(&destination) && self.known.len() >= REMEMBERED {
            let soonest = self.known.iter().min_by_key(|(_, (_, until))| *until).map(|(key, _)| *key);
            soonest.and_then(|key| self.known.remove(&key));
        }
        self.known.insert(destination, (path, now + LIFETIME));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAR: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);
    const WHOLE: PathMtu = PathMtu { octets: 1500, cut_further: false };

    fn learned(reported: u16, profile: &Profile) -> Option<(u16, bool)> {
        let mut paths = PathMtus::default();
        paths.learn(Instant::ZERO, FAR, reported, WHOLE, profile);
        paths.get(Instant::ZERO, FAR).map(|path| (path.octets, path.cut_further))
    }

    #[test]
    fn a_report_lowers_what_the_path_takes_for_ten_minutes_and_never_raises_it() {
        let mut paths = PathMtus::default();
        assert!(paths.learn(Instant::ZERO, FAR, 1000, WHOLE, &Profile::linux()));
        let known = paths.get(Instant::ZERO, FAR).unwrap();
        assert_eq!(known, PathMtu { octets: 1000, cut_further: false });
        assert!(!paths.learn(Instant::ZERO, FAR, 1400, known, &Profile::linux()));
        assert_eq!(paths.get(Instant::ZERO + Span::secs(599), FAR), Some(known));
        assert_eq!(paths.get(Instant::ZERO + Span::secs(600), FAR), None);
    }

    #[test]
    fn told_less_than_552_octets_linux_sends_552_and_lets_routers_cut_them() {
        assert_eq!(learned(300, &Profile::linux()), Some((552, true)));
        assert_eq!(learned(0, &Profile::linux()), Some((552, true)));
        assert_eq!(learned(300, &Profile::rfc()), Some((300, false)));
        assert_eq!(learned(60, &Profile::rfc()), Some((68, true)), "every link takes 68");
        assert_eq!(learned(0, &Profile::rfc()), Some((576, true)));
    }

    #[test]
    fn a_flood_of_reports_is_remembered_for_a_thousand_destinations_at_most() {
        let mut paths = PathMtus::default();
        for number in 0..5000u32 {
            let destination = Ipv4Addr::from(0x0a00_0000 + number);
            paths.learn(Instant::from_nanos(u64::from(number)), destination, 1000, WHOLE, &Profile::linux());
        }
        assert_eq!(paths.known.len(), REMEMBERED);
        assert!(paths.get(Instant::ZERO, Ipv4Addr::from(0x0a00_0000)).is_none(), "the oldest made room");
    }
}
