//! What every test stands on: the driver, and the pages it opens.

use super::child::Beside;
use super::machine;
use super::tab::{Net, Tab};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Seconds that the server gives to a run: this build is not the fast one.
const LIMIT: &str = "120";

/// The driver of browsers, the program's server, and a scratch folder.
pub struct Ground {
    driver: String,
    site: String,
    folder: tempfile::TempDir,
    _beside: [Beside; 2],
}

impl Ground {
    /// Starts the driver and the server, each on a free port; `None` where there is no browser. To be called by the
    /// thread that ends last: some systems end them with it.
    pub fn new() -> Option<Ground> {
        machine::browser()?;
        let driver = machine::driver()?;
        let (driving, port) = Beside::start(&driver, &["--port=0"], |line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let (serving, site) =
            Beside::start(&program(), &["--quiet", "serve", "--port", "0", "--limit", LIMIT], |line| {
                let (_, address) = line.rsplit_once(' ')?;
                address.strip_suffix('/').filter(|address| address.starts_with("http://")).map(str::to_owned)
            });
        let folder = tempfile::tempdir().expect("a folder");
        let driver = format!("http://127.0.0.1:{port}");
        Some(Ground { driver, site, folder, _beside: [driving, serving] })
    }

    /// The address of one of the server's pages.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    /// The scratch folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Lets a test use a browser of its own, which must have had nothing to complain of.
    pub fn tab(&self, net: Net, test: impl FnOnce(&Tab)) {
        let tab = Tab::open(&self.driver, net);
        let ended = catch_unwind(AssertUnwindSafe(|| {
            test(&tab);
            let log = tab.log();
            assert!(log.is_empty(), "the browser complains:\n{}", log.join("\n"));
        }));
        if let Err(why) = ended {
            let name = format!("failed-{:?}.png", std::thread::current().id());
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            if std::fs::write(&file, tab.picture()).is_ok() {
                eprintln!("how it looked: {}", file.display());
            }
            resume_unwind(why);
        }
    }

    /// A file that the program writes: `wirewalk` with these arguments and `-o`.
    pub fn written(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let file = self.folder.path().join(name);
        let output = Command::new(program())
            .args(arguments)
            .arg("-o")
            .arg(&file)
            .env("LC_ALL", "en_US.UTF-8")
            .output()
            .expect("the binary runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        file
    }
}

/// The address of a file on this disk.
pub fn address(file: &Path) -> String {
    url::Url::from_file_path(file).expect("an absolute path").into()
}

/// The program under test; `WIREWALK=target/release/wirewalk` measures the fast build.
pub fn program() -> PathBuf {
    std::env::var_os("WIREWALK").unwrap_or_else(|| env!("CARGO_BIN_EXE_wirewalk").into()).into()
}
