//! A program's file: what it says of itself, what it imports, its options, its helpers, `main`.

use super::helpers::{PARTS, fill};
use super::literal;
use super::waits::listening_ports;
use super::writer::{Choice, Inside, Made, Need, Setting, Writer};
use crate::scenario::Plan;
use crate::scenario::syntax::{self, Block, Does, Expr, Statement, Wait};
use crate::view::Look;
use std::collections::BTreeSet;
use std::ops::Range;

/// Cells of a comment line, at most.
const WIDTH: usize = 78;

/// The program of that process.
pub fn program(
    plan: &Plan,
    setting: &Setting<'_>,
    process: usize,
    shared: &Block,
    look: &Look,
) -> Made<String> {
    let script = &setting.programs[process];
    let library = syntax::library();
    let called = called_functions(script, &[shared, &library]);
    let functions = |block: &Block| -> Block {
        let wanted = |statement: &&Statement| matches!(&statement.does, Does::Define(name, ..) if called.contains(name));
        block.iter().filter(wanted).cloned().collect()
    };
    let (from_library, from_file) = (functions(&library), functions(shared));
    let mut writer = Writer::new(setting, process, &[script, &from_file], &awaited_ports(setting, script));
    let written = &plan.processes[process].program;
    let own_places = &written.written().places;
    let mut parts: Vec<Vec<String>> = Vec::new();
    let sources: [(&Block, &[Range<usize>]); 3] =
        [(&from_library, &[]), (&from_file, &written.shared_functions().places), (script, own_places)];
    for (block, places) in sources {
        for statement in block.iter() {
            if let Does::Define(name, parameters, body) = &statement.does {
                parts.push(function(&mut writer, statement, (name, parameters), body, places)?);
            }
        }
    }
    writer.inside = Inside::Process;
    writer.indent = 1;
    writer.lines.push("def main():".to_owned());
    let before = writer.lines.len();
    if setting.meeting {
        writer.needs.insert(Need::Meeting);
        let me = literal::text(&setting.files[process]);
        writer.comment(look.lang.pick("begins together with the other programs", "与其他程序同时开始"));
        writer.line(format!("meeting.begin({me})"));
    }
    writer.block(script, own_places)?;
    if !writer.lines[before..].iter().any(|line| !line.trim_start().starts_with('#') && !line.is_empty()) {
        writer.line("pass");
    }
    let main = std::mem::take(&mut writer.lines);
    parts.append(&mut writer.threads);
    parts.push(main);
    Ok(put_together(plan, &writer, &parts, look))
}

fn function(
    writer: &mut Writer<'_>,
    statement: &Statement,
    (name, parameters): (&str, &[String]),
    body: &Block,
    places: &[Range<usize>],
) -> Made<Vec<String>> {
    writer.inside = Inside::Function;
    writer.again = true;
    writer.indent = 0;
    writer.own_comments(statement);
    while writer.lines.first().is_some_and(String::is_empty) {
        writer.lines.remove(0);
    }
    let parameters: Vec<String> = parameters.iter().map(|parameter| literal::name(parameter)).collect();
    let beside = writer.beside(statement);
    writer.line(format!("def {}({}):{beside}", literal::name(name), parameters.join(", ")));
    writer.inner(body, places)?;
    writer.again = false;
    writer.explained.clear();
    Ok(std::mem::take(&mut writer.lines))
}

/// The functions that the program calls, and those that these call.
fn called_functions(script: &Block, known: &[&Block]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut look_at: Vec<&Statement> = script.iter().collect();
    while let Some(statement) = look_at.pop() {
        statement.walk(&mut |statement| {
            for value in statement.expressions() {
                value.walk(&mut |value| {
                    if let Expr::Call(name, _) = value
                        && found.insert(name.clone())
                    {
                        let define = |statement: &&Statement| {
                            matches!(&statement.does, Does::Define(other, ..) if other == name)
                        };
                        look_at.extend(known.iter().flat_map(|block| block.iter()).filter(define));
                    }
                });
            }
        });
    }
    found
}

/// The ports of others that the program waits for.
fn awaited_ports(setting: &Setting<'_>, script: &Block) -> Vec<u16> {
    let mut found = Vec::new();
    for statement in script {
        statement.walk(&mut |statement| match &statement.does {
            Does::Wait(Wait::State(host, ..), _) => {
                let host = setting.places.host(host);
                for (program, on) in setting.programs.iter().zip(&setting.hosts) {
                    if Some(*on) == host {
                        found.extend(listening_ports(program));
                    }
                }
            }
            Does::Wait(Wait::Bound(_, Expr::Number(port)), _) => found.extend(u16::try_from(*port)),
            _ => {}
        });
    }
    found
}

fn put_together(plan: &Plan, writer: &Writer<'_>, parts: &[Vec<String>], look: &Look) -> String {
    let lang = look.lang;
    let mut text = String::from("#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n");
    text.push_str(&header(plan, writer, look));
    text.push_str(&imports(&writer.needs));
    text.push('\n');
    text.push_str(&options(writer));
    if writer.needs.contains(&Need::Kept) {
        let words = lang.pick(
            "Python closes a socket that no variable holds any more: these are to stay open.",
            "没有变量引用的套接字会被 Python 关闭：放在这里的要保持打开。",
        );
        text.push_str(&format!("\n# {words}\nkept = []\n"));
    }
    for (need, part) in PARTS {
        if writer.needs.contains(&need) {
            text.push_str("\n\n");
            text.push_str(&fill(part, lang));
        }
    }
    for part in parts {
        text.push_str("\n\n");
        text.push_str(part.join("\n").trim_end());
        text.push('\n');
    }
    text.push_str("\n\nif __name__ == \"__main__\":\n    main()\n");
    if writer.needs.contains(&Need::Threads) {
        text.push_str("    for thread in threading.enumerate():\n        if thread is not threading.main_thread():\n            thread.join()\n");
    }
    if writer.needs.contains(&Need::Expect) {
        text.push_str("    sys.exit(1 if wrong else 0)\n");
    }
    text
}

/// Modules that the program imports.
fn imports(needs: &BTreeSet<Need>) -> String {
    let wanted: [(&str, &[Need]); 11] = [
        ("argparse", &[Need::Socket]),
        ("errno", &[Need::Errno]),
        ("fcntl", &[Need::Fcntl]),
        ("os", &[Need::Os]),
        ("select", &[Need::Select]),
        ("socket", &[Need::Socket]),
        ("stat", &[Need::Fresh]),
        ("struct", &[Need::Struct]),
        ("sys", &[Need::Expect, Need::WaitForSockets, Need::WaitForName, Need::Sys]),
        ("tempfile", &[Need::Tempfile]),
        ("threading", &[Need::Threads]),
    ];
    let mut text = String::new();
    for (module, by) in wanted {
        if by.iter().any(|need| needs.contains(need)) {
            text.push_str(&format!("import {module}\n"));
        }
    }
    if needs.contains(&Need::Time) {
        text.push_str("import time\n");
    }
    if needs.contains(&Need::Meeting) {
        text.push_str("\nimport meeting\n");
    }
    text
}

/// The options of the command line.
fn options(writer: &Writer<'_>) -> String {
    let mut text = String::from("parser = argparse.ArgumentParser()\n");
    for (name, (choice, help)) in &writer.options {
        let (name, help) =
            (literal::text(&format!("--{name}")), literal::text(help.get(writer.setting.lang)));
        let default = match choice {
            Choice::Word(word) => format!("default={}", literal::text(word)),
            Choice::Port(port) => format!("type=int, default={port}"),
            Choice::Directory => "default=tempfile.gettempdir()".to_owned(),
        };
        text.push_str(&format!("parser.add_argument({name}, {default}, help={help})\n"));
    }
    text + "options = parser.parse_args()\n"
}

/// What the file says of itself: the lesson, how to start it, what is different here.
fn header(plan: &Plan, writer: &Writer<'_>, look: &Look) -> String {
    let lang = look.lang;
    let setting = writer.setting;
    let file = &setting.files[writer.process];
    let host = setting.places.name(writer.own());
    let mut paragraphs = vec![
        format!("{}.py: {}", file, plan.title.get(lang)),
        lang.pick(
            format!("What the program of {host} does in the scenario {}, with plain sockets.", plan.name),
            format!("场景 {} 中主机 {host} 的程序，用普通的套接字写成。", plan.name),
        ),
    ];
    for paragraph in plan.lesson.get(lang).split("\n\n") {
        paragraphs.push(lang.unwrapped(paragraph));
    }
    let order: Vec<String> = super::together::order(setting)
        .into_iter()
        .map(|at| format!("    python3 {}.py", setting.files[at]))
        .collect();
    paragraphs.push(
        lang.pick("Start each program in a terminal of its own:", "每个程序在各自的终端里启动：").to_owned(),
    );
    let mut text = header_comment(&paragraphs.join("\n\n"), look);
    for line in order {
        text.push_str(&format!("# {}\n", literal::comment(&line)));
    }
    let missing = missing(plan, look);
    if !missing.is_empty() {
        text.push_str("#\n");
        text.push_str(&header_comment(&missing, look));
    }
    text.push('\n');
    text
}

/// What of the scenario the programs have not.
fn missing(plan: &Plan, look: &Look) -> String {
    let lang = look.lang;
    let mut left_out = Vec::new();
    for fault in &plan.faults {
        left_out.push(crate::walk::fault_words(fault, plan, lang));
    }
    let wire = &plan.wire;
    if wire.delay_given {
        left_out.push(
            lang.pick(format!("a wire of {} one way", wire.delay), format!("单程 {} 的线路", wire.delay)),
        );
    }
    if let Some(rate) = wire.rate {
        left_out
            .push(lang.pick(format!("a wire of {rate} octets a second"), format!("每秒 {rate} 字节的线路")));
    }
    for host in &plan.hosts {
        for (key, value) in &host.sysctl {
            left_out.push(format!("{}: {key} = {value}", host.name));
        }
    }
    if left_out.is_empty() {
        return String::new();
    }
    let list = left_out.join(lang.pick("; ", "；"));
    lang.pick(
        format!("Left out, as a program on one machine has no say in it: {list}."),
        format!("以下各项程序在一台机器上无法决定，因此略去：{list}。"),
    )
}

/// A text as comment lines.
pub fn header_comment(text: &str, look: &Look) -> String {
    let mut written = String::new();
    for (at, paragraph) in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()).enumerate() {
        if at > 0 {
            written.push_str("#\n");
        }
        for line in look.wrap(&literal::comment(paragraph), WIDTH - 2) {
            written.push_str(&format!("# {}\n", line.trim()));
        }
    }
    written
}
