//! Whether a scenario's programs see the same where nothing stands between them: no faults, no settings, no slow wire.

use super::Refusal;
use crate::clock::Span;
use crate::lang::Text;
use crate::link::Matcher;
use crate::scenario::syntax::{Block, Does, Outcome};
use crate::scenario::{Plan, parse_pattern};
use crate::sim;
use crate::trace::{Event, Trace};
use std::collections::BTreeSet;
use std::ops::Range;

/// The same plan on one machine: what joins its hosts is quick, wide and loses nothing.
pub fn bare(plan: &Plan) -> Plan {
    let mut bare = plan.clone();
    bare.faults.clear();
    let wire = &mut bare.wire;
    (wire.delay, wire.delay_given, wire.rate, wire.red) = (Span::nanos(20_000), false, None, None);
    (wire.mtu, wire.arp) = (u16::MAX, false);
    for host in &mut bare.hosts {
        host.sysctl.clear();
    }
    bare
}

/// What the simulation of that plan comes to.
pub fn simulated(plan: &Plan) -> Trace {
    sim::run(plan, &sim::Options { seed: 1, ..sim::Options::default() })
}

/// What no program can stand for: its place is found by what it is called in the file.
pub fn refused(plan: &Plan, file: &str) -> Result<(), Refusal> {
    let one_machine =
        "the programs run on one machine, and its loopback joins them: there is no other network";
    let machine = "程序都在一台机器上运行，由环回接口相连，没有别的网络";
    if !plan.links.is_empty() {
        return Err(Refusal::new(
            found(file, "[[link]]"),
            Text::new("a network of several links", "由多条链路组成的网络"),
            Text::new(one_machine, machine),
        ));
    }
    if let Some(host) = plan.hosts.iter().find(|host| host.actor) {
        return Err(Refusal::new(
            found(file, &format!("[host.{}", host.name)),
            Text::new(format!("{} is an actor", host.name), format!("{} 是演员主机", host.name)),
            Text::new(
                "it only sends segments made by hand, which needs a raw socket, and so a privilege (root)",
                "它只发送手工构造的报文段，那需要原始套接字，也就需要特权（root）",
            ),
        ));
    }
    if plan.processes.is_empty() {
        return Err(Refusal::new(
            0..0,
            Text::new("no host has a program", "没有主机有程序"),
            Text::new("there is nothing to write", "没有可写的内容"),
        ));
    }
    Ok(())
}

/// Comparisons of the programs that hold only because of the wire, its faults, or settings of the kernel: they are left out.
///
/// # Errors
/// Where more than such a comparison is different: the programs would take another way.
pub fn only_on_that_wire(plan: &Plan, programs: &[Block], file: &str) -> Result<BTreeSet<String>, Refusal> {
    let (there, here) = (simulated(plan), simulated(&bare(plan)));
    let failed = failed(&here);
    let ended = |trace: &Trace| -> BTreeSet<usize> {
        let over = trace.records.iter().filter_map(|record| match &record.event {
            Event::ProcessEnded { process } => Some(process.index()),
            _ => None,
        });
        over.collect()
    };
    let same_way = ended(&there).is_subset(&ended(&here));
    let computed = failed.iter().all(|(text, _)| programs.iter().any(|program| compares(program, text)));
    if same_way && computed {
        return Ok(failed.into_iter().map(|(text, _)| text).collect());
    }
    let word = |key: &str| found(file, key);
    let (place, what) = match () {
        () if !plan.faults.is_empty() => {
            (word("[[fault]]"), Text::new("it needs the faults on the wire", "它离不开线路上的故障"))
        }
        () if plan.hosts.iter().any(|host| !host.sysctl.is_empty()) => (
            word("sysctl"),
            Text::new("it needs settings of the kernel (sysctl)", "它离不开内核参数（sysctl）"),
        ),
        () => (word("[wire]"), Text::new("it needs that wire", "它离不开这条线路")),
    };
    let why = match failed.first() {
        Some((text, actual)) => Text::new(
            format!("without it the programs see something else: `{text}` does not hold, it is {actual}"),
            format!("没有它，程序看到的就不同：`{text}` 不成立，实际是 {actual}"),
        ),
        None => Text::new("without it the programs never end", "没有它，程序永远不会结束"),
    };
    Err(Refusal::new(place, what, why))
}

/// The checks that did not hold, and what came instead.
fn failed(trace: &Trace) -> Vec<(String, String)> {
    let failed = trace.records.iter().filter_map(|record| match &record.event {
        Event::Checked { text, held: false, required: true, actual, .. } => {
            Some((text.clone(), actual.clone()))
        }
        _ => None,
    });
    failed.collect()
}

/// Whether the program has that comparison, and it calls nothing.
fn compares(program: &Block, text: &str) -> bool {
    let mut found = false;
    for statement in program {
        statement.walk(&mut |statement| {
            let Does::Value { targets, value, attempt: false, outcome: Outcome::Plain } = &statement.does
            else {
                return;
            };
            found |= targets.is_empty() && statement.words == text && !super::statement::calls(value);
        });
    }
    found
}

/// Where these words stand in the file first.
fn found(file: &str, words: &str) -> Range<usize> {
    file.find(words).map_or(0..0, |at| at..at + words.len())
}

/// Whose call sent the first frame that the pattern means: the process, the call's words, and which time these were carried
/// out.
pub fn sender(plan: &Plan, trace: &Trace, pattern: &str) -> Option<(usize, String, usize)> {
    let pattern = parse_pattern(pattern, plan.hosts.iter().map(|host| host.name.as_str())).ok()?;
    let mut matcher = Matcher::new(pattern);
    let frame = trace
        .frames()
        .into_iter()
        .find(|frame| frame.packet().is_some_and(|packet| matcher.matches(frame.heading(), packet)))?;
    let call = trace.why(frame.record.id).into_iter().find_map(|record| match &record.event {
        Event::CallStarted { process, text, .. } => Some((record.id, *process, text.clone())),
        _ => None,
    })?;
    let (id, process, text) = call;
    let times = trace.records.iter().take(id.0 as usize + 1).filter(|record| {
        matches!(&record.event, Event::CallStarted { process: who, text: words, .. } if *who == process && *words == text)
    });
    let times = times.count();
    Some((process.index(), text, times))
}

/// Whether a program can stand still in that call until another one does something.
pub fn is_prompt(name: &str) -> bool {
    matches!(name, "accept" | "select" | "readline" | "connect" | "recv" | "recvfrom" | "recvmsg")
}
