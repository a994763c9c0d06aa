//! The requests, one by one.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use fuser::{
    BsdFileFlags, Errno, FileHandle, Filesystem, FopenFlags, INodeNo, InitFlags, KernelConfig,
    LockOwner, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory,
    ReplyDirectoryPlus, ReplyEmpty, ReplyEntry, ReplyLock, ReplyOpen, ReplyStatfs, ReplyWrite,
    ReplyXattr, Request, TimeOrNow, WriteFlags,
};

use super::range::{end_after, last_before};
use super::{FileSystem, answer, directory};
use crate::file::{Held, stale};
use crate::nodes::ROOT;
use crate::{Change, FaultKind, OpenHow, Share};

const O_ACCMODE: i32 = 0o3;
const O_EXCL: i32 = 0o200;
const O_TRUNC: i32 = 0o1000;
const O_APPEND: i32 = 0o2000;

const F_RDLCK: i32 = 0;
const F_WRLCK: i32 = 1;
const F_UNLCK: i32 = 2;

/// Most bytes that the kernel writes at once; each thread that reads requests keeps as many.
const MAX_WRITE: u32 = 512 * 1024;

const BLOCK: u32 = 4096;
const LONGEST_NAME: u32 = 255;

fn writes(flags: i32) -> bool {
    flags & O_ACCMODE != 0
}

fn time(time: Option<TimeOrNow>) -> Option<SystemTime> {
    time.map(|time| match time {
        TimeOrNow::SpecificTime(time) => time,
        TimeOrNow::Now => SystemTime::now(),
    })
}

impl<S: Share> Filesystem for FileSystem<S> {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        let _ = config.set_max_write(MAX_WRITE);
        if let Err(most) = config.set_max_readahead(4 * 1024 * 1024) {
            let _ = config.set_max_readahead(most);
        }
        let _ = config.set_max_background(64);
        for wanted in [
            InitFlags::FUSE_ATOMIC_O_TRUNC,
            InitFlags::FUSE_DO_READDIRPLUS,
            InitFlags::FUSE_PARALLEL_DIROPS,
            InitFlags::FUSE_AUTO_INVAL_DATA,
            InitFlags::FUSE_ASYNC_READ,
            InitFlags::FUSE_ASYNC_DIO,
        ] {
            // A kernel without it works too, with more requests.
            let _ = config.add_capabilities(wanted);
        }
        if self.core.abilities.locks {
            // Without it the kernel keeps them, for this machine alone.
            let _ = config.add_capabilities(InitFlags::FUSE_POSIX_LOCKS);
        }
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let (owner, keep) = (self.owner, !self.core.abilities.ignores_case);
        if parent.0 == ROOT && self.hidden.iter().any(|hidden| name == *hidden) {
            return answer::found(owner, false, reply, Err(FaultKind::NotFound.into()));
        }
        if let Some(known) = self.core.recall(parent.0, name.as_bytes()) {
            return answer::found(owner, keep, reply, known);
        }
        let name = name.as_bytes().to_vec();
        self.run(
            move |core, op| async move { core.look_up(op, parent.0, &name).await },
            move |result| answer::found(owner, keep, reply, result),
        );
    }

    fn forget(&self, _: &Request, ino: INodeNo, count: u64) {
        self.core.nodes().forget(ino.0, count);
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        let owner = self.owner;
        if let Some(known) = self.core.recall_attributes(ino.0) {
            return answer::attributes(owner, ino.0, reply, Ok(known));
        }
        self.run(
            move |core, op| async move { core.attributes(op, ino.0).await },
            move |result| answer::attributes(owner, ino.0, reply, result),
        );
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        atime: Option<TimeOrNow>,
        mtime: Option<TimeOrNow>,
        _ctime: Option<SystemTime>,
        handle: Option<FileHandle>,
        _crtime: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _bkuptime: Option<SystemTime>,
        _flags: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let owner = self.owner;
        let another = |given: Option<u32>, own| given.is_some_and(|given| given != own);
        if another(uid, owner.0) || another(gid, owner.1) {
            return reply.error(Errno::EPERM);
        }
        let change = Change {
            mode: mode.map(|mode| mode & 0o7777),
            modified: time(mtime),
            accessed: time(atime),
        };
        self.run(
            move |core, op| async move {
                if let Some(size) = size {
                    core.set_len(op, ino.0, size, handle.is_some()).await?;
                }
                if change != Change::default() {
                    core.change(op, ino.0, change).await?;
                }
                // An operation just told: what is known suffices, for now.
                let known = core.nodes().known(ino.0);
                known.map(|(attributes, _)| (attributes, Duration::ZERO)).ok_or_else(stale)
            },
            move |result| answer::attributes(owner, ino.0, reply, result),
        );
    }

    fn readlink(&self, _: &Request, ino: INodeNo, reply: ReplyData) {
        self.run(
            move |core, op| async move { core.read_link(op, ino.0).await },
            move |result| answer::data(reply, result),
        );
    }

    fn mknod(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        _umask: u32,
        _rdev: u32,
        reply: ReplyEntry,
    ) {
        const S_IFMT: u32 = 0o170_000;
        const S_IFREG: u32 = 0o100_000;
        if mode & S_IFMT != S_IFREG {
            return reply.error(answer::CANNOT);
        }
        let (owner, name) = (self.owner, name.as_bytes().to_vec());
        let mode = mode & 0o7777;
        let how = OpenHow { write: true, create: true, exclusive: true, truncate: false, mode };
        self.run(
            move |core, op| async move { Ok(core.create(op, parent.0, &name, how).await?.0) },
            move |result| answer::entry(owner, reply, result),
        );
    }

    fn mkdir(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        _umask: u32,
        reply: ReplyEntry,
    ) {
        let (owner, name) = (self.owner, name.as_bytes().to_vec());
        self.run(
            move |core, op| async move {
                core.make_directory(op, parent.0, &name, mode & 0o7777).await
            },
            move |result| answer::entry(owner, reply, result),
        );
    }

    fn symlink(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        target: &Path,
        reply: ReplyEntry,
    ) {
        if !self.core.abilities.links {
            return reply.error(answer::CANNOT);
        }
        let (owner, name) = (self.owner, name.as_bytes().to_vec());
        let target = target.as_os_str().as_bytes().to_vec();
        self.run(
            move |core, op| async move { core.make_link(op, parent.0, &name, &target).await },
            move |result| answer::entry(owner, reply, result),
        );
    }

    fn link(&self, _: &Request, ino: INodeNo, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let (owner, name) = (self.owner, name.as_bytes().to_vec());
        self.run(
            move |core, op| async move { core.make_hard_link(op, ino.0, parent.0, &name).await },
            move |result| match result {
                // As link(2) says of a file system without them.
                Err(fault) if fault.kind == crate::FaultKind::Unsupported => {
                    reply.error(answer::CANNOT);
                }
                result => answer::entry(owner, reply, result),
            },
        );
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let name = name.as_bytes().to_vec();
        self.run(
            move |core, op| async move { core.unlink(op, parent.0, &name).await },
            move |result| answer::empty(reply, result),
        );
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let name = name.as_bytes().to_vec();
        self.run(
            move |core, op| async move { core.remove_directory(op, parent.0, &name).await },
            move |result| answer::empty(reply, result),
        );
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
        let (name, new_name) = (name.as_bytes().to_vec(), new_name.as_bytes().to_vec());
        let replace = !flags.contains(RenameFlags::RENAME_NOREPLACE);
        self.run(
            move |core, op| async move {
                core.rename(op, (parent.0, &name), (new_parent.0, &new_name), replace).await
            },
            move |result| answer::empty(reply, result),
        );
    }

    fn open(&self, _: &Request, ino: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        let (core, handle) = (Arc::clone(&self.core), self.number());
        let (write, truncate) = (writes(flags.0), flags.0 & O_TRUNC != 0);
        self.run(
            move |core, op| async move { core.open(op, ino.0, write || truncate, truncate).await },
            move |result| answer::opened(&core, handle, reply, result),
        );
    }

    fn create(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        _umask: u32,
        flags: i32,
        reply: ReplyCreate,
    ) {
        let (owner, handle, name) = (self.owner, self.number(), name.as_bytes().to_vec());
        let truncate = flags & O_TRUNC != 0;
        let how = OpenHow {
            write: writes(flags) || truncate,
            create: true,
            exclusive: flags & O_EXCL != 0,
            truncate,
            mode: mode & 0o7777,
        };
        self.run(
            move |core, op| async move { core.create(op, parent.0, &name, how).await },
            move |result| answer::created(owner, handle, reply, result),
        );
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
        let file = self.core.nodes().file(ino.0);
        let here = file.and_then(|file| self.core.read_here(&file, offset, size as usize));
        if let Some(bytes) = here {
            return reply.data(&bytes);
        }
        self.run(
            move |core, op| async move { core.read(op, ino.0, offset, size as usize).await },
            move |result| answer::data(reply, result),
        );
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        handle: FileHandle,
        offset: u64,
        data: &[u8],
        write_flags: WriteFlags,
        flags: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        // Appending is at the end that the file has, not at the one the kernel last heard of; what
        // was written to a mapping has its place.
        let append = flags.0 & O_APPEND != 0 && !write_flags.contains(WriteFlags::FUSE_WRITE_CACHE);
        let offset = if append { None } else { Some(offset) };
        let written = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let file = self.core.nodes().file(ino.0);
        let here = file.and_then(|file| self.core.write_here(&file, handle.0, offset, data));
        match here {
            Some(Ok(())) => return reply.written(written),
            Some(Err(fault)) => return reply.error(crate::errno::errno(&fault)),
            None => {}
        }
        let data = Bytes::copy_from_slice(data);
        self.run(
            move |core, op| async move { core.write(op, ino.0, handle.0, offset, data).await },
            move |result| match result {
                Ok(()) => reply.written(written),
                Err(fault) => reply.error(crate::errno::errno(&fault)),
            },
        );
    }

    fn flush(
        &self,
        _: &Request,
        ino: INodeNo,
        handle: FileHandle,
        owner: LockOwner,
        reply: ReplyEmpty,
    ) {
        let file = self.core.nodes().file(ino.0);
        if file.is_some_and(|file| self.core.is_flushed(&file, handle.0, owner.0)) {
            return reply.ok();
        }
        self.run(
            move |core, op| async move {
                let flushed = core.flush_handle(op, ino.0, handle.0, false).await;
                // Who closes a file by any of its descriptors lets go of its locks.
                let unlocked = core.unlock(op, ino.0, owner.0, 0, u64::MAX).await;
                flushed.and(unlocked)
            },
            move |result| answer::empty(reply, result),
        );
    }

    fn fsync(&self, _: &Request, ino: INodeNo, handle: FileHandle, _: bool, reply: ReplyEmpty) {
        self.run(
            move |core, op| async move { core.flush_handle(op, ino.0, handle.0, true).await },
            move |result| answer::empty(reply, result),
        );
    }

    fn release(
        &self,
        _: &Request,
        ino: INodeNo,
        handle: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.core.close(ino.0, handle.0);
        reply.ok();
    }

    fn opendir(&self, _: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        let handle = self.number();
        if ino == INodeNo::ROOT {
            // `df` opens what it is asked about, and must not wait for a server.
            return reply.opened(FileHandle(handle), FopenFlags::empty());
        }
        // Listed at once: a directory that may not be read is refused here, as elsewhere.
        self.with_listing(ino.0, handle, 0, move |listing| match listing {
            Ok(_) => reply.opened(FileHandle(handle), FopenFlags::empty()),
            Err(fault) => reply.error(crate::errno::errno(&fault)),
        });
    }

    fn readdir(
        &self,
        _: &Request,
        ino: INodeNo,
        handle: FileHandle,
        offset: u64,
        reply: ReplyDirectory,
    ) {
        let core = Arc::clone(&self.core);
        self.with_listing(ino.0, handle.0, offset, move |listing| {
            directory::names(&core, ino.0, offset, reply, listing);
        });
    }

    fn readdirplus(
        &self,
        _: &Request,
        ino: INodeNo,
        handle: FileHandle,
        offset: u64,
        reply: ReplyDirectoryPlus,
    ) {
        let (core, owner) = (Arc::clone(&self.core), self.owner);
        self.with_listing(ino.0, handle.0, offset, move |listing| {
            directory::names_and_attributes(&core, owner, ino.0, offset, reply, listing);
        });
    }

    fn releasedir(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        _: OpenFlags,
        reply: ReplyEmpty,
    ) {
        self.directories.lock().remove(&handle.0);
        reply.ok();
    }

    fn fsyncdir(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        reply.ok();
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let space = self.core.known_space();
        let blocks = |bytes: u64| bytes / u64::from(BLOCK);
        let free = blocks(space.free);
        let files = 1 << 20;
        reply.statfs(blocks(space.total), free, free, files, files, BLOCK, LONGEST_NAME, BLOCK);
    }

    fn getlk(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        owner: LockOwner,
        start: u64,
        end: u64,
        kind: i32,
        pid: u32,
        reply: ReplyLock,
    ) {
        // What others hold elsewhere only an attempt tells; asking is not one.
        let exclusive = kind == F_WRLCK;
        let end = end_after(end);
        let wanted = Held { owner: owner.0, pid, start, end, exclusive };
        match self.core.lock_conflict(ino.0, &wanted) {
            Some(held) => {
                let kind = if held.exclusive { F_WRLCK } else { F_RDLCK };
                reply.locked(held.start, last_before(held.end), kind, held.pid);
            }
            None => reply.locked(start, last_before(end), F_UNLCK, 0),
        }
    }

    fn setlk(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        owner: LockOwner,
        start: u64,
        end: u64,
        kind: i32,
        pid: u32,
        sleep: bool,
        reply: ReplyEmpty,
    ) {
        let end = end_after(end);
        let wanted = Held { owner: owner.0, pid, start, end, exclusive: kind == F_WRLCK };
        self.run(
            move |core, op| async move {
                match kind {
                    F_UNLCK => core.unlock(op, ino.0, wanted.owner, start, end).await,
                    _ => core.lock(op, ino.0, wanted, sleep).await,
                }
            },
            move |result| answer::empty(reply, result),
        );
    }

    fn fallocate(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        length: u64,
        mode: i32,
        reply: ReplyEmpty,
    ) {
        let Some(end) = offset.checked_add(length).filter(|_| mode == 0) else {
            return reply.error(Errno::EOPNOTSUPP);
        };
        self.run(
            move |core, op| async move {
                // No room can be set aside on a server; the file can be made as long.
                let (known, _) = core.attributes(op, ino.0).await?;
                let size = core.nodes().known(ino.0).map_or(known.size, |(known, _)| known.size);
                if end > size { core.set_len(op, ino.0, end, true).await } else { Ok(()) }
            },
            move |result| answer::empty(reply, result),
        );
    }

    fn setxattr(
        &self,
        _: &Request,
        _: INodeNo,
        _: &OsStr,
        _: &[u8],
        _: i32,
        _: u32,
        reply: ReplyEmpty,
    ) {
        reply.error(Errno::EOPNOTSUPP);
    }

    fn getxattr(&self, _: &Request, _: INodeNo, _: &OsStr, _: u32, reply: ReplyXattr) {
        reply.error(Errno::EOPNOTSUPP);
    }

    fn listxattr(&self, _: &Request, _: INodeNo, _: u32, reply: ReplyXattr) {
        reply.error(Errno::EOPNOTSUPP);
    }

    fn removexattr(&self, _: &Request, _: INodeNo, _: &OsStr, reply: ReplyEmpty) {
        reply.error(Errno::EOPNOTSUPP);
    }
}
