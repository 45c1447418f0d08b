//! The arguments: one structure from which parsing, help, completions and the manual page come.
//! The English words are the doc comments here; the Chinese ones are in `chinese.rs`.

use crate::export::Part;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Walk through TCP and UDP, layer by layer: simulated, and beside it the real kernel.
#[derive(Parser, Debug)]
#[command(
    name = "wirewalk",
    version,
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub struct Cli {
    /// What applies everywhere.
    #[command(flatten)]
    pub global: Global,
    /// What to do; nothing gives a short welcome.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What applies everywhere.
#[derive(Args, Debug)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Language: en or zh (default: from the locale)
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<LangArg>,
    /// Colour (NO_COLOR is honoured)
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorArg,
    /// Drawing characters; wide is for terminals that show them two cells wide (default: from the locale)
    #[arg(long, global = true, value_name = "SET")]
    pub glyphs: Option<GlyphsArg>,
    /// Columns to draw in, 72 to 200
    #[arg(long, global = true, value_name = "COLUMNS", default_value_t = 80, value_parser = clap::value_parser!(u16).range(72..=200))]
    pub width: u16,
    /// No progress and no remarks on stderr, errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Print help
    #[arg(long, short, global = true, action = clap::ArgAction::Help)]
    help: Option<bool>,
    /// Print the version
    #[arg(long, short = 'V', action = clap::ArgAction::Version)]
    version: Option<bool>,
}

/// A language.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LangArg {
    // English.
    En,
    // Chinese.
    Zh,
}

/// When to colour.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorArg {
    // On a terminal.
    Auto,
    // Also into pipes and files.
    Always,
    // Not at all.
    Never,
}

/// What to draw with.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlyphsArg {
    // Box-drawing characters, one cell each.
    Box,
    // ASCII only.
    Ascii,
    // Box-drawing characters, two cells each.
    Wide,
}

/// How time runs down a sequence diagram.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScaleArg {
    // One row for each thing that happens.
    #[default]
    Steps,
    // In proportion to time.
    Linear,
}

/// How sequence diagrams count.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct DiagramOptions {
    /// Sequence numbers as on the wire, not relative ones
    #[arg(long)]
    pub absolute: bool,
    /// How time runs down the sequence diagram: a row for each thing that happens, or in proportion to time
    #[arg(long, value_name = "SCALE", default_value = "steps")]
    pub scale: ScaleArg,
}

/// A profile of the simulated stacks.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileArg {
    // The RFCs to the letter.
    Rfc9293,
    // The Linux kernel.
    Linux,
}

/// How the hosts are joined on the live side.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeArg {
    // One namespace, its loopback.
    Loopback,
    // One namespace per host, joined by a wire in user space.
    Wire,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// List the built-in scenarios, by topic
    List(ListArgs),
    /// The lesson of a scenario: text, hosts, programs, questions
    Show(ShowArgs),
    /// Simulate a scenario and draw it
    Run(RunArgs),
    /// Walk through a scenario step by step, forward and back
    Step(StepArgs),
    /// Questions of the lessons: asked and graded, on paper, or a class's answers
    Quiz(QuizArgs),
    /// Simulated and real kernel side by side, with a verdict
    Compare(CompareArgs),
    /// Run packetdrill scripts: on the simulated stack, or on the real kernel
    Drill(DrillArgs),
    /// Read a capture: its connections, the states of both ends, any view
    Inspect(InspectArgs),
    /// Check the expectations of scenarios in the simulator
    Check(CheckArgs),
    /// Write a run for other tools: packets, drawings, tables
    Export(ExportArgs),
    /// Courses through the lessons, and how far you have come
    Course(CourseArgs),
    /// Write all that a class without a network needs: the program, pages, papers, the book
    Class(ClassArgs),
    /// What a term, an errno, a flag or a state means, and which lessons show it
    Explain(ExplainArgs),
    /// The TCP state diagram
    States(StatesArgs),
    /// Write a commented scenario file to start from
    New(NewArgs),
    /// The lessons as pages in a browser, on this machine only
    Serve(ServeArgs),
    /// Which live modes this machine allows, and what to change
    Doctor(DoctorArgs),
    /// Print the JSON Schema of scenario files
    Schema,
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man,
    /// Help on a command
    Help(HelpArgs),
}

/// Which run of a scenario.
#[derive(Args, Debug, Default)]
pub struct RunOptions {
    /// Stacks after the RFCs or after Linux (default: the scenario's own, linux as a rule)
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<ProfileArg>,
    /// Seed of all chance
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Turn a knob of the scenario (`show` lists them)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Lose the frames of this pattern, such as 'server > client SA #1'
    #[arg(long = "drop", value_name = "PATTERN")]
    pub drop: Vec<String>,
}

#[derive(Args, Debug)]
pub struct ListArgs {
    /// Only this topic
    #[arg(long, value_name = "TOPIC", conflicts_with = "claims")]
    pub topic: Option<String>,
    /// What learners are told, whether it is true, and which lessons settle it
    #[arg(long)]
    pub claims: bool,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct ShowArgs {
    /// A built-in scenario, or a scenario file
    #[arg(value_name = "NAME|FILE")]
    pub scenario: String,
}

#[derive(Args, Debug)]
pub struct RunArgs {
    /// A built-in scenario, or a scenario file
    #[arg(value_name = "NAME|FILE")]
    pub scenario: String,
    /// What to draw
    #[arg(long, value_name = "VIEW", default_value = "sequence", value_parser = view_names())]
    pub view: String,
    #[command(flatten)]
    pub options: RunOptions,
    /// End the run at this time, such as 2s or 500ms
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Print one JSON document: every record, every verdict
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub diagram: DiagramOptions,
}

#[derive(Args, Debug)]
pub struct StepArgs {
    /// A built-in scenario, or a scenario file
    #[arg(value_name = "NAME|FILE")]
    pub scenario: String,
    #[command(flatten)]
    pub options: RunOptions,
    /// Line by line, as wherever there is no terminal
    #[arg(long)]
    pub plain: bool,
    /// Begin at this step
    #[arg(long, value_name = "STEP", value_parser = clap::value_parser!(u32).range(1..))]
    pub at: Option<u32>,
    /// What the real kernel does, and beside it the simulation as the second branch
    #[arg(long)]
    pub live: bool,
    /// How the hosts are joined on the live side
    #[arg(long, value_name = "MODE", requires = "live")]
    pub mode: Option<ModeArg>,
    /// Also wait for what takes a minute of real time
    #[arg(long, requires = "live")]
    pub slow: bool,
    #[command(flatten)]
    pub diagram: DiagramOptions,
}

#[derive(Args, Debug, Default)]
pub struct QuizArgs {
    /// Built-in scenarios, or scenario files (default: ten questions out of all)
    #[arg(value_name = "NAME|FILE", conflicts_with = "topic")]
    pub scenarios: Vec<String>,
    /// Ten questions of this topic
    #[arg(long, value_name = "TOPIC")]
    pub topic: Option<String>,
    /// Which questions, in which order, with which choices
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// So many questions
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub count: Option<u32>,
    /// Write a paper instead of asking
    #[arg(long, conflicts_with_all = ["grade", "json"])]
    pub sheet: bool,
    /// How the paper is written (default: by the ending of -o, else md)
    #[arg(long, value_name = "FORMAT", requires = "sheet")]
    pub format: Option<SheetFormat>,
    /// The key of the paper: md, html, or csv as a learner would hand it in
    #[arg(long, value_name = "FILE", requires = "sheet")]
    pub key: Option<PathBuf>,
    /// Grade the answers of a class in this table (CSV); - is standard input
    #[arg(long, value_name = "ANSWERS", conflicts_with_all = ["topic", "seed", "count", "json"])]
    pub grade: Option<PathBuf>,
    /// The file for the paper or the report, whole or not at all (default: standard output)
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print one JSON document: questions, answers, what proves them
    #[arg(long, conflicts_with = "output")]
    pub json: bool,
}

/// How `quiz --sheet` writes.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetFormat {
    // Markdown.
    Md,
    // One HTML file, made to be printed.
    Html,
}

#[derive(Args, Debug)]
pub struct CompareArgs {
    /// Built-in scenarios, or scenario files
    #[arg(value_name = "NAME|FILE", required_unless_present = "all", conflicts_with = "all")]
    pub scenarios: Vec<String>,
    /// Every built-in scenario
    #[arg(long)]
    pub all: bool,
    /// How the hosts are joined on the live side (default: as the scenario needs)
    #[arg(long, value_name = "MODE")]
    pub mode: Option<ModeArg>,
    #[command(flatten)]
    pub options: RunOptions,
    /// Compare so many times; the verdicts must agree
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeat: u32,
    /// Also wait for what takes a minute of real time
    #[arg(long)]
    pub slow: bool,
    /// Scenarios that run at the same time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub jobs: Option<u32>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct DrillArgs {
    /// Scripts; of a folder all *.pkt below it
    #[arg(value_name = "FILE|DIR", required = true)]
    pub scripts: Vec<PathBuf>,
    /// On this machine's kernel, in real time, in a private namespace over TUN
    #[arg(long)]
    pub live: bool,
    /// Also draw each run
    #[arg(long, value_name = "VIEW", value_parser = view_names(), conflicts_with = "json")]
    pub view: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    /// A word of the script that stands for another
    #[arg(short = 'D', long, value_name = "NAME=VALUE")]
    pub define: Vec<String>,
    /// Scripts that run at the same time (default: one for each processor; 4 with --live)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub jobs: Option<u32>,
    /// The simulated stack after the RFCs or after Linux (default: linux)
    #[arg(long, value_name = "PROFILE", conflicts_with = "live")]
    pub profile: Option<ProfileArg>,
    /// Stop a script that has not ended by this time of its own clock (default: 24h; 5min with --live)
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    #[command(flatten)]
    pub diagram: DiagramOptions,
    #[command(flatten)]
    pub passed: super::drill::Passed,
}

#[derive(Args, Debug)]
pub struct InspectArgs {
    /// A capture, pcap or pcapng
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only the connection of this number in the list
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub connection: Option<u64>,
    /// Only these frames, by their numbers in the file: 7, 7-20, 7- or -20
    #[arg(long, value_name = "FROM-TO", conflicts_with = "connection")]
    pub frames: Option<String>,
    /// What to draw, instead of the list of connections
    #[arg(long, value_name = "VIEW", value_parser = view_names())]
    pub view: Option<String>,
    /// Walk through it step by step
    #[arg(long, conflicts_with_all = ["view", "json"])]
    pub step: bool,
    /// Walk line by line even on a terminal
    #[arg(long, requires = "step")]
    pub plain: bool,
    /// Print one JSON document: the list, or every record of what was chosen
    #[arg(long, conflicts_with = "view")]
    pub json: bool,
    #[command(flatten)]
    pub diagram: DiagramOptions,
}

#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Scenario files, or names of built-in ones (default: all built-in ones)
    #[arg(value_name = "FILE|NAME")]
    pub scenarios: Vec<String>,
    /// Also find, for each expectation, a change that makes it fail
    #[arg(long)]
    pub self_test: bool,
    #[command(flatten)]
    pub options: RunOptions,
}

#[derive(Args, Debug)]
pub struct ExportArgs {
    /// A built-in scenario, or a scenario file
    #[arg(value_name = "NAME|FILE")]
    pub scenario: String,
    /// The format
    #[arg(long, value_name = "FORMAT")]
    pub format: ExportFormat,
    /// What of it to draw: svg sequence, states, plot, queues or sequence-time; mermaid sequence or states; dot topology, states or wait-for (default: the first)
    #[arg(long, value_name = "PART")]
    pub of: Option<Part>,
    /// The file to write, for python the folder; whole or not at all; - is standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// What the real kernel sends, instead of the simulation
    #[arg(long)]
    pub live: bool,
    /// How the hosts are joined on the live side
    #[arg(long, value_name = "MODE", requires = "live")]
    pub mode: Option<ModeArg>,
    /// Also wait for what takes a minute of real time
    #[arg(long, requires = "live")]
    pub slow: bool,
    /// Beside it, in a page, a plot or a table: the run in which these frames are lost
    #[arg(long, value_name = "PATTERN", conflicts_with = "live")]
    pub with_drop: Vec<String>,
    /// Beside it, in a page, a plot or a table: the run with this knob turned
    #[arg(long, value_name = "KEY=VALUE", conflicts_with = "live")]
    pub with_set: Vec<String>,
    #[command(flatten)]
    pub diagram: DiagramOptions,
    #[command(flatten)]
    pub options: RunOptions,
}

/// What `export` can write.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    // Packets, each with a comment that says why it was sent.
    Pcapng,
    // A drawing, light, dark and for print.
    Svg,
    // A page to walk through in a browser, without a network, in both languages.
    Html,
    // The document of `run --json`.
    Json,
    // Variables and queues over time, as a table.
    Csv,
    // A diagram for forges and wikis.
    Mermaid,
    // A graph for Graphviz.
    Dot,
    // A Python program for each program of the scenario, into a folder.
    Python,
}

#[derive(Args, Debug)]
pub struct CourseArgs {
    /// The course to list (default: all, and the one you are in)
    #[arg(value_name = "COURSE")]
    pub course: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Option<CourseCommand>,
}

/// What to do with a course.
#[derive(Subcommand, Debug)]
pub enum CourseCommand {
    /// Open the next lesson: on a terminal its text, then the walk; else its text
    Next(CourseNextArgs),
    /// Put lessons down as done
    Done(CourseDoneArgs),
    /// Forget progress: of these lessons, or all of it
    Reset(CourseResetArgs),
}

#[derive(Args, Debug)]
pub struct CourseNextArgs {
    /// Of this course, in which you are from now on (default: the one you are in)
    #[arg(value_name = "COURSE")]
    pub course: Option<String>,
}

#[derive(Args, Debug)]
pub struct CourseDoneArgs {
    /// Built-in lessons
    #[arg(value_name = "NAME", required = true)]
    pub lessons: Vec<String>,
}

#[derive(Args, Debug)]
pub struct CourseResetArgs {
    /// Built-in lessons (default: everything)
    #[arg(value_name = "NAME")]
    pub lessons: Vec<String>,
}

#[derive(Args, Debug)]
pub struct ClassArgs {
    /// An archive, if the name ends in .tar.gz, else a folder that does not exist yet; written whole or not at all
    #[arg(long, short, value_name = "FILE|DIR")]
    pub output: PathBuf,
    /// Without the teacher's folder, in which the keys of the papers are
    #[arg(long)]
    pub students: bool,
    /// Which questions the papers ask: another number draws others
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// A term in either language, an errno by name or number, a flag, a state, a call, an option, a setting, RFC 9293, a claim such as CL-19 (default: lists all terms)
    #[arg(value_name = "TERM")]
    pub term: Vec<String>,
    /// List the terms of this topic
    #[arg(long, value_name = "TOPIC", conflicts_with = "term")]
    pub topic: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct StatesArgs {
    /// Text for people, svg a drawing, dot for Graphviz, mermaid for forges and wikis
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: StatesFormat,
}

/// What `states` can write.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatesFormat {
    // For people.
    Text,
    // For Graphviz.
    Dot,
    // For forges and wikis.
    Mermaid,
    // A drawing, light, dark and for print.
    Svg,
}

#[derive(Args, Debug)]
pub struct NewArgs {
    /// The file to write; one that exists is left alone
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The port on 127.0.0.1; 0 takes one that is free
    #[arg(long, value_name = "PORT", default_value_t = crate::serve::PORT)]
    pub port: u16,
    /// Seconds that a simulation for a page may take
    #[arg(long, value_name = "SECONDS", default_value_t = crate::serve::RUN_SECONDS, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub limit: u64,
}

#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub struct HelpArgs {
    /// The command
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

fn view_names() -> clap::builder::PossibleValuesParser {
    crate::view::VIEWS.iter().map(|view| view.key).collect::<Vec<_>>().into()
}
