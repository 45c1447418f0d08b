//! The newer format: sections of blocks, each section with its byte order and its interfaces.

use super::clock::Ticks;
use super::error::{Broken, Trouble};
use super::order::Order;
use super::window::Window;
use super::{LONGEST, Place};
use std::io::Read;
use std::sync::Arc;

/// The block that begins a section; it reads the same in both byte orders.
pub const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const PACKET: u32 = 6;

/// The most interfaces of a section.
const INTERFACES: usize = 65_536;

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u16,
    /// The most octets kept of a packet; 0: all.
    most: u32,
    ticks: Ticks,
}

/// The present section.
#[derive(Clone, Debug)]
pub struct Section {
    order: Order,
    /// Shared, for marks keep the section they were made in.
    interfaces: Arc<Vec<Interface>>,
}

impl Section {
    /// Before the first section header.
    pub fn none_yet() -> Section {
        Section { order: Order::Little, interfaces: Arc::default() }
    }

    /// The next packet: its place in the window, whose first octet is the block's.
    pub fn next<R: Read>(&mut self, window: &mut Window<R>) -> Result<Option<Place>, Broken> {
        loop {
            if window.fill(12)? == 0 {
                return Ok(None);
            }
            let at = window.offset();
            let head = window.need(12)?;
            if head[..4] == SECTION {
                self.begin(window, at)?;
                continue;
            }
            let (kind, length) = (self.order.u32(head, 0), self.order.u32(head, 4));
            if length < 12 || length % 4 != 0 {
                return Err(Broken { at: at + 4, trouble: Trouble::BlockLength(length) });
            }
            match kind {
                INTERFACE | OLD_PACKET | SIMPLE_PACKET | PACKET => {
                    if length > LONGEST {
                        return Err(Broken { at: at + 4, trouble: Trouble::BlockLength(length) });
                    }
                    let block = window.need(length as usize)?;
                    let last = self.order.u32(block, length as usize - 4);
                    same_lengths(at, length, last)?;
                    if kind == INTERFACE {
                        let interface = interface(self.order, block);
                        if self.interfaces.len() >= INTERFACES {
                            return Err(Broken { at, trouble: Trouble::TooManyInterfaces });
                        }
                        Arc::make_mut(&mut self.interfaces).push(interface);
                        window.pass(length as usize);
                        continue;
                    }
                    return self.packet(kind, block, at).map(Some);
                }
                // Names, statistics, secrets, and whatever else: however long, passed over without keeping it.
                _ => {
                    window.skip(u64::from(length) - 4)?;
                    let last = self.order.u32(window.need(4)?, 0);
                    same_lengths(at, length, last)?;
                    window.pass(4);
                }
            }
        }
    }

    /// A section header: everything known before is over.
    fn begin<R: Read>(&mut self, window: &mut Window<R>, at: u64) -> Result<(), Broken> {
        let head = window.need(28)?;
        let mark = [head[8], head[9], head[10], head[11]];
        let order = match mark {
            [0x4d, 0x3c, 0x2b, 0x1a] => Order::Little,
            [0x1a, 0x2b, 0x3c, 0x4d] => Order::Big,
            _ => return Err(Broken { at: at + 8, trouble: Trouble::ByteOrder(mark) }),
        };
        let (length, major, minor) = (order.u32(head, 4), order.u16(head, 12), order.u16(head, 14));
        if length < 28 || length % 4 != 0 {
            return Err(Broken { at: at + 4, trouble: Trouble::BlockLength(length) });
        }
        if major != 1 {
            return Err(Broken { at: at + 12, trouble: Trouble::Version(major, minor) });
        }
        window.skip(u64::from(length) - 4)?;
        same_lengths(at, length, order.u32(window.need(4)?, 0))?;
        window.pass(4);
        *self = Section { order, interfaces: Arc::default() };
        Ok(())
    }

    fn packet(&self, kind: u32, block: &[u8], at: u64) -> Result<Place, Broken> {
        let order = self.order;
        let room = |start: usize| (block.len() as u32).saturating_sub(start as u32 + 4);
        let known = |number: u32, field: u64| {
            let interface = self.interfaces.get(number as usize).copied();
            interface.ok_or(Broken { at: at + field, trouble: Trouble::NoInterface(number) })
        };
        let (number, interface, ticks, captured, original, start, field) = if kind == SIMPLE_PACKET {
            let interface = known(0, 0)?;
            let original = order.u32(block, 8);
            let most = if interface.most == 0 { u32::MAX } else { interface.most };
            (0, interface, None, original.min(most), original, 12, 8)
        } else {
            let (number, field) =
                if kind == PACKET { (order.u32(block, 8), 8) } else { (u32::from(order.u16(block, 8)), 8) };
            if block.len() < 32 {
                return Err(Broken { at: at + 4, trouble: Trouble::BlockLength(block.len() as u32) });
            }
            let [high, low, captured, original] = [12, 16, 20, 24].map(|at| order.u32(block, at));
            let ticks = u64::from(high) << 32 | u64::from(low);
            (number, known(number, field)?, Some(ticks), captured, original, 28, 20)
        };
        if captured > room(start) {
            return Err(Broken { at: at + field, trouble: Trouble::PacketLength(captured) });
        }
        Ok(Place {
            offset: at,
            at: ticks.map(|ticks| interface.ticks.nanos(ticks)),
            link: interface.link,
            start,
            len: captured as usize,
            original: original.max(captured),
            block: block.len(),
            interface: number,
            of_several: self.interfaces.len() > 1,
        })
    }
}

fn same_lengths(at: u64, first: u32, last: u32) -> Result<(), Broken> {
    if first == last {
        return Ok(());
    }
    let place = at + u64::from(first) - 4;
    Err(Broken { at: place, trouble: Trouble::LengthsDiffer { first, last } })
}

/// An interface description; options that do not fit are as if they were not there.
fn interface(order: Order, block: &[u8]) -> Interface {
    let mut interface =
        Interface { link: order.u16(block, 8), most: order.u32(block, 12), ticks: Ticks::default() };
    let mut rest = block.get(16..block.len() - 4).unwrap_or_default();
    while rest.len() >= 4 {
        let (code, length) = (order.u16(rest, 0), usize::from(order.u16(rest, 2)));
        let Some(value) = rest.get(4..4 + length) else { break };
        match (code, length) {
            (0, _) => break,
            (9, 1) => interface.ticks.resolution = value[0],
            (14, 8) => interface.ticks.offset = order.u64(value, 0) as i64,
            _ => {}
        }
        rest = rest.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
    }
    interface
}
