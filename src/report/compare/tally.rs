//! What was compared, and what was found to differ.

use super::{Mark, StateLine};
use crate::lang::Text;
use crate::link::HostId;
use crate::mib::Counter;
use std::ops::Range;

/// What a finding is about, in the terms in which rules are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) enum Subject {
    /// The MSS option of a SYN.
    Mss(Handshake),
    /// The window of a segment of the handshake.
    Window(Handshake),
    /// Any other field of a segment, datagram or message.
    Field,
    /// A frame that only one of the runs has.
    Presence,
    /// The order in which an endpoint sent and received.
    Order,
    /// How long a timer ran.
    Timer,
    /// The octets of a stream, or of a datagram.
    Octets,
    /// A call: its name, or what it returned.
    Call,
    /// A check inside a program.
    Check,
    /// A counter; `None` is the sum over all hosts.
    Counter(Option<HostId>, Counter),
    /// States at a quiet point.
    States,
    /// The greatest length of a queue of a host.
    Queue(HostId, &'static str),
}

/// Where in a handshake a segment stands, and what its window was computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) struct Handshake {
    /// Which of the three.
    pub(in crate::report) step: Step,
    /// Whether both runs negotiated timestamps: they cost 12 octets of each segment.
    pub(in crate::report) timestamps: bool,
    /// The sender's window scale, once it is in force; 0 on SYN and SYN-ACK.
    pub(in crate::report) shift: u8,
}

/// The segments of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Step {
    /// SYN.
    Syn,
    /// SYN-ACK.
    SynAck,
    /// The ACK that completes it.
    Ack,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Finding {
    /// In the terms of rules.
    pub(in crate::report) subject: Subject,
    /// In the terms of people.
    pub(in crate::report) what: Text,
    /// What the simulator gave.
    pub(in crate::report) simulated: Text,
    /// What the kernel gave.
    pub(in crate::report) live: Text,
    /// Both as numbers, where they are numbers.
    pub(in crate::report) numbers: Option<(u64, u64)>,
    /// The simulated frame it is about, by its place.
    pub(in crate::report) simulated_frame: Option<usize>,
    /// The live frame it is about, by its place.
    pub(in crate::report) live_frame: Option<usize>,
}

/// The running account of a comparison.
#[derive(Clone, Debug, Default)]
pub(in crate::report) struct Tally {
    /// Single comparisons made.
    pub(in crate::report) checked: u32,
    /// Those that failed.
    pub(in crate::report) findings: Vec<Finding>,
}

/// Comparisons of one kind, summed up.
pub(in crate::report) struct Sum {
    what: (&'static str, &'static str),
    checked: u32,
    findings: Range<usize>,
}

impl Sum {
    /// `results of calls and checks: 31`, marked as the worst of them; `None` if there were none.
    pub(in crate::report) fn line(self, explained: &[(Finding, Option<u32>)]) -> Option<StateLine> {
        if self.checked == 0 {
            return None;
        }
        let mine = explained.get(self.findings).unwrap_or(&[]);
        let mark = match mine.iter().map(|(_, number)| *number).min() {
            None => Mark::Same,
            Some(None) => Mark::Different,
            Some(Some(number)) => Mark::Explained(number),
        };
        let (en, zh) = self.what;
        let text = Text::new(format!("{en}: {}", self.checked), format!("{zh}：{} 项", self.checked));
        Some(StateLine { text, mark })
    }
}

/// A value as a finding shows it: numbers and names read the same in both languages, words do not.
pub(in crate::report) trait Shown {
    /// In both languages.
    fn shown(self) -> Text;
}

impl Shown for Text {
    fn shown(self) -> Text {
        self
    }
}

impl Shown for String {
    fn shown(self) -> Text {
        Text::new(self.clone(), self)
    }
}

impl Shown for &str {
    fn shown(self) -> Text {
        Text::new(self, self)
    }
}

impl Finding {
    /// Something that differs, in no frame.
    pub(in crate::report) fn new(
        subject: Subject,
        what: Text,
        simulated: impl Shown,
        live: impl Shown,
    ) -> Finding {
        Finding {
            subject,
            what,
            simulated: simulated.shown(),
            live: live.shown(),
            numbers: None,
            simulated_frame: None,
            live_frame: None,
        }
    }
    /// Two numbers that differ.
    pub(in crate::report) fn numbers(subject: Subject, what: Text, simulated: u64, live: u64) -> Finding {
        Finding {
            numbers: Some((simulated, live)),
            ..Finding::new(subject, what, simulated.to_string(), live.to_string())
        }
    }
    /// The frames it shows in.
    pub(in crate::report) fn at(self, simulated: Option<usize>, live: Option<usize>) -> Finding {
        Finding { simulated_frame: simulated, live_frame: live, ..self }
    }
}

impl Tally {
    /// Counts one comparison; `finding` says what differs if the two are not equal.
    pub(in crate::report) fn check(&mut self, equal: bool, finding: impl FnOnce() -> Finding) {
        self.checked += 1;
        if !equal {
            self.findings.push(finding());
        }
    }
    /// Makes comparisons of one kind, of which one line tells at the end.
    pub(in crate::report) fn sum(
        &mut self,
        what: (&'static str, &'static str),
        compare: impl FnOnce(&mut Tally),
    ) -> Sum {
        let (checked, first) = (self.checked, self.findings.len());
        compare(self);
        Sum { what, checked: self.checked - checked, findings: first..self.findings.len() }
    }
    /// How many findings there are so far: a mark to look back to.
    pub(in crate::report) fn mark(&self) -> usize {
        self.findings.len()
    }
}
