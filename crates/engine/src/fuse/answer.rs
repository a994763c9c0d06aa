//! Answers to requests that became tasks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fuser::{
    Errno, FileHandle, FopenFlags, Generation, ReplyAttr, ReplyCreate, ReplyData, ReplyEmpty,
    ReplyEntry, ReplyOpen,
};

use super::attr;
use crate::core::Core;
use crate::errno::errno;
use crate::file::Hold;
use crate::ops::Told;
use crate::{Attributes, Fault, FaultKind, Share};

/// How long the kernel believes that a name is missing.
const MISSING: Duration = Duration::from_secs(1);

type Owner = (u32, u32);

pub(super) fn empty(reply: ReplyEmpty, result: Result<(), Fault>) {
    match result {
        Ok(()) => reply.ok(),
        Err(fault) => reply.error(errno(&fault)),
    }
}

/// Tells of a node that was looked up or made.
pub(super) fn entry(owner: Owner, reply: ReplyEntry, result: Result<Told, Fault>) {
    match result {
        Ok(told) => {
            let attr = attr(owner, told.number, &told.attributes);
            reply.entry(&told.validity, &attr, Generation(0));
        }
        Err(fault) => reply.error(errno(&fault)),
    }
}

/// Tells of a name that was looked up; one that is missing may be believed to be so for a while.
pub(super) fn found(owner: Owner, keep: bool, reply: ReplyEntry, result: Result<Told, Fault>) {
    match result {
        Err(fault) if keep && fault.kind == FaultKind::NotFound => {
            let nothing = Attributes {
                kind: crate::Kind::File,
                size: 0,
                modified: std::time::UNIX_EPOCH,
                accessed: None,
                mode: None,
                read_only: false,
                id: None,
            };
            // Number 0 means that there is nothing.
            reply.entry(&MISSING, &attr(owner, 0, &nothing), Generation(0));
        }
        other => entry(owner, reply, other),
    }
}

pub(super) fn attributes(
    owner: Owner,
    number: u64,
    reply: ReplyAttr,
    result: Result<(Attributes, Duration), Fault>,
) {
    match result {
        Ok((found, validity)) => reply.attr(&validity, &attr(owner, number, &found)),
        Err(fault) => reply.error(errno(&fault)),
    }
}

pub(super) fn opened<S: Share>(
    core: &Arc<Core<S>>,
    handle: u64,
    reply: ReplyOpen,
    result: Result<(Hold<S>, Attributes), Fault>,
) {
    match result {
        Ok((hold, attributes)) => {
            let content = (attributes.size, attributes.modified);
            let number = hold.file.number;
            let kept = core.nodes().caches(number, content, Instant::now());
            let flags = if kept { FopenFlags::FOPEN_KEEP_CACHE } else { FopenFlags::empty() };
            hold.keep(handle);
            reply.opened(FileHandle(handle), flags);
        }
        Err(fault) => reply.error(errno(&fault)),
    }
}

pub(super) fn created<S: Share>(
    owner: Owner,
    handle: u64,
    reply: ReplyCreate,
    result: Result<(Told, Hold<S>), Fault>,
) {
    match result {
        Ok((told, hold)) => {
            hold.keep(handle);
            let attr = attr(owner, told.number, &told.attributes);
            let flags = FopenFlags::empty();
            reply.created(&told.validity, &attr, Generation(0), FileHandle(handle), flags);
        }
        Err(fault) => reply.error(errno(&fault)),
    }
}

pub(super) fn data(reply: ReplyData, result: Result<impl AsRef<[u8]>, Fault>) {
    match result {
        Ok(bytes) => reply.data(bytes.as_ref()),
        Err(fault) => reply.error(errno(&fault)),
    }
}

/// The answer to what no share can do.
pub(super) const CANNOT: Errno = Errno::EPERM;
