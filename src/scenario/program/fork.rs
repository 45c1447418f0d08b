//! `fork as NAME:`: a copy of the process, with its variables and its sockets, that does the block and ends.

use super::compile::{Compiler, Header};
use crate::scenario::cursor::Cursor;
use crate::scenario::limits;
use crate::scenario::source::{Mistake, Parse};
use std::ops::Range;

impl Compiler<'_> {
    /// `as NAME:`, behind `fork`.
    pub fn fork_header(&mut self, cursor: &mut Cursor<'_>, at: Range<usize>) -> Parse<Header> {
        cursor.expect_keyword("as")?;
        let (name, _) = cursor.expect_name("a name for the new process", "新进程的名字")?;
        cursor.expect_sign(":")?;
        self.not_for_actors(at.clone(), "fork");
        if self.spawned {
            self.scene.report(
                Mistake::new(
                    at,
                    "a process that was started by another starts no copies of its own",
                    "由别的进程启动的进程不能再 fork",
                )
                .help(
                    format!("only the program itself forks, at most {} times", limits::FORKS),
                    format!("只有程序本身可以 fork，最多 {} 次", limits::FORKS),
                ),
            );
        }
        Ok(Header::Fork { name: name.to_owned() })
    }
}
