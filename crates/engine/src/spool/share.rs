//! The share that a store of whole objects becomes.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use super::node::{Guard, Node, file_attributes};
use super::scratch;
use super::store::{Condition, Object, ObjectStore};
use super::upload::Upload;
use super::{Inner, Spooled};
use crate::{
    Abilities, Attributes, Change, Entry, Fault, FaultKind, Kind, OpenHow, Opened, RemotePath,
    Share, Space,
};

/// The most that one call moves.
const LARGEST: usize = 1024 * 1024;

/// A node whose content nobody else reaches.
type Held<B> = (Arc<Node<B>>, Guard<B>);

/// An open file of a [`Spooled`] share.
pub struct SpooledFile<O: ObjectStore> {
    inner: Arc<Inner<O>>,
    node: Arc<Node<O::Body>>,
}

impl<O: ObjectStore> std::fmt::Debug for SpooledFile<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpooledFile").field("path", &self.node.path()).finish_non_exhaustive()
    }
}

impl<O: ObjectStore> Drop for SpooledFile<O> {
    fn drop(&mut self) {
        if self.inner.table.close(&self.node) {
            self.inner.offer.notify_one();
        }
    }
}

impl<O: ObjectStore> Inner<O> {
    pub(super) fn nodes(&self) -> Vec<Arc<Node<O::Body>>> {
        self.table.all()
    }

    pub(super) fn sweep(&self, node: &Arc<Node<O::Body>>) {
        self.table.sweep(node);
    }

    fn open_handle(self: &Arc<Self>, path: &RemotePath) -> SpooledFile<O> {
        SpooledFile { inner: Arc::clone(self), node: self.table.open(path) }
    }

    /// Returns what is known here and better than on the server.
    fn local_attributes(&self, path: &RemotePath) -> Option<Attributes> {
        self.table.get(path)?.attributes()
    }

    async fn open(
        self: &Arc<Self>,
        path: &RemotePath,
        how: OpenHow,
    ) -> Result<Opened<SpooledFile<O>>, Fault> {
        if let Some(attributes) = self.local_attributes(path) {
            if how.create && how.exclusive {
                return Err(FaultKind::AlreadyExists.into());
            }
            let file = self.open_handle(path);
            if how.truncate {
                let mut content = file.node.lock().await;
                file.node.start_empty(&mut content, true)?;
            }
            let attributes = file.node.attributes().unwrap_or(attributes);
            return Ok(Opened { file, attributes });
        }
        if how.create {
            let created = self.create(path).await;
            match created {
                Err(fault) if fault.kind == FaultKind::AlreadyExists && !how.exclusive => {}
                result => return result,
            }
        }
        let Object { mut attributes, version } = self.store.stat(path).await?;
        if attributes.kind == Kind::Directory {
            return Err(FaultKind::IsADirectory.into());
        }
        let file = self.open_handle(path);
        if file.node.local().is_none() {
            // Whoever transfers it now knows its state better.
            if let Some(mut content) = file.node.try_lock() {
                content.version = version;
            }
        }
        if how.truncate {
            let mut content = file.node.lock().await;
            file.node.start_empty(&mut content, true)?;
            attributes.size = 0;
        }
        Ok(Opened { file, attributes })
    }

    /// Makes a file that must be missing.
    async fn create(self: &Arc<Self>, path: &RemotePath) -> Result<Opened<SpooledFile<O>>, Fault> {
        let empty = Upload::whole(Arc::new(scratch::create()?), 0, Arc::default());
        let version = self.store.put(path, &empty, &Condition::Missing).await?;
        let file = self.open_handle(path);
        let mut content = file.node.lock().await;
        file.node.start_empty(&mut content, false)?;
        content.version = version;
        drop(content);
        Ok(Opened { file, attributes: file_attributes(0, SystemTime::now()) })
    }

    /// Waits for the transfers of nodes and lets none begin. In the order of their numbers, so that
    /// two calls do not wait for each other.
    async fn hold(&self, mut nodes: Vec<Arc<Node<O::Body>>>) -> Vec<Held<O::Body>> {
        nodes.sort_by_key(|node| node.id);
        nodes.dedup_by_key(|node| node.id);
        let mut held = Vec::new();
        for node in nodes {
            let mut content = node.lock().await;
            // It goes to a name that is about to be another, or none.
            content.break_off();
            held.push((node, content));
        }
        held
    }

    /// Fetches what somebody has open and whose name is about to go.
    async fn keep_open(&self, held: &mut [Held<O::Body>], path: &RemotePath) -> Result<(), Fault> {
        for (node, content) in held {
            let open = node.handles.load(std::sync::atomic::Ordering::Acquire) > 0;
            if open && node.path().as_ref() == Some(path) {
                self.fetch(node, content).await?;
            }
        }
        Ok(())
    }

    async fn remove_file(&self, path: &RemotePath) -> Result<(), Fault> {
        // Held to the end: what was being stored would bring the name back.
        let mut held = self.hold(self.table.get(path).into_iter().collect()).await;
        self.keep_open(&mut held, path).await?;
        self.store.remove_file(path).await?;
        self.table.remove(path);
        for (_, content) in &mut held {
            // What was saved because of a conflict stays: it is the only copy.
            if !content.conflict
                && let Some(saved) = content.saved.take()
            {
                saved.remove();
            }
        }
        Ok(())
    }

    async fn rename(&self, from: &RemotePath, to: &RemotePath, replace: bool) -> Result<(), Fault> {
        if from == to {
            return Ok(());
        }
        let mut nodes = self.table.at_or_below(from);
        nodes.extend(self.table.get(to));
        // Held to the end: what was being stored would go to the old name, or over the new one.
        let mut held = self.hold(nodes).await;
        let directory = match self.table.get(from) {
            Some(_) => false,
            None => self.store.stat(from).await?.attributes.kind == Kind::Directory,
        };
        let target = match self.store.stat(to).await {
            Ok(found) => Some(found.attributes.kind == Kind::Directory),
            Err(fault) if fault.kind == FaultKind::NotFound => None,
            Err(fault) => return Err(fault),
        };
        // A server asked to replace a directory would take all that is in it.
        match (directory, target) {
            (_, Some(_)) if !replace => return Err(FaultKind::AlreadyExists.into()),
            (true, Some(false)) => return Err(FaultKind::NotADirectory.into()),
            (false, Some(true)) => return Err(FaultKind::IsADirectory.into()),
            (true, Some(true)) => self.store.remove_directory(to).await?,
            (false, Some(false)) => self.keep_open(&mut held, to).await?,
            (_, None) => {}
        }
        self.store.rename(from, to, directory, replace && !directory).await?;
        self.table.rename(from, to);
        for (node, content) in &mut held {
            // A state belongs to a name; what is stored next is stored over what was moved.
            let path = node.path();
            content.version = match path {
                Some(path) if path == *to => {
                    self.store.stat(to).await.map(|found| found.version).unwrap_or_default()
                }
                _ => super::Version::default(),
            };
        }
        Ok(())
    }

    async fn change(&self, path: &RemotePath, change: Change) -> Result<(), Fault> {
        let Some(time) = change.modified else { return Ok(()) };
        let Some(node) = self.table.get(path) else {
            return kept(self.store.set_modified(path, time).await);
        };
        let mut content = node.lock().await;
        if node.unsaved() {
            node.set_modified(time, true);
            return Ok(());
        }
        kept(self.store.set_modified(path, time).await)?;
        node.set_modified(time, false);
        // The state is another now, by us.
        content.version = match self.store.stat(path).await {
            Ok(found) => found.version,
            Err(_) => super::Version::default(),
        };
        Ok(())
    }
}

/// What a server does not keep is left alone.
fn kept(result: Result<(), Fault>) -> Result<(), Fault> {
    match result {
        Err(fault) if fault.kind == FaultKind::Unsupported => Ok(()),
        result => result,
    }
}

impl<O: ObjectStore> Share for Spooled<O> {
    type File = SpooledFile<O>;

    fn abilities(&self) -> Abilities {
        Abilities {
            max_read: LARGEST,
            max_write: LARGEST,
            in_flight: 2,
            unlink_open: true,
            modes: false,
            links: false,
            locks: false,
            ignores_case: false,
            spooled: true,
        }
    }

    async fn stat(&self, path: &RemotePath) -> Result<Attributes, Fault> {
        if let Some(attributes) = self.0.local_attributes(path) {
            return Ok(attributes);
        }
        Ok(self.0.store.stat(path).await?.attributes)
    }

    async fn list(&self, path: &RemotePath) -> Result<Vec<Entry>, Fault> {
        let mut entries = self.0.store.list(path).await?;
        let ours: std::collections::HashMap<_, _> = self
            .0
            .nodes()
            .into_iter()
            .filter_map(|node| {
                let (own, attributes) = (node.path()?, node.attributes()?);
                (own.parent().as_ref() == Some(path)).then(|| (own.name().to_vec(), attributes))
            })
            .collect();
        if !ours.is_empty() {
            for entry in &mut entries {
                if let Some(attributes) = ours.get(&entry.name) {
                    entry.attributes = *attributes;
                }
            }
        }
        Ok(entries)
    }

    async fn open(&self, path: &RemotePath, how: OpenHow) -> Result<Opened<Self::File>, Fault> {
        self.0.open(path, how).await
    }

    async fn attributes(&self, file: &Self::File) -> Result<Attributes, Fault> {
        if let Some(attributes) = file.node.attributes() {
            return Ok(attributes);
        }
        let path = file.node.path().ok_or(FaultKind::HandleLost)?;
        Ok(self.0.store.stat(&path).await?.attributes)
    }

    async fn read(&self, file: &Self::File, offset: u64, len: usize) -> Result<Bytes, Fault> {
        self.0.read(&file.node, offset, len).await
    }

    async fn write(&self, file: &Self::File, offset: u64, data: Bytes) -> Result<(), Fault> {
        self.0.write(&file.node, offset, data).await
    }

    async fn set_len(&self, file: &Self::File, len: u64) -> Result<(), Fault> {
        self.0.set_len(&file.node, len).await
    }

    async fn flush(&self, file: &Self::File, _durable: bool) -> Result<(), Fault> {
        self.0.flush(&file.node).await
    }

    async fn close(&self, file: Self::File) {
        drop(file);
    }

    /// What is here need not be on the server; the rest would have to be fetched.
    fn outlives_its_name(&self, file: &Self::File) -> bool {
        file.node.local().is_some()
    }

    fn moved(&self, file: &Self::File) -> u64 {
        file.node.moved.load(std::sync::atomic::Ordering::Relaxed)
    }

    async fn change(&self, path: &RemotePath, change: Change) -> Result<(), Fault> {
        self.0.change(path, change).await
    }

    async fn change_open(
        &self,
        file: &Self::File,
        path: Option<&RemotePath>,
        change: Change,
    ) -> Result<(), Fault> {
        if let Some(path) = path {
            return self.0.change(path, change).await;
        }
        if let Some(time) = change.modified {
            file.node.set_modified(time, false);
        }
        Ok(())
    }

    async fn make_directory(&self, path: &RemotePath, _mode: u32) -> Result<(), Fault> {
        self.0.store.make_directory(path).await
    }

    async fn remove_file(&self, path: &RemotePath) -> Result<(), Fault> {
        self.0.remove_file(path).await
    }

    async fn remove_directory(&self, path: &RemotePath) -> Result<(), Fault> {
        self.0.store.remove_directory(path).await
    }

    async fn rename(&self, from: &RemotePath, to: &RemotePath, replace: bool) -> Result<(), Fault> {
        self.0.rename(from, to, replace).await
    }

    async fn space(&self) -> Result<Space, Fault> {
        self.0.store.space().await
    }

    async fn ping(&self) -> Result<(), Fault> {
        self.0.store.ping().await
    }

    async fn reconnect(&self) -> Result<(), Fault> {
        self.0.store.reconnect().await?;
        self.0.offer.notify_one();
        Ok(())
    }

    async fn leave(&self) {
        self.0.offer_last().await;
        self.0.store.leave().await;
    }
}
