//! Arguments, commands, exit codes. Knows no protocol.

mod args;
mod branches;
mod captured;
mod check;
mod chinese;
mod claims;
mod class;
mod compare;
mod course;
mod doctor;
mod drill;
mod explain;
mod explain_page;
mod export;
mod inspect;
mod kept;
mod kernel;
mod list;
mod load;
mod loosely;
mod out;
mod papers;
mod placeholders;
mod python;
mod quiz;
mod run;
mod serve;
mod settings;
mod show;
mod states;
mod step;
mod usage;
mod versus;

mod welcome;
mod whole;
mod work;

use crate::lang::Lang;
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
            tell(&failure, settings.lang());
            failure.exit().into()
        }
    }
}

fn tell(failure: &Failure, lang: Lang) {
    if matches!(failure, Failure::Closed) {
        return;
    }
    let text = failure.words(lang);
    // What has several lines is complete: it begins with its own heading.
    if text.contains('\n') {
        out::say(&text);
    } else {
        out::say(&format!("{}{text}\n", lang.pick("error: ", "错误：")));
    }
}

fn carry_out(command: Option<Command>, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        None => welcome::welcome(settings),
        Some(Command::List(arguments)) => list::list(&arguments, settings),
        Some(Command::Show(arguments)) => show::show(&arguments, settings),
        Some(Command::Run(arguments)) => run::run(&arguments, settings),
        Some(Command::Step(arguments)) => step::step(&arguments, settings),
        Some(Command::Quiz(arguments)) => quiz::quiz(&arguments, settings),
        Some(Command::Compare(arguments)) => compare::compare(&arguments, settings),
        Some(Command::Drill(arguments)) => drill::drill(&arguments, settings),
        Some(Command::Inspect(arguments)) => inspect::inspect(&arguments, settings),
        Some(Command::Check(arguments)) => check::check(&arguments, settings),
        Some(Command::Export(arguments)) => export::export(&arguments, settings),
        Some(Command::Course(arguments)) => course::course(&arguments, settings),
        Some(Command::Class(arguments)) => class::class(&arguments, settings),
        Some(Command::Explain(arguments)) => explain::explain(&arguments, settings),
        Some(Command::States(arguments)) => states::states(&arguments, settings),
        Some(Command::New(arguments)) => papers::new(&arguments, settings),
        Some(Command::Serve(arguments)) => serve::serve(&arguments, settings),
        Some(Command::Doctor(arguments)) => doctor::doctor(&arguments, settings),
        Some(Command::Schema) => papers::schema(settings),
        Some(Command::Completions(arguments)) => papers::completions(&arguments, settings),
        Some(Command::Man) => papers::man(settings),
        Some(Command::Help(arguments)) => papers::help(&arguments, settings),
    }
}

/// A JSON document, indented, with a newline at its end.
fn json(document: &impl serde::Serialize) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(document)
        .map_err(|error| Failure::io("JSON", std::io::Error::other(error)))?;
    text.push('\n');
    Ok(text)
}
