//! Writing: into memory, and from there to the server in the background.
//!
//! A write that fails after its writer went on is told at its next write, `fsync` and `close`;
//! what waited behind it is given up then, unless it was a lock of somebody else's: that concerns
//! no other bytes.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use super::State;
use super::behind::{Flight, Limits};
use crate::core::{Core, Op};
use crate::file::{OpenFile, stale};
use crate::health::Condition;
use crate::log::log;
use crate::{Fault, FaultKind, Share};

/// Most bytes in one write to the server, and kept of one file.
const CHUNK: usize = 1024 * 1024;
const BUFFERED: usize = 4 * 1024 * 1024;

impl<S: Share> OpenFile<S> {
    /// Gives up what the server does not have; its writers are told.
    pub(super) fn give_up(&self, fault: &Fault) {
        let mut state = self.state();
        if !state.behind.is_empty() {
            state.behind.give_up();
            state.failure = Some(fault.clone());
            state.failures += 1;
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Returns what a user has not been told of.
    pub(super) fn failure(&self, handle: u64) -> Option<Fault> {
        let state = self.state();
        let told = state.told.get(&handle).copied().unwrap_or(state.failures);
        if told < state.failures { state.failure.clone() } else { None }
    }

    /// Returns what a user has not been told of, and will be now.
    pub(super) fn tell_failure(&self, handle: u64) -> Option<Fault> {
        let failure = self.failure(handle);
        let mut state = self.state();
        let failures = state.failures;
        if let Some(told) = state.told.get_mut(&handle) {
            *told = failures;
        }
        failure
    }
}

impl<S: Share> State<S> {
    /// Takes note that something is written, up to `end`.
    fn wrote(&mut self, offset: u64, end: u64) {
        self.size = self.size.max(end);
        self.written = Some(SystemTime::now());
        self.unflushed = true;
        self.ahead.drop_range(offset, end);
    }
}

impl<S: Share> Core<S> {
    fn writing(&self) -> Limits {
        Limits {
            chunk: self.abilities.max_write.clamp(1, CHUNK),
            in_flight: self.abilities.in_flight.max(1),
            buffered: BUFFERED,
        }
    }

    /// Writes into memory, if there is room and nothing speaks against it. `None`: not yet, or not
    /// that way.
    pub(crate) fn write_here(
        self: &Arc<Self>,
        file: &Arc<OpenFile<S>>,
        handle: u64,
        offset: Option<u64>,
        data: &[u8],
    ) -> Option<Result<(), Fault>> {
        if self.abilities.spooled || self.health.condition() == Condition::Down {
            return None;
        }
        if let Some(failure) = file.failure(handle) {
            return Some(Err(failure));
        }
        let limits = self.writing();
        {
            let mut state = file.state();
            if !state.writable || !state.behind.has_room(data.len(), limits) {
                return None;
            }
            // Where it ends is known here only as long as the server is behind.
            let offset = offset.or_else(|| state.written.map(|_| state.size))?;
            let Some(end) = offset.checked_add(data.len() as u64) else {
                return Some(Err(FaultKind::TooLarge.into()));
            };
            state.wrote(offset, end);
            state.behind.push(offset, data, limits);
        }
        self.pump(file);
        Some(Ok(()))
    }

    /// Sends what can be sent now.
    pub(super) fn pump(self: &Arc<Self>, file: &Arc<OpenFile<S>>) {
        let limits = self.writing();
        loop {
            let next = file.state().behind.next(limits);
            let Some(flight) = next else { return };
            let (core, file) = (Arc::clone(self), Arc::clone(file));
            self.runtime.spawn(async move { core.fly(file, flight).await });
        }
    }

    async fn fly(self: Arc<Self>, file: Arc<OpenFile<S>>, flight: Flight) {
        let data = flight.data.clone();
        let result = self.write_through(self.op(), &file, flight.offset, data).await;
        {
            let mut state = file.state();
            if let Err(fault) = &result {
                state.failure = Some(fault.clone());
                state.failures += 1;
                if fault.kind != FaultKind::InUse {
                    state.behind.give_up();
                }
                log(format_args!("{} bytes could not be written: {fault}", flight.data.len()));
            }
            state.behind.landed(&flight);
        }
        self.pump(&file);
        self.believe_server(&file);
        file.changed.notify_waiters();
    }

    /// Lets the server say again what a file is, once it has everything.
    fn believe_server(&self, file: &OpenFile<S>) {
        // Under the table's lock, so that nobody is told what was known before.
        let mut nodes = self.nodes();
        let mut state = file.state();
        if state.behind.is_empty()
            && let Some(written) = state.written.take()
        {
            let size = state.size;
            drop(state);
            // An answer from before the write is not believed, and nothing older is told instead.
            nodes.amend(file.number, |attributes| {
                (attributes.size, attributes.modified) = (size, written);
            });
        }
    }

    /// Writes at an offset, or at the end that the file has.
    pub(crate) async fn write(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        handle: u64,
        offset: Option<u64>,
        data: Bytes,
    ) -> Result<(), Fault> {
        let file = self.nodes().file(number).ok_or_else(stale)?;
        if self.abilities.spooled {
            let offset = match offset {
                Some(offset) => offset,
                None => self.end_of(op, &file).await?,
            };
            let _writing = Writing::begin(&file, offset, offset + data.len() as u64);
            let result = self.write_through(op, &file, offset, data).await;
            self.nodes().change(number);
            return result;
        }
        self.acquire(op, &file, true).await?;
        let mut offset = offset;
        loop {
            let changed = file.changed.notified();
            let mut changed = std::pin::pin!(changed);
            changed.as_mut().enable();
            self.health.fit(op.deadline)?;
            if let Some(result) = self.write_here(&file, handle, offset, &data) {
                return result;
            }
            let appends = offset.is_none() && file.state().written.is_none();
            if appends {
                offset = Some(self.end_of(op, &file).await?);
                continue;
            }
            op.wait(changed).await?;
        }
    }

    /// Returns where a file ends by now.
    async fn end_of(self: &Arc<Self>, op: Op, file: &Arc<OpenFile<S>>) -> Result<u64, Fault> {
        let known = {
            let state = file.state();
            state.written.map(|_| state.size)
        };
        if let Some(size) = known {
            return Ok(size);
        }
        let asked = self.with_handle(op, file, true, |handle| {
            let share = Arc::clone(&self.share);
            async move { share.attributes(handle.file()).await }
        });
        Ok(asked.await?.size)
    }

    /// Writes to the server.
    async fn write_through(
        self: &Arc<Self>,
        op: Op,
        file: &Arc<OpenFile<S>>,
        offset: u64,
        mut data: Bytes,
    ) -> Result<(), Fault> {
        let mut at = offset;
        let most = self.abilities.max_write.max(1);
        while !data.is_empty() {
            let part = data.split_to(data.len().min(most));
            let len = part.len() as u64;
            let write = self.with_handle(op, file, true, |handle| {
                let (share, part) = (Arc::clone(&self.share), part.clone());
                async move { share.write(handle.file(), at, part).await }
            });
            write.await?;
            at += len;
        }
        Ok(())
    }
}

/// A write of a spooled file: what is known here counts more than what the server says.
struct Writing<'a, S: Share>(&'a OpenFile<S>);

impl<'a, S: Share> Writing<'a, S> {
    fn begin(file: &'a OpenFile<S>, offset: u64, end: u64) -> Self {
        let mut state = file.state();
        state.wrote(offset, end);
        state.writing += 1;
        drop(state);
        Self(file)
    }
}

impl<S: Share> Drop for Writing<'_, S> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.writing -= 1;
        if state.writing == 0 {
            state.written = None;
        }
    }
}
