//! The modules' types, by the TypeScript compiler.

use libtest_mimic::Failed;
use std::path::Path;
use std::process::Command;

/// The test's name.
pub const NAME: &str = "types::every_module_keeps_its_types";

/// Runs the compiler over every module, strictly.
pub fn test(packages: &Path) -> Result<(), Failed> {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve/tsconfig.json");
    let output = Command::new(packages.join(".bin/tsc"))
        .args(["--pretty", "false", "--listFiles", "--project"])
        .arg(config)
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (files, mistakes): (Vec<&str>, Vec<&str>) =
        said.lines().partition(|line| line.starts_with('/') && !line.contains("): error "));
    if !output.status.success() || !mistakes.is_empty() {
        return Err(mistakes.join("\n").into());
    }
    // Every module of the program was among them.
    for folder in ["src/page/assets", "src/serve/assets", "src/serve/assets/words"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut seen = 0;
        for module in std::fs::read_dir(&folder).map_err(|error| error.to_string())? {
            let module = module.map_err(|error| error.to_string())?.path();
            if module.extension().is_some_and(|ending| ending == "js") {
                seen += 1;
                if !files.iter().any(|file| Path::new(file) == module) {
                    return Err(format!("{} was not looked at", module.display()).into());
                }
            }
        }
        if seen == 0 {
            return Err(format!("no module in {}", folder.display()).into());
        }
    }
    Ok(())
}
