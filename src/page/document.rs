//! The document of a walk, as the page reads it.
//!
//! Sentences, names and values that repeat are kept once, in `texts`, in both languages; everywhere else stands their
//! place there. Lists of fixed shape are tuples: a run of a thousand frames stays small.

use super::texts::Texts;
use crate::lang::Text;
use serde::Serialize;

/// The version of this form.
pub const SCHEMA: u32 = 1;

/// A sentence: what, why, the section, the class of its colour.
pub type Sentence = (Ref, Ref, String, &'static str);

/// The place of a text in [`Document::texts`]; 0 is the empty one.
pub type Ref = u32;

/// A walk with all its branches.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The scenario's name.
    pub scenario: String,
    /// The folder it lies in; empty for a capture.
    pub topic: String,
    /// Its title.
    pub title: Text,
    /// What to look at, and why it is so.
    pub lesson: Text,
    /// The sections it rests on.
    pub cites: Vec<String>,
    /// `simulated`, `live` or `captured`.
    pub source: &'static str,
    /// Profile of the simulated stacks.
    pub profile: String,
    /// Seed of all chance.
    pub seed: u64,
    /// The hosts.
    pub hosts: Vec<Host>,
    /// The processes, each as host and name.
    pub processes: Vec<(usize, String)>,
    /// What `--set` may change.
    pub knobs: Vec<Knob>,
    /// Every text, in English and in Chinese.
    pub texts: Texts,
    /// The run as written, and what grew from it.
    pub branches: Vec<Branch>,
}

/// A host.
#[derive(Clone, Debug, Serialize)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Its card's address.
    pub mac: String,
    /// Whether it has no stack and only sends what is made by hand.
    pub actor: bool,
}

/// A knob of the scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Knob {
    /// Its key.
    pub name: String,
    /// What it means.
    pub means: Text,
    /// As written in the file.
    pub default: String,
    /// As set in the first run.
    pub value: String,
    /// What it may be.
    #[serde(flatten)]
    pub range: Range,
}

/// What a knob may be.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Range {
    /// A whole number.
    Integer {
        /// Least.
        min: i64,
        /// Greatest.
        max: i64,
    },
    /// A time, such as `20ms`.
    Time {
        /// Least.
        min: String,
        /// Greatest.
        max: String,
    },
    /// One of these words.
    Choice {
        /// The words.
        choice: Vec<String>,
    },
}

/// One run.
#[derive(Clone, Debug, Serialize)]
pub struct Branch {
    /// What is changed, as the command line writes it; `None` for the first.
    pub name: Option<String>,
    /// The same in words.
    pub title: Text,
    /// The branch it grew from.
    pub parent: Option<usize>,
    /// The first step that differs from the parent's.
    pub parts_at: Option<usize>,
    /// The number of the frame that is lost here and not in the parent.
    pub drops: Option<usize>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// Further steps that the document leaves out.
    pub more_steps: usize,
    /// Ends of connections, listeners, sockets.
    pub endpoints: Vec<Endpoint>,
    /// Variables of one endpoint at one moment, in the order of its names; steps name their places here.
    pub shelf: Vec<Shelved>,
    /// Every frame, in the order of sending.
    pub frames: Vec<Frame>,
    /// Further frames that the document leaves out.
    pub more_frames: usize,
    /// The sequence diagram as SVG; rows carry `data-step`, arrows `data-step` and `data-frame` (a frame's number).
    pub diagram: Text,
    /// What must hold, and whether it does.
    pub expectations: Vec<Verdict>,
    /// What is asked on the way.
    pub questions: Vec<Question>,
}

/// An end of a connection.
#[derive(Clone, Debug, Serialize)]
pub struct Endpoint {
    /// Its host's number.
    pub host: usize,
    /// Own address and port, by name where it has one.
    pub local: String,
    /// The peer's; empty for listeners.
    pub remote: String,
    /// The names of its variables.
    pub variables: Vec<&'static str>,
}

/// Variables of an endpoint (its number) at one moment.
#[derive(Clone, Debug, Serialize)]
pub struct Shelved(pub u32, pub Vec<Option<String>>);

/// One step.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// When, nanoseconds.
    pub at_ns: u64,
    /// When, seconds, for people.
    pub time: String,
    /// Where; `None` on the wire.
    pub host: Option<usize>,
    /// The last record of it.
    pub record: u32,
    /// The number of the frame it is about, from 1.
    pub frame: Option<usize>,
    /// What happens.
    pub story: Vec<Sentence>,
    /// The sentence that tells the step if only one may.
    pub lead: usize,
    /// States: endpoint and name.
    pub states: Vec<(u32, &'static str)>,
    /// Variables: places on the shelf.
    pub variables: Vec<usize>,
    /// Queues: endpoint, name, length, how many fit.
    pub queues: Vec<(u32, Ref, u64, Option<u64>)>,
    /// Who is in a call: process, the call, since when (nanoseconds), whether it waits.
    pub calls: Vec<(u32, Ref, u64, bool)>,
    /// Endpoints that are left out because there are too many.
    pub hidden: usize,
}

/// One frame.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    /// Its number, from 1.
    pub number: usize,
    /// When it was sent.
    pub time: String,
    /// The step that sends it.
    pub step: usize,
    /// Who sent it.
    pub from: Option<usize>,
    /// Whom it is for; `None` for everybody.
    pub to: Option<usize>,
    /// In a few words.
    pub label: Ref,
    /// `arrives`, `lost`, `dropped` or `under way`.
    pub fate: &'static str,
    /// The pattern that fits this frame and no other.
    pub pattern: String,
    /// Octets.
    pub length: usize,
    /// Its first octets, in hexadecimal.
    pub hex: String,
    /// Its layers.
    pub layers: Vec<Layer>,
}

/// One layer of a frame.
#[derive(Clone, Debug, Serialize)]
pub struct Layer {
    /// Its name.
    pub name: Ref,
    /// Where it stands in both models.
    pub models: Ref,
    /// Its first octet and the one after its last.
    pub octets: (usize, usize),
    /// What is wrong with it.
    pub flaw: Ref,
    /// Its fields: name, first octet, after the last, bits (`0-3`; empty for all), value, meaning, section.
    pub fields: Vec<(Ref, usize, usize, String, String, Ref, Ref)>,
}

/// An expectation.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// What it says.
    pub says: Ref,
    /// The section it rests on.
    pub cite: String,
    /// Whether it held.
    pub held: bool,
    /// What was found instead.
    pub found: Ref,
}

/// A question.
#[derive(Clone, Debug, Serialize)]
pub struct Question {
    /// The step that shows the answer.
    pub step: usize,
    /// What is asked.
    pub ask: Ref,
    /// Every way to say the right answer, the best first; the engine read them off the trace.
    pub answers: Vec<String>,
    /// Whether the order of its letters does not matter.
    pub letters: bool,
}
