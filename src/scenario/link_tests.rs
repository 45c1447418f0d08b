//! Networks of several links: what is right, and what every mistake is told.

use super::{Plan, Scenario};
use crate::clock::Span;
use crate::link::{HostId, LossModel, NodeKind, Port};
use std::net::Ipv4Addr;

const TEXTS: &str = "title = { en = 'a', zh = 'b' }\nlesson = { en = 'c', zh = 'd' }\n";

/// a - s1 - r1 - r2 - b, with c on s1 as well.
const NET: &str = "
[host.a]
address = '10.0.1.2/24'
gateway = 'r1'
[host.c]
address = '10.0.1.3/24'
gateway = '10.0.1.1'
[switch.s1]
ageing = '20s'
[router.r1]
address = { s1 = '10.0.1.1/24', r2 = '10.0.9.1/30' }
routes = ['10.0.2.0/24 via r2']
[router.r2]
address = { r1 = '10.0.9.2/30', b = '10.0.2.1/24' }
routes = ['default via 10.0.9.1']
[host.b]
address = '10.0.2.2'
routes = 'shortest'
[wire]
delay = '3ms'
[[link]]
between = ['a', 's1']
[[link]]
between = ['c', 's1']
[[link]]
between = ['s1', 'r1']
delay = '1ms'
[[link]]
between = ['r1', 'r2']
mtu = 1400
loss = '10%'
[[link]]
between = ['r2', 'b']
jitter = '2ms'
rate = '10Mbit/s'
queue = 7
";

fn plan(text: &str) -> Plan {
    let parsed = Scenario::parse("t.toml", &format!("{TEXTS}{text}"));
    parsed.unwrap_or_else(|wrong| panic!("{}", wrong[0])).default_plan().clone()
}

/// The mistake that says so, or else the first; what would be right; and the line of the text it stands on.
fn wrong(text: &str, message: &str) -> (String, String, usize) {
    let mistakes = Scenario::parse("t.toml", &format!("{TEXTS}{text}")).expect_err("a mistake");
    let meant = mistakes.iter().find(|mistake| mistake.message.en.contains(message));
    let meant = meant.unwrap_or(&mistakes[0]);
    assert!(!meant.message.zh.is_empty() && meant.message.zh != meant.message.en, "{meant}");
    let help = meant.help.clone().map_or_else(String::new, |help| help.en);
    (meant.message.en.clone(), help, meant.line - 2)
}

#[test]
fn nodes_are_numbered_in_the_order_of_the_file_and_cards_in_that_of_the_links() {
    let plan = plan(NET);
    let kinds: Vec<(&str, NodeKind)> =
        plan.hosts.iter().map(|host| (host.name.as_str(), host.kind)).collect();
    use NodeKind::{Host, Router, Switch};
    let wanted = [("a", Host), ("c", Host), ("s1", Switch), ("r1", Router), ("r2", Router), ("b", Host)];
    assert_eq!(kinds, wanted);
    assert_eq!(plan.hosts[2].ageing, Some(Span::secs(20)));
    let cards = |node: usize| -> Vec<String> {
        plan.hosts[node].cards.iter().map(|card| format!("{}/{}", card.address, card.prefix)).collect()
    };
    assert_eq!(cards(3), ["10.0.1.1/24", "10.0.9.1/30"]);
    assert_eq!(cards(5), ["10.0.2.2/24"]);
    assert_eq!(cards(2), [""; 0]);
    let macs: std::collections::BTreeSet<_> =
        plan.hosts.iter().flat_map(|host| host.cards.iter().map(|card| card.mac.0)).collect();
    assert_eq!(macs.len(), 7, "each card has an address of its own");
}

#[test]
fn a_link_has_what_it_says_and_else_what_the_wire_says() {
    let plan = plan(NET);
    let last = &plan.links[4];
    assert_eq!((last.delay, last.jitter, last.queue), (Span::millis(3), Span::millis(2), 7));
    assert_eq!((last.rate, last.mtu, last.loss), (Some(1_250_000), 1500, LossModel::Never));
    assert_eq!((plan.links[2].delay, plan.links[2].rate), (Span::millis(1), None));
    assert_eq!(
        (plan.links[3].mtu, plan.links[3].loss),
        (1400, LossModel::Independent { per_million: 100_000 })
    );
}

#[test]
fn whoever_needs_no_router_in_between_is_on_one_segment() {
    let plan = plan(NET);
    let near = |node, card| {
        let port = Port { node: HostId(node), card };
        plan.neighbours(port).into_iter().map(|(address, _)| address.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(near(0, 0), ["10.0.1.3", "10.0.1.1"]);
    assert_eq!(near(3, 1), ["10.0.9.2"]);
    assert_eq!(near(5, 0), ["10.0.2.1"]);
}

#[test]
fn routes_lead_to_neighbours_by_name_by_address_or_as_the_graph_has_them() {
    let plan = plan(NET);
    let routes = |node: usize| -> Vec<String> {
        plan.hosts[node].routes.iter().map(|route| format!("{} via {}", route.block, route.via)).collect()
    };
    assert_eq!(routes(0), ["0.0.0.0/0 via 10.0.1.1"]);
    assert_eq!(routes(1), routes(0));
    assert_eq!(routes(3), ["10.0.2.0/24 via 10.0.9.2"]);
    assert_eq!(routes(4), ["0.0.0.0/0 via 10.0.9.1"]);
    assert_eq!(routes(5), ["10.0.1.0/24 via 10.0.2.1", "10.0.9.0/30 via 10.0.2.1"]);
}

#[test]
fn for_the_whole_file_shortest_holds_for_all_who_write_no_routes() {
    let text = format!("routes = 'shortest'\n{}", NET.replace("gateway = 'r1'\n", ""));
    let plan = plan(&text);
    assert_eq!(plan.hosts[0].routes.len(), 2);
    assert_eq!(plan.hosts[0].routes[0].via, Ipv4Addr::new(10, 0, 1, 1));
    assert_eq!(plan.hosts[1].routes.len(), 1, "c has its gateway");
}

#[test]
fn every_mistake_of_a_network_stands_at_its_place_with_what_would_be_right() {
    let swap = |from: &str, to: &str| {
        assert!(NET.contains(from), "{from}");
        NET.replacen(from, to, 1)
    };
    let moved = swap("'10.0.2.2'", "'10.0.1.9'").replace("b = '10.0.2.1/24'", "b = '10.0.1.8/24'");
    for (text, message, help) in [
        (swap("['a', 's1']", "['a', 's2']"), "there is no node `s2`", "s1"),
        (swap("['a', 's1']", "['a', 'a']"), "a link to itself leads nowhere", "name two nodes"),
        (swap("['a', 's1']", "['a']"), "a link joins two nodes", "between ="),
        (swap("[[link]]\nbetween = ['c', 's1']\n", ""), "no link leads to `c`", "[[link]]"),
        (swap("{ s1 = '10.0.1.1/24', r2", "{ s2 = '10.0.1.1/24', r2"), "`r1` has no link to `s2`", "s1"),
        (swap("s1 = '10.0.1.1/24', ", ""), "`r1` has no address for its link to `s1`", "address = { s1 ="),
        (swap("'10.0.1.2/24'", "'10.0.1/24'"), "`10.0.1/24` is no address with its prefix", "10.0.1.2/24"),
        (swap("'10.0.1.2/24'", "'10.0.1.255/24'"), "10.0.1.255 cannot be a host's", "10.0.1.1"),
        (swap("'10.0.1.3/24'", "'10.0.1.2/24'"), "a already has the address 10.0.1.2", ""),
        (swap("'10.0.1.3/24'", "'10.0.5.3/24'"), "10.0.5.3/24 is not in a's network", "10.0.1.0/24"),
        (moved, "10.0.1.0/24 is already the network of a", "one link"),
        (swap("gateway = 'r1'", "gateway = 'r2'"), "`r2` is no neighbour of `a`", "r1 (10.0.1.1)"),
        (swap("gateway = 'r1'", "gateway = 'c'"), "c is no router", "r1 (10.0.1.1)"),
        (swap("gateway = 'r1'", "gateway = '10.0.1.77'"), "`10.0.1.77` is no neighbour", "r1"),
        (swap("10.0.2.0/24 via r2", "10.0.2.0/24 to r2"), "`10.0.2.0/24 to r2` is no route", "via r1"),
        (swap("[host.b]", "[host.r1]"), "there is a `r1` already", ""),
        (swap("ageing = '20s'", "aging = '20s'"), "[switch.NAME] has no key `aging`", "ageing"),
        (swap("mtu = 1400", "mtu = 14"), "`mtu` 14 is out of range", "68"),
    ] {
        let (said, right, line) = wrong(&text, message);
        assert!(said.contains(message), "{message}: {said}");
        assert!(right.contains(help), "{help}: {right}");
        assert!(line > 1, "{message} stands on line {line}");
    }
}

#[test]
fn every_mistake_about_how_a_link_behaves_stands_at_its_place() {
    let link =
        |more: &str| NET.replacen("between = ['a', 's1']\n", &format!("between = ['a', 's1']\n{more}\n"), 1);
    let switch = |more: &str| NET.replacen("ageing = '20s'", more, 1);
    for (text, message, help) in [
        (link("loss = { to_bad = 2, to_good = 0.1 }"), "`2` is no probability", "0 to 1"),
        (link("loss = { to_bad = 0.1 }"), "`to_good` is missing", "0 to 1"),
        (link("loss = { to_bad = 0.1, to_good = 0.1, ugly = 1 }"), "loss has no key `ugly`", "good"),
        (link("lose = [0]"), "this is no frame's number", "from 1"),
        (link("lose = { b = [1] }"), "`b` is no end of this link", "a"),
        (link("down = ['5s..2s']"), "not one after another", "2s..5s"),
        (link("down = ['1s..2s', '1500ms..3s']"), "not one after another", "2s..5s"),
        (link("down = '1s'"), "", ""),
        (link("red = { min = 5 }"), "without a rate no queue forms", "rate"),
        (link("rate = '1MB/s'\nred = { min = 15, max = 15 }"), "max 15 is not above min 15", "three times"),
        (link("duplex = 'half'"), "without a rate", "10Mbit/s"),
        (link("duplex = 'quarter'"), "`quarter` is no duplex", "full"),
        (link("rate = '10Mbit/s'\nduplex = 'half'"), "too long for half duplex", "2us"),
        (link("cost = 0"), "`cost` 0 is out of range", "1 to 65535"),
        (switch("spanning_tree = true"), "nothing says when the run ends", "until"),
        (switch("priority = 5"), "without spanning tree `priority` means nothing", "spanning_tree"),
        (switch("spanning_tree = true\nhello = '20s'"), "is no hello of a bridge", "1s to 10s"),
    ] {
        let (said, right, line) = wrong(&text, message);
        assert!(said.contains(message), "{message}: {said}");
        assert!(right.contains(help), "{help}: {right}");
        assert!(line > 1, "{message} stands on line {line}");
    }
}

#[test]
fn what_only_links_can_have_is_refused_without_them() {
    for (text, message) in [
        ("[host.a]\n[switch.s1]\n", "no link leads to the switch `s1`"),
        ("[host.a]\ngateway = '10.0.0.2'\n[host.b]\n", "`gateway` means nothing"),
        ("routes = 'shortest'\n[host.a]\n[host.b]\n", "`routes` means nothing"),
        ("[host.a]\naddress = { b = '10.0.0.1' }\n[host.b]\n", "`address` means nothing"),
    ] {
        let (said, _, _) = wrong(text, message);
        assert!(said.contains(message), "{message}: {said}");
    }
}

#[test]
fn a_network_cannot_run_on_loopback() {
    let (said, _, _) = wrong(&format!("{NET}[live]\nmode = 'loopback'\n"), "loopback");
    assert!(said.contains("loopback has no links"), "{said}");
}
