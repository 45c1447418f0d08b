//! Programs that run beside a test and end with it, whatever happens to it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long a program may take until it says where it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program; it is killed when this goes.
pub struct Beside {
    child: Child,
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Beside {
    /// Starts a program and waits until `said` finds in a line of its output what is wanted.
    ///
    /// # Panics
    /// If it does not start, or ends or stays silent instead.
    pub fn start<T: Send + 'static>(
        program: &Path,
        arguments: &[&str],
        said: impl Fn(&str) -> Option<T> + Send + 'static,
    ) -> (Beside, T) {
        let mut child = mortal(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let output = child.stdout.take().expect("piped");
        let beside = Beside { child };
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            // Read to the end: a program whose output nobody takes would stop.
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(found) = said(&line) {
                    let _ = tell.send(found);
                }
            }
        });
        let found =
            told.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{} does not come up", program.display()));
        (beside, found)
    }
}

/// A command whose process ends with its parent even if that is killed, where the system can do so.
fn mortal(program: &Path) -> Command {
    if cfg!(target_os = "linux") && super::machine::find("setpriv").is_some() {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM"]).arg(program);
        return command;
    }
    Command::new(program)
}
