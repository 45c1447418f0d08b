//! Shell commands in the calling thread's namespaces, with an end to them.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{Signal, killpg};
use nix::sys::time::TimeSpec;
use nix::unistd::Pid;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
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

/// What carries out the commands of one run: a shell that starts another for each. Its number is the PPID of all of them and
/// what they find in PACKETDRILL_PID, by which helpers of scripts name their files. Whatever they start stays in its process
/// group, and is killed with it.
pub(super) struct Commands {
    folder: PathBuf,
    /// Started with the first command.
    shell: Option<Shell>,
}

struct Shell {
    child: Child,
    orders: ChildStdin,
    statuses: ChildStdout,
    /// Standard error of the command: a file in memory, which, unlike a pipe, makes nobody wait who writes much.
    words: File,
    history: PathBuf,
}

impl Commands {
    /// None yet; they will run in that folder.
    pub(super) fn within(folder: &Path) -> Commands {
        Commands { folder: folder.to_owned(), shell: None }
    }

    /// Has `/bin/sh` carry it out; kills it, and all that was started before, after `limit`.
    ///
    /// # Errors
    /// It could not be started.
    pub(super) fn run(&mut self, text: &str, limit: Duration) -> io::Result<Ended> {
        let shell = match &mut self.shell {
            Some(shell) => shell,
            None => self.shell.insert(Shell::start(&self.folder)?),
        };
        shell.words.set_len(0)?;
        shell.words.rewind()?;
        let quoted = text.replace('\'', r"'\''");
        writeln!(shell.orders, "/bin/sh -c '{quoted}' </dev/null >/dev/null; echo $?")?;
        let ended = match shell.status(limit)? {
            Some(Some(0)) => return Ok(Ended::Well),
            Some(Some(status)) => return Ok(Ended::Badly(Some(status), shell.said()?)),
            // It killed the shell above it.
            Some(None) => Ended::Badly(None, shell.said()?),
            None => Ended::Late,
        };
        self.shell = None;
        Ok(ended)
    }
}

impl Shell {
    fn start(folder: &Path) -> io::Result<Shell> {
        let words = File::from(memfd_create(c"words", MFdFlags::MFD_CLOEXEC)?);
        let mut child = Command::new("/bin/sh")
            .arg("-s")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(words.try_clone()?)
            .process_group(0)
            .spawn()?;
        let gone = || io::Error::other("the shell has no pipes");
        let mut orders = child.stdin.take().ok_or_else(gone)?;
        let statuses = child.stdout.take().ok_or_else(gone)?;
        // nstat compares with what it saw last, which it keeps in one file for all namespaces.
        let history = std::env::temp_dir().join(format!(".nstat.{}", child.id()));
        writeln!(orders, "export PACKETDRILL_PID=$$ NSTAT_HISTORY='{}'", history.display())?;
        Ok(Shell { child, orders, statuses, words, history })
    }

    /// The status of the command; inside, `None` where the shell itself is gone; `None` where there is none by then.
    fn status(&mut self, limit: Duration) -> io::Result<Option<Option<i32>>> {
        let until = Instant::now() + limit;
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            let left = until.saturating_duration_since(Instant::now());
            let mut polled = [PollFd::new(self.statuses.as_fd(), PollFlags::POLLIN)];
            match ppoll(&mut polled, Some(TimeSpec::from_duration(left)), None) {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(Errno::EINTR) => continue,
                Err(errno) => return Err(errno.into()),
            }
            let mut octets = [0; 16];
            match self.statuses.read(&mut octets)? {
                0 => return Ok(Some(None)),
                len => line.extend_from_slice(octets.get(..len).unwrap_or_default()),
            }
        }
        Ok(Some(String::from_utf8_lossy(&line).trim().parse().ok()))
    }

    /// The first line of what the command said.
    fn said(&mut self) -> io::Result<String> {
        const MOST: u64 = 4096;
        self.words.rewind()?;
        let mut octets = Vec::new();
        Read::by_ref(&mut self.words).take(MOST).read_to_end(&mut octets)?;
        let text = String::from_utf8_lossy(&octets);
        Ok(text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned())
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // The leader was not waited for, so its number is still the group's.
        let _ = killpg(Pid::from_raw(self.child.id() as i32), Signal::SIGKILL);
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.history);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    fn commands() -> Commands {
        Commands::within(Path::new("/"))
    }

    #[test]
    fn a_command_tells_its_status_and_what_it_said() {
        let mut commands = commands();
        assert_eq!(commands.run("test \"it's\" = 'it'\\''s' && cd tmp", SOON).unwrap(), Ended::Well);
        let said = commands.run("pwd; echo no such thing >&2; exit 3", SOON).unwrap();
        assert_eq!(said, Ended::Badly(Some(3), "no such thing".to_owned()));
        assert_eq!(commands.run("test -z \"$(cat)\" && test $PWD = /", SOON).unwrap(), Ended::Well);
    }

    #[test]
    fn helpers_find_the_number_of_the_run_in_two_ways_and_runs_differ() {
        let (mut one, mut other) = (commands(), commands());
        assert_eq!(one.run("test $PPID = $PACKETDRILL_PID", SOON).unwrap(), Ended::Well);
        let of_other = other.run("echo $PPID >&2; false", SOON).unwrap();
        assert_ne!(one.run("echo $PPID >&2; false", SOON).unwrap(), of_other);
    }

    #[test]
    fn what_takes_too_long_or_stays_behind_is_killed() {
        let mut commands = commands();
        assert_eq!(
            commands.run("sleep 1000 & echo $! >&2; sleep 1000", Duration::from_millis(50)).unwrap(),
            Ended::Late
        );
        let Ended::Badly(_, number) = commands.run("sleep 1000 & echo $! >&2; false", SOON).unwrap() else {
            panic!()
        };
        let background = Pid::from_raw(number.parse().unwrap());
        assert!(nix::sys::signal::kill(background, None).is_ok());
        drop(commands);
        let gone = || {
            let state = std::fs::read_to_string(format!("/proc/{background}/stat")).unwrap_or_default();
            state.is_empty() || state.contains(") Z ")
        };
        let until = Instant::now() + SOON;
        while !gone() {
            assert!(Instant::now() < until);
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_command_that_kills_its_shell_fails_and_the_next_finds_another() {
        let mut commands = commands();
        assert_eq!(
            commands.run("kill -9 $PPID; sleep 1000", SOON).unwrap(),
            Ended::Badly(None, String::new())
        );
        assert_eq!(commands.run("true", SOON).unwrap(), Ended::Well);
    }
}
