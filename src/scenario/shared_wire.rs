//! Which stations share a wire: those at the ends of half duplex links, joined by hubs.

use super::Topology;
use crate::clock::Span;
use crate::link::{NodeKind, Port};
use std::collections::{BTreeMap, BTreeSet};

/// A wire that all its stations share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedWire {
    /// Its links, by number.
    pub links: Vec<usize>,
    /// Who can send on it, in order.
    pub stations: Vec<Port>,
    /// How long a signal takes from one of them to another.
    pub distances: Vec<Vec<Span>>,
}

impl Topology<'_> {
    /// All shared wires. Hubs hand on whatever one of their links carries, so all links of a hub with a half duplex one
    /// belong together.
    pub fn shared_wires(self) -> Vec<SharedWire> {
        let mut wires = Vec::new();
        let mut seen = BTreeSet::new();
        for number in 0..self.links.len() {
            if !self.links[number].half_duplex || seen.contains(&number) {
                continue;
            }
            let links = self.joined(number);
            seen.extend(links.iter().copied());
            let ends = links.iter().flat_map(|link| self.links[*link].ends);
            let stations: Vec<Port> = ends.filter(|end| !self.repeats(*end)).collect();
            let distances = stations.iter().map(|from| self.distances(*from, &links, &stations)).collect();
            wires.push(SharedWire { links: links.into_iter().collect(), stations, distances });
        }
        wires
    }

    fn repeats(self, end: Port) -> bool {
        self.hosts.get(end.node.index()).is_some_and(|host| host.kind == NodeKind::Hub)
    }

    /// The links that hubs join to that one.
    fn joined(self, first: usize) -> BTreeSet<usize> {
        let mut joined = BTreeSet::from([first]);
        let mut ahead = vec![first];
        while let Some(number) = ahead.pop() {
            for hub in self.links[number].ends.into_iter().filter(|end| self.repeats(*end)) {
                for (other, link) in self.links.iter().enumerate() {
                    if link.ends.iter().any(|end| end.node == hub.node) && joined.insert(other) {
                        ahead.push(other);
                    }
                }
            }
        }
        joined
    }

    /// From a station to every station over these links, the shortest way; zero to itself.
    fn distances(self, from: Port, links: &BTreeSet<usize>, stations: &[Port]) -> Vec<Span> {
        let mut reached: BTreeMap<Port, Span> = BTreeMap::from([(from, Span::ZERO)]);
        // As many rounds as there are links: no shortest way has more.
        for _ in 0..links.len() {
            for number in links {
                let link = &self.links[*number];
                for (one, other) in [(link.ends[0], link.ends[1]), (link.ends[1], link.ends[0])] {
                    let starts = reached
                        .iter()
                        .filter(|(port, _)| **port == one || port.node == one.node && self.repeats(one));
                    let Some(far) = starts.map(|(_, far)| *far + link.delay).min() else { continue };
                    let known = reached.entry(other).or_insert(far);
                    *known = far.min(*known);
                }
            }
        }
        stations.iter().map(|station| reached.get(station).copied().unwrap_or_default()).collect()
    }
}
