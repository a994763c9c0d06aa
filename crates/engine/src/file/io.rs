//! Reading and writing.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};

use crate::core::{Core, Op};
use crate::file::{OpenFile, stale};
use crate::{Fault, Share};

impl<S: Share> Core<S> {
    /// Reads; less only at the end of the file.
    pub(crate) async fn read(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        offset: u64,
        len: usize,
    ) -> Result<Bytes, Fault> {
        let file = self.nodes().file(number).ok_or_else(stale)?;
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

    /// Writes at an offset, or at the end that the file has.
    pub(crate) async fn write(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        offset: Option<u64>,
        data: Bytes,
    ) -> Result<(), Fault> {
        let file = self.nodes().file(number).ok_or_else(stale)?;
        let offset = match offset {
            Some(offset) => offset,
            None => self.end_of(op, &file).await?,
        };
        let end = offset + data.len() as u64;
        let _writing = Writing::begin(&file, end);
        let result = self.write_through(op, &file, offset, data).await;
        self.nodes().change(number);
        result
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
    pub(crate) async fn write_through(
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

    /// Returns once the server has all that was written, with `durable` on its disk.
    pub(crate) async fn flush(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        durable: bool,
    ) -> Result<(), Fault> {
        let file = self.nodes().file(number).ok_or_else(stale)?;
        let unflushed = std::mem::replace(&mut file.state().unflushed, false);
        if !unflushed && !self.abilities.spooled && !durable {
            return Ok(());
        }
        let flushed = self.with_handle(op, &file, false, |handle| {
            let share = Arc::clone(&self.share);
            async move { share.flush(handle.file(), durable).await }
        });
        let result = flushed.await;
        if result.is_err() {
            file.state().unflushed |= unflushed;
        }
        self.nodes().change(number);
        result
    }
}

/// A write under way: what is known here of the file counts more than what the server says.
struct Writing<'a, S: Share>(&'a OpenFile<S>);

impl<'a, S: Share> Writing<'a, S> {
    fn begin(file: &'a OpenFile<S>, end: u64) -> Self {
        let mut state = file.state();
        state.size = state.size.max(end);
        state.written = Some(SystemTime::now());
        state.unflushed = true;
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
