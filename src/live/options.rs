//! What a live run is asked for, and what it gives back.

use super::Unavailable;
use crate::clock::Span;
use crate::lang::Text;
use crate::scenario::{Flood, HostPlan, LiveMode, Plan};
use crate::trace::Trace;
use crate::world::Halt;

/// Forged segments per second that a live flood sends at most; a faster one is slowed down to this.
pub const FLOOD_PER_SECOND: u64 = Flood::LIVE_PER_SECOND;

/// Forged segments that a live flood sends at most, altogether.
pub const FLOOD_TOTAL: u64 = Flood::LIVE_TOTAL;

/// What is asked of a live run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How the hosts are joined; `None` chooses by what the plan needs (see [`choose_mode`]).
    pub mode: Option<LiveMode>,
    /// Whether to wait for what takes a minute of real time (the end of TIME-WAIT); otherwise the run ends at the plan's
    /// `quick_until`.
    pub slow: bool,
    /// Seed of the wire's random faults, the same as the simulated run's.
    pub seed: u64,
    /// Longest real time of the run; `None` derives it from the plan.
    pub bound: Option<Span>,
    /// Ends the run as soon as it is raised.
    pub halt: Halt,
}

/// A live run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the kernel did.
    pub trace: Trace,
    /// Why the trace proves nothing, if it does not: frames lost by the capture, a wait that never ended, a clock that was set.
    pub inconclusive: Vec<Text>,
    /// What was done otherwise than the plan says, honestly: a flood slowed down, for instance.
    pub notes: Vec<Text>,
}

/// Why there is no live run.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// This machine forbids it; says what to change.
    #[error("{0}")]
    Unavailable(#[from] Unavailable),
    /// The scenario says why there is no live side.
    #[error("{}", .0.en)]
    Impossible(Text),
    /// The kernel refused a step that it should have allowed.
    #[error("{}", .0.en)]
    Kernel(Text),
}

/// Settings that only matter to a host that listens.
const OF_LISTENERS: [&str; 6] = [
    "somaxconn",
    "tcp_abort_on_overflow",
    "tcp_evict_oldest",
    "tcp_max_syn_backlog",
    "tcp_synack_retries",
    "tcp_syncookies",
];

/// How the plan's hosts are to be joined: loopback where it can stand for the plan's wire, otherwise a wire of our own.
pub fn choose_mode(plan: &Plan) -> LiveMode {
    if let Some(mode) = plan.live.mode {
        return mode;
    }
    let wire = &plan.wire;
    let plugs = plan.processes.iter().any(|process| process.program.pulls_plugs());
    // A raw socket hears what comes to any host of its kernel.
    let raw = plan.processes.iter().any(|process| process.program.makes_raw_sockets());
    let needed = raw
        || !plan.links.is_empty()
        || plan.ipv6
        || wire.delay_given
        || wire.rate.is_some()
        || wire.arp
        || plugs;
    if needed || !plan.faults.is_empty() || settings_differ(plan) {
        LiveMode::Wire
    } else {
        LiveMode::Loopback
    }
}

/// Whether the hosts cannot share one kernel's settings. What only matters to listeners does not hurt the others.
fn settings_differ(plan: &Plan) -> bool {
    let shared = |host: &HostPlan| {
        let mut settings = host.sysctl.clone();
        settings.retain(|name, _| !OF_LISTENERS.contains(&name.as_str()));
        settings
    };
    let mut hosts = plan.hosts.iter().filter(|host| !host.actor);
    let first = hosts.next().map(shared);
    let listeners_differ = |name: &str| {
        let mut values: Vec<i64> =
            plan.hosts.iter().filter_map(|host| host.sysctl.get(name)).copied().collect();
        values.dedup();
        values.len() > 1
    };
    hosts.any(|host| Some(shared(host)) != first) || OF_LISTENERS.iter().any(|name| listeners_differ(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    fn plan(client: &str, server: &str, rest: &str) -> Plan {
        let text = format!(
            "title = {{ en = 't', zh = 't' }}\nlesson = {{ en = 'l', zh = 'l' }}\n\
             [host.client]\nprogram = 's = socket(tcp)'\n{client}\n\
             [host.server]\nprogram = 's = socket(tcp)'\n{server}\n{rest}\n"
        );
        let scenario =
            Scenario::parse("scenarios/closing/some.toml", &text).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        scenario.default_plan().clone()
    }

    #[test]
    fn loopback_stands_for_a_wire_that_does_nothing() {
        assert_eq!(choose_mode(&plan("", "", "")), LiveMode::Loopback);
        assert_eq!(choose_mode(&plan("", "sysctl = { tcp_syncookies = 0 }", "")), LiveMode::Loopback);
        let same = "sysctl = { tcp_timestamps = 0 }";
        assert_eq!(choose_mode(&plan(same, same, "")), LiveMode::Loopback);
    }

    #[test]
    fn delay_faults_arp_and_settings_of_one_host_need_a_wire_of_our_own() {
        assert_eq!(choose_mode(&plan("", "", "[wire]\ndelay = '10ms'")), LiveMode::Wire);
        assert_eq!(choose_mode(&plan("", "", "[wire]\narp = true")), LiveMode::Wire);
        assert_eq!(choose_mode(&plan("", "", "[[fault]]\ndrop = 'server > client SA #1'")), LiveMode::Wire);
        assert_eq!(choose_mode(&plan("sysctl = { tcp_timestamps = 0 }", "", "")), LiveMode::Wire);
        assert_eq!(choose_mode(&plan("", "", "[host.third]\nprogram = 'unplug client'")), LiveMode::Wire);
        let two = ("sysctl = { tcp_syncookies = 0 }", "sysctl = { tcp_syncookies = 1 }");
        assert_eq!(choose_mode(&plan(two.0, two.1, "")), LiveMode::Wire);
        assert_eq!(choose_mode(&plan(two.0, "", "[live]\nmode = 'loopback'")), LiveMode::Loopback);
    }
}
