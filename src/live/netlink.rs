//! Interfaces, addresses, routes and neighbours of the calling thread's network namespace, by rtnetlink.

use crate::clock::Span;
use crate::scenario::{Ipv4Block, Ipv6Net};
use crate::wire::MacAddr;
use netlink_packet_core::{
    DefaultNla, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage,
    NetlinkPayload,
};
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressMessage, AddressScope};
use netlink_packet_route::link::{
    BridgeStpState, InfoBridge, InfoBridgePort, InfoData, InfoKind, InfoPortData, InfoPortKind, InfoVeth,
    LinkAttribute, LinkFlags, LinkInfo, LinkMessage,
};
use netlink_packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState,
};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteMetric, RouteProtocol, RouteScope,
    RouteType,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, BorrowedFd};

/// What is set of a bridge's spanning tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct BridgeTree {
    pub priority: u16,
    pub hello: Span,
    pub forward_delay: Span,
    pub max_age: Span,
}

/// A route socket in the namespace of the thread that made it.
pub(super) struct Routes {
    socket: Socket,
    sequence: u32,
}

impl Routes {
    /// Opens it in the calling thread's namespace.
    pub(super) fn open() -> io::Result<Routes> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        Ok(Routes { socket, sequence: 0 })
    }

    /// Brings an interface up, with at most this MTU and one segment at a time (no segmentation offload), as asked.
    pub(super) fn set_up(
        &mut self,
        interface: u32,
        mtu: Option<u32>,
        single_segments: bool,
    ) -> io::Result<()> {
        let mut link = LinkMessage::default();
        link.header.index = interface;
        link.header.flags = LinkFlags::Up;
        link.header.change_mask = LinkFlags::Up;
        link.attributes.extend(mtu.map(LinkAttribute::Mtu));
        if single_segments {
            link.attributes.push(LinkAttribute::GsoMaxSegs(1));
        }
        self.ask(RouteNetlinkMessage::SetLink(link), 0)
    }

    /// Makes a veth pair: one end here under `name` with that address, the other under `outer` in another namespace.
    pub(super) fn add_veth(
        &mut self,
        name: &str,
        mac: MacAddr,
        mtu: u32,
        outer: &str,
        outer_namespace: BorrowedFd<'_>,
    ) -> io::Result<()> {
        let mut peer = LinkMessage::default();
        peer.attributes = vec![
            LinkAttribute::IfName(outer.to_owned()),
            LinkAttribute::Mtu(mtu),
            LinkAttribute::NetNsFd(outer_namespace.as_raw_fd()),
        ];
        let mut link = LinkMessage::default();
        link.attributes = vec![
            LinkAttribute::IfName(name.to_owned()),
            LinkAttribute::Address(mac.0.to_vec()),
            LinkAttribute::Mtu(mtu),
            LinkAttribute::LinkInfo(vec![
                LinkInfo::Kind(InfoKind::Veth),
                LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(peer))),
            ]),
        ];
        self.ask(RouteNetlinkMessage::NewLink(link), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Takes an interface down.
    pub(super) fn set_down(&mut self, interface: u32) -> io::Result<()> {
        let mut link = LinkMessage::default();
        link.header.index = interface;
        link.header.change_mask = LinkFlags::Up;
        self.ask(RouteNetlinkMessage::SetLink(link), 0)
    }

    /// Has an interface ask for no neighbour's address: everybody behind it is reached by its own.
    pub(super) fn without_arp(&mut self, interface: u32) -> io::Result<()> {
        let mut link = LinkMessage::default();
        link.header.index = interface;
        link.header.flags = LinkFlags::Noarp;
        link.header.change_mask = LinkFlags::Noarp;
        self.ask(RouteNetlinkMessage::SetLink(link), 0)
    }

    /// Sets what the way over a bridge's port costs.
    pub(super) fn set_path_cost(&mut self, port: u32, cost: u32) -> io::Result<()> {
        let mut link = LinkMessage::default();
        link.header.index = port;
        let data = InfoPortData::BridgePort(vec![InfoBridgePort::Cost(cost)]);
        let info = vec![LinkInfo::PortKind(InfoPortKind::Bridge), LinkInfo::PortData(data)];
        link.attributes = vec![LinkAttribute::LinkInfo(info)];
        self.ask(RouteNetlinkMessage::NewLink(link), 0)
    }

    /// Makes a bridge. A place is remembered for `ageing`, or as long as the kernel likes.
    pub(super) fn add_bridge(
        &mut self,
        name: &str,
        ageing: Option<Span>,
        tree: Option<BridgeTree>,
    ) -> io::Result<()> {
        // The kernel counts in hundredths of a second.
        let hundredths = |span: Span| (span.as_nanos() / 10_000_000).min(u64::from(u32::MAX)) as u32;
        let mut data = vec![InfoBridge::MulticastSnooping(false)];
        match tree {
            None => data.push(InfoBridge::StpState(BridgeStpState::Disabled)),
            Some(tree) => data.extend([
                InfoBridge::Priority(tree.priority),
                InfoBridge::HelloTime(hundredths(tree.hello)),
                InfoBridge::ForwardDelay(hundredths(tree.forward_delay)),
                InfoBridge::MaxAge(hundredths(tree.max_age)),
                // In a namespace of its own the kernel runs it itself.
                InfoBridge::StpState(BridgeStpState::KernelStp),
            ]),
        }
        data.extend(ageing.map(|span| InfoBridge::AgeingTime(hundredths(span))));
        let mut link = LinkMessage::default();
        link.attributes = vec![
            LinkAttribute::IfName(name.to_owned()),
            LinkAttribute::LinkInfo(vec![
                LinkInfo::Kind(InfoKind::Bridge),
                LinkInfo::Data(InfoData::Bridge(data)),
            ]),
        ];
        self.ask(RouteNetlinkMessage::NewLink(link), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Makes an interface a port of the bridge.
    pub(super) fn enslave(&mut self, interface: u32, bridge: u32) -> io::Result<()> {
        let mut link = LinkMessage::default();
        link.header.index = interface;
        link.attributes.push(LinkAttribute::Controller(bridge));
        self.ask(RouteNetlinkMessage::SetLink(link), 0)
    }

    /// Gives an interface an address of its own. Those that share its prefix are its neighbours.
    pub(super) fn add_address(&mut self, interface: u32, address: Ipv4Addr, prefix: u8) -> io::Result<()> {
        let mut message = AddressMessage::default();
        message.header.family = AddressFamily::Inet;
        message.header.prefix_len = prefix;
        message.header.scope = AddressScope::Universe;
        message.header.index = interface;
        message.attributes =
            vec![AddressAttribute::Local(address.into()), AddressAttribute::Address(address.into())];
        self.ask(RouteNetlinkMessage::NewAddress(message), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Sends a block out of an interface, to a gateway if one is given.
    pub(super) fn add_route(
        &mut self,
        interface: u32,
        block: Ipv4Block,
        gateway: Option<Ipv4Addr>,
        source: Option<Ipv4Addr>,
    ) -> io::Result<()> {
        let mut message = RouteMessage::default();
        message.header = RouteHeader {
            address_family: AddressFamily::Inet,
            destination_prefix_length: block.prefix,
            table: RouteHeader::RT_TABLE_MAIN,
            protocol: RouteProtocol::Static,
            scope: if gateway.is_some() { RouteScope::Universe } else { RouteScope::Link },
            kind: RouteType::Unicast,
            ..RouteHeader::default()
        };
        message.attributes =
            vec![RouteAttribute::Destination(RouteAddress::Inet(block.base)), RouteAttribute::Oif(interface)];
        message
            .attributes
            .extend(gateway.map(|gateway| RouteAttribute::Gateway(RouteAddress::Inet(gateway))));
        message
            .attributes
            .extend(source.map(|source| RouteAttribute::PrefSource(RouteAddress::Inet(source))));
        self.ask(RouteNetlinkMessage::NewRoute(message), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Sends an address out of an interface; connections there use this congestion control.
    pub(super) fn add_controlled_route(
        &mut self,
        interface: u32,
        to: std::net::IpAddr,
        congestion: &str,
    ) -> io::Result<()> {
        const RTAX_CC_ALGO: u16 = 16;
        let (family, address, prefix) = match to {
            std::net::IpAddr::V4(to) => (AddressFamily::Inet, RouteAddress::Inet(to), 32),
            std::net::IpAddr::V6(to) => (AddressFamily::Inet6, RouteAddress::Inet6(to), 128),
        };
        let mut message = RouteMessage::default();
        message.header = RouteHeader {
            address_family: family,
            destination_prefix_length: prefix,
            table: RouteHeader::RT_TABLE_MAIN,
            protocol: RouteProtocol::Static,
            scope: RouteScope::Link,
            kind: RouteType::Unicast,
            ..RouteHeader::default()
        };
        let name = DefaultNla::new(RTAX_CC_ALGO, [congestion.as_bytes(), &[0]].concat());
        message.attributes = vec![
            RouteAttribute::Destination(address),
            RouteAttribute::Oif(interface),
            RouteAttribute::Metrics(vec![RouteMetric::Other(name)]),
        ];
        self.ask(RouteNetlinkMessage::NewRoute(message), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Makes a neighbour known beforehand, for good.
    pub(super) fn add_neighbour(
        &mut self,
        interface: u32,
        address: Ipv4Addr,
        mac: MacAddr,
    ) -> io::Result<()> {
        let mut message = NeighbourMessage::default();
        message.header.family = AddressFamily::Inet;
        message.header.ifindex = interface;
        message.header.state = NeighbourState::Permanent;
        message.attributes = vec![
            NeighbourAttribute::Destination(NeighbourAddress::Inet(address)),
            NeighbourAttribute::LinkLayerAddress(mac.0.to_vec()),
        ];
        self.ask(RouteNetlinkMessage::NewNeighbour(message), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Gives an interface an IPv6 address that may be used at once (IFA_F_NODAD).
    pub(super) fn add_address6(&mut self, interface: u32, net: Ipv6Net) -> io::Result<()> {
        let mut message = AddressMessage::default();
        message.header.family = AddressFamily::Inet6;
        message.header.prefix_len = net.prefix;
        message.header.scope = AddressScope::Universe;
        message.header.index = interface;
        message.attributes =
            vec![AddressAttribute::Address(net.address.into()), AddressAttribute::Flags(AddressFlags::Nodad)];
        self.ask(RouteNetlinkMessage::NewAddress(message), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Sends an IPv6 network to a gateway.
    pub(super) fn add_route6(&mut self, interface: u32, net: Ipv6Net, gateway: Ipv6Addr) -> io::Result<()> {
        let mut message = RouteMessage::default();
        message.header = RouteHeader {
            address_family: AddressFamily::Inet6,
            destination_prefix_length: net.prefix,
            table: RouteHeader::RT_TABLE_MAIN,
            protocol: RouteProtocol::Static,
            scope: RouteScope::Universe,
            kind: RouteType::Unicast,
            ..RouteHeader::default()
        };
        message.attributes = vec![
            RouteAttribute::Destination(RouteAddress::Inet6(net.network().address)),
            RouteAttribute::Oif(interface),
            RouteAttribute::Gateway(RouteAddress::Inet6(gateway)),
        ];
        self.ask(RouteNetlinkMessage::NewRoute(message), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Makes a neighbour's IPv6 address known beforehand, for good.
    pub(super) fn add_neighbour6(
        &mut self,
        interface: u32,
        address: Ipv6Addr,
        mac: MacAddr,
    ) -> io::Result<()> {
        let mut message = NeighbourMessage::default();
        message.header.family = AddressFamily::Inet6;
        message.header.ifindex = interface;
        message.header.state = NeighbourState::Permanent;
        message.attributes = vec![
            NeighbourAttribute::Destination(NeighbourAddress::Inet6(address)),
            NeighbourAttribute::LinkLayerAddress(mac.0.to_vec()),
        ];
        self.ask(RouteNetlinkMessage::NewNeighbour(message), NLM_F_CREATE | NLM_F_EXCL)
    }

    /// Sends one request and waits for the kernel's yes or no.
    fn ask(&mut self, message: RouteNetlinkMessage, flags: u16) -> io::Result<()> {
        self.sequence += 1;
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | NLM_F_ACK | flags;
        header.sequence_number = self.sequence;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(message));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.socket.send(&bytes, 0)?;
        loop {
            let (answer, _) = self.socket.recv_from_full()?;
            let answer = NetlinkMessage::<RouteNetlinkMessage>::deserialize(&answer)
                .map_err(|error| io::Error::other(error.to_string()))?;
            if answer.header.sequence_number != self.sequence {
                continue;
            }
            if let NetlinkPayload::Error(error) = answer.payload {
                return match error.code {
                    None => Ok(()),
                    Some(code) => Err(io::Error::from_raw_os_error(-code.get())),
                };
            }
        }
    }
}

/// The number of an interface of the calling thread's namespace.
pub(super) fn interface_index(name: &str) -> io::Result<u32> {
    pnet::datalink::interfaces()
        .into_iter()
        .find(|interface| interface.name == name)
        .map(|interface| interface.index)
        .ok_or_else(|| io::Error::other(format!("no interface {name}")))
}
