//! What is said when the arguments cannot be understood, in both languages.

use super::chinese::page;
use super::out::{self, Exit, Failure};
use crate::lang::Lang;
use crate::view::Look;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Prints what the parser found (help and version included) and gives the exit code.
pub fn report(error: &clap::Error, lang: Lang) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            match out::print(lang, &page(lang, &error.to_string())) {
                Ok(()) => Exit::Fine,
                Err(failure) => {
                    if !matches!(failure, Failure::Closed) {
                        out::say(&format!("{failure}\n"));
                    }
                    failure.exit()
                }
            }
        }
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
    text.push_str(lang.pick("\n`wirewalk help` shows them all\n", "\n`wirewalk help` 列出全部命令\n"));
    text
}

fn chinese(error: &clap::Error) -> String {
    let mut text = Look::default().hanging(&format!("错误：{}", mistake(error)));
    let get = |kind| error.get(kind).map(listed).unwrap_or_default();
    let valid = get(ContextKind::ValidValue);
    if !valid.is_empty() {
        text.push_str(&Look::default().hanging(&format!("  可选：{valid}")));
    }
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        let suggested = get(kind);
        if !suggested.is_empty() {
            text.push_str(&Look::default().hanging(&format!("  也许是：{suggested}")));
        }
    }
    // What follows `--` is taken as it stands.
    let argument = get(ContextKind::InvalidArg);
    if error.kind() == ErrorKind::UnknownArgument
        && get(ContextKind::SuggestedArg).is_empty()
        && !get(ContextKind::Suggested).is_empty()
        && argument.starts_with('-')
    {
        text.push_str(
            &Look::default().hanging(&format!("  如果它不是选项，而是参数，请写成：-- {argument}")),
        );
    }
    if let Some(usage) = get(ContextKind::Usage).strip_prefix("Usage: ") {
        text.push('\n');
        text.push_str(&page(Lang::Zh, &format!("用法：{usage}\n")));
    }
    text.push_str("\n详情见 --help。\n");
    text
}

/// What is wrong, in one sentence.
fn mistake(error: &clap::Error) -> String {
    let get = |kind| error.get(kind).map(listed).unwrap_or_default();
    let argument = get(ContextKind::InvalidArg);
    let value = get(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => format!("没有“{argument}”这个选项"),
        ErrorKind::UnknownArgument => format!("“{argument}”是多余的"),
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 后面要有值"),
        ErrorKind::InvalidValue => format!("{argument} 不接受“{value}”"),
        ErrorKind::ValueValidation => {
            let wanted = std::error::Error::source(error).and_then(|reason| wanted(reason, &value));
            format!("{argument} 不接受“{value}”{}", wanted.unwrap_or_default())
        }
        ErrorKind::MissingRequiredArgument => format!("还缺 {argument}"),
        ErrorKind::ArgumentConflict => match get(ContextKind::PriorArg) {
            prior if prior == argument => format!("{argument} 只能写一次"),
            prior if prior.is_empty() => format!("{argument} 不能与别的同用"),
            prior => format!("{argument} 不能与 {prior} 同用"),
        },
        ErrorKind::TooManyValues if !argument.contains('<') => {
            format!("{argument} 后面不带值，“{value}”是多余的")
        }
        ErrorKind::TooManyValues => format!("{argument} 不要这么多值，“{value}”是多余的"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("{argument} 的值个数不对"),
        ErrorKind::NoEquals => format!("{argument} 与值之间要用等号"),
        ErrorKind::InvalidUtf8 => "参数不是合法的 UTF-8".to_owned(),
        ErrorKind::MissingSubcommand => "后面还要有命令".to_owned(),
        _ => error.to_string(),
    }
}

/// What a number should have been, from the parser's own words: `300 is not in 72..=200`, with the bounds as Rust writes them.
fn wanted(reason: &(dyn std::error::Error + 'static), value: &str) -> Option<String> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    if let Some(reason) = reason.downcast_ref::<std::num::ParseIntError>() {
        let far = matches!(reason.kind(), PosOverflow | NegOverflow);
        return Some(if far { "：这个数太大了" } else { "：要写整数" }.to_owned());
    }
    let words = reason.to_string();
    let (from, to) = words.strip_prefix(value)?.strip_prefix(" is not in ")?.split_once("..")?;
    Some(match to.strip_prefix('=') {
        Some(to) => format!("：要在 {from} 到 {to} 之间"),
        None => format!("：不能小于 {from}"),
    })
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
