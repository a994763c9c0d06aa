//! Making sure that the server has what was written.

use std::sync::Arc;

use crate::core::{Core, Op};
use crate::file::{OpenFile, stale};
use crate::{Fault, FaultKind, Share};

/// Hurries what is written behind, as long as somebody waits for it.
struct Hurry<'a, S: Share>(&'a OpenFile<S>);

impl<'a, S: Share> Hurry<'a, S> {
    fn begin(file: &'a OpenFile<S>) -> Self {
        file.state().behind.urgent += 1;
        Self(file)
    }
}

impl<S: Share> Drop for Hurry<'_, S> {
    fn drop(&mut self) {
        self.0.state().behind.urgent -= 1;
    }
}

impl<S: Share> Core<S> {
    /// Waits until nothing of a range is on its way; what failed is told to its writers.
    pub(super) async fn drain_range(
        self: &Arc<Self>,
        op: Op,
        file: &Arc<OpenFile<S>>,
        offset: u64,
        end: u64,
    ) -> Result<(), Fault> {
        self.drain(op, file, Some((offset, end))).await
    }

    /// Waits until nothing of a range, or of the whole file, is on its way.
    pub(super) async fn drain(
        self: &Arc<Self>,
        op: Op,
        file: &Arc<OpenFile<S>>,
        range: Option<(u64, u64)>,
    ) -> Result<(), Fault> {
        let settled = || {
            let state = file.state();
            match range {
                Some((offset, end)) => !state.behind.overlaps(offset, end),
                None => state.behind.is_empty(),
            }
        };
        if settled() {
            return Ok(());
        }
        let _hurry = Hurry::begin(file);
        loop {
            let changed = file.changed.notified();
            let mut changed = std::pin::pin!(changed);
            changed.as_mut().enable();
            self.pump(file);
            if settled() {
                return Ok(());
            }
            op.wait(changed).await?;
        }
    }

    /// Closes a file on the server, which has all of it then; it is opened again when it is used.
    pub(crate) async fn store_and_let_go(
        self: &Arc<Self>,
        op: Op,
        file: &Arc<OpenFile<S>>,
    ) -> Result<(), Fault> {
        self.drain(op, file, None).await?;
        drop(file.state().handle.take());
        Ok(())
    }

    /// Tells whether a handle can be flushed without asking anybody.
    pub(crate) fn is_flushed(&self, file: &OpenFile<S>, handle: u64, owner: u64) -> bool {
        if self.abilities.spooled || file.failure(handle).is_some() || file.holds(owner) {
            return false;
        }
        let state = file.state();
        state.behind.is_empty() && !state.unflushed
    }

    /// Returns once the server has all that was written, with `durable` on its disk; tells the
    /// user of a handle what failed since it was told last.
    pub(crate) async fn flush_handle(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        handle: u64,
        durable: bool,
    ) -> Result<(), Fault> {
        let file = self.nodes().file(number).ok_or_else(stale)?;
        let flushed = self.flush(op, number, durable).await;
        // A close may be that of a program just being started, which has the file open for an instant
        // and looks at no error: only `fsync` is sure to be heard.
        let failure = if durable { file.tell_failure(handle) } else { file.failure(handle) };
        match failure {
            Some(failure) => Err(failure),
            None => flushed,
        }
    }

    /// Returns once the server has all that was written, with `durable` on its disk.
    pub(crate) async fn flush(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        durable: bool,
    ) -> Result<(), Fault> {
        let Some(file) = self.nodes().file(number) else { return Ok(()) };
        self.drain(op, &file, None).await?;
        let unflushed = std::mem::replace(&mut file.state().unflushed, false);
        if !unflushed && !self.abilities.spooled && !durable {
            return Ok(());
        }
        // A server may take a flush only from who may write.
        let write = durable && !self.abilities.spooled;
        let flushed = self.with_handle(op, &file, write, |handle| {
            let share = Arc::clone(&self.share);
            async move { share.flush(handle.file(), durable).await }
        });
        let mut result = flushed.await;
        if let Err(fault) = &result
            && is_closed_to_writers(fault.kind)
            && write
            && !unflushed
        {
            // Who cannot write has nothing to store.
            result = Ok(());
        }
        if result.is_err() {
            file.state().unflushed |= unflushed;
        }
        if unflushed || self.abilities.spooled {
            self.nodes().change(number);
        }
        result
    }
}

/// Tells whether a file that was to be opened for writing cannot be: it may not, or its name is
/// gone or another file's.
fn is_closed_to_writers(kind: FaultKind) -> bool {
    use FaultKind::{Changed, Denied, NoName, NotFound, ReadOnly};
    matches!(kind, Denied | ReadOnly | NoName | NotFound | Changed)
}
