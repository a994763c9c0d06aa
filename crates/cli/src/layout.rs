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

/// The variable that makes providers mount through the kernel, if it is 1.
const KERNEL: &str = "MPR_KERNEL";

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

/// What providers are told in their environment.
pub(crate) struct Told {
    /// How long things may take.
    pub(crate) timeout: Option<Duration>,
    /// Whether a connection is to be made; it keeps the limit for each operation on its files.
    pub(crate) connects: bool,
    /// Whether it is to be made through the kernel.
    pub(crate) kernel: bool,
}

/// Starts this program anew if providers have to be told something that they are not yet.
///
/// They live in this process and read its environment, which cannot be changed safely while it
/// runs. Returns if nothing has to be changed.
pub(crate) fn tell_providers(line: &[OsString], told: &Told) -> io::Result<()> {
    let variables = told.variables();
    let known =
        |(name, value): &(&str, String)| env::var_os(name).is_some_and(|it| it == value.as_str());
    if variables.iter().all(known) {
        return Ok(());
    }
    let mut again = Command::new(env::current_exe()?);
    again.arg0(line.first().map_or("mpr".as_ref(), OsString::as_os_str));
    again.args(line.iter().skip(1)).envs(variables);
    Err(again.exec())
}

impl Told {
    fn variables(&self) -> Vec<(&'static str, String)> {
        let seconds = self.timeout.map(|timeout| timeout.as_secs_f64().to_string());
        let limit = seconds.clone().map(|seconds| (CONNECT, seconds));
        let io_limit = seconds.filter(|_| self.connects).map(|seconds| (IO, seconds));
        let kernel = self.kernel.then(|| (KERNEL, "1".to_owned()));
        [limit, io_limit, kernel].into_iter().flatten().collect()
    }
}
