//! packetdrill's own settings among the arguments, from the one table of them.

use crate::drill::NAMES;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// Those that were given, in the order of the table; of one given twice the last comes last.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    /// Names with their values.
    pub given: Vec<(String, Option<String>)>,
}

fn arg(named: &'static crate::drill::Named) -> Arg {
    let arg = Arg::new(named.name)
        .long(named.name)
        .action(ArgAction::Append)
        .help_heading("packetdrill")
        .hide(named.says.is_none())
        .help(named.says.map_or("", |[en, _]| en));
    match named.value {
        Some(value) => arg.value_name(value),
        // As packetdrill takes them: `--strict_segments`, `--strict_segments=0`.
        None => arg.value_name("0|1").num_args(0..=1).require_equals(true).default_missing_value("1"),
    }
}

impl Args for Passed {
    fn augment_args(command: Command) -> Command {
        command.args(NAMES.iter().map(arg))
    }
    fn augment_args_for_update(command: Command) -> Command {
        Passed::augment_args(command)
    }
}

impl FromArgMatches for Passed {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Passed, clap::Error> {
        let mut given = Vec::new();
        for named in &NAMES {
            for value in matches.get_many::<String>(named.name).into_iter().flatten() {
                given.push((named.name.to_owned(), Some(value.clone())));
            }
        }
        Ok(Passed { given })
    }
    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Passed::from_arg_matches(matches)?;
        Ok(())
    }
}
