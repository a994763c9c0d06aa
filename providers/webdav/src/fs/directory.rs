//! Open directories: each handle reads the listing that its opening fetched.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use fuser::Errno;

use super::engine::{Engine, Listing};
use super::nodes::{Attributes, FRESH};

/// The open directories of a mount.
#[derive(Default)]
pub(super) struct Directories {
    listings: Mutex<HashMap<u64, (Listing, Instant)>>,
    last: AtomicU64,
}

impl Directories {
    fn listings(&self) -> MutexGuard<'_, HashMap<u64, (Listing, Instant)>> {
        self.listings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists a directory and returns a handle for it.
    pub(super) fn open(&self, engine: &Engine, number: u64) -> Result<u64, Errno> {
        let listing = engine.list(number)?;
        let handle = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.listings().insert(handle, (listing, Instant::now()));
        Ok(handle)
    }

    /// Returns the listing of a handle; one that is read from the start again is fetched again.
    pub(super) fn listing(
        &self,
        engine: &Engine,
        number: u64,
        handle: u64,
        offset: u64,
    ) -> Result<Listing, Errno> {
        let known = self.listings().get(&handle).cloned();
        match known {
            Some((listing, when)) if offset > 0 || when.elapsed() < FRESH => Ok(listing),
            _ => {
                let listing = engine.list(number)?;
                self.listings().insert(handle, (Arc::clone(&listing), Instant::now()));
                Ok(listing)
            }
        }
    }

    /// Forgets a handle.
    pub(super) fn close(&self, handle: u64) {
        self.listings().remove(&handle);
    }
}

/// What stands at an offset of a directory.
pub(super) enum Line<'a> {
    Own,
    Parent,
    Entry(&'a [u8], Attributes),
}

/// Returns what stands at an offset; the caller stays within the listing and two.
pub(super) fn entry_at(listing: &Listing, at: u64) -> Line<'_> {
    match at {
        0 => Line::Own,
        1 => Line::Parent,
        _ => {
            let entry = &listing[usize::try_from(at - 2).unwrap_or(usize::MAX)];
            Line::Entry(entry.name().unwrap_or_default(), Attributes::of(entry))
        }
    }
}
