//! A scenario's programs as Python: one file for each process, with the socket module that every Python has. What a plain
//! program cannot do is refused at its place in the scenario.

mod archive;
mod calls;
mod comments;
mod expression;
mod fit;
mod frame;
mod helpers;
mod lifetimes;
mod literal;
mod names;
mod options;
mod places;
mod refusal;
mod statement;
mod together;
mod waits;
mod words;
mod writer;

pub use archive::archive;
pub use fit::bare;
pub use refusal::Refusal;

use crate::scenario::syntax::{self, Block};
use crate::scenario::{Plan, Written};
use crate::view::Look;

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, such as `server.py`.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// What was made of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    /// The files; a program for each process, then what they share.
    pub files: Vec<File>,
    /// Names of the programs, in the order in which they are to be started.
    pub order: Vec<String>,
}

/// The programs of the plan, which was made of the text `file`; comments are in the look's language.
///
/// # Errors
/// The first thing that no plain program on one machine can do.
pub fn programs(plan: &Plan, file: &str, look: &Look) -> Result<Programs, Refusal> {
    fit::refused(plan, file)?;
    let scripts: Vec<Block> =
        plan.processes.iter().map(|process| read(process.program.written())).collect::<Result<_, _>>()?;
    let shared = match plan.processes.first() {
        Some(process) => read(process.program.shared_functions())?,
        None => Block::new(),
    };
    let files = names::names(plan);
    let mut setting = together::setting(plan, scripts, &shared, &files, look.lang);
    // What cannot be said at all is told first: every program is tried.
    for process in 0..plan.processes.len() {
        frame::program(plan, &setting, process, &shared, look)?;
    }
    setting.left_out = fit::only_on_that_wire(plan, &setting.programs, file)?;
    let mut written = Vec::new();
    for (process, name) in files.iter().enumerate() {
        let text = frame::program(plan, &setting, process, &shared, look)?;
        written.push(File { name: format!("{name}.py"), text });
    }
    if setting.meeting {
        written.push(File { name: "meeting.py".to_owned(), text: together::meeting(&files, look) });
    }
    let order =
        together::order(&setting).into_iter().map(|process| format!("{}.py", files[process])).collect();
    Ok(Programs { files: written, order })
}

fn read(written: &Written) -> Result<Block, Refusal> {
    syntax::read(&written.text).map_err(|syntax::Unreadable(line)| {
        Refusal::new(
            written.places.get(line).cloned().unwrap_or_default(),
            crate::lang::Text::new("this line", "这一行"),
            crate::lang::Text::new("Python has no way to say it", "无法用 Python 写出"),
        )
    })
}
