//! An open file: parts read from the server, or a spool once anything is written.
//!
//! All handles of a file share one spool. It is stored when a handle is closed or synchronised; if
//! the server refuses, it stays, and is offered again.

use std::collections::VecDeque;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use fuser::Errno;

use super::errno::{errno, local};
use super::nodes::FRESH;
use super::spool;
use crate::dav::{Client, Op, Part, Version};
use crate::log::log;

/// What is fetched at a time; the next four at once where reading goes straight on.
const BLOCK: u64 = 1024 * 1024;
const AHEAD: u64 = 4;
const KEPT_BLOCKS: usize = 9;

/// A file with its open handles.
pub(super) struct OpenFile {
    handles: AtomicUsize,
    /// Held during transfers.
    content: Mutex<Content>,
    /// Never held while anything is waited for.
    outline: Mutex<Outline>,
}

#[derive(Clone, Copy, Default)]
struct Outline {
    /// Length and time of the spool, while there is one.
    local: Option<(u64, SystemTime)>,
    unsaved: bool,
}

struct Content {
    spool: Option<File>,
    len: u64,
    /// Length on the server, as far as known.
    remote_len: u64,
    blocks: VecDeque<(u64, Vec<u8>)>,
    /// When blocks were fetched last.
    fetched: Instant,
    version: Version,
}

impl OpenFile {
    pub(super) fn new(remote_len: u64) -> Self {
        let content = Content {
            spool: None,
            len: 0,
            remote_len,
            blocks: VecDeque::new(),
            fetched: Instant::now(),
            version: Version::default(),
        };
        Self {
            handles: AtomicUsize::new(0),
            content: Mutex::new(content),
            outline: Mutex::default(),
        }
    }

    pub(super) fn add_handle(&self) {
        self.handles.fetch_add(1, Ordering::AcqRel);
    }

    /// Takes a handle off; returns how many are left.
    pub(super) fn remove_handle(&self) -> usize {
        self.handles.fetch_sub(1, Ordering::AcqRel) - 1
    }

    pub(super) fn handles(&self) -> usize {
        self.handles.load(Ordering::Acquire)
    }

    /// Returns length and time of the spool, if there is one; never waits.
    pub(super) fn local_attributes(&self) -> Option<(u64, SystemTime)> {
        self.outline().local
    }

    /// Tells whether it holds data that the server does not have; never waits.
    pub(super) fn unsaved(&self) -> bool {
        self.outline().unsaved
    }

    fn outline(&self) -> MutexGuard<'_, Outline> {
        self.outline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self, len: u64) {
        *self.outline() = Outline { local: Some((len, SystemTime::now())), unsaved: true };
    }

    /// Begins with an empty spool, for a new file or one that is opened to be replaced.
    pub(super) fn start_empty(&self, replaces: bool) -> Result<(), Errno> {
        let mut content = self.content();
        match &content.spool {
            Some(spool) => spool.set_len(0).map_err(local)?,
            None => content.spool = Some(spool::create().map_err(local)?),
        }
        content.len = 0;
        content.blocks.clear();
        self.changed(0);
        self.outline().unsaved = replaces;
        Ok(())
    }

    /// Sets the time that is shown while the spool lives.
    pub(super) fn set_modified(&self, time: SystemTime) {
        if let Some((_, modified)) = &mut self.outline().local {
            *modified = time;
        }
    }

    /// Waits for transfers and lets none begin, so that the name can be changed on the server.
    pub(super) fn hold(&self) -> Held<'_> {
        Held { file: self, content: self.content() }
    }

    /// Writes at an offset, or without one at the end; the first write fetches the file.
    pub(super) fn write(
        &self,
        client: &Client,
        op: &Op,
        path: Option<&str>,
        offset: Option<u64>,
        data: &[u8],
    ) -> Result<(), Errno> {
        let mut content = self.content();
        content.fetch(self, client, op, path)?;
        let offset = offset.unwrap_or(content.len);
        let Some(spool) = &content.spool else { return Err(Errno::EIO) };
        spool.write_all_at(data, offset).map_err(local)?;
        content.len = content.len.max(offset + data.len() as u64);
        self.changed(content.len);
        Ok(())
    }

    /// Cuts or extends the file; cutting it to nothing fetches nothing.
    pub(super) fn truncate(
        &self,
        client: &Client,
        op: &Op,
        path: Option<&str>,
        len: u64,
    ) -> Result<(), Errno> {
        if len == 0 {
            return self.start_empty(true);
        }
        let mut content = self.content();
        content.fetch(self, client, op, path)?;
        let Some(spool) = &content.spool else { return Err(Errno::EIO) };
        spool.set_len(len).map_err(local)?;
        content.len = len;
        self.changed(len);
        Ok(())
    }

    /// Stores the spool, if it holds anything new and `path` tells where.
    ///
    /// The path is asked for once nothing can rename the file any more. A directory above it can
    /// be renamed still, so it is asked for again, and what went to the old one is sent again.
    pub(super) fn store(
        &self,
        client: &Client,
        op: &Op,
        path: impl Fn() -> Result<Option<String>, Errno>,
    ) -> Result<(), Errno> {
        let mut content = self.content();
        while self.unsaved() {
            let Some(target) = path()? else { return Ok(()) };
            let Some(spool) = &content.spool else { return Err(Errno::EIO) };
            let stored = client.put(op, &target, spool, content.len, false);
            if path()?.as_ref() != Some(&target) {
                continue;
            }
            if let Err(error) = &stored {
                log(format_args!("cannot store {target}: {error}"));
                return Err(errno(error));
            }
            content.remote_len = content.len;
            self.outline().unsaved = false;
        }
        Ok(())
    }

    /// Copies what could not be stored to a safe place.
    pub(super) fn rescue(&self, dir: &Path, name: &str) {
        let mut content = self.content();
        let Some(spool) = content.spool.as_mut() else { return };
        match spool::rescue(spool, dir, name) {
            Ok(path) => {
                log(format_args!("{name} could not be stored; its content is {}", path.display()));
            }
            Err(error) => log(format_args!("{name} could not be stored, nor rescued: {error}")),
        }
    }

    /// Reads from the spool or from the server.
    pub(super) fn read(
        &self,
        client: &Client,
        op: &Op,
        path: Option<&str>,
        offset: u64,
        size: u64,
    ) -> Result<Vec<u8>, Errno> {
        let mut content = self.content();
        loop {
            if let Some(spool) = &content.spool {
                return read_spool(spool, offset, size.min(content.len.saturating_sub(offset)));
            }
            let Some(path) = path else { return Err(Errno::ESTALE) };
            let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
            if content.read_blocks(client, op, path, offset, size, &mut bytes)? {
                return Ok(bytes);
            }
            content.fetch(self, client, op, Some(path))?;
        }
    }
}

/// A file whose content nobody else reaches.
pub(super) struct Held<'a> {
    file: &'a OpenFile,
    content: MutexGuard<'a, Content>,
}

impl Held<'_> {
    /// Makes sure that the content is here, whatever becomes of the name on the server.
    pub(super) fn fetch(&mut self, client: &Client, op: &Op, path: &str) -> Result<(), Errno> {
        self.content.fetch(self.file, client, op, Some(path))
    }

    pub(super) fn handles(&self) -> usize {
        self.file.handles()
    }
}

fn read_spool(spool: &File, offset: u64, size: u64) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0; usize::try_from(size).map_err(|_| Errno::EINVAL)?];
    let mut filled = 0;
    while filled < bytes.len() {
        let count = spool.read_at(&mut bytes[filled..], offset + filled as u64).map_err(local)?;
        if count == 0 {
            break;
        }
        filled += count;
    }
    bytes.truncate(filled);
    Ok(bytes)
}

impl Content {
    /// Downloads the file into a spool, unless there is one.
    fn fetch(
        &mut self,
        file: &OpenFile,
        client: &Client,
        op: &Op,
        path: Option<&str>,
    ) -> Result<(), Errno> {
        if self.spool.is_some() {
            return Ok(());
        }
        let path = path.ok_or(Errno::ESTALE)?;
        let spool = spool::create().map_err(local)?;
        let len = client.download(op, path, &spool).map_err(|error| errno(&error))?;
        self.blocks.clear();
        self.spool = Some(spool);
        self.len = len;
        *file.outline() = Outline { local: Some((len, SystemTime::now())), unsaved: false };
        Ok(())
    }

    /// Reads from blocks, fetching what is missing; false if the server sends only whole files.
    fn read_blocks(
        &mut self,
        client: &Client,
        op: &Op,
        path: &str,
        offset: u64,
        size: u64,
        bytes: &mut Vec<u8>,
    ) -> Result<bool, Errno> {
        let end = offset.saturating_add(size);
        let mut at = offset;
        if self.fetched.elapsed() >= FRESH {
            // Where the file ended then it may go on by now.
            self.blocks.retain(|(_, block)| block.len() as u64 == BLOCK);
        }
        while at < end {
            let number = at / BLOCK;
            let begin = self.blocks.iter().position(|(block, _)| *block == number);
            let Some(place) = begin else {
                if !self.fetch_blocks(client, op, path, number)? {
                    return Ok(false);
                }
                continue;
            };
            let block = &self.blocks[place].1;
            let from = usize::try_from(at % BLOCK).unwrap_or(usize::MAX).min(block.len());
            let wanted = usize::try_from(end - at).unwrap_or(usize::MAX);
            let upto = block.len().min(from.saturating_add(wanted));
            bytes.extend_from_slice(&block[from..upto]);
            at += (upto - from) as u64;
            let short = (block.len() as u64) < BLOCK;
            if upto == block.len() && short {
                break;
            }
        }
        Ok(true)
    }

    fn fetch_blocks(
        &mut self,
        client: &Client,
        op: &Op,
        path: &str,
        number: u64,
    ) -> Result<bool, Errno> {
        let goes_on = number > 0 && self.blocks.iter().any(|(block, _)| *block == number - 1);
        let count = if goes_on { AHEAD } else { 1 };
        let part = client.read(op, path, number * BLOCK, count * BLOCK);
        let (bytes, version) = match part.map_err(|error| errno(&error))? {
            Part::Bytes(bytes, version) => (bytes, version),
            Part::WholeOnly => return Ok(false),
        };
        if version != self.version {
            // Another state of the file: what was read before does not belong to it.
            self.blocks.clear();
            self.version = version;
        }
        self.fetched = Instant::now();
        let mut rest = bytes.as_slice();
        for block in number..number + count {
            let (head, tail) = rest.split_at(rest.len().min(usize::try_from(BLOCK).unwrap_or(0)));
            rest = tail;
            self.blocks.retain(|(kept, _)| *kept != block);
            self.blocks.push_back((block, head.to_vec()));
            if (head.len() as u64) < BLOCK {
                break;
            }
        }
        while self.blocks.len() > KEPT_BLOCKS {
            self.blocks.pop_front();
        }
        Ok(true)
    }
}
