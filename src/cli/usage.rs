//! What is said when the arguments cannot be understood, in both languages.

use super::out::{self, Exit, Failure};
use crate::lang::Lang;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Prints what the parser found (help and version included) and gives the exit code.
pub fn report(error: &clap::Error, lang: Lang) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match out::print(lang, &error.to_string()) {
            Ok(()) => Exit::Fine,
            Err(failure) => {
                if !matches!(failure, Failure::Closed) {
                    out::say(&format!("{failure}\n"));
                }
                failure.exit()
            }
        },
        _ => {
            let text = match (error.kind(), lang) {
                (ErrorKind::InvalidSubcommand, _) => no_such_command(error, lang),
                (_, Lang::En) => error.to_string(),
                (_, Lang::Zh) => chinese(error),
            };
            out::say(&text);
            Exit::Usage
        }
    }
}

fn no_such_command(error: &clap::Error, lang: Lang) -> String {
    let typed = error.get(ContextKind::InvalidSubcommand).map(listed).unwrap_or_default();
    let command = super::chinese::command(lang);
    let known = command.get_subcommands().filter(|sub| !sub.is_hide_set()).map(clap::Command::get_name);
    let near = crate::scenario::nearest(&typed, known);
    let mut text =
        lang.pick(format!("error: there is no command “{typed}”"), format!("错误：没有“{typed}”这个命令"));
    if !near.is_empty() {
        let names = near.join(lang.pick(", ", "、"));
        text.push_str(&lang.pick(format!("; near to it: {names}"), format!("；相近的有：{names}")));
    }
    text.push_str(lang.pick("\n`wirewalk help` shows them all\n", "\nwirewalk help 列出全部命令\n"));
    text
}

fn chinese(error: &clap::Error) -> String {
    let get = |kind| error.get(kind).map(listed).unwrap_or_default();
    let argument = get(ContextKind::InvalidArg);
    let value = get(ContextKind::InvalidValue);
    let mut text = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("错误：没有“{}”这个命令\n", get(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => format!("错误：没有“{argument}”这个参数\n"),
        ErrorKind::InvalidValue if value.is_empty() => format!("错误：{argument} 后面要有值\n"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("错误：{argument} 不接受“{value}”\n")
        }
        ErrorKind::MissingRequiredArgument => format!("错误：还缺 {argument}\n"),
        ErrorKind::ArgumentConflict => {
            format!("错误：{argument} 不能与 {} 同用\n", get(ContextKind::PriorArg))
        }
        ErrorKind::TooManyValues => format!("错误：{argument} 的值太多，多出“{value}”\n"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("错误：{argument} 的值个数不对\n")
        }
        ErrorKind::NoEquals => format!("错误：{argument} 与值之间要用等号\n"),
        ErrorKind::InvalidUtf8 => "错误：参数不是合法的 UTF-8\n".to_owned(),
        _ => format!("错误：{error}\n"),
    };
    let valid = get(ContextKind::ValidValue);
    if !valid.is_empty() {
        text.push_str(&format!("  可选：{valid}\n"));
    }
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        let suggested = get(kind);
        if !suggested.is_empty() {
            text.push_str(&format!("  也许是：{suggested}\n"));
        }
    }
    text.push_str("\n详情见 --help。\n");
    text
}

fn listed(value: &ContextValue) -> String {
    match value {
        ContextValue::None => String::new(),
        ContextValue::Bool(flag) => flag.to_string(),
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join("、"),
        ContextValue::StyledStr(text) => text.to_string(),
        ContextValue::StyledStrs(texts) => {
            texts.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
        }
        ContextValue::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
