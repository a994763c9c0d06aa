//! Where the parts of an installation are: modules, helper programs, and this program.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::{env, io};

use mpr_platform::Paths;

/// The variable that tells providers how long connecting and browsing may take, in seconds.
const CONNECT: &str = "MPR_CONNECT_TIMEOUT";

/// The variable that tells providers how long an operation on a file may take, in seconds.
const IO: &str = "MPR_IO_TIMEOUT";

/// Finds `lib/mpr`: what `MPR_LIBEXEC` says, beside the program, or where packages put it.
pub(crate) fn libexec(paths: &Paths) -> PathBuf {
    let given = env::var_os("MPR_LIBEXEC").filter(|_| !paths.is_privileged()).map(PathBuf::from);
    let near = || {
        let dir = env::current_exe().ok()?.parent()?.join("../lib/mpr");
        dir.canonicalize().ok()
    };
    given
        .filter(|dir| dir.is_absolute())
        .or_else(near)
        .unwrap_or_else(|| paths.module_dir().to_owned())
}

/// Starts this program anew if providers have to be told a time limit.
///
/// They live in this process and read its environment, which cannot be changed safely while it
/// runs. A connection that is made then keeps the limit for each operation on its files. Returns if
/// nothing has to be changed.
pub(crate) fn tell_timeout(
    line: &[OsString],
    timeout: Option<Duration>,
    connects: bool,
) -> io::Result<()> {
    let Some(timeout) = timeout else { return Ok(()) };
    let seconds = timeout.as_secs_f64().to_string();
    let variables = if connects { &[CONNECT, IO][..] } else { &[CONNECT] };
    let told = |name: &&str| env::var_os(name).is_some_and(|it| it.to_str() == Some(&seconds));
    if variables.iter().all(told) {
        return Ok(());
    }
    let mut again = Command::new(env::current_exe()?);
    again.arg0(line.first().map_or("mpr".as_ref(), OsString::as_os_str));
    again.args(line.iter().skip(1)).envs(variables.iter().map(|name| (name, &seconds)));
    Err(again.exec())
}
