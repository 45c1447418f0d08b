//! One of the two runs, ready to be compared.

use super::roles::{FlowRole, Roles};
use crate::link::HostId;
use crate::report::seen::{Seen, look};
use crate::trace::{Event, Flow, RecordId, Trace};
use crate::wire::{Flags, MacAddr, Seq};
use std::collections::BTreeMap;

/// What frames are grouped by: flows, and what belongs to none (ARP).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum GroupRole {
    /// A flow, and which of those with the same role, from 0.
    Flow(FlowRole, usize),
    /// Spanning tree's, by both ends of their link, the lower first.
    Tree(Option<HostId>, Option<HostId>),
    /// Frames without ports, by sender and receiver, the lower first.
    Other(Option<HostId>, Option<HostId>),
}

/// Frames that are compared as one sequence.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// What it is paired by.
    pub(super) role: GroupRole,
    /// Places of its frames in [`Side::seen`], in order sent.
    pub(super) frames: Vec<usize>,
}

/// One run.
pub(super) struct Side<'a> {
    /// Its trace.
    pub(super) trace: &'a Trace,
    /// Its frames.
    pub(super) seen: Vec<Seen<'a>>,
    /// Its frames in groups, in order of first frame. Those of generated load are left out: only what they add up to is
    /// compared.
    pub(super) groups: Vec<Group>,
}

/// The present connection between two ports: a kernel may well choose a port again that an earlier one had.
#[derive(Clone, Copy)]
struct Life {
    /// Its group.
    group: usize,
    /// Who opened it, with which initial number.
    opened: Option<(Option<HostId>, Seq)>,
}

impl Life {
    /// Whether the frame opens another connection between the same ports: a SYN of the same end with another number.
    fn is_over(&self, frame: &Seen<'_>) -> bool {
        match (self.opened, opening(frame)) {
            (Some((by, number)), Some((from, other))) => by == from && number != other,
            _ => false,
        }
    }
}

/// Who opens a connection with this frame, and with which initial number; `None` if nobody does.
fn opening(frame: &Seen<'_>) -> Option<(Option<HostId>, Seq)> {
    let segment = frame.segment()?;
    let opens = segment.flags.has(Flags::SYN) && !segment.flags.has(Flags::ACK);
    opens.then_some((frame.frame.from, segment.seq))
}

/// Whether it is the copy of a broadcast that its sender keeps for itself: no wire carries it, so no capture shows it.
fn is_own_copy(trace: &Trace, frame: &Seen<'_>) -> bool {
    let nobody = MacAddr::default();
    let Some(packet) = frame.frame.packet() else { return false };
    let within = packet.ethernet.source == nobody && packet.ethernet.destination == nobody;
    let own = frame.frame.from.and_then(|from| trace.meta.hosts.get(from.index()));
    within
        && packet.ip().is_some_and(|ip| {
            !ip.destination.is_loopback() && own.is_some_and(|own| !own.has_address(ip.destination.into()))
        })
}

impl<'a> Side<'a> {
    /// The run of that trace.
    pub(super) fn new(roles: &Roles, trace: &'a Trace) -> Side<'a> {
        let seen = look(trace);
        let mut lives: BTreeMap<Flow, Life> = BTreeMap::new();
        let mut role_count: BTreeMap<FlowRole, usize> = BTreeMap::new();
        let mut group_of_pair: BTreeMap<GroupRole, usize> = BTreeMap::new();
        let mut groups: Vec<Group> = Vec::new();
        for (place, frame) in seen.iter().enumerate() {
            if is_load(roles, frame) || is_own_copy(trace, frame) {
                continue;
            }
            let group = match frame.flow {
                Some(flow) => {
                    let known = lives.get(&flow).filter(|life| !life.is_over(frame));
                    let group = known.map_or_else(
                        || {
                            let role = roles.flow(trace, &flow);
                            let nth = role_count.entry(role.clone()).or_default();
                            groups.push(Group { role: GroupRole::Flow(role, *nth), frames: Vec::new() });
                            *nth += 1;
                            groups.len() - 1
                        },
                        |life| life.group,
                    );
                    let opened = known.and_then(|life| life.opened).or_else(|| opening(frame));
                    lives.insert(flow, Life { group, opened });
                    group
                }
                None => {
                    let (from, to) = (frame.frame.from, frame.frame.to);
                    let role = match frame.bpdu() {
                        Some(_) => GroupRole::Tree(from.min(to), from.max(to)),
                        None => GroupRole::Other(from.min(to), from.max(to)),
                    };
                    *group_of_pair.entry(role.clone()).or_insert_with(|| {
                        groups.push(Group { role, frames: Vec::new() });
                        groups.len() - 1
                    })
                }
            };
            groups[group].frames.push(place);
        }
        Side { trace, seen, groups }
    }

    /// The group of that role.
    pub(super) fn group(&self, role: &GroupRole) -> Option<&Group> {
        self.groups.iter().find(|group| group.role == *role)
    }

    /// The order in which one host sent and received the frames of a group: each as its place in the group, and whether
    /// it was sent. A run that records no arrivals shows only what was sent.
    pub(super) fn order_at(&self, host: HostId, group: &Group) -> Vec<(usize, bool)> {
        let mut events: Vec<(RecordId, usize, bool)> = Vec::new();
        for (nth, place) in group.frames.iter().enumerate() {
            let frame = &self.seen[*place].frame;
            if frame.from == Some(host) {
                events.push((frame.record.id, nth, true));
            }
            for fate in &frame.fates {
                if let crate::trace::Fate::Arrived { record, .. } = fate
                    && record.host == Some(host)
                {
                    events.push((record.id, nth, false));
                }
            }
        }
        events.sort_unstable_by_key(|(record, _, _)| *record);
        events.into_iter().map(|(_, nth, sent)| (nth, sent)).collect()
    }

    /// Whether any arrival is recorded.
    pub(super) fn shows_arrivals(&self) -> bool {
        self.trace.records.iter().any(|record| matches!(record.event, Event::FrameArrived { .. }))
    }
}

/// Whether the frame comes from, or goes to, an address that nobody has: forged load and the answers to it.
fn is_load(roles: &Roles, frame: &Seen<'_>) -> bool {
    frame
        .addresses()
        .is_some_and(|(source, destination)| roles.is_forged(source) || roles.is_forged(destination))
}
