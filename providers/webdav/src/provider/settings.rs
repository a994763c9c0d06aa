//! What the provider works with: where, with which helper, within which bounds.

use std::path::PathBuf;
use std::time::Duration;

use mpr_mount::{Runtime, helper_program, privileged};

/// Where the provider keeps its mounts, what serves them, and how long things may take.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The user's runtime directory.
    pub runtime: Runtime,
    /// The program that serves a mount; `None` if it is not installed.
    pub helper: Option<PathBuf>,
    /// The bound of connecting and browsing; 5 s, or `MPR_CONNECT_TIMEOUT` seconds.
    pub connect_limit: Duration,
    /// The bound of a file operation; 20 s, or `MPR_IO_TIMEOUT` seconds.
    pub io_limit: Duration,
    /// Where files go that a server would not take before its mount ended:
    /// `$XDG_STATE_HOME/mpr/unsaved`, or `var/lib/mpr/unsaved` under `MPR_ROOT`.
    pub unsaved: Option<PathBuf>,
}

impl Settings {
    /// Takes the settings of the calling user from the environment.
    pub fn from_env() -> Self {
        Self {
            runtime: Runtime::from_env(),
            helper: helper_program("mpr-serve-webdav", Self::from_env as *const () as usize),
            connect_limit: seconds("MPR_CONNECT_TIMEOUT").unwrap_or(Duration::from_secs(5)),
            io_limit: seconds("MPR_IO_TIMEOUT").unwrap_or(Duration::from_secs(20)),
            unsaved: unsaved_dir(),
        }
    }
}

fn unsaved_dir() -> Option<PathBuf> {
    let variable = |name| {
        let value = std::env::var_os(name).filter(|_| !privileged()).map(PathBuf::from);
        value.filter(|path| path.is_absolute())
    };
    if let Some(root) = variable("MPR_ROOT") {
        return Some(root.join("var/lib/mpr/unsaved"));
    }
    let state = variable("XDG_STATE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/state")));
    state.map(|state| state.join("mpr/unsaved"))
}

fn seconds(variable: &str) -> Option<Duration> {
    let value: f64 = std::env::var(variable).ok().filter(|_| !privileged())?.parse().ok()?;
    Duration::try_from_secs_f64(value).ok().filter(|limit| !limit.is_zero())
}

/// Returns the login name of a user, or its number.
pub(super) fn login_name(uid: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| uid.to_string())
}
