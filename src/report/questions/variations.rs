//! Which change of the run makes an expectation fail: each is run, and exactly one must.

use super::Examiner;
use crate::lang::Text;
use crate::report::judge::judge;
use crate::scenario::{Plan, Variation};
use crate::trace::Trace;

/// The place of the change that makes the `[[expect]]` of that number fail.
pub(super) fn failing(examiner: &Examiner<'_>, entry: u32, among: &[Variation]) -> Result<usize, Text> {
    if fails(examiner.plan, examiner.trace, entry) {
        return Err(Text::new(
            format!("[[expect]] number {entry} does not even hold unchanged"),
            format!("第 {entry} 条 [[expect]] 不作改动就已不成立"),
        ));
    }
    let mut failing = Vec::new();
    for (place, variation) in among.iter().enumerate() {
        let Some((plan, trace)) = (examiner.rerun)(variation) else {
            return Err(Text::new(
                format!("it cannot be run with {}", variation.flags()),
                format!("不能带 {} 运行", variation.flags()),
            ));
        };
        if fails(&plan, &trace, entry) {
            failing.push(place);
        }
    }
    match failing[..] {
        [place] => Ok(place),
        [] => Err(Text::new(
            format!("none of the changes makes [[expect]] number {entry} fail"),
            format!("这些改动都不能使第 {entry} 条 [[expect]] 落空"),
        )),
        [..] => {
            let flags: Vec<String> =
                failing.iter().filter_map(|place| among.get(*place)).map(Variation::flags).collect();
            Err(Text::new(
                format!(
                    "more than one of the changes makes [[expect]] number {entry} fail: {}",
                    flags.join(", ")
                ),
                format!("有不止一个改动使第 {entry} 条 [[expect]] 落空：{}", flags.join("、")),
            ))
        }
    }
}

/// Whether any part of the expectation fails on this run.
fn fails(plan: &Plan, trace: &Trace, entry: u32) -> bool {
    let meant = |index: usize| plan.expectations.get(index).is_some_and(|expected| expected.entry == entry);
    judge(plan, trace).iter().any(|judged| !judged.held && judged.expectation.is_some_and(meant))
}
