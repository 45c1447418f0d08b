//! Links that go down and up: the far ends of the kernel's cards, which lie in the wire's namespace, are switched off and on, so that
//! the cards themselves lose their carriers and get them back.

use super::netlink::Routes;
use crate::link::Port;
use std::collections::BTreeMap;
use std::io;

/// The far ends of all cards.
pub(super) struct Carriers {
    routes: Routes,
    far_ends: BTreeMap<Port, u32>,
}

impl Carriers {
    /// Those of the calling thread's namespace; none yet.
    pub(super) fn open() -> io::Result<Carriers> {
        Ok(Carriers { routes: Routes::open()?, far_ends: BTreeMap::new() })
    }

    /// That card's far end is this interface.
    pub(super) fn add(&mut self, card: Port, far_end: u32) {
        self.far_ends.insert(card, far_end);
    }

    /// Takes the carrier of that card away, or gives it back; what has no card of the kernel's is left alone.
    pub(super) fn set(&mut self, card: Port, up: bool) -> io::Result<()> {
        match self.far_ends.get(&card) {
            Some(far_end) if up => self.routes.set_up(*far_end, None, false),
            Some(far_end) => self.routes.set_down(*far_end),
            None => Ok(()),
        }
    }
}
