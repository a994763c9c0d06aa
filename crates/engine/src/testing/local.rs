//! A share over a local directory: a server that is always there, unless told otherwise.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{
    DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use bytes::Bytes;
use mpr_engine::{
    Abilities, Attributes, Change, Entry, Fault, FaultKind, Kind, LockKind, LockRange, OpenHow,
    Opened, RemotePath, Share, Space,
};

use super::faults::Faults;

/// What the share says it can do.
pub(crate) const ABILITIES: Abilities = Abilities {
    max_read: 1024 * 1024,
    max_write: 1024 * 1024,
    in_flight: 4,
    unlink_open: true,
    modes: true,
    links: true,
    locks: false,
    ignores_case: false,
    spooled: false,
};

/// A share over a directory.
#[derive(Debug)]
pub(crate) struct LocalShare {
    root: PathBuf,
    abilities: Abilities,
    faults: Arc<Faults>,
}

/// An open file of it.
#[derive(Debug)]
pub(crate) struct LocalFile {
    file: File,
    connection: u64,
    faults: Arc<Faults>,
}

impl Drop for LocalFile {
    fn drop(&mut self) {
        self.faults.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl LocalShare {
    /// Shares a directory.
    pub(crate) fn new(root: &Path, abilities: Abilities, faults: Arc<Faults>) -> Self {
        Self { root: root.to_path_buf(), abilities, faults }
    }

    fn at(&self, path: &RemotePath) -> PathBuf {
        self.root.join(std::ffi::OsStr::from_bytes(path.as_bytes()))
    }

    fn check(&self, file: &LocalFile) -> Result<(), Fault> {
        let lost = self.faults.forgets_handles() && file.connection != self.faults.connection();
        if lost { Err(FaultKind::HandleLost.into()) } else { Ok(()) }
    }

    /// Carries out a call, unless something is to go wrong with it.
    async fn call<T>(
        &self,
        name: &'static str,
        carry_out: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, Fault> {
        self.faults.before(name).await?;
        self.faults.after(name, carry_out().map_err(|error| fault(&error)))
    }
}

fn fault(error: &io::Error) -> Fault {
    use std::io::ErrorKind;
    let kind = match error.kind() {
        ErrorKind::NotFound => FaultKind::NotFound,
        ErrorKind::AlreadyExists => FaultKind::AlreadyExists,
        ErrorKind::DirectoryNotEmpty => FaultKind::NotEmpty,
        ErrorKind::NotADirectory => FaultKind::NotADirectory,
        ErrorKind::IsADirectory => FaultKind::IsADirectory,
        ErrorKind::PermissionDenied => FaultKind::Denied,
        ErrorKind::StorageFull => FaultKind::NoSpace,
        ErrorKind::InvalidFilename => FaultKind::NameTooLong,
        _ => FaultKind::Local(error.raw_os_error().unwrap_or(5)),
    };
    Fault::new(kind, error.to_string())
}

fn attributes(found: &Metadata) -> Attributes {
    let kind = match found.file_type() {
        kind if kind.is_file() => Kind::File,
        kind if kind.is_dir() => Kind::Directory,
        kind if kind.is_symlink() => Kind::Link,
        _ => Kind::Other,
    };
    Attributes {
        kind,
        size: found.len(),
        modified: found.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        accessed: found.accessed().ok(),
        mode: Some(found.mode() & 0o7777),
        read_only: false,
        id: Some(found.ino()),
    }
}

fn apply(file: &File, change: Change) -> io::Result<()> {
    if let Some(mode) = change.mode {
        file.set_permissions(PermissionsExt::from_mode(mode))?;
    }
    let mut times = std::fs::FileTimes::new();
    if let Some(time) = change.modified {
        times = times.set_modified(time);
    }
    if let Some(time) = change.accessed {
        times = times.set_accessed(time);
    }
    if change.modified.or(change.accessed).is_some() {
        file.set_times(times)?;
    }
    Ok(())
}

impl Share for LocalShare {
    type File = LocalFile;

    fn abilities(&self) -> Abilities {
        self.abilities
    }

    async fn stat(&self, path: &RemotePath) -> Result<Attributes, Fault> {
        self.call("stat", || Ok(attributes(&self.at(path).symlink_metadata()?))).await
    }

    async fn list(&self, path: &RemotePath) -> Result<Vec<Entry>, Fault> {
        let list = || {
            let mut entries = Vec::new();
            for entry in std::fs::read_dir(self.at(path))? {
                let entry = entry?;
                let name = entry.file_name().as_bytes().to_vec();
                if let Ok(found) = entry.metadata() {
                    entries.push(Entry { name, attributes: attributes(&found) });
                }
            }
            Ok(entries)
        };
        self.call("list", list).await
    }

    async fn open(&self, path: &RemotePath, how: OpenHow) -> Result<Opened<LocalFile>, Fault> {
        let connection = self.faults.connection();
        let open = || {
            let file = OpenOptions::new()
                .read(true)
                .write(how.write || how.create)
                .create(how.create && !how.exclusive)
                .create_new(how.exclusive)
                .truncate(how.truncate)
                .mode(how.mode)
                .open(self.at(path))?;
            let attributes = attributes(&file.metadata()?);
            self.faults.open.fetch_add(1, Ordering::SeqCst);
            let faults = Arc::clone(&self.faults);
            Ok(Opened { file: LocalFile { file, connection, faults }, attributes })
        };
        self.call("open", open).await
    }

    async fn attributes(&self, file: &LocalFile) -> Result<Attributes, Fault> {
        self.check(file)?;
        self.call("attributes", || Ok(attributes(&file.file.metadata()?))).await
    }

    async fn read(&self, file: &LocalFile, offset: u64, len: usize) -> Result<Bytes, Fault> {
        self.check(file)?;
        assert!(len <= self.abilities.max_read, "no read is longer than that");
        let read = || {
            let mut bytes = vec![0; len];
            let mut filled = 0;
            while filled < len {
                match file.file.read_at(&mut bytes[filled..], offset + filled as u64)? {
                    0 => break,
                    count => filled += count,
                }
            }
            bytes.truncate(filled);
            Ok(bytes.into())
        };
        self.call("read", read).await
    }

    async fn write(&self, file: &LocalFile, offset: u64, data: Bytes) -> Result<(), Fault> {
        self.check(file)?;
        assert!(data.len() <= self.abilities.max_write, "no write is longer than that");
        self.call("write", || file.file.write_all_at(&data, offset)).await
    }

    async fn set_len(&self, file: &LocalFile, len: u64) -> Result<(), Fault> {
        self.check(file)?;
        self.call("set_len", || file.file.set_len(len)).await
    }

    async fn flush(&self, file: &LocalFile, durable: bool) -> Result<(), Fault> {
        self.check(file)?;
        self.call("flush", || if durable { file.file.sync_all() } else { Ok(()) }).await
    }

    async fn close(&self, file: LocalFile) {
        let closed = self.call("close", || Ok(())).await;
        drop((file, closed));
    }

    async fn change(&self, path: &RemotePath, change: Change) -> Result<(), Fault> {
        self.call("change", || apply(&File::open(self.at(path))?, change)).await
    }

    async fn change_open(
        &self,
        file: &LocalFile,
        path: Option<&RemotePath>,
        change: Change,
    ) -> Result<(), Fault> {
        self.check(file)?;
        match path {
            Some(path) => self.change(path, change).await,
            None => self.call("change", || apply(&file.file, change)).await,
        }
    }

    async fn make_directory(&self, path: &RemotePath, mode: u32) -> Result<(), Fault> {
        let make = || std::fs::DirBuilder::new().mode(mode).create(self.at(path));
        self.call("make_directory", make).await
    }

    async fn remove_file(&self, path: &RemotePath) -> Result<(), Fault> {
        self.call("remove_file", || std::fs::remove_file(self.at(path))).await
    }

    async fn remove_directory(&self, path: &RemotePath) -> Result<(), Fault> {
        self.call("remove_directory", || std::fs::remove_dir(self.at(path))).await
    }

    async fn rename(&self, from: &RemotePath, to: &RemotePath, replace: bool) -> Result<(), Fault> {
        let rename = || {
            let (from, to) = (self.at(from), self.at(to));
            if !replace && to.symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            if from.is_dir() && !self.faults.let_directories_move() {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            std::fs::rename(from, to)
        };
        self.call("rename", rename).await
    }

    async fn space(&self) -> Result<Space, Fault> {
        self.call("space", || Ok(Space { total: 1 << 30, free: 1 << 29 })).await
    }

    async fn make_link(&self, path: &RemotePath, target: &[u8]) -> Result<(), Fault> {
        let target = std::ffi::OsStr::from_bytes(target);
        self.call("make_link", || std::os::unix::fs::symlink(target, self.at(path))).await
    }

    async fn read_link(&self, path: &RemotePath) -> Result<Vec<u8>, Fault> {
        let read = || Ok(std::fs::read_link(self.at(path))?.as_os_str().as_bytes().to_vec());
        self.call("read_link", read).await
    }

    async fn make_hard_link(&self, path: &RemotePath, new: &RemotePath) -> Result<(), Fault> {
        self.call("make_hard_link", || std::fs::hard_link(self.at(path), self.at(new))).await
    }

    async fn lock(&self, file: &LocalFile, _: LockRange, _: LockKind) -> Result<(), Fault> {
        self.check(file)?;
        self.call("lock", || Ok(())).await
    }

    async fn ping(&self) -> Result<(), Fault> {
        self.call("ping", || Ok(())).await
    }

    async fn reconnect(&self) -> Result<(), Fault> {
        self.faults.reconnect().await
    }
}
