//! Whom servers run as: the user of the test, or `nobody` if that is root.
//!
//! A server of root's would ignore permissions, and what it writes would be root's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `nobody` and `nogroup`.
const NOBODY: u32 = 65534;

/// Returns the number of the servers' user.
pub fn server_uid() -> u32 {
    let own = rustix::process::geteuid();
    if own.is_root() { NOBODY } else { own.as_raw() }
}

/// Returns the name of the servers' user.
pub fn server_user() -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let own = server_uid();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(own)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| own.to_string())
}

/// Returns a command that runs a program as the servers' user.
pub fn command(program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(program);
    command
}

/// Gives a file or directory to the servers' user.
pub fn give(path: &Path) -> io::Result<()> {
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY))?;
    }
    Ok(())
}

/// A directory of a server.
#[derive(Clone, Debug)]
pub struct Export {
    /// What clients call it: a word.
    pub name: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// Clients can only read.
    pub read_only: bool,
    /// Clients need no login, where the protocol has that.
    pub guest: bool,
    /// Clients may not even look, whoever they are.
    pub forbidden: bool,
}

impl Export {
    /// Describes a directory that clients with a login can write to.
    pub fn new(name: &'static str, path: &Path) -> Self {
        Self { name, path: path.into(), read_only: false, guest: false, forbidden: false }
    }

    /// Makes it one that can only be read.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Makes it one for nobody.
    pub fn forbidden(mut self) -> Self {
        self.forbidden = true;
        self
    }

    /// Makes it one for everybody.
    pub fn guest(mut self) -> Self {
        self.guest = true;
        self
    }
}

/// Makes a private directory for a server's state.
pub(crate) fn state_dir() -> io::Result<tempfile::TempDir> {
    let dir = tempfile::Builder::new().prefix("mpr-server-").tempdir()?;
    give(dir.path())?;
    Ok(dir)
}

/// Writes a file of a server's, readable by its user.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)?;
    give(path)
}
