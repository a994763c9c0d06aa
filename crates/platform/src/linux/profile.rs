//! The profile as a file: `$XDG_CONFIG_HOME/mpr/network.toml`.
//!
//! ```toml
//! [S]                              # the drive S:, as HKCU\Network\S
//! remote-path = '\\server\share'
//! user-name = ""
//! provider-name = "SMB Network"
//! provider-type = 131072
//! connection-type = 1
//! connect-flags = 0
//! defer-flags = 4
//! ```
//!
//! Ports are `[LPT1]`, paths `["/mnt/team"]`. Only the user can read the file; it is replaced in
//! one step under a lock, and never holds a password. What we do not know in it stays.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mpr_core::{Profile, RememberedConnection, Wide, WideString, WnError};
use rustix::fs::Access;
use toml_edit::{DocumentMut, Item, Table};

use super::entry;
use super::file::{self, LOCK_LIMIT, Lock};
use super::layout;
use super::parse::line_at;
use super::paths::Paths;

/// The user's remembered connections, in a file.
#[derive(Clone, Debug)]
pub struct ProfileFile {
    path: Option<PathBuf>,
    lock_limit: Duration,
}

impl ProfileFile {
    /// Names the file; it need not exist yet, nor its directory.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: Some(path.into()), lock_limit: LOCK_LIMIT }
    }

    /// Names the user's own file. Without a home there is none: `CANNOT_OPEN_PROFILE`.
    pub fn of(paths: &Paths) -> Self {
        Self { path: paths.profile(), lock_limit: LOCK_LIMIT }
    }

    /// Sets how long a writer waits for another one before it gives up; 10 seconds at first.
    #[must_use]
    pub const fn with_lock_limit(mut self, limit: Duration) -> Self {
        self.lock_limit = limit;
        self
    }

    /// Returns the file, if there is a place for one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns what keeps entries from being listed, by key, for people to mend.
    pub fn malformed(&self) -> Result<Vec<String>, WnError> {
        let document = self.document(self.place()?)?;
        let bad = document.iter().filter(|(key, item)| match entry::local_of(key) {
            Some(local) => entry::read(&local, item).is_err(),
            None => item.is_table_like(),
        });
        Ok(bad.map(|(key, _)| key.to_owned()).collect())
    }

    /// Says in which line of the file the first thing is that is no TOML, and what it is.
    pub fn damage(&self) -> Option<(usize, String)> {
        let text = file::read(self.place().ok()?).ok()??;
        let error = text.parse::<DocumentMut>().err()?;
        let line = line_at(&text, error.span().map_or(0, |span| span.start));
        Some((line, error.message().to_owned()))
    }

    fn place(&self) -> Result<&Path, WnError> {
        self.path.as_deref().ok_or(WnError::CANNOT_OPEN_PROFILE)
    }

    fn document(&self, path: &Path) -> Result<DocumentMut, WnError> {
        match file::read(path) {
            Ok(text) => text.unwrap_or_default().parse().map_err(|_| WnError::BAD_PROFILE),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(WnError::BAD_PROFILE),
            Err(_) => Err(WnError::CANNOT_OPEN_PROFILE),
        }
    }

    /// Reads, changes and replaces the file under its lock; a change that is none writes nothing.
    fn edit(
        &self,
        change: impl FnOnce(&mut DocumentMut) -> Result<bool, WnError>,
    ) -> Result<bool, WnError> {
        let path = self.place()?;
        let failed = |_| WnError::CANNOT_OPEN_PROFILE;
        own_place(path)?;
        file::make_dir(file::parent(path), 0o700).map_err(failed)?;
        let lock = Lock::take(path, self.lock_limit).map_err(failed)?;
        let mut document = self.document(lock.target())?;
        if !change(&mut document)? {
            return Ok(false);
        }
        lock.replace(&document.to_string(), 0o600).map_err(failed)?;
        Ok(true)
    }
}

impl Profile for ProfileFile {
    fn check(&self) -> Result<(), WnError> {
        let path = self.place()?;
        own_place(path)?;
        let dir = existing(file::parent(path));
        rustix::fs::access(dir, Access::WRITE_OK | Access::EXEC_OK)
            .map_err(|_| WnError::CANNOT_OPEN_PROFILE)?;
        self.document(path).map(drop)
    }

    fn get(&self, local: Wide<'_>) -> Result<Option<RememberedConnection>, WnError> {
        let path = self.place()?;
        let Some(key) = entry::key_of(local) else { return Ok(None) };
        let document = self.document(path)?;
        let Some(found) = matching(&document, &key).into_iter().next() else { return Ok(None) };
        let local = entry::local_of(&found).unwrap_or_default();
        document.get(&found).map_or(Ok(None), |item| entry::read(&local, item))
    }

    fn list(&self) -> Result<Vec<RememberedConnection>, WnError> {
        let document = self.document(self.place()?)?;
        let entries = document.iter().filter_map(|(key, item)| {
            let local = entry::local_of(key)?;
            entry::read(&local, item).ok().flatten()
        });
        let mut entries: Vec<_> = entries.collect();
        // The sort is stable: of two keys for one device the first counts, as for `get`.
        entries.sort_by(|a, b| a.local.cmp(&b.local));
        entries.dedup_by(|b, a| a.local == b.local);
        Ok(entries)
    }

    /// Writes an entry; its place, its comments and the values we do not know stay.
    fn remember(&self, connection: &RememberedConnection) -> Result<(), WnError> {
        self.place()?;
        let key = entry::key_of(connection.local.as_wide()).ok_or_else(|| refusal(connection))?;
        let values = entry::values(connection)?;
        self.edit(|document| {
            let mut keys = matching(document, &key).into_iter();
            let place = keys.next().unwrap_or(key);
            keys.for_each(|twin| drop(document.remove(&twin)));
            if !document.contains_key(&place) {
                let mut table = Table::new();
                layout::keep_comments_first(document, &mut table);
                document.insert(&place, Item::Table(table));
            }
            let table = document[&place].as_table_like_mut().ok_or(WnError::BAD_PROFILE)?;
            entry::write(table, values);
            Ok(true)
        })
        .map(drop)
    }

    /// Deletes an entry, malformed or not: that is how one gets rid of it.
    fn forget(&self, local: Wide<'_>) -> Result<bool, WnError> {
        let path = self.place()?;
        let Some(key) = entry::key_of(local) else { return Ok(false) };
        // Nothing is locked or made where there is nothing to forget.
        if matching(&self.document(path)?, &key).is_empty() {
            return Ok(false);
        }
        self.edit(|document| {
            let keys = matching(document, &key);
            keys.iter().for_each(|key| drop(document.remove(key)));
            Ok(!keys.is_empty())
        })
    }
}

/// Returns the keys that mean the same local name as `key`, in the order of the file.
fn matching(document: &DocumentMut, key: &str) -> Vec<String> {
    let wanted: Option<WideString> = entry::local_of(key);
    document
        .iter()
        .map(|(known, _)| known)
        .filter(|known| wanted.is_some() && entry::local_of(known) == wanted)
        .map(str::to_owned)
        .collect()
}

/// Why a local name has no key: text that cannot be written, or no local name.
fn refusal(connection: &RememberedConnection) -> WnError {
    if String::from_utf16(connection.local.units()).is_err() {
        WnError::BAD_PROFILE
    } else {
        WnError::BAD_DEVICE
    }
}

/// Refuses to leave files in somebody else's directory, as root with a user's home would.
fn own_place(path: &Path) -> Result<(), WnError> {
    let user = rustix::process::geteuid().as_raw();
    match fs::metadata(file::parent(path)) {
        Ok(dir) if dir.uid() != user => Err(WnError::CANNOT_OPEN_PROFILE),
        Ok(dir) if !dir.is_dir() => Err(WnError::CANNOT_OPEN_PROFILE),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) => Err(WnError::CANNOT_OPEN_PROFILE),
    }
}

/// Returns the nearest directory that exists.
fn existing(dir: &Path) -> &Path {
    let exists = |dir: &&Path| !dir.as_os_str().is_empty() && dir.exists();
    dir.ancestors().find(exists).unwrap_or(Path::new("."))
}
