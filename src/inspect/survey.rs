//! A whole capture in one pass: its connections, in memory that grows with them alone.

use super::connection::Connection;
use super::copies::Copies;
use super::glance::{Glance, glance};
use super::half::Remark;
use super::infer::Crossing;
use super::marks::Marks;
use crate::capture::{Broken, Capture, Found, network};
use crate::trace::Flow;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;

/// The most connections that are followed; frames of further ones are counted.
pub const MOST_CONNECTIONS: usize = 1_000_000;

/// What a capture holds.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The connections, in the order of their first frames.
    pub connections: Vec<Connection>,
    /// Packets in all.
    pub packets: u64,
    /// Octets they had on the wire.
    pub octets: u64,
    /// Packets that the file holds only the beginning of.
    pub cut_short: u64,
    /// Packets with a VLAN tag.
    pub tagged: u64,
    /// Packets that belong to no connection: ARP, ICMP, fragments, other protocols.
    pub others: u64,
    /// Packets that had been seen on another link before: further hops of the same, counted nowhere else.
    pub hops: u64,
    /// Packets of connections beyond [`MOST_CONNECTIONS`].
    pub beyond: u64,
    /// Packets of link types that are not known, by type.
    pub unknown_links: BTreeMap<u16, u64>,
    /// When the first and the last packet were seen, nanoseconds since 1970.
    pub span: Option<(u64, u64)>,
    /// Where to read on from, to see a part again.
    pub marks: Marks,
    /// Why it could not be read to its end.
    pub broken: Option<Broken>,
}

/// Finds the connection a frame belongs to.
#[derive(Debug)]
pub(super) struct Table {
    /// How many are followed.
    most: usize,
    pub connections: Vec<Connection>,
    /// The latest connection of each flow.
    latest: HashMap<Flow, u32>,
}

impl Default for Table {
    fn default() -> Table {
        Table::with_room_for(MOST_CONNECTIONS)
    }
}

impl Table {
    /// No connections yet; so many will be followed.
    pub fn with_room_for(most: usize) -> Table {
        Table { most, connections: Vec::new(), latest: HashMap::new() }
    }

    /// The place of the frame's connection, its sender there, and what is remarkable; `None`: there are too many.
    pub fn see(
        &mut self,
        glance: &Glance,
        frame: u64,
        at: u64,
        known: &mut Vec<Crossing>,
    ) -> Option<(usize, usize, Remark)> {
        let flow = Flow::between(glance.protocol, glance.source, glance.destination);
        let latest = self.latest.get(&flow).map(|place| *place as usize);
        let place = latest.filter(|place| {
            let connection = &self.connections[*place];
            !glance.tcp.is_some_and(|tcp| connection.is_over_with(glance.source, &tcp))
        });
        let place = match place {
            Some(place) => place,
            None if self.connections.len() >= self.most => return None,
            None => {
                let place = self.connections.len();
                let mut connection = Connection::new(place as u64 + 1, glance, frame, at);
                connection.after = latest.map(|place| place as u64 + 1);
                self.connections.push(connection);
                self.latest.insert(flow, place as u32);
                place
            }
        };
        let (from, remark) = self.connections[place].see(glance, frame, at, known);
        Some((place, from, remark))
    }
}

/// Reads a capture to its end, or as far as it can be read.
///
/// # Errors
/// The input is no capture at all.
pub fn survey(input: impl Read) -> Result<Survey, Broken> {
    let mut capture = Capture::open(input)?;
    let mut survey = Survey::default();
    let mut table = Table::default();
    let mut known = Vec::new();
    let mut copies = Copies::default();
    loop {
        match capture.next_packet() {
            Ok(Some(found)) => survey.take(&found, &mut table, &mut copies, &mut known),
            Ok(None) => break,
            Err(broken) => {
                survey.broken = Some(broken);
                break;
            }
        }
        known.clear();
        if survey.marks.wanted(capture.packets()) {
            survey.marks.set(capture.mark());
        }
    }
    survey.connections = table.connections;
    Ok(survey)
}

impl Survey {
    fn take(&mut self, found: &Found<'_>, table: &mut Table, copies: &mut Copies, known: &mut Vec<Crossing>) {
        self.packets += 1;
        self.octets += u64::from(found.original);
        let cut = found.original - found.octets.len() as u32;
        self.cut_short += u64::from(cut > 0);
        let (first, last) = self.span.unwrap_or((found.at, found.at));
        self.span = Some((first.min(found.at), last.max(found.at)));
        let Some(network) = network(found.link, found.octets) else {
            *self.unknown_links.entry(found.link).or_default() += 1;
            return;
        };
        self.tagged += u64::from(!network.tags.is_empty());
        if copies.is_hop(found, &network) {
            self.hops += 1;
            return;
        }
        match glance(&network, cut) {
            Some(glance) if table.see(&glance, found.number, found.at, known).is_none() => self.beyond += 1,
            Some(_) => {}
            None => self.others += 1,
        }
    }
}
