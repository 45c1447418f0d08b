//! Why this room sent, kept or dropped something: one file for each topic, so that a new reason is one place to look at.

mod arp;
mod datagram;
mod forwarding;
mod fragment;
mod icmp;
mod nat;
mod raw;

pub use arp::ArpReason;
pub use datagram::DatagramReason;
pub use forwarding::ForwardingReason;
pub use fragment::FragmentReason;
pub use icmp::IcmpReason;
pub use nat::NatReason;
pub use raw::RawReason;

use crate::lang::Lang;

/// Why IP, ARP or ICMP acted. Each names the section that asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Neighbours: asked for, answered, learned, silent.
    Arp(ArpReason),
    /// Whole datagrams: not for this host, or without a way.
    Datagram(DatagramReason),
    /// Pieces of datagrams.
    Fragment(FragmentReason),
    /// ICMP messages of a host, sent and received.
    Icmp(IcmpReason),
    /// What a router does with the packets of others.
    Forwarding(ForwardingReason),
    /// What a NAT box rewrites.
    Nat(NatReason),
    /// What raw sockets send and hear.
    Raw(RawReason),
}

impl Reason {
    /// The RFC section that asks for it.
    pub fn section(&self) -> &'static str {
        match self {
            Reason::Arp(why) => why.section(),
            Reason::Datagram(why) => why.section(),
            Reason::Fragment(why) => why.section(),
            Reason::Icmp(why) => why.section(),
            Reason::Forwarding(why) => why.section(),
            Reason::Nat(why) => why.section(),
            Reason::Raw(why) => why.section(),
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Reason::Arp(why) => why.sentence(lang),
            Reason::Datagram(why) => why.sentence(lang),
            Reason::Fragment(why) => why.sentence(lang),
            Reason::Icmp(why) => why.sentence(lang),
            Reason::Forwarding(why) => why.sentence(lang),
            Reason::Nat(why) => why.sentence(lang),
            Reason::Raw(why) => why.sentence(lang),
        }
    }
}

impl From<ArpReason> for Reason {
    fn from(why: ArpReason) -> Reason {
        Reason::Arp(why)
    }
}

impl From<DatagramReason> for Reason {
    fn from(why: DatagramReason) -> Reason {
        Reason::Datagram(why)
    }
}

impl From<FragmentReason> for Reason {
    fn from(why: FragmentReason) -> Reason {
        Reason::Fragment(why)
    }
}

impl From<IcmpReason> for Reason {
    fn from(why: IcmpReason) -> Reason {
        Reason::Icmp(why)
    }
}

impl From<RawReason> for Reason {
    fn from(why: RawReason) -> Reason {
        Reason::Raw(why)
    }
}

impl From<ForwardingReason> for Reason {
    fn from(why: ForwardingReason) -> Reason {
        Reason::Forwarding(why)
    }
}

impl From<NatReason> for Reason {
    fn from(why: NatReason) -> Reason {
        Reason::Nat(why)
    }
}

fn said(lang: Lang, en: &str, zh: &str) -> String {
    lang.pick(en, zh).to_owned()
}
