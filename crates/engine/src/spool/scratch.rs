//! Where spools live: files without a name, in a directory of the user's; and how one gets a name
//! when its content must outlive this process.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, OFlags};

/// Longest part of a name that a copy keeps, in bytes.
const LONGEST_NAME: usize = 200;

/// Makes an empty spool.
pub(super) fn create() -> io::Result<File> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = cache.filter(|path| path.is_absolute()).or_else(home);
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

/// Reads up to so much; fewer bytes only at the end of the spool.
pub(super) fn read(spool: &File, offset: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    let mut filled = 0;
    while filled < bytes.len() {
        match spool.read_at(&mut bytes[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Content with a name of its own, where its user finds it.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) path: PathBuf,
    /// The name is the spool's own: what is written later is in it too.
    linked: bool,
}

impl Saved {
    /// Gives a spool a name in a directory; the content is copied only where it must be and with
    /// `copy`, otherwise `CrossesDevices` says so.
    pub(super) fn new(spool: &File, dir: &Path, name: &str, copy: bool) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        // What follows the name must have room in what a file system takes, 255 bytes.
        let mut plain = name.replace('/', "_");
        while plain.len() > LONGEST_NAME {
            plain.pop();
        }
        for attempt in 0..1000 {
            let path = dir.join(format!("{plain}.{}.{attempt}", std::process::id()));
            match link(spool, &path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Ok(()) => return Ok(Self { path, linked: true }),
                Err(_) if copy => {}
                Err(error) => return Err(error),
            }
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                Ok(target) => {
                    copy_all(spool, &target)?;
                    return Ok(Self { path, linked: false });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Takes in what was written since.
    pub(super) fn renew(&self, spool: &File) -> io::Result<()> {
        if self.linked {
            return Ok(());
        }
        copy_all(spool, &OpenOptions::new().write(true).truncate(true).open(&self.path)?)
    }

    /// Takes the name away: the server has it all.
    pub(super) fn remove(self) {
        let _ = std::fs::remove_file(self.path);
    }
}

fn link(spool: &File, path: &Path) -> io::Result<()> {
    let spool = format!("/proc/self/fd/{}", spool.as_raw_fd());
    rustix::fs::linkat(CWD, spool, CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(Into::into)
}

fn copy_all(spool: &File, target: &File) -> io::Result<()> {
    let mut offset = 0;
    loop {
        let chunk = read(spool, offset, 256 * 1024)?;
        if chunk.is_empty() {
            return target.sync_all();
        }
        target.write_all_at(&chunk, offset)?;
        offset += chunk.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spool_gets_a_name_and_loses_it() {
        let dir = tempfile::tempdir().unwrap();
        let flags = i32::try_from(OFlags::TMPFILE.bits()).unwrap();
        let mut open = OpenOptions::new();
        let open = open.read(true).write(true).custom_flags(flags);
        let spool = open.open(dir.path()).unwrap();
        spool.write_all_at(b"words", 0).unwrap();
        let saved = Saved::new(&spool, &dir.path().join("unsaved"), "a/b", false).unwrap();
        assert!(saved.path.file_name().unwrap().to_str().unwrap().starts_with("a_b."));
        spool.write_all_at(b"W", 0).unwrap();
        saved.renew(&spool).unwrap();
        assert_eq!(std::fs::read(&saved.path).unwrap(), b"Words");
        let path = saved.path.clone();
        saved.remove();
        assert!(!path.exists());
    }

    #[test]
    fn what_cannot_be_linked_is_copied_on_demand() {
        let dir = tempfile::tempdir().unwrap();
        // On another device for sure.
        let spool = File::open("/proc/self/limits").unwrap();
        assert!(Saved::new(&spool, dir.path(), "f", false).is_err());
        let saved = Saved::new(&spool, dir.path(), &"\u{e4}".repeat(127), true).unwrap();
        saved.renew(&spool).unwrap();
        assert!(std::fs::metadata(&saved.path).unwrap().len() > 100);
    }
}
