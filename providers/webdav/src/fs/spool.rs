//! Where a spool lives: a file without a name, in a directory of the user's.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// Longest part of a name that a copy keeps, in bytes.
const LONGEST_NAME: usize = 200;

/// Makes an empty spool.
pub(super) fn create() -> io::Result<File> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.filter(|path| path.is_absolute()).map(|path| path.join("mpr"));
    if let Some(dir) = &cache {
        let _ = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    }
    let mut last = io::ErrorKind::NotFound.into();
    for dir in cache.into_iter().chain(["/var/tmp".into(), "/tmp".into()]) {
        // Without a name from the start: nothing to clean up after kill -9.
        let flags = i32::try_from(OFlags::TMPFILE.bits()).unwrap_or_default();
        let file =
            OpenOptions::new().read(true).write(true).mode(0o600).custom_flags(flags).open(&dir);
        match file {
            Ok(file) => return Ok(file),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Copies a spool that could not be stored into a directory; returns where to.
pub(super) fn rescue(spool: &mut File, dir: &Path, name: &str) -> io::Result<PathBuf> {
    use std::io::Seek as _;
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    // What follows the name must have room in what a file system takes, 255 bytes.
    let mut plain = name.replace('/', "_");
    while plain.len() > LONGEST_NAME {
        plain.pop();
    }
    for attempt in 0..1000 {
        let path = dir.join(format!("{plain}.{}.{attempt}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut copy) => {
                spool.rewind()?;
                io::copy(spool, &mut copy)?;
                copy.sync_all()?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
