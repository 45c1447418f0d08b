//! Why a host sent, dropped or did something: the reasons of its layers under one roof.

use crate::lang::{Lang, Text};
use crate::socket::LocalReason;
use crate::wire::ParseError;
use crate::{ip, ipv6, link, tcp, udp};

/// Why something happened on a host or on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The frame was made by hand (an attacker, a rebooted peer), not by a stack.
    ByHand,
    /// What happened to the frame on its way.
    Link(link::Reason),
    /// The frame cannot be understood, or a checksum is wrong.
    Malformed(ParseError),
    /// Why IP, ARP or ICMP acted.
    Ip(ip::Reason),
    /// Why IPv6, neighbour discovery or ICMPv6 acted.
    Ipv6(ipv6::Reason),
    /// Why UDP acted.
    Udp(udp::Reason),
    /// Why TCP acted.
    Tcp(tcp::Reason),
    /// What happened between two local sockets, without a network.
    Local(LocalReason),
    /// What somebody concludes who only sees the frames of a capture.
    Concluded(Box<Conclusion>),
}

/// What somebody concludes who only sees the frames of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// One plain sentence.
    pub says: Text,
    /// In few words, where it is remarkable.
    pub brief: Option<Text>,
    /// The RFC section; empty where none says so.
    pub section: &'static str,
    /// Octets that went over the wire without being captured, if that is what it tells of.
    pub uncaptured: Option<u32>,
}

impl Reason {
    /// The RFC section that asks for it, such as `RFC 9293 3.10.7.4`; empty where none does.
    pub fn section(&self) -> &'static str {
        match self {
            Reason::ByHand => "",
            Reason::Link(why) => why.section(),
            Reason::Malformed(error) => error.section(),
            Reason::Ip(why) => why.section(),
            Reason::Ipv6(why) => why.section(),
            Reason::Udp(why) => why.section(),
            Reason::Tcp(why) => why.section(),
            Reason::Local(why) => why.section(),
            Reason::Concluded(conclusion) => conclusion.section,
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Reason::ByHand => {
                lang.pick("Made by hand: no stack sent this.", "手工构造：不是任何协议栈发出的。").to_owned()
            }
            Reason::Link(why) => why.sentence(lang),
            Reason::Malformed(error) => error.sentence(lang),
            Reason::Ip(why) => why.sentence(lang),
            Reason::Ipv6(why) => why.sentence(lang),
            Reason::Udp(why) => why.sentence(lang),
            Reason::Tcp(why) => why.sentence(lang).to_owned(),
            Reason::Local(why) => why.sentence(lang),
            Reason::Concluded(conclusion) => conclusion.says.get(lang).to_owned(),
        }
    }
}
