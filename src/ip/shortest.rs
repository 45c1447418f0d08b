//! Routes computed from the graph: for every network the way with the fewest hops, as routers work it out among themselves
//! (RFC 1058, RFC 2328). Dijkstra's algorithm on a graph of networks and routers, by petgraph.

use super::{Interface, Route, Via};
use petgraph::algo::dijkstra;
use petgraph::graph::{NodeIndex, UnGraph};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// One end of a network: who is attached to it by which address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Which host or router.
    pub node: usize,
    /// Which network: whoever is attached to the same one is a neighbour.
    pub segment: usize,
    /// Its address there.
    pub address: Ipv4Addr,
    /// Bits of prefix.
    pub prefix: u8,
    /// Whether it passes on what is for others.
    pub forwards: bool,
}

/// The routes of every node to the networks it is not attached to, nodes numbered from 0 to `nodes`. Where two ways are
/// equally long, the neighbour with the lower address is taken; where no way leads there is no route.
pub fn shortest_routes(nodes: usize, attachments: &[Attachment]) -> Vec<Vec<Route>> {
    let mut graph = UnGraph::<(), u32>::default();
    let segments: BTreeMap<usize, NodeIndex> = attachments
        .iter()
        .map(|one| one.segment)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .map(|segment| (segment, graph.add_node(())))
        .collect();
    let mut routers = BTreeMap::new();
    for one in attachments.iter().filter(|one| one.forwards) {
        let router = *routers.entry(one.node).or_insert_with(|| graph.add_node(()));
        graph.add_edge(router, segments[&one.segment], 1);
    }
    let mut routes = vec![Vec::new(); nodes];
    for (segment, place) in &segments {
        let Some(member) = attachments.iter().find(|one| one.segment == *segment) else { continue };
        let (network, prefix) = (member.address, member.prefix);
        let far = dijkstra(&graph, *place, None, |edge| *edge.weight());
        for (node, routes) in routes.iter_mut().enumerate() {
            let own = || attachments.iter().filter(move |one| one.node == node);
            if own().any(|one| one.segment == *segment) {
                continue;
            }
            let neighbours = own().flat_map(|one| {
                attachments
                    .iter()
                    .filter(move |other| other.segment == one.segment && other.node != node && other.forwards)
            });
            let distance = |one: &Attachment| routers.get(&one.node).and_then(|router| far.get(router));
            let nearest = neighbours.filter_map(|one| distance(one).map(|hops| (*hops, one.address))).min();
            if let Some((_, gateway)) = nearest {
                let network = Ipv4Addr::from(u32::from(network) & super::routes::mask(prefix));
                routes.push(Route { network, prefix, via: Via::Gateway(gateway) });
            }
        }
    }
    routes
}

impl Interface {
    /// First address of the network that it is attached to.
    pub fn network(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.address) & super::routes::mask(self.prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Routers 0 to 3 in a ring of networks 0 to 3, host 4 on network 0, host 5 on network 2, host 6 alone on network 9.
    fn ring() -> Vec<Attachment> {
        let at = |node: usize, segment: usize| Attachment {
            node,
            segment,
            address: Ipv4Addr::new(10, 0, segment as u8, node as u8 + 1),
            prefix: 24,
            forwards: node < 4,
        };
        let ring = (0..4).flat_map(|node| [at(node, node), at(node, (node + 1) % 4)]);
        ring.chain([at(4, 0), at(5, 2), at(6, 9)]).collect()
    }
    fn way(routes: &[Route], segment: u8) -> Option<Via> {
        routes.iter().find(|route| route.network == Ipv4Addr::new(10, 0, segment, 0)).map(|route| route.via)
    }

    #[test]
    fn every_node_takes_the_way_with_fewest_hops_and_of_two_alike_the_lower_address() {
        let routes = shortest_routes(7, &ring());
        let gateway = |segment, node: u8| Some(Via::Gateway(Ipv4Addr::new(10, 0, segment, node + 1)));
        // Host 4 sits between routers 0 and 3: network 1 lies behind router 0, network 3 behind router 3.
        assert_eq!(way(&routes[4], 1), gateway(0, 0));
        assert_eq!(way(&routes[4], 3), gateway(0, 3));
        // Network 2 is two hops away either way round.
        assert_eq!(way(&routes[4], 2), gateway(0, 0));
        assert_eq!(way(&routes[4], 0), None, "its own network needs no route");
        assert_eq!(way(&routes[0], 3), gateway(0, 3));
        assert_eq!(way(&routes[0], 2), gateway(1, 1));
    }

    #[test]
    fn where_no_way_leads_there_is_no_route() {
        let routes = shortest_routes(7, &ring());
        assert!(routes[6].is_empty());
        assert!(routes.iter().all(|routes| way(routes, 9).is_none()));
    }

    #[test]
    fn hosts_are_no_way() {
        let mut attachments = ring();
        for one in &mut attachments {
            one.forwards &= one.node != 0;
        }
        let routes = shortest_routes(7, &attachments);
        assert_eq!(way(&routes[4], 1), Some(Via::Gateway(Ipv4Addr::new(10, 0, 0, 4))), "round the ring");
    }
}
