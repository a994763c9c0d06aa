//! Reading and writing one file.

use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use bytes::Bytes;

use super::Inner;
use super::keep::blocking;
use super::node::{Content, Local, Node, Stream};
use super::reader::Outcome;
use super::scratch;
use super::store::{Body as _, ObjectStore};
use super::upload::Upload;
use crate::{Fault, FaultKind};

/// How much a new file holds before it is sent while it is written.
const STREAM_FROM: u64 = 1024 * 1024;

impl<O: ObjectStore> Inner<O> {
    /// Reads from the spool, which waits for no transfer, or from the server.
    pub(super) async fn read(
        &self,
        node: &Node<O::Body>,
        offset: u64,
        len: usize,
    ) -> Result<Bytes, Fault> {
        loop {
            if let Some(local) = node.local() {
                return read_local(local, offset, len).await;
            }
            let mut content = node.lock().await;
            if node.local().is_some() {
                continue;
            }
            let path = node.path().ok_or(FaultKind::HandleLost)?;
            let Content { reader, version, .. } = &mut *content;
            let moved = &node.moved;
            match reader.read(&self.store, &path, version, moved, offset, len as u64).await? {
                Outcome::Bytes(bytes) => return Ok(bytes),
                Outcome::WholeOnly => self.fetch(node, &mut content).await?,
            }
        }
    }

    /// Fetches the whole file into a spool, unless there is one.
    pub(super) async fn fetch(
        &self,
        node: &Node<O::Body>,
        content: &mut Content<O::Body>,
    ) -> Result<(), Fault> {
        if node.local().is_some() {
            return Ok(());
        }
        let path = node.path().ok_or(FaultKind::HandleLost)?;
        let spool = Arc::new(scratch::create()?);
        let (mut len, mut version) = (0, content.version.clone());
        if let Some(mut reading) = self.store.read(&path, 0, None).await? {
            while let Some(bytes) = reading.body.chunk().await? {
                let (file, offset) = (Arc::clone(&spool), len);
                len += bytes.len() as u64;
                node.moved.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                blocking(move || file.write_all_at(&bytes, offset)).await?;
            }
            if reading.end.is_some_and(|end| end != len) {
                return Err(Fault::new(FaultKind::Lost, "the end of the file is missing"));
            }
            version = reading.version;
        }
        content.reader.clear();
        content.blank = len == 0;
        let modified = version.modified.unwrap_or_else(SystemTime::now);
        content.version = version;
        node.keep(Local { spool, len, modified }, false);
        Ok(())
    }

    /// Writes; the first write to a file fetches it.
    ///
    /// What has begun to be written is written whole, and noted.
    pub(super) async fn write(
        self: &Arc<Self>,
        node: &Arc<Node<O::Body>>,
        offset: u64,
        data: Bytes,
    ) -> Result<(), Fault> {
        let mut content = node.lock().await;
        self.fetch(node, &mut content).await?;
        let Some(local) = node.local() else { return Err(FaultKind::HandleLost.into()) };
        if offset != local.len {
            content.break_off();
        }
        content.blurred |= content.interrupted;
        // Into the page cache, mostly: a thread of its own would cost more than the copy. Nothing
        // is waited for from here on, so that it is done whole.
        local.spool.write_all_at(&data, offset)?;
        let end = offset + data.len() as u64;
        let len = node.changed(|len| len.max(end));
        self.send_along(node, &mut content, &local, &data, len);
        Ok(())
    }

    /// Cuts or extends; cutting to nothing fetches nothing.
    pub(super) async fn set_len(&self, node: &Node<O::Body>, len: u64) -> Result<(), Fault> {
        let mut content = node.lock().await;
        content.blurred |= content.interrupted;
        if len == 0 {
            return node.start_empty(&mut content, true);
        }
        self.fetch(node, &mut content).await?;
        let Some(local) = node.local() else { return Err(FaultKind::HandleLost.into()) };
        if len == local.len {
            return Ok(());
        }
        content.break_off();
        local.spool.set_len(len)?;
        node.changed(|_| len);
        Ok(())
    }

    /// Tells an upload that goes along how far it may go, or begins one.
    fn send_along(
        self: &Arc<Self>,
        node: &Arc<Node<O::Body>>,
        content: &mut Content<O::Body>,
        local: &Local,
        data: &Bytes,
        len: u64,
    ) {
        if let Some(stream) = &content.stream {
            stream.growing.append(data, len);
            return;
        }
        let wanted = content.blank && !content.blurred && !content.conflict && len >= STREAM_FROM;
        if !wanted || !self.streams.load(Ordering::Relaxed) {
            return;
        }
        let Some(path) = node.path() else { return };
        let spool = Arc::clone(&local.spool);
        let (growing, upload) = Upload::growing(spool, len, Arc::clone(&node.moved));
        let (inner, target, condition) = (Arc::clone(self), path.clone(), content.condition());
        let task = tokio::spawn(async move { inner.store.put(&target, &upload, &condition).await });
        content.stream = Some(Stream { growing, task, path });
    }
}

async fn read_local(local: Local, offset: u64, len: usize) -> Result<Bytes, Fault> {
    let left = usize::try_from(local.len.saturating_sub(offset)).unwrap_or(usize::MAX);
    let bytes = blocking(move || scratch::read(&local.spool, offset, len.min(left))).await?;
    Ok(bytes.into())
}
