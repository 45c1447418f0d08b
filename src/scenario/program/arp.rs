//! `arp probe` and `arp announce`: what a host asks and tells about an address it wants to use (RFC 5227).

use super::Op;
use super::compile::Compiler;
use crate::scenario::cursor::Cursor;
use crate::scenario::source::{Mistake, Parse};
use crate::wire::{self, ArpMessage, ArpOperation, MacAddr, Packet};
use bytes::Bytes;
use std::net::Ipv4Addr;

/// An ARP message made by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArpHand {
    /// About which address.
    pub address: Ipv4Addr,
    /// Whether it tells that the address is the sender's own; otherwise it only asks who has it, and names no sender.
    pub announces: bool,
}

impl ArpHand {
    /// The frame, as that card sends it: a question to everybody, in both cases (RFC 5227 section 3).
    pub fn frame(self, card: MacAddr) -> Bytes {
        let message = ArpMessage {
            operation: ArpOperation::Request,
            sender_mac: card,
            sender_ip: if self.announces { self.address } else { Ipv4Addr::UNSPECIFIED },
            target_mac: MacAddr::default(),
            target_ip: self.address,
        };
        wire::build(&Packet::arp(card, MacAddr::BROADCAST, message))
    }
}

impl Compiler<'_> {
    /// `arp probe ADDRESS` or `arp announce ADDRESS`, from the second word on.
    pub fn arp(&mut self, cursor: &mut Cursor<'_>) -> Parse<()> {
        let (word, span) = cursor.expect_name("probe or announce", "probe 或 announce")?;
        let announces = match word {
            "announce" => true,
            "probe" => false,
            _ => {
                let mistake = Mistake::new(
                    span,
                    format!("`arp {word}` means nothing"),
                    format!("`arp {word}` 没有意义"),
                );
                return Err(Box::new(mistake.known(word, ["probe", "announce"])));
            }
        };
        let address = self.ip(cursor)?;
        self.ops.push(Op::Arp(ArpHand { address, announces }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Body;

    fn message(announces: bool) -> ArpMessage {
        let address = Ipv4Addr::new(10, 0, 0, 2);
        let frame = ArpHand { address, announces }.frame(MacAddr::of_host(3));
        let packet = wire::parse(&frame).expect("sound");
        assert_eq!(packet.ethernet.destination, MacAddr::BROADCAST);
        match packet.body {
            Body::Arp(message) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_probe_names_no_sender_and_an_announcement_names_itself_twice() {
        let (probe, announcement) = (message(false), message(true));
        assert_eq!((probe.sender_ip, probe.target_ip), (Ipv4Addr::UNSPECIFIED, Ipv4Addr::new(10, 0, 0, 2)));
        assert_eq!(announcement.sender_ip, announcement.target_ip);
        assert_eq!(announcement.sender_mac, MacAddr::of_host(3));
    }
}
