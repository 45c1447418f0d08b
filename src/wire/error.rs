//! What can be wrong with a frame, and where.

use super::MOST_EXTENSIONS;
use crate::lang::Lang;
use std::fmt;

/// A protocol whose header a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Header {
    /// Ethernet II.
    Ethernet,
    /// A VLAN tag (IEEE 802.1Q).
    Vlan,
    /// A message of spanning tree (IEEE 802.1D).
    Bpdu,
    /// ARP (RFC 826).
    Arp,
    /// IPv4 (RFC 791).
    Ipv4,
    /// ICMP (RFC 792).
    Icmp,
    /// IPv6 (RFC 8200).
    Ipv6,
    /// An extension header of IPv6 (RFC 8200 section 4).
    Ipv6Extension,
    /// ICMPv6 (RFC 4443).
    Icmpv6,
    /// UDP (RFC 768).
    Udp,
    /// TCP (RFC 9293).
    Tcp,
}

/// A frame that cannot be understood or fails a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.sentence(Lang::En))]
pub struct ParseError {
    /// In which header.
    pub header: Header,
    /// Offset of the field at fault from the start of the frame, octets.
    pub at: usize,
    /// What.
    pub flaw: Flaw,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// The octets end before the header does.
    Truncated {
        /// Octets the header needs.
        need: usize,
        /// Octets there are.
        have: usize,
    },
    /// Not the version that the link layer announced.
    Version(u8),
    /// A header length below 5 words.
    HeaderLength {
        /// The field, in 32-bit words.
        words: u8,
    },
    /// A length field that is smaller than the header or larger than what is there.
    Length {
        /// The field, in octets.
        field: usize,
        /// Least possible.
        min: usize,
        /// Greatest possible.
        max: usize,
    },
    /// A wrong checksum.
    Checksum {
        /// The field.
        found: u16,
        /// What it should be.
        expected: u16,
    },
    /// More extension headers than any sender needs.
    TooManyExtensions,
    /// No checksum where one must be: UDP over IPv6.
    NoChecksum,
    /// An ARP message that is not about IPv4 on Ethernet.
    NotIpv4OnEthernet,
}

impl Header {
    /// The protocol's name.
    pub const fn name(self) -> &'static str {
        match self {
            Header::Ethernet => "Ethernet",
            Header::Vlan => "802.1Q",
            Header::Bpdu => "BPDU",
            Header::Arp => "ARP",
            Header::Ipv4 => "IPv4",
            Header::Icmp => "ICMP",
            Header::Ipv6 => "IPv6",
            Header::Ipv6Extension => "IPv6 extension",
            Header::Icmpv6 => "ICMPv6",
            Header::Udp => "UDP",
            Header::Tcp => "TCP",
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl ParseError {
    /// The RFC section that makes it an error.
    pub const fn section(&self) -> &'static str {
        match (self.header, self.flaw) {
            (Header::Ethernet, _) => "RFC 894",
            (Header::Vlan, _) => "IEEE 802.1Q 9.6",
            (Header::Bpdu, _) => "IEEE 802.1D 9.3",
            (Header::Arp, _) => "RFC 826",
            (Header::Ipv4, Flaw::Checksum { .. }) => "RFC 1122 3.2.1.2",
            (Header::Ipv4, Flaw::Version(_)) => "RFC 1122 3.2.1.1",
            (Header::Ipv4, _) => "RFC 791 3.1",
            (Header::Icmp, _) => "RFC 792",
            (Header::Ipv6, _) => "RFC 8200 3",
            (Header::Ipv6Extension, _) => "RFC 8200 4",
            (Header::Icmpv6, Flaw::Checksum { .. }) => "RFC 4443 2.3",
            (Header::Icmpv6, _) => "RFC 4443 2.1",
            (Header::Udp, Flaw::NoChecksum) => "RFC 8200 8.1",
            (Header::Udp, Flaw::Checksum { .. }) => "RFC 1122 4.1.3.4",
            (Header::Udp, _) => "RFC 768",
            (Header::Tcp, _) => "RFC 9293 3.1",
        }
    }

    /// One plain sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        let (header, at) = (self.header, self.at);
        match self.flaw {
            Flaw::Truncated { need, have } => lang.pick(
                format!("The {header} header at octet {at} needs {need} octets, but only {have} are there."),
                format!("第 {at} 字节处的 {header} 首部需要 {need} 字节，但只有 {have} 字节。"),
            ),
            Flaw::Version(version) => lang.pick(
                format!("Octet {at} says IP version {version}, which is not that of {header}."),
                format!("第 {at} 字节的 IP 版本是 {version}，与 {header} 不符。"),
            ),
            Flaw::HeaderLength { words } => lang.pick(
                format!("The {header} header length at octet {at} is {words} words; the least is 5."),
                format!("第 {at} 字节处的 {header} 首部长度为 {words} 个 32 位字，最小应为 5。"),
            ),
            Flaw::Length { field, min, max } => lang.pick(
                format!("The {header} length at octet {at} is {field}; {min} to {max} would fit the frame."),
                format!("第 {at} 字节处的 {header} 长度字段为 {field}，与该帧相符的应为 {min} 到 {max}。"),
            ),
            Flaw::Checksum { found, expected } => lang.pick(
                format!(
                    "The {header} checksum at octet {at} is 0x{found:04x}; the octets give 0x{expected:04x}."
                ),
                format!(
                    "第 {at} 字节处的 {header} 检验和为 0x{found:04x}，按内容计算应为 0x{expected:04x}。"
                ),
            ),
            Flaw::TooManyExtensions => lang.pick(
                format!(
                    "At octet {at} one more extension header begins than the {MOST_EXTENSIONS} that are read."
                ),
                format!("第 {at} 字节处又是一个扩展首部，超出了最多读取的 {MOST_EXTENSIONS} 个。"),
            ),
            Flaw::NoChecksum => lang.pick(
                format!("The {header} checksum at octet {at} is zero, which IPv6 forbids."),
                format!("第 {at} 字节处的 {header} 检验和为零，IPv6 不允许这样。"),
            ),
            Flaw::NotIpv4OnEthernet => lang.pick(
                format!("The ARP message at octet {at} is not about IPv4 addresses on Ethernet."),
                format!("第 {at} 字节处的 ARP 报文不是以太网上的 IPv4 地址解析。"),
            ),
        }
    }
}
