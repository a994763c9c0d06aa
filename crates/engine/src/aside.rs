//! Files that were removed while they were open, on servers that cannot keep a file without a name.
//!
//! Such a file is renamed in its directory, hidden, and removed when the last user closes it. Only
//! names that this process made are hidden: what an earlier one left behind can be seen and removed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use crate::RemotePath;

/// The hidden files of one mount: where each is, by its name.
#[derive(Debug, Default)]
pub(crate) struct Aside {
    files: Mutex<HashMap<Vec<u8>, RemotePath>>,
    gone: Notify,
}

impl Aside {
    fn files(&self) -> MutexGuard<'_, HashMap<Vec<u8>, RemotePath>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a path in a directory that nobody has.
    pub(crate) fn invent(&self, directory: &RemotePath) -> RemotePath {
        let mut files = self.files();
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut number = time.as_nanos() as u64;
        loop {
            let name = format!(".mpr-removed-{}-{number:x}", std::process::id()).into_bytes();
            if let Entry::Vacant(vacant) = files.entry(name) {
                let path = directory.join(vacant.key());
                return vacant.insert(path).clone();
            }
            number += 1;
        }
    }

    /// Tells whether a name is one of them.
    pub(crate) fn hides(&self, name: &[u8]) -> bool {
        name.starts_with(b".mpr-removed-") && self.files().contains_key(name)
    }

    /// Returns where a hidden file is by now.
    pub(crate) fn path(&self, name: &[u8]) -> Option<RemotePath> {
        self.files().get(name).cloned()
    }

    /// Takes in that a directory was renamed.
    pub(crate) fn renamed(&self, from: &RemotePath, to: &RemotePath) {
        for path in self.files().values_mut() {
            if let Some(moved) = path.moved(from, to) {
                *path = moved;
            }
        }
    }

    /// Forgets a file that is gone.
    pub(crate) fn forget(&self, name: &[u8]) {
        self.files().remove(name);
        self.gone.notify_waiters();
    }

    /// Waits until none is left: in a directory, or anywhere.
    pub(crate) async fn settle(&self, directory: Option<&RemotePath>) {
        loop {
            let gone = self.gone.notified();
            let within =
                |path: &RemotePath| directory.is_none() || path.parent().as_ref() == directory;
            if !self.files().values().any(within) {
                return;
            }
            gone.await;
        }
    }
}
