//! Arguments, commands, exit codes. Knows no protocol.

mod args;
mod chinese;
mod out;
mod settings;
mod usage;

use args::{Cli, Command};
use clap::FromArgMatches;
use out::{Exit, Failure};
use settings::Settings;
use std::ffi::OsString;
use std::process::ExitCode;

/// The whole program.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let lang = settings::language(&arguments);
    let parsed = chinese::command(lang)
        .try_get_matches_from(&arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage::report(&error, lang).into(),
    };
    let settings = Settings::new(&cli.global, lang);
    match carry_out(cli.command, &settings) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if !matches!(failure, Failure::Closed) {
                let word = lang.pick("error: ", "错误：");
                let text = failure.to_string();
                out::say(&if text.contains('\n') { text } else { format!("{word}{text}\n") });
            }
            failure.exit().into()
        }
    }
}

fn carry_out(command: Option<Command>, settings: &Settings) -> Result<Exit, Failure> {
    let _ = settings;
    match command {
        None => Ok(Exit::Fine),
        Some(_) => Ok(Exit::Fine),
    }
}
