//! The older format: one header, then packets.

use super::clock::Ticks;
use super::error::{Broken, Trouble};
use super::order::Order;
use super::window::Window;
use super::{LONGEST, Place};
use std::io::Read;

/// What the file's header says.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    order: Order,
    ticks: Ticks,
    link: u16,
}

/// The magic numbers, as octets, with what they say: the byte order and the resolution.
const MAGIC: [([u8; 4], Order, u8); 4] = [
    ([0xd4, 0xc3, 0xb2, 0xa1], Order::Little, 6),
    ([0xa1, 0xb2, 0xc3, 0xd4], Order::Big, 6),
    ([0x4d, 0x3c, 0xb2, 0xa1], Order::Little, 9),
    ([0xa1, 0xb2, 0x3c, 0x4d], Order::Big, 9),
];

/// Reads the file's header, if its first four octets are of this format.
pub fn header<R: Read>(magic: [u8; 4], window: &mut Window<R>) -> Option<Result<Header, Broken>> {
    let (_, order, resolution) = MAGIC.into_iter().find(|(known, _, _)| *known == magic)?;
    Some(
        window
            .need(24)
            .map(|octets| (order.u16(octets, 4), order.u16(octets, 6), order.u32(octets, 20)))
            .and_then(|(major, minor, link)| {
                if major != 2 {
                    return Err(Broken { at: window.offset() + 4, trouble: Trouble::Version(major, minor) });
                }
                window.pass(24);
                // The upper half tells how long the frame check sequence is.
                Ok(Header { order, ticks: Ticks { resolution, offset: 0 }, link: link as u16 })
            }),
    )
}

/// The next packet: its place in the window, whose first octet is the packet's.
pub fn next<R: Read>(header: &Header, window: &mut Window<R>) -> Result<Option<Place>, Broken> {
    if window.fill(16)? == 0 {
        return Ok(None);
    }
    let at = window.offset();
    let order = header.order;
    let octets = window.need(16)?;
    let [seconds, fraction, captured, original] = [0, 4, 8, 12].map(|at| order.u32(octets, at));
    if captured > LONGEST {
        return Err(Broken { at: at + 8, trouble: Trouble::PacketLength(captured) });
    }
    window.pass(16);
    window.need(captured as usize)?;
    let seconds = u64::from(seconds).saturating_mul(1_000_000_000);
    Ok(Some(Place {
        offset: at,
        at: Some(seconds.saturating_add(header.ticks.nanos(u64::from(fraction)))),
        link: header.link,
        start: 0,
        len: captured as usize,
        original: original.max(captured),
        block: captured as usize,
        interface: 0,
        of_several: false,
    }))
}
