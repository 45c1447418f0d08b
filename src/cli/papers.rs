//! What the program can write about itself: a scenario to start from, the schema, completions, the manual, help.

use super::args::{CompletionsArgs, HelpArgs, NewArgs};
use super::chinese;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::lang::Lang;
use crate::scenario;
use std::io::Write;

/// `new`: a commented scenario; a file that exists is left alone.
pub fn new(arguments: &NewArgs, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let path = arguments.file.as_path();
    if path == std::path::Path::new("-") {
        out::print(lang, &scenario::template(lang))?;
        return Ok(Exit::Fine);
    }
    let name = path.display().to_string();
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Failure::Usage(lang.pick(
                format!("{name} exists already and is left as it is"),
                format!("{name} 已经存在，没有动它"),
            )));
        }
        Err(error) => return Err(Failure::io(name, error)),
    };
    let written = file.write_all(scenario::template(lang).as_bytes()).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // Whole or not at all.
        let _ = std::fs::remove_file(path);
        return Err(Failure::io(name, error));
    }
    if !settings.quiet {
        out::say(&lang.pick(
            format!("{name}: change it, then  wirewalk check {name}  and  wirewalk run {name}\n"),
            format!("{name}：改好后 wirewalk check {name}，再 wirewalk run {name}\n"),
        ));
    }
    Ok(Exit::Fine)
}

/// `schema`.
pub fn schema(settings: &Settings) -> Result<Exit, Failure> {
    out::print(settings.lang(), &super::json(&scenario::schema())?)?;
    Ok(Exit::Fine)
}

/// `completions`.
pub fn completions(arguments: &CompletionsArgs, settings: &Settings) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    let mut command = chinese::command(settings.lang());
    clap_complete::generate(arguments.shell, &mut command, "wirewalk", &mut script);
    out::print_bytes(settings.lang(), &script)?;
    Ok(Exit::Fine)
}

/// `man`: the page of the program, and below it those of its commands.
pub fn man(settings: &Settings) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    let lang = settings.lang();
    let mut command = chinese::for_the_manual(lang);
    command.build();
    let failed = |error| Failure::io("man", error);
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(failed)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let title = format!("wirewalk {}", sub.get_name());
        writeln!(page, ".SH \"{}\"", title.to_uppercase()).map_err(failed)?;
        let man = clap_mangen::Man::new(sub.clone());
        man.render_description_section(&mut page).map_err(failed)?;
        man.render_synopsis_section(&mut page).map_err(failed)?;
        man.render_options_section(&mut page).map_err(failed)?;
    }
    out::print_bytes(lang, &headed(lang, page))?;
    Ok(Exit::Fine)
}

/// A manual page with the headings of its sections in the language: those that its maker knows in English only.
fn headed(lang: Lang, page: Vec<u8>) -> Vec<u8> {
    if lang == Lang::En {
        return page;
    }
    let mut text = String::from_utf8_lossy(&page).into_owned();
    for (english, chinese) in
        [("NAME", "名称"), ("SYNOPSIS", "用法"), ("DESCRIPTION", "说明"), ("VERSION", "版本")]
    {
        text = text.replace(&format!(".SH {english}\n"), &format!(".SH {chinese}\n"));
    }
    text.into_bytes()
}

/// `help`.
pub fn help(arguments: &HelpArgs, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let mut command = chinese::command(lang);
    command.build();
    let help = match &arguments.command {
        None => command.render_help(),
        Some(name) => match command.find_subcommand_mut(name).filter(|sub| !sub.is_hide_set()) {
            Some(sub) => sub.render_help(),
            None => {
                let known: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
                let near = scenario::nearest(name, known.into_iter().filter(|name| !name.starts_with('_')));
                let hint = if near.is_empty() {
                    String::new()
                } else {
                    lang.pick(
                        format!("; near to it: {}", near.join(", ")),
                        format!("；相近的有：{}", near.join("、")),
                    )
                };
                return Err(Failure::Usage(lang.pick(
                    format!("there is no command “{name}”{hint}"),
                    format!("没有“{name}”这个命令{hint}"),
                )));
            }
        },
    };
    out::print(lang, &chinese::page(lang, &help.to_string()))?;
    Ok(Exit::Fine)
}
