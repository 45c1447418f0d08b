//! The stepper in a real pseudo-terminal: however it ends, by a key, a signal or a panic, the terminal is as it was; it follows
//! the terminal's size, and sends no colour where none is wanted.
//!
//! This program starts itself again inside the pseudo-terminal where a run has to panic.

#[cfg(target_os = "linux")]
fn main() {
    if std::env::var_os(linux::CHILD).is_some() {
        linux::panic_while_drawing();
    } else {
        linux::main();
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("skipped: pseudo-terminals are opened as Linux does");
}

#[cfg(target_os = "linux")]
mod linux {
    use libtest_mimic::{Arguments, Failed, Trial};
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::pty::{OpenptyResult, Winsize, openpty};
    use nix::sys::signal::{Signal, kill};
    use nix::sys::termios::{LocalFlags, tcgetattr};
    use nix::unistd::Pid;
    use std::fs::File;
    use std::io::{Read, Write};
    use std::num::NonZero;
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, ExitStatus, Stdio};
    use std::time::{Duration, Instant};
    use wirewalk::trace::{EndpointId, Event};
    use wirewalk::view::Look;
    use wirewalk::walk::{Setup, Walk};
    use wirewalk::{scenario, sim, tui};

    /// Set where this program is to panic while it draws.
    pub const CHILD: &str = "WIREWALK_TEST_PANICS";
    /// Longer than any machine takes for anything here.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// The stepper over a trace that speaks of an endpoint which does not exist: the pane of queues cannot be made of it.
    pub fn panic_while_drawing() {
        let scenario = scenario::find("three-way-handshake").unwrap().scenario().unwrap();
        let setup = Setup::new(scenario);
        let mut trace = sim::run(&setup.plan().unwrap(), &sim::Options::default());
        for record in &mut trace.records {
            if let Event::Queue { endpoint, .. } = &mut record.event {
                *endpoint = EndpointId(9_999);
            }
        }
        tui::walk(Walk::over(None, trace), Look::default()).unwrap();
    }

    fn cells(count: u16) -> NonZero<u16> {
        NonZero::new(count).expect("a screen has cells")
    }

    /// A program in a terminal of its own.
    struct Session {
        master: File,
        /// Kept open, so that the terminal outlives the program and can be asked how it was left.
        slave: OwnedFd,
        child: Child,
        screen: vt100::Parser,
        /// All that it was sent.
        sent: Vec<u8>,
    }

    impl Session {
        fn start(
            program: &str,
            arguments: &[&str],
            env: &[(&str, &str)],
            rows: u16,
            columns: u16,
        ) -> Session {
            let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
            let OpenptyResult { master, slave } = openpty(Some(&size), None).expect("a pseudo-terminal");
            let end = || Stdio::from(slave.try_clone().expect("another descriptor"));
            // A session of its own, whose controlling terminal this is.
            let child = Command::new("setsid")
                .args(["--ctty", program])
                .args(arguments)
                .env("TERM", "xterm-256color")
                .env("LC_ALL", "en_US.UTF-8")
                .env("RUST_BACKTRACE", "0")
                .env_remove("NO_COLOR")
                .envs(env.iter().copied())
                .stdin(end())
                .stdout(end())
                .stderr(end())
                .spawn()
                .expect("setsid of util-linux");
            Session {
                master: File::from(master),
                slave,
                child,
                screen: vt100::Parser::new(cells(rows), cells(columns), 0),
                sent: Vec::new(),
            }
        }

        fn step(rows: u16, columns: u16, env: &[(&str, &str)]) -> Session {
            let program = env!("CARGO_BIN_EXE_wirewalk");
            let mut session = Session::start(program, &["step", "lost-syn-ack"], env, rows, columns);
            session.until("the first screen", |session| session.text().contains("? help"));
            session
        }

        fn text(&self) -> String {
            self.screen.screen().contents()
        }

        /// Reads what comes within that time; whether anything came.
        fn read(&mut self, within: Duration) -> bool {
            let timeout = PollTimeout::try_from(within).expect("short");
            let mut ready = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
            if poll(&mut ready, timeout).expect("polled") == 0 {
                return false;
            }
            let mut buffer = [0; 4096];
            let count = self.master.read(&mut buffer).unwrap_or(0);
            self.screen.process(&buffer[..count]);
            self.sent.extend_from_slice(&buffer[..count]);
            count > 0
        }

        #[allow(clippy::disallowed_methods, reason = "waiting for another program is bounded by the clock")]
        fn until(&mut self, what: &str, done: impl Fn(&Session) -> bool) {
            let begun = Instant::now();
            while !done(self) {
                self.read(Duration::from_millis(100));
                assert!(begun.elapsed() < PATIENCE, "no {what}:\n{}", self.text());
            }
        }

        fn press(&mut self, keys: &str) {
            self.master.write_all(keys.as_bytes()).expect("typed");
        }

        /// How it ended, with all that it still had to say.
        #[allow(clippy::disallowed_methods, reason = "waiting for another program is bounded by the clock")]
        fn end(&mut self) -> ExitStatus {
            let begun = Instant::now();
            loop {
                while self.read(Duration::from_millis(20)) {}
                if let Some(status) = self.child.try_wait().expect("waited") {
                    while self.read(Duration::from_millis(20)) {}
                    return status;
                }
                assert!(begun.elapsed() < PATIENCE, "it does not end:\n{}", self.text());
            }
        }

        fn is_raw(&self) -> bool {
            let flags = tcgetattr(&self.slave).expect("a terminal").local_flags;
            !flags.intersects(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG)
        }

        fn is_taken(&self) {
            let screen = self.screen.screen();
            assert!(self.is_raw(), "raw");
            assert!(screen.alternate_screen() && screen.hide_cursor(), "its own screen, no cursor");
            assert_ne!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        }

        fn is_as_it_was(&self) {
            let screen = self.screen.screen();
            let flags = tcgetattr(&self.slave).expect("a terminal").local_flags;
            assert!(
                flags.contains(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG),
                "not raw any more"
            );
            assert!(!screen.alternate_screen(), "the ordinary screen");
            assert!(!screen.hide_cursor(), "the cursor is shown");
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "no mouse");
        }
    }

    impl Drop for Session {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    fn a_key_ends_it() {
        let mut session = Session::step(24, 80, &[]);
        session.is_taken();
        session.press("q");
        assert!(session.end().success());
        session.is_as_it_was();
    }

    fn signals_end_it(signal: Signal) {
        let mut session = Session::step(24, 80, &[]);
        session.is_taken();
        // Also in the middle of playing.
        session.press(" ");
        session.until("sign of playing", |session| session.text().contains("every 1 s"));
        let pid = Pid::from_raw(i32::try_from(session.child.id()).expect("a pid"));
        kill(pid, signal).expect("it runs");
        assert_eq!(session.end().signal(), Some(signal as i32), "it ends as by that signal");
        session.is_as_it_was();
    }

    fn a_panic_ends_it_in_words() {
        let own = std::env::current_exe().expect("this program");
        let own = own.to_str().expect("a plain path");
        let mut session = Session::start(own, &[], &[(CHILD, "1")], 24, 80);
        session.until("the first screen", |session| session.text().contains("? help"));
        session.is_taken();
        // To the last step, and the queues.
        session.press("\u{1b}[F5");
        assert_eq!(session.end().code(), Some(101));
        session.is_as_it_was();
        assert!(
            session.text().contains("panicked"),
            "its words are on the ordinary screen:\n{}",
            session.text()
        );
    }

    fn it_follows_the_size_of_the_terminal() {
        let mut session = Session::step(24, 80, &[]);
        let resize = |session: &mut Session, rows: u16, columns: u16| {
            session.screen.screen_mut().set_size(cells(rows), cells(columns));
            let status = Command::new("stty")
                .args(["rows", &rows.to_string(), "cols", &columns.to_string()])
                .stdin(Stdio::from(session.slave.try_clone().expect("another descriptor")))
                .status();
            assert!(status.expect("stty of coreutils").success());
        };
        resize(&mut session, 12, 40);
        session.until("narrow screen", |session| {
            session.text().contains("[6 story]") && !session.text().contains("2 states")
        });
        resize(&mut session, 40, 160);
        session.until("wide screen", |session| {
            session.text().contains("8 plots") && session.text().lines().count() == 40
        });
        session.press("q");
        assert!(session.end().success());
        session.is_as_it_was();
    }

    fn no_colour_is_sent_where_none_is_wanted() {
        let colours = |session: &Session| {
            let screen = session.screen.screen();
            let cells = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
            let cells = cells.filter_map(|(row, column)| screen.cell(row, column));
            cells.filter(|cell| cell.fgcolor() != vt100::Color::Default).count()
        };
        let plain = Session::step(24, 80, &[("NO_COLOR", "1")]);
        assert_eq!(colours(&plain), 0);
        let coloured = Session::step(24, 80, &[]);
        assert!(colours(&coloured) > 10);
        // The sixteen colours that every terminal has, so that a terminal of sixteen and one of 256 show the same.
        let sent = String::from_utf8_lossy(&coloured.sent);
        let beyond = sent.split("[38;2;").count() - 1;
        assert_eq!(beyond, 0, "no colours of 24 bits");
        let indexed = sent.split("[38;5;").skip(1);
        for rest in indexed {
            let index: u32 =
                rest.split(['m', ';']).next().and_then(|text| text.parse().ok()).expect("an index");
            assert!(index < 16, "colour {index}");
        }
    }

    pub fn main() {
        let trial = |name: &str, run: fn()| {
            Trial::test(name, move || {
                run();
                Ok::<(), Failed>(())
            })
        };
        let trials = vec![
            trial("a_key_ends_it", a_key_ends_it),
            trial("sigterm_ends_it", || signals_end_it(Signal::SIGTERM)),
            trial("sighup_ends_it", || signals_end_it(Signal::SIGHUP)),
            trial("sigint_ends_it", || signals_end_it(Signal::SIGINT)),
            trial("a_panic_ends_it_in_words", a_panic_ends_it_in_words),
            trial("it_follows_the_size_of_the_terminal", it_follows_the_size_of_the_terminal),
            trial("no_colour_is_sent_where_none_is_wanted", no_colour_is_sent_where_none_is_wanted),
        ];
        libtest_mimic::run(&Arguments::from_args(), trials).exit();
    }
}
