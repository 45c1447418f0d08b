//! Why IPv6 acted or dropped, by topic.

mod address;
mod fragment;
mod icmp;
mod neighbour;
mod packet;
mod router;

pub use address::AddressReason;
pub use fragment::FragmentReason;
pub use icmp::IcmpReason;
pub use neighbour::NeighbourReason;
pub use packet::PacketReason;
pub use router::RouterReason;

use crate::lang::Lang;

/// Why IPv6, neighbour discovery or ICMPv6 did what it did. Every reason names the section that asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// About neighbours and redirects.
    Neighbour(NeighbourReason),
    /// About routers and what they advertise.
    Router(RouterReason),
    /// About own addresses and groups.
    Address(AddressReason),
    /// About ICMPv6.
    Icmp(IcmpReason),
    /// About fragments.
    Fragment(FragmentReason),
    /// About packets and their headers.
    Packet(PacketReason),
}

impl Reason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            Reason::Neighbour(why) => why.section(),
            Reason::Router(why) => why.section(),
            Reason::Address(why) => why.section(),
            Reason::Icmp(why) => why.section(),
            Reason::Fragment(why) => why.section(),
            Reason::Packet(why) => why.section(),
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Reason::Neighbour(why) => why.sentence(lang),
            Reason::Router(why) => why.sentence(lang),
            Reason::Address(why) => why.sentence(lang),
            Reason::Icmp(why) => why.sentence(lang),
            Reason::Fragment(why) => why.sentence(lang),
            Reason::Packet(why) => why.sentence(lang),
        }
    }
}

fn said(lang: Lang, en: &str, zh: &str) -> String {
    lang.pick(en, zh).to_owned()
}
