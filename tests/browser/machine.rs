//! What this machine has of what the tests need, and what is said where it is missing.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Where a program lies that is on the path.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|place| place.is_file())
}

/// The browser's program.
pub fn browser() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find)
}

/// The program that drives it.
pub fn driver() -> Option<PathBuf> {
    find("chromedriver")
}

/// Where nothing may be skipped.
pub fn strict() -> bool {
    std::env::var_os("CI").is_some()
}

/// The folder of the packages that `package-lock.json` names, fetched once for each version of that file; `None` without
/// npm or without its registry.
pub fn packages() -> Option<&'static PathBuf> {
    static PACKAGES: OnceLock<Option<PathBuf>> = OnceLock::new();
    PACKAGES
        .get_or_init(|| {
            find("npm")?;
            let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
            let there = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("npm");
            let same = |name: &str| {
                let kept = std::fs::read(there.join(name)).ok();
                kept.is_some() && kept == std::fs::read(here.join(name)).ok()
            };
            // Written last, so that what is there was fetched whole.
            let done = there.join("done");
            if done.is_file() && same("package.json") && same("package-lock.json") {
                return Some(there.join("node_modules"));
            }
            std::fs::create_dir_all(&there).expect("a folder beside the build");
            let _ = std::fs::remove_file(&done);
            for name in ["package.json", "package-lock.json"] {
                std::fs::copy(here.join(name), there.join(name)).expect("a copy");
            }
            let fetched = Command::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
                .current_dir(&there)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .status();
            if !fetched.is_ok_and(|status| status.success()) {
                return None;
            }
            std::fs::write(&done, "").expect("a file beside the build");
            Some(there.join("node_modules"))
        })
        .as_ref()
}
