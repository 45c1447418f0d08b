//! Why IPv6 acted or dropped.

use super::Reachability;
use std::net::Ipv6Addr;

/// Why IPv6, neighbour discovery or ICMPv6 did what it did. Every variant names the section that asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Sent: a solicitation to the group of an address.
    AsksForNeighbour {
        /// Who is looked for.
        target: Ipv6Addr,
    },
    /// Sent: a solicitation to a neighbour whose card is known.
    ProbesNeighbour {
        /// Who is asked.
        target: Ipv6Addr,
    },
    /// Sent: an advertisement to whoever asked.
    AnswersSolicitation {
        /// Who asked.
        asker: Ipv6Addr,
    },
    /// Sent: an advertisement to all, for somebody wants an own address.
    DefendsAddress {
        /// The address.
        address: Ipv6Addr,
    },
    /// Sent: a solicitation for an own address, to see whether it is free.
    ChecksAddress {
        /// The address.
        address: Ipv6Addr,
    },
    /// Sent: a router solicitation.
    SolicitsRouters,
    /// Sent: a router advertisement that was asked for.
    AnswersRouterSolicitation,
    /// Sent: a router advertisement that nobody asked for.
    AdvertisesItself,
    /// Sent: which groups this host listens to.
    ReportsGroups,
    /// Sent: nobody listens on the port.
    PortUnreachable {
        /// The port.
        port: u16,
    },
    /// Sent: no route leads there.
    NoRouteUnreachable {
        /// Where to.
        destination: Ipv6Addr,
    },
    /// Sent: the last hop found nobody.
    AddressUnreachable {
        /// Whom.
        address: Ipv6Addr,
    },
    /// Sent: the source address does not reach so far.
    BeyondScopeUnreachable {
        /// From whom.
        source: Ipv6Addr,
    },
    /// Sent: larger than the next hop takes.
    PacketTooBig {
        /// Octets the next hop takes.
        mtu: u16,
    },
    /// Sent: the hop limit ran out.
    HopLimitExceeded,
    /// Sent: fragments waited too long, the first is there.
    ReassemblyTimeExceeded,
    /// Sent: something in the headers cannot be understood.
    TellsOfParameter {
        /// 0 a field, 1 a next header, 2 an option.
        code: u8,
        /// Octets before the place.
        pointer: u32,
    },
    /// Sent: an answer to an echo request.
    EchoReply,
    /// Sent: passed on by a router.
    Forwarded {
        /// The hop limit it has left.
        hop_limit: u8,
    },
    /// Sent: a neighbour is nearer to where the packet goes.
    Redirects {
        /// Where the packet goes.
        destination: Ipv6Addr,
        /// Who is nearer.
        target: Ipv6Addr,
    },
    /// Noted: what is known of a neighbour has changed.
    NeighbourIs {
        /// Who.
        address: Ipv6Addr,
        /// What is known of it.
        state: Reachability,
    },
    /// Noted: a packet waits for a neighbour's answer.
    WaitsForNeighbour {
        /// Who.
        address: Ipv6Addr,
    },
    /// Noted: nobody else has an address.
    AddressFree {
        /// The address.
        address: Ipv6Addr,
    },
    /// Noted: somebody else has an address.
    AddressTaken {
        /// The address.
        address: Ipv6Addr,
    },
    /// Dropped: somebody else says that an own address is his.
    AddressClaimed {
        /// The address.
        address: Ipv6Addr,
    },
    /// Noted: an address follows from a prefix that a router told.
    AddressMade {
        /// The address.
        address: Ipv6Addr,
    },
    /// Noted: an own address is deprecated, or gone.
    AddressAged {
        /// The address.
        address: Ipv6Addr,
    },
    /// Noted: a router offers itself.
    RouterFound {
        /// Who.
        address: Ipv6Addr,
    },
    /// Noted: a router is none any more.
    RouterLost {
        /// Who.
        address: Ipv6Addr,
    },
    /// Noted: a fragment waits for the others.
    FragmentKept,
    /// Noted: the last missing fragment came.
    Reassembled,
    /// Noted: a fragment header on a whole packet.
    AtomicFragment,
    /// Noted: an ICMPv6 error was not sent because too many were.
    ErrorsLimited,
    /// Noted: an ICMPv6 error went to the socket it is about.
    ErrorReceived {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
    },
    /// Noted: how much gets through to a destination.
    PathMtu {
        /// Where to.
        destination: Ipv6Addr,
        /// Octets.
        mtu: u16,
    },
    /// Noted: a router's advice was taken.
    RedirectTaken {
        /// About packets to whom.
        destination: Ipv6Addr,
        /// Who is nearer.
        target: Ipv6Addr,
    },
    /// Dropped: an own solicitation came back.
    OwnProbe,
    /// Dropped: the packet is for another address; hosts do not forward.
    NotOurAddress,
    /// Dropped: the packet is for a group this card does not listen to.
    NotOurGroup,
    /// Dropped: a router does not pass this on.
    NotForwarded,
    /// Dropped: the hop limit ran out.
    HopLimitOver,
    /// Dropped: a source address no packet may have.
    MartianSource,
    /// Dropped: an option that must be understood is not.
    UnknownOption {
        /// Option type.
        kind: u8,
    },
    /// Dropped: nothing here understands what follows.
    UnknownNextHeader {
        /// Its number.
        number: u8,
    },
    /// Dropped: hop-by-hop options elsewhere than at the beginning.
    HopByHopNotFirst,
    /// Dropped: an option reaches beyond its header.
    OptionsMalformed,
    /// Dropped: a routing header that is not obeyed.
    RoutingRefused {
        /// Routing type.
        kind: u8,
    },
    /// Dropped: a fragment overlaps another.
    FragmentOverlaps,
    /// Dropped: a fragment that cannot be right.
    FragmentInvalid,
    /// Dropped: more unfinished packets than are kept.
    FragmentsLimit,
    /// Dropped: the first fragment does not hold all headers.
    FragmentHeadless,
    /// Dropped: fragments waited too long.
    ReassemblyTimeout,
    /// Dropped: a packet of more than 65535 octets.
    Jumbogram,
    /// Dropped: neighbour discovery whose hop limit is not 255.
    DiscoveryFromAfar {
        /// What it has.
        hop_limit: u8,
    },
    /// Dropped: a neighbour discovery message that breaks its rules.
    DiscoveryInvalid,
    /// Dropped: neighbour discovery about somebody else.
    DiscoveryNotForUs,
    /// Dropped: a redirect that is not to be believed.
    RedirectRefused,
    /// Dropped: a Packet Too Big that is not to be believed.
    TooBigRefused,
    /// Dropped: an ICMPv6 error whose quote cannot be read.
    QuoteUnreadable,
    /// Dropped: an ICMPv6 error about nothing known here.
    ErrorAboutNothing,
    /// Dropped: an ICMPv6 message that asks for nothing.
    IcmpIgnored {
        /// Type.
        kind: u8,
    },
    /// Dropped: the neighbour answered none of the solicitations.
    NeighbourSilent {
        /// Who.
        address: Ipv6Addr,
    },
    /// Dropped: too many packets wait for the neighbour; this was the oldest.
    NeighbourQueueFull {
        /// Who.
        address: Ipv6Addr,
    },
    /// Dropped: no route leads there.
    NoRoute {
        /// Where to.
        destination: Ipv6Addr,
    },
    /// Dropped: larger than the next hop takes.
    TooBig {
        /// Octets the next hop takes.
        mtu: u16,
    },
}

impl Reason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            Reason::AsksForNeighbour { .. }
            | Reason::WaitsForNeighbour { .. }
            | Reason::NeighbourSilent { .. }
            | Reason::NeighbourQueueFull { .. } => "RFC 4861 7.2.2",
            Reason::ProbesNeighbour { .. } => "RFC 4861 7.3.3",
            Reason::AnswersSolicitation { .. } => "RFC 4861 7.2.4",
            Reason::DefendsAddress { .. } => "RFC 4862 5.4.3",
            Reason::ChecksAddress { .. } => "RFC 4862 5.4.2",
            Reason::SolicitsRouters => "RFC 4861 6.3.7",
            Reason::AnswersRouterSolicitation => "RFC 4861 6.2.6",
            Reason::AdvertisesItself => "RFC 4861 6.2.4",
            Reason::ReportsGroups => "RFC 3810 5.2.14",
            Reason::PortUnreachable { .. }
            | Reason::NoRouteUnreachable { .. }
            | Reason::AddressUnreachable { .. }
            | Reason::BeyondScopeUnreachable { .. } => "RFC 4443 3.1",
            Reason::PacketTooBig { .. } => "RFC 4443 3.2",
            Reason::HopLimitExceeded => "RFC 4443 3.3",
            Reason::ReassemblyTimeExceeded
            | Reason::FragmentKept
            | Reason::Reassembled
            | Reason::FragmentInvalid
            | Reason::FragmentsLimit
            | Reason::ReassemblyTimeout => "RFC 8200 4.5",
            Reason::TellsOfParameter { .. } => "RFC 4443 3.4",
            Reason::EchoReply => "RFC 4443 4.2",
            Reason::Forwarded { .. } | Reason::NotOurAddress | Reason::HopLimitOver => "RFC 8200 3",
            Reason::Redirects { .. } => "RFC 4861 8.2",
            Reason::NeighbourIs { .. } => "RFC 4861 7.3.2",
            Reason::AddressFree { .. } => "RFC 4862 5.4",
            Reason::AddressTaken { .. } => "RFC 4862 5.4.5",
            Reason::AddressClaimed { .. } => "RFC 4862 5.4.4",
            Reason::AddressMade { .. } => "RFC 4862 5.5.3",
            Reason::AddressAged { .. } => "RFC 4862 5.5.4",
            Reason::RouterFound { .. } => "RFC 4861 6.3.4",
            Reason::RouterLost { .. } => "RFC 4861 6.3.5",
            Reason::AtomicFragment => "RFC 6946 4",
            Reason::ErrorsLimited
            | Reason::ErrorReceived { .. }
            | Reason::QuoteUnreadable
            | Reason::ErrorAboutNothing
            | Reason::IcmpIgnored { .. } => "RFC 4443 2.4",
            Reason::PathMtu { .. } | Reason::TooBigRefused => "RFC 8201 4",
            Reason::RedirectTaken { .. } => "RFC 4861 8.3",
            Reason::OwnProbe => "RFC 7527 4.2",
            Reason::NotOurGroup => "RFC 4291 2.8",
            Reason::NotForwarded => "RFC 4291 2.5.6",
            Reason::MartianSource => "RFC 4291 2.7",
            Reason::UnknownOption { .. } | Reason::OptionsMalformed => "RFC 8200 4.2",
            Reason::UnknownNextHeader { .. } => "RFC 8200 4",
            Reason::HopByHopNotFirst => "RFC 8200 4.1",
            Reason::RoutingRefused { .. } => "RFC 5095 3",
            Reason::FragmentOverlaps => "RFC 5722 3",
            Reason::FragmentHeadless => "RFC 7112 5",
            Reason::Jumbogram => "RFC 2675 3",
            Reason::DiscoveryFromAfar { .. } | Reason::DiscoveryInvalid => "RFC 4861 7.1",
            Reason::DiscoveryNotForUs => "RFC 4861 7.2.3",
            Reason::RedirectRefused => "RFC 4861 8.1",
            Reason::NoRoute { .. } => "RFC 4861 5.2",
            Reason::TooBig { .. } => "RFC 8200 5",
        }
    }
}
