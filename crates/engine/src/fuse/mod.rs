//! How the kernel asks: FUSE requests as operations of the engine.
//!
//! What memory can answer is answered on the thread that reads the request; the rest becomes a task
//! of the runtime, so that no request waits for another. Every request is answered in time.
//!
//! `fuser` reads requests on plain threads and lets an answer move to any task; an asynchronous
//! library would pay for a task where memory suffices.

mod answer;
mod directory;
mod filesystem;
mod range;

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fuser::{Config, FileAttr, FileType, INodeNo, MountOption};

use crate::core::{Core, Op};
use crate::listing::Listing;
use crate::nodes::FRESH;
use crate::{Attributes, Fault, FaultKind, Kind, Share};

/// How much longer than an operation its answer may take, for what is local.
const GRACE: Duration = Duration::from_millis(250);

/// How many threads read requests. They answer from memory and start tasks, nothing else.
const THREADS: usize = 2;

/// Returns the options of a mount; its source is written as mount table readers will see it.
pub(crate) fn mount_config(source: &str, subtype: &str) -> Config {
    let mut config = Config::default();
    config.mount_options = vec![
        MountOption::FSName(source.to_owned()),
        // As `Subtype`, fuser would give it to fusermount3 only, not to the kernel.
        MountOption::CUSTOM(format!("subtype={subtype}")),
        MountOption::DefaultPermissions,
        MountOption::NoSuid,
        MountOption::NoDev,
        MountOption::NoAtime,
    ];
    config.n_threads = Some(THREADS);
    config
}

/// The listings that open directories are read from.
#[derive(Clone, Default)]
struct Directories(Arc<Mutex<HashMap<u64, Arc<Listing>>>>);

impl Directories {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Listing>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The file system as FUSE sees it.
pub(crate) struct FileSystem<S: Share> {
    core: Arc<Core<S>>,
    owner: (u32, u32),
    directories: Directories,
    last: AtomicU64,
    /// Names in the root that nobody finds.
    hidden: &'static [&'static str],
}

impl<S: Share> std::fmt::Debug for FileSystem<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileSystem").finish_non_exhaustive()
    }
}

impl<S: Share> FileSystem<S> {
    /// Serves a share; everything on it belongs to this user and group.
    pub(crate) fn new(core: Arc<Core<S>>, owner: (u32, u32)) -> Self {
        let (directories, last) = (Directories::default(), AtomicU64::new(0));
        Self { core, owner, directories, last, hidden: &[] }
    }

    /// Answers that these names in the root are not there, without asking the server.
    pub(crate) fn hiding(self, names: &'static [&'static str]) -> Self {
        Self { hidden: names, ..self }
    }

    /// Returns a number for something that was opened.
    fn number(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Runs an operation in the background, and answers with what came of it or in time.
    fn run<T: Send + 'static, F: Future<Output = Result<T, Fault>> + Send + 'static>(
        &self,
        operation: impl FnOnce(Arc<Core<S>>, Op) -> F,
        answer: impl FnOnce(Result<T, Fault>) + Send + 'static,
    ) {
        let op = self.core.op();
        let operation = operation(Arc::clone(&self.core), op);
        let patient = self.core.abilities.spooled;
        self.core.runtime.spawn(async move {
            let result = if patient {
                operation.await
            } else {
                let late = op.deadline + GRACE;
                let result = tokio::time::timeout_at(late.into(), operation).await;
                result.unwrap_or_else(|_| Err(FaultKind::TimedOut.into()))
            };
            answer(result);
        });
    }

    /// Hands a directory's listing over: the one that its handle has, or, at the start, another if
    /// that is old or from before a change here.
    fn with_listing(
        &self,
        number: u64,
        handle: u64,
        offset: u64,
        answer: impl FnOnce(Result<Arc<Listing>, Fault>) + Send + 'static,
    ) {
        let known = self.directories.lock().get(&handle).cloned();
        if let Some(listing) = known
            && (offset > 0
                || listing.age() < FRESH && !self.core.nodes().changed_since(number, listing.asked))
        {
            return answer(Ok(listing));
        }
        let directories = self.directories.clone();
        self.run(
            move |core, op| async move { core.list(op, number).await },
            move |result| {
                if let Ok(listing) = &result {
                    directories.lock().insert(handle, Arc::clone(listing));
                }
                answer(result);
            },
        );
    }
}

fn attr(owner: (u32, u32), number: u64, attributes: &Attributes) -> FileAttr {
    let directory = attributes.kind == Kind::Directory;
    let usual = match attributes.kind {
        Kind::Directory => 0o755,
        Kind::Link => 0o777,
        _ => 0o644,
    };
    let mode = attributes.mode.map_or(usual, |mode| mode & 0o777);
    let mode = if attributes.read_only && !directory { mode & !0o222 } else { mode };
    let size = if directory { 4096 } else { attributes.size };
    FileAttr {
        ino: INodeNo(number),
        size,
        blocks: size.div_ceil(512),
        atime: attributes.accessed.unwrap_or(attributes.modified),
        mtime: attributes.modified,
        ctime: attributes.modified,
        crtime: attributes.modified,
        kind: kind(attributes.kind),
        perm: u16::try_from(mode).unwrap_or(0o644),
        nlink: if directory { 2 } else { 1 },
        uid: owner.0,
        gid: owner.1,
        rdev: 0,
        blksize: 1024 * 1024,
        flags: 0,
    }
}

fn kind(kind: Kind) -> FileType {
    match kind {
        Kind::Directory => FileType::Directory,
        Kind::Link => FileType::Symlink,
        // What it is otherwise cannot be used from here: a socket of the server's, say.
        Kind::File => FileType::RegularFile,
        Kind::Other => FileType::NamedPipe,
    }
}
