//! What a protocol supplies: an open share, as a small asynchronous file system.
//!
//! Every call may be dropped half-way, because its operation's deadline has come. The share then
//! stays usable, or answers [`FaultKind::Lost`](crate::FaultKind::Lost) until it is connected anew.
//! The engine splits, orders, repeats and caches; a share just does what it is told, once.

use std::future::Future;
use std::time::SystemTime;

use bytes::Bytes;

use crate::{Fault, FaultKind, RemotePath};

/// What an entry of a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file with content.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// Something else: a device, a socket.
    Other,
}

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// What it is.
    pub kind: Kind,
    /// Its length in bytes; for a link that of its target.
    pub size: u64,
    /// When its content changed last.
    pub modified: SystemTime,
    /// When it was read last, where the server keeps that.
    pub accessed: Option<SystemTime>,
    /// Permission bits, where the server keeps them.
    pub mode: Option<u32>,
    /// Whether the server marks it as read-only.
    pub read_only: bool,
    /// What the server numbers it with: two names of one number are one file.
    pub id: Option<u64>,
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, neither `.` nor `..`.
    pub name: Vec<u8>,
    /// What is known of it.
    pub attributes: Attributes,
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenHow {
    /// It will be written.
    pub write: bool,
    /// It is made if it is missing.
    pub create: bool,
    /// With `create`: it must be missing, and the server decides that.
    pub exclusive: bool,
    /// Its content is dropped.
    pub truncate: bool,
    /// Permission bits of a new file, where the server keeps them.
    pub mode: u32,
}

/// An open file, as it was when it was opened.
#[derive(Debug)]
pub struct Opened<F> {
    /// The file.
    pub file: F,
    /// What is known of it.
    pub attributes: Attributes,
}

/// What is to be changed about a file; the rest stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// New permission bits; a server without them takes `read_only` from the user's write bit.
    pub mode: Option<u32>,
    /// A new time of the last change.
    pub modified: Option<SystemTime>,
    /// A new time of the last reading.
    pub accessed: Option<SystemTime>,
}

/// How much there is on the server, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// In all.
    pub total: u64,
    /// Free for this user.
    pub free: u64,
}

/// A range of bytes to lock or unlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockRange {
    /// Its first byte.
    pub start: u64,
    /// Its length; `u64::MAX` to the end of whatever comes.
    pub len: u64,
}

/// What kind of lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockKind {
    /// Others may read.
    Shared,
    /// Nobody else may.
    Exclusive,
    /// None any more.
    Unlock,
}

/// What a share can do, and how it likes to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Most bytes that one `read` brings.
    pub max_read: usize,
    /// Most bytes that one `write` takes.
    pub max_write: usize,
    /// How many reads, or writes, of one file under way at once pay off.
    pub in_flight: usize,
    /// An open file can be removed or replaced by name and stays open. Without it the engine
    /// renames the file out of the way and removes it when it is closed; see also
    /// [`Share::outlives_its_name`].
    pub unlink_open: bool,
    /// Permission bits are kept.
    pub modes: bool,
    /// Symbolic links exist.
    pub links: bool,
    /// Byte-range locks are kept by the server. Without it they hold on this machine only.
    pub locks: bool,
    /// Names that differ in case only are one name.
    pub ignores_case: bool,
    /// The content is a local copy until it is flushed: the engine buffers nothing of its own.
    pub spooled: bool,
}

/// An open share.
pub trait Share: Send + Sync + 'static {
    /// A file that is open on the server.
    type File: Send + Sync + 'static;

    /// Tells what the share can do.
    fn abilities(&self) -> Abilities;

    /// Asks about one name; a link is itself, not what it leads to.
    fn stat(&self, path: &RemotePath) -> impl Future<Output = Result<Attributes, Fault>> + Send;

    /// Lists a directory, in any order, without `.` and `..`.
    fn list(&self, path: &RemotePath) -> impl Future<Output = Result<Vec<Entry>, Fault>> + Send;

    /// Opens a file, for reading at least, so that others may open, rename and remove it.
    fn open(
        &self,
        path: &RemotePath,
        how: OpenHow,
    ) -> impl Future<Output = Result<Opened<Self::File>, Fault>> + Send;

    /// Asks about an open file.
    fn attributes(
        &self,
        file: &Self::File,
    ) -> impl Future<Output = Result<Attributes, Fault>> + Send;

    /// Reads up to `len` bytes, at most `max_read`; fewer only at the end of the file.
    fn read(
        &self,
        file: &Self::File,
        offset: u64,
        len: usize,
    ) -> impl Future<Output = Result<Bytes, Fault>> + Send;

    /// Writes all of it, at most `max_write`, also beyond the end of the file.
    fn write(
        &self,
        file: &Self::File,
        offset: u64,
        data: Bytes,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Cuts or extends an open file.
    fn set_len(
        &self,
        file: &Self::File,
        len: u64,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Returns once the server has everything that was written; with `durable` also on its disk.
    ///
    /// Called at every `close` (without) and `fsync` (with). A spooled share stores the file here.
    fn flush(
        &self,
        file: &Self::File,
        durable: bool,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Closes a file. What it still held back was reported by `flush`; nobody sees an error here.
    fn close(&self, file: Self::File) -> impl Future<Output = ()> + Send;

    /// Tells how many bytes a call on this file has moved so far, over its life. A call whose
    /// deadline comes goes on while this grows well; only whole transfers need it.
    fn moved(&self, _file: &Self::File) -> u64 {
        0
    }

    /// Tells whether an open file keeps its content when its name is removed or taken, where that
    /// is not the same for all of them.
    fn outlives_its_name(&self, _file: &Self::File) -> bool {
        self.abilities().unlink_open
    }

    /// Tells an open file that its name is another now; the engine has renamed it, or a directory
    /// above it.
    fn renamed(&self, _file: &Self::File, _path: &RemotePath) {}

    /// Changes what can be changed, and leaves alone what the server does not keep.
    fn change(
        &self,
        path: &RemotePath,
        change: Change,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Changes a file through its open handle, where it matters to the server which handle says so:
    /// one that has written may set the times once more when it is closed.
    ///
    /// Without a path the name is gone, and what only a name could say is left alone.
    fn change_open(
        &self,
        _file: &Self::File,
        path: Option<&RemotePath>,
        change: Change,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async move {
            match path {
                Some(path) => self.change(path, change).await,
                None => Ok(()),
            }
        }
    }

    /// Makes a directory.
    fn make_directory(
        &self,
        path: &RemotePath,
        mode: u32,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Removes a file or link.
    fn remove_file(&self, path: &RemotePath) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Removes an empty directory, and never one that is not.
    fn remove_directory(&self, path: &RemotePath)
    -> impl Future<Output = Result<(), Fault>> + Send;

    /// Renames; over an existing file, or an empty directory, only with `replace`.
    fn rename(
        &self,
        from: &RemotePath,
        to: &RemotePath,
        replace: bool,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Asks how much there is; `Unsupported` where nobody knows.
    fn space(&self) -> impl Future<Output = Result<Space, Fault>> + Send {
        async { Err(FaultKind::Unsupported.into()) }
    }

    /// Makes a symbolic link.
    fn make_link(
        &self,
        _path: &RemotePath,
        _target: &[u8],
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async { Err(FaultKind::Unsupported.into()) }
    }

    /// Reads where a link leads.
    fn read_link(&self, _path: &RemotePath) -> impl Future<Output = Result<Vec<u8>, Fault>> + Send {
        async { Err(FaultKind::Unsupported.into()) }
    }

    /// Makes another name for a file.
    fn make_hard_link(
        &self,
        _path: &RemotePath,
        _new: &RemotePath,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async { Err(FaultKind::Unsupported.into()) }
    }

    /// Locks or unlocks bytes of an open file, at once or not at all (`WouldBlock`).
    fn lock(
        &self,
        _file: &Self::File,
        _range: LockRange,
        _kind: LockKind,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async { Err(FaultKind::Unsupported.into()) }
    }

    /// Finds out whether the server answers: the cheapest question there is.
    fn ping(&self) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Connects and logs in anew, after a call answered `Lost`, `Unreachable` or `TimedOut`.
    ///
    /// Called by one task at a time. Files opened before may answer `HandleLost` from then on.
    fn reconnect(&self) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Says goodbye to the server; nobody waits for it long.
    fn leave(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}
