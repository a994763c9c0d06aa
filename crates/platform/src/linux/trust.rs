//! Which files may be believed or loaded (U28).
//!
//! Whoever can write a module, or the file that names it, runs code in every process that uses
//! the router. So a file and every directory on the way to it must belong to root, or where that
//! is said to the user, and nobody else may write there. Links are followed one at a time, and
//! each link and each directory passed is held to the same rule. A directory that others may write
//! to counts as safe if it is sticky (`/tmp`): what trusted owners have in it, nobody can replace.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::{fmt, io};

const WRITABLE_BY_OTHERS: u32 = 0o022;
const STICKY: u32 = 0o1000;
const MOST_LINKS: usize = 40;

/// The rules for files named by one kind of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trust {
    user: Option<u32>,
    privileged: bool,
}

impl Trust {
    /// Makes rules that trust root, and `user` if given; `privileged` processes load nothing.
    pub const fn new(user: Option<u32>, privileged: bool) -> Self {
        Self { user, privileged }
    }

    /// Checks a module before it is loaded, and returns its canonical path.
    ///
    /// The path must be absolute. Load the path that is returned: it is the one that was checked.
    pub fn module(&self, path: &Path) -> Result<PathBuf, TrustError> {
        if self.privileged {
            return Err(TrustError::new(path, TrustReason::Privileged));
        }
        self.file(path).map(|(path, _)| path)
    }

    /// Checks a program before it is run; as `module`, and it must be executable.
    pub fn program(&self, path: &Path) -> Result<PathBuf, TrustError> {
        if self.privileged {
            return Err(TrustError::new(path, TrustReason::Privileged));
        }
        let (path, found) = self.file(path)?;
        if found.mode() & 0o111 == 0 {
            return Err(TrustError::new(&path, TrustReason::NotExecutable));
        }
        Ok(path)
    }

    /// Checks a configuration file before it is read, and returns its canonical path.
    pub fn config(&self, path: &Path) -> Result<PathBuf, TrustError> {
        self.file(path).map(|(path, _)| path)
    }

    /// Checks a directory whose content is believed, and returns its canonical path.
    pub fn directory(&self, path: &Path) -> Result<PathBuf, TrustError> {
        let (path, found) = self.walk(path)?;
        if !found.is_dir() {
            return Err(TrustError::new(&path, TrustReason::NotADirectory));
        }
        Ok(path)
    }

    fn file(&self, path: &Path) -> Result<(PathBuf, Metadata), TrustError> {
        let (path, found) = self.walk(path)?;
        if !found.is_file() {
            return Err(TrustError::new(&path, TrustReason::NotAFile));
        }
        Ok((path, found))
    }

    /// Goes from the root to the file, checking every step.
    fn walk(&self, path: &Path) -> Result<(PathBuf, Metadata), TrustError> {
        if !path.is_absolute() {
            return Err(TrustError::new(path, TrustReason::NotAbsolute));
        }
        let mut here = PathBuf::from("/");
        let mut found = self.step(&here)?;
        let mut pending = Vec::new();
        push_components(&mut pending, path);
        let mut links = 0;
        while let Some(name) = pending.pop() {
            if name == ".." {
                here.pop();
                found = self.step(&here)?;
                continue;
            }
            let next = here.join(name);
            found = self.step(&next)?;
            if !found.is_symlink() {
                here = next;
                continue;
            }
            links += 1;
            if links > MOST_LINKS {
                return Err(TrustError::new(path, TrustReason::TooManyLinks));
            }
            let target = fs::read_link(&next)
                .map_err(|error| TrustError::new(&next, TrustReason::Io(error)))?;
            if target.is_absolute() {
                here = PathBuf::from("/");
                found = self.step(&here)?;
            }
            push_components(&mut pending, &target);
        }
        Ok((here, found))
    }

    fn step(&self, path: &Path) -> Result<Metadata, TrustError> {
        let found = fs::symlink_metadata(path)
            .map_err(|error| TrustError::new(path, TrustReason::Io(error)))?;
        if found.uid() != 0 && Some(found.uid()) != self.user {
            let wanted = self.user.unwrap_or(0);
            return Err(TrustError::new(path, TrustReason::Owner { owner: found.uid(), wanted }));
        }
        let harmless = found.is_symlink() || found.is_dir() && found.mode() & STICKY != 0;
        if found.mode() & WRITABLE_BY_OTHERS != 0 && !harmless {
            return Err(TrustError::new(path, TrustReason::Writable { mode: found.mode() }));
        }
        Ok(found)
    }
}

/// Puts the names of a path on the stack, the first one on top.
fn push_components(pending: &mut Vec<OsString>, path: &Path) {
    pending.extend(path.components().rev().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    }));
}

/// A file that is not believed or loaded, and why.
#[derive(Debug)]
pub struct TrustError {
    path: PathBuf,
    reason: TrustReason,
}

/// Why a file is not believed or loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrustReason {
    /// The path is not absolute.
    NotAbsolute,
    /// The process is set-uid or set-gid.
    Privileged,
    /// It belongs to somebody else.
    Owner {
        /// Who owns it.
        owner: u32,
        /// Who should.
        wanted: u32,
    },
    /// Its group or everybody can write to it.
    Writable {
        /// Its mode.
        mode: u32,
    },
    /// It is open to others and must be private.
    Open {
        /// Its mode.
        mode: u32,
        /// The mode it should have.
        want: u32,
    },
    /// It is no regular file.
    NotAFile,
    /// It is no directory.
    NotADirectory,
    /// It is no program.
    NotExecutable,
    /// Too many symbolic links lead to it.
    TooManyLinks,
    /// It cannot be looked at.
    Io(io::Error),
}

impl TrustError {
    pub(crate) fn new(path: &Path, reason: TrustReason) -> Self {
        Self { path: path.to_owned(), reason }
    }

    /// Returns the file or directory that is at fault; it may be a parent of the one asked for.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns why.
    pub const fn reason(&self) -> &TrustReason {
        &self.reason
    }

    /// Tells whether the file does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(&self.reason, TrustReason::Io(e) if e.kind() == io::ErrorKind::NotFound)
    }
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.reason {
            TrustReason::NotAbsolute => write!(
                f,
                "{path} is not an absolute path; write it from the root, or with %MPR_LIB%/"
            ),
            TrustReason::Privileged => {
                write!(f, "{path} is not loaded: set-uid and set-gid processes load no module")
            }
            TrustReason::Owner { owner, wanted } => {
                let (owner, wanted_name) = (user_name(*owner), user_name(*wanted));
                write!(f, "{path} is owned by {owner}, not by ")?;
                if *wanted != 0 {
                    f.write_str("root or ")?;
                }
                write!(f, "{wanted_name}; ")?;
                if self.path.is_dir() {
                    // It may be somebody's home, which is not to be given away.
                    write!(f, "use a file below directories of {wanted_name}'s")
                } else {
                    write!(f, "to trust it: chown {wanted_name} {path}")
                }
            }
            TrustReason::Writable { mode } => write!(
                f,
                "{path} can be written by others (mode {:04o}); to trust it: chmod go-w {path}",
                mode & 0o7777
            ),
            TrustReason::Open { mode, want } => write!(
                f,
                "{path} is open to others (mode {:04o}); to use it: chmod {want:04o} {path}",
                mode & 0o7777
            ),
            TrustReason::NotAFile => write!(f, "{path} is not a regular file"),
            TrustReason::NotADirectory => write!(f, "{path} is not a directory; remove it"),
            TrustReason::NotExecutable => {
                write!(f, "{path} is not executable; to run it: chmod +x {path}")
            }
            TrustReason::TooManyLinks => write!(f, "{path} leads through too many links"),
            TrustReason::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                write!(f, "{path} is not there")
            }
            TrustReason::Io(error) => write!(f, "{path} cannot be checked: {error}"),
        }
    }
}

impl std::error::Error for TrustError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let TrustReason::Io(error) = &self.reason { Some(error) } else { None }
    }
}

/// Returns the name of a local user, or the number.
fn user_name(user: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let number = user.to_string();
    let mut names = users.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    });
    names.next().unwrap_or(number)
}
