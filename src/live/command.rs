//! Shell commands in the calling thread's namespaces, with an end to them.

use nix::errno::Errno;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Well.
    Well,
    /// With that status, and what it said of it on standard error.
    Badly(Option<i32>, String),
    /// Not at all by then: it was killed.
    Late,
}

/// The commands of one run. Those that still work when it is dropped are killed.
pub(super) struct Commands {
    /// Process groups in which something went on after the shell had ended.
    behind: Vec<Pid>,
}

impl Commands {
    /// None yet.
    pub(super) fn new() -> Commands {
        Commands { behind: Vec::new() }
    }

    /// Has `/bin/sh` carry it out, in that folder; kills it after `limit`.
    ///
    /// # Errors
    /// It could not be started.
    pub(super) fn run(&mut self, text: &str, folder: &Path, limit: Duration) -> io::Result<Ended> {
        // A file in memory, which, unlike a pipe, does not make who writes much of it wait.
        let mut words = File::from(memfd_create(c"words", MFdFlags::MFD_CLOEXEC)?);
        let mut child = Command::new("/bin/sh")
            .arg("-c")
            .arg(text)
            .current_dir(folder)
            // By this number, which is the shell's PPID too, helpers of scripts name their files.
            .env("PACKETDRILL_PID", std::process::id().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(words.try_clone()?)
            .process_group(0)
            .spawn()?;
        let group = Pid::from_raw(child.id() as i32);
        let Some(status) = wait(&mut child, limit)? else {
            let _ = killpg(group, Signal::SIGKILL);
            child.wait()?;
            return Ok(Ended::Late);
        };
        if killpg(group, None) != Err(Errno::ESRCH) {
            self.behind.push(group);
        }
        if status.success() {
            return Ok(Ended::Well);
        }
        Ok(Ended::Badly(status.code(), said(&mut words)?))
    }
}

impl Drop for Commands {
    fn drop(&mut self) {
        for group in &self.behind {
            let _ = killpg(*group, Signal::SIGKILL);
        }
    }
}

/// Waits for its end, and no longer than that.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    const LONGEST_NAP: Duration = Duration::from_millis(2);
    let until = Instant::now() + limit;
    let mut nap = Duration::from_micros(100);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        std::thread::sleep(nap);
        nap = (nap * 2).min(LONGEST_NAP);
    }
}

/// The first line of what it said.
fn said(words: &mut File) -> io::Result<String> {
    const MOST: u64 = 4096;
    words.rewind()?;
    let mut octets = Vec::new();
    words.take(MOST).read_to_end(&mut octets)?;
    let text = String::from_utf8_lossy(&octets);
    Ok(text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned())
}
