//! Names of removed files that are still open, on servers that cannot keep a file without a name.
//!
//! Such a file is renamed in its directory, hidden, and removed when the last user closes it. Only
//! names that this process made are hidden: what an earlier one left behind can be seen and removed.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::RemotePath;

/// The names of one mount.
#[derive(Debug, Default)]
pub(crate) struct Aside(Mutex<HashSet<Vec<u8>>>);

impl Aside {
    fn names(&self) -> MutexGuard<'_, HashSet<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a name that nobody has.
    pub(crate) fn invent(&self) -> Vec<u8> {
        let mut names = self.names();
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut number = time.as_nanos() as u64;
        loop {
            let name = format!(".mpr-removed-{}-{number:x}", std::process::id()).into_bytes();
            if names.insert(name.clone()) {
                return name;
            }
            number += 1;
        }
    }

    /// Tells whether a name is one of them.
    pub(crate) fn hides(&self, name: &[u8]) -> bool {
        name.starts_with(b".mpr-removed-") && self.names().contains(name)
    }

    /// Forgets a name that is gone.
    pub(crate) fn forget(&self, path: &RemotePath) {
        self.names().remove(path.name());
    }
}
