//! Reading: from what was fetched ahead, or from the server.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::ahead::{Fetch, Found, Limits};
use crate::core::{Core, Op};
use crate::file::{OpenFile, stale};
use crate::{Fault, Share};

/// Most bytes fetched in one block, and ahead of one reader.
const BLOCK: usize = 1024 * 1024;
const WINDOW: usize = 4 * 1024 * 1024;

/// What is written further on makes a file longer: before the server has that, it takes what lies
/// between for the end.
const TO_THE_END: u64 = u64::MAX;

impl<S: Share> Core<S> {
    fn reading(&self) -> Limits {
        let block = self.abilities.max_read.clamp(1, BLOCK);
        let window = block.saturating_mul(self.abilities.in_flight.max(1));
        Limits { block, window: window.clamp(block, WINDOW.max(block)) }
    }

    /// Reads from memory, if the content is there; fetches what comes next in any case.
    pub(crate) fn read_here(
        self: &Arc<Self>,
        file: &Arc<OpenFile<S>>,
        offset: u64,
        len: usize,
    ) -> Option<Bytes> {
        if self.abilities.spooled {
            return None;
        }
        let mut fetch = Vec::new();
        let found = {
            let mut state = file.state();
            if state.behind.overlaps(offset, TO_THE_END) {
                return None;
            }
            let end = state.size;
            // Ahead of what is not stored yet lies what the server does not have.
            let limits = self.reading();
            state.ahead.read(offset, len, end, limits, &mut fetch)
        };
        for fetch in fetch {
            self.fetch(file, fetch);
        }
        match found {
            Found::Here(bytes) => Some(bytes),
            Found::Coming | Found::Elsewhere => None,
        }
    }

    /// Fetches a block in the background.
    fn fetch(self: &Arc<Self>, file: &Arc<OpenFile<S>>, fetch: Fetch) {
        let (core, file) = (Arc::clone(self), Arc::clone(file));
        self.runtime.spawn(async move {
            // What was written before is stored first.
            let read = match core.drain_range(core.op(), &file, fetch.offset, TO_THE_END).await {
                Ok(()) => core.read_through(core.op(), &file, fetch.offset, fetch.len).await,
                Err(fault) => Err(fault),
            };
            file.state().ahead.arrived(fetch, read.ok());
            file.changed.notify_waiters();
        });
    }

    /// Reads; less only at the end of the file.
    pub(crate) async fn read(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        offset: u64,
        len: usize,
    ) -> Result<Bytes, Fault> {
        let file = self.nodes().file(number).ok_or_else(stale)?;
        if !self.abilities.spooled {
            self.drain_range(op, &file, offset, TO_THE_END).await?;
            loop {
                let changed = file.changed.notified();
                let mut changed = std::pin::pin!(changed);
                changed.as_mut().enable();
                let found = file.state().ahead.look(offset, len);
                match found {
                    Found::Here(bytes) => return Ok(bytes),
                    Found::Coming => op.wait(changed).await?,
                    Found::Elsewhere => break,
                }
            }
        }
        self.read_through(op, &file, offset, len).await
    }

    /// Reads from the server.
    async fn read_through(
        self: &Arc<Self>,
        op: Op,
        file: &Arc<OpenFile<S>>,
        offset: u64,
        len: usize,
    ) -> Result<Bytes, Fault> {
        let most = self.abilities.max_read.max(1);
        let mut whole = BytesMut::new();
        loop {
            let at = offset + whole.len() as u64;
            let part = (len - whole.len()).min(most);
            let read = self.with_handle(op, file, false, |handle| {
                let share = Arc::clone(&self.share);
                async move { share.read(handle.file(), at, part).await }
            });
            let bytes = read.await?;
            if whole.is_empty() && (bytes.len() == len || bytes.len() < part) {
                return Ok(bytes);
            }
            let short = bytes.len() < part;
            whole.extend_from_slice(&bytes);
            if short || whole.len() >= len {
                return Ok(whole.freeze());
            }
        }
    }
}
