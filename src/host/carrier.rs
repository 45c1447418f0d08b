//! A card whose link goes down or comes up.

use super::{Host, HostEffect};
use crate::clock::Instant;

impl Host {
    /// The link at that card went down or came up. Down, the neighbours found by asking are forgotten, with the packets that
    /// waited for their answers, as the kernel does (`arp_evict_nocarrier`); routes and connections stay as they are.
    pub fn carrier(&mut self, now: Instant, card: u16, up: bool, fx: &mut Vec<HostEffect>) {
        if !up {
            self.ip.carrier_lost(card, &mut self.pending.ip);
            self.drain_ip(now, fx);
        }
    }
}
