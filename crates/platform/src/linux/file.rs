//! Files: bounded reading, replacing in one step, and a lock with a limit.
//!
//! A file is replaced by a complete new one (written beside it, synced, renamed), so that a reader
//! sees the old or the new one and a crash at any point leaves one of them. Readers need no lock.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

/// How long a writer waits for another one.
pub(super) const LOCK_LIMIT: Duration = Duration::from_secs(10);
const LOCK_STEP: Duration = Duration::from_millis(5);
/// Longest file that is read; ours are a few KiB.
const LONGEST: u64 = 4 << 20;

/// Reads a regular file as text; `None` if there is none. A pipe in its place does not hang us.
pub(super) fn read(path: &Path) -> io::Result<Option<String>> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    let file = match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "longer than 4 MiB"));
    }
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8 text"))
}

/// An exclusive lock on what is kept in one file, held until it is dropped.
///
/// It is taken on a file of its own (`.NAME.lock`), since the file itself is replaced.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
    target: PathBuf,
}

impl Lock {
    /// Takes the lock, or gives up at the limit with `WouldBlock`.
    pub(super) fn take(path: &Path, limit: Duration) -> io::Result<Self> {
        // A link (to a folder of dotfiles, say) stays, and the file it names is replaced.
        let target = match fs::canonicalize(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            other => other?,
        };
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
            .open(beside(&target, ".lock"))?;
        let deadline = Instant::now() + limit;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file, target }),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_STEP),
            }
        }
    }

    /// Returns the file that the lock is for, links resolved.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Replaces the file; `mode` is for it from then on.
    pub(super) fn replace(&self, text: &str, mode: u32) -> io::Result<()> {
        let dir = parent(&self.target);
        self.sweep(dir);
        let prefix = beside(&self.target, ".new-");
        let mut new = tempfile::Builder::new()
            .prefix(prefix.file_name().unwrap_or_default())
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(dir)?;
        new.write_all(text.as_bytes())?;
        // Root, who edits the file of somebody else, leaves it theirs.
        if let Ok(old) = fs::metadata(&self.target)
            && old.uid() != rustix::process::geteuid().as_raw()
        {
            fchown(new.as_file(), Some(old.uid()), Some(old.gid()))?;
        }
        new.as_file().set_permissions(Permissions::from_mode(mode))?;
        new.as_file().sync_all()?;
        new.persist(&self.target).map_err(|error| error.error)?;
        File::open(dir)?.sync_all()
    }

    /// Removes what writers left that were killed: under the lock nobody else is writing.
    fn sweep(&self, dir: &Path) {
        let prefix = beside(&self.target, ".new-");
        let prefix = prefix.file_name().unwrap_or_default().as_encoded_bytes();
        let Ok(entries) = fs::read_dir(dir) else { return };
        for entry in entries.flatten() {
            if entry.file_name().as_encoded_bytes().starts_with(prefix) {
                // One that cannot be removed does no harm.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Makes a directory and its parents with a mode.
pub(super) fn make_dir(path: &Path, mode: u32) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(mode).create(path)
}

/// Returns the directory that a file is in.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns `.NAME` and the suffix, in the same directory.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(suffix);
    path.with_file_name(name)
}
