//! What the hosts of a live run stand on: network namespaces made for this run alone. They live as long as somebody holds
//! them open, so nothing is left behind, however the run ends.

use super::Error;
use super::bridges::{self, Waiting};
use super::carriers::Carriers;
use super::diag::{Diag, TcpSocket};
use super::kernel::{self, CounterFiles};
use super::netlink::{Routes, interface_index};
use super::nft;
use super::sys;
use super::tap::{Tally, Tap};
use crate::lang::Text;
use crate::link::{HostId, NodeKind, Port};
use crate::mib::Counter;
use crate::scenario::{CardPlan, HostPlan, Ipv4Block, LiveMode, Plan};
use crate::socket::Return;
use crate::wire::MacAddr;
use nix::sched::{CloneFlags, setns, unshare};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A network namespace.
pub(super) struct Place {
    namespace: File,
    diag: Diag,
    counters: CounterFiles,
    /// What the counters have counted that does not belong to the run.
    aside: Mutex<BTreeMap<Counter, u64>>,
    /// Whether its host speaks IPv6.
    ipv6: bool,
    /// Segments to actors, which loopback hands to this kernel's TCP: it counts them before it throws them away.
    to_actors: Option<Tally>,
}

impl Place {
    /// A new namespace around the calling thread, which stays in it.
    pub(super) fn around(ipv6: bool) -> io::Result<Place> {
        // A namespace may give those made inside it a table of connections of their own. Without that they share the
        // machine's, which is large, and each look at the sockets would walk through all of it.
        unshare(CloneFlags::CLONE_NEWNET)?;
        if std::fs::write("/proc/sys/net/ipv4/tcp_child_ehash_entries", "4096").is_ok() {
            unshare(CloneFlags::CLONE_NEWNET)?;
        }
        Ok(Place {
            namespace: File::open("/proc/thread-self/ns/net")?,
            diag: Diag::open()?,
            counters: CounterFiles::open()?,
            aside: Mutex::default(),
            ipv6,
            to_actors: None,
        })
    }

    /// Moves the calling thread into this namespace.
    pub(super) fn enter(&self) -> io::Result<()> {
        setns(self.namespace.as_fd(), CloneFlags::CLONE_NEWNET).map_err(io::Error::from)
    }

    /// What names it in requests to the kernel.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.namespace.as_fd()
    }

    /// All TCP sockets in it.
    pub(super) fn sockets(&self) -> io::Result<Vec<TcpSocket>> {
        self.diag.tcp(self.ipv6)
    }

    /// What each counter has counted for the run so far.
    pub(super) fn counted(&self) -> io::Result<BTreeMap<Counter, u64>> {
        let mut counted = self.counters.read()?;
        let aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        for (counter, value) in &mut counted {
            *value = value.saturating_sub(aside.get(counter).copied().unwrap_or(0));
        }
        if let (Some(tally), Some(received)) = (&self.to_actors, counted.get_mut(&Counter::InSegs)) {
            *received = received.saturating_sub(tally.count()?);
        }
        Ok(counted)
    }

    /// Lets what was counted since `before` (of [`Place::counted`]) count for nothing.
    pub(super) fn forget_since(&self, before: &BTreeMap<Counter, u64>) -> io::Result<()> {
        let now = self.counted()?;
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        for (counter, value) in now {
            let grown = value.saturating_sub(before.get(&counter).copied().unwrap_or(0));
            *aside.entry(counter).or_default() += grown;
        }
        Ok(())
    }
}

/// The namespaces of a run, and the taps on the wire between them.
pub(super) struct Ground {
    /// By host. On loopback all are the same; an actor on a wire stands in the wire's own namespace.
    pub places: Vec<Arc<Place>>,
    /// On loopback one tap; on a wire one for each card of the kernel's.
    pub taps: Vec<(Port, Tap)>,
    /// On a wire: the loopbacks of hosts whose programs may talk to each other.
    pub inside: Vec<(HostId, Tap)>,
    /// On a wire: what takes links down and up.
    pub carriers: Option<Carriers>,
    /// Bridges with spanning tree, which begin with the run.
    pub waiting: Vec<Waiting>,
}

/// Runs on a thread of its own, so that the caller's namespace stays what it is.
pub(super) fn apart<T: Send>(work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    std::thread::scope(|scope| scope.spawn(work).join())
        .unwrap_or_else(|_| Err(io::Error::other("a thread that set up a namespace panicked")))
}

/// Makes the namespaces for a plan.
pub(super) fn prepare(plan: &Plan, mode: LiveMode) -> Result<Ground, Error> {
    let ground = match mode {
        LiveMode::Loopback => loopback(plan),
        LiveMode::Wire => wire(plan),
    };
    ground.map_err(|error| {
        Error::Kernel(Text::new(
            format!("the private network could not be made: {error}"),
            format!("无法建立私有网络：{error}"),
        ))
    })
}

pub(super) fn step<T>(what: &str, result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| io::Error::new(error.kind(), format!("{what}: {error}")))
}

/// All hosts are addresses of one namespace's loopback interface.
fn loopback(plan: &Plan) -> io::Result<Ground> {
    let (place, tap) = apart(|| {
        let mut place = step("a network namespace", Place::around(false))?;
        step("settings", kernel::pin_settings(false))?;
        for host in &plan.hosts {
            set_all(host)?;
        }
        let mut routes = Routes::open()?;
        let lo = interface_index("lo")?;
        // Unless the plan asks for another MTU than Ethernet's, loopback keeps its own.
        let mtu = (plan.wire.mtu != 1500).then_some(u32::from(plan.wire.mtu));
        step("the loopback interface", routes.set_up(lo, mtu, true))?;
        for host in &plan.hosts {
            if !host.actor {
                step("an address", routes.add_address(lo, host.address, 32))?;
            }
        }
        // What leads to an actor leads nowhere: seen on loopback, answered by nobody.
        let mut nowhere = Vec::new();
        for host in &plan.hosts {
            let single = Ipv4Block { base: host.address, prefix: 32 };
            nowhere.extend(host.owns.iter().copied().chain(host.actor.then_some(single)).map(masked));
        }
        for block in &nowhere {
            step("a route", routes.add_route(lo, *block, None, None))?;
        }
        if !nowhere.is_empty() {
            place.to_actors = Some(step("a tally", Tally::on_loopback(&nowhere))?);
        }
        let tap = step("the capture", Tap::on("lo"))?;
        Ok((Arc::new(place), tap))
    })?;
    Ok(Ground {
        places: vec![place; plan.hosts.len()],
        taps: vec![(Port { node: HostId(0), card: 0 }, tap)],
        inside: Vec::new(),
        carriers: None,
        waiting: Vec::new(),
    })
}

/// Each host has a namespace of its own with its cards in it, whose other ends lie in the wire's namespace. A router's
/// passes on; in a switch's a bridge joins the cards.
fn wire(plan: &Plan) -> io::Result<Ground> {
    let hub = apart(|| {
        let hub = step("the wire's namespace", Place::around(false))?;
        kernel::pin_settings(false)?;
        Ok(Arc::new(hub))
    })?;
    let (mut places, mut cards) = (Vec::new(), Vec::new());
    for (number, host) in plan.hosts.iter().enumerate() {
        let node = HostId(number as u16);
        if host.actor || host.kind == NodeKind::Hub {
            places.push(Arc::clone(&hub));
        } else {
            let (place, taps) = apart(|| node_on_wire(plan, node, host, &hub))?;
            places.push(Arc::new(place));
            cards.extend(taps);
        }
    }
    let (mut taps, carriers) = apart(|| {
        hub.enter()?;
        let mut carriers = Carriers::open()?;
        let control = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        let mut routes = Routes::open()?;
        let mut taps = Vec::new();
        for (port, _) in &cards {
            let name = outer_name(*port);
            switch_off_offloads(&control, &name);
            let far_end = interface_index(&name)?;
            carriers.add(*port, far_end);
            step("the card's other end", routes.set_up(far_end, None, true))?;
            taps.push((*port, step("the tap", Tap::on(&name))?));
        }
        Ok((taps, carriers))
    })?;
    for ((_, card), (_, tap)) in cards.iter_mut().zip(&mut taps) {
        await_link(card, tap)?;
    }
    if plan.ipv6 {
        await_quiet(&mut taps)?;
    }
    // A bridge floods the port first that was added last.
    for (port, _) in cards.iter().rev() {
        if let Some(place) = places.get(port.node.index()) {
            apart(|| make_forward(plan, *port, place))?;
        }
    }
    let mut waiting = Vec::new();
    for (node, place) in places.iter().enumerate() {
        waiting.extend(apart(|| bridges::plant(plan, HostId(node as u16), place))?);
    }
    let inside = inside(plan, &places)?;
    Ok(Ground { places, taps, inside, carriers: Some(carriers), waiting })
}

/// Taps on the loopbacks of hosts with several programs.
fn inside(plan: &Plan, places: &[Arc<Place>]) -> io::Result<Vec<(HostId, Tap)>> {
    let mut taps = Vec::new();
    for (number, (host, place)) in plan.hosts.iter().zip(places).enumerate() {
        let node = HostId(number as u16);
        let programs = plan.processes.iter().filter(|process| process.host == node).count();
        if programs > 1 && !host.actor {
            taps.push((
                node,
                apart(|| {
                    place.enter()?;
                    step("the tap inside a host", Tap::on("lo"))
                })?,
            ));
        }
    }
    Ok(taps)
}

/// Waits until frames cross in both directions: for some milliseconds after both ends of a pair are up, the kernel loses
/// what they are given. None of the frames sent for that is on its way any more afterwards.
pub(super) fn await_link(one: &mut Tap, other: &mut Tap) -> io::Result<()> {
    let down = || io::Error::other("the link between two namespaces does not come up");
    let mut probes = 0;
    let (mut there, mut back) = (false, false);
    for _ in 0..2000 {
        probes += 1;
        let _ = one.send(&probe(probes));
        let _ = other.send(&probe(probes));
        there |= has_come(other, 1..=probes)?;
        back |= has_come(one, 1..=probes)?;
        if there && back {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    if !(there && back) {
        return Err(down());
    }
    // Probes may be slow, but they come in order: behind these two there is none.
    let last = probes + 1;
    one.send(&probe(last))?;
    other.send(&probe(last))?;
    (there, back) = (false, false);
    for _ in 0..2000 {
        there |= has_come(other, last..=last)?;
        back |= has_come(one, last..=last)?;
        if there && back {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(down())
}

/// A frame to everybody, of a type for experiments (IEEE 802 section 9.2.4), which no stack takes, with a number.
fn probe(number: u32) -> [u8; 60] {
    let mut frame = [0xff; 60];
    frame[6..12].copy_from_slice(&MacAddr::of_host(u16::MAX).0);
    frame[12..14].copy_from_slice(&[0x88, 0xb5]);
    frame[14..18].copy_from_slice(&number.to_be_bytes());
    frame
}

/// Whether a probe with one of these numbers is among what has come; takes all of it away.
fn has_come(tap: &mut Tap, numbers: std::ops::RangeInclusive<u32>) -> io::Result<bool> {
    let mut come = false;
    while let Some(seen) = tap.read()? {
        let number = seen.frame.get(14..18).and_then(|octets| octets.try_into().ok()).map(u32::from_be_bytes);
        come |= number.is_some_and(|number| numbers.contains(&number) && seen.frame[..] == probe(number));
    }
    Ok(come)
}

/// Waits until the cards have told of their groups (MLD, RFC 3810 section 6.1), which each does twice when it comes up: that
/// belongs to the link's beginning and not to the run.
fn await_quiet(taps: &mut [(Port, Tap)]) -> io::Result<()> {
    const QUIET: u32 = 100;
    let mut quiet = 0;
    for _ in 0..5000 {
        if quiet == QUIET {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(1));
        quiet += 1;
        for (_, tap) in taps.iter_mut() {
            while tap.read()?.is_some() {
                quiet = 0;
            }
        }
    }
    Err(io::Error::other("a card does not fall silent"))
}

/// Name of the far end of a card.
fn outer_name(port: Port) -> String {
    format!("wire{}c{}", port.node.0, port.card)
}

/// Name of a card in its own namespace.
pub(super) fn card_name(card: u16) -> String {
    format!("eth{card}")
}

/// A host, a router or a switch with its cards.
fn node_on_wire(
    plan: &Plan,
    node: HostId,
    host: &HostPlan,
    hub: &Place,
) -> io::Result<(Place, Vec<(Port, Tap)>)> {
    let ipv6 = plan.ipv6 && host.kind.has_stack();
    let place = step("a network namespace", Place::around(ipv6))?;
    step("settings", kernel::pin_settings(ipv6))?;
    set_all(host)?;
    step("rp_filter", kernel::set_reverse_path(host.reverse_path))?;
    let mut routes = Routes::open()?;
    // What a host sends to itself is cut as for its wire, as in the simulator.
    routes.set_up(interface_index("lo")?, Some(u32::from(plan.wire.mtu)), true)?;
    let ports: Vec<Port> = match plan.links.is_empty() {
        true => vec![Port { node, card: 0 }],
        false => plan.topology().ports(node).collect(),
    };
    let mut taps = Vec::new();
    for port in ports {
        let name = card_name(port.card);
        let mac = host
            .cards
            .get(usize::from(port.card))
            .map_or_else(|| MacAddr::of_port(port.node.0, port.card), |card| card.mac);
        let mtu = u32::from(plan.mtu_at(port));
        step("a card", routes.add_veth(&name, mac, mtu, &outer_name(port), hub.namespace.as_fd()))?;
        let control = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        switch_off_offloads(&control, &name);
        drop(control);
        let card = interface_index(&name)?;
        step("a card", routes.set_up(card, None, true))?;
        if plan.links.is_empty() {
            reach_all(plan, host, card, &mut routes)?;
        } else if let Some(own) = host.cards.get(usize::from(port.card)) {
            reach_segment(plan, port, own, card, &mut routes)?;
        }
        if let Some(own) = host.cards.get(usize::from(port.card)).filter(|_| ipv6) {
            reach_ipv6(plan, port, own, card, &mut routes)?;
        }
        taps.push((port, step("the card's tap", Tap::on(&name))?));
    }
    for route in &host.routes {
        let card = host.cards.iter().position(|card| card.holds(route.via)).unwrap_or(0) as u16;
        let card = interface_index(&card_name(card))?;
        step("a route", routes.add_route(card, masked(route.block), Some(route.via), None))?;
    }
    for route in &host.routes6 {
        let near = |card: &CardPlan| card.ipv6.iter().any(|net| net.holds(route.via));
        let card = host.cards.iter().position(near).unwrap_or(0) as u16;
        let card = interface_index(&card_name(card))?;
        step("a route", routes.add_route6(card, route.net, route.via))?;
    }
    Ok((place, taps))
}

/// Where one wire joins all hosts, each knows the way to every other.
fn reach_all(plan: &Plan, host: &HostPlan, card: u32, routes: &mut Routes) -> io::Result<()> {
    if !host.configured {
        for other in plan.hosts.iter().filter(|other| other.address != host.address && !plan.wire.arp) {
            step("a neighbour", routes.add_neighbour(card, other.address, other.mac))?;
        }
        return reach_everybody(card, routes);
    }
    step("an address", routes.add_address(card, host.address, 32))?;
    for other in plan.hosts.iter().filter(|other| other.address != host.address) {
        if !plan.wire.arp {
            step("a neighbour", routes.add_neighbour(card, other.address, other.mac))?;
        }
        let single = Ipv4Block { base: other.address, prefix: 32 };
        step("a route", routes.add_route(card, single, None, Some(host.address)))?;
        for block in &other.owns {
            let block = masked(*block);
            step("a route", routes.add_route(card, block, Some(other.address), Some(host.address)))?;
        }
    }
    Ok(())
}

/// A host without an address reaches everybody on its wire, and nobody alone.
fn reach_everybody(card: u32, routes: &mut Routes) -> io::Result<()> {
    let everybody = Ipv4Block { base: Ipv4Addr::BROADCAST, prefix: 32 };
    step("a route", routes.add_route(card, everybody, None, None))
}

/// Gives the first card of the calling thread's host an address.
pub(super) fn configure(address: Ipv4Addr, prefix: u8) -> io::Result<Return> {
    let card = interface_index(&card_name(0))?;
    Routes::open()?.add_address(card, address, prefix)?;
    Ok(Return::Done)
}

/// An address whose prefix is the card's own network, as administrators set it.
fn reach_segment(plan: &Plan, port: Port, own: &CardPlan, card: u32, routes: &mut Routes) -> io::Result<()> {
    if plan.hosts.get(port.node.index()).is_some_and(|host| !host.configured) {
        reach_everybody(card, routes)?;
    } else {
        step("an address", routes.add_address(card, own.address, own.prefix))?;
    }
    if !plan.wire.arp {
        for (address, mac) in plan.neighbours(port) {
            step("a neighbour", routes.add_neighbour(card, address, mac))?;
        }
    }
    Ok(())
}

/// The card's IPv6 addresses, and, where nobody has to ask for them, its neighbours: of each address the link-local one too.
fn reach_ipv6(plan: &Plan, port: Port, own: &CardPlan, card: u32, routes: &mut Routes) -> io::Result<()> {
    for net in &own.ipv6 {
        step("an IPv6 address", routes.add_address6(card, *net))?;
    }
    if !plan.wire.arp {
        for (address, mac) in plan.neighbours6(port) {
            step("an IPv6 neighbour", routes.add_neighbour6(card, address, mac))?;
        }
    }
    Ok(())
}

/// What passes on is told to: only now, that none of the frames that tried the links goes further.
fn make_forward(plan: &Plan, port: Port, place: &Place) -> io::Result<()> {
    place.enter()?;
    let Some(host) = plan.hosts.get(port.node.index()) else { return Ok(()) };
    match host.kind {
        NodeKind::Router => {
            if let Some(nat) = host.nat.as_ref().filter(|_| port.card == 0) {
                let what = "address translation (nf_tables)";
                step(what, nft::translate(&card_name(nat.outside), &nat.forwards))?;
            }
            if plan.ipv6 {
                step("forwarding", std::fs::write("/proc/sys/net/ipv6/conf/all/forwarding", "1"))?;
            }
            step("forwarding", kernel::set("ip_forward", 1))
        }
        NodeKind::Switch if host.tree.is_some() => Ok(()),
        NodeKind::Switch => bridges::add_port(host, port),
        NodeKind::Host | NodeKind::Hub => Ok(()),
    }
}

fn set_all(host: &HostPlan) -> io::Result<()> {
    for (name, value) in &host.sysctl {
        step(name, kernel::set(name, *value))?;
    }
    Ok(())
}

/// Segments as they would be on a wire: no segmentation, no checksums left to a card.
fn switch_off_offloads(control: &std::net::UdpSocket, interface: &str) {
    const STXCSUM: u32 = 0x17;
    const SSG: u32 = 0x19;
    const STSO: u32 = 0x1f;
    const SGSO: u32 = 0x24;
    const SGRO: u32 = 0x2c;
    for command in [STSO, SGSO, SGRO, STXCSUM, SSG] {
        // One that this kernel's card does not have is off anyhow.
        let _ = sys::ethtool_off(control.as_fd(), interface, command);
    }
}

/// The block with its host bits cleared, as routes want it.
fn masked(block: Ipv4Block) -> Ipv4Block {
    let mask = u32::MAX.checked_shl(32 - u32::from(block.prefix.min(32))).unwrap_or(0);
    Ipv4Block { base: Ipv4Addr::from(u32::from(block.base) & mask), prefix: block.prefix }
}
