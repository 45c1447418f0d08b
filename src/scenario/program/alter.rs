//! A program with one statement less, or with another number: what `check --self-test` tries.

use super::{CallForm, Op, Program};
use crate::clock::Span;

impl Program {
    /// Programs that differ from this one in one statement, each with the statement it concerns. A statement whose value is
    /// used later cannot be left out; sockets, binds and listeners stay, as without them little else would happen.
    pub fn alterations(&self) -> Vec<(String, Program)> {
        let mut programs = Vec::new();
        for (place, op) in self.ops.iter().enumerate() {
            let mut alter = |what: String, other: Op| {
                let mut ops = self.ops.to_vec();
                ops[place] = other;
                programs.push((what, Program { ops: ops.into(), ..self.clone() }));
            };
            // A jump to the next place does nothing.
            let nothing = Op::Jump(place + 1);
            match op {
                Op::Call { call: CallForm::Listen(slot, backlog), text, line, then } => alter(
                    format!("{text} (+ 3)"),
                    Op::Call {
                        call: CallForm::Listen(*slot, backlog.saturating_add(3)),
                        text: text.clone(),
                        line: line.clone(),
                        then: then.clone(),
                    },
                ),
                Op::Call { call: CallForm::Bind(..), .. } => {}
                Op::Call { text, then, .. } if then.keep.iter().all(Option::is_none) => {
                    alter(text.to_string(), nothing);
                }
                Op::Sleep(span) => {
                    alter(format!("sleep {span}"), nothing);
                    alter(format!("sleep {span} (+ 5s)"), Op::Sleep(*span + Span::secs(5)));
                }
                Op::Wait(_) => alter("when …".to_owned(), nothing),
                Op::Inject(_) => alter("inject(…)".to_owned(), nothing),
                Op::Arp(_) => alter("arp …".to_owned(), nothing),
                Op::Flood(_) => alter("flood(…)".to_owned(), nothing),
                Op::Link { .. } => alter("plug, unplug".to_owned(), nothing),
                Op::Forget(_) => alter("forget".to_owned(), nothing),
                Op::Observe(label) => alter(format!("observe {label:?}"), nothing),
                Op::Spawn { name, program, serial } => {
                    alter(format!("every … as {name}"), nothing);
                    for (what, program) in program.alterations() {
                        alter(what, Op::Spawn { name: name.clone(), serial: serial.clone(), program });
                    }
                }
                Op::Fork { name, program, line } => {
                    alter(format!("fork as {name}"), nothing);
                    for (what, program) in program.alterations() {
                        alter(what, Op::Fork { name: name.clone(), program, line: line.clone() });
                    }
                }
                Op::Call { .. }
                | Op::Check { .. }
                | Op::Refused { .. }
                | Op::Branch { .. }
                | Op::Keep { .. }
                | Op::NoReturn { .. }
                | Op::Count { .. }
                | Op::Again { .. }
                | Op::Jump(_) => {}
            }
        }
        programs
    }
}
