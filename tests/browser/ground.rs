//! What every test stands on: the driver, and the pages it opens.

use super::child::Beside;
use super::machine;
use super::tab::{Net, Tab};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The driver of browsers and the scratch folder of a test program.
pub struct Ground {
    driver: String,
    folder: tempfile::TempDir,
    _driver: Beside,
}

impl Ground {
    /// Starts the driver on a free port; `None` where there is no browser.
    pub fn new() -> Option<Ground> {
        machine::browser()?;
        let driver = machine::driver()?;
        let (beside, port) = Beside::start(&driver, &["--port=0"], |line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let folder = tempfile::tempdir().expect("a folder");
        Some(Ground { driver: format!("http://127.0.0.1:{port}"), folder, _driver: beside })
    }

    /// Lets a test use a browser of its own, which must have had nothing to complain of.
    pub fn tab(&self, net: Net, test: impl FnOnce(&Tab)) {
        let tab = Tab::open(&self.driver, net);
        test(&tab);
        let log = tab.log();
        assert!(log.is_empty(), "the browser complains:\n{}", log.join("\n"));
    }

    /// A file that the program writes: `wirewalk` with these arguments and `-o`.
    pub fn written(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let file = self.folder.path().join(name);
        let output = Command::new(env!("CARGO_BIN_EXE_wirewalk"))
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
