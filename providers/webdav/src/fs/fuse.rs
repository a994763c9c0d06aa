//! How the kernel asks: FUSE requests as calls of the engine.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use fuser::{
    BsdFileFlags, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags,
    Generation, INodeNo, InitFlags, KernelConfig, LockOwner, MountOption, OpenFlags, RenameFlags,
    ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyDirectoryPlus, ReplyEmpty, ReplyEntry,
    ReplyOpen, ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};

use super::directory::{Directories, Line, entry_at};
use super::engine::Engine;
use super::nodes::Attributes;

/// How long the kernel believes names and attributes.
const TTL: Duration = Duration::from_secs(1);
/// How often what could not be stored is offered again.
const RETRY: Duration = Duration::from_secs(5);
/// How long unsaved files are offered when the mount ends.
const LAST_OFFER: Duration = Duration::from_secs(20);

const O_EXCL: i32 = 0o200;
const O_TRUNC: i32 = 0o1000;
const O_APPEND: i32 = 0o2000;

/// Returns the options of a mount; its source is written as mount table readers will see it.
pub fn mount_config(source: &str, subtype: &str) -> Config {
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
    config.n_threads = Some(4);
    config
}

/// The file system as FUSE sees it.
pub struct FileSystem {
    engine: Arc<Engine>,
    owner: (u32, u32),
    directories: Directories,
    over: Arc<(Mutex<bool>, Condvar)>,
    retrying: AtomicBool,
}

impl std::fmt::Debug for FileSystem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileSystem").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl FileSystem {
    /// Wraps an engine; everything on it belongs to this user and group.
    pub fn new(engine: Arc<Engine>, owner: (u32, u32)) -> Self {
        Self {
            engine,
            owner,
            directories: Directories::default(),
            over: Arc::default(),
            retrying: AtomicBool::new(false),
        }
    }

    fn attr(&self, number: u64, attributes: &Attributes) -> FileAttr {
        let Attributes { directory, size, modified } = *attributes;
        FileAttr {
            ino: INodeNo(number),
            size,
            blocks: size.div_ceil(512),
            atime: modified,
            mtime: modified,
            ctime: modified,
            crtime: modified,
            kind: if directory { FileType::Directory } else { FileType::RegularFile },
            perm: if directory { 0o755 } else { 0o644 },
            nlink: if directory { 2 } else { 1 },
            uid: self.owner.0,
            gid: self.owner.1,
            rdev: 0,
            blksize: 1024 * 1024,
            flags: 0,
        }
    }

    /// Offers unsaved files again from time to time, in a thread of its own.
    fn retry_in_background(&self) {
        if self.retrying.swap(true, Ordering::AcqRel) {
            return;
        }
        let (engine, over) = (Arc::clone(&self.engine), Arc::clone(&self.over));
        let offer = move || {
            let mut ended = over.0.lock().unwrap_or_else(PoisonError::into_inner);
            while !*ended {
                let waited = over.1.wait_timeout(ended, RETRY);
                ended = waited.unwrap_or_else(PoisonError::into_inner).0;
                if !*ended {
                    drop(ended);
                    engine.store_all(LAST_OFFER);
                    ended = over.0.lock().unwrap_or_else(PoisonError::into_inner);
                }
            }
        };
        let _ = std::thread::Builder::new().name("retry".into()).spawn(offer);
    }
}

fn answer(reply: ReplyEmpty, result: Result<(), Errno>) {
    match result {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error),
    }
}

impl Filesystem for FileSystem {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        let _ = config.set_max_write(1024 * 1024);
        let _ = config.set_max_readahead(1024 * 1024);
        for wanted in [
            InitFlags::FUSE_ATOMIC_O_TRUNC,
            InitFlags::FUSE_DO_READDIRPLUS,
            InitFlags::FUSE_READDIRPLUS_AUTO,
            InitFlags::FUSE_PARALLEL_DIROPS,
            InitFlags::FUSE_AUTO_INVAL_DATA,
            InitFlags::FUSE_ASYNC_READ,
        ] {
            // A kernel without it works too, with more requests.
            let _ = config.add_capabilities(wanted);
        }
        self.retry_in_background();
        Ok(())
    }

    fn destroy(&mut self) {
        *self.over.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.over.1.notify_all();
        if !self.engine.store_all(LAST_OFFER) {
            self.engine.rescue_all();
        }
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match self.engine.lookup(parent.0, name.as_bytes()) {
            Ok((number, found)) => reply.entry(&TTL, &self.attr(number, &found), Generation(0)),
            Err(error) => reply.error(error),
        }
    }

    fn forget(&self, _: &Request, ino: INodeNo, count: u64) {
        self.engine.nodes().forget(ino.0, count);
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.engine.attributes(ino.0) {
            Ok(found) => reply.attr(&TTL, &self.attr(ino.0, &found)),
            Err(error) => reply.error(error),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        _mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        _atime: Option<TimeOrNow>,
        mtime: Option<TimeOrNow>,
        _ctime: Option<SystemTime>,
        handle: Option<FileHandle>,
        _crtime: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _bkuptime: Option<SystemTime>,
        _flags: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let another = |given: Option<u32>, own| given.is_some_and(|given| given != own);
        if another(uid, self.owner.0) || another(gid, self.owner.1) {
            return reply.error(Errno::EPERM);
        }
        if let Some(size) = size
            && let Err(error) = self.engine.truncate(ino.0, size, handle.is_some())
        {
            return reply.error(error);
        }
        match mtime {
            Some(TimeOrNow::SpecificTime(time)) => self.engine.set_modified(ino.0, time),
            Some(TimeOrNow::Now) => self.engine.set_modified(ino.0, SystemTime::now()),
            None => {}
        }
        self.getattr_now(ino, reply);
    }

    fn mknod(
        &self,
        _: &Request,
        _: INodeNo,
        _: &OsStr,
        _mode: u32,
        _umask: u32,
        _rdev: u32,
        reply: ReplyEntry,
    ) {
        reply.error(Errno::EPERM);
    }

    fn mkdir(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        _mode: u32,
        _umask: u32,
        reply: ReplyEntry,
    ) {
        match self.engine.make_directory(parent.0, name.as_bytes()) {
            Ok((number, made)) => reply.entry(&TTL, &self.attr(number, &made), Generation(0)),
            Err(error) => reply.error(error),
        }
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(reply, self.engine.unlink(parent.0, name.as_bytes()));
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(reply, self.engine.remove_directory(parent.0, name.as_bytes()));
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        if flags.intersects(RenameFlags::RENAME_EXCHANGE | RenameFlags::RENAME_WHITEOUT) {
            return reply.error(Errno::EINVAL);
        }
        let (from, to) = ((parent.0, name.as_bytes()), (new_parent.0, new_name.as_bytes()));
        let keep = flags.contains(RenameFlags::RENAME_NOREPLACE);
        answer(reply, self.engine.rename(from, to, keep));
    }

    fn open(&self, _: &Request, ino: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        match self.engine.open(ino.0, flags.0 & O_TRUNC != 0) {
            Ok(()) => reply.opened(FileHandle(0), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }

    fn create(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        _mode: u32,
        _umask: u32,
        flags: i32,
        reply: ReplyCreate,
    ) {
        match self.engine.create(parent.0, name.as_bytes(), flags & O_EXCL != 0) {
            Ok((number, made)) => reply.created(
                &TTL,
                &self.attr(number, &made),
                Generation(0),
                FileHandle(0),
                FopenFlags::empty(),
            ),
            Err(error) => reply.error(error),
        }
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.engine.read(ino.0, offset, u64::from(size)) {
            Ok(bytes) => reply.data(&bytes),
            Err(error) => reply.error(error),
        }
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        flags: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        // Appending is at the end that the file has, not at the one the kernel last heard of.
        let offset = if flags.0 & O_APPEND != 0 { None } else { Some(offset) };
        match self.engine.write(ino.0, offset, data) {
            Ok(()) => reply.written(u32::try_from(data.len()).unwrap_or(u32::MAX)),
            Err(error) => reply.error(error),
        }
    }

    fn flush(&self, _: &Request, ino: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        answer(reply, self.engine.flush(ino.0));
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        answer(reply, self.engine.flush(ino.0));
    }

    fn release(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.engine.release(ino.0);
        reply.ok();
    }

    fn opendir(&self, _: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.directories.open(&self.engine, ino.0) {
            Ok(handle) => reply.opened(FileHandle(handle), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }

    fn readdir(
        &self,
        _: &Request,
        ino: INodeNo,
        handle: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let listing = match self.directories.listing(&self.engine, ino.0, handle.0, offset) {
            Ok(listing) => listing,
            Err(error) => return reply.error(error),
        };
        let parent = self.engine.nodes().parent(ino.0);
        for at in offset..listing.len() as u64 + 2 {
            let full = match entry_at(&listing, at) {
                Line::Own => reply.add(ino, at + 1, FileType::Directory, "."),
                Line::Parent => reply.add(INodeNo(parent), at + 1, FileType::Directory, ".."),
                Line::Entry(name, attributes) => {
                    let kind = match attributes.directory {
                        true => FileType::Directory,
                        false => FileType::RegularFile,
                    };
                    let number = self.engine.nodes().find(ino.0, name);
                    // A number of no meaning, for who reads names only: the kernel wants one.
                    let number = INodeNo(number.unwrap_or(u64::MAX));
                    reply.add(number, at + 1, kind, OsStr::from_bytes(name))
                }
            };
            if full {
                break;
            }
        }
        reply.ok();
    }

    fn readdirplus(
        &self,
        _: &Request,
        ino: INodeNo,
        handle: FileHandle,
        offset: u64,
        mut reply: ReplyDirectoryPlus,
    ) {
        let listing = match self.directories.listing(&self.engine, ino.0, handle.0, offset) {
            Ok(listing) => listing,
            Err(error) => return reply.error(error),
        };
        let directory = Attributes { directory: true, size: 0, modified: SystemTime::UNIX_EPOCH };
        let mut nodes = self.engine.nodes();
        for at in offset..listing.len() as u64 + 2 {
            let (number, name, found) = match entry_at(&listing, at) {
                Line::Own => (ino.0, &b"."[..], directory),
                Line::Parent => (nodes.parent(ino.0), &b".."[..], directory),
                Line::Entry(name, found) => {
                    let number = nodes.learn(ino.0, name, found);
                    (number, name, nodes.attributes(number).unwrap_or(found))
                }
            };
            let attr = self.attr(number, &found);
            let full = reply.add(
                INodeNo(number),
                at + 1,
                OsStr::from_bytes(name),
                &TTL,
                &attr,
                Generation(0),
            );
            if full {
                nodes.forget(number, 0);
                break;
            }
            if at >= 2 {
                nodes.count(number);
            }
        }
        drop(nodes);
        reply.ok();
    }

    fn releasedir(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        _: OpenFlags,
        reply: ReplyEmpty,
    ) {
        self.directories.close(handle.0);
        reply.ok();
    }

    fn fsyncdir(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        reply.ok();
    }

    /// From memory: `df` and desktop helpers ask every minute, and the protocol rarely knows.
    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        const BLOCKS: u64 = 1 << 28;
        reply.statfs(BLOCKS, BLOCKS, BLOCKS, 1 << 20, 1 << 20, 4096, 255, 4096);
    }
}

impl FileSystem {
    /// Answers with what is known, without asking the server: an operation just told.
    fn getattr_now(&self, ino: INodeNo, reply: ReplyAttr) {
        let known = self.engine.nodes().attributes(ino.0);
        match known {
            Some(found) => reply.attr(&TTL, &self.attr(ino.0, &found)),
            None => reply.error(Errno::ESTALE),
        }
    }
}
