//! Storing: what was written goes to the server, now or later, or is saved beside.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::Inner;
use super::log::log;
use super::node::{Content, Guard, Local, Node, Stream};
use super::scratch::{self, Saved};
use super::store::{Body as _, Condition, ObjectStore, Version};
use super::upload::Upload;
use crate::{Fault, FaultKind, RemotePath};

/// How often what could not be stored is offered again.
const RETRY: Duration = Duration::from_secs(5);

/// What the server has, compared with what it was to get.
enum Compared {
    /// It is the same.
    Same(Version),
    /// It is the first part of it.
    Part(Version),
    /// It is gone.
    Gone,
    Other,
}

impl<O: ObjectStore> Inner<O> {
    /// Stores what a node holds, in a task of its own: whoever waits may go.
    pub(super) async fn flush(self: &Arc<Self>, node: &Arc<Node<O::Body>>) -> Result<(), Fault> {
        if !node.unsaved() {
            return Ok(());
        }
        let content = node.lock().await;
        let (inner, node) = (Arc::clone(self), Arc::clone(node));
        let storing = tokio::spawn(async move { inner.store_held(&node, content).await });
        storing.await.unwrap_or_else(|error| Err(Fault::new(FaultKind::Lost, error.to_string())))
    }

    async fn store_held(
        &self,
        node: &Node<O::Body>,
        mut content: Guard<O::Body>,
    ) -> Result<(), Fault> {
        if !node.unsaved() {
            return Ok(());
        }
        let stored = match content.conflict {
            true => Err(FaultKind::Changed.into()),
            false => self.store(node, &mut content).await,
        };
        match stored {
            Err(fault) if fault.kind == FaultKind::Changed => {
                content.conflict = true;
                let fault = self.give_up(node, &mut content);
                if content.saved.is_some() {
                    // It is where its user finds it; the file is the other's.
                    node.stored(None);
                } else {
                    node.refused();
                }
                Err(fault)
            }
            Err(fault) => {
                node.refused();
                let name = node.path().map(|path| format!("{path:?}")).unwrap_or_default();
                log(format_args!("{name} is not stored yet: {fault}"));
                self.secure(node, &mut content, false);
                Err(fault)
            }
            Ok(()) => Ok(()),
        }
    }

    /// Sends the content until the server has it under the name that the file has by then.
    async fn store(
        &self,
        node: &Node<O::Body>,
        content: &mut Content<O::Body>,
    ) -> Result<(), Fault> {
        let mut attempts = 0;
        loop {
            let (Some(path), Some(local)) = (node.path(), node.local()) else {
                // Removed: there is nowhere to store it.
                content.stream = None;
                return Ok(());
            };
            let streamed = content.stream.is_some();
            let result = match content.stream.take() {
                Some(stream) => self.finish(node, stream, &local).await,
                None => self.send(node, content, &path, &local).await,
            };
            if node.path().as_ref() != Some(&path) {
                // A directory above was renamed meanwhile: what went to the old name goes again.
                content.blurred = true;
                continue;
            }
            match result {
                Ok(version) => return self.settle(node, content, &path, &local, version).await,
                Err(fault) if streamed && goes_whole(fault.kind) => {
                    if fault.kind == FaultKind::Unsupported {
                        self.streams.store(false, Ordering::Relaxed);
                    }
                    content.blurred = true;
                }
                Err(fault) => {
                    content.blurred |= streamed;
                    content.interrupted = true;
                    attempts += 1;
                    if fault.kind != FaultKind::Lost || attempts == 2 {
                        return Err(fault);
                    }
                }
            }
        }
    }

    /// Ends an upload that went along, and makes sure that all of it arrived.
    async fn finish(
        &self,
        node: &Node<O::Body>,
        mut stream: Stream,
        local: &Local,
    ) -> Result<Version, Fault> {
        stream.growing.complete(local.len);
        let sent = self.patiently(node, async {
            match (&mut stream.task).await {
                Ok(result) => result,
                Err(_) => Err(FaultKind::Lost.into()),
            }
        });
        sent.await?;
        // Some servers answer well to an upload of unknown length, and keep nothing of it.
        let found = self.store.stat(&stream.path).await?;
        if found.attributes.size != local.len {
            return Err(Fault::new(FaultKind::Unsupported, "the server lost a streamed upload"));
        }
        Ok(found.version)
    }

    /// Sends the whole content, over the state that it was made from and no other.
    async fn send(
        &self,
        node: &Node<O::Body>,
        content: &mut Content<O::Body>,
        path: &RemotePath,
        local: &Local,
    ) -> Result<Version, Fault> {
        let spool = Arc::clone(&local.spool);
        let upload = Upload::whole(spool, local.len, Arc::clone(&node.moved));
        let mut condition = content.condition();
        for _ in 0..2 {
            let sent = self.patiently(node, self.store.put(path, &upload, &condition)).await;
            match sent {
                Err(fault) if fault.kind == FaultKind::Changed => {}
                result => return result,
            }
            // Perhaps it was us: an upload whose answer got lost, or one that broke off.
            match self.compare(node, path, local).await? {
                Compared::Same(version) => return Ok(version),
                Compared::Part(version) if content.interrupted => {
                    condition = Condition::Unchanged(version);
                }
                // Nobody's work is overwritten, and ours is kept.
                Compared::Gone => condition = Condition::Missing,
                _ => break,
            }
        }
        Err(FaultKind::Changed.into())
    }

    /// Compares what the server has with what it was to get.
    async fn compare(
        &self,
        node: &Node<O::Body>,
        path: &RemotePath,
        local: &Local,
    ) -> Result<Compared, Fault> {
        let found = match self.store.stat(path).await {
            Ok(found) => found,
            Err(fault) if fault.kind == FaultKind::NotFound => return Ok(Compared::Gone),
            Err(fault) => return Err(fault),
        };
        let size = found.attributes.size;
        if size > local.len {
            return Ok(Compared::Other);
        }
        let mut offset = 0;
        if let Some(mut reading) = self.store.read(path, 0, None).await? {
            while let Some(bytes) = self.patiently(node, reading.body.chunk()).await? {
                node.moved.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                let (spool, at) = (Arc::clone(&local.spool), offset);
                offset += bytes.len() as u64;
                let same = move || Ok(scratch::read(&spool, at, bytes.len())? == *bytes);
                if !blocking(same).await? {
                    return Ok(Compared::Other);
                }
            }
        }
        if offset != size {
            return Ok(Compared::Other);
        }
        Ok(if size == local.len {
            Compared::Same(found.version)
        } else {
            Compared::Part(found.version)
        })
    }

    /// Takes in that the server has it all.
    async fn settle(
        &self,
        node: &Node<O::Body>,
        content: &mut Content<O::Body>,
        path: &RemotePath,
        local: &Local,
        mut version: Version,
    ) -> Result<(), Fault> {
        let mut known = version.tag.is_some() || version.modified.is_some();
        if let Some(time) = node.take_time() {
            // A server that does not keep it shows its own.
            let _ = self.store.set_modified(path, time).await;
            known = false;
        }
        if !known {
            version = match self.store.stat(path).await {
                Ok(found) if found.attributes.size == local.len => found.version,
                // Somebody was quick, or nothing is known.
                _ => Version::default(),
            };
        }
        let modified = version.modified;
        content.version = version;
        content.blank = local.len == 0;
        (content.interrupted, content.blurred) = (false, false);
        if let Some(saved) = content.saved.take() {
            saved.remove();
        }
        node.stored(modified);
        Ok(())
    }

    /// Waits as long as anything moves, and a good while longer.
    pub(super) async fn patiently<T>(
        &self,
        node: &Node<O::Body>,
        call: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let mut call = std::pin::pin!(call);
        let patience = self.settings.patience;
        let mut last = (node.moved.load(Ordering::Relaxed), Instant::now());
        loop {
            if let Ok(result) = tokio::time::timeout(patience / 4, &mut call).await {
                return result;
            }
            let moved = node.moved.load(Ordering::Relaxed);
            if moved != last.0 {
                last = (moved, Instant::now());
            } else if last.1.elapsed() >= patience {
                return Err(Fault::new(FaultKind::TimedOut, "nothing moves any more"));
            }
        }
    }

    /// Saves content beside for good; tells where.
    fn give_up(&self, node: &Node<O::Body>, content: &mut Content<O::Body>) -> Fault {
        let name = node.path().map(|path| format!("{path:?}")).unwrap_or_default();
        let place = match self.secure(node, content, true) {
            Some(path) => format!("the content written here is {path}"),
            None => "the content written here could not be saved".to_owned(),
        };
        let text = format!("{name} was changed by somebody else; {place}");
        log(format_args!("{text}"));
        Fault::new(FaultKind::Changed, text)
    }

    /// Gives unsaved content a name of its own, so that it outlives this process; with `copy` even
    /// where that takes a copy. Tells where.
    fn secure(
        &self,
        node: &Node<O::Body>,
        content: &mut Content<O::Body>,
        copy: bool,
    ) -> Option<String> {
        let (dir, local) = (self.settings.unsaved.as_ref()?, node.local()?);
        let name = node.path()?;
        let name = String::from_utf8_lossy(name.name()).into_owned();
        let result = match content.saved.take() {
            Some(saved) => saved.renew(&local.spool).map(|()| saved),
            None => Saved::new(&local.spool, dir, &name, copy),
        };
        match result {
            Ok(saved) => {
                let path = saved.path.display().to_string();
                content.saved = Some(saved);
                Some(path)
            }
            Err(error) => {
                if copy {
                    log(format_args!("{name} cannot be saved in {}: {error}", dir.display()));
                }
                None
            }
        }
    }

    /// Offers the server everything that it does not have, once more; saves beside what it does
    /// not take. What is being offered has a name already, whatever becomes of this process.
    pub(super) async fn offer_last(self: &Arc<Self>) {
        let nodes: Vec<_> = self.nodes().into_iter().filter(|node| node.unsaved()).collect();
        let mut offers = Vec::new();
        for node in nodes {
            let inner = Arc::clone(self);
            offers.push(tokio::spawn(async move {
                let content = tokio::time::timeout(inner.settings.patience, node.lock()).await;
                let Ok(mut content) = content else { return };
                if !node.unsaved() {
                    return;
                }
                let (keeper, held) = (Arc::clone(&inner), Arc::clone(&node));
                let save = move || {
                    let place = keeper.secure(&held, &mut content, true);
                    (place, content)
                };
                let Ok((place, content)) = tokio::task::spawn_blocking(save).await else { return };
                if inner.store_held(&node, content).await.is_err() {
                    let name = node.path().map(|path| format!("{path:?}")).unwrap_or_default();
                    let place = place.unwrap_or_else(|| "lost".to_owned());
                    log(format_args!("{name} could not be stored; its content is {place}"));
                }
            }));
        }
        for offer in offers {
            let _ = offer.await;
        }
    }
}

/// Tells whether an upload that went along is tried again as a whole.
fn goes_whole(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Unsupported | FaultKind::Lost | FaultKind::Nonsense)
}

/// Runs something that may wait for a disk.
pub(super) async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(call).await {
        Ok(result) => Ok(result?),
        Err(error) => Err(Fault::new(FaultKind::Lost, error.to_string())),
    }
}

/// Offers what could not be stored again from time to time, as long as the share lives.
pub(super) async fn retry<O: ObjectStore>(inner: Weak<Inner<O>>, now: Arc<Notify>) {
    loop {
        let _ = tokio::time::timeout(RETRY, now.notified()).await;
        let Some(inner) = inner.upgrade() else { return };
        for node in inner.nodes() {
            if node.waits() && inner.flush(&node).await.is_ok() {
                inner.sweep(&node);
            }
        }
    }
}
