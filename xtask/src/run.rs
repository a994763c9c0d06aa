//! Running other programs, with errors that say which.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a task returns: nothing, or a text for people.
pub(crate) type Done<T = ()> = Result<T, String>;

/// Returns the root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.into(), Path::to_path_buf)
}

/// Returns cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Returns a command of the cargo that runs us, in the root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command to its end; an error names it.
pub(crate) fn run(command: &mut Command) -> Done {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?} ended with {status}")),
        Err(error) => Err(format!("cannot run {:?}: {error}", command.get_program())),
    }
}

/// Runs a command and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Done<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run {:?}: {error}", command.get_program()))?;
    if !output.status.success() {
        return Err(format!("{command:?} ended with {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("{command:?} printed no UTF-8"))
}

/// Adds the file's name to an I/O error.
pub(crate) fn at<T>(path: &Path, result: std::io::Result<T>) -> Done<T> {
    result.map_err(|error| format!("{}: {error}", path.display()))
}
