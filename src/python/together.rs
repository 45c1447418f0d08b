//! What the programs of a scenario need of each other: whether they meet, who tells whom, who is started first.

use super::fit;
use super::frame::header_comment;
use super::helpers::fill;
use super::literal;
use super::places::Places;
use super::writer::Setting;
use crate::lang::Lang;
use crate::scenario::Plan;
use crate::scenario::syntax::{Block, Does, Expr, Wait};
use crate::view::Look;
use std::collections::{BTreeMap, BTreeSet};

/// The first of the ports at which programs meet.
const DOORS: u16 = 47_100;

/// What is known of the scenario.
pub fn setting<'a>(
    plan: &Plan,
    programs: Vec<Block>,
    shared: &Block,
    files: &'a [String],
    lang: Lang,
) -> Setting<'a> {
    let hosts: Vec<usize> = plan.processes.iter().map(|process| process.host.index()).collect();
    let all = plan.processes.iter().zip(&programs).map(|(process, block)| (process.host, block.as_slice()));
    let places = Places::new(plan, all);
    let meeting = plan.processes.len() > 1 && programs.iter().any(|program| meets(program, shared));
    let mut tells = vec![BTreeMap::<String, BTreeSet<String>>::new(); programs.len()];
    let mut told = BTreeMap::new();
    let waited: Vec<(usize, String)> = programs
        .iter()
        .enumerate()
        .flat_map(|(process, program)| frames_of(program).into_iter().map(move |frame| (process, frame)))
        .collect();
    if !waited.is_empty() {
        let trace = fit::simulated(plan);
        for (process, pattern) in waited {
            let Some((teller, call, times)) = fit::sender(plan, &trace, &pattern) else { continue };
            if teller >= programs.len() || teller == process {
                continue;
            }
            tells[teller].entry(call).or_default().insert(pattern.clone());
            told.insert((process, pattern), (teller, times));
        }
    }
    Setting { lang, places, programs, hosts, files, meeting, left_out: BTreeSet::new(), tells, told }
}

/// The patterns of frames that a program waits for.
fn frames_of(program: &Block) -> Vec<String> {
    let mut found = Vec::new();
    for statement in program {
        statement.walk(&mut |statement| {
            if let Does::Wait(Wait::Frame(pattern), _) = &statement.does {
                found.push(pattern.clone());
            }
        });
    }
    found
}

/// Whether the program has to begin together with the others: it looks at the clock, or waits for what only they can tell, or
/// waits for a limited time before anything shows that they are there.
fn meets(program: &Block, shared: &Block) -> bool {
    let mut needed = false;
    let mut limited = false;
    let mut ready = false;
    for statement in program {
        statement.walk(&mut |statement| {
            if let Does::Wait(wait, _) = &statement.does {
                needed |= matches!(wait, Wait::Time(_) | Wait::Ended(_) | Wait::Frame(_));
                ready |= matches!(wait, Wait::State(..) | Wait::Bound(..) | Wait::Listening(..));
            }
            for value in statement.expressions() {
                value.walk(&mut |value| {
                    let Expr::Call(call, _) = value else { return };
                    limited |= call == "settimeout";
                    let waits = fit::is_prompt(call) && shared.iter().all(|known| !defines(known, call));
                    needed |= waits && limited && !ready;
                    ready |= waits && call != "connect";
                });
            }
        });
    }
    needed
}

fn defines(statement: &crate::scenario::syntax::Statement, name: &str) -> bool {
    matches!(&statement.does, Does::Define(known, ..) if known == name)
}

/// The programs in the order in which they are to be started: those that wait for others come later.
pub fn order(setting: &Setting<'_>) -> Vec<usize> {
    let waits = |program: &Block| {
        program.iter().filter(|statement| !matches!(statement.does, Does::Define(..))).take(3).any(
            |statement| {
                matches!(
                    statement.does,
                    Does::Wait(Wait::State(..) | Wait::Bound(..) | Wait::Listening(..), _)
                )
            },
        )
    };
    let mut order: Vec<usize> = (0..setting.programs.len()).collect();
    order.sort_by_key(|process| waits(&setting.programs[*process]));
    order
}

/// The file that the programs share when they meet.
pub fn meeting(files: &[String], look: &Look) -> String {
    let doors: Vec<String> =
        files.iter().zip(DOORS..).map(|(file, port)| format!("{}: {port}", literal::text(file))).collect();
    let words = look.lang.pick(
        "The programs of the lesson begin together, and tell each other what a program cannot see.\n\nEach has a door of its own, \
         a listening socket, and knocks at those of the others until all are there. What it sends through these connections are \
         notes. When a program is over, the kernel closes its connections: so the others see its end.",
        "各程序由此同时开始，并互相通知程序自己看不见的事。\n\n每个程序有一扇自己的门，即一个收听套接字；它去敲别人的门，直到大家都到齐。\
         之后在这些连接上传送通知。程序结束时内核会关闭它的连接，其他程序由此知道它结束了。",
    );
    let mut text = String::from("# -*- coding: utf-8 -*-\n");
    text.push_str(&header_comment(words, look));
    text.push_str(
        &fill(include_str!("parts/meeting.py"), look.lang)
            .replace("{doors}", &format!("{{{}}}", doors.join(", "))),
    );
    text
}
