//! The document of a walk, as the page reads it.
//!
//! It is large, and therefore written briefly: what repeats stands once, in a table, and elsewhere only its place there;
//! things of fixed shape are tuples, in the order of their fields here; variables are told as they change; a branch
//! tells only what its parent does not. `assets/unfold.js` gives everything its name again.

use super::tables::{Table, Texts};
use crate::lang::Text;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The version of this form.
pub const SCHEMA: u32 = 1;

/// A place in a table; text 0 is the empty one.
pub type Ref = u32;
/// A way through the state diagram: whose, the first state, and each step with where it led.
pub type Way = (String, &'static str, Vec<(usize, &'static str)>);
/// A sentence: what, why, the section, the class of its colour.
pub type Sentence = (Ref, Ref, String, &'static str);
/// States: endpoint and name.
pub type States = Vec<(u32, &'static str)>;
/// Queues: endpoint, name, length, how many fit.
pub type Queues = Vec<(u32, Ref, u64, Option<u64>)>;
/// Who is in a call: process, the call, since when (nanoseconds), whether it waits.
pub type Calls = Vec<(u32, Ref, u64, bool)>;

/// A walk with all its branches.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The scenario's name.
    pub scenario: String,
    /// What the folder it lies in is called; empty for a capture.
    pub topic: Text,
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
    /// Whether the lesson is about the numbers on the wire, and shows those at first.
    pub absolute: bool,
    /// Curves over time, the branches over each other: title and drawing.
    pub plots: Vec<(Text, Text)>,
    /// The state diagram, with no way lit.
    pub state_diagram: Text,
    /// The tables.
    #[serde(flatten)]
    pub tables: Tables,
    /// The run as written, and what grew from it; parents before what grew from them.
    pub branches: Vec<Branch>,
}

/// What repeats.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tables {
    /// Every text, in both languages, with relative and with absolute numbers.
    pub texts: Texts,
    /// Sentences.
    pub sentences: Table<Sentence>,
    /// States of several endpoints at one moment.
    pub states: Table<States>,
    /// Queues at one moment.
    pub queues: Table<Queues>,
    /// Calls at one moment.
    pub calls: Table<Calls>,
    /// Names of variables.
    pub names: Table<&'static str>,
    /// Variables of one endpoint at one moment, each told as what changed since another.
    pub values: Table<Values>,
    /// Octets behind the headers, in hexadecimal.
    pub octets: Table<String>,
    /// Headers of frames as they were met first, in hexadecimal.
    pub heads: Table<String>,
    /// Lines of drawings.
    pub paths: Table<String>,
    /// Layers of frames as they were met first.
    pub layers: Vec<Layer>,
    /// The headers that others are told by, for both hosts and a length.
    #[serde(skip)]
    pub like_heads: BTreeMap<HeadForm, (Ref, String)>,
    /// Where each form of a layer stands there.
    #[serde(skip)]
    pub forms: BTreeMap<Form, Ref>,
}

/// What headers of one form have in common: who sends them to whom, and how many hexadecimal digits they are.
pub type HeadForm = (Option<usize>, Option<usize>, usize);

/// What is the same of all layers of one form: name, models (its number in OSI's follows), octets, flaw, and of each field all
/// but its value.
pub type Form = (Ref, Ref, (usize, usize), Ref, Vec<(Ref, usize, usize, String, Ref)>);

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
    /// How many of the parent's steps and frames come before those that are told here: they are the same.
    pub shared: (usize, usize),
    /// Its further steps.
    pub steps: Vec<Step>,
    /// Steps that the document leaves out.
    pub more_steps: usize,
    /// Ends of connections, listeners, sockets: host, own address and port, the peer's (empty for listeners).
    pub endpoints: Vec<(usize, String, String)>,
    /// Its further frames, in the order of sending.
    pub frames: Vec<Frame>,
    /// Frames that the document leaves out.
    pub more_frames: usize,
    /// The sequence diagram.
    pub sheets: Vec<Sheet>,
    /// Which of them is drawn, by step and on a linear scale: in English and in Chinese with relative numbers, in both
    /// with absolute ones.
    pub drawn: [[usize; 4]; 2],
    /// The ways through the state diagram that are lit: whose, the first state, and each step with where it led.
    pub walked: Vec<Way>,
    /// What must hold, and whether it does.
    pub expectations: Vec<Verdict>,
    /// What is asked on the way.
    pub questions: Vec<Question>,
}

/// Variables of one endpoint at one moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Values(
    /// The endpoint.
    pub u32,
    /// The place of the moment that this one is told from; `None`: all is told.
    pub Option<Ref>,
    /// What is different: the variable's name and its value; no value: it is gone.
    pub Vec<(Ref, Option<Value>)>,
);

/// A value for people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// The same however numbers are counted.
    Same(String),
    /// Relative and absolute.
    Counted(String, String),
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// When, nanoseconds.
    pub at_ns: u64,
    /// Where; `None` on the wire.
    pub host: Option<usize>,
    /// The last record of it.
    pub record: u32,
    /// The number of the frame it is about, from 1.
    pub frame: Option<usize>,
    /// What happens: sentences.
    pub story: Vec<Ref>,
    /// The place in the story of the sentence that tells the step if only one may.
    pub lead: usize,
    /// The states that hold.
    pub states: Ref,
    /// The values that hold, of each endpoint shown.
    pub values: Vec<Ref>,
    /// The queues as they are.
    pub queues: Ref,
    /// Who is in a call.
    pub calls: Ref,
    /// Endpoints that are left out because there are too many.
    pub hidden: usize,
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Step { at_ns, host, record, frame, story, lead, states, values, queues, calls, hidden } = self;
        let step = (at_ns, host, record, frame, story, lead, states, values, queues, calls, hidden);
        step.serialize(serializer)
    }
}

/// One frame; it is sent when its step is.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The step that sends it.
    pub step: usize,
    /// Who sent it.
    pub from: Option<usize>,
    /// Whom it is for; `None` for everybody.
    pub to: Option<usize>,
    /// In a few words.
    pub label: Ref,
    /// 0 arrives, 1 lost, 2 dropped, 3 under way.
    pub fate: u8,
    /// Octets.
    pub length: usize,
    /// Headers like its own, and where its own differ: place and octets, both in hexadecimal, each such run behind a space.
    pub head: (Ref, String),
    /// The octets behind them, in hexadecimal, as far as the document has them.
    pub tail: Ref,
    /// Its layers.
    pub layers: Vec<LikeLayer>,
    /// How many of them, from the first, are headers around each other.
    pub headers: usize,
    /// The number of the frame that was passed on as it, and what was rewritten in that.
    pub came: Option<(usize, Vec<Rewrite>)>,
}

/// A field that was rewritten: layer, name, before, after (empty where there is none), why, section.
pub type Rewrite = (Ref, Ref, String, String, Ref, Ref);

impl Serialize for Frame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Frame { step, from, to, label, fate, length, head, tail, layers, headers, came } = self;
        (step, from, to, label, fate, length, head, tail, layers, headers, came).serialize(serializer)
    }
}

/// A layer that is like another but for some fields.
#[derive(Clone, Debug, PartialEq)]
pub struct LikeLayer {
    /// The other's place in the table.
    pub like: Ref,
    /// Fields that differ: which one, its value, its meaning.
    pub but: Vec<(usize, String, Ref)>,
}

impl Serialize for LikeLayer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.but.is_empty() {
            self.like.serialize(serializer)
        } else {
            (self.like, &self.but).serialize(serializer)
        }
    }
}

/// One layer of a frame.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    /// Its name.
    pub name: Ref,
    /// Where it stands in both models.
    pub models: Ref,
    /// The number of its layer in OSI's.
    pub osi: u8,
    /// Its first octet and the one after its last.
    pub octets: (usize, usize),
    /// What is wrong with it.
    pub flaw: Ref,
    /// Its fields: name, first octet, after the last, bits (`0-3`; empty for all), value, meaning, section.
    pub fields: Vec<(Ref, usize, usize, String, String, Ref, Ref)>,
}

/// A sequence diagram laid out: lanes, and rows from top to bottom.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sheet {
    /// Name and address of each lane.
    pub lanes: Vec<(String, String)>,
    /// Digits behind the point of its times.
    pub decimals: usize,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row of a diagram.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The step it belongs to.
    pub step: usize,
    /// When, nanoseconds.
    pub at_ns: u64,
    /// A frame on its way.
    pub arrow: Option<Arrow>,
    /// What stands beside the lanes: lane, class of its colour, words.
    pub asides: Vec<(usize, &'static str, Ref)>,
    /// Words across: `quiet`, `summary` or `remark`, and which.
    pub across: Option<(&'static str, Ref)>,
}

/// Lane it leaves, lane it is for, class of its colour, which part of its way (`whole`, `lost`, `leaves`, `arrives`),
/// words, number of the frame.
pub type Arrow = (usize, usize, &'static str, &'static str, Ref, usize);

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Row { step, at_ns, arrow, asides, across } = self;
        (step, at_ns, arrow, asides, across).serialize(serializer)
    }
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
    /// The step that shows the answer; the number of steps where it is asked after the last.
    pub step: usize,
    /// What is asked.
    pub ask: Ref,
    /// `word`, `number`, `flags`, `time`, `choice` or `order`.
    pub kind: &'static str,
    /// Every way to say the right answer, the best first; the engine read them off the trace.
    pub answers: Vec<String>,
    /// The right answer, to be shown.
    pub right: Ref,
    /// What there is to choose from or to put in order: A, B, C…
    pub options: Vec<Ref>,
    /// The right time in nanoseconds, where a time is asked for.
    pub time_ns: Option<u64>,
    /// What proves the answer.
    pub proof: Proof,
}

/// What proves an answer.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// The record with its number and time; `None` where only another run shows it.
    pub what: Option<Ref>,
    /// Why it happened; may be empty.
    pub why: Option<Ref>,
    /// The section of the reason; may be empty.
    pub cite: String,
    /// The step that holds the record, if the document has it.
    pub step: Option<usize>,
    /// How the run that shows it is asked for, where only another does.
    pub change: Option<String>,
}
