//! Random access over protocols that store whole objects: WebDAV, and object stores after it.
//!
//! An [`ObjectStore`] reads ranges and takes whole objects; the share made of it ([`Spooled`])
//! keeps a spool for every file that is written, stores it at `close` and `fsync`, and loses
//! nothing that a server would not take. What is written into a new file from its start is sent
//! while it is written, so that `close` waits for the tail only.
//!
//! Nobody else's change is overwritten: a file is stored over the state that it was read in, or
//! else saved beside ([`Settings::unsaved`]), and its writer is told.

mod access;
mod keep;
mod log;
mod node;
mod reader;
mod scratch;
mod share;
mod store;
mod table;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod upload;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::Notify;

pub use share::SpooledFile;
pub use store::{Body, Condition, Object, ObjectStore, Reading, Version};
pub use upload::{Source, Upload};

use table::Table;

/// How a share keeps what is written.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where content goes that the server does not take; nowhere without it.
    pub unsaved: Option<PathBuf>,
    /// How long an upload may stand still before it is given up and made again later.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { unsaved: None, patience: Duration::from_secs(60) }
    }
}

/// A share with random access, made of a store of whole objects.
#[derive(Debug)]
pub struct Spooled<O: ObjectStore>(Arc<Inner<O>>);

struct Inner<O: ObjectStore> {
    store: O,
    settings: Settings,
    table: Table<O::Body>,
    /// The server takes uploads of unknown length, as far as known.
    streams: AtomicBool,
    /// Something is to be offered again.
    offer: Arc<Notify>,
}

impl<O: ObjectStore> std::fmt::Debug for Inner<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<O: ObjectStore> Spooled<O> {
    /// Makes a share; within a runtime, since it offers again what a server would not take.
    pub fn new(store: O, settings: Settings) -> Self {
        let inner = Arc::new(Inner {
            store,
            settings,
            table: Table::default(),
            streams: AtomicBool::new(true),
            offer: Arc::default(),
        });
        tokio::spawn(keep::retry(Arc::downgrade(&inner), Arc::clone(&inner.offer)));
        Self(inner)
    }

    /// Returns the store.
    pub fn store(&self) -> &O {
        &self.0.store
    }
}
