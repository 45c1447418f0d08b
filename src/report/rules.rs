//! Differences that must be: named rules, each of which computes what the kernel has to show from what the simulator shows,
//! and covers nothing else.

use super::compare::tally::{Finding, Handshake, Step, Subject};
use crate::lang::{Lang, Text};
use crate::mib::Counter;
use crate::scenario::{Flood, Plan};
use crate::trace::{Source, Trace};

/// Whether a rule holds for every comparison, or only where the scenario asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// Always.
    Always,
    /// Only if `[live] explain` names it.
    Declared,
}

/// A named reason for which a simulated and a live run may differ.
pub struct Rule {
    /// Its name, as `[live] explain` and `--json` write it.
    pub name: &'static str,
    /// Whether a scenario must ask for it.
    pub applies: Applies,
    /// Why the two must differ.
    because: (&'static str, &'static str),
    /// Where that is written.
    pub cite: &'static str,
    covers: fn(&Context<'_>, &Finding) -> bool,
}

/// What rules may look at besides the finding itself.
pub(super) struct Context<'a> {
    /// The plan of both runs.
    pub(super) plan: &'a Plan,
    /// `loopback` or `wire`.
    pub(super) mode: &'a str,
    /// The kernel's release.
    pub(super) kernel: &'a str,
}

/// Every rule.
pub const RULES: &[Rule] = &[
    Rule {
        name: "loopback-mtu",
        applies: Applies::Always,
        because: (
            "the MTU of loopback is 65536, so the MSS is 65495 and the first windows are one such segment",
            "环回接口的 MTU 是 65536，所以 MSS 是 65495，最初的窗口恰为一个这样的报文段",
        ),
        cite: "RFC 9293 3.7.1",
        covers: loopback_mtu,
    },
    Rule {
        name: "flood-slowed-down",
        applies: Applies::Always,
        because: (
            "a live flood is bounded in rate and number: each SYN that was not sent is one fewer to be refused",
            "真实内核上的洪泛在速率和数量上有上限：少发一个 SYN，就少拒绝一个",
        ),
        cite: "RFC 4987 2",
        covers: flood_slowed_down,
    },
    Rule {
        name: "forgotten-by-repair",
        applies: Applies::Always,
        because: (
            "a kernel is made to forget a connection with TCP_REPAIR, and counts that as a reset one",
            "要让内核忘掉一条连接，只能借助 TCP_REPAIR，内核把它计为一次复位",
        ),
        cite: "Linux tcp_disconnect",
        covers: forgotten_by_repair,
    },
    Rule {
        name: "kernel-older-than-2025",
        applies: Applies::Always,
        because: (
            "before Linux 6.14 the SYN queue was full at the backlog itself, one entry earlier",
            "Linux 6.14 之前，半连接队列在达到 backlog 时就已满，少容纳一项",
        ),
        cite: "Linux 6.14 reqsk_queue_is_full",
        covers: older_kernel,
    },
];

impl Rule {
    /// Why the two must differ.
    pub fn because(&self) -> Text {
        Text::new(self.because.0, self.because.1)
    }
    /// The same in one language.
    pub fn sentence(&self, lang: Lang) -> &'static str {
        lang.pick(self.because.0, self.because.1)
    }
    /// The rule of that name.
    pub fn named(name: &str) -> Option<&'static Rule> {
        RULES.iter().find(|rule| rule.name == name)
    }
}

/// The rule that covers the finding, if one does that holds for this plan.
pub(super) fn explain(context: &Context<'_>, finding: &Finding) -> Option<&'static Rule> {
    RULES.iter().find(|rule| {
        let holds = match rule.applies {
            Applies::Always => true,
            Applies::Declared => context.plan.live.explain.iter().any(|name| name == rule.name),
        };
        holds && (rule.covers)(context, finding)
    })
}

impl<'a> Context<'a> {
    /// The context of a comparison with that live trace.
    pub(super) fn new(plan: &'a Plan, live: &'a Trace) -> Context<'a> {
        let (kernel, mode) = match &live.meta.source {
            Source::Live { kernel, mode } => (kernel.as_str(), *mode),
            Source::Simulated | Source::Captured { .. } => ("", ""),
        };
        Context { plan, mode, kernel }
    }

    /// The kernel's release as two numbers; `None` if it does not read as such.
    fn release(&self) -> Option<(u32, u32)> {
        let mut numbers = self.kernel.split(|letter: char| !letter.is_ascii_digit());
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }
}

/// Octets of IPv4 and TCP header without options.
const HEADERS: u64 = 40;
/// Octets that the timestamps option costs, its padding included.
const TIMESTAMPS: u64 = 12;
/// The largest IP packet: what an interface of MTU 65536 really can carry.
const LARGEST_PACKET: u64 = 65_535;
/// The space that Linux first offers, before it is rounded down to whole segments.
const FIRST_SPACE: u64 = 65_535;

fn loopback_mtu(context: &Context<'_>, finding: &Finding) -> bool {
    let Some(numbers) = finding.numbers else { return false };
    if context.mode != "loopback" {
        return false;
    }
    let small = u64::from(context.plan.wire.mtu).saturating_sub(HEADERS);
    let large = LARGEST_PACKET - HEADERS;
    if small == 0 {
        return false;
    }
    match &finding.subject {
        Subject::Mss(_) => numbers == (small, large),
        Subject::Window(handshake) => {
            numbers == (first_window(*handshake, small), first_window(*handshake, large))
        }
        Subject::Field
        | Subject::Presence
        | Subject::Order
        | Subject::Timer
        | Subject::Octets
        | Subject::Call
        | Subject::Check
        | Subject::Counter(..)
        | Subject::States
        | Subject::Queue(..) => false,
    }
}

/// The window that Linux puts on a segment of the handshake, for an MSS: the first space in whole segments. A SYN-ACK
/// already knows whether timestamps shrink them; the completing ACK shows the SYN's window, scaled and rounded up.
fn first_window(handshake: Handshake, mss: u64) -> u64 {
    let whole = |segment: u64| FIRST_SPACE.checked_div(segment).unwrap_or(0) * segment;
    match handshake.step {
        Step::Syn => whole(mss),
        Step::SynAck if handshake.timestamps => whole(mss - TIMESTAMPS),
        Step::SynAck => whole(mss),
        Step::Ack => {
            let window = whole(mss);
            if handshake.shift == 0 { window } else { window.div_ceil(1 << handshake.shift.min(14)) }
        }
    }
}

/// What counts every SYN that a full listener refuses, or answers with a cookie, falls short by exactly those not sent.
fn flood_slowed_down(context: &Context<'_>, finding: &Finding) -> bool {
    let plan = context.plan;
    let floods: Vec<&Flood> = plan.processes.iter().flat_map(|process| process.program.floods()).collect();
    let unsent: u64 =
        floods.iter().map(|flood| flood.syns().saturating_sub(flood.within_live_limits().syns())).sum();
    let counts_syns = matches!(
        finding.subject,
        Subject::Counter(
            _,
            Counter::InSegs
                | Counter::ListenDrops
                | Counter::TCPReqQFullDrop
                | Counter::TCPReqQFullDoCookies
                | Counter::SyncookiesSent
                | Counter::OutSegs
        )
    );
    // Only cookies are answers: where none are sent, what is sent must be the same.
    let answers = matches!(finding.subject, Subject::Counter(_, Counter::OutSegs));
    let mut targets =
        plan.hosts.iter().filter(|host| floods.iter().any(|flood| *flood.to.ip() == host.address));
    let cookies = targets.any(|host| host.sysctl.get("tcp_syncookies") != Some(&0));
    counts_syns
        && unsent > 0
        && (cookies || !answers)
        && finding.numbers.is_some_and(|(simulated, live)| live.checked_add(unsent) == Some(simulated))
}

/// A program's `forget` closes the socket while it is under repair: one rise of `EstabResets` for each.
fn forgotten_by_repair(context: &Context<'_>, finding: &Finding) -> bool {
    let forgotten: u64 = context.plan.processes.iter().map(|process| process.program.forgets()).sum();
    matches!(finding.subject, Subject::Counter(_, Counter::EstabResets))
        && forgotten > 0
        && finding.numbers.is_some_and(|(simulated, live)| live == simulated + forgotten)
}

fn older_kernel(context: &Context<'_>, finding: &Finding) -> bool {
    let (Some((simulated, live)), Some(release)) = (finding.numbers, context.release()) else { return false };
    if release >= (6, 14) {
        return false;
    }
    match &finding.subject {
        Subject::Queue(_, queue) => *queue == "half-open" && live + 1 == simulated,
        // The SYN that found no room any more is dropped, and counted.
        Subject::Counter(_, Counter::ListenDrops | Counter::TCPReqQFullDrop) => simulated + 1 == live,
        Subject::Counter(..)
        | Subject::Mss(_)
        | Subject::Window(_)
        | Subject::Field
        | Subject::Presence
        | Subject::Order
        | Subject::Timer
        | Subject::Octets
        | Subject::Call
        | Subject::Check
        | Subject::States => false,
    }
}
