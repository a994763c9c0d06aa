//! Which files may be loaded (U28).
//!
//! Who can write the keys that name modules is an administrator, and who can write the folders
//! that they name is for the system to keep. What is checked is that the place is fixed: nothing
//! is searched for, and the current directory never counts (W18).

use std::fmt;
use std::path::{Path, PathBuf};

/// The rules for files named by settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trust;

impl Trust {
    /// Checks a module before it is loaded, and returns the path to load.
    pub fn module(&self, path: &Path) -> Result<PathBuf, TrustError> {
        if path.is_absolute() { Ok(path.into()) } else { Err(TrustError(path.into())) }
    }
}

/// A path that is not absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustError(PathBuf);

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not an absolute path", self.0.display())
    }
}

impl std::error::Error for TrustError {}
