//! `export --format html`: a walk with the branches asked for, as one page that opens from disk.

use super::args::ExportArgs;
use super::load::{self, Loaded};
use super::out::Failure;
use super::settings::Settings;
use crate::page;
use crate::trace::Trace;
use crate::walk::{CannotBranch, Change, Walk};

/// The page. A live run happened once: it has no branches.
pub fn html(
    loaded: &Loaded,
    trace: &Trace,
    arguments: &ExportArgs,
    settings: &Settings,
) -> Result<String, Failure> {
    let mut walk = if arguments.live {
        Walk::over(Some(loaded.plan.clone()), trace.clone())
    } else {
        Walk::simulated(loaded.setup.clone()).map_err(|mistakes| load::mistakes(&mistakes, settings))?
    };
    for change in changes(loaded, arguments, settings)? {
        // Each grows from the run as it is, not from the one before.
        walk.switch(0);
        if let Err(why) = walk.grow(change) {
            return Err(match why {
                CannotBranch::Mistakes(mistakes) => load::mistakes(&mistakes, settings),
                why => Failure::Usage(why.words().get(settings.lang()).to_owned()),
            });
        }
    }
    page::standalone(&page::document(&walk), settings.lang())
        .map_err(|error| Failure::io("HTML", std::io::Error::other(error)))
}

/// The branches asked for.
fn changes(loaded: &Loaded, arguments: &ExportArgs, settings: &Settings) -> Result<Vec<Change>, Failure> {
    let mut changes = Vec::new();
    for text in &arguments.with_drop {
        let pattern = loaded.plan.pattern(text).map_err(|mut diagnostic| {
            diagnostic.file = "--with-drop".to_owned();
            load::mistakes(&[*diagnostic], settings)
        })?;
        changes.push(Change::Drop(pattern));
    }
    for pair in &arguments.with_set {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Failure::Usage(settings.lang().pick(
                format!("--with-set {pair}: KEY=VALUE is wanted, such as --with-set backlog=16"),
                format!("--with-set {pair}：应为 键=值，如 --with-set backlog=16"),
            )));
        };
        changes.push(Change::Set(key.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(changes)
}
