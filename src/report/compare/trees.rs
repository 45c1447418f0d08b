//! Spanning tree's messages: what each port says at first and in the end, whether it tells of changes, and about how often it speaks.
//!
//! Not compared message by message: the kernel rounds its hello and hold timers to whole seconds of its own clock, so that between two
//! messages lie one second to one and a half, and which of two that are due in the same second comes first hangs on microseconds. For the
//! same reason the flags of a change, which come with the next message, may fall behind the end of a quick run.

use super::frames::{Compared, pair_directions};
use super::side::{Group, Side};
use super::tally::{Finding, Subject, Tally};
use crate::lang::Text;
use crate::link::HostId;
use crate::report::seen::name;
use crate::wire::{Bpdu, BridgeId};
use std::collections::BTreeMap;

/// A port: who sends by it, and who is at the other end.
type PortOf = (Option<HostId>, Option<HostId>);

/// What a port says: root, cost, own identifier and port.
type Claim = (BridgeId, u32, BridgeId, u16);

/// What a port has said.
#[derive(Clone, Debug, Default)]
struct Said {
    first: Option<Claim>,
    last: Option<Claim>,
    changes: u64,
    times: u64,
}

/// Compares what each port of the link has said.
pub(super) fn compare(
    (simulated, live): (&Side<'_>, &Side<'_>),
    (left, right): (&Group, &Group),
    compared: &mut Compared,
    tally: &mut Tally,
) {
    let (ours, theirs) = (said(simulated, left), said(live, right));
    let mut ports: Vec<PortOf> = ours.keys().chain(theirs.keys()).copied().collect();
    ports.sort_unstable();
    ports.dedup();
    for port in ports {
        let nothing = Said::default();
        let (one, other) = (ours.get(&port).unwrap_or(&nothing), theirs.get(&port).unwrap_or(&nothing));
        let way = format!("{} > {}", name(simulated.trace, port.0), name(simulated.trace, port.1));
        let rows = [
            ("first message", "最初的报文", words(one.first), words(other.first)),
            ("last message", "最后的报文", words(one.last), words(other.last)),
            ("notifications", "拓扑变更通知", any(one.changes), any(other.changes)),
            ("how often it speaks", "说话次数", one.times.to_string(), about(one.times, other.times)),
        ];
        for (en, zh, simulated, live) in rows {
            tally.check(simulated == live, || {
                let what = Text::new(format!("{en} of {way}, spanning tree"), format!("{way} 的生成树{zh}"));
                Finding::new(Subject::Field, what, simulated, live)
            });
        }
    }
    compared.aside.extend(pair_directions(simulated, live, left, right, &|_| true));
}

fn said(side: &Side<'_>, group: &Group) -> BTreeMap<PortOf, Said> {
    let mut said: BTreeMap<PortOf, Said> = BTreeMap::new();
    for place in &group.frames {
        let seen = &side.seen[*place];
        let port = said.entry((seen.frame.from, seen.frame.next.or(seen.frame.to))).or_default();
        match seen.bpdu() {
            Some(Bpdu::Config(config)) => {
                let claim = (config.root, config.root_cost, config.bridge, config.port);
                port.first.get_or_insert(claim);
                port.last = Some(claim);
                port.times += 1;
            }
            Some(Bpdu::TopologyChange) => port.changes += 1,
            None => {}
        }
    }
    said
}

fn words(claim: Option<Claim>) -> String {
    claim.map_or_else(
        || "-".to_owned(),
        |(root, cost, bridge, port)| format!("root {root} cost {cost} bridge {bridge} port {port:04x}"),
    )
}

fn any(count: u64) -> String {
    if count > 0 { "yes" } else { "no" }.to_owned()
}

/// The other count, or ours where it is as near as two messages and a third.
fn about(ours: u64, theirs: u64) -> String {
    if ours.abs_diff(theirs) <= 2 + ours / 3 { ours } else { theirs }.to_string()
}
