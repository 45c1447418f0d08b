//! A run with the branches that an export asks for: into a page, into plots and tables that lay runs over each other.

use super::args::ExportArgs;
use super::load::{self, Loaded};
use super::out::Failure;
use super::settings::Settings;
use crate::trace::Trace;
use crate::walk::{CannotBranch, Change, Walk};

/// The walk of the trace that the setup gave, with its branches. A live run happened once: it has none.
pub fn walk(
    loaded: Loaded,
    trace: Trace,
    arguments: &ExportArgs,
    settings: &Settings,
) -> Result<Walk, Failure> {
    let changes = changes(&loaded, arguments, settings)?;
    let mut walk = if arguments.live {
        Walk::over(Some(loaded.plan), trace)
    } else {
        Walk::of(loaded.setup, loaded.plan, trace)
    };
    for change in changes {
        // Each grows from the run as it is, not from the one before.
        walk.switch(0);
        if let Err(why) = walk.grow(change) {
            return Err(match why {
                CannotBranch::Mistakes(mistakes) => load::mistakes(&mistakes, settings),
                why => Failure::Usage(why.words().get(settings.lang()).to_owned()),
            });
        }
    }
    Ok(walk)
}

/// The branches asked for.
fn changes(loaded: &Loaded, arguments: &ExportArgs, settings: &Settings) -> Result<Vec<Change>, Failure> {
    let drop = |text: &String| load::pattern("--with-drop", text, &loaded.plan, settings).map(Change::Drop);
    let set =
        |text: &String| load::pair("--with-set", text, settings).map(|(key, value)| Change::Set(key, value));
    arguments.with_drop.iter().map(drop).chain(arguments.with_set.iter().map(set)).collect()
}
