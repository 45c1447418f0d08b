//! `export --format python`: the scenario's programs as Python, one file each, all of them or none.

use super::args::ExportArgs;
use super::load::{self, Loaded};
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use super::whole::write_all_whole;
use crate::python::{self, Programs};
use std::path::Path;

/// Writes them.
pub fn export(arguments: &ExportArgs, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let asked = !arguments.with_drop.is_empty() || !arguments.with_set.is_empty();
    if arguments.live || asked || !arguments.options.drop.is_empty() {
        return Err(Failure::Usage(
            lang.pick(
                "--format python writes the programs, not a run of them: --live, --drop, --with-drop and --with-set have no meaning",
                "--format python 写的是程序，不是一次运行：--live、--drop、--with-drop、--with-set 在此没有意义",
            )
            .to_owned(),
        ));
    }
    let loaded = load::load(&arguments.scenario, &arguments.options, settings)?;
    let programs = programs(&loaded, settings)?;
    if arguments.output == Path::new("-") {
        let mut text = String::new();
        for file in &programs.files {
            text.push_str(&format!("# ======== {}\n{}\n", file.name, file.text));
        }
        out::print(lang, &text)?;
        return Ok(Exit::Fine);
    }
    let files: Vec<(&str, &[u8])> =
        programs.files.iter().map(|file| (file.name.as_str(), file.text.as_bytes())).collect();
    write_all_whole(&arguments.output, &files, lang)?;
    if !settings.quiet {
        out::say(&said(&arguments.output, &programs, settings));
    }
    Ok(Exit::Fine)
}

/// The programs; what stands in their way is told at its place.
fn programs(loaded: &Loaded, settings: &Settings) -> Result<Programs, Failure> {
    let scenario = &loaded.setup.scenario;
    python::programs(&loaded.plan, scenario.text(), &settings.look).map_err(|refusal| {
        let remark = scenario.remark(refusal.place.clone(), refusal.words(), Some(refusal.why));
        load::mistakes(&[remark], settings)
    })
}

/// How to start them, in lines.
fn said(folder: &Path, programs: &Programs, settings: &Settings) -> String {
    let lang = settings.lang();
    let many = programs.order.len() > 1;
    let mut text = match many {
        true => lang
            .pick("each in a terminal of its own, in this order:", "各用一个终端，按此顺序启动：")
            .to_owned(),
        false => lang.pick("start it:", "启动：").to_owned(),
    };
    text.push('\n');
    for name in &programs.order {
        text.push_str(&format!("  python3 {}\n", folder.join(name).display()));
    }
    text
}
