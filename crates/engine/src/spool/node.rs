//! An open file: read from the server, or from a spool once anything is written.
//!
//! All handles of a file share one node. What is known without waiting (length, whether anything
//! is unsaved, where it lies) is apart from the content, which is locked during transfers.

use std::fs::File;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use tokio::sync::OwnedMutexGuard;
use tokio::task::JoinHandle;

use super::reader::Reader;
use super::scratch::{self, Saved};
use super::store::{Condition, Version};
use super::upload::Growing;
use crate::{Attributes, Fault, Kind, RemotePath};

/// A file that is open here, or holds what the server does not have yet.
pub(super) struct Node<B> {
    /// Tells the order in which several are locked.
    pub(super) id: u64,
    pub(super) handles: AtomicUsize,
    pub(super) moved: Arc<AtomicU64>,
    content: Arc<tokio::sync::Mutex<Content<B>>>,
    outline: Mutex<Outline>,
}

/// What is known without waiting.
#[derive(Default)]
struct Outline {
    /// Where it lies; nowhere once it was removed or replaced here.
    path: Option<RemotePath>,
    local: Option<Local>,
    unsaved: bool,
    /// The server was asked to take it, and did not.
    refused: bool,
    /// A time to be set once it is stored.
    time: Option<SystemTime>,
}

/// The content as it is here.
#[derive(Clone)]
pub(super) struct Local {
    pub(super) spool: Arc<File>,
    pub(super) len: u64,
    pub(super) modified: SystemTime,
}

/// What is locked during transfers.
pub(super) struct Content<B> {
    pub(super) reader: Reader<B>,
    /// The state on the server that this is made from.
    pub(super) version: Version,
    /// What the server has is empty, or not wanted any more: nothing is lost if it is cut short.
    pub(super) blank: bool,
    pub(super) stream: Option<Stream>,
    /// An upload broke off: what the server has may be a part of ours.
    pub(super) interrupted: bool,
    /// What the server has is by us, and unknown: no state of it can be asked for.
    pub(super) blurred: bool,
    /// Somebody else changed the file: it is not stored any more, only saved beside.
    pub(super) conflict: bool,
    pub(super) saved: Option<Saved>,
}

/// The content of a node, for one user at a time.
pub(super) type Guard<B> = OwnedMutexGuard<Content<B>>;

/// An upload that goes along with the writing. Dropping it breaks it off.
pub(super) struct Stream {
    pub(super) growing: Growing,
    pub(super) task: JoinHandle<Result<Version, Fault>>,
    pub(super) path: RemotePath,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<B> Content<B> {
    /// Breaks off an upload that goes along.
    pub(super) fn break_off(&mut self) {
        if self.stream.take().is_some() {
            self.blurred = true;
        }
    }

    /// Returns what must hold for the content to be stored.
    pub(super) fn condition(&self) -> Condition {
        if self.blurred || self.version == Version::default() {
            Condition::None
        } else {
            Condition::Unchanged(self.version.clone())
        }
    }
}

impl<B: super::store::Body> Node<B> {
    pub(super) fn new(id: u64, path: RemotePath) -> Self {
        let content = Content {
            reader: Reader::new(),
            version: Version::default(),
            blank: false,
            stream: None,
            interrupted: false,
            blurred: false,
            conflict: false,
            saved: None,
        };
        Self {
            id,
            handles: AtomicUsize::new(0),
            moved: Arc::default(),
            content: Arc::new(tokio::sync::Mutex::new(content)),
            outline: Mutex::new(Outline { path: Some(path), ..Outline::default() }),
        }
    }

    fn outline(&self) -> MutexGuard<'_, Outline> {
        self.outline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for transfers, and lets none begin until the guard is dropped.
    pub(super) async fn lock(&self) -> Guard<B> {
        Arc::clone(&self.content).lock_owned().await
    }

    /// Takes the content unless a transfer goes on.
    pub(super) fn try_lock(&self) -> Option<Guard<B>> {
        Arc::clone(&self.content).try_lock_owned().ok()
    }

    pub(super) fn path(&self) -> Option<RemotePath> {
        self.outline().path.clone()
    }

    pub(super) fn set_path(&self, path: Option<RemotePath>) {
        self.outline().path = path;
    }

    pub(super) fn local(&self) -> Option<Local> {
        self.outline().local.clone()
    }

    /// Tells whether it holds something that the server does not have and should.
    pub(super) fn unsaved(&self) -> bool {
        let outline = self.outline();
        outline.unsaved && outline.path.is_some()
    }

    /// Tells whether it is to be offered without anybody asking.
    pub(super) fn waits(&self) -> bool {
        self.unsaved() && (self.outline().refused || self.handles.load(Ordering::Acquire) == 0)
    }

    pub(super) fn refused(&self) {
        self.outline().refused = true;
    }

    /// Returns what is known here and better than on the server.
    pub(super) fn attributes(&self) -> Option<Attributes> {
        self.local().map(|local| file_attributes(local.len, local.modified))
    }

    /// Takes in a spool as the content; the caller has the guard.
    pub(super) fn keep(&self, local: Local, unsaved: bool) {
        let mut outline = self.outline();
        (outline.local, outline.unsaved) = (Some(local), unsaved);
    }

    /// Takes in that the content changed; the caller has the guard.
    pub(super) fn changed(&self, len: impl FnOnce(u64) -> u64) -> u64 {
        let mut outline = self.outline();
        (outline.unsaved, outline.time) = (true, None);
        let Some(local) = &mut outline.local else { return 0 };
        local.len = len(local.len);
        local.modified = SystemTime::now();
        local.len
    }

    /// Takes in that the server has it all; the caller has the guard.
    pub(super) fn stored(&self, modified: Option<SystemTime>) {
        let mut outline = self.outline();
        (outline.unsaved, outline.refused) = (false, false);
        if let (Some(local), Some(modified)) = (&mut outline.local, modified) {
            local.modified = modified;
        }
    }

    /// Sets the time that is shown, and with `later` that the server gets once it is stored.
    pub(super) fn set_modified(&self, time: SystemTime, later: bool) {
        let mut outline = self.outline();
        outline.time = later.then_some(time);
        if let Some(local) = &mut outline.local {
            local.modified = time;
        }
    }

    /// Returns the time that the server is to be told.
    pub(super) fn take_time(&self) -> Option<SystemTime> {
        self.outline().time.take()
    }

    /// Begins with an empty spool, for a new file or one that is replaced.
    pub(super) fn start_empty(&self, content: &mut Content<B>, unsaved: bool) -> Result<(), Fault> {
        content.break_off();
        content.reader.clear();
        let spool = match self.local() {
            Some(local) => {
                local.spool.set_len(0)?;
                local.spool
            }
            None => Arc::new(scratch::create()?),
        };
        self.keep(Local { spool, len: 0, modified: SystemTime::now() }, unsaved);
        content.blank = true;
        Ok(())
    }
}

/// The attributes of a file of which no more is known.
pub(super) fn file_attributes(size: u64, modified: SystemTime) -> Attributes {
    Attributes {
        kind: Kind::File,
        size,
        modified,
        accessed: None,
        mode: None,
        read_only: false,
        id: None,
    }
}
