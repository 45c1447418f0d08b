//! A run that can be gone back into: snapshots of its world, so that neither a branch nor a look at an earlier moment
//! begins at zero.

use super::Options;
use crate::scenario::{Fault, Plan};
use crate::trace::{Endpoint, EndpointId, Record, RecordId, Sink, Trace};
use crate::world::World;

/// Records between two snapshots of a short run.
const INTERVAL: u32 = 256;

/// Snapshots kept at most. One more, and every second is let go and twice as many records lie between two from then on: a
/// run ten times as long needs no more memory for them, and going back costs a thirtieth of it at worst.
const MOST: usize = 32;

/// The world as it was, without the records that led there.
#[derive(Clone, Debug)]
struct Snapshot {
    /// How many records there were.
    records: u32,
    world: World,
}

/// A whole run with snapshots of its world.
#[derive(Clone, Debug)]
pub struct Timeline {
    plan: Plan,
    options: Options,
    trace: Trace,
    /// By number of records; the first is the beginning.
    snapshots: Vec<Snapshot>,
    interval: u32,
}

/// Records as they come; endpoints are taken over at the end.
struct Kept(Vec<Record>);

impl Sink for Kept {
    fn endpoint(&mut self, _: EndpointId, _: &Endpoint) {}
    fn record(&mut self, record: Record) {
        self.0.push(record);
    }
}

impl Timeline {
    /// Runs the plan; the trace is that of [`super::run`].
    pub fn new(plan: &Plan, options: &Options) -> Timeline {
        let mut world = World::new(plan, options);
        world.keep_census();
        let trace =
            Trace { meta: world.recorder().meta().clone(), endpoints: Vec::new(), records: Vec::new() };
        let (plan, options) = (plan.clone(), options.clone());
        Timeline { plan, options, trace, snapshots: Vec::new(), interval: INTERVAL }.go_on(world)
    }

    /// The run.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// How it was run.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The run with further faults, which are tried before all others; and the first record in which it differs, `None`
    /// if none does. It is the run from zero to the last byte, but what came before the faults could act is taken over.
    pub fn branch(&self, faults: &[Fault]) -> (Timeline, Option<RecordId>) {
        let mut options = self.options.clone();
        options.faults.splice(0..0, faults.iter().cloned());
        let mut snapshots: Vec<Snapshot> = Vec::new();
        for snapshot in &self.snapshots {
            let mut world = snapshot.world.clone();
            if !world.add_faults(faults) {
                break;
            }
            snapshots.push(Snapshot { records: snapshot.records, world });
        }
        let (shared, timeline) = match snapshots.last().cloned() {
            None => (0, Timeline::new(&self.plan, &options)),
            Some(start) => {
                let shared = start.records as usize;
                let trace = Trace {
                    meta: self.trace.meta.clone(),
                    endpoints: Vec::new(),
                    records: self.trace.records[..shared].to_vec(),
                };
                let (plan, interval) = (self.plan.clone(), self.interval);
                (shared, Timeline { plan, options, trace, snapshots, interval }.go_on(start.world))
            }
        };
        let (ours, theirs) = (&self.trace.records, &timeline.trace.records);
        let same =
            ours[shared..].iter().zip(&theirs[shared..]).take_while(|(one, other)| one == other).count();
        let parts = shared + same;
        let differ = parts < ours.len().max(theirs.len());
        (timeline, differ.then_some(RecordId(parts as u32)))
    }

    /// The world after the step that left this record; after the last step where there is no such record.
    pub fn world_at(&self, record: RecordId) -> World {
        let after = self.snapshots.partition_point(|snapshot| snapshot.records <= record.0);
        let Some(snapshot) = after.checked_sub(1).and_then(|at| self.snapshots.get(at)) else {
            let mut world = World::new(&self.plan, &self.options);
            world.keep_census();
            return world;
        };
        let mut world = snapshot.world.clone();
        while world.recorder().len() <= record.0 && world.step().is_some() {}
        world
    }

    /// Lets the world run to its end; its records follow those that the trace has.
    fn go_on(mut self, mut world: World) -> Timeline {
        let mut kept = Kept(std::mem::take(&mut self.trace.records));
        loop {
            world.drain(&mut kept);
            self.keep(&world);
            if world.step().is_none() {
                break;
            }
        }
        let rest = world.into_trace();
        self.trace = Trace { meta: rest.meta, endpoints: rest.endpoints, records: kept.0 };
        self
    }

    /// Takes a snapshot if one is due.
    fn keep(&mut self, world: &World) {
        let records = world.recorder().len();
        let due = self.snapshots.last().map(|last| last.records.saturating_add(self.interval));
        if due.is_some_and(|due| records < due) {
            return;
        }
        self.snapshots.push(Snapshot { records, world: world.clone() });
        if self.snapshots.len() > MOST {
            let mut nth = 0;
            self.snapshots.retain(|_| {
                nth += 1;
                nth % 2 == 1
            });
            self.interval = self.interval.saturating_mul(2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::FramePattern;
    use crate::scenario::FaultEffect;

    fn plan(name: &str) -> Plan {
        crate::scenario::find(name).unwrap().scenario().unwrap().default_plan().clone()
    }

    fn drop(plan: &Plan, pattern: &str) -> Fault {
        let pattern: FramePattern = plan.pattern(pattern).unwrap();
        Fault { pattern, effect: FaultEffect::Drop, per_million: 1_000_000 }
    }

    #[test]
    fn snapshots_lie_close_and_are_never_more_than_so_many() {
        let timeline = Timeline::new(&plan("syn-flood-cookies"), &Options::default());
        assert!(timeline.snapshots.len() > 2 && timeline.snapshots.len() <= MOST);
        let mut small = Timeline::new(&plan("slow-start"), &Options::default());
        small.snapshots.clear();
        small.interval = 1;
        let mut world = World::new(&small.plan, &small.options);
        world.keep_census();
        small.trace.records.clear();
        let small = small.go_on(world);
        assert!(small.snapshots.len() <= MOST && small.snapshots.len() > MOST / 2 - 1);
        let longest = small.snapshots.windows(2).map(|two| two[1].records - two[0].records).max().unwrap();
        let whole = small.trace.records.len() as u32;
        assert!(longest <= 4 * whole / MOST as u32, "{longest} records of {whole} between two");
    }

    #[test]
    fn a_branch_takes_over_what_came_before_the_fault_could_act() {
        let plan = plan("slow-start");
        let mut timeline = Timeline::new(&plan, &Options::default());
        // Close snapshots, so that the branch must choose the right one.
        timeline.interval = 8;
        timeline.snapshots.clear();
        timeline.trace.records.clear();
        let mut world = World::new(&plan, &Options::default());
        world.keep_census();
        let timeline = timeline.go_on(world);
        for pattern in
            ["client > server data #1", "client > server data #9", "server > client FA", "* > * #15-16"]
        {
            let fault = drop(&plan, pattern);
            let (branch, parts) = timeline.branch(std::slice::from_ref(&fault));
            let zero = crate::sim::branch(&plan, &Options::default(), std::slice::from_ref(&fault));
            assert!(branch.trace == zero.trace, "{pattern}");
            assert_eq!(parts, zero.parts_at, "{pattern}");
            let parts = parts.expect("a lost frame shows").0;
            let last =
                branch.snapshots.iter().take_while(|snapshot| snapshot.records <= parts).last().unwrap();
            assert!(parts - last.records < 64, "{pattern}: parts at {parts}, shared up to {}", last.records);
            // And a branch of a branch, in which the first fault goes on counting.
            let more = drop(&plan, "client > server data #12");
            let (twice, _) = branch.branch(std::slice::from_ref(&more));
            let options = Options { faults: vec![more, fault], ..Options::default() };
            assert!(*twice.trace() == crate::sim::run(&plan, &options), "{pattern}, and another");
        }
    }
}
