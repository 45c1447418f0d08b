//! Whether every expectation of a scenario can fail: one that nothing can fail proves nothing.

use super::judge::judge;
use crate::clock::{Instant, Span};
use crate::lang::Text;
use crate::link::{Direction, Fault, FaultEffect, FramePattern, HostId, LossModel, NodeKind, What, Which};
use crate::scenario::{Plan, ProfileName};
use crate::trace::{Event, Trace};
use std::collections::BTreeMap;

/// Frames of each direction that are dropped or delayed in turn, at most.
const FRAMES: u32 = 24;

/// What was found about one expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Its place in [`Plan::expectations`].
    pub expectation: usize,
    /// What it says.
    pub says: Text,
    /// Line in the scenario file.
    pub line: u32,
    /// The change that makes it fail; `None` if nothing tried does: then it proves nothing.
    pub failed_by: Option<Text>,
}

/// A changed plan and what was changed.
struct Change {
    what: Text,
    plan: Plan,
}

/// Looks, for each expectation, for a change of the plan that makes it fail. `rerun` simulates a changed plan; it must
/// stop at the plan's limits, as some changes keep a program waiting for ever. `variants` are further plans to try, such
/// as the scenario with its knobs set otherwise, each with a name.
///
/// Tried in this order: each frame lost, each frame late, the scenario's own faults left out, the given variants, one
/// statement of a program left out, links and routes changed, initial sequence numbers, kernel settings, wire and profile changed.
pub fn self_test(plan: &Plan, variants: &[(Text, Plan)], rerun: &dyn Fn(&Plan) -> Trace) -> Vec<Proof> {
    let mut proofs: Vec<Proof> = plan
        .expectations
        .iter()
        .enumerate()
        .map(|(expectation, expected)| Proof {
            expectation,
            says: expected.says.clone(),
            line: expected.line,
            failed_by: None,
        })
        .collect();
    let unchanged = rerun(plan);
    let changes = lost_and_late(plan, &unchanged)
        .chain(without_faults(plan))
        .chain(variants.iter().map(|(what, plan)| Change { what: what.clone(), plan: plan.clone() }))
        .chain(other_programs(plan))
        .chain(other_networks(plan))
        .chain(other_values(plan));
    for change in changes {
        if proofs.iter().all(|proof| proof.failed_by.is_some()) {
            break;
        }
        // The expectations stay those of the scenario, whatever a variant's own would be.
        let changed = Plan { expectations: plan.expectations.clone(), ..change.plan };
        for judged in judge(&changed, &rerun(&changed)) {
            let Some(proof) = judged.expectation.and_then(|index| proofs.get_mut(index)) else { continue };
            if !judged.held && proof.failed_by.is_none() {
                proof.failed_by = Some(change.what.clone());
            }
        }
    }
    proofs
}

/// The plan with one more fault, which comes before its own.
fn with_fault(plan: &Plan, direction: Direction, nth: u32, effect: FaultEffect, what: Text) -> Change {
    let pattern = FramePattern { direction, what: What::Any, which: Which::Nth(nth) };
    let mut changed = plan.clone();
    changed.faults.insert(0, Fault { pattern, effect, per_million: 1_000_000 });
    Change { what, plan: changed }
}

/// Each frame of each direction lost; then each late.
fn lost_and_late<'a>(plan: &'a Plan, unchanged: &Trace) -> impl Iterator<Item = Change> + 'a {
    let mut sent: BTreeMap<(HostId, HostId), u32> = BTreeMap::new();
    for record in &unchanged.records {
        if let (Event::FrameSent { to: Some(to), .. }, Some(from)) = (&record.event, record.host) {
            *sent.entry((from, *to)).or_default() += 1;
        }
    }
    let frames: Vec<(Direction, String, u32)> = sent
        .into_iter()
        .flat_map(|((from, to), count)| {
            let name = |host: HostId| plan.hosts.get(host.index()).map_or("?", |host| host.name.as_str());
            let way = format!("{} > {}", name(from), name(to));
            let direction = Direction { from: Some(from), to: Some(to) };
            (1..=count.min(FRAMES)).map(move |nth| (direction, way.clone(), nth)).collect::<Vec<_>>()
        })
        .collect();
    let late = Span::secs(2);
    let lost = frames.clone().into_iter().map(move |(direction, way, nth)| {
        let what = Text::new(format!("{way} #{nth} lost"), format!("{way} #{nth} 丢失"));
        with_fault(plan, direction, nth, FaultEffect::Drop, what)
    });
    let delayed = frames.into_iter().map(move |(direction, way, nth)| {
        let what = Text::new(format!("{way} #{nth} {late} late"), format!("{way} #{nth} 迟到 {late}"));
        with_fault(plan, direction, nth, FaultEffect::Delay(late), what)
    });
    lost.chain(delayed)
}

/// The scenario's own faults left out, one by one.
fn without_faults(plan: &Plan) -> impl Iterator<Item = Change> + '_ {
    (0..plan.faults.len()).map(|nth| {
        let mut changed = plan.clone();
        changed.faults.remove(nth);
        let what = Text::new(format!("fault {} left out", nth + 1), format!("去掉第 {} 个故障", nth + 1));
        Change { what, plan: changed }
    })
}

/// One statement of one program left out or altered.
fn other_programs(plan: &Plan) -> impl Iterator<Item = Change> + '_ {
    plan.processes.iter().enumerate().flat_map(move |(index, process)| {
        process.program.alterations().into_iter().map(move |(line, program)| {
            let mut changed = plan.clone();
            changed.processes[index].program = program;
            let name = &process.name;
            let what = Text::new(format!("{name} without: {line}"), format!("{name} 去掉：{line}"));
            Change { what, plan: changed }
        })
    })
}

/// A link cut or made narrow, a route left out or leading elsewhere, one at a time.
fn other_networks(plan: &Plan) -> impl Iterator<Item = Change> + '_ {
    let mut changes: Vec<Change> = Vec::new();
    let mut change = |what: Text, alter: &dyn Fn(&mut Plan)| {
        let mut changed = plan.clone();
        alter(&mut changed);
        changes.push(Change { what, plan: changed });
    };
    let name = |host: HostId| plan.hosts.get(host.index()).map_or("?", |host| host.name.as_str());
    for (index, link) in plan.links.iter().enumerate() {
        let [one, other] = link.ends.map(|end| name(end.node));
        change(Text::new(format!("{one} - {other} cut"), format!("断开 {one} - {other}")), &|plan| {
            plan.links[index].loss = LossModel::Independent { per_million: 1_000_000 };
        });
        change(Text::new(format!("{one} - {other} mtu 576"), format!("{one} - {other} mtu 576")), &|plan| {
            plan.links[index].mtu = 576;
        });
    }
    let topology = plan.topology();
    for (index, host) in plan.hosts.iter().enumerate() {
        let near: Vec<_> = topology
            .ports(HostId(index as u16))
            .flat_map(|port| topology.segment(port))
            .filter(|port| plan.hosts[port.node.index()].kind == NodeKind::Router)
            .filter_map(|port| topology.card(port).map(|card| card.address))
            .collect();
        for (place, route) in host.routes.iter().enumerate() {
            let (name, block) = (&host.name, route.block);
            change(
                Text::new(
                    format!("{name} without its route to {block}"),
                    format!("{name} 去掉到 {block} 的路由"),
                ),
                &|plan| {
                    plan.hosts[index].routes.remove(place);
                },
            );
            for via in near.iter().copied().filter(|via| *via != route.via) {
                change(
                    Text::new(format!("{name}: {block} via {via}"), format!("{name}：{block} 经 {via}")),
                    &|plan| {
                        plan.hosts[index].routes[place].via = via;
                    },
                );
            }
        }
    }
    changes.into_iter()
}

/// Initial numbers, kernel settings, the wire and the profile changed, one at a time.
fn other_values(plan: &Plan) -> impl Iterator<Item = Change> + '_ {
    let mut changes: Vec<Change> = Vec::new();
    let mut change = |what: Text, alter: &dyn Fn(&mut Plan)| {
        let mut changed = plan.clone();
        alter(&mut changed);
        changes.push(Change { what, plan: changed });
    };
    for (index, host) in plan.hosts.iter().enumerate() {
        let name = &host.name;
        if let Some(isn) = host.isn {
            let what = Text::new(format!("{name}: another isn"), format!("{name}：换一个 isn"));
            change(what, &|plan| plan.hosts[index].isn = Some(isn.wrapping_add(1)));
        }
        for (key, value) in &host.sysctl {
            for other in [0, 1, value + 1, value * 2 + 1] {
                if other != *value {
                    let what =
                        Text::new(format!("{name}: {key} = {other}"), format!("{name}：{key} = {other}"));
                    change(what, &|plan| {
                        plan.hosts[index].sysctl.insert(key.clone(), other);
                    });
                }
            }
        }
    }
    let slow = plan.wire.delay * 50 + Span::millis(300);
    change(Text::new(format!("wire delay {slow}"), format!("线路时延 {slow}")), &|plan| {
        plan.wire.delay = slow
    });
    change(Text::new("mtu 576", "mtu 576"), &|plan| plan.wire.mtu = 576);
    let other = match plan.profile {
        ProfileName::Linux => ProfileName::Rfc9293,
        ProfileName::Rfc9293 => ProfileName::Linux,
    };
    change(Text::new("the other profile", "换用另一种配置"), &|plan| plan.profile = other);
    let half = plan.until.map_or(Span::millis(1), |until| until / 2);
    change(Text::new(format!("stopped at {half}"), format!("在 {half} 停止")), &|plan| {
        plan.until = Some(half)
    });
    let start = Instant::ZERO.since(Instant::ZERO);
    change(Text::new("stopped at once", "立即停止"), &|plan| plan.until = Some(start));
    changes.into_iter()
}
